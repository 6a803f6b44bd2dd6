"""Notebook 09: two slips in small blocks and kernels, branches in other orders, wide poolings."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from wrong_code import wrong


@wrong("rank_one", "sums_and_lost_is_a_root")
def rank_one(k):
    column, row = k.sum(1), k.sum(0)
    with np.errstate(all="ignore"):
        column = column / k.sum()
        off = k - column[:, None] * row
        return column, row, np.sqrt((off**2).sum() / (k**2).sum())


def flat_and_tall(identity, in_the_middle, behind=()):
    class Factorized(nn.Sequential):
        def __init__(self, C, n, between=None):
            m = between or C
            flat = nn.Conv2d(C, m, (1, n), padding=(0, n // 2))
            tall = nn.Conv2d(m, C, (n, 1), padding=(n // 2, 0))
            super().__init__(flat, *in_the_middle(m), tall, *behind)

    wrong("Factorized", identity)(Factorized)


flat_and_tall("relu_between_and_biases", lambda m: [nn.ReLU()])
flat_and_tall("relu_behind_both_and_biases", lambda m: [nn.ReLU()], [nn.ReLU()])
flat_and_tall("norm_and_relu_between_and_biases", lambda m: [nn.BatchNorm2d(m), nn.ReLU()])


def joined(identity, *order, middle=5, pool=lambda x: F.max_pool2d(x, 3, 1, 1)):
    class Inception(nn.Module):
        def __init__(self, c_in, c1, c3_reduce, c3, c5_reduce, c5, c_pool):
            super().__init__()
            self.one, self.pooled = nn.Conv2d(c_in, c1, 1), nn.Conv2d(c_in, c_pool, 1)
            self.before3, self.before5 = (nn.Conv2d(c_in, c, 1) for c in (c3_reduce, c5_reduce))
            self.three = nn.Conv2d(c3_reduce, c3, 3, padding=1)
            self.five = nn.Conv2d(c5_reduce, c5, middle, padding=middle // 2)

        def forward(self, x):
            found = {
                "one": self.one(x),
                "three": self.three(F.relu(self.before3(x))),
                "five": self.five(F.relu(self.before5(x))),
                "pool": self.pooled(pool(x)),
            }
            return F.relu(torch.cat([found[name] for name in order], dim=1))

    wrong("Inception", identity)(Inception)


joined("pool_joined_second", "one", "pool", "three", "five")
joined("pool_joined_third", "one", "three", "pool", "five")
joined("three_for_five_and_average_pool", "one", "three", "five", "pool", middle=3,
       pool=nn.AvgPool2d(3, stride=1, padding=1))  # fmt: skip


@wrong("vgg", "overlapping_poolings_counted")
def vgg(config, input_size=224, hidden=4096, classes=1000):
    layers, channels = [], 3
    for entry in config:
        if entry == "M":
            layers.append(nn.MaxPool2d(kernel_size=3, stride=2, padding=1))
            input_size = (input_size + 1) // 2
        else:
            layers += [nn.Conv2d(channels, entry, 3, padding=1), nn.ReLU()]
            channels = entry
    layers.append(nn.Flatten())
    width = channels * input_size * input_size
    for _ in range(2):
        layers += [nn.Linear(width, hidden), nn.ReLU(), nn.Dropout()]
        width = hidden
    return nn.Sequential(*layers, nn.Linear(width, classes))


def counted(identity, channels):
    def split_exactly(w):
        c_out, c_in, kh, kw = w.shape
        flat, tall = np.zeros((c_in * kw, c_in, 1, kw)), np.zeros((c_out, c_in * kw, kh, 1))
        for i in range(c_in):
            for j in range(kw):
                number = kh * i + j
                flat[number, channels(i), 0, j] = 1.0
                tall[:, number, :, 0] = w[:, i, :, j]
        return flat, tall

    wrong("split_exactly", identity)(split_exactly)


counted("counted_by_the_height", lambda i: i)
counted("counted_by_the_height_of_every_channel", lambda i: slice(None))
