"""Marks that a person gives to written answers, in nbgrader's own gradebook, one transaction each,
with undo. What is shown of an answer is `answers`'."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

import click
from nbgrader import api
from nbgrader.api import Gradebook, InvalidEntry, MissingEntry
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from autograder.grading.classroom.configuration import transaction
from autograder.grading.marking.questions import Question

# Seconds that one attempt waits for a gradebook in somebody else's hands; the page asks again.
BUSY_SECONDS = 1
MOST_COMMENT = 10_000  # characters
KEEP = object()  # instead of points: who only comments has not decided on them


class Busy(Exception):
    """Somebody else is writing into the gradebook: nothing was stored, and the same may be tried
    again."""


class NotStored(Exception):
    """Nothing was stored; a sentence for the teacher. `now` is the mark that stands, where it is
    another than the one that was seen."""

    def __init__(self, sentence: str, now: Mark | None = None):
        super().__init__(sentence)
        self.now = now


@dataclass(frozen=True)
class Mark:
    """What an answer has: points (None: none yet), what the student is told, and whether it waits
    for a person."""

    points: float | None = None
    comment: str = ""
    waits: bool = True


@dataclass(frozen=True)
class Listed:
    """One student's answer as the gradebook has it; `identity` is nbgrader's id of the grade."""

    identity: str
    student: str
    name: str
    mark: Mark
    late: float  # seconds


@dataclass(frozen=True)
class _Row:
    """A grade's columns, by hand and whether it waits, and its comment by hand: what undo puts
    back."""

    points: float | None
    comment: str | None
    waits: bool


class Marks:
    """The gradebook of a class, for one assignment's written questions.

    Raises ClickException where it cannot be opened.
    """

    def __init__(self, config, assignment: str):
        self.assignment = assignment
        coursedir = CourseDirectory(config=config)
        url = make_url(coursedir.db_url)
        if url.get_backend_name() == "sqlite":
            url = url.update_query_dict({"timeout": str(BUSY_SECONDS)})
        # What goes wrong is told in a sentence; nbgrader logs it with its whole traceback too.
        api.app_log.disabled = True
        try:
            self._gradebook = Gradebook(
                url.render_as_string(hide_password=False),
                coursedir.course_id or "default_course",
            )
        except (DBAPIError, InvalidEntry) as error:
            raise click.ClickException(_sentence(error)) from None
        self._given: list[tuple[str, _Row, _Row]] = []  # (grade, before, after), for undo

    def close(self) -> None:
        self._gradebook.close()
        api.app_log.disabled = False

    def answers(self, question: Question) -> list[Listed]:
        """Everybody's answer to one question. Raises Busy, NotStored."""
        return self._asked(lambda: self._answers(question))

    def _answers(self, question: Question) -> list[Listed]:
        late = {
            submission.student_id: max(0.0, submission.total_seconds_late)
            for submission in self._gradebook.assignment_submissions(self.assignment)
        }
        comments = dict(
            self._of_cell(question, api.Comment)
            .with_entities(api.Comment.notebook_id, api.Comment.comment)
        )  # fmt: skip
        grades = self._of_cell(question, api.Grade).with_entities(
            api.Grade, api.Student.id, api.Student.first_name, api.Student.last_name
        )
        return [
            Listed(
                grade.id, student, " ".join(filter(None, (first, last))) or student,
                Mark(_points(grade), comments.get(grade.notebook_id) or "",
                     bool(grade.needs_manual_grade)),
                late.get(student, 0.0),
            )
            for grade, student, first, last in grades
        ]  # fmt: skip

    def _of_cell(self, question: Question, kind):
        """The grades or comments (`kind`) of one cell, everybody's."""
        return (
            self._gradebook.db.query(kind)
            .join(api.BaseCell, kind.cell_id == api.BaseCell.id)
            .join(api.SubmittedNotebook, kind.notebook_id == api.SubmittedNotebook.id)
            .join(api.Notebook, api.SubmittedNotebook.notebook_id == api.Notebook.id)
            .join(api.SubmittedAssignment,
                  api.SubmittedNotebook.assignment_id == api.SubmittedAssignment.id)
            .join(api.Assignment, api.SubmittedAssignment.assignment_id == api.Assignment.id)
            .join(api.Student, api.SubmittedAssignment.student_id == api.Student.id)
            .filter(api.Assignment.name == self.assignment,
                    api.Notebook.name == question.notebook, api.BaseCell.name == question.cell)
        )  # fmt: skip

    def mark(self, identity: str) -> Mark:
        """What one answer has now. Raises Busy, NotStored where there is no such answer."""
        return self._asked(lambda: _mark(*self._found(identity)))

    def give(self, identity: str, points, comment: str, seen: Mark) -> Mark:
        """Store points and comment of one answer; what stands then.

        As formgrader has it: an answer with points waits for nobody, one without waits again.

        Parameters
        ----------
        points : None takes them back, KEEP leaves them and whether they wait as they are
        seen : the mark that the person had before them. Where the gradebook has got another
            meanwhile, nothing is stored.

        Raises Busy, and NotStored with a sentence.
        """
        comment = comment.encode("utf-8", "replace").decode().replace("\0", "").strip()
        if len(comment) > MOST_COMMENT:
            raise NotStored(f"A comment has at most {MOST_COMMENT:,} characters; shorten it.")
        return self._asked(lambda: self._give(identity, points, comment, seen))

    def _give(self, identity: str, points, comment: str, seen: Mark) -> Mark:
        with transaction(self._gradebook):
            grade, told = self._found(identity)
            if points is not KEEP:
                _check(points, grade.max_score)
            if comment and told is None:
                raise NotStored("The gradebook keeps no comments on this cell.")
            now = _mark(grade, told)
            settled = points is KEEP or (points == now.points and not now.waits)
            if settled and comment == now.comment.strip():
                return now  # asked twice, where an answer was lost on its way
            if (now.points, now.comment.strip()) != (seen.points, seen.comment.strip()):
                raise NotStored(
                    "Somebody else has marked this answer meanwhile (in formgrader, or in another "
                    "window). What they gave stands; give yours again if it should replace it.",
                    now,
                )
            before = _row(grade, told)
            if points is not KEEP:
                grade.manual_score = points
                grade.needs_manual_grade = points is None and grade.auto_score is None
            if comment != now.comment.strip():
                told.manual_comment = comment or None
            after = _row(grade, told)
            self._gradebook.db.flush()
            given = _mark(grade, told)
        self._given.append((identity, before, after))
        return given

    def undo(self) -> tuple[str, Mark] | None:
        """Take back the last mark that was given here; whose it was and what stands then. None
        where there is nothing to take back.

        Raises Busy, and NotStored where somebody else has marked that answer since: theirs stays.
        """
        if not self._given:
            return None
        identity, before, after = self._given[-1]

        def put_back() -> Mark:
            with transaction(self._gradebook):
                grade, told = self._found(identity)
                if _row(grade, told) != after:
                    raise NotStored(
                        "This cannot be undone: somebody else has marked that answer since. What "
                        "they gave stands."
                    )
                grade.manual_score, grade.needs_manual_grade = before.points, before.waits
                if told is not None:
                    told.manual_comment = before.comment
                self._gradebook.db.flush()
                return _mark(grade, told)

        try:
            mark = self._asked(put_back)
        except NotStored:
            self._given.pop()
            raise
        self._given.pop()
        return identity, mark

    def _found(self, identity: str):
        """A grade and its comment (nbgrader's rows; None for no comment)."""
        try:
            grade = self._gradebook.find_grade_by_id(identity)
        except MissingEntry:
            grade = None
        if grade is None or grade.assignment.name != self.assignment:
            raise NotStored(
                "This answer is no longer in the gradebook: perhaps it was taken out. Load the "
                "page again."
            )
        try:
            told = self._gradebook.find_comment(
                grade.name, grade.notebook.name, self.assignment, grade.student.id
            )
        except MissingEntry:
            told = None
        return grade, told

    def _asked(self, work: Callable):
        """`work()`, with the gradebook left free for others afterwards."""
        try:
            return work()
        except (DBAPIError, InvalidEntry) as error:
            sentence = _sentence(error)
            raise (Busy if "is using" in sentence else NotStored)(sentence) from None
        finally:
            self._gradebook.db.rollback()
            self._gradebook.db.expire_all()


