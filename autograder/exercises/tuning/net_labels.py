"""Labels and the loss in the net of `net`: mistakes in the softmax, and in asking for labels."""

import numpy as np

from autograder.exercise import mistake, raises
from autograder.exercises.learners_net.judged import OwnNet


class ReadsLabels(OwnNet, abstract=True):
    """Mistakes in a net's loss, and in how it finds out whether there are labels."""

    @mistake
    def zeros_taken_for_no_labels(self, right, **inputs):
        """Where all labels are 0 your `loss` answers as it does without labels. 0 is a class like
        the others: only `None` stands for no labels."""
        if inputs["weights"] and not inputs["y"].any():
            # One row of scores stands then where the loss belongs.
            return dict.fromkeys(right, raises("TypeError", "can be converted to Python scalars"))

    @mistake
    def probabilities_for_scores(self, right, **inputs):
        """Without labels your net gives probabilities. Scores are wanted, as the last affine layer
        makes them: the softmax belongs to the loss."""
        if inputs["weights"]:
            powers = np.exp(right["scores"] - right["scores"].max(1, keepdims=True))
            return {"scores": powers / powers.sum(1, keepdims=True)}

    @mistake
    def softmax_overflows(self, right, **inputs):
        """Large scores make your loss NaN or infinite: e to their power is beyond all numbers. Only
        differences of scores matter to a softmax, so the largest may be taken off first."""
        if inputs["weights"] and right["scores"].max() > 800:
            return {n: np.full_like(v, np.nan) for n, v in right.items()
                    if n == "loss" or n.startswith("d") and isinstance(v, np.ndarray)}

    @mistake
    def logarithm_of_zero(self, right, **inputs):
        """Where scores are large your loss is infinite or NaN: you take the logarithm of a
        probability that is 0, or that e to a large power has spoilt. Work with ln p itself: take
        the largest score off, then score minus the logarithm of the sum."""
        if inputs["weights"] and right["scores"].max() > 800:
            return {"loss": np.nan}

    @mistake
    def logarithm_capped(self, right, y, **inputs):
        """You add a small number to each probability before the logarithm, so your loss is capped
        near 18. Work with ln p itself: take the largest score off, then score minus the logarithm
        of the sum."""
        if inputs["weights"] and right["scores"].max() > 800:
            powers = np.exp(right["scores"] - right["scores"].max(1, keepdims=True))
            p = powers[np.arange(len(y)), y] / powers.sum(1)
            return {"loss": -np.log(p + 1e-8).mean()}
