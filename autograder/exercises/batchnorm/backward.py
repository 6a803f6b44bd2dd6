"""Batch norm's backward pass put together, and in closed form (notebook 06)."""

import contextlib
import copy

import numpy as np
import torch

from autograder.exercise import Case, mistake
from autograder.exercises.batchnorm.backward_paths import terms
from autograder.exercises.batchnorm.normalizing import features, gamma_and_beta, judged
from autograder.exercises.batchnorm.parameters import RowParameterGradients
from autograder.exercises.batchnorm.variants import without_gamma
from course_utils.recipes.passes import another, forward_again

STAGE = "where dx goes wrong"
# It is looked for in one case only, the batch of this size, and nothing else is judged there: so
# the stage can be told, as likely, where no mistake has a name for the values.
STAGED = 8
# In the batch of this size the way back is gone twice, by one cache and with another dout.
TWICE = 6
AGAIN, OWN, OLD = "for another dout", "gradients of their own", "the same gradients again"


class BatchNormBackward(RowParameterGradients, abstract=True):
    """Both ways of writing the backward pass: the same cases, the same oracle."""

    needs = ("batchnorm_forward",)
    modifies = ("bn_param",)
    reads = {
        STAGE: "your `dx` is off as a wrong {seen} makes it",
        AGAIN: "for another dout and the same cache your code returns {seen}; {right} are right",
    }

    def cases(self, rng):
        gamma, beta = gamma_and_beta(rng, 3)
        layer = {"gamma": gamma, "beta": beta}
        for name, n in [("six examples", 6), ("eight examples, dx stage by stage", STAGED)]:
            yield Case(
                name, 1,
                x=features(rng, n, 3), **layer, bn_param={"mode": "train", "eps": 1e-2},
                dout=rng.normal(0.5, 1, (n, 3)),
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
        """In one case, the first stage that can be to blame for a wrong dx in place of that dx.

        A wrong dmean moves a whole feature by the same amount, a wrong dvar adds a multiple of
        x − mean; whatever neither explains came before them, from dx̂.
        """
        seen = dict(seen)
        again = seen.pop(AGAIN)
        if len(x) == TWICE:
            alike = len(again) == 3 and all(
                np.array_equal(new, seen[name])
                for new, name in zip(again, ("dx", "dgamma", "dbeta"), strict=True)
            )
            seen[AGAIN] = OLD if alike else OWN
        dx = np.asarray(seen["dx"])
        if len(x) != STAGED:
            return seen
        if dx.shape != right_dx.shape or dx.dtype.kind != "f":  # told as such
            return seen | {STAGE: "none"}
        return seen | {"dx": right_dx, STAGE: blamed(dx, right_dx, xhat)}

    def altered(self, dx, x, **inputs):
        # Which stage a mistake looks like is left to the stages' own sentences: one that fits only
        # there is no evidence for it.
        return {"dx": dx} if len(x) != STAGED else {}

    def gradients(self, x, gamma, beta, bn_param, dout):
        x, gamma, beta, dout = (torch.tensor(a, device=self.device) for a in (x, gamma, beta, dout))
        leaves = [a.requires_grad_() for a in (x, gamma, beta)]
        eps = bn_param.get("eps", 1e-5)
        out = torch.batch_norm(*leaves, None, None, True, 0.0, eps, False)
        dx, dgamma, dbeta = torch.autograd.grad(out, leaves, dout)
        return {"dx": dx, "dgamma": dgamma, "dbeta": dbeta}

    def reference(self, **inputs):
        found = {name: judged(value) for name, value in self.gradients(**inputs).items()}
        words = {STAGED: {STAGE: "none"}, TWICE: {AGAIN: OWN}}
        return found | words.get(len(inputs["x"]), {})

    def found_behind(self, **inputs):
        found = self.gradients(**inputs)
        return self.altered(found.pop("dx"), **inputs) | found

    @mistake
    def variance_path_over_one_less_or_one(self, right, **inputs):
        """The path through the variance is divided by one less than the number of values, as an
        unbiased variance would have it. The variance of the way forward divides by their number."""
        p = self.paths(**inputs)
        if p.count > 1:
            factor = p.count / (p.count - 1)
            return self.altered(p.direct + p.via_mean + p.via_var * factor, **inputs)

    gamma_forgotten_and_variance_over_one_less = without_gamma(
        variance_path_over_one_less_or_one,
        """γ is missing from your dx, and the path through the variance is divided by one less than
        the number of values. The variance of the way forward divides by their number.""",
    )

    @mistake
    def xhat_of_another_batch(self, right, dout, **inputs):
        """The x̂ in your cache is that of a later forward pass, as when each pass writes it into the
        same array. A layer may go forward again before it goes back: every cache needs an x̂ of its
        own."""
        later = {name: another(value) for name, value in inputs.items()}
        xhat = self.paths(**later, dout=dout).xhat
        p, dxhat = self.paths(**inputs, dout=dout), dout * inputs["gamma"]
        dx = p.direct + p.via_mean - xhat * (dxhat * xhat).mean(0) / p.sigma
        return self.altered(dx, **inputs) | {"dgamma": (dout * xhat).sum(0)}

    @mistake
    def divided_by_the_features(self, right, **inputs):
        """You average over as many as there are features in your dx. The mean and the variance
        were taken over the examples: N is the length of the first axis."""
        p, features = self.paths(**inputs), inputs["x"].shape[1]
        return self.altered(p.direct + (p.via_mean + p.via_var) * p.count / features, **inputs)

    @mistake
    def averaged_over_the_features(self, right, **inputs):
        """The averages in your dx run over the features of one example, as in layer norm. Here
        they run over the examples of one feature."""
        p = self.paths(**inputs)
        dxhat = inputs["dout"] * inputs["gamma"]
        means = dxhat.mean(1, keepdims=True), (dxhat * p.xhat).mean(1, keepdims=True)
        return self.altered((dxhat - means[0] - p.xhat * means[1]) / p.sigma, **inputs)

    @mistake
    def gradients_of_the_dout_before(self, right, x, **inputs):
        """Called again by the same cache, with another dout, your code returns the gradients of
        before. They are those of the dout that it is given: work them out in each call."""
        return {AGAIN: OLD} if len(x) == TWICE else None

    @mistake
    def stage_dxhat(self, right, x, **inputs):
        """Your dx is off in a way that neither the mean's path nor the variance's can cause alone,
        as where something is off that all of dx goes through."""
        return {STAGE: "dxhat"} if len(x) == STAGED else None

    @mistake
    def stage_dvar(self, right, x, **inputs):
        """Your dx is off by a multiple of x − mean in each feature. That is what a wrong dvar
        does, or a wrong path from the variance to x."""
        return {STAGE: "dvar"} if len(x) == STAGED else None

    @mistake
    def stage_dvar_and_dmean(self, right, x, **inputs):
        """Your dx is off by a multiple of x − mean and, besides, by the same amount in all rows of
        a feature: dvar and dmean are both wrong, or their paths to x. Begin with dvar."""
        return {STAGE: "dvar and dmean"} if len(x) == STAGED else None

    @mistake
    def stage_dmean(self, right, x, **inputs):
        """Your dx is off by the same amount in all rows of a feature. That is what a wrong dmean
        does, or a wrong path from the mean to x."""
        return {STAGE: "dmean"} if len(x) == STAGED else None


def blamed(dx, right, xhat):
    """The first stage whose fault explains dx − right: "dxhat", "dvar", "dmean", both or "none"."""
    if not np.isfinite(dx).all():
        return "dxhat"
    off = dx - right
    precision = 1e-4 if right.dtype == np.float32 else 1e-6
    if np.abs(off).max() <= precision * (np.abs(right).max() + 0.1):
        return "none"
    negligible = 10 * precision * max(np.abs(off).max(), np.abs(right).max())
    moved = off.mean(0)
    off = off - moved
    if np.abs(off).max() <= negligible:
        return "dmean"
    along = (off * xhat).sum(0) / np.maximum((xhat**2).sum(0), np.finfo(float).tiny)
    if np.abs(off - along * xhat).max() > negligible:
        return "dxhat"
    return "dvar" if np.abs(moved).max() <= negligible else "dvar and dmean"


class batchnorm_backward(BatchNormBackward):
    """The backward pass of batch norm, put together from its stages."""

    signature = "batchnorm_backward(dout, cache) -> dx, dgamma, dbeta"
    growth = {"dout": 1}, {"dx": 1, "dgamma": 1, "dbeta": 1}
    minutes = 8
    hints = (
        "x has three arrows out of it: into x̂, into the variance and into the mean. dx is the sum "
        "of what comes back by each.",
        "The mean is an average of N values, so each x receives one N-th of dmean. What does each "
        "x receive of dvar?",
    )

    def observe(self, code, x, gamma, beta, bn_param, dout):
        _, cache = code.batchnorm_forward(x, gamma, beta, bn_param)
        forward_again(code.batchnorm_forward, x, gamma, beta, bn_param)
        dx, dgamma, dbeta = copy.deepcopy(code.batchnorm_backward(dout, cache))
        again = []
        with contextlib.suppress(Exception):  # where it stops, nothing rests on it
            again = list(code.batchnorm_backward(another(dout), cache)) if len(x) == 6 else []
        return {"dx": dx, "dgamma": dgamma, "dbeta": dbeta, "for another dout": again}


class batchnorm_backward_alt(BatchNormBackward):
    """The same gradient in closed form, a few lines long."""

    signature = "batchnorm_backward_alt(dout, cache) -> dx, dgamma, dbeta"
    growth = {"dout": 1}, {"dx": 1, "dgamma": 1, "dbeta": 1}
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
        forward_again(code.batchnorm_forward, x, gamma, beta, bn_param)
        dx, dgamma, dbeta = copy.deepcopy(code.batchnorm_backward_alt(dout, cache))
        again = []
        with contextlib.suppress(Exception):  # where it stops, nothing rests on it
            again = list(code.batchnorm_backward_alt(another(dout), cache)) if len(x) == 6 else []
        return {"dx": dx, "dgamma": dgamma, "dbeta": dbeta, "for another dout": again}

    @mistake
    def count_forgotten_before_dout(self, right, **inputs):
        """In your dx the dout of the example itself is too small by N. Where 1/N stands in front of
        everything, N·dx̂ stands behind it."""
        p = self.paths(**inputs)
        return self.altered(p.direct / p.count + p.via_mean + p.via_var, **inputs)
