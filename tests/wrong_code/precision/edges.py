"""Notebook 13: what goes wrong at edges: settings that are absent or 0, tiny numbers, counts."""

import numpy as np
from wrong_code import wrong

DEFAULTS = {"learning_rate": 1e-2, "max_norm": None, "scale": 65536.0, "growth_factor": 2.0,
            "backoff_factor": 0.5, "growth_interval": 2000, "growth_tracker": 0}  # fmt: skip


def scaled_step(change):
    """loss_scaled_step that is right but for `change`."""

    def loss_scaled_step(params, scaled_grads, config):
        c = DEFAULTS | config
        limit = c["max_norm"]
        grads = {n: g.astype(np.float32) / c["scale"] for n, g in scaled_grads.items()}
        finite = all(np.isfinite(g).all() for g in grads.values())
        if change in ("with a limit", "without"):
            finite = finite or (limit is None) == (change == "with a limit")
        if not finite:
            if change in ("scale", "backoff_factor"):
                config[change]
            config["scale"] = c["scale"] * c["backoff_factor"]
            if change == "least":
                config["scale"] = max(config["scale"], 1.0)
            config["growth_tracker"] = 0
            return params, config
        rate = c["learning_rate"]
        if limit if change == "truth" else limit is not None:
            norm = float(np.sqrt(sum((g**2).sum() for g in grads.values())))
            if norm and (norm > limit or change == "lengthen"):
                rate *= limit / norm
        config["growth_tracker"] = c["growth_tracker"] + 1
        if config["growth_tracker"] == c["growth_interval"]:
            factor = config["growth_factor"] if change == "growth_factor" else c["growth_factor"]
            config["scale"], config["growth_tracker"] = c["scale"] * factor, 0
        else:
            config["scale"] = c["scale"]
        return {n: w - np.float32(rate) * grads[n] for n, w in params.items()}, config

    return loss_scaled_step


for change, name in {
    "with a limit": "overflow_noticed_with_a_limit",
    "without": "overflow_noticed_without_a_limit",
    "scale": "wants_a_scale_after_an_overflow",
    "backoff_factor": "wants_a_backoff_factor",
    "growth_factor": "wants_a_growth_factor",
    "least": "scale_of_one_at_least",
    "truth": "no_limit_of_zero",
    "lengthen": "short_ones_lengthened",
}.items():
    wrong("loss_scaled_step", name)(scaled_step(change))


@wrong("quantize_fixed", "rng_decides")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    steps = x * 2.0**fraction_bits
    steps = np.round(steps) if rng is None else np.floor(steps + rng.random(x.shape))
    top = 2.0 ** (integer_bits + fraction_bits - 1)
    return (np.clip(steps, -top, top - 1) / 2.0**fraction_bits).astype(x.dtype)


@wrong("binarize", "tiny_ones_positive")
def binarize(x):
    return np.sign(x + 1e-30).astype(x.dtype)


@wrong("straight_through", "both_decide")
def straight_through(dout, x):
    return dout * (np.abs(x) <= 1) * (np.abs(dout) <= 1)


@wrong("straight_through", "triangle")
def straight_through(dout, x):
    return (dout * np.maximum(0, 2 - 2 * np.abs(x))).astype(dout.dtype)


@wrong("binary_weight_step", "whole_step_clipped")
def binary_weight_step(w, gradient, learning_rate):
    signs = np.where(w >= 0, 1, -1).astype(w.dtype)
    return w - np.clip(learning_rate * gradient(signs), -1, 1)


@wrong("xnor_dot", "common_positives_minus_the_rest")
def xnor_dot(a_bits, b_bits, n):
    return 2 * np.unpackbits(a_bits & b_bits, axis=-1).sum(-1, dtype=int) - n


@wrong("xnor_dot", "common_positives_minus_all_bits")
def xnor_dot(a_bits, b_bits, n):
    both = np.unpackbits(a_bits & b_bits, axis=-1)
    return 2 * both.sum(-1, dtype=int) - both.shape[-1]


@wrong("xnor_dot", "and_for_xor_among_all_bits")
def xnor_dot(a_bits, b_bits, n):
    both = np.unpackbits(a_bits & b_bits, axis=-1)
    return np.sum(1 - 2 * both.astype(int), axis=-1)


