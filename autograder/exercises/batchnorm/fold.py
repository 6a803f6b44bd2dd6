"""Test mode is an affine map: folding it into a layer, undoing it (notebook 06)."""

import numpy as np
import torch
from torch.nn.utils import fusion

from autograder.exercise import Case, Exercise, mistake, raises
from autograder.exercises.batchnorm.normalizing import gamma_and_beta
from autograder.exercises.batchnorm.variants import narrowed


def statistics(rng, d):
    """Running statistics that differ in size, so that a variance is no standard deviation."""
    return rng.choice([-1, 1], d) * rng.uniform(0.5, 2, d), rng.uniform(0.05, 4, d)


class fold_batchnorm(Exercise):
    """One layer in place of two: batch norm's test mode is affine, so it goes into the weights."""

    signature = "fold_batchnorm(w, b, gamma, beta, mean, var, eps) -> w, b"
    growth = {"gamma": 1, "beta": 1}, {"w": 1, "b": 1}
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
            ("a convolution", 2, (5, 3, 4, 2), True, 1e-2),
            ("an affine layer", 1, (5, 3), True, 1e-2),
            ("a convolution without a bias", 1, (3, 2, 5, 4), False, 1e-5),
            ("a square affine layer", 1, (4, 4), True, 1e-5),
        ]:
            d = shape[0]
            gamma, beta = gamma_and_beta(rng, d)
            mean, var = statistics(rng, d)
            if eps > 1e-3:
                var[rng.integers(d)] = 0.3 * eps
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
        """You add the layer's own bias unscaled. It passes through the division and through γ as
        well."""
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
        """You leave out ε beside the variance, so the folded layer differs from what was trained,
        most where the variance is small."""
        scale = gamma / np.sqrt(var)
        return {"w": self.scaled(w, scale), "b": ((0 if b is None else b) - mean) * scale + beta}

    eps_forgotten_in_the_weight = narrowed(
        eps_forgotten, ("w",),
        """Your weight leaves out ε beside the variance. Your bias needs it as well.""",
    )  # fmt: skip
    eps_forgotten_in_the_bias = narrowed(
        eps_forgotten, ("b",),
        """Your bias leaves out ε beside the variance. Your weight needs it as well.""",
    )  # fmt: skip

    @mistake
    def divides_by_variance(self, right, w, b, gamma, beta, mean, var, eps):
        """You divide by the variance. Batch norm divides by its square root."""
        scale = gamma / (var + eps)
        return {"w": self.scaled(w, scale), "b": ((0 if b is None else b) - mean) * scale + beta}

    @mistake
    def eps_outside_the_root(self, right, w, b, gamma, beta, mean, var, eps):
        """You add ε to the standard deviation. It belongs under the root, beside the variance."""
        scale = gamma / (np.sqrt(var) + eps)
        return {"w": self.scaled(w, scale), "b": ((0 if b is None else b) - mean) * scale + beta}

    @mistake
    def mean_forgotten(self, right, w, b, gamma, beta, mean, var, eps):
        """The running mean is missing from your bias: batch norm subtracts it before dividing."""
        return {"b": right["b"] + mean * gamma / np.sqrt(var + eps)}

    @mistake
    def mean_forgotten_without_a_bias(self, right, w, b, gamma, beta, mean, var, eps):
        """Where the layer has no bias, your new one is β alone. The running mean is subtracted
        there as well, divided and multiplied by γ."""
        return {"b": beta} if b is None else None

    @mistake
    def no_bias_stays_none(self, right, w, b, gamma, beta, mean, var, eps):
        """Where the layer has no bias, you return None as the new one. Batch norm subtracts its
        mean and adds β there too, so the folded layer has a bias: start from zero."""
        return {"b": None} if b is None else None

    @mistake
    def mean_added_to_an_unscaled_bias(self, right, w, b, gamma, beta, mean, var, eps):
        """Your bias adds the running mean and leaves the layer's own bias unscaled. The mean is
        subtracted from it, and both pass through the division and through γ."""
        scale = gamma / np.sqrt(var + eps)
        return {"b": (0 if b is None else b) + mean * scale + beta}

    @mistake
    def mean_added(self, right, w, b, gamma, beta, mean, var, eps):
        """You add the running mean. Batch norm subtracts it, and so does the folded layer."""
        return {"b": right["b"] + 2 * mean * gamma / np.sqrt(var + eps)}

    @mistake
    def beta_scaled(self, right, w, b, gamma, beta, mean, var, eps):
        """You scale β with the rest. Batch norm adds it last, after dividing and after γ."""
        return {"b": right["b"] + beta * (gamma / np.sqrt(var + eps) - 1)}

    @mistake
    def mean_not_scaled(self, right, w, b, gamma, beta, mean, var, eps):
        """You subtract the running mean as it stands. Batch norm subtracts it before the division
        and before γ, so both act on it."""
        return {"b": right["b"] + mean * (gamma / np.sqrt(var + eps) - 1)}

    @mistake
    def beta_forgotten(self, right, w, b, gamma, beta, mean, var, eps):
        """β is missing from your bias: batch norm adds it last."""
        return {"b": right["b"] - beta}

    @mistake
    def gamma_forgotten(self, right, w, b, gamma, beta, mean, var, eps):
        """γ is missing: your weight and bias only divide by the standard deviation. It multiplies
        both, but for β, which is added last."""
        return {
            "w": self.scaled(w, 1 / np.sqrt(var + eps)),
            "b": (right["b"] - beta) / gamma + beta,
        }

    gamma_forgotten_in_the_weight = narrowed(
        gamma_forgotten, ("w",),
        """γ is missing from your weight: batch norm multiplies the layer's output by it.""",
    )  # fmt: skip
    gamma_forgotten_in_the_bias = narrowed(
        gamma_forgotten, ("b",),
        """γ is missing from your bias: what is subtracted there is multiplied by it as well.""",
    )  # fmt: skip

    @mistake
    def size_of_gamma(self, right, w, b, gamma, beta, mean, var, eps):
        """You multiply by the size of γ and lose its sign. A learned γ may be negative."""
        scale = np.abs(gamma) / np.sqrt(var + eps)
        return {"w": self.scaled(w, scale), "b": ((0 if b is None else b) - mean) * scale + beta}

    @mistake
    def eps_outside_and_no_gamma_in_the_bias(self, right, w, b, gamma, beta, mean, var, eps):
        """You add ε to the standard deviation, and γ is missing from your bias. ε belongs under the
        root; what is subtracted in the bias is multiplied by γ as well."""
        scale = 1 / (np.sqrt(var) + eps)
        return {"w": self.scaled(w, gamma * scale),
                "b": ((0 if b is None else b) - mean) * scale + beta}  # fmt: skip

    @mistake
    def scales_the_input_axis(self, right, w, b, gamma, beta, mean, var, eps):
        """You scale another axis of w than the first, or one value an output channel meets it
        there. Batch norm stands behind the layer, so it belongs to the output channels, the first
        axis of w."""
        if w.shape[0] != w.shape[1]:
            return {name: raises("RuntimeError", "must match") for name in ("w", "b")}
        return {"w": w * gamma / np.sqrt(var + eps)}

    @mistake
    def scales_the_input_axis_of_affine_layers(self, right, w, b, gamma, beta, mean, var, eps):
        """You scale the last axis of an affine layer's w, its inputs. Batch norm stands behind the
        layer, so it belongs to the outputs, the first axis, as in a convolution."""
        if w.ndim == 2:
            return self.scales_the_input_axis(right, w, b, gamma, beta, mean, var, eps)

    @mistake
    def scales_the_input_axis_of_convolutions(self, right, w, b, gamma, beta, mean, var, eps):
        """You scale another axis of a convolution's w than the first. Batch norm stands behind the
        layer, so it belongs to the output channels, the first axis, as in an affine layer."""
        if w.ndim == 4:
            return self.scales_the_input_axis(right, w, b, gamma, beta, mean, var, eps)

    @mistake
    def four_axes_for_every_layer(self, right, w, b, gamma, beta, mean, var, eps):
        """You give γ four axes for every layer, and an affine layer's w comes out with four. It has
        two: as many axes of length 1 as w has behind its first."""
        if w.ndim == 2:
            return {"w": w * (gamma / np.sqrt(var + eps)).reshape(-1, 1, 1, 1)}

    def with_four_axes(self, shown, w):
        """What is shown, where an affine layer's scale has four axes as well."""
        if w.ndim == 2:
            scale = (shown["w"] / w)[:, 0]
            return shown | {"w": w * scale.reshape(-1, 1, 1, 1)}
        return shown

    @mistake
    def four_axes_and_no_eps(self, right, **inputs):
        """Your scale has four axes for every layer, and so has your w of an affine layer, which
        should have two. And ε is missing beside the variance."""
        return self.with_four_axes(self.eps_forgotten(right, **inputs), inputs["w"])

    @mistake
    def four_axes_and_eps_outside(self, right, **inputs):
        """Your scale has four axes for every layer, and so has your w of an affine layer, which
        should have two. And you add ε to the standard deviation: it belongs under the root."""
        return self.with_four_axes(self.eps_outside_the_root(right, **inputs), inputs["w"])

    @mistake
    def four_axes_and_no_root(self, right, **inputs):
        """Your scale has four axes for every layer, and so has your w of an affine layer, which
        should have two. And you divide by the variance: batch norm divides by its root."""
        return self.with_four_axes(self.divides_by_variance(right, **inputs), inputs["w"])

    @mistake
    def expects_a_bias(self, right, w, b, gamma, beta, mean, var, eps):
        """Your code stops when the layer has no bias. In front of batch norm that is the usual
        case (bias=False): treat it as zero."""
        if b is None:
            return {name: raises("TypeError", "NoneType") for name in ("w", "b")}

    @mistake
    def beta_forgotten_without_a_bias(self, right, w, b, gamma, beta, mean, var, eps):
        """Where the layer has no bias, β is missing from your new one. Batch norm adds it last,
        whatever is before it."""
        return {"b": right["b"] - beta} if b is None else None

    @mistake
    def no_bias_becomes_zero(self, right, w, b, gamma, beta, mean, var, eps):
        """Where the layer has no bias, yours is 0. Batch norm subtracts its mean and adds β there
        too: only the layer's own part is 0."""
        return {"b": 0 * beta} if b is None else None

    @mistake
    def scale_of_the_inputs_in_affine_layers(self, right, w, b, gamma, beta, mean, var, eps):
        """In an affine layer your scale runs along the last axis of w, the inputs, where it is made
        to fit. It has one value an output, the first axis of w."""
        if w.ndim == 2:
            return {"w": w * (gamma / np.sqrt(var + eps))[: w.shape[1]]}

    @mistake
    def eps_as_a_bound(self, right, w, b, gamma, beta, mean, var, eps):
        """You take the larger of variance and ε. Batch norm adds ε to the variance, whatever its
        size."""
        scale = gamma / np.sqrt(np.maximum(var, eps))
        return {"w": self.scaled(w, scale), "b": ((0 if b is None else b) - mean) * scale + beta}

    @mistake
    def two_roots_added(self, right, w, b, gamma, beta, mean, var, eps):
        """You take the root of the variance and that of ε, and add them. The root is taken once,
        of their sum."""
        scale = gamma / (np.sqrt(var) + np.sqrt(eps))
        return {"w": self.scaled(w, scale), "b": ((0 if b is None else b) - mean) * scale + beta}


