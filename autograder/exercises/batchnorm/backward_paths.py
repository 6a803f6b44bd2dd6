"""What the backward passes of batch, layer and group norm share (notebook 06): the three paths of
dx, and the mistakes people make on each."""

from types import SimpleNamespace

import numpy as np
import torch

from autograder.exercise import mistake
from autograder.exercises.batchnorm.normalizing import judged
from autograder.exercises.batchnorm.variants import both, narrowed, without_gamma
from autograder.exercises.gradients.by_the_cache import ByTheCache


def terms(x, dxhat, eps, axes):
    """dx of a normalisation over `axes` as the sum of its three paths, and what they are made of.

    `direct` is what would be left if the statistics were constants.
    """
    var = x.var(axes, keepdims=True)
    sigma = np.sqrt(var + eps)
    xhat = (x - x.mean(axes, keepdims=True)) / sigma
    return SimpleNamespace(
        xhat=xhat,
        sigma=np.broadcast_to(sigma, x.shape),
        direct=dxhat / sigma,
        via_mean=np.broadcast_to(-dxhat.mean(axes, keepdims=True) / sigma, x.shape),
        via_var=-xhat * (dxhat * xhat).mean(axes, keepdims=True) / sigma,
        count=x.size // var.size,
    )


def gradients(forward, device, dout, *inputs):
    """dx, dγ and dβ of a forward pass, by autograd."""
    dout, *leaves = (torch.tensor(a, device=device) for a in (dout, *inputs))
    leaves = [leaf.requires_grad_() for leaf in leaves]
    dx, dgamma, dbeta = torch.autograd.grad(forward(*leaves), leaves, dout)
    return {"dx": judged(dx), "dgamma": judged(dgamma), "dbeta": judged(dbeta)}


