"""Exercise of notebook 15: which part of a net learns how fast.

The head that is put on it is in `head`, what is looked at in `groups`.
"""

from autograder.exercise import mistake, raises
from autograder.exercises.transfer.groups import SHARED, Groups
from course_utils.recipes.transfer import PartsNet


class finetune_groups(Groups):
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

    # Rates.

    def rated(self, right, names):
        return {f"rate of the {name}": value for name, value in names.items()
                if f"rate of the {name}" in right}  # fmt: skip

    @mistake
    def rates_exchanged(self, right, lr, **inputs):
        """The two rates are exchanged. The new head knows nothing yet and learns faster; the middle
        is nearly right and learns slowly."""
        return self.rated(right, {"head": lr * 0.01, "middle": lr * 0.1})

    @mistake
    def rates_exchanged_head_in_the_middle(self, right, lr, middle, **inputs):
        """Two things: the two rates are exchanged, the head's and the middle's; and where the head
        lies inside a part of the middle it is in that group. The head has its own rate wherever it
        lies."""
        head = 0.1 if "classifier" in middle else 0.01
        return self.rated(right, {"head": lr * head, "middle": lr * 0.1})

    @mistake
    def head_at_the_full_rate(self, right, lr, **inputs):
        """Your head learns at lr itself and the middle at a tenth. `lr` is the rate with which the
        net was trained at first: a tenth of it is for the head, a hundredth for the middle."""
        return self.rated(right, {"head": lr, "middle": lr * 0.1})

    @mistake
    def both_ten_times_too_slow(self, right, lr, **inputs):
        """Your head learns at a hundredth of lr and the middle at a thousandth. A tenth is for the
        head, a hundredth for the middle."""
        return self.rated(right, {"head": lr * 0.01, "middle": lr * 0.001})

    @mistake
    def head_at_lr(self, right, lr, **inputs):
        """Your head learns at lr itself, the rate with which the whole net was trained at first. A
        tenth of it is asked for."""
        return self.rated(right, {"head": lr})

    @mistake
    def head_as_slow_as_the_middle(self, right, lr, **inputs):
        """Your head learns at a hundredth of lr, which is the rate for the middle. The head knows
        nothing yet: a tenth is asked for."""
        return self.rated(right, {"head": lr * 0.01})

    @mistake
    def one_rate(self, right, lr, **inputs):
        """Your middle learns at a tenth of lr, which is the rate for the head. The further from the
        output, the more general the features, and the less they should move: a hundredth is asked
        for."""
        return self.rated(right, {"middle": lr * 0.1})

    @mistake
    def middle_at_a_thousandth(self, right, lr, **inputs):
        """Your middle learns at a thousandth of lr. A hundredth is asked for, a tenth of what is
        for the head."""
        return self.rated(right, {"middle": lr * 0.001})

    @mistake
    def middle_at_lr(self, right, lr, **inputs):
        """Your middle learns at lr itself. A hundredth of it is asked for."""
        return self.rated(right, {"middle": lr})

    @mistake
    def lr_for_all(self, right, lr, **inputs):
        """Head and middle learn at lr itself. A tenth of it is for the head, a hundredth for the
        middle."""
        return self.rated(right, {"head": lr, "middle": lr})

    # What is in the groups.

    def other(self, right, kind, lr, middle, **how):
        """What other parameters in the groups show, where there are to be groups."""
        return self.shown(kind, lr, middle, **how) if "trainable" in right else {}

    @mistake
    def compared_by_value(self, right, **inputs):
        """You ask with `in` whether a parameter is in a list, and that compares the values of
        tensors, which have different shapes. Ask which object it is, by `is` or `id`."""
        if "trainable" in right:
            return dict.fromkeys(right, raises("RuntimeError", "must match the size of tensor"))

    @mistake
    def equal_values_left_out(self, right, kind, lr, middle, frozen, **inputs):
        """Of two parameters with equal values only one is in your groups, as when you ask by value
        whether a parameter has been met. Ask which object it is."""
        if frozen:  # all values are 1 there
            form = {name: p.shape for name, p in PartsNet(0).named_parameters()}
            kept = {}
            for name in [*self.head(kind), *self.middle(kind, middle)]:
                kept.setdefault(form[name], name)
            slow = [n for n in kept.values() if n not in self.head(kind)]
            return self.other(right, kind, lr, middle, slow=slow)

    @mistake
    def shared_under_its_first_name(self, right, kind, lr, middle, **inputs):
        """A weight that the middle shares with a part outside is in no group and frozen. It belongs
        to the middle, too, although the whole net's list of names has it once only, under its name
        in that other part."""
        if kind == "shared":
            slow = [n for n in self.middle(kind, middle) if n != SHARED]
            return self.other(right, kind, lr, middle, slow=slow)

    @mistake
    def shared_weight_listed_but_frozen(self, right, kind, **inputs):
        """A weight that the middle shares with a part outside it is in your group and frozen, so it
        never moves: what you freeze takes it along. It belongs to the middle, too."""
        if kind == "shared":
            return {"trainable": [n for n in right["trainable"] if n != SHARED]}

    @mistake
    def norms_left_out(self, right, kind, lr, middle, **inputs):
        """Batch norm's scales and shifts in the middle are in no group. They are parameters of the
        middle too."""
        slow = [n for n in self.middle(kind, middle) if ".norm." not in n]
        return self.other(right, kind, lr, middle, slow=slow)

    @mistake
    def biases_left_out(self, right, kind, lr, middle, **inputs):
        """Biases in the middle, batch norm's shifts among them, are in no group. All that is in a
        part learns with it."""
        slow = [n for n in self.middle(kind, middle) if not n.endswith("bias")]
        return self.other(right, kind, lr, middle, slow=slow)

    @mistake
    def bias_of_the_head_left_out(self, right, kind, lr, middle, **inputs):
        """Your head's bias is in no group. It is a parameter of the head as its weight is."""
        slow = [n for n in self.middle(kind, middle) if n not in self.head(kind)]
        return self.other(right, kind, lr, middle, slow=slow, fast=self.head(kind)[:1])

    @mistake
    def own_parameters_only(self, right, kind, lr, middle, **inputs):
        """You take what a part holds itself and nothing of what is in the parts inside it. A block
        has hardly any parameters of its own: go down to all that lies in it."""
        parts = middle or ("features.block3", "features.block4")
        slow = self.middle(kind, middle)
        slow = [n for n in slow if n.rpartition(".")[0] in parts or n == SHARED]
        return self.other(right, kind, lr, middle, slow=slow)

    @mistake
    def beginnings_of_names(self, right, kind, lr, middle, **inputs):
        """A part whose name only begins alike is in your middle: "body.block10" begins with
        "body.block1". Ask the module for its parameters, or compare up to the dot."""
        if "body.block1" in middle:
            slow = self.middle(kind, [*middle, "body.block10"])
            return self.other(right, kind, lr, middle, slow=slow)

    @mistake
    def whole_body_slowly(self, right, kind, lr, middle, **inputs):
        """Everything below the head is in your slow group. Only the parts named in `middle` are;
        the rest is frozen."""
        return self.other(right, kind, lr, middle, rest=0.01)

    @mistake
    def rest_at_rate_zero(self, right, kind, lr, middle, **inputs):
        """The rest is in a group of its own with rate 0, and still wants gradients. It belongs in
        no group: freeze it."""
        return self.other(right, kind, lr, middle, rest=0.0)

    @mistake
    def head_alone(self, right, kind, lr, middle, **inputs):
        """Only the head is in your groups. That is what frozen features are; fine-tuning moves the
        middle as well."""
        return self.other(right, kind, lr, middle, slow=[])

    @mistake
    def first_linear_for_the_head(self, right, kind, lr, middle, **inputs):
        """You take the first nn.Linear of the net for the head. It is the last one."""
        if kind != "shipped":
            return self.other(right, kind, lr, middle, fast=["hidden.weight", "hidden.bias"])

    @mistake
    def middle_not_read(self, right, kind, lr, middle, **inputs):
        """Your middle is the default whatever `middle` says: here the net has no such parts, and
        the head learns alone. Read the argument."""
        if "trainable" not in right:
            return {"with a name that is not there": "goes on"}
        if kind != "shipped":
            return self.other(right, kind, lr, middle, slow=[])

    @mistake
    def default_names_always(self, right, kind, middle, **inputs):
        """You ask this net for the parts of the default, whatever `middle` says. Read the
        argument."""
        if kind != "shipped" and "trainable" in right:
            return dict.fromkeys(right, raises("AttributeError", "features"))

    @mistake
    def first_of_the_default_left_out(self, right, kind, lr, middle, **inputs):
        """Where no `middle` is given only block4 learns slowly. The default has features.block3 and
        features.block4."""
        if kind == "shipped":
            return self.other(right, kind, lr, middle, slow=self.middle(kind, ["features.block4"]))

    @mistake
    def first_name_alone(self, right, kind, lr, middle, **inputs):
        """Of several names in `middle` only the first part is in your group, as when a return
        stands inside the loop. All of them belong in it."""
        first = (middle or ["features.block3"])[:1]
        return self.other(right, kind, lr, middle, slow=self.middle(kind, first))

    @mistake
    def last_name_alone(self, right, kind, lr, middle, **inputs):
        """Of several names in `middle` only the last part is in your group. All of them belong in
        it: collect, rather than put one in the place of another."""
        last = (middle or ["features.block4"])[-1:]
        return self.other(right, kind, lr, middle, slow=self.middle(kind, last))

    @mistake
    def head_under_a_fixed_name(self, right, kind, middle, **inputs):
        """You reach for the head under a fixed name, and this net has none of that name. The head
        is the last nn.Linear of the net, wherever it lies."""
        if kind != "shipped" and "trainable" in right:
            says = "'PartsNet' object has no attribute"
            return dict.fromkeys(right, raises("AttributeError", says))

    # What is trainable.

    @mistake
    def norms_frozen_but_listed(self, right, **inputs):
        """Batch norm's parameters are in a group and want no gradient, so they never move."""
        if "trainable" in right:
            return {"trainable": [n for n in right["trainable"] if ".norm." not in n]}

    @mistake
    def rest_not_frozen(self, right, kind, frozen, **inputs):
        """The rest of the net still wants gradients: they are computed at every step and used by
        nobody. Freeze it."""
        if "trainable" in right and not frozen:
            return {"trainable": sorted(self.names(kind))}

    @mistake
    def all_made_trainable(self, right, kind, **inputs):
        """All parameters want gradients afterwards, even in a net that came frozen. Only what is in
        the groups is to be trainable."""
        if "trainable" in right:
            return {"trainable": sorted(self.names(kind))}

    @mistake
    def stays_frozen(self, right, frozen, **inputs):
        """This net came frozen, and the parameters in your groups still want no gradient: nothing
        would be learned. Say of each what it is to be."""
        if frozen:
            return {"trainable": []}

    @mistake
    def nothing_trainable(self, right, **inputs):
        """No parameter wants a gradient afterwards, so nothing would be learned. Freeze first, then
        make trainable what is in the groups."""
        if "trainable" in right:
            return {"trainable": []}

    @mistake
    def middle_stays_frozen(self, right, frozen, **inputs):
        """This net came frozen, and only the head wants gradients now. The middle is to learn
        too."""
        if frozen:
            return {"trainable": sorted(self.head("parts"))}

    @mistake
    def middle_frozen(self, right, kind, **inputs):
        """Only the head wants gradients afterwards. The middle is in a group and frozen: it is to
        learn, too."""
        if "trainable" in right:
            return {"trainable": sorted(self.head(kind))}

    @mistake
    def own_parameters_not_frozen(self, right, kind, **inputs):
        """Parameters that belong to the net itself, or to a part with parts in it, still want a
        gradient and are in no group: you freeze those alone that lie in a part without parts of its
        own."""
        if kind == "own":
            return {"trainable": sorted([*right["trainable"], "scale", "body.shift"])}

    @mistake
    def parameters_of_the_net_itself_not_frozen(self, right, kind, **inputs):
        """A parameter that belongs to the net itself still wants a gradient and is in no group: you
        freeze those alone that lie in one of its parts."""
        if kind == "own":
            return {"trainable": sorted([*right["trainable"], "scale"])}

    # How they are listed.

    @mistake
    def listed_twice(self, right, middle, **inputs):
        """A parameter that belongs to two of the named parts is listed twice, and an optimizer
        refuses that or updates it twice. Once is enough."""
        if "body" in middle:
            return {"most often that a parameter is listed": 2}

    @mistake
    def shared_weights_listed_twice(self, right, kind, **inputs):
        """Weights that two parts share are listed twice. They have two names and are one object:
        tell by the object whether you have met them."""
        if kind == "shared":
            return {"most often that a parameter is listed": 2}

    @mistake
    def head_in_both_groups(self, right, middle, **inputs):
        """Where the head lies inside a part of the middle its parameters are in both groups, and an
        optimizer refuses that. They belong to the head's alone."""
        if "classifier" in middle:
            return {"most often that a parameter is listed": 2,
                    "an optimizer takes the groups": False}  # fmt: skip

    @mistake
    def head_in_the_middle_group(self, right, kind, lr, middle, **inputs):
        """Where the head lies inside a part of the middle it learns as slowly as that. The head is
        to have its own rate wherever it lies."""
        if "classifier" in middle:
            return {"rate of the head": lr * 0.01}

    @mistake
    def sets_for_lists(self, right, **inputs):
        """Your groups hold sets, and torch's optimizers refuse them, for a set has no order. Use
        lists."""
        if "trainable" in right:
            return {"an optimizer takes the groups": False}

    @mistake
    def rate_under_another_key(self, right, **inputs):
        """Your groups have no "lr": an optimizer would take its own rate for all of them. The key
        for a group's rate is "lr"."""
        if "trainable" in right:
            return {"keys of the groups": ["learning_rate", "params"],
                    "rate of the head": 0.0, "rate of the middle": 0.0}  # fmt: skip

    def instead_of_groups(self, right, kind, middle, what):
        if "trainable" in right:
            return self.cells(kind, middle, {}) | {
                "returned": what, "keys of the groups": [],
                "an optimizer takes the groups": False,
                "most often that a parameter is listed": 0,
            }  # fmt: skip

    @mistake
    def an_optimizer(self, right, **inputs):
        """You return an optimizer. Its groups alone are asked for, a list of dicts: which optimizer
        they go into is for the caller to choose."""
        if "trainable" in right:
            return {"returned": "an optimizer"}

    @mistake
    def returns_nothing(self, right, kind, middle, **inputs):
        """You return nothing. A list of groups is asked for."""
        return self.instead_of_groups(right, kind, middle, "a NoneType")

    @mistake
    def a_dict(self, right, kind, middle, **inputs):
        """You return a dict. A list of dicts is asked for, one for each group."""
        return self.instead_of_groups(right, kind, middle, "a dict")

    @mistake
    def unknown_name_passed_over(self, right, middle, **inputs):
        """A name that is not there goes unnoticed, and that part stays frozen for ever without a
        word. Stop with an error."""
        if middle == ["body.block2"]:
            return {"with a name that is not there": "goes on"}
