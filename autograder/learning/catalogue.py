"""Which exercises there are and what practice needs of each: from the exercises themselves, or in a
student's kit from its answer keys (`kit`)."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Protocol

from autograder.exercise import Listed, Question
from autograder.judging import keys
from autograder.judging.keys import AnswerKey
from autograder.paths import ANSWERS


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

    def is_question(self, name: str) -> bool: ...

    def text(self, name: str, seed: int) -> str:
        """A question's Markdown."""


class Course:
    """All exercises as they are written."""

    def __init__(self):
        from autograder import exercises  # a kit has none

        self._find, self.exercises = exercises.find, exercises.listed

    def notebook(self, name: str) -> str | None:
        return self._find(name).notebook

    def needs(self, name: str) -> tuple[str, ...]:
        return self._find(name).all_needs()

    def program(self, name: str, seed: int) -> dict:
        return keys.program(self._find(name), seed)

    def key(self, name: str, seed: int) -> AnswerKey:
        return keys.answer_key(self._find(name), seed, mistakes_later=True)

    def read(self, name: str) -> Callable[..., dict]:
        return self._find(name)().read

    def hints(self, name: str) -> tuple[str, ...]:
        return self._find(name).hints

    def is_question(self, name: str) -> bool:
        return issubclass(self._find(name), Question)

    def text(self, name: str, seed: int) -> str:
        return keys.question_text(self._find(name), seed)


@functools.cache
def shelf() -> Shelf:
    """The whole course, or the kit where this is one."""
    if ANSWERS.is_dir():
        from autograder.learning.kit import Kit

        return Kit(ANSWERS)
    return Course()


def exercises(notebook: str | None = None) -> list[Listed]:
    """All exercises in the order of the course, or those of one notebook."""
    return [e for e in shelf().exercises() if notebook in (None, e.notebook)]
