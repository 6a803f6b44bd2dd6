"""The small trained net that ships with the course, so that a notebook can start from one.

How it was trained stands in data/README.md and in benchmarks/small_shapes.py, not here.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

FILE = "small_shapes.pt"
SIDE = 28  # of the crops that it was trained on


def small_shapes_net() -> nn.Sequential:
    """A net for `colour_shapes`, untrained: N×3×H×W in [0, 1] → N×10 logits, H and W at least 8.

    Three blocks of convolution, batch norm and ReLU, then the mean over all places, so that it
    takes pictures of any size. 24 thousand parameters.
    """

    def block(c_in: int, c_out: int) -> list[nn.Module]:
        return [nn.Conv2d(c_in, c_out, 3, padding=1, bias=False), nn.BatchNorm2d(c_out),
                nn.ReLU()]  # fmt: skip

    return nn.Sequential(
        *block(3, 16), nn.MaxPool2d(2), *block(16, 32), nn.MaxPool2d(2), *block(32, 64),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10),
    )  # fmt: skip


def trained_small_shapes_net(file: str | Path | None = None) -> nn.Sequential:
    """The same net with the weights in data/small_shapes.pt, in evaluation mode.

    Raises FileNotFoundError with the way out when the file is not there.
    """
    beside = Path(__file__).resolve().parent.parent / "data" / FILE
    places = [Path(file)] if file is not None else [beside, Path.cwd() / "data" / FILE]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise FileNotFoundError(
            f"The trained net is not at {places[0]}. It comes with the course's files: get them "
            "again, or train it anew with `python benchmarks/small_shapes.py`."
        )
    net = small_shapes_net()
    net.load_state_dict(torch.load(found, map_location="cpu", weights_only=True))
    return net.eval()
