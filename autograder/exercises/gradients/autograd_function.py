"""Exercise of notebook 01: a function for autograd with a backward of one's own."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake, raises
from course_utils.recipes.passes import another


def clipped(size):
    """The mistake of cutting x off at −size and size."""

    def show(self, right, x, **inputs):
        x = x.clip(-size, size)
        return {"out": x * _sigma(x)}

    show.__doc__ = (
        f"You cut x off at −{size} and {size}, so your output stops growing there. Swish of a "
        "large x is x; torch.sigmoid needs no such care."
    )
    return mistake(show)


def hard_swish(x):
    """x·relu6(x + 3)/6, and its slope."""
    inside = ((2 * x + 3) / 6).astype(x.dtype)
    slope = np.where(x < -3, 0, np.where(x > 3, 1, inside)).astype(x.dtype)
    return (x * np.clip(x + 3, 0, 6) / 6).astype(x.dtype), slope


class Swish(Exercise):
    """A function for autograd with a backward by hand."""

    signature = "Swish"
    growth = {"dout": 1}, {"dx": 1, "dout afterwards": 1}
    library = "torch"
    extra = True
    minutes = 12
    difficulty = 3
    reads = {
        "out": "your output",
        "dx": "your gradient with respect to x",
        "kept": "what backward needs is kept {seen}; {right} is right",
        "dout afterwards": "after your function the dout that was passed to you",
        "x afterwards": "after your function the x that was passed to you",
    }
    hints = (
        "What does the derivative of x·σ(x) need, the input or the output? Keep it with "
        "ctx.save_for_backward, which also notices when somebody changes it.",
        "The product rule gives two terms. Both contain σ(x).",
        "backward gets the gradient with respect to the output and returns one value for each "
        "input of forward.",
    )

    def cases(self, rng):
        def case(name, points, x, dtype="f8", summed=False):
            dout = np.ones(x.shape) if summed else rng.normal(size=x.shape)
            return Case(name, points, x=x.astype(dtype), dout=dout.astype(dtype), summed=summed)

        yield case("ordinary values", 1, rng.normal(size=(3, 4)) * 2)
        large = np.array([-1000.0, -100, 100, 1000]) * rng.uniform(0.9, 1.1)
        yield case("from -1000 to 1000", 1, np.concatenate([large, [0.0], rng.normal(size=3)]))
        yield case("single precision", 0.25, rng.normal(size=(2, 3)), "f4")
        huge = rng.uniform(0.9, 1.1, 2) * [1e8, 1e9]
        yield case("100 million, in single precision", 0.25, huge, "f4")
        yield case("the gradient of a sum", 0.5, rng.normal(size=(2, 5)), summed=True)

    def observe(self, code, x, dout, summed):
        import torch

        leaf = torch.tensor(x, requires_grad=True)
        given = 1 * leaf
        out = code.Swish.apply(given)
        saved = len(getattr(out.grad_fn, "saved_tensors", ())) > 0
        plain = (int, float, str, type(None))
        kept = getattr(out.grad_fn, "__dict__", {}).values()
        attributes = any(not isinstance(value, plain) for value in kept)
        elsewhere = "as an attribute of ctx" if attributes else "nowhere in ctx"
        code.Swish.apply(torch.tensor(another(x), requires_grad=True))  # another call in between
        above = torch.tensor(dout)
        # Of a sum dout is one 1 that stands in every place.
        start, above_start = (out.sum(), None) if summed else (out, above)
        (dx,) = torch.autograd.grad(start, leaf, above_start, allow_unused=True)
        return {
            "out": out,
            "dx": dx,
            "x afterwards": given,
            "dout afterwards": above,
            "kept": "by save_for_backward" if saved else elsewhere,
        }

    def reference(self, x, dout, summed):
        z = torch.tensor(x, device=self.device, requires_grad=True)
        out = F.silu(z)
        (dx,) = torch.autograd.grad(out, z, torch.tensor(dout, device=self.device))
        return {"out": out, "dx": dx, "x afterwards": x, "dout afterwards": dout,
                "kept": "by save_for_backward"}  # fmt: skip

    # The derivative.

    @mistake
    def one_term_of_two(self, right, x, dout, **inputs):
        """x·σ(x) is a product, and both of its factors depend on x. Yours has the term where only
        the x in front is differentiated."""
        return {"dx": dout * _sigma(x)}

    @mistake
    def the_other_term(self, right, x, dout, **inputs):
        """x·σ(x) is a product, and both of its factors depend on x. Yours has the term where only
        the sigmoid is differentiated."""
        return {"dx": dout * x * _sigma(x) * (1 - _sigma(x))}

    @mistake
    def slope_of_the_sigmoid(self, right, x, dout, **inputs):
        """Your derivative is that of the sigmoid alone. x·σ(x) is a product: its derivative has two
        terms."""
        return {"dx": dout * _sigma(x) * (1 - _sigma(x))}

    @mistake
    def slope_of_a_sigmoid_from_the_output(self, right, x, dout, **inputs):
        """Your derivative is out·(1 − out), which holds for a sigmoid whose output it is. The
        output here is x·σ(x), a product, and its derivative has two terms."""
        out = x * _sigma(x)
        return {"dx": dout * out * (1 - out)}

    @mistake
    def one_factor_missing(self, right, x, dout, **inputs):
        """Your second term lacks a factor: the derivative of σ is σ·(1 − σ), and you have x·(1 − σ)
        there."""
        return {"dx": dout * (_sigma(x) + x * (1 - _sigma(x)))}

    @mistake
    def one_minus_sigma_missing(self, right, x, dout, **inputs):
        """Your second term lacks a factor: the derivative of σ is σ·(1 − σ), and you have x·σ
        there."""
        return {"dx": dout * (_sigma(x) + x * _sigma(x))}

    @mistake
    def zero_by_zero(self, right, x, **inputs):
        """Where x is exactly 0 your gradient is NaN: you divide 0 by 0 there, as when σ is made of
        the output divided by x."""
        return {"dx": np.where(x == 0, np.nan, right["dx"])} if (x == 0).any() else None

    @mistake
    def x_missing_in_the_second_term(self, right, x, dout, **inputs):
        """Your second term lacks the x: where the sigmoid is differentiated the factor in front
        stays."""
        return {"dx": dout * (_sigma(x) + _sigma(x) * (1 - _sigma(x)))}

    @mistake
    def second_term_subtracted(self, right, x, dout, **inputs):
        """Your second term has the wrong sign. The product rule adds the two, and the derivative of
        σ is σ·(1 − σ)."""
        return {"dx": dout * _sigma(x) * (1 - x * (1 - _sigma(x)))}

    @mistake
    def output_plus_slope(self, right, x, dout, **inputs):
        """Yours is the output plus the slope of the sigmoid, out + σ·(1 − σ). In the second bracket
        it is the output that is subtracted from 1."""
        s = _sigma(x)
        return {"dx": dout * (x * s + s * (1 - s))}

    @mistake
    def output_inside_the_bracket(self, right, x, dout, **inputs):
        """Yours is σ·(1 − x·σ): the slope of a sigmoid into which x·σ was put. Differentiate the
        product: two terms."""
        s = _sigma(x)
        return {"dx": dout * s * (1 - x * s)}

    @mistake
    def output_for_input(self, right, x, dout, **inputs):
        """The formula you use is about the input, and you put the output into it. Which of the two
        did you save?"""
        return {"dx": dout * _slope(x * _sigma(x))}

    @mistake
    def gradient_from_above_ignored(self, right, x, dout, summed):
        """The gradient from above is missing: the slope of the function is multiplied by it."""
        return None if summed else {"dx": _slope(x)}

    @mistake
    def one_term_and_nothing_from_above(self, right, x, dout, **inputs):
        """Yours is σ(x), one of the two terms of the slope, and the gradient from above is missing
        as well. Both factors of x·σ(x) depend on x; multiply their slope by dout."""
        return {"dx": _sigma(x)}

    @mistake
    def gradient_from_above_handed_on(self, right, x, dout, **inputs):
        """You hand the gradient from above on as it is. Multiply it by the slope of the
        function."""
        return {"dx": dout}

    @mistake
    def returns_nothing(self, right, x, dout, **inputs):
        """Your backward returns None, which tells autograd that the function does not depend on
        x."""
        return {"dx": None}

    @mistake
    def cancels_for_large_x(self, right, x, dout, **inputs):
        """For very large x your gradient is 0, lost to rounding, as where the output is added and
        taken away again: the 1 that should be left has no digit beside it. Sort the terms so that
        only small numbers are added."""
        s = _sigma(x)
        return {"dx": dout * (x * s + s * (1 - x * s))}

    @mistake
    def no_gradient_for_large_x(self, right, x, dout, **inputs):
        """Your gradient is 0 where x is large, as where the input is cut off. Swish goes on growing
        there, with slope 1."""
        return {"dx": np.where(x > 60, 0, right["dx"]).astype(x.dtype)}

    # The function.

    @mistake
    def is_hard_swish(self, right, x, dout, **inputs):
        """Yours is the hard swish, x·relu6(x + 3)/6, which comes close to Swish and is made of
        straight lines. The sigmoid itself is asked for."""
        out, slope = hard_swish(x)
        return {"out": out, "dx": dout * slope}

    @mistake
    def forward_is_hard_swish(self, right, x, dout, **inputs):
        """Your forward is the hard swish, x·relu6(x + 3)/6, which comes close to Swish. The sigmoid
        itself is asked for."""
        return {"out": hard_swish(x)[0]}

    @mistake
    def is_sigmoid(self, right, x, dout, **inputs):
        """Yours is the sigmoid alone. Swish is x times that."""
        s = _sigma(x)
        return {"out": s, "dx": dout * s * (1 - s)}

    @mistake
    def forward_is_the_sigmoid(self, right, x, dout, **inputs):
        """Your forward returns the sigmoid alone. Swish is x times that."""
        return {"out": _sigma(x)}

    @mistake
    def is_gelu(self, right, x, dout, **inputs):
        """Yours is x·σ(1.702 x), which is close to GELU. Swish has σ(x)."""
        s = _sigma((1.702 * x).astype(x.dtype))
        return {"out": x * s, "dx": dout * (s + (1.702 * x).astype(x.dtype) * s * (1 - s))}

    @mistake
    def forward_is_gelu(self, right, x, dout, **inputs):
        """Your forward is x·σ(1.702 x), which is close to GELU. Swish has σ(x)."""
        return {"out": x * _sigma((1.702 * x).astype(x.dtype))}

    @mistake
    def backward_is_gelus(self, right, x, dout, **inputs):
        """Your backward is that of x·σ(1.702 x), which is close to GELU. Swish has σ(x)."""
        z = (1.702 * x).astype(x.dtype)
        return {"dx": dout * (_sigma(z) + z * _sigma(z) * (1 - _sigma(z)))}

    @mistake
    def forward_has_tanh(self, right, x, dout, **inputs):
        """Your forward has tanh in the place of the sigmoid. Swish is x·σ(x)."""
        return {"out": x * np.tanh(x)}

    @mistake
    def is_tanh(self, right, x, dout, **inputs):
        """Yours has tanh in the place of the sigmoid, in forward and in backward. Swish is
        x·σ(x)."""
        t = np.tanh(x)
        return {"out": x * t, "dx": dout * (t + x * (1 - t * t))}

    @mistake
    def forward_overflows(self, right, x, dout, **inputs):
        """Your output is not finite for large x: exp(x) overflows, and infinity divided by infinity
        is NaN. torch.sigmoid takes care of that."""
        if x.max() > 710:
            return {"out": np.where(x > 710, np.nan, right["out"])}

    @mistake
    def overflow_made_zero(self, right, x, **inputs):
        """Where exp(x) overflows, your output and your gradient are 0, as when a NaN is replaced
        by 0. For large x Swish is x itself; torch.sigmoid does not overflow."""
        beyond = x > (88 if x.dtype == np.float32 else 710)
        if beyond.any():
            return {name: np.where(beyond, 0, right[name]) for name in ("out", "dx")}

    clipped_at_20 = clipped(20)
    clipped_at_50 = clipped(50)
    clipped_at_500 = clipped(500)

    @mistake
    def backward_overflows_above(self, right, x, dout, **inputs):
        """Your gradient is not finite for large x: exp(x) overflows in it, and infinity divided by
        infinity is NaN. torch.sigmoid takes care of that."""
        if x.max() > 710:
            return {"dx": np.where(x > 710, np.nan, right["dx"])}

    @mistake
    def backward_overflows_below(self, right, x, dout, **inputs):
        """Your gradient is not finite for very negative x: exp(−x) overflows in it, and infinity
        divided by infinity, or times 0, is NaN. torch.sigmoid takes care of that."""
        if x.min() < -710:
            return {"dx": np.where(x < -710, np.nan, right["dx"])}

    @mistake
    def computed_in_float32(self, right, x, dout, **inputs):
        """Your output is float32, whatever x is. Return a tensor like x, with its dtype."""
        if x.dtype == np.float64:
            return {"out": right["out"].astype(np.float32)}

    # How things are handed over.

    @mistake
    def x_changed(self, right, **inputs):
        """Your forward writes its result into x. x belongs to the caller, who may still need it:
        make a new tensor."""
        return {"x afterwards": right["out"]}

    @mistake
    def kept_on_ctx(self, right, **inputs):
        """You set tensors as attributes of ctx. They can make a cycle that is never freed, and
        autograd does not notice when they are changed in place. It looks after those that are
        handed to save_for_backward."""
        return {"kept": "as an attribute of ctx"}

    @mistake
    def nothing_in_ctx(self, right, **inputs):
        """Your forward keeps nothing in ctx. What backward needs of this call is handed to
        ctx.save_for_backward: what you keep elsewhere, the next call may overwrite."""
        return {"kept": "nowhere in ctx"}

    @mistake
    def x_of_the_last_call(self, right, x, dout, **inputs):
        """Your backward uses the x of the latest call: forward keeps it outside ctx, where the next
        call overwrites it. Hand it to ctx.save_for_backward."""
        return {"dx": dout * _slope(another(x)), "kept": "nowhere in ctx"}

    @mistake
    def dout_changed(self, right, summed, **inputs):
        """Your backward changes dout in place. Others still need it, and of a sum it is one number
        that stands for all, which cannot be changed. Make a new tensor."""
        if summed:
            return dict.fromkeys(right, raises("RuntimeError", "single memory location"))
        return {"dout afterwards": right["dx"]}

    @mistake
    def output_for_x_in_the_slope(self, right, x, dout, **inputs):
        """Your slope is σ·(1 + out·(1 − σ)): the output stands where x belongs. Which
        of the two did you save?"""
        s = _sigma(x)
        return {"dx": dout * s * (1 + x * s * (1 - s))}

    @mistake
    def second_term_from_the_output(self, right, x, dout, **inputs):
        """Your second term is out·(1 − out), the slope of a sigmoid whose output it would be. The
        output here is x·σ(x): that term is x times the slope of σ."""
        s = _sigma(x)
        return {"dx": dout * (s + x * s * (1 - x * s))}


def _sigma(x):
    return (0.5 * (1 + np.tanh(x.astype(np.float64) / 2))).astype(x.dtype)


def _slope(x):
    return _sigma(x) * (1 + x * (1 - _sigma(x)))
