"""Strangers' programs for notebook 06: written from the learner's notebook only (form: see README.md beside the banks)."""
import copy
import math

import numpy as np
import torch
import torch.nn.functional as F
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


# The cache of all forward passes for rows here: (x, xhat, mean, var, gamma, eps); of test mode: None.

# ================================================================ batchnorm_forward
@right
def batchnorm_forward(x, gamma, beta, bn_param):
    eps, keep = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    zero = np.zeros(x.shape[1], dtype=x.dtype)
    run_mean, run_var = bn_param.get("running_mean", zero), bn_param.get("running_var", zero)
    if bn_param["mode"] == "test":
        out = gamma * (x - run_mean) / np.sqrt(run_var + eps) + beta
        return out.astype(x.dtype, copy=False), None
    mean, var = x.mean(axis=0), x.var(axis=0)
    xhat = (x - mean) / np.sqrt(var + eps)
    bn_param["running_mean"] = (keep * run_mean + (1 - keep) * mean).astype(x.dtype)
    bn_param["running_var"] = (keep * run_var + (1 - keep) * var).astype(x.dtype)
    return (gamma * xhat + beta).astype(x.dtype, copy=False), (x, xhat, mean, var, gamma, eps)


_bnf = batchnorm_forward


@also("batchnorm_forward", "running arrays updated in place, float64 inside")
def batchnorm_forward(x, gamma, beta, bn_param):
    N, D = x.shape
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    if bn_param["mode"] == "train":
        wide = x.astype(np.float64)
        mean = wide.sum(axis=0) / N
        centred = wide - mean
        var = np.einsum("nd,nd->d", centred, centred) / N
        for name, fresh in (("running_mean", mean), ("running_var", var)):
            if name not in bn_param:
                bn_param[name] = np.zeros(D, x.dtype)
            bn_param[name] *= momentum
            bn_param[name] += ((1 - momentum) * fresh).astype(x.dtype)
        xhat = centred / np.sqrt(var + eps)
        out = xhat * gamma + beta
        return out.astype(x.dtype), (x, xhat, mean, var, gamma, eps)
    mean = bn_param.get("running_mean", np.zeros(D, x.dtype))
    var = bn_param.get("running_var", np.zeros(D, x.dtype))
    scale = gamma / np.sqrt(var + eps)
    return (x * scale + (beta - mean * scale)).astype(x.dtype), None


@also("batchnorm_forward", "feature by feature, in loops")
def batchnorm_forward(x, gamma, beta, bn_param):
    N, D = x.shape
    out, xhat = np.empty_like(x), np.empty_like(x)
    mean, var = np.zeros(D, x.dtype), np.zeros(D, x.dtype)
    eps = bn_param["eps"] if "eps" in bn_param else 1e-5
    m = bn_param["momentum"] if "momentum" in bn_param else 0.9
    training = bn_param["mode"] == "train"
    old_mean = bn_param.get("running_mean", np.zeros(D, x.dtype))
    old_var = bn_param.get("running_var", np.zeros(D, x.dtype))
    for d in range(D):
        column = x[:, d]
        if training:
            mean[d] = np.mean(column)
            var[d] = np.mean((column - mean[d]) ** 2)
        else:
            mean[d], var[d] = old_mean[d], old_var[d]
        xhat[:, d] = (column - mean[d]) / math.sqrt(var[d] + eps)
        out[:, d] = gamma[d] * xhat[:, d] + beta[d]
    if training:
        bn_param["running_mean"] = np.asarray(m * old_mean + (1 - m) * mean, dtype=x.dtype)
        bn_param["running_var"] = np.asarray(m * old_var + (1 - m) * var, dtype=x.dtype)
    return out, (x, xhat, mean, var, gamma, eps)


@also("batchnorm_forward", "lazy form: old + (1 - m)(new - old); torch does the counting")
def batchnorm_forward(x, gamma, beta, bn_param):
    settings = {"eps": 1e-5, "momentum": 0.9, "running_mean": np.zeros_like(x[0]), "running_var": np.zeros_like(x[0])}
    settings.update(bn_param)
    if settings["mode"] == "train":
        t = torch.from_numpy(np.ascontiguousarray(x))
        mean, var = t.mean(0).numpy(), t.var(0, unbiased=False).numpy()
        for name, value in zip(("running_mean", "running_var"), (mean, var)):
            old = settings[name]
            bn_param[name] = (old + (1 - settings["momentum"]) * (value - old)).astype(x.dtype)
    else:
        mean, var = settings["running_mean"], settings["running_var"]
    xhat = (x - mean) * (var + settings["eps"]) ** -0.5
    return np.add(xhat * gamma, beta).astype(x.dtype), (x, xhat, mean, var, gamma, settings["eps"])


def _bn(x, gamma, beta, p, **c):
    """The usual solution with switches for the usual faults."""
    eps, m = p.get("eps", c.get("eps", 1e-5)), p.get("momentum", c.get("momentum", 0.9))
    rm = p.get("running_mean", np.zeros(x.shape[1], x.dtype))
    rv = p.get("running_var", np.full(x.shape[1], c.get("start", 0), x.dtype))
    root = c.get("root", lambda v, e: np.sqrt(v + e))
    if p["mode"] == "train":
        mean, var = x.mean(0), x.var(0, ddof=c.get("ddof", 0))
        xhat = (x - mean) / root(var, eps)
        out = gamma * xhat + beta
        cache = (x, xhat, mean, var, gamma, eps)
        kept = c.get("kept", lambda mean, var, n: (mean, var))(mean, var, len(x))
        average = c.get("average", lambda m, old, new: m * old + (1 - m) * new)
        if c.get("store", True):
            p["running_mean"], p["running_var"] = (np.asarray(average(m, o, n)).astype(x.dtype) for o, n in zip((rm, rv), kept))
    else:
        out = gamma * ((x - rm) / c.get("test_root", root)(rv, eps)) + beta
        cache = None
    return out.astype(x.dtype), cache


@wrong("batchnorm_forward", "torch's momentum: share of the NEW value", r"momentum|old|share|torch")
def batchnorm_forward(x, gamma, beta, bn_param):
    return _bn(x, gamma, beta, bn_param, average=lambda m, old, new: (1 - m) * old + m * new)


@wrong("batchnorm_forward", "unbiased variance (N - 1) everywhere in training", r"biased|N\s*[-−]\s*1|ddof|variance")
def batchnorm_forward(x, gamma, beta, bn_param):
    return _bn(x, gamma, beta, bn_param, ddof=1)


@wrong("batchnorm_forward", "only the running variance is unbiased, as in torch", r"biased|running|N\s*[-−]\s*1|torch")
def batchnorm_forward(x, gamma, beta, bn_param):
    return _bn(x, gamma, beta, bn_param, kept=lambda mean, var, n: (mean, var * n / (n - 1)))


@wrong("batchnorm_forward", "eps added to the standard deviation, outside the root", r"eps|ε|root|under|outside")
def batchnorm_forward(x, gamma, beta, bn_param):
    return _bn(x, gamma, beta, bn_param, root=lambda v, e: np.sqrt(v) + e)


@wrong("batchnorm_forward", "eps outside the root in test mode only", r"eps|ε|root|under|outside|test")
def batchnorm_forward(x, gamma, beta, bn_param):
    return _bn(x, gamma, beta, bn_param, test_root=lambda v, e: np.sqrt(v) + e)


@wrong("batchnorm_forward", "running variance starts at 1 (torch)", r"start|running|1|torch|0 when absent|absent")
def batchnorm_forward(x, gamma, beta, bn_param):
    return _bn(x, gamma, beta, bn_param, start=1)


@wrong("batchnorm_forward", "the running 'variance' is a standard deviation", r"running_var|standard|std|variance|root")
def batchnorm_forward(x, gamma, beta, bn_param):
    return _bn(x, gamma, beta, bn_param, kept=lambda mean, var, n: (mean, np.sqrt(var)))


@wrong("batchnorm_forward", "running values overwritten by the batch's: no averaging", r"momentum|averag|old|overwrit|running")
def batchnorm_forward(x, gamma, beta, bn_param):
    return _bn(x, gamma, beta, bn_param, average=lambda m, old, new: new)


@wrong("batchnorm_forward", "default momentum 0.99 (Keras)", r"momentum|default|absent|0\.9")
def batchnorm_forward(x, gamma, beta, bn_param):
    return _bn(x, gamma, beta, bn_param, momentum=0.99)


@wrong("batchnorm_forward", "default eps 1e-3 (Keras)", r"eps|default|absent|1e-5")
def batchnorm_forward(x, gamma, beta, bn_param):
    return _bn(x, gamma, beta, bn_param, eps=1e-3)


@wrong("batchnorm_forward", "reads 'epsilon', so 'eps' is ignored", r"eps|ignor|read|setting")
def batchnorm_forward(x, gamma, beta, bn_param):
    e = bn_param.get("epsilon", 1e-5)
    return _bn(x, gamma, beta, bn_param, root=lambda v, _: np.sqrt(v + e))


@wrong("batchnorm_forward", "eps = 0 is taken for absent: get(...) or 1e-5", r"eps|absent|\b0\b|default")
def batchnorm_forward(x, gamma, beta, bn_param):
    e = bn_param.get("eps") or 1e-5
    return _bn(x, gamma, beta, bn_param, root=lambda v, _: np.sqrt(v + e))


@wrong("batchnorm_forward", "momentum not read: always 0.9", r"momentum|ignor|read|setting")
def batchnorm_forward(x, gamma, beta, bn_param):
    return _bn(x, gamma, beta, bn_param, average=lambda _, old, new: 0.9 * old + 0.1 * new)


