"""What all update rules of notebook 07 share: the cases, torch's optimizers as the oracle, and the
mistakes that can be made in any of them. The rules themselves are in `momentum` and `adaptive`.
"""

import contextlib
import copy

import numpy as np
import torch

from autograder.exercise import Case, Exercise, Setting, mistake, near, raises


class Rate(Setting):
    """A learning rate: where it is not read, the rates that are set later are not read either."""

    def put(self, name, inputs, value):
        return {**super().put(name, inputs, value), "rates": [None] * len(inputs["rates"])}


def settings(defaults: dict, **others) -> dict[str, Setting]:
    """The settings that stand in config, with what people take for their defaults."""
    return {
        name: (Rate if name == "learning_rate" else Setting)(value, others[name], "config")
        for name, value in defaults.items()
    }


AGAIN, STILL = "the same call again", "where the gradient is 0"
STEPS = {
    "w after step 1": "your w after one step",
    "w after step 3": "your w after three steps",
    AGAIN: "called again with the same w, dw and config, your rule makes {seen}; {right} is right",
    STILL: "where the gradient is 0 your weights {seen}; {right} is right",
}


def zero_ignored(*names: str):
    """The mistake that these settings have their defaults where config gives 0 for them."""
    listed = " and ".join(f"`{name}`" for name in names)

    def show(self, right, **inputs):
        config, rates = inputs["config"], inputs["rates"]
        kept = {k: v for k, v in config.items() if k not in names or v != 0}
        if "learning_rate" in names:
            rates = [self.defaults["learning_rate"] if rate == 0 else rate for rate in rates]
        if len(kept) < len(config) or rates != inputs["rates"]:
            return self.follow(**{**inputs, "config": kept, "rates": rates})

    show.__doc__ = f"""Where config gives 0 for {listed}, yours takes the default, as `or` does. A
        default is for a key that is missing; 0 is a number like any other."""
    return mistake(show)


