"""Exercises of notebook 02 on the sigmoid, and the inputs that all activations share.

The other rooms of the notebook take their inputs from here.
"""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near, raises
from autograder.exercises.gradients.by_the_cache import ByTheCache
from course_utils.recipes.passes import forward_again

# Down to where the curves are flat for every digit, and where they are nearly so.
AWAY = np.array([0.2, 1.0, 4.0, 5.5, 7.0, 8.5, 12.0, 16.0, 30.0, 100.0, 745.0, 1000.0])
FAR = np.concatenate([-AWAY[::-1], [0.0], AWAY])


def both_signs(rng, *shape):
    """Values of both signs, none so near 0 that the two sides of a kink look alike."""
    count = int(np.prod(shape))
    signs = rng.permutation(np.where(np.arange(count) % 2, 1.0, -1.0))
    return (signs * rng.uniform(0.2, 3, count)).reshape(shape)


def with_zeros(rng, *shape):
    """The same with every third value exactly 0, where the derivative is a convention."""
    x = both_signs(rng, *shape)
    x.flat[::3] = 0
    return x


def with_small(rng, x):
    """The same with its first and its last value small and positive, yet not 0."""
    x.flat[[0, -1]] = rng.uniform(1e-4, 6e-4, 2)
    return x


def sigma(x):
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))


def gradient(function, x, dout, device):
    """autograd's gradient of Σ dout·function(x) with respect to x."""
    x = torch.tensor(x, device=device, requires_grad=True)
    return torch.autograd.grad(function(x), x, torch.tensor(dout, device=device))[0]


def inputs_cut_at(size):
    """The mistake of cutting x off at −size and size."""

    def show(self, right, x):
        return {"out": sigma(np.clip(x, -size, size).astype(right["out"].dtype))}

    show.__doc__ = f"""Far out your output stays where it is for x = ±{size}, as when the input is
        clipped there. That keeps the exponential small, but it changes the values."""
    return mistake(show)


def ends_begin_at(size):
    """The mistake of giving the ends themselves for all x beyond −size and size."""

    def show(self, right, x):
        ends = np.where(x > size, 1, np.where(x < -size, 0, right["out"]))
        return {"out": ends.astype(right["out"].dtype)}

    show.__doc__ = f"""Your output is exactly 0 and 1 from about ±{size} on. The curve only tends to
        its ends: there the digits of what is left still count."""
    return mistake(show)


