"""Max pooling forward (notebook 10); the way back is in `unpool`."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, mistake, raises
from autograder.exercises.convolution.shared_mistakes import CountsWindows, KeepsType

# name, points, shape, window, stride
GRID = [
    ("2×2 windows side by side", 1, (2, 3, 6, 8), (2, 2), 2),
    ("2×3 windows that overlap, a rest at the border", 2, (3, 2, 5, 8), (2, 3), 2),
    ("3×2 windows, stride 1", 1, (2, 3, 5, 4), (3, 2), 1),
    ("2×3 windows, stride 3", 1, (1, 2, 7, 9), (2, 3), 3),
]


def param(window, stride):
    return {"pool_height": window[0], "pool_width": window[1], "stride": stride}


def size_of(pool_param):
    return pool_param["pool_height"], pool_param["pool_width"]


def out_size(x, pool_param, steps=None):
    """Height and width of the output."""
    return tuple(
        (side - length) // step + 1
        for side, length, step in zip(
            x.shape[2:], size_of(pool_param), steps or (pool_param["stride"],) * 2, strict=True
        )
    )


def windows(x, pool_param, steps=None, size=None):
    """(i, j, the slice of x) for each output place, a stride or `steps` apart."""
    height, width = size_of(pool_param)
    down, across = steps or (pool_param["stride"],) * 2
    rows, columns = size or out_size(x, pool_param, steps)
    for i in range(rows):
        for j in range(columns):
            yield i, j, np.s_[:, :, i * down : i * down + height, j * across : j * across + width]


class max_pool_forward_naive(KeepsType, CountsWindows):
    """Max pooling forward: of each window the largest value."""

    signature = "max_pool_forward_naive(x, pool_param) -> out, cache"
    growth = {"x": 1}, {"out": 1}
    minutes = 5
    hints = (
        "The sizes are those of a convolution without padding, and so are the windows.",
        "Each channel is pooled on its own: the maximum is over a window's rows and columns.",
    )

    def cases(self, rng):
        for name, points, shape, window, stride in GRID:
            yield Case(name, points, x=rng.normal(size=shape), pool_param=param(window, stride))
        below = rng.uniform(-9, -1, (2, 3, 4, 5)).astype("float32")
        below[:, 1] *= 1e12  # below any number that a maximum may begin with
        yield Case("nothing above zero, single precision", 1, x=below,
                   pool_param=param((2, 3), 2))  # fmt: skip

    def observe(self, code, x, pool_param):
        out, _ = code.max_pool_forward_naive(x, pool_param)
        return {"out": out, "type of out": str(getattr(out, "dtype", "none"))}

    def reference(self, x, pool_param):
        out = F.max_pool2d(torch.tensor(x, device=self.device), size_of(pool_param),
                           pool_param["stride"])  # fmt: skip
        return {"out": out, "type of out": str(x.dtype)}

    def pooled(self, x, pool_param, over=np.max, steps=None, size=None):
        """`over` of each window that is not empty, windows that stick out cut off."""
        size = size or out_size(x, pool_param, steps)
        out = np.zeros((*x.shape[:2], *size), x.dtype)
        for i, j, place in windows(x, pool_param, steps, size):
            if x[place].size:
                out[:, :, i, j] = over(x[place], axis=(2, 3))
        return {"out": out}

    # What stays of a window.

    @mistake
    def averaged(self, right, x, pool_param):
        """You average each window. Here it is the largest value that stays."""
        return self.pooled(x, pool_param, np.mean)

    @mistake
    def smallest(self, right, x, pool_param):
        """You keep the smallest value of each window. It is the largest that stays."""
        return self.pooled(x, pool_param, np.min)

    @mistake
    def largest_magnitude(self, right, x, pool_param):
        """You keep the value that is furthest from 0, with its sign. The largest value is meant: 1
        is larger than -2."""
        def furthest(window, axis):
            low, high = window.min(axis), window.max(axis)
            return np.where(-low > high, low, high)

        return self.pooled(x, pool_param, furthest)

    @mistake
    def of_magnitudes(self, right, x, pool_param):
        """You keep the largest magnitude, so that negative values come out positive. The largest
        value is meant: 1 is larger than -2."""
        return self.pooled(np.abs(x), pool_param)

    @mistake
    def starts_at_zero(self, right, x, pool_param):
        """Where all values of a window are negative you give 0. Begin with a value of the window,
        or with minus infinity."""
        return {"out": np.maximum(right["out"], 0)}

    @mistake
    def place_for_value(self, right, x, pool_param):
        """You give the place of the largest value, counted within the window. Its value is asked
        for."""
        def place(window, axis):
            return window.reshape(*window.shape[:2], -1).argmax(2)

        return self.pooled(x, pool_param, place)

    @mistake
    def first_column_of_each(self, right, x, pool_param):
        """You keep the largest value of each window's first column. The maximum is over all its
        rows and columns."""
        return self.pooled(x, pool_param, lambda window, axis: window[..., 0].max(2))

    @mistake
    def first_row_of_each(self, right, x, pool_param):
        """You keep the largest value of each window's first row. The maximum is over all its rows
        and columns."""
        return self.pooled(x, pool_param, lambda window, axis: window[:, :, 0].max(2))

    @mistake
    def corner_of_each(self, right, x, pool_param):
        """You keep the first value of each window. It is the largest that stays."""
        return self.pooled(x, pool_param, lambda window, axis: window[:, :, 0, 0])

    @mistake
    def channels_pooled_too(self, right, x, pool_param):
        """All channels give the same: your maximum is over the channels as well. Each channel is
        pooled on its own."""
        top = right["out"].max(1, keepdims=True)
        return {"out": np.broadcast_to(top, right["out"].shape)}

    # Which windows.

    @mistake
    def stride_ignored(self, right, x, pool_param):
        """Your windows lie 1 pixel apart, as many as there should be: window i begins at i. With a
        stride they are that far apart."""
        return self.pooled(x, pool_param, steps=(1, 1), size=right["out"].shape[2:])

    @mistake
    def stride_not_used(self, right, x, pool_param):
        """Your output is that of stride 1: it has a value for every place of the window. With a
        stride, windows are that far apart, and there are fewer."""
        return self.pooled(x, pool_param, steps=(1, 1))

    @mistake
    def every_column(self, right, x, pool_param):
        """Your output has too many columns: the stride counts from row to row only. It holds in
        both directions."""
        return self.pooled(x, pool_param, steps=(pool_param["stride"], 1))

    @mistake
    def every_row(self, right, x, pool_param):
        """Your output has too many rows: the stride counts from column to column only. It holds in
        both directions."""
        return self.pooled(x, pool_param, steps=(1, pool_param["stride"]))

    @mistake
    def stride_down_only(self, right, x, pool_param):
        """From row to row your windows are a stride apart, from column to column one pixel. The
        stride holds in both directions."""
        steps = pool_param["stride"], 1
        return self.pooled(x, pool_param, steps=steps, size=right["out"].shape[2:])

    @mistake
    def stride_across_only(self, right, x, pool_param):
        """From column to column your windows are a stride apart, from row to row one pixel. The
        stride holds in both directions."""
        steps = 1, pool_param["stride"]
        return self.pooled(x, pool_param, steps=steps, size=right["out"].shape[2:])

    @mistake
    def window_for_stride(self, right, x, pool_param):
        """Your windows are their own height and width apart. How far apart they are is the
        stride's business, and they may overlap."""
        return self.pooled(x, pool_param, steps=size_of(pool_param))

    @mistake
    def window_for_step(self, right, x, pool_param):
        """Your windows are their own height and width apart, as many as there should be with the
        stride. They are a stride apart, and may overlap."""
        return self.pooled(x, pool_param, steps=size_of(pool_param), size=right["out"].shape[2:])

    @mistake
    def window_for_step_that_stops(self, right, x, pool_param):
        """Your windows are their own height and width apart, as many as there should be with the
        stride, and where one lies outside of the picture your code stops. They are a stride apart,
        and may overlap."""
        steps, size = size_of(pool_param), right["out"].shape[2:]
        if any(not x[place].size for _, _, place in windows(x, pool_param, steps, size)):
            return dict.fromkeys(right, raises("ValueError", "zero-size array"))
        return self.pooled(x, pool_param, steps=steps, size=size)

    @mistake
    def width_for_stride(self, right, x, pool_param):
        """From column to column your windows are their own width apart. The stride holds in both
        directions, and windows may overlap."""
        steps = pool_param["stride"], pool_param["pool_width"]
        return self.pooled(x, pool_param, steps=steps)

    @mistake
    def height_for_stride(self, right, x, pool_param):
        """From row to row your windows are their own height apart. The stride holds in both
        directions, and windows may overlap."""
        steps = pool_param["pool_height"], pool_param["stride"]
        return self.pooled(x, pool_param, steps=steps)

    @mistake
    def height_for_both_strides(self, right, x, pool_param):
        """Your windows are `pool_height` apart in both directions. How far apart they are is the
        stride's business, and they may overlap."""
        return self.pooled(x, pool_param, steps=(pool_param["pool_height"],) * 2)

    @mistake
    def width_for_both_strides(self, right, x, pool_param):
        """Your windows are `pool_width` apart in both directions. How far apart they are is the
        stride's business, and they may overlap."""
        return self.pooled(x, pool_param, steps=(pool_param["pool_width"],) * 2)

    @mistake
    def cut_into_blocks(self, right, x, pool_param):
        """Your code stops unless the windows fill the picture side by side, as a reshape into
        blocks needs it. Windows may overlap, and a rest may be left."""
        size, stride = size_of(pool_param), pool_param["stride"]
        if size != (stride, stride) or any(a % b for a, b in zip(x.shape[2:], size, strict=True)):
            return dict.fromkeys(right, raises("ValueError", "cannot reshape"))

    @mistake
    def height_and_width_swapped(self, right, x, pool_param):
        """Your windows are pool_width high and pool_height wide. Rows come first."""
        height, width = size_of(pool_param)
        return self.pooled(x, param((width, height), pool_param["stride"]))

    @mistake
    def windows_on_their_side(self, right, x, pool_param):
        """Your output has the right size, and your windows are pool_width high and pool_height
        wide. Rows come first: a window is pool_height rows and pool_width columns."""
        height, width = size_of(pool_param)
        turned = param((width, height), pool_param["stride"])
        return self.pooled(x, turned, size=right["out"].shape[2:])

    @mistake
    def height_for_both(self, right, x, pool_param):
        """Your windows are as wide as they are high. Their width is `pool_width`."""
        height, _ = size_of(pool_param)
        return self.pooled(x, param((height, height), pool_param["stride"]))

    @mistake
    def width_for_both(self, right, x, pool_param):
        """Your windows are as high as they are wide. Their height is `pool_height`."""
        _, width = size_of(pool_param)
        return self.pooled(x, param((width, width), pool_param["stride"]))

    # The sizes.

    @mistake
    def one_window_too_few(self, right, x, pool_param):
        """The last row and the last column of windows are missing: the + 1 of the output size."""
        return {"out": right["out"][:, :, :-1, :-1]}

    @mistake
    def one_too_few_without_a_rest(self, right, x, pool_param):
        """The last window is missing where it ends just at the border. A `range` stops before its
        end, and that window has room."""
        stride, size = pool_param["stride"], size_of(pool_param)
        rows, columns = (-(-(side - length) // stride) for side, length in
                         zip(x.shape[2:], size, strict=True))  # fmt: skip
        return {"out": right["out"][:, :, :rows, :columns]}

    @mistake
    def one_added_before_the_division(self, right, x, pool_param):
        """Your output lacks its last row or column at some sizes: the + 1 is added before the
        division by the stride. It counts the first window, and comes after it."""
        rows, columns = self.one_added_first(x, pool_param)
        return {"out": right["out"][:, :, :rows, :columns]}

    @mistake
    def one_added_before_the_division_and_wider(self, right, x, pool_param):
        """Two things: your output lacks its last row or column at some sizes, since the + 1 is
        added before the division by the stride; and float32 comes in and float64 goes out."""
        rows, columns = self.one_added_first(x, pool_param)
        return {"out": right["out"][:, :, :rows, :columns], "type of out": "float64"}

    def one_added_first(self, x, pool_param):
        return [(side - length + 1) // pool_param["stride"] for side, length in
                zip(x.shape[2:], size_of(pool_param), strict=True)]  # fmt: skip

    @mistake
    def windows_not_counted_in(self, right, x, pool_param):
        """Your output has a value for every stride that has room in the picture. A window has to
        have room behind its first pixel: its length counts."""
        size = tuple(side // pool_param["stride"] for side in x.shape[2:])
        return self.pooled(x, pool_param, size=size)

    @mistake
    def rounded_up(self, right, x, pool_param):
        """You pool what is left over at the border too. Output sizes are rounded down: windows
        that stick out of the picture are left out."""
        size = tuple(-(-(side - length) // pool_param["stride"]) + 1 for side, length in
                     zip(x.shape[2:], size_of(pool_param), strict=True))  # fmt: skip
        return self.pooled(x, pool_param, size=size)
