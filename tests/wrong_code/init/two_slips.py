"""Notebook 04: the activations exchanged and another number taken; variances of another kind that
come back too early."""

import numpy as np
import torch
from torch import nn
from wrong_code import wrong
from wrong_code.init.drawing import right_weights


@wrong("std_by_depth", "activations_swapped_and_root_mean_square")
def std_by_depth(widths, activation, kind, rng, examples=200):
    layer, found = rng.standard_normal((examples, widths[0])), []
    for n_in, n_out in zip(widths, widths[1:], strict=False):
        z = layer @ right_weights(n_in, n_out, kind, rng)
        layer = np.tanh(z) if activation == "relu" else z.clip(0)
        found.append(np.linalg.norm(layer) / layer.size**0.5)
    return np.asarray(found)


@wrong("lsuv", "returned_too_early_and_unbiased")
def lsuv(layers, batch, tol=0.05, generator=None):
    x, told = batch, []
    with torch.no_grad():
        for module in layers:
            if isinstance(module, nn.Linear):
                nn.init.orthogonal_(module.weight, generator=generator)
                module.bias.fill_(0)
                variance = torch.var(module(x)).item()
                if not 1 - tol <= variance <= 1 + tol:
                    module.weight.mul_(variance**-0.5)
                told.append(variance)
            x = module(x)
    return told
