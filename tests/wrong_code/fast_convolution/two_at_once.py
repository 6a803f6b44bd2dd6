"""Notebook 11: one thing wrong on some inputs only, and two things wrong at once."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from wrong_code import wrong
from wrong_code.fast_convolution.backward import gradients
from wrong_code.fast_convolution.columns import out_size, padded

from course_utils.explorers.winograd import AT, BT, G


def as_it_lies(x):
    """The numbers in the order of memory, in the shape of x."""
    return x.ravel(order="K").reshape(x.shape)


def windows_of(x, kh, kw, stride, wide=None):
    """All windows, (C, kh, kw, N, oh, ow), as many across as `wide` says."""
    found = sliding_window_view(x, (kh, kw), (2, 3))[:, :, ::stride, ::stride]
    return found[:, :, :, :wide].transpose(1, 4, 5, 0, 2, 3)


@wrong("im2col", "images_taken_to_be_in_c_order")
def im2col(x, kh, kw, stride, pad):
    return windows_of(padded(as_it_lies(x), pad), kh, kw, stride).reshape(x.shape[1] * kh * kw, -1)


def as_if_fresh(x, pad):
    """What is read from memory in C order; np.pad is called only where pad is not 0."""
    return as_it_lies(padded(x, pad) if pad else x)


@wrong("im2col", "in_c_order_padded_or_not")
def im2col(x, kh, kw, stride, pad):
    found = windows_of(as_if_fresh(x, pad), kh, kw, stride)
    return found.reshape(x.shape[1] * kh * kw, -1)


@wrong("im2col", "unpadded_taken_to_be_in_c_order")
def im2col(x, kh, kw, stride, pad):
    x = padded(x, pad) if pad else as_it_lies(x)
    return windows_of(x, kh, kw, stride).reshape(x.shape[1] * kh * kw, -1)


@wrong("im2col", "square_outputs")
def im2col(x, kh, kw, stride, pad):
    high, _ = out_size(x.shape, kh, kw, stride, pad)
    return windows_of(padded(x, pad), kh, kw, stride, high).reshape(x.shape[1] * kh * kw, -1)


@wrong("im2col", "turned_round_and_square")
def im2col(x, kh, kw, stride, pad):
    high, _ = out_size(x.shape, kh, kw, stride, pad)
    found = windows_of(padded(x, pad), kh, kw, stride, high)
    return found[:, ::-1, ::-1].reshape(x.shape[1] * kh * kw, -1)


@wrong("im2col", "square_outputs_stop")
def im2col(x, kh, kw, stride, pad):
    N, C, _, _ = x.shape
    size = out_size(x.shape, kh, kw, stride, pad)[0]
    x, cols = padded(x, pad), np.zeros((C, kh, kw, N, size, size), x.dtype)
    for i in range(kh):
        for j in range(kw):
            down, across = (slice(s, s + stride * size, stride) for s in (i, j))
            cols[:, i, j] = x[:, :, down, across].swapaxes(0, 1)
    return cols.reshape(C * kh * kw, -1)


def images(cols, x_shape, kh, kw, stride, pad, height, width):
    """What comes back in padded images of this size."""
    N, C = x_shape[:2]
    oh, ow = out_size(x_shape, kh, kw, stride, pad)
    x = np.zeros((N, C, height, width), cols.dtype)
    cols = cols.reshape(C, kh, kw, N, oh, ow)
    for h in range(oh):
        for w in range(ow):
            part = np.s_[:, :, h * stride : h * stride + kh, w * stride : w * stride + kw]
            x[part] += cols[..., h, w].transpose(3, 0, 1, 2)
    return x[:, :, pad : pad + x_shape[2], pad : pad + x_shape[3]]


@wrong("col2im", "size_made_from_the_windows")
def col2im(cols, x_shape, kh, kw, stride, pad):
    oh, ow = out_size(x_shape, kh, kw, stride, pad)
    height, width = (oh - 1) * stride + kh, (ow - 1) * stride + kw
    return images(cols, x_shape, kh, kw, stride, pad, height, width)


@wrong("col2im", "padded_once")
def col2im(cols, x_shape, kh, kw, stride, pad):
    return images(cols, x_shape, kh, kw, stride, pad, x_shape[2] + pad, x_shape[3] + pad)


def layer(x, w, b, conv_param, columns, spread=1, pad=None):
    """The layer with `columns` made of its windows."""
    F, _, kh, kw = w.shape
    pad = conv_param["pad"] if pad is None else pad
    found = windows_of(padded(x, pad), kh, kw, conv_param["stride"])
    cols = columns(found).reshape(w[0].size, -1)
    out = w.reshape(F, -1) @ cols + spread * b[:, None]
    out = out.reshape(F, *found.shape[3:]).swapaxes(0, 1).astype(x.dtype)
    return out, (x.shape, w, cols, conv_param)


def flat(found):
    return found.reshape(np.prod(found.shape[:3]), -1)


for identity, columns in {
    "copied_three_times": lambda found: [flat(found), flat(found), flat(found)][-1],
    "copied_twice_and_widened": lambda found: flat(found.astype(np.float64)),
    "widened_once_more": lambda found: flat(found).astype(np.float64),
    "widened_beside_the_columns": lambda found: np.asarray(flat(found), dtype=np.float64),
}.items():

    def conv_forward_strides(x, w, b, conv_param, columns=columns):
        return layer(x, w, b, conv_param, columns)

    wrong("conv_forward_strides", identity)(conv_forward_strides)


for identity, change in {
    "bias_for_each_channel": lambda w, p: {"spread": w.shape[1]},
    "bias_for_each_weight": lambda w, p: {"spread": w[0].size},
    "bias_subtracted": lambda w, p: {"spread": -1},
    "padding_with_a_stride_forgotten": lambda w, p: {"pad": 0 if p["stride"] > 1 else p["pad"]},
}.items():

    def conv_forward_strides(x, w, b, conv_param, change=change):
        return layer(x, w, b, conv_param, flat, **change(w, conv_param))

    wrong("conv_forward_strides", identity)(conv_forward_strides)


@wrong("conv_forward_strides", "bias_for_each_channel", "copied_twice")
def conv_forward_strides(x, w, b, conv_param):
    return layer(x, w, b, conv_param, lambda found: flat(found).copy(), spread=x.shape[1])


@wrong("conv_forward_strides", "images_taken_to_be_in_c_order")
def conv_forward_strides(x, w, b, conv_param):
    return layer(as_it_lies(x), w, b, conv_param, flat)


@wrong("conv_forward_strides", "unpadded_taken_to_be_in_c_order")
def conv_forward_strides(x, w, b, conv_param):
    return layer(x if conv_param["pad"] else as_it_lies(x), w, b, conv_param, flat)


@wrong("conv_forward_strides", "bias_along_the_images")
def conv_forward_strides(x, w, b, conv_param):
    out = layer(x, w, 0 * b, conv_param, flat)[0].swapaxes(0, 1)
    out = out + b[:, np.newaxis, np.newaxis]
    return out.swapaxes(0, 1), None


@wrong("conv_forward_strides", "in_c_order_padded_or_not")
def conv_forward_strides(x, w, b, conv_param):
    return layer(as_if_fresh(x, conv_param["pad"]), w, b, conv_param, flat, pad=0)


@wrong("conv_forward_strides", "padded_once")
def conv_forward_strides(x, w, b, conv_param):
    pad = conv_param["pad"]
    return layer(np.pad(x, ((0, 0), (0, 0), (pad, 0), (pad, 0))), w, b, conv_param, flat, pad=0)


@wrong("conv_backward_strides", "size_made_from_the_windows")
def conv_backward_strides(dout, cache):
    (N, C, _, _), w, cols, conv_param = cache
    ends = [(n - 1) * conv_param["stride"] + k for n, k in zip(dout.shape[2:], w.shape[2:],
                                                               strict=True)]  # fmt: skip
    ends = [end - 2 * conv_param["pad"] for end in ends]
    dx, dw, db = gradients(dout, ((N, C, *ends), w, cols, conv_param))
    return dx, dw, db


def tile(d, g, at=AT, middle=G):
    if d.ndim == 1:
        return at @ ((middle @ g) * (BT @ d))
    return AT @ ((G @ g @ G.T) * (BT @ d @ BT.T)) @ AT.T


def joined(first, last=-1):
    return np.array([[1, 1, 1, first], [0, 1, -1, last]])


@wrong("winograd_f23", "last_product_taken_from_both_of_a_row")
def winograd_f23(d, g):
    return tile(d, g, joined(-1))


@wrong("winograd_f23", "last_product_in_both_of_a_row")
def winograd_f23(d, g):
    return tile(d, g, joined(1))


@wrong("winograd_f23", "last_sign_in_one_dimension")
def winograd_f23(d, g):
    return tile(d, g, joined(0, 1))


@wrong("winograd_f23", "halves_forgotten_in_one_dimension")
def winograd_f23(d, g):
    return tile(d, g, middle=np.sign(G))


@wrong("winograd_f23", "turned_round_in_one_dimension")
def winograd_f23(d, g):
    return tile(d, g, middle=G[:, ::-1])


for identity, sign in {
    "last_product_in_both_outputs": 1,
    "last_product_taken_from_both_outputs": -1,
}.items():

    @wrong("winograd_f23", identity)
    def winograd_f23(d, g, sign=sign):
        at = joined(sign)
        if d.ndim == 1:
            return tile(d, g, at)
        return at @ ((G @ g @ G.T) * (BT @ d @ BT.T)) @ at.T


def by_tiles(x, w, b, pad, again=None, bias=1):
    """A layer tile by tile; the filters are transformed again where `again` says so."""
    N, C, H, W = x.shape
    oh, ow = H + 2 * pad - 2, W + 2 * pad - 2
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad + oh % 2), (pad, pad + ow % 2)))
    out = np.zeros((N, len(w), oh + oh % 2, ow + ow % 2), x.dtype)
    filters = None if again else G @ w @ G.T
    for h in range(0, oh, 2):
        if again == "row":
            filters = G @ w @ G.T
        for v in range(0, ow, 2):
            if again == "place":
                filters = G @ w @ G.T
            data = BT @ x[:, :, h : h + 4, v : v + 4] @ BT.T
            out[:, :, h : h + 2, v : v + 2] = AT @ (filters * data[:, None]).sum(2) @ AT.T
    out = out[:, :, :oh, :ow] + bias * b[:, None, None]
    return out if out.dtype == object else out.astype(x.dtype)


@wrong("winograd_conv3x3", "filters_transformed_for_every_place")
def winograd_conv3x3(x, w, b, pad):
    return by_tiles(x, w, b, pad, again="place")


@wrong("winograd_conv3x3", "filters_transformed_for_every_row")
def winograd_conv3x3(x, w, b, pad):
    return by_tiles(x, w, b, pad, again="row")


@wrong("winograd_conv3x3", "bias_for_each_channel")
def winograd_conv3x3(x, w, b, pad):
    return by_tiles(x, w, b, pad, bias=x.shape[1])


@wrong("winograd_conv3x3", "filters_averaged_over_channels")
def winograd_conv3x3(x, w, b, pad):
    return by_tiles(x, 0 * w + w.sum(1, keepdims=True) / w.shape[1], b, pad)


@wrong("winograd_conv3x3", "channels_added_too_early")
def winograd_conv3x3(x, w, b, pad):
    return by_tiles(x, 0 * w + w.sum(1, keepdims=True), b, pad)


@wrong("strassen", "padded_before_looking_at_the_leaf")
def strassen(A, B, leaf=64, product=np.matmul):
    n, m = len(A), B.shape[1]
    size = 1
    while size < max(*A.shape, m):
        size *= 2

    def split(M):
        return [list(np.split(half, 2, 1)) for half in np.split(M, 2)]

    def times(P, Q):
        if len(P) <= leaf:
            return product(P, Q)
        ((a, b), (c, d)), ((e, f), (g, h)) = split(P), split(Q)
        m1, m2, m3 = times(a + d, e + h), times(c + d, e), times(a, f - h)
        m4, m5, m6 = times(d, g - e), times(a + b, h), times(c - a, e + f)
        m7 = times(b - d, g + h)
        return np.block([[m1 + m4 - m5 + m7, m3 + m5], [m2 + m4, m1 - m2 + m3 + m6]])

    P, Q = np.zeros((size, size)), np.zeros((size, size))
    P[: A.shape[0], : A.shape[1]], Q[: B.shape[0], : B.shape[1]] = A, B
    return times(P, Q)[:n, :m]


def rate(layer, ms, pad=2, images=True, each=2):
    high, wide = (
        (layer[side] + pad * layer["pad"] - layer[k]) // layer["stride"] + 1
        for side, k in (("H", "kh"), ("W", "kw"))
    )
    count = layer["N"] if images else 1
    weights = layer["F"] * layer["C"] * layer["kh"] * layer["kw"]
    return each * count * weights * high * wide / ms / 1e9


for identity, change in {
    "padded_once_for_one_image": {"pad": 1, "images": False},
    "unpadded_and_one_image": {"pad": 0, "images": False},
    "padded_once_and_one_operation": {"pad": 1, "each": 1},
}.items():

    def effective_tflops(layer, ms, change=change):
        return rate(layer, ms, **change)

    wrong("effective_tflops", identity)(effective_tflops)