class identity_parameters(Exercise):
    """γ and β with which batch norm changes nothing."""

    signature = "identity_parameters(mean, var, eps) -> gamma, beta"
    growth = {"mean": 1}, {"beta": 1}
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
        """Your γ is the standard deviation alone. With a variance of 1e-6 it is far from what
        undoes the division by √(variance + ε)."""
        return {"gamma": np.sqrt(var)}

    @mistake
    def eps_outside_the_root(self, right, mean, var, eps):
        """You add ε to the standard deviation. It stands beside the variance, under the root."""
        return {"gamma": np.sqrt(var) + eps}

    @mistake
    def eps_as_a_bound(self, right, mean, var, eps):
        """Your γ takes the larger of variance and ε. Batch norm adds ε to the variance, whatever
        its size."""
        return {"gamma": np.sqrt(np.maximum(var, eps))}

    @mistake
    def root_forgotten(self, right, mean, var, eps):
        """Your γ is the variance with ε. What batch norm divides by is its square root."""
        return {"gamma": var + eps}

    @mistake
    def divides_again(self, right, mean, var, eps):
        """Your γ divides a second time. It has to undo the division."""
        return {"gamma": 1 / right["gamma"]}

    @mistake
    def mean_subtracted_again(self, right, mean, var, eps):
        """Your β takes the mean away again. It has to put back what batch norm subtracts."""
        return {"beta": -mean}

    @mistake
    def mean_divided(self, right, mean, var, eps):
        """Your β is the mean divided by γ, as if it were added before the scale. It is added last,
        when the division is undone already."""
        return {"beta": mean / right["gamma"]}

    @mistake
    def mean_multiplied(self, right, mean, var, eps):
        """Your β is the mean times γ. γ only undoes the division; the right β is the mean
        itself."""
        return {"beta": mean * right["gamma"]}

    @mistake
    def normalised_mean_subtracted(self, right, mean, var, eps):
        """Your β is minus the mean divided by γ. Batch norm subtracts the mean itself, and β is
        added when the division is undone already."""
        return {"beta": -mean / right["gamma"]}

    @mistake
    def swapped(self, right, mean, var, eps):
        """Your γ and β have changed places: γ comes first."""
        return {"gamma": right["beta"], "beta": right["gamma"]}

    @mistake
    def two_roots_added(self, right, mean, var, eps):
        """Your γ adds the root of the variance and that of ε. The root is taken once, of their
        sum."""
        return {"gamma": np.sqrt(var) + np.sqrt(eps)}
