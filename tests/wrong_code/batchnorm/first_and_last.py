"""Notebook 06: first batches, single modes, and gradients of γ and β that keep or lose an axis."""

import numpy as np
from wrong_code import wrong


def forward(identity, exercise="batchnorm_forward", affine=lambda xhat, g, b, mode: g * xhat + b,
            whole=(), var_of=lambda x: x.var((0, 2, 3))):  # fmt: skip
    """Batch norm of rows or images; what is in `whole` starts at the first batch's."""

    def made(x, gamma, beta, bn_param):
        axes = (0, *range(2, x.ndim))
        shape = [1, -1, 1, 1] if x.ndim == 4 else [-1]
        eps, m, mode = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9), bn_param["mode"]
        zeros = np.zeros(x.shape[1], x.dtype)
        mean, var = (bn_param.get(name, zeros) for name in ("running_mean", "running_var"))
        if mode == "train":
            old = {"running_mean": mean, "running_var": var}
            mean, var = x.mean(axes), x.var(axes)
            kept = var_of(x) if x.ndim == 4 else var
            for name, new in (("running_mean", mean), ("running_var", kept)):
                first = name in whole and name not in bn_param
                bn_param[name] = new if first else m * old[name] + (1 - m) * new
        xhat = (x - mean.reshape(shape)) / np.sqrt(var.reshape(shape) + eps)
        return affine(xhat, gamma.reshape(shape), beta.reshape(shape), mode), None

    made.__name__ = exercise
    wrong(exercise, identity)(made)


BOTH = ("running_mean", "running_var")
for exercise in ("batchnorm_forward", "spatial_batchnorm_forward"):
    forward("first_batch_taken_whole", exercise, whole=BOTH)
    forward("first_variance_taken_whole", exercise, whole=BOTH[1:])
    for mode, words in (("test", "test_mode"), ("train", "training")):
        no_beta = lambda xhat, g, b, now, mode=mode: g * xhat + (0 if now == mode else b)
        no_gamma = lambda xhat, g, b, now, mode=mode: (1 if now == mode else g) * xhat + b
        forward(f"beta_forgotten_in_{words}", exercise, no_beta)
        forward(f"gamma_forgotten_in_{words}", exercise, no_gamma)
forward("variances_of_images_averaged", "spatial_batchnorm_forward",
        var_of=lambda x: x.var((2, 3)).mean(0))  # fmt: skip


@wrong("bn_dxhat", "gamma_along_the_examples")
def bn_dxhat(dout, gamma):
    return dout * gamma.reshape(-1, 1)


@wrong("bn_dvar", "mean_instead_of_sum_turned")
def bn_dvar(dxhat, x, mean, var, eps):
    return np.mean(dxhat * (x - mean), axis=0) * 0.5 * (var + eps) ** -1.5


@wrong("bn_dmean", "one_mean_for_all_features")
def bn_dmean(dxhat, dvar, x, mean, var, eps):
    return -dxhat.sum(axis=0) / np.sqrt(var + eps) - 2 * dvar * (np.mean(x) - mean)


def backward(identity, exercise, parameters, less=0):
    """Batch norm's or layer norm's way back; their caches are the master's."""

    def made(dout, cache):
        if exercise == "layernorm_backward":
            (xhat, sigma, gamma), axis = cache, 1
        else:
            x, mean, var, eps, gamma = cache
            sigma, axis = np.sqrt(var + eps), 0
            xhat = (x - mean) / sigma
        dxhat = dout * gamma
        n = dout.shape[axis]
        along = (dxhat * xhat).sum(axis, keepdims=True) / max(n - less, 1)
        dx = (dxhat - dxhat.mean(axis, keepdims=True) - xhat * along) / sigma
        return dx, *parameters(dout, xhat)

    made.__name__ = exercise
    wrong(exercise, identity)(made)


for exercise in ("batchnorm_backward", "batchnorm_backward_alt", "layernorm_backward"):
    backward("parameters_keep_an_axis", exercise, lambda dout, xhat: (
        (dout * xhat).sum(0, keepdims=True), dout.sum(0, keepdims=True)
    ))  # fmt: skip
for exercise in ("batchnorm_backward", "batchnorm_backward_alt"):
    backward("variance_path_over_one_less_or_one", exercise,
             lambda dout, xhat: ((dout * xhat).sum(0), dout.sum(0)), less=1)  # fmt: skip


def grouped(identity, names):
    """Group norm's way back; the gradients of these names are those of the whole group."""

    def spatial_groupnorm_backward(dout, cache):
        (xhat, sigma, gamma), c = cache, dout.shape[1]
        groups = xhat.shape[1]
        dxhat = (dout * gamma).reshape(xhat.shape)
        along = (dxhat * xhat).mean(2, keepdims=True)
        dx = (dxhat - dxhat.mean(2, keepdims=True) - xhat * along) / sigma
        found = {"dgamma": dout * xhat.reshape(dout.shape), "dbeta": dout}
        for name, values in found.items():
            summed = values.sum((0, 2, 3))
            if name in names:
                summed = np.repeat(summed.reshape(groups, -1).sum(1), c // groups)
            found[name] = summed.reshape(1, c, 1, 1)
        return dx.reshape(dout.shape), found["dgamma"], found["dbeta"]

    wrong("spatial_groupnorm_backward", identity)(spatial_groupnorm_backward)


grouped("gradient_of_the_group_for_each_channel", ("dgamma", "dbeta"))
grouped("dgamma_of_the_group_for_each_channel", ("dgamma",))


@wrong("layernorm_forward", "unbiased_and_eps_of_its_own")
def layernorm_forward(x, gamma, beta, ln_param):
    mean, var = x.mean(1, keepdims=True), x.var(1, ddof=1, keepdims=True)
    return gamma * (x - mean) / np.sqrt(var + 1e-5) + beta, None


@wrong("spatial_groupnorm_forward", "unbiased_and_eps_of_its_own")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    rows = x.reshape(len(x), G, -1)
    mean, var = rows.mean(-1, keepdims=True), rows.var(-1, ddof=1, keepdims=True)
    return gamma * ((rows - mean) / np.sqrt(var + 1e-5)).reshape(x.shape) + beta, None


@wrong("batchnorm_backward_alt", "gamma_forgotten_and_variance_over_one_less")
def batchnorm_backward_alt(dout, cache):
    x, mean, var, eps, gamma = cache
    sigma = np.sqrt(var + eps)
    xhat = (x - mean) / sigma
    dgamma, dbeta = (dout * xhat).sum(0), dout.sum(0)
    dx = dout - dbeta / len(x) - xhat * dgamma / max(len(x) - 1, 1)
    return dx / sigma, dgamma, dbeta


@wrong("batchnorm_backward", "xhat_of_another_batch", "stage_dxhat")
def batchnorm_backward(dout, cache):
    x, mean, var, eps, gamma = cache
    other = np.flip(x)  # the batch that the check sends forward in between
    xhat = (other - other.mean(0)) / np.sqrt(other.var(0) + eps)
    dx = dout - dout.mean(0) - xhat * (dout * xhat).mean(0)
    return gamma * dx / np.sqrt(var + eps), (dout * xhat).sum(0), dout.sum(0)
