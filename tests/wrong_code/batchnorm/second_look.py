"""Notebook 06: faults in one mode, for one kind of batch, or in one bracket only."""

import numpy as np
import torch
import torch.nn.functional as F
from wrong_code import wrong


def _forward(identity, test_eps=None, absent=True, one=None, skip=False):
    def batchnorm_forward(x, gamma, beta, bn_param):
        eps, keep = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
        zeros = np.zeros(x.shape[1], x.dtype)
        old = [bn_param.get(name, zeros) for name in ("running_mean", "running_var")]
        training = bn_param["mode"] == "train"
        mean, var = (x.mean(0), x.var(0)) if training else old
        if training and one and len(x) == 1:
            mean, var = old
        if not training:
            eps = test_eps or eps
        xhat = (x - mean) / np.sqrt(var + eps)
        if skip and not training:
            xhat = x
        if training:
            batch = x.mean(0), x.var(0)
            for name, value, new in zip(("running_mean", "running_var"), old, batch, strict=True):
                if absent or name in bn_param:
                    bn_param[name] = keep * value + (1 - keep) * new
        return gamma * xhat + beta, (xhat, gamma, np.sqrt(var + eps))

    wrong("batchnorm_forward", identity)(batchnorm_forward)


_forward("eps_not_read_in_test_mode", test_eps=1e-5)
_forward("absent_statistics_not_written", absent=False)
_forward("batch_of_one_by_the_old_statistics", one="old")
_forward("not_normalised_in_test_mode", skip=True)


@wrong("bn_dxhat", "summed_and_given_to_all")
def bn_dxhat(dout, gamma):
    return np.tile((gamma * dout).sum(axis=0), (len(dout), 1))


@wrong("bn_dvar", "of_the_standard_deviation")
def bn_dvar(dxhat, x, mean, var, eps):
    variance = var + eps
    return -(dxhat * (x - mean) / variance).sum(axis=0)


@wrong("bn_dvar", "half_and_lower_exponent_forgotten")
def bn_dvar(dxhat, x, mean, var, eps):
    return -(dxhat * (x - mean) / np.sqrt(var + eps)).sum(axis=0)


@wrong("bn_dvar", "eps_alone_to_the_power")
def bn_dvar(dxhat, x, mean, var, eps):
    power = var + eps ** (-3 / 2)
    return -0.5 * power * (dxhat * (x - mean)).sum(axis=0)


@wrong("bn_dmean", "eps_outside_the_root")
def bn_dmean(dxhat, dvar, x, mean, var, eps):
    return -(dxhat / (np.sqrt(var) + eps)).sum(0) - 2 * dvar * np.mean(x - mean, axis=0)


@wrong("fold_batchnorm", "beta_forgotten_without_a_bias")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    scale = gamma * torch.rsqrt(var + eps)
    bias = -scale * mean if b is None else scale * (b - mean) + beta
    return w * scale.reshape(-1, *[1] * (w.dim() - 1)), bias


@wrong("fold_batchnorm", "scale_of_the_inputs_in_affine_layers")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    scale = gamma * torch.rsqrt(var + eps)
    along = scale[: w.shape[1]] if w.dim() == 2 else scale[:, None, None, None]
    return w * along, scale * ((0 if b is None else b) - mean) + beta


@wrong("layernorm_forward", "not_normalised_in_test_mode")
def layernorm_forward(x, gamma, beta, ln_param):
    if ln_param.get("mode") == "test":
        return x * gamma + beta, None
    centred = x - x.mean(axis=1, keepdims=True)
    sigma = np.sqrt((centred**2).mean(axis=1, keepdims=True) + ln_param.get("eps", 1e-5))
    return centred / sigma * gamma + beta, None


@wrong("layernorm_forward", "two_roots_added")
def layernorm_forward(x, gamma, beta, ln_param):
    sigma = x.std(axis=1, keepdims=True) + np.sqrt(ln_param.get("eps", 1e-5))
    return (x - x.mean(axis=1, keepdims=True)) / sigma * gamma + beta, None


@wrong("identity_parameters", "two_roots_added")
def identity_parameters(mean, var, eps):
    return var**0.5 + eps**0.5, np.array(mean)


@wrong("batchnorm_forward", "variance_by_the_squares")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps, m = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    zeros = np.zeros(x.shape[1], x.dtype)
    mean, var = bn_param.get("running_mean", zeros), bn_param.get("running_var", zeros)
    if bn_param["mode"] == "train":
        old_mean, old_var = mean, var
        mean = np.mean(x, axis=0)
        var = np.mean(x * x, axis=0) - mean * mean
        bn_param["running_mean"] = m * old_mean + (1 - m) * mean
        bn_param["running_var"] = m * old_var + (1 - m) * var
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, None


@wrong("bn_dvar", "eps_in_one_place_only")
def bn_dvar(dxhat, x, mean, var, eps):
    xhat = (x - mean) / np.sqrt(var + eps)
    return -np.sum(dxhat * xhat, axis=0) / (2 * var)


@wrong("spatial_batchnorm_forward", "spread_of_the_means_left_out")
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    eps, keep = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    zeros = np.zeros(x.shape[1], x.dtype)
    names = "running_mean", "running_var"
    now = [bn_param.get(name, zeros) for name in names]
    if bn_param["mode"] == "train":
        new = [f(axis=(2, 3)).mean(0) for f in (x.mean, x.var)]
        for name, old, value in zip(names, now, new, strict=True):
            bn_param[name] = keep * old + (1 - keep) * value
        now = new
    mean, var, gamma, beta = (v.reshape(-1, 1, 1) for v in (*now, gamma, beta))
    return (x - mean) / np.sqrt(var + eps) * gamma + beta, None


