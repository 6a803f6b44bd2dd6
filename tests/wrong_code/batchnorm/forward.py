"""Notebook 06: batch norm's forward pass as people really write it wrong.

The way back is in `batchnorm_backward`, its relatives and the torch exercises in
`batchnorm_relatives` and `batchnorm_use`.
"""

import numpy as np
from wrong_code import wrong


def _running(bn_param, x):
    zeros = np.zeros(x.shape[1], dtype=x.dtype)
    return bn_param.get("running_mean", zeros), bn_param.get("running_var", zeros)


def _update(bn_param, x, mean, var):
    m = bn_param.get("momentum", 0.9)
    old_mean, old_var = _running(bn_param, x)
    bn_param["running_mean"] = m * old_mean + (1 - m) * mean
    bn_param["running_var"] = m * old_var + (1 - m) * var


@wrong("batchnorm_forward", "momentum_is_share_of_new")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps, m = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    mean, var = _running(bn_param, x)
    if bn_param["mode"] == "train":
        batch_mean, batch_var = np.mean(x, axis=0), np.var(x, axis=0)
        bn_param["running_mean"] = (1 - m) * mean + m * batch_mean
        bn_param["running_var"] = (1 - m) * var + m * batch_var
        mean, var = batch_mean, batch_var
    return (x - mean) / np.sqrt(var + eps) * gamma + beta, None


@wrong("batchnorm_forward", "unbiased_variance")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    mean, var = _running(bn_param, x)
    if bn_param["mode"] == "train":
        mean, var = x.mean(0), x.var(0, ddof=1)
        _update(bn_param, x, mean, var)
    return (x - mean) / np.sqrt(var + eps) * gamma + beta, None


@wrong("batchnorm_forward", "unbiased_running_variance")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps, n = bn_param.get("eps", 1e-5), len(x)
    mean, var = _running(bn_param, x)
    if bn_param["mode"] == "train":
        mean, var = x.mean(0), x.var(0)
        _update(bn_param, x, mean, np.sum((x - mean) ** 2, 0) / np.float32(n - 1))
    return (x - mean) / np.sqrt(var + eps) * gamma + beta, None


@wrong("batchnorm_forward", "eps_outside_the_root")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    mean, var = _running(bn_param, x)
    if bn_param["mode"] == "train":
        mean, var = x.mean(0), x.var(0)
        _update(bn_param, x, mean, var)
    return gamma * ((x - mean) / (np.sqrt(var) + eps)) + beta, None


@wrong("batchnorm_forward", "eps_forgotten")
def batchnorm_forward(x, gamma, beta, bn_param):
    mean, var = _running(bn_param, x)
    if bn_param["mode"] == "train":
        mean, var = x.mean(0), x.var(0)
        _update(bn_param, x, mean, var)
    return gamma * (x - mean) / np.sqrt(var) + beta, None


@wrong("batchnorm_forward", "divides_by_variance")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    mean, var = _running(bn_param, x)
    if bn_param["mode"] == "train":
        mean, var = x.mean(0), x.var(0)
        _update(bn_param, x, mean, var)
    return gamma * (x - mean) / (var + eps) + beta, None


@wrong("batchnorm_forward", "test_mode_uses_the_batch")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    mean, var = x.mean(0), x.var(0)
    if bn_param["mode"] == "train":
        _update(bn_param, x, mean, var)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, None


@wrong(
    "batchnorm_forward",
    "test_mode_updates_the_running_statistics", "test_mode_uses_the_batch",
)  # fmt: skip
def batchnorm_forward(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    mean, var = x.mean(0), x.var(0)
    _update(bn_param, x, mean, var)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, None


@wrong("batchnorm_forward", "running_statistics_not_written_back")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps, m = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    running_mean, running_var = _running(bn_param, x)
    if bn_param["mode"] == "train":
        mean, var = x.mean(0), x.var(0)
        running_mean = m * running_mean + (1 - m) * mean
        running_var = m * running_var + (1 - m) * var
    else:
        mean, var = running_mean, running_var
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, None


@wrong("batchnorm_forward", "running_variance_starts_at_one")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    bn_param.setdefault("running_var", np.ones(x.shape[1], dtype=x.dtype))
    mean, var = _running(bn_param, x)
    if bn_param["mode"] == "train":
        mean, var = x.mean(0), x.var(0)
        _update(bn_param, x, mean, var)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, None


@wrong("batchnorm_forward", "running_statistics_in_double_precision")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps, m = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    mean = bn_param.get("running_mean", np.zeros(x.shape[1]))
    var = bn_param.get("running_var", np.zeros(x.shape[1]))
    if bn_param["mode"] == "train":
        batch_mean, batch_var = x.mean(0), x.var(0)
        bn_param["running_mean"] = m * mean + (1 - m) * batch_mean
        bn_param["running_var"] = m * var + (1 - m) * batch_var
        mean, var = batch_mean, batch_var
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, None


@wrong("batchnorm_forward", "training_uses_the_running_statistics")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    if bn_param["mode"] == "train":
        _update(bn_param, x, x.mean(0), x.var(0))
    mean, var = _running(bn_param, x)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, None


@wrong("batchnorm_forward", "default:eps")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-3)
    mean, var = _running(bn_param, x)
    if bn_param["mode"] == "train":
        mean, var = x.mean(0), x.var(0)
        _update(bn_param, x, mean, var)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, None


