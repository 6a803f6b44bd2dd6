"""Exercise of notebook 15: a trained net as a machine that makes features."""

import numpy as np
import torch

from autograder.exercise import Case, mistake, near, raises
from autograder.exercises.transfer.edges import FeatureEdges
from autograder.exercises.transfer.oracle import (
    AFTERWARDS,
    ALL,
    MIXED,
    PARAMETERS,
    TRAINABLE,
    UNFROZEN,
    activations,
    moved_statistics,
    order_of,
    state,
    statistics,
)


class extract_features(FeatureEdges):
    """What one layer makes of a whole data set: a row for each picture, with its label (DeCAF)."""

    signature = "extract_features(model, layer, loader, device) -> features, labels"
    counted = ("pictures sent to the device",)
    any_width = ("features",)
    reads = AFTERWARDS | {
        "hangs on a graph": "whether your features hang on a graph",
        "pictures sent to the device": "of your pictures {seen} are sent to `device`; {right} is "
        "right",
        "features come as": "your features come as {seen}; {right} is right",
        "labels come as": "your labels come as {seen}; {right} is right",
    }
    uses_global_random = True  # dropout does, in a net that is left in training mode
    library = "torch"
    minutes = 10
    difficulty = 2
    hints = (
        "One pass over the loader: each batch gives some rows of features and as many labels. "
        "Collect both, and join them at the end.",
        "A loader that shuffles gives another order in each pass. So take features and labels from "
        "the same pass.",
        "A classifier needs one row per picture. So whatever shape the layer's output has, flatten "
        "everything after the first axis into one axis.",
    )

    def cases(self, rng):
        def case(name, points, layer, n, batch, training=False):
            return Case(
                name, points, layer=layer, seed=int(rng.integers(1000)), training=training,
                x=rng.normal(size=(n, 2, 4, 5)), y=rng.integers(0, 3, n), batch=batch,
                order=int(rng.integers(1000)),
            )  # fmt: skip

        yield case("maps, a short last batch", 1, "body.block10.norm", 11, 4)
        yield case("a part that is called twice", 1, "act", 8, 4)
        yield case("a net in training mode", 2, "hidden", 9, 3, True)
        yield case("one of two outputs, a last batch of one", 1, "moments:1", 11, 5)

    def observe(self, code, layer, seed, training, x, y, batch, order):
        from course_utils.recipes import modules, transfer

        # The device is the CPU under another name, "cpu:0". What is sent there, and whatever is
        # made of it, is `Away` until it is fetched back with cpu() or to("cpu").
        sent = []

        class Home(torch.Tensor):
            """What the loader gives, and what is made of it on the CPU."""

            @classmethod
            def __torch_function__(cls, function, types, args=(), kwargs=None):
                kwargs = kwargs or {}
                with torch._C.DisableTorchFunctionSubclass():
                    out = function(*args, **kwargs)
                if not isinstance(out, torch.Tensor):
                    return out
                given = [
                    torch.device(a)
                    for a in (*args[1:], *kwargs.values())
                    if isinstance(a, torch.device) or (isinstance(a, str) and "cpu" in a)
                ]
                away = any(issubclass(kind, Away) for kind in types)
                if function is torch.Tensor.cpu or (given and given[0].index is None):
                    away = False
                elif given:
                    if not away and out.ndim == 4:
                        sent.append(len(out))
                    away = True
                return out.as_subclass(Away if away else Home)

        class Away(Home):
            """What is on the device."""

        calls = [0]  # of the net, before the loader's first pass, in it, in the second ...

        class Loader(transfer.ShufflingLoader):
            def __iter__(self):
                calls.append(0)
                for pictures, labels in super().__iter__():
                    plain = pictures.as_subclass(torch.Tensor)
                    yield plain.as_subclass(Home), labels.as_subclass(Home)

        class Net(transfer.PartsNet):
            def forward(self, x):
                calls[-1] += 1
                return super().forward(x)

        net = Net(seed).train(training)
        if training:
            net.stem.norm.eval()
            net.classifier.eval()
            net.stem.requires_grad_(False)
        loader = Loader(x, y, batch, order)
        features, labels = code.extract_features(net, layer, loader, torch.device("cpu", 0))
        rows = min(len(y), getattr(features, "shape", y.shape)[0])
        seen = {
            "hangs on a graph": bool(getattr(features, "requires_grad", False)),
            "running statistics afterwards": transfer.statistics(net),
            "parts in training mode afterwards": transfer.modes(net),
            "trainable parameters afterwards": transfer.trainable(net),
            "hooks left": modules.hooks(net),
            "pass of the features": max(k for k, n in enumerate(calls) if n or not k),
            "pictures sent to the device": "all"
            if sum(sent) >= rows
            else "some"
            if sent
            else "none",
        }
        for name, value in (("features", features), ("labels", labels)):
            form = type(value).__name__
            if isinstance(value, torch.Tensor):
                form = "a tensor on the device" if isinstance(value, Away) else "a tensor"
                value = value.detach().as_subclass(torch.Tensor)
            elif isinstance(value, (list, tuple)) and all(
                isinstance(v, int) or getattr(v, "ndim", 1) == 0 for v in value
            ):
                value = torch.tensor([int(v) for v in value])  # a list of labels
            seen |= {name: value, f"{name} come as": form}
        return seen

    def rows(self, layer, seed, x, order, passes=1, device="cpu"):
        found = activations(state(seed), x[order_of(order, len(x), passes)], device=device)
        return found[layer].flatten(1)

    def reference(self, layer, seed, training, x, y, batch, order):
        return {
            "features": near(self.rows(layer, seed, x, order, device=self.device),
                             rtol=1e-5, atol=1e-6),
            "labels": y[order_of(order, len(y))],
            "features come as": "a tensor",
            "labels come as": "a tensor",
            "hangs on a graph": False,
            "running statistics afterwards": statistics(state(seed)),
            "parts in training mode afterwards": MIXED if training else [],
            TRAINABLE: UNFROZEN if training else PARAMETERS,
            "hooks left": 0,
            "pictures sent to the device": "all",
        }  # fmt: skip

    def batches(self, x, batch, order):
        drawn = x[order_of(order, len(x))]
        return [drawn[i : i + batch] for i in range(0, len(x), batch)]

    # The visit.

    @mistake
    def in_training_mode(self, right, layer, seed, training, x, y, batch, order):
        """Your net runs in the mode in which you got it. In training mode each batch is normalised
        by itself, so a picture's features depend on its neighbours, and running statistics move:
        evaluation mode is asked for."""
        if training:
            weights, parts = state(seed), self.batches(x, batch, order)
            found = [activations(weights, part, ("body",))[layer] for part in parts]
            return {"features": torch.cat(found).flatten(1),
                    "running statistics afterwards": moved_statistics(weights, parts, ("body",))
                    }  # fmt: skip

    @mistake
    def left_in_evaluation_mode(self, right, training, **inputs):
        """The net is left in evaluation mode. It was training when you got it: put every part back
        into the mode in which it was."""
        if training:
            return {"parts in training mode afterwards": []}

    @mistake
    def one_mode_for_all(self, right, training, **inputs):
        """You put the whole net back into one mode. Some parts had a mode of their own: train()
        sets them all alike."""
        if training:
            return {"parts in training mode afterwards": ALL}

    @mistake
    def left_in_training_mode(self, right, **inputs):
        """The whole net is in training mode afterwards, whatever its mode was before. It is to come
        back as it was."""
        return {"parts in training mode afterwards": ALL}

    @mistake
    def hook_left(self, right, **inputs):
        """A hook of yours stays on the net. Take it off when the features are made."""
        return {"hooks left": 1}

    @mistake
    def hook_left_for_each_batch(self, right, y, batch, **inputs):
        """Each batch leaves another hook on the net, so every forward pass runs them all. Take the
        hook off again."""
        if len(y) > batch:
            return {"hooks left": -(-len(y) // batch)}

    @mistake
    def graph_kept(self, right, **inputs):
        """Your features hang on the graph of every batch, so the memory of the whole data set's
        forward passes stays in use. No gradient is needed here."""
        return {"hangs on a graph": True}

    @mistake
    def not_sent_to_the_device(self, right, **inputs):
        """Your pictures are never sent to the device. Here that works by luck; with a net on a GPU
        it stops."""
        return {"pictures sent to the device": "none"}

    @mistake
    def features_stay_on_the_device(self, right, **inputs):
        """Your features stay on the device, where they take up memory. They are asked for on the
        CPU: fetch each batch's rows back."""
        return {"features come as": "a tensor on the device"}

    @mistake
    def labels_stay_on_the_device(self, right, **inputs):
        """Your labels are sent to the device and stay there. Nothing there needs them: leave them
        on the CPU."""
        return {"labels come as": "a tensor on the device"}

    # Which pictures.

    @mistake
    def labels_of_another_pass(self, right, y, order, **inputs):
        """Your labels stand beside the wrong pictures: the loader shuffles, so a second pass comes
        in another order. Take both in one pass."""
        return {"labels": y[order_of(order, len(y), 2)]}

    @mistake
    def features_of_another_pass(self, right, layer, seed, x, order, **inputs):
        """Your features come from another pass than your labels, and the loader shuffles, so each
        row has the label of another picture. Take both in one pass."""
        return {"features": self.rows(layer, seed, x, order, passes=2)}

    @mistake
    def labels_sorted(self, right, y, **inputs):
        """Your labels are sorted; the features are not."""
        return {"labels": np.sort(y)}

    @mistake
    def last_batch_left_out(self, right, y, batch, **inputs):
        """The short batch at the end is missing. Every picture counts."""
        if len(y) % batch:
            kept = len(y) // batch * batch
            return {"features": right["features"][:kept], "labels": right["labels"][:kept]}

    @mistake
    def last_batch_alone(self, right, y, batch, **inputs):
        """You return what the last batch gave. Collect all of them."""
        first = (len(y) - 1) // batch * batch
        return {"features": right["features"][first:], "labels": right["labels"][first:]}

    @mistake
    def first_batch_alone(self, right, batch, **inputs):
        """You return what the first batch gave, as when a return stands inside the loop. Go through
        the whole loader first."""
        return {"features": right["features"][:batch], "labels": right["labels"][:batch]}

    @mistake
    def labels_of_the_last_batch(self, right, y, batch, **inputs):
        """Your labels are those of the last batch alone. Collect them as you collect the rows."""
        return {"labels": right["labels"][(len(y) - 1) // batch * batch :]}

    @mistake
    def data_set_for_loader(self, right, **inputs):
        """You ask the loader for its data set. All that is said of a loader is that it can be gone
        through, batch by batch: a list of batches is one, too."""
        return dict.fromkeys(right, raises("AttributeError", "dataset"))

    @mistake
    def rows_of_every_call(self, right, layer, seed, x, batch, order, **inputs):
        """You keep a block of rows for every call of a part. This one is called twice in each
        forward pass, and the last call alone counts."""
        if layer == "act":
            found = [activations(state(seed), part) for part in self.batches(x, batch, order)]
            first = [f["act, at first"] for f in found]
            both = [block for f, one in zip(found, first, strict=True) for block in (one, f["act"])]
            widths = {block.shape[1] for block in both}
            if len(widths) > 1:
                return dict.fromkeys(right, raises("RuntimeError", "Sizes of tensors must match"))
            return {"features": torch.cat(both)}

    # What a row is.

    @mistake
    def averaged_over_places(self, right, layer, x, **inputs):
        """You average each map over its places. The features asked for are all values of the layer,
        in one row."""
        if self.maps(layer):
            return {"features": right["features"].reshape(len(x), 6, -1).mean(2)}

    @mistake
    def maps_not_flattened(self, right, layer, x, **inputs):
        """The features of a picture are still maps. A row of numbers is wanted: flatten everything
        behind the first axis."""
        if self.maps(layer):
            return {"features": right["features"].reshape(len(x), 6, *x.shape[2:])}

    @mistake
    def channels_last(self, right, layer, x, **inputs):
        """Your rows have the channels last. Flatten each picture's values in the order in which
        they are: channels, rows, columns."""
        if self.maps(layer):
            maps = right["features"].reshape(len(x), 6, -1)
            return {"features": maps.transpose(0, 2, 1).reshape(len(x), -1)}

    @mistake
    def one_long_row(self, right, **inputs):
        """You flatten the pictures into one another, to a single long row. Each picture has a row
        of its own: keep the first axis."""
        return {"features": right["features"].ravel()}

    @mistake
    def changed_in_place(self, right, layer, **inputs):
        """Your features are those that a later part has left: it works in place, on the same
        memory. Keep a copy of what the layer gives, made while the hook runs."""
        if self.maps(layer):
            return {"features": np.maximum(right["features"], 0)}

    @mistake
    def number_ignored(self, right, layer, seed, x, order, **inputs):
        """You take the first output of a part that gives two. The number behind the colon says
        which one is wanted."""
        if layer == "moments:1":
            return {"features": self.rows("moments:0", seed, x, order)}

    @mistake
    def scores_for_features(self, right, layer, seed, x, order, **inputs):
        """These are the scores at the end of the net. Features are what the named layer gives."""
        return {"features": self.rows("classifier.last", seed, x, order)}

    @mistake
    def rows_of_length_one(self, right, **inputs):
        """You scale each row to length 1. The layer's own values are asked for."""
        length = np.linalg.norm(right["features"], axis=1, keepdims=True)
        return {"features": right["features"] / np.where(length > 0, length, 1)}

    @mistake
    def features_standardised(self, right, **inputs):
        """You standardise the features. The layer's own values are asked for; scaling them is the
        classifier's affair."""
        std = right["features"].std(0)
        return {"features": (right["features"] - right["features"].mean(0)) / (std + (std == 0))}

    # In what form.

    @mistake
    def features_as_an_array(self, right, **inputs):
        """Your features are a numpy array. A torch tensor is asked for."""
        return {"features come as": "ndarray"}

    @mistake
    def labels_as_an_array(self, right, **inputs):
        """Your labels are a numpy array. A torch tensor is asked for."""
        return {"labels come as": "ndarray"}

    @mistake
    def labels_as_a_list(self, right, **inputs):
        """Your labels are a Python list. A torch tensor is asked for."""
        return {"labels come as": "list"}

    @mistake
    def batches_not_joined(self, right, y, batch, **inputs):
        """You return lists with an entry for each batch. Join them to one tensor of features and
        one of labels."""
        cuts = range(batch, len(y), batch)
        return {"features": np.split(right["features"], cuts), "features come as": "list",
                "labels": np.split(right["labels"], cuts), "labels come as": "list"}  # fmt: skip

    def maps(self, layer):
        return layer.startswith("body")
