"""Batch norm on images: one mean and one variance a channel (notebook 06)."""

import numpy as np
import torch

from autograder.exercise import Case, mistake, raises
from autograder.exercises.batchnorm.backward_paths import gradients, terms
from autograder.exercises.batchnorm.normalizing import features, gamma_and_beta, normalized, running
from autograder.exercises.batchnorm.parameters import ImageParameterGradients
from autograder.exercises.batchnorm.running import RunningStatistics
from autograder.exercises.batchnorm.variants import narrowed
from course_utils.recipes.passes import forward_again


def images(rng, n, c, h, w):
    """Images whose channels and pixels differ in mean and spread."""
    return features(rng, n, c * h * w).reshape(n, c, h, w) + rng.normal(0, 2, (c, 1, 1))


class spatial_batchnorm_forward(RunningStatistics):
    """Batch norm for images: one mean and one variance a channel."""

    signature = "spatial_batchnorm_forward(x, gamma, beta, bn_param) -> out, cache"
    growth = {"gamma": 1, "beta": 1}, {"out": 1}
    minutes = 7
    difficulty = 2
    axes = (0, 2, 3)
    hints = (
        "Every pixel of a channel is one more example of that channel's feature.",
        "If you reshape to rows for your batchnorm_forward, the channels must be the last axis "
        "first: reshape alone does not move an axis.",
    )

    def cases(self, rng):
        gamma, beta = gamma_and_beta(rng, 3)
        layer = {"gamma": gamma, "beta": beta}
        kept = running(rng, 3)
        settings = {"eps": 1e-2, "momentum": 0.6}
        yield Case(
            "training mode", 1,
            x=images(rng, 4, 3, 2, 5), **layer, bn_param={"mode": "train"} | settings | kept,
        )  # fmt: skip
        # Small variances, so that another ε shows.
        small = 0.1 * images(rng, 2, 3, 4, 5)
        small[:, 1] = 0.2 + 1e-3 * rng.normal(size=(2, 4, 5))  # and one variance below it
        yield Case(
            "first batch, defaults", 1, x=small, **layer, bn_param={"mode": "train"},
        )  # fmt: skip
        yield Case(
            "ε = 0 and momentum = 0", 1,
            x=0.05 * images(rng, 3, 3, 2, 4), **layer,
            bn_param={"mode": "train", "eps": 0.0, "momentum": 0.0} | kept,
        )  # fmt: skip
        never = kept | {"running_var": kept["running_var"] * [1, 1, 0]}
        yield Case(
            "test mode, one image, one variance 0", 1,
            x=images(rng, 1, 3, 2, 4), **layer, bn_param={"mode": "test"} | settings | never,
        )  # fmt: skip
        # γ = 1 and β = 0 part two mistakes of test mode that would hide each other above.
        small = kept | {"running_var": 0.02 * kept["running_var"]}
        yield Case(
            "test mode, γ = 1, β = 0", 0.5,
            x=images(rng, 2, 3, 3, 2), gamma=np.ones(3), beta=np.zeros(3),
            bn_param={"mode": "test"} | small,
        )  # fmt: skip
        yield Case(
            "test mode before any training", 0.5,
            x=0.1 * images(rng, 2, 3, 2, 4), **layer, bn_param={"mode": "test", "eps": 0.5},
        )  # fmt: skip

    def observe(self, code, x, gamma, beta, bn_param):
        kept = bn_param["mode"] == "train" or "running_mean" in bn_param
        out, _ = code.spatial_batchnorm_forward(x, gamma, beta, bn_param)
        seen = {name: bn_param.get(name) for name in ("running_mean", "running_var") if kept}
        return {"out": out, **seen}

    def over(self, x, gamma, beta, bn_param, axes):
        """The output when the statistics are taken over other axes than those of a channel."""
        mean, var = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
        gamma, beta = self.column(gamma, x), self.column(beta, x)
        return normalized(x, mean, var, gamma, beta, bn_param.get("eps", 1e-5))

    @mistake
    def each_pixel_on_its_own(self, right, x, gamma, beta, bn_param):
        """You normalise each pixel over the batch alone. A channel's statistics run over the batch,
        the height and the width."""
        if bn_param["mode"] == "train":
            return {"out": self.over(x, gamma, beta, bn_param, 0)}

    @mistake
    def statistics_of_every_pixel(self, right, x, gamma, beta, bn_param):
        """Your code keeps a mean and a variance for each pixel of each channel, and running ones of
        C channels do not fit them. A channel's statistics run over the batch, the height and the
        width, so there are C of each."""
        if "running_mean" in bn_param:
            return dict.fromkeys(right, raises("ValueError", "broadcast"))
        if bn_param["mode"] == "train":
            pixels = x.reshape(len(x), -1)
            kept = self.kept(bn_param, pixels, pixels.mean(0), pixels.var(0))
            return {"out": self.over(x, gamma, beta, bn_param, 0), **kept}

    @mistake
    def each_image_on_its_own(self, right, x, gamma, beta, bn_param):
        """You normalise each image by its own pixels: that is instance norm. The batch axis is
        missing from the average."""
        if bn_param["mode"] == "train":
            return {"out": self.over(x, gamma, beta, bn_param, (2, 3))}

    @mistake
    def image_after_image(self, right, x, gamma, beta, bn_param):
        """You pass the images on one by one: each is normalised by its own pixels, and the running
        statistics move once an image. All pixels of all images of a channel belong together."""
        if bn_param["mode"] == "train":
            kept = bn_param
            for image in x:
                pixels = image.mean((1, 2)), image.var((1, 2))
                kept = kept | self.kept(kept, x, *pixels)
            return {"out": self.over(x, gamma, beta, bn_param, (2, 3)),
                    **{name: kept[name] for name in ("running_mean", "running_var")}}  # fmt: skip

    @mistake
    def variances_of_images_averaged(self, right, x, gamma, beta, bn_param):
        """Your running variance takes the average of the images' own variances. It leaves out that
        the images' means differ: take the variance of all pixels of a channel together."""
        if bn_param["mode"] == "train":
            var = x.var((2, 3)).mean(0)
            return {"running_var": self.kept(bn_param, x, 0, var)["running_var"]}

    @mistake
    def spread_of_the_means_left_out(self, right, x, gamma, beta, bn_param):
        """Your variance is the average of the images' own variances. It leaves out that the images'
        means differ: take the variance of all pixels of a channel together."""
        if bn_param["mode"] == "train":
            mean, var = x.mean((0, 2, 3)), x.var((2, 3)).mean(0)
            columns = (self.column(v, x) for v in (mean, var, gamma, beta))
            return {"out": normalized(x, *columns, bn_param.get("eps", 1e-5)),
                    **self.kept(bn_param, x, mean, var)}  # fmt: skip

    @mistake
    def a_mean_for_each_pixel(self, right, x, gamma, beta, bn_param):
        """Your batch statistics have a height and a width, and do not fit the running ones. A
        channel has one mean and one variance: average over the batch, the height and the width."""
        if bn_param["mode"] == "train":
            _, c, h, w = x.shape
            stops = raises("ValueError", f"({c},) ({c},{h},{w})")
            return dict.fromkeys(right, stops)

    @mistake
    def not_broadcast_over_the_channels(self, right, x, gamma, beta, bn_param):
        """Your code stops where one value a channel meets the images: numpy lines up the LAST axes,
        which are height and width. Give the values of the channels axes of length 1 for those, or
        move the channels to the end."""
        return dict.fromkeys(right, raises("ValueError", "({},{},{},{})".format(*x.shape)))

    @mistake
    def reshaped_without_moving_the_channels(self, right, x, gamma, beta, bn_param):
        """Your channels are mixed up: reshape does not move an axis, it only cuts the same row of
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
        """Your values stand in other places of the output: after the rows are normalised, the
        channels are still the last axis. Reshape to N×H×W×C first, then move them back."""
        return {"out": right["out"].transpose(0, 2, 3, 1).reshape(x.shape)}


def spread_over(values, like):
    """One value a channel, against N×C×H×W."""
    return np.reshape(values, (1, like.shape[1], 1, 1))


class spatial_batchnorm_backward(ImageParameterGradients):
    """The backward pass of batch norm for images."""

    signature = "spatial_batchnorm_backward(dout, cache) -> dx, dgamma, dbeta"
    growth = {"dout": 1}, {"dx": 1, "dgamma": 1, "dbeta": 1}
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
        gamma, beta = gamma_and_beta(rng, 3)
        # Small variances, so that the default ε shows.
        for name, size, scale, parameters in [
            ("four images", (4, 3, 2, 5), 1.0, {"mode": "train", "eps": 1e-2}),
            ("one image, default ε", (1, 3, 3, 2), 0.02, {"mode": "train"}),
        ]:
            yield Case(
                name, 1, x=scale * images(rng, *size), gamma=gamma, beta=beta, bn_param=parameters,
                dout=rng.normal(0.3, 1, size),
            )  # fmt: skip

    def observe(self, code, x, gamma, beta, bn_param, dout):
        _, cache = code.spatial_batchnorm_forward(x, gamma, beta, bn_param)
        forward_again(code.spatial_batchnorm_forward, x, gamma, beta, bn_param)
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
    def counts_images_only(self, right, x, gamma, beta, bn_param, dout):
        """The count in your dx is the number of images. The mean was taken over N·H·W values, so
        that is the count."""
        p = self.paths(x, gamma, beta, bn_param, dout)
        return {"dx": p.direct + x.shape[2] * x.shape[3] * (p.via_mean + p.via_var)}

    @mistake
    def reshaped_without_moving_the_channels(self, right, x, gamma, beta, bn_param, dout):
        """Your channels of dout are mixed up: reshape does not move an axis, it only cuts the same
        row of numbers anew. Bring the channels to the end before you reshape."""
        n, c, h, w = x.shape
        rows = x.transpose(0, 2, 3, 1).reshape(-1, c)
        mixed = dout.reshape(-1, c)
        p = terms(rows, mixed * gamma, bn_param.get("eps", 1e-5), 0)
        dx = (p.direct + p.via_mean + p.via_var).reshape(n, h, w, c).transpose(0, 3, 1, 2)
        return {"dx": dx, "dgamma": (mixed * p.xhat).sum(0), "dbeta": mixed.sum(0)}

    reshaped_for_dx_only = narrowed(
        reshaped_without_moving_the_channels, ("dx",),
        """On the way to dx your channels of dout are mixed up: reshape does not move an axis, it
        only cuts the same row of numbers anew. Bring the channels to the end before you
        reshape.""",
    )  # fmt: skip

    @mistake
    def not_moved_back(self, right, x, gamma, beta, bn_param, dout):
        """The values of your dx stand in other places: the channels were moved to the end, and a
        reshape does not move them back."""
        return {"dx": right["dx"].transpose(0, 2, 3, 1).reshape(x.shape)}

    @mistake
    def reshaped_both_ways(self, right, x, gamma, beta, bn_param, dout):
        """The rows that you make of dout mix the channels, and so does what you make of dx. A
        reshape does not move an axis, it cuts the same row of numbers anew: the channels have to be
        the last axis before it, and are moved back afterwards."""
        rows = x.transpose(0, 2, 3, 1).reshape(-1, x.shape[1])
        mixed = dout.reshape(rows.shape)
        p = terms(rows, mixed * gamma, bn_param.get("eps", 1e-5), 0)
        dx = (p.direct + p.via_mean + p.via_var).reshape(x.shape)
        return {"dx": dx, "dgamma": (mixed * p.xhat).sum(0), "dbeta": mixed.sum(0)}

    @mistake
    def channels_moved_to_the_front(self, right, x, gamma, beta, bn_param, dout):
        """You bring the channels to the front and reshape then, so your rows mix the channels. A
        row holds the channels of one pixel: the channels have to be the last axis before the
        reshape."""
        n, c, h, w = x.shape
        rows = x.transpose(0, 2, 3, 1).reshape(-1, c)
        mixed = dout.transpose(1, 0, 2, 3).reshape(-1, c)
        p = terms(rows, mixed * gamma, bn_param.get("eps", 1e-5), 0)
        dx = (p.direct + p.via_mean + p.via_var).reshape(c, n, h, w).transpose(1, 0, 2, 3)
        return {"dx": dx, "dgamma": (mixed * p.xhat).sum(0), "dbeta": mixed.sum(0)}

    @mistake
    def left_as_rows(self, right, **inputs):
        """Your dx is left as rows, one a pixel. It has the shape of x: reshape to N×H×W×C, then
        move the channels back."""
        return {"dx": right["dx"].transpose(0, 2, 3, 1).reshape(-1, right["dx"].shape[1])}

    @mistake
    def each_image_on_its_own(self, right, x, gamma, beta, bn_param, dout):
        """The averages in your dx run over the pixels of one image. The mean and the variance were
        taken over the batch as well."""
        p = terms(x, dout * spread_over(gamma, x), self.eps(bn_param=bn_param), (0, 2, 3))
        dxhat, over = dout * spread_over(gamma, x), {"axis": (2, 3), "keepdims": True}
        along = p.xhat * (dxhat * p.xhat).mean(**over)
        return {"dx": (dxhat - dxhat.mean(**over) - along) / p.sigma}

    @mistake
    def each_image_as_a_batch(self, right, x, gamma, beta, bn_param, dout):
        """You go back through one image at a time, as if each were a batch of its own. The mean and
        the variance are of all images together, so what comes back to them is added up over all."""
        p = terms(x, dout * spread_over(gamma, x), self.eps(bn_param=bn_param), (0, 2, 3))
        dxhat, over = dout * spread_over(gamma, x), {"axis": (2, 3), "keepdims": True}
        along = (dxhat * p.xhat).mean(**over)
        # From the variance to the mean too: one image's distances from the mean do not cancel.
        return {"dx": (dxhat - dxhat.mean(**over) - along * (p.xhat - p.xhat.mean(**over)))
                / p.sigma}  # fmt: skip
