"""Notebook 10: convolution, pooling and nets as people really write them wrong."""

import numpy as np

from course_utils import layers
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
wrong("conv_backward_naive", "dx_kernel_flipped", "dw_averaged")(both(dw="mean", dx="flip"))
wrong("conv_backward_naive", "dw_and_dx_swapped")(both(order=(1, 0, 2)))
wrong("conv_backward_naive", "db_and_dw_swapped")(both(order=(0, 2, 1)))


def pool(change):
    """Max pooling by four loops, with one thing changed."""

    def max_pool_forward_naive(x, pool_param):
        ph, pw, s = (pool_param[k] for k in ("pool_height", "pool_width", "stride"))
        if change == "swapped":
            ph, pw = pw, ph
        N, C, H, W = x.shape
        rows, columns = 1 + (H - ph) // s, 1 + (W - pw) // s
        if change == "ceil":
            rows, columns = 1 + int(np.ceil((H - ph) / s)), 1 + int(np.ceil((W - pw) / s))
        if change == "no plus one":
            rows, columns = rows - 1, columns - 1
        step = 1 if change == "no stride" else s
        over = np.mean if change == "mean" else np.max
        out = np.zeros((N, C, rows, columns), None if change == "zeros" else x.dtype)
        for n in range(N):
            for c in range(C):
                for i in range(rows):
                    for j in range(columns):
                        top, left = i * step, j * step
                        window = x[n, c, top : top + ph, left : left + pw]
                        if change == "channels":
                            window = x[n, :, top : top + ph, left : left + pw]
                        out[n, c, i, j] = over(window)
                        if change == "from zero":
                            out[n, c, i, j] = max([0, *window.ravel()])
        return out, (x, pool_param)

    return max_pool_forward_naive


for change, name in [
    ("mean", "averaged"), ("from zero", "starts_at_zero"), ("no stride", "stride_ignored"),
    ("channels", "channels_pooled_too"), ("no plus one", "one_window_too_few"),
    ("ceil", "rounded_up"), ("zeros", "wider_dtype"), ("swapped", "height_and_width_swapped"),
]:  # fmt: skip
    wrong("max_pool_forward_naive", name)(pool(change))


@wrong("max_pool_forward_naive", "window_for_stride")
def max_pool_forward_naive(x, pool_param):
    ph, pw = pool_param["pool_height"], pool_param["pool_width"]
    rows, columns = x.shape[2] // ph, x.shape[3] // pw
    x = x[:, :, : rows * ph, : columns * pw]
    return x.reshape(*x.shape[:2], rows, ph, columns, pw).max((3, 5)), None


def unpool(change):
    """Max pooling's way back by four loops, with one thing changed."""

    def max_pool_backward_naive(dout, cache):
        x, pool_param = cache
        ph, pw, s = (pool_param[k] for k in ("pool_height", "pool_width", "stride"))
        dx = np.zeros_like(x)
        for n in range(dout.shape[0]):
            for c in range(dout.shape[1]):
                for i in range(dout.shape[2]):
                    for j in range(dout.shape[3]):
                        place = np.s_[n, c, i * s : i * s + ph, j * s : j * s + pw]
                        window, d = x[place], dout[n, c, i, j]
                        mask = window == np.max(window)
                        first = np.unravel_index(np.argmax(window), window.shape)
                        if change == "mask":
                            dx[place] += mask * d
                        elif change == "shared":
                            dx[place] += mask * d / mask.sum()
                        elif change == "last":
                            r, k = np.argwhere(mask)[-1]
                            dx[place][r, k] += d
                        elif change == "assign mask":
                            one = np.zeros_like(window)
                            one[first] = d
                            dx[place] = one
                        elif change == "assign":
                            dx[place][first] = d
                        elif change == "average":
                            dx[place] += d / (ph * pw)
                        elif change == "value":
                            dx[place][first] += d * window.max()
                        elif change == "no dout":
                            dx[place][first] += 1
                        elif change == "rows":
                            r, k = divmod(int(np.argmax(window)), ph)
                            dx[n, c, i * s + r, j * s + k] += d
        return dx

    return max_pool_backward_naive


for change, name in [
    ("mask", "all_equal_values_get_it"), ("shared", "equal_values_share"),
    ("last", "last_of_equal_values"), ("assign mask", "overwritten"),
    ("assign", "last_window_wins"), ("average", "spread_evenly"), ("value", "times_the_maximum"),
    ("no dout", "dout_forgotten"), ("rows", "row_length_is_the_height"),
]:  # fmt: skip
    wrong("max_pool_backward_naive", name)(unpool(change))


