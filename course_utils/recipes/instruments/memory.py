"""Small models whose memory can be counted by hand: with in-place, view, shared, frozen layers."""

from __future__ import annotations

from torch import nn


def build(kind: str, batch: int, d=0, h=0, classes=0, channels=0, side=0):
    """A model of this kind and the shape of a batch for it."""
    if kind == "affine":
        return nn.Sequential(nn.Linear(d, h), nn.Tanh(), nn.Linear(h, classes)), (batch, d)
    if kind == "convolution":
        return nn.Sequential(
            nn.Conv2d(3, channels, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(channels * (side // 2) ** 2, classes),
        ), (batch, 3, side, side)  # fmt: skip
    if kind == "norm":
        return nn.Sequential(
            nn.Linear(d, h), nn.BatchNorm1d(h), nn.ReLU(inplace=True), nn.Dropout(0.5),
            nn.Linear(h, classes),
        ), (batch, d)  # fmt: skip
    if kind == "shared":
        layer = nn.Linear(d, d)
        return nn.Sequential(layer, nn.Tanh(), layer), (batch, d)
    if kind == "frozen":
        first = nn.Linear(d, h).requires_grad_(False)
        return nn.Sequential(first, nn.ReLU(inplace=True), nn.Linear(h, classes)), (batch, d)
    raise ValueError(f"there is no model of the kind {kind!r}")
