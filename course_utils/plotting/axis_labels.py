"""What is written at a picture's axes and lines: few places, plain numbers, names at line ends.

What is drawn, and in which style, is in `plots`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure


EARLY = 12.0  # points: a line that ends so far before the others is one that stopped
LETTER = 6.0  # points that a digit takes, with a little room, at the style's size


def mark_few(axes, places: np.ndarray) -> None:
    """Where a logarithmic axis has few values, write just these: its own marks would crowd.

    Where two numbers would touch, the one further left is left out; its mark stays.
    """
    from matplotlib.ticker import NullLocator

    if len(places) <= 8 and places[0] > 0 and np.all(places[1:] / places[:-1] > 1.5):
        texts = [_short(place) for place in places]
        length = 72 * axes.figure.get_figwidth() * 0.75  # about what names and margins leave
        at = length * np.log10(places / places[0]) / max(np.log10(places[-1] / places[0]), 1e-9)
        free = np.inf
        for i in reversed(range(len(places))):
            half = LETTER * len(texts[i]) / 2
            if at[i] + half > free:
                texts[i] = ""
            else:
                free = at[i] - half
        axes.set_xticks(places, texts)
        # Not the axis's own minorticks_off: matplotlib has it since 3.9.
        axes.xaxis.set_minor_locator(NullLocator())


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _short(value: float) -> str:
    """A number as people write it: 400000, 1.6·10⁷."""
    digits, _, power = f"{value:g}".partition("e")
    return f"{digits}·10{str(int(power)).translate(_RAISED)}" if power else digits


# Leading digits that are written on an axis of at least so many powers of ten; none may touch.
_WRITTEN = ((2.0, "1"), (1.0, "125"), (0.5, "12357"), (0.0, "123456789"))


def write_plainly(axis) -> None:
    """Plain numbers, few enough to read, on a logarithmic axis of less than four powers of ten."""
    from matplotlib.ticker import FixedLocator, FuncFormatter

    if isinstance(axis.get_major_locator(), FixedLocator):
        return  # whose numbers were chosen
    low, high = axis.get_view_interval()
    if not 0 < low < high < 10_000 * low or not 1e-4 < low < high < 1e5:
        return
    span = np.log10(high / low)
    digits = next(digits for least, digits in _WRITTEN if span >= least)

    def plain(value: float, _=None) -> str:
        return f"{value:g}" if f"{value:.6e}"[0] in digits else ""

    axis.set_major_formatter(FuncFormatter(plain))
    axis.set_minor_formatter(FuncFormatter(plain))


def name_line_ends(figure: Figure, axes, accent: str) -> None:
    """Write each line's name to the right of all lines, at the height of its end, moved apart where
    names would overlap.

    A line that ends before the others gets a dot there: its name stands where no line runs. The
    name of a line in the colour `accent` has that colour too.
    """
    ends = []
    for line in axes.get_lines():
        x, y = np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)
        drawable = np.isfinite(x) & np.isfinite(y)
        if axes.get_yscale() == "log":
            drawable &= y > 0
        if drawable.any():
            last = np.flatnonzero(drawable)[-1]
            ends.append((line, x[last], y[last]))
    if not ends:
        return
    figure.draw_without_rendering()  # the layout decides where the ends are in points
    to_points = 72 / figure.dpi
    heights = [axes.transData.transform((x, y))[1] * to_points for _, x, y in ends]
    across = [axes.transData.transform((x, y))[0] * to_points for _, x, y in ends]
    furthest = int(np.argmax(across))
    # Where ends meet a name has moved away from its line, so it carries a piece of it.
    piece = 27 if len(ends) > 1 else 0
    for i, height in zip(np.argsort(heights), _apart(sorted(heights), 12.0), strict=True):
        line, x, y = ends[i]
        if across[furthest] - across[i] > EARLY:
            axes.plot(x, y, "o", color=line.get_color(), ms=4, zorder=line.get_zorder(),
                      label="_end")  # fmt: skip
            x = ends[furthest][1]
        axes.annotate(
            line.get_label(), (x, y), (6 + piece, height - heights[i]), textcoords="offset points",
            color=accent if line.get_color() == accent else "#222222", va="center",
            annotation_clip=False,
        )  # fmt: skip
        if piece:
            figure.add_artist(_piece_of(line, figure, axes, (x, y), height - heights[i], piece - 5))


def _piece_of(line, figure: Figure, axes, end, up: float, length: float):
    """A short piece of a line, so many points right of its end and `up`."""
    from matplotlib.lines import Line2D
    from matplotlib.transforms import Affine2D, ScaledTranslation

    piece = Line2D([6, 6 + length], [up, up])
    piece.update_from(line)  # its dashes, too
    points = Affine2D().scale(1 / 72) + figure.dpi_scale_trans
    piece.set(transform=points + ScaledTranslation(*end, axes.transData), clip_on=False, marker="")
    return piece


def _apart(heights: list[float], gap: float) -> list[float]:
    """Sorted heights moved as little as need be so that neighbours are `gap` apart."""
    groups: list[list[float]] = []  # each: sum of wished-for starts, how many
    for i, height in enumerate(heights):
        groups.append([height - i * gap, 1])
        while len(groups) > 1 and groups[-2][0] / groups[-2][1] > groups[-1][0] / groups[-1][1]:
            total, count = groups.pop()
            groups[-1][0] += total
            groups[-1][1] += count
    starts = [total / count for total, count in groups for _ in range(int(count))]
    return [start + i * gap for i, start in enumerate(starts)]
