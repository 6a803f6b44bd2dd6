"""Spies: objects that behave as usual and remember how they were used.

A spy lives beside the learner's code, which could forge it: never let it be a case's only
observation.
"""

from __future__ import annotations

import functools

import numpy as np


class Spy:
    """A function that remembers every call: `calls` holds (args, kwargs), `count` how many."""

    def __init__(self, function):
        functools.update_wrapper(self, function)
        self._function = function
        self.calls: list[tuple[tuple, dict]] = []

    @property
    def count(self) -> int:
        return len(self.calls)

    def __call__(self, *args, **kwargs):
        self.calls.append((args, kwargs))
        return self._function(*args, **kwargs)


class Tally:
    """How many products (divisions among them) and sums its numbers have been in.

    `tally.number(3.0)` and `tally.array(x)` give numbers that count; numpy's operators, `@`, `dot`
    and `sum` work on such arrays. Multiplying by -1 is a product too. A counting number that is
    stored in a float array becomes an ordinary one: what is computed with it then is not counted.
    """

    def __init__(self):
        self.products = 0
        self.sums = 0

    def number(self, value: float) -> Number:
        return Number(float(value), self)

    def array(self, values) -> np.ndarray:
        """An object array of counting numbers, in the shape of `values`."""
        values = np.asarray(values, dtype=float)
        counting = np.empty(values.shape, dtype=object)
        for index in np.ndindex(values.shape):
            counting[index] = self.number(values[index])
        return counting


class Number:
    """A number that reports each operation on it to its tally."""

    __slots__ = ("tally", "value")

    def __init__(self, value: float, tally: Tally):
        self.value, self.tally = value, tally

    def __float__(self) -> float:
        return self.value

    def __repr__(self) -> str:
        return repr(self.value)

    def __neg__(self) -> Number:
        return Number(-self.value, self.tally)

    def __pos__(self) -> Number:
        return self

    def __abs__(self) -> Number:
        return Number(abs(self.value), self.tally)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __hash__(self) -> int:
        return hash(self.value)


def _operator(name: str, kind: str):
    operate = getattr(float, name)

    def counted(self, other):
        if not isinstance(other, (Number, int, float, np.number)):
            return NotImplemented
        setattr(self.tally, kind, getattr(self.tally, kind) + 1)
        return Number(operate(self.value, float(other)), self.tally)

    return counted


def _comparison(name: str):
    compare = getattr(float, name)

    def compared(self, other):
        if not isinstance(other, (Number, int, float, np.number)):
            return NotImplemented
        return compare(self.value, float(other))

    return compared


for _name in ("add", "radd", "sub", "rsub"):
    setattr(Number, f"__{_name}__", _operator(f"__{_name}__", "sums"))
for _name in ("mul", "rmul", "truediv", "rtruediv", "pow"):
    setattr(Number, f"__{_name}__", _operator(f"__{_name}__", "products"))
for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(Number, f"__{_name}__", _comparison(f"__{_name}__"))


def values(array) -> np.ndarray:
    """The ordinary float array behind an array of counting numbers."""
    return np.array(array, dtype=float)


class Guarded:
    """A data set that works as an array and remembers that it was looked at.

    Its name and length may be asked for; `looks` counts indexing, iterating and converting.
    """

    def __init__(self, values, name: str = "test"):
        self._values = np.asarray(values)
        self.name = name
        self.looks = 0

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, index):
        self.looks += 1
        return self._values[index]

    def __iter__(self):
        self.looks += 1
        return iter(self._values)

    def __array__(self, dtype=None, copy=None):
        self.looks += 1
        return np.array(self._values, dtype=dtype)
