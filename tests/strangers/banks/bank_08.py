"""Strangers' programs for notebook 08: written from the learner's notebook only (form: see README.md beside the banks)."""
import copy
import math
import random
import statistics

import numpy as np
import torch
from torch import nn

RIGHT, WRONG, MORE = {}, [], []


def right(f):
    RIGHT[f.__name__] = f
    return f


def also(exercise, label):
    def keep(f):
        MORE.append((exercise, label, {f.__name__: f}))
        return f
    return keep


def wrong(exercise, label, says):
    def keep(f):
        WRONG.append((exercise, label, says, {f.__name__: f}))
        return f
    return keep


# ================================================================ layers (stand in for the notebook's `layers`)
def _bn_forward(x, gamma, beta, p):
    eps, m = p.get("eps", 1e-5), p.get("momentum", 0.9)
    old = [p.get(k, np.zeros(x.shape[1], x.dtype)) for k in ("running_mean", "running_var")]
    if p["mode"] == "train":
        mean, var = x.mean(0), x.var(0)
        p["running_mean"], p["running_var"] = (np.asarray(m * o + (1 - m) * v, x.dtype) for o, v in zip(old, (mean, var)))
    else:
        mean, var = old
    std = np.sqrt(var + eps)
    h = (x - mean) / std
    return gamma * h + beta, (h, std, gamma)


def _bn_backward(d, cache):
    h, std, gamma = cache
    dgamma, dbeta = (d * h).sum(0), d.sum(0)
    return gamma / std * (d - dbeta / len(d) - h * (dgamma / len(d))), dgamma, dbeta


def _ln_forward(x, gamma, beta, eps=1e-5):
    std = np.sqrt(x.var(1, keepdims=True) + eps)
    h = (x - x.mean(1, keepdims=True)) / std
    return gamma * h + beta, (h, std, gamma)


def _ln_backward(d, cache):
    h, std, gamma = cache
    g = d * gamma
    dx = (g - g.mean(1, keepdims=True) - h * (g * h).mean(1, keepdims=True)) / std
    return dx, (d * h).sum(0), d.sum(0)


def _softmax_loss(scores, y):
    z = scores - scores.max(1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(1, keepdims=True))
    d = np.exp(logp)
    d[np.arange(len(y)), y] -= 1
    return -logp[np.arange(len(y)), y].mean(), d / len(y)


# ================================================================ FullyConnectedNet
@right
class FullyConnectedNet:
    def __init__(self, hidden_dims, input_dim=3 * 32 * 32, num_classes=10, dropout_keep_ratio=1,
                 normalization=None, reg=0.0, weight_scale=1e-2, dtype=np.float32, seed=None):
        self.reg, self.dtype, self.keep, self.normalization = reg, np.dtype(dtype), dropout_keep_ratio, normalization
        self.rng = np.random.default_rng(seed)
        sizes = [input_dim, *hidden_dims, num_classes]
        self.num_layers = len(sizes) - 1
        self.params = {}
        for i, (a, b) in enumerate(zip(sizes, sizes[1:]), 1):
            self.params[f"W{i}"] = self.rng.normal(0, weight_scale, (a, b)).astype(dtype)
            self.params[f"b{i}"] = np.zeros(b, dtype)
            if normalization is not None and i < self.num_layers:
                self.params[f"gamma{i}"], self.params[f"beta{i}"] = np.ones(b, dtype), np.zeros(b, dtype)
        self.bn_params = [{"momentum": 0.9} for _ in hidden_dims]

    def loss(self, X, y=None):
        train, p = y is not None, self.params
        h, back = np.array(X, self.dtype).reshape(len(X), -1), []
        for i in range(1, self.num_layers + 1):
            h = self._affine(h, i, back)
            if i == self.num_layers:
                break
            if self.normalization is not None:
                h = self._norm(h, i, back, train)
            on = h > 0
            h = h * on
            back.append(lambda d, g, on=on: d * on)
            if train and self.keep < 1:
                mask = ((self.rng.random(h.shape) < self.keep) / self.keep).astype(self.dtype)
                h = h * mask
                back.append(lambda d, g, mask=mask: d * mask)
        if not train:
            return h.astype(self.dtype, copy=False)
        loss, d = _softmax_loss(h, np.asarray(y))
        grads = {}
        for step in reversed(back):
            d = step(d, grads)
        for i in range(1, self.num_layers + 1):
            W = p[f"W{i}"]
            loss += 0.5 * self.reg * np.sum(W * W)
            grads[f"W{i}"] = grads[f"W{i}"] + self.reg * W
        return float(loss), {k: v.astype(self.dtype, copy=False) for k, v in grads.items()}

    def _affine(self, x, i, back):
        W, b = self.params[f"W{i}"], self.params[f"b{i}"]

        def step(d, grads):
            grads[f"W{i}"], grads[f"b{i}"] = x.T @ d, d.sum(0)
            return d @ W.T

        back.append(step)
        return x @ W + b

    def _norm(self, x, i, back, train):
        gamma, beta = self.params[f"gamma{i}"], self.params[f"beta{i}"]
        if self.normalization == "batchnorm":
            state = self.bn_params[i - 1]
            state["mode"] = "train" if train else "test"
            out, cache = _bn_forward(x, gamma, beta, state)
            backward = _bn_backward
        else:
            out, cache = _ln_forward(x, gamma, beta)
            backward = _ln_backward

        def step(d, grads):
            d, grads[f"gamma{i}"], grads[f"beta{i}"] = backward(d, cache)
            return d

        back.append(step)
        return out


_FCN = FullyConnectedNet


@also("FullyConnectedNet", "torch does the gradients; running averages in lerp form")
class FullyConnectedNet:
    def __init__(self, hidden_dims, input_dim=3 * 32 * 32, num_classes=10, dropout_keep_ratio=1,
                 normalization=None, reg=0.0, weight_scale=1e-2, dtype=np.float32, seed=None):
        self.generator = np.random.default_rng(seed)
        self.dtype, self.reg, self.keep, self.norm = dtype, reg, dropout_keep_ratio, normalization
        self.hidden = tuple(hidden_dims)
        ends = (input_dim,) + self.hidden + (num_classes,)
        self.params = {}
        for k in range(len(ends) - 1):
            w = weight_scale * self.generator.standard_normal(size=ends[k:k + 2])
            self.params.update({f"W{k + 1}": w.astype(dtype), f"b{k + 1}": np.zeros(ends[k + 1], dtype=dtype)})
        for k, size in enumerate(self.hidden if normalization else (), 1):
            self.params[f"gamma{k}"] = np.full(size, 1, dtype=dtype)
            self.params[f"beta{k}"] = np.full(size, 0, dtype=dtype)
        self.running = [[torch.zeros(n, dtype=torch.float64), torch.zeros(n, dtype=torch.float64)] for n in self.hidden]

    def _scores(self, t, X, training):
        h = torch.from_numpy(np.asarray(X).astype(self.dtype).reshape(np.shape(X)[0], -1).copy())
        last = len(self.hidden) + 1
        for k in range(1, last):
            h = h @ t[f"W{k}"] + t[f"b{k}"]
            if self.norm == "layernorm":
                h = nn.functional.layer_norm(h, h.shape[1:], t[f"gamma{k}"], t[f"beta{k}"], 1e-5)
            elif self.norm == "batchnorm":
                run = self.running[k - 1]
                if training:
                    mean, var = h.mean(0), h.var(0, correction=0)
                    run[0] = run[0].lerp(mean.detach().double(), 0.1)
                    run[1] = run[1].lerp(var.detach().double(), 0.1)
                else:
                    mean, var = (r.to(h.dtype) for r in run)
                h = t[f"gamma{k}"] * ((h - mean) / (var + 1e-5).sqrt()) + t[f"beta{k}"]
            h = h.clamp(min=0)
            if training and self.keep != 1:
                mask = self.generator.uniform(size=tuple(h.shape)) < self.keep
                h = h * torch.from_numpy(mask) / self.keep
        return h @ t[f"W{last}"] + t[f"b{last}"]

    def loss(self, X, y=None):
        t = {name: torch.tensor(value, requires_grad=y is not None) for name, value in self.params.items()}
        scores = self._scores(t, X, y is not None)
        if y is None:
            return scores.numpy()
        loss = nn.functional.cross_entropy(scores, torch.tensor(np.asarray(y), dtype=torch.long))
        loss = loss + sum((w ** 2).sum() for n, w in t.items() if n.startswith("W")) * (float(self.reg) / 2)
        loss.backward()
        return loss.item(), {name: value.grad.numpy() for name, value in t.items()}


@also("FullyConnectedNet", "float64 inside, layers as small objects, cast at the end")
class FullyConnectedNet:
    class Block:
        def __init__(self, net, i):
            self.net, self.i, self.state = net, i, {"momentum": 0.9}

        def forward(self, x, train):
            net, p = self.net, self.net.wide
            self.x = x
            z = x @ p[f"W{self.i}"] + p[f"b{self.i}"]
            if net.normalization:
                g, b = p[f"gamma{self.i}"], p[f"beta{self.i}"]
                self.state["mode"] = ("test", "train")[train]
                if net.normalization == "batchnorm":
                    z, self.norm = _bn_forward(z, g, b, self.state)
                elif net.normalization == "layernorm":
                    z, self.norm = _ln_forward(z, g, b)
                else:
                    raise ValueError(net.normalization)
            self.factor = (z > 0).astype(float)
            if train and net.dropout_keep_ratio != 1:
                self.factor *= net.rng.binomial(1, net.dropout_keep_ratio, z.shape) / net.dropout_keep_ratio
            return z * self.factor

        def backward(self, d, grads):
            i, d = self.i, d * self.factor
            if self.net.normalization:
                f = {"batchnorm": _bn_backward, "layernorm": _ln_backward}[self.net.normalization]
                d, grads[f"gamma{i}"], grads[f"beta{i}"] = f(d, self.norm)
            grads[f"W{i}"], grads[f"b{i}"] = np.einsum("ni,nj->ij", self.x, d), np.einsum("nj->j", d)
            return d @ self.net.wide[f"W{i}"].T

    def __init__(self, hidden_dims, input_dim=3 * 32 * 32, num_classes=10, dropout_keep_ratio=1,
                 normalization=None, reg=0.0, weight_scale=1e-2, dtype=np.float32, seed=None):
        self.reg, self.dtype = reg, dtype
        self.normalization, self.dropout_keep_ratio = normalization, dropout_keep_ratio
        self.rng = np.random.default_rng(seed)
        self.blocks = [self.Block(self, i) for i in range(1, len(hidden_dims) + 1)]
        self.L = len(hidden_dims) + 1
        params = {}
        for i, (n, m) in enumerate(zip([input_dim] + list(hidden_dims), list(hidden_dims) + [num_classes])):
            params[f"W{i + 1}"] = self.rng.normal(scale=weight_scale, size=(n, m))
            params[f"b{i + 1}"] = np.zeros(m)
            if normalization and i + 1 < self.L:
                params[f"gamma{i + 1}"] = np.ones(m)
                params[f"beta{i + 1}"] = np.zeros(m)
        self.params = {name: value.astype(dtype) for name, value in params.items()}

    def loss(self, X, y=None):
        self.wide = {name: np.asarray(value, np.float64) for name, value in self.params.items()}
        h = np.asarray(X, self.dtype).astype(np.float64).reshape(X.shape[0], -1)
        for block in self.blocks:
            h = block.forward(h, y is not None)
        W, b = self.wide[f"W{self.L}"], self.wide[f"b{self.L}"]
        scores = h @ W + b
        if y is None:
            return scores.astype(self.dtype)
        value, d = _softmax_loss(scores, y)
        grads = {f"W{self.L}": h.T @ d, f"b{self.L}": d.sum(0)}
        d = d @ W.T
        for block in self.blocks[::-1]:
            d = block.backward(d, grads)
        for name in self.wide:
            if name.startswith("W"):
                value += self.reg / 2 * (self.wide[name] ** 2).sum()
                grads[name] += self.reg * self.wide[name]
        return value, {name: grads[name].astype(self.dtype) for name in self.params}


