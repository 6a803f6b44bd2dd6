"""What all of notebook 06 draws its inputs from, and what batch norm's two forward passes share."""

import numpy as np
import torch

from autograder.exercise import Exercise, Setting, mistake, near, raises
from autograder.exercises.batchnorm.variants import in_mode, narrowed


def features(rng, n, d, scale=1.0):
    """Rows whose features differ in mean and spread, so that none can stand for another."""
    return scale * rng.normal(size=(n, d)) * rng.uniform(0.5, 3, d) + rng.normal(0, 2, d)


def gamma_and_beta(rng, d):
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
    """The variance with n-1 below, in the dtype of x: not a number for one value."""
    return x.var(axis) * x.dtype.type(count) / x.dtype.type(count - 1)


class BatchNormForward(Exercise, abstract=True):
    """What batch norm's two forward exercises share: `axes` are those that are averaged over."""

    signature = "batchnorm_forward(x, gamma, beta, bn_param) -> out, cache"
    modifies = ("bn_param",)
    settings = {
        "eps": Setting(1e-5, others=(1e-3, 1e-8), inside="bn_param"),
        "momentum": Setting(0.9, others=(0.99, 0.1), inside="bn_param"),
    }
    reads = {
        "running_mean": "your `bn_param['running_mean']`",
        "running_var": "your `bn_param['running_var']`",
    }
    axes: tuple[int, ...] = (0,)

    def column(self, values, x):
        """One value a feature (or channel), shaped so that it broadcasts against x."""
        return np.reshape(values, [-1 if axis == 1 else 1 for axis in range(x.ndim)])

    def before(self, bn_param, x, start=0):
        """The running mean and variance before the call."""
        zeros = np.zeros(x.shape[1], x.dtype)
        return (
            bn_param.get("running_mean", zeros),
            bn_param.get("running_var", zeros + x.dtype.type(start)),
        )

    def statistics(self, x, bn_param):
        """(mean, var, eps) that normalise, each of them as the mode says."""
        eps = bn_param.get("eps", 1e-5)
        if bn_param["mode"] == "train":
            return x.mean(self.axes), x.var(self.axes), eps
        return *self.before(bn_param, x), eps

    def out(self, x, mean, var, gamma, beta, eps):
        mean, var, gamma, beta = (self.column(v, x) for v in (mean, var, gamma, beta))
        return normalized(x, mean, var, gamma, beta, eps)

    def kept(self, bn_param, x, mean, var, start=0):
        """The running statistics after a batch with this mean and variance."""
        m = bn_param.get("momentum", 0.9)
        old_mean, old_var = self.before(bn_param, x, start)
        return {
            "running_mean": m * old_mean + (1 - m) * mean,
            "running_var": m * old_var + (1 - m) * var,
        }

    def turned(self, bn_param):
        return bn_param | {"momentum": 1 - bn_param.get("momentum", 0.9)}

    def reference(self, x, gamma, beta, bn_param):
        training = bn_param["mode"] == "train"
        eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
        known = training or "running_mean" in bn_param
        x, gamma, beta, mean, var = (
            torch.tensor(a, device=self.device)
            for a in (x, gamma, beta, *self.before(bn_param, x))
        )
        # Not F.batch_norm: it refuses a batch of one.
        out = torch.batch_norm(
            x, gamma, beta, mean.clone(), var.clone(), training, 0.0, eps, False
        )  # fmt: skip
        if training:
            # torch keeps the unbiased variance; the course keeps the one that normalised.
            mean = momentum * mean + (1 - momentum) * x.mean(self.axes)
            var = momentum * var + (1 - momentum) * x.var(self.axes, correction=0)
        # Test mode that finds no statistics may write down the zeros that it took, or not.
        kept = {"running_mean": judged(mean), "running_var": judged(var)} if known else {}
        return {"out": judged(out), **kept}

    # γ and β, ε, and what is divided by what.

    @mistake
    def no_affine_in_test_mode(self, right, x, gamma, beta, bn_param):
        """You apply γ and β only while training. They belong to the layer, in test mode too."""
        if bn_param["mode"] == "test":
            mean, var, eps = self.statistics(x, bn_param)
            return {"out": self.out(x, mean, var, np.ones_like(gamma), 0 * beta, eps)}

    @mistake
    def gamma_and_beta_swapped(self, right, x, gamma, beta, bn_param):
        """Your γ and β have changed places: γ multiplies, β is added."""
        mean, var, eps = self.statistics(x, bn_param)
        return {"out": self.out(x, mean, var, beta, gamma, eps)}

    @mistake
    def no_affine(self, right, x, gamma, beta, bn_param):
        """Your output is x̂ itself: it still has to be multiplied by γ and shifted by β."""
        return {"out": self.out(x, *self.statistics(x, bn_param)[:2], np.ones_like(gamma),
                                0 * beta, bn_param.get("eps", 1e-5))}  # fmt: skip

    @mistake
    def gamma_forgotten(self, right, x, gamma, beta, bn_param):
        """γ is missing from your output: it multiplies x̂ before β is added."""
        mean, var, eps = self.statistics(x, bn_param)
        return {"out": self.out(x, mean, var, np.ones_like(gamma), beta, eps)}

    @mistake
    def beta_forgotten(self, right, x, gamma, beta, bn_param):
        """β is missing from your output: it is added last, after γ has multiplied."""
        mean, var, eps = self.statistics(x, bn_param)
        return {"out": self.out(x, mean, var, gamma, 0 * beta, eps)}

    gamma_forgotten_in_test_mode = in_mode(
        "test", gamma_forgotten,
        """In test mode γ is missing from your output. It multiplies x̂ in both modes.""",
    )  # fmt: skip
    gamma_forgotten_in_training = in_mode(
        "train", gamma_forgotten,
        """In training mode γ is missing from your output. It multiplies x̂ in both modes.""",
    )  # fmt: skip
    beta_forgotten_in_test_mode = in_mode(
        "test", beta_forgotten,
        """In test mode β is missing from your output. It is added last in both modes.""",
    )  # fmt: skip
    beta_forgotten_in_training = in_mode(
        "train", beta_forgotten,
        """In training mode β is missing from your output. It is added last in both modes.""",
    )  # fmt: skip

    @mistake
    def beta_scaled(self, right, x, gamma, beta, bn_param):
        """You multiply β by γ as well. The shift comes last: first γ times x̂, then plus β."""
        mean, var, eps = self.statistics(x, bn_param)
        return {"out": self.out(x, mean, var, gamma, gamma * beta, eps)}

    @mistake
    def eps_outside_the_root(self, right, x, gamma, beta, bn_param):
        """You add ε to the standard deviation. It belongs under the square root, beside the
        variance, where it protects far better: √1e-5 is 0.003."""
        mean, var, eps = self.statistics(x, bn_param)
        return {"out": self.out(x, mean, (np.sqrt(var) + eps) ** 2, gamma, beta, 0)}

    eps_outside_in_test_mode = in_mode(
        "test", eps_outside_the_root,
        """In test mode you add ε to the standard deviation. It belongs under the square root there
        too, beside the running variance.""",
    )  # fmt: skip
    @mistake
    def eps_outside_and_no_affine_in_test_mode(self, right, x, gamma, beta, bn_param):
        """Two things are off in test mode: γ and β are left out, which belong to the layer in both
        modes, and you add ε to the standard deviation. It belongs under the square root."""
        plain = {"gamma": np.ones_like(gamma), "beta": 0 * beta, "bn_param": bn_param}
        if bn_param["mode"] == "test":
            return self.eps_outside_the_root(right, x, **plain)

    eps_outside_in_training = in_mode(
        "train", eps_outside_the_root,
        """In training mode you add ε to the standard deviation. It belongs under the square root
        there too, beside the batch's variance.""",
    )  # fmt: skip

    @mistake
    def eps_forgotten(self, right, x, gamma, beta, bn_param):
        """You divide without ε. A feature that is the same in the whole batch then divides by
        zero: add ε to the variance, under the root."""
        mean, var, _ = self.statistics(x, bn_param)
        return {"out": self.out(x, mean, var, gamma, beta, 0)}

    eps_forgotten_in_test_mode = in_mode(
        "test", eps_forgotten,
        """In test mode you divide without ε. It stands under the root in both modes.""",
    )  # fmt: skip
    eps_forgotten_in_training = in_mode(
        "train", eps_forgotten,
        """In training mode you divide without ε. It stands under the root in both modes.""",
    )  # fmt: skip

    @mistake
    def eps_as_a_bound(self, right, x, gamma, beta, bn_param):
        """You take the larger of variance and ε. ε is added to the variance, whatever its size."""
        mean, var, eps = self.statistics(x, bn_param)
        return {"out": self.out(x, mean, np.maximum(var, eps), gamma, beta, 0)}

    @mistake
    def variance_of_zero_taken_for_one(self, right, x, gamma, beta, bn_param):
        """Where the variance is 0 you put 1 in its place. With ε beside it nothing is divided by 0:
        the root of ε is what such a feature is divided by."""
        mean, var, eps = self.statistics(x, bn_param)
        return {"out": self.out(x, mean, np.where(var == 0, 1, var), gamma, beta, eps)}

    @mistake
    def eps_of_zero_ignored(self, right, x, gamma, beta, bn_param):
        """You put the default 1e-5 in place of an `eps` of 0, as `or` does. The default is for a
        bn_param without the key; 0 is a number like any other."""
        if bn_param.get("eps") == 0:
            mean, var, _ = self.statistics(x, bn_param)
            return {"out": self.out(x, mean, var, gamma, beta, 1e-5)}

    @mistake
    def divides_by_variance(self, right, x, gamma, beta, bn_param):
        """You divide by the variance. Unit variance comes from dividing by its square root."""
        mean, var, eps = self.statistics(x, bn_param)
        return {"out": self.out(x, mean, (var + eps) ** 2, gamma, beta, 0)}

    divides_by_variance_in_test_mode = in_mode(
        "test", divides_by_variance,
        """In test mode you divide by the running variance. What is divided by is the square root
        of it, with ε under the root, as in training.""",
    )  # fmt: skip
    divides_by_variance_in_training = in_mode(
        "train", divides_by_variance,
        """In training mode you divide by the variance. Unit variance comes from dividing by its
        square root.""",
    )  # fmt: skip

    @mistake
    def not_centred(self, right, x, gamma, beta, bn_param):
        """You divide x without subtracting the mean first. x̂ is (x − mean) by the root."""
        _, var, eps = self.statistics(x, bn_param)
        return {"out": self.out(x, np.zeros_like(var), var, gamma, beta, eps)}

    @mistake
    def not_divided(self, right, x, gamma, beta, bn_param):
        """You subtract the mean and do not divide by the standard deviation."""
        mean, var, _ = self.statistics(x, bn_param)
        return {"out": self.out(x, mean, np.ones_like(var), gamma, beta, 0)}

    # Whose statistics, and over what.

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

    unbiased_variance_in_the_output = narrowed(
        unbiased_variance, ("out",),
        """You normalise by a variance that is divided by one less than the number of values. Batch
        norm normalises by the biased variance, divided by their number.""",
    )  # fmt: skip

    @mistake
    def mean_square_for_variance(self, right, x, gamma, beta, bn_param):
        """Your variance is the mean of x². Take the mean of the squared deviations: the batch's
        mean is subtracted before squaring."""
        if bn_param["mode"] == "train":
            mean, _, eps = self.statistics(x, bn_param)
            var = (x**2).mean(self.axes)
            return {"out": self.out(x, mean, var, gamma, beta, eps),
                    "running_var": self.kept(bn_param, x, mean, var)["running_var"]}  # fmt: skip

    @mistake
    def test_mode_uses_the_batch(self, right, x, gamma, beta, bn_param):
        """In test mode you normalise by the batch's own mean and variance, so an answer depends
        on which other examples are asked about. Test mode uses the running statistics."""
        if bn_param["mode"] == "test":
            eps = bn_param.get("eps", 1e-5)
            return {"out": self.out(x, x.mean(self.axes), x.var(self.axes), gamma, beta, eps)}

    @mistake
    def test_mode_wants_statistics(self, right, x, gamma, beta, bn_param):
        """In test mode your code stops when bn_param holds no running statistics yet. They start
        at 0 when absent, in test mode too."""
        if bn_param["mode"] == "test" and "running_mean" not in bn_param:
            return {"out": raises("KeyError", "running_")}

    @mistake
    def training_uses_the_running_statistics(self, right, x, gamma, beta, bn_param):
        """In training mode you normalise by the running statistics, those with this batch already
        in them. They are kept for later; while training, the batch's own mean and variance
        normalise it."""
        if bn_param["mode"] == "train":
            eps = bn_param.get("eps", 1e-5)
            mean, var = right["running_mean"], right["running_var"]
            return {"out": self.out(x, mean, var, gamma, beta, eps)}

    @mistake
    def training_uses_the_old_statistics(self, right, x, gamma, beta, bn_param):
        """In training mode you normalise by the running statistics of before. While training, the
        batch's own mean and variance normalise it."""
        if bn_param["mode"] == "train":
            eps = bn_param.get("eps", 1e-5)
            return {"out": self.out(x, *self.before(bn_param, x), gamma, beta, eps)}

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

    # In one mode only.

    not_centred_in_test_mode = in_mode(
        "test", not_centred,
        """In test mode you do not subtract the running mean. x̂ is (x − mean) by the root in both
        modes.""",
    )  # fmt: skip
    not_divided_in_test_mode = in_mode(
        "test", not_divided,
        """In test mode you do not divide by the root of the running variance. x̂ is (x − mean) by
        the root in both modes.""",
    )  # fmt: skip

    @mistake
    def not_normalised_in_test_mode(self, right, x, gamma, beta, bn_param):
        """In test mode you apply γ and β to x as it is. It is normalised there as well, by the
        running statistics."""
        if bn_param["mode"] == "test":
            return {"out": self.column(gamma, x) * x + self.column(beta, x)}

    def eps_of_its_own(self, right, x, gamma, beta, bn_param):
        if bn_param.get("eps", 1e-5) != 1e-5:
            mean, var, _ = self.statistics(x, bn_param)
            return {"out": self.out(x, mean, var, gamma, beta, 1e-5)}

    eps_not_read_in_test_mode = in_mode(
        "test", eps_of_its_own,
        """In test mode ε is 1e-5 whatever bn_param says. Its `eps` counts in both modes.""",
    )  # fmt: skip
    eps_not_read_in_training = in_mode(
        "train", eps_of_its_own,
        """In training mode ε is 1e-5 whatever bn_param says. Its `eps` counts in both modes.""",
    )  # fmt: skip

    @mistake
    def two_roots_added(self, right, x, gamma, beta, bn_param):
        """You take the root of the variance and that of ε, and add them. The root is taken once,
        of their sum."""
        mean, var, eps = self.statistics(x, bn_param)
        return {"out": self.out(x, mean, (np.sqrt(var) + np.sqrt(eps)) ** 2, gamma, beta, 0)}
