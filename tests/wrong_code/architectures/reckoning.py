"""Notebook 09: sizes, fields, costs and kernels in two parts, with further slips."""

import math

import numpy as np
from wrong_code import wrong


def size_with(reach=lambda k, d: d * (k - 1) + 1, pads=lambda p: 2 * p, same=None, fits=None,
              words=("same", "valid"), error=None):  # fmt: skip
    """conv_output_size with another measure, which it refuses by as well."""

    def conv_output_size(size, kernel, stride, pad, dilation=1):
        own = reach(kernel, dilation)
        if pad == "same" and "same" in words:
            if same is None:
                return -(-size // stride)
            if same == "refused":
                if own > size:
                    raise ValueError(f"{own} does not fit into {size}")
                return -(-size // stride)
            pad = same(kernel, dilation)
        if pad == "valid" and "valid" in words:
            pad = 0
        padded = size + pads(pad)
        if fits:
            return fits(padded - own, stride, own, padded)
        if own > padded:
            if error:
                return error(f"{own} does not fit into {padded}")
            raise ValueError(f"{own} does not fit into {padded}")
        return (padded - own) // stride + 1

    return conv_output_size


def truncated(room, stride, own, padded):
    found = int(room / stride) + 1
    if found < 1:
        raise ValueError(f"{own} does not fit into {padded}")
    return found


def whole_steps(room, stride, own, padded):
    if room < 0 or room % stride:
        raise ValueError(f"{own} in {padded} by {stride}")
    return room // stride + 1


def by_index(room, stride, own, padded):
    return list(range(0, room + 1, stride))[-1] // stride + 1


for name, change in [
    ("padded_on_one_side_throughout", {"pads": lambda p: p}),
    ("padding_left_out_throughout", {"pads": lambda p: 0}),
    ("dilation_left_out_throughout", {"reach": lambda k, d: k}),
    ("dilation_times_kernel_throughout", {"reach": lambda k, d: k * d}),
    ("dilation_left_out_and_padded_once", {"reach": lambda k, d: k, "pads": lambda p: p}),
    ("same_by_half_the_reach_rounded_up", {"same": lambda k, d: (d * (k - 1) + 1) // 2}),
    ("same_refused", {"same": "refused"}),
    ("valid_not_read", {"words": ("same",), "pads": lambda p: p + p + 0}),
    ("same_not_read", {"words": ("valid",), "pads": lambda p: p + p + 0}),
    ("rest_refused", {"fits": whole_steps}),
    ("truncated_before_the_check", {"fits": truncated}),
    ("error_returned", {"error": ValueError}),
    ("another_error", {"fits": by_index}),
]:
    wrong("conv_output_size", name)(size_with(**change))


def field(grow=lambda k, s, d, jump: d * (k - 1) * jump, leap=lambda jump, k, s, d: jump * s,
          skip=lambda k, s: False, unpack=None,
          end=lambda size, jump, layers: (size, jump)):  # fmt: skip
    """receptive_field with one thing changed."""

    def receptive_field(layers):
        size = jump = 1
        for layer in layers:
            k, s, d = unpack(layer) if unpack else (*layer, 1)[:3]
            if skip(k, s):
                continue
            size += grow(k, s, d, jump)
            jump = leap(jump, k, s, d)
        return end(size, jump, layers)

    return receptive_field


for name, change in [
    ("one_by_one_skipped", {"skip": lambda k, s: k == 1}),
    ("half_kernels_on_both_sides", {"grow": lambda k, s, d, jump: 2 * (k // 2) * d * jump}),
    ("dilated_kernels_added", {"grow": lambda k, s, d, jump: k * d * jump}),
    ("poolings_see_nothing", {"grow": lambda k, s, d, jump: (k != s) * d * (k - 1) * jump}),
    ("dilation_ignored_and_strides_added", {
        "grow": lambda k, s, d, jump: (k - 1) * jump, "leap": lambda jump, k, s, d: jump + s - 1}),
    ("dilation_indexed", {"unpack": lambda layer: (layer[0], layer[1], layer[2])}),
    ("jump_first", {"end": lambda size, jump, layers: (jump, size)}),
    ("nothing_without_layers", {
        "end": lambda size, jump, layers: (size, jump) if layers else (0, 0)}),
    ("no_size_without_layers", {
        "end": lambda size, jump, layers: (size, jump) if layers else (0, 1)}),
    ("last_stride_left_out", {
        "end": lambda size, jump, layers: (size, jump // (layers[-1][1] if layers else 1))}),
    ("first_stride_left_out", {
        "end": lambda size, jump, layers: (size, jump // (layers[0][1] if layers else 1))}),
    ("jump_is_the_last_stride", {
        "end": lambda size, jump, layers: (size, layers[-1][1] if layers else 1)}),
    ("jumps_added", {
        "end": lambda size, jump, layers: (size, 1 + sum(layer[1] - 1 for layer in layers))}),
    ("needs_a_layer", {"end": lambda size, jump, layers: (size, layers[-1][1] * 0 + jump)}),
]:  # fmt: skip
    wrong("receptive_field", name)(field(**change))


@wrong("receptive_field", "dilation_expected")
def receptive_field(layers):
    size = jump = 1
    for k, s, d in layers:
        size += d * (k - 1) * jump
        jump *= s
    return size, jump


@wrong("receptive_field", "pairs_expected")
def receptive_field(layers):
    size = jump = 1
    for k, s in layers:
        size += (k - 1) * jump
        jump *= s
    return size, jump


def cost(places=None, parameters=lambda n, c_in, c_out, kh, kw, bias: n + c_out * bias,
         weights=math.prod, order=(0, 1)):  # fmt: skip
    def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
        n = c_out * c_in * kh * kw
        rows, columns = (H + 2 * pad - kh) // stride + 1, (W + 2 * pad - kw) // stride + 1
        found = places(H, W, stride, rows, columns) if places else rows * columns
        both = (parameters(n, c_in, c_out, kh, kw, bias),
                found * weights((c_out, c_in, kh, kw)))  # fmt: skip
        return both[order[0]], both[order[1]]

    return conv_cost


for name, change in [
    ("strides_have_room", {"places": lambda H, W, s, r, c: (H // s) * (W // s)}),
    ("one_for_every_stride_begun", {"places": lambda H, W, s, r, c: -(-H // s) * -(-W // s)}),
    ("area_over_the_stride", {"places": lambda H, W, s, r, c: H * W // s}),
    ("area_over_the_squared_stride", {"places": lambda H, W, s, r, c: H * W // s**2}),
    ("rows_plus_columns", {"places": lambda H, W, s, r, c: r + c}),
    ("places_forgotten", {"places": lambda H, W, s, r, c: 1}),
    ("macs_first", {"order": (1, 0)}),
    ("input_channels_not_in_macs", {"weights": lambda n: n[0] * n[2] * n[3]}),
    ("input_channels_not_in_parameters", {
        "parameters": lambda n, c_in, c_out, kh, kw, bias: n // c_in + c_out * bias}),
    ("output_channels_forgotten", {
        "parameters": lambda n, c_in, c_out, kh, kw, bias: n // c_out + c_out * bias}),
    ("one_filter_in_both", {
        "parameters": lambda n, c_in, c_out, kh, kw, bias: n // c_out + c_out * bias,
        "weights": lambda n: math.prod(n[1:])}),
    ("height_for_width", {
        "parameters": lambda n, c_in, c_out, kh, kw, bias: n // kw * kh + c_out * bias,
        "weights": lambda n: n[0] * n[1] * n[2] ** 2}),
    ("width_for_height", {
        "parameters": lambda n, c_in, c_out, kh, kw, bias: n // kh * kw + c_out * bias,
        "weights": lambda n: n[0] * n[1] * n[3] ** 2}),
]:  # fmt: skip
    wrong("conv_cost", name)(cost(**change))


@wrong("conv_cost", "one_bias_for_each_place")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    places = ((H + 2 * pad - kh) // stride + 1) * ((W + 2 * pad - kw) // stride + 1)
    n = c_out * c_in * kh * kw
    return n + c_out * places * bias, n * places


@wrong("conv_cost", "zeros_left_out")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    rows, columns = (H + 2 * pad - kh) // stride + 1, (W + 2 * pad - kw) // stride + 1
    products = 0
    for i in range(rows):
        for j in range(columns):
            top, left = i * stride - pad, j * stride - pad
            high, wide = min(top + kh, H) - max(top, 0), min(left + kw, W) - max(left, 0)
            products += high * wide
    return c_out * (c_in * kh * kw + bias), products * c_in * c_out


def split(k, column, row):
    return column, row, float(((k - np.outer(column, row)) ** 2).sum() / (k**2).sum())


@wrong("rank_one", "through_the_largest_entry")
def rank_one(k):
    i, j = divmod(int(np.abs(k).argmax()), k.shape[1])
    return split(k, k[:, j], k[i] / k[i, j])


@wrong("rank_one", "sums_divided_by_zero")
def rank_one(k):
    total = k.sum() if abs(k.sum()) > 1e-9 else np.nan
    return split(k, k.sum(1), k.sum(0) / total)


@wrong("rank_one", "last_vectors")
def rank_one(k):
    u, s, vh = np.linalg.svd(k, full_matrices=False)
    return split(k, u[:, -1] * s[-1], vh[-1])


for name, lost in [
    ("lost_not_a_share", lambda s: (s[1:] ** 2).sum()),
    ("lost_with_the_second_only", lambda s: s[1] ** 2 / (s**2).sum()),
    ("lost_without_squares", lambda s: s[1:].sum() / s.sum()),
]:

    def rank_one(k, lost=lost):
        u, s, vh = np.linalg.svd(k)
        return u[:, 0] * s[0], vh[0], lost(s)

    wrong("rank_one", name)(rank_one)


def parts(w, columns=None):
    """The flat and the tall one; `columns` are those that get copies."""
    c_out, c_in, kh, kw = w.shape
    flat, tall = np.zeros((c_in * kw, c_in, 1, kw)), np.zeros((c_out, c_in * kw, kh, 1))
    for c in range(c_in):
        for j in columns(kw) if columns else range(kw):
            flat[c * kw + j, c, 0, j] = 1
            tall[:, c * kw + j, :, 0] = w[:, c, :, j]
    return flat, tall


for name, found in [
    ("tall_first", lambda w: parts(w)[::-1]),
    ("last_column_left_out", lambda w: parts(w, lambda kw: range(kw - 1))),
    ("first_column_left_out", lambda w: parts(w, lambda kw: range(1, kw))),
    ("one_channel_each", lambda w: (parts(w)[0].sum(1, keepdims=True), parts(w)[1])),
    ("transposed", lambda w: (
        parts(w)[0], w.reshape(len(w), w.shape[1] * w.shape[3], w.shape[2], 1))),
]:  # fmt: skip

    def split_exactly(w, found=found):
        return found(w)

    wrong("split_exactly", name)(split_exactly)


@wrong("split_exactly", "channels_and_columns_mixed")
def split_exactly(w):
    c_out, c_in, kh, kw = w.shape
    flat, tall = parts(w)
    order = [c * kw + j for j in range(kw) for c in range(c_in)]
    return flat[order], tall


@wrong("split_exactly", "weights_in_the_flat_one")
def split_exactly(w):
    c_out, c_in, kh, kw = w.shape
    flat = w.transpose(0, 2, 1, 3).reshape(c_out * kh, c_in, 1, kw)
    tall = np.zeros((c_out, c_out * kh, kh, 1))
    for o in range(c_out):
        tall[o, o * kh + np.arange(kh), np.arange(kh)] = 1
    return flat, tall
