"""Notebook 11: what people get wrong at edges: sizes, defaults, one side, one axis."""

import statistics
import time

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from wrong_code import wrong
from wrong_code.fast_convolution.backward import gradients
from wrong_code.fast_convolution.more_columns import (
    as_columns,
    found_windows,
    im2col_padded_by,
    sides,
)
from wrong_code.fast_convolution.more_costs import right_side, size_bytes

from course_utils.explorers.winograd import AT, BT, G


def im2col_by(take):
    def im2col(x, kh, kw, stride, pad):
        x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
        return as_columns(take(x, kh, kw, stride))

    return im2col


def beyond(x, kh, kw, stride):
    over = [-(size - k) % stride for size, k in zip(x.shape[2:], (kh, kw), strict=True)]
    x = np.pad(x, ((0, 0), (0, 0), (0, over[0]), (0, over[1])))
    return found_windows(x, kh, kw, stride)


wrong("im2col", "stride_along_the_height")(
    im2col_by(lambda x, kh, kw, stride: found_windows(x, kh, kw, 1)[:, :, ::stride])
)
wrong("im2col", "stride_along_the_width")(
    im2col_by(lambda x, kh, kw, stride: found_windows(x, kh, kw, 1)[:, :, :, ::stride])
)
wrong("im2col", "sides_of_the_kernel_exchanged")(
    im2col_by(lambda x, kh, kw, stride: found_windows(x, kw, kh, stride))
)
wrong("im2col", "sizes_rounded_up")(im2col_by(beyond))
wrong("im2col", "border_mirrored")(im2col_padded_by(sides(1, 1), mode="reflect"))

