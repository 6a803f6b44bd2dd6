"""Which device the course runs on, and how to time work there. No training lives here."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def best_device() -> torch.device:
    """The fastest device that works here: CUDA (ROCm too), else Intel's XPU, else Apple's MPS, else
    the CPU. The environment variable COURSE_DEVICE names another one.

    Raises ValueError when COURSE_DEVICE names a device that torch does not have here.
    """
    import torch

    if name := os.environ.get("COURSE_DEVICE"):
        if not _works(name):
            raise ValueError(
                f"COURSE_DEVICE is {name!r}, and torch has no such device here. Set it to cpu, or "
                "unset it to have the best device there is."
            )
        return torch.device(name)
    return torch.device(next(kind for kind in ("cuda", "xpu", "mps", "cpu") if _works(kind)))


def _works(name: str) -> bool:
    """Whether torch can use the device."""
    import torch

    try:
        kind = torch.device(name).type
    except RuntimeError:
        return False
    if kind == "cpu":
        return True
    module = torch.backends.mps if kind == "mps" else getattr(torch, kind, None)
    return hasattr(module, "is_available") and module.is_available()


def describe_device(device: torch.device | str | None = None) -> str:
    """One line that names a device (the best one by default), such as "CPU, 2 threads"."""
    import torch

    device = best_device() if device is None else torch.device(device)
    if device.type in ("cuda", "xpu"):
        properties = getattr(torch, device.type).get_device_properties(device)
        memory = f"{properties.total_memory / 2**30:.0f} GiB"
        return f"{device.type.upper()} GPU {properties.name}, {memory}"
    if device.type == "mps":
        return "Apple GPU through Metal (MPS)"
    if device.type != "cpu":
        return f"the device that torch calls {device.type}"
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

    device = torch.device(device)
    if device.type == "mps":
        torch.mps.synchronize()
    elif device.type not in ("cpu", "meta"):
        getattr(torch, device.type).synchronize(device)


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
