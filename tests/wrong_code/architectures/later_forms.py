"""Notebook 09: blocks as other papers have them, kernels taken apart with something else done
first."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from wrong_code import wrong


def bottleneck(identity, behind):
    """Three convolutions; `behind(channels)` are the layers behind the first two."""

    class Bottleneck(nn.Module):
        def __init__(self, C):
            super().__init__()
            half = C // 2
            self.all = nn.Sequential(
                nn.Conv2d(C, half, 1, bias=False), *behind(half),
                nn.Conv2d(half, half, 3, padding="same", bias=False), *behind(half),
                nn.Conv2d(half, C, 1, bias=False),
            )  # fmt: skip

        def forward(self, x):
            return self.all(x)

    wrong("Bottleneck", identity)(Bottleneck)


bottleneck("two_batch_norms", lambda channels: [nn.BatchNorm2d(channels), nn.ReLU()])
bottleneck("leaky", lambda channels: [nn.LeakyReLU()])
bottleneck("leaky_by_a_tenth", lambda channels: [nn.LeakyReLU(0.1)])


@wrong("ResidualBlock", "biases_inside")
class ResidualBlock(nn.Module):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(c_in, c_out, 3, stride, 1), nn.BatchNorm2d(c_out)
        self.conv2, self.bn2 = nn.Conv2d(c_out, c_out, 3, padding=1), nn.BatchNorm2d(c_out)
        self.short = None
        if (c_in, stride) != (c_out, 1):
            self.short = nn.Sequential(
                nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out)
            )

    def forward(self, x):
        out = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(out + (x if self.short is None else self.short(x)))


def factorized(identity, pad=None, norm=False, bias=False, apart=False):
    class Factorized(nn.Module):
        def __init__(self, C, n, between=None):
            super().__init__()
            c, p = between or C, n // 2 if pad is None else pad
            groups = C if apart else 1
            self.flat = nn.Conv2d(C, c, (1, n), padding=(0, p), bias=bias, groups=groups)
            self.norm = nn.BatchNorm2d(c) if norm else nn.Identity()
            self.tall = nn.Conv2d(c, C, (n, 1), padding=(p, 0), bias=bias)

        def forward(self, x):
            return self.tall(self.norm(self.flat(x)))

    wrong("Factorized", identity)(Factorized)


factorized("norm_between_and_biases", norm=True, bias=True)
factorized("channels_apart_in_the_flat_one", apart=True)
factorized("padded_by_two", pad=2)
factorized("padded_by_three", pad=3)


def relus(*layers):
    return nn.Sequential(*(part for layer in layers for part in (layer, nn.ReLU())))


def inception(identity, two_threes=False, pooled_last=False):
    class Inception(nn.Module):
        def __init__(self, c_in, c1, c3_reduce, c3, c5_reduce, c5, c_pool):
            super().__init__()
            large = [nn.Conv2d(c5_reduce, c5, 5, padding=2)]
            if two_threes:
                large = [nn.Conv2d(c, c5, 3, padding=1) for c in (c5_reduce, c5)]
            self.one, self.last = relus(nn.Conv2d(c_in, c1, 1)), relus(nn.Conv2d(c_in, c_pool, 1))
            self.three = relus(nn.Conv2d(c_in, c3_reduce, 1), nn.Conv2d(c3_reduce, c3, 3, 1, 1))
            self.five = relus(nn.Conv2d(c_in, c5_reduce, 1), *large)

        def forward(self, x):
            pool = lambda x: F.max_pool2d(x, 3, stride=1, padding=1)
            parts = [self.one(x), self.three(x), self.five(x)]
            if pooled_last:
                return torch.cat([pool(self.last(x)), *parts], 1)
            return torch.cat([*parts, self.last(pool(x))], 1)

    wrong("Inception", identity)(Inception)


inception("two_threes_for_five", two_threes=True)
inception("projection_before_the_pool_in_front", pooled_last=True)


def centred(identity, mean):
    def rank_one(k):
        u, s, vh = np.linalg.svd(k - mean(k))
        lost = 1 - s[0] ** 2 / np.sum(s**2)
        return u[:, 0] * s[0], vh[0], max(lost, 0.0)

    wrong("rank_one", identity)(rank_one)


centred("columns_centred", lambda k: k.mean(axis=0))
centred("rows_centred", lambda k: k.mean(axis=1)[:, None])
centred("mean_taken_off", np.mean)


@wrong("split_exactly", "rows_of_the_first_filter_too_few")
def split_exactly(w):
    c_out, c_in, kh, kw = w.shape
    flat, tall = np.zeros((c_in * kw, c_in, 1, kw)), np.zeros((c_out, c_in * kw, kh, 1))
    for c in range(c_in):
        basis = np.linalg.qr(w[0, c].T)[0].T
        for i, row in enumerate(basis):
            flat[c * kw + i, c, 0] = row
            tall[:, c * kw + i, :, 0] = w[:, c] @ row
    return flat, tall