class _Net:
    """The usual solution in the form of the old assignments, cut into methods so that each can be got wrong."""

    def __init__(self, hidden_dims, input_dim=3 * 32 * 32, num_classes=10, dropout_keep_ratio=1,
                 normalization=None, reg=0.0, weight_scale=1e-2, dtype=np.float32, seed=None):
        self.normalization, self.keep, self.reg, self.dtype, self.seed = normalization, dropout_keep_ratio, reg, dtype, seed
        self.hidden_dims = list(hidden_dims)
        self.num_layers = 1 + len(hidden_dims)
        self.rng = self.make_rng(seed)
        self.params = {}
        dims = [input_dim] + self.hidden_dims + [num_classes]
        for i in range(self.num_layers):
            self.params["W%d" % (i + 1)] = self.draw(dims[i], dims[i + 1], weight_scale)
            self.params["b%d" % (i + 1)] = np.zeros(dims[i + 1])
            if normalization is not None and i < self.num_layers - 1:
                self.params["gamma%d" % (i + 1)], self.params["beta%d" % (i + 1)] = self.first_norm(dims[i + 1])
        for k, v in self.params.items():
            self.params[k] = v.astype(dtype)
        self.bn_params = self.make_bn()

    def make_rng(self, seed):
        return np.random.default_rng(seed)

    def draw(self, n_in, n_out, scale):
        return scale * self.rng.standard_normal((n_in, n_out))

    def first_norm(self, n):
        return np.ones(n), np.zeros(n)

    def make_bn(self):
        return [{"mode": "train"} for _ in self.hidden_dims]

    def bn_mode(self, mode):
        for p in self.bn_params:
            p["mode"] = mode

    def rows(self, X):
        return np.asarray(X).astype(self.dtype).reshape(len(X), -1)

    def norm_forward(self, h, i):
        g, b = self.params["gamma%d" % i], self.params["beta%d" % i]
        if self.normalization == "batchnorm":
            return _bn_forward(h, g, b, self.bn_params[i - 1])
        return _ln_forward(h, g, b)

    def norm_backward(self, d, cache):
        return _bn_backward(d, cache) if self.normalization == "batchnorm" else _ln_backward(d, cache)

    def dropout(self, h, mode):
        if mode == "test" or self.keep == 1:
            return h, None
        mask = ((self.rng.random(h.shape) < self.keep) / self.keep).astype(h.dtype)
        return h * mask, mask

    def dropout_backward(self, d, mask):
        return d if mask is None else d * mask

    def softmax(self, scores, y):
        return _softmax_loss(scores, y)

    def penalty(self, loss, grads):
        for i in range(1, self.num_layers + 1):
            W = self.params["W%d" % i]
            loss += 0.5 * self.reg * np.sum(W ** 2)
            grads["W%d" % i] = (grads["W%d" % i] + self.reg * W).astype(self.dtype)
        return loss

    def loss(self, X, y=None):
        mode = "test" if y is None else "train"
        h = self.rows(X)
        self.bn_mode(mode)
        caches = []
        for i in range(1, self.num_layers):
            x = h
            h = x @ self.params["W%d" % i] + self.params["b%d" % i]
            norm = None
            if self.normalization is not None:
                h, norm = self.norm_forward(h, i)
            on = h > 0
            h, mask = self.dropout(h * on, mode)
            caches.append((x, norm, on, mask))
        L = self.num_layers
        scores = h @ self.params["W%d" % L] + self.params["b%d" % L]
        if mode == "test":
            return scores
        loss, d = self.softmax(scores, np.asarray(y))
        grads = {"W%d" % L: h.T @ d, "b%d" % L: d.sum(axis=0)}
        d = d @ self.params["W%d" % L].T
        for i in range(L - 1, 0, -1):
            x, norm, on, mask = caches[i - 1]
            d = self.dropout_backward(d, mask) * on
            if norm is not None:
                d, grads["gamma%d" % i], grads["beta%d" % i] = self.norm_backward(d, norm)
            grads["W%d" % i], grads["b%d" % i] = x.T @ d, d.sum(axis=0)
            d = d @ self.params["W%d" % i].T
        loss = self.penalty(loss, grads)
        return loss, grads


@also("FullyConnectedNet", "the form of the old assignments")
class FullyConnectedNet(_Net):
    pass


@wrong("FullyConnectedNet", "penalty without the one half, gradient with it", r"half|½|0\.5|penalty|reg|λ|twice")
class FullyConnectedNet(_Net):
    def penalty(self, loss, grads):
        for i in range(1, self.num_layers + 1):
            W = self.params["W%d" % i]
            loss += self.reg * np.sum(W * W)
            grads["W%d" % i] = (grads["W%d" % i] + self.reg * W).astype(self.dtype)
        return loss


@wrong("FullyConnectedNet", "λ‖W‖² and gradient 2λW: consistent, but without the half", r"half|½|0\.5|penalty|reg|λ|twice")
class FullyConnectedNet(_Net):
    def penalty(self, loss, grads):
        for i in range(1, self.num_layers + 1):
            W = self.params["W%d" % i]
            loss += self.reg * np.sum(W * W)
            grads["W%d" % i] = (grads["W%d" % i] + 2 * self.reg * W).astype(self.dtype)
        return loss


@wrong("FullyConnectedNet", "penalty in the loss, not in the gradients", r"gradient|grads|penalty|reg|λ")
class FullyConnectedNet(_Net):
    def penalty(self, loss, grads):
        return loss + 0.5 * self.reg * sum(np.sum(self.params["W%d" % (i + 1)] ** 2) for i in range(self.num_layers))


@wrong("FullyConnectedNet", "penalty's gradient missing in the last layer only", r"W\d|last|layer|gradient|penalty|reg|λ")
class FullyConnectedNet(_Net):
    def penalty(self, loss, grads):
        last = "W%d" % self.num_layers
        keep = grads[last]
        loss = super().penalty(loss, grads)
        grads[last] = keep
        return loss


@wrong("FullyConnectedNet", "penalty on all params: biases, gamma and beta too", r"bias|gamma|γ|β|weights|penalty|only")
class FullyConnectedNet(_Net):
    def penalty(self, loss, grads):
        for k, v in self.params.items():
            loss += 0.5 * self.reg * np.sum(v * v)
            grads[k] = (grads[k] + self.reg * v).astype(self.dtype)
        return loss


@wrong("FullyConnectedNet", "norm of W not squared", r"squar|norm|penalty|‖W‖|reg")
class FullyConnectedNet(_Net):
    def penalty(self, loss, grads):
        for i in range(1, self.num_layers + 1):
            W = self.params["W%d" % i]
            loss += 0.5 * self.reg * np.linalg.norm(W)
            grads["W%d" % i] = (grads["W%d" % i] + self.reg * W).astype(self.dtype)
        return loss


@wrong("FullyConnectedNet", "λ is remembered in __init__: changing reg later does nothing", r"reg|λ|chang|read|later|call")
class FullyConnectedNet(_Net):
    def __init__(self, *args, **kw):
        super().__init__(*args, **kw)
        self._lambda = self.reg

    def penalty(self, loss, grads):
        for i in range(1, self.num_layers + 1):
            W = self.params["W%d" % i]
            loss += 0.5 * self._lambda * np.sum(W * W)
            grads["W%d" % i] = (grads["W%d" % i] + self._lambda * W).astype(self.dtype)
        return loss


@wrong("FullyConnectedNet", "gradients become float64 when reg is a numpy float64", r"dtype|float64|float32|gradient")
class FullyConnectedNet(_Net):
    def penalty(self, loss, grads):
        for i in range(1, self.num_layers + 1):
            W = self.params["W%d" % i]
            loss += 0.5 * self.reg * np.sum(W * W)
            grads["W%d" % i] = grads["W%d" % i] + self.reg * W
        return loss


@wrong("FullyConnectedNet", "dropout acts in predictions too", r"dropout|test|predict|mode|without labels")
class FullyConnectedNet(_Net):
    def dropout(self, h, mode):
        return super().dropout(h, "train")


@wrong("FullyConnectedNet", "what is kept is not divided by the keep probability, nor is anything done in test mode", r"dropout|scale|divid|keep|inverted|1/")
class FullyConnectedNet(_Net):
    def dropout(self, h, mode):
        if mode == "test" or self.keep == 1:
            return h, None
        mask = (self.rng.random(h.shape) < self.keep).astype(h.dtype)
        return h * mask, mask


@wrong("FullyConnectedNet", "the ratio is taken for the probability to DROP", r"keep|drop|probab|share|ratio")
class FullyConnectedNet(_Net):
    def dropout(self, h, mode):
        if mode == "test" or self.keep == 1:
            return h, None
        mask = ((self.rng.random(h.shape) > self.keep) / (1 - self.keep)).astype(h.dtype)
        return h * mask, mask


@wrong("FullyConnectedNet", "the mask is not used on the way back", r"dropout|mask|gradient|backward")
class FullyConnectedNet(_Net):
    def dropout_backward(self, d, mask):
        return d


@wrong("FullyConnectedNet", "the mask is scaled forward, on the way back it is only 0 or 1", r"dropout|mask|gradient|scale|divid|keep")
class FullyConnectedNet(_Net):
    def dropout_backward(self, d, mask):
        return d if mask is None else d * (mask > 0)


@wrong("FullyConnectedNet", "a new generator from the seed at each call: the same units are dropped every time", r"dropout|same|units|seed|each call|mask|other")
class FullyConnectedNet(_Net):
    def dropout(self, h, mode):
        if mode == "test" or self.keep == 1:
            return h, None
        rng = np.random.default_rng(self.seed)
        mask = ((rng.random(h.shape) < self.keep) / self.keep).astype(h.dtype)
        return h * mask, mask


@wrong("FullyConnectedNet", "dropout draws from numpy's global state", r"global|random|seed|generator|dropout")
class FullyConnectedNet(_Net):
    def dropout(self, h, mode):
        if mode == "test" or self.keep == 1:
            return h, None
        mask = ((np.random.rand(*h.shape) < self.keep) / self.keep).astype(h.dtype)
        return h * mask, mask


@wrong("FullyConnectedNet", "float64 mask: gradients come out in float64", r"dtype|float64|float32")
class FullyConnectedNet(_Net):
    def dropout(self, h, mode):
        if mode == "test" or self.keep == 1:
            return h, None
        mask = (self.rng.random(h.shape) < self.keep) / self.keep
        return h * mask, mask


@wrong("FullyConnectedNet", "whole rows are dropped: one draw for each example", r"unit|each|row|example|mask|dropout")
class FullyConnectedNet(_Net):
    def dropout(self, h, mode):
        if mode == "test" or self.keep == 1:
            return h, None
        mask = ((self.rng.random((len(h), 1)) < self.keep) / self.keep).astype(h.dtype)
        return h * mask, mask


@wrong("FullyConnectedNet", "np.random.seed(seed) and np.random.randn: global state touched", r"global|seed|random|generator|alone")
class FullyConnectedNet(_Net):
    def make_rng(self, seed):
        if seed is not None:
            np.random.seed(seed)
        return np.random.default_rng(seed)

    def draw(self, n_in, n_out, scale):
        return scale * np.random.randn(n_in, n_out)


@wrong("FullyConnectedNet", "seed 0 is taken for no seed: `if seed`", r"seed|\b0\b|same|repeat|None")
class FullyConnectedNet(_Net):
    def make_rng(self, seed):
        return np.random.default_rng(seed) if seed else np.random.default_rng()


@wrong("FullyConnectedNet", "seed None becomes 0: the same net every time", r"seed|None|another|same|each time")
class FullyConnectedNet(_Net):
    def make_rng(self, seed):
        return np.random.default_rng(seed or 0)


@wrong("FullyConnectedNet", "a new generator of the same seed for each W: the layers' weights are copies", r"same|seed|weight|layer|independent|generator|copies|copy")
class FullyConnectedNet(_Net):
    def draw(self, n_in, n_out, scale):
        return np.random.default_rng(self.seed).normal(0, scale, (n_in, n_out))


@wrong("FullyConnectedNet", "He's deviation, weight_scale is not read", r"weight_scale|standard deviation|He|read|ignor|scale")
class FullyConnectedNet(_Net):
    def draw(self, n_in, n_out, scale):
        return self.rng.normal(0, np.sqrt(2 / n_in), (n_in, n_out))


@wrong("FullyConnectedNet", "uniform from -weight_scale to weight_scale", r"normal|uniform|deviation|distribut|scale")
class FullyConnectedNet(_Net):
    def draw(self, n_in, n_out, scale):
        return self.rng.uniform(-scale, scale, (n_in, n_out))


@wrong("FullyConnectedNet", "weight_scale is taken for the variance", r"deviation|variance|weight_scale|root|scale")
class FullyConnectedNet(_Net):
    def draw(self, n_in, n_out, scale):
        return self.rng.normal(0, scale ** 0.5, (n_in, n_out))


@wrong("FullyConnectedNet", "gamma starts at 0", r"gamma|γ|start|1\b|ones")
class FullyConnectedNet(_Net):
    def first_norm(self, n):
        return np.zeros(n), np.zeros(n)


@wrong("FullyConnectedNet", "gamma drawn around 1 with weight_scale, like a weight", r"gamma|γ|start|1\b|ones")
class FullyConnectedNet(_Net):
    def first_norm(self, n):
        return 1 + 0.01 * self.rng.standard_normal(n), np.zeros(n)


@wrong("FullyConnectedNet", "all hidden layers share one bn_param: [{}] * n", r"share|own|each layer|running|same dict|layers|statistic")
class FullyConnectedNet(_Net):
    def make_bn(self):
        return [{"mode": "train"}] * len(self.hidden_dims)


@wrong("FullyConnectedNet", "bn_params made anew at each call: running statistics are lost", r"running|kept|lost|each call|anew|statistic|test")
class FullyConnectedNet(_Net):
    def bn_mode(self, mode):
        self.bn_params = [{"mode": mode} for _ in self.hidden_dims]


@wrong("FullyConnectedNet", "batch norm always in training mode", r"mode|test|running|predict|batch")
class FullyConnectedNet(_Net):
    def bn_mode(self, mode):
        pass


@wrong("FullyConnectedNet", "only the first layer's batch norm is switched to test mode", r"mode|test|layer|running|first|second|each|all")
class FullyConnectedNet(_Net):
    def bn_mode(self, mode):
        for p in self.bn_params[:1]:
            p["mode"] = mode


@wrong("FullyConnectedNet", "batch norm with torch's momentum: 0.1 of the old", r"momentum|0\.9|running|old|share")
class FullyConnectedNet(_Net):
    def make_bn(self):
        return [{"mode": "train", "momentum": 0.1} for _ in self.hidden_dims]


@wrong("FullyConnectedNet", "any normalization is batch norm", r"layernorm|layer norm|normalization|batch")
class FullyConnectedNet(_Net):
    def norm_forward(self, h, i):
        return _bn_forward(h, self.params["gamma%d" % i], self.params["beta%d" % i], self.bn_params[i - 1])

    def norm_backward(self, d, cache):
        return _bn_backward(d, cache)


