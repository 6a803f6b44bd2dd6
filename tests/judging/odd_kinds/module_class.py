"""An nn.Module class: built with given weights, its forward compared with torch's own operators."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake

NOTEBOOK = "odd_kinds"


class TinyNet(Exercise):
    """Two linear layers with a ReLU between them."""

    signature = "TinyNet(d_in, hidden, d_out)"
    library = "torch"
    uses_global_random = True  # torch draws a layer's first weights from its global generator

    def cases(self, rng):
        for name, sizes, n in (("a batch", (5, 4, 3), 6), ("one example", (2, 7, 4), 1)):
            d_in, hidden, d_out = sizes
            shapes = [(hidden, d_in), (hidden,), (d_out, hidden), (d_out,)]
            weights = [rng.normal(size=shape).astype(np.float32) for shape in shapes]
            x = rng.normal(size=(n, d_in)).astype(np.float32)
            yield Case(name, 1, x=x, weights=weights, sizes=list(sizes))

    def observe(self, code, x, weights, sizes):
        model = code.TinyNet(*sizes)
        parameters = list(model.parameters())
        shapes = [list(p.shape) for p in parameters]
        with torch.no_grad():
            for parameter, value in zip(parameters, weights, strict=False):
                if parameter.shape == value.shape:
                    parameter.copy_(torch.from_numpy(value))
        out = model(torch.from_numpy(x))
        return {"out": out, "shapes": shapes, "graph": out.requires_grad}

    def reference(self, x, weights, sizes):
        x, w1, b1, w2, b2 = (torch.tensor(a, device=self.device) for a in (x, *weights))
        out = F.linear(F.relu(F.linear(x, w1, b1)), w2, b2)
        return {"out": out, "shapes": [list(w.shape) for w in weights], "graph": True}

    @mistake
    def relu_on_the_output(self, right, **inputs):
        """The last layer gives scores, which may be negative: no ReLU after it."""
        return {"out": np.maximum(right["out"], 0)}

    @mistake
    def detached(self, right, **inputs):
        """Nothing can learn through a value that has left the graph (detach, numpy, no_grad)."""
        return {"graph": False}


RIGHT = '''
import torch

class TinyNet(torch.nn.Module):
    def __init__(self, d_in, hidden, d_out):
        super().__init__()
        self.first = torch.nn.Linear(d_in, hidden)
        self.second = torch.nn.Linear(hidden, d_out)

    def forward(self, x):
        return self.second(torch.relu(self.first(x)))
'''
STUB = '''
import torch

class TinyNet(torch.nn.Module):
    def __init__(self, d_in, hidden, d_out):
        raise NotImplementedError
'''
WRONG = {
    "relu_on_the_output": RIGHT.replace(
        "return self.second(torch.relu(self.first(x)))",
        "return torch.relu(self.second(torch.relu(self.first(x))))",
    ),
    "detached": RIGHT.replace("(self.first(x)))", "(self.first(x))).detach()"),
}
