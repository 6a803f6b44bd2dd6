"""Exercises of notebook 02 on tanh, the sigmoid's centred relative."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near, raises
from autograder.exercises.activations.saturating import FAR, both_signs, gradient, sigma
from autograder.exercises.gradients.by_the_cache import ByTheCache
from course_utils.recipes.passes import forward_again


def ends_begin_at(size):
    """The mistake of giving the ends themselves for all x beyond −size and size."""

    def show(self, right, x):
        return {"out": np.where(np.abs(x) > size, np.sign(x), right["out"])}

    show.__doc__ = f"""Your output is exactly −1 and 1 from about ±{size} on. The curve only tends
        to its ends: there the digits of what is left still count."""
    return mistake(show)


class tanh_forward(Exercise):
    """The hyperbolic tangent."""

    signature = "tanh_forward(x) -> out, cache"
    warning_free = True
    minutes = 3
    extra = True
    hints = (
        "numpy has it, and its version does not overflow.",
        "The backward pass needs the slope, and you can compute the slope from the output. So "
        "what is worth keeping?",
    )

    def cases(self, rng):
        yield Case("ordinary values", 1, x=both_signs(rng, 4, 3, 2))
        yield Case("from -1000 to 1000", 1, x=FAR.copy())
        yield Case("single precision", 1, x=both_signs(rng, 3, 5).astype(np.float32))

    def observe(self, code, x):
        out, _ = code.tanh_forward(x)
        return {"out": out}

    def reference(self, x):
        out = torch.tanh(torch.tensor(x, device=self.device))
        # What float32 gives would be within float64's own tolerance.
        return {"out": near(out, rtol=1e-9, atol=1e-12) if x.dtype == np.float64 else out}

    @mistake
    def exp_overflows(self, right, x):
        """The quotient of exponentials becomes infinity over infinity far out. Take a version
        that does not exponentiate large numbers."""
        big = np.log(np.finfo(x.dtype).max)
        return {"out": np.where(np.abs(x) > big, np.nan, right["out"])}

    @mistake
    def overflow_made_zero(self, right, x):
        """Far out your output is 0, and −1 and 1 are right: as when exponentials overflow, one
        infinity is divided by another, and the NaN is replaced by 0."""
        big = np.log(np.finfo(x.dtype).max)
        return {"out": np.where(np.abs(x) > big, x.dtype.type(0), right["out"])}

    ends_begin_at_three, ends_begin_at_five = map(ends_begin_at, (3, 5))
    ends_begin_at_six = ends_begin_at(6)

    @mistake
    def softsign(self, right, x):
        """Yours is x/(1 + |x|), the softsign. It looks alike, but comes near −1 and 1 far more
        slowly: the tanh has exponentials."""
        return {"out": x / (1 + np.abs(x))}

    @mistake
    def is_sigmoid(self, right, x):
        """Yours runs from 0 to 1: that is the sigmoid. tanh runs from −1 to 1."""
        return {"out": sigma(x)}

    @mistake
    def half_as_steep(self, right, x):
        """tanh is a stretched sigmoid, and it is stretched both ways: 2σ − 1 of what? Yours has
        slope ½ at 0; tanh has slope 1."""
        return {"out": 2 * sigma(x) - 1}

    @mistake
    def not_shifted(self, right, x):
        """Your curve runs from 0 to 2. tanh is centred on 0: shift it down."""
        return {"out": right["out"] + 1}

    @mistake
    def missing_brackets(self, right, x):
        """Numerator and denominator need brackets: division binds more tightly than plus and
        minus."""
        return {"out": np.exp(x) - np.exp(-x) / np.exp(x) + np.exp(-x)}

    @mistake
    def hard_tanh(self, right, x):
        """Yours is a straight line that is cut off at −1 and 1, the hard tanh. The tanh bends all
        the way."""
        return {"out": np.clip(x, -1, 1)}

    @mistake
    def stretched(self, right, x):
        """Yours is 1.7159·tanh(2x/3), LeCun's stretched tanh, which leaves the range from −1 to 1.
        Here it is tanh itself."""
        return {"out": x.dtype.type(1.7159) * np.tanh(2 * x / 3)}

    @mistake
    def wider_dtype(self, right, x):
        """float32 comes in, float64 comes out of yours. Arrays from np.zeros or np.ones, masks
        turned into `float`, and constants in float64 arrays are the usual causes."""
        return {"out": right["out"].astype(np.float64)}


class tanh_backward(ByTheCache):
    """The gradient of tanh, from its output."""

    signature = "tanh_backward(dout, cache) -> dx"
    growth = {"dout": 1}, {"dx": 1}
    needs = ("tanh_forward",)
    warning_free = True
    minutes = 4
    extra = True
    hints = (
        "At 0 the slope is 1, and far from 0 it is 0 on both sides. So as a function of the "
        "output it must be even.",
        "Differentiate tanh and write the result in tanh itself; then the gradient from above "
        "multiplies it.",
    )

    def cases(self, rng):
        dout = rng.normal(size=(4, 3))
        dout[0] *= 10  # above any ceiling
        yield Case("ordinary values", 1, x=both_signs(rng, 4, 3), dout=dout)
        yield Case("from -1000 to 1000", 1, x=FAR.copy(), dout=both_signs(rng, FAR.size))
        x, dout = both_signs(rng, 3, 5), rng.normal(size=(3, 5))
        yield Case("single precision", 1, x=x.astype("f4"), dout=dout.astype("f4"))

    def observe(self, code, x, dout):
        _, cache = code.tanh_forward(x)
        forward_again(code.tanh_forward, x)
        return {"dx": code.tanh_backward(dout, cache)}

    def reference(self, x, dout):
        return {"dx": gradient(torch.tanh, x, dout, self.device)}

    @mistake
    def input_for_output(self, right, x, dout):
        """The formula 1 − tanh² is about the output. You put the input x into it."""
        return {"dx": dout * (1 - x**2)}

    @mistake
    def tanh_twice(self, right, x, dout):
        """Yours is the slope at the output, as if tanh were still to be applied to it. What is in
        your cache, the input or the output?"""
        return {"dx": dout * (1 - np.tanh(np.tanh(x)) ** 2)}

    @mistake
    def not_squared(self, right, x, dout):
        """The slope must be the same at x and at −x, and yours is not: a square is missing."""
        return {"dx": dout * (1 - np.tanh(x))}

    @mistake
    def size_for_square(self, right, x, dout):
        """Your slope is 1 minus the size of the output. It is 1 minus its square."""
        return {"dx": dout * (1 - np.abs(np.tanh(x)))}

    @mistake
    def gradient_clipped(self, right, x, dout):
        """You cut the gradient off at −1 and 1. It may have any size."""
        return {"dx": np.clip(right["dx"], -1, 1)}

    @mistake
    def sigmoid_derivative(self, right, x, dout):
        """Output times one minus output is the sigmoid's derivative. For tanh it would be
        negative on the left."""
        return {"dx": dout * np.tanh(x) * (1 - np.tanh(x))}

    @mistake
    def dout_forgotten(self, right, x, dout):
        """That is the local derivative. Multiply it by what comes from above, dout."""
        return {"dx": 1 - np.tanh(x) ** 2}

    @mistake
    def missing_brackets(self, right, x, dout):
        """Products come before differences: yours takes the square of the output away from dout.
        1 − tanh² belongs in brackets."""
        return {"dx": dout - np.tanh(x) ** 2}

    @mistake
    def difference_squared(self, right, x, dout):
        """You square the difference, 1 minus the output. It is the output that is squared."""
        return {"dx": dout * (1 - np.tanh(x)) ** 2}

    @mistake
    def wider_dtype(self, right, x, dout):
        """float32 comes in, float64 comes out of yours. Arrays from np.zeros or np.ones, masks
        turned into `float`, and constants in float64 arrays are the usual causes."""
        return {"dx": right["dx"].astype(np.float64)}

    @mistake
    def one_plus_the_square(self, right, x, dout):
        """Your slope is 1 plus the square of the output, which is largest where the curve is flat.
        The sign of the square is wrong."""
        return {"dx": dout * (1 + np.tanh(x) ** 2)}

    @mistake
    def one_minus_the_square_of_dout(self, right, x, dout):
        """You square dout, where the output belongs. The slope goes by the output alone, so twice
        the dout gives twice the dx, which yours does not."""
        return {"dx": dout * (1 - dout**2)}

    @mistake
    def slopes_in_a_matrix(self, right, x, dout):
        """You put the slopes on the diagonal of a matrix and multiply by that, which holds for one
        row of numbers only. Each slope meets the dout in its own place, in arrays of any shape."""
        try:
            return {"dx": np.diag(1 - np.tanh(x) ** 2) @ dout}
        except ValueError:
            return {"dx": raises("ValueError", "matmul")}

    @mistake
    def square_alone(self, right, x, dout):
        """Your slope is the square of the output: 0 in the middle, where tanh is steepest. What
        is it taken away from?"""
        return {"dx": dout * np.tanh(x) ** 2}
