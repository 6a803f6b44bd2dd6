"""Notebook 11: sums at the wrong time, means where sums belong, a channel alone, signs, and the
rule of thumb."""

import numpy as np
from wrong_code import wrong
from wrong_code.fast_convolution.backward import gradients
from wrong_code.fast_convolution.columns import padded
from wrong_code.fast_convolution.transforms import sevens, split
from wrong_code.fast_convolution.two_at_once import by_tiles


def through(filters, join):
    """conv_fft with other transforms of the filters, another sum and the outputs at (0, 0)."""

    def conv_fft(x, w, b, pad):
        image = padded(x, pad)
        size, (kh, kw) = image.shape[2:], w.shape[2:]
        spectrum = join(np.fft.rfft2(image), filters(w, size), b)
        out = np.fft.irfft2(spectrum, s=size)[:, :, : size[0] - kh + 1, : size[1] - kw + 1]
        return out.astype(x.dtype)

    return conv_fft


def conjugated(w, size):
    return np.fft.rfft2(w, s=size).conj()


def turned(w, size):
    return np.fft.rfft2(w[:, :, ::-1, ::-1], s=size)


def with_bias(function):
    def conv_fft(x, w, b, pad):
        return function(x, w, b, pad) + b[:, None, None]

    return conv_fft


def product(X, W, b):
    return np.einsum("nchw,fchw->nfhw", X, W)


wrong("conv_fft", "channels_added_too_early")(
    with_bias(through(conjugated, lambda X, W, b: X.sum(1)[:, None] * W.sum(1)))
)
wrong("conv_fft", "turned_and_cut_from_the_corner")(with_bias(through(turned, product)))
wrong("conv_fft", "turned_and_cut_from_the_corner", "bias_at_every_frequency")(
    through(turned, lambda X, W, b: product(X, W, b) + b[:, None, None])
)


def averaged(*names, places=True):
    """conv_backward_strides with means in the place of sums."""

    def conv_backward_strides(dout, cache):
        dx, dw, db = gradients(dout, cache)
        images = len(dout)
        if "dw" in names:
            dw = dw / np.array(images, dw.dtype)
        if "db" in names:
            db = dout.mean((0, 2, 3)) if places else db / np.array(images, db.dtype)
        return dx, dw, db

    return conv_backward_strides


wrong("conv_backward_strides", "dw_averaged_over_images")(averaged("dw"))
wrong("conv_backward_strides", "db_averaged")(averaged("db"))
wrong("conv_backward_strides", "db_averaged_over_images")(averaged("db", places=False))
wrong("conv_backward_strides", "dw_averaged_over_images", "db_averaged")(averaged("dw", "db"))


@wrong("conv_backward_strides", "db_averaged_over_places")
def conv_backward_strides(dout, cache):
    dx, dw, _ = gradients(dout, cache)
    return dx, dw, dout.mean((2, 3)).sum(0)


@wrong("winograd_conv3x3", "first_channel_only")
def winograd_conv3x3(x, w, b, pad):
    return by_tiles(x[:, :1], w[:, :1], b, pad)


def subtracted(number):
    """Strassen's product in which M of this number is subtracted where it is to be added."""

    def strassen(A, B, leaf=64, product=np.matmul):
        def times(a, b, multiply):
            count = iter(range(1, 8))
            return sevens(a, b, lambda x, y: multiply(-x if next(count) == number else x, y))

        return split(A, B, leaf, product, times)

    return strassen


wrong("strassen", "third_product_negative")(subtracted(3))
wrong("strassen", "sixth_product_negative")(subtracted(6))


def by_the_rule(border):
    def im2col_bytes(x_shape, kh, kw, stride, pad, itemsize=4):
        N, C, H, W = x_shape
        ratio, more = kh * kw / stride**2, 2 * pad * border
        return int(ratio * (N * C * (H + more) * (W + more) * itemsize)), ratio

    return im2col_bytes


wrong("im2col_bytes", "rule_of_thumb_for_both_rounded")(by_the_rule(border=0))
wrong("im2col_bytes", "rule_of_thumb_and_padded_images")(by_the_rule(border=1))
