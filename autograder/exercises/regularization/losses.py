"""Exercises of notebook 05 on the softmax loss, labels as class numbers.

The hinge is in `hinge`, labels that are numbers from 0 to 1 in `targets`, what is added to a loss
in `penalties`.
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


def with_dtype(seen, name):
    """Observations with the dtype of one apart: what is off in it leaves the numbers as they
    are."""
    held = seen[name]
    dtype = held.dtype.name if isinstance(held, np.ndarray) else type(held).__name__
    return {**seen, f"dtype of {name}": dtype}


def loss_and_gradient(criterion, x, device):
    """torch's loss and autograd's gradient of it."""
    x = torch.tensor(x, device=device, requires_grad=True)
    loss = criterion(x)
    return loss.detach(), torch.autograd.grad(loss, x)[0]


def by_hand(x, y, shift, in_logs, axis=1, least=0.0):
    """Loss and gradient with `shift` taken off the scores, by way of logarithms or of p, and with
    sums of exponentials that are kept from being 0."""
    e = np.exp(x - shift)
    total = np.maximum(e.sum(axis=axis, keepdims=True), x.dtype.type(least))
    logs = x - shift - np.log(total) if in_logs else np.log(e / total)
    p = np.exp(logs) if in_logs else e / total
    return {"loss": -logs[np.arange(len(y)), y].mean(), "dx": softmax_gradient(p, y)}


def done_by_hand(hint, shift, in_logs, axis=1, least=0.0):
    """The mistake of code that takes `shift(x)` off and sums along `axis`."""

    def shown(self, right, x, y):
        return by_hand(x, y, shift(x), in_logs, axis, least)

    shown.__doc__ = hint
    return mistake(shown)


def capped(tiny):
    """The mistake of a probability that is kept from being 0 by a small number."""

    def shown(self, right, x, y):
        p = softmax(x)[np.arange(len(y)), y]
        return {"loss": -np.log(np.maximum(p, tiny)).mean()}

    shown.__doc__ = f"""You keep the logarithm finite with a number of about {tiny:g}, added to a
        probability or put in its place. That caps the loss: an error of thousands of nats looks
        like {-np.log(tiny):.0f}. Write log p so that it needs no patch."""
    return mistake(shown)


def clipped(limit):
    """The mistake of scores that are cut off before the exponential."""

    def shown(self, right, x, y):
        return by_hand(x.clip(-limit, limit), y, x.clip(-limit, limit).max(1, keepdims=True), True)

    shown.__doc__ = f"""You cut the scores off at {limit} and −{limit}. Nothing overflows then, but
        larger scores lose their distances, and with them the loss. Subtracting a row's largest
        score changes no probability."""
    return mistake(shown)


OVERFLOWS = """Your exponentials overflow, or all of a row become 0, and the division gives NaN or
    the logarithm infinity. Shift each row first, so that its largest score is harmless."""
MEAN_SUBTRACTED = """In a row whose scores lie far apart your exponentials still overflow, as they
    do when the row's mean is subtracted. Subtract its largest score."""
ONE_SHIFT = """You subtract the largest score of the whole batch. In a row that lies far below it
    all exponentials become 0, and a sum of 0 has no logarithm. Each row has a largest score of
    its own."""
LARGEST_SIZE = """In a row of large negative scores all your exponentials become 0, as they do when
    the largest absolute value is subtracted. Subtract the largest score, with its sign."""
OVER_THE_BATCH = """Your probabilities sum to 1 over the examples. An example's classes share its
    probability: sum along a row."""
OVER_EVERYTHING = """Your probabilities sum to 1 over the whole batch. Each row is a distribution of
    its own: the sum needs an axis."""


def nothing(x):
    return 0.0


def row_mean(x):
    return x.mean(1, keepdims=True)


def row_max(x):
    return x.max(1, keepdims=True)


def batch_max(x):
    return x.max()


def row_size(x):
    return np.abs(x).max(1, keepdims=True)


def column_max(x):
    return x.max(0, keepdims=True)