@wrong("batchnorm_forward", "the running variance takes the mean's old value along (copied line): 0.9 * running_mean + 0.1 * var", r"running_var|variance|old|running")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    running_mean = bn_param.get("running_mean", np.zeros(x.shape[1], dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(x.shape[1], dtype=x.dtype))
    if bn_param["mode"] == "train":
        mean, var = np.mean(x, axis=0), np.var(x, axis=0)
        xhat = (x - mean) / np.sqrt(var + eps)
        running_mean = momentum * running_mean + (1 - momentum) * mean
        running_var = momentum * running_mean + (1 - momentum) * var
        bn_param["running_mean"], bn_param["running_var"] = running_mean.astype(x.dtype), running_var.astype(x.dtype)
        return (gamma * xhat + beta).astype(x.dtype), (x, xhat, mean, var, gamma, eps)
    return (gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta).astype(x.dtype), None


@wrong("batchnorm_forward", "only the running variance has torch's momentum; the mean is right", r"momentum|running_var|old|share|variance")
def batchnorm_forward(x, gamma, beta, bn_param):
    old = bn_param.get("running_var", np.zeros(x.shape[1], x.dtype))
    out, cache = _bn(x, gamma, beta, bn_param)
    if cache is not None:
        m = bn_param.get("momentum", 0.9)
        bn_param["running_var"] = ((1 - m) * old + m * cache[3]).astype(x.dtype)
    return out, cache


@wrong("batchnorm_forward", "two: test mode without gamma and beta, and running variance unbiased", r"gamma|γ|beta|test|biased|N\s*[-−]\s*1")
def batchnorm_forward(x, gamma, beta, bn_param):
    if bn_param["mode"] == "test":
        ones = np.ones_like(gamma)
        return _bn(x, ones, 0 * ones, bn_param)
    return _bn(x, gamma, beta, bn_param, kept=lambda mean, var, n: (mean, var * n / (n - 1)))


@wrong("batchnorm_forward", "new running values stay local: not written back", r"written|writ|stor|bn_param|running|kept")
def batchnorm_forward(x, gamma, beta, bn_param):
    return _bn(x, gamma, beta, bn_param, store=False)


@wrong("batchnorm_forward", "x centred in place", r"modif|in place|chang|\bx\b.*copy|copy")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    running_mean = bn_param.get("running_mean", np.zeros(x.shape[1], dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(x.shape[1], dtype=x.dtype))
    if bn_param["mode"] == "train":
        mean = x.mean(axis=0)
        var = x.var(axis=0)
        x -= mean
        xhat = x / np.sqrt(var + eps)
        bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
        bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
        return gamma * xhat + beta, (x + mean, xhat, mean, var, gamma, eps)
    xhat = (x - running_mean) / np.sqrt(running_var + eps)
    return gamma * xhat + beta, None


@wrong("batchnorm_forward", "test mode uses the batch's statistics", r"test|running|mode|batch")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    mean, var = x.mean(axis=0), x.var(axis=0)
    xhat = (x - mean) / np.sqrt(var + eps)
    if bn_param["mode"] == "train":
        old_mean, old_var = (bn_param.get(k, np.zeros_like(mean)) for k in ("running_mean", "running_var"))
        bn_param["running_mean"] = momentum * old_mean + (1 - momentum) * mean
        bn_param["running_var"] = momentum * old_var + (1 - momentum) * var
    return (gamma * xhat + beta).astype(x.dtype), (x, xhat, mean, var, gamma, eps)


@wrong("batchnorm_forward", "test mode moves the running statistics too", r"test|alone|running|mode|chang|mov")
def batchnorm_forward(x, gamma, beta, bn_param):
    out, cache = _bn(x, gamma, beta, bn_param)
    if bn_param["mode"] == "test":
        m = bn_param.get("momentum", 0.9)
        bn_param["running_mean"] = m * bn_param.get("running_mean", 0) + (1 - m) * x.mean(axis=0)
        bn_param["running_var"] = m * bn_param.get("running_var", 0) + (1 - m) * x.var(axis=0)
    return out, cache


@wrong("batchnorm_forward", "training normalises by the running values it has just updated", r"running|batch|train|own")
def batchnorm_forward(x, gamma, beta, bn_param):
    if bn_param["mode"] == "train":
        _, cache = _bn(x, gamma, beta, bn_param)
        out, _ = _bn(x, gamma, beta, {**bn_param, "mode": "test"})
        return out, cache
    return _bn(x, gamma, beta, bn_param)


@wrong("batchnorm_forward", "one mean and variance for the whole array", r"feature|axis|column|whole|one (mean|pair)|each")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps, m = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    if bn_param["mode"] == "train":
        mean, var = x.mean(), x.var()
        bn_param["running_mean"] = m * bn_param.get("running_mean", np.zeros(x.shape[1], x.dtype)) + (1 - m) * mean
        bn_param["running_var"] = m * bn_param.get("running_var", np.zeros(x.shape[1], x.dtype)) + (1 - m) * var
        xhat = (x - mean) / np.sqrt(var + eps)
        return gamma * xhat + beta, (x, xhat, mean, var, gamma, eps)
    return _bn(x, gamma, beta, bn_param)


@wrong("batchnorm_forward", "axis 1: each example normalised by its own features (running values of the features)", r"axis|example|row|feature|layer")
def batchnorm_forward(x, gamma, beta, bn_param):
    if bn_param["mode"] == "test":
        return _bn(x, gamma, beta, bn_param)
    _bn(x, gamma, beta, bn_param)
    eps = bn_param.get("eps", 1e-5)
    mean, var = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
    xhat = (x - mean) / np.sqrt(var + eps)
    return gamma * xhat + beta, (x, xhat, mean, var, gamma, eps)


@wrong("batchnorm_forward", "gamma and beta left out in test mode", r"gamma|γ|beta|β|test|scale|shift")
def batchnorm_forward(x, gamma, beta, bn_param):
    if bn_param["mode"] == "test":
        ones = np.ones_like(gamma)
        return _bn(x, ones, 0 * ones, bn_param)
    return _bn(x, gamma, beta, bn_param)


@wrong("batchnorm_forward", "shift before scale: gamma * (xhat + beta)", r"beta|β|shift|order|γ|gamma")
def batchnorm_forward(x, gamma, beta, bn_param):
    return _bn(x, gamma, gamma * beta, bn_param)


@wrong("batchnorm_forward", "np.zeros(D): float32 in, float64 running values and test output", r"dtype|float64|float32")
def batchnorm_forward(x, gamma, beta, bn_param):
    N, D = x.shape
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    running_mean, running_var = bn_param.get("running_mean", np.zeros(D)), bn_param.get("running_var", np.zeros(D))
    if bn_param["mode"] == "train":
        mean, var = x.mean(axis=0), x.var(axis=0)
        xhat = (x - mean) / np.sqrt(var + eps)
        running_mean = momentum * running_mean + (1 - momentum) * mean
        running_var = momentum * running_var + (1 - momentum) * var
        bn_param["running_mean"], bn_param["running_var"] = running_mean, running_var
        return gamma * xhat + beta, (x, xhat, mean, var, gamma, eps)
    return gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta, None


@wrong("batchnorm_forward", "momentum 0 is taken for absent: get(...) or 0.9", r"momentum|0|absent|or")
def batchnorm_forward(x, gamma, beta, bn_param):
    m = bn_param.get("momentum") or 0.9
    return _bn(x, gamma, beta, bn_param, average=lambda _, old, new: m * old + (1 - m) * new)


@wrong("batchnorm_forward", "keepdims: running statistics become (1, D)", r"shape|keepdims|\(1, ?D|\(D,?\)|dimension")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps, m = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    if bn_param["mode"] == "test":
        return _bn(x, gamma, beta, bn_param)
    mean, var = x.mean(axis=0, keepdims=True), x.var(axis=0, keepdims=True)
    old = [bn_param.get(k, np.zeros_like(mean)) for k in ("running_mean", "running_var")]
    bn_param["running_mean"], bn_param["running_var"] = m * old[0] + (1 - m) * mean, m * old[1] + (1 - m) * var
    xhat = (x - mean) / np.sqrt(var + eps)
    return gamma * xhat + beta, (x, xhat, mean[0], var[0], gamma, eps)


@wrong("batchnorm_forward", "test mode fails with KeyError where running values are absent", r"absent|running|KeyError|0|test")
def batchnorm_forward(x, gamma, beta, bn_param):
    if bn_param["mode"] == "test":
        eps = bn_param.get("eps", 1e-5)
        xhat = (x - bn_param["running_mean"]) / np.sqrt(bn_param["running_var"] + eps)
        return gamma * xhat + beta, None
    return _bn(x, gamma, beta, bn_param)


@wrong("batchnorm_forward", "returns out only", r"two|cache|return|pair|tuple")
def batchnorm_forward(x, gamma, beta, bn_param):
    return _bn(x, gamma, beta, bn_param)[0]


@wrong("batchnorm_forward", "test mode: the root of the running variance forgotten", r"root|sqrt|√|test|variance")
def batchnorm_forward(x, gamma, beta, bn_param):
    return _bn(x, gamma, beta, bn_param, test_root=lambda v, e: v + e)


@wrong("batchnorm_forward", "works on a copy of bn_param: the caller's dict never changes", r"written|writ|bn_param|copy|dict|running|kept")
def batchnorm_forward(x, gamma, beta, bn_param):
    return _bn(x, gamma, beta, dict(bn_param))


@wrong("batchnorm_forward", "two: torch's momentum and running variance from 1", r"momentum|old|share|torch|start")
def batchnorm_forward(x, gamma, beta, bn_param):
    return _bn(x, gamma, beta, bn_param, start=1, average=lambda m, old, new: (1 - m) * old + m * new)


@wrong("batchnorm_forward", "two: unbiased running variance, and eps outside the root", r"biased|N\s*[-−]\s*1|eps|ε|root|outside")
def batchnorm_forward(x, gamma, beta, bn_param):
    return _bn(x, gamma, beta, bn_param, kept=lambda mean, var, n: (mean, var * n / (n - 1)), root=lambda v, e: np.sqrt(v) + e)


@wrong("batchnorm_forward", "two: default momentum 0.1, default eps 1e-8", r"default|absent|momentum|eps")
def batchnorm_forward(x, gamma, beta, bn_param):
    return _bn(x, gamma, beta, bn_param, momentum=0.1, eps=1e-8)


# ================================================================ bn_dxhat
@right
def bn_dxhat(dout, gamma):
    return np.einsum("nd,d->nd", dout, gamma)


@also("bn_dxhat", "broadcast")
def bn_dxhat(dout, gamma):
    return gamma[None, :] * dout


@also("bn_dxhat", "row by row")
def bn_dxhat(dout, gamma):
    return np.stack([row * gamma for row in dout])


@wrong("bn_dxhat", "gamma forgotten", r"gamma|γ")
def bn_dxhat(dout, gamma):
    return dout.copy()


@wrong("bn_dxhat", "divides by gamma", r"divid|gamma|γ|times|multipl")
def bn_dxhat(dout, gamma):
    return dout / gamma


@wrong("bn_dxhat", "summed over the batch as dgamma is", r"sum|shape|\(N, ?D\)|each example|axis")
def bn_dxhat(dout, gamma):
    return gamma * dout.sum(axis=0)


@wrong("bn_dxhat", "matrix product dout @ gamma", r"shape|product|element|\(N, ?D\)|sum|@|dot")
def bn_dxhat(dout, gamma):
    return dout @ gamma


@wrong("bn_dxhat", "divided by N on top (mean for sum)", r"N|mean|divid|factor|batch")
def bn_dxhat(dout, gamma):
    return dout * gamma / len(dout)


@wrong("bn_dxhat", "two: sign, and |gamma|", r"sign|minus|gamma|γ|absolute")
def bn_dxhat(dout, gamma):
    return -dout * np.abs(gamma)


# ================================================================ bn_dvar
@right
def bn_dvar(dxhat, x, mean, var, eps):
    std = np.sqrt(var + eps)
    return -((x - mean) * dxhat).sum(axis=0) / (2 * std * std * std)


_dvar = bn_dvar


@also("bn_dvar", "einsum and power")
def bn_dvar(dxhat, x, mean, var, eps):
    return -0.5 * (var + eps) ** -1.5 * np.einsum("nd,nd->d", dxhat, x - mean)


@also("bn_dvar", "by way of xhat")
def bn_dvar(dxhat, x, mean, var, eps):
    xhat = (x - mean) / np.sqrt(var + eps)
    return np.sum(dxhat * xhat, axis=0) / (-2.0 * (var + eps))


@wrong("bn_dvar", "sign", r"sign|minus|negat")
def bn_dvar(dxhat, x, mean, var, eps):
    return 0.5 * np.sum(dxhat * (x - mean), axis=0) * (var + eps) ** -1.5


@wrong("bn_dvar", "the one half is missing", r"half|½|1/2|0\.5|factor|twice|2")
def bn_dvar(dxhat, x, mean, var, eps):
    return -np.sum(dxhat * (x - mean), axis=0) * (var + eps) ** -1.5


@wrong("bn_dvar", "power -1/2 kept instead of -3/2", r"power|3/2|1\.5|exponent|root")
def bn_dvar(dxhat, x, mean, var, eps):
    return -0.5 * np.sum(dxhat * (x - mean), axis=0) / np.sqrt(var + eps)


@wrong("bn_dvar", "Python precedence: (var + eps) ** -3 / 2", r"power|3/2|1\.5|exponent|bracket|parenth|precedence")
def bn_dvar(dxhat, x, mean, var, eps):
    return -0.5 * np.sum(dxhat * (x - mean), axis=0) * (var + eps) ** -3 / 2


@wrong("bn_dvar", "-3 // 2 is -2", r"power|3/2|1\.5|exponent|//|integer|-2")
def bn_dvar(dxhat, x, mean, var, eps):
    return -0.5 * np.sum(dxhat * (x - mean), axis=0) * (var + eps) ** (-3 // 2)


@wrong("bn_dvar", "mean over the batch instead of the sum", r"mean|sum|averag|N")
def bn_dvar(dxhat, x, mean, var, eps):
    return -0.5 * np.mean(dxhat * (x - mean), axis=0) * (var + eps) ** -1.5


@wrong("bn_dvar", "x is not centred", r"mean|centr|x − mean|x - mean|subtract")
def bn_dvar(dxhat, x, mean, var, eps):
    return -0.5 * np.sum(dxhat * x, axis=0) * (var + eps) ** -1.5


@wrong("bn_dvar", "eps forgotten", r"eps|ε")
def bn_dvar(dxhat, x, mean, var, eps):
    return -0.5 * np.sum(dxhat * (x - mean), axis=0) * var ** -1.5


@wrong("bn_dvar", "summed over the features (axis 1)", r"axis|shape|feature|batch|\(D")
def bn_dvar(dxhat, x, mean, var, eps):
    return -0.5 * np.sum(dxhat * (x - mean) * (var + eps) ** -1.5, axis=1)


@wrong("bn_dvar", "keepdims: (1, D)", r"shape|keepdims|\(D|dimension")
def bn_dvar(dxhat, x, mean, var, eps):
    return -0.5 * np.sum(dxhat * (x - mean), axis=0, keepdims=True) * (var + eps) ** -1.5


@wrong("bn_dvar", "product of the two sums", r"sum|product|each example|element|zero|0")
def bn_dvar(dxhat, x, mean, var, eps):
    return -0.5 * dxhat.sum(axis=0) * (x - mean).sum(axis=0) * (var + eps) ** -1.5


@wrong("bn_dvar", "two: no minus, no half", r"sign|minus|half|½|factor|0\.5")
def bn_dvar(dxhat, x, mean, var, eps):
    return np.sum(dxhat * (x - mean), axis=0) * (var + eps) ** -1.5


@wrong("bn_dvar", "two: eps outside the power, mean for sum", r"eps|ε|mean|sum|averag|power")
def bn_dvar(dxhat, x, mean, var, eps):
    return -0.5 * np.mean(dxhat * (x - mean), axis=0) / (var ** 1.5 + eps)


# ================================================================ bn_dmean
@right
def bn_dmean(dxhat, dvar, x, mean, var, eps):
    direct = -dxhat.sum(axis=0) / np.sqrt(var + eps)
    by_variance = -2 * dvar * (x - mean).mean(axis=0)
    return direct + by_variance


_dmean = bn_dmean


@also("bn_dmean", "one sum over both")
def bn_dmean(dxhat, dvar, x, mean, var, eps):
    return -np.sum(dxhat * (var + eps) ** -0.5 + 2 / len(x) * dvar * (x - mean), axis=0)


@also("bn_dmean", "average of x minus mean, from the sums")
def bn_dmean(dxhat, dvar, x, mean, var, eps):
    ones = np.ones(len(x))
    return -(ones @ dxhat) / np.sqrt(var + eps) - 2 * dvar * (ones @ x / len(x) - mean)


def _two_paths(dxhat, dvar, x, mean, var, eps, one=1, two=1):
    return one * -dxhat.sum(0) / np.sqrt(var + eps) + two * -2 * dvar * np.mean(x - mean, 0)


@wrong("bn_dmean", "path by the variance left out: it vanishes", r"variance|second|path|dvar|nudge|off")
def bn_dmean(dxhat, dvar, x, mean, var, eps):
    return -np.sum(dxhat, axis=0) / np.sqrt(var + eps)


@wrong("bn_dmean", "only the path by the variance", r"x̂|xhat|direct|first|path|dxhat")
def bn_dmean(dxhat, dvar, x, mean, var, eps):
    return -2 * dvar * np.mean(x - mean, axis=0)


@wrong("bn_dmean", "recomputes the mean of x, so the second path is nothing", r"mean|variance|second|path|given|own")
def bn_dmean(dxhat, dvar, x, mean, var, eps):
    return _two_paths(dxhat, dvar, x, x.mean(axis=0), var, eps)


@wrong("bn_dmean", "sign of the direct path", r"sign|minus|direct|first|x̂")
def bn_dmean(dxhat, dvar, x, mean, var, eps):
    return _two_paths(dxhat, dvar, x, mean, var, eps, one=-1)


@wrong("bn_dmean", "sign of the variance path", r"sign|minus|variance|second|path")
def bn_dmean(dxhat, dvar, x, mean, var, eps):
    return _two_paths(dxhat, dvar, x, mean, var, eps, two=-1)


@wrong("bn_dmean", "the 2 of the square is missing", r"\b2\b|two|square|factor|half|variance|second")
def bn_dmean(dxhat, dvar, x, mean, var, eps):
    return -np.sum(dxhat, axis=0) / np.sqrt(var + eps) - dvar * np.mean(x - mean, axis=0)


@wrong("bn_dmean", "sum for average in the variance path", r"averag|sum|mean|N|variance|second")
def bn_dmean(dxhat, dvar, x, mean, var, eps):
    return -np.sum(dxhat, axis=0) / np.sqrt(var + eps) - 2 * dvar * np.sum(x - mean, axis=0)


@wrong("bn_dmean", "direct path averaged over the batch", r"averag|sum|mean|N|direct|first")
def bn_dmean(dxhat, dvar, x, mean, var, eps):
    return -np.mean(dxhat, axis=0) / np.sqrt(var + eps) - 2 * dvar * np.mean(x - mean, axis=0)


@wrong("bn_dmean", "divides by var + eps: no root", r"root|sqrt|√|std|standard")
def bn_dmean(dxhat, dvar, x, mean, var, eps):
    return -np.sum(dxhat, axis=0) / (var + eps) - 2 * dvar * np.mean(x - mean, axis=0)


@wrong("bn_dmean", "dvar forgotten in the variance path", r"dvar|variance|second|path|chain")
def bn_dmean(dxhat, dvar, x, mean, var, eps):
    return -np.sum(dxhat, axis=0) / np.sqrt(var + eps) - 2 * np.mean(x - mean, axis=0)


@wrong("bn_dmean", "eps forgotten", r"eps|ε")
def bn_dmean(dxhat, dvar, x, mean, var, eps):
    return _two_paths(dxhat, dvar, x, mean, var, 0)


@wrong("bn_dmean", "variance path divided by N - 1", r"N\s*[-−]\s*1|biased|averag|variance|second")
def bn_dmean(dxhat, dvar, x, mean, var, eps):
    return -np.sum(dxhat, axis=0) / np.sqrt(var + eps) - 2 * dvar * np.sum(x - mean, axis=0) / (len(x) - 1)


@wrong("bn_dmean", "two: direct path without minus, variance path left out", r"sign|minus|variance|path|second|direct")
def bn_dmean(dxhat, dvar, x, mean, var, eps):
    return np.sum(dxhat, axis=0) / np.sqrt(var + eps)


@wrong("bn_dmean", "two: no root, sum for average", r"root|sqrt|averag|sum|N|standard")
def bn_dmean(dxhat, dvar, x, mean, var, eps):
    return -np.sum(dxhat, axis=0) / (var + eps) - 2 * dvar * np.sum(x - mean, axis=0)


# ================================================================ batchnorm_backward
@right
def batchnorm_backward(dout, cache):
    x, xhat, mean, var, gamma, eps = cache
    dxhat = dout * gamma
    dvar = _dvar(dxhat, x, mean, var, eps)
    dmean = _dmean(dxhat, dvar, x, mean, var, eps)
    dx = dxhat / np.sqrt(var + eps) + (dmean + 2 * dvar * (x - mean)) / len(x)
    return dx, np.einsum("nd,nd->d", dout, xhat), dout.sum(axis=0)


_bnb = batchnorm_backward


@also("batchnorm_backward", "staged along CS231n's graph, node by node")
def batchnorm_backward(dout, cache):
    x, xhat, mean, var, gamma, eps = cache
    N, D = dout.shape
    xmu, sqrtvar = x - mean, np.sqrt(var + eps)
    ivar = 1.0 / sqrtvar
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * xhat, axis=0)
    dxhat = dout * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -divar / sqrtvar ** 2
    dvar = 0.5 * dsqrtvar / sqrtvar
    dsq = np.ones((N, D)) * dvar / N
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -np.sum(dxmu1 + dxmu2, axis=0)
    return dx1 + np.ones((N, D)) * dmu / N, dgamma, dbeta


@also("batchnorm_backward", "the Jacobian of each feature, N x N")
def batchnorm_backward(dout, cache):
    x, xhat, mean, var, gamma, eps = cache
    N, D = dout.shape
    dx = np.zeros_like(dout)
    for d in range(D):
        h = xhat[:, d]
        jacobian = (np.eye(N) - 1 / N - np.outer(h, h) / N) / np.sqrt(var[d] + eps)
        dx[:, d] = jacobian @ (gamma[d] * dout[:, d])
    return dx, (dout * xhat).sum(0), dout.sum(0)


def _pair():
    def batchnorm_forward(x, gamma, beta, bn_param):
        out, cache = _bnf(x, gamma, beta, bn_param)
        if cache is None:
            return out, {}
        names = ("x", "xhat", "mean", "var", "gamma", "eps")
        return out, dict(zip(names, cache), std=np.sqrt(cache[3] + cache[5]))

    def batchnorm_backward(dout, cache):
        h, std = cache["xhat"], cache["std"]
        dgamma, dbeta = (dout * h).sum(0), dout.sum(0)
        dx = cache["gamma"] / std * (dout - (dbeta + h * dgamma) / h.shape[0])
        return dx, dgamma, dbeta

    return {"batchnorm_forward": batchnorm_forward, "batchnorm_backward": batchnorm_backward}


MORE.append(("batchnorm_backward", "a dict for a cache, closed form", _pair()))


def _back(dout, cache, **c):
    """The usual staged solution, with switches for the usual faults."""
    x, xhat, mean, var, gamma, eps = cache
    N = len(x)
    std = np.sqrt(var + c.get("eps", eps))
    dxhat = dout * (gamma if c.get("gamma", True) else 1)
    dvar = c.get("fv", 1) * -0.5 * np.sum(dxhat * (x - mean), axis=0) * std ** c.get("power", -3)
    dmean = c.get("fm", 1) * -np.sum(dxhat, axis=0) / std
    dx = dxhat / c.get("own", lambda s: s)(std) + c.get("sv", 1) * dvar * 2 * (x - mean) / N + c.get("sm", 1) * dmean / N
    return dx, np.sum(dout * xhat, axis=0), np.sum(dout, axis=0)


@wrong("batchnorm_backward", "mean and variance taken for constants", r"mean|variance|constant|path|depend")
def batchnorm_backward(dout, cache):
    return _back(dout, cache, sv=0, sm=0)


@wrong("batchnorm_backward", "path by the variance missing", r"variance|var\b|dvar|path")
def batchnorm_backward(dout, cache):
    return _back(dout, cache, sv=0)


@wrong("batchnorm_backward", "path by the mean missing", r"mean|dmean|path")
def batchnorm_backward(dout, cache):
    return _back(dout, cache, sm=0)


@wrong("batchnorm_backward", "the whole dmean for each x, not an N-th", r"mean|dmean|N|share|divid")
def batchnorm_backward(dout, cache):
    return _back(dout, cache, sm=len(dout))


@wrong("batchnorm_backward", "dvar's share not divided by N", r"var|dvar|N|share|divid")
def batchnorm_backward(dout, cache):
    return _back(dout, cache, sv=len(dout))


@wrong("batchnorm_backward", "dvar's share without the 2", r"var|dvar|\b2\b|half|factor|share")
def batchnorm_backward(dout, cache):
    return _back(dout, cache, sv=0.5)


@wrong("batchnorm_backward", "dvar with the wrong sign", r"sign|var|dvar|minus")
def batchnorm_backward(dout, cache):
    return _back(dout, cache, fv=-1)


@wrong("batchnorm_backward", "gamma left out of dx", r"gamma|γ|dxhat|dx̂")
def batchnorm_backward(dout, cache):
    return _back(dout, cache, gamma=False)


@wrong("batchnorm_backward", "dvar with power -1/2", r"var|dvar|power|3/2|exponent|variance")
def batchnorm_backward(dout, cache):
    return _back(dout, cache, power=-1)


@wrong("batchnorm_backward", "own path: times the standard deviation", r"own|x̂|std|standard|divid|√|root|direct")
def batchnorm_backward(dout, cache):
    return _back(dout, cache, own=lambda s: 1 / s)


@wrong("batchnorm_backward", "own path divided by var + eps", r"own|x̂|root|std|standard|√|direct|variance")
def batchnorm_backward(dout, cache):
    return _back(dout, cache, own=lambda s: s * s)


@wrong("batchnorm_backward", "eps: 1e-5 whatever the forward pass had", r"eps|ε")
def batchnorm_backward(dout, cache):
    return _back(dout, cache, eps=1e-5)


@wrong("batchnorm_backward", "shares with N - 1", r"N\s*[-−]\s*1|biased|N\b|share")
def batchnorm_backward(dout, cache):
    n = len(dout)
    return _back(dout, cache, sv=n / (n - 1))


@wrong("batchnorm_backward", "dgamma and dbeta are means", r"mean|sum|dgamma|dbeta|γ|β|averag")
def batchnorm_backward(dout, cache):
    dx, dgamma, dbeta = _back(dout, cache)
    return dx, dgamma / len(dout), dbeta / len(dout)


@wrong("batchnorm_backward", "dgamma with x for xhat", r"dgamma|γ|x̂|xhat|gamma")
def batchnorm_backward(dout, cache):
    dx, _, dbeta = _back(dout, cache)
    return dx, np.sum(dout * cache[0], axis=0), dbeta


@wrong("batchnorm_backward", "dgamma with x - mean: not divided by the deviation", r"dgamma|γ|x̂|xhat|gamma|divid")
def batchnorm_backward(dout, cache):
    dx, _, dbeta = _back(dout, cache)
    return dx, np.sum(dout * (cache[0] - cache[2]), axis=0), dbeta


@wrong("batchnorm_backward", "dbeta times gamma (sum of dxhat)", r"dbeta|β|beta|gamma|γ")
def batchnorm_backward(dout, cache):
    dx, dgamma, _ = _back(dout, cache)
    return dx, dgamma, np.sum(dout * cache[4], axis=0)


@wrong("batchnorm_backward", "returns dx, dbeta, dgamma", r"order|swap|exchang|dgamma|dbeta")
def batchnorm_backward(dout, cache):
    dx, dgamma, dbeta = _back(dout, cache)
    return dx, dbeta, dgamma


@wrong("batchnorm_backward", "dgamma not summed over the batch", r"dgamma|sum|shape|\(D|axis|γ")
def batchnorm_backward(dout, cache):
    dx, _, dbeta = _back(dout, cache)
    return dx, dout * cache[1], dbeta


@wrong("batchnorm_backward", "sums over axis 1 for dgamma and dbeta", r"axis|shape|dgamma|dbeta|\(D|feature")
def batchnorm_backward(dout, cache):
    dx, _, _ = _back(dout, cache)
    return dx, np.sum(dout * cache[1], axis=1), np.sum(dout, axis=1)


@wrong("batchnorm_backward", "two: mean path missing, dgamma a mean", r"mean|path|dgamma|sum|averag")
def batchnorm_backward(dout, cache):
    dx, dgamma, dbeta = _back(dout, cache, sm=0)
    return dx, dgamma / len(dout), dbeta


@wrong("batchnorm_backward", "mean's path with the wrong sign", r"mean|sign|dmean|minus")
def batchnorm_backward(dout, cache):
    return _back(dout, cache, fm=-1)


@wrong("batchnorm_backward", "two: dvar without its half, dmean without its minus", r"mean|sign|dmean|minus|half|dvar|½|factor")
def batchnorm_backward(dout, cache):
    return _back(dout, cache, fv=2, fm=-1)


@wrong("batchnorm_backward", "two: eps forgotten in dx, dbeta a mean", r"eps|ε|dbeta|mean|sum")
def batchnorm_backward(dout, cache):
    dx, dgamma, dbeta = _back(dout, cache, eps=0)
    return dx, dgamma, dbeta / len(dout)


@wrong("batchnorm_backward", "dgamma from out instead of xhat", r"dgamma|γ|x̂|xhat|out")
def batchnorm_backward(dout, cache):
    x, xhat, mean, var, gamma, eps = cache
    dx, _, dbeta = _back(dout, cache)
    return dx, np.sum(dout * (gamma * xhat), axis=0), dbeta


@wrong("batchnorm_backward", "two: variance path missing, gamma left out", r"variance|var|path|gamma|γ")
def batchnorm_backward(dout, cache):
    return _back(dout, cache, sv=0, gamma=False)


# ================================================================ spatial_batchnorm_forward
@right
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    rows, cache = _bnf(np.moveaxis(x, 1, -1).reshape(-1, C), gamma, beta, bn_param)
    return np.moveaxis(rows.reshape(N, H, W, C), -1, 1), cache


_sbf = spatial_batchnorm_forward


@also("spatial_batchnorm_forward", "swapaxes, a contiguous copy out")
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    C = x.shape[1]
    swapped = x.swapaxes(0, 1)
    flat = swapped.reshape(C, -1).T
    out, cache = _bnf(flat, gamma, beta, bn_param)
    return np.ascontiguousarray(out.T.reshape(swapped.shape).swapaxes(0, 1)), cache


def _pair_spatial():
    def spatial_batchnorm_forward(x, gamma, beta, bn_param):
        column = (1, -1, 1, 1)
        eps, m = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
        run = [bn_param.get(k, np.zeros(x.shape[1], x.dtype)) for k in ("running_mean", "running_var")]
        if bn_param["mode"] == "train":
            mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3))
            bn_param["running_mean"] = (m * run[0] + (1 - m) * mean).astype(x.dtype)
            bn_param["running_var"] = (m * run[1] + (1 - m) * var).astype(x.dtype)
        else:
            mean, var = run
        inverse = 1 / np.sqrt(var + eps)
        h = (x - mean.reshape(column)) * inverse.reshape(column)
        return (gamma.reshape(column) * h + beta.reshape(column)).astype(x.dtype), (h, inverse * gamma)

    def spatial_batchnorm_backward(dout, cache):
        h, scale = cache
        axes = (0, 2, 3)
        dgamma, dbeta = np.sum(dout * h, axes), np.sum(dout, axes)
        count = h.size // h.shape[1]
        c = (slice(None), None, None)
        return scale[c] * (dout - dbeta[c] / count - h * dgamma[c] / count), dgamma, dbeta

    return {"spatial_batchnorm_forward": spatial_batchnorm_forward, "spatial_batchnorm_backward": spatial_batchnorm_backward}


