"""Which device the course runs on, and how to time work there. No training lives here."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def best_device() -> torch.device:
    """The fastest device that works here: CUDA, else Apple's MPS, else the CPU."""
    import torch

    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def describe_device(device: torch.device | str | None = None) -> str:
    """One line that names a device (the best one by default), such as "CPU, 2 threads"."""
    import torch

    device = best_device() if device is None else torch.device(device)
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        return f"CUDA GPU {properties.name}, {properties.total_memory / 2**30:.0f} GiB"
    if device.type == "mps":
        return "Apple GPU through Metal (MPS)"
    threads = torch.get_num_threads()
    return f"CPU, {threads} thread{'s' if threads != 1 else ''}; no GPU is used"


def announce(device: torch.device | str | None = None) -> torch.device:
    """Print which device is used, and return it (the best one by default)."""
    import torch

    device = best_device() if device is None else torch.device(device)
    print(f"This notebook runs on: {describe_device(device)}.")
    return device


def synchronize(device: torch.device | str) -> None:
    """Wait until the device has finished. A GPU takes orders and returns at once; a CPU does not.

    Raises RuntimeError from torch when the device is not there.
    """
    import torch

    kind = torch.device(device).type
    if kind == "cuda":
        torch.cuda.synchronize(device)
    elif kind == "mps":
        torch.mps.synchronize()


def timed(
    fn: Callable[[], object],
    device: torch.device | str = "cpu",
    repeats: int = 10,
    warmup: int = 2,
) -> float:
    """Median time of `fn()` in seconds, after `warmup` calls that do not count.

    The first calls pay for memory, caches and choosing an algorithm. The device is synchronised
    before and after each call, or only the launch would be timed. The median, since other
    programs can make a run slower and never faster.
    """
    if repeats < 1:
        raise ValueError(f"timed needs at least one repeat; you asked for {repeats}.")
    for _ in range(warmup):
        fn()
    seconds = []
    for _ in range(repeats):
        synchronize(device)
        start = time.perf_counter()
        fn()
        synchronize(device)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)
