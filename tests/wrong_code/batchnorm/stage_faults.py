"""Notebook 06: the stages of the backward pass, folding and undoing, a fault at a time."""

import numpy as np
import torch
from wrong_code import wrong
from wrong_code.batchnorm.forward_faults import enter


@wrong("bn_dxhat", "summed_over_the_features")
def bn_dxhat(dout, gamma):
    return dout @ gamma


@wrong("bn_dxhat", "negative_size_of_gamma")
def bn_dxhat(dout, gamma):
    return -dout * np.sqrt(gamma**2)


@wrong("bn_dxhat", "size_of_gamma")
def bn_dxhat(dout, gamma):
    return dout * np.sqrt(gamma**2)


@wrong("bn_dxhat", "one_added_to_gamma")
def bn_dxhat(dout, gamma):
    return dout + gamma * dout


def _dvar(power=lambda v, e: (v + e) ** -1.5, total=lambda d, c: (d * c).sum(0)):
    def bn_dvar(dxhat, x, mean, var, eps):
        return -0.5 * total(dxhat, x - mean) * power(var, eps)

    return bn_dvar


def _by_example(dxhat, x, mean, var, eps):
    return (-0.5 * dxhat * (x - mean) * (var + eps) ** -1.5).sum(1)


enter("bn_dvar", _dvar, {
    "precedence": {"power": lambda v, e: (v + e) ** -3 / 2},
    "exponent_of_minus_three": {"power": lambda v, e: (v + e) ** -3.0},
    "exponent_of_minus_two": {"power": lambda v, e: (v + e) ** float(-3 // 2)},
    "exponent_of_minus_one": {"power": lambda v, e: 1 / (v + e)},
    "eps_outside_the_root": {"power": lambda v, e: (np.sqrt(v) + e) ** -3},
    "eps_as_a_bound": {"power": lambda v, e: np.clip(v, e, None) ** -1.5},
    "eps_beside_the_power": {"power": lambda v, e: v**-1.5 + e},
    "product_of_sums": {"total": lambda d, c: d.sum(0) * c.sum(0)},
})  # fmt: skip
enter("bn_dvar", lambda: _by_example, {"summed_over_the_features": {}})


def _dmean(direct=lambda d, s: -d.sum(0) / s, by_variance=lambda v, c: -2 * v * c.mean(0),
           root=lambda v, e: np.sqrt(v + e)):  # fmt: skip
    def bn_dmean(dxhat, dvar, x, mean, var, eps):
        return direct(dxhat, root(var, eps)) + by_variance(dvar, x - mean)

    return bn_dmean


enter("bn_dmean", _dmean, {
    "direct_path_forgotten": {"direct": lambda d, s: 0},
    "direct_path_without_the_root": {"direct": lambda d, s: -d.sum(0) / s**2},
    "direct_path_not_divided": {"direct": lambda d, s: -d.sum(0)},
    "eps_as_a_bound": {"root": lambda v, e: np.sqrt(np.clip(v, e, None))},
    "sizes_of_the_deviations": {"by_variance": lambda v, c: -2 * v * np.sqrt(c**2).mean(0)},
    "dvar_forgotten": {"by_variance": lambda v, c: -2 * c.mean(0)},
    "path_through_variance_over_one_less": {
        "by_variance": lambda v, c: -2 * v * c.sum(0) / (len(c) - 1),
    },
    "sign_of_the_variance_path": {"by_variance": lambda v, c: 2 * v * c.mean(0)},
    "not_summed": {"direct": lambda d, s: -d / s},
})  # fmt: skip


def _plain(gamma, var, eps):
    return gamma / torch.sqrt(var + eps)


def _column(w, scale):
    return w * scale.reshape(-1, *[1] * (w.ndim - 1))


def _fold(weight=_plain, scale=_plain, put=_column, shift=lambda b, m: b - m,
          none=lambda bias, beta: bias, add=lambda b, beta, s: b + beta):  # fmt: skip
    def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
        own = torch.zeros_like(mean) if b is None else b
        s = scale(gamma, var, eps)
        bias = add(shift(own, mean) * s, beta, s)
        return put(w, weight(gamma, var, eps)), none(bias, beta) if b is None else bias

    return fold_batchnorm


def _bare(gamma, var, eps):
    return gamma / torch.sqrt(var)


def _one(gamma, var, eps):
    return 1 / torch.sqrt(var + eps)


def _positive(gamma, var, eps):
    return (gamma**2 / (var + eps)).sqrt()


def _outside(gamma, var, eps):
    return gamma / (torch.sqrt(var) + eps)


enter("fold_batchnorm", _fold, {
    "bias_lost": {"shift": lambda b, m: -m},
    "eps_forgotten_in_the_weight": {"weight": _bare},
    "eps_forgotten_in_the_bias": {"scale": _bare},
    "eps_outside_the_root": {"weight": _outside, "scale": _outside},
    "mean_forgotten": {"shift": lambda b, m: b},
    "mean_forgotten_without_a_bias": {"none": lambda bias, beta: beta},
    "no_bias_stays_none": {"none": lambda bias, beta: None},
    "beta_forgotten": {"add": lambda b, beta, s: b},
    "gamma_forgotten": {"weight": _one, "scale": _one},
    "gamma_forgotten_in_the_weight": {"weight": _one},
    "gamma_forgotten_in_the_bias": {"scale": _one},
    "size_of_gamma": {"weight": _positive, "scale": _positive},
    "eps_outside_and_no_gamma_in_the_bias": {
        "weight": _outside, "scale": lambda g, v, e: 1 / (v.sqrt() + e),
    },
    "scales_the_input_axis_of_affine_layers": {
        "put": lambda w, s: w * s if w.ndim == 2 else _column(w, s),
    },
    "scales_the_input_axis_of_convolutions": {
        "put": lambda w, s: w * s.reshape(1, -1, 1, 1) if w.ndim == 4 else _column(w, s),
    },
    "four_axes_for_every_layer": {"put": lambda w, s: w * s.reshape(-1, 1, 1, 1)},
})  # fmt: skip


@wrong("fold_batchnorm", "mean_added_to_an_unscaled_bias")
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    scale = gamma / torch.sqrt(var + eps)
    return _column(w, scale), (0 if b is None else b) + mean * scale + beta


def _identity(gamma=lambda v, e: np.sqrt(v + e), beta=lambda m, g: m):
    def identity_parameters(mean, var, eps):
        return gamma(var, eps), beta(mean, np.sqrt(var + eps))

    return identity_parameters


enter("identity_parameters", _identity, {
    "eps_outside_the_root": {"gamma": lambda v, e: np.sqrt(v) + e},
    "eps_as_a_bound": {"gamma": lambda v, e: np.sqrt(np.clip(v, e, None))},
    "divides_again": {"gamma": lambda v, e: 1 / np.sqrt(v + e)},
    "mean_divided": {"beta": lambda m, g: m / g},
    "mean_multiplied": {"beta": lambda m, g: m * g},
    "normalised_mean_subtracted": {"beta": lambda m, g: -m / g},
})  # fmt: skip


@wrong("bn_dxhat", "gamma_of_the_example")
def bn_dxhat(dout, gamma):
    by_row = gamma.size == dout.shape[0]
    return dout * gamma.reshape(-1, 1) if by_row else dout * gamma


@wrong("layernorm_forward", "gamma_of_the_example")
def layernorm_forward(x, gamma, beta, ln_param):
    centred = x - x.mean(axis=1, keepdims=True)
    root = np.sqrt((centred**2).mean(axis=1, keepdims=True) + ln_param.get("eps", 1e-5))
    scale = gamma[:, None] if len(x) == len(gamma) else gamma
    return centred / root * scale + beta, None