MORE.append(("spatial_batchnorm_forward", "no detour by rows: sums over axes 0, 2, 3; own cache", _pair_spatial()))
MORE.append(("spatial_batchnorm_backward", "no detour by rows: sums over axes 0, 2, 3; own cache", _pair_spatial()))


@wrong("spatial_batchnorm_forward", "reshape(-1, C) without moving the channel axis", r"axis|channel|transpos|reshape|mov")
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    out, cache = _bnf(x.reshape(-1, C), gamma, beta, bn_param)
    return out.reshape(x.shape), cache


@wrong("spatial_batchnorm_forward", "moved there, only reshaped back", r"back|axis|transpos|reshape|mov|channel")
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    out, cache = _bnf(x.transpose(0, 2, 3, 1).reshape(-1, C), gamma, beta, bn_param)
    return out.reshape(N, C, H, W), cache


@wrong("spatial_batchnorm_forward", "back with transpose(0, 2, 3, 1) instead of (0, 3, 1, 2): H and W tumble", r"axis|transpos|back|shape|order")
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    out, cache = _bnf(x.transpose(0, 2, 3, 1).reshape(-1, C), gamma, beta, bn_param)
    return out.reshape(N, H, W, C).transpose(0, 3, 2, 1), cache


@wrong("spatial_batchnorm_forward", "each pixel on its own: statistics over N only, running ones (C, H, W)", r"pixel|N, H|channel|each|over|shape|\(C")
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    g, b = gamma[:, None, None], beta[:, None, None]
    eps, m = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    zero = np.zeros(x.shape[1:], x.dtype)
    run = [bn_param.get("running_mean", zero), bn_param.get("running_var", zero)]
    if bn_param["mode"] == "test":
        run = [r[:, None, None] if r.ndim == 1 else r for r in run]
        return g * (x - run[0]) / np.sqrt(run[1] + eps) + b, None
    mean, var = x.mean(axis=0), x.var(axis=0)
    bn_param["running_mean"] = m * run[0] + (1 - m) * mean
    bn_param["running_var"] = m * run[1] + (1 - m) * var
    xhat = (x - mean) / np.sqrt(var + eps)
    return g * xhat + b, (x, xhat, mean, var, gamma, eps)


