"""Torch nets with given weights: chains of affine maps, and one that looks at pictures.

What a net remembers of its use lives beside the learner's code, which could forge it: never let it
be a case's only observation.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from course_utils.recipes.modules import seeded


class Scale(nn.Module):
    """Multiplies by a fixed number: an activation under which variances are known exactly."""

    def __init__(self, factor: float):
        super().__init__()
        self.factor = factor

    def forward(self, x):
        return self.factor * x


BETWEEN = {"tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "relu": nn.ReLU, "half": lambda: Scale(0.5)}


def chain(weights, biases, activation: str) -> nn.Sequential:
    """nn.Linear layers with these weights (out×in) and biases, an activation between each two.

    `activation` is a key of BETWEEN. No random number is drawn.
    """
    modules: list[nn.Module] = []
    for weight, bias in zip(weights, biases, strict=True):
        if modules:
            modules.append(BETWEEN[activation]())
        modules.append(_linear(np.asarray(weight), np.asarray(bias)))
    return nn.Sequential(*modules)


def _linear(weight: np.ndarray, bias: np.ndarray) -> nn.Linear:
    weight, bias = torch.tensor(weight), torch.tensor(bias)
    height, width = weight.shape
    layer = seeded(lambda: nn.Linear(width, height, dtype=weight.dtype), 0)
    with torch.no_grad():
        layer.weight.copy_(weight)
        layer.bias.copy_(bias)
    return layer


class PictureNet(nn.Module):
    """N×3×H×W → N×K logits, for any H and W of at least 3: float32.

    In training mode it gives other logits than in evaluation mode, as dropout and batch norm make
    a net do, but the same ones each time. `views` counts the pictures that it was shown,
    `trained_on` those of them that it saw in training mode, `recorded` those with autograd on.
    """

    def __init__(self, filters, weights, training: bool = False):
        super().__init__()
        self.filters = nn.Parameter(torch.tensor(filters, dtype=torch.float32))
        self.weights = nn.Parameter(torch.tensor(weights, dtype=torch.float32))
        self.views = self.trained_on = self.recorded = 0
        self.train(training)

    def forward(self, x):
        self.views += len(x)
        self.trained_on += len(x) * self.training
        self.recorded += len(x) * torch.is_grad_enabled()
        seen = torch.tanh(nn.functional.conv2d(x, self.filters)).mean((2, 3))
        if self.training:
            seen = seen.flip(1)
        return seen @ self.weights
