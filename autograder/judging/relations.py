"""Plain relations between a wrong value and the right one, for when no known mistake fits.

Each relation must hold in every case in which the value is wrong. Nothing here knows what the
numbers mean.
"""

from __future__ import annotations

from itertools import permutations

import numpy as np

from autograder.judging.compare import Pair, same_shape
from autograder.judging.factors import factor
from autograder.judging.shapes import FORMS, sorted_rows


def relation(name: str, pairs: list[Pair]) -> tuple[str, str] | None:
    """The id and the sentence of the relation that holds for every pair, or None."""
    if not pairs or not all(_numeric(p.seen) and _numeric(p.expected.value) for p in pairs):
        return None
    with np.errstate(all="ignore"):  # products of a learner's numbers may overflow
        for find in _RELATIONS:
            sentence = find(name, pairs)
            if sentence:
                return f"relation:{find.__name__.strip('_').replace('_', '-')}", sentence
    return None


def _numeric(value) -> bool:
    return isinstance(value, (np.ndarray, int, float)) and np.asarray(value).dtype.kind in "iufb"


def _precision(name, pairs):
    def rounded(p):
        # float32 keeps 24 bits; a handful of operations lose a few of them.
        allowed = 1e-6 * float(np.max(np.abs(p.right), initial=0))
        finite = p.right.dtype == np.float64 and np.isfinite(allowed)
        return finite and np.allclose(p.mine, p.right, 1e-6, allowed)

    def like_rounding(p):
        """An ε or a factor moves all values one way, a clip the largest alone; rounding nearly
        all that float32 cannot hold, this way and that."""
        if np.array_equal(p.mine.astype(np.float32).astype(p.mine.dtype), p.mine):
            return True
        cannot = p.right.astype(np.float32) != p.right
        off, right = (p.mine - p.right)[cannot], p.right[cannot]
        up, out = (off > 0)[off != 0], (off * right > 0)[off != 0]
        if up.size < 8 or up.size < 0.75 * off.size:
            return False
        return all(0.2 < float(np.mean(way)) < 0.8 for way in (up, out))

    if not same_shape(pairs) or not all(p.right.any() and rounded(p) for p in pairs):
        return None
    if any(like_rounding(p) for p in pairs):
        return (
            f"Your {name} is right only to single precision. "
            "Somewhere the numbers pass through float32."
        )
    return f"Your {name} is right to about six digits only; more are asked for."


def _zero(name, pairs):
    if same_shape(pairs) and all(p.right.any() and not p.mine.any() for p in pairs):
        if any(isinstance(p.seen, bool | np.bool_) for p in pairs):  # a no, which is no number
            return None
        single = all(p.mine.size == 1 for p in pairs)
        return f"Your {name} is {'0' if single else 'all zeros'}."


def _sign(name, pairs):
    if same_shape(pairs) and all(p.right.any() and p.is_(-p.right) for p in pairs):
        return f"Your {name} has the wrong sign: it is the negative of the right one."


def _percent(name, pairs):
    fractions = all(p.right.any() and np.all(np.abs(p.right) <= 1) for p in pairs)
    if fractions and same_shape(pairs) and all(p.is_(100 * p.right) for p in pairs):
        return f"Your {name} is in percent; a fraction from 0 to 1 is asked for."


def _transpose(name, pairs):
    orders = []
    for p in pairs:
        if p.right.ndim < 2 or p.mine.ndim != p.right.ndim or not p.telling:
            return None
        swaps = permutations(range(p.right.ndim))
        fits = [s for s in swaps if list(s) != sorted(s) and p.is_right(p.mine.transpose(s))]
        orders.append(set(fits))
    both = set.intersection(*orders)
    if both:
        order = min(both)
        axes = "transposed" if len(order) == 2 else f"right with its axes in the order {order}"
        return f"Your {name} is {axes}."


def _flip(name, pairs):
    if not same_shape(pairs) or not all(p.telling for p in pairs):
        return None
    for axes in _axis_sets(min(p.right.ndim for p in pairs)):
        if all(p.is_(np.flip(p.right, axes)) for p in pairs):
            plural = "axes" if len(axes) > 1 else "axis"
            return f"Your {name} is flipped along {plural} {', '.join(map(str, axes))}."


def _axis_sets(ndim):
    last = [(ndim - 2, ndim - 1)] if ndim > 1 else []
    return [(axis,) for axis in range(ndim)] + last


