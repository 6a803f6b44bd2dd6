"""Notebook 06: one forward pass with a switch for each fault, and the name of each."""

import numpy as np
from wrong_code import wrong


def enter(exercise, make, faults):
    """Enter `make(**fault)` as this exercise's wrong code, under the fault's name."""
    for identity, fault in faults.items():
        code = make(**fault)
        code.__name__ = exercise
        wrong(exercise, identity)(code)


def _root(var, eps):
    return np.sqrt(var + eps)


def _average(m, old, new):
    return m * old + (1 - m) * new


def _forward(train_root=_root, test_root=_root, affine=lambda xhat, g, b: g * xhat + b,
             centre=1, ddof=0, square=False, kept=lambda old, var, eps: var, start=0,
             averages=(_average, _average), get=dict.get, write=("running_mean", "running_var"),
             old=False, need=False, wide=False, mix=None):  # fmt: skip
    def batchnorm_forward(x, gamma, beta, bn_param):
        eps, m = get(bn_param, "eps", 1e-5), get(bn_param, "momentum", 0.9)
        if need and bn_param["mode"] == "test":
            bn_param["running_mean"], bn_param["running_var"]
        zeros = np.zeros(x.shape[1], x.dtype)
        before = (bn_param.get("running_mean", zeros),
                  bn_param.get("running_var", zeros + x.dtype.type(start)))  # fmt: skip
        mean, var, root = *before, test_root
        if bn_param["mode"] == "train":
            root = train_root
            mean, var = x.mean(0), (x**2).mean(0) if square else x.var(0, ddof=ddof)
            keep = mean, kept(before, x.var(0) if ddof else var, eps)
            for place, name in enumerate(("running_mean", "running_var")):
                if name in write:
                    past = before[place]
                    if place and mix:
                        past = bn_param["running_mean"] if mix == "new" else before[0]
                    new = averages[place](m, past, keep[place])
                    bn_param[name] = np.asarray(new).astype(x.dtype)
            if old:
                mean, var = before
        out = affine((x - centre * mean) / root(var, eps), gamma, beta)
        return out.astype(np.float64 if wide else x.dtype), None

    return batchnorm_forward


def _outside(var, eps):
    return np.sqrt(var) + eps


def _bare(var, eps):
    return np.sqrt(var)


def _bounded(var, eps):
    return np.sqrt(np.where(var > eps, var, eps))


def _one_for_zero(var, eps):
    var = var.copy()
    var[var == 0] = 1
    return np.sqrt(var + eps)


def _variance(var, eps):
    return var + eps


def _turned(m, old, new):
    return (1 - m) * old + m * new


def _unless_zero(config, key, default):
    return config.get(key) or default


enter("batchnorm_forward", _forward, {
    "no_affine": {"affine": lambda xhat, g, b: xhat},
    "gamma_forgotten": {"affine": lambda xhat, g, b: xhat + b},
    "beta_forgotten": {"affine": lambda xhat, g, b: xhat * g},
    "beta_scaled": {"affine": lambda xhat, g, b: g * (xhat + b)},
    "eps_outside_in_test_mode": {"test_root": _outside},
    "eps_outside_in_training": {"train_root": _outside},
    "eps_forgotten_in_test_mode": {"test_root": _bare},
    "eps_forgotten_in_training": {"train_root": _bare},
    "eps_as_a_bound": {"train_root": _bounded, "test_root": _bounded},
    "variance_of_zero_taken_for_one": {"train_root": _one_for_zero, "test_root": _one_for_zero},
    "divides_by_variance_in_test_mode": {"test_root": _variance},
    "divides_by_variance_in_training": {"train_root": _variance},
    "not_centred": {"centre": 0},
    "not_divided": {"train_root": lambda v, e: 1, "test_root": lambda v, e: 1},
    "unbiased_variance_in_the_output": {"ddof": 1},
    "mean_square_for_variance": {"square": True},
    "test_mode_wants_statistics": {"need": True},
    "training_uses_the_old_statistics": {"old": True},
    "momentum_turned_for_the_variance": {"averages": (_average, _turned)},
    "momentum_turned_for_the_mean": {"averages": (_turned, _average)},
    "share_of_new_and_starts_at_one": {"averages": (_turned, _turned), "start": 1},
    "running_variance_not_written_back": {"write": ("running_mean",)},
    "running_mean_not_written_back": {"write": ("running_var",)},
    "running_statistics_overwritten": {"averages": [lambda m, old, new: new] * 2},
    "new_value_in_full": {"averages": [lambda m, old, new: m * old + new] * 2},
    "running_variance_takes_the_new_mean": {"mix": "new"},
    "running_variance_takes_the_old_mean": {"mix": "old"},
    "eps_in_the_running_variance": {"kept": lambda old, var, eps: var + eps},
    "output_in_double_precision": {"wide": True},
})  # fmt: skip


@wrong("batchnorm_forward", "momentum_of_zero_ignored", "eps_of_zero_ignored")
def batchnorm_forward(x, gamma, beta, bn_param):
    return _forward(get=_unless_zero)(x, gamma, beta, bn_param)


@wrong("batchnorm_forward", "running_statistics_as_torch_has_them")
def batchnorm_forward(x, gamma, beta, bn_param):
    n = len(x)
    kept = lambda old, var, eps: var * np.float64(n) / np.float64(n - 1)
    return _forward(averages=(_turned, _turned), start=1, kept=kept)(x, gamma, beta, bn_param)


