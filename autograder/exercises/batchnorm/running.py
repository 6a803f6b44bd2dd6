"""What goes wrong with batch norm's running statistics (notebook 06)."""

import numpy as np

from autograder.exercise import mistake
from autograder.exercises.batchnorm.normalizing import BatchNormForward, unbiased
from autograder.exercises.batchnorm.variants import narrowed


class RunningStatistics(BatchNormForward, abstract=True):
    """The mistakes that show in what bn_param holds after the call."""

    @mistake
    def momentum_is_share_of_new(self, right, x, gamma, beta, bn_param):
        """Your momentum is the share of the new batch, as torch's is. Here it is the share of the
        OLD running value that is kept."""
        if bn_param["mode"] == "train":
            return self.kept(self.turned(bn_param), x, x.mean(self.axes), x.var(self.axes))

    momentum_turned_for_the_variance = narrowed(
        momentum_is_share_of_new, ("running_var",),
        """In your running variance momentum is the share of the new batch. It is the share of the
        OLD running value that is kept, for the variance as for the mean.""",
    )  # fmt: skip
    momentum_turned_for_the_mean = narrowed(
        momentum_is_share_of_new, ("running_mean",),
        """In your running mean momentum is the share of the new batch. It is the share of the OLD
        running value that is kept, for the mean as for the variance.""",
    )  # fmt: skip

    @mistake
    def momentum_of_zero_ignored(self, right, x, gamma, beta, bn_param):
        """You put the default 0.9 in place of a `momentum` of 0, as `or` does. The default is for
        a bn_param without the key; with 0 nothing of the old value is kept."""
        if bn_param["mode"] == "train" and bn_param.get("momentum") == 0:
            return self.kept(bn_param | {"momentum": 0.9}, x, x.mean(self.axes), x.var(self.axes))

    @mistake
    def share_of_new_and_starts_at_one(self, right, x, gamma, beta, bn_param):
        """Your running statistics follow torch twice: momentum is the share of the new batch, and
        the variance starts at 1. Here momentum is the share of the OLD value, and both start at
        0."""
        if bn_param["mode"] == "train":
            turned = self.turned(bn_param)
            return self.kept(turned, x, x.mean(self.axes), x.var(self.axes), start=1)

    @mistake
    def running_statistics_as_torch_has_them(self, right, x, gamma, beta, bn_param):
        """Your running statistics are torch's: momentum is the share of the new batch, the variance
        starts at 1 and is unbiased. Here momentum is the share of the OLD value, both start at 0,
        and the variance is the biased one that normalised the batch."""
        if bn_param["mode"] == "train":
            var = unbiased(x, self.axes, x.size // x.shape[1])
            return self.kept(self.turned(bn_param), x, x.mean(self.axes), var, start=1)

    @mistake
    def unbiased_running_variance(self, right, x, gamma, beta, bn_param):
        """Your running variance keeps the unbiased variance of each batch. That is torch's
        convention; here it keeps the same biased variance that normalises the batch."""
        if bn_param["mode"] == "train":
            var = unbiased(x, self.axes, x.size // x.shape[1])
            return {"running_var": self.kept(bn_param, x, 0, var)["running_var"]}

    @mistake
    def running_statistics_not_written_back(self, right, x, gamma, beta, bn_param):
        """The running mean and variance do not arrive in bn_param. It is the only place where
        they survive until the next call: write them back into it."""
        if bn_param["mode"] == "train":
            return {name: bn_param.get(name) for name in ("running_mean", "running_var")}

    running_variance_not_written_back = narrowed(
        running_statistics_not_written_back, ("running_var",),
        """The running variance does not arrive in bn_param. Write it back, as the running mean.""",
    )  # fmt: skip
    running_mean_not_written_back = narrowed(
        running_statistics_not_written_back, ("running_mean",),
        """The running mean does not arrive in bn_param. Write it back, as the running variance.""",
    )  # fmt: skip

    @mistake
    def test_mode_updates_the_running_statistics(self, right, x, gamma, beta, bn_param):
        """Test mode changes your running statistics. Looking at test data must leave the layer as
        it was."""
        if bn_param["mode"] == "test" and "running_mean" in bn_param:
            return self.kept(bn_param, x, x.mean(self.axes), x.var(self.axes))

    @mistake
    def running_variance_starts_at_one(self, right, x, gamma, beta, bn_param):
        """When bn_param holds no running variance, yours starts at 1, as torch's does. It starts at
        0 here, as the running mean does."""
        if "running_var" in bn_param:
            return None
        if bn_param["mode"] == "train":
            return {"running_var": self.kept(bn_param, x, 0, x.var(self.axes), 1)["running_var"]}
        mean, var = self.before(bn_param, x, start=1)
        return {"out": self.out(x, mean, var, gamma, beta, bn_param.get("eps", 1e-5))}

    @mistake
    def first_batch_taken_whole(self, right, x, gamma, beta, bn_param):
        """When bn_param holds no running statistics, yours are those of the first batch, whole.
        They start at 0, and the first batch has the share 1 − momentum, as every other."""
        if bn_param["mode"] == "train" and "running_mean" not in bn_param:
            return {"running_mean": x.mean(self.axes), "running_var": x.var(self.axes)}

    first_variance_taken_whole = narrowed(
        first_batch_taken_whole, ("running_var",),
        """When bn_param holds no running variance, yours is that of the first batch, whole. It
        starts at 0, and the first batch has the share 1 − momentum, as every other.""",
    )  # fmt: skip

    @mistake
    def running_statistics_overwritten(self, right, x, gamma, beta, bn_param):
        """Your running statistics are those of the last batch: the old values are overwritten.
        Keep the share `momentum` of the old value, and add the rest of the new one."""
        if bn_param["mode"] == "train":
            return {"running_mean": x.mean(self.axes), "running_var": x.var(self.axes)}

    @mistake
    def new_value_in_full(self, right, x, gamma, beta, bn_param):
        """Your running statistics add the batch's values in full to the share of the old ones, so
        they grow with every call. The new value has the share 1 − momentum."""
        if bn_param["mode"] == "train":
            m = bn_param.get("momentum", 0.9)
            old_mean, old_var = self.before(bn_param, x)
            return {"running_mean": m * old_mean + x.mean(self.axes),
                    "running_var": m * old_var + x.var(self.axes)}  # fmt: skip

    @mistake
    def running_variance_takes_the_new_mean(self, right, x, gamma, beta, bn_param):
        """Your running variance is averaged with the running mean in place of its own old value,
        as a copied line does. Each of the two keeps a share of its own."""
        if bn_param["mode"] == "train":
            mixed = bn_param | {"running_var": right["running_mean"]}
            return {"running_var": self.kept(mixed, x, 0, x.var(self.axes))["running_var"]}

    @mistake
    def running_variance_takes_the_old_mean(self, right, x, gamma, beta, bn_param):
        """Your running variance is averaged with the old running mean in place of its own old
        value, as a copied line does. Each of the two keeps a share of its own."""
        if bn_param["mode"] == "train" and "running_mean" in bn_param:
            mixed = bn_param | {"running_var": bn_param["running_mean"]}
            return {"running_var": self.kept(mixed, x, 0, x.var(self.axes))["running_var"]}

    @mistake
    def running_standard_deviation(self, right, x, gamma, beta, bn_param):
        """Your running_var averages standard deviations. It is to average variances; the root is
        taken when it is used."""
        if bn_param["mode"] == "train":
            std = np.sqrt(x.var(self.axes))
            return {"running_var": self.kept(bn_param, x, 0, std)["running_var"]}

    @mistake
    def eps_in_the_running_variance(self, right, x, gamma, beta, bn_param):
        """Your running variance holds ε already, and in use it is added once more. Keep the plain
        variance."""
        if bn_param["mode"] == "train":
            var = x.var(self.axes) + x.dtype.type(bn_param.get("eps", 1e-5))
            return {"running_var": self.kept(bn_param, x, 0, var)["running_var"]}

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
    def absent_statistics_not_written(self, right, x, gamma, beta, bn_param):
        """Running statistics that bn_param does not hold before the call are not there after it
        either. They start at 0, and a call in training mode writes them down."""
        if bn_param["mode"] == "train" and "running_mean" not in bn_param:
            return {"running_mean": None, "running_var": None}
