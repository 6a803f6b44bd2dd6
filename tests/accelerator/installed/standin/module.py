"""`torch.standin`: what a device's module answers. Its tensors are in `tensors`."""

from __future__ import annotations

import contextlib

import torch

from standin import NAME, chance, queue


class Event:
    """A place in the queue; with `enable_timing`, one whose time can be asked for."""

    def __init__(self, enable_timing: bool = False, blocking: bool = False):
        self._timed, self._at = enable_timing, None

    def record(self, stream=None) -> None:
        queue.use()
        self._at = queue.done_at()

    def query(self) -> bool:
        return self._at is None or self._at <= queue.CLOCK.now

    def synchronize(self) -> None:
        queue.synchronize()

    def elapsed_time(self, later: Event) -> float:
        """Milliseconds from this event to a later one. RuntimeError before both have happened."""
        if not (self._timed and later._timed):
            raise ValueError("Both events must be created with argument 'enable_timing=True'.")
        if not (self.query() and later.query()):
            raise RuntimeError(f"{NAME} error: device not ready")
        return 1e3 * (later._at - self._at)


class Stream:
    """The one queue that there is, whatever it is called."""

    def __init__(self, device=None, priority: int = 0):
        self.device = torch.device(NAME, 0)

    def synchronize(self) -> None:
        queue.synchronize()

    def query(self) -> bool:
        return not queue.busy()

    def record_event(self, event: Event | None = None) -> Event:
        event = event or Event()
        event.record(self)
        return event

    def wait_stream(self, other: Stream) -> None:
        """Nothing to wait for: what is handed over is done in its order."""

    wait_event = wait_stream


class Module:
    """The functions of `torch.standin`."""

    Event, Stream = Event, Stream

    def is_available(self) -> bool:
        return True

    def is_initialized(self) -> bool:
        return queue.used()

    def _is_in_bad_fork(self) -> bool:
        return queue.used_before_a_fork()

    def device_count(self) -> int:
        return 1

    def current_device(self) -> int:
        return 0

    def set_device(self, device) -> None:
        if torch.device(device).index not in (None, 0):
            raise RuntimeError(f"{NAME} error: invalid device ordinal")

    @contextlib.contextmanager
    def device(self, device):
        self.set_device(torch.device(device))
        yield

    def get_device_name(self, device=None) -> str:
        return "a stand-in accelerator"

    def synchronize(self, device=None) -> None:
        queue.use()
        queue.synchronize()

    def current_stream(self, device=None) -> Stream:
        return Stream()

    @contextlib.contextmanager
    def stream(self, stream):
        yield

    def empty_cache(self) -> None:
        """There is none."""

    def manual_seed(self, seed: int) -> None:
        chance.own().manual_seed(seed)

    manual_seed_all = manual_seed

    def get_rng_state(self, device=None) -> torch.Tensor:
        return chance.own().get_state()

    def set_rng_state(self, state: torch.Tensor, device=None) -> None:
        chance.own().set_state(state)

    def get_amp_supported_dtype(self) -> list[torch.dtype]:
        return [torch.float16, torch.bfloat16]