@wrong("FullyConnectedNet", "layer norm forward, batch norm's backward", r"layernorm|layer norm|gradient|backward|layer-norm")
class FullyConnectedNet(_Net):
    def norm_backward(self, d, cache):
        h, std, gamma = cache
        dgamma, dbeta = (d * h).sum(0), d.sum(0)
        return gamma / std * (d - dbeta / len(d) - h * dgamma / len(d)), dgamma, dbeta


@wrong("FullyConnectedNet", "gradients of gamma and beta exchanged", r"gamma|beta|γ|β|swap|exchang")
class FullyConnectedNet(_Net):
    def norm_backward(self, d, cache):
        d, dgamma, dbeta = super().norm_backward(d, cache)
        return d, dbeta, dgamma


@wrong("FullyConnectedNet", "layer norm: gamma left out of dx's averages (outside)", r"layernorm|layer norm|gamma|γ|gradient|average")
class FullyConnectedNet(_Net):
    def norm_backward(self, d, cache):
        if self.normalization == "batchnorm":
            return _bn_backward(d, cache)
        h, std, gamma = cache
        dx = gamma / std * (d - d.mean(1, keepdims=True) - h * (d * h).mean(1, keepdims=True))
        return dx, (d * h).sum(0), d.sum(0)


@wrong("FullyConnectedNet", "cross-entropy summed over the batch", r"mean|sum|averag|batch|N\b")
class FullyConnectedNet(_Net):
    def softmax(self, scores, y):
        loss, d = _softmax_loss(scores, y)
        return loss * len(y), d * len(y)


@wrong("FullyConnectedNet", "gradient of the loss not divided by N", r"N\b|mean|divid|gradient|batch|times")
class FullyConnectedNet(_Net):
    def softmax(self, scores, y):
        loss, d = _softmax_loss(scores, y)
        return loss, d * len(y)


@wrong("FullyConnectedNet", "softmax without shifting: large scores overflow to NaN", r"overflow|nan|NaN|large|finite|max|shift|inf|stable")
class FullyConnectedNet(_Net):
    def softmax(self, scores, y):
        with np.errstate(all="ignore"):
            e = np.exp(scores)
            p = e / e.sum(axis=1, keepdims=True)
            loss = -np.log(p[np.arange(len(y)), y]).mean()
        d = p.copy()
        d[np.arange(len(y)), y] -= 1
        return loss, d / len(y)


@wrong("FullyConnectedNet", "X is not put in the net's dtype: float64 or whole numbers give float64 scores", r"dtype|float64|float32|cast")
class FullyConnectedNet(_Net):
    def rows(self, X):
        return X.reshape(len(X), -1)


@wrong("FullyConnectedNet", "images are not flattened", r"image|N×C|C×H|reshape|flat|shape|dimension")
class FullyConnectedNet(_Net):
    def rows(self, X):
        return X.astype(self.dtype)


@wrong("FullyConnectedNet", "X centred in place 'for better training'", r"chang|in place|\bX\b|modif|score|differ")
class FullyConnectedNet(_Net):
    def rows(self, X):
        if X.dtype == self.dtype:
            X -= X.mean(axis=0)
        return X.astype(self.dtype).reshape(len(X), -1)


@wrong("FullyConnectedNet", "weights are kept in a list at the start: new arrays in params are not seen", r"params|read|every call|each call|replac|kept")
class FullyConnectedNet(_Net):
    def __init__(self, *args, **kw):
        super().__init__(*args, **kw)
        self.frozen = dict(self.params)

    def loss(self, X, y=None):
        now, self.params = self.params, self.frozen
        try:
            return super().loss(X, y)
        finally:
            self.params = now


@wrong("FullyConnectedNet", "hidden_dims[0] is asked for: an empty list fails", r"empty|hidden_dims|IndexError|index|no hidden")
class FullyConnectedNet(_Net):
    def __init__(self, hidden_dims, *args, **kw):
        self.first = hidden_dims[0]
        super().__init__(hidden_dims, *args, **kw)


@wrong("FullyConnectedNet", "gradients of gamma and beta missing in grads", r"gamma|beta|γ|β|keys|grads|missing")
class FullyConnectedNet(_Net):
    def loss(self, X, y=None):
        out = super().loss(X, y)
        if y is None:
            return out
        return out[0], {k: v for k, v in out[1].items() if k[0] in "Wb" and not k.startswith("beta")}


@wrong("FullyConnectedNet", "W is outputs x inputs", r"shape|inputs|outputs|transpos|W1")
class FullyConnectedNet(_Net):
    def __init__(self, *args, **kw):
        super().__init__(*args, **kw)
        self.flip()

    def flip(self):
        self.params.update({k: v.T.copy() for k, v in self.params.items() if k[0] == "W"})

    def loss(self, X, y=None):
        now = self.params
        self.params = {k: (v.T if k[0] == "W" else v) for k, v in now.items()}
        try:
            out = super().loss(X, y)
        finally:
            self.params = now
        if y is None:
            return out
        return out[0], {k: (v.T if k[0] == "W" else v) for k, v in out[1].items()}


@wrong("FullyConnectedNet", "parameters are float64 whatever dtype says (only X is cast)", r"dtype|float64|float32|param")
class FullyConnectedNet(_Net):
    def __init__(self, *args, **kw):
        super().__init__(*args, **kw)
        self.params = {k: v.astype(np.float64) for k, v in self.params.items()}


@wrong("FullyConnectedNet", "a ReLU after the last affine layer too", r"ReLU|last|scores|negative|relu")
class FullyConnectedNet(_Net):
    def loss(self, X, y=None):
        if y is None:
            return np.maximum(super().loss(X), 0)
        return super().loss(X, y)

    def softmax(self, scores, y):
        loss, d = _softmax_loss(np.maximum(scores, 0), y)
        return loss, d * (scores > 0)


class _NormAfter(_Net):
    """[affine, ReLU, norm, dropout]: used by the strangers who set the norm after the ReLU."""

    def loss(self, X, y=None):
        mode = "test" if y is None else "train"
        h = self.rows(X)
        self.bn_mode(mode)
        caches, L, p = [], self.num_layers, self.params
        for i in range(1, L):
            x = h
            h = x @ p["W%d" % i] + p["b%d" % i]
            on, norm = h > 0, None
            h = h * on
            if self.normalization is not None:
                h, norm = self.norm_forward(h, i)
            h, mask = self.dropout(h, mode)
            caches.append((x, norm, on, mask))
        scores = h @ p["W%d" % L] + p["b%d" % L]
        if y is None:
            return scores
        loss, d = self.softmax(scores, np.asarray(y))
        grads = {"W%d" % L: h.T @ d, "b%d" % L: d.sum(0)}
        d = d @ p["W%d" % L].T
        for i in range(L - 1, 0, -1):
            x, norm, on, mask = caches[i - 1]
            d = self.dropout_backward(d, mask)
            if norm is not None:
                d, grads["gamma%d" % i], grads["beta%d" % i] = self.norm_backward(d, norm)
            d = d * on
            grads["W%d" % i], grads["b%d" % i] = x.T @ d, d.sum(0)
            d = d @ p["W%d" % i].T
        return self.penalty(loss, grads), grads


@wrong("FullyConnectedNet", "norm after the ReLU instead of before", r"order|before|after|ReLU|norm")
class FullyConnectedNet(_NormAfter):
    pass


@wrong("FullyConnectedNet", "predictions give probabilities instead of scores", r"score|softmax|probab")
class FullyConnectedNet(_Net):
    def loss(self, X, y=None):
        out = super().loss(X, y)
        if y is not None:
            return out
        e = np.exp(out - out.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)


@wrong("FullyConnectedNet", "predictions move the running statistics (a training pass, then a test pass)", r"running|test|predict|mov|statistic|without labels")
class FullyConnectedNet(_Net):
    def loss(self, X, y=None):
        if y is None and self.normalization == "batchnorm":
            super().loss(X, np.zeros(len(X), int))
        return super().loss(X, y)


@wrong("FullyConnectedNet", "two: the penalty lacks its half and takes the biases along", r"half|½|bias|penalty|reg|λ")
class FullyConnectedNet(_Net):
    def penalty(self, loss, grads):
        for k, v in self.params.items():
            if k[0] == "W" or k[0] == "b" and k[1].isdigit():
                loss += self.reg * np.sum(v * v)
                grads[k] = (grads[k] + 2 * self.reg * v).astype(self.dtype)
        return loss


@wrong("FullyConnectedNet", "two: ratio taken for the drop probability, not scaled", r"keep|drop|probab|scale|ratio")
class FullyConnectedNet(_Net):
    def dropout(self, h, mode):
        if mode == "test" or self.keep == 1:
            return h, None
        mask = (self.rng.random(h.shape) > self.keep).astype(h.dtype)
        return h * mask, mask


@wrong("FullyConnectedNet", "two: norm after the ReLU, one bn_param for all layers", r"order|before|after|ReLU|share|own|norm|running")
class FullyConnectedNet(_NormAfter):
    def make_bn(self):
        return [{"mode": "train"}] * len(self.hidden_dims)


@wrong("FullyConnectedNet", "two: dropout in predictions too, and the mask missing on the way back", r"dropout|test|predict|mask|mode")
class FullyConnectedNet(_Net):
    def dropout(self, h, mode):
        return super().dropout(h, "train")

    def dropout_backward(self, d, mask):
        return d


# ================================================================ sanity_checks
@right
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    def first_loss_with(reg):
        net = copy.deepcopy(model)
        net.reg = reg
        return float(net.loss(X, y)[0])

    expected = math.log(copy.deepcopy(model).loss(X).shape[1])
    plain, penalised = first_loss_with(0), first_loss_with(1)
    net = copy.deepcopy(model)
    net.reg = 0
    few, labels = X[:20], y[:20]
    for _ in range(steps):
        _, grads = net.loss(few, labels)
        for name in net.params:
            net.params[name] = net.params[name] - learning_rate * grads[name]
    memory = float(np.mean(np.argmax(net.loss(few), axis=1) == labels))
    return {
        "first_loss": plain, "expected_loss": expected, "loss_with_reg": penalised, "accuracy_on_20": memory,
        "sound": bool(abs(plain - expected) < 0.1 * expected and penalised > plain and memory == 1),
    }


_sane = sanity_checks


@also("sanity_checks", "on the model itself; everything put back from deep copies")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    kept = copy.deepcopy(vars(model))

    def back():
        vars(model).clear()
        vars(model).update(copy.deepcopy(kept))

    report = {}
    try:
        report["expected_loss"] = float(np.log(np.shape(model.loss(X))[-1]))
        for key, reg in (("first_loss", 0.0), ("loss_with_reg", 1.0)):
            back()
            model.reg = reg
            report[key] = model.loss(X, y)[0]
        back()
        model.reg = 0.0
        for _ in range(steps):
            grads = model.loss(X[:20], y[:20])[1]
            for name, g in grads.items():
                model.params[name] -= (learning_rate * g).astype(model.params[name].dtype)
        report["accuracy_on_20"] = np.mean(model.loss(X[:20]).argmax(1) == y[:20])
    finally:
        back()
    off = abs(report["first_loss"] / report["expected_loss"] - 1)
    report["sound"] = True if off < 0.1 and report["loss_with_reg"] > report["first_loss"] and report["accuracy_on_20"] >= 1 else False
    return report


@also("sanity_checks", "a with-block that lends copies; arrays updated in place on them")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    def lend(reg):
        twin = copy.deepcopy(model)
        twin.reg = reg
        return twin

    x20, y20, net = X[:20], np.asarray(y[:20]), lend(0.0)
    for step in range(steps):
        grads = net.loss(x20, y20)[1]
        for name, array in net.params.items():
            np.subtract(array, learning_rate * np.asarray(grads[name]), out=array, casting="same_kind")
    hits = np.count_nonzero(net.loss(x20).argmax(axis=-1) == y20)
    losses = [lend(reg).loss(X, y)[0] for reg in (0.0, 1.0)]
    expected = np.log(lend(0.0).loss(X[:1]).size)
    tests = (abs(losses[0] - expected) < expected / 10, losses[1] > losses[0], hits == len(y20))
    return dict(first_loss=losses[0], expected_loss=expected, loss_with_reg=losses[1], accuracy_on_20=hits / len(y20), sound=all(map(bool, tests)))


def _check(model, X, y, learning_rate=0.1, steps=200, **c):
    """The usual solution on deep copies; switches for the usual faults."""
    C = c.get("classes", lambda s, y: s.shape[1])(copy.deepcopy(model).loss(X), y)
    expected = c.get("log", np.log)(C)
    a = copy.deepcopy(model)
    if c.get("reg0", True):
        a.reg = 0
    rows = c.get("first_rows", slice(None))
    first = a.loss(X[rows], y[rows])[0]
    net = copy.deepcopy(model)
    net.reg = c.get("train_reg", 0) if c.get("train_reg", 0) is not None else model.reg
    few = c.get("few", slice(20))
    lr = c.get("lr", learning_rate)
    for k in range(c.get("count", lambda s: s)(steps)):
        part = c.get("part", lambda k: few)(k)
        _, grads = net.loss(X[part], y[part])
        for name in c.get("names", lambda g: list(g))(grads):
            net.params[name] = net.params[name] - lr * grads[name]
    test = c.get("test", slice(20))
    accuracy = c.get("accuracy", lambda net, X, y: float((net.loss(X).argmax(1) == y).mean()))(net, X[test], y[test])
    b = net if c.get("reg_after") else copy.deepcopy(model)
    b.reg = c.get("reg", lambda r: 1)(model.reg)
    with_reg = b.loss(X[rows], y[rows])[0]
    if c.get("penalty_only"):
        with_reg = with_reg - first
    near = c.get("near", lambda f, e: abs(f - e) < 0.1 * e)(first, expected)
    sound = c.get("sound", lambda near, up, a: near and up and a == 1)(near, c.get("up", lambda w, f: w > f)(with_reg, first), accuracy)
    return {"first_loss": first, "expected_loss": expected, "loss_with_reg": with_reg, "accuracy_on_20": accuracy, "sound": bool(sound)}


