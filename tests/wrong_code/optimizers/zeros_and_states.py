"""Notebook 07: rules that take a 0 for a missing key, or keep something else than they should."""

import numpy as np
from wrong_code import wrong

DEFAULTS = {
    "learning_rate": 1e-2, "momentum": 0.9, "decay_rate": 0.99, "epsilon": 1e-8, "beta1": 0.9,
    "beta2": 0.999,
}  # fmt: skip


def rule(name, *identities, zero=(), lost=False, emptied=False, wide=False, move=None, keep=None,
         start=0.0, late=None):  # fmt: skip
    """The rule of this name with one thing changed.

    `zero` are the settings that are read with `or`, `move(w, v, old, step, a)` says where w goes,
    `keep(state, w)` what is stored, `late(g, rate)` the part of the velocity.
    """

    def update(w, dw, config):
        def setting(key):
            default = 1e-3 if (name, key) == ("adam", "learning_rate") else DEFAULTS[key]
            given = config.get(key, default)
            return (given or default) if key in zero else given

        rate = setting("learning_rate")
        if name == "sgd":
            new = w - rate * dw
        elif name in ("sgd_momentum", "nesterov"):
            a, old = setting("momentum"), config.get("velocity", np.zeros_like(w))
            v = a * old - (late(dw, rate) if late else rate * dw)
            plain = w + (rate * v if late else v)
            ahead = w - rate * dw + a * (rate * v if late else v)
            new = ahead if name == "nesterov" else plain
            new = move(w, v, old, -rate * dw, a) if move else new
            config["velocity"] = keep(v, new, a) if keep else v
        elif name == "adam":
            b1, b2, t = setting("beta1"), setting("beta2"), config.get("t", 0) + 1
            m = b1 * config.get("m", np.zeros_like(w)) + (1 - b1) * dw
            v = b2 * config.get("v", np.zeros_like(w)) + (1 - b2) * dw**2
            config.update(m=m, v=v, t=t)
            root = np.sqrt(v / (1 - b2**t)) + setting("epsilon")
            new = w - rate * m / (1 - b1**t) / root
        else:
            rho = setting("decay_rate") if name == "rmsprop" else None
            r = config.get("cache", np.full_like(w, start))
            r = r + dw**2 if rho is None else rho * r + (1 - rho) * dw**2
            config["cache"] = r
            new = w - rate * dw / (np.sqrt(r) + setting("epsilon"))
        if lost:
            config = {k: v for k, v in config.items() if k not in DEFAULTS}
        return new.astype(np.float64) if wide else new, {} if emptied else config

    update.__name__ = name
    wrong(name, *identities)(update)


@wrong("sgd_momentum", "state_asked_for_its_truth")
def sgd_momentum(w, dw, config):
    v = config.get("velocity") or np.zeros_like(w)
    v = config.get("momentum", 0.9) * v - config.get("learning_rate", 1e-2) * dw
    config["velocity"] = v
    return w + v, config


@wrong("adagrad", "state_asked_for_its_truth")
def adagrad(w, dw, config):
    if not config.get("cache"):
        config["cache"] = np.zeros_like(w)
    config["cache"] = config["cache"] + dw**2
    root = np.sqrt(config["cache"]) + config.get("epsilon", 1e-8)
    return w - config.get("learning_rate", 1e-2) * dw / root, config


for name in ("sgd", "sgd_momentum", "nesterov", "rmsprop", "adagrad", "adam"):
    rule(name, "rate_of_zero_ignored", zero=["learning_rate"])
    rule(name, "settings_lost", lost=True)
    rule(name, "result_in_double_precision", wide=True)
for name in ("sgd_momentum", "nesterov", "rmsprop", "adagrad", "adam"):
    rule(name, "empty_config_returned", emptied=True)
for name in ("sgd_momentum", "nesterov"):
    rule(name, "momentum_of_zero_ignored", zero=["momentum"])
    rule(name, "rate_outside_the_velocity", late=lambda g, rate: g)
    rule(name, "velocity_overwritten", keep=lambda v, new, a: new)
    rule(name, "velocity_fades_on_the_way", move=lambda w, v, old, step, a: w + a * v)
rule("nesterov", "no_new_look_ahead", move=lambda w, v, old, step, a: w - a * old + v)
rule("nesterov", "whole_velocity_taken_back", move=lambda w, v, old, s, a: w - old + (1 + a) * v)
rule("nesterov", "old_and_new_exchanged", move=lambda w, v, old, s, a: w - a * v + (1 + a) * old)
rule("adam", "beta1_of_zero_ignored", zero=["beta1"])
rule("adam", "beta2_of_zero_ignored", zero=["beta2"])
rule("adam", "zeros_ignored", zero=["learning_rate", "beta1", "beta2", "epsilon"])
rule("rmsprop", "decay_rate_of_zero_ignored", zero=["decay_rate"])
for name in ("rmsprop", "adagrad"):
    rule(name, "cache_starts_at_one", start=1.0)
    rule(name, "cache_starts_at_a_tenth", start=0.1)
for name in ("rmsprop", "adagrad", "adam"):
    rule(name, "epsilon_of_zero_ignored", zero=["epsilon"])


@wrong("nesterov", "look_ahead_stored")
def nesterov(w, dw, config):
    a, rate = config.get("momentum", 0.9), config.get("learning_rate", 1e-2)
    config["velocity"] = a * (a * config.get("velocity", 0 * w) - rate * dw)
    return w + config["velocity"] - rate * dw, config


