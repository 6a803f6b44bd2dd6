"""Exercises of notebook 07: plain SGD, momentum and Nesterov's momentum.

What all rules share is in `rules`; those that give each weight a rate of its own in `adaptive`.
"""

import numpy as np
import torch

from autograder.exercise import mistake
from autograder.exercises.optimizers.rules import (
    Rule,
    WithState,
    in_config,
    settings,
    zero_ignored,
)

# In place of a 0 that torch's buffer cannot do with: v = −ε·b, and without a momentum no b.
TINY = 1e-30


class sgd(Rule):
    """Stochastic gradient descent, the plain one."""

    signature = "sgd(w, dw, config) -> next_w, config"
    minutes = 3
    hints = (
        "Which way does the loss fall?",
        "Return a new array: the caller may still need the old weights. `-=` writes into them.",
    )
    defaults = {"learning_rate": 1e-2}
    own = {"learning_rate": 0.3}
    settings = settings(defaults, learning_rate=(1e-3, 0.1))

    def optimizer(self, parameters, config):
        return torch.optim.SGD(parameters, lr=config["learning_rate"])

    @mistake
    def returns_the_change(self, right, **inputs):
        """You return the change alone. The first return value is the next w."""
        return self.imitate(lambda w, g, c: -c["learning_rate"] * g, **inputs)

    @mistake
    def rate_squared(self, right, **inputs):
        """The learning rate comes in twice. The step is the rate times the gradient, once."""
        return self.imitate(lambda w, g, c: w - c["learning_rate"] ** 2 * g, **inputs)

    @mistake
    def sign_only(self, right, **inputs):
        """Every weight moves by the same amount. A step of SGD is as long as its gradient is."""
        return self.imitate(lambda w, g, c: w - c["learning_rate"] * np.sign(g), **inputs)

    @mistake
    def unit_length(self, right, **inputs):
        """You divide the gradient by its length, so that every step is as long as the rate. A step
        of SGD is as long as its gradient is, times the rate."""
        return self.imitate(
            lambda w, g, c: w - c["learning_rate"] * g / np.linalg.norm(g), **inputs
        )