def in_config(*keys: str) -> dict[str, str]:
    """How the state in config reads."""
    return STEPS | {key: f'the "{key}" in the config that you return' for key in keys}


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
    reads = STEPS
    defaults: dict = {}
    own: dict = {}  # settings that are not the defaults
    state: tuple[str, ...] = ()
    one_entry: dict = {}  # instead of a learning rate alone

    def cases(self, rng):
        def case(name, points, config, size=1.0, w_size=1.0, dtype=np.float64, rates=None,
                 shape=(4, 3)):  # fmt: skip
            signs = rng.choice([-1, 1], (3, *shape))
            return Case(
                name, points,
                w=(w_size * rng.normal(size=shape)).astype(dtype),
                dw=(size * rng.uniform(0.3, 2, (3, *shape)) * signs).astype(dtype),
                config=config, rates=rates or [None] * 3, rule=self.name, state=list(self.state),
            )  # fmt: skip

        def drawn(*without):
            given = {k: v for k, v in self.own.items() if k not in without}
            return {k: round(float(v * rng.uniform(0.8, 1.2)), 4) for k, v in given.items()}

        yield case("from an empty config", 2, {})
        yield case("settings of your own", 0.5, drawn(), shape=(2, 3, 2))
        # A setting of 0 is not a missing one; small gradients, so that ε = 0 shows.
        zeros = {name: 0.0 for name in self.defaults if name != "learning_rate"}
        yield case("settings of 0", 0.5, zeros | {"learning_rate": 0.25}, size=1e-5, w_size=1e-3,
                   rates=[None, 0.0, 0.125])  # fmt: skip
        # ε stays at its default: it counts with small gradients, and hides nothing elsewhere.
        rest = lambda: drawn("epsilon")
        yield case("gradients near 1e-5", 1, rest(), size=1e-5, w_size=1e-3)
        yield case("the rate falls after the first step", 0.5, rest(), rates=[None, 1e-2, 2e-3])
        if self.state:
            old = {key: rng.uniform(0.1, 1, 5) for key in self.state if key != "t"}
            old |= {"t": 6} if "t" in self.state else {}
            yield case("taken up again", 1, rest() | old, shape=(5,))
        yield case("single precision, large gradients", 1, rest(), size=300.0, dtype=np.float32)
        # One entry that is there says nothing of the others.
        rate = {"learning_rate": drawn()["learning_rate"]}
        yield case("one entry in config", 0.5, self.one_entry or rate, shape=(3, 2))

    def observe(self, code, w, dw, config, rates, rule, state):
        update, seen = getattr(code, rule), {}
        if 0.0 not in rates:  # where nothing old counts, a state kept elsewhere does not show
            begins = [update(w.copy(), dw[0].copy(), copy.deepcopy(config)) for _ in range(2)]
            nexts = [begin[0] for begin in begins if isinstance(begin, tuple)]
            alike = len(nexts) < 2 or np.array_equal(*nexts, equal_nan=True)
            seen["the same call again"] = "the same step" if alike else "another step"
        for step, rate in enumerate(rates):
            if rate is not None and isinstance(config, dict):
                config["learning_rate"] = rate
            w, config = update(w, dw[step], config)
            if step in (0, 2):
                seen[f"w after step {step + 1}"] = copy.copy(w)
        at, found = np.arange(1.0, 1 + dw[0].size).reshape(dw[0].shape), None
        with contextlib.suppress(Exception):  # what stops here stops above, or lacks a state
            usual = {"learning_rate": 0.01, "momentum": 0.9, "decay_rate": 0.99, "beta1": 0.9,
                     "beta2": 0.999, "epsilon": 1e-8}  # fmt: skip
            found = update(at.copy(), 0 * at, usual)[0]
        lost = at - found if np.shape(found) == at.shape else 0 * at
        # By a share of their size, or all by as much, as with w in the gradient that is divided.
        first = lost.flat[0]
        alike = any(np.allclose(lost, first * by, rtol=0.05, atol=0) for by in (at, 1))
        seen["where the gradient is 0"] = "shrink" if alike and 0 < first < 0.5 else "stay"
        held = config if isinstance(config, dict) else {}
        return seen | {key: held.get(key) for key in state}

    def aid(self, **inputs):
        return {"right": self.follow(**inputs)}

    def read(self, seen, right, **inputs):
        # What follows from a state outside config, or a decay, is not judged besides.
        found = seen.get(AGAIN) == "another step" or seen[STILL] == "shrink"
        return seen | (right if found else {})

    def reference(self, **inputs):
        right = {name: within(value) for name, value in self.follow(**inputs).items()}
        again = {} if 0.0 in inputs["rates"] else {AGAIN: "the same step"}
        return right | again | {STILL: "stay"}

    def follow(self, w, dw, config, rates, rule, state, keep=True, read=True, forget=()):
        """What torch's optimizer makes of the gradients; its state kept in a config.

        Without `keep` no step changes the state, without `read` each step starts from none;
        what is in `forget` is gone after a step.
        """
        config = {**self.defaults, **config}
        parameter = torch.nn.Parameter(torch.tensor(w, device=self.device))
        seen = {}
        for step, rate in enumerate(rates):
            config["learning_rate"] = config["learning_rate"] if rate is None else rate
            optimizer = self.optimizer([parameter], config)
            known = config if read else {k: v for k, v in config.items() if k not in state}
            if held := self.to_torch(known):
                optimizer.state[parameter] = {
                    key: value.to(parameter) if key != "step" else value
                    for key, value in held.items()
                }
            parameter.grad = torch.tensor(dw[step], device=self.device)
            optimizer.step()
            if keep:
                config |= self.from_torch(optimizer.state[parameter], config)
            if step in (0, 2):
                seen[f"w after step {step + 1}"] = parameter.detach().cpu().numpy().copy()
            config = self.defaults | {k: v for k, v in config.items() if k not in forget}
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
    def state_outside_config(self, right, **inputs):
        """The same w, dw and config make another step at a second call: something is counted or
        kept outside config, in a global variable or on the function, and goes on from one array to
        the next. All that a rule remembers belongs into the config it is given."""
        return {AGAIN: "another step"} if AGAIN in right else None

    @mistake
    def weights_decayed(self, right, **inputs):
        """Where the gradient is 0 your weights shrink, as with weight decay. This rule has none:
        its formula says all that w moves by."""
        return {STILL: "shrink"}

    @mistake
    def clipped_at_one(self, right, **inputs):
        """You clip the gradient to −1 … 1 first. The rule takes it as it is, also where an entry is
        larger."""
        return self.follow(**{**inputs, "dw": np.clip(inputs["dw"], -1, 1)})

    @mistake
    def rate_forgotten(self, right, **inputs):
        """Your steps have the learning rate 1, whatever is given: the rate of config does not get
        into them."""
        config = inputs["config"] | {"learning_rate": 1.0}
        return self.follow(**{**inputs, "config": config, "rates": [None] * 3})

    @mistake
    def divided_by_the_rate(self, right, **inputs):
        """You divide by the learning rate. The step is the rate times the gradient: a smaller rate,
        a smaller step."""
        given = inputs["config"].get("learning_rate", self.defaults["learning_rate"])
        config = inputs["config"] | {"learning_rate": 1 / given}
        rates = [rate and 1 / rate for rate in inputs["rates"]]
        return self.follow(**{**inputs, "config": config, "rates": rates})

    rate_of_zero_ignored = zero_ignored("learning_rate")

    @mistake
    def settings_lost(self, right, **inputs):
        """The config that you return has lost the settings that it came with, so that the next call
        takes the defaults. Give back the same dict."""
        return self.follow(**inputs, forget=tuple(self.defaults))

    @mistake
    def result_in_double_precision(self, right, **inputs):
        """Your w becomes float64 where float32 goes in, as when one of numpy's own numbers
        (`np.power`, `np.sqrt` or `np.array` of a single number) is in the step. It is to keep the
        dtype of w."""
        if inputs["w"].dtype == np.float32:
            return {n: v.astype(np.float64) for n, v in right.items() if n.startswith("w ")}

    @mistake
    def config_not_returned(self, right, **inputs):
        """The second value that you return is None. It is the config, for the next call: a dict's
        own update and setdefault do not give it back."""
        return dict.fromkeys(right, raises("AttributeError", "'NoneType' object has no attribute"))

    @mistake
    def no_default_rate(self, right, **inputs):
        """Your code stops where config has no "learning_rate". Whatever is absent from config has a
        default, as the docstring says."""
        if "learning_rate" not in inputs["config"]:
            return dict.fromkeys(right, raises("KeyError", "learning_rate"))

    @mistake
    def defaults_for_an_empty_config(self, right, **inputs):
        """Your code has its defaults where config is empty, and stops where config has an entry and
        lacks another. Each default is for its own key."""
        config = inputs["config"]
        if config and (lacking := [key for key in self.defaults if key not in config]):
            return dict.fromkeys(right, raises("KeyError", lacking[0]))


