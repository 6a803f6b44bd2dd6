"""Programs drawn for a case: sick ones of one fault, healthy ones beside them, in any order.

Who is sick is known here, in the process that drew them, and stands nowhere in what is drawn.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

import numpy as np

from autograder.exercises.programs.drawing import Design, drawn
from autograder.exercises.programs.faults import sick
from autograder.exercises.programs.writing import written
from course_utils.results import stored

_HEALTHY_FROM, _HEALTHY = 20_000, 100_000
_PLACES = 100  # seeds a program's number has to itself
_SICK: set[tuple[str, int]] = set()
# Names that may be others without being another program.
_NAMES = {
    "held_out": ("held_out", "kept", "aside", "left_out"),
    "rows": ("rows", "these", "index", "at"),
    "order": ("order", "shuffled", "drawn", "places"),
    "held_x": ("held_x", "other_x", "late_x"),
    "held_y": ("held_y", "other_y", "late_y"),
    "seen": ("seen", "count", "total"),
    "right": ("right", "hits", "good"),
}


@functools.cache
def proven(fault: str) -> tuple[int, ...]:
    """The programs in which a fault is proven to do harm."""
    results = stored("clinic_programs")
    if results is None:
        raise FileNotFoundError(
            "data/results/clinic_programs.json is not there: run benchmarks/clinic/programs.py."
        )
    return tuple(results["faults"][fault]["proven"])


def programs(
    rng: np.random.Generator,
    faults: tuple[str, ...],
    n_sick: int,
    n_healthy: int,
    like: Callable[[Design], bool] = lambda design: True,
    showing: Callable[[Design], bool] = lambda design: True,
) -> list[dict]:
    """Programs as `course_utils.recipes.programs.watched` takes them.

    Parameters
    ----------
    faults : of the sick ones, in turn; only proven ones are drawn
    like : what the healthy ones have to be; a third of them are twins of the sick ones where
        those are so too
    showing : what the sick ones have to be, where the fault does not show in all of them
    """
    drawn_ones, twins = [], []
    start = int(rng.integers(len(faults)))
    for i in range(n_sick):
        fault = faults[(start + i) % len(faults)]
        number = int(rng.choice([n for n in proven(fault) if showing(drawn(n))]))
        design = drawn(number)
        given = given_of(rng, sick(written(design), fault, design), design)
        _SICK.add(_identity(given))
        drawn_ones.append(given)
        if like(design):
            twins.append(design)
    healthy = twins[: n_healthy // 3]
    while len(healthy) < n_healthy:
        design = drawn(_HEALTHY_FROM + int(rng.integers(_HEALTHY)))
        if like(design):
            healthy.append(design)
    drawn_ones += [given_of(rng, written(design), design) for design in healthy]
    return [drawn_ones[at] for at in rng.permutation(len(drawn_ones))]


def are_sick(given: list[dict]) -> np.ndarray:
    """Which of the programs that were drawn here are sick."""
    return np.array([_identity(each) in _SICK for each in given])


def given_of(rng, source: str, design: Design) -> dict:
    """A program as `course_utils.recipes.programs.started` takes it, with names drawn anew."""
    for name, others in _NAMES.items():
        source = re.sub(rf"\b{name}\b(?!=)", others[int(rng.integers(len(others)))], source)
    seed = _PLACES * design.number + int(rng.integers(_PLACES))
    return {
        "source": source, "kind": design.data, "classes": design.classes, "n": design.pictures,
        "seed": seed,
    }  # fmt: skip


def _identity(given: dict) -> tuple[str, int]:
    return given["source"], int(given["seed"])
