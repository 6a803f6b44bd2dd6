"""Batch norm on images: one mean and one variance a channel (notebook 06)."""

import numpy as np
import torch

from autograder.exercise import Case, mistake
from autograder.exercises.batchnorm.backward import NormalizationBackward, gradients, terms
from autograder.exercises.batchnorm.forward import (
    BatchNormForward,
    affine,
    features,
    normalized,
    running,
)


def images(rng, n, c, h, w):
    """Images whose channels and pixels differ in mean and spread."""
    return features(rng, n, c * h * w).reshape(n, c, h, w) + rng.normal(0, 2, (c, 1, 1))


class spatial_batchnorm_forward(BatchNormForward):
    """Batch norm for images: one mean and one variance a channel."""

    signature = "spatial_batchnorm_forward(x, gamma, beta, bn_param) -> out, cache"
    minutes = 7
    difficulty = 2
    axes = (0, 2, 3)
    hints = (
        "Every pixel of a channel is one more example of that channel's feature.",
        "If you reshape to rows for your batchnorm_forward, the channels must be the last axis "
        "first: reshape alone does not move an axis.",
    )

    def cases(self, rng):
        gamma, beta = affine(rng, 3)
        layer = {"gamma": gamma, "beta": beta}
        kept = running(rng, 3)
        settings = {"eps": 1e-2, "momentum": 0.6}
        yield Case(
            "training mode", 2,
            x=images(rng, 4, 3, 2, 5), **layer, bn_param={"mode": "train"} | settings | kept,
        )  # fmt: skip
        yield Case(
            "first batch, defaults", 1,
            x=images(rng, 2, 3, 4, 3), **layer, bn_param={"mode": "train"},
        )  # fmt: skip
        yield Case(
            "test mode, one image", 1,
            x=images(rng, 1, 3, 2, 4), **layer, bn_param={"mode": "test"} | settings | kept,
        )  # fmt: skip
        # γ = 1 and β = 0 part two mistakes of test mode that would hide each other above.
        yield Case(
            "test mode, γ = 1, β = 0", 1,
            x=images(rng, 2, 3, 3, 2), gamma=np.ones(3), beta=np.zeros(3),
            bn_param={"mode": "test"} | kept,
        )  # fmt: skip

    def observe(self, code, x, gamma, beta, bn_param):
        out, _ = code.spatial_batchnorm_forward(x, gamma, beta, bn_param)
        return {
            "out": out,
            "running_mean": bn_param.get("running_mean"),
            "running_var": bn_param.get("running_var"),
        }

    def over(self, x, gamma, beta, bn_param, axes):
        """The output when the statistics are taken over other axes than those of a channel."""
        mean, var = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
        gamma, beta = self.column(gamma, x), self.column(beta, x)
        return normalized(x, mean, var, gamma, beta, bn_param.get("eps", 1e-5))

    @mistake
    def each_pixel_on_its_own(self, right, x, gamma, beta, bn_param):
        """Each pixel is normalised over the batch alone, as moments(a, [0]) does. A channel's
        statistics run over the batch, the height and the width."""
        if bn_param["mode"] == "train":
            return {"out": self.over(x, gamma, beta, bn_param, 0)}

    @mistake
    def each_image_on_its_own(self, right, x, gamma, beta, bn_param):
        """Each image is normalised by its own pixels: that is instance norm. The batch axis is
        missing from the average."""
        if bn_param["mode"] == "train":
            return {"out": self.over(x, gamma, beta, bn_param, (2, 3))}

    @mistake
    def reshaped_without_moving_the_channels(self, right, x, gamma, beta, bn_param):
        """The channels are mixed up: reshape does not move an axis, it only cuts the same row of
        numbers anew. Bring the channels to the end before you reshape."""
        if bn_param["mode"] == "train":
            rows = x.reshape(-1, x.shape[1])
            mean, var, eps = rows.mean(0), rows.var(0), bn_param.get("eps", 1e-5)
            out = normalized(rows, mean, var, gamma, beta, eps).reshape(x.shape)
            return {"out": out, **self.kept(bn_param, x, mean, var)}
        rows = x.reshape(-1, x.shape[1])
        mean, var, eps = self.statistics(x, bn_param)
        return {"out": normalized(rows, mean, var, gamma, beta, eps).reshape(x.shape)}

    @mistake
    def not_moved_back(self, right, x, gamma, beta, bn_param):
        """The values are right and stand in the wrong places: after the rows are normalised, the
        channels are still the last axis. Reshape to N×H×W×C first, then move them back."""
        return {"out": right["out"].transpose(0, 2, 3, 1).reshape(x.shape)}


