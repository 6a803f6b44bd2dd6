"""The second explorer of notebook 11: one tile of F(2×2, 3×3), and the lecture's three matrices."""

from __future__ import annotations

import numpy as np

from course_utils.explorers.explorer import Explorer, choice, explore, slider
from course_utils.explorers.strokes import Numbers
from course_utils.plots import ACCENT

# Lavin & Gray 2015, "Fast Algorithms for Convolutional Neural Networks", section 4.1.
BT = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]], dtype=float)
G = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]], dtype=float)
AT = np.array([[1, 1, 1, 0], [0, 1, -1, -1]], dtype=float)

FILTERS = {
    "vertical edges": np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]], dtype=float),
    "sharpen": np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], dtype=float),
    "one corner": np.array([[1, 0, 0], [0, 0, 0], [0, 0, 0]], dtype=float),
}
SIZE = 8  # pixels a side: 6×6 outputs, 3×3 tiles


def picture(seed: int = 4) -> np.ndarray:
    """A small image, SIZE×SIZE, of the whole numbers 0 to 9."""
    return np.random.default_rng(seed).integers(0, 10, (SIZE, SIZE)).astype(float)


def tile_steps(image: np.ndarray, kernel: np.ndarray, row: int, column: int) -> dict:
    """What happens to one tile: its data, the two transforms, their product, its outputs."""
    data = image[2 * row : 2 * row + 4, 2 * column : 2 * column + 4]
    filter_, transformed = G @ kernel @ G.T, BT @ data @ BT.T
    product = filter_ * transformed
    return {"data": data, "filter": filter_, "transformed": transformed, "product": product,
            "outputs": AT @ product @ AT.T}  # fmt: skip


def winograd_explorer() -> Explorer:
    """Choose a tile: what it reads, what the transforms make of it, which outputs it gives."""
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    image = picture()
    figure = Figure(figsize=(9.6, 4.6), facecolor="white")
    grid = figure.add_gridspec(
        2, 6, width_ratios=(1, 1, 1, 1.35, 1.35, 1.35), left=0.01, right=0.99, top=0.92,
        bottom=0.02, wspace=0.2, hspace=0.2,
    )  # fmt: skip
    whole = _Heat(figure.add_subplot(grid[:, :3]), "image: this tile, and the two after it", SIZE)
    panes = {
        "filter": _Heat(figure.add_subplot(grid[0, 3]), "G g Gᵀ", 4),
        "transformed": _Heat(figure.add_subplot(grid[0, 4]), "Bᵀ d B", 4),
        "product": _Heat(figure.add_subplot(grid[0, 5]), "product M", 4),
    }
    taps = _Heat(figure.add_subplot(grid[1, 3]), "filter g", 3)
    result = _Heat(figure.add_subplot(grid[1, 4:]), "outputs: Aᵀ M A here", SIZE - 2)
    whole.put(image)
    tiles = [
        whole.axes.add_patch(Rectangle((0, 0), 4, 4, fill=False, ls=dash, lw=wide, edgecolor=ink,
                                       clip_on=False))
        for dash, wide, ink in (("--", 1.6, "#1a1a1a"), (":", 1.6, "#1a1a1a"), ("-", 3.0, ACCENT))
    ]  # fmt: skip
    given = result.axes.add_patch(
        Rectangle((0, 0), 2, 2, fill=False, lw=3.0, edgecolor=ACCENT, clip_on=False)
    )

    def draw(row, column, kernel):
        steps = tile_steps(image, FILTERS[kernel], row, column)
        outputs = np.block(
            [[tile_steps(image, FILTERS[kernel], r, c)["outputs"] for c in range(3)]
             for r in range(3)]
        )  # fmt: skip
        places = (row, column + 1), (row + 1, column), (row, column)
        for tile, (r, c) in zip(tiles, places, strict=True):
            tile.set_xy((2 * c, 2 * r))
            tile.set_visible(r < 3 and c < 3)
        for name, pane in panes.items():
            pane.put(steps[name])
        taps.put(FILTERS[kernel])
        result.put(outputs)
        given.set_xy((2 * column, 2 * row))
        here = ", ".join(f"{v:g}" for v in steps["outputs"].ravel())
        beside = [name for name, more in (("right", column < 2), ("below", row < 2)) if more]
        shared = f" It shares two of four with the next tile {' and '.join(beside)}."
        sentence = (
            f"The tile reads rows {2 * row} to {2 * row + 3} and columns {2 * column} to "
            f"{2 * column + 3}.{shared if beside else ''} Its 16 products give the outputs {here}; "
            f"directly they would take 36. All nine tiles: 144 products, directly 324."
        )
        return figure, sentence

    return explore(
        draw,
        still=[{"row": 0, "column": 0}, {"row": 1, "column": 2, "kernel": "sharpen"}],
        row=slider("row of the tile", 0, 2, 0),
        column=slider("column of the tile", 0, 2, 0),
        kernel=choice("filter", tuple(FILTERS)),
    )


class _Heat:
    """A square of numbers, `side` a side, on greys that say how far from zero they are."""

    def __init__(self, axes, title: str, side: int):
        self.axes = axes
        self._greys = axes.imshow(np.zeros((side, side)), cmap="Greys", vmin=0, vmax=2.6,
                                  extent=(0, side, side, 0))  # fmt: skip
        self._numbers = Numbers(axes, 8 if side == 4 else 10)
        self._middles = np.mgrid[:side, :side].reshape(2, -1) + 0.5
        axes.set_title(title, size=9)
        axes.set_axis_off()

    def put(self, values: np.ndarray) -> None:
        self._greys.set_data(np.abs(values) / max(np.abs(values).max(), 1e-9))
        rows, columns = self._middles
        self._numbers.put([f"{value + 0:.3g}" for value in values.ravel()], columns, rows)
