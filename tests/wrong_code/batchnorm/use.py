"""Notebook 06: folding, undoing and measuring batch norm as people really write it wrong."""

import copy

import numpy as np
import torch
import torch.nn.functional as F
from wrong_code import wrong


@wrong("fold_batchnorm", "bias_not_scaled")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    scale = gamma / torch.sqrt(var + eps)
    b = torch.zeros_like(mean) if b is None else b
    return w * scale.reshape([-1] + [1] * (w.ndim - 1)), b - mean * scale + beta


@wrong("fold_batchnorm", "eps_forgotten")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    scale = gamma * var.rsqrt()
    b = torch.zeros_like(mean) if b is None else b
    return w * scale.reshape([-1] + [1] * (w.ndim - 1)), (b - mean) * scale + beta


@wrong("fold_batchnorm", "expects_a_bias")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    scale = gamma / torch.sqrt(var + eps)
    return w * scale.reshape([-1] + [1] * (w.ndim - 1)), (b - mean) * scale + beta


@wrong("fold_batchnorm", "scales_the_input_axis")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    scale = gamma / torch.sqrt(var + eps)
    b = torch.zeros_like(mean) if b is None else b
    shape = [1, -1, 1, 1] if w.ndim == 4 else [1, -1]
    return w * scale.reshape(shape), (b - mean) * scale + beta


@wrong("fold_batchnorm", "divides_by_variance")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    scale = gamma / (var + eps)
    b = torch.zeros_like(mean) if b is None else b
    return w * scale.reshape([-1] + [1] * (w.ndim - 1)), (b - mean) * scale + beta


@wrong("fold_batchnorm", "changed:w")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    scale = gamma / torch.sqrt(var + eps)
    b = torch.zeros_like(mean) if b is None else b
    w *= scale.reshape([-1] + [1] * (w.ndim - 1))
    return w, (b - mean) * scale + beta


@wrong("identity_parameters", "eps_forgotten")
def identity_parameters(mean, var, eps):
    return np.sqrt(var), mean


@wrong("identity_parameters", "root_forgotten", "mean_subtracted_again")
def identity_parameters(mean, var, eps):
    return var + eps, -mean


@wrong("identity_parameters", "swapped")
def identity_parameters(mean, var, eps):
    return mean, np.sqrt(var + eps)


@wrong("bias_is_redundant", "always_redundant")
def bias_is_redundant(conv, norm, x):
    return True


@wrong("bias_is_redundant", "judged_by_type")
def bias_is_redundant(conv, norm, x):
    return "Sequential" not in type(norm).__name__ and "Group" not in type(norm).__name__


@wrong("bias_is_redundant", "tried_only_without_bias")
def bias_is_redundant(conv, norm, x):
    conv, norm = copy.deepcopy(conv), copy.deepcopy(norm)
    with_bias = norm(conv(x))
    conv.bias = None
    return torch.allclose(with_bias, norm(conv(x)), atol=1e-3)


@wrong("bias_is_redundant", "same_shift_in_all_channels")
def bias_is_redundant(conv, norm, x):
    norm = copy.deepcopy(norm)
    return torch.allclose(norm(conv(x)), norm(conv(x) + 1.0), atol=1e-3)


@wrong("bias_is_redundant", "put_into_training_mode")
def bias_is_redundant(conv, norm, x):
    norm.train()
    probe = copy.deepcopy(norm)
    shift = torch.arange(4.0).reshape(1, 4, 1, 1)
    return torch.allclose(probe(conv(x)), probe(conv(x) + shift), atol=1e-3)


@wrong("find_mode_bug", "went_by_the_mode_at_the_end")
def find_mode_bug(loops, make_model, train, validation):
    for name, loop in loops.items():
        model = make_model()
        loop(model, train, validation)
        if model.training:
            return name


@wrong("find_mode_bug", "accuses_the_highest_loss")
def find_mode_bug(loops, make_model, train, validation):
    losses = {name: loop(make_model(), train, validation) for name, loop in loops.items()}
    return max(losses, key=losses.get)