@wrong("sanity_checks", "C from the labels that occur", r"class|labels|C\b|scores|expected")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, classes=lambda s, y: len(np.unique(y)))


@wrong("sanity_checks", "C from the largest label plus one", r"class|label|C\b|scores|expected")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, classes=lambda s, y: y.max() + 1)


@wrong("sanity_checks", "expected loss for ten classes, always", r"class|ten|10|C\b|expected")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, classes=lambda s, y: 10)


@wrong("sanity_checks", "log10", r"log|ln|natural|expected")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, log=np.log10)


@wrong("sanity_checks", "expected loss is -ln C", r"sign|minus|negative|ln|expected")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, log=lambda C: -np.log(C))


@wrong("sanity_checks", "first loss with the model's own reg", r"reg|first|0\b|penalty")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, reg0=False)


@wrong("sanity_checks", "both losses on the first 20 only", r"20|all|examples|first_loss|loss")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, first_rows=slice(20))


@wrong("sanity_checks", "loss with reg: the model's own reg plus 1", r"reg|= 1|\b1\b|own|loss_with_reg")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, reg=lambda r: r + 1)


@wrong("sanity_checks", "loss with reg measured on the trained net", r"train|before|first|weights|order|after|loss_with_reg|found")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, reg_after=True)


@wrong("sanity_checks", "loss_with_reg holds the penalty alone", r"loss|penalty|alone|difference|loss_with_reg")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, penalty_only=True, up=lambda w, f: w > 0)


@wrong("sanity_checks", "trains with reg = 1", r"reg|0\b|train|penalty|accuracy")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, train_reg=1)


@wrong("sanity_checks", "trains with the model's own reg", r"reg|0\b|train|own|penalty")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, train_reg=None)


@wrong("sanity_checks", "trains on all examples", r"20|all|batch|first|examples|train")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, few=slice(None))


@wrong("sanity_checks", "trains on single examples, one after the other", r"batch|20|one|single|example|each step")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, part=lambda k: slice(k % 20, k % 20 + 1))


@wrong("sanity_checks", "accuracy on all examples", r"20|all|first|accuracy")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, test=slice(None))


@wrong("sanity_checks", "the last 20 instead of the first", r"first|last|20")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, few=slice(-20, None), test=slice(-20, None))


@wrong("sanity_checks", "19 examples: X[:19]", r"20|19|first|examples")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, few=slice(19), test=slice(19))


@wrong("sanity_checks", "steps - 1 updates: range(1, steps)", r"steps|update|many|one (too )?few|less|off")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, count=lambda s: max(0, s - 1))


@wrong("sanity_checks", "steps not read: always 200", r"steps|200|read|ignor")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, count=lambda s: 200)


@wrong("sanity_checks", "learning_rate not read: always 0.1", r"learning_rate|rate|0\.1|read|ignor")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, lr=0.1)


@wrong("sanity_checks", "goes uphill", r"sign|uphill|descent|minus|direction|accuracy|add")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    with np.errstate(all="ignore"):
        return _check(model, X, y, learning_rate, steps, lr=-learning_rate)


@wrong("sanity_checks", "only the weights are trained, the biases and the norm's parameters are not", r"bias|parameter|all|gamma|weights|params")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, names=lambda g: [k for k in g if k[0] == "W"])


@wrong("sanity_checks", "accuracy in percent", r"percent|100|between 0 and 1|share")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, accuracy=lambda net, X, y: 100 * float((net.loss(X).argmax(1) == y).mean()),
                  sound=lambda near, up, a: near and up and a == 100)


@wrong("sanity_checks", "accuracy is a count of right ones", r"count|share|20|between 0 and 1|mean|sum")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, accuracy=lambda net, X, y: int((net.loss(X).argmax(1) == y).sum()),
                  sound=lambda near, up, a: near and up and a == 20)


@wrong("sanity_checks", "sound looks at the first loss only", r"sound|accuracy|reg|all three|penalty")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, sound=lambda near, up, a: near)


@wrong("sanity_checks", "sound does not look at the penalty", r"sound|reg|penalty|rise|above")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, sound=lambda near, up, a: near and a == 1)


@wrong("sanity_checks", "sound: accuracy above 0.9 will do", r"sound|accuracy|\b1\b|0\.9|100|enough")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, sound=lambda near, up, a: near and up and a > 0.9)


@wrong("sanity_checks", "sound: >= for the penalty: an unchanged loss passes", r"reg|penalty|above|equal|rise|>=|sound|unchanged")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, up=lambda w, f: w >= f)


@wrong("sanity_checks", "sound: 0.1 nats instead of 10 % of ln C", r"10|percent|%|0\.1|share|relative|sound|tenth")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, near=lambda f, e: abs(f - e) < 0.1)


@wrong("sanity_checks", "sound: no abs, a first loss far below ln C passes", r"below|abs|under|less|low|sound|either|differ")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, near=lambda f, e: f - e < 0.1 * e)


@wrong("sanity_checks", "sound: within 10 % of the first loss, not of ln C", r"10|ln|expected|share|sound|relative")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, near=lambda f, e: abs(f - e) < 0.1 * f)


@wrong("sanity_checks", "report without 'sound'", r"sound|key|missing|report")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    report = _check(model, X, y, learning_rate, steps)
    del report["sound"]
    return report


def _on_the_model(model, X, y, learning_rate, steps, save, restore):
    kept = save(model)
    expected = np.log(model.loss(X).shape[1])
    model.reg = 0
    first = model.loss(X, y)[0]
    model.reg = 1
    with_reg = model.loss(X, y)[0]
    model.reg = 0
    for _ in range(steps):
        _, grads = model.loss(X[:20], y[:20])
        for k in model.params:
            model.params[k] = model.params[k] - learning_rate * grads[k]
    accuracy = float((model.loss(X[:20]).argmax(1) == y[:20]).mean())
    restore(model, kept)
    return {"first_loss": first, "expected_loss": expected, "loss_with_reg": with_reg, "accuracy_on_20": accuracy,
            "sound": bool(abs(first - expected) < 0.1 * expected and with_reg > first and accuracy == 1)}


@wrong("sanity_checks", "the model is left trained (reg is put back)", r"left|found|before|params|weights|trained|chang|copy")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _on_the_model(model, X, y, learning_rate, steps, lambda m: m.reg, lambda m, r: setattr(m, "reg", r))


@wrong("sanity_checks", "reg is left at 0 (params are put back)", r"reg|left|found|before|chang")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _on_the_model(model, X, y, learning_rate, steps, lambda m: {k: v.copy() for k, v in m.params.items()},
                         lambda m, p: setattr(m, "params", p))


@wrong("sanity_checks", "params and reg put back, but running statistics and the generator have moved on", r"running|statistic|state|generator|found|before|left|copy|chang")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    def restore(m, kept):
        m.params, m.reg = kept

    return _on_the_model(model, X, y, learning_rate, steps, lambda m: ({k: v.copy() for k, v in m.params.items()}, m.reg), restore)


@wrong("sanity_checks", "shallow copy of params, and -= on the arrays: the weights stay trained", r"copy|in place|left|found|weights|params|chang")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    net = copy.copy(model)
    net.params = dict(model.params)
    expected = np.log(net.loss(X).shape[1])
    net.reg = 0
    first = net.loss(X, y)[0]
    net.reg = 1
    with_reg = net.loss(X, y)[0]
    net.reg = 0
    for _ in range(steps):
        _, grads = net.loss(X[:20], y[:20])
        for k in net.params:
            net.params[k] -= (learning_rate * grads[k]).astype(net.params[k].dtype)
    accuracy = float((net.loss(X[:20]).argmax(1) == y[:20]).mean())
    return {"first_loss": first, "expected_loss": expected, "loss_with_reg": with_reg, "accuracy_on_20": accuracy,
            "sound": bool(abs(first - expected) < 0.1 * expected and with_reg > first and accuracy == 1)}


@wrong("sanity_checks", "two: C from the labels, model left trained with reg 0", r"class|label|left|found|reg|before|chang")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    report = _on_the_model(model, X, y, learning_rate, steps, lambda m: None, lambda m, k: None)
    report["expected_loss"] = float(np.log(len(np.unique(y))))
    return report


@wrong("sanity_checks", "two: 0.1 nats, and >= for the penalty", r"10|%|0\.1|reg|penalty|above|equal|sound")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, near=lambda f, e: abs(f - e) < 0.1, up=lambda w, f: w >= f)


@wrong("sanity_checks", "two: learning_rate not read, trains with the model's own reg", r"rate|reg|read|ignor|own")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    return _check(model, X, y, learning_rate, steps, lr=0.1, train_reg=None)


# ================================================================ diagnose
@right
def diagnose(history, goal=0.9):
    losses = np.asarray(history["loss"], dtype=float)
    n = len(losses)
    tenth, middle = n // 10, n // 2
    first, half, last = (losses[a:a + tenth].mean() for a in (0, middle, n - tenth))
    if not np.isfinite(losses).all() or last > losses[0]:
        return "lr too high"
    train, val = history["train_accuracy"][-1], history["val_accuracy"][-1]
    if train < goal:
        return "lr too low" if half - last > 0.25 * (first - last) else "underfit"
    return "overfit" if train - val > 0.1 else "healthy"


