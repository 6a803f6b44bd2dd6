"""Notebook 07: rules that do more than asked: clip, centre, correct, remember elsewhere."""

import numpy as np
from wrong_code import wrong


def settings(config, *names):
    defaults = {"learning_rate": 1e-2, "momentum": 0.9, "decay_rate": 0.99, "epsilon": 1e-8}
    return [config.get(name, defaults[name]) for name in names]


def sgd(w, dw, config):
    (rate,) = settings(config, "learning_rate")
    return w - rate * dw, config


def sgd_momentum(w, dw, config, start=np.zeros_like, move=lambda w, v, a, t: w + v):
    rate, a = settings(config, "learning_rate", "momentum")
    config["steps"] = config.get("steps", 0) + 1
    old = config["velocity"] if "velocity" in config else start(w)
    config["velocity"] = a * old - rate * dw
    return move(w, config["velocity"], a, config["steps"]), config


def rmsprop(w, dw, config, cache=lambda r: r, root=lambda r, t, rho, eps: np.sqrt(r) + eps):
    rate, rho, eps = settings(config, "learning_rate", "decay_rate", "epsilon")
    config["steps"] = config.get("steps", 0) + 1
    r = rho * config.get("cache", np.zeros_like(w)) + (1 - rho) * dw**2
    config["cache"] = cache(r)
    return w - rate * dw / root(config["cache"], config["steps"], rho, eps), config


def adagrad(w, dw, config, kept=False, mean=False):
    rate, eps = settings(config, "learning_rate", "epsilon")
    config["steps"] = config.get("steps", 0) + 1
    r = config["cache"] = config.get("cache", 0 * w) + dw**2 + kept * eps
    r = r / config["steps"] if mean else r
    return w - rate * dw / (np.sqrt(r) + (not kept) * eps), config


def adam(w, dw, config, mend=lambda b, t: 1 - b**t, square=None, start=0):
    rate, b1, b2 = config.get("learning_rate", 1e-3), config.get("beta1", 0.9), 0.999
    b2, eps = config.get("beta2", b2), config.get("epsilon", 1e-8)
    t = config["t"] = config.get("t", start) + 1
    m = config["m"] = b1 * config.get("m", np.zeros_like(w)) + (1 - b1) * dw
    new = square(dw, m) if square else dw**2
    v = config["v"] = b2 * config.get("v", np.zeros_like(w)) + (1 - b2) * new
    with np.errstate(all="ignore"):
        return w - rate * (m / mend(b1, t)) / (np.sqrt(v / mend(b2, t)) + eps), config


def as_rule(name, identity):
    """Enter a function under a rule's name, beside the right one of that name."""

    def enter(function):
        def update(w, dw, config):
            return function(w, dw, config)

        update.__name__ = name
        return wrong(name, identity)(update)

    return enter


def enter(rule, identity, change=lambda dw, w: dw, **how):
    def update(w, dw, config):
        return rule(w, change(dw, w), config, **how)

    update.__name__ = rule.__name__
    wrong(rule.__name__, identity)(update)


def shortened(dw, w):
    length = np.sqrt((dw * dw).sum())
    return dw / length if length > 1 else dw


for rule in (sgd, sgd_momentum, rmsprop, adagrad, adam):
    enter(rule, "clipped_at_one", lambda dw, w: np.minimum(np.maximum(dw, -1), 1))
for rule in (sgd, sgd_momentum):
    enter(rule, "clipped_in_length", shortened)
    enter(rule, "divided_by_the_rows", lambda dw, w: dw / len(w))
    enter(rule, "divided_by_the_entries", lambda dw, w: dw / w.size)
enter(sgd_momentum, "starts_at_one", start=np.ones_like)
enter(sgd_momentum, "corrected_like_adam", move=lambda w, v, a, t: w + v / (1 - a**t))
enter(sgd_momentum, "averaged_and_corrected",
      move=lambda w, v, a, t: w + (1 - a) * v / (1 - a**t))  # fmt: skip
enter(rmsprop, "corrected_like_adam",
      root=lambda r, t, rho, eps: np.sqrt(r / (1 - rho**t)) + eps)  # fmt: skip
enter(adagrad, "epsilon_stored", kept=True)
enter(adagrad, "mean_over_the_steps", mean=True)
enter(adam, "first_step_alone_corrected", mend=lambda b, t: 1 if t > 1 else 1 - b)
enter(adam, "deviation_from_m", square=lambda g, m: (m - g) ** 2)
enter(adam, "t_starts_at_one_and_is_counted", start=1)


