"""Exercises of notebook 02 on fixed activation functions, and on units that stop learning.

Learned activations are in `learned_activations`, piecewise linear nets in `piecewise`.
"""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, Question, mistake, near

NOTEBOOK = "02_activations"

FAR = np.array([-1000.0, -745.0, -100.0, -30.0, -1.0, 0.0, 1.0, 30.0, 100.0, 745.0, 1000.0])


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


def sigma(x):
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))


def gradient(function, x, dout, device):
    """autograd's gradient of Σ dout·function(x) with respect to x."""
    x = torch.tensor(x, device=device, requires_grad=True)
    return torch.autograd.grad(function(x), x, torch.tensor(dout, device=device))[0]


class q02_centred(Question):
    """How far off a centred difference is."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, x=float(rng.integers(2, 6)), h=0.1)

    def text(self, x, h):
        return (
            f"For $f(x) = x^3$ at $x = {x:g}$ with $h = {h:g}$: by how much does the centred "
            "difference $\\frac{f(x+h) - f(x-h)}{2h}$ exceed the true derivative?\n\n"
            f"- **a** by 0: a centred difference is exact\n"
            f"- **b** by {h**2:g}\n"
            f"- **c** by {3 * x * h + h**2:g}\n"
            f"- **d** by {h:g}"
        )

    def reference(self, x, h):
        excess = ((x + h) ** 3 - (x - h) ** 3) / (2 * h) - 3 * x**2
        choices = {0.0: "a", h**2: "b", 3 * x * h + h**2: "c", h: "d"}
        return {"answer": choices[min(choices, key=lambda value: abs(value - excess))]}

    @mistake
    def exact(self, right, x, h):
        """A centred difference is exact for parabolas only. A cubic has a third derivative, and
        that is the first term that does not cancel."""
        return {"answer": "a"}

    @mistake
    def one_sided(self, right, x, h):
        """That is the error of the one-sided difference. Subtract the two expansions around x:
        which terms cancel?"""
        return {"answer": "c"}

    @mistake
    def first_order(self, right, x, h):
        """The error of a centred difference is of second order in h, so ten times smaller steps
        make it a hundred times smaller."""
        return {"answer": "d"}


class q02_accumulate(Question):
    """What `.grad` holds after several calls of backward."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, g=float(rng.integers(2, 8)) / 10, calls=int(rng.integers(3, 6)))

    def text(self, g, calls):
        return (
            f"A weight's gradient on a batch is {g:g}. Starting from `w.grad is None`, you run "
            f"forward and `loss.backward()` on that batch {calls} times, without "
            "`optimizer.zero_grad()` and without a step. What does `w.grad` hold?\n\n"
            f"- **a** {g:g}\n- **b** {g**calls:.3g}\n- **c** {g * calls:g}\n"
            "- **d** nothing: the second call raises an error"
        )

    def reference(self, g, calls):
        w = torch.zeros(1, device=self.device, requires_grad=True)
        for _ in range(calls):
            (g * w).sum().backward()
        choices = {"a": g, "b": g**calls, "c": g * calls}
        return {"answer": min(choices, key=lambda c: abs(choices[c] - float(w.grad)))}

    @mistake
    def replaced(self, right, g, calls):
        """backward adds to `.grad`; nothing sets it to 0 between the calls but you."""
        return {"answer": "a"}

    @mistake
    def multiplied(self, right, g, calls):
        """The chain rule multiplies along one path. Separate calls are separate terms of a sum."""
        return {"answer": "b"}

    @mistake
    def graph_is_gone(self, right, g, calls):
        """Each forward builds a graph of its own, so each backward has one to go through. An
        error comes only when backward is called twice on the same forward."""
        return {"answer": "d"}


