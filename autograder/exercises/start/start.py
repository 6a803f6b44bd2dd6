"""The two warm-up exercises of notebook 00: small, but with mistakes that everybody has made."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near, raises


class standardize(Exercise):
    """Columns with mean 0 and standard deviation 1."""

    signature = "standardize(x)"
    minutes = 5
    hints = (
        "Each column has a mean and a spread of its own. Along which axis do you average, so that "
        "one number a column is left?",
        "Subtract first, then divide: by the standard deviation, which is in the units of x. The "
        "variance is its square.",
        "A column that never changes has the spread 0, and 0 divided by 0 is not a number. What "
        "may stand below there, so that its zeros stay zeros?",
    )

    def cases(self, rng):
        def columns(n, d):
            level = np.linspace(-40.0, 90.0, d) + rng.uniform(1, 5, d)
            spread = np.geomspace(0.5, 30.0, d)
            return level + spread * rng.normal(size=(n, d))

        yield Case("four columns", 2, x=columns(7, 4))
        constant = columns(8, 3)
        constant[:, 1] = 3.0
        yield Case("a column that never changes", 1, x=constant)
        yield Case("whole numbers", 1, x=np.rint(columns(5, 6)).astype(np.int64) * 3)

    def observe(self, code, x):
        return {"z": code.standardize(x)}

    def reference(self, x):
        x = torch.tensor(x, dtype=torch.float64, device=self.device)
        std, mean = torch.std_mean(x, dim=0, correction=0)
        # Small enough to name an unbiased spread, large enough for a usual epsilon below.
        return {"z": near((x - mean) / std.where(std > 0, 1.0), rtol=1e-6, atol=1e-7)}

    def _spread(self, x, **how):
        spread = x.std(0, **how)
        return np.where(spread > 0, spread, 1.0)

    @mistake
    def rows_instead_of_columns(self, right, x):
        """You standardise each row. A row is one example; what is measured in one unit, and has one
        mean, is a column."""
        return {"z": (x - x.mean(1, keepdims=True)) / x.std(1, keepdims=True)}

    @mistake
    def one_number_for_everything(self, right, x):
        """You use one mean and one spread for the whole array, so columns with small numbers stay
        small. Each column has its own."""
        return {"z": (x - x.mean()) / x.std()}

    @mistake
    def only_centred(self, right, x):
        """The mean is gone, but the columns keep the spread they had. What do you divide by?"""
        return {"z": x - x.mean(0)}

    @mistake
    def only_scaled(self, right, x):
        """The spread is 1, but each column keeps its mean. Subtract it before you divide."""
        return {"z": x / self._spread(x)}

    @mistake
    def divided_by_the_variance(self, right, x):
        """You divide by the variance. The spread in the units of x is its square root."""
        return {"z": (x - x.mean(0)) / self._spread(x) ** 2}

    @mistake
    def scaled_to_one(self, right, x):
        """Your columns lie between 0 and 1: that is another way to scale, and one outlier squeezes
        all the rest. Here it is mean 0 and standard deviation 1."""
        reach = np.ptp(x, axis=0)
        return {"z": (x - x.min(0)) / np.where(reach > 0, reach, 1)}

    @mistake
    def unbiased_spread(self, right, x):
        """Your spread divides by one less than the number of rows, as torch.std does unless told
        otherwise. Here it is the root of the mean squared deviation, which numpy's std gives."""
        return {"z": (x - x.mean(0)) / self._spread(x, ddof=1)}

    @mistake
    def zero_spread(self, right, x):
        """A column that never changes has the spread 0, and you divide by it: 0/0 is nan. Such a
        column tells nothing; let it come out as zeros."""
        if (x.std(0) == 0).any():
            return {"z": np.where(x.std(0) > 0, right["z"], np.nan)}

    @mistake
    def large_epsilon(self, right, x):
        """Something of the size of 0.001 or more is added to the spread, and it shows in every
        column. It is needed only where the spread is 0."""
        return {"z": (x - x.mean(0)) / (x.std(0) + 1e-3)}


