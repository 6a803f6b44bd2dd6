"""Exercises of notebook 07: plain SGD, momentum and Nesterov's momentum.

What all rules share is in `rules`, what those with a velocity share in `velocity`; those that give
each weight a rate of its own are in `adaptive`.
"""

import numpy as np
import torch

from autograder.exercise import mistake
from autograder.exercises.optimizers.rules import (
    ENTRIES,
    ROWS,
    Rule,
    clipped_in_length,
    settings,
)
from autograder.exercises.optimizers.velocity import Momentum


class sgd(Rule):
    """Stochastic gradient descent, the plain one."""

    signature = "sgd(w, dw, config) -> next_w, config"
    growth = {"w": 1, "dw": 1}, {"w after step 1": 1, "w after step 3": 1}
    minutes = 3
    hints = (
        "Which way does the loss fall?",
        "Return a new array: the caller may still need the old weights. `-=` writes into them.",
    )
    defaults = {"learning_rate": 1e-2}
    own = {"learning_rate": 0.3}
    one_entry = {"momentum": 0.9}  # as of another rule
    settings = settings(defaults, learning_rate=(1e-3, 0.1))
    divided_by_the_rows, divided_by_the_entries = ROWS, ENTRIES
    clipped_in_length = clipped_in_length

    def optimizer(self, parameters, config):
        return torch.optim.SGD(parameters, lr=config["learning_rate"])

    @mistake
    def returns_the_change(self, right, **inputs):
        """You return the change alone. The first return value is the next w."""
        return self.imitate(lambda w, g, c: -c["learning_rate"] * g, **inputs)

    @mistake
    def no_step_without_a_rate(self, right, **inputs):
        """Where config has no "learning_rate" your w stays where it was. The rate has a default
        then, 1e-2, with which w moves."""
        if "learning_rate" not in inputs["config"]:
            return self.imitate(lambda w, g, c: w, **inputs)

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


class sgd_momentum(Momentum):
    """Gradient descent with momentum (Polyak 1964)."""

    signature = "sgd_momentum(w, dw, config) -> next_w, config"
    growth = {"w": 1, "dw": 1}, {"w after step 1": 1, "w after step 3": 1, "velocity": 1}
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
    growth = {"w": 1, "dw": 1}, {"w after step 1": 1, "w after step 3": 1, "velocity": 1}
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
        """What comes out is plain momentum. With Nesterov w is the point ahead, so it moves by the
        new velocity and by how far the look ahead has changed. Where your formula says so: an old
        velocity that is a second name for the array is new, too, once `v *= ...` has changed it."""

        def update(w, g, c):
            v = c["velocity"] = c["momentum"] * c["velocity"] - c["learning_rate"] * g
            return w + v

        return self.imitate(update, **inputs)

    @mistake
    def momentum_by_the_last_count(self, right, **inputs):
        """Your result is the same whatever "momentum" config gives: your α is (t − 1)/(t + 2) at
        update t. Here it is the one in config."""
        share = lambda t: (t - 1) / (t + 2)
        return self.scheduled(share, share, inputs)

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

    @mistake
    def first_step_without_look_ahead(self, right, **inputs):
        """Where config has no "velocity" yet, yours takes plain SGD's step and does not look ahead.
        The velocity is zero before, and the first step is made like all others."""

        def update(w, g, c):
            before, step = c["velocity"], -c["learning_rate"] * g
            v = c["velocity"] = c["momentum"] * before + step
            return self.ahead(w, step, v, c) if before.any() else w + v

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
        """The old and the new velocity have changed places where w moves. It is the old look ahead
        that is to be taken back, and the new velocity and its look ahead that are to be added."""
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

    def keeping_the_whole_step(self, w, dw, config, **inputs):
        """The rule with the whole way that w goes as the velocity that is kept."""

        def update(w, g, c):
            v = c["momentum"] * c["velocity"] - c["learning_rate"] * g
            c["velocity"] = (1 + c["momentum"]) * v - c["momentum"] * c["velocity"]
            return w + c["velocity"]

        return self.imitate(update, w=w, dw=dw, config=config, **inputs)

    @mistake
    def whole_step_stored(self, right, **inputs):
        """What you store as "velocity" is the whole way that w goes, from one place ahead to the
        next. The velocity is v itself, as in sgd_momentum."""
        return self.keeping_the_whole_step(**inputs)

    @mistake
    def whole_step_stored_and_momentum_of_99(self, right, config, **inputs):
        """Two things: what you store as "velocity" is the whole way that w goes, where v itself is
        asked for; and where no "momentum" is given yours is 0.99, where the default is 0.9."""
        return self.keeping_the_whole_step(config={"momentum": 0.99, **config}, **inputs)

    @mistake
    def old_look_ahead_added(self, right, **inputs):
        """The previous look ahead has the wrong sign: it is to be taken back."""

        def update(w, g, c):
            before = c["velocity"]
            v = c["velocity"] = c["momentum"] * before - c["learning_rate"] * g
            return w + c["momentum"] * before + (1 + c["momentum"]) * v

        return self.imitate(update, **inputs)
