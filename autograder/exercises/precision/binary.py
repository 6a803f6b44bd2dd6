"""Exercises of notebook 13 on training with one bit: signs, and a gradient for them.

Products of signs are in `bit_products`.
"""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake


def signs(rng, *shape):
    return rng.choice([-1.0, 1.0], shape)


class binarize(Exercise):
    """The sign, which is never 0 (BinaryNet, Courbariaux 2016)."""

    signature = "binarize(x) -> out"
    growth = {"x": 1}, {}
    minutes = 4
    hints = (
        "Only two values may come out. What does np.sign give for 0?",
        "One comparison is enough. Give the result the dtype of x.",
    )

    def cases(self, rng):
        # Far more above 0 than below, so that neither mean nor middle is near 0.
        x = np.where(np.arange(12) < 8, rng.uniform(1, 3, 12), -rng.uniform(0.1, 0.5, 12))
        x[:2] = rng.uniform(0.01, 0.1, 2)
        yield Case("both signs", 1, x=rng.permutation(x).reshape(4, 3))
        near_zero = np.array([0.0, 0.0, 1e-300, -1e-300, -1e-300, -2.0, -0.3, 1.5])
        yield Case("exactly 0", 1, x=rng.permutation(near_zero).reshape(2, 4))
        yield Case("a zero with a minus", 1, x=rng.permutation([-0.0, -0.0, 2.0, -2.0, -3.0]))
        yield Case("single precision", 1, x=rng.normal(size=(3, 5)).astype(np.float32))

    def observe(self, code, x):
        return {"out": code.binarize(x)}

    def reference(self, x):
        x = torch.tensor(x, device=self.device)
        return {"out": torch.where(x.ge(0), torch.ones_like(x), -torch.ones_like(x))}

    @mistake
    def zero_stays_zero(self, right, x):
        """Your sign of 0 is 0, a third value, as np.sign has it. One bit has two: 0 counts as
        +1."""
        return {"out": np.sign(x)}

    @mistake
    def zero_is_negative(self, right, x):
        """Your sign of 0 is −1. By convention 0 counts as +1."""
        return {"out": np.where(x > 0, 1, -1).astype(x.dtype)}

    @mistake
    def sign_bit(self, right, x):
        """You copy the sign bit, and −0.0 has one. 0 counts as +1, however it is written."""
        return {"out": np.copysign(1, x).astype(x.dtype)}

    @mistake
    def tiny_ones_positive(self, right, x):
        """Your tiny negative values become +1, as when a small number is added before the sign is
        taken, or when they are compared with one. However near to 0, a negative value counts as
        −1."""
        return {"out": np.where(x < -1e-100, -1, 1).astype(x.dtype)}

    @mistake
    def threshold_is_the_mean(self, right, x):
        """You compare with the mean of the array, as when a picture is made black and white. The
        sign is that of x itself: compare with 0."""
        return {"out": np.where(x >= x.mean(), 1, -1).astype(x.dtype)}

    @mistake
    def threshold_is_the_median(self, right, x):
        """You compare with the median of the array, so that half of the signs are +1. The sign is
        that of x itself: compare with 0."""
        return {"out": np.where(x >= np.median(x), 1, -1).astype(x.dtype)}

    @mistake
    def times_the_mean_size(self, right, x):
        """Your signs are multiplied by the mean of |x|, as in XNOR-Net. Here they are −1 and +1
        themselves."""
        return {"out": right["out"] * np.abs(x).mean()}

    @mistake
    def zeros_and_ones(self, right, x):
        """Your result is 0 or 1. The two values are −1 and +1: a 0 would switch the weight off."""
        return {"out": (x >= 0).astype(x.dtype)}

    @mistake
    def truth_values(self, right, x):
        """Your result is True or False. The two values are −1 and +1, numbers in the dtype of x."""
        return {"out": x >= 0}

    @mistake
    def whole_numbers(self, right, x):
        """Your result is of integers. It has the dtype of x, so that products stay as they are."""
        return {"out": right["out"].astype(np.int64)}

    @mistake
    def wider_dtype(self, right, x):
        """Your result is float64 for float32 values. It has the dtype of x."""
        return {"out": right["out"].astype(np.float64)}

    @mistake
    def divided_by_the_size(self, right, x):
        """You divide x by its size, and 0 by 0 is not a number. 0 counts as +1: compare, do not
        divide."""
        return {"out": np.where(x == 0, np.nan, right["out"]).astype(x.dtype)}

    @mistake
    def rounded_to_a_sign(self, right, x):
        """You round to −1, 0 and 1, so that values of a small size lose their sign. However near to
        0, a negative value counts as −1."""
        rounded = np.rint(np.clip(x, -1, 1))
        return {"out": np.where(rounded == 0, 1, rounded).astype(x.dtype)}

    @mistake
    def rounded_with_zeros(self, right, x):
        """You round to −1, 0 and 1. Two values only: however near to 0, a negative value counts as
        −1, and all others as +1."""
        return {"out": np.rint(np.clip(x, -1, 1)).astype(x.dtype)}

    @mistake
    def left_as_it_is(self, right, x):
        """You only cut x to −1 … 1. Two values are left of it: −1 and +1."""
        return {"out": np.clip(x, -1, 1)}


