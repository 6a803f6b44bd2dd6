"""Layer norm and group norm, which ask nothing of the batch (notebook 06)."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake
from autograder.exercises.batchnorm.backward import NormalizationBackward, gradients, terms
from autograder.exercises.batchnorm.forward import affine, features, judged, normalized, unbiased
from autograder.exercises.batchnorm.images import images


class layernorm_forward(Exercise):
    """Layer norm: every example is normalised over its own features (Ba 2016)."""

    signature = "layernorm_forward(x, gamma, beta, ln_param) -> out, cache"
    minutes = 6
    extra = True
    hints = (
        "Compared with batch norm the statistics run along the other axis; γ and β stay as they "
        "were, one a feature.",
        "Nothing here depends on other examples. What does that leave for running statistics?",
    )

    def cases(self, rng):
        gamma, beta = affine(rng, 5)
        layer = {"gamma": gamma, "beta": beta}
        yield Case("three examples", 2, x=features(rng, 3, 5), **layer, ln_param={"eps": 1e-2})
        yield Case("one example, default ε", 1, x=features(rng, 1, 5), **layer, ln_param={})
        still = 2 + 1e-3 * rng.normal(size=(2, 5))
        yield Case("features that hardly differ", 1, x=still, **layer, ln_param={})
        yield Case(
            "test mode", 1, x=features(rng, 4, 5), **layer, ln_param={"eps": 1e-2, "mode": "test"}
        )

    def observe(self, code, x, gamma, beta, ln_param):
        out, _ = code.layernorm_forward(x, gamma, beta, ln_param)
        return {"out": out}

    def reference(self, x, gamma, beta, ln_param):
        eps = ln_param.get("eps", 1e-5)
        x, gamma, beta = (torch.tensor(a, device=self.device) for a in (x, gamma, beta))
        return {"out": judged(F.layer_norm(x, gamma.shape, gamma, beta, eps))}

    def parts(self, x, ln_param):
        return x.mean(1, keepdims=True), x.var(1, keepdims=True), ln_param.get("eps", 1e-5)

    @mistake
    def normalised_over_the_batch(self, right, x, gamma, beta, ln_param):
        """This normalises every feature over the batch: that is batch norm. Layer norm normalises
        every example over its features."""
        eps = ln_param.get("eps", 1e-5)
        return {"out": normalized(x, x.mean(0), x.var(0), gamma, beta, eps)}

    @mistake
    def unbiased_variance(self, right, x, gamma, beta, ln_param):
        """Your variance divides by D − 1. Layer norm's divides by D, the number of features."""
        mean, _, eps = self.parts(x, ln_param)
        var = unbiased(x, 1, x.shape[1])[:, None]
        return {"out": normalized(x, mean, var, gamma, beta, eps)}

    @mistake
    def eps_outside_the_root(self, right, x, gamma, beta, ln_param):
        """ε belongs under the root, beside the variance; you add it to the standard deviation."""
        mean, var, eps = self.parts(x, ln_param)
        return {"out": normalized(x, mean, (np.sqrt(var) + eps) ** 2, gamma, beta, 0)}

    @mistake
    def eps_forgotten(self, right, x, gamma, beta, ln_param):
        """ε is missing under the root."""
        mean, var, _ = self.parts(x, ln_param)
        return {"out": normalized(x, mean, var, gamma, beta, 0)}

    @mistake
    def one_statistic_for_the_batch(self, right, x, gamma, beta, ln_param):
        """One mean and one variance of the whole array: every example has its own."""
        if len(x) > 1:
            eps = ln_param.get("eps", 1e-5)
            return {"out": normalized(x, x.mean(), x.var(), gamma, beta, eps)}

    @mistake
    def differs_in_test_mode(self, right, x, gamma, beta, ln_param):
        """Test mode gives something else than training. An example is normalised by itself alone,
        so there is nothing to remember and nothing to switch."""
        if ln_param.get("mode") == "test":
            return {"out": normalized(x, 0, 1, gamma, beta, ln_param["eps"])}

    @mistake
    def gamma_and_beta_swapped(self, right, x, gamma, beta, ln_param):
        """γ and β have changed places: γ multiplies, β is added."""
        return {"out": normalized(x, *self.parts(x, ln_param)[:2], beta, gamma,
                                  ln_param.get("eps", 1e-5))}  # fmt: skip


