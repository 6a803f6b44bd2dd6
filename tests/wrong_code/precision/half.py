"""Notebook 13: sums and steps in half precision as people really write them wrong.

Fixed point is in `precision_fixed`, one bit in `precision_binary`.
"""

import numpy as np
from wrong_code import wrong


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


def unscaled(scaled_grads, config):
    return {n: g.astype(np.float32) / config["scale"] for n, g in scaled_grads.items()}


def finite(grads):
    return all(np.isfinite(g).all() for g in grads.values())


def stepped(params, grads, config):
    rate = config["learning_rate"] * clipping(grads, config["max_norm"])
    return {n: w - rate * grads[n] for n, w in params.items()}


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
    good = finite(scaled_grads)
    if good:
        params = {n: w - config["learning_rate"] * grads[n] for n, w in params.items()}
    move(config, good)
    return params, config


@wrong("loss_scaled_step", "unscaled_in_half")
def loss_scaled_step(params, scaled_grads, config):
    config = settings(config)
    grads = {n: g / config["scale"] for n, g in scaled_grads.items()}
    good = finite(grads)
    if good:
        rate = config["learning_rate"] * clipping(grads, config["max_norm"])
        params = {n: w - np.float32(rate) * grads[n].astype("f4") for n, w in params.items()}
    move(config, good)
    return params, config


@wrong("loss_scaled_step", "others_step")
def loss_scaled_step(params, scaled_grads, config):
    config, following, good = settings(config), {}, True
    grads = unscaled(scaled_grads, config)
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
    grads = unscaled(scaled_grads, config)
    good = not any(np.isnan(g).any() for g in grads.values())
    if good:
        params = stepped(params, grads, config)
    move(config, good)
    return params, config


@wrong("loss_scaled_step", "count_goes_on")
def loss_scaled_step(params, scaled_grads, config):
    config = settings(config)
    grads = unscaled(scaled_grads, config)
    if not finite(grads):
        config["scale"] *= config["backoff_factor"]
        return params, config
    move(config, True)
    return stepped(params, grads, config), config


@wrong("loss_scaled_step", "wider_when_clipped")
def loss_scaled_step(params, scaled_grads, config):
    config = settings(config)
    grads = unscaled(scaled_grads, config)
    good = finite(grads)
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
    grads = unscaled(scaled_grads, config)
    good = finite(grads)
    if good:
        rate = config["learning_rate"] * clipping(grads, config["max_norm"])
        for name, w in params.items():
            w -= rate * grads[name]
    move(config, good)
    return params, config


def summed(second):
    """half_accumulate with the second accumulator as it is given."""

    def half_accumulate(x):
        x = np.asarray(x, dtype=np.float16)
        half, single = np.float16(0), second
        for value in x:
            half, single = half + value, single + value
        return half, single

    return half_accumulate


wrong("half_accumulate", "single_added_in_double")(summed(np.float64(0)))
wrong("half_accumulate", "both_in_half")(summed(np.float16(0)))


@wrong("half_accumulate", "exchanged")
def half_accumulate(x):
    return summed(np.float32(0))(x)[::-1]


def scaled_step(good=finite, sign=-1, stored=np.float32, norm=np.sqrt):
    """loss_scaled_step with another test, direction, storage or norm."""

    def loss_scaled_step(params, scaled_grads, config):
        config = settings(config)
        grads = unscaled(scaled_grads, config)
        fine = good(grads)
        if fine:
            limit = config["max_norm"] or np.inf
            length = float(norm(sum(np.sum(g**2) for g in grads.values())))
            rate = sign * config["learning_rate"] * (limit / length if length > limit else 1.0)
            params = {n: (w + rate * grads[n]).astype(stored) for n, w in params.items()}
        move(config, fine)
        return params, config

    return loss_scaled_step


wrong("loss_scaled_step", "nan_not_seen")(
    scaled_step(lambda grads: not any(np.isinf(g).any() for g in grads.values()))
)
wrong("loss_scaled_step", "skipped_only_when_all_are_bad")(
    scaled_step(lambda grads: any(np.isfinite(g).all() for g in grads.values()))
)
wrong("loss_scaled_step", "climbs")(scaled_step(sign=1))
wrong("loss_scaled_step", "weights_in_half")(scaled_step(stored=np.float16))
wrong("loss_scaled_step", "norm_without_root")(scaled_step(norm=float))


@wrong("quantize_fixed", "one_draw_for_all")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    steps = x * 2.0**fraction_bits
    steps = np.round(steps) if mode == "nearest" else np.floor(steps + rng.random())
    top = 2 ** (integer_bits + fraction_bits - 1)
    return (np.clip(steps, -top, top - 1) / 2.0**fraction_bits).astype(x.dtype)


@wrong("quantize_fixed", "drawn_elsewhere")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    steps, own = x * 2.0**fraction_bits, np.random.default_rng()
    steps = np.round(steps) if mode == "nearest" else np.floor(steps + own.random(x.shape))
    top = 2 ** (integer_bits + fraction_bits - 1)
    return (np.clip(steps, -top, top - 1) / 2.0**fraction_bits).astype(x.dtype)


@wrong("pack_bits", "in_wide_numbers")
def pack_bits(x):
    return np.packbits(x > 0, axis=-1).astype(int)


@wrong("xnor_dot", "sign_turned")
def xnor_dot(a_bits, b_bits, n):
    return 2 * np.unpackbits(a_bits ^ b_bits, axis=-1).sum(-1, dtype=int) - n


@wrong("half_accumulate", "smallest_sizes_first")
def half_accumulate(x):
    x = sorted(x.astype(np.float16), key=abs)
    half, single = np.float16(0), np.float32(0)
    for value in x:
        half, single = half + value, single + value
    return half, single
