"""Batch norm's backward pass put together, and in closed form (notebook 06), on what the backward
passes of its relatives share."""

from types import SimpleNamespace

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake
from autograder.exercises.batchnorm.forward import affine, features, judged


def terms(x, dxhat, eps, axes):
    """dx of a normalisation over `axes` as the sum of its three paths, and what they are made of.

    `direct` is what would be left if the statistics were constants.
    """
    var = x.var(axes, keepdims=True)
    sigma = np.sqrt(var + eps)
    xhat = (x - x.mean(axes, keepdims=True)) / sigma
    return SimpleNamespace(
        xhat=xhat,
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


class NormalizationBackward(Exercise, abstract=True):
    """What the backward passes of batch, layer and group norm share.

    A subclass has `paths(**inputs)`, the terms of dx; `shared`, the axes of x along which γ and β
    are the same; and `parameters`, the input that holds ε.
    """

    difficulty = 3
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
    def means_not_averaged(self, right, **inputs):
        """The paths through the mean and the variance are too strong: both are averages, so each
        x has only its share of them, one over the number of values averaged."""
        p = self.paths(**inputs)
        if p.count > 1:
            return self.altered(p.direct + p.count * (p.via_mean + p.via_var), **inputs)

    @mistake
    def not_divided_by_the_count(self, right, **inputs):
        """dx is too large by the number of values that are averaged: the closed form written with
        N·dx̂ needs 1/N in front."""
        p = self.paths(**inputs)
        if p.count > 1:
            return self.altered(right["dx"] * p.count, **inputs)

    @mistake
    def gamma_forgotten(self, right, **inputs):
        """γ is missing from dx: x̂ is multiplied by it on the way forward, so dout is multiplied by
        it on the way back."""
        p = self.paths(**inputs | {"gamma": np.ones_like(inputs["gamma"])})
        return self.altered(p.direct + p.via_mean + p.via_var, **inputs)

    @mistake
    def eps_forgotten(self, right, **inputs):
        """Your backward pass leaves out ε. It stood under the root on the way forward, and x̂ and
        the standard deviation of that pass are what dx needs."""
        p = self.paths(**inputs | {self.parameters: {"eps": 0.0}})
        return self.altered(p.direct + p.via_mean + p.via_var, **inputs) | {
            "dgamma": self.summed(inputs["dout"] * p.xhat, inputs["gamma"])
        }

    @mistake
    def dgamma_from_x(self, right, **inputs):
        """dγ multiplies dout by x. What γ multiplies on the way forward is the normalised x̂."""
        return {"dgamma": self.summed(inputs["dout"] * inputs["x"], inputs["gamma"])}

    @mistake
    def dgamma_with_gamma(self, right, **inputs):
        """dγ has a factor γ too many: it is dout times x̂, without γ itself."""
        return {"dgamma": right["dgamma"] * inputs["gamma"]}

    @mistake
    def dbeta_with_gamma(self, right, **inputs):
        """dβ has a factor γ too many: β is added after γ has multiplied."""
        return {"dbeta": right["dbeta"] * inputs["gamma"]}

    @mistake
    def dgamma_and_dbeta_swapped(self, right, **inputs):
        """dγ and dβ have changed places. The order is that of the inputs: dx, dγ, dβ."""
        return {"dgamma": right["dbeta"], "dbeta": right["dgamma"]}

    @mistake
    def parameter_gradients_averaged(self, right, **inputs):
        """dγ and dβ are averaged. They are sums: if the loss is a mean, dout brings that with
        it."""
        count = inputs["x"].size // inputs["gamma"].size
        if count > 1:
            return {"dgamma": right["dgamma"] / count, "dbeta": right["dbeta"] / count}


STAGE = "first wrong stage"
# It is looked for in one case only, the batch of this size: there it stands for itself, and no
# mistake that names the stage in passing is taken for it elsewhere.
STAGED = 6


class BatchNormBackward(NormalizationBackward, abstract=True):
    """Both ways of writing the backward pass: the same cases, the same oracle."""

    needs = ("batchnorm_forward",)
    modifies = ("bn_param",)

    def cases(self, rng):
        gamma, beta = affine(rng, 3)
        layer = {"gamma": gamma, "beta": beta}
        yield Case(
            "six examples", 2,
            x=features(rng, STAGED, 3), **layer, bn_param={"mode": "train", "eps": 1e-2},
            dout=rng.normal(0.5, 1, (STAGED, 3)),
        )  # fmt: skip
        still = features(rng, 5, 3)
        still[:, 2] = 1 + 1e-3 * rng.normal(size=5)
        yield Case(
            "a feature that hardly varies", 1,
            x=still, **layer, bn_param={"mode": "train"}, dout=rng.normal(0.5, 1, (5, 3)),
        )  # fmt: skip
        yield Case(
            "a batch of one", 1,
            x=features(rng, 1, 3), **layer, bn_param={"mode": "train"},
            dout=rng.normal(1, 1, (1, 3)),
        )  # fmt: skip
        single = [a.astype(np.float32) for a in (features(rng, 7, 3), gamma, beta)]
        yield Case(
            "single precision", 1,
            x=single[0], gamma=single[1], beta=single[2], bn_param={"mode": "train"},
            dout=rng.normal(0.5, 1, (7, 3)).astype(np.float32),
        )  # fmt: skip

    def paths(self, x, gamma, beta, bn_param, dout):
        return terms(x, dout * gamma, bn_param.get("eps", 1e-5), (0,))

    def aid(self, x, gamma, beta, bn_param, dout):
        right = self.gradients(x, gamma, beta, bn_param, dout)["dx"]
        return {"right_dx": right, "xhat": self.paths(x, gamma, beta, bn_param, dout).xhat}

    def read(self, seen, x, right_dx, xhat, **inputs):
        """Adds the first stage that can be to blame for a wrong dx; nothing where dx is right.

        A wrong dmean moves a whole feature by the same amount, a wrong dvar adds a multiple of
        x − mean on top of that; whatever neither explains came before them, from dx̂.
        """
        if len(x) != STAGED:
            return seen
        return seen | {STAGE: blamed(np.asarray(seen["dx"]), right_dx, xhat)}

    def altered(self, dx, x, gamma, beta, bn_param, dout):
        if len(x) != STAGED:
            return {"dx": dx}
        right = self.gradients(x, gamma, beta, bn_param, dout)["dx"].cpu().numpy()
        xhat = self.paths(x, gamma, beta, bn_param, dout).xhat
        return {"dx": dx, STAGE: blamed(dx, right, xhat)}

    def gradients(self, x, gamma, beta, bn_param, dout):
        x, gamma, beta, dout = (torch.tensor(a, device=self.device) for a in (x, gamma, beta, dout))
        leaves = [a.requires_grad_() for a in (x, gamma, beta)]
        eps = bn_param.get("eps", 1e-5)
        out = torch.batch_norm(*leaves, None, None, True, 0.0, eps, False)
        dx, dgamma, dbeta = torch.autograd.grad(out, leaves, dout)
        return {"dx": dx, "dgamma": dgamma, "dbeta": dbeta}

    def reference(self, **inputs):
        found = {name: judged(value) for name, value in self.gradients(**inputs).items()}
        return found | ({STAGE: "none"} if len(inputs["x"]) == STAGED else {})

    @mistake
    def divided_by_the_features(self, right, **inputs):
        """You average over as many as there are features. The mean and the variance were taken
        over the examples: N is the length of the first axis."""
        p, features = self.paths(**inputs), inputs["x"].shape[1]
        if p.count > 1:
            return self.altered(p.direct + (p.via_mean + p.via_var) * p.count / features, **inputs)

    @mistake
    def stage_dxhat(self, right, x, **inputs):
        """Your dx is off in a way that neither the mean nor the variance can cause. Look at dx̂
        first, or at the sum in which the three paths meet."""
        if len(x) == STAGED:
            return {STAGE: "dxhat"}

    @mistake
    def stage_dvar(self, right, x, **inputs):
        """Your dx is off by a multiple of x − mean in each feature. That is what a wrong dvar
        does, or a wrong path from the variance to x; your dx̂ is right."""
        if len(x) == STAGED:
            return {STAGE: "dvar"}

    @mistake
    def stage_dmean(self, right, x, **inputs):
        """Your dx is off by the same amount in all rows of a feature. That is what a wrong dmean
        does, or a wrong path from the mean to x; your dx̂ and dvar are right."""
        if len(x) == STAGED:
            return {STAGE: "dmean"}


def blamed(dx, right, xhat):
    """The first stage whose fault explains dx − right: "dxhat", "dvar", "dmean" or "none"."""
    if dx.shape != right.shape or dx.dtype.kind != "f" or not np.isfinite(dx).all():
        return "dxhat"
    off = dx - right
    precision = 1e-4 if right.dtype == np.float32 else 1e-6
    if np.abs(off).max() <= precision * (np.abs(right).max() + 0.1):
        return "none"
    negligible = 10 * precision * max(np.abs(off).max(), np.abs(right).max())
    off = off - off.mean(0)
    if np.abs(off).max() <= negligible:
        return "dmean"
    along = (off * xhat).sum(0) / np.maximum((xhat**2).sum(0), np.finfo(float).tiny)
    return "dvar" if np.abs(off - along * xhat).max() <= negligible else "dxhat"


class batchnorm_backward(BatchNormBackward):
    """The backward pass of batch norm, put together from its stages."""

    signature = "batchnorm_backward(dout, cache) -> dx, dgamma, dbeta"
    minutes = 8
    hints = (
        "x has three arrows out of it: into x̂, into the variance and into the mean. dx is the sum "
        "of what comes back by each.",
        "The mean is an average of N values, so each x receives one N-th of dmean. What does each "
        "x receive of dvar?",
    )

    def observe(self, code, x, gamma, beta, bn_param, dout):
        _, cache = code.batchnorm_forward(x, gamma, beta, bn_param)
        dx, dgamma, dbeta = code.batchnorm_backward(dout, cache)
        return {"dx": dx, "dgamma": dgamma, "dbeta": dbeta}

    @mistake
    def mean_path_not_averaged(self, right, **inputs):
        """The path from the mean to x lacks its 1/N: the mean is an average, so each x holds only
        one N-th of it."""
        p = self.paths(**inputs)
        if p.count > 1:
            return self.altered(right["dx"] + (p.count - 1) * p.via_mean, **inputs)

    @mistake
    def variance_path_not_averaged(self, right, **inputs):
        """The path from the variance to x lacks its 1/N: the variance is an average of N
        squares."""
        p = self.paths(**inputs)
        if p.count > 1:
            return self.altered(right["dx"] + (p.count - 1) * p.via_var, **inputs)

    @mistake
    def variance_path_without_two(self, right, **inputs):
        """The path from the variance to x lacks the 2 that the square brings down."""
        p = self.paths(**inputs)
        if p.count > 1:
            return self.altered(right["dx"] - p.via_var / 2, **inputs)


class batchnorm_backward_alt(BatchNormBackward):
    """The same gradient in closed form, a few lines long."""

    signature = "batchnorm_backward_alt(dout, cache) -> dx, dgamma, dbeta"
    minutes = 12
    extra = True
    hints = (
        "Put the three stages into one expression and simplify on paper before you type. "
        "The path from the variance to the mean vanishes.",
        "What remains is dx̂ minus two projections of it, along the ones and along x̂, divided by "
        "the standard deviation.",
    )

    def observe(self, code, x, gamma, beta, bn_param, dout):
        _, cache = code.batchnorm_forward(x, gamma, beta, bn_param)
        dx, dgamma, dbeta = code.batchnorm_backward_alt(dout, cache)
        return {"dx": dx, "dgamma": dgamma, "dbeta": dbeta}

    @mistake
    def x_in_place_of_xhat(self, right, **inputs):
        """The last term multiplies by the centred x where it needs the normalised x̂: a division
        by the standard deviation is missing there."""
        p = self.paths(**inputs)
        centred = inputs["x"] - inputs["x"].mean(0)
        dxhat = inputs["dout"] * inputs["gamma"]
        sigma = np.sqrt(inputs["x"].var(0) + self.eps(**inputs))
        if p.count > 1:
            dx = p.direct + p.via_mean - centred * (dxhat * p.xhat).mean(0) / sigma
            return self.altered(dx, **inputs)

    @mistake
    def projection_added(self, right, **inputs):
        """The part along x̂ is added. Both projections are taken away from dx̂."""
        p = self.paths(**inputs)
        if p.count > 1:
            return self.altered(p.direct + p.via_mean - p.via_var, **inputs)
