"""Notebook 13: one bit, a fault at a time."""

import numpy as np
from wrong_code.precision.half_faults import enter


def _sign(x):
    return np.where(x >= 0, 1, -1).astype(x.dtype)


def _of_x(function):
    def binarize(x):
        with np.errstate(all="ignore"):
            return function(x)

    return binarize


enter("binarize", _of_x, {
    "zero_is_negative": {"function": lambda x: np.where(x > 0, 1, -1).astype(x.dtype)},
    "zeros_and_ones": {"function": lambda x: (x >= 0).astype(x.dtype)},
    "wider_dtype": {"function": lambda x: np.where(x >= 0, 1.0, -1.0)},
    "divided_by_the_size": {"function": lambda x: x / np.where(x == 0, 0, np.abs(x))},
    "rounded_to_a_sign": {"function": lambda x: _sign(np.round(np.clip(x, -1, 1)))},
    "rounded_with_zeros": {"function": lambda x: np.round(np.clip(x, -1, 1))},
    "left_as_it_is": {"function": lambda x: np.clip(x, -1, 1)},
})  # fmt: skip


def _through(function):
    def straight_through(dout, x):
        return function(dout, x)

    return straight_through


def _inside(x):
    return np.abs(x) <= 1


enter("straight_through", _through, {
    "one_side_only": {"function": lambda d, x: d * (x <= 1)},
    "other_side_only": {"function": lambda d, x: d * (x >= -1)},
    "from_zero_to_one": {"function": lambda d, x: d * ((x >= 0) & (x <= 1))},
    "slope_of_tanh": {"function": lambda d, x: (d * (1 - np.tanh(x) ** 2)).astype(d.dtype)},
    "times_the_sign": {
        "function": lambda d, x: d * _inside(x) * np.sign(x).astype(d.dtype),
    },
    "times_x": {"function": lambda d, x: (d * _inside(x) * x).astype(d.dtype)},
    "in_the_dtype_of_x": {"function": lambda d, x: (d * _inside(x)).astype(x.dtype)},
    "wider_dtype": {"function": lambda d, x: d * _inside(x).astype(np.float64)},
    "true_derivative": {"function": lambda d, x: 0 * d},
    "gradient_decides": {"function": lambda d, x: d * _inside(d)},
    "dout_forgotten": {"function": lambda d, x: _inside(x).astype(d.dtype)},
    "as_relu": {"function": lambda d, x: d * (x > 0)},
    "keeps_outside": {"function": lambda d, x: d * ~_inside(x)},
})  # fmt: skip


def _weights(at=_sign, step=lambda w, g, rate: np.clip(w - rate * g, -1, 1), calls=1):
    def binary_weight_step(w, gradient, learning_rate):
        for _ in range(calls):
            g = gradient(at(w))
        return step(w, g, learning_rate)

    return binary_weight_step


enter("binary_weight_step", _weights, {
    "clipped_before": {"step": lambda w, g, rate: np.clip(w, -1, 1) - rate * g},
    "step_clipped": {"step": lambda w, g, rate: w - rate * np.clip(g, -1, 1)},
    "climbs": {"step": lambda w, g, rate: np.clip(w + rate * g, -1, 1)},
    "rate_forgotten": {"step": lambda w, g, rate: np.clip(w - g, -1, 1)},
    "upper_end_only": {"step": lambda w, g, rate: np.minimum(w - rate * g, 1)},
    "lower_end_only": {"step": lambda w, g, rate: np.maximum(w - rate * g, -1)},
    "clipped_from_zero": {"step": lambda w, g, rate: np.clip(w - rate * g, 0, 1)},
    "zeros_have_no_sign": {"at": np.sign},
    "zeros_are_negative": {"at": lambda w: np.where(w > 0, 1, -1).astype(w.dtype)},
    "stuck_at_the_ends": {
        "step": lambda w, g, rate: np.clip(w - rate * g * (np.abs(w) < 1), -1, 1),
    },
    "nothing_moves": {"step": lambda w, g, rate: w.copy()},
    "sign_of_the_gradient": {"step": lambda w, g, rate: np.clip(w - rate * np.sign(g), -1, 1)},
    "gradient_taken_twice": {"calls": 2},
    "wider_dtype": {
        "at": lambda w: np.where(w >= 0, 1.0, -1.0),
        "step": lambda w, g, rate: np.clip(w - np.float64(rate) * g, -1, 1),
    },
})  # fmt: skip


def _pack(function):
    def pack_bits(x):
        return function(x)

    return pack_bits


def _padded(x, value=False, front=False):
    over = (-x.shape[-1]) % 8
    more = np.full((*x.shape[:-1], over), value)
    return np.concatenate([more, x > 0] if front else [x > 0, more], axis=-1)


def _last_byte_low(x):
    bits = np.packbits(x > 0, axis=-1)
    bits[..., -1] >>= (-x.shape[-1]) % 8
    return bits


