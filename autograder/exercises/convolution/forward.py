"""A convolutional layer forward (notebook 10), and what the notebook draws its inputs from. The
way back, pooling, layouts, the net and the questions are next door, in `convolution_*`."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake, near, raises

# name, points, (N, C, H, W), filters, kernel, stride, pad, dtype. Kernels, pictures and the numbers
# of channels and filters differ in all their sizes; in the third and fourth, windows are left over.
GRID = [
    ("stride 1, no padding", 2, (2, 3, 5, 7), 4, (3, 2), 1, 0, "float64"),
    ("stride 2, padding 1", 2, (3, 2, 7, 6), 5, (3, 4), 2, 1, "float64"),
    ("stride 3, a rest at the border", 1, (2, 3, 9, 8), 2, (2, 4), 3, 0, "float64"),
    ("stride 3, padding 2", 1, (2, 2, 6, 11), 3, (3, 5), 3, 2, "float64"),
    ("single precision", 1, (1, 3, 4, 6), 2, (3, 3), 1, 1, "float32"),
]


def layers(rng):
    """(name, points, the inputs of a convolutional layer) for each line of the grid."""
    for name, points, (n, c, height, width), filters, kernel, stride, pad, dtype in GRID:
        yield name, points, {
            "x": rng.normal(0.5, 1, (n, c, height, width)).astype(dtype),
            "w": rng.normal(0.3, 1, (filters, c, *kernel)).astype(dtype),
            "b": (rng.choice([-1, 1], filters) * rng.uniform(0.5, 2, filters)).astype(dtype),
            "conv_param": {"stride": stride, "pad": pad},
        }


def correlate(x, w, b, stride, pad, device="cpu"):
    """torch's conv2d of arrays, as an array."""
    x, w, b = (torch.tensor(np.ascontiguousarray(a), device=device) for a in (x, w, b))
    return F.conv2d(x, w, b, stride, pad).cpu().numpy()


