"""A reader's own prediction, drawn into the plot that answers it. What was predicted is kept in
`predictions`."""

from __future__ import annotations

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
    _write(axes, words, place, axis, _is_high(place, view(), log))
    figure.course_alt = f"{getattr(figure, 'course_alt', '')} Your prediction: {value:.4g}.".strip()
    return figure


def _is_high(place: float, ends, log: bool) -> bool:
    """Whether a place is in the upper or right half of an axis."""
    place, low, high = np.log10((place, *ends)) if log else (place, *ends)
    return place > (low + high) / 2


def _write(axes, words: str, place: float, axis: str, high: bool) -> None:
    """The number beside its line, on the side towards the middle of the picture."""
    if axis == "y":
        where, across = (0, place), axes.get_yaxis_transform()
        offset, sides = (5, -4 if high else 4), {"ha": "left", "va": "top" if high else "bottom"}
    else:
        where, across = (place, 1), axes.get_xaxis_transform()
        offset, sides = (-4 if high else 4, -3), {"ha": "right" if high else "left", "va": "top"}
    axes.annotate(
        words, where, offset, xycoords=across, textcoords="offset points", color=COLOUR, size=9,
        zorder=4, gid="prediction", **sides,
        bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.5},
    )  # fmt: skip
