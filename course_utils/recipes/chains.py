"""Chains of affine maps with given weights, and what stands between them, as torch modules."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn


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
    layer = nn.utils.skip_init(nn.Linear, weight.shape[1], weight.shape[0], dtype=weight.dtype)
    with torch.no_grad():
        layer.weight.copy_(weight)
        layer.bias.copy_(bias)
    return layer
