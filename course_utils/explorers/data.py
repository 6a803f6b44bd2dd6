"""The explorer of notebook 03: one picture, and a sheet of sixteen random versions of it.

Nothing is trained here.
"""

from __future__ import annotations

import numpy as np

from course_utils.explorers.explorer import Explorer, choice, explore, slider, switch
from course_utils.images import sample_at

SIDE, COPIES = 56, 16
PICTURES = ("arrow", "crescent", "handwritten 2", "handwritten 6")


def picture(name: str) -> np.ndarray:
    """A picture SIDE×SIDE×3 of floats in [0, 1]."""
    from course_utils.datasets import SHAPES, colour_shapes, digits
    from course_utils.images import resize

    if name in SHAPES:
        images, labels = colour_shapes(40, seed=4, difficulty=0.2, size=SIDE)
        return images[labels == SHAPES.index(name)][0] / 255
    data = digits()
    written = data.train_x[data.train_y == int(name[-1]), 0]
    # The one that is most like all others of its kind.
    digit = written[np.abs(written - written.mean(0)).sum((1, 2)).argmin()]
    return np.repeat(np.clip(resize(digit[..., None], SIDE, SIDE), 0, 1), 3, axis=2).astype(float)


def versions(
    img: np.ndarray, degrees: float, shift: float, shear: float, stretch: float, zoom: float,
    contrast: float, colour: float, lens: float, mirror: bool, seed: int = 0,
) -> np.ndarray:  # fmt: skip
    """Sixteen random versions of a picture, 16×H×W×3; the same chance for each setting.

    Angles are drawn from ±`degrees` and ±`shear`, shifts from ±`shift` of the side, each side's
    factor from 1/`stretch` to `stretch`, the enlargement from 1 to `zoom`, the contrast's factor
    from 1 ± `contrast`; the three α of AlexNet's colour shift have standard deviation `colour`,
    and `lens` is the k of r·(1 + k·r²).
    """
    height, width = img.shape[:2]
    pixels = img.reshape(-1, 3)
    values, vectors = np.linalg.eigh(np.cov(pixels.T))
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    x, y = x - (width - 1) / 2, y - (height - 1) / 2
    chance = np.random.default_rng(seed)
    found = []
    for _ in range(COPIES):
        u = chance.uniform(-1, 1, 8)
        alpha, coin = chance.normal(size=3), chance.random()
        turn, lean = np.deg2rad(degrees * u[0]), np.tan(np.deg2rad(shear * u[1]))
        turned = [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
        larger = zoom ** ((u[2] + 1) / 2)
        sides = np.diag(larger * stretch ** u[3:5])
        back = np.linalg.inv(np.array(turned) @ [[1, lean], [0, 1]] @ sides)
        dx, dy = x - shift * width * u[5], y - shift * height * u[6]
        at_x, at_y = back[0, 0] * dx + back[0, 1] * dy, back[1, 0] * dx + back[1, 1] * dy
        if mirror and coin < 0.5:
            at_x = -at_x
        bend = 1 + lens * (at_x**2 + at_y**2) / (min(height, width) / 2) ** 2
        out = sample_at(img, at_x * bend + (width - 1) / 2, at_y * bend + (height - 1) / 2)
        out = out.mean() + (1 + contrast * u[7]) * (out - out.mean())
        found.append(out + vectors @ (colour * alpha * values))
    return np.clip(found, 0, 1)


# What each strength does, and at which value it does nothing.
_DOES = {
    "degrees": ("turned by up to {:.0f} degrees", 0),
    "shift": ("moved by up to {:.0%} of the side", 0),
    "shear": ("sheared by up to {:.0f} degrees", 0),
    "stretch": ("stretched along either axis by up to {:.3g}", 1),
    "zoom": ("enlarged by up to {:.3g}", 1), "contrast": ("contrast times 1 ± {:.2g}", 0),
    "colour": ("colours shifted, α of {:.2g}", 0), "mirror": ("mirrored half of the time", False),
    "lens": ("all through the same lens of k = {:.2g}", 0),
}  # fmt: skip


def in_words(strengths: dict[str, float]) -> str:
    """What is done to a picture; only what is."""
    done = [words.format(strengths[name]) for name, (words, nothing) in _DOES.items()
            if strengths[name] != nothing]  # fmt: skip
    return ", ".join(done) or "nothing is done to them, so all are the same"


def augmentation_explorer() -> Explorer:
    """Slide the strength of each augmentation; see sixteen draws of one picture."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 4.2))
    figure.subplots_adjust(0, 0, 1, 1)
    original = figure.add_axes((0.02, 0.3, 0.36, 0.6))
    sheet = figure.add_axes((0.42, 0.02, 0.57, 0.96))
    blank = np.ones((SIDE, SIDE, 3))
    shown = original.imshow(blank, vmin=0, vmax=1)
    original.set_title("as it is", loc="left", size=10)
    drawn = sheet.imshow(np.ones((4 * SIDE + 12, 4 * SIDE + 12, 3)), vmin=0, vmax=1)
    for axes in (original, sheet):
        axes.set_axis_off()
    kept: dict[str, np.ndarray] = {}

    def draw(name: str, **strengths):
        if name not in kept:
            kept[name] = picture(name)
        img = kept[name]
        copies = versions(img, **strengths)
        page = np.ones((4 * SIDE + 12, 4 * SIDE + 12, 3))
        for i, copy in enumerate(copies):
            top, left = (SIDE + 4) * (i // 4), (SIDE + 4) * (i % 4)
            page[top : top + SIDE, left : left + SIDE] = copy
        shown.set_data(img)
        drawn.set_data(page)
        off = float(np.abs(copies - img).mean())
        return figure, (
            f"Sixteen draws of one picture ({name}): {in_words(strengths)}. On average a value "
            f"differs by {off:.2f} from the picture as it is."
        )

    none = {"degrees": 0.0, "shift": 0.0, "shear": 0.0, "stretch": 1.0, "zoom": 1.0,
            "contrast": 0.0, "colour": 0.0, "lens": 0.0, "mirror": False}  # fmt: skip
    return explore(
        draw,
        still=[
            {**none, "shift": 0.12, "mirror": True},
            {**none, "degrees": 40.0, "stretch": 1.3, "shear": 15.0},
            {**none, "name": "handwritten 2", "mirror": True, "shift": 0.08},
            {**none, "name": "crescent", "contrast": 0.6, "colour": 5.0, "zoom": 1.6},
        ],
        name=choice("picture", PICTURES),
        degrees=slider("turned by up to (degrees)", 0.0, 180.0, 15.0, step=5.0),
        shift=slider("moved by up to (of the side)", 0.0, 0.5, 0.08, step=0.02),
        shear=slider("sheared by up to (degrees)", 0.0, 45.0, 0.0, step=5.0),
        stretch=slider("stretched by up to (factor)", 1.0, 2.0, 1.0, step=0.05),
        zoom=slider("enlarged by up to (factor)", 1.0, 3.0, 1.2, step=0.1),
        contrast=slider("contrast, 1 plus or minus", 0.0, 1.0, 0.2, step=0.05),
        colour=slider("colour shift (std of α)", 0.0, 10.0, 0.0, step=0.1),
        lens=slider("lens (k)", -0.4, 0.4, 0.0, step=0.05),
        mirror=switch("mirrored half of the time", True),
    )
