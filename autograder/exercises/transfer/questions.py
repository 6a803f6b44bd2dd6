"""Questions of notebook 15: three about earlier notebooks, two on the way."""

import numpy as np
import torch
from torch import nn

from autograder.exercise import Case, Question, mistake, near
from course_utils.recipes.modules import seeded


def about(value):
    """A number that may be rounded to three digits."""
    return {"answer": near(float(value), rtol=1e-3, atol=0.0)}


class q15_head(Question):
    """How little is left to learn when only the last layer is new."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, features=int(rng.choice([96, 128, 384, 512])),
                   classes=int(rng.choice([5, 8, 12])))  # fmt: skip

    def text(self, features, classes):
        return (
            f"The last layer of a net is `nn.Linear({features}, 1000)`. It is replaced by one for "
            f"{classes} classes, and all else is frozen. How many parameters are still trained? "
            "(Answer with a number.)"
        )

    def reference(self, features, classes):
        head = seeded(lambda: nn.Linear(features, classes), 0)
        return {"answer": sum(p.numel() for p in head.parameters())}

    @mistake
    def biases_forgotten(self, right, features, classes):
        """That is the weight matrix. Each class has a constant of its own too."""
        return {"answer": features * classes}

    @mistake
    def bias_for_each_feature(self, right, features, classes):
        """A layer has one bias for each of its outputs, not of its inputs."""
        return {"answer": features * classes + features}

    @mistake
    def old_head(self, right, features, classes):
        """That is the old layer with its thousand classes. It is gone."""
        return {"answer": features * 1000 + 1000}

    @mistake
    def outputs_alone(self, right, features, classes):
        """That is how many scores come out. Each of them is a weighted sum of all features."""
        return {"answer": classes}


class q15_decay(Question):
    """What an optimizer does to a weight whose gradient is zero."""

    extra = True

    def cases(self, rng):
        lr, decay = float(rng.choice([0.1, 0.2])), float(rng.choice([0.1, 0.05]))
        yield Case("answer", 1, weight=float(rng.choice([2.0, 3.0, 5.0])), lr=lr, decay=decay)

    def text(self, weight, lr, decay):
        return (
            f"Somebody freezes a layer by setting its gradients to 0 before each step. One of its "
            f"weights is {weight:g}; the optimizer is `torch.optim.SGD(lr={lr:g}, "
            f"weight_decay={decay:g})`. What is the weight after one step? (Answer with a number. "
            "Do not round it.)"
        )

    def reference(self, weight, lr, decay):
        w = torch.tensor([weight], dtype=torch.float64, requires_grad=True)
        w.grad = torch.zeros_like(w)
        torch.optim.SGD([w], lr=lr, weight_decay=decay).step()
        return {"answer": near(w.item(), rtol=1e-5, atol=0.0)}

    @mistake
    def stays(self, right, weight, lr, decay):
        """A gradient of zero is not the same as no gradient. The decay adds to it."""
        return {"answer": weight}

    @mistake
    def rate_left_out(self, right, weight, lr, decay):
        """In SGD the decay's pull is part of the gradient, so it is multiplied by the learning rate
        too."""
        return {"answer": weight * (1 - decay)}

    @mistake
    def grows(self, right, weight, lr, decay):
        """Decay makes weights smaller."""
        return {"answer": weight * (1 + lr * decay)}

    @mistake
    def squared(self, right, weight, lr, decay):
        """The pull is the derivative of ½·decay·w², so it is proportional to the weight itself."""
        return {"answer": weight - lr * decay * weight**2}


class q15_modes(Question):
    """What one forward pass leaves behind in a frozen net."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, channels=int(rng.choice([4, 8])))

    def text(self, channels):
        return (
            "All parameters of a trained net have `requires_grad = False`. The net has a batch "
            f"norm layer with {channels} channels and is in training mode. One batch goes through "
            "it, and there is no optimizer. What is different afterwards?\n\n"
            "- **a** nothing: all parameters are frozen\n"
            "- **b** γ and β of batch norm\n"
            "- **c** the running mean and variance\n"
            "- **d** the weights below the batch norm"
        )

    def reference(self, channels):
        norm = nn.BatchNorm1d(channels).requires_grad_(False)
        before = {k: v.clone() for k, v in norm.state_dict().items()}
        norm(seeded(lambda: torch.randn(6, channels), 0))
        moved = {k for k, v in norm.state_dict().items() if not torch.equal(v, before[k])}
        return {"answer": "c" if {"running_mean", "running_var"} <= moved else "a"}

    @mistake
    def frozen_is_frozen(self, right, channels):
        """All parameters are frozen, yes. What does batch norm keep that is no parameter?"""
        return {"answer": "a"}

    @mistake
    def affine_parameters(self, right, channels):
        """γ and β are parameters: only an optimizer changes them, and here is none."""
        return {"answer": "b"}

    @mistake
    def weights_below(self, right, channels):
        """Weights change by an optimizer's step. There is none."""
        return {"answer": "d"}


class q15_memory(Question):
    """What the features of a whole data set weigh."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, pictures=int(rng.choice([20_000, 50_000])),
                   channels=int(rng.choice([16, 32])), side=int(rng.choice([8, 16])))  # fmt: skip

    def text(self, pictures, channels, side):
        return (
            f"You take the features of {pictures:,} pictures from a layer that gives {channels} "
            f"maps of {side}×{side} in float32. How many megabytes (10⁶ bytes) do they take? "
            "(Answer with a number; three digits are enough.)"
        )

    def reference(self, pictures, channels, side):
        one = torch.empty(channels, side, side, dtype=torch.float32)
        return about(pictures * one.nbytes / 1e6)

    @mistake
    def bytes_forgotten(self, right, pictures, channels, side):
        """That is millions of numbers. A float32 has four bytes."""
        return {"answer": float(right["answer"]) / 4}

    @mistake
    def in_mebibytes(self, right, pictures, channels, side):
        """That is in units of 2²⁰ bytes. Here a megabyte is 10⁶."""
        return {"answer": float(right["answer"]) * 1e6 / 2**20}

    @mistake
    def double_precision(self, right, pictures, channels, side):
        """That would be float64, as numpy has it by default."""
        return {"answer": float(right["answer"]) * 2}

    @mistake
    def side_once(self, right, pictures, channels, side):
        """A map has two sides."""
        return {"answer": float(right["answer"]) / side}


class q15_stage(Question):
    """Few pictures, of a kind that the source never saw."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, pictures=int(rng.choice([50, 80])))

    def text(self, pictures):
        return (
            f"A net was trained on photographs of animals and tools. You have {pictures} labelled "
            "X-ray pictures. Which do you try first?\n\n"
            "- **a** a linear classifier on the last layer's features\n"
            "- **b** fine-tuning all layers\n"
            "- **c** linear classifiers on the features of several depths\n"
            "- **d** the net as it is, with its thousand classes"
        )

    def reference(self, pictures):
        # The slide's table: rows are few or many pictures, columns are like or unlike the source.
        table = np.array([["a", "c"], ["b", "b"]])
        few, unlike = pictures < 1000, True
        return {"answer": str(table[int(not few), int(unlike)])}

    @mistake
    def top_features(self, right, pictures):
        """The last layer says what animals and tools need. Earlier ones are more general, and they
        cost as little to try."""
        return {"answer": "a"}

    @mistake
    def all_layers(self, right, pictures):
        """So few pictures cannot steer so many weights: they would be learned by heart."""
        return {"answer": "b"}

    @mistake
    def as_it_is(self, right, pictures):
        """None of its thousand classes is yours. A last layer of your own is the least you need."""
        return {"answer": "d"}
