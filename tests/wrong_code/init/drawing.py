"""Notebook 04: first weights as people really draw them.

Nets that are looked at in the wrong place are in `initialization_nets`.
"""

import numpy as np
from wrong_code import wrong

FIXED = {"zero": 0.0, "constant": 0.1}


def fixed(n_in, n_out, kind):
    return np.full((n_in, n_out), FIXED[kind])


def normal(n_in, n_out, kind, rng):
    """The right weights of the kinds that are normal or fixed."""
    if kind in FIXED:
        return fixed(n_in, n_out, kind)
    variance = {"small": 1e-4, "xavier_normal": 2 / (n_in + n_out), "he": 2 / n_in}[kind]
    return rng.normal(0, np.sqrt(variance), (n_in, n_out))


def xavier(n_in, n_out, rng):
    limit = np.sqrt(6 / (n_in + n_out))
    return rng.uniform(-limit, limit, (n_in, n_out))


def right_weights(n_in, n_out, kind, rng):
    """Right: what the wrong versions of std_by_depth call."""
    if kind == "xavier_uniform":
        return xavier(n_in, n_out, rng)
    return normal(n_in, n_out, kind, rng)


@wrong("init_weights", "variance_for_standard_deviation")
def init_weights(n_in, n_out, kind, rng):
    if kind == "xavier_uniform":
        return xavier(n_in, n_out, rng)
    if kind == "xavier_normal":
        return rng.normal(0, 2 / (n_in + n_out), (n_in, n_out))
    if kind == "he":
        return rng.normal(0, 2 / n_in, (n_in, n_out))
    return normal(n_in, n_out, kind, rng)


@wrong("init_weights", "one_sided")
def init_weights(n_in, n_out, kind, rng):
    if kind == "xavier_uniform":
        return rng.random((n_in, n_out)) * np.sqrt(6 / (n_in + n_out))
    return normal(n_in, n_out, kind, rng)


@wrong("init_weights", "normal_for_uniform", "two_missing_in_he")
def init_weights(n_in, n_out, kind, rng):
    if kind in FIXED:
        return fixed(n_in, n_out, kind)
    std = {"small": 0.01, "he": 1 / np.sqrt(n_in)}.get(kind, np.sqrt(2 / (n_in + n_out)))
    return std * rng.standard_normal((n_in, n_out))


@wrong("init_weights", "another_generator", "global-random")
def init_weights(n_in, n_out, kind, rng):
    if kind == "xavier_uniform":
        return xavier(n_in, n_out, np.random)
    return normal(n_in, n_out, kind, np.random)


@wrong("init_weights", "seeded_inside")
def init_weights(n_in, n_out, kind, rng):
    return right_weights(n_in, n_out, kind, np.random.default_rng(0))


@wrong("init_weights", "transposed")
def init_weights(n_in, n_out, kind, rng):
    return right_weights(n_in, n_out, kind, rng).T


@wrong("init_weights", "fan_in_only")
def init_weights(n_in, n_out, kind, rng):
    if kind.startswith("xavier"):
        if kind.endswith("normal"):
            return rng.standard_normal((n_in, n_out)) / np.sqrt(n_in)
        return rng.uniform(-1, 1, (n_in, n_out)) * np.sqrt(3 / n_in)
    return normal(n_in, n_out, kind, rng)


@wrong("init_weights", "two_outside_the_root")
def init_weights(n_in, n_out, kind, rng):
    if kind == "he":
        return rng.normal(0, 2 / np.sqrt(n_in), (n_in, n_out))
    return right_weights(n_in, n_out, kind, rng)


@wrong("init_weights", "fan_outside_the_root")
def init_weights(n_in, n_out, kind, rng):
    if kind == "xavier_uniform":
        return rng.uniform(-1, 1, (n_in, n_out)) * np.sqrt(6) / (n_in + n_out)
    if kind == "xavier_normal":
        return rng.standard_normal((n_in, n_out)) * np.sqrt(2) / (n_in + n_out)
    if kind == "he":
        return rng.standard_normal((n_in, n_out)) * np.sqrt(2) / n_in
    return normal(n_in, n_out, kind, rng)


@wrong("conv_fan", "area_forgotten")
def conv_fan(shape):
    return shape[1], shape[0]


