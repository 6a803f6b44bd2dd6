"""Notebook 10: padding at another end, filters on their side, results in another type, and norms
whose statistics stay or move when they should not."""

import numpy as np
from wrong_code import wrong
from wrong_code.convolution.own_net import Net
from wrong_code.convolution.windows import ends, forward


def entered(exercise, identity, code):
    code.__name__ = exercise
    wrong(exercise, identity)(code)


entered("conv_forward_naive", "padding_in_front", forward(
    pads=ends(lambda p: 2 * p, lambda p: 0)
))  # fmt: skip
entered("conv_forward_naive", "padding_counted_once", forward(
    pads=ends(lambda p: p, lambda p: 0)
))  # fmt: skip


def turned(identity, biased):
    def conv_forward_naive(x, w, b, conv_param):
        turned = forward()
        out, _ = turned(x, w.swapaxes(2, 3), b if biased else 0 * b, conv_param)
        return out, (x, w, b, conv_param)

    entered("conv_forward_naive", identity, conv_forward_naive)


turned("kernel_transposed", True)
turned("kernel_transposed_without_bias", False)


@wrong("conv_forward_naive", "in_the_type_of_the_filters")
def conv_forward_naive(x, w, b, conv_param):
    out, cache = forward(dtype=w.dtype)(x, w, b, conv_param)
    return out, cache


@wrong("conv_backward_db", "db_reshaped")
def conv_backward_db(dout):
    return dout.reshape(dout.shape[1], -1).sum(1)


ON_BOTH_SIDES = ends(lambda p: p, lambda p: p)


def filters(identity, pads=ON_BOTH_SIDES, apart=1, square=False):
    """dw tap by tap; taps are `apart` (the stride where it is None), places the other."""

    def conv_backward_dw(dout, x, w, conv_param):
        stride, big = conv_param["stride"], pads(x, conv_param["pad"])
        tap, place = (apart, stride) if apart else (stride, 1)
        if not apart:
            big = np.pad(big, [(0, 0), (0, 0), (0, 99), (0, 99)])
        dw, (rows, columns) = np.zeros_like(w), dout.shape[2:]
        for u in range(w.shape[2]):
            for v in range(w.shape[2] if square else w.shape[3]):
                seen = big[:, :, u * tap :: place, v * tap :: place][:, :, :rows, :columns]
                share = np.einsum("nfij,ncij->fc", dout, seen)
                dw[:, :, u, v] = share
        return dw

    entered("conv_backward_dw", identity, conv_backward_dw)


filters("dw_padding_in_front", pads=ends(lambda p: 2 * p, lambda p: 0))
filters("dw_padding_not_of_zeros", pads=ends(lambda p: p, lambda p: p, "edge"))
filters("dw_stride_between_taps", apart=None)
filters("dw_height_for_width", square=True)


def pictures(identity, kernel=lambda w: w, cut=lambda dx, p, h, w: dx):
    def conv_backward_dx(dout, x, w, conv_param):
        s, p = conv_param["stride"], conv_param["pad"]
        n, c, height, width = x.shape
        big = np.zeros((n, c, height + 2 * p, width + 2 * p), x.dtype)
        for i, j in np.ndindex(dout.shape[2:]):
            place = np.s_[:, :, i * s : i * s + w.shape[2], j * s : j * s + w.shape[3]]
            big[place] += np.einsum("nf,fcuv->ncuv", dout[:, :, i, j], kernel(w)).astype(x.dtype)
        return cut(big, p, height, width)

    entered("conv_backward_dx", identity, conv_backward_dx)


pictures("dx_height_for_width", cut=lambda dx, p, h, w: dx[:, :, p : p + h, p : p + h])
pictures("dx_flipped_and_cropped_at_one_end", lambda w: w[:, :, ::-1, ::-1],
         lambda dx, p, h, w: dx[:, :, :h, :w])  # fmt: skip


@wrong("conv_backward_dx", "dx_where_x_is")
def conv_backward_dx(dout, x, w, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    big = np.zeros_like(np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)]))
    for i, j in np.ndindex(dout.shape[2:]):
        place = np.s_[:, :, i * s : i * s + w.shape[2], j * s : j * s + w.shape[3]]
        big[place] += np.einsum("nf,fcuv->ncuv", dout[:, :, i, j], w).astype(x.dtype)
    dx = big[:, :, p : p + x.shape[2], p : p + x.shape[3]]
    return np.where(x == 0, 0, dx).astype(x.dtype)


