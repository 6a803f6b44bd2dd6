"""Which exercises there are and what practice needs of each: from the exercises themselves, or in a
student's kit from its answer keys (`kit`)."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from autograder.exercise import PRACTICE_SEED, REGISTRY, find, load_all
from autograder.keys import AnswerKey, answer_key, build_cases, program, question_text
from autograder.places import ANSWERS, masters_folder

CHECKED = re.compile(r'^# %%.*"grade_id": *"check_(\w+)"', re.MULTILINE)


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


class Shelf(Protocol):
    """Where practice finds exercises. All raise KeyError, with the nearest names, for a name that
    there is not."""

    def exercises(self) -> list[Listed]:
        """All of them, in the order of the course."""

    def notebook(self, name: str) -> str | None: ...

    def needs(self, name: str) -> tuple[str, ...]:
        """The exercises that must be right first, in the order in which they build."""

    def program(self, name: str, seed: int) -> dict: ...

    def key(self, name: str, seed: int) -> AnswerKey: ...

    def read(self, name: str) -> Callable[..., dict]: ...

    def hints(self, name: str) -> tuple[str, ...]: ...

    def text(self, name: str, seed: int) -> str:
        """A question's Markdown."""


class Course:
    """All exercises as they are written."""

    def exercises(self) -> list[Listed]:
        load_all()
        rooms = import_module("autograder.exercises").ROOMS
        place = {f"autograder.exercises.{room}": number for number, room in enumerate(rooms)}
        shipped = [exercise for exercise in REGISTRY.values() if exercise.__module__ in place]
        shipped.sort(key=lambda exercise: place[exercise.__module__])
        notebooks = list(dict.fromkeys(exercise.notebook for exercise in shipped))
        met = order_met()
        shipped.sort(key=lambda e: (notebooks.index(e.notebook), met.get(e.name, len(met))))
        return [
            Listed(e.name, e.notebook, points(e.name), e.title(), e.extra, e.minutes, e.difficulty)
            for e in shipped
        ]

    def notebook(self, name: str) -> str | None:
        return find(name).notebook

    def needs(self, name: str) -> tuple[str, ...]:
        return find(name).all_needs()

    def program(self, name: str, seed: int) -> dict:
        return program(name, seed)

    def key(self, name: str, seed: int) -> AnswerKey:
        return answer_key(name, seed)

    def read(self, name: str) -> Callable[..., dict]:
        return find(name)().read

    def hints(self, name: str) -> tuple[str, ...]:
        return find(name).hints

    def text(self, name: str, seed: int) -> str:
        return question_text(name, seed)


@functools.cache
def shelf() -> Shelf:
    """The whole course, or the kit where this is one."""
    if ANSWERS.is_dir():
        from autograder.kit import Kit

        return Kit(ANSWERS)
    return Course()


def exercises(notebook: str | None = None) -> list[Listed]:
    """All exercises in the order of the course, or those of one notebook."""
    return [e for e in shelf().exercises() if notebook in (None, e.notebook)]


@functools.cache
def order_met() -> dict[str, int]:
    """Where each exercise stands in the order in which a learner meets their checks.

    Read from the masters without jupytext, which a learner need not have.
    """
    folder = masters_folder()
    names: list[str] = []
    for path in sorted(folder.glob("[0-9][0-9]_*.py")) if folder else ():
        names += CHECKED.findall(path.read_text(encoding="utf-8", errors="replace"))
    return {name: place for place, name in enumerate(dict.fromkeys(names))}


@functools.cache
def points(name: str) -> float:
    """What the exercise's cases are worth together."""
    return float(sum(case.points for case in build_cases(find(name)(), PRACTICE_SEED)))
