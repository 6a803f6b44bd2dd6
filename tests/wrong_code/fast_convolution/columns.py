"""Notebook 11: columns and views as people really write them wrong.

Transforms and tiles are in `fast_convolution_transforms`, costs in `fast_convolution_cost`.
"""

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view
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


@wrong("conv_forward_strides", "settings_by_place")
def conv_forward_strides(x, w, b, conv_param):
    stride, pad = list(conv_param.values())
    _ = (x.shape[2] + 2 * pad - w.shape[2]) // stride + 1
    view = sliding_window_view(padded(x, pad), w.shape[2:], axis=(2, 3))
    view = view[:, :, ::stride, ::stride]
    return np.einsum("nchwij,fcij->nfhw", view, w) + b[:, None, None], None


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
