"""Notebook 04: two things at once, and layers that are fitted to something else."""

import copy

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from wrong_code import wrong


def _by_depth(identity, draw, first=False, last=True, look=np.std):
    def std_by_depth(widths, activation, kind, rng, examples=200):
        deviation = {
            "small": lambda n, m: 0.01, "he": lambda n, m: (2 / n) ** 0.5,
            "xavier_normal": lambda n, m: (2 / (n + m)) ** 0.5,
            "xavier_uniform": lambda n, m: (2 / (n + m)) ** 0.5,
        }[kind]  # fmt: skip
        h = draw(rng, (examples, widths[0]))
        found = [look(h)]
        for k in range(1, len(widths)):
            n, m = widths[k - 1], widths[k]
            spread = deviation(n, m)
            if kind == "xavier_uniform":
                w = rng.uniform(-(3**0.5) * spread, 3**0.5 * spread, (n, m))
            else:
                w = spread * rng.normal(size=(n, m))
            h = h @ w
            h = np.tanh(h) if activation == "tanh" else h * (h > 0)
            found.append(look(h))
        return np.array(found[0 if first else 1 : None if last else -1])

    wrong("std_by_depth", identity)(std_by_depth)


_by_depth("uniform_input_for_last_layer", lambda rng, size: rng.random(size), True, False)
_by_depth("uniform_input_included", lambda rng, size: rng.random(size), True)
_by_depth("uniform_input_about_zero", lambda rng, size: rng.uniform(-1, 1, size))


_by_depth(
    "input_included_in_mean_squares", lambda rng, size: rng.standard_normal(size), True, look=np.var
)


def _report(identity, look, soft=True, reduction="mean"):
    def critical_point_report(net, x, y):
        scores = F.softmax(net(x), dim=-1) if soft else net(x)
        names, parameters = zip(*net.named_parameters(), strict=True)
        loss = F.cross_entropy(scores, y, reduction=reduction)
        found = torch.autograd.grad(loss, parameters)
        return {name: float(look(g)) for name, g in zip(names, found, strict=True)}

    wrong("critical_point_report", identity)(critical_point_report)


_report("softmax_twice_and_norm", torch.linalg.vector_norm)
_report("softmax_twice_and_mean_size", lambda g: g.abs().mean())
_report("softmax_twice_and_sign_kept", torch.max)
_report("softmax_twice_and_summed", lambda g: g.abs().max(), reduction="sum")
_report("norm_of_the_sum", torch.linalg.vector_norm, soft=False, reduction="sum")


@wrong("critical_point_report", "vanished_left_out_of_the_sum")
def critical_point_report(net, x, y):
    names, parameters = zip(*net.named_parameters(), strict=True)
    found = torch.autograd.grad(F.cross_entropy(net(x), y, reduction="sum"), parameters)
    sizes = {name: float(g.abs().max()) for name, g in zip(names, found, strict=True)}
    return {name: size for name, size in sizes.items() if size > 1e-9}


def _fitted(identity, factor):
    def lsuv(layers, batch, tol=0.05, generator=None):
        variances, x = [], batch.clone()
        with torch.no_grad():
            for layer in layers:
                if isinstance(layer, nn.Linear):
                    layer.weight.copy_(nn.init.orthogonal_(layer.weight, generator=generator))
                    nn.init.zeros_(layer.bias)
                    layer.weight.mul_(factor(layer, x))
                    variances.append(layer(x).var(unbiased=False).item())
                x = layer(x)
        return variances

    wrong("lsuv", identity)(lsuv)


def _on_noise(layer, x):
    noise = torch.normal(
        0.0, 1.0, (2000, layer.in_features), generator=torch.Generator().manual_seed(1)
    )
    return 1 / layer(noise.to(x.dtype)).std()


_fitted("each_unit_by_itself", lambda layer, x: 1 / layer(x).std(0, correction=0)[:, None])
_fitted("each_unit_as_torch_does", lambda layer, x: 1 / layer(x).std(0)[:, None])
_fitted("scaled_to_noise", _on_noise)


