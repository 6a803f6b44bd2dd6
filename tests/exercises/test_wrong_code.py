"""The table of wrong code: each entry is graded among the right solutions and must get its name. A
third of them at each commit (`turns`)."""

from __future__ import annotations

import functools

import pytest
import turns
import wrong_code

from autograder.authoring.build import masters
from autograder.exercise import Question
from autograder.exercises import find
from autograder.learning import practice
from autograder.learning.catalogue import exercises


@functools.cache
def solved(notebook: str) -> dict:
    return masters.namespace(masters.load(masters.SOURCE / f"{notebook}.py"))


@pytest.mark.parametrize(
    "entry", turns.due(wrong_code.table(), 3, lambda entry: entry.exercise), ids=str
)
def test_wrong_code_gets_its_name(entry):
    kind = find(entry.exercise)
    name = entry.code.__name__
    assert name in kind.wanted(), f"{name} is not what {entry.exercise} asks for: {kind.wanted()}"
    namespace = {**solved(kind.notebook), name: entry.code}
    verdict = practice.grade(entry.exercise, namespace)
    assert verdict.status in ("failed", "error"), f"{entry} passes"
    assert tuple(verdict.mistakes[: len(entry.ids)]) == entry.ids, str(verdict)
    assert verdict.points < verdict.max_points


@pytest.mark.parametrize(
    "exercise", [e.name for e in exercises() if not issubclass(find(e.name), Question)]
)
def test_exercise_has_two_entries(exercise):
    entries = [entry for entry in wrong_code.table() if entry.exercise == exercise]
    assert len(entries) >= 2, (
        f"{exercise} has {len(entries)} entries in tests/wrong_code: write down wrong code that "
        "people really write, with the name that it must get"
    )
