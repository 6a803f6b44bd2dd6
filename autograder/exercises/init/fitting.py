"""LSUV with one thing changed, as code of which the exercise `lsuv` says what it shows. What is
right there is told by its properties. No exercise lives here."""

import torch
from torch import nn

from course_utils.recipes.chains import chain


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


@torch.no_grad()
def fitted(
    weights, biases, activation, batch, tol, seed, *, start=orthogonal, zero_biases=True,
    var=biased, far=lambda v, tol: abs(v - 1) > tol, power=-0.5, carry="scaled", report="after",
    layers="all", scaled="all", behind=False, first=lambda x: x, in_pairs=False,
):  # fmt: skip
    """The net and what is returned, with one thing changed.

    `carry` is what the next layer gets: "scaled", "unscaled", "the batch", "without activations"
    or "relu"; `layers` which nn.Linear are fitted: "all", "all but the last", "the first"; `scaled`
    which of those are scaled.
    """
    net = chain(weights, biases, activation)
    generator = torch.Generator().manual_seed(seed)
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
            passed = modules[place : place + (2 if behind else 1)]
            look = nn.Sequential(*passed)
            fed = raw if carry == "the batch" else x
            out, found = layer(fed), float(var(look(fed)))
            if power and any(layer is one for one in some[scaled]):
                for _ in range(20):
                    v = float(var(look(fed)))
                    if not far(v, tol):
                        break
                    layer.weight *= v**power
                    if power == -1.0:
                        break
            now = float(var(look(fed)))
            instead = {"before": found, "root": now**0.5, "copies": 1.0}
            returned.append(instead.get(report, now))
            x = out if carry == "unscaled" else layer(fed)
        else:
            x = layer(x)
    return net, returned