@wrong("find_mode_bug", "always_accuses")
def find_mode_bug(loops, make_model, train, validation):
    off = {}
    for name, loop in loops.items():
        model = make_model()
        reported = loop(model, train, validation)
        model.eval()
        off[name] = abs(reported - F.cross_entropy(model(validation[0]), validation[1]).item())
    return max(off, key=off.get)


@wrong("find_mode_bug", "says_where_not_which")
def find_mode_bug(loops, make_model, train, validation):
    for place, loop in enumerate(loops.values()):
        model = make_model()
        reported = loop(model, train, validation)
        honest = F.cross_entropy(model.eval()(validation[0]), validation[1]).item()
        if abs(reported - honest) > 1e-3:
            return place


def _outputs(model, loader, training=False):
    modes = [(part, part.training) for part in model.modules()]
    if not training:
        model.eval()
    with torch.no_grad():
        parts = [model(x).movedim(1, -1).flatten(0, -2) for x, _ in loader]
    for part, mode in modes:
        part.training = mode
    return parts


@wrong("population_statistics", "plain_average_of_both")
def population_statistics(model, loader):
    parts = _outputs(model, loader)
    means = torch.stack([p.mean(0) for p in parts])
    variances = torch.stack([p.var(0, correction=0) for p in parts])
    return means.mean(0), variances.mean(0)


@wrong("population_statistics", "average_of_variances")
def population_statistics(model, loader):
    parts = _outputs(model, loader)
    n = sum(len(p) for p in parts)
    mean = sum(p.sum(0) for p in parts) / n
    return mean, sum(p.var(0, correction=0) * len(p) for p in parts) / n


@wrong("population_statistics", "average_of_unbiased")
def population_statistics(model, loader):
    parts = [part.double() for part in _outputs(model, loader)]
    n = sum(len(p) for p in parts)
    mean = sum(p.sum(0) for p in parts) / n
    return mean.float(), (sum(p.var(0) * len(p) for p in parts) / n).float()


@wrong("population_statistics", "measured_in_training_mode")
def population_statistics(model, loader):
    rows = torch.cat(_outputs(model, loader, training=True))
    return rows.mean(0), rows.var(0, correction=0)


@wrong("population_statistics", "mode_not_put_back")
def population_statistics(model, loader):
    rows = torch.cat(_outputs(model, loader)).double()
    model.eval()
    return rows.mean(0).float(), rows.var(0, correction=0).float()


@wrong("population_statistics", "unbiased_variance")
def population_statistics(model, loader):
    rows = torch.cat(_outputs(model, loader)).double()
    return rows.mean(0).float(), rows.var(0).float()


@wrong("fold_batchnorm", "mean_added")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    scale = gamma / torch.sqrt(var + eps)
    bias = mean if b is None else b + mean
    return w * scale.reshape(-1, *[1] * (w.ndim - 1)), bias * scale + beta


@wrong("fold_batchnorm", "beta_scaled")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    scale = gamma / torch.sqrt(var + eps)
    bias = -mean if b is None else b - mean
    return w * scale.reshape(-1, *[1] * (w.ndim - 1)), (bias + beta) * scale


@wrong("fold_batchnorm", "mean_not_scaled")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    scale = gamma / torch.sqrt(var + eps)
    bias = -mean if b is None else b * scale - mean
    return w * scale.reshape(-1, *[1] * (w.ndim - 1)), bias + beta


@wrong("find_mode_bug", "never_accuses")
def find_mode_bug(loops, make_model, train, validation):
    for name, loop in loops.items():
        model = make_model()
        reported = loop(model, train, validation)
        model.eval()
        if abs(reported - F.cross_entropy(model(validation[0]), validation[1]).item()) > 1e-4:
            print(name)


@wrong("bias_is_redundant", "compared_to_the_last_digit")
def bias_is_redundant(conv, norm, x):
    conv, norm = copy.deepcopy(conv), copy.deepcopy(norm)
    with torch.no_grad():
        before = norm(conv(x))
        conv.bias += torch.arange(len(conv.bias))
        return bool((before == norm(conv(x))).all())
