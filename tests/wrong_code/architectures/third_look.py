"""Notebook 09: short ways and ReLUs in some places only, branches joined along another axis, and
kernels in two parts that miss by a column or a type."""

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
