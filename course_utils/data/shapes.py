"""The seeded generator of labelled 32×32 colour pictures. Nothing here is read from disk.

Ten shapes (or others, from `stroke_shapes`), in any colour, place, size, turn and mirror image, on
a background that differs too, so that only the shape tells the class: what a learner sees when a
net memorises colours or places.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course_utils.data.stroke_shapes import SOURCE_STROKES, STROKE_DISTANCE

SHAPES = (
    "disc", "ring", "square", "triangle", "plus", "star", "crescent", "arrow", "corner", "bars",
)  # fmt: skip
SOURCE_SHAPES = SHAPES + SOURCE_STROKES  # what the net in data/source_shapes.pt knows

# Each shape is drawn in coordinates where it fills about [-1, 1]², as a signed distance that is
# negative inside; only its sign and its slope at the edge matter.


def _disc(u, v):
    return np.hypot(u, v) - 0.9


def _ring(u, v):
    return np.abs(np.hypot(u, v) - 0.68) - 0.22


def _square(u, v):
    return np.maximum(np.abs(u), np.abs(v)) - 0.78


def _triangle(u, v):
    return np.maximum(np.abs(u) * 0.866 + v * 0.5, -v) - 0.5


def _plus(u, v):
    wide = np.maximum(np.abs(u) - 0.9, np.abs(v) - 0.27)
    tall = np.maximum(np.abs(u) - 0.27, np.abs(v) - 0.9)
    return np.minimum(wide, tall)


def _star(u, v):
    angle = np.arctan2(u, v)
    return np.hypot(u, v) - (0.62 + 0.34 * np.cos(5 * angle))


def _crescent(u, v):
    return np.maximum(np.hypot(u, v) - 0.9, 0.72 - np.hypot(u - 0.45, v))


def _arrow(u, v):
    shaft = np.maximum(np.abs(v) - 0.2, np.abs(u + 0.4) - 0.55)
    head = np.maximum(np.abs(v) * 0.75 + u * 0.66 - 0.58, -u + 0.02)
    return np.minimum(shaft, head)


def _corner(u, v):
    upright = np.maximum(np.abs(u + 0.55) - 0.25, np.abs(v) - 0.85)
    foot = np.maximum(np.abs(v - 0.6) - 0.25, np.abs(u) - 0.8)
    return np.minimum(upright, foot)


def _bars(u, v):
    inside = np.maximum(np.abs(u), np.abs(v)) - 0.85
    nearest_bar = np.minimum(np.abs(v), np.abs(np.abs(v) - 0.65))
    return np.maximum(inside, nearest_bar - 0.18)


_FILLED = (
    _disc, _ring, _square, _triangle, _plus, _star, _crescent, _arrow, _corner, _bars,
)  # fmt: skip
_DISTANCE = dict(zip(SHAPES, _FILLED, strict=True)) | STROKE_DISTANCE


def colour_shapes(
    n: int,
    seed: int = 0,
    difficulty: float = 0.25,
    size: int = 32,
    shapes: Sequence[str] = SHAPES,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw `n` labelled pictures, the same ones for the same seed (to a level of 255 elsewhere).

    Parameters
    ----------
    n : number of pictures. The classes are balanced, and the first pictures of a longer draw are
        those of a shorter one, so a small training set is the beginning of a large one.
    seed : another seed gives other pictures: use one for training and one for testing.
    difficulty : from 0 (large, upright, strong colours, plain ground) to 1 (small, turned, weak
        colours, noise, and scraps of other colours around).
    size : height and width in pixels.
    shapes : which shapes, by name; the ten of `SHAPES`, or some of `SOURCE_SHAPES` (thirty, those
        ten first) or `stroke_shapes.HELD_OUT_SHAPES` (eight others).

    Returns
    -------
    images : uint8, N×size×size×3 (H×W×C), 0 to 255.
    labels : int64, N, indices into `shapes`.

    Raises ValueError when a parameter is out of range.

    Notes
    -----
    Measured with `python benchmarks/colour_shapes.py` (torch 2.13, two CPU cores): a net of three
    convolutions on the default difficulty, accuracy on 2,000 other pictures, median of three
    seeds (lowest to highest):

    ===================  =======================  ==============================  ============
    training pictures    without augmentation     mirrored, shifted, recoloured   seconds a run
    ===================  =======================  ==============================  ============
    300, 30 epochs       0.66 (0.65 to 0.67)      0.91 (0.80 to 0.92)             3
    3,000, 10 epochs     0.990 (0.988 to 0.990)   0.992 (0.984 to 0.993)          10
    ===================  =======================  ==============================  ============

    At difficulty 0.5 the same net needs more: 0.25 from 300 pictures, 0.76 from 3,000.
    """
    if n < 1:
        raise ValueError(f"colour_shapes draws at least one picture; you asked for n={n}.")
    if not 0 <= difficulty <= 1:
        raise ValueError(f"difficulty goes from 0 to 1; you gave {difficulty}.")
    if size < 8:
        raise ValueError(f"A shape needs at least 8 pixels a side; you gave size={size}.")
    unknown = [name for name in shapes if name not in _DISTANCE]
    if unknown or not len(shapes):
        raise ValueError(f"colour_shapes cannot draw {unknown}; it knows {', '.join(_DISTANCE)}.")

    # Each source of chance has a generator of its own, so that picture i does not depend on n.
    of_labels, of_ground, of_scraps, of_shape, of_noise = (
        np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(5)
    )
    labels = _balanced_labels(n, len(shapes), of_labels)
    ground, colours = _ground(of_ground.random((n, 12), dtype=np.float32), difficulty, size)
    images = _with_scraps(ground, of_scraps.random((n, SCRAPS, 6), dtype=np.float32), difficulty)
    images = _with_shape(images, labels, shapes, of_shape.random((n, 7)), colours, difficulty)
    images += NOISE * difficulty * of_noise.standard_normal(images.shape, dtype=np.float32)
    return np.round(np.clip(images, 0, 1) * 255).astype(np.uint8), labels