class accuracy(Exercise):
    """The share of pictures whose largest score is at their label."""

    signature = "accuracy(scores, y)"
    minutes = 5
    hints = (
        "The class that a net predicts for a picture is the place of the largest score in its row.",
        "Compare predictions and labels one by one. True counts as 1 and false as 0: what does "
        "their mean tell?",
    )

    def cases(self, rng):
        scores, y = _pictures(rng, n=23, classes=5, right=14, lowest=3)
        yield Case("23 pictures, 5 classes", 2, scores=scores - 6.0, y=y)
        while True:
            scores, y = _pictures(rng, n=5, classes=5, right=3, lowest=1)
            if np.mean(scores.argmax(0) == y) < 0.5:
                break
        yield Case("as many pictures as classes", 1, scores=scores + 6.0, y=y)
        scores, y = _pictures(rng, n=9, classes=4, right=5, lowest=1)
        # Two wrong ones now share the largest score with the place before the label.
        for i in (5, 6):
            y[i] = 2
            scores[i] = [0.0, 2.0, 2.0, 1.0]  # as large as the label, which tells max from argmax
        yield Case("two scores that tie", 1, scores=scores, y=y)

    def observe(self, code, scores, y):
        return {"accuracy": code.accuracy(scores, y)}

    def reference(self, scores, y):
        scores, y = torch.tensor(scores, device=self.device), torch.tensor(y, device=self.device)
        first = (scores == scores.amax(1, keepdim=True)).int().argmax(1)
        return {"accuracy": float((first == y).double().mean())}

    @mistake
    def number_not_share(self, right, scores, y):
        """You count the pictures that are right. As a share, it can be compared between sets of
        different size."""
        return {"accuracy": right["accuracy"] * len(y)}

    @mistake
    def percent(self, right, scores, y):
        """That is the accuracy in percent. Here it is a share between 0 and 1."""
        return {"accuracy": right["accuracy"] * 100}

    @mistake
    def error_rate(self, right, scores, y):
        """That is the share of pictures that are wrong: the error rate."""
        return {"accuracy": 1 - right["accuracy"]}

    @mistake
    def best_picture_of_each_class(self, right, scores, y):
        """Your largest scores are taken down the columns: that is the picture that fits each class
        best. The predicted class of a picture is found along its row."""
        if scores.shape[0] != scores.shape[1]:
            return {"accuracy": raises("ValueError", "broadcast")}
        return {"accuracy": np.mean(scores.argmax(0) == y)}

    @mistake
    def smallest_score(self, right, scores, y):
        """You take the class with the smallest score. Scores are larger the better a class fits;
        only losses are better when they are small."""
        return {"accuracy": np.mean(scores.argmin(1) == y)}

    @mistake
    def mean_score_of_the_label(self, right, scores, y):
        """That is the mean score of the right class. Accuracy only asks whether it is the largest
        one in its row, not how large it is."""
        return {"accuracy": np.mean(scores[np.arange(len(y)), y])}

    @mistake
    def above_a_half(self, right, scores, y):
        """You count a picture as right where its label's score is above 0.5. Scores are no
        probabilities: compare them with each other."""
        return {"accuracy": np.mean(scores[np.arange(len(y)), y] > 0.5)}

    @mistake
    def largest_score_itself(self, right, scores, y):
        """You compare the largest score of each row with the label. The prediction is not how large
        that score is but where in the row it stands."""
        return {"accuracy": np.mean(scores.max(1) == y)}

    @mistake
    def rounded_down(self, right, scores, y):
        """Your share is 0. Is it cut to a whole number, as // does it? Or is argmax without an
        axis? Then it counts through the whole table, and hardly a label is as large."""
        return {"accuracy": right["accuracy"] // 1}

    @mistake
    def ties_count_as_right(self, right, scores, y):
        """Where two classes share the largest score, a net can still name only one; here it is the
        first. You count such a picture as right whenever its label is among them."""
        own = scores[np.arange(len(y)), y]
        return {"accuracy": np.mean(own == scores.max(1))}


def _pictures(rng, n, classes, right, lowest):
    """Scores near 0 without ties, and labels: so many right, so many at the lowest score."""
    scores = rng.permuted(np.tile(np.arange(float(classes)), (n, 1)), axis=1)
    scores += rng.uniform(-0.2, 0.2, scores.shape)
    order = scores.argsort(1)
    y = np.concatenate([order[:right, -1], order[right : n - lowest, -2], order[n - lowest :, 0]])
    return scores, y
