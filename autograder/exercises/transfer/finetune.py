"""Exercise of notebook 15: which part of a net learns how fast.

The head that is put on it is in `transfer_head`.
"""

import torch

from autograder.exercise import Case, Exercise, mistake, near
from autograder.exercises.transfer.head import HEAD, NAMES


class finetune_groups(Exercise):
    """Parameter groups for fine-tuning: the head fast, the middle slowly, the rest not at all."""

    signature = 'finetune_groups(model, lr, middle=("features.block3", "features.block4"))'
    library = "torch"
    minutes = 12
    difficulty = 2
    hints = (
        "Freeze everything first. Then go through what is to learn: make it trainable and put it "
        "into its group.",
        "The module behind a dotted name knows all its parameters, batch norm's too. Asking the "
        "module is safer than comparing the beginnings of names.",
        "Two of the names may hold the same parameter. Whether you have met it before is a "
        "question of which object it is, not of its values.",
    )

    def cases(self, rng):
        def case(name, points, middle, kind="parts", frozen=False):
            lr = float(rng.choice([0.02, 0.05, 0.3]))
            return Case(name, points, kind=kind, seed=int(rng.integers(1000)), lr=lr, middle=middle,
                        frozen=frozen)  # fmt: skip

        yield case("one part in the middle", 2, ["body.block1"])
        yield case("a net that came frozen", 1, ["body.block10", "hidden"], frozen=True)
        yield case("a part named twice", 1, ["body", "body.block10", "stem.norm"])
        yield case("the course's net, as it is meant", 1, [], kind="shipped")
        yield case("a name that is not there", 1, ["body.block2"])

    def observe(self, code, kind, seed, lr, middle, frozen):
        from course_utils import shipped
        from course_utils.recipes import modules, transfer

        net = transfer.PartsNet(seed)
        if kind == "shipped":
            net = modules.seeded(lambda: shipped.source_shapes_net(4), seed)
        net.requires_grad_(not frozen)
        before = modules.weights(net)
        choice = [middle] if middle else []
        try:
            groups = code.finetune_groups(net, lr, *choice)
        except (AttributeError, KeyError, ValueError):
            if middle != ["body.block2"]:
                raise
            groups, stopped = [], True
        else:
            stopped = False
        if middle == ["body.block2"]:
            # Where it must stop, nothing else is asked of it.
            return {"learning rates": {}, "trainable": [],
                    "most often that a parameter is listed": 0, "ends with an error": stopped,
                    "weights changed": False}  # fmt: skip
        names = {id(p): name for name, p in net.named_parameters()}
        rates, times = {}, {}
        for group in groups:
            parameters = group["params"]
            alone = isinstance(parameters, torch.Tensor)
            for p in [parameters] if alone else list(parameters):
                name = names.get(id(p), "a parameter of another net")
                rates[name] = float(group["lr"])
                times[name] = times.get(name, 0) + 1
        after = modules.weights(net)
        return {
            "learning rates": dict(sorted(rates.items())),
            "trainable": sorted(n for n, p in net.named_parameters() if p.requires_grad),
            "most often that a parameter is listed": max(times.values(), default=0),
            "ends with an error": stopped,
            "weights changed": any(not torch.equal(before[k], after[k]) for k in before),
        }

    def rates(self, kind, lr, middle, head=0.1, body=0.01, leave=()):
        if kind == "shipped":
            names = [f"features.block{i}.{end}" for i in (3, 4)
                     for end in ("conv.weight", "norm.weight", "norm.bias")]  # fmt: skip
            top = ["head.weight", "head.bias"]
        else:
            names = [n for n in NAMES if n.startswith(tuple(f"{part}." for part in middle))]
            top = HEAD
        slow = {n: lr * body for n in names if not n.endswith(tuple(leave))}
        return dict(sorted((slow | dict.fromkeys(top, lr * head)).items()))

    def all_names(self, kind):
        if kind == "parts":
            return sorted(NAMES)
        body = [f"features.block{i}.{end}" for i in range(1, 5)
                for end in ("conv.weight", "norm.weight", "norm.bias")]  # fmt: skip
        return sorted([*body, "head.weight", "head.bias"])

    def reference(self, kind, seed, lr, middle, frozen):
        # The rates by names and the layout of the two nets; no net is built here.
        stopped = middle == ["body.block2"]
        rates = {} if stopped else self.rates(kind, lr, middle)
        return {
            "learning rates": near(rates, rtol=1e-6, atol=0.0),
            "trainable": sorted(rates),
            "most often that a parameter is listed": int(not stopped),
            "ends with an error": stopped,
            "weights changed": False,
        }

    def shown(self, rates):
        return {"learning rates": rates, "trainable": sorted(rates)}

    @mistake
    def rates_exchanged(self, right, kind, lr, middle, **inputs):
        """The two rates are exchanged. The new head knows nothing yet and learns faster; the middle
        is nearly right and learns slowly."""
        if right["learning rates"]:
            return {"learning rates": self.rates(kind, lr, middle, 0.01, 0.1)}

    @mistake
    def head_at_the_full_rate(self, right, kind, lr, middle, **inputs):
        """Your head learns at lr itself and the middle at a tenth. `lr` is the rate with which the
        net was trained at first: a tenth of it is for the head, a hundredth for the middle."""
        if right["learning rates"]:
            return {"learning rates": self.rates(kind, lr, middle, 1.0, 0.1)}

    @mistake
    def one_rate(self, right, kind, lr, middle, **inputs):
        """Head and middle have the same rate. The further from the output, the more general the
        features, and the less they should move."""
        if right["learning rates"]:
            return {"learning rates": self.rates(kind, lr, middle, 0.1, 0.1)}

    @mistake
    def norms_left_out(self, right, kind, lr, middle, **inputs):
        """Batch norm's scales and shifts in the middle are in no group. They are parameters of the
        middle too."""
        if right["learning rates"]:
            ends = ("norm.weight", "norm.bias")
            return self.shown(self.rates(kind, lr, middle, leave=ends))

    @mistake
    def norms_frozen_but_listed(self, right, kind, lr, middle, **inputs):
        """Batch norm's parameters are in a group and want no gradient, so they never move."""
        return {"trainable": [n for n in right["trainable"] if ".norm." not in n]}

    @mistake
    def rest_not_frozen(self, right, kind, frozen, **inputs):
        """The rest is in no group, but it still wants gradients: they are computed at every step
        and used by nobody. Freeze it."""
        if right["learning rates"] and not frozen:
            return {"trainable": self.all_names(kind)}

    @mistake
    def stays_frozen(self, right, frozen, **inputs):
        """This net came frozen, and the parameters in your groups still want no gradient: nothing
        would be learned. Say of each what it is to be."""
        if frozen:
            return {"trainable": []}

    @mistake
    def middle_stays_frozen(self, right, frozen, **inputs):
        """This net came frozen, and only the head wants gradients now. The middle is to learn
        too."""
        if frozen:
            return {"trainable": sorted(HEAD)}

    @mistake
    def beginnings_of_names(self, right, kind, lr, middle, **inputs):
        """A part whose name only begins alike is in your middle: "body.block10" begins with
        "body.block1". Ask the module for its parameters, or compare up to the dot."""
        if middle == ["body.block1"]:
            return self.shown(self.rates(kind, lr, ["body.block1", "body.block10"]))

    @mistake
    def listed_twice(self, right, kind, lr, middle, **inputs):
        """A parameter that belongs to two of the named parts is listed twice, and an optimizer
        refuses that or updates it twice. Once is enough."""
        if "body" in middle:
            return {"most often that a parameter is listed": 2}

    @mistake
    def whole_body_slowly(self, right, kind, lr, middle, **inputs):
        """Everything below the head is in your slow group. Only the parts named in `middle` are;
        the rest is frozen."""
        if right["learning rates"]:
            top = ("classifier.last.", "head.")
            rates = {n: lr * (0.1 if n.startswith(top) else 0.01) for n in self.all_names(kind)}
            return self.shown(rates)

    @mistake
    def head_alone(self, right, kind, lr, middle, **inputs):
        """Only the head is in your groups. That is what frozen features are; fine-tuning moves the
        middle as well."""
        if right["learning rates"]:
            return self.shown(self.rates(kind, lr, middle, leave=("weight", "bias")))

    @mistake
    def unknown_name_passed_over(self, right, middle, **inputs):
        """A name that is not there goes unnoticed, and that part stays frozen for ever without a
        word. Stop with an error."""
        if middle == ["body.block2"]:
            return {"ends with an error": False}
