"""Exercise of notebook 05 with labels that are shared among the classes: label smoothing.

Labels that are 0 or 1 are in `targets`.
"""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake
from autograder.exercises.regularization.losses import loss_and_gradient, softmax, with_dtype


def log_softmax(scores):
    shifted = scores - scores.max(1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(1, keepdims=True))


def with_targets(scores, targets, plain=False):
    """Loss and gradient for a table of targets, whatever its rows add up to.

    With `plain` the gradient is the probabilities minus the targets even where rows do not add up
    to 1.
    """
    logs, n = log_softmax(scores), len(scores)
    total = 1 if plain else targets.sum(1, keepdims=True)
    dscores = (np.exp(logs) * total - targets) / n
    return {"loss": -(targets * logs).sum() / n, "dscores": dscores.astype(scores.dtype)}


def hard(scores, y):
    return np.eye(scores.shape[1])[y]


def other_targets(hint, targets, plain=False):
    """The mistake of code whose targets are `targets(hot, smoothing, N, C)`."""

    def shown(self, right, scores, y, smoothing):
        return with_targets(scores, targets(hard(scores, y), smoothing, *scores.shape), plain)

    shown.__doc__ = hint
    return mistake(shown)


def capped(tiny):
    """The mistake of a small number that is added to a probability."""

    def shown(self, right, scores, y, smoothing):
        logs = np.log(softmax(scores) + tiny)
        return {"loss": -(self.targets(scores, y, smoothing) * logs).sum() / len(scores)}

    shown.__doc__ = f"""You keep the logarithm finite with a number of about {tiny:g}, added to a
        probability. That caps the loss of an error at {-np.log(tiny):.0f} nats. Write log p so that
        it needs no patch."""
    return mistake(shown)


LACKS = """The targets of an example add up to less than 1: the right class lacks its part of what
    is shared."""
TOO_MUCH = """The targets of an example add up to more than 1: what the classes share must first be
    taken from the right one."""
NOT_GIVEN = """You take the smoothing from the right class and give it to nobody. All classes share
    it evenly."""
NOT_SHARED = """Every class gets the whole of the smoothing from you. They share it: divide it by
    the number of classes."""
BY_EXAMPLES = """You share the smoothing by the number of examples. Divide it by the number of
    classes."""


