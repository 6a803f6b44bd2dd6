"""Exercise of notebook 05 with labels that are shared among the classes: label smoothing.

Labels that are 0 or 1 are in `targets`.
"""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake
from autograder.exercises.regularization.losses import loss_and_gradient


def log_softmax(scores):
    shifted = scores - scores.max(1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(1, keepdims=True))


def with_targets(scores, targets):
    """Loss and gradient for a table of targets, whatever its rows add up to."""
    logs = log_softmax(scores)
    n = len(scores)
    return {
        "loss": -(targets * logs).sum() / n,
        "dscores": (np.exp(logs) * targets.sum(1, keepdims=True) - targets) / n,
    }


class smoothed_loss(Exercise):
    """Softmax cross-entropy against smoothed labels (Szegedy et al. 2016, section 7)."""

    signature = "smoothed_loss(scores, y, smoothing)"
    minutes = 10
    difficulty = 2
    extra = True
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

    def reference(self, scores, y, smoothing):
        labels = torch.as_tensor(y, device=self.device)
        loss, dscores = loss_and_gradient(
            lambda x: F.cross_entropy(x, labels, label_smoothing=smoothing), scores, self.device
        )
        return {"loss": loss, "dscores": dscores}

    @mistake
    def not_smoothed(self, right, scores, y, smoothing):
        """These are the loss and the gradient for hard labels: the smoothing has no effect."""
        return with_targets(scores, np.eye(scores.shape[1])[y])

    @mistake
    def others_share_it_all(self, right, scores, y, smoothing):
        """You share the smoothing among the wrong classes only. Here it is shared among all
        classes, and the right one gets its part too."""
        classes = scores.shape[1]
        hard = np.eye(classes)[y]
        return with_targets(scores, hard * (1 - smoothing) + (1 - hard) * smoothing / (classes - 1))

    @mistake
    def right_class_left_out(self, right, scores, y, smoothing):
        """The targets of an example add up to less than 1: the right class lacks its part of what
        is shared."""
        classes = scores.shape[1]
        hard = np.eye(classes)[y]
        return with_targets(scores, hard * (1 - smoothing) + (1 - hard) * smoothing / classes)

    @mistake
    def nothing_taken_away(self, right, scores, y, smoothing):
        """The targets of an example add up to more than 1: what the classes share must first be
        taken from the right one."""
        classes = scores.shape[1]
        return with_targets(scores, np.eye(classes)[y] + smoothing / classes)

    @mistake
    def gradient_of_hard_labels(self, right, scores, y, smoothing):
        """The loss is right; the gradient is that for hard labels."""
        return {"dscores": with_targets(scores, np.eye(scores.shape[1])[y])["dscores"]}

    @mistake
    def gradient_of_the_sum(self, right, scores, y, smoothing):
        """The loss is the mean over the examples and the gradient is that of their sum."""
        return {"dscores": right["dscores"] * len(scores)}

    @mistake
    def overflows(self, right, scores, y, smoothing):
        """Large scores overflow in the exponential, and the loss is no number any more."""
        with np.errstate(all="ignore"):
            e = np.exp(scores)
            p = e / e.sum(1, keepdims=True)
            targets = np.eye(scores.shape[1])[y] * (1 - smoothing) + smoothing / scores.shape[1]
            return {
                "loss": -(targets * np.log(p)).sum() / len(scores),
                "dscores": (p - targets) / len(scores),
            }
