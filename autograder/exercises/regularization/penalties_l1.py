"""Exercise of notebook 05 on the L1 penalty. What it shares with L2 is in `penalties`."""

import numpy as np

from autograder.exercise import mistake, raises
from autograder.exercises.regularization.penalties import ON_WEIGHTS, Penalty, is_weight


def smooth(size, slope, named):
    """The mistake of a smooth curve in place of |w|: its size and slope."""

    def shown(self, right, params, lam):
        weights = [v.astype(float) for k, v in params.items() if is_weight(k)]
        return {"cost": lam * sum(size(W).sum() for W in weights),
                **self.sloped(params, lam, slope)}  # fmt: skip

    shown.__doc__ = f"""Yours is a smooth curve in place of the absolute value, {named}: small
        weights cost less or more than λ|w|, and their slope is less than λ. The price is λ|w|
        itself, and the slope λ or −λ however small a weight is."""
    return mistake(shown)


def rooted(eps, less):
    """The mistake of √(w² + eps²), with eps taken off again where `less` is 1."""
    return smooth(
        lambda W: np.sqrt(W**2 + eps**2) - less * eps, lambda W: W / np.sqrt(W**2 + eps**2),
        f"such as the root of w² + {eps**2:g}",
    )  # fmt: skip


class l1_penalty(Penalty):
    """λ times the sum of absolute weights, and its gradients."""

    signature = "l1_penalty(params, lam) -> cost, grads"
    growth = {"params": 1}, {"cost": 1}
    minutes = 5
    hints = (
        "The absolute value has slope 1 or −1. At 0 it has none, and the convention here is 0.",
        "The cost adds up over all weight arrays and leaves biases out; each gradient has its "
        "array's shape.",
    )

    def cost_of(self, W, lam):
        return lam * W.abs().sum()

    def observe(self, code, params, lam):
        cost, grads = code.l1_penalty(params, lam)
        return {"cost": cost, "grads": grads}

    def sloped(self, params, lam, slope):
        """The gradients where `slope(W)` stands for the sign."""
        found = {k: v for k, v in params.items() if is_weight(k)}
        return {ON_WEIGHTS: {k: (lam * slope(v)).astype(v.dtype) for k, v in found.items()}}

    def at_zero(self, params, lam, value):
        return self.sloped(params, lam, lambda W: np.where(W == 0, value, np.sign(W)))

    @mistake
    def zero_counted_as_positive(self, right, params, lam):
        """A weight that is exactly 0 gets a push from you, as if it were positive. It is where L1
        wants it: slope 0, or no weight could stay there."""
        return self.at_zero(params, lam, 1)

    @mistake
    def zero_counted_as_negative(self, right, params, lam):
        """A weight that is exactly 0 gets a push from you, as if it were negative. It is where L1
        wants it: slope 0, or no weight could stay there."""
        return self.at_zero(params, lam, -1)

    @mistake
    def divides_by_zero(self, right, params, lam):
        """W/|W| is the sign, and NaN where a weight is 0. numpy has the sign itself."""
        return self.at_zero(params, lam, np.nan)

    @mistake
    def softened(self, right, params, lam):
        """Small weights get less than λ from you, as they do when 1e-3 or so is added to |W| before
        you divide by it. The slope is 1 or −1 however small a weight is."""
        return self.sloped(params, lam, lambda W: W / (np.abs(W) + 1e-3))

    @mistake
    def softened_a_little(self, right, params, lam):
        """Very small weights get less than λ from you, as they do when 1e-8 is added to |W| before
        you divide by it. The slope is 1 or −1 however small a weight is."""
        return self.sloped(params, lam, lambda W: W / (np.abs(W) + 1e-8))

    @mistake
    def softened_hardly(self, right, params, lam):
        """Very small weights get less than λ from you, as they do when 1e-12 is added to |W| before
        you divide by it. The slope is 1 or −1 however small a weight is."""
        return self.sloped(params, lam, lambda W: W / (np.abs(W) + 1e-12))

    rooted_with_1e_1, rooted_with_1e_2, rooted_with_1e_3, rooted_with_1e_4, rooted_with_1e_6 = (
        rooted(eps, 0) for eps in (1e-1, 1e-2, 1e-3, 1e-4, 1e-6)
    )
    rooted_to_zero_1, rooted_to_zero_2, rooted_to_zero_3, rooted_to_zero_4 = (
        rooted(eps, 1) for eps in (1e-1, 1e-2, 1e-3, 1e-4)
    )

    @mistake
    def rounded_off_at_one(self, right, params, lam):
        """Yours is Huber's curve: below 1 a parabola, ½w². The price is λ|w|, and the slope λ or −λ
        however small a weight is."""
        size = lambda W: np.where(np.abs(W) < 1, W**2 / 2, np.abs(W) - 0.5)
        weights = [v.astype(float) for k, v in params.items() if is_weight(k)]
        return {"cost": lam * sum(size(W).sum() for W in weights),
                **self.sloped(params, lam, lambda W: np.clip(W, -1, 1))}  # fmt: skip

    @mistake
    def soft_thresholded(self, right, params, lam):
        """In your gradient a weight smaller than λ gets itself in place of λ or −λ. That is what
        soft thresholding takes off in one step; the slope is λ or −λ however small a weight is."""
        if lam:
            return self.sloped(params, lam, lambda W: np.clip(W, -lam, lam) / lam)

    @mistake
    def small_taken_for_zero(self, right, params, lam):
        """A weight of 1e-9 has slope 0 in yours. Only one of exactly 0 has, so compare with 0
        itself."""
        return self.sloped(params, lam, lambda W: np.where(np.abs(W) < 1e-8, 0, np.sign(W)))

    @mistake
    def halved(self, right, params, lam):
        """The ½ belongs to L2, where it cancels the 2 of the square. Here nothing is squared."""
        return {"cost": right["cost"] / 2} | self.every(right, lambda g: g / 2)

    @mistake
    def cost_halved(self, right, params, lam):
        """Your cost is half of what it should be. The ½ belongs to L2, where it cancels the 2 of
        the square; here nothing is squared."""
        return {"cost": right["cost"] / 2}

    @mistake
    def gradient_halved(self, right, params, lam):
        """Your gradients are half of what they should be. The ½ belongs to L2; the slope of an
        absolute value is 1 or −1."""
        return self.every(right, lambda g: g / 2)

    @mistake
    def absolute_value_missing(self, right, params, lam):
        """Your cost adds weights of both signs, so they cancel: a net could make it as negative
        as it likes. Absolute values."""
        return {"cost": lam * sum(v.sum() for k, v in params.items() if is_weight(k))}

    @mistake
    def absolute_value_of_the_sum(self, right, params, lam):
        """Your cost takes the absolute value of an array's sum, in which both signs cancel. First
        the absolute value of each weight, then the sum."""
        return {"cost": lam * sum(abs(v.sum()) for k, v in params.items() if is_weight(k))}

    @mistake
    def matrix_norm(self, right, params, lam):
        """Your cost uses a matrix norm: np.linalg.norm with 1 is the largest column sum of a
        matrix. Here all absolute values are added up."""
        weights = [v for k, v in params.items() if is_weight(k)]
        if any(W.ndim > 2 for W in weights):
            stop = raises("ValueError", "number of dimensions")
            return dict.fromkeys(right, stop)
        return {"cost": lam * sum(np.linalg.norm(W, 1) for W in weights)}

    @mistake
    def matrix_norm_of_rows(self, right, params, lam):
        """Your cost uses the norm of a matrix: np.linalg.norm with 1 is its largest column sum.
        Here all absolute values are added up."""
        weights = [v.reshape(len(v), -1) for k, v in params.items() if is_weight(k)]
        return {"cost": lam * sum(np.linalg.norm(W, 1) for W in weights)}

    @mistake
    def is_l2(self, right, params, lam):
        """That is the L2 penalty: squares, and a gradient that shrinks with the weight. L1 takes
        absolute values."""
        weights = [v for k, v in params.items() if is_weight(k)]
        cost = 0.5 * lam * sum((v**2).sum() for v in weights)
        return {"cost": cost, **self.sloped(params, lam, lambda W: W)}

    @mistake
    def gradient_of_l2(self, right, params, lam):
        """Your gradient shrinks with the weight, as L2's does. L1 pushes with the same strength
        until a weight is 0; that is why it makes zeros."""
        return self.sloped(params, lam, lambda W: W)

    @mistake
    def gradient_is_the_cost(self, right, params, lam):
        """Your gradient is λ|W|, the cost of each weight. Its slope is the sign of the weight times
        λ, however large it is."""
        return self.sloped(params, lam, np.abs)

    @mistake
    def gradient_without_sign(self, right, params, lam):
        """Your gradient is λ for every weight. A negative one is pushed the other way: the slope of
        an absolute value has the weight's sign."""
        return self.sloped(params, lam, np.ones_like)
