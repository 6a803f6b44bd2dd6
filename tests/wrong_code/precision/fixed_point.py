"""Notebook 13: fixed-point numbers as people really write them wrong."""

import numpy as np
from wrong_code import wrong


def saturate(steps, integer_bits, fraction_bits, dtype):
    limit = 2.0 ** (integer_bits + fraction_bits - 1)
    return (np.clip(steps, -limit, limit - 1) / 2.0**fraction_bits).astype(dtype)


@wrong("quantize_fixed", "ties_up")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    steps = x * 2.0**fraction_bits
    steps = np.floor(steps + (0.5 if mode == "nearest" else rng.random(x.shape)))
    return saturate(steps, integer_bits, fraction_bits, x.dtype)


@wrong("quantize_fixed", "ties_down")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    steps = x * 2.0**fraction_bits
    below = np.floor(steps)
    up = steps - below > (0.5 if mode == "nearest" else rng.random(x.shape))
    return saturate(below + up, integer_bits, fraction_bits, x.dtype)


@wrong("quantize_fixed", "towards_zero_for_negatives")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    steps = x * 2.0**fraction_bits
    if mode == "nearest":
        steps = np.rint(steps)
    else:
        whole = np.trunc(steps)
        steps = whole + (rng.random(x.shape) < steps - whole)
    return saturate(steps, integer_bits, fraction_bits, x.dtype)


@wrong("quantize_fixed", "chances_swapped")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    steps = x * 2.0**fraction_bits
    if mode == "nearest":
        steps = np.rint(steps)
    else:
        below = np.floor(steps)
        share = steps - below
        steps = below + ((share > 0) & (rng.random(x.shape) > share))
    return saturate(steps, integer_bits, fraction_bits, x.dtype)


@wrong("quantize_fixed", "one_draw_for_all")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    steps = x * 2.0**fraction_bits
    steps = np.rint(steps) if mode == "nearest" else np.floor(steps + rng.random())
    return saturate(steps, integer_bits, fraction_bits, x.dtype)


@wrong("quantize_fixed", "top_too_high")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    steps = x * 2.0**fraction_bits
    steps = np.rint(steps) if mode == "nearest" else np.floor(steps + rng.random(x.shape))
    top = 2.0 ** (integer_bits - 1)
    return np.clip(steps / 2.0**fraction_bits, -top, top).astype(x.dtype)


@wrong("quantize_fixed", "wider_dtype")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    steps = x * 2.0**fraction_bits
    steps = np.rint(steps) if mode == "nearest" else np.floor(steps + rng.random(x.shape))
    return saturate(steps, integer_bits, fraction_bits, np.float64)


def nearest(x, integer_bits, bits):
    fraction_bits = bits - integer_bits
    return saturate(np.rint(x * 2.0**fraction_bits), integer_bits, fraction_bits, np.float64)


class Groups:
    """A right account, which the wrong ones below change in one thing each."""

    stored_bits = None

    def __init__(self, params, learning_rate=0.1, bits=10, update_bits=12, max_overflow=1e-4,
                 integer_bits=2):  # fmt: skip
        self.learning_rate, self.bits = learning_rate, bits
        self.update_bits = self.stored_bits or update_bits
        self.max_overflow, self.start = max_overflow, integer_bits
        self.integer_bits, self.seen = {}, {}
        self.params = {n: self.rounded(n, w, self.update_bits) for n, w in params.items()}

    def rounded(self, group, values, bits):
        self.integer_bits.setdefault(group, self.start)
        self.seen.setdefault(group, []).append(np.ravel(values))
        return nearest(values, self.integer_bits[group], bits)

    def round(self, group, values):
        return self.rounded(group, values, self.bits)

    def weights(self):
        return {n: nearest(w, self.integer_bits[n], self.bits) for n, w in self.params.items()}

    def step(self, grads):
        for n, g in grads.items():
            w = self.params[n] - self.learning_rate * g
            self.params[n] = self.rounded(n, w, self.update_bits)

    def moved(self, values, whole):
        def share(top):
            return np.mean((values < -top) | (values >= top))

        if share(2.0 ** (whole - 1)) > self.max_overflow:
            return 1
        return -1 if share(2.0 ** (whole - 2)) <= self.max_overflow else 0

    def rescale(self):
        for group, values in self.seen.items():
            if values:
                whole = self.integer_bits[group]
                self.integer_bits[group] += self.moved(np.concatenate(values), whole)
            self.seen[group] = []


@wrong("FixedPointSGD", "stored_coarsely")
class FixedPointSGD(Groups):
    def __init__(self, params, learning_rate=0.1, bits=10, update_bits=12, max_overflow=1e-4,
                 integer_bits=2):  # fmt: skip
        super().__init__(params, learning_rate, bits, bits, max_overflow, integer_bits)


@wrong("FixedPointSGD", "coarse_before_update")
class FixedPointSGD(Groups):
    def step(self, grads):
        for n, w in self.weights().items():
            if n in grads:
                w = w - self.learning_rate * grads[n]
                self.params[n] = self.rounded(n, w, self.update_bits)


@wrong("FixedPointSGD", "never_narrows")
class FixedPointSGD(Groups):
    def moved(self, values, whole):
        return max(super().moved(values, whole), 0)


@wrong("FixedPointSGD", "narrows_without_looking")
class FixedPointSGD(Groups):
    def moved(self, values, whole):
        return super().moved(values, whole) or -1


@wrong("FixedPointSGD", "updates_not_counted")
class FixedPointSGD(Groups):
    def step(self, grads):
        for n, g in grads.items():
            w = self.params[n] - self.learning_rate * g
            self.params[n] = nearest(w, self.integer_bits[n], self.update_bits)
