"""Convolution without a loop: windows as a view, one copy, one matrix product, and the way back.
Columns made by hand are in `fast_convolution`."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake, near
from autograder.exercises.fast_convolution.im2col import as_if_contiguous, sizes, windows
from course_utils.recipes.buffers import laid_out, peak_bytes


def judged(value):
    """Honest orders of summation differ by rounding."""
    single = value.dtype in (torch.float32, np.float32)
    return near(value, rtol=1e-4, atol=1e-4) if single else near(value, rtol=1e-9, atol=1e-9)


def seen_windows(x, kh, kw, stride):
    """All windows in the order (C, kh, kw, N, oh, ow)."""
    return windows(x, kh, kw, stride, 0).transpose(1, 4, 5, 0, 2, 3)


def correlation(x, w, stride, pad):
    """The layer without its bias, on numpy arrays."""
    found = windows(x, w.shape[2], w.shape[3], stride, pad)
    return np.einsum("nchwij,fcij->nfhw", found, w)


class window_view(Exercise):
    """Every window at once, without copying a pixel."""

    signature = "window_view(x, kh, kw, stride) -> windows"
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
    def last_windows_missing(self, right, **inputs):
        """The last window of each row and of each column of windows is missing."""
        return {"windows": right["windows"][..., :-1, :-1]}


class conv_forward_strides(Exercise):
    """A convolution layer as a view, one copy and one matrix product."""

    signature = "conv_forward_strides(x, w, b, conv_param) -> out, cache"
    minutes = 12
    difficulty = 2
    hints = (
        "Filters as rows, windows as columns: what are the shapes of the three matrices?",
        "The product is (F, N·oh·ow). Its axes have to be taken apart before they can be put into "
        "another order; a reshape alone would mix images and filters.",
        "reshape copies where a view cannot do, and that is the one copy that is needed. Any other "
        "change of form on the way to the product copies everything again.",
    )
    counted = ("column buffers at once",)
    reads = {
        "column buffers at once": "at its peak your code holds {seen} times the memory of the "
        "columns; {right} is right",
    }

    def cases(self, rng):
        for name, points, x, f, kh, kw, stride, pad, layout, dtype in [
            ("stride 1, no padding", 1, (2, 3, 5, 6), 4, 2, 3, 1, 0, "C", "f8"),
            ("stride 2, padding 1", 1, (3, 2, 7, 6), 5, 3, 2, 2, 1, "C", "f8"),
            ("stride 3, padding 2, single precision", 1, (2, 3, 8, 6), 4, 3, 4, 3, 2, "C", "f4"),
            ("images in Fortran order", 1, (2, 3, 5, 6), 4, 3, 2, 1, 1, "Fortran", "f8"),
            ("channels last in memory", 1, (3, 2, 5, 4), 3, 2, 3, 1, 0, "channels last", "f8"),
            ("a large kernel, memory measured", 1, (2, 3, 16, 18), 2, 5, 6, 1, 0, "C", "f8"),
            ("memory measured in single precision", 1, (2, 3, 18, 16), 2, 5, 6, 1, 0, "C", "f4"),
        ]:
            yield Case(
                name, points, x=rng.normal(size=x).astype(dtype),
                w=rng.normal(size=(f, x[1], kh, kw)).astype(dtype),
                b=rng.normal(size=f).astype(dtype), conv_param={"stride": stride, "pad": pad},
                layout=layout,
            )  # fmt: skip

    def observe(self, code, x, w, b, conv_param, layout):
        x = laid_out(x, layout)
        (out, _), peak = peak_bytes(lambda: code.conv_forward_strides(x, w, b, conv_param))
        seen = {"out": out}
        if w.shape[2] == 5:
            # The output, padding and all else are far smaller than the column buffer, even than
            # that of one image, which is as good: a product for each image is still large.
            image = w[0].size * (x.shape[2] - 4) * (x.shape[3] - 5) * x.itemsize
            seen["column buffers at once"] = max(peak // (image * len(x)), int(peak > image))
        return seen

    def reference(self, x, w, b, conv_param, layout):
        tensors = (torch.tensor(a, device=self.device) for a in (x, w, b))
        out = F.conv2d(*tensors, stride=conv_param["stride"], padding=conv_param["pad"])
        measured = {"column buffers at once": 1} if w.shape[2] == 5 else {}
        return {"out": judged(out), **measured}

    @mistake
    def copied_twice(self, right, w, **inputs):
        """At its peak your code holds the columns twice. Something on the way, such as a
        transposition followed by reshape, copies all of them again."""
        if w.shape[2] == 5:
            return {"column buffers at once": 2}

    @mistake
    def columns_widened(self, right, x, w, **inputs):
        """For float32 images your columns take twice the memory, as float64 numbers do. Keep them
        in the dtype of x until the product is taken."""
        if w.shape[2] == 5 and x.dtype == np.float32:
            return {"column buffers at once": 2}

    @mistake
    def no_columns(self, right, w, **inputs):
        """Your code never makes a column buffer: it loops or sums over windows. Copy them into
        columns, so that one large matrix product does the work."""
        if w.shape[2] == 5:
            return {"column buffers at once": 0}

    @mistake
    def kernel_turned_round(self, right, x, w, b, conv_param, layout):
        """Your kernel is turned round by 180°. Nets correlate: the kernel lies on the image as it
        is."""
        out = correlation(x, w[..., ::-1, ::-1], **conv_param)
        return {"out": out + b[:, None, None]}

    @mistake
    def bias_forgotten(self, right, x, w, b, conv_param, layout):
        """Your outputs are those of a layer without a bias: it is not added, or what is added is
        lost on the way."""
        return {"out": right["out"] - b[:, None, None]}

    @mistake
    def bias_twice(self, right, b, **inputs):
        """You add the bias twice. Once is enough."""
        return {"out": right["out"] + b[:, None, None]}

    @mistake
    def turned_round_and_no_bias(self, right, x, w, b, conv_param, layout):
        """Your kernel is turned round by 180°, and your result has no bias in it. Nets correlate,
        and add the bias to each output."""
        return {"out": correlation(x, w[..., ::-1, ::-1], **conv_param)}

    @mistake
    def kernel_transposed(self, right, x, w, b, conv_param, layout):
        """Your kernel's rows and columns are exchanged. Flatten w in the same order, (c, i, j), as
        the rows of the columns."""
        f, c, kh, kw = w.shape
        other = np.ascontiguousarray(w.swapaxes(2, 3)).reshape(f, c, kh, kw)
        return {"out": correlation(x, other, **conv_param) + b[:, None, None]}

    @mistake
    def stride_not_read(self, right, x, w, b, conv_param, layout):
        """Your windows move by one pixel, whatever the stride, so there are too many. Give
        `conv_param["stride"]` to the view."""
        if conv_param["stride"] > 1:
            return {"out": correlation(x, w, 1, conv_param["pad"]) + b[:, None, None]}

    @mistake
    def reshaped_without_transposing(self, right, x, w, b, conv_param, layout):
        """The numbers are right and stand in the wrong places. The product has the axes (F, N, oh,
        ow): a reshape to (N, F, oh, ow) does not exchange the first two."""
        shape = right["out"].shape
        return {"out": right["out"].swapaxes(0, 1).reshape(shape)}

    @mistake
    def read_with_filters_last(self, right, x, w, b, conv_param, layout):
        """You read the product as (N, oh, ow, F). Its rows are the filters, so it is (F, N, oh,
        ow); exchange the axes after that."""
        n, f, oh, ow = right["out"].shape
        product = (right["out"] - b[:, None, None]).swapaxes(0, 1)
        return {"out": product.reshape(n, oh, ow, f).transpose(0, 3, 1, 2) + b[:, None, None]}

    @mistake
    def biased_and_read_with_filters_last(self, right, x, w, b, conv_param, layout):
        """You add the bias and then read the product as (N, oh, ow, F). Its rows are the filters,
        so it is (F, N, oh, ow); exchange the axes after that."""
        n, f, oh, ow = right["out"].shape
        product = right["out"].swapaxes(0, 1)
        return {"out": product.reshape(n, oh, ow, f).transpose(0, 3, 1, 2)}

    @mistake
    def filters_first(self, right, x, w, b, conv_param, layout):
        """Your output has the axes (F, N, oh, ow). Images come first: (N, F, oh, ow)."""
        return {"out": right["out"].swapaxes(0, 1)}

    @mistake
    def filters_flattened_in_another_order(self, right, x, w, b, conv_param, layout):
        """The filters' weights meet the wrong pixels. Flatten w in the same order, (c, i, j), as
        the rows of the columns."""
        f, c, kh, kw = w.shape
        other = np.ascontiguousarray(w.transpose(0, 2, 3, 1)).reshape(f, c, kh, kw)
        return {"out": correlation(x, other, **conv_param) + b[:, None, None]}

    @mistake
    def memory_taken_to_be_in_c_order(self, right, x, w, b, conv_param, layout):
        """It fails for images in another memory order. np.pad keeps the order of what it is
        given: take the strides from the padded array, not from its shape."""
        pad = conv_param["pad"]
        if layout != "C":
            wrong = as_if_contiguous(x, layout, pad)
            return {"out": correlation(wrong, w, conv_param["stride"], 0) + b[:, None, None]}

    @mistake
    def stride_forgotten(self, right, x, w, b, conv_param, layout):
        """The output has the right size, but its windows lie one pixel apart: the strides that
        move a window are to be multiplied by the stride."""
        if conv_param["stride"] > 1:
            oh, ow = right["out"].shape[2:]
            out = correlation(x, w, 1, conv_param["pad"])[:, :, :oh, :ow]
            return {"out": out + b[:, None, None]}

    @mistake
    def padding_forgotten(self, right, x, w, b, conv_param, layout):
        """The output is too small: the images are not padded."""
        if conv_param["pad"]:
            return {"out": correlation(x, w, conv_param["stride"], 0) + b[:, None, None]}

    @mistake
    def in_double_precision(self, right, x, **inputs):
        """Your float32 images give a float64 output, as happens when something that you add or
        fill is float64. Return the dtype of x."""
        if x.dtype == np.float32:
            return {"out": right["out"].astype(np.float64)}
