"""Exercises of notebook 12 about speed and money: peaks, prices, a stopwatch, a pipeline.

Loading is in `gpu_loading`, memory in `gpu_memory`, questions in `gpu_questions`.
"""

import statistics

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near

NOTEBOOK = "12_gpu"
LAUNCH = 1e-5  # seconds that a launch costs the host on the fake device


class peak_flops(Exercise):
    """The most floating-point operations a second that a chip's data sheet promises."""

    signature = "peak_flops(units, ghz, flops_per_clock=2)"
    minutes = 5
    hints = (
        "Three numbers are multiplied. The only thing that can go wrong is a unit.",
        "A gigahertz is how many clock ticks a second? And does the factor for a fused "
        "multiply-add come in once or twice?",
    )

    def cases(self, rng):
        cores = int(128 * rng.integers(10, 90)) + 3
        ghz = float(rng.uniform(1.1, 2.3))
        yield Case("a GPU, one FMA per core and clock", 1, units=cores, ghz=ghz)
        yield Case("a CPU with wide vectors", 1, units=int(rng.choice([6, 10, 14])),
                   ghz=float(rng.uniform(2.6, 4.4)), flops_per_clock=64)  # fmt: skip
        yield Case("a chip without FMA", 1, units=int(rng.integers(3, 9)),
                   ghz=float(rng.uniform(0.3, 0.8)), flops_per_clock=1)  # fmt: skip

    def observe(self, code, units, ghz, **given):
        return {"flops": float(code.peak_flops(units, ghz, **given))}

    def reference(self, units, ghz, flops_per_clock=2):
        factors = torch.tensor([units, ghz, 1e9, flops_per_clock], dtype=torch.float64)
        return {"flops": near(float(factors.prod()), rtol=1e-9, atol=0.0)}

    @mistake
    def in_gflops(self, right, **inputs):
        """Your result is in GFLOP/s. Asked are operations a second."""
        return {"flops": right["flops"] / 1e9}

    @mistake
    def in_tflops(self, right, **inputs):
        """Your result is in TFLOP/s. Asked are operations a second."""
        return {"flops": right["flops"] / 1e12}

    @mistake
    def megahertz(self, right, **inputs):
        """You count a million ticks to the gigahertz; it has a thousand million."""
        return {"flops": right["flops"] / 1e3}

    @mistake
    def binary_giga(self, right, **inputs):
        """Clocks count in powers of ten: a gigahertz is 10⁹ and not 2³⁰ ticks a second."""
        return {"flops": right["flops"] * 2**30 / 1e9}

    @mistake
    def fma_twice(self, right, **inputs):
        """You double for the fused multiply-add, which flops_per_clock has counted already."""
        return {"flops": right["flops"] * 2}

    @mistake
    def fma_counted_as_one(self, right, flops_per_clock=2, **inputs):
        """You count clock ticks. In each of them a unit does flops_per_clock operations: a fused
        multiply-add is two."""
        return {"flops": right["flops"] / flops_per_clock}

    @mistake
    def always_two(self, right, flops_per_clock=2, **inputs):
        """You take 2 operations a clock whatever is given; a core with wide vectors does many."""
        return {"flops": right["flops"] / flops_per_clock * 2}


class gflops_per_dollar(Exercise):
    """How much arithmetic a dollar buys."""

    signature = "gflops_per_dollar(flops, price)"
    minutes = 2
    extra = True
    hints = (
        "The name says what is divided by what.",
        "flops comes in operations a second, and a G stands for how many of them?",
    )

    def cases(self, rng):
        yield Case("a graphics card", 1, flops=float(rng.uniform(5e12, 4e13)),
                   price=float(rng.integers(300, 1600)))  # fmt: skip
        yield Case("a processor", 1, flops=float(rng.uniform(4e11, 9e11)),
                   price=float(rng.integers(340, 1100)))  # fmt: skip

    def observe(self, code, flops, price):
        return {"per dollar": float(code.gflops_per_dollar(flops, price))}

    def reference(self, flops, price):
        value = torch.tensor(flops, dtype=torch.float64).div(1e9).div(price)
        return {"per dollar": near(float(value), rtol=1e-9, atol=0.0)}

    @mistake
    def not_in_giga(self, right, flops, price):
        """That is FLOP/s per dollar. The name asks for thousand millions of them."""
        return {"per dollar": flops / price}

    @mistake
    def in_tera(self, right, flops, price):
        """That is TFLOP/s per dollar, a thousandth of what is asked."""
        return {"per dollar": flops / price / 1e12}

    @mistake
    def in_mega(self, right, flops, price):
        """That is MFLOP/s per dollar, a thousand times what is asked."""
        return {"per dollar": flops / price / 1e6}

    @mistake
    def upside_down(self, right, flops, price):
        """That is what a GFLOP/s costs. Asked is how many a dollar buys."""
        return {"per dollar": price / (flops / 1e9)}

    @mistake
    def binary_giga(self, right, flops, price):
        """Rates count in powers of ten: 10⁹, not 2³⁰."""
        return {"per dollar": flops / 2**30 / price}


