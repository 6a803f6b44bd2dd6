"""Exercise of notebook 15: a new head on an old body whose weights are frozen.

Which part of such a net learns how fast is in `finetune`.
"""

import torch

from autograder.exercise import Case, mistake, raises
from autograder.exercises.transfer.modes import FrozenModes, modes
from course_utils.recipes.transfer import PartsNet

HEAD = ["classifier.last.weight", "classifier.last.bias"]
OWN = ["scale", "body.shift"]  # where the net has some that hang on no part below


def body(own=False):
    """The parameters of all but the head, in their order."""
    net = PartsNet(0, own=own)
    return [name for name, _ in net.named_parameters() if name not in HEAD]


NORMS = [name for name in body() if ".norm." in name]


class freeze_and_replace(FrozenModes):
    """A trained net made ready for other classes: everything is frozen but a new last layer."""

    signature = "freeze_and_replace(model, num_classes)"
    uses_global_random = True
    library = "torch"
    minutes = 15
    difficulty = 3
    hints = (
        "Three things to do: freeze what is there, put a new layer in the place of the last "
        "nn.Linear, keep what is frozen in evaluation mode. Does the order matter?",
        "A parameter that requires no gradient gets none, and an optimizer skips it. But running "
        "statistics are not parameters, and in training mode they move.",
        "model.train() calls train on every part. You can change what one part does then, because "
        "an instance's own attribute comes before its class's method.",
    )
    reads = FrozenModes.reads | {
        "returned": "you return {seen}; {right} is right",
        "sizes of the head": "the shape of your head's weight",
        "type of the head": "your head's weight is of type {seen}; {right} is right",
        "head": "the head of your net is {seen}; {right} is right",
        "first weights of the head": "your head's first weights are {seen}; {right} is right",
        "trainable": "the list of your net's trainable parameters below the head",
        "trainable in the head": "the list of your head's trainable parameters",
        "head learns": "whether your head has moved after 5 steps",
        "train() without a mode": "`train()` of a frozen part, called without a mode, {seen}; it "
        "{right} is right",
    } | {
        f"frozen {what} after 5 steps": f"after 5 steps your frozen {what} are {{seen}}; {{right}} "
        "is right"
        for what in ("weights", "running statistics")
    }  # fmt: skip

    def cases(self, rng):
        # Neither 6 nor 7, the widths below.
        old, new, same, bare, last = (int(n) for n in rng.permutation([2, 3, 4, 5, 8, 9])[:5])

        def case(name, points, classes, new, bias=True):
            return Case(name, points, seed=int(rng.integers(1000)), classes=classes, new=new,
                        x=rng.normal(size=(10, 2, 4, 5)), y=rng.integers(0, new, 10), bias=bias,
                        )  # fmt: skip

        yield case("another number of classes", 2, old, new)
        yield case("as many classes as before", 2, same, same)
        # The net itself and its body have a parameter each there, too.
        yield case("an old head without a bias", 1, bare, last, bias=False)

    def observe(self, code, seed, classes, new, x, y, bias):
        from course_utils.recipes import modules, transfer

        net = transfer.PartsNet(seed, classes, own=not bias).train()
        first_made = transfer.PartsNet(seed, classes, own=not bias)
        if not bias:
            net.classifier.last.register_parameter("bias", None)
            # The order of the parts is not that in which they are used.
            net._modules["stem"] = net._modules.pop("stem")
        start, old = modules.weights(net), net.classifier.last.weight
        met = {id(m): m for m in net.modules()}
        rows = old.detach().clone()
        got = code.freeze_and_replace(net, new)
        last = net.classifier.last
        first, width = last.weight.detach(), last.weight.shape[1] ** -0.5
        copied = sum(any(torch.equal(row, other) for other in rows) for row in first.double())
        # A layer that was put in the place of another one than the head is not frozen, but new.
        frozen = [m for m in net.modules() if not any(m.children()) and m is not last
                  and (id(m) in met or not isinstance(m, torch.nn.Linear))]  # fmt: skip
        kinds = {torch.nn.BatchNorm2d: "batch norm", torch.nn.Dropout: "dropout"}
        known = {id(p) for name in first_made.state_dict()
                 for m in [net.get_submodule(name.rpartition(".")[0])]
                 for p in m.parameters(recurse=False)}  # fmt: skip
        in_order = [name for name, _ in first_made.named_parameters()]

        def place(name):
            return in_order.index(name) if name in in_order else len(in_order)

        seen = {
            "returned": "the same net" if got is net else type(got).__name__,
            "sizes of the head": list(first.shape),
            "type of the head": str(first.dtype).removeprefix("torch."),
            "head": "the old one" if last.weight is old
            else "new" if not copied else "made of the old one's rows",
            "first weights of the head": "all 0" if not first.any()
            else "as torch draws them" if 0.4 * width < first.abs().max() <= 1.0001 * width
            else "drawn in another way",
        }  # fmt: skip
        learning = sorted((name if id(p) in known else "a part beside the others"
                           for name, p in net.named_parameters() if p.requires_grad),
                          key=place)  # fmt: skip
        seen["trainable"] = [name for name in learning if not name.startswith("classifier.last")]
        seen["trainable in the head"] = [name for name in learning if name not in seen["trainable"]]
        if seen["head"] != "new":  # its weights are no first weights
            seen["first weights of the head"] = "as torch draws them"

        def moded(parts):
            on = any(m.training for m in parts)
            return "some in training mode" if on else "in evaluation mode"

        def look(moment):
            seen[f"net {moment}"] = "training" if net.training else "evaluation"
            on = net.classifier.last.training if last.weight is not old else net.training
            seen[f"head {moment}"] = "training" if on else "evaluation"

        def look_at_parts(moment):
            for kind in ("batch norm", "dropout", "others"):
                on = any(m.training for m in frozen if kinds.get(type(m), "others") == kind)
                seen[f"{kind} {moment}"] = "training" if on else "evaluation"

        def features():
            with torch.no_grad():
                h = net.body(net.stem(torch.tensor(x)))
                h = net.hidden(net.act(h.mean((2, 3))))
                return net.classifier.drop(h)

        # Five ordinary steps of an ordinary loop.
        seen["frozen parts when you return"] = moded(frozen)
        net.double()
        net.eval()
        look("after model.eval()")
        seen["frozen parts after model.eval()"] = moded(frozen)
        right = features()
        net.train()
        look("after model.train()")
        look_at_parts("after model.train()")
        steady = all(torch.allclose(right, features()) for _ in range(4))
        steady = "the features of evaluation mode" if steady else "other features"
        seen["features in training"] = steady
        begun = net.classifier.last.weight.detach().clone()
        if learning and len(begun) == new and net.hidden.weight.shape[0] == 7:
            sgd = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=0.1)
            for _ in range(5):
                sgd.zero_grad()
                out = net(torch.tensor(x))
                torch.nn.functional.cross_entropy(out, torch.tensor(y)).backward()
                sgd.step()
        end = modules.weights(net)
        parts = [name for name in start if not name.startswith("classifier.last")]
        norms = [name for name in parts if name.endswith(("running_mean", "running_var"))]
        weights = [name for name in parts if name not in norms and not name.endswith("tracked")]
        for key, names in (("weights", weights), ("running statistics", norms)):
            equal = all(name in end and torch.equal(start[name], end[name]) for name in names)
            seen[f"frozen {key} after 5 steps"] = "bit-equal" if equal else "moved"
        seen["head learns"] = not torch.equal(begun, net.classifier.last.weight)
        seen["train() without a mode"] = "does nothing"
        for part in (net.stem, net.body, net.classifier, *frozen):
            part.train(True)
            try:
                part.train()
            except TypeError:
                seen["train() without a mode"] = "stops with an error"
        look_at_parts("after train() of a part")
        blocks = [m for m in net.modules() if any(m.children()) and m is not net]
        heard = True
        for mode in (False, True):
            for m in blocks:
                m.train(mode)
                heard &= m.training == mode
        seen["train() of blocks"] = "as asked" if heard else "not as asked"
        return seen

    def reference(self, seed, classes, new, x, y, bias):
        return {
            "returned": "the same net",
            "sizes of the head": [new, 7],
            "type of the head": "float64",
            "head": "new",
            "first weights of the head": "as torch draws them",
            "trainable": [],
            "trainable in the head": HEAD,
            "frozen parts when you return": "in evaluation mode",
            "frozen parts after model.eval()": "in evaluation mode",
            "features in training": "the features of evaluation mode",
            "frozen weights after 5 steps": "bit-equal",
            "frozen running statistics after 5 steps": "bit-equal",
            "head learns": True,
            "train() without a mode": "does nothing",
            "train() of blocks": "as asked",
            **{f"{what} after model.{mode}()": told for what in ("net", "head")
               for mode, told in (("eval", "evaluation"), ("train", "training"))},
            **modes("evaluation"),
        }  # fmt: skip

    # Where the head goes.

    @mistake
    def a_copy_changed(self, right, classes, new, bias, **inputs):
        """You change a copy and return that; the net that was passed in is as it was. It is to be
        changed in place."""
        ran = classes == new
        head = {"trainable in the head": HEAD[:1]} if not bias else {}
        return {
            "returned": "PartsNet", "sizes of the head": [classes, 7], "head": "the old one",
            "trainable": body(not bias), **head,
            "features in training": "other features", **modes(),
            "frozen parts when you return": "some in training mode",
            "frozen running statistics after 5 steps": "moved",
            "frozen weights after 5 steps": "moved" if ran else "bit-equal", "head learns": ran,
        }  # fmt: skip

    @mistake
    def put_beside_the_head(self, right, classes, new, **inputs):
        """Your new layer hangs on the net under a name that its forward pass does not know, and the
        old head is still in its place, frozen. Put it where the last nn.Linear was: its name may
        have dots in it."""
        if classes == new:
            return dict.fromkeys(right, raises("RuntimeError", "does not require grad"))
        return {
            "sizes of the head": [classes, 7], "head": "the old one", "head learns": False,
            "trainable": ["a part beside the others"] * 2, "trainable in the head": [],
        }  # fmt: skip

    @mistake
    def first_linear_replaced(self, right, classes, new, **inputs):
        """You replace the first nn.Linear of the net. The head is the last one."""
        return {
            "sizes of the head": [classes, 7], "head": "the old one",
            "trainable": ["hidden.weight", "hidden.bias"], "trainable in the head": [],
            "frozen weights after 5 steps": "moved", "head learns": False,
        }  # fmt: skip

    @mistake
    def head_under_a_fixed_name(self, right, **inputs):
        """You reach for the head under a fixed name, and this net has none of that name. The head
        is the last nn.Linear among the named modules, wherever it lies."""
        return dict.fromkeys(right, raises("AttributeError", "'PartsNet' object has no attribute"))

    @mistake
    def container_for_the_head(self, right, **inputs):
        """You take a container for the head. The last nn.Linear may lie inside one: look through
        the named modules, not through the net's own children alone."""
        return dict.fromkeys(
            right, raises("AttributeError", "'Sequential' object has no attribute 'in_features'")
        )

    @mistake
    def old_bias_kept(self, right, classes, new, bias, **inputs):
        """You change the old head's weight, and its bias keeps the old length. Put a new layer in
        its place."""
        if classes != new and bias:
            return dict.fromkeys(right, raises("RuntimeError", "must match the existing size"))

    @mistake
    def old_head_kept(self, right, classes, new, **inputs):
        """With as many classes as before you keep the old head. It knows the old classes, in their
        order: a new task wants a new one."""
        if classes == new:
            return {"head": "the old one"}

    @mistake
    def old_head_kept_and_frozen(self, right, classes, new, **inputs):
        """With as many classes as before you keep the old head, frozen, and nothing can learn. A
        new task wants a new head."""
        if classes == new:
            return {"head": "the old one", "trainable in the head": [], "head learns": False}

    @mistake
    def old_rows_copied(self, right, **inputs):
        """Your head begins with rows of the old head's weight. They belong to the old classes: the
        new head is to have torch's usual first weights."""
        return {"head": "made of the old one's rows"}

    @mistake
    def head_of_zeros(self, right, **inputs):
        """Your head's first weights are all 0. The new layer is to have torch's usual first
        weights: leave them as they are drawn."""
        return {"first weights of the head": "all 0"}

    @mistake
    def head_drawn_in_another_way(self, right, **inputs):
        """Your head's first weights are drawn anew, with another spread. The new layer is to have
        torch's usual first weights: leave them as they are drawn."""
        return {"first weights of the head": "drawn in another way"}

    @mistake
    def head_without_bias(self, right, **inputs):
        """Your head has no bias. A score needs a constant of its own for each class."""
        return {"trainable in the head": HEAD[:1]}

    @mistake
    def bias_as_before(self, right, bias, **inputs):
        """Your head has no bias where the old one had none. The new head is to have one in any
        case."""
        if not bias:
            return {"trainable in the head": HEAD[:1]}

    @mistake
    def head_in_single_precision(self, right, **inputs):
        """Your head is of torch's default type, float32; this net is in float64. A new part has to
        go where the old one was: same type, same device."""
        return {"type of the head": "float32"}

    # What is frozen.

    @mistake
    def head_frozen_too(self, right, **inputs):
        """The new head is frozen, too: it wants no gradient, and does not move. Freeze first, then
        put the new layer in."""
        return {"trainable in the head": [], "head learns": False}

    @mistake
    def nothing_frozen(self, right, bias, **inputs):
        """All parameters still want a gradient, and the body has moved after a few steps: weight
        decay alone moves what an optimizer does not pass over. A parameter says itself whether it
        wants a gradient."""
        return {"trainable": body(not bias), "frozen weights after 5 steps": "moved"}

    @mistake
    def all_but_the_last_two(self, right, bias, **inputs):
        """You leave the last two parameters of the net trainable, whatever they belong to. The
        head's need not be the last: ask the new layer for its own."""
        if not bias:
            return {
                "trainable": ["stem.norm.weight", "stem.norm.bias"], "head learns": False,
                "trainable in the head": [], "frozen weights after 5 steps": "moved",
            }  # fmt: skip

    @mistake
    def first_part_alone_frozen(self, right, bias, **inputs):
        """You freeze the net's first part alone: the layers between it and the head are still
        trainable. All but the head is to be frozen."""
        rest = [name for name in body(not bias) if not name.startswith("stem")]
        return {"trainable": rest, "frozen weights after 5 steps": "moved"}

    @mistake
    def norms_not_frozen(self, right, **inputs):
        """The scales and shifts of batch norm are still trainable. They are parameters of the body
        as all others are."""
        return {"trainable": NORMS, "frozen weights after 5 steps": "moved"}

    @mistake
    def body_frozen_up_to_the_last_module(self, right, **inputs):
        """The affine layer before the last one is still trainable. The head is the last layer
        alone."""
        names = ["hidden.weight", "hidden.bias"]
        return {"trainable": names, "frozen weights after 5 steps": "moved"}

    @mistake
    def biases_not_frozen(self, right, bias, **inputs):
        """Biases are still trainable: you freeze weights only. A shift of the body is a parameter
        as well."""
        names = [name for name in body(not bias) if name.endswith("bias") or name in OWN]
        return {"trainable": names, "frozen weights after 5 steps": "moved"}

    @mistake
    def own_parameters_not_frozen(self, right, bias, **inputs):
        """Parameters that belong to the net itself, or to a part with parts in it, are still
        trainable: you freeze those alone that lie in a part without parts of its own."""
        if not bias:
            return {"trainable": OWN, "frozen weights after 5 steps": "moved"}

    @mistake
    def parameters_of_the_net_itself_not_frozen(self, right, bias, **inputs):
        """A parameter that belongs to the net itself is still trainable: you freeze those alone
        that lie in one of its parts."""
        if not bias:
            return {"trainable": OWN[:1], "frozen weights after 5 steps": "moved"}

    # What comes back.

    @mistake
    def returns_nothing(self, right, **inputs):
        """The net is changed and nothing is returned. Return it, so that the call can stand in a
        line with others."""
        return {"returned": "NoneType"}

    @mistake
    def returns_the_head(self, right, **inputs):
        """You return the new head. The whole net is wanted."""
        return {"returned": "Linear"}
