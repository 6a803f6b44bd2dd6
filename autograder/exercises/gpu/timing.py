"""The exercise of notebook 12 on time that is measured with a stopwatch."""

import statistics

import numpy as np

from autograder.exercise import Case, Exercise, mistake, near
from course_utils.recipes.instruments.devices import WHILE_WAITING

LAUNCH = 1e-4  # seconds that a launch costs the host on the fake device


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
        "fn() hands over the work and returns. When is that work done? And when is the work done "
        "that was handed over before it?",
        "For each repeat: wait, read the clock, call, wait, read the clock. The three warm-up "
        "calls are work that is queued as well.",
    )

    def cases(self, rng):
        def case(name, points, repeats, disturbed=(), busy=0.0):
            seconds = rng.uniform(0.01, 0.02) * rng.permutation(np.linspace(0.8, 1.3, repeats + 8))
            seconds[:3] *= [40, 25, 5]  # the third is quicker than what is disturbed
            for index in disturbed:
                seconds[3 + index] *= 12
            return Case(name, points, seconds=seconds.tolist(), repeats=repeats, busy=busy)

        yield case("five repeats", 2, 5)
        yield case("another program disturbs three repeats", 1, 9, disturbed=(1, 4, 8))
        yield case("six repeats, three of them disturbed", 1, 6, disturbed=(0, 2, 5))
        yield case("one repeat, on a device that is still busy", 2, 1, busy=0.7)

    def observe(self, code, seconds, repeats, busy):
        from course_utils.recipes.instruments.devices import AsyncDevice, VirtualClock

        clock = VirtualClock()
        device = AsyncDevice(clock, launch_seconds=1e-4)
        if busy:
            device.launch(busy)
        earlier = device.launches

        def fn():
            device.launch(seconds[(device.launches - earlier) % len(seconds)])

        with clock.installed(code.benchmark):
            measured = code.benchmark(fn, device.synchronize, repeats)
        return {"seconds": float(measured), "calls": device.launches - earlier}

    def reference(self, seconds, repeats, busy):
        # From the call on: the launch is in it. What a queue hides of it is no matter.
        middle = statistics.median(timed(seconds, 3, 3 + repeats))
        atol = 3 * LAUNCH if busy else 2e-6
        return {"seconds": near(middle, rtol=0.0, atol=atol), "calls": 3 + repeats}

    @mistake
    def launch_alone(self, right, **inputs):
        """You stop the clock when the order is given. fn() returns before the work is done: wait
        with sync() first."""
        return {"seconds": LAUNCH}

    @mistake
    def launch_left_out(self, right, seconds, repeats, busy):
        """You read the clock only after fn() has returned, so that handing over the work is left
        out. The time begins before the call."""
        if not busy:
            return {"seconds": statistics.median(seconds[3 : 3 + repeats])}

    @mistake
    def warm_up_counted(self, right, seconds, repeats, **inputs):
        """Your first repeats are the slow ones, in which memory is asked for and kernels are
        chosen. Three calls come first that are not measured."""
        return {"seconds": statistics.median(timed(seconds, 0, repeats)), "calls": repeats}

    @mistake
    def warm_up_timed_too(self, right, seconds, repeats, **inputs):
        """You time the three calls to warm up as well, and they are among those whose median you
        take. They do not count."""
        return {"seconds": statistics.median(timed(seconds, 0, 3 + repeats))}

    @mistake
    def warm_up_comes_last(self, right, seconds, repeats, **inputs):
        """Your three calls that do not count are the last ones. They come first: the first calls
        are the slow ones, in which memory is asked for and kernels are chosen."""
        return {"seconds": statistics.median(timed(seconds, 0, repeats))}

    @mistake
    def fastest_three_dropped(self, right, seconds, repeats, **inputs):
        """You leave out the three fastest of all calls. The three that do not count are the first
        in time, and those are slow."""
        return {"seconds": statistics.median(sorted(timed(seconds, 0, 3 + repeats))[3:])}

    @mistake
    def slowest_three_dropped(self, right, seconds, repeats, **inputs):
        """You leave out the three slowest of all calls. The three that do not count are the first
        in time; what disturbs a later one is for the median to bear."""
        return {"seconds": statistics.median(sorted(timed(seconds, 0, 3 + repeats))[:-3])}

    def wait_taken_off(self, seconds, repeats, busy):
        """A repeat less what the wait for the queued calls to warm up took."""
        over = 3 * LAUNCH - (0.0 if busy else LAUNCH)
        wait = busy + sum(seconds[:3]) - over
        return statistics.median(timed(seconds, 3, 3 + repeats)) - wait

    @mistake
    def waiting_taken_off(self, right, seconds, repeats, busy):
        """You take off what a sync() took before: it waited for the calls to warm up, which were
        still queued. Nothing is to be taken off: a repeat is from its call to its end."""
        return {"seconds": self.wait_taken_off(seconds, repeats, busy)}

    @mistake
    def no_time_left(self, right, **inputs):
        """Your time is 0, as when what a sync() took before is taken off: it waits for all calls
        that are queued, those to warm up among them. A repeat is from its call to its end."""
        return {"seconds": 0.0}

    def warmed_up(self, calls, seconds, repeats):
        return {"seconds": statistics.median(timed(seconds, calls, calls + repeats)),
                "calls": calls + repeats}  # fmt: skip

    @mistake
    def one_call_to_warm_up(self, right, seconds, repeats, **inputs):
        """You let one call go before you measure. Three are asked for: the second and the third are
        slow, too."""
        return self.warmed_up(1, seconds, repeats)

    @mistake
    def two_calls_to_warm_up(self, right, seconds, repeats, **inputs):
        """You let two calls go before you measure. Three are asked for: the third is slow, too."""
        return self.warmed_up(2, seconds, repeats)

    @mistake
    def four_calls_to_warm_up(self, right, seconds, repeats, **inputs):
        """You let four calls go before you measure. Three are asked for."""
        return self.warmed_up(4, seconds, repeats)

    @mistake
    def five_calls_to_warm_up(self, right, seconds, repeats, **inputs):
        """You let five calls go before you measure. Three are asked for."""
        return self.warmed_up(5, seconds, repeats)

    @mistake
    def one_repeat_missing(self, right, seconds, repeats, **inputs):
        """You time one call fewer than `repeats` says."""
        if repeats > 1:
            return {"seconds": statistics.median(timed(seconds, 3, 2 + repeats)),
                    "calls": 2 + repeats}  # fmt: skip

    @mistake
    def mean(self, right, seconds, repeats, **inputs):
        """One call that another program disturbs spoils your mean. The median does not mind."""
        return {"seconds": statistics.mean(timed(seconds, 3, 3 + repeats))}

    @mistake
    def fastest(self, right, seconds, repeats, **inputs):
        """You return the fastest repeat. That is a lucky one: return the median."""
        return {"seconds": min(timed(seconds, 3, 3 + repeats))}

    @mistake
    def slowest(self, right, seconds, repeats, **inputs):
        """You return the slowest repeat instead of the median."""
        return {"seconds": max(timed(seconds, 3, 3 + repeats))}

    @mistake
    def total(self, right, seconds, repeats, **inputs):
        """That is the time of all repeats together; return the time of one call."""
        return {"seconds": sum(timed(seconds, 3, 3 + repeats))}

    @mistake
    def one_start_for_all(self, right, seconds, repeats, **inputs):
        """Your clock starts once, before the first repeat, so that every time holds the repeats
        before it. Read the clock anew for each."""
        return {"seconds": statistics.median(np.cumsum(timed(seconds, 3, 3 + repeats)).tolist())}

    @mistake
    def queue_counted(self, right, seconds, repeats, busy):
        """When you start the clock the warm-up calls are still queued, and your first repeat waits
        for them. Call sync() before the clock starts, too."""
        first = busy + sum(seconds[:4])
        return {"seconds": statistics.median([first, *timed(seconds, 4, 3 + repeats)])}

    @mistake
    def queue_counted_in_the_mean(self, right, seconds, repeats, busy):
        """You divide the time of all calls by the repeats, and when you start the clock the warm-up
        calls are still queued. Empty the queue first, and time each repeat on its own."""
        # Three launches are over when the clock starts; the device began after the first.
        over = 3 * LAUNCH - (0.0 if busy else LAUNCH)
        return {"seconds": (busy + sum(seconds[: 3 + repeats]) - over) / repeats}

    @mistake
    def mean_of_all_at_once(self, right, seconds, repeats, busy):
        """You time all repeats together and divide: one that another program disturbs spoils this
        mean. Time each on its own, and take the median."""
        return {"seconds": sum(seconds[3 : 3 + repeats]) / repeats + LAUNCH / repeats}

    @mistake
    def repeats_taken_to_warm_up(self, right, seconds, repeats, **inputs):
        """You leave out the first three of the repeats. The calls to warm up come before them, so
        that as many are timed as were asked for."""
        if repeats > 3:
            return {"seconds": statistics.median(timed(seconds, 3, repeats)), "calls": repeats}

    @mistake
    def upper_middle(self, right, seconds, repeats, **inputs):
        """With an even number of repeats the median lies half-way between the two in the middle."""
        return {"seconds": statistics.median_high(timed(seconds, 3, 3 + repeats))}

    @mistake
    def lower_middle(self, right, seconds, repeats, **inputs):
        """With an even number of repeats you take the lower of the two in the middle. The median
        lies half-way between them."""
        return {"seconds": statistics.median_low(timed(seconds, 3, 3 + repeats))}

    @mistake
    def not_sorted(self, right, seconds, repeats, **inputs):
        """You take the repeat that came in the middle. Sort the times first: the median is the
        middle by size."""
        return {"seconds": timed(seconds, 3, 3 + repeats)[repeats // 2]}

    @mistake
    def pair_not_sorted(self, right, seconds, repeats, **inputs):
        """You take what came in the middle of the repeats (of an even number, half-way between the
        two). Sort the times first: the median is the middle by size."""
        times = timed(seconds, 3, 3 + repeats)
        return {"seconds": (times[repeats // 2] + times[(repeats - 1) // 2]) / 2}

    @mistake
    def last_repeat(self, right, seconds, repeats, **inputs):
        """You return the time of the last repeat alone instead of the median of all."""
        return {"seconds": timed(seconds, 3, 3 + repeats)[-1]}

    @mistake
    def milliseconds(self, right, **inputs):
        """Your result is in milliseconds; asked are seconds."""
        return {"seconds": right["seconds"] * 1000}

    @mistake
    def processor_time(self, right, seconds, repeats, **inputs):
        """Your clock counts the processor's time (`process_time`), which hardly goes on while the
        host waits for the device. Use a clock that goes on while you wait."""
        return {"seconds": LAUNCH + WHILE_WAITING * (right["seconds"] - LAUNCH)}


def timed(seconds, first, last) -> list[float]:
    """What a stopwatch shows for the calls from `first` on, on a device with nothing to do."""
    return [LAUNCH + work for work in seconds[first:last]]
