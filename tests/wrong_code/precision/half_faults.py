"""Notebook 13: half precision, a fault at a time."""

import numpy as np
from wrong_code import wrong


def enter(exercise, make, faults):
    """Enter `make(**fault)` as this exercise's wrong code, under the fault's name."""
    for identity, fault in faults.items():
        code = make(**fault)
        code.__name__ = exercise
        wrong(exercise, identity)(code)


def _loop(x, zero, rounded=True):
    total = zero
    with np.errstate(over="ignore", invalid="ignore"):
        for value in x.astype(np.float16) if rounded else x:
            total = total + value
    return total


def _sums(order=lambda x: x, half=None, single=None, gives=lambda half, single: (half, single)):
    def half_accumulate(x):
        x = order(x)
        a = half(x) if half else _loop(x, np.float16(0))
        b = single(x) if single else _loop(x, np.float32(0))
        with np.errstate(over="ignore"):
            return gives(a, b)

    return half_accumulate


def _unrounded(x):
    total = np.float16(0)
    with np.errstate(over="ignore"):
        for value in x:
            total = np.float16(float(total) + float(value))
    return total


def _wide(x):
    with np.errstate(over="ignore"):
        return np.float16(np.cumsum(x.astype(np.float16), dtype=np.float32)[-1])


def _kahan(x):
    total = lost = np.float16(0)
    with np.errstate(over="ignore", invalid="ignore"):
        for value in x.astype(np.float16):
            value = value - lost
            new = total + value
            lost = (new - total) - value
            total = new
    return total


def _clipped(x):
    return np.clip(_loop(x, np.float16(0)), np.float16(-65504), np.float16(65504))


def _running(x, dtype):
    with np.errstate(over="ignore"):
        return np.cumsum(x.astype(np.float16), dtype=dtype)


enter("half_accumulate", _sums, {
    "half_grows_wide": {"half": lambda x: _loop(x, np.float16(0), rounded=False)},
    "single_rounded_at_the_end": {
        "single": lambda x: np.float32(sum(float(v) for v in x.astype(np.float16))),
    },
    "single_returned_in_half": {"gives": lambda a, b: (a, np.float16(b))},
    "not_rounded_for_the_half": {"half": _unrounded},
    "not_rounded_for_the_single": {
        "single": lambda x: np.cumsum(x.astype(np.float32), dtype=np.float32)[-1],
    },
    "wide_and_not_rounded": {
        "half": _wide, "single": lambda x: np.cumsum(x.astype(np.float32), dtype=np.float32)[-1],
    },
    "rounded_twice": {"order": lambda x: x.astype(np.float32)},
    "stops_at_the_largest": {"half": _clipped},
    "last_to_first": {"order": lambda x: x[::-1]},
    "sorted_first": {"order": np.sort},
    "first_counted_twice": {"order": lambda x: np.append(x[0], x)},
    "first_counted_twice_in_half": {
        "half": lambda x: _loop(x, np.float16(x[0])),
    },
    "first_counted_twice_in_single": {
        "single": lambda x: _loop(x, np.float32(np.float16(x[0]))),
    },
    "exchanged_and_added_wide": {"half": _wide, "gives": lambda a, b: (b, a)},
    "first_left_out": {"order": lambda x: x[1:]},
    "last_left_out": {"order": lambda x: x[:-1]},
    "compensated": {"half": _kahan},
    "all_running_sums": {
        "half": lambda x: _running(x, np.float16), "single": lambda x: _running(x, np.float32),
    },
    "plain_floats": {"gives": lambda a, b: (float(a), float(b))},
    "two_of_a_type": {"gives": lambda a, b: (np.float32(a), b)},
})  # fmt: skip


@wrong("half_accumulate", "stops_when_infinite")
def half_accumulate(x):
    half, single = np.float16(0), np.float32(0)
    with np.errstate(over="ignore"):
        for value in x.astype(np.float16):
            half, single = half + value, single + np.float32(value)
            if np.isinf(half):
                break
    return half, single


@wrong("half_accumulate", "means")
def half_accumulate(x):
    return _loop(x, np.float16(0)) / len(x), _loop(x, np.float32(0)) / len(x)


DEFAULTS = {"learning_rate": 1e-2, "max_norm": None, "scale": 65536.0, "growth_factor": 2.0,
            "backoff_factor": 0.5, "growth_interval": 2000, "growth_tracker": 0}  # fmt: skip


def _norm(grads):
    return float(np.sqrt(sum(float((g**2).sum()) for g in grads.values())))


def _clip(grads, limit, scale):
    norm = _norm(grads)
    factor = np.float32(limit / norm) if norm > limit else np.float32(1)
    return {n: g * factor for n, g in grads.items()}


def _each(grads, limit, scale):
    return {n: _clip({n: g}, limit, scale)[n] for n, g in grads.items()}


def _by(norm):
    def clip(grads, limit, scale):
        size = norm(grads)
        factor = np.float32(min(1, limit / size)) if size else 1
        return {n: g * factor for n, g in grads.items()}

    return clip


def _always(grads, limit, scale):
    size = np.float32(_norm(grads))
    with np.errstate(all="ignore"):
        return {n: g * (np.float32(limit) / size) for n, g in grads.items()}


def _half_norm(grads):
    return np.sqrt(sum(np.sqrt((g.astype(np.float16) ** 2).sum()) ** 2 for g in grads.values()))


