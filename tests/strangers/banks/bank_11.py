"""Strangers' programs for notebook 11: written from the learner's notebook only (form: see README.md beside it)."""
import itertools
import math
import statistics
import time

import numpy as np
import torch
import torch.nn.functional as F
from numpy.lib.stride_tricks import as_strided, sliding_window_view

RIGHT, WRONG, MORE = {}, [], []

# The matrices that the notebook imports.
BT = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]], float)
G = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])
AT = np.array([[1, 1, 1, 0], [0, 1, -1, -1]], float)


def right(f):
    RIGHT[f.__name__] = f
    return f


def also(exercise, label):
    def keep(f):
        MORE.append((exercise, label, {f.__name__: f}))
        return f
    return keep


def wrong(exercise, label, says):
    def keep(f):
        WRONG.append((exercise, label, says, {f.__name__: f}))
        return f
    return keep


# ================================================================ im2col
@right
def im2col(x, kh, kw, stride, pad):
    N, C, H, W = x.shape
    big = np.zeros((N, C, H + 2 * pad, W + 2 * pad), dtype=x.dtype)
    big[:, :, pad:pad + H, pad:pad + W] = x
    oh, ow = (H + 2 * pad - kh) // stride + 1, (W + 2 * pad - kw) // stride + 1
    cols = np.empty((C, kh, kw, N, oh, ow), dtype=x.dtype)
    for i, j in itertools.product(range(kh), range(kw)):
        piece = big[:, :, i:i + stride * oh:stride, j:j + stride * ow:stride][:, :, :oh, :ow]
        cols[:, i, j] = piece.swapaxes(0, 1)
    return cols.reshape(C * kh * kw, N * oh * ow)


_im2col = im2col


@also("im2col", "index arrays: one fancy indexing")
def im2col(x, kh, kw, stride, pad):
    N, C, H, W = x.shape
    x = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    oh = (H + 2 * pad - kh) // stride + 1
    ow = (W + 2 * pad - kw) // stride + 1
    c, i, j = (a.reshape(-1, 1) for a in np.mgrid[:C, :kh, :kw])
    n, p, q = (a.reshape(1, -1) for a in np.mgrid[:N, :oh, :ow])
    return x[n, c, p * stride + i, q * stride + j]


@also("im2col", "sliding_window_view, then transposed")
def im2col(x, kh, kw, stride, pad):
    x = np.pad(x, ((0,), (0,), (pad,), (pad,)))
    v = sliding_window_view(x, (kh, kw), axis=(2, 3))[:, :, ::stride, ::stride]
    return v.transpose(1, 4, 5, 0, 2, 3).reshape(x.shape[1] * kh * kw, -1)


@also("im2col", "torch's unfold, images joined")
def im2col(x, kh, kw, stride, pad):
    t = torch.from_numpy(np.array(x, order="C"))
    u = F.unfold(t, (kh, kw), padding=pad, stride=stride)  # N, C·kh·kw, L
    return u.permute(1, 0, 2).reshape(u.shape[1], -1).numpy()


@also("im2col", "a row at a time, lists")
def im2col(x, kh, kw, stride, pad):
    N, C, H, W = x.shape
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    bottom, end = H + 2 * pad - kh + 1, W + 2 * pad - kw + 1
    rows = []
    for c in range(C):
        for i in range(kh):
            for j in range(kw):
                rows.append(x[:, c, i:i + bottom:stride, j:j + end:stride].flatten())
    return np.stack(rows)


