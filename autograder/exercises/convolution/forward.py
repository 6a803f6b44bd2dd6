"""A convolutional layer forward (notebook 10), and what the notebook draws its inputs from. The
way back, pooling, layouts, the net and the questions are next door."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, mistake, near, raises
from autograder.exercises.convolution.kernel_sides import KernelSides, SquareKernels
from autograder.exercises.convolution.paddings import PadsPictures
from autograder.exercises.convolution.shared_mistakes import (
    CountsWindows,
    KeepsType,
    SettingsHaveNames,
)
from autograder.exercises.convolution.sliding import correlated, out_size, padded

# name, (N, C, H, W), filters, kernel, stride, pad, dtype. Kernels, pictures and the numbers of
# channels and filters differ in all their sizes. In the third and fourth, windows are left over: a
# third and two thirds of a stride. The last two show one thing each: 1×1 filters cannot be turned,
# and in a single window neither stride nor overlap can be seen.
GRID = [
    ("stride 1, no padding", (2, 3, 5, 7), 4, (3, 2), 1, 0, "float64"),
    ("stride 2, padding 1", (3, 2, 7, 6), 5, (3, 4), 2, 1, "float64"),
    ("stride 3, a rest at the border", (2, 3, 10, 8), 4, (2, 4), 3, 0, "float64"),
    ("stride 3, padding 2", (3, 2, 6, 12), 4, (3, 5), 3, 2, "float64"),
    ("single precision", (2, 3, 4, 6), 5, (3, 3), 1, 1, "float32"),
    ("1×1 filters", (3, 2, 4, 5), 4, (1, 1), 1, 0, "float64"),
    ("a single window, padding 1", (1, 2, 4, 5), 3, (3, 4), 4, 1, "float64"),
]


def layers(rng):
    """(name, the inputs of a convolutional layer) for each line of the grid."""
    for name, (n, c, height, width), filters, kernel, stride, pad, dtype in GRID:
        yield name, {
            "x": rng.normal(0.5, 1, (n, c, height, width)).astype(dtype),
            "w": rng.normal(0.3, 1, (filters, c, *kernel)).astype(dtype),
            "b": (rng.choice([-1, 1], filters) * rng.uniform(0.5, 2, filters)).astype(dtype),
            "conv_param": {"stride": stride, "pad": pad},
        }


def correlate(x, w, b, stride, pad, device="cpu"):
    """torch's conv2d of arrays, as an array."""
    wide = np.result_type(x, w, b)
    given = (torch.tensor(a.astype(wide).copy(), device=device) for a in (x, w, b))
    return F.conv2d(*given, stride, pad).cpu().numpy().astype(x.dtype)


def judged(value):
    """Sums of products come in any order."""
    single = value.dtype in (torch.float32, np.float32)
    return near(value, rtol=1e-4, atol=1e-5) if single else near(value, rtol=1e-7, atol=1e-9)


