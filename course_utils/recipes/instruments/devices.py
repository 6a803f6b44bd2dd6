"""A fake accelerator on a virtual clock: what it costs to time it wrongly, without any waiting."""

from __future__ import annotations

import contextlib
import inspect
import threading
import time
import timeit
import types

CLOCKS = ("perf_counter", "monotonic", "time", "process_time")


class VirtualClock:
    """A clock that moves only when it is told to.

    Inside `with clock.installed(function):` the thread that installed it reads this clock from
    Python's `time` and `timeit` modules, and so do names that the module of `function` imported
    from them. Other threads, such as those of the notebook's kernel, go on reading the real one.
    """

    def __init__(self):
        self.now = 0.0

    def advance(self, seconds: float) -> None:
        self.now += seconds

    @contextlib.contextmanager
    def installed(self, *functions):
        start = time.perf_counter()
        owner = threading.get_ident()
        replaced = {}

        def reading(real, scale):
            def read():
                return scale(start + self.now) if threading.get_ident() == owner else real()

            return read

        for name in CLOCKS:
            real, real_ns = getattr(time, name), getattr(time, f"{name}_ns")
            replaced[real] = reading(real, float)
            replaced[real_ns] = reading(real_ns, lambda seconds: round(1e9 * seconds))
        sleep = time.sleep
        replaced[sleep] = lambda seconds: (
            self.advance(seconds) if threading.get_ident() == owner else sleep(seconds)
        )
        places = [vars(time), vars(timeit)]
        scopes = [getattr(inspect.unwrap(f), "__globals__", None) for f in functions]
        places += [scope for scope in scopes if scope is not None]
        changed = []
        try:
            for place in places:
                for name, value in list(place.items()):
                    if isinstance(value, types.BuiltinFunctionType) and value in replaced:
                        changed.append((place, name, value))
                        place[name] = replaced[value]
            yield self
        finally:
            for place, name, value in changed:
                place[name] = value


class AsyncDevice:
    """A device whose `launch` returns at once; only `synchronize` shows how long the work takes.

    Work queues up as on a CUDA stream. The first `warm_up` launches take `slowdown` times as long,
    as the first calls of a real kernel do.

    Parameters
    ----------
    clock : VirtualClock
    launch_seconds : float
        What a launch costs the host.
    """

    def __init__(self, clock: VirtualClock, launch_seconds=1e-5, warm_up=0, slowdown=50.0):
        self.clock = clock
        self.launch_seconds, self.warm_up, self.slowdown = launch_seconds, warm_up, slowdown
        self.launches = 0
        self._done_at = 0.0

    def launch(self, seconds: float) -> None:
        """Queue work that keeps the device busy for `seconds`."""
        cold = self.launches < self.warm_up
        self.launches += 1
        self.clock.advance(self.launch_seconds)
        begin = max(self._done_at, self.clock.now)
        self._done_at = begin + seconds * (self.slowdown if cold else 1.0)

    def synchronize(self) -> None:
        """Wait, on the virtual clock, until all queued work is done."""
        self.clock.now = max(self.clock.now, self._done_at)
