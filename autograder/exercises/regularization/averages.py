"""What averages of predictions in notebook 05 share: what is averaged, and how.

Over noise is in `averaging`, over models in `ensemble`.
"""

import numpy as np

from autograder.exercise import Exercise, mistake
from autograder.exercises.regularization.losses import softmax


def votes(scores):
    """The share of the first axis that votes for each class."""
    return np.eye(scores.shape[-1])[scores.argmax(axis=-1)].mean(axis=0)


def loud(rng, n, features, scales):
    """Inputs and one matrix for each scale: the last row's scores are thousands, those of the
    other rows a hundred; two classes are above 0 everywhere, and one is below."""
    x = np.abs(rng.normal(size=(n, features))) + 0.2
    x[-1] *= 100
    W = (np.abs(rng.normal(size=(len(scales), features, 3))) + 0.2) * [1, -1, 0.6]
    return x, W * np.reshape(scales, (-1, 1, 1))


def halves(each, start=None):
    """A running (old + new) / 2, as people write it for a running mean."""
    mean, *rest = each if start is None else (start, *each)
    for new in rest:
        mean = (mean + new) / 2
    return mean


class Averages(Exercise, abstract=True):
    """What averages over noise and over models share: mistakes about what is averaged, and how."""

    def scores(self, **inputs):
        """What each call gives, calls×N×C."""
        raise NotImplementedError

    def shifted(self, shift, **inputs):
        """The mean where `shift(scores)` is taken off before the exponential; None where it does
        not matter."""
        scores = self.scores(**inputs)
        e = np.exp(scores - shift(scores))
        p = (e / e.sum(axis=2, keepdims=True)).mean(axis=0)
        return {"probabilities": p} if np.isnan(p).any() else None

    @mistake
    def exp_overflows(self, right, **inputs):
        """Large scores overflow in your softmax and give NaN. Shift each row first, as in
        softmax_loss."""
        return self.shifted(lambda scores: 0.0, **inputs)

    @mistake
    def no_number_counts_as_zero(self, right, **inputs):
        """Where scores are large your exponentials overflow, or all of a row become 0, and what is
        no number then counts as 0: a row no longer sums to 1. Shift each row first, by its largest
        score."""
        e = np.exp(self.scores(**inputs))
        p = e / e.sum(axis=2, keepdims=True)
        if np.isnan(p).any():
            return {"probabilities": np.nan_to_num(p).mean(axis=0)}

    @mistake
    def one_shift_for_all_rows(self, right, **inputs):
        """You subtract one largest score from all rows. In a row far below it all exponentials
        become 0, and 0/0 is NaN. Each row has a largest score of its own."""
        return self.shifted(lambda scores: scores.max(axis=(1, 2), keepdims=True), **inputs)

    @mistake
    def one_shift_for_everything(self, right, **inputs):
        """You subtract the largest of all scores. In a row far below it all exponentials become 0,
        and 0/0 is NaN. Each row of each table has a largest score of its own."""
        return self.shifted(lambda scores: scores.max(), **inputs)

    @mistake
    def one_shift_over_all_tables(self, right, **inputs):
        """From an example's scores you subtract the largest of all its tables. In a quieter one all
        exponentials become 0, and 0/0 is NaN. Each row of each table has a largest of its own."""
        return self.shifted(lambda scores: scores.max(axis=(0, 2), keepdims=True), **inputs)

    @mistake
    def normalised_over_the_batch(self, right, **inputs):
        """Your probabilities sum to 1 over the examples. An example's classes share its
        probability."""
        return {"probabilities": softmax(self.scores(**inputs), axis=1).mean(axis=0)}

    @mistake
    def exponentials_added(self, right, **inputs):
        """You add up the exponentials of all tables and normalise at the end, so large scores count
        more. Normalise each table first, then average."""
        scores = self.scores(**inputs)
        e = np.exp(scores - scores.max(axis=(0, 2), keepdims=True)).sum(axis=0)
        return {"probabilities": e / e.sum(axis=1, keepdims=True)}

    @mistake
    def shifted_exponentials_added(self, right, **inputs):
        """You add up the exponentials of all tables, each shifted by itself, and normalise at the
        end. Normalise each table first, then average."""
        scores = self.scores(**inputs)
        e = np.exp(scores - scores.max(axis=2, keepdims=True)).sum(axis=0)
        return {"probabilities": e / e.sum(axis=1, keepdims=True)}

    @mistake
    def median(self, right, **inputs):
        """You take the median of the probabilities. The mean is asked for; medians of classes need
        not sum to 1."""
        return {"probabilities": np.median(softmax(self.scores(**inputs), axis=2), axis=0)}

    @mistake
    def largest(self, right, **inputs):
        """You take the largest probability that each class ever gets. The mean is asked for; these
        do not sum to 1."""
        return {"probabilities": softmax(self.scores(**inputs), axis=2).max(axis=0)}

    @mistake
    def halved_each_time(self, right, **inputs):
        """Yours is (old + new) / 2 after each, so the last ones count most. In a mean all count
        alike: add up, and divide once."""
        return {"probabilities": halves(softmax(self.scores(**inputs), axis=2))}

    @mistake
    def halved_from_zero(self, right, **inputs):
        """Yours is (old + new) / 2 after each, beginning at 0, so the last ones count most. In a
        mean all count alike: add up, and divide once."""
        return {"probabilities": halves(softmax(self.scores(**inputs), axis=2), 0.0)}

    @mistake
    def divided_by_the_examples(self, right, **inputs):
        """You divide by the number of examples. Divide by how many tables of probabilities you have
        added up."""
        total = softmax(self.scores(**inputs), axis=2).sum(axis=0)
        return {"probabilities": total / len(total)}

    @mistake
    def labels_returned(self, right, **inputs):
        """You return the most probable class of each example. The probabilities of all classes are
        asked for."""
        return {"probabilities": right["probabilities"].argmax(axis=1)}

    @mistake
    def softmax_twice(self, right, **inputs):
        """You apply the softmax to what are probabilities already. Their mean is what is asked
        for."""
        return {"probabilities": softmax(right["probabilities"])}

    @mistake
    def rows_brought_to_one_spread(self, right, **inputs):
        """You divide each row of scores by its standard deviation before the softmax. How far apart
        the scores are is how sure a model is: take the softmax of the scores as they are."""
        scores = self.scores(**inputs)
        return {"probabilities": softmax(scores / scores.std(axis=2, keepdims=True), axis=2)
                .mean(axis=0)}  # fmt: skip

    @mistake
    def scores_cut_off(self, right, **inputs):
        """You cut scores off at 20 and −20 before the softmax. Larger ones lose their distances;
        subtracting a row's largest score changes no probability."""
        return {"probabilities": softmax(self.scores(**inputs).clip(-20, 20), axis=2).mean(axis=0)}

    @mistake
    def scores_cut_off_at_500(self, right, **inputs):
        """You cut scores off, at 500 or so, before the softmax. Larger ones lose their distances;
        subtracting a row's largest score changes no probability."""
        cut = self.scores(**inputs).clip(-500, 500)
        return {"probabilities": softmax(cut, axis=2).mean(axis=0)}

    @mistake
    def geometric_mean(self, right, **inputs):
        """Yours is the geometric mean of the predictions, whose rows do not sum to 1: the root of
        their product, or e to the mean of their logarithms. Average the probabilities
        themselves."""
        p = softmax(self.scores(**inputs), axis=2)
        return {"probabilities": p.prod(axis=0) ** (1 / len(p))} if len(p) > 1 else None

    @mistake
    def normalised_over_everything(self, right, **inputs):
        """You divide by the sum over a whole table, all examples and classes. Each row has a sum of
        its own: it is a distribution."""
        return {"probabilities": self.of_whole_tables(**inputs)}

    @mistake
    def normalised_over_everything_times_the_examples(self, right, **inputs):
        """You divide by the sum over a whole table, and multiply by the number of its rows. Each
        row has a sum of its own: rows of yours do not sum to 1."""
        p = self.of_whole_tables(**inputs)
        return {"probabilities": p * len(p)}

    def of_whole_tables(self, **inputs):
        scores = self.scores(**inputs)
        e = np.exp(scores - scores.max(axis=(1, 2), keepdims=True))
        return (e / e.sum(axis=(1, 2), keepdims=True)).mean(axis=0)

    def standardised(self, axis, scores):
        off = scores - scores.mean(axis=axis, keepdims=True)
        return {"probabilities": softmax((off / off.std(axis=axis, keepdims=True)).mean(axis=0))}

    @mistake
    def tables_standardised_and_averaged(self, right, **inputs):
        """You bring each table of scores to mean 0 and spread 1, average the tables and take one
        softmax. How far apart scores are is how sure a prediction is: take the softmax of each
        table as it is, and average the probabilities."""
        return self.standardised((1, 2), self.scores(**inputs))

    @mistake
    def rows_standardised_and_averaged(self, right, **inputs):
        """You bring each row of scores to mean 0 and spread 1, average and take one softmax. How
        far apart scores are is how sure a prediction is: take the softmax of each table as it is,
        and average the probabilities."""
        return self.standardised(2, self.scores(**inputs))

    @mistake
    def median_normalised(self, right, **inputs):
        """You take the median of the probabilities, and divide by the rows' sums. The mean is asked
        for, whose rows sum to 1 by themselves."""
        p = np.median(softmax(self.scores(**inputs), axis=2), axis=0)
        if len(self.scores(**inputs)) > 2:
            return {"probabilities": p / p.sum(axis=1, keepdims=True)}

    @mistake
    def weighted_by_the_largest(self, right, **inputs):
        """Predictions that are surer count more in yours: they are weighted by their largest
        probability. In the mean all count alike."""
        p = softmax(self.scores(**inputs), axis=2)
        sure = p.max(axis=2, keepdims=True)
        return {"probabilities": (sure * p).sum(axis=0) / sure.sum(axis=0)}
