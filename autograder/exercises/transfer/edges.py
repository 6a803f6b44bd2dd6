"""What goes wrong at edges when outputs are caught: several outputs, a wrong name, a short batch.

The exercises are in `hooks` and `features`.
"""

import torch

from autograder.exercise import Exercise, mistake


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


class FeatureEdges(Exercise, abstract=True):
    """Of the features of all pictures."""

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
