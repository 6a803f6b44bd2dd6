"""Is this value the expected one, and if not, what is different? Finding and describing only."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Number

import numpy as np

from autograder.exercise import Expected, raises
from autograder.judging.plain_data import Strange, Tensor

# torch.testing's default tolerances: (rtol, atol) by dtype.
TOLERANCES = {
    "float16": (1e-3, 1e-5),
    "float32": (1.3e-6, 1e-5),
    "complex64": (1.3e-6, 1e-5),
    "float64": (1e-7, 1e-7),
    "complex128": (1e-7, 1e-7),
}


NO_RETURN = "None (is a return missing?)"


@dataclass(frozen=True)
class Difference:
    """One difference: its `kind` (missing, raised, type, shape, dtype, nan, values, short) and a
    phrase.

    The phrase continues "your out ..."; `seen` and `right` are its two values where it is one of
    single values. A number that fell short of one to be reached has earned its `share`.
    """

    kind: str
    phrase: str
    seen: str = ""
    right: str = ""
    share: float = 0.0


def tolerance(expected: Expected, right: np.ndarray):
    """The absolute tolerance for every element of `right`."""
    rtol, atol = TOLERANCES.get(right.dtype.name, (0.0, 0.0))
    rtol = rtol if expected.rtol is None else expected.rtol
    atol = atol if expected.atol is None else expected.atol
    if np.ndim(atol) and np.shape(atol) != right.shape:  # what a mistake of another shape shows
        atol = np.max(atol)
    with np.errstate(invalid="ignore"):
        return atol + rtol * np.abs(np.where(np.isfinite(right), right, 0))


def difference(seen, expected: Expected, library: str = "any") -> Difference | None:
    """The first difference between plain data `seen` and what is expected, or None."""
    if isinstance(expected.value, raises):
        return Difference("missing", f"should stop with {expected.value.type_name}")
    return _difference(seen, expected.value, expected, library, "")


def same(seen, expected: Expected) -> bool:
    """Whether there is no `difference`, of numpy arrays and tensors alike; quicker, since none is
    put into words."""
    if isinstance(expected.value, raises):
        return False
    return _difference(seen, expected.value, expected, "any", None) is None


def _difference(seen, right, expected, library, where):
    """As `difference`, for what stands at `where`; None there: nobody will read it."""
    if isinstance(seen, Tensor):
        if library == "numpy":
            return Difference("type", f"{where}is a torch tensor; this exercise wants numpy")
        seen = seen.array
    if isinstance(seen, Strange):
        return _wrong_type(seen, right, where)
    if isinstance(right, np.ndarray) or _is_number(right):
        return _number_difference(seen, right, expected, where)
    if isinstance(right, dict):
        if not isinstance(seen, dict):
            return _wrong_type(seen, right, where)
        if set(seen) != set(right):
            missing, extra = sorted(set(right) - set(seen)), sorted(set(seen) - set(right))
            what = f"lacks {', '.join(missing)}" if missing else f"has also {', '.join(extra)}"
            return Difference("shape", f"{where}{what}")
        pairs = [(key, seen[key], right[key]) for key in right]
    elif isinstance(right, (list, tuple)):
        if not isinstance(seen, (list, tuple)):
            return _wrong_type(seen, right, where)
        if len(seen) != len(right):
            return Difference("shape", f"{where}has {len(seen)} entries; {len(right)} are right")
        pairs = list(zip(range(len(right)), seen, right, strict=True))
    else:
        if type(seen) is not type(right):
            return _wrong_type(seen, right, where)
        if seen != right:
            mine, its = _short(seen), _short(right)
            return Difference("values", f"{where}is {mine}; {its} is right", mine, its)
        return None
    for key, mine, its in pairs:
        inside = None
        if where is not None:
            inside = where + (f"under {key!r} " if isinstance(right, dict) else f"in entry {key} ")
        found = _difference(mine, its, expected, library, inside)
        if found:
            return found
    return None


def _wrong_type(seen, right, where):
    return Difference("type", f"{where}is {_called(seen)}, but {_wanted(right)} belongs there")


def _number_difference(seen, right, expected, where):
    if not (isinstance(seen, np.ndarray) or _is_number(seen)):
        return _wrong_type(seen, right, where)
    scalar = not isinstance(right, np.ndarray) or right.ndim == 0
    mine, right = _array(seen), np.asarray(right)
    if mine.shape != right.shape:
        return Difference("shape", f"{where}has shape {mine.shape}; {right.shape} is right")
    if not scalar and mine.dtype.kind != right.dtype.kind and not _both_whole(mine, right):
        return Difference("dtype", f"{where}is {mine.dtype}; {right.dtype} is right")
    finite = np.isfinite(right)
    bad = finite & ~np.isfinite(mine)
    if bad.any():
        index = _index(bad)
        what = "NaN" if np.isnan(mine[index]) else "infinite"
        return Difference("nan", f"{where}is {what}{_at(index)} ({bad.sum()} of {bad.size} values)")
    if expected.nothing_at is not None and scalar:
        return _shortfall(float(mine), expected)
    off = _off(mine, right, expected)
    if off.any() and where is None:
        return Difference("values", "")
    if off.any():
        values = (_single(mine), _meant(right, expected)) if not right.ndim else ()
        return Difference("values", where + _worst(mine, right, off, expected), *values)
    width = not scalar and mine.dtype.itemsize != right.dtype.itemsize
    if width and mine.dtype.kind in "fc" and not expected.any_width:
        return Difference("dtype", f"{where}is {mine.dtype}; {right.dtype} is right (keep it)")
    return None


def _shortfall(mine: float, expected: Expected) -> Difference | None:
    """How far a number is from one that is to be reached; None where it is there."""
    if (share := expected.earned(mine)) == 1:
        return None
    bound = "least" if expected.value > expected.nothing_at else "most"
    phrase = f"is {mine:.3g}; at {bound} {expected.value:.3g} earns all points"
    return Difference("short", phrase, f"{mine:.3g}", f"{expected.value:.3g}", share)


def _single(value: np.ndarray) -> str:
    return str(bool(value)) if value.dtype.kind == "b" else f"{value:.6g}"


def _array(seen) -> np.ndarray:
    array = np.asarray(seen)
    if array.dtype.kind != "O":
        return array
    try:
        return array.astype(float)  # a whole number beyond 64 bits
    except OverflowError:
        return np.full(array.shape, np.inf)


def _off(mine, right, expected) -> np.ndarray:
    """Which elements are further off than the tolerance."""
    allowed = tolerance(expected, right)
    if right.dtype.kind in "bu" or mine.dtype.kind in "bu":
        mine, right = mine.astype(np.float64), right.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        equal = (mine == right) | (np.isnan(mine) & np.isnan(right))
        return ~(equal | (np.abs(mine - right) <= allowed))


def _meant(right: np.ndarray, expected: Expected, index=(), digits=6) -> str:
    """What is right at a place: of what chance moves, between which bounds it lies."""
    if right.dtype.kind == "b":
        return _single(right[index])
    if expected.margin < Expected.margin and expected.atol is not None:
        far = np.broadcast_to(tolerance(expected, right), right.shape)[index]
        ends = right[index] - far, right[index] + far
        for few in (3, 4, 5, 6):  # as many digits as show where the range ends
            low, high = (f"{end:.{few}g}" for end in ends)
            if max(abs(complex(low) - ends[0]), abs(complex(high) - ends[1])) <= far / 10:
                break
        if low != high:
            return f"between {low} and {high}"
    return f"{right[index]:.{digits}g}"


def _worst(mine, right, off, expected) -> str:
    with np.errstate(invalid="ignore", over="ignore"):
        distance = np.where(off, np.abs(mine.astype(complex) - right.astype(complex)), -1)
    index = np.unravel_index(np.argmax(np.nan_to_num(distance, posinf=np.inf)), right.shape)
    # Nobody should look for the minus of a zero.
    mine, right = (a + a.dtype.type(0) if a.dtype.kind == "f" else a for a in (mine, right))
    many = f" ({off.sum()} of {off.size} values are off)" if off.size > 1 else ""
    if right.dtype.kind == "b" and mine.dtype.kind == "b":
        return f"is {mine[index]}{_at(index)}; {right[index]} is right{many}"
    digits = 6 if f"{mine[index]:.6g}" != f"{right[index]:.6g}" else 12
    meant = _meant(right, expected, index, digits)
    return f"is {mine[index]:.{digits}g}{_at(index)}; {meant} is right{many}"


def apart(a, b, expected: Expected) -> float:
    """How many tolerances lie between two values, at the element where they differ most.

    Infinite when they differ in form. What `verify` asks of mistakes.
    """
    if isinstance(a, (dict, list, tuple)) and type(a) is type(b) and len(a) == len(b):
        if isinstance(a, dict):
            if set(a) != set(b):
                return np.inf
            pairs = [(a[key], b[key]) for key in a]
        else:
            pairs = zip(a, b, strict=True)
        return max((apart(x, y, expected) for x, y in pairs), default=0.0)
    numbers = all(isinstance(v, np.ndarray) or _is_number(v) for v in (a, b))
    if not numbers:
        return 0.0 if type(a) is type(b) and a == b else np.inf
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or (a.ndim and a.dtype != b.dtype):
        return np.inf
    allowed = np.maximum(tolerance(expected, b), np.finfo(float).tiny)
    a, b = a.astype(complex), b.astype(complex)
    with np.errstate(invalid="ignore", over="ignore"):
        equal = (a == b) | (np.isnan(a) & np.isnan(b))
        far = np.nan_to_num(np.abs(a - b), nan=np.inf) / allowed
        return float(np.max(np.where(equal, 0.0, far), initial=0.0))


def _both_whole(a, b) -> bool:
    return a.dtype.kind in "iu" and b.dtype.kind in "iu"


def _is_number(value) -> bool:
    return isinstance(value, Number)


def _index(mask):
    return tuple(int(i) for i in np.argwhere(mask)[0])


def _at(index) -> str:
    return f" at [{', '.join(str(int(i)) for i in index)}]" if len(index) else ""


def _short(value) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


_WORDS = {"str": "string", "dict": "dictionary"}


def _called(value) -> str:
    if isinstance(value, Strange):
        return f"{'an' if value.type_name[:1].lower() in 'aeiou' else 'a'} {value.type_name}"
    if isinstance(value, np.ndarray) and value.ndim:
        return f"an array of shape {value.shape}"
    if value is None:
        return NO_RETURN
    if isinstance(value, np.ndarray) or _is_number(value):
        return "a number"
    kind = type(value).__name__
    return f"a {_WORDS.get(kind, kind)}"


def _wanted(right) -> str:
    return "None" if right is None else _called(right)


# A learner's value beside the right one, as relations between the two look at it.


@dataclass(frozen=True)
class Pair:
    """What one case shows under one name: the learner's value, the right one, the inputs."""

    seen: object
    expected: Expected
    inputs: dict
    others: dict

    @property
    def right(self) -> np.ndarray:
        return _numeric(self.expected.value)

    @property
    def mine(self) -> np.ndarray:
        return _numeric(self.seen)

    def is_(self, value) -> bool:
        """Whether the learner's value is `value`, within the tolerance of the right one.

        The tolerance grows with the value, so that a large factor does not hide a relation.
        """
        return self._near(self.mine, np.asarray(value))

    def is_right(self, value) -> bool:
        """Whether something made of the learner's value is the right one, as in `is_`."""
        return self._near(np.asarray(value), self.right)

    def _near(self, mine, value) -> bool:
        if value.shape != mine.shape or not np.isfinite(value).all():
            return False
        double = self.right.dtype.itemsize >= 8
        rtol = max(self.expected.rtol or 0.0, 1e-6 if double else 1e-4)
        scale = float(np.max(np.abs(value), initial=0.0)) if value.size else 0.0
        # What sums of large numbers leave near 0 is rounding.
        atol = (1e-9 if double else 1e-6) * scale
        with np.errstate(invalid="ignore", over="ignore"):
            near = np.abs(mine - value) <= rtol * np.abs(value) + atol
        return bool(near.all())

    @property
    def telling(self) -> bool:
        """Whether there is enough in the right value for a relation to mean something."""
        return self.right.size > 1 and bool(np.ptp(self.right) > 0)


def _numeric(value) -> np.ndarray:
    """As an array; yes and no as 1 and 0, since numpy subtracts no truth values."""
    array = np.asarray(value)
    return array.astype(float) if array.dtype.kind == "b" else array


def same_shape(pairs) -> bool:
    return all(p.mine.shape == p.right.shape and np.isfinite(p.mine).all() for p in pairs)