class sigmoid_forward(Exercise):
    """The logistic sigmoid, finite everywhere."""

    signature = "sigmoid_forward(x) -> out, cache"
    warning_free = True
    minutes = 10
    difficulty = 2
    hints = (
        "Which exponentials can overflow? Those of large positive numbers. Those of negative "
        "numbers only ever become 0, quietly.",
        "There are two ways to write σ: one with e^(-x), one with e^x. Each is safe on one side. "
        "np.where computes both of its branches, so choosing afterwards comes too late.",
        "One denominator serves both sides: 1 plus the exponential of minus the absolute value.",
    )

    def cases(self, rng):
        yield Case("ordinary values", 1, x=both_signs(rng, 4, 3, 2))
        yield Case("from -1000 to 1000", 1, x=FAR.copy())
        x = np.append(both_signs(rng, 6), [-100, 100])
        yield Case("single precision", 0.5, x=x.astype(np.float32))
        # In half precision an exponential overflows at 12 already.
        half = np.append(both_signs(rng, 6), [-1000, -20, 20, 1000])
        yield Case("half precision", 0.5, x=half.astype(np.float16))
        yield Case("whole numbers", 1, x=rng.permutation(np.arange(-3, 4)))

    def observe(self, code, x):
        out, _ = code.sigmoid_forward(x)
        return {"out": out}

    def reference(self, x):
        x = x if x.dtype.kind == "f" else x.astype(np.float64)
        out = torch.sigmoid(torch.tensor(x, device=self.device))
        # A clip at 1e-7, and what float32 gives, would be within float64's own tolerance.
        if x.dtype == np.float16:  # a formula in half precision rounds more than once
            return {"out": near(out, rtol=5e-3, atol=1e-3)}
        return {"out": near(out, rtol=1e-9, atol=1e-12) if x.dtype == np.float64 else out}

    @mistake
    def exp_overflows(self, right, x):
        """You divide one infinity by another: for large x the exponential overflows above and
        below the fraction line. Write it so that no large positive number is exponentiated."""
        big = np.log(np.finfo(right["out"].dtype).max)
        return {"out": np.where(x > big, np.nan, right["out"])}

    @mistake
    def overflow_made_zero(self, right, x):
        """For very large x your output is 0, and 1 is right: as when an exponential overflows, one
        infinity is divided by another, and the NaN is replaced by 0."""
        big = np.log(np.finfo(right["out"].dtype).max)
        return {"out": np.where(x > big, right["out"].dtype.type(0), right["out"])}

    @mistake
    def falls_instead_of_rises(self, right, x):
        """Yours falls from 1 to 0, and a sigmoid rises: it is that of −x, as when the sign in the
        exponent is turned round, or two branches are exchanged."""
        return {"out": 1 - right["out"]}

    @mistake
    def missing_brackets(self, right, x):
        """The division binds more tightly than the sum: yours divides 1 by 1 and adds the
        exponential. The denominator needs brackets."""
        return {"out": 1 + np.exp(-x)}

    @mistake
    def is_tanh(self, right, x):
        """Yours runs from −1 to 1: that is tanh. The sigmoid runs from 0 to 1."""
        return {"out": np.tanh(x)}

    @mistake
    def wider_dtype(self, right, x):
        """The output should have the dtype of the input, and in yours float64 comes out of a
        narrower one. An array made by np.zeros or a float64 constant array is the usual cause."""
        return {"out": sigma(x.astype(np.float64))}

    @mistake
    def half_made_single(self, right, x):
        """float16 comes in, float32 comes out of yours. The output has the dtype of the input,
        whichever float type that is."""
        return {"out": sigma(x.astype(np.float32))} if x.dtype == np.float16 else None

    @mistake
    def cut_to_whole_numbers(self, right, x):
        """Your output is stored in an array of whole numbers, so everything below 1 becomes 0.
        np.zeros_like and np.empty_like copy the dtype of x."""
        if x.dtype.kind == "i":
            return {"out": np.zeros_like(x)}

    @mistake
    def twice_as_steep(self, right, x):
        """Your curve is twice as steep: yours is σ(2x). (With tanh, σ(x) is half of 1 plus tanh of
        half of x.)"""
        return {"out": sigma(2 * x.astype(right["out"].dtype))}

    @mistake
    def zero_at_zero(self, right, x):
        """For an input of exactly 0 yours gives 0, where σ is ½. That happens when one side asks
        for `> 0` and the other for `< 0`, so that 0 belongs to neither."""
        if (x == 0).any():
            return {"out": np.where(x == 0, right["out"].dtype.type(0), right["out"])}

    @mistake
    def left_side_falls(self, right, x):
        """On the left your curve falls from 1 to ½, where it should rise from 0: for negative x
        yours is 1 minus the right value. That comes of |x| put in for x, or of an e^x below the
        fraction line without another above it."""
        return {"out": np.where(x < 0, 1 - right["out"], right["out"])}

    @mistake
    def right_side_falls(self, right, x):
        """On the right your curve falls from ½ to 0, where it should rise to 1: for positive x
        yours is 1 minus the right value. Look at the sign in that side's exponent."""
        return {"out": np.where(x > 0, 1 - right["out"], right["out"])}

    @mistake
    def kept_off_the_ends(self, right, x):
        """Your output never comes nearer to 0 and to 1 than 1e-7, as after a clip. For x = −1000
        the right value is 0."""
        return {"out": np.clip(right["out"], 1e-7, 1 - 1e-7)}

    inputs_cut_at_four, inputs_cut_at_five, inputs_cut_at_six = map(inputs_cut_at, (4, 5, 6))
    inputs_cut_at_eight, inputs_cut_at_ten = map(inputs_cut_at, (8, 10))
    inputs_cut_at_fifteen, inputs_cut_at_twenty = map(inputs_cut_at, (15, 20))

    ends_begin_at_five, ends_begin_at_six = map(ends_begin_at, (5, 6))
    ends_begin_at_eight, ends_begin_at_ten = map(ends_begin_at, (8, 10))
    ends_begin_at_fifteen = ends_begin_at(15)

    @mistake
    def hard_sigmoid(self, right, x):
        """Yours is a straight line of slope 0.2 that is cut off at 0 and 1, the hard sigmoid of
        Keras. The sigmoid bends all the way."""
        return {"out": np.clip(0.2 * x + 0.5, 0, 1)}

    @mistake
    def hard_sigmoid_of_sixths(self, right, x):
        """Yours is a straight line of slope 1/6 that is cut off at 0 and 1, the hard sigmoid of
        PyTorch. The sigmoid bends all the way."""
        return {"out": np.clip(x / 6 + 0.5, 0, 1).astype(right["out"].dtype)}

    @mistake
    def tangent_cut_off(self, right, x):
        """Yours is the sigmoid's tangent at 0, cut off at 0 and 1. The sigmoid bends all the
        way."""
        return {"out": np.clip(0.25 * x + 0.5, 0, 1)}

    @mistake
    def softsign(self, right, x):
        """Yours is made of x/(1 + |x|), the softsign. It looks alike, but comes near 0 and 1 far
        more slowly: the sigmoid has an exponential."""
        return {"out": ((1 + x / (1 + np.abs(x))) / 2).astype(right["out"].dtype)}

    @mistake
    def is_softmax(self, right, x):
        """The outputs along your last axis add up to 1: that is a softmax. The sigmoid takes each
        entry by itself."""
        e = np.exp(x - x.max(-1, keepdims=True))
        return {"out": e / e.sum(-1, keepdims=True)}