def _step(defaults=(), unscale=lambda g, s: g.astype(np.float32) / np.float32(s), clip=_clip,
          finite=np.isfinite, whose=any, back=lambda c: c["scale"] * c["backoff_factor"],
          grow=lambda c: c["scale"] * c["growth_factor"], late=0, early=False, anew=True,
          counted=0, skip=True, zeroed=False, copied=False, wide=False, needs=()):  # fmt: skip
    def loss_scaled_step(params, scaled_grads, config):
        for key in needs:
            config[key]
        config = dict(config) if copied else config
        for key, value in (DEFAULTS | dict(defaults)).items():
            config.setdefault(key, value)
        with np.errstate(all="ignore"):
            used = config["scale"]
            good = all(np.isfinite(g).all() for g in scaled_grads.values())
            if early and good and config["growth_tracker"] + 1 == config["growth_interval"]:
                used = grow(config)
            grads = {n: unscale(g, used) for n, g in scaled_grads.items()}
            bad = whose([not finite(g).all() for g in grads.values()])
            if zeroed:
                grads = {n: np.nan_to_num(g, nan=0, posinf=0, neginf=0) for n, g in grads.items()}
            if bad:
                config["scale"], config["growth_tracker"] = back(config), counted
                if skip:
                    return dict(params), config
            if config["max_norm"] is not None and clip:
                grads = clip(grads, config["max_norm"], used)
            new = {n: w - np.float32(config["learning_rate"]) * grads[n] for n, w in params.items()}
            if wide:
                new = {n: w.astype(np.float64) for n, w in new.items()}
        if not bad:
            config["growth_tracker"] += 1
            if config["growth_tracker"] >= config["growth_interval"] + late:
                config["scale"] = grow(config)
                config["growth_tracker"] = 0 if anew else config["growth_tracker"]
        return new, config

    return loss_scaled_step


enter("loss_scaled_step", _step, {
    "unscale_forgotten": {"unscale": lambda g, s: g.astype(np.float32)},
    "inverse_in_half": {"unscale": lambda g, s: (g * np.float16(1 / s)).astype(np.float32)},
    "clipped_one_by_one": {"clip": _each},
    "clipped_before_and_one_by_one": {
        "clip": lambda grads, limit, s: _each(grads, limit / s, s),
    },
    "sum_of_norms": {"clip": _by(lambda grads: sum(_norm({n: g}) for n, g in grads.items()))},
    "largest_norm": {"clip": _by(lambda grads: max(_norm({n: g}) for n, g in grads.items()))},
    "clipped_by_value": {
        "clip": lambda grads, limit, s: {n: np.clip(g, -limit, limit) for n, g in grads.items()},
    },
    "norm_in_half": {"clip": _by(_half_norm)},
    "clips_without_a_limit": {"defaults": {"max_norm": 1.0}},
    "default_scale_of_half_the_size": {"defaults": {"scale": 32768.0}},
    "default_interval_of_a_thousand": {"defaults": {"growth_interval": 1000}},
    "default:learning_rate": {"defaults": {"learning_rate": 1e-3}},
    "another_config_returned": {"copied": True},
    "always_clipped": {"clip": _always},
    "never_clipped": {"clip": None},
    "bad_values_zeroed": {"zeroed": True, "skip": False},
    "minus_infinity_not_seen": {"finite": lambda g: ~(np.isnan(g) | np.isposinf(g))},
    "last_parameter_decides": {"whose": lambda bad: bad[-1]},
    "first_parameter_decides": {"whose": lambda bad: bad[0]},
    "steps_anyway": {"skip": False},
    "scale_stays": {"back": lambda c: c["scale"]},
    "scale_divided": {"back": lambda c: c["scale"] / c["backoff_factor"]},
    "unread:backoff_factor": {"back": lambda c: c["scale"] / 2},
    "unread:growth_factor": {"grow": lambda c: c["scale"] * 2},
    "settings_ignored": {
        "back": lambda c: c["scale"] / 2, "grow": lambda c: c["scale"] * 2,
    },
    "growth_added": {"grow": lambda c: c["scale"] + c["growth_factor"]},
    "grows_before_unscaling": {"early": True},
    "bad_steps_counted": {"counted": 1},
    "grows_one_early": {"late": -1},
    "grows_one_late": {"late": 1},
    "grows_ever_after": {"anew": False},
    "never_grows": {"grow": lambda c: c["scale"]},
    "never_grows_nor_counts_anew": {"grow": lambda c: c["scale"], "anew": False},
    "wider_everywhere": {"wide": True},
    "wants_a_scale": {"needs": ["scale"]},
    "wants_a_learning_rate": {"needs": ["learning_rate"]},
    "wants_a_growth_tracker": {"needs": ["growth_tracker"]},
    "wants_a_growth_interval": {"needs": ["growth_interval"]},
    "wants_a_max_norm": {"needs": ["max_norm"]},
})  # fmt: skip


@wrong("loss_scaled_step", "skipped_for_a_sum")
def loss_scaled_step(params, scaled_grads, config):
    with np.errstate(all="ignore"):
        sums = [float(g.sum()) for g in scaled_grads.values()]
    return _step(whose=lambda bad: not np.isfinite(sums).all())(params, scaled_grads, config)


@wrong("loss_scaled_step", "earlier_parameters_step")
def loss_scaled_step(params, scaled_grads, config):
    finite = {n: g for n, g in scaled_grads.items() if np.isfinite(g).all()}
    alone = {n: params[n] for n in finite}
    moved, _ = _step()(alone, finite, dict(config))
    following, changed = _step()(params, scaled_grads, config)
    if len(finite) < len(params):
        for name in params:
            if name not in finite:
                break
            following = {**following, name: moved[name]}
    return following, changed
