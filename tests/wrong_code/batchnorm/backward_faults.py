"""Notebook 06: one backward pass with a switch for each fault, and the name of each."""

import numpy as np
from wrong_code import wrong
from wrong_code.batchnorm.forward_faults import enter

# The caches of the master's forward passes: rows give (x, mean, var, eps, gamma), layer norm and
# group norm (xhat, sigma, gamma).


def _backward(own=1, by_mean=1, by_var=1, power=0, all_power=0, xhat_power=1, less=0, eps=None,
              gammas=(1, 1, 1), outer_eps=None, axis=0, dx_count=None,
              parameters=lambda dout, xhat, centred, gamma: (
                  (dout * xhat).sum(0), dout.sum(0))):  # fmt: skip
    """dx with weights for its three paths; powers of σ and of γ; what dγ and dβ are."""

    def batchnorm_backward(dout, cache):
        x, mean, var, eps_given, gamma = cache
        small = eps_given if eps is None else eps
        n = x.shape[axis]
        with np.errstate(all="ignore"):
            sigma = np.sqrt(var + small)
            xhat = (x - mean) / sigma
            direct, along_ones, along_xhat = (dout * gamma**p for p in gammas)
            means = (along_ones.mean(axis, keepdims=True),
                     (along_xhat * xhat).mean(axis, keepdims=True))  # fmt: skip
            count = n / (dx_count(x) if dx_count else n)
            second = by_mean(n) if callable(by_mean) else by_mean
            third = by_var(n) if callable(by_var) else by_var
            third = third * n / (np.float64(n) - less)
            first = own(n) if callable(own) else own
            dx = first * direct * sigma**power - count * second * means[0]
            factor = xhat * sigma if xhat_power == "x" else xhat**xhat_power
            dx = dx - count * third * factor * means[1]
            bottom = np.sqrt(var + outer_eps) if outer_eps is not None else sigma
            dx = dx / bottom * sigma**all_power
        true_xhat = (x - mean) / np.sqrt(var + eps_given)
        return dx, *parameters(dout, true_xhat, x - mean, gamma)

    return batchnorm_backward


def _count(n):
    return n


PATHS = {
    "sign_of_the_mean_path": {"by_mean": -1},
    "sign_of_the_variance_path": {"by_var": -1},
    "signs_of_both_paths": {"by_mean": -1, "by_var": -1},
    "not_divided_by_the_count": {"own": _count, "by_mean": _count, "by_var": _count},
    "mean_path_not_averaged": {"by_mean": _count},
    "variance_path_not_averaged": {"by_var": _count},
    "variance_path_halved": {"by_var": 0.5},
    "variance_path_doubled": {"by_var": 2},
    "variance_path_over_one_less": {"less": 1},
    "mean_not_averaged_and_variance_halved": {"by_mean": _count, "by_var": 0.5},
    "mean_not_averaged_and_variance_turned": {"by_mean": _count, "by_var": -1},
    "dx_turned": {"own": -1, "by_mean": -1, "by_var": -1},
    "direct_path_not_divided": {"power": 1},
    "direct_path_multiplied": {"power": 2},
    "direct_path_by_the_variance": {"power": -1},
    "not_divided_by_the_deviation": {"all_power": 1},
    "divided_by_the_variance": {"all_power": -1},
    "variance_path_without_xhat": {"xhat_power": 0},
    "x_in_place_of_xhat": {"xhat_power": "x"},
    "gamma_and_mean_path_forgotten": {"gammas": (0, 0, 0), "by_mean": 0},
    "gamma_and_variance_path_forgotten": {"gammas": (0, 0, 0), "by_var": 0},
    "gamma_and_statistics_forgotten": {"gammas": (0, 0, 0), "by_mean": 0, "by_var": 0},
    "gamma_on_the_direct_path_only": {"gammas": (1, 0, 0)},
    "gamma_twice": {"gammas": (2, 2, 2)},
    "gamma_twice_in_the_means": {"gammas": (1, 2, 2)},
    "eps_forgotten_in_dx": {"eps": 0.0},
    "eps_forgotten_in_the_division": {"outer_eps": 0.0},
    "eps_of_its_own_in_dx": {"eps": 1e-5},
    "divided_by_the_features": {"dx_count": lambda x: x.shape[1]},
    "averaged_over_the_features": {"axis": 1},
}
PARAMETERS = {
    "dgamma_from_the_centred_x": lambda d, h, c, g: ((d * c).sum(0), d.sum(0)),
    "dgamma_without_xhat": lambda d, h, c, g: (d.sum(0), d.sum(0)),
    "dgamma_with_gamma": lambda d, h, c, g: ((d * h).sum(0) * g, d.sum(0)),
    "dgamma_averaged": lambda d, h, c, g: ((d * h).mean(0), d.sum(0)),
    "dbeta_averaged": lambda d, h, c, g: ((d * h).sum(0), d.mean(0)),
    "parameters_not_summed": lambda d, h, c, g: (d * h, d),
    "dgamma_not_summed": lambda d, h, c, g: (d * h, d.sum(0)),
    "dbeta_not_summed": lambda d, h, c, g: ((d * h).sum(0), d),
    "parameters_summed_over_features": lambda d, h, c, g: ((d * h).sum(1), d.sum(1)),
}
enter("batchnorm_backward", _backward, PATHS)
enter("batchnorm_backward", _backward, {n: {"parameters": p} for n, p in PARAMETERS.items()})
enter("batchnorm_backward_alt", _backward, {
    "count_forgotten_before_dout": {"own": lambda n: 1 / n},
    "stage_dvar": {"by_var": 1.7},
    "stage_dmean": {"by_mean": 1.7},
    "stage_dvar_and_dmean": {"by_var": 1.7, "by_mean": 0.4},
    "stage_dxhat": {"own": 1.7},
})  # fmt: skip


