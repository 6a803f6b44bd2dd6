"""Notebook 07: rates in steps, batches drawn anew, loops without a rate, and noise from other
draws."""

import numpy as np
from wrong_code import wrong


@wrong("time_decay", "subtracts_down_to_zero")
def time_decay(lr0, decay, t):
    return max(0.0, lr0 * (1 - decay * t))


@wrong("time_decay", "whole_numbers_only")
def time_decay(lr0, decay, t):
    return lr0 / (1 + int(decay * t))


@wrong("time_decay", "decay_in_percent")
def time_decay(lr0, decay, t):
    return lr0 / (1 + 0.01 * decay * t)


@wrong("minibatches", "each_batch_drawn_anew")
def minibatches(X, y, batch_size, rng):
    for start in range(0, len(X), batch_size):
        rows = rng.permutation(len(X))[: min(batch_size, len(X) - start)]
        yield X[rows], y[rows]


@wrong("minibatches", "one_buffer")
def minibatches(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    rows, labels = np.empty((batch_size, *X.shape[1:]), X.dtype), np.empty(batch_size, y.dtype)
    for start in range(0, len(X), batch_size):
        some = order[start : start + batch_size]
        rows[: len(some)], labels[: len(some)] = X[some], y[some]
        yield rows[: len(some)], labels[: len(some)]


@wrong("minibatches", "short_batch_first")
def minibatches(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    ends = range(len(X), 0, -batch_size)
    return [(X[order[max(0, e - batch_size) : e]], y[order[max(0, e - batch_size) : e]])
            for e in reversed(ends)]  # fmt: skip


def loop(*identities, before=None, after=None, anew=False):
    def train(model, data, rule, schedule, epochs, batch_size=32, rng=None):
        rng = rng or np.random.default_rng()
        X, y = data["X_train"], data["y_train"]
        configs, k, best = {name: {} for name in model.params}, 0, -1
        history, kept = {"loss": [], "val_accuracy": []}, None
        for _ in range(epochs):
            order = rng.permutation(len(X))
            for start in range(0, len(X), batch_size):
                rows = order[start : start + batch_size]
                rows = rng.permutation(len(X))[: len(rows)] if anew else rows
                loss, gradients = model.loss(X[rows], y[rows])
                history["loss"].append(loss)
                for name, config in configs.items():
                    if before:
                        config[before] = schedule(k)
                    new, config = rule(model.params[name], gradients[name], config)
                    model.params[name], configs[name] = new, config
                    if after:
                        config[after] = schedule(k)
                k += 1
            score = float((model.loss(data["X_val"]).argmax(1) == data["y_val"]).mean())
            history["val_accuracy"].append(score)
            if score > best:
                best, kept = score, {name: w.copy() for name, w in model.params.items()}
        model.params.update(kept)
        return history

    wrong("train", *identities)(train)


loop("rate_set_after_the_call", after="learning_rate")
loop("rate_not_in_config", before="lr")
loop("batches_drawn_anew", before="learning_rate", anew=True)


def noise(identity, count=lambda draws: draws, own=False, apart=False, norm=None):
    norm = norm or (lambda off: sum((o**2).sum() for o in off.values()))

    def gradient_noise(model, X, y, batch_sizes, rng, draws=400, replace=True):
        rng = np.random.default_rng(1) if own else rng
        _, whole = model.loss(X, y)
        found = []
        for size in batch_sizes:
            squares = []
            for _ in range(count(draws)):
                rows = rng.choice(len(X), size, replace=replace)
                others = rng.choice(len(X), size, replace=replace) if apart else rows
                _, part = model.loss(X[rows], y[others])
                squares.append(norm({name: part[name] - whole[name] for name in whole}))
            found.append(np.sqrt(np.mean(squares)))
        return np.array(found)

    wrong("gradient_noise", identity)(gradient_noise)


noise("draws_not_read", count=lambda draws: 400)
noise("one_draw_of_each_size", count=lambda draws: 1)
noise("rng_not_used", own=True)
noise("labels_of_other_rows", apart=True)
noise("mean_within_each_parameter", norm=lambda off: sum((o**2).mean() for o in off.values()))
noise("mean_over_the_parameters",
      norm=lambda off: np.mean([(o**2).sum() for o in off.values()]))  # fmt: skip
noise("mean_of_means", norm=lambda off: np.mean([(o**2).mean() for o in off.values()]))
noise("mean_of_the_parameters_distances",
      norm=lambda off: np.mean([np.linalg.norm(o) for o in off.values()]) ** 2)  # fmt: skip


@wrong("gradient_noise", "parameters_added_apart")
def gradient_noise(model, X, y, batch_sizes, rng, draws=400, replace=True):
    _, whole = model.loss(X, y)
    found = []
    for size in batch_sizes:
        squares = {name: [] for name in whole}
        for _ in range(draws):
            rows = rng.choice(len(X), size, replace=replace)
            _, part = model.loss(X[rows], y[rows])
            for name in whole:
                squares[name].append(((part[name] - whole[name]) ** 2).sum())
        found.append(sum(np.sqrt(np.mean(each)) for each in squares.values()))
    return np.array(found)


@wrong("gradient_noise", "divided_by_one_draw_less")
def gradient_noise(model, X, y, batch_sizes, rng, draws=400, replace=True):
    _, whole = model.loss(X, y)
    noise = np.zeros(len(batch_sizes))
    for i, size in enumerate(batch_sizes):
        for _ in range(draws):
            rows = rng.choice(len(X), size, replace=replace)
            _, part = model.loss(X[rows], y[rows])
            noise[i] += sum(np.sum((part[name] - whole[name]) ** 2) for name in whole)
    return np.sqrt(noise / max(1, draws - 1))


@wrong("train", "returned_config_thrown_away")
def train(model, data, rule, schedule, epochs, batch_size=32, rng=None):
    rng = rng or np.random.default_rng()
    configs = {name: {} for name in model.params}
    history = {"loss": [], "val_accuracy": []}
    best, kept, k = -1, {}, 0
    for _ in range(epochs):
        order = rng.permutation(len(data["X_train"]))
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            loss, grads = model.loss(data["X_train"][rows], data["y_train"][rows])
            history["loss"].append(loss)
            for name in grads:
                configs[name]["learning_rate"] = schedule(k)
                model.params[name], _ = rule(model.params[name], grads[name], configs[name])
            k += 1
        hits = np.argmax(model.loss(data["X_val"]), axis=1) == data["y_val"]
        history["val_accuracy"].append(hits.mean())
        if hits.mean() > best:
            best, kept = hits.mean(), {name: v.copy() for name, v in model.params.items()}
    model.params.update(kept)
    return history


@wrong("train", "one_config_at_first")
def train(model, data, rule, schedule, epochs, batch_size=32, rng=None):
    rng = rng or np.random.default_rng()
    configs = dict.fromkeys(model.params, {})
    history = {"loss": [], "val_accuracy": []}
    best, kept, k = -1, {}, 0
    for _ in range(epochs):
        order = rng.permutation(len(data["X_train"]))
        for rows in np.split(order, range(batch_size, len(order), batch_size)):
            loss, grads = model.loss(data["X_train"][rows], data["y_train"][rows])
            history["loss"].append(loss)
            for name in grads:
                configs[name]["learning_rate"] = schedule(k)
                w, configs[name] = rule(model.params[name], grads[name], configs[name])
                model.params[name] = w
            k += 1
        hits = np.argmax(model.loss(data["X_val"]), axis=1) == data["y_val"]
        history["val_accuracy"].append(hits.mean())
        if hits.mean() > best:
            best, kept = hits.mean(), {name: v.copy() for name, v in model.params.items()}
    model.params.update(kept)
    return history
