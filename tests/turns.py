"""Which of many like cases a run of the tests tries: a share of them, other ones for each commit,
so that in a few commits each has its turn. `make test` says that turns are taken (COURSE_TESTS is
"turns"), and for a release, with `make test ALL=1`, that they are not ("all")."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterable
from typing import TypeVar

from autograder.authoring.verify.selection import rotation

T = TypeVar("T")
ASKED = "COURSE_TESTS"


def due(cases: Iterable[T], of: int, group: Callable[[T], str] = str) -> list[T]:
    """Where turns are taken, the `share` that has its turn; else all: who runs a file by hand
    wants what is in it."""
    return share(cases, of, group) if os.environ.get(ASKED) == "turns" else list(cases)


def share(cases: Iterable[T], of: int, group: Callable[[T], str] = str) -> list[T]:
    """One in `of` cases of each group, at least one, in their order; all where "all" is asked."""
    cases = list(cases)
    if os.environ.get(ASKED) == "all":
        return cases
    groups: dict[str, list[int]] = {}
    for i, case in enumerate(cases):
        groups.setdefault(group(case), []).append(i)
    seed, chosen = rotation(), set()
    for name, places in groups.items():
        chosen.update(random.Random(f"{seed} {name}").sample(places, -(-len(places) // of)))
    return [case for i, case in enumerate(cases) if i in chosen]
