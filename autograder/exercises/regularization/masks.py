"""What a dropout mask does, told from outputs: for `dropout` and `dropout_back`."""

import math

import numpy as np

from autograder.exercise import statistic

ITSELF, ALL_OR_NONE = "each number by itself", "everything or nothing"
NOT_ONE = "not one number"
EQUAL = {True: "with an equal generator", False: "with an equal seed"}
OF_THE_SHARE = "1 over the share that happened to be kept"


def share_kept(p, size):
    """What a share of kept numbers may be: a binomial's mean and standard error."""
    return statistic(p, math.sqrt(p * (1 - p) / size))


def factors(values):
    """The smallest and the largest factor; in words where there are more than two, or none."""
    values = np.asarray(values, dtype=float)
    if not values.size:
        return "none"
    if len(np.unique(np.round(values, 4))) > 2:
        return NOT_ONE
    return np.array([values.min(), values.max()])


def pattern(outs, small):
    """What is dropped together, and into how many draws that makes, from the outputs of calls.

    `small` holds those of many calls with few numbers: one draw for all of them shows there.
    """
    masks = [out != 0 for out in outs]
    kept = masks[0]
    flat = kept.reshape(len(kept), -1)
    if all(mask.all() or not mask.any() for mask in (*masks, *(one != 0 for one in small))):
        if not all(one.any() for one in (*outs, *small)):
            return ALL_OR_NONE, 1
    if all(mask.all() for mask in masks):
        return "nothing", kept.size
    if (flat == flat[0]).all():
        return "the same for all examples", flat.shape[1]
    if (flat == flat[:, :1]).all():
        return "whole examples", len(flat)
    if kept.ndim == 4 and (kept == kept[:, :, :1, :1]).all():
        return "whole maps", kept[:, :, 0, 0].size
    return ITSELF, kept.size


def against(out, first):
    return "the same" if np.array_equal(out, first) else "another"


def what_it_does(seen, x, p, generator):
    """What a mask does in training, from outputs of several calls with a generator or seeds."""
    out = seen["outs"][0]
    kept, share = out != 0, float((out != 0).mean())
    dropped, draws = pattern(seen["outs"], seen["small"])
    factor = factors(out[kept] / x[kept])
    following, other = against(seen["following"], out), against(seen["outs"][1], out)
    if dropped == ALL_OR_NONE:  # of which two may agree by chance
        share = factor = ALL_OR_NONE
        following, other = "another" if generator else "the same", "another"
    elif dropped not in (ITSELF, "nothing"):
        # With fewer draws a share may be further off: it stands for the probability meant.
        near_by = [q for q in (p, 1 - p) if (share - q) ** 2 * draws < 36 * p * (1 - p)]
        share = (near_by or [share])[0]
    elif isinstance(factor, np.ndarray) and abs(factor[0] * share - 1) < 1e-6:
        factor = OF_THE_SHARE if share < 1 and abs(share / p - 1) > 1e-6 else factor
    alike = all(np.array_equal(one, out) for one in seen["outs"])
    equal = not alike and len({int((one != 0).sum()) for one in seen["outs"]}) == 1
    found = {
        "dropped": dropped,
        "share kept": share,
        "factor on what is kept": factor,
        "how many are kept": "is always the same" if equal and dropped == ITSELF else "varies",
        EQUAL[generator]: against(seen["again"], out),
        "in the next call": following,
    }
    return found if generator else {**found, "with another seed": other}
