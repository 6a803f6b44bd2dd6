"""Notebook 09: words and gaps misread, short ways of another kind, branches without a ReLU, and
kernels that are near."""

import math

import numpy as np
import torch
from torch import nn
from wrong_code import wrong
from wrong_code.architectures.layers import narrow


@wrong("conv_output_size", "valid_and_same_exchanged")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "valid":
        return math.ceil(size / stride)
    pad, reach = 0 if pad == "same" else pad, dilation * (kernel - 1) + 1
    if reach > size + 2 * pad:
        raise ValueError(f"a reach of {reach} does not fit into {size + 2 * pad}")
    return (size + 2 * pad - reach) // stride + 1


@wrong("conv_output_size", "truncated_without_a_check")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return math.ceil(size / stride)
    pad = 0 if pad == "valid" else pad
    return int((size + 2 * pad - dilation * (kernel - 1) - 1) / stride) + 1


@wrong("receptive_field", "dilation_carried_on")
def receptive_field(layers):
    size, jump, dilation = 1, 1, 1
    for kernel, stride, *more in layers:
        dilation = more[0] if more else dilation
        size, jump = size + dilation * (kernel - 1) * jump, jump * stride
    return size, jump


@wrong("receptive_field", "dilation_taken_for_the_gap")
def receptive_field(layers):
    size, jump = 1, 1
    for kernel, stride, *more in layers:
        step = 1 + (more[0] if more else 0)
        size, jump = size + step * (kernel - 1) * jump, jump * stride
    return size, jump


@wrong("receptive_field", "a_stride_too_many_on_the_way_back")
def receptive_field(layers):
    size = 1
    for kernel, stride, *more in reversed(layers):
        size = size * stride + (more[0] if more else 1) * (kernel - 1)
    return size, math.prod(layer[1] for layer in layers)


