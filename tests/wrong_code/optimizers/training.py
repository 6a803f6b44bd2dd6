"""Notebook 07: schedules, mini-batches and training loops as people really write them wrong."""

import numpy as np
from wrong_code import wrong


@wrong("linear_decay", "never_stays")
def linear_decay(k, tau, eps0, eps_tau):
    alpha = k / tau
    return (1 - alpha) * eps0 + alpha * eps_tau


@wrong("linear_decay", "jumps")
def linear_decay(k, tau, eps0, eps_tau):
    alpha = min(k // tau, 1)
    return (1 - alpha) * eps0 + alpha * eps_tau


@wrong("linear_decay", "ends_swapped")
def linear_decay(k, tau, eps0, eps_tau):
    alpha = min(k / tau, 1.0)
    return alpha * eps0 + (1 - alpha) * eps_tau


@wrong("linear_decay", "ends_at_zero")
def linear_decay(k, tau, eps0, eps_tau):
    return eps0 * (1 - min(k, tau) / tau)


@wrong("time_decay", "compounded")
def time_decay(lr0, decay, t):
    rate = lr0
    for update in range(1, t + 1):
        rate = rate / (1 + decay * update)
    return rate


@wrong("time_decay", "brackets_forgotten")
def time_decay(lr0, decay, t):
    return lr0 / 1 + decay * t


@wrong("time_decay", "power_of_t")
def time_decay(lr0, decay, t):
    for _ in range(t):
        lr0 /= 1 + decay
    return lr0


@wrong("minibatches", "last_batch_dropped")
def minibatches(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    for i in range(len(X) // batch_size):
        rows = order[i * batch_size : (i + 1) * batch_size]
        yield X[rows], y[rows]


@wrong("minibatches", "empty_batch_at_the_end")
def minibatches(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    for i in range(len(X) // batch_size + 1):
        rows = order[i * batch_size : (i + 1) * batch_size]
        yield X[rows], y[rows]


@wrong("minibatches", "drawn_with_replacement")
def minibatches(X, y, batch_size, rng):
    order = rng.integers(0, len(X), len(X))
    for i in range(0, len(X), batch_size):
        yield X[order[i : i + batch_size]], y[order[i : i + batch_size]]


@wrong("minibatches", "labels_left_behind")
def minibatches(X, y, batch_size, rng):
    X, y = rng.permutation(X), rng.permutation(y)
    return [(X[i : i + batch_size], y[i : i + batch_size]) for i in range(0, len(X), batch_size)]


@wrong("minibatches", "one_order_for_ever")
def minibatches(X, y, batch_size, rng):
    order = np.random.default_rng(0).permutation(len(X))
    for i in range(0, len(X), batch_size):
        yield X[order[i : i + batch_size]], y[order[i : i + batch_size]]


@wrong("minibatches", "own_generator")
def minibatches(X, y, batch_size, rng):
    order = np.random.default_rng().permutation(len(X))
    for i in range(0, len(X), batch_size):
        yield X[order[i : i + batch_size]], y[order[i : i + batch_size]]


@wrong("minibatches", "never_shuffled")
def minibatches(X, y, batch_size, rng):
    for i in range(0, len(X), batch_size):
        yield X[i : i + batch_size], y[i : i + batch_size]


@wrong("minibatches", "only_batches_shuffled")
def minibatches(X, y, batch_size, rng):
    for i in batch_size * rng.permutation(-(-len(X) // batch_size)):
        yield X[i : i + batch_size], y[i : i + batch_size]


@wrong("minibatches", "changed:X", "changed:y")
def minibatches(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    X[:], y[:] = X[order], y[order]
    return [(X[i : i + batch_size], y[i : i + batch_size]) for i in range(0, len(X), batch_size)]


def _noise(model, X, y, batch_sizes, rng, draws, replace, of):
    _, whole = model.loss(X, y)
    for size in batch_sizes:
        found = []
        for _ in range(draws):
            rows = rng.choice(len(X), size, replace=replace)
            part = model.loss(X[rows], y[rows])[1]
            found.append(of(*(np.concatenate([g[p].ravel() for p in g]) for g in (part, whole))))
        yield np.mean(found)


@wrong("gradient_noise", "root_forgotten")
def gradient_noise(model, X, y, batch_sizes, rng, draws, replace):
    square = lambda part, whole: ((part - whole) ** 2).sum()
    return np.array(list(_noise(model, X, y, batch_sizes, rng, draws, replace, square)))


@wrong("gradient_noise", "mean_over_components")
def gradient_noise(model, X, y, batch_sizes, rng, draws, replace):
    square = lambda part, whole: ((part - whole) ** 2).mean()
    return np.sqrt(list(_noise(model, X, y, batch_sizes, rng, draws, replace, square)))


@wrong("gradient_noise", "length_for_distance")
def gradient_noise(model, X, y, batch_sizes, rng, draws, replace):
    square = lambda part, whole: part @ part
    return np.sqrt(list(_noise(model, X, y, batch_sizes, rng, draws, replace, square)))


def _solver(model, data, rule, schedule, epochs, batch_size, rng, *, copy=True, tie=False,
            shared=False, anew=False, by_epoch=False, per_epoch=False, restart=False,
            whole=False, early=False, best=-1.0):  # fmt: skip
    """The loop with one line as somebody wrote it."""
    rng = np.random.default_rng() if rng is None else rng
    one = {}
    configs = {p: one if shared else {} for p in model.params}
    losses, accuracies, kept, k = [], [], {}, 0
    n = len(data["X_train"])
    for epoch in range(epochs):
        order = rng.permutation(n)
        if restart:
            k = 0
        if early:
            accuracy = (model.loss(data["X_val"]).argmax(1) == data["y_val"]).mean()
        for i in range(0, n, batch_size):
            rows = order if whole else order[i : i + batch_size]
            loss, grads = model.loss(data["X_train"][rows], data["y_train"][rows])
            if not per_epoch:
                losses.append(loss)
            for p in model.params:
                config = {} if anew else configs[p]
                config["learning_rate"] = schedule(epoch if by_epoch else k)
                model.params[p], configs[p] = rule(model.params[p], grads[p], config)
                if shared:
                    configs = dict.fromkeys(configs, configs[p])
            k += 1
        if per_epoch:
            losses.append(loss)
        if not early:
            accuracy = (model.loss(data["X_val"]).argmax(1) == data["y_val"]).mean()
        accuracies.append(accuracy)
        if accuracy > best or (tie and accuracy >= best):
            best, kept = accuracy, dict(model.params) if copy else model.params
    model.params.update(kept)
    return {"loss": losses, "val_accuracy": accuracies}


@wrong("train", "last_weights_kept")
def train(model, data, rule, schedule, epochs, batch_size=32, rng=None):
    return _solver(model, data, rule, schedule, epochs, batch_size, rng, copy=False)


@wrong("train", "last_of_equals_kept")
def train(model, data, rule, schedule, epochs, batch_size=32, rng=None):
    return _solver(model, data, rule, schedule, epochs, batch_size, rng, tie=True)


@wrong("train", "one_config_for_all")
def train(model, data, rule, schedule, epochs, batch_size=32, rng=None):
    return _solver(model, data, rule, schedule, epochs, batch_size, rng, shared=True)


@wrong("train", "config_made_anew")
def train(model, data, rule, schedule, epochs, batch_size=32, rng=None):
    return _solver(model, data, rule, schedule, epochs, batch_size, rng, anew=True)


@wrong("train", "scheduled_by_epoch")
def train(model, data, rule, schedule, epochs, batch_size=32, rng=None):
    return _solver(model, data, rule, schedule, epochs, batch_size, rng, by_epoch=True)


@wrong("train", "schedule_starts_over")
def train(model, data, rule, schedule, epochs, batch_size=32, rng=None):
    return _solver(model, data, rule, schedule, epochs, batch_size, rng, restart=True)


@wrong("train", "one_loss_an_epoch")
def train(model, data, rule, schedule, epochs, batch_size=32, rng=None):
    return _solver(model, data, rule, schedule, epochs, batch_size, rng, per_epoch=True)


@wrong("train", "whole_set_each_time")
def train(model, data, rule, schedule, epochs, batch_size=32, rng=None):
    return _solver(model, data, rule, schedule, epochs, batch_size, rng, whole=True)


@wrong("train", "measured_before_the_epoch")
def train(model, data, rule, schedule, epochs, batch_size=32, rng=None):
    return _solver(model, data, rule, schedule, epochs, batch_size, rng, early=True)


@wrong("train", "best_starts_at_zero")
def train(model, data, rule, schedule, epochs, batch_size=32, rng=None):
    return _solver(model, data, rule, schedule, epochs, batch_size, rng, best=0.0)


@wrong("train", "rng_ignored")
def train(model, data, rule, schedule, epochs, batch_size=32, rng=None):
    rng = np.random.default_rng()
    return _solver(model, data, rule, schedule, epochs, batch_size, rng)


@wrong("minibatches", "no_pairs")
def minibatches(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        rows = order[start : start + batch_size]
        return X[rows], y[rows]


@wrong("minibatches", "no_pairs")
def minibatches(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    return [order[start : start + batch_size] for start in range(0, len(X), batch_size)]