@wrong("batchnorm_forward", "statistics_of_each_example")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    mean, var = _running(bn_param, x)
    if bn_param["mode"] == "train":
        mean, var = x.mean(1, keepdims=True), x.var(1, keepdims=True)
        _update(bn_param, x, mean, var)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, None


@wrong("batchnorm_forward", "one_statistic_for_everything")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    mean, var = _running(bn_param, x)
    if bn_param["mode"] == "train":
        mean, var = x.mean(), x.var()
        _update(bn_param, x, mean, var)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, None


@wrong("batchnorm_forward", "running_standard_deviation")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    mean, var = _running(bn_param, x)
    if bn_param["mode"] == "train":
        mean, var = x.mean(0), x.var(0)
        _update(bn_param, x, mean, np.sqrt(var))
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, None


@wrong("batchnorm_forward", "gamma_and_beta_swapped")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    mean, var = _running(bn_param, x)
    if bn_param["mode"] == "train":
        mean, var = x.mean(0), x.var(0)
        _update(bn_param, x, mean, var)
    return beta * (x - mean) / np.sqrt(var + eps) + gamma, None


@wrong("batchnorm_forward", "momentum_is_share_of_new", "no_affine_in_test_mode")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps, m = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    running_mean, running_var = _running(bn_param, x)
    if bn_param["mode"] == "test":
        return (x - running_mean) / np.sqrt(running_var + eps), None
    mean, var = x.mean(0), x.var(0)
    bn_param["running_mean"] = running_mean + m * (mean - running_mean)
    bn_param["running_var"] = running_var + m * (var - running_var)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, None


@wrong("batchnorm_forward", "changed:x")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    mean, var = _running(bn_param, x)
    if bn_param["mode"] == "train":
        mean, var = x.mean(0), x.var(0)
        _update(bn_param, x, mean, var)
    x -= mean
    x /= np.sqrt(var + eps)
    return gamma * x + beta, None


@wrong("batchnorm_forward", "deviation_for_variance")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    zeros = np.zeros(x.shape[1], dtype=x.dtype)
    mean, var = bn_param.get("running_mean", zeros), bn_param.get("running_var", zeros)
    if bn_param["mode"] == "train":
        old = mean, var
        mean, var = x.mean(0), x.std(0)
        bn_param["running_mean"] = momentum * old[0] + (1 - momentum) * mean
        bn_param["running_var"] = momentum * old[1] + (1 - momentum) * var
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, None


def _backward(dout, cache, n, dbeta_of):
    x, mean, var, eps, gamma = cache
    sigma, dxhat = np.sqrt(var + eps), dout * gamma
    xhat = (x - mean) / sigma
    dx = (dxhat - dxhat.sum(0) / n - xhat * (dxhat * xhat).sum(0) / n) / sigma
    return dx, (dout * xhat).sum(0), dbeta_of.sum(0)


@wrong("batchnorm_backward", "divided_by_the_features")
def batchnorm_backward(dout, cache):
    return _backward(dout, cache, dout.shape[1], dout)


@wrong("batchnorm_backward", "dbeta_with_gamma")
def batchnorm_backward(dout, cache):
    return _backward(dout, cache, len(dout), dout * cache[4])


@wrong("batchnorm_backward_alt", "divided_by_the_features")
def batchnorm_backward_alt(dout, cache):
    return _backward(dout, cache, dout.shape[1], dout)


@wrong("spatial_batchnorm_backward", "reshaped_without_moving_the_channels")
def spatial_batchnorm_backward(dout, cache):
    n, c, h, w = dout.shape
    dx, dgamma, dbeta = _backward(dout.reshape(-1, c), cache, n * h * w, dout.reshape(-1, c))
    return dx.reshape(n, h, w, c).transpose(0, 3, 1, 2), dgamma, dbeta