@also("diagnose", "pure Python, statistics.fmean, early returns")
def diagnose(history, goal=0.9):
    loss = list(history["loss"])
    size = len(loss) // 10
    if any(math.isnan(v) or math.isinf(v) for v in loss):
        return "lr too high"
    end = statistics.fmean(loss[-size:])
    if end > loss[0]:
        return "lr too high"
    start = statistics.fmean(loss[:size])
    middle = statistics.fmean(loss[len(loss) // 2:][:size])
    reached = history["train_accuracy"][-1] >= goal
    if not reached and 4 * (middle - end) > start - end:
        return "lr too low"
    if not reached:
        return "underfit"
    if history["train_accuracy"][-1] > history["val_accuracy"][-1] + 0.1:
        return "overfit"
    return "healthy"


@also("diagnose", "a list of (phrase, test) pairs; the first that fits; torch")
def diagnose(history, goal=0.9):
    t = torch.as_tensor(history["loss"], dtype=torch.float64)
    k = t.numel() // 10
    a, b, c = t[:k].mean(), t.narrow(0, t.numel() // 2, k).mean(), t[-k:].mean()
    train, val = (history[key][-1] for key in ("train_accuracy", "val_accuracy"))
    phrases = [
        ("lr too high", not bool(torch.isfinite(t).all()) or bool(c > t[0])),
        ("lr too low", train < goal and bool(b - c > (a - c) / 4)),
        ("underfit", train < goal),
        ("overfit", train - val > 0.1),
        ("healthy", True),
    ]
    return next(phrase for phrase, fits in phrases if fits)


def _diag(history, goal=0.9, **c):
    loss = np.asarray(history["loss"], float)
    n = len(loss)
    k = c.get("tenth", lambda n: n // 10)(n)
    with np.errstate(all="ignore"):
        first, last = loss[:k].mean(), loss[n - k:].mean()
        m = c.get("middle", lambda n, k: n // 2)(n, k)
        half = loss[m:m + k].mean()
        bad = c.get("bad", lambda l: not np.isfinite(l).all())(loss)
        high = c.get("high", lambda l, first, last: last > l[0])(loss, first, last)
        falls = c.get("falls", lambda first, half, last: half - last > 0.25 * (first - last))(first, half, last)
    accuracy = c.get("accuracy", lambda a: a[-1])
    train, val = accuracy(history["train_accuracy"]), c.get("val", accuracy)(history["val_accuracy"])
    below = c.get("below", lambda t, g: t < g)(train, goal)
    if bad or high:
        return "lr too high"
    if c.get("under_first") and below:
        return "underfit"
    if (below or c.get("any_accuracy")) and falls:
        return "lr too low"
    if c.get("over_first") and c.get("gap", lambda t, v: t - v > 0.1)(train, val):
        return "overfit"
    if below:
        return "underfit"
    if c.get("gap", lambda t, v: t - v > 0.1)(train, val):
        return "overfit"
    return "healthy"


@wrong("diagnose", "only the last loss is tested for NaN or infinity", r"anywhere|NaN|nan|inf|any|middle|last")
def diagnose(history, goal=0.9):
    return _diag(history, goal, bad=lambda l: not np.isfinite(l[-1]))


@wrong("diagnose", "NaN is looked for, infinity is not", r"inf|infinit")
def diagnose(history, goal=0.9):
    return _diag(history, goal, bad=lambda l: np.isnan(l).any())


@wrong("diagnose", "infinity is looked for, NaN is not", r"NaN|nan")
def diagnose(history, goal=0.9):
    return _diag(history, goal, bad=lambda l: np.isinf(l).any())


@wrong("diagnose", "`loss == float('nan')`: never true", r"NaN|nan|==|isnan|never")
def diagnose(history, goal=0.9):
    return _diag(history, goal, bad=lambda l: any(v == float("nan") or v == float("inf") for v in l))


@wrong("diagnose", "last tenth compared with the mean of the first tenth", r"first loss|first tenth|very first|untouched|no update|loss\[0\]|first of all")
def diagnose(history, goal=0.9):
    return _diag(history, goal, high=lambda l, first, last: last > first)


@wrong("diagnose", "the last loss alone is compared with the first", r"last tenth|mean|last loss|single|alone|average")
def diagnose(history, goal=0.9):
    return _diag(history, goal, high=lambda l, first, last: l[-1] > l[0])


@wrong("diagnose", "any loss above the first one counts as too high", r"last tenth|mean|any|spike|maxim|above")
def diagnose(history, goal=0.9):
    return _diag(history, goal, high=lambda l, first, last: l.max() > l[0])


@wrong("diagnose", "'too high' does not look at the level, only at NaN and infinity", r"above|first loss|last tenth|mean|high")
def diagnose(history, goal=0.9):
    return _diag(history, goal, high=lambda l, first, last: False)


@wrong("diagnose", "'>=': a loss that ends where it began is too high", r">=|equal|above|same|first")
def diagnose(history, goal=0.9):
    return _diag(history, goal, high=lambda l, first, last: last >= l[0])


@wrong("diagnose", "underfit is asked before 'lr too low'", r"order|before|lr too low|first of them|first that fits|still fall")
def diagnose(history, goal=0.9):
    return _diag(history, goal, under_first=True)


@wrong("diagnose", "a falling loss is 'lr too low' also when the goal is reached", r"goal|reached|accuracy|below")
def diagnose(history, goal=0.9):
    return _diag(history, goal, any_accuracy=True)


@wrong("diagnose", "overfit is asked before underfit", r"order|before|overfit|underfit|first")
def diagnose(history, goal=0.9):
    return _diag(history, goal, over_first=True)


@wrong("diagnose", "goal not read: always 0.9", r"goal|0\.9|read|ignor")
def diagnose(history, goal=0.9):
    return _diag(history, 0.9)


@wrong("diagnose", "best accuracies instead of the last", r"last|best|max|highest")
def diagnose(history, goal=0.9):
    return _diag(history, goal, accuracy=max)


@wrong("diagnose", "last training accuracy against the best validation accuracy", r"last|best|max|validation")
def diagnose(history, goal=0.9):
    return _diag(history, goal, val=max)


@wrong("diagnose", "mean of the accuracies over the epochs", r"last|mean|averag|epoch")
def diagnose(history, goal=0.9):
    return _diag(history, goal, accuracy=lambda a: sum(a) / len(a))


@wrong("diagnose", "exactly the goal counts as below (<=)", r"goal|below|equal|exact|<=|reach")
def diagnose(history, goal=0.9):
    return _diag(history, goal, below=lambda t, g: t <= g)


@wrong("diagnose", "a gap of 10 instead of 0.1: percent", r"0\.1|gap|percent|10|overfit")
def diagnose(history, goal=0.9):
    return _diag(history, goal, gap=lambda t, v: t - v > 10)


@wrong("diagnose", "abs of the gap: a better validation accuracy counts as overfit", r"abs|below|above|better|validation|sign|overfit")
def diagnose(history, goal=0.9):
    return _diag(history, goal, gap=lambda t, v: abs(t - v) > 0.1)


@wrong("diagnose", "gap relative: validation below 0.9 times training", r"0\.1|gap|relative|differ|times|overfit|minus")
def diagnose(history, goal=0.9):
    return _diag(history, goal, gap=lambda t, v: v < 0.9 * t)


@wrong("diagnose", "any gap is overfit", r"0\.1|gap|more than|overfit|small")
def diagnose(history, goal=0.9):
    return _diag(history, goal, gap=lambda t, v: t > v)


@wrong("diagnose", "the middle tenth is the one that ENDS in the middle", r"middle|start|tenth|n // 2|ends|half")
def diagnose(history, goal=0.9):
    return _diag(history, goal, middle=lambda n, k: n // 2 - k)


@wrong("diagnose", "the middle tenth is centred on the middle", r"middle|start|tenth|n // 2|centre|half")
def diagnose(history, goal=0.9):
    return _diag(history, goal, middle=lambda n, k: n // 2 - k // 2)


@wrong("diagnose", "half instead of a quarter", r"quarter|half|0\.25|0\.5|¼|fall")
def diagnose(history, goal=0.9):
    return _diag(history, goal, falls=lambda first, half, last: half - last > 0.5 * (first - last))


@wrong("diagnose", "a quarter of the level in the middle, not of the fall", r"quarter|fall|first|level|share|total")
def diagnose(history, goal=0.9):
    return _diag(history, goal, falls=lambda first, half, last: half - last > 0.25 * half)


@wrong("diagnose", "falls at all: half > last", r"quarter|fall|more than|0\.25|¼")
def diagnose(history, goal=0.9):
    return _diag(history, goal, falls=lambda first, half, last: half > last)


@wrong("diagnose", "fall of the first half instead of the second", r"middle|second|half|last|fall|first")
def diagnose(history, goal=0.9):
    return _diag(history, goal, falls=lambda first, half, last: first - half > 0.25 * (first - last))


@wrong("diagnose", "the whole fall is taken from the first loss, not the first tenth", r"first tenth|first loss|fall|mean|tenth")
def diagnose(history, goal=0.9):
    start = history["loss"][0]
    return _diag(history, goal, falls=lambda first, half, last: half - last > 0.25 * (start - last))


@wrong("diagnose", "a tenth rounded up", r"tenth|n // 10|round|whole|size")
def diagnose(history, goal=0.9):
    return _diag(history, goal, tenth=lambda n: -(-n // 10))


@wrong("diagnose", "the last ten losses instead of the last tenth", r"tenth|ten\b|10|n // 10|share")
def diagnose(history, goal=0.9):
    return _diag(history, goal, tenth=lambda n: 10)


@wrong("diagnose", "train_accuracy and val_accuracy exchanged throughout", r"training|validation|goal|train_accuracy|val_accuracy|swap|exchang")
def diagnose(history, goal=0.9):
    return _diag({**history, "train_accuracy": history["val_accuracy"], "val_accuracy": history["train_accuracy"]}, goal)


@wrong("diagnose", "'learning rate too high' in other words", r"phrase|lr too high|one of|five|word|return")
def diagnose(history, goal=0.9):
    answer = _diag(history, goal)
    return {"lr too high": "learning rate too high", "lr too low": "learning rate too low"}.get(answer, answer)


@wrong("diagnose", "returns a list of all that fits", r"list|first|one|str|phrase")
def diagnose(history, goal=0.9):
    found = [_diag(history, goal)]
    if found == ["lr too low"]:
        found.append("underfit")
    return found


@wrong("diagnose", "forgets to return 'healthy': None", r"healthy|None|return")
def diagnose(history, goal=0.9):
    answer = _diag(history, goal)
    if answer != "healthy":
        return answer


@wrong("diagnose", "two: the middle tenth ends in the middle, half for a quarter", r"middle|quarter|half|tenth|fall|0\.25")
def diagnose(history, goal=0.9):
    return _diag(history, goal, middle=lambda n, k: n // 2 - k, falls=lambda first, half, last: half - last > 0.5 * (first - last))


@wrong("diagnose", "two: NaN only in the last loss, goal not read", r"anywhere|NaN|nan|inf|goal|read|last")
def diagnose(history, goal=0.9):
    return _diag(history, 0.9, bad=lambda l: np.isnan(l[-1]))


@wrong("diagnose", "two: best accuracies, and the last loss for the last tenth", r"last|best|max|tenth|mean")
def diagnose(history, goal=0.9):
    return _diag(history, goal, accuracy=max, high=lambda l, first, last: l[-1] > l[0])


# ================================================================ sample_hyperparameters
@right
def sample_hyperparameters(space, n, rng):
    def one(kind, *rest):
        if kind == "choice":
            options = list(rest[0])
            return options[int(rng.integers(len(options)))]
        low, high = rest
        if kind == "int":
            return int(rng.integers(low, high, endpoint=True))
        if kind == "uniform":
            return float(rng.uniform(low, high))
        return float(np.clip(math.exp(rng.uniform(math.log(low), math.log(high))), low, high))

    return [{name: one(*entry) for name, entry in space.items()} for _ in range(n)]


_sample = sample_hyperparameters


@also("sample_hyperparameters", "column by column, vectorised, zipped")
def sample_hyperparameters(space, n, rng):
    columns = {}
    for name, (kind, *ends) in space.items():
        if kind == "log":
            a, b = np.log10(ends)
            column = (10 ** (a + (b - a) * rng.random(n))).tolist()
        elif kind == "uniform":
            column = rng.uniform(ends[0], ends[1], size=n).tolist()
        elif kind == "int":
            column = [int(i) for i in rng.integers(ends[0], ends[1] + 1, n)]
        else:
            column = [ends[0][i] for i in rng.integers(0, len(ends[0]), n)]
        columns[name] = column
    return [{name: columns[name][k] for name in space} for k in range(n)]


@also("sample_hyperparameters", "geometric interpolation; low * (high / low) ** u; dispatch table")
def sample_hyperparameters(space, n, rng):
    draw = {
        "log": lambda low, high: low * (high / low) ** rng.random(),
        "uniform": lambda low, high: low + (high - low) * rng.random(),
        "int": lambda low, high: low + int(rng.random() * (high - low + 1)),
        "choice": lambda options: options[int(rng.random() * len(options))],
    }
    settings = []
    for _ in range(n):
        setting = {}
        for name, entry in space.items():
            setting[name] = draw[entry[0]](*entry[1:])
        settings.append(setting)
    return settings


def _draws(space, n, rng, **c):
    default = {
        "log": lambda a, b: math.exp(rng.uniform(math.log(a), math.log(b))),
        "uniform": lambda a, b: float(rng.uniform(a, b)),
        "int": lambda a, b: int(rng.integers(a, b + 1)),
        "choice": lambda o: o[rng.integers(len(o))],
    }
    default.update(c)
    return [{name: default[kind](*rest) for name, (kind, *rest) in space.items()} for _ in range(n)]


@wrong("sample_hyperparameters", "log is drawn evenly like uniform", r"log|exponent|even|uniform")
def sample_hyperparameters(space, n, rng):
    return _draws(space, n, rng, log=lambda a, b: float(rng.uniform(a, b)))


@wrong("sample_hyperparameters", "log: exponents of ten put into e", r"base|log|10|exp|between|outside|range")
def sample_hyperparameters(space, n, rng):
    return _draws(space, n, rng, log=lambda a, b: float(np.exp(rng.uniform(np.log10(a), np.log10(b)))))


@wrong("sample_hyperparameters", "log: the exponent is returned, not the number", r"exponent|log|10 \*\*|exp|between|range|negative")
def sample_hyperparameters(space, n, rng):
    return _draws(space, n, rng, log=lambda a, b: float(rng.uniform(np.log10(a), np.log10(b))))


@wrong("sample_hyperparameters", "log: whole exponents only, the powers of ten", r"power|whole|exponent|even|between|integer|log")
def sample_hyperparameters(space, n, rng):
    return _draws(space, n, rng, log=lambda a, b: 10.0 ** int(rng.integers(round(math.log10(a)), round(math.log10(b)) + 1)))


@wrong("sample_hyperparameters", "log: ends written as 1e-5 and 1e0 are hard-coded", r"log|low|high|ends|range|read|between")
def sample_hyperparameters(space, n, rng):
    return _draws(space, n, rng, log=lambda a, b: float(10 ** rng.uniform(-5, 0)))


@wrong("sample_hyperparameters", "uniform starts at 0: low is not read", r"low|uniform|between|range")
def sample_hyperparameters(space, n, rng):
    return _draws(space, n, rng, uniform=lambda a, b: float(b * rng.random()))


@wrong("sample_hyperparameters", "low + high * u: may exceed high", r"high|between|range|uniform|outside|above|exceed")
def sample_hyperparameters(space, n, rng):
    return _draws(space, n, rng, uniform=lambda a, b: float(a + b * rng.random()))


@wrong("sample_hyperparameters", "int without high", r"high|both|includ|last|end")
def sample_hyperparameters(space, n, rng):
    return _draws(space, n, rng, int=lambda a, b: int(rng.integers(a, b)) if b > a else a)


@wrong("sample_hyperparameters", "int by rounding: both ends half as likely", r"equal|likely|round|end|half|int")
def sample_hyperparameters(space, n, rng):
    return _draws(space, n, rng, int=lambda a, b: int(round(rng.uniform(a, b))))


@wrong("sample_hyperparameters", "int(uniform(low, high + 1)): negative numbers are cut towards 0", r"negative|equal|likely|0|int|trunc|round|low")
def sample_hyperparameters(space, n, rng):
    return _draws(space, n, rng, int=lambda a, b: int(rng.uniform(a, b + 1)))


@wrong("sample_hyperparameters", "int comes as a float", r"whole|int|float|type")
def sample_hyperparameters(space, n, rng):
    return _draws(space, n, rng, int=lambda a, b: float(rng.integers(a, b + 1)))


@wrong("sample_hyperparameters", "the last option is never drawn", r"last|option|equal|likely|choice|never")
def sample_hyperparameters(space, n, rng):
    return _draws(space, n, rng, choice=lambda o: o[rng.integers(max(1, len(o) - 1))])


@wrong("sample_hyperparameters", "rng.choice(options): options become numpy values, mixed ones strings", r"option|type|str|numpy|one of|tuple|choice|convert")
def sample_hyperparameters(space, n, rng):
    return _draws(space, n, rng, choice=lambda o: rng.choice(o))


@wrong("sample_hyperparameters", "choice gives the index", r"index|option|choice|one of")
def sample_hyperparameters(space, n, rng):
    return _draws(space, n, rng, choice=lambda o: int(rng.integers(len(o))))


@wrong("sample_hyperparameters", "the options in turn instead of drawn", r"drawn|random|likely|turn|order|choice|independent")
def sample_hyperparameters(space, n, rng):
    settings = _draws(space, n, rng)
    for k, s in enumerate(settings):
        for name, (kind, *rest) in space.items():
            if kind == "choice":
                s[name] = rest[0][k % len(rest[0])]
    return settings


@wrong("sample_hyperparameters", "choice draws from Python's random module", r"rng|generator|random|same|everything|repeat")
def sample_hyperparameters(space, n, rng):
    return _draws(space, n, rng, choice=lambda o: random.choice(list(o)))


@wrong("sample_hyperparameters", "np.random for everything: rng is ignored", r"rng|generator|random|global|same|repeat")
def sample_hyperparameters(space, n, rng):
    return _sample(space, n, np.random.default_rng())


@wrong("sample_hyperparameters", "a copy of rng: the generator does not move on", r"rng|generator|same|again|second|state|copy|move")
def sample_hyperparameters(space, n, rng):
    return _sample(space, n, copy.deepcopy(rng))


@wrong("sample_hyperparameters", "one draw a setting, used for all entries", r"independen|same|each entry|entries|correlat|together")
def sample_hyperparameters(space, n, rng):
    settings = []
    for _ in range(n):
        u = rng.random()
        s = {}
        for name, (kind, *rest) in space.items():
            if kind == "log":
                s[name] = rest[0] * (rest[1] / rest[0]) ** u
            elif kind == "uniform":
                s[name] = rest[0] + (rest[1] - rest[0]) * u
            elif kind == "int":
                s[name] = rest[0] + int(u * (rest[1] - rest[0] + 1))
            else:
                s[name] = rest[0][int(u * len(rest[0]))]
        settings.append(s)
    return settings


@wrong("sample_hyperparameters", "[setting] * n: one setting n times", r"same|n settings|differ|drawn|each|once|copies")
def sample_hyperparameters(space, n, rng):
    return _sample(space, 1, rng) * n


@wrong("sample_hyperparameters", "one dict, changed n times", r"same|dict|each|last|differ|new")
def sample_hyperparameters(space, n, rng):
    settings, s = [], {}
    for _ in range(n):
        s.update(_sample(space, 1, rng)[0])
        settings.append(s)
    return settings


@wrong("sample_hyperparameters", "a shuffled grid instead of draws: np.geomspace, np.linspace", r"grid|drawn|even|random|geomspace|evenly|spac")
def sample_hyperparameters(space, n, rng):
    settings = _draws(space, n, rng)
    for name, (kind, *rest) in space.items():
        if kind in ("log", "uniform"):
            values = (np.geomspace if kind == "log" else np.linspace)(*rest, n)
            for s, v in zip(settings, rng.permutation(values)):
                s[name] = float(v)
    return settings


@wrong("sample_hyperparameters", "stratified: one draw in each n-th of the range, so that draws depend on each other", r"independen|strat|even|drawn|each|latin")
def sample_hyperparameters(space, n, rng):
    settings = _draws(space, n, rng)
    for name, (kind, *rest) in space.items():
        if kind in ("log", "uniform"):
            u = (rng.permutation(n) + rng.random(n)) / n
            for s, v in zip(settings, u):
                s[name] = float(rest[0] * (rest[1] / rest[0]) ** v if kind == "log" else rest[0] + (rest[1] - rest[0]) * v)
    return settings


@wrong("sample_hyperparameters", "a dict of arrays instead of a list of dicts", r"list|dict|settings|type")
def sample_hyperparameters(space, n, rng):
    settings = _sample(space, n, rng)
    return {name: [s[name] for s in settings] for name in space}


@wrong("sample_hyperparameters", "settings sorted by their first entry", r"sort|order|independen|rising|drawn")
def sample_hyperparameters(space, n, rng):
    settings = _sample(space, n, rng)
    first = next(iter(space), None)
    return sorted(settings, key=lambda s: s[first]) if space and space[first][0] != "choice" else settings


@wrong("sample_hyperparameters", "n + 1 settings", r"n settings|how many|n\b|one too many|number")
def sample_hyperparameters(space, n, rng):
    return [_sample(space, 1, rng)[0] for _ in range(n + 1)]


@wrong("sample_hyperparameters", "two: int without high, choice without the last", r"high|both|last|option|includ|likely")
def sample_hyperparameters(space, n, rng):
    return _draws(space, n, rng, int=lambda a, b: int(rng.integers(a, b)) if b > a else a,
                  choice=lambda o: o[rng.integers(max(1, len(o) - 1))])


@wrong("sample_hyperparameters", "two: log even like uniform, int by rounding", r"log|exponent|even|uniform|round|likely|end")
def sample_hyperparameters(space, n, rng):
    return _draws(space, n, rng, log=lambda a, b: float(rng.uniform(a, b)), int=lambda a, b: int(round(rng.uniform(a, b))))


# ================================================================ coarse_to_fine
@right
def coarse_to_fine(evaluate, space, budget, rng):
    (wide_runs, short), (close_runs, long) = budget
    trials = []

    def run(where, runs, epochs):
        made = [(config, epochs, evaluate(config, epochs)) for config in _sample(where, runs, rng)]
        trials.extend(made)
        return max(made, key=lambda t: t[2])[0]

    best = run(space, wide_runs, short)
    near = {}
    for name, (kind, *ends) in space.items():
        value = best[name]
        if kind == "log":
            step = (ends[1] / ends[0]) ** (1 / 6)
            near[name] = ("log", value / step, value * step)
        elif kind == "uniform":
            step = (ends[1] - ends[0]) / 6
            near[name] = ("uniform", max(ends[0], value - step), min(ends[1], value + step))
        else:
            near[name] = ("choice", [value])
    return run(near, close_runs, long), trials


_search = coarse_to_fine


@also("coarse_to_fine", "plain loops; fixed entries put in after drawing")
def coarse_to_fine(evaluate, space, budget, rng):
    trials = []
    top, winner = -float("inf"), None
    for config in _sample(space, budget[0][0], rng):
        accuracy = evaluate(config, budget[0][1])
        trials.append((config, budget[0][1], accuracy))
        if accuracy > top:
            top, winner = accuracy, config
    narrow, fixed = {}, {}
    for name, entry in space.items():
        if entry[0] == "log":
            low, high = np.log10(entry[1]), np.log10(entry[2])
            middle, sixth = np.log10(winner[name]), (high - low) / 6
            narrow[name] = ("log", 10 ** (middle - sixth), 10 ** (middle + sixth))
        elif entry[0] == "uniform":
            sixth = (entry[2] - entry[1]) / 6
            a, b = np.clip([winner[name] - sixth, winner[name] + sixth], entry[1], entry[2])
            narrow[name] = ("uniform", a, b)
        else:
            fixed[name] = winner[name]
    top, best = -float("inf"), None
    for _ in range(budget[1][0]):
        config = {**_sample(narrow, 1, rng)[0], **fixed}
        accuracy = evaluate(config, budget[1][1], split="validation")
        trials.append((config, budget[1][1], accuracy))
        if accuracy > top:
            top, best = accuracy, config
    return best, trials


@also("coarse_to_fine", "two comprehensions, argmax, a helper for the ranges")
def coarse_to_fine(evaluate, space, budget, rng):
    def around(entry, value):
        kind = entry[0]
        if kind in ("int", "choice"):
            return "choice", (value,)
        f = math.log if kind == "log" else float
        half = (f(entry[2]) - f(entry[1])) / 6
        low, high = f(value) - half, f(value) + half
        return (kind, math.exp(low), math.exp(high)) if kind == "log" else (kind, max(low, entry[1]), min(high, entry[2]))

    def stage(where, runs, epochs):
        configs = _sample(where, runs, rng)
        scores = [evaluate(dict(c), epochs) for c in configs]
        return configs[int(np.argmax(scores))], list(zip(configs, [epochs] * runs, scores))

    centre, coarse = stage(space, *budget[0])
    best, fine = stage({name: around(space[name], centre[name]) for name in space}, *budget[1])
    return best, [*coarse, *fine]


def _ctf(evaluate, space, budget, rng, **c):
    draw = c.get("draw", _sample)
    (n1, e1), (n2, e2) = c.get("reads", lambda b: b)(budget)
    ask = c.get("ask", lambda config, epochs: evaluate(config, epochs))
    coarse = [(s, e1, ask(s, e1)) for s in draw(space, n1, rng)]
    best = c.get("pick", lambda trials: max(trials, key=lambda t: t[2]))(coarse)[0]
    fine_space = {}
    for name, (kind, *r) in space.items():
        v = best[name]
        if kind == "log":
            a, b = math.log(r[0]), math.log(r[1])
            f = c.get("log", lambda v, a, b, r: (math.exp(math.log(v) - (b - a) / 6), math.exp(math.log(v) + (b - a) / 6)))
            fine_space[name] = ("log", *f(v, a, b, r))
        elif kind == "uniform":
            w = (r[1] - r[0]) / 6
            fine_space[name] = ("uniform", *c.get("uniform", lambda v, w, a, b: (max(a, v - w), min(b, v + w)))(v, w, *r))
        elif kind == "int":
            fine_space[name] = c.get("int", lambda v, a, b: ("choice", [v]))(v, *r)
        else:
            fine_space[name] = c.get("choice", lambda v, o: ("choice", [v]))(v, *r)
    rng = c.get("second_rng", lambda r: r)(rng)
    fine = [(s, e2, c.get("ask_fine", ask)(s, e2)) for s in draw(fine_space, n2, rng)]
    chosen = c.get("final", lambda coarse, fine: max(fine, key=lambda t: t[2]))(coarse, fine)
    return c.get("answer", lambda t: t[0])(chosen), c.get("trials", lambda a, b: a + b)(coarse, fine)


@wrong("coarse_to_fine", "best of all runs, coarse ones too", r"fine|coarse|all|compar|short|best")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, final=lambda coarse, fine: max(coarse + fine, key=lambda t: t[2]))


@wrong("coarse_to_fine", "returns the best coarse setting", r"fine|coarse|best")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, final=lambda coarse, fine: max(coarse, key=lambda t: t[2]))


@wrong("coarse_to_fine", "the last fine run wins", r"last|highest|best|max|fine")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, final=lambda coarse, fine: fine[-1])


@wrong("coarse_to_fine", "the lowest accuracy wins among the fine runs (taken for a loss)", r"highest|lowest|min|max|best|fine")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, final=lambda coarse, fine: min(fine, key=lambda t: t[2]))


@wrong("coarse_to_fine", "centred on the worst coarse run", r"best|worst|centre|coarse|min|lowest|highest|around")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, pick=lambda trials: min(trials, key=lambda t: t[2]))


@wrong("coarse_to_fine", "centred on the last coarse run", r"best|last|centre|coarse|around")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, pick=lambda trials: trials[-1])


@wrong("coarse_to_fine", "fine runs measured on the test set", r"test|split|validation")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, ask_fine=lambda s, e: evaluate(s, e, split="test"))


@wrong("coarse_to_fine", "winner looked at on the test set at the end", r"test|split|validation|never")
def coarse_to_fine(evaluate, space, budget, rng):
    best, trials = _ctf(evaluate, space, budget, rng)
    evaluate(best, budget[1][1], split="test")
    return best, trials


@wrong("coarse_to_fine", "log: a third to EACH side, two thirds wide", r"third|wide|width|twice|side|log")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng,
                log=lambda v, a, b, r: (math.exp(math.log(v) - (b - a) / 3), math.exp(math.log(v) + (b - a) / 3)))


@wrong("coarse_to_fine", "log: a third as wide in the numbers, not in the logarithm", r"log|exponent|third|wide|number")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, log=lambda v, a, b, r: (max(r[0], v - (r[1] - r[0]) / 6), v + (r[1] - r[0]) / 6))


@wrong("coarse_to_fine", "log: best / 3 to best * 3, whatever the range", r"third|wide|log|range|3")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, log=lambda v, a, b, r: (v / 3, v * 3))