def assemble(change):
    """The net written out in the classic way, with one thing changed by `change`."""

    class ThreeLayerConvNet:
        def __init__(self, input_dim=(3, 32, 32), num_filters=32, filter_size=7, hidden_dim=100,
                     num_classes=10, weight_scale=1e-3, reg=0.0, dtype=np.float32, seed=None,
                     use_batchnorm=False):  # fmt: skip
            self.reg, self.dtype, self.use_batchnorm = reg, dtype, use_batchnorm
            self.pad = (filter_size - 1) // 2
            C, H, W = input_dim
            rng = np.random.default_rng(None if change == "no seed" else seed)
            scale = np.sqrt(weight_scale) if change == "variance" else weight_scale
            kept = [side + 2 * self.pad - filter_size + 1 for side in (H, W)]
            if change == "assumed":
                kept = [H, W]
            if change == "valid":
                kept, self.pad = [H - filter_size + 1, W - filter_size + 1], 0
            flat = num_filters * (kept[0] // 2) * (kept[1] // 2)
            self.params = {
                "W1": scale * rng.standard_normal((num_filters, C, filter_size, filter_size)),
                "b1": np.zeros(num_filters),
                "W2": scale * rng.standard_normal((flat, hidden_dim)), "b2": np.zeros(hidden_dim),
                "W3": scale * rng.standard_normal((hidden_dim, num_classes)),
                "b3": np.zeros(num_classes),
            }  # fmt: skip
            if use_batchnorm:
                self.params["gamma1"] = np.ones(num_filters)
                self.params["beta1"] = np.zeros(num_filters)
            self.bn_param = {"mode": "train"}
            if change != "wider":
                for k, v in self.params.items():
                    self.params[k] = v.astype(dtype)

        def loss(self, X, y=None):
            if change != "wider X":
                X = X.astype(self.dtype)
            mode = "test" if y is None else "train"
            if change == "stays" and y is None:
                self.bn_param["mode"] = "test"
            elif change not in ("stays", "always train"):
                self.bn_param["mode"] = mode
            if change == "forgets":
                self.bn_param = {"mode": mode}
            p = self.params
            pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}
            out, conv = layers.conv_forward_naive(
                X, p["W1"], p["b1"], {"stride": 1, "pad": self.pad}
            )
            norm_first = change != "norm last"
            if self.use_batchnorm and norm_first:
                out, bn = layers.spatial_batchnorm_forward(
                    out, p["gamma1"], p["beta1"], self.bn_param
                )
            if change != "no first relu":
                out, relu1 = layers.relu_forward(out)
            if self.use_batchnorm and not norm_first:
                out, bn = layers.spatial_batchnorm_forward(
                    out, p["gamma1"], p["beta1"], self.bn_param
                )
            out, pooled = layers.max_pool_forward_naive(out, pool_param)
            out, fc2 = layers.affine_forward(out, p["W2"], p["b2"])
            if change != "no second relu":
                out, relu2 = layers.relu_forward(out)
            scores, fc3 = layers.affine_forward(out, p["W3"], p["b3"])
            if y is None:
                return scores
            loss, dout = layers.softmax_loss(scores, y)
            grads = {}
            dout, grads["W3"], grads["b3"] = layers.affine_backward(dout, fc3)
            if change != "no second relu":
                dout = layers.relu_backward(dout, relu2)
            dout, grads["W2"], grads["b2"] = layers.affine_backward(dout, fc2)
            dout = layers.max_pool_backward_naive(dout, pooled)
            if self.use_batchnorm and not norm_first:
                dout, grads["gamma1"], grads["beta1"] = layers.spatial_batchnorm_backward(dout, bn)
            if change != "no first relu":
                dout = layers.relu_backward(dout, relu1)
            if self.use_batchnorm and norm_first:
                dout, grads["gamma1"], grads["beta1"] = layers.spatial_batchnorm_backward(dout, bn)
            _, grads["W1"], grads["b1"] = layers.conv_backward_naive(dout, conv)
            names = {"filters free": ["W2", "W3"], "all": list(p)}.get(change, ["W1", "W2", "W3"])
            for name in names:
                factor = {"slides": 1.0, "loss without half": 1.0}.get(change, 0.5)
                loss += factor * self.reg * np.sum(p[name] ** 2)
                if change != "not in gradient":
                    pull = 2.0 if change in ("slides", "doubled") else 1.0
                    grads[name] = grads[name] + pull * self.reg * p[name]
            return loss, grads

    return ThreeLayerConvNet


for change, name in [
    ("assumed", "size_taken_as_kept"), ("valid", "shrinks_without_padding"),
    ("no seed", "seed_ignored"), ("variance", "scale_is_the_variance"),
    ("wider", "wider_parameters"), ("wider X", "wider_inputs"), ("stays", "stays_in_test_mode"),
    ("always train", "trains_while_it_predicts"), ("forgets", "norm_forgets"),
    ("norm last", "norm_after_the_relu"), ("no first relu", "no_relu_after_the_convolution"),
    ("no second relu", "no_relu_between_the_affine_layers"),
    ("filters free", "filters_not_penalised"), ("all", "everything_penalised"),
    ("slides", "penalty_without_half"), ("loss without half", "loss_without_half"),
    ("doubled", "gradient_doubled"), ("not in gradient", "penalty_not_in_gradient"),
]:  # fmt: skip
    wrong("ThreeLayerConvNet", name)(assemble(change))


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
