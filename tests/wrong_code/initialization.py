"""Notebook 04: first weights as people really draw them, and nets looked at in the wrong place."""

import copy

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

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


@wrong("init_weights", "two_missing_in_he", "normal_for_uniform")
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


def train(net, steps, x, y, rate, forget=True, loss=F.cross_entropy):
    optimizer = torch.optim.SGD(net.parameters(), lr=rate)
    for _ in range(steps):
        if forget:
            optimizer.zero_grad()
        loss(net(x), y).backward()
        optimizer.step()
    return net


def told(units):
    units = units.detach()
    different = len(torch.unique(units.round(decimals=6), dim=0))
    return different, float((units.amax(0) - units.amin(0)).max())


def table(layer):
    return torch.column_stack([layer.weight, layer.bias])


@wrong("symmetry_after", "net_is_trained")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    return told(table(train(net, steps, x, y, learning_rate)[0]))


@wrong("symmetry_after", "net_is_trained")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    return told(table(train(copy.copy(net), steps, x, y, learning_rate)[0]))


@wrong("symmetry_after", "biases_left_out")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    return told(train(copy.deepcopy(net), steps, x, y, learning_rate)[0].weight)


@wrong("symmetry_after", "gradients_accumulate")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    net = train(copy.deepcopy(net), steps, x, y, learning_rate, forget=False)
    return told(table(net[0]))


@wrong("symmetry_after", "output_layer")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    return told(table(train(copy.deepcopy(net), steps, x, y, learning_rate)[-1]))


@wrong("symmetry_after", "not_trained")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    optimizer = torch.optim.SGD(net.parameters(), lr=learning_rate)
    net = copy.deepcopy(net)
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
    return told(table(net[0]))


@wrong("symmetry_after", "softmax_twice")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    net = train(
        copy.deepcopy(net), steps, x, y, learning_rate,
        loss=lambda scores, y: F.cross_entropy(scores.softmax(1), y),
    )  # fmt: skip
    return told(table(net[0]))


@wrong("symmetry_after", "over_the_whole_table")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    units = table(train(copy.deepcopy(net), steps, x, y, learning_rate)[0])
    return told(units)[0], float(units.max() - units.min())


@wrong("critical_point_report", "old_gradients_added")
def critical_point_report(net, x, y):
    F.cross_entropy(net(x), y).backward()
    return {name: float(p.grad.abs().max()) for name, p in net.named_parameters()}


@wrong("critical_point_report", "sign_kept")
def critical_point_report(net, x, y):
    net.zero_grad()
    F.cross_entropy(net(x), y).backward()
    return {name: float(p.grad.max()) for name, p in net.named_parameters()}


@wrong("critical_point_report", "norm")
def critical_point_report(net, x, y):
    net.zero_grad()
    F.cross_entropy(net(x), y).backward()
    return {name: float(p.grad.norm()) for name, p in net.named_parameters()}


@wrong("critical_point_report", "summed_over_the_batch")
def critical_point_report(net, x, y):
    net.zero_grad()
    F.cross_entropy(net(x), y, reduction="sum").backward()
    return {name: float(p.grad.abs().max()) for name, p in net.named_parameters()}


@wrong("critical_point_report", "biases_left_out")
def critical_point_report(net, x, y):
    net.zero_grad()
    F.cross_entropy(net(x), y).backward()
    return {n: float(p.grad.abs().max()) for n, p in net.named_parameters() if p.ndim == 2}


@wrong("critical_point_report", "yes_or_no")
def critical_point_report(net, x, y):
    net.zero_grad()
    F.cross_entropy(net(x), y).backward()
    return {name: bool(p.grad.abs().max() < 1e-9) for name, p in net.named_parameters()}