@wrong("spatial_batchnorm_forward", "instance norm: statistics of each image", r"image|N\b|instance|batch|over")
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    if bn_param["mode"] == "test":
        return _sbf(x, gamma, beta, bn_param)
    _, cache = _sbf(x, gamma, beta, bn_param)
    mean, var = x.mean(axis=(2, 3), keepdims=True), x.var(axis=(2, 3), keepdims=True)
    h = (x - mean) / np.sqrt(var + bn_param.get("eps", 1e-5))
    return gamma[:, None, None] * h + beta[:, None, None], cache


@wrong("spatial_batchnorm_forward", "running statistics get lost: a copy of bn_param is passed on", r"running|bn_param|copy|written|dict|kept")
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    return _sbf(x, gamma, beta, copy.deepcopy(bn_param))


@wrong("spatial_batchnorm_forward", "returns N x H x W x C", r"shape|axis|back|channel|transpos|N×H")
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    out, cache = _bnf(x.transpose(0, 2, 3, 1).reshape(-1, C), gamma, beta, bn_param)
    return out.reshape(N, H, W, C), cache


@wrong("spatial_batchnorm_forward", "image by image: the running statistics move N times, each image by its own numbers", r"image|batch|N\b|instance|running|whole")
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    outs, cache = [], None
    for image in x:
        out, cache = _bnf(image.reshape(len(gamma), -1).T, gamma, beta, bn_param)
        outs.append(out.T.reshape(image.shape))
    return np.stack(outs), cache


@wrong("spatial_batchnorm_forward", "two: not moved back, and always in training mode", r"back|axis|transpos|reshape|test|mode|channel")
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    p = dict(bn_param, mode="train")
    out, cache = _bnf(x.transpose(0, 2, 3, 1).reshape(-1, C), gamma, beta, p)
    bn_param.update(running_mean=p["running_mean"], running_var=p["running_var"])
    return out.reshape(N, C, H, W), cache


@wrong("spatial_batchnorm_forward", "H and W exchanged when put back", r"axis|transpos|back|shape|order|H|W")
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    out, cache = _bnf(x.transpose(0, 3, 2, 1).reshape(-1, C), gamma, beta, bn_param)
    return out.reshape(N, H, W, C).transpose(0, 3, 1, 2), cache


# ================================================================ spatial_batchnorm_backward
@right
def spatial_batchnorm_backward(dout, cache):
    N, C, H, W = dout.shape
    dx, dgamma, dbeta = _bnb(np.moveaxis(dout, 1, -1).reshape(-1, C), cache)
    return np.moveaxis(dx.reshape(N, H, W, C), -1, 1), dgamma, dbeta


_sbb = spatial_batchnorm_backward


@also("spatial_batchnorm_backward", "transpose, unpacked")
def spatial_batchnorm_backward(dout, cache):
    N, C, H, W = dout.shape
    rows = dout.transpose(0, 2, 3, 1).reshape(N * H * W, C)
    dx, *rest = _bnb(rows, cache)
    dx = dx.reshape(N, H, W, C).transpose(0, 3, 1, 2)
    return (dx, *rest)


@wrong("spatial_batchnorm_backward", "dout only reshaped", r"axis|channel|transpos|reshape|mov")
def spatial_batchnorm_backward(dout, cache):
    C = dout.shape[1]
    dx, dgamma, dbeta = _bnb(dout.reshape(-1, C), cache)
    return dx.reshape(dout.shape), dgamma, dbeta


@wrong("spatial_batchnorm_backward", "dx only reshaped on the way back", r"dx|back|axis|transpos|reshape|mov")
def spatial_batchnorm_backward(dout, cache):
    N, C, H, W = dout.shape
    dx, dgamma, dbeta = _bnb(dout.transpose(0, 2, 3, 1).reshape(-1, C), cache)
    return dx.reshape(N, C, H, W), dgamma, dbeta


@wrong("spatial_batchnorm_backward", "dgamma and dbeta divided by H*W", r"dgamma|dbeta|sum|mean|pixel|H")
def spatial_batchnorm_backward(dout, cache):
    dx, dgamma, dbeta = _sbb(dout, cache)
    return dx, dgamma / dout[0, 0].size, dbeta / dout[0, 0].size


@wrong("spatial_batchnorm_backward", "shares divided by N instead of N*H*W", r"N|share|pixel|H|mean|divid|path")
def spatial_batchnorm_backward(dout, cache):
    N, C, H, W = dout.shape
    x, xhat, mean, var, gamma, eps = cache
    d = dout.transpose(0, 2, 3, 1).reshape(-1, C)
    dgamma, dbeta = (d * xhat).sum(0), d.sum(0)
    dx = gamma / np.sqrt(var + eps) * (d - dbeta / N - xhat * dgamma / N)
    return dx.reshape(N, H, W, C).transpose(0, 3, 1, 2), dgamma, dbeta


@wrong("spatial_batchnorm_backward", "dx stays (N*H*W, C)", r"shape|dx|back|\(N")
def spatial_batchnorm_backward(dout, cache):
    return _bnb(dout.transpose(0, 2, 3, 1).reshape(-1, dout.shape[1]), cache)


@wrong("spatial_batchnorm_backward", "dbeta summed over the images only: (C, H, W)", r"dbeta|shape|sum|pixel|\(C|axis|axes")
def spatial_batchnorm_backward(dout, cache):
    dx, dgamma, _ = _sbb(dout, cache)
    return dx, dgamma, dout.sum(axis=0)


@wrong("spatial_batchnorm_backward", "two: statistics as constants, and dgamma and dbeta exchanged", r"constant|path|mean|var|order|swap|exchang|dgamma")
def spatial_batchnorm_backward(dout, cache):
    N, C, H, W = dout.shape
    _, xhat, _, var, gamma, eps = cache
    d = dout.transpose(0, 2, 3, 1).reshape(-1, C)
    dx = (d * gamma / np.sqrt(var + eps)).reshape(N, H, W, C).transpose(0, 3, 1, 2)
    return dx, d.sum(0), (d * xhat).sum(0)


# ================================================================ fold_batchnorm
@right
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    scale = gamma / torch.sqrt(var + eps)
    shift = beta - mean * scale
    if b is not None:
        shift = shift + b * scale
    return w * scale.reshape(-1, *[1] * (w.dim() - 1)), shift


@also("fold_batchnorm", "einsum, rsqrt")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    b = torch.zeros_like(gamma) if b is None else b
    scale = torch.rsqrt(var + eps) * gamma
    return torch.einsum("f...,f->f...", w, scale), torch.addcmul(beta, b - mean, scale)


@also("fold_batchnorm", "filter by filter on a clone")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    w = w.detach().clone()
    out = torch.empty_like(gamma)
    for f in range(len(gamma)):
        s = gamma[f] / (var[f] + eps) ** 0.5
        w[f] *= s
        out[f] = ((0 if b is None else b[f]) - mean[f]) * s + beta[f]
    return w, out.detach()


@also("fold_batchnorm", "flatten and a diagonal matrix")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    scale = gamma.div((var + eps).sqrt())
    new = (torch.diag(scale) @ w.flatten(1)).view_as(w)
    old = 0.0 if b is None else b
    return new, beta + scale * (old - mean)


@wrong("fold_batchnorm", "affine layers only: w * scale goes along the input axis", r"axis|output|channel|input|affine|row|shape")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    scale = gamma / torch.sqrt(var + eps)
    new_b = beta + ((0 if b is None else b) - mean) * scale
    if w.dim() == 4:
        return w * scale.view(-1, 1, 1, 1), new_b
    return w * scale, new_b


@wrong("fold_batchnorm", "convolutions only: scale on axis 1, the input channels", r"axis|output|channel|input|shape|conv")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    scale = gamma / torch.sqrt(var + eps)
    new_b = beta + ((0 if b is None else b) - mean) * scale
    if w.dim() == 4:
        return w * scale.view(1, -1, 1, 1), new_b
    return w * scale[:, None], new_b


@wrong("fold_batchnorm", "[:, None, None, None] for every layer: an affine layer's w comes out 4-D", r"shape|affine|dimension|\(F, ?C\)|None")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    scale = gamma / torch.sqrt(var + eps)
    return w * scale[:, None, None, None], beta + ((0 if b is None else b) - mean) * scale


@wrong("fold_batchnorm", "eps left out", r"eps|ε")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    scale = gamma / torch.sqrt(var)
    return w * scale.view(-1, *(1,) * (w.ndim - 1)), beta + ((0 if b is None else b) - mean) * scale


@wrong("fold_batchnorm", "eps outside the root", r"eps|ε|root|outside|under")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    scale = gamma / (torch.sqrt(var) + eps)
    return w * scale.view(-1, *(1,) * (w.ndim - 1)), beta + ((0 if b is None else b) - mean) * scale


@wrong("fold_batchnorm", "the old bias is not scaled", r"bias|\bb\b|scal")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    scale = gamma / torch.sqrt(var + eps)
    return w * scale.view(-1, *(1,) * (w.ndim - 1)), beta - mean * scale + (0 if b is None else b)


@wrong("fold_batchnorm", "the old bias is dropped", r"bias|\bb\b|old|drop|lost|forg")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    scale = gamma / torch.sqrt(var + eps)
    return w * scale.view(-1, *(1,) * (w.ndim - 1)), beta - mean * scale


@wrong("fold_batchnorm", "b=None fails", r"None|bias|without")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    scale = gamma / torch.sqrt(var + eps)
    return w * scale.view(-1, *(1,) * (w.ndim - 1)), beta + (b - mean) * scale


@wrong("fold_batchnorm", "b=None stays None: beta and the mean are lost", r"None|bias|without|beta|mean")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    scale = gamma / torch.sqrt(var + eps)
    w = w * scale.view(-1, *(1,) * (w.ndim - 1))
    if b is None:
        return w, None
    return w, beta + (b - mean) * scale


@wrong("fold_batchnorm", "w scaled in place", r"modif|in place|chang|copy|new")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    scale = gamma / torch.sqrt(var + eps)
    with torch.no_grad():
        w *= scale.view(-1, *(1,) * (w.ndim - 1))
    return w, beta + ((0 if b is None else b) - mean) * scale


@wrong("fold_batchnorm", "the mean is added", r"sign|mean|minus|subtract")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    scale = gamma / torch.sqrt(var + eps)
    return w * scale.view(-1, *(1,) * (w.ndim - 1)), beta + ((0 if b is None else b) + mean) * scale


@wrong("fold_batchnorm", "divides by the variance: no root", r"root|sqrt|√|variance|std")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    scale = gamma / (var + eps)
    return w * scale.view(-1, *(1,) * (w.ndim - 1)), beta + ((0 if b is None else b) - mean) * scale


@wrong("fold_batchnorm", "beta goes through the scale: (b - mean + beta) * scale", r"beta|β|scal|shift")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    scale = gamma / torch.sqrt(var + eps)
    return w * scale.view(-1, *(1,) * (w.ndim - 1)), (beta + (0 if b is None else b) - mean) * scale


@wrong("fold_batchnorm", "the mean is not scaled", r"mean|scal")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    scale = gamma / torch.sqrt(var + eps)
    return w * scale.view(-1, *(1,) * (w.ndim - 1)), beta - mean + (0 if b is None else b * scale)


@wrong("fold_batchnorm", "two: gamma left out of the bias, eps outside the root", r"gamma|γ|bias|eps|ε|root")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    std = torch.sqrt(var) + eps
    return w * (gamma / std).view(-1, *(1,) * (w.ndim - 1)), beta + ((0 if b is None else b) - mean) / std


@wrong("fold_batchnorm", "two: old bias not scaled, mean added", r"bias|\bb\b|scal|sign|mean")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    scale = gamma / torch.sqrt(var + eps)
    return w * scale.view(-1, *(1,) * (w.ndim - 1)), beta + mean * scale + (0 if b is None else b)


# ================================================================ find_mode_bug
@right
def find_mode_bug(loops, make_model, train, validation):
    x, y = validation
    for name, loop in loops.items():
        model = make_model()
        reported = float(loop(model, train, validation))
        model.eval()
        with torch.no_grad():
            honest = F.cross_entropy(model(x), y).item()
        if not math.isclose(reported, honest, rel_tol=1e-4, abs_tol=1e-5):
            return name
    return None


_fmb = find_mode_bug


@also("find_mode_bug", "largest gap, in double precision, if it is one at all")
def find_mode_bug(loops, make_model, train, validation):
    gaps = {}
    for name in loops:
        net = make_model()
        said = loops[name](net, train, validation)
        net = copy.deepcopy(net).double().eval()
        with torch.inference_mode():
            truth = F.cross_entropy(net(validation[0].double()), validation[1])
        gaps[name] = abs(said - truth.item()) / max(1.0, abs(truth.item()))
    worst = max(gaps, key=gaps.get, default=None)
    return worst if worst is not None and gaps[worst] > 1e-4 else None


