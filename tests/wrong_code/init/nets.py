"""Notebook 04: symmetry, critical points and layers set by data as people get them wrong."""

import copy

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from wrong_code import wrong


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
                variances.append(float(layer(x).var()))
            x = layer(x)
    return variances
