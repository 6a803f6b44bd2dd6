"""Exercises of notebook 02 on ReLU: two straight lines with a kink at 0.

A left side with a slope of its own is in `leaky`, one that bends in `elu`, one whose slope is
learned in `learned`.
"""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake, raises
from autograder.exercises.activations.saturating import both_signs, gradient, with_small, with_zeros
from autograder.exercises.gradients.by_the_cache import ByTheCache
from course_utils.recipes.passes import forward_again


class relu_forward(Exercise):
    """The rectified linear unit."""

    signature = "relu_forward(x) -> out, cache"
    growth = {"x": 1}, {"out": 1}
    minutes = 4
    hints = (
        "Element by element, the larger of two numbers: one of them is always the same.",
        "np.max looks for the largest entry of an array; another function compares two arrays.",
    )

    def cases(self, rng):
        x = both_signs(rng, 4, 3)
        x[rng.integers(4), rng.integers(3)] = rng.uniform(20, 60)  # above any ceiling
        yield Case("rows", 1, x=x)
        x = with_small(rng, both_signs(rng, 2, 3, 4, 5))
        yield Case("images in single precision", 0.5, x=x.astype("f4"))
        yield Case("one axis", 0.5, x=both_signs(rng, 7))

    def observe(self, code, x):
        out, _ = code.relu_forward(x)
        return {"out": out}

    def reference(self, x):
        return {"out": F.relu(torch.tensor(x, device=self.device))}

    @mistake
    def absolute_value(self, right, x):
        """Negative inputs come out positive. They should come out as 0."""
        return {"out": np.abs(x)}

    @mistake
    def is_softplus(self, right, x):
        """Yours is the softplus, log(1 + e^x), a smooth relative. A ReLU is 0 on the left, and the
        input itself on the right."""
        return {"out": np.logaddexp(x.dtype.type(0), x)}

    @mistake
    def made_a_matrix(self, right, x):
        """Numbers along one axis come out as a matrix of one row, as np.atleast_2d makes it. The
        output has the shape of x, however many axes that has."""
        return {"out": right["out"][None]} if x.ndim == 1 else None

    @mistake
    def other_half(self, right, x):
        """You keep what is negative and drop what is positive."""
        return {"out": np.minimum(x, 0)}

    @mistake
    def returns_the_mask(self, right, x):
        """That is 1 where x is positive: the derivative, not the value."""
        return {"out": (x > 0).astype(x.dtype)}

    @mistake
    def returns_a_boolean_mask(self, right, x):
        """That says where x is positive. Multiply it with something, or choose by it."""
        return {"out": x > 0}

    @mistake
    def largest_of_each_column(self, right, x):
        """np.max(x, 0) takes its second argument as an axis, so you get the largest entry along
        axis 0. You want each entry compared with 0."""
        return {"out": x.max(0)}

    @mistake
    def clipped_at_one(self, right, x):
        """Yours does not grow beyond 1. That it never flattens on the right is what a ReLU is
        for."""
        return {"out": np.clip(x, 0, 1)}

    @mistake
    def leaks(self, right, x):
        """Something comes through on the negative side. That is a leaky ReLU; here it is 0."""
        return {"out": np.where(x > 0, x, x.dtype.type(0.01) * x)}

    @mistake
    def pythons_max(self, right, x):
        """Somewhere your code asks a whole array one yes-or-no question, as `if x > 0`, `and`, `or`
        and Python's max and min do, and an array has an answer for each entry. numpy has a function
        that compares entry by entry."""
        return {"out": raises("ValueError", "truth value of an array")}

    @mistake
    def only_what_is_positive(self, right, x):
        """You pick out the positive entries, in one row, and the shape of x is lost. Each entry
        keeps its place: those that are not positive become 0."""
        return {"out": x[x > 0]}

    @mistake
    def clipped_at_six(self, right, x):
        """Yours does not grow beyond 6, as in nets for phones. A ReLU goes on for ever."""
        return {"out": np.clip(x, 0, 6)}

    @mistake
    def wider_dtype(self, right, x):
        """float32 comes in, float64 comes out of yours. Arrays from np.zeros or np.ones, masks
        turned into `float`, and constants in float64 arrays are the usual causes."""
        return {"out": right["out"].astype(np.float64)}


