"""The small trained nets that ship with the course, so that a notebook can start from one.

How they were trained stands in data/README.md and in the scripts in benchmarks/, not here.
"""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

import torch
from torch import nn

FILE, SOURCE_FILE = "small_shapes.pt", "source_shapes.pt"
SIDE = 28  # of the crops that small_shapes was trained on


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
    net = small_shapes_net()
    net.load_state_dict(_weights(FILE, file))
    return net.eval()


def source_shapes_net(classes: int = 30) -> nn.Sequential:
    """A net whose parts have names, untrained: N×3×32×32 in [0, 1] → N×classes logits.

    `features.block1` to `features.block4` are each `conv`, `norm`, `relu` and, in all but the last,
    `pool`; then `pool` (the mean over all places), `flatten` and `head`, one affine map of 96
    features. 79 thousand parameters without the head. Any H and W from 8 on will do.
    """
    widths = (3, 16, 32, 64, 96)
    blocks: OrderedDict[str, nn.Module] = OrderedDict()
    for i, (c_in, c_out) in enumerate(zip(widths, widths[1:], strict=False), 1):
        parts: OrderedDict[str, nn.Module] = OrderedDict(
            conv=nn.Conv2d(c_in, c_out, 3, padding=1, bias=False), norm=nn.BatchNorm2d(c_out),
            relu=nn.ReLU(),
        )  # fmt: skip
        if i < len(widths) - 1:
            parts["pool"] = nn.MaxPool2d(2)
        blocks[f"block{i}"] = nn.Sequential(parts)
    return nn.Sequential(OrderedDict(
        features=nn.Sequential(blocks), pool=nn.AdaptiveAvgPool2d(1), flatten=nn.Flatten(),
        head=nn.Linear(widths[-1], classes),
    ))  # fmt: skip


def trained_source_shapes_net(file: str | Path | None = None) -> nn.Sequential:
    """`source_shapes_net()` with the weights in data/source_shapes.pt, in evaluation mode.

    It knows the thirty `datasets.SOURCE_SHAPES` and has never seen one of the eight
    `datasets.HELD_OUT_SHAPES`. Raises FileNotFoundError with the way out when the file is not
    there, and ValueError when it holds another net's weights.
    """
    net = source_shapes_net()
    weights = _weights(SOURCE_FILE, file)
    try:
        net.load_state_dict(weights)
    except RuntimeError as error:
        first = str(error).strip().splitlines()[-1].strip()
        raise ValueError(
            f"The weights do not fit source_shapes_net ({first}). Get data/{SOURCE_FILE} again, or "
            "train it anew with `python benchmarks/source_shapes.py`."
        ) from error
    return net.eval()


def _weights(name: str, file: str | Path | None) -> dict[str, torch.Tensor]:
    here = Path(__file__).resolve().parent
    # In a checkout or a kit, in an installed package, and where one works.
    kept = [here.parent / "data", here / "shipped", Path.cwd() / "data"]
    places = [Path(file)] if file is not None else [folder / name for folder in kept]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        script = f"benchmarks/{Path(name).stem}.py"
        raise FileNotFoundError(
            f"The trained net is not at {places[0]}. It comes with the course's files: get them "
            f"again, or train it anew with `python {script}`."
        )
    return torch.load(found, map_location="cpu", weights_only=True)
