"""Test mode is an affine map: folding it into a layer, undoing it (notebook 06)."""

import numpy as np
import torch
from torch.nn.utils import fusion

from autograder.exercise import Case, Exercise, mistake, raises
from autograder.exercises.batchnorm.forward import affine


def statistics(rng, d):
    """Running statistics that differ in size, so that a variance is no standard deviation."""
    return rng.choice([-1, 1], d) * rng.uniform(0.5, 2, d), rng.uniform(0.05, 4, d)


class fold_batchnorm(Exercise):
    """One layer in place of two: batch norm's test mode is affine, so it goes into the weights."""

    signature = "fold_batchnorm(w, b, gamma, beta, mean, var, eps) -> w, b"
    library = "torch"
    minutes = 10
    difficulty = 2
    hints = (
        "In test mode batch norm is a·z + c for each channel. Write a and c on paper.",
        "Put z = w·x + b into a·z + c and read off the new weight and the new bias. Which axis of "
        "w is the output channel?",
    )

    def cases(self, rng):
        for name, points, shape, bias, eps in [
            ("a convolution", 2, (4, 3, 3, 2), True, 1e-2),
            ("an affine layer", 1, (5, 3), True, 1e-2),
            ("a convolution without a bias", 1, (3, 2, 2, 3), False, 1e-5),
            ("a square affine layer", 1, (4, 4), True, 1e-5),
        ]:
            d = shape[0]
            gamma, beta = affine(rng, d)
            mean, var = statistics(rng, d)
            yield Case(
                name, points, w=rng.normal(size=shape), b=rng.normal(size=d) if bias else None,
                gamma=gamma, beta=beta, mean=mean, var=var, eps=eps,
            )  # fmt: skip

    def observe(self, code, w, b, gamma, beta, mean, var, eps):
        # from_numpy shares memory: a weight that is changed in place shows as a changed input.
        w, gamma, beta, mean, var = (torch.from_numpy(a) for a in (w, gamma, beta, mean, var))
        b = None if b is None else torch.from_numpy(b)
        folded, bias = code.fold_batchnorm(w, b, gamma, beta, mean, var, eps)
        return {"w": folded, "b": bias}

    def reference(self, w, b, gamma, beta, mean, var, eps):
        w, gamma, beta, mean, var = (
            torch.tensor(a, device=self.device) for a in (w, gamma, beta, mean, var)
        )
        b = None if b is None else torch.tensor(b, device=self.device)
        fuse = fusion.fuse_conv_bn_weights if w.ndim == 4 else fusion.fuse_linear_bn_weights
        folded, bias = fuse(w, b, mean, var, eps, gamma, beta)
        return {"w": folded, "b": bias}

    def scaled(self, w, scale):
        return w * scale.reshape(-1, *[1] * (w.ndim - 1))

    @mistake
    def bias_not_scaled(self, right, w, b, gamma, beta, mean, var, eps):
        """The layer's own bias passes through the division and through γ as well: you add it
        unscaled."""
        if b is not None:
            scale = gamma / np.sqrt(var + eps)
            return {"b": b - mean * scale + beta}

    @mistake
    def bias_lost(self, right, w, b, gamma, beta, mean, var, eps):
        """The layer's own bias is gone from the new one. It only cancels while batch norm
        subtracts the mean of the batch; here it subtracts a fixed number."""
        if b is not None:
            return {"b": right["b"] - b * gamma / np.sqrt(var + eps)}

    @mistake
    def eps_forgotten(self, right, w, b, gamma, beta, mean, var, eps):
        """ε is missing beside the variance, so the folded layer differs from what was trained,
        most where the variance is small."""
        scale = gamma / np.sqrt(var)
        return {"w": self.scaled(w, scale), "b": ((0 if b is None else b) - mean) * scale + beta}

    @mistake
    def divides_by_variance(self, right, w, b, gamma, beta, mean, var, eps):
        """You divide by the variance. Batch norm divides by its square root."""
        scale = gamma / (var + eps)
        return {"w": self.scaled(w, scale), "b": ((0 if b is None else b) - mean) * scale + beta}

    @mistake
    def eps_outside_the_root(self, right, w, b, gamma, beta, mean, var, eps):
        """ε belongs under the root, beside the variance; you add it to the standard deviation."""
        scale = gamma / (np.sqrt(var) + eps)
        return {"w": self.scaled(w, scale), "b": ((0 if b is None else b) - mean) * scale + beta}

    @mistake
    def mean_forgotten(self, right, w, b, gamma, beta, mean, var, eps):
        """The running mean is missing from the new bias."""
        return {"b": right["b"] + mean * gamma / np.sqrt(var + eps)}

    @mistake
    def mean_added(self, right, w, b, gamma, beta, mean, var, eps):
        """You add the running mean. Batch norm subtracts it, and so does the folded layer."""
        return {"b": right["b"] + 2 * mean * gamma / np.sqrt(var + eps)}

    @mistake
    def beta_scaled(self, right, w, b, gamma, beta, mean, var, eps):
        """β is scaled with the rest. Batch norm adds it last, after dividing and after γ."""
        return {"b": right["b"] + beta * (gamma / np.sqrt(var + eps) - 1)}

    @mistake
    def mean_not_scaled(self, right, w, b, gamma, beta, mean, var, eps):
        """The running mean is subtracted as it stands. It is subtracted before the division and
        before γ, so both act on it."""
        return {"b": right["b"] + mean * (gamma / np.sqrt(var + eps) - 1)}

    @mistake
    def beta_forgotten(self, right, w, b, gamma, beta, mean, var, eps):
        """β is missing from the new bias."""
        return {"b": right["b"] - beta}

    @mistake
    def gamma_forgotten(self, right, w, b, gamma, beta, mean, var, eps):
        """γ is missing: the new weight and bias only divide by the standard deviation."""
        return {
            "w": self.scaled(w, 1 / np.sqrt(var + eps)),
            "b": (right["b"] - beta) / gamma + beta,
        }

    @mistake
    def scales_the_input_axis(self, right, w, b, gamma, beta, mean, var, eps):
        """You scale the wrong axis of w. Batch norm stands behind the layer, so it belongs to the
        output channels, the first axis; it only happens to run where both have one size."""
        stops = w.shape[0] != w.shape[1]
        scale = gamma / np.sqrt(var + eps)
        if stops:
            return {name: raises("RuntimeError", "must match") for name in ("w", "b")}
        return {"w": w * scale}

    @mistake
    def expects_a_bias(self, right, w, b, gamma, beta, mean, var, eps):
        """Your code stops when the layer has no bias. In front of batch norm that is the usual
        case (bias=False): treat it as zero."""
        if b is None:
            return {name: raises("TypeError", "NoneType") for name in ("w", "b")}