def spread_over(values, like):
    """One value a channel, against N×C×H×W."""
    return np.reshape(values, (1, like.shape[1], 1, 1))


class spatial_batchnorm_backward(NormalizationBackward):
    """The backward pass of batch norm for images."""

    signature = "spatial_batchnorm_backward(dout, cache) -> dx, dgamma, dbeta"
    needs = ("spatial_batchnorm_forward",)
    modifies = ("bn_param",)
    shared = (0, 2, 3)
    minutes = 4
    difficulty = 2
    hints = (
        "The same reordering that made your forward pass a batch norm of rows works on dout.",
        "What was N for rows is N·H·W here.",
    )

    def cases(self, rng):
        gamma, beta = affine(rng, 3)
        for name, size, parameters in [
            ("four images", (4, 3, 2, 5), {"mode": "train", "eps": 1e-2}),
            ("one image, default ε", (1, 3, 3, 2), {"mode": "train"}),
        ]:
            yield Case(
                name, 1, x=images(rng, *size), gamma=gamma, beta=beta, bn_param=parameters,
                dout=rng.normal(0.3, 1, size),
            )  # fmt: skip

    def observe(self, code, x, gamma, beta, bn_param, dout):
        _, cache = code.spatial_batchnorm_forward(x, gamma, beta, bn_param)
        dx, dgamma, dbeta = code.spatial_batchnorm_backward(dout, cache)
        return {"dx": dx, "dgamma": dgamma, "dbeta": dbeta}

    def paths(self, x, gamma, beta, bn_param, dout):
        eps = bn_param.get("eps", 1e-5)
        return terms(x, dout * spread_over(gamma, x), eps, (0, 2, 3))

    def reference(self, x, gamma, beta, bn_param, dout):
        def forward(x, gamma, beta):
            return torch.batch_norm(
                x, gamma, beta, None, None, True, 0.0, bn_param.get("eps", 1e-5), False
            )

        return gradients(forward, self.device, dout, x, gamma, beta)

    @mistake
    def summed_over_the_batch_only(self, right, x, gamma, beta, bn_param, dout):
        """dγ and dβ still have a height and a width. A channel's γ is shared by all its pixels,
        so their contributions are summed too."""
        xhat = self.paths(x, gamma, beta, bn_param, dout).xhat
        return {"dgamma": (dout * xhat).sum(0), "dbeta": dout.sum(0)}

    @mistake
    def counts_images_only(self, right, x, gamma, beta, bn_param, dout):
        """Your count is the number of images. The mean was taken over N·H·W values, so that is
        the count in dx."""
        p = self.paths(x, gamma, beta, bn_param, dout)
        return {"dx": p.direct + x.shape[2] * x.shape[3] * (p.via_mean + p.via_var)}

    @mistake
    def reshaped_without_moving_the_channels(self, right, x, gamma, beta, bn_param, dout):
        """The channels of dout are mixed up: reshape does not move an axis, it only cuts the same
        row of numbers anew. Bring the channels to the end before you reshape."""
        n, c, h, w = x.shape
        rows = x.transpose(0, 2, 3, 1).reshape(-1, c)
        mixed = dout.reshape(-1, c)
        p = terms(rows, mixed * gamma, bn_param.get("eps", 1e-5), 0)
        dx = (p.direct + p.via_mean + p.via_var).reshape(n, h, w, c).transpose(0, 3, 1, 2)
        return {"dx": dx, "dgamma": (mixed * p.xhat).sum(0), "dbeta": mixed.sum(0)}

    @mistake
    def not_moved_back(self, right, x, gamma, beta, bn_param, dout):
        """The values of dx are right and stand in the wrong places: the channels were moved to
        the end and not moved back."""
        return {"dx": right["dx"].transpose(0, 2, 3, 1).reshape(x.shape)}
