"""Steps of training a linear layer, right or with one of the mistakes of notebook 01's
`train_step`."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import mistake


def cross_entropy(scores, y, **how):
    return F.cross_entropy(scores, y, **how)


def stepped(
    W, b, x, y, lr, momentum, left, *,
    clear="first", loss=cross_entropy, returned=None, after=False, times=1, clip=None,
):  # fmt: skip
    """What training a linear layer step by step gives, right or with one of its mistakes.

    `loss` is what is differentiated, and `returned` what is returned where that is something else.
    """
    weights = [torch.tensor(W, requires_grad=True), torch.tensor(b, requires_grad=True)]
    speeds = [torch.zeros_like(p) for p in weights]
    held = [torch.full_like(p, left) for p in weights]
    losses = []

    def of(loss, x, y):
        return loss(F.linear(torch.tensor(x), *weights), torch.tensor(y))

    for xs, ys in zip(x, y, strict=True):
        value = of(loss, xs, ys)
        told = value if returned is None else of(returned, xs, ys)
        new = grads = torch.autograd.grad(value, weights)
        if clear in ("never", "last"):
            grads = [h + g for h, g in zip(held, grads, strict=True)]
        if clear == "one late":
            grads, held = held, new
        else:
            held = [torch.zeros_like(g) for g in grads] if clear == "last" else grads
        if clip:
            norm = torch.sqrt(sum((g**2).sum() for g in grads))
            grads = [g * min(1.0, float(clip / (norm + 1e-6))) for g in grads]
        for _ in range(0 if clear == "before the step" else times):
            for p, v, g in zip(weights, speeds, grads, strict=True):
                v.mul_(momentum).add_(g)
                p.data -= lr * v
        losses.append((of(loss, xs, ys) if after else told).item())
    return {"weight": weights[0].detach(), "bias": weights[1].detach(),
            "loss": np.array(losses)}  # fmt: skip


def softmax_first(scores, y):
    return cross_entropy(scores.softmax(1), y)


def sum_over_the_batch(scores, y):
    return cross_entropy(scores, y, reduction="sum")


def labels_smoothed(scores, y):
    return cross_entropy(scores, y, label_smoothing=0.1)


def probability_of_the_class(scores, y):
    return scores.softmax(1)[torch.arange(len(y)), y]


def epsilon_in_the_logarithm(size):
    """The mistake of taking log(p + size)."""
    return _logarithm_of(
        lambda p: p + size,
        f"You take the logarithm of the probability plus {size:g}, or of one that cannot fall "
        "below that. Where a probability is that small the loss and its gradient are wrong. Take "
        "the logarithm of the softmax in one go, as CrossEntropyLoss does.",
    )


def probabilities_clamped(size):
    """The mistake of taking log of a probability that is kept between size and 1 − size."""
    return _logarithm_of(
        lambda p: p.clamp(size, 1 - size),
        f"You keep probabilities between {size:g} and 1 − {size:g} before you take the logarithm. "
        "Beyond these bounds the loss does not grow any more and has no gradient. Take the "
        "logarithm of the softmax in one go, as CrossEntropyLoss does.",
    )


def _logarithm_of(changed, words):
    """The mistake of taking the logarithm of probabilities that were changed before."""

    def show(self, right, **inputs):
        def loss(scores, y):
            return -changed(probability_of_the_class(scores, y)).log().mean()

        return stepped(**inputs, loss=loss)

    show.__doc__ = words
    return mistake(show)


def class_left_out(label):
    """The mistake of a loss that does not count the examples of a class."""

    def show(self, right, y, **inputs):
        if all((labels != label).any() for labels in y):  # of nothing there is no mean
            return stepped(y=y, **inputs, loss=lambda s, y: cross_entropy(s, y, ignore_index=label))

    show.__doc__ = (
        f"You leave out the examples of class {label}, as ignore_index={label} does. All examples "
        "of the batch count."
    )
    return mistake(show)


def clipped_to(norm):
    """The mistake of scaling the gradient down to a norm."""

    def show(self, right, **inputs):
        return stepped(**inputs, clip=norm)

    show.__doc__ = (
        f"You scale the gradient down to the norm {norm:g} before the step. Step on the gradient "
        "as it is."
    )
    return mistake(show)


def own_optimizer(lr):
    """The mistake of making an SGD optimizer with this rate."""

    def show(self, right, momentum, **inputs):
        return stepped(**inputs | {"lr": lr}, momentum=0.0)

    show.__doc__ = (
        f"Your steps are those of plain SGD at the rate {lr:g}, whatever optimizer is passed in. "
        "Use the one that you are given."
    )
    return mistake(show)


# Slips that come with another one in the loss: what is changed, and the sentence about it.
NEVER_CLEARED = (
    {"clear": "never"},
    "the gradients of your earlier steps are still in .grad. Clear it in every step.",
)
AFTER_THE_UPDATE = (
    {"after": True},
    "the loss that you return is the one after the update. Return the one that was differentiated.",
)


def two_things(words, loss, other):
    """The mistake of another loss, together with one of the slips above."""
    change, sentence = other

    def show(self, right, **inputs):
        return stepped(**inputs, loss=loss, **change)

    show.__doc__ = f"Two things: {words}; and {sentence}"
    return mistake(show)


def loss_rounded(digits):
    """The mistake of rounding what is returned."""

    def show(self, right, **inputs):
        return {"loss": np.round(right["loss"], digits)}

    show.__doc__ = f"The loss that you return is rounded to {digits} digits. Return it as it is."
    return mistake(show)
