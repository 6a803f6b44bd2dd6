"""Writes what became of a submission: nbgrader's gradebook and the autograded/ folder, and nothing
else in the program touches either. One writer, one transaction a submission."""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

import click
from filelock import FileLock, Timeout
from nbgrader import api, utils
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from autograder.grading.classroom import config as class_config
from autograder.grading.pipeline import GradedNotebook, Outcome, Seen
from autograder.grading.sanitize import Source
from autograder.grading.scoring import Mark
from autograder.grading.stock import known_cells
from autograder.grading.submitted import Assignment

STATE = ".{}.course-grade.json"
STAGING = ".course-grade"
# How often a locked database is asked again while it is waited for.
BUSY_SECONDS = 1


class CannotRecord(click.ClickException):
    """Nothing more can be written; what was graded before stays. One sentence for the teacher."""


class Record:
    """A class's gradebook and autograded folder for one assignment; a context manager.

    Parameters
    ----------
    folder : the class
    assignment : its name
    say : is told when something has to be waited for
    wait : seconds that a gradebook in somebody else's hands is waited for
    """

    def __init__(
        self,
        folder: Path,
        assignment: str,
        *,
        say: Callable[[str], None] = click.echo,
        wait: float = 60.0,
    ):
        self.folder, self.name = Path(os.path.abspath(folder)), assignment
        self._say, self._wait = say, wait
        self.config = load_config(self.folder)
        self.coursedir = CourseDirectory(config=self.config)
        self._lock = FileLock(self.folder / ".course-grade.lock", timeout=0)
        self._gradebook: Gradebook | None = None

    def __enter__(self) -> Record:
        try:
            self._lock.acquire()
        except Timeout:
            raise CannotRecord(
                f"Another 'course grade' is at work in {self.folder}. Wait until it has ended."
            ) from None
        try:
            self._open()
            self._sweep()
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(self, *exception) -> None:
        with contextlib.suppress(OSError, DBAPIError):
            self._sweep()
        if self._gradebook is not None:
            self._gradebook.close()
        self._lock.release()

    # Opening.

    def _open(self) -> None:
        url = make_url(self.coursedir.db_url)
        if url.get_backend_name() == "sqlite":
            if url.database and not Path(url.database).exists():
                raise CannotRecord(
                    f"There is no gradebook at {url.database}. In {self.folder} run: "
                    f"nbgrader generate_assignment {self.name}"
                )
            url = url.update_query_dict({"timeout": str(BUSY_SECONDS)})
        address = url.render_as_string(hide_password=False)
        self._sqlite = url.get_backend_name() == "sqlite"
        course_id = self.coursedir.course_id or "default_course"
        self._gradebook = self._patiently(lambda: Gradebook(address, course_id))

    def _sweep(self) -> None:
        """Take away what a run that was killed left behind."""
        staging = self._staging()
        if staging.exists():
            shutil.rmtree(staging)

    def _staging(self) -> Path:
        """Where folders are made before they take their place, on the same disk."""
        return Path(self.coursedir.format_path(self.coursedir.autograded_directory, STAGING, "."))

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
            near = difflib.get_close_matches(self.name, names, n=1)
            meant = f" Did you mean {near[0]}?" if near else ""
            raise click.ClickException(
                f"The gradebook does not know the assignment {self.name}.{meant} To release it, "
                f"in {self.folder} run: nbgrader generate_assignment {self.name}"
            )
        folder = Path(self.coursedir.format_path(self.coursedir.source_directory, ".", self.name))
        sources = tuple(_source(notebook, folder) for notebook in found.notebooks)
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
        rows = (
            self._gradebook.db.query(
                api.SubmittedAssignment.student_id, api.Notebook.name, api.BaseCell.name,
                api.Grade.auto_score,
            )
            .join(api.SubmittedNotebook, api.Grade.notebook_id == api.SubmittedNotebook.id)
            .join(api.Notebook, api.SubmittedNotebook.notebook_id == api.Notebook.id)
            .join(api.SubmittedAssignment,
                  api.SubmittedNotebook.assignment_id == api.SubmittedAssignment.id)
            .join(api.Assignment, api.SubmittedAssignment.assignment_id == api.Assignment.id)
            .join(api.BaseCell, api.Grade.cell_id == api.BaseCell.id)
            .filter(api.Assignment.name == self.name)
        )  # fmt: skip
        found: dict[str, dict] = {}
        for student, notebook, cell, points in rows:
            found.setdefault(student, {})[notebook, cell] = points
        self._gradebook.db.rollback()
        return found

    def unchanged(self, student: str, fingerprint: str, scores: dict) -> Outcome | None:
        """What became of a submission earlier, where nothing has changed since: not what was
        handed in, nor the autograded notebooks, nor what the gradebook holds for it."""
        try:
            kept = json.loads(self._state_path(student).read_text(encoding="utf-8"))
            outcome = _outcome(kept["outcome"])
            if kept["fingerprint"] != fingerprint:
                return None
            if kept["notebooks"] != self._digests(student, outcome):
                return None
        except (OSError, ValueError, KeyError, TypeError):
            return None
        recorded = {
            (notebook.name, mark.cell): mark.points
            for notebook in outcome.notebooks
            for mark in notebook.marks
        }
        same = recorded.items() <= scores.get(student, {}).items()
        return outcome if same else None

    def _digests(self, student: str, outcome: Outcome) -> dict[str, str]:
        place = self._place(student)
        return {
            notebook.name: hashlib.sha256(
                (place / f"{notebook.name}.ipynb").read_bytes()
            ).hexdigest()
            for notebook in outcome.notebooks
            if not notebook.missing
        }

    def _place(self, student: str) -> Path:
        return Path(
            self.coursedir.format_path(self.coursedir.autograded_directory, student, self.name)
        )

    def _state_path(self, student: str) -> Path:
        # Beside the folder and not in it: what is in it goes out with the feedback.
        place = self._place(student)
        return place.parent / STATE.format(place.name)

    # Writing.

    def save(self, outcome: Outcome, fingerprint: str) -> Outcome:
        """Record an outcome: gradebook, then folder, then the note that it is done.

        Killed between any two of these, the next run finds no such note and does it again.
        Returns the outcome without the contents of its files. Raises CannotRecord.
        """
        light = _light(outcome)
        if not outcome.notebooks:  # left to stock, or lost with its worker: nothing is known of it
            return light
        place = self._place(outcome.student)
        staged = self._staging() / outcome.student
        try:
            self._stage(outcome, staged)
            self._patiently(lambda: self._enter(outcome))
            place.parent.mkdir(parents=True, exist_ok=True)
            self._state_path(outcome.student).unlink(missing_ok=True)
            if place.exists():
                os.rename(place, staged.parent / f"{outcome.student}.old")
            os.rename(staged, place)
            shutil.rmtree(staged.parent / f"{outcome.student}.old", ignore_errors=True)
            note = {
                "fingerprint": fingerprint,
                "notebooks": self._digests(outcome.student, light),
                "outcome": asdict(replace(light, files={}, timestamp=None)),
            }
            path = self._state_path(outcome.student)
            growing = staged.parent / f"{outcome.student}.json"
            growing.write_text(json.dumps(note), encoding="utf-8")
            os.replace(growing, path)
        except OSError as error:
            raise CannotRecord(
                f"{error.strerror or error}: {error.filename or place}. Everything graded before "
                f"{outcome.student} is kept; mend this and run the same command again."
            ) from None
        return light

    def _stage(self, outcome: Outcome, staged: Path) -> None:
        if staged.exists():
            shutil.rmtree(staged)
        staged.mkdir(parents=True)
        contents = {**outcome.files}
        if outcome.timestamp is not None:
            contents["timestamp.txt"] = outcome.timestamp
        for notebook in outcome.notebooks:
            if not notebook.missing:
                contents[f"{notebook.name}.ipynb"] = notebook.text.encode()
        shared = self.coursedir.groupshared
        mode = int(str(self.config.Autograde.get("permissions", 664 if shared else 444)), 8)
        for name, data in contents.items():
            path = staged / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            path.chmod(mode)
        if shared:
            for place, *_ in os.walk(staged):
                os.chmod(place, (os.stat(place).st_mode | 0o2770) & 0o2777)

    def _enter(self, outcome: Outcome) -> None:
        """Everything about one submission that the gradebook holds, in one transaction."""
        book = self._gradebook
        with self._transaction():
            self._student(outcome.student)
            when = {}
            if (stamp := _timestamp(outcome)) is not None:
                when["timestamp"] = stamp
            # It links what it makes before it adds it, and looks things up in between.
            with book.db.no_autoflush:
                submission = book.update_or_create_submission(self.name, outcome.student, **when)
            graded = {notebook.name: notebook for notebook in outcome.notebooks}
            for theirs in submission.notebooks:
                if theirs.name in graded:
                    _enter_notebook(theirs, graded[theirs.name])
            book.db.flush()
            book.db.expire_all()
            for theirs in submission.notebooks:
                if theirs.name in graded and not graded[theirs.name].missing:
                    self._penalize(submission, theirs, outcome.student)

    def _student(self, student: str) -> None:
        try:
            self._gradebook.find_student(student)
        except MissingEntry:
            if self.config.Autograde.get("create_student", True) is False:
                raise CannotRecord(
                    f"The gradebook has no student {student}, and nbgrader_config.py forbids to "
                    f"make one. Add them: nbgrader db student add {student}"
                ) from None
            self._gradebook.add_student(student)

    def _penalize(self, submission, notebook, student: str) -> None:
        """The late penalty, by the class's own plugin, as nbgrader's AssignLatePenalties has it."""
        notebook.late_submission_penalty = None
        late = submission.total_seconds_late
        if late <= 0:
            return
        if not hasattr(self, "_late"):
            with _importing_from(self.folder):
                self._late = AssignLatePenalties(config=self.config)
                self._late.init_plugin()
        score = notebook.score
        penalty = self._late.plugin_inst.late_submission_penalty(student, score, late)
        if penalty is not None:
            notebook.late_submission_penalty = self._late._check_late_penalty(notebook, penalty)

    # Transactions.

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        """What nbgrader's methods commit one by one becomes one transaction."""
        session = self._gradebook.db()
        if self._sqlite:
            # Taken at once: a reader that wants to write later can meet another who does too.
            session.execute(text("BEGIN IMMEDIATE"))
        session.commit = session.flush
        try:
            yield
            del session.commit
            session.commit()
        except BaseException:
            session.__dict__.pop("commit", None)
            session.rollback()
            raise
        finally:
            session.expunge_all()

    def _patiently(self, work: Callable):
        """`work()`, again and again while somebody else holds the gradebook."""
        deadline, told = time.monotonic() + self._wait, False
        while True:
            try:
                return work()
            except (OperationalError, DBAPIError) as error:
                if self._gradebook is not None:
                    self._gradebook.db.rollback()
                why = str(error.orig)
                if "locked" not in why and "busy" not in why:
                    raise CannotRecord(self._database_sentence(why)) from None
                if time.monotonic() > deadline:
                    raise CannotRecord(
                        f"Another program has held the gradebook of {self.folder} for "
                        f"{self._wait:g} seconds. What was graded so far is kept; close it "
                        "(formgrader, nbgrader, a database browser) and run the same command "
                        "again."
                    ) from None
                if not told:
                    self._say("Waiting for the gradebook: another program is using it.")
                    told = True

    def _database_sentence(self, why: str) -> str:
        if "full" in why or "disk I/O" in why:
            return (
                f"The disk that holds the gradebook of {self.folder} is full. What was graded so "
                "far is kept; make room and run the same command again."
            )
        if "no such column" in why or "no such table" in why:
            return (
                f"The gradebook of {self.folder} is of another version of nbgrader ({why}). Copy "
                "it to a safe place, then run there: nbgrader db upgrade"
            )
        return f"The gradebook of {self.folder} cannot be used: {why}."