wrong("Bottleneck", "quarter_and_batch_norms")(narrow(widths=lambda C: (C // 4, C // 4), norm=True))


@wrong("Bottleneck", "quarter_and_two_batch_norms")
class Bottleneck(nn.Module):
    def __init__(self, C):
        super().__init__()
        c = C // 4
        self.layers = nn.Sequential(
            nn.Conv2d(C, c, 1, bias=False), nn.BatchNorm2d(c), nn.ReLU(),
            nn.Conv2d(c, c, 3, padding=1, bias=False), nn.BatchNorm2d(c), nn.ReLU(),
            nn.Conv2d(c, C, 1, bias=False),
        )  # fmt: skip

    def forward(self, x):
        return self.layers(x)


def residual(identity, shape_changes=lambda a, b, s: s > 1 or a != b, front=False, pooled=False,
             affine=True):  # fmt: skip
    class ResidualBlock(nn.Module):
        def __init__(self, c_in, c_out, stride=1):
            super().__init__()
            norm = lambda c: nn.BatchNorm2d(c, affine=affine)
            first = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False)
            second = nn.Conv2d(c_out, c_out, 3, padding=1, bias=False)
            way = [norm(c_in), nn.ReLU(), first, norm(c_out), nn.ReLU(), second] if front else [
                first, norm(c_out), nn.ReLU(), second, norm(c_out)
            ]  # fmt: skip
            self.way, self.short = nn.Sequential(*way), nn.Sequential()
            if shape_changes(c_in, c_out, stride):
                pool = pooled and stride > 1
                if pool:
                    self.short.append(nn.AvgPool2d(stride, ceil_mode=True))
                step = 1 if pool else stride
                self.short.append(nn.Conv2d(c_in, c_out, 1, step, bias=False))
                self.short.append(norm(c_out))

        def forward(self, x):
            return torch.relu(self.way(x) + self.short(x))

    wrong("ResidualBlock", identity)(ResidualBlock)


residual("projected_where_both_change_only", lambda a, b, s: s > 1 and a != b)
residual("norms_in_front_and_a_relu_at_the_end", front=True)
residual("short_way_pooled", pooled=True)
residual("norms_without_scale_and_shift", affine=False)


def built(identity, padding=1, bias=True, affine=True, last_width=False):
    def build_cnn(pattern, input_shape, widths, loss="softmax"):
        (c, h, w), left, layers, flat = input_shape, list(widths), [], False
        if last_width:
            channels = widths[pattern.count("conv") - 1]
        for word in pattern:
            if word == "conv":
                layers.append(nn.Conv2d(c, left[0], 3, padding=padding, bias=bias))
                c, h, w = left.pop(0), h + 2 * padding - 2, w + 2 * padding - 2
            elif word == "batchnorm":
                layers.append(nn.BatchNorm2d(c, affine=affine))
            elif word == "relu":
                layers.append(nn.ReLU())
            elif word == "pool":
                layers.append(nn.MaxPool2d(2))
                h, w = h // 2, w // 2
            else:
                inputs = c if flat else (channels if last_width else c) * h * w
                layers += [nn.ReLU() if flat else nn.Flatten(), nn.Linear(inputs, left[0])]
                c, flat = left.pop(0), True

        def hinge(scores, y):
            off = (scores - scores.gather(1, y[:, None]) + 1).clamp(min=0)
            return (off.sum(1) - 1).mean()

        return nn.Sequential(*layers), nn.CrossEntropyLoss() if loss == "softmax" else hinge

    wrong("build_cnn", identity)(build_cnn)


built("convolutions_bare", padding=0, bias=False)
built("norms_without_scale_and_shift", affine=False)
built("channels_without_a_convolution", last_width=True)


def factorized(identity, default=lambda C: C, all_round=False):
    class Factorized(nn.Module):
        def __init__(self, C, n, between=None):
            super().__init__()
            m, p = between or default(C), n // 2
            pads = (p, p) if all_round else ((0, p), (p, 0))
            self.flat = nn.Conv2d(C, m, (1, n), padding=pads[0], bias=False)
            self.tall = nn.Conv2d(m, C, (n, 1), padding=pads[1], bias=False)

        def forward(self, x):
            return self.tall(self.flat(x))[..., : x.shape[2], : x.shape[3]]

    wrong("Factorized", identity)(Factorized)


factorized("one_between", default=lambda C: 1)
factorized("padded_all_round_and_cut", all_round=True)


def inception(identity, bare=(), turned=False):
    class Inception(nn.Module):
        def __init__(self, c_in, c1, c3_reduce, c3, c5_reduce, c5, c_pool):
            super().__init__()
            if turned:
                c3_reduce, c3, c5_reduce, c5 = c3, c3_reduce, c5, c5_reduce

            def conv(name, a, b, k=1):
                layer = nn.Conv2d(a, b, k, padding=k // 2)
                return layer if name in bare else nn.Sequential(layer, nn.ReLU())

            self.one = conv("one", c_in, c1)
            self.three = nn.Sequential(
                conv("reduce3", c_in, c3_reduce), conv("three", c3_reduce, c3, 3)
            )
            self.five = nn.Sequential(
                conv("reduce5", c_in, c5_reduce), conv("five", c5_reduce, c5, 5)
            )
            self.pooled = nn.Sequential(nn.MaxPool2d(3, 1, 1), conv("pooled", c_in, c_pool))

        def forward(self, x):
            return torch.cat([way(x) for way in (self.one, self.three, self.five, self.pooled)], 1)

    wrong("Inception", identity)(Inception)


inception("three_reduced_without_relu", ["reduce3"])
inception("five_reduced_without_relu", ["reduce5"])
inception("three_without_relu", ["three"])
inception("five_without_relu", ["five"])
inception("widths_exchanged", turned=True)


@wrong("rank_one", "root_of_the_factor")
def rank_one(k):
    u, s, vh = np.linalg.svd(k, full_matrices=False)
    return u[:, 0] * s[0] ** 0.5, vh[0], (s[1:] ** 2).sum() / (s**2).sum()


@wrong("rank_one", "one_step_towards_it")
def rank_one(k):
    column = k.sum(axis=1)
    size = (column**2).sum()
    row = column @ k / (size if size > 1e-12 else 1)
    return column, row, ((k - np.outer(column, row)) ** 2).sum() / (k**2).sum()


def table(identity, pool=lambda: nn.MaxPool2d(2), relu_behind=lambda following: True):
    def vgg(config, input_size=224, hidden=4096, classes=1000):
        layers, c, side = [], 3, input_size
        for entry, following in zip(config, [*config[1:], "M"], strict=True):
            if entry == "M":
                layers.append(pool())
                side //= 2
            else:
                layers.append(nn.Conv2d(c, entry, 3, padding=1))
                layers += [nn.ReLU()] if relu_behind(following) else []
                c = entry
        head = [nn.Linear(c * side**2, hidden), nn.ReLU(), nn.Dropout()]
        head += [nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout(), nn.Linear(hidden, classes)]
        return nn.Sequential(*layers, nn.Flatten(), *head)

    wrong("vgg", identity)(vgg)


table("relu_in_front_of_poolings_only", relu_behind=lambda following: following == "M")
table("overlapping_poolings", pool=lambda: nn.MaxPool2d(3, 2, 1))


@wrong("conv_output_size", "dilation_left_out_with_valid")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return math.ceil(size / stride)
    reach = kernel if pad == "valid" else dilation * (kernel - 1) + 1
    room = size - reach + (0 if pad == "valid" else 2 * pad)
    if room < 0:
        raise ValueError(f"a reach of {reach} does not fit into {room + reach}")
    return room // stride + 1


@wrong("receptive_field", "only_the_last_stride_above_one")
def receptive_field(layers):
    size, jump = 1, 1
    for kernel, stride, *dilation in layers:
        size += (kernel - 1) * (dilation[0] if dilation else 1) * jump
        if stride > 1:
            jump = stride
    return size, jump


def cost(identity, places):
    @wrong("conv_cost", identity)
    def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
        rows, columns = places((H + 2 * pad - kh) / stride), places((W + 2 * pad - kw) / stride)
        weights = kh * kw * c_in * c_out
        return weights + bias * c_out, weights * rows * columns


cost("rounds_to_nearest", lambda steps: round(steps + 1))
cost("steps_rounded_to_nearest", lambda steps: round(steps) + 1)
