"""Notebook 10: pooling and a net of one's own as people really write them wrong."""

import numpy as np
from wrong_code import wrong

from course_utils import layers


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
            asked = y is None and not self.use_batchnorm
            if change != "wider X" and not (change == "wider scores" and asked):
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
    ("wider", "wider_parameters"), ("wider X", "wider_inputs"),
    ("wider scores", "wider_scores_without_norm"), ("stays", "stays_in_test_mode"),
    ("always train", "trains_while_it_predicts"), ("forgets", "norm_forgets"),
    ("norm last", "norm_after_the_relu"), ("no first relu", "no_relu_after_the_convolution"),
    ("no second relu", "no_relu_between_the_affine_layers"),
    ("filters free", "filters_not_penalised"), ("all", "everything_penalised"),
    ("slides", "penalty_without_half"), ("loss without half", "loss_without_half"),
    ("doubled", "gradient_doubled"), ("not in gradient", "penalty_not_in_gradient"),
]:  # fmt: skip
    wrong("ThreeLayerConvNet", name)(assemble(change))
