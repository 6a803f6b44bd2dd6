"""Functions of an array that give a number, for code that differentiates them by differences."""

from __future__ import annotations

import numpy as np


class Scalar:
    """A function of an array z with coefficients a of its shape.

    kind "cubic" is Σ a·z³, where no value of z touches another's slope; kind "waves" is
    sin(Σ a·z) + ½·(Σ a·z)², where each does. It computes in float64 and never changes z.
    """

    def __init__(self, kind: str, a: np.ndarray):
        self.kind, self.a = kind, np.array(a, dtype=np.float64)

    def __call__(self, z) -> float:
        z = np.asarray(z)
        if self.kind == "cubic":
            return float(np.sum(self.a * z**3))
        total = np.sum(self.a * z)
        return float(np.sin(total) + total**2 / 2)
