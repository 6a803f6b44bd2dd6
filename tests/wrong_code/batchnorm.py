"""Notebook 06: batch norm as people really write it wrong, forward, backward and on images.

Its relatives' and the torch exercises' are next door, in `batchnorm_relatives` and
`batchnorm_use`.
"""

import numpy as np

from wrong_code import wrong

# ruff: noqa: F811 - each exercise is written several times, each time wrong


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


@wrong("batchnorm_forward", "default_eps_of_keras")
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


@wrong("bn_dxhat", "gamma_forgotten")
def bn_dxhat(dout, gamma):
    return dout.copy()


@wrong("bn_dxhat", "divided_by_gamma")
def bn_dxhat(dout, gamma):
    return dout / gamma


@wrong("bn_dxhat", "summed_over_the_batch")
def bn_dxhat(dout, gamma):
    return np.sum(gamma * dout, axis=0)


@wrong("bn_dxhat", "averaged_over_the_batch")
def bn_dxhat(dout, gamma):
    return gamma * dout / dout.shape[0]


@wrong("bn_dvar", "sign_of_the_power")
def bn_dvar(dxhat, x, mean, var, eps):
    return np.sum(0.5 * dxhat * (x - mean) / np.power(var + eps, 1.5), axis=0)


@wrong("bn_dvar", "half_forgotten")
def bn_dvar(dxhat, x, mean, var, eps):
    return -np.sum(dxhat * (x - mean), axis=0) * (var + eps) ** (-3 / 2)


@wrong("bn_dvar", "exponent_not_lowered")
def bn_dvar(dxhat, x, mean, var, eps):
    return -0.5 * np.sum(dxhat * (x - mean), axis=0) / np.sqrt(var + eps)


@wrong("bn_dvar", "eps_forgotten")
def bn_dvar(dxhat, x, mean, var, eps):
    return -0.5 * np.sum(dxhat * (x - mean), axis=0) / np.sqrt(var) ** 3


@wrong("bn_dvar", "not_summed")
def bn_dvar(dxhat, x, mean, var, eps):
    return -0.5 * dxhat * (x - mean) * (var + eps) ** -1.5


@wrong("bn_dvar", "mean_instead_of_sum")
def bn_dvar(dxhat, x, mean, var, eps):
    return np.mean(dxhat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)


@wrong("bn_dvar", "not_centred")
def bn_dvar(dxhat, x, mean, var, eps):
    return np.sum(dxhat * x * -0.5 * (var + eps) ** -1.5, axis=0)


@wrong("bn_dmean", "path_through_variance_forgotten")
def bn_dmean(dxhat, dvar, x, mean, var, eps):
    return np.sum(dxhat * -1 / np.sqrt(var + eps), axis=0)


@wrong("bn_dmean", "path_through_variance_not_averaged")
def bn_dmean(dxhat, dvar, x, mean, var, eps):
    return np.sum(-dxhat / np.sqrt(var + eps), axis=0) + dvar * np.sum(-2 * (x - mean), axis=0)


@wrong("bn_dmean", "sign_of_the_direct_path")
def bn_dmean(dxhat, dvar, x, mean, var, eps):
    return np.sum(dxhat / np.sqrt(var + eps), axis=0) + dvar * np.mean(-2 * (x - mean), axis=0)


@wrong("bn_dmean", "square_not_differentiated")
def bn_dmean(dxhat, dvar, x, mean, var, eps):
    return np.sum(-dxhat / np.sqrt(var + eps), axis=0) - dvar * np.mean(x - mean, axis=0)


@wrong("bn_dmean", "mean_instead_of_sum")
def bn_dmean(dxhat, dvar, x, mean, var, eps):
    return np.mean(-dxhat / np.sqrt(var + eps), axis=0) - 2 * dvar * np.mean(x - mean, axis=0)


@wrong("bn_dmean", "eps_forgotten")
def bn_dmean(dxhat, dvar, x, mean, var, eps):
    return np.sum(-dxhat / np.sqrt(var), axis=0) - 2 * dvar * np.mean(x - mean, axis=0)


# The caches of the master's forward pass: (x, mean, var, eps, gamma).


@wrong("batchnorm_backward", "statistics_are_constants")
def batchnorm_backward(dout, cache):
    x, mean, var, eps, gamma = cache
    xhat = (x - mean) / np.sqrt(var + eps)
    return dout * gamma / np.sqrt(var + eps), np.sum(dout * xhat, 0), np.sum(dout, 0)


def _chain(dout, cache, mean_share, var_share):
    """The graph walked back with these weights on its two shared paths."""
    x, mean, var, eps, gamma = cache
    std = np.sqrt(var + eps)
    xhat = (x - mean) / std
    dxhat = dout * gamma
    dvar = np.sum(dxhat * (x - mean), 0) * -0.5 * std**-3
    dmean = np.sum(dxhat, 0) * -1 / std
    dx = dxhat / std + dvar * 2 * (x - mean) * var_share + dmean * mean_share
    return dx, np.sum(dout * xhat, 0), np.sum(dout, 0)


