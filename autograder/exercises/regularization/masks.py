"""What a dropout mask does, told from outputs: for `dropout` and `dropout_back`."""

import math

import numpy as np

from autograder.exercise import statistic

ITSELF, ALL_OR_NONE = "each number by itself", "everything or nothing"
NOT_ONE = "not one number"
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
