"""Notebook 06: two slips in one function, and statistics that have lost their axis."""

import numpy as np
import torch
import torch.nn.functional as F
from wrong_code import wrong


def _dmean(identity, power):
    def bn_dmean(dxhat, dvar, x, mean, var, eps):
        direct = np.sum(dxhat, axis=0) * (var + eps) ** power
        return direct - 2 * dvar * np.mean(x - mean, axis=0)

    wrong("bn_dmean", identity)(bn_dmean)


_dmean("direct_path_turned_without_the_root", -1)
_dmean("direct_path_turned_and_not_divided", 0)


def _folded(identity, divisor):
    def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
        scale = gamma / divisor(var, eps)
        bias = torch.zeros_like(mean) if b is None else b
        return w * scale[:, None, None, None], (bias - mean) * scale + beta

    wrong("fold_batchnorm", identity)(fold_batchnorm)


_folded("four_axes_and_no_eps", lambda var, eps: torch.sqrt(var))
_folded("four_axes_and_eps_outside", lambda var, eps: torch.sqrt(var) + eps)
_folded("four_axes_and_no_root", lambda var, eps: var + eps)


@wrong("find_mode_bug", "accuses_whoever_comes_first")
def find_mode_bug(loops, make_model, train, validation):
    told = {}
    for name, loop in loops.items():
        model = make_model()
        told[name] = loop(model, train, validation)
    model.eval()
    with torch.no_grad():
        own = F.cross_entropy(model(validation[0]), validation[1]).item()
    wrong_ones = [name for name, loss in told.items() if abs(loss - own) > 1e-3]
    return wrong_ones[0] if wrong_ones else None


def _normalised(identity, deviation, keepdims=True):
    def layernorm_forward(x, gamma, beta, ln_param):
        mean = x.mean(axis=1, keepdims=keepdims)
        sigma = deviation(x, ln_param.get("eps", 1e-5))
        return gamma * (x - mean) / sigma + beta, None

    wrong("layernorm_forward", identity)(layernorm_forward)


_normalised("unbiased_and_eps_outside_the_root",
            lambda x, eps: np.std(x, axis=1, ddof=1, keepdims=True) + eps)  # fmt: skip
_normalised("unbiased_and_no_eps", lambda x, eps: np.std(x, axis=1, ddof=1, keepdims=True))
_normalised("no_axis_kept", lambda x, eps: np.sqrt(x.var(axis=1) + eps), keepdims=False)
_normalised("no_axis_kept", lambda x, eps: np.sqrt(x.var(axis=1, keepdims=True) + eps),
            keepdims=False)  # fmt: skip


def _groups(identity, shape, axes):
    def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
        split = x.reshape(shape(*x.shape, G))
        mean, var = split.mean(axes, keepdims=True), split.var(axes, keepdims=True)
        return gamma * ((split - mean) / np.sqrt(var + 1e-5)).reshape(x.shape) + beta, None

    wrong("spatial_groupnorm_forward", identity)(spatial_groupnorm_forward)


_groups("over_the_batch_and_eps_of_its_own", lambda n, c, h, w, g: (n, g, -1), (0, 2))
_groups("groups_forgotten_and_eps_of_its_own", lambda n, c, h, w, g: (n, -1), 1)
_groups("each_channel_and_eps_of_its_own", lambda n, c, h, w, g: (n, c, h, w), (2, 3))
_groups("groups_of_g_channels_and_eps_of_its_own",
        lambda n, c, h, w, g: (n, c // g, g * h * w), 2)  # fmt: skip


def _in_parts(identity, part_of_the_mean, part_of_the_variance, about="its mean"):
    def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
        n, c, h, w = x.shape
        split = x.reshape(n, G, c // G, h, w)
        off = split - split.mean(part_of_the_mean, keepdims=True)
        centre = split.mean(part_of_the_variance if about == "its own" else part_of_the_mean,
                            keepdims=True)  # fmt: skip
        var = ((split - centre) ** 2).mean(part_of_the_variance, keepdims=True)
        out = off / np.sqrt(var + gn_param.get("eps", 1e-5))
        return gamma * out.reshape(x.shape) + beta, None

    wrong("spatial_groupnorm_forward", identity)(spatial_groupnorm_forward)


_in_parts("variance_a_channel", (2, 3, 4), (3, 4))
_in_parts("own_variance_a_channel", (2, 3, 4), (3, 4), about="its own")
_in_parts("mean_a_channel", (3, 4), (2, 3, 4), about="its own")


@wrong("batchnorm_forward", "eps_outside_and_no_affine_in_test_mode")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps, keep = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    zeros = np.zeros(x.shape[1], x.dtype)
    old = [bn_param.get(name, zeros) for name in ("running_mean", "running_var")]
    if bn_param["mode"] == "test":
        return (x - old[0]) / (np.sqrt(old[1]) + eps), None
    batch = x.mean(0), x.var(0)
    for name, value, new in zip(("running_mean", "running_var"), old, batch, strict=True):
        bn_param[name] = keep * value + (1 - keep) * new
    return gamma * (x - batch[0]) / np.sqrt(batch[1] + eps) + beta, None


_kept = {}


def _back(dout, cache):
    x, mean, var, eps, gamma = cache
    sigma = np.sqrt(var + eps)
    xhat = (x - mean) / sigma
    dgamma, dbeta = (dout * xhat).sum(0), dout.sum(0)
    return gamma / sigma * (dout - dbeta / len(x) - xhat * dgamma / len(x)), dgamma, dbeta


@wrong("batchnorm_backward", "gradients_of_the_dout_before")
def batchnorm_backward(dout, cache):
    if _kept.get("cache") is not cache:
        _kept.update(cache=cache, found=_back(dout, cache))
    return _kept["found"]


@wrong("batchnorm_backward_alt", "gamma_and_the_division_forgotten")
def batchnorm_backward_alt(dout, cache):
    x, mean, var, eps, gamma = cache
    xhat = (x - mean) / np.sqrt(var + eps)
    dgamma, dbeta = (dout * xhat).sum(0), dout.sum(0)
    return dout - dbeta / len(x) - xhat * dgamma / len(x), dgamma, dbeta
