"""What is looked at in parameter groups for fine-tuning, and what they are not to touch. No
exercise lives here."""

import torch

from autograder.exercise import Case, Exercise, mistake, near
from course_utils.recipes.transfer import PartsNet

SEVERAL, ONE_RATE, RATES = "rates within the middle", "one rate", "several rates"
SHARED = "stem.weight"  # as it is called first; blocks 1 and 10 have it, too


class Groups(Exercise, abstract=True):
    """Groups of a net's parameters, each with its rate: what they are, and what is right."""

    reads = {
        "returned": "you return {seen}; {right} is right",
        "parameters in the groups": "the list of parameters in your groups",
        "rate of the head": "your head's rate",
        "rate of the middle": "your middle's rate",
        SEVERAL: "your middle learns at {seen}; {right} is right",
        "rate of the rest": "the rate of what is neither head nor middle",
        "trainable": "your net's list of trainable parameters",
        "most often that a parameter is listed": "how often some parameter is listed",
        "keys of the groups": "the list of your groups' keys",
        "an optimizer takes the groups": "whether an optimizer takes your groups",
        "with a name that is not there": "with a name that is not there your function {seen}; it "
        "{right} is right",
    } | {
        f"{what} afterwards": f"afterwards your net's {what} are {{seen}}; {{right}} is right"
        for what in ("weights", "modes", "gradients", "running statistics")
    }  # fmt: skip

    def cases(self, rng):
        def case(name, points, middle, kind="parts", frozen=False):
            lr = round(float(rng.uniform(0.01, 0.3)), 3)
            return Case(name, points, kind=kind, seed=int(rng.integers(1000)), lr=lr, middle=middle,
                        frozen=frozen)  # fmt: skip

        yield case("one part in the middle", 1, ["body.block1"], "own")
        yield case("a net that came frozen", 1, ["body.block10", "hidden"], frozen=True)
        yield case("a part named twice", 1, ["body", "body.block10", "stem.norm"])
        yield case("weights that two parts share", 0.5, ["body.block1", "body.block10"], "shared")
        yield case("the head inside the middle", 0.5, ["body.block1", "classifier"])
        yield case("the course's net, as it is meant", 1, [], "shipped")
        yield case("a name that is not there", 1, ["body.block2"])

    def observe(self, code, kind, seed, lr, middle, frozen):
        from course_utils import shipped
        from course_utils.recipes import modules, transfer

        net = transfer.PartsNet(seed, own=kind == "own")
        if kind == "shared":
            shared = torch.nn.Parameter(torch.ones(3, dtype=torch.float64))
            for part in (net.stem, net.body.block1, net.body.block10):
                part.register_parameter("weight", shared)
        if kind == "shipped":
            net = modules.seeded(lambda: shipped.source_shapes_net(4), seed)
            for name, buffer in net.named_buffers():
                if name.endswith("running_mean"):  # as after some training
                    buffer += 0.5
        if frozen:  # of equal values, as batch norms are that have learned nothing yet
            with torch.no_grad():
                for p in net.parameters():
                    p.fill_(1.0)
        net.train()
        next(m for m in net.modules() if isinstance(m, torch.nn.BatchNorm2d)).eval()
        for p in net.parameters():
            p.grad = torch.ones_like(p)
        net.requires_grad_(not frozen)
        before, modes = modules.weights(net), transfer.modes(net)
        choice = [middle] if middle else []
        if middle == ["body.block2"]:
            # Where it must stop, nothing else is asked of it.
            try:
                code.finetune_groups(net, lr, *choice)
            except NotImplementedError:
                raise
            except Exception:  # noqa: BLE001 - which error is up to the learner
                return {"with a name that is not there": "stops with an error"}
            return {"with a name that is not there": "goes on"}
        groups = code.finetune_groups(net, lr, *choice)
        returned = f"a {type(groups).__name__}"
        if isinstance(groups, torch.optim.Optimizer):
            returned, groups = "an optimizer", groups.param_groups
        elif isinstance(groups, (list, tuple)) and all(isinstance(g, dict) for g in groups):
            returned = "a list of dicts"
        else:
            groups = []
        names = {id(p): name for name, p in net.named_parameters()}
        rates, times, taken = {}, {}, []
        for group in groups:
            parameters = group.get("params", ())
            if isinstance(parameters, torch.Tensor):
                parameters = [parameters]
            elif not isinstance(parameters, (set, frozenset)):
                parameters = list(parameters)
            taken.append({"params": parameters, "lr": group.get("lr", 0.0)})
            for p in parameters:
                name = names.get(id(p), "a parameter of another net")
                rates.setdefault(name, []).append(float(group.get("lr", 0.0)))
                times[name] = times.get(name, 0) + 1
        try:
            torch.optim.SGD(taken, lr=1.0)
            takes = True
        except (TypeError, ValueError):
            takes = False
        after = modules.weights(net)
        apart = [k for k in before if not torch.equal(before[k], after[k])]
        other = {k.endswith(("running_mean", "running_var", "tracked")) for k in apart}
        cleared = any(p.grad is None or not p.grad.all() for p in net.parameters())
        named = {"params", "lr", "learning_rate", "rate"}  # and not an optimizer's own
        keys = {key for group in groups for key in group} & named
        return {
            "returned": returned,
            "rates": rates,
            "trainable": sorted(n for n, p in net.named_parameters() if p.requires_grad),
            "most often that a parameter is listed": max(times.values(), default=0),
            "keys of the groups": sorted(keys),
            "an optimizer takes the groups": takes,
            "weights afterwards": "changed" if False in other else "as they were",
            "running statistics afterwards": "changed" if True in other else "as they were",
            "modes afterwards": "as they were" if modes == transfer.modes(net) else "changed",
            "gradients afterwards": "cleared" if cleared else "as they were",
        }

    def read(self, seen, kind, middle, **inputs):
        """The rates of the three parts, each one number where it is one."""
        if middle == ["body.block2"]:
            return seen
        seen = dict(seen)
        return seen | self.cells(kind, middle, seen.pop("rates"))

    def cells(self, kind, middle, rates):
        """The cells on rates; `rates` has a list for each parameter that is in a group."""

        def all_of(names):
            # Of a parameter that is listed twice the larger counts.
            return sorted({max(rates[name]) for name in names if name in rates})

        def one(names):
            found = all_of(names)
            return found[0] if len(found) == 1 else found or 0.0

        top = self.head(kind)
        slow = [name for name in self.middle(kind, middle) if name not in top]
        several = all_of(slow)[1:] != []
        return {
            "parameters in the groups": sorted(rates),
            "rate of the head": one(top),
            "rate of the middle": all_of(slow)[-1] if several else one(slow),
            SEVERAL: RATES if several else ONE_RATE,
            "rate of the rest": one(sorted(set(rates) - set(top) - set(slow))),
        }

    def head(self, kind):
        if kind == "shipped":
            return ["head.weight", "head.bias"]
        return ["classifier.last.weight", "classifier.last.bias"]

    def names(self, kind):
        """All parameters of the net."""
        if kind == "shipped":
            ends = ("conv.weight", "norm.weight", "norm.bias")
            body = [f"features.block{i}.{end}" for i in range(1, 5) for end in ends]
            return [*body, "head.weight", "head.bias"]
        there = [name for name, _ in PartsNet(0, own=kind == "own").named_parameters()]
        return [*there, SHARED] if kind == "shared" else there

    def middle(self, kind, middle):
        """The parameters of the named parts."""
        parts = middle or ("features.block3", "features.block4")
        inside = tuple(f"{part}." for part in parts)
        if kind == "shared" and {"body.block1", "body.block10"} & set(parts):
            inside += (SHARED,)
        return [name for name in self.names(kind) if name.startswith(inside)]

    def reference(self, kind, seed, lr, middle, frozen):
        # By names, and by the layout of the two nets; no net is built here.
        if middle == ["body.block2"]:
            return {"with a name that is not there": "stops with an error"}
        shown = self.shown(kind, lr, middle)
        for name in ("rate of the head", "rate of the middle", "rate of the rest"):
            shown[name] = near(shown[name], rtol=1e-6, atol=0.0)
        return {
            **shown,
            "returned": "a list of dicts",
            "most often that a parameter is listed": 1,
            "keys of the groups": ["lr", "params"],
            "an optimizer takes the groups": True,
            **{
                f"{what} afterwards": "as they were"
                for what in ("weights", "modes", "gradients", "running statistics")
            },
        }

    def shown(self, kind, lr, middle, head=0.1, body=0.01, slow=None, fast=None, rest=None):
        """The cells for a head and a middle of these parameters and shares of lr."""
        fast = self.head(kind) if fast is None else fast
        slow = self.middle(kind, middle) if slow is None else slow
        names = self.names(kind)
        rates = {name: [lr * rest] for name in names} if rest is not None else {}
        rates |= {name: [lr * body] for name in slow} | {name: [lr * head] for name in fast}
        return self.cells(kind, middle, rates) | {"trainable": sorted(rates)}

    @mistake
    def a_rate_for_each_part(self, right, kind, lr, middle, **inputs):
        """The parts of your middle learn at different rates, as when each further one gets a tenth
        of the last. All of the middle learns at a hundredth of lr."""
        if "classifier" in middle:  # which comes first, and has nothing left but the head
            return {"rate of the middle": lr * 0.001}
        if "trainable" in right and len(middle) != 1:
            return {SEVERAL: RATES}

    @mistake
    def groups_used_up(self, right, kind, middle, **inputs):
        """What is to learn is trainable, and your groups hold nothing, as when "params" is an
        iterator that a loop of yours has gone through. An optimizer would find nothing there: put
        lists into the groups."""
        if "trainable" in right:
            return self.cells(kind, middle, {}) | {"most often that a parameter is listed": 0}

    @mistake
    def head_used_up(self, right, kind, lr, middle, **inputs):
        """All that is to learn is trainable, and your head's group holds nothing, as when its
        "params" is what `parameters()` gives, which a loop of yours has gone through: each comes
        once only. Make a list of it."""
        if "trainable" in right:
            slow = [name for name in self.middle(kind, middle) if name not in self.head(kind)]
            return self.cells(kind, middle, {name: [lr * 0.01] for name in slow})

    @mistake
    def middle_used_up(self, right, kind, lr, middle, **inputs):
        """All that is to learn is trainable, and your middle's group holds nothing, as when its
        "params" is an iterator that a loop of yours has gone through. Make a list of it."""
        if "trainable" in right:
            return self.cells(kind, middle, {name: [lr * 0.1] for name in self.head(kind)})

    @mistake
    def frozen_middle_left_out(self, right, kind, lr, middle, frozen, **inputs):
        """In a net that came frozen your middle is empty: you leave out what wants no gradient when
        you are called. All of the named parts learns, whatever it was before."""
        return self.shown(kind, lr, middle, slow=[]) if frozen else None

    @mistake
    def frozen_ones_left_out(self, right, kind, middle, frozen, **inputs):
        """In a net that came frozen your groups are empty: you leave out what wants no gradient
        when you are called. Head and middle learn, whatever they were before."""
        if frozen:
            return self.cells(kind, middle, {}) | {
                "trainable": [], "most often that a parameter is listed": 0,
            }  # fmt: skip

    # What else is touched.

    @mistake
    def modes_changed(self, right, **inputs):
        """You change the mode of parts, as train() and eval() do. Nothing but the `requires_grad`
        of parameters is to change here."""
        if "trainable" in right:
            return {"modes afterwards": "changed"}

    @mistake
    def statistics_changed(self, right, **inputs):
        """Batch norm's running statistics are others afterwards, as when they are reset or a batch
        goes through the net. Nothing but the `requires_grad` of parameters is to change here."""
        if "trainable" in right:
            return {"running statistics afterwards": "changed"}

    @mistake
    def weights_changed(self, right, **inputs):
        """Weights are others afterwards, as when a layer is drawn anew or takes a step. Nothing but
        the `requires_grad` of parameters is to change here."""
        if "trainable" in right:
            return {"weights afterwards": "changed"}

    @mistake
    def gradients_cleared(self, right, **inputs):
        """You clear gradients that were there. Nothing but the `requires_grad` of parameters is to
        change here."""
        if "trainable" in right:
            return {"gradients afterwards": "cleared"}
