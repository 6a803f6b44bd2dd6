"""How nets answer that were shrunk with a slip in folding or rounding: a slip is known by what the
restored net answers, however it was written. The exercise is in `shrinking`; only its `aid` asks
for these answers, so that no kit holds what they are made with.
"""

import numpy as np
import torch
from torch import nn

from autograder.exercise import Exercise, mistake, raises
from course_utils.recipes.shrinking import net_with

LOST = "accuracy lost"
MUCH = "more than 0.01"
(
    NO_FACTOR, MEAN_ADDED, NO_ROOT, BARE_KERNEL, LARGEST, NEGATIVE, NO_NEGATIVE, NO_VARIANCE,
    NO_BIAS,
) = (
    f"{MUCH}, as with {slip}"
    for slip in ("shifts that lack the factor", "running means that are added", "no root",
                 "kernels that lack the factor", "a largest weight that wraps round",
                 "negative weights that wrap round", "zeros for negative weights",
                 "a running variance of 0", "biases that are left out")
)  # fmt: skip
NEAR = 0.15  # of the largest answer; right roundings differ by 0.02, two slips by 0.4
ROUNDED = LARGEST, NEGATIVE, NO_NEGATIVE
HUGE = 1e4  # beyond it half precision gives out, and learners' answers differ


def answers_with_slips(arrays, kind, x):
    """Slips, each with answers to pictures x that it leads to."""
    ways = [(slip, False) for slip in (NO_FACTOR, MEAN_ADDED, NO_ROOT, BARE_KERNEL, NO_VARIANCE)]
    ways += [(slip, other) for slip in ROUNDED for other in (False, True)]
    if kind == "biased":
        ways += [(NO_FACTOR, True), (MEAN_ADDED, True), (NO_BIAS, False)]
    found = [(slip, answers(arrays, kind, x, slip, other)) for slip, other in ways]
    return [(slip, out) for slip, out in found if slip == NO_VARIANCE or np.abs(out).max() < HUGE]


def answers(arrays, kind, x, slip, other):
    """What a net answers whose norms were folded, and kernels rounded, with a slip. `other` also
    rounds so in the layers without a norm; of shifts it keeps the biases right."""
    net = net_with(kind, arrays)
    with torch.no_grad():
        for conv, norm in zip(net, [*net][1:] + [None], strict=True):
            if other and slip in ROUNDED and isinstance(conv, nn.Linear):
                conv.weight.copy_(wrapped(conv.weight, slip))
            if not isinstance(conv, nn.Conv2d):
                continue
            variance = norm.running_var + norm.eps
            factor = norm.weight / (variance if slip == NO_ROOT else variance.sqrt())
            mean = norm.running_mean
            bias = torch.zeros_like(mean) if conv.bias is None or slip == NO_BIAS else conv.bias
            if slip in (NO_FACTOR, MEAN_ADDED) and not other:
                mean, bias = mean - bias, torch.zeros_like(mean)
            mean = mean if slip == NO_FACTOR else mean * factor
            shift = norm.bias + bias * factor + (mean if slip == MEAN_ADDED else -mean)
            if slip != BARE_KERNEL:
                conv.weight *= factor[:, None, None, None]
            if slip in ROUNDED:
                conv.weight.copy_(wrapped(conv.weight, slip))
            if conv.bias is not None:
                conv.bias.zero_()
            norm.running_mean.zero_()
            norm.running_var.fill_(0 if slip == NO_VARIANCE else 1 - norm.eps)
            norm.weight.fill_(1)
            norm.bias.copy_(shift)
        return net(x).numpy().round(2)


def wrapped(kernel, slip):
    """A kernel rounded to bytes, where some whole numbers are beyond those that there are; or cut
    off at 0."""
    if slip == NO_NEGATIVE:
        return kernel.clamp(min=0)
    levels = 128 if slip == LARGEST else 127
    rows = kernel.flatten(1)
    top = (rows.abs() if slip == LARGEST else rows).amax(1, keepdim=True)
    scale = top.clamp(min=1e-4) / levels
    whole = (rows / scale).round()
    return (((whole + 128) % 256 - 128) * scale).view(kernel.shape)


class Folding(Exercise, abstract=True):
    """Slips in folding and rounding that show in every case."""

    @mistake
    def shift_without_factor(self, right, **inputs):
        """The restored net answers as one whose shifts lack the norm's factor. It multiplies the
        running mean as well as the kernel."""
        return {LOST: NO_FACTOR}

    @mistake
    def mean_added(self, right, **inputs):
        """The restored net answers as one whose shifts have the running means added. A norm takes
        its running mean away: look at the signs in your shift."""
        return {LOST: MEAN_ADDED}

    @mistake
    def no_root(self, right, kind, **inputs):
        """The restored net answers as one whose factors divide by the variance. A norm divides by
        the root of running variance and eps."""
        return {LOST: MUCH if kind == "still" else NO_ROOT}

    @mistake
    def kernel_without_factor(self, right, **inputs):
        """The restored net answers as one whose kernels lack the norms' factors. Where a restored
        norm only adds a shift, the kernel before it has to have the factor in it."""
        return {LOST: BARE_KERNEL}

    @mistake
    def largest_wraps_round(self, right, **inputs):
        """The restored net answers as one whose largest weights have changed their sign: a byte
        ends at 127, and 128 becomes -128 there."""
        return {LOST: LARGEST}

    @mistake
    def negatives_wrap_round(self, right, **inputs):
        """The restored net answers as one whose scale is made of the largest weight, and not of the
        largest without its sign: what lies below -128 wraps round to positive numbers."""
        return {LOST: NEGATIVE}

    @mistake
    def negatives_are_zero(self, right, **inputs):
        """The restored net answers as one whose negative weights are all 0. A type without a sign,
        such as uint8, has no room for them: use one with a sign, or shift the numbers."""
        return {LOST: NO_NEGATIVE}

    @mistake
    def variance_of_zero(self, right, **inputs):
        """The restored net answers as one whose norms have a running variance of 0. Then they
        divide by the root of eps, and multiply some three hundred times: choose the variance so
        that with eps the root is 1."""
        return {LOST: NO_VARIANCE}

    # Axes.

    @mistake
    def factor_along_what_comes_in(self, right, arrays, **inputs):
        """You lay numbers of the channels that go out along the axis of those that come in. A
        norm's factors, and scales, belong to the first axis of the kernel."""
        return dict.fromkeys(right, raises("RuntimeError", self.not_along(arrays, 1)))

    @mistake
    def factor_along_the_last_axis(self, right, arrays, **inputs):
        """You lay numbers of the channels that go out along the last axis of the kernel, as happens
        without a reshape. A norm's factors, and scales, belong to its first axis."""
        return dict.fromkeys(right, raises("RuntimeError", self.not_along(arrays, 3)))

    def not_along(self, arrays, axis):
        """What torch says where the first kernel meets such numbers there."""
        kernel = arrays["0.weight"].shape
        return (
            f"The size of tensor a ({kernel[axis]}) must match the size of tensor b ({kernel[0]}) "
            f"at non-singleton dimension {axis}"
        )