def _cols(x, kh, kw, stride, pad, rows="cij", cols="npq", widths=None, mode="constant", size=None, flip=False, sh=None, sw=None):
    N, C, H, W = x.shape
    x = np.pad(x, ((0, 0), (0, 0), *(widths or ((pad, pad), (pad, pad)))), mode=mode)
    oh, ow = (size or (lambda n, k: (n - k) // stride + 1))(x.shape[2], kh), (size or (lambda n, k: (n - k) // stride + 1))(x.shape[3], kw)
    i, j = np.arange(kh), np.arange(kw)
    if flip:
        i, j = i[::-1], j[::-1]
    y = np.arange(oh)[:, None] * (sh or stride) + i
    z = np.arange(ow)[:, None] * (sw or stride) + j
    y, z = np.minimum(y, x.shape[2] - 1), np.minimum(z, x.shape[3] - 1)
    v = x[:, :, y[:, None, :, None], z[None, :, None, :]]  # n c p q i j
    v = np.einsum("ncpqij->" + rows + cols, v)
    return v.reshape(C * kh * kw, -1)


@wrong("im2col", "columns in the order (oh, ow, n), as in the classic assignments", r"order|column|\(n, ?oh, ?ow\)|\(oh, ?ow, ?n\)|image")
def im2col(x, kh, kw, stride, pad):
    return _cols(x, kh, kw, stride, pad, cols="pqn")


@wrong("im2col", "rows in the order (i, j, c): channel fastest", r"order|row|channel|\(c, ?i, ?j\)|\(i, ?j, ?c\)")
def im2col(x, kh, kw, stride, pad):
    return _cols(x, kh, kw, stride, pad, rows="ijc")


@wrong("im2col", "rows in the order (c, j, i): kernel row fastest", r"order|row|fastest|transpos|\(c, ?i, ?j\)|\(c, ?j, ?i\)")
def im2col(x, kh, kw, stride, pad):
    return _cols(x, kh, kw, stride, pad, rows="cji")


@wrong("im2col", "columns in the order (n, ow, oh): windows column after column", r"order|column|row after row|transpos")
def im2col(x, kh, kw, stride, pad):
    return _cols(x, kh, kw, stride, pad, cols="nqp")


@wrong("im2col", "two: rows (i, j, c) and columns (oh, ow, n)", r"order|row|column|channel|image")
def im2col(x, kh, kw, stride, pad):
    return _cols(x, kh, kw, stride, pad, rows="ijc", cols="pqn")


@wrong("im2col", "kernel turned round: rows run from the last kernel place to the first", r"flip|turn|revers|order|row")
def im2col(x, kh, kw, stride, pad):
    return _cols(x, kh, kw, stride, pad, flip=True)


@wrong("im2col", "all padding below and to the right (2·pad there, none above)", r"pad|four sides|each side|top|left")
def im2col(x, kh, kw, stride, pad):
    return _cols(x, kh, kw, stride, pad, widths=((0, 2 * pad), (0, 2 * pad)))


@wrong("im2col", "padding repeats the border pixels instead of zeros", r"zero|pad|border|edge")
def im2col(x, kh, kw, stride, pad):
    return _cols(x, kh, kw, stride, pad, mode="edge")


@wrong("im2col", "np.pad(x, pad): pads images and channels too", r"pad|axes|shape|images|channels")
def im2col(x, kh, kw, stride, pad):
    x = np.pad(x, pad)
    return _cols(x, kh, kw, stride, 0)


@wrong("im2col", "pad not read", r"pad|shape|zeros")
def im2col(x, kh, kw, stride, pad):
    return _cols(x, kh, kw, stride, 0)


@wrong("im2col", "windows one pixel apart although as many as the stride leaves", r"stride|apart|step")
def im2col(x, kh, kw, stride, pad):
    return _cols(x, kh, kw, stride, pad, sh=1, sw=1)


@wrong("im2col", "only along the width the stride is forgotten", r"stride|width|axis|axes|column")
def im2col(x, kh, kw, stride, pad):
    return _cols(x, kh, kw, stride, pad, sw=1)


@wrong("im2col", "no + 1: the last row and column of windows missing", r"\+ ?1|last|window|shape|how many|off by one")
def im2col(x, kh, kw, stride, pad):
    return _cols(x, kh, kw, stride, pad, size=lambda n, k: (n - k) // stride)


@wrong("im2col", "sizes rounded up: one more window where the stride does not fit (clamped at the border)", r"floor|round|fit|shape|how many|window")
def im2col(x, kh, kw, stride, pad):
    return _cols(x, kh, kw, stride, pad, size=lambda n, k: -(-(n - k) // stride) + 1)


@wrong("im2col", "float64 whatever x is: np.zeros without dtype", r"dtype|float64|float32")
def im2col(x, kh, kw, stride, pad):
    N, C, H, W = x.shape
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    oh, ow = (H + 2 * pad - kh) // stride + 1, (W + 2 * pad - kw) // stride + 1
    cols = np.zeros((C, kh, kw, N, oh, ow))
    for i in range(kh):
        for j in range(kw):
            cols[:, i, j] = x[:, :, i:i + stride * oh:stride, j:j + stride * ow:stride].transpose(1, 0, 2, 3)
    return cols.reshape(C * kh * kw, -1)


@wrong("im2col", "only square layers: H, kh and oh for both axes", r"square|width|height|kw|shape|W\b|broadcast")
def im2col(x, kh, kw, stride, pad):
    N, C, H, _ = x.shape
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    o = (H + 2 * pad - kh) // stride + 1
    cols = np.empty((C, kh, kh, N, o, o), x.dtype)
    for i in range(kh):
        for j in range(kh):
            cols[:, i, j] = x[:, :, i:i + stride * o:stride, j:j + stride * o:stride].transpose(1, 0, 2, 3)
    return cols.reshape(C * kh * kh, -1)


@wrong("im2col", "images not brought beside each other: reshape without transpose (right for one image)", r"transpos|reshape|order|image|mix|swap|axes|axis|place")
def im2col(x, kh, kw, stride, pad):
    N, C, H, W = x.shape
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    oh, ow = (H + 2 * pad - kh) // stride + 1, (W + 2 * pad - kw) // stride + 1
    cols = np.empty((N, C, kh, kw, oh, ow), x.dtype)
    for i in range(kh):
        for j in range(kw):
            cols[:, :, i, j] = x[:, :, i:i + stride * oh:stride, j:j + stride * ow:stride]
    return cols.reshape(C * kh * kw, -1)


@wrong("im2col", "the transposed matrix: a window a row", r"transpos|shape|column|row")
def im2col(x, kh, kw, stride, pad):
    return _im2col(x, kh, kw, stride, pad).T


@wrong("im2col", "torch's three axes: (N, C·kh·kw, L), images apart", r"shape|axes|axis|image|one matrix|torch|N·oh")
def im2col(x, kh, kw, stride, pad):
    return F.unfold(torch.tensor(np.ascontiguousarray(x)), (kh, kw), padding=pad, stride=stride).numpy()


@wrong("im2col", "two: zeros written into the border of x itself, which changes it, instead of put round it", r"modif|in place|chang|pad|shape")
def im2col(x, kh, kw, stride, pad):
    if pad:
        x[:, :, :pad] = x[:, :, -pad:] = 0
        x[..., :pad] = x[..., -pad:] = 0
    return _cols(x, kh, kw, stride, 0)


# ================================================================ col2im
@right
def col2im(cols, x_shape, kh, kw, stride, pad):
    N, C, H, W = x_shape
    HP, WP = H + 2 * pad, W + 2 * pad
    oh, ow = 1 + (HP - kh) // stride, 1 + (WP - kw) // stride
    six = cols.reshape((C, kh, kw, N, oh, ow))
    x = np.zeros((C, N, HP, WP), dtype=cols.dtype)
    for i in range(kh):
        rows = slice(i, i + (oh - 1) * stride + 1, stride)
        for j in range(kw):
            x[:, :, rows, j:j + (ow - 1) * stride + 1:stride] += six[:, i, j]
    return x[:, :, pad:pad + H, pad:pad + W].swapaxes(0, 1)


_col2im = col2im


@also("col2im", "np.add.at with index arrays")
def col2im(cols, x_shape, kh, kw, stride, pad):
    N, C, H, W = x_shape
    oh, ow = (H + 2 * pad - kh) // stride + 1, (W + 2 * pad - kw) // stride + 1
    c, i, j, n, p, q = np.ogrid[:C, :kh, :kw, :N, :oh, :ow]
    x = np.zeros((N, C, H + 2 * pad, W + 2 * pad), cols.dtype)
    np.add.at(x, (n, c, p * stride + i, q * stride + j), cols.reshape(C, kh, kw, N, oh, ow))
    return x[:, :, pad:H + pad, pad:W + pad]


@also("col2im", "window by window, one column each")
def col2im(cols, x_shape, kh, kw, stride, pad):
    N, C, H, W = x_shape
    oh, ow = (H + 2 * pad - kh) // stride + 1, (W + 2 * pad - kw) // stride + 1
    x = np.zeros((N, C, H + 2 * pad, W + 2 * pad), cols.dtype)
    at = 0
    for n in range(N):
        for p in range(0, oh * stride, stride):
            for q in range(0, ow * stride, stride):
                x[n, :, p:p + kh, q:q + kw] += cols[:, at].reshape(C, kh, kw)
                at += 1
    return x[:, :, pad:x.shape[2] - pad, pad:x.shape[3] - pad].copy()


@also("col2im", "torch's fold")
def col2im(cols, x_shape, kh, kw, stride, pad):
    N, C, H, W = x_shape
    t = torch.tensor(cols).reshape(C * kh * kw, N, -1).transpose(0, 1)
    return F.fold(t, (H, W), (kh, kw), padding=pad, stride=stride).numpy()


def _image(cols, x_shape, kh, kw, stride, pad, rows="cij", order="npq", assign=False, crop=True, dtype=None, share=None, ji=False):
    N, C, H, W = x_shape
    oh, ow = (H + 2 * pad - kh) // stride + 1, (W + 2 * pad - kw) // stride + 1
    n = dict(c=C, i=kh, j=kw, n=N, p=oh, q=ow)
    six = cols.reshape([n[a] for a in rows + order])
    six = np.einsum(rows + order + "->ijncpq", six)
    x = np.zeros((N, C, H + 2 * pad, W + 2 * pad), dtype or cols.dtype)
    for i in range(kh):
        for j in range(kw):
            s = np.s_[:, :, i:i + stride * oh:stride, j:j + stride * ow:stride]
            if assign:
                x[s] = six[i, j]
            else:
                x[s] += six[i, j]
    return x[:, :, pad:pad + H, pad:pad + W] if crop else x


@wrong("col2im", "written, not added: the last window's number stays", r"add|sum|overlap|last|overwr|several|more than one")
def col2im(cols, x_shape, kh, kw, stride, pad):
    return _image(cols, x_shape, kh, kw, stride, pad, assign=True)


@wrong("col2im", "x[index] += cols: repeated indices are added only once", r"add|sum|overlap|once|overwr|repeat|add\.at|several|more than one")
def col2im(cols, x_shape, kh, kw, stride, pad):
    N, C, H, W = x_shape
    oh, ow = (H + 2 * pad - kh) // stride + 1, (W + 2 * pad - kw) // stride + 1
    c, i, j, n, p, q = np.ogrid[:C, :kh, :kw, :N, :oh, :ow]
    x = np.zeros((N, C, H + 2 * pad, W + 2 * pad), cols.dtype)
    x[n, c, p * stride + i, q * stride + j] += cols.reshape(C, kh, kw, N, oh, ow)
    return x[:, :, pad:H + pad, pad:W + pad]


@wrong("col2im", "padding not cut off", r"pad|shape|cut|crop|border")
def col2im(cols, x_shape, kh, kw, stride, pad):
    return _image(cols, x_shape, kh, kw, stride, pad, crop=False)


@wrong("col2im", "cut with [pad:-pad]: nothing is left at pad 0", r"empty|pad|-pad|\b0\b|shape")
def col2im(cols, x_shape, kh, kw, stride, pad):
    return _image(cols, x_shape, kh, kw, stride, pad, crop=False)[:, :, pad:-pad, pad:-pad]


@wrong("col2im", "cut at the wrong end: the first H rows and W columns of the padded images", r"pad|cut|crop|shift|border|moved|left|top")
def col2im(cols, x_shape, kh, kw, stride, pad):
    return _image(cols, x_shape, kh, kw, stride, pad, crop=False)[:, :, :x_shape[2], :x_shape[3]]


@wrong("col2im", "columns read as (oh, ow, n)", r"order|column|\(n, ?oh, ?ow\)|\(oh, ?ow, ?n\)|image")
def col2im(cols, x_shape, kh, kw, stride, pad):
    return _image(cols, x_shape, kh, kw, stride, pad, order="pqn")


@wrong("col2im", "rows read as (i, j, c)", r"order|row|channel|\(c, ?i, ?j\)|\(i, ?j, ?c\)")
def col2im(cols, x_shape, kh, kw, stride, pad):
    return _image(cols, x_shape, kh, kw, stride, pad, rows="ijc")


@wrong("col2im", "means instead of sums: divided by how many windows a pixel is in (gives im2col's inverse)", r"mean|averag|divid|inverse|transpose|sum|how many|count")
def col2im(cols, x_shape, kh, kw, stride, pad):
    total = _image(cols, x_shape, kh, kw, stride, pad)
    times = _image(np.ones_like(cols), x_shape, kh, kw, stride, pad)
    return total / np.maximum(times, 1)


@wrong("col2im", "float64 whatever cols is", r"dtype|float64|float32")
def col2im(cols, x_shape, kh, kw, stride, pad):
    return _image(cols, x_shape, kh, kw, stride, pad, dtype=float)


@wrong("col2im", "kernel rows and columns exchanged, wrong only for what is not symmetric", r"transpos|exchang|swap|row|order|kernel|\bj\b")
def col2im(cols, x_shape, kh, kw, stride, pad):
    N, C, H, W = x_shape
    oh, ow = (H + 2 * pad - kh) // stride + 1, (W + 2 * pad - kw) // stride + 1
    six = cols.reshape(C, kw, kh, N, oh, ow)
    x = np.zeros((N, C, H + 2 * pad, W + 2 * pad), cols.dtype)
    for i in range(kh):
        for j in range(kw):
            x[:, :, i:i + stride * oh:stride, j:j + stride * ow:stride] += six[:, j, i].swapaxes(0, 1)
    return x[:, :, pad:pad + H, pad:pad + W]


@wrong("col2im", "stride not read: windows laid side by side from the corner, one pixel apart", r"stride|apart|step|place")
def col2im(cols, x_shape, kh, kw, stride, pad):
    N, C, H, W = x_shape
    oh, ow = (H + 2 * pad - kh) // stride + 1, (W + 2 * pad - kw) // stride + 1
    six = cols.reshape(C, kh, kw, N, oh, ow)
    x = np.zeros((N, C, H + 2 * pad, W + 2 * pad), cols.dtype)
    for i in range(kh):
        for j in range(kw):
            x[:, :, i:i + oh, j:j + ow] += six[:, i, j].swapaxes(0, 1)
    return x[:, :, pad:pad + H, pad:pad + W]


@wrong("col2im", "two: written not added, and (oh, ow, n)", r"add|sum|overlap|order|column|overwr|more than one|several")
def col2im(cols, x_shape, kh, kw, stride, pad):
    return _image(cols, x_shape, kh, kw, stride, pad, assign=True, order="pqn")


@wrong("col2im", "two: [pad:-pad] and float64", r"empty|pad|dtype|float64|shape")
def col2im(cols, x_shape, kh, kw, stride, pad):
    return _image(cols, x_shape, kh, kw, stride, pad, crop=False, dtype=float)[:, :, pad:-pad, pad:-pad]


@wrong("col2im", "only the first image gets the windows of all the others added to it (a loop over columns without n)", r"image|first|batch|\bn\b")
def col2im(cols, x_shape, kh, kw, stride, pad):
    N, C, H, W = x_shape
    oh, ow = (H + 2 * pad - kh) // stride + 1, (W + 2 * pad - kw) // stride + 1
    x = np.zeros((N, C, H + 2 * pad, W + 2 * pad), cols.dtype)
    for at in range(cols.shape[1]):
        p, q = divmod(at % (oh * ow), ow)
        x[0, :, p * stride:p * stride + kh, q * stride:q * stride + kw] += cols[:, at].reshape(C, kh, kw)
    return x[:, :, pad:pad + H, pad:pad + W]


# ================================================================ im2col_bytes
@right
def im2col_bytes(x_shape, kh, kw, stride, pad, itemsize=4):
    N, C, *size = x_shape
    windows = math.prod((n + 2 * pad - k) // stride + 1 for n, k in zip(size, (kh, kw)))
    column_bytes = windows * N * C * kh * kw * itemsize
    return column_bytes, column_bytes / (math.prod(x_shape) * itemsize)


_bytes = im2col_bytes


@also("im2col_bytes", "numpy numbers")
def im2col_bytes(x_shape, kh, kw, stride, pad, itemsize=4):
    N, C, H, W = x_shape
    o = (np.array([H, W]) + 2 * pad - [kh, kw]) // stride + 1
    numbers = N * C * kh * kw * o.prod()
    return numbers * itemsize, numbers / np.prod(x_shape)


@wrong("im2col_bytes", "k²/s² for the ratio, borders not counted", r"border|fewer|about|exact|window|ratio|fit")
def im2col_bytes(x_shape, kh, kw, stride, pad, itemsize=4):
    ratio = kh * kw / stride ** 2
    return int(math.prod(x_shape) * itemsize * ratio), ratio


@wrong("im2col_bytes", "only one image's columns over one image (bytes not for the batch)", r"batch|image|\bN\b|times")
def im2col_bytes(x_shape, kh, kw, stride, pad, itemsize=4):
    return _bytes((1, *x_shape[1:]), kh, kw, stride, pad, itemsize)


@wrong("im2col_bytes", "only the ratio is wrong: over the bytes of the padded images", r"pad|ratio|without")
def im2col_bytes(x_shape, kh, kw, stride, pad, itemsize=4):
    N, C, H, W = x_shape
    size = _bytes(x_shape, kh, kw, stride, pad, itemsize)[0]
    return size, size / (N * C * (H + 2 * pad) * (W + 2 * pad) * itemsize)


@wrong("im2col_bytes", "itemsize in the images' bytes forgotten: the ratio is itemsize times too large", r"itemsize|ratio|times|images")
def im2col_bytes(x_shape, kh, kw, stride, pad, itemsize=4):
    size = _bytes(x_shape, kh, kw, stride, pad, itemsize)[0]
    return size, size / math.prod(x_shape)


@wrong("im2col_bytes", "itemsize not read: always 4", r"itemsize|\b4\b|bytes a number|default")
def im2col_bytes(x_shape, kh, kw, stride, pad, itemsize=4):
    return _bytes(x_shape, kh, kw, stride, pad, 4)


@wrong("im2col_bytes", "numbers, not bytes", r"itemsize|byte|numbers|factor|4")
def im2col_bytes(x_shape, kh, kw, stride, pad, itemsize=4):
    size, ratio = _bytes(x_shape, kh, kw, stride, pad, 1)
    return size, ratio


@wrong("im2col_bytes", "ratio by floor division", r"//|floor|whole|round|ratio|integer")
def im2col_bytes(x_shape, kh, kw, stride, pad, itemsize=4):
    size = _bytes(x_shape, kh, kw, stride, pad, itemsize)[0]
    return size, size // (math.prod(x_shape) * itemsize)


@wrong("im2col_bytes", "true division in the sizes: fractions of windows where the stride does not fit", r"floor|//|whole|fraction|fit|window")
def im2col_bytes(x_shape, kh, kw, stride, pad, itemsize=4):
    N, C, H, W = x_shape
    oh, ow = (H + 2 * pad - kh) / stride + 1, (W + 2 * pad - kw) / stride + 1
    size = N * C * kh * kw * oh * ow * itemsize
    return size, size / (N * C * H * W * itemsize)


@wrong("im2col_bytes", "pad added once, not on both sides", r"pad|both|twice|2|side|window")
def im2col_bytes(x_shape, kh, kw, stride, pad, itemsize=4):
    N, C, H, W = x_shape
    oh, ow = (H + pad - kh) // stride + 1, (W + pad - kw) // stride + 1
    size = N * C * kh * kw * oh * ow * itemsize
    return size, size / (N * C * H * W * itemsize)


@wrong("im2col_bytes", "the pair exchanged: ratio first", r"order|first|exchang|swap|ratio")
def im2col_bytes(x_shape, kh, kw, stride, pad, itemsize=4):
    return _bytes(x_shape, kh, kw, stride, pad, itemsize)[::-1]


@wrong("im2col_bytes", "ratio upside down: images over columns", r"upside|invers|ratio|over|reciprocal")
def im2col_bytes(x_shape, kh, kw, stride, pad, itemsize=4):
    size, ratio = _bytes(x_shape, kh, kw, stride, pad, itemsize)
    return size, 1 / ratio


@wrong("im2col_bytes", "two: channels forgotten in the columns and kh squared", r"channel|\bC\b|kh|kw|square")
def im2col_bytes(x_shape, kh, kw, stride, pad, itemsize=4):
    N, C, H, W = x_shape
    oh, ow = (H + 2 * pad - kh) // stride + 1, (W + 2 * pad - kw) // stride + 1
    size = N * kh ** 2 * oh * ow * itemsize
    return size, size / (N * C * H * W * itemsize)


@wrong("im2col_bytes", "two: pad not read and one image only", r"pad|batch|image|\bN\b")
def im2col_bytes(x_shape, kh, kw, stride, pad, itemsize=4):
    return _bytes((1, *x_shape[1:]), kh, kw, stride, 0, itemsize)


# ================================================================ window_view
@right
def window_view(x, kh, kw, stride):
    N, C, H, W = x.shape
    n, c, h, w = x.strides
    shape = C, kh, kw, N, 1 + (H - kh) // stride, 1 + (W - kw) // stride
    return as_strided(x, shape, (c, h, w, n, h * stride, w * stride), writeable=False)


_window_view = window_view


@also("window_view", "sliding_window_view, steps, transposed")
def window_view(x, kh, kw, stride):
    windows = sliding_window_view(x, (kh, kw), axis=(-2, -1))
    return np.moveaxis(windows[..., ::stride, ::stride, :, :], (0, 2, 3), (3, 4, 5))


@also("window_view", "flag set afterwards")
def window_view(x, kh, kw, stride):
    oh, ow = ((n - k) // stride + 1 for n, k in zip(x.shape[2:], (kh, kw)))
    sn, sc, sh, sw = x.strides
    v = as_strided(x, shape=(x.shape[1], kh, kw, x.shape[0], oh, ow), strides=(sc, sh, sw, sn, stride * sh, stride * sw))
    v.flags.writeable = False
    return v


def _view(x, kh, kw, stride, strides=None, size=lambda n, k, s: (n - k) // s + 1, writeable=False):
    N, C, H, W = x.shape
    n, c, h, w = strides or x.strides
    shape = C, kh, kw, N, size(H, kh, stride), size(W, kw, stride)
    return as_strided(x, shape, (c, h, w, n, h * stride, w * stride), writeable=writeable)


@wrong("window_view", "view is writable (as_strided's default)", r"writ|read-only|readonly")
def window_view(x, kh, kw, stride):
    return _view(x, kh, kw, stride, writeable=True)


@wrong("window_view", "strides computed from the shape as if x lay in C order: wrong only for other memory orders", r"order|stride|memory|fortran|contiguous|transpos")
def window_view(x, kh, kw, stride):
    N, C, H, W = x.shape
    b = x.itemsize
    return _view(x, kh, kw, stride, (C * H * W * b, H * W * b, W * b, b))


@wrong("window_view", "ascontiguousarray first: a copy where x is not in C order", r"cop|memory|share|view")
def window_view(x, kh, kw, stride):
    return _view(np.ascontiguousarray(x), kh, kw, stride)


@wrong("window_view", "strides in numbers instead of bytes (torch's convention)", r"byte|itemsize|stride")
def window_view(x, kh, kw, stride):
    return _view(x, kh, kw, stride, tuple(s // x.itemsize for s in x.strides))


@wrong("window_view", "stride on the kernel's axes instead of the windows' (dilation)", r"stride|kernel|dilat|inside|window")
def window_view(x, kh, kw, stride):
    N, C, H, W = x.shape
    n, c, h, w = x.strides
    shape = C, kh, kw, N, (H - kh) // stride + 1, (W - kw) // stride + 1
    return as_strided(x, shape, (c, h * stride, w * stride, n, h, w), writeable=False)


@wrong("window_view", "stride in the shape only: windows one pixel apart", r"stride|apart|step|pixel")
def window_view(x, kh, kw, stride):
    N, C, H, W = x.shape
    n, c, h, w = x.strides
    shape = C, kh, kw, N, (H - kh) // stride + 1, (W - kw) // stride + 1
    return as_strided(x, shape, (c, h, w, n, h, w), writeable=False)


@wrong("window_view", "stride only along the height", r"stride|width|axis|axes|column|along")
def window_view(x, kh, kw, stride):
    N, C, H, W = x.shape
    n, c, h, w = x.strides
    shape = C, kh, kw, N, (H - kh) // stride + 1, (W - kw) // stride + 1
    return as_strided(x, shape, (c, h, w, n, h * stride, w), writeable=False)


@wrong("window_view", "a copy: reshaped windows of a new array", r"cop|memory|share|view")
def window_view(x, kh, kw, stride):
    out = _view(x, kh, kw, stride).copy()
    out.flags.writeable = False
    return out


@wrong("window_view", "axes in the order (N, C, oh, ow, kh, kw)", r"axes|axis|order|shape")
def window_view(x, kh, kw, stride):
    return sliding_window_view(x, (kh, kw), axis=(2, 3))[:, :, ::stride, ::stride]


@wrong("window_view", "images before channels: (N, kh, kw, C, oh, ow)", r"axes|axis|order|shape|channel|image")
def window_view(x, kh, kw, stride):
    return _view(x, kh, kw, stride).transpose(3, 1, 2, 0, 4, 5)


@wrong("window_view", "no + 1 in the sizes: the last windows missing", r"\+ ?1|last|shape|window|how many")
def window_view(x, kh, kw, stride):
    return _view(x, kh, kw, stride, size=lambda n, k, s: (n - k) // s)


@wrong("window_view", "sizes rounded up: the last windows read beyond the array where the stride does not fit", r"beyond|floor|round|shape|fit|outside|last")
def window_view(x, kh, kw, stride):
    return _view(x, kh, kw, stride, size=lambda n, k, s: -(-(n - k) // s) + 1)


@wrong("window_view", "H/stride windows, kernel not taken off: reads beyond the last row", r"beyond|shape|kernel|how many|window|outside")
def window_view(x, kh, kw, stride):
    return _view(x, kh, kw, stride, size=lambda n, k, s: (n - 1) // s + 1)


@wrong("window_view", "two: writable, and strides as if in C order", r"writ|order|stride|memory|fortran|contiguous")
def window_view(x, kh, kw, stride):
    N, C, H, W = x.shape
    b = x.itemsize
    return _view(x, kh, kw, stride, (C * H * W * b, H * W * b, W * b, b), writeable=True)


@wrong("window_view", "strides along height and width exchanged inside the window only", r"stride|exchang|swap|height|width|transpos|row")
def window_view(x, kh, kw, stride):
    N, C, H, W = x.shape
    n, c, h, w = x.strides
    shape = C, kh, kw, N, (H - kh) // stride + 1, (W - kw) // stride + 1
    return as_strided(x, shape, (c, w, h, n, h * stride, w * stride), writeable=False)


# ================================================================ conv_forward_strides
@right
def conv_forward_strides(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    N, C = x.shape[:2]
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    view = _window_view(padded, kh, kw, s)
    cols = view.reshape(C * kh * kw, -1)
    out = np.dot(w.reshape(f, -1), cols)
    out += b.reshape(-1, 1)
    out = out.reshape((f, *view.shape[3:])).swapaxes(0, 1)
    return out.astype(x.dtype, copy=False), (x.shape, x.dtype, w, conv_param, cols)


_forward = conv_forward_strides


@also("conv_forward_strides", "tensordot, which makes the one copy itself; nothing but the arguments in the cache")
def conv_forward_strides(x, w, b, conv_param):
    p = conv_param["pad"]
    v = _window_view(np.pad(x, [(0, 0)] * 2 + [(p, p)] * 2), *w.shape[2:], conv_param["stride"])
    out = np.tensordot(w, v, axes=3)
    out += b[:, None, None, None]
    return np.moveaxis(out, 0, 1), (x, w, b, conv_param)


@also("conv_forward_strides", "buffer made first, filled by copyto; cache of three")
def conv_forward_strides(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    xp = np.zeros((N, C, H + 2 * pad, W + 2 * pad), x.dtype)
    xp[:, :, pad:pad + H, pad:pad + W] = x
    windows = _window_view(xp, w.shape[2], w.shape[3], stride)
    buffer = np.empty(windows.shape, dtype=x.dtype)
    np.copyto(buffer, windows)
    flat = buffer.reshape(-1, windows[0, 0, 0].size)
    out = np.matmul(w.reshape(len(w), -1), flat) + b[:, np.newaxis]
    return np.ascontiguousarray(out.reshape(len(w), *windows.shape[3:]).transpose(1, 0, 2, 3)), {"cols": flat, "w": w, "shape": x.shape, **conv_param}


@also("conv_forward_strides", "image by image: a buffer of one image only")
def conv_forward_strides(x, w, b, conv_param):
    pad, flat = conv_param["pad"], w.reshape(w.shape[0], -1)
    v = _window_view(np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad))), *w.shape[2:], conv_param["stride"])
    out = np.empty((len(x), len(w), *v.shape[4:]), x.dtype)
    for n, image in enumerate(out):
        image[...] = (flat @ v[:, :, :, n].reshape(flat.shape[1], -1)).reshape(image.shape)
    out += b[None, :, None, None]
    return out, (x, w, conv_param)


def _layer(x, w, b, conv_param, flip=False, bias=True, copy=None, assemble=None, pad=None, stride=None, win=None):
    s = conv_param["stride"] if stride is None else stride
    p = conv_param["pad"] if pad is None else pad
    f, C, kh, kw = w.shape
    view = (win or _window_view)(np.pad(x, ((0, 0), (0, 0), (p, p), (p, p))), kh, kw, s)
    cols = (copy or (lambda v, r: v.reshape(r, -1)))(view, C * kh * kw)
    kernel = w[:, :, ::-1, ::-1] if flip else w
    out = kernel.reshape(f, -1) @ cols
    if bias:
        out += b[:, None]
    N, oh, ow = view.shape[3:]
    out = assemble(out, N, f, oh, ow) if assemble else out.reshape(f, N, oh, ow).transpose(1, 0, 2, 3)
    return out.astype(x.dtype, copy=False), (x.shape, x.dtype, w, conv_param, cols)


@wrong("conv_forward_strides", "reshape(N, F, oh, ow) without a transpose: filters and images mixed (right for one image)", r"transpos|reshape|order|axes|axis|mix|image|swap")
def conv_forward_strides(x, w, b, conv_param):
    return _layer(x, w, b, conv_param, assemble=lambda o, N, f, oh, ow: o.reshape(N, f, oh, ow))


@wrong("conv_forward_strides", "output left as (F, N, oh, ow)", r"transpos|order|axes|axis|shape|swap")
def conv_forward_strides(x, w, b, conv_param):
    return _layer(x, w, b, conv_param, assemble=lambda o, N, f, oh, ow: o.reshape(f, N, oh, ow))


@wrong("conv_forward_strides", "kernel turned round: convolution, not correlation", r"flip|turn|correlat|convolution|revers")
def conv_forward_strides(x, w, b, conv_param):
    return _layer(x, w, b, conv_param, flip=True)


@wrong("conv_forward_strides", "bias forgotten", r"bias|\bb\b")
def conv_forward_strides(x, w, b, conv_param):
    return _layer(x, w, b, conv_param, bias=False)


@wrong("conv_forward_strides", "np.array(view), which keeps the view's memory order, then reshape: a second buffer", r"memory|buffer|cop|peak|twice|two")
def conv_forward_strides(x, w, b, conv_param):
    return _layer(x, w, b, conv_param, copy=lambda v, r: np.array(v).reshape(r, -1))


@wrong("conv_forward_strides", "columns widened to float64 for the product: twice the buffer's bytes", r"memory|buffer|peak|twice|two|float64|dtype|cop")
def conv_forward_strides(x, w, b, conv_param):
    return _layer(x, w.astype(float), b, conv_param, copy=lambda v, r: v.astype(float, order="C").reshape(r, -1))


@wrong("conv_forward_strides", "columns in (n, oh, ow, c, i, j) order made contiguous once more for the product: two buffers", r"memory|buffer|cop|peak|twice|two")
def conv_forward_strides(x, w, b, conv_param):
    def copy(v, r):
        a = v.transpose(3, 4, 5, 0, 1, 2).reshape(-1, r)
        return np.ascontiguousarray(a.T)
    return _layer(x, w, b, conv_param, copy=copy)


@wrong("conv_forward_strides", "columns read in memory order (order='K'): wrong numbers", r"order|memory|column|row|product|value|number|mix|reshape")
def conv_forward_strides(x, w, b, conv_param):
    return _layer(x, w, b, conv_param, copy=lambda v, r: v.ravel("K").reshape(r, -1))


@wrong("conv_forward_strides", "strides as if in C order: wrong only for images in Fortran order", r"order|fortran|stride|memory|contiguous")
def conv_forward_strides(x, w, b, conv_param):
    def win(x, kh, kw, s):
        N, C, H, W = x.shape
        k = x.itemsize
        return as_strided(x, (C, kh, kw, N, (H - kh) // s + 1, (W - kw) // s + 1),
                          (H * W * k, W * k, k, C * H * W * k, s * W * k, s * k), writeable=False)
    return _layer(x, w, b, conv_param, win=win)


@wrong("conv_forward_strides", "pad not read", r"pad|shape")
def conv_forward_strides(x, w, b, conv_param):
    return _layer(x, w, b, conv_param, pad=0)


@wrong("conv_forward_strides", "stride not read: always 1", r"stride|shape")
def conv_forward_strides(x, w, b, conv_param):
    return _layer(x, w, b, conv_param, stride=1)


@wrong("conv_forward_strides", "looks for torch's 'padding' and finds 0", r"pad|shape|key|conv_param")
def conv_forward_strides(x, w, b, conv_param):
    return _layer(x, w, b, conv_param, pad=conv_param.get("padding", 0))


@wrong("conv_forward_strides", "float64 out: the padded images are np.zeros without dtype", r"dtype|float64|float32")
def conv_forward_strides(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    xp = np.zeros((N, C, H + 2 * p, W + 2 * p))
    xp[:, :, p:H + p, p:W + p] = x
    v = _window_view(xp, *w.shape[2:], s)
    cols = v.reshape(C * w.shape[2] * w.shape[3], -1)
    out = (w.reshape(len(w), -1) @ cols + b[:, None]).reshape(len(w), *v.shape[3:]).transpose(1, 0, 2, 3)
    return out, (x.shape, x.dtype, w, conv_param, cols)


@wrong("conv_forward_strides", "returns out without a cache", r"two|pair|cache|tuple|return|unpack")
def conv_forward_strides(x, w, b, conv_param):
    return _layer(x, w, b, conv_param)[0]


@wrong("conv_forward_strides", "kernel's row and column axes exchanged in w's rows", r"transpos|kernel|row|order|exchang|swap")
def conv_forward_strides(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    v = _window_view(np.pad(x, ((0, 0), (0, 0), (p, p), (p, p))), *w.shape[2:], s)
    cols = v.reshape(-1, v[0, 0, 0].size)
    out = w.transpose(0, 1, 3, 2).reshape(len(w), -1) @ cols + b[:, None]
    return out.reshape(len(w), *v.shape[3:]).transpose(1, 0, 2, 3), (x.shape, x.dtype, w, conv_param, cols)


@wrong("conv_forward_strides", "two: turned kernel and no bias", r"flip|turn|correlat|convolution|bias|revers")
def conv_forward_strides(x, w, b, conv_param):
    return _layer(x, w, b, conv_param, flip=True, bias=False)


@wrong("conv_forward_strides", "two: reshape without transpose and a second buffer", r"transpos|reshape|order|mix|memory|buffer|cop|axes|axis")
def conv_forward_strides(x, w, b, conv_param):
    return _layer(x, w, b, conv_param, copy=lambda v, r: np.array(v).reshape(r, -1), assemble=lambda o, N, f, oh, ow: o.reshape(N, f, oh, ow))


@wrong("conv_forward_strides", "bias added once too often: inside the product (ones row) and outside", r"bias|\bb\b|twice|added")
def conv_forward_strides(x, w, b, conv_param):
    out, cache = _layer(x, w, b, conv_param)
    return out + b[:, None, None], cache


# ================================================================ conv_fft
@right
def conv_fft(x, w, b, pad):
    kh, kw = w.shape[2:]
    x2 = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    size = x2.shape[2:]
    fx, fw = np.fft.rfft2(x2, s=size), np.fft.rfft2(w, s=size)
    out = np.fft.irfft2(np.einsum("nchw,fchw->nfhw", fx, np.conj(fw)), s=size)
    out = out[:, :, :size[0] - kh + 1, :size[1] - kw + 1] + b[:, None, None]
    return out.astype(x.dtype)


@also("conv_fft", "turned kernel, full convolution, cut from the kernel's size on")
def conv_fft(x, w, b, pad):
    N, C, H, W = x.shape
    kh, kw = w.shape[-2:]
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    size = (H + 2 * pad + kh - 1, W + 2 * pad + kw - 1)
    spectrum = np.fft.rfft2(x, size)[:, None] * np.fft.rfft2(w[..., ::-1, ::-1], size)[None]
    full = np.fft.irfft2(spectrum.sum(2), size)
    out = full[:, :, kh - 1:H + 2 * pad, kw - 1:W + 2 * pad]
    out = out + b.reshape(1, -1, 1, 1)
    return out.astype(x.dtype, copy=False)


@also("conv_fft", "complex transforms, one filter at a time, real part")
def conv_fft(x, w, b, pad):
    kh, kw = w.shape[2:]
    x64 = np.pad(x.astype(np.float64), ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    H, W = x64.shape[2:]
    X = np.fft.fft2(x64)
    out = np.empty((len(x), len(w), H - kh + 1, W - kw + 1), x.dtype)
    for f, filters in enumerate(w):
        K = np.conj(np.fft.fft2(filters, s=(H, W)))
        out[:, f] = np.fft.ifft2((X * K).sum(axis=1)).real[:, :H - kh + 1, :W - kw + 1] + b[f]
    return out


@also("conv_fft", "torch.fft, padding by the transform's size and a roll")
def conv_fft(x, w, b, pad):
    kh, kw = w.shape[2:]
    s = (x.shape[2] + 2 * pad + kh, x.shape[3] + 2 * pad + kw)
    X = torch.fft.rfft2(torch.tensor(x), s=s)
    K = torch.fft.rfft2(torch.tensor(w), s=s)
    y = torch.fft.irfft2(torch.einsum("ncij,fcij->nfij", X, K.conj()), s=s)
    y = torch.roll(y, (pad, pad), dims=(2, 3)) + torch.tensor(b)[:, None, None]
    return y[:, :, :x.shape[2] + 2 * pad - kh + 1, :x.shape[3] + 2 * pad - kw + 1].numpy().astype(x.dtype)


def _fft(x, w, b, pad, conj="w", size=None, start=0, bias=True, cast=True, back=True, channels="sum", part=np.real, norm=None):
    kh, kw = w.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    H, W = xp.shape[2:]
    s = size(xp, kh, kw) if size else (H, W)
    X, K = np.fft.rfft2(xp, s=s, norm=norm), np.fft.rfft2(w, s=s, norm=norm)
    if conj == "w":
        K = K.conj()
    elif conj == "x":
        X = X.conj()
    Y = np.einsum("ncij,fcij->nfij", X, K)
    if channels == "mean":
        Y = Y / x.shape[1]
    y = np.fft.irfft2(Y, s=s, norm=norm) if back else np.fft.irfft2(Y, norm=norm)
    a, c = (start * (kh - 1), start * (kw - 1))
    y = part(y[:, :, a:a + H - kh + 1, c:c + W - kw + 1])
    if bias:
        y = y + b[:, None, None]
    return y.astype(x.dtype) if cast else y.astype(float)


@wrong("conv_fft", "no conjugate: convolution (cut from 0)", r"conj|turn|flip|convolution|correlat|revers")
def conv_fft(x, w, b, pad):
    return _fft(x, w, b, pad, conj="")


@wrong("conv_fft", "no conjugate, cut where a true convolution is valid: kernel turned round", r"conj|turn|flip|convolution|correlat|revers")
def conv_fft(x, w, b, pad):
    return _fft(x, w, b, pad, conj="", start=1)


@wrong("conv_fft", "conjugate of the images instead of the filters", r"conj|turn|flip|revers|images|filter|wrong one")
def conv_fft(x, w, b, pad):
    return _fft(x, w, b, pad, conj="x")


@wrong("conv_fft", "with the conjugate, yet cut from kh - 1 on as for a convolution", r"cut|crop|shift|from|first|offset|circular|wrap|place|part")
def conv_fft(x, w, b, pad):
    return _fft(x, w, b, pad, start=1)


@wrong("conv_fft", "no padding: transform of the bare images, wrapped round the border (pad read for the sizes only)", r"circular|wrap|pad|zeros|border|other side")
def conv_fft(x, w, b, pad):
    kh, kw = w.shape[2:]
    H, W = x.shape[2:]
    y = np.fft.irfft2(np.einsum("ncij,fcij->nfij", np.fft.rfft2(x), np.fft.rfft2(w, s=(H, W)).conj()), s=(H, W))
    y = np.take(np.take(y, np.arange(-pad, H + pad - kh + 1), axis=2, mode="wrap"), np.arange(-pad, W + pad - kw + 1), axis=3, mode="wrap")
    return (y + b[:, None, None]).astype(x.dtype)


@wrong("conv_fft", "irfft2 without s: wrong only where the padded width is odd", r"odd|width|s=|size|shape|irfft2")
def conv_fft(x, w, b, pad):
    return _fft(x, w, b, pad, back=False)


@wrong("conv_fft", "float64 for float32 images", r"dtype|float64|float32")
def conv_fft(x, w, b, pad):
    return _fft(x, w, b, pad, cast=False)


@wrong("conv_fft", "always float32: float64 images lose their digits", r"dtype|float64|float32|precision")
def conv_fft(x, w, b, pad):
    return _fft(x, w, b, pad).astype(np.float32)


@wrong("conv_fft", "complex result: ifft2 without the real part", r"real|complex|dtype")
def conv_fft(x, w, b, pad):
    kh, kw = w.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    s = xp.shape[2:]
    Y = np.einsum("ncij,fcij->nfij", np.fft.fft2(xp), np.fft.fft2(w, s=s).conj())
    return np.fft.ifft2(Y)[:, :, :s[0] - kh + 1, :s[1] - kw + 1] + b[:, None, None]


@wrong("conv_fft", "absolute value for the real part: negative outputs come out positive", r"abs|sign|negativ|real")
def conv_fft(x, w, b, pad):
    return _fft(x, w, b, pad, part=np.abs)


@wrong("conv_fft", "bias forgotten", r"bias|\bb\b")
def conv_fft(x, w, b, pad):
    return _fft(x, w, b, pad, bias=False)


@wrong("conv_fft", "bias added to every frequency: it arrives in the first pixel only", r"bias|\bb\b|frequenc|pixel")
def conv_fft(x, w, b, pad):
    kh, kw = w.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    s = xp.shape[2:]
    Y = np.einsum("ncij,fcij->nfij", np.fft.rfft2(xp), np.fft.rfft2(w, s=s).conj()) + b[:, None, None]
    return np.fft.irfft2(Y, s=s)[:, :, :s[0] - kh + 1, :s[1] - kw + 1].astype(x.dtype)


@wrong("conv_fft", "bias added to frequency 0 without the number of pixels", r"bias|\bb\b|frequenc|pixel|scale|factor")
def conv_fft(x, w, b, pad):
    kh, kw = w.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    s = xp.shape[2:]
    Y = np.einsum("ncij,fcij->nfij", np.fft.rfft2(xp), np.fft.rfft2(w, s=s).conj())
    Y[:, :, 0, 0] += b
    return np.fft.irfft2(Y, s=s)[:, :, :s[0] - kh + 1, :s[1] - kw + 1].astype(x.dtype)


@wrong("conv_fft", "mean over the channels instead of their sum", r"mean|averag|sum|channel")
def conv_fft(x, w, b, pad):
    return _fft(x, w, b, pad, channels="mean")


@wrong("conv_fft", "norm='ortho' in all three transforms: too small by the root of the number of pixels", r"norm|scale|factor|ortho|times|too small")
def conv_fft(x, w, b, pad):
    return _fft(x, w, b, pad, norm="ortho")


@wrong("conv_fft", "kernel turned round along the width only, and convolved: the height is flipped", r"flip|turn|height|one axis|axis|revers|conj")
def conv_fft(x, w, b, pad):
    H, W = x.shape[2] + 2 * pad, x.shape[3] + 2 * pad
    kh, kw = w.shape[2:]
    return _fft(x, w[..., ::-1], b, pad, conj="", size=lambda xp, kh, kw: (H + kh - 1, W + kw - 1), start=1)


@wrong("conv_fft", "transform as wide as the images, not the padded images: rows cut off by s", r"size|pad|cut|wide|shape|zeros|rows")
def conv_fft(x, w, b, pad):
    s = x.shape[2:]
    kh, kw = w.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    y = np.fft.irfft2(np.einsum("ncij,fcij->nfij", np.fft.rfft2(xp, s=s), np.fft.rfft2(w, s=s).conj()), s=s)
    return (y[:, :, :s[0] + 2 * pad - kh + 1, :s[1] + 2 * pad - kw + 1] + b[:, None, None]).astype(x.dtype)


@wrong("conv_fft", "two: no conjugate and no bias", r"conj|turn|flip|bias|convolution|correlat")
def conv_fft(x, w, b, pad):
    return _fft(x, w, b, pad, conj="", start=1, bias=False)


@wrong("conv_fft", "two: irfft2 without s and mean over the channels", r"odd|width|mean|channel|sum|averag")
def conv_fft(x, w, b, pad):
    return _fft(x, w, b, pad, back=False, channels="mean")


@wrong("conv_fft", "whole circular result, not cut", r"cut|crop|shape|size")
def conv_fft(x, w, b, pad):
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    s = xp.shape[2:]
    y = np.fft.irfft2(np.einsum("ncij,fcij->nfij", np.fft.rfft2(xp), np.fft.rfft2(w, s=s).conj()), s=s)
    return (y + b[:, None, None]).astype(x.dtype)


# ================================================================ winograd_f23
@right
def winograd_f23(d, g):
    d, g = np.asarray(d), np.asarray(g)
    if d.ndim == 1:
        return AT @ ((G @ g) * (BT @ d))
    return AT @ ((G @ g @ G.T) * (BT @ d @ BT.T)) @ AT.T


@also("winograd_f23", "the four products written out; in two dimensions by rows of transformed numbers")
def winograd_f23(d, g):
    def data(d):
        return d[0] - d[2], d[1] + d[2], d[2] - d[1], d[1] - d[3]

    def kernel(g):
        return g[0], 0.5 * (g[0] + g[1] + g[2]), 0.5 * (g[0] - g[1] + g[2]), g[2]

    def back(m):
        return m[0] + m[1] + m[2], m[1] - m[2] - m[3]

    if np.ndim(d) == 1:
        return np.array(back([u * v for u, v in zip(data(d), kernel(g))]))
    U, V = [kernel(row) for row in kernel(g)], [data(row) for row in data(d)]
    rows = [back([u * v for u, v in zip(U[i], V[i])]) for i in range(4)]
    return np.array(back(np.array(rows)))


@also("winograd_f23", "loop over the axes")
def winograd_f23(d, g):
    for axis in range(np.ndim(d)):
        d = np.moveaxis(np.tensordot(BT, d, (1, axis)), 0, axis)
        g = np.moveaxis(np.tensordot(G, g, (1, axis)), 0, axis)
    y = d * g
    for axis in range(y.ndim):
        y = np.moveaxis(np.tensordot(AT, y, (1, axis)), 0, axis)
    return y


def _wino(d, g, at=AT, gm=G, bt=BT, bt2=None, at2=None, g2=None):
    if np.ndim(d) == 1:
        return at @ ((gm @ g) * (bt @ d))
    return at @ ((gm @ g @ (gm.T if g2 is None else g2)) * (bt @ d @ (bt.T if bt2 is None else bt2))) @ (at.T if at2 is None else at2)


def _changed(m, *entries):
    m = np.array(m)
    for i, j, v in entries:
        m[i, j] = v
    return m


@wrong("winograd_f23", "+ m4 in the second output", r"sign|m4|m_4|second|y1")
def winograd_f23(d, g):
    return _wino(d, g, at=_changed(AT, (1, 3, 1)))


@wrong("winograd_f23", "m3 from d1 - d2", r"sign|m3|m_3|d_?2")
def winograd_f23(d, g):
    return _wino(d, g, bt=_changed(BT, (2, 1, 1), (2, 2, -1)))


@wrong("winograd_f23", "halves forgotten: sums of the filter not halved", r"half|halv|2|factor|filter")
def winograd_f23(d, g):
    return _wino(d, g, gm=_changed(2 * G, (0, 0, 1), (3, 2, 1)))


@wrong("winograd_f23", "directly: six products (36 in two dimensions)", r"six|6|36|product|direct|fewer|4")
def winograd_f23(d, g):
    d, g = np.asarray(d), np.asarray(g)
    if d.ndim == 1:
        return np.array([(d[i:i + 3] * g).sum() for i in range(2)])
    return np.array([[(d[i:i + 3, j:j + 3] * g).sum() for j in range(2)] for i in range(2)])


@wrong("winograd_f23", "in two dimensions row by row: right, but 24 products", r"24|16|product|row|two dimensions|fewer")
def winograd_f23(d, g):
    if np.ndim(d) == 1:
        return _wino(d, g)
    return np.array([sum(_wino(d[r + i], g[i]) for i in range(3)) for r in range(2)])


@wrong("winograd_f23", "in two dimensions: data not transformed along the second axis", r"second|axis|columns|both|two dimensions|B\b|data|4")
def winograd_f23(d, g):
    return _wino(d, g, bt2=np.eye(4))


@wrong("winograd_f23", "in two dimensions: BT d BT, not transposed on the right", r"transpos|B\b|BT|second|right|two dimensions|data")
def winograd_f23(d, g):
    return _wino(d, g, bt2=BT)


@wrong("winograd_f23", "in two dimensions: filter transposed", r"transpos|filter|kernel|g\b|two dimensions|rows")
def winograd_f23(d, g):
    return _wino(d, np.asarray(g).T)


@wrong("winograd_f23", "in two dimensions: outputs transposed", r"transpos|rows|columns|two dimensions|output")
def winograd_f23(d, g):
    return np.asarray(_wino(d, g)).T


@wrong("winograd_f23", "only one dimension", r"two dimensions|\(4, ?4\)|2-D|axes|shape|dimension|unpack")
def winograd_f23(d, g):
    return AT @ ((G @ g) * (BT @ d))


@wrong("winograd_f23", "matrix product instead of elementwise in the middle (two dimensions)", r"element|matrix product|⊙|@|\*|64|product")
def winograd_f23(d, g):
    if np.ndim(d) == 1:
        return _wino(d, g)
    return AT @ ((G @ g @ G.T) @ (BT @ d @ BT.T)) @ AT.T


@wrong("winograd_f23", "filter turned round: a convolution", r"turn|flip|revers|correlat|convolution")
def winograd_f23(d, g):
    return _wino(d, np.flip(g))


@wrong("winograd_f23", "put into float arrays: objects fail", r"float|object|array|dtype")
def winograd_f23(d, g):
    return _wino(np.asarray(d, dtype=float), np.asarray(g, dtype=float))


@wrong("winograd_f23", "results collected in np.zeros(4): objects do not fit into floats", r"float|object|zeros|dtype|array")
def winograd_f23(d, g):
    if np.ndim(d) == 2:
        return _wino(d, g)
    m = np.zeros(4)
    m[0] = (d[0] - d[2]) * g[0]
    m[1] = (d[1] + d[2]) * (0.5 * (g[0] + g[1] + g[2]))
    m[2] = (d[2] - d[1]) * (0.5 * (g[0] - g[1] + g[2]))
    m[3] = (d[1] - d[3]) * g[2]
    return np.array([m[0] + m[1] + m[2], m[1] - m[2] - m[3]])


@wrong("winograd_f23", "only for whole numbers: G in the dtype of g, so its halves become 0", r"integer|whole|half|halv|dtype|\bint|0\.5|filter")
def winograd_f23(d, g):
    g = np.asarray(g)
    return _wino(d, g, gm=G.astype(g.dtype))


@wrong("winograd_f23", "only for whole numbers: the transformed filter is cast back to the filter's integers (halves cut off)", r"integer|whole|half|halv|dtype|\bint|round|trunc")
def winograd_f23(d, g):
    d, g = np.asarray(d), np.asarray(g)
    if d.ndim == 1:
        return AT @ ((G @ g).astype(g.dtype) * (BT @ d))
    u = (G @ g @ G.T).astype(g.dtype)
    return AT @ (u * (BT @ d @ BT.T)) @ AT.T


@wrong("winograd_f23", "two: + m4, and the halves forgotten", r"sign|m4|m_4|half|halv|factor")
def winograd_f23(d, g):
    return _wino(d, g, at=_changed(AT, (1, 3, 1)), gm=_changed(2 * G, (0, 0, 1), (3, 2, 1)))


@wrong("winograd_f23", "y0 and y1 exchanged", r"order|exchang|swap|y0|first|revers")
def winograd_f23(d, g):
    return _wino(d, g, at=AT[::-1])


# ================================================================ effective_tflops
@right
def effective_tflops(layer, ms):
    L = dict(layer)
    out = [(L[a] + 2 * L["pad"] - L[k]) // L["stride"] + 1 for a, k in (("H", "kh"), ("W", "kw"))]
    operations = 2 * math.prod(out + [L[k] for k in ("N", "C", "F", "kh", "kw")])
    return operations / (ms * 1e9)


_tflops = effective_tflops


@also("effective_tflops", "unpacked by values")
def effective_tflops(layer, ms):
    N, C, H, W, F, kh, kw, s, p = map(layer.get, ("N", "C", "H", "W", "F", "kh", "kw", "stride", "pad"))
    macs = N * F * C * kh * kw
    macs *= (H + 2 * p - kh + s) // s
    macs *= (W + 2 * p - kw + s) // s
    return 2 * macs / (ms / 1000) / 10 ** 12


def _rate(layer, ms, oh=None, ow=None, factor=2, N=None):
    L = layer
    oh = (L["H"] + 2 * L["pad"] - L["kh"]) // L["stride"] + 1 if oh is None else oh
    ow = (L["W"] + 2 * L["pad"] - L["kw"]) // L["stride"] + 1 if ow is None else ow
    return factor * (L["N"] if N is None else N) * L["C"] * L["F"] * L["kh"] * L["kw"] * oh * ow / (ms * 1e-3) / 1e12


@wrong("effective_tflops", "a multiply-add counted as one operation", r"two|2|twice|multiply-add|half")
def effective_tflops(layer, ms):
    return _rate(layer, ms, factor=1)


@wrong("effective_tflops", "milliseconds taken for seconds", r"milli|1000|second|ms\b")
def effective_tflops(layer, ms):
    return _rate(layer, ms * 1000)


@wrong("effective_tflops", "GFLOPS", r"10⁹|10¹²|1000|giga|GFLOP|TFLOP|1e12")
def effective_tflops(layer, ms):
    return _rate(layer, ms) * 1000


@wrong("effective_tflops", "milliseconds not converted: operations / ms / 1e12", r"milli|1000|second|ms\b")
def effective_tflops(layer, ms):
    return 1e-3 * _rate(layer, ms)


@wrong("effective_tflops", "input size for output size: wrong where the layer shrinks the image", r"output|oh|ow|size|input|stride|pad")
def effective_tflops(layer, ms):
    return _rate(layer, ms, layer["H"], layer["W"])


@wrong("effective_tflops", "H·W/stride² output places (pad and kernel not read)", r"output|oh|ow|size|pad|kernel|stride|floor")
def effective_tflops(layer, ms):
    return _rate(layer, ms, layer["H"] / layer["stride"], layer["W"] / layer["stride"])


@wrong("effective_tflops", "N not read: one image, though ms is for the batch", r"\bN\b|batch|image")
def effective_tflops(layer, ms):
    return _rate(layer, ms, N=1)


@wrong("effective_tflops", "stride not read", r"stride")
def effective_tflops(layer, ms):
    return _tflops({**layer, "stride": 1}, ms)


@wrong("effective_tflops", "sizes not floored: wrong only where the stride does not fit", r"floor|//|whole|fit|round|fraction")
def effective_tflops(layer, ms):
    L = layer
    return _rate(L, ms, (L["H"] + 2 * L["pad"] - L["kh"]) / L["stride"] + 1, (L["W"] + 2 * L["pad"] - L["kw"]) / L["stride"] + 1)


@wrong("effective_tflops", "biases counted", r"bias")
def effective_tflops(layer, ms):
    L = layer
    oh, ow = (L["H"] + 2 * L["pad"] - L["kh"]) // L["stride"] + 1, (L["W"] + 2 * L["pad"] - L["kw"]) // L["stride"] + 1
    return L["N"] * L["F"] * oh * ow * (2 * L["C"] * L["kh"] * L["kw"] + 1) / ms / 1e9


@wrong("effective_tflops", "n products and n - 1 sums: 2n - 1 for a window", r"multiply-add|two|2|sum|each")
def effective_tflops(layer, ms):
    L = layer
    oh, ow = (L["H"] + 2 * L["pad"] - L["kh"]) // L["stride"] + 1, (L["W"] + 2 * L["pad"] - L["kw"]) // L["stride"] + 1
    return L["N"] * L["F"] * oh * ow * (2 * L["C"] * L["kh"] * L["kw"] - 1) / ms / 1e9


@wrong("effective_tflops", "only square layers: kh² and oh²", r"square|kw|width|W\b|kh")
def effective_tflops(layer, ms):
    return _tflops({**layer, "W": layer["H"], "kw": layer["kh"]}, ms)


@wrong("effective_tflops", "Winograd's products for 3×3 kernels: 2.25 times fewer", r"direct|2\.25|Winograd|whatever|3×3")
def effective_tflops(layer, ms):
    fewer = 2.25 if (layer["kh"], layer["kw"]) == (3, 3) else 1
    return _tflops(layer, ms) / fewer


@wrong("effective_tflops", "tera as 2**40", r"2\*\*40|1024|10¹²|binary|tera|1e12")
def effective_tflops(layer, ms):
    return _tflops(layer, ms) * 1e12 / 2 ** 40


@wrong("effective_tflops", "two: one operation each and N not read", r"two|2|twice|\bN\b|batch|multiply-add|image")
def effective_tflops(layer, ms):
    return _rate(layer, ms, factor=1, N=1)


@wrong("effective_tflops", "pad added once only", r"pad|both|side|twice|output")
def effective_tflops(layer, ms):
    L = layer
    return _rate(L, ms, (L["H"] + L["pad"] - L["kh"]) // L["stride"] + 1, (L["W"] + L["pad"] - L["kw"]) // L["stride"] + 1)


# ================================================================ conv_backward_strides
@right
def conv_backward_strides(dout, cache):
    shape, dtype, w, param, cols = cache
    d = dout.transpose(1, 0, 2, 3).reshape(len(w), -1)
    dcols = np.dot(w.reshape(len(w), -1).T, d)
    dx = _col2im(dcols, shape, *w.shape[2:], param["stride"], param["pad"]).astype(dtype, copy=False)
    return dx, np.dot(d, cols.T).reshape(w.shape), d.sum(axis=1)


def _pair(label, forward, backward):
    MORE.append(("conv_backward_strides", label, {"conv_forward_strides": forward, "conv_backward_strides": backward}))


def _forward_b(x, w, b, conv_param):
    p = conv_param["pad"]
    v = _window_view(np.pad(x, ((0, 0), (0, 0), (p, p), (p, p))), *w.shape[2:], conv_param["stride"])
    out = np.tensordot(w, v, axes=3)
    out += b[:, None, None, None]
    return out.swapaxes(0, 1), (x, w, b, conv_param)


def _backward_b(dout, cache):
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    kh, kw = w.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dxp, dw = np.zeros_like(xp), np.zeros_like(w)
    oh, ow = dout.shape[2:]
    for i in range(kh):
        for j in range(kw):
            s = np.s_[:, :, i:i + stride * (oh - 1) + 1:stride, j:j + stride * (ow - 1) + 1:stride]
            dw[:, :, i, j] = np.tensordot(dout, xp[s], axes=((0, 2, 3), (0, 2, 3)))
            dxp[s] += np.einsum("nfpq,fc->ncpq", dout, w[:, :, i, j])
    H, W = x.shape[2:]
    return dxp[:, :, pad:pad + H, pad:pad + W], dw, np.einsum("nfpq->f", dout)


_pair("loops over the kernel, cache is the arguments", _forward_b, _backward_b)


def _backward_torch(dout, cache):
    x, w, b, conv_param = cache
    x, w, b, g = (torch.tensor(np.ascontiguousarray(a)) for a in (x, w, b, dout))
    for a in (x, w, b):
        a.requires_grad_()
    y = F.conv2d(x, w, b, stride=conv_param["stride"], padding=conv_param["pad"])
    return tuple(a.numpy() for a in torch.autograd.grad(y, (x, w, b), g))


_pair("torch does it", _forward_b, _backward_torch)


def _back(dout, cache, flat=None, dcols=None, image=None, share=1, db=None, dw=None):
    shape, dtype, w, param, cols = cache
    d = flat(dout, len(w)) if flat else dout.transpose(1, 0, 2, 3).reshape(len(w), -1)
    W = w.reshape(len(w), -1)
    dc = W.T @ d
    dx = (image or _image)(dc, shape, *w.shape[2:], param["stride"], param["pad"]).astype(dtype, copy=False)
    return dx, ((d @ cols.T).reshape(w.shape) if dw is None else dw(d, cols, w)), (d.sum(1) if db is None else db(dout, d))


@wrong("conv_backward_strides", "dout.reshape(F, -1) without a transpose: images and filters mixed (right for one image)", r"transpos|reshape|order|axes|axis|mix|image|dout")
def conv_backward_strides(dout, cache):
    return _back(dout, cache, flat=lambda d, f: d.reshape(f, -1))


@wrong("conv_backward_strides", "columns of dout in the order (oh, ow, n), as in the classic assignments", r"order|column|transpos|axes|axis|image|\(oh")
def conv_backward_strides(dout, cache):
    return _back(dout, cache, flat=lambda d, f: d.transpose(1, 2, 3, 0).reshape(f, -1))


@wrong("conv_backward_strides", "only for dout in another memory order: read by ravel('K')", r"order|memory|ravel|fortran|dout|contiguous")
def conv_backward_strides(dout, cache):
    return _back(dout, cache, flat=lambda d, f: d.ravel("K").reshape(d.shape).transpose(1, 0, 2, 3).reshape(f, -1))


@wrong("conv_backward_strides", "only db: mean over the batch", r"mean|averag|batch|sum|db|bias")
def conv_backward_strides(dout, cache):
    return _back(dout, cache, db=lambda dout, d: dout.sum((2, 3)).mean(0))


@wrong("conv_backward_strides", "only dw and db divided by N", r"mean|averag|batch|sum|\bN\b|divid")
def conv_backward_strides(dout, cache):
    dx, dw, db = _back(dout, cache)
    return dx, dw / len(dout), db / len(dout)


@wrong("conv_backward_strides", "only db: images not summed, (N, F)", r"db|bias|shape|batch|sum|image")
def conv_backward_strides(dout, cache):
    return _back(dout, cache, db=lambda dout, d: dout.sum((2, 3)))


@wrong("conv_backward_strides", "only db: a column (F, 1), keepdims", r"db|bias|shape|\(F|keepdims|axis")
def conv_backward_strides(dout, cache):
    return _back(dout, cache, db=lambda dout, d: d.sum(1, keepdims=True))


@wrong("conv_backward_strides", "only dw: left as a matrix (F, C·kh·kw)", r"dw|shape|reshape|filter|weight")
def conv_backward_strides(dout, cache):
    return _back(dout, cache, dw=lambda d, cols, w: d @ cols.T)


@wrong("conv_backward_strides", "only dw: kernel turned round", r"dw|flip|turn|revers|filter|weight|kernel")
def conv_backward_strides(dout, cache):
    return _back(dout, cache, dw=lambda d, cols, w: (d @ cols.T).reshape(w.shape)[:, :, ::-1, ::-1])


@wrong("conv_backward_strides", "only dx: windows written over each other, not added", r"dx|add|sum|overlap|overwr|window|col2im")
def conv_backward_strides(dout, cache):
    return _back(dout, cache, image=lambda *a: _image(*a, assign=True))


@wrong("conv_backward_strides", "only dx: padding left on", r"dx|pad|shape|cut|crop")
def conv_backward_strides(dout, cache):
    return _back(dout, cache, image=lambda *a: _image(*a, crop=False))


@wrong("conv_backward_strides", "only dx: [pad:-pad] is empty at pad 0", r"dx|pad|empty|\b0\b|shape")
def conv_backward_strides(dout, cache):
    def image(c, shape, kh, kw, s, p):
        return _image(c, shape, kh, kw, s, p, crop=False)[:, :, p:-p, p:-p]
    return _back(dout, cache, image=image)


@wrong("conv_backward_strides", "only dx: float64 from a float64 buffer", r"dx|dtype|float64|float32")
def conv_backward_strides(dout, cache):
    dx, dw, db = _back(dout, cache)
    return dx.astype(float), dw, db


@wrong("conv_backward_strides", "only dx: as a full convolution with the turned kernel, right at stride 1 only (stride not read)", r"dx|stride|shape")
def conv_backward_strides(dout, cache):
    shape, dtype, w, param, cols = cache
    _, dw, db = _back(dout, cache)
    kh, kw = w.shape[2:]
    p = param["pad"]
    g = np.pad(dout, ((0, 0), (0, 0), (kh - 1, kh - 1), (kw - 1, kw - 1)))
    v = sliding_window_view(g, (kh, kw), axis=(2, 3))
    full = np.einsum("nfpqij,fcij->ncpq", v, w[:, :, ::-1, ::-1])
    dx = np.zeros((shape[0], shape[1], shape[2] + 2 * p, shape[3] + 2 * p), dtype)
    h, k = min(full.shape[2], dx.shape[2]), min(full.shape[3], dx.shape[3])
    dx[:, :, :h, :k] = full[:, :, :h, :k]
    return dx[:, :, p:p + shape[2], p:p + shape[3]], dw, db


@wrong("conv_backward_strides", "order (dw, dx, db)", r"order|first|swap|exchang|shape|dx|dw")
def conv_backward_strides(dout, cache):
    dx, dw, db = _back(dout, cache)
    return dw, dx, db


@wrong("conv_backward_strides", "two: dout reshaped without transpose, db a mean", r"transpos|reshape|order|mean|axes|axis|mix|dout|bias")
def conv_backward_strides(dout, cache):
    return _back(dout, cache, flat=lambda d, f: d.reshape(f, -1), db=lambda dout, d: dout.mean((0, 2, 3)))


@wrong("conv_backward_strides", "db over the images only: sums over places left out, mean of them", r"db|bias|mean|averag|sum|place")
def conv_backward_strides(dout, cache):
    return _back(dout, cache, db=lambda dout, d: dout.sum(0).mean((1, 2)))


# ================================================================ winograd_conv3x3
@right
def winograd_conv3x3(x, w, b, pad):
    N, C, H, W = x.shape
    oh, ow = H + 2 * pad - 2, W + 2 * pad - 2
    th, tw = -(-oh // 2), -(-ow // 2)
    big = np.zeros((N, C, 2 * th + 2, 2 * tw + 2), dtype=x.dtype)
    big[:, :, pad:pad + H, pad:pad + W] = x
    tiles = sliding_window_view(big, (4, 4), axis=(2, 3))[:, :, ::2, ::2]       # N C th tw 4 4
    U = np.matmul(np.matmul(G, w), G.T)                                         # F C 4 4
    V = np.matmul(np.matmul(BT, tiles), BT.T)
    M = (U[None, :, :, None, None] * V[:, None]).sum(axis=2)                    # N F th tw 4 4
    Y = np.matmul(np.matmul(AT, M), AT.T)                                       # N F th tw 2 2
    out = Y.swapaxes(3, 4).reshape(N, len(w), 2 * th, 2 * tw)[:, :, :oh, :ow]
    return (out + b[:, None, None]).astype(x.dtype)


@also("winograd_conv3x3", "sixteen matrix products, one a place in the tile")
def winograd_conv3x3(x, w, b, pad):
    N, C, H, W = x.shape
    n_f = w.shape[0]
    oh, ow = H + 2 * pad - 2, W + 2 * pad - 2
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad + oh % 2), (pad, pad + ow % 2)))
    th, tw = (oh + 1) // 2, (ow + 1) // 2
    d = np.stack([np.stack([xp[:, :, i:i + 2 * th - 1:2, j:j + 2 * tw - 1:2] for j in range(4)]) for i in range(4)])
    V = np.einsum("ai,bj,ijncpq->abcnpq", BT, BT, d).reshape(4, 4, C, -1)
    U = np.einsum("ai,bj,fcij->abfc", G, G, w)
    M = U @ V
    Y = np.tensordot(AT, np.tensordot(AT, M, (1, 1)), (1, 1)).reshape(2, 2, n_f, N, th, tw)  # i j
    out = np.empty((N, n_f, 2 * th, 2 * tw), dtype=x.dtype)
    for i in range(2):
        for j in range(2):
            out[:, :, i::2, j::2] = (Y[i, j] + b[:, None, None, None]).swapaxes(0, 1)
    return out[:, :, :oh, :ow]


@also("winograd_conv3x3", "loops over tiles, filters transformed before")
def winograd_conv3x3(x, w, b, pad):
    N, C, H, W = x.shape
    oh, ow = H + 2 * pad - 2, W + 2 * pad - 2
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad + 1), (pad, pad + 1)))
    U = [[G @ w[f, c] @ G.T for c in range(C)] for f in range(len(w))]
    out = np.empty((N, len(w), oh, ow), dtype=x.dtype)
    for n in range(N):
        for i in range(0, oh, 2):
            for j in range(0, ow, 2):
                V = [BT @ xp[n, c, i:i + 4, j:j + 4] @ BT.T for c in range(C)]
                for f in range(len(w)):
                    y = AT @ sum(U[f][c] * V[c] for c in range(C)) @ AT.T + b[f]
                    part = out[n, f, i:i + 2, j:j + 2]
                    part[...] = y[:part.shape[0], :part.shape[1]]
    return out


def _wconv(x, w, b, pad, tiles=None, U=None, step=2, order=True, bias="out", cast=True, widths=None, mode="constant", crop=True, at=AT, at2=None, keep=None):
    N, C, H, W = x.shape
    oh, ow = H + 2 * pad - 2, W + 2 * pad - 2
    th, tw = (oh + 1) // 2, (ow + 1) // 2
    if tiles:
        th, tw = tiles(oh, ow)
    a, c = widths or (pad, pad)
    big = np.zeros((N, C, max(step * (th - 1) + 4, a + H), max(step * (tw - 1) + 4, c + W)), dtype=x.dtype)
    big[:, :, a:a + H, c:c + W] = x
    v = sliding_window_view(big, (4, 4), axis=(2, 3))[:, :, ::step, ::step][:, :, :th, :tw]
    V = BT @ v @ BT.T
    U = (G @ w @ G.T) if U is None else U(w)
    M = (U[None, :, :, None, None] * V[:, None]).sum(2)
    if bias == "in":
        M = M + b[:, None, None, None, None]
    Y = at @ M @ (at.T if at2 is None else at2)
    if bias == "corner":
        Y[..., 0, 0] = Y[..., 0, 0] + b[:, None, None]
    out = (Y.swapaxes(3, 4) if order else Y).reshape(N, len(w), 2 * th, 2 * tw)
    if crop:
        out = out[:, :, :oh, :ow]
    if bias == "out":
        out = out + b[:, None, None]
    return out.astype(x.dtype) if cast else out


@wrong("winograd_conv3x3", "odd sizes: the last row and column of outputs missing (tiles rounded down)", r"odd|last|shape|row|tile|round")
def winograd_conv3x3(x, w, b, pad):
    return _wconv(x, w, b, pad, tiles=lambda oh, ow: (oh // 2, ow // 2))


@wrong("winograd_conv3x3", "odd sizes: the last row and column stay at the bias (tiles rounded down)", r"odd|last|row|column|tile|bias")
def winograd_conv3x3(x, w, b, pad):
    y = _wconv(x, w, b, pad, tiles=lambda oh, ow: (oh // 2, ow // 2))
    out = np.zeros((len(x), len(w), x.shape[2] + 2 * pad - 2, x.shape[3] + 2 * pad - 2), dtype=x.dtype) + b[:, None, None]
    out[:, :, :y.shape[2], :y.shape[3]] = y
    return out.astype(x.dtype)


@wrong("winograd_conv3x3", "odd sizes: not cut, one row and column too many", r"odd|cut|crop|shape|too many|last")
def winograd_conv3x3(x, w, b, pad):
    return _wconv(x, w, b, pad, crop=False)


@wrong("winograd_conv3x3", "only an odd width fails: height padded to even, width not", r"odd|width|shape|last|column|even")
def winograd_conv3x3(x, w, b, pad):
    return _wconv(x, w, b, pad, tiles=lambda oh, ow: ((oh + 1) // 2, ow // 2))


@wrong("winograd_conv3x3", "always one tile more than needed: products of a tile of zeros", r"product|tile|count|2\.25|16|fewer|more")
def winograd_conv3x3(x, w, b, pad):
    return _wconv(x, w, b, pad, tiles=lambda oh, ow: (oh // 2 + 1, ow // 2 + 1))


@wrong("winograd_conv3x3", "filters transformed again for each tile", r"once|again|filter|transform|each tile")
def winograd_conv3x3(x, w, b, pad):
    N, C, H, W = x.shape
    oh, ow = H + 2 * pad - 2, W + 2 * pad - 2
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad + 1), (pad, pad + 1)))
    out = np.empty((N, len(w), oh + oh % 2, ow + ow % 2), dtype=x.dtype)
    for n in range(N):
        for f in range(len(w)):
            for i in range(0, oh, 2):
                for j in range(0, ow, 2):
                    total = sum((G @ w[f, c] @ G.T) * (BT @ xp[n, c, i:i + 4, j:j + 4] @ BT.T) for c in range(C))
                    out[n, f, i:i + 2, j:j + 2] = AT @ total @ AT.T + b[f]
    return out[:, :, :oh, :ow]


@wrong("winograd_conv3x3", "tiles four apart: not overlapping by two", r"overlap|apart|two|step|tile|stride")
def winograd_conv3x3(x, w, b, pad):
    return _wconv(x, w, b, pad, step=4)


@wrong("winograd_conv3x3", "direct: nine products an output", r"product|direct|36|2\.25|fewer|9|nine|16")
def winograd_conv3x3(x, w, b, pad):
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    v = sliding_window_view(xp, (3, 3), axis=(2, 3))
    out = np.einsum("ncpqij,fcij->nfpq", v, w) + b[:, None, None]
    return out.astype(x.dtype)


@wrong("winograd_conv3x3", "F(2, 3) row by row: right, but 24 products a tile", r"24|16|product|row|2\.25|fewer|two dimensions")
def winograd_conv3x3(x, w, b, pad):
    N, C, H, W = x.shape
    oh, ow = H + 2 * pad - 2, W + 2 * pad - 2
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad + 1)))
    tw = (ow + 1) // 2
    d = sliding_window_view(xp, 4, axis=3)[:, :, :, ::2][:, :, :, :tw] @ BT.T     # N C Hp tw 4
    u = w @ G.T                                                                    # F C 3 4
    total = sum((u[None, :, :, i, None, None, :] * d[:, None, :, i:i + oh]).sum(2) for i in range(3))
    out = (total @ AT.T).reshape(N, len(w), oh, 2 * tw)[..., :ow]
    return (out + b[:, None, None]).astype(x.dtype)


@wrong("winograd_conv3x3", "tiles put together without exchanging axes: reshape scrambles the outputs", r"transpos|reshape|order|axes|axis|scrambl|place|tile|mix")
def winograd_conv3x3(x, w, b, pad):
    return _wconv(x, w, b, pad, order=False)


@wrong("winograd_conv3x3", "bias forgotten", r"bias|\bb\b")
def winograd_conv3x3(x, w, b, pad):
    return _wconv(x, w, b, pad, bias=None)


@wrong("winograd_conv3x3", "bias added before the transform back", r"bias|\bb\b|before|transform|times")
def winograd_conv3x3(x, w, b, pad):
    return _wconv(x, w, b, pad, bias="in")


@wrong("winograd_conv3x3", "bias on the first output of each tile only", r"bias|\bb\b|tile|first|each")
def winograd_conv3x3(x, w, b, pad):
    return _wconv(x, w, b, pad, bias="corner")


@wrong("winograd_conv3x3", "filters transposed: G wᵀ Gᵀ", r"transpos|filter|kernel|rows|columns")
def winograd_conv3x3(x, w, b, pad):
    return _wconv(x, w.swapaxes(2, 3), b, pad)


@wrong("winograd_conv3x3", "kernel turned round", r"turn|flip|revers|correlat|convolution")
def winograd_conv3x3(x, w, b, pad):
    return _wconv(x, w[:, :, ::-1, ::-1], b, pad)


@wrong("winograd_conv3x3", "float64 for float32 images", r"dtype|float64|float32")
def winograd_conv3x3(x, w, b, pad):
    return _wconv(x, w, b, pad, cast=False).astype(float) if x.dtype != object else _wconv(x, w, b, pad)


@wrong("winograd_conv3x3", "np.zeros without dtype for the padded images: objects do not fit", r"object|dtype|float|zeros|array")
def winograd_conv3x3(x, w, b, pad):
    N, C, H, W = x.shape
    big = np.zeros((N, C, H + 2 * pad + 1, W + 2 * pad + 1))
    big[:, :, pad:pad + H, pad:pad + W] = x
    oh, ow = H + 2 * pad - 2, W + 2 * pad - 2
    th, tw = (oh + 1) // 2, (ow + 1) // 2
    v = sliding_window_view(big, (4, 4), axis=(2, 3))[:, :, ::2, ::2][:, :, :th, :tw]
    M = ((G @ w @ G.T)[None, :, :, None, None] * (BT @ v @ BT.T)[:, None]).sum(2)
    out = (AT @ M @ AT.T).swapaxes(3, 4).reshape(N, len(w), 2 * th, 2 * tw)[:, :, :oh, :ow]
    return (out + b[:, None, None]).astype(x.dtype)


@wrong("winograd_conv3x3", "all padding above and to the left (2·pad there, none below): images shifted by pad", r"pad|shift|side|border|moved|left")
def winograd_conv3x3(x, w, b, pad):
    return _wconv(x, w, b, pad, widths=(2 * pad, 2 * pad))


@wrong("winograd_conv3x3", "only odd sizes: the last row and column directly, nine products an output, instead of a tile into the zeros", r"odd|last|product|tile|direct|count|9|nine|16|zeros")
def winograd_conv3x3(x, w, b, pad):
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    oh, ow = xp.shape[2] - 2, xp.shape[3] - 2
    eh, ew = oh - oh % 2, ow - ow % 2
    out = np.empty((len(x), len(w), oh, ow), dtype=x.dtype)
    if eh and ew:
        out[:, :, :eh, :ew] = _wconv(xp[:, :, :eh + 2, :ew + 2], w, b, 0)
    for i in range(oh):
        for j in range(ow):
            if i >= eh or j >= ew:
                window = xp[:, None, :, i:i + 3, j:j + 3]
                out[:, :, i, j] = (window * w).sum((2, 3, 4)) + b
    return out


@wrong("winograd_conv3x3", "two: halves forgotten in G and no bias", r"half|halv|factor|bias|\bb\b|2")
def winograd_conv3x3(x, w, b, pad):
    g = _changed(2 * G, (0, 0, 1), (3, 2, 1))
    return _wconv(x, w, b, pad, U=lambda w: g @ w @ g.T, bias=None)


@wrong("winograd_conv3x3", "two: tiles scrambled and odd sizes cut down", r"transpos|reshape|order|odd|axes|axis|shape|scrambl|tile")
def winograd_conv3x3(x, w, b, pad):
    return _wconv(x, w, b, pad, order=False, tiles=lambda oh, ow: (oh // 2, ow // 2))


@wrong("winograd_conv3x3", "mean over the channels", r"mean|averag|sum|channel")
def winograd_conv3x3(x, w, b, pad):
    return _wconv(x, (1 / x.shape[1]) * w, b, pad)


# ================================================================ strassen
@right
def strassen(A, B, leaf=64, product=np.matmul):
    (n, k), m = A.shape, B.shape[1]
    if max(n, k, m) <= leaf:
        return product(A, B)
    A = np.pad(A, ((0, n % 2), (0, k % 2)))
    B = np.pad(B, ((0, k % 2), (0, m % 2)))
    i, j, l = (A.shape[0] // 2, A.shape[1] // 2, B.shape[1] // 2)
    a, b, c, d = A[:i, :j], A[:i, j:], A[i:, :j], A[i:, j:]
    e, f, g, h = B[:j, :l], B[:j, l:], B[j:, :l], B[j:, l:]
    again = lambda X, Y: strassen_(X, Y, leaf, product)
    m1, m2, m3, m4 = again(a + d, e + h), again(c + d, e), again(a, f - h), again(d, g - e)
    m5, m6, m7 = again(a + b, h), again(c - a, e + f), again(b - d, g + h)
    C = np.concatenate([np.concatenate([m1 + m4 - m5 + m7, m3 + m5], 1), np.concatenate([m2 + m4, m1 - m2 + m3 + m6], 1)])
    return C[:n, :m]


strassen_ = strassen


@also("strassen", "output filled quarter by quarter; zeros by hand")
def strassen(A, B, leaf=64, product=np.matmul):
    n, k = A.shape
    m = B.shape[1]
    if n <= leaf and k <= leaf and m <= leaf:
        return product(A, B)
    N, K, M = n + n % 2, k + k % 2, m + m % 2
    if (N, K, M) != (n, k, m):
        A2, B2 = np.zeros((N, K), A.dtype), np.zeros((K, M), B.dtype)
        A2[:n, :k], B2[:k, :m] = A, B
        A, B = A2, B2
    (A11, A12), (A21, A22) = (np.split(r, 2, axis=1) for r in np.split(A, 2))
    (B11, B12), (B21, B22) = (np.split(r, 2, axis=1) for r in np.split(B, 2))
    pairs = [(A11 + A22, B11 + B22), (A21 + A22, B11), (A11, B12 - B22), (A22, B21 - B11), (A11 + A12, B22), (A21 - A11, B11 + B12), (A12 - A22, B21 + B22)]
    M1, M2, M3, M4, M5, M6, M7 = (strassen_(X, Y, leaf=leaf, product=product) for X, Y in pairs)
    C = np.empty((N, M), dtype=np.result_type(M1))
    C[:N // 2, :M // 2] = M1 + M4 - M5 + M7
    C[:N // 2, M // 2:] = M3 + M5
    C[N // 2:, :M // 2] = M2 + M4
    C[N // 2:, M // 2:] = M1 - M2 + M3 + M6
    return C[:n, :m].copy()


@also("strassen", "nested function, coefficients in tables")
def strassen(A, B, leaf=64, product=np.matmul):
    left = [(1, 0, 0, 1), (0, 0, 1, 1), (1, 0, 0, 0), (0, 0, 0, 1), (1, 1, 0, 0), (-1, 0, 1, 0), (0, 1, 0, -1)]
    rightm = [(1, 0, 0, 1), (1, 0, 0, 0), (0, 1, 0, -1), (-1, 0, 1, 0), (0, 0, 0, 1), (1, 1, 0, 0), (0, 0, 1, 1)]
    out = [(1, 0, 0, 1, -1, 0, 1), (0, 0, 1, 0, 1, 0, 0), (0, 1, 0, 1, 0, 0, 0), (1, -1, 1, 0, 0, 1, 0)]

    def mix(signs, parts):
        total = None
        for s, p in zip(signs, parts):
            if s:
                term = p if s > 0 else -p
                total = term if total is None else total + term
        return total

    def quarters(X):
        r, c = X.shape[0] // 2, X.shape[1] // 2
        return X[:r, :c], X[:r, c:], X[r:, :c], X[r:, c:]

    def go(X, Y):
        n, k, m = *X.shape, Y.shape[1]
        if not any(size > leaf for size in (n, k, m)):
            return product(X, Y)
        P = quarters(np.pad(X, ((0, n % 2), (0, k % 2))))
        Q = quarters(np.pad(Y, ((0, k % 2), (0, m % 2))))
        M = [go(mix(a, P), mix(b, Q)) for a, b in zip(left, rightm)]
        q = [mix(o, M) for o in out]
        return np.block([[q[0], q[1]], [q[2], q[3]]])[:n, :m]

    return go(A, B)


def _strassen(A, B, leaf=64, product=np.matmul, stop=None, m6=None, m7=None, c22=None, c11=None, pass_leaf=True, pass_product=True,
              crop=True, even="pad", leafwise=None, eight=False, helper=None):
    n, k = A.shape
    m = B.shape[1]
    again = dict(stop=stop, m6=m6, m7=m7, c22=c22, c11=c11, pass_leaf=pass_leaf, pass_product=pass_product, crop=crop, even=even,
                 leafwise=leafwise, eight=eight, helper=helper)
    if (stop or (lambda n, k, m, leaf: max(n, k, m) <= leaf))(n, k, m, leaf):
        return leafwise(A, B) if leafwise else product(A, B)
    if even == "pad":
        A, B = np.pad(A, ((0, n % 2), (0, k % 2))), np.pad(B, ((0, k % 2), (0, m % 2)))
    elif even == "drop":
        A, B = A[:n - n % 2, :k - k % 2], B[:k - k % 2, :m - m % 2]
    i, j, l = A.shape[0] // 2, A.shape[1] // 2, B.shape[1] // 2
    a, b, c, d = A[:i, :j], A[:i, j:], A[i:, :j], A[i:, j:]
    e, f, g, h = B[:j, :l], B[:j, l:], B[j:, :l], B[j:, l:]

    def go(X, Y):
        return _strassen(X, Y, leaf if pass_leaf else 64, product if pass_product else np.matmul, **again)

    if eight:
        C = np.block([[go(a, e) + go(b, g), go(a, f) + go(b, h)], [go(c, e) + go(d, g), go(c, f) + go(d, h)]])
        return C[:n, :m]
    m1, m2, m3, m4, m5 = go(a + d, e + h), go(c + d, e), go(a, f - h), go(d, g - e), go(a + b, h)
    m6_ = go(*(m6(a, c, e, f) if m6 else (c - a, e + f)))
    m7_ = go(*(m7(b, d, g, h) if m7 else (b - d, g + h)))
    q11 = c11(m1, m4, m5, m7_) if c11 else m1 + m4 - m5 + m7_
    q22 = c22(m1, m2, m3, m6_) if c22 else m1 - m2 + m3 + m6_
    C = np.block([[q11, m3 + m5], [m2 + m4, q22]])
    return C[:n, :m] if crop else C


@wrong("strassen", "M6 with A21 + A11", r"M6|M_6|sign|A21|A11|C22")
def strassen(A, B, leaf=64, product=np.matmul):
    return _strassen(A, B, leaf, product, m6=lambda a, c, e, f: (c + a, e + f))


@wrong("strassen", "M7 with A22 - A12", r"M7|M_7|sign|A12|A22|C11")
def strassen(A, B, leaf=64, product=np.matmul):
    return _strassen(A, B, leaf, product, m7=lambda b, d, g, h: (d - b, g + h))


@wrong("strassen", "C22 with + M2 - M3", r"C22|C_22|sign|M2|M3|quarter|lower right")
def strassen(A, B, leaf=64, product=np.matmul):
    return _strassen(A, B, leaf, product, c22=lambda m1, m2, m3, m6: m1 + m2 - m3 + m6)


@wrong("strassen", "C11 with + M5", r"C11|C_11|sign|M5|quarter|upper left")
def strassen(A, B, leaf=64, product=np.matmul):
    return _strassen(A, B, leaf, product, c11=lambda m1, m4, m5, m7: m1 + m4 + m5 + m7)


@wrong("strassen", "one level too many: stops only below leaf, not at it", r"leaf|level|above|at most|equal|one too|calls|7")
def strassen(A, B, leaf=64, product=np.matmul):
    return _strassen(A, B, leaf, product, stop=lambda n, k, m, leaf: max(n, k, m) < leaf or max(n, k, m) == 1)


@wrong("strassen", "stops as soon as one of the sizes is at most leaf", r"leaf|none|all|any|size|three|level|calls|min")
def strassen(A, B, leaf=64, product=np.matmul):
    return _strassen(A, B, leaf, product, stop=lambda n, k, m, leaf: min(n, k, m) <= leaf)


@wrong("strassen", "only n decides whether to stop", r"leaf|size|three|\bn\b|\bk\b|\bm\b|all|level|calls|rectang")
def strassen(A, B, leaf=64, product=np.matmul):
    return _strassen(A, B, leaf, product, stop=lambda n, k, m, leaf: n <= leaf)


@wrong("strassen", "leaf not passed on: 64 from the second level on", r"leaf|level|pass|recurs|calls|7")
def strassen(A, B, leaf=64, product=np.matmul):
    return _strassen(A, B, leaf, product, pass_leaf=False)


@wrong("strassen", "product not passed on: np.matmul from the second level on", r"product|pass|recurs|calls|call|matmul")
def strassen(A, B, leaf=64, product=np.matmul):
    return _strassen(A, B, leaf, product, pass_product=False)


@wrong("strassen", "product never called: @ at the leaves", r"product|call|@|matmul")
def strassen(A, B, leaf=64, product=np.matmul):
    return _strassen(A, B, leaf, product, leafwise=lambda A, B: A @ B)


@wrong("strassen", "one level only: the seven products are done directly by product", r"level|recurs|again|same way|leaf|size|calls|7")
def strassen(A, B, leaf=64, product=np.matmul):
    sizes = [max(*A.shape, B.shape[1]) <= leaf]
    return product(A, B) if sizes[0] else _strassen(A, B, leaf, product, stop=lambda n, k, m, l: (n, k, m) != (*A.shape, B.shape[1]))


@wrong("strassen", "the ordinary eight products", r"eight|8|seven|7|ordinary|calls")
def strassen(A, B, leaf=64, product=np.matmul):
    return _strassen(A, B, leaf, product, eight=True)


@wrong("strassen", "odd sizes fail: no zeros added", r"odd|zero|even|shape|broadcast|size")
def strassen(A, B, leaf=64, product=np.matmul):
    return _strassen(A, B, leaf, product, even=None)


@wrong("strassen", "odd sizes: the last row and column dropped, then filled with zeros", r"odd|last|row|column|drop|zero|missing|lost")
def strassen(A, B, leaf=64, product=np.matmul):
    C = _strassen(A, B, leaf, product, even="drop")
    out = np.zeros((A.shape[0], B.shape[1]), C.dtype)
    out[:C.shape[0], :C.shape[1]] = C
    return out


@wrong("strassen", "only an odd k fails: n and m made even, the middle size not (last column of A dropped)", r"odd|\bk\b|inner|middle|zero|even|shape|column")
def strassen(A, B, leaf=64, product=np.matmul):
    n, k = A.shape
    m = B.shape[1]
    if max(n, k, m) <= leaf:
        return product(A, B)
    A, B = np.pad(A, ((0, n % 2), (0, 0))), np.pad(B, ((0, 0), (0, m % 2)))
    h = k // 2
    A, B = A[:, :2 * h], B[:2 * h]
    i, l = A.shape[0] // 2, B.shape[1] // 2
    a, b, c, d = A[:i, :h], A[:i, h:], A[i:, :h], A[i:, h:]
    e, f, g, o = B[:h, :l], B[:h, l:], B[h:, :l], B[h:, l:]
    s = lambda X, Y: strassen_(X, Y, leaf, product)
    m1, m2, m3, m4, m5, m6, m7 = s(a + d, e + o), s(c + d, e), s(a, f - o), s(d, g - e), s(a + b, o), s(c - a, e + f), s(b - d, g + o)
    return np.block([[m1 + m4 - m5 + m7, m3 + m5], [m2 + m4, m1 - m2 + m3 + m6]])[:n, :m]


@wrong("strassen", "not cut: the rows and columns of zeros stay at the top level", r"cut|crop|shape|odd|zero|size")
def strassen(A, B, leaf=64, product=np.matmul):
    n, k, m = *A.shape, B.shape[1]
    if max(n, k, m) <= leaf:
        return product(A, B)
    return strassen_(np.pad(A, ((0, n % 2), (0, k % 2))), np.pad(B, ((0, k % 2), (0, m % 2))), leaf, product)


@wrong("strassen", "padded to a power of two at the start: more levels (product calls) than needed", r"power|level|pad|each level|calls|7|one row")
def strassen(A, B, leaf=64, product=np.matmul):
    n, k, m = *A.shape, B.shape[1]
    if max(n, k, m) <= leaf:
        return product(A, B)
    size = 1 << (max(n, k, m) - 1).bit_length()
    big, big2 = np.zeros((size, size), A.dtype), np.zeros((size, size), B.dtype)
    big[:n, :k], big2[:k, :m] = A, B
    return strassen_(big, big2, leaf, product)[:n, :m]


def _in_place(A, B, leaf, product, back):
    n, k, m = *A.shape, B.shape[1]
    if max(n, k, m) <= leaf:
        return product(A, B)
    if n % 2 or k % 2 or m % 2:
        A, B = np.pad(A, ((0, n % 2), (0, k % 2))), np.pad(B, ((0, k % 2), (0, m % 2)))
    i, j, l = A.shape[0] // 2, A.shape[1] // 2, B.shape[1] // 2
    a, b, c, d = A[:i, :j], A[:i, j:], A[i:, :j], A[i:, j:]
    e, f, g, h = B[:j, :l], B[:j, l:], B[j:, :l], B[j:, l:]
    go = lambda X, Y: strassen_(X, Y, leaf, product)
    m2, m3, m4, m5, m6, m7 = go(c + d, e), go(a, f - h), go(d, g - e), go(a + b, h), go(c - a, e + f), go(b - d, g + h)
    a += d
    m1 = go(a, e + h)
    if back:
        a -= d
    C = np.block([[m1 + m4 - m5 + m7, m3 + m5], [m2 + m4, m1 - m2 + m3 + m6]])
    return C[:n, :m]


@wrong("strassen", "A changed where its sizes are even: A11 += A22 through a view, the product itself is right", r"modif|in place|chang|\bA\b|view|copy|read-only")
def strassen(A, B, leaf=64, product=np.matmul):
    return _in_place(A, B, leaf, product, back=False)


@wrong("strassen", "A11 += A22 in place and taken back afterwards: A comes back with its last digits changed", r"modif|in place|chang|\bA\b|view|copy|read-only")
def strassen(A, B, leaf=64, product=np.matmul):
    return _in_place(A, B, leaf, product, back=True)


@wrong("strassen", "product called for elementwise helper work as well: once per level to see the dtype", r"product|call|nothing else|count|7")
def strassen(A, B, leaf=64, product=np.matmul):
    C = strassen_(A, B, leaf, product)
    if max(*A.shape, B.shape[1]) > leaf:
        C = C.astype(product(A[:1, :1], B[:1, :1]).dtype)
    return C


@wrong("strassen", "two: leaf and product not passed on", r"leaf|product|pass|recurs|level|calls")
def strassen(A, B, leaf=64, product=np.matmul):
    return _strassen(A, B, leaf, product, pass_leaf=False, pass_product=False)


@wrong("strassen", "two: M6's sign and no zeros for odd sizes", r"M6|M_6|sign|odd|zero|shape")
def strassen(A, B, leaf=64, product=np.matmul):
    return _strassen(A, B, leaf, product, m6=lambda a, c, e, f: (a - c, e + f), even=None)


# ================================================================ best_algorithm
@right
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    seconds = {}
    for name, prepare in candidates.items():
        try:
            run = prepare(layer)
        except ValueError:
            continue
        run()
        spans = np.empty(repeats)
        for r in range(repeats):
            began = clock()
            run()
            spans[r] = clock() - began
        seconds[name] = float(np.median(spans))
    return min(seconds, key=seconds.__getitem__), seconds


_best = best_algorithm


@also("best_algorithm", "helper and sorted")
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    def span(run):
        start = clock()
        run()
        return clock() - start

    runs = {}
    for name in candidates:
        try:
            runs[name] = candidates[name](layer)
        except ValueError:
            pass
    medians = {}
    for name, run in runs.items():
        run()
        medians[name] = statistics.median([span(run) for _ in range(repeats)])
    ranking = sorted(medians.items(), key=lambda pair: pair[1])
    return ranking[0][0], medians


@also("best_algorithm", "candidates taken in turns; medians by hand")
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    ready, spans = {}, {}
    for name, f in candidates.items():
        try:
            ready[name], spans[name] = f(layer), []
        except ValueError:
            ready.pop(name, None)
    for run in ready.values():
        run()
    for _ in range(repeats):
        for name, run in ready.items():
            t0 = clock()
            run()
            t1 = clock()
            spans[name].append(t1 - t0)
    result = {}
    for name, times in spans.items():
        times.sort()
        result[name] = (times[(repeats - 1) // 2] + times[repeats // 2]) / 2
    fastest = None
    for name in result:
        if fastest is None or result[name] < result[fastest]:
            fastest = name
    return fastest, result


def _measure(layer, candidates, clock, repeats, stat=statistics.median, warm=1, inside=False, whole=False, pick=min, unable="skip", prep_each=False):
    out = {}
    for name, prepare in candidates.items():
        try:
            if inside:
                prepare(layer)
            run = prepare(layer)
        except ValueError:
            if unable == "inf":
                out[name] = float("inf")
            if unable == "none":
                out[name] = None
            if unable == "stop":
                break
            continue
        for _ in range(warm):
            run()
        if whole:
            t = clock()
            for _ in range(repeats):
                run()
            out[name] = (clock() - t) / repeats
            continue
        spans = []
        for _ in range(repeats):
            t = clock()
            if inside:
                prepare(layer)()
            else:
                run()
            spans.append(clock() - t)
        out[name] = stat(spans)
    return pick((n for n in out if out[n] is not None), key=out.get), out


@wrong("best_algorithm", "mean instead of median", r"mean|averag|median")
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    return _measure(layer, candidates, clock, repeats, stat=statistics.mean)


@wrong("best_algorithm", "shortest run instead of the median", r"min|shortest|median|smallest")
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    return _measure(layer, candidates, clock, repeats, stat=min)


@wrong("best_algorithm", "only for an even number of repeats: the upper of the two middle times", r"median|even|middle|upper|two")
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    return _measure(layer, candidates, clock, repeats, stat=lambda s: sorted(s)[len(s) // 2])


@wrong("best_algorithm", "no run that is not timed", r"first|warm|not timed|before|one run")
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    return _measure(layer, candidates, clock, repeats, warm=0)


@wrong("best_algorithm", "three untimed runs", r"first|warm|not timed|one run|how many|runs|once")
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    return _measure(layer, candidates, clock, repeats, warm=3)


@wrong("best_algorithm", "the untimed run is one of the repeats", r"repeats|one|timed runs|how many|fewer")
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    return _measure(layer, candidates, clock, repeats - 1)


@wrong("best_algorithm", "preparing inside the clock, anew for each run", r"prepar|inside|outside|clock|once")
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    return _measure(layer, candidates, clock, repeats, inside=True)


@wrong("best_algorithm", "times the preparing only: the returned function never runs", r"prepar|run|return|function|never|call")
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    return _measure(layer, {n: (lambda f: lambda L: (f(L), lambda: f(L))[1])(f) for n, f in candidates.items()}, clock, repeats)


@wrong("best_algorithm", "one span over all repeats, divided: a mean", r"each|mean|averag|median|span|all")
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    return _measure(layer, candidates, clock, repeats, whole=True)


@wrong("best_algorithm", "clock not used: time.perf_counter", r"clock|perf_counter|passed")
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    return _measure(layer, candidates, time.perf_counter, repeats)


@wrong("best_algorithm", "repeats not read: always 5", r"repeats|how many|runs|5")
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    return _measure(layer, candidates, clock, 5)


@wrong("best_algorithm", "ValueError not caught", r"ValueError|cannot|left out|refus|catch")
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    seconds = {}
    for name, prepare in candidates.items():
        run = prepare(layer)
        run()
        spans = []
        for _ in range(repeats):
            t = clock()
            run()
            spans.append(clock() - t)
        seconds[name] = statistics.median(spans)
    return min(seconds, key=seconds.get), seconds


@wrong("best_algorithm", "a candidate that cannot do the layer stands in seconds with infinity", r"left out|inf|cannot|refus|ValueError|can do")
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    return _measure(layer, candidates, clock, repeats, unable="inf")


@wrong("best_algorithm", "a candidate that cannot do the layer stands in seconds with None", r"left out|None|cannot|refus|ValueError|can do")
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    return _measure(layer, candidates, clock, repeats, unable="none")


@wrong("best_algorithm", "stops at the first candidate that cannot (try around the loop)", r"stop|after|rest|others|missing|left out|ValueError|cannot")
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    return _measure(layer, candidates, clock, repeats, unable="stop")


@wrong("best_algorithm", "the slowest: max", r"slow|max|smallest|fastest|largest")
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    return _measure(layer, candidates, clock, repeats, pick=max)


@wrong("best_algorithm", "first in the alphabet: min(seconds) compares names", r"name|alphabet|key|smallest|fastest|min")
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    _, seconds = _best(layer, candidates, clock, repeats)
    return min(seconds), seconds


@wrong("best_algorithm", "milliseconds", r"milli|second|1000|unit")
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    name, seconds = _best(layer, candidates, clock, repeats)
    return name, {n: 1e3 * t for n, t in seconds.items()}


@wrong("best_algorithm", "all times instead of their median in the dict", r"median|list|number|all|dict|times")
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    return _measure(layer, candidates, clock, repeats, stat=list)


@wrong("best_algorithm", "returns the name only", r"two|pair|seconds|tuple|return|unpack")
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    return _best(layer, candidates, clock, repeats)[0]


@wrong("best_algorithm", "the median run by name, but the smallest single run decides who is fastest", r"median|smallest|fastest|name|single|decid|min")
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    shortest = {}

    def keep(name, s):
        shortest[name] = min(s)
        return statistics.median(s)

    seconds = {}
    for name, f in candidates.items():
        try:
            _, one = _measure(layer, {name: f}, clock, repeats, stat=lambda s, name=name: keep(name, s))
        except ValueError:
            continue
        seconds.update(one)
    return min(shortest, key=shortest.get), seconds


@wrong("best_algorithm", "two: mean, and no untimed run", r"mean|averag|median|first|warm|not timed")
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    return _measure(layer, candidates, clock, repeats, stat=statistics.mean, warm=0)


@wrong("best_algorithm", "two: perf_counter for the clock, and repeats fixed", r"clock|perf_counter|repeats|passed")
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    return _measure(layer, candidates, time.perf_counter, 5)
