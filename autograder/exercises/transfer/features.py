"""Exercises of notebook 15: a trained net as a machine that makes features."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake
from autograder.exercises.transfer.hooks import ALL
from autograder.exercises.transfer.oracle import activations, moved_statistics, state, statistics


def order_of(loader_seed, n, passes=1):
    """The order in which ShufflingLoader draws n examples in its last pass."""
    rng = np.random.default_rng(loader_seed)
    return [rng.permutation(n) for _ in range(passes)][-1]


class extract_features(Exercise):
    """What one layer makes of a whole data set: a row for each picture, with its label (DeCAF)."""

    signature = "extract_features(model, layer, loader, device) -> features, labels"
    needs = ("get_activation",)
    counted = ("batches sent to the device",)
    library = "torch"
    minutes = 10
    difficulty = 2
    hints = (
        "One pass over the loader: each batch gives some rows of features and as many labels. "
        "Collect both, and join them at the end.",
        "A loader that shuffles gives another order when you ask it again: take pictures and "
        "labels from the same pass.",
        "Rows are what a classifier wants: whatever the layer's output looks like, everything "
        "behind the first axis becomes one.",
    )

    def cases(self, rng):
        def case(name, points, layer, n, batch, training):
            return Case(
                name, points, layer=layer, seed=int(rng.integers(1000)), training=training,
                x=rng.normal(size=(n, 2, 4, 5)), y=rng.integers(0, 3, n), batch=batch,
                order=int(rng.integers(1000)),
            )  # fmt: skip

        yield case("maps, a short last batch", 2, "body.block10", 11, 4, False)
        yield case("a net in training mode", 2, "hidden", 9, 3, True)
        yield case("one of two outputs", 1, "moments:1", 7, 5, False)

    def observe(self, code, layer, seed, training, x, y, batch, order):
        from course_utils.recipes import modules, transfer

        net = transfer.PartsNet(seed).train(training)
        loader = transfer.ShufflingLoader(x, y, batch, order)
        features, labels = code.extract_features(net, layer, loader, torch.device("cpu"))
        return {
            "features": features,
            "labels": labels,
            "hangs on a graph": bool(getattr(features, "requires_grad", False)),
            "running statistics afterwards": transfer.statistics(net),
            "parts in training mode afterwards": transfer.modes(net),
            "hooks left": modules.hooks(net),
            "batches sent to the device": loader.sent.count("cpu"),
        }

    def rows(self, layer, seed, x, order, batch_statistics=(), device="cpu"):
        found = activations(state(seed), x[order_of(order, len(x))], batch_statistics, device)
        return found[layer].flatten(1)

    def reference(self, layer, seed, training, x, y, batch, order):
        return {
            "features": self.rows(layer, seed, x, order, device=self.device),
            "labels": y[order_of(order, len(y))],
            "hangs on a graph": False,
            "running statistics afterwards": statistics(state(seed)),
            "parts in training mode afterwards": ALL if training else [],
            "hooks left": 0,
            "batches sent to the device": -(-len(y) // batch),
        }

    def batches(self, x, batch, order):
        drawn = x[order_of(order, len(x))]
        return [drawn[i : i + batch] for i in range(0, len(x), batch)]

    @mistake
    def in_training_mode(self, right, layer, seed, training, x, y, batch, order):
        """The net ran in training mode: each batch was normalised by itself, so a picture's
        features depend on its neighbours, and the running statistics have moved."""
        if training:
            weights, parts = state(seed), self.batches(x, batch, order)
            found = [activations(weights, part, ("stem", "body"))[layer] for part in parts]
            return {"features": torch.cat(found).flatten(1),
                    "running statistics afterwards": moved_statistics(weights, parts)}  # fmt: skip

    @mistake
    def left_in_evaluation_mode(self, right, training, **inputs):
        """The net is left in evaluation mode. It was training when you got it: put it back."""
        if training:
            return {"parts in training mode afterwards": []}

    @mistake
    def labels_of_another_pass(self, right, y, order, **inputs):
        """Your labels are right, and beside the wrong pictures: the loader shuffles, so a second
        pass comes in another order. Take both in one pass."""
        return {"labels": y[order_of(order, len(y), 2)]}

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
    def averaged_over_places(self, right, layer, seed, x, order, **inputs):
        """You average each map over its places. The features asked for are all values of the layer,
        in one row."""
        if layer == "body.block10":
            return {"features": right["features"].reshape(len(x), 6, -1).mean(2)}

    @mistake
    def maps_not_flattened(self, right, layer, x, **inputs):
        """The features of a picture are still maps. A row of numbers is wanted: flatten everything
        behind the first axis."""
        if layer == "body.block10":
            return {"features": right["features"].reshape(len(x), 6, *x.shape[2:])}

    @mistake
    def channels_last(self, right, layer, x, **inputs):
        """Your rows have the channels last. Flatten each picture's values in the order in which
        they are: channels, rows, columns."""
        if layer == "body.block10":
            maps = right["features"].reshape(len(x), 6, -1)
            return {"features": maps.transpose(0, 2, 1).reshape(len(x), -1)}

    @mistake
    def scores_for_features(self, right, layer, seed, x, order, **inputs):
        """These are the scores at the end of the net. Features are what the named layer gives."""
        return {"features": self.rows("classifier.last", seed, x, order)}

    @mistake
    def graph_kept(self, right, **inputs):
        """Your features hang on the graph of every batch, so the memory of the whole data set's
        forward passes stays in use. No gradient is needed here."""
        return {"hangs on a graph": True}

    @mistake
    def not_sent_to_the_device(self, right, **inputs):
        """The pictures are never sent to the device. Here that works by luck; with a net on a GPU
        it stops."""
        return {"batches sent to the device": 0}


class linear_probe_by_depth(Exercise):
    """How much a linear classifier reads out of each layer (after Alain & Bengio 2016)."""

    signature = "linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0)"
    needs = ("get_activation",)
    library = "torch"
    minutes = 15
    difficulty = 3
    extra = True
    hints = (
        "Write the two small pieces first: one that makes rows and labels of a loader for a layer, "
        "and one that makes W and b of rows and labels.",
        "Mean and standard deviation belong to the probe: measure them on what it is trained on, "
        "and use the same ones on what it is tested on.",
        "With centred rows the constant is the mean of the targets, and W solves "
        "(XᵀX + ridge·1) W = Xᵀ(Y − mean).",
    )

    def cases(self, rng):
        def case(name, points, layers, n, ridge, dead=False, training=False):
            y = rng.integers(0, 3, n)
            bump = np.stack([y == 0, y == 1], 1)[:, :, None, None] * rng.uniform(0.4, 0.8)
            x = rng.normal(size=(n, 2, 4, 5)) + bump
            # The tested half has another mean and spread, as another day's photographs have.
            half = n // 2
            x[half:] = 1.7 * x[half:] + 0.9
            return Case(
                name, points, layers=layers, seed=int(rng.integers(1000)), x=x[:half], y=y[:half],
                held_x=x[half:], held_y=y[half:], ridge=ridge, dead=dead, training=training,
                order=int(rng.integers(1000)),
            )  # fmt: skip

        yield case("three depths", 2, ["stem.norm", "body.block1", "hidden"], 300, 1.0)
        yield case("a strong penalty", 2, ["body.block10", "body.block1.conv"], 200, 300.0)
        yield case("a channel that never fires; a net in training mode", 2,
                   ["stem", "body.block10", "moments:1"], 240, 1.0, True, True)  # fmt: skip

    def observe(self, code, layers, seed, x, y, held_x, held_y, ridge, dead, training, order):
        from course_utils.recipes import transfer

        net = transfer.PartsNet(seed).train(training)
        if dead:
            with torch.no_grad():
                net.stem.norm.weight[0], net.stem.norm.bias[0] = 0, -1
        pairs = (x, y), (held_x, held_y)
        loaders = [transfer.ShufflingLoader(*pair, 32, order) for pair in pairs]
        found = code.linear_probe_by_depth(net, *loaders, layers, ridge)
        return {
            "accuracies": {str(name): float(value) for name, value in found.items()},
            "running statistics afterwards": transfer.statistics(net),
        }

    def rows(self, seed, dead, x, layer, batch_statistics=()):
        found = activations(state(seed, dead=dead), x, batch_statistics, self.device)[layer]
        return (found.mean((2, 3)) if found.ndim == 4 else found).cpu().numpy()

    def probe(self, layers, seed, x, y, held_x, held_y, ridge, dead, pooled=None, own=False,
              tested=None, scaled=True, constant=True, **inputs):  # fmt: skip
        from sklearn.linear_model import RidgeClassifier
        from sklearn.preprocessing import StandardScaler

        found = {}
        for layer in layers:
            rows = [self.rows(seed, dead, part, layer) for part in (x, held_x)]
            if pooled is not None:
                rows = [pooled(seed, dead, part, layer) for part in (x, held_x)]
            if scaled:
                scale = StandardScaler().fit(rows[0])
                for_held_out = StandardScaler().fit(rows[1]) if own else scale
                rows = [scale.transform(rows[0]), for_held_out.transform(rows[1])]
            fitted = RidgeClassifier(alpha=ridge, fit_intercept=constant).fit(rows[0], y)
            where = (rows[0], y) if tested == "training" else (rows[1], held_y)
            found[layer] = float(fitted.score(*where))
        return found

    def reference(self, layers, seed, dead, **inputs):
        return {
            "accuracies": self.probe(layers, seed, dead=dead, **inputs),
            "running statistics afterwards": statistics(state(seed, dead=dead)),
        }

    @mistake
    def tested_on_the_training_rows(self, right, **inputs):
        """These are the accuracies on the rows that the probe was trained on. Test on the
        others."""
        return {"accuracies": self.probe(**inputs, tested="training")}

    @mistake
    def test_rows_scaled_by_themselves(self, right, **inputs):
        """You scale the held-out rows by their own mean and standard deviation. Both are the
        training rows'."""
        return {"accuracies": self.probe(**inputs, own=True)}

    @mistake
    def not_scaled(self, right, **inputs):
        """The penalty weighs every feature alike, so they have to be on one scale first: yours are
        as they come."""
        return {"accuracies": self.probe(**inputs, scaled=False)}

    @mistake
    def without_penalty(self, right, ridge, **inputs):
        """Your probe has no penalty: `ridge` is not used."""
        return {"accuracies": self.probe(**inputs, ridge=1e-9)}

    @mistake
    def penalty_times_examples(self, right, ridge, y, **inputs):
        """Your penalty is multiplied by the number of examples: sums of squares on one side, means
        on the other. Both are sums here."""
        return {"accuracies": self.probe(**inputs, y=y, ridge=ridge * len(y))}

    @mistake
    def strongest_place_for_the_mean(self, right, **inputs):
        """You take the largest value of each map. The mean over its places is wanted."""

        def pooled(seed, dead, x, layer):
            found = activations(state(seed, dead=dead), x)[layer]
            return (found.amax((2, 3)) if found.ndim == 4 else found).numpy()

        return {"accuracies": self.probe(**inputs, pooled=pooled)}

    @mistake
    def errors_for_accuracies(self, right, **inputs):
        """These are shares of errors; the shares that are right were asked for."""
        return {"accuracies": {k: 1 - v for k, v in right["accuracies"].items()}}

    @mistake
    def last_layer_for_all(self, right, layers, **inputs):
        """All layers get the accuracy of the last one: a dictionary of functions or a variable of
        the loop is read after the loop is over."""
        return {"accuracies": dict.fromkeys(layers, right["accuracies"][layers[-1]])}
