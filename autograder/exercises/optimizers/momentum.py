"""Exercises of notebook 07: plain SGD and momentum, and what all update rules share.

Rules that give each weight a rate of its own are in `optimizers_adaptive`.
"""

import copy

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near


def within(value):
    """Right to rounding, whatever the size: a velocity of 1e-7 is judged as closely as a 1."""
    if np.ndim(value) == 0:
        return value
    largest = float(np.max(np.abs(value)))
    if value.dtype == np.float32:
        return near(value, rtol=1e-5, atol=2e-6 * largest)
    return near(value, rtol=1e-7, atol=1e-9 * largest)


class Rule(Exercise, abstract=True):
    """What all update rules share: three steps from a config, the last at a rate of its own."""

    modifies = ("config",)
    defaults: dict = {}
    own: dict = {}  # settings that are not the defaults
    state: tuple[str, ...] = ()

    def cases(self, rng):
        def case(name, points, config, size=1.0, w_size=1.0, dtype=np.float64, rates=None):
            return Case(
                name, points,
                w=(w_size * rng.normal(size=(4, 3))).astype(dtype),
                dw=(size * rng.uniform(0.3, 2, (3, 4, 3)) * rng.choice([-1, 1], (3, 4, 3))
                    ).astype(dtype),
                config=config, rates=rates or [None] * 3, rule=self.name, state=list(self.state),
            )  # fmt: skip

        yield case("from an empty config", 2, {})
        yield case("settings of your own", 1, dict(self.own))
        yield case("gradients near 1e-5", 1, {}, size=1e-5, w_size=1e-3)
        yield case("the rate falls after the first step", 1, {}, rates=[None, 1e-3, 2e-4])
        if self.state:
            old = {key: rng.uniform(0.1, 1, (4, 3)) for key in self.state if key != "t"}
            old |= {"t": 6} if "t" in self.state else {}
            yield case("taken up again", 1, old)
        yield case("single precision", 1, {}, dtype=np.float32)

    def observe(self, code, w, dw, config, rates, rule, state):
        update, seen = getattr(code, rule), {}
        for step, rate in enumerate(rates):
            if rate is not None:
                config["learning_rate"] = rate
            w, config = update(w, dw[step], config)
            if step in (0, 2):
                seen[f"w after step {step + 1}"] = copy.copy(w)
        held = config if isinstance(config, dict) else {}
        return seen | {key: held.get(key) for key in state}

    def reference(self, **inputs):
        return {name: within(value) for name, value in self.follow(**inputs).items()}

    def follow(self, w, dw, config, rates, rule, state, keep=True, read=True):
        """What torch's optimizer makes of the gradients; its state kept in a config.

        Without `keep` no step changes the state, without `read` each step starts from none.
        """
        config = {**self.defaults, **config}
        parameter = torch.nn.Parameter(torch.tensor(w, device=self.device))
        seen = {}
        for step, rate in enumerate(rates):
            config["learning_rate"] = config["learning_rate"] if rate is None else rate
            optimizer = self.optimizer([parameter], config)
            known = config if read else {k: v for k, v in config.items() if k not in state}
            optimizer.state[parameter] = {
                key: value.to(parameter) if key != "step" else value
                for key, value in self.to_torch(known).items()
            }
            parameter.grad = torch.tensor(dw[step], device=self.device)
            optimizer.step()
            if keep:
                config |= self.from_torch(optimizer.state[parameter], config)
            if step in (0, 2):
                seen[f"w after step {step + 1}"] = parameter.detach().cpu().numpy().copy()
        return seen | {key: config.get(key) for key in state}

    def optimizer(self, parameters, config):
        """torch's optimizer with the settings of `config`."""
        raise NotImplementedError

    def to_torch(self, config) -> dict:
        """The state in `config` as torch keeps it; empty before the first step."""
        return {}

    def from_torch(self, held, config) -> dict:
        """torch's state as `config` keeps it."""
        return {}

    def imitate(self, update, w, dw, config, rates, rule, state):
        """What a wrong rule shows: `update(w, dw, config)` changes config, returns the next w."""
        config = {**self.defaults, **config}
        for key in state:
            config.setdefault(key, 0 if key == "t" else np.zeros_like(w))
        seen = {}
        for step, rate in enumerate(rates):
            config["learning_rate"] = config["learning_rate"] if rate is None else rate
            w = update(w, dw[step], config)
            if step in (0, 2):
                seen[f"w after step {step + 1}"] = w
        return seen | {key: config[key] for key in state}

    @mistake
    def climbs(self, right, **inputs):
        """Yours goes uphill: the gradient points to where the loss grows, so the step goes
        against it. Check the sign in the update."""
        return self.follow(**{**inputs, "dw": -inputs["dw"]})

    @mistake
    def settings_ignored(self, right, **inputs):
        """What stands in config is ignored, and the defaults are used instead. A default is for
        a key that is missing; dict.setdefault and dict.get know the difference."""
        kept = {k: v for k, v in inputs["config"].items() if k in self.state}
        return self.follow(**{**inputs, "config": kept, "rates": [None] * 3})

    @mistake
    def wider_dtype(self, right, **inputs):
        """float32 goes in and float64 comes out. A state made by np.zeros(w.shape) is the usual
        cause: it should take its dtype from w as well as its shape."""
        if inputs["w"].dtype == np.float32:
            wide = {name: inputs[name].astype(np.float64) for name in ("w", "dw")}
            return self.follow(**{**inputs, **wide})


