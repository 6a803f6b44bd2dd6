"""A forward hook that must be removed again."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near
from course_utils.recipes.modules import hooks, seeded, weights

NOTEBOOK = "odd_kinds"


class peek(Exercise):
    """What the module called `name` puts out when the model sees x."""

    signature = "peek(model, name, x)"
    library = "torch"

    def cases(self, rng):
        for case, name in (("a layer", "1"), ("a nested layer", "2.0")):
            x = rng.normal(size=(3, 4)).astype(np.float32)
            yield Case(case, 1, x=x, name=name, seed=int(rng.integers(1e6)))

    def observe(self, code, x, name, seed):
        def build():
            inner = torch.nn.Sequential(torch.nn.Linear(6, 2), torch.nn.Tanh())
            return torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.ReLU(), inner)

        model = seeded(build, seed)
        seen = code.peek(model, name, torch.from_numpy(x))
        return {
            "activation": seen, "detached": not seen.requires_grad, "hooks": hooks(model),
            "weights": weights(model),
        }  # fmt: skip

    def read(self, seen, **inputs):
        """The weights are the seed's business; they make the answer, and are none themselves."""
        activation = np.asarray(seen["activation"])
        right = forward(seen["weights"], inputs["x"], inputs["name"])
        fits = activation.shape == right.shape and np.allclose(activation, right, 1e-4, 1e-5)
        error = 0.0 if fits else 1.0
        return {"error": error, "detached": seen["detached"], "hooks left": seen["hooks"]}

    def reference(self, x, name, seed):
        return {"error": near(0.0, rtol=0, atol=0.01), "detached": True, "hooks left": 0}

    @mistake
    def hook_left(self, right, **inputs):
        """Remove the hook when you are done: it would run at every later forward."""
        return {"hooks left": 1}

    @mistake
    def graph_kept(self, right, **inputs):
        """Detach what you keep, or the whole graph stays in memory with it."""
        return {"detached": False}


def forward(weights, x, name):
    """The output of the module called `name`, in numpy."""
    first = np.maximum(x @ weights["0.weight"].T + weights["0.bias"], 0)
    return first if name == "1" else first @ weights["2.0.weight"].T + weights["2.0.bias"]


RIGHT = '''
def peek(model, name, x):
    kept = {}
    handle = model.get_submodule(name).register_forward_hook(
        lambda module, inputs, output: kept.update(out=output.detach()))
    try:
        model(x)
    finally:
        handle.remove()
    return kept["out"]
'''
STUB = '''
def peek(model, name, x):
    raise NotImplementedError
'''
WRONG = {
    "hook_left": RIGHT.replace("handle.remove()", "pass"),
    "graph_kept": RIGHT.replace("output.detach()", "output"),
}