def pooled(identity, key):
    def max_pool_forward_naive(x, pool_param):
        height, width = pool_param["pool_height"], pool_param["pool_width"]
        s = pool_param[key]
        rows, columns = (x.shape[2] - height) // s + 1, (x.shape[3] - width) // s + 1
        out = np.zeros((*x.shape[:2], rows, columns), x.dtype)
        for i, j in np.ndindex(rows, columns):
            window = x[:, :, i * s : i * s + height, j * s : j * s + width]
            out[:, :, i, j] = window.max((2, 3))
        return out, (x, pool_param)

    wrong("max_pool_forward_naive", identity)(max_pool_forward_naive)


pooled("height_for_both_strides", "pool_height")
pooled("width_for_both_strides", "pool_width")


def unpooled(identity, place, counts=lambda largest: True):
    def max_pool_backward_naive(dout, cache):
        x, param = cache
        height, width, s = param["pool_height"], param["pool_width"], param["stride"]
        dx = np.zeros_like(x)
        for n, c, i, j in np.ndindex(dout.shape):
            window = x[n, c, i * s : i * s + height, j * s : j * s + width]
            u, v = place(window)
            if counts(window.max()):
                dx[n, c, i * s + u, j * s + v] += dout[n, c, i, j]
        return dx

    wrong("max_pool_backward_naive", identity)(max_pool_backward_naive)


unpooled("row_and_column_apart", lambda win: (win.max(1).argmax(), win.max(0).argmax()))
unpooled("only_positive_maxima", lambda win: np.unravel_index(win.argmax(), win.shape),
         lambda largest: largest > 0)  # fmt: skip


def norm(identity, before=None, after=None, finish=None):
    """A net whose norm is touched before or after each call."""

    class ThreeLayerConvNet(Net):
        def loss(self, X, y=None):
            kept = dict(self.bn_param)
            if before:
                before(self, X, y)
            found = super().loss(X, y)
            if after:
                after(self, kept)
            return found

        def finish(self, loss, grads):
            return finish(self, loss, grads) if finish else (loss, grads)

    if finish:
        ThreeLayerConvNet.__init__ = without_b1(ThreeLayerConvNet)
    wrong("ThreeLayerConvNet", identity)(ThreeLayerConvNet)


def without_b1(kind):
    def __init__(self, *arguments, **named):
        Net.__init__(self, *arguments, **named)
        if self.normed:
            del self.params["b1"]

    return __init__


def drop_b1(net, loss, grads):
    if net.normed:
        del grads["b1"]
    return loss, grads


def stays(name):
    def after(net, kept):
        if name in net.bn_param:
            net.bn_param[name] = kept.get(name, np.zeros_like(net.bn_param[name]))

    return after


def shrink_the_statistics(net, X, y):
    if y is None and net.normed and "running_mean" in net.bn_param:
        for name in ("running_mean", "running_var"):
            net.bn_param[name] = 0.9 * net.bn_param[name]


norm("variance_stays", after=stays("running_var"))
norm("mean_stays", after=stays("running_mean"))
norm("predictions_move_trained_statistics", before=shrink_the_statistics)
norm("no_bias_in_front_of_the_norm", finish=drop_b1)


def slid(x, k, other, more=0):
    big = np.pad(x, [(side - 1 + more,) * 2 for side in k.shape])
    found = np.lib.stride_tricks.sliding_window_view(big, other.shape)
    return np.tensordot(found, other, 2)


def mathematical(identity, how):
    def true_convolution(x, k):
        return how(x, k)

    wrong("true_convolution", identity)(true_convolution)


def inside_alone(x, k):
    out, (top, left) = np.zeros(np.add(x.shape, k.shape) - 1), np.subtract(k.shape, 1)
    if x.shape[0] > top and x.shape[1] > left:
        found = np.lib.stride_tricks.sliding_window_view(x, k.shape)
        found = np.tensordot(found, k[::-1, ::-1], 2)
        out[top : top + found.shape[0], left : left + found.shape[1]] = found
    return out


def transformed(x, k):
    size = np.add(x.shape, k.shape) - 1
    return np.fft.irfft2(np.fft.rfft2(x, size) * np.fft.rfft2(k, size))


mathematical("transposed_behind_the_padding", lambda x, k: slid(x, k, k.T))
mathematical("turned_by_90_behind_the_padding", lambda x, k: slid(x, k, np.rot90(k)))
mathematical("padded_by_the_whole_kernel", lambda x, k: slid(x, k, k[::-1, ::-1], 1))
mathematical("correlation_padded_by_the_whole_kernel", lambda x, k: slid(x, k, k, 1))
mathematical("zeros_where_it_sticks_out", inside_alone)
mathematical("inverse_without_the_size", transformed)
