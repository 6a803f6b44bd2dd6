"""A rule that carries state over three steps in a config dict."""

import torch

from autograder.exercise import Case, Exercise, mistake

NOTEBOOK = "odd_kinds"


class heavy_ball(Exercise):
    """Gradient descent with momentum."""

    signature = "heavy_ball(w, dw, config) -> next_w, config"
    modifies = ("config",)

    def cases(self, rng):
        for name, config in (
            ("from empty state", {}),
            ("rate and momentum given", {"learning_rate": 0.3, "momentum": 0.6}),
        ):
            gradients = rng.normal(size=(3, 4, 2))
            yield Case(name, 1, w=rng.normal(size=(4, 2)), gradients=gradients, config=config)

    def observe(self, code, w, gradients, config):
        path, velocities = [], []
        for gradient in gradients:
            w, config = code.heavy_ball(w, gradient, config)
            path.append(w)
            velocities.append(config.get("velocity"))
        return {"path": path, "velocity": velocities}

    def reference(self, w, gradients, config):
        rate, momentum = config.get("learning_rate", 1e-2), config.get("momentum", 0.9)
        weight = torch.tensor(w, device=self.device, requires_grad=True)
        optimizer = torch.optim.SGD([weight], lr=rate, momentum=momentum)
        path, velocities = [], []
        for gradient in gradients:
            weight.grad = torch.tensor(gradient, device=self.device)
            optimizer.step()
            path.append(weight.detach().clone())
            # torch keeps the velocity without the rate; the classic rule keeps it with it.
            velocities.append(-rate * optimizer.state[weight]["momentum_buffer"])
        return {"path": path, "velocity": velocities}

    @mistake
    def state_not_kept(self, right, w, gradients, config):
        """The velocity has to be in the config that you return, or each step starts from rest."""
        rate = config.get("learning_rate", 1e-2)
        path = []
        for gradient in gradients:
            w = w - rate * gradient
            path.append(w)
        return {"path": path, "velocity": [None] * len(path)}

    @mistake
    def rate_applied_twice(self, right, w, gradients, config):
        """The rate is in the velocity already: it does not come in again when w moves."""
        rate = config.get("learning_rate", 1e-2)
        path = []
        for velocity in right["velocity"]:
            w = w + rate * velocity
            path.append(w)
        return {"path": path}


RIGHT = '''
import numpy as np

def heavy_ball(w, dw, config):
    rate = config.setdefault("learning_rate", 1e-2)
    momentum = config.setdefault("momentum", 0.9)
    v = momentum * config.get("velocity", np.zeros_like(w)) - rate * dw
    config["velocity"] = v
    return w + v, config
'''
STUB = '''
def heavy_ball(w, dw, config):
    raise NotImplementedError
'''
WRONG = {
    "state_not_kept": RIGHT.replace('config["velocity"] = v\n', "pass\n"),
    "rate_applied_twice": RIGHT.replace("w + v", "w + rate * v"),
}
