"""Exercises of notebook 13 on training with one bit: signs, a gradient for them, weights behind.

Products of signs are in `precision_bits`.
"""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake


def signs(rng, *shape):
    return rng.choice([-1.0, 1.0], shape)


class binarize(Exercise):
    """The sign, which is never 0 (BinaryNet, Courbariaux 2016)."""

    signature = "binarize(x) -> out"
    minutes = 4
    hints = (
        "Two values only. What does np.sign make of 0?",
        "One comparison decides; the result has the dtype of x.",
    )

    def cases(self, rng):
        yield Case("both signs", 1, x=signs(rng, 4, 3) * rng.uniform(0.01, 3, (4, 3)))
        yield Case("exactly 0", 1, x=np.array([[0.0, 1e-300], [-1e-300, 0.0]]))
        yield Case("a zero with a minus", 1, x=np.array([-0.0, 2.0, -2.0]))
        yield Case("single precision", 1, x=rng.normal(size=(3, 5)).astype(np.float32))

    def observe(self, code, x):
        return {"out": code.binarize(x)}

    def reference(self, x):
        x = torch.tensor(x, device=self.device)
        return {"out": torch.where(x.ge(0), torch.ones_like(x), -torch.ones_like(x))}

    @mistake
    def zero_stays_zero(self, right, x):
        """At 0 yours is 0, a third value, as np.sign has it. One bit has two: 0 counts as +1."""
        return {"out": np.sign(x)}

    @mistake
    def zero_is_negative(self, right, x):
        """At 0 yours is −1. By convention 0 counts as +1."""
        return {"out": np.where(x > 0, 1, -1).astype(x.dtype)}

    @mistake
    def sign_bit(self, right, x):
        """You copy the sign bit, and −0.0 has one. 0 counts as +1, however it is written."""
        return {"out": np.copysign(1, x).astype(x.dtype)}

    @mistake
    def zeros_and_ones(self, right, x):
        """Yours is 0 or 1. The two values are −1 and +1: a 0 would switch the weight off."""
        return {"out": (x >= 0).astype(x.dtype)}

    @mistake
    def truth_values(self, right, x):
        """Yours is True or False. The two values are −1 and +1, numbers in the dtype of x."""
        return {"out": x >= 0}

    @mistake
    def whole_numbers(self, right, x):
        """Yours are integers. The result has the dtype of x, so that products stay as they are."""
        return {"out": right["out"].astype(np.int64)}

    @mistake
    def wider_dtype(self, right, x):
        """The output should have the dtype of x: float32 comes in, float64 comes out."""
        return {"out": right["out"].astype(np.float64)}


class straight_through(Exercise):
    """A gradient for the sign, which has none: straight through, cut beyond 1."""

    signature = "straight_through(dout, x) -> dx"
    minutes = 5
    hints = (
        "In the middle the sign is taken for the identity. What is its derivative there?",
        "Where x is beyond 1 on either side nothing comes through. At 1 itself it does.",
    )

    def cases(self, rng):
        x = signs(rng, 5, 4) * rng.choice([0.1, 0.6, 0.9, 1.3, 2.5], (5, 4))
        x.flat[:4] = [0.5, -0.5, 1.7, -1.7]
        dout = signs(rng, 5, 4) * rng.uniform(1.2, 3, (5, 4))
        dout.flat[4::3] /= 10
        yield Case("inside and beyond", 1, dout=dout, x=x)
        x = np.array([-1.0, 1.0, 0.0, -1.0000001, 1.0000001, -0.0])
        yield Case("at 1 and at 0", 1, dout=rng.uniform(0.3, 2, 6), x=x)
        x, dout = (rng.normal(size=(3, 5)).astype(np.float32) for _ in range(2))
        yield Case("single precision", 1, dout=dout, x=x)

    def observe(self, code, dout, x):
        return {"dx": code.straight_through(dout, x)}

    def reference(self, dout, x):
        x = torch.tensor(x, device=self.device, requires_grad=True)
        clamped = torch.clamp(x, -1, 1)
        return {"dx": torch.autograd.grad(clamped, x, torch.tensor(dout, device=self.device))[0]}

    @mistake
    def never_cut(self, right, dout, x):
        """Everything comes through in yours. Beyond 1 the sign will not change any more whatever
        the gradient does, and without the cut x grows without end."""
        return {"dx": dout}

    @mistake
    def cut_at_one(self, right, dout, x):
        """At exactly ±1 yours is 0. The gradient is cut where |x| is larger than 1."""
        return {"dx": np.where(np.abs(x) < 1, dout, 0)}

    @mistake
    def one_side_only(self, right, dout, x):
        """You cut above 1 and not below −1: it is the absolute value that counts."""
        return {"dx": np.where(x <= 1, dout, 0)}

    @mistake
    def true_derivative(self, right, dout, x):
        """That is the sign's own derivative: 0 everywhere, and nothing is ever learned. Its place
        is taken by the derivative of a straight line."""
        return {"dx": np.zeros_like(dout)}

    @mistake
    def gradient_clipped(self, right, dout, x):
        """You clip the gradient. It is x that decides whether the gradient passes; the gradient
        itself may have any size."""
        return {"dx": np.clip(dout, -1, 1)}

    @mistake
    def gradient_decides(self, right, dout, x):
        """You cut where the gradient is large. It is x that decides."""
        return {"dx": np.where(np.abs(dout) <= 1, dout, 0)}

    @mistake
    def dout_forgotten(self, right, dout, x):
        """That is the mask. Multiply it by what comes from above, dout."""
        return {"dx": (np.abs(x) <= 1).astype(x.dtype)}

    @mistake
    def as_relu(self, right, dout, x):
        """You let the gradient pass where x is positive. That is ReLU's; here it passes around 0,
        on both sides."""
        return {"dx": np.where(x > 0, dout, 0)}

    @mistake
    def keeps_outside(self, right, dout, x):
        """Yours is the wrong way round: it passes beyond 1 and is cut inside."""
        return {"dx": np.where(np.abs(x) > 1, dout, 0)}