@wrong("std_by_depth", "global-random")
def std_by_depth(widths, activation, kind, rng, examples=200):
    h = np.random.randn(examples, widths[0])
    stds = []
    for i in range(len(widths) - 1):
        h = h @ right_weights(widths[i], widths[i + 1], kind, rng)
        h = np.tanh(h) if activation == "tanh" else np.maximum(h, 0)
        stds.append(h.std())
    return np.array(stds)


@wrong("activation_gain", "about_the_mean")
def activation_gain(f):
    z = np.random.default_rng(1).standard_normal(1_000_000)
    return 1 / f(z).std()


@wrong("activation_gain", "squared")
def activation_gain(f):
    z = np.random.default_rng(1).standard_normal(1_000_000)
    return 1 / np.mean(f(z) ** 2)


@wrong("activation_gain", "upside_down")
def activation_gain(f):
    z = np.linspace(-10, 10, 10_001)
    return np.sqrt(np.sum(f(z) ** 2 * np.exp(-(z**2) / 2)) / np.sum(np.exp(-(z**2) / 2)))


@wrong("lsuv", "all_at_once")
def lsuv(layers, batch, tol=0.05, generator=None):
    linear = [layer for layer in layers if isinstance(layer, nn.Linear)]
    with torch.no_grad():
        for layer in linear:
            nn.init.orthogonal_(layer.weight, generator=generator)
            nn.init.zeros_(layer.bias)
        x, stds = batch, []
        for layer in layers:
            x = layer(x)
            if layer in linear:
                stds.append(x.std(correction=0))
        for layer, std in zip(linear, stds, strict=True):
            layer.weight /= std
    return [1.0 for _ in stds]


@wrong("lsuv", "divided_by_the_variance")
def lsuv(layers, batch, tol=0.05, generator=None):
    x, variances = batch, []
    with torch.no_grad():
        for layer in layers:
            if isinstance(layer, nn.Linear):
                nn.init.orthogonal_(layer.weight, generator=generator)
                nn.init.zeros_(layer.bias)
                layer.weight /= layer(x).var(correction=0)
                variances.append(1.0)
            x = layer(x)
    return variances


@wrong("lsuv", "not_orthogonal")
def lsuv(layers, batch, tol=0.05, generator=None):
    x, variances = batch, []
    with torch.no_grad():
        for layer in layers:
            if isinstance(layer, nn.Linear):
                nn.init.normal_(layer.weight, generator=generator)
                nn.init.zeros_(layer.bias)
                layer.weight /= layer(x).std(correction=0)
                variances.append(float(layer(x).var(correction=0)))
            x = layer(x)
    return variances


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


def _symmetry(net, steps, x, y, rate, decimals=6, reduction="mean", spread=None):
    net = copy.deepcopy(net)
    optimizer = torch.optim.SGD(net.parameters(), lr=rate)
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(net(x), y, reduction=reduction).backward()
        optimizer.step()
    units = torch.column_stack([net[0].weight, net[0].bias]).detach()
    rounded = units if decimals is None else units.round(decimals=decimals)
    far = units.std(0) if spread == "std" else units.amax(0) - units.amin(0)
    return len(torch.unique(rounded, dim=0)), far.max().item()


@wrong("symmetry_after", "not_rounded")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    return _symmetry(net, steps, x, y, learning_rate, decimals=None)


@wrong("symmetry_after", "loss_summed")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    return _symmetry(net, steps, x, y, learning_rate, reduction="sum")


@wrong("symmetry_after", "deviation_for_spread")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    return _symmetry(net, steps, x, y, learning_rate, spread="std")


@wrong("lsuv", "unbiased_variance")
def lsuv(layers, batch, tol=0.05, generator=None):
    x, variances = batch, []
    with torch.no_grad():
        for layer in layers:
            if isinstance(layer, nn.Linear):
                nn.init.orthogonal_(layer.weight, generator=generator)
                nn.init.zeros_(layer.bias)
                layer.weight /= layer(x).std()
                variances.append(layer(x).var())
            x = layer(x)
    return variances
