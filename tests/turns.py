"""Which of many like cases a run of the tests tries: a share of them, other ones for each commit,
so that in a few commits each has its turn. With COURSE_ALL_TESTS set, as for a release, all of
them (`make test ALL=1`)."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterable
from typing import TypeVar

from autograder.authoring.verify.selection import rotation

T = TypeVar("T")
ALL = "COURSE_ALL_TESTS"


def due(cases: Iterable[T], of: int, group: Callable[[T], str] = str) -> list[T]:
    """One in `of` cases of each group, at least one, in their order."""
    cases = list(cases)
    if os.environ.get(ALL):
        return cases
    groups: dict[str, list[int]] = {}
    for i, case in enumerate(cases):
        groups.setdefault(group(case), []).append(i)
    seed, chosen = rotation(), set()
    for name, places in groups.items():
        chosen.update(random.Random(f"{seed} {name}").sample(places, -(-len(places) // of)))
    return [case for i, case in enumerate(cases) if i in chosen]