class sigmoid_backward(ByTheCache):
    """The sigmoid's gradient, from its output."""

    signature = "sigmoid_backward(dout, cache) -> dx"
    growth = {"dout": 1}, {"dx": 1}
    needs = ("sigmoid_forward",)
    warning_free = True
    minutes = 8
    hints = (
        "Write σ' using σ alone. Then you need no exponential.",
        "The chain rule says: multiply the gradient with respect to the output by the local "
        "derivative, element by element.",
    )

    def cases(self, rng):
        yield Case("ordinary values", 1, x=both_signs(rng, 4, 3), dout=rng.normal(size=(4, 3)))
        yield Case("from -1000 to 1000", 1, x=FAR.copy(), dout=both_signs(rng, FAR.size))
        x, dout = both_signs(rng, 3, 5), rng.normal(size=(3, 5))
        yield Case("single precision", 1, x=x.astype("f4"), dout=dout.astype("f4"))

    def observe(self, code, x, dout):
        _, cache = code.sigmoid_forward(x)
        forward_again(code.sigmoid_forward, x)
        return {"dx": code.sigmoid_backward(dout, cache)}

    def reference(self, x, dout):
        return {"dx": gradient(torch.sigmoid, x, dout, self.device)}

    @mistake
    def input_for_output(self, right, x, dout):
        """The formula σ'(x) = σ(1 − σ) is about the output. You put the input x into it."""
        return {"dx": dout * x * (1 - x)}

    @mistake
    def sigmoid_twice(self, right, x, dout):
        """Yours is the slope at the output, as if the sigmoid were still to be applied to it. What
        is in your cache, the input or the output?"""
        s = sigma(sigma(x))
        return {"dx": dout * s * (1 - s)}

    @mistake
    def dout_forgotten(self, right, x, dout):
        """That is the local derivative. The chain rule multiplies it by what comes from above,
        dout."""
        return {"dx": sigma(x) * (1 - sigma(x))}

    @mistake
    def slope_plus_a_tenth(self, right, x, dout):
        """Your slope is the right one plus 0.1. That keeps flat units learning, and it is no longer
        the gradient of a sigmoid."""
        return {"dx": right["dx"] + dout.dtype.type(0.1) * dout}

    @mistake
    def half_the_derivative(self, right, x, dout):
        """One factor of the derivative is missing: yours is dout times the output, which grows
        towards 1 where the curve is flat."""
        return {"dx": dout * sigma(x)}

    @mistake
    def tanh_derivative(self, right, x, dout):
        """One minus the square of the output is the derivative of tanh. The sigmoid's is another
        product of two factors."""
        return {"dx": dout * (1 - sigma(x) ** 2)}

    @mistake
    def exp_overflows(self, right, x, dout):
        """Far out on the left yours divides infinity by infinity: that comes of writing the
        derivative with exponentials. The output has all you need, and is never larger than 1."""
        dx = right["dx"].copy()
        dx[x < -np.log(np.finfo(x.dtype).max) / 2] = np.nan
        return {"dx": dx}

    @mistake
    def other_factor_missing(self, right, x, dout):
        """Your dx is dout times 1 − σ. The slope has another factor: as it is, yours is steepest
        far out on the left, where the curve is flat."""
        return {"dx": dout * (1 - sigma(x))}

    @mistake
    def missing_brackets(self, right, x, dout):
        """Products come before differences: yours multiplies dout with the output and then takes
        the rest of the expression away. 1 − σ belongs in brackets."""
        return {"dx": dout * sigma(x) - sigma(x)}

    @mistake
    def wider_dtype(self, right, x, dout):
        """float32 comes in, float64 comes out of yours. Arrays from np.zeros or np.ones, masks
        turned into `float`, and constants in float64 arrays are the usual causes."""
        return {"dx": right["dx"].astype(np.float64)}

    @mistake
    def dout_at_the_first_term(self, right, x, dout):
        """Products come before differences: in yours dout multiplies the output, and not the
        square that is taken away. It belongs to both."""
        return {"dx": dout * sigma(x) - sigma(x) ** 2}

    @mistake
    def one_plus_the_output(self, right, x, dout):
        """Your slope is σ(1 + σ), which is largest where the curve is flat. One of the signs is
        wrong."""
        return {"dx": dout * sigma(x) * (1 + sigma(x))}

    @mistake
    def one_minus_dout(self, right, x, dout):
        """One of your factors is 1 − dout, and 1 minus the output belongs there. The slope goes by
        the output alone, so twice the dout gives twice the dx, which yours does not."""
        return {"dx": dout * sigma(x) * (1 - dout)}

    @mistake
    def slopes_in_a_matrix(self, right, x, dout):
        """You put the slopes on the diagonal of a matrix and multiply by that, which holds for one
        row of numbers only. Each slope meets the dout in its own place, in arrays of any shape."""
        try:
            return {"dx": np.diag(sigma(x) * (1 - sigma(x))) @ dout}
        except ValueError:
            return {"dx": raises("ValueError", "matmul")}

    @mistake
    def output_squared(self, right, x, dout):
        """Your slope is the square of the output. On the right, where the output is near 1, the
        curve is flat: the second factor has to vanish there."""
        return {"dx": dout * sigma(x) ** 2}
