"""Mistakes in a convolutional layer's gradients that are clipped, or to which something is added
(notebook 10)."""

import numpy as np

from autograder.exercise import Exercise, mistake


def clipped(name, bound):
    """The mistake that a gradient is clipped to plus and minus a bound."""

    def show(self, right, **inputs):
        return {name: np.clip(right[name], -bound, bound)}

    show.__doc__ = f"""Your {name} is clipped: no value lies beyond ±{bound}, and right ones do. A
        gradient is given back as it is, be it large."""
    return mistake(show)


def with_penalty(share):
    """The mistake that so much of the filters is added to their gradient."""

    def show(self, right, w, **inputs):
        return {"dw": right["dw"] + w.dtype.type(share) * w}

    show.__doc__ = f"""Your dw is the gradient plus {share:g} times the filters, as a weight decay
        adds it. What comes back from dout is asked for, and where dout is 0 that is 0."""
    return mistake(show)


class FilterSizes(Exercise, abstract=True):
    """How large the values of dw are."""

    dw_clipped_at_1, dw_clipped_at_5, dw_clipped_at_10 = (clipped("dw", n) for n in (1, 5, 10))
    dw_with_a_tenth_of_w, dw_with_a_hundredth_of_w = with_penalty(0.1), with_penalty(0.01)
    dw_with_a_thousandth_of_w, dw_with_decay = with_penalty(0.001), with_penalty(0.0005)
    dw_with_a_ten_thousandth_of_w = with_penalty(0.0001)
