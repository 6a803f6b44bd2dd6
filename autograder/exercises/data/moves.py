"""How pictures are turned, sheared, stretched and shifted, in numbers: what `affine` needs beside
its cases and mistakes."""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

PARTS = ("degrees", "shear", "stretch", "translate")


def rotation(degrees):
    c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return np.moveaxis(np.array([[c, -s], [s, c]]), (0, 1), (-2, -1))


def sheared(factor):
    one, zero = np.ones_like(factor), np.zeros_like(factor)
    return np.moveaxis(np.array([[one, factor], [zero, one]]), (0, 1), (-2, -1))


def stretched(pairs):
    return np.asarray(pairs)[..., None] * np.eye(2)


def apply(matrices, vectors):
    return (matrices @ np.asarray(vectors)[..., None])[..., 0]


@dataclass
class Drawn:
    """What was drawn, once or often, and the matrices of the formula."""

    degrees: np.ndarray
    shear: np.ndarray
    stretch: np.ndarray
    t: np.ndarray
    height: int
    width: int

    @property
    def R(self):
        return rotation(self.degrees)

    @property
    def Sh(self):
        return sheared(np.tan(np.deg2rad(self.shear)))

    @property
    def St(self):
        return stretched(self.stretch)

    @property
    def there(self):
        return self.R @ self.Sh @ self.St

    @property
    def back(self):
        return np.linalg.inv(self.there)

    @property
    def centre(self):
        return np.array([(self.width - 1) / 2, (self.height - 1) / 2])

    def home(self, back=None, t=None, about=None):
        """A map back and its offset from the centre, where one thing of three is another."""
        back = self.back if back is None else back
        off = -apply(back, self.t if t is None else t)
        if about is None:
            return back, off
        apart = np.asarray(about, float) - self.centre
        return back, off + apart - apply(back, np.broadcast_to(apart, off.shape))


def drawn(ranges, shape, count=1):
    """One draw, the low ends; or many, spread evenly over the ranges."""
    rng = np.random.default_rng(2718)
    take = lambda name, *size: (
        rng.uniform(*ranges[name], (count, *size)) if count > 1
        else np.full((1, *size), ranges[name][0], float)
    )  # fmt: skip
    return Drawn(take("degrees"), take("shear"), take("stretch", 2), take("translate", 2),
                 *shape[:2])  # fmt: skip


