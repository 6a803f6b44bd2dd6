"""What a student has answered, from the notebook that was graded, and what a teacher should know
of it. How it is shown is `showing`'s."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from autograder.grading.marking.marks import Listed
from autograder.grading.marking.questions import Question
from autograder.grading.pipeline.outcome import Outcome
from autograder.grading.pipeline.released import visible
from autograder.grading.reports.tally import Tally, row

GONE = "there is no notebook of theirs in autograded/: nothing was handed in, or not graded yet"
LOST = "the cell of this question is not in their notebook"
EMPTY = "nothing is written here: it is as it was given out"


@dataclass(frozen=True)
class Answer:
    """One answer's text and the pictures attached to its cell; `hints` are what to mind."""

    text: str = ""
    attachments: dict = field(default_factory=dict)
    hints: tuple[str, ...] = ()


def read(coursedir, assignment: str, student: str, question: Question) -> Answer:
    """A student's answer, from autograded/."""
    place = Path(coursedir.format_path(coursedir.autograded_directory, student, assignment))
    try:
        cells = nbformat.read(place / f"{question.notebook}.ipynb", as_version=4).cells
    except (OSError, ValueError, AttributeError, KeyError, TypeError, RecursionError):
        return Answer(hints=(GONE,))
    for cell in cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == question.cell:
            text = cell.source.encode("utf-8", "replace").decode()  # half a surrogate pair
            as_given = visible(text) in ("", visible(question.given))
            attachments = cell.get("attachments")
            return Answer(
                text,
                attachments if isinstance(attachments, dict) else {},
                (EMPTY,) if as_given else (),
            )
    return Answer(hints=(LOST,))


def looks(outcomes: Iterable[Outcome]) -> dict[str, list[str]]:
    """What `course grade` asks a teacher to look at, by student."""
    tally = Tally("")
    tally.rows += [row(outcome, unchanged=True) for outcome in outcomes]
    return tally.looks()


def shuffled(listed: Iterable[Listed], question: Question) -> list[Listed]:
    """Answers in an order that tells nobody's name, the same at each start and another for each
    question, so that nobody is always read last."""
    return sorted(listed, key=lambda one: hashlib.sha256(
        f"{question.notebook}/{question.cell}/{one.student}".encode()).digest())  # fmt: skip
