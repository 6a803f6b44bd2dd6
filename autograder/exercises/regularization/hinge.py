"""Exercise of notebook 05 on the multiclass hinge loss. Softmax is in `losses`."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, Setting, mistake, raises
from autograder.exercises.regularization.losses import loss_and_gradient, with_dtype


def excess(x, y, margin):
    """How far each wrong class comes within the margin of the right one; 0 for the right one."""
    rows = np.arange(len(y))
    e = x - x[rows, y][:, None] + x.dtype.type(margin)
    e[rows, y] = 0
    return e


def hinge_gradient(mask, y):
    """The gradient of a mean of hinges where `mask` says which of them are active."""
    rows = np.arange(len(y))
    d = mask.astype(float)
    d[rows, y] = 0
    d[rows, y] = -d.sum(axis=1)
    return d / len(y)


class svm_loss(Exercise):
    """The multiclass hinge loss (Weston and Watkins 1999), mean over the batch."""

    signature = "svm_loss(x, y, margin=1.0) -> loss, dx"
    growth = {"x": 1, "options": 1}, {"loss": 1}
    any_width = ("dx",)
    settings = {"margin": Setting(1.0, others=(0.5, 0.1), inside="options")}
    reads = {"dtype of dx": "the dtype of your `dx` is {seen}; {right} is right"}
    minutes = 12
    difficulty = 2
    hints = (
        "Compute an N×C table first: each score minus that of the right class of its row, plus "
        "the margin. What must happen to the right class itself?",
        "Raise one score by a little: the loss grows by as much for each hinge that it is part of. "
        "The right class is part of all the active ones of its row.",
    )

    def cases(self, rng):
        x, y = rng.normal(0, 1.5, (6, 4)), np.array([1, 3, 0, 2, 3, 3])
        x[2, 0] += 9  # nothing to complain about in this row
        x[0, 1] -= 5  # and everything in this one
        # First the one whose margin is given: it grows with the scores.
        yield Case("margin 0.4", 1, x=rng.normal(0, 0.5, (5, 3)), y=np.array([2, 0, 1, 1, 2]),
                   options={"margin": 0.4})  # fmt: skip
        yield Case("margin 1, by default", 1, x=x, y=y, options={})
        whole = np.array([[3.0, 2, 1, 4], [0, 1, 2, 1], [5, 3, 4, 5], [-1, 0, 0, -2]])
        yield Case("scores exactly on the margin", 1, x=whole[:, rng.permutation(4)],
                   y=np.array([0, 3, 2, 1]), options={"margin": 1.0})  # fmt: skip
        x = rng.normal(0, 1.5, (7, 3)).astype(np.float32)
        yield Case("single precision, margin 2.5", 1, x=x, y=rng.permutation(np.arange(7) % 3),
                   options={"margin": 2.5})  # fmt: skip

    def observe(self, code, x, y, options):
        loss, dx = code.svm_loss(x, y, **options)
        return {"loss": loss, "dx": dx}

    def read(self, seen, x, y, options):
        return with_dtype(seen, "dx")

    def reference(self, x, y, options):
        labels, margin = torch.tensor(y, device=self.device), options.get("margin", 1.0)

        def hinges(scores):
            # torch divides by the number of classes.
            return x.shape[1] * F.multi_margin_loss(scores, labels, margin=margin)

        loss, dx = loss_and_gradient(hinges, x, self.device)
        return {"loss": loss, "dx": dx, "dtype of dx": x.dtype.name}

    @staticmethod
    def shown(excesses, mask, x, y):
        loss = np.maximum(excesses, 0).sum() / len(y)
        return {"loss": loss, "dx": hinge_gradient(mask, y).astype(x.dtype)}

    @staticmethod
    def for_the_right_class(right, y, values):
        """The right gradient with other numbers for the right classes."""
        dx = right["dx"].copy()
        dx[np.arange(len(y)), y] = values
        return {"dx": dx}

    @staticmethod
    def active(right, y):
        """How many hinges of each row are active."""
        return np.round(-right["dx"][np.arange(len(y)), y] * len(y))

    @mistake
    def right_class_counted(self, right, x, y, options):
        """Your loss is too large by the margin. The right class has no margin to keep from
        itself: leave it out of the sum."""
        return {"loss": right["loss"] + options.get("margin", 1.0)}

    @mistake
    def one_taken_off(self, right, x, y, options):
        """You take 1 off for each example, for the right class's hinge with itself. That hinge is
        the margin, whatever it is: leave it out of the sum instead."""
        margin = options.get("margin", 1.0)
        return {"loss": right["loss"] + margin - 1} if margin != 1 else None

    @mistake
    def margin_of_1_in_the_gradient(self, right, x, y, options):
        """In your dx the margin is always 1: it decides which hinges are active. It is an
        argument."""
        return {"dx": self.shown(excess(x, y, 1), excess(x, y, 1) > 0, x, y)["dx"]}

    @mistake
    def margin_of_1_in_the_loss(self, right, x, y, options):
        """In your loss the margin is always 1. It is an argument."""
        return {"loss": np.maximum(excess(x, y, 1), 0).sum() / len(y)}

    @mistake
    def margin_forgotten(self, right, x, y, options):
        """A wrong class costs nothing in yours as long as its score is below that of the right
        class. It has to stay below it by the margin: that is added inside the hinge."""
        e = excess(x, y, 0.0)
        return self.shown(e, e > 0, x, y)

    @mistake
    def margin_not_in_the_gradient(self, right, x, y, options):
        """In your dx a wrong class counts only when its score is above that of the right class.
        Its hinge is active as soon as it comes within the margin."""
        return {"dx": hinge_gradient(excess(x, y, 0.0) > 0, y).astype(x.dtype)}

    @mistake
    def margin_subtracted(self, right, x, y, options):
        """You let a wrong class come within the margin, and beyond the right score by as much,
        before it costs anything. The margin is added inside the hinge."""
        e = excess(x, y, -options.get("margin", 1.0))
        return self.shown(e, e > 0, x, y)

    @mistake
    def difference_backwards(self, right, x, y, options):
        """Yours punishes scores of wrong classes for being low. Wrong class minus right class, in
        that order."""
        e = -excess(x, y, -options.get("margin", 1.0))
        e[np.arange(len(y)), y] = 0
        return {"loss": np.maximum(e, 0).sum() / len(y),
                "dx": -hinge_gradient(e > 0, y).astype(x.dtype)}  # fmt: skip

    @mistake
    def negative_parts_counted(self, right, x, y, options):
        """In your loss a class that keeps more than the margin pays back. The hinge stops at 0:
        what is negative counts nothing."""
        return {"loss": excess(x, y, options.get("margin", 1.0)).sum() / len(y)}

    @mistake
    def right_class_counted_once(self, right, x, y, options):
        """In your dx the right class gets −1/N in every row. It is part of every active hinge of
        its row: count them."""
        return self.for_the_right_class(right, y, -1 / len(y))

    @mistake
    def right_class_once_where_active(self, right, x, y, options):
        """In your dx the right class gets −1/N however many hinges of its row are active. It is
        part of each of them: count them."""
        return self.for_the_right_class(right, y, np.sign(self.active(right, y)) / -len(y))

    @mistake
    def minus_before_truth_values(self, right, x, y, options):
        """You put a minus before truth values, which is what a comparison gives: make numbers of
        them first (`~` would turn them round). In dx the right class gets minus the number of its
        row's active hinges; whether there is one is not enough."""
        return dict.fromkeys(right, raises("TypeError", "boolean negative"))

    @mistake
    def right_class_counts_itself(self, right, x, y, options):
        """In your dx the right class is lowered once too often: its hinge with itself is counted.
        Take it out before you count the active ones."""
        return self.for_the_right_class(right, y, -(self.active(right, y) + 1) / len(y))

    @mistake
    def lowered_for_every_class(self, right, x, y, options):
        """In your dx the right class is lowered for every wrong class, also for those that keep the
        margin. Only active hinges have a slope."""
        return self.for_the_right_class(right, y, -(x.shape[1] - 1) / len(y))

    @mistake
    def right_class_raised(self, right, x, y, options):
        """In your dx the right class has the sign of the others. Its score stands in each hinge
        with a minus."""
        return self.for_the_right_class(right, y, self.active(right, y) / len(y))

    @mistake
    def right_class_without_gradient(self, right, x, y, options):
        """In your dx the right class gets nothing. Each active hinge contains its score with a
        minus: raising it is half of what the loss is for."""
        return self.for_the_right_class(right, y, 0)

    @mistake
    def right_class_without_gradient_divided(self, right, x, y, options):
        """You divide by the number of classes as well, and in your dx the right class gets nothing.
        The mean is over examples only, and each active hinge contains the right score too."""
        shown = self.for_the_right_class(right, y, 0)
        return {"loss": right["loss"] / x.shape[1], "dx": shown["dx"] / x.shape[1]}

    @mistake
    def kink_counted(self, right, x, y, options):
        """A wrong class that keeps the margin exactly costs nothing, and at the kink the
        derivative is 0 here: > and not >=."""
        e = excess(x, y, options.get("margin", 1.0))
        return {"dx": hinge_gradient(e >= 0, y).astype(x.dtype)}

    @mistake
    def every_class_counted(self, right, x, y, options):
        """In your dx every wrong class counts, also those that keep the margin. After the hinge
        nothing is negative any more, so >= 0 is always true."""
        return {"dx": hinge_gradient(np.ones(x.shape), y).astype(x.dtype)}

    @mistake
    def hinges_for_gradient(self, right, x, y, options):
        """Your dx holds the hinges themselves. Their slope is 1 where they are active, however
        large they are."""
        e = np.maximum(excess(x, y, options.get("margin", 1.0)), 0)
        return {"dx": hinge_gradient(e, y).astype(x.dtype)}

    @mistake
    def squared(self, right, x, y, options):
        """You square the hinges. That is another loss, the squared hinge."""
        e = np.maximum(excess(x, y, options.get("margin", 1.0)), 0)
        return {"loss": (e**2).sum() / len(y), "dx": 2 * hinge_gradient(e, y).astype(x.dtype)}

    @mistake
    def only_the_loss_squared(self, right, x, y, options):
        """In your loss the hinges are squared. That is another loss, the squared hinge."""
        e = np.maximum(excess(x, y, options.get("margin", 1.0)), 0)
        return {"loss": (e**2).sum() / len(y)}

    @mistake
    def worst_class_only(self, right, x, y, options):
        """Only the class that violates the margin most counts in yours. That is Crammer and
        Singer's loss; this one adds up all classes."""
        e = excess(x, y, options.get("margin", 1.0))
        worst = np.eye(x.shape[1])[e.argmax(axis=1)] * (e > 0)
        return self.shown(e * worst, worst, x, y)

    @mistake
    def stops_at_the_right_class(self, right, x, y, options):
        """In yours only the classes in front of the right one count: those behind it are left out,
        as where `break` ends the loop in place of `continue`. Leave out the right class alone."""
        before = np.arange(x.shape[1]) < y[:, None]
        e = excess(x, y, options.get("margin", 1.0)) * before
        return self.shown(e, e > 0, x, y)

    @mistake
    def only_the_loss_of_the_worst(self, right, x, y, options):
        """Your loss counts only the class that violates the margin most. That is Crammer and
        Singer's loss; this one adds up all classes."""
        return {"loss": excess(x, y, options.get("margin", 1.0)).max(axis=1).mean()}

    @mistake
    def one_against_the_rest(self, right, x, y, options):
        """You compare each score with 0: wrong classes should be below minus the margin. That is
        a sum of two-class hinges, as tf.losses.hinge_loss has it. Here only differences to the
        right class count."""
        sign = -np.ones_like(x)
        sign[np.arange(len(y)), y] = 1
        e = options.get("margin", 1.0) - sign * x
        dx = (-sign * (e > 0) / len(y)).astype(x.dtype)
        return {"loss": np.maximum(e, 0).sum() / len(y), "dx": dx}

    @mistake
    def summed_not_averaged(self, right, x, y, options):
        """You sum over the batch. Here losses are means."""
        return {"loss": right["loss"] * len(x), "dx": right["dx"] * len(x)}

    @mistake
    def only_the_gradient_averaged(self, right, x, y, options):
        """Your gradient is that of a mean, and your loss is a sum over the batch. Average both."""
        return {"loss": right["loss"] * len(x)}

    @mistake
    def gradient_not_averaged(self, right, x, y, options):
        """Your loss is a mean over the batch, your gradient that of the sum."""
        return {"dx": right["dx"] * len(x)}

    @mistake
    def one_loss_for_each(self, right, x, y, options):
        """You return a loss for each example. One number is asked for, their mean."""
        return {"loss": np.maximum(excess(x, y, options.get("margin", 1.0)), 0).sum(axis=1)}

    @mistake
    def gradient_divided_by_the_classes(self, right, x, y, options):
        """Your dx is divided by the number of classes. Divide by the number of examples, as in the
        loss."""
        return {"dx": right["dx"] * x.dtype.type(len(x) / x.shape[1])}

    @mistake
    def half_at_the_margin(self, right, x, y, options):
        """A wrong class that is exactly the margin below the right one gets half of a hinge's slope
        in your dx. There it gets 0."""
        e = excess(x, y, options.get("margin", 1.0))
        halves = np.where(e == 0, 0.5, e > 0)
        return {"dx": hinge_gradient(halves, y).astype(x.dtype)}

    @mistake
    def divided_by_classes(self, right, x, y, options):
        """You divide by the number of classes as well. torch's multi_margin_loss does; the
        lecture and this course do not."""
        return {"loss": right["loss"] / x.shape[1], "dx": right["dx"] / x.shape[1]}

    @mistake
    def divided_by_wrong_classes(self, right, x, y, options):
        """You divide by the number of wrong classes as well, so you average over them. They are
        added up; the mean is over examples only."""
        others = x.shape[1] - 1
        return {"loss": right["loss"] / others, "dx": right["dx"] / others}

    @mistake
    def rounded_down(self, right, x, y, options):
        """Your loss is rounded down to a whole number. // divides that way; / is meant."""
        return {"loss": np.floor(right["loss"])}

    @mistake
    def whole_numbers(self, right, x, y, options):
        """Your dx holds whole numbers, rounded down, as // gives them. A mean over N examples is a
        fraction: divide by /, in the dtype of x."""
        whole = np.floor(right["dx"] + 1e-4).astype(np.int64)
        return {"dx": whole, "dtype of dx": "int64"}

    @mistake
    def wider_dtype(self, right, x, y, options):
        """Scores come in as float32 and your dx goes out as float64. A table of zeros or a mask
        made into numbers is float64 unless you say otherwise."""
        return {"dtype of dx": "float64"}