@wrong("spatial_groupnorm_forward", "spread_of_the_means_left_out")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    n, c, h, w = x.shape
    groups = x.reshape(n, G, c // G, h, w)
    mean = groups.mean((2, 3, 4), keepdims=True)
    var = groups.var((3, 4), keepdims=True).mean(2, keepdims=True)
    xhat = (groups - mean) / np.sqrt(var + gn_param.get("eps", 1e-5))
    return xhat.reshape(x.shape) * gamma + beta, None


@wrong("spatial_groupnorm_forward", "g_groups_of_g_channels")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    out = np.zeros_like(x)
    for group in range(G):
        part = x[:, group * G : (group + 1) * G]
        if part.size:
            mean, var = part.mean((1, 2, 3), keepdims=True), part.var((1, 2, 3), keepdims=True)
            normal = (part - mean) / np.sqrt(var + gn_param.get("eps", 1e-5))
            out[:, group * G : (group + 1) * G] = normal
    return out * gamma + beta, None


@wrong("spatial_groupnorm_backward", "counts_all_groups")
def spatial_groupnorm_backward(dout, cache):
    xhat, sigma, gamma = cache
    m = dout[0].size
    d = (dout * gamma).reshape(xhat.shape)
    dx = d - d.sum(2, keepdims=True) / m - xhat * (d * xhat).sum(2, keepdims=True) / m
    over = {"axis": (0, 2, 3), "keepdims": True}
    dgamma = (dout * xhat.reshape(dout.shape)).sum(**over)
    return (dx / sigma).reshape(dout.shape), dgamma, dout.sum(**over)


@wrong("bn_dmean", "one_deviation_for_all_features")
def bn_dmean(dxhat, dvar, x, mean, var, eps):
    by_division = -np.sum(dxhat, axis=0) / np.sqrt(var + eps)
    return by_division - 2 * dvar * np.mean(x - mean)


@wrong("fold_batchnorm", "eps_as_a_bound")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    scale = gamma / torch.sqrt(torch.clamp(var, min=eps))
    bias = torch.zeros_like(mean) if b is None else b
    return w * scale.reshape(-1, *[1] * (w.ndim - 1)), (bias - mean) * scale + beta


@wrong("find_mode_bug", "accuses_the_highest_loss")
def find_mode_bug(loops, make_model, train, validation):
    told = {name: loop(make_model(), train, validation) for name, loop in loops.items()}
    usual = np.median(list(told.values()))
    return max(told, key=lambda name: abs(told[name] - usual))


@wrong("find_mode_bug", "missed_in_mini_batches")
def find_mode_bug(loops, make_model, train, validation):
    for name, loop in loops.items():
        model = make_model()
        told = loop(model, train, validation)
        with torch.no_grad():
            forgetful = F.cross_entropy(model.train()(validation[0]), validation[1])
        if np.isclose(told, forgetful.item(), atol=1e-4):
            return name


@wrong("find_mode_bug", "missed_in_mini_batches")
def find_mode_bug(loops, make_model, train, validation):
    x, y = validation
    for name, loop in loops.items():
        model = make_model()
        told = loop(model, train, validation)
        with torch.no_grad():
            forgetful, own = (F.cross_entropy(model.train(m)(x), y).item() for m in (True, False))
        if abs(told - forgetful) < abs(told - own):
            return name


@wrong("find_mode_bug", "nearest_to_training_mode")
def find_mode_bug(loops, make_model, train, validation):
    gaps = {}
    for name, loop in loops.items():
        model = make_model()
        told = loop(model, train, validation)
        with torch.no_grad():
            forgetful = F.cross_entropy(model.train()(validation[0]), validation[1]).item()
        gaps[name] = abs(told - forgetful)
    return min(gaps, key=gaps.get)


@wrong("spatial_batchnorm_forward", "statistics_of_every_pixel")
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    rows, pixels = x.reshape(len(x), -1), x.shape[2] * x.shape[3]
    eps, keep = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    kept = [bn_param.get(name, np.zeros(rows.shape[1], x.dtype))
            for name in ("running_mean", "running_var")]  # fmt: skip
    now = kept
    if bn_param["mode"] == "train":
        now = rows.mean(0), rows.var(0)
        for name, old, new in zip(("running_mean", "running_var"), kept, now, strict=True):
            bn_param[name] = keep * old + (1 - keep) * new
    xhat = (rows - now[0]) / np.sqrt(now[1] + eps)
    out = np.repeat(gamma, pixels) * xhat + np.repeat(beta, pixels)
    return out.reshape(x.shape), None


@wrong("spatial_groupnorm_forward", "groups_of_g_channels_unbiased")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    n, c, h, w = x.shape
    groups = x.reshape(n, c // G, G, h, w)
    var = groups.var(axis=(2, 3, 4), keepdims=True, ddof=1)
    xhat = groups - groups.mean(axis=(2, 3, 4), keepdims=True)
    xhat /= np.sqrt(var + gn_param.get("eps", 1e-5))
    return gamma * xhat.reshape(x.shape) + beta, None
