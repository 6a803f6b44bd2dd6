"""Exercises of notebook 05 with labels from 0 to 1: one-hot rows, binary cross-entropy.

The losses whose labels are class numbers are in `losses`.
"""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake, near, raises
from autograder.exercises.regularization.losses import loss_and_gradient


class one_hot(Exercise):
    """Labels as rows of an identity matrix."""

    signature = "one_hot(y, classes) -> table"
    minutes = 5
    extra = True
    hints = (
        "Row i of an identity matrix is the label i. A list of labels picks rows.",
        "Python counts −1 from the end, and so does numpy. Look at the labels before you index.",
    )

    def cases(self, rng):
        yield Case("six labels, four classes", 1, y=rng.permutation([0, 1, 3, 3, 2, 1]), classes=4)
        yield Case("the last classes do not occur", 1, y=np.array([0, 2, 1]), classes=5)
        yield Case("a label of -1", 1, y=np.array([2, -1, 0]), classes=3)
        yield Case("a label that is too large", 1, y=np.array([2, 3, 0]), classes=3)

    def observe(self, code, y, classes):
        if y.min() >= 0 and y.max() < classes:
            return {"table": code.one_hot(y, classes)}
        try:
            code.one_hot(y, classes)
        except (ValueError, IndexError) as error:
            return {"stops with": type(error).__name__}
        return {"stops with": "nothing"}

    def reference(self, y, classes):
        if y.min() < 0 or y.max() >= classes:
            return {"stops with": "ValueError"}
        return {"table": F.one_hot(torch.tensor(y, device=self.device), classes).double()}

    @mistake
    def minus_one_is_the_last_class(self, right, y, classes):
        """A label of −1 becomes the last class, without a word: an index of −1 counts from the
        end. In many data sets −1 means that there is no label."""
        return {"stops with": "nothing"} if y.min() < 0 else None

    @mistake
    def error_of_another_kind(self, right, y, classes):
        """It stops, with an IndexError from inside numpy. Whoever calls it should read which label
        is wrong: raise a ValueError that says so."""
        return {"stops with": "IndexError"} if y.max() >= classes else None

    @mistake
    def classes_from_the_labels(self, right, y, classes):
        """You count the classes in y. A class that happens not to occur needs a column too, or
        two batches have different shapes."""
        if "table" in right and y.max() + 1 < classes:
            return {"table": right["table"][:, : y.max() + 1]}

    @mistake
    def transposed(self, right, y, classes):
        """Yours is transposed: examples are rows."""
        return {"table": right["table"].T} if "table" in right else None

    @mistake
    def counted_from_one(self, right, y, classes):
        """Your columns are shifted by one: labels start at 0 here."""
        return {"table": np.eye(classes)[y - 1]} if "table" in right else None

    @mistake
    def truth_values(self, right, y, classes):
        """Your table holds truth values; float64 is asked for, so that it can be subtracted from
        probabilities."""
        return {"table": right["table"] > 0} if "table" in right else None

    @mistake
    def whole_numbers(self, right, y, classes):
        """Your table holds whole numbers. float64 is asked for: a probability that is written
        into a table of whole numbers becomes 0."""
        return {"table": right["table"].astype(np.int64)} if "table" in right else None


def sigma(z):
    return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))


