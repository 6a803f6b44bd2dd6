"""Exercises of notebook 02 on leaky ReLU: a small slope on the negative side."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, Setting, mistake, raises
from autograder.exercises.activations.saturating import both_signs, gradient, with_zeros
from autograder.exercises.gradients.by_the_cache import ByTheCache
from course_utils.recipes.passes import forward_again


class leaky_relu_forward(Exercise):
    """ReLU with a small slope on the negative side (Maas 2013)."""

    signature = "leaky_relu_forward(x, alpha=0.01) -> out, cache"
    growth = {"x": 1}, {"out": 1}
    settings = {"alpha": Setting(0.01, others=(0.2, 0.3))}
    minutes = 5
    hints = (
        "Two straight lines through 0: slope 1 on the right, slope α on the left.",
        "A maximum of two lines picks the upper one. Which of the two is that on the left, if α "
        "is larger than 1?",
    )

    def cases(self, rng):
        yield Case("alpha 0.1", 1, x=both_signs(rng, 4, 3), alpha=0.1)
        yield Case("alpha left out", 1, x=both_signs(rng, 3, 4))
        yield Case("alpha above 1", 0.5, x=both_signs(rng, 5, 2), alpha=1.5)
        yield Case("alpha 0", 0.5, x=both_signs(rng, 11), alpha=0.0)
        yield Case("single precision", 1, x=both_signs(rng, 2, 3, 2).astype("f4"), alpha=0.3)

    def observe(self, code, x, alpha=None):
        given = () if alpha is None else (alpha,)
        out, _ = code.leaky_relu_forward(x, *given)
        return {"out": out}

    def reference(self, x, alpha=0.01):
        return {"out": F.leaky_relu(torch.tensor(x, device=self.device), alpha)}

    @mistake
    def a_tenth_by_default(self, right, x, alpha=None):
        """When alpha is left out it should be 0.01; yours is 0.1. Both are in use: it is a
        choice, and the docstring makes it."""
        if alpha is None:
            return {"out": np.where(x > 0, x, 0.1 * x)}

    @mistake
    def alpha_forgotten(self, right, x, alpha=0.01):
        """Nothing comes through on the negative side: that is a plain ReLU."""
        return {"out": np.maximum(x, 0)}

    @mistake
    def alpha_on_the_right(self, right, x, alpha=0.01):
        """α belongs to the negative side. Yours is on the positive one."""
        return {"out": np.where(x > 0, x.dtype.type(alpha) * x, x)}

    @mistake
    def larger_of_the_two(self, right, x, alpha=0.01):
        """The larger of x and αx is right only while α is at most 1. For a steeper left side
        the comparison turns round; choose by the sign of x."""
        return {"out": np.maximum(x, x.dtype.type(alpha) * x)}

    @mistake
    def constant_on_the_left(self, right, x, alpha=0.01):
        """On the left yours is α itself, a constant. It should be a line with slope α."""
        return {"out": np.where(x > 0, x, x.dtype.type(alpha))}

    @mistake
    def rises_to_the_left(self, right, x, alpha=0.01):
        """On the left yours rises away from 0. With a positive α the output of a negative input
        is negative."""
        return {"out": np.where(x > 0, x, -x.dtype.type(alpha) * x)}

    @mistake
    def both_branches_on_the_right(self, right, x, alpha=0.01):
        """On the right your slope is 1 + α: the part α·x is added there as well. It belongs to
        negative inputs only."""
        return {"out": np.maximum(x, 0) + x.dtype.type(alpha) * x}

    @mistake
    def divided_by_alpha(self, right, x, alpha=0.01):
        """On the left you divide by α. The slope there is α: multiply."""
        return {"out": np.where(x > 0, x, x / x.dtype.type(alpha))}

    @mistake
    def alpha_above_one_refused(self, right, x, alpha=0.01):
        """Your code stops for an α above 1, and for no other. α may be any number of at
        least 0."""
        return {"out": raises("ValueError")} if alpha > 1 else None

    @mistake
    def alpha_cut_at_one(self, right, x, alpha=0.01):
        """Your slope on the left is never more than 1, as after a minimum or a clip. α may be any
        number of at least 0."""
        return {"out": np.where(x > 0, x, x.dtype.type(min(alpha, 1)) * x)}

    @mistake
    def alpha_cut_to_a_whole_number(self, right, x, alpha=0.01):
        """Your α is cut to a whole number, as in an array of whole numbers: 0.1 becomes 0, 1.5
        becomes 1. Keep slopes in floats."""
        return {"out": np.where(x > 0, x, x.dtype.type(int(alpha)) * x)}

    @mistake
    def zero_taken_for_missing(self, right, x, alpha=0.01):
        """With α = 0 you use 0.01, as `alpha or 0.01` does. 0 is a slope like any other."""
        if alpha == 0:
            return {"out": np.where(x > 0, x, x.dtype.type(0.01) * x)}

    @mistake
    def wider_dtype(self, right, x, alpha=0.01):
        """float32 comes in, float64 comes out of yours. Arrays from np.zeros or np.ones, masks
        turned into `float`, and constants in float64 arrays are the usual causes."""
        return {"out": right["out"].astype(np.float64)}

    @mistake
    def one_minus_alpha(self, right, x, alpha=0.01):
        """On the left your slope is 1 − α. It is α itself."""
        return {"out": np.where(x > 0, x, x.dtype.type(1 - alpha) * x)}


class leaky_relu_backward(ByTheCache):
    """The gradient of a leaky ReLU; α at 0."""

    signature = "leaky_relu_backward(dout, cache) -> dx"
    growth = {"dout": 1}, {"dx": 1}
    needs = ("leaky_relu_forward",)
    minutes = 6
    hints = (
        "There are two slopes now, and dout is multiplied by one of them everywhere.",
        "alpha has to come from somewhere: what did your forward put into the cache?",
    )

    def cases(self, rng):
        yield Case("alpha 0.1", 0.5, x=both_signs(rng, 4, 3), dout=both_signs(rng, 4, 3), alpha=0.1)
        yield Case("alpha above 1", 0.5,
                   x=both_signs(rng, 2, 5), dout=both_signs(rng, 2, 5), alpha=1.7)  # fmt: skip
        yield Case("inputs of exactly 0", 1,
                   x=with_zeros(rng, 3, 5), dout=both_signs(rng, 3, 5), alpha=0.25)  # fmt: skip
        yield Case("alpha left out", 0.5, x=both_signs(rng, 3, 4), dout=both_signs(rng, 3, 4))
        yield Case("alpha 0", 0.5, x=both_signs(rng, 11), dout=both_signs(rng, 11), alpha=0.0)
        x, dout = both_signs(rng, 2, 3, 2), both_signs(rng, 2, 3, 2)
        yield Case("single precision", 1, x=x.astype("f4"), dout=dout.astype("f4"), alpha=0.3)

    def observe(self, code, x, dout, alpha=None):
        given = () if alpha is None else (alpha,)
        _, cache = code.leaky_relu_forward(x, *given)
        forward_again(code.leaky_relu_forward, x, *given)
        return {"dx": code.leaky_relu_backward(dout, cache)}

    def reference(self, x, dout, alpha=0.01):
        return {"dx": gradient(lambda x: F.leaky_relu(x, alpha), x, dout, self.device)}

    @mistake
    def one_at_zero(self, right, x, dout, alpha=0.01):
        """At exactly 0 the derivative is taken from the left, so it is α. Yours is 1 there: look
        at your comparison."""
        return {"dx": np.where(x >= 0, dout, x.dtype.type(alpha) * dout)}

    @mistake
    def alpha_forgotten(self, right, x, dout, alpha=0.01):
        """Nothing comes back on the negative side: that is a plain ReLU's gradient, and the
        reason to use a leaky one."""
        return {"dx": dout * (x > 0)}

    @mistake
    def alpha_is_fixed(self, right, x, dout, alpha=0.01):
        """Your slope is 0.01 whatever alpha the forward pass was given. Take that alpha from the
        cache: forward has to put it there."""
        return {"dx": np.where(x > 0, dout, x.dtype.type(0.01) * dout)}

    @mistake
    def alpha_is_fixed_and_one_at_zero(self, right, x, dout, alpha=0.01):
        """Two things: your slope on the left is 0.01 whatever alpha the forward pass was given; and
        at exactly 0 it is 1, where it is taken from the left."""
        return {"dx": np.where(x >= 0, dout, x.dtype.type(0.01) * dout)}

    @mistake
    def alpha_without_dout(self, right, x, dout, alpha=0.01):
        """On the left you return α itself. It is the local slope; dout has still to be multiplied
        in."""
        return {"dx": np.where(x > 0, dout, x.dtype.type(alpha))}

    @mistake
    def dout_forgotten(self, right, x, dout, alpha=0.01):
        """Those are the local slopes. Multiply them by what comes from above, dout."""
        return {"dx": np.where(x > 0, x.dtype.type(1), x.dtype.type(alpha))}

    @mistake
    def alpha_on_the_right(self, right, x, dout, alpha=0.01):
        """The two slopes have changed places: α belongs to the negative side."""
        return {"dx": np.where(x > 0, x.dtype.type(alpha) * dout, dout)}

    @mistake
    def dout_decides(self, right, x, dout, alpha=0.01):
        """You choose the slope by the sign of dout. What decides is the sign of the input."""
        return {"dx": np.where(dout > 0, dout, x.dtype.type(alpha) * dout)}

    @mistake
    def wider_dtype(self, right, x, dout, alpha=0.01):
        """float32 comes in, float64 comes out. np.ones, np.zeros, and np.where of two plain numbers
        make float64 arrays, and everything that one of them touches becomes float64."""
        return {"dx": right["dx"].astype(np.float64)}

    @mistake
    def zero_at_zero(self, right, x, dout, alpha=0.01):
        """At exactly 0 nothing comes back: neither of your sides holds for 0. The derivative there
        is taken from the left, so it is α."""
        return {"dx": np.where(x == 0, x.dtype.type(0), right["dx"])}

    @mistake
    def halfway_at_zero(self, right, x, dout, alpha=0.01):
        """At exactly 0 your slope is (1 + α)/2, halfway between the two, as np.sign makes it. The
        derivative there is taken from the left, so it is α."""
        return {"dx": np.where(x == 0, x.dtype.type((1 + alpha) / 2) * dout, right["dx"])}

    @mistake
    def zero_by_zero(self, right, x, dout, alpha=0.01):
        """At exactly 0 yours is NaN, as when the slope is the output divided by the input: 0 by 0
        is no number. There it is α."""
        if (x == 0).any():
            return {"dx": np.where(x == 0, x.dtype.type(np.nan), right["dx"])}

    @mistake
    def steeper_side_chosen(self, right, x, dout, alpha=0.01):
        """For α above 1 your two slopes have changed places, as when you ask which of x and αx is
        larger. Ask for the sign of x."""
        if alpha > 1:
            return {"dx": np.where(x > 0, x.dtype.type(alpha) * dout, dout)}

    @mistake
    def alpha_cut_at_one(self, right, x, dout, alpha=0.01):
        """Your slope on the left is never more than 1. α may be any number of at least 0."""
        return {"dx": np.where(x > 0, dout, x.dtype.type(min(alpha, 1)) * dout)}

    @mistake
    def alpha_cut_to_a_whole_number(self, right, x, dout, alpha=0.01):
        """Your α is cut to a whole number, as in an array of whole numbers: 0.1 becomes 0, 1.7
        becomes 1. Keep slopes in floats."""
        return {"dx": np.where(x > 0, dout, x.dtype.type(int(alpha)) * dout)}

    @mistake
    def zero_taken_for_missing(self, right, x, dout, alpha=0.01):
        """With α = 0 you use 0.01, as `alpha or 0.01` does. 0 is a slope like any other."""
        if alpha == 0:
            return {"dx": np.where(x > 0, dout, x.dtype.type(0.01) * dout)}

    @mistake
    def both_slopes_on_the_right(self, right, x, dout, alpha=0.01):
        """On the right your slope is 1 + α: the left side's slope is added there as well."""
        return {"dx": dout * (x > 0) + x.dtype.type(alpha) * dout}

    @mistake
    def value_for_slope_on_the_left(self, right, x, dout, alpha=0.01):
        """On the left you multiply dout by α·x, which is the output. The slope there is α."""
        return {"dx": np.where(x > 0, dout, x.dtype.type(alpha) * x * dout)}

    @mistake
    def output_on_the_left(self, right, x, dout, alpha=0.01):
        """On the left you return α·x, which is the output. What comes back there is dout times the
        slope, and the slope is α."""
        return {"dx": np.where(x > 0, dout, x.dtype.type(alpha) * x)}

    @mistake
    def output_for_derivative(self, right, x, dout, alpha=0.01):
        """You multiply dout by the output. The slopes are 1 and α, however large x is."""
        return {"dx": dout * np.where(x > 0, x, x.dtype.type(alpha) * x)}

    @mistake
    def one_minus_alpha(self, right, x, dout, alpha=0.01):
        """On the left your slope is 1 − α. It is α itself."""
        return {"dx": np.where(x > 0, dout, x.dtype.type(1 - alpha) * dout)}

    @mistake
    def one_minus_alpha_and_one_at_zero(self, right, x, dout, alpha=0.01):
        """Two things: on the left your slope is 1 − α, where it is α itself; and at exactly 0 it
        is 1, where it is taken from the left."""
        return {"dx": np.where(x >= 0, dout, x.dtype.type(1 - alpha) * dout)}

    @mistake
    def divided_by_alpha(self, right, x, dout, alpha=0.01):
        """On the left you divide by α. The slope there is α: multiply."""
        with np.errstate(divide="ignore"):
            return {"dx": np.where(x > 0, dout, dout / x.dtype.type(alpha))}
