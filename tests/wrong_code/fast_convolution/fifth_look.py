"""Notebook 11: sizes as other frameworks have them, and what is cut, averaged or added unasked."""

import statistics

import numpy as np
from numpy.lib.stride_tricks import as_strided
from wrong_code import wrong


def padded(x, pad):
    return np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])


def places(size, k, stride, pad):
    return len(range(0, size + 2 * pad - k + 1, stride))


@wrong("im2col", "last_windows_missing_where_they_fit")
def im2col(x, kh, kw, stride, pad):
    x = padded(x, pad)
    high, wide = x.shape[2:]
    cols = [x[n, :, i : i + kh, j : j + kw].ravel() for n in range(len(x))
            for i in range(0, high - kh, stride) for j in range(0, wide - kw, stride)]  # fmt: skip
    return np.array(cols, dtype=x.dtype).T


@wrong("window_view", "last_windows_missing_where_they_fit")
def window_view(x, kh, kw, stride):
    N, C, H, W = x.shape
    n, c, h, w = x.strides
    oh, ow = -((kh - H) // stride), -((kw - W) // stride)
    return as_strided(
        x, (C, kh, kw, N, oh, ow), (c, h, w, n, stride * h, stride * w), writeable=False
    )


def back(cols, x_shape, kh, kw, stride, pad, turned=False, room=None):
    """Padded images with the columns added up in them."""
    N, C, H, W = x_shape
    oh, ow = places(H, kh, stride, pad), places(W, kw, stride, pad)
    parts = cols.reshape(C, kh, kw, N, oh, ow)
    if turned:
        parts = np.flip(parts, (1, 2))
    x = np.zeros((N, C, *(room or (H + 2 * pad, W + 2 * pad))), dtype=cols.dtype)
    for i in range(kh):
        for j in range(kw):
            rows, across = slice(i, i + oh * stride, stride), slice(j, j + ow * stride, stride)
            x[:, :, rows, across] += parts[:, i, j].transpose(1, 0, 2, 3)
    return x


@wrong("col2im", "kernel_turned_round")
def col2im(cols, x_shape, kh, kw, stride, pad):
    x = back(cols, x_shape, kh, kw, stride, pad, turned=True)
    return x[:, :, pad : pad + x_shape[2], pad : pad + x_shape[3]]


def reached(x_shape, kh, kw, stride, pad):
    """How far the windows reach, down and across."""
    return [(places(size, k, stride, pad) - 1) * stride + k
            for size, k in zip(x_shape[2:], (kh, kw), strict=True)]  # fmt: skip


@wrong("col2im", "border_cut_off_the_windows")
def col2im(cols, x_shape, kh, kw, stride, pad):
    high, wide = reached(x_shape, kh, kw, stride, pad)
    x = back(cols, x_shape, kh, kw, stride, pad, room=(high, wide))
    return x[:, :, pad : high - pad, pad : wide - pad]


@wrong("conv_fft", "cut_from_the_middle")
def conv_fft(x, w, b, pad):
    x = padded(x, pad)
    size = x.shape[2:]
    product = np.einsum("nchw,fchw->nfhw", np.fft.fft2(x), np.fft.fft2(w, size).conj())
    whole = np.fft.ifft2(product).real
    inner = [slice((k - 1) // 2, (k - 1) // 2 + n - k + 1)
             for n, k in zip(size, w.shape[2:], strict=True)]  # fmt: skip
    return (whole[:, :, inner[0], inner[1]] + b.reshape(-1, 1, 1)).astype(x.dtype)


def backward(dx=lambda dx, **how: dx, dw=lambda dw, w: dw, flat=lambda d: d.swapaxes(0, 1)):
    """A way back by columns, with one thing made otherwise."""

    def conv_backward_strides(dout, cache):
        x_shape, w, cols, conv_param = cache
        F, _, kh, kw = w.shape
        d = flat(dout).reshape(F, -1)
        pad = conv_param["pad"]
        sizes = {"x_shape": x_shape, "kh": kh, "kw": kw, **conv_param}
        images = back(w.reshape(F, -1).T @ d, **sizes)
        images = images[:, :, pad : pad + x_shape[2], pad : pad + x_shape[3]]
        return dx(images, cols=cols, **sizes), dw((d @ cols.T).reshape(w.shape), w), d.sum(1)

    return conv_backward_strides


def averaged(dx, cols, x_shape, kh, kw, stride, pad):
    count = back(np.ones_like(cols), x_shape, kh, kw, stride, pad)
    count = count[:, :, pad : pad + x_shape[2], pad : pad + x_shape[3]]
    return dx / np.where(count > 0, count, 1)


def by_memory(d):
    return d.reshape(len(d), d.shape[1], -1, order="A").swapaxes(0, 1)


wrong("conv_backward_strides", "windows_averaged")(backward(dx=averaged))
wrong("conv_backward_strides", "with_weight_decay")(backward(dw=lambda dw, w: dw + 5e-4 * w))
wrong("conv_backward_strides", "dout_in_the_order_of_memory")(backward(flat=by_memory))


def column_bytes(size=places, images=lambda itemsize: itemsize, square=False):
    """The bytes of columns and their ratio, with other sizes or other bytes of the images."""

    def im2col_bytes(x_shape, kh, kw, stride, pad, itemsize=4):
        N, C, H, W = x_shape
        kw = kh if square else kw
        numbers = N * C * kh * kw * size(H, kh, stride, pad) * size(W, kw, stride, pad)
        return numbers * itemsize, numbers * itemsize / (N * C * H * W * images(itemsize))

    return im2col_bytes


wrong("im2col_bytes", "images_at_four_bytes")(column_bytes(images=lambda itemsize: 4))
wrong("im2col_bytes", "square_kernel_throughout")(column_bytes(square=True))
wrong("im2col_bytes", "rounded_up_from_the_stride")(
    column_bytes(lambda size, k, stride, pad: (size + stride - 1) // stride)
)


def tflops(digits):
    def effective_tflops(layer, ms):
        N, C, H, W, F, kh, kw, stride, pad = (layer[name] for name in (
            "N", "C", "H", "W", "F", "kh", "kw", "stride", "pad"))  # fmt: skip
        outputs = N * F * places(H, kh, stride, pad) * places(W, kw, stride, pad)
        return round(2 * outputs * C * kh * kw / (ms / 1000) / 1e12, digits)

    return effective_tflops


wrong("effective_tflops", "rounded_to_one")(tflops(1))
wrong("effective_tflops", "rounded_to_two")(tflops(2))
wrong("effective_tflops", "rounded_to_three")(tflops(3))


def fastest(digits):
    def best_algorithm(layer, candidates, clock, repeats):
        seconds = {}
        for name, prepare in candidates.items():
            try:
                run = prepare(layer)
            except ValueError:
                continue
            run()
            times = []
            for _ in range(repeats):
                begin = clock()
                run()
                times.append(clock() - begin)
            seconds[name] = round(statistics.median(times), digits)
        return min(seconds, key=seconds.get), seconds

    return best_algorithm


wrong("best_algorithm", "rounded_to_milliseconds")(fastest(3))
wrong("best_algorithm", "rounded_to_tenths_of_milliseconds")(fastest(4))

BT = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]])
G = np.array([[2, 0, 0], [1, 1, 1], [1, -1, 1], [0, 0, 2]]) / 2
AT = np.array([[1, 1, 1, 0], [0, 1, -1, -1]])


@wrong("winograd_conv3x3", "tiles_for_a_square")
def winograd_conv3x3(x, w, b, pad):
    N, C, H, W = x.shape
    oh, ow = H + 2 * pad - 2, W + 2 * pad - 2
    count = (max(oh, ow) + 1) // 2
    room = np.zeros((N, C, 2 * count + 2, 2 * count + 2), dtype=x.dtype)
    room[:, :, pad : pad + H, pad : pad + W] = x
    filters = G @ w @ G.T
    out = np.zeros((N, len(w), 2 * count, 2 * count), dtype=x.dtype)
    for t, u in np.ndindex(count, count):
        tile = BT @ room[:, :, 2 * t : 2 * t + 4, 2 * u : 2 * u + 4] @ BT.T
        here = np.s_[:, :, 2 * t : 2 * t + 2, 2 * u : 2 * u + 2]
        out[here] = AT @ (filters * tile[:, None]).sum(2) @ AT.T + b[:, None, None]
    return out[:, :, :oh, :ow]