class softmax_loss(Exercise):
    """Softmax and cross-entropy in one: the mean loss and its gradient."""

    signature = "softmax_loss(x, y) -> loss, dx"
    warning_free = True
    any_width = ("dx",)
    reads = {"dtype of dx": "the dtype of your `dx` is {seen}; {right} is right"}
    minutes = 15
    difficulty = 2
    hints = (
        "The probabilities do not change when the same number is added to all scores of a row. "
        "Which number makes sure that nothing overflows?",
        "The loss needs log p, not p. Take the logarithm on paper first. With log(a/b) = log a − "
        "log b, one of the two logarithms cancels an exponential.",
        "dx has a row for each example. In each row only the right class's entry depends on the "
        "label. The mean over the batch is part of the loss, so it is part of the gradient too.",
    )

    def cases(self, rng):
        yield Case("six examples, four classes", 1,
                   x=rng.normal(0, 2, (6, 4)), y=np.array([1, 3, 0, 2, 3, 3]))  # fmt: skip
        far = np.array([[1000.0, -1000, 0], [1000, -1000, 0], [-1000, -1001, -1000.5],
                        [999, 1000, 998.5], [-3, 2, 1]])  # fmt: skip
        far += rng.uniform(0, 0.3, far.shape)
        yield Case("scores from -1000 to 1000", 2, x=far, y=np.array([1, 0, 2, 2, 1]))
        yield Case("a batch of one", 1, x=rng.normal(0, 2, (1, 5)), y=np.array([3]))
        x, y = rng.normal(0, 2, (7, 3)), rng.permutation(np.arange(7) % 3)
        x[2, y[2]] -= 60  # sure, and wrong: far below what a patch adds
        yield Case("single precision", 1, x=x.astype(np.float32), y=y)

    def observe(self, code, x, y):
        loss, dx = code.softmax_loss(x, y)
        return {"loss": loss, "dx": dx}

    def read(self, seen, x, y):
        return with_dtype(seen, "dx")

    def reference(self, x, y):
        y = torch.tensor(y, device=self.device)
        loss, dx = loss_and_gradient(lambda s: F.cross_entropy(s, y), x, self.device)
        return {"loss": loss, "dx": dx, "dtype of dx": x.dtype.name}

    @staticmethod
    def far(x):
        return np.abs(x).max() > 500

    @staticmethod
    def nats(x, y):
        """The loss of each example."""
        shifted = x - row_max(x)
        logs = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
        return -logs[np.arange(len(y)), y]

    exp_overflows = done_by_hand(OVERFLOWS, nothing, False)
    exp_overflows_in_logs = done_by_hand(OVERFLOWS, nothing, True)
    mean_subtracted = done_by_hand(MEAN_SUBTRACTED, row_mean, False)
    mean_subtracted_in_logs = done_by_hand(MEAN_SUBTRACTED, row_mean, True)
    one_shift_for_all = done_by_hand(ONE_SHIFT, batch_max, False)
    one_shift_for_all_in_logs = done_by_hand(ONE_SHIFT, batch_max, True)
    one_shift_and_a_patch = done_by_hand(ONE_SHIFT, batch_max, True, least=1e-12)
    one_shift_and_a_small_patch = done_by_hand(ONE_SHIFT, batch_max, True, least=1e-300)
    one_shift_and_the_least_patch = done_by_hand(
        ONE_SHIFT, batch_max, True, least=np.finfo(float).tiny
    )
    largest_size_subtracted = done_by_hand(LARGEST_SIZE, row_size, False)
    largest_size_subtracted_in_logs = done_by_hand(LARGEST_SIZE, row_size, True)
    normalised_over_the_batch = done_by_hand(OVER_THE_BATCH, column_max, False, axis=0)
    normalised_over_the_batch_in_logs = done_by_hand(OVER_THE_BATCH, column_max, True, axis=0)
    rows_shifted_columns_summed = done_by_hand(OVER_THE_BATCH, row_max, False, axis=0)
    normalised_over_everything = done_by_hand(OVER_EVERYTHING, batch_max, False, axis=(0, 1))
    rows_shifted_everything_summed = done_by_hand(OVER_EVERYTHING, row_max, False, axis=(0, 1))

    log_patched = capped(1e-12)
    log_patched_in_single = capped(1e-7)
    log_patched_8 = capped(1e-8)
    log_patched_6 = capped(1e-6)
    log_patched_9 = capped(1e-9)
    log_patched_10 = capped(1e-10)
    log_patched_15 = capped(1e-15)
    log_patched_20 = capped(1e-20)
    log_patched_30 = capped(1e-30)
    log_patched_300 = capped(1e-300)

    scores_clipped = clipped(500)
    scores_clipped_700 = clipped(700)
    scores_clipped_100 = clipped(100)
    scores_clipped_50 = clipped(50)

    @mistake
    def gradient_overflows(self, right, x, y):
        """In your dx exponentials overflow, or all of a row become 0. Shift each row there as well,
        or take the probabilities from their logarithms."""
        return {"dx": by_hand(x, y, 0.0, False)["dx"]} if self.far(x) else None

    @mistake
    def log_of_zero(self, right, x, y):
        """A probability can round to 0, and its logarithm is minus infinity. Work out log p on
        paper first: no logarithm of a tiny number is needed."""
        if self.far(x):
            return {"loss": np.inf}

    @mistake
    def infinity_replaced(self, right, x, y):
        """Your loss for large scores is a number of about 1e307: a logarithm of 0 became minus
        infinity, and that the smallest number there is, as nan_to_num does it. Write log p so that
        no infinity comes up."""
        if self.far(x):
            return {"loss": -np.nan_to_num(np.log(softmax(x)))[np.arange(len(y)), y].mean()}

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
        """Your loss is a mean over the batch, your gradient that of the sum. What divides the
        loss divides its gradient."""
        return {"dx": right["dx"] * len(x)}

    @mistake
    def gradient_divided_by_the_classes(self, right, x, y):
        """Your dx is divided by the number of classes. Divide by the number of examples, as in the
        loss."""
        return {"dx": right["dx"] * x.dtype.type(len(x) / x.shape[1])}

    @mistake
    def averaged_over_classes_too(self, right, x, y):
        """You divide by the number of examples and by the number of classes. np.mean over a table
        of N×C divides by both; all but one entry of a row are 0 there."""
        return {"loss": right["loss"] / x.shape[1]}

    @mistake
    def one_loss_for_each(self, right, x, y):
        """You return a loss for each example. One number is asked for, their mean."""
        return {"loss": self.nats(x, y)}

    @mistake
    def in_bits(self, right, x, y):
        """Your loss is in bits, by a logarithm to base 2. Nats are asked for: the natural one."""
        return {"loss": right["loss"] / np.log(2)}

    @mistake
    def log_of_the_mean(self, right, x, y):
        """You average the probabilities and take the logarithm of that. Each example's logarithm
        comes first, the mean last."""
        return {"loss": -np.log(softmax(x)[np.arange(len(y)), y].mean())}

    @mistake
    def every_label_for_every_example(self, right, x, y):
        """Your loss scores each example at the labels of all of them. [:, y] means all rows and the
        columns that y names; one entry of each row is meant."""
        logs = np.stack([self.nats(x, np.full(len(y), label)) for label in y], axis=1)
        return {"loss": logs.mean()}

    @mistake
    def label_left_out_of_the_gradient(self, right, x, y):
        """Your dx holds the probabilities, divided by N. The label is missing: without it every
        score is pushed down, the right one too. A row of dx sums to 0."""
        return {"dx": softmax(x) / len(x)}

    @mistake
    def label_not_averaged(self, right, x, y):
        """In your dx the probabilities are divided by N and the 1 of the label is not. Subtract
        first, then divide."""
        return {"dx": softmax(x) / len(x) - np.eye(x.shape[1], dtype=x.dtype)[y]}

    @mistake
    def label_added(self, right, x, y):
        """In your dx the 1 of the label is added. It is subtracted: the right score is to grow."""
        return {"dx": (softmax(x) + np.eye(x.shape[1], dtype=x.dtype)[y]) / len(x)}

    @mistake
    def right_class_only(self, right, x, y):
        """Only the right class has a gradient in your dx. The other scores stand in the sum of
        exponentials: theirs is their probability, divided by N."""
        return {"dx": np.where(np.eye(x.shape[1])[y] > 0, right["dx"], 0).astype(x.dtype)}

    @mistake
    def gradient_of_the_probability(self, right, x, y):
        """Your dx is the slope of −log p with respect to p. The scores are one step further back:
        go through the softmax too."""
        hot = np.eye(x.shape[1])[y] > 0
        return {"dx": (np.where(hot, -1 / softmax(x), 0) / len(x)).astype(x.dtype)}

    @mistake
    def whole_columns_changed(self, right, x, y):
        """You change whole columns of dx. dx[:, y] means every row and the columns that y names;
        one entry of each row is meant."""
        d = softmax(x)
        d[:, y] -= 1
        return {"dx": d / len(x)}

    @mistake
    def labels_counted_from_one(self, right, x, y):
        """You take 1 off the labels, as if they counted from 1. They count from 0: column y is the
        right class."""
        p = softmax(x)
        return {"loss": self.nats(x, y - 1).mean(), "dx": softmax_gradient(p, y - 1)}

    @mistake
    def logarithm_missing(self, right, x, y):
        """Your loss is minus the mean probability of the right class. Cross-entropy takes its
        logarithm, so that a confident error costs much."""
        return {"loss": -softmax(x)[np.arange(len(y)), y].mean()}

    @mistake
    def wider_dtype(self, right, x, y):
        """Scores come in as float32 and your dx goes out as float64. A table of zeros or an
        identity matrix that numpy makes is float64 unless you say otherwise."""
        return {"dtype of dx": "float64"}
