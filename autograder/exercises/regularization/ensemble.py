"""Exercise of notebook 05 on the mean prediction of several models. Over noise: `averaging`."""

import numpy as np
import torch

from autograder.exercise import Case, mistake, raises
from autograder.exercises.regularization.averages import Averages, loud, votes
from autograder.exercises.regularization.losses import softmax


class ensemble_predict(Averages):
    """The mean prediction of several models."""

    signature = "ensemble_predict(models, x) -> probabilities"
    minutes = 6
    extra = True
    hints = (
        "Do the same as in marginalize, with several models instead of several draws of noise.",
        "One model may have scores that are a hundred times as large as the others'. As "
        "probabilities they count equally.",
    )

    def cases(self, rng):
        for name, n, count, classes, scales in [
            ("three models", 5, 3, 4, [1.0, 1.0, 1.0]),
            ("five models, one of them loud", 4, 5, 3, [0.5, 1.0, 30.0, 0.7, 1.0]),
            ("one model", 3, 1, 5, [1.0]),
        ]:
            W = rng.normal(size=(count, 6, classes)) * np.reshape(scales, (count, 1, 1))
            yield Case(name, 1, x=rng.normal(size=(n, 6)), W=W)
        x, W = loud(rng, 6, 5, [30.0, 1.0, 60.0, 0.5])
        yield Case("scores of thousands", 1, x=x, W=W)

    def observe(self, code, x, W):
        def model(weights):
            return lambda x: x @ weights

        return {"probabilities": code.ensemble_predict([model(weights) for weights in W], x)}

    def scores(self, x, W):
        return x @ W

    def each(self, x, W):
        return softmax(x @ W, axis=2)

    def reference(self, x, W):
        x, W = torch.tensor(x, device=self.device), torch.tensor(W, device=self.device)
        return {"probabilities": (x @ W).softmax(dim=2).mean(dim=0)}

    @mistake
    def scores_averaged(self, right, x, W):
        """Yours is the geometric mean of the predictions, normalised: that is what averaging
        scores, or logarithms, before the softmax gives. Turn each model's scores into probabilities
        first, and average those."""
        return {"probabilities": softmax((x @ W).mean(axis=0))}

    @mistake
    def scores_added(self, right, x, W):
        """You add the scores up and take one softmax. That multiplies the models' probabilities,
        as if each had seen other evidence; average them."""
        return {"probabilities": softmax((x @ W).sum(axis=0))}

    @mistake
    def multiplied(self, right, x, W):
        """You multiply the models' probabilities, so that the rows no longer sum to 1 and one model
        that says no is enough. Average them."""
        return {"probabilities": self.each(x, W).prod(axis=0)} if len(W) > 1 else None

    @mistake
    def scores_returned(self, right, x, W):
        """You return mean scores. Probabilities are asked for, rows that sum to 1."""
        return {"probabilities": (x @ W).mean(axis=0)}

    @mistake
    def labels_averaged(self, right, x, W):
        """You count votes. How sure each model is, is lost: average the probabilities."""
        return {"probabilities": votes(x @ W)}

    @mistake
    def summed_not_averaged(self, right, x, W):
        """You add the models' probabilities up and do not divide by how many there are."""
        return {"probabilities": right["probabilities"] * len(W)}

    @mistake
    def divided_by_the_largest(self, right, x, W):
        """In each row you divide by the largest entry, which becomes 1. A row sums to 1: divide by
        the number of models."""
        p = right["probabilities"]
        return {"probabilities": p / p.max(axis=1, keepdims=True)}

    @mistake
    def last_model_only(self, right, x, W):
        """Only the last model counts in yours. Each pass of the loop overwrites the one before,
        or the return stands inside it."""
        return {"probabilities": self.each(x, W)[-1]}

    @mistake
    def first_model_only(self, right, x, W):
        """Only the first model counts in yours. Does the return stand inside the loop?"""
        return {"probabilities": self.each(x, W)[0]}

    @mistake
    def first_model_left_out(self, right, x, W):
        """The first model is missing in your sum. Python counts from 0."""
        return {"probabilities": self.each(x, W)[1:].sum(axis=0) / len(W) if len(W) > 1 else 0.0}

    @mistake
    def last_model_left_out(self, right, x, W):
        """The last model is missing in your sum. range stops one before its end by itself."""
        total = self.each(x, W)[:-1].sum(axis=0) / len(W)
        return {"probabilities": total} if len(W) > 1 else {"probabilities": 0.0}

    @mistake
    def normalised_over_models(self, right, x, W):
        """Your softmax runs over the models. Each model gives a distribution over classes."""
        return {"probabilities": softmax(x @ W, axis=0).mean(axis=0)}

    @mistake
    def batch_normalised_and_added(self, right, x, W):
        """Your probabilities sum to 1 over the examples, and the models' are added up and not
        averaged. Sum along the classes, and divide by the number of models."""
        return {"probabilities": softmax(x @ W, axis=1).sum(axis=0)}

    @mistake
    def brought_to_one_scale(self, right, x, W):
        """You bring the scores of all models to one scale first, by their standard deviation. How
        far apart its scores are is how sure a model is: only take the softmax."""
        scores = x @ W
        return {"probabilities": softmax(scores / scores.std(axis=(1, 2), keepdims=True), axis=2)
                .mean(axis=0)}  # fmt: skip

    @mistake
    def two_arguments(self, right, x, W):
        """You call a model with two arguments. These take x alone: there is no noise to draw."""
        return dict.fromkeys(right, raises("TypeError", "positional argument"))
