"""Notebook 07: SGD, momentum, AdaGrad and RMSProp with one thing in them wrong."""

import numpy as np
from wrong_code import wrong


def enter(name, identity, step):
    """Enter `step(w, dw, config)` as the rule of this name."""

    def rule(w, dw, config):
        return step(w, dw, config)

    rule.__name__ = name
    wrong(name, identity)(rule)


def rated(factor=None, rate=1e-2):
    def step(w, dw, config):
        return w - (factor or config.get("learning_rate", rate)) * dw, config

    return step


enter("sgd", "rate_forgotten", rated(factor=1))
enter("sgd", "default:learning_rate", rated(rate=1e-3))
enter("sgd", "default:learning_rate:1", rated(rate=0.1))
enter("sgd", "no_default_rate", lambda w, dw, c: (w - c["learning_rate"] * dw, c))
enter("sgd", "unit_length", lambda w, dw, c: (
    w - c.get("learning_rate", 1e-2) * dw / np.linalg.norm(dw), c
))  # fmt: skip


def momentum(velocity=None, move=None, rate=1e-2, alpha=0.9, zeros=True, read=None, key="velocity"):
    """Momentum: `velocity(v, g, α)` of the gradient's step g, `move(w, v, old, g, α, rate)`."""
    velocity = velocity or (lambda v, g, a: a * v - g)

    def step(w, dw, config):
        used = config.get("learning_rate", rate)
        a = config.get("momentum", alpha) if read is None else read
        old = config.get(key, np.zeros_like(w)) if zeros else config[key]
        g = used * dw
        new = velocity(old, g, a)
        config[key] = new
        return move(w, new, old, g, a, used), config

    return step


PLAIN = lambda w, v, old, g, a, rate: w + v
AHEAD = lambda w, v, old, g, a, rate: w - g + a * v
for name, move in (("sgd_momentum", PLAIN), ("nesterov", AHEAD)):
    enter(name, "gradient_fades_too", momentum(lambda v, g, a: a * (v - g), move))
    enter(name, "velocity_never_fades", momentum(lambda v, g, a: v - g, move))
    enter(name, "shares_swapped", momentum(lambda v, g, a: (1 - a) * v - g, move))
    enter(name, "default:learning_rate", momentum(move=move, rate=1e-3))
    enter(name, "default:momentum", momentum(move=move, alpha=0.99))
    enter(name, "default:momentum:1", momentum(move=move, alpha=0.5))
    enter(name, "unread:momentum", momentum(move=move, read=0.9))
    enter(name, "no_first_state", momentum(move=move, zeros=False))
enter("sgd_momentum", "rate_taken_twice", momentum(move=lambda w, v, old, g, a, r: w + r * v))
enter("sgd_momentum", "returns_the_velocity", momentum(move=lambda w, v, old, g, a, r: v))
enter("nesterov", "rate_taken_twice", momentum(
    move=lambda w, v, old, g, a, r: w + r * (a * v - g)
))  # fmt: skip
enter("nesterov", "returns_the_velocity", momentum(move=lambda w, v, old, g, a, r: a * v - g))


def adaptive(cache=None, divide=None, square=np.square, sign=-1, rate=1e-2, rho=0.99, eps=1e-8):
    """AdaGrad or RMSProp: `cache(r, g², ρ)` the new cache, `divide(g, r, ε)` the step."""
    divide = divide or (lambda g, r, e: g / (np.sqrt(r) + e))

    def step(w, dw, config):
        rate_, rho_, eps_ = (config.get(name, default) for name, default in (
            ("learning_rate", rate), ("decay_rate", rho), ("epsilon", eps)
        ))  # fmt: skip
        config["cache"] = cache(config.get("cache", np.zeros_like(w)), square(dw), rho_)
        with np.errstate(all="ignore"):
            return w + sign * rate_ * divide(dw, config["cache"], eps_), config

    return step


