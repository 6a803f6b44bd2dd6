"""Notebook 04: numbers that are rounded, clipped or taken for none; gains by name; parts of x."""

import copy

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from wrong_code import wrong


@wrong("std_by_depth", "rounded")
def std_by_depth(widths, activation, kind, rng, examples=200):
    h = rng.normal(size=(examples, widths[0]))
    found = []
    for n_in, n_out in zip(widths[:-1], widths[1:], strict=True):
        both = n_in + n_out
        scale = {"small": 0.01, "he": (2 / n_in) ** 0.5}.get(kind, (2 / both) ** 0.5)
        if kind == "xavier_uniform":
            w = rng.uniform(-(3**0.5) * scale, 3**0.5 * scale, (n_in, n_out))
        else:
            w = rng.normal(0, scale, (n_in, n_out))
        h = np.tanh(h @ w) if activation == "tanh" else np.maximum(h @ w, 0)
        found.append(h.std())
    return np.round(found, 3)


def _report(identity, change):
    def critical_point_report(net, x, y):
        net.zero_grad()
        F.cross_entropy(net(x), y).backward()
        return change(net)

    wrong("critical_point_report", identity)(critical_point_report)


def _sizes(net):
    return {name: float(p.grad.abs().max()) for name, p in net.named_parameters()}


def _by_value(net):
    nn.utils.clip_grad_value_(net.parameters(), 1.0)
    return _sizes(net)


def _by_norm(net):
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    return _sizes(net)


_report("small_taken_for_none",
        lambda net: {n: 0.0 if v < 1e-6 else v for n, v in _sizes(net).items()})  # fmt: skip
_report("clipped", _by_norm)
_report("clipped_one_by_one", _by_value)


@wrong("activation_gain", "looked_up_by_name")
def activation_gain(f):
    known = {"relu": "relu", "tanh": "tanh", "leaky_relu": "leaky_relu"}
    if f.__name__ in known:
        return nn.init.calculate_gain(known[f.__name__])
    z, weight = np.polynomial.hermite_e.hermegauss(100)
    return float((weight.sum() / (weight * f(z) ** 2).sum()) ** 0.5)


@wrong("activation_gain", "drawn_within_two")
def activation_gain(f):
    z = np.random.default_rng(1).normal(size=3_000_000)
    return float(1 / np.sqrt(np.mean(f(z[np.abs(z) < 2]) ** 2)))


def _added(identity, number):
    def activation_gain(f):
        z, weight = np.polynomial.hermite_e.hermegauss(100)
        return 1 / np.sqrt((weight * f(z) ** 2).sum() / weight.sum() + number)

    wrong("activation_gain", identity)(activation_gain)


_added("a_hundred_thousandth_added", 1e-5)
_added("a_millionth_added", 1e-6)
_added("a_hundred_millionth_added", 1e-8)


def _by_parts(identity, start, size):
    def symmetry_after(net, steps, x, y, learning_rate=0.5):
        net = copy.deepcopy(net)
        optimizer = torch.optim.SGD(net.parameters(), lr=learning_rate)
        for step in range(steps):
            first = start(step, len(x))
            optimizer.zero_grad()
            F.cross_entropy(net(x[first : first + size]), y[first : first + size]).backward()
            optimizer.step()
        units = torch.column_stack([net[0].weight, net[0].bias]).detach()
        different = len(torch.unique(units.round(decimals=6), dim=0))
        return different, float((units.amax(0) - units.amin(0)).max())

    wrong("symmetry_after", identity)(symmetry_after)


for _size in (8, 16, 32, 64):
    _by_parts(f"parts_of_{_size}", lambda step, n, s=_size: step * s % n, _size)
    _by_parts(f"slices_of_{_size}", lambda step, n, s=_size: (step % -(-n // s)) * s, _size)


def _fitted(identity, shift, told=float):
    @torch.no_grad()
    def lsuv(layers, batch, tol=0.05, generator=None):
        found, x = [], batch
        for layer in layers:
            if isinstance(layer, nn.Linear):
                nn.init.orthogonal_(layer.weight, generator=generator)
                nn.init.zeros_(layer.bias)
                shift(layer, x)
                while abs(layer(x).var(correction=0) - 1) > tol:
                    layer.weight /= layer(x).std(correction=0)
                found.append(told(layer(x).var(correction=0)))
            x = layer(x)
        return found

    wrong("lsuv", identity)(lsuv)


def _to_mean_zero(layer, x):
    layer.bias -= layer(x).mean()


def _to_mean_zero_where_it_is_not(layer, x):
    if abs(layer(x).mean()) > 1e-4:
        _to_mean_zero(layer, x)


_fitted("biases_moved_everywhere", _to_mean_zero)
_fitted("biases_moved", _to_mean_zero_where_it_is_not)
for _decimals, _words in ((2, "two"), (3, "three"), (4, "four")):
    _fitted(f"rounded_to_{_words}", lambda layer, x: None,
            lambda v, d=_decimals: round(float(v), d))  # fmt: skip
