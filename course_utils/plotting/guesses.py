"""A reader's own prediction, drawn into the plot that answers it. What was predicted is kept in
`predictions`."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOUR = "#7a4300"  # 8:1 on white, as dark in grey as the greys that lines have
# A guess further out than so many lengths of the axis would squash what was measured.
FAR = 1.0


def mark(figure: Figure, value: float, axis: str = "y") -> Figure:
    """A dotted line across the figure's first axes where the prediction lies, with its number.

    Parameters
    ----------
    axis : "y" for a quantity that is read upwards, "x" for one along the bottom

    Where it lies far outside the picture, or nowhere on a logarithmic axis, the number stands at
    the edge and says so.
    """
    axes = figure.axes[0]
    scale = axes.get_yscale() if axis == "y" else axes.get_xscale()
    view, put = (axes.get_ylim, axes.set_ylim) if axis == "y" else (axes.get_xlim, axes.set_xlim)
    low, high = view()
    log = scale == "log"
    at = np.log10(value) if log and value > 0 else value
    ends = (np.log10(low), np.log10(high)) if log else (low, high)
    length = ends[1] - ends[0]
    beyond = (log and value <= 0) or not ends[0] - FAR * length <= at <= ends[1] + FAR * length
    words = f"your prediction: {value:.4g}"
    if beyond:
        above = not (log and value <= 0) and at > ends[1]
        place, words = (high if above else low), f"{words}, outside this picture"
    else:
        place = value
        new = min(ends[0], at - 0.04 * length), max(ends[1], at + 0.04 * length)
        if not ends[0] <= at <= ends[1]:
            put(*(10.0**end for end in new)) if log else put(*new)
        line = axes.axhline if axis == "y" else axes.axvline
        line(value, color=COLOUR, ls=":", lw=1.4, zorder=1.5, gid="prediction")
    _write(axes, words, place, axis)
    figure.course_alt = f"{getattr(figure, 'course_alt', '')} Your prediction: {value:.4g}.".strip()
    return figure


def _write(axes, words: str, place: float, axis: str) -> None:
    """The number beside its line, inside the picture, where it hides least."""
    across = axes.get_yaxis_transform() if axis == "y" else axes.get_xaxis_transform()
    label = axes.annotate(
        words, (0, 0), (0, 0), xycoords=across, textcoords="offset points", color=COLOUR, size=9,
        zorder=4, gid="prediction",
        bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.5},
    )  # fmt: skip
    label.set_in_layout(False)
    _put(label, place, axis, True, True)
    axes.figure.draw_without_rendering()  # so that sizes are final
    drawn, inside = _drawn(axes), axes.get_window_extent()

    def cost(at: tuple) -> tuple[float, int]:
        _put(label, place, axis, *at)
        box = label.get_window_extent()
        outside = not (inside.x0 <= box.x0 and box.x1 <= inside.x1
                       and inside.y0 - 1 <= box.y0 and box.y1 <= inside.y1 + 1)  # fmt: skip
        x, y = drawn.T
        return outside, int(np.sum((box.x0 < x) & (x < box.x1) & (box.y0 < y) & (y < box.y1)))

    # The first of those that hide the same: at the beginning of the line, above it or to its right.
    _put(label, place, axis, *min(itertools.product((True, False), repeat=2), key=cost))


def _put(label, place: float, axis: str, begins: bool, after: bool) -> None:
    """At the line's beginning or end (the left or the top comes first), on its one side or the
    other."""
    if axis == "y":
        label.xy = (0 if begins else 1, place)
        label.set(position=(5 if begins else -5, 4 if after else -4),
                  ha="left" if begins else "right", va="bottom" if after else "top")  # fmt: skip
    else:
        label.xy = (place, 1 if begins else 0)
        label.set(position=(4 if after else -4, -3 if begins else 3),
                  ha="left" if after else "right", va="top" if begins else "bottom")  # fmt: skip


def _drawn(axes) -> np.ndarray:
    """Places where something is drawn, n×2 in pixels: along lines, at points, in words."""
    found = [np.empty((0, 2))]
    for line in axes.get_lines():
        if line.get_gid() != "prediction":
            path = line.get_transform().transform(line.get_xydata())
            found += [np.linspace(a, b, 40) for a, b in itertools.pairwise(path)] or [path]
    for points in axes.collections:
        found.append(points.get_offset_transform().transform(points.get_offsets()))
    for text in axes.texts:
        if text.get_text() and text.get_gid() != "prediction":
            box = text.get_window_extent()
            grid = np.meshgrid(np.linspace(box.x0, box.x1, 12), np.linspace(box.y0, box.y1, 4))
            found.append(np.stack([each.ravel() for each in grid], axis=1))
    every = np.concatenate([np.ma.filled(each, np.nan) for each in found])
    return every[np.isfinite(every).all(axis=1)]
