"""Notebook 07: update rules as people really write them wrong.

What goes on around them is next door, in `optimizers_training`.
"""

import numpy as np
from wrong_code import wrong


@wrong("sgd", "climbs")
def sgd(w, dw, config):
    config.setdefault("learning_rate", 1e-2)
    return w + config["learning_rate"] * dw, config


@wrong("sgd", "unread:learning_rate")
def sgd(w, dw, config):
    config = {"learning_rate": 1e-2}
    return w - config["learning_rate"] * dw, config


@wrong("sgd", "changed:w")
def sgd(w, dw, config):
    w -= config.setdefault("learning_rate", 1e-2) * dw
    return w, config


@wrong("sgd", "returns_the_change")
def sgd(w, dw, config):
    return -config.get("learning_rate", 1e-2) * dw, config


@wrong("sgd", "rate_forgotten")
def sgd(w, dw, config):
    return w - dw, config


def _momentum(config, w):
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    return config.get("velocity", np.zeros_like(w)), config["momentum"], config["learning_rate"]


@wrong("sgd_momentum", "torch_convention")
def sgd_momentum(w, dw, config):
    v, mu, rate = _momentum(config, w)
    config["velocity"] = mu * v + dw
    return w - rate * config["velocity"], config


@wrong("sgd_momentum", "velocity_points_uphill")
def sgd_momentum(w, dw, config):
    v, mu, rate = _momentum(config, w)
    v = mu * v + rate * dw
    config["velocity"] = v
    return w - v, config


@wrong("sgd_momentum", "subtracts_the_velocity")
def sgd_momentum(w, dw, config):
    v, mu, rate = _momentum(config, w)
    config["velocity"] = mu * v - rate * dw
    return w - config["velocity"], config


@wrong("sgd_momentum", "averaged")
def sgd_momentum(w, dw, config):
    v, mu, rate = _momentum(config, w)
    config["velocity"] = mu * v - (1 - mu) * rate * dw
    return w + config["velocity"], config


@wrong("sgd_momentum", "state_not_kept")
def sgd_momentum(w, dw, config):
    v, mu, rate = _momentum(config, w)
    v = mu * v - rate * dw
    return w + v, config


@wrong("sgd_momentum", "state_never_read")
def sgd_momentum(w, dw, config):
    _, mu, rate = _momentum(config, w)
    v = np.zeros_like(w)
    config["velocity"] = mu * v - rate * dw
    return w + config["velocity"], config


@wrong("sgd_momentum", "wider_dtype")
def sgd_momentum(w, dw, config):
    config.setdefault("velocity", np.zeros(w.shape))
    v, mu, rate = _momentum(config, w)
    config["velocity"] = mu * v - rate * dw
    return w + config["velocity"], config


@wrong("sgd_momentum", "state_under_another_name")
def sgd_momentum(w, dw, config):
    _, mu, rate = _momentum(config, w)
    old = config.pop("velocity", np.zeros_like(w)) if "v" not in config else config["v"]
    config["v"] = mu * old - rate * dw
    return w + config["v"], config


@wrong("nesterov", "plain_momentum")
def nesterov(w, dw, config):
    v, mu, rate = _momentum(config, w)
    config["velocity"] = mu * v - rate * dw
    return w + config["velocity"], config


@wrong("nesterov", "old_look_ahead_added")
def nesterov(w, dw, config):
    before, mu, rate = _momentum(config, w)
    v = mu * before - rate * dw
    config["velocity"] = v
    return w + mu * before + (1 + mu) * v, config


@wrong("nesterov", "old_look_ahead_kept")
def nesterov(w, dw, config):
    before, mu, rate = _momentum(config, w)
    v = mu * before - rate * dw
    config["velocity"] = v
    return w + v + mu * v, config


def _adaptive(config, w, decay=None):
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("epsilon", 1e-8)
    if decay:
        config.setdefault("decay_rate", decay)
    return config.get("cache", np.zeros_like(w))


@wrong("adagrad", "epsilon_inside")
def adagrad(w, dw, config):
    config["cache"] = _adaptive(config, w) + dw**2
    return w - config["learning_rate"] * dw / np.sqrt(config["cache"] + config["epsilon"]), config


@wrong("adagrad", "old_cache")
def adagrad(w, dw, config):
    cache = _adaptive(config, w)
    w = w - config["learning_rate"] * dw / (np.sqrt(cache) + config["epsilon"])
    config["cache"] = cache + dw * dw
    return w, config


@wrong("adagrad", "root_forgotten")
def adagrad(w, dw, config):
    config["cache"] = _adaptive(config, w) + dw**2
    return w - config["learning_rate"] / (config["cache"] + config["epsilon"]) * dw, config


def _rms_step(w, dw, config):
    step = config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"])
    return w - step, config


@wrong("rmsprop", "shares_swapped")
def rmsprop(w, dw, config):
    cache = _adaptive(config, w, 0.99)
    config["cache"] = (1 - config["decay_rate"]) * cache + config["decay_rate"] * dw**2
    return _rms_step(w, dw, config)


