"""Batch normalization itself, forward and backward (notebook 06); its relatives and its use in
nets are next door, in `batchnorm_relatives` and `batchnorm_use`."""

from types import SimpleNamespace

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near

NOTEBOOK = "06_batchnorm"


def features(rng, n, d, scale=1.0):
    """Rows whose features differ in mean and spread, so that none can stand for another."""
    return scale * rng.normal(size=(n, d)) * rng.uniform(0.5, 3, d) + rng.normal(0, 2, d)


def affine(rng, d):
    """γ and β of which none is 1 or 0, and one γ is negative."""
    gamma = rng.uniform(0.5, 2, d)
    gamma[1] *= -1
    return gamma, rng.choice([-1, 1], d) * rng.uniform(0.3, 1.5, d)


def running(rng, d):
    return {"running_mean": rng.normal(size=d), "running_var": rng.uniform(0.5, 2, d)}


def judged(value):
    """Honest formulas differ by rounding, which a variance of 1e-6 makes larger."""
    single = value.dtype in (torch.float32, np.float32)
    return near(value, rtol=1e-4, atol=1e-5) if single else near(value, rtol=1e-6, atol=1e-8)


def normalized(x, mean, var, gamma, beta, eps):
    return gamma * (x - mean) / np.sqrt(var + eps) + beta


def unbiased(x, axis, count):
    """The variance with n-1 below: not a number for one value."""
    return x.var(axis) * count / np.subtract(count, 1.0)