class q02_bias_gradient(Question):
    """The gradient of a bias that every example shares."""

    extra = True

    def cases(self, rng):
        n, h = (int(v) for v in rng.choice(np.arange(5, 20), 2, replace=False))
        yield Case("answer", 1, n=n, h=h, g=float(rng.integers(2, 5)))

    def text(self, n, h, g):
        return (
            f"An affine layer $y = xW + b$ maps a batch of {n} examples to {h} units. From above "
            f"comes a `dout` of shape {n}×{h} in which every entry is {g:g}. What is each entry of "
            "`db`? (Answer with a number.)"
        )

    def reference(self, n, h, g):
        b = torch.zeros(h, device=self.device, requires_grad=True)
        (g * (torch.zeros(n, h, device=self.device) + b)).sum().backward()
        return {"answer": float(b.grad[0])}

    @mistake
    def mean_over_the_batch(self, right, n, h, g):
        """The layer itself takes no mean. Where the loss is a mean over the batch, dout holds
        the 1/N already."""
        return {"answer": g}

    @mistake
    def summed_over_units(self, right, n, h, g):
        """Each unit has a bias of its own; what shares it are the examples, so the sum runs over
        those."""
        return {"answer": h * g}

    @mistake
    def summed_over_everything(self, right, n, h, g):
        """db has one entry a unit: sum over the examples, and leave the units apart."""
        return {"answer": n * h * g}


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
        yield Case("single precision", 1, x=x.astype(np.float32))
        yield Case("whole numbers", 1, x=rng.permutation(np.arange(-3, 4)))

    def observe(self, code, x):
        out, _ = code.sigmoid_forward(x)
        return {"out": out}

    def reference(self, x):
        x = x if x.dtype.kind == "f" else x.astype(np.float64)
        return {"out": torch.sigmoid(torch.tensor(x, device=self.device))}

    @mistake
    def exp_overflows(self, right, x):
        """You divide one infinity by another: for large x the exponential overflows above and
        below the fraction line. Write it so that no large positive number is exponentiated."""
        big = np.log(np.finfo(right["out"].dtype).max)
        return {"out": np.where(x > big, np.nan, right["out"])}

    @mistake
    def falls_instead_of_rises(self, right, x):
        """Yours falls from 1 to 0. A sigmoid rises: check the sign in the exponent."""
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
        """The output should have the dtype of the input: float32 comes in, float64 comes out.
        An array made by np.zeros or a float64 constant array is the usual cause."""
        return {"out": sigma(x.astype(np.float64))}

    @mistake
    def cut_to_whole_numbers(self, right, x):
        """Your output is stored in an array of whole numbers, so everything below 1 becomes 0.
        np.zeros_like and np.empty_like copy the dtype of x."""
        if x.dtype.kind == "i":
            return {"out": np.zeros_like(x)}


class sigmoid_backward(Exercise):
    """The sigmoid's gradient, from its output."""

    signature = "sigmoid_backward(dout, cache) -> dx"
    needs = ("sigmoid_forward",)
    warning_free = True
    minutes = 8
    hints = (
        "Write σ' with σ alone. Then no exponential is left to compute.",
        "The chain rule: what comes from above, times the local derivative, element by element.",
    )

    def cases(self, rng):
        yield Case("ordinary values", 1, x=both_signs(rng, 4, 3), dout=rng.normal(size=(4, 3)))
        yield Case("from -1000 to 1000", 1, x=FAR.copy(), dout=rng.normal(size=FAR.size))
        x, dout = both_signs(rng, 3, 5), rng.normal(size=(3, 5))
        yield Case("single precision", 1, x=x.astype("f4"), dout=dout.astype("f4"))

    def observe(self, code, x, dout):
        _, cache = code.sigmoid_forward(x)
        return {"dx": code.sigmoid_backward(dout, cache)}

    def reference(self, x, dout):
        return {"dx": gradient(torch.sigmoid, x, dout, self.device)}

    @mistake
    def input_for_output(self, right, x, dout):
        """The formula σ'(x) = σ(1 − σ) is about the output. You put the input x into it."""
        return {"dx": dout * x * (1 - x)}

    @mistake
    def sigmoid_twice(self, right, x, dout):
        """You apply the sigmoid to something that has been through it already. What is in your
        cache, the input or the output?"""
        s = sigma(sigma(x))
        return {"dx": dout * s * (1 - s)}

    @mistake
    def dout_forgotten(self, right, x, dout):
        """That is the local derivative. The chain rule multiplies it by what comes from above,
        dout."""
        return {"dx": sigma(x) * (1 - sigma(x))}

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
        """The derivative is right, but written with exponentials it divides infinity by infinity
        far out. The output has all you need, and it is never larger than 1."""
        dx = right["dx"].copy()
        dx[x < -np.log(np.finfo(x.dtype).max) / 2] = np.nan
        return {"dx": dx}


