"""Exercises of notebook 07: AdaGrad and RMSProp, which give each weight a rate of its own.

Adam is next door; what all rules share is in `rules`.
"""

import numpy as np
import torch

from autograder.exercise import mistake
from autograder.exercises.optimizers.rules import WithState, in_config, settings, zero_ignored


class Adaptive(WithState, abstract=True):
    """What the rules share that divide each weight's step by the size of its gradients."""

    state = ("cache",)
    reads = in_config("cache")

    def remember(self, cache, square, config):
        """The cache after a gradient of this square."""
        raise NotImplementedError

    def changed(self, inputs, square=np.square, remember=None, divisor=None, late=False):
        """The rule with one thing changed: what goes into the cache, how, or what divides."""
        remember = remember or self.remember
        divisor = divisor or (lambda cache, c: np.sqrt(cache) + c["epsilon"])

        def update(w, g, c):
            before = c["cache"]
            c["cache"] = remember(before, square(g), c).astype(w.dtype)
            return w - c["learning_rate"] * g / divisor(before if late else c["cache"], c)

        # The root of what is negative, or 0 by 0: that NaN is what the mistake shows.
        with np.errstate(all="ignore"):
            return self.imitate(update, **inputs)

    epsilon_of_zero_ignored = zero_ignored("epsilon")

    def starting(self, value, inputs):
        """The rule with a cache that starts at `value` where config has none."""
        if "cache" not in inputs["config"]:
            cache = np.full_like(inputs["w"], value)
            return self.follow(**{**inputs, "config": inputs["config"] | {"cache": cache}})

    @mistake
    def cache_starts_at_one(self, right, **inputs):
        """Where config has no "cache", yours starts at ones, as TensorFlow's does. It starts at
        zeros."""
        return self.starting(1.0, inputs)

    @mistake
    def cache_starts_at_a_tenth(self, right, **inputs):
        """Where config has no "cache", yours starts at 0.1, as TensorFlow's AdaGrad does. It starts
        at zeros."""
        return self.starting(0.1, inputs)

    @mistake
    def roots_collected(self, right, **inputs):
        """Your cache holds roots, and the next square is added to a root. It is the squares that
        are collected; the root is taken when the cache is used, and not stored."""
        return self.changed(
            inputs, remember=lambda cache, square, c: np.sqrt(self.remember(cache, square, c)),
            divisor=lambda cache, c: cache + c["epsilon"],
        )  # fmt: skip

    @mistake
    def root_stored(self, right, **inputs):
        """Your "cache" is the root of what is asked for. Squares stand there; the root is taken
        when they are used."""
        return self.changed(
            inputs, remember=lambda cache, square, c: np.sqrt(self.remember(cache**2, square, c)),
            divisor=lambda cache, c: cache + c["epsilon"],
        )  # fmt: skip

    @mistake
    def epsilon_inside(self, right, **inputs):
        """Your δ stands under the root, where it counts as much as a gradient of √δ, by default
        1e-4. It belongs outside: added to the root, it only keeps the divisor from being 0."""
        return self.changed(inputs, divisor=lambda cache, c: np.sqrt(cache + c["epsilon"]))

    @mistake
    def epsilon_stored(self, right, **inputs):
        """Your δ goes into the cache that is kept, again at every step. The cache holds nothing but
        squares of gradients; δ is added to its root when one divides."""
        return self.changed(
            inputs, divisor=lambda cache, c: np.sqrt(cache),
            remember=lambda cache, square, c: self.remember(cache, square, c) + c["epsilon"],
        )  # fmt: skip

    def over_steps(self, divisor, inputs):
        """The rule with `divisor(cache, t, config)` at the t-th step since it was started."""
        taken = iter((1, 2, 3))
        return self.changed(inputs, divisor=lambda cache, c: divisor(cache, next(taken), c))

    @mistake
    def epsilon_forgotten(self, right, **inputs):
        """What you divide by is the root alone. δ is added to the root in every entry, so that a
        weight whose gradient is 0 is not divided by 0."""
        return self.changed(inputs, divisor=lambda cache, c: np.sqrt(cache))

    @mistake
    def larger_of_root_and_epsilon(self, right, **inputs):
        """You divide by the larger of the root and δ. δ is added to the root, in every entry."""
        return self.changed(
            inputs, divisor=lambda cache, c: np.maximum(np.sqrt(cache), c["epsilon"])
        )

    @mistake
    def root_forgotten(self, right, **inputs):
        """You divide by the cache itself, in which squares are collected. Its root has the
        gradient's unit, so that what is left has none."""
        return self.changed(inputs, divisor=lambda cache, c: cache + c["epsilon"])

    @mistake
    def old_cache(self, right, **inputs):
        """You divide by the cache from before this gradient, which is 0 at the first step: a step
        of ε·g/1e-8. First the cache, then w."""
        return self.changed(inputs, late=True)

    @mistake
    def size_for_square(self, right, **inputs):
        """Your cache collects the gradients' absolute values. It is their squares that go in, and
        the root that is taken of them afterwards."""
        return self.changed(inputs, square=np.abs)

    @mistake
    def sizes_without_a_root(self, right, **inputs):
        """Your cache collects the gradients' absolute values, and no root is taken of it when you
        divide. It is their squares that go in, and the root of the cache that divides."""
        return self.changed(inputs, square=np.abs, divisor=lambda cache, c: cache + c["epsilon"])

    @mistake
    def not_squared(self, right, **inputs):
        """Your cache collects the gradients as they are, with their signs. It is their squares that
        go in; of a negative number there is no root."""
        return self.changed(inputs, square=lambda g: g)

    @mistake
    def not_squared_and_no_sign_under_the_root(self, right, **inputs):
        """Your cache collects the gradients as they are, in which signs cancel, and only under the
        root is the sign taken off. It is their squares that go in."""
        return self.changed(
            inputs, square=lambda g: g,
            divisor=lambda cache, c: np.sqrt(np.abs(cache)) + c["epsilon"],
        )  # fmt: skip

    @mistake
    def one_mean_for_all(self, right, **inputs):
        """All weights get the same number in the cache: the mean of the squares over the whole
        array. Each weight has an entry of its own, made of its own gradient."""
        return self.changed(inputs, square=lambda g: np.mean(g**2) + 0 * g)

    @mistake
    def one_length_for_all(self, right, **inputs):
        """All weights get the same number in the cache: the sum of the squares over the whole
        array. Each weight has an entry of its own, made of its own gradient."""
        return self.changed(inputs, square=lambda g: np.sum(g**2) + 0 * g)

    @mistake
    def returns_the_change(self, right, **inputs):
        """You return the change alone. The first return value is the next w."""

        def update(w, g, c):
            c["cache"] = self.remember(c["cache"], g**2, c)
            return -c["learning_rate"] * g / (np.sqrt(c["cache"]) + c["epsilon"])

        return self.imitate(update, **inputs)

    @mistake
    def multiplied(self, right, **inputs):
        """You multiply by the root where you should divide by it: weights with large gradients
        take small steps, not larger ones."""
        return self.changed(inputs, divisor=lambda cache, c: 1 / (np.sqrt(cache) + c["epsilon"]))


