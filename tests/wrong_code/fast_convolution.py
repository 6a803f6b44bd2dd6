"""Notebook 11: columns, views, transforms and tiles as people really write them wrong."""

import statistics
import time

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from course_utils.explorers.winograd import AT, BT, G
from wrong_code import wrong


def padded(x, pad):
    return np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))


def indices(C, kh, kw, oh, ow, stride):
    """The index arrays of the classic im2col_indices."""
    i = np.tile(np.repeat(np.arange(kh), kw), C)[:, None] + stride * np.repeat(np.arange(oh), ow)
    j = np.tile(np.arange(kw), kh * C)[:, None] + stride * np.tile(np.arange(ow), oh)
    return np.repeat(np.arange(C), kh * kw)[:, None], i, j


def out_size(x_shape, kh, kw, stride, pad):
    _, _, H, W = x_shape
    return (H + 2 * pad - kh) // stride + 1, (W + 2 * pad - kw) // stride + 1


@wrong("im2col", "images_run_fastest")
def im2col(x, kh, kw, stride, pad):
    C = x.shape[1]
    k, i, j = indices(C, kh, kw, *out_size(x.shape, kh, kw, stride, pad), stride)
    cols = padded(x, pad)[:, k, i, j]
    return cols.transpose(1, 2, 0).reshape(kh * kw * C, -1)


@wrong("im2col", "one_window_a_row")
def im2col(x, kh, kw, stride, pad):
    windows = sliding_window_view(padded(x, pad), (kh, kw), (2, 3))[:, :, ::stride, ::stride]
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(-1, x.shape[1] * kh * kw)


@wrong("im2col", "channel_runs_fastest")
def im2col(x, kh, kw, stride, pad):
    windows = sliding_window_view(padded(x, pad), (kh, kw), (2, 3))[:, :, ::stride, ::stride]
    return windows.transpose(4, 5, 1, 0, 2, 3).reshape(x.shape[1] * kh * kw, -1)


@wrong("im2col", "in_double_precision")
def im2col(x, kh, kw, stride, pad):
    N, C, _, _ = x.shape
    oh, ow = out_size(x.shape, kh, kw, stride, pad)
    x, columns = padded(x, pad), []
    for n in range(N):
        for h in range(oh):
            for w in range(ow):
                top, left = h * stride, w * stride
                columns.append(x[n, :, top : top + kh, left : left + kw].ravel())
    cols = np.zeros((C * kh * kw, len(columns)))
    cols[:] = np.array(columns).T
    return cols


@wrong("im2col", "memory_taken_to_be_in_c_order")
def im2col(x, kh, kw, stride, pad):
    x = padded(x, pad)
    N, C, H, W = x.shape
    oh, ow = (H - kh) // stride + 1, (W - kw) // stride + 1
    size = x.itemsize
    view = as_strided(
        x, (C, kh, kw, N, oh, ow),
        (H * W * size, W * size, size, C * H * W * size, stride * W * size, stride * size),
    )  # fmt: skip
    return view.reshape(C * kh * kw, -1)


@wrong("col2im", "last_window_wins")
def col2im(cols, x_shape, kh, kw, stride, pad):
    N, C, H, W = x_shape
    oh, ow = out_size(x_shape, kh, kw, stride, pad)
    x = padded(np.zeros(x_shape, cols.dtype), pad)
    cols = cols.reshape(C, kh, kw, N, oh, ow)
    for h in range(oh):
        for w in range(ow):
            top, left = h * stride, w * stride
            x[:, :, top : top + kh, left : left + kw] = cols[..., h, w].transpose(3, 0, 1, 2)
    return x[:, :, pad : pad + H, pad : pad + W]


@wrong("col2im", "minus_zero_cuts_everything")
def col2im(cols, x_shape, kh, kw, stride, pad):
    N, C, H, W = x_shape
    oh, ow = out_size(x_shape, kh, kw, stride, pad)
    x = padded(np.zeros(x_shape, cols.dtype), pad)
    cols = cols.reshape(C, kh, kw, N, oh, ow)
    for i in range(kh):
        for j in range(kw):
            x[:, :, i : i + stride * oh : stride, j : j + stride * ow : stride] += cols[
                :, i, j
            ].swapaxes(0, 1)
    return x[:, :, pad:-pad, pad:-pad]