@wrong("batchnorm_backward", "no_path_through_the_mean")
def batchnorm_backward(dout, cache):
    return _chain(dout, cache, 0, 1 / len(dout))


@wrong("batchnorm_backward", "no_path_through_the_variance")
def batchnorm_backward(dout, cache):
    return _chain(dout, cache, 1 / len(dout), 0)


@wrong("batchnorm_backward", "mean_path_not_averaged")
def batchnorm_backward(dout, cache):
    return _chain(dout, cache, 1, 1 / len(dout))


@wrong("batchnorm_backward", "variance_path_without_two")
def batchnorm_backward(dout, cache):
    return _chain(dout, cache, 1 / len(dout), 0.5 / len(dout))


@wrong("batchnorm_backward", "means_not_averaged")
def batchnorm_backward(dout, cache):
    return _chain(dout, cache, 1, 1)


@wrong("batchnorm_backward", "gamma_forgotten")
def batchnorm_backward(dout, cache):
    return _chain(dout, cache[:4] + (np.ones_like(cache[4]),), 1 / len(dout), 1 / len(dout))


@wrong("batchnorm_backward", "dgamma_from_x")
def batchnorm_backward(dout, cache):
    dx, _, dbeta = _chain(dout, cache, 1 / len(dout), 1 / len(dout))
    return dx, np.sum(dout * cache[0], axis=0), dbeta


@wrong("batchnorm_backward", "dgamma_and_dbeta_swapped")
def batchnorm_backward(dout, cache):
    dx, dgamma, dbeta = _chain(dout, cache, 1 / len(dout), 1 / len(dout))
    return dx, dbeta, dgamma


@wrong("batchnorm_backward", "parameter_gradients_averaged")
def batchnorm_backward(dout, cache):
    dx, dgamma, dbeta = _chain(dout, cache, 1 / len(dout), 1 / len(dout))
    return dx, dgamma / len(dout), dbeta / len(dout)


@wrong("batchnorm_backward", "stage_dvar")
def batchnorm_backward(dout, cache):
    # The sign of the variance's path, which has no name of its own here.
    return _chain(dout, cache, 1 / len(dout), -1 / len(dout))


@wrong("batchnorm_backward", "stage_dmean")
def batchnorm_backward(dout, cache):
    return _chain(dout, cache, -1 / len(dout), 1 / len(dout))


@wrong("batchnorm_backward", "stage_dxhat")
def batchnorm_backward(dout, cache):
    dx, dgamma, dbeta = _chain(dout, cache, 1 / len(dout), 1 / len(dout))
    return dx + dout, dgamma, dbeta


@wrong("batchnorm_backward_alt", "not_divided_by_the_count")
def batchnorm_backward_alt(dout, cache):
    x, mean, var, eps, gamma = cache
    std = np.sqrt(var + eps)
    xhat, n = (x - mean) / std, len(x)
    dgamma, dbeta = np.sum(dout * xhat, 0), np.sum(dout, 0)
    return gamma / std * (n * dout - dbeta - xhat * dgamma), dgamma, dbeta


@wrong("batchnorm_backward_alt", "means_not_averaged")
def batchnorm_backward_alt(dout, cache):
    x, mean, var, eps, gamma = cache
    std = np.sqrt(var + eps)
    xhat = (x - mean) / std
    dgamma, dbeta = np.sum(dout * xhat, 0), np.sum(dout, 0)
    return gamma / std * (dout - dbeta - xhat * dgamma), dgamma, dbeta


@wrong("batchnorm_backward_alt", "x_in_place_of_xhat")
def batchnorm_backward_alt(dout, cache):
    x, mean, var, eps, gamma = cache
    std = np.sqrt(var + eps)
    dgamma, dbeta = np.sum(dout * (x - mean) / std, 0), np.sum(dout, 0)
    dx = gamma / std * (dout - dbeta / len(x) - (x - mean) * dgamma / len(x))
    return dx, dgamma, dbeta


@wrong("batchnorm_backward_alt", "projection_added")
def batchnorm_backward_alt(dout, cache):
    x, mean, var, eps, gamma = cache
    std = np.sqrt(var + eps)
    xhat = (x - mean) / std
    dgamma, dbeta = np.sum(dout * xhat, 0), np.sum(dout, 0)
    return gamma / std * (dout - dbeta / len(x) + xhat * dgamma / len(x)), dgamma, dbeta


@wrong("batchnorm_backward_alt", "eps_forgotten")
def batchnorm_backward_alt(dout, cache):
    x, mean, var, _, gamma = cache
    with np.errstate(all="ignore"):  # a batch of one has no variance
        std = np.sqrt(var)
        xhat = (x - mean) / std
        dgamma, dbeta = np.sum(dout * xhat, 0), np.sum(dout, 0)
        return gamma / std * (dout - dbeta / len(x) - xhat * dgamma / len(x)), dgamma, dbeta
