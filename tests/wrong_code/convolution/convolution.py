"""Notebook 10: convolution, forward and backward, as people really write it wrong.

Pooling and the net are in `convolution_net`.
"""

import numpy as np
from wrong_code import wrong


def _padded(x, pad):
    return np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")


def _sizes(x, w, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    return (
        1 + (x.shape[2] + 2 * pad - w.shape[2]) // stride,
        1 + (x.shape[3] + 2 * pad - w.shape[3]) // stride,
    )


def forward(change):
    """The classic four loops, with one thing changed by `change`, a word or two."""

    def conv_forward_naive(x, w, b, conv_param):
        stride, pad = conv_param["stride"], conv_param["pad"]
        N, C, H, W = x.shape
        F, _, HH, WW = w.shape
        H_out, W_out = _sizes(x, w, conv_param)
        if change == "by place":
            stride, pad = conv_param.values()
            H_out, W_out = _sizes(x, w, {"stride": stride, "pad": pad})
        if change == "pad once":
            H_out, W_out = 1 + (H + pad - HH) // stride, 1 + (W + pad - WW) // stride
        if change == "pad not in size":
            H_out, W_out = 1 + (H - HH) // stride, 1 + (W - WW) // stride
        if change == "no plus one":
            H_out, W_out = H_out - 1, W_out - 1
        if change == "ceil":
            H_out = 1 + int(np.ceil((H + 2 * pad - HH) / stride))
            W_out = 1 + int(np.ceil((W + 2 * pad - WW) / stride))
        if change == "pad everything":
            x_pad = np.pad(x, pad)
        elif change == "pad behind":
            x_pad = np.pad(x, ((0, 0), (0, 0), (0, 2 * pad), (0, 2 * pad)))
        else:
            x_pad = _padded(x, pad)
        out = np.zeros((N, F, H_out, W_out), None if change == "zeros" else x.dtype)
        if change == "flip":
            w = np.flip(w, (2, 3))
        if change == "square":
            WW = HH
        step = 1 if change == "no stride" else stride
        for n in range(N):
            for f in range(F):
                for i in range(H_out):
                    for j in range(W_out):
                        top, left = i * step, j * (1 if change == "down only" else step)
                        window = x_pad[n, :, top : top + HH, left : left + WW]
                        if change == "bias inside":
                            out[n, f, i, j] = np.sum(window * w[f] + b[f])
                        elif change == "no bias":
                            out[n, f, i, j] = np.sum(window * w[f])
                        elif change == "one channel":
                            out[n, f, i, j] = np.sum(window[0] * w[f, 0]) + b[f]
                        elif change == "mean":
                            out[n, f, i, j] = np.mean(window * w[f]) + b[f]
                        else:
                            out[n, f, i, j] = np.sum(window * w[f]) + b[f]
        return out, (x, w, b, conv_param)

    return conv_forward_naive


for change, name in [
    ("flip", "kernel_flipped"), ("no bias", "bias_forgotten"),
    ("bias inside", "bias_in_every_product"), ("pad behind", "padding_at_one_end"),
    ("pad everything", "every_axis_padded"), ("pad once", "padding_counted_once"),
    ("pad not in size", "padding_not_in_the_size"), ("no stride", "stride_ignored"),
    ("down only", "stride_down_only"), ("no plus one", "one_window_too_few"),
    ("ceil", "rounded_up"), ("square", "square_kernel"),
    ("one channel", "first_channel_only"), ("mean", "averaged"), ("zeros", "wider_dtype"),
    ("by place", "settings_by_place"),
]:  # fmt: skip
    wrong("conv_forward_naive", name)(forward(change))


@wrong("conv_forward_naive", "padding_forgotten")
def conv_forward_naive(x, w, b, conv_param):
    s, (n, _, h, width) = conv_param["stride"], x.shape
    f, _, kh, kw = w.shape
    rows, columns = (h - kh) // s + 1, (width - kw) // s + 1
    out = np.zeros((n, f, rows, columns), x.dtype)
    for i in range(rows):
        for j in range(columns):
            window = x[:, None, :, i * s : i * s + kh, j * s : j * s + kw]
            out[:, :, i, j] = (window * w).sum((2, 3, 4)) + b
    return out, None


@wrong("conv_forward_naive", "kernel_flipped")
def conv_forward_naive(x, w, b, conv_param):
    s = conv_param["stride"]
    big, (rows, columns) = _padded(x, conv_param["pad"]), _sizes(x, w, conv_param)
    out = np.zeros((len(x), len(w), rows, columns), x.dtype)
    kh, kw = w.shape[2:]
    for i in range(rows):
        for j in range(columns):
            for u in range(kh):
                for v in range(kw):
                    pixel = big[:, :, i * s + u, j * s + v]
                    out[:, :, i, j] += pixel @ w[:, :, kh - 1 - u, kw - 1 - v].T
            out[:, :, i, j] += b
    return out, None


@wrong("conv_backward_db", "db_summed_over_examples_only")
def conv_backward_db(dout):
    return np.sum(dout, axis=0)


@wrong("conv_backward_db", "db_averaged")
def conv_backward_db(dout):
    return np.mean(dout, axis=(0, 2, 3))


@wrong("conv_backward_db", "db_of_the_wrong_axis")
def conv_backward_db(dout):
    return dout.reshape(-1, dout.shape[-1]).sum(0)


@wrong("conv_backward_db", "db_of_the_last_place")
def conv_backward_db(dout):
    db = np.zeros(dout.shape[1])
    for n in range(dout.shape[0]):
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                db = dout[n, :, i, j]
    return db


def filters(change):
    """dw by four loops, with one thing changed."""

    def conv_backward_dw(dout, x, w, conv_param):
        stride, pad = conv_param["stride"], conv_param["pad"]
        HH, WW = w.shape[2:]
        x_pad = x if change == "no pad" else _padded(x, pad)
        step = 1 if change == "no stride" else stride
        dw = np.zeros_like(w)
        for n in range(dout.shape[0]):
            if change == "new each example":
                dw = np.zeros_like(w)
            for f in range(dout.shape[1]):
                for i in range(dout.shape[2]):
                    for j in range(dout.shape[3]):
                        top, left = i * step, j * (1 if change == "down only" else step)
                        window = x_pad[n, :, top : top + HH, left : left + WW]
                        if change == "assign":
                            dw[f] = window * dout[n, f, i, j]
                        elif change == "times w":
                            dw[f] += w[f] * dout[n, f, i, j]
                        else:
                            dw[f] += window * dout[n, f, i, j]
        return dw / len(x) if change == "mean" else dw

    return conv_backward_dw


def pictures(change):
    """dx by four loops, with one thing changed."""

    def conv_backward_dx(dout, x, w, conv_param):
        stride, pad = conv_param["stride"], conv_param["pad"]
        H, W = x.shape[2:]
        HH, WW = w.shape[2:]
        dx_pad = np.zeros_like(x if change == "no pad" else _padded(x, pad))
        step = 1 if change == "no stride" else stride
        for n in range(dout.shape[0]):
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    for f in range(dout.shape[1]):
                        place = np.s_[n, :, i * step : i * step + HH, j * step : j * step + WW]
                        kernel = np.flip(w[f], (1, 2)) if change == "flip" else w[f]
                        if change == "assign":
                            dx_pad[place] = kernel * dout[n, f, i, j]
                        else:
                            dx_pad[place] += kernel * dout[n, f, i, j]
        if change in ("no crop", "no pad"):
            return dx_pad
        if change == "crop behind":
            return dx_pad[:, :, :H, :W]
        if change == "minus pad":
            return dx_pad[:, :, pad:-pad, pad:-pad]
        return dx_pad[:, :, pad : pad + H, pad : pad + W]

    return conv_backward_dx


for change, name in [
    ("assign", "dw_of_the_last_window"), ("new each example", "dw_of_the_last_example"),
    ("times w", "dw_times_w"), ("mean", "dw_averaged"), ("no stride", "dw_stride_ignored"),
    ("down only", "dw_stride_down_only"),
    ("no pad", "padding_forgotten"),
]:  # fmt: skip
    wrong("conv_backward_dw", name)(filters(change))


for change, name in [
    ("assign", "dx_overwritten_by_each_filter"), ("flip", "dx_kernel_flipped"),
    ("no crop", "dx_not_cropped"), ("crop behind", "dx_cropped_at_one_end"),
    ("minus pad", "dx_empty_without_padding"), ("no stride", "dx_stride_ignored"),
    ("no pad", "padding_forgotten"),
]:  # fmt: skip
    wrong("conv_backward_dx", name)(pictures(change))


@wrong("conv_backward_dx", "dx_overwritten")
def conv_backward_dx(dout, x, w, conv_param):
    s, pad = conv_param["stride"], conv_param["pad"]
    big = np.zeros_like(_padded(x, pad))
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            share = np.einsum("nf,fcuv->ncuv", dout[:, :, i, j], w)
            big[:, :, i * s : i * s + w.shape[2], j * s : j * s + w.shape[3]] = share
    return big[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]]


