"""Notebook 12: rooflines and profiles with one thing in them wrong."""

import statistics
import time

from wrong_code import wrong


def roof(best=max, intensity=lambda operations, moved: operations / moved, roof=min,
         share=lambda rate, roof: rate / roof, word=None):  # fmt: skip
    word = word or (lambda slope, peak, intensity: "memory" if slope < peak else "compute")

    def roofline(products, copies, kernels):
        peak = best([done / seconds for done, seconds in products])
        bandwidth = best([done / seconds for done, seconds in copies])
        report = {}
        for name, (operations, moved, seconds) in kernels.items():
            per_byte = intensity(operations, moved)
            slope = per_byte * bandwidth
            over = roof(peak, slope)
            report[name] = (
                per_byte, share(operations / seconds, over), word(slope, peak, per_byte),
            )  # fmt: skip
        return peak, bandwidth, report

    return roofline


wrong("roofline", "mean_of_the_rates")(roof(statistics.mean))
wrong("roofline", "median_of_the_rates")(roof(statistics.median))
wrong("roofline", "slowest_rate")(roof(min))
wrong("roofline", "first_run")(roof(lambda rates: rates[0]))
wrong("roofline", "last_run")(roof(lambda rates: rates[-1]))
wrong("roofline", "bytes_over_operations")(
    roof(intensity=lambda operations, moved: moved / operations)
)
wrong("roofline", "no_peak")(roof(roof=lambda peak, slope: slope))
wrong("roofline", "no_slope")(roof(roof=lambda peak, slope: peak))
wrong("roofline", "higher_of_the_two")(roof(roof=max))
wrong("roofline", "upside_down")(roof(share=lambda rate, roof: roof / rate))
wrong("roofline", "in_percent")(roof(share=lambda rate, roof: 100 * rate / roof))
wrong("roofline", "cut_off_at_one")(roof(share=lambda rate, roof: min(1, rate / roof)))
wrong("roofline", "words_exchanged")(
    roof(word=lambda slope, peak, _: "compute" if slope < peak else "memory")
)
wrong("roofline", "corner_at_one")(
    roof(word=lambda slope, peak, intensity: "memory" if intensity < 1 else "compute")
)
wrong("roofline", "memory_at_the_corner")(
    roof(word=lambda slope, peak, _: "memory" if slope == min(peak, slope) else "compute")
)


def upside_down(share):
    def roofline(products, copies, kernels):
        peak, bandwidth, report = roof(share=share)(products, copies, kernels)
        return peak, bandwidth, {name: (1 / row[0], *row[1:]) for name, row in report.items()}

    return roofline


wrong("roofline", "intensity_alone_upside_down")(upside_down(lambda rate, roof: rate / roof))
wrong("roofline", "intensity_alone_upside_down", "in_percent")(
    upside_down(lambda rate, roof: 100 * rate / roof)
)


@wrong("roofline", "all_over_all")
def roofline(products, copies, kernels):
    peak, bandwidth = (sum(run[0] for run in runs) / sum(run[1] for run in runs)
                       for runs in (products, copies))  # fmt: skip
    _, _, report = roof()([(peak, 1)], [(bandwidth, 1)], kernels)
    return peak, bandwidth, report


@wrong("roofline", "shortest_run")
def roofline(products, copies, kernels):
    product, copy = (min(runs, key=lambda run: run[1]) for runs in (products, copies))
    return roof()([product], [copy], kernels)


@wrong("roofline", "largest_run")
def roofline(products, copies, kernels):
    return roof()([max(products)], [max(copies)], kernels)


@wrong("roofline", "peak_of_the_best_kernel")
def roofline(products, copies, kernels):
    drawn = [(operations, seconds) for operations, _, seconds in kernels.values()]
    return roof()(products + drawn, copies, kernels)


def profile(waits=True, first=1, last=None, middle=statistics.median, slowest=max, ahead=False,
            gain=lambda most, rest: most / max(rest), clock="perf_counter"):  # fmt: skip
    def find_bottleneck(stages, sync, batches):
        seconds = {name: [] for name, _ in stages}
        warm = batches[0]
        for _, function in stages if ahead else ():
            warm = function(warm)
        for batch in batches:
            for name, function in stages:
                sync()
                start = getattr(time, clock)()
                batch = function(batch)
                if waits:
                    sync()
                seconds[name].append(getattr(time, clock)() - start)
        times = {name: middle(taken[first:last]) for name, taken in seconds.items()}
        top = max(times, key=times.get)
        rest = [value for name, value in times.items() if name != top]
        return slowest(times, key=times.get), gain(times[top], rest)

    return find_bottleneck


