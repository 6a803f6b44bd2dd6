"""Notebook 11: more transforms, tiles and products as people really write them wrong."""

import numpy as np
from wrong_code import wrong
from wrong_code.fast_convolution.columns import padded

from course_utils.explorers.winograd import AT, BT, G


def by_fft(x, w, b, pad, change):
    """A layer by full complex transforms, with one thing changed by `change`, a set of words."""
    image = padded(x, pad)
    oh, ow = image.shape[2] - w.shape[2] + 1, image.shape[3] - w.shape[3] + 1
    size = x.shape[2:] if "bare size" in change else image.shape[2:]
    norm = "ortho" if "ortho" in change else None
    images, filters = np.fft.fft2(image, size, norm=norm), np.fft.fft2(w, size, norm=norm)
    filters = filters if "no conjugate" in change else filters.conj()
    product = np.einsum("nchw,fchw->nfhw", images, filters)
    if "thin bias" in change:
        product[:, :, 0, 0] += b
    out = np.fft.ifft2(product, norm=norm)[:, :, :oh, :ow]
    out = np.abs(out) if "absolute" in change else out.real
    out = out / x.shape[1] if "mean" in change else out
    out = out if change & {"no bias", "thin bias"} else out + b[:, None, None]
    return out.astype(np.float32 if "single" in change else x.dtype)


for identity, change in {
    "in_single_precision": {"single"},
    "absolute_value": {"absolute"},
    "bias_thinned_out": {"thin bias"},
    "mean_over_channels": {"mean"},
    "scaled_by_the_root": {"ortho"},
    "no_conjugate_and_no_bias": {"no conjugate", "no bias"},
    "size_of_the_bare_images": {"bare size"},
}.items():

    def conv_fft(x, w, b, pad, change=change):
        return by_fft(x, w, b, pad, change)

    wrong("conv_fft", identity)(conv_fft)


@wrong("conv_fft", "height_turned_round")
def conv_fft(x, w, b, pad):
    return by_fft(x, w[:, :, ::-1], b, pad, set())


@wrong("conv_fft", "width_turned_round")
def conv_fft(x, w, b, pad):
    return by_fft(x, w[..., ::-1], b, pad, set())


def tile(d, g, bt=BT, g_matrix=G, at=AT):
    if d.ndim == 1:
        return at @ ((g_matrix @ g) * (bt @ d))
    return at @ ((g_matrix @ g @ g_matrix.T) * (bt @ d @ bt.T)) @ at.T


@wrong("winograd_f23", "matrix_made_whole")
def winograd_f23(d, g):
    return tile(d, g, g_matrix=G.astype(g.dtype))


@wrong("winograd_f23", "put_into_floats")
def winograd_f23(d, g):
    y = np.zeros((2,) * d.ndim)
    y[...] = tile(d, g)
    return y


@wrong("winograd_f23", "third_product_turned")
def winograd_f23(d, g):
    return tile(d, g, bt=BT * np.array([[1], [1], [-1], [1]]))


@wrong("winograd_f23", "data_not_transposed_on_the_right")
def winograd_f23(d, g):
    return tile(d, g) if d.ndim == 1 else AT @ ((G @ g @ G.T) * (BT @ d @ BT)) @ AT.T


@wrong("winograd_f23", "filter_transposed")
def winograd_f23(d, g):
    return tile(d, g.T)


@wrong("winograd_f23", "matrix_product_in_the_middle")
def winograd_f23(d, g):
    return tile(d, g) if d.ndim == 1 else AT @ ((G @ g @ G.T) @ (BT @ d @ BT.T)) @ AT.T


@wrong("winograd_f23", "one_dimension_only")
def winograd_f23(d, g):
    return AT @ ((G @ g) * (BT @ d))


def quartered(A, B, leaf, product, number=None, sums=None, inner=None, extra=False,
              even=lambda size: size % 2):  # fmt: skip
    """Strassen's recursion; product `number` has another left or right factor."""
    rows, columns = len(A), B.shape[1]
    if max(rows, len(B), columns) <= leaf:
        return product(A, B)
    if extra:
        product(A[:1, :1], B[:1, :1])
    A, B = (np.pad(matrix, [(0, even(size)) for size in matrix.shape]) for matrix in (A, B))
    n, k, m = len(A) // 2, len(B) // 2, B.shape[1] // 2
    a, b, c, d = A[:n, :k], A[:n, k:], A[n:, :k], A[n:, k:]
    e, f, g, h = B[:k, :m], B[:k, m:], B[k:, :m], B[k:, m:]
    pairs = [(a + d, e + h), (c + d, e), (a, f - h), (d, g - e), (a + b, h), (c - a, e + f),
             (b - d, g + h)]  # fmt: skip
    if number:
        pairs[number - 1] = sums(a, b, c, d, e, f, g, h)
    inner = inner or product
    M1, M2, M3, M4, M5, M6, M7 = (
        quartered(left, right, leaf, inner, number, sums, inner, extra, even)
        for left, right in pairs
    )
    C = np.block([[M1 + M4 - M5 + M7, M3 + M5], [M2 + M4, M1 - M2 + M3 + M6]])
    return C[:rows, :columns]


for identity, change in {
    "sum_in_the_sixth_product": (6, lambda a, b, c, d, e, f, g, h: (c + a, e + f)),
    "sum_in_the_seventh_product": (7, lambda a, b, c, d, e, f, g, h: (b + d, g + h)),
    "sixth_product_negative": (6, lambda a, b, c, d, e, f, g, h: (a - c, e + f)),
    "seventh_product_negative": (7, lambda a, b, c, d, e, f, g, h: (d - b, g + h)),
    "third_product_negative": (3, lambda a, b, c, d, e, f, g, h: (a, h - f)),
    "fourth_product_negative": (4, lambda a, b, c, d, e, f, g, h: (d, e - g)),
}.items():

    def strassen(A, B, leaf=64, product=np.matmul, change=change):
        return quartered(A, B, leaf, product, *change)

    wrong("strassen", identity)(strassen)


@wrong("strassen", "product_not_passed_on")
def strassen(A, B, leaf=64, product=np.matmul):
    return quartered(A, B, leaf, product, inner=np.matmul)


@wrong("strassen", "product_for_something_else")
def strassen(A, B, leaf=64, product=np.matmul):
    return quartered(A, B, leaf, product, extra=True)


@wrong("strassen", "odd_sizes_stop")
def strassen(A, B, leaf=64, product=np.matmul):
    return quartered(A, B, leaf, product, even=lambda size: 0)
