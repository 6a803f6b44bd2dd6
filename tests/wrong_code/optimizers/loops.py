"""Notebook 07: schedules, batches, noise and loops with one thing in them wrong."""

import numpy as np
from wrong_code import wrong


def decay(identity, rate):
    def linear_decay(k, tau, eps0, eps_tau):
        return rate(k, tau, eps0, eps_tau)

    wrong("linear_decay", identity)(linear_decay)


def line(a, eps0, eps_tau):
    return (1 - a) * eps0 + a * eps_tau


decay("zero_after_tau", lambda k, tau, a, b: 0.0 if k > tau else line(k / tau, a, b))
decay("zero_from_tau", lambda k, tau, a, b: line(k / tau, a, b) if k < tau else 0.0)
decay("first_rate_after_tau", lambda k, tau, a, b: line(k / tau, a, b) if k <= tau else a)
decay("starts_over", lambda k, tau, a, b: line(k % tau / tau, a, b))
decay("larger_for_smaller", lambda k, tau, a, b: line(max(k / tau, 1), a, b))
decay("unbounded_to_zero", lambda k, tau, a, b: a * (1 - k / tau))
decay("cosine", lambda k, tau, a, b: b + (a - b) / 2 * (1 + np.cos(np.pi * min(k, tau) / tau)))
decay("one_over_k", lambda k, tau, a, b: max(b, a / (1 + k / tau)))
decay("difference_forgotten", lambda k, tau, a, b: a - b * min(1, k / tau))
decay("one_too_late", lambda k, tau, a, b: line(min(1, max(0, k - 1) / tau), a, b))
decay("ends_one_early", lambda k, tau, a, b: line(min(1, k / (tau - 1)), a, b))
decay("geometric", lambda k, tau, a, b: a ** (1 - min(1, k / tau)) * b ** min(1, k / tau))


def over_t(identity, rate):
    def time_decay(lr0, decay, t):
        return rate(lr0, decay, t)

    wrong("time_decay", identity)(time_decay)


over_t("counts_late", lambda lr0, decay, t: lr0 / (1 + decay * max(0, t - 1)))
over_t("without_the_one", lambda lr0, decay, t: lr0 / (decay * t))
over_t("times_t", lambda lr0, decay, t: lr0 / (1 + decay) * t)
over_t("decay_not_in_the_divisor", lambda lr0, decay, t: lr0 / (1 + t))
over_t("root_of_the_divisor", lambda lr0, decay, t: lr0 / np.sqrt(1 + decay * t))
over_t("root_of_t", lambda lr0, decay, t: lr0 / (1 + decay * np.sqrt(t)))
over_t("squared", lambda lr0, decay, t: lr0 / (1 + decay * t) ** 2)
over_t("half_lives", lambda lr0, decay, t: lr0 * 2 ** (-decay * t))


def cut(identity, pieces):
    """`pieces(order, batch_size)` cuts a shuffled order."""

    def minibatches(X, y, batch_size, rng):
        return [(X[rows], y[rows]) for rows in pieces(rng.permutation(len(X)), batch_size)]

    wrong("minibatches", identity)(minibatches)


def in_the_last(order, size):
    starts = list(range(0, len(order), size))
    ends = [*starts[1:], len(order)]
    if len(order) % size and len(starts) > 1:
        starts, ends = starts[:-1], [*ends[:-2], len(order)]
    return [order[a:b] for a, b in zip(starts, ends, strict=True)]


