"""Batch normalization forward, and what all of notebook 06 draws its inputs from. The way back,
its relatives, its use in nets and the questions are next door, in `batchnorm_*`."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near


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
        zeros = np.zeros(x.shape[1], x.dtype)
        x, gamma, beta = (torch.tensor(a, device=self.device) for a in (x, gamma, beta))
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
    def deviation_for_variance(self, right, x, gamma, beta, bn_param):
        """What you call the variance is a standard deviation: ε and the root come on top of it,
        and running_var averages it. Take the variance; the root is taken once."""
        if bn_param["mode"] == "train":
            mean, var, _ = self.statistics(x, bn_param)
            std = np.sqrt(var)
            out = self.out(x, mean, std, gamma, beta, bn_param.get("eps", 1e-5))
            kept = self.kept(bn_param, x, 0, np.sqrt(x.var(self.axes)))["running_var"]
            return {"out": out, "running_var": kept}

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
        # γ = 1 and β = 0 part two mistakes of test mode that would hide each other elsewhere.
        yield Case(
            "test mode, one example, γ = 1, β = 0", 1,
            x=features(rng, 1, 4), gamma=np.ones(4), beta=np.zeros(4),
            bn_param={"mode": "test"} | kept,
        )  # fmt: skip
        yield Case(
            "training on a batch of one", 1,
            x=features(rng, 1, 4), **layer, bn_param={"mode": "train"} | settings | kept,
        )  # fmt: skip
        single = {name: value.astype(np.float32) for name, value in layer.items()}
        yield Case(
            "first batch in single precision", 1,
            x=features(rng, 7, 4).astype(np.float32), **single, bn_param={"mode": "train"},
        )  # fmt: skip

    def observe(self, code, x, gamma, beta, bn_param):
        out, _ = code.batchnorm_forward(x, gamma, beta, bn_param)
        return {
            "out": out,
            "running_mean": bn_param.get("running_mean"),
            "running_var": bn_param.get("running_var"),
        }

    @mistake
    def running_statistics_in_double_precision(self, right, x, gamma, beta, bn_param):
        """The running statistics of float32 data become float64, because the zeros that they
        start from are. In test mode they would make everything behind this layer float64."""
        if x.dtype == np.float32:
            return {n: right[n].astype(np.float64) for n in ("running_mean", "running_var")}

    @mistake
    def statistics_of_each_example(self, right, x, gamma, beta, bn_param):
        """You normalise every example by the mean and variance of its own features. That is layer
        norm; batch norm normalises every feature over the batch."""
        if bn_param["mode"] == "train":
            eps = bn_param.get("eps", 1e-5)
            mean, var = x.mean(1, keepdims=True), x.var(1, keepdims=True)
            return {"out": normalized(x, mean, var, gamma, beta, eps)}
