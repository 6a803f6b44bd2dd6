"""The first explorer of notebook 11: a window of the images and its column, step by step."""

from __future__ import annotations

import numpy as np

from course_utils.explorers.explorer import Explorer, explore, slider
from course_utils.plots import ACCENT

HEIGHT, WIDTH, CHANNELS = 4, 5, 2
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

    def draw(step, kernel, stride, pad):
        # A figure of its own each time: JupyterLab may move two sliders in two threads, and a
        # figure that two of them draw on comes out mixed.
        figure = Figure(figsize=(9.2, 3.9), facecolor="white")
        grid = figure.add_gridspec(2, 3, width_ratios=(1, 1, 2.6), left=0.02, right=0.985, top=0.88,
                                   bottom=0.08, wspace=0.12, hspace=0.3)  # fmt: skip
        panes = [[figure.add_subplot(grid[n, c]) for c in range(CHANNELS)] for n in range(2)]
        matrix = figure.add_subplot(grid[:, 2])
        cols, corners = columns(x, kernel, stride, pad)
        step = min(step, len(corners))
        n, top, left = corners[step - 1]
        padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
        for image, row in enumerate(panes):
            for channel, axes in enumerate(row):
                colours = np.full(padded.shape[2:], _PADDING, dtype=object)
                colours[pad : pad + HEIGHT, pad : pad + WIDTH] = _GROUND
                if image == n:
                    colours[top : top + kernel, left : left + kernel] = _WINDOW
                _numbers(axes, padded[image, channel], colours)
                axes.set_title(f"image {image}, channel {channel}", size=9)
                if image == n:
                    _outline(axes, left, top, kernel, kernel)
        colours = np.full(cols.shape, "#f4f4f4", dtype=object)
        colours[:, :step] = _GROUND
        colours[:, step - 1] = _WINDOW
        _numbers(matrix, cols, colours, until=step)
        _outline(matrix, step - 1, 0, 1, len(cols))
        for channel in range(1, CHANNELS):
            matrix.axhline(channel * kernel**2, color="#555555", lw=0.9)
        per_image = len(corners) // 2
        matrix.axvline(per_image, color="#555555", lw=0.9)
        matrix.set_title(
            f"cols, {len(cols)} × {len(corners)}: column {step - 1}, counted from 0", size=9
        )
        window = ", ".join(str(v) for v in cols[:, step - 1])
        sentence = (
            f"Column {step - 1} of {len(corners)} holds the {kernel}×{kernel} window of image {n} "
            f"at row {top - pad} and column {left - pad}, channel after channel, row after row: "
            f"{window}. Images have {x.size} numbers, cols has {cols.size}: "
            f"{cols.size / x.size:.2f} times as many."
        )
        return figure, sentence

    return explore(
        draw,
        still=[{"step": 2, "kernel": 2}, {"step": 8, "kernel": 3, "pad": 1, "stride": 2}],
        step=slider("columns filled", 1, 40, 2),
        kernel=slider("kernel size (pixels)", 1, 3, 2),
        stride=slider("stride (pixels)", 1, 2, 1),
        pad=slider("padding (pixels)", 0, 1, 0),
    )


def _numbers(axes, values, colours, until=None) -> None:
    """A grid of whole numbers on coloured squares; columns from `until` on stay empty."""
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    rows, across = values.shape
    squares = [Rectangle((c, r), 1, 1) for r in range(rows) for c in range(across)]
    axes.add_collection(
        PatchCollection(squares, facecolor=list(colours.ravel()), edgecolor="#c4c4c4", lw=0.5)
    )
    size = min(9, 190 / max(rows, across))
    for r in range(rows):
        for c in range(across if until is None else until):
            axes.text(c + 0.5, r + 0.5, str(values[r, c]), ha="center", va="center", size=size)
    axes.set(xlim=(0, across), ylim=(rows, 0), aspect="equal" if until is None else "auto")
    axes.set_axis_off()


def _outline(axes, left, top, width, height) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(
        Rectangle((left, top), width, height, fill=False, edgecolor=ACCENT, lw=2.2, clip_on=False)
    )
