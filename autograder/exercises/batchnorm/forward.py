"""Batch normalization forward (notebook 06)."""

import numpy as np

from autograder.exercise import Case, mistake, near
from autograder.exercises.batchnorm.normalizing import features, gamma_and_beta, normalized, running
from autograder.exercises.batchnorm.running import RunningStatistics
from autograder.exercises.batchnorm.variants import narrowed


def by_the_squares(x):
    """The mean of the squares less the square of the mean, in the dtype of x."""
    return (x**2).mean(0) - x.mean(0) ** 2


def far_from_zero(rng, n, d):
    """Float32 rows so far from 0 that hardly a digit of `by_the_squares` is right."""
    while True:
        x = features(rng, n, d) + rng.choice([-1, 1], d) * rng.uniform(2000, 4000, d)
        x = x.astype(np.float32)
        share = by_the_squares(x) / x.var(0)
        if (share > 0.05).all() and (np.abs(share - 1) > 0.5).any():
            return x


class batchnorm_forward(RunningStatistics):
    """Batch normalization over a mini-batch (Ioffe & Szegedy 2015, algorithm 1)."""

    growth = {"gamma": 1, "beta": 1}, {"out": 1}

    minutes = 12
    difficulty = 2
    hints = (
        "Compute one mean and one variance per feature: over which axis is that?",
        "In training mode the batch's own statistics normalise; the running ones are only kept "
        "up to date. In test mode it is the other way round.",
        "bn_param is a dict that outlives the call. What the next call must know goes into it.",
    )

    def cases(self, rng):
        gamma, beta = gamma_and_beta(rng, 4)
        layer = {"gamma": gamma, "beta": beta}
        kept = running(rng, 4)
        settings = {"eps": 1e-3, "momentum": 0.7}
        yield Case(
            "training mode", 1,
            x=features(rng, 6, 4), **layer, bn_param={"mode": "train"} | settings | kept,
        )  # fmt: skip
        # Small variances, so that another ε shows.
        yield Case(
            "first batch, defaults", 1,
            x=features(rng, 5, 4, 0.1), **layer, bn_param={"mode": "train"},
        )  # fmt: skip
        yield Case(
            "ε = 0 and momentum = 0", 1,
            x=features(rng, 5, 4, 0.05), **layer,
            bn_param={"mode": "train", "eps": 0.0, "momentum": 0.0} | kept,
        )  # fmt: skip
        still = features(rng, 6, 4)
        still[:, 1] = 3 + 1e-3 * rng.normal(size=6)
        yield Case(
            "a feature that hardly varies", 1,
            x=still, **layer, bn_param={"mode": "train"} | kept,
        )  # fmt: skip
        never = kept | {"running_var": kept["running_var"] * [1, 1, 0, 1]}
        yield Case(
            "test mode, one variance 0", 1,
            x=features(rng, 3, 4), **layer, bn_param={"mode": "test"} | settings | never,
        )  # fmt: skip
        # γ = 1 and β = 0 part two mistakes of test mode that would hide each other elsewhere.
        small = kept | {"running_var": 0.02 * kept["running_var"]}
        yield Case(
            "test mode, one example, γ = 1, β = 0", 1,
            x=features(rng, 1, 4), gamma=np.ones(4), beta=np.zeros(4),
            bn_param={"mode": "test"} | small,
        )  # fmt: skip
        yield Case(
            "test mode before any training", 1,
            x=0.1 * features(rng, 3, 4), **layer, bn_param={"mode": "test", "eps": 0.5},
        )  # fmt: skip
        yield Case(
            "training on a batch of one", 1,
            x=features(rng, 1, 4), **layer, bn_param={"mode": "train"} | settings | kept,
        )  # fmt: skip
        single = {name: value.astype(np.float32) for name, value in layer.items()}
        yield Case(
            "first batch in single precision", 0.5,
            x=features(rng, 7, 4).astype(np.float32), **single, bn_param={"mode": "train"},
        )  # fmt: skip
        yield Case(
            "features far from 0, in single precision", 0.5,
            x=far_from_zero(rng, 7, 4), **single, bn_param={"mode": "train"},
        )  # fmt: skip

    def reference(self, x, gamma, beta, bn_param):
        right = super().reference(x, gamma, beta, bn_param)
        if np.abs(x).max() > 1000:
            # The mean itself has a few digits only behind the point.
            right = {name: near(value.value, rtol=1e-2, atol=1e-2) for name, value in right.items()}
        return right

    def observe(self, code, x, gamma, beta, bn_param):
        kept = bn_param["mode"] == "train" or "running_mean" in bn_param
        out, _ = code.batchnorm_forward(x, gamma, beta, bn_param)
        seen = {name: bn_param.get(name) for name in ("running_mean", "running_var") if kept}
        return {"out": out, **seen}

    @mistake
    def variance_by_the_squares(self, right, x, gamma, beta, bn_param):
        """Your variance loses its digits where features are far from 0: you subtract two large
        numbers, the mean of x² and the squared mean, that are nearly the same. Square the
        deviations from the mean instead, and take their mean."""
        if np.abs(x).max() > 1000:
            mean, var = x.mean(0), by_the_squares(x)
            return {"out": normalized(x, mean, var, gamma, beta, bn_param.get("eps", 1e-5)),
                    "running_var": self.kept(bn_param, x, mean, var)["running_var"]}  # fmt: skip

    @mistake
    def running_statistics_in_double_precision(self, right, x, gamma, beta, bn_param):
        """The running statistics of float32 data become float64 in your code, because the zeros
        that they start from are. In test mode they would make everything behind this layer
        float64."""
        if x.dtype == np.float32:
            return {n: right[n].astype(np.float64) for n in ("running_mean", "running_var")}

    @mistake
    def output_in_double_precision(self, right, x, gamma, beta, bn_param):
        """Your output is float64 for float32 data. It is to have the dtype of x."""
        if x.dtype == np.float32:
            return {"out": right["out"].astype(np.float64)}

    @mistake
    def statistics_of_each_example(self, right, x, gamma, beta, bn_param):
        """You take the mean and the variance of each example's own features, and average those into
        the running statistics. That is layer norm; batch norm takes them of every feature over the
        batch."""
        if bn_param["mode"] == "train":
            eps = bn_param.get("eps", 1e-5)
            mean, var = x.mean(1, keepdims=True), x.var(1, keepdims=True)
            return {"out": normalized(x, mean, var, gamma, beta, eps),
                    **self.kept(bn_param, x, mean, var)}  # fmt: skip

    normalised_by_each_example = narrowed(
        statistics_of_each_example, ("out",),
        """You normalise every example by the mean and variance of its own features. That is layer
        norm; batch norm normalises every feature over the batch.""",
    )  # fmt: skip

    @mistake
    def batch_of_one_by_the_old_statistics(self, right, x, gamma, beta, bn_param):
        """In training mode you normalise a batch of one by the running statistics. The mode decides
        by what: while training the batch's own, however small it is."""
        if len(x) == 1:
            return self.training_uses_the_old_statistics(right, x, gamma, beta, bn_param)

    @mistake
    def batch_of_one_by_the_new_statistics(self, right, x, gamma, beta, bn_param):
        """In training mode you normalise a batch of one by the running statistics, those with this
        batch already in them. While training, the batch's own count, however small it is."""
        if len(x) == 1:
            return self.training_uses_the_running_statistics(right, x, gamma, beta, bn_param)

    @mistake
    def batch_of_one_left_alone(self, right, x, gamma, beta, bn_param):
        """In training mode you do not normalise a batch of one: γ and β meet x as it is. It is
        normalised as any other, by its own mean."""
        if len(x) == 1 and bn_param["mode"] == "train":
            return {"out": gamma * x + beta}
