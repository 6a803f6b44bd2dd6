"""Notebook 04: gains and weights fitted to a batch as people get them wrong."""

import copy

import numpy as np
import torch
from torch import nn
from wrong_code import wrong

GRID = np.linspace(-10, 10, 20_001)
ROOT = (2 * np.pi) ** 0.5


def gain(ends=10.0, density=lambda z: np.exp(-(z**2) / 2), total=ROOT,
         look=lambda y: y**2, end=lambda mean: mean**-0.5, first=None):  # fmt: skip
    """activation_gain with one thing changed."""

    def activation_gain(f):
        z = np.linspace(-ends if first is None else first, ends, 40_001)
        step = z[1] - z[0]
        return end(float(np.sum(look(f(z)) * density(z)) * step / total))

    return activation_gain


def flat(ends):
    return gain(ends, density=np.ones_like, total=2 * ends)


for identity, code in {
    "mean_size": gain(look=np.abs, end=lambda mean: 1 / mean),
    "squared_too_late": gain(
        look=lambda y: y, end=lambda mean: 1 / abs(mean) if abs(mean) > 1e-9 else np.inf
    ),
    "variance_of_a_half": gain(density=lambda z: np.exp(-(z**2)), total=np.sqrt(np.pi)),
    "variance_of_two": gain(density=lambda z: np.exp(-(z**2) / 4), total=np.sqrt(4 * np.pi)),
    "density_without_its_factor": gain(total=1.0),
    "density_without_its_factor_and_no_root": gain(total=1.0, end=lambda mean: 1 / mean),
    "no_density": flat(3.0),
    "no_density_to_five": flat(5.0),
    "no_density_to_one": flat(1.0),
    "tails_missing": gain(2.5),
    "tails_beyond_two_missing": gain(2.0),
    "tails_beyond_three_missing": gain(3.0),
    "one_side_twice": gain(first=0.0, total=ROOT / 2),
    "half_the_line": gain(first=0.0),
}.items():  # fmt: skip
    wrong("activation_gain", identity)(code)


@wrong("activation_gain", "hermite_weights_without_their_factor")
def activation_gain(f):
    nodes, weights = np.polynomial.hermite.hermgauss(150)
    return float(np.sum(weights * f(np.sqrt(2) * nodes) ** 2) ** -0.5)


@wrong("activation_gain", "single_numbers")
def activation_gain(f):
    mean = sum(f(float(z)) ** 2 * np.exp(-(z**2) / 2) for z in GRID[::10]) * 0.01
    return (mean / ROOT) ** -0.5


@wrong("activation_gain", "mean_of_reciprocals")
def activation_gain(f):
    z = GRID + 0.0003
    weights = np.exp(-(z**2) / 2)
    with np.errstate(divide="ignore"):
        sizes = 1 / np.abs(f(z))
    if not np.isfinite(sizes).all():
        return float("inf")
    return float(np.sum(weights * f(z) ** 2) / np.sum(weights)) ** -0.5


def biased(z):
    return float(z.var(correction=0))


def fitted(
    var=biased, far=lambda v, tol: abs(v - 1) > tol, power=-0.5, start=None, zero=True,
    feed=lambda x, out, layer: layer(x), between=lambda x, layer: layer(x), skip=(),
    first=lambda x: x.clone(), told=lambda before, now: now, end=lambda found, layers: found,
    made=lambda layers: layers, behind=False, others=False,
):  # fmt: skip
    """lsuv with one thing changed."""

    @torch.no_grad()
    def lsuv(layers, batch, tol=0.05, generator=None):
        x, found = first(batch), []
        layers = made(list(layers))
        linear = [layer for layer in layers if isinstance(layer, nn.Linear)]
        for place, layer in enumerate(layers):
            if not isinstance(layer, nn.Linear):
                x = between(x, layer)
                if others:
                    found.append(biased(x))
                continue
            if linear.index(layer) in [number % len(linear) for number in skip]:
                x = layer(x)
                continue
            if start:
                start(layer, generator)
            else:
                nn.init.orthogonal_(layer.weight, generator=generator)
            if zero:
                layer.bias.zero_()
            look = nn.Sequential(*layers[place : place + (2 if behind else 1)])
            out = layer(x)
            before = v = float(var(look(x)))
            for _ in range(20):
                if not power or not far(v, tol):
                    break
                layer.weight *= v**power
                v = float(var(look(x)))
                if power == -1:
                    break
            found.append(told(before, v))
            x = feed(x, out, layer)
        return end(found, linear)

    return lsuv


