"""Notebook 08: nets of one's own as people really write them wrong, one part at a time."""

import numpy as np
from wrong_code import wrong

from course_utils import layers


class Net:
    """A net in the form of the classic assignments, cut into parts that can each be wrong."""

    def __init__(self, hidden_dims, input_dim=3072, num_classes=10, dropout_keep_ratio=1,
                 normalization=None, reg=0.0, weight_scale=1e-2, dtype=np.float32,
                 seed=None):  # fmt: skip
        self.kind, self.reg, self.keep, self.dtype = normalization, reg, dropout_keep_ratio, dtype
        self.hidden, self.seed = list(hidden_dims), seed
        self.rng = self.generator(seed)
        self.params = {}
        sizes = [input_dim, *hidden_dims, num_classes]
        for i, (n, m) in enumerate(zip(sizes[:-1], sizes[1:], strict=True), 1):
            self.params[f"W{i}"] = self.draw(n, m, weight_scale)
            self.params[f"b{i}"] = np.zeros(m)
            if normalization and i <= len(self.hidden):
                self.params[f"gamma{i}"], self.params[f"beta{i}"] = self.gamma(m), np.zeros(m)
        self.params = {name: value.astype(dtype) for name, value in self.params.items()}
        self.states = [{"momentum": 0.9} for _ in self.hidden]

    def generator(self, seed):
        return np.random.default_rng(seed)

    def draw(self, n, m, scale):
        return self.rng.normal(0, scale, (n, m))

    def gamma(self, m):
        return np.ones(m)

    def rows(self, X):
        return X.astype(self.dtype).reshape(len(X), -1)

    def modes(self, mode):
        for state in self.states:
            state["mode"] = mode

    def drop(self, h, mode, i):
        """What is left of h, and what the gradient is multiplied with."""
        if mode == "test" or self.keep == 1:
            return h, 1
        mask = ((self.rng.random(h.shape) < self.keep) / self.keep).astype(h.dtype)
        return h * mask, mask

    def answer(self, scores):
        return scores

    def cost(self, scores, y):
        return layers.softmax_loss(scores, y)

    def penalty(self, loss, grads):
        for name in [name for name in self.params if name.startswith("W")]:
            loss += 0.5 * self.reg * np.sum(self.params[name] ** 2)
            grads[name] = grads[name] + self.reg * self.params[name]
        return loss

    def loss(self, X, y=None):
        mode = "test" if y is None else "train"
        self.modes(mode)
        p, caches, last = self.params, [], len(self.hidden) + 1
        h = self.rows(X)
        for i in range(1, last):
            h, affine = layers.affine_forward(h, p[f"W{i}"], p[f"b{i}"])
            norm = None
            if self.kind:
                forward = getattr(layers, f"{self.kind}_forward")
                h, norm = forward(h, p[f"gamma{i}"], p[f"beta{i}"], self.states[i - 1])
            h, relu = layers.relu_forward(h)
            h, mask = self.drop(h, mode, i)
            caches.append((affine, norm, relu, mask))
        scores, affine = layers.affine_forward(h, p[f"W{last}"], p[f"b{last}"])
        if y is None:
            return self.answer(scores)
        loss, d = self.cost(scores, y)
        grads = {}
        d, grads[f"W{last}"], grads[f"b{last}"] = layers.affine_backward(d, affine)
        for i in range(last - 1, 0, -1):
            affine, norm, relu, mask = caches[i - 1]
            d = layers.relu_backward(d * mask, relu)
            if self.kind:
                backward = getattr(layers, f"{self.kind}_backward")
                d, grads[f"gamma{i}"], grads[f"beta{i}"] = backward(d, norm)
            d, grads[f"W{i}"], grads[f"b{i}"] = layers.affine_backward(d, affine)
        return self.penalty(loss, grads), grads


def net(*identities):
    """Enter a subclass of Net under these names."""
    return wrong("FullyConnectedNet", *identities)


def drawn_with(identity, draw):
    @net(identity)
    class FullyConnectedNet(Net):
        def draw(self, n, m, scale):
            return draw(self.rng, n, m, scale)


drawn_with("weights_of_unit_scale", lambda rng, n, m, scale: rng.normal(size=(n, m)))
drawn_with("deviation_of_he", lambda rng, n, m, scale: rng.normal(0, (2 / n) ** 0.5, (n, m)))
drawn_with("deviation_of_xavier", lambda rng, n, m, scale: rng.normal(0, n**-0.5, (n, m)))
drawn_with("scale_over_the_root", lambda rng, n, m, scale: rng.normal(0, scale / n**0.5, (n, m)))
drawn_with("uniform_weights", lambda rng, n, m, scale: rng.uniform(-scale, scale, (n, m)))
drawn_with("weights_all_positive", lambda rng, n, m, scale: scale * rng.random((n, m)))
drawn_with("seed_fixed", lambda rng, n, m, scale: np.random.default_rng(0).normal(0, scale, (n, m)))


