"""A fake accelerator on a virtual clock: what it costs to time it wrongly, without any waiting."""

from __future__ import annotations

import contextlib
import inspect
import threading
import time
import timeit
import types

CLOCKS = ("perf_counter", "monotonic", "time")
OF_THE_PROCESSOR = ("process_time", "thread_time")
WHILE_WAITING = 0.25  # how fast the processor's clocks go on meanwhile


class VirtualClock:
    """A clock that moves only when it is told to.

    Inside `with clock.installed(function):` the thread that installed it reads this clock from
    Python's `time` and `timeit` modules, and so do names that the module of `function` imported
    from them, and defaults of the functions there. Other threads, such as those of the notebook's
    kernel, go on reading the real one. The clocks of the processor's time (`process_time`,
    `thread_time`) hardly go on while the program waits.
    """

    def __init__(self):
        self.now = self.waited = 0.0

    def advance(self, seconds: float) -> None:
        """The processor works."""
        self.now += seconds

    def wait(self, seconds: float) -> None:
        """The program waits: for a disk, a device, or a while."""
        self.now += seconds
        self.waited += seconds

    @property
    def processor(self) -> float:
        """Seconds of the processor's time until now."""
        return self.now - (1 - WHILE_WAITING) * self.waited

    @contextlib.contextmanager
    def installed(self, *functions):
        start = time.perf_counter()
        owner = threading.get_ident()
        replaced = {}

        def reading(real, scale, of_processor):
            def read():
                if threading.get_ident() != owner:
                    return real()
                return scale(start + (self.processor if of_processor else self.now))

            return read

        for name in (*CLOCKS, *OF_THE_PROCESSOR):
            of_processor = name in OF_THE_PROCESSOR
            real, real_ns = getattr(time, name), getattr(time, f"{name}_ns")
            replaced[real] = reading(real, float, of_processor)
            replaced[real_ns] = reading(real_ns, lambda s: round(1e9 * s), of_processor)
        sleep = time.sleep
        replaced[sleep] = lambda seconds: (
            self.wait(seconds) if threading.get_ident() == owner else sleep(seconds)
        )

        def in_place_of(value):
            return replaced.get(value) if isinstance(value, types.BuiltinFunctionType) else None

        places = [vars(time), vars(timeit)]
        functions = [inspect.unwrap(f) for f in functions]
        scopes = [getattr(f, "__globals__", None) for f in functions]
        places += [scope for scope in scopes if scope is not None]
        found = [timeit.Timer.__init__, *functions]
        found += [value for place in places for value in place.values()]
        held = [(f, f.__defaults__, f.__kwdefaults__) for f in found
                if isinstance(f, types.FunctionType)]  # fmt: skip
        changed = [(place, name, value) for place in places for name, value in place.items()
                   if in_place_of(value)]  # fmt: skip
        try:
            for place, name, value in changed:
                place[name] = replaced[value]
            for function, defaults, named in held:
                function.__defaults__ = defaults and tuple(in_place_of(d) or d for d in defaults)
                if named:
                    ours = {name: in_place_of(d) or d for name, d in named.items()}
                    function.__kwdefaults__ = ours
            yield self
        finally:
            for place, name, value in changed:
                place[name] = value
            for function, defaults, named in held:
                function.__defaults__, function.__kwdefaults__ = defaults, named


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
        self.clock.wait(max(0.0, self._done_at - self.clock.now))
