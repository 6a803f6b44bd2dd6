"""Exercise of notebook 05 on modes: dropout on, everything else as at test.

What is then averaged is in `averaging`.
"""

import torch

from autograder.exercise import Case, Exercise, mistake, raises

# The modules of each net, in the order of named_modules(); "model" is the net itself.
MODULES = {
    "flat": "model Sequential, 0 Linear, 1 BatchNorm1d, 2 ReLU, 3 Dropout, 4 Linear",
    "nested": "model Sequential, 0 Sequential, 0.0 Conv2d, 0.1 BatchNorm2d, 0.2 Dropout, "
    "1 Sequential, 1.0 Sequential, 1.0.0 Conv2d, 1.0.1 BatchNorm2d, 1.0.2 Dropout, 1.1 ReLU, "
    "2 Flatten",
    "channels": "model Sequential, 0 Dropout2d, 1 InstanceNorm2d, 2 Dropout3d, 3 Dropout1d, "
    "4 Dropout, 5 BatchNorm2d",
    "alpha": "model Sequential, 0 AlphaDropout, 1 SELU, 2 Dropout, 3 FeatureAlphaDropout",
    "lone": "model Dropout",
    "own": "model Sequential, 0 Linear, 1.norm BatchNorm1d, 1.drop Dropout, 2 PowerMean, "
    "3 Attention",
    "shared": "model Sequential, 0 Sequential, 0.0 BatchNorm1d, 0.1 Dropout, 1 Sequential, "
    "1.0 ReLU",
}

FLAT = ("flat", "channels", "alpha")  # nets with no layer inside another


def shifted(text, before):
    """The words for modules when so many others stand before those inside the net."""

    def moved(module):
        head, *rest = module.split(" ")[0].split(".")
        name = ".".join([head if head == "model" else str(int(head) + before), *rest])
        return f"{name} {module.split(' ')[1]}"

    return ", ".join(moved(module) for module in text.split(", "))


def modules(kind, before, having=(), without=()):
    """The modules of a net whose words hold one of `having` and none of `without`, as a text."""
    inside = [
        module
        for module in MODULES[kind].split(", ")
        if (not having or any(word in module for word in having))
        and not any(word in module for word in without)
    ]
    found = shifted(", ".join(inside), before).split(", ") if inside else []
    if not having and kind != "lone":
        place = found[:1] == ["model Sequential"]
        found[place:place] = [f"{i} Identity" for i in range(before)]
    return ", ".join(found) or "nothing"