def _too_many(x):
    n = x.shape[-1]
    full = np.zeros((*x.shape[:-1], 8 * (n // 8 + 1)), bool)
    full[..., :n] = x > 0
    return np.packbits(full, axis=-1)


def _flat_into_rows(x):
    n = x.shape[-1]
    stream = np.packbits(x > 0)
    full = np.zeros(x.size // n * ((n + 7) // 8), np.uint8)
    full[: stream.size] = stream
    return full.reshape(*x.shape[:-1], -1)


enter("pack_bits", _pack, {
    "packed_flat_lowest_first": {"function": lambda x: np.packbits(x > 0, bitorder="little")},
    "packed_flat_into_rows": {"function": _flat_into_rows},
    "negative_is_one": {"function": lambda x: np.packbits(x < 0, axis=-1)},
    "all_bits_turned": {"function": lambda x: ~np.packbits(x > 0, axis=-1)},
    "padded_with_ones": {"function": lambda x: np.packbits(_padded(x, True), axis=-1)},
    "padded_in_front": {"function": _last_byte_low},
    "row_padded_in_front": {"function": lambda x: np.packbits(_padded(x, front=True), axis=-1)},
    "a_byte_too_many": {"function": _too_many},
    "wants_full_bytes": {
        "function": lambda x: np.packbits((x > 0).reshape(*x.shape[:-1], -1, 8), axis=-1)[..., 0],
    },
    "packed_along_axis_one": {
        "function": lambda x: np.packbits(x > 0, axis=1 if x.ndim > 1 else 0),
    },
    "packed_along_the_first_axis": {"function": lambda x: np.packbits(x > 0, axis=0)},
    "a_byte_a_sign": {"function": lambda x: (x > 0).astype(np.uint8)},
})  # fmt: skip


def _dot(result):
    """From the two arrays of bytes, the bits that differ in each row, and n."""

    def xnor_dot(a_bits, b_bits, n):
        differ = np.unpackbits(a_bits ^ b_bits, axis=-1).sum(axis=-1, dtype=int)
        return result(a_bits, b_bits, differ, n)

    return xnor_dot


def _unpacked(bits):
    return 2 * np.unpackbits(bits, axis=-1) - np.uint8(1)


def _padding(n):
    return (-n) % 8


def _by_byte(a, b):
    return np.unpackbits((a ^ b)[..., None], axis=-1).sum(-1, dtype=int)


def _matrix(a, b, d, n):
    a, b = (v.reshape(-1, v.shape[-1]) for v in (a, b))
    return n - 2 * np.unpackbits(a[:, None] ^ b[None], axis=-1).sum(-1, dtype=int)


enter("xnor_dot", _dot, {
    "bytes_for_length": {"result": lambda a, b, d, n: a.shape[-1] - 2 * d},
    "differences_counted": {"result": lambda a, b, d, n: d},
    "agreements_counted": {"result": lambda a, b, d, n: n - d},
    "agreements_with_padding": {"result": lambda a, b, d, n: 8 * a.shape[-1] - d},
    "agreements_minus_length": {"result": lambda a, b, d, n: n - d - n},
    "padded_agreements_minus_length": {"result": lambda a, b, d, n: 8 * a.shape[-1] - d - n},
    "result_in_a_byte": {"result": lambda a, b, d, n: np.asarray(n - 2 * d).astype(np.int8)},
    "signs_unpacked_unsigned": {
        "result": lambda a, b, d, n: (_unpacked(a) * _unpacked(b))[..., :n].sum(-1),
    },
    "padding_unpacked_unsigned": {
        "result": lambda a, b, d, n: (_unpacked(a) * _unpacked(b)).sum(-1),
    },
    "positives_in_common": {
        "result": lambda a, b, d, n: np.unpackbits(a & b, axis=-1).sum(-1, dtype=int),
    },
    "agreements_over_everything": {"result": lambda a, b, d, n: n - np.sum(d)},
    "one_count_for_all": {"result": lambda a, b, d, n: n - 2 * np.sum(d)},
    "one_sum_for_all": {"result": lambda a, b, d, n: np.sum(n - 2 * d)},
    "a_count_for_each_byte": {"result": lambda a, b, d, n: n - 2 * _by_byte(a, b)},
    "summed_along_the_first_axis": {"result": lambda a, b, d, n: n - 2 * _by_byte(a, b).sum(0)},
    "values_of_bytes_added": {"result": lambda a, b, d, n: n - 2 * (a ^ b).sum(-1, dtype=int)},
    "every_row_with_every_row": {"result": _matrix},
    "floats_for_counts": {"result": lambda a, b, d, n: 1.0 * (n - 2 * d)},
    "divided_by_the_length": {"result": lambda a, b, d, n: (n - 2 * d) / n},
})  # fmt: skip
