"""Exercises of notebook 05 on losses over class scores: softmax and hinge, labels as class numbers.

Labels that are numbers from 0 to 1 are in `targets`, what is added to a loss in `penalties`.
"""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake


def softmax(x, axis=1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def softmax_gradient(p, y):
    """The gradient of the mean cross-entropy where the probabilities are p."""
    d = p.copy()
    d[np.arange(len(y)), y] -= 1
    return d / len(y)


def loss_and_gradient(criterion, x, device):
    """torch's loss and autograd's gradient of it."""
    x = torch.tensor(x, device=device, requires_grad=True)
    loss = criterion(x)
    return loss.detach(), torch.autograd.grad(loss, x)[0]


class softmax_loss(Exercise):
    """Softmax and cross-entropy in one: the mean loss and its gradient."""

    signature = "softmax_loss(x, y) -> loss, dx"
    warning_free = True
    minutes = 15
    difficulty = 2
    hints = (
        "The probabilities do not change when the same number is added to all scores of a row. "
        "Which number makes sure that nothing overflows?",
        "The loss needs log p, not p. Take the logarithm on paper first: of the quotient, one part "
        "needs no logarithm at all.",
        "dx has a row for each example. Only one entry of a row knows the label; the mean over the "
        "batch is part of the loss, so it is part of the gradient too.",
    )

    def cases(self, rng):
        yield Case("six examples, four classes", 1,
                   x=rng.normal(0, 2, (6, 4)), y=np.array([1, 3, 0, 2, 3, 3]))  # fmt: skip
        far = np.array([[1000.0, -1000, 0], [1000, -1000, 0], [-1000, -1001, -1000.5],
                        [999, 1000, 998.5], [-3, 2, 1]])  # fmt: skip
        far += rng.uniform(0, 0.3, far.shape)
        yield Case("scores from -1000 to 1000", 2, x=far, y=np.array([1, 0, 2, 2, 1]))
        yield Case("a batch of one", 1, x=rng.normal(0, 2, (1, 5)), y=np.array([3]))
        x = rng.normal(0, 2, (7, 3)).astype(np.float32)
        yield Case("single precision", 1, x=x, y=rng.permutation(np.arange(7) % 3))

    def observe(self, code, x, y):
        loss, dx = code.softmax_loss(x, y)
        return {"loss": loss, "dx": dx}

    def reference(self, x, y):
        y = torch.tensor(y, device=self.device)
        loss, dx = loss_and_gradient(lambda s: F.cross_entropy(s, y), x, self.device)
        return {"loss": loss, "dx": dx}

    @staticmethod
    def far(x):
        return np.abs(x).max() > 500

    @mistake
    def exp_overflows(self, right, x, y):
        """Your exponentials overflow, or all of a row become 0, and the division gives NaN. Shift
        each row first, so that its largest score is harmless."""
        if self.far(x):
            e = np.exp(x)
            p = e / e.sum(axis=1, keepdims=True)
            return {"loss": np.nan, "dx": softmax_gradient(p, y)}

    @mistake
    def log_of_zero(self, right, x, y):
        """A probability can round to 0, and its logarithm is minus infinity. Work out log p on
        paper first: no logarithm of a tiny number is needed."""
        if self.far(x):
            return {"loss": np.inf}

    @mistake
    def log_patched(self, right, x, y):
        """You add a small number such as 1e-12 before taking the logarithm. That caps the loss:
        an error of thousands of nats looks like 28, and the gradient is no longer that of the
        loss. Write log p so that it needs no patch."""
        p = softmax(x)[np.arange(len(y)), y]
        return {"loss": -np.log(p + 1e-12).mean()} if self.far(x) else None

    @mistake
    def summed_not_averaged(self, right, x, y):
        """You sum over the batch. Here losses are means, so that the learning rate need not
        change with the batch size."""
        return {"loss": right["loss"] * len(x), "dx": right["dx"] * len(x)}

    @mistake
    def only_the_gradient_averaged(self, right, x, y):
        """Your gradient is that of a mean, and your loss is a sum over the batch. Average both."""
        return {"loss": right["loss"] * len(x)}

    @mistake
    def gradient_not_averaged(self, right, x, y):
        """The loss is a mean over the batch, your gradient that of the sum. What divides the
        loss divides its gradient."""
        return {"dx": right["dx"] * len(x)}

    @mistake
    def averaged_over_classes_too(self, right, x, y):
        """You divide by the number of examples and by the number of classes. np.mean over a table
        of N×C divides by both; all but one entry of a row are 0 there."""
        return {"loss": right["loss"] / x.shape[1]}

    @mistake
    def label_left_out_of_the_gradient(self, right, x, y):
        """Your dx holds the probabilities, divided by N. The label is missing: without it every
        score is pushed down, the right one too. A row of dx sums to 0."""
        return {"dx": softmax(x) / len(x)}

    @mistake
    def whole_columns_changed(self, right, x, y):
        """You change whole columns of dx. dx[:, y] means every row and the columns that y names;
        one entry of each row is meant."""
        d = softmax(x)
        d[:, y] -= 1
        return {"dx": d / len(x)}

    @mistake
    def normalised_over_the_batch(self, right, x, y):
        """Your probabilities sum to 1 over the examples. An example's classes share its
        probability: sum along a row."""
        if not self.far(x):
            p = softmax(x, axis=0)
            rows = np.arange(len(y))
            return {"loss": -np.log(p[rows, y]).mean(), "dx": softmax_gradient(p, y)}

    @mistake
    def normalised_over_everything(self, right, x, y):
        """Your probabilities sum to 1 over the whole batch. Each row is a distribution of its own:
        the sum needs an axis."""
        if not self.far(x):
            p = np.exp(x) / np.exp(x).sum()
            rows = np.arange(len(y))
            return {"loss": -np.log(p[rows, y]).mean(), "dx": softmax_gradient(p, y)}

    @mistake
    def logarithm_missing(self, right, x, y):
        """Your loss is minus the mean probability of the right class. Cross-entropy takes its
        logarithm, so that a confident error costs much."""
        return {"loss": -softmax(x)[np.arange(len(y)), y].mean()}

    @mistake
    def wider_dtype(self, right, x, y):
        """Scores come in as float32 and your dx goes out as float64. A table of zeros or an
        identity matrix that numpy makes is float64 unless you say otherwise."""
        return {"dx": right["dx"].astype(np.float64)}


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
    minutes = 12
    difficulty = 2
    hints = (
        "Write the table of all margins first, N×C: each score minus that of the right class of "
        "its row, plus the margin. What has to happen to the right class itself?",
        "Raise one score by a little: the loss grows by as much for each hinge that it is part of. "
        "The right class is part of all the active ones of its row.",
    )

    def cases(self, rng):
        x, y = rng.normal(0, 1.5, (6, 4)), np.array([1, 3, 0, 2, 3, 3])
        x[2, 0] += 9  # nothing to complain about in this row
        x[0, 1] -= 5  # and everything in this one
        yield Case("margin 1, by default", 1, x=x, y=y, options={})
        yield Case("margin 0.4", 1, x=rng.normal(0, 0.5, (5, 3)), y=np.array([2, 0, 1, 1, 2]),
                   options={"margin": 0.4})  # fmt: skip
        whole = np.array([[3.0, 2, 1, 4], [0, 1, 2, 1], [5, 3, 4, 5], [-1, 0, 0, -2]])
        yield Case("scores exactly on the margin", 1, x=whole[:, rng.permutation(4)],
                   y=np.array([0, 3, 2, 1]), options={"margin": 1.0})  # fmt: skip
        x = rng.normal(0, 1.5, (7, 3)).astype(np.float32)
        yield Case("single precision, margin 2.5", 1, x=x, y=rng.permutation(np.arange(7) % 3),
                   options={"margin": 2.5})  # fmt: skip

    def observe(self, code, x, y, options):
        loss, dx = code.svm_loss(x, y, **options)
        return {"loss": loss, "dx": dx}

    def reference(self, x, y, options):
        labels, margin = torch.tensor(y, device=self.device), options.get("margin", 1.0)

        def hinges(scores):
            # torch divides by the number of classes.
            return x.shape[1] * F.multi_margin_loss(scores, labels, margin=margin)

        loss, dx = loss_and_gradient(hinges, x, self.device)
        return {"loss": loss, "dx": dx}

    @staticmethod
    def shown(excesses, mask, x, y):
        loss = np.maximum(excesses, 0).sum() / len(y)
        return {"loss": loss, "dx": hinge_gradient(mask, y).astype(x.dtype)}

    @mistake
    def right_class_counted(self, right, x, y, options):
        """Your loss is too large by the margin. The right class has no margin to keep from
        itself: leave it out of the sum."""
        return {"loss": right["loss"] + options.get("margin", 1.0)}

    @mistake
    def margin_ignored(self, right, x, y, options):
        """Your margin is always 1. It is an argument."""
        if options.get("margin", 1.0) != 1:
            e = excess(x, y, 1)
            return self.shown(e, e > 0, x, y)

    @mistake
    def margin_forgotten(self, right, x, y, options):
        """A wrong class costs nothing in yours as long as its score is below that of the right
        class. It has to stay below it by the margin: that is added inside the hinge."""
        e = excess(x, y, 0.0)
        return self.shown(e, e > 0, x, y)

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
    def right_class_counted_once(self, right, x, y, options):
        """In your dx the right class gets −1/N in every row. It is part of every active hinge of
        its row: count them."""
        dx = right["dx"].copy()
        dx[np.arange(len(y)), y] = -1 / len(y)
        return {"dx": dx}

    @mistake
    def right_class_without_gradient(self, right, x, y, options):
        """In your dx the right class gets nothing. Each active hinge contains its score with a
        minus: raising it is half of what the loss is for."""
        dx = right["dx"].copy()
        dx[np.arange(len(y)), y] = 0
        return {"dx": dx}

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
    def worst_class_only(self, right, x, y, options):
        """Only the class that violates the margin most counts in yours. That is Crammer and
        Singer's loss; this one adds up all classes."""
        e = excess(x, y, options.get("margin", 1.0))
        return {"loss": e.max(axis=1).mean()}

    @mistake
    def one_against_the_rest(self, right, x, y, options):
        """You compare each score with 0: wrong classes should be below minus the margin. That is
        a sum of two-class hinges, as tf.losses.hinge_loss has it. Here only differences to the
        right class count."""
        sign = -np.ones_like(x)
        sign[np.arange(len(y)), y] = 1
        e = options.get("margin", 1.0) - sign * x
        return {"loss": np.maximum(e, 0).sum() / len(y), "dx": -sign * (e > 0) / len(y)}

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
        """The loss is a mean over the batch, your gradient that of the sum."""
        return {"dx": right["dx"] * len(x)}

    @mistake
    def divided_by_classes(self, right, x, y, options):
        """You divide by the number of classes as well. torch's multi_margin_loss does; the
        lecture and this course do not."""
        return {"loss": right["loss"] / x.shape[1], "dx": right["dx"] / x.shape[1]}
