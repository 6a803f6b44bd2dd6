"""Numbers that know what they are made of, to count the products of a bilinear algorithm.

They live beside the learner's code, which could forge them: never let their count be a case's
only observation.
"""

from __future__ import annotations

from collections import Counter

import numpy as np


class Bilinear:
    """Counts products as the literature on fast convolution does.

    `numbers(d, "data")` gives an object array of numbers that remember to be made of the data;
    sums and multiples of them are made of the data too. `products` counts only products of a
    number made of one source with a number made of another: multiplying by a constant, such as
    ½, is free, as are sums. `work["data"]` counts the operations on numbers of one source alone,
    constants included.
    """

    def __init__(self):
        self.products = 0
        self.work: Counter[str] = Counter()

    def numbers(self, values, source: str) -> np.ndarray:
        """An object array of counting numbers, in the shape of `values`."""
        values = np.asarray(values, dtype=float)
        counting = np.empty(values.shape, dtype=object)
        for index in np.ndindex(values.shape):
            counting[index] = Made(float(values[index]), frozenset([source]), self)
        return counting


class Made:
    """A number made of some sources; it reports each operation to its counter."""

    __slots__ = ("counter", "sources", "value")

    def __init__(self, value: float, sources: frozenset[str], counter: Bilinear):
        self.value, self.sources, self.counter = value, sources, counter

    def __float__(self) -> float:
        return self.value

    def __repr__(self) -> str:
        return repr(self.value)

    def __neg__(self) -> Made:
        return Made(-self.value, self.sources, self.counter)

    def __pos__(self) -> Made:
        return self


def _operator(name: str, multiplies: bool):
    operate = getattr(float, name)

    def counted(self, other):
        if isinstance(other, Made):
            sources = self.sources | other.sources
            mixed = multiplies and self.sources != other.sources
        elif isinstance(other, (int, float, np.number)):
            sources, mixed = self.sources, False
        else:
            return NotImplemented
        if mixed:
            self.counter.products += 1
        elif len(sources) == 1:
            self.counter.work[next(iter(sources))] += 1
        return Made(operate(self.value, float(other)), sources, self.counter)

    return counted


for _name in ("add", "radd", "sub", "rsub"):
    setattr(Made, f"__{_name}__", _operator(f"__{_name}__", False))
for _name in ("mul", "rmul", "truediv", "rtruediv"):
    setattr(Made, f"__{_name}__", _operator(f"__{_name}__", True))
