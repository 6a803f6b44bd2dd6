"""What momentum and Nesterov's momentum of notebook 07 share: a velocity, and what goes wrong with
it. The two rules are in `momentum`.
"""

import numpy as np
import torch

from autograder.exercise import mistake
from autograder.exercises.optimizers.rules import (
    ENTRIES,
    ROWS,
    WithState,
    clipped_in_length,
    in_config,
    settings,
    zero_ignored,
)

# In place of a 0 that torch's buffer cannot do with: v = −ε·b, and without a momentum no b.
TINY = 1e-30


class Momentum(WithState, abstract=True):
    """What the two rules with a velocity share: torch's buffer b, where v = −ε·b."""

    defaults = {"learning_rate": 1e-2, "momentum": 0.9}
    own = {"learning_rate": 0.3, "momentum": 0.5}
    settings = settings(defaults, learning_rate=(1e-3, 0.1), momentum=(0.99, 0.5, 0.0))
    divided_by_the_rows, divided_by_the_entries = ROWS, ENTRIES
    clipped_in_length = clipped_in_length
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
        """The rate is missing from your velocity and comes in where w moves. It belongs in the
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
    def velocity_stored_turned_round(self, right, **inputs):
        """The step is right, and the "velocity" that you store has the other sign. At the next step
        it goes back where it should go on."""

        def update(w, g, c):
            step = -c["learning_rate"] * g
            v = c["momentum"] * c["velocity"] + step
            c["velocity"] = -v
            return self.ahead(w, step, v, c)

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
    def uphill_velocity_dropped(self, right, **inputs):
        """Where the old velocity points uphill, against the new step, yours forgets it. It enters
        with the share α in every entry, whichever way it points."""

        def change(v, g, c):
            return c["momentum"] * np.where(v * g > 0, 0, v) - c["learning_rate"] * g

        return self.moved(change, inputs)

    def scheduled(self, before, after, inputs):
        """The rule with α(t) for the old velocity and another where Nesterov looks ahead."""
        taken = iter((1, 2, 3))

        def update(w, g, c):
            t = next(taken)
            step = -w.dtype.type(c["learning_rate"]) * g
            v = c["velocity"] = w.dtype.type(before(t)) * c["velocity"] + step
            return w + step + w.dtype.type(after(t)) * v if self.nesterov else w + v

        return self.imitate(update, **inputs)

    @mistake
    def momentum_by_the_count(self, right, **inputs):
        """Your result is the same whatever "momentum" config gives: your α grows with the number of
        updates, as in Nesterov's paper. Here it is the one in config."""
        return self.scheduled(lambda t: (t - 1) / (t + 2), lambda t: t / (t + 3), inputs)

    @mistake
    def momentum_by_the_next_count(self, right, **inputs):
        """Your result is the same whatever "momentum" config gives: your α is t/(t + 3) at update
        t. Here it is the one in config."""
        return self.scheduled(lambda t: t / (t + 3), lambda t: t / (t + 3), inputs)

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

    @mistake
    def plain_without_momentum(self, right, **inputs):
        """Where config has no "momentum", yours takes plain SGD's step and keeps no velocity. What
        is absent has a default: 0.9, as the docstring says."""
        if "momentum" not in inputs["config"]:
            found = self.follow(**{**inputs, "config": inputs["config"] | {"momentum": 0.0}})
            return found | {"velocity": inputs["config"].get("velocity")}

    def starting(self, first, inputs):
        """The rule with a velocity of `first(g)` where config has none."""
        if "velocity" not in inputs["config"]:
            config = inputs["config"] | {"velocity": first(inputs["dw"][0])}
            return self.follow(**{**inputs, "config": config})

    @mistake
    def starts_at_the_gradient(self, right, **inputs):
        """Where config has no "velocity", yours starts as the first gradient, which points uphill.
        Before the first step the velocity is zero."""
        return self.starting(lambda g: g, inputs)

    @mistake
    def starts_with_a_step(self, right, **inputs):
        """Where config has no "velocity", yours starts as the first step, −ε·g, so the first
        gradient comes in twice. Before the first step the velocity is zero."""
        rate = inputs["config"].get("learning_rate", self.defaults["learning_rate"])
        rate = rate if inputs["rates"][0] is None else inputs["rates"][0]
        return self.starting(lambda g: -g.dtype.type(rate) * g, inputs)

    @mistake
    def starts_downhill(self, right, **inputs):
        """Where config has no "velocity", yours starts as minus the first gradient. Before the
        first step the velocity is zero."""
        return self.starting(lambda g: -g, inputs)

    def stored_once(self, start, inputs):
        """The rule with a velocity that is stored only where config has none yet, and is
        `start(g)` before."""
        none_yet = ["velocity" not in inputs["config"]]

        def update(w, g, c):
            step = -c["learning_rate"] * g
            v = c["momentum"] * (start(g) if none_yet[0] else c["velocity"]) + step
            if none_yet[0]:
                none_yet[0], c["velocity"] = False, v
            return self.ahead(w, step, v, c)

        return self.imitate(update, **inputs)

    @mistake
    def only_the_first_stored(self, right, **inputs):
        """Your new velocity gets into config only where there is none yet. Every call has a new
        one, which the next call needs."""
        return self.stored_once(np.zeros_like, inputs)

    @mistake
    def only_the_first_stored_downhill(self, right, **inputs):
        """Two things: your new velocity gets into config only where there is none yet, and the next
        call needs every one; and where there is none yours starts as minus the gradient, where it
        is zero."""
        return self.stored_once(lambda g: -g, inputs)

    @mistake
    def starts_at_one(self, right, **inputs):
        """Where config has no "velocity", yours starts at ones. Before the first step it is
        zero."""
        return self.starting(np.ones_like, inputs)

    def corrected(self, share, inputs):
        """The rule with w moved by a velocity that is divided by 1 − αᵗ, times `share(α)`."""
        taken = iter((1, 2, 3))

        def update(w, g, c):
            v = c["velocity"] = c["momentum"] * c["velocity"] - c["learning_rate"] * g
            factor = share(c["momentum"]) / (1 - c["momentum"] ** next(taken))
            ahead = self.ahead(w, -c["learning_rate"] * g, v, c)
            return w + factor * (ahead - w)

        return self.imitate(update, **inputs)

    @mistake
    def corrected_like_adam(self, right, **inputs):
        """You divide the velocity by 1 − αᵗ, as Adam does with its averages. A velocity is a sum,
        no average: it starts small and needs no correction."""
        return self.corrected(lambda a: 1, inputs)

    @mistake
    def averaged_and_corrected(self, right, **inputs):
        """You move by the velocity times (1 − α)/(1 − αᵗ): an average with Adam's correction. A
        velocity is a sum, and w moves by it as it is."""
        return self.corrected(lambda a: 1 - a, inputs)
