"""Which exercises there are, in the order of the course, and what each is worth."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from importlib import import_module

from autograder.exercise import PRACTICE_SEED, REGISTRY, find, load_all
from autograder.keys import build_cases


@dataclass(frozen=True)
class Listed:
    """One line of the list of exercises."""

    name: str
    notebook: str
    points: float
    title: str
    extra: bool
    minutes: int
    difficulty: int


def exercises(notebook: str | None = None) -> list[Listed]:
    """All exercises in the order of the course, or those of one notebook."""
    load_all()
    rooms = import_module("autograder.exercises").ROOMS
    place = {f"autograder.exercises.{room}": number for number, room in enumerate(rooms)}
    shipped = [exercise for exercise in REGISTRY.values() if exercise.__module__ in place]
    shipped.sort(key=lambda exercise: place[exercise.__module__])
    return [
        Listed(e.name, e.notebook, points(e.name), e.title(), e.extra, e.minutes, e.difficulty)
        for e in shipped
        if notebook in (None, e.notebook)
    ]


@functools.cache
def points(name: str) -> float:
    """What the exercise's cases are worth together."""
    return float(sum(case.points for case in build_cases(find(name)(), PRACTICE_SEED)))
