"""A value that is a multiple of the right one, and what its factor may be: a size of the inputs, a
plain number. Nothing here knows what the numbers mean."""

from __future__ import annotations

import numpy as np

from autograder.judging.compare import Pair, same_shape


def factor(name, pairs):
    if not same_shape(pairs) or all(_count(p.seen) for p in pairs):
        return None
    ratios = []
    for p in pairs:
        right, mine = p.right.astype(float).ravel(), p.mine.astype(float).ravel()
        size = float(right @ right)
        if not size:
            return None
        ratio = float(right @ mine) / size
        if abs(ratio) < 1e-12 or abs(ratio - 1) < 1e-6 or not p.is_(ratio * p.right):
            return None
        ratios.append(ratio)
    known = [_sizes_of(ratio, p) for ratio, p in zip(ratios, pairs, strict=True)]
    shared = [what for what in known[0] if all(what in k for k in known[1:])]
    constant = np.ptp(ratios) <= 1e-5 * abs(ratios[0])
    if constant:  # what is made of a size fits a single factor by chance
        shared = [what for what in shared if "(n-1)" not in what and "root" not in what]
    plural = len({p.right.shape for p in pairs}) > 1 or len(pairs) > 1
    if not (any(p.telling for p in pairs) or (plural and constant)):
        return None
    if shared and (not constant or not any(_plain_number(f) for f in ratios)):
        size, words = _nicely(ratios[0]), shared[0]
        return f"Your {name} is {size} times the right one: {words}."
    if constant:
        tail = f" in which it is off{f' ({shared[0]})' if shared else ''}."
        return f"Your {name} is {_nicely(ratios[0])} times the right one, in every case{tail}"
    return None


def _sizes_of(factor: float, pair: Pair) -> list[str]:
    """Which sizes of the inputs the factor equals, in words without numbers' values."""
    words = []
    for key, value in pair.inputs.items():
        if isinstance(value, np.ndarray):
            for axis, size in enumerate(value.shape):
                if size > 1:
                    words += _match(factor, size, f"the length of axis {axis} of {key}")
            if value.ndim > 1 and value.size > 1:
                words += _match(factor, value.size, f"the number of values in {key}")
            if value.ndim == 4:
                n, _, h, w = value.shape
                words += _match(factor, h * w, f"height times width of {key}")
                words += _match(factor, n * h * w, f"batch times height times width of {key}")
        elif type(value) in (int, float) and value not in (0, 1):
            words += _match(factor, value, key)
    return words


def _match(factor, size, words):
    close = lambda a, b: abs(a - b) <= 1e-5 * abs(b)
    if close(factor, size):
        return [f"the factor is {words}"]
    if close(factor, 1 / size):
        return [f"it is divided by {words}"]
    if size > 0 and close(factor, size**0.5):
        return [f"the factor is the square root of {words}"]
    if size > 1 and close(factor, (size - 1) / size):
        return [f"the factor is (n-1)/n with n {words}"]
    if size > 1 and close(factor, size / (size - 1)):
        return [f"the factor is n/(n-1) with n {words}"]
    return []


def _plain_number(factor) -> bool:
    return any(abs(factor - f) < 1e-6 for f in (2, 0.5, -2, -0.5))


def _nicely(factor: float) -> str:
    for bottom in range(1, 65):
        top = factor * bottom
        if abs(top - round(top)) < 1e-6 * max(1, abs(top)) and abs(round(top)) < 1000:
            return f"{round(top)}/{bottom}" if bottom > 1 else f"{round(top)}"
    return f"{factor:.4g}"


def _count(value) -> bool:
    """Whether a value is a single whole number: of those, a ratio says nothing."""
    array = np.asarray(value)
    return array.size == 1 and array.dtype.kind in "iu"