@also("find_mode_bug", "generator expression, log_softmax by hand")
def find_mode_bug(loops, make_model, train, validation):
    def own_measure(model):
        model.train(False)
        with torch.no_grad():
            p = model(validation[0]).log_softmax(1)
        return -p[torch.arange(len(p)), validation[1]].mean().item()

    def lies(loop):
        model = make_model()
        claimed = loop(model, train, validation)
        return abs(claimed - own_measure(model)) > 1e-4 * (1 + abs(claimed))

    return next((name for name, loop in loops.items() if lies(loop)), None)


def _val_loss(model, data, training=False):
    model.train(training)
    with torch.no_grad():
        return F.cross_entropy(model(data[0]), data[1]).item()


@wrong("find_mode_bug", "looks at the mode in which the model is left", r"mode|left|proves|report|loss|training")
def find_mode_bug(loops, make_model, train, validation):
    for name, loop in loops.items():
        model = make_model()
        loop(model, train, validation)
        if model.training:
            return name
    return None


@wrong("find_mode_bug", "measures without eval() itself, in the mode the loop left", r"eval|mode|own|measur|left")
def find_mode_bug(loops, make_model, train, validation):
    for name, loop in loops.items():
        model = make_model()
        reported = loop(model, train, validation)
        with torch.no_grad():
            loss = F.cross_entropy(model(validation[0]), validation[1]).item()
        if abs(loss - reported) > 1e-4:
            return name
    return None


@wrong("find_mode_bug", "spies on model.eval: a loop that never calls eval() by that name is blamed", r"eval|train\(False\)|call|report|measur|loss|rightly")
def find_mode_bug(loops, make_model, train, validation):
    for name, loop in loops.items():
        model = make_model()
        called, original = [], model.eval
        model.eval = lambda original=original, called=called: (called.append(1), original())[1]
        loop(model, train, validation)
        if not called:
            return name
    return None


@wrong("find_mode_bug", "exact comparison: rounding counts as a bug", r"round|exact|toleranc|equal")
def find_mode_bug(loops, make_model, train, validation):
    for name, loop in loops.items():
        model = make_model()
        reported = loop(model, train, validation)
        if reported != _val_loss(model, validation):
            return name
    return None


@wrong("find_mode_bug", "always names the loop with the largest gap: never None", r"None|no bug|every|rightly|none of")
def find_mode_bug(loops, make_model, train, validation):
    gaps = {}
    for name, loop in loops.items():
        model = make_model()
        reported = loop(model, train, validation)
        gaps[name] = abs(reported - _val_loss(model, validation))
    return max(gaps, key=gaps.get)


@wrong("find_mode_bug", "one model for all loops, made once: the later ones train on", r"fresh|one model|same model|make_model|untrained|each")
def find_mode_bug(loops, make_model, train, validation):
    model = make_model()
    results = {name: loop(model, train, validation) for name, loop in loops.items()}
    truth = _val_loss(model, validation)
    for name, reported in results.items():
        if abs(reported - truth) > 1e-3:
            return name
    return None


@wrong("find_mode_bug", "measures its own loss before the loop has trained", r"before|after|trained|untrained|order")
def find_mode_bug(loops, make_model, train, validation):
    for name, loop in loops.items():
        model = make_model()
        truth = _val_loss(model, validation)
        if abs(loop(model, train, validation) - truth) > 1e-3:
            return name
    return None


@wrong("find_mode_bug", "own loss on the training pair", r"validation|training (data|set|pair)|train\b")
def find_mode_bug(loops, make_model, train, validation):
    for name, loop in loops.items():
        model = make_model()
        if abs(loop(model, train, validation) - _val_loss(model, train)) > 1e-3:
            return name
    return None


@wrong("find_mode_bug", "sum instead of mean of the cross-entropy", r"mean|sum|averag|rightly|every")
def find_mode_bug(loops, make_model, train, validation):
    for name, loop in loops.items():
        model = make_model()
        reported = loop(model, train, validation)
        model.eval()
        with torch.no_grad():
            loss = F.cross_entropy(model(validation[0]), validation[1], reduction="sum").item()
        if abs(reported - loss) > 1e-3:
            return name
    return None


@wrong("find_mode_bug", "tolerance 1: a bug has to be huge", r"toleranc|small|gap|miss|not found|differ")
def find_mode_bug(loops, make_model, train, validation):
    for name, loop in loops.items():
        model = make_model()
        if abs(loop(model, train, validation) - _val_loss(model, validation)) > 1.0:
            return name
    return None


@wrong("find_mode_bug", "one-sided: only losses reported too high (no abs)", r"abs|too low|lower|below|either|sign|side")
def find_mode_bug(loops, make_model, train, validation):
    for name, loop in loops.items():
        model = make_model()
        if loop(model, train, validation) - _val_loss(model, validation) > 1e-3:
            return name
    return None


@wrong("find_mode_bug", "one-sided: only losses reported too low", r"abs|too high|higher|above|either|sign|side")
def find_mode_bug(loops, make_model, train, validation):
    for name, loop in loops.items():
        model = make_model()
        if _val_loss(model, validation) - loop(model, train, validation) > 1e-3:
            return name
    return None


@wrong("find_mode_bug", "returns a list of names", r"list|str|name|None|type")
def find_mode_bug(loops, make_model, train, validation):
    found = []
    for name, loop in loops.items():
        model = make_model()
        if abs(loop(model, train, validation) - _val_loss(model, validation)) > 1e-3:
            found.append(name)
    return found


@wrong("find_mode_bug", "gives the loop, not its name", r"name|loop|str|function")
def find_mode_bug(loops, make_model, train, validation):
    for loop in loops.values():
        model = make_model()
        if abs(loop(model, train, validation) - _val_loss(model, validation)) > 1e-3:
            return loop
    return None


@wrong("find_mode_bug", "the outlier: farthest from the median of the reported losses, own measure never made", r"None|rightly|every|own|measur|other loops|report")
def find_mode_bug(loops, make_model, train, validation):
    reported = {name: loop(make_model(), train, validation) for name, loop in loops.items()}
    middle = float(np.median(list(reported.values())))
    name = max(reported, key=lambda n: abs(reported[n] - middle))
    return name if abs(reported[name] - middle) > 0.5 * middle else None


@wrong("find_mode_bug", "names the loop whose number agrees with evaluation mode (comparison upside down)", r"upside|invers|agree|rightly|names|equal|<|>")
def find_mode_bug(loops, make_model, train, validation):
    for name, loop in loops.items():
        model = make_model()
        if abs(loop(model, train, validation) - _val_loss(model, validation)) < 1e-3:
            return name
    return None


@wrong("find_mode_bug", "return None inside the loop: only the first one is looked at", r"first|only|later|each|every|return|other")
def find_mode_bug(loops, make_model, train, validation):
    for name, loop in loops.items():
        model = make_model()
        reported = loop(model, train, validation)
        if abs(reported - _val_loss(model, validation)) > 1e-3:
            return name
        else:
            return None


@wrong("find_mode_bug", "two: takes the loop whose number is nearest to the loss in TRAINING mode, so there is always a name", r"eval|mode|None|rightly")
def find_mode_bug(loops, make_model, train, validation):
    gaps = {}
    for name, loop in loops.items():
        model = make_model()
        reported = loop(model, train, validation)
        gaps[name] = abs(reported - _val_loss(model, validation, training=True))
    return min(gaps, key=gaps.get)


@wrong("find_mode_bug", "two: one model for all, and the mode it was left in", r"fresh|mode|left|report|same model|make_model|proves")
def find_mode_bug(loops, make_model, train, validation):
    model = make_model()
    for name, loop in loops.items():
        loop(model, train, validation)
        if model.training:
            return name


# ================================================================ batchnorm_backward_alt
@right
def batchnorm_backward_alt(dout, cache):
    _, h, _, var, gamma, eps = cache
    N = h.shape[0]
    dgamma, dbeta = (dout * h).sum(axis=0), dout.sum(axis=0)
    return gamma / (N * np.sqrt(var + eps)) * (N * dout - dbeta - h * dgamma), dgamma, dbeta


@also("batchnorm_backward_alt", "projection: takes away what lies along 1 and x̂")
def batchnorm_backward_alt(dout, cache):
    x, xhat, mean, var, gamma, eps = cache
    left = dout - dout.mean(0) - xhat * (dout * xhat).mean(0)
    return left * (gamma * (var + eps) ** -0.5), np.einsum("nd,nd->d", xhat, dout), np.add.reduce(dout)


@also("batchnorm_backward_alt", "from x, not from x̂")
def batchnorm_backward_alt(dout, cache):
    x, _, mean, var, gamma, eps = cache
    c, s2 = x - mean, var + eps
    along = (dout * c).mean(axis=0) / s2
    dx = gamma / np.sqrt(s2) * (dout - dout.mean(axis=0) - c * along)
    return dx, (dout * c).sum(axis=0) / np.sqrt(s2), dout.sum(axis=0)


def _alt(dout, cache, dx):
    x, h, mean, var, gamma, eps = cache
    dgamma, dbeta = (dout * h).sum(0), dout.sum(0)
    return dx(len(x), dout, h, dgamma, dbeta, gamma, var, eps, x, mean), dgamma, dbeta


@wrong("batchnorm_backward_alt", "N forgotten before dout", r"N\b|dout|factor|own|path|average|divid")
def batchnorm_backward_alt(dout, cache):
    return _alt(dout, cache, lambda N, d, h, dg, db, g, v, e, x, m: g / N / np.sqrt(v + e) * (d - db - h * dg))


@wrong("batchnorm_backward_alt", "1/N forgotten in front", r"N\b|factor|times|divid|average")
def batchnorm_backward_alt(dout, cache):
    return _alt(dout, cache, lambda N, d, h, dg, db, g, v, e, x, m: g / np.sqrt(v + e) * (N * d - db - h * dg))


@wrong("batchnorm_backward_alt", "plus in front of the variance's term", r"sign|minus|variance|plus|x̂|xhat")
def batchnorm_backward_alt(dout, cache):
    return _alt(dout, cache, lambda N, d, h, dg, db, g, v, e, x, m: g / N / np.sqrt(v + e) * (N * d - db + h * dg))


@wrong("batchnorm_backward_alt", "variance's term without xhat", r"x̂|xhat|variance|term|path")
def batchnorm_backward_alt(dout, cache):
    return _alt(dout, cache, lambda N, d, h, dg, db, g, v, e, x, m: g / N / np.sqrt(v + e) * (N * d - db - dg))


@wrong("batchnorm_backward_alt", "variance's term with x - mean for xhat", r"x̂|xhat|variance|x − mean|x - mean|term|path|divid")
def batchnorm_backward_alt(dout, cache):
    return _alt(dout, cache, lambda N, d, h, dg, db, g, v, e, x, m: g / N / np.sqrt(v + e) * (N * d - db - (x - m) * dg))


@wrong("batchnorm_backward_alt", "eps missing in dx", r"eps|ε")
def batchnorm_backward_alt(dout, cache):
    return _alt(dout, cache, lambda N, d, h, dg, db, g, v, e, x, m: g / N / np.sqrt(v) * (N * d - db - h * dg))


@wrong("batchnorm_backward_alt", "divides by var + eps, no root", r"root|sqrt|√|std|standard|variance")
def batchnorm_backward_alt(dout, cache):
    return _alt(dout, cache, lambda N, d, h, dg, db, g, v, e, x, m: g / N / (v + e) * (N * d - db - h * dg))


@wrong("batchnorm_backward_alt", "gamma left out", r"gamma|γ")
def batchnorm_backward_alt(dout, cache):
    return _alt(dout, cache, lambda N, d, h, dg, db, g, v, e, x, m: (N * d - db - h * dg) / N / np.sqrt(v + e))


@wrong("batchnorm_backward_alt", "gamma twice: dxhat sums put in again", r"gamma|γ|twice|squar")
def batchnorm_backward_alt(dout, cache):
    return _alt(dout, cache, lambda N, d, h, dg, db, g, v, e, x, m: g / N / np.sqrt(v + e) * (N * d - g * db - g * h * dg))


@wrong("batchnorm_backward_alt", "N - 1 in the variance's term", r"N\s*[-−]\s*1|biased|variance|N\b")
def batchnorm_backward_alt(dout, cache):
    return _alt(dout, cache, lambda N, d, h, dg, db, g, v, e, x, m: g / np.sqrt(v + e) * (d - db / N - h * dg / (N - 1)))


@wrong("batchnorm_backward_alt", "mean's term missing", r"mean|sum|dbeta|path|zero|constant")
def batchnorm_backward_alt(dout, cache):
    return _alt(dout, cache, lambda N, d, h, dg, db, g, v, e, x, m: g / N / np.sqrt(v + e) * (N * d - h * dg))


@wrong("batchnorm_backward_alt", "D for N: dout.shape[1]", r"N\b|D\b|shape|count|examples|feature|batch")
def batchnorm_backward_alt(dout, cache):
    return _alt(dout, cache, lambda N, d, h, dg, db, g, v, e, x, m: g / d.shape[1] / np.sqrt(v + e) * (d.shape[1] * d - db - h * dg))


@wrong("batchnorm_backward_alt", "two: plus for the variance's term, dgamma a mean", r"sign|minus|variance|dgamma|mean|sum")
def batchnorm_backward_alt(dout, cache):
    dx, dgamma, dbeta = _alt(dout, cache, lambda N, d, h, dg, db, g, v, e, x, m: g / N / np.sqrt(v + e) * (N * d - db + h * dg))
    return dx, dgamma / len(dout), dbeta


@wrong("batchnorm_backward_alt", "two: gamma only on the first term, dgamma and dbeta exchanged", r"gamma|γ|order|swap|exchang")
def batchnorm_backward_alt(dout, cache):
    dx, dgamma, dbeta = _alt(dout, cache, lambda N, d, h, dg, db, g, v, e, x, m: (N * g * d - db - h * dg) / N / np.sqrt(v + e))
    return dx, dbeta, dgamma


# ================================================================ layernorm_forward
# cache of layer norm: (xhat, std (N, 1), gamma)
@right
def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    std = np.sqrt(x.var(axis=1, keepdims=True) + eps)
    xhat = (x - x.mean(axis=1, keepdims=True)) / std
    return gamma * xhat + beta, (xhat, std, gamma)