class straight_through(Exercise):
    """A gradient for the sign, which has none: straight through, cut beyond 1."""

    signature = "straight_through(dout, x) -> dx"
    growth = {"dout": 1}, {"dx": 1}
    minutes = 5
    hints = (
        "For |x| up to 1 we treat the sign as the identity. What is the identity's derivative?",
        "Where x is beyond 1 on either side nothing comes through. At 1 itself it does.",
    )

    def cases(self, rng):
        x = signs(rng, 5, 4) * rng.choice([0.1, 0.6, 0.9, 1.3, 2.5], (5, 4))
        x.flat[:4] = [0.5, -0.5, 1.7, -1.7]
        dout = signs(rng, 5, 4) * rng.uniform(1.2, 3, (5, 4))
        dout.flat[4::3] /= 10
        yield Case("inside and beyond", 1, dout=dout, x=x)
        x = np.array([-1.0, 1.0, 0.0, -1.0000001, 1.0000001, -0.0])
        yield Case("at 1 and at 0", 1, dout=rng.uniform(0.2, 0.9, 6), x=x)
        x, dout = (rng.normal(size=(3, 5)).astype(np.float32) for _ in range(2))
        yield Case("single precision", 0.5, dout=dout, x=x)
        yield Case(
            "x in double, dout in single precision", 0.5,
            dout=rng.normal(size=(4, 3)).astype(np.float32), x=1.2 * rng.normal(size=(4, 3)),
        )  # fmt: skip

    def observe(self, code, dout, x):
        return {"dx": code.straight_through(dout, x)}

    def reference(self, dout, x):
        dout = torch.tensor(dout, device=self.device)
        x = torch.tensor(x, device=self.device, requires_grad=True)
        clamped = torch.clamp(x, -1, 1)
        return {"dx": torch.autograd.grad(clamped, x, dout.to(x.dtype))[0].to(dout.dtype)}

    @mistake
    def never_cut(self, right, dout, x):
        """Your gradient passes everywhere. Beyond 1 the sign will not change any more whatever
        the gradient does, and without the cut x grows without end."""
        return {"dx": dout}

    @mistake
    def cut_at_one(self, right, dout, x):
        """Your gradient is 0 at exactly ±1. It is cut where |x| is larger than 1."""
        return {"dx": np.where(np.abs(x) < 1, dout, 0)}

    @mistake
    def one_side_only(self, right, dout, x):
        """You cut above 1 and not below −1: it is the absolute value that counts."""
        return {"dx": np.where(x <= 1, dout, 0)}

    @mistake
    def other_side_only(self, right, dout, x):
        """You cut below −1 and not above 1: it is the absolute value that counts."""
        return {"dx": np.where(x >= -1, dout, 0)}

    @mistake
    def from_zero_to_one(self, right, dout, x):
        """You let the gradient pass from 0 to 1 only. It passes around 0, on both sides: it is the
        absolute value that counts."""
        return {"dx": np.where((x >= 0) & (x <= 1), dout, 0)}

    @mistake
    def slope_of_tanh(self, right, dout, x):
        """You multiply by the slope of tanh. The straight line that takes the sign's place has
        slope 1 as far as it reaches, and 0 beyond."""
        return {"dx": (dout * (1 - np.tanh(x) ** 2)).astype(dout.dtype)}

    @mistake
    def times_the_sign(self, right, dout, x):
        """You multiply by the sign of x. What passes is dout as it is; the sign belongs to the way
        forward."""
        return {"dx": (right["dx"] * np.sign(x)).astype(dout.dtype)}

    @mistake
    def times_the_binary_sign(self, right, dout, x):
        """You multiply by the sign of x, that of 0 being +1. What passes is dout as it is; the
        sign belongs to the way forward."""
        return {"dx": (right["dx"] * np.where(x < 0, -1, 1)).astype(dout.dtype)}

    @mistake
    def times_the_sign_in_double(self, right, dout, x):
        """You multiply by the sign of x, and your dx is float64 whatever dout is. What passes is
        dout as it is, in its own dtype; the sign belongs to the way forward."""
        return {"dx": (right["dx"] * np.where(x < 0, -1, 1)).astype(np.float64)}

    @mistake
    def uncut_in_double(self, right, dout, x):
        """Your gradient passes everywhere, and is float64 whatever dout is. Where x is beyond 1 it
        is cut, and it has the dtype of dout."""
        return {"dx": dout.astype(np.float64)}

    @mistake
    def times_x(self, right, dout, x):
        """You multiply by x. The straight line that takes the sign's place has slope 1, so dout
        passes as it is."""
        return {"dx": (right["dx"] * x).astype(dout.dtype)}

    @mistake
    def in_the_dtype_of_x(self, right, dout, x):
        """Your dx has the dtype of x. It has that of dout."""
        return {"dx": right["dx"].astype(x.dtype)} if x.dtype != dout.dtype else None

    @mistake
    def wider_dtype(self, right, dout, x):
        """Your dx is float64 for a float32 dout. It has the dtype of dout, and a mask of float64
        makes it wider."""
        return {"dx": right["dx"].astype(np.float64)}

    @mistake
    def true_derivative(self, right, dout, x):
        """Your dx is the sign's own derivative: 0 everywhere, and nothing is ever learned. Its
        place is taken by the derivative of a straight line."""
        return {"dx": np.zeros_like(dout)}

    @mistake
    def gradient_clipped(self, right, dout, x):
        """You clip the gradient. It is x that decides whether the gradient passes; the gradient
        itself may have any size."""
        return {"dx": np.clip(dout, -1, 1)}

    @mistake
    def gradient_clipped_too(self, right, dout, x):
        """You also clip the gradient that passes to −1 … 1. Where |x| is 1 or less, dout passes as
        it is, whatever its size."""
        return {"dx": np.clip(right["dx"], -1, 1)}

    @mistake
    def gradient_decides(self, right, dout, x):
        """You cut where the gradient is large. It is x that decides."""
        return {"dx": np.where(np.abs(dout) <= 1, dout, 0)}

    @mistake
    def both_decide(self, right, dout, x):
        """You cut where x is beyond 1, and also where the gradient is. Only x decides."""
        return {"dx": np.where((np.abs(x) <= 1) & (np.abs(dout) <= 1), dout, 0)}

    @mistake
    def triangle(self, right, dout, x):
        """You multiply by 2 − 2|x|, a slope that falls from 2 to 0, as in Bi-Real nets. Here the
        slope is 1 as far as it reaches, so dout passes as it is."""
        return {"dx": (right["dx"] * (2 - 2 * np.abs(x))).astype(dout.dtype)}

    @mistake
    def dout_forgotten(self, right, dout, x):
        """Your dx is the mask alone. Multiply it by what comes from above, dout."""
        return {"dx": (np.abs(x) <= 1).astype(dout.dtype)}

    @mistake
    def as_relu(self, right, dout, x):
        """You let the gradient pass where x is positive. That is ReLU's; here it passes around 0,
        on both sides."""
        return {"dx": np.where(x > 0, dout, 0)}

    @mistake
    def keeps_outside(self, right, dout, x):
        """Your gradient passes beyond 1 and is cut inside. It is the other way round."""
        return {"dx": np.where(np.abs(x) > 1, dout, 0)}
