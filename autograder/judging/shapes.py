"""Plain relations of form between a wrong value and the right one: an axis too many, a sum that was
not taken, an entry that is missing. Relations between values of one shape are in `relations`."""

from __future__ import annotations

import numpy as np

NUMBERS_RIGHT = "; its numbers are the right ones."


def extra_axis(name, pairs):
    """The right values, with an axis of length 1 too many or too few."""
    if not all(p.mine.shape != p.right.shape for p in pairs):
        return None
    if not all(p.mine.size == p.right.size and p.is_(p.right.reshape(p.mine.shape)) for p in pairs):
        return None
    more = {p.mine.ndim - p.right.ndim for p in pairs}
    if not all(_squeezed(p.mine) == _squeezed(p.right) for p in pairs) or len(more) > 1:
        shapes = f"{pairs[0].mine.shape} where {pairs[0].right.shape} is asked for"
        return f"Your {name} has the right numbers in another shape: {shapes}."
    side = "too many" if max(more) > 0 else "too few"
    if max(more) == 0:
        return f"Your {name} has the right numbers; its axis of length 1 is in another place."
    count = abs(max(more))
    axes = "an axis" if count == 1 else f"{count} axes"
    return f"Your {name} has {axes} of length 1 {side}{NUMBERS_RIGHT}"


def _squeezed(array: np.ndarray) -> tuple[int, ...]:
    return tuple(size for size in array.shape if size != 1)


def not_reduced(name, pairs):
    """What would be right once it is summed or averaged over one axis, or over all."""
    for words, reduce in (("sum", np.sum), ("mean", np.mean), ("largest value", np.max)):
        axes = [_reducing(p.mine, p.right, reduce, p.is_right) for p in pairs]
        shared = set.intersection(*axes)
        if shared:
            axis = min(shared, key=str)
            over = "all of it" if axis == "all" else f"axis {axis}"
            return f"Your {name} still has an axis too many: the {words} over {over} is asked for."
    return None


def reduced_too_far(name, pairs):
    """What the right value is once it is summed or averaged over one axis, or over all."""
    for words, reduce in (("sum", np.sum), ("mean", np.mean)):
        axes = [_reducing(p.right, p.mine, reduce, p.is_) for p in pairs]
        shared = set.intersection(*axes)
        if shared:
            axis = min(shared, key=str)
            over = "everything" if axis == "all" else f"axis {axis}"
            return f"Your {name} is the {words} of the right one over {over}; keep that axis."
    return None


def _reducing(longer, shorter, reduce, same) -> set:
    """The axes over which the longer array becomes the shorter one; "all" for all of them."""
    found = set()
    if longer.dtype.kind not in "iuf" or longer.ndim == 0 or longer.size < 2:
        return found
    if shorter.size == 1 and longer.size > 1 and same(reduce(longer).reshape(shorter.shape)):
        found.add("all")
    for axis in range(longer.ndim):
        made = reduce(longer, axis=axis)
        if longer.shape[axis] > 1 and made.shape == shorter.shape and same(made):
            found.add(axis)
    return found


def one_missing(name, pairs):
    """The right entries without the first or the last, or with one more at an end."""
    if not all(p.mine.ndim == p.right.ndim > 0 for p in pairs):
        return None
    if not all(p.mine.shape[1:] == p.right.shape[1:] for p in pairs):
        return None
    long = {len(p.mine) - len(p.right) for p in pairs}
    if long == {-1} and all(len(p.mine) for p in pairs):
        for words, part in (("last", slice(None, -1)), ("first", slice(1, None))):
            if all(p.is_(p.right[part]) for p in pairs):
                return f"Your {name} lacks its {words} entry; the others are right."
    if long == {1} and all(len(p.right) for p in pairs):
        for words, part in (("end", slice(None, -1)), ("beginning", slice(1, None))):
            if all(p.is_right(p.mine[part]) for p in pairs):
                return f"Your {name} has one entry too many, at its {words}."
    return None


FORMS = (extra_axis, not_reduced, reduced_too_far, one_missing)


def sorted_rows(array: np.ndarray) -> np.ndarray:
    """The entries along the first axis in an order that does not depend on the one they come in."""
    flat = array.reshape(len(array), -1)
    return flat[np.lexsort(flat.T[::-1])]