def divided_first(by, what: str):
    """The mistake that the gradient is divided by a size of the array first."""

    def show(self, right, **inputs):
        return self.follow(**{**inputs, "dw": inputs["dw"] / inputs["dw"].dtype.type(by(inputs))})

    show.__doc__ = f"""You divide the gradient by {what}. What the rule is given is the gradient
        already: a mean over examples was taken where the loss was."""
    return mistake(show)


@mistake
def clipped_in_length(self, right, **inputs):
    """You shorten a gradient that is longer than 1. The rule takes it as it is."""
    dw = [g / max(1.0, float(np.linalg.norm(g))) for g in inputs["dw"]]
    return self.follow(**{**inputs, "dw": np.array(dw, inputs["dw"].dtype)})


ROWS = divided_first(lambda inputs: len(inputs["w"]), "the number of w's rows")
ENTRIES = divided_first(lambda inputs: inputs["w"].size, "the number of w's entries")


class WithState(Rule, abstract=True):
    """What the rules with a memory share."""

    @mistake
    def wider_dtype(self, right, **inputs):
        """float32 goes in and float64 comes out. A state made by np.zeros(w.shape) is the usual
        cause: it should take its dtype from w as well as its shape."""
        if inputs["w"].dtype == np.float32:
            wide = {name: inputs[name].astype(np.float64) for name in ("w", "dw")}
            return self.follow(**{**inputs, **wide})

    @mistake
    def settings_ignored(self, right, **inputs):
        """What stands in config is ignored, and the defaults are used instead. A default is for
        a key that is missing; dict.setdefault and dict.get know the difference."""
        kept = {k: v for k, v in inputs["config"].items() if k in self.state}
        return self.follow(**{**inputs, "config": kept, "rates": [None] * 3})

    @mistake
    def no_first_state(self, right, **inputs):
        """Your code stops where config has no state yet, as before the first step. What is absent
        counts as zeros."""
        if self.state[0] not in inputs["config"]:
            return dict.fromkeys(right, raises("KeyError", self.state[0]))

    @mistake
    def state_asked_for_its_truth(self, right, **inputs):
        """Your code asks an array whether it is true, as `or`, `if` and `not` do, and an array of
        many numbers has no one answer. Whether config holds a state, its key tells."""
        return dict.fromkeys(right, raises("ValueError", "truth value of an array"))

    @mistake
    def state_for_an_empty_config(self, right, **inputs):
        """Your code makes its state where config is empty, and stops where config has an entry and
        lacks others. What is absent is made up for each key by itself."""
        if (config := inputs["config"]) and {*self.defaults, *self.state} - set(config):
            return dict.fromkeys(right, raises("KeyError"))

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
    def empty_config_returned(self, right, **inputs):
        """The config that you return holds neither the settings nor the state that the next call
        needs. Give back the dict that came, with the new state in it."""
        return self.follow(**inputs, forget=(*self.defaults, *self.state))

    @mistake
    def state_under_another_name(self, right, **inputs):
        """The config that you return does not hold the new state under the docstring's name for it,
        so nobody can save a run and take it up again."""
        if not set(self.state) & set(inputs["config"]):
            return dict.fromkeys(self.state)

    @mistake
    def given_state_not_found(self, right, **inputs):
        """A state that config comes with, under the docstring's name, is not used and left as it
        was: a saved run cannot be taken up again."""
        given = {k: v for k, v in inputs["config"].items() if k in self.state}
        if given:
            rest = {k: v for k, v in inputs["config"].items() if k not in given}
            return self.follow(**{**inputs, "config": rest}) | given
