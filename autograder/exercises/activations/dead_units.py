"""Exercises of notebook 02 that count what does not learn: saturated outputs, dead units."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, Setting, mistake, raises
from autograder.exercises.activations.saturating import sigma


class saturation_fraction(Exercise):
    """Which share of a layer's outputs hardly lets a gradient through."""

    signature = "saturation_fraction(a, kind, threshold=0.05)"
    reads = {"share": "your share"}
    settings = {"threshold": Setting(0.05, others=(0.01, 0.1))}
    minutes = 9
    difficulty = 2
    hints = (
        "First an array of local derivatives, computed from the outputs a. For sigmoid and tanh "
        "you have written that formula, or nearly.",
        "How steep can a sigmoid be at most, and tanh? Divide by that before you compare.",
        "The mean of an array of True and False is the fraction of True.",
    )

    def cases(self, rng):
        z = rng.normal(0, 3, (40, 7))
        yield Case("sigmoid", 1, a=sigma(z), kind="sigmoid")
        yield Case("tanh", 1, a=np.tanh(rng.normal(0.4, 1.5, (30, 9))), kind="tanh")
        a = np.maximum(rng.normal(0.3, 1, (20, 6)), 0)
        a[:, rng.integers(6)] = a[rng.choice(20, 2, replace=False)] = 0  # a unit, two examples
        yield Case("relu", 1, a=a, kind="relu")
        ends = np.concatenate([rng.uniform(0.001, 0.05, 3), rng.uniform(0.95, 0.999, 7)])
        middle = rng.uniform(0.3, 0.7, int(rng.integers(7, 10)))
        # At 1/16 the slope is 15/64, exactly the threshold, and not below it.
        a = np.concatenate([ends, middle, [1 / 16, 15 / 16]])
        a = rng.permutation(np.append(a, rng.uniform(0.1, 0.15, 24 - a.size))).reshape(2, 3, 4)
        yield Case("sigmoid, a threshold met exactly", 1, a=a, kind="sigmoid", threshold=15 / 64)
        # None is near the middle, so the steepest slope of tanh is not among these.
        near, far = rng.uniform(0.52, 0.6, int(rng.integers(3, 6))), rng.uniform(0.65, 0.99, 11)
        a = np.concatenate([near, far, [0.5, 0.5]])
        a = rng.permutation(np.append(a * rng.permutation(np.resize([1, 1, -1], a.size)), -0.5))
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
        too many of your sigmoids count as saturated."""
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
    def ends_of_the_sigmoid(self, right, a, kind, threshold=0.05):
        """You count the sigmoid's outputs that lie within the threshold of 0 or 1. The threshold
        is a share of the steepest slope: compare slopes, not outputs."""
        if kind == "sigmoid":
            return {"share": float(np.mean((a < threshold) | (a > 1 - threshold)))}

    @mistake
    def ends_of_tanh(self, right, a, kind, threshold=0.05):
        """You count the outputs of tanh that lie within the threshold of −1 or 1. The threshold is
        a share of the steepest slope: compare slopes, not outputs."""
        if kind == "tanh":
            return {"share": float(np.mean(1 - np.abs(a) < threshold))}

    @mistake
    def quarter_for_tanh(self, right, a, kind, threshold=0.05):
        """You compare the slopes of tanh with a share of ¼, which is the sigmoid's steepest slope.
        That of tanh is 1."""
        if kind == "tanh":
            return {"share": float(np.mean(self.slope(a, kind) < threshold / 4))}

    @mistake
    def tanh_not_squared(self, right, a, kind, threshold=0.05):
        """For tanh you take 1 minus the output: a square is missing, and the lower end never
        counts."""
        if kind == "tanh":
            return {"share": float(np.mean(1 - a < threshold))}

    @mistake
    def tanh_upper_end_only(self, right, a, kind, threshold=0.05):
        """For tanh you count the outputs near 1 only. The curve is flat near −1 too."""
        if kind == "tanh":
            return {"share": float(np.mean((self.slope(a, kind) < threshold) & (a > 0)))}

    @mistake
    def tanh_formula_for_sigmoid(self, right, a, kind, threshold=0.05):
        """For the sigmoid you use the slope of tanh, 1 − a². The sigmoid's is another one, and its
        outputs near 0 are saturated too."""
        if kind == "sigmoid":
            return {"share": float(np.mean((1 - a) * (1 + a) < threshold))}

    @mistake
    def relu_outputs_compared(self, right, a, kind, threshold=0.05):
        """For ReLU you compare the outputs with the threshold. The slope is what counts, and it is
        1 for a small positive output as well."""
        if kind == "relu":
            return {"share": float(np.mean(a < threshold))}

    @mistake
    def relu_never_flat(self, right, a, kind, threshold=0.05):
        """For ReLU your share is 0. Where the output is 0 the slope is 0, and that is below every
        threshold."""
        if kind == "relu":
            return {"share": 0.0}

    @mistake
    def steepest_of_these(self, right, a, kind, threshold=0.05):
        """You compare with the steepest slope among these outputs. The steepest that the
        activation has anywhere is meant, though none of the outputs may be there."""
        slope = self.slope(a, kind)
        return {"share": float(np.mean(slope < threshold * slope.max()))}

    @mistake
    def share_for_each_unit(self, right, a, kind, threshold=0.05):
        """You give a share for each unit, a mean over axis 0 alone. One number is asked for, over
        all outputs together."""
        return {"share": np.mean(self.slope(a, kind) < threshold, axis=0)}

    @mistake
    def percent_for_each_unit(self, right, a, kind, threshold=0.05):
        """You give a percentage for each unit, over axis 0 alone. One number from 0 to 1 is asked
        for, over all outputs together."""
        return {"share": 100 * np.mean(self.slope(a, kind) < threshold, axis=0)}

    @mistake
    def divided_by_the_rows(self, right, a, kind, threshold=0.05):
        """You divide the count by the length of axis 0. Divide by how many outputs there are in
        all."""
        return {"share": right["share"] * a.size / len(a)}

    @mistake
    def nothing_behind_the_point(self, right, a, kind, threshold=0.05):
        """Your share is 0 in every case, as when `//` divides: it drops what is behind the
        point."""
        return {"share": float(int(right["share"]))}

    @mistake
    def percent(self, right, a, kind, threshold=0.05):
        """That is in percent. A share lies between 0 and 1."""
        return {"share": 100 * right["share"]}

    @mistake
    def units_saturated_throughout(self, right, a, kind, threshold=0.05):
        """You count what is saturated in every row, which is a share of the columns. Each output
        counts by itself."""
        return {"share": float(np.mean(np.all(self.slope(a, kind) < threshold, axis=0)))}

    @mistake
    def units_saturated_somewhere(self, right, a, kind, threshold=0.05):
        """You count what is saturated in any row, which is a share of the columns. Each output
        counts by itself."""
        return {"share": float(np.mean(np.any(self.slope(a, kind) < threshold, axis=0)))}

    @mistake
    def examples_saturated_throughout(self, right, a, kind, threshold=0.05):
        """You count the rows that are saturated from end to end. Each output counts by itself."""
        return {"share": float(np.mean(np.all(self.slope(a, kind) < threshold, axis=-1)))}


class dead_fraction(Exercise):
    """Which share of ReLU units never fires on the whole data set."""

    signature = "dead_fraction(activations)"
    reads = {"share": "your share"}
    minutes = 8
    hints = (
        "Ask for each unit, over all the batches together, whether it ever gave something above "
        "0.",
        "A unit that is silent in one batch may fire in the next. Collect the evidence first, "
        "decide at the end.",
    )

    def cases(self, rng):
        def layer(sizes, dead, alive, rate=0.5, low=0.0):
            """Batches of a layer of `dead` and `alive` units in random order; which ones live.

            Where a unit does not fire it gives something between 0 and -low.
            """
            rates = rng.permutation([0.0] * dead + [rate] * alive)
            batches = []
            for n in sizes:
                fires = rng.uniform(size=(n, dead + alive)) < rates
                silent = -low * rng.uniform(0.3, 1, fires.shape) if low else 0.0
                batches.append(np.where(fires, rng.uniform(0.1, 2, fires.shape), silent))
            return batches, np.flatnonzero(rates)

        def count(low, high):
            return int(rng.integers(low, high + 1))

        # How many are dead and alive is drawn from so many that a share hardly comes twice.
        batches, alive = layer([30], count(3, 11), count(7, 18), rate=0.6)
        batches[0][0, alive] = 0.7
        width = batches[0].shape[1]
        yield Case("one batch", 1, activations=batches)
        batches, alive = layer([12, 12, 5], count(3, 9), count(6, 16))
        for rows in batches:
            rows[3, alive] = 0.7
        for place, unit in enumerate(rng.permutation(alive)[:5]):
            batches[place % 3][:, unit] = -0.0
            batches[(place + 1) % 3][place % 4, unit] = 0.7
        batches[0][0, alive[-1]] = batches[2][4, alive[-1]] = 0.4
        yield Case("units that are silent in some batches", 1, activations=batches)
        batches, alive = layer([9, 4, 11], count(3, 9), count(6, 16))
        seldom = count(5, 6)
        for rows in batches:
            rows[2, alive[seldom:]] = 0.7  # so that two batches cannot look alike
        for place, unit in enumerate(alive[:seldom]):
            for rows in batches:
                rows[:, unit] = 0
            # However little it is, it is above 0; also for the first example and for the last.
            batch, row = [(0, 0), (2, -1), (1, 0), (0, 2), (0, 1), (2, 4)][place]
            batches[batch][row, unit] = 10.0 ** rng.uniform(-11, -9)
        batches[1][1] = batches[0][5] = 0
        yield Case("a unit that fires once", 1, activations=batches)
        batches, alive = layer([6, 3], 0, count(4, 7))
        batches[0][0], batches[1][1] = 0.4, 0
        yield Case("all alive", 1, activations=batches)
        # As wide as the first, so that what is kept of that one shows.
        dead = count(3, min(11, width - 7))
        batches, alive = layer([17], dead, width - dead, low=0.8)
        for unit in alive[: count(2, 3)]:
            batches[0][:, unit] = -rng.uniform(0.2, 0.8, 17)
            batches[0][count(0, 16), unit] = 0.3
        batches[0][:, alive[-1]] = rng.uniform(0.1, 1, 17)  # no example is silent
        yield Case("a leaky layer", 1, activations=batches)

    def observe(self, code, activations):
        return {"share": code.dead_fraction(activations)}

    def reference(self, activations):
        fired = torch.cat([torch.tensor(a, device=self.device) for a in activations]).amax(0) > 0
        return {"share": 1 - float(fired.double().mean())}

    @mistake
    def share_of_zeros(self, right, activations):
        """You count outputs, not units. A live ReLU gives 0 for about half its inputs: that is
        sparse, and healthy. A dead one gives 0 for every input."""
        return {"share": float(np.mean(np.concatenate(activations) == 0))}

    @mistake
    def silent_in_one_batch(self, right, activations):
        """You bury a unit that is silent in one batch, although it fires in another. Dead is
        what never fires in any batch."""
        silent = np.any([np.all(a <= 0, axis=0) for a in activations], axis=0)
        return {"share": float(np.mean(silent))}

    @mistake
    def silent_for_one_example(self, right, activations):
        """You bury a unit as soon as it is silent for one example. Dead is what fires for no
        example at all."""
        return {"share": float(np.mean(np.any(np.concatenate(activations) <= 0, axis=0)))}

    @mistake
    def mean_over_batches(self, right, activations):
        """You average a share per batch. A unit that is silent in this batch may fire in the
        next: decide once, over all of them."""
        return {"share": float(np.mean([np.mean(np.all(a <= 0, axis=0)) for a in activations]))}

    @mistake
    def last_batch_only(self, right, activations):
        """Only the last batch counts in yours. Is something overwritten in the loop that should
        be kept?"""
        return {"share": float(np.mean(np.all(activations[-1] <= 0, axis=0)))}

    @mistake
    def last_examples_left_out(self, right, activations):
        """The last example of each batch is not looked at: a unit that fires for it alone is dead
        in yours. Does your loop end one row too early?"""
        joined = np.concatenate([a[:-1] for a in activations])
        return {"share": float(np.mean(np.all(joined <= 0, axis=0)))}

    @mistake
    def first_examples_left_out(self, right, activations):
        """The first example of each batch is not looked at: a unit that fires for it alone is dead
        in yours. Does your loop begin one row too late?"""
        joined = np.concatenate([a[1:] for a in activations])
        return {"share": float(np.mean(np.all(joined <= 0, axis=0)))}

    @mistake
    def first_batch_only(self, right, activations):
        """Only the first batch counts in yours. Is there a return inside the loop?"""
        return {"share": float(np.mean(np.all(activations[0] <= 0, axis=0)))}

    @mistake
    def silent_examples(self, right, activations):
        """You look along the wrong axis: yours is the share of examples for which no unit fires.
        Rows are examples, columns are units."""
        return {"share": float(np.mean(np.all(np.concatenate(activations) <= 0, axis=1)))}

    @mistake
    def exactly_zero_only(self, right, activations):
        """You count units that always give exactly 0. In a leaky layer a unit that does not fire
        gives something below 0: ask for what is above."""
        return {"share": float(np.mean(np.all(np.concatenate(activations) == 0, axis=0)))}

    @mistake
    def zero_counts_as_firing(self, right, activations):
        """A unit that never gives more than 0 counts as alive in yours if it gives exactly 0
        somewhere. It fires where its output is above 0: 0 is no firing."""
        return {"share": float(np.mean(np.concatenate(activations).max(axis=0) < 0))}

    @mistake
    def share_alive(self, right, activations):
        """That is the share of units that are alive: the complement."""
        return {"share": 1 - right["share"]}

    @mistake
    def count_not_share(self, right, activations):
        """That is how many units are dead. Divide by how many there are."""
        return {"share": round(right["share"] * activations[0].shape[1])}

    @mistake
    def sum_of_outputs(self, right, activations):
        """You add up what a unit gives. In a leaky layer the negative outputs outweigh a rare
        firing: ask whether any output is above 0."""
        total = np.concatenate(activations).sum(axis=0)
        return {"share": float(np.mean(total <= 0))}

    @mistake
    def faint_is_silent(self, right, activations):
        """A unit that fires only faintly is dead in yours, as with a tolerance. Whatever is above
        0 counts."""
        return {"share": float(np.mean(np.concatenate(activations).max(axis=0) < 1e-6))}

    @mistake
    def batches_stacked(self, right, activations):
        """Your code puts the batches into one array, and they need not be of one size (the last is
        often shorter). Join them along the examples, or take one after the other."""
        if len({len(a) for a in activations}) > 1:
            return {"share": raises("ValueError", "shape")}

    @mistake
    def divided_by_the_examples(self, right, activations):
        """You divide the number of dead units by the number of examples. It is a share of the
        units."""
        dead = right["share"] * activations[0].shape[1]
        return {"share": dead / sum(map(len, activations))}

    @mistake
    def nothing_behind_the_point(self, right, activations):
        """Your share is 0 in every case, as when `//` divides: it drops what is behind the
        point."""
        return {"share": float(int(right["share"]))}
