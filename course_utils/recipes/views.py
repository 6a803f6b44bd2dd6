"""A small net with given weights that looks at pictures, and remembers how it was used.

What it remembers lives beside the learner's code, which could forge it: never let it be a case's
only observation.
"""

from __future__ import annotations

import torch
from torch import nn


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
