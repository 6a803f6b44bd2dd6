"""The descent of a small net, right or with a mistake of `symmetry_after`. No exercise is here."""

import numpy as np
import torch
import torch.nn.functional as F

BETWEEN = {"tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu}


def cross_entropy(parameters, x, y, activation, softmax_before=False):
    """The mean cross-entropy of a chain of affine maps; parameters are weight, bias, weight, ..."""
    h = x
    for weight, bias in zip(parameters[::2], parameters[1::2], strict=True):
        h = F.linear(h if h is x else BETWEEN[activation](h), weight, bias)
    return F.cross_entropy(h.softmax(1) if softmax_before else h, y)


def on(device, arrays):
    return [torch.tensor(np.asarray(a), device=device) for a in arrays]


def parameters_of(weights, biases):
    return [array for pair in zip(weights, biases, strict=True) for array in pair]


def trained(device, weights, biases, activation, x, y, steps, rate, accumulate=False,
            momentum=0.0, at_once=None, moving=None, weights_only=False, part_of=None,
            **loss):  # fmt: skip
    """The parameters after gradient descent, as numpy arrays; plain, and on the whole batch.

    `part_of` gives each step, by its number, a slice of the examples.
    """
    parameters = [p.requires_grad_() for p in on(device, parameters_of(weights, biases))]
    x, y = on(device, (x, y))
    batches = [*zip(x.split(at_once or len(x)), y.split(at_once or len(x)), strict=True)]
    total = [torch.zeros_like(p) for p in parameters]
    kept = 1.0 if accumulate else momentum
    if part_of:
        places = [part_of(step, len(x)) for step in range(steps)]
    batches = [(x[p], y[p]) for p in places] if part_of else batches * steps
    for part, labels in batches:
        loss_now = cross_entropy(parameters, part, labels, activation, **loss)
        now = torch.autograd.grad(loss_now, parameters)
        total = [kept * t + g for t, g in zip(total, now, strict=True)]
        moved = [p - rate * g for p, g in zip(parameters, total, strict=True)]
        stays = [(moving is not None and i >= moving) or (weights_only and i % 2)
                 for i in range(len(parameters))]  # fmt: skip
        parameters = [(p if still else m).detach().requires_grad_()
                      for p, m, still in zip(parameters, moved, stays, strict=True)]  # fmt: skip
    return [p.detach().cpu().numpy() for p in parameters]