@wrong("conv_fan", "area_in_fan_in_only")
def conv_fan(shape):
    return np.prod(shape[1:]), shape[0]


@wrong("conv_fan", "swapped")
def conv_fan(shape):
    area = np.prod(shape[2:])
    return shape[0] * area, shape[1] * area


@wrong("conv_fan", "square_kernel")
def conv_fan(shape):
    if len(shape) == 4:
        return shape[1] * shape[2] ** 2, shape[0] * shape[2] ** 2
    area = np.prod(shape[2:])
    return shape[1] * area, shape[0] * area


@wrong("std_by_depth", "before_the_activation")
def std_by_depth(widths, activation, kind, rng, examples=200):
    h = rng.standard_normal((examples, widths[0]))
    stds = []
    for i in range(len(widths) - 1):
        z = h @ right_weights(widths[i], widths[i + 1], kind, rng)
        stds.append(np.std(z))
        h = np.tanh(z) if activation == "tanh" else z * (z > 0)
    return stds


@wrong("std_by_depth", "of_the_weights")
def std_by_depth(widths, activation, kind, rng, examples=200):
    h = rng.standard_normal((examples, widths[0]))
    stds = []
    for i in range(len(widths) - 1):
        W = right_weights(widths[i], widths[i + 1], kind, rng)
        h = np.tanh(h @ W) if activation == "tanh" else np.maximum(h @ W, 0)
        stds.append(W.std())
    return np.array(stds)


@wrong("std_by_depth", "same_weights_again")
def std_by_depth(widths, activation, kind, rng, examples=200):
    h = rng.standard_normal((examples, widths[0]))
    W = right_weights(widths[0], widths[1], kind, rng)
    stds = []
    for _ in widths[1:]:
        h = np.tanh(h @ W) if activation == "tanh" else np.maximum(h @ W, 0)
        stds.append(h.std())
    return np.array(stds)


@wrong("std_by_depth", "each_layer_sees_the_input")
def std_by_depth(widths, activation, kind, rng, examples=200):
    x = rng.standard_normal((examples, widths[0]))
    stds = []
    for i in range(len(widths) - 1):
        h = x @ right_weights(widths[i], widths[i + 1], kind, rng)
        h = np.tanh(h) if activation == "tanh" else np.maximum(h, 0)
        stds.append(h.std())
    return np.array(stds)


@wrong("std_by_depth", "per_unit")
def std_by_depth(widths, activation, kind, rng, examples=200):
    h = rng.standard_normal((examples, widths[0]))
    stds = []
    for i in range(len(widths) - 1):
        h = h @ right_weights(widths[i], widths[i + 1], kind, rng)
        h = np.tanh(h) if activation == "tanh" else np.maximum(h, 0)
        stds.append(h.std(axis=0).mean())
    return np.array(stds)


@wrong("std_by_depth", "input_included")
def std_by_depth(widths, activation, kind, rng, examples=200):
    h = rng.standard_normal((examples, widths[0]))
    stds = [h.std()]
    for i in range(len(widths) - 1):
        h = h @ right_weights(widths[i], widths[i + 1], kind, rng)
        h = np.tanh(h) if activation == "tanh" else np.maximum(h, 0)
        stds.append(h.std())
    return np.array(stds)


@wrong("std_by_depth", "input_not_from_rng", "global-random")
def std_by_depth(widths, activation, kind, rng, examples=200):
    h = np.random.randn(examples, widths[0])
    stds = []
    for i in range(len(widths) - 1):
        h = h @ right_weights(widths[i], widths[i + 1], kind, rng)
        h = np.tanh(h) if activation == "tanh" else np.maximum(h, 0)
        stds.append(h.std())
    return np.array(stds)


@wrong("std_by_depth", "activations_swapped")
def std_by_depth(widths, activation, kind, rng, examples=200):
    h, stds = rng.standard_normal((examples, widths[0])), []
    for n_in, n_out in zip(widths, widths[1:], strict=False):
        if kind == "xavier_uniform":
            limit = np.sqrt(6 / (n_in + n_out))
            h = h @ rng.uniform(-limit, limit, (n_in, n_out))
        else:
            h = h @ normal(n_in, n_out, kind, rng)
        h = np.maximum(h, 0) if activation == "tanh" else np.tanh(h)
        stds.append(h.std())
    return np.array(stds)
