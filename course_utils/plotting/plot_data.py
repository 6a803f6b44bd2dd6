"""What notebooks have (lists, arrays, tensors, Spreads) as the arrays that plots draw.

Every function raises ValueError with one sentence when it cannot. Nothing is drawn here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np


def named(series: Any) -> Mapping[str, Any]:
    if not isinstance(series, Mapping):
        raise ValueError(f"Give a dict of name → values, not {type(series).__name__}.")
    if not series:
        raise ValueError("There is nothing to draw: the dict is empty.")
    return series


def numbers(name: str, values: Any) -> np.ndarray:
    if hasattr(values, "detach"):  # a torch tensor, on any device
        values = values.detach().cpu()
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} is not an array of numbers ({error}).") from error


def curve(name: str, values: Any, x: Any):
    """(x, low, middle, high) of one line; low and high are None without several seeds."""
    if isinstance(values, tuple) and len(values) == 2 and not np.isscalar(values[0]):
        x, values = values
    if hasattr(values, "middle"):
        low, middle, high = (numbers(name, v) for v in (values.low, values.middle, values.high))
        low, high = (low, high) if len(values) > 1 else (None, None)
    else:
        low, middle, high = None, numbers(name, values), None
    if middle.ndim != 1 or len(middle) == 0:
        raise ValueError(f"The line {name!r} needs a list of numbers; it has shape {middle.shape}.")
    along = np.arange(1, len(middle) + 1) if x is None else numbers("x", x)
    if along.shape != middle.shape:
        raise ValueError(
            f"The line {name!r} has {len(middle)} values for {along.size} values of x."
        )
    return along, low, middle, high


def low_middle_high(name: str, value: Any) -> tuple[float, float, float]:
    runs = numbers(name, getattr(value, "values", value)).reshape(-1)
    runs = runs[~np.isnan(runs)]
    if len(runs) == 0:
        raise ValueError(f"The bar {name!r} has no value.")
    return float(runs.min()), float(np.median(runs)), float(runs.max())


def pictures(images: Any) -> np.ndarray:
    if hasattr(images, "detach"):
        images = images.detach().cpu().numpy()
    images = np.asarray(images)
    shape = images.shape
    if images.ndim == 3:
        images = images[..., None]
    elif images.ndim == 4 and shape[3] not in (1, 3) and shape[1] in (1, 3):
        images = images.transpose(0, 2, 3, 1)
    if images.ndim != 4 or len(images) == 0 or images.shape[3] not in (1, 3):
        raise ValueError(f"image_grid draws N×H×W×C, N×C×H×W or N×H×W; this has shape {shape}.")
    if images.dtype == np.uint8:
        return images / 255
    return np.clip(images.astype(float), 0, 1)


def ticks(ticks: Iterable[Any] | None, n: int, axis: str) -> list[Any] | None:
    if ticks is None:
        return None
    ticks = list(ticks)
    if len(ticks) != n:
        raise ValueError(f"The matrix has {n} entries along {axis} and {len(ticks)} {axis}ticks.")
    return ticks