wrong("im2col_bytes", "sizes_rounded_up")(
    size_bytes(lambda n, k, s, p: -(-(n + 2 * p - k) // s) + 1)
)
wrong("im2col_bytes", "a_window_at_each_stride")(
    size_bytes(lambda n, k, s, p: -(-(n + 2 * p) // s))
)


@wrong("im2col_bytes", "another_default")
def im2col_bytes(x_shape, kh, kw, stride, pad, itemsize=8):
    return size_bytes(right_side)(x_shape, kh, kw, stride, pad, itemsize)


@wrong("im2col_bytes", "ratio_of_one_image")
def im2col_bytes(x_shape, kh, kw, stride, pad, itemsize=4):
    size, ratio = size_bytes(right_side)(x_shape, kh, kw, stride, pad, itemsize)
    return size, ratio / x_shape[0]


def layer(bias_first):
    def conv_forward_strides(x, w, b, conv_param):
        pad, (f, _, kh, kw) = conv_param["pad"], w.shape
        wide = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
        found = found_windows(wide, kh, kw, conv_param["stride"])
        out = w.reshape(f, -1) @ as_columns(found)
        out = out + b[:, None] if bias_first else out
        out = out.reshape(len(x), *found.shape[2:4], f)
        out = out if bias_first else out + b
        return out.transpose(0, 3, 1, 2), (x, w, b, conv_param)

    return conv_forward_strides


wrong("conv_forward_strides", "read_with_filters_last")(layer(False))
wrong("conv_forward_strides", "biased_and_read_with_filters_last")(layer(True))


def fourier(pads=lambda p: (p, p), more=(0, 0), start=(0, 0), own_size=False):
    """conv_fft with other padding, a larger transform, cut elsewhere."""

    def conv_fft(x, w, b, pad):
        kh, kw = w.shape[2:]
        x64 = np.pad(x, ((0, 0), (0, 0), pads(pad), pads(pad)))
        oh, ow = x64.shape[2] - kh + 1, x64.shape[3] - kw + 1
        size = [x64.shape[2] + more[0] * (kh - 1), x64.shape[3] + more[1] * (kw - 1)]
        X = np.fft.rfft2(x64, size)
        W = np.fft.rfft2(w) if own_size else np.fft.rfft2(w, size)
        out = np.fft.irfft2((X[:, None] * W.conj()).sum(2), size)
        top, left = start[0] * (kh - 1), start[1] * (kw - 1)
        out = out[:, :, top : top + oh, left : left + ow]
        return (out + b[:, None, None]).astype(x.dtype)

    return conv_fft


wrong("conv_fft", "cut_too_late")(fourier(more=(1, 1), start=(1, 1)))
wrong("conv_fft", "filters_at_their_own_size")(fourier(own_size=True))
wrong("conv_fft", "padded_on_the_far_side")(fourier(pads=lambda p: (0, 2 * p)))


@wrong("conv_backward_strides", "dout_taken_to_be_in_c_order")
def conv_backward_strides(dout, cache):
    def rows(dout):
        flat = dout.ravel(order="K").reshape(dout.shape)
        return flat.swapaxes(0, 1).reshape(dout.shape[1], -1)

    return gradients(dout, cache, rows=rows)


def tiles_of(high=(0, 0), pads=None, step=2, finish=lambda out, oh, ow, b: out[..., :oh, :ow] + b):
    """winograd_conv3x3: rows of zeros above, another padding, tiles `step` apart downwards."""

    def winograd_conv3x3(x, w, b, pad):
        pad = pad if pads is None else pads
        oh, ow = x.shape[2] + 2 * pad - 2, x.shape[3] + 2 * pad - 2
        odd = oh % 2 if step == 2 else 1, ow % 2
        above = [h * o for h, o in zip(high, odd, strict=True)]
        around = [(pad + a, pad + o - a) for a, o in zip(above, odd, strict=True)]
        x = np.pad(x, ((0, 0), (0, 0), *around))
        found = sliding_window_view(x, (4, 4), axis=(2, 3))[:, :, ::step, ::2]
        data, filters = BT @ found @ BT.T, G @ w @ G.T
        products = (data[:, None] * filters[:, :, None, None]).sum(2)
        out = (AT @ products @ AT.T)[..., :step, :]
        n, f, th, tw = out.shape[:4]
        out = out.swapaxes(3, 4).reshape(n, f, th * step, 2 * tw)
        return finish(out, oh, ow, b[:, None, None]).astype(x.dtype)

    return winograd_conv3x3


wrong("winograd_conv3x3", "evened_at_the_top")(tiles_of(high=(1, 1)))
wrong("winograd_conv3x3", "always_padded_by_one")(tiles_of(pads=1))
wrong("winograd_conv3x3", "a_tile_for_each_row")(tiles_of(step=1))
wrong("winograd_conv3x3", "last_outputs_thrown_away")(
    tiles_of(finish=lambda out, oh, ow, b: out[..., : oh // 2 * 2, : ow // 2 * 2] + b)
)
wrong("winograd_conv3x3", "square_outputs")(
    tiles_of(finish=lambda out, oh, ow, b: out[..., :oh, :oh] + b)
)
wrong("winograd_conv3x3", "square_outputs_and_no_bias")(
    tiles_of(finish=lambda out, oh, ow, b: out[..., :oh, :oh])
)


def race(keep_first=False, stop=False):
    def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
        seconds = {}
        for name, prepare in candidates.items():
            try:
                run = prepare(layer)
            except ValueError:
                if stop:
                    break
                continue
            times = []
            for _ in range(repeats + 1):
                start = clock()
                run()
                times.append(clock() - start)
            seconds[name] = statistics.median(times if keep_first else times[1:])
        return min(seconds, key=seconds.get), seconds

    return best_algorithm


wrong("best_algorithm", "first_run_timed_too")(race(keep_first=True))
wrong("best_algorithm", "ends_at_a_refusal")(race(stop=True))


def strassen_by(stop=lambda sizes, leaf: max(sizes) <= leaf, default=64, peel=False, cut=True):
    """Strassen's recursion that stops otherwise, has another leaf, sets odd edges apart, or leaves
    the padding on."""

    def strassen(A, B, leaf=default, product=np.matmul):
        n, k, m = *A.shape, B.shape[1]
        if stop((n, k, m), leaf):
            return product(A, B)
        if peel and (n % 2 or k % 2 or m % 2):
            N, K, M = n // 2 * 2, k // 2 * 2, m // 2 * 2
            C = A @ B
            C[:N, :M] = strassen_even(A[:N, :K], B[:K, :M], leaf, product) + A[:N, K:] @ B[K:, :M]
            return C
        A, B = (np.pad(a, [(0, s % 2) for s in a.shape]) for a in (A, B))
        C = strassen_even(A, B, leaf, product)
        return C[:n, :m] if cut else C

    def strassen_even(A, B, leaf, product):
        n, k, m = A.shape[0] // 2, A.shape[1] // 2, B.shape[1] // 2
        a, b, c, d = A[:n, :k], A[:n, k:], A[n:, :k], A[n:, k:]
        e, f, g, h = B[:k, :m], B[:k, m:], B[k:, :m], B[k:, m:]
        pairs = [(a + d, e + h), (c + d, e), (a, f - h), (d, g - e), (a + b, h), (c - a, e + f),
                 (b - d, g + h)]  # fmt: skip
        m1, m2, m3, m4, m5, m6, m7 = (strassen(x, y, leaf, product) for x, y in pairs)
        return np.block([[m1 + m4 - m5 + m7, m3 + m5], [m2 + m4, m1 - m2 + m3 + m6]])

    return strassen


wrong("strassen", "inner_size_not_compared")(
    strassen_by(lambda sizes, leaf: max(sizes[0], sizes[2]) <= leaf)
)
wrong("strassen", "odd_sizes_taken_directly")(
    strassen_by(lambda sizes, leaf: max(sizes) <= leaf or any(s % 2 for s in sizes))
)
wrong("strassen", "another_default_leaf")(strassen_by(default=32))
wrong("strassen", "odd_edges_apart")(strassen_by(peel=True))
wrong("strassen", "padding_never_cut_off")(strassen_by(cut=False))
