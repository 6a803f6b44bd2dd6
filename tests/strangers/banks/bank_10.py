"""Strangers' programs for notebook 10: written from the learner's notebook only (form: see README.md beside it)."""
import itertools
import math

import numpy as np
import torch
import torch.nn.functional as F
from numpy.lib.stride_tricks import sliding_window_view

RIGHT, WRONG, MORE = {}, [], []


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


def _pair(exercise, label, says=None, **functions):
    """A forward and a backward pass that share a cache of their own."""
    if says is None:
        MORE.append((exercise, label, functions))
    else:
        WRONG.append((exercise, label, says, functions))


# ================================================================ conv_forward_naive
@right
def conv_forward_naive(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    n_f, _, KH, KW = w.shape
    rows, columns = (H + 2 * p - KH) // s + 1, (W + 2 * p - KW) // s + 1
    padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    out = np.empty((N, n_f, rows, columns), dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            window = padded[:, :, i * s:i * s + KH, j * s:j * s + KW]
            out[:, :, i, j] = np.tensordot(window, w, axes=([1, 2, 3], [1, 2, 3])) + b
    return out, (x, w, b, conv_param)


_forward = conv_forward_naive


@also("conv_forward_naive", "plain loops over everything, int() for the size")
def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F_, C, HH, WW = w.shape
    Hout = int(1 + (H + 2 * pad - HH) / stride)
    Wout = int(1 + (W + 2 * pad - WW) / stride)
    x_pad = np.zeros((N, C, H + 2 * pad, W + 2 * pad), dtype=x.dtype)
    x_pad[:, :, pad:pad + H, pad:pad + W] = x
    out = np.zeros((N, F_, Hout, Wout), dtype=x.dtype)
    for n in range(N):
        for f in range(F_):
            for i in range(Hout):
                for j in range(Wout):
                    part = x_pad[n, :, i * stride:i * stride + HH, j * stride:j * stride + WW]
                    out[n, f, i, j] = np.sum(part * w[f]) + b[f]
    cache = (x, w, b, conv_param)
    return out, cache


@also("conv_forward_naive", "loops over the kernel's taps, strided slices, einsum")
def conv_forward_naive(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    xp = np.pad(x, [(0, 0)] * 2 + [(p, p)] * 2, mode="constant")
    KH, KW = w.shape[2:]
    h = 1 + (xp.shape[2] - KH) // s
    v = 1 + (xp.shape[3] - KW) // s
    total = np.zeros((len(x), len(w), h, v)) + np.reshape(b, (1, -1, 1, 1))
    for a, c in itertools.product(range(KH), range(KW)):
        total += np.einsum("ncij,fc->nfij", xp[:, :, a:a + s * h:s, c:c + s * v:s], w[:, :, a, c])
    return total.astype(x.dtype), (x, w, b, conv_param)


@also("conv_forward_naive", "sliding_window_view, a view returned after moveaxis")
def conv_forward_naive(x, w, b, conv_param):
    s, p = (conv_param[key] for key in ("stride", "pad"))
    xp = np.pad(x, ((0,), (0,), (p,), (p,)))
    windows = sliding_window_view(xp, w.shape[2:], axis=(2, 3))[:, :, ::s, ::s]
    out = np.tensordot(windows, w, axes=((1, 4, 5), (1, 2, 3))) + b
    return np.moveaxis(out, -1, 1).astype(x.dtype, copy=False), (x, w, b, conv_param)


@also("conv_forward_naive", "torch's conv2d in float64")
def conv_forward_naive(x, w, b, conv_param):
    tensors = [torch.from_numpy(np.array(a, dtype=np.float64)) for a in (x, w, b)]
    out = F.conv2d(*tensors, stride=conv_param["stride"], padding=conv_param["pad"])
    return out.numpy().astype(x.dtype), (x, w, b, conv_param)


def _conv(x, w, b, conv_param, **o):
    s, p = conv_param["stride"], conv_param["pad"]
    sh, sw = o.get("strides", lambda s: (s, s))(s)
    KH, KW = w.shape[2:]
    xp = o.get("pads", lambda x, p: np.pad(x, ((0, 0), (0, 0), (p, p), (p, p))))(x, p)
    h = o.get("count", lambda n, k, s: (n - k) // s + 1)(xp.shape[2], KH, sh)
    v = o.get("count", lambda n, k, s: (n - k) // s + 1)(xp.shape[3], KW, sw)
    out = np.zeros((x.shape[0], w.shape[0], h, v), dtype=o.get("dtype", x.dtype))
    step_h, step_w = o.get("steps", lambda sh, sw: (sh, sw))(sh, sw)
    for i in range(h):
        for j in range(v):
            win = xp[:, :, i * step_h:i * step_h + KH, j * step_w:j * step_w + KW]
            out[:, :, i, j] = o.get("product", lambda win, w: np.einsum("ncuv,fcuv->nf", win, w))(win, w) + o.get("bias", lambda b, w: b)(b, w)
    return out, (x, w, b, conv_param)


@wrong("conv_forward_naive", "the bias is not added", r"bias|\bb\b")
def conv_forward_naive(x, w, b, conv_param):
    return _conv(x, w, b, conv_param, bias=lambda b, w: 0)


@wrong("conv_forward_naive", "the bias is added once for each channel of the input", r"bias|\bb\b|channel|once")
def conv_forward_naive(x, w, b, conv_param):
    return _conv(x, w, b, conv_param, bias=lambda b, w: w.shape[1] * b)


@wrong("conv_forward_naive", "the filters are turned by 180° (true convolution)", r"flip|turn|180|correlation|mirror")
def conv_forward_naive(x, w, b, conv_param):
    return _conv(x, w, b, conv_param, product=lambda win, w: np.einsum("ncuv,fcuv->nf", win, w[:, :, ::-1, ::-1]))


@wrong("conv_forward_naive", "only the first channel is read", r"channel|deep|depth")
def conv_forward_naive(x, w, b, conv_param):
    return _conv(x, w, b, conv_param, product=lambda win, w: np.einsum("nuv,fuv->nf", win[:, 0], w[:, 0]))


@wrong("conv_forward_naive", "each channel overwrites the one before (= for +=): the last channel only", r"channel|last|sum|\+=|add|overwrit")
def conv_forward_naive(x, w, b, conv_param):
    def product(win, w):
        for c in range(w.shape[1]):
            result = np.einsum("nuv,fuv->nf", win[:, c], w[:, c])
        return result
    return _conv(x, w, b, conv_param, product=product)


@wrong("conv_forward_naive", "windows start at i, not i * stride", r"stride|window|apart|start|begin")
def conv_forward_naive(x, w, b, conv_param):
    return _conv(x, w, b, conv_param, steps=lambda sh, sw: (1, 1))


@wrong("conv_forward_naive", "the stride counts for rows only", r"stride|both|column|direction")
def conv_forward_naive(x, w, b, conv_param):
    return _conv(x, w, b, conv_param, strides=lambda s: (s, 1))


@wrong("conv_forward_naive", "padded at the top and left only", r"pad|side|each|bottom|right|shape|size")
def conv_forward_naive(x, w, b, conv_param):
    return _conv(x, w, b, conv_param, pads=lambda x, p: np.pad(x, ((0, 0), (0, 0), (p, 0), (p, 0))))


@wrong("conv_forward_naive", "padded by pad in all: the odd one below and right (TensorFlow's SAME idea), wrong values at the border and a smaller output", r"pad|side|each|shape|size")
def conv_forward_naive(x, w, b, conv_param):
    return _conv(x, w, b, conv_param, pads=lambda x, p: np.pad(x, ((0, 0), (0, 0), (p // 2, p - p // 2), (p // 2, p - p // 2))))


@wrong("conv_forward_naive", "padded with the border's values (mode='edge')", r"zero|pad|border|edge")
def conv_forward_naive(x, w, b, conv_param):
    return _conv(x, w, b, conv_param, pads=lambda x, p: np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)), mode="edge"))


@wrong("conv_forward_naive", "np.pad(x, pad) pads examples and channels as well", r"pad|axes|axis|channel|example|shape")
def conv_forward_naive(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    xp = np.pad(x, p)
    N, C, H, W = xp.shape
    KH, KW = w.shape[2:]
    h, v = (H - KH) // s + 1, (W - KW) // s + 1
    out = np.zeros((N, len(w), h, v), x.dtype)
    for n in range(N):
        for i in range(h):
            for j in range(v):
                win = xp[n, :w.shape[1], i * s:i * s + KH, j * s:j * s + KW]
                out[n, :, i, j] = (win * w).sum((1, 2, 3)) + b
    return out, (x, w, b, conv_param)


@wrong("conv_forward_naive", "pad is not read", r"pad|shape|size")
def conv_forward_naive(x, w, b, conv_param):
    return _conv(x, w, b, conv_param, pads=lambda x, p: x)


@wrong("conv_forward_naive", "zeros[p:-p] filled in: breaks with pad 0", r"pad|0|empty|-p|slice|broadcast")
def conv_forward_naive(x, w, b, conv_param):
    def pads(x, p):
        N, C, H, W = x.shape
        xp = np.zeros((N, C, H + 2 * p, W + 2 * p), x.dtype)
        xp[:, :, p:-p, p:-p] = x
        return xp
    return _conv(x, w, b, conv_param, pads=pads)


@wrong("conv_forward_naive", "sizes by / as on the slide: np.zeros gets floats", r"float|int|//|divi|whole")
def conv_forward_naive(x, w, b, conv_param):
    return _conv(x, w, b, conv_param, count=lambda n, k, s: (n - k) / s + 1)


@wrong("conv_forward_naive", "sizes rounded up: the last window sticks out and is cut off", r"down|up|ceil|round|rest|left out|shape|size")
def conv_forward_naive(x, w, b, conv_param):
    def product(win, w):
        return np.einsum("ncuv,fcuv->nf", win, w[:, :, :win.shape[2], :win.shape[3]])
    return _conv(x, w, b, conv_param, product=product, count=lambda n, k, s: math.ceil((n - k) / s) + 1)


@wrong("conv_forward_naive", "size without the + 1: last row and column of windows missing", r"\+ ?1|last|size|shape|window")
def conv_forward_naive(x, w, b, conv_param):
    return _conv(x, w, b, conv_param, count=lambda n, k, s: (n - k) // s)


@wrong("conv_forward_naive", "refuses sizes that the stride does not divide", r"rest|divid|round|down|assert|stride")
def conv_forward_naive(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    assert (x.shape[2] + 2 * p - w.shape[2]) % s == 0, "height"
    assert (x.shape[3] + 2 * p - w.shape[3]) % s == 0, "width"
    return _conv(x, w, b, conv_param)


@wrong("conv_forward_naive", "out is float64 for a float32 x", r"dtype|float64|float32")
def conv_forward_naive(x, w, b, conv_param):
    return _conv(x, w, b, conv_param, dtype=float)


@wrong("conv_forward_naive", "square filters assumed: KH for both", r"KW|square|width|differ|shape|kernel")
def conv_forward_naive(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    K = w.shape[2]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    h, v = (H + 2 * p - K) // s + 1, (W + 2 * p - K) // s + 1
    out = np.zeros((N, len(w), h, v), x.dtype)
    for i in range(h):
        for j in range(v):
            out[:, :, i, j] = np.einsum("ncuv,fcuv->nf", xp[:, :, i * s:i * s + K, j * s:j * s + K], w) + b
    return out, (x, w, b, conv_param)


@wrong("conv_forward_naive", "square pictures assumed: the height's count for both", r"width|square|W|column|shape")
def conv_forward_naive(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    KH, KW = w.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    h = v = (xp.shape[2] - KH) // s + 1
    out = np.zeros((len(x), len(w), h, v), x.dtype)
    for i in range(h):
        for j in range(v):
            win = xp[:, :, i * s:i * s + KH, j * s:j * s + KW]
            out[:, :, i, j] = np.einsum("ncuv,fcuv->nf", win, w[:, :, :win.shape[2], :win.shape[3]]) + b
    return out, (x, w, b, conv_param)


@wrong("conv_forward_naive", "window *= w[f] works in place: x is changed where pad is 0, and later filters see earlier products", r"modif|in place|in-place|chang|copy")
def conv_forward_naive(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p))) if p else x
    KH, KW = w.shape[2:]
    h, v = (xp.shape[2] - KH) // s + 1, (xp.shape[3] - KW) // s + 1
    out = np.zeros((len(x), len(w), h, v), x.dtype)
    for n in range(len(x)):
        for f in range(len(w)):
            for i in range(h):
                for j in range(v):
                    win = xp[n, :, i * s:i * s + KH, j * s:j * s + KW]
                    win *= w[f]
                    out[n, f, i, j] = win.sum() + b[f]
    return out, (x, w, b, conv_param)


@wrong("conv_forward_naive", "mean over the window instead of the sum", r"mean|sum|average|divid")
def conv_forward_naive(x, w, b, conv_param):
    return _conv(x, w, b, conv_param, product=lambda win, w: np.einsum("ncuv,fcuv->nf", win, w) / w[0].size)


@wrong("conv_forward_naive", "returns out alone", r"two|pair|tuple|cache|return")
def conv_forward_naive(x, w, b, conv_param):
    return _conv(x, w, b, conv_param)[0]


@wrong("conv_forward_naive", "output with the filters last: (N, H', W', F)", r"axis|axes|order|shape|N, F|last")
def conv_forward_naive(x, w, b, conv_param):
    out, cache = _conv(x, w, b, conv_param)
    return out.transpose(0, 2, 3, 1), cache


@wrong("conv_forward_naive", "looks for 'padding' instead of 'pad': KeyError", r"pad|KeyError|conv_param")
def conv_forward_naive(x, w, b, conv_param):
    return _conv(x, w, b, {"stride": conv_param["stride"], "pad": conv_param["padding"]})


@wrong("conv_forward_naive", "two: flipped, and the bias missing", r"flip|turn|180|correlation|bias")
def conv_forward_naive(x, w, b, conv_param):
    return _conv(x, w, b, conv_param, bias=lambda b, w: 0, product=lambda win, w: np.einsum("ncuv,fcuv->nf", win, w[..., ::-1, ::-1]))


@wrong("conv_forward_naive", "two: stride for columns only, float64 out", r"stride|row|direction|dtype|float64")
def conv_forward_naive(x, w, b, conv_param):
    return _conv(x, w, b, conv_param, strides=lambda s: (1, s), dtype=np.float64)


# ================================================================ conv_backward_db
@right
def conv_backward_db(dout):
    return dout.sum(axis=(0, 2, 3))


_db = conv_backward_db


@also("conv_backward_db", "einsum")
def conv_backward_db(dout):
    return np.einsum("nfij->f", dout)


@also("conv_backward_db", "a loop over filters")
def conv_backward_db(dout):
    db = np.zeros(dout.shape[1], dtype=dout.dtype)
    for f in range(dout.shape[1]):
        db[f] = np.sum(dout[:, f])
    return db


@also("conv_backward_db", "filters first, flattened, times ones")
def conv_backward_db(dout):
    flat = np.swapaxes(dout, 0, 1).reshape(dout.shape[1], -1)
    return flat @ np.ones(flat.shape[1], dtype=dout.dtype)


@wrong("conv_backward_db", "mean over the examples", r"mean|sum|divid|example|N\b|average")
def conv_backward_db(dout):
    return dout.sum((0, 2, 3)) / len(dout)


@wrong("conv_backward_db", "mean over everything", r"mean|sum|divid|average")
def conv_backward_db(dout):
    return dout.mean(axis=(0, 2, 3))


@wrong("conv_backward_db", "summed over the examples only: F×H'×W'", r"shape|place|axis|axes|sum|rows")
def conv_backward_db(dout):
    return dout.sum(axis=0)


@wrong("conv_backward_db", "examples not summed: N×F", r"shape|example|axis|axes|sum")
def conv_backward_db(dout):
    return dout.sum(axis=(2, 3))


@wrong("conv_backward_db", "summed over filters too: N values", r"shape|filter|axis|axes|sum")
def conv_backward_db(dout):
    return dout.sum(axis=(1, 2, 3))


@wrong("conv_backward_db", "channels-last axes: sums over (0, 1, 2) and keeps W'", r"shape|axis|axes|filter|sum")
def conv_backward_db(dout):
    return dout.sum(axis=(0, 1, 2))


@wrong("conv_backward_db", "keepdims: 1×F×1×1", r"shape|keepdims|\(F,\)")
def conv_backward_db(dout):
    return dout.sum(axis=(0, 2, 3), keepdims=True)


@wrong("conv_backward_db", "of the first example only", r"example|all|first|sum")
def conv_backward_db(dout):
    return dout[0].sum(axis=(1, 2))


@wrong("conv_backward_db", "one number for all filters", r"filter|shape|scalar|axis|axes|number")
def conv_backward_db(dout):
    return dout.sum()


@wrong("conv_backward_db", "ones: the derivative of the output by its bias, dout forgotten", r"dout|ones|count|sum")
def conv_backward_db(dout):
    return np.full(dout.shape[1], dout[:, 0].size, dtype=dout.dtype)


@wrong("conv_backward_db", "two: mean over the examples, and N×F's first row", r"mean|sum|example|shape")
def conv_backward_db(dout):
    return dout.sum(axis=(2, 3))[0] / dout.shape[0]


# ================================================================ conv_backward_dw
@right
def conv_backward_dw(dout, x, w, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    KH, KW = w.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    dw = np.zeros_like(w)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            dw += np.tensordot(dout[:, :, i, j], xp[:, :, i * s:i * s + KH, j * s:j * s + KW], axes=(0, 0)).astype(w.dtype)
    return dw


_dw = conv_backward_dw


@also("conv_backward_dw", "by taps: strided slices of the padded picture")
def conv_backward_dw(dout, x, w, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    xp = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
    h, v = dout.shape[-2:]
    dw = np.empty(w.shape, w.dtype)
    for a in range(w.shape[2]):
        for b in range(w.shape[3]):
            dw[:, :, a, b] = np.einsum("nfij,ncij->fc", dout, xp[:, :, a:a + s * (h - 1) + 1:s, b:b + s * (v - 1) + 1:s])
    return dw


@also("conv_backward_dw", "all loops by hand, float64 inside")
def conv_backward_dw(dout, x, w, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    n_f, _, KH, KW = w.shape
    xp = np.zeros((N, C, H + 2 * p, W + 2 * p))
    xp[:, :, p:H + p, p:W + p] = x
    dw = np.zeros(w.shape)
    for n in range(N):
        for f in range(n_f):
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    dw[f] += float(dout[n, f, i, j]) * xp[n, :, i * s:i * s + KH, j * s:j * s + KW]
    return dw.astype(w.dtype)


@also("conv_backward_dw", "torch's autograd")
def conv_backward_dw(dout, x, w, conv_param):
    def t(a):
        return torch.tensor(np.asarray(a), dtype=torch.float64)
    weight = t(w).requires_grad_()
    out = F.conv2d(t(x), weight, stride=conv_param["stride"], padding=conv_param["pad"])
    (grad,) = torch.autograd.grad(out, weight, t(dout))
    return grad.numpy().astype(w.dtype)


def _filters(dout, x, w, conv_param, **o):
    s, p = conv_param["stride"], conv_param["pad"]
    KH, KW = w.shape[2:]
    xp = o.get("pads", lambda x, p: np.pad(x, ((0, 0), (0, 0), (p, p), (p, p))))(x, p)
    sh, sw = o.get("steps", lambda s: (s, s))(s)
    dw = np.zeros(w.shape, o.get("dtype", w.dtype))
    h, v = o.get("places", lambda h, v: (h, v))(*dout.shape[2:])
    for i in range(h):
        for j in range(v):
            part = np.einsum("nf,ncuv->fcuv", dout[:, :, i, j], xp[:, :, i * sh:i * sh + KH, j * sw:j * sw + KW])
            dw = part.astype(dw.dtype) if o.get("overwrite") else dw + part.astype(dw.dtype)
    return dw


@wrong("conv_backward_dw", "= for +=: only the last place counts", r"\+=|sum|add|last|overwrit|all")
def conv_backward_dw(dout, x, w, conv_param):
    return _filters(dout, x, w, conv_param, overwrite=True)


@wrong("conv_backward_dw", "= for += over the examples: only the last example counts", r"\+=|sum|add|last|example|overwrit")
def conv_backward_dw(dout, x, w, conv_param):
    return _filters(dout[-1:], x[-1:], w, conv_param)


@wrong("conv_backward_dw", "the picture is not padded: windows are shifted, the last are too small", r"pad|shift|window|shape")
def conv_backward_dw(dout, x, w, conv_param):
    s = conv_param["stride"]
    KH, KW = w.shape[2:]
    dw = np.zeros_like(w)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            win = x[:, :, i * s:i * s + KH, j * s:j * s + KW]
            dw[:, :, :win.shape[2], :win.shape[3]] += np.einsum("nf,ncuv->fcuv", dout[:, :, i, j], win)
    return dw


@wrong("conv_backward_dw", "windows start at i, not i * stride", r"stride|window|start|begin|apart")
def conv_backward_dw(dout, x, w, conv_param):
    return _filters(dout, x, w, conv_param, steps=lambda s: (1, 1))


@wrong("conv_backward_dw", "the stride counts for columns only", r"stride|row|both|direction")
def conv_backward_dw(dout, x, w, conv_param):
    return _filters(dout, x, w, conv_param, steps=lambda s: (1, s))


@wrong("conv_backward_dw", "mean over the examples", r"mean|sum|divid|example|average")
def conv_backward_dw(dout, x, w, conv_param):
    return _filters(dout, x, w, conv_param) / np.asarray(len(x), w.dtype)


@wrong("conv_backward_dw", "turned by 180°", r"flip|turn|180|mirror|revers")
def conv_backward_dw(dout, x, w, conv_param):
    return _filters(dout, x, w, conv_param)[:, :, ::-1, ::-1]


@wrong("conv_backward_dw", "the last row and column of places are left out", r"last|place|row|column|range|all")
def conv_backward_dw(dout, x, w, conv_param):
    return _filters(dout, x, w, conv_param, places=lambda h, v: (h - 1, v - 1))


@wrong("conv_backward_dw", "float64 for float32 filters", r"dtype|float64|float32")
def conv_backward_dw(dout, x, w, conv_param):
    return _filters(dout, x, w, conv_param, dtype=np.float64)


@wrong("conv_backward_dw", "in the dtype of x, not of w", r"dtype|float64|float32")
def conv_backward_dw(dout, x, w, conv_param):
    return _filters(dout, x, w, conv_param, dtype=x.dtype)


@wrong("conv_backward_dw", "starts from a copy of w instead of zeros: w is added", r"zero|start|\bw\b|add")
def conv_backward_dw(dout, x, w, conv_param):
    dw = w.copy()
    dw += _filters(dout, x, w, conv_param)
    return dw


@wrong("conv_backward_dw", "times the filter instead of the window (the formula of dx)", r"window|filter|picture|\bx\b|\bw\b")
def conv_backward_dw(dout, x, w, conv_param):
    return (np.einsum("nfij->f", dout)[:, None, None, None] * w).astype(w.dtype)


@wrong("conv_backward_dw", "all channels get the sum over channels", r"channel|sum|own|each")
def conv_backward_dw(dout, x, w, conv_param):
    dw = _filters(dout, x, w, conv_param)
    return np.repeat(dw.sum(1, keepdims=True), w.shape[1], axis=1)


@wrong("conv_backward_dw", "shape (C, F, KH, KW)", r"shape|axis|axes|order|exchang|swap|channel")
def conv_backward_dw(dout, x, w, conv_param):
    return _filters(dout, x, w, conv_param).swapaxes(0, 1)


@wrong("conv_backward_dw", "strided slices without an end: too long unless the windows lie side by side and fill the picture", r"rest|border|shape|slice|end|overlap|long")
def conv_backward_dw(dout, x, w, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    xp = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
    dw = np.zeros_like(w)
    for a in range(w.shape[2]):
        for b in range(w.shape[3]):
            dw[:, :, a, b] = np.einsum("nfij,ncij->fc", dout, xp[:, :, a::s, b::s])
    return dw


@wrong("conv_backward_dw", "square filters assumed: KH for both", r"KW|square|width|shape|kernel")
def conv_backward_dw(dout, x, w, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    K = w.shape[2]
    xp = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
    dw = np.zeros((w.shape[0], w.shape[1], K, K), w.dtype)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            win = xp[:, :, i * s:i * s + K, j * s:j * s + K]
            dw[:, :, :, :win.shape[3]] += np.einsum("nf,ncuv->fcuv", dout[:, :, i, j], win)
    return dw


@wrong("conv_backward_dw", "windows multiplied in place: x is changed where pad is 0, overlapping windows are spoilt", r"modif|in place|in-place|chang|copy")
def conv_backward_dw(dout, x, w, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    xp = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)]) if p > 0 else x
    KH, KW = w.shape[2:]
    dw = np.zeros_like(w)
    for n in range(len(x)):
        for f in range(len(w)):
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    win = xp[n, :, i * s:i * s + KH, j * s:j * s + KW]
                    win *= dout[n, f, i, j]
                    dw[f] += win
    return dw


@wrong("conv_backward_dw", "two: turned by 180° and averaged over the examples", r"flip|turn|180|mean|divid|average")
def conv_backward_dw(dout, x, w, conv_param):
    return (_filters(dout, x, w, conv_param)[..., ::-1, ::-1] / len(x)).astype(w.dtype)


@wrong("conv_backward_dw", "two: the padding at the wrong end, and the last place only", r"pad|\+=|sum|last|overwrit")
def conv_backward_dw(dout, x, w, conv_param):
    return _filters(dout, x, w, conv_param, overwrite=True, pads=lambda x, p: np.pad(x, ((0, 0), (0, 0), (0, 2 * p), (0, 2 * p))))


# ================================================================ conv_backward_dx
@right
def conv_backward_dx(dout, x, w, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    KH, KW = w.shape[2:]
    collected = np.zeros((N, C, H + 2 * p, W + 2 * p), dtype=x.dtype)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            part = np.tensordot(dout[:, :, i, j], w, axes=(1, 0))
            collected[:, :, i * s:i * s + KH, j * s:j * s + KW] += part.astype(x.dtype)
    return collected[:, :, p:p + H, p:p + W]


_dx = conv_backward_dx


@also("conv_backward_dx", "by taps, strided +=, copied out contiguous")
def conv_backward_dx(dout, x, w, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    (N, C, H, W), (h, v) = x.shape, dout.shape[2:]
    big = np.zeros((N, C, H + 2 * p, W + 2 * p))
    for a, b in np.ndindex(*w.shape[2:]):
        big[:, :, a:a + s * h:s, b:b + s * v:s] += np.einsum("nfij,fc->ncij", dout, w[:, :, a, b])
    return np.ascontiguousarray(big[:, :, p:H + p, p:W + p], dtype=x.dtype)


@also("conv_backward_dx", "dout spread by the stride, correlated with the turned filter")
def conv_backward_dx(dout, x, w, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    n_f, _, KH, KW = w.shape
    spread = np.zeros((N, n_f, H + 2 * p + KH - 1, W + 2 * p + KW - 1))
    h, v = dout.shape[2:]
    spread[:, :, KH - 1:KH - 1 + s * h:s, KW - 1:KW - 1 + s * v:s] = dout
    turned = w[:, :, ::-1, ::-1]
    windows = sliding_window_view(spread, (KH, KW), axis=(2, 3))[:, :, p:p + H, p:p + W]
    return np.einsum("nfijuv,fcuv->ncij", windows, turned).astype(x.dtype)


@also("conv_backward_dx", "a loop over all five, negative places skipped instead of padding")
def conv_backward_dx(dout, x, w, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    dx = np.zeros(x.shape, dtype=x.dtype)
    H, W = x.shape[2:]
    for i, j, u, v in np.ndindex(*dout.shape[2:], *w.shape[2:]):
        row, column = i * s + u - p, j * s + v - p
        if 0 <= row < H and 0 <= column < W:
            dx[:, :, row, column] += dout[:, :, i, j] @ w[:, :, u, v]
    return dx


def _pictures(dout, x, w, conv_param, **o):
    s, p = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    KH, KW = w.shape[2:]
    big = o.get("start", lambda x, p: np.zeros((N, C, H + 2 * p, W + 2 * p), o.get("dtype", x.dtype)))(x, p)
    sh, sw = o.get("steps", lambda s: (s, s))(s)
    h, v = o.get("places", lambda h, v: (h, v))(*dout.shape[2:])
    for i in range(h):
        for j in range(v):
            part = o.get("product", lambda d, w: np.einsum("nf,fcuv->ncuv", d, w))(dout[:, :, i, j], w)
            place = big[:, :, i * sh:i * sh + KH, j * sw:j * sw + KW]
            if o.get("overwrite"):
                place[...] = part
            else:
                place += part.astype(big.dtype)
    return o.get("cut", lambda big, p, H, W: big[:, :, p:p + H, p:p + W])(big, p, H, W)


@wrong("conv_backward_dx", "= for +=: overlapping windows overwrite each other", r"\+=|sum|add|overlap|overwrit|collect")
def conv_backward_dx(dout, x, w, conv_param):
    return _pictures(dout, x, w, conv_param, overwrite=True)


@wrong("conv_backward_dx", "cut with p:-p: empty for pad 0", r"pad|0|empty|-p|shape")
def conv_backward_dx(dout, x, w, conv_param):
    return _pictures(dout, x, w, conv_param, cut=lambda big, p, H, W: big[:, :, p:-p, p:-p])


@wrong("conv_backward_dx", "the padding is not cut off", r"pad|cut|shape|size")
def conv_backward_dx(dout, x, w, conv_param):
    return _pictures(dout, x, w, conv_param, cut=lambda big, p, H, W: big)


@wrong("conv_backward_dx", "cut at the wrong end: [:H, :W] of the padded picture", r"pad|cut|shift|end|corner|place")
def conv_backward_dx(dout, x, w, conv_param):
    return _pictures(dout, x, w, conv_param, cut=lambda big, p, H, W: big[:, :, :H, :W])


@wrong("conv_backward_dx", "cut p:H, p:W: too short by pad", r"pad|cut|shape|size|short")
def conv_backward_dx(dout, x, w, conv_param):
    return _pictures(dout, x, w, conv_param, cut=lambda big, p, H, W: big[:, :, p:H, p:W])


@wrong("conv_backward_dx", "pad is not read: windows are laid on the unpadded picture, what sticks out is cut", r"pad|shift|place|window")
def conv_backward_dx(dout, x, w, conv_param):
    s = conv_param["stride"]
    KH, KW = w.shape[2:]
    dx = np.zeros_like(x)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            place = dx[:, :, i * s:i * s + KH, j * s:j * s + KW]
            place += np.einsum("nf,fcuv->ncuv", dout[:, :, i, j], w)[:, :, :place.shape[2], :place.shape[3]].astype(x.dtype)
    return dx


@wrong("conv_backward_dx", "the filter is turned by 180° before it is laid back", r"flip|turn|180|mirror|revers")
def conv_backward_dx(dout, x, w, conv_param):
    return _pictures(dout, x, w, conv_param, product=lambda d, w: np.einsum("nf,fcuv->ncuv", d, w[:, :, ::-1, ::-1]))


@wrong("conv_backward_dx", "windows start at i, not i * stride", r"stride|window|start|begin|apart|place")
def conv_backward_dx(dout, x, w, conv_param):
    return _pictures(dout, x, w, conv_param, steps=lambda s: (1, 1))


@wrong("conv_backward_dx", "the stride counts for rows only", r"stride|column|both|direction")
def conv_backward_dx(dout, x, w, conv_param):
    return _pictures(dout, x, w, conv_param, steps=lambda s: (s, 1))


@wrong("conv_backward_dx", "only the last filter reports (= in the loop over filters)", r"filter|sum|add|last|all|\+=")
def conv_backward_dx(dout, x, w, conv_param):
    return _pictures(dout, x, w, conv_param, product=lambda d, w: np.einsum("n,cuv->ncuv", d[:, -1], w[-1]))


@wrong("conv_backward_dx", "float64 for a float32 x", r"dtype|float64|float32")
def conv_backward_dx(dout, x, w, conv_param):
    return _pictures(dout, x, w, conv_param, dtype=np.float64)


@wrong("conv_backward_dx", "in the dtype of dout, not of x", r"dtype|float64|float32")
def conv_backward_dx(dout, x, w, conv_param):
    return _pictures(dout, x, w, conv_param, dtype=dout.dtype)


@wrong("conv_backward_dx", "begins with the padded x instead of zeros: x is added", r"zero|start|begin|shape|\bx\b|add")
def conv_backward_dx(dout, x, w, conv_param):
    return _pictures(dout, x, w, conv_param, start=lambda x, p: np.pad(x, ((0, 0), (0, 0), (p, p), (p, p))))


@wrong("conv_backward_dx", "zeros made as x * 0: not a number where x holds inf or nan, though only its shape matters", r"nan|inf|shape|zero|values|matter")
def conv_backward_dx(dout, x, w, conv_param):
    return _pictures(dout, x, w, conv_param, start=lambda x, p: np.pad(x * 0, ((0, 0), (0, 0), (p, p), (p, p))))


@wrong("conv_backward_dx", "the last row and column of places are left out", r"last|place|row|column|range|all")
def conv_backward_dx(dout, x, w, conv_param):
    return _pictures(dout, x, w, conv_param, places=lambda h, v: (h - 1, v - 1))


@wrong("conv_backward_dx", "collected on a picture that ends with the last window: too small where a rest is left at the border", r"rest|border|shape|size|window|no window|round")
def conv_backward_dx(dout, x, w, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    h, v = ((n - 1) * s + k for n, k in zip(dout.shape[2:], w.shape[2:]))
    return _pictures(dout, x, w, conv_param, start=lambda x, p: np.zeros(x.shape[:2] + (h, v), x.dtype))


@wrong("conv_backward_dx", "full correlation of dout with the turned filter: right for stride 1 only", r"stride|spread|apart|shape|place")
def conv_backward_dx(dout, x, w, conv_param):
    p = conv_param["pad"]
    N, C, H, W = x.shape
    KH, KW = w.shape[2:]
    d = np.pad(dout, ((0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)))
    windows = sliding_window_view(d, (KH, KW), axis=(2, 3))
    full = np.einsum("nfijuv,fcuv->ncij", windows, w[:, :, ::-1, ::-1])
    dx = np.zeros_like(x)
    part = full[:, :, p:p + H, p:p + W]
    dx[:, :, :part.shape[2], :part.shape[3]] = part
    return dx


@wrong("conv_backward_dx", "the mean over the examples is taken (divided by N)", r"mean|divid|N\b|factor|example|average")
def conv_backward_dx(dout, x, w, conv_param):
    return (_pictures(dout, x, w, conv_param) / len(x)).astype(x.dtype)


@wrong("conv_backward_dx", "all channels get the filter's first channel", r"channel|own|first|each")
def conv_backward_dx(dout, x, w, conv_param):
    return _pictures(dout, x, np.repeat(w[:, :1], w.shape[1], 1), conv_param)


@wrong("conv_backward_dx", "averaged where windows overlap: divided by how many windows hold the pixel", r"sum|add|average|mean|divid|overlap")
def conv_backward_dx(dout, x, w, conv_param):
    count = _pictures(np.ones((1, 1) + dout.shape[2:]), np.ones((1,) + x.shape[1:]), np.ones((1,) + w.shape[1:]), conv_param)
    return (_pictures(dout, x, w, conv_param) / np.maximum(count, 1)).astype(x.dtype)


@wrong("conv_backward_dx", "two: = for +=, and cut at the wrong end", r"\+=|sum|add|overlap|overwrit|pad|cut|shift")
def conv_backward_dx(dout, x, w, conv_param):
    return _pictures(dout, x, w, conv_param, overwrite=True, cut=lambda big, p, H, W: big[:, :, 2 * p:, 2 * p:])


@wrong("conv_backward_dx", "two: float64, and filters turned in one direction only", r"dtype|float64|flip|turn|mirror|revers")
def conv_backward_dx(dout, x, w, conv_param):
    return _pictures(dout, x, w[:, :, :, ::-1], conv_param, dtype=float)


# ================================================================ conv_backward_naive
@right
def conv_backward_naive(dout, cache):
    x, w, _, conv_param = cache
    return _dx(dout, x, w, conv_param), _dw(dout, x, w, conv_param), _db(dout)


_backward = conv_backward_naive


@also("conv_backward_naive", "all three in one loop")
def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    n_f, _, KH, KW = w.shape
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    dxp, dw, db = np.zeros_like(xp), np.zeros_like(w), np.zeros_like(b)
    for f in range(n_f):
        db[f] += dout[:, f].sum()
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                here = (slice(None), slice(None), slice(i * s, i * s + KH), slice(j * s, j * s + KW))
                d = dout[:, f, i, j][:, None, None, None]
                dw[f] += (d * xp[here]).sum(0)
                dxp[here] += d * w[f]
    return dxp[:, :, p:p + H, p:p + W], dw, db


def _padded_forward(x, w, b, conv_param):
    out, _ = _forward(x, w, b, conv_param)
    p = conv_param["pad"]
    return out, {"padded": np.pad(x, ((0, 0), (0, 0), (p, p), (p, p))), "w": w, "conv_param": dict(conv_param)}


def _padded_backward(dout, cache):
    xp, w, s, p = cache["padded"], cache["w"], cache["conv_param"]["stride"], cache["conv_param"]["pad"]
    flat = {"stride": s, "pad": 0}
    dxp = _dx(dout, xp, w, flat)
    return dxp[:, :, p:xp.shape[2] - p, p:xp.shape[3] - p], _dw(dout, xp, w, flat), _db(dout)


_pair("conv_backward_naive", "the cache is a dict with the padded picture", conv_forward_naive=_padded_forward, conv_backward_naive=_padded_backward)


def _closure_forward(x, w, b, conv_param):
    return _forward(x, w, b, conv_param)[0], lambda dout: [_dx(dout, x, w, conv_param), _dw(dout, x, w, conv_param), _db(dout)]


def _closure_backward(dout, cache):
    return tuple(cache(dout))


_pair("conv_backward_naive", "the cache is a function", conv_forward_naive=_closure_forward, conv_backward_naive=_closure_backward)


@wrong("conv_backward_naive", "order dw, dx, db", r"order|swap|first|exchang|shape")
def conv_backward_naive(dout, cache):
    dx, dw, db = _backward(dout, cache)
    return dw, dx, db


@wrong("conv_backward_naive", "db is missing", r"three|db|bias|return")
def conv_backward_naive(dout, cache):
    return _backward(dout, cache)[:2]


@wrong("conv_backward_naive", "forgets to return", r"return|None")
def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    dx, dw, db = _dx(dout, x, w, conv_param), _dw(dout, x, w, conv_param), _db(dout)


@wrong("conv_backward_naive", "returns a dict", r"dict|three|tuple|return|unpack")
def conv_backward_naive(dout, cache):
    return dict(zip(("dx", "dw", "db"), _backward(dout, cache)))


@wrong("conv_backward_naive", "stride 1 and pad 0 taken for granted", r"stride|pad|conv_param|shape")
def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    h, v = (n - k + 1 for n, k in zip(x.shape[2:], w.shape[2:]))
    d = np.zeros(dout.shape[:2] + (h, v), dout.dtype)
    a, c = min(h, dout.shape[2]), min(v, dout.shape[3])
    d[:, :, :a, :c] = dout[:, :, :a, :c]
    plain = {"stride": 1, "pad": 0}
    return _dx(d, x, w, plain), _dw(d, x, w, plain), _db(dout)


@wrong("conv_backward_naive", "dw averaged over the examples", r"dw|mean|sum|divid|average")
def conv_backward_naive(dout, cache):
    dx, dw, db = _backward(dout, cache)
    return dx, (dw / len(dout)).astype(dw.dtype), db


@wrong("conv_backward_naive", "all three divided by N once more", r"mean|divid|N\b|average|factor|sum")
def conv_backward_naive(dout, cache):
    n = len(dout)
    return tuple((g / n).astype(g.dtype) for g in _backward(dout, cache))


@wrong("conv_backward_naive", "dx of the padded picture's size", r"pad|dx|shape|cut|size")
def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    p = conv_param["pad"]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    flat = {**conv_param, "pad": 0}
    return _dx(dout, xp, w, flat), _dw(dout, xp, w, flat), _db(dout)


@wrong("conv_backward_naive", "db is 1×F×1×1", r"db|shape|keepdims|bias")
def conv_backward_naive(dout, cache):
    dx, dw, db = _backward(dout, cache)
    return dx, dw, dout.sum((0, 2, 3), keepdims=True)


@wrong("conv_backward_naive", "db summed over the examples only", r"db|shape|bias|place|sum")
def conv_backward_naive(dout, cache):
    dx, dw, db = _backward(dout, cache)
    return dx, dw, dout.sum(0)


@wrong("conv_backward_naive", "db includes the bias: b + sum", r"db|bias|add|\bb\b")
def conv_backward_naive(dout, cache):
    dx, dw, db = _backward(dout, cache)
    return dx, dw, cache[2] + db


@wrong("conv_backward_naive", "cache unpacked in another order than the forward pass packed it", r"cache|order|unpack|swap|exchang")
def conv_backward_naive(dout, cache):
    w, x, b, conv_param = cache
    return _dx(dout, x, w, conv_param), _dw(dout, x, w, conv_param), _db(dout)


@wrong("conv_backward_naive", "dx: windows overwrite each other", r"dx|\+=|sum|add|overlap|overwrit|collect")
def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    return _pictures(dout, x, w, conv_param, overwrite=True), _dw(dout, x, w, conv_param), _db(dout)


@wrong("conv_backward_naive", "two: dout is divided by the number of examples, and in place", r"dout|chang|modif|in place|in-place|factor|mean|divid|average")
def conv_backward_naive(dout, cache):
    dout /= len(dout)
    return _backward(dout, cache)


_last = {}


def _global_forward(x, w, b, conv_param):
    out, cache = _forward(x, w, b, conv_param)
    _last["cache"] = cache
    return out, cache


def _global_backward(dout, cache):
    return _backward(dout, _last["cache"])


_pair("conv_backward_naive", "reads a global that the last forward pass left, not its cache: wrong as soon as another forward pass came between",
      r"cache|global|last|other|between|shape", conv_forward_naive=_global_forward, conv_backward_naive=_global_backward)


def _twice_forward(x, w, b, conv_param):
    out, _ = _forward(x, w, b, conv_param)
    p = conv_param["pad"]
    return out, (np.pad(x, ((0, 0), (0, 0), (p, p), (p, p))), w, b, conv_param)


_pair("conv_backward_naive", "the forward pass caches the padded picture, the backward pass pads it again",
      r"pad|twice|again|shape|dx", conv_forward_naive=_twice_forward, conv_backward_naive=_backward)


def _bare_forward(x, w, b, conv_param):
    return _forward(x, w, b, conv_param)[0], (x, w, b)


def _bare_backward(dout, cache):
    x, w, b = cache
    s = max((x.shape[2] - w.shape[2]) // max(dout.shape[2] - 1, 1), 1)
    p = max(((dout.shape[2] - 1) * s + w.shape[2] - x.shape[2] + 1) // 2, 0)
    param = {"stride": s, "pad": p}
    return _dx(dout, x, w, param), _dw(dout, x, w, param), _db(dout)


_pair("conv_backward_naive", "conv_param is not cached: stride and pad guessed from the shapes, which do not tell where rests or padding were",
      r"stride|pad|conv_param|guess|cache|shape", conv_forward_naive=_bare_forward, conv_backward_naive=_bare_backward)


@wrong("conv_backward_naive", "two: dw turned by 180°, db averaged", r"dw|db|flip|turn|180|mean|average|divid")
def conv_backward_naive(dout, cache):
    dx, dw, db = _backward(dout, cache)
    return dx, dw[:, :, ::-1, ::-1], dout.mean((0, 2, 3))


@wrong("conv_backward_naive", "two: dx without regard to the padding, db first", r"dx|pad|order|first|shape|shift")
def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    dx = _pictures(dout, x, w, conv_param, cut=lambda big, p, H, W: big[:, :, :H, :W])
    return _db(dout), dx, _dw(dout, x, w, conv_param)


# ================================================================ max_pool_forward_naive
@right
def max_pool_forward_naive(x, pool_param):
    ph, pw, s = (pool_param[name] for name in ("pool_height", "pool_width", "stride"))
    N, C, H, W = x.shape
    out = np.empty((N, C, (H - ph) // s + 1, (W - pw) // s + 1), dtype=x.dtype)
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = x[:, :, i * s:i * s + ph, j * s:j * s + pw].max(axis=(2, 3))
    return out, (x, pool_param)


_pool = max_pool_forward_naive


@also("max_pool_forward_naive", "sliding_window_view")
def max_pool_forward_naive(x, pool_param):
    s = pool_param["stride"]
    size = pool_param["pool_height"], pool_param["pool_width"]
    return sliding_window_view(x, size, (2, 3))[:, :, ::s, ::s].max((-1, -2)), (x, pool_param)


@also("max_pool_forward_naive", "loops over the window's places, np.maximum from -inf")
def max_pool_forward_naive(x, pool_param):
    ph, pw, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    h, v = 1 + (x.shape[2] - ph) // s, 1 + (x.shape[3] - pw) // s
    best = np.full(x.shape[:2] + (h, v), -np.inf, dtype=x.dtype)
    for a in range(ph):
        for b in range(pw):
            np.maximum(best, x[:, :, a:a + s * h:s, b:b + s * v:s], out=best)
    return best, (x, pool_param)


@also("max_pool_forward_naive", "four loops and Python's max")
def max_pool_forward_naive(x, pool_param):
    ph, pw, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    rows, columns = range(0, H - ph + 1, s), range(0, W - pw + 1, s)
    out = [[[[max(x[n, c, i:i + ph, j:j + pw].ravel()) for j in columns] for i in rows] for c in range(C)] for n in range(N)]
    return np.array(out, dtype=x.dtype), (x, pool_param)


def _pooled(x, pool_param, **o):
    ph, pw, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    ph, pw = o.get("size", lambda a, b: (a, b))(ph, pw)
    sh, sw = o.get("steps", lambda s, ph, pw: (s, s))(s, ph, pw)
    N, C, H, W = x.shape
    count = o.get("count", lambda n, k, s: (n - k) // s + 1)
    out = np.zeros((N, C, count(H, ph, sh), count(W, pw, sw)), o.get("dtype", x.dtype))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = o.get("best", lambda win: win.max((2, 3)))(x[:, :, i * sh:i * sh + ph, j * sw:j * sw + pw])
    return out, (x, pool_param)


@wrong("max_pool_forward_naive", "mean instead of maximum", r"mean|max|average|largest")
def max_pool_forward_naive(x, pool_param):
    return _pooled(x, pool_param, best=lambda win: win.mean((2, 3)))


@wrong("max_pool_forward_naive", "running maximum begins at 0: all-negative windows give 0", r"negativ|zero|\b0\b|begin|start")
def max_pool_forward_naive(x, pool_param):
    return _pooled(x, pool_param, best=lambda win: np.maximum(0, win.max((2, 3))))


@wrong("max_pool_forward_naive", "value of the largest magnitude", r"negativ|magnitude|abs|largest|sign")
def max_pool_forward_naive(x, pool_param):
    def best(win):
        flat = win.reshape(*win.shape[:2], -1)
        return np.take_along_axis(flat, np.abs(flat).argmax(-1)[..., None], -1)[..., 0]
    return _pooled(x, pool_param, best=best)


@wrong("max_pool_forward_naive", "stride not read: windows side by side", r"stride|overlap|apart|shape")
def max_pool_forward_naive(x, pool_param):
    return _pooled(x, pool_param, steps=lambda s, ph, pw: (ph, pw))


@wrong("max_pool_forward_naive", "the stride counts for rows only; columns are taken side by side", r"stride|column|both|direction|shape")
def max_pool_forward_naive(x, pool_param):
    return _pooled(x, pool_param, steps=lambda s, ph, pw: (s, pw))


@wrong("max_pool_forward_naive", "pool_height for both", r"pool_width|width|square|shape")
def max_pool_forward_naive(x, pool_param):
    return _pooled(x, pool_param, size=lambda a, b: (a, a))


@wrong("max_pool_forward_naive", "height and width of the window exchanged", r"height|width|exchang|swap|shape")
def max_pool_forward_naive(x, pool_param):
    return _pooled(x, pool_param, size=lambda a, b: (b, a))


@wrong("max_pool_forward_naive", "size H // stride: right for windows side by side, else the last ones stick out", r"size|shape|overlap|stick|window|round|out of")
def max_pool_forward_naive(x, pool_param):
    return _pooled(x, pool_param, count=lambda n, k, s: n // s)


@wrong("max_pool_forward_naive", "rounded up (Caffe): incomplete windows at the border count", r"down|up|ceil|round|size|shape|rest")
def max_pool_forward_naive(x, pool_param):
    return _pooled(x, pool_param, count=lambda n, k, s: -(-(n - k) // s) + 1)


@wrong("max_pool_forward_naive", "range(0, H - ph, stride): the last window is missing where it ends exactly at the border", r"last|\+ ?1|size|shape|window|border")
def max_pool_forward_naive(x, pool_param):
    return _pooled(x, pool_param, count=lambda n, k, s: len(range(0, n - k, s)))


@wrong("max_pool_forward_naive", "out is float64", r"dtype|float64|float32")
def max_pool_forward_naive(x, pool_param):
    return _pooled(x, pool_param, dtype=float)


@wrong("max_pool_forward_naive", "maximum over the channels too", r"channel|each|own|shape")
def max_pool_forward_naive(x, pool_param):
    return _pooled(x, pool_param, best=lambda win: win.max((1, 2, 3))[:, None])


@wrong("max_pool_forward_naive", "maximum of the rows only: first column's of each window", r"column|both|axis|axes|window|max")
def max_pool_forward_naive(x, pool_param):
    return _pooled(x, pool_param, best=lambda win: win.max(2)[:, :, 0])


@wrong("max_pool_forward_naive", "reshaped into blocks: breaks for odd sides and overlapping windows", r"reshape|odd|overlap|stride|shape|rest")
def max_pool_forward_naive(x, pool_param):
    ph, pw = pool_param["pool_height"], pool_param["pool_width"]
    N, C, H, W = x.shape
    return x.reshape(N, C, H // ph, ph, W // pw, pw).max((3, 5)), (x, pool_param)


@wrong("max_pool_forward_naive", "windows start at i, not i * stride", r"stride|start|begin|window|apart")
def max_pool_forward_naive(x, pool_param):
    ph, pw, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    h, v = (x.shape[2] - ph) // s + 1, (x.shape[3] - pw) // s + 1
    out = np.zeros(x.shape[:2] + (h, v), x.dtype)
    for i, j in np.ndindex(h, v):
        out[:, :, i, j] = x[:, :, i:i + ph, j:j + pw].max((2, 3))
    return out, (x, pool_param)


@wrong("max_pool_forward_naive", "x sorted in place to find the largest", r"modif|in place|in-place|chang|copy")
def max_pool_forward_naive(x, pool_param):
    ph, pw, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    h, v = (x.shape[2] - ph) // s + 1, (x.shape[3] - pw) // s + 1
    out = np.zeros(x.shape[:2] + (h, v), x.dtype)
    for i, j in np.ndindex(h, v):
        win = x[:, :, i * s:i * s + ph, j * s:j * s + pw]
        win.sort(axis=3)
        out[:, :, i, j] = win[:, :, :, -1].max(2)
    return out, (x, pool_param)


@wrong("max_pool_forward_naive", "returns out alone", r"two|pair|tuple|cache|return")
def max_pool_forward_naive(x, pool_param):
    return _pooled(x, pool_param)[0]


@wrong("max_pool_forward_naive", "returns the place of the maximum (argmax), not its value", r"argmax|index|value|place|max")
def max_pool_forward_naive(x, pool_param):
    return _pooled(x, pool_param, best=lambda win: win.reshape(*win.shape[:2], -1).argmax(-1))


@wrong("max_pool_forward_naive", "two: running maximum from 0, pool_height for both", r"negativ|zero|\b0\b|width|square|shape")
def max_pool_forward_naive(x, pool_param):
    return _pooled(x, pool_param, size=lambda a, b: (a, a), best=lambda win: np.maximum(0, win.max((2, 3))))


@wrong("max_pool_forward_naive", "two: float64, and sizes rounded up", r"dtype|float64|up|ceil|round|shape|size")
def max_pool_forward_naive(x, pool_param):
    return _pooled(x, pool_param, dtype=float, count=lambda n, k, s: math.ceil((n - k) / s) + 1)


# ================================================================ max_pool_backward_naive
@right
def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    ph, pw, s = (pool_param[name] for name in ("pool_height", "pool_width", "stride"))
    dx = np.zeros_like(x)
    N, C = x.shape[:2]
    n, c = np.ogrid[:N, :C]
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            window = x[:, :, i * s:i * s + ph, j * s:j * s + pw].reshape(N, C, ph * pw)
            row, column = np.divmod(window.argmax(axis=2), pw)
            dx[n, c, i * s + row, j * s + column] += dout[:, :, i, j].astype(x.dtype)
    return dx


_unpool = max_pool_backward_naive


@also("max_pool_backward_naive", "four loops, unravel_index")
def max_pool_backward_naive(dout, cache):
    x, param = cache
    ph, pw, s = param["pool_height"], param["pool_width"], param["stride"]
    dx = np.zeros(x.shape, x.dtype)
    for n, c, i, j in np.ndindex(*dout.shape):
        win = x[n, c, i * s:i * s + ph, j * s:j * s + pw]
        r, q = np.unravel_index(np.argmax(win), win.shape)
        dx[n, c, i * s + r, j * s + q] += dout[n, c, i, j]
    return dx


@also("max_pool_backward_naive", "mask of the first maximum by cumulative count")
def max_pool_backward_naive(dout, cache):
    x, param = cache
    ph, pw, s = param["pool_height"], param["pool_width"], param["stride"]
    dx = np.zeros_like(x)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            part = (..., slice(i * s, i * s + ph), slice(j * s, j * s + pw))
            flat = x[part].reshape(*x.shape[:2], -1)
            top = flat == flat.max(-1, keepdims=True)
            first = (top & (np.cumsum(top, -1) == 1)).reshape(x[part].shape)
            dx[part] += np.where(first, dout[:, :, i:i + 1, j:j + 1], 0).astype(x.dtype)
    return dx


def _argmax_forward(x, pool_param):
    ph, pw, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    windows = sliding_window_view(x, (ph, pw), (2, 3))[:, :, ::s, ::s]
    flat = windows.reshape(*windows.shape[:4], ph * pw)
    where = flat.argmax(-1)
    return np.take_along_axis(flat, where[..., None], -1)[..., 0], (where, x.shape, x.dtype, pw, s)


def _argmax_backward(dout, cache):
    where, shape, dtype, pw, s = cache
    dx = np.zeros(shape, dtype)
    n, c, i, j = np.indices(where.shape)
    np.add.at(dx, (n, c, i * s + where // pw, j * s + where % pw), dout)
    return dx


_pair("max_pool_backward_naive", "the cache holds the places of the maxima, np.add.at", max_pool_forward_naive=_argmax_forward,
      max_pool_backward_naive=_argmax_backward)


def _spread(dout, cache, share=None, **o):
    x, param = cache
    ph, pw, s = param["pool_height"], param["pool_width"], param["stride"]
    dx = o.get("start", np.zeros_like)(x)
    sh, sw = o.get("steps", lambda s, ph, pw: (s, s))(s, ph, pw)
    for n, c, i, j in np.ndindex(*dout.shape):
        win = x[n, c, i * sh:i * sh + ph, j * sw:j * sw + pw]
        place = dx[n, c, i * sh:i * sh + ph, j * sw:j * sw + pw]
        given = (share or _first)(win) * dout[n, c, i, j]
        if o.get("overwrite"):
            hit = given != 0
            place[hit] = given[hit]
        elif o.get("overwrite_all"):
            place[...] = given
        else:
            place += given.astype(dx.dtype)
    return dx


def _first(win):
    m = np.zeros(win.shape)
    m[np.unravel_index(win.argmax(), win.shape)] = 1
    return m


@wrong("max_pool_backward_naive", "all equal maxima get the whole gradient", r"equal|tie|first|several|all")
def max_pool_backward_naive(dout, cache):
    return _spread(dout, cache, lambda win: (win == win.max()).astype(float))


@wrong("max_pool_backward_naive", "equal maxima share the gradient", r"equal|tie|first|share|whole|split")
def max_pool_backward_naive(dout, cache):
    return _spread(dout, cache, lambda win: (win == win.max()) / (win == win.max()).sum())


@wrong("max_pool_backward_naive", "the last of equal maxima", r"equal|tie|first|last")
def max_pool_backward_naive(dout, cache):
    def last(win):
        return _first(win[::-1, ::-1])[::-1, ::-1]
    return _spread(dout, cache, last)


@wrong("max_pool_backward_naive", "the first of equal maxima column by column", r"equal|tie|row|column|first|order")
def max_pool_backward_naive(dout, cache):
    return _spread(dout, cache, lambda win: _first(win.T).T)


@wrong("max_pool_backward_naive", "= for +=: a pixel that is the maximum of several windows keeps the last one's", r"\+=|sum|add|several|overlap|overwrit")
def max_pool_backward_naive(dout, cache):
    return _spread(dout, cache, overwrite=True)


@wrong("max_pool_backward_naive", "whole windows assigned: later windows wipe out earlier ones where they overlap", r"\+=|sum|add|several|overlap|overwrit|wipe")
def max_pool_backward_naive(dout, cache):
    return _spread(dout, cache, overwrite_all=True)


@wrong("max_pool_backward_naive", "the whole window gets the gradient", r"max|window|only|all|largest")
def max_pool_backward_naive(dout, cache):
    return _spread(dout, cache, np.ones_like)


@wrong("max_pool_backward_naive", "spread evenly as for average pooling", r"max|average|mean|window|only|largest")
def max_pool_backward_naive(dout, cache):
    return _spread(dout, cache, lambda win: np.full(win.shape, 1 / win.size))


@wrong("max_pool_backward_naive", "stride not read: windows side by side", r"stride|overlap|window|apart|place")
def max_pool_backward_naive(dout, cache):
    x, param = cache
    ph, pw = param["pool_height"], param["pool_width"]
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(*dout.shape):
        win = x[n, c, i * ph:i * ph + ph, j * pw:j * pw + pw]
        if win.size:
            r, q = np.unravel_index(win.argmax(), win.shape)
            dx[n, c, i * ph + r, j * pw + q] += dout[n, c, i, j]
    return dx


@wrong("max_pool_backward_naive", "place from divmod by pool_height, not pool_width: wrong for windows that are not square", r"width|height|square|divmod|place|column|index|bound")
def max_pool_backward_naive(dout, cache):
    x, param = cache
    ph, pw, s = param["pool_height"], param["pool_width"], param["stride"]
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(*dout.shape):
        r, q = divmod(int(x[n, c, i * s:i * s + ph, j * s:j * s + pw].argmax()), ph)
        dx[n, c, min(i * s + r, x.shape[2] - 1), min(j * s + q, x.shape[3] - 1)] += dout[n, c, i, j]
    return dx


@wrong("max_pool_backward_naive", "times the maximum: dout * x at its place", r"value|times|max|factor|derivative|\b1\b|multipl")
def max_pool_backward_naive(dout, cache):
    return _spread(dout, cache, lambda win: _first(win) * win)


@wrong("max_pool_backward_naive", "dout without the mask: repeated to the size of x, right nowhere but at the maxima", r"max|only|zero|mask|window|all|shape|size")
def max_pool_backward_naive(dout, cache):
    x, param = cache
    big = dout.repeat(param["stride"], 2).repeat(param["stride"], 3)
    dx = np.zeros_like(x)
    h, v = min(big.shape[2], x.shape[2]), min(big.shape[3], x.shape[3])
    dx[:, :, :h, :v] = big[:, :, :h, :v]
    return dx


@wrong("max_pool_backward_naive", "begins with a copy of x instead of zeros", r"zero|start|begin|copy|\bx\b|add")
def max_pool_backward_naive(dout, cache):
    return _spread(dout, cache, start=np.copy)


@wrong("max_pool_backward_naive", "place counted within the window, the window's corner forgotten", r"corner|window|offset|place|position|start")
def max_pool_backward_naive(dout, cache):
    x, param = cache
    ph, pw, s = param["pool_height"], param["pool_width"], param["stride"]
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(*dout.shape):
        win = x[n, c, i * s:i * s + ph, j * s:j * s + pw]
        r, q = np.unravel_index(win.argmax(), win.shape)
        dx[n, c, r, q] += dout[n, c, i, j]
    return dx


@wrong("max_pool_backward_naive", "maximum over all channels: one channel takes what belongs to each", r"channel|each|own")
def max_pool_backward_naive(dout, cache):
    x, param = cache
    ph, pw, s = param["pool_height"], param["pool_width"], param["stride"]
    dx = np.zeros_like(x)
    for n, i, j in np.ndindex(len(x), *dout.shape[2:]):
        win = x[n, :, i * s:i * s + ph, j * s:j * s + pw]
        c, r, q = np.unravel_index(win.argmax(), win.shape)
        dx[n, c, i * s + r, j * s + q] += dout[n, :, i, j].sum()
    return dx


@wrong("max_pool_backward_naive", "fancy indices in +=: a pixel that is the maximum of several windows gets one window's gradient only", r"\+=|sum|add|several|overlap|once|repeat")
def max_pool_backward_naive(dout, cache):
    x, param = cache
    ph, pw, s = param["pool_height"], param["pool_width"], param["stride"]
    windows = sliding_window_view(x, (ph, pw), (2, 3))[:, :, ::s, ::s]
    where = windows.reshape(*windows.shape[:4], -1).argmax(-1)
    n, c, i, j = np.indices(where.shape)
    dx = np.zeros_like(x)
    dx[n, c, i * s + where // pw, j * s + where % pw] += dout.astype(x.dtype)
    return dx


@wrong("max_pool_backward_naive", "returns a pair (dx, None) as if there were weights", r"tuple|pair|return|array|one|dx")
def max_pool_backward_naive(dout, cache):
    return _spread(dout, cache), None


def _gathered_backward(dout, cache):
    return _unpool(dout, _last["pool"])


def _gathered_forward(x, pool_param):
    out, cache = _pool(x, pool_param)
    _last["pool"] = cache
    return out, cache


_pair("max_pool_backward_naive", "reads a global that the last forward pass left, not its cache", r"cache|global|last|other|between|shape",
      max_pool_forward_naive=_gathered_forward, max_pool_backward_naive=_gathered_backward)


@wrong("max_pool_backward_naive", "two: the last of equal maxima, and = for +=", r"equal|tie|first|last|\+=|sum|add|several|overlap|overwrit")
def max_pool_backward_naive(dout, cache):
    return _spread(dout, cache, lambda win: _first(win[::-1, ::-1])[::-1, ::-1], overwrite=True)


@wrong("max_pool_backward_naive", "two: all equal maxima get it, averaged over the batch", r"equal|tie|first|several|all|mean|divid|average")
def max_pool_backward_naive(dout, cache):
    return (_spread(dout, cache, lambda win: (win == win.max()).astype(float)) / len(dout)).astype(dout.dtype)


# ================================================================ ThreeLayerConvNet
def _affine(x, w, b):
    return x.reshape(len(x), -1) @ w + b


def _softmax_loss(s, y):
    z = s - s.max(1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
    rows = np.arange(len(s))
    d = np.exp(log_p)
    d[rows, y] -= 1
    return -log_p[rows, y].mean(), (d / len(s)).astype(s.dtype)


def _batchnorm(x, gamma, beta, state, train, momentum=0.9, eps=1e-5):
    axes, sh = (0, 2, 3), (1, -1, 1, 1)
    if train:
        mean, var = x.mean(axes), x.var(axes)
        for key, value in (("running_mean", mean), ("running_var", var)):
            state[key] = (momentum * state.get(key, np.zeros_like(value)) + (1 - momentum) * value).astype(x.dtype)
    else:
        mean = state.get("running_mean", np.zeros(x.shape[1], x.dtype))
        var = state.get("running_var", np.zeros(x.shape[1], x.dtype))
    inv = 1 / np.sqrt(var + eps)
    hat = (x - mean.reshape(sh)) * inv.reshape(sh)
    return (gamma.reshape(sh) * hat + beta.reshape(sh)).astype(x.dtype), (hat, inv, gamma)


def _batchnorm_back(d, cache):
    hat, inv, gamma = cache
    axes, sh = (0, 2, 3), (1, -1, 1, 1)
    dgamma, dbeta = (d * hat).sum(axes), d.sum(axes)
    m = d.size // d.shape[1]
    dx = (gamma * inv).reshape(sh) * (d - dbeta.reshape(sh) / m - hat * dgamma.reshape(sh) / m)
    return dx, dgamma, dbeta


_TWO = {"pool_height": 2, "pool_width": 2, "stride": 2}


@right
class ThreeLayerConvNet:
    def __init__(self, input_dim=(3, 32, 32), num_filters=32, filter_size=7, hidden_dim=100, num_classes=10, weight_scale=1e-3,
                 reg=0.0, dtype=np.float32, seed=None, use_batchnorm=False):
        self.reg, self.dtype, self.use_batchnorm = reg, dtype, use_batchnorm
        self.conv_param = {"stride": 1, "pad": (filter_size - 1) // 2}
        self.bn_state = {}
        C, H, W = input_dim
        h, w = ((n + 2 * self.conv_param["pad"] - filter_size + 1) // 2 for n in (H, W))
        rng = np.random.default_rng(seed)
        shapes = {"W1": (num_filters, C, filter_size, filter_size), "W2": (num_filters * h * w, hidden_dim), "W3": (hidden_dim, num_classes)}
        self.params = {name: rng.normal(0, weight_scale, shape).astype(dtype) for name, shape in shapes.items()}
        for name, n in (("b1", num_filters), ("b2", hidden_dim), ("b3", num_classes)):
            self.params[name] = np.zeros(n, dtype)
        if use_batchnorm:
            self.params["gamma1"], self.params["beta1"] = np.ones(num_filters, dtype), np.zeros(num_filters, dtype)

    def loss(self, X, y=None):
        p, X = self.params, np.asarray(X).astype(self.dtype)
        a, conv_cache = _forward(X, p["W1"], p["b1"], self.conv_param)
        if self.use_batchnorm:
            a, norm_cache = _batchnorm(a, p["gamma1"], p["beta1"], self.bn_state, y is not None)
        pooled, pool_cache = _pool(np.maximum(a, 0), _TWO)
        before = _affine(pooled, p["W2"], p["b2"])
        hidden = np.maximum(before, 0)
        scores = _affine(hidden, p["W3"], p["b3"])
        if y is None:
            return scores
        value, d = _softmax_loss(scores, y)
        grads = {"W3": hidden.T @ d, "b3": d.sum(0)}
        d = (d @ p["W3"].T) * (before > 0)
        grads.update(W2=pooled.reshape(len(X), -1).T @ d, b2=d.sum(0))
        d = _unpool((d @ p["W2"].T).reshape(pooled.shape), pool_cache) * (a > 0)
        if self.use_batchnorm:
            d, grads["gamma1"], grads["beta1"] = _batchnorm_back(d, norm_cache)
        _, grads["W1"], grads["b1"] = _backward(d, conv_cache)
        for name in ("W1", "W2", "W3"):
            value += 0.5 * self.reg * np.sum(p[name] ** 2)
            grads[name] = grads[name] + self.reg * p[name]
        return float(value), {name: np.asarray(grads[name], dtype=self.dtype) for name in p}


@also("ThreeLayerConvNet", "helper methods, windows as a matrix, pooling by blocks, its own layer stack")
class ThreeLayerConvNet:
    def __init__(self, input_dim=(3, 32, 32), num_filters=32, filter_size=7, hidden_dim=100,
                 num_classes=10, weight_scale=1e-3, reg=0.0, dtype=np.float32, seed=None,
                 use_batchnorm=False):
        C, H, W = input_dim
        self.pad, self.k = (filter_size - 1) // 2, filter_size
        self.reg, self.dtype, self.norm = reg, np.dtype(dtype), use_batchnorm
        self.mean, self.var = np.zeros(num_filters, dtype), np.zeros(num_filters, dtype)
        rows = num_filters * self._half(H) * self._half(W)
        rng = np.random.default_rng(seed)

        def weights(*shape):
            return (weight_scale * rng.standard_normal(shape)).astype(self.dtype)

        self.params = dict(
            W1=weights(num_filters, C, filter_size, filter_size), b1=np.zeros(num_filters, self.dtype),
            W2=weights(rows, hidden_dim), b2=np.zeros(hidden_dim, self.dtype),
            W3=weights(hidden_dim, num_classes), b3=np.zeros(num_classes, self.dtype))
        if use_batchnorm:
            self.params |= dict(gamma1=np.ones(num_filters, self.dtype), beta1=np.zeros(num_filters, self.dtype))

    def _half(self, n):
        return (n + 2 * self.pad - self.k + 1 - 2) // 2 + 1

    def _features(self, X, train):
        p, q = self.params, self.pad
        xp = np.pad(X, ((0, 0), (0, 0), (q, q), (q, q)))
        win = sliding_window_view(xp, (self.k, self.k), axis=(2, 3)).transpose(0, 2, 3, 1, 4, 5)
        self._shape = win.shape[:3]
        self._columns = win.reshape(math.prod(self._shape), -1)
        z = self._columns @ p["W1"].reshape(len(p["W1"]), -1).T + p["b1"]      # places × filters
        if self.norm:
            if train:
                mean, var = z.mean(0), z.var(0)
                self.mean = (0.9 * self.mean + 0.1 * mean).astype(self.dtype)
                self.var = (0.9 * self.var + 0.1 * var).astype(self.dtype)
            else:
                mean, var = self.mean, self.var
            self._inv = 1 / np.sqrt(var + 1e-5)
            self._hat = (z - mean) * self._inv
            z = self._hat * p["gamma1"] + p["beta1"]
        self._z = z
        maps = np.maximum(z, 0).reshape(*self._shape, -1).transpose(0, 3, 1, 2)
        N, n_f, h, w = maps.shape
        self._maps = maps.shape
        blocks = maps[:, :, :h // 2 * 2, :w // 2 * 2].reshape(N, n_f, h // 2, 2, w // 2, 2).transpose(0, 1, 2, 4, 3, 5)
        self._blocks = blocks.reshape(N, n_f, h // 2, w // 2, 4)
        self._which = self._blocks.argmax(-1)
        return self._blocks.max(-1).reshape(N, -1)

    def _features_back(self, d):
        N, n_f, h, w = self._maps
        blocks = np.zeros_like(self._blocks)
        np.put_along_axis(blocks, self._which[..., None], d.reshape(self._which.shape)[..., None], -1)
        maps = np.zeros(self._maps, self.dtype)
        maps[:, :, :h // 2 * 2, :w // 2 * 2] = blocks.reshape(N, n_f, h // 2, w // 2, 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(N, n_f, h // 2 * 2, w // 2 * 2)
        d = maps.transpose(0, 2, 3, 1).reshape(-1, n_f) * (self._z > 0)
        grads = {}
        if self.norm:
            grads["gamma1"], grads["beta1"] = (d * self._hat).sum(0), d.sum(0)
            d = self.params["gamma1"] * self._inv * (d - d.mean(0) - self._hat * (d * self._hat).mean(0))
        grads["W1"], grads["b1"] = (d.T @ self._columns).reshape(self.params["W1"].shape), d.sum(0)
        return grads

    def loss(self, X, y=None):
        p = self.params
        X = np.array(X, dtype=self.dtype)
        f = self._features(X, y is not None)
        h = np.maximum(f @ p["W2"] + p["b2"], 0)
        scores = h @ p["W3"] + p["b3"]
        if y is None:
            return scores
        loss, d = _softmax_loss(scores, np.asarray(y))
        grads = {"W3": h.T @ d, "b3": d.sum(0)}
        d = d @ p["W3"].T
        d[h == 0] = 0
        grads |= {"W2": f.T @ d, "b2": d.sum(0), **self._features_back(d @ p["W2"].T)}
        penalty = sum(float((p[w].astype(float) ** 2).sum()) for w in ("W1", "W2", "W3"))
        for w in ("W1", "W2", "W3"):
            grads[w] = grads[w] + self.reg * p[w]
        return loss + self.reg / 2 * penalty, {k: g.astype(self.dtype) for k, g in grads.items()}


@also("ThreeLayerConvNet", "np.random.RandomState of its own, parameters made layer by layer, the classic assignment's style")
class ThreeLayerConvNet:
    def __init__(self, input_dim=(3, 32, 32), num_filters=32, filter_size=7, hidden_dim=100, num_classes=10, weight_scale=1e-3,
                 reg=0.0, dtype=np.float32, seed=None, use_batchnorm=False):
        self.params = {}
        self.reg = reg
        self.dtype = dtype
        self.bn_params = [{"mode": "train"}] if use_batchnorm else []
        self.pad = (filter_size - 1) // 2
        C, H, W = input_dim
        H1, W1 = H + 2 * self.pad - filter_size + 1, W + 2 * self.pad - filter_size + 1
        gen = np.random.RandomState(seed)
        self.params["W1"] = gen.normal(scale=weight_scale, size=(num_filters, C, filter_size, filter_size))
        self.params["b1"] = np.zeros(num_filters)
        self.params["W2"] = gen.normal(scale=weight_scale, size=(num_filters * (H1 // 2) * (W1 // 2), hidden_dim))
        self.params["b2"] = np.zeros(hidden_dim)
        self.params["W3"] = gen.normal(scale=weight_scale, size=(hidden_dim, num_classes))
        self.params["b3"] = np.zeros(num_classes)
        if use_batchnorm:
            self.params["gamma1"] = np.ones(num_filters)
            self.params["beta1"] = np.zeros(num_filters)
        for k, v in self.params.items():
            self.params[k] = v.astype(dtype)

    def loss(self, X, y=None):
        X = X.astype(self.dtype)
        mode = "test" if y is None else "train"
        for bn_param in self.bn_params:
            bn_param["mode"] = mode
        W1, b1, W2, b2, W3, b3 = (self.params[k] for k in ("W1", "b1", "W2", "b2", "W3", "b3"))
        conv, conv_cache = _forward(X, W1, b1, {"stride": 1, "pad": self.pad})
        z = conv
        if self.bn_params:
            z, bn_cache = _batchnorm(conv, self.params["gamma1"], self.params["beta1"], self.bn_params[0], mode == "train")
        r = z * (z > 0)
        pool, pool_cache = _pool(r, dict(_TWO))
        a2 = _affine(pool, W2, b2)
        h = a2.clip(min=0)
        scores = _affine(h, W3, b3)
        if y is None:
            return scores
        data_loss, dscores = _softmax_loss(scores, y)
        loss = data_loss + 0.5 * self.reg * (np.sum(W1 * W1) + np.sum(W2 * W2) + np.sum(W3 * W3))
        dh, dW3, db3 = dscores.dot(W3.T), h.T.dot(dscores), dscores.sum(axis=0)
        da2 = np.where(a2 > 0, dh, 0)
        dpool, dW2, db2 = da2.dot(W2.T).reshape(pool.shape), pool.reshape(len(X), -1).T.dot(da2), da2.sum(axis=0)
        dz = np.where(z > 0, _unpool(dpool, pool_cache), 0)
        grads = {}
        if self.bn_params:
            dz, grads["gamma1"], grads["beta1"] = _batchnorm_back(dz, bn_cache)
        _, dW1, db1 = _backward(dz.astype(self.dtype), conv_cache)
        grads["W1"], grads["b1"] = dW1 + self.reg * W1, db1
        grads["W2"], grads["b2"] = dW2 + self.reg * W2, db2
        grads["W3"], grads["b3"] = dW3 + self.reg * W3, db3
        return loss, {k: np.asarray(g).astype(self.dtype) for k, g in grads.items()}


class _Net:
    """The classic form, with places for slips."""
    momentum, eps = 0.9, 1e-5

    def generator(self, seed):
        return np.random.default_rng(seed)

    def pad_of(self, k):
        return (k - 1) // 2

    def inputs(self, F_, H, W, k, p):
        return F_ * ((H + 2 * p - k + 1) // 2) * ((W + 2 * p - k + 1) // 2)

    def weight(self, rng, name, shape, scale):
        return rng.normal(0.0, scale, shape)

    def vector(self, rng, name, n):
        return np.ones(n) if name == "gamma1" else np.zeros(n)

    def __init__(self, input_dim=(3, 32, 32), num_filters=32, filter_size=7, hidden_dim=100, num_classes=10, weight_scale=1e-3,
                 reg=0.0, dtype=np.float32, seed=None, use_batchnorm=False):
        C, H, W = input_dim
        self.reg, self.dtype, self.use_batchnorm = reg, dtype, use_batchnorm
        self.p, self.state = self.pad_of(filter_size), {}
        rng = self.generator(seed)
        self.params = {}
        for name, shape in [("W1", (num_filters, C, filter_size, filter_size)),
                            ("W2", (self.inputs(num_filters, H, W, filter_size, self.p), hidden_dim)), ("W3", (hidden_dim, num_classes))]:
            self.params[name] = self.weight(rng, name, shape, weight_scale)
        for name, n in [("b1", num_filters), ("b2", hidden_dim), ("b3", num_classes)] + use_batchnorm * [("gamma1", num_filters), ("beta1", num_filters)]:
            self.params[name] = self.vector(rng, name, n)
        self.params = {k: self.cast(v) for k, v in self.params.items()}

    def cast(self, v):
        return v.astype(self.dtype)

    def take(self, X):
        return np.array(X, dtype=self.dtype)

    def training(self, y):
        return y is not None

    def norm(self, a, train):
        return _batchnorm(a, self.params["gamma1"], self.params["beta1"], self.state, train, self.momentum, self.eps)

    def relu1_mask(self, conv, z):
        return z > 0

    def give(self, scores):
        return scores

    def data_loss(self, scores, y):
        return _softmax_loss(scores, y)

    def relu2(self, a):
        return np.maximum(a, 0), a > 0

    def penalty(self, loss, grads):
        for n in ("W1", "W2", "W3"):
            loss += 0.5 * self.reg * np.sum(self.params[n] ** 2)
            grads[n] = grads[n] + self.reg * self.params[n]
        return loss, grads

    def pool(self, a):
        return _pool(a, _TWO)

    def unpool(self, d, cache):
        return _unpool(d, cache)

    def finish(self, loss, grads):
        return float(loss), {k: np.asarray(grads[k]).astype(self.dtype) for k in grads}

    def loss(self, X, y=None):
        X = self.take(X)
        q = self.params
        conv, cc = _forward(X, q["W1"], q["b1"], {"stride": 1, "pad": self.p})
        z = conv
        if self.use_batchnorm:
            z, bc = self.norm(conv, self.training(y))
        r, pc = self.pool(np.maximum(z, 0))
        a = r.reshape(len(X), -1) @ q["W2"] + q["b2"]
        h, mask = self.relu2(a)
        s = h @ q["W3"] + q["b3"]
        if y is None:
            return self.give(s)
        loss, d = self.data_loss(s, y)
        g = {"W3": h.T @ d, "b3": d.sum(0)}
        d = d @ q["W3"].T * mask
        g["W2"], g["b2"] = r.reshape(len(X), -1).T @ d, d.sum(0)
        d = self.unpool((d @ q["W2"].T).reshape(r.shape), pc) * self.relu1_mask(conv, z)
        if self.use_batchnorm:
            d, g["gamma1"], g["beta1"] = _batchnorm_back(d, bc)
        _, g["W1"], g["b1"] = _backward(d, cc)
        return self.finish(*self.penalty(loss, g))


@wrong("ThreeLayerConvNet", "W2 takes the picture's size halved: breaks for even filters", r"even|W2|size|shape|rows|filter")
class ThreeLayerConvNet(_Net):
    def inputs(self, F_, H, W, k, p):
        return F_ * (H // 2) * (W // 2)


@wrong("ThreeLayerConvNet", "W2 for pictures of 32×32 only", r"32|W2|size|shape|rows|input_dim")
class ThreeLayerConvNet(_Net):
    def inputs(self, F_, H, W, k, p):
        return F_ * 16 * 16


@wrong("ThreeLayerConvNet", "W2: square pictures assumed", r"square|W2|width|shape|rows|size")
class ThreeLayerConvNet(_Net):
    def inputs(self, F_, H, W, k, p):
        return F_ * ((H + 2 * p - k + 1) // 2) ** 2


@wrong("ThreeLayerConvNet", "W2: F * H * W // 4, rounded at the end: wrong for odd sides", r"odd|W2|round|shape|rows|size")
class ThreeLayerConvNet(_Net):
    def inputs(self, F_, H, W, k, p):
        return F_ * (H + 2 * p - k + 1) * (W + 2 * p - k + 1) // 4


@wrong("ThreeLayerConvNet", "pad filter_size // 2: one too many for even filters only", r"pad|even|shape|filter")
class ThreeLayerConvNet(_Net):
    def pad_of(self, k):
        return k // 2


@wrong("ThreeLayerConvNet", "no padding", r"pad|shape|size|rows|W2")
class ThreeLayerConvNet(_Net):
    def pad_of(self, k):
        return 0


@wrong("ThreeLayerConvNet", "the penalty lacks its half in the loss, λ‖W‖² (its gradient is right)", r"half|½|0\.5|penalty|twice|reg")
class ThreeLayerConvNet(_Net):
    def penalty(self, loss, grads):
        before = loss
        loss, grads = super().penalty(loss, grads)
        return 2 * loss - before, grads


@wrong("ThreeLayerConvNet", "the gradient of the penalty is 2λW where the penalty has the half", r"2|twice|penalty|reg|gradient|λ")
class ThreeLayerConvNet(_Net):
    def penalty(self, loss, grads):
        loss, grads = super().penalty(loss, grads)
        for n in ("W1", "W2", "W3"):
            grads[n] = grads[n] + self.reg * self.params[n]
        return loss, grads


@wrong("ThreeLayerConvNet", "the penalty's gradient is missing", r"penalty|reg|gradient|λ")
class ThreeLayerConvNet(_Net):
    def penalty(self, loss, grads):
        return super().penalty(loss, dict(grads))[0], grads


@wrong("ThreeLayerConvNet", "the penalty's gradient is missing for W1 only", r"W1|penalty|reg|gradient|λ")
class ThreeLayerConvNet(_Net):
    def penalty(self, loss, grads):
        plain = grads["W1"]
        loss, grads = super().penalty(loss, grads)
        return loss, {**grads, "W1": plain}


@wrong("ThreeLayerConvNet", "penalty in the gradients, not in the loss", r"penalty|reg|loss|λ")
class ThreeLayerConvNet(_Net):
    def penalty(self, loss, grads):
        return loss, super().penalty(loss, grads)[1]


@wrong("ThreeLayerConvNet", "W3 is not penalised", r"W3|penalty|reg|λ")
class ThreeLayerConvNet(_Net):
    def penalty(self, loss, grads):
        for n in ("W1", "W2"):
            loss += 0.5 * self.reg * (self.params[n] ** 2).sum()
            grads[n] = grads[n] + self.reg * self.params[n]
        return loss, grads


@wrong("ThreeLayerConvNet", "biases and γ, β are penalised too", r"bias|gamma|γ|penalty|only|reg")
class ThreeLayerConvNet(_Net):
    def penalty(self, loss, grads):
        for n, v in self.params.items():
            loss += 0.5 * self.reg * np.sum(v ** 2)
            grads[n] = grads[n] + self.reg * v
        return loss, grads


@wrong("ThreeLayerConvNet", "γ is penalised too (with batch norm only)", r"gamma|γ|penalty|only|reg")
class ThreeLayerConvNet(_Net):
    def penalty(self, loss, grads):
        loss, grads = super().penalty(loss, grads)
        if "gamma1" in grads:
            loss += 0.5 * self.reg * np.sum(self.params["gamma1"] ** 2)
            grads["gamma1"] = grads["gamma1"] + self.reg * self.params["gamma1"]
        return loss, grads


@wrong("ThreeLayerConvNet", "‖W‖ instead of ‖W‖²", r"squar|norm|root|penalty|‖")
class ThreeLayerConvNet(_Net):
    def penalty(self, loss, grads):
        value = loss + 0.5 * self.reg * sum(np.linalg.norm(self.params[n]) for n in ("W1", "W2", "W3"))
        return value, super().penalty(loss, grads)[1]


@wrong("ThreeLayerConvNet", "reg read once in __init__: changes between calls are not seen", r"reg|chang|call|λ|between")
class ThreeLayerConvNet(_Net):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._lam = self.reg

    def penalty(self, loss, grads):
        for n in ("W1", "W2", "W3"):
            loss += 0.5 * self._lam * np.sum(self.params[n] ** 2)
            grads[n] = grads[n] + self._lam * self.params[n]
        return loss, grads


@wrong("ThreeLayerConvNet", "loss keeps to the arrays of __init__: new arrays in params are not seen", r"params|reads|every call|new|chang|replac")
class ThreeLayerConvNet(_Net):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._kept = dict(self.params)

    def loss(self, X, y=None):
        shown, self.params = self.params, self._kept
        try:
            return super().loss(X, y)
        finally:
            self.params = shown


@wrong("ThreeLayerConvNet", "scores by the batch's statistics: training mode always, running statistics moved", r"test|mode|running|statistic|batch")
class ThreeLayerConvNet(_Net):
    def training(self, y):
        return True


@wrong("ThreeLayerConvNet", "test mode always: the loss is normalised by the running statistics, which never move", r"train|mode|running|statistic|batch")
class ThreeLayerConvNet(_Net):
    def training(self, y):
        return False


@wrong("ThreeLayerConvNet", "stays in test mode after the first call without y", r"mode|train|test|stay|back|again|after")
class ThreeLayerConvNet(_Net):
    mode = "train"

    def training(self, y):
        if y is None:
            self.mode = "test"
        return self.mode == "train"


@wrong("ThreeLayerConvNet", "running statistics begin anew in each call", r"running|statistic|kept|anew|forg|each call")
class ThreeLayerConvNet(_Net):
    def norm(self, a, train):
        self.state = {}
        return super().norm(a, train)


@wrong("ThreeLayerConvNet", "running statistics move with momentum 0.99", r"momentum|0\.9|running|statistic")
class ThreeLayerConvNet(_Net):
    momentum = 0.99


@wrong("ThreeLayerConvNet", "torch's momentum: 0.9 is the share of the new value", r"momentum|0\.9|share|old|new|running")
class ThreeLayerConvNet(_Net):
    momentum = 1 - 0.9


@wrong("ThreeLayerConvNet", "running statistics shared by all nets (a class attribute)", r"share|class|other net|running|own|statistic")
class ThreeLayerConvNet(_Net):
    shared = {}

    def norm(self, a, train):
        self.state = self.shared.setdefault(a.shape[1], {})
        return super().norm(a, train)


@wrong("ThreeLayerConvNet", "batch norm over each place (axis 0 only) instead of over each filter's maps", r"channel|filter|axis|axes|place|map|norm")
class ThreeLayerConvNet(_Net):
    def norm(self, a, train):
        z, cache = super().norm(a, train)
        if train:
            m, v = a.mean(0, keepdims=True), a.var(0, keepdims=True)
            sh = (1, -1, 1, 1)
            z = ((a - m) / np.sqrt(v + self.eps) * self.params["gamma1"].reshape(sh) + self.params["beta1"].reshape(sh)).astype(a.dtype)
        return z, cache


@wrong("ThreeLayerConvNet", "batch norm left out though use_batchnorm is set; gradients of γ, β are zeros", r"norm|gamma|γ|use_batchnorm|zero")
class ThreeLayerConvNet(_Net):
    def loss(self, X, y=None):
        on, self.use_batchnorm = self.use_batchnorm, False
        try:
            r = super().loss(X, y)
        finally:
            self.use_batchnorm = on
        if y is not None and on:
            for n in ("gamma1", "beta1"):
                r[1][n] = np.zeros_like(self.params[n])
        return r


@wrong("ThreeLayerConvNet", "γ, β are made always, use_batchnorm or not", r"gamma|γ|use_batchnorm|keys|params|without")
class ThreeLayerConvNet(_Net):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        n = len(self.params["b1"])
        self.params.setdefault("gamma1", np.ones(n, self.dtype))
        self.params.setdefault("beta1", np.zeros(n, self.dtype))


@wrong("ThreeLayerConvNet", "gradients of γ and β are not returned", r"gamma|γ|beta|β|keys|grads|missing")
class ThreeLayerConvNet(_Net):
    def finish(self, loss, grads):
        grads = {k: v for k, v in grads.items() if k not in ("gamma1", "beta1")}
        return super().finish(loss, grads)


@wrong("ThreeLayerConvNet", "gradients under the keys dW1, db1, ...", r"key|name|dW1|params|grads")
class ThreeLayerConvNet(_Net):
    def finish(self, loss, grads):
        loss, grads = super().finish(loss, grads)
        return loss, {"d" + k: v for k, v in grads.items()}


@wrong("ThreeLayerConvNet", "backward ReLU looks at the convolution's output, not at batch norm's (with batch norm only)", r"ReLU|mask|norm|backward|gradient|cache")
class ThreeLayerConvNet(_Net):
    def relu1_mask(self, conv, z):
        return conv > 0


@wrong("ThreeLayerConvNet", "the first ReLU is forgotten on the way back", r"ReLU|mask|backward|gradient")
class ThreeLayerConvNet(_Net):
    def relu1_mask(self, conv, z):
        return np.ones_like(z)


@wrong("ThreeLayerConvNet", "the second ReLU is forgotten on the way back", r"ReLU|mask|backward|gradient|hidden")
class ThreeLayerConvNet(_Net):
    def relu2(self, a):
        return np.maximum(a, 0), 1


@wrong("ThreeLayerConvNet", "no ReLU between the affine layers", r"ReLU|affine|between|hidden")
class ThreeLayerConvNet(_Net):
    def relu2(self, a):
        return a, 1


@wrong("ThreeLayerConvNet", "returns probabilities for scores", r"softmax|probabilit|scores|sum to 1")
class ThreeLayerConvNet(_Net):
    def give(self, scores):
        e = np.exp(scores - scores.max(1, keepdims=True))
        return e / e.sum(1, keepdims=True)


@wrong("ThreeLayerConvNet", "returns classes (argmax) instead of scores", r"argmax|class|scores|shape")
class ThreeLayerConvNet(_Net):
    def give(self, scores):
        return scores.argmax(1)


@wrong("ThreeLayerConvNet", "loss and gradients summed over the batch, not averaged", r"mean|sum|batch|average|divid")
class ThreeLayerConvNet(_Net):
    def data_loss(self, scores, y):
        loss, d = _softmax_loss(scores, y)
        return loss * len(y), d * len(y)


@wrong("ThreeLayerConvNet", "gradients summed though the loss is a mean", r"mean|sum|batch|average|divid|N\b|gradient")
class ThreeLayerConvNet(_Net):
    def data_loss(self, scores, y):
        loss, d = _softmax_loss(scores, y)
        return loss, d * len(y)


@wrong("ThreeLayerConvNet", "weights from the variance: standard deviation √weight_scale", r"standard deviation|weight_scale|root|variance|scale")
class ThreeLayerConvNet(_Net):
    def weight(self, rng, name, shape, scale):
        return rng.normal(0.0, np.sqrt(scale), shape)


@wrong("ThreeLayerConvNet", "uniform weights", r"normal|uniform|distribut|standard deviation|weight_scale")
class ThreeLayerConvNet(_Net):
    def weight(self, rng, name, shape, scale):
        return rng.uniform(-scale, scale, shape)


@wrong("ThreeLayerConvNet", "uniform weights from 0 to weight_scale (rng.random)", r"normal|mean|uniform|negativ|positiv|weight_scale")
class ThreeLayerConvNet(_Net):
    def weight(self, rng, name, shape, scale):
        return scale * rng.random(shape)


@wrong("ThreeLayerConvNet", "weight_scale is not read for W1 (0.001 always)", r"W1|weight_scale|scale|standard deviation")
class ThreeLayerConvNet(_Net):
    def weight(self, rng, name, shape, scale):
        return rng.normal(0.0, 1e-3 if name == "W1" else scale, shape)


@wrong("ThreeLayerConvNet", "He initialisation instead of weight_scale", r"weight_scale|scale|standard deviation")
class ThreeLayerConvNet(_Net):
    def weight(self, rng, name, shape, scale):
        fan = math.prod(shape[1:]) if len(shape) == 4 else shape[0]
        return rng.normal(0.0, math.sqrt(2 / fan), shape)


@wrong("ThreeLayerConvNet", "random biases", r"bias|zero|\bb1\b|\bb\d|start")
class ThreeLayerConvNet(_Net):
    def vector(self, rng, name, n):
        return rng.normal(0, 1e-3, n) if name[0] == "b" and name != "beta1" else super().vector(rng, name, n)


@wrong("ThreeLayerConvNet", "γ begins at 0 (all outputs of the norm are 0)", r"gamma|γ|one|\b1\b|zero|start")
class ThreeLayerConvNet(_Net):
    def vector(self, rng, name, n):
        return np.zeros(n)


@wrong("ThreeLayerConvNet", "np.random.seed: global random state is changed", r"global|random state|seed|generator|own")
class ThreeLayerConvNet(_Net):
    def generator(self, seed):
        np.random.seed(seed)
        return np.random


@wrong("ThreeLayerConvNet", "draws from np.random: seed is not read, global state moved on", r"global|random state|seed|generator|own")
class ThreeLayerConvNet(_Net):
    def generator(self, seed):
        return np.random


@wrong("ThreeLayerConvNet", "seed or 0: without a seed the same net each time", r"None|same|another|seed|each time")
class ThreeLayerConvNet(_Net):
    def generator(self, seed):
        return np.random.default_rng(seed or 0)


@wrong("ThreeLayerConvNet", "if seed: seed 0 counts as none, another net each time", r"\b0\b|seed|same|another|each time|repeat")
class ThreeLayerConvNet(_Net):
    def generator(self, seed):
        return np.random.default_rng(seed) if seed else np.random.default_rng()


@wrong("ThreeLayerConvNet", "a new generator of the same seed for each weight: W1 and W3 begin with the same numbers", r"same|generator|independent|repeat|equal|seed")
class ThreeLayerConvNet(_Net):
    def generator(self, seed):
        self._seed = seed
        return None

    def weight(self, rng, name, shape, scale):
        return np.random.default_rng(self._seed).normal(0.0, scale, shape)


@wrong("ThreeLayerConvNet", "parameters are float64 whatever dtype", r"dtype|float64|float32|param")
class ThreeLayerConvNet(_Net):
    def cast(self, v):
        return v


@wrong("ThreeLayerConvNet", "biases, γ and β are float64 (np.zeros without dtype): scores and gradients follow", r"dtype|float64|float32|bias")
class ThreeLayerConvNet(_Net):
    def cast(self, v):
        return v.astype(self.dtype) if v.ndim > 1 else v


@wrong("ThreeLayerConvNet", "X is not cast: float64 pictures give float64 scores, and maps of whole-number pictures are cut to whole numbers", r"dtype|float64|float32|cast|scores")
class ThreeLayerConvNet(_Net):
    def take(self, X):
        return X


@wrong("ThreeLayerConvNet", "gradients are float64", r"dtype|float64|float32|grad")
class ThreeLayerConvNet(_Net):
    def finish(self, loss, grads):
        return float(loss), {k: np.asarray(g, dtype=np.float64) for k, g in grads.items()}


@wrong("ThreeLayerConvNet", "X is centred in place: the caller's pictures are changed, and the net sees others than it was given", r"modif|in place|in-place|chang|copy|X\b|centr|mean")
class ThreeLayerConvNet(_Net):
    def take(self, X):
        if X.dtype.kind == "f":
            X -= X.mean(0).astype(X.dtype)
        return X.astype(self.dtype)


@wrong("ThreeLayerConvNet", "integer pictures are divided by 255 (any dtype should be taken as it is)", r"255|dtype|integer|uint8|scal|divid")
class ThreeLayerConvNet(_Net):
    def take(self, X):
        return X.astype(self.dtype) / 255 if X.dtype.kind in "iu" else X.astype(self.dtype)


@wrong("ThreeLayerConvNet", "returns gradients first, then the loss", r"order|first|swap|exchang|loss")
class ThreeLayerConvNet(_Net):
    def finish(self, loss, grads):
        return super().finish(loss, grads)[::-1]


@wrong("ThreeLayerConvNet", "returns the loss alone", r"two|grads|pair|tuple|return|gradient")
class ThreeLayerConvNet(_Net):
    def finish(self, loss, grads):
        return float(loss)


@wrong("ThreeLayerConvNet", "average pooling", r"max|average|mean|pool")
class ThreeLayerConvNet(_Net):
    def pool(self, a):
        h, v = a.shape[2] // 2, a.shape[3] // 2
        return a[:, :, :2 * h, :2 * v].reshape(*a.shape[:2], h, 2, v, 2).mean((3, 5)).astype(a.dtype), a.shape

    def unpool(self, d, shape):
        dx = np.zeros(shape, d.dtype)
        big = d.repeat(2, 2).repeat(2, 3) / 4
        dx[:, :, :big.shape[2], :big.shape[3]] = big
        return dx


@wrong("ThreeLayerConvNet", "pooling with stride 1", r"pool|stride|shape|rows|W2|size")
class ThreeLayerConvNet(_Net):
    def inputs(self, F_, H, W, k, p):
        return F_ * (H + 2 * p - k) * (W + 2 * p - k)

    def pool(self, a):
        return _pool(a, {"pool_height": 2, "pool_width": 2, "stride": 1})


@wrong("ThreeLayerConvNet", "the gradient of b1 is averaged over the places", r"b1|mean|sum|average|divid|bias")
class ThreeLayerConvNet(_Net):
    def relu1_mask(self, conv, z):
        self._places = conv.shape[2] * conv.shape[3]
        return super().relu1_mask(conv, z)

    def finish(self, loss, grads):
        return super().finish(loss, {**grads, "b1": grads["b1"] / self._places})


@wrong("ThreeLayerConvNet", "a step of gradient descent inside loss: params are changed by the call", r"param|chang|modif|step|in place|in-place|update")
class ThreeLayerConvNet(_Net):
    def finish(self, loss, grads):
        loss, grads = super().finish(loss, grads)
        for n in grads:
            self.params[n] = self.params[n] - 1e-3 * grads[n]
        return loss, grads


@wrong("ThreeLayerConvNet", "two: the penalty lacks its half (in loss and gradient), W3 not penalised", r"half|½|0\.5|penalty|W3|reg")
class ThreeLayerConvNet(_Net):
    def penalty(self, loss, grads):
        for n in ("W1", "W2"):
            loss += self.reg * np.sum(self.params[n] ** 2)
            grads[n] = grads[n] + 2 * self.reg * self.params[n]
        return loss, grads


@wrong("ThreeLayerConvNet", "two: training mode for scores, torch's share of momentum", r"test|mode|running|momentum|0\.9|share")
class ThreeLayerConvNet(_Net):
    momentum = 0.1

    def training(self, y):
        return True


@wrong("ThreeLayerConvNet", "two: global seed, uniform weights", r"global|random state|seed|uniform|normal|distribut")
class ThreeLayerConvNet(_Net):
    def generator(self, seed):
        np.random.seed(seed)
        return np.random

    def weight(self, rng, name, shape, scale):
        return rng.uniform(-scale, scale, shape)


@wrong("ThreeLayerConvNet", "two: pad filter_size // 2 and the second ReLU forgotten on the way back", r"pad|even|ReLU|mask|gradient|backward")
class ThreeLayerConvNet(_Net):
    def pad_of(self, k):
        return k // 2

    def relu2(self, a):
        return np.maximum(a, 0), 1


@wrong("ThreeLayerConvNet", "two: float64 parameters, penalty's gradient missing", r"dtype|float64|float32|penalty|reg|λ")
class ThreeLayerConvNet(_Net):
    def cast(self, v):
        return v

    def penalty(self, loss, grads):
        return super().penalty(loss, dict(grads))[0], grads


# ================================================================ true_convolution
@right
def true_convolution(x, k):
    (H, W), (KH, KW) = x.shape, k.shape
    out = np.zeros((H + KH - 1, W + KW - 1), dtype=np.result_type(x, k))
    for u in range(KH):
        for v in range(KW):
            out[u:u + H, v:v + W] += k[u, v] * x
    return out


@also("true_convolution", "FFT with room enough")
def true_convolution(x, k):
    size = [a + b - 1 for a, b in zip(x.shape, k.shape)]
    return np.fft.irfft2(np.fft.rfft2(x, size) * np.fft.rfft2(k, size), size)


@also("true_convolution", "padded picture, windows, turned kernel")
def true_convolution(x, k):
    KH, KW = k.shape
    padded = np.pad(x, ((KH - 1, KH - 1), (KW - 1, KW - 1)))
    return np.einsum("ijuv,uv->ij", sliding_window_view(padded, k.shape), k[::-1, ::-1])


@also("true_convolution", "the definition, four loops; smaller one taken as kernel")
def true_convolution(x, k):
    if k.size > x.size:
        x, k = k, x
    H, W = x.shape
    KH, KW = k.shape
    out = np.zeros((H + KH - 1, W + KW - 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            for u in range(KH):
                for v in range(KW):
                    if 0 <= i - u < H and 0 <= j - v < W:
                        out[i, j] += k[u, v] * x[i - u, j - v]
    return out


def _full(x, k, turned):
    KH, KW = k.shape
    padded = np.pad(x, ((KH - 1, KH - 1), (KW - 1, KW - 1)))
    return np.einsum("ijuv,uv->ij", sliding_window_view(padded, k.shape), turned)


@wrong("true_convolution", "not turned: complete cross-correlation", r"flip|turn|180|correlation|mirror")
def true_convolution(x, k):
    return _full(x, k, k)


@wrong("true_convolution", "turned upside down only", r"flip|turn|180|both|left|column|mirror")
def true_convolution(x, k):
    return _full(x, k, k[::-1])


@wrong("true_convolution", "turned left to right only (fliplr)", r"flip|turn|180|both|upside|row|mirror")
def true_convolution(x, k):
    return _full(x, k, np.fliplr(k))


@wrong("true_convolution", "turned by 90° (np.rot90 once): breaks or is wrong", r"90|180|turn|rot|flip|shape")
def true_convolution(x, k):
    k90 = np.rot90(k)
    return _full(x, k90, k90)


@wrong("true_convolution", "transposed instead of turned", r"transpos|turn|flip|180|\.T|shape")
def true_convolution(x, k):
    return _full(x, k.T, k.T)


@wrong("true_convolution", "only where the kernel fits ('valid')", r"valid|complete|full|shape|size|touch")
def true_convolution(x, k):
    KH, KW = k.shape
    full = _full(x, k, k[::-1, ::-1])
    return full[KH - 1:x.shape[0], KW - 1:x.shape[1]]


@wrong("true_convolution", "of the size of x ('same')", r"same|complete|full|shape|size|touch")
def true_convolution(x, k):
    KH, KW = k.shape
    return _full(x, k, k[::-1, ::-1])[(KH - 1) // 2:(KH - 1) // 2 + x.shape[0], (KW - 1) // 2:(KW - 1) // 2 + x.shape[1]]


@wrong("true_convolution", "circular: FFT of the picture's own size, padded with zeros afterwards", r"circular|wrap|round|zero|pad|linear|FFT")
def true_convolution(x, k):
    H, W = x.shape
    out = np.zeros((H + k.shape[0] - 1, W + k.shape[1] - 1))
    small = np.zeros_like(x, dtype=float)
    a, b = min(H, k.shape[0]), min(W, k.shape[1])
    small[:a, :b] = k[:a, :b]
    out[:H, :W] = np.real(np.fft.ifft2(np.fft.fft2(x) * np.fft.fft2(small)))
    return out


@wrong("true_convolution", "FFT one short, H + KH - 2: the first and last row and column fall together", r"circular|wrap|first|last|short|size|shape|zero")
def true_convolution(x, k):
    size = [max(a + b - 2, a, b, 1) for a, b in zip(x.shape, k.shape)]
    small = np.fft.irfft2(np.fft.rfft2(x, size) * np.fft.rfft2(k, size), size)
    out = np.zeros([a + b - 1 for a, b in zip(x.shape, k.shape)])
    out[:size[0], :size[1]] = small
    return out


@wrong("true_convolution", "complex numbers from the FFT", r"complex|real|imag|dtype")
def true_convolution(x, k):
    size = [a + b - 1 for a, b in zip(x.shape, k.shape)]
    return np.fft.ifft2(np.fft.fft2(x, size) * np.fft.fft2(k, size))


@wrong("true_convolution", "conjugate in the FFT: a correlation, shifted round", r"correlation|conj|flip|turn|circular|shift")
def true_convolution(x, k):
    size = [a + b - 1 for a, b in zip(x.shape, k.shape)]
    return np.fft.ifft2(np.fft.fft2(x, size) * np.conj(np.fft.fft2(k, size))).real


@wrong("true_convolution", "kernels larger than x are refused", r"larger|refus|ValueError|possibly|size")
def true_convolution(x, k):
    if k.shape[0] > x.shape[0] or k.shape[1] > x.shape[1]:
        raise ValueError("kernel larger than picture")
    return _full(x, k, k[::-1, ::-1])


@wrong("true_convolution", "negative indices: x[i - u] wraps round to the other end for i < u", r"wrap|negativ|index|circular|end|zero|outside")
def true_convolution(x, k):
    H, W = x.shape
    KH, KW = k.shape
    out = np.zeros((H + KH - 1, W + KW - 1))
    for i, j, u, v in np.ndindex(*out.shape, KH, KW):
        if i - u < H and j - v < W and i - u >= -H and j - v >= -W:
            out[i, j] += k[u, v] * x[i - u, j - v]
    return out


@wrong("true_convolution", "padded by KH // 2 and KW // 2 only: too small", r"pad|complete|full|size|shape|touch")
def true_convolution(x, k):
    KH, KW = k.shape
    padded = np.pad(x, ((KH // 2, KH // 2), (KW // 2, KW // 2)))
    if padded.shape[0] < KH or padded.shape[1] < KW:
        return np.zeros((0, 0))
    return np.einsum("ijuv,uv->ij", sliding_window_view(padded, k.shape), k[::-1, ::-1])


@wrong("true_convolution", "square assumed: KH for KW", r"square|KW|width|shape|size")
def true_convolution(x, k):
    (H, W), K = x.shape, k.shape[0]
    out = np.zeros((H + K - 1, W + K - 1))
    for u in range(K):
        for v in range(min(K, k.shape[1])):
            out[u:u + H, v:v + W] += k[u, v] * x
    return out


@wrong("true_convolution", "= for +=: each tap overwrites the others", r"\+=|sum|add|overwrit|last")
def true_convolution(x, k):
    (H, W), (KH, KW) = x.shape, k.shape
    out = np.zeros((H + KH - 1, W + KW - 1))
    for u in range(KH):
        for v in range(KW):
            out[u:u + H, v:v + W] = k[u, v] * x
    return out


@wrong("true_convolution", "rows convolved one by one with the kernel's row sums (np.convolve): not a 2-D convolution", r"row|2-?D|two|dimension|column|each")
def true_convolution(x, k):
    (H, W), (KH, KW) = x.shape, k.shape
    out = np.zeros((H + KH - 1, W + KW - 1))
    for i in range(H):
        out[i] = np.convolve(x[i], k.sum(0))
    return out


@wrong("true_convolution", "two: not turned, and 'same' size", r"flip|turn|180|correlation|same|shape|size")
def true_convolution(x, k):
    KH, KW = k.shape
    return _full(x, k, k)[(KH - 1) // 2:(KH - 1) // 2 + x.shape[0], (KW - 1) // 2:(KW - 1) // 2 + x.shape[1]]


@wrong("true_convolution", "two: turned twice (back again) and the last row missing", r"flip|turn|180|correlation|last|row|shape|size")
def true_convolution(x, k):
    k = np.rot90(np.rot90(k))
    return _full(x, k, k[::-1, ::-1])[:-1]


# ================================================================ from_tensorflow
@right
def from_tensorflow(x, w):
    return x.transpose(0, 3, 1, 2), w.transpose(3, 2, 0, 1)


@also("from_tensorflow", "moveaxis, contiguous copies")
def from_tensorflow(x, w):
    return np.ascontiguousarray(np.moveaxis(x, -1, 1)), np.ascontiguousarray(np.moveaxis(w, (3, 2), (0, 1)))


@also("from_tensorflow", "einsum")
def from_tensorflow(x, w):
    return np.einsum("nhwc->nchw", x), np.einsum("hwio->oihw", w)


@also("from_tensorflow", "loops into new arrays")
def from_tensorflow(x, w):
    N, H, W, C = x.shape
    KH, KW, I, O = w.shape
    pictures, filters = np.empty((N, C, H, W), x.dtype), np.empty((O, I, KH, KW), w.dtype)
    for c in range(C):
        pictures[:, c] = x[..., c]
    for o in range(O):
        for i in range(I):
            filters[o, i] = w[:, :, i, o]
    return pictures, filters


@also("from_tensorflow", "swapaxes in steps")
def from_tensorflow(x, w):
    return x.swapaxes(2, 3).swapaxes(1, 2), w.T.swapaxes(2, 3)


@wrong("from_tensorflow", "reshape instead of transpose, for both", r"reshape|transpos|scrambl|order|axes|values")
def from_tensorflow(x, w):
    N, H, W, C = x.shape
    KH, KW, I, O = w.shape
    return x.reshape(N, C, H, W), w.reshape(O, I, KH, KW)


@wrong("from_tensorflow", "pictures reshaped, filters transposed", r"reshape|transpos|picture|\bx\b|order|values")
def from_tensorflow(x, w):
    N, H, W, C = x.shape
    return x.reshape(N, C, H, W), w.transpose(3, 2, 0, 1)


@wrong("from_tensorflow", "w.T: height and width of the filters exchanged too", r"height|width|exchang|swap|transpos|filter|\.T")
def from_tensorflow(x, w):
    return x.transpose(0, 3, 1, 2), w.T


@wrong("from_tensorflow", "swapaxes(1, 3): height and width of the pictures exchanged", r"height|width|exchang|swap|transpos|picture")
def from_tensorflow(x, w):
    return x.swapaxes(1, 3), w.transpose(3, 2, 0, 1)


@wrong("from_tensorflow", "filters in × out × H × W", r"in\b|out|exchang|swap|order|first|filter")
def from_tensorflow(x, w):
    return x.transpose(0, 3, 1, 2), w.transpose(2, 3, 0, 1)


@wrong("from_tensorflow", "the filters are turned by 180°", r"flip|turn|180|correlation|mirror")
def from_tensorflow(x, w):
    return x.transpose(0, 3, 1, 2), w.transpose(3, 2, 0, 1)[:, :, ::-1, ::-1]


@wrong("from_tensorflow", "pictures left as they are", r"picture|\bx\b|N, C|axes|order|transpos|channel")
def from_tensorflow(x, w):
    return x, w.transpose(3, 2, 0, 1)


@wrong("from_tensorflow", "filters moved as the pictures are: (H, out, W, in)", r"filter|\bw\b|out|axes|order|shape")
def from_tensorflow(x, w):
    return x.transpose(0, 3, 1, 2), w.transpose(0, 3, 1, 2)


@wrong("from_tensorflow", "the other way: channels moved to the end", r"direction|wrong way|last|end|channel|axes|order|shape")
def from_tensorflow(x, w):
    return x.transpose(0, 2, 3, 1), w.transpose(2, 3, 1, 0)


@wrong("from_tensorflow", "filters first, pictures second", r"order|first|swap|exchang|return")
def from_tensorflow(x, w):
    return w.transpose(3, 2, 0, 1), x.transpose(0, 3, 1, 2)


@wrong("from_tensorflow", "returns the filters only", r"two|pair|tuple|return|picture")
def from_tensorflow(x, w):
    return w.transpose(3, 2, 0, 1)


@wrong("from_tensorflow", "torch's permute on numpy arrays: AttributeError", r"permute|transpose|AttributeError|numpy|array")
def from_tensorflow(x, w):
    return x.permute(0, 3, 1, 2), w.permute(3, 2, 0, 1)


@wrong("from_tensorflow", "np.transpose called without keeping its result: nothing has moved", r"result|return|moved|transpos|order|axes|shape")
def from_tensorflow(x, w):
    np.transpose(x, (0, 3, 1, 2))
    np.transpose(w, (3, 2, 0, 1))
    return x, w


@wrong("from_tensorflow", "two: w.T, and turned left to right", r"height|width|exchang|swap|flip|turn|transpos|mirror")
def from_tensorflow(x, w):
    return x.transpose(0, 3, 1, 2), w.T[..., ::-1]


@wrong("from_tensorflow", "two: height and width exchanged in both (right for square symmetric ones only)", r"height|width|exchang|swap|transpos")
def from_tensorflow(x, w):
    return x.transpose(0, 3, 2, 1), w.transpose(3, 2, 1, 0)