_lnf = layernorm_forward


@also("layernorm_forward", "transposed, through batch norm in training mode")
def layernorm_forward(x, gamma, beta, ln_param):
    D = x.shape[1]
    p = {"mode": "train", "eps": ln_param.get("eps", 1e-5)}
    h, (_, _, _, var, _, eps) = _bnf(x.T, np.ones(len(x), x.dtype), np.zeros(len(x), x.dtype), p)
    assert len(h) == D
    return h.T * gamma + beta, (h.T, np.sqrt(var + eps)[:, None], gamma)


@also("layernorm_forward", "row by row")
def layernorm_forward(x, gamma, beta, ln_param):
    eps = 1e-5 if "eps" not in ln_param else ln_param["eps"]
    h, stds = np.array(x), []
    for row in h:
        row -= row.mean()
        stds.append(math.sqrt(float(row @ row) / row.size + eps))
        row /= stds[-1]
    return beta + h * gamma, (h, np.array(stds, x.dtype)[:, None], gamma)


def _ln(x, gamma, beta, p, axis=1, ddof=0, default=1e-5, root=lambda v, e: np.sqrt(v + e), centre=True):
    eps = p.get("eps", default)
    mean = x.mean(axis=axis, keepdims=True)
    std = root(x.var(axis=axis, keepdims=True, ddof=ddof), eps)
    h = (x - mean if centre else x) / std
    return gamma * h + beta, (h, std, gamma)


@wrong("layernorm_forward", "axis 0: still batch norm", r"axis|batch|example|row|feature")
def layernorm_forward(x, gamma, beta, ln_param):
    return _ln(x, gamma, beta, ln_param, axis=0)


@wrong("layernorm_forward", "one mean and deviation for the whole array", r"example|own|whole|each|axis|row")
def layernorm_forward(x, gamma, beta, ln_param):
    return _ln(x, gamma, beta, ln_param, axis=None)


@wrong("layernorm_forward", "unbiased deviation (torch's std)", r"biased|D\s*[-−]\s*1|ddof|N\s*[-−]\s*1|variance")
def layernorm_forward(x, gamma, beta, ln_param):
    return _ln(x, gamma, beta, ln_param, ddof=1)


@wrong("layernorm_forward", "default eps 1e-8", r"eps|default|absent|1e-5")
def layernorm_forward(x, gamma, beta, ln_param):
    return _ln(x, gamma, beta, ln_param, default=1e-8)


@wrong("layernorm_forward", "eps outside the root", r"eps|ε|root|outside|under")
def layernorm_forward(x, gamma, beta, ln_param):
    return _ln(x, gamma, beta, ln_param, root=lambda v, e: np.sqrt(v) + e)


@wrong("layernorm_forward", "mode 'test' uses running statistics", r"mode|running|test|other keys|mean nothing|same")
def layernorm_forward(x, gamma, beta, ln_param):
    if ln_param.get("mode") == "test":
        eps = ln_param.get("eps", 1e-5)
        mean, var = (ln_param.get(k, np.zeros(x.shape[1], x.dtype)) for k in ("running_mean", "running_var"))
        std = np.sqrt(var + eps)
        return gamma * (x - mean) / std + beta, ((x - mean) / std, std, gamma)
    return _ln(x, gamma, beta, ln_param)


@wrong("layernorm_forward", "ln_param['mode'] is demanded: KeyError without it", r"mode|KeyError|absent|other keys|nothing")
def layernorm_forward(x, gamma, beta, ln_param):
    if ln_param["mode"] not in ("train", "test"):
        raise ValueError(ln_param["mode"])
    return _ln(x, gamma, beta, ln_param)


@wrong("layernorm_forward", "x normalised in place", r"modif|in place|chang|copy")
def layernorm_forward(x, gamma, beta, ln_param):
    std = np.sqrt(x.var(axis=1, keepdims=True) + ln_param.get("eps", 1e-5))
    x -= x.mean(axis=1, keepdims=True)
    x /= std
    return gamma * x + beta, (x.copy(), std, gamma)


@wrong("layernorm_forward", "RMS norm: the mean is not subtracted", r"mean|centr|subtract")
def layernorm_forward(x, gamma, beta, ln_param):
    std = np.sqrt(np.mean(x ** 2, axis=1, keepdims=True) + ln_param.get("eps", 1e-5))
    return gamma * (x / std) + beta, (x / std, std, gamma)


@wrong("layernorm_forward", "two: eps not read, and unbiased", r"eps|biased|D\s*[-−]\s*1|ddof|variance|ignor")
def layernorm_forward(x, gamma, beta, ln_param):
    return _ln(x, gamma, beta, {}, ddof=1)


# ================================================================ layernorm_backward
@right
def layernorm_backward(dout, cache):
    h, std, gamma = cache
    g = dout * gamma
    dx = (g - g.mean(axis=1, keepdims=True) - h * (g * h).mean(axis=1, keepdims=True)) / std
    return dx, (dout * h).sum(axis=0), dout.sum(axis=0)


_lnb = layernorm_backward


@also("layernorm_backward", "transposed, with N D's")
def layernorm_backward(dout, cache):
    xhat, std, gamma = cache
    D = xhat.shape[-1]
    d, h = (dout * gamma).T, xhat.T
    dx = (D * d - np.sum(d, axis=0) - h * np.sum(d * h, axis=0)) / (D * std[:, 0])
    return dx.T, np.einsum("nd,nd->d", dout, xhat), np.sum(dout, axis=0)


@also("layernorm_backward", "Jacobian of each row")
def layernorm_backward(dout, cache):
    h, std, gamma = cache
    N, D = h.shape
    dx = np.array([(np.eye(D) - (1 + np.outer(h[i], h[i])) / D) @ (gamma * dout[i]) / std[i] for i in range(N)])
    return dx, (dout * h).sum(0), dout.sum(0)


def _lnback(dout, cache, axis=1, gamma_first=True, mean=1, var=1, M=None, root=1):
    h, std, gamma = cache
    g = dout * gamma if gamma_first else dout
    M = M or h.shape[1]
    dx = (g - mean * g.sum(axis, keepdims=True) / M - var * h * (g * h).sum(axis, keepdims=True) / M) / std ** root
    return dx if gamma_first else dx * gamma, (dout * h).sum(0), dout.sum(0)


@wrong("layernorm_backward", "gamma in front, as in batch norm: outside the averages", r"gamma|γ|outside|inside|average|before")
def layernorm_backward(dout, cache):
    return _lnback(dout, cache, gamma_first=False)


@wrong("layernorm_backward", "averages over the batch (axis 0), divided by N", r"axis|batch|feature|example|row|D")
def layernorm_backward(dout, cache):
    return _lnback(dout, cache, axis=0, M=len(dout))


@wrong("layernorm_backward", "sums over the features divided by N instead of D", r"N\b|D\b|divid|feature|count")
def layernorm_backward(dout, cache):
    return _lnback(dout, cache, M=len(dout))


@wrong("layernorm_backward", "mean's path missing", r"mean|path")
def layernorm_backward(dout, cache):
    return _lnback(dout, cache, mean=0)


@wrong("layernorm_backward", "variance's path missing", r"var|path|x̂|xhat|deviation")
def layernorm_backward(dout, cache):
    return _lnback(dout, cache, var=0)


@wrong("layernorm_backward", "variance's path with plus", r"sign|minus|var|x̂")
def layernorm_backward(dout, cache):
    return _lnback(dout, cache, var=-1)


@wrong("layernorm_backward", "dgamma and dbeta summed over the features: (N,)", r"axis|shape|dgamma|dbeta|\(D|batch")
def layernorm_backward(dout, cache):
    dx, _, _ = _lnback(dout, cache)
    return dx, (dout * cache[0]).sum(axis=1), dout.sum(axis=1)


@wrong("layernorm_backward", "gamma left out of dx", r"gamma|γ")
def layernorm_backward(dout, cache):
    h, std, gamma = cache
    return _lnback(dout, (h, std, np.ones_like(gamma)))


@wrong("layernorm_backward", "divided by std²", r"std|root|deviation|divid|√")
def layernorm_backward(dout, cache):
    return _lnback(dout, cache, root=2)


@wrong("layernorm_backward", "dgamma from dout * gamma", r"dgamma|γ|gamma")
def layernorm_backward(dout, cache):
    dx, dgamma, dbeta = _lnback(dout, cache)
    return dx, dgamma * cache[2], dbeta


@wrong("layernorm_backward", "two: gamma outside the averages, dgamma a mean over the batch", r"gamma|γ|outside|mean|sum")
def layernorm_backward(dout, cache):
    dx, dgamma, dbeta = _lnback(dout, cache, gamma_first=False)
    return dx, dgamma / len(dout), dbeta


@wrong("layernorm_backward", "two: axis 0 and the mean's path missing", r"axis|batch|feature|mean|path|row")
def layernorm_backward(dout, cache):
    return _lnback(dout, cache, axis=0, M=len(dout), mean=0)


# ================================================================ spatial_groupnorm_forward
# cache of group norm: (xhat (N, C, H, W), std (N, G), gamma (1, C, 1, 1), G)
@right
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    N, C, H, W = x.shape
    grouped = x.reshape(N, G, -1)
    std = np.sqrt(grouped.var(axis=2, keepdims=True) + gn_param.get("eps", 1e-5))
    h = ((grouped - grouped.mean(axis=2, keepdims=True)) / std).reshape(x.shape)
    return gamma * h + beta, (h, std[..., 0], gamma, G)


_gnf = spatial_groupnorm_forward


@also("spatial_groupnorm_forward", "group by group with slices")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    N, C, H, W = x.shape
    eps, size = gn_param.get("eps", 1e-5), C // G
    h, std = np.empty_like(x), np.empty((N, G), x.dtype)
    for g in range(G):
        part = x[:, g * size:(g + 1) * size]
        mean = part.mean(axis=(1, 2, 3), keepdims=True)
        s = np.sqrt(((part - mean) ** 2).mean(axis=(1, 2, 3), keepdims=True) + eps)
        h[:, g * size:(g + 1) * size] = (part - mean) / s
        std[:, g] = s[:, 0, 0, 0]
    return h * gamma + beta, (h, std, gamma, G)


