"""The exercise of notebook 12 on finding what a pipeline waits for."""

import statistics

import numpy as np

from autograder.exercise import Case, Exercise, mistake, near
from course_utils.recipes.instruments.devices import WHILE_WAITING

LAUNCH = 1e-4  # seconds that handing work to the fake device costs the host
FOR_THE_DISK = 0.6  # the share of its time for which the first stage waits


class find_bottleneck(Exercise):
    """Profile the stages of a pipeline, some of which hand work to a device and return at once."""

    signature = "find_bottleneck(stages, sync, batches) -> name, gain"
    minutes = 15
    difficulty = 2
    library = "any"
    counted = ("calls",)
    reads = {
        "slowest": "your slowest stage is {seen}; {right} is right",
        "gain": "your gain",
        "calls": "your stages are called {seen}; {right} is right",
    }
    hints = (
        "A stage that returns at once has not done its work. What do you do before you read the "
        "clock at its end?",
        "Make a list of times for each stage, without those of the first batch. When stages "
        "overlap, the slowest one sets the pace. If it took no time, which stage would set it?",
    )

    def cases(self, rng):
        def case(name, points, scale, batches=5, cold=6.0, disturbed=None):
            spread = 1 + 0.1 * np.linspace(-1, 1, batches)
            seconds = {
                stage: 0.01 * size * rng.permutation(spread) for stage, (_, size) in scale.items()
            }
            for times in seconds.values():
                times[0] *= cold
            if disturbed:
                seconds[disturbed][-2] *= 15
            return Case(
                name, points, seconds={stage: times.tolist() for stage, times in seconds.items()},
                on_device=[stage for stage, (place, _) in scale.items() if place == "device"],
            )  # fmt: skip

        def equally_slow():
            """Whole numbers of a 4096th of a second, so that the clock shows them exactly."""
            middle, fast = int(rng.integers(90, 120)), int(rng.integers(20, 40))
            off = rng.integers(3, 25, (3, 2))
            ticks = {
                stage: [6 * size, *rng.permutation([size - less, size, size + more]).tolist()]
                for (stage, size), (less, more) in zip(
                    [("read", fast), ("unpack", middle), ("train", middle)], off, strict=True)
            }  # fmt: skip
            return Case(
                "two stages are equally slow", 0.5, on_device=[],
                seconds={s: [float(t) / 4096 for t in times] for s, times in ticks.items()},
            )  # fmt: skip

        yield case("the device is the slowest, and its calls return at once", 1.5,
                   {"load": ("host", 1.1), "send": ("device", 0.6),
                    "compute": ("device", 3.2)})  # fmt: skip
        yield case("loading is the slowest", 1,
                   {"load": ("host", 4.1), "send": ("device", 0.8),
                    "compute": ("device", 2.3)})  # fmt: skip
        yield case("the link is the slowest, an even number of batches", 1, batches=6, scale={
            "read": ("host", 1.7), "unpack": ("host", 0.4), "send": ("device", 2.9),
            "compute": ("device", 1.2)})  # fmt: skip
        yield case("another program disturbs one batch", 1, disturbed="load", scale={
            "load": ("host", 1.4), "compute": ("device", 2.0)})  # fmt: skip
        yield case("a first batch that takes far longer", 1, batches=3, cold=40.0, scale={
            "load": ("host", 2.6), "send": ("device", 0.9), "compute": ("device", 1.5)},
        )  # fmt: skip
        yield equally_slow()

    def observe(self, code, seconds, on_device):
        from course_utils.recipes.instruments.devices import AsyncDevice, VirtualClock

        clock = VirtualClock()
        device = AsyncDevice(clock, launch_seconds=1e-4)
        calls = []

        def stage(place, name):
            def run(batch):
                number, stages_before = batch
                calls.append((name, number, stages_before == place))
                if name in on_device:
                    device.launch(seconds[name][number])
                elif place == 0:
                    clock.advance(0.4 * seconds[name][number])
                    clock.wait(0.6 * seconds[name][number])  # FOR_THE_DISK
                else:
                    clock.advance(seconds[name][number])
                return number, stages_before + 1

            return run

        stages = [(name, stage(place, name)) for place, name in enumerate(seconds)]
        count = len(next(iter(seconds.values())))
        with clock.installed(code.find_bottleneck):
            slowest, gain = code.find_bottleneck(
                stages, device.synchronize, [(number, 0) for number in range(count)]
            )
        wanted = sorted((name, number) for name in seconds for number in range(count))
        made = sorted(call[:2] for call in calls)
        how = "once a batch, each with what the stage before returned"
        if not all(call[2] for call in calls):
            how = "with something else than what the stage before returned"
        elif made == sorted([*wanted, *((name, 0) for name in seconds)]):
            how = "once a batch, and with the first batch once more"
        elif made == [call for call in wanted if call[1] > 0]:
            how = "once a batch, but not with the first one"
        elif made != wanted:
            often = {call for call in wanted if made.count(call) > 1}
            how = "more than once a batch" if often == set(wanted) else "not once with each batch"
        return {"slowest": str(slowest), "gain": float(gain), "calls": how}

    def read(self, seen, seconds, on_device):
        return seen | {"slowest": first_as_slow(seen["slowest"], seconds)}

    def reference(self, seconds, on_device):
        times = {name: LAUNCH * (name in on_device) + float(np.median(taken[1:]))
                 for name, taken in seconds.items()}  # fmt: skip
        slowest = max(times, key=times.get)
        rest = max(value for name, value in times.items() if name != slowest)
        return {
            "slowest": slowest,
            "gain": near(times[slowest] / rest, rtol=1e-6, atol=0.0),
            "calls": "once a batch, each with what the stage before returned",
        }

    def told(self, seconds, on_device, summary=np.median, first=1, last=None, waits=True,
             pace=None):  # fmt: skip
        """The cells for other times of the stages, or another way to reckon the gain."""
        times = {}
        for name, taken in seconds.items():
            work = np.array(taken) if waits or name not in on_device else np.zeros(len(taken))
            times[name] = float(summary((LAUNCH * (name in on_device) + work)[first:last]))
        slowest = max(times, key=times.get)
        rest = [value for name, value in times.items() if name != slowest]
        pace = pace or (lambda most, others: most / max(others))
        return {"slowest": first_as_slow(slowest, seconds), "gain": pace(times[slowest], rest)}

    def only_gain(self, seconds, on_device, pace):
        """The gain when it is reckoned otherwise."""
        return {"gain": self.told(seconds, on_device, pace=pace)["gain"]}

    @mistake
    def launches_timed(self, right, seconds, on_device):
        """You stop the clock when the order is given. What a device does goes on after the call:
        call sync() before you read the clock."""
        return self.told(seconds, on_device, waits=False)

    @mistake
    def processor_time(self, right, seconds, on_device):
        """Your clock counts the processor's time, as `process_time` and `thread_time` do, and that
        hardly goes on while the program waits for a disk or a device. Use a clock that does."""
        asleep = 1 - WHILE_WAITING
        times = {}
        for place, (name, taken) in enumerate(seconds.items()):
            waits = 1.0 if name in on_device else FOR_THE_DISK * (place == 0)
            times[name] = [(1 - asleep * waits) * each for each in taken]
        return self.told(times, on_device)

    @mistake
    def waits_after_the_last_stage_only(self, right, seconds, on_device):
        """You wait for the device only after the last stage, so the work of those before is in the
        last one's time. Call sync() at the end of each stage."""
        return self.told(self.paid_by_the_last(seconds, on_device), ())

    @mistake
    def waits_after_the_last_stage_only_and_first(self, right, seconds, on_device):
        """Two things: you wait for the device only after the last stage, so the work of those
        before is in the last one's time; and your times hold those of the first batch, for which
        everything is slower."""
        return self.told(self.paid_by_the_last(seconds, on_device), (), first=0)

    @staticmethod
    def paid_by_the_last(seconds, on_device):
        """The times of the stages where only the last one waits for the device."""
        names, times = list(seconds), {name: [] for name in seconds}
        for batch in range(len(seconds[names[0]])):
            clock, done = 0.0, 0.0
            for name in names:
                begin, work = clock, seconds[name][batch]
                clock += LAUNCH if name in on_device else work
                done = max(done, clock) + work if name in on_device else done
                clock = max(clock, done) if name == names[-1] else clock
                times[name].append(clock - begin)
        return times

    @mistake
    def first_batch_counted(self, right, seconds, on_device):
        """The first batch is among your times. It is the one for which memory is asked for and
        kernels are chosen: leave it out."""
        return self.told(seconds, on_device, first=0)

    @mistake
    def last_batch_left_out(self, right, seconds, on_device):
        """The first batch is among your times, and the last is not. Leave out the first, for which
        everything is slower, and keep all others."""
        return self.told(seconds, on_device, first=0, last=-1)

    @mistake
    def both_ends_left_out(self, right, seconds, on_device):
        """You leave out the last batch as well as the first. Only for the first everything is
        slower: keep all others."""
        return self.told(seconds, on_device, last=-1)

    @mistake
    def first_batch_twice(self, right, **inputs):
        """The first batch goes through your stages twice, as when it is sent ahead to warm them up.
        Each goes through once: the first does the warming up, and its times are left out."""
        return {"calls": "once a batch, and with the first batch once more"}

    @mistake
    def called_more_often(self, right, **inputs):
        """Your stages get each batch more than once, as when a stopwatch is used that makes calls
        of its own. Take the time of the one call in which a batch goes through."""
        return {"calls": "more than once a batch"}

    @mistake
    def first_batch_held_back(self, right, **inputs):
        """The first batch does not go through your stages. It does the warming up: all batches go
        through, and only the times of the first are left out."""
        return {"calls": "once a batch, but not with the first one"}

    @mistake
    def mean_for_median(self, right, seconds, on_device):
        """You take the mean. A batch that another program disturbs spoils it: take the median."""
        return self.told(seconds, on_device, np.mean)

    @mistake
    def mean_of_all(self, right, seconds, on_device):
        """You take the mean over all batches, the first included, in which memory is asked for and
        kernels are chosen. Leave it out, and take the median."""
        return self.told(seconds, on_device, np.mean, first=0)

    @mistake
    def upper_median(self, right, seconds, on_device):
        """Of an even number of times you take the upper of the two in the middle. The median lies
        half-way between them."""
        return self.told(seconds, on_device, statistics.median_high)

    @mistake
    def lower_median(self, right, seconds, on_device):
        """Of an even number of times you take the lower of the two in the middle. The median lies
        half-way between them."""
        return self.told(seconds, on_device, statistics.median_low)

    @mistake
    def longest_of_each(self, right, seconds, on_device):
        """You take each stage's longest time. Return the median over the batches."""
        return self.told(seconds, on_device, np.max)

    @mistake
    def shortest_of_each(self, right, seconds, on_device):
        """You take each stage's shortest time. Return the median over the batches."""
        return self.told(seconds, on_device, np.min)

    @mistake
    def last_batch_alone(self, right, seconds, on_device):
        """You time the last batch alone. Take the median over all but the first."""
        return self.told(seconds, on_device, lambda times: times[-1])

    @mistake
    def gain_in_sequence(self, right, seconds, on_device):
        """That is the gain where one stage waits for the other. Overlapped, an epoch goes at the
        pace of its slowest stage, then at that of the second slowest."""
        return self.only_gain(seconds, on_device, lambda most, rest: (most + sum(rest)) / sum(rest))

    @mistake
    def gain_in_sequence_and_first_batch(self, right, seconds, on_device):
        """Two things: your gain is that where one stage waits for the other, and overlapped the
        second slowest sets the pace that is left; and the first batch is among your times, for
        which everything is slower."""
        pace = lambda most, rest: (most + sum(rest)) / sum(rest)
        return self.told(seconds, on_device, first=0, pace=pace)

    @mistake
    def from_sequence_to_the_rest(self, right, seconds, on_device):
        """You add all stages up for the time per batch now, and take the slowest of the others for
        what is left. The stages overlap now, too: the slowest one sets the pace."""
        return self.only_gain(seconds, on_device, lambda most, rest: (most + sum(rest)) / max(rest))

    @mistake
    def gain_over_all_others(self, right, seconds, on_device):
        """You divide by the sum of the other stages. Overlapped, they work at the same time: the
        slowest of them sets the pace."""
        return self.only_gain(seconds, on_device, lambda most, rest: most / sum(rest))

    @mistake
    def gain_over_the_mean(self, right, seconds, on_device):
        """You divide by the mean of the other stages. Without the slowest, the second slowest sets
        the pace, whatever the others take."""
        if len(seconds) > 2:
            return self.only_gain(seconds, on_device, lambda most, rest: most / np.mean(rest))

    @mistake
    def means_and_gain_over_the_mean(self, right, seconds, on_device):
        """Two things: you take means, which one disturbed batch spoils, where medians are asked
        for; and you divide by the mean of the other stages, where the second slowest sets the
        pace."""
        pace = lambda most, rest: most / np.mean(rest)
        return self.told(seconds, on_device, np.mean, pace=pace)

    @mistake
    def gain_over_the_median(self, right, seconds, on_device):
        """You divide by the median of the other stages, which of two lies half-way between them.
        Without the slowest, the second slowest sets the pace, whatever the others take."""
        if len(seconds) > 2:
            return self.only_gain(seconds, on_device, lambda most, rest: most / np.median(rest))

    @mistake
    def gain_over_the_fastest(self, right, seconds, on_device):
        """You divide by the fastest stage. Without the slowest, the second slowest sets the
        pace."""
        if len(seconds) > 2:
            return self.only_gain(seconds, on_device, lambda most, rest: most / min(rest))

    @mistake
    def from_sequence_to_overlapped(self, right, seconds, on_device):
        """That is what overlapping would gain, all stages in turn against the slowest. The pipeline
        overlaps already. Return what is gained when its slowest stage takes no time."""
        return self.only_gain(seconds, on_device, lambda most, rest: (most + sum(rest)) / most)

    @mistake
    def share_of_the_time(self, right, seconds, on_device):
        """That is the slowest stage's share of all seconds. Return how many times faster the
        pipeline gets when that stage takes no time."""
        return self.only_gain(seconds, on_device, lambda most, rest: most / (most + sum(rest)))

    @mistake
    def gain_of_means(self, right, seconds, on_device):
        """You name the slowest stage by the medians and take the gain from means. A batch that
        another program disturbs spoils those: both come from the medians."""
        means = {name: LAUNCH * (name in on_device) + float(np.mean(taken[1:]))
                 for name, taken in seconds.items()}  # fmt: skip
        most = means.pop(right["slowest"])
        return {"gain": most / max(means.values())}

    @mistake
    def ties_left_out(self, right, seconds, on_device):
        """Where two stages are equally slow you leave both out, as when the second longest time is
        looked for among times that differ. If one of them took no time, the other would still set
        the pace."""
        different = {LAUNCH * (name in on_device) + float(np.median(taken[1:]))
                     for name, taken in seconds.items()}  # fmt: skip
        if len(different) < len(seconds):
            *_, second, most = sorted(different)
            return {"gain": most / second}

    @mistake
    def named_by_the_total(self, right, seconds, on_device):
        """You name the stage with the longest total, or the largest mean, and take the gain from
        medians. A batch that another program disturbs spoils a total: both come from the
        medians."""
        totals = {name: LAUNCH * (name in on_device) + sum(taken) / len(taken)
                  for name, taken in seconds.items()}  # fmt: skip
        return {"slowest": first_as_slow(max(totals, key=totals.get), seconds)}

    @mistake
    def gain_upside_down(self, right, **inputs):
        """Your gain is upside down: how many times faster, a number of 1 or more."""
        return {"gain": 1 / right["gain"]}

    @mistake
    def fastest_named(self, right, seconds, on_device):
        """You name the fastest stage. The bottleneck is the slowest."""
        return {"slowest": min(seconds, key=lambda name: np.median(seconds[name][1:]))}


def first_as_slow(name, seconds):
    """The first stage with the median of this one: of stages that tie any may be named."""
    middle = {stage: float(np.median(taken[1:])) for stage, taken in seconds.items()}
    return next((s for s in middle if name in middle and middle[s] == middle[name]), name)