@wrong("batchnorm_backward", "eps_of_its_own")
def batchnorm_backward(dout, cache):
    x, mean, var, _, gamma = cache
    return _backward()(dout, (x, mean, var, 1e-5, gamma))


def _spatial(dout, cache, move=True, back=True, parameters=None):
    n, c, h, w = dout.shape
    rows = dout.transpose(0, 2, 3, 1).reshape(-1, c) if move else dout.reshape(-1, c)
    dx, dgamma, dbeta = _backward()(rows, cache)
    if back == "rows":
        return dx, dgamma, dbeta
    dx = dx.reshape(n, h, w, c).transpose(0, 3, 1, 2) if back else dx.reshape(dout.shape)
    return dx, dgamma, dbeta


@wrong("spatial_batchnorm_backward", "reshaped_both_ways")
def spatial_batchnorm_backward(dout, cache):
    return _spatial(dout, cache, move=False, back=False)


@wrong("spatial_batchnorm_backward", "reshaped_for_dx_only")
def spatial_batchnorm_backward(dout, cache):
    dx, _, _ = _spatial(dout, cache, move=False)
    _, dgamma, dbeta = _spatial(dout, cache)
    return dx, dgamma, dbeta


@wrong("spatial_batchnorm_backward", "left_as_rows")
def spatial_batchnorm_backward(dout, cache):
    return _spatial(dout, cache, back="rows")


@wrong("spatial_batchnorm_backward", "channels_moved_to_the_front")
def spatial_batchnorm_backward(dout, cache):
    n, c, h, w = dout.shape
    dx, dgamma, dbeta = _backward()(dout.transpose(1, 0, 2, 3).reshape(-1, c), cache)
    return dx.reshape(c, n, h, w).transpose(1, 0, 2, 3), dgamma, dbeta


@wrong("spatial_batchnorm_backward", "dbeta_summed_over_the_pixels_only")
def spatial_batchnorm_backward(dout, cache):
    dx, dgamma, _ = _spatial(dout, cache)
    return dx, dgamma, dout.sum((2, 3))


def _images(cache, shape):
    """x̂ of the rows in the cache as images."""
    rows, mean, var, eps, _ = cache
    n, c, h, w = shape
    return ((rows - mean) / np.sqrt(var + eps)).reshape(n, h, w, c).transpose(0, 3, 1, 2)


@wrong("spatial_batchnorm_backward", "each_image_on_its_own")
def spatial_batchnorm_backward(dout, cache):
    _, dgamma, dbeta = _spatial(dout, cache)
    xhat, gamma, over = _images(cache, dout.shape), cache[4], {"axis": (2, 3), "keepdims": True}
    sigma = np.sqrt(cache[2] + cache[3])[:, None, None]
    dxhat = dout * gamma[:, None, None]
    dx = dxhat - dxhat.mean(**over) - xhat * (dxhat * xhat).mean(**over)
    return dx / sigma, dgamma, dbeta


@wrong("spatial_batchnorm_backward", "each_image_as_a_batch")
def spatial_batchnorm_backward(dout, cache):
    _, dgamma, dbeta = _spatial(dout, cache)
    dx = []
    for dxhat, xhat in zip(dout * cache[4][:, None, None], _images(cache, dout.shape), strict=True):
        pixels, sigma = dxhat[0].size, np.sqrt(cache[2] + cache[3])
        dvar = -0.5 * (dxhat * xhat).sum((1, 2)) / sigma**2
        centred = xhat * sigma[:, None, None]
        dmean = -dxhat.sum((1, 2)) / sigma - 2 * dvar * centred.mean((1, 2))
        both = (2 * dvar[:, None, None] * centred + dmean[:, None, None]) / pixels
        dx.append(dxhat / sigma[:, None, None] + both)
    return np.array(dx), dgamma, dbeta


