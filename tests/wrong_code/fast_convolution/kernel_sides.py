"""Notebook 11: kernels that are not square, taken by the wrong side or laid on transposed."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from wrong_code import wrong
from wrong_code.fast_convolution.columns import padded
from wrong_code.fast_convolution.more_columns import as_columns, found_windows


def by_height(kh, kw):
    return kh, kh


def by_width(kh, kw):
    return kw, kw


def exchanged(kh, kw):
    return kw, kh


for name, sides in [
    ("windows_as_wide_as_high", by_height),
    ("windows_as_high_as_wide", by_width),
    ("sides_of_the_kernel_exchanged", exchanged),
]:

    def window_view(x, kh, kw, stride, sides=sides):
        found = sliding_window_view(x, sides(kh, kw), axis=(2, 3))[:, :, ::stride, ::stride]
        return found.transpose(1, 4, 5, 0, 2, 3)

    def im2col(x, kh, kw, stride, pad, sides=sides):
        return as_columns(found_windows(padded(x, pad), *sides(kh, kw), stride))

    wrong("window_view", name)(window_view)
    wrong("im2col", name)(im2col)


@wrong("col2im", "square_kernel")
def col2im(cols, x_shape, kh, kw, stride, pad):
    N, C, H, W = x_shape
    oh, ow = (H + 2 * pad - kh) // stride + 1, (W + 2 * pad - kw) // stride + 1
    x = padded(np.zeros(x_shape, cols.dtype), pad)
    cols = cols.reshape(C, kh, kh, N, oh, ow)
    for i in range(kh):
        for j in range(kh):
            x[:, :, i : i + stride * oh : stride, j : j + stride * ow : stride] += cols[
                :, i, j
            ].swapaxes(0, 1)
    return x[:, :, pad : pad + H, pad : pad + W]


def layer(product, sides=lambda kh, kw: (kh, kw)):
    """A layer whose windows have these sides, by this product of them and the filters."""

    def conv_forward_strides(x, w, b, conv_param):
        kh, kw = sides(*w.shape[2:])
        found = found_windows(padded(x, conv_param["pad"]), kh, kw, conv_param["stride"])
        cols = as_columns(found)
        out = product(w, cols).reshape(len(w), len(x), *found.shape[2:4])
        return out.swapaxes(0, 1) + b[:, None, None], (cols, x.shape, w, conv_param)

    return conv_forward_strides


def of_axes(w, cols):
    kw, kh = w.shape[2:]
    return np.tensordot(w, cols.reshape(w.shape[1], kw, kh, -1), ([1, 2, 3], [0, 1, 2]))


def of_turned(w, cols):
    found = cols.reshape(*w.shape[1:], -1)
    return np.tensordot(w.transpose(0, 1, 3, 2), found, ([1, 2, 3], [0, 1, 2]))


def flat(w, cols):
    return w.reshape(len(w), -1) @ cols


wrong("conv_forward_strides", "kernel_transposed_and_stops")(layer(of_turned))
wrong("conv_forward_strides", "square_kernel")(layer(flat, by_height))
wrong("conv_forward_strides", "square_kernel")(layer(of_axes, by_width))
wrong("conv_forward_strides", "sides_of_the_kernel_exchanged")(layer(flat, exchanged))


def gradients(filters=lambda w: w, sides=lambda kh, kw: (kh, kw)):
    """The way back with these filters and, for dx, windows of these sides."""

    def conv_backward_strides(dout, cache):
        x_shape, w, cols, conv_param = cache  # of the master's conv_forward_strides
        stride, pad = conv_param["stride"], conv_param["pad"]
        rows = dout.swapaxes(0, 1).reshape(len(w), -1)
        kh, kw = sides(*w.shape[2:])
        sent = (filters(w).reshape(len(w), -1).T @ rows).reshape(
            x_shape[1], kh, kw, x_shape[0], *dout.shape[2:]
        )
        dx = padded(np.zeros(x_shape, cols.dtype), pad)
        for h, v in np.ndindex(*dout.shape[2:]):
            top, left = h * stride, v * stride
            dx[:, :, top : top + kh, left : left + kw] += sent[..., h, v].transpose(3, 0, 1, 2)
        dx = dx[:, :, pad : pad + x_shape[2], pad : pad + x_shape[3]]
        return dx, (rows @ cols.T).reshape(w.shape), rows.sum(1)

    return conv_backward_strides


wrong("conv_backward_strides", "kernel_transposed")(gradients(lambda w: w.swapaxes(2, 3)))
wrong("conv_backward_strides", "square_kernel")(gradients(sides=by_height))


@wrong("conv_fft", "kernel_transposed")
def conv_fft(x, w, b, pad):
    x_padded, (kh, kw) = padded(x, pad), w.shape[2:]
    size = x_padded.shape[2:]
    spectrum = np.fft.rfft2(x_padded, size)[:, None] * np.fft.rfft2(w.swapaxes(2, 3), size).conj()
    out = np.fft.irfft2(spectrum.sum(2), size)[:, :, : size[0] - kh + 1, : size[1] - kw + 1]
    return (out + b[:, None, None]).astype(x.dtype)
