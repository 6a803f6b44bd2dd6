"""Where each student of a class stands in one assignment, as nbgrader's gradebook has it now:
points, those by hand too, what waits for a person, what being late costs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from autograder.grading.pipeline.gradebook import grades
from autograder.grading.pipeline.sanitize import Source


@dataclass(frozen=True)
class Column:
    """A cell that gives points. `by_hand`: a person gives them."""

    notebook: str
    cell: str
    title: str
    max_points: float
    by_hand: bool


@dataclass
class Standing:
    """One student's row of the gradebook.

    Attributes
    ----------
    points : (notebook, cell) → points, by hand where a person gave them; None: nobody gave any yet
    waits : those cells that wait for a person
    late : seconds behind the deadline, an extension counted in
    untimed : there is a deadline, and nobody knows when this was handed in: it counts as in time
    taken_off : points that being late costs
    """

    student: str
    points: dict[tuple[str, str], float | None] = field(default_factory=dict)
    waits: set[tuple[str, str]] = field(default_factory=set)
    late: float = 0.0
    untimed: bool = False
    taken_off: float = 0.0

    @property
    def total(self) -> float:
        """Points after the late penalty, never below 0, as nbgrader's export has them."""
        return max(0.0, sum(p or 0.0 for p in self.points.values()) - self.taken_off)


def columns(sources: Iterable[Source]) -> list[Column]:
    """The cells of an assignment that give points, in the order of its notebooks."""
    made = []
    for source in sources:
        for cell in source.cells:
            flags = cell["metadata"]["nbgrader"]
            if not (flags["grade"] or flags["task"]):
                continue
            name = flags["grade_id"]
            by_hand = bool(flags["solution"] or flags["task"] or flags["cell_type"] != "code")
            title = name.removeprefix("check_").removeprefix("quiz_")
            made.append(Column(source.name, name, title, float(flags["points"]), by_hand))
    titles = [column.title for column in made]
    return [
        column if titles.count(column.title) == 1
        else Column(column.notebook, column.cell, f"{column.notebook}: {column.cell}",
                    column.max_points, column.by_hand)
        for column in made
    ]  # fmt: skip


def names(gradebook) -> dict[str, tuple[str, str]]:
    """The roster: id → (last name, first name)."""
    return {s.id: (s.last_name or "", s.first_name or "") for s in gradebook.students}


def read(gradebook, assignment: str) -> dict[str, Standing]:
    """Everybody who has a submission in the gradebook (nbgrader's `Gradebook`), by id."""
    from nbgrader import api

    found = {}
    for submission in gradebook.assignment_submissions(assignment):
        late = max(0.0, submission.total_seconds_late)
        untimed = submission.assignment.duedate is not None and submission.timestamp is None
        found[submission.student_id] = Standing(submission.student_id, late=late, untimed=untimed)
    of_this = api.Assignment.name == assignment
    penalties = (
        gradebook.db.query(
            api.SubmittedAssignment.student_id, api.SubmittedNotebook.late_submission_penalty
        )
        .join(api.SubmittedNotebook,
              api.SubmittedNotebook.assignment_id == api.SubmittedAssignment.id)
        .join(api.Assignment, api.SubmittedAssignment.assignment_id == api.Assignment.id)
        .filter(of_this)
    )  # fmt: skip
    for student, penalty in penalties:
        found[student].taken_off += penalty or 0.0
    rows = grades(
        gradebook, assignment, api.Grade.score, api.Grade.auto_score, api.Grade.manual_score,
        api.Grade.needs_manual_grade,
    )  # fmt: skip
    for student, notebook, cell, score, automatic, by_hand, waits in rows:
        given = None if automatic is None and by_hand is None else score
        found[student].points[notebook, cell] = given
        if waits:
            found[student].waits.add((notebook, cell))
    return found
