"""A class's gradebook, which is nbgrader's: what an assignment consists of, and the marks of a
submission, each submission in one transaction. Folders are `record`'s."""

from __future__ import annotations

import difflib
import json
import os
import re
import time
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from shlex import quote

import click
import nbformat
from nbgrader import api, utils
from nbgrader.api import Gradebook, InvalidEntry, MissingEntry
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import with_polymorphic

from autograder.grading.classroom import leavers
from autograder.grading.classroom.configuration import transaction
from autograder.grading.pipeline.handed_in import times
from autograder.grading.pipeline.handed_in.finding import Given
from autograder.grading.pipeline.late_penalties import LatePenalties
from autograder.grading.pipeline.outcome import GradedNotebook, Outcome
from autograder.grading.pipeline.released import earlier, known_cells
from autograder.grading.pipeline.sanitize import Source
from autograder.grading.pipeline.submitted import Assignment

# How often a locked database is asked again while it is waited for.
BUSY_SECONDS = 1


def grades(gradebook, assignment: str, *columns):
    """Rows of (student, notebook, cell, *columns), one a grade of an assignment; columns are those
    of nbgrader's Grade."""
    return (
        gradebook.db.query(
            api.SubmittedAssignment.student_id, api.Notebook.name, api.BaseCell.name, *columns
        )
        .select_from(api.Grade)
        .join(api.SubmittedNotebook, api.Grade.notebook_id == api.SubmittedNotebook.id)
        .join(api.Notebook, api.SubmittedNotebook.notebook_id == api.Notebook.id)
        .join(api.SubmittedAssignment,
              api.SubmittedNotebook.assignment_id == api.SubmittedAssignment.id)
        .join(api.Assignment, api.SubmittedAssignment.assignment_id == api.Assignment.id)
        .join(api.BaseCell, api.Grade.cell_id == api.BaseCell.id)
        .filter(api.Assignment.name == assignment)
    )  # fmt: skip


class CannotRecord(click.ClickException):
    """Nothing more can be written; what was graded before stays. One sentence for the teacher."""