@also("spatial_groupnorm_forward", "layer norm on N*G rows, five axes for gamma")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    N, C, H, W = x.shape
    ones = np.ones(C // G * H * W, x.dtype)
    h, (_, std, _) = _lnf(x.reshape(N * G, -1), ones, 0 * ones, gn_param)
    five = (N, G, C // G, H, W)
    out = gamma.reshape(1, G, -1, 1, 1) * h.reshape(five) + beta.reshape(1, G, -1, 1, 1)
    return out.reshape(N, C, H, W), (h.reshape(x.shape), std.reshape(N, G), gamma, G)


def _gn(x, gamma, beta, G, p, axes=(2, 3, 4), split=None, ddof=0, default=1e-5, root=lambda v, e: np.sqrt(v + e)):
    N, C, H, W = x.shape
    g = x.reshape(*(split or (N, G, C // G)), H, W)
    std = root(g.var(axis=axes, keepdims=True, ddof=ddof), p.get("eps", default))
    h = ((g - g.mean(axis=axes, keepdims=True)) / std).reshape(x.shape)
    return gamma * h + beta, (h, std.reshape(N, -1)[:, :G] if std.size >= N * G else std, gamma, G)


@wrong("spatial_groupnorm_forward", "groups interleaved: every G-th channel (axes of reshape exchanged)", r"neighbour|group|interleav|channel|every")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    N, C, H, W = x.shape
    return _gn(x, gamma, beta, G, gn_param, axes=(1, 3, 4), split=(N, C // G, G))


@wrong("spatial_groupnorm_forward", "G taken for the channels a group: C // G groups become G wide", r"group|G\b|number|channels|wide|size")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    N, C, H, W = x.shape
    out, (h, _, _, _) = _gn(x, gamma, beta, C // G, gn_param)
    return out, (h, _gnf(x, gamma, beta, G, gn_param)[1][1], gamma, G)


@wrong("spatial_groupnorm_forward", "statistics over the channels of a group only, pixel by pixel", r"pixel|H|W|channels and pixels|over|axes")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    return _gn(x, gamma, beta, G, gn_param, axes=(2,))


@wrong("spatial_groupnorm_forward", "statistics over the pixels only: instance norm", r"channel|group|instance|G\b|over")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    return _gn(x, gamma, beta, G, gn_param, axes=(3, 4))


@wrong("spatial_groupnorm_forward", "statistics over the batch as well", r"batch|image|each|N\b|over")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    return _gn(x, gamma, beta, G, gn_param, axes=(0, 2, 3, 4))


@wrong("spatial_groupnorm_forward", "G ignored: layer norm over the image", r"G\b|group|whole image|layer")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    return _gn(x, gamma, beta, 1, gn_param)


@wrong("spatial_groupnorm_forward", "unbiased variance", r"biased|ddof|N\s*[-−]\s*1|variance|[-−] ?1")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    return _gn(x, gamma, beta, G, gn_param, ddof=1)


@wrong("spatial_groupnorm_forward", "eps outside the root", r"eps|ε|root|outside|under")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    return _gn(x, gamma, beta, G, gn_param, root=lambda v, e: np.sqrt(v) + e)


@wrong("spatial_groupnorm_forward", "default eps 1e-6", r"eps|default|absent|1e-5")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    return _gn(x, gamma, beta, G, gn_param, default=1e-6)


@wrong("spatial_groupnorm_forward", "output stays (N, G, C/G, H, W)", r"shape|reshape|five|back|axes")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    N, C, H, W = x.shape
    out, cache = _gn(x, gamma, beta, G, gn_param)
    return out.reshape(N, G, C // G, H, W), cache


@wrong("spatial_groupnorm_forward", "gamma and beta not applied", r"gamma|γ|beta|β|scale")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    h, std, _, _ = _gn(x, gamma, beta, G, gn_param)[1]
    return h, (h, std, gamma, G)


@wrong("spatial_groupnorm_forward", "x centred in place through the reshaped view", r"modif|in place|chang|copy|view")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    N, C, H, W = x.shape
    g = x.reshape(N * G, -1)
    std = np.sqrt(g.var(axis=1, keepdims=True) + gn_param.get("eps", 1e-5))
    g -= g.mean(axis=1, keepdims=True)
    h = (g / std).reshape(x.shape)
    return gamma * h + beta, (h, std.reshape(N, G), gamma, G)


@wrong("spatial_groupnorm_forward", "two: interleaved groups, eps outside the root", r"neighbour|group|interleav|eps|ε|root")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    N, C, H, W = x.shape
    return _gn(x, gamma, beta, G, gn_param, axes=(1, 3, 4), split=(N, C // G, G), root=lambda v, e: np.sqrt(v) + e)


# ================================================================ spatial_groupnorm_backward
@right
def spatial_groupnorm_backward(dout, cache):
    h, std, gamma, G = cache
    N = len(h)
    g, k = (dout * gamma).reshape(N, G, -1), h.reshape(N, G, -1)
    dx = g - g.mean(axis=2, keepdims=True) - k * (g * k).mean(axis=2, keepdims=True)
    dx = dx / std[..., None]
    axes = (0, 2, 3)
    return dx.reshape(h.shape), (dout * h).sum(axes, keepdims=True), dout.sum(axes, keepdims=True)


_gnb = spatial_groupnorm_backward


@also("spatial_groupnorm_backward", "loops over groups, sums")
def spatial_groupnorm_backward(dout, cache):
    h, std, gamma, G = cache
    N, C, H, W = h.shape
    size = C // G
    M = size * H * W
    dx = np.zeros_like(dout)
    for g in range(G):
        s = slice(g * size, (g + 1) * size)
        d, k = dout[:, s] * gamma[:, s], h[:, s]
        sums = [np.sum(t, axis=(1, 2, 3), keepdims=True) for t in (d, d * k)]
        dx[:, s] = (M * d - sums[0] - k * sums[1]) / (M * std[:, g, None, None, None])
    dgamma = np.einsum("nchw,nchw->c", dout, h).reshape(1, C, 1, 1)
    return dx, dgamma, np.einsum("nchw->c", dout)[None, :, None, None]


@also("spatial_groupnorm_backward", "layer norm's backward on N*G rows")
def spatial_groupnorm_backward(dout, cache):
    h, std, gamma, G = cache
    rows = h.shape[0] * G, -1
    d = (dout * gamma).reshape(rows)
    dx, _, _ = _lnb(d, (h.reshape(rows), std.reshape(-1, 1), np.ones(d.shape[1], d.dtype)))
    return dx.reshape(h.shape), np.sum(dout * h, (0, 2, 3)).reshape(gamma.shape), np.sum(dout, (0, 2, 3)).reshape(gamma.shape)


def _gnback(dout, cache, gamma_first=True, axes=(2, 3, 4), M=None, mean=1, var=1):
    h, std, gamma, G = cache
    N, C, H, W = h.shape
    five = (N, G, C // G, H, W)
    d = (dout * gamma if gamma_first else dout).reshape(five)
    k = h.reshape(five)
    M = M or C // G * H * W
    s = std.reshape(N, G, 1, 1, 1)
    dx = (d - mean * d.sum(axes, keepdims=True) / M - var * k * (d * k).sum(axes, keepdims=True) / M) / s
    dx = dx.reshape(h.shape)
    return dx if gamma_first else dx * gamma, (dout * h).sum((0, 2, 3), keepdims=True), dout.sum((0, 2, 3), keepdims=True)


@wrong("spatial_groupnorm_backward", "gamma in front, outside the averages", r"gamma|γ|outside|inside|average|before")
def spatial_groupnorm_backward(dout, cache):
    return _gnback(dout, cache, gamma_first=False)


@wrong("spatial_groupnorm_backward", "dgamma and dbeta come out as (C,)", r"shape|\(1, ?C|keepdims|dgamma|dbeta")
def spatial_groupnorm_backward(dout, cache):
    dx, dgamma, dbeta = _gnback(dout, cache)
    return dx, dgamma.ravel(), dbeta.ravel()


@wrong("spatial_groupnorm_backward", "sums divided by H*W, not by all numbers of the group", r"H|count|group|channel|divid|size|number")
def spatial_groupnorm_backward(dout, cache):
    return _gnback(dout, cache, M=dout.shape[2] * dout.shape[3])


@wrong("spatial_groupnorm_backward", "averages over the pixels only", r"group|channel|pixel|axes|axis|over")
def spatial_groupnorm_backward(dout, cache):
    return _gnback(dout, cache, axes=(3, 4), M=dout.shape[2] * dout.shape[3])


@wrong("spatial_groupnorm_backward", "mean's path missing", r"mean|path")
def spatial_groupnorm_backward(dout, cache):
    return _gnback(dout, cache, mean=0)


@wrong("spatial_groupnorm_backward", "variance's path missing", r"var|path|deviation|x̂")
def spatial_groupnorm_backward(dout, cache):
    return _gnback(dout, cache, var=0)


@wrong("spatial_groupnorm_backward", "dgamma and dbeta summed over the batch only: (1, C, H, W)", r"shape|pixel|sum|\(1, ?C|dgamma|dbeta|axes")
def spatial_groupnorm_backward(dout, cache):
    dx, _, _ = _gnback(dout, cache)
    return dx, (dout * cache[0]).sum(0, keepdims=True), dout.sum(0, keepdims=True)


@wrong("spatial_groupnorm_backward", "spatial batch norm's backward: averages over N, H, W", r"batch|group|axes|N\b|image|over|average")
def spatial_groupnorm_backward(dout, cache):
    h, std, gamma, G = cache
    _, dgamma, dbeta = _gnback(dout, cache)
    M = h.size // h.shape[1]
    s = np.repeat(std, h.shape[1] // G, axis=1)[:, :, None, None]
    return gamma / s * (dout - dbeta / M - h * dgamma / M), dgamma, dbeta


@wrong("spatial_groupnorm_backward", "dgamma and dbeta one a group: (1, G, 1, 1)", r"shape|channel|group|\(1, ?C|dgamma|dbeta")
def spatial_groupnorm_backward(dout, cache):
    h, _, _, G = cache
    dx, _, _ = _gnback(dout, cache)
    f = lambda t: t.reshape(len(h), G, -1).sum((0, 2)).reshape(1, G, 1, 1)
    return dx, f(dout * h), f(dout)


@wrong("spatial_groupnorm_backward", "two: gamma outside the averages, dbeta a mean", r"gamma|γ|outside|mean|sum|dbeta")
def spatial_groupnorm_backward(dout, cache):
    dx, dgamma, dbeta = _gnback(dout, cache, gamma_first=False)
    return dx, dgamma, dbeta * dout.shape[1] / dout.size


@wrong("spatial_groupnorm_backward", "two: variance's path with plus, divided by C // G only", r"sign|var|count|H|pixel|size|divid|group")
def spatial_groupnorm_backward(dout, cache):
    return _gnback(dout, cache, var=-1, M=dout.shape[1] // cache[3])


# ================================================================ identity_parameters
@right
def identity_parameters(mean, var, eps):
    return (var + eps) ** 0.5, mean.copy()


@also("identity_parameters", "the very mean, np.hypot")
def identity_parameters(mean, var, eps):
    return np.hypot(np.sqrt(var), np.sqrt(eps)), mean


@wrong("identity_parameters", "gamma = sigma, as on the slide", r"eps|ε|exact|slide")
def identity_parameters(mean, var, eps):
    return np.sqrt(var), mean


@wrong("identity_parameters", "gamma = sqrt(var) + eps", r"eps|ε|root|under|outside")
def identity_parameters(mean, var, eps):
    return np.sqrt(var) + eps, mean


@wrong("identity_parameters", "gamma without the root", r"root|sqrt|√|variance")
def identity_parameters(mean, var, eps):
    return var + eps, mean


@wrong("identity_parameters", "gamma the reciprocal", r"reciproc|invers|1/|divid|gamma|γ")
def identity_parameters(mean, var, eps):
    return 1 / np.sqrt(var + eps), mean


@wrong("identity_parameters", "beta = -mean", r"sign|beta|β|minus")
def identity_parameters(mean, var, eps):
    return np.sqrt(var + eps), -mean


@wrong("identity_parameters", "beta = mean / gamma: shift taken for one before the scale", r"beta|β|mean|divid|shift")
def identity_parameters(mean, var, eps):
    gamma = np.sqrt(var + eps)
    return gamma, mean / gamma


@wrong("identity_parameters", "returns beta, gamma", r"order|swap|exchang|gamma.*beta|γ")
def identity_parameters(mean, var, eps):
    return mean, np.sqrt(var + eps)


@wrong("identity_parameters", "two: no eps, beta = 0", r"eps|ε|beta|β|mean")
def identity_parameters(mean, var, eps):
    return np.sqrt(var), np.zeros_like(mean)


# ================================================================ bias_is_redundant
@right
def bias_is_redundant(conv, norm, x):
    outs = []
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        spread = float(conv(x).std(unbiased=False)) or 1.0
        base = conv.bias.detach().clone()
        torch.manual_seed(3)
        for shift in (torch.zeros_like(base), spread * torch.randn_like(base), spread * (1 + torch.rand_like(base))):
            layer, after = copy.deepcopy(conv), copy.deepcopy(norm)
            layer.bias.copy_(base + shift)
            torch.manual_seed(0)
            outs.append(after(layer(x)).clone())
    scale = 1e-3 * outs[0].std(unbiased=False) + 1e-5 * outs[0].abs().max()
    return all(bool((o - outs[0]).abs().max() <= scale) for o in outs[1:])


@also("bias_is_redundant", "functional: adds biases to conv's output, a fresh copy of norm each time")
@torch.no_grad()
def bias_is_redundant(conv, norm, x):
    z = conv(x)
    generator = torch.Generator().manual_seed(5)
    first = copy.deepcopy(norm)(z.clone())
    for _ in range(3):
        b = torch.empty(z.shape[1]).uniform_(-3, 3, generator=generator).to(z) * (z.std() + 1e-3)
        other = copy.deepcopy(norm)(z + b.reshape(1, -1, 1, 1))
        if not torch.allclose(first, other, rtol=1e-3, atol=1e-3):
            return False
    return True


@also("bias_is_redundant", "on the originals, all of it put back")
def bias_is_redundant(conv, norm, x):
    bias = conv.bias.detach().clone()
    state = {k: v.clone() for k, v in norm.state_dict().items()}
    outs = []
    try:
        with torch.no_grad():
            for trial in (bias, bias + torch.linspace(-2, 3, len(bias)).to(bias), bias + torch.linspace(4, 1, len(bias)).to(bias)):
                conv.bias.copy_(trial)
                outs.append(norm(conv(x)).clone())
                norm.load_state_dict(state)
    finally:
        with torch.no_grad():
            conv.bias.copy_(bias)
    return torch.allclose(outs[0], outs[1], atol=1e-3) and torch.allclose(outs[0], outs[2], atol=1e-3)


def _redundant(conv, norm, x, shift=None, same=None, copies=True, before=None, factor=None):
    """Two outputs, with the bias as it is and with another one; switches for the usual faults."""
    layer, after = (copy.deepcopy(conv), copy.deepcopy(norm)) if copies else (conv, norm)
    old = layer.bias.detach().clone()
    if before:
        before(after)
    with torch.no_grad():
        one = after(layer(x)).clone()
        if factor is not None:
            layer.bias.mul_(factor)
        else:
            layer.bias.add_(torch.linspace(-2, 3, len(old)).to(old) if shift is None else shift(old))
        two = after(layer(x)).clone()
        if not copies:
            layer.bias.copy_(old)
    return (same or (lambda a, b: torch.allclose(a, b, rtol=1e-3, atol=1e-3)))(one, two)


@wrong("bias_is_redundant", "goes by the type: any BatchNorm2d will do, in evaluation mode too", r"mode|eval|running|output|type|fixed")
def bias_is_redundant(conv, norm, x):
    return isinstance(norm, (nn.BatchNorm2d, nn.InstanceNorm2d, nn.GroupNorm))


@wrong("bias_is_redundant", "goes by norm.training: other layers are not asked", r"mode|output|whatever|training|layer|instance|identity|any")
def bias_is_redundant(conv, norm, x):
    return norm.training


@wrong("bias_is_redundant", "running statistics of norm moved", r"running|statistic|norm|chang|left|found")
def bias_is_redundant(conv, norm, x):
    return _redundant(conv, norm, x, copies=False)


@wrong("bias_is_redundant", "bias not put back", r"bias|chang|back|left|found|restor")
def bias_is_redundant(conv, norm, x):
    norm = copy.deepcopy(norm)
    with torch.no_grad():
        before = norm(conv(x))
        conv.bias.uniform_(-3, 3)
        after = norm(conv(x))
    return torch.allclose(before, after, atol=1e-3)


@wrong("bias_is_redundant", "bias 'saved' without clone: put back onto itself", r"bias|clone|copy|chang|same|left|alias|back|restor")
def bias_is_redundant(conv, norm, x):
    norm = copy.deepcopy(norm)
    with torch.no_grad():
        saved = conv.bias.data
        before = norm(conv(x))
        conv.bias.data += torch.linspace(-2, 3, len(saved)).to(saved)
        after = norm(conv(x))
        conv.bias.data = saved
    return torch.allclose(before, after, atol=1e-3)


@wrong("bias_is_redundant", "state_dict() of norm saved without clones: running statistics not put back", r"running|statistic|clone|copy|chang|state|alias|left|back")
def bias_is_redundant(conv, norm, x):
    state = norm.state_dict()
    answer = _redundant(conv, norm, x, copies=False)
    norm.load_state_dict(state)
    return answer


@wrong("bias_is_redundant", "only running_mean and running_var put back, not num_batches_tracked", r"num_batches|count|running|statistic|buffer|chang|left|norm")
def bias_is_redundant(conv, norm, x):
    saved = {k: v.clone() for k, v in norm.named_buffers() if "running" in k}
    answer = _redundant(conv, norm, x, copies=False)
    for k, v in norm.named_buffers():
        if k in saved:
            v.copy_(saved[k])
    return answer


@wrong("bias_is_redundant", "the same shift for all channels: LayerNorm and GroupNorm slip through", r"channel|same|shift|each|layer|group|own|common|every bias")
def bias_is_redundant(conv, norm, x):
    return _redundant(conv, norm, x, shift=lambda b: torch.full_like(b, 2.5))


@wrong("bias_is_redundant", "compares with the bias doubled: all zeros stay zeros", r"zero|doubl|bias|every bias|scal")
def bias_is_redundant(conv, norm, x):
    return _redundant(conv, norm, x, factor=2)


@wrong("bias_is_redundant", "compares with bias = 0: nothing is tried when it is 0 already", r"zero|bias|every bias|try|other|same")
def bias_is_redundant(conv, norm, x):
    return _redundant(conv, norm, x, factor=0)


@wrong("bias_is_redundant", "torch.equal: rounding makes every bias count", r"round|exact|toleranc|equal|close")
def bias_is_redundant(conv, norm, x):
    return _redundant(conv, norm, x, same=torch.equal)


@wrong("bias_is_redundant", "shift of 1e-6 only: nothing can be seen", r"small|toleranc|tiny|shift|large|see|1e-6")
def bias_is_redundant(conv, norm, x):
    return _redundant(conv, norm, x, shift=lambda b: torch.full_like(b, 1e-6) * torch.arange(len(b)).to(b))


@wrong("bias_is_redundant", "norm set to training mode first", r"mode|train|eval|stays")
def bias_is_redundant(conv, norm, x):
    return _redundant(conv, norm, x, before=lambda n: n.train())


@wrong("bias_is_redundant", "norm set to evaluation mode so that statistics stay", r"mode|eval|train|stays")
def bias_is_redundant(conv, norm, x):
    return _redundant(conv, norm, x, before=lambda n: n.eval())


@wrong("bias_is_redundant", "norm is left in evaluation mode", r"mode|eval|train|left|stays|chang")
def bias_is_redundant(conv, norm, x):
    answer = _redundant(conv, norm, x)
    norm.eval()
    return answer


@wrong("bias_is_redundant", "a tensor instead of a bool", r"bool|tensor|type")
def bias_is_redundant(conv, norm, x):
    return _redundant(conv, norm, x, same=lambda a, b: torch.isclose(a, b, atol=1e-3).all())


@wrong("bias_is_redundant", "compares only the means of the two outputs", r"mean|output|channel|compar|same|each|every")
def bias_is_redundant(conv, norm, x):
    return _redundant(conv, norm, x, same=lambda a, b: abs(a.mean() - b.mean()).item() < 1e-3)


@wrong("bias_is_redundant", "goes by type and mode: instance norm, and batch norm without running statistics in evaluation mode, are judged wrongly", r"track|running|instance|output|mode|type|statistic|whatever")
def bias_is_redundant(conv, norm, x):
    return isinstance(norm, nn.BatchNorm2d) and norm.training


@wrong("bias_is_redundant", "two: the same shift for all channels, and torch.equal", r"channel|shift|same|round|exact|toleranc|equal")
def bias_is_redundant(conv, norm, x):
    return _redundant(conv, norm, x, shift=lambda b: b * 0 + 3.0, same=torch.equal)


@wrong("bias_is_redundant", "two: bias left at zero, and statistics moved", r"bias|zero|running|statistic|chang|left|back")
def bias_is_redundant(conv, norm, x):
    with torch.no_grad():
        conv.bias.copy_(conv.bias + torch.linspace(-2, 3, len(conv.bias)).to(conv.bias))
        before = norm(conv(x))
        conv.bias.zero_()
        after = norm(conv(x))
    return torch.allclose(before, after, atol=1e-3)


# ================================================================ population_statistics
@right
def population_statistics(model, loader):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    count, mean, square = 0, 0.0, 0.0
    try:
        with torch.no_grad():
            for x, _ in loader:
                out = model(x)
                rows = out.double().movedim(1, -1).reshape(-1, out.shape[1])
                n = len(rows)
                m = rows.mean(0)
                gap = m - mean
                square = square + ((rows - m) ** 2).sum(0) + gap ** 2 * (count * n / (count + n))
                mean = mean + gap * (n / (count + n))
                count += n
    finally:
        for module, mode in modes:
            module.training = mode
    return mean.to(out.dtype), (square / count).to(out.dtype)


@also("population_statistics", "float64 sums, shifted by the first batch's mean")
def population_statistics(model, loader):
    was = {m: m.training for m in model.modules()}
    model.eval()
    shift = None
    with torch.inference_mode():
        for x, y in loader:
            z = model(x)
            dims = [d for d in range(z.dim()) if d != 1]
            if shift is None:
                view = [1, -1] + [1] * (z.dim() - 2)
                shift = z.double().mean(dims)
                n, s, q = 0, torch.zeros_like(shift), torch.zeros_like(shift)
            c = z.double() - shift.view(view)
            n += z.numel() // z.shape[1]
            s += c.sum(dims)
            q += c.square().sum(dims)
    for m, mode in was.items():
        m.training = mode
    return (shift + s / n).to(z.dtype).clone(), (q / n - (s / n) ** 2).to(z.dtype).clone()


@also("population_statistics", "law of total variance on the batches' numbers, on a copy of the model")
def population_statistics(model, loader):
    model = copy.deepcopy(model).eval()
    sizes, means, variances = [], [], []
    with torch.no_grad():
        for batch in loader:
            out = model(batch[0])
            dtype = out.dtype
            flat = out.transpose(0, 1).flatten(1).double()
            sizes.append(flat.shape[1])
            means.append(flat.mean(1))
            variances.append(flat.var(1, correction=0))
    w = torch.tensor(sizes, dtype=torch.float64)[:, None] / sum(sizes)
    means, variances = torch.stack(means), torch.stack(variances)
    mean = (w * means).sum(0)
    return mean.to(dtype), (w * (variances + (means - mean) ** 2)).sum(0).to(dtype)


def _pop(model, loader, c):
    """One float64 pass with switches for the usual faults."""
    modes = [(m, m.training) for m in model.modules()]
    if c.get("eval", True):
        model.eval()
    n, s, q, means, variances, dtype = 0, 0.0, 0.0, [], [], None
    with torch.no_grad():
        for x, _ in loader:
            z = model(x)
            dtype = z.dtype
            rows = z.movedim(1, -1).reshape(-1, z.shape[1]).to(c.get("inside", torch.float64))
            means.append(rows.mean(0))
            variances.append(rows.var(0, correction=c.get("ddof", 0)))
            n += c.get("count", lambda rows, z: len(rows))(rows, z)
            s, q = s + rows.sum(0), q + rows.square().sum(0)
    c.get("back", lambda model, modes: [setattr(m, "training", t) for m, t in modes])(model, modes)
    mean, var = c.get("combine", lambda n, s, q, means, variances: (s / n, q / n - (s / n) ** 2))(n, s, q, means, variances)
    return (mean, var) if c.get("wide") else (mean.to(dtype), var.to(dtype))


@wrong("population_statistics", "mean of the batches' means: the smaller last batch counts as much", r"last|smaller|size|weight|batch")
def population_statistics(model, loader):
    return _pop(model, loader, {"combine": lambda n, s, q, m, v: (torch.stack(m).mean(0), q / n - (s / n) ** 2)})


@wrong("population_statistics", "mean of the batches' variances, weighted rightly, but what lies between the batches is missing", r"between|batch|variance|means|differ")
def population_statistics(model, loader):
    sizes = []

    def keep(rows, z):
        sizes.append(len(rows))
        return len(rows)

    def combine(n, s, q, m, v):
        w = torch.tensor(sizes, dtype=torch.float64)[:, None]
        return s / n, (w * torch.stack(v)).sum(0) / n

    return _pop(model, loader, {"count": keep, "combine": combine})


@wrong("population_statistics", "unbiased variance: N - 1", r"biased|N\s*[-−]\s*1|correction|variance")
def population_statistics(model, loader):
    return _pop(model, loader, {"combine": lambda n, s, q, m, v: (s / n, (q - n * (s / n) ** 2) / (n - 1))})


@wrong("population_statistics", "measured in training mode", r"eval|mode|training|running")
def population_statistics(model, loader):
    return _pop(model, loader, {"eval": False})


@wrong("population_statistics", "left in evaluation mode", r"mode|left|eval|train|back")
def population_statistics(model, loader):
    return _pop(model, loader, {"back": lambda model, modes: None})


@wrong("population_statistics", "always put in training mode at the end", r"mode|train|eval|back|was")
def population_statistics(model, loader):
    return _pop(model, loader, {"back": lambda model, modes: model.train()})


@wrong("population_statistics", "model.train(was): a frozen inner layer comes back in training mode", r"mode|inner|frozen|each|module|layer|part|eval")
def population_statistics(model, loader):
    was = model.training
    return _pop(model, loader, {"back": lambda model, modes: model.train(was)})


@wrong("population_statistics", "examples counted, not pixels", r"pixel|H|count|N\b|examples")
def population_statistics(model, loader):
    return _pop(model, loader, {"count": lambda rows, z: len(z)})


@wrong("population_statistics", "results in float64", r"dtype|float64|float32|double")
def population_statistics(model, loader):
    return _pop(model, loader, {"wide": True})


@wrong("population_statistics", "E[x²] - E[x]² in the outputs' float32: cancels where the mean is large", r"cancel|precis|float|large|round|digits|stable|negative")
def population_statistics(model, loader):
    return _pop(model, loader, {"inside": torch.float32})


@wrong("population_statistics", "two passes over the loader, one for the mean, one for the variance", r"pass|once|one pass|iter|twice|empty|second")
def population_statistics(model, loader):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    with torch.no_grad():
        n, s = 0, 0.0
        for x, _ in loader:
            rows = model(x).movedim(1, -1).flatten(0, -2).double()
            n, s = n + len(rows), s + rows.sum(0)
        mean, q = s / n, 0.0
        for x, _ in loader:
            z = model(x)
            q = q + (z.movedim(1, -1).flatten(0, -2).double() - mean).square().sum(0)
    for m, t in modes:
        m.training = t
    return mean.to(z.dtype), (q / n).to(z.dtype)


@wrong("population_statistics", "keeps all outputs and concatenates them", r"keep|memory|all|cat|one pass|whole")
def population_statistics(model, loader):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    with torch.no_grad():
        z = torch.cat([model(x) for x, _ in loader])
    for m, t in modes:
        m.training = t
    rows = z.movedim(1, -1).reshape(-1, z.shape[1]).double()
    return rows.mean(0).to(z.dtype), rows.var(0, unbiased=False).to(z.dtype)


@wrong("population_statistics", "images only: dims (0, 2, 3), rows (N, C) fail", r"\(N, ?C\)|rows|dimension|image|2-D|dim")
def population_statistics(model, loader):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    n, s, q = 0, 0.0, 0.0
    with torch.no_grad():
        for x, _ in loader:
            z = model(x)
            d = z.double()
            n += z.shape[0] * z.shape[2] * z.shape[3]
            s, q = s + d.sum((0, 2, 3)), q + (d * d).sum((0, 2, 3))
    for m, t in modes:
        m.training = t
    return (s / n).to(z.dtype), (q / n - (s / n) ** 2).to(z.dtype)


@wrong("population_statistics", "reshape(-1, C) of images without moving the channel axis", r"axis|channel|reshape|mov|transpos")
def population_statistics(model, loader):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    n, s, q = 0, 0.0, 0.0
    with torch.no_grad():
        for x, _ in loader:
            z = model(x)
            rows = z.reshape(-1, z.shape[1]).double()
            n, s, q = n + len(rows), s + rows.sum(0), q + rows.square().sum(0)
    for m, t in modes:
        m.training = t
    return (s / n).to(z.dtype), (q / n - (s / n) ** 2).to(z.dtype)


@wrong("population_statistics", "one number for each pixel: (C, H, W)", r"shape|pixel|channel|\(C")
def population_statistics(model, loader):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    n, s, q = 0, 0.0, 0.0
    with torch.no_grad():
        for x, _ in loader:
            z = model(x)
            d = z.double()
            n, s, q = n + len(z), s + d.sum(0), q + d.square().sum(0)
    for m, t in modes:
        m.training = t
    return (s / n).to(z.dtype), (q / n - (s / n) ** 2).to(z.dtype)


@wrong("population_statistics", "measures what comes in, not what the model gives out", r"output|model|input|gives out")
def population_statistics(model, loader):
    n, s, q = 0, 0.0, 0.0
    for x, _ in loader:
        rows = x.movedim(1, -1).reshape(-1, x.shape[1]).double()
        n, s, q = n + len(rows), s + rows.sum(0), q + rows.square().sum(0)
    return (s / n).to(x.dtype), (q / n - (s / n) ** 2).to(x.dtype)


@wrong("population_statistics", "moving average over the batches, as in training", r"moving|average|weight|exact|batch|equal|momentum")
def population_statistics(model, loader):
    def combine(n, s, q, m, v):
        mean, var = m[0], v[0]
        for a, b in zip(m[1:], v[1:]):
            mean, var = 0.9 * mean + 0.1 * a, 0.9 * var + 0.1 * b
        return mean, var

    return _pop(model, loader, {"combine": combine})


@wrong("population_statistics", "standard deviation for variance", r"standard|root|variance|std|deviation|squar")
def population_statistics(model, loader):
    mean, var = _pop(model, loader, {})
    return mean, var.clamp(min=0).sqrt()


@wrong("population_statistics", "two: mean of means, mean of unbiased variances", r"last|size|weight|biased|between|batch")
def population_statistics(model, loader):
    return _pop(model, loader, {"ddof": 1, "combine": lambda n, s, q, m, v: (torch.stack(m).mean(0), torch.stack(v).mean(0))})


@wrong("population_statistics", "two: measured in training mode, put into evaluation mode at the end", r"eval|mode|training|running")
def population_statistics(model, loader):
    return _pop(model, loader, {"eval": False, "back": lambda model, modes: model.eval()})


@wrong("population_statistics", "no_grad forgotten: the results hang on the graph of every batch, which keeps them all", r"grad|graph|memory|keep|detach")
def population_statistics(model, loader):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    n, s, q = 0, 0.0, 0.0
    for x, _ in loader:
        z = model(x)
        rows = z.movedim(1, -1).reshape(-1, z.shape[1]).double()
        n, s, q = n + len(rows), s + rows.sum(0), q + rows.square().sum(0)
    for m, t in modes:
        m.training = t
    return (s / n).to(z.dtype), (q / n - (s / n) ** 2).to(z.dtype)