@wrong("coarse_to_fine", "log: cut at the old ends", r"beyond|cut|old|end|border|log")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, log=lambda v, a, b, r: (
        max(r[0], math.exp(math.log(v) - (b - a) / 6)), min(r[1], math.exp(math.log(v) + (b - a) / 6))))


@wrong("coarse_to_fine", "log: cut at the upper end only", r"beyond|cut|old|end|border|log|upper|high")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, log=lambda v, a, b, r: (
        math.exp(math.log(v) - (b - a) / 6), min(r[1], math.exp(math.log(v) + (b - a) / 6))))


@wrong("coarse_to_fine", "log: bases mixed: width from log10, put into e", r"log|base|third|wide|narrow|exp")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, log=lambda v, a, b, r: (
        math.exp(math.log(v) - math.log10(r[1] / r[0]) / 6), math.exp(math.log(v) + math.log10(r[1] / r[0]) / 6)))


@wrong("coarse_to_fine", "log: the middle third of the old range, the best is not looked at", r"centre|best|middle|around")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, log=lambda v, a, b, r: (math.exp(a + (b - a) / 3), math.exp(b - (b - a) / 3)))


@wrong("coarse_to_fine", "log: drawn upwards from the best only: (best, best * third)", r"centre|best|below|side|down|log")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, log=lambda v, a, b, r: (v, v * math.exp((b - a) / 3)))