class tanh_forward(Exercise):
    """The hyperbolic tangent."""

    signature = "tanh_forward(x) -> out, cache"
    warning_free = True
    minutes = 3
    extra = True
    hints = ("numpy has it, and its version does not overflow.",)

    def cases(self, rng):
        yield Case("ordinary values", 1, x=both_signs(rng, 4, 3, 2))
        yield Case("from -1000 to 1000", 1, x=FAR.copy())
        yield Case("single precision", 1, x=both_signs(rng, 3, 5).astype(np.float32))

    def observe(self, code, x):
        out, _ = code.tanh_forward(x)
        return {"out": out}

    def reference(self, x):
        return {"out": torch.tanh(torch.tensor(x, device=self.device))}

    @mistake
    def exp_overflows(self, right, x):
        """The quotient of exponentials becomes infinity over infinity far out. Take a version
        that does not exponentiate large numbers."""
        big = np.log(np.finfo(x.dtype).max)
        return {"out": np.where(np.abs(x) > big, np.nan, right["out"])}

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


class tanh_backward(Exercise):
    """The gradient of tanh, from its output."""

    signature = "tanh_backward(dout, cache) -> dx"
    needs = ("tanh_forward",)
    warning_free = True
    minutes = 4
    extra = True
    hints = ("At 0 the slope is 1, far out it is 0 on both sides: it must be even in the output.",)

    def cases(self, rng):
        yield Case("ordinary values", 1, x=both_signs(rng, 4, 3), dout=rng.normal(size=(4, 3)))
        yield Case("from -1000 to 1000", 1, x=FAR.copy(), dout=rng.normal(size=FAR.size))
        x, dout = both_signs(rng, 3, 5), rng.normal(size=(3, 5))
        yield Case("single precision", 1, x=x.astype("f4"), dout=dout.astype("f4"))

    def observe(self, code, x, dout):
        _, cache = code.tanh_forward(x)
        return {"dx": code.tanh_backward(dout, cache)}

    def reference(self, x, dout):
        return {"dx": gradient(torch.tanh, x, dout, self.device)}

    @mistake
    def input_for_output(self, right, x, dout):
        """The formula 1 − tanh² is about the output. You put the input x into it."""
        return {"dx": dout * (1 - x**2)}

    @mistake
    def tanh_twice(self, right, x, dout):
        """You apply tanh to something that has been through it already. What is in your cache,
        the input or the output?"""
        return {"dx": dout * (1 - np.tanh(np.tanh(x)) ** 2)}

    @mistake
    def not_squared(self, right, x, dout):
        """The slope must be the same at x and at −x, and yours is not: a square is missing."""
        return {"dx": dout * (1 - np.tanh(x))}

    @mistake
    def sigmoid_derivative(self, right, x, dout):
        """Output times one minus output is the sigmoid's derivative. For tanh it would be
        negative on the left."""
        return {"dx": dout * np.tanh(x) * (1 - np.tanh(x))}

    @mistake
    def dout_forgotten(self, right, x, dout):
        """That is the local derivative. Multiply it by what comes from above, dout."""
        return {"dx": 1 - np.tanh(x) ** 2}


class relu_forward(Exercise):
    """The rectified linear unit."""

    signature = "relu_forward(x) -> out, cache"
    minutes = 4
    hints = (
        "Element by element, the larger of two numbers: one of them is always the same.",
        "np.max looks for the largest entry of an array; another function compares two arrays.",
    )

    def cases(self, rng):
        yield Case("rows", 1, x=both_signs(rng, 4, 3))
        yield Case("images in single precision", 1, x=both_signs(rng, 2, 3, 4, 5).astype("f4"))

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


