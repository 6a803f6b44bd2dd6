"""Notebook 11: memory, speed and the choice of an algorithm as people really get them wrong."""

import statistics
import time

import numpy as np
from wrong_code import wrong
from wrong_code.fast_convolution.columns import out_size


@wrong("im2col_bytes", "a_window_at_every_pixel")
def im2col_bytes(x_shape, kh, kw, stride, pad, itemsize=4):
    size = int(np.prod(x_shape)) * itemsize
    return size * kh * kw, kh * kw


@wrong("im2col_bytes", "rule_of_thumb")
def im2col_bytes(x_shape, kh, kw, stride, pad, itemsize=4):
    oh, ow = out_size(x_shape, kh, kw, stride, pad)
    return x_shape[0] * x_shape[1] * kh * kw * oh * ow * itemsize, kh * kw / stride**2


@wrong("im2col_bytes", "one_image_only")
def im2col_bytes(x_shape, kh, kw, stride, pad, itemsize=4):
    oh, ow = out_size(x_shape, kh, kw, stride, pad)
    size = x_shape[1] * kh * kw * oh * ow * itemsize
    return size, size / (np.prod(x_shape) * itemsize)


@wrong("effective_tflops", "one_operation_each")
def effective_tflops(layer, ms):
    oh, ow = out_size(
        (0, 0, layer["H"], layer["W"]), layer["kh"], layer["kw"], layer["stride"], layer["pad"]
    )
    macs = layer["N"] * layer["F"] * layer["C"] * layer["kh"] * layer["kw"] * oh * ow
    return macs / ms / 1e9


@wrong("effective_tflops", "an_output_at_every_pixel")
def effective_tflops(layer, ms):
    names = ("N", "C", "H", "W", "F", "kh", "kw")
    return 2 * np.prod([float(layer[name]) for name in names]) / ms / 1e9


def timed(layer, candidates, clock, repeats, summary, warm=True):
    seconds = {}
    for name, prepare in candidates.items():
        try:
            run = prepare(layer)
        except ValueError:
            continue
        if warm:
            run()
        times = []
        for _ in range(repeats):
            begin = clock()
            run()
            times.append(clock() - begin)
        seconds[name] = summary(times)
    return min(seconds, key=seconds.get), seconds


@wrong("best_algorithm", "mean_for_median")
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    return timed(layer, candidates, clock, repeats, statistics.fmean)


@wrong("best_algorithm", "first_run_counted")
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    return timed(layer, candidates, clock, repeats, statistics.median, warm=False)


@wrong("best_algorithm", "another_clock")
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    return timed(layer, candidates, time.perf_counter, repeats, statistics.median)


@wrong("best_algorithm", "stopped_by_a_refusal")
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    runs = {name: prepare(layer) for name, prepare in candidates.items()}
    return timed(layer, {n: lambda _, r=r: r for n, r in runs.items()}, clock, repeats,
                 statistics.median)  # fmt: skip


@wrong("im2col_bytes", "first_place_not_counted")
def im2col_bytes(x_shape, kh, kw, stride, pad, itemsize=4):
    N, C, H, W = x_shape
    numbers = N * C * kh * kw * ((H + 2 * pad - kh) // stride) * ((W + 2 * pad - kw) // stride)
    return numbers * itemsize, numbers / (N * C * H * W)


def bytes_with(ratio):
    """im2col_bytes with another ratio, of (bytes of the columns, shape, pad, itemsize)."""

    def im2col_bytes(x_shape, kh, kw, stride, pad, itemsize=4):
        oh, ow = out_size(x_shape, kh, kw, stride, pad)
        size = x_shape[0] * x_shape[1] * kh * kw * oh * ow * itemsize
        return size, ratio(size, x_shape, pad, itemsize)

    return im2col_bytes


wrong("im2col_bytes", "bytes_over_numbers")(
    bytes_with(lambda size, shape, pad, item: size / np.prod(shape))
)


wrong("im2col_bytes", "ratio_rounded_down")(
    bytes_with(lambda size, shape, pad, item: size // (int(np.prod(shape)) * item))
)


wrong("im2col_bytes", "padded_images")(
    bytes_with(lambda size, s, pad, item: size / item / (
        s[0] * s[1] * (s[2] + 2 * pad) * (s[3] + 2 * pad)))
)  # fmt: skip


def tflops_by(side):
    """effective_tflops with another count of outputs along one side."""

    def effective_tflops(layer, ms):
        oh, ow = (
            side(layer[n], layer[k], layer["stride"], layer["pad"])
            for n, k in (("H", "kh"), ("W", "kw"))
        )
        macs = oh * ow * np.prod([layer[name] for name in ("N", "C", "F", "kh", "kw")], dtype=float)
        return 2 * macs / (ms / 1e3) / 1e12

    return effective_tflops


wrong("effective_tflops", "first_place_not_counted")(
    tflops_by(lambda n, k, s, p: (n + 2 * p - k) // s)
)


wrong("effective_tflops", "padding_forgotten")(tflops_by(lambda n, k, s, p: (n - k) // s + 1))
