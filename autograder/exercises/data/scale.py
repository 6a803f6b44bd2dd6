"""Exercise of notebook 03: another size each time, then a random piece. Crops of pictures as they
are, and mirror images, are in `crop_and_flip`."""

import numpy as np

from autograder.exercise import Case, Exercise, Expected, mistake, raises
from autograder.exercises.data.measuring import (
    EDGES,
    clusters,
    how_often,
    measured,
    sizes,
    where_cut,
)

DEFAULTS = {"low": 256, "high": 480, "size": 224}


class scale_jitter(Exercise):
    """Another size each time, then a random crop: what VGG and ResNet trained on."""

    signature = "scale_jitter(img, rng, low=256, high=480, size=224)"
    minutes = 14
    difficulty = 3
    extra = True
    hints = (
        "Draw two things: first how large the picture becomes, then where it is cut.",
        "The drawn length is that of the shorter side. By what factor does the picture grow, and "
        "what does that make of the longer side?",
    )
    reads = {
        "shape": "your pieces have the shape {seen}; {right} is right",
        "dtype": "your pieces are {seen}; {right} is right",
        "same generator again": "the same rng started again gives {seen}; {right} are right",
        "mirrored": "your pieces are mirrored {seen}; {right} is right",
        "range": "the shorter side becomes {seen}; {right} is right",
        "lengths": "the list of lengths that the shorter side gets, over many calls,",
        "longer side": "the longer side is {seen}; {right} is right",
        "places": "your pieces lie {seen}; {right} is right",
        "defaults": "where they are left out, low, high and size are {seen}; {right} is right",
        "sizes come": "the sizes come {seen}; {right} is right",
        "places come": "the places come {seen}; {right} is right",
    }

    def cases(self, rng):
        def case(name, points, height, width, low, more, room, draws=100):
            # Each value of the picture says from which row (or column) it comes.
            rows, columns = np.mgrid[:height, :width] + 0.5
            img = np.stack([rows / height, columns / width, np.full(rows.shape, 0.5)], 2)
            return Case(name, points, img=img.astype(str(rng.choice(["float32", "float64"]))),
                        low=low, high=low + more, size=low - room, seed=int(rng.integers(1000)),
                        draws=draws)  # fmt: skip

        some = lambda low, high: int(rng.integers(low, high))
        yield case("wide, it grows", 1, 8, 10, some(15, 20), some(4, 6), 4)
        yield case("tall, it grows", 1, 11, 9, some(17, 22), some(4, 6), 4)
        low, more = some(20, 25), some(3, 5)
        # So high that a piece of another size, resized, cannot be told by the range.
        height = round(low * (low + more) / (low - 6))
        yield case("wide, it shrinks", 1, height, round(1.25 * height), low, more, 6)
        # Here it is counted how often each size and each edge comes.
        yield case("three sizes", 1, 10, 12, some(13, 18), 2, 2, draws=600)
        yield case("one size only", 1, 10, 11, some(16, 21), 0, 2)

    def observe(self, code, img, low, high, size, seed, draws):
        import inspect

        import numpy as np

        stored, piece = img.copy(), code.scale_jitter
        rng = np.random.default_rng(seed)
        # Copies: what is done to one picture is not left for the next.
        pieces = [np.array(piece(stored.copy(), rng, low, high, size))
                  for _ in range(draws)]  # fmt: skip
        rng = np.random.default_rng(seed)
        again = [np.array(piece(stored.copy(), rng, low, high, size))
                 for _ in range(10)]  # fmt: skip
        for _ in range(3):
            piece(img, rng, low, high, size)
        taken = inspect.signature(piece).parameters
        names = [name for name in ("low", "high", "size") if name in taken]
        given = {name: taken[name].default for name in names}
        return {"pieces": pieces, "again": again, "defaults": given}

    def read(self, seen, img, low, high, size, seed, draws):
        pieces, again = seen["pieces"], seen["again"]
        shapes = {str(np.shape(piece)) for piece in pieces}
        same = all(np.array_equal(a, p) for a, p in zip(again, pieces, strict=False))
        # Among these facts the first that is off is told; what follows from it is not judged.
        facts = self._facts(img, low, high, size) | {
            "shape": shapes.pop() if len(shapes) == 1 else "now one, now another",
            "dtype": str(np.asarray(pieces[0]).dtype),
            "same generator again": "the same pieces" if same else "other pieces",
        }
        if low == high and not all(isinstance(v, type) for v in seen["defaults"].values()):
            given = {**DEFAULTS, **seen["defaults"]}
            facts["defaults"] = ", ".join(str(value) for value in given.values())
        if facts["shape"] != str((size, size, img.shape[2])):
            return facts
        found = measured(np.array(pieces, float))
        sides = found[:, :2]
        if not np.isfinite(sides).all() or np.abs(sides).max() > 5 * high:
            return facts | {"range": "something else"}
        if (sides < 0).any():
            often = "always" if (sides < 0).any(1).all() else "now and then"
            return facts | {"mirrored": often}
        facts |= sizes(sides, img, low, high)
        if facts["range"] != "low to high" or not np.allclose(sides, sides.round(), atol=0.2):
            return facts
        facts["places"] = where_cut(found, size, high - low < 3)
        if high - low == 2 and facts["places"] == EDGES:
            facts |= how_often(found, size, low)
        return facts

    def _facts(self, img, low, high, size):
        facts = {
            "shape": str((size, size, img.shape[2])),
            "dtype": str(img.dtype),
            "same generator again": "the same pieces",
            "mirrored": "never",
            "range": "low to high",
            "lengths": [float(length) for length in range(low, high + 1)],
            "longer side": "rounded",
            "places": EDGES,
        }
        if high == low:
            facts["defaults"] = ", ".join(map(str, DEFAULTS.values()))
        if high - low == 2:
            facts |= {"sizes come": "equally often", "places come": "equally often"}
        return facts

    def reference(self, img, low, high, size, seed, draws):
        facts = self._facts(img, low, high, size)
        return facts | {"lengths": Expected(facts["lengths"], 0.0, 0.2, margin=3.0)}

    def _resized(self, right, img, low, high, size, target, stops=False):
        """What other sizes show: `target(s)` are height and width for the drawn length s."""
        found = np.array([target(s) for s in range(low, high + 1)], float)
        if found.min() < size:
            return dict.fromkeys(right, raises("ValueError", "high")) if stops else None
        return sizes(found, img, low, high)

    @mistake
    def high_never_reached(self, right, img, low, high, size, seed, draws):
        """The largest size never comes up: rng.integers leaves out its upper end."""
        if low < high:
            return {"lengths": right["lengths"][:-1]}
        return dict.fromkeys(right, raises("ValueError", "high"))

    @mistake
    def largest_size_left_out(self, right, img, low, high, size, seed, draws):
        """The largest size never comes up. The upper end of rng.integers is left out, and cutting
        off a uniform number never gives it: high is meant to be included."""
        if low < high:
            return {"lengths": right["lengths"][:-1]}

    @mistake
    def low_never_reached(self, right, img, low, high, size, seed, draws):
        """The smallest size never comes up. The shorter side may become as short as low."""
        if low < high:
            return {"lengths": right["lengths"][1:]}

    @mistake
    def ends_only(self, right, img, low, high, size, seed, draws):
        """The shorter side becomes low or high and nothing between. All whole numbers from low to
        high are equally likely."""
        if high - low > 1:
            return {"lengths": [float(low), float(high)]}

    @mistake
    def some_sizes_more_often(self, right, img, low, high, size, seed, draws):
        """Not all sizes are equally likely. Rounding a uniform number, for one, makes low and high
        half as likely as the others: draw a whole number."""
        if high - low == 2:
            return {"sizes come": "some more often than others"}

    @mistake
    def some_places_more_often(self, right, img, low, high, size, seed, draws):
        """Not all places are equally likely. Rounding a uniform number, for one, makes the first
        and the last half as likely as the others: draw a whole number."""
        if high - low == 2:
            return {"places come": "some more often than others"}

    @mistake
    def size_never_drawn(self, right, img, low, high, size, seed, draws):
        """The picture always becomes as small as it may. Its size is drawn anew each time."""
        if low < high:
            return {"lengths": [float(low)]}

    @mistake
    def high_of_512_by_default(self, right, low, high, **inputs):
        """Where no `high` is given yours is 512, as VGG's is. Here the default is 480."""
        return {"defaults": "256, 512, 224"} if low == high else None

    @mistake
    def always_the_largest(self, right, img, low, high, size, seed, draws):
        """The picture always becomes as large as it may. Its size is drawn anew each time."""
        if low < high:
            return {"lengths": [float(high)]}

    @mistake
    def always_the_middle_size(self, right, img, low, high, size, seed, draws):
        """The picture always gets the size halfway from low to high. It is drawn anew each time."""
        if low < high:
            return {"lengths": [float((low + high) // 2)]}

    @mistake
    def range_not_read(self, right, img, low, high, size, seed, draws):
        """The shorter side does not keep to the low and high that are passed in. (256 and 480 are
        only what they are when nothing is given.)"""
        return {"range": "something else"}

    @mistake
    def size_not_read(self, right, img, low, high, size, seed, draws):
        """Your code looks for a larger piece than there is room for: 224 is only the default of
        `size`. The piece has the size that is passed in."""
        return dict.fromkeys(right, raises("ValueError", "high <= 0"))

    @mistake
    def longer_side_is_scaled(self, right, img, low, high, size, seed, draws):
        """The drawn length becomes the longer side. It is meant for the shorter one, so that a
        crop always fits."""
        height, width = img.shape[:2]
        factor = 1 / max(height, width)
        sides = lambda s: (round(height * s * factor), round(width * s * factor))
        return self._resized(right, img, low, high, size, sides)

    @mistake
    def height_is_scaled(self, right, img, low, high, size, seed, draws):
        """The drawn length always becomes the height. In a tall picture the width is the shorter
        side, and gets it."""
        height, width = img.shape[:2]
        if height > width:
            return self._resized(right, img, low, high, size,
                                 lambda s: (s, round(width * s / height)))  # fmt: skip

    @mistake
    def width_is_scaled(self, right, img, low, high, size, seed, draws):
        """The drawn length always becomes the width. In a wide picture the height is the shorter
        side, and gets it."""
        height, width = img.shape[:2]
        if height < width:
            return self._resized(right, img, low, high, size,
                                 lambda s: (round(height * s / width), s))  # fmt: skip

    @mistake
    def squeezed_to_a_square(self, right, img, low, high, size, seed, draws):
        """The picture is squeezed into a square. Its proportions are kept: both sides grow by the
        same factor."""
        return {"longer side": "as long as the shorter"}

    @mistake
    def sides_exchanged(self, right, img, low, high, size, seed, draws):
        """Height and width are exchanged, so a wide picture becomes a tall one. resize takes the
        height first, then the width."""
        return {"longer side": "the shorter one"}

    @mistake
    def tall_becomes_wide(self, right, img, **inputs):
        """A tall picture becomes a wide one: its height gets the drawn length. That belongs to the
        shorter side, which is the width of a tall picture."""
        return {"longer side": "the shorter one"} if img.shape[0] > img.shape[1] else None

    @mistake
    def wide_becomes_tall(self, right, img, **inputs):
        """A wide picture becomes a tall one: its width gets the drawn length. That belongs to the
        shorter side, which is the height of a wide picture."""
        return {"longer side": "the shorter one"} if img.shape[0] < img.shape[1] else None

    @mistake
    def longer_side_cut_off(self, right, img, low, high, size, seed, draws):
        """The longer side is cut off to a whole number, as int() and // do. It is rounded."""
        return self._resized(right, img, low, high, size, lambda s: [
            n * s // min(img.shape[:2]) for n in img.shape[:2]
        ])  # fmt: skip

    @mistake
    def longer_side_rounded_up(self, right, img, low, high, size, seed, draws):
        """The longer side is always rounded up. It is rounded to the nearest whole number."""
        return self._resized(right, img, low, high, size, lambda s: [
            -(-n * s // min(img.shape[:2])) for n in img.shape[:2]
        ])  # fmt: skip

    @mistake
    def proportions_change(self, right, img, low, high, size, seed, draws):
        """The picture's proportions change. The factor by which the shorter side grows need not be
        a whole number, and the longer side grows by the same."""
        return {"longer side": "something else"}

    @mistake
    def whole_factor(self, right, img, low, high, size, seed, draws):
        """Your factor is a whole number, so the picture grows to a multiple of its size. Divide the
        drawn length by the shorter side without rounding."""
        height, width = img.shape[:2]
        if min(height, width) < low:
            factor = lambda s: s // min(height, width)
            return self._resized(right, img, low, high, size,
                                 lambda s: (height * factor(s), width * factor(s)))  # fmt: skip

    @mistake
    def picture_keeps_its_size(self, right, img, low, high, size, seed, draws):
        """Your crop is cut from the picture as it came. Resize it first, then cut."""
        return self._resized(right, img, low, high, size, lambda s: img.shape[:2], stops=True)

    @mistake
    def cropped_before_it_is_resized(self, right, img, low, high, size, seed, draws):
        """You cut a piece of the drawn size out of the picture as it came and resize the piece.
        The drawn number is how long the shorter side of the whole picture becomes: resize first,
        then cut."""
        short = min(img.shape[:2])
        if short < low:
            return dict.fromkeys(right, raises("ValueError", "high"))
        lengths = sorted(size * short / s for s in range(low, high + 1))
        if max(lengths) > high + 0.5:
            return {"range": "something else"}
        return {"lengths": lengths}

    @mistake
    def piece_is_resized(self, right, img, low, high, size, seed, draws):
        """You cut a piece first and resize that, so the picture grows by factors that are not the
        drawn ones. Resize the whole picture so that its shorter side has the drawn length, then
        cut."""
        short = min(img.shape[:2])
        found = {short * size / max(1, round(size * short / s)) for s in range(low, high + 1)}
        lengths = clusters(np.array(sorted(found)))
        if max(lengths) > high + 0.5:
            return {"range": "something else"}
        return {"lengths": lengths}

    @mistake
    def mirrored_too(self, right, img, low, high, size, seed, draws):
        """Your pieces are mirrored now and then. Scale jitter changes size and place only."""
        return {"mirrored": "now and then"}

    @mistake
    def wider_dtype(self, right, img, low, high, size, seed, draws):
        """float32 comes in and float64 comes out. The piece has the dtype of the picture."""
        if img.dtype == np.float32:
            return {"dtype": "float64"}

    @mistake
    def as_large_as_low(self, right, img, low, **inputs):
        """Your pieces are as large as `low`. Their height and width are `size`."""
        return {"shape": str((low, low, img.shape[2]))}

    @mistake
    def narrower_dtype(self, right, img, low, high, size, seed, draws):
        """float64 comes in and float32 comes out. The piece has the dtype of the picture."""
        if img.dtype == np.float64:
            return {"dtype": "float32"}

    @mistake
    def always_the_middle(self, right, img, low, high, size, seed, draws):
        """The crop is always in the middle of the resized picture. Its place is drawn too."""
        return {"places": "always in the middle"}

    @mistake
    def always_the_corner(self, right, img, low, high, size, seed, draws):
        """The crop always begins at the upper left corner. Its place is drawn too."""
        return {"places": "always at the upper left corner"}

    @mistake
    def one_offset_for_both(self, right, img, low, high, size, seed, draws):
        """Row and column offset are the same number, so the crop moves along the diagonal only.
        Draw two."""
        return {"places": "on the diagonal"}

    @mistake
    def room_of_the_shorter_side(self, right, img, low, high, size, seed, draws):
        """Both offsets are drawn from as many places as there are along the shorter side, so the
        end of the longer one is never shown. Each side has its own number of places."""
        return {"places": "never at the end of the longer side"}

    @mistake
    def last_place_never_reached(self, right, img, low, high, size, seed, draws):
        """The crop never lies at the lower or right edge: the last offset is left out. A row of
        length L has L − size + 1 places for it."""
        if high - low < 3:
            return {"places": "never at the lower or right edge"}

    @mistake
    def generator_not_used(self, right, img, low, high, size, seed, draws):
        """The same rng gives other pieces when it is started again. Draw everything from the rng
        that is passed in."""
        return {"same generator again": "other pieces"}