def both(dw="", dx="", order=(0, 1, 2)):
    """The whole backward pass, from parts of which one may be wrong."""

    def conv_backward_naive(dout, cache):
        x, w, *_, conv_param = cache
        found = (
            pictures(dx)(dout, x, w, conv_param), filters(dw)(dout, x, w, conv_param),
            dout.sum((0, 2, 3)),
        )  # fmt: skip
        return tuple(found[i] for i in order)

    return conv_backward_naive


wrong("conv_backward_naive", "dx_not_cropped")(both(dx="no crop"))


wrong("conv_backward_naive", "dx_empty_without_padding")(both(dx="minus pad"))


wrong("conv_backward_naive", "dw_of_the_last_window")(both(dw="assign"))


wrong("conv_backward_naive", "dw_averaged", "dx_kernel_flipped")(both(dw="mean", dx="flip"))


wrong("conv_backward_naive", "dw_and_dx_swapped")(both(order=(1, 0, 2)))


wrong("conv_backward_naive", "db_and_dw_swapped")(both(order=(0, 2, 1)))


@wrong("true_convolution", "not_flipped")
def true_convolution(x, k):
    kh, kw = k.shape
    big = np.pad(x, ((kh - 1, kh - 1), (kw - 1, kw - 1)))
    rows, columns = big.shape[0] - kh + 1, big.shape[1] - kw + 1
    return np.array(
        [[np.sum(big[i : i + kh, j : j + kw] * k) for j in range(columns)] for i in range(rows)]
    )


