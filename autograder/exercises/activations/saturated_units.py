"""Exercise of notebook 02 on outputs where an activation is nearly flat. Units that never fire are
in `dead_units`."""

import numpy as np

from autograder.exercise import Case, Exercise, Setting, mistake
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
