"""A learner's value beside the right one, as relations between the two look at it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from autograder.exercise import Expected


@dataclass(frozen=True)
class Pair:
    """What one case shows under one name: the learner's value, the right one, the inputs."""

    seen: object
    expected: Expected
    inputs: dict
    others: dict

    @property
    def right(self) -> np.ndarray:
        return _numbers(self.expected.value)

    @property
    def mine(self) -> np.ndarray:
        return _numbers(self.seen)

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


def _numbers(value) -> np.ndarray:
    """As an array; yes and no as 1 and 0, since numpy subtracts no truth values."""
    array = np.asarray(value)
    return array.astype(float) if array.dtype.kind == "b" else array


def same_shape(pairs) -> bool:
    return all(p.mine.shape == p.right.shape and np.isfinite(p.mine).all() for p in pairs)