class Momentum(WithState, abstract=True):
    """What the two rules with a velocity share: torch's buffer b, where v = −ε·b."""

    defaults = {"learning_rate": 1e-2, "momentum": 0.9}
    own = {"learning_rate": 0.3, "momentum": 0.5}
    settings = settings(defaults, learning_rate=(1e-3, 0.1), momentum=(0.99, 0.5))
    state = ("velocity",)
    reads = in_config("velocity")
    nesterov = False

    def optimizer(self, parameters, config):
        return torch.optim.SGD(
            parameters, lr=self.rate(config), momentum=config["momentum"] or TINY,
            nesterov=self.nesterov,
        )  # fmt: skip

    def rate(self, config):
        return config["learning_rate"] or TINY

    def to_torch(self, config):
        if "velocity" not in config:
            return {}
        return {"momentum_buffer": torch.tensor(-config["velocity"] / self.rate(config))}

    def from_torch(self, held, config):
        buffer = held["momentum_buffer"].cpu().numpy()
        return {"velocity": (-self.rate(config) * buffer).astype(buffer.dtype)}

    def ahead(self, w, step, v, config):
        """Where w goes: along v, or for Nesterov along the step and the velocity after it."""
        return w + step + config["momentum"] * v if self.nesterov else w + v

    @mistake
    def torch_convention(self, right, **inputs):
        """That is torch's convention: its buffer sums the gradients and the rate comes afterwards.
        Here the rate is inside the velocity, v = αv − ε·g. The two part when the rate changes."""

        def update(w, g, c):
            b = c["velocity"] = c["momentum"] * c["velocity"] + g
            return self.ahead(w, -c["learning_rate"] * g, -c["learning_rate"] * b, c)

        return self.imitate(update, **inputs)

    momentum_of_zero_ignored = zero_ignored("momentum")

    @mistake
    def rate_outside_the_velocity(self, right, **inputs):
        """The rate is missing from your velocity and comes in where w moves. It belongs into the
        velocity, v = αv − ε·g: else a velocity that is kept is another one, and old gradients take
        on the new rate when it changes."""

        def update(w, g, c):
            v = c["velocity"] = c["momentum"] * c["velocity"] - g
            return self.ahead(w, -c["learning_rate"] * g, c["learning_rate"] * v, c)

        return self.imitate(update, **inputs)

    @mistake
    def velocity_overwritten(self, right, **inputs):
        """What stands in config as "velocity" is the new w, as when `v += w` changes the array that
        is stored already. The velocity stays there; w + v is a new array."""

        def update(w, g, c):
            v = c["momentum"] * c["velocity"] - c["learning_rate"] * g
            c["velocity"] = self.ahead(w, -c["learning_rate"] * g, v, c)
            return c["velocity"]

        return self.imitate(update, **inputs)

    @mistake
    def velocity_fades_on_the_way(self, right, **inputs):
        """w moves by α times the new velocity only. α has done its work when the velocity was
        made."""

        def update(w, g, c):
            v = c["velocity"] = c["momentum"] * c["velocity"] - c["learning_rate"] * g
            return w + c["momentum"] * v

        return self.imitate(update, **inputs)

    @mistake
    def averaged(self, right, **inputs):
        """You weigh the new step by 1 − α, as an average does. Momentum adds it whole: with
        gradients that agree, the velocity grows to 1/(1 − α) single steps."""

        def update(w, g, c):
            step = -(1 - c["momentum"]) * c["learning_rate"] * g
            v = c["velocity"] = c["momentum"] * c["velocity"] + step
            return self.ahead(w, step, v, c)

        return self.imitate(update, **inputs)

    @mistake
    def velocity_points_uphill(self, right, **inputs):
        """Your velocity has the other sign. The docstring's v is what is added to w, so the
        gradient enters it with a minus; a config that another program saved would go wrong."""

        def update(w, g, c):
            v = c["velocity"] = c["momentum"] * c["velocity"] + c["learning_rate"] * g
            return self.ahead(w, -c["learning_rate"] * g, -v, c)

        return self.imitate(update, **inputs)

    @mistake
    def subtracts_the_velocity(self, right, **inputs):
        """You subtract the velocity from w. Its minus is inside v already, so w moves with it."""

        def update(w, g, c):
            step = -c["learning_rate"] * g
            v = c["velocity"] = c["momentum"] * c["velocity"] + step
            return self.ahead(w, -step, -v, c)

        return self.imitate(update, **inputs)

    def moved(self, change, inputs):
        """The rule with another velocity: `change(v, g, config)` is the new one."""

        def update(w, g, c):
            v = c["velocity"] = change(c["velocity"], g, c)
            return self.ahead(w, -c["learning_rate"] * g, v, c)

        return self.imitate(update, **inputs)

    @mistake
    def gradient_fades_too(self, right, **inputs):
        """Your α multiplies the new step as well as the old velocity. Only the old velocity fades;
        the step, ε times the gradient, enters whole."""
        return self.moved(lambda v, g, c: c["momentum"] * (v - c["learning_rate"] * g), inputs)

    @mistake
    def velocity_never_fades(self, right, **inputs):
        """Your velocity keeps all of the old one: α is missing from it, so nothing ever slows
        down."""
        return self.moved(lambda v, g, c: v - c["learning_rate"] * g, inputs)

    @mistake
    def shares_swapped(self, right, **inputs):
        """You keep 1 − α of the old velocity. α itself is the share of it that is kept."""
        return self.moved(lambda v, g, c: (1 - c["momentum"]) * v - c["learning_rate"] * g, inputs)

    @mistake
    def rate_taken_twice(self, right, **inputs):
        """The rate comes in twice: once in the velocity, and again where w moves. It is inside v,
        and w moves by v whole."""

        def update(w, g, c):
            v = c["velocity"] = c["momentum"] * c["velocity"] - c["learning_rate"] * g
            ahead = self.ahead(w, -c["learning_rate"] * g, v, c)
            return w + c["learning_rate"] * (ahead - w)

        return self.imitate(update, **inputs)

    @mistake
    def returns_the_velocity(self, right, **inputs):
        """You return the change alone. The first return value is the next w."""

        def update(w, g, c):
            v = c["velocity"] = c["momentum"] * c["velocity"] - c["learning_rate"] * g
            return self.ahead(np.zeros_like(w), -c["learning_rate"] * g, v, c)

        return self.imitate(update, **inputs)


