"""Looking a picture up between its pixels: other sizes, other places. No random choice lives here.

Pictures are H×W×C. A pixel's coordinates are those of its middle: x = 0, 1, ... W-1 to the right,
y = 0, 1, ... H-1 downwards.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F


def resize(img: np.ndarray, height: int, width: int) -> np.ndarray:
    """The picture in another size, bilinear; where it shrinks, neighbours are averaged.

    Takes H×W×C of floats (or uint8, rounded back to uint8). The corners of the picture stay its
    corners: pixel middles are at (i + ½)/H of its height. Raises ValueError on another shape.
    """
    if height < 1 or width < 1:
        raise ValueError(f"A picture needs at least one pixel: you asked for {height}×{width}.")
    x = _planes(img)
    out = F.interpolate(x, (int(height), int(width)), mode="bilinear", antialias=True)
    return _like(out, img)


def sample_at(img: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The picture's values at the places (x, y), bilinear between pixels, 0 outside.

    Parameters
    ----------
    img : H×W×C of floats, or uint8 (then rounded back to uint8)
    x, y : arrays h×w; output pixel (i, j) shows what the picture has at column x[i, j] and row
        y[i, j]

    Returns an array h×w×C of the dtype of img. Raises ValueError where shapes do not fit.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if x.shape != y.shape or x.ndim != 2:
        raise ValueError(
            f"x and y are arrays of one shape h×w; yours have shapes {x.shape} and {y.shape}."
        )
    planes = _planes(img)
    height, width = planes.shape[2:]
    # grid_sample counts from -1 to 1 between the outer edges of the border pixels.
    grid = torch.from_numpy(np.stack([(2 * x + 1) / width - 1, (2 * y + 1) / height - 1], 2))
    out = F.grid_sample(planes, grid[None].to(planes.dtype), "bilinear", align_corners=False)
    return _like(out, img)


def _planes(img) -> torch.Tensor:
    img = np.asarray(img)
    if img.ndim != 3 or not img.size:
        raise ValueError(f"A picture here is an array H×W×C; this one has shape {img.shape}.")
    img = img if img.dtype.kind == "f" else img.astype(np.float32)
    return torch.from_numpy(np.ascontiguousarray(img.transpose(2, 0, 1)))[None]


def _like(planes: torch.Tensor, img: np.ndarray) -> np.ndarray:
    out = planes[0].permute(1, 2, 0).numpy()
    if np.asarray(img).dtype == np.uint8:
        return np.clip(np.rint(out), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(out)
