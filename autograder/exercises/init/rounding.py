"""Whether `symmetry_after` counts units that differ by rounding errors once; no exercise."""

import numpy as np

from autograder.exercise import Exercise, mistake

ROUNDED, EXACT = "rounded numbers", "numbers that are not rounded"


class Rounding(Exercise, abstract=True):
    """For `symmetry_after`: units are counted by their rounded numbers.

    Units that are trained alike differ by rounding errors, on one processor more often than on
    another. So it is asked of two units that are as good as alike, which `observe` makes.
    """

    def read(self, seen, meant, steps, weights, **case):
        """Whether units that differ by rounding errors count once; how often they do is chance."""
        units, seen = len(weights[0]), dict(seen)
        fine = seen.pop("two alike")
        if steps and meant < units:
            exact = len(fine) == 2 and fine[1] > fine[0]
            seen["compared"] = EXACT if exact else ROUNDED
            count = np.asarray(getattr(seen["different"], "array", seen["different"]))
            if exact and count.ndim == 0 and count.dtype.kind in "iuf" and meant <= count <= units:
                seen["different"] = meant
        return seen

    def aid(self, **case):
        return {"meant": self.seen(case)["different"]}

    @mistake
    def not_rounded(self, right, **case):
        """You count units that differ by less than rounding as different. Round to six decimals
        first."""
        if not case["steps"]:
            return {"different": len(np.unique(self.table(case), axis=0))}
        return {"compared": EXACT} if "compared" in right else None
