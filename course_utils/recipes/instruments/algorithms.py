"""Algorithms that only move a virtual clock: timing them takes no time.

What they count lives beside the learner's code, which could forge it: never let it be a case's
only observation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from course_utils.recipes.instruments.devices import VirtualClock


class FakeAlgorithm:
    """`algorithm(layer)` prepares the layer and gives back a function that runs it once.

    Preparing and running only move the clock. `prepared` and `runs` count.

    Parameters
    ----------
    clock : VirtualClock
    preparing : seconds that preparing takes
    seconds : what each run takes, in turn; later runs take what the last one did
    largest : the largest kernel that the algorithm can do, or None; a larger one is a ValueError
    """

    def __init__(self, clock: VirtualClock, preparing: float, seconds: Sequence[float],
                 largest: int | None = None):  # fmt: skip
        self.clock, self.preparing, self.seconds = clock, preparing, list(seconds)
        self.largest = largest
        self.prepared = self.runs = 0

    def __call__(self, layer: dict) -> Callable[[], None]:
        if self.largest is not None and max(layer["kh"], layer["kw"]) > self.largest:
            raise ValueError(f"this algorithm is made for kernels up to {self.largest}")
        self.prepared += 1
        self.clock.advance(self.preparing)
        return self._run

    def _run(self) -> None:
        self.clock.advance(self.seconds[min(self.runs, len(self.seconds) - 1)])
        self.runs += 1