class PerExampleBackward(NormalizationBackward, abstract=True):
    """Layer and group norm: γ varies within what is normalised together."""

    @mistake
    def gamma_outside_the_means(self, right, **inputs):
        """You multiply by γ after the averages, as batch norm's closed form may. Here γ varies
        among the values that are averaged, so it has to be inside: average dx̂, not dout."""
        plain = inputs | {"gamma": np.ones_like(inputs["gamma"])}
        p = self.paths(**plain)
        return {"dx": inputs["gamma"] * (p.direct + p.via_mean + p.via_var)}


class layernorm_backward(PerExampleBackward):
    """The backward pass of layer norm."""

    signature = "layernorm_backward(dout, cache) -> dx, dgamma, dbeta"
    needs = ("layernorm_forward",)
    parameters = "ln_param"
    minutes = 8
    extra = True
    hints = (
        "Start from dx̂ as in batch norm; the averages now run along the features.",
        "γ is shared by the examples, not by the features: over which axis is dγ summed?",
    )

    def cases(self, rng):
        gamma, beta = affine(rng, 5)
        for name, n, parameters in [
            ("three examples", 3, {"eps": 1e-2}), ("one example, default ε", 1, {}),
        ]:  # fmt: skip
            yield Case(
                name, 1, x=features(rng, n, 5), gamma=gamma, beta=beta, ln_param=parameters,
                dout=rng.normal(0.3, 1, (n, 5)),
            )  # fmt: skip

    def observe(self, code, x, gamma, beta, ln_param, dout):
        _, cache = code.layernorm_forward(x, gamma, beta, ln_param)
        dx, dgamma, dbeta = code.layernorm_backward(dout, cache)
        return {"dx": dx, "dgamma": dgamma, "dbeta": dbeta}

    def paths(self, x, gamma, beta, ln_param, dout):
        return terms(x, dout * gamma, ln_param.get("eps", 1e-5), (1,))

    def reference(self, x, gamma, beta, ln_param, dout):
        def forward(x, gamma, beta):
            return F.layer_norm(x, gamma.shape, gamma, beta, ln_param.get("eps", 1e-5))

        return gradients(forward, self.device, dout, x, gamma, beta)

    @mistake
    def averages_over_the_batch(self, right, x, gamma, beta, ln_param, dout):
        """The averages in your dx run over the batch, as in batch norm. Here they run over the
        features of one example."""
        p = self.paths(x, gamma, beta, ln_param, dout)
        sigma = np.sqrt(x.var(1, keepdims=True) + ln_param.get("eps", 1e-5))
        dxhat = dout * gamma
        return {"dx": (dxhat - dxhat.mean(0) - p.xhat * (dxhat * p.xhat).mean(0)) / sigma}

    @mistake
    def parameters_summed_over_features(self, right, x, gamma, beta, ln_param, dout):
        """dγ and dβ are summed over the features, one value an example. There is one γ a feature,
        shared by the examples: sum over those."""
        xhat = self.paths(x, gamma, beta, ln_param, dout).xhat
        return {"dgamma": (dout * xhat).sum(1), "dbeta": dout.sum(1)}

    @mistake
    def parameters_not_summed(self, right, x, gamma, beta, ln_param, dout):
        """dγ and dβ have one row an example. All examples share γ and β, so the rows are
        summed."""
        return {"dgamma": dout * self.paths(x, gamma, beta, ln_param, dout).xhat, "dbeta": dout}


def grouped(x, G):
    """N×C×H×W as N×G×rest: what is normalised together is the last axis."""
    return x.reshape(x.shape[0], G, -1)


