"""Notebook 10: a convolution's windows, forward and back, as people really take others."""

import math

import numpy as np
from wrong_code import wrong


def both_sides(x, pad):
    return np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))


def down(n, k, s):
    return (n - k) // s + 1


def forward(pads=both_sides, count=down, strides=lambda s: (s, s), steps=None, total=None,
            bias=lambda b, w: b, kernel=lambda kh, kw: (kh, kw), size=None,
            dtype=None):  # fmt: skip
    """A forward pass of two loops, with one thing or two changed."""

    def conv_forward_naive(x, w, b, conv_param):
        s, pad = conv_param["stride"], conv_param["pad"]
        big, (kh, kw) = pads(x, pad), kernel(*w.shape[2:])
        sides = both_sides(x, pad).shape[2:] if size == "padded" else big.shape[2:]
        stride = strides(s)
        rows, columns = (count(n, k, t) for n, k, t in zip(sides, w.shape[2:], stride, strict=True))
        columns = rows if size == "square" else columns
        out = np.zeros((len(big), len(w), rows, columns), dtype or x.dtype)
        step = steps(s) if steps else stride
        for i in range(rows):
            for j in range(columns):
                top, left = i * step[0], j * step[1]
                window = big[:, :, top : top + kh, left : left + kw]
                if total:
                    out[:, :, i, j] = total(window, w) + bias(b, w)
                else:
                    out[:, :, i, j] = np.tensordot(window, w, ([1, 2, 3], [1, 2, 3])) + bias(b, w)
        return out, (x, w, b, conv_param)

    return conv_forward_naive


def cut(window, w):
    """Products with as much of the filter as the window has room for."""
    return np.einsum("ncuv,fcuv->nf", window, w[:, :, : window.shape[2], : window.shape[3]])


def turned(rows, columns):
    return lambda window, w: np.einsum("ncuv,fcuv->nf", window, w[:, :, ::rows, ::columns])


def ends(before, after, mode="constant"):
    return lambda x, p: np.pad(x, [(0, 0), (0, 0), *[(before(p), after(p))] * 2], mode=mode)


def inner(x, pad):
    big = np.zeros((*x.shape[:2], x.shape[2] + 2 * pad, x.shape[3] + 2 * pad), x.dtype)
    big[:, :, pad:-pad, pad:-pad] = x
    return big


def channel(c):
    return lambda window, w: np.einsum("nuv,fuv->nf", window[:, c], w[:, c])


