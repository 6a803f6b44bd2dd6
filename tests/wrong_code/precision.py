"""Notebook 13: short numbers as people really write them wrong: half, fixed point, one bit."""

import numpy as np

from wrong_code import wrong

# ruff: noqa: F811 - each exercise is written several times, each time wrong


@wrong("half_accumulate", "half_added_wide", "single_added_in_pairs")
def half_accumulate(x):
    x = x.astype(np.float16)
    return x.sum(), x.sum(dtype=np.float32)


@wrong("half_accumulate", "single_from_half")
def half_accumulate(x):
    total = np.float16(0)
    for value in x.astype(np.float16):
        total += value
    return total, np.float32(total)


@wrong("half_accumulate", "not_rounded_first")
def half_accumulate(x):
    half, single = np.float16(0), np.float32(0)
    for value in x:
        half = np.float16(float(half) + float(value))
        single = np.float32(single + np.float32(value))
    return half, single


def settings(config):
    defaults = {"learning_rate": 1e-2, "max_norm": None, "scale": 65536.0, "growth_factor": 2.0,
                "backoff_factor": 0.5, "growth_interval": 2000, "growth_tracker": 0}  # fmt: skip
    for key, default in defaults.items():
        config.setdefault(key, default)
    return config


def clipping(grads, max_norm):
    if max_norm is None:
        return 1.0
    norm = np.sqrt(sum(float((g.astype(np.float32) ** 2).sum()) for g in grads.values()))
    return float(min(1.0, max_norm / norm)) if norm else 1.0


def move(config, good):
    if not good:
        config["scale"] *= config["backoff_factor"]
        config["growth_tracker"] = 0
        return
    config["growth_tracker"] += 1
    if config["growth_tracker"] == config["growth_interval"]:
        config["scale"] *= config["growth_factor"]
        config["growth_tracker"] = 0


@wrong("loss_scaled_step", "clipped_before_unscaling")
def loss_scaled_step(params, scaled_grads, config):
    config = settings(config)
    factor = clipping(scaled_grads, config["max_norm"])
    grads = {n: g.astype(np.float32) * factor / config["scale"] for n, g in scaled_grads.items()}
    good = all(np.isfinite(g).all() for g in scaled_grads.values())
    if good:
        params = {n: w - config["learning_rate"] * grads[n] for n, w in params.items()}
    move(config, good)
    return params, config


@wrong("loss_scaled_step", "unscaled_in_half")
def loss_scaled_step(params, scaled_grads, config):
    config = settings(config)
    grads = {n: g / config["scale"] for n, g in scaled_grads.items()}
    good = all(np.isfinite(g).all() for g in grads.values())
    if good:
        rate = config["learning_rate"] * clipping(grads, config["max_norm"])
        params = {n: w - np.float32(rate) * grads[n].astype("f4") for n, w in params.items()}
    move(config, good)
    return params, config


@wrong("loss_scaled_step", "others_step")
def loss_scaled_step(params, scaled_grads, config):
    config, following, good = settings(config), {}, True
    grads = {n: g.astype(np.float32) / config["scale"] for n, g in scaled_grads.items()}
    factor = clipping(grads, config["max_norm"])
    for name, w in params.items():
        if np.isfinite(grads[name]).all():
            following[name] = w - config["learning_rate"] * factor * grads[name]
        else:
            following[name], good = w, False
    move(config, good)
    return following, config


@wrong("loss_scaled_step", "infinity_not_seen")
def loss_scaled_step(params, scaled_grads, config):
    config = settings(config)
    grads = {n: g.astype(np.float32) / config["scale"] for n, g in scaled_grads.items()}
    good = not any(np.isnan(g).any() for g in grads.values())
    if good:
        rate = config["learning_rate"] * clipping(grads, config["max_norm"])
        params = {n: w - rate * grads[n] for n, w in params.items()}
    move(config, good)
    return params, config


@wrong("loss_scaled_step", "count_goes_on")
def loss_scaled_step(params, scaled_grads, config):
    config = settings(config)
    grads = {n: g.astype(np.float32) / config["scale"] for n, g in scaled_grads.items()}
    if not all(np.isfinite(g).all() for g in grads.values()):
        config["scale"] *= config["backoff_factor"]
        return params, config
    rate = config["learning_rate"] * clipping(grads, config["max_norm"])
    move(config, True)
    return {n: w - rate * grads[n] for n, w in params.items()}, config


@wrong("loss_scaled_step", "wider_when_clipped")
def loss_scaled_step(params, scaled_grads, config):
    config = settings(config)
    grads = {n: g.astype(np.float32) / config["scale"] for n, g in scaled_grads.items()}
    good = all(np.isfinite(g).all() for g in grads.values())
    if good:
        rate = config["learning_rate"]
        if config["max_norm"] is not None:
            rate *= np.float64(clipping(grads, config["max_norm"]))
        params = {n: w - rate * grads[n] for n, w in params.items()}
    move(config, good)
    return params, config


@wrong("loss_scaled_step", "changed:params")
def loss_scaled_step(params, scaled_grads, config):
    config = settings(config)
    grads = {n: g.astype(np.float32) / config["scale"] for n, g in scaled_grads.items()}
    good = all(np.isfinite(g).all() for g in grads.values())
    if good:
        rate = config["learning_rate"] * clipping(grads, config["max_norm"])
        for name, w in params.items():
            w -= rate * grads[name]
    move(config, good)
    return params, config


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