class relu_backward(Exercise):
    """The gradient of a ReLU; 0 at 0."""

    signature = "relu_backward(dout, cache) -> dx"
    needs = ("relu_forward",)
    minutes = 6
    hints = (
        "Where the input was positive the slope is 1. Everywhere else, 0 included, it is 0.",
        "What decides is the sign of the input, not the sign of dout.",
    )

    def cases(self, rng):
        yield Case("rows", 1, x=both_signs(rng, 4, 3), dout=both_signs(rng, 4, 3))
        yield Case("inputs of exactly 0", 1, x=with_zeros(rng, 5, 4), dout=both_signs(rng, 5, 4))
        x, dout = both_signs(rng, 2, 3, 4, 5), both_signs(rng, 2, 3, 4, 5)
        yield Case("images in single precision", 1, x=x.astype("f4"), dout=dout.astype("f4"))

    def observe(self, code, x, dout):
        _, cache = code.relu_forward(x)
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
    def output_for_derivative(self, right, x, dout):
        """You multiply dout by the output. The slope where the unit fires is 1, however large
        the output is."""
        return {"dx": dout * np.maximum(x, 0)}

    @mistake
    def no_mask(self, right, x, dout):
        """Everything comes through. Where the input was negative the output did not depend on
        it, so no gradient goes back."""
        return {"dx": dout}

    @mistake
    def other_half(self, right, x, dout):
        """The mask is the wrong way round: you let through what should be stopped."""
        return {"dx": dout * (x <= 0)}


class leaky_relu_forward(Exercise):
    """ReLU with a small slope on the negative side (Maas 2013)."""

    signature = "leaky_relu_forward(x, alpha=0.01) -> out, cache"
    minutes = 5
    hints = (
        "Two straight lines through 0: slope 1 on the right, slope α on the left.",
        "A maximum of two lines picks the upper one. Which of the two is that on the left, if α "
        "is larger than 1?",
    )

    def cases(self, rng):
        yield Case("alpha 0.1", 1, x=both_signs(rng, 4, 3), alpha=0.1)
        yield Case("alpha left out", 1, x=both_signs(rng, 3, 4))
        yield Case("alpha above 1", 1, x=both_signs(rng, 5, 2), alpha=1.5)
        yield Case("single precision", 1, x=both_signs(rng, 2, 3, 2).astype("f4"), alpha=0.3)

    def observe(self, code, x, alpha=None):
        given = () if alpha is None else (alpha,)
        out, _ = code.leaky_relu_forward(x, *given)
        return {"out": out}

    def reference(self, x, alpha=0.01):
        return {"out": F.leaky_relu(torch.tensor(x, device=self.device), alpha)}

    @mistake
    def alpha_is_fixed(self, right, x, alpha=0.01):
        """Your slope is 0.01 whatever alpha says. Use the argument."""
        return {"out": np.where(x > 0, x, x.dtype.type(0.01) * x)}

    @mistake
    def default_of_the_other_slide(self, right, x, alpha=None):
        """When alpha is left out it should be 0.01; yours is 0.1. Both are on the slides: it is
        a choice, and the docstring makes it."""
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


class leaky_relu_backward(Exercise):
    """The gradient of a leaky ReLU; α at 0."""

    signature = "leaky_relu_backward(dout, cache) -> dx"
    needs = ("leaky_relu_forward",)
    minutes = 6
    hints = (
        "There are two slopes now, and dout is multiplied by one of them everywhere.",
        "alpha has to come from somewhere: what did your forward put into the cache?",
    )

    def cases(self, rng):
        yield Case("alpha 0.1", 1, x=both_signs(rng, 4, 3), dout=both_signs(rng, 4, 3), alpha=0.1)
        yield Case("inputs of exactly 0", 1,
                   x=with_zeros(rng, 3, 5), dout=both_signs(rng, 3, 5), alpha=0.25)  # fmt: skip
        yield Case("alpha left out", 1, x=both_signs(rng, 3, 4), dout=both_signs(rng, 3, 4))
        x, dout = both_signs(rng, 2, 3, 2), both_signs(rng, 2, 3, 2)
        yield Case("single precision", 1, x=x.astype("f4"), dout=dout.astype("f4"), alpha=0.3)

    def observe(self, code, x, dout, alpha=None):
        given = () if alpha is None else (alpha,)
        _, cache = code.leaky_relu_forward(x, *given)
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
        """Your slope is 0.01 whatever alpha the forward pass was given. Keep alpha in the
        cache."""
        return {"dx": np.where(x > 0, dout, x.dtype.type(0.01) * dout)}

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
        """float32 comes in, float64 comes out. np.where of two plain numbers makes a float64
        array, and everything it touches becomes float64."""
        return {"dx": right["dx"].astype(np.float64)}


