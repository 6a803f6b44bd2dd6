"""What each student of a class has earned, read from nbgrader's gradebook. How a school's system
wants to be told is `filling`'s and `exports`'."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Literal

import click

State = Literal["marked", "waits for a person", "not graded yet", "nothing handed in"]


@dataclass(frozen=True)
class Person:
    """A student as the gradebook has them; `school_id` is nbgrader's `lms_user_id`."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    school_id: str = ""

    def __str__(self) -> str:
        name = f"{self.first_name} {self.last_name}".strip()
        return f"{self.id} ({name})" if name else self.id


@dataclass(frozen=True)
class Earned:
    """One student's mark for one assignment: points after late penalties, never below 0.

    Points of "waits for a person" are those that are sure; the other two states have none.
    """

    state: State
    points: float | None = None


@dataclass(frozen=True)
class Marks:
    """The marks of a class.

    Attributes
    ----------
    people : the roster, by id, sorted by name
    most : assignment → the most points that it gives
    earned : (assignment, student's id) → what they earned; one for each pair
    not_asked : ids, addresses and numbers of those in the class who are not among `people`
    """

    people: dict[str, Person]
    most: dict[str, float]
    earned: dict[tuple[str, str], Earned] = field(default_factory=dict)
    not_asked: frozenset[str] = frozenset()


def alike(text: str) -> str:
    """What two spellings of the same address or login have in common."""
    return unicodedata.normalize("NFC", text).strip().casefold()


def read_marks(
    gradebook,
    assignments: Sequence[str] = (),
    students: Sequence[str] = (),
    handed_in: Collection[tuple[str, str]] = (),
) -> Marks:
    """Read the marks of some assignments and students, of all where none are named.

    Parameters
    ----------
    gradebook : nbgrader.api.Gradebook
    handed_in : (assignment, student's id) of what lies in the class's folder, graded or not

    Raises ClickException for a name that the gradebook does not know.
    """
    known = {a.name: float(a.max_score) for a in gradebook.assignments if a.notebooks}
    roster = {
        s.id: Person(
            s.id, s.first_name or "", s.last_name or "", s.email or "", s.lms_user_id or ""
        )
        for s in gradebook.students
    }
    wanted = _chosen(assignments, known, "assignment")
    chosen = _chosen(students, roster, "student")
    people = sorted(
        (roster[student] for student in chosen),
        key=lambda p: (p.last_name.casefold(), p.first_name.casefold(), p.id),
    )
    rest = [person for person in roster.values() if person not in people]
    keys = {alike(key) for p in rest for key in (p.id, p.email, p.school_id)} - {""}
    marks = Marks({p.id: p for p in people}, {name: known[name] for name in wanted},
                  not_asked=frozenset(keys))  # fmt: skip
    for name in wanted:
        submissions = {s.student_id: s for s in gradebook.assignment_submissions(name)}
        for student in marks.people:
            there = (name, student) in handed_in
            marks.earned[name, student] = _earned(submissions.get(student), there)
    return marks


def _earned(submission, handed_in: bool) -> Earned:
    if submission is None:
        return Earned("not graded yet" if handed_in else "nothing handed in")
    points = max(0.0, float(submission.score) - float(submission.late_submission_penalty or 0.0))
    return Earned("waits for a person" if submission.needs_manual_grade else "marked", points)


def _chosen(wanted: Sequence[str], known: Collection[str], what: str) -> list[str]:
    for name in wanted:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            meant = f" Did you mean {near[0]}?" if near else ""
            raise click.ClickException(f"The gradebook knows no {what} {name}.{meant}")
    if not known:
        raise click.ClickException(f"The gradebook has no {what}s yet; there is nothing to export.")
    return list(dict.fromkeys(wanted)) or list(known)
