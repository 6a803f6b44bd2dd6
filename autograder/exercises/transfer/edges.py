"""What goes wrong at edges when outputs are caught: several outputs, a wrong name, a short batch.

The exercises are in `hooks` and `features`.
"""

import numpy as np
import torch

from autograder.exercise import Exercise, mistake, raises
from autograder.exercises.transfer.oracle import (
    ALL,
    PARAMETERS,
    TRAINABLE,
    activations,
    moved_statistics,
    order_of,
    state,
)

NORMS = ("stem", "body")
# Where the forward pass fails: before the part named first has run, and behind the second.
FAILS = ["stem.norm", "hidden"]


class Wanting(Exercise, abstract=True):
    """Of which parameters want a gradient when a net comes back."""

    @mistake
    def frozen_ones_come_back_trainable(self, right, **inputs):
        """Parameters that were frozen want a gradient afterwards. They are to come back as they
        were, each as it was: here some are frozen and others are not."""
        if right.get(TRAINABLE, PARAMETERS) != PARAMETERS:
            return {TRAINABLE: PARAMETERS}

    @mistake
    def left_frozen(self, right, **inputs):
        """No parameter wants a gradient afterwards: you have frozen the whole net for your pass,
        and whoever called you can train it no more. It is to come back as it was."""
        if TRAINABLE in right:
            return {TRAINABLE: []}


class OutputEdges(Wanting, abstract=True):
    """Of one part's output."""

    @mistake
    def last_of_several(self, right, names, **inputs):
        """Of a part that returns several you return the last where no number is asked for. The
        first is meant."""
        if "moments" in names:
            return {"output of moments": right["output of moments:10"]}

    @mistake
    def hook_returns_something(self, right, names, **inputs):
        """Your hook returns something, which torch hands on in place of the part's own output: what
        comes behind a part that returns a tuple is not given the tuple any more. Return nothing
        from a hook that only looks."""
        if "moments" in names:
            return {"handed on": "something else"}

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
        return self.one_mode(names, mixed, FAILS, ["body.block2"])

    @mistake
    def put_into_training_mode(self, right, names, seed, mixed, x):
        """Your forward pass runs with the whole net in training mode: batch norm uses this batch,
        and its running statistics move. Run it in evaluation mode."""
        if names == FAILS:
            return self.moved_before_it_fails(seed, x, NORMS)
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
        if not self.sound(names) and names != FAILS:
            return {f"with {name}": "an output" for name in names}

    @mistake
    def unknown_name_passed_over(self, right, names, **inputs):
        """A name that is not there goes unnoticed, and you return nothing. Say so with an error: a
        wrong name is the commonest slip with this function."""
        if not self.sound(names) and names != FAILS:
            return {f"with {name}": "nothing" for name in names}

    @mistake
    def end_of_a_name_will_do(self, right, names, **inputs):
        """You take a part whose name ends like the one asked for, as if "block10" were
        "body.block10". The whole name has to agree; for any other there should be an error."""
        if "block10" in names:
            return {"with block10": "an output"}

    @mistake
    def beginning_of_a_name_will_do(self, right, names, **inputs):
        """You take a part whose name begins like the one asked for, as if "body.bl" were
        "body.block1". The whole name has to agree; for any other there should be an error."""
        if "body.bl" in names:
            return {"with body.bl": "an output"}

    @mistake
    def error_swallowed(self, right, names, **inputs):
        """When the forward pass fails you catch the error and return nothing. Put the net back, and
        let the error go on to whoever called you."""
        if names == FAILS:
            return {f"with {name}": "nothing" for name in names}

    @mistake
    def error_swallowed_with_an_output(self, right, names, **inputs):
        """When the forward pass fails you catch the error, and return what the part had given until
        then, or nothing. Put the net back, and let the error go on to whoever called you."""
        if names == FAILS:
            return {"with stem.norm": "nothing", "with hidden": "an output"}

    @mistake
    def first_picture_alone(self, right, names, **inputs):
        """You return the first picture's activation only: an index that is meant for a tuple of
        outputs picks an example where the output is one tensor."""
        return {cell: value[0] for cell, value in self.of(right, names).items()}

    @mistake
    def last_digit_alone(self, right, names, **inputs):
        """Of a number with two digits you read the last alone, so that :10 gives the first output.
        All that stands behind the colon is the number."""
        if "moments" in names:
            return {"output of moments:10": right["output of moments:0"]}

    def moved_before_it_fails(self, seed, x, parts=("body",)):
        """The statistics after a pass in training mode in which the last part fails."""
        moved = moved_statistics(state(seed), [x[:, :2]], parts)
        return {"running statistics afterwards": moved}

    @mistake
    def frozen_ones_come_back_trainable_unless_it_fails(self, right, names, mixed, **inputs):
        """Parameters that were frozen want a gradient afterwards. They are to come back as they
        were, each as it was: here some are frozen and others are not."""
        if mixed and self.sound(names):
            return {TRAINABLE: PARAMETERS}

    @mistake
    def left_frozen_after_an_error(self, right, names, **inputs):
        """When the forward pass fails, no parameter wants a gradient afterwards: the line that puts
        that back is never reached."""
        if names == FAILS:
            return {TRAINABLE: []}


class FeatureEdges(Wanting, abstract=True):
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

    @mistake
    def stacked(self, right, y, batch, **inputs):
        """You stack the batches, which needs batches of one size and adds an axis. Join them along
        the axis of the pictures."""
        if len(y) % batch:
            return dict.fromkeys(right, raises("RuntimeError", "stack expects each tensor"))
        return {"features": right["features"].reshape(-1, batch, right["features"].shape[1]),
                "labels": right["labels"].reshape(-1, batch)}  # fmt: skip

    @mistake
    def first_batch_gives_the_size(self, right, y, batch, **inputs):
        """You take every batch to be as large as the first. The last one may be smaller: ask each
        batch for its own size."""
        if rest := len(y) % batch:
            fits = rest * right["features"].shape[1] % batch == 0
            says = "Sizes of tensors must match" if fits else "is invalid for input of size"
            return dict.fromkeys(right, raises("RuntimeError", says))

    @mistake
    def overwritten_by_later_batches(self, right, y, batch, **inputs):
        """The rows of your earlier batches hold a later batch's numbers, as when all are views of
        one buffer, and what is written there next changes them, too. Keep a copy of each batch."""
        rows = right["features"]
        starts, buffer = range(0, len(y), batch), rows[:batch].copy()
        for start in starts:
            part = rows[start : start + batch]
            buffer[: len(part)] = part
        shown = [buffer[: min(batch, len(y) - start)] for start in starts]
        return {"features": np.concatenate(shown)}

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