@wrong("rmsprop", "sum_for_average")
def rmsprop(w, dw, config):
    config["cache"] = _adaptive(config, w, 0.99) + dw**2
    return _rms_step(w, dw, config)


@wrong("rmsprop", "new_gradient_whole")
def rmsprop(w, dw, config):
    cache = _adaptive(config, w, 0.99)
    config["cache"] = config["decay_rate"] * cache + dw**2
    return _rms_step(w, dw, config)


@wrong("rmsprop", "epsilon_inside")
def rmsprop(w, dw, config):
    cache, rho = _adaptive(config, w, 0.99), config["decay_rate"]
    config["cache"] = rho * cache + (1 - rho) * dw**2
    return w - config["learning_rate"] * dw / (config["cache"] + config["epsilon"]) ** 0.5, config


def _adam(config, w, t=0):
    for key, value in {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8,
                       "t": t, "m": np.zeros_like(w), "v": np.zeros_like(w)}.items():  # fmt: skip
        config.setdefault(key, value)
    return config


def _moments(config, dw):
    b1, b2 = config["beta1"], config["beta2"]
    config["m"] = b1 * config["m"] + (1 - b1) * dw
    config["v"] = b2 * config["v"] + (1 - b2) * dw**2
    return b1, b2


@wrong("adam", "no_bias_correction")
def adam(w, dw, config):
    c = _adam(config, w)
    c["t"] += 1
    _moments(c, dw)
    return w - c["learning_rate"] * c["m"] / (np.sqrt(c["v"]) + c["epsilon"]), c


@wrong("adam", "t_counted_late")
def adam(w, dw, config):
    c = _adam(config, w)
    b1, b2 = _moments(c, dw)
    m, v = c["m"] / (1 - b1 ** c["t"]), c["v"] / (1 - b2 ** c["t"])
    c["t"] += 1
    return w - c["learning_rate"] * m / (np.sqrt(v) + c["epsilon"]), c


@wrong("adam", "t_starts_at_one")
def adam(w, dw, config):
    c = _adam(config, w, t=1)
    b1, b2 = _moments(c, dw)
    m, v = c["m"] / (1 - b1 ** c["t"]), c["v"] / (1 - b2 ** c["t"])
    c["t"] += 1
    return w - c["learning_rate"] * m / (np.sqrt(v) + c["epsilon"]), c


@wrong("adam", "corrected_moments_stored")
def adam(w, dw, config):
    c = _adam(config, w)
    c["t"] += 1
    b1, b2 = _moments(c, dw)
    c["m"] = c["m"] / (1 - b1 ** c["t"])
    c["v"] = c["v"] / (1 - b2 ** c["t"])
    return w - c["learning_rate"] * c["m"] / (np.sqrt(c["v"]) + c["epsilon"]), c


@wrong("adam", "epsilon_before_correction")
def adam(w, dw, config):
    c = _adam(config, w)
    c["t"] += 1
    b1, b2 = _moments(c, dw)
    rate = c["learning_rate"] * np.sqrt(1 - b2 ** c["t"]) / (1 - b1 ** c["t"])
    return w - rate * c["m"] / (np.sqrt(c["v"]) + c["epsilon"]), c


@wrong("adam", "epsilon_inside")
def adam(w, dw, config):
    c = _adam(config, w)
    c["t"] += 1
    b1, b2 = _moments(c, dw)
    m, v = c["m"] / (1 - b1 ** c["t"]), c["v"] / (1 - b2 ** c["t"])
    return w - c["learning_rate"] * m / np.sqrt(v + c["epsilon"]), c


@wrong("adam", "betas_swapped")
def adam(w, dw, config):
    c = _adam(config, w)
    c["t"] += 1
    b2, b1 = c["beta1"], c["beta2"]
    c["m"], c["v"] = b1 * c["m"] + (1 - b1) * dw, b2 * c["v"] + (1 - b2) * dw**2
    m, v = c["m"] / (1 - b1 ** c["t"]), c["v"] / (1 - b2 ** c["t"])
    return w - c["learning_rate"] * m / (np.sqrt(v) + c["epsilon"]), c


def _stepped_adam(w, dw, c, sign=-1, count=True):
    rate, b1, b2 = c.get("learning_rate", 1e-3), c.get("beta1", 0.9), c.get("beta2", 0.999)
    t = c.get("t", 0) + 1
    c["m"] = b1 * c.get("m", np.zeros_like(w)) + (1 - b1) * dw
    c["v"] = b2 * c.get("v", np.zeros_like(w)) + (1 - b2) * dw**2
    if count:
        c["t"] = t
    m, v = c["m"] / (1 - b1**t), c["v"] / (1 - b2**t)
    return w + sign * rate * m / (np.sqrt(v) + c.get("epsilon", 1e-8)), c


@wrong("adam", "climbs")
def adam(w, dw, config):
    return _stepped_adam(w, dw, config, sign=1)


@wrong("adam", "t_not_kept")
def adam(w, dw, config):
    return _stepped_adam(w, dw, config, count=False)
