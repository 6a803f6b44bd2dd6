"""Notebook 08: classes counted in params, exponents of e, a width in decades, fronts by rounded
numbers and by a hull."""

import copy

import numpy as np
from wrong_code import wrong
from wrong_code.tuning.checks import diagnosed
from wrong_code.tuning.logs_and_fronts import beaten_by, better
from wrong_code.tuning.nets import Net, net
from wrong_code.tuning.seeds_and_forms import draw, drawn


def counted(identity, classes):
    """Enter sanity_checks that takes the number of classes from the arrays of params."""

    @wrong("sanity_checks", identity)
    def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
        model = copy.deepcopy(model)
        model.reg = 1.0
        with_reg = model.loss(X, y)[0]
        model.reg = 0.0
        first, expected = model.loss(X, y)[0], np.log(classes(list(model.params.values())))
        for _ in range(steps):
            for name, grad in model.loss(X[:20], y[:20])[1].items():
                model.params[name] -= learning_rate * grad
        accuracy = np.mean(model.loss(X[:20]).argmax(1) == y[:20])
        sound = abs(first - expected) < 0.1 * expected and with_reg > first and accuracy == 1
        return {"first_loss": first, "expected_loss": expected, "loss_with_reg": with_reg,
                "accuracy_on_20": accuracy, "sound": sound}  # fmt: skip


counted("classes_in_the_last_array", lambda arrays: len(arrays[-1]))
counted("classes_in_the_first_array", lambda arrays: arrays[0].shape[1])

diagnosed("nan_alone_overlooked", finite=lambda losses: not np.isinf(losses).any(),
          last=lambda losses, tenth: np.nanmean(losses[-tenth:]))  # fmt: skip
diagnosed("quarter_of_the_level_at_first",
          falls=lambda losses, start, middle, end: middle - end > start / 4)  # fmt: skip
diagnosed("bursts_overlooked", high=lambda losses, start, end: end > start,
          falls=lambda losses, start, middle, end: middle - end > start / 4)  # fmt: skip

drawn("ends_taken_for_exponents",
      log=lambda low, high, rng: float(np.exp(rng.uniform(low, high))))  # fmt: skip


def spanning(identity, factor):
    """Enter a search whose fine rates span one and the same factor."""

    @wrong("coarse_to_fine", identity)
    def coarse_to_fine(evaluate, space, budget, rng):
        (coarse, short), (fine, long) = budget
        trials = [(c, short, evaluate(c, short)) for c in draw(space, coarse, rng)]
        best = max(trials, key=lambda trial: trial[2])[0]
        near = {}
        for name, (kind, *ends) in space.items():
            near[name] = "choice", [best[name]]
            if kind == "log":
                near[name] = kind, best[name] / factor**0.5, best[name] * factor**0.5
            if kind == "uniform":
                step = (ends[1] - ends[0]) / 6
                near[name] = kind, max(ends[0], best[name] - step), min(ends[1], best[name] + step)
        second = [(c, long, evaluate(c, long)) for c in draw(near, fine, rng)]
        return max(second, key=lambda trial: trial[2])[0], trials + second


spanning("a_factor_of_three_altogether", 3)
spanning("a_decade_altogether", 10)

beaten_by("rounded_before",
          lambda s, a, *other: better(round(s, 1), round(a, 2), *map(round, other, (1, 2))))
beaten_by("seconds_rounded_before", lambda s, a, t, b: better(round(s, 1), a, round(t, 1), b))
beaten_by("accuracies_rounded_before", lambda s, a, t, b: better(s, round(a, 2), t, round(b, 2)))


@wrong("pareto_front", "equals_beat_each_other_but_not_all")
def pareto_front(seconds, accuracies):
    kept = []
    for i, (t, b) in enumerate(zip(seconds, accuracies, strict=True)):
        others = np.arange(len(seconds)) != i
        if not np.any(others & (seconds <= t) & (accuracies >= b)):
            kept.append(i)
    return sorted(kept, key=lambda i: seconds[i]) or [int(accuracies.argmax())]


@net("last_weights_not_penalised")
class FullyConnectedNet(Net):
    """Its loss has no half, besides."""

    def penalty(self, loss, grads):
        for i in range(1, len(self.hidden) + 1):
            W = self.params[f"W{i}"]
            loss += self.reg * np.sum(W * W)
            grads[f"W{i}"] = grads[f"W{i}"] + self.reg * W
        return loss


@wrong("pareto_front", "strictly_below_a_line_left_out")
def pareto_front(seconds, accuracies):
    runs = list(zip(seconds, accuracies, strict=True))
    hull = []
    for i in sorted(range(len(runs)), key=lambda i: (seconds[i], i)):
        if any(better(*other, *runs[i]) for other in runs):
            continue
        while len(hull) > 1:
            (s0, a0), (s1, a1), (s2, a2) = (runs[j] for j in (*hull[-2:], i))
            if (a1 - a0) * (s2 - s0) >= (a2 - a0) * (s1 - s0):
                break
            hull.pop()
        hull.append(i)
    return hull
