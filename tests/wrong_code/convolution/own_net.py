"""Notebook 10: a net of one's own with slips in weights, norm, way back and results."""

import types

import numpy as np
from wrong_code import wrong
from wrong_code.convolution.windows import forward

from course_utils import layers

ALL = ("W1", "W2", "W3")


class Net:
    """The net written out in the classic way, with places for slips."""

    momentum, start_var = 0.9, 0.0
    conv = staticmethod(layers.conv_forward_naive)

    def __init__(self, input_dim=(3, 32, 32), num_filters=32, filter_size=7, hidden_dim=100,
                 num_classes=10, weight_scale=1e-3, reg=0.0, dtype=np.float32, seed=None,
                 use_batchnorm=False):  # fmt: skip
        self.reg, self.dtype, self.normed = reg, dtype, use_batchnorm
        self.pad = self.padding(filter_size)
        self.bn_param = {"mode": "train", "momentum": self.momentum}
        self.bn_param |= {"running_var": np.ones(num_filters, dtype)} if self.start_var else {}
        rng, (c, h, w) = self.generator(seed), input_dim
        rows = self.rows(num_filters, h, w, filter_size)
        shapes = {"W1": (num_filters, c, filter_size, filter_size), "W2": (rows, hidden_dim),
                  "W3": (hidden_dim, num_classes)}  # fmt: skip
        self.params = {n: self.draw(rng, n, s, weight_scale) for n, s in shapes.items()}
        self.params |= {"b1": np.zeros(num_filters), "b2": np.zeros(hidden_dim),
                        "b3": np.zeros(num_classes)}  # fmt: skip
        if use_batchnorm:
            self.params |= {"gamma1": np.ones(num_filters), "beta1": np.zeros(num_filters)}
        self.params = {name: self.cast(value) for name, value in self.params.items()}

    def padding(self, size):
        return (size - 1) // 2

    def map(self, side, size):
        return side + 2 * self.pad - size + 1

    def rows(self, filters, h, w, size):
        return filters * (self.map(h, size) // 2) * (self.map(w, size) // 2)

    def generator(self, seed):
        return np.random.default_rng(seed)

    def draw(self, rng, name, shape, scale):
        return rng.normal(0, scale, shape)

    def cast(self, value):
        return value.astype(self.dtype)

    def take(self, X):
        return X.astype(self.dtype)

    def mode(self, y):
        return "test" if y is None else "train"

    def pool(self, h):
        return layers.max_pool_forward_naive(
            h, {"pool_height": 2, "pool_width": 2, "stride": 2}
        )

    def relu_back(self, d, cache, which):
        return layers.relu_backward(d, cache)

    def norm_back(self, d, cache, convolved):
        return layers.spatial_batchnorm_backward(d, cache)

    def give(self, scores):
        return scores

    def penalty(self, loss, grads):
        for name in ALL:
            loss += 0.5 * self.reg * np.sum(self.params[name] ** 2)
            grads[name] = grads[name] + self.reg * self.params[name]
        return loss, grads

    def finish(self, loss, grads):
        return loss, grads

    def loss(self, X, y=None):
        p = self.params
        h, conv = self.conv(
            self.take(X), p["W1"], p["b1"], {"stride": 1, "pad": self.pad}
        )
        convolved = h
        if self.normed:
            self.bn_param["mode"] = self.mode(y)
            h, norm = layers.spatial_batchnorm_forward(h, p["gamma1"], p["beta1"], self.bn_param)
        h, relu1 = layers.relu_forward(h)
        self.signs = convolved > 0
        h, pooled = self.pool(h)
        h, affine2 = layers.affine_forward(h, p["W2"], p["b2"])
        h, relu2 = layers.relu_forward(h)
        scores, affine3 = layers.affine_forward(h, p["W3"], p["b3"])
        if y is None:
            return self.give(scores)
        loss, d = layers.softmax_loss(scores, y)
        grads = {}
        d, grads["W3"], grads["b3"] = layers.affine_backward(d, affine3)
        d = self.relu_back(d, relu2, 2)
        d, grads["W2"], grads["b2"] = layers.affine_backward(d, affine2)
        d = self.relu_back(layers.max_pool_backward_naive(d, pooled), relu1, 1)
        if self.normed:
            d, grads["gamma1"], grads["beta1"] = self.norm_back(d, norm, convolved)
        _, grads["W1"], grads["b1"] = layers.conv_backward_naive(d, conv)
        return self.finish(*self.penalty(loss, grads))


def net(name, *more, **slips):
    wrong("ThreeLayerConvNet", name, *more)(type("ThreeLayerConvNet", (Net,), slips))


net("pooling_left_out_of_the_size",
    rows=lambda self, f, h, w, k: f * self.map(h, k) * self.map(w, k))  # fmt: skip
net("rounded_at_the_end",
    rows=lambda self, f, h, w, k: f * self.map(h, k) * self.map(w, k) // 4)  # fmt: skip
net("square_pictures", rows=lambda self, f, h, w, k: f * (self.map(h, k) // 2) ** 2)
net("square_pictures_by_width", rows=lambda self, f, h, w, k: f * (self.map(w, k) // 2) ** 2)
net("pictures_of_32", rows=lambda self, f, h, w, k: f * 16 * 16)
net("padded_too_much_by_torch", padding=lambda self, size: size // 2)
net("pooled_at_every_place_by_torch",
    rows=lambda self, f, h, w, k: f * (self.map(h, k) - 1) * (self.map(w, k) - 1),
    pool=lambda self, h: layers.max_pool_forward_naive(
        h, {"pool_height": 2, "pool_width": 2, "stride": 1}))  # fmt: skip

net("weights_all_positive", draw=lambda self, rng, name, shape, scale: scale * rng.random(shape))
net("uniform_weights",
    draw=lambda self, rng, name, shape, scale: rng.uniform(-scale, scale, shape))  # fmt: skip
net("weight_scale_not_read", draw=lambda self, rng, name, shape, scale: rng.normal(0, 1e-3, shape))
net("filters_of_another_scale", draw=lambda self, rng, name, shape, scale: rng.normal(
    0, 1e-3 if name == "W1" else scale, shape))  # fmt: skip
net("filters_of_unit_scale", draw=lambda self, rng, name, shape, scale: rng.normal(
    0, 1 if name == "W1" else scale, shape))  # fmt: skip
net("zero_taken_for_no_seed", generator=lambda self, seed: np.random.default_rng(seed or None))
net("none_taken_for_a_seed", generator=lambda self, seed: np.random.default_rng(seed or 0))
net("seed_fixed", generator=lambda self, seed: np.random.default_rng(0))
net("some_parameters_wider",
    cast=lambda self, value: value.astype(self.dtype) if value.ndim > 1 else value)  # fmt: skip
net("pictures_scaled", take=lambda self, X: X.astype(self.dtype) / (
    255 if X.dtype.kind in "iu" else 1))  # fmt: skip
net("maps_of_whole_numbers",
    conv=staticmethod(lambda *a: (forward()(*a)[0], layers.conv_forward_naive(*a)[1])),
    take=lambda self, X: X if X.dtype.kind in "iu" else X.astype(self.dtype))  # fmt: skip
net("wider_gradients",
    finish=lambda self, loss, g: (loss, {n: v.astype(float) for n, v in g.items()}))  # fmt: skip
net("some_gradients_wider",
    finish=lambda self, loss, g: (loss, g | {"b3": g["b3"].astype(float)}))  # fmt: skip

net("statistics_move_fast", momentum=0.1)
net("statistics_move_slowly", momentum=0.99)
net("variance_starts_at_one", start_var=1.0)
net("never_trains", mode=lambda self, y: "test")
net("first_relu_not_on_the_way_back", relu_back=lambda self, d, cache, which: (
    d if which == 1 else layers.relu_backward(d, cache)))  # fmt: skip
net("second_relu_not_on_the_way_back", relu_back=lambda self, d, cache, which: (
    d if which == 2 else layers.relu_backward(d, cache)))  # fmt: skip
net("no_relu_on_the_way_back", relu_back=lambda self, d, cache, which: d)
net("relu_back_by_the_convolution", relu_back=lambda self, d, cache, which: (
    d * self.signs if which == 1 else layers.relu_backward(d, cache)))  # fmt: skip
net("gives_probabilities", give=lambda self, s: np.exp(s) / np.exp(s).sum(1, keepdims=True))
net("gives_classes", give=lambda self, s: s.argmax(1))
net("gradients_first", finish=lambda self, loss, g: (g, loss))
net("loss_alone", finish=lambda self, loss, g: loss)
net("keys_with_a_d", finish=lambda self, loss, g: (loss, {f"d{n}": v for n, v in g.items()}))
net("norm_gradients_missing", finish=lambda self, loss, g: (
    loss, {n: v for n, v in g.items() if n not in ("gamma1", "beta1")}))  # fmt: skip


def step(self, loss, grads):
    for name in grads:
        self.params[name] -= (0.1 * grads[name]).astype(self.dtype)
    return loss, grads


net("params_changed", finish=step)


def penalised(in_loss=ALL, in_gradient=ALL, share=0.5):
    def penalty(self, loss, grads):
        for name in in_loss:
            loss += share * self.reg * np.sum(self.params.get(name, np.zeros(1)) ** 2)
        for name in in_gradient:
            if name in grads:
                grads[name] = grads[name] + 2 * share * self.reg * self.params[name]
        return loss, grads

    return penalty


for name, names in [
    ("filters_not_penalised", ("W2", "W3")), ("w2_not_penalised", ("W1", "W3")),
    ("w3_not_penalised", ("W1", "W2")), ("gamma_penalised", (*ALL, "gamma1")),
]:  # fmt: skip
    net(name, penalty=penalised(names, names))

for name, names in [
    ("filters_not_pulled", ("W2", "W3")), ("w2_not_pulled", ("W1", "W3")),
    ("w3_not_pulled", ("W1", "W2")),
]:  # fmt: skip
    net(name, penalty=penalised(ALL, names))

net("w3_not_penalised_and_no_half", penalty=penalised(("W1", "W2"), ("W1", "W2"), 1.0))


@wrong("ThreeLayerConvNet", "norm_always_there")
class ThreeLayerConvNet(Net):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        filters = len(self.params["b1"])
        self.params.setdefault("gamma1", np.ones(filters, self.dtype))
        self.params.setdefault("beta1", np.zeros(filters, self.dtype))


@wrong("ThreeLayerConvNet", "first_lambda_kept")
class ThreeLayerConvNet(Net):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.kept = self.reg

    def penalty(self, loss, grads):
        now, self.reg = self.reg, self.kept
        found = super().penalty(loss, grads)
        self.reg = now
        return found


@wrong("ThreeLayerConvNet", "first_arrays_kept")
class ThreeLayerConvNet(Net):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.own = dict(self.params)

    def loss(self, X, y=None):
        shown, self.params = self.params, self.own
        found = super().loss(X, y)
        self.params = shown
        return found


@wrong("ThreeLayerConvNet", "params_copied_once")
class ThreeLayerConvNet(Net):
    own = None

    def loss(self, X, y=None):
        self.own = self.own or {name: value.copy() for name, value in self.params.items()}
        shown, self.params = self.params, self.own
        found = super().loss(X, y)
        self.params = shown
        return found


@wrong("ThreeLayerConvNet", "statistics_shared")
class ThreeLayerConvNet(Net):
    # A dict here would be seen as something kept between calls where there is time to look.
    shared = types.SimpleNamespace()

    def loss(self, X, y=None):
        name = f"of {len(self.params['b1'])} filters"
        self.bn_param = vars(self.shared).setdefault(name, self.bn_param)
        return super().loss(X, y)


@wrong("ThreeLayerConvNet", "no_norm")
class ThreeLayerConvNet(Net):
    def loss(self, X, y=None):
        normed, self.normed = self.normed, False
        found = super().loss(X, y)
        self.normed = normed
        if y is not None and normed:
            zeros = {n: np.zeros_like(self.params[n]) for n in ("gamma1", "beta1")}
            found = found[0], found[1] | zeros
        return found


@wrong("ThreeLayerConvNet", "filter_biases_averaged")
class ThreeLayerConvNet(Net):
    def finish(self, loss, grads):
        return loss, grads | {"b1": grads["b1"] / self.signs[0, 0].size}


@wrong("ThreeLayerConvNet", "zeros_taken_for_no_labels")
class ThreeLayerConvNet(Net):
    def loss(self, X, y=None):
        return super().loss(X, y if np.any(y) else None)


@wrong("ThreeLayerConvNet", "labels_asked_for_truth")
class ThreeLayerConvNet(Net):
    def loss(self, X, y=None):
        return super().loss(X, y or None)


@wrong("ThreeLayerConvNet", "padded_too_much_by_torch", "seeded_in_every_layer")
class ThreeLayerConvNet(Net):
    def padding(self, size):
        return size // 2

    def generator(self, seed):
        self.seed = seed

    def draw(self, rng, name, shape, scale):
        return np.random.default_rng(self.seed).normal(0, scale, shape)