def _check(points: float | None, most: float) -> None:
    """Raises NotStored where nobody can have these points."""
    if points is not None and not (math.isfinite(points) and points >= 0):
        raise NotStored("Points are a number from 0 up.")
    if points is not None and points > most:
        raise NotStored(
            f"This question has at most {most:g} points. More are extra credit, which formgrader "
            "gives."
        )


def _points(grade) -> float | None:
    return grade.auto_score if grade.manual_score is None else grade.manual_score


def _mark(grade, told) -> Mark:
    comment = "" if told is None else told.manual_comment or told.auto_comment or ""
    return Mark(_points(grade), comment, bool(grade.needs_manual_grade))


def _row(grade, told) -> _Row:
    comment = None if told is None else told.manual_comment
    return _Row(grade.manual_score, comment, bool(grade.needs_manual_grade))


def _sentence(error: Exception) -> str:
    """What went wrong with the gradebook, and what to do."""
    why = str(getattr(error, "orig", error)).partition("\n")[0]
    why = re.sub(r"^\(\S+\) ", "", why)  # the error's class, where nbgrader passes it on
    if "locked" in why or "busy" in why:
        return "Another program is using the gradebook (formgrader, a grading run)."
    if "full" in why or "disk I/O" in why:
        return "The disk that holds the gradebook is full. Make room, and give the mark again."
    if "readonly" in why:
        return "You may not write into the gradebook. Mark as the one whom the class belongs to."
    return f"The gradebook cannot be used: {why}."