def frozen(found, layers):
    for layer in layers:
        layer.weight.requires_grad_(False)
    return found


def nothing(found, layers):
    """Forgets to return."""


def centred_in_place(x):
    x -= x.mean(0)
    return x


def touched(x):
    copied = x.clone()
    x *= 0.5
    return copied


def normal(layer, generator):
    nn.init.normal_(layer.weight, generator=generator)


def always_the_same(layer, generator):
    nn.init.orthogonal_(layer.weight, generator=torch.Generator().manual_seed(0))


for identity, how in {
    "unbiased_variance_within_tol": {"var": lambda z: z.var()},
    "mean_square_for_variance": {"var": lambda z: z.square().mean()},
    "unit_by_unit": {"var": lambda z: z.var(0, correction=0).mean()},
    "example_by_example": {"var": lambda z: z.var(1, correction=0).mean()},
    "never_scaled": {"power": 0},
    "tol_not_read": {"far": lambda v, tol: abs(v - 1) > 0.1},
    "default_tol_always": {"far": lambda v, tol: abs(v - 1) > 0.05},
    "another_default": {"far": lambda v, tol: abs(v - 1) > (0.1 if tol == 0.05 else tol)},
    "tol_of_the_deviation": {"far": lambda v, tol: abs(v**0.5 - 1) > tol},
    "too_small_left": {"far": lambda v, tol: v > 1 + tol},
    "too_large_left": {"far": lambda v, tol: v < 1 - tol},
    "all_at_once_unbiased": {"feed": lambda x, out, layer: out, "var": lambda z: z.var()},
    "measured_after_the_activation": {"behind": True},
    "activations_skipped": {"between": lambda x, layer: x},
    "straight_into_the_next": {
        "between": lambda x, layer: x, "far": lambda v, tol: abs(v - 1) > 1e-9,
    },
    "small_steps_to_the_default": {"far": lambda v, tol: abs(v - 1) > 0.05, "power": -0.25},
    "small_steps_to_a_tenth": {"far": lambda v, tol: abs(v - 1) > 0.1, "power": -0.25},
    "relu_taken_for_granted": {"between": lambda x, layer: x.relu()},
    "batch_standardised": {"first": lambda x: (x - x.mean(0)) / x.std(0, correction=0)},
    "batch_standardised_as_torch_does": {"first": lambda x: (x - x.mean(0)) / x.std(0)},
    "batch_centred": {"first": lambda x: x - x.mean(0)},
    "batch_centred_in_place": {"first": centred_in_place},
    "batch_changed": {"first": touched},
    "last_left_out": {"skip": [-1]},
    "copies_changed": {"made": copy.deepcopy},
    "returned_too_early": {"told": lambda before, now: before},
    "deviations_returned": {"told": lambda before, now: now**0.5},
    "one_for_each_module": {"others": True},
    "tensors": {"told": lambda before, now: torch.tensor(now)},
    "returns_nothing": {"end": nothing},
    "own_weights_scaled": {"start": lambda layer, generator: None},
    "biases_kept": {"zero": False},
    "biases_kept_and_unit_by_unit": {
        "zero": False, "var": lambda z: z.var(0, correction=0).mean(),
    },
    "generator_ignored": {"start": always_the_same},
    "frozen": {"end": frozen},
    "not_orthogonal": {"start": normal},
}.items():  # fmt: skip
    wrong("lsuv", identity)(fitted(**how))


@wrong("lsuv", "first_alone")
def lsuv(layers, batch, tol=0.05, generator=None):
    for layer in layers:
        if isinstance(layer, nn.Linear):
            return fitted()([layer], batch, tol, generator)


@wrong("lsuv", "same_batch_for_all")
def lsuv(layers, batch, tol=0.05, generator=None):
    linear = [layer for layer in layers if isinstance(layer, nn.Linear)]
    return [fitted()([layer], batch, tol, generator)[0] for layer in linear]


@wrong("lsuv", "each_fed_with_the_batch")
def lsuv(layers, batch, tol=0.05, generator=None):
    linear = [layer for layer in layers if isinstance(layer, nn.Linear)]
    exact = fitted(far=lambda v, tol: abs(v - 1) > 1e-9)
    return [exact([layer], batch, tol, generator)[0] for layer in linear]