@wrong("col2im", "columns_read_images_fastest")
def col2im(cols, x_shape, kh, kw, stride, pad):
    N, C, H, W = x_shape
    x = padded(np.zeros(x_shape, cols.dtype), pad)
    k, i, j = indices(C, kh, kw, *out_size(x_shape, kh, kw, stride, pad), stride)
    cols = cols.reshape(C * kh * kw, -1, N).transpose(2, 0, 1)
    np.add.at(x, (slice(None), k, i, j), cols)
    return x[:, :, pad : pad + H, pad : pad + W]


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


@wrong("window_view", "writable")
def window_view(x, kh, kw, stride):
    N, C, H, W = x.shape
    n, c, h, w = x.strides
    oh, ow = (H - kh) // stride + 1, (W - kw) // stride + 1
    return as_strided(x, (C, kh, kw, N, oh, ow), (c, h, w, n, stride * h, stride * w))


@wrong("window_view", "stride_forgotten")
def window_view(x, kh, kw, stride):
    N, C, H, W = x.shape
    n, c, h, w = x.strides
    oh, ow = (H - kh) // stride + 1, (W - kw) // stride + 1
    return as_strided(x, (C, kh, kw, N, oh, ow), (c, h, w, n, h, w), writeable=False)


@wrong("window_view", "positions_first")
def window_view(x, kh, kw, stride):
    return sliding_window_view(x, (kh, kw), axis=(2, 3))[:, :, ::stride, ::stride]


@wrong("window_view", "copied")
def window_view(x, kh, kw, stride):
    view = sliding_window_view(x, (kh, kw), axis=(2, 3))[:, :, ::stride, ::stride]
    return view.transpose(1, 4, 5, 0, 2, 3).copy()


def strided(x, w, b, conv_param, make_columns, arrange):
    """A layer whose columns and whose order of outputs are made in the given ways."""
    F, (kh, kw), stride = len(w), w.shape[2:], conv_param["stride"]
    x = padded(x, conv_param["pad"])
    windows = sliding_window_view(x, (kh, kw), axis=(2, 3))[:, :, ::stride, ::stride]
    shape = len(x), F, *windows.shape[2:4]
    return arrange(w.reshape(F, -1) @ make_columns(windows) + b[:, None], shape), None


@wrong("conv_forward_strides", "copied_twice")
def conv_forward_strides(x, w, b, conv_param):
    def rows_then_transposed(windows):
        rows = windows.transpose(0, 2, 3, 1, 4, 5).reshape(-1, w[0].size)
        return np.ascontiguousarray(rows.T)

    def arrange(out, shape):
        return out.reshape(shape[1], shape[0], *shape[2:]).swapaxes(0, 1)

    return strided(x, w, b, conv_param, rows_then_transposed, arrange)


@wrong("conv_forward_strides", "reshaped_without_transposing")
def conv_forward_strides(x, w, b, conv_param):
    def columns(windows):
        return windows.transpose(1, 4, 5, 0, 2, 3).reshape(w[0].size, -1)

    return strided(x, w, b, conv_param, columns, lambda out, shape: out.reshape(shape))


@wrong("conv_forward_strides", "no_columns")
def conv_forward_strides(x, w, b, conv_param):
    stride, (kh, kw) = conv_param["stride"], w.shape[2:]
    x = padded(x, conv_param["pad"])
    view = sliding_window_view(x, (kh, kw), axis=(2, 3))[:, :, ::stride, ::stride]
    return np.einsum("nchwij,fcij->nfhw", view, w) + b[:, None, None], None


@wrong("conv_forward_strides", "memory_taken_to_be_in_c_order")
def conv_forward_strides(x, w, b, conv_param):
    # The form of the classic assignments' conv_forward_strides, with its axes.
    stride, (F, C, kh, kw) = conv_param["stride"], w.shape
    x = padded(x, conv_param["pad"])
    N, _, H, W = x.shape
    oh, ow = (H - kh) // stride + 1, (W - kw) // stride + 1
    strides = x.itemsize * np.array((H * W, W, 1, C * H * W, stride * W, stride))
    cols = np.ascontiguousarray(as_strided(x, (C, kh, kw, N, oh, ow), strides))
    cols.shape = (C * kh * kw, N * oh * ow)
    out = w.reshape(F, -1) @ cols + b.reshape(-1, 1)
    out.shape = (F, N, oh, ow)
    return out.transpose(1, 0, 2, 3), None


