"""The explorer of notebook 10: a kernel that slides over a picture. Nothing is learned here."""

from __future__ import annotations

import functools

import numpy as np

from course_utils.explorers.explorer import Explorer, choice, explore, slider, switch, typed
from course_utils.explorers.strokes import Numbers
from course_utils.plots import ACCENT, STYLE

SIGNED = 16  # the largest output with a sign in each strong place
LONGEST = 7  # rows and columns of a typed kernel

KERNELS = {
    "edge, upright": [[1, 0, -1], [2, 0, -2], [1, 0, -1]],
    "edge, lying": [[1, 2, 1], [0, 0, 0], [-1, -2, -1]],
    "corner": [[0, -1, -1], [1, 0, -1], [1, 1, 0]],
    "blur": [[1, 2, 1], [2, 4, 2], [1, 2, 1]],
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "point (Laplace)": [[0, -1, 0], [-1, 4, -1], [0, -1, 0]],
    "shift to the left": [[0, 0, 0], [0, 0, 1], [0, 0, 0]],
    "identity": [[1]],
}
TYPED = "the typed one"


def parse(text: str) -> np.ndarray:
    """A kernel from text such as ``"1 0 -1; 2 0 -2"``, rows parted by semicolons.

    Raises ValueError with a sentence for whoever typed it.
    """
    rows = [row.replace(",", " ").split() for row in text.split(";") if row.strip()]
    try:
        kernel = [[float(number) for number in row] for row in rows]
    except ValueError:
        raise ValueError(
            "The typed kernel has something in it that is no number; write it like 1 0 -1; 2 0 -2."
        ) from None
    if not kernel or len({len(row) for row in kernel}) != 1:
        raise ValueError("The typed kernel needs rows of one length; write it like 1 0 -1; 2 0 -2.")
    if max(len(kernel), len(kernel[0])) > LONGEST:
        raise ValueError(f"The typed kernel may have up to {LONGEST} rows and columns.")
    if not np.isfinite(kernel).all():
        raise ValueError("The typed kernel has a number that is not finite.")
    return np.array(kernel)


