"""Notebook 06: the way back through batch norm, in stages and at once, as people write it wrong."""

import numpy as np
from wrong_code import wrong


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


@wrong("batchnorm_backward", "variance_path_halved")
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


@wrong("batchnorm_backward", "eps_forgotten_in_dgamma")
def batchnorm_backward(dout, cache):
    dx, _, dbeta = _chain(dout, cache, 1 / len(dout), 1 / len(dout))
    return dx, np.sum(dout * (cache[0] - cache[1]) / np.sqrt(cache[2]), axis=0), dbeta


@wrong("batchnorm_backward", "dgamma_and_dbeta_swapped")
def batchnorm_backward(dout, cache):
    dx, dgamma, dbeta = _chain(dout, cache, 1 / len(dout), 1 / len(dout))
    return dx, dbeta, dgamma


@wrong("batchnorm_backward", "parameter_gradients_averaged")
def batchnorm_backward(dout, cache):
    dx, dgamma, dbeta = _chain(dout, cache, 1 / len(dout), 1 / len(dout))
    return dx, dgamma / len(dout), dbeta / len(dout)


@wrong("batchnorm_backward", "sign_of_the_variance_path", "stage_dvar")
def batchnorm_backward(dout, cache):
    return _chain(dout, cache, 1 / len(dout), -1 / len(dout))


@wrong("batchnorm_backward", "sign_of_the_mean_path", "stage_dmean")
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


@wrong("batchnorm_backward_alt", "sign_of_the_variance_path")
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
