"""The stages of batch norm's backward pass: one exercise a node of its graph (notebook 06)."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, raises
from autograder.exercises.batchnorm.normalizing import affine, features, judged


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
            gamma, _ = affine(rng, d)
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
    def gamma_summed(self, right, dout, gamma):
        """You multiply by the sum of γ. Each feature has its own."""
        return {"dxhat": dout * gamma.sum()}


class bn_dvar(Exercise):
    """Second stage: from dx̂ back to the variance, which every example has used."""

    signature = "bn_dvar(dxhat, x, mean, var, eps) -> dvar"
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


class bn_dmean(Exercise):
    """Third stage: back to the mean, by both of its paths."""

    signature = "bn_dmean(dxhat, dvar, x, mean, var, eps) -> dmean"
    minutes = 5
    difficulty = 2
    hints = (
        "Find every arrow that leaves the mean in the graph: there are two.",
        "One arrow goes into x − mean, above the division. The other goes into the variance, "
        "which is the average of (x − mean)².",
    )

    def cases(self, rng):
        for name, points, nudge in [
            ("the batch's own mean", 2, 0.0), ("a mean that was nudged", 1, 1.0),
        ]:  # fmt: skip
            nodes = node_inputs(rng, 5, 3, 1e-2, nudge)
            yield Case(name, points, dvar=rng.uniform(0.5, 2, 3) * [1, -1, 1], **nodes)

    def observe(self, code, dxhat, dvar, x, mean, var, eps):
        return {"dmean": code.bn_dmean(dxhat, dvar, x, mean, var, eps)}

    def reference(self, dxhat, dvar, x, mean, var, eps):
        dxhat, dvar, x, mean, var = (
            torch.tensor(a, device=self.device) for a in (dxhat, dvar, x, mean, var)
        )
        mean.requires_grad_()
        direct = gradient((x - mean) / torch.sqrt(var + eps), dxhat, mean)
        return {"dmean": direct + gradient(((x - mean) ** 2).mean(0), dvar, mean)}

    def paths(self, dxhat, dvar, x, mean, var, eps):
        """(by the numerator, by the variance), as the right answer has them."""
        direct = -dxhat.sum(0) / np.sqrt(var + eps)
        return direct, -2 * dvar * (x - mean).mean(0)

    @mistake
    def path_through_variance_forgotten(self, right, **nodes):
        """The path through the variance is missing from your dmean, or sums to zero, as it does for
        the batch's own mean, because the deviations do. The graph has that path, and when the mean
        is nudged it counts."""
        direct, by_variance = self.paths(**nodes)
        return {"dmean": direct}

    @mistake
    def direct_path_forgotten(self, right, **nodes):
        """The direct path is missing from your dmean: the mean is subtracted from every x, above
        the division, and by that path each of them sends something back."""
        direct, by_variance = self.paths(**nodes)
        return {"dmean": by_variance}

    @mistake
    def direct_path_without_the_root(self, right, **nodes):
        """On the direct path you divide by var + eps. x − mean is divided by the root of that."""
        direct, by_variance = self.paths(**nodes)
        return {"dmean": direct / np.sqrt(nodes["var"] + nodes["eps"]) + by_variance}

    @mistake
    def direct_path_not_divided(self, right, **nodes):
        """On the direct path the division by the root of var + eps is missing."""
        direct, by_variance = self.paths(**nodes)
        return {"dmean": direct * np.sqrt(nodes["var"] + nodes["eps"]) + by_variance}

    @mistake
    def dvar_forgotten(self, right, **nodes):
        """The path through the variance lacks dvar, what comes back from the variance: by the chain
        rule it multiplies the derivative of the variance."""
        direct, by_variance = self.paths(**nodes)
        return {"dmean": direct + by_variance / nodes["dvar"]}

    @mistake
    def path_through_variance_over_one_less(self, right, **nodes):
        """The path through the variance is divided by N − 1. The variance is biased here: the
        average of the squared deviations, over N."""
        direct, by_variance = self.paths(**nodes)
        n = len(nodes["x"])
        return {"dmean": direct + by_variance * n / (n - 1)}

    @mistake
    def path_through_variance_not_averaged(self, right, **nodes):
        """The path through the variance is N times too strong: the variance is an average, so
        the 1/N of that average belongs to it."""
        direct, by_variance = self.paths(**nodes)
        return {"dmean": direct + len(nodes["x"]) * by_variance}

    @mistake
    def square_not_differentiated(self, right, **nodes):
        """The path through the variance lacks a factor of 2, from the square."""
        direct, by_variance = self.paths(**nodes)
        return {"dmean": direct + by_variance / 2}

    @mistake
    def sign_of_the_variance_path(self, right, **nodes):
        """The path through the variance has the wrong sign: the mean is subtracted there too."""
        direct, by_variance = self.paths(**nodes)
        return {"dmean": direct - by_variance}

    @mistake
    def sign_of_the_direct_path(self, right, **nodes):
        """The path through x − mean has the wrong sign: the mean is subtracted."""
        direct, by_variance = self.paths(**nodes)
        return {"dmean": by_variance - direct}

    @mistake
    def one_mean_for_all_features(self, right, **nodes):
        """On the path through the variance you take the mean of x over all features. Each feature
        has its own: average over the examples alone."""
        direct, _ = self.paths(**nodes)
        return {"dmean": direct - 2 * nodes["dvar"] * (nodes["x"].mean() - nodes["mean"])}

    @mistake
    def mean_instead_of_sum(self, right, **nodes):
        """You average over the batch on the direct path. Every example subtracts the whole mean,
        so what they send back is summed; the 1/N comes later, from the mean to x."""
        direct, by_variance = self.paths(**nodes)
        return {"dmean": direct / len(nodes["x"]) + by_variance}

    @mistake
    def eps_forgotten(self, right, **nodes):
        """ε is missing on the direct path: x − mean is divided by the root of var + eps."""
        direct, by_variance = self.paths(**nodes | {"eps": 0.0})
        return {"dmean": direct + by_variance}

    @mistake
    def not_summed(self, right, **nodes):
        """Your dmean still has one row an example. All examples share the mean, so their
        contributions are summed, and dmean has one value a feature."""
        _, by_variance = self.paths(**nodes)
        return {"dmean": -nodes["dxhat"] / np.sqrt(nodes["var"] + nodes["eps"]) + by_variance}

    @mistake
    def eps_outside_the_root(self, right, **nodes):
        """On the direct path you add ε to the standard deviation. It stands under the root."""
        direct, by_variance = self.paths(**nodes)
        root = np.sqrt(nodes["var"])
        return {"dmean": direct * np.hypot(root, nodes["eps"] ** 0.5) / (root + nodes["eps"])
                + by_variance}  # fmt: skip
