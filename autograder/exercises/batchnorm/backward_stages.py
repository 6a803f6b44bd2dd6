"""The stages of batch norm's backward pass: one exercise a node of its graph (notebook 06).

The last one, back to the mean, is in `backward_mean`.
"""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, raises
from autograder.exercises.batchnorm.normalizing import features, gamma_and_beta, judged


def node_inputs(rng, n, d, eps, nudge=0.0):
    """The nodes of batch norm's graph for a batch; `nudge` moves the mean off the batch's own."""
    x = features(rng, n, d)
    mean = x.mean(0) + nudge * rng.uniform(0.5, 1, d)
    var = ((x - mean) ** 2).mean(0)
    return {"dxhat": rng.normal(size=(n, d)), "x": x, "mean": mean, "var": var, "eps": eps}


def gradient(output, upstream, leaf):
    """d(Σ output·upstream)/d(leaf), by autograd."""
    return torch.autograd.grad(output, leaf, upstream)[0]


class bn_dxhat(Exercise):
    """First stage: from dout back to dx̂, through γ·x̂ + β."""

    signature = "bn_dxhat(dout, gamma) -> dxhat"
    growth = {"dout": 1}, {"dxhat": 1}
    minutes = 2
    hints = (
        "Each entry of x̂ is used once, multiplied by one entry of γ.",
        "So the gradient that arrives at an entry of out reaches x̂ through that one factor; β "
        "does not matter.",
    )

    def cases(self, rng):
        for name, points, n, d in [
            ("five examples", 1, 5, 3), ("one example", 0.5, 1, 4),
            ("as many examples as features", 0.5, 4, 4),
        ]:  # fmt: skip
            gamma, _ = gamma_and_beta(rng, d)
            if n == d:
                gamma[rng.integers(d)] = 0
            yield Case(name, points, dout=rng.normal(1, 2, (n, d)), gamma=gamma)

    def observe(self, code, dout, gamma):
        return {"dxhat": code.bn_dxhat(dout, gamma)}

    def reference(self, dout, gamma):
        dout, gamma = (torch.tensor(a, device=self.device) for a in (dout, gamma))
        xhat = torch.zeros_like(dout, requires_grad=True)
        return {"dxhat": gradient(xhat * gamma, dout, xhat)}

    @mistake
    def gamma_forgotten(self, right, dout, gamma):
        """Your dx̂ is dout itself: the γ that multiplies x̂ on the way forward is missing."""
        return {"dxhat": dout}

    @mistake
    def divided_by_gamma(self, right, dout, gamma):
        """You divide by γ. Going back through a product multiplies by the other factor."""
        return {"dxhat": dout / gamma}

    @mistake
    def summed_over_the_batch(self, right, dout, gamma):
        """You sum over the batch. That is for what all examples share, as γ is; every example has
        its own x̂, so dx̂ has the shape of dout."""
        return {"dxhat": right["dxhat"].sum(0)}

    @mistake
    def gamma_along_the_examples(self, right, dout, gamma):
        """You turn γ into a column, so that it runs along the examples. It has one value a feature,
        and numpy lines it up with the last axis as it is."""
        if len(dout) not in (1, len(gamma)):
            return {"dxhat": raises("ValueError", "could not be broadcast")}
        return {"dxhat": dout * gamma[:, None]}

    @mistake
    def gamma_of_the_example(self, right, dout, gamma):
        """Where there are as many examples as features, you take the γ of the example. It has one
        value a feature, however many examples there are."""
        if len(dout) == len(gamma):
            return {"dxhat": dout * gamma[:, None]}

    @mistake
    def averaged_over_the_batch(self, right, dout, gamma):
        """You divide by the batch size. If the loss is a mean, dout brings that with it."""
        if len(dout) > 1:
            return {"dxhat": right["dxhat"] / len(dout)}

    @mistake
    def summed_over_the_features(self, right, dout, gamma):
        """You sum over the features, as a matrix product does. Each entry of x̂ has an entry of dx̂
        of its own: multiply entry by entry."""
        return {"dxhat": right["dxhat"].sum(1)}

    @mistake
    def negative_size_of_gamma(self, right, dout, gamma):
        """You multiply by the size of γ and turn the sign as well. Multiply by γ as it is."""
        return {"dxhat": -dout * np.abs(gamma)}

    @mistake
    def size_of_gamma(self, right, dout, gamma):
        """You multiply by the size of γ and lose its sign. A learned γ may be negative."""
        return {"dxhat": dout * np.abs(gamma)}

    @mistake
    def summed_and_given_to_all(self, right, dout, gamma):
        """All rows of your dx̂ are alike: the sum over the batch. Every example has its own dout,
        and its own dx̂."""
        return {"dxhat": right["dxhat"].sum(0) + 0 * dout}

    @mistake
    def averaged_and_given_to_all(self, right, dout, gamma):
        """All rows of your dx̂ are alike: the mean over the batch. Every example has its own dout,
        and its own dx̂."""
        return {"dxhat": right["dxhat"].mean(0) + 0 * dout}

    @mistake
    def one_added_to_gamma(self, right, dout, gamma):
        """You multiply by 1 + γ. Here γ itself is what multiplies x̂ on the way forward."""
        return {"dxhat": dout * (1 + gamma)}

    @mistake
    def gamma_summed(self, right, dout, gamma):
        """You multiply by the sum of γ. Each feature has its own."""
        return {"dxhat": dout * gamma.sum()}


