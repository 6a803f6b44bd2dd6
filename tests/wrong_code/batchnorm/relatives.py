"""Notebook 06: spatial batch norm, layer norm and group norm as people really write them wrong."""

import numpy as np
from wrong_code import wrong


def _rows_forward(x, gamma, beta, bn_param, rows):
    """Batch norm of `rows` with all conventions right; wrong is what rows are made of."""
    eps, m = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    old_mean = bn_param.get("running_mean", np.zeros(x.shape[1]))
    old_var = bn_param.get("running_var", np.zeros(x.shape[1]))
    if bn_param["mode"] == "test":
        return gamma * (rows - old_mean) / np.sqrt(old_var + eps) + beta
    mean, var = rows.mean(0), rows.var(0)
    bn_param["running_mean"] = m * old_mean + (1 - m) * mean
    bn_param["running_var"] = m * old_var + (1 - m) * var
    return gamma * (rows - mean) / np.sqrt(var + eps) + beta


@wrong("spatial_batchnorm_forward", "reshaped_without_moving_the_channels")
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    rows = x.reshape(-1, x.shape[1])
    return _rows_forward(x, gamma, beta, bn_param, rows).reshape(x.shape), None


@wrong("spatial_batchnorm_forward", "not_moved_back")
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    rows = x.transpose(0, 2, 3, 1).reshape(-1, x.shape[1])
    return _rows_forward(x, gamma, beta, bn_param, rows).reshape(x.shape), None


@wrong("spatial_batchnorm_forward", "each_pixel_on_its_own")
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    n, c, h, w = x.shape
    eps = bn_param.get("eps", 1e-5)
    gamma, beta = gamma[:, None, None], beta[:, None, None]
    if bn_param["mode"] == "test":
        mean, var = bn_param["running_mean"], bn_param["running_var"]
        mean, var = mean[:, None, None], var[:, None, None]
    else:
        mean, var = x.mean(0), x.var(0)
        rows = x.transpose(0, 2, 3, 1).reshape(-1, c)
        _rows_forward(x, 1, 0, bn_param, rows)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, None


@wrong("spatial_batchnorm_forward", "each_image_on_its_own")
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    rows = x.transpose(0, 2, 3, 1).reshape(-1, x.shape[1])
    out = _rows_forward(x, gamma, beta, bn_param, rows)
    n, c, h, w = x.shape
    if bn_param["mode"] == "test":
        return out.reshape(n, h, w, c).transpose(0, 3, 1, 2), None
    mean, var = x.mean((2, 3), keepdims=True), x.var((2, 3), keepdims=True)
    xhat = (x - mean) / np.sqrt(var + bn_param.get("eps", 1e-5))
    return gamma[None, :, None, None] * xhat + beta[None, :, None, None], None


@wrong("spatial_batchnorm_forward", "no_affine_in_test_mode")
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    n, c, h, w = x.shape
    if bn_param["mode"] == "test":
        gamma, beta = 1, 0
    rows = x.transpose(0, 2, 3, 1).reshape(-1, c)
    out = _rows_forward(x, gamma, beta, bn_param, rows)
    return out.reshape(n, h, w, c).transpose(0, 3, 1, 2), None


# The cache of the master's forward pass is that of its rows: (x, mean, var, eps, gamma).


def _spatial(dout, cache, count=None, scale_by_gamma=True):
    rows, mean, var, eps, gamma = cache
    n, c, h, w = dout.shape
    dout = dout.transpose(0, 2, 3, 1).reshape(-1, c)
    std = np.sqrt(var + eps)
    xhat = (rows - mean) / std
    dgamma, dbeta = np.sum(dout * xhat, 0), np.sum(dout, 0)
    dx = (dout - dbeta / (count or len(rows)) - xhat * dgamma / (count or len(rows))) / std
    dx = dx * gamma if scale_by_gamma else dx
    return dx.reshape(n, h, w, c), dgamma, dbeta


@wrong("spatial_batchnorm_backward", "counts_images_only")
def spatial_batchnorm_backward(dout, cache):
    dx, dgamma, dbeta = _spatial(dout, cache, count=len(dout))
    return dx.transpose(0, 3, 1, 2), dgamma, dbeta


@wrong("spatial_batchnorm_backward", "not_moved_back")
def spatial_batchnorm_backward(dout, cache):
    dx, dgamma, dbeta = _spatial(dout, cache)
    return dx.reshape(dout.shape), dgamma, dbeta


@wrong("spatial_batchnorm_backward", "gamma_forgotten")
def spatial_batchnorm_backward(dout, cache):
    dx, dgamma, dbeta = _spatial(dout, cache, scale_by_gamma=False)
    return dx.transpose(0, 3, 1, 2), dgamma, dbeta


@wrong("spatial_batchnorm_backward", "summed_over_the_batch_only")
def spatial_batchnorm_backward(dout, cache):
    dx, _, _ = _spatial(dout, cache)
    rows, mean, var, eps, _ = cache
    n, c, h, w = dout.shape
    xhat = ((rows - mean) / np.sqrt(var + eps)).reshape(n, h, w, c).transpose(0, 3, 1, 2)
    return dx.transpose(0, 3, 1, 2), np.sum(dout * xhat, axis=0), np.sum(dout, axis=0)


@wrong("layernorm_forward", "normalised_over_the_batch")
def layernorm_forward(x, gamma, beta, ln_param):
    mean, var = np.mean(x, axis=0), np.var(x, axis=0)
    return gamma * (x - mean) / np.sqrt(var + ln_param.get("eps", 1e-5)) + beta, None


