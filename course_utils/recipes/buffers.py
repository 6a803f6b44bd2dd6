"""Arrays in other memory orders, and how much memory a call needs at its peak. No layers here.

What is measured is measured beside the learner's code, which could forge it: never let it be a
case's only observation.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable

import numpy as np

LAYOUTS = ("C", "Fortran", "channels last", "mirrored", "every other")


def laid_out(x: np.ndarray, layout: str) -> np.ndarray:
    """The same values in another memory order.

    Parameters
    ----------
    x : array N×C×H×W
    layout : "C" (rows of pixels lie together), "Fortran" (the first axis runs fastest), "channels
        last" (a pixel's channels lie together), "mirrored" (the last axis has a negative stride)
        or "every other" (a slice of an array that is twice as wide)

    Raises ValueError for another layout.
    """
    if layout == "C":
        return np.ascontiguousarray(x)
    if layout == "Fortran":
        return np.asfortranarray(x)
    if layout == "channels last":
        return np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    if layout == "mirrored":
        return np.ascontiguousarray(x[..., ::-1])[..., ::-1]
    if layout == "every other":
        return np.repeat(x, 2, axis=-1)[..., ::2]
    raise ValueError(f"There is no layout {layout!r}; there are {', '.join(LAYOUTS)}.")


def peak_bytes(call: Callable[[], object]) -> tuple[object, int]:
    """What `call()` gives back, and how many bytes more than before were in use at its peak.

    numpy reports its arrays to tracemalloc, so a copy counts and a view does not.
    """
    tracing = tracemalloc.is_tracing()
    gc.collect(0)
    if not tracing:
        tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        result = call()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        if not tracing:
            tracemalloc.stop()
    return result, peak - before