class elu_forward(Exercise):
    """The exponential linear unit (Clevert 2015)."""

    signature = "elu_forward(x, alpha=1.0) -> out, cache"
    warning_free = True
    minutes = 7
    difficulty = 2
    extra = True
    hints = (
        "np.where computes both of its branches everywhere. Keep large positive numbers away from "
        "the exponential.",
        "For x near 0, e^x is 1 and a little, and subtracting 1 leaves only the rounding. numpy "
        "has a function for e^x − 1 that does not subtract.",
    )

    def cases(self, rng):
        yield Case("alpha 0.7", 1, x=both_signs(rng, 4, 3), alpha=0.7)
        yield Case("alpha left out", 1, x=both_signs(rng, 3, 4))
        yield Case("close to 0", 1, x=1e-12 * both_signs(rng, 5, 2), alpha=0.7)
        yield Case("from -1000 to 1000", 1, x=FAR.copy(), alpha=1.3)
        yield Case("single precision", 1, x=both_signs(rng, 2, 3, 2).astype("f4"), alpha=0.4)

    def observe(self, code, x, alpha=None):
        given = () if alpha is None else (alpha,)
        out, _ = code.elu_forward(x, *given)
        return {"out": out}

    def reference(self, x, alpha=1.0):
        x = torch.tensor(x, device=self.device)
        # F.elu subtracts 1 on some devices and versions; expm1 is exact on all.
        out = torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0)))
        if x.abs().max() < 1e-9:
            return {"out": near(out, rtol=1e-8, atol=0.0)}
        return {"out": out}

    @mistake
    def cancels_near_zero(self, right, x, alpha=1.0):
        """For tiny x most digits are lost: e^x is 1 and a little, and taking 1 away leaves the
        rounding. There is a function that computes e^x − 1 in one go."""
        if np.abs(x).max() < 1e-9:
            return {"out": np.where(x > 0, x, alpha * (np.exp(x) - 1))}

    @mistake
    def alpha_ignored(self, right, x, alpha=1.0):
        """Your curve flattens at −1 whatever alpha says. It should flatten at −α."""
        return {"out": np.where(x > 0, x, np.expm1(np.minimum(x, 0)))}

    @mistake
    def alpha_in_the_exponent(self, right, x, alpha=1.0):
        """α multiplies the whole left branch. You put it into the exponent, which changes how
        fast the curve flattens, not where."""
        return {"out": np.where(x > 0, x, np.expm1(np.minimum(x.dtype.type(alpha) * x, 0)))}

    @mistake
    def one_not_subtracted(self, right, x, alpha=1.0):
        """Your curve jumps at 0: the left branch must arrive at 0 there, so something has to be
        taken away from the exponential."""
        return {"out": np.where(x > 0, x, x.dtype.type(alpha) * np.exp(np.minimum(x, 0)))}

    @mistake
    def one_subtracted_last(self, right, x, alpha=1.0):
        """α multiplies the difference, not the exponential alone. As it is, the curve jumps
        at 0."""
        return {"out": np.where(x > 0, x, x.dtype.type(alpha) * np.exp(np.minimum(x, 0)) - 1)}

    @mistake
    def is_leaky_relu(self, right, x, alpha=1.0):
        """On the left yours is a straight line. An ELU bends and settles at −α."""
        return {"out": np.where(x > 0, x, x.dtype.type(alpha) * x)}


