"""Notebook 07: rates that are rounded or end elsewhere, loops that end early or judge by the loss,
noise that cancels."""

import numpy as np
from wrong_code import wrong


def rate(exercise, identity, of):
    def linear_decay(k, tau, eps0, eps_tau):
        return of(k, tau, eps0, eps_tau)

    def time_decay(lr0, decay, t):
        return of(lr0, decay, t)

    wrong(exercise, identity)({f.__name__: f for f in (linear_decay, time_decay)}[exercise])


def line(share, start, end):
    return start + min(share, 1) * (end - start)


names = dict(enumerate(("to_two_digits", "to_three_digits", "to_four_digits"), 2))
for digits, identity in names.items():
    rate("linear_decay", identity, lambda k, tau, a, b, n=digits: round(line(k / tau, a, b), n))
    rate("time_decay", identity, lambda a, decay, t, n=digits: round(a / (1 + decay * t), n))
rate("linear_decay", "end_taken_for_a_factor", lambda k, tau, a, b: a * line(k / tau, 1, b))
rate("linear_decay", "a_hundredth_from_tau",
     lambda k, tau, a, b: line(k / tau, a, b) if k < tau else a / 100)  # fmt: skip
rate("linear_decay", "ends_at_a_hundredth", lambda k, tau, a, b: line(k / tau, a, 0.01 * a))
rate("linear_decay", "end_of_zero_taken_for_missing",
     lambda k, tau, a, b: line(k / tau, a, b or a / 100))  # fmt: skip
rate("linear_decay", "share_squared",
     lambda k, tau, a, b: b + (a - b) * max(0, 1 - k / tau) ** 2)  # fmt: skip
rate("time_decay", "divided_by_decay", lambda a, decay, t: a * decay / (decay + t))
rate("time_decay", "without_the_one_later", lambda a, decay, t: a / (decay * t) if t else a)
rate("time_decay", "one_times_t", lambda a, decay, t: a / ((1 + decay) * t))
rate("time_decay", "one_times_t_later", lambda a, decay, t: a / (t + decay * t) if t else a)


@wrong("minibatches", "single_example_left_out")
def minibatches(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    pieces = np.split(order, range(batch_size, len(X), batch_size))
    return [(X[p], y[p]) for p in pieces if len(p) > 1 or batch_size == 1]


def whole_at_once(X, y, batch_size, rng):
    if len(X) <= batch_size:
        yield X, y
        return
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        rows = order[start : start + batch_size]
        yield X[rows], y[rows]


whole_at_once.__name__ = "minibatches"
wrong("minibatches", "sorted_in_a_batch")(whole_at_once)


@wrong("minibatches", "joined_with_the_labels")
def minibatches(X, y, batch_size, rng):
    table = np.hstack([X, y[:, None]])
    rng.shuffle(table)
    for rows in np.split(table, range(batch_size, len(X), batch_size)):
        yield rows[:, :-1], rows[:, -1].astype(y.dtype)


@wrong("minibatches", "own_generator")
def minibatches(X, y, batch_size, rng):
    order = np.random.permutation(len(X))
    for start in range(0, len(X), batch_size):
        rows = order[start : start + batch_size]
        yield X[rows], y[rows]


def loop(identity, stops=lambda accuracies: False, best=-1.0, by=None, once=False, counted=None):
    """A loop that may end early; `by(model, data, accuracy)` is what is to be high, `once` makes
    the batches before the first epoch, `counted(k)` is what the schedule is asked with."""

    def train(model, data, rule, schedule, epochs, batch_size=32, rng=None):
        rng = rng or np.random.default_rng()
        states = {name: {} for name in model.params}
        history, highest = {"loss": [], "val_accuracy": []}, best
        put_by = {name: w.copy() for name, w in model.params.items()}
        batches, calls = iter(()), 0
        for epoch in range(epochs):
            if not (once and epoch):
                order = rng.permutation(len(data["X_train"]))
                batches = iter(np.split(order, range(batch_size, len(order), batch_size)))
            for rows in batches:
                loss, gradients = model.loss(data["X_train"][rows], data["y_train"][rows])
                for name, dw in gradients.items():
                    calls += 1
                    k = counted(calls) if counted else len(history["loss"])
                    states[name]["learning_rate"] = schedule(k)
                    w, states[name] = rule(model.params[name], dw, states[name])
                    model.params[name] = w
                history["loss"].append(loss)
            accuracy = np.mean(model.loss(data["X_val"]).argmax(1) == data["y_val"])
            history["val_accuracy"].append(accuracy)
            value = by(model, data, accuracy) if by else accuracy
            if value > highest:
                highest, put_by = value, {name: w.copy() for name, w in model.params.items()}
            if stops(history["val_accuracy"]):
                break
        model.params.update(put_by)
        return history

    wrong("train", identity)(train)


loop("best_of_none_is_untrained", best=0.0)
loop("stops_when_no_better", lambda seen: len(seen) > 1 and seen[-1] <= max(seen[:-1]))
loop("stops_when_worse", lambda seen: len(seen) > 1 and seen[-1] < seen[-2])
loop("only_the_first_epoch_trains", once=True)
loop("scheduled_by_call_from_one", counted=lambda calls: calls)
loop("lowest_validation_loss_kept", best=-np.inf,
     by=lambda model, data, _: -model.loss(data["X_val"], data["y_val"])[0])  # fmt: skip


def noise(identity, length):
    """`length(differences, size)` of an array of draws' differences from the true gradient."""

    def gradient_noise(model, X, y, batch_sizes, rng, draws=400, replace=True):
        flat = lambda rows: np.concatenate([
            np.ravel(g) for _, g in sorted(model.loss(X[rows], y[rows])[1].items())
        ])  # fmt: skip
        true, found = flat(slice(None)), []
        for size in batch_sizes:
            drawn = [rng.choice(len(X), size, replace=replace) for _ in range(draws)]
            found.append(length(np.array([flat(rows) - true for rows in drawn]), size))
        return np.array(found)

    wrong("gradient_noise", identity)(gradient_noise)


noise("averaged_before_the_distance", lambda off, size: np.linalg.norm(off.mean(0)))
noise("divided_by_the_root_of_the_size",
      lambda off, size: np.sqrt((off**2).sum(1).mean() / size))  # fmt: skip