@wrong("coarse_to_fine", "uniform: not cut at the old ends", r"cut|end|uniform|beyond|outside|old")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, uniform=lambda v, w, a, b: (v - w, v + w))


@wrong("coarse_to_fine", "uniform: cut at the upper end only", r"cut|end|uniform|beyond|outside|old|low")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, uniform=lambda v, w, a, b: (v - w, min(b, v + w)))


@wrong("coarse_to_fine", "uniform: pushed back inside instead of cut, so always a whole third wide", r"cut|shift|push|centre|third|uniform|mov|end")
def coarse_to_fine(evaluate, space, budget, rng):
    def window(v, w, a, b):
        low = min(max(a, v - w), b - 2 * w)
        return low, low + 2 * w

    return _ctf(evaluate, space, budget, rng, uniform=window)


@wrong("coarse_to_fine", "uniform: a third to each side", r"third|wide|width|twice|side|uniform")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, uniform=lambda v, w, a, b: (max(a, v - 2 * w), min(b, v + 2 * w)))


@wrong("coarse_to_fine", "uniform keeps its whole range", r"third|narrow|uniform|range|wide|whole")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, uniform=lambda v, w, a, b: (a, b))


@wrong("coarse_to_fine", "int is drawn anew from its whole range", r"int|best one|fixed|value|anew|same")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, int=lambda v, a, b: ("int", a, b))


@wrong("coarse_to_fine", "int: a third as wide around the best", r"int|best one|fixed|value|same")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, int=lambda v, a, b: ("int", max(a, v - (b - a) // 6), min(b, v + (b - a) // 6)))


@wrong("coarse_to_fine", "choice is drawn anew", r"choice|best one|fixed|value|anew|option|same")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, choice=lambda v, o: ("choice", o))


@wrong("coarse_to_fine", "int and choice are missing from the fine settings", r"missing|int|choice|entry|key|setting")
def coarse_to_fine(evaluate, space, budget, rng):
    def draw(where, n, rng):
        return [{k: v for k, v in s.items() if where[k][0] != "choice" or len(where[k][1]) > 1} for s in _sample(where, n, rng)]

    return _ctf(evaluate, space, budget, rng, draw=draw)


@wrong("coarse_to_fine", "fine runs are as short as the coarse ones", r"epoch|long|fine|budget|short")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, reads=lambda b: (b[0], (b[1][0], b[0][1])))


@wrong("coarse_to_fine", "budget read as (epochs, runs)", r"runs|epochs|budget|order|swap|exchang")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, reads=lambda b: tuple((r, e) for e, r in b))


@wrong("coarse_to_fine", "trials of the fine stage only", r"both|coarse|all|trials|missing|stage")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, trials=lambda a, b: b)


@wrong("coarse_to_fine", "trials sorted by accuracy", r"order|sort|made|trials")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, trials=lambda a, b: sorted(a + b, key=lambda t: t[2], reverse=True))


@wrong("coarse_to_fine", "trials as (config, accuracy): epochs missing", r"epochs|triple|three|trials|config")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, trials=lambda a, b: [(s, acc) for s, _, acc in a + b])


@wrong("coarse_to_fine", "trials as (config, accuracy, epochs)", r"order|epochs|accuracy|trials|config|swap|exchang")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, trials=lambda a, b: [(s, acc, e) for s, e, acc in a + b])


@wrong("coarse_to_fine", "best is the whole trial, not the setting", r"setting|config|trial|tuple|best|dict")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, answer=lambda t: t)


@wrong("coarse_to_fine", "max(settings, key=evaluate): the best coarse run is looked for by training all of them again", r"again|twice|runs|budget|once|call|evaluat")
def coarse_to_fine(evaluate, space, budget, rng):
    e1 = budget[0][1]
    return _ctf(evaluate, space, budget, rng, pick=lambda trials: max(trials, key=lambda t: evaluate(t[0], e1)))


@wrong("coarse_to_fine", "the fine stage draws from a generator of its own: default_rng()", r"rng|generator|same|repeat|drawn|fine")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, second_rng=lambda r: np.random.default_rng())


@wrong("coarse_to_fine", "the fine ranges wander: each new best becomes the centre", r"centre|coarse|wander|best|mov|around|range")
def coarse_to_fine(evaluate, space, budget, rng):
    best, trials = _ctf(evaluate, space, (budget[0], (1, budget[1][1])), rng)
    base = {k: v for k, v in space.items()}
    top = trials[-1]
    for _ in range(budget[1][0] - 1):
        near = {}
        for name, (kind, *r) in base.items():
            v = top[0][name]
            if kind == "log":
                f = (r[1] / r[0]) ** (1 / 6)
                near[name] = ("log", v / f, v * f)
            elif kind == "uniform":
                w = (r[1] - r[0]) / 6
                near[name] = ("uniform", max(r[0], v - w), min(r[1], v + w))
            else:
                near[name] = ("choice", [v])
        s = _sample(near, 1, rng)[0]
        trials.append((s, budget[1][1], evaluate(s, budget[1][1])))
        if trials[-1][2] > top[2]:
            top = trials[-1]
    return top[0], trials


@wrong("coarse_to_fine", "no second stage: both draw from the whole space", r"fine|third|narrow|range|around|whole|stage")
def coarse_to_fine(evaluate, space, budget, rng):
    trials = [(s, e, evaluate(s, e)) for n, e in budget for s in _sample(space, n, rng)]
    return max(trials[budget[0][0]:], key=lambda t: t[2])[0], trials


@wrong("coarse_to_fine", "two: best of all runs, log cut at the old ends", r"fine|coarse|compar|beyond|cut|end")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, final=lambda coarse, fine: max(coarse + fine, key=lambda t: t[2]),
                log=lambda v, a, b, r: (max(r[0], math.exp(math.log(v) - (b - a) / 6)), min(r[1], math.exp(math.log(v) + (b - a) / 6))))


@wrong("coarse_to_fine", "two: uniform not cut, choice drawn anew", r"cut|end|uniform|choice|best one|option")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, uniform=lambda v, w, a, b: (v - w, v + w), choice=lambda v, o: ("choice", o))


@wrong("coarse_to_fine", "two: cut and uncut exchanged: log cut at the old ends, uniform not", r"cut|end|beyond|log|uniform")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, uniform=lambda v, w, a, b: (v - w, v + w), log=lambda v, a, b, r: (
        max(r[0], math.exp(math.log(v) - (b - a) / 6)), min(r[1], math.exp(math.log(v) + (b - a) / 6))))


@wrong("coarse_to_fine", "two: a third to each side in both kinds of range", r"third|wide|width|twice|side")
def coarse_to_fine(evaluate, space, budget, rng):
    return _ctf(evaluate, space, budget, rng, uniform=lambda v, w, a, b: (max(a, v - 2 * w), min(b, v + 2 * w)),
                log=lambda v, a, b, r: (math.exp(math.log(v) - (b - a) / 3), math.exp(math.log(v) + (b - a) / 3)))


# ================================================================ log_run
def _modes(model):
    return [(m, m.training) for m in model.modules()]


def _put_back(modes):
    for m, training in modes:
        m.training = training


