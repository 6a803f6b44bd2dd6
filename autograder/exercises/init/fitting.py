"""LSUV with one thing changed, as code of which the exercise `lsuv` says what it shows. What is
right there is told by its properties. No exercise lives here."""

import numpy as np
import torch
from torch import nn

from course_utils.recipes.nets import chain


def biased(z):
    return z.var(correction=0)


def unbiased(z):
    return z.var()


def mean_square(z):
    return z.square().mean()


def per_unit(z):
    return z.var(0, correction=0).mean()


def per_example(z):
    return z.var(1, correction=0).mean()


def orthogonal(layer, generator):
    nn.init.orthogonal_(layer.weight, generator=generator)


def normal(layer, generator):
    nn.init.kaiming_normal_(layer.weight, generator=generator)


def kept(layer, generator):
    """The weights that were there."""


ZERO, OF_BEFORE, OTHERS = "0", "those of before", "other numbers"


def shifts(found, given):
    """What biases are after all."""
    if not any(np.any(b) for b in found):
        return ZERO
    # Where some layers are left out, their biases are those of before.
    kept = all(np.array_equal(b, start) for b, start in zip(found, given, strict=True) if b.any())
    return OF_BEFORE if kept else OTHERS


NEEDED, DRAWN = "the batch needs them", "they were drawn"
NOISE = "noise from N(0, 1) would need them"


def lengths(weights, variances, tol):
    """What orthogonal weights are as large as, by the one length of their rows or columns.

    Drawn it is 1. Noise keeps its variance then, but where there are more units than inputs it
    has to be longer. Measured on a few hundred numbers of noise a length is off by 5 %. A first
    layer that is exactly as the batch needs it was not fitted to noise.
    """
    if np.allclose(variances, 1, 0, tol):
        return NEEDED
    found = [np.linalg.norm(W, axis=0 if len(W) > W.shape[1] else 1) for W in weights]
    if all(np.allclose(length, 1, 0, 1e-5) for length in found):
        return DRAWN
    noise = [max(1.0, len(W) / W.shape[1]) ** 0.5 for W in weights]
    alike = all(np.allclose(a, a[0], 1e-4) for a in found)
    near = all(abs(np.log(a[0] / b)) < 0.25 for a, b in zip(found, noise, strict=True))
    far = np.abs(np.log(np.maximum(variances, 1e-12))).max() > np.log(2)
    fitted_to_it = abs(variances[0] - 1) < 1e-6
    return NOISE if alike and near and far and not fitted_to_it else NEEDED


@torch.no_grad()
def fitted(
    weights, biases, activation, batch, tol, seed, *, start=orthogonal, zero_biases=True,
    var=biased, far=lambda v, tol: abs(v - 1) > tol, power=-0.5, carry="scaled", report="after",
    layers="all", scaled="all", behind=False, first=lambda x: x, in_pairs=False, by_unit=None,
    rounds=20, centred=False,
):  # fmt: skip
    """The net and what is returned, with one thing changed.

    `carry` is what the next layer gets: "scaled", "unscaled", "the batch", "without activations",
    "relu" or, to measure it, "noise"; `layers` which nn.Linear are fitted: "all", "all but the
    last", "the first"; `scaled` which of those are scaled, `rounds` times at most; `by_unit` gives
    each unit a factor; `centred` shifts what comes out to mean 0.
    """
    net = chain(weights, biases, activation)
    generator, draw = (torch.Generator().manual_seed(s) for s in (seed, seed + 2))
    x = first(torch.tensor(batch))
    raw, returned, modules = x, [], list(net)
    linear = [m for m in modules if isinstance(m, nn.Linear)]
    some = {"all": linear, "all but the last": linear[:-1], "the first": linear[:1]}
    chosen = some[layers]
    for place, layer in enumerate(modules):
        if not isinstance(layer, nn.Linear):
            if carry == "relu":
                x = x.relu()
            elif carry != "without activations":
                x = layer(x)
            if in_pairs:
                returned.append(float(biased(x)))
            continue
        if any(layer is one for one in chosen):
            start(layer, generator)
            if zero_biases:
                layer.bias.zero_()
            if centred:
                layer.bias -= layer(x).mean()
            passed = modules[place : place + (2 if behind else 1)]
            look = nn.Sequential(*passed)
            fed = raw if carry == "the batch" else x
            if carry == "noise":
                fed = torch.randn(4000, layer.in_features, generator=draw, dtype=x.dtype)
            out, found = layer(fed), float(var(look(fed)))
            if by_unit:
                layer.weight *= by_unit(look(fed))[:, None]
            elif power and any(layer is one for one in some[scaled]):
                for _ in range(rounds):
                    v = float(var(look(fed)))
                    if not far(v, tol):
                        break
                    layer.weight *= v**power
                    if power == -1.0:
                        break
            now = float(var(look(fed)))
            instead = {"before": found, "root": now**0.5, "copies": 1.0}
            returned.append(instead.get(report, now))
            x = out if carry == "unscaled" else layer(x if carry == "noise" else fed)
        else:
            x = layer(x)
    return net, returned
