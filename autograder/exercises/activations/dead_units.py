"""Exercises of notebook 02 that count what does not learn: saturated outputs, dead units."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake
from autograder.exercises.activations.saturating import sigma


class saturation_fraction(Exercise):
    """Which share of a layer's outputs hardly lets a gradient through."""

    signature = "saturation_fraction(a, kind, threshold=0.05)"
    minutes = 9
    difficulty = 2
    hints = (
        "First an array of local derivatives, computed from the outputs a. For sigmoid and tanh "
        "you have written that formula, or nearly.",
        "How steep can a sigmoid be at most, and tanh? Divide by that before you compare.",
        "The mean of an array of True and False is a share.",
    )

    def cases(self, rng):
        z = rng.normal(0, 3, (40, 7))
        yield Case("sigmoid", 1, a=sigma(z), kind="sigmoid")
        yield Case("tanh", 1, a=np.tanh(rng.normal(0.4, 1.5, (30, 9))), kind="tanh")
        yield Case("relu", 1, a=np.maximum(rng.normal(0.3, 1, (20, 6)), 0), kind="relu")
        ends = np.concatenate([rng.uniform(0.001, 0.009, 5), rng.uniform(0.9, 0.999, 9)])
        middle = rng.uniform(0.3, 0.7, 7)
        # 0.5 lies exactly on the threshold, and is not below it.
        a = rng.permutation(np.concatenate([ends, middle, [0.5, 0.5]])).reshape(23, 1)
        yield Case("a threshold of 1, met exactly", 1, a=a, kind="sigmoid", threshold=1.0)
        a = rng.permutation(np.append(rng.uniform(-0.99, 0.99, 17), [0.5, 0.5, -0.5]))
        yield Case("tanh, another threshold", 1, a=a, kind="tanh", threshold=0.75)

    def observe(self, code, a, kind, threshold=None):
        given = () if threshold is None else (threshold,)
        return {"share": code.saturation_fraction(a, kind, *given)}

    def reference(self, a, kind, threshold=0.05):
        return {"share": float(np.mean(self.slope(a, kind) < threshold))}

    @staticmethod
    def slope(a, kind):
        """The derivative as a share of the largest one, from the output."""
        return {
            "sigmoid": lambda: a * (1 - a) * 4,
            "tanh": lambda: (1 - a) * (1 + a),
            "relu": lambda: np.where(a > 0, 1.0, 0.0),
        }[kind]()

    @mistake
    def not_relative(self, right, a, kind, threshold=0.05):
        """The threshold is a share of the steepest slope. A sigmoid's steepest slope is not 1, so
        your sigmoids count as saturated too early."""
        if kind == "sigmoid":
            return {"share": float(np.mean(a * (1 - a) < threshold))}

    @mistake
    def squashed_again(self, right, a, kind, threshold=0.05):
        """a holds outputs: they have been through the activation. You put them through it once
        more before you take the slope."""
        again = {"sigmoid": sigma, "tanh": np.tanh, "relu": lambda a: a}[kind](a)
        return {"share": float(np.mean(self.slope(again, kind) < threshold))}

    @mistake
    def upper_end_only(self, right, a, kind, threshold=0.05):
        """You count the outputs near the upper end only. The curve is flat at the lower end
        too."""
        centre = {"sigmoid": 0.5, "tanh": 0.0, "relu": np.inf}[kind]
        low = self.slope(a, kind) < threshold
        return {"share": float(np.mean(low & ((a > centre) | (kind == "relu"))))}

    @mistake
    def sigmoid_formula_for_tanh(self, right, a, kind, threshold=0.05):
        """For tanh you use the sigmoid's formula. Outputs around 0 are where tanh is steepest,
        and you count them, with all negative ones, as saturated."""
        if kind == "tanh":
            return {"share": float(np.mean(4 * a * (1 - a) < threshold))}

    @mistake
    def equal_counts(self, right, a, kind, threshold=0.05):
        """Saturated means below the threshold. You count slopes that equal it as well."""
        return {"share": float(np.mean(self.slope(a, kind) <= threshold))}

    @mistake
    def share_that_still_learns(self, right, a, kind, threshold=0.05):
        """That is the share of outputs that are not saturated: the complement."""
        return {"share": 1 - right["share"]}

    @mistake
    def count_not_share(self, right, a, kind, threshold=0.05):
        """That is how many outputs are saturated. A share lies between 0 and 1: divide by how
        many there are."""
        return {"share": round(right["share"] * a.size)}

    @mistake
    def percent(self, right, a, kind, threshold=0.05):
        """That is in percent. A share lies between 0 and 1."""
        return {"share": 100 * right["share"]}

    @mistake
    def threshold_is_fixed(self, right, a, kind, threshold=0.05):
        """Your threshold is 0.05 whatever the argument says."""
        return {"share": float(np.mean(self.slope(a, kind) < 0.05))}