SCRAPS = 5  # at most, at difficulty 1
NOISE = 0.12  # standard deviation at difficulty 1, of a range of 1


def _balanced_labels(n, classes, rng):
    rounds = -(-n // classes)
    blocks = np.stack([rng.permutation(classes) for _ in range(rounds)])
    return blocks.reshape(-1)[:n].astype(np.int64)


def _grid(size):
    """Pixel centres from -1 to 1: rows down, columns to the right, each 1×size×size."""
    along = ((np.arange(size) + 0.5) / size * 2 - 1).astype(np.float32)
    return along[None, :, None], along[None, None, :]


def _ground(chance, difficulty, size):
    """A ground that runs from one colour to another, and the colour of the shape upon it.

    The shape's colour is the ground's plus a step in a random direction of colour space, so the
    contrast is set by `difficulty` and neither colour tells the class.
    """
    rows, columns = _grid(size)
    angle = chance[:, 0] * 2 * np.pi
    slope = rows * np.sin(angle)[:, None, None] + columns * np.cos(angle)[:, None, None]
    middle = 0.3 + 0.4 * chance[:, 1:4]
    drift = (chance[:, 4:7] - 0.5) * (0.1 + 0.4 * difficulty)
    ground = middle[:, None, None, :] + slope[..., None] * drift[:, None, None, :]

    direction = chance[:, 7:10] - 0.5
    direction /= np.linalg.norm(direction, axis=1, keepdims=True) + 1e-6
    contrast = 0.75 - 0.35 * difficulty + 0.1 * chance[:, 10:11]
    return ground, middle + contrast * direction


def _with_scraps(images, chance, difficulty):
    """Round scraps of other colours, which a net must learn to overlook."""
    rows, columns = _grid(images.shape[1])
    for all_of_them in np.moveaxis(chance, 1, 0):
        there = np.flatnonzero(all_of_them[:, 5] < difficulty * 0.8)
        scrap = all_of_them[there]
        radius = 0.08 + 0.12 * scrap[:, 2]
        away = np.hypot(
            rows - (scrap[:, 0] * 2 - 1)[:, None, None],
            columns - (scrap[:, 1] * 2 - 1)[:, None, None],
        )
        cover = _cover(away - radius[:, None, None], images.shape[1])
        colour = np.stack([scrap[:, 3], scrap[:, 4], 1 - scrap[:, 3]], axis=1)
        images[there] = _paint(images[there], cover, colour)
    return images


def _with_shape(images, labels, shapes, chance, colours, difficulty):
    """The shape itself: where it sits, how large, how far turned, mirrored or not."""
    size = images.shape[1]
    rows, columns = _grid(size)
    radius = 0.62 - difficulty * 0.36 * chance[:, 0]
    reach = np.clip(1 - radius, 0, None) * (0.3 + 0.7 * min(1.0, 2 * difficulty))
    down = (chance[:, 1] * 2 - 1) * reach
    right = (chance[:, 2] * 2 - 1) * reach
    turn = (chance[:, 3] * 2 - 1) * difficulty * np.pi / 3
    mirror = np.where(chance[:, 4] < 0.5, -1.0, 1.0)

    cover = np.empty((len(labels), size, size), dtype=np.float32)
    for label, name in enumerate(shapes):
        chosen = np.flatnonzero(labels == label)
        at = (slice(None), None, None)
        y = (rows - down[chosen][at]) / radius[chosen][at]
        x = (columns - right[chosen][at]) / radius[chosen][at]
        sine, cosine = np.sin(turn[chosen])[at], np.cos(turn[chosen])[at]
        u = (cosine * x + sine * y) * mirror[chosen][at]
        v = cosine * y - sine * x
        cover[chosen] = _cover(_DISTANCE[name](u, v) * radius[chosen][at], size)
    return _paint(images, cover, colours)


def _cover(distance, size):
    """How much of a pixel lies inside: 1 inside, 0 outside, a soft edge one pixel wide."""
    return np.clip(0.5 - distance * size / 2, 0, 1).astype(np.float32)


def _paint(images, cover, colour):
    """Colours on pictures, one each; only the few pixels that are covered take any time."""
    covered = cover > 0
    share, which = cover[covered][:, None], np.nonzero(covered)[0]
    images[covered] = images[covered] * (1 - share) + colour[which] * share
    return images
