"""Exercise of notebook 04 on drawing first weights.

What goes wrong in one kind alone is in `kinds`.
"""

import numpy as np

from autograder.exercise import Case, Expected, mistake, near, statistic
from autograder.exercises.init.kinds import OneKind

# The shares of a normal distribution beyond two and beyond two and a half standard deviations.
NORMAL_TAIL, FAR_TAIL = 0.0455003, 0.0124193


def spread_of(kind, n_in, n_out):
    """The right standard deviation of the entries."""
    variances = {
        "zero": 0.0, "constant": 0.0, "small": 1e-4, "xavier_uniform": 2 / (n_in + n_out),
        "xavier_normal": 2 / (n_in + n_out), "he": 2 / n_in,
    }  # fmt: skip
    return variances[kind] ** 0.5


class init_weights(OneKind):
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

    reads = {
        "returned": "for this kind you return {seen}; {right} is right",
        "kind of numbers": "the numbers in your array are {seen}; {right} is right",
        "numbers": "of the numbers in your array this is seen: {seen}; {right} is right",
        "shape": "your array's shape",
        "mean": "the mean of your numbers",
        "standard deviation": "the standard deviation of your numbers",
        "beyond two standard deviations": "your share of numbers beyond two standard deviations",
        "beyond two and a half": "your share of numbers beyond two and a half standard deviations",
        "repeated by a second call": "your share of numbers that a second call gives again",
        "repeated by the same generator": "your share of numbers that the same seed gives again",
    }

    def cases(self, rng):
        for kind in ("zero", "constant", "small", "xavier_uniform", "xavier_normal", "he"):
            # Fans so far from each other that formulas with another one show.
            few = int(rng.integers(140, 170))
            sizes = few, round(few * rng.uniform(2.3, 3.2))
            if kind in ("zero", "constant"):
                sizes = rng.choice(np.arange(3, 12), 2, replace=False)
            n_in, n_out = (int(n) for n in rng.permutation(sizes))
            yield Case(kind, 1, n_in=n_in, n_out=n_out, kind=kind, seed=int(rng.integers(1e6)))

    def observe(self, code, n_in, n_out, kind, seed):
        rng = np.random.default_rng(seed)
        first, second = (code.init_weights(n_in, n_out, kind, rng) for _ in range(2))
        again = code.init_weights(n_in, n_out, kind, np.random.default_rng(seed))
        name = type(first).__name__
        returned = {"NoneType": "nothing", "ndarray": "an array"}.get(name, f"a {name}")
        return {"W": first, "second": second, "again": again, "returned": returned}

    def aid(self, n_in, n_out, kind, seed):
        right = self.reference(n_in, n_out, kind, seed)
        return {"meant": {name: getattr(value, "value", value) for name, value in right.items()}}

    def read(self, seen, n_in, n_out, kind, seed, meant):
        if seen["returned"] != "an array":
            return meant | {"returned": seen["returned"]}
        W, dtype = np.asarray(seen["W"], float), np.asarray(seen["W"]).dtype.kind
        second, again = (np.asarray(seen[name], float) for name in ("second", "again"))
        words, fixed = self.words(W), kind in ("zero", "constant")
        found = {
            "returned": "an array",
            "kind of numbers": {"f": "floats", "i": "whole numbers"}.get(dtype, "others"),
            "numbers": words,
            "shape": list(W.shape),
        }
        if not fixed and words != "they differ":
            return meant | found  # of numbers that are alike nothing else is to be told
        std, mean = W.std(), W.mean()
        if not fixed and abs(mean) < 6 * std / W.size**0.5:
            mean = 0.0  # as far as these numbers can tell
        # Rounding leaves the entries of a constant array a hair from their mean.
        off = np.abs(W - W.mean()) - 1e-7
        return found | {
            "mean": mean,
            "standard deviation": std,
            "beyond two standard deviations": np.mean(off > 2 * std),
            "beyond two and a half": np.mean(off > 2.5 * std),
            "repeated by a second call": self.share(W, second),
            "repeated by the same generator": self.share(W, again),
        }

    def share(self, W, other):
        return float(np.mean(W == other)) if W.shape == other.shape else 0.0

    def words(self, W):
        """Whether the numbers of an array differ, or which are alike."""
        if W.size < 2 or W.ndim != 2:
            return "they differ"
        if not W.any():
            return "all are 0"
        if np.ptp(W) < 1e-9:
            return "all are the same"
        if not np.ptp(W, axis=0).any():
            return "all rows are the same"
        return "they differ" if np.ptp(W, axis=1).any() else "all columns are the same"

    def reference(self, n_in, n_out, kind, seed):
        std, n = spread_of(kind, n_in, n_out), n_in * n_out
        fixed, uniform = kind in ("zero", "constant"), kind == "xavier_uniform"

        def beyond(share):
            share = 0.0 if uniform or fixed else share
            error = (share * (1 - share) / n) ** 0.5
            return statistic(share, error) if share else near(0.0, rtol=0.0, atol=1e-3)

        # Var(s) ≈ σ²(κ − 1)/4n; the kurtosis κ is 3 for a normal and 9/5 for a uniform variable.
        kurtosis = 1.8 if uniform else 3.0
        exact = {"rtol": 0.0, "atol": 1e-7}
        centre = 0.1 if kind == "constant" else 0.0
        error = std * ((kurtosis - 1) / (4 * n)) ** 0.5
        same = {"zero": "all are 0", "constant": "all are the same"}
        return {
            "returned": "an array",
            "kind of numbers": "floats",
            "numbers": same.get(kind, "they differ"),
            "shape": [n_in, n_out],
            "mean": near(centre, **exact)
            if fixed
            else Expected(0.0, rtol=0.3, atol=1e-3 * std, margin=2.0),
            # Relative, so that a mistake's own deviation is met as well as the right one.
            "standard deviation": near(0.0, **exact)
            if fixed
            else Expected(std, rtol=6 * error / std, atol=0.0, margin=2.0),
            "beyond two standard deviations": beyond(NORMAL_TAIL),
            "beyond two and a half": beyond(FAR_TAIL),
            "repeated by a second call": near(float(fixed), rtol=0.0, atol=0.05),
            "repeated by the same generator": 1.0,
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
        """None of your weights lies far out: they are uniform, and the kinds small, xavier_normal
        and he are to be normal. (The shape of a distribution and its standard deviation are two
        things.)"""
        if kind in ("small", "xavier_normal", "he"):
            return {"beyond two standard deviations": 0.0, "beyond two and a half": 0.0}

    @mistake
    def normal_for_uniform(self, right, n_in, n_out, kind, seed):
        """Some of your weights lie beyond the limit: they are normal. xavier_uniform is to be
        uniform. (The shape of a distribution and its standard deviation are two things.)"""
        if kind == "xavier_uniform":
            return {
                "beyond two standard deviations": NORMAL_TAIL,
                "beyond two and a half": FAR_TAIL,
            }

    @mistake
    def transposed(self, right, n_in, n_out, kind, seed):
        """Yours is n_out×n_in, as torch keeps it. Here x @ W has to work for x of N×n_in."""
        return {"shape": [n_out, n_in]}

    @mistake
    def seeded_inside(self, right, n_in, n_out, kind, seed):
        """A second call with the same generator gives the same weights again, as where a generator
        is made or seeded inside the function, or where weights are kept from call to call. Draw
        anew in each call, from the generator that is passed in."""
        if kind not in ("zero", "constant"):
            return {"repeated by a second call": 1.0}

    @mistake
    def another_generator(self, right, n_in, n_out, kind, seed):
        """A generator with the same seed should give the same weights again. Yours come from
        another generator than the one that is passed in, so nobody can repeat your run."""
        if kind not in ("zero", "constant"):
            return {"repeated by the same generator": 0.0}

    @mistake
    def scale_of_one(self, right, n_in, n_out, kind, seed):
        """Small means small: yours have the standard deviation 1."""
        if kind == "small":
            return {"standard deviation": 1.0}