def fading(share):
    """The mistake of a sum of which this share is kept at each step."""

    def show(self, right, **inputs):
        return self.changed(inputs, remember=lambda cache, square, c: share * cache + square)

    show.__doc__ = f"""Your cache forgets: only {share:g} of the old one is kept when the new square
        is added, as in RMSProp. AdaGrad adds it to the whole of the old sum."""
    return mistake(show)


class adagrad(Adaptive):
    """AdaGrad (Duchi 2011): each weight's rate falls with the gradients it has seen."""

    signature = "adagrad(w, dw, config) -> next_w, config"
    minutes = 7
    difficulty = 2
    extra = True
    hints = (
        "One number per weight is remembered: the sum of its squared gradients so far.",
        "Everything is element by element; δ only guards the division.",
    )
    defaults = {"learning_rate": 1e-2, "epsilon": 1e-8}
    own = {"learning_rate": 0.3, "epsilon": 1.5}
    settings = settings(defaults, learning_rate=(1e-3, 0.1), epsilon=(1e-7, 1e-10))

    def optimizer(self, parameters, config):
        return torch.optim.Adagrad(parameters, lr=config["learning_rate"], eps=config["epsilon"])

    def to_torch(self, config):
        if "cache" not in config:
            return {}
        return {"step": torch.tensor(0.0), "sum": torch.tensor(config["cache"])}

    def from_torch(self, held, config):
        return {"cache": held["sum"].cpu().numpy().copy()}

    def remember(self, cache, square, config):
        return cache + square

    def averaging(self, share, inputs):
        average = lambda cache, square, c: share * cache + (1 - share) * square
        return self.changed(inputs, remember=average)

    @mistake
    def average_for_sum(self, right, **inputs):
        """Your cache forgets: it is a moving average, as in RMSProp. AdaGrad sums over all steps,
        so its rates only ever fall."""
        return self.averaging(0.99, inputs)

    @mistake
    def faster_average_for_sum(self, right, **inputs):
        """Your cache forgets: it is a moving average that keeps 0.9 of the old, as in RMSProp.
        AdaGrad sums over all steps, so its rates only ever fall."""
        return self.averaging(0.9, inputs)

    @mistake
    def mean_for_sum(self, right, **inputs):
        """You halve the sum of the old cache and the new square. AdaGrad adds the whole square to
        the whole of the old sum."""
        return self.averaging(0.5, inputs)

    fading_sum, faster_fading_sum = map(fading, (0.99, 0.9))

    @mistake
    def mean_over_the_steps(self, right, **inputs):
        """You divide the cache by the number of steps before you take the root, so the rates do not
        fall. AdaGrad divides by the root of the sum itself."""
        return self.over_steps(lambda r, t, c: np.sqrt(r / t) + c["epsilon"], inputs)

    @mistake
    def cache_cut_off(self, right, **inputs):
        """Your cache stops at 10,000, so that rates fall no further. AdaGrad's sum has no upper
        end."""
        return self.changed(inputs, remember=lambda r, square, c: np.minimum(r + square, 1e4))

    @mistake
    def squares_the_sum(self, right, **inputs):
        """You add up the gradients and square their sum. Gradients of opposite sign then cancel:
        square each of them first, then add."""
        return self.changed(
            inputs, square=lambda g: g, divisor=lambda total, c: np.abs(total) + c["epsilon"]
        )