class sgd_momentum(Momentum):
    """Gradient descent with momentum (Polyak 1964)."""

    signature = "sgd_momentum(w, dw, config) -> next_w, config"
    minutes = 8
    difficulty = 2
    hints = (
        "Two lines: first the velocity from the old velocity and the gradient, then w from it.",
        "The rate belongs to the gradient's share of the velocity. Before the first step the "
        "velocity is zero, in the shape and the dtype of w.",
    )

    @mistake
    def old_velocity(self, right, **inputs):
        """You move with the velocity from before this step, so the gradient has its effect one
        step late. First the velocity, then w."""

        def update(w, g, c):
            before = c["velocity"]
            c["velocity"] = c["momentum"] * before - c["learning_rate"] * g
            return w + before

        return self.imitate(update, **inputs)

    @mistake
    def is_nesterov(self, right, **inputs):
        """That is Nesterov's step, which looks ahead along the velocity. Plain momentum moves by
        the velocity itself."""

        def update(w, g, c):
            v = c["velocity"] = c["momentum"] * c["velocity"] - c["learning_rate"] * g
            return w - c["learning_rate"] * g + c["momentum"] * v

        return self.imitate(update, **inputs)


class nesterov(Momentum):
    """Nesterov's accelerated gradient, in the variable at which the gradient is taken."""

    signature = "nesterov(w, dw, config) -> next_w, config"
    minutes = 8
    difficulty = 3
    extra = True
    nesterov = True
    hints = (
        "The velocity is the same as with momentum. What differs is where w ends up.",
        "w stands ahead already, at θ + α·(old v). Go back to θ, move by the new v, and look "
        "ahead again with it: three terms.",
    )

    @mistake
    def plain_momentum(self, right, **inputs):
        """That is plain momentum. With Nesterov w is the point ahead, so it moves by the new
        velocity and by how far the look ahead has changed."""

        def update(w, g, c):
            v = c["velocity"] = c["momentum"] * c["velocity"] - c["learning_rate"] * g
            return w + v

        return self.imitate(update, **inputs)

    @mistake
    def old_look_ahead_kept(self, right, **inputs):
        """You add a look ahead at each step and never take the previous one back, so they pile
        up."""

        def update(w, g, c):
            v = c["velocity"] = c["momentum"] * c["velocity"] - c["learning_rate"] * g
            return w + (1 + c["momentum"]) * v

        return self.imitate(update, **inputs)

    @mistake
    def velocity_fades_on_the_way(self, right, **inputs):
        """Your w moves by α times the new velocity alone: the step of this gradient is missing.
        Going back by the old look ahead and on by the new velocity leaves one over."""

        def update(w, g, c):
            v = c["velocity"] = c["momentum"] * c["velocity"] - c["learning_rate"] * g
            return w + c["momentum"] * v

        return self.imitate(update, **inputs)

    def from_the_place(self, before, after, inputs):
        """The rule with other shares of the old and the new velocity in the way that w goes."""

        def update(w, g, c):
            old = c["velocity"]
            v = c["velocity"] = c["momentum"] * old - c["learning_rate"] * g
            return w + before(c["momentum"]) * old + after(c["momentum"]) * v

        return self.imitate(update, **inputs)

    @mistake
    def no_new_look_ahead(self, right, **inputs):
        """You go back to θ and move by the new velocity, and stop there. What is asked for is the
        next place ahead: one more look ahead, by α times the new velocity."""
        return self.from_the_place(lambda a: -a, lambda a: 1, inputs)

    @mistake
    def whole_velocity_taken_back(self, right, **inputs):
        """You take the old velocity back whole. Only α times it was looked ahead."""
        return self.from_the_place(lambda a: -1, lambda a: 1 + a, inputs)

    @mistake
    def old_and_new_exchanged(self, right, **inputs):
        """The old and the new velocity have changed places where w moves: the old look ahead is
        taken back, and the new velocity and its look ahead are added."""
        return self.from_the_place(lambda a: 1 + a, lambda a: -a, inputs)

    @mistake
    def look_ahead_stored(self, right, **inputs):
        """You store α times the new velocity. The "velocity" in config is v itself, as in
        sgd_momentum."""

        def update(w, g, c):
            step = -c["learning_rate"] * g
            c["velocity"] = c["momentum"] * (c["momentum"] * c["velocity"] + step)
            return w + step + c["velocity"]

        return self.imitate(update, **inputs)

    @mistake
    def old_look_ahead_added(self, right, **inputs):
        """The previous look ahead has the wrong sign: it is to be taken back."""

        def update(w, g, c):
            before = c["velocity"]
            v = c["velocity"] = c["momentum"] * before - c["learning_rate"] * g
            return w + c["momentum"] * before + (1 + c["momentum"]) * v

        return self.imitate(update, **inputs)