TOTAL = lambda r, square, rho: r + square
MEAN = lambda r, square, rho: rho * r + (1 - rho) * square
for name, cache in (("adagrad", TOTAL), ("rmsprop", MEAN)):
    enter(name, "climbs", adaptive(cache, sign=1))
    enter(name, "size_for_square", adaptive(cache, square=np.abs))
    enter(name, "not_squared", adaptive(cache, square=lambda g: g))
    enter(name, "sizes_without_a_root",
          adaptive(cache, lambda g, r, e: g / (r + e), square=np.abs))  # fmt: skip
    enter(name, "one_mean_for_all", adaptive(cache, square=lambda g: np.mean(g * g) + 0 * g))
    enter(name, "one_length_for_all", adaptive(cache, square=lambda g: np.sum(g * g) + 0 * g))
    enter(name, "epsilon_forgotten", adaptive(cache, lambda g, r, e: g / np.sqrt(r)))
    enter(name, "multiplied", adaptive(cache, lambda g, r, e: g * (np.sqrt(r) + e)))
    enter(name, "default:learning_rate", adaptive(cache, rate=1e-3))
    enter(name, "default:epsilon", adaptive(cache, eps=1e-7))
enter("adagrad", "average_for_sum", adaptive(MEAN))
enter("adagrad", "faster_average_for_sum", adaptive(lambda r, s, rho: 0.9 * r + 0.1 * s))
enter("adagrad", "fading_sum", adaptive(lambda r, s, rho: 0.99 * r + s))
enter("adagrad", "faster_fading_sum", adaptive(lambda r, s, rho: 0.9 * r + s))
enter("adagrad", "mean_for_sum", adaptive(lambda r, s, rho: (r + s) / 2))
enter("adagrad", "squares_the_sum", adaptive(
    TOTAL, lambda g, r, e: g / (np.abs(r) + e), square=lambda g: g
))  # fmt: skip
enter("rmsprop", "sizes_without_a_root_by_keras", adaptive(
    MEAN, lambda g, r, e: g / (r + e), square=np.abs, rate=1e-3, rho=0.9
))  # fmt: skip
enter("rmsprop", "old_cache_whole", adaptive(lambda r, s, rho: r + (1 - rho) * s))
enter("rmsprop", "latest_square_only", adaptive(lambda r, s, rho: s))
enter("rmsprop", "default:decay_rate", adaptive(MEAN, rho=0.9))


@wrong("rmsprop", "returns_the_change")
def rmsprop(w, dw, config):
    changed, config = adaptive(MEAN)(np.zeros_like(w), dw, config)
    return changed, config


@wrong("sgd_momentum", "given_state_not_found")
def sgd_momentum(w, dw, config):
    old = config.get("velocity", np.zeros_like(w))
    if config.get("calls", 0) == 0 and "velocity" in config:
        config["kept"] = config["velocity"]
        old = np.zeros_like(w)
    config["calls"] = 1
    v = config.get("momentum", 0.9) * config.get("v", old) - config.get("learning_rate", 1e-2) * dw
    config["v"] = v
    config["velocity"] = config.get("kept", v)
    return w + v, config


def unasked(name, step):
    """The step with a rate of 1, or with one that config must hold."""
    enter(name, "rate_forgotten", lambda w, dw, config: step(w, dw, config, 1.0))
    enter(name, "no_default_rate", lambda w, dw, c: step(w, dw, c, c["learning_rate"]))


def velocity(ahead):
    def step(w, dw, config, rate):
        a = config.get("momentum", 0.9)
        v = config["velocity"] = a * config.get("velocity", np.zeros_like(w)) - rate * dw
        return w + (a * v - rate * dw if ahead else v), config

    return step


def divided(cache):
    def step(w, dw, config, rate):
        old, rho = config.get("cache", np.zeros_like(w)), config.get("decay_rate", 0.99)
        config["cache"] = cache(old, dw**2, rho)
        return w - rate * dw / (np.sqrt(config["cache"]) + config.get("epsilon", 1e-8)), config

    return step


unasked("sgd_momentum", velocity(False))
unasked("nesterov", velocity(True))
unasked("adagrad", divided(TOTAL))
unasked("rmsprop", divided(MEAN))
enter("sgd", "rate_squared", lambda w, dw, c: (w - c.get("learning_rate", 1e-2) ** 2 * dw, c))
enter("sgd", "divided_by_the_rate", lambda w, dw, c: (w - dw / c.get("learning_rate", 1e-2), c))
enter("sgd", "config_not_returned", lambda w, dw, c: (
    w - c.setdefault("learning_rate", 1e-2) * dw, c.update()
))  # fmt: skip