class NormalizationBackward(ByTheCache, abstract=True):
    """What the backward passes of batch, layer and group norm share.

    A subclass has `paths(**inputs)`, the terms of dx; `shared`, the axes of x along which γ and β
    are the same; and `parameters`, the input that holds ε.
    """

    difficulty = 3
    any_width = ("dx", "dgamma", "dbeta")
    shared: tuple[int, ...] = (0,)
    parameters: str = "bn_param"

    def paths(self, **inputs):
        raise NotImplementedError

    def eps(self, **inputs):
        return inputs[self.parameters].get("eps", 1e-5)

    def altered(self, dx, **inputs):
        """What code shows whose dx is this one."""
        return {"dx": dx}

    def summed(self, values, like):
        return values.sum(self.shared).reshape(like.shape)

    def with_eps(self, eps, **inputs):
        """dx and dγ of a backward pass with another ε."""
        p = self.paths(**inputs | {self.parameters: {"eps": eps}})
        dgamma = self.summed(inputs["dout"] * p.xhat, inputs["gamma"])
        return self.altered(p.direct + p.via_mean + p.via_var, **inputs) | {"dgamma": dgamma}

    # Paths that are missing, too strong or turned.

    @mistake
    def statistics_are_constants(self, right, **inputs):
        """You treat the mean and the variance as constants. Both are computed from x, so both
        send a gradient back to it."""
        p = self.paths(**inputs)
        return self.altered(p.direct, **inputs)

    @mistake
    def no_path_through_the_mean(self, right, **inputs):
        """The path through the mean is missing from your dx: nudging one x moves the mean that is
        subtracted from all of them. With it, dx sums to zero over what was normalised together."""
        p = self.paths(**inputs)
        return self.altered(p.direct + p.via_var, **inputs)

    @mistake
    def no_path_through_the_variance(self, right, **inputs):
        """The path through the variance is missing from your dx: nudging one x changes the number
        by which all of them are divided."""
        p = self.paths(**inputs)
        return self.altered(p.direct + p.via_mean, **inputs)

    @mistake
    def sign_of_the_mean_path(self, right, **inputs):
        """The path through the mean has the wrong sign in your dx. The mean is subtracted on the
        way forward, so its share is taken away."""
        p = self.paths(**inputs)
        return self.altered(p.direct - p.via_mean + p.via_var, **inputs)

    @mistake
    def sign_of_the_variance_path(self, right, **inputs):
        """The path through the variance has the wrong sign in your dx: its part along x̂ is added.
        A larger variance makes every x̂ smaller, so that part is taken away."""
        p = self.paths(**inputs)
        if p.count > 1:
            return self.altered(p.direct + p.via_mean - p.via_var, **inputs)

    @mistake
    def signs_of_both_paths(self, right, **inputs):
        """The paths through the mean and the variance are added in your dx. Both take something
        away from dx̂."""
        p = self.paths(**inputs)
        return self.altered(p.direct - p.via_mean - p.via_var, **inputs)

    @mistake
    def means_not_averaged(self, right, **inputs):
        """The paths through the mean and the variance are too strong in your dx: both are
        averages, so each x has only its share of them, one over the number of values averaged."""
        p = self.paths(**inputs)
        if p.count > 1:
            return self.altered(p.direct + p.count * (p.via_mean + p.via_var), **inputs)

    @mistake
    def not_divided_by_the_count(self, right, **inputs):
        """Your dx is too large by the number of values that are averaged: the closed form written
        with N·dx̂ needs 1/N in front."""
        p = self.paths(**inputs)
        if p.count > 1:
            return self.altered(right["dx"] * p.count, **inputs)

    @mistake
    def mean_path_not_averaged(self, right, **inputs):
        """The path from the mean to x lacks its 1/N in your dx: the mean is an average, so each x
        holds only one N-th of it."""
        p = self.paths(**inputs)
        if p.count > 1:
            return self.altered(right["dx"] + (p.count - 1) * p.via_mean, **inputs)

    @mistake
    def variance_path_not_averaged(self, right, **inputs):
        """The path from the variance to x lacks its 1/N in your dx: the variance is an average of
        N squares."""
        p = self.paths(**inputs)
        if p.count > 1:
            return self.altered(right["dx"] + (p.count - 1) * p.via_var, **inputs)

    @mistake
    def variance_path_halved(self, right, **inputs):
        """The path from the variance to x is half as strong in your dx as it should be: the square
        brings down a 2 there."""
        p = self.paths(**inputs)
        if p.count > 1:
            return self.altered(right["dx"] - p.via_var / 2, **inputs)

    @mistake
    def variance_path_doubled(self, right, **inputs):
        """The path through the variance is twice as strong in your dx as it should be: the root
        brings down a half."""
        p = self.paths(**inputs)
        if p.count > 1:
            return self.altered(right["dx"] + p.via_var, **inputs)

    mean_not_averaged_and_variance_halved = both(
        mean_path_not_averaged, variance_path_halved,
        """Two paths are off in your dx. The one from the mean to x lacks its 1/N, for the mean is
        an average; and the one from the variance to x is half as strong as it should be, since the
        square brings down a 2.""",
    )  # fmt: skip
    mean_not_averaged_and_variance_turned = both(
        mean_path_not_averaged, sign_of_the_variance_path,
        """Two paths are off in your dx. The one from the mean to x lacks its 1/N, for the mean is
        an average; and the one through the variance has the wrong sign.""",
    )  # fmt: skip

    @mistake
    def variance_path_over_one_less(self, right, **inputs):
        """The path through the variance is divided by one less than the number of values, as an
        unbiased variance would have it. The variance of the way forward divides by their number."""
        p = self.paths(**inputs)
        factor = p.count / np.subtract(p.count, 1.0)
        return self.altered(p.direct + p.via_mean + p.via_var * factor, **inputs)

    @mistake
    def dx_turned(self, right, **inputs):
        """Your dx has the wrong sign: it is the negative of the right one."""
        p = self.paths(**inputs)
        return self.altered(-p.direct - p.via_mean - p.via_var, **inputs)

    # What is divided by the standard deviation, and how often.

    @mistake
    def direct_path_not_divided(self, right, **inputs):
        """On its direct path dx̂ arrives undivided in your dx. x was divided by the standard
        deviation on the way forward, so the gradient is, too."""
        p = self.paths(**inputs)
        return self.altered(p.direct * p.sigma + p.via_mean + p.via_var, **inputs)

    @mistake
    def direct_path_multiplied(self, right, **inputs):
        """On its direct path dx̂ is multiplied by the standard deviation in your dx. x was divided
        by it on the way forward, and so is the gradient."""
        p = self.paths(**inputs)
        return self.altered(p.direct * p.sigma**2 + p.via_mean + p.via_var, **inputs)

    @mistake
    def direct_path_by_the_variance(self, right, **inputs):
        """On its direct path dx̂ is divided by var + ε in your dx. x was divided by the root of
        that."""
        p = self.paths(**inputs)
        return self.altered(p.direct / p.sigma + p.via_mean + p.via_var, **inputs)

    @mistake
    def not_divided_by_the_deviation(self, right, **inputs):
        """All of your dx lacks the division by the standard deviation, √(var + ε)."""
        p = self.paths(**inputs)
        return self.altered((p.direct + p.via_mean + p.via_var) * p.sigma, **inputs)

    @mistake
    def divided_by_the_variance(self, right, **inputs):
        """All of your dx is divided by var + ε. It is divided by the root of that, the standard
        deviation."""
        p = self.paths(**inputs)
        return self.altered((p.direct + p.via_mean + p.via_var) / p.sigma, **inputs)

    @mistake
    def variance_path_without_xhat(self, right, **inputs):
        """The part through the variance lacks the factor x̂ in your dx: how strongly an x moves the
        variance depends on how far it lies from the mean."""
        p = self.paths(**inputs)
        if p.count > 1:
            return self.altered(p.direct + p.via_mean + p.via_var / p.xhat, **inputs)

    @mistake
    def x_in_place_of_xhat(self, right, **inputs):
        """Where your dx needs the normalised x̂ as a factor of the variance's part, it has the
        centred x: a division by the standard deviation is missing there."""
        p = self.paths(**inputs)
        if p.count > 1:
            return self.altered(p.direct + p.via_mean + p.via_var * p.sigma, **inputs)

    # γ and ε.

    @mistake
    def gamma_forgotten(self, right, **inputs):
        """γ is missing from your dx: x̂ is multiplied by it on the way forward, so dout is
        multiplied by it on the way back."""
        p = self.paths(**inputs | {"gamma": np.ones_like(inputs["gamma"])})
        return self.altered(p.direct + p.via_mean + p.via_var, **inputs)

    gamma_and_mean_path_forgotten = without_gamma(
        no_path_through_the_mean,
        """γ is missing from your dx, and so is the path through the mean: nudging one x moves the
        mean that is subtracted from all of them.""",
    )
    gamma_and_variance_path_forgotten = without_gamma(
        no_path_through_the_variance,
        """γ is missing from your dx, and so is the path through the variance: nudging one x changes
        the number by which all of them are divided.""",
    )
    gamma_and_statistics_forgotten = without_gamma(
        statistics_are_constants,
        """Your dx is dout divided by the standard deviation. γ is missing, and the mean and the
        variance are computed from x, so both send a gradient back to it.""",
    )

    gamma_and_the_division_forgotten = without_gamma(
        not_divided_by_the_deviation,
        """All of your dx lacks two factors: γ, and the division by the standard deviation,
        √(var + ε).""",
    )

    @mistake
    def gamma_on_the_direct_path_only(self, right, **inputs):
        """Your dx has γ on its direct path only. The paths through the mean and the variance start
        from dx̂, too, so γ belongs there as well."""
        plain = self.paths(**inputs | {"gamma": np.ones_like(inputs["gamma"])})
        p = self.paths(**inputs)
        return self.altered(p.direct + plain.via_mean + plain.via_var, **inputs)

    @mistake
    def gamma_twice(self, right, **inputs):
        """Your dx has γ twice: it belongs to dx̂, once."""
        p = self.paths(**inputs | {"gamma": inputs["gamma"] ** 2})
        return self.altered(p.direct + p.via_mean + p.via_var, **inputs)

    @mistake
    def gamma_twice_in_the_means(self, right, **inputs):
        """In your dx the paths through the mean and the variance have γ twice, as when averages of
        dx̂ are multiplied by γ once more."""
        twice = self.paths(**inputs | {"gamma": inputs["gamma"] ** 2})
        p = self.paths(**inputs)
        return self.altered(p.direct + twice.via_mean + twice.via_var, **inputs)

    @mistake
    def eps_forgotten(self, right, **inputs):
        """Your backward pass leaves out ε. It stood under the root on the way forward, and x̂ and
        the standard deviation of that pass are what dx and dγ need."""
        return self.with_eps(0.0, **inputs)

    eps_forgotten_in_dx = narrowed(
        eps_forgotten, ("dx",),
        """Your dx leaves out ε. It stood under the root on the way forward, and the standard
        deviation of that pass is what dx needs.""",
    )  # fmt: skip

    eps_forgotten_in_dgamma = narrowed(
        eps_forgotten, ("dgamma",),
        """Your dγ leaves out ε. What γ multiplies on the way forward is the x̂ that was divided by
        the root of var + ε.""",
    )  # fmt: skip

    @mistake
    def eps_forgotten_in_the_division(self, right, **inputs):
        """Where your dx is divided by the standard deviation, ε is missing beside the variance. It
        stood under the root on the way forward."""
        bare = self.paths(**inputs | {self.parameters: {"eps": 0.0}})
        p = self.paths(**inputs)
        dx = (p.direct + p.via_mean + p.via_var) * p.sigma / bare.sigma
        return self.altered(dx, **inputs)

    @mistake
    def eps_of_its_own(self, right, **inputs):
        """Your backward pass takes ε to be 1e-5, whatever the forward pass was given. Put the ε, or
        the root with it, into the cache."""
        return self.with_eps(1e-5, **inputs)

    eps_of_its_own_in_dx = narrowed(
        eps_of_its_own, ("dx",),
        """Your dx takes ε to be 1e-5, whatever the forward pass was given. Put the ε, or the root
        with it, into the cache.""",
    )  # fmt: skip
