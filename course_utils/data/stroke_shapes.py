"""Further shapes for `colour_shapes`, drawn with a pen. Nothing is painted here.

They come in two lists that share no shape, so that a net can learn one and meet the other later.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

PEN = 0.15  # half the width of a stroke, in units where a shape fills about [-1, 1]²


def _circle(x: float, y: float, radius: float, corners: int = 12) -> list[tuple[float, float]]:
    turns = np.linspace(0, 2 * np.pi, corners + 1)
    return [(x + radius * np.cos(t), y + radius * np.sin(t)) for t in turns]


_BOX = [(-0.7, -0.7), (0.7, -0.7), (0.7, 0.7), (-0.7, 0.7), (-0.7, -0.7)]

# Each shape is a list of strokes, each stroke a list of corners (right, down). No two are turned or
# mirrored versions of each other within the angles that `colour_shapes` draws.
_SOURCE = {
    "letter T": [[(-0.8, -0.8), (0.8, -0.8)], [(0, -0.8), (0, 0.85)]],
    "letter H": [[(-0.6, -0.8), (-0.6, 0.8)], [(0.6, -0.8), (0.6, 0.8)], [(-0.6, 0), (0.6, 0)]],
    "letter E": [[(0.6, -0.8), (-0.6, -0.8), (-0.6, 0.8), (0.6, 0.8)], [(-0.6, 0), (0.5, 0)]],
    "letter F": [[(0.6, -0.8), (-0.6, -0.8), (-0.6, 0.85)], [(-0.6, 0), (0.5, 0)]],
    "letter Z": [[(-0.7, -0.75), (0.7, -0.75), (-0.7, 0.75), (0.7, 0.75)]],
    "letter N": [[(-0.6, 0.8), (-0.6, -0.8), (0.6, 0.8), (0.6, -0.8)]],
    "letter K": [[(-0.6, -0.8), (-0.6, 0.8)], [(0.6, -0.8), (-0.6, 0), (0.6, 0.8)]],
    "letter A": [[(-0.75, 0.8), (0, -0.8), (0.75, 0.8)], [(-0.4, 0.25), (0.4, 0.25)]],
    "letter Y": [[(-0.7, -0.8), (0, 0), (0.7, -0.8)], [(0, 0), (0, 0.85)]],
    "letter V": [[(-0.75, -0.8), (0, 0.8), (0.75, -0.8)]],
    "letter P": [[(-0.5, 0.85), (-0.5, -0.8), (0.55, -0.8), (0.55, 0.05), (-0.5, 0.05)]],
    "letter M": [[(-0.75, 0.8), (-0.75, -0.8), (0, 0.2), (0.75, -0.8), (0.75, 0.8)]],
    "letter U": [[(-0.65, -0.8), (-0.65, 0.75), (0.65, 0.75), (0.65, -0.8)]],
    "letter X": [[(-0.7, -0.75), (0.7, 0.75)], [(0.7, -0.75), (-0.7, 0.75)]],
    "hourglass": [[(-0.7, -0.75), (0.7, -0.75), (-0.7, 0.75), (0.7, 0.75), (-0.7, -0.75)]],
    "house": [[(-0.6, -0.1), (-0.6, 0.8), (0.6, 0.8), (0.6, -0.1), (0, -0.85), (-0.6, -0.1)]],
    "fork": [[(-0.65, -0.8), (-0.65, 0), (0.65, 0), (0.65, -0.8)], [(0, -0.8), (0, 0.85)]],
    "slashed box": [_BOX, [(-0.7, 0.7), (0.7, -0.7)]],
    "diamond": [[(0, -0.85), (0.7, 0), (0, 0.85), (-0.7, 0), (0, -0.85)]],
    "window": [_BOX, [(0, -0.7), (0, 0.7)], [(-0.7, 0), (0.7, 0)]],
}
_HELD_OUT = {
    "key": [_circle(0, -0.45, 0.38), [(0, -0.05), (0, 0.85), (0.45, 0.85)],
            [(0, 0.45), (0.4, 0.45)]],
    "flag": [[(-0.55, 0.9), (-0.55, -0.85), (0.65, -0.45), (-0.55, -0.05)]],
    "glasses": [_circle(-0.52, 0, 0.36), _circle(0.52, 0, 0.36)],
    "tree": [[(0, -0.85), (0.65, 0.3), (-0.65, 0.3), (0, -0.85)], [(0, 0.3), (0, 0.9)]],
    "cup": [[(-0.7, -0.6), (-0.7, 0.65), (0.3, 0.65), (0.3, -0.6)],
            [(0.3, -0.35), (0.8, -0.35), (0.8, 0.3), (0.3, 0.3)]],
    "hash": [[(-0.35, -0.8), (-0.35, 0.8)], [(0.35, -0.8), (0.35, 0.8)],
             [(-0.8, -0.35), (0.8, -0.35)], [(-0.8, 0.35), (0.8, 0.35)]],
    "stairs": [[(-0.8, 0.75), (-0.8, 0.25), (-0.25, 0.25), (-0.25, -0.25), (0.3, -0.25),
                (0.3, -0.75), (0.8, -0.75)]],
    "spiral": [[(0, 0.05), (0.3, 0.05), (0.3, -0.35), (-0.3, -0.35), (-0.3, 0.45), (0.75, 0.45),
                (0.75, -0.8), (-0.75, -0.8), (-0.75, 0.8)]],
}  # fmt: skip

SOURCE_STROKES, HELD_OUT_SHAPES = tuple(_SOURCE), tuple(_HELD_OUT)


def _distance(strokes, u, v):
    nearest = None
    for stroke in strokes:
        for (x, y), (to_x, to_y) in zip(stroke, stroke[1:], strict=False):
            along_x, along_y = to_x - x, to_y - y
            share = ((u - x) * along_x + (v - y) * along_y) / (along_x**2 + along_y**2)
            share = np.clip(share, 0, 1)
            away = np.hypot(u - x - share * along_x, v - y - share * along_y)
            nearest = away if nearest is None else np.minimum(nearest, away)
    return nearest - PEN


# Signed distances, negative inside, as those in `shapes`.
STROKE_DISTANCE: dict[str, Callable] = {
    name: functools.partial(_distance, strokes)
    for name, strokes in (_SOURCE | _HELD_OUT).items()
}