@net("seeded_in_every_layer")
class FullyConnectedNet(Net):
    def draw(self, n, m, scale):
        return np.random.default_rng(self.seed).normal(0, scale, (n, m))


@net("gamma_drawn")
class FullyConnectedNet(Net):
    def gamma(self, m):
        return 1 + 0.01 * self.rng.normal(size=m)


@net("gamma_at_zero")
class FullyConnectedNet(Net):
    def gamma(self, m):
        return np.zeros(m)


@net("zero_taken_for_no_seed")
class FullyConnectedNet(Net):
    def generator(self, seed):
        return np.random.default_rng(seed) if seed else np.random.default_rng()


@net("none_taken_for_a_seed")
class FullyConnectedNet(Net):
    def generator(self, seed):
        return np.random.default_rng(seed or 0)


@net("wider_inputs", "wider_gradients")
class FullyConnectedNet(Net):
    def rows(self, X):
        return X.reshape(len(X), -1)


@net("images_not_flattened")
class FullyConnectedNet(Net):
    def loss(self, X, y=None):
        if np.ndim(X) != 2:
            raise ValueError("examples should be rows")
        return super().loss(X, y)


@net("stops_without_hidden_layer")
class FullyConnectedNet(Net):
    def __init__(self, hidden_dims, *arguments, **named):
        self.width = hidden_dims[0]
        super().__init__(hidden_dims, *arguments, **named)


@net("params_not_read")
class FullyConnectedNet(Net):
    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.own = dict(self.params)

    def loss(self, X, y=None):
        given, self.params = self.params, self.own
        found = super().loss(X, y)
        self.params = given
        return found


@net("norm_gradients_missing")
class FullyConnectedNet(Net):
    def loss(self, X, y=None):
        found = super().loss(X, y)
        if y is None:
            return found
        loss, grads = found
        return loss, {n: g for n, g in grads.items() if not n.startswith(("gamma", "beta"))}


@net("probabilities_for_scores")
class FullyConnectedNet(Net):
    def answer(self, scores):
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)


@net("softmax_overflows")
class FullyConnectedNet(Net):
    def cost(self, scores, y):
        with np.errstate(all="ignore"):
            powers = np.exp(scores)
            p = powers / powers.sum(axis=1, keepdims=True)
            loss = -np.log(p[np.arange(len(y)), y]).mean()
        p[np.arange(len(y)), y] -= 1
        return loss, p / len(y)


@net("summed_over_the_batch")
class FullyConnectedNet(Net):
    def cost(self, scores, y):
        loss, d = layers.softmax_loss(scores, y)
        return len(y) * loss, len(y) * d


@net("gradient_summed_over_the_batch")
class FullyConnectedNet(Net):
    def cost(self, scores, y):
        loss, d = layers.softmax_loss(scores, y)
        return loss, len(y) * d


# Norms.


def in_modes(identity, modes):
    @net(identity)
    class FullyConnectedNet(Net):
        def modes(self, mode):
            for state in self.states:
                state.setdefault("mode", "train")
            modes(self.states, mode)


in_modes("first_norm_alone_predicts", lambda all, mode: [s.update(mode=mode) for s in all[:1]])
in_modes("last_norm_alone_predicts", lambda all, mode: [s.update(mode=mode) for s in all[-1:]])


@net("norm_forgets")
class FullyConnectedNet(Net):
    def modes(self, mode):
        self.states = [{"mode": mode} for _ in self.hidden]


@net("momentum_of_torch")
class FullyConnectedNet(Net):
    def modes(self, mode):
        for state in self.states:
            state.update(mode=mode, momentum=0.1)


@net("running_variance_from_one")
class FullyConnectedNet(Net):
    def modes(self, mode):
        for state, width in zip(self.states, self.hidden, strict=True):
            state.setdefault("running_var", np.ones(width, self.dtype))
            state["mode"] = mode


@net("unbiased_running_variance")
class FullyConnectedNet(Net):
    def loss(self, X, y=None):
        old = [np.array(state.get("running_var", 0.0)) for state in self.states]
        found = super().loss(X, y)
        if y is not None and self.kind == "batchnorm":
            n = len(X)
            for state, before in zip(self.states, old, strict=True):
                new = (state["running_var"] - 0.9 * before) * n / (n - 1)
                state["running_var"] = (0.9 * before + new).astype(self.dtype)
        return found


@net("predictions_move_the_statistics")
class FullyConnectedNet(Net):
    def loss(self, X, y=None):
        if y is None:
            super().loss(X, np.zeros(len(X), int))
        return super().loss(X, y)


