"""Notebook 11: the way back through columns, and a layer of tiles, as people write them wrong."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from wrong_code import wrong
from wrong_code.fast_convolution.columns import padded
from wrong_code.fast_convolution.more_transforms import tile

from course_utils.explorers.winograd import AT, BT, G


def gradients(dout, cache, rows=None, add=True, cut=True, step=None, turned=False):
    """conv_backward_strides with one thing changed; `rows` makes the matrix of dout."""
    x_shape, w, cols, conv_param = cache  # of the master's conv_forward_strides
    pad, stride = conv_param["pad"], step or conv_param["stride"]
    N, F, oh, ow = dout.shape
    kh, kw = w.shape[2:]
    matrix = rows(dout) if rows else dout.swapaxes(0, 1).reshape(F, -1)
    back = matrix.reshape(F, N, oh, ow)
    dx = padded(np.zeros(x_shape, cols.dtype), pad)
    for i in range(kh):
        for j in range(kw):
            pixels = dx[:, :, i : i + stride * oh : stride, j : j + stride * ow : stride]
            sent = np.einsum("fnhw,fc->nchw", back, w[:, :, i, j])
            pixels[...] = pixels + sent if add else sent
    dx = dx[:, :, pad : pad + x_shape[2], pad : pad + x_shape[3]] if cut else dx
    dw = (matrix @ cols.T).reshape(w.shape)
    return dx, dw[..., ::-1, ::-1] if turned else dw, matrix.sum(1)


for identity, change in {
    "dout_mixed_for_db_too": {"rows": lambda dout: dout.reshape(dout.shape[1], -1)},
    "columns_with_images_fastest": {
        "rows": lambda dout: dout.transpose(1, 2, 3, 0).reshape(dout.shape[1], -1)
    },
    "last_place_wins": {"add": False},
    "padding_left_on": {"cut": False},
    "windows_side_by_side": {"step": 1},
    "filters_turned_in_dw": {"turned": True},
}.items():

    def conv_backward_strides(dout, cache, change=change):
        return gradients(dout, cache, **change)

    wrong("conv_backward_strides", identity)(conv_backward_strides)


def tiled(x, w, b, pad, change):
    """A layer by tiles of F(2×2, 3×3), with one thing changed by `change`, a set of words."""
    oh, ow = x.shape[2] + 2 * pad - 2, x.shape[3] + 2 * pad - 2
    low, high = (2 * pad, 0) if "one side" in change else (pad, pad)
    down, right = oh % 2, 0 if "width cut" in change else ow % 2
    x = np.pad(x, ((0, 0), (0, 0), (low, high + down), (low, high + right)))
    w = w.swapaxes(2, 3) if "transposed" in change else w
    matrix = np.where(abs(G) == 0.5, 2 * G, G) if "halves" in change else G
    tiles = sliding_window_view(x, (4, 4), axis=(2, 3))[:, :, ::2, ::2]
    products = np.einsum("nctuij,fcij->nftuij", BT @ tiles @ BT.T, matrix @ w @ matrix.T)
    products = products / x.shape[1] if "mean" in change else products
    products = products.cumsum(1) if "run on" in change else products
    products = products + b[:, None, None, None, None] if "early bias" in change else products
    out = AT @ products @ AT.T
    out = out if "as they lie" in change else out.swapaxes(3, 4)
    th, tw = tiles.shape[2:4]
    out = out.reshape(len(x), len(w), 2 * th, 2 * tw)
    out = out if "not cut" in change else out[:, :, :oh, :ow]
    if "once a tile" in change:
        out[:, :, ::2, ::2] += b[:, None, None]
    elif not change & {"early bias", "no bias"}:
        out = out + b[:, None, None]
    return out if out.dtype == object else out.astype(x.dtype)


for identity, change in {
    "filters_transposed": {"transposed"},
    "odd_sizes_not_cut": {"not cut"},
    "odd_width_cut_short": {"width cut"},
    "padded_on_one_side": {"one side"},
    "mean_over_channels": {"mean"},
    "sums_run_on": {"run on"},
    "bias_before_the_way_back": {"early bias"},
    "bias_once_a_tile": {"once a tile"},
    "tiles_put_together_as_they_lie": {"as they lie"},
    "halves_forgotten": {"halves"},
    "halves_and_bias_forgotten": {"halves", "no bias"},
}.items():

    def winograd_conv3x3(x, w, b, pad, change=change):
        return tiled(x, w, b, pad, change)

    wrong("winograd_conv3x3", identity)(winograd_conv3x3)


@wrong("winograd_f23", "filter_made_whole")
def winograd_f23(d, g):
    turned = (G @ g if g.ndim == 1 else G @ g @ G.T).astype(g.dtype)
    return AT @ (turned * (BT @ d)) if d.ndim == 1 else AT @ (turned * (BT @ d @ BT.T)) @ AT.T


@wrong("winograd_f23", "halves_forgotten_and_last_sign")
def winograd_f23(d, g):
    signs = np.array([[1], [1], [1], [-1]])
    return tile(d, g, bt=BT * signs, g_matrix=np.where(abs(G) == 0.5, 2 * G, G))