class BatchNormForward(Exercise, abstract=True):
    """What batch norm's two forward exercises share: `axes` are those that are averaged over."""

    signature = "batchnorm_forward(x, gamma, beta, bn_param) -> out, cache"
    modifies = ("bn_param",)
    axes: tuple[int, ...] = (0,)

    def column(self, values, x):
        """One value a feature (or channel), shaped so that it broadcasts against x."""
        return np.reshape(values, [-1 if axis == 1 else 1 for axis in range(x.ndim)])

    def statistics(self, x, bn_param):
        """(mean, var, eps) that normalise, each of them as the mode says."""
        eps = bn_param.get("eps", 1e-5)
        if bn_param["mode"] == "train":
            return x.mean(self.axes), x.var(self.axes), eps
        return bn_param["running_mean"], bn_param["running_var"], eps

    def out(self, x, mean, var, gamma, beta, eps):
        mean, var, gamma, beta = (self.column(v, x) for v in (mean, var, gamma, beta))
        return normalized(x, mean, var, gamma, beta, eps)

    def kept(self, bn_param, x, mean, var):
        """The running statistics after a batch with this mean and variance."""
        m, zeros = bn_param.get("momentum", 0.9), np.zeros(x.shape[1], x.dtype)
        old_mean, old_var = (bn_param.get(f"running_{s}", zeros) for s in ("mean", "var"))
        return {
            "running_mean": m * old_mean + (1 - m) * mean,
            "running_var": m * old_var + (1 - m) * var,
        }

    def reference(self, x, gamma, beta, bn_param):
        training = bn_param["mode"] == "train"
        eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
        x, gamma, beta = (torch.tensor(a, device=self.device) for a in (x, gamma, beta))
        zeros = np.zeros(x.shape[1])
        mean, var = (
            torch.tensor(bn_param.get(name, zeros), device=self.device)
            for name in ("running_mean", "running_var")
        )
        # Not F.batch_norm: it refuses a batch of one.
        out = torch.batch_norm(
            x, gamma, beta, mean.clone(), var.clone(), training, 0.0, eps, False
        )  # fmt: skip
        if training:
            # torch keeps the unbiased variance; the course keeps the one that normalised.
            mean = momentum * mean + (1 - momentum) * x.mean(self.axes)
            var = momentum * var + (1 - momentum) * x.var(self.axes, correction=0)
        return {"out": judged(out), "running_mean": judged(mean), "running_var": judged(var)}

    @mistake
    def no_affine_in_test_mode(self, right, x, gamma, beta, bn_param):
        """γ and β belong to the layer, in test mode too. You apply them only while training."""
        if bn_param["mode"] == "test":
            mean, var, eps = self.statistics(x, bn_param)
            return {"out": self.out(x, mean, var, np.ones_like(gamma), 0 * beta, eps)}

    @mistake
    def momentum_is_share_of_new(self, right, x, gamma, beta, bn_param):
        """Here momentum is the share of the OLD running value that is kept. Yours gives that
        share to the new batch, as torch does."""
        if bn_param["mode"] == "train":
            turned = bn_param | {"momentum": 1 - bn_param.get("momentum", 0.9)}
            return self.kept(turned, x, x.mean(self.axes), x.var(self.axes))

    @mistake
    def unbiased_variance(self, right, x, gamma, beta, bn_param):
        """Your variance divides by one less than the number of values. Batch norm uses the biased
        variance: the mean of the squared deviations, divided by their number."""
        if bn_param["mode"] == "train":
            mean, _, eps = self.statistics(x, bn_param)
            var = unbiased(x, self.axes, x.size // x.shape[1])
            kept = self.kept(bn_param, x, mean, var)
            return {
                "out": self.out(x, mean, var, gamma, beta, eps),
                "running_var": kept["running_var"],
            }

    @mistake
    def unbiased_running_variance(self, right, x, gamma, beta, bn_param):
        """The running variance keeps the unbiased variance of each batch. That is torch's
        convention; here it keeps the same biased variance that normalised the batch."""
        if bn_param["mode"] == "train":
            var = unbiased(x, self.axes, x.size // x.shape[1])
            return {"running_var": self.kept(bn_param, x, 0, var)["running_var"]}

    @mistake
    def eps_outside_the_root(self, right, x, gamma, beta, bn_param):
        """ε belongs under the square root, beside the variance. You add it to the standard
        deviation, which is far less protection: √1e-5 is 0.003."""
        mean, var, eps = self.statistics(x, bn_param)
        return {"out": self.out(x, mean, (np.sqrt(var) + eps) ** 2, gamma, beta, 0)}

    @mistake
    def eps_forgotten(self, right, x, gamma, beta, bn_param):
        """ε is missing. A feature that is the same in the whole batch then divides by zero."""
        mean, var, _ = self.statistics(x, bn_param)
        return {"out": self.out(x, mean, var, gamma, beta, 0)}

    @mistake
    def divides_by_variance(self, right, x, gamma, beta, bn_param):
        """You divide by the variance. Unit variance comes from dividing by its square root."""
        mean, var, eps = self.statistics(x, bn_param)
        return {"out": self.out(x, mean, (var + eps) ** 2, gamma, beta, 0)}

    @mistake
    def test_mode_uses_the_batch(self, right, x, gamma, beta, bn_param):
        """In test mode you normalise by the batch's own mean and variance, so an answer depends
        on which other examples are asked about. Test mode uses the running statistics."""
        if bn_param["mode"] == "test":
            eps = bn_param.get("eps", 1e-5)
            return {"out": self.out(x, x.mean(self.axes), x.var(self.axes), gamma, beta, eps)}

    @mistake
    def training_uses_the_running_statistics(self, right, x, gamma, beta, bn_param):
        """In training mode you normalise by the running statistics. They are kept for later;
        while training, the batch's own mean and variance normalise it."""
        if bn_param["mode"] == "train":
            eps = bn_param.get("eps", 1e-5)
            mean, var = right["running_mean"], right["running_var"]
            return {"out": self.out(x, mean, var, gamma, beta, eps)}

    @mistake
    def running_statistics_not_written_back(self, right, x, gamma, beta, bn_param):
        """The running mean and variance do not arrive in bn_param. It is the only place where
        they survive until the next call: write them back into it."""
        if bn_param["mode"] == "train":
            return {name: bn_param.get(name) for name in ("running_mean", "running_var")}

    @mistake
    def test_mode_updates_the_running_statistics(self, right, x, gamma, beta, bn_param):
        """Test mode changes the running statistics. Looking at test data must leave the layer as
        it was."""
        if bn_param["mode"] == "test":
            return self.kept(bn_param, x, x.mean(self.axes), x.var(self.axes))

    @mistake
    def running_variance_starts_at_one(self, right, x, gamma, beta, bn_param):
        """When bn_param holds no running variance, it starts at 0 here, as the running mean does.
        Yours starts at 1, as torch's does."""
        if bn_param["mode"] == "train" and "running_var" not in bn_param:
            share = bn_param.get("momentum", 0.9)
            return {"running_var": right["running_var"] + x.dtype.type(share)}

    @mistake
    def running_standard_deviation(self, right, x, gamma, beta, bn_param):
        """running_var averages standard deviations. It is to average variances; the root is taken
        when it is used."""
        if bn_param["mode"] == "train":
            std = np.sqrt(x.var(self.axes))
            return {"running_var": self.kept(bn_param, x, 0, std)["running_var"]}

    @mistake
    def default_eps_of_keras(self, right, x, gamma, beta, bn_param):
        """Where bn_param has no "eps", the default is 1e-5. Yours is 1e-3, which is Keras's."""
        if "eps" not in bn_param:
            mean, var, _ = self.statistics(x, bn_param)
            return {"out": self.out(x, mean, var, gamma, beta, 1e-3)}

    @mistake
    def one_statistic_for_everything(self, right, x, gamma, beta, bn_param):
        """You take one mean and one variance of the whole array. Every feature has its own."""
        if bn_param["mode"] == "train":
            eps = bn_param.get("eps", 1e-5)
            mean, var = np.full(x.shape[1], x.mean()), np.full(x.shape[1], x.var())
            return {
                "out": self.out(x, mean, var, gamma, beta, eps),
                **self.kept(bn_param, x, x.mean(), x.var()),
            }

    @mistake
    def gamma_and_beta_swapped(self, right, x, gamma, beta, bn_param):
        """γ and β have changed places: γ multiplies, β is added."""
        mean, var, eps = self.statistics(x, bn_param)
        return {"out": self.out(x, mean, var, beta, gamma, eps)}


class batchnorm_forward(BatchNormForward):
    """Batch normalization over a mini-batch (Ioffe & Szegedy 2015, algorithm 1)."""

    minutes = 12
    difficulty = 2
    hints = (
        "Compute one mean and one variance per feature: over which axis is that?",
        "In training mode the batch's own statistics normalise; the running ones are only kept "
        "up to date. In test mode it is the other way round.",
        "bn_param is a dict that outlives the call. What the next call must know goes into it.",
    )

    def cases(self, rng):
        gamma, beta = affine(rng, 4)
        layer = {"gamma": gamma, "beta": beta}
        kept = running(rng, 4)
        settings = {"eps": 1e-3, "momentum": 0.7}
        yield Case(
            "training mode", 2,
            x=features(rng, 6, 4), **layer, bn_param={"mode": "train"} | settings | kept,
        )  # fmt: skip
        yield Case(
            "first batch, defaults", 1, x=features(rng, 5, 4), **layer, bn_param={"mode": "train"}
        )
        still = features(rng, 6, 4)
        still[:, 1] = 3 + 1e-3 * rng.normal(size=6)
        yield Case(
            "a feature that hardly varies", 1,
            x=still, **layer, bn_param={"mode": "train"} | kept,
        )  # fmt: skip
        yield Case(
            "test mode", 2,
            x=features(rng, 3, 4), **layer, bn_param={"mode": "test"} | settings | kept,
        )  # fmt: skip
        yield Case(
            "test mode, one example, defaults", 1,
            x=features(rng, 1, 4), **layer, bn_param={"mode": "test"} | kept,
        )  # fmt: skip
        yield Case(
            "training on a batch of one", 1,
            x=features(rng, 1, 4), **layer, bn_param={"mode": "train"} | settings | kept,
        )  # fmt: skip
        single = {name: value.astype(np.float32) for name, value in (layer | kept).items()}
        yield Case(
            "single precision", 1,
            x=features(rng, 7, 4).astype(np.float32), gamma=single["gamma"], beta=single["beta"],
            bn_param={"mode": "train", "running_mean": single["running_mean"],
                      "running_var": single["running_var"]},
        )  # fmt: skip

    def observe(self, code, x, gamma, beta, bn_param):
        out, _ = code.batchnorm_forward(x, gamma, beta, bn_param)
        return {
            "out": out,
            "running_mean": bn_param.get("running_mean"),
            "running_var": bn_param.get("running_var"),
        }

    @mistake
    def statistics_of_each_example(self, right, x, gamma, beta, bn_param):
        """You normalise every example by the mean and variance of its own features. That is layer
        norm; batch norm normalises every feature over the batch."""
        if bn_param["mode"] == "train":
            eps = bn_param.get("eps", 1e-5)
            mean, var = x.mean(1, keepdims=True), x.var(1, keepdims=True)
            return {"out": normalized(x, mean, var, gamma, beta, eps)}


# The backward pass, node by node.


def node_inputs(rng, n, d, eps, nudge=0.0):
    """The nodes of batch norm's graph for a batch; `nudge` moves the mean off the batch's own."""
    x = features(rng, n, d)
    mean = x.mean(0) + nudge * rng.uniform(0.5, 1, d)
    var = ((x - mean) ** 2).mean(0)
    return {"dxhat": rng.normal(size=(n, d)), "x": x, "mean": mean, "var": var, "eps": eps}


def gradient(output, upstream, leaf):
    """d(Σ output·upstream)/d(leaf), by autograd."""
    return torch.autograd.grad(output, leaf, upstream)[0]


class bn_dxhat(Exercise):
    """First stage: from dout back to dx̂, through γ·x̂ + β."""

    signature = "bn_dxhat(dout, gamma) -> dxhat"
    minutes = 2
    hints = ("Each entry of x̂ is used once, multiplied by one entry of γ.",)

    def cases(self, rng):
        for name, n, d in [("five examples", 5, 3), ("one example", 1, 4)]:
            gamma, _ = affine(rng, d)
            yield Case(name, 1, dout=rng.normal(1, 2, (n, d)), gamma=gamma)

    def observe(self, code, dout, gamma):
        return {"dxhat": code.bn_dxhat(dout, gamma)}

    def reference(self, dout, gamma):
        dout, gamma = (torch.tensor(a, device=self.device) for a in (dout, gamma))
        xhat = torch.zeros_like(dout, requires_grad=True)
        return {"dxhat": gradient(xhat * gamma, dout, xhat)}

    @mistake
    def gamma_forgotten(self, right, dout, gamma):
        """Your dx̂ is dout itself: the γ that multiplies x̂ on the way forward is missing."""
        return {"dxhat": dout}

    @mistake
    def divided_by_gamma(self, right, dout, gamma):
        """You divide by γ. Going back through a product multiplies by the other factor."""
        return {"dxhat": dout / gamma}

    @mistake
    def summed_over_the_batch(self, right, dout, gamma):
        """You sum over the batch. That is for what all examples share, as γ is; every example has
        its own x̂, so dx̂ has the shape of dout."""
        return {"dxhat": right["dxhat"].sum(0)}

    @mistake
    def averaged_over_the_batch(self, right, dout, gamma):
        """You divide by the batch size. If the loss is a mean, dout brings that with it."""
        if len(dout) > 1:
            return {"dxhat": right["dxhat"] / len(dout)}

    @mistake
    def size_of_gamma(self, right, dout, gamma):
        """You multiply by the size of γ and lose its sign. A learned γ may be negative."""
        return {"dxhat": dout * np.abs(gamma)}


class bn_dvar(Exercise):
    """Second stage: from dx̂ back to the variance, which every example has used."""

    signature = "bn_dvar(dxhat, x, mean, var, eps) -> dvar"
    minutes = 5
    difficulty = 2
    hints = (
        "Write x̂ as (x − mean) times a power of (var + eps). Which power, and its derivative?",
        "All N examples of a feature are divided by the same number, so all N send something "
        "back to it.",
    )

    def cases(self, rng):
        yield Case("five examples", 2, **node_inputs(rng, 5, 3, 1e-3))
        small = node_inputs(rng, 4, 3, 1e-5)
        small["x"] = small["mean"] + 1e-3 * rng.normal(size=(4, 3))
        small["mean"], small["var"] = small["x"].mean(0), small["x"].var(0)
        yield Case("features that hardly vary", 1, **small)

    def observe(self, code, dxhat, x, mean, var, eps):
        return {"dvar": code.bn_dvar(dxhat, x, mean, var, eps)}

    def reference(self, dxhat, x, mean, var, eps):
        dxhat, x, mean, var = (torch.tensor(a, device=self.device) for a in (dxhat, x, mean, var))
        var.requires_grad_()
        return {"dvar": judged(gradient((x - mean) / torch.sqrt(var + eps), dxhat, var))}

    @mistake
    def sign_of_the_power(self, right, dxhat, x, mean, var, eps):
        """The sign is turned: a larger variance makes every x̂ smaller in size."""
        return {"dvar": -right["dvar"]}

    @mistake
    def half_forgotten(self, right, dxhat, x, mean, var, eps):
        """Twice too large: the derivative of a power brings its exponent down as a factor, and
        for a root that exponent is a half."""
        return {"dvar": 2 * right["dvar"]}

    @mistake
    def exponent_not_lowered(self, right, dxhat, x, mean, var, eps):
        """The exponent of (var + eps) is one too high: the derivative of a power lowers it by
        one, from −1/2 to what?"""
        return {"dvar": right["dvar"] * (var + eps)}

    @mistake
    def mean_instead_of_sum(self, right, dxhat, x, mean, var, eps):
        """You average over the batch. Contributions to a shared node are summed; the 1/N of the
        variance comes later, on the way from the variance to x."""
        return {"dvar": right["dvar"] / len(x)}

    @mistake
    def eps_forgotten(self, right, dxhat, x, mean, var, eps):
        """ε is missing on the way back: it stands beside the variance under the same root."""
        return {"dvar": right["dvar"] * ((var + eps) / var) ** 1.5}

    @mistake
    def not_centred(self, right, dxhat, x, mean, var, eps):
        """You multiply by x. What is divided on the way forward is x minus its mean."""
        return {"dvar": -0.5 * (dxhat * x).sum(0) / (var + eps) ** 1.5}

    @mistake
    def not_summed(self, right, dxhat, x, mean, var, eps):
        """One value an example is left. The variance is one number a feature, which all examples
        share, so their contributions are summed."""
        return {"dvar": -0.5 * dxhat * (x - mean) / (var + eps) ** 1.5}


class bn_dmean(Exercise):
    """Third stage: back to the mean, by both of its paths."""

    signature = "bn_dmean(dxhat, dvar, x, mean, var, eps) -> dmean"
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
        """Right for the batch's own mean, where the path through the variance sums to zero,
        because the deviations do. The graph has that path, and when the mean is nudged it
        counts."""
        direct, by_variance = self.paths(**nodes)
        return {"dmean": direct}

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
    def mean_instead_of_sum(self, right, **nodes):
        """You average over the batch on the direct path. Every example subtracts the whole mean,
        so what they send back is summed; the 1/N comes later, from the mean to x."""
        direct, by_variance = self.paths(**nodes)
        return {"dmean": direct / len(nodes["x"]) + by_variance}

    @mistake
    def eps_forgotten(self, right, **nodes):
        """ε is missing on the direct path: x − mean is divided by the root of var + eps."""
        direct, by_variance = self.paths(**nodes | {"eps": 0.0})
        return {"dmean": direct + by_variance}

    @mistake
    def not_summed(self, right, **nodes):
        """One value an example is left. All examples share the mean, so their contributions are
        summed, and dmean has one value a feature."""
        _, by_variance = self.paths(**nodes)
        return {"dmean": -nodes["dxhat"] / np.sqrt(nodes["var"] + nodes["eps"]) + by_variance}


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


class BatchNormBackward(NormalizationBackward, abstract=True):
    """Both ways of writing the backward pass: the same cases, the same oracle."""

    needs = ("batchnorm_forward",)
    modifies = ("bn_param",)

    def cases(self, rng):
        gamma, beta = affine(rng, 3)
        layer = {"gamma": gamma, "beta": beta}
        yield Case(
            "six examples", 2,
            x=features(rng, 6, 3), **layer, bn_param={"mode": "train", "eps": 1e-2},
            dout=rng.normal(0.5, 1, (6, 3)),
        )  # fmt: skip
        still = features(rng, 5, 3)
        still[:, 2] = 1 + 1e-3 * rng.normal(size=5)
        yield Case(
            "a feature that hardly varies", 1,
            x=still, **layer, bn_param={"mode": "train"}, dout=rng.normal(0.5, 1, (5, 3)),
        )  # fmt: skip
        yield Case(
            "a batch of one", 1,
            x=features(rng, 1, 3), **layer, bn_param={"mode": "train"}, dout=rng.normal(1, 1, (1, 3)),
        )  # fmt: skip
        single = [a.astype(np.float32) for a in (features(rng, 7, 3), gamma, beta)]
        yield Case(
            "single precision", 1,
            x=single[0], gamma=single[1], beta=single[2], bn_param={"mode": "train"},
            dout=rng.normal(0.5, 1, (7, 3)).astype(np.float32),
        )  # fmt: skip

    def paths(self, x, gamma, beta, bn_param, dout):
        return terms(x, dout * gamma, bn_param.get("eps", 1e-5), (0,))

    def read(self, seen, x, gamma, beta, bn_param, dout):
        """Adds the first stage that can be to blame for a wrong dx; nothing where dx is right.

        A wrong dmean moves a whole feature by the same amount, a wrong dvar adds a multiple of
        x − mean on top of that; whatever neither explains came before them, from dx̂.
        """
        dx = np.asarray(seen["dx"])
        right = self.gradients(x, gamma, beta, bn_param, dout)["dx"].cpu().numpy()
        return seen | {STAGE: blamed(dx, right, self.paths(x, gamma, beta, bn_param, dout).xhat)}

    def altered(self, dx, x, gamma, beta, bn_param, dout):
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
        return found | {STAGE: "none"}

    @mistake
    def stage_dxhat(self, right, x, **inputs):
        """Your dx is off in a way that neither the mean nor the variance can cause. Look at dx̂
        first, or at the sum in which the three paths meet."""
        if len(x) == 6:
            return {STAGE: "dxhat"}

    @mistake
    def stage_dvar(self, right, x, **inputs):
        """Your dx is off by a multiple of x − mean in each feature. That is what a wrong dvar
        does, or a wrong path from the variance to x; your dx̂ is right."""
        if len(x) == 6:
            return {STAGE: "dvar"}

    @mistake
    def stage_dmean(self, right, x, **inputs):
        """Your dx is off by the same amount in all rows of a feature. That is what a wrong dmean
        does, or a wrong path from the mean to x; your dx̂ and dvar are right."""
        if len(x) == 6:
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
