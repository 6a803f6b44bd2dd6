"""The style that all the course's pictures share, and the empty figures they begin with.

What is drawn on them is in `plots`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ACCENT = "#0b66b3"  # 5.9:1 on white, and as dark as #606060 in grey
GREYS = ("#1a1a1a", "#6b6b6b", "#9a9a9a", "#444444", "#848484")
DASHES = ("-", (0, (5, 2)), (0, (1, 1.4)), (0, (7, 2, 1, 2)), (0, (3, 1, 1, 1, 1, 1)))

# Marks that differ in outline, each with the size at which it looks as large as the others.
MARKS = {"o": 38, "D": 34, "*": 130, "^": 46, "s": 36}

STYLE = {
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "axes.facecolor": "white",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#555555",
    "axes.labelcolor": "#222222",
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.axisbelow": True,
    "grid.color": "#e3e3e3",
    "text.color": "#222222",
    "xtick.color": "#444444",
    "ytick.color": "#444444",
    "font.size": 10,
    "lines.linewidth": 1.8,
    "image.cmap": "Greys",
}


def style():
    import matplotlib

    return matplotlib.rc_context(STYLE)


def empty(size, rows: int | None = None, columns: int | None = None):
    # Not pyplot: it keeps every figure alive and would display it a second time.
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    if rows is None:
        return figure, figure.subplots()
    return figure, figure.subplots(rows, columns, squeeze=False)


def described(figure: Figure, alt: str) -> Figure:
    figure.course_alt = alt
    return figure


def label(axes, xlabel: str, ylabel: str, title: str, log: str) -> None:
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    axes.set_title(title)
    if "x" in log:
        axes.set_xscale("log")
    if "y" in log:
        axes.set_yscale("log")


def outline(axes, across: tuple[float, float], up: tuple[float, float]) -> None:
    """A dashed frame from the lowest to the highest value along both axes."""
    (left, right), (bottom, top) = across, up
    axes.plot(
        [left, right, right, left, left], [bottom, bottom, top, top, bottom], color="#6b6b6b",
        ls=(0, (5, 3)), lw=1, zorder=0.5, label="_frame",
    )  # fmt: skip