class rmsprop(Adaptive):
    """RMSProp (Hinton 2012): the rate follows the recent size of each weight's gradient."""

    signature = "rmsprop(w, dw, config) -> next_w, config"
    minutes = 8
    difficulty = 2
    hints = (
        "The cache is a moving average of the squared gradient. What fraction of the old is kept?",
        "decay_rate is near 1, and it is the fraction of the OLD value. The new one gets the rest.",
    )
    defaults = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8}
    own = {"learning_rate": 0.3, "decay_rate": 0.7, "epsilon": 1.5}
    settings = settings(
        defaults, learning_rate=(1e-3, 0.1), decay_rate=(0.9, 0.999), epsilon=(1e-7, 1e-10)
    )

    def optimizer(self, parameters, config):
        return torch.optim.RMSprop(
            parameters, lr=config["learning_rate"], alpha=config["decay_rate"],
            eps=config["epsilon"],
        )  # fmt: skip

    def to_torch(self, config):
        if "cache" not in config:
            return {}
        return {"step": torch.tensor(0.0), "square_avg": torch.tensor(config["cache"])}

    def from_torch(self, held, config):
        return {"cache": held["square_avg"].cpu().numpy().copy()}

    def remember(self, cache, square, config):
        return config["decay_rate"] * cache + (1 - config["decay_rate"]) * square

    decay_rate_of_zero_ignored = zero_ignored("decay_rate")

    @mistake
    def sizes_without_a_root_by_keras(self, right, **inputs):
        """Your cache collects absolute values, and no root is taken of it: squares go in, and its
        root divides. And where config says nothing your rate is 0.001 and you keep 0.9 of the
        cache, as Keras does; the docstring has other defaults."""
        keras = {"learning_rate": 1e-3, "decay_rate": 0.9}
        return self.sizes_without_a_root(right, **inputs | {"config": keras | inputs["config"]})

    @mistake
    def starts_at_the_first_square(self, right, **inputs):
        """Where config has no "cache", yours is the first square whole. The average starts at
        zeros, so the first square has the share 1 − ρ, as every other."""
        if "cache" not in inputs["config"]:
            first = lambda cache, sq, c: self.remember(cache, sq, c) if cache.any() else sq
            return self.changed(inputs, remember=first)

    @mistake
    def corrected_like_adam(self, right, **inputs):
        """You divide the cache by 1 − ρᵗ before you use it, as Adam does. RMSProp divides by the
        root of the cache as it is, also in the first steps."""
        root = lambda r, t, c: np.sqrt(r / (1 - c["decay_rate"] ** t)) + c["epsilon"]
        return self.over_steps(root, inputs)

    @mistake
    def centred(self, right, **inputs):
        """You subtract the square of the average gradient under the root: that is the centred
        variant, which divides by a spread. Here one divides by the root of the cache itself."""

        def update(w, g, c):
            rho = c["decay_rate"]
            mean = c["mean"] = rho * c.get("mean", 0) + (1 - rho) * g
            r = c["cache"] = self.remember(c["cache"], g**2, c).astype(w.dtype)
            return w - c["learning_rate"] * g / (np.sqrt(r - mean * mean) + c["epsilon"])

        with np.errstate(all="ignore"):
            return self.imitate(update, **inputs)

    @mistake
    def sum_for_average(self, right, **inputs):
        """Your cache only grows: that is AdaGrad's sum. RMSProp takes a moving average, in which
        old gradients fade."""
        return self.changed(inputs, remember=lambda cache, square, c: cache + square)

    @mistake
    def new_gradient_whole(self, right, **inputs):
        """The old cache fades and the new square is added whole, so the cache settles at
        1/(1 − ρ) mean squares. In an average the two shares sum to 1."""
        return self.changed(
            inputs, remember=lambda cache, square, c: c["decay_rate"] * cache + square
        )

    @mistake
    def old_cache_whole(self, right, **inputs):
        """The new square comes in with the share 1 − ρ, but all of the old cache is kept, so it
        only grows. In an average the two shares sum to 1."""
        return self.changed(
            inputs, remember=lambda cache, square, c: cache + (1 - c["decay_rate"]) * square
        )

    @mistake
    def latest_square_only(self, right, **inputs):
        """Your cache is the latest square alone, so each weight moves by the whole rate, whatever
        its gradient. Keep the share ρ of the old cache."""
        return self.changed(inputs, remember=lambda cache, square, c: square)

    @mistake
    def shares_swapped(self, right, **inputs):
        """decay_rate is the share of the OLD cache that is kept. Yours keeps 1 − decay_rate of
        it, so next to nothing is remembered."""
        swapped = lambda cache, square, c: (1 - c["decay_rate"]) * cache + c["decay_rate"] * square
        return self.changed(inputs, remember=swapped)
