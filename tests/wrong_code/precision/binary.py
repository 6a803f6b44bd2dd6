"""Notebook 13: numbers of one bit as people really write them wrong."""

import numpy as np
from wrong_code import wrong


@wrong("binarize", "zero_stays_zero")
def binarize(x):
    return np.sign(x)


@wrong("binarize", "truth_values")
def binarize(x):
    return x >= 0


@wrong("binarize", "whole_numbers")
def binarize(x):
    return np.where(x >= 0, 1, -1)


@wrong("binarize", "sign_bit")
def binarize(x):
    return np.copysign(np.ones_like(x), x)


@wrong("straight_through", "never_cut")
def straight_through(dout, x):
    return dout.copy()


@wrong("straight_through", "cut_at_one")
def straight_through(dout, x):
    return dout * (np.abs(x) < 1)


@wrong("straight_through", "gradient_clipped")
def straight_through(dout, x):
    return np.clip(dout, -1, 1)


@wrong("straight_through", "changed:dout")
def straight_through(dout, x):
    dout[np.abs(x) > 1] = 0
    return dout


def sign(w):
    return np.where(w >= 0, 1, -1).astype(w.dtype)


@wrong("binary_weight_step", "signs_updated")
def binary_weight_step(w, gradient, learning_rate):
    w = sign(w)
    return np.clip(w - learning_rate * gradient(w), -1, 1)


@wrong("binary_weight_step", "gradient_at_full_precision")
def binary_weight_step(w, gradient, learning_rate):
    return np.clip(w - learning_rate * gradient(w), -1, 1)


@wrong("binary_weight_step", "not_clipped")
def binary_weight_step(w, gradient, learning_rate):
    return w - learning_rate * gradient(sign(w))


@wrong("binary_weight_step", "signs_returned")
def binary_weight_step(w, gradient, learning_rate):
    return sign(w - learning_rate * gradient(sign(w)))


@wrong("pack_bits", "everything_is_true")
def pack_bits(x):
    return np.packbits(x.astype(bool), axis=-1)


@wrong("pack_bits", "packed_flat")
def pack_bits(x):
    return np.packbits(x > 0)


@wrong("pack_bits", "lowest_bit_first")
def pack_bits(x):
    return np.packbits(x > 0, axis=-1, bitorder="little")


@wrong("pack_bits", "last_byte_dropped")
def pack_bits(x):
    bits, whole = x > 0, x.shape[-1] // 8
    groups = bits[..., : 8 * whole].reshape(*x.shape[:-1], whole, 8)
    return np.packbits(groups, axis=-1)[..., 0]


@wrong("xnor_dot", "padding_counted")
def xnor_dot(a_bits, b_bits, n):
    agree = np.unpackbits(~(a_bits ^ b_bits), axis=-1).sum(-1, dtype=int)
    return 2 * agree - n


@wrong("xnor_dot", "and_for_xor")
def xnor_dot(a_bits, b_bits, n):
    return n - 2 * np.unpackbits(a_bits & b_bits, axis=-1).sum(-1, dtype=int)


@wrong("xnor_dot", "and_for_xor_over_everything")
def xnor_dot(a_bits, b_bits, n):
    return n - 2 * int(np.unpackbits(a_bits & b_bits).sum())


@wrong("xnor_dot", "counted_in_a_byte")
def xnor_dot(a_bits, b_bits, n):
    differ = np.unpackbits(a_bits ^ b_bits, axis=-1).sum(-1, dtype=np.uint8)
    return n - 2 * differ.astype(int)


@wrong("xnor_dot", "unsigned")
def xnor_dot(a_bits, b_bits, n):
    return n - 2 * np.unpackbits(a_bits ^ b_bits, axis=-1).sum(-1)


@wrong("xnor_dot", "bits_for_length")
def xnor_dot(a_bits, b_bits, n):
    differ = np.unpackbits(a_bits ^ b_bits, axis=-1).sum(-1, dtype=int)
    return 8 * a_bits.shape[-1] - 2 * differ


@wrong("xnor_dot", "bytes_compared")
def xnor_dot(a_bits, b_bits, n):
    return n - 2 * (a_bits != b_bits).sum(-1)