@wrong("batchnorm_forward", "unread:eps")
def batchnorm_forward(x, gamma, beta, bn_param):
    get = lambda config, key, default: default if key == "eps" else config.get(key, default)
    return _forward(get=get)(x, gamma, beta, bn_param)


@wrong("batchnorm_forward", "normalised_by_each_example")
def batchnorm_forward(x, gamma, beta, bn_param):
    out, _ = _forward()(x, gamma, beta, bn_param)
    if bn_param["mode"] == "train":
        sigma = np.sqrt(x.var(1, keepdims=True) + bn_param.get("eps", 1e-5))
        out = gamma * (x - x.mean(1, keepdims=True)) / sigma + beta
    return out, None


@wrong("spatial_batchnorm_forward", "image_after_image")
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    outs = []
    for image in x:
        rows = image.reshape(len(image), -1).T
        out, _ = _forward()(rows, gamma, beta, bn_param)
        outs.append(out.T.reshape(image.shape))
    return np.stack(outs), None


def _by_rows(identity, **fault):
    def spatial_batchnorm_forward(x, gamma, beta, bn_param):
        last = np.moveaxis(x, 1, -1)
        rows = last.reshape(-1, last.shape[-1])
        out, _ = _forward(**fault)(rows, gamma, beta, bn_param)
        return np.moveaxis(out.reshape(last.shape), -1, 1), None

    wrong("spatial_batchnorm_forward", identity)(spatial_batchnorm_forward)


_by_rows("eps_as_a_bound", train_root=_bounded, test_root=_bounded)
_by_rows("variance_of_zero_taken_for_one", train_root=_one_for_zero, test_root=_one_for_zero)


@wrong("spatial_batchnorm_forward", "a_mean_for_each_pixel")
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    if bn_param["mode"] == "train":
        m = bn_param.get("momentum", 0.9)
        zeros = np.zeros(x.shape[1])
        bn_param["running_mean"] = m * bn_param.get("running_mean", zeros) + (1 - m) * x.mean(0)
    rows = x.transpose(0, 2, 3, 1)
    out, _ = _forward()(rows.reshape(-1, rows.shape[-1]), gamma, beta, bn_param)
    return out.reshape(rows.shape).transpose(0, 3, 1, 2), None


@wrong("spatial_batchnorm_forward", "not_broadcast_over_the_channels")
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    if bn_param["mode"] == "train":
        mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3))
    else:
        mean, var = bn_param.get("running_mean", 0 * gamma), bn_param.get("running_var", 0 * gamma)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, None


def _per_example(axes=1, ddof=0, square=False, centre=1, root=_root, mode=False, eps=False,
                 affine=lambda xhat, g, b: g * xhat + b, test=None):  # fmt: skip
    def layernorm_forward(x, gamma, beta, ln_param):
        if mode:
            ln_param["mode"]
        small = ln_param["eps"] if eps else ln_param.get("eps", 1e-5)
        mean = centre * x.mean(1, keepdims=True)
        var = (x**2).mean(1, keepdims=True) if square else x.var(1, keepdims=True, ddof=ddof)
        if ln_param.get("mode") == "test" and test is not None:
            mean, var = 0, test
            return gamma * x / np.sqrt(var + small) + beta, None
        return affine((x - mean) / root(var, small), gamma, beta), None

    return layernorm_forward


enter("layernorm_forward", _per_example, {
    "mean_square_for_variance": {"square": True},
    "root_mean_square": {"square": True, "centre": 0},
    "not_centred": {"centre": 0},
    "not_divided": {"root": lambda v, e: 1},
    "divides_by_variance": {"root": _variance},
    "eps_forgotten": {"root": _bare},
    "eps_as_a_bound": {"root": _bounded},
    "gamma_and_beta_swapped": {"affine": lambda xhat, g, b: b * xhat + g},
    "no_affine": {"affine": lambda xhat, g, b: xhat},
    "gamma_forgotten": {"affine": lambda xhat, g, b: xhat + b},
    "beta_forgotten": {"affine": lambda xhat, g, b: xhat * g},
    "beta_scaled": {"affine": lambda xhat, g, b: g * (xhat + b)},
    "wants_a_mode": {"mode": True},
    "wants_an_eps": {"eps": True},
    "left_alone_in_test_mode": {"test": 1},
    "running_statistics_in_test_mode": {"test": 0},
})  # fmt: skip


@wrong("spatial_groupnorm_forward", "groups_forgotten")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    rows = x.reshape(len(x), -1)
    out, _ = _per_example()(rows, 1, 0, gn_param)
    return gamma * out.reshape(x.shape) + beta, None


@wrong("spatial_groupnorm_forward", "eps_as_a_bound")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    out, _ = _per_example(root=_bounded)(x.reshape(len(x) * G, -1), 1, 0, gn_param)
    return gamma * out.reshape(x.shape) + beta, None


@wrong("spatial_groupnorm_forward", "each_channel_on_its_own")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    out, _ = _per_example()(x.reshape(len(x) * x.shape[1], -1), 1, 0, gn_param)
    return gamma * out.reshape(x.shape) + beta, None


@wrong("spatial_groupnorm_forward", "each_channel_over_the_batch")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    rows = x.swapaxes(0, 1)
    out, _ = _per_example()(rows.reshape(len(rows), -1), 1, 0, gn_param)
    return gamma * out.reshape(rows.shape).swapaxes(0, 1) + beta, None