class elu_backward(Exercise):
    """The gradient of an ELU; α at 0."""

    signature = "elu_backward(dout, cache) -> dx"
    needs = ("elu_forward",)
    warning_free = True
    minutes = 6
    difficulty = 2
    extra = True
    hints = (
        "Differentiate the left branch. What remains of the 1 that was subtracted?",
        "The left slope can be had from the output and alpha, without another exponential.",
    )

    def cases(self, rng):
        yield Case("alpha 0.7", 1, x=both_signs(rng, 4, 3), dout=both_signs(rng, 4, 3), alpha=0.7)
        yield Case("inputs of exactly 0", 1,
                   x=with_zeros(rng, 3, 5), dout=both_signs(rng, 3, 5), alpha=0.4)  # fmt: skip
        yield Case("alpha left out", 1, x=both_signs(rng, 3, 4), dout=both_signs(rng, 3, 4))
        yield Case("from -1000 to 1000", 1,
                   x=FAR[FAR != 0], dout=both_signs(rng, FAR.size - 1), alpha=1.3)  # fmt: skip
        x, dout = both_signs(rng, 2, 3, 2), both_signs(rng, 2, 3, 2)
        yield Case("single precision", 1, x=x.astype("f4"), dout=dout.astype("f4"), alpha=0.3)

    def observe(self, code, x, dout, alpha=None):
        given = () if alpha is None else (alpha,)
        _, cache = code.elu_forward(x, *given)
        return {"dx": code.elu_backward(dout, cache)}

    def reference(self, x, dout, alpha=1.0):
        return {"dx": gradient(lambda x: F.elu(x, alpha), x, dout, self.device)}

    @mistake
    def one_at_zero(self, right, x, dout, alpha=1.0):
        """At exactly 0 the derivative is taken from the left, so it is α. Yours is 1 there: look
        at your comparison."""
        return {"dx": np.where(x == 0, dout, right["dx"])}

    @mistake
    def adds_one(self, right, x, dout, alpha=1.0):
        """Output plus 1 is the slope only when α is 1. Solve the forward formula for α times the
        exponential."""
        left = x.dtype.type(alpha) * np.expm1(np.minimum(x, 0)) + 1
        return {"dx": np.where(x > 0, dout, dout * left)}

    @mistake
    def alpha_ignored(self, right, x, dout, alpha=1.0):
        """α multiplies the left branch, so it multiplies its slope too. Yours has slope 1 just
        left of 0 whatever alpha was."""
        return {"dx": np.where(x > 0, dout, dout * np.exp(np.minimum(x, 0)))}

    @mistake
    def output_for_derivative(self, right, x, dout, alpha=1.0):
        """On the left you multiply dout by the output. The output is negative there, and the
        slope of a rising curve is not."""
        left = x.dtype.type(alpha) * np.expm1(np.minimum(x, 0))
        return {"dx": np.where(x > 0, dout, dout * left)}

    @mistake
    def dout_forgotten(self, right, x, dout, alpha=1.0):
        """Those are the local slopes. Multiply them by what comes from above, dout."""
        left = x.dtype.type(alpha) * np.exp(np.minimum(x, 0))
        return {"dx": np.where(x > 0, x.dtype.type(1), left)}

    @mistake
    def zero_on_the_left(self, right, x, dout, alpha=1.0):
        """Nothing comes back on the left: that is a ReLU's gradient. An ELU has a slope there,
        small but not 0."""
        return {"dx": dout * (x > 0)}

    @mistake
    def exp_overflows(self, right, x, dout, alpha=1.0):
        """On the right you multiply an overflowed exponential by 0, and infinity times 0 is NaN.
        Choose between the branches, or keep large numbers away from the exponential."""
        big = np.log(np.finfo(x.dtype).max)
        return {"dx": np.where(x > big, np.nan, right["dx"])}