def backward(dout, cache, rows, cut=None):
    """The gradients from dout as a matrix made by `rows`; `cut` ends the way back to images."""
    x_shape, w, cols, conv_param = cache
    stride, pad, (kh, kw) = conv_param["stride"], conv_param["pad"], w.shape[2:]
    d = rows(dout)
    dcols = (w.reshape(len(w), -1).T @ d).reshape(
        x_shape[1], kh, kw, len(dout), *dout.shape[2:]
    )
    dx = padded(np.zeros(x_shape, dcols.dtype), pad)
    for i in range(kh):
        for j in range(kw):
            down = slice(i, i + stride * dout.shape[2], stride)
            across = slice(j, j + stride * dout.shape[3], stride)
            dx[:, :, down, across] += dcols[:, i, j].swapaxes(0, 1)
    H, W = x_shape[2:]
    dx = dx[:, :, pad : pad + H, pad : pad + W] if cut is None else cut(dx, pad)
    return dx, (d @ cols.T).reshape(w.shape), dout.sum((0, 2, 3))


def exchanged(dout):
    return dout.swapaxes(0, 1).reshape(dout.shape[1], -1)


@wrong("conv_backward_strides", "dout_reshaped_without_exchanging")
def conv_backward_strides(dout, cache):
    return backward(dout, cache, lambda dout: dout.reshape(dout.shape[1], -1))


@wrong("conv_backward_strides", "minus_zero_cuts_everything")
def conv_backward_strides(dout, cache):
    return backward(dout, cache, exchanged, lambda dx, pad: dx[:, :, pad:-pad, pad:-pad])


@wrong("conv_backward_strides", "mean_over_the_batch")
def conv_backward_strides(dout, cache):
    dx, dw, db = backward(dout, cache, exchanged)
    return dx, dw / len(dout), db / len(dout)


def by_fft(x, w, b, pad, change):
    """A layer by full complex transforms, with one thing changed by `change`, a set of words."""
    x = x if "no padding" in change else padded(x, pad)
    size = x.shape[2:]
    oh, ow = size[0] - w.shape[2] + 1, size[1] - w.shape[3] + 1
    images, filters = np.fft.fft2(x), np.fft.fft2(w, size)
    filters = filters if "no conjugate" in change else filters.conj()
    out = np.fft.ifft2(np.einsum("nchw,fchw->nfhw", images, filters))
    out = out if "all of it" in change else out[:, :, :oh, :ow]
    out = out if "complex" in change else out.real
    return (out + b[:, None, None]).astype(out.dtype if "complex" in change else x.dtype)


for words, identity in {
    "no conjugate": "circular_convolution",
    "all of it": "all_of_it_kept",
    "no padding": "padding_forgotten",
}.items():

    def conv_fft(x, w, b, pad, words=words):
        return by_fft(x, w, b, pad, {words})

    wrong("conv_fft", identity)(conv_fft)


@wrong("conv_fft", "convolution_for_correlation")
def conv_fft(x, w, b, pad):
    x = padded(x, pad)
    kh, kw = w.shape[2:]
    size = x.shape[2] + kh - 1, x.shape[3] + kw - 1
    spectrum = np.einsum("nchw,fchw->nfhw", np.fft.rfft2(x, size), np.fft.rfft2(w, size))
    full = np.fft.irfft2(spectrum, size)
    return (full[:, :, kh - 1 : x.shape[2], kw - 1 : x.shape[3]] + b[:, None, None]).astype(x.dtype)


@wrong("conv_fft", "odd_width_lost")
def conv_fft(x, w, b, pad):
    x = padded(x, pad)
    oh, ow = x.shape[2] - w.shape[2] + 1, x.shape[3] - w.shape[3] + 1
    spectrum = np.fft.rfft2(x)[:, None] * np.fft.rfft2(w, x.shape[2:]).conj()[None]
    out = np.fft.irfft2(spectrum).sum(2)[:, :, :oh, :ow]
    return (out + b[:, None, None]).astype(x.dtype)


