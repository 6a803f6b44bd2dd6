"""Notebook 10: two slips at once, rests at the other end, numbers taken apart by the height."""

import numpy as np
from wrong_code import wrong
from wrong_code.convolution.own_net import net


def places(x, w, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    big = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    rows, columns = ((n - m) // stride + 1 for n, m in zip(big.shape[2:], w.shape[2:], strict=True))
    return big, [(i, j, np.s_[:, :, i * stride : i * stride + w.shape[2],
                              j * stride : j * stride + w.shape[3]])
                 for i in range(rows) for j in range(columns)]  # fmt: skip


def filters(dout, x, w, conv_param):
    big, where = places(x, w, conv_param)
    found = sum(np.einsum("nf,nchw->fchw", dout[:, :, i, j], big[at]) for i, j, at in where)
    return found.astype(w.dtype)


def sheet(dout, x, w, conv_param):
    big, where = places(x, w, conv_param)
    big = np.zeros_like(big)
    for i, j, at in where:
        big[at] += np.einsum("nf,fchw->nchw", dout[:, :, i, j], w)
    return big


def cut(big, x, pad):
    return big[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]].astype(x.dtype)


for one, which in (("first", slice(None, 1)), ("last", slice(-1, None))):

    @wrong("conv_backward_dw", f"dw_flipped_of_the_{one}_example")
    def conv_backward_dw(dout, x, w, conv_param, which=which):
        return np.flip(filters(dout[which], x[which], w, conv_param), (2, 3))


@wrong("conv_backward_dx", "dx_flipped_and_averaged")
def conv_backward_dx(dout, x, w, conv_param):
    turned = np.ascontiguousarray(np.flip(w, (2, 3)))
    big = sheet(dout, x, turned, conv_param)
    return cut(big / np.array(len(x), big.dtype), x, conv_param["pad"])


@wrong("conv_backward_dx", "dx_rest_in_front")
def conv_backward_dx(dout, x, w, conv_param):
    big = sheet(dout, x, w, conv_param)
    _, where = places(x, w, conv_param)
    _, _, (*_, rows, columns) = where[-1]
    moved = np.zeros_like(big)
    moved[:, :, big.shape[2] - rows.stop :, big.shape[3] - columns.stop :] = big[
        :, :, : rows.stop, : columns.stop
    ]
    return cut(moved, x, conv_param["pad"])


@wrong("max_pool_backward_naive", "place_by_the_height_within")
def max_pool_backward_naive(dout, cache):
    x, param = cache
    dx = np.zeros_like(x)
    height, width, stride = (param[k] for k in ("pool_height", "pool_width", "stride"))
    for n, c, i, j in np.ndindex(dout.shape):
        top, left = i * stride, j * stride
        best = x[n, c, top : top + height, left : left + width].argmax()
        row, column = min(best // height, height - 1), min(best % height, width - 1)
        dx[n, c, top + row, left + column] += dout[n, c, i, j]
    return dx


@wrong("true_convolution", "larger_kernel_cut")
def true_convolution(x, k):
    out = np.zeros(np.add(x.shape, k.shape) - 1)
    for i, j in np.ndindex(x.shape):
        part = k[: x.shape[0], : x.shape[1]]
        out[i : i + part.shape[0], j : j + part.shape[1]] += x[i, j] * part
    return out


KEPT = {}


@wrong("conv_backward_naive", "kept-between-calls")
def conv_backward_naive(dout, cache):
    x, w, conv_param = cache
    old = KEPT.setdefault((x.shape, w.shape, x.dtype, conv_param["pad"]), x)
    dx = cut(sheet(dout, x, w, conv_param), x, conv_param["pad"])
    return dx, filters(dout, old, w, conv_param), dout.sum((0, 2, 3))


def he(name, rng, shape, scale, *chosen):
    fan_in = np.prod(shape[1:]) if len(shape) > 2 else shape[0]
    return rng.normal(0, np.sqrt(2 / fan_in) if name in chosen else scale, shape)


net("he_behind_the_filters",
    draw=lambda self, rng, name, shape, scale: he(name, rng, shape, scale, "W2", "W3"))  # fmt: skip


def kept_among_params(self, loss, grads):
    for name, value in self.bn_param.items():
        if name.startswith("running"):
            self.params[name] = value
    return loss, grads


net("statistics_among_the_params", finish=kept_among_params)
net("quarter_of_the_picture", rows=lambda self, f, h, w, k: f * h * w // 4)
net("he_in_the_filters",
    draw=lambda self, rng, name, shape, scale: he(name, rng, shape, scale, "W1"))  # fmt: skip


def anew(self, y):
    if y is not None:
        for name in ("running_mean", "running_var"):
            self.bn_param.pop(name, None)
    return "test" if y is None else "train"


net("statistics_begin_anew", mode=anew)


def biases(identity, sent, keep=False, share=lambda dout: 1):
    def conv_backward_db(dout):
        return sent(dout).sum(axis=(0, 2, 3), keepdims=keep) / share(dout)

    wrong("conv_backward_db", identity)(conv_backward_db)


biases("db_without_the_last_row", lambda dout: dout[:, :, :-1])
biases("db_without_the_last_column", lambda dout: dout[:, :, :, :-1])
biases("db_without_the_last_places", lambda dout: dout[:, :, :-1, :-1])
biases("db_keeps_axes_and_averaged", lambda dout: dout, keep=True, share=len)


def spots(dout, w, stride):
    for i, j in np.ndindex(dout.shape[2:]):
        top, left = i * stride, j * stride
        yield dout[:, :, i, j], np.s_[:, :, top : top + w.shape[2], left : left + w.shape[3]]


@wrong("conv_backward_dw", "dw_stride_and_pad_exchanged")
def conv_backward_dw(dout, x, w, conv_param):
    pad, stride = conv_param["stride"], conv_param["pad"]
    big, dw = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)]), np.zeros_like(w)
    for entries, at in spots(dout, w, stride):
        dw += np.einsum("nf,nchw->fchw", entries, big[at]).astype(w.dtype)
    return dw