wrong("find_bottleneck", "launches_timed")(profile(waits=False))
wrong("find_bottleneck", "first_batch_counted")(profile(first=0))
wrong("find_bottleneck", "last_batch_left_out")(profile(first=0, last=-1))
wrong("find_bottleneck", "both_ends_left_out")(profile(last=-1))
wrong("find_bottleneck", "first_batch_twice")(profile(ahead=True))
wrong("find_bottleneck", "mean_of_all", "first_batch_twice")(
    profile(first=0, middle=statistics.mean, ahead=True)
)
wrong("find_bottleneck", "mean_for_median")(profile(middle=statistics.mean))
wrong("find_bottleneck", "mean_of_all")(profile(first=0, middle=statistics.mean))
wrong("find_bottleneck", "processor_time")(profile(clock="process_time"))
wrong("find_bottleneck", "processor_time")(profile(clock="thread_time"))
wrong("find_bottleneck", "upper_median")(profile(middle=statistics.median_high))
wrong("find_bottleneck", "lower_median")(profile(middle=statistics.median_low))
wrong("find_bottleneck", "from_sequence_to_the_rest")(
    profile(gain=lambda most, rest: (most + sum(rest)) / max(rest))
)
wrong("find_bottleneck", "longest_of_each")(profile(middle=max))
wrong("find_bottleneck", "shortest_of_each")(profile(middle=min))
wrong("find_bottleneck", "last_batch_alone")(profile(middle=lambda times: times[-1]))
wrong("find_bottleneck", "fastest_named")(profile(slowest=min))
wrong("find_bottleneck", "gain_in_sequence")(
    profile(gain=lambda most, rest: (most + sum(rest)) / sum(rest))
)
wrong("find_bottleneck", "gain_over_all_others")(profile(gain=lambda most, rest: most / sum(rest)))
wrong("find_bottleneck", "gain_over_the_mean")(
    profile(gain=lambda most, rest: most / statistics.fmean(rest))
)
wrong("find_bottleneck", "gain_over_the_median")(
    profile(gain=lambda most, rest: most / statistics.median(rest))
)
wrong("find_bottleneck", "gain_over_the_fastest")(profile(gain=lambda most, rest: most / min(rest)))
wrong("find_bottleneck", "from_sequence_to_overlapped")(
    profile(gain=lambda most, rest: (most + sum(rest)) / most)
)
wrong("find_bottleneck", "share_of_the_time")(
    profile(gain=lambda most, rest: most / (most + sum(rest)))
)
wrong("find_bottleneck", "gain_upside_down")(profile(gain=lambda most, rest: max(rest) / most))


@wrong("roofline", "most_over_shortest")
def roofline(products, copies, kernels):
    most = [
        (max(done for done, _ in runs), min(seconds for _, seconds in runs))
        for runs in (products, copies)
    ]
    return roof()(most[:1], most[1:], kernels)


def below(share):
    """A roofline that tells memory by a rate below this share of the peak."""

    def roofline(products, copies, kernels):
        peak, bandwidth, report = roof()(products, copies, kernels)
        for name, (done, _, seconds) in kernels.items():
            word = "memory" if done / seconds < share * peak else "compute"
            report[name] = *report[name][:2], word
        return peak, bandwidth, report

    return roofline


wrong("roofline", "memory_below_the_peak")(below(1))
wrong("roofline", "memory_below_half_the_peak")(below(0.5))


@wrong("find_bottleneck", "waits_after_the_last_stage_only")
def find_bottleneck(stages, sync, batches):
    taken = []
    for batch in batches:
        marks = [time.perf_counter()]
        for _, function in stages:
            batch = function(batch)
            marks.append(time.perf_counter())
        sync()
        marks[-1] = time.perf_counter()
        taken.append([after - before for before, after in zip(marks, marks[1:], strict=False)])
    times = [statistics.median(column) for column in zip(*taken[1:], strict=True)]
    *_, second, most = sorted(times)
    return stages[times.index(most)][0], most / second


def seconds_of_each(stages, sync, batches):
    """Seconds by stage, one for each batch."""
    taken = {name: [] for name, _ in stages}
    for batch in batches:
        for name, function in stages:
            start = time.perf_counter()
            batch = function(batch)
            sync()
            taken[name].append(time.perf_counter() - start)
    return taken


@wrong("find_bottleneck", "gain_of_means")
def find_bottleneck(stages, sync, batches):
    taken = seconds_of_each(stages, sync, batches)
    slowest = max(taken, key=lambda name: statistics.median(taken[name][1:]))
    means = {name: statistics.fmean(seconds[1:]) for name, seconds in taken.items()}
    most = means.pop(slowest)
    return slowest, most / max(means.values())


@wrong("find_bottleneck", "named_by_the_total")
def find_bottleneck(stages, sync, batches):
    taken = seconds_of_each(stages, sync, batches)
    totals = {name: sum(seconds) for name, seconds in taken.items()}
    *_, second, most = sorted(statistics.median(seconds[1:]) for seconds in taken.values())
    return max(totals, key=totals.get), most / second


@wrong("find_bottleneck", "ties_left_out")
def find_bottleneck(stages, sync, batches):
    named = []

    def top(times, key):
        different = sorted(set(times.values()))
        named.append(different[-1] / different[-2])
        return max(times, key=key)

    slowest, _ = profile(slowest=top)(stages, sync, batches)
    return slowest, named[0]
