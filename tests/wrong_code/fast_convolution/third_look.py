"""Notebook 11: views whose axes are exchanged, sums over the wrong axes, tiles that leave zeros, a
leaf that is forgotten and a middle that is none."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from wrong_code import wrong
from wrong_code.fast_convolution.backward import gradients
from wrong_code.fast_convolution.columns import padded
from wrong_code.fast_convolution.more_costs import timing
from wrong_code.fast_convolution.still_more import strassen_by
from wrong_code.fast_convolution.transforms import by_tiles


def view(identity, order, down=True, across=True):
    def window_view(x, kh, kw, stride):
        found = sliding_window_view(x, (kh, kw), axis=(2, 3))
        found = found[:, :, :: stride if down else 1, :: stride if across else 1]
        return found.transpose(order)

    wrong("window_view", identity)(window_view)


view("kernel_axes_exchanged", (1, 5, 4, 0, 2, 3))
view("every_column", (1, 4, 5, 0, 2, 3), across=False)
view("every_row", (1, 4, 5, 0, 2, 3), down=False)
view("every_column_and_axes_exchanged", (1, 5, 4, 0, 2, 3), across=False)


@wrong("conv_fft", "images_conjugated_and_channels_averaged")
def conv_fft(x, w, b, pad):
    image = padded(x, pad)
    size, (kh, kw) = image.shape[2:], w.shape[2:]
    spectrum = np.fft.rfft2(image).conj()[:, None] * np.fft.rfft2(w, s=size)
    out = np.fft.irfft2(spectrum.mean(2), s=size)[:, :, : size[0] - kh + 1, : size[1] - kw + 1]
    return (out + b[:, None, None]).astype(x.dtype)


@wrong("conv_backward_strides", "bias_summed_over_filters")
def conv_backward_strides(dout, cache):
    dx, dw, _ = gradients(dout, cache)
    return dx, dw, dout.sum((1, 2, 3))


@wrong("winograd_conv3x3", "odd_sizes_left_at_zero")
def winograd_conv3x3(x, w, b, pad):
    out = by_tiles(x, w, b, pad)
    found = np.zeros_like(out)
    rows, columns = (side // 2 * 2 for side in out.shape[2:])
    found[:, :, :rows, :columns] = out[:, :, :rows, :columns]
    return found


@wrong("winograd_conv3x3", "odd_sizes_at_zero_without_a_tile")
def winograd_conv3x3(x, w, b, pad):
    out = by_tiles(x, w, b, pad, reach=False)
    rows, columns = (side // 2 * 2 for side in out.shape[2:])
    out[:, :, rows:], out[..., columns:] = 0, 0
    return out


@wrong("strassen", "leaf_not_passed_on")
def strassen(A, B, leaf=64, product=np.matmul):
    right = strassen_by()
    if max(*A.shape, B.shape[1]) <= leaf:
        return product(A, B)
    # One level by this leaf, those below by the default.
    lower = lambda x, y: right(x, y, product=product)
    half = -(-max(*A.shape, B.shape[1]) // 2)
    return right(A, B, half, lower)


wrong("strassen", "rows_alone_compared")(strassen_by(lambda sizes, leaf: sizes[0] <= leaf))
wrong("strassen", "columns_alone_compared")(strassen_by(lambda sizes, leaf: sizes[2] <= leaf))
wrong("best_algorithm", "middle_in_time")(timing(summary=lambda times: times[len(times) // 2]))


@wrong("im2col", "all_axes_padded")
def im2col(x, kh, kw, stride, pad):
    n, c, height, width = x.shape
    padded = np.pad(x, pad)
    oh, ow = (height + 2 * pad - kh) // stride + 1, (width + 2 * pad - kw) // stride + 1
    cols = np.empty((c, kh, kw, n, oh, ow), x.dtype)
    for i, j in np.ndindex(kh, kw):
        rows, across = slice(i, i + stride * oh, stride), slice(j, j + stride * ow, stride)
        cols[:, i, j] = padded[:n, :c, rows, across].swapaxes(0, 1)
    return cols.reshape(c * kh * kw, -1)


@wrong("col2im", "images_taken_to_be_first")
def col2im(cols, x_shape, kh, kw, stride, pad):
    n, c, height, width = x_shape
    oh, ow = (height + 2 * pad - kh) // stride + 1, (width + 2 * pad - kw) // stride + 1
    parts = cols.reshape(n, c, kh, kw, oh, ow)
    x = np.zeros((n, c, height + 2 * pad, width + 2 * pad), cols.dtype)
    for i, j in np.ndindex(kh, kw):
        x[:, :, i : i + stride * oh : stride, j : j + stride * ow : stride] += parts[:, :, i, j]
    return x[:, :, pad : pad + height, pad : pad + width]
