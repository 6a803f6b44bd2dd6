"""A torch.autograd.Function: its forward beside torch's own, its backward beside autograd's."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near

NOTEBOOK = "odd_kinds"


class SwishByHand(Exercise):
    """x·σ(x) with a backward written by hand."""

    signature = "SwishByHand"
    library = "torch"

    def cases(self, rng):
        yield Case("small values", 1, x=rng.normal(size=(3, 5)), dout=rng.normal(size=(3, 5)))
        yield Case("large values", 1, x=30 * rng.normal(size=7), dout=rng.normal(size=7))

    def observe(self, code, x, dout):
        leaf = torch.from_numpy(x).requires_grad_()
        out = code.SwishByHand.apply(leaf)
        out.backward(torch.from_numpy(dout))
        return {"out": out, "gradient": leaf.grad}

    def reference(self, x, dout):
        leaf = torch.tensor(x, device=self.device, requires_grad=True)
        out = torch.nn.functional.silu(leaf)
        out.backward(torch.tensor(dout, device=self.device))
        return {"out": out, "gradient": near(leaf.grad, rtol=1e-6, atol=1e-9)}

    @mistake
    def dout_ignored(self, right, x, dout):
        """Backward multiplies its own derivative by the gradient that arrives."""
        return {"gradient": right["gradient"] / dout}

    @mistake
    def sigmoid_held_constant(self, right, x, dout):
        """σ(x) depends on x as well: the product rule has a second term."""
        return {"gradient": dout * (right["out"] / np.where(x == 0, 1, x))}


RIGHT = '''
import torch

class SwishByHand(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, dout):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return dout * (s + x * s * (1 - s))
'''
STUB = '''
import torch

class SwishByHand(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        raise NotImplementedError

    @staticmethod
    def backward(ctx, dout):
        raise NotImplementedError
'''
WRONG = {
    "dout_ignored": RIGHT.replace("dout * (", "("),
    "sigmoid_held_constant": RIGHT.replace("s + x * s * (1 - s)", "s"),
}