def fixed_point(change):
    class FixedPointSGD:
        def __init__(self, params, learning_rate=0.1, bits=10, update_bits=12, max_overflow=1e-4,
                     integer_bits=2):  # fmt: skip
            self.rate, self.bits, self.update_bits = learning_rate, bits, update_bits
            self.share, self.start = max_overflow, integer_bits
            self.integer_bits, self.counts = {}, {}
            self.params = {n: self.put(n, w, update_bits, w) for n, w in params.items()}

        def put(self, group, x, width, counted=None):
            widest = max(self.integer_bits.values(), default=self.start)
            start = widest if change == "widest" else self.start
            whole = self.integer_bits.setdefault(group, start)
            end = float(1 << (whole - 1)) if change == "shift" else 2.0 ** (whole - 1)
            if counted is not None:
                out = [((counted < -e) | (counted >= e)).sum() for e in (end, end / 2)]
                before = self.counts.setdefault(group, np.zeros(3))
                self.counts[group] = before + [counted.size, *out]
            step = 2.0 ** (whole - width)
            return np.clip(np.round(x / step) * step, -end, end - step)

        def round(self, group, values):
            return self.put(group, values, self.bits, values)

        def weights(self):
            return {n: self.put(n, w, self.bits) for n, w in self.params.items()}

        def step(self, grads):
            for n, g in grads.items():
                new = self.params[n] - self.rate * g
                counted = g if change == "gradients" else new
                self.params[n] = self.put(n, new, self.update_bits, counted)

        def rescale(self):
            for group, (size, beyond, half) in self.counts.items():
                if beyond > self.share * size:
                    self.integer_bits[group] += 2 if change == "two" and beyond > size / 2 else 1
                elif size and half - (beyond if change == "between" else 0) <= self.share * size:
                    self.integer_bits[group] -= 1
                self.counts[group] = np.zeros(3)

    return FixedPointSGD


wrong("FixedPointSGD", "no_bits_before_the_point")(fixed_point("shift"))
wrong("FixedPointSGD", "gradients_counted")(fixed_point("gradients"))
wrong("FixedPointSGD", "overflows_not_beyond_half")(fixed_point("between"))
wrong("FixedPointSGD", "two_bits_at_once")(fixed_point("two"))
wrong("FixedPointSGD", "new_groups_start_widest")(fixed_point("widest"))


def wrapping(kind):
    """quantize_fixed that cuts to a `kind` of whole numbers before it saturates."""

    def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
        steps = x * 2.0**fraction_bits
        steps = np.rint(steps) if mode == "nearest" else np.floor(steps + rng.random(x.shape))
        top = 2 ** (integer_bits + fraction_bits - 1)
        whole = np.clip(steps.astype(np.int64).astype(kind), -top, top - 1)
        return (whole / 2.0**fraction_bits).astype(x.dtype)

    return quantize_fixed


wrong("quantize_fixed", "wraps_in_thirty_two_bits")(wrapping(np.int32))
wrong("quantize_fixed", "overflows_sixteen_bits")(wrapping(np.int16))


@wrong("quantize_fixed", "chances_swapped_below_zero")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    steps = x.astype(np.float64) * 2.0**fraction_bits
    if mode == "nearest":
        whole = np.rint(steps)
    else:
        share = steps - np.floor(steps)
        whole = np.trunc(steps) + np.sign(steps) * (rng.random(x.shape) < share)
    top = 2 ** (integer_bits + fraction_bits - 1)
    return (np.clip(whole, -top, top - 1) / 2.0**fraction_bits).astype(x.dtype)


@wrong("xnor_dot", "counted_in_a_signed_byte")
def xnor_dot(a_bits, b_bits, n):
    differ = np.unpackbits(a_bits ^ b_bits, axis=-1).astype(np.int8)
    return n - 2 * differ.sum(axis=-1, dtype=np.int8).astype(int)


@wrong("xnor_dot", "one_count_in_every_place")
def xnor_dot(a_bits, b_bits, n):
    bits = a_bits ^ b_bits
    return np.zeros(bits.shape[:-1], int) + n - 2 * int(np.unpackbits(bits).sum())


@wrong("straight_through", "gradient_clipped_too")
def straight_through(dout, x):
    return np.where(abs(x) > 1, 0, dout).clip(-1, 1).astype(dout.dtype)


@wrong("binary_weight_step", "steps_of_signs_refused")
def binary_weight_step(w, gradient, learning_rate):
    binary = np.where(w < 0, -1, 1).astype(w.dtype)
    step = learning_rate * gradient(binary)
    step = step * (np.abs(binary - step) <= 1)
    return (w - step).clip(-1, 1).astype(w.dtype)


@wrong("half_accumulate", "stops_when_nothing_changes")
def half_accumulate(x):
    numbers = x.astype(np.float16)
    total = numbers[0]
    for number in numbers[1:]:
        before, total = total, total + number
        if total == before:
            break
    return total, np.add.accumulate(numbers, dtype=np.float32)[-1]


@wrong("loss_scaled_step", "added_to_the_norm")
def loss_scaled_step(params, scaled_grads, config):
    for name, default in [("scale", 65536.0), ("growth_tracker", 0)]:
        config.setdefault(name, default)
    grads = {n: g.astype(np.float32) / config["scale"] for n, g in scaled_grads.items()}
    if not all(np.isfinite(g).all() for g in grads.values()):
        config["scale"] *= config.get("backoff_factor", 0.5)
        config["growth_tracker"] = 0
        return params, config
    rate = config.get("learning_rate", 1e-2)
    if config.get("max_norm") is not None:
        norm = float(np.sqrt(sum(np.sum(g**2) for g in grads.values())))
        rate *= min(1.0, config["max_norm"] / (norm + 1e-2))
    config["growth_tracker"] += 1
    if config["growth_tracker"] >= config.get("growth_interval", 2000):
        config["scale"] *= config.get("growth_factor", 2.0)
        config["growth_tracker"] = 0
    return {n: w - np.float32(rate) * grads[n] for n, w in params.items()}, config
