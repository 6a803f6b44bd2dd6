"""Group norm: an image's channels are normalised in groups (notebook 06)."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake
from autograder.exercises.batchnorm.backward_paths import gradients, terms
from autograder.exercises.batchnorm.images import images
from autograder.exercises.batchnorm.normalizing import gamma_and_beta, judged
from autograder.exercises.batchnorm.parameters import ImageParameterGradients
from autograder.exercises.batchnorm.per_example import PerExampleBackward, PerExampleForward
from autograder.exercises.batchnorm.variants import narrowed
from course_utils.recipes.passes import forward_again


def grouped(x, G):
    """N×C×H×W as N×G×rest: what is normalised together is the last axis."""
    return x.reshape(x.shape[0], G, -1)


class GroupNorm(Exercise, abstract=True):
    """The cases of both passes: several groups, one group, a group for each channel."""

    difficulty = 2
    parameters = "gn_param"

    def group_cases(self, rng):
        for name, points, size, groups, parameters in [
            ("six channels in two groups", 2, (3, 6, 2, 5), 2, {"eps": 1e-2}),
            ("one group, default ε", 1, (2, 4, 3, 2), 1, {}),
            ("a group for each channel", 1, (2, 3, 2, 4), 3, {"eps": 1e-2}),
        ]:
            gamma, beta = gamma_and_beta(rng, size[1])
            # Small variances, so that the default ε shows; and one that is below it.
            x = images(rng, *size) * (1.0 if parameters else 0.05)
            if not parameters:
                x[1] = 0.1 + 1e-3 * rng.normal(size=size[1:])
            yield name, points, {
                "x": x,
                "gamma": gamma.reshape(1, -1, 1, 1),
                "beta": beta.reshape(1, -1, 1, 1),
                "G": groups,
                "gn_param": parameters,
            }


class spatial_groupnorm_forward(GroupNorm, PerExampleForward):
    """Group norm: each image's channels are normalised in G groups (Wu & He 2018)."""

    signature = "spatial_groupnorm_forward(x, gamma, beta, G, gn_param) -> out, cache"
    growth = {"gamma": 1, "beta": 1}, {"out": 1}
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

    def rows(self, x, G, **inputs):
        return grouped(x, G)

    def axis_by_axis(self, x, gamma, beta, G, gn_param, shape, axes):
        """The output when x in another shape is normalised over some of its axes."""
        split = x.reshape(shape)
        mean, var = split.mean(axes, keepdims=True), split.var(axes, keepdims=True)
        out = (split - mean) / np.sqrt(var + gn_param.get("eps", 1e-5))
        return {"out": gamma * out.reshape(x.shape) + beta}

    @mistake
    def channels_dealt_out(self, right, x, G, **inputs):
        """Your channels are dealt out to the groups in turn. A group is a run of neighbouring
        channels: with six channels in two groups, the first three are one group."""
        n, c, h, w = x.shape
        return self.axis_by_axis(x, G=G, **inputs, shape=(n, c // G, G, h, w), axes=(1, 3, 4))

    @mistake
    def groups_of_g_channels(self, right, x, G, **inputs):
        """You made groups of G channels each. G is the number of groups."""
        n, c = x.shape[:2]
        return self.axis_by_axis(x, G=G, **inputs, shape=(n, c // G, -1), axes=2)

    @mistake
    def groups_of_g_channels_unbiased(self, right, x, gamma, beta, G, gn_param):
        """You made groups of G channels each, and your variance divides by one less than the number
        of values. G is the number of groups, and the variance is the biased one."""
        n, c, h, w = x.shape
        split = x.reshape(n, c // G, -1)
        mean, var = split.mean(2, keepdims=True), split.var(2, keepdims=True, ddof=1)
        xhat = (split - mean) / np.sqrt(var + gn_param.get("eps", 1e-5))
        return {"out": gamma * xhat.reshape(x.shape) + beta}

    @mistake
    def g_groups_of_g_channels(self, right, x, gamma, beta, G, gn_param):
        """You take G channels for each of G groups: of more than G·G channels some are left out,
        and fewer run out. G is the number of groups, among which all channels are shared out."""
        xhat, eps = np.zeros_like(x), gn_param.get("eps", 1e-5)
        for first in range(0, min(G * G, x.shape[1]), G):
            part = x[:, first : first + G]
            mean, var = (f((1, 2, 3), keepdims=True) for f in (part.mean, part.var))
            xhat[:, first : first + G] = (part - mean) / np.sqrt(var + eps)
        return {"out": gamma * xhat + beta}

    @mistake
    def spread_of_the_means_left_out(self, right, x, G, **inputs):
        """Your variance of a group is the average of its channels' own variances. It leaves out
        that the channels' means differ: take the variance of all values of a group together."""
        own = x.var((2, 3)).reshape(len(x), G, -1)
        return self.made({"x": x, "G": G, **inputs}, var=own.mean(2, keepdims=True))

    def of_a_channel(self, x, G, values):
        """One number a channel, as a number for each value of the groups' rows."""
        return grouped(np.broadcast_to(values, x.shape), G)

    @mistake
    def variance_a_channel(self, right, x, G, **inputs):
        """Your mean is that of the group, and each channel has a variance of its own about it. The
        variance runs over all the channels and pixels of a group, too."""
        means = grouped(x, G).mean(-1).repeat(x.shape[1] // G, axis=1)[:, :, None, None]
        var = ((x - means) ** 2).mean((2, 3), keepdims=True)
        return self.made({"x": x, "G": G, **inputs}, var=self.of_a_channel(x, G, var))

    @mistake
    def own_variance_a_channel(self, right, x, G, **inputs):
        """Your mean is that of the group, and your variance that of each channel by itself, about
        the channel's mean. Both run over all the channels and pixels of a group."""
        var = x.var((2, 3), keepdims=True)
        return self.made({"x": x, "G": G, **inputs}, var=self.of_a_channel(x, G, var))

    @mistake
    def mean_a_channel(self, right, x, G, **inputs):
        """Your variance is that of the group, and your mean that of each channel by itself. Both
        run over all the channels and pixels of a group."""
        mean = x.mean((2, 3), keepdims=True)
        return self.made({"x": x, "G": G, **inputs}, mean=self.of_a_channel(x, G, mean))

    @mistake
    def averaged_over_the_batch(self, right, x, G, **inputs):
        """Your averages run over the batch too. In group norm an image never depends on another:
        that is what it is for."""
        return self.axis_by_axis(x, G=G, **inputs, shape=(len(x), G, -1), axes=(0, 2))

    @mistake
    def groups_forgotten(self, right, x, G, **inputs):
        """You normalise all channels of an image together, whatever G is: that is layer norm,
        the case G = 1."""
        return self.axis_by_axis(x, G=G, **inputs, shape=(len(x), -1), axes=1)

    @mistake
    def each_channel_on_its_own(self, right, x, G, **inputs):
        """You normalise every channel on its own, whatever G is: that is instance norm, the case
        G = C."""
        return self.axis_by_axis(x, G=G, **inputs, shape=x.shape, axes=(2, 3))

    @mistake
    def each_channel_over_the_batch(self, right, x, G, **inputs):
        """You normalise every channel over the batch: that is batch norm for images. Group norm
        normalises the channels of a group together, image by image."""
        return self.axis_by_axis(x, G=G, **inputs, shape=x.shape, axes=(0, 2, 3))

    @mistake
    def over_the_batch_and_eps_of_its_own(self, right, gn_param, **inputs):
        """Your averages run over the batch too, and ε is 1e-5 whatever is given. In group norm an
        image never depends on another, and ε is the `eps` that is passed in."""
        return self.averaged_over_the_batch(right, **inputs, gn_param={})

    @mistake
    def groups_forgotten_and_eps_of_its_own(self, right, gn_param, **inputs):
        """You normalise all channels of an image together, whatever G is, and ε is 1e-5 whatever is
        given. Each group has statistics of its own, and ε is the `eps` that is passed in."""
        return self.groups_forgotten(right, **inputs, gn_param={})

    @mistake
    def groups_of_g_channels_and_eps_of_its_own(self, right, gn_param, **inputs):
        """You made groups of G channels each, and ε is 1e-5 whatever is given. G is the number of
        groups, and ε is the `eps` that is passed in."""
        return self.groups_of_g_channels(right, **inputs, gn_param={})

    @mistake
    def each_channel_and_eps_of_its_own(self, right, gn_param, **inputs):
        """You normalise every channel on its own, whatever G is, and ε is 1e-5 whatever is given.
        The channels of a group belong together, and ε is the `eps` that is passed in."""
        return self.each_channel_on_its_own(right, **inputs, gn_param={})

    @mistake
    def pixels_kept_apart(self, right, x, G, **inputs):
        """You normalise each pixel over the channels of its group alone. Height and width belong
        to the group too."""
        n, c, h, w = x.shape
        return self.axis_by_axis(x, G=G, **inputs, shape=(n, G, c // G, h, w), axes=2)


class spatial_groupnorm_backward(GroupNorm, PerExampleBackward, ImageParameterGradients):
    """The backward pass of group norm."""

    signature = "spatial_groupnorm_backward(dout, cache) -> dx, dgamma, dbeta"
    growth = {"dout": 1}, {"dx": 1, "dgamma": 1, "dbeta": 1}
    needs = ("spatial_groupnorm_forward",)
    modifies = ("gn_param",)
    shared = (0, 2, 3)
    minutes = 10
    difficulty = 3
    hints = (
        "Compute dγ and dβ first, in the shape of γ. Then compute dx̂ and give the groups an axis.",
        "Within a group this is layer norm's backward pass over (C/G)·H·W values.",
    )

    def cases(self, rng):
        for name, points, inputs in self.group_cases(rng):
            yield Case(name, points, **inputs, dout=rng.normal(0.3, 1, inputs["x"].shape))

    def observe(self, code, x, gamma, beta, G, gn_param, dout):
        _, cache = code.spatial_groupnorm_forward(x, gamma, beta, G, gn_param)
        forward_again(code.spatial_groupnorm_forward, x, gamma, beta, G, gn_param)
        dx, dgamma, dbeta = code.spatial_groupnorm_backward(dout, cache)
        return {"dx": dx, "dgamma": dgamma, "dbeta": dbeta}

    def paths(self, x, gamma, beta, G, gn_param, dout):
        found = terms(grouped(x, G), grouped(dout * gamma, G), gn_param.get("eps", 1e-5), (2,))
        for name in ("xhat", "sigma", "direct", "via_mean", "via_var"):
            setattr(found, name, getattr(found, name).reshape(x.shape))
        return found

    def reference(self, x, gamma, beta, G, gn_param, dout):
        def forward(x, gamma, beta):
            eps = gn_param.get("eps", 1e-5)
            return F.group_norm(x, G, gamma.flatten(), beta.flatten(), eps)

        return gradients(forward, self.device, dout, x, gamma, beta)

    @mistake
    def counts_one_channel(self, right, x, gamma, beta, G, gn_param, dout):
        """The count in your dx is H·W, the size of one channel. A group averages (C/G)·H·W
        values."""
        p = self.paths(x, gamma, beta, G, gn_param, dout)
        if G < x.shape[1]:
            return {"dx": p.direct + (x.shape[1] // G) * (p.via_mean + p.via_var)}

    @mistake
    def parameters_lose_their_shape(self, right, **inputs):
        """Your dγ and dβ come in the shape (C,). γ and β came as 1×C×1×1, and a gradient has the
        shape of what it belongs to."""
        return {name: right[name].reshape(-1) for name in ("dgamma", "dbeta")}

    @mistake
    def counts_all_groups(self, right, x, gamma, beta, G, gn_param, dout):
        """The count in your dx is C·H·W, the size of a whole image. A group averages (C/G)·H·W
        values."""
        p = self.paths(x, gamma, beta, G, gn_param, dout)
        return {"dx": p.direct + (p.via_mean + p.via_var) / G} if G > 1 else None

    @mistake
    def counts_the_channels(self, right, x, gamma, beta, G, gn_param, dout):
        """The count in your dx is C/G, the channels of a group. A group averages (C/G)·H·W
        values."""
        p = self.paths(x, gamma, beta, G, gn_param, dout)
        pixels = x.shape[2] * x.shape[3]
        return {"dx": p.direct + pixels * (p.via_mean + p.via_var)}

    @mistake
    def averages_within_groups_over_the_pixels(self, right, x, gamma, beta, G, gn_param, dout):
        """The averages of dx̂ in your dx run over height and width alone. What was normalised
        together is a whole group: its channels are averaged over, too."""
        p = self.paths(x, gamma, beta, G, gn_param, dout)
        dxhat, over = dout * gamma, {"axis": (2, 3), "keepdims": True}
        along = p.xhat * (dxhat * p.xhat).mean(**over)
        return {"dx": (dxhat - dxhat.mean(**over) - along) / p.sigma}

    @mistake
    def averages_of_the_groups_over_the_batch(self, right, x, gamma, beta, G, gn_param, dout):
        """The averages of dx̂ in your dx run over the batch, height and width. What was normalised
        together is a group of channels of one image."""
        p = self.paths(x, gamma, beta, G, gn_param, dout)
        dxhat, over = dout * gamma, {"axis": (0, 2, 3), "keepdims": True}
        along = p.xhat * (dxhat * p.xhat).mean(**over)
        return {"dx": (dxhat - dxhat.mean(**over) - along) / p.sigma}

    @mistake
    def gradient_of_the_group_for_each_channel(self, right, x, G, **inputs):
        """Every channel of a group has the same dγ and dβ, the sum over the group. γ and β belong
        to channels: each channel has a gradient of its own."""
        if G < x.shape[1]:
            return {n: right[n].reshape(G, -1).sum(1).repeat(x.shape[1] // G).reshape(1, -1, 1, 1)
                    for n in ("dgamma", "dbeta")}  # fmt: skip

    dgamma_of_the_group_for_each_channel = narrowed(
        gradient_of_the_group_for_each_channel, ("dgamma",),
        """Every channel of a group has the same dγ, the sum over the group. γ belongs to channels:
        each channel has a gradient of its own.""",
    )  # fmt: skip

    @mistake
    def one_gradient_a_group(self, right, x, G, **inputs):
        """Your dγ and dβ have one value a group. γ and β belong to channels: each channel has a
        gradient of its own."""
        if G < x.shape[1]:
            summed = {n: right[n].reshape(1, G, -1, 1).sum(2, keepdims=True).reshape(1, G, 1, 1)
                      for n in ("dgamma", "dbeta")}  # fmt: skip
            return summed