class saturation_fraction(Exercise):
    """Which share of a layer's outputs hardly lets a gradient through."""

    signature = "saturation_fraction(a, kind, threshold=0.05)"
    minutes = 9
    difficulty = 2
    hints = (
        "First an array of local derivatives, computed from the outputs a. For sigmoid and tanh "
        "you have written that formula, or nearly.",
        "How steep can a sigmoid be at most, and tanh? Divide by that before you compare.",
        "The mean of an array of True and False is a share.",
    )

    def cases(self, rng):
        z = rng.normal(0, 3, (40, 7))
        yield Case("sigmoid", 1, a=sigma(z), kind="sigmoid")
        yield Case("tanh", 1, a=np.tanh(rng.normal(0.4, 1.5, (30, 9))), kind="tanh")
        yield Case("relu", 1, a=np.maximum(rng.normal(0.3, 1, (20, 6)), 0), kind="relu")
        ends = np.concatenate([rng.uniform(0.001, 0.009, 5), rng.uniform(0.9, 0.999, 9)])
        middle = rng.uniform(0.3, 0.7, 7)
        # 0.5 lies exactly on the threshold, and is not below it.
        a = rng.permutation(np.concatenate([ends, middle, [0.5, 0.5]])).reshape(23, 1)
        yield Case("a threshold of 1, met exactly", 1, a=a, kind="sigmoid", threshold=1.0)
        a = rng.permutation(np.append(rng.uniform(-0.99, 0.99, 17), [0.5, 0.5, -0.5]))
        yield Case("tanh, another threshold", 1, a=a, kind="tanh", threshold=0.75)

    def observe(self, code, a, kind, threshold=None):
        given = () if threshold is None else (threshold,)
        return {"share": code.saturation_fraction(a, kind, *given)}

    def reference(self, a, kind, threshold=0.05):
        return {"share": float(np.mean(self.slope(a, kind) < threshold))}

    @staticmethod
    def slope(a, kind):
        """The derivative as a share of the largest one, from the output."""
        return {
            "sigmoid": lambda: a * (1 - a) * 4,
            "tanh": lambda: (1 - a) * (1 + a),
            "relu": lambda: np.where(a > 0, 1.0, 0.0),
        }[kind]()

    @mistake
    def not_relative(self, right, a, kind, threshold=0.05):
        """The threshold is a share of the steepest slope. A sigmoid's steepest slope is not 1, so
        your sigmoids count as saturated too early."""
        if kind == "sigmoid":
            return {"share": float(np.mean(a * (1 - a) < threshold))}

    @mistake
    def squashed_again(self, right, a, kind, threshold=0.05):
        """a holds outputs: they have been through the activation. You put them through it once
        more before you take the slope."""
        again = {"sigmoid": sigma, "tanh": np.tanh, "relu": lambda a: a}[kind](a)
        return {"share": float(np.mean(self.slope(again, kind) < threshold))}

    @mistake
    def upper_end_only(self, right, a, kind, threshold=0.05):
        """You count the outputs near the upper end only. The curve is flat at the lower end
        too."""
        centre = {"sigmoid": 0.5, "tanh": 0.0, "relu": np.inf}[kind]
        low = self.slope(a, kind) < threshold
        return {"share": float(np.mean(low & ((a > centre) | (kind == "relu"))))}

    @mistake
    def sigmoid_formula_for_tanh(self, right, a, kind, threshold=0.05):
        """For tanh you use the sigmoid's formula. Outputs around 0 are where tanh is steepest,
        and you count them, with all negative ones, as saturated."""
        if kind == "tanh":
            return {"share": float(np.mean(4 * a * (1 - a) < threshold))}

    @mistake
    def equal_counts(self, right, a, kind, threshold=0.05):
        """Saturated means below the threshold. You count slopes that equal it as well."""
        return {"share": float(np.mean(self.slope(a, kind) <= threshold))}

    @mistake
    def share_that_still_learns(self, right, a, kind, threshold=0.05):
        """That is the share of outputs that are not saturated: the complement."""
        return {"share": 1 - right["share"]}

    @mistake
    def count_not_share(self, right, a, kind, threshold=0.05):
        """That is how many outputs are saturated. A share lies between 0 and 1: divide by how
        many there are."""
        return {"share": round(right["share"] * a.size)}

    @mistake
    def percent(self, right, a, kind, threshold=0.05):
        """That is in percent. A share lies between 0 and 1."""
        return {"share": 100 * right["share"]}

    @mistake
    def threshold_is_fixed(self, right, a, kind, threshold=0.05):
        """Your threshold is 0.05 whatever the argument says."""
        return {"share": float(np.mean(self.slope(a, kind) < 0.05))}