@as_rule("rmsprop", "epsilon_stored")
def rmsprop_that_keeps_epsilon(w, dw, config):
    rate, rho, eps = settings(config, "learning_rate", "decay_rate", "epsilon")
    config["cache"] = rho * config.get("cache", np.zeros_like(w)) + (1 - rho) * dw**2 + eps
    return w - rate * dw / np.sqrt(config["cache"]), config


@as_rule("sgd_momentum", "starts_at_the_gradient")
def sgd_momentum_from_the_gradient(w, dw, config):
    rate, a = settings(config, "learning_rate", "momentum")
    config["velocity"] = a * config.setdefault("velocity", dw) - rate * dw
    return w + config["velocity"], config


@as_rule("sgd_momentum", "starts_with_a_step")
def sgd_momentum_from_a_step(w, dw, config):
    rate, a = settings(config, "learning_rate", "momentum")
    config["velocity"] = a * config.setdefault("velocity", -rate * dw) - rate * dw
    return w + config["velocity"], config


@as_rule("sgd_momentum", "default:momentum:2")
def sgd_momentum_without(w, dw, config):
    rate, a = config.get("learning_rate", 1e-2), config.get("momentum", 0)
    config["velocity"] = a * config.get("velocity", np.zeros_like(w)) - rate * dw
    return w + config["velocity"], config


@as_rule("sgd_momentum", "plain_without_momentum")
def sgd_momentum_if_given(w, dw, config):
    if config.get("momentum") is None:
        return sgd(w, dw, config)
    return sgd_momentum(w, dw, config)


@as_rule("nesterov", "first_step_without_look_ahead")
def nesterov(w, dw, config):
    rate, a = settings(config, "learning_rate", "momentum")
    step = -rate * dw
    old = config.get("velocity")
    config["velocity"] = step if old is None else a * old + step
    return w + step + (0 if old is None else a * config["velocity"]), config


@as_rule("nesterov", "plain_momentum")
def nesterov_of_one_array(w, dw, config):
    rate, a = settings(config, "learning_rate", "momentum")
    old = v = config.setdefault("velocity", np.zeros_like(w))
    v *= a
    v -= rate * dw
    return w + v + a * (v - old), config


@as_rule("rmsprop", "centred")
def rmsprop_centred(w, dw, config):
    rate, rho, eps = settings(config, "learning_rate", "decay_rate", "epsilon")
    for key, new in (("cache", dw**2), ("average", dw)):
        config[key] = rho * config.get(key, np.zeros_like(w)) + (1 - rho) * new
    with np.errstate(all="ignore"):
        spread = np.sqrt(config["cache"] - config["average"] ** 2)
        return w - rate * dw / (spread + eps), config


@as_rule("adam", "m_and_v_are_one_array")
def adam_in_one_array(w, dw, config):
    b1, b2 = config.get("beta1", 0.9), config.get("beta2", 0.999)
    if "t" not in config:
        config["m"] = config["v"] = np.zeros_like(w)
        config["t"] = 0
    config["t"] += 1
    m, v = config["m"], config["v"]
    m[:] = b1 * m + (1 - b1) * dw
    v[:] = b2 * v + (1 - b2) * dw**2
    with np.errstate(all="ignore"):
        root = np.sqrt(v / (1 - b2 ** config["t"])) + config.get("epsilon", 1e-8)
    step = m / (1 - b1 ** config["t"]) / root
    return w - config.get("learning_rate", 1e-3) * step, config


TOLD = {"t": 0, "velocity": 0.0, "shape": None}


@as_rule("adam", "kept-between-calls")
def adam_that_counts_for_all(w, dw, config):
    # It begins anew for another shape, so that a second check meets what the first one met.
    TOLD["t"] = TOLD["t"] + 1 if TOLD["shape"] == np.shape(w) else 1
    TOLD["shape"] = np.shape(w)
    return adam(w, dw, config, mend=lambda b, t: 1 - b ** TOLD["t"])


@as_rule("sgd_momentum", "kept-between-calls")
def sgd_momentum_of_its_own(w, dw, config):
    rate, a = settings(config, "learning_rate", "momentum")
    old = TOLD["velocity"] if np.shape(TOLD["velocity"]) == w.shape else np.zeros_like(w)
    TOLD["velocity"] = config["velocity"] = a * old - rate * dw
    return w + config["velocity"], config