class bce_with_logits(Exercise):
    """Sigmoid and binary cross-entropy in one: the mean loss and its gradient."""

    signature = "bce_with_logits(z, y) -> loss, dz"
    warning_free = True
    minutes = 12
    difficulty = 3
    extra = True
    hints = (
        "Write −log σ(z) and −log(1 − σ(z)) without σ: each is a logarithm of 1 plus an "
        "exponential. How do the two differ?",
        "An exponential of minus the absolute value never overflows. Add what is missing for "
        "positive z by hand. np.log1p is exact where its argument is tiny.",
        "The gradient is as simple as that of the softmax loss, and for the same reason.",
    )

    def cases(self, rng):
        hard = rng.permutation(np.arange(7) % 2).astype(float)
        yield Case("ordinary scores", 1, z=rng.normal(0, 2, 7), y=hard)
        far = np.array([1000.0, 1000, -1000, -1000, 40, 0])
        yield Case("scores from -1000 to 1000", 2, z=far, y=np.array([1.0, 0, 0, 1, 0, 1]))
        yield Case("soft labels, a table", 1, z=rng.normal(0, 2, (3, 4)), y=rng.random((3, 4)))
        z = rng.uniform(30, 50, 5) * np.array([1, -1, 1, 1, -1])
        yield Case("sure and right: a tiny loss", 1, z=z, y=(z > 0).astype(float))
        yield Case("single precision", 1, z=rng.normal(0, 2, 9).astype(np.float32),
                   y=rng.permutation(np.arange(9) % 2).astype(np.float32))  # fmt: skip

    def observe(self, code, z, y):
        loss, dz = code.bce_with_logits(z, y)
        return {"loss": loss, "dz": dz}

    @staticmethod
    def tiny(z, y):
        return bool((np.abs(z) >= 30).all() and ((z > 0) == (y > 0.5)).all())

    def reference(self, z, y):
        y_, zero = torch.tensor(y, device=self.device), torch.zeros((), device=self.device)

        def nats(s):
            # Not torch's own function: for label 0 that loses what is below 1e-16.
            return (y_ * torch.logaddexp(-s, zero) + (1 - y_) * torch.logaddexp(s, zero)).mean()

        loss, dz = loss_and_gradient(nats, z, self.device)
        return {"loss": near(loss, rtol=1e-6, atol=0) if self.tiny(z, y) else loss, "dz": dz}

    @mistake
    def exp_overflows(self, right, z, y):
        """An exponential of 1000 is infinite, and so is your loss or its gradient. Only negative
        numbers may be exponentiated."""
        if np.abs(z).max() > 500:
            return {"loss": np.inf}

    @mistake
    def zero_times_infinity(self, right, z, y):
        """A saturated sigmoid is exactly 0 or 1, so one of the two logarithms is infinite, and 0
        times infinity is NaN. Write the loss from the score, without σ."""
        if np.abs(z).max() > 500:
            return {"loss": np.nan}

    @mistake
    def tiny_loss_lost(self, right, z, y):
        """A tiny loss is rounded to 0: 1 + 1e-18 is 1. numpy has a logarithm for that."""
        return {"loss": np.mean(np.log(1 + np.exp(-np.abs(z))))} if self.tiny(z, y) else None

    @mistake
    def summed_not_averaged(self, right, z, y):
        """You sum over all entries. Here losses are means."""
        return {"loss": right["loss"] * z.size, "dz": right["dz"] * z.size}

    @mistake
    def gradient_not_averaged(self, right, z, y):
        """The loss is a mean, your gradient that of the sum."""
        return {"dz": right["dz"] * z.size}

    @mistake
    def averaged_over_rows_only(self, right, z, y):
        """You divide by the number of rows. The mean is over all entries of the table, as in
        torch's version."""
        if z.ndim > 1:
            return {"loss": right["loss"] * z.shape[1], "dz": right["dz"] * z.shape[1]}

    @mistake
    def zeros_cost_nothing(self, right, z, y):
        """Examples with label 0 cost nothing in yours: the second half of the formula is missing.
        A net that always says yes would be perfect."""
        nats = np.maximum(-z, 0) + np.log1p(np.exp(-np.abs(z)))
        return {"loss": np.mean(y * nats), "dz": -y * (1 - sigma(z)) / z.size}

    @mistake
    def labels_swapped(self, right, z, y):
        """Yours is the loss for the opposite labels: y belongs to log σ, and 1 − y to
        log(1 − σ)."""
        nats = np.maximum(z, 0) - z * (1 - y) + np.log1p(np.exp(-np.abs(z)))
        return {"loss": nats.mean(), "dz": (sigma(z) - 1 + y) / z.size}

    @mistake
    def sigmoid_twice(self, right, z, y):
        """You apply the sigmoid to something that has been through it. z are scores, and the loss
        takes care of the sigmoid itself."""
        s = sigma(z)
        return {"loss": np.mean(s - s * y + np.log1p(np.exp(-s))), "dz": (sigma(s) - y) / z.size}

    @mistake
    def gradient_of_the_probability(self, right, z, y):
        """Your dz carries the slope σ(1 − σ) once too often. The logarithm's derivative cancels
        it: that is why the two belong together."""
        s = sigma(z)
        return {"dz": right["dz"] * s * (1 - s)}

    @mistake
    def wants_a_vector(self, right, z, y):
        """It stops where z is a table. Any shape should do: the mean is over all entries."""
        return dict.fromkeys(right, raises("ValueError")) if z.ndim > 1 else None