class Book:
    """The gradebook of a class, for one assignment.

    Parameters
    ----------
    folder, config : the class and its configuration (`load_config`)
    assignment : its name
    say : is told when something has to be waited for
    wait : seconds that a gradebook in somebody else's hands is waited for

    Raises CannotRecord where there is none, or none that can be used.
    """

    def __init__(
        self, folder: Path, config, assignment: str, say: Callable[[str], None], wait: float
    ):
        self.folder, self.config, self.name = folder, config, assignment
        self.coursedir = CourseDirectory(config=config)
        self._say, self._wait = say, wait
        self._late = LatePenalties(folder, config)
        self.zone = times.zone_of(config)
        self._gradebook: Gradebook | None = None
        self.added: set[str] = set()  # students who were on no roster until they handed in
        # What goes wrong is told in a sentence; nbgrader logs it with its whole traceback too.
        api.app_log.disabled = True
        url = make_url(self.coursedir.db_url)
        if url.get_backend_name() == "sqlite":
            if url.database and not Path(url.database).exists():
                raise CannotRecord(
                    f"There is no gradebook at {url.database}. Run: {self._release()}"
                )
            url = url.update_query_dict({"timeout": str(BUSY_SECONDS)})
        address = url.render_as_string(hide_password=False)
        course_id = self.coursedir.course_id or "default_course"
        self._gradebook = self._patiently(lambda: Gradebook(address, course_id))

    def close(self) -> None:
        self._gradebook.close()
        api.app_log.disabled = False

    # Reading.

    def assignment(self) -> Assignment:
        """The assignment as it was released: what the gradebook keeps of its cells, in the order
        of the source. Raises ClickException when it was not released yet."""
        return self._patiently(self._assignment)

    def _assignment(self) -> Assignment:
        try:
            found = self._gradebook.find_assignment(self.name)
        except MissingEntry:
            found = None
        if found is None or not found.notebooks:
            names = [a.name for a in self._gradebook.assignments if a.notebooks]
            near = [name for name in names if name.startswith(f"{self.name}_")]
            near = near or difflib.get_close_matches(self.name, names, n=1)
            source = self.coursedir.format_path(self.coursedir.source_directory, ".", self.name)
            then = f"To release it: {self._release()}" if Path(source).is_dir() else (
                "Nor is it in source/: which notebooks a class has is said when it is made, as in "
                f"course class new DIR -a {self.name[:2]}"
            )
            raise click.ClickException(
                f"The gradebook does not know the assignment {self.name}. "
                + (f"Did you mean {near[0]}?" if near else then)
            )  # fmt: skip
        folder = Path(self.coursedir.format_path(self.coursedir.source_directory, ".", self.name))
        given = Path(self.coursedir.format_path(self.coursedir.release_directory, ".", self.name))
        sources = tuple(
            _source(notebook, folder, given, self.folder) for notebook in found.notebooks
        )
        theirs = self.config.Autograde.get("exclude_overwriting", {}).get(self.name, ())
        ignored = [*self.coursedir.ignore, "*.ipynb"]
        files = {
            os.path.relpath(path, folder): Path(path).read_bytes()
            for path in sorted(utils.find_all_files(str(folder), ignored))
        }
        return Assignment(self.name, sources, files, frozenset(theirs))

    def scores(self) -> dict[str, dict[tuple[str, str], float | None]]:
        """What the gradebook holds: student → (notebook, cell) → automatic score."""
        return self._patiently(self._scores)

    def _scores(self):
        rows = grades(self._gradebook, self.name, api.Grade.auto_score)
        found: dict[str, dict] = {}
        for student, notebook, cell, points in rows:
            found.setdefault(student, {})[notebook, cell] = points
        self._gradebook.db.rollback()
        return found

    def marks(self, assignment: str) -> dict[str, dict[str, float | None]]:
        """What everybody who handed an assignment in has: student → cell → points, by hand where a
        person gave them. Empty for an assignment that is not in the gradebook."""
        return self._patiently(lambda: self._marks(assignment))

    def _marks(self, assignment: str):
        rows = (
            self._gradebook.db.query(
                api.SubmittedAssignment.student_id, api.BaseCell.name,
                api.Grade.manual_score, api.Grade.auto_score,
            )
            .join(api.SubmittedNotebook, api.Grade.notebook_id == api.SubmittedNotebook.id)
            .join(api.SubmittedAssignment,
                  api.SubmittedNotebook.assignment_id == api.SubmittedAssignment.id)
            .join(api.Assignment, api.SubmittedAssignment.assignment_id == api.Assignment.id)
            .join(api.BaseCell, api.Grade.cell_id == api.BaseCell.id)
            .filter(api.Assignment.name == assignment)
        )  # fmt: skip
        found: dict[str, dict] = {}
        for student, cell, by_hand, automatic in rows:
            given = automatic if by_hand is None else by_hand
            found.setdefault(student, {})[cell] = given
        self._gradebook.db.rollback()
        return found

    def times(self) -> dict:
        """When everybody handed in, as the gradebook has it: student → datetime, or None."""
        submissions = api.SubmittedAssignment.student_id, api.SubmittedAssignment.timestamp
        return self.read(lambda gradebook: dict(
            gradebook.db.query(*submissions)
            .join(api.Assignment, api.SubmittedAssignment.assignment_id == api.Assignment.id)
            .filter(api.Assignment.name == self.name)
        ))  # fmt: skip

    def left(self, students: Iterable[str]) -> set[str]:
        """Those of these who have left the class."""
        students = set(students)
        return self.read(lambda book: leavers.left(self.folder, self.coursedir, book, students))

    def remember(self) -> None:
        """Keep who is in the class, so that who leaves it is known to have left."""
        self.read(lambda book: leavers.remember(self.folder, book))

    def untimed(self, students: Collection[str]) -> list[str]:
        """Those of whom nobody knows when they handed in, where there is a deadline."""
        due = self.read(lambda gradebook: gradebook.find_assignment(self.name).duedate)
        times = self.times() if due is not None else {}
        return sorted(s for s, told in times.items() if told is None and s in students)

    def read(self, work: Callable[[Gradebook], object]):
        """What `work(gradebook)` gives, which writes nothing and keeps nothing of nbgrader's."""

        def done():
            found = work(self._gradebook)
            self._gradebook.db.rollback()
            return found

        return self._patiently(done)

    def time(self, timestamp: bytes | None):
        """When somebody handed in by a timestamp.txt, as the gradebook keeps it."""
        return times.usable_time(timestamp, self.zone)

    # Writing.

    def enter(self, outcome: Outcome, same_work: bool = False) -> None:
        """Everything about one submission that the gradebook holds, in one transaction.

        `same_work` says that the same files were graded before, by other checks or weights.
        """
        self._patiently(lambda: self._enter(outcome, same_work))

    def handed_in(self, student: str, timestamp: bytes | None) -> None:
        """Another time of handing in, by a timestamp.txt."""

        def change():
            with transaction(self._gradebook):
                submission = self._gradebook.find_submission(self.name, student)
                submission.timestamp = self.time(timestamp)

        self._patiently(change)

    def _enter(self, outcome: Outcome, same_work: bool) -> None:
        book = self._gradebook
        with transaction(self._gradebook):
            self._student(outcome.student)
            # It links what it makes before it adds it, and looks things up in between.
            with book.db.no_autoflush:
                at_hand = self._cells()  # held, else each mark and comment asks for its own
                submission = book.update_or_create_submission(self.name, outcome.student)
                submission.timestamp = self.time(outcome.timestamp)
                graded = {notebook.name: notebook for notebook in outcome.notebooks}
                for theirs in submission.notebooks:
                    if theirs.name in graded:
                        _enter_notebook(theirs, graded[theirs.name], same_work)
            book.db.flush()
            del at_hand
            book.db.expire_all()
            for theirs in submission.notebooks:
                if theirs.name in graded and not graded[theirs.name].missing:
                    self._late.put(submission, theirs)

    def _cells(self) -> list:
        """The assignment's notebooks and cells, by two queries."""
        of_this = api.Assignment.name == self.name
        query = self._gradebook.db.query
        notebooks = query(api.Notebook).join(api.Assignment).filter(of_this).all()
        every = with_polymorphic(api.BaseCell, "*")
        ids = [notebook.id for notebook in notebooks]
        cells = query(every).filter(every.notebook_id.in_(ids)).all()
        return notebooks + cells

    def _student(self, student: str) -> None:
        try:
            self._gradebook.find_student(student)
        except MissingEntry:
            if self.config.Autograde.get("create_student", True) is False:
                raise CannotRecord(
                    f"The gradebook has no student {student}, and nbgrader_config.py forbids to "
                    f"make one. Add them: nbgrader db student add -- {quote(student)}"
                ) from None
            self._gradebook.add_student(student)
            self.added.add(student)

    def penalize(self, students: Collection[str]) -> dict[str, float]:
        """Late penalties by the deadlines and rules of now, which may have changed since these
        students were graded, as may the marks by hand: late student → points taken off."""
        return self._patiently(lambda: self._penalize_all(students))

    def _penalize_all(self, students: Collection[str]) -> dict[str, float]:
        with transaction(self._gradebook):
            submissions = self._gradebook.assignment_submissions(self.name)
            return self._late.put_all(submissions, students)

    def _patiently(self, work: Callable):
        """`work()`, again and again while somebody else holds the gradebook."""
        deadline, told = time.monotonic() + self._wait, False
        while True:
            try:
                return work()
            except (DBAPIError, InvalidEntry) as error:  # nbgrader makes the one of the other
                if self._gradebook is not None:
                    self._gradebook.db.rollback()
                why = str(getattr(error, "orig", error)).partition("\n")[0]
                if "locked" not in why and "busy" not in why:
                    raise CannotRecord(self._database_sentence(why)) from None
                if not told:
                    self._say("Waiting for the gradebook: another program is using it.")
                    told = True
                if time.monotonic() > deadline:
                    raise CannotRecord(
                        f"Another program has held the gradebook of {self.folder} for "
                        f"{self._wait:g} seconds. What was graded so far is kept; close it "
                        "(formgrader, nbgrader, a database browser) and run the same command "
                        "again."
                    ) from None

    def _release(self) -> str:
        """The commands that release the assignment."""
        place, name = quote(str(self.folder)), quote(self.name)
        return f"cd {place} && nbgrader generate_assignment {name}"

    def _database_sentence(self, why: str) -> str:
        if "full" in why or "disk I/O" in why:
            return (
                f"The disk that holds the gradebook of {self.folder} is full. What was graded so "
                "far is kept; make room and run the same command again."
            )
        if re.search("no such (column|table)|has no column", why):
            return (
                f"The gradebook of {self.folder} is of another version of nbgrader ({why}). Copy "
                "it to a safe place, then run there: nbgrader db upgrade"
            )
        return f"The gradebook of {self.folder} cannot be used: {why}."


