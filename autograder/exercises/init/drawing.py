"""Exercises of notebook 04 on drawing first weights.

Next door: `initialization_depth`, `_symmetry`, `_data` and `_questions`.
"""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near, statistic

# The share of a normal distribution that lies beyond two standard deviations.
NORMAL_TAIL = 0.0455003


def spread_of(kind, n_in, n_out):
    """The right standard deviation of the entries."""
    variances = {
        "zero": 0.0, "constant": 0.0, "small": 1e-4, "xavier_uniform": 2 / (n_in + n_out),
        "xavier_normal": 2 / (n_in + n_out), "he": 2 / n_in,
    }  # fmt: skip
    return variances[kind] ** 0.5


class init_weights(Exercise):
    """The first weights of an affine layer, six ways."""

    signature = "init_weights(n_in, n_out, kind, rng)"
    minutes = 12
    difficulty = 2
    hints = (
        "Write down the variance that each kind asks for. Which argument does rng.normal take, a "
        "variance or a standard deviation?",
        "A uniform distribution on (−a, a) has the variance a²/3. With the variance that Xavier "
        "asks for, what is a?",
        "rng.uniform takes both ends. Both depend on a.",
    )

    def cases(self, rng):
        sizes = {
            "zero": (7, 4), "constant": (5, 8), "small": (310, 190), "xavier_uniform": (150, 420),
            "xavier_normal": (390, 160), "he": (130, 440),
        }  # fmt: skip
        for kind, (n_in, n_out) in sizes.items():
            seed = int(rng.integers(1e6))
            yield Case(kind, 1, n_in=n_in, n_out=n_out, kind=kind, seed=seed)

    def observe(self, code, n_in, n_out, kind, seed):
        rng = np.random.default_rng(seed)
        first, second = (code.init_weights(n_in, n_out, kind, rng) for _ in range(2))
        again = code.init_weights(n_in, n_out, kind, np.random.default_rng(seed))
        return {"W": first, "second": second, "again": again}

    def read(self, seen, n_in, n_out, kind, seed):
        W, second, again = (np.asarray(seen[name], float) for name in ("W", "second", "again"))
        std = W.std()
        # Rounding leaves the entries of a constant array a hair from their mean.
        beyond = np.abs(W - W.mean()) > 2 * std + 1e-9
        return {
            "shape": list(W.shape),
            "mean": W.mean(),
            "standard deviation": std,
            "share beyond two standard deviations": beyond.mean(),
            "share that a second call repeats": np.mean(W == second),
            "share that the same generator repeats": np.mean(W == again),
        }

    def reference(self, n_in, n_out, kind, seed):
        std, n = spread_of(kind, n_in, n_out), n_in * n_out
        fixed, uniform = kind in ("zero", "constant"), kind == "xavier_uniform"
        tail = 0.0 if uniform else NORMAL_TAIL
        tail_error = (NORMAL_TAIL * (1 - NORMAL_TAIL) / n) ** 0.5
        # Var(s) ≈ σ²(κ − 1)/4n; the kurtosis κ is 3 for a normal and 9/5 for a uniform variable.
        kurtosis = 1.8 if uniform else 3.0
        exact = {"rtol": 0.0, "atol": 1e-9}
        centre = 0.1 if kind == "constant" else 0.0
        error = std * ((kurtosis - 1) / (4 * n)) ** 0.5
        return {
            "shape": [n_in, n_out],
            "mean": near(centre, **exact) if fixed else statistic(0.0, std / n**0.5),
            "standard deviation": near(0.0, **exact) if fixed else statistic(std, error),
            "share beyond two standard deviations": (
                near(0.0, **exact) if fixed else statistic(tail, tail_error)
            ),
            "share that a second call repeats": near(float(fixed), rtol=0.0, atol=1e-3),
            "share that the same generator repeats": 1.0,
        }

    @mistake
    def variance_for_standard_deviation(self, right, n_in, n_out, kind, seed):
        """The formula gives a variance, and rng.normal wants a standard deviation, its root."""
        if kind in ("xavier_normal", "he"):
            return {"standard deviation": right["standard deviation"] ** 2}

    @mistake
    def fan_in_only(self, right, n_in, n_out, kind, seed):
        """Xavier counts both fans, n_in for the activations and n_out for the gradients. Yours
        looks at n_in only."""
        if kind.startswith("xavier"):
            return {"standard deviation": n_in**-0.5}

    @mistake
    def two_missing_in_xavier(self, right, n_in, n_out, kind, seed):
        """Xavier's variance is one over the mean of the two fans. You divide by their sum and
        leave out what turns a sum into a mean."""
        if kind.startswith("xavier"):
            return {"standard deviation": right["standard deviation"] / 2**0.5}

    @mistake
    def two_missing_in_he(self, right, n_in, n_out, kind, seed):
        """A ReLU throws half of the second moment away. He makes up for it with a factor, and
        yours has none: that keeps the variance of a linear layer."""
        if kind == "he":
            return {"standard deviation": right["standard deviation"] / 2**0.5}

    @mistake
    def two_outside_the_root(self, right, n_in, n_out, kind, seed):
        """He's 2 belongs to the variance. Outside the root it counts as 4."""
        if kind == "he":
            return {"standard deviation": right["standard deviation"] * 2**0.5}

    @mistake
    def fan_out_in_he(self, right, n_in, n_out, kind, seed):
        """You divide by n_out. The variance of a pre-activation is a sum over what comes in, so
        it is n_in that has to be divided away."""
        if kind == "he":
            return {"standard deviation": (2 / n_out) ** 0.5}

    @mistake
    def both_fans_in_he(self, right, n_in, n_out, kind, seed):
        """He counts n_in alone; the sum of both fans belongs to Xavier."""
        if kind == "he":
            return {"standard deviation": (2 / (n_in + n_out)) ** 0.5}

    @mistake
    def fan_outside_the_root(self, right, n_in, n_out, kind, seed):
        """The root covers the whole fraction. Yours covers its numerator only and divides by the
        full fan."""
        if kind == "he" or kind.startswith("xavier"):
            return {"standard deviation": 2**0.5 / (n_in if kind == "he" else n_in + n_out)}

    @mistake
    def one_sided(self, right, n_in, n_out, kind, seed):
        """Yours are all positive: the interval starts at 0. Weights should be symmetric about 0,
        so it has to start at minus its end."""
        if kind == "xavier_uniform":
            limit = right["standard deviation"] * 3**0.5
            return {"mean": limit / 2, "standard deviation": right["standard deviation"] / 2}

    @mistake
    def limit_is_the_standard_deviation(self, right, n_in, n_out, kind, seed):
        """You use the standard deviation as the end of the interval. A uniform variable on
        (−a, a) varies less than a: its variance is a²/3."""
        if kind == "xavier_uniform":
            return {"standard deviation": right["standard deviation"] / 3**0.5}

    @mistake
    def uniform_for_normal(self, right, n_in, n_out, kind, seed):
        """None of your weights lies far out: they are uniform, and these are to be normal. (The
        shape of a distribution and its standard deviation are two things.)"""
        if kind in ("small", "xavier_normal", "he"):
            return {"share beyond two standard deviations": 0.0}

    @mistake
    def normal_for_uniform(self, right, n_in, n_out, kind, seed):
        """The standard deviation is right, the shape is not: xavier_uniform is to be uniform, so
        that no weight lies beyond the limit. Yours are normal."""
        if kind == "xavier_uniform":
            return {"share beyond two standard deviations": NORMAL_TAIL}

    @mistake
    def transposed(self, right, n_in, n_out, kind, seed):
        """Yours is n_out×n_in, as torch keeps it. Here x @ W has to work for x of N×n_in."""
        return {"shape": [n_out, n_in]}

    @mistake
    def seeded_inside(self, right, n_in, n_out, kind, seed):
        """Every call gives the same weights. A generator that is made or seeded inside the
        function starts again each time: use the one that is passed in."""
        if kind not in ("zero", "constant"):
            return {"share that a second call repeats": 1.0}

    @mistake
    def another_generator(self, right, n_in, n_out, kind, seed):
        """A generator with the same seed should give the same weights again. Yours come from
        another generator than the one that is passed in, so nobody can repeat your run."""
        if kind not in ("zero", "constant"):
            return {"share that the same generator repeats": 0.0}

    @mistake
    def scale_of_one(self, right, n_in, n_out, kind, seed):
        """Small means small: yours have the standard deviation 1."""
        if kind == "small":
            return {"standard deviation": 1.0}


