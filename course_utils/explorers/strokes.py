"""Strokes that matplotlib draws fast enough for a slider. What they show is each explorer's own.

A `Text` is laid out anew whenever it is drawn, some 0.3 ms each and ten times that for mathematics,
as in a logarithmic axis's labels. Numbers as outlines and exponents as plain characters are not.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Numbers:
    """Many short texts on axes, drawn as outlines in one artist; each centred on its place.

    Parameters
    ----------
    axes : on which they stand
    size : of the letters, in points; at most 30 characters a text, in one line
    color : of all of them
    """

    def __init__(self, axes, size: float, color: str = "#1a1a1a"):
        from matplotlib.collections import PathCollection
        from matplotlib.transforms import Affine2D

        self._artist = PathCollection([], facecolors=color, linewidths=0, zorder=3)
        # Outlines are in points; the figure knows how many pixels a point has.
        self._points = Affine2D().scale(1 / 72) + axes.figure.dpi_scale_trans
        # Moved onto whole pixels, a stroke as thin as a plus sign's would vanish.
        self._artist.set_snap(False)
        axes.add_collection(self._artist, autolim=False)
        self._artist.set_offset_transform(axes.transData)
        self.resize(size)

    def resize(self, size: float) -> None:
        """Other letters, `size` points high."""
        from matplotlib.transforms import Affine2D

        self._artist.set_transform(Affine2D().scale(size / _DRAWN_AT) + self._points)

    def put(self, texts: Sequence[str], x, y) -> None:
        """Show these texts and no others, each centred on its place (x, y) in the data's units."""
        self._artist.set_paths([_outline(text) for text in texts])
        self._artist.set_offsets(np.column_stack([x, y]))


_DRAWN_AT = 10  # points


@functools.lru_cache(maxsize=1024)
def _outline(text: str):
    """The outline of a text, its width centred on 0 and a digit's height too."""
    from matplotlib.path import Path
    from matplotlib.textpath import TextPath

    path = TextPath((0, 0), text, size=_DRAWN_AT)
    width, height = path.get_extents().width, _digit_height()
    middle = np.array([path.get_extents().x0 + width / 2, height / 2])
    return Path(path.vertices - middle, path.codes)


@functools.lru_cache(maxsize=1)
def _digit_height() -> float:
    from matplotlib.textpath import TextPath

    return TextPath((0, 0), "0", size=_DRAWN_AT).get_extents().height


def powers_of_ten(axis) -> None:
    """Label a logarithmic axis 10⁻³, 10⁰, ... in plain characters, and only whole powers."""
    from matplotlib.ticker import FuncFormatter, NullLocator

    def label(value: float, place: int | None = None) -> str:
        return f"10{str(round(np.log10(value))).translate(_RAISED)}"

    axis.set_major_formatter(FuncFormatter(label))
    axis.set_minor_locator(NullLocator())