cut("rest_shared_out", lambda order, size: np.array_split(order, -(-len(order) // size)))
cut("rest_in_larger_batches", lambda order, size: np.array_split(order, len(order) // size or 1))
cut("rest_in_the_last", in_the_last)
cut("number_for_size", lambda order, size: [p for p in np.array_split(order, size) if len(p)])
cut("only_batch_left_empty", lambda order, size: (
    np.split(order, range(size, len(order), size)) if size <= len(order) else [order[:0]]
))  # fmt: skip
cut("last_batch_filled_up", lambda order, size: [
    np.resize(order, -(-len(order) // size) * size)[i : i + size]
    if size < len(order) else order for i in range(0, len(order), size)
])  # fmt: skip


@wrong("minibatches", "one_batch_only")
def minibatches(X, y, batch_size, rng):
    rows = rng.choice(len(X), batch_size, replace=False)
    yield X[rows], y[rows]


def noise(identity, measure=None, names=slice(None), replaced=None, labels=None, start="whole"):
    """`measure(distances)` of one size's batches."""
    measure = measure or (lambda off: np.sqrt((off**2).sum(1).mean()))

    def gradient_noise(model, X, y, batch_sizes, rng, draws=400, replace=True):
        def gradient(X, y):
            _, found = model.loss(X, y)
            return np.concatenate([np.ravel(found[name]) for name in list(found)[names]])

        drawn = []
        for size in batch_sizes:
            rows = [rng.choice(len(X), size, replace if replaced is None else replaced)
                    for _ in range(draws)]  # fmt: skip
            found = [gradient(X[r], y[r] if labels is None else y[labels(r)]) for r in rows]
            about = np.mean(found, axis=0) if start == "draws" else gradient(X, y)
            drawn.append(measure(np.array(found) - about))
        return np.array(drawn)

    wrong("gradient_noise", identity)(gradient_noise)


noise("always_with_replacement", replaced=True)
noise("always_without_replacement", replaced=False)
noise("first_parameter_only", names=slice(1))
noise("last_parameter_only", names=slice(1, None))
noise("mean_of_distances", lambda off: np.linalg.norm(off, axis=1).mean())
noise("summed_over_the_draws", lambda off: np.sqrt((off**2).sum()))
noise("from_the_mean_of_the_draws", start="draws")
noise("labels_of_other_rows", labels=lambda rows: np.arange(len(rows)))


def loop(identity, **how):
    wrong("train", identity)(solver(**how))


def solver(k=None, better=None, data=None, accuracy=None, each=None, again=False, once=False,
           late=False, skip=0, names=None, by_update=False, parts=False):  # fmt: skip
    """The loop with one line of it as somebody wrote it."""

    def train(model, data_, rule, schedule, epochs, batch_size=32, rng=None):
        rng = np.random.default_rng() if rng is None else rng
        X, y = data_["X_train"], data_["y_train"]
        checked = ("X_train", "y_train") if data else ("X_val", "y_val")
        configs = {name: {} for name in model.params}
        losses, scores, kept, calls, updates = [], [], dict(model.params), 0, 0
        order = rng.permutation(len(X))
        for _ in range(epochs - skip):
            order = order if once else rng.permutation(len(X))
            if each == "epoch":
                configs = {name: {} for name in model.params}
            for start in range(0, len(X), batch_size):
                rows = order[start : start + batch_size]
                loss, gradients = model.loss(X[rows], y[rows])
                for name in names or list(model.params):
                    config = configs[name]
                    config["learning_rate"] = schedule(k(updates, calls) if k else updates)
                    g = model.loss(X[rows], y[rows])[1][name] if again else gradients[name]
                    model.params[name], configs[name] = rule(model.params[name], g, config)
                    calls += 1
                losses.append(model.loss(X[rows], y[rows])[0] if late else loss)
                updates += 1
                if by_update:
                    scores.append((model.loss(data_["X_val"]).argmax(1) == data_["y_val"]).mean())
            right = model.loss(data_[checked[0]]).argmax(1) == data_[checked[1]]
            cuts = range(0, len(right), batch_size if parts else len(right))
            right = np.mean([right[i : i + cuts.step].mean() for i in cuts])
            score = accuracy(right, len(data_["X_val"])) if accuracy else right
            best = scores[:-1] if by_update else scores
            if not best or better(score, best, losses):
                kept = {name: w.copy() for name, w in model.params.items()}
            if not by_update:
                scores.append(score)
        model.params.update(kept)
        return {"loss": losses, "val_accuracy": scores}

    return train


highest = lambda new, old, losses: new > max(old)
loop("first_weights_kept", better=lambda new, old, losses: False)
loop("worst_weights_kept", better=lambda new, old, losses: new < min(old))
loop("lowest_loss_kept", better=lambda new, old, losses: losses[-1] < min(losses[:-1]))
loop("same_batches_each_epoch", once=True, better=highest)
loop("measured_on_training_data", data="training", better=highest)
loop("accuracy_in_percent", accuracy=lambda right, n: 100 * right, better=highest)
loop("number_right_for_share", accuracy=lambda right, n: n * right, better=highest)
loop("error_for_accuracy", accuracy=lambda right, n: 1 - right, better=highest)
loop("mean_of_batches", parts=True, better=highest)
loop("config_of_an_epoch", each="epoch", better=highest)
loop("gradients_taken_again", again=True, better=highest)
loop("one_parameter_moves", names=["W"], better=highest)
loop("loss_after_the_update", late=True, better=highest)
loop("scheduled_by_call", k=lambda updates, calls: calls, better=highest)
loop("rate_never_changes", k=lambda updates, calls: 0, better=highest)
loop("scheduled_from_one", k=lambda updates, calls: updates + 1, better=highest)
loop("one_epoch_missing", skip=1, better=highest)
loop("one_accuracy_an_update", by_update=True, better=highest)


@wrong("train", "untrained_weights_kept")
def train(model, data, rule, schedule, epochs, batch_size=32, rng=None):
    first = {name: w.copy() for name, w in model.params.items()}
    history = solver(better=highest)(model, data, rule, schedule, epochs, batch_size, rng)
    model.params.update(first)
    return history


@wrong("train", "one_parameter_put_back")
def train(model, data, rule, schedule, epochs, batch_size=32, rng=None):
    last, kept, best = {}, {}, -1.0

    class Watched:
        params = model.params

        def loss(self, X, y=None):
            nonlocal best
            found = model.loss(X, y)
            if y is None:
                last.update({name: w.copy() for name, w in model.params.items()})
                score = (found.argmax(1) == data["y_val"]).mean()
                if score > best:
                    best, kept["W"] = score, model.params["W"].copy()
            return found

    history = solver(better=highest)(Watched(), data, rule, schedule, epochs, batch_size, rng)
    model.params.update({**last, **kept})
    return history


def afterwards(identity, change, **how):
    def train(model, data, rule, schedule, epochs, batch_size=32, rng=None):
        loop = solver(better=highest, **how)
        return change(loop(model, data, rule, schedule, epochs, batch_size, rng))

    wrong("train", identity)(train)


afterwards("other_keys", lambda h: {"losses": h["loss"], "accuracies": h["val_accuracy"]})
afterwards("accuracies_not_given_back", lambda h: {"loss": h["loss"]})
afterwards("losses_added_up", lambda h: {**h, "loss": np.cumsum(h["loss"])})
afterwards("best_so_far_noted", lambda h: {
    **h, "val_accuracy": np.maximum.accumulate(h["val_accuracy"])
})  # fmt: skip


def ruled(identity, change):
    """The gradient reaches the rule changed."""

    def train(model, data, rule, schedule, epochs, batch_size=32, rng=None):
        handed = lambda w, dw, config: rule(w, change(w, dw), config)
        loop = solver(better=highest)
        return loop(model, data, handed, schedule, epochs, batch_size, rng)

    wrong("train", identity)(train)


ruled("gradient_multiplied", lambda w, dw: 2 * dw)
ruled("gradient_changed", lambda w, dw: dw + 0.01 * w)


@wrong("train", "batch_size_not_read")
def train(model, data, rule, schedule, epochs, batch_size=32, rng=None):
    return solver(better=highest)(model, data, rule, schedule, epochs, 32, rng)


@wrong("train", "last_batch_left_out")
def train(model, data, rule, schedule, epochs, batch_size=32, rng=None):
    whole = len(data["X_train"]) // batch_size * batch_size
    if whole:
        order = rng.permutation(len(data["X_train"]))[:whole]
        data = {**data, "X_train": data["X_train"][order], "y_train": data["y_train"][order]}
    return solver(better=highest)(model, data, rule, schedule, epochs, batch_size, rng)


decay("whole_number", lambda k, tau, a, b: int(line(min(1, k / tau), a, b)))
over_t("logarithm", lambda lr0, decay, t: lr0 / (1 + np.log1p(decay * t)))
cut("sorted_in_a_batch", lambda order, size: [
    np.sort(order[i : i + size]) for i in range(0, len(order), size)
])  # fmt: skip
cut("turned_round", lambda order, size: [
    np.sort(order)[::-1][i : i + size] for i in range(0, len(order), size)
])  # fmt: skip
cut("one_left_out_between", lambda order, size: [
    order[i : i + size] for i in range(0, len(order), size + 1)
])  # fmt: skip


@wrong("minibatches", "rows_reshaped")
def minibatches(X, y, batch_size, rng):
    order, rows = rng.permutation(len(X)), X.reshape(len(X), -1)
    for i in range(0, len(X), batch_size):
        yield rows[order[i : i + batch_size]], y[order[i : i + batch_size]]
