"""The device's queue, on a virtual clock: work that is handed over takes its time there, and who
asks for a result waits for it. No tensor lives here."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

from course_utils.recipes.instruments.devices import AsyncDevice, VirtualClock

LAUNCH_SECONDS = 5e-6  # what handing over an operator costs the host
# Seconds on the device: made up, and of a real one's order.
PER_OPERATOR, PER_BYTE, PER_PRODUCT, PER_BYTE_OF_THE_LINK = 2e-6, 1e-12, 1e-13, 5e-11

CLOCK = VirtualClock()
DEVICE = AsyncDevice(CLOCK, launch_seconds=LAUNCH_SECONDS)
_due: list[Callable[[], object]] = []  # copies that nobody has waited for
_lock = threading.RLock()


def launch(seconds: float) -> None:
    """Hand over work; copies that it may depend on come before it."""
    with _lock:
        _arrive()
        DEVICE.launch(seconds)


def copy_later(fill: Callable[[], object], seconds: float) -> None:
    """Hand over a copy that the host does not wait for: `fill` makes it when it is due."""
    with _lock:
        DEVICE.launch(seconds)
        _due.append(fill)


def synchronize() -> None:
    """Wait for all that has been handed over."""
    with _lock:
        _arrive()
        DEVICE.synchronize()


def busy() -> bool:
    return DEVICE._done_at > CLOCK.now or bool(_due)


def done_at() -> float:
    """When the device will have done what it has now, on the virtual clock."""
    return max(DEVICE._done_at, CLOCK.now)


def _arrive() -> None:
    while _due:
        _due.pop(0)()


# Whose device it is: as CUDA's context, it does not survive a fork.

_registered_in = os.getpid()
_first_used_in: int | None = None


def used() -> bool:
    return _first_used_in is not None


def used_before_a_fork() -> bool:
    return _first_used_in not in (None, os.getpid())


def use() -> None:
    """What everything that touches the device calls first. RuntimeError in a copy of a process
    that has touched it."""
    global _first_used_in
    here = os.getpid()
    if _first_used_in == here:
        return
    if _first_used_in is not None:
        raise RuntimeError(
            "Cannot re-initialize standin in forked subprocess. To use standin with "
            "multiprocessing, you must use the 'spawn' start method"
        )
    _first_used_in = here
    if log := os.environ.get("STANDIN_LOG"):
        with open(log, "a") as file:
            file.write(f"{'a fork' if here != _registered_in else 'a program'}\n")
