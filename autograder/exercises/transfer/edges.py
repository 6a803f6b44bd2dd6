"""What goes wrong at edges when outputs are caught: several outputs, a wrong name, a short batch.

The exercises are in `hooks` and `features`.
"""

import numpy as np
import torch

from autograder.exercise import Exercise, mistake, raises
from autograder.exercises.transfer.oracle import (
    ALL,
    activations,
    moved_statistics,
    order_of,
    state,
)

NORMS = ("stem", "body")


class OutputEdges(Exercise, abstract=True):
    """Of one part's output."""

    @mistake
    def last_of_several(self, right, names, **inputs):
        """Of a part that returns several you return the last where no number is asked for. The
        first is meant."""
        if "moments" in names:
            return {"output of moments": right["output of moments:2"]}

    @mistake
    def modes_left_after_a_wrong_name(self, right, names, mixed, **inputs):
        """When there is no such part, the net is left in evaluation mode. Look for the part first,
        or put the modes back whatever happens."""
        if names == ["body.block2"] or names[0] == "block10":
            return {"parts in training mode afterwards": []} if mixed else {}

    def one_mode(self, names, mixed, *more):
        if mixed and (self.sound(names) or names in more):
            return {"parts in training mode afterwards": ALL}

    @mistake
    def one_mode_unless_it_fails(self, right, names, mixed, **inputs):
        """You put the whole net back into the mode of its outermost part. Some parts had a mode of
        their own, as batch norm has in a frozen net; train() sets them all alike."""
        return self.one_mode(names, mixed)

    @mistake
    def one_mode_whatever_happens(self, right, names, mixed, **inputs):
        """You put the whole net back into the mode of its outermost part, also where there is no
        such part or the forward pass fails. Some parts had a mode of their own; train() sets them
        all alike."""
        return self.one_mode(names, mixed, ["stem.norm"], ["body.block2"])

    @mistake
    def put_into_training_mode(self, right, names, seed, mixed, x):
        """Your forward pass runs with the whole net in training mode: batch norm uses this batch,
        and its running statistics move. Run it in evaluation mode."""
        if self.sound(names):
            weights = state(seed)
            after = moved_statistics(weights, [x] * len(names), NORMS)
            found = activations(weights, x, NORMS)
            return self.outputs(found, names) | {"running statistics afterwards": after}

    @mistake
    def input_without_a_number(self, right, names, seed, mixed, x):
        """Where the name has no number you return what goes into the part. What it gives out is
        asked for: a pre-hook sees the inputs, a forward hook the output, too."""
        plain = [name for name in names if ":" not in name]
        shown = self.inputs(plain, seed, x) if self.sound(names) else {}
        return {cell: value for cell, value in shown.items() if cell in right}

    @mistake
    def any_name_will_do(self, right, names, **inputs):
        """For a name that is not there you give an output all the same, as where a search falls
        back on something else. Say so with an error: a wrong name is the commonest slip with this
        function."""
        if not self.sound(names) and names != ["stem.norm"]:
            return {f"with {name}": "an output" for name in names}


class FeatureEdges(Exercise, abstract=True):
    """Of the features of all pictures."""

    def read(self, seen, x, y, order, **inputs):
        """Rows and labels that both come from a later pass stand in the first one's order: whoever
        counts pictures in a pass before takes nothing from the wrong picture."""
        found, passes = dict(seen), seen["pass of the features"]
        both = [seen[name] for name in ("features", "labels")]
        if passes > 1 and all(isinstance(v, np.ndarray) and len(v) == len(y) for v in both):
            drawn = order_of(order, len(y), passes)
            if np.array_equal(both[1], y[drawn]):
                to_first = np.argsort(drawn)[order_of(order, len(y))]
                found |= {"features": both[0][to_first], "labels": both[1][to_first]}
        return found

    @mistake
    def rows_for_full_batches(self, right, x, batch, **inputs):
        """You make room for full batches, and the short one at the end leaves rows of zeros. There
        is a row for each picture."""
        if len(x) % batch:
            shown = {}
            for name in ("features", "labels"):
                found = torch.as_tensor(right[name])
                zeros = found.new_zeros(batch - len(x) % batch, *found.shape[1:])
                shown[name] = torch.cat([found, zeros])
            return shown

    @mistake
    def put_into_training_mode(self, right, layer, seed, training, x, y, batch, order):
        """Your net runs in training mode: each batch is normalised by itself, so a picture's
        features depend on its neighbours, and running statistics move. Evaluation mode is asked
        for."""
        weights, parts = state(seed), self.batches(x, batch, order)
        found = [activations(weights, part, NORMS)[layer] for part in parts]
        return {"features": torch.cat(found).flatten(1),
                "running statistics afterwards": moved_statistics(weights, parts, NORMS)
                }  # fmt: skip

    def by_class(self, right):
        return torch.argsort(torch.as_tensor(right["labels"]), stable=True).numpy()

    @mistake
    def rows_sorted_by_class(self, right, **inputs):
        """Your rows are sorted by class and your labels are not, so they stand beside the wrong
        pictures. Leave both as the loader gives them."""
        return {"features": right["features"][self.by_class(right)]}

    @mistake
    def rows_and_labels_sorted(self, right, **inputs):
        """Rows and labels are sorted by class. Leave them in the order in which the loader gives
        them."""
        order = self.by_class(right)
        return {name: right[name][order] for name in ("features", "labels")}

    @mistake
    def squeezed(self, right, layer, y, batch, **inputs):
        """You squeeze each batch's features. In a batch of one picture that takes away the axis of
        the pictures, too, and its row no longer fits to the others."""
        if len(y) % batch == 1 and not layer.startswith("body"):
            return dict.fromkeys(right, raises("RuntimeError", "same number of dimensions"))

    @mistake
    def squeezed_and_flattened(self, right, layer, y, batch, **inputs):
        """A last batch of one picture has lost the axis of the pictures, as squeeze() takes it
        away, and your code stops where it reaches for an axis behind it. Name the axis that is to
        go, or take none away."""
        if len(y) % batch == 1 and not layer.startswith("body"):
            return dict.fromkeys(right, raises("IndexError", "Dimension out of range"))

    @mistake
    def squeezed_arrays(self, right, layer, y, batch, **inputs):
        """A last batch of one picture has lost the axis of the pictures, as squeeze() takes it
        away, and its row no longer fits to the others. Name the axis that is to go, or take none
        away."""
        if len(y) % batch == 1 and not layer.startswith("body"):
            return dict.fromkeys(right, raises("ValueError", "same number of dimensions"))

    @mistake
    def squeezed_and_laid_out_again(self, right, layer, y, batch, **inputs):
        """A last batch of one picture has lost the axis of the pictures before it is made rows
        again, as squeeze() takes it away: its features then count as pictures of one feature. Name
        the axis that is to go, or take none away."""
        if len(y) % batch == 1 and not layer.startswith("body"):
            return dict.fromkeys(right, raises("RuntimeError", "Sizes of tensors must match"))

    @mistake
    def one_picture_becomes_many_rows(self, right, layer, y, batch, **inputs):
        """A last batch of one picture has lost the axis of the pictures, as squeeze() takes it
        away: each of its features has become a row. Name the axis that is to go, or take none
        away."""
        if len(y) % batch == 1 and not layer.startswith("body"):
            *rows, last = torch.as_tensor(right["features"])
            many = last[:, None].expand(-1, len(last))
            return {"features": torch.cat([torch.stack(rows), many])}
