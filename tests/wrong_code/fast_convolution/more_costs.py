"""Notebook 11: more costs and timings as people really get them wrong."""

import statistics
import time

import numpy as np
from wrong_code import wrong
from wrong_code.fast_convolution.cost import tflops_by


def size_bytes(side, kernel=lambda kh, kw: kh * kw, item=lambda itemsize: itemsize):
    """im2col_bytes with another count of windows along a side, of (size, kernel, stride, pad)."""

    def im2col_bytes(x_shape, kh, kw, stride, pad, itemsize=4):
        N, C, H, W = x_shape
        places = side(H, kh, stride, pad) * side(W, kw, stride, pad)
        numbers = N * C * kernel(kh, kw) * places
        return numbers * item(itemsize), numbers / (N * C * H * W)

    return im2col_bytes


def right_side(n, k, s, p):
    return (n + 2 * p - k) // s + 1


wrong("im2col_bytes", "rule_of_thumb_for_both")(size_bytes(lambda n, k, s, p: n / s))
wrong("im2col_bytes", "sizes_not_rounded_down")(
    size_bytes(lambda n, k, s, p: (n + 2 * p - k) / s + 1)
)
wrong("im2col_bytes", "padded_once")(size_bytes(lambda n, k, s, p: (n + p - k) // s + 1))
wrong("im2col_bytes", "square_kernel")(size_bytes(right_side, kernel=lambda kh, kw: kh * kh))
wrong("im2col_bytes", "itemsize_not_read")(size_bytes(right_side, item=lambda itemsize: 4))

@wrong("im2col_bytes", "bytes_of_one_image")
def im2col_bytes(x_shape, kh, kw, stride, pad, itemsize=4):
    size, ratio = size_bytes(right_side)(x_shape, kh, kw, stride, pad, itemsize)
    return size // x_shape[0], ratio


@wrong("effective_tflops", "square_layer")
def effective_tflops(layer, ms):
    return tflops_by(right_side)(layer | {"W": layer["H"], "kw": layer["kh"]}, ms)


wrong("effective_tflops", "pixels_over_stride")(tflops_by(lambda n, k, s, p: n / s))
wrong("effective_tflops", "stride_forgotten")(tflops_by(lambda n, k, s, p: n + 2 * p - k + 1))
wrong("effective_tflops", "sizes_not_rounded_down")(
    tflops_by(lambda n, k, s, p: (n + 2 * p - k) / s + 1)
)
wrong("effective_tflops", "padded_once")(tflops_by(lambda n, k, s, p: (n + p - k) // s + 1))


def counted(operations):
    """effective_tflops with another count of operations an output, of (area, layer)."""

    def effective_tflops(layer, ms):
        area = layer["C"] * layer["kh"] * layer["kw"]
        places = layer["N"] * layer["F"] * np.prod(
            [right_side(layer[n], layer[k], layer["stride"], layer["pad"])
             for n, k in (("H", "kh"), ("W", "kw"))], dtype=float)  # fmt: skip
        return operations(area, layer) * places / ms / 1e9

    return effective_tflops


wrong("effective_tflops", "biases_counted")(counted(lambda area, layer: 2 * area + 1))
wrong("effective_tflops", "one_sum_less")(counted(lambda area, layer: 2 * area - 1))
wrong("effective_tflops", "powers_of_two")(counted(lambda area, layer: 2 * area * 1e12 / 2**40))
wrong("effective_tflops", "one_operation_of_one_image")(
    counted(lambda area, layer: area / layer["N"])
)


def timing(summary=statistics.median, warm=1, count=lambda repeats: repeats, refused=None,
           unit=1.0, name=None, runs=True):  # fmt: skip
    """best_algorithm with one thing changed."""

    def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
        seconds, shortest = {}, {}
        for candidate, prepare in candidates.items():
            try:
                run = prepare(layer)
            except ValueError:
                if refused:
                    seconds[candidate] = refused[0]
                continue
            run = run if runs else lambda prepare=prepare: prepare(layer)
            for _ in range(warm):
                run()
            times = []
            for _ in range(count(repeats)):
                begin = clock()
                run()
                times.append(unit * (clock() - begin))
            seconds[candidate], shortest[candidate] = summary(times), min(times)
        return (name or (lambda _: min(shortest, key=seconds.get)))(shortest), seconds

    return best_algorithm


for identity, change in {
    "first_run_counted_in_a_mean": {"summary": statistics.fmean, "warm": 0},
    "three_runs_not_timed": {"warm": 3},
    "a_timed_run_missing": {"count": lambda repeats: repeats - 1},
    "always_five_runs": {"count": lambda repeats: 5},
    "upper_middle": {"summary": statistics.median_high},
    "lower_middle": {"summary": statistics.median_low},
    "preparing_only": {"runs": False},
    "infinity_for_a_refusal": {"refused": [float("inf")]},
    "none_for_a_refusal": {"refused": [None]},
    "first_in_the_alphabet": {"name": min},
    "name_by_the_shortest_run": {"name": lambda shortest: min(shortest, key=shortest.get)},
    "milliseconds": {"unit": 1e3},
    "every_time_kept": {"summary": list},
}.items():
    wrong("best_algorithm", identity)(timing(**change))