class dead_fraction(Exercise):
    """Which share of ReLU units never fires on the whole data set."""

    signature = "dead_fraction(activations)"
    minutes = 8
    hints = (
        "Ask for each unit, over all the batches together: did it ever give something above 0?",
        "A unit that is silent in one batch may fire in the next. Collect the evidence first, "
        "decide at the end.",
    )

    def cases(self, rng):
        def batch(n, rates):
            fires = rng.uniform(size=(n, len(rates))) < rates
            return fires * rng.uniform(0.1, 2, fires.shape)

        always, never = [0.6] * 5, [0.0] * 3
        yield Case("one batch", 1, activations=[batch(30, [*never, *always])])
        batches = [batch(n, [0, 0, 0.5, 0.5, 0.5, 0.5, 0.5]) for n in (12, 12, 5)]
        for i, (number, unit) in enumerate([(0, 2), (1, 3), (2, 4), (2, 5)]):
            batches[number][:, unit] = 0
            batches[(number + 1) % 3][i, unit] = 0.7
        yield Case("units that are silent in some batches", 1, activations=batches)
        rare = [batch(9, [0, 0.4, 0.4, 0.4]), batch(4, [0, 0, 0.4, 0.4]), batch(11, [0, 0, 0, 0.4])]
        for rows, unit in zip(rare, (1, 2, 3), strict=True):
            rows[2, unit] = 0.3
        rare[1][1] = 0
        rare[0][5] = 0
        order = rng.permutation(4)
        yield Case("a unit that fires once", 1, activations=[rows[:, order] for rows in rare])
        alive = [batch(6, [0.5] * 4), batch(3, [0.5] * 4)]
        alive[0][0], alive[1][1] = 0.4, 0
        yield Case("all alive", 1, activations=alive)
        leaky = [batch(7, [0, 0, 0.5, 0.5, 0.5]), batch(10, [0, 0, 0, 0.5, 0.5])]
        leaky[0][1, 2] = leaky[0][2, 3] = leaky[1][0, 4] = 0.6
        leaky[0][3] = leaky[1][4] = leaky[0][:, 4] = 0
        negative = [rng.uniform(0.01, 0.2, rows.shape) for rows in leaky]
        yield Case("a leaky layer", 1, activations=[
            np.where(rows > 0, rows, -low) for rows, low in zip(leaky, negative, strict=True)
        ])  # fmt: skip

    def observe(self, code, activations):
        return {"share": code.dead_fraction(activations)}

    def reference(self, activations):
        fired = torch.cat([torch.tensor(a, device=self.device) for a in activations]).amax(0) > 0
        return {"share": 1 - float(fired.double().mean())}

    @mistake
    def share_of_zeros(self, right, activations):
        """You count zeros. A live ReLU gives 0 for about half its inputs: that is sparse, and
        healthy. A dead one gives 0 for every input."""
        return {"share": float(np.mean(np.concatenate(activations) == 0))}

    @mistake
    def silent_in_one_batch(self, right, activations):
        """You bury a unit that is silent in one batch, although it fires in another. Dead is
        what never fires in any batch."""
        silent = np.any([np.all(a == 0, axis=0) for a in activations], axis=0)
        return {"share": float(np.mean(silent))}

    @mistake
    def mean_over_batches(self, right, activations):
        """You average a share per batch. A unit that is silent in this batch may fire in the
        next: decide once, over all of them."""
        return {"share": float(np.mean([np.mean(np.all(a == 0, axis=0)) for a in activations]))}

    @mistake
    def last_batch_only(self, right, activations):
        """Only the last batch counts in yours. Is something overwritten in the loop that should
        be kept?"""
        return {"share": float(np.mean(np.all(activations[-1] == 0, axis=0)))}

    @mistake
    def first_batch_only(self, right, activations):
        """Only the first batch counts in yours. Is there a return inside the loop?"""
        return {"share": float(np.mean(np.all(activations[0] == 0, axis=0)))}

    @mistake
    def silent_examples(self, right, activations):
        """You look along the wrong axis: yours is the share of examples for which no unit fires.
        Rows are examples, columns are units."""
        return {"share": float(np.mean(np.all(np.concatenate(activations) == 0, axis=1)))}

    @mistake
    def exactly_zero_only(self, right, activations):
        """You count units that always give exactly 0. In a leaky layer a unit that does not fire
        gives something below 0: ask for what is above."""
        return {"share": float(np.mean(np.all(np.concatenate(activations) == 0, axis=0)))}

    @mistake
    def share_alive(self, right, activations):
        """That is the share of units that are alive: the complement."""
        return {"share": 1 - right["share"]}

    @mistake
    def count_not_share(self, right, activations):
        """That is how many units are dead. Divide by how many there are."""
        return {"share": round(right["share"] * activations[0].shape[1])}
