"""Random generators that behave as usual and count the numbers drawn from them."""

from __future__ import annotations

import numpy as np


class Counting(np.random.Generator):
    """A numpy Generator; `drawn` is how many normal or uniform numbers were taken from it.

    It lives beside the learner's code, which could forge the count: never let it be a case's
    only observation.
    """

    def __init__(self, seed: int):
        super().__init__(np.random.PCG64(seed))
        self.drawn = 0

    def _counted(self, values):
        self.drawn += np.size(values)
        return values

    def standard_normal(self, *args, **kwargs):
        return self._counted(super().standard_normal(*args, **kwargs))

    def normal(self, *args, **kwargs):
        return self._counted(super().normal(*args, **kwargs))

    def uniform(self, *args, **kwargs):
        return self._counted(super().uniform(*args, **kwargs))

    def random(self, *args, **kwargs):
        return self._counted(super().random(*args, **kwargs))
