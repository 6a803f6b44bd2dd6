"""Small numpy models with hand-picked weights for loops to train, and what the loops did with them.

A model has `params`, a dict of arrays, and `loss(X, y)` → (loss, gradients by name), or
`loss(X)` → scores: the form of the classic assignments.
"""

from __future__ import annotations

import numpy as np


class LinearSoftmax:
    """Scores XW + b under a softmax; the loss is the mean cross-entropy.

    `batches` tells how many rows each call for gradients was given.
    """

    def __init__(self, W: np.ndarray, b: np.ndarray):
        self.params = {"W": np.array(W), "b": np.array(b)}
        self.batches: list[int] = []

    def loss(self, X, y=None):
        scores = X @ self.params["W"] + self.params["b"]
        if y is None:
            return scores
        self.batches.append(len(X))
        scores = scores - scores.max(1, keepdims=True)
        p = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
        rows = np.arange(len(X))
        loss = float(-np.log(p[rows, y]).mean())
        p[rows, y] -= 1
        p /= len(X)
        return loss, {"W": X.T @ p, "b": p.sum(0)}


class LeastSquares:
    """Predictions Xw; the loss is half the mean squared error."""

    def __init__(self, w: np.ndarray):
        self.params = {"w": np.array(w)}

    def loss(self, X, y=None):
        predictions = X @ self.params["w"]
        if y is None:
            return predictions
        off = predictions - y
        return float(off @ off) / (2 * len(X)), {"w": X.T @ off / len(X)}


class Slowing:
    """An update rule whose step shrinks with the root of how often its config was used.

    `rates` has the learning rate of every call. The count is kept in the config, as a rule's
    state should be.
    """

    def __init__(self):
        self.rates: list[float] = []

    def __call__(self, w, dw, config):
        self.rates.append(float(config["learning_rate"]))
        config["t"] = config.get("t", 0) + 1
        return w - config["learning_rate"] / np.sqrt(config["t"]) * dw, config