class conv_fan(Exercise):
    """How many inputs feed one output of a layer, and how many outputs one input feeds."""

    signature = "conv_fan(shape) -> fan_in, fan_out"
    minutes = 6
    hints = (
        "Take one output number, one pixel of one filter. Which input numbers does it look at?",
        "Now one input pixel: in each filter's picture, how many outputs look at it, while the "
        "kernel passes over it?",
    )

    def cases(self, rng):
        f, c, high, wide, deep = (int(v) for v in rng.permutation([3, 4, 5, 6, 7]))
        yield Case("a kernel that is not square", 1, shape=[f, c, high, wide])
        yield Case("an affine layer", 1, shape=[2 * f, c])
        yield Case("one dimension", 1, shape=[wide, f, high])
        yield Case("three dimensions", 1, shape=[c, wide, deep, high, f])

    def observe(self, code, shape):
        fan_in, fan_out = code.conv_fan(tuple(shape))
        return {"fan_in": fan_in, "fan_out": fan_out}

    def reference(self, shape):
        weight = torch.empty(shape)
        return {"fan_in": weight[0].numel(), "fan_out": weight[:, 0].numel()}

    @mistake
    def area_forgotten(self, right, shape):
        """You count channels only. An output sees its whole window, so the size of the kernel
        counts as well."""
        return {"fan_in": shape[1], "fan_out": shape[0]}

    @mistake
    def area_in_fan_in_only(self, right, shape):
        """The kernel counts in fan_out too: while it slides, an input pixel lies under each of
        its places once."""
        return {"fan_out": shape[0]}

    @mistake
    def swapped(self, right, shape):
        """The first axis of a weight is what comes out (filters), the second what goes in
        (channels). You have them the other way round."""
        return {"fan_in": right["fan_out"], "fan_out": right["fan_in"]}

    @mistake
    def square_kernel(self, right, shape):
        """You take the kernel for square: one side is squared. This one's sides differ."""
        if len(shape) == 4:
            area = shape[2] ** 2
            return {"fan_in": shape[1] * area, "fan_out": shape[0] * area}

    @mistake
    def sides_added(self, right, shape):
        """A kernel of 3×5 has 15 places. You add its sides."""
        if len(shape) > 3:
            return {"fan_in": shape[1] * sum(shape[2:]), "fan_out": shape[0] * sum(shape[2:])}

    @mistake
    def all_weights(self, right, shape):
        """That is the number of weights in the whole layer. One output number has one filter."""
        return {"fan_in": int(np.prod(shape)), "fan_out": int(np.prod(shape))}

    @mistake
    def last_two_axes(self, right, shape):
        """You read the last two axes. They are the kernel's height and width; what goes in and
        comes out are the first two."""
        if len(shape) > 2:
            return {"fan_in": shape[-2], "fan_out": shape[-1]}
