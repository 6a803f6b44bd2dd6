"""Exercises of notebook 02 on ELU, whose left side is an exponential.

The rectifiers made of straight lines are in `rectifiers`.
"""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, Setting, mistake, near
from autograder.exercises.activations.saturating import FAR, both_signs, gradient, with_zeros
from autograder.exercises.gradients.by_the_cache import ByTheCache
from course_utils.recipes.passes import forward_again


def floor_begins_at(size):
    """The mistake of giving −α itself for all x below −size."""

    def show(self, right, x, alpha=1.0):
        return {"out": np.where(x < -size, -x.dtype.type(alpha), right["out"])}

    show.__doc__ = f"""Your output is exactly −α from about x = −{size} on. The curve only tends to
        it: there the digits of what is left still count."""
    return mistake(show)


SELU = 1.0507009873554805, 1.6732632423543772


def selu(constants, alpha_counts=True):
    """The mistake of SELU's two constants, with all digits or few, beside alpha or in its place."""

    def show(self, right, x, alpha=1.0):
        left = constants[1] * (alpha if alpha_counts else 1) * np.expm1(np.minimum(x, 0))
        return {"out": (constants[0] * np.where(x > 0, x, left)).astype(x.dtype)}

    always = "" if alpha_counts else ", whatever alpha is"
    show.__doc__ = f"""Yours has the two constants of SELU, 1.0507 and 1.6733{always}. An ELU has α
        alone."""
    return mistake(show)


class elu_forward(Exercise):
    """The exponential linear unit (Clevert 2015)."""

    signature = "elu_forward(x, alpha=1.0) -> out, cache"
    warning_free = True
    settings = {"alpha": Setting(1.0, others=(0.1, 1.6733))}
    minutes = 7
    difficulty = 2
    extra = True
    hints = (
        "np.where computes both of its branches everywhere. Keep large positive numbers away from "
        "the exponential.",
        "For x near 0, e^x is only a little more than 1, and after subtracting 1 you are left "
        "with the rounding. numpy has a function for e^x − 1 that does not subtract.",
    )

    def cases(self, rng):
        yield Case("alpha 0.7", 1, x=both_signs(rng, 4, 3), alpha=0.7)
        yield Case("alpha left out", 1, x=both_signs(rng, 3, 4))
        sizes = 10.0 ** -np.array([[3], [6], [9], [12]])
        x = rng.permuted(rng.uniform(0.3, 0.9, (4, 2)) * [1, -1], axis=1) * sizes
        yield Case("close to 0", 1, x=x, alpha=1.6)
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
        return {"out": near(out, rtol=1e-8, atol=0.0) if x.dtype == torch.float64 else out}

    @mistake
    def cancels_near_zero(self, right, x, alpha=1.0):
        """For tiny x most digits are lost: e^x is 1 and a little, and taking 1 away leaves the
        rounding. There is a function that computes e^x − 1 in one go."""
        if np.abs(x).max() < 1e-3:
            return {"out": np.where(x > 0, x, alpha * (np.exp(x) - 1))}

    @mistake
    def line_near_zero(self, right, x, alpha=1.0):
        """Very near 0 yours is x itself, on both sides. On the left it is α(e^x − 1) there,
        too."""
        return {"out": np.where(np.abs(x) < 1e-3, x, right["out"])}

    @mistake
    def tangent_near_zero(self, right, x, alpha=1.0):
        """Very near 0 yours is a straight line with slope α on the left. The curve bends there as
        well: x²/2, the next term, is among the eight digits that are asked for."""
        left = np.where(x < -1e-3, right["out"], x.dtype.type(alpha) * x)
        return {"out": np.where(x > 0, x, left)}

    floor_begins_at_five, floor_begins_at_six = map(floor_begins_at, (5, 6))
    floor_begins_at_eight, floor_begins_at_ten = map(floor_begins_at, (8, 10))
    floor_begins_at_fifteen = floor_begins_at(15)

    @mistake
    def alpha_in_the_exponent(self, right, x, alpha=1.0):
        """α multiplies the whole left branch. You put it into the exponent, which changes how
        fast the curve flattens, not where."""
        return {"out": np.where(x > 0, x, np.expm1(np.minimum(x.dtype.type(alpha) * x, 0)))}

    @mistake
    def celu(self, right, x, alpha=1.0):
        """In the exponent you divide x by α. That is CELU, another function; in ELU the exponential
        is of x itself."""
        z = np.minimum(x, 0) / x.dtype.type(alpha)
        return {"out": np.where(x > 0, x, x.dtype.type(alpha) * np.expm1(z))}

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

    is_selu, is_selu_for_every_alpha = selu(SELU), selu(SELU, alpha_counts=False)
    is_short_selu = selu((1.0507, 1.6733))
    is_short_selu_for_every_alpha = selu((1.0507, 1.6733), alpha_counts=False)

    @mistake
    def is_leaky_relu(self, right, x, alpha=1.0):
        """On the left yours is a straight line. An ELU bends and settles at −α."""
        return {"out": np.where(x > 0, x, x.dtype.type(alpha) * x)}

    @mistake
    def alpha_on_the_right_too(self, right, x, alpha=1.0):
        """On the right your slope is α. It multiplies the left branch only; on the right the
        output is the input."""
        return {"out": np.where(x > 0, x.dtype.type(alpha) * x, right["out"])}

    @mistake
    def larger_of_the_two(self, right, x, alpha=1.0):
        """For α above 1 the left branch is below the line x just left of 0, so the larger of the
        two is the wrong one there. Choose by the sign of x."""
        if alpha > 1:
            return {"out": np.maximum(x, right["out"])}

    @mistake
    def rises_to_the_left(self, right, x, alpha=1.0):
        """On the left yours is positive: you have 1 − e^x, and e^x − 1 is meant."""
        return {"out": np.where(x > 0, x, -right["out"])}

    @mistake
    def alpha_cut_at_one(self, right, x, alpha=1.0):
        """Your curve never settles below −1, as when α is cut off at 1. α may be larger."""
        if alpha > 1:
            return {"out": np.where(x > 0, x, np.expm1(np.minimum(x, 0)))}

    @mistake
    def wider_dtype(self, right, x, alpha=1.0):
        """float32 comes in, float64 comes out of yours. Arrays from np.zeros or np.ones, masks
        turned into `float`, and constants in float64 arrays are the usual causes."""
        return {"out": right["out"].astype(np.float64)}