@wrong("critical_point_report", "layers_inside_left_out")
def critical_point_report(net, x, y):
    net.zero_grad()
    F.cross_entropy(net(x), y).backward()
    report = {}
    for name, layer in net.named_children():
        if isinstance(layer, nn.Linear):
            report[f"{name}.weight"] = layer.weight.grad.abs().max().item()
            report[f"{name}.bias"] = layer.bias.grad.abs().max().item()
    return report


_kept = {}


@wrong("init_weights", "kept-between-calls")
def init_weights(n_in, n_out, kind, rng):
    fans, key = n_in + n_out, (n_in, n_out, kind, id(rng))
    if key not in _kept:
        limit = (6 / fans) ** 0.5
        _kept[key] = {
            "zero": lambda: np.zeros((n_in, n_out)),
            "constant": lambda: np.full((n_in, n_out), 0.1),
            "small": lambda: rng.normal(0, 0.01, (n_in, n_out)),
            "xavier_uniform": lambda: rng.uniform(-limit, limit, (n_in, n_out)),
            "xavier_normal": lambda: rng.normal(0, (2 / fans) ** 0.5, (n_in, n_out)),
            "he": lambda: rng.normal(0, (2 / n_in) ** 0.5, (n_in, n_out)),
        }[kind]()
    return _kept[key].copy()


@wrong("critical_point_report", "tensors", "probabilities_as_logarithms")
def critical_point_report(net, x, y):
    net.zero_grad()
    F.nll_loss(torch.softmax(net(x), dim=1), y).backward()
    return {name: p.grad.abs().max() for name, p in net.named_parameters()}


def _one_ended(identity, ends):
    def init_weights(n_in, n_out, kind, rng):
        limit = np.sqrt(6 / (n_in + n_out))
        if kind == "xavier_uniform":
            return rng.uniform(*ends(limit), size=(n_in, n_out))
        if kind in ("zero", "constant"):
            return np.zeros((n_in, n_out)) + (0.1 if kind == "constant" else 0)
        spread = {"small": 0.01, "he": np.sqrt(2 / n_in), "xavier_normal": limit / np.sqrt(3)}
        return spread[kind] * rng.standard_normal((n_in, n_out))

    wrong("init_weights", identity)(init_weights)


_one_ended("upper_end_left_out_xavier_uniform", lambda limit: (-limit,))
_one_ended("lower_end_left_out_xavier_uniform", lambda limit: (limit,))


@wrong("symmetry_after", "of_rounded_numbers")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    mine = copy.deepcopy(net)
    optimizer = torch.optim.SGD(mine.parameters(), lr=learning_rate)
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(mine(x), y).backward()
        optimizer.step()
    first = mine[0]
    units = torch.cat([first.weight, first.bias[:, None]], dim=1).detach().numpy().round(6)
    return len(np.unique(units, axis=0)), np.ptp(units, axis=0).max()


def _drawn(draws, seed, *identities):
    @wrong("activation_gain", *identities)
    def activation_gain(f):
        z = np.random.default_rng(seed).normal(size=draws)
        return 1 / np.sqrt((f(z) ** 2).mean())


_drawn(
    1000, 1, "too_few_draws_of_relu", "too_few_draws_of_leaky_relu", "too_few_draws_of_tanh",
    "too_few_draws_of_square",
)  # fmt: skip
_drawn(10_000, 0, "too_few_draws_of_square")


def _biases_kept(identity, told):
    @torch.no_grad()
    def lsuv(layers, batch, tol=0.05, generator=None):
        x, variances = batch, []
        for module in layers:
            if isinstance(module, nn.Linear):
                nn.init.orthogonal_(module.weight, generator=generator)
                before = module(x).var(correction=0)
                if (before - 1).abs() > tol:
                    module.weight.div_(before**0.5)
                after = module(x).var(correction=0)
                variances.append((before if told == "before" else after).item())
            x = module(x)
        return variances

    wrong("lsuv", identity)(lsuv)


_biases_kept("biases_kept_and_scaled_once", "after")
_biases_kept("biases_kept_and_returned_too_early", "before")