def _source(notebook, folder: Path, released: Path, of: Path) -> Source:
    known = known_cells(notebook)
    names = [cell.metadata.get("nbgrader", {}).get("grade_id")
             for cell in _cells(folder / f"{notebook.name}.ipynb")]  # fmt: skip
    told = [name for name in dict.fromkeys(names) if name in known]
    order = told + sorted(set(known) - set(told))
    cells = tuple(_plain(known[name]) for name in order)
    kernelspec = json.loads(notebook.kernelspec) if notebook.kernelspec else {}
    file = f"{notebook.name}.ipynb"  # what was given out has a header that the source has not
    given = tuple(
        Given(cell.get("id", ""), name, cell.cell_type,
              known[name].source if name in known else cell.source,
              tuple(cell.metadata.get("tags", ())))
        for cell in _cells(released / file) or _cells(folder / file)
        for name in [cell.metadata.get("nbgrader", {}).get("grade_id", "")]
    )  # fmt: skip
    before = earlier(of, folder.name, notebook.name)
    return Source(notebook.name, cells, kernelspec or {}, given, before)


def _cells(path: Path) -> list:
    """A notebook's cells; none where it cannot be read."""
    try:
        return nbformat.read(path, as_version=4).cells
    except (OSError, ValueError, AttributeError):
        return []


def _plain(cell) -> dict:
    """A cell without an id that is drawn anew each time."""
    plain = json.loads(json.dumps(cell))
    plain.pop("id", None)
    return plain


def _enter_notebook(theirs, graded: GradedNotebook, same_work: bool) -> None:
    """Marks and comments as nbgrader's SaveAutoGrades writes them: what a person has given stays,
    and where a person has given something before, they are asked to look again, unless neither the
    work nor the automatic mark is another."""
    marks = {mark.cell: mark for mark in graded.marks}
    for grade in theirs.grades:
        mark = marks.get(grade.name)
        if mark is None:
            continue
        if graded.missing:
            grade.auto_score, grade.needs_manual_grade = 0, False
            continue
        if isinstance(grade.cell, api.TaskCell) and mark.points == grade.auto_score:
            continue  # a task's only mark is the teacher's
        if same_work and grade.manual_score is not None and mark.points == grade.auto_score:
            continue
        grade.auto_score = mark.points
        grade.needs_manual_grade = (
            grade.manual_score is not None or mark.points is None or mark.for_teacher
        )
    for comment in theirs.comments:
        if not graded.missing:
            comment.auto_comment = graded.comments.get(comment.name)