def _offset(name, pairs):
    if not same_shape(pairs) or not all(p.telling for p in pairs):
        return None
    with np.errstate(invalid="ignore", over="ignore"):
        means = [float((p.mine.astype(float) - p.right).mean()) for p in pairs]
    if not np.isfinite(means).all():
        return None
    if all(p.is_(p.right + mean) for p, mean in zip(pairs, means, strict=True)):
        if means[0] and np.ptp(means) <= 1e-6 * abs(means[0]):
            return f"Your {name} is the right one plus {means[0]:.6g}, everywhere."


def _magnitude(name, pairs):
    if not same_shape(pairs) or not all(p.telling and (p.right < 0).any() for p in pairs):
        return None
    # Of ones of either sign any array of ones is the absolute value.
    varied = any(len(np.unique(np.abs(p.right))) > 1 for p in pairs)
    if varied and all(p.is_(np.abs(p.right)) for p in pairs):
        return f"Your {name} has lost its signs: it is the absolute value of the right one."
    if all(p.is_(np.maximum(p.right, 0)) for p in pairs):
        return f"Your {name} has 0 wherever the right one is negative."


def _power(name, pairs):
    if not same_shape(pairs) or not all(p.telling for p in pairs):
        return None
    if all(p.is_(p.right.astype(float) ** 2) for p in pairs):
        return f"Your {name} is the square of the right one."
    if all((p.right >= 0).all() and p.is_(np.sqrt(p.right)) for p in pairs):
        return f"Your {name} is the square root of the right one."
    if all(p.right.all() and p.is_(1 / p.right.astype(float)) for p in pairs):
        return f"Your {name} is 1 divided by the right one."


def _complement(name, pairs):
    inside = all(((p.right >= 0) & (p.right <= 1)).all() for p in pairs)
    whole = all(np.asarray(p.expected.value).dtype.kind in "iub" for p in pairs)
    several = any(p.right.size > 1 for p in pairs) or len(pairs) > 2
    if inside and several and not whole and same_shape(pairs):
        if all(p.is_(1.0 - p.right) for p in pairs):
            return f"Your {name} is 1 minus the right one."


def _other_order(name, pairs):
    def shuffled(p):
        mine, right = np.sort(p.mine, axis=None), np.sort(p.right, axis=None)
        off = ~np.isclose(p.mine, p.right)
        # Two values that stand for each other are no order.
        return p._near(mine, right) and not p.is_(p.right) and np.unique(p.right[off]).size > 2

    if same_shape(pairs) and all(p.telling and shuffled(p) for p in pairs):
        if all(p.right.ndim > 1 and p._near(*map(sorted_rows, (p.mine, p.right))) for p in pairs):
            return f"Your {name} holds the right rows in another order."
        if all(p.right.ndim > 1 for p in pairs):
            return (
                f"Your {name} holds the right numbers in other places, as where parts are joined "
                "in another order or a reshape stands where axes should be exchanged."
            )
        return f"Your {name} holds the right numbers in another order."


def _shifted(name, pairs):
    if not same_shape(pairs) or not all(p.telling and p.right.ndim for p in pairs):
        return None
    for axis in range(min(p.right.ndim for p in pairs)):
        if not all(p.right.shape[axis] > 2 for p in pairs):
            continue
        for step, words in ((1, "later"), (-1, "earlier")):
            if all(_is_shift(p, axis, step) for p in pairs):
                along = f" along axis {axis}" if pairs[0].right.ndim > 1 else ""
                return f"Your {name} has its numbers one place {words}{along} than they belong."


def _is_shift(p, axis: int, step: int) -> bool:
    mine, right = np.moveaxis(p.mine, axis, 0), np.moveaxis(p.right, axis, 0)
    inner = (mine[1:], right[:-1]) if step > 0 else (mine[:-1], right[1:])
    return np.ptp(inner[1]) > 0 and p._near(*inner)


def _clipped(name, pairs):
    def cut(p):
        off = ~np.isclose(p.mine, p.right, rtol=1e-6, atol=1e-9)
        values = np.unique(p.mine[off])
        beyond = (p.mine[off].size > 1) and len(values) == 1 and p.right[~off].size > 1
        if not beyond:
            return None
        above = (p.right[off] > values[0]).all() and (p.right[~off] <= values[0]).all()
        below = (p.right[off] < values[0]).all() and (p.right[~off] >= values[0]).all()
        return ("above", values[0]) if above else ("below", values[0]) if below else None

    if not same_shape(pairs) or not all(p.telling for p in pairs):
        return None
    cuts = {cut(p) for p in pairs}
    if len(cuts) == 1 and None not in cuts:
        side, value = cuts.pop()
        return f"Your {name} is cut off: nothing lies {side} {value:.6g}, and the right one does."


