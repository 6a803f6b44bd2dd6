"""nbgrader's own commands, called on a class as they would be typed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Outcome:
    """How one of nbgrader's commands ended, and what it logged."""

    ok: bool
    log: str


def nbgrader_api(folder: Path):
    """nbgrader's own programming interface on a class, configured as its commands would be."""
    from nbgrader.apps import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory

    from autograder.grading.classroom.configuration import config

    settings = config(folder)
    return NbGraderAPI(CourseDirectory(config=settings), config=settings)


def release(folder: Path, assignment: str) -> Outcome:
    """`nbgrader generate_assignment`."""
    return _outcome(nbgrader_api(folder).generate_assignment(assignment))


def autograde(folder: Path, assignment: str, student: str) -> Outcome:
    """`nbgrader autograde` of one submission."""
    return _outcome(nbgrader_api(folder).autograde(assignment, student))


def feedback(folder: Path, assignment: str, student: str | None = None) -> Outcome:
    """`nbgrader generate_feedback` for one student, or for all of them."""
    return _outcome(nbgrader_api(folder).generate_feedback(assignment, student))


def _outcome(result: dict) -> Outcome:
    return Outcome(bool(result["success"]), result.get("log", "") + result.get("error", ""))