class dead_fraction(Exercise):
    """Which share of ReLU units never fires on the whole data set."""

    signature = "dead_fraction(activations)"
    minutes = 8
    hints = (
        "Ask for each unit, over all the batches together: did it ever give something above 0?",
        "A unit that is silent in one batch may fire in the next. Collect the evidence first, "
        "decide at the end.",
    )

    def cases(self, rng):
        def batch(n, rates):
            fires = rng.uniform(size=(n, len(rates))) < rates
            return fires * rng.uniform(0.1, 2, fires.shape)

        always, never = [0.6] * 5, [0.0] * 3
        yield Case("one batch", 1, activations=[batch(30, [*never, *always])])
        batches = [batch(n, [0, 0, 0.5, 0.5, 0.5, 0.5, 0.5]) for n in (12, 12, 5)]
        for i, (number, unit) in enumerate([(0, 2), (1, 3), (2, 4), (2, 5)]):
            batches[number][:, unit] = 0
            batches[(number + 1) % 3][i, unit] = 0.7
        yield Case("units that are silent in some batches", 1, activations=batches)
        rare = [batch(9, [0, 0.4, 0.4, 0.4]), batch(4, [0, 0, 0.4, 0.4]), batch(11, [0, 0, 0, 0.4])]
        for rows, unit in zip(rare, (1, 2, 3), strict=True):
            rows[2, unit] = 0.3
        rare[1][1] = 0
        rare[0][5] = 0
        order = rng.permutation(4)
        yield Case("a unit that fires once", 1, activations=[rows[:, order] for rows in rare])
        alive = [batch(6, [0.5] * 4), batch(3, [0.5] * 4)]
        alive[0][0], alive[1][1] = 0.4, 0
        yield Case("all alive", 1, activations=alive)
        leaky = [batch(7, [0, 0, 0.5, 0.5, 0.5]), batch(10, [0, 0, 0, 0.5, 0.5])]
        leaky[0][1, 2] = leaky[0][2, 3] = leaky[1][0, 4] = 0.6
        leaky[0][3] = leaky[1][4] = leaky[0][:, 4] = 0
        negative = [rng.uniform(0.01, 0.2, rows.shape) for rows in leaky]
        yield Case("a leaky layer", 1, activations=[
            np.where(rows > 0, rows, -low) for rows, low in zip(leaky, negative, strict=True)
        ])  # fmt: skip

    def observe(self, code, activations):
        return {"share": code.dead_fraction(activations)}

    def reference(self, activations):
        fired = torch.cat([torch.tensor(a, device=self.device) for a in activations]).amax(0) > 0
        return {"share": 1 - float(fired.double().mean())}

    @mistake
    def share_of_zeros(self, right, activations):
        """You count zeros. A live ReLU gives 0 for about half its inputs: that is sparse, and
        healthy. A dead one gives 0 for every input."""
        return {"share": float(np.mean(np.concatenate(activations) == 0))}

    @mistake
    def silent_in_one_batch(self, right, activations):
        """You bury a unit that is silent in one batch, although it fires in another. Dead is
        what never fires in any batch."""
        silent = np.any([np.all(a == 0, axis=0) for a in activations], axis=0)
        return {"share": float(np.mean(silent))}

    @mistake
    def mean_over_batches(self, right, activations):
        """You average a share per batch. A unit that is silent in this batch may fire in the
        next: decide once, over all of them."""
        return {"share": float(np.mean([np.mean(np.all(a == 0, axis=0)) for a in activations]))}

    @mistake
    def last_batch_only(self, right, activations):
        """Only the last batch counts in yours. Is something overwritten in the loop that should
        be kept?"""
        return {"share": float(np.mean(np.all(activations[-1] == 0, axis=0)))}

    @mistake
    def first_batch_only(self, right, activations):
        """Only the first batch counts in yours. Is there a return inside the loop?"""
        return {"share": float(np.mean(np.all(activations[0] == 0, axis=0)))}

    @mistake
    def silent_examples(self, right, activations):
        """You look along the wrong axis: yours is the share of examples for which no unit fires.
        Rows are examples, columns are units."""
        return {"share": float(np.mean(np.all(np.concatenate(activations) == 0, axis=1)))}

    @mistake
    def exactly_zero_only(self, right, activations):
        """You count units that always give exactly 0. In a leaky layer a unit that does not fire
        gives something below 0: ask for what is above."""
        return {"share": float(np.mean(np.all(np.concatenate(activations) == 0, axis=0)))}

    @mistake
    def share_alive(self, right, activations):
        """That is the share of units that are alive: the complement."""
        return {"share": 1 - right["share"]}

    @mistake
    def count_not_share(self, right, activations):
        """That is how many units are dead. Divide by how many there are."""
        return {"share": round(right["share"] * activations[0].shape[1])}
