"""Notebook 04: what further learners, who had seen no check, wrote wrong."""

import copy

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from wrong_code import wrong


def _weights(n_in, n_out, kind, rng):
    if kind in ("zero", "constant"):
        return np.full((n_in, n_out), 0.1 if kind == "constant" else 0.0)
    both = n_in + n_out
    if kind == "xavier_uniform":
        limit = np.sqrt(6 / both)
        return rng.uniform(-limit, limit, (n_in, n_out))
    std = {"small": 0.01, "xavier_normal": np.sqrt(2 / both), "he": np.sqrt(2 / n_in)}[kind]
    return rng.normal(0, std, (n_in, n_out))


@wrong("init_weights", "root_of_the_numerator_xavier_uniform")
def init_weights(n_in, n_out, kind, rng):
    if kind != "xavier_uniform":
        return _weights(n_in, n_out, kind, rng)
    limit = np.sqrt(6) / (n_in + n_out)
    return rng.uniform(-limit, limit, (n_in, n_out))


@wrong("init_weights", "root_of_the_numerator_he")
def init_weights(n_in, n_out, kind, rng):
    if kind != "he":
        return _weights(n_in, n_out, kind, rng)
    return rng.normal(0, np.sqrt(2) / n_in, (n_in, n_out))


def _by_depth(identity, kind_of=lambda kind, activation: kind, told=lambda stds: stds[1:]):
    def std_by_depth(widths, activation, kind, rng, examples=200):
        h = rng.normal(size=(examples, widths[0]))
        stds = [h.std()]
        for n_in, n_out in zip(widths[:-1], widths[1:], strict=True):
            h = h @ _weights(n_in, n_out, kind_of(kind, activation), rng)
            h = np.tanh(h) if activation == "tanh" else np.maximum(h, 0)
            stds.append(h.std())
        return np.array(told(stds))

    wrong("std_by_depth", identity)(std_by_depth)


_by_depth("kind_by_the_activation", lambda kind, f: "he" if f == "relu" else "xavier_normal")
_by_depth("xavier_always", lambda kind, f: "xavier_normal")
_by_depth("input_for_last_layer", told=lambda stds: stds[:-1])
_by_depth("from_the_last_layer_to_the_first", told=lambda stds: stds[:0:-1])


def _symmetry(
    identity, *more, steps_of=lambda steps: steps, loss=F.cross_entropy, rate=None, count=None,
    left=lambda net: None,
):  # fmt: skip
    def symmetry_after(net, steps, x, y, learning_rate=0.5):
        mine = copy.deepcopy(net)
        for _ in range(steps_of(steps)):
            mine.zero_grad()
            loss(mine(x), y).backward()
            with torch.no_grad():
                for p in mine.parameters():
                    p -= (rate or learning_rate) * p.grad
        left(net)
        units = torch.column_stack([mine[0].weight, mine[0].bias]).detach()
        rows = count or (lambda u: len(torch.unique(u.round(decimals=6), dim=0)))
        return rows(units), float((units.amax(0) - units.amin(0)).max())

    wrong("symmetry_after", identity, *more)(symmetry_after)


_symmetry("one_step_at_least", steps_of=lambda steps: max(1, steps))
_symmetry("loss_summed_and_rate_ignored", loss=nn.CrossEntropyLoss(reduction="sum"), rate=0.5)
_symmetry(
    "compared_as_text",
    count=lambda u: len({" ".join(f"{v:.6f}" for v in row) for row in u.tolist()}),
)
_symmetry("left_in_evaluation_mode", left=lambda net: net.eval())
_symmetry("left_frozen", left=lambda net: net.requires_grad_(False))


def _report(identity, clear=lambda net: net.zero_grad(), name=lambda n: n, number=float):
    def critical_point_report(net, x, y):
        clear(net)
        F.cross_entropy(net(x), y).backward()
        return {name(n): number(p.grad.abs().max()) for n, p in net.named_parameters()}

    wrong("critical_point_report", identity)(critical_point_report)


_report("rounded_to_six", number=lambda g: round(float(g), 6))
_report("first_layer_cleared_only", clear=lambda net: net[0].zero_grad())
_report("short_names", name=lambda n: n.split(".")[-1])


def _flat(ends):
    def activation_gain(f):
        return float(np.mean(f(np.linspace(-ends, ends, 40_001)) ** 2) ** -0.5)

    return activation_gain


for identity, ends in {
    "no_density_to_four": 4.0, "no_density_to_six": 6.0, "no_density_to_eight": 8.0,
    "no_density_to_ten": 10.0,
}.items():  # fmt: skip
    wrong("activation_gain", identity)(_flat(ends))


@wrong("activation_gain", "tails_beyond_three_missing")
def activation_gain(f):
    z = np.linspace(-3, 3, 20_001)
    weights = np.exp(-(z**2) / 2)
    return float((np.sum(weights * f(z) ** 2) / np.sum(weights)) ** -0.5)


@wrong("activation_gain", "root_of_two_for_all")
def activation_gain(f):
    return float(np.sqrt(2))


def _lsuv(identity, scaled=lambda layer, linear: True, told=None):
    @torch.no_grad()
    def lsuv(layers, batch, tol=0.05, generator=None):
        linear = [m for m in layers if isinstance(m, nn.Linear)]
        x, variances = batch, []
        for layer in layers:
            if isinstance(layer, nn.Linear):
                nn.init.orthogonal_(layer.weight, generator=generator)
                nn.init.zeros_(layer.bias)
                for _ in range(20 if scaled(layer, linear) else 0):
                    variance = layer(x).var(correction=0)
                    if abs(variance - 1) <= tol:
                        break
                    layer.weight /= variance.sqrt()
                variances.append(float(layer(x).var(correction=0)))
            x = layer(x)
        return told(variances) if told else variances

    wrong("lsuv", identity)(lsuv)


_lsuv("last_not_scaled", scaled=lambda layer, linear: layer is not linear[-1])
_lsuv("first_scaled_alone", scaled=lambda layer, linear: layer is linear[0])
_lsuv("ones_returned", told=lambda variances: [1.0] * len(variances))


@wrong("symmetry_after", "softmax_twice_and_rate_ignored")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    student = copy.deepcopy(net)
    optimizer = torch.optim.SGD(student.parameters(), lr=0.5)
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(student(x).softmax(1), y).backward()
        optimizer.step()
    units = torch.cat([student[0].weight, student[0].bias[:, None]], 1).detach()
    different = len(torch.unique((units * 1e6).round(), dim=0))
    return different, float((units.max(0).values - units.min(0).values).max())


@wrong("lsuv", "never_scaled")  # in ten rounds: v, 1/v, v and so on
@torch.no_grad()
def lsuv(layers, batch, tol=0.05, generator=None):
    x, variances = batch, []
    for layer in layers:
        if isinstance(layer, nn.Linear):
            nn.init.orthogonal_(layer.weight, generator=generator)
            nn.init.zeros_(layer.bias)
            for _ in range(10):
                variance = layer(x).var(correction=0)
                if abs(variance - 1) > tol:
                    layer.weight /= variance
            variances.append(float(layer(x).var(correction=0)))
        x = layer(x)
    return variances
