"""Notebook 13: right in one half, and two things wrong at once."""

import numpy as np
from wrong_code import wrong
from wrong_code.precision.bit_faults import _through, _weights
from wrong_code.precision.fixed_faults import _groups, _quantize, _rule
from wrong_code.precision.half_faults import _step, enter

rounded = _quantize()
stepped = _step()


@wrong("loss_scaled_step", "inverse_in_half")
def loss_scaled_step(params, scaled_grads, config):
    def small(g, scale):
        with np.errstate(all="ignore"):
            return (g / np.float16(min(scale, 65504))).astype(np.float32)

    return _step(unscale=small)(params, scaled_grads, config)


def overflows(scaled_grads):
    return not all(np.isfinite(g).all() for g in scaled_grads.values())


@wrong("loss_scaled_step", "skipped_step_counts_as_good")
def loss_scaled_step(params, scaled_grads, config):
    if overflows(scaled_grads):
        nothing = {name: 0 * np.nan_to_num(g) for name, g in scaled_grads.items()}
        return dict(params), stepped(params, nothing, config)[1]
    return stepped(params, scaled_grads, config)


@wrong("loss_scaled_step", "nothing_after_a_skipped_step")
def loss_scaled_step(params, scaled_grads, config):
    if overflows(scaled_grads):
        config.setdefault("scale", 65536.0)
        config.setdefault("growth_tracker", 0)
        return dict(params), config
    return stepped(params, scaled_grads, config)


@wrong("loss_scaled_step", "backs_off_and_counts_on")
def loss_scaled_step(params, scaled_grads, config):
    before = config.get("growth_tracker", 0)
    params, config = stepped(params, scaled_grads, config)
    if overflows(scaled_grads):
        config["growth_tracker"] = before + 1
    return params, config


enter("quantize_fixed", _quantize, {
    "noise_of_half_a_step": {
        "chance": lambda s, rng: np.rint(s + (rng.random(s.shape) - 0.5) / 2),
    },
    "noise_upwards_only": {"chance": lambda s, rng: np.rint(s + rng.random(s.shape) / 2)},
    "noise_around_zero_and_down": {
        "chance": lambda s, rng: np.floor(s + rng.uniform(-0.5, 0.5, s.shape)),
    },
})  # fmt: skip


@wrong("quantize_fixed", "fraction_bits_taken_for_all")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    behind = fraction_bits - integer_bits if fraction_bits > integer_bits else 0
    return rounded(x, integer_bits, behind, mode, rng)


@wrong("quantize_fixed", "sign_taken_from_the_fraction")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    return rounded(x, integer_bits, max(fraction_bits - 1, 0), mode, rng)


def cut_too_high(chance):
    def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
        if mode == "nearest":
            return rounded(x, integer_bits, fraction_bits, mode, rng)
        top = 2.0 ** (integer_bits + fraction_bits - 1)
        steps = np.clip(x.astype(float) * 2.0**fraction_bits, -top, top - 0.5)
        return (chance(steps, rng.random(x.shape)) / 2.0**fraction_bits).astype(x.dtype)

    return quantize_fixed


wrong("quantize_fixed", "leaves_the_range_by_chance")(
    cut_too_high(lambda steps, draws: np.floor(steps + draws))
)
wrong("quantize_fixed", "leaves_the_range_where_drawn")(
    cut_too_high(lambda steps, draws: np.floor(steps) + (draws < steps % 1))
)


def turned(dout, x):
    return np.where(x < 0, -dout, dout) * (np.abs(x) <= 1)


enter("straight_through", _through, {
    "times_the_binary_sign": {"function": turned},
    "times_the_sign_in_double": {"function": lambda d, x: turned(d, x).astype(float)},
    "uncut_in_double": {"function": lambda d, x: d * np.ones(x.shape)},
})  # fmt: skip


def itself(w):
    return w


enter("binary_weight_step", _weights, {
    "plain_descent": {"at": itself, "step": lambda w, g, rate: w - rate * g},
    "at_full_precision_and_from_zero": {
        "at": itself, "step": lambda w, g, rate: np.minimum(np.maximum(w - rate * g, 0), 1),
    },
    "signs_throughout": {
        "step": lambda w, g, rate: np.where(w < 0, -1, 1).astype(w.dtype) - rate * g,
    },
    "steps_beyond_refused": {
        "step": lambda w, g, rate: w - rate * g * (np.abs(w - rate * g) <= 1),
    },
    "zero_beyond": {"step": lambda w, g, rate: (w - rate * g) * (np.abs(w - rate * g) <= 1)},
})  # fmt: skip


@wrong("xnor_dot", "matrices_row_by_row")
def xnor_dot(a_bits, b_bits, n):
    if a_bits.ndim == 2:
        a_bits, b_bits = a_bits[:, np.newaxis], b_bits[np.newaxis]
    return n - 2 * np.unpackbits(a_bits ^ b_bits, axis=-1).sum(-1, dtype=np.int32)


def halved(rule=_rule):
    class FixedPointSGD(_groups(rule=rule)):
        def __init__(self, params, learning_rate=0.1, bits=10, update_bits=12, max_overflow=1e-4,
                     integer_bits=2):  # fmt: skip
            super().__init__(params, learning_rate, bits, update_bits, max_overflow, bits // 2)

    return FixedPointSGD


def twice(*counts):
    move = _rule(*counts)
    return 2 * move if move > 0 else move


wrong("FixedPointSGD", "starts_with_half_the_bits")(halved())
wrong("FixedPointSGD", "half_the_bits_and_two_at_once")(halved(twice))


@wrong("FixedPointSGD", "all_groups_move_together")
class FixedPointSGD(_groups()):
    def rescale(self):
        every = [sum(numbers) for numbers in zip(*self.counts.values(), strict=True)]
        move = _rule(*every, self.most)
        for group in self.counts:
            self.integer_bits[group] += move
        self.counts = {group: [0, 0, 0] for group in self.counts}


def _in_twos_complement(steps, low, high):
    return (steps - low) % (high - low + 1) + low


@wrong("quantize_fixed", "wraps_around_by_chance")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    last = _in_twos_complement if mode == "stochastic" else None
    rounded = _quantize(cut=("nearest",), last=last)
    return rounded(x, integer_bits, fraction_bits, mode, rng)


@wrong("xnor_dot", "a_byte_of_padding_too_many")
def xnor_dot(a_bits, b_bits, n):
    agree = np.unpackbits(~(a_bits ^ b_bits), axis=-1).sum(-1, dtype=int)
    agree = agree - (8 - n % 8)
    return 2 * agree - n