# Dropout.


def dropping(identity, drop):
    @net(identity)
    class FullyConnectedNet(Net):
        def drop(self, h, mode, i):
            if self.keep == 1:
                return h, 1
            kept = (self.rng.random(h.shape) < self.keep).astype(h.dtype)
            out, way_back = drop(self, h, kept, mode, i)
            return out.astype(h.dtype), way_back


def unless(there):
    """Dropout where `there` says so."""

    def drop(net, h, kept, mode, i):
        factor = kept / net.keep
        return (h * factor, factor) if there(net, mode, i) else (h, 1)

    return drop


dropping("drops_while_it_predicts", unless(lambda net, mode, i: True))
dropping("dropped_behind_one_layer", unless(lambda net, mode, i: mode == "train" and i == 1))
dropping("dropped_behind_the_last_alone", unless(lambda net, mode, i: mode == "train" and i == 2))
dropping("kept_units_not_scaled",
         lambda net, h, kept, mode, i: (h * kept, kept) if mode == "train" else (h, 1))  # fmt: skip
dropping("scaled_in_test_mode",
         lambda net, h, kept, mode, i:
         (h * kept, kept) if mode == "train" else (h * net.keep, 1))  # fmt: skip
dropping("mask_without_its_factor",
         lambda net, h, kept, mode, i:
         (h * kept / net.keep, kept) if mode == "train" else (h, 1))  # fmt: skip
dropping("whole_layers_dropped",
         lambda net, h, kept, mode, i:
         unless(lambda net, mode, i: mode == "train")(net, h, kept[:, :1], mode, i))  # fmt: skip


@net("wider_gradients_behind_dropout")
class FullyConnectedNet(Net):
    def drop(self, h, mode, i):
        if mode == "test" or self.keep == 1:
            return h, 1
        mask = (self.rng.random(h.shape) < self.keep) / self.keep
        return h * mask, mask


@net("input_dropped_too")
class FullyConnectedNet(Net):
    def loss(self, X, y=None):
        if y is not None and self.keep < 1:
            X = X * (self.rng.random(X.shape) < self.keep) / self.keep
        return super().loss(X, y)


# The penalty.


def penalised(identity, change):
    """A net whose penalty is that of (loss, grads, params, λ, examples) `change`."""

    @net(identity)
    class FullyConnectedNet(Net):
        def __init__(self, *arguments, **named):
            super().__init__(*arguments, **named)
            self.first_reg = self.reg

        def loss(self, X, y=None):
            self.n = len(X)
            return super().loss(X, y)

        def penalty(self, loss, grads):
            names = [name for name in self.params if name.startswith("W")]
            for i, name in enumerate(names, 1):
                W = self.params[name]
                added, pull = change(self, W, i == 1, i == len(names))
                loss += added
                grads[name] = (grads[name] + pull).astype(self.dtype)
            return loss


def square(W):
    return 0.5 * np.sum(W**2)


penalised("loss_without_half",
          lambda net, W, first, last: (2 * net.reg * square(W), net.reg * W))  # fmt: skip
penalised("gradient_doubled",
          lambda net, W, first, last: (net.reg * square(W), 2 * net.reg * W))  # fmt: skip
penalised("penalty_not_in_loss", lambda net, W, first, last: (0, net.reg * W))
penalised("norm_not_squared",
          lambda net, W, first, last:
          (0.5 * net.reg * np.linalg.norm(W), net.reg * W))  # fmt: skip
penalised("penalty_over_the_batch",
          lambda net, W, first, last:
          (net.reg * square(W) / net.n, net.reg * W / net.n))  # fmt: skip
penalised("last_weights_not_penalised",
          lambda net, W, first, last:
          (0, 0) if last else (net.reg * square(W), net.reg * W))  # fmt: skip
penalised("last_gradient_without_penalty",
          lambda net, W, first, last:
          (net.reg * square(W), 0 if last else net.reg * W))  # fmt: skip
penalised("last_weights_penalised_alone",
          lambda net, W, first, last:
          (net.reg * square(W), net.reg * W) if last else (0, 0))  # fmt: skip
penalised("first_weights_penalised_alone",
          lambda net, W, first, last:
          (net.reg * square(W), net.reg * W) if first else (0, 0))  # fmt: skip
penalised("first_lambda_kept",
          lambda net, W, first, last:
          (net.first_reg * square(W), net.first_reg * W))  # fmt: skip


@net("biases_penalised_without_half")
class FullyConnectedNet(Net):
    def penalty(self, loss, grads):
        for name in [n for n in self.params if n[0] == "W" or n[0] == "b" and n[1:].isdigit()]:
            loss += self.reg * np.sum(self.params[name] ** 2)
            grads[name] = grads[name] + 2 * self.reg * self.params[name]
        return loss
