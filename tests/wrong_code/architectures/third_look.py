"""Notebook 09: short ways and ReLUs in some places only, branches of other forms, kernels in two
parts that miss by a column or a type, and costs with two slips."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from wrong_code import wrong
from wrong_code.architectures.reckoning import parts


def residual(identity, made):
    """A block that adds its input where the shape stays; elsewhere a short way is `made` or not."""

    class ResidualBlock(nn.Module):
        def __init__(self, c_in, c_out, stride=1):
            super().__init__()
            self.way = nn.Sequential(
                nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False), nn.BatchNorm2d(c_out), nn.ReLU(),
                nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False), nn.BatchNorm2d(c_out),
            )  # fmt: skip
            if made and (stride > 1 or c_in != c_out):
                self.short = nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride, bias=False),
                                           nn.BatchNorm2d(c_out))  # fmt: skip

        def forward(self, x):
            out = self.way(x)
            return F.relu(out + x if out.shape == x.shape else out)

    wrong("ResidualBlock", identity)(ResidualBlock)


residual("added_where_the_shape_stays_alone", made=True)
residual("no_short_way_where_the_shape_changes", made=False)


def joined(identity, axis):
    class Inception(nn.Module):
        def __init__(self, c_in, c1, c3_reduce, c3, c5_reduce, c5, c_pool):
            super().__init__()
            conv = lambda a, b, k=1: nn.Sequential(nn.Conv2d(a, b, k, padding=k // 2), nn.ReLU())
            self.ways = nn.ModuleList([
                conv(c_in, c1),
                nn.Sequential(conv(c_in, c3_reduce), conv(c3_reduce, c3, 3)),
                nn.Sequential(conv(c_in, c5_reduce), conv(c5_reduce, c5, 5)),
                nn.Sequential(nn.MaxPool2d(3, 1, 1), conv(c_in, c_pool)),
            ])  # fmt: skip

        def forward(self, x):
            found = [way(x) for way in self.ways]
            most = max(h.shape[1] for h in found)
            found = [F.pad(h, (0, 0, 0, 0, 0, most - h.shape[1])) for h in found]
            return torch.cat(found, axis)

    wrong("Inception", identity)(Inception)


joined("joined_along_the_height", 2)
joined("joined_along_the_width", 3)


def table_net(identity, last):
    """vgg with ReLUs behind its poolings, and one at the end of a table without M if `last`."""

    def vgg(config, input_size=224, hidden=4096, classes=1000):
        layers, channels, side = [], 3, input_size
        for entry in config:
            if entry == "M":
                layers += [nn.MaxPool2d(2), nn.ReLU()]
                side //= 2
            else:
                layers.append(nn.Conv2d(channels, entry, 3, padding=1))
                channels = entry
        layers += [nn.ReLU()] if last and config[-1] != "M" else []
        for inputs in (channels * side * side, hidden):
            layers += [nn.Flatten(), nn.Linear(inputs, hidden), nn.ReLU(), nn.Dropout()]
        return nn.Sequential(*layers, nn.Linear(hidden, classes))

    wrong("vgg", identity)(vgg)


table_net("relus_at_poolings_only", last=False)
table_net("relu_in_front_of_poolings_only", last=True)


@wrong("rank_one", "lost_is_a_mean")
def rank_one(k):
    u, s, vh = np.linalg.svd(k)
    column, row = u[:, 0] * s[0], vh[0]
    return column, row, np.mean((k - np.outer(column, row)) ** 2)


@wrong("split_exactly", "single_precision")
def split_exactly(w):
    flat, tall = parts(w)
    return flat.astype(np.float32), tall.astype(np.float32)


@wrong("split_exactly", "whole_numbers")
def split_exactly(w):
    flat, tall = parts(w)
    return flat.astype(int), tall


@wrong("split_exactly", "flat_by_the_height")
def split_exactly(w):
    c_in, kh = w.shape[1:3]
    return np.eye(c_in * kh).reshape(c_in * kh, c_in, 1, kh), parts(w)[1]


@wrong("split_exactly", "copies_moved_to_the_left")
def split_exactly(w):
    flat, tall = parts(w)
    return np.roll(flat, -1, 3), tall


@wrong("split_exactly", "copies_moved_to_the_right")
def split_exactly(w):
    flat, tall = parts(w)
    return np.roll(flat, 1, 3), tall


@wrong("split_exactly", "rows_of_the_first_filter")
def split_exactly(w):
    c_out, c_in, kh, kw = w.shape
    flat, tall = np.zeros((c_in * kw, c_in, 1, kw)), np.zeros((c_out, c_in * kw, kh, 1))
    for c in range(c_in):
        row = np.linalg.svd(w[0, c])[2][0]
        flat[c * kw, c, 0], tall[:, c * kw, :, 0] = row, w[:, c] @ row
    return flat, tall


@wrong("rank_one", "column_of_the_short_vh")
def rank_one(k):
    u, s, v = np.linalg.svd(k, full_matrices=False)
    return s[0] * u[:, 0], v[:, 0], 1 - s[0] ** 2 / np.sum(s**2)


def _narrow(identity, first, last, pad):
    """A bottleneck with `first(C)` and `last(C)` channels in front of its 3×3 and behind it."""

    class Bottleneck(nn.Module):
        def __init__(self, C):
            super().__init__()
            self.layers = nn.Sequential(
                nn.Conv2d(C, first(C), 1, bias=False), nn.ReLU(),
                nn.Conv2d(first(C), last(C), 3, padding=pad, bias=False), nn.ReLU(),
                nn.Conv2d(last(C), C, 1, bias=False),
            )  # fmt: skip

        def forward(self, x):
            return self.layers(x)

    wrong("Bottleneck", identity)(Bottleneck)


_half, _whole = lambda C: C // 2, lambda C: C
_narrow("narrowed_by_the_middle", _whole, _half, 1)
_narrow("narrowed_by_the_middle_not_padded", _whole, _half, 0)
_narrow("widened_by_the_middle_not_padded", _half, _whole, 0)


def _inception(identity, third=5, norm=None, pool=None):
    class Inception(nn.Module):
        def __init__(self, c_in, c1, c3_reduce, c3, c5_reduce, c5, c_pool):
            super().__init__()

            def conv(a, b, k=1):
                layers = [nn.Conv2d(a, b, k, padding=k // 2, bias=norm is None)]
                layers += [nn.BatchNorm2d(b, eps=norm)] if norm else []
                return nn.Sequential(*layers, nn.ReLU())

            self.one, self.last = conv(c_in, c1), conv(c_in, c_pool)
            self.two = nn.Sequential(conv(c_in, c3_reduce), conv(c3_reduce, c3, 3))
            self.three = nn.Sequential(conv(c_in, c5_reduce), conv(c5_reduce, c5, third))

        def forward(self, x):
            pooled = pool(x) if pool else F.max_pool2d(x, 3, 1, 1)
            return torch.cat([self.one(x), self.two(x), self.three(x), self.last(pooled)], 1)

    wrong("Inception", identity)(Inception)


_inception("zeros_behind_the_pool", pool=lambda x: F.pad(F.max_pool2d(x, 3, 1), (1, 1, 1, 1)))
_inception("batch_norms_as_in_torchvision", norm=1e-3)
_inception("three_for_five_and_batch_norms", third=3, norm=1e-5)
_inception("three_for_five_and_its_batch_norms", third=3, norm=1e-3)


def _costing(identity, places, times=1):
    def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
        weights = c_in * c_out * kh * kw
        macs = int(times * weights * places(H, W, kh, kw, stride, pad))
        return weights + c_out * bias, macs

    wrong("conv_cost", identity)(conv_cost)


def _area(H, W, kh, kw, stride, room):
    return ((H + room - kh) // stride + 1) * ((W + room - kw) // stride + 1)


def _area_in_parts(H, W, kh, kw, stride, pad):
    return ((H + 2 * pad - kh) / stride + 1) * ((W + 2 * pad - kw) / stride + 1)


_costing("rounded_at_the_end", _area_in_parts)
_costing("area_rounded_down", lambda *sizes: int(_area_in_parts(*sizes)))
_costing("additions_and_padded_once", _area, times=2)
_costing("additions_and_no_padding", lambda H, W, kh, kw, s, pad: _area(H, W, kh, kw, s, 0), 2)
_costing("additions_and_no_stride", lambda H, W, kh, kw, s, pad: (
    _area(H, W, kh, kw, 1, 2 * pad)
), 2)  # fmt: skip
_costing("additions_and_input_size", lambda H, W, *rest: H * W, 2)