@right
def log_run(writer, model, history, example):
    losses, accuracies = history["loss"], history["val_accuracy"]
    for step, value in enumerate(losses):
        writer.add_scalar("loss", value, step)
    for epoch, value in enumerate(accuracies, start=1):
        writer.add_scalar("val_accuracy", value, epoch * (len(losses) // len(accuracies)))
    for name, parameter in model.named_parameters():
        writer.add_histogram(name, parameter.detach(), len(losses))
    modes = _modes(model)
    model.eval()
    try:
        writer.add_graph(model, example)
    finally:
        _put_back(modes)


_log = log_run


@also("log_run", "keywords, numpy values, the graph of a copy")
def log_run(writer, model, history, example):
    updates = len(history["loss"])
    writer.add_graph(copy.deepcopy(model).eval(), example)
    epochs = len(history["val_accuracy"])
    for k in range(updates):
        writer.add_scalar(tag="loss", scalar_value=float(history["loss"][k]), global_step=k)
    for e in range(epochs):
        writer.add_scalar(tag="val_accuracy", scalar_value=float(history["val_accuracy"][e]), global_step=(e + 1) * updates // epochs)
    for name, p in model.named_parameters():
        writer.add_histogram(tag=name, values=p.detach().cpu().numpy(), global_step=updates)


@also("log_run", "zip and range, no_grad")
def log_run(writer, model, history, example):
    n, epochs = len(history["loss"]), len(history["val_accuracy"])
    per_epoch = n // epochs
    for step, loss in zip(range(n), history["loss"]):
        writer.add_scalar("loss", loss, step)
    for step, accuracy in zip(range(per_epoch, n + 1, per_epoch), history["val_accuracy"]):
        writer.add_scalar("val_accuracy", accuracy, step)
    was = {module: module.training for module in model.modules()}
    with torch.no_grad():
        for name, p in dict(model.named_parameters()).items():
            writer.add_histogram(name, p.clone(), global_step=n)
        model.train(False)
        writer.add_graph(model, input_to_model=example)
    for module, mode in was.items():
        module.training = mode


def _write(writer, model, history, example, **c):
    losses, acc = history["loss"], history["val_accuracy"]
    n, per = len(losses), len(losses) // len(acc)
    for k, v in enumerate(losses):
        writer.add_scalar(c.get("loss_tag", "loss"), v, c.get("loss_step", lambda k: k)(k))
    for e, v in enumerate(acc):
        writer.add_scalar(c.get("val_tag", "val_accuracy"), v, c.get("val_step", lambda e, per: (e + 1) * per)(e, per))
    for name, p in c.get("named", lambda m: m.named_parameters())(model):
        writer.add_histogram(c.get("name", lambda s: s)(name), c.get("values", lambda p: p.detach())(p), c.get("hist_step", lambda n, e: n)(n, len(acc)))
    modes = _modes(model)
    c.get("mode", lambda m: m.eval())(model)
    if c.get("graph", True):
        writer.add_graph(model, example)
    c.get("back", lambda m, modes: _put_back(modes))(model, modes)


@wrong("log_run", "losses counted from 1", r"0|step|first|1|before|count|loss")
def log_run(writer, model, history, example):
    _write(writer, model, history, example, loss_step=lambda k: k + 1)


@wrong("log_run", "accuracies at the number of the epoch: 0, 1, 2", r"step|updates|epoch|val_accuracy|end")
def log_run(writer, model, history, example):
    _write(writer, model, history, example, val_step=lambda e, per: e)


@wrong("log_run", "accuracies at the number of the epoch from 1", r"step|updates|epoch|val_accuracy|end")
def log_run(writer, model, history, example):
    _write(writer, model, history, example, val_step=lambda e, per: e + 1)


@wrong("log_run", "accuracies at the START of their epoch", r"step|end|start|begin|epoch|val_accuracy")
def log_run(writer, model, history, example):
    _write(writer, model, history, example, val_step=lambda e, per: e * per)


@wrong("log_run", "accuracies one update early: the step of the epoch's last loss", r"step|end|made|last|one|val_accuracy|early")
def log_run(writer, model, history, example):
    _write(writer, model, history, example, val_step=lambda e, per: (e + 1) * per - 1)


@wrong("log_run", "all accuracies at the last step", r"step|epoch|each|same|val_accuracy|end")
def log_run(writer, model, history, example):
    n = len(history["loss"])
    _write(writer, model, history, example, val_step=lambda e, per: n)


@wrong("log_run", "only the last accuracy is written", r"val_accuracy|each|epoch|all|last|only")
def log_run(writer, model, history, example):
    n = len(history["loss"])
    for k, v in enumerate(history["loss"]):
        writer.add_scalar("loss", v, k)
    writer.add_scalar("val_accuracy", history["val_accuracy"][-1], n)
    for name, p in model.named_parameters():
        writer.add_histogram(name, p.detach(), n)
    modes = _modes(model)
    model.eval()
    writer.add_graph(model, example)
    _put_back(modes)


@wrong("log_run", "scalars without steps", r"step|place|global_step|0, 1, 2")
def log_run(writer, model, history, example):
    _write(writer, model, history, example, loss_step=lambda k: None, val_step=lambda e, per: None)


@wrong("log_run", "one loss an epoch: the mean", r"each|update|epoch|mean|loss|one")
def log_run(writer, model, history, example):
    losses, acc = history["loss"], history["val_accuracy"]
    per = len(losses) // len(acc)
    for e in range(len(acc)):
        writer.add_scalar("loss", float(np.mean(losses[e * per:(e + 1) * per])), e * per)
        writer.add_scalar("val_accuracy", acc[e], (e + 1) * per)
    for name, p in model.named_parameters():
        writer.add_histogram(name, p.detach(), len(losses))
    modes = _modes(model)
    model.eval()
    writer.add_graph(model, example)
    _put_back(modes)


@wrong("log_run", "histograms at step 0", r"histogram|step|all updates|number|end")
def log_run(writer, model, history, example):
    _write(writer, model, history, example, hist_step=lambda n, e: 0)


@wrong("log_run", "histograms at the number of epochs", r"histogram|step|updates|epoch|number")
def log_run(writer, model, history, example):
    _write(writer, model, history, example, hist_step=lambda n, e: e)


@wrong("log_run", "histograms at the last loss's step, one too early", r"histogram|step|updates|number|all|one|early")
def log_run(writer, model, history, example):
    _write(writer, model, history, example, hist_step=lambda n, e: n - 1)


@wrong("log_run", "histograms of state_dict: running statistics too", r"histogram|parameter|buffer|running|state_dict")
def log_run(writer, model, history, example):
    _write(writer, model, history, example, named=lambda m: [(k, v.float()) for k, v in m.state_dict().items()])


@wrong("log_run", "histograms of weights only, biases are left out", r"histogram|bias|each parameter|all|missing")
def log_run(writer, model, history, example):
    _write(writer, model, history, example, named=lambda m: [(k, p) for k, p in m.named_parameters() if p.dim() > 1])


@wrong("log_run", "frozen parameters are left out of the histograms", r"histogram|frozen|requires_grad|each parameter|all|missing")
def log_run(writer, model, history, example):
    _write(writer, model, history, example, named=lambda m: [(k, p) for k, p in m.named_parameters() if p.requires_grad])


@wrong("log_run", "histogram names: 'parameters/' put in front, dots to slashes", r"name|histogram|tag")
def log_run(writer, model, history, example):
    _write(writer, model, history, example, name=lambda s: "parameters/" + s.replace(".", "/"))


@wrong("log_run", "histograms numbered by enumerate", r"name|histogram|tag")
def log_run(writer, model, history, example):
    _write(writer, model, history, example, named=lambda m: [(f"w{i}", p) for i, p in enumerate(m.parameters())])


@wrong("log_run", "histograms of the gradients, zeros where there is none", r"histogram|gradient|parameter|values")
def log_run(writer, model, history, example):
    _write(writer, model, history, example, values=lambda p: torch.zeros_like(p) if p.grad is None else p.grad)


@wrong("log_run", "histograms of absolute values", r"histogram|absolute|sign|values|parameter")
def log_run(writer, model, history, example):
    _write(writer, model, history, example, values=lambda p: p.detach().abs())


@wrong("log_run", "no graph", r"graph")
def log_run(writer, model, history, example):
    _write(writer, model, history, example, graph=False)


@wrong("log_run", "the graph without an example", r"graph|example|input")
def log_run(writer, model, history, example):
    _write(writer, model, history, example, graph=False)
    writer.add_graph(model)


@wrong("log_run", "model left in evaluation mode", r"mode|eval|left|before|found")
def log_run(writer, model, history, example):
    _write(writer, model, history, example, back=lambda m, modes: None)


@wrong("log_run", "model always left in training mode", r"mode|train|left|before|found")
def log_run(writer, model, history, example):
    _write(writer, model, history, example, back=lambda m, modes: m.train())


@wrong("log_run", "a pass in training mode before the graph: running statistics move", r"running|statistic|mode|found|before|mov")
def log_run(writer, model, history, example):
    modes = _modes(model)
    model.train()
    with torch.no_grad():
        model(example)
    _put_back(modes)
    _write(writer, model, history, example)


@wrong("log_run", "closes the writer", r"clos|writer")
def log_run(writer, model, history, example):
    _write(writer, model, history, example)
    writer.close()


@wrong("log_run", "tags 'Loss/train' and 'Accuracy/val', as in the tutorial", r"tag|name|loss|val_accuracy")
def log_run(writer, model, history, example):
    _write(writer, model, history, example, loss_tag="Loss/train", val_tag="Accuracy/val")


@wrong("log_run", "accuracies in percent", r"percent|100|value|val_accuracy")
def log_run(writer, model, history, example):
    _write(writer, model, {**history, "val_accuracy": [100 * a for a in history["val_accuracy"]]}, example)


@wrong("log_run", "two: losses from 1, accuracies at the epoch's number", r"0|step|updates|epoch|first|count")
def log_run(writer, model, history, example):
    _write(writer, model, history, example, loss_step=lambda k: k + 1, val_step=lambda e, per: e + 1)


@wrong("log_run", "two: histograms at step 0 and model left in evaluation mode", r"histogram|step|mode|eval|left")
def log_run(writer, model, history, example):
    _write(writer, model, history, example, hist_step=lambda n, e: 0, back=lambda m, modes: None)


@wrong("log_run", "two: no graph, biases left out of the histograms", r"graph|histogram|bias|each parameter")
def log_run(writer, model, history, example):
    _write(writer, model, history, example, graph=False, named=lambda m: [(k, p) for k, p in m.named_parameters() if not k.endswith("bias")])


# ================================================================ pareto_front
@right
def pareto_front(seconds, accuracies):
    pairs = list(zip(seconds, accuracies))

    def pointless(s, a):
        return any(t <= s and b >= a and (t < s or b > a) for t, b in pairs)

    front = [i for i, (s, a) in enumerate(pairs) if not pointless(s, a)]
    return sorted(front, key=lambda i: (seconds[i], i))


_pareto = pareto_front


@also("pareto_front", "one sweep by time")
def pareto_front(seconds, accuracies):
    order = np.lexsort((np.arange(len(seconds)), -np.asarray(accuracies, float), seconds))
    front, best, when = [], -math.inf, None
    for i in order:
        if accuracies[i] > best or (accuracies[i] == best and seconds[i] == when):
            front.append(int(i))
            best, when = accuracies[i], seconds[i]
    return front


@also("pareto_front", "a matrix of comparisons, a tuple out")
def pareto_front(seconds, accuracies):
    s, a = np.asarray(seconds), np.asarray(accuracies)
    no_worse = (s[:, None] <= s) & (a[:, None] >= a)
    better = (s[:, None] < s) | (a[:, None] > a)
    left = np.flatnonzero(~(no_worse & better).any(axis=0))
    return tuple(left[np.argsort(s[left], kind="stable")].tolist())


def _front(seconds, accuracies, beaten, order=None):
    n = len(seconds)
    left = [i for i in range(n) if not any(j != i and beaten(seconds[i], accuracies[i], seconds[j], accuracies[j]) for j in range(n))]
    return sorted(left, key=order or (lambda i: (seconds[i], i)))


@wrong("pareto_front", "only a run better in BOTH makes pointless", r"both|one of the two|equal|tie|as fast|as accurate|at least")
def pareto_front(seconds, accuracies):
    return _front(seconds, accuracies, lambda s, a, t, b: t < s and b > a)


@wrong("pareto_front", "a slower run of equal accuracy stays: faster only counts with more accuracy", r"equal|same accuracy|faster|at least|tie|slower")
def pareto_front(seconds, accuracies):
    return _front(seconds, accuracies, lambda s, a, t, b: t <= s and b > a)


@wrong("pareto_front", "an equally fast run of less accuracy stays", r"equal|same time|as fast|at least|tie|less accura")
def pareto_front(seconds, accuracies):
    return _front(seconds, accuracies, lambda s, a, t, b: t < s and b >= a)


@wrong("pareto_front", "two equal runs throw each other out", r"equal|both|same|twin|do not|duplicate")
def pareto_front(seconds, accuracies):
    return _front(seconds, accuracies, lambda s, a, t, b: t <= s and b >= a)


@wrong("pareto_front", "of two equal runs only the first stays", r"equal|both|same|second|do not|duplicate|twin")
def pareto_front(seconds, accuracies):
    order = sorted(range(len(seconds)), key=lambda i: (seconds[i], -accuracies[i], i))
    front, best = [], -math.inf
    for i in order:
        if accuracies[i] > best:
            front.append(i)
            best = accuracies[i]
    return front


@wrong("pareto_front", "sweep with >=: a slower run of the same accuracy stays", r"equal|same accuracy|slower|at least|>=|tie")
def pareto_front(seconds, accuracies):
    order = sorted(range(len(seconds)), key=lambda i: (seconds[i], -accuracies[i], i))
    front, best = [], -math.inf
    for i in order:
        if accuracies[i] >= best:
            front.append(i)
            best = accuracies[i]
    return front


@wrong("pareto_front", "sweep by seconds alone: of equally fast runs a worse one stays when it comes first", r"equal|same time|as fast|tie|first|order")
def pareto_front(seconds, accuracies):
    order = np.argsort(seconds, kind="stable")
    front, best = [], -math.inf
    for i in order:
        if accuracies[i] > best or (front and accuracies[i] == best and seconds[i] == seconds[front[-1]]):
            front.append(int(i))
            best = accuracies[i]
    return front


@wrong("pareto_front", "by rising index, not by rising seconds", r"order|sort|rising|seconds|index")
def pareto_front(seconds, accuracies):
    return sorted(_pareto(seconds, accuracies))


@wrong("pareto_front", "by falling seconds", r"order|sort|rising|falling|seconds|reverse")
def pareto_front(seconds, accuracies):
    return sorted(_pareto(seconds, accuracies), key=lambda i: (-seconds[i], i))


@wrong("pareto_front", "equal ones by falling index", r"equal|index|order|rising|tie")
def pareto_front(seconds, accuracies):
    return sorted(_pareto(seconds, accuracies), key=lambda i: (seconds[i], -i))


@wrong("pareto_front", "positions in the sorted list instead of the runs' own indices", r"index|indices|position|sorted|original|own")
def pareto_front(seconds, accuracies):
    order = sorted(range(len(seconds)), key=lambda i: (seconds[i], i))
    s, a = [seconds[i] for i in order], [accuracies[i] for i in order]
    return _pareto(s, a)


@wrong("pareto_front", "pairs (seconds, accuracy) instead of indices", r"ind(ex|ices)|pairs|values|seconds")
def pareto_front(seconds, accuracies):
    return [(seconds[i], accuracies[i]) for i in _pareto(seconds, accuracies)]


@wrong("pareto_front", "a mask instead of indices", r"mask|bool|ind(ex|ices)")
def pareto_front(seconds, accuracies):
    front = set(_pareto(seconds, accuracies))
    return [i in front for i in range(len(seconds))]


@wrong("pareto_front", "low accuracies are taken for good (as a loss)", r"accura|high|low|direction|sign|better")
def pareto_front(seconds, accuracies):
    return _pareto(seconds, [-a for a in accuracies])


@wrong("pareto_front", "long times are taken for good", r"fast|second|slow|direction|time|better")
def pareto_front(seconds, accuracies):
    return sorted(_pareto([-s for s in seconds], accuracies), key=lambda i: (seconds[i], i))


@wrong("pareto_front", "a run is compared only with its neighbour in time", r"neighbour|every|all|other|before|any")
def pareto_front(seconds, accuracies):
    order = sorted(range(len(seconds)), key=lambda i: (seconds[i], -accuracies[i], i))
    return [i for k, i in enumerate(order)
            if k == 0 or accuracies[i] > accuracies[order[k - 1]]
            or (seconds[i], accuracies[i]) == (seconds[order[k - 1]], accuracies[order[k - 1]])]


@wrong("pareto_front", "only the fastest and the most accurate", r"between|all|front|only|fastest|best")
def pareto_front(seconds, accuracies):
    if not len(seconds):
        return []
    fastest = min(range(len(seconds)), key=lambda i: (seconds[i], -accuracies[i]))
    best = min(range(len(seconds)), key=lambda i: (-accuracies[i], seconds[i]))
    return [fastest] if fastest == best else [fastest, best]


@wrong("pareto_front", "starts with best = 0: a run of accuracy 0 is never on the front", r"\b0\b|first|accuracy|start|zero|fastest")
def pareto_front(seconds, accuracies):
    order = sorted(range(len(seconds)), key=lambda i: (seconds[i], -accuracies[i], i))
    front, best, when = [], 0, None
    for i in order:
        if accuracies[i] > best or (front and accuracies[i] == best and seconds[i] == when):
            front.append(i)
            best, when = accuracies[i], seconds[i]
    return front


@wrong("pareto_front", "fails for no runs at all: max of an empty list", r"empty|no runs|N = 0|0|none")
def pareto_front(seconds, accuracies):
    latest = max(seconds)
    return [i for i in _pareto(seconds, accuracies) if seconds[i] <= latest]


@wrong("pareto_front", "sorts the caller's arrays in place: the indices no longer fit them", r"chang|in place|sort|copy|modif|caller|ind(ex|ices)")
def pareto_front(seconds, accuracies):
    order = np.argsort(seconds, kind="stable")
    seconds[:], accuracies[:] = np.asarray(seconds)[order], np.asarray(accuracies)[order]
    return [int(order[i]) for i in _pareto(seconds, accuracies)]


@wrong("pareto_front", "times rounded to whole seconds", r"round|second|whole|int|equal")
def pareto_front(seconds, accuracies):
    s = [int(t) for t in seconds]
    return sorted(_pareto(s, accuracies), key=lambda i: (seconds[i], i))


@wrong("pareto_front", "two: better in both only, and by index", r"both|one of the two|equal|order|rising|seconds|at least")
def pareto_front(seconds, accuracies):
    return _front(seconds, accuracies, lambda s, a, t, b: t < s and b > a, lambda i: i)


@wrong("pareto_front", "two: of equal runs only the first, sorted by falling seconds", r"equal|both|order|falling|rising|seconds")
def pareto_front(seconds, accuracies):
    seen, front = set(), []
    for i in _pareto(seconds, accuracies):
        if (seconds[i], accuracies[i]) not in seen:
            seen.add((seconds[i], accuracies[i]))
            front.append(i)
    return front[::-1]
