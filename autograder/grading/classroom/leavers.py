"""Who has left a class: whom its gradebook had once and has no more, whatever of theirs still lies
in its folders. They are not entered again; a late joiner, whom it never had, is."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection
from pathlib import Path

from autograder.grading.whole_files import write_whole

FILE = Path(".course", "roster.json")


def left(folder: Path, coursedir, gradebook, students: Collection[str]) -> set[str]:
    """Those of these students who have left the class.

    Parameters
    ----------
    coursedir, gradebook : nbgrader's, of the class in `folder`
    """
    now = {student.id for student in gradebook.students}
    absent = set(students) - now
    if not absent:
        return set()
    before = _noted(folder, gradebook)
    if before is None:
        # A class that was graded before there were notes. Where of those who were graded nobody
        # is known any more, it is the gradebook that is new, and nobody has left.
        before = {s for s in {*now, *absent} if _was_graded(coursedir, s)}
        before = before if before & now else set()
    return absent & before


def remember(folder: Path, gradebook) -> None:
    """Keep who is in the class now, beside whom it had before."""
    now = {student.id for student in gradebook.students}
    kept = {
        "assignments": sorted(assignment.id for assignment in gradebook.assignments),
        "students": sorted(now | (_noted(folder, gradebook) or set())),
    }
    with contextlib.suppress(OSError):  # who may not write there has heard of it already
        write_whole(folder / FILE, json.dumps(kept, indent=1))


def _noted(folder: Path, gradebook) -> set[str] | None:
    """Whom this gradebook had when somebody last looked; None where nobody did, or it was another
    gradebook: nbgrader gives an assignment an id of its own in each."""
    try:
        kept = json.loads((folder / FILE).read_text(encoding="utf-8"))
        students, assignments = set(kept["students"]), set(kept["assignments"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if assignments and assignments.isdisjoint(a.id for a in gradebook.assignments):
        return None
    return students


def _was_graded(coursedir, student: str) -> bool:
    place = Path(coursedir.format_path(coursedir.autograded_directory, student, "any"))
    return any(place.parent.glob(".*.course-grade.json"))
