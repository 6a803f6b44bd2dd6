"""Exercise of notebook 15: a new head on an old body whose weights are frozen.

Which part of such a net learns how fast is in `transfer_finetune`.
"""

import torch

from autograder.exercise import Case, Exercise, mistake, raises
from autograder.exercises.transfer.oracle import state

HEAD = ["classifier.last.weight", "classifier.last.bias"]
NAMES = [name for name in state(0) if not name.endswith(("mean", "var", "tracked"))]
NORMS = [name for name in NAMES if ".norm." in name]


class freeze_and_replace(Exercise):
    """A trained net made ready for other classes: everything is frozen but a new last layer."""

    signature = "freeze_and_replace(model, num_classes)"
    uses_global_random = True
    library = "torch"
    minutes = 15
    difficulty = 3
    hints = (
        "Three things to do: freeze what is there, put a new layer in the place of the last "
        "nn.Linear, keep what is frozen in evaluation mode. Does the order matter?",
        "A parameter that wants no gradient gets none, and an optimizer passes it over. But "
        "running statistics are no parameters: they move in training mode.",
        "model.train() calls train on every part, and a part may answer as it likes: an instance's "
        "own attribute comes before its class's method.",
    )

    def cases(self, rng):
        def case(name, points, classes, new):
            return Case(name, points, seed=int(rng.integers(1000)), classes=classes, new=new,
                        x=rng.normal(size=(10, 2, 4, 5)), y=rng.integers(0, new, 10))  # fmt: skip

        yield case("from three classes to five", 3, 3, 5)
        yield case("as many classes as before", 2, 4, 4)

    def observe(self, code, seed, classes, new, x, y):
        from course_utils.recipes import modules, transfer

        net = transfer.PartsNet(seed, classes).train()
        start, old = modules.weights(net), net.classifier.last.weight
        got = code.freeze_and_replace(net, new)
        kinds = {torch.float64: "float64", torch.float32: "float32"}
        last = net.classifier.last
        seen = {
            "returned": "the same net" if got is net else type(got).__name__,
            "sizes of the head": list(last.weight.shape),
            "type of the head": kinds.get(last.weight.dtype, str(last.weight.dtype)),
            "head": "new",
            "trainable": [name for name, p in net.named_parameters() if p.requires_grad],
        }
        if last.weight is old or torch.equal(last.weight, old):
            seen["head"] = "the old one"
        net.double()

        # Five ordinary steps of an ordinary loop.
        net.eval()
        with torch.no_grad():
            right = net.body(net.stem(torch.tensor(x)))
            right = net.hidden(net.act(right.mean((2, 3))))
            right = net.classifier.drop(right)
        net.train()
        with torch.no_grad():
            body = net.body(net.stem(torch.tensor(x)))
            body = net.hidden(net.act(body.mean((2, 3))))
            twice = [net.classifier.drop(body) for _ in range(4)]
        steady = all(torch.allclose(right, one) for one in twice)
        modes = {net.training}
        if seen["head"] == "new":
            modes.add(net.classifier.last.training)
        seen["after model.train()"] = "net and head train" if modes == {True} else "they do not"
        seen["frozen part in training"] = "as in evaluation mode" if steady else "otherwise"
        begun = net.classifier.last.weight.detach().clone()
        if seen["trainable"] and len(begun) == new:
            sgd = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=0.1)
            for _ in range(5):
                sgd.zero_grad()
                out = net(torch.tensor(x))
                torch.nn.functional.cross_entropy(out, torch.tensor(y)).backward()
                sgd.step()
        end = modules.weights(net)
        parts = [name for name in start if not name.startswith("classifier.last")]
        norms = [name for name in parts if name.endswith(("running_mean", "running_var"))]
        weights = [name for name in parts if name.endswith(("weight", "bias"))]
        same = {
            key: all(name in end and torch.equal(start[name], end[name]) for name in names)
            for key, names in (("weights", weights), ("running statistics", norms))
        }
        for key, equal in same.items():
            seen[f"frozen {key} after 5 steps"] = "bit-equal" if equal else "moved"
        return seen | {"head learns": not torch.equal(begun, net.classifier.last.weight)}

    def reference(self, seed, classes, new, x, y):
        return {
            "returned": "the same net",
            "sizes of the head": [new, 7],
            "type of the head": "float64",
            "head": "new",
            "trainable": HEAD,
            "after model.train()": "net and head train",
            "frozen part in training": "as in evaluation mode",
            "frozen weights after 5 steps": "bit-equal",
            "frozen running statistics after 5 steps": "bit-equal",
            "head learns": True,
        }

    @mistake
    def statistics_move(self, right, **inputs):
        """The weights are frozen and batch norm's running statistics are not: training mode
        normalises by the batch and moves them. The loop calls model.train() after you, so what is
        frozen has to stay in evaluation mode even then."""
        return {"frozen part in training": "otherwise",
                "frozen running statistics after 5 steps": "moved"}  # fmt: skip

    @mistake
    def a_copy_changed(self, right, classes, new, **inputs):
        """You change a copy and return that; the net that was passed in is as it was. It is to be
        changed in place."""
        ran = classes == new
        return {
            "returned": "PartsNet", "sizes of the head": [classes, 7], "head": "the old one",
            "trainable": NAMES, "frozen part in training": "otherwise",
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
        return {"sizes of the head": [classes, 7], "head": "the old one", "head learns": False}

    @mistake
    def first_linear_replaced(self, right, classes, new, **inputs):
        """You replace the first nn.Linear of the net. The head is the last one."""
        if classes == new:
            return dict.fromkeys(right, raises("RuntimeError", "mat1 and mat2 shapes"))
        return {
            "sizes of the head": [classes, 7], "head": "the old one",
            "trainable": ["hidden.weight", "hidden.bias"],
            "frozen weights after 5 steps": "moved", "head learns": False,
        }  # fmt: skip

    @mistake
    def dropout_goes_on(self, right, **inputs):
        """The running statistics stay, and yet the frozen part gives other features in training:
        dropout drops, or batch norm uses the batch. All of what is frozen belongs in evaluation
        mode."""
        return {"frozen part in training": "otherwise"}

    @mistake
    def nothing_hears_train(self, right, **inputs):
        """model.train() does nothing any more, to the net as a whole or to the new head. Only the
        frozen parts are to be deaf to it."""
        return {"after model.train()": "they do not"}

    @mistake
    def head_frozen_too(self, right, **inputs):
        """Nothing is left to train: the new head is frozen with the rest. Freeze first, then put
        the new layer in."""
        return {"trainable": [], "head learns": False}

    @mistake
    def nothing_frozen(self, right, **inputs):
        """All weights are still trainable, so the body moves with the head. A parameter says itself
        whether it wants a gradient."""
        return {"trainable": NAMES, "frozen weights after 5 steps": "moved"}

    @mistake
    def norms_not_frozen(self, right, **inputs):
        """The scales and shifts of batch norm are still trainable. They are parameters of the body
        as all others are."""
        return {"trainable": NORMS + HEAD, "frozen weights after 5 steps": "moved"}

    @mistake
    def body_frozen_up_to_the_last_module(self, right, **inputs):
        """The affine layer before the last one is still trainable. The head is the last layer
        alone."""
        names = ["hidden.weight", "hidden.bias", *HEAD]
        return {"trainable": names, "frozen weights after 5 steps": "moved"}

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
            return {"head": "the old one", "trainable": [], "head learns": False}

    @mistake
    def head_without_bias(self, right, **inputs):
        """Your head has no bias. A score needs a constant of its own for each class."""
        return {"trainable": HEAD[:1]}

    @mistake
    def head_in_single_precision(self, right, **inputs):
        """Your head is of torch's default type, float32; this net is in float64. A new part has to
        go where the old one was: same type, same device."""
        return {"type of the head": "float32"}

    @mistake
    def returns_nothing(self, right, **inputs):
        """The net is changed and nothing is returned. Return it, so that the call can stand in a
        line with others."""
        return {"returned": "NoneType"}

    @mistake
    def returns_the_head(self, right, **inputs):
        """You return the new head. The whole net is wanted."""
        return {"returned": "Linear"}