class WithState(Rule, abstract=True):
    """What the rules with a memory share."""

    @mistake
    def state_not_kept(self, right, **inputs):
        """What you compute never gets into the config that you return, so the next step does not
        know of this one."""
        return self.follow(**inputs, keep=False)

    @mistake
    def state_never_read(self, right, **inputs):
        """Each step starts as if it were the first: what the last one left in config is not used.
        Zeros are for a key that is missing."""
        return self.follow(**inputs, read=False)

    @mistake
    def state_under_another_name(self, right, **inputs):
        """The steps are right, but the state is not in config under the names of the docstring,
        so nobody can save a run and take it up again."""
        if not set(self.state) & set(inputs["config"]):
            return dict.fromkeys(self.state)


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

    def optimizer(self, parameters, config):
        return torch.optim.SGD(parameters, lr=config["learning_rate"])

    @mistake
    def returns_the_change(self, right, **inputs):
        """You return the change alone. The first return value is the next w."""
        return self.imitate(lambda w, g, c: -c["learning_rate"] * g, **inputs)

    @mistake
    def rate_forgotten(self, right, **inputs):
        """Yours subtracts the whole gradient: the learning rate is missing."""
        return self.imitate(lambda w, g, c: w - g, **inputs)

    @mistake
    def sign_only(self, right, **inputs):
        """Every weight moves by the same amount. A step of SGD is as long as its gradient is."""
        return self.imitate(lambda w, g, c: w - c["learning_rate"] * np.sign(g), **inputs)


class Momentum(WithState, abstract=True):
    """What the two rules with a velocity share: torch's buffer b, where v = −ε·b."""

    defaults = {"learning_rate": 1e-2, "momentum": 0.9}
    own = {"learning_rate": 0.3, "momentum": 0.5}
    state = ("velocity",)
    nesterov = False

    def optimizer(self, parameters, config):
        return torch.optim.SGD(
            parameters, lr=config["learning_rate"], momentum=config["momentum"],
            nesterov=self.nesterov,
        )  # fmt: skip

    def to_torch(self, config):
        if "velocity" not in config:
            return {}
        return {"momentum_buffer": torch.tensor(-config["velocity"] / config["learning_rate"])}

    def from_torch(self, held, config):
        buffer = held["momentum_buffer"].cpu().numpy()
        return {"velocity": (-config["learning_rate"] * buffer).astype(buffer.dtype)}

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
        """The velocity is right, and then you subtract it. The minus is inside v already, so w
        moves with it."""

        def update(w, g, c):
            step = -c["learning_rate"] * g
            v = c["velocity"] = c["momentum"] * c["velocity"] + step
            return self.ahead(w, -step, -v, c)

        return self.imitate(update, **inputs)


class sgd_momentum(Momentum):
    """Gradient descent with momentum (Polyak 1964)."""

    signature = "sgd_momentum(w, dw, config) -> next_w, config"
    needs = ("sgd",)
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
    needs = ("sgd_momentum",)
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
    def old_look_ahead_added(self, right, **inputs):
        """The previous look ahead has the wrong sign: it is to be taken back."""

        def update(w, g, c):
            before = c["velocity"]
            v = c["velocity"] = c["momentum"] * before - c["learning_rate"] * g
            return w + c["momentum"] * before + (1 + c["momentum"]) * v

        return self.imitate(update, **inputs)
