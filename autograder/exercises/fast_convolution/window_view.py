"""Every window of the images as a view; the layer that is made from it is in `strides`."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake
from autograder.exercises.fast_convolution.im2col import as_if_contiguous, sizes, windows
from course_utils.recipes.buffers import laid_out


def seen_windows(x, kh, kw, stride):
    """All windows in the order (C, kh, kw, N, oh, ow)."""
    return windows(x, kh, kw, stride, 0).transpose(1, 4, 5, 0, 2, 3)


class window_view(Exercise):
    """Every window at once, without copying a pixel."""

    signature = "window_view(x, kh, kw, stride) -> windows"
    growth = {"x": 1}, {"windows": 1}
    minutes = 8
    difficulty = 2
    hints = (
        "A stride says how many bytes to go for one step along an axis. Moving one pixel down "
        "inside a window and moving the window down by one pixel cost the same number of bytes.",
        "Six axes need six strides, and x.strides has four numbers. Two of the six are multiples "
        "of them.",
    )
    counted = ("shares memory with x", "can be written to", "x afterwards")
    reads = {
        "shares memory with x": "whether your windows share memory with x",
        "can be written to": "whether your windows can be written to",
        "x afterwards": "afterwards x itself is {seen}; {right} is right",
    }

    def cases(self, rng):
        for name, points, shape, kh, kw, stride, layout in [
            ("a 2×3 kernel, stride 1", 1, (2, 3, 5, 6), 2, 3, 1, "C"),
            ("stride 2", 1, (2, 3, 8, 7), 3, 2, 2, "C"),
            ("stride 3, in Fortran order", 1, (3, 2, 7, 9), 1, 2, 3, "Fortran"),
            ("a mirrored view", 1, (1, 2, 5, 7), 3, 4, 1, "mirrored"),
        ]:
            yield Case(name, points, x=rng.normal(size=shape), kh=kh, kw=kw, stride=stride,
                       layout=layout)  # fmt: skip

    def observe(self, code, x, kh, kw, stride, layout):
        x = laid_out(x.copy(), layout)
        view = code.window_view(x, kh, kw, stride)
        if not isinstance(view, np.ndarray):
            return {"windows": view}
        seen = {
            "windows": view,
            "shares memory with x": np.may_share_memory(view, x),
            "can be written to": view.flags.writeable,
        }
        if stride == 2:
            seen["x afterwards"] = "writable" if x.flags.writeable else "read-only"
        return seen

    def reference(self, x, kh, kw, stride, layout):
        x = torch.tensor(x, device=self.device)
        found = x.unfold(2, kh, stride).unfold(3, kw, stride)
        return {
            "windows": found.permute(1, 4, 5, 0, 2, 3),
            "shares memory with x": True,
            "can be written to": False,
        } | ({"x afterwards": "writable"} if stride == 2 else {})

    @mistake
    def x_made_read_only(self, right, stride, **inputs):
        """You make x itself read-only, so whoever called your function can write to the images no
        more. The view alone is to be read-only."""
        return {"x afterwards": "read-only"} if stride == 2 else None

    @mistake
    def writable(self, right, **inputs):
        """The view can be written to. A pixel stands in it many times over, so one assignment
        would change many windows at once: ask for a view that is read-only."""
        return {"can be written to": True}

    @mistake
    def copied(self, right, **inputs):
        """Your windows are copied: they share no memory with x. A view needs no more than other
        strides."""
        return {"shares memory with x": False, "can be written to": True}

    @mistake
    def copied_and_closed(self, right, **inputs):
        """Your windows are read-only, but a copy: they share no memory with x. A view needs no
        more than other strides."""
        return {"shares memory with x": False}

    @mistake
    def strides_in_numbers(self, right, x, kh, kw, stride, layout):
        """You count strides in numbers. `as_strided` and `x.strides` count bytes: a number of
        float64 takes eight, and yours begin in the middle of one."""
        x = laid_out(x, layout)
        n, c, h, w = (step // x.itemsize for step in x.strides)
        strides = (c, h, w, n, h * stride, w * stride)
        found = np.lib.stride_tricks.as_strided(x, right["windows"].shape, strides)
        return {"windows": found.copy()}

    @mistake
    def copied_into_c_order(self, right, layout, **inputs):
        """Where the images do not lie in C order in memory, you copy them before you make the view
        (np.ascontiguousarray, reshape and ravel do that), so the view is one of the copy. Take
        the strides that x has."""
        if layout != "C":
            return {"shares memory with x": False}

    @mistake
    def positions_first(self, right, x, kh, kw, stride, layout):
        """Your axes are (N, C, oh, ow, kh, kw). Here the kernel's axes come first, (C, kh, kw, N,
        oh, ow), so that one reshape makes the columns."""
        return {"windows": windows(x, kh, kw, stride, 0)}

    @mistake
    def channels_after_the_kernel(self, right, x, kh, kw, stride, layout):
        """Your axes are (kh, kw, C, N, oh, ow). The channel comes first."""
        return {"windows": right["windows"].transpose(1, 2, 0, 3, 4, 5)}

    @mistake
    def kernel_axes_exchanged(self, right, **inputs):
        """The two axes of the kernel have changed places in your view. Its rows come before its
        columns: (C, kh, kw, N, oh, ow)."""
        return {"windows": right["windows"].swapaxes(1, 2)}

    @mistake
    def every_column(self, right, x, kh, kw, stride, layout):
        """Your windows move on by one pixel from column to column, so there are too many of them.
        The stride holds along both axes."""
        return {"windows": seen_windows(x, kh, kw, 1)[..., ::stride, :]}

    @mistake
    def every_row(self, right, x, kh, kw, stride, layout):
        """Your windows move on by one pixel from row to row, so there are too many of them. The
        stride holds along both axes."""
        return {"windows": seen_windows(x, kh, kw, 1)[..., ::stride]}

    @mistake
    def every_column_and_axes_exchanged(self, right, x, kh, kw, stride, layout):
        """The two axes of the kernel have changed places in your view, and from column to column
        your windows move on by one pixel. The order is (C, kh, kw, N, oh, ow), and the stride holds
        along both axes."""
        return {"windows": seen_windows(x, kh, kw, 1)[..., ::stride, :].swapaxes(1, 2)}

    @mistake
    def stride_forgotten(self, right, x, kh, kw, stride, layout):
        """The number of windows is right, but they lie one pixel apart: the two strides that move
        a window are to be multiplied by the stride."""
        if stride > 1:
            oh, ow = sizes(x.shape, kh, kw, stride, 0)
            return {"windows": seen_windows(x, kh, kw, 1)[..., :oh, :ow]}

    @mistake
    def stride_down_only(self, right, x, kh, kw, stride, pad=0, layout="C"):
        """From one window to the next on its right you go one pixel. The stride holds along both
        axes."""
        if stride > 1:
            _, ow = sizes(x.shape, kh, kw, stride, 0)
            return {"windows": seen_windows(x, kh, kw, 1)[..., ::stride, :][..., :ow]}

    @mistake
    def stride_inside_the_window(self, right, x, kh, kw, stride, layout):
        """The stride spreads the pixels of a window, as dilation does. It is to move the window
        on."""
        oh, ow = sizes(x.shape, kh, kw, stride, 0)
        reach = (kh - 1) * stride + oh <= x.shape[2] and (kw - 1) * stride + ow <= x.shape[3]
        if stride > 1 and reach:
            wide = windows(x, (kh - 1) * stride + 1, (kw - 1) * stride + 1, 1, 0)
            spread = wide[:, :, :oh, :ow, ::stride, ::stride]
            return {"windows": spread.transpose(1, 4, 5, 0, 2, 3)}

    @mistake
    def memory_taken_to_be_in_c_order(self, right, x, kh, kw, stride, layout):
        """You make the strides from the shape. They are those of a fresh array: an array in
        Fortran order has others. Take them from x.strides."""
        if layout == "Fortran":
            found = seen_windows(as_if_contiguous(x, layout), kh, kw, stride)
            return {"windows": found}

    @mistake
    def sides_of_the_kernel_exchanged(self, right, x, kh, kw, stride, layout):
        """Your windows are kw high and kh wide. kh is the kernel's height, kw its width."""
        return {"windows": seen_windows(x, kw, kh, stride)}

    @mistake
    def windows_as_wide_as_high(self, right, x, kh, kw, stride, layout):
        """Your windows are kh pixels wide, as wide as they are high. kw is the kernel's width."""
        return {"windows": seen_windows(x, kh, kh, stride)}

    @mistake
    def windows_as_high_as_wide(self, right, x, kh, kw, stride, layout):
        """Your windows are kw pixels high, as high as they are wide. kh is the kernel's height."""
        return {"windows": seen_windows(x, kw, kw, stride)}

    @mistake
    def last_windows_missing(self, right, **inputs):
        """The last window of each row and of each column of windows is missing."""
        return {"windows": right["windows"][..., :-1, :-1]}

    @mistake
    def last_windows_missing_where_they_fit(self, right, x, kh, kw, stride, layout):
        """Where the stride fits, the last window of each row or column of windows is missing, as
        when a range ends before it. There is a window at every place at which it fits."""
        oh, ow = (-(-(size - k) // stride) for size, k in zip(x.shape[2:], (kh, kw), strict=True))
        return {"windows": right["windows"][..., :oh, :ow]}
