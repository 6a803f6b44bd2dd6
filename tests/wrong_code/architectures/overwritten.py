"""Notebook 09: inputs that are overwritten, pools with zeros around, comparisons that leave out."""

import numpy as np
import torch
from torch import nn
from torch.nn.functional import pad as padded
from torch.nn.functional import relu
from wrong_code import wrong


@wrong("conv_output_size", "bare_comparison", "says_too_little")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return -(-size // stride)
    if size < kernel:
        raise ValueError("the kernel is too large")
    room = size + 2 * (0 if pad == "valid" else pad) - dilation * (kernel - 1) - 1
    return room // stride + 1


def cost(identity, height, width):
    def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
        rows = (H + 2 * pad - height(kh, kw)) // stride + 1
        columns = (W + 2 * pad - width(kh, kw)) // stride + 1
        weights = kh * kw * c_in * c_out
        return weights + bias * c_out, weights * rows * columns

    wrong("conv_cost", identity)(conv_cost)


cost("kernel_turned", lambda kh, kw: kw, lambda kh, kw: kh)
cost("output_by_the_height_alone", lambda kh, kw: kh, lambda kh, kw: kh)
cost("output_by_the_width_alone", lambda kh, kw: kw, lambda kh, kw: kw)


@wrong("rank_one", "sums_that_leave_nothing")
def rank_one(k):
    column, row = k.mean(axis=1), k.mean(axis=0)
    if not np.isclose(k.mean(), 0):
        row = row / k.mean()
    left = k - column[:, None] * row
    return column, row, np.sum(left**2) / np.sum(k**2)


def block(identity, forward, short=None):
    class ResidualBlock(nn.Module):
        def __init__(self, c_in, c_out, stride=1):
            super().__init__()
            self.first = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False)
            self.norm = nn.BatchNorm2d(c_out)
            self.second = nn.Conv2d(c_out, c_out, 3, padding=1, bias=False)
            self.last_norm = nn.BatchNorm2d(c_out)
            self.stride, self.fits = stride, c_in == c_out
            if stride > 1 and not (short and self.fits) or not self.fits:
                self.way = nn.Sequential(
                    nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out)
                )
            else:
                self.way = short or nn.Identity()

        def forward(self, x):
            return forward(self, x)

    wrong("ResidualBlock", identity)(ResidualBlock)


def overwritten(self, x):
    x = relu(self.norm(self.first(x)))
    x = self.last_norm(self.second(x))
    return relu(x + self.way(x))


def overwritten_first(self, x):
    x = relu(self.norm(self.first(x)))
    return relu(self.last_norm(self.second(x)) + self.way(x))


def where_it_fits(how):
    def forward(self, x):
        if isinstance(self.way, nn.Identity):
            return how(self, x)
        inside = relu(self.norm(self.first(x)))
        return relu(self.last_norm(self.second(inside)) + self.way(x))

    return forward


block("input_overwritten", overwritten)
block("input_overwritten_first", overwritten_first)
block("result_added_to_itself", where_it_fits(overwritten))
block("what_is_inside_added", where_it_fits(overwritten_first))


class EverySecond(nn.Module):
    def forward(self, x):
        return x[:, :, ::2, ::2]


def cut_where_channels_stay(self, x):
    out = self.last_norm(self.second(relu(self.norm(self.first(x)))))
    return relu(out + (self.way(x) if self.stride > 1 or not self.fits else x))


block("short_way_cut_where_channels_stay", cut_where_channels_stay, EverySecond())


def branches(identity, fourth):
    class Inception(nn.Module):
        def __init__(self, c_in, c1, c3_reduce, c3, c5_reduce, c5, c_pool):
            super().__init__()
            conv = lambda a, b, k: nn.Sequential(nn.Conv2d(a, b, k, padding=k // 2), nn.ReLU())
            self.one = conv(c_in, c1, 1)
            self.three = nn.Sequential(conv(c_in, c3_reduce, 1), conv(c3_reduce, c3, 3))
            self.five = nn.Sequential(conv(c_in, c5_reduce, 1), conv(c5_reduce, c5, 5))
            self.project = conv(c_in, c_pool, 1)

        def forward(self, x):
            ways = [self.one(x), self.three(x), self.five(x), fourth(self.project, x)]
            return torch.cat(ways, dim=1)

    wrong("Inception", identity)(Inception)


branches("zeros_around_the_pool",
         lambda project, x: project(nn.MaxPool2d(3, 1)(padded(x, (1, 1, 1, 1)))))  # fmt: skip
branches("averaged_behind_the_projection",
         lambda project, x: nn.AvgPool2d(3, 1, padding=1)(project(x)))  # fmt: skip


@wrong("rank_one", "power_from_ones")
def rank_one(k):
    row = np.ones(k.shape[1])
    for _ in range(10_000):
        with np.errstate(invalid="ignore"):
            column = k @ row / np.sqrt(np.sum((k @ row) ** 2))
        row = column @ k
    return column, row, 1 - np.sum(row**2) / np.sum(k**2)


@wrong("split_exactly", "as_many_columns_as_rows")
def split_exactly(w):
    c_out, c_in, kh, kw = w.shape
    flat, tall = np.zeros((c_in * kw, c_in, 1, kw)), np.zeros((c_out, c_in * kw, kh, 1))
    for channel in range(c_in):
        for column in range(min(kh, kw)):
            flat[channel * kw + column, channel, 0, column] = 1
            tall[:, channel * kw + column, :, 0] = w[:, channel, :, column]
    return flat, tall