def grid(shape):
    """Coordinates (x, y) of all places of a picture, counted from its centre."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    return np.stack([columns - (shape[1] - 1) / 2, rows - (shape[0] - 1) / 2], -1)


def looked_up(img, back, off):
    """Where each pixel of the result comes from, as x and y."""
    centre = np.array([(img.shape[1] - 1) / 2, (img.shape[0] - 1) / 2])
    places = grid(img.shape) @ back.T + off + centre
    return places[..., 0], places[..., 1]


def moved(img, back, off):
    """The picture that shows at p what img has at back · p + off, both from the centre; by
    torch."""
    height, width = img.shape[:2]
    # affine_grid counts from −1 to 1 about the centre: half a picture is 1.
    half = np.array([width, height]) / 2
    theta = np.column_stack([back * half[None] / half[:, None], off / half])
    places = F.affine_grid(torch.tensor(theta)[None], (1, img.shape[2], height, width), False)
    planes = torch.tensor(img, dtype=torch.float64).permute(2, 0, 1)[None]
    return F.grid_sample(planes, places, align_corners=False)[0].permute(1, 2, 0).numpy()


def read_back(picture):
    """The map back and its offset of a moved ramp, and whether it shows one map; NaN where
    too little of it is in view.

    Inside, the picture's values are where they came from; its third channel is 1 there. Beyond it
    may be 1, too, with places clipped to the border: then they are the ramp's first and last.
    """
    last = np.array([picture.shape[1] - 1, picture.shape[0] - 1])
    between = (picture[..., :2] > 1e-9) & (picture[..., :2] < last - 1e-9)
    inside = (picture[..., 2] > 1 - 1e-9) & between.all(-1)
    if inside.sum() < 12:
        return np.full((2, 2), np.nan), np.full(2, np.nan), ONE
    places = np.concatenate([grid(picture.shape)[inside], np.ones((inside.sum(), 1))], 1)
    seen = picture[inside][:, :2]
    found, _, rank, _ = np.linalg.lstsq(places, seen, rcond=None)
    if rank < 3:  # all in one row, which says nothing of the others
        return np.full((2, 2), np.nan), np.full(2, np.nan), ONE
    apart = np.abs(places @ found - seen).max()
    kind = ONE if apart < 1.5 else BROKEN  # the nearest pixel's is one
    if apart > 1e-6 and np.abs(seen - np.rint(seen)).max() < 1e-9:
        kind = WHOLE
    return found[:2].T, found[2] - last / 2, kind


def taken_apart(back, off):
    """(degrees, shear, stretch, shift) of maps back, one row a map; those that cannot be are left
    out."""
    fine = np.isfinite(back).all((1, 2)) & (np.abs(np.linalg.det(np.nan_to_num(back))) > 1e-6)
    there, off = np.linalg.inv(back[fine]), off[fine]
    degrees = np.rad2deg(np.arctan2(there[:, 1, 0], there[:, 0, 0]))
    upper = rotation(-degrees) @ there
    shear = np.rad2deg(np.arctan2(upper[:, 0, 1], upper[:, 1, 1]))
    stretch = np.stack([upper[:, 0, 0], upper[:, 1, 1]], 1)
    # What the shear is if the stretch comes after it.
    early = np.rad2deg(np.arctan2(upper[:, 0, 1], upper[:, 0, 0]))
    return {"degrees": degrees, "shear": shear, "stretch": stretch,
            "translate": -apply(there, off), "early shear": early}  # fmt: skip


BEYOND, INSIDE = "beyond the range", "in a part of the range"
ONE = "one map"
WHOLE = "of whole pixels only"
BROKEN = "none at all: some of what they show does not follow from the rest"
BEFORE = "from low to high only if the shear comes before the stretch"
FINE = {
    "maps": "as the formula has them",
    **dict.fromkeys(PARTS, "from low to high"),
    "shift across and down": "drawn separately",
    "stretch across and down": "drawn separately",
    "draws": "spread evenly",
}


def facts(back, off, ranges, kinds=(ONE,)):
    """What is told of many maps back: where their parts lie and how they are drawn; `kinds` says
    whether a picture shows one map."""
    for kind, most in ((WHOLE, 0.8), (BROKEN, 0.2)):
        if np.mean([each == kind for each in kinds]) > most:
            return FINE | {"maps": kind}
    found = taken_apart(back, off)
    # What is left of maps that mostly lead out of view says nothing of how they are drawn.
    if len(found["degrees"]) < 0.8 * len(back):
        return FINE | {"maps": "mostly out of view"}
    told = {name: _where(found[name], *ranges[name]) for name in PARTS}
    if told["shear"] != FINE["shear"] == _where(found["early shear"], *ranges["shear"]):
        told["shear"] = BEFORE
    off = [name for name in PARTS if told[name] != FINE[name]]
    # One map gives all parts: where they are off each in its own way, or lie somewhere beyond,
    # which of them is wrong cannot be read off it.
    if len(off) > 1:
        words = {told[name] for name in off}
        if len(words) > 1 or words & {BEYOND, INSIDE}:
            return FINE | {"maps": f"others in {' and '.join(off)}"}
    for name, part in (("shift", "translate"), ("stretch", "stretch")):
        same = np.allclose(*found[part].T, atol=1e-3)
        told[f"{name} across and down"] = "the same" if same else "drawn separately"
    return FINE | told | {"draws": _draws(found)}


def _where(values, low, high):
    """Where values lie; of pairs both have to lie there."""
    words = {_range(column, low, high) for column in values.reshape(len(values), -1).T}
    return words.pop() if len(words) == 1 else "otherwise across than down"


def _range(values, low, high):
    """Where values lie. 120 uniform draws come within 15 % of each end but once in 10**8."""
    lowest, highest = values.min(), values.max()
    slack = 0.01 * (high - low)
    if highest - lowest < slack:
        return "always at the low end" if abs(lowest - low) < slack else "always the same"
    ends = {"from low to high": (low, high), "from -high to high": (-high, high),
            "from 0 to high": (0.0, high), "from 1/high to high": (1 / high, high),
            "from -high to -low": (-high, -low),
            "from 1/high to 1/low": (1 / high, 1 / low)}  # fmt: skip

    def within(words, a, b):
        room = (0.15 if words == "from low to high" else 0.06) * (b - a)
        return b > a and -slack <= lowest - a < room and -slack <= b - highest < room

    fitting = [(b - a, words) for words, (a, b) in ends.items() if within(words, a, b)]
    if fitting:
        return min(fitting)[1]
    beyond = lowest < low - slack or highest > high + slack
    return BEYOND if beyond else INSIDE


def _draws(found):
    """Whether draws are spread, or only ends, or one number makes them all."""

    def scaled(values):
        return (values - values.min()) / max(np.ptp(values), 1e-9)

    columns = [found["degrees"], found["shear"], found["translate"][:, 0], found["stretch"][:, 0]]
    if any(np.ptp(column) < 1e-3 for column in columns):
        return "spread evenly"
    first, *others = map(scaled, columns)
    if all(np.allclose(first, other, atol=0.01) for other in others):
        return "one for all"
    inside = [np.mean(np.abs(scaled(column) - 0.5) < 0.25) for column in columns]
    return "at the two ends only" if max(inside) < 0.05 else "spread evenly"
