"""Notebook 07: no rate and so no step, signs under a root, sums and counts that begin elsewhere."""

import numpy as np
from wrong_code import wrong
from wrong_code.optimizers.early_ends import rate


@wrong("sgd", "no_step_without_a_rate")
def sgd(w, dw, config):
    return w - config.get("learning_rate", 0.0) * dw, config


def summed(name, remember):
    def rule(w, dw, config):
        cache = remember(config.get("cache", np.zeros_like(w)), dw, config)
        config["cache"] = cache
        below = np.sqrt(abs(cache)) + config.get("epsilon", 1e-8)
        return w - config.get("learning_rate", 1e-2) * dw / below, config

    rule.__name__ = name
    wrong(name, "not_squared_and_no_sign_under_the_root")(rule)


def faded(cache, dw, config):
    rho = config.get("decay_rate", 0.99)
    return rho * cache + (1 - rho) * dw


summed("adagrad", lambda cache, dw, config: cache + dw)
summed("rmsprop", faded)

rate("time_decay", "power_of_t", lambda a, decay, t: a * (1 / (1 + decay)) ** t)
rate("time_decay", "divided_by_decay_and_counts_from_one",
     lambda a, decay, t: a * decay / (decay + t + 1))  # fmt: skip


@wrong("gradient_noise", "sum_goes_on_over_the_sizes")
def gradient_noise(model, X, y, batch_sizes, rng, draws=400, replace=True):
    _, whole = model.loss(X, y)
    squares, found = [], []
    for size in batch_sizes:
        for _ in range(draws):
            rows = rng.choice(len(X), size, replace=replace)
            _, part = model.loss(X[rows], y[rows])
            squares.append(sum(((part[name] - whole[name]) ** 2).sum() for name in whole))
        found.append((sum(squares) / draws) ** 0.5)
    return np.array(found)
