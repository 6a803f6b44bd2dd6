"""Exercises of notebook 15: what a part of a net gives out, by its name."""

import numpy as np
import torch

from autograder.exercise import Case, mistake, raises
from autograder.exercises.transfer.edges import FAILS, OutputEdges
from autograder.exercises.transfer.oracle import (
    AFTERWARDS,
    ALL,
    MIXED,
    PARAMETERS,
    TRAINABLE,
    UNFROZEN,
    activations,
    moved,
    moved_statistics,
    state,
    statistics,
)

# What gives no output, by the first name: parts that are not there, and a pass that fails.
UNKNOWN = ("body.block2", "block10", "body.bl", FAILS[0])


class get_activation(OutputEdges):
    """The output of one part of a net, found by the part's name."""

    signature = "get_activation(model, name, x)"
    reads = AFTERWARDS | {
        "hangs on a graph": "whether your output hangs on a graph",
        "kind of output": "what you return is {seen}; {right} is right",
        "hooks of others": "hooks that somebody else had put on these parts are {seen}; {right} is "
        "right",
        "handed on": "what comes behind a part with several outputs gets {seen}; {right} is right",
        "with stem.norm": "where the forward pass fails you give {seen}; {right} is right",
        "with hidden": "where a part behind the named one fails you give {seen}; {right} is right",
    } | {
        f"with {name}": f"with the name '{name}', which no part has, you give {{seen}}; {{right}} "
        "is right" for name in ("body.block2", "block10", "body.bl")
    } | {
        f"output of {name}": f"your output of `{name}`" for name in (
            "body.block1.norm", "body.block10", "moments:0", "moments:1", "moments:2", "moments",
            "moments:10", "act", "classifier.last", "hidden:0")
    }  # fmt: skip
    uses_global_random = True  # dropout does, in a net that is left in training mode
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
        yield case("a module that returns several", 2,
                   ["moments:0", "moments:1", "moments:2", "moments:10", "moments"])  # fmt: skip
        yield case("a module that is called twice", 1, ["act"])
        yield case("the last layer", 1, ["classifier.last", "hidden:0"], mixed=True)
        yield case("the forward pass fails", 1, FAILS, mixed=True, channels=3)
        yield case("a name that is not there", 0.5, ["body.block2"], mixed=True)
        yield case("a piece of a part's name", 0.5, ["block10", "body.bl"])

    def observe(self, code, names, seed, mixed, x):
        from course_utils.recipes import modules, transfer

        net = transfer.InPlaceNet(seed)
        net.train(mixed)
        if mixed:
            net.stem.norm.eval()
            net.classifier.eval()
            net.stem.requires_grad_(False)
        if names[0] == "stem.norm":  # the first part does not take x, the last not what it gets
            net.classifier.last.weight.data = net.classifier.last.weight.data[:, 1:]
        seen, graphs, others = {}, [], []
        if "classifier.last" in names:
            parts = (net.classifier.last, net.hidden)
            others = [(p, p.register_forward_hook(lambda *args: None)) for p in parts]
        for name in names:
            if name not in ("body.block2", "block10", "body.bl", "stem.norm", "hidden"):
                found = code.get_activation(net, name, torch.tensor(x))
                seen[f"output of {name}"] = found
                several = found if isinstance(found, (tuple, list)) else [found]
                graphs += [p for p in several if getattr(p, "requires_grad", False)]
                continue
            try:
                part = x[:, :2] if name == "hidden" else x
                found = code.get_activation(net, name, torch.tensor(part))
            except NotImplementedError:
                raise
            except Exception:  # noqa: BLE001 - which error is up to the learner
                seen[f"with {name}"] = "an error"
            else:
                seen[f"with {name}"] = "nothing" if found is None else "an output"
        if "classifier.last" in names:
            kind = type(seen["output of classifier.last"]).__name__
            seen["kind of output"] = "a tensor" if kind == "Tensor" else kind
            there = all(hook.id in part._forward_hooks for part, hook in others)
            seen["hooks of others"] = "still there" if there else "gone"
            for _, hook in others:
                hook.remove()
        if "moments" in names:
            seen["handed on"] = "its tuple" if {*net.handed_on} <= {"tuple"} else "something else"
        return seen | {
            "hangs on a graph": bool(graphs),
            "hooks left": modules.hooks(net),
            "parts in training mode afterwards": transfer.modes(net),
            "trainable parameters afterwards": transfer.trainable(net),
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
        if self.sound(names) or names == FAILS:
            common[TRAINABLE] = UNFROZEN if mixed else PARAMETERS
        if names[0] in UNKNOWN:
            return common | {f"with {name}": "an error" for name in names}
        if "classifier.last" in names:
            common |= {"kind of output": "a tensor", "hooks of others": "still there"}
        common |= {"handed on": "its tuple"} if "moments" in names else {}
        return common | self.outputs(activations(weights, x, device=self.device), names)

    def outputs(self, found, names):
        """What is given out under each of the names, ":0" and all."""
        parts = {name: name if name in found else name.partition(":")[0] for name in names}
        return {f"output of {name}": found[part] for name, part in parts.items()}

    def sound(self, names):
        return names[0] not in UNKNOWN

    def of(self, right, names):
        """The right outputs by the names of their cells, of parts that give one tensor."""
        cells = [f"output of {name}" for name in names if not name.startswith("moments")]
        return {cell: right[cell] for cell in cells} if self.sound(names) else {}

    @mistake
    def others_hooks_taken_off(self, right, names, **inputs):
        """You clear all hooks of the part, also those that were there before you came. Keep what
        register_forward_hook returns, and remove that one."""
        if "classifier.last" in names:
            return {"hooks of others": "gone"}

    @mistake
    def hook_left(self, right, names, **inputs):
        """Your hook stays on the model. It would run again with every forward pass from now on,
        and keep what it captured alive: take it off."""
        if self.sound(names):
            return {"hooks left": len(names)}

    @mistake
    def hook_left_after_an_error(self, right, names, **inputs):
        """When the forward pass fails, your hook stays on the model: the line that takes it off is
        never reached."""
        if names == FAILS:
            return {"hooks left": len(FAILS)}

    @mistake
    def in_training_mode(self, right, names, seed, mixed, x):
        """Your forward pass runs in the mode in which you got the net: batch norm in training mode
        uses this batch, and its running statistics move. Run it in evaluation mode."""
        if names == FAILS:
            return self.moved_before_it_fails(seed, x)
        if mixed and self.sound(names):
            weights = state(seed)
            found = activations(weights, x, ("body",))
            after = moved_statistics(weights, [x] * len(names), ("body",))
            return self.outputs(found, names) | {"running statistics afterwards": after}

    @mistake
    def part_alone_in_evaluation_mode(self, right, names, seed, mixed, x):
        """You put the named part alone into evaluation mode. The parts before it still run in
        training mode: their outputs depend on the batch, and running statistics move. The whole net
        has to be in evaluation mode."""
        if names == FAILS:
            return self.moved_before_it_fails(seed, x)
        if mixed and self.sound(names):
            weights, shown = state(seed), {}
            for name in names:
                training = [f"body.{block}." for block in ("block1", "block10")
                            if not f"body.{block}.".startswith(f"{name}.")
                            and name != f"body.{block}.norm"]  # fmt: skip
                shown |= self.outputs(activations(weights, x, training), [name])
                weights = moved(weights, x, training)
            return shown | {"running statistics afterwards": statistics(weights)}

    @mistake
    def left_in_evaluation_mode(self, right, names, mixed, **inputs):
        """The net is left in evaluation mode. Whoever called you may be training it: put every
        part back into the mode in which it was."""
        if self.sound(names):
            return {"parts in training mode afterwards": []}

    @mistake
    def left_in_training_mode(self, right, names, **inputs):
        """The whole net is in training mode afterwards, whatever its mode was before. Keep each
        part's mode first, and put it back."""
        if names[0] not in ("body.block2", "block10"):
            return {"parts in training mode afterwards": ALL}

    @mistake
    def modes_left_after_an_error(self, right, names, **inputs):
        """When the forward pass fails, the net is left in evaluation mode: the line that puts the
        mode back is never reached."""
        if names == FAILS:
            return {"parts in training mode afterwards": []}

    @mistake
    def one_mode_for_all(self, right, names, mixed, **inputs):
        """You put the whole net back into the mode of its outermost part. Some parts had a mode of
        their own, as batch norm has in a frozen net; train() sets them all alike."""
        return self.one_mode(names, mixed, FAILS)

    @mistake
    def not_detached(self, right, names, **inputs):
        """What you return hangs on the graph of the whole forward pass and keeps its memory.
        Features are numbers: no gradient is wanted here."""
        if self.sound(names):
            return {"hangs on a graph": True}

    @mistake
    def changed_in_place(self, right, names, **inputs):
        """You return the activation as a later part left it: that one works in place, on the same
        memory. Keep a copy, made while the hook runs."""
        one = self.single_changed_in_place(right, names, **inputs)
        return one or self.one_of_several_changed_in_place(right, names, **inputs)

    @mistake
    def single_changed_in_place(self, right, names, **inputs):
        """The output of a module that returns a single one comes back as a later part left it, for
        that one works in place. Keep a copy of such an output, too, made while the hook runs."""
        if "body.block1.norm" in names:
            cell = "output of body.block1.norm"
            return {cell: np.maximum(right[cell], 0)}

    @mistake
    def one_of_several_changed_in_place(self, right, names, **inputs):
        """An output of a module that returns several comes back as a later part left it, for that
        one works in place. Keep a copy of such an output, made while the hook runs."""
        if "moments" in names:
            mean, var = (right[f"output of moments:{number}"] for number in (0, 1))
            return {"output of moments:1": 0.5 * var,
                    **dict.fromkeys(("output of moments:0", "output of moments"), mean - 0.5 * var)
                    }  # fmt: skip

    @mistake
    def numpy_array(self, right, names, **inputs):
        """You return a numpy array. A torch tensor is asked for, as the part gave it out."""
        if "classifier.last" in names:
            return {"kind of output": "ndarray"}

    @mistake
    def first_call_kept(self, right, names, seed, mixed, x):
        """This part is called twice in one forward pass, and you return what it gave the first
        time. The last call is wanted."""
        if names == ["act"]:
            return {"output of act": activations(state(seed), x)["act, at first"]}

    @mistake
    def error_behind_the_part_not_met(self, right, names, **inputs):
        """When a part fails that comes after the named one, you return an output all the same, as
        when the pass is broken off as soon as the named part has run. That error, too, is to go on
        to whoever called you."""
        if names == FAILS:
            return {"with hidden": "an output"}

    @mistake
    def calls_joined(self, right, names, **inputs):
        """You join what all calls of a part gave. Where it is called several times the last call
        alone is wanted; here the two do not even fit together."""
        if names == ["act"]:
            return dict.fromkeys(right, raises("RuntimeError", "Sizes of tensors must match"))

    @mistake
    def list_of_all_calls(self, right, names, seed, mixed, x):
        """You return a list with what each call of the part gave. The tensor of the last call is
        wanted."""
        if self.sound(names):
            shown = {cell: [value] for cell, value in right.items() if cell.startswith("output of")}
            if names == ["act"]:
                shown["output of act"].insert(0, activations(state(seed), x)["act, at first"])
            return shown | ({"kind of output": "list"} if "kind of output" in right else {})

    @mistake
    def input_for_output(self, right, names, seed, mixed, x):
        """You return what goes into the part. A forward hook is given the module, its inputs and
        its output, in this order."""
        return self.inputs(names, seed, x)

    @mistake
    def input_by_number(self, right, names, seed, mixed, x):
        """You return what goes into the part, so a number that counts outputs finds nothing. A
        forward hook is given the module, its inputs and its output, in this order."""
        if "moments" in names:
            return dict.fromkeys(right, raises("IndexError", "out of range"))
        return self.inputs(names, seed, x)

    def inputs(self, names, seed, x):
        found = activations(state(seed), x) if self.sound(names) else {}
        before = {
            "body.block1.norm": "body.block1.conv", "body.block10": "body.block1",
            "act": "hidden", "classifier.last": "act", "hidden:0": "act, at first",
        } | {name: "body" for name in names if name.startswith("moments")}  # fmt: skip
        # The input of a part that works in place would be its output: none of these does.
        return {f"output of {name}": found[before[name]] for name in names if found}

    @mistake
    def output_of_the_whole(self, right, names, seed, mixed, x):
        """You return what the whole net gives out. The part's own output is what the hook saw."""
        if self.sound(names):
            last = activations(state(seed), x)["classifier.last"]
            return {f"output of {name}": last for name in names if name != "classifier.last"}

    @mistake
    def number_ignored(self, right, names, **inputs):
        """You return the first output of a module that returns several, whichever is asked for.
        The number behind the colon says which one is wanted."""
        if "moments" in names:
            first = right["output of moments"]
            return {f"output of moments:{number}": first for number in (1, 2, 10)}

    @mistake
    def counts_from_one(self, right, names, seed, x, **inputs):
        """You count the outputs from one, so that :0 is the last. The first is :0, as everywhere in
        Python."""
        if "moments" in names:
            found = activations(state(seed), x)
            given = {0: 10, 1: 0, 2: 1, 10: 9}
            return {f"output of moments:{n}": found[f"moments:{m}"] for n, m in given.items()}

    @mistake
    def one_output_too_early(self, right, names, seed, x, **inputs):
        """With :1 you return the first output and with :2 the second. Outputs are counted from
        zero: :1 is the second."""
        if "moments" in names:
            found = activations(state(seed), x)
            return {f"output of moments:{n}": found[f"moments:{n - 1}"] for n in (1, 2, 10)}

    @mistake
    def whole_tuple(self, right, names, seed, x, **inputs):
        """The bare name of a module that returns a tuple is short for its first output; you return
        all of them."""
        if "moments" in names:
            found = activations(state(seed), x)
            return {"output of moments": [found[f"moments:{n}"] for n in range(11)]}

    @mistake
    def first_picture_for_the_first_output(self, right, names, **inputs):
        """With :0 you take the first picture of the batch where a part gives one tensor: indexing a
        tensor picks an example. There ":0" stands for the whole tensor."""
        if "hidden:0" in names:
            return {"output of hidden:0": right["output of hidden:0"][0]}

    def looked_up_with_its_number(self, right, names, kind):
        if any(":" in name for name in names):
            return dict.fromkeys(right, raises(kind, ":0"))

    @mistake
    def number_taken_for_a_part_of_the_name(self, right, names, **inputs):
        """You look the name up with its colon and number. They are not part of the name: cut them
        off before you ask the net for the part."""
        return self.looked_up_with_its_number(right, names, "KeyError")

    @mistake
    def part_asked_for_with_its_number(self, right, names, **inputs):
        """You ask the net for a part whose name has a colon and a number in it. They say which
        output is wanted: cut them off before you look for the part."""
        return self.looked_up_with_its_number(right, names, "AttributeError")

    @mistake
    def dotted_name_as_attribute(self, right, names, **inputs):
        """A dotted name leads from part to part. getattr takes one step only; there is a method
        that takes them all."""
        if any("." in name for name in names) and self.sound(names):
            return dict.fromkeys(right, raises("AttributeError", "has no attribute"))

    @mistake
    def children_in_a_row(self, right, names, **inputs):
        """You call the net's children one after the other. How they are connected is said by the
        net's own forward: run the net as a whole, and let a hook look at the part."""
        if self.sound(names) and "moments" not in names:
            return dict.fromkeys(right, raises("TypeError", "must be Tensor, not tuple"))