class training_cost(Exercise):
    """What a training run costs: its share of the cards, and the electricity."""

    signature = (
        "training_cost(gpus, days, price, watts, kwh_price=0.15, life_days=1095)"
        " -> hardware, electricity"
    )
    minutes = 6
    extra = True
    hints = (
        "Two sums of money. For the first: which share of its life does a card spend on this run?",
        "Electricity is sold in kilowatt-hours. How many watts to the kilowatt, how many hours to "
        "the day, and how many cards burn them?",
    )

    def cases(self, rng):
        def case(name, gpus, days, **more):
            return Case(name, 1, gpus=gpus, days=days, price=float(rng.integers(600, 1600)),
                        watts=float(rng.integers(180, 400)), **more)  # fmt: skip

        yield case("four cards for weeks", 4, float(rng.uniform(14, 21)))
        yield case("other prices", int(rng.integers(5, 9)), float(rng.uniform(2, 6)),
                   kwh_price=float(rng.uniform(0.2, 0.5)),
                   life_days=int(rng.integers(400, 900)))  # fmt: skip
        yield case("one card for part of a day", 1, float(rng.uniform(0.2, 0.7)), kwh_price=0.31)

    def observe(self, code, **inputs):
        hardware, electricity = code.training_cost(**inputs)
        return {"hardware": float(hardware), "electricity": float(electricity)}

    def reference(self, gpus, days, price, watts, kwh_price=0.15, life_days=1095):
        cards = torch.full((gpus,), float(price), dtype=torch.float64)
        joules = torch.full((gpus,), float(watts), dtype=torch.float64) * days * 86400
        return {
            "hardware": near(float((cards * (days / life_days)).sum()), rtol=1e-9, atol=0.0),
            "electricity": near(float(joules.sum() / 3.6e6 * kwh_price), rtol=1e-9, atol=0.0),
        }

    @mistake
    def whole_cards(self, right, gpus, days, price, **inputs):
        """You charge the whole cards. After the run they can do others: charge the share of
        life_days that it took."""
        return {"hardware": gpus * price}

    @mistake
    def one_card(self, right, gpus, **inputs):
        """You pay for one card; all of them are bought."""
        return {"hardware": right["hardware"] / gpus}

    @mistake
    def one_card_burns(self, right, gpus, **inputs):
        """Your electricity is that of one card."""
        return {"electricity": right["electricity"] / gpus}

    @mistake
    def days_taken_for_hours(self, right, **inputs):
        """You count an hour a day. The cards compute day and night."""
        return {"electricity": right["electricity"] / 24}

    @mistake
    def watts_taken_for_kilowatts(self, right, **inputs):
        """Your electricity is a thousand times too dear: watts are thousandths of kilowatts."""
        return {"electricity": right["electricity"] * 1000}

    @mistake
    def kilowatt_hours(self, right, kwh_price=0.15, **inputs):
        """Those are kilowatt-hours. What do they cost?"""
        return {"electricity": right["electricity"] / kwh_price}

    @mistake
    def a_year_of_life(self, right, life_days=1095, **inputs):
        """You let the cards live for a year, whatever life_days says."""
        return {"hardware": right["hardware"] * life_days / 365}


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
        from course_utils.recipes.devices import AsyncDevice, VirtualClock

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