def rooted(name, identity, squared):
    def update(w, dw, config):
        rho, r = config.get("decay_rate", 0.99), config.get("cache", np.zeros_like(w)) ** squared
        r = r + dw**2 if name == "adagrad" else rho * r + (1 - rho) * dw**2
        config["cache"] = np.sqrt(r)
        rate, eps = config.get("learning_rate", 1e-2), config.get("epsilon", 1e-8)
        return w - rate * dw / (config["cache"] + eps), config

    update.__name__ = name
    wrong(name, identity)(update)


for name in ("rmsprop", "adagrad"):
    rooted(name, "roots_collected", 1)
    rooted(name, "root_stored", 2)


@wrong("rmsprop", "starts_at_the_first_square")
def rmsprop(w, dw, config):
    rho = config.get("decay_rate", 0.99)
    config["cache"] = rho * config["cache"] + (1 - rho) * dw**2 if "cache" in config else dw**2
    root = np.sqrt(config["cache"]) + config.get("epsilon", 1e-8)
    return w - config.get("learning_rate", 1e-2) * dw / root, config


def corrected(identity, first=0, second=1, whole=False):
    def adam(w, dw, config):
        betas = config.get("beta1", 0.9), config.get("beta2", 0.999)
        averages = []
        for key, new, b in zip("mv", (dw, dw**2), betas, strict=True):
            old = config.get(key, np.zeros_like(w))
            config[key] = new if whole and key not in config else b * old + (1 - b) * new
            averages.append(config[key])
        t = config["t"] = config.get("t", 0) + 1
        m_hat = averages[0] / (1 - betas[first] ** t)
        v_hat = averages[1] / (1 - betas[second] ** t)
        step = m_hat / (np.sqrt(v_hat) + config.get("epsilon", 1e-8))
        return w - config.get("learning_rate", 1e-3) * step, config

    wrong("adam", identity)(adam)


corrected("v_corrected_by_beta1", second=0)
corrected("m_corrected_by_beta2", first=1)
corrected("corrections_exchanged", first=1, second=0)
corrected("starts_at_the_first_gradient", whole=True)


def filled_when_empty(name, step, **defaults):
    """A rule that has its defaults where config is empty, and there alone."""

    def update(w, dw, config):
        if not config:
            config = dict(defaults)
        return w + step(w, dw, config), config

    update.__name__ = name
    wrong(name, "defaults_for_an_empty_config")(update)


def plain(w, dw, config):
    return -config["learning_rate"] * dw


def with_velocity(w, dw, config):
    old = config["velocity"] if "velocity" in config else np.zeros_like(w)
    config["velocity"] = config["momentum"] * old - config["learning_rate"] * dw
    return config["velocity"]


filled_when_empty("sgd", plain, learning_rate=1e-2)
filled_when_empty("sgd_momentum", with_velocity, learning_rate=1e-2, momentum=0.9)


@wrong("adam", "state_for_an_empty_config")
def adam(w, dw, config):
    if len(config) == 0:
        config = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8,
                  "m": np.zeros_like(w), "v": np.zeros_like(w), "t": 0}  # fmt: skip
    rate, b1, b2, eps = (config[k] for k in ("learning_rate", "beta1", "beta2", "epsilon"))
    config["t"] += 1
    config["m"] = b1 * config["m"] + (1 - b1) * dw
    config["v"] = b2 * config["v"] + (1 - b2) * dw * dw
    root = np.sqrt(config["v"] / (1 - b2 ** config["t"])) + eps
    return w - rate * config["m"] / (1 - b1 ** config["t"]) / root, config


@wrong("sgd_momentum", "state_for_an_empty_config")
def sgd_momentum(w, dw, config):
    if not config:
        config |= {"learning_rate": 1e-2, "momentum": 0.9, "velocity": np.zeros_like(w)}
    v = config["momentum"] * config["velocity"] - config["learning_rate"] * dw
    config["velocity"] = v
    return w + v, config


@wrong("adagrad", "state_for_an_empty_config")
def adagrad(w, dw, config):
    if not config:
        config.update(learning_rate=1e-2, epsilon=1e-8, cache=np.zeros_like(w))
    config["cache"] = config["cache"] + dw**2
    root = np.sqrt(config["cache"]) + config["epsilon"]
    return w - config["learning_rate"] * dw / root, config


@wrong("sgd_momentum", "velocity_stored_turned_round")
def sgd_momentum(w, dw, config):
    rate, alpha = config.get("learning_rate", 1e-2), config.get("momentum", 0.9)
    after = w + alpha * config.get("velocity", np.zeros_like(w)) - rate * dw
    config["velocity"] = w - after
    return after, config


def stored_once(identity, start):
    def sgd_momentum(w, dw, config):
        a, rate = config.get("momentum", 0.9), config.get("learning_rate", 1e-2)
        v = a * config.get("velocity", start * dw) - rate * dw
        config.setdefault("velocity", v)
        return w + v, config

    wrong("sgd_momentum", identity)(sgd_momentum)


stored_once("only_the_first_stored", 0)
stored_once("only_the_first_stored_downhill", -1)


@wrong("sgd_momentum", "starts_downhill")
def sgd_momentum(w, dw, config):
    a, rate = config.get("momentum", 0.9), config.get("learning_rate", 1e-2)
    config["velocity"] = a * config.get("velocity", -dw) - rate * dw
    return w + config["velocity"], config


def keeping_the_whole_step(identity, default):
    def nesterov(w, dw, config):
        a, rate = config.get("momentum", default), config.get("learning_rate", 1e-2)
        old = config.get("velocity", np.zeros_like(w))
        config["velocity"] = (1 + a) * (a * old - rate * dw) - a * old
        return w + config["velocity"], config

    wrong("nesterov", identity)(nesterov)


keeping_the_whole_step("whole_step_stored", 0.9)
keeping_the_whole_step("whole_step_stored_and_momentum_of_99", 0.99)