class enable_dropout(Exercise):
    """Dropout on, everything else as at test: the mode that Monte-Carlo dropout needs."""

    signature = "enable_dropout(model)"
    library = "torch"
    minutes = 6
    difficulty = 2
    extra = True
    reads = {
        "in training mode": "after your code {seen} is in training mode; {right} should be",
        "probabilities": "the list of your dropout layers' p",
    }
    hints = (
        "Where do you find all modules of a model, even those inside other modules?",
        "Batch norm must not learn from test examples: begin with everything in evaluation mode. "
        "Then, which classes of torch.nn drop something?",
    )

    def cases(self, rng):
        def net(kind, training, p):
            return {"kind": kind, "training": training, "p": p, "before": int(rng.integers(0, 6))}

        yield Case("a flat net", 0.5, **net("flat", False, 0.3))
        yield Case("a flat net, fresh from training", 0.5, **net("flat", True, 0.3))
        yield Case("blocks inside blocks", 0.5, **net("nested", True, 0.75))
        yield Case("dropout of whole channels", 1, **net("channels", False, 0.3))
        yield Case("alpha dropout", 1, **net("alpha", False, 0.6))
        yield Case("a dropout layer by itself", 0.5, **net("lone", False, 0.4))
        yield Case("one layer in two containers", 0.5, **net("shared", False, 0.3))
        yield Case("with layers that are not torch's", 0.5, **net("own", True, 0.4))

    def observe(self, code, kind, training, p, before):
        from course_utils.recipes.modules import seeded

        nn = torch.nn

        def drawn(kind, *sizes):
            return seeded(lambda: kind(*sizes), 0)

        def block():
            return nn.Sequential(drawn(nn.Conv2d, 3, 3, 1), nn.BatchNorm2d(3), nn.Dropout(p))

        class DropoutBlock(nn.Module):
            def __init__(self):
                super().__init__()
                self.norm, self.drop = nn.BatchNorm1d(5), nn.Dropout(p)

        class PowerMean(nn.Module):
            def __init__(self):
                super().__init__()
                self.p = 3.0

        class Attention(nn.Module):
            def __init__(self):
                super().__init__()
                self.dropout = p  # a number, as nn.MultiheadAttention and nn.LSTM have it

        def net(*inside):
            return nn.Sequential(*(nn.Identity() for _ in range(before)), *inside)

        shared = nn.Dropout(p)
        model = {
            "flat": lambda: net(
                drawn(nn.Linear, 4, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Dropout(p),
                drawn(nn.Linear, 5, 2),
            ),
            "nested": lambda: net(
                block(), nn.Sequential(block(), nn.ReLU()), nn.Flatten(),
            ),
            "channels": lambda: net(
                nn.Dropout2d(p), nn.InstanceNorm2d(3), nn.Dropout3d(p), nn.Dropout1d(p),
                nn.Dropout(p), nn.BatchNorm2d(3),
            ),
            "alpha": lambda: net(
                nn.AlphaDropout(p), nn.SELU(), nn.Dropout(p), nn.FeatureAlphaDropout(p),
            ),
            "lone": lambda: nn.Dropout(p),
            "own": lambda: net(drawn(nn.Linear, 4, 5), DropoutBlock(), PowerMean(), Attention()),
            "shared": lambda: net(
                nn.Sequential(nn.BatchNorm1d(5), shared), nn.Sequential(nn.ReLU(), shared),
            ),
        }[kind]().train(training)  # fmt: skip
        code.enable_dropout(model)
        # A block of one's own does nothing by itself: its mode is nobody's business.
        found = [(n or "model", m) for n, m in model.named_modules() if type(m) is not DropoutBlock]
        on = [f"{name} {type(m).__name__}" for name, m in found if m.training]
        drops = [m for _, m in found if "Dropout" in type(m).__name__]
        return {"in training mode": ", ".join(on) or "nothing",
                "probabilities": [m.p for m in drops]}  # fmt: skip

    def reference(self, kind, training, p, before):
        places = {
            "flat": ["3 Dropout"],
            "nested": ["0.2 Dropout", "1.0.2 Dropout"],
            "channels": ["0 Dropout2d", "2 Dropout3d", "3 Dropout1d", "4 Dropout"],
            "alpha": ["0 AlphaDropout", "2 Dropout", "3 FeatureAlphaDropout"],
            "lone": ["model Dropout"],
            "own": ["1.drop Dropout"],
            "shared": ["0.1 Dropout"],
        }[kind]
        return {"in training mode": shifted(", ".join(places), before),
                "probabilities": [p] * len(places)}  # fmt: skip

    @mistake
    def everything_in_training_mode(self, right, kind, before, **inputs):
        """The whole model is in training mode now. Batch norm then normalises by the test batch
        and learns from it: only dropout should be on."""
        return {"in training mode": modules(kind, before)}

    @mistake
    def all_but_batch_norm(self, right, kind, before, **inputs):
        """Everything but batch norm is in training mode now. Only dropout should be: begin with all
        of the model in evaluation mode."""
        return {"in training mode": modules(kind, before, without=["BatchNorm"])}

    @mistake
    def nothing_in_training_mode(self, right, kind, **inputs):
        """No layer drops anything: everything is in evaluation mode, so all samples would be the
        same."""
        return {"in training mode": "nothing"}

    @mistake
    def model_unchanged(self, right, kind, training, before, **inputs):
        """The model is in the mode in which it came. It is to be changed itself, not a copy of
        it."""
        return {"in training mode": modules(kind, before) if training else "nothing"}

    @mistake
    def others_left_as_they_were(self, right, kind, training, before, **inputs):
        """You turn dropout on, and of a model that comes from training you leave the rest in
        training mode, batch norm with it. Everything but dropout belongs into evaluation mode,
        whatever mode the model is in."""
        return {"in training mode": modules(kind, before)} if training else None

    @mistake
    def only_batch_norm_off(self, right, kind, training, before, **inputs):
        """You put batch norm into evaluation mode and leave the rest as it was. Everything but
        dropout belongs there, whatever it is."""
        return (
            {"in training mode": modules(kind, before, without=["BatchNorm"])} if training else None
        )

    @mistake
    def containers_left(self, right, kind, training, before, **inputs):
        """You put single layers into evaluation mode and leave what holds them, the Sequentials and
        the model itself, in training mode. Everything but dropout belongs there."""
        if training:
            return {"in training mode": modules(kind, before, having=["Sequential", "Dropout"])}

    @mistake
    def model_itself_left(self, right, kind, training, **inputs):
        """All that is inside the model is in its mode, and the model itself stays in the one in
        which it came. It is one of its modules, too."""
        if kind == "lone":
            return {"in training mode": "nothing"}
        if training:
            return {"in training mode": f"model Sequential, {right['in training mode']}"}

    @mistake
    def what_is_around_it_too(self, right, kind, before, **inputs):
        """You put what holds a dropout layer into training mode, and all else that is in it. Batch
        norm beside it then learns from test examples: only the layer itself should be on."""
        around = {"nested": ["0 Sequential", "0.", "1.0"], "own": ["1."],
                  "shared": ["0 Sequential", "0.", "1 Sequential", "1."]}  # fmt: skip
        shown = modules(
            kind, before, having=around.get(kind, ()), without=["model"] if kind in around else ()
        )
        return {"in training mode": shown}

    @mistake
    def switched_off_again(self, right, kind, **inputs):
        """A dropout layer that stands in two containers is off: you switch it on, and then put the
        second container into evaluation mode, and with it all that is inside. First everything
        into evaluation mode, then dropout into training mode."""
        return {"in training mode": "nothing"} if kind == "shared" else None

    @mistake
    def children_only(self, right, kind, before, **inputs):
        """Only the outermost layers are looked at. Dropout inside a block is a child of a
        child."""
        if kind == "own":  # a child with Dropout in its name, put into training mode as a whole
            return {"in training mode": shifted("1.norm BatchNorm1d, 1.drop Dropout", before)}
        return {"in training mode": "nothing"} if kind in ("nested", "lone", "shared") else None

    @mistake
    def children_only_by_class(self, right, kind, **inputs):
        """Only the outermost layers are looked at. Dropout inside a block is a child of a
        child."""
        return {"in training mode": "nothing"} if kind not in FLAT else None

    @mistake
    def two_levels_only(self, right, kind, before, **inputs):
        """You look at the model's layers and at what is inside those, and no deeper; nor at the
        model itself. Layers can lie at any depth, and the model can give you all its modules."""
        if kind == "lone":
            return {"in training mode": "nothing"}
        if kind == "nested":
            return {"in training mode": f"{before}.2 Dropout"}

    @mistake
    def model_iterated(self, right, kind, **inputs):
        """You go through the model as through a list. That gives the outermost layers, and only of
        a Sequential: every model can give all its modules, at any depth."""
        if kind == "lone":
            return dict.fromkeys(right, raises("TypeError", "iterable"))
        return {"in training mode": "nothing"} if kind not in FLAT else None

    @mistake
    def model_itself_left_out(self, right, kind, **inputs):
        """A model that is a dropout layer by itself stays off: you look only at what is inside it.
        The model is one of its modules, too."""
        return {"in training mode": "nothing"} if kind == "lone" else None

    @mistake
    def found_by_attribute(self, right, kind, **inputs):
        """Dropout inside a Sequential stays off, as happens when layers are looked for by the name
        of an attribute. There the names are numbers: look at the type."""
        return {"in training mode": "nothing"} if kind not in ("own", "lone") else None

    @mistake
    def first_only(self, right, kind, **inputs):
        """Only the first dropout layer is on. The others are as important: does the loop end too
        early?"""
        return {"in training mode": right["in training mode"].split(", ")[0]}

    @mistake
    def plain_dropout_only(self, right, kind, before, **inputs):
        """Of torch's classes you switch on nn.Dropout alone. nn.Dropout2d and the others are
        classes of their own, not kinds of it."""
        plain = {"channels": "4 Dropout", "alpha": "2 Dropout"}
        return {"in training mode": shifted(plain[kind], before)} if kind in plain else None

    @mistake
    def without_one_and_three(self, right, kind, before, **inputs):
        """Dropout and Dropout2d are on, the other kinds are not. A list of classes has to hold all
        of them; their names have a word in common."""
        found = {"channels": "0 Dropout2d, 4 Dropout", "alpha": "2 Dropout"}
        return {"in training mode": shifted(found[kind], before)} if kind in found else None

    @mistake
    def one_dimension_missing(self, right, kind, before, **inputs):
        """Dropout1d and alpha dropout stay off. A list of classes has to hold all of them; their
        names have a word in common."""
        found = {"channels": "0 Dropout2d, 2 Dropout3d, 4 Dropout", "alpha": "2 Dropout"}
        return {"in training mode": shifted(found[kind], before)} if kind in found else None

    @mistake
    def found_by_beginning(self, right, kind, before, **inputs):
        """You look for names that begin with Dropout. Alpha dropout is dropout too."""
        return {"in training mode": shifted("2 Dropout", before)} if kind == "alpha" else None

    @mistake
    def feature_alpha_missing(self, right, kind, before, **inputs):
        """FeatureAlphaDropout stays off. A list of classes has to hold all of them; their names
        have a word in common."""
        if kind == "alpha":
            return {"in training mode": shifted("0 AlphaDropout, 2 Dropout", before)}

    @mistake
    def block_taken_along(self, right, kind, before, **inputs):
        """A block of somebody's own with Dropout in its name is put into training mode by you, and
        the batch norm inside it too. Dropout layers are those of torch.nn; train() goes down to
        all that is inside."""
        if kind == "own":
            return {"in training mode": shifted("1.norm BatchNorm1d, 1.drop Dropout", before)}

    @mistake
    def known_by_its_p(self, right, kind, before, **inputs):
        """You take every module that has a p for dropout. Other layers have one as well, such as a
        mean of powers: look at the type."""
        if kind == "own":
            return {"in training mode": shifted("1.drop Dropout, 2 PowerMean", before)}

    @mistake
    def known_by_its_dropout(self, right, kind, before, **inputs):
        """You take every module with an attribute `dropout` for a dropout layer. Layers of
        attention have one, a number, and recurrent ones too: look at the type."""
        if kind == "own":
            return {"in training mode": shifted("1.drop Dropout, 3 Attention", before)}
