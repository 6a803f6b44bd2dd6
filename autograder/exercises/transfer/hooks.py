"""Exercises of notebook 15: what a part of a net gives out, by its name."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, raises
from autograder.exercises.transfer.oracle import activations, moved_statistics, state, statistics

ALL = ["the net", "stem", "stem.conv", "stem.norm", "stem.relu", "body", "body.block1",
       "body.block1.conv", "body.block1.norm", "body.block1.relu", "body.block10",
       "body.block10.conv", "body.block10.norm", "body.block10.relu", "moments", "act", "hidden",
       "classifier", "classifier.drop", "classifier.last"]  # fmt: skip
# As a net may be met: training, but with some parts put into evaluation mode on purpose.
MIXED = [name for name in ALL if not name.startswith(("stem.norm", "classifier"))]


class get_activation(Exercise):
    """The output of one part of a net, found by the part's name."""

    signature = "get_activation(model, name, x)"
    library = "torch"
    minutes = 15
    difficulty = 2
    hints = (
        "torch calls a forward hook with the module, its inputs and its output. So the hook only "
        "has to put the output where your function finds it afterwards.",
        "Whatever happens in the forward pass, the hook has to go and the modes have to come back: "
        "that is what `finally` is for. Each part has a mode of its own.",
        "A tensor that your hook got is the very one that the next part is given. What if that "
        "part works in place?",
    )

    def cases(self, rng):
        def case(name, points, names, mixed=False, channels=2):
            size = (4, channels, *(int(n) for n in rng.permutation([5, 6])))
            return Case(name, points, names=names, seed=int(rng.integers(1000)), mixed=mixed,
                        x=rng.normal(size=size))  # fmt: skip

        yield case("nested names; parts in different modes", 3,
                   ["body.block1.norm", "body.block10"], mixed=True)  # fmt: skip
        yield case("a module that returns two", 2, ["moments:0", "moments:1", "moments"])
        yield case("a module that is called twice", 1, ["act"])
        yield case("the last layer", 1, ["classifier.last", "hidden:0"], mixed=True)
        yield case("the forward pass fails", 1, ["stem.norm"], mixed=True, channels=3)
        yield case("a name that is not there", 1, ["body.block2"])

    def observe(self, code, names, seed, mixed, x):
        from course_utils.recipes import modules, transfer

        net = transfer.PartsNet(seed).train(mixed)
        if mixed:
            net.stem.norm.eval()
            net.classifier.eval()
        seen, graphs = {}, []
        sound = x.shape[1] == 2 and "body.block2" not in names
        for name in names:
            try:
                found = code.get_activation(net, name, torch.tensor(x))
            except NotImplementedError:
                raise
            except Exception:
                if sound:
                    raise
                seen[name] = "an error"
            else:
                if not sound:
                    seen[name] = "nothing" if found is None else "something"
                else:
                    seen[name] = found
                graphs += [p for p in (found if isinstance(found, (tuple, list)) else [found])
                           if getattr(p, "requires_grad", False)]  # fmt: skip
        return seen | {
            "hangs on a graph": bool(graphs),
            "hooks left": modules.hooks(net),
            "parts in training mode afterwards": transfer.modes(net),
            "running statistics afterwards": transfer.statistics(net),
        }

    def reference(self, names, seed, mixed, x):
        weights = state(seed)
        common = {
            "hangs on a graph": False,
            "hooks left": 0,
            "parts in training mode afterwards": MIXED if mixed else [],
            "running statistics afterwards": statistics(weights),
        }
        if x.shape[1] != 2 or names == ["body.block2"]:
            return common | dict.fromkeys(names, "an error")
        found = activations(weights, x, device=self.device)
        return common | {name: self.named(found, name) for name in names}

    def named(self, found, name):
        return found[name] if name in found else found[name.partition(":")[0]]

    def sound(self, names, x):
        return x.shape[1] == 2 and names != ["body.block2"]

    @mistake
    def hook_left(self, right, names, seed, mixed, x):
        """Your hook stays on the model. It would run again with every forward pass from now on,
        and keep what it captured alive: take it off."""
        if self.sound(names, x):
            return {"hooks left": len(names)}

    @mistake
    def hook_left_after_an_error(self, right, names, seed, mixed, x):
        """When the forward pass fails, your hook stays on the model: the line that takes it off is
        never reached."""
        if x.shape[1] != 2:
            return {"hooks left": 1}

    @mistake
    def not_detached(self, right, names, seed, mixed, x):
        """What you return hangs on the graph of the whole forward pass and keeps its memory.
        Features are numbers: no gradient is wanted here."""
        if self.sound(names, x):
            return {"hangs on a graph": True}

    @mistake
    def changed_in_place(self, right, names, seed, mixed, x):
        """You return the activation as the next layer left it: that one works in place, on the same
        memory. Keep a copy."""
        if "body.block1.norm" in names:
            return {"body.block1.norm": np.maximum(right["body.block1.norm"], 0)}

    @mistake
    def in_training_mode(self, right, names, seed, mixed, x):
        """The net ran in training mode where it was in training mode: its batch norm used this
        batch, and its running statistics have moved. Features are taken in evaluation mode."""
        if mixed and self.sound(names, x):
            weights = state(seed)
            found = activations(weights, x, ("body",))
            moved = moved_statistics(weights, [x] * len(names), ("body",))
            shown = {name: self.named(found, name) for name in names}
            return shown | {"running statistics afterwards": moved}

    @mistake
    def left_in_evaluation_mode(self, right, names, seed, mixed, x):
        """The net is left in evaluation mode. Whoever called you may be training it: put every
        part back into the mode in which it was."""
        if mixed and self.sound(names, x):
            return {"parts in training mode afterwards": []}

    @mistake
    def modes_left_after_an_error(self, right, names, seed, mixed, x):
        """When the forward pass fails, the net is left in evaluation mode: the line that puts the
        mode back is never reached."""
        if x.shape[1] != 2:
            return {"parts in training mode afterwards": []}

    @mistake
    def one_mode_for_all(self, right, names, seed, mixed, x):
        """You put the whole net back into the mode of its outermost part. Some parts had a mode of
        their own, as batch norm has in a frozen net; train() sets them all alike."""
        if mixed:
            return {"parts in training mode afterwards": ALL}

    @mistake
    def first_call_kept(self, right, names, seed, mixed, x):
        """This part is called twice in one forward pass, and you return what it gave the first
        time. The last call is wanted."""
        if names == ["act"]:
            return {"act": activations(state(seed), x)["act, at first"]}

    @mistake
    def input_for_output(self, right, names, seed, mixed, x):
        """You return what goes into the part. A forward hook is given the module, its inputs and
        its output, in this order."""
        found = activations(state(seed), x) if self.sound(names, x) else {}
        before = {
            "body.block1.norm": "body.block1.conv", "body.block10": "body.block1",
            "act": "hidden", "classifier.last": "act", "hidden:0": "act, at first",
        }  # fmt: skip
        # The input of a part that works in place would be its output: none of these does.
        return {name: found[before[name]] for name in names if name in before and found}

    @mistake
    def number_ignored(self, right, names, seed, mixed, x):
        """A module that returns a tuple has several outputs. The number behind the colon says which
        is wanted; you always give the first."""
        if "moments:1" in names:
            return {"moments:1": right["moments:0"]}

    @mistake
    def counts_from_one(self, right, names, seed, mixed, x):
        """You count the outputs from one. The first is :0, as everywhere in Python."""
        if "moments:1" in names:
            return {"moments:0": right["moments:1"], "moments:1": right["moments:0"]}

    @mistake
    def whole_tuple(self, right, names, seed, mixed, x):
        """The bare name of a module that returns a tuple is short for its first output; you return
        all of them."""
        if "moments" in names:
            return {"moments": [right["moments:0"], right["moments:1"]]}

    @mistake
    def output_of_the_whole(self, right, names, seed, mixed, x):
        """You return what the whole net gives out. The part's own output is what the hook saw."""
        if self.sound(names, x):
            last = activations(state(seed), x)["classifier.last"]
            return {name: last for name in names if name != "classifier.last"}

    @mistake
    def dotted_name_as_attribute(self, right, names, seed, mixed, x):
        """A dotted name leads from part to part. getattr takes one step only; there is a method
        that takes them all."""
        if any("." in name for name in names) and self.sound(names, x):
            return dict.fromkeys(right, raises("AttributeError", "has no attribute"))

    @mistake
    def unknown_name_passed_over(self, right, names, seed, mixed, x):
        """A name that is not there goes unnoticed, and you return nothing. Say so with an error: a
        wrong name is the commonest slip with this function."""
        if names == ["body.block2"]:
            return {"body.block2": "nothing"}
