"""The first explorer of notebook 11: a window of the images and its column, step by step."""

from __future__ import annotations

import numpy as np

from course_utils.explorers.explorer import Explorer, explore, slider
from course_utils.explorers.strokes import Numbers
from course_utils.plots import ACCENT

HEIGHT, WIDTH, CHANNELS = 4, 5, 2
MOST = 2 * (HEIGHT + 2) * (WIDTH + 2)  # columns, of a 1×1 kernel over the widest padding
_GROUND, _PADDING, _WINDOW = "#ffffff", "#d9d9d9", "#b9d7ee"


def images(seed: int = 11) -> np.ndarray:
    """Two small images, (2, CHANNELS, HEIGHT, WIDTH), of the whole numbers 1 to 9."""
    return np.random.default_rng(seed).integers(1, 10, (2, CHANNELS, HEIGHT, WIDTH))


def columns(x: np.ndarray, kernel: int, stride: int, pad: int):
    """Columns in the order (n, oh, ow), rows (c, i, j), and where each window's corner lies.

    Returns
    -------
    cols : (C·kernel², windows)
    corners : list of (image, row, column) in the padded images, one a column
    """
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    down = range(0, x.shape[2] - kernel + 1, stride)
    across = range(0, x.shape[3] - kernel + 1, stride)
    corners = [(n, h, w) for n in range(len(x)) for h in down for w in across]
    cols = [x[n, :, h : h + kernel, w : w + kernel].ravel() for n, h, w in corners]
    return np.array(cols).T, corners


def im2col_explorer() -> Explorer:
    """Step through the columns: on the left the window, on the right the matrix that it fills."""
    from matplotlib.figure import Figure

    x = images()

    figure = Figure(figsize=(9.2, 3.9), facecolor="white")
    grid = figure.add_gridspec(2, 3, width_ratios=(1, 1, 2.6), left=0.02, right=0.985, top=0.88,
                               bottom=0.08, wspace=0.12, hspace=0.3)  # fmt: skip
    panes = [[_Squares(figure.add_subplot(grid[n, c]), "equal") for c in range(CHANNELS)]
             for n in range(2)]  # fmt: skip
    matrix = _Squares(figure.add_subplot(grid[:, 2]), "auto")
    borders = [matrix.axes.axhline(color="#555555", lw=0.9) for _ in range(CHANNELS - 1)]
    border = matrix.axes.axvline(color="#555555", lw=0.9)

    def draw(step, kernel, stride, pad):
        cols, corners = columns(x, kernel, stride, pad)
        step = min(step, len(corners))
        n, top, left = corners[step - 1]
        padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
        for image, row in enumerate(panes):
            for channel, pane in enumerate(row):
                colours = np.full(padded.shape[2:], _PADDING, dtype=object)
                colours[pad : pad + HEIGHT, pad : pad + WIDTH] = _GROUND
                if image == n:
                    colours[top : top + kernel, left : left + kernel] = _WINDOW
                pane.put(padded[image, channel], colours)
                pane.axes.set_title(f"image {image}, channel {channel}", size=9)
                pane.outline((left, top, kernel, kernel) if image == n else None)
        colours = np.full(cols.shape, "#f4f4f4", dtype=object)
        colours[:, :step] = _GROUND
        colours[:, step - 1] = _WINDOW
        matrix.put(cols, colours, until=step)
        matrix.outline((step - 1, 0, 1, len(cols)))
        for channel, line in enumerate(borders, 1):
            line.set_ydata([channel * kernel**2] * 2)
        border.set_xdata([len(corners) // 2] * 2)
        matrix.axes.set_title(
            f"cols, {len(cols)} × {len(corners)}: column {step - 1}, counted from 0", size=9
        )
        window = ", ".join(str(v) for v in cols[:, step - 1])
        done = "All columns are filled. " if step == len(corners) else ""
        sentence = (
            f"{done}Column {step - 1} of {len(corners)} holds the {kernel}×{kernel} window of "
            f"image {n} at row {top - pad} and column {left - pad}, channel after channel, row "
            f"after row: {window}. Images have {x.size} numbers, cols has {cols.size}: "
            f"{cols.size / x.size:.2f} times as many."
        )
        return figure, sentence

    return explore(
        draw,
        still=[{"step": 2, "kernel": 2}, {"step": 8, "kernel": 3, "pad": 1, "stride": 2}],
        step=slider("columns filled", 1, MOST, 2),
        kernel=slider("kernel size (pixels)", 1, 3, 2),
        stride=slider("stride (pixels)", 1, 2, 1),
        pad=slider("padding (pixels)", 0, 1, 0),
    )


class _Squares:
    """A grid of whole numbers on coloured squares, of any size, with one outline around some."""

    def __init__(self, axes, aspect: str):
        from matplotlib.collections import PolyCollection
        from matplotlib.patches import Rectangle

        self.axes = axes
        self._squares = PolyCollection([], edgecolor="#c4c4c4", lw=0.5)
        axes.add_collection(self._squares, autolim=False)
        self._numbers = Numbers(axes, 9)
        self._outline = axes.add_patch(
            Rectangle((0, 0), 1, 1, fill=False, edgecolor=ACCENT, lw=2.2, clip_on=False, zorder=4)
        )
        axes.set_aspect(aspect)
        axes.set_axis_off()

    def put(self, values: np.ndarray, colours: np.ndarray, until: int | None = None) -> None:
        """Show these; columns from `until` on stay without numbers."""
        rows, across = values.shape
        r, c = np.mgrid[:rows, :across].reshape(2, -1)
        corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)])
        self._squares.set_verts(np.column_stack([c, r])[:, None] + corners)
        self._squares.set_facecolor(list(colours.ravel()))
        self._numbers.resize(min(9, 190 / max(rows, across)))
        shown = c < (across if until is None else until)
        self._numbers.put([str(v) for v in values.ravel()[shown]], c[shown] + 0.5, r[shown] + 0.5)
        self.axes.set(xlim=(0, across), ylim=(rows, 0))

    def outline(self, bounds: tuple | None) -> None:
        """Around (left, top, width, height), or around nothing."""
        self._outline.set_visible(bounds is not None)
        if bounds is not None:
            self._outline.set_bounds(*bounds)
