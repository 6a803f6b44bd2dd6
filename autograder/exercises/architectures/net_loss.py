"""Mistakes in the loss of a net from a pattern of words (notebook 09). The exercise is in `nets`.
"""

import torch
import torch.nn.functional as F

from autograder.exercise import Exercise, mistake


def judged(loss, scores, y):
    """The loss of given scores, and its gradient."""
    scores = torch.tensor(scores, requires_grad=True)
    value = loss(scores, torch.tensor(y))
    (gradient,) = torch.autograd.grad(value, scores)
    return {"loss": value.item(), "gradient of the loss": gradient}


def hinges(scores, y, margin=1.0, power=1, with_own=False):
    """Mean over the batch of the summed violations."""
    off = (scores - scores.gather(1, y[:, None]) + margin).clamp(min=0)
    if not with_own:
        off = off.masked_fill(F.one_hot(y, scores.shape[1]).bool(), 0)
    return (off**power).sum(1).mean()


def one_against_rest(scores, y):
    """TensorFlow's hinge_loss on one-hot labels, summed over the classes."""
    sign = 2.0 * F.one_hot(y, scores.shape[1]) - 1
    return (1 - sign * scores).clamp(min=0).sum(1).mean()


def worst_violation(scores, y):
    """Mean over the batch of the largest violation, as Crammer and Singer have it."""
    off = scores - scores.gather(1, y[:, None]) + 1
    off = off.masked_fill(F.one_hot(y, scores.shape[1]).bool(), 0)
    return off.clamp(min=0).max(1).values.mean()


def clamped_at_the_end(scores, y):
    """Violations and what is more than the margin are summed, and cut off afterwards."""
    off = scores - scores.gather(1, y[:, None]) + 1
    return (off.sum(1) - 1).clamp(min=0).mean()


class WrongLoss(Exercise, abstract=True):
    """A loss function that is another than the one asked for."""

    def charged(self, inputs, kind, loss):
        """What another loss in the place of `kind` shows."""
        return judged(loss, inputs["scores"], inputs["y"]) if inputs["loss_name"] == kind else None

    @mistake
    def svm_divided_by_classes(self, right, **inputs):
        """Your SVM loss is the right one divided by the number of classes: torch's MultiMarginLoss
        takes a mean over classes where notebook 05 has a sum."""
        return self.charged(inputs, "svm", F.multi_margin_loss)

    @mistake
    def svm_squared(self, right, **inputs):
        """Your SVM loss squares the violations."""
        return self.charged(inputs, "svm", lambda s, y: hinges(s, y, power=2))

    @mistake
    def svm_with_the_right_class(self, right, **inputs):
        """Your SVM loss counts the right class against itself: its violation is always the whole
        margin, 1 for every example."""
        return self.charged(inputs, "svm", lambda s, y: hinges(s, y, with_own=True))

    @mistake
    def svm_one_against_rest(self, right, **inputs):
        """Your SVM loss puts every class against zero, as tf.losses.hinge_loss on one-hot labels
        did. The multiclass SVM compares each score with that of the right class."""
        return self.charged(inputs, "svm", one_against_rest)

    @mistake
    def svm_without_margin(self, right, **inputs):
        """Your SVM loss has no margin: it is content as soon as the right score is the highest."""
        return self.charged(inputs, "svm", lambda s, y: hinges(s, y, margin=0.0))

    @mistake
    def svm_of_the_worst_class(self, right, **inputs):
        """Your SVM loss takes the worst of the wrong classes only. Here the violations of all wrong
        classes are summed."""
        return self.charged(inputs, "svm", worst_violation)

    @mistake
    def svm_clamped_at_the_end(self, right, **inputs):
        """Your SVM loss sums first and cuts off at 0 afterwards, so that a class with room to spare
        makes up for a violation. Each violation is cut off at 0 by itself."""
        return self.charged(inputs, "svm", clamped_at_the_end)

    @mistake
    def svm_whatever_is_asked(self, right, **inputs):
        """Your loss is that of the SVM even where loss="softmax"."""
        return self.charged(inputs, "softmax", hinges)

    @mistake
    def no_softmax_in_the_loss(self, right, **inputs):
        """Your softmax loss is the negative score of the right class: `nll_loss` takes logarithms
        of probabilities. Scores go to `cross_entropy`, which has the softmax in it."""
        return self.charged(inputs, "softmax", F.nll_loss)

    @mistake
    def softmax_twice(self, right, **inputs):
        """Your softmax loss takes the softmax twice. `cross_entropy` has it in it, and takes
        scores."""
        return self.charged(inputs, "softmax", lambda s, y: F.cross_entropy(s.softmax(1), y))

    @mistake
    def svm_summed(self, right, **inputs):
        """Your SVM loss is a sum over the batch. Here both losses are means, so that the learning
        rate need not change with the batch."""
        return self.charged(inputs, "svm", lambda s, y: len(y) * hinges(s, y))

    @mistake
    def softmax_summed(self, right, **inputs):
        """Your softmax loss is a sum over the batch. Here both losses are means, so that the
        learning rate need not change with the batch."""
        return self.charged(inputs, "softmax", lambda s, y: len(y) * F.cross_entropy(s, y))

    @mistake
    def loss_without_gradient(self, right, **inputs):
        """Your loss is a bare number, and nothing goes back from it. Return the tensor itself:
        `.item()` and `.detach()` are for printing."""
        return {"gradient of the loss": None}

    @mistake
    def softmax_whatever_is_asked(self, right, **inputs):
        """Your loss is softmax cross-entropy even where loss="svm"."""
        return self.charged(inputs, "svm", F.cross_entropy)

    @mistake
    def loss_summed(self, right, **inputs):
        """Your loss is a sum over the batch. Here it is the mean, so that the learning rate need
        not change with the batch."""
        n = len(inputs["y"])
        return {"loss": n * right["loss"],
                "gradient of the loss": n * right["gradient of the loss"]}  # fmt: skip