@wrong("true_convolution", "around_the_corner")
def true_convolution(x, k):
    if k.size > x.size:
        x, k = k, x
    return np.real(np.fft.ifft2(np.fft.fft2(x) * np.fft.fft2(k, x.shape)))


@wrong("true_convolution", "transposed")
def true_convolution(x, k):
    k = k.T
    kh, kw = k.shape
    big = np.pad(x, ((kh - 1, kh - 1), (kw - 1, kw - 1)))
    rows, columns = big.shape[0] - kh + 1, big.shape[1] - kw + 1
    return np.array(
        [[np.sum(big[i : i + kh, j : j + kw] * k) for j in range(columns)] for i in range(rows)]
    )


@wrong("from_tensorflow", "both_reshaped")
def from_tensorflow(x, w):
    n, h, width, c = x.shape
    kh, kw, ins, outs = w.shape
    return x.reshape(n, c, h, width), w.reshape(outs, ins, kh, kw)


@wrong("from_tensorflow", "filters_on_their_side")
def from_tensorflow(x, w):
    return np.moveaxis(x, 3, 1), w.T


@wrong("from_tensorflow", "input_channels_first")
def from_tensorflow(x, w):
    return np.moveaxis(x, 3, 1), np.moveaxis(w, (2, 3), (0, 1))