class relu_backward(ByTheCache):
    """The gradient of a ReLU; 0 at 0."""

    signature = "relu_backward(dout, cache) -> dx"
    growth = {"dout": 1}, {"dx": 1}
    needs = ("relu_forward",)
    minutes = 6
    hints = (
        "Where the input was positive the slope is 1. Everywhere else, 0 included, it is 0.",
        "What decides is the sign of the input, not the sign of dout.",
    )

    def cases(self, rng):
        yield Case("rows", 1, x=both_signs(rng, 4, 3), dout=both_signs(rng, 4, 3))
        yield Case("inputs of exactly 0", 1, x=with_zeros(rng, 19), dout=both_signs(rng, 19))
        x, dout = with_small(rng, both_signs(rng, 2, 3, 4, 5)), both_signs(rng, 2, 3, 4, 5)
        yield Case("images in single precision", 1, x=x.astype("f4"), dout=dout.astype("f4"))

    def observe(self, code, x, dout):
        _, cache = code.relu_forward(x)
        forward_again(code.relu_forward, x)
        return {"dx": code.relu_backward(dout, cache)}

    def reference(self, x, dout):
        return {"dx": gradient(F.relu, x, dout, self.device)}

    @mistake
    def one_at_zero(self, right, x, dout):
        """At exactly 0 the derivative is a convention, and here it is 0, as torch's relu has it.
        Yours lets the gradient through at 0: look at your comparison."""
        return {"dx": dout * (x >= 0)}

    @mistake
    def half_at_zero(self, right, x, dout):
        """At exactly 0 yours is ½, as torch.maximum has it. The convention here is 0."""
        return {"dx": dout * np.where(x == 0, 0.5, x > 0).astype(x.dtype)}

    @mistake
    def zero_by_zero(self, right, x, dout):
        """At exactly 0 yours is NaN, as when the slope is the output divided by the input: 0 by 0
        is no number. There it is 0."""
        if (x == 0).any():
            return {"dx": np.where(x == 0, x.dtype.type(np.nan), right["dx"])}

    @mistake
    def dout_decides(self, right, x, dout):
        """You drop what is negative in dout. What counts is where the input was negative; the
        gradient itself may have any sign."""
        return {"dx": np.maximum(dout, 0)}

    @mistake
    def both_must_be_positive(self, right, x, dout):
        """You ask for a positive input and a positive dout. That is guided backpropagation, a way
        to draw pictures; the gradient may have any sign."""
        return {"dx": np.maximum(dout, 0) * (x > 0)}

    @mistake
    def dout_forgotten(self, right, x, dout):
        """That is the local derivative. Multiply it by what comes from above, dout."""
        return {"dx": (x > 0).astype(x.dtype)}

    @mistake
    def returns_a_boolean_mask(self, right, x, dout):
        """You return truth values, those of `x > 0`. Where it is true dout itself goes back, and
        elsewhere 0."""
        return {"dx": x > 0}

    @mistake
    def product_compared(self, right, x, dout):
        """You return truth values: whether dout times x is above 0. In `dout * x > 0` the product
        is taken before the comparison: compare x alone, in brackets, and multiply by what comes
        out."""
        return {"dx": dout * x > 0}

    @mistake
    def output_for_derivative(self, right, x, dout):
        """You multiply dout by the output. The slope where the unit fires is 1, however large
        the output is."""
        return {"dx": dout * np.maximum(x, 0)}

    @mistake
    def only_what_passes(self, right, x, dout):
        """You pick out the entries that come through, in one row, and the shape of dout is lost.
        Each entry keeps its place: where nothing goes back there is a 0."""
        return {"dx": dout[x > 0]}

    @mistake
    def no_mask(self, right, x, dout):
        """Everything comes through. Where the input was negative the output did not depend on
        it, so no gradient goes back."""
        return {"dx": dout}

    @mistake
    def other_half(self, right, x, dout):
        """The mask is the wrong way round: you let through what should be stopped."""
        return {"dx": dout * (x <= 0)}

    @mistake
    def sign_for_slope(self, right, x, dout):
        """On the negative side yours gives −dout: the sign of x is −1 there. The slope there
        is 0."""
        return {"dx": dout * np.sign(x)}

    @mistake
    def forward_again(self, right, x, dout):
        """That is the forward pass once more. The gradient is dout times the slope."""
        return {"dx": np.maximum(x, 0)}

    @mistake
    def wider_dtype(self, right, x, dout):
        """float32 comes in, float64 comes out of yours. Arrays from np.zeros or np.ones, masks
        turned into `float`, and constants in float64 arrays are the usual causes."""
        return {"dx": right["dx"].astype(np.float64)}
