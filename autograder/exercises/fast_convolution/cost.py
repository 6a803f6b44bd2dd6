"""What a convolution costs: memory for its columns, rates, and the fastest way found by timing."""

import statistics
from math import prod

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake, near, raises
from course_utils.recipes.instruments.algorithms import FakeAlgorithm
from course_utils.recipes.instruments.devices import VirtualClock
from course_utils.recipes.instruments.spies import Spy


class im2col_bytes(Exercise):
    """How much memory the columns need, and how many times that of the images."""

    signature = "im2col_bytes(x_shape, kh, kw, stride, pad, itemsize) -> column_bytes, ratio"
    minutes = 5
    difficulty = 1
    hints = (
        "How many windows are there, and how many numbers are in one?",
        "The ratio is that of two sizes that you know exactly. k²/s² is what it comes to when "
        "borders do not matter.",
    )

    def cases(self, rng):
        shape = [2, 3, int(rng.integers(20, 30)), int(rng.integers(31, 40))]
        yield Case("padding 1, single precision", 1, x_shape=tuple(shape), kh=5, kw=3, stride=1,
                   pad=1, itemsize=4)  # fmt: skip
        yield Case("stride 3, padding 3, pixels left over", 1, x_shape=(4, 6, 13, 20), kh=3, kw=4,
                   stride=3, pad=3, itemsize=8)  # fmt: skip
        yield Case("AlexNet's first layer", 1, x_shape=(1, 3, 227, 227), kh=11, kw=11, stride=4,
                   pad=0, itemsize=4)  # fmt: skip

    def observe(self, code, x_shape, kh, kw, stride, pad, itemsize):
        column_bytes, ratio = code.im2col_bytes(x_shape, kh, kw, stride, pad, itemsize)
        return {"column_bytes": column_bytes, "ratio": ratio}

    def reference(self, x_shape, kh, kw, stride, pad, itemsize):
        x = torch.zeros(x_shape, dtype={4: torch.float32, 8: torch.float64}[itemsize])
        cols = F.unfold(x, (kh, kw), stride=stride, padding=pad)
        return {"column_bytes": cols.nbytes, "ratio": cols.nbytes / x.nbytes}

    def scaled(self, right, factor):
        """Both numbers times `factor`, the bytes whole where they are."""
        size = right["column_bytes"] * factor
        return {"column_bytes": int(size) if size == int(size) else size,
                "ratio": right["ratio"] * factor}  # fmt: skip

    @mistake
    def numbers_for_bytes(self, right, itemsize, **inputs):
        """You count numbers. A number takes itemsize bytes."""
        return {"column_bytes": right["column_bytes"] // itemsize}

    @mistake
    def one_image_only(self, right, x_shape, **inputs):
        """You count the columns of one image. The buffer holds those of the whole batch."""
        if x_shape[0] > 1:
            return self.scaled(right, 1 / x_shape[0])

    @mistake
    def one_channel_only(self, right, x_shape, **inputs):
        """A column holds the window of every channel; you count one channel."""
        return self.scaled(right, 1 / x_shape[1])

    @mistake
    def a_window_at_every_pixel(self, right, x_shape, kh, kw, stride, pad, itemsize):
        """You put a window at every pixel of the images. There are as many windows as outputs."""
        size = x_shape[0] * x_shape[1] * x_shape[2] * x_shape[3] * kh * kw * itemsize
        return {"column_bytes": size, "ratio": float(kh * kw)}

    @mistake
    def rule_of_thumb(self, right, kh, kw, stride, **inputs):
        """Your ratio is the rule of thumb, kernel area over stride squared. At the borders fewer
        windows fit: divide the two sizes."""
        return {"ratio": kh * kw / stride**2}

    @mistake
    def first_place_not_counted(self, right, x_shape, kh, kw, stride, pad, itemsize):
        """Your outputs lack a row and a column: you count the steps of the window, and it has one
        place more than it takes steps."""
        n, c, height, width = x_shape
        places = ((height + 2 * pad - kh) // stride) * ((width + 2 * pad - kw) // stride)
        size = n * c * kh * kw * places
        return {"column_bytes": size * itemsize, "ratio": size / (n * c * height * width)}

    @mistake
    def bytes_over_numbers(self, right, itemsize, **inputs):
        """Your ratio is bytes of the columns over numbers of the images. An image's number takes
        itemsize bytes, too."""
        return {"ratio": right["ratio"] * itemsize}

    @mistake
    def padded_images(self, right, x_shape, pad, **inputs):
        """Your ratio is to the bytes of the padded images. It is asked for those of the images as
        they come."""
        height, width = x_shape[2:]
        padded = (height + 2 * pad) * (width + 2 * pad)
        return {"ratio": right["ratio"] * height * width / padded} if pad else None

    @mistake
    def ratio_rounded_down(self, right, **inputs):
        """Your ratio is a whole number: // rounds down."""
        return {"ratio": int(right["ratio"])}

    @mistake
    def ratio_upside_down(self, right, **inputs):
        """Your ratio is upside down: how many times the images' bytes are the columns'?"""
        return {"ratio": 1 / right["ratio"]}

    @mistake
    def padding_forgotten(self, right, x_shape, kh, kw, stride, pad, itemsize):
        """Padding makes room for more windows."""
        if pad:
            reference = self.reference(x_shape, kh, kw, stride, 0, itemsize)
            return {name: reference[name] for name in right}


LAYER = ("N", "C", "H", "W", "F", "kh", "kw", "stride", "pad")


class effective_tflops(Exercise):
    """Operations of the direct algorithm over the time that was measured."""

    signature = "effective_tflops(layer, ms)"
    minutes = 5
    difficulty = 1
    hints = (
        "How many multiply-adds does one output take? How many outputs are there in the batch?",
        "A multiply-add is two operations. A TFLOPS is 10¹² of them in a second.",
    )
    rtol, atol = 1e-11, 0.0

    def cases(self, rng):
        for name, points, *sizes in [
            ("a layer of VGG, 64 images", 1, 64, 64, 112, 112, 128, 3, 3, 1, 1),
            ("stride 2, padding 3", 1, 8, 3, 34, 48, 32, 5, 3, 2, 3),
            ("AlexNet's first layer, one image", 1, 1, 3, 227, 227, 96, 11, 11, 4, 0),
        ]:
            layer = dict(zip(LAYER, sizes, strict=True))
            yield Case(name, points, layer=layer, ms=float(rng.uniform(0.2, 9)))

    def observe(self, code, layer, ms):
        return {"tflops": code.effective_tflops(layer, ms)}

    def reference(self, layer, ms):
        # One image and one filter tell the rest; torch says how many outputs they have.
        image = torch.zeros(1, layer["C"], layer["H"], layer["W"], dtype=torch.float64)
        w = torch.zeros(1, layer["C"], layer["kh"], layer["kw"], dtype=torch.float64)
        places = F.unfold(image, w.shape[2:], stride=layer["stride"], padding=layer["pad"]).shape[2]
        macs = layer["N"] * layer["F"] * w.numel() * places
        return {"tflops": 2 * macs / ms / 1e9}

    @mistake
    def one_operation_each(self, right, layer, ms):
        """You count a multiply-add as one operation. By convention it is two."""
        return {"tflops": right["tflops"] / 2}

    @mistake
    def an_output_at_every_pixel(self, right, layer, ms):
        """You reckon with the size of the input. Count the outputs: stride and padding decide
        how many there are."""
        macs = prod(layer[name] for name in ("N", "C", "H", "W", "F", "kh", "kw"))
        return {"tflops": 2 * macs / ms / 1e9}

    @mistake
    def one_image_only(self, right, layer, ms):
        """You count one image. The time is that of the whole batch."""
        return {"tflops": right["tflops"] / layer["N"]}

    @mistake
    def first_place_not_counted(self, right, layer, ms):
        """Your outputs lack a row and a column: you count the steps of the filter, and it has one
        place more than it takes steps."""
        height, width = (
            (layer[side] + 2 * layer["pad"] - layer[k]) // layer["stride"]
            for side, k in (("H", "kh"), ("W", "kw"))
        )
        macs = prod(layer[name] for name in ("N", "C", "F", "kh", "kw")) * height * width
        return {"tflops": 2 * macs / ms / 1e9}

    @mistake
    def padding_forgotten(self, right, layer, ms):
        """Padding makes room for more outputs."""
        return self.reference({**layer, "pad": 0}, ms) if layer["pad"] else None

    @mistake
    def milliseconds_for_seconds(self, right, layer, ms):
        """You divide by milliseconds as though they were seconds."""
        return {"tflops": right["tflops"] / 1e3}

    @mistake
    def gigaflops(self, right, layer, ms):
        """That is in GFLOPS, 10⁹ operations in a second. A TFLOPS is 10¹²."""
        return {"tflops": right["tflops"] * 1e3}

    @mistake
    def products_of_winograd(self, right, layer, ms):
        """You count what Winograd's algorithm does. Effective TFLOPS count what the direct
        algorithm would have done, whatever ran: only so are algorithms comparable."""
        if layer["kh"] == 3:
            return {"tflops": right["tflops"] / 2.25}

    @mistake
    def channels_forgotten(self, right, layer, ms):
        """Each output sums over all input channels; you count one."""
        return {"tflops": right["tflops"] / layer["C"]}


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
            preparing={"im2col": 0.0, "fft": 0.0, "winograd": 0.05},
        )  # fmt: skip
        yield Case(
            "a disturbed run", 1, layer=small, repeats=5,
            times=seconds(im2col=[7, 6, 6.2, 6.1, 6.3, 6.4, 6], fft=[9, 5, 5.1, 80, 5.2, 5.3, 5],
                          winograd=[10, 9, 9.2, 1.5, 9.4, 9.3, 9]),
            preparing={"im2col": 0.01, "fft": 0.03, "winograd": 0.0},
        )  # fmt: skip
        yield Case(
            "a kernel that one of them refuses", 1, layer=large, repeats=3,
            times=seconds(winograd=[1, 1, 1], im2col=[11, 7, 7.5, 7.1], fft=[6, 5, 4, 5.5]),
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
        return {
            "name": name,
            "seconds": {n: float(t) for n, t in sorted(seconds.items())},
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
    def another_clock(self, right, **inputs):
        """The clock that is passed in is never read. Whoever calls you may need another one than
        the computer's, and the check does."""
        return {"clock is read": False}