@wrong("conv_backward_dx", "dx_stride_and_pad_exchanged")
def conv_backward_dx(dout, x, w, conv_param):
    pad, stride = conv_param["stride"], conv_param["pad"]
    big = np.zeros_like(np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)]))
    for entries, at in spots(dout, w, stride):
        big[at] += np.einsum("nf,fchw->nchw", entries, w).astype(x.dtype)
    return cut(big, x, pad)


@wrong("conv_backward_dx", "dx_cut_without_padding")
def conv_backward_dx(dout, x, w, conv_param):
    big, rim = sheet(dout, x, w, conv_param).astype(x.dtype), max(conv_param["pad"], 1)
    return big[:, :, conv_param["pad"] : -rim, conv_param["pad"] : -rim]


def of_dx(identity, averaged=False):
    def conv_backward_naive(dout, cache):
        x, w, conv_param = cache
        if averaged:
            dout = dout / np.array(len(x), dout.dtype)
        dx = cut(sheet(dout, x, w, conv_param), x, conv_param["pad"])
        return dx, filters(dout, x, w, conv_param), np.einsum("nchw->c", dx)

    wrong("conv_backward_naive", identity)(conv_backward_naive)


of_dx("db_of_dx")
of_dx("db_of_dx_and_averaged", averaged=True)


def largest(identity, count, dtype=lambda x: x.dtype, turned=False):
    def max_pool_forward_naive(x, pool_param):
        height, width, stride = (pool_param[k] for k in ("pool_height", "pool_width", "stride"))
        rows, columns = count(x.shape[2], height, stride), count(x.shape[3], width, stride)
        out = np.zeros((*x.shape[:2], rows, columns), dtype(x))
        if turned:
            height, width = width, height
        for i, j in np.ndindex(rows, columns):
            rest = x[:, :, i * stride :, j * stride :]
            out[:, :, i, j] = rest[:, :, :height, :width].max(axis=(2, 3))
        return out, (x, pool_param)

    wrong("max_pool_forward_naive", identity)(max_pool_forward_naive)


largest("one_added_before_the_division", lambda n, k, s: (n - k + 1) // s)
largest("one_added_before_the_division_and_wider", lambda n, k, s: (n + 1 - k) // s,
        dtype=lambda x: float)  # fmt: skip
largest("windows_on_their_side", lambda n, k, s: (n - k) // s + 1, turned=True)


@wrong("max_pool_backward_naive", "largest_of_all_channels")
def max_pool_backward_naive(dout, cache):
    x, param = cache
    dx = np.zeros_like(x)
    height, width, stride = (param[k] for k in ("pool_height", "pool_width", "stride"))
    for n, i, j in np.ndindex(len(x), *dout.shape[2:]):
        at = np.s_[n, :, i * stride : i * stride + height, j * stride : j * stride + width]
        channel, *place = np.unravel_index(x[at].argmax(), x[at].shape)
        dx[at][(channel, *place)] += dout[n, channel, i, j]
    return dx


@wrong("true_convolution", "correlation_padded_by_half")
def true_convolution(x, k):
    big = np.pad(x, [(side // 2, side // 2) for side in k.shape])
    seen = np.lib.stride_tricks.sliding_window_view(big, k.shape)
    return np.tensordot(seen, k, 2)