def load_config(folder: Path):
    """A class's configuration, with its folder as the root unless it names another."""
    with _importing_from(folder):
        settings = class_config(folder)
    root = settings.CourseDirectory.get("root", "")
    settings.CourseDirectory.root = os.path.join(folder, str(root) if root else "").rstrip(os.sep)
    return settings


@contextlib.contextmanager
def _importing_from(folder: Path) -> Iterator[None]:
    """A class's configuration and plugins may lie as modules in its folder."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def _source(notebook, folder: Path) -> Source:
    known = known_cells(notebook)
    try:
        content = json.loads((folder / f"{notebook.name}.ipynb").read_text(encoding="utf-8"))
        names = [c["metadata"].get("nbgrader", {}).get("grade_id") for c in content["cells"]]
    except (OSError, ValueError, KeyError, TypeError):
        names = []
    told = [name for name in dict.fromkeys(names) if name in known]
    order = told + sorted(set(known) - set(told))
    cells = tuple(_plain(known[name]) for name in order)
    kernelspec = json.loads(notebook.kernelspec) if notebook.kernelspec else {}
    return Source(notebook.name, cells, kernelspec or {})


def _plain(cell) -> dict:
    """A cell without an id that is drawn anew each time."""
    plain = json.loads(json.dumps(cell))
    plain.pop("id", None)
    return plain


def _enter_notebook(theirs, graded: GradedNotebook) -> None:
    """Marks and comments as nbgrader's SaveAutoGrades writes them: what a person has given stays,
    and where a person has given something before, they are asked to look again."""
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
        grade.auto_score = mark.points
        grade.needs_manual_grade = (
            grade.manual_score is not None or mark.points is None or mark.for_teacher
        )
    for comment in theirs.comments:
        if not graded.missing:
            comment.auto_comment = graded.comments.get(comment.name)


def _timestamp(outcome: Outcome):
    """When it was handed in, by its timestamp.txt; None where that tells nothing."""
    stamp = (outcome.timestamp or b"").decode("utf-8", "replace").strip()
    if not stamp:
        return None
    try:
        return utils.parse_utc(stamp)
    except (ValueError, OverflowError):
        return None


def _light(outcome: Outcome) -> Outcome:
    """The outcome without the contents of files: what a report wants, and memory can hold."""
    notebooks = [replace(notebook, text="") for notebook in outcome.notebooks]
    return replace(outcome, notebooks=notebooks, files={}, timestamp=None)


def _outcome(kept: dict) -> Outcome:
    """An outcome from the JSON of its `asdict`."""
    notebooks = [
        GradedNotebook(**{**notebook, "marks": [Mark(**mark) for mark in notebook["marks"]]})
        for notebook in kept["notebooks"]
    ]
    exercises = [
        Seen(**{**seen, "mistakes": [tuple(named) for named in seen["mistakes"]]})
        for seen in kept["exercises"]
    ]
    return Outcome(**{**kept, "notebooks": notebooks, "exercises": exercises})
