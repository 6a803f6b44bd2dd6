"""Exercise of notebook 15: how much a linear classifier reads out of each layer.

What is looked at stands in `probing`, probes with one thing changed in `ridge`.
"""

import numpy as np

from autograder.exercise import mistake, raises
from autograder.exercises.transfer import ridge as probes
from autograder.exercises.transfer.oracle import ALL, moved_statistics, order_of, state
from autograder.exercises.transfer.passes import BATCH, Passes


class linear_probe_by_depth(Passes):
    """How much a linear classifier reads out of each layer (after Alain & Bengio 2016)."""

    signature = "linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0)"
    uses_global_random = True  # dropout does, in a net that is left in training mode
    library = "torch"
    minutes = 15
    difficulty = 3
    extra = True
    hints = (
        "Write the two small pieces first: one that turns a loader into rows and labels for a "
        "layer, and one that turns rows and labels into W and b.",
        "Mean and standard deviation belong to the probe: measure them on what it is trained on, "
        "and use the same ones on what it is tested on.",
        "With centred rows the constant is the mean of the targets, and W solves "
        "(XᵀX + ridge·1) W = Xᵀ(Y − mean).",
    )

    @mistake
    def tested_on_the_training_rows(self, right, **inputs):
        """These are the accuracies on the rows that the probe was trained on. Test on the
        others."""
        return self.probe(**inputs, tested="training")

    @mistake
    def test_rows_scaled_by_themselves(self, right, **inputs):
        """You scale the held-out rows by their own mean and standard deviation. Both are the
        training rows'."""
        return self.probe(**inputs, scale=probes.by_themselves)

    # Before the variance, with which the penalty weighs next to nothing, too.
    @mistake
    def without_penalty(self, right, **inputs):
        """Your accuracies are those of a probe without a penalty, as when `ridge` is not used."""
        return self.probe(**inputs | {"ridge": 1e-9})

    @mistake
    def divided_by_the_variance(self, right, **inputs):
        """Your accuracies are those of features divided by their variance. The standard deviation,
        the root of that, is what is meant."""
        return self.probe(**inputs, scale=probes.by_variance)

    @mistake
    def test_rows_not_centred(self, right, **inputs):
        """You divide the held-out rows by the standard deviation, and do not centre them. Subtract
        the training rows' mean from them, too."""
        return self.probe(**inputs, scale=probes.tested_not_centred)

    @mistake
    def scaled_by_both(self, right, **inputs):
        """You scale by the mean and standard deviation of training and held-out rows together. Both
        are to be the training rows' alone."""
        return self.probe(**inputs, scale=probes.by_both)

    @mistake
    def not_scaled(self, right, **inputs):
        """Your accuracies are those of rows that are centred and not divided by their standard
        deviation. The penalty weighs every feature alike: they have to be on one scale first."""
        return self.probe(**inputs, scale=probes.centred)

    @mistake
    def not_scaled_and_tested_on_training(self, right, **inputs):
        """Your features are centred and not divided by their standard deviation, and the accuracies
        are those on the rows that the probe was trained on. Divide each, and test on the others."""
        return self.probe(**inputs, scale=probes.centred, tested="training")

    @mistake
    def not_centred(self, right, **inputs):
        """Your rows are divided by their standard deviation, and not centred. The constant in your
        probe holds for centred rows only."""
        return self.probe(**inputs, scale=probes.divided)

    @mistake
    def not_standardised(self, right, **inputs):
        """Your accuracies are those of rows as they come, neither centred nor scaled. Standardise
        each feature with the training rows' mean and standard deviation."""
        return self.probe(**inputs, scale=probes.as_they_come)

    @mistake
    def one_scale_for_all(self, right, **inputs):
        """You standardise with one mean and one standard deviation for all features together. Each
        feature has its own."""
        return self.probe(**inputs, scale=probes.by_one_number)

    @mistake
    def each_picture_standardised(self, right, **inputs):
        """You standardise each row, which is a picture. Each feature, a column, is to be
        standardised."""
        return self.probe(**inputs, scale=probes.by_picture)

    @mistake
    def softened(self, right, **inputs):
        """Your deviation has something added under its root, as in batch norm, so that a feature
        that varies little does not come to deviation 1, and the penalty weighs more on it."""
        return self.probe(**inputs, scale=probes.softened)

    @mistake
    def divided_by_zero(self, right, layers, seed, x, held_y, dead, **inputs):
        """You divide a feature that does not vary by its standard deviation, which is 0: all scores
        are NaN, and the first class is said for every picture. Such a feature is only centred."""
        found = right["accuracies"].copy()
        for place, layer in enumerate(layers):
            rows = probes.pooled(probes.layer_of(seed, dead, x, layer))
            if (rows.std(0) == 0).any():
                found[place] = np.mean(held_y == 0)
        return {"accuracies": found}

    # The classifier.

    @mistake
    def ridge_not_read(self, right, **inputs):
        """Your accuracies are those of `ridge` = 1, whatever is given. Read the argument."""
        return self.probe(**inputs | {"ridge": 1.0})

    def by_default(self, inputs, ridge):
        return {} if "ridge" in inputs else self.probe(**inputs, ridge=ridge)

    @mistake
    def hardly_a_penalty_by_default(self, right, **inputs):
        """Where no `ridge` is given it is 1, as the docstring says. Your accuracies are those of a
        penalty of nearly 0."""
        return self.by_default(inputs, 1e-3)

    @mistake
    def strong_penalty_by_default(self, right, **inputs):
        """Where no `ridge` is given it is 1, as the docstring says. Your accuracies are those of
        10."""
        return self.by_default(inputs, 10.0)

    @mistake
    def small_penalty_by_default(self, right, **inputs):
        """Where no `ridge` is given it is 1, as the docstring says. Your accuracies are those of
        0.1."""
        return self.by_default(inputs, 0.1)

    @mistake
    def penalty_times_examples(self, right, y, **inputs):
        """In effect your penalty is multiplied by the number of examples, as where XᵀX and
        Xᵀ(Y − mean) are divided by it and λ is not. Both are sums here."""
        return self.times_examples(y, inputs)

    def times_examples(self, y, inputs, **how):
        ridge = inputs.get("ridge", 1.0) * len(y)
        return self.probe(**inputs | {"y": y, "ridge": ridge}, **how)

    @mistake
    def not_scaled_and_penalty_times_examples(self, right, y, **inputs):
        """Your features are not divided by their standard deviation, and your penalty is multiplied
        by the number of examples. Divide each feature, and take `ridge` as it is given."""
        return self.times_examples(y, inputs, scale=probes.centred)

    @mistake
    def penalty_everywhere(self, right, **inputs):
        """You add the penalty to every entry of XᵀX. It belongs on the diagonal: λ times the unit
        matrix."""
        return self.probe(**inputs, everywhere=True)

    @mistake
    def penalty_everywhere_and_one_scale(self, right, **inputs):
        """You add the penalty to every entry of XᵀX, and one mean and one standard deviation serve
        all features. λ belongs on the diagonal, and each feature has a mean and a deviation of its
        own."""
        return self.probe(**inputs, everywhere=True, scale=probes.by_one_number)

    @mistake
    def mean_not_added(self, right, **inputs):
        """Your scores lack the targets' means, which say how frequent each class is. Add to each
        class's scores its own in the end."""
        return self.probe(**inputs, add=False)

    @mistake
    def constant_with_a_penalty(self, right, **inputs):
        """You learn the constant as the weight of a column of ones, and the penalty makes it
        smaller. Take the targets' mean for it, which has no penalty."""
        return self.probe(**inputs, score=probes.with_ones)

    @mistake
    def class_as_a_number(self, right, **inputs):
        """You fit the class's number and round it, as if class 1 lay between 0 and 2. Give each
        class a target of its own: 1 for the right one, else 0."""
        return self.probe(**inputs, score=probes.number)

    # The features.

    @mistake
    def strongest_place_for_the_mean(self, right, **inputs):
        """You take the largest value of each map. The mean over its places is wanted."""
        return self.probe(**inputs, pool=lambda m: m.max((2, 3)) if m.ndim == 4 else m)

    @mistake
    def maps_flattened(self, right, **inputs):
        """You take every value of the maps for a feature. Average each map over its places: a
        feature for each channel."""
        return self.probe(**inputs, pool=lambda m: m.reshape(len(m), -1))

    @mistake
    def averaged_over_channels(self, right, **inputs):
        """You average over the channels, so that the places are left. Average over the places: each
        channel is a feature."""
        flat = lambda m: m.mean(1).reshape(len(m), -1)
        return self.probe(**inputs, pool=lambda m: flat(m) if m.ndim == 4 else m)

    @mistake
    def averaged_along_rows_only(self, right, **inputs):
        """You average the maps along their last axis only, so that each row of a map stays a
        feature. Average over all places."""
        flat = lambda m: m.mean(3).reshape(len(m), -1)
        return self.probe(**inputs, pool=lambda m: flat(m) if m.ndim == 4 else m)

    @mistake
    def averaged_along_columns_only(self, right, **inputs):
        """You average the maps along their rows' axis only, so that each column of a map stays a
        feature. Average over all places."""
        flat = lambda m: m.mean(2).reshape(len(m), -1)
        return self.probe(**inputs, pool=lambda m: flat(m) if m.ndim == 4 else m)

    @mistake
    def last_layer_for_all(self, right, layers, **inputs):
        """All layers get the accuracy of the last one: a dictionary of functions or a variable of
        the loop is read after the loop is over."""
        return {"accuracies": np.full(len(layers), right["accuracies"][-1])}

    def _training(self, parts, seed, dead, x, y, held_x, held_y, order, layers, ridge=1.0):
        """What norms below `parts` show that see each batch."""
        passed, rows, labels = [], {}, []
        for place, layer in enumerate(layers):
            both = []
            for part, its in ((x, y), (held_x, held_y)):
                drawn = order_of(order, len(part), place + 1)
                cut = [part[drawn[i : i + BATCH]] for i in range(0, len(part), BATCH)]
                found = [probes.layer_of(seed, dead, b, layer, parts) for b in cut]
                rows[place, len(both)] = np.concatenate([probes.pooled(f) for f in found])
                both.append(its[drawn])
                passed += cut
            labels.append(both)
        made = self.probe(
            layers, seed, x, y, held_x, held_y, dead, ridge, labels=lambda place: labels[place],
            rows=lambda place, layer, part: rows[place, int(part is held_x)],
        )  # fmt: skip
        weights = state(seed, dead=dead)
        return made | {"running statistics afterwards": moved_statistics(weights, passed, parts)}

    @mistake
    def in_training_mode(self, right, training, **inputs):
        """Your net runs in the mode in which you got it. In training mode batch norm uses the
        batch, and its running statistics move: evaluation mode is asked for."""
        return self._training(("body",), **inputs) if training else None

    @mistake
    def put_into_training_mode(self, right, training, **inputs):
        """Your net runs in training mode when the features are taken: batch norm uses the batch,
        and its running statistics move. Evaluation mode is asked for."""
        return self._training(("stem", "body"), **inputs)

    @mistake
    def left_in_training_mode(self, right, **inputs):
        """The whole net is in training mode afterwards, whatever its mode was before. It is to come
        back as it was."""
        return {"parts in training mode afterwards": ALL}

    # Which pictures; see `passes` for labels of other ones.

    def trained_on(self, chosen, x, y, **inputs):
        """Accuracies of probes that are trained on these pictures of a layer's place."""

        def rows(place, layer, part):
            kept = part[chosen(place)] if part is x else part
            return probes.pooled(probes.layer_of(inputs["seed"], inputs["dead"], kept, layer))

        return self.probe(**inputs, x=x, y=y, rows=rows,
                          labels=lambda place: (y[chosen(place)], inputs["held_y"]))  # fmt: skip

    @mistake
    def first_batch_alone(self, right, x, order, **inputs):
        """Your probes are trained on the loader's first batch alone. Collect all batches."""
        chosen = order_of(order, len(x))[:BATCH]
        return self.trained_on(lambda place: chosen, x, order=order, **inputs)

    @mistake
    def first_batch_of_each_pass(self, right, x, order, **inputs):
        """For each layer your probe is trained on the first batch alone that the loader gives.
        Collect all batches."""
        return self.trained_on(
            lambda place: order_of(order, len(x), place + 1)[:BATCH], x, order=order, **inputs
        )

    @mistake
    def last_batch_of_each_pass(self, right, x, order, **inputs):
        """For each layer your probe is trained on the last batch alone that the loader gives.
        Collect all batches."""
        first = (len(x) - 1) // BATCH * BATCH
        return self.trained_on(
            lambda place: order_of(order, len(x), place + 1)[first:], x, order=order, **inputs
        )

    @mistake
    def flattened_and_tested_on_training(self, right, **inputs):
        """You take every value of the maps for a feature, and the accuracies are those on the rows
        that the probe was trained on. Average over places, and test on the others."""
        flat = lambda m: m.reshape(len(m), -1)
        return self.probe(**inputs, pool=flat, tested="training")

    # What comes back, and what stays behind.

    @mistake
    def errors_for_accuracies(self, right, **inputs):
        """These are shares of errors; the shares that are right were asked for."""
        return {"accuracies": 1 - right["accuracies"]}

    @mistake
    def a_list(self, right, **inputs):
        """You return a list. A dict is asked for, from each layer's name to its accuracy."""
        return {"keys": "a list"}

    @mistake
    def other_keys(self, right, **inputs):
        """Your dict has other keys than the layers' names. Take each name as it was passed in, dots
        and all."""
        return {"keys": "a dict with other keys"}

    @mistake
    def returns_nothing(self, right, **inputs):
        """You return nothing. A dict from layer to accuracy is asked for."""
        return dict.fromkeys(right, raises("TypeError", "'NoneType' object is not iterable"))

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
    def hooks_left(self, right, layers, held_y, y, **inputs):
        """Every batch leaves a hook of yours on the net. Take it off again."""
        batches = -(-len(y) // BATCH) - (-len(held_y) // BATCH)
        return {"hooks left": len(layers) * batches}

    @mistake
    def hook_of_each_layer_left(self, right, layers, **inputs):
        """The hook for each layer stays on the net. Take it off when its features are made."""
        return {"hooks left": len(layers)}
