"""The exercise of notebook 03 that turns, shifts, shears and stretches a picture."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake, near


def rotation(degrees):
    c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return np.array([[c, -s], [s, c]])


def forward_map(degrees, shear, stretch):
    """R · Sh · St, from places in the picture to places in the result, both from the centre."""
    sheared = np.array([[1.0, np.tan(np.deg2rad(shear))], [0.0, 1.0]])
    return rotation(degrees) @ sheared @ np.diag(stretch)


def moved(img, back, shift, about=None):
    """The picture that shows at p what img has at back · (p − shift − about) + about; by torch."""
    height, width = img.shape[:2]
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    about = centre if about is None else np.asarray(about, float)
    # affine_grid counts from −1 to 1 about the centre: half a picture is 1.
    half = np.array([width, height]) / 2
    offset = back @ (centre - np.asarray(shift) - about) + about - centre
    theta = np.column_stack([back * half[None] / half[:, None], offset / half])
    grid = F.affine_grid(torch.tensor(theta)[None], (1, img.shape[2], height, width), False)
    planes = torch.tensor(img, dtype=torch.float64).permute(2, 0, 1)[None]
    return F.grid_sample(planes, grid, align_corners=False)[0].permute(1, 2, 0).numpy()


class random_affine(Exercise):
    """A picture turned, sheared, stretched and shifted, all about its centre."""

    signature = "random_affine(img, rng, degrees, translate, shear, stretch)"
    minutes = 18
    difficulty = 3
    extra = True
    hints = (
        "Ask for each pixel of the RESULT where in the picture it comes from. Then nothing is left "
        "empty, and sample_at does the rest.",
        "The formula leads from the picture to the result. Which matrix leads back?",
        "Count coordinates from the centre before you multiply, and back afterwards.",
    )
    draws = 120

    def cases(self, rng):
        img = rng.uniform(0.1, 1, (9, 12, 3))
        still = {"degrees": (0.0, 0.0), "translate": (0.0, 0.0), "shear": (0.0, 0.0),
                 "stretch": (1.0, 1.0)}  # fmt: skip
        seed = int(rng.integers(1000))
        for name, points, change in [
            ("turned", 1, {"degrees": (25.0, 25.0)}),
            ("shifted", 1, {"translate": (1.5, 1.5)}),
            ("sheared", 1, {"shear": (20.0, 20.0)}),
            ("stretched", 1, {"stretch": (1.6, 1.6)}),
            ("all at once", 1, {"degrees": (-35.0, -35.0), "translate": (-1.25, -1.25),
                                "shear": (15.0, 15.0), "stretch": (0.8, 0.8)}),
        ]:  # fmt: skip
            yield Case(name, points, img=img, seed=seed, draws=0, **still | change)
        rows, columns = np.mgrid[:24, :20].astype(float)
        ramps = np.stack([columns, rows, np.ones((24, 20))], 2)
        yield Case("drawn anew each time", 2, img=ramps, seed=seed, draws=self.draws,
                   degrees=(-20.0, 40.0), translate=(-2.0, 3.0), shear=(5.0, 25.0),
                   stretch=(0.8, 1.4))  # fmt: skip

    def observe(self, code, img, seed, draws, degrees, translate, shear, stretch):
        import numpy as np

        ranges = (degrees, translate, shear, stretch)
        rng = np.random.default_rng(seed)
        pictures = [np.array(code.random_affine(img, rng, *ranges)) for _ in range(max(draws, 1))]
        again = code.random_affine(img, np.random.default_rng(seed), *ranges)
        return {"pictures": pictures, "again": again}

    def read(self, seen, img, seed, draws, degrees, translate, shear, stretch):
        pictures = [np.asarray(p, float) for p in seen["pictures"]]
        same = np.array_equal(np.asarray(seen["again"]), seen["pictures"][0])
        facts = {"same generator again": "the same picture" if same else "another picture"}
        if not draws:
            return facts | {"out": np.asarray(seen["pictures"][0])}
        drawn = np.array([_read_back(p) for p in pictures])
        turns, sheared = drawn[:, 0], drawn[:, 1]
        return facts | {
            "degrees": _whole_range(turns, *degrees),
            "shear": _whole_range(sheared, *shear),
            "stretch": _whole_range(drawn[:, 2:4], *stretch),
            "shift": _whole_range(drawn[:, 4:6], *translate),
            "shift across and down": _together(drawn[:, 4:6]),
            "stretch across and down": _together(drawn[:, 2:4]),
        }

    def reference(self, img, seed, draws, degrees, translate, shear, stretch):
        facts = {"same generator again": "the same picture"}
        if draws:
            everything = dict.fromkeys(("degrees", "shear", "stretch", "shift"), "the whole range")
            pairs = ("shift across and down", "stretch across and down")
            return facts | everything | dict.fromkeys(pairs, "drawn separately")
        back = np.linalg.inv(forward_map(degrees[0], shear[0], [stretch[0]] * 2))
        out = moved(img, back, [translate[0]] * 2)
        return facts | {"out": near(out, rtol=1e-6, atol=1e-7)}

    def _there(self, inputs):
        numbers = (inputs[name][0] for name in ("degrees", "shear", "stretch"))
        degrees, shear, stretch = numbers
        return forward_map(degrees, shear, [stretch] * 2)

    def _out(self, inputs, **change):
        """What other numbers, or another map back, would show in a case without draws."""
        if inputs["draws"]:
            return None
        values = {n: inputs[n][0] for n in ("degrees", "shear", "stretch", "translate")}
        values |= {n: v for n, v in change.items() if n in values}
        back = np.linalg.inv(
            forward_map(values["degrees"], values["shear"], [values["stretch"]] * 2)
        )
        back = change.get("back", back)
        shift = change.get("shift", [values["translate"]] * 2)
        return {"out": moved(inputs["img"], back, shift, change.get("about"))}

    @mistake
    def about_the_corner(self, right, **inputs):
        """You turn and stretch about the upper left corner, so the picture swings out of view.
        Count coordinates from the centre, at ((W − 1)/2, (H − 1)/2)."""
        return self._out(inputs, about=(0, 0))

    @mistake
    def map_not_inverted(self, right, **inputs):
        """Your map goes the wrong way: what should grow shrinks, what should move right moves left.
        For each pixel of the result you need the place that it comes FROM: invert the map."""
        if not inputs["draws"]:
            there = self._there(inputs)
            shift = -np.linalg.inv(there) @ ([inputs["translate"][0]] * 2)
            return self._out(inputs, back=there, shift=shift)

    @mistake
    def shift_has_the_other_sign(self, right, **inputs):
        """Your shift goes the other way: a positive one should move the picture to the right and
        down."""
        if not inputs["draws"]:
            return self._out(inputs, translate=-inputs["translate"][0])

    @mistake
    def shift_inside_the_turn(self, right, **inputs):
        """You shift after going back through the matrix, so the shift is turned and stretched with
        the picture. Subtract it from the place in the result first."""
        if not inputs["draws"]:
            there = self._there(inputs)
            return self._out(inputs, shift=there @ ([inputs["translate"][0]] * 2))

    @mistake
    def degrees_taken_for_radians(self, right, **inputs):
        """Your angles are in degrees, but np.cos and its like take radians."""
        if not inputs["draws"]:
            return self._out(
                inputs, degrees=np.rad2deg(inputs["degrees"][0]),
                shear=np.rad2deg(inputs["shear"][0]),
            )  # fmt: skip

    @mistake
    def turns_the_other_way(self, right, **inputs):
        """You turn the other way round. With y downwards, the matrix R of the formula turns
        clockwise."""
        if not inputs["draws"]:
            return self._out(inputs, degrees=-inputs["degrees"][0])

    @mistake
    def shear_without_tangent(self, right, **inputs):
        """You shear by the angle itself, in radians. The formula has its tangent."""
        if not inputs["draws"]:
            factor = np.deg2rad(inputs["shear"][0])
            return self._out(inputs, shear=np.rad2deg(np.arctan(factor)))

    @mistake
    def shears_along_y(self, right, **inputs):
        """Your shear moves columns up and down. Here it moves rows left and right: the tangent
        stands in the first row."""
        if not inputs["draws"]:
            sheared = np.array([[1.0, 0.0], [np.tan(np.deg2rad(inputs["shear"][0])), 1.0]])
            there = rotation(inputs["degrees"][0]) @ sheared * inputs["stretch"][0]
            return self._out(inputs, back=np.linalg.inv(there))

    @mistake
    def order_turned_round(self, right, **inputs):
        """You turn first and shear and stretch afterwards. In R·Sh·St the right-most comes first:
        stretch, shear, turn."""
        if not inputs["draws"]:
            apart = [
                np.diag([inputs["stretch"][0]] * 2),
                forward_map(0, inputs["shear"][0], [1, 1]),
                rotation(inputs["degrees"][0]),
            ]
            return self._out(inputs, back=np.linalg.inv(apart[0] @ apart[1] @ apart[2]))

    @mistake
    def one_shift_for_both(self, right, **inputs):
        """The shift across is always the shift down: draw two."""
        if inputs["draws"]:
            return {"shift across and down": "the same"}

    @mistake
    def one_stretch_for_both(self, right, **inputs):
        """Width and height always grow by the same factor. That is a zoom; a stretch draws a
        factor for each."""
        if inputs["draws"]:
            return {"stretch across and down": "the same"}

    @mistake
    def drawn_about_zero(self, right, **inputs):
        """Your angles and shifts do not keep to the given range from low to high."""
        if inputs["draws"]:
            return dict.fromkeys(("degrees", "shear", "shift"), "beyond the range")

    @mistake
    def low_end_always(self, right, **inputs):
        """You use the lower ends of the ranges and draw nothing: each call gives the same."""
        if inputs["draws"]:
            nothing = dict.fromkeys(("degrees", "shear", "stretch", "shift"), "always the low end")
            pairs = ("shift across and down", "stretch across and down")
            return nothing | dict.fromkeys(pairs, "the same")

    @mistake
    def generator_not_used(self, right, **inputs):
        """The same rng gives another picture when it is started again. Draw everything from the
        rng that is passed in."""
        if inputs["draws"]:
            return {"same generator again": "another picture"}


def _read_back(picture):
    """(degrees, shear, stretch across, stretch down, shift across, shift down) of a moved ramp.

    Inside, the picture's values are where they came from; its third channel is 1 there.
    """
    height, width = picture.shape[:2]
    rows, columns = np.mgrid[:height, :width]
    inside = picture[..., 2] > 1 - 1e-9
    places = np.stack([columns - (width - 1) / 2, rows - (height - 1) / 2, 0 * rows + 1], 2)
    map_back = np.linalg.lstsq(places[inside], picture[inside][:, :2], rcond=None)[0].T
    offset = map_back[:, 2] - [(width - 1) / 2, (height - 1) / 2]
    there = np.linalg.inv(map_back[:, :2])
    shift = -there @ offset
    degrees = np.rad2deg(np.arctan2(there[1, 0], there[0, 0]))
    upper = rotation(-degrees) @ there
    shear = np.rad2deg(np.arctan2(upper[0, 1], upper[1, 1]))
    return degrees, shear, upper[0, 0], upper[1, 1], *shift


def _together(pairs):
    return "the same" if np.allclose(*pairs.T, atol=1e-3) else "drawn separately"


def _whole_range(values, low, high):
    slack = 0.01 * (high - low)
    if values.min() < low - slack or values.max() > high + slack:
        return "beyond the range"
    if np.ptp(values) < slack:
        return "always the low end" if abs(values.min() - low) < slack else "always the same"
    # 120 uniform draws that all keep away a fifth of the range from one end: once in 10**11.
    wide = values.min() < low + 0.2 * (high - low) and values.max() > high - 0.2 * (high - low)
    return "the whole range" if wide else "part of the range"