class elu_backward(ByTheCache):
    """The gradient of an ELU; α at 0."""

    signature = "elu_backward(dout, cache) -> dx"
    growth = {"dout": 1}, {"dx": 1}
    needs = ("elu_forward",)
    warning_free = True
    minutes = 6
    difficulty = 2
    extra = True
    hints = (
        "Differentiate the left branch. What remains of the 1 that was subtracted?",
        "You can compute the left slope from the output and alpha, without another exponential.",
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
        forward_again(code.elu_forward, x, *given)
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
    def of_celu(self, right, x, dout, alpha=1.0):
        """Your slope on the left is exp(x/α), that of CELU, another function. ELU's is α times the
        exponential of x itself."""
        z = np.minimum(x, 0) / x.dtype.type(alpha)
        return {"dx": np.where(x > 0, dout, dout * np.exp(z))}

    @mistake
    def output_for_derivative(self, right, x, dout, alpha=1.0):
        """On the left you multiply dout by the output. The output is negative there, and the
        slope of a rising curve is not."""
        left = x.dtype.type(alpha) * np.expm1(np.minimum(x, 0))
        return {"dx": np.where(x > 0, dout, dout * left)}

    @mistake
    def output_on_the_left(self, right, x, dout, alpha=1.0):
        """On the left you return the output. What comes back there is dout times the slope."""
        left = x.dtype.type(alpha) * np.expm1(np.minimum(x, 0))
        return {"dx": np.where(x > 0, dout, left)}

    @mistake
    def slope_on_the_left(self, right, x, dout, alpha=1.0):
        """On the left you return the local slope. It has still to be multiplied by what comes from
        above, dout."""
        left = x.dtype.type(alpha) * np.exp(np.minimum(x, 0))
        return {"dx": np.where(x > 0, dout, left)}

    @mistake
    def exponential_on_the_left(self, right, x, dout, alpha=1.0):
        """On the left you return the exponential alone. The slope there is α times that, and has
        still to be multiplied by what comes from above, dout."""
        return {"dx": np.where(x > 0, dout, np.exp(np.minimum(x, 0)))}

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

    @mistake
    def constant_on_the_left(self, right, x, dout, alpha=1.0):
        """On the left your slope is α everywhere, as a leaky ReLU's. An ELU bends: its slope falls
        towards 0."""
        return {"dx": np.where(x > 0, dout, x.dtype.type(alpha) * dout)}

    @mistake
    def output_in_the_exponent(self, right, x, dout, alpha=1.0):
        """On the left the exponential is of the output in yours. It is of the input: what is in
        your cache?"""
        out = x.dtype.type(alpha) * np.expm1(np.minimum(x, 0))
        return {"dx": np.where(x > 0, dout, dout * x.dtype.type(alpha) * np.exp(out))}

    @mistake
    def derivative_of_one_kept(self, right, x, dout, alpha=1.0):
        """On the left your slope is the exponential times α, less 1. The 1 that is subtracted in
        the forward pass is a constant, whose derivative is 0."""
        left = x.dtype.type(alpha) * np.exp(np.minimum(x, 0)) - 1
        return {"dx": np.where(x > 0, dout, dout * left)}

    @mistake
    def zero_at_zero(self, right, x, dout, alpha=1.0):
        """At exactly 0 nothing comes back: neither of your sides holds for 0. The derivative there
        is taken from the left, so it is α."""
        return {"dx": np.where(x == 0, x.dtype.type(0), right["dx"])}

    @mistake
    def dout_decides(self, right, x, dout, alpha=1.0):
        """You choose the slope by the sign of dout. What decides is the sign of the input."""
        left = x.dtype.type(alpha) * np.exp(np.minimum(x, 0))
        return {"dx": np.where(dout > 0, dout, dout * left)}

    @mistake
    def wider_dtype(self, right, x, dout, alpha=1.0):
        """float32 comes in, float64 comes out of yours. Arrays from np.zeros or np.ones, masks
        turned into `float`, and constants in float64 arrays are the usual causes."""
        return {"dx": right["dx"].astype(np.float64)}
