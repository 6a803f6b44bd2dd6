"""The fastest way to compute a layer, found by timing; formulas for costs are in `cost`."""

import statistics

import numpy as np

from autograder.exercise import Case, Exercise, mistake, near, raises
from autograder.exercises.fast_convolution.cost import LAYER
from course_utils.recipes.instruments.algorithms import FakeAlgorithm
from course_utils.recipes.instruments.devices import VirtualClock
from course_utils.recipes.instruments.spies import Spy


class best_algorithm(Exercise):
    """Which algorithm is fastest for a layer, by measurement."""

    signature = "best_algorithm(layer, candidates, clock, repeats) -> name, seconds"
    minutes = 10
    difficulty = 2
    extra = True
    hints = (
        "Between which two lines do you read the clock, and what must not happen between them?",
        "Preparing is not running, the first run pays for caches, and one run in five may be "
        "disturbed. An algorithm that refuses a layer is no reason to stop.",
    )
    counted = ("runs of each", "clock is read")
    reads = {
        "runs of each": "how often your code runs each candidate",
        "clock is read": "whether your code reads the clock that it is given",
    }

    def cases(self, rng):
        def seconds(**milliseconds):
            scale = 1e-3 * rng.uniform(0.9, 1.1)
            return {name: [float(t) for t in scale * np.array(runs)]
                    for name, runs in milliseconds.items()}  # fmt: skip

        small = dict(zip(LAYER, (4, 8, 20, 20, 16, 3, 3, 1, 1), strict=True))
        large = small | {"kh": 7, "kw": 7, "pad": 3}
        yield Case(
            "a slow first run", 1, layer=small, repeats=5,
            times=seconds(im2col=[30, 5, 5.2, 5.1, 5.3, 5.4, 5], fft=[9, 8, 8.1, 8.4, 8.2, 8.3, 8],
                          winograd=[90, 4, 4.3, 4.1, 4.2, 4.4, 4]),
            preparing={"im2col": 0.0, "fft": 0.01, "winograd": 0.05},
        )  # fmt: skip
        yield Case(
            "a disturbed run", 1, layer=small, repeats=5,
            times=seconds(im2col=[7, 6, 6.2, 6.1, 6.3, 6.4, 6], fft=[9, 5, 5.1, 80, 5.2, 5.3, 5],
                          winograd=[10, 9, 9.2, 1.5, 9.4, 9.3, 9]),
            preparing={"im2col": 0.01, "fft": 0.03, "winograd": 0.0},
        )  # fmt: skip
        yield Case(
            "a kernel that one of them refuses", 1, layer=large, repeats=4,
            times=seconds(im2col=[11, 7, 7.5, 7.1, 8], winograd=[1, 1, 1],
                          fft=[6, 5, 4, 5.5, 4.2]),
            preparing={"winograd": 0.0, "im2col": 0.02, "fft": 0.01},
        )  # fmt: skip

    def observe(self, code, layer, repeats, times, preparing):
        clock = VirtualClock()
        read = Spy(lambda: clock.now)
        candidates = {
            name: FakeAlgorithm(clock, preparing[name], runs, 3 if name == "winograd" else None)
            for name, runs in times.items()
        }
        name, seconds = code.best_algorithm(layer, candidates, read, repeats)
        if not read.count:  # by another clock every number is another one each time
            words = "by another clock"
            return {"name": words, "seconds": words, "runs of each": words, "clock is read": False}
        if isinstance(seconds, dict):
            number = (int, float, np.number)
            seconds = {n: float(t) if isinstance(t, number) else t
                       for n, t in sorted(seconds.items())}  # fmt: skip
        return {
            "name": name,
            "seconds": seconds,
            "runs of each": {n: candidates[n].runs for n in sorted(candidates)},
            "clock is read": read.count > 0,
        }

    def found(self, layer, repeats, times, measure, warmup=1):
        """What is found when `measure` makes one number of an algorithm's name and runs."""
        seconds = {
            n: measure(n, times[n][warmup : warmup + repeats])
            for n in sorted(times) if n != "winograd" or layer["kh"] <= 3
        }  # fmt: skip
        return {
            "name": min(seconds, key=seconds.get),
            "seconds": near(seconds, rtol=1e-6, atol=1e-9),
        }

    def reference(self, layer, repeats, times, preparing):
        right = self.found(layer, repeats, times, lambda n, runs: statistics.median(runs))
        runs = {n: repeats + 1 if n in right["seconds"].value else 0 for n in sorted(times)}
        return right | {"runs of each": runs, "clock is read": True}

    def otherwise(self, layer, repeats, times, measure, warmup=1):
        found = self.found(layer, repeats, times, measure, warmup)
        return found | {"seconds": found["seconds"].value}

    @mistake
    def first_run_counted(self, right, layer, repeats, times, preparing):
        """The first run is among those that count. It pays for caches and memory: let it go
        before you begin."""
        runs = {n: count - 1 if count else 0 for n, count in right["runs of each"].items()}
        changed = self.otherwise(layer, repeats, times, lambda n, r: statistics.median(r), 0)
        return changed | {"runs of each": runs}

    @mistake
    def mean_for_median(self, right, layer, repeats, times, preparing):
        """You take the mean. One run that something else disturbed then decides: take the
        median."""
        return self.otherwise(layer, repeats, times, lambda n, runs: statistics.fmean(runs))

    @mistake
    def middle_in_time(self, right, layer, repeats, times, preparing):
        """You take the time that stands in the middle of the runs, in the order in which they were
        made. The median is the middle one of the times in the order of their size."""
        return self.otherwise(layer, repeats, times, lambda n, runs: runs[len(runs) // 2])

    @mistake
    def first_run_counted_in_a_mean(self, right, layer, repeats, times, preparing):
        """You take the mean, and the first run is among those that count. Let that one go before
        you begin, and take the median of the others."""
        runs = {n: count - 1 if count else 0 for n, count in right["runs of each"].items()}
        changed = self.otherwise(layer, repeats, times, lambda n, r: statistics.fmean(r), 0)
        return changed | {"runs of each": runs}

    @mistake
    def three_runs_not_timed(self, right, layer, repeats, times, preparing):
        """You let more than one run go before you begin, three of them. One is asked for."""
        runs = {n: count + 2 if count else 0 for n, count in right["runs of each"].items()}
        longer = {n: [*t, *[t[-1]] * 3] for n, t in times.items()}
        changed = self.otherwise(layer, repeats, longer, lambda n, r: statistics.median(r), 3)
        return changed | {"runs of each": runs}

    @mistake
    def a_timed_run_missing(self, right, layer, repeats, times, preparing):
        """You time one run too few: the one that is let go comes before the `repeats` that
        count."""
        runs = {n: count - 1 if count else 0 for n, count in right["runs of each"].items()}
        changed = self.otherwise(layer, repeats - 1, times, lambda n, r: statistics.median(r))
        return changed | {"runs of each": runs}

    @mistake
    def always_five_runs(self, right, layer, repeats, times, preparing):
        """You time five runs, whatever `repeats` says."""
        if repeats != 5:
            longer = {n: [*t, t[-1]] for n, t in times.items()}
            runs = {n: 6 if count else 0 for n, count in right["runs of each"].items()}
            changed = self.otherwise(layer, 5, longer, lambda n, r: statistics.median(r))
            return changed | {"runs of each": runs}

    @mistake
    def first_run_timed_too(self, right, layer, repeats, times, preparing):
        """You time the first run as well, and it is among those whose median you take. It does not
        count."""
        return self.otherwise(layer, repeats + 1, times, lambda n, r: statistics.median(r), 0)

    @mistake
    def upper_middle(self, right, layer, repeats, times, preparing):
        """For an even number of runs you take the upper of the two in the middle. Their median is
        halfway between the two."""
        if repeats % 2 == 0:
            return self.otherwise(layer, repeats, times, lambda n, r: statistics.median_high(r))

    @mistake
    def lower_middle(self, right, layer, repeats, times, preparing):
        """For an even number of runs you take the lower of the two in the middle. Their median is
        halfway between the two."""
        if repeats % 2 == 0:
            return self.otherwise(layer, repeats, times, lambda n, r: statistics.median_low(r))

    @mistake
    def preparing_only(self, right, layer, repeats, times, preparing):
        """You call each candidate with the layer and never run what it gives back: that is the
        preparing. Run the function that you get."""
        found = self.otherwise(layer, repeats, times, lambda n, runs: preparing[n])
        return found | {"runs of each": dict.fromkeys(times, 0)}

    @mistake
    def infinity_for_a_refusal(self, right, **inputs):
        """A candidate that cannot do the layer stands in your seconds, with infinity. Leave it
        out."""
        left = [n for n, count in right["runs of each"].items() if not count]
        return {"seconds": right["seconds"] | dict.fromkeys(left, float("inf"))} if left else None

    @mistake
    def none_for_a_refusal(self, right, **inputs):
        """A candidate that cannot do the layer stands in your seconds, with None. Leave it out."""
        left = [n for n, count in right["runs of each"].items() if not count]
        return {"seconds": right["seconds"] | dict.fromkeys(left)} if left else None

    @mistake
    def first_in_the_alphabet(self, right, **inputs):
        """You return the name that is first in the alphabet: `min` of a dict compares its keys.
        Compare their times."""
        return {"name": min(right["seconds"])}

    @mistake
    def name_by_the_shortest_run(self, right, layer, repeats, times, preparing):
        """Your name is that of the shortest single run. The smallest median decides."""
        found = self.found(layer, repeats, times, lambda n, runs: min(runs))
        return {"name": found["name"]}

    @mistake
    def milliseconds(self, right, **inputs):
        """Your times are in milliseconds. They are asked for in seconds."""
        return {"seconds": {n: 1e3 * t for n, t in right["seconds"].items()}}

    @mistake
    def rounded_to_milliseconds(self, right, **inputs):
        """Your times are rounded to whole milliseconds. Return them as they are."""
        return {"seconds": {n: round(t, 3) for n, t in right["seconds"].items()}}

    @mistake
    def rounded_to_tenths_of_milliseconds(self, right, **inputs):
        """Your times are rounded to tenths of a millisecond. Return them as they are."""
        return {"seconds": {n: round(t, 4) for n, t in right["seconds"].items()}}

    @mistake
    def every_time_kept(self, right, layer, repeats, times, preparing):
        """Your seconds hold the times of all runs of a candidate. Give their median, one
        number."""
        return {"seconds": {n: times[n][1 : repeats + 1] for n in right["seconds"]}}

    @mistake
    def shortest_run(self, right, layer, repeats, times, preparing):
        """You take the shortest run. The median is asked for: it does not move when one run is an
        exception, to either side."""
        return self.otherwise(layer, repeats, times, lambda n, runs: min(runs))

    @mistake
    def preparing_timed(self, right, layer, repeats, times, preparing):
        """Preparing the layer is in your times. Prepare each candidate once, before the clock is
        read."""
        return self.otherwise(
            layer, repeats, times, lambda n, runs: statistics.median(runs) + preparing[n]
        )

    @mistake
    def all_runs_together(self, right, layer, repeats, times, preparing):
        """Your seconds are those of all runs together. Give the time of one."""
        return self.otherwise(layer, repeats, times, lambda n, runs: sum(runs))

    @mistake
    def slowest(self, right, **inputs):
        """You return the slowest algorithm."""
        seconds = right["seconds"]
        return {"name": max(seconds, key=seconds.get)}

    @mistake
    def stopped_by_a_refusal(self, right, layer, **inputs):
        """One candidate refuses a layer that it cannot do, by a ValueError, and your search stops
        there. Leave that one out and go on."""
        if layer["kh"] > 3:
            return {name: raises("ValueError") for name in right}

    @mistake
    def ends_at_a_refusal(self, right, layer, repeats, times, preparing):
        """Where a candidate refuses the layer you leave out those after it, too, as `break` does.
        Leave that one out and go on with the next."""
        if layer["kh"] > 3:
            tried = list(times)[: list(times).index("winograd")]
            seconds = {n: right["seconds"][n] for n in sorted(tried)}
            runs = {n: count if n in tried else 0 for n, count in right["runs of each"].items()}
            return {"name": min(seconds, key=seconds.get), "seconds": seconds, "runs of each": runs}

    @mistake
    def another_clock(self, right, **inputs):
        """The clock that is passed in is never read. Whoever calls you may need another one than
        the computer's, and the check does."""
        return dict.fromkeys(right, "by another clock") | {"clock is read": False}