class conv_forward_naive(
    PadsPictures, KernelSides, SquareKernels, KeepsType, CountsWindows, SettingsHaveNames
):
    """A convolutional layer forward: filters that slide over pictures."""

    signature = "conv_forward_naive(x, w, b, conv_param) -> out, cache"
    growth = {"x": 1, "b": 1}, {"out": 1}
    minutes = 14
    difficulty = 2
    hints = (
        "One output value is the sum of a window of the padded picture times one filter, over all "
        "channels, plus that filter's bias. Get one value right first.",
        "The window for output row i begins at row i times the stride of the padded picture. How "
        "many such windows end inside it?",
        "Two loops, over output rows and columns, are enough: one window of all examples against "
        "all filters is a single product (np.tensordot, np.einsum).",
    )

    def cases(self, rng):
        for name, inputs in layers(rng):
            yield Case(name, 1, **inputs)
        yield Case(
            "a kernel as large as the picture, no bias", 0.5,
            x=rng.normal(size=(3, 2, 3, 4)), w=rng.normal(size=(5, 2, 3, 4)), b=np.zeros(5),
            conv_param={"stride": 1, "pad": 0},
        )  # fmt: skip

        yield Case(
            "inputs of different types", 0.5,
            x=rng.normal(size=(2, 3, 4, 5)).astype("float32"), w=rng.normal(size=(4, 3, 3, 2)),
            b=rng.normal(size=4), conv_param={"stride": 1, "pad": 0},
        )  # fmt: skip

    def observe(self, code, x, w, b, conv_param):
        out, _ = code.conv_forward_naive(x, w, b, conv_param)
        return {"out": out, "type of out": str(getattr(out, "dtype", "none"))}

    def reference(self, x, w, b, conv_param):
        out = judged(correlate(x, w, b, **conv_param, device=self.device))
        return {"out": out, "type of out": str(x.dtype)}

    # What is summed.

    @mistake
    def kernel_flipped(self, right, x, w, b, conv_param):
        """Your kernels are turned by 180°. That is the convolution of mathematics; in a net the
        word means cross-correlation, without the turn."""
        return {"out": correlate(x, w[:, :, ::-1, ::-1], b, **conv_param)}

    @mistake
    def kernel_upside_down(self, right, x, w, b, conv_param):
        """Your kernels stand upside down: their rows are in the opposite order. They are laid on
        the window as they are."""
        return {"out": correlate(x, w[:, :, ::-1], b, **conv_param)}

    @mistake
    def kernel_left_to_right(self, right, x, w, b, conv_param):
        """Your kernels are mirrored: their columns are in the opposite order. They are laid on the
        window as they are."""
        return {"out": correlate(x, w[:, :, :, ::-1], b, **conv_param)}

    @mistake
    def kernel_transposed(self, right, x, w, b, conv_param):
        """Rows and columns of your kernels have changed places. They are laid on the window as they
        are, KH rows high and KW columns wide."""
        return self.turned(x, w, b, conv_param)

    @mistake
    def kernel_transposed_without_bias(self, right, x, w, b, conv_param):
        """Rows and columns of your kernels have changed places, and your result has no bias in it.
        Kernels are laid on the window as they are, and each filter adds one number of its own."""
        return self.turned(x, w, 0 * b, conv_param)

    def turned(self, x, w, b, conv_param):
        steps = (conv_param["stride"],) * 2
        return {"out": correlated(padded(x, conv_param["pad"]), w.swapaxes(2, 3), b, steps)}

    @mistake
    def in_the_type_of_the_filters(self, right, x, w, b, conv_param):
        """Your `out` has the type of the filters, or the wider of the two. It is to have that of
        x."""
        if x.dtype != w.dtype:
            return {"type of out": str(w.dtype)}

    @mistake
    def first_channel_only(self, right, x, w, b, conv_param):
        """Only the first channel is used. A filter is as deep as its input: its products are
        summed over all channels."""
        return {"out": correlate(x[:, :1], w[:, :1], b, **conv_param)}

    @mistake
    def last_channel_only(self, right, x, w, b, conv_param):
        """Only the last channel is in your result, as when each channel overwrites the one
        before. The products are summed over all channels."""
        return {"out": correlate(x[:, -1:], w[:, -1:], b, **conv_param)}

    @mistake
    def averaged(self, right, x, w, b, conv_param):
        """You average the products of a window. They are summed."""
        bias = b[:, None, None]
        return {"out": (right["out"] - bias) / w[0].size + bias}

    @mistake
    def averaged_over_channels(self, right, x, w, b, conv_param):
        """You average over the channels. The products are summed over all of them."""
        bias = b[:, None, None]
        return {"out": (right["out"] - bias) / w.shape[1] + bias}

    # The bias.

    @mistake
    def bias_forgotten(self, right, x, w, b, conv_param):
        """Your result has no bias in it: each filter adds one number of its own, the same at every
        place."""
        return {"out": right["out"] - b[:, None, None]}

    @mistake
    def bias_subtracted(self, right, x, w, b, conv_param):
        """You subtract the bias. It is added."""
        return {"out": right["out"] - 2 * b[:, None, None]}

    @mistake
    def bias_in_every_product(self, right, x, w, b, conv_param):
        """The bias comes in once for every product of the window. It is added once to their
        sum."""
        return {"out": right["out"] + (w[0].size - 1) * b[:, None, None]}

    @mistake
    def bias_in_every_channel(self, right, x, w, b, conv_param):
        """The bias comes in once for every channel of the input. It is added once, to the sum over
        all channels."""
        return {"out": right["out"] + (w.shape[1] - 1) * b[:, None, None]}

    @mistake
    def bias_per_place(self, right, x, w, b, conv_param):
        """Your bias is not that of the filter: every filter gets the first one's."""
        return {"out": right["out"] - b[:, None, None] + b[0]}

    @mistake
    def flipped_without_bias(self, right, x, w, b, conv_param):
        """Your kernels are turned by 180°, and your result has no bias in it. In a net convolution
        means cross-correlation, without the turn, and each filter adds one number of its own."""
        return {"out": correlate(x, w[:, :, ::-1, ::-1], 0 * b, **conv_param)}

    @mistake
    def unpadded_without_bias(self, right, x, w, b, conv_param):
        """Padding and bias are missing. Put zeros around the picture first, and let each filter add
        one number of its own."""
        return {"out": correlate(x, w, 0 * b, conv_param["stride"], 0)}

    @mistake
    def side_by_side_without_bias(self, right, x, w, b, conv_param):
        """Your windows lie 1 pixel apart, and your result has no bias in it. Windows are a stride
        apart, and each filter adds one number of its own."""
        big, size = padded(x, conv_param["pad"]), right["out"].shape[2:]
        return {"out": correlated(big, w, 0 * b, (1, 1), size)}

    # The stride.

    @mistake
    def stride_ignored(self, right, x, w, b, conv_param):
        """Your windows lie 1 pixel apart, as many as there should be: window i begins at i. With a
        stride they are that far apart."""
        return self.slid(x, w, b, conv_param, (1, 1), right["out"].shape[2:])

    @mistake
    def stride_not_used(self, right, x, w, b, conv_param):
        """Your output is that of stride 1: it has a value for every place of the window. With a
        stride, windows are that far apart, and there are fewer."""
        return self.slid(x, w, b, conv_param, (1, 1))

    @mistake
    def stride_down_only(self, right, x, w, b, conv_param):
        """From row to row your windows are a stride apart, from column to column one pixel. The
        stride holds in both directions."""
        steps = conv_param["stride"], 1
        return self.slid(x, w, b, conv_param, steps, right["out"].shape[2:])

    @mistake
    def stride_across_only(self, right, x, w, b, conv_param):
        """From column to column your windows are a stride apart, from row to row one pixel. The
        stride holds in both directions."""
        steps = 1, conv_param["stride"]
        return self.slid(x, w, b, conv_param, steps, right["out"].shape[2:])

    @mistake
    def every_column(self, right, x, w, b, conv_param):
        """Your output has too many columns: the stride counts from row to row only. It holds in
        both directions."""
        return self.slid(x, w, b, conv_param, (conv_param["stride"], 1))

    @mistake
    def every_row(self, right, x, w, b, conv_param):
        """Your output has too many rows: the stride counts from column to column only. It holds in
        both directions."""
        return self.slid(x, w, b, conv_param, (1, conv_param["stride"]))

    def slid(self, x, w, b, conv_param, steps, size=None):
        if conv_param["stride"] > 1:
            return {"out": correlated(padded(x, conv_param["pad"]), w, b, steps, size)}

    # The sizes.

    @mistake
    def one_window_too_few(self, right, x, w, b, conv_param):
        """The last row and the last column of windows are missing. A kernel as long as the side
        has one place, not none: that is the + 1."""
        return {"out": right["out"][:, :, :-1, :-1]}

    @mistake
    def rounded_up(self, right, x, w, b, conv_param):
        """Where the stride does not divide evenly your last window sticks out of the picture.
        Output sizes are rounded down: a rest at the border is left out."""
        if self.rest(x, w, conv_param):
            return dict.fromkeys(right, raises("ValueError", "broadcast"))

    @mistake
    def rounded_up_and_cut(self, right, x, w, b, conv_param):
        """Where the stride does not divide evenly your output has a row or column too many, from
        windows that stick out of the picture. Sizes are rounded down: a rest is left out."""
        if self.rest(x, w, conv_param):
            stride, big = conv_param["stride"], padded(x, conv_param["pad"])
            size = out_size(padded(x, conv_param["pad"], conv_param["pad"] + stride - 1),
                            w.shape[2:], (stride, stride))  # fmt: skip
            return {"out": correlated(big, w, b, (stride, stride), size)}

    @mistake
    def rest_refused(self, right, x, w, b, conv_param):
        """Your code stops where the stride does not divide evenly. Such sizes are allowed: a rest
        at the border is left out."""
        if self.rest(x, w, conv_param):
            return dict.fromkeys(right, raises("ValueError"))

    @mistake
    def rest_not_asserted(self, right, x, w, b, conv_param):
        """Your code refuses sizes that the stride does not divide evenly. They are allowed: a rest
        at the border is left out."""
        if self.rest(x, w, conv_param):
            return dict.fromkeys(right, raises("AssertionError"))

    def rest(self, x, w, conv_param) -> bool:
        """Whether pixels are left over at the border."""
        rooms = (x.shape[a] + 2 * conv_param["pad"] - w.shape[a] for a in (2, 3))
        return any(room % conv_param["stride"] for room in rooms)

    @mistake
    def square_picture(self, right, x, w, b, conv_param):
        """Your output has as many columns as rows, so that windows are missing or stick out. Its
        width follows from the picture's width and the kernel's."""
        rows, columns = right["out"].shape[2:]
        if rows > columns:
            return dict.fromkeys(right, raises("ValueError", "broadcast"))
        return {"out": right["out"][..., :rows]}

    @mistake
    def columns_by_the_pictures_height(self, right, x, w, b, conv_param):
        """The number of your columns is computed from the picture's height, so that windows are
        missing or stick out. It follows from its width."""
        return self.sized_by(right["out"], x, w, b, conv_param, (2, 2))

    @mistake
    def columns_by_the_pictures_height_and_no_bias(self, right, x, w, b, conv_param):
        """The number of your columns is computed from the picture's height, and there is no bias in
        your result. It follows from the width, and each filter adds one number of its own."""
        return self.sized_by(right["out"] - b[:, None, None], x, w, 0 * b, conv_param, (2, 2))

    @mistake
    def rows_by_the_pictures_width(self, right, x, w, b, conv_param):
        """The number of your rows is computed from the picture's width, so that windows are missing
        or stick out. It follows from its height."""
        return self.sized_by(right["out"], x, w, b, conv_param, (3, 3))

    def sized_by(self, out, x, w, b, conv_param, sides):
        """The output with as many rows and columns as follow from these sides of the picture."""
        stride, rooms = conv_param["stride"], zip(sides, w.shape[2:], strict=True)
        rows, columns = (max(0, (x.shape[side] + 2 * conv_param["pad"] - length) // stride + 1)
                         for side, length in rooms)  # fmt: skip
        more = max(rows - out.shape[2], 0), max(columns - out.shape[3], 0)
        if any(more) and w.shape[2:] != (1, 1):
            return dict.fromkeys(("out", "type of out"), raises("ValueError"))
        # A single weight times no pixel is nothing, without an error.
        big = np.pad(out - b[:, None, None], [(0, 0), (0, 0), (0, more[0]), (0, more[1])])
        return {"out": (big + b[:, None, None])[:, :, :rows, :columns].astype(x.dtype)}

    @mistake
    def square_picture_cut(self, right, x, w, b, conv_param):
        """Your output has as many columns as rows. Its width follows from the picture's width and
        the kernel's."""
        steps, rows = (conv_param["stride"],) * 2, right["out"].shape[2]
        return {"out": correlated(padded(x, conv_param["pad"]), w, b, steps, (rows, rows))}