class binary_weight_step(Exercise):
    """A step on the full-precision weights behind binary ones (BinaryNet 2016)."""

    signature = "binary_weight_step(w, gradient, learning_rate) -> next_w"
    needs = ("binarize",)
    counted = ("gradients taken",)
    minutes = 8
    difficulty = 2
    hints = (
        "There are two sets of weights. Which one does the net compute with, and which one "
        "remembers small steps?",
        "After the step, a weight beyond 1 is brought back: its sign is what counts, and it should "
        "be able to turn.",
    )

    def cases(self, rng):
        def case(name, points, w, steps, learning_rate):
            return Case(name, points, w=w, target=rng.normal(size=w.shape),
                        curvature=rng.uniform(0.5, 2, w.shape), steps=steps,
                        learning_rate=learning_rate)  # fmt: skip

        w = signs(rng, 4, 3) * rng.uniform(0.2, 0.9, (4, 3))
        yield case("one step", 1, w, 1, 0.05)
        w_small = signs(rng, 4, 3) * rng.uniform(0.02, 0.1, (4, 3))
        yield case("weights that turn", 1, w_small, 6, 0.03)
        yield case("weights near 1", 1, signs(rng, 5, 2) * rng.uniform(0.9, 1, (5, 2)), 4, 0.2)
        yield case("a long step", 1, rng.uniform(-1, 1, (2, 6)), 1, 1.5)
        w = rng.uniform(-1, 1, (3, 4))
        w.flat[::5] = 0
        yield case("single precision, some exactly 0", 1, w.astype(np.float32), 2, 0.05)

    def observe(self, code, w, target, curvature, steps, learning_rate):
        asked = []

        def gradient(weights):
            asked.append(np.array(weights))
            return (curvature * (weights - target)).astype(w.dtype)

        for _ in range(steps):
            w = code.binary_weight_step(w, gradient, learning_rate)
        return {"next_w": w, "gradient taken at": asked[-1] if asked else None,
                "gradients taken": len(asked)}  # fmt: skip

    def reference(self, w, target, curvature, steps, learning_rate):
        dtype = w.dtype
        w, target, curvature = (torch.tensor(v, device=self.device) for v in (w, target, curvature))
        for _ in range(steps):
            # torch's sign of 0 is 0, and half a step above it the sign is +1 as wanted.
            at = torch.sign(torch.sign(w) + 0.5)
            gradient = (curvature * (at - target)).to(w.dtype)
            w = torch.nn.functional.hardtanh(torch.sub(w, gradient, alpha=learning_rate))
        return {"next_w": w, "gradient taken at": at.cpu().numpy().astype(dtype),
                "gradients taken": steps}  # fmt: skip

    def changed(self, w, target, curvature, steps, learning_rate, at=None, update=None, how=None):
        """What a wrong step shows: gradient taken at `at(w)`, `how(w, step)` the next weights."""
        sign = lambda w: np.where(w >= 0, 1, -1).astype(w.dtype)
        at, how = at or sign, how or (lambda w, step: np.clip(w - step, -1, 1))
        for _ in range(steps):
            asked = at(w)
            gradient = (curvature * (asked - target)).astype(w.dtype)
            w = how(w, learning_rate * gradient).astype(w.dtype)
        return {"next_w": w, "gradient taken at": asked}

    @mistake
    def gradient_at_full_precision(self, right, **inputs):
        """You take the gradient at the full-precision weights. The net computes with their signs,
        so that is where its gradient is."""
        return self.changed(**inputs, at=lambda w: w)

    @mistake
    def signs_updated(self, right, **inputs):
        """You subtract the step from the signs, so whatever a weight had gathered is forgotten at
        every step, and it never turns. The full-precision weights remember."""
        sign = lambda w: np.where(w >= 0, 1, -1)
        return self.changed(**inputs, how=lambda w, s: np.clip(sign(w) - s, -1, 1))

    @mistake
    def signs_returned(self, right, **inputs):
        """You return the signs of the new weights. What is kept between steps is full precision,
        or no small step ever counts."""
        return self.changed(**inputs, how=lambda w, s: np.where(w - s >= 0, 1, -1))

    @mistake
    def not_clipped(self, right, **inputs):
        """Weights beyond 1 are not brought back in yours. They go on growing without any effect,
        and need as many steps to return."""
        return self.changed(**inputs, how=lambda w, s: w - s)

    @mistake
    def clipped_before(self, right, **inputs):
        """You clip before the step, so the new weights may lie beyond 1. Clip what you return."""
        return self.changed(**inputs, how=lambda w, s: np.clip(w, -1, 1) - s)

    @mistake
    def step_clipped(self, right, **inputs):
        """You clip the gradient to ±1. It is the weights that stay between −1 and 1."""
        rate = inputs["learning_rate"]
        return self.changed(**inputs, how=lambda w, s: w - np.clip(s, -rate, rate))

    @mistake
    def climbs(self, right, **inputs):
        """Yours goes uphill: the step goes against the gradient."""
        return self.changed(**inputs, how=lambda w, s: np.clip(w + s, -1, 1))

    @mistake
    def rate_forgotten(self, right, **inputs):
        """You subtract the whole gradient: the learning rate is missing."""
        rate = inputs["learning_rate"]
        return self.changed(**inputs, how=lambda w, s: np.clip(w - s / rate, -1, 1))