def out_size(x, w, stride, pad):
    """Height and width of the output; `pad` is what is added to a side's length."""
    return tuple((x.shape[a] + pad - w.shape[a]) // stride + 1 for a in (2, 3))


def judged(value):
    """Sums of products come in any order."""
    single = value.dtype in (torch.float32, np.float32)
    return near(value, rtol=1e-4, atol=1e-5) if single else near(value, rtol=1e-7, atol=1e-9)


class conv_forward_naive(Exercise):
    """A convolutional layer forward: filters that slide over pictures."""

    signature = "conv_forward_naive(x, w, b, conv_param) -> out, cache"
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
        for name, points, inputs in layers(rng):
            yield Case(name, points, **inputs)
        yield Case(
            "a kernel as large as the picture", 1,
            x=rng.normal(size=(3, 2, 3, 4)), w=rng.normal(size=(5, 2, 3, 4)),
            b=rng.uniform(0.5, 2, 5), conv_param={"stride": 1, "pad": 0},
        )  # fmt: skip

    def observe(self, code, x, w, b, conv_param):
        out, _ = code.conv_forward_naive(x, w, b, conv_param)
        return {"out": out}

    def reference(self, x, w, b, conv_param):
        return {"out": judged(correlate(x, w, b, **conv_param, device=self.device))}

    @mistake
    def kernel_flipped(self, right, x, w, b, conv_param):
        """Your kernels are turned by 180°. That is the convolution of mathematics; in a net the
        word means cross-correlation, without the turn."""
        return {"out": correlate(x, w[:, :, ::-1, ::-1], b, **conv_param)}

    @mistake
    def bias_forgotten(self, right, x, w, b, conv_param):
        """The bias is missing: each filter adds one number of its own, the same at every place."""
        return {"out": right["out"] - b[:, None, None]}

    @mistake
    def bias_in_every_product(self, right, x, w, b, conv_param):
        """The bias comes in once for every product of the window. It is added once to their
        sum."""
        return {"out": right["out"] + (w[0].size - 1) * b[:, None, None]}

    @mistake
    def bias_per_place(self, right, x, w, b, conv_param):
        """Your bias is not that of the filter: every filter gets the first one's."""
        return {"out": right["out"] - b[:, None, None] + b[0]}

    @mistake
    def padding_forgotten(self, right, x, w, b, conv_param):
        """The padding is missing: put rows and columns of zeros around the picture first."""
        if conv_param["pad"]:
            return {"out": correlate(x, w, b, conv_param["stride"], 0)}

    @mistake
    def padding_at_one_end(self, right, x, w, b, conv_param):
        """All your padding is at the bottom and at the right. Half of it belongs above and to the
        left."""
        pad = conv_param["pad"]
        if pad:
            x = np.pad(x, [(0, 0), (0, 0), (0, 2 * pad), (0, 2 * pad)])
            return {"out": correlate(x, w, b, conv_param["stride"], 0)}

    @mistake
    def padding_not_of_zeros(self, right, x, w, b, conv_param):
        """Your padding is not of zeros: it repeats the border's pixels."""
        pad = conv_param["pad"]
        if pad:
            x = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)], mode="edge")
            return {"out": correlate(x, w, b, conv_param["stride"], 0)}

    @mistake
    def every_axis_padded(self, right, x, w, b, conv_param):
        """With padding, window and filter do not fit together. If you call np.pad with one
        number, it pads examples and channels too: give it a pair for each axis."""
        if conv_param["pad"]:
            return {"out": raises("ValueError", "broadcast")}

    @mistake
    def padding_counted_once(self, right, x, w, b, conv_param):
        """Your output is too small: the padding is added at both ends of a side, so it counts
        twice."""
        rows, columns = out_size(x, w, conv_param["stride"], conv_param["pad"])
        return {"out": right["out"][:, :, :rows, :columns]}

    @mistake
    def padding_not_in_the_size(self, right, x, w, b, conv_param):
        """Your output has the size that it would have without padding, though you pad: take the
        padded picture's height and width."""
        rows, columns = out_size(x, w, conv_param["stride"], 0)
        return {"out": right["out"][:, :, :rows, :columns]}

    @mistake
    def stride_ignored(self, right, x, w, b, conv_param):
        """Your output has the right size, but the windows lie side by side: window i begins at i.
        With a stride they are that far apart."""
        _, _, rows, columns = right["out"].shape
        dense = correlate(x, w, b, 1, conv_param["pad"])
        return {"out": dense[:, :, :rows, :columns]}

    @mistake
    def stride_down_only(self, right, x, w, b, conv_param):
        """From row to row your windows are a stride apart, from column to column one pixel. The
        stride holds in both directions."""
        if conv_param["stride"] > 1:
            dense = correlate(x, w, b, 1, conv_param["pad"])
            down = dense[:, :, :: conv_param["stride"]]
            return {"out": down[..., : right["out"].shape[3]]}

    @mistake
    def one_window_too_few(self, right, x, w, b, conv_param):
        """The last row and the last column of windows are missing. A kernel as long as the side
        has one place, not none: that is the + 1."""
        return {"out": right["out"][:, :, :-1, :-1]}

    @mistake
    def rounded_up(self, right, x, w, b, conv_param):
        """Where the stride does not divide evenly your last window sticks out of the picture.
        Output sizes are rounded down: a rest at the border is left out."""
        rooms = [x.shape[a] + 2 * conv_param["pad"] - w.shape[a] for a in (2, 3)]
        if any(room % conv_param["stride"] for room in rooms):
            return {"out": raises("ValueError", "broadcast")}

    @mistake
    def square_kernel(self, right, x, w, b, conv_param):
        """Your code stops unless kernels are square: somewhere the kernel's height stands for its
        width, or the other way round."""
        if w.shape[2] != w.shape[3]:
            return {"out": raises("ValueError", "broadcast")}

    @mistake
    def first_channel_only(self, right, x, w, b, conv_param):
        """Only the first channel is used. A filter is as deep as its input: its products are
        summed over all channels."""
        return {"out": correlate(x[:, :1], w[:, :1], b, **conv_param)}

    @mistake
    def averaged(self, right, x, w, b, conv_param):
        """You average the products of a window. They are summed."""
        bias = b[:, None, None]
        return {"out": (right["out"] - bias) / w[0].size + bias}

    @mistake
    def wider_dtype(self, right, x, w, b, conv_param):
        """float32 comes in and float64 goes out: np.zeros makes float64 unless it is told
        otherwise."""
        if x.dtype == np.float32:
            return {"out": right["out"].astype(np.float64)}
