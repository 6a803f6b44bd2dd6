"""Exercises of notebook 12 on time: measured with a stopwatch, and reckoned for a pipeline.

Peaks and prices are in `gpu`, the loader that makes things overlap in `gpu_loading`.
"""

import statistics

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near

LAUNCH = 1e-5  # seconds that a launch costs the host on the fake device


class benchmark(Exercise):
    """A stopwatch for a device that takes orders and returns at once."""

    signature = "benchmark(fn, sync, repeats)"
    minutes = 12
    difficulty = 2
    library = "any"
    counted = ("calls",)
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
        from course_utils.recipes.instruments.devices import AsyncDevice, VirtualClock

        clock = VirtualClock()
        device = AsyncDevice(clock, launch_seconds=1e-5)
        if busy:
            device.launch(busy)
        earlier = device.launches

        def fn():
            device.launch(seconds[(device.launches - earlier) % len(seconds)])

        with clock.installed(code.benchmark):
            measured = code.benchmark(fn, device.synchronize, repeats)
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


class pipeline_time(Exercise):
    """How long an epoch takes when loading, transfer and computing wait in turn, or overlap."""

    signature = "pipeline_time(t_load, t_transfer, t_compute, prefetch, workers=1)"
    minutes = 15
    difficulty = 2
    hints = (
        "Without prefetch nothing overlaps. With it, ask of each step of each batch: what are the "
        "two things that must be over before it can begin?",
        "The link can take batch i once it is loaded and batch i-1 has left the link; the device "
        "likewise. A loader takes batch i when it is done with batch i - workers.",
    )

    def cases(self, rng):
        def case(name, points, n, scale, prefetch, **more):
            times = {
                name: (factor * rng.uniform(0.5, 1.5, n)).tolist()
                for name, factor in zip(("t_load", "t_transfer", "t_compute"), scale, strict=True)
            }
            return Case(name, points, **times, prefetch=prefetch, **more)

        n = int(rng.integers(7, 12))
        yield case("no prefetch", 1, n, (5.0, 1.0, 4.0), False)
        yield case("prefetch, loading is the bottleneck", 1, n + 1, (6.0, 0.7, 2.0), True)
        yield case("prefetch, the device is the bottleneck", 1, n, (2.0, 0.7, 6.0), True)
        yield case("prefetch, the link is the bottleneck", 1, n, (2.0, 5.0, 1.0), True)
        yield case("prefetch, no clear bottleneck", 1, n, (3.0, 3.0, 3.0), True)
        yield case("three workers", 2, n + 3, (6.0, 0.8, 2.5), True, workers=3)
        yield case("two workers", 1, n + 2, (6.0, 2.6, 2.0), True, workers=2)
        yield case("no prefetch, workers or not", 1, n, (4.0, 1.0, 2.0), False, workers=2)
        yield case("prefetch, milliseconds", 1, n, (0.003, 0.002, 0.004), True)
        yield case("one batch", 1, 1, (4.0, 1.0, 2.0), True)

    def observe(self, code, **inputs):
        return {"seconds": float(code.pipeline_time(**inputs))}

    def reference(self, t_load, t_transfer, t_compute, prefetch, workers=1):
        stages = [t_load, t_transfer, t_compute]
        if not prefetch:
            return {"seconds": float(torch.tensor(stages, dtype=torch.float64).sum())}
        return {"seconds": longest_path(stages, workers)}

    def told(self, right, seconds, prefetch):
        return {"seconds": float(seconds)} if prefetch else {}

    @mistake
    def nothing_overlaps(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """You add everything up. With prefetch, batch 2 is loaded while batch 1 is computed."""
        return self.told(right, np.sum([t_load, t_transfer, t_compute]), prefetch)

    @mistake
    def always_overlaps(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """Without prefetch nothing overlaps; your total is the same either way."""
        if not prefetch:
            return {"seconds": longest_path([t_load, t_transfer, t_compute], workers)}

    @mistake
    def pipeline_never_fills(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """You take the busiest stage alone. The first batch must reach it first, and the last one
        must leave it."""
        return self.told(right, max(sum(t_load), sum(t_transfer), sum(t_compute)), prefetch)

    @mistake
    def slowest_stage_per_batch(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """You add up each batch's slowest stage. What overlaps are stages of different batches, so
        a batch does not make up for itself."""
        worst = np.max([t_load, t_transfer, t_compute], axis=0)
        return self.told(right, worst.sum(), prefetch)

    @mistake
    def one_worker(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """You load one batch at a time, whatever workers says."""
        return self.told(right, longest_path([t_load, t_transfer, t_compute], 1), prefetch)

    @mistake
    def everything_loaded_at_once(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """You let all batches load at the same moment. A worker has one batch in hand at a time."""
        path = longest_path([t_load, t_transfer, t_compute], len(t_load))
        return self.told(right, path, prefetch)

    @mistake
    def faster_loads(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """You divide each load by the number of workers. A batch is loaded by one worker, which
        takes as long as ever: the others load other batches."""
        quicker = (np.array(t_load) / workers).tolist()
        return self.told(right, longest_path([quicker, t_transfer, t_compute], 1), prefetch)

    @mistake
    def link_carries_any_number(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """Your link takes a batch as soon as it is loaded, also while another one is on it. It
        carries one at a time."""
        loaded = ready_times(t_load, workers)
        done = 0.0
        for ready, transfer, compute in zip(loaded, t_transfer, t_compute, strict=True):
            done = max(ready + transfer, done) + compute
        return self.told(right, done, prefetch)

    @mistake
    def device_computes_any_number(self, right, t_load, t_transfer, t_compute, prefetch,
                                   workers=1):  # fmt: skip
        """Your device begins a batch as soon as it has come, also while it computes another one. It
        computes one at a time."""
        sent = 0.0
        for ready, transfer in zip(ready_times(t_load, workers), t_transfer, strict=True):
            sent = max(ready, sent) + transfer
        return self.told(right, sent + t_compute[-1], prefetch)

    @mistake
    def last_batch_not_computed(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """Your clock stops when the last batch has left the link. It has to be computed yet, and
        those before it too."""
        return self.told(right, longest_path([t_load, t_transfer], workers), prefetch)

    @mistake
    def workers_share_without_prefetch(self, right, t_load, t_transfer, t_compute, prefetch,
                                       workers=1):  # fmt: skip
        """Without prefetch more workers change nothing in the model here: one batch is loaded, sent
        and computed before the next is begun."""
        if not prefetch and workers > 1:
            return {"seconds": sum(t_load) / workers + sum(t_transfer) + sum(t_compute)}

    @mistake
    def device_waits_for_the_link(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """Your device does nothing while a batch is on the link. Link and device are two things:
        batch 2 travels while batch 1 is computed."""
        both = np.add(t_transfer, t_compute).tolist()
        return self.told(right, longest_path([t_load, both], workers), prefetch)

    @mistake
    def loader_waits_for_the_link(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """You treat loading and transfer as one step. A loader goes on while its batch travels."""
        both = np.add(t_load, t_transfer).tolist()
        return self.told(right, longest_path([both, t_compute], workers), prefetch)


def ready_times(t_load, workers: int) -> list[float]:
    """When each batch is loaded; a worker takes every workers-th."""
    ready: list[float] = []
    for i, load in enumerate(t_load):
        ready.append(load + (ready[i - workers] if i >= workers else 0.0))
    return ready


def longest_path(stages, workers: int) -> float:
    """The time at which the last batch leaves, by the longest path through what waits for what.

    Relaxed over the whole graph until nothing changes, rather than batch by batch.
    """
    times = torch.tensor(stages, dtype=torch.float64)
    done = torch.zeros_like(times)
    while True:
        start = torch.zeros_like(times)
        start[1:] = done[:-1]
        start[1:, 1:] = torch.maximum(start[1:, 1:], done[1:, :-1])
        if workers < times.shape[1]:
            start[0, workers:] = done[0, :-workers]
        if torch.equal(start + times, done):
            return float(done[-1, -1])
        done = start + times
