"""What goes wrong in `lsuv` with what is returned and what weights are; no exercise."""

import numpy as np

from autograder.exercise import Exercise, mistake, raises
from autograder.exercises.init import fitting


def rounded(decimals):
    """The mistake that variances are rounded before they are returned."""

    def show(self, right, **case):
        # Where it is scaled to 1 a layer's variance looks like a rounded one.
        variances = self.made(case)["variances"]
        off = np.where(np.abs(variances - 1) > 1e-3, np.round(variances, decimals) - variances, 0)
        return {"returned, less what is measured": off} if off.any() else None

    show.__doc__ = """Your variances are rounded. Return them as they are measured."""
    return mistake(show)


class FittedBadly(Exercise, abstract=True):
    """For `lsuv`: mistakes about what comes back, and about the weights themselves."""

    # What comes back.

    @mistake
    def returned_too_early(self, right, **case):
        """What you return was measured before the layer was scaled. Measure once more."""
        return self.made(case, report="before")

    @mistake
    def returned_too_early_and_unbiased(self, right, **case):
        """Two things: what you return was measured before the layer was scaled; and your variance
        divides by one less than the number of values, where the biased one is asked for."""
        return self.made(case, report="before", var=fitting.unbiased)

    @mistake
    def ones_returned(self, right, **case):
        """You return 1 for each layer. A layer that is near enough stays as it is: return the
        variance that you measure when it is done."""
        return {"returned, less what is measured": 1 - self.made(case)["variances"]}

    rounded_to_two, rounded_to_three, rounded_to_four = map(rounded, (2, 3, 4))

    @mistake
    def deviations_returned(self, right, **case):
        """You return standard deviations. Variances are asked for."""
        return self.made(case, report="root")

    @mistake
    def one_for_each_module(self, right, weights, **case):
        """You return a variance for every module, activations too. One for each nn.Linear is asked
        for."""
        return self.made({"weights": weights, **case}, in_pairs=True)

    @mistake
    def tensors(self, right, **case):
        """Your list holds tensors. Floats are asked for."""
        return {"kind of numbers": "tensors"}

    @mistake
    def returns_nothing(self, right, **case):
        """You return nothing. A list of the layers' variances is asked for."""
        return dict.fromkeys(right, raises("TypeError", "'NoneType' object is not iterable"))

    # What the weights are.

    @mistake
    def not_orthogonal(self, right, **case):
        """Your weights are not orthogonal: the rows (or columns, whichever are fewer) should be
        at right angles and of one length. Drawn numbers alone are not."""
        return {"weights are orthogonal": False}

    @mistake
    def own_weights_scaled(self, right, **case):
        """Your weights are those of before, scaled: neither orthogonal nor from the generator. Draw
        new ones."""
        return {"weights are orthogonal": False, "another generator gives other weights": False}

    @mistake
    def biases_kept(self, right, **case):
        """Biases should be 0. Yours are those of before, and they add to the variance between
        units."""
        return self.made(case, zero_biases=False)

    @mistake
    def biases_moved(self, right, **case):
        """Your biases are not 0 in the end, as when they bring the mean of the outputs to 0.
        Here they are 0 and stay so: weights alone are scaled."""
        shown = self.made(case, centred=True)
        # Rounding errors of a mean that is 0 are made up for by some code and not by other.
        return shown if case["activation"] != "half" else None

    @mistake
    def biases_moved_everywhere(self, right, **case):
        """Your biases are not 0 in the end, as when they bring the mean of the outputs to 0.
        Here they are 0 and stay so: weights alone are scaled."""
        return self.made(case, centred=True) | {"biases": fitting.OTHERS}

    @mistake
    def biases_kept_and_scaled_once(self, right, **case):
        """Biases should be 0. Yours are those of before, which do not scale with the weights: so
        one division does not bring the variance to 1."""
        return self.made(case, zero_biases=False, rounds=1)

    @mistake
    def biases_kept_and_returned_too_early(self, right, **case):
        """Biases should be 0. Yours are those of before, which do not scale with the weights: so
        one division does not bring the variance to 1. And what you return was measured before
        it."""
        return self.made(case, zero_biases=False, rounds=1, report="before")

    @mistake
    def biases_kept_and_unit_by_unit(self, right, **case):
        """Your biases are those of before, and they should be 0. And you average the units'
        variances: take one over all units and examples together."""
        return self.made(case, zero_biases=False, var=fitting.per_unit)

    @mistake
    def generator_ignored(self, right, **case):
        """Another generator should give other weights. Yours do not come from the one that is
        passed in."""
        return {"another generator gives other weights": False}

    @mistake
    def frozen(self, right, **case):
        """Your weights can no longer be trained: they want no gradient. Change them where they are,
        and leave them trainable."""
        return {"weights are trainable": False}

    @mistake
    def each_unit_by_itself(self, right, **case):
        """You scale each unit by itself, so the rows of your weights are not of one length any
        more; and units whose means differ are spread beyond 1. One factor for the layer is asked
        for."""
        return self.made(case, by_unit=lambda z: z.var(0, correction=0) ** -0.5)

    @mistake
    def each_unit_as_torch_does(self, right, **case):
        """You scale each unit by itself, with torch's own std or var, so the rows of your weights
        are not of one length any more. One factor for the layer is asked for, from the biased
        variance."""
        return self.made(case, by_unit=lambda z: z.var(0) ** -0.5)
