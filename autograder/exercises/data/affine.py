"""The exercise of notebook 03 that turns, shifts, shears and stretches a picture."""

import numpy as np

from autograder.exercise import Case, mistake, near
from autograder.exercises.data.moves import (
    BROKEN,
    FINE,
    PARTS,
    WHOLE,
    apply,
    drawn,
    facts,
    grid,
    looked_up,
    moved,
    read_back,
    rotation,
    stretched,
)
from autograder.exercises.data.sheared_badly import ALIKE, DRAWN, ShearedBadly
from course_utils.images import sample_at

EXCHANGED = np.array([[0.0, 1.0], [1.0, 0.0]])


class random_affine(ShearedBadly):
    """A picture turned, sheared, stretched and shifted, all about its centre."""

    signature = "random_affine(img, rng, degrees, translate, shear, stretch)"
    growth = {"img": 1}, {"out": 1}
    minutes = 18
    difficulty = 3
    extra = True
    hints = (
        "Ask for each pixel of the RESULT where in the picture it comes from. Then no place stays "
        "empty, and sample_at does the rest.",
        "The formula leads from the picture to the result. Which matrix leads back?",
        "Count coordinates from the centre before you multiply, and back afterwards.",
    )
    reads = {
        "out": "your picture",
        "shape": "your picture has the shape {seen}; {right} is right",
        "same generator again": "the same rng started again gives {seen}; {right} is right",
        "calls": "where low and high are equal, three calls give {seen}; {right} is right",
        "maps": "the maps that your pictures show are {seen}; {right} is right",
        "degrees": "your angles of turning lie {seen}; {right} is right",
        "shear": "your angles of shear lie {seen}; {right} is right",
        "stretch": "your factors of stretch lie {seen}; {right} is right",
        "translate": "your shifts lie {seen}; {right} is right",
        "shift across and down": "the shifts across and down are {seen}; {right} is right",
        "stretch across and down": "the stretches across and down are {seen}; {right} is right",
        "draws": "what you draw is {seen}; {right} is right",
    }
    draws = 120

    def cases(self, rng):
        img = rng.uniform(0.1, 1, (9, 12, 3))
        still = {"degrees": (0.0, 0.0), "translate": (0.0, 0.0), "shear": (0.0, 0.0),
                 "stretch": (1.0, 1.0)}  # fmt: skip
        seed = int(rng.integers(1000))
        some = lambda low, high: round(float(rng.uniform(low, high)), 2)
        for name, points, change in [
            ("turned", 1, {"degrees": some(20, 30)}),
            ("shifted", 1, {"translate": some(1.3, 1.7)}),
            ("sheared", 1, {"shear": some(18, 24)}),
            ("stretched", 1, {"stretch": some(1.5, 1.8)}),
            ("all at once", 1, {"degrees": -some(30, 40), "translate": -some(1.1, 1.4),
                                "shear": -some(12, 18), "stretch": some(0.75, 0.85)}),
        ]:  # fmt: skip
            ranges = {part: (value, value) for part, value in change.items()}
            yield Case(name, points, img=img, seed=seed, draws=0, **still | ranges)
        rows, columns = np.mgrid[:18, :16].astype(float)
        ramps = np.stack([columns, rows, np.ones((18, 16))], 2)
        yield Case("drawn anew each time", 2, img=ramps, seed=seed, draws=self.draws,
                   degrees=(-20.0, 40.0), translate=(-2.0, 3.0), shear=(5.0, 25.0),
                   stretch=(0.8, 1.4))  # fmt: skip

    def observe(self, code, img, seed, draws, degrees, translate, shear, stretch):
        import numpy as np

        ranges, stored = (degrees, translate, shear, stretch), img.copy()
        rng = np.random.default_rng(seed)
        # Copies: what is done to one picture is not left for the next.
        pictures = [np.array(code.random_affine(stored.copy(), rng, *ranges))
                    for _ in range(max(draws, 3))]  # fmt: skip
        again = np.array(code.random_affine(img, np.random.default_rng(seed), *ranges))
        return {"pictures": pictures, "again": again}

    def aid(self, img, seed, draws, **ranges):
        return {} if draws else {"right": self.reference(img, seed, draws, **ranges)["out"].value}

    def read(self, seen, img, seed, draws, right=None, **ranges):
        pictures = [np.asarray(p) for p in seen["pictures"]]
        same = np.array_equal(np.asarray(seen["again"]), pictures[0])
        shown = {"same generator again": "the same picture" if same else "another picture"}
        if not draws:
            one = pictures[0]  # to the last digits: a mean of two equal ends is rounded
            steady = all(p.shape == one.shape and np.allclose(p, one, 1e-9, 1e-9, equal_nan=True)
                         for p in pictures)  # fmt: skip
            # Of pictures that change where nothing is to be drawn no one is looked at.
            fixed = {"out": pictures[0], "calls": ALIKE} if steady else {"out": right, **DRAWN}
            return shown | fixed
        shapes = {str(p.shape) for p in pictures}
        shown["shape"] = shapes.pop() if len(shapes) == 1 else "now one, now another"
        if shown["shape"] != str(img.shape):
            return shown | FINE
        back, off, one = zip(*(read_back(p.astype(float)) for p in pictures), strict=True)
        return shown | facts(np.array(back), np.array(off), ranges, one)

    def reference(self, img, seed, draws, **ranges):
        shown = {"same generator again": "the same picture"} | ({} if draws else {"calls": ALIKE})
        if draws:
            return shown | FINE | {"shape": str(img.shape)}
        (back,), (off,) = drawn(ranges, img.shape).home()
        return shown | {"out": near(moved(img, back, off), rtol=1e-6, atol=1e-7)}

    def _maps(self, inputs, home):
        """What other maps back show: `home(drawn)` gives them and their offsets."""
        img, draws = inputs["img"], inputs["draws"]
        ranges = {part: inputs[part] for part in PARTS}
        back, off = home(drawn(ranges, img.shape, max(draws, 1)))
        if draws:
            return facts(back, off, ranges)
        return {"out": moved(img, back[0], off[0])}

    def _looks(self, inputs, look):
        """What is shown where the right places are looked up in another way."""
        if not inputs["draws"]:
            img = inputs["img"]
            (back,), (off,) = drawn({part: inputs[part] for part in PARTS}, img.shape).home()
            return {"out": look(img, *looked_up(img, back, off))}

    @mistake
    def about_the_corner(self, right, **inputs):
        """You turn and stretch about the upper left corner, so the picture swings out of view.
        Count coordinates from the centre, at ((W − 1)/2, (H − 1)/2)."""
        return self._maps(inputs, lambda d: d.home(about=(0, 0)))

    @mistake
    def half_a_pixel_off(self, right, **inputs):
        """Your centre is at (W/2, H/2), half a pixel too far: pixels count from 0, so the middle of
        W of them is at (W − 1)/2."""
        return self._maps(inputs, lambda d: d.home(about=(d.width / 2, d.height / 2)))

    @mistake
    def centre_on_a_pixel(self, right, **inputs):
        """Your centre is always on a pixel, at (W // 2, H // 2). It is at ((W − 1)/2, (H − 1)/2),
        which lies between two pixels where a side is even."""
        return self._maps(inputs, lambda d: d.home(about=(d.width // 2, d.height // 2)))

    @mistake
    def centre_exchanged(self, right, **inputs):
        """Your centre takes the height for x and the width for y. x runs along the width: the
        centre is at ((W − 1)/2, (H − 1)/2)."""
        return self._maps(inputs, lambda d: d.home(about=d.centre[::-1]))

    @mistake
    def map_not_inverted(self, right, **inputs):
        """Your map goes the wrong way: what should grow shrinks, what should move right moves left.
        For each pixel of the result you need the place that it comes FROM: invert the map."""
        return self._maps(inputs, lambda d: (d.there, d.t))

    @mistake
    def matrix_not_inverted(self, right, **inputs):
        """Your shift is taken back, and the matrix is not: what should grow shrinks. For each pixel
        of the result you need the place that it comes FROM: invert the matrix."""
        return self._maps(inputs, lambda d: d.home(back=d.there))

    @mistake
    def transposed_for_inverse(self, right, **inputs):
        """You use the transposed matrix for the inverse. That holds for a pure turn; a shear and a
        stretch have another inverse."""
        return self._maps(inputs, lambda d: d.home(back=d.there.swapaxes(1, 2)))

    @mistake
    def rows_times_the_inverse(self, right, **inputs):
        """Your places are rows, and a row is multiplied by the TRANSPOSED matrix. As it stands the
        turn goes the other way and the shear along y."""
        return self._maps(inputs, lambda d: d.home(back=d.back.swapaxes(1, 2)))

    @mistake
    def shift_has_the_other_sign(self, right, **inputs):
        """Your shift goes the other way: a positive one should move the picture to the right and
        down."""
        return self._maps(inputs, lambda d: d.home(t=-d.t))

    @mistake
    def shift_inside_the_turn(self, right, **inputs):
        """You shift after going back through the matrix, so the shift is turned and stretched with
        the picture. Subtract it from the place in the result first."""
        return self._maps(inputs, lambda d: (d.back, -d.t))

    @mistake
    def shift_forgotten(self, right, **inputs):
        """Your picture does not shift: translate does nothing."""
        return self._maps(inputs, lambda d: d.home(t=0 * d.t))

    @mistake
    def shift_in_whole_pixels(self, right, **inputs):
        """Your shift is a whole number of pixels. It is drawn uniformly, so it lies between pixels,
        where sample_at looks the picture up."""
        if not inputs["draws"]:
            return self._maps(inputs, lambda d: d.home(t=np.rint(d.t)))

    @mistake
    def shift_as_a_share(self, right, **inputs):
        """Your shift is a share of width and height. translate is in pixels."""
        if inputs["draws"]:
            return {"maps": "mostly out of view"}
        return self._maps(inputs, lambda d: d.home(t=d.t * [d.width, d.height]))

    def _matrix(self, inputs, there):
        """What another matrix shows, inverted as it should be."""
        return self._maps(inputs, lambda d: d.home(back=np.linalg.inv(there(d))))

    @mistake
    def turn_in_radians(self, right, **inputs):
        """Your turn takes degrees for radians. np.cos and its like take radians."""
        return self._matrix(inputs, lambda d: rotation(np.rad2deg(d.degrees)) @ d.Sh @ d.St)

    @mistake
    def turns_the_other_way(self, right, **inputs):
        """You turn the other way round. With y downwards, the matrix R of the formula turns
        clockwise."""
        return self._matrix(inputs, lambda d: rotation(-d.degrees) @ d.Sh @ d.St)

    @mistake
    def turn_forgotten(self, right, **inputs):
        """Your picture does not turn: degrees does nothing."""
        return self._matrix(inputs, lambda d: d.Sh @ d.St)

    @mistake
    def y_upwards(self, right, **inputs):
        """Turn and shear both go the other way, as they do where y points upwards. Here y points
        downwards, as rows are counted."""
        return self._matrix(inputs, lambda d: rotation(-d.degrees) @ np.linalg.inv(d.Sh) @ d.St)

    @mistake
    def stretch_upside_down(self, right, **inputs):
        """Your stretch is upside down: a factor of 2 halves the picture. It is the map from the
        picture to the result that has s in it."""
        return self._matrix(inputs, lambda d: d.R @ d.Sh @ stretched(1 / d.stretch))

    @mistake
    def stretch_forgotten(self, right, **inputs):
        """Your picture does not stretch: stretch does nothing."""
        return self._matrix(inputs, lambda d: d.R @ d.Sh)

    @mistake
    def order_turned_round(self, right, **inputs):
        """You turn first and shear and stretch afterwards. In R·Sh·St the right-most comes first:
        stretch, shear, turn."""
        return self._matrix(inputs, lambda d: d.St @ d.Sh @ d.R)

    @mistake
    def sheared_before_stretched(self, right, **inputs):
        """You shear first and stretch afterwards. In R·Sh·St the right-most comes first: stretch,
        shear, turn."""
        if inputs["draws"]:  # with one factor for both sides there is no difference
            return self._matrix(inputs, lambda d: d.R @ d.St @ d.Sh)

    @mistake
    def x_and_y_exchanged(self, right, **inputs):
        """x and y are exchanged where you look the picture up: sample_at takes x first, the column,
        then y, the row."""

        def home(d):
            back, off = d.home()
            return EXCHANGED @ back, apply(EXCHANGED, off + d.centre) - d.centre

        return self._maps(inputs, home)

    @mistake
    def places_of_the_result_exchanged(self, right, **inputs):
        """x and y are exchanged in the places of the result that you start from: x is the column
        and y the row. np.meshgrid gives what runs along a row first."""
        return self._maps(inputs, lambda d: (d.back @ EXCHANGED, d.home()[1]))

    @mistake
    def pixel_before(self, right, **inputs):
        """You cut the places down to whole numbers. What lies between pixels is made of its
        neighbours: give sample_at the places as they are."""
        if inputs["draws"]:
            return {"maps": WHOLE}
        return self._looks(inputs, lambda img, x, y: sample_at(img, np.floor(x), np.floor(y)))

    @mistake
    def nearest_pixel(self, right, **inputs):
        """You take the nearest pixel. What lies between pixels is made of its neighbours: give
        sample_at the places as they are."""
        if inputs["draws"]:
            return {"maps": WHOLE}
        return self._looks(inputs, lambda img, x, y: sample_at(img, np.rint(x), np.rint(y)))

    @mistake
    def border_beyond_the_picture(self, right, **inputs):
        """Beyond the picture you show its border: places are clipped to it. There is 0 beyond."""
        return self._looks(inputs, lambda img, x, y: sample_at(
            img, np.clip(x, 0, img.shape[1] - 1), np.clip(y, 0, img.shape[0] - 1)
        ))  # fmt: skip

    @mistake
    def nothing_shown(self, right, **inputs):
        """Your picture is 0 everywhere: nothing of what comes in arrives in it."""
        if inputs["draws"]:
            return {"maps": "mostly out of view"}
        return {"out": np.zeros(inputs["img"].shape)}

    @mistake
    def cut_off_at_the_outermost_pixels(self, right, **inputs):
        """You set to 0 what comes from beyond the middle of the outermost pixels. There sample_at
        lets the picture fade to 0 by itself: take what it gives."""

        def look(img, x, y):
            height, width = img.shape[:2]
            beyond = (np.abs(x - (width - 1) / 2) > (width - 1) / 2 + 1e-9) | (
                np.abs(y - (height - 1) / 2) > (height - 1) / 2 + 1e-9
            )
            return np.where(beyond[..., None], 0.0, sample_at(img, x, y))

        return self._looks(inputs, look)

    @mistake
    def taken_up_at_the_other_side(self, right, **inputs):
        """Beyond the picture you show its other side: places are taken modulo its size. There is 0
        beyond."""
        if inputs["draws"]:
            return {"maps": BROKEN}
        return self._looks(inputs, lambda img, x, y: sample_at(
            img, x % (img.shape[1] - 1), y % (img.shape[0] - 1)
        ))  # fmt: skip

    @mistake
    def pushed(self, right, **inputs):
        """You push pixels along the map, so some places of the result get two and some get none.
        Ask for each pixel of the RESULT where it comes from."""
        if inputs["draws"]:
            return None
        img, out = inputs["img"], np.zeros_like(inputs["img"])
        d = drawn({part: inputs[part] for part in PARTS}, img.shape)
        places = np.rint(grid(img.shape) @ d.there[0].T + d.t[0] + d.centre).astype(int)
        column, row = places[..., 0], places[..., 1]
        fits = (row >= 0) & (row < img.shape[0]) & (column >= 0) & (column < img.shape[1])
        out[row[fits], column[fits]] = img[fits]
        return {"out": out}

    @mistake
    def one_shift_for_both(self, right, **inputs):
        """The shift across is always the shift down: draw two."""
        if inputs["draws"]:
            return {"shift across and down": "the same"}

    @mistake
    def one_stretch_for_both(self, right, **inputs):
        """Width and height always grow by one factor: that is a zoom. Draw a factor for each."""
        if inputs["draws"]:
            return {"stretch across and down": "the same"}

    @mistake
    def one_draw_for_all(self, right, **inputs):
        """One draw makes everything: the larger the turn, the larger the shift. Draw a number for
        each."""
        if inputs["draws"]:
            pairs = ("shift across and down", "stretch across and down")
            return dict.fromkeys(pairs, "the same") | {"draws": "one for all"}

    @mistake
    def ends_only(self, right, **inputs):
        """You take one end of a range or the other and nothing between. Draw uniformly: all between
        is equally likely."""
        if inputs["draws"]:
            return {"draws": "at the two ends only"}

    @mistake
    def stretch_about_one(self, right, **inputs):
        """Your stretch lies between 1/high and high: low is not read. Draw from low to high."""
        if inputs["draws"]:
            return {"stretch": "from 1/high to high"}

    def _still(self, inputs, where):
        if inputs["draws"]:
            pairs = ("shift across and down", "stretch across and down")
            return dict.fromkeys(PARTS, where) | dict.fromkeys(pairs, "the same")

    @mistake
    def low_end_always(self, right, **inputs):
        """You use the lower ends of the ranges and draw nothing: each call gives the same."""
        return self._still(inputs, "always at the low end")

    @mistake
    def nothing_drawn(self, right, **inputs):
        """You draw nothing: each call turns, shears, stretches and shifts by the same."""
        return self._still(inputs, "always the same")

    @mistake
    def generator_not_used(self, right, **inputs):
        """The same rng, started again, gives another picture: draw everything from that rng."""
        if inputs["draws"]:
            return {"same generator again": "another picture"}
