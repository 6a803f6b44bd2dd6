"""Notebook 08: norms and ReLUs in one mode or place only, grids for draws, moving centres."""

import numpy as np
from wrong_code import wrong
from wrong_code.tuning.nets import Net, net

from course_utils import layers


@net("layer_norm_by_the_batch_in_test_mode")
class FullyConnectedNet(Net):
    def loss(self, X, y=None):
        if y is not None or self.kind != "layernorm":
            return super().loss(X, y)
        p, h, last = self.params, self.rows(X), len(self.hidden) + 1
        for i in range(1, last):
            h = h @ p[f"W{i}"] + p[f"b{i}"]
            h = (h - h.mean(0)) / np.sqrt(h.var(0) + 1e-5) * p[f"gamma{i}"] + p[f"beta{i}"]
            h = np.maximum(h, 0)
        return h @ p[f"W{last}"] + p[f"b{last}"]


def floored(*identities, bare, back):
    """Scores through a ReLU, in nets without hidden layers alone if `bare`."""

    class FullyConnectedNet(Net):
        def answer(self, scores):
            return scores if bare and self.hidden else np.maximum(scores, 0)

        def cost(self, scores, y):
            if bare and self.hidden:
                return super().cost(scores, y)
            loss, d = layers.softmax_loss(np.maximum(scores, 0), y)
            return loss, d * (scores > 0) if back else d

    net(*identities)(FullyConnectedNet)


floored("relu_on_the_only_layer", bare=True, back=True)
floored("relu_on_the_only_layer_forward", bare=True, back=False)
floored("relu_on_the_scores_forward", bare=False, back=False)


def one(kind, ends, rng):
    if kind == "choice":
        return ends[0][rng.integers(len(ends[0]))]
    low, high = ends
    if kind == "int":
        return int(rng.integers(low, high + 1))
    if kind == "log":
        return float(np.exp(rng.uniform(np.log(low), np.log(high))))
    return float(rng.uniform(low, high))


def on_a_grid(identity, kind_on_it, places):
    @wrong("sample_hyperparameters", identity)
    def sample_hyperparameters(space, n, rng):
        found = [{k: one(kind, ends, rng) for k, (kind, *ends) in space.items()} for _ in range(n)]
        for name, (kind, *ends) in space.items():
            if kind == kind_on_it:
                for setting, place in zip(found, rng.permutation(n), strict=True):
                    setting[name] = float(places(*ends, (place + 0.5) / n))
        return found


on_a_grid("rates_on_a_grid", "log", lambda low, high, at: low * (high / low) ** at)
on_a_grid("keeps_on_a_grid", "uniform", lambda low, high, at: low + at * (high - low))


def around(identity, centre):
    """`centre(coarse, fine)` is the run around which the next fine one is drawn."""

    @wrong("coarse_to_fine", identity)
    def coarse_to_fine(evaluate, space, budget, rng):
        (n, short), (m, long) = budget
        coarse, fine = [], []
        for _ in range(n):
            setting = {k: one(kind, ends, rng) for k, (kind, *ends) in space.items()}
            coarse.append((setting, short, evaluate(setting, short)))
        for _ in range(m):
            best, setting = centre(coarse, fine)[0], {}
            for name, (kind, *ends) in space.items():
                setting[name] = best[name]
                if kind == "log":
                    third = (ends[1] / ends[0]) ** (1 / 6)
                    setting[name] = one(kind, (best[name] / third, best[name] * third), rng)
                elif kind == "uniform":
                    sixth = (ends[1] - ends[0]) / 6
                    low, high = max(ends[0], best[name] - sixth), min(ends[1], best[name] + sixth)
                    setting[name] = one(kind, (low, high), rng)
            fine.append((setting, long, evaluate(setting, long)))
        return highest(fine)[0], coarse + fine


def highest(runs):
    return max(runs, key=lambda run: run[2])


around("around_the_best_fine_run", lambda coarse, fine: highest(fine or coarse))
around("around_the_run_before", lambda coarse, fine: fine[-1] if fine else highest(coarse))


@net("nothing_dropped_beside_a_norm")
class FullyConnectedNet(Net):
    def drop(self, h, mode, i):
        return (h, 1) if self.kind else super().drop(h, mode, i)
