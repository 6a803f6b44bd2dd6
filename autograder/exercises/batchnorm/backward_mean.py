"""The last stage of batch norm's backward pass: back to the mean (notebook 06)."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake
from autograder.exercises.batchnorm.backward_stages import gradient, node_inputs


class bn_dmean(Exercise):
    """Third stage: back to the mean, by both of its paths."""

    signature = "bn_dmean(dxhat, dvar, x, mean, var, eps) -> dmean"
    growth = {"dvar": 1, "dxhat": 1}, {"dmean": 1}
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
            if not nudge:  # a variance below ε, which therefore cannot be a bound for it
                x = nodes["x"]
                x[:, 1] = nodes["mean"][1] + 0.03 * rng.normal(size=5)
                nodes |= {"mean": x.mean(0), "var": x.var(0)}
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
    def direct_path_turned_without_the_root(self, right, **nodes):
        """The direct path, through x − mean, has the wrong sign, and you divide by var + eps there.
        The mean is subtracted, and what is left is divided by the root of var + eps."""
        direct, by_variance = self.paths(**nodes)
        return {"dmean": by_variance - direct / np.sqrt(nodes["var"] + nodes["eps"])}

    @mistake
    def direct_path_turned_and_not_divided(self, right, **nodes):
        """The direct path, through x − mean, has the wrong sign, and the division by the root of
        var + eps is missing there. The mean is subtracted, and what is left is divided."""
        direct, by_variance = self.paths(**nodes)
        return {"dmean": by_variance - direct * np.sqrt(nodes["var"] + nodes["eps"])}

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
    def one_deviation_for_all_features(self, right, **nodes):
        """On the path through the variance you average x − mean over all features together. Each
        feature has its own average, over the examples."""
        direct, _ = self.paths(**nodes)
        return {"dmean": direct - 2 * nodes["dvar"] * (nodes["x"] - nodes["mean"]).mean()}

    @mistake
    def mean_instead_of_sum(self, right, **nodes):
        """You average over the batch on the direct path. Every example subtracts the whole mean,
        so what they send back is summed; the 1/N comes later, from the mean to x."""
        direct, by_variance = self.paths(**nodes)
        return {"dmean": direct / len(nodes["x"]) + by_variance}

    @mistake
    def sizes_of_the_deviations(self, right, **nodes):
        """On the path through the variance you average the sizes of x − mean. Their signs count:
        around the batch's own mean they cancel."""
        direct, _ = self.paths(**nodes)
        sizes = np.abs(nodes["x"] - nodes["mean"]).mean(0)
        return {"dmean": direct - 2 * nodes["dvar"] * sizes}

    @mistake
    def eps_as_a_bound(self, right, **nodes):
        """On the direct path you take the larger of variance and ε. ε is added to the variance,
        whatever its size."""
        var, eps = np.maximum(nodes["var"], nodes["eps"]), 0.0
        direct, by_variance = self.paths(**nodes | {"var": var, "eps": eps})
        return {"dmean": direct + by_variance}

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