def slide(x: np.ndarray, kernel: np.ndarray, stride: int, pad: int, dilation: int):
    """(padded picture, output) of a cross-correlation; the output is empty where nothing fits."""
    big = np.pad(x, pad)
    span = [dilation * (side - 1) + 1 for side in kernel.shape]
    rows, columns = (
        max(0, (side - length) // stride + 1) for side, length in zip(big.shape, span, strict=True)
    )
    out = np.zeros((rows, columns))
    if out.size:
        for (u, v), weight in np.ndenumerate(kernel):
            top, left = u * dilation, v * dilation
            out += weight * big[
                top : top + stride * (rows - 1) + 1 : stride,
                left : left + stride * (columns - 1) + 1 : stride,
            ]
    return big, out


@functools.lru_cache(maxsize=1)
def pictures() -> dict[str, np.ndarray]:
    """Small grey pictures, 0 black to 1 white, by name."""
    from course_utils.datasets import digits

    data = digits()
    written = {}
    for digit in (2, 7):
        of_its_kind = data.train_x[data.train_y == digit, 0]
        # The one that is most like all others of its kind.
        written[f"handwritten {digit}"] = of_its_kind[
            np.abs(of_its_kind - of_its_kind.mean(0)).sum((1, 2)).argmin()
        ].astype(float)
    square, point, stripes = np.zeros((12, 12)), np.zeros((9, 9)), np.zeros((12, 12))
    square[3:9, 3:9] = 1
    point[4, 4] = 1
    stripes[:, ::4] = stripes[:, 1::4] = 1
    return written | {"square": square, "one bright point": point, "stripes": stripes}


def explore_convolution() -> Explorer:
    """On the left the padded picture with a window, then the kernel, on the right the output."""
    import matplotlib
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    # rc_context: the style belongs to this figure, not to the notebook's own plots.
    with matplotlib.rc_context(STYLE | {"axes.grid": False}):
        figure = Figure(figsize=(8.4, 3.1))
        left, middle, right = figure.subplots(1, 3, gridspec_kw={"width_ratios": [1.2, 0.8, 1.2]})
        figure.subplots_adjust(left=0.05, right=0.99, top=0.86, bottom=0.16, wspace=0.25)
        seen = left.imshow(np.zeros((2, 2)), cmap="gray", vmin=0, vmax=1)
        weights = middle.imshow(np.zeros((2, 2)), cmap="PuOr", vmin=-1, vmax=1)
        made = right.imshow(np.zeros((2, 2)), cmap="PuOr", vmin=-1, vmax=1)
        marks = [Rectangle((0, 0), 1, 1, fill=False, ec=ACCENT, lw=2.2) for _ in range(2)]
        border = Rectangle((0, 0), 1, 1, fill=False, ec="#8a8a8a", lw=1.2, ls="--")
        left.add_patch(border)
        left.add_patch(marks[0])
        right.add_patch(marks[1])
        (used,) = left.plot([], [], ".", color=ACCENT, ms=5)
        middle.set_title("kernel")
        # In grey, and to some eyes, the two hues are equally dark.
        right.set_xlabel("purple, +: above 0; orange, −: below", size=8)
        signs = {False: Numbers(right, 10), True: Numbers(right, 10, "white")}  # on light, on dark
        for axes in (left, middle, right):
            axes.tick_params(labelsize=8)
            axes.locator_params(integer=True, nbins=6)

    def draw(picture, kernel, text, turned, stride, pad, dilation, place):
        try:
            k = parse(text) if kernel == TYPED else np.array(KERNELS[kernel], float)
            problem = ""
        except ValueError as error:
            k, problem = np.zeros((1, 1)), f"{error} Until then the kernel is 0. "
        k = k[::-1, ::-1] if turned else k
        x = pictures()[picture]
        big, out = slide(x, k, stride, pad, dilation)
        _put(left, seen, big)
        _put(middle, weights, k, symmetric=True)
        for number in list(middle.texts):
            number.remove()
        for (row, column), weight in np.ndenumerate(k):
            strong = abs(weight) > 0.6 * np.abs(k).max()
            middle.text(column, row, f"{weight:.3g}", ha="center", va="center", size=8,
                        color="white" if strong else "#1a1a1a")  # fmt: skip
        border.set_bounds(pad - 0.5, pad - 0.5, x.shape[1], x.shape[0])
        border.set_visible(pad > 0)
        fits = out.size > 0
        for artist in (*marks, used, made):
            artist.set_visible(fits)
        size = f"{big.shape[0]}×{big.shape[1]}"
        left.set_title(f"picture with padding, {size}" if pad else f"picture, {size}")
        if not fits:
            right.set_title("no output")
            for one in signs.values():
                one.put([], [], [])
            return figure, (
                f"{problem}A {k.shape[0]}×{k.shape[1]} kernel with dilation {dilation} does not "
                f"fit into the picture of {size}, so there is no output."
            )
        _put(right, made, out, symmetric=True)
        right.set_title(f"output, {out.shape[0]}×{out.shape[1]}")
        share = np.abs(out) / max(np.abs(out).max(), 1e-9)
        for dark, one in signs.items():
            there = (share > 0.2) & ((share > 0.5) == dark) & (max(out.shape) <= SIGNED)
            down, across = np.nonzero(there)
            one.put(["+" if value > 0 else "−" for value in out[there]], across, down)
        row, column = divmod(round(place / 100 * (out.size - 1)), out.shape[1])
        span = [dilation * (side - 1) + 1 for side in k.shape]
        marks[0].set_bounds(column * stride - 0.5, row * stride - 0.5, span[1], span[0])
        marks[1].set_bounds(column - 0.5, row - 0.5, 1, 1)
        taps = np.indices(k.shape).reshape(2, -1) * dilation
        used.set_data(column * stride + taps[1], row * stride + taps[0])
        unread = unread_pixels(x.shape, out.shape, k.shape, stride, pad, dilation)
        return figure, (
            f"{problem}{x.shape[0]}×{x.shape[1]} picture, {k.shape[0]}×{k.shape[1]} kernel, stride "
            f"{stride}, padding {pad}, dilation {dilation}: output {out.shape[0]}×{out.shape[1]}, "
            f"from {out.min():.2f} to {out.max():.2f}. The window at output row {row}, column "
            f"{column} gives {out[row, column]:.2f}. Pixels that no window reads: {unread}."
        )

    return explore(
        draw,
        still=[
            {"picture": "handwritten 2", "kernel": "edge, upright", "pad": 1, "place": 44},
            {"picture": "square", "kernel": "corner", "stride": 2, "dilation": 2},
        ],
        place=slider("place of the window (%)", 0, 100, 30),
        picture=choice("picture", tuple(pictures()), "handwritten 2"),
        kernel=choice("kernel", (*KERNELS, TYPED), "edge, upright"),
        text=typed("typed kernel", "1 2 0; 0 -1 3"),
        turned=switch("kernel turned by 180° (convolution of mathematics)"),
        stride=slider("stride (pixels)", 1, 4, 1),
        pad=slider("padding (pixels)", 0, 3, 0),
        dilation=slider("dilation (pixels)", 1, 3, 1),
    )


def unread_pixels(picture, out, kernel, stride, pad, dilation) -> int:
    """How many pixels of the picture itself no window reads."""
    read = np.zeros([side + 2 * pad for side in picture], bool)
    for u, v in np.ndindex(*kernel):
        rows = u * dilation + stride * np.arange(out[0])
        columns = v * dilation + stride * np.arange(out[1])
        read[np.ix_(rows, columns)] = True
    inside = read[pad : pad + picture[0], pad : pad + picture[1]]
    return int(inside.size - inside.sum())


def _put(axes, image, values, symmetric: bool = False) -> None:
    """Show other values in an image, of another size too; `symmetric` puts grey at 0."""
    rows, columns = values.shape
    image.set_data(values)
    image.set_extent((-0.5, columns - 0.5, rows - 0.5, -0.5))
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(rows - 0.5, -0.5)
    if symmetric:
        reach = max(float(np.abs(values).max()), 1e-9)
        image.set_clim(-reach, reach)
