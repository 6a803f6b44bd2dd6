"""Notebook 10: gradients that are clipped, penalised or lose an axis; caches; other sizes."""

import numpy as np
from wrong_code import wrong

from course_utils.recipes.passes import another


@wrong("conv_backward_db", "db_squeezed")
def conv_backward_db(dout):
    return np.squeeze(dout.sum(axis=(0, 2, 3), keepdims=True))


def _clipped_db(bound):
    @wrong("conv_backward_db", f"db_clipped_at_{bound}")
    def conv_backward_db(dout):
        return dout.sum((0, 2, 3)).clip(-bound, bound)


def _windows(x, w, conv_param, rows, columns):
    stride, pad, (height, width) = conv_param["stride"], conv_param["pad"], w.shape[2:]
    big = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    for i, j in np.ndindex(rows, columns):
        place = np.s_[:, :, i * stride : i * stride + height, j * stride : j * stride + width]
        yield i, j, big, place


def _dw(dout, x, w, conv_param):
    dw = np.zeros_like(w)
    for i, j, big, place in _windows(x, w, conv_param, *dout.shape[2:]):
        dw += np.einsum("nf,nchw->fchw", dout[:, :, i, j], big[place]).astype(w.dtype)
    return dw


def _dx(dout, x, w, conv_param):
    pad, found = conv_param["pad"], None
    for i, j, big, place in _windows(np.zeros_like(x), w, conv_param, *dout.shape[2:]):
        found = np.zeros_like(big) if found is None else found
        found[place] += np.einsum("nf,fchw->nchw", dout[:, :, i, j], w).astype(x.dtype)
    return found[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]]


def _clipped_dw(bound):
    @wrong("conv_backward_dw", f"dw_clipped_at_{bound}")
    def conv_backward_dw(dout, x, w, conv_param):
        return np.clip(_dw(dout, x, w, conv_param), -bound, bound)


def _clipped_dx(bound):
    @wrong("conv_backward_dx", f"dx_clipped_at_{bound}")
    def conv_backward_dx(dout, x, w, conv_param):
        return np.maximum(np.minimum(_dx(dout, x, w, conv_param), bound), -bound)


for _bound in (1, 5, 10):
    _clipped_db(_bound)
    _clipped_dw(_bound)
_clipped_dx(1)
_clipped_dx(5)


def _with_decay(identity, share):
    @wrong("conv_backward_dw", identity)
    def conv_backward_dw(dout, x, w, conv_param):
        return _dw(dout, x, w, conv_param) + np.asarray(share, w.dtype) * w


_with_decay("dw_with_a_tenth_of_w", 0.1)
_with_decay("dw_with_a_hundredth_of_w", 0.01)
_with_decay("dw_with_a_thousandth_of_w", 0.001)
_with_decay("dw_with_decay", 0.0005)
_with_decay("dw_with_a_ten_thousandth_of_w", 0.0001)


@wrong("conv_backward_dw", "dw_rest_in_front")
def conv_backward_dw(dout, x, w, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    big = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    (rows, columns), (height, width) = dout.shape[2:], w.shape[2:]
    top = big.shape[2] - (rows - 1) * stride - height
    left = big.shape[3] - (columns - 1) * stride - width
    return _dw(dout, big[:, :, top:, left:], w, {"stride": stride, "pad": 0})


def _from_the_cache(identity, change):
    """A way back that takes something else out of the cache than the forward pass packs."""

    @wrong("conv_backward_naive", identity)
    def conv_backward_naive(dout, cache):
        x, w, stride, pad = change(*cache)
        settings = {"stride": stride, "pad": pad}
        return _dx(dout, x, w, settings), _dw(dout, x, w, settings), dout.sum((0, 2, 3))


# What the next call leaves in a buffer is its own batch, which the check makes with `another`.
_from_the_cache("pictures_of_the_last_call",
                lambda x, w, c: (another(x), w, c["stride"], c["pad"]))  # fmt: skip
_from_the_cache("filters_of_the_last_call",
                lambda x, w, c: (x, another(w), c["stride"], c["pad"]))  # fmt: skip
_from_the_cache("stride_and_pad_exchanged", lambda x, w, c: (x, w, c["pad"], c["stride"]))


@wrong("max_pool_backward_naive", "size_from_the_windows")
def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    height, width, stride = (pool_param[n] for n in ("pool_height", "pool_width", "stride"))
    rows, columns = dout.shape[2:]
    size = (rows - 1) * stride + height, (columns - 1) * stride + width
    dx = np.zeros((*x.shape[:2], *size), x.dtype)
    for n, c, i, j in np.ndindex(dout.shape):
        window = x[n, c, i * stride : i * stride + height, j * stride : j * stride + width]
        row, column = np.unravel_index(window.argmax(), window.shape)
        dx[n, c, i * stride + row, j * stride + column] += dout[n, c, i, j]
    return dx


def _full(x, k, pads, mode="constant"):
    big = np.pad(x, [(n, n) for n in pads], mode=mode)
    found = np.lib.stride_tricks.sliding_window_view(big, k.shape)
    return (found * k[::-1, ::-1]).sum((2, 3))


def _touching(k):
    return [side - 1 for side in k.shape]


@wrong("true_convolution", "same_size_by_half_the_kernel")
def true_convolution(x, k):
    top, left = (side // 2 for side in k.shape)
    return _full(x, k, _touching(k))[top : top + x.shape[0], left : left + x.shape[1]]


@wrong("true_convolution", "padded_for_odd_kernels")
def true_convolution(x, k):
    return _full(x, k, [side // 2 * 2 for side in k.shape])


@wrong("true_convolution", "kernel_normalised")
def true_convolution(x, k):
    return _full(x, k / np.sum(k), _touching(k))


@wrong("true_convolution", "edges_repeated")
def true_convolution(x, k):
    return _full(x, k, _touching(k), mode="edge")


@wrong("true_convolution", "kernel_normalised_and_edges_repeated")
def true_convolution(x, k):
    return _full(x, k / np.sum(k), _touching(k), mode="edge")
