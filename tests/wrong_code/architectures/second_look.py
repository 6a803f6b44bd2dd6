"""Notebook 09: half a kernel on each side, ReLUs a place too early, and two things at once."""

import math

import numpy as np
import torch
from torch import nn
from wrong_code import wrong
from wrong_code.architectures.layers import narrow
from wrong_code.architectures.nets import conv, relu, sequence


def _sized(identity, half, *more, before=False):
    """Sizes with "same" as padding of `half(kernel, dilation)`, or refused before any padding."""

    def conv_output_size(size, kernel, stride, pad, dilation=1):
        reach = dilation * (kernel - 1) + 1
        if before and reach > size:
            raise ValueError(f"{reach} > {size}")
        if pad == "same" and half is None:
            return math.ceil(size / stride)
        pad = half(kernel, dilation) if pad == "same" else 0 if pad == "valid" else pad
        if reach > size + 2 * pad:
            raise ValueError(f"{reach} > {size + 2 * pad}")
        return (size + 2 * pad - reach) // stride + 1

    wrong("conv_output_size", identity, *more)(conv_output_size)


_sized("same_by_half_the_kernel_rounded_down", lambda k, d: k // 2)
_sized("same_by_half_of_dilation_times_kernel", lambda k, d: d * k // 2)
_sized("same_by_dilation_times_half_the_kernel", lambda k, d: d * (k // 2))
_sized("refused_before_it_is_padded", None, "says_too_little", before=True)


def _seen(identity, added, start=1):
    def receptive_field(layers):
        size, jump = start, 1
        for kernel, stride, *more in layers:
            size, jump = size + added(kernel, *more or [1]) * jump, jump * stride
        return size, jump

    wrong("receptive_field", identity)(receptive_field)


_seen("kernels_added_from_nothing", lambda k, d: d * (k - 1) + 1, start=0)
_seen("dilated_kernels_added_from_nothing", lambda k, d: d * k, start=0)
_seen("one_gap_not_dilated", lambda k, d: k - 1 + (d - 1) * max(k - 2, 0))


wrong("Bottleneck", "relus_in_front_of_the_first_two")(sequence(
    "Bottleneck", relu, lambda C: conv(C, C // 2, 1), relu, lambda C: conv(C // 2, C // 2, 3),
    lambda C: conv(C // 2, C, 1)))  # fmt: skip
wrong("Bottleneck", "quarter_and_biases")(
    narrow(widths=lambda C: (C // 4, C // 4), biases=(True,) * 3)
)


@wrong("ResidualBlock", "stride_in_the_second_and_shortcut_not_normalised")
class ResidualBlock(nn.Module):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.way = nn.Sequential(
            nn.Conv2d(c_in, c_out, 3, 1, 1, bias=False), nn.BatchNorm2d(c_out), nn.ReLU(),
            nn.Conv2d(c_out, c_out, 3, stride, 1, bias=False), nn.BatchNorm2d(c_out),
        )  # fmt: skip
        fits = stride == 1 and c_in == c_out
        self.short = nn.Identity() if fits else nn.Conv2d(c_in, c_out, 1, stride, bias=False)

    def forward(self, x):
        return torch.relu(self.way(x) + self.short(x))


@wrong("Inception", "three_for_five_without_biases")
class Inception(nn.Module):
    def __init__(self, c_in, c1, c3_reduce, c3, c5_reduce, c5, c_pool):
        super().__init__()
        self.ways = nn.ModuleList([
            nn.Sequential(conv(c_in, c1, 1), nn.ReLU()),
            nn.Sequential(conv(c_in, c3_reduce, 1), nn.ReLU(), conv(c3_reduce, c3, 3), nn.ReLU()),
            nn.Sequential(conv(c_in, c5_reduce, 1), nn.ReLU(), conv(c5_reduce, c5, 3), nn.ReLU()),
            nn.Sequential(nn.MaxPool2d(3, 1, 1), conv(c_in, c_pool, 1), nn.ReLU()),
        ])  # fmt: skip

    def forward(self, x):
        return torch.cat([way(x) for way in self.ways], 1)


@wrong("rank_one", "eigenvectors")
def rank_one(k):
    values, vectors = np.linalg.eig(k)
    first = np.argmax(abs(values))
    column, row = values[first].real * vectors[:, first].real, vectors[:, first].real
    return column, row, ((k - np.outer(column, row)) ** 2).sum() / (k**2).sum()


def _split(identity, width, columns):
    """`width(kh, kw)` copies of each channel, each weighed by one of `columns(kh, kw)`."""

    def split_exactly(w):
        c_out, c_in, kh, kw = w.shape
        n = width(kh, kw)
        flat, tall = np.zeros((c_in, n, c_in, 1, n)), np.zeros((c_out, c_in, n, kh, 1))
        for c in range(c_in):
            for j, column in enumerate(columns(kh, kw)):
                flat[c, j, c, 0, j] = 1
                tall[:, c, j, :, 0] = w[:, c, :, column]
        return flat.reshape(c_in * n, c_in, 1, n), tall.reshape(c_out, c_in * n, kh, 1)

    wrong("split_exactly", identity)(split_exactly)


_split("as_wide_as_high", lambda kh, kw: kh, lambda kh, kw: range(kh))
_split("column_beyond_the_last", lambda kh, kw: kw, lambda kh, kw: range(1, kw + 1))