class smoothed_loss(Exercise):
    """Softmax cross-entropy against smoothed labels (Szegedy et al. 2015, section 7)."""

    signature = "smoothed_loss(scores, y, smoothing) -> loss, dscores"
    minutes = 10
    difficulty = 2
    extra = True
    any_width = ("dscores",)
    reads = {"dtype of dscores": "the dtype of your `dscores` is {seen}; {right} is right"}
    hints = (
        "Write down one row of targets first. What does it add up to?",
        "For scores into a softmax the gradient is the probabilities minus the targets, "
        "whatever the targets are. And what is averaged?",
    )

    def cases(self, rng):
        yield Case("7 examples, 4 classes, smoothing 0.2", 2, scores=rng.normal(size=(7, 4)),
                   y=rng.integers(0, 4, 7), smoothing=0.2)  # fmt: skip
        yield Case("no smoothing", 1, scores=rng.normal(size=(5, 3)), y=rng.integers(0, 3, 5),
                   smoothing=0.0)  # fmt: skip
        yield Case("scores of 1000", 1, scores=rng.normal(size=(6, 5)) * 1000,
                   y=rng.integers(0, 5, 6), smoothing=0.1)  # fmt: skip
        single = rng.normal(size=(4, 6)).astype(np.float32)
        yield Case("single precision", 1, scores=single, y=rng.integers(0, 6, 4), smoothing=0.3)

    def observe(self, code, scores, y, smoothing):
        loss, dscores = code.smoothed_loss(scores, y, smoothing)
        return {"loss": loss, "dscores": dscores}

    def read(self, seen, scores, y, smoothing):
        return with_dtype(seen, "dscores")

    def reference(self, scores, y, smoothing):
        labels = torch.as_tensor(y, device=self.device)
        loss, dscores = loss_and_gradient(
            lambda x: F.cross_entropy(x, labels, label_smoothing=smoothing), scores, self.device
        )
        return {"loss": loss, "dscores": dscores, "dtype of dscores": scores.dtype.name}

    @staticmethod
    def targets(scores, y, smoothing):
        return hard(scores, y) * (1 - smoothing) + smoothing / scores.shape[1]

    right_class_left_out = other_targets(
        LACKS, lambda hot, s, n, c: hot * (1 - s) + (1 - hot) * s / c
    )
    right_class_left_out_plainly = other_targets(
        LACKS, lambda hot, s, n, c: hot * (1 - s) + (1 - hot) * s / c, plain=True
    )
    nothing_taken_away = other_targets(TOO_MUCH, lambda hot, s, n, c: hot + s / c)
    nothing_taken_away_plainly = other_targets(TOO_MUCH, lambda hot, s, n, c: hot + s / c, True)
    nothing_given = other_targets(NOT_GIVEN, lambda hot, s, n, c: hot * (1 - s))
    nothing_given_plainly = other_targets(NOT_GIVEN, lambda hot, s, n, c: hot * (1 - s), True)
    not_shared = other_targets(NOT_SHARED, lambda hot, s, n, c: hot * (1 - s) + s)
    not_shared_plainly = other_targets(NOT_SHARED, lambda hot, s, n, c: hot * (1 - s) + s, True)
    shared_by_examples = other_targets(BY_EXAMPLES, lambda hot, s, n, c: hot * (1 - s) + s / n)
    shared_by_examples_plainly = other_targets(
        BY_EXAMPLES, lambda hot, s, n, c: hot * (1 - s) + s / n, True
    )
    others_share_it_all = other_targets(
        """You share the smoothing among the wrong classes only. Here it is shared among all
        classes, and the right one gets its part too.""",
        lambda hot, s, n, c: hot * (1 - s) + (1 - hot) * s / (c - 1),
    )
    exchanged = other_targets(
        """You have the two shares exchanged: the right class keeps 1 − ε and the smoothing ε is
        what all classes share.""",
        lambda hot, s, n, c: hot * s + (1 - s) / c,
    )
    in_percent = other_targets(
        """You take the smoothing for percent. It is a share, from 0 to 1.""",
        lambda hot, s, n, c: hot * (1 - s / 100) + s / 100 / c,
    )

    always_a_tenth = other_targets(
        """Your smoothing is always 0.1. It is an argument.""",
        lambda hot, s, n, c: hot * 0.9 + 0.1 / c,
    )

    capped_at_12 = capped(1e-12)
    capped_at_10 = capped(1e-10)
    capped_at_8 = capped(1e-8)
    capped_at_7 = capped(1e-7)
    capped_at_15 = capped(1e-15)

    @mistake
    def not_smoothed(self, right, scores, y, smoothing):
        """These are the loss and the gradient for hard labels: the smoothing has no effect."""
        return with_targets(scores, hard(scores, y))

    @mistake
    def gradient_of_hard_labels(self, right, scores, y, smoothing):
        """Your gradient is that for hard labels. What is smoothed in the loss is smoothed in its
        gradient."""
        return {"dscores": with_targets(scores, hard(scores, y))["dscores"]}

    @mistake
    def smoothing_given_in_the_loss_only(self, right, scores, y, smoothing):
        """In your gradient the right class gives the smoothing away and nobody gets it. What all
        classes share in the loss stands in the gradient, too: a row of it sums to 0."""
        part = hard(scores, y) * (1 - smoothing)
        return {"dscores": with_targets(scores, part, plain=True)["dscores"]}

    @mistake
    def loss_of_hard_labels(self, right, scores, y, smoothing):
        """Your loss is that for hard labels. The smoothed targets belong into it as well as into
        the gradient."""
        return {"loss": with_targets(scores, hard(scores, y))["loss"]}

    @mistake
    def entropy_taken_off(self, right, scores, y, smoothing):
        """You take the entropy of the targets off, which makes the loss a Kullback-Leibler
        divergence. Cross-entropy keeps it."""
        q = self.targets(scores, y, smoothing)
        return {"loss": right["loss"] + (q * np.log(np.where(q > 0, q, 1))).sum() / len(scores)}

    @mistake
    def scores_smoothed(self, right, scores, y, smoothing):
        """You smooth the scores and keep hard labels. It is the targets that are smoothed."""
        mixed = ((1 - smoothing) * scores + smoothing / scores.shape[1]).astype(scores.dtype)
        shown = with_targets(mixed, hard(scores, y))
        dscores = ((1 - smoothing) * shown["dscores"]).astype(scores.dtype)
        return {"loss": shown["loss"], "dscores": dscores}

    @mistake
    def probabilities_smoothed(self, right, scores, y, smoothing):
        """You smooth the probabilities and keep hard labels. It is the targets that are smoothed,
        and the loss takes log p as it is."""
        p, rows = softmax(scores), np.arange(len(y))
        mixed = (1 - smoothing) * p[rows, y] + smoothing / scores.shape[1]
        slope = (1 - smoothing) * p[rows, y] / mixed
        dscores = slope[:, None] * (p - hard(scores, y)) / len(y)
        return {"loss": -np.log(mixed).mean(), "dscores": dscores.astype(scores.dtype)}

    @mistake
    def summed_not_averaged(self, right, scores, y, smoothing):
        """You sum over the examples. Here losses are means."""
        return {name: right[name] * len(scores) for name in ("loss", "dscores")}

    @mistake
    def loss_of_the_sum(self, right, scores, y, smoothing):
        """Your loss is the sum over the examples. It is their mean."""
        return {"loss": right["loss"] * len(scores)}

    @mistake
    def gradient_of_the_sum(self, right, scores, y, smoothing):
        """Your gradient is that of the sum over the examples. The loss is their mean."""
        return {"dscores": right["dscores"] * len(scores)}

    @mistake
    def averaged_over_classes_too(self, right, scores, y, smoothing):
        """You divide the loss by the number of classes as well, as a mean over the whole table
        does. Sum over the classes, average over the examples."""
        return {"loss": right["loss"] / scores.shape[1]}

    @mistake
    def one_loss_for_each(self, right, scores, y, smoothing):
        """You return a loss for each example. One number is asked for, their mean."""
        q = self.targets(scores, y, smoothing)
        return {"loss": -(q * log_softmax(scores)).sum(axis=1)}

    @mistake
    def in_bits(self, right, scores, y, smoothing):
        """Your loss is in bits, by a logarithm to base 2. Nats are asked for: the natural one."""
        return {"loss": right["loss"] / np.log(2)}

    @mistake
    def wider_dtype(self, right, scores, y, smoothing):
        """Scores come in as float32 and your dscores goes out as float64. A table of targets that
        numpy makes is float64 unless you say otherwise."""
        return {"dtype of dscores": "float64"}

    @mistake
    def log_of_zero(self, right, scores, y, smoothing):
        """A probability rounds to 0 for large scores, and its logarithm is minus infinity. Work out
        log p from the scores."""
        return {"loss": np.inf} if np.abs(scores).max() > 500 else None

    @mistake
    def overflows(self, right, scores, y, smoothing):
        """Large scores overflow in the exponential, and the loss is no number any more. Shift each
        row first, by its largest score."""
        with np.errstate(all="ignore"):
            e = np.exp(scores)
            p, targets = e / e.sum(1, keepdims=True), self.targets(scores, y, smoothing)
            return {
                "loss": -(targets * np.log(p)).sum() / len(scores),
                "dscores": ((p - targets) / len(scores)).astype(scores.dtype),
            }

    @mistake
    def overflows_in_logs(self, right, scores, y, smoothing):
        """Large scores overflow in the exponential, and the loss is infinite. Shift each row first,
        by its largest score."""
        with np.errstate(all="ignore"):
            logs = scores - np.log(np.exp(scores).sum(1, keepdims=True))
            targets = self.targets(scores, y, smoothing)
            return {
                "loss": -(targets * logs).sum() / len(scores),
                "dscores": ((np.exp(logs) - targets) / len(scores)).astype(scores.dtype),
            }
