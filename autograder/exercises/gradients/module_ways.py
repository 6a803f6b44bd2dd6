"""What nets made as a module show, for `module`: the way through, and how weights were drawn."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import mistake


def through(weights, x, dout, device="cpu", first=lambda x: x, hidden=torch.relu,
            last=lambda out: out):  # fmt: skip
    """Output and gradients of two linear layers with these weights."""
    tensors = {k: torch.tensor(v, device=device, requires_grad=True) for k, v in weights.items()}
    one, two = ((tensors[f"linear{i}.weight"], tensors.get(f"linear{i}.bias")) for i in (1, 2))
    x = first(torch.tensor(x, device=device))
    out = last(F.linear(hidden(F.linear(x, *one)), *two))
    upstream = torch.tensor(dout, device=device)
    (grad,) = torch.autograd.grad(out, tensors["linear1.weight"], upstream)
    return {"out": out.detach(), "gradient of linear1.weight": grad}


def in_place_of_relu(called, hidden):
    """The mistake of another function in the hidden layer."""

    def show(self, right, weights, x, dout, **inputs):
        return through(weights, x, dout, hidden=hidden)

    show.__doc__ = f"Your hidden layer has {called} It is to have a ReLU, max(0, z)."
    return mistake(show)


def two_faults(words, hidden, last):
    """Another function in the hidden layer, and one behind the second layer."""

    def show(self, right, weights, x, dout, **inputs):
        return through(weights, x, dout, hidden=hidden, last=last)

    show.__doc__ = (
        f"Two things: {words} The hidden layer is to have a ReLU, and the scores come out as they "
        "are."
    )
    return mistake(show)


def made_in_forward(missing, left):
    """The mistake of a layer that the net does not have once it is made."""

    def show(self, right, weights, **inputs):
        return self._half_gone(right, left)

    show.__doc__ = (
        f"Your net has no linear{missing} once it is made, so its weights are never trained. Make "
        "both layers in __init__ and as attributes: one that is made in forward is new in every "
        "call."
    )
    return mistake(show)


def drawn(values, largest, spread):
    """Whether torch may have drawn these numbers, which should be uniform in −1 … 1."""
    wide = [largest < np.abs(v).max() <= 1 + 1e-6 for v in values]
    even = [abs(3 * np.mean(v**2) - 1) < spread for v in values]
    return "torch's" if values and all(wide) and all(even) else "others"