FORWARD = [
    ("kernel_upside_down", {"total": turned(-1, 1)}),
    ("kernel_left_to_right", {"total": turned(1, -1)}),
    ("last_channel_only", {"total": channel(-1)}),
    ("averaged_over_channels", {
        "total": lambda v, w: np.einsum("ncuv,fcuv->nf", v, w) / w.shape[1]}),
    ("bias_subtracted", {"bias": lambda b, w: -b}),
    ("bias_in_every_channel", {"bias": lambda b, w: w.shape[1] * b}),
    ("flipped_without_bias", {"total": turned(-1, -1), "bias": lambda b, w: 0}),
    ("unpadded_without_bias", {"pads": lambda x, p: x, "bias": lambda b, w: 0}),
    ("side_by_side_without_bias", {"steps": lambda s: (1, 1), "bias": lambda b, w: 0}),
    ("padding_behind_only", {"pads": ends(lambda p: 0, lambda p: p)}),
    ("padding_halved", {"pads": ends(lambda p: p // 2, lambda p: p - p // 2)}),
    ("padding_mirrored", {"pads": ends(lambda p: p, lambda p: p, "reflect")}),
    ("examples_padded", {
        "pads": np.pad, "total": lambda v, w: np.einsum("ncuv,fcuv->nf", v[:, : w.shape[1]], w)}),
    ("windows_of_the_unpadded", {"pads": lambda x, p: x, "size": "padded"}),
    ("windows_do_not_fit", {"pads": np.pad}),
    ("nothing_to_fill", {"pads": inner}),
    ("stride_not_used", {"strides": lambda s: (1, 1)}),
    ("stride_across_only", {"steps": lambda s: (1, s)}),
    ("every_column", {"strides": lambda s: (s, 1)}),
    ("every_row", {"strides": lambda s: (1, s)}),
    ("rounded_up_and_cut", {"count": lambda n, k, s: math.ceil((n - k) / s) + 1, "total": cut}),
    ("square_picture", {"size": "square", "total": lambda v, w: (v[:, None] * w).sum((2, 3, 4))}),
    ("square_picture_cut", {"size": "square", "total": cut}),
    ("square_kernel", {"kernel": lambda kh, kw: (kh, kh)}),
    ("sizes_with_a_fraction", {"count": lambda n, k, s: (n - k) / s + 1}),
]  # fmt: skip

for name, change in FORWARD:
    wrong("conv_forward_naive", name)(forward(**change))

wrong("conv_forward_naive", "every_row", "wider_dtype")(
    forward(strides=lambda s: (1, s), dtype=float)
)


def refused(error):
    def conv_forward_naive(x, w, b, conv_param):
        for axis in (2, 3):
            if (x.shape[axis] + 2 * conv_param["pad"] - w.shape[axis]) % conv_param["stride"]:
                raise error("the stride does not divide evenly")
        return forward()(x, w, b, conv_param)

    return conv_forward_naive


wrong("conv_forward_naive", "rest_refused")(refused(ValueError))
wrong("conv_forward_naive", "rest_not_asserted")(refused(AssertionError))


@wrong("conv_forward_naive", "another_key")
def conv_forward_naive(x, w, b, conv_param):
    return forward()(x, w, b, {"stride": conv_param["stride"], "pad": conv_param["padding"]})


for name, db in [
    ("db_summed_over_filters", lambda d: d.sum((1, 2, 3))), ("db_one_for_all", lambda d: d.sum()),
    ("db_keeps_axes", lambda d: d.sum((0, 2, 3), keepdims=True)),
    ("db_averaged_over_examples", lambda d: d.sum((0, 2, 3)) / len(d)),
    ("db_averaged_over_places", lambda d: d.mean((2, 3)).sum(0)),
    ("db_one_per_example", lambda d: d.sum((2, 3))),
    ("db_of_the_first_example", lambda d: d[0].sum((1, 2))),
    ("db_of_the_last_example", lambda d: d[-1].sum((1, 2))),
    ("db_counts_places", lambda d: np.ones_like(d).sum((0, 2, 3))),
]:  # fmt: skip

    def conv_backward_db(dout, db=db):
        return db(dout)

    wrong("conv_backward_db", name)(conv_backward_db)


def filters(pads=both_sides, steps=lambda s: (s, s), leave=0, assign=False, start=np.zeros_like,
            end=lambda dw, w, x: dw):  # fmt: skip
    """dw by two loops, with one thing or two changed."""

    def conv_backward_dw(dout, x, w, conv_param):
        big, dw = pads(x, conv_param["pad"]), start(w)
        step, (kh, kw) = steps(conv_param["stride"]), w.shape[2:]
        for i in range(dout.shape[2] - leave):
            for j in range(dout.shape[3] - leave):
                top, left = i * step[0], j * step[1]
                window = big[:, :, top : top + kh, left : left + kw]
                share = np.einsum("nf,ncuv->fcuv", dout[:, :, i, j], window).astype(dw.dtype)
                if assign:
                    dw = share
                else:
                    dw[:, :, : share.shape[2], : share.shape[3]] += share
        return end(dw, w, x)

    return conv_backward_dw


def behind(x, pad):
    return np.pad(x, [(0, 0), (0, 0), (0, 2 * pad), (0, 2 * pad)])


FILTERS = [
    ("dw_of_the_last_place", {"assign": True}),
    ("dw_without_the_last_places", {"leave": 1}),
    ("dw_padding_at_one_end", {"pads": lambda x, p: x}),
    ("dw_stride_across_only", {"steps": lambda s: (1, s)}),
    ("dw_settings_ignored", {"pads": lambda x, p: x, "steps": lambda s: (1, 1)}),
    ("dw_flipped", {"end": lambda dw, w, x: dw[:, :, ::-1, ::-1]}),
    ("dw_flipped_and_averaged", {"end": lambda dw, w, x: dw[..., ::-1, ::-1] / len(x)}),
    ("dw_of_the_last_place_at_one_end", {"pads": behind, "assign": True}),
    ("dw_starts_from_w", {"start": np.copy}),
    ("dw_channels_summed", {
        "end": lambda dw, w, x: np.repeat(dw.sum(1, keepdims=True), w.shape[1], 1)}),
    ("dw_channels_first", {"end": lambda dw, w, x: dw.swapaxes(0, 1)}),
    ("dw_wider", {"start": lambda w: np.zeros(w.shape)}),
    ("dw_in_the_type_of_x", {"end": lambda dw, w, x: dw.astype(x.dtype)}),
]  # fmt: skip

for name, change in FILTERS:
    wrong("conv_backward_dw", name)(filters(**change))


@wrong("conv_backward_dw", "dw_slices_without_end")
def conv_backward_dw(dout, x, w, conv_param):
    s, big, dw = conv_param["stride"], both_sides(x, conv_param["pad"]), np.zeros_like(w)
    for u in range(w.shape[2]):
        for v in range(w.shape[3]):
            taps = big[:, None, :, u::s, v::s]
            dw[:, :, u, v] = (dout[:, :, None] * taps).sum((0, 3, 4))
    return dw


@wrong("conv_backward_dw", "dw_of_square_kernels")
def conv_backward_dw(dout, x, w, conv_param):
    s, k = conv_param["stride"], w.shape[2]
    big, dw = both_sides(x, conv_param["pad"]), np.zeros((*w.shape[:2], k, k), w.dtype)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            window = big[:, :, i * s : i * s + k, j * s : j * s + k]
            share = np.einsum("nf,ncuv->fcuv", dout[:, :, i, j], window)
            dw[..., : window.shape[3]] += share
    return dw


def pictures(steps=lambda s: (s, s), leave=0, assign=False, kernels=lambda w: w,
             entries=lambda d: d, start=np.zeros_like, end=None, dtype=None):  # fmt: skip
    """dx by two loops, with one thing or two changed."""

    def conv_backward_dx(dout, x, w, conv_param):
        pad, (kh, kw), (height, width) = conv_param["pad"], w.shape[2:], x.shape[2:]
        big = start(both_sides(x, pad)).astype(dtype or x.dtype)
        step = steps(conv_param["stride"])
        for i in range(dout.shape[2] - leave):
            for j in range(dout.shape[3] - leave):
                top, left = i * step[0], j * step[1]
                share = np.tensordot(entries(dout)[:, :, i, j], kernels(w), axes=1)
                place = np.s_[:, :, top : top + kh, left : left + kw]
                big[place] = share if assign else big[place] + share
        if end:
            return end(big, pad, height, width)
        return big[:, :, pad : pad + height, pad : pad + width]

    return conv_backward_dx


PICTURES = [
    ("dx_kernel_upside_down", {"kernels": lambda w: w[:, :, ::-1]}),
    ("dx_kernel_left_to_right", {"kernels": lambda w: w[:, :, :, ::-1]}),
    ("dx_of_the_last_filter", {"kernels": lambda w: w[-1:], "entries": lambda d: d[:, -1:]}),
    ("dx_of_the_first_filter", {"kernels": lambda w: w[:1], "entries": lambda d: d[:, :1]}),
    ("dx_of_the_first_channel", {"kernels": lambda w: np.repeat(w[:, :1], w.shape[1], 1)}),
    ("dx_channels_summed", {
        "kernels": lambda w: np.repeat(w.sum(1, keepdims=True), w.shape[1], 1)}),
    ("dx_averaged", {"entries": lambda d: d / len(d)}),
    ("dx_starts_from_x", {"start": np.copy}),
    ("dx_without_the_last_places", {"leave": 1}),
    ("dx_stride_down_only", {"steps": lambda s: (s, 1)}),
    ("dx_stride_across_only", {"steps": lambda s: (1, s)}),
    ("dx_cropped_at_the_other_end", {"end": lambda g, p, h, w: g[:, :, 2 * p :, 2 * p :]}),
    ("dx_cut_too_short", {"end": lambda g, p, h, w: g[:, :, p:h, p:w]}),
    ("dx_wider", {"dtype": float}),
    ("dx_made_of_x", {"start": lambda x: 0 * x}),
]  # fmt: skip

for name, change in PICTURES:
    wrong("conv_backward_dx", name)(pictures(**change))


@wrong("conv_backward_dx", "dx_in_the_type_of_dout")
def conv_backward_dx(dout, x, w, conv_param):
    return pictures(dtype=dout.dtype)(dout, x, w, conv_param)


@wrong("conv_backward_dx", "dx_settings_ignored")
def conv_backward_dx(dout, x, w, conv_param):
    dx, (kh, kw) = np.zeros_like(x), w.shape[2:]
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            place = dx[:, :, i : i + kh, j : j + kw]
            share = np.tensordot(dout[:, :, i, j], w, axes=1)
            place += share[:, :, : place.shape[2], : place.shape[3]].astype(x.dtype)
    return dx


@wrong("conv_backward_dx", "dx_averaged_where_windows_overlap")
def conv_backward_dx(dout, x, w, conv_param):
    ones = np.ones((1, *w.shape[1:]))
    count = pictures()(np.ones_like(dout[:, :1]), np.ones(x.shape), ones, conv_param)
    return (pictures()(dout, x, w, conv_param) / np.maximum(count, 1)).astype(x.dtype)


@wrong("conv_backward_dx", "dx_ends_with_the_last_window")
def conv_backward_dx(dout, x, w, conv_param):
    s, pad = conv_param["stride"], conv_param["pad"]
    rows, columns = ((n - 1) * s + k for n, k in zip(dout.shape[2:], w.shape[2:], strict=True))
    whole = pictures(end=lambda g, p, h, w: g)(dout, x, w, conv_param)[:, :, :rows, :columns]
    return whole[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]]


def assembled(order=(0, 1, 2), more=lambda db, b: db, unpack=lambda cache: cache):
    def conv_backward_naive(dout, cache):
        x, w, conv_param = unpack(cache)
        found = (pictures()(dout, x, w, conv_param), filters()(dout, x, w, conv_param),
                 dout.sum((0, 2, 3)))  # fmt: skip
        return tuple(found[i] for i in order)

    return conv_backward_naive


for name, change in [
    ("db_and_dx_swapped", {"order": (2, 1, 0)}), ("db_first", {"order": (2, 0, 1)}),
    ("dx_last", {"order": (1, 2, 0)}),
    ("cache_in_another_order", {"unpack": lambda cache: (cache[1], cache[0], cache[2])}),
]:  # fmt: skip
    wrong("conv_backward_naive", name)(assembled(**change))


@wrong("conv_backward_naive", "cache_of_another_length")
def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    return pictures()(dout, x, w, conv_param), filters()(dout, x, w, conv_param), dout.sum((0, 2))


@wrong("conv_backward_naive", "padded_twice")
def conv_backward_naive(dout, cache):
    x, w, conv_param = cache
    x = both_sides(x, conv_param["pad"])  # as a forward pass keeps it that caches what it padded
    return (pictures()(dout, x, w, conv_param), filters()(dout, x, w, conv_param),
            dout.sum((0, 2, 3)))  # fmt: skip