class bn_dvar(Exercise):
    """Second stage: from dx̂ back to the variance, which every example has used."""

    signature = "bn_dvar(dxhat, x, mean, var, eps) -> dvar"
    growth = {"dxhat": 1}, {"dvar": 1}
    minutes = 5
    difficulty = 2
    hints = (
        "Write x̂ as (x − mean) times a power of (var + eps). Which power, and its derivative?",
        "All N examples of a feature are divided by the same number, so all N send something "
        "back to it.",
    )

    def cases(self, rng):
        yield Case("five examples", 2, **node_inputs(rng, 5, 3, 1e-3))
        small = node_inputs(rng, 4, 3, 1e-5)
        small["x"] = small["mean"] + 1e-3 * rng.normal(size=(4, 3))
        small["mean"], small["var"] = small["x"].mean(0), small["x"].var(0)
        yield Case("features that hardly vary", 1, **small)

    def observe(self, code, dxhat, x, mean, var, eps):
        return {"dvar": code.bn_dvar(dxhat, x, mean, var, eps)}

    def reference(self, dxhat, x, mean, var, eps):
        dxhat, x, mean, var = (torch.tensor(a, device=self.device) for a in (dxhat, x, mean, var))
        var.requires_grad_()
        return {"dvar": judged(gradient((x - mean) / torch.sqrt(var + eps), dxhat, var))}

    @mistake
    def sign_of_the_power(self, right, dxhat, x, mean, var, eps):
        """Your dvar has the wrong sign: a larger variance makes every x̂ smaller in size."""
        return {"dvar": -right["dvar"]}

    @mistake
    def half_forgotten(self, right, dxhat, x, mean, var, eps):
        """Your dvar is twice too large: the derivative of a power brings its exponent down as a
        factor, and for a root that exponent is a half."""
        return {"dvar": 2 * right["dvar"]}

    @mistake
    def exponent_not_lowered(self, right, dxhat, x, mean, var, eps):
        """The exponent of your (var + eps) is one too high: the derivative of a power lowers it by
        one, from −1/2 to what?"""
        return {"dvar": right["dvar"] * (var + eps)}

    @mistake
    def precedence(self, right, dxhat, x, mean, var, eps):
        """You raise to the power −3 and halve the result, as Python reads `** -3 / 2` without
        parentheses: a power binds more strongly than a division. The exponent is meant."""
        return {"dvar": right["dvar"] * (var + eps) ** -1.5 / 2}

    @mistake
    def exponent_of_minus_three(self, right, dxhat, x, mean, var, eps):
        """Your (var + eps) has the exponent −3. That is the standard deviation's; the variance's
        is half of it."""
        return {"dvar": right["dvar"] * (var + eps) ** -1.5}

    @mistake
    def exponent_of_minus_two(self, right, dxhat, x, mean, var, eps):
        """Your (var + eps) has the exponent −2, as `-3 // 2` gives in Python, which rounds down.
        The derivative of a power −1/2 has an exponent one lower."""
        return {"dvar": right["dvar"] / np.sqrt(var + eps)}

    @mistake
    def exponent_of_minus_one(self, right, dxhat, x, mean, var, eps):
        """Your (var + eps) has the exponent −1. The derivative of a power −1/2 has an exponent one
        lower."""
        return {"dvar": right["dvar"] * np.sqrt(var + eps)}

    @mistake
    def eps_outside_the_root(self, right, dxhat, x, mean, var, eps):
        """You add ε to the standard deviation. It stands beside the variance, under the root, and
        goes into the power with it."""
        return {"dvar": right["dvar"] * (var + eps) ** 1.5 / (np.sqrt(var) + eps) ** 3}

    @mistake
    def eps_beside_the_power(self, right, dxhat, x, mean, var, eps):
        """You add ε to the power of the variance. It stands beside the variance, and both are
        raised to the power together."""
        return {"dvar": right["dvar"] * (var + eps) ** 1.5 * (var**-1.5 + eps)}

    @mistake
    def product_of_sums(self, right, dxhat, x, mean, var, eps):
        """You sum dx̂ and x − mean over the batch separately and multiply the sums. Multiply example
        by example, then sum: the deviations alone sum to zero."""
        return {"dvar": -0.5 * dxhat.sum(0) * (x - mean).sum(0) / (var + eps) ** 1.5}

    @mistake
    def summed_over_the_features(self, right, dxhat, x, mean, var, eps):
        """You sum over the features, so one value an example is left. The variance is one number a
        feature, which all examples share: sum over those."""
        return {"dvar": (-0.5 * dxhat * (x - mean) / (var + eps) ** 1.5).sum(1)}

    @mistake
    def mean_instead_of_sum(self, right, dxhat, x, mean, var, eps):
        """You average over the batch. Contributions to a shared node are summed; the 1/N of the
        variance comes later, on the way from the variance to x."""
        return {"dvar": right["dvar"] / len(x)}

    @mistake
    def mean_instead_of_sum_turned(self, right, dxhat, x, mean, var, eps):
        """Your dvar has the wrong sign, and you average over the batch. A larger variance makes
        every x̂ smaller in size, and contributions to a shared node are summed."""
        return {"dvar": -right["dvar"] / len(x)}

    @mistake
    def eps_forgotten(self, right, dxhat, x, mean, var, eps):
        """ε is missing from your dvar: it stands beside the variance under the same root."""
        return {"dvar": right["dvar"] * ((var + eps) / var) ** 1.5}

    @mistake
    def eps_as_a_bound(self, right, dxhat, x, mean, var, eps):
        """You take the larger of variance and ε. ε is added to the variance, whatever its size."""
        return {"dvar": right["dvar"] * ((var + eps) / np.maximum(var, eps)) ** 1.5}

    @mistake
    def eps_in_one_place_only(self, right, dxhat, x, mean, var, eps):
        """ε is in a part of your dvar only. Wherever var stands in it, ε belongs beside it."""
        return {"dvar": right["dvar"] * (var + eps) / var}

    @mistake
    def not_centred(self, right, dxhat, x, mean, var, eps):
        """You multiply by x. What is divided on the way forward is x minus its mean."""
        return {"dvar": -0.5 * (dxhat * x).sum(0) / (var + eps) ** 1.5}

    @mistake
    def not_summed(self, right, dxhat, x, mean, var, eps):
        """Your dvar still has one row an example. The variance is one number a feature, which all
        examples share, so their contributions are summed."""
        return {"dvar": -0.5 * dxhat * (x - mean) / (var + eps) ** 1.5}

    @mistake
    def of_the_standard_deviation(self, right, dxhat, x, mean, var, eps):
        """That is the gradient of the standard deviation. The variance is what is under its root,
        so one more derivative is missing, that of the root."""
        return {"dvar": right["dvar"] * 2 * np.sqrt(var + eps)}

    @mistake
    def half_and_lower_exponent_forgotten(self, right, dxhat, x, mean, var, eps):
        """Your (var + eps) keeps the exponent −1/2, and there is no half before it. The derivative
        of a power brings its exponent down as a factor, and lowers it by one."""
        return {"dvar": right["dvar"] * 2 * (var + eps)}

    @mistake
    def eps_alone_to_the_power(self, right, dxhat, x, mean, var, eps):
        """You raise ε alone to the power, and add the variance: a power binds more strongly than a
        sum. var + eps belongs in brackets."""
        return {"dvar": right["dvar"] * (var + eps) ** 1.5 * (var + eps**-1.5)}
