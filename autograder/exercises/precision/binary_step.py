"""Exercise of notebook 13 on training with one bit: the full-precision weights behind."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake
from autograder.exercises.precision.binary import signs


class binary_weight_step(Exercise):
    """A step on the full-precision weights behind binary ones (BinaryNet 2016)."""

    signature = "binary_weight_step(w, gradient, learning_rate) -> next_w"
    reads = {
        "gradient taken at": "what you give to `gradient`",
        "gradients taken": "your code calls `gradient` {seen} times; {right} is right",
    }
    counted = ("gradients taken",)
    minutes = 8
    difficulty = 2
    hints = (
        "There are two sets of weights. Which one does the net compute with, and which one "
        "remembers small steps?",
        "After the step, a weight beyond 1 is brought back to 1. The net uses only its sign, and a "
        "weight far out would take many steps to flip it.",
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
        w = signs(rng, 5, 2) * rng.uniform(0.9, 1, (5, 2))
        w[::2] = np.sign(w[::2])  # exactly at the end, and free to come back
        yield case("weights near 1", 1, w, 4, 0.2)
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
        """You subtract the step from the signs, so that what a weight had gathered before is
        forgotten at every step. Subtract it from the full-precision weights, which remember."""
        sign = lambda w: np.where(w >= 0, 1, -1)
        return self.changed(**inputs, how=lambda w, s: np.clip(sign(w) - s, -1, 1))

    @mistake
    def signs_returned(self, right, **inputs):
        """You return the signs of the new weights. What is kept between steps is full precision,
        or no small step ever counts."""
        return self.changed(**inputs, how=lambda w, s: np.where(w - s >= 0, 1, -1))

    @mistake
    def not_clipped(self, right, **inputs):
        """Your weights beyond 1 are not brought back. They go on growing without any effect, and
        need as many steps to return: clip what you return."""
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
    def whole_step_clipped(self, right, **inputs):
        """You clip the step to ±1. It is the weights after it that stay between −1 and 1."""
        return self.changed(**inputs, how=lambda w, s: w - np.clip(s, -1, 1))

    @mistake
    def climbs(self, right, **inputs):
        """Your step goes uphill: it goes against the gradient."""
        return self.changed(**inputs, how=lambda w, s: np.clip(w + s, -1, 1))

    @mistake
    def rate_forgotten(self, right, **inputs):
        """You subtract the whole gradient: the learning rate is missing."""
        rate = inputs["learning_rate"]
        return self.changed(**inputs, how=lambda w, s: np.clip(w - s / rate, -1, 1))

    @mistake
    def plain_descent(self, right, **inputs):
        """You make an ordinary step: the gradient is taken at the full-precision weights, and what
        goes beyond 1 is not brought back. The net computes with the signs, and the weights behind
        them stay between −1 and 1."""
        return self.changed(**inputs, at=lambda w: w, how=lambda w, s: w - s)

    @mistake
    def at_full_precision_and_from_zero(self, right, **inputs):
        """You take the gradient at the full-precision weights, and clip the new ones to 0 … 1. The
        net computes with the signs, and the weights behind them lie between −1 and 1."""
        return self.changed(**inputs, at=lambda w: w, how=lambda w, s: np.clip(w - s, 0, 1))

    @mistake
    def signs_throughout(self, right, **inputs):
        """You subtract the step from the signs, and do not bring back what goes beyond 1. Subtract
        it from the full-precision weights, which remember, and clip what you return."""
        sign = lambda w: np.where(w >= 0, 1, -1)
        return self.changed(**inputs, how=lambda w, s: sign(w) - s)

    @mistake
    def steps_beyond_refused(self, right, **inputs):
        """A weight that the step would take beyond 1 stays where it was. It goes as far as −1 or
        1: clip what you return."""
        return self.changed(
            **inputs, how=lambda w, s: np.where(np.abs(w - s) <= 1, w - s, w)
        )

    @mistake
    def steps_of_signs_refused(self, right, **inputs):
        """A weight stays where it was if the step would take its sign beyond 1. What is kept within
        −1 and 1 is the weight after the step, not its sign."""
        def how(w, s):
            sign = np.where(w >= 0, 1, -1)
            return np.clip(w - np.where(np.abs(sign - s) <= 1, s, 0), -1, 1)

        return self.changed(**inputs, how=how)

    @mistake
    def zero_beyond(self, right, **inputs):
        """A weight that the step takes beyond 1 becomes 0. It goes as far as −1 or 1, and stays
        there."""
        return self.changed(
            **inputs, how=lambda w, s: np.where(np.abs(w - s) <= 1, w - s, 0)
        )

    @mistake
    def upper_end_only(self, right, **inputs):
        """You bring weights back from above 1 and not from below −1. Both ends count."""
        return self.changed(**inputs, how=lambda w, s: np.minimum(w - s, 1))

    @mistake
    def lower_end_only(self, right, **inputs):
        """You bring weights back from below −1 and not from above 1. Both ends count."""
        return self.changed(**inputs, how=lambda w, s: np.maximum(w - s, -1))

    @mistake
    def clipped_from_zero(self, right, **inputs):
        """You clip to 0 … 1, and every negative weight is lost. The weights lie between −1 and
        1."""
        return self.changed(**inputs, how=lambda w, s: np.clip(w - s, 0, 1))

    @mistake
    def zeros_have_no_sign(self, right, **inputs):
        """You take the gradient at 0 where a weight is 0, as np.sign has it. Two values only: 0
        counts as +1, as in binarize."""
        return self.changed(**inputs, at=np.sign)

    @mistake
    def zeros_are_negative(self, right, **inputs):
        """You take the gradient at −1 where a weight is 0. 0 counts as +1, as in binarize."""
        return self.changed(**inputs, at=lambda w: np.where(w > 0, 1, -1).astype(w.dtype))

    @mistake
    def stuck_at_the_ends(self, right, **inputs):
        """Your weights that are exactly −1 or 1 do not move any more: their gradient is cut. A
        weight at the end has to be free to come back."""
        return self.changed(
            **inputs, how=lambda w, s: np.clip(w - np.where(np.abs(w) < 1, s, 0), -1, 1)
        )

    @mistake
    def nothing_moves(self, right, w, target, curvature, steps, learning_rate):
        """Your weights do not move: what you subtract is 0 everywhere, or is not subtracted from
        what you return."""
        return self.changed(w, target, curvature, steps, learning_rate, how=lambda w, s: w)

    @mistake
    def sign_of_the_gradient(self, right, **inputs):
        """You step by the sign of the gradient. Only the weights are made signs; the gradient
        counts with its size."""
        rate = inputs["learning_rate"]
        return self.changed(
            **inputs, how=lambda w, s: np.clip(w - rate * np.sign(s), -1, 1)
        )

    @mistake
    def gradient_taken_twice(self, right, steps, **inputs):
        """You call `gradient` twice a step. Each call is a pass through the net: call it once and
        keep what it gives."""
        return {"gradients taken": 2 * steps}

    @mistake
    def wider_dtype(self, right, w, **inputs):
        """Your weights become float64 for float32 ones, and with them what you give to `gradient`.
        They keep the dtype of w."""
        if w.dtype == np.float32:
            return {n: right[n].astype(np.float64) for n in ("next_w", "gradient taken at")}
