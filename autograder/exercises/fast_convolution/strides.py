"""Convolution without a loop: one copy of a view of windows, one matrix product. The view is in
`window_view`, the way back in `backward`, columns made by hand in `im2col`."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, mistake, near, raises
from autograder.exercises.convolution.kernel_sides import SquareKernels
from autograder.exercises.convolution.shared_mistakes import SettingsHaveNames
from autograder.exercises.fast_convolution.im2col import as_if_contiguous, as_it_lies, windows
from course_utils.recipes.buffers import laid_out, peak_bytes


def judged(value):
    """Honest orders of summation differ by rounding."""
    single = value.dtype in (torch.float32, np.float32)
    return near(value, rtol=1e-4, atol=1e-4) if single else near(value, rtol=1e-9, atol=1e-9)


def correlation(x, w, stride, pad):
    """The layer without its bias, on numpy arrays."""
    found = windows(x, w.shape[2], w.shape[3], stride, pad)
    return np.einsum("nchwij,fcij->nfhw", found, w)


class conv_forward_strides(SquareKernels, SettingsHaveNames):
    """A convolution layer as a view, one copy and one matrix product."""

    signature = "conv_forward_strides(x, w, b, conv_param) -> out, cache"
    growth = {"x": 1, "b": 1}, {"out": 1}
    minutes = 12
    difficulty = 2
    hints = (
        "Filters as rows, windows as columns: what are the shapes of the three matrices?",
        "The product is (F, N·oh·ow). Its axes have to be taken apart before they can be put into "
        "another order; a reshape alone would mix images and filters.",
        "reshape copies where a view is impossible, and that is the one copy you need. Any other "
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
            ("images in Fortran order", 0.5, (2, 3, 5, 6), 4, 3, 2, 1, 1, "Fortran", "f8"),
            ("channels last in memory", 1, (3, 2, 5, 4), 3, 2, 3, 1, 0, "channels last", "f8"),
            ("a square kernel", 0.5, (3, 2, 6, 7), 5, 4, 4, 1, 0, "C", "f8"),
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
    def copied_three_times(self, right, w, **inputs):
        """At its peak your code holds the columns three times. Two steps on the way copy all of
        them again, such as a transposition followed by reshape, or an array made of an array."""
        if w.shape[2] == 5:
            return {"column buffers at once": 3}

    def measured(self, x, w, double, single):
        """How much is held for images in float64, and for those in float32."""
        if w.shape[2] == 5:
            return {"column buffers at once": single if x.dtype == np.float32 else double}

    @mistake
    def copied_twice_and_widened(self, right, x, w, **inputs):
        """At its peak your code holds the columns twice, and both copies in float64, whatever the
        images are. Make them once, in the dtype of x."""
        return self.measured(x, w, 2, 4)

    @mistake
    def widened_once_more(self, right, x, w, **inputs):
        """Beside the columns your code holds a copy of them in float64, whatever the images are.
        Keep them in the dtype of x, and make no other."""
        return self.measured(x, w, 2, 3)

    @mistake
    def widened_beside_the_columns(self, right, x, w, **inputs):
        """For float32 images your code holds the columns and a copy of them in float64. Keep them
        in the dtype of x until the product is taken."""
        return self.measured(x, w, 1, 3)

    @mistake
    def no_columns(self, right, w, **inputs):
        """numpy makes no buffer of the columns' size in your code: it loops or sums over windows,
        makes columns in parts, or leaves numpy. Copy all windows into columns, so that one large
        matrix product does the work."""
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
    def bias_along_the_images(self, right, b, **inputs):
        """Your bias, as (F, 1, 1), meets the product while that has the axes (F, N, oh, ow): numpy
        lines the two up from the last axis, so the bias falls on the images' axis instead of the
        filters'."""
        n, f, oh, ow = right["out"].shape
        if n != f:
            stop = raises("ValueError", f"({f},{n},{oh},{ow}) ({f},1,1)")
            return dict.fromkeys(right, stop)
        return {"out": right["out"] - b[:, None, None] + b[:, None, None, None]}

    @mistake
    def bias_twice(self, right, b, **inputs):
        """You add the bias twice. Once is enough."""
        return {"out": right["out"] + b[:, None, None]}

    @mistake
    def bias_for_each_channel(self, right, x, b, **inputs):
        """You add the bias once for each channel. An output sums over the channels, and gets its
        filter's bias once."""
        return {"out": right["out"] + (x.shape[1] - 1) * b[:, None, None]}

    @mistake
    def bias_for_each_weight(self, right, w, b, **inputs):
        """You add the bias to every product of a window. An output gets it once, behind their
        sum."""
        return {"out": right["out"] + (w[0].size - 1) * b[:, None, None]}

    @mistake
    def bias_subtracted(self, right, b, **inputs):
        """You take the bias away. It is added."""
        return {"out": right["out"] - 2 * b[:, None, None]}

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
    def kernel_transposed_and_stops(self, right, x, w, b, conv_param, layout):
        """Your kernel's rows and columns are exchanged, in every case: a square kernel lies
        transposed on the image, and with others your code stops."""
        if w.shape[2] != w.shape[3]:
            return dict.fromkeys(right, raises("ValueError"))
        return self.kernel_transposed(right, x, w, b, conv_param, layout)

    @mistake
    def sides_of_the_kernel_exchanged(self, right, x, w, b, conv_param, layout):
        """Your windows are as high as the kernel is wide, and as wide as it is high. The axes of w
        are filters, channels, height, width."""
        f, c, kh, kw = w.shape
        return {"out": correlation(x, w.reshape(f, c, kw, kh), **conv_param) + b[:, None, None]}

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
    def images_taken_to_be_in_c_order(self, right, x, w, b, conv_param, layout):
        """You read the images in the order in which they lie in memory, and take that to be C
        order, before you pad. A transposed array lies there in another order: index it by its
        axes."""
        if layout != "C":
            out = correlation(as_it_lies(x, layout), w, **conv_param)
            return {"out": out + b[:, None, None]}

    @mistake
    def unpadded_taken_to_be_in_c_order(self, right, conv_param, **inputs):
        """Where nothing is padded you reckon with the memory order of a fresh array. An array that
        was transposed has other strides: ask it for x.strides, or index it."""
        if not conv_param["pad"]:
            return self.images_taken_to_be_in_c_order(right, conv_param=conv_param, **inputs)

    @mistake
    def in_c_order_padded_or_not(self, right, conv_param, **inputs):
        """You reckon with the memory order of a fresh array, in what np.pad makes and also where
        nothing is padded. An array that was transposed has other strides: ask it for x.strides."""
        padded = conv_param["pad"]
        changed = (
            self.memory_taken_to_be_in_c_order if padded else self.images_taken_to_be_in_c_order
        )
        return changed(right, conv_param=conv_param, **inputs)

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
    def padding_with_a_stride_forgotten(self, right, x, w, b, conv_param, layout):
        """With a stride above 1 the images are not padded; with a stride of 1 they are. Pad
        whatever the stride is."""
        if conv_param["stride"] > 1:
            return self.padding_forgotten(right, x, w, b, conv_param, layout)

    @mistake
    def padded_once(self, right, x, w, b, conv_param, layout):
        """Your zeros lie on one side of each axis only, above and to the left. They belong on
        all four sides, pad of them on each."""
        if pad := conv_param["pad"]:
            one = np.pad(x, ((0, 0), (0, 0), (pad, 0), (pad, 0)))
            return {"out": correlation(one, w, conv_param["stride"], 0) + b[:, None, None]}

    @mistake
    def in_double_precision(self, right, x, **inputs):
        """Your float32 images give a float64 output, as happens when something that you add or
        fill is float64. Return the dtype of x."""
        if x.dtype == np.float32:
            return {"out": right["out"].astype(np.float64)}
