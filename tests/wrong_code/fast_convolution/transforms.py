"""Notebook 11: transforms, tiles and Strassen's products as people really write them wrong."""

import numpy as np
from wrong_code import wrong
from wrong_code.fast_convolution.columns import padded

from course_utils.explorers.winograd import AT, BT, G


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


@wrong("winograd_f23", "direct_in_one_dimension")
def winograd_f23(d, g):
    if d.ndim == 1:
        return np.array([(d[i : i + 3] * g).sum() for i in range(2)])
    return AT @ ((G @ g @ G.T) * (BT @ d @ BT.T)) @ AT.T


@wrong("winograd_f23", "direct_in_two_dimensions")
def winograd_f23(d, g):
    if d.ndim == 1:
        return AT @ ((G @ g) * (BT @ d))
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


@wrong("conv_fft", "cut_from_the_far_corner")
def conv_fft(x, w, b, pad):
    x = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    size = x.shape[2:]
    oh, ow = size[0] - w.shape[2] + 1, size[1] - w.shape[3] + 1
    X, W = np.fft.rfft2(x), np.fft.rfft2(w, s=size)
    out = np.fft.irfft2(np.einsum("nchw,fchw->nfhw", X, W.conj()), s=size)
    return (out[:, :, -oh:, -ow:] + b[:, None, None]).astype(x.dtype)