def _alike(mine, right) -> bool:
    return bool(np.allclose(mine, right, rtol=1e-5, atol=1e-8))


def _border(name, pairs):
    def only_border(p):
        if p.right.ndim < 2 or min(p.right.shape[-2:]) < 4:  # less has hardly an inside
            return False
        inner = (..., slice(1, -1), slice(1, -1))
        border = np.ones(p.right.shape, bool)
        border[inner] = False
        off = ~np.isclose(p.mine, p.right, rtol=1e-5, atol=1e-8)
        # A wrong row or column of a matrix that has no inside may lie at its end.
        return not off[inner].any() and off[border].mean() > 0.5

    if same_shape(pairs) and all(p.telling and only_border(p) for p in pairs):
        return f"Your {name} is right inside and wrong only at the border of its last two axes."


def _first_row(name, pairs):
    """Right at the first index of an axis and nowhere behind it, or the other way round."""
    def places(p, axis):
        mine, right = np.moveaxis(p.mine, axis, 0), np.moveaxis(p.right, axis, 0)
        return [_alike(a, b) for a, b in zip(mine, right, strict=True)]

    if not same_shape(pairs) or not all(p.telling and p.right.ndim > 1 for p in pairs):
        return None
    for axis in range(min(p.right.ndim for p in pairs)):
        if not all(p.right.shape[axis] > 1 for p in pairs):
            continue
        if all(p.right.size // p.right.shape[axis] < 2 for p in pairs):
            continue  # one value that is right says little
        found = [places(p, axis) for p in pairs]
        row = "row" if axis == 0 and all(p.right.ndim == 2 for p in pairs) else f"of axis {axis}"
        if all(alike[0] and not any(alike[1:]) for alike in found):
            if row == "row":
                return f"Your {name} is right in the first row only."
            return f"Your {name} is right at the first index {row} only."
        if not all(len(alike) > 2 for alike in found):
            continue
        for words, of in (("first", 0), ("last", -1)):
            if all(not alike[of] and sum(alike) == len(alike) - 1 for alike in found):
                where = f"in the {words} row" if row == "row" else f"at the {words} index {row}"
                return f"Your {name} is wrong only {where}."


def _one_for_all(name, pairs):
    """The same at all indices of an axis: there the right ones are added up, or averaged."""
    if not same_shape(pairs) or not all(p.telling and p.right.ndim > 1 for p in pairs):
        return None
    for axis in range(min(p.right.ndim for p in pairs)):
        if not all(p.right.shape[axis] > 1 for p in pairs):
            continue
        for words, join in (("sum", np.sum), ("mean", np.mean)):
            joined = [np.broadcast_to(join(p.right, axis, keepdims=True), p.right.shape)
                      for p in pairs]  # fmt: skip
            if all(np.ptp(j) > 0 and p.is_(j) for p, j in zip(pairs, joined, strict=True)):
                return (
                    f"Your {name} is the same at all indices of axis {axis}: the {words} of the "
                    "right ones along that axis."
                )


def _input(name, pairs):
    shared = set.intersection(
        *({k for k, v in p.inputs.items() if isinstance(v, np.ndarray) and p.is_(v)} for p in pairs)
    )
    if shared and any(p.telling for p in pairs):
        return f"Your {name} is {min(shared)}, unchanged."


def _swapped(name, pairs):
    shared = set.intersection(
        *({k for k, e in p.others.items() if _numeric(e.value) and p.is_(e.value)} for p in pairs)
    )
    # Single numbers may agree by chance in one case, not in several that differ.
    telling = any(p.mine.size > 1 and np.ptp(p.mine) > 0 for p in pairs) or (
        all(p.mine.size == 1 for p in pairs) and len({p.mine.item() for p in pairs}) > 2
    )
    if shared and telling:
        swapped = ": are the two swapped?" if any(p.mine.size > 1 for p in pairs) else "."
        return f"Your {name} is what {min(shared)} should be{swapped}"


_RELATIONS = (
    _precision, _zero, _sign, _percent, factor, _swapped, _input, _transpose, _flip, _offset,
    _magnitude, _power, _complement, _border, _first_row, _one_for_all, _shifted, _clipped,
    _other_order, *FORMS,
)  # fmt: skip