class identity_parameters(Exercise):
    """γ and β with which batch norm changes nothing."""

    signature = "identity_parameters(mean, var, eps) -> gamma, beta"
    minutes = 4
    extra = True
    hints = (
        "Set γ·(x − mean)/√(var + ε) + β equal to x and compare both sides.",
        "The factor in front of x has to be 1, and what does not depend on x has to be 0.",
    )

    def cases(self, rng):
        mean, var = statistics(rng, 4)
        yield Case("ordinary variances", 1, mean=mean, var=var, eps=1e-2)
        yield Case("a variance of 1e-6", 1, mean=mean[:3], var=np.array([1e-6, 2.0, 1.0]), eps=1e-5)

    def observe(self, code, mean, var, eps):
        gamma, beta = code.identity_parameters(mean, var, eps)
        return {"gamma": gamma, "beta": beta}

    def reference(self, mean, var, eps):
        # From the operator itself: its output at 0 and its slope are what must be undone.
        mean, var = (torch.tensor(a, device=self.device) for a in (mean, var))
        x = torch.stack([torch.zeros_like(mean), torch.ones_like(mean)])
        low, high = torch.batch_norm(x, None, None, mean, var, False, 0.0, eps, False)
        return {"gamma": 1 / (high - low), "beta": -low / (high - low)}

    @mistake
    def eps_forgotten(self, right, mean, var, eps):
        """γ is the standard deviation alone, so the layer is the identity only up to ε: with a
        variance of 1e-6 it is far from it."""
        return {"gamma": np.sqrt(var)}

    @mistake
    def eps_outside_the_root(self, right, mean, var, eps):
        """ε is added to the standard deviation; it stands beside the variance, under the root."""
        return {"gamma": np.sqrt(var) + eps}

    @mistake
    def root_forgotten(self, right, mean, var, eps):
        """γ is the variance with ε; what batch norm divides by is its square root."""
        return {"gamma": var + eps}

    @mistake
    def divides_again(self, right, mean, var, eps):
        """γ has to undo the division, and yours divides a second time."""
        return {"gamma": 1 / right["gamma"]}

    @mistake
    def mean_subtracted_again(self, right, mean, var, eps):
        """β has to put back the mean that batch norm takes away; yours takes it away again."""
        return {"beta": -mean}

    @mistake
    def swapped(self, right, mean, var, eps):
        """γ and β have changed places: γ first."""
        return {"gamma": right["beta"], "beta": right["gamma"]}
