"""Notebook 11: more columns, views and layers as people really write them wrong."""

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view
from wrong_code import wrong
from wrong_code.fast_convolution.columns import out_size, padded


def found_windows(x, kh, kw, stride):
    """(N, C, oh, ow, kh, kw)"""
    return sliding_window_view(x, (kh, kw), (2, 3))[:, :, ::stride, ::stride]


def as_columns(windows, axes=(1, 4, 5, 0, 2, 3)):
    _, C, _, _, kh, kw = windows.shape
    return windows.transpose(axes).reshape(C * kh * kw, -1)


def im2col_padded_by(pads, **mode):
    """im2col with other padding, of `pad`."""

    def im2col(x, kh, kw, stride, pad):
        return as_columns(found_windows(np.pad(x, pads(pad), **mode), kh, kw, stride))

    return im2col


def sides(low, high):
    return lambda pad: ((0, 0), (0, 0), (low * pad, high * pad), (low * pad, high * pad))


wrong("im2col", "padded_on_the_other_side")(im2col_padded_by(sides(0, 2)))
wrong("im2col", "border_repeated")(im2col_padded_by(sides(1, 1), mode="edge"))


@wrong("im2col", "every_axis_padded")
def im2col(x, kh, kw, stride, pad):
    return as_columns(found_windows(np.pad(x, pad), kh, kw, stride))


@wrong("im2col", "images_not_side_by_side")
def im2col(x, kh, kw, stride, pad):
    windows = found_windows(padded(x, pad), kh, kw, stride)
    return windows.transpose(0, 1, 4, 5, 2, 3).reshape(x.shape[1] * kh * kw, -1)


@wrong("im2col", "images_apart")
def im2col(x, kh, kw, stride, pad):
    windows = found_windows(padded(x, pad), kh, kw, stride)
    return windows.transpose(0, 1, 4, 5, 2, 3).reshape(len(x), x.shape[1] * kh * kw, -1)


@wrong("im2col", "both_orders_other")
def im2col(x, kh, kw, stride, pad):
    return as_columns(found_windows(padded(x, pad), kh, kw, stride), (4, 5, 1, 2, 3, 0))


@wrong("im2col", "windows_side_by_side")
def im2col(x, kh, kw, stride, pad):
    oh, ow = out_size(x.shape, kh, kw, stride, pad)
    return as_columns(found_windows(padded(x, pad), kh, kw, 1)[:, :, :oh, :ow])


def back(cols, x_shape, kh, kw, stride, pad, rows="cij", across="nhw", add=True):
    """col2im by two loops over the kernel, which reads the columns in another order."""
    N, C, H, W = x_shape
    oh, ow = out_size(x_shape, kh, kw, stride, pad)
    length = dict(zip("nchwij", (N, C, oh, ow, kh, kw), strict=True))
    order = rows + across
    cols = cols.reshape([length[axis] for axis in order])
    cols = cols.transpose([order.index(axis) for axis in "cijnhw"])
    x = padded(np.zeros(x_shape, cols.dtype), pad)
    for i in range(kh):
        for j in range(kw):
            pixels = x[:, :, i : i + stride * oh : stride, j : j + stride * ow : stride]
            sent = cols[:, i, j].swapaxes(0, 1)
            pixels[...] = pixels + sent if add else sent
    return x[:, :, pad : pad + H, pad : pad + W]


@wrong("col2im", "kernel_read_column_by_column")
def col2im(cols, x_shape, kh, kw, stride, pad):
    return back(cols, x_shape, kh, kw, stride, pad, rows="cji")


@wrong("col2im", "other_order_and_last_place")
def col2im(cols, x_shape, kh, kw, stride, pad):
    return back(cols, x_shape, kh, kw, stride, pad, across="hwn", add=False)


@wrong("window_view", "copied_and_closed")
def window_view(x, kh, kw, stride):
    windows = found_windows(x, kh, kw, stride).transpose(1, 4, 5, 0, 2, 3).copy()
    windows.flags.writeable = False
    return windows


@wrong("window_view", "strides_in_numbers")
def window_view(x, kh, kw, stride):
    N, C, _, _ = x.shape
    n, c, h, w = (step // x.itemsize for step in x.strides)
    shape = C, kh, kw, N, *out_size(x.shape, kh, kw, stride, 0)
    return as_strided(x, shape, (c, h, w, n, h * stride, w * stride), writeable=False)


def layer(x, w, b, conv_param, stride=None, kernel=lambda w: w, wide=False, biases=1):
    """conv_forward_strides with one thing changed."""
    F, C, kh, kw = w.shape
    stride = stride or conv_param["stride"]
    windows = found_windows(padded(x, conv_param["pad"]), kh, kw, stride)
    cols = windows.transpose(1, 4, 5, 0, 2, 3)
    cols = cols.astype(float, order="C") if wide else cols
    cols = cols.reshape(C * kh * kw, -1)
    out = kernel(w).reshape(F, -1).astype(cols.dtype) @ cols + biases * b[:, None]
    out = out.reshape(F, len(x), *windows.shape[2:4]).swapaxes(0, 1)
    return out.astype(x.dtype), None


for identity, change in {
    "bias_twice": {"biases": 2},
    "turned_round_and_no_bias": {"kernel": lambda w: w[..., ::-1, ::-1], "biases": 0},
    "kernel_transposed": {"kernel": lambda w: w.swapaxes(2, 3)},
    "stride_not_read": {"stride": 1},
    "columns_widened": {"wide": True},
}.items():

    def conv_forward_strides(x, w, b, conv_param, change=change):
        return layer(x, w, b, conv_param, **change)

    wrong("conv_forward_strides", identity)(conv_forward_strides)


@wrong("window_view", "x_made_read_only")
def window_view(x, kh, kw, stride):
    x.setflags(write=False)
    found = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(2, 3))
    return found[:, :, ::stride, ::stride].transpose(1, 4, 5, 0, 2, 3)
