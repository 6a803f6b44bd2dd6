"""What a tuner works on: a net with a penalty that may be faulty, a landscape of accuracies, and a
small torch net to log."""

from __future__ import annotations

import numpy as np
import torch

from course_utils.recipes.models import LinearSoftmax
from course_utils.recipes.modules import seeded


class PenalisedSoftmax(LinearSoftmax):
    """A linear softmax classifier with the penalty ½·reg·‖W‖².

    `penalty` and `gradient` are 1 in a sound net. With `penalty` 0 the loss does not know of reg,
    with -1 it falls with it; with `gradient` -1 all gradients point the wrong way.
    """

    def __init__(self, W, b, reg: float, penalty: float = 1.0, gradient: float = 1.0):
        super().__init__(W, b)
        self.reg, self._penalty, self._gradient = reg, penalty, gradient

    def loss(self, X, y=None):
        if y is None:
            return super().loss(X)
        loss, gradients = super().loss(X, y)
        weight = self._penalty * self.reg
        loss += 0.5 * weight * float((self.params["W"] ** 2).sum())
        gradients["W"] = gradients["W"] + weight * self.params["W"]
        return loss, {name: self._gradient * g for name, g in gradients.items()}


class Landscape:
    """`evaluate(config, epochs, split="validation")` without any training: one hill.

    The accuracy is highest where log10 of learning_rate is `rate` and keep is `keep` (None where
    it does not matter), with rule "adam"; `per_epoch` is added for each epoch. Runs of
    `hundredths_from` epochs and more have whole hundredths, as on a hundred pictures. On the test
    split it is upside down. `calls` holds (config, epochs, split, accuracy).
    """

    def __init__(self, rate: float, keep: float | None, per_epoch: float,
                 hundredths_from: float = np.inf):  # fmt: skip
        self._rate, self._keep, self._per_epoch = rate, keep, per_epoch
        self._hundredths_from = hundredths_from
        self.calls: list[tuple[dict, int, str, float]] = []

    def __call__(self, config, epochs, split="validation"):
        off = (np.log10(config["learning_rate"]) - self._rate) ** 2
        if self._keep is not None:
            off += 9 * (config["keep"] - self._keep) ** 2 + 0.2 * (config["rule"] != "adam")
        accuracy = float(1 / (2 + off) + self._per_epoch * epochs)
        if epochs >= self._hundredths_from:
            accuracy = round(accuracy, 2)
        if split == "test":
            accuracy = 1 - accuracy
        self.calls.append((dict(config), int(epochs), str(split), accuracy))
        return accuracy


class TwoLayers(torch.nn.Module):
    """d_in → hidden → classes with batch norm and a ReLU; its parameters are w1, w2 and the norm's.

    The first weights come from `seed`.
    """

    def __init__(self, d_in: int, hidden: int, classes: int, seed: int):
        super().__init__()
        first, second = seeded(
            lambda: (torch.randn(d_in, hidden), torch.randn(hidden, classes)), seed
        )
        self.w1, self.w2 = torch.nn.Parameter(first), torch.nn.Parameter(second)
        self.norm = torch.nn.BatchNorm1d(hidden)

    def forward(self, x):
        return torch.relu(self.norm(x @ self.w1)) @ self.w2