class GroupNorm(Exercise, abstract=True):
    """The cases of both passes: several groups, one group, a group for each channel."""

    extra = True
    difficulty = 2

    def group_cases(self, rng):
        for name, points, size, groups, parameters in [
            ("six channels in two groups", 2, (3, 6, 2, 5), 2, {"eps": 1e-2}),
            ("one group, default ε", 1, (2, 4, 3, 2), 1, {}),
            ("a group for each channel", 1, (2, 3, 2, 4), 3, {"eps": 1e-2}),
        ]:
            gamma, beta = affine(rng, size[1])
            yield name, points, {
                "x": images(rng, *size),
                "gamma": gamma.reshape(1, -1, 1, 1),
                "beta": beta.reshape(1, -1, 1, 1),
                "G": groups,
                "gn_param": parameters,
            }


class spatial_groupnorm_forward(GroupNorm):
    """Group norm: each image's channels are normalised in G groups (Wu & He 2018)."""

    signature = "spatial_groupnorm_forward(x, gamma, beta, G, gn_param) -> out, cache"
    minutes = 8
    hints = (
        "Give the groups an axis of their own: N×C×H×W becomes N×G×(C/G)×H×W.",
        "γ and β belong to channels, so they are applied after the groups are put together again.",
    )

    def cases(self, rng):
        for name, points, inputs in self.group_cases(rng):
            yield Case(name, points, **inputs)

    def observe(self, code, x, gamma, beta, G, gn_param):
        out, _ = code.spatial_groupnorm_forward(x, gamma, beta, G, gn_param)
        return {"out": out}

    def reference(self, x, gamma, beta, G, gn_param):
        x, gamma, beta = (torch.tensor(a, device=self.device) for a in (x, gamma, beta))
        eps = gn_param.get("eps", 1e-5)
        return {"out": judged(F.group_norm(x, G, gamma.flatten(), beta.flatten(), eps))}

    def out(self, x, rows, gamma, beta, var=None, eps=None):
        """Normalised along the last axis of `rows`, in the shape of x, with γ and β."""
        mean = rows.mean(-1, keepdims=True)
        var = rows.var(-1, keepdims=True) if var is None else var
        return gamma * ((rows - mean) / np.sqrt(var + eps)).reshape(x.shape) + beta

    @mistake
    def channels_dealt_out(self, right, x, gamma, beta, G, gn_param):
        """The channels are dealt out to the groups in turn. A group is a run of neighbouring
        channels: with six channels in two groups, the first three are one group."""
        n, c, h, w = x.shape
        rows = x.reshape(n, c // G, G, h, w).swapaxes(1, 2).reshape(n, G, -1)
        eps = gn_param.get("eps", 1e-5)
        out = self.out(x, rows, 1, 0, eps=eps).reshape(n, G, c // G, h, w).swapaxes(1, 2)
        return {"out": gamma * out.reshape(x.shape) + beta}

    @mistake
    def groups_of_g_channels(self, right, x, gamma, beta, G, gn_param):
        """G is the number of groups; you made groups of G channels each."""
        rows = grouped(x, x.shape[1] // G)
        return {"out": self.out(x, rows, gamma, beta, eps=gn_param.get("eps", 1e-5))}

    @mistake
    def averaged_over_the_batch(self, right, x, gamma, beta, G, gn_param):
        """Your averages run over the batch too. In group norm an image never depends on another:
        that is what it is for."""
        rows = grouped(x, G)
        mean, var = rows.mean((0, 2), keepdims=True), rows.var((0, 2), keepdims=True)
        out = (rows - mean) / np.sqrt(var + gn_param.get("eps", 1e-5))
        return {"out": gamma * out.reshape(x.shape) + beta}

    @mistake
    def groups_forgotten(self, right, x, gamma, beta, G, gn_param):
        """All channels of an image are normalised together, whatever G is: that is layer norm,
        the case G = 1."""
        eps = gn_param.get("eps", 1e-5)
        return {"out": self.out(x, grouped(x, 1), gamma, beta, eps=eps)}

    @mistake
    def each_channel_on_its_own(self, right, x, gamma, beta, G, gn_param):
        """Every channel is normalised on its own, whatever G is: that is instance norm, the case
        G = C."""
        rows = grouped(x, x.shape[1])
        return {"out": self.out(x, rows, gamma, beta, eps=gn_param.get("eps", 1e-5))}

    @mistake
    def pixels_kept_apart(self, right, x, gamma, beta, G, gn_param):
        """Each pixel is normalised over the channels of its group alone. Height and width belong
        to the group too."""
        n, c, h, w = x.shape
        rows = x.reshape(n, G, c // G, h, w)
        mean, var = rows.mean(2, keepdims=True), rows.var(2, keepdims=True)
        out = (rows - mean) / np.sqrt(var + gn_param.get("eps", 1e-5))
        return {"out": gamma * out.reshape(x.shape) + beta}

    @mistake
    def unbiased_variance(self, right, x, gamma, beta, G, gn_param):
        """Your variance divides by one less than the number of values in a group."""
        rows = grouped(x, G)
        var = unbiased(rows, -1, rows.shape[-1])[..., None]
        eps = gn_param.get("eps", 1e-5)
        return {"out": self.out(x, rows, gamma, beta, var, eps)}

    @mistake
    def eps_outside_the_root(self, right, x, gamma, beta, G, gn_param):
        """ε belongs under the root, beside the variance; you add it to the standard deviation."""
        rows = grouped(x, G)
        root = rows.std(-1, keepdims=True) + gn_param.get("eps", 1e-5)
        return {"out": self.out(x, rows, gamma, beta, root**2, 0)}


class spatial_groupnorm_backward(GroupNorm, PerExampleBackward):
    """The backward pass of group norm."""

    signature = "spatial_groupnorm_backward(dout, cache) -> dx, dgamma, dbeta"
    needs = ("spatial_groupnorm_forward",)
    parameters = "gn_param"
    shared = (0, 2, 3)
    minutes = 10
    difficulty = 3
    hints = (
        "dγ and dβ first, in the shape of γ; then dx̂, then give the groups their axis.",
        "Within a group this is layer norm's backward pass over (C/G)·H·W values.",
    )

    def cases(self, rng):
        for name, points, inputs in self.group_cases(rng):
            yield Case(name, points, **inputs, dout=rng.normal(0.3, 1, inputs["x"].shape))

    def observe(self, code, x, gamma, beta, G, gn_param, dout):
        _, cache = code.spatial_groupnorm_forward(x, gamma, beta, G, gn_param)
        dx, dgamma, dbeta = code.spatial_groupnorm_backward(dout, cache)
        return {"dx": dx, "dgamma": dgamma, "dbeta": dbeta}

    def paths(self, x, gamma, beta, G, gn_param, dout):
        found = terms(grouped(x, G), grouped(dout * gamma, G), gn_param.get("eps", 1e-5), (2,))
        for name in ("xhat", "direct", "via_mean", "via_var"):
            setattr(found, name, getattr(found, name).reshape(x.shape))
        return found

    def reference(self, x, gamma, beta, G, gn_param, dout):
        def forward(x, gamma, beta):
            eps = gn_param.get("eps", 1e-5)
            return F.group_norm(x, G, gamma.flatten(), beta.flatten(), eps)

        return gradients(forward, self.device, dout, x, gamma, beta)

    @mistake
    def counts_one_channel(self, right, x, gamma, beta, G, gn_param, dout):
        """Your count is H·W, the size of one channel. A group averages (C/G)·H·W values."""
        p = self.paths(x, gamma, beta, G, gn_param, dout)
        if G < x.shape[1]:
            return {"dx": p.direct + (x.shape[1] // G) * (p.via_mean + p.via_var)}

    @mistake
    def parameters_lose_their_shape(self, right, **inputs):
        """dγ and dβ have the right numbers in the shape (C,). γ and β came as 1×C×1×1, and a
        gradient has the shape of what it belongs to."""
        return {name: right[name].reshape(-1) for name in ("dgamma", "dbeta")}

    @mistake
    def summed_over_the_batch_only(self, right, x, gamma, beta, G, gn_param, dout):
        """dγ and dβ still have a height and a width. Every pixel of a channel uses the same γ, so
        their contributions are summed."""
        xhat = self.paths(x, gamma, beta, G, gn_param, dout).xhat
        return {"dgamma": (dout * xhat).sum(0, keepdims=True),
                "dbeta": dout.sum(0, keepdims=True)}  # fmt: skip