@wrong("spatial_batchnorm_backward", "dbeta_summed_over_the_batch_only")
def spatial_batchnorm_backward(dout, cache):
    dx, dgamma, _ = _spatial(dout, cache)
    return dx, dgamma, dout.sum(0)


@wrong("spatial_batchnorm_backward", "dgamma_summed_over_the_batch_only")
def spatial_batchnorm_backward(dout, cache):
    dx, _, dbeta = _spatial(dout, cache)
    return dx, (dout * _images(cache, dout.shape)).sum(0), dbeta


@wrong("spatial_batchnorm_backward", "dgamma_summed_over_the_pixels_only")
def spatial_batchnorm_backward(dout, cache):
    dx, _, dbeta = _spatial(dout, cache)
    return dx, (dout * _images(cache, dout.shape)).sum((2, 3)), dbeta


@wrong("spatial_batchnorm_backward", "averaged_over_the_pixels")
def spatial_batchnorm_backward(dout, cache):
    dx, dgamma, dbeta = _spatial(dout, cache)
    return dx, dgamma / dout[0, 0].size, dbeta / dout[0, 0].size


def _within(dout, xhat, sigma, dxhat, axes, mean=1, by=1):
    along = xhat * (dxhat * xhat).mean(axes, keepdims=True)
    return (dxhat - by * (mean * dxhat.mean(axes, keepdims=True) + along)) / sigma


@wrong("layernorm_backward", "gamma_outside_without_the_mean")
def layernorm_backward(dout, cache):
    xhat, sigma, gamma = cache
    dx = gamma * _within(dout, xhat, sigma, dout, 1, mean=0)
    return dx, (dout * xhat).sum(0), dout.sum(0)


@wrong("layernorm_backward", "over_the_batch_without_the_mean")
def layernorm_backward(dout, cache):
    xhat, sigma, gamma = cache
    dx = _within(dout, xhat, sigma, dout * gamma, 0, mean=0)
    return dx, (dout * xhat).sum(0), dout.sum(0)


@wrong("layernorm_backward", "divided_by_the_examples")
def layernorm_backward(dout, cache):
    xhat, sigma, gamma = cache
    dx = _within(dout, xhat, sigma, dout * gamma, 1, by=dout.shape[1] / len(dout))
    return dx, (dout * xhat).sum(0), dout.sum(0)


def _grouped(axes=2, by=lambda shape, G: 1, whole=False, parameters=None):
    def spatial_groupnorm_backward(dout, cache):
        xhat, sigma, gamma = cache
        n, groups = xhat.shape[:2]
        wide = np.repeat(sigma, dout.shape[1] // groups, 1)[..., None]
        if whole:
            dx = _within(dout, xhat.reshape(dout.shape), wide, dout * gamma, axes)
        else:
            share = by(dout.shape, groups)
            dx = _within(dout, xhat, sigma, (dout * gamma).reshape(xhat.shape), axes, by=share)
        values = dout * xhat.reshape(dout.shape)
        dgamma = values.sum((0, 2, 3), keepdims=True)
        dbeta = dout.sum((0, 2, 3), keepdims=True)
        if parameters:
            dgamma, dbeta = (parameters(v, groups) for v in (values, dout))
        return dx.reshape(dout.shape), dgamma, dbeta

    return spatial_groupnorm_backward


enter("spatial_groupnorm_backward", _grouped, {
    "counts_one_channel": {"by": lambda shape, G: shape[1] // G},
    "counts_the_channels": {"by": lambda shape, G: shape[2] * shape[3]},
    "averages_within_groups_over_the_pixels": {"axes": (2, 3), "whole": True},
    "averages_of_the_groups_over_the_batch": {"axes": (0, 2, 3), "whole": True},
    "summed_over_the_batch_only": {"parameters": lambda v, G: v.sum(0, keepdims=True)},
    "summed_over_the_pixels_only": {"parameters": lambda v, G: v.sum((2, 3), keepdims=True)},
    "averaged_over_the_pixels": {
        "parameters": lambda v, G: v.sum((0, 2, 3), keepdims=True) / v[0, 0].size,
    },
    "one_gradient_a_group": {
        "parameters": lambda v, G: v.reshape(len(v), G, -1).sum((0, 2)).reshape(1, G, 1, 1),
    },
})  # fmt: skip