@wrong("winograd_f23", "direct")
def winograd_f23(d, g):
    if d.ndim == 1:
        return np.array([d[i] * g[0] + d[i + 1] * g[1] + d[i + 2] * g[2] for i in range(2)])
    return np.array([[(d[i : i + 3, j : j + 3] * g).sum() for j in range(2)] for i in range(2)])


@wrong("winograd_f23", "counting_lost")
def winograd_f23(d, g):
    d, g = np.asarray(d, dtype=float), np.asarray(g, dtype=float)
    if d.ndim == 1:
        return AT @ ((G @ g) * (BT @ d))
    return AT @ ((G @ g @ G.T) * (BT @ d @ BT.T)) @ AT.T


@wrong("winograd_f23", "one_dimension_at_a_time")
def winograd_f23(d, g):
    def row(d, g):
        m1, m4 = (d[0] - d[2]) * g[0], (d[1] - d[3]) * g[2]
        m2 = (d[1] + d[2]) * ((g[0] + g[1] + g[2]) * 0.5)
        m3 = (d[2] - d[1]) * ((g[0] - g[1] + g[2]) * 0.5)
        return np.array([m1 + m2 + m3, m2 - m3 - m4])

    if d.ndim == 1:
        return row(d, g)
    return np.array([sum(row(d[i + k], g[k]) for k in range(3)) for i in range(2)])