@wrong("layernorm_forward", "eps_outside_the_root")
def layernorm_forward(x, gamma, beta, ln_param):
    mean, std = np.mean(x, axis=1, keepdims=True), np.std(x, axis=1, keepdims=True)
    return gamma * (x - mean) / (std + ln_param.get("eps", 1e-5)) + beta, None


@wrong("layernorm_forward", "unbiased_variance")
def layernorm_forward(x, gamma, beta, ln_param):
    mean, var = x.mean(1, keepdims=True), x.var(1, ddof=1, keepdims=True)
    return gamma * (x - mean) / np.sqrt(var + ln_param.get("eps", 1e-5)) + beta, None


@wrong("layernorm_forward", "one_statistic_for_the_batch")
def layernorm_forward(x, gamma, beta, ln_param):
    return gamma * (x - x.mean()) / np.sqrt(x.var() + ln_param.get("eps", 1e-5)) + beta, None


def _projected(dxhat, xhat, sigma, axis):
    along = xhat * (dxhat * xhat).mean(axis, keepdims=True)
    return (dxhat - dxhat.mean(axis, keepdims=True) - along) / sigma


# The cache of the master's forward pass is (xhat, sigma, gamma).


@wrong("layernorm_backward", "gamma_outside_the_means")
def layernorm_backward(dout, cache):
    xhat, sigma, gamma = cache
    return gamma * _projected(dout, xhat, sigma, 1), (dout * xhat).sum(0), dout.sum(0)


@wrong("layernorm_backward", "averages_over_the_batch")
def layernorm_backward(dout, cache):
    xhat, sigma, gamma = cache
    return _projected(dout * gamma, xhat, sigma, 0), (dout * xhat).sum(0), dout.sum(0)


@wrong("layernorm_backward", "parameters_summed_over_features")
def layernorm_backward(dout, cache):
    xhat, sigma, gamma = cache
    return _projected(dout * gamma, xhat, sigma, 1), (dout * xhat).sum(1), dout.sum(1)


@wrong("layernorm_backward", "statistics_are_constants")
def layernorm_backward(dout, cache):
    xhat, sigma, gamma = cache
    return dout * gamma / sigma, (dout * xhat).sum(0), dout.sum(0)


@wrong("spatial_groupnorm_forward", "groups_of_g_channels")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    n, c, h, w = x.shape
    groups = x.reshape(n, c // G, G, h, w)
    mean = groups.mean((2, 3, 4), keepdims=True)
    var = groups.var((2, 3, 4), keepdims=True)
    xhat = (groups - mean) / np.sqrt(var + gn_param.get("eps", 1e-5))
    return gamma * xhat.reshape(x.shape) + beta, None


@wrong("spatial_groupnorm_forward", "channels_dealt_out")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    n, c, h, w = x.shape
    groups = x.reshape(n, c // G, G, h, w)
    mean = groups.mean((1, 3, 4), keepdims=True)
    var = groups.var((1, 3, 4), keepdims=True)
    xhat = (groups - mean) / np.sqrt(var + gn_param.get("eps", 1e-5))
    return gamma * xhat.reshape(x.shape) + beta, None


@wrong("spatial_groupnorm_forward", "averaged_over_the_batch")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    n, c, h, w = x.shape
    groups = x.reshape(n, G, c // G, h, w)
    mean = groups.mean((0, 2, 3, 4), keepdims=True)
    var = groups.var((0, 2, 3, 4), keepdims=True)
    xhat = (groups - mean) / np.sqrt(var + gn_param.get("eps", 1e-5))
    return gamma * xhat.reshape(x.shape) + beta, None


@wrong("spatial_groupnorm_forward", "pixels_kept_apart")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    n, c, h, w = x.shape
    groups = x.reshape(n, G, c // G, h, w)
    mean, var = groups.mean(2, keepdims=True), groups.var(2, keepdims=True)
    xhat = (groups - mean) / np.sqrt(var + gn_param.get("eps", 1e-5))
    return gamma * xhat.reshape(x.shape) + beta, None


def _grouped(dout, cache, dx):
    xhat = cache[0].reshape(dout.shape)
    axes = (0, 2, 3)
    dgamma = (dout * xhat).sum(axes, keepdims=True)
    return dx.reshape(dout.shape), dgamma, dout.sum(axes, keepdims=True)


@wrong("spatial_groupnorm_backward", "gamma_outside_the_means")
def spatial_groupnorm_backward(dout, cache):
    xhat, sigma, gamma = cache
    dx = _projected(dout.reshape(xhat.shape), xhat, sigma, 2).reshape(dout.shape)
    return _grouped(dout, cache, gamma * dx)


@wrong("spatial_groupnorm_backward", "parameters_lose_their_shape")
def spatial_groupnorm_backward(dout, cache):
    xhat, sigma, gamma = cache
    dx = _projected((dout * gamma).reshape(xhat.shape), xhat, sigma, 2)
    dx, dgamma, dbeta = _grouped(dout, cache, dx)
    return dx, dgamma.squeeze(), dbeta.squeeze()


@wrong("spatial_groupnorm_backward", "gamma_forgotten")
def spatial_groupnorm_backward(dout, cache):
    xhat, sigma, _ = cache
    return _grouped(dout, cache, _projected(dout.reshape(xhat.shape), xhat, sigma, 2))
