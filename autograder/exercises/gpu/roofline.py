"""The exercise of notebook 12 on a roofline made from one's own measurements."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake


class roofline(Exercise):
    """A machine's roof from what was measured on it, and what limits each kernel."""

    signature = "roofline(products, copies, kernels) -> peak, bandwidth, report"
    minutes = 15
    difficulty = 2
    library = "any"
    growth = {"products": 1, "copies": 1, "kernels": 1}, {}
    reads = {
        "peak": "your peak",
        "bandwidth": "your bandwidth",
        "intensity": "your intensities",
        "share": "your shares of the roof",
        "limit": "what limits the kernels is {seen}; {right} is right",
    }
    rtol, atol = 1e-9, 0.0
    hints = (
        "Each run gives a rate: what was done, divided by the seconds that it took. Several runs "
        "measure the same property of the machine. Which of them do you trust, if other programs "
        "can only make a run slower?",
        "The roof over a kernel is the lower of two numbers: the peak, and what can be computed "
        "with the bytes that arrive in a second. The lower one says what the limit is.",
    )

    def cases(self, rng):
        def case(name, points, shares, scale=1.0):
            peak = scale * float(rng.uniform(2e11, 9e11))
            corner = float(rng.uniform(6, 14))
            # The best run is neither the first nor the last, the shortest nor the largest.
            rates = np.array([0.4, 1.0, 0.3, 0.6, 0.52, 0.45]) * rng.uniform(0.97, 1.0, 6)
            rates[1] = 1.0
            work = rng.uniform(1e9, 2e9) * np.array([[4, 40, 1, 90, 6, 7], [1, 30, 6, 80, 5, 9]])
            seconds = work / rates / np.array([[peak], [peak / corner]])
            runs = [[[float(done), float(took)] for done, took in zip(*kind, strict=True)]
                    for kind in zip(work, seconds, strict=True)]  # fmt: skip
            kernels = {}
            for kernel, (times, share) in shares.items():
                near = 0.02 if 0.9 < times < 1.1 else 0.1  # stays on its side of the corner
                intensity = times * corner * float(rng.uniform(1 - near, 1 + near))
                moved = float(rng.integers(10**6, 10**8))
                rate = share * min(peak, intensity * peak / corner)
                kernels[kernel] = [intensity * moved, moved, intensity * moved / rate]
            return Case(name, points, products=runs[0], copies=runs[1], kernels=kernels)

        def at_the_corner():
            """Powers of two, so that slope and peak are one number however they are reckoned."""
            bandwidth, corner = 2.0 ** int(rng.integers(30, 36)), 2.0 ** int(rng.integers(2, 5))
            moved = 2.0 ** int(rng.integers(20, 25))
            return Case(
                "one run of each, and a kernel exactly at the corner", 1,
                products=[[4 * bandwidth * corner, 4.0]], copies=[[2 * bandwidth, 2.0]],
                kernels={"norm": [0.5 * moved, moved, 2 * moved / bandwidth],
                         "at the corner": [corner * moved, moved, 4 * moved / bandwidth]},
            )  # fmt: skip

        both = {"ReLU": (0.02, 0.8), "norm": (0.15, 0.6), "small product": (0.4, 0.3),
                "just left of the corner": (0.96, 0.5), "just right of it": (1.04, 0.6),
                "product": (3.0, 0.7), "large product": (15.0, 0.9)}  # fmt: skip
        yield case("kernels under both parts of the roof", 2, both)
        yield case("a machine that does some ten operations a second", 1,
                   {"sum": (0.03, 0.5), "product": (4.0, 0.4)}, scale=1e-10)  # fmt: skip
        yield case("numbers that were in a cache", 1,
                   {"ReLU": (0.02, 1.7), "product": (6.0, 1.2), "sum": (0.05, 0.7)})  # fmt: skip
        yield at_the_corner()

    def observe(self, code, products, copies, kernels):
        given = {name: tuple(run) for name, run in kernels.items()}
        peak, bandwidth, report = code.roofline(
            [tuple(run) for run in products], [tuple(run) for run in copies], given
        )
        return {
            "peak": float(peak),
            "bandwidth": float(bandwidth),
            "intensity": [float(report[name][0]) for name in kernels],
            "share": [float(report[name][1]) for name in kernels],
            "limit": ", ".join(str(report[name][2]) for name in kernels),
        }

    def reference(self, products, copies, kernels):
        done, seconds = torch.tensor(products, dtype=torch.float64).T
        peak = (done / seconds).max()
        moved, seconds = torch.tensor(copies, dtype=torch.float64).T
        bandwidth = (moved / seconds).max()
        done, moved, seconds = torch.tensor(list(kernels.values()), dtype=torch.float64).T
        # Seconds that arithmetic and memory would need at the least: the longer one is the limit.
        arriving, computing = moved / bandwidth, done / peak
        names = ["memory" if late else "compute" for late in (arriving > computing).tolist()]
        return {
            "peak": float(peak),
            "bandwidth": float(bandwidth),
            "intensity": (done / moved).tolist(),
            "share": (torch.maximum(arriving, computing) / seconds).tolist(),
            "limit": ", ".join(names),
        }

    def under(self, kernels, peak, bandwidth, intensity=None, roof=None):
        """The cells for another peak, bandwidth, intensity or roof."""
        done, moved, seconds = np.array(list(kernels.values())).T
        intensity = done / moved if intensity is None else intensity
        slope = intensity * bandwidth
        roof = np.minimum(peak, slope) if roof is None else roof
        limit = ["memory" if value < peak else "compute" for value in slope]
        return {"peak": peak, "bandwidth": bandwidth, "intensity": intensity.tolist(),
                "share": (done / seconds / roof).tolist(), "limit": ", ".join(limit)}  # fmt: skip

    def share_under(self, right, kernels, roof):
        """The shares of another roof."""
        return {
            "share": self.under(kernels, right["peak"], right["bandwidth"], roof=roof)["share"]
        }

    def with_rates(self, products, copies, kernels, choose):
        """The cells when the rates of the runs are put together otherwise."""
        return self.under(kernels, choose(np.array(products)), choose(np.array(copies)))

    @mistake
    def mean_of_the_rates(self, right, products, copies, kernels):
        """You take the mean of the rates. Other programs only ever make a run slower: the fastest
        run is nearest to what the machine can do."""
        return self.with_rates(products, copies, kernels,
                               lambda runs: float((runs[:, 0] / runs[:, 1]).mean()))  # fmt: skip

    @mistake
    def median_of_the_rates(self, right, products, copies, kernels):
        """You take the median of the rates. A roof is what no run gets beyond: take the fastest."""
        return self.with_rates(products, copies, kernels,
                               lambda runs: float(np.median(runs[:, 0] / runs[:, 1])))  # fmt: skip

    @mistake
    def all_over_all(self, right, products, copies, kernels):
        """You divide all that was done by all seconds, a mean. A roof is what no run gets beyond:
        take the fastest."""
        return self.with_rates(products, copies, kernels,
                               lambda runs: float(runs[:, 0].sum() / runs[:, 1].sum()))  # fmt: skip

    @mistake
    def slowest_rate(self, right, products, copies, kernels):
        """You take the slowest of the runs. A roof is what no run gets beyond: take the fastest."""
        return self.with_rates(products, copies, kernels,
                               lambda runs: float((runs[:, 0] / runs[:, 1]).min()))  # fmt: skip

    @mistake
    def shortest_run(self, right, products, copies, kernels):
        """You take the run with the fewest seconds. Runs do more or less: compare rates, what was
        done over the seconds."""
        return self.with_rates(
            products, copies, kernels,
            lambda runs: float((runs[:, 0] / runs[:, 1])[runs[:, 1].argmin()]),
        )  # fmt: skip

    @mistake
    def largest_run(self, right, products, copies, kernels):
        """You take the run that did most, as `max` does with pairs: it compares the first entries.
        Runs do more or less: compare rates, what was done over the seconds."""
        return self.with_rates(
            products, copies, kernels,
            lambda runs: float((runs[:, 0] / runs[:, 1])[runs[:, 0].argmax()]),
        )  # fmt: skip

    @mistake
    def largest_product(self, right, products, copies, kernels):
        """Your peak is the rate of the product with the most operations, as `max` finds it among
        pairs: it compares the first entries. Take the highest rate."""
        done, seconds = max(products)
        return self.under(kernels, done / seconds, right["bandwidth"])

    @mistake
    def most_over_shortest(self, right, products, copies, kernels):
        """You divide the most that was done by the fewest seconds, which may be those of another
        run. A rate is one run's own: what it did over its seconds."""
        return self.with_rates(products, copies, kernels,
                               lambda runs: float(runs[:, 0].max() / runs[:, 1].min()))  # fmt: skip

    @mistake
    def first_run(self, right, products, copies, kernels):
        """You take the first run of each kind. Look for the fastest."""
        return self.with_rates(products, copies, kernels,
                               lambda runs: float(runs[0, 0] / runs[0, 1]))  # fmt: skip

    @mistake
    def last_run(self, right, products, copies, kernels):
        """You take the last run of each kind. Look for the fastest."""
        return self.with_rates(products, copies, kernels,
                               lambda runs: float(runs[-1, 0] / runs[-1, 1]))  # fmt: skip

    @mistake
    def bytes_counted_twice(self, right, products, copies, kernels):
        """Your bandwidth is twice as high as it should be, as when the bytes of a copy are doubled
        because it reads and writes. Those that come in count both already."""
        return self.under(kernels, right["peak"], 2 * right["bandwidth"])

    @mistake
    def peak_of_the_best_kernel(self, right, products, copies, kernels):
        """Your peak is that of a kernel. The roof is measured by runs of its own, so that a kernel
        may come out above it."""
        best = max(done / seconds for done, _, seconds in kernels.values())
        if best > right["peak"]:
            return self.under(kernels, best, right["bandwidth"])

    @mistake
    def kernels_raise_the_roof(self, right, products, copies, kernels):
        """You count the kernels among the runs that the roof is made of, for the peak and for the
        bandwidth. It is measured by runs of its own, so that a kernel may come out above it."""
        done, moved, seconds = np.array(list(kernels.values())).T
        peak = max(right["peak"], (done / seconds).max())
        bandwidth = max(right["bandwidth"], (moved / seconds).max())
        if (peak, bandwidth) != (right["peak"], right["bandwidth"]):
            return self.under(kernels, float(peak), float(bandwidth))

    @mistake
    def bytes_over_operations(self, right, products, copies, kernels):
        """Your intensities are upside down: operations for each byte, not bytes for each
        operation."""
        done, moved, _ = np.array(list(kernels.values())).T
        return self.under(kernels, right["peak"], right["bandwidth"], moved / done)

    @mistake
    def intensity_alone_upside_down(self, right, **inputs):
        """Your intensities come out upside down, as bytes for each operation. Operations for each
        byte are asked for."""
        return {"intensity": [1 / value for value in right["intensity"]]}

    @mistake
    def intensity_cut_to_whole_numbers(self, right, **inputs):
        """Your intensities are cut to whole numbers, as `//` does. Keep what is behind the
        point."""
        return {"intensity": [float(value // 1) for value in right["intensity"]]}

    @mistake
    def no_peak(self, right, products, copies, kernels):
        """You measure every kernel by the slope, intensity times bandwidth. On the right the peak
        is lower: the roof is the lower of the two."""
        slope = np.array(right["intensity"]) * right["bandwidth"]
        return self.share_under(right, kernels, slope)

    @mistake
    def no_slope(self, right, products, copies, kernels):
        """You measure every kernel by the peak. Where few operations come with a byte, the memory
        is the limit: the roof is the lower of the two."""
        level = np.full(len(kernels), right["peak"])
        return self.share_under(right, kernels, level)

    @mistake
    def higher_of_the_two(self, right, products, copies, kernels):
        """You take the higher of peak and slope. No kernel is faster than the lower one."""
        slope = np.array(right["intensity"]) * right["bandwidth"]
        roof = np.maximum(slope, right["peak"])
        return self.share_under(right, kernels, roof)

    @mistake
    def upside_down(self, right, **inputs):
        """Your shares are upside down: the rate that was reached over the roof."""
        return {"share": [1 / value for value in right["share"]]}

    @mistake
    def in_percent(self, right, **inputs):
        """Your shares are in percent. A kernel at the roof has the share 1."""
        return {"share": [100 * value for value in right["share"]]}

    @mistake
    def cut_off_at_one(self, right, **inputs):
        """You cut shares off at 1. Numbers that are still in a cache arrive faster than from
        memory, so a kernel may lie above the roof; that is worth seeing."""
        if max(right["share"]) > 1:
            return {"share": [min(1.0, value) for value in right["share"]]}

    @mistake
    def words_exchanged(self, right, **inputs):
        """You call the limit by the other's name. Left of the corner, where the slope is lower, it
        is memory."""
        other = {"memory": "compute", "compute": "memory"}
        return {"limit": ", ".join(other[word] for word in right["limit"].split(", "))}

    @mistake
    def memory_below_the_peak(self, right, products, copies, kernels):
        """You say memory of every kernel whose rate is below the peak. A kernel may fall short of
        both: what limits it is the lower of peak and slope, however near it comes."""
        rates = [done / seconds for done, _, seconds in kernels.values()]
        words = ["memory" if rate < right["peak"] else "compute" for rate in rates]
        return {"limit": ", ".join(words)}

    @mistake
    def memory_below_half_the_peak(self, right, products, copies, kernels):
        """You judge by the rate that a kernel reached, as when less than half the peak is memory. A
        kernel may fall short of both: what limits it is the lower of peak and slope, however near
        it comes."""
        rates = [done / seconds for done, _, seconds in kernels.values()]
        words = ["memory" if rate < right["peak"] / 2 else "compute" for rate in rates]
        return {"limit": ", ".join(words)}

    @mistake
    def memory_at_the_corner(self, right, products, copies, kernels):
        """You say "memory" of a kernel exactly at the corner, where intensity times bandwidth is
        the peak itself. It is "memory" only where that is below the peak."""
        words = ["memory" if value * right["bandwidth"] <= right["peak"] else "compute"
                 for value in right["intensity"]]  # fmt: skip
        return {"limit": ", ".join(words)}

    @mistake
    def corner_at_one(self, right, **inputs):
        """You compare the intensity with 1. The corner lies where the slope meets the peak, at
        peak over bandwidth."""
        words = ["memory" if value < 1 else "compute" for value in right["intensity"]]
        return {"limit": ", ".join(words)}
