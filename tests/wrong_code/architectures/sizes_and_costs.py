"""Notebook 09: sizes, fields and costs as people really reckon them wrong.

Blocks and nets are in `architectures_nets`.
"""

import math

import numpy as np
import torch
from torch import nn
from wrong_code import wrong


def size_by(formula):
    """conv_output_size with another formula for what fits; it stops where nothing does."""

    def conv_output_size(size, kernel, stride, pad, dilation=1):
        if pad == "same":
            return math.ceil(size / stride)
        pad = 0 if pad == "valid" else pad
        reach = dilation * (kernel - 1) + 1
        if reach > size + 2 * pad:
            raise ValueError(f"a reach of {reach} does not fit into {size + 2 * pad}")
        return formula(size, kernel, stride, pad, dilation)

    return conv_output_size


wrong("conv_output_size", "not_whole")(
    size_by(lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) / s + 1)
)


wrong("conv_output_size", "dilation_left_out")(
    size_by(lambda n, k, s, p, d: (n + 2 * p - k) // s + 1)
)


wrong("conv_output_size", "rounds_up")(
    size_by(lambda n, k, s, p, d: math.ceil((n + 2 * p - d * (k - 1) - 1) / s) + 1)
)


@wrong("conv_output_size", "impossible_size_returned")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return (size + stride - 1) // stride
    if pad == "valid":
        pad = 0
    return (size + 2 * pad - dilation * (kernel - 1) - 1) // stride + 1


@wrong("conv_output_size", "asserts_where_it_should_round")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return (size + stride - 1) // stride
    if pad == "valid":
        pad = 0
    room = size + 2 * pad - dilation * (kernel - 1) - 1
    assert room >= 0 and room % stride == 0
    return room // stride + 1


def padded_by(half):
    """conv_output_size that finds "same" by padding on both sides, as torch users do."""

    def conv_output_size(size, kernel, stride, pad, dilation=1):
        pad = {"valid": 0, "same": half(kernel, dilation)}.get(pad, pad)
        reach = dilation * (kernel - 1) + 1
        if reach > size + 2 * pad:
            raise ValueError(f"a reach of {reach} does not fit into {size + 2 * pad}")
        return (size + 2 * pad - reach) // stride + 1

    return conv_output_size


wrong("conv_output_size", "same_by_half_the_kernel")(padded_by(lambda k, d: (k - 1) // 2))


wrong("conv_output_size", "same_by_half_the_reach")(padded_by(lambda k, d: d * (k - 1) // 2))


@wrong("conv_output_size", "dilation_not_in_the_comparison")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return math.ceil(size / stride)
    padded = size if pad == "valid" else size + 2 * pad
    if kernel > padded:
        raise ValueError(f"a kernel of {kernel} does not fit into {padded}")
    return (padded - dilation * (kernel - 1) - 1) // stride + 1


@wrong("conv_output_size", "nothing_returned_where_nothing_fits")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return math.ceil(size / stride)
    padded = size if pad == "valid" else size + 2 * pad
    if dilation * (kernel - 1) + 1 <= padded:
        return (padded - dilation * (kernel - 1) - 1) // stride + 1


@wrong("receptive_field", "kernels_multiplied")
def receptive_field(layers):
    size = jump = 1
    for kernel, stride, *_ in layers:
        size, jump = size * kernel, jump * stride
    return size, jump


@wrong("receptive_field", "whole_strides_added")
def receptive_field(layers):
    size = jump = 1
    for kernel, stride, *rest in layers:
        size += (rest[0] if rest else 1) * (kernel - 1) * jump
        jump += stride
    return size, jump


@wrong("receptive_field", "strides_ignored")
def receptive_field(layers):
    size, jump = 1, 1
    for kernel, stride, *rest in layers:
        size += (rest[0] if rest else 1) * (kernel - 1)
        jump *= stride
    return size, jump


@wrong("receptive_field", "own_stride_counted")
def receptive_field(layers):
    size, jump = 1, 1
    for kernel, stride, *rest in layers:
        jump *= stride
        size += (rest[0] if rest else 1) * (kernel - 1) * jump
    return size, jump


@wrong("receptive_field", "dilation_ignored")
def receptive_field(layers):
    size, jump = 1, 1
    for layer in layers:
        size += (layer[0] - 1) * jump
        jump *= layer[1]
    return size, jump


@wrong("receptive_field", "wrong_way_round")
def receptive_field(layers):
    # From the output back is a right way too, but not with the jump of the way forward.
    size, jump = 1, 1
    for kernel, stride, *rest in reversed(layers):
        size += (rest[0] if rest else 1) * (kernel - 1) * jump
        jump *= stride
    return size, jump


def cost_by(places, biases=lambda c_in, c_out: c_out, filters=lambda c_out: c_out):
    """conv_cost with another count of places along one axis, of biases or of filters."""

    def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
        weights = c_in * kh * kw
        area = places(H + 2 * pad - kh, stride) * places(W + 2 * pad - kw, stride)
        return (weights * c_out + (biases(c_in, c_out) if bias else 0),
                area * weights * filters(c_out))  # fmt: skip

    return conv_cost


def whole(room, stride):
    return room // stride + 1


wrong("conv_cost", "first_place_not_counted")(cost_by(lambda room, s: room // s))


wrong("conv_cost", "first_place_divided")(cost_by(lambda room, s: (room + 1) // s))


wrong("conv_cost", "not_rounded")(cost_by(lambda room, s: room / s + 1))


wrong("conv_cost", "one_filter")(cost_by(whole, filters=lambda c_out: 1))


wrong("conv_cost", "one_bias_for_all")(cost_by(whole, lambda c_in, c_out: 1))


wrong("conv_cost", "a_bias_for_each_input_channel")(cost_by(whole, lambda c_in, c_out: c_in))


@wrong("conv_cost", "one_side_squared")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    weights = c_out * c_in * kh * kw
    return weights + c_out * bias, whole(H + 2 * pad - kh, stride) ** 2 * weights


@wrong("conv_cost", "macs_first")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    parameters = c_out * c_in * kh * kw
    places = whole(H + 2 * pad - kh, stride) * whole(W + 2 * pad - kw, stride)
    return places * parameters, parameters + c_out * bias


@wrong("conv_cost", "input_size_for_output")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    weights = kh * kw * c_in * c_out
    return weights + (c_out if bias else 0), H * W * weights


@wrong("conv_cost", "always_a_bias")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    rows, columns = (H + 2 * pad - kh) // stride + 1, (W + 2 * pad - kw) // stride + 1
    return (kh * kw * c_in + 1) * c_out, rows * columns * kh * kw * c_in * c_out


@wrong("conv_cost", "operations_for_macs")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    layer = nn.Conv2d(c_in, c_out, (kh, kw), stride, pad, bias=bias, device="meta")
    out = layer(torch.empty(1, c_in, H, W, device="meta"))
    return sum(p.numel() for p in layer.parameters()), 2 * out.numel() * kh * kw * c_in


@wrong("rank_one", "column_of_vh")
def rank_one(k):
    u, s, vh = np.linalg.svd(k)
    return u[:, 0] * s[0], vh[:, 0], 1 - s[0] ** 2 / (s**2).sum()


@wrong("rank_one", "factor_in_both")
def rank_one(k):
    u, s, vh = np.linalg.svd(k)
    return u[:, 0] * s[0], vh[0] * s[0], 1 - s[0] ** 2 / (s**2).sum()


@wrong("rank_one", "sums_of_rows_and_columns")
def rank_one(k):
    s = np.linalg.svd(k, compute_uv=False)
    total = k.sum()
    if abs(total) < 1e-9:
        u, s, vh = np.linalg.svd(k)
        return u[:, 0] * s[0], vh[0], 1 - s[0] ** 2 / (s**2).sum()
    return k.sum(1), k.sum(0) / total, 1 - s[0] ** 2 / (s**2).sum()


def split_by(read):
    """split_exactly whose tall kernel takes its weights from w as `read` says."""

    def split_exactly(w):
        c_out, c_in, kh, kw = w.shape
        flat = np.zeros((c_in * kw, c_in, 1, kw))
        for c in range(c_in):
            for j in range(kw):
                flat[c * kw + j, c, 0, j] = 1
        return flat, read(w).reshape(c_out, c_in * kw, kh, 1)

    return split_exactly


wrong("split_exactly", "flipped")(split_by(lambda w: w[..., ::-1].transpose(0, 1, 3, 2)))


wrong("split_exactly", "columns_and_channels_mixed")(split_by(lambda w: w.transpose(0, 3, 1, 2)))
