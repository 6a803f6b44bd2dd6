"""The questions of notebook 03: three about 01 and 02 at its start, two along the way."""

import numpy as np
import torch

from autograder.exercise import Case, Question, mistake


class q03_slopes(Question):
    """What a chain of sigmoids leaves of a gradient."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, layers=int(rng.choice([2, 3, 5, 6])))

    def text(self, layers):
        return (
            f"A gradient of 1 goes backward through {layers} layers of sigmoids. Suppose the "
            "weights do not change it. What is the most that can be left of it?\n\n"
            f"- **a** {0.5**layers:.3g}\n- **b** {0.25**layers:.3g}\n"
            f"- **c** {0.25 * layers:.3g}, because the slopes of the layers add up\n"
            "- **d** 1, because nothing is lost where a sigmoid is not saturated"
        )

    def reference(self, layers):
        z = torch.zeros(1, requires_grad=True)
        torch.sigmoid(z).backward()
        left = float(z.grad) ** layers
        choices = {"a": 0.5**layers, "b": 0.25**layers, "c": 0.25 * layers, "d": 1.0}
        return {"answer": min(choices, key=lambda c: abs(choices[c] - left))}

    @mistake
    def output_for_slope(self, right, layers):
        """½ is the sigmoid's output at 0, not its slope there."""
        return {"answer": "a"}

    @mistake
    def added(self, right, layers):
        """The chain rule multiplies the slopes of the layers; it does not add them."""
        return {"answer": "c"}

    @mistake
    def nothing_is_lost(self, right, layers):
        """That is true of ReLU. How steep is a sigmoid where it is steepest?"""
        return {"answer": "d"}


class q03_dead(Question):
    """When a ReLU unit is dead."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, share=int(rng.integers(40, 60)), units=int(rng.integers(3, 7)))

    def text(self, share, units):
        return (
            f"On the whole training set, {share} % of all outputs of a layer of 100 ReLUs are 0. "
            f"{units} of its units give 0 for every example. What fraction of the units is "
            "dead?\n\n"
            f"- **a** {share} %\n- **b** {share + units} %\n- **c** {units} %\n"
            "- **d** that depends on the mini-batch"
        )

    def reference(self, share, units):
        fires = np.ones(100, bool)
        fires[:units] = False
        return {"answer": {units: "c", share: "a"}[int(100 * np.mean(~fires))]}

    @mistake
    def zeros_counted(self, right, share, units):
        """Those are zeros, over units and examples together. A unit that is silent for some
        examples learns from the others."""
        return {"answer": "a"}

    @mistake
    def both_added(self, right, share, units):
        """The zeros of the dead units are among the others already, and zeros alone do not
        make a unit dead."""
        return {"answer": "b"}

    @mistake
    def in_a_batch(self, right, share, units):
        """In one batch a unit may be silent by chance. We call it dead only if it is silent on the
        whole training set, and that is what was counted here."""
        return {"answer": "d"}


class q03_shifted_inputs(Question):
    """What inputs that are all positive do to the gradients of a unit's weights."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, inputs=int(rng.integers(3, 9)))

    def text(self, inputs):
        return (
            f"A unit of the first layer has {inputs} weights, and all its inputs are above 0, as "
            "they mostly are for pixels from 0 to 255. What do you know about the gradients of its "
            "weights on ONE example?\n\n"
            "- **a** nothing\n"
            "- **b** all are positive\n"
            "- **c** all have the same sign, that of the gradient at the unit's pre-activation\n"
            "- **d** they add up to 0"
        )

    def reference(self, inputs):
        found = set()
        for above in (-1.0, 1.0):
            w = torch.zeros(inputs, requires_grad=True)
            (above * (torch.arange(1.0, inputs + 1) @ w)).backward()
            found.add(tuple(torch.sign(w.grad).tolist()))
        alike = all(len(set(signs)) == 1 for signs in found)
        return {"answer": "c" if alike and len(found) == 2 else "a"}

    @mistake
    def nothing_known(self, right, inputs):
        """Write down the gradient of one weight: it is a product of two numbers, and of one of
        them the sign is known."""
        return {"answer": "a"}

    @mistake
    def always_positive(self, right, inputs):
        """One factor is positive, the input. The other comes from above and may have either
        sign."""
        return {"answer": "b"}

    @mistake
    def cancel(self, right, inputs):
        """Numbers of the same sign cannot cancel. What sign does each of the products have?"""
        return {"answer": "d"}


class q03_wraps(Question):
    """What uint8 does with a difference."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, low=int(rng.integers(20, 60)), high=int(rng.integers(100, 200)))

    def text(self, low, high):
        return (
            f"The array `a` holds one uint8 pixel, {low}, and the array `b` another, {high}. What "
            "is `a - b`? (Answer with a number.)"
        )

    def reference(self, low, high):
        difference = np.array([low], np.uint8) - np.array([high], np.uint8)
        return {"answer": int(difference[0])}

    @mistake
    def as_on_paper(self, right, low, high):
        """On paper, yes. But uint8 has no negative numbers. It wraps around like a clock, and one
        below 0 is 255."""
        return {"answer": low - high}

    @mistake
    def stops_at_zero(self, right, low, high):
        """numpy does not stop at 0. It wraps around, and one below 0 is 255."""
        return {"answer": 0}

    @mistake
    def distance(self, right, low, high):
        """That is b − a. uint8 does not just drop the sign; below 0 it wraps around to 255."""
        return {"answer": high - low}

    @mistake
    def one_too_few(self, right, low, high):
        """Nearly: uint8 has 256 values, 0 among them."""
        return {"answer": low - high + 255}


class q03_views(Question):
    """How many of the views of a square picture are different."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, scales=int(rng.integers(3, 6)))

    def text(self, scales):
        return (
            f"You take ten crops of 224×224 from a square picture at each of {scales} scales. The "
            "smallest scale is 224, and all others are much larger. No two places in the picture "
            "look alike. How many DIFFERENT views does the model see? (Answer with a number.)"
        )

    def reference(self, scales):
        found = set()
        for scale in [224 + 64 * k for k in range(scales)]:
            room = scale - 224
            for start in [(0, 0), (0, room), (room, 0), (room, room), (room // 2, room // 2)]:
                found |= {(scale, *start, mirrored) for mirrored in (False, True)}
        return {"answer": len(found)}

    @mistake
    def all_counted(self, right, scales):
        """At the smallest scale the picture is exactly as large as the crop. In how many places
        can the crop lie there?"""
        return {"answer": 10 * scales}

    @mistake
    def smallest_scale_left_out(self, right, scales):
        """The smallest scale gives few different views, but some."""
        return {"answer": 10 * (scales - 1)}

    @mistake
    def mirror_forgotten(self, right, scales):
        """At the smallest scale all five crops coincide, but their mirror image is another
        view."""
        return {"answer": 10 * (scales - 1) + 1}