def by_tiles(x, w, b, pad, step=2, join=lambda old, new: old + new, reach=True):
    """A Winograd layer in loops over tiles, as most people write it."""
    oh, ow = x.shape[2] + 2 * pad - 2, x.shape[3] + 2 * pad - 2
    th, tw = ((oh + 1) // 2, (ow + 1) // 2) if reach else (oh // 2, ow // 2)
    room = step * (max(th, tw) + 2) + 4
    image = np.pad(x, ((0, 0), (0, 0), (pad, pad + room), (pad, pad + room)))
    shape = len(x), len(w), oh + oh % 2, ow + ow % 2
    out = np.zeros(shape, dtype=x.dtype)
    filters = G @ w @ G.T
    for t in range(th):
        for u in range(tw):
            top, left = step * t, step * u
            data = BT @ image[:, :, top : top + 4, left : left + 4] @ BT.T
            for c in range(x.shape[1]):
                tile = AT @ (data[:, None, c] * filters[None, :, c]) @ AT.T
                place = np.s_[:, :, 2 * t : 2 * t + 2, 2 * u : 2 * u + 2]
                out[place] = join(out[place], tile)
    return (out[:, :, :oh, :ow] + b[:, None, None]).astype(x.dtype)


@wrong("winograd_conv3x3", "tiles_do_not_overlap")
def winograd_conv3x3(x, w, b, pad):
    return by_tiles(x, w, b, pad, step=4)


@wrong("winograd_conv3x3", "last_channel_only")
def winograd_conv3x3(x, w, b, pad):
    return by_tiles(x, w, b, pad, join=lambda old, new: new)


@wrong("winograd_conv3x3", "filters_transformed_for_every_tile")
def winograd_conv3x3(x, w, b, pad):
    oh, ow = x.shape[2] + 2 * pad - 2, x.shape[3] + 2 * pad - 2
    image = np.pad(x, ((0, 0), (0, 0), (pad, pad + oh % 2), (pad, pad + ow % 2)))
    out = np.zeros((len(x), len(w), oh + oh % 2, ow + ow % 2), dtype=x.dtype)
    for n in range(len(x)):
        for t in range(0, oh, 2):
            for u in range(0, ow, 2):
                data = BT @ image[n, :, t : t + 4, u : u + 4] @ BT.T
                product = (data * (G @ w @ G.T)).sum(1)
                out[n, :, t : t + 2, u : u + 2] = AT @ product @ AT.T
    return (out[:, :, :oh, :ow] + b[:, None, None]).astype(x.dtype)


@wrong("winograd_conv3x3", "odd_sizes_left_empty")
def winograd_conv3x3(x, w, b, pad):
    return by_tiles(x, w, b, pad, reach=False)


def split(A, B, leaf, product, rule):
    """Strassen's recursion with `rule`, which makes C's quarters of the matrices' quarters."""
    rows, inner, columns = len(A), len(B), B.shape[1]
    if max(rows, inner, columns) <= leaf:
        return product(A, B)
    A = np.pad(A, ((0, rows % 2), (0, inner % 2)))
    B = np.pad(B, ((0, inner % 2), (0, columns % 2)))
    n, k, m = len(A) // 2, len(B) // 2, B.shape[1] // 2
    a = A[:n, :k], A[:n, k:], A[n:, :k], A[n:, k:]
    b = B[:k, :m], B[:k, m:], B[k:, :m], B[k:, m:]
    C = np.block(rule(a, b, lambda x, y: split(x, y, leaf, product, rule)))
    return C[:rows, :columns]


@wrong("strassen", "eight_products")
def strassen(A, B, leaf=64, product=np.matmul):
    def blocks(a, b, times):
        return [[times(a[2 * i], b[j]) + times(a[2 * i + 1], b[2 + j]) for j in (0, 1)]
                for i in (0, 1)]  # fmt: skip

    return split(A, B, leaf, product, blocks)


def sevens(a, b, times, sign=1):
    m1 = times(a[0] + a[3], b[0] + b[3])
    m2, m3 = times(a[2] + a[3], b[0]), times(a[0], b[1] - b[3])
    m4, m5 = times(a[3], b[2] - b[0]), times(a[0] + a[1], b[3])
    m6, m7 = times(a[2] - a[0], b[0] + b[1]), times(a[1] - a[3], b[2] + b[3])
    return [[m1 + m4 - sign * m5 + m7, m3 + m5], [m2 + m4, m1 - m2 + m3 + m6]]


@wrong("strassen", "sign_in_the_first_quarter")
def strassen(A, B, leaf=64, product=np.matmul):
    return split(A, B, leaf, product, lambda *parts: sevens(*parts, sign=-1))


@wrong("strassen", "product_not_used")
def strassen(A, B, leaf=64, product=np.matmul):
    return split(A, B, leaf, np.dot, sevens)


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


@wrong("col2im", "last_place_wins")
def col2im(cols, x_shape, kh, kw, stride, pad):
    N, C, H, W = x_shape
    oh, ow = out_size(x_shape, kh, kw, stride, pad)
    cols = cols.reshape(C, kh, kw, N, oh, ow)
    x = np.zeros((N, C, H + 2 * pad, W + 2 * pad), cols.dtype)
    for i in range(kh):
        for j in range(kw):
            x[:, :, i : i + stride * oh : stride, j : j + stride * ow : stride] = (
                cols[:, i, j].swapaxes(0, 1)
            )
    return x[:, :, pad : pad + H, pad : pad + W]


@wrong("im2col", "stride_down_only")
def im2col(x, kh, kw, stride, pad):
    oh, ow = out_size(x.shape, kh, kw, stride, pad)
    x = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    cols = np.empty((x.shape[1], kh, kw, len(x), oh, ow), x.dtype)
    for i in range(kh):
        for j in range(kw):
            cols[:, i, j] = x[:, :, i : i + stride * oh : stride, j : j + ow].swapaxes(0, 1)
    return cols.reshape(-1, len(x) * oh * ow)


@wrong("window_view", "stride_down_only")
def window_view(x, kh, kw, stride):
    N, C, H, W = x.shape
    n, c, h, w = x.strides
    oh, ow = (H - kh) // stride + 1, (W - kw) // stride + 1
    return as_strided(x, (C, kh, kw, N, oh, ow), (c, h, w, n, stride * h, w), writeable=False)


@wrong("window_view", "copied_into_c_order")
def window_view(x, kh, kw, stride):
    x = np.ascontiguousarray(x)
    N, C, H, W = x.shape
    n, c, h, w = x.strides
    shape = (C, kh, kw, N, (H - kh) // stride + 1, (W - kw) // stride + 1)
    return as_strided(x, shape, (c, h, w, n, stride * h, stride * w), writeable=False)


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


@wrong("conv_fft", "cut_from_the_far_corner")
def conv_fft(x, w, b, pad):
    x = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    size = x.shape[2:]
    oh, ow = size[0] - w.shape[2] + 1, size[1] - w.shape[3] + 1
    X, W = np.fft.rfft2(x), np.fft.rfft2(w, s=size)
    out = np.fft.irfft2(np.einsum("nchw,fchw->nfhw", X, W.conj()), s=size)
    return (out[:, :, -oh:, -ow:] + b[:, None, None]).astype(x.dtype)
