"""The exercise of notebook 12 on time that is measured with a stopwatch."""

import statistics

import numpy as np

from autograder.exercise import Case, Exercise, mistake, near

LAUNCH = 1e-5  # seconds that a launch costs the host on the fake device


class benchmark(Exercise):
    """A stopwatch for a device that takes orders and returns at once."""

    signature = "benchmark(fn, sync, repeats)"
    minutes = 12
    difficulty = 2
    library = "any"
    counted = ("calls",)
    reads = {
        "seconds": "your time",
        "calls": "your code calls `fn` {seen} times; {right} calls are right",
    }
    hints = (
        "fn() hands over the work and returns. When is it done, and when has everything that was "
        "handed over before?",
        "For each repeat: wait, read the clock, call, wait, read the clock. The three warm-up "
        "calls are work that is queued as well.",
    )

    def cases(self, rng):
        def case(name, points, repeats, disturbed=(), busy=0.0):
            seconds = rng.uniform(0.01, 0.02) * rng.permutation(np.linspace(0.8, 1.3, repeats + 8))
            seconds[:3] *= [40, 25, 10]
            for index in disturbed:
                seconds[3 + index] *= 12
            return Case(name, points, seconds=seconds.tolist(), repeats=repeats, busy=busy)

        yield case("five repeats", 2, 5)
        yield case("another program disturbs three repeats", 1, 9, disturbed=(1, 4, 8))
        yield case("six repeats, three of them disturbed", 1, 6, disturbed=(0, 2, 5))
        yield case("one repeat, on a device that is still busy", 2, 1, busy=0.7)

    def observe(self, code, seconds, repeats, busy):
        import inspect
        import time
        import timeit
        import types

        from course_utils.recipes.instruments.devices import AsyncDevice, VirtualClock

        clock = VirtualClock()
        device = AsyncDevice(clock, launch_seconds=1e-5)
        if busy:
            device.launch(busy)
        earlier = device.launches

        def fn():
            device.launch(seconds[(device.launches - earlier) % len(seconds)])

        scope = getattr(inspect.unwrap(code.benchmark), "__globals__", {})
        real = {}
        for name in ("perf_counter", "monotonic", "time", "process_time", "thread_time"):
            real |= {getattr(time, n): n for n in (name, f"{name}_ns")}
        processor = {n for n in real.values() if n.startswith(("process", "thread"))}

        def reading(name):
            if name not in processor:
                return getattr(time, name)  # the virtual clock's
            # While the host waits, the processor's time hardly goes on.
            unit = 1e9 if name.endswith("_ns") else 1
            return lambda: clock.now / 4 * unit

        def is_clock(value):
            return isinstance(value, types.BuiltinFunctionType) and value in real

        # A clock may be held by a name, or as a default argument, which is how timeit holds it.
        functions = [timeit.timeit, timeit.repeat, timeit.Timer.__init__, *scope.values()]
        functions = [f for f in functions if isinstance(f, types.FunctionType) and f.__defaults__]
        defaults = [(f, f.__defaults__) for f in functions]
        names = [
            (place, name, value) for place in (vars(time), scope) for name, value in place.items()
            if is_clock(value) and real[value] in processor
        ]  # fmt: skip
        with clock.installed(code.benchmark):
            shadowed = [(place, name, place[name]) for place, name, _ in names]
            try:
                for place, name, value in names:
                    place[name] = reading(real[value])
                for f, held in defaults:
                    f.__defaults__ = tuple(reading(real[d]) if is_clock(d) else d for d in held)
                measured = code.benchmark(fn, device.synchronize, repeats)
            finally:
                for place, name, value in shadowed:
                    place[name] = value
                for f, held in defaults:
                    f.__defaults__ = held
        return {"seconds": float(measured), "calls": device.launches - earlier}

    def reference(self, seconds, repeats, busy):
        # A launch may be in it or hidden behind the device's work.
        middle = statistics.median(seconds[3 : 3 + repeats])
        return {"seconds": near(middle, rtol=0.0, atol=3 * LAUNCH), "calls": 3 + repeats}

    @mistake
    def launch_alone(self, right, **inputs):
        """You stop the clock when the order is given. fn() returns before the work is done: wait
        with sync() first."""
        return {"seconds": LAUNCH}

    @mistake
    def warm_up_counted(self, right, seconds, repeats, **inputs):
        """Your first repeats are the slow ones, in which memory is asked for and kernels are
        chosen. Three calls come first that are not measured."""
        return {"seconds": statistics.median(seconds[:repeats]), "calls": repeats}

    @mistake
    def one_call_to_warm_up(self, right, seconds, repeats, **inputs):
        """You let one call go before you measure. Three are asked for: the second and the third are
        slow, too."""
        return {"seconds": statistics.median(seconds[1 : 1 + repeats]), "calls": 1 + repeats}

    @mistake
    def mean(self, right, seconds, repeats, **inputs):
        """One call that another program disturbs spoils your mean. The median does not mind."""
        return {"seconds": statistics.mean(seconds[3 : 3 + repeats])}

    @mistake
    def fastest(self, right, seconds, repeats, **inputs):
        """You return the fastest repeat. That is a lucky one; asked is the median."""
        return {"seconds": min(seconds[3 : 3 + repeats])}

    @mistake
    def slowest(self, right, seconds, repeats, **inputs):
        """You return the slowest repeat; asked is the median."""
        return {"seconds": max(seconds[3 : 3 + repeats])}

    @mistake
    def total(self, right, seconds, repeats, **inputs):
        """That is the time of all repeats together; asked is that of one call."""
        return {"seconds": sum(seconds[3 : 3 + repeats])}

    @mistake
    def queue_counted(self, right, seconds, repeats, busy):
        """When you start the clock the warm-up calls are still queued, and your first repeat waits
        for them. Call sync() before the clock starts, too."""
        first = busy + sum(seconds[:4])
        return {"seconds": statistics.median([first, *seconds[4 : 3 + repeats]])}

    @mistake
    def queue_counted_in_the_mean(self, right, seconds, repeats, busy):
        """You divide the time of all calls by the repeats, and when you start the clock the warm-up
        calls are still queued. Empty the queue first, and time each repeat on its own."""
        return {"seconds": (busy + sum(seconds[: 3 + repeats])) / repeats}

    @mistake
    def repeats_taken_to_warm_up(self, right, seconds, repeats, **inputs):
        """You leave out the first three of the repeats. The calls to warm up come before them, so
        that as many are timed as were asked for."""
        if repeats > 3:
            return {"seconds": statistics.median(seconds[3:repeats]), "calls": repeats}

    @mistake
    def upper_middle(self, right, seconds, repeats, **inputs):
        """With an even number of repeats the median lies half-way between the two in the middle."""
        return {"seconds": statistics.median_high(seconds[3 : 3 + repeats])}

    @mistake
    def milliseconds(self, right, **inputs):
        """Your result is in milliseconds; asked are seconds."""
        return {"seconds": right["seconds"] * 1000}

    @mistake
    def processor_time(self, right, seconds, repeats, **inputs):
        """Your clock counts the processor's time (`process_time`), which hardly goes on while the
        host waits for the device. Read a clock on the wall."""
        return {"seconds": right["seconds"] / 4}

    @mistake
    def lower_middle(self, right, seconds, repeats, **inputs):
        """With an even number of repeats you take the lower of the two in the middle. The median
        lies half-way between them."""
        return {"seconds": statistics.median_low(seconds[3 : 3 + repeats])}
