"""Writes what became of a submission: into the gradebook (`gradebook`) and the autograded/ folder,
in an order that a run which is killed anywhere can take up again. One writer."""

from __future__ import annotations

import contextlib
import errno
import glob
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

import click
from filelock import FileLock, Timeout

from autograder.grading.classroom.configuration import load_config
from autograder.grading.pipeline.gradebook import Book, CannotRecord
from autograder.grading.pipeline.outcome import FAILED, GradedNotebook, Mark, Outcome, Seen
from autograder.grading.pipeline.submitted import Assignment

STATE = ".{}.course-grade.json"
STAGING = ".course-grade"
# What is wrong where a file's name is: the disk, the rights and the class are well.
OF_A_NAME = (
    errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.EINVAL, errno.EILSEQ,
)  # fmt: skip


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
        self._lock = FileLock(self.folder / ".course-grade.lock", timeout=0)
        self.book: Book | None = None
        self.by_another_course: list[str] = []  # graded before, when the course was another
        self.noted: set[str] = set()  # whose note says what was handed in now
        self._times: dict | None = None  # what the gradebook had when it was first asked

    def __enter__(self) -> Record:
        try:
            self._lock.acquire()
        except Timeout:
            raise CannotRecord(
                f"Another 'course grade' is at work in {self.folder}. Wait until it has ended."
            ) from None
        except OSError as error:
            raise CannotRecord(
                f"You may not write into the class {self.folder} ({error.strerror or error}). "
                "Grade as the one whom it belongs to, or copy it to where you may write."
            ) from None
        try:
            self.book = Book(self.folder, self.config, self.name, self._say, self._wait)
            self.coursedir = self.book.coursedir
            self._sweep()
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(self, *exception) -> None:
        with contextlib.suppress(OSError):
            self._sweep()
        self.book.close()
        self._lock.release()

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
        """The assignment as it was released."""
        return self.book.assignment()

    def scores(self) -> dict[str, dict[tuple[str, str], float | None]]:
        """What the gradebook holds: student → (notebook, cell) → automatic score."""
        return self.book.scores()

    def unchanged(self, student: str, fingerprint: str, scores: dict) -> Outcome | None:
        """What became of a submission earlier, where nothing has changed since: not what was
        handed in, nor the autograded notebooks, nor what the gradebook holds for it."""
        try:
            kept = json.loads(self._state_path(student).read_text(encoding="utf-8"))
            outcome = _outcome(kept["outcome"])
            if kept["fingerprint"] != fingerprint:
                if kept["fingerprint"].split()[0] != fingerprint.split()[0]:
                    self.by_another_course.append(student)
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
        if not same:
            return None
        self.noted.add(student)
        return outcome

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
            light = self._stage_what_can_be(outcome, light, staged)
            self.book.enter(outcome, self._same_work(outcome.student, fingerprint))
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
            self.noted.add(outcome.student)
        except OSError as error:
            raise CannotRecord(
                f"{error.strerror or error}: {error.filename or place}. Everything graded before "
                f"{outcome.student} is kept; mend this and run the same command again."
            ) from None
        return light

    def _same_work(self, student: str, fingerprint: str) -> bool:
        """Whether the same files were graded before, so that marks by hand are about them."""
        try:
            kept = json.loads(self._state_path(student).read_text(encoding="utf-8"))["fingerprint"]
        except (OSError, ValueError, KeyError, TypeError):
            return False
        own = fingerprint.split()[2:]
        return bool(own) and kept.split()[2:] == own

    def on_time(self, student: str, timestamp: bytes | None) -> None:
        """Take up another time of handing in for work that is graded already. Raises
        CannotRecord."""
        path = self._place(student) / "timestamp.txt"
        if self._times is None:
            self._times = self.book.times()
        try:
            before = path.read_bytes() if path.exists() else None
            if timestamp == before and self._times.get(student) == self.book.time(timestamp):
                return
            self.book.handed_in(student, timestamp)
            path.unlink(missing_ok=True)
            if timestamp is not None:
                path.write_bytes(timestamp)
        except OSError as error:
            raise CannotRecord(
                f"{error.strerror or error}: {path}. Mend this and run the same command again."
            ) from None

    def _stage_what_can_be(self, outcome: Outcome, light: Outcome, staged: Path) -> Outcome:
        """Make the folder; without a student's own files, and told so, where one's name is what
        cannot be made here, such as that of a file which is a folder of the assignment's."""
        try:
            self._stage(outcome, staged)
            return light
        except OSError as error:
            if error.errno not in OF_A_NAME:
                raise
            look = f"the files beside the notebook were not kept ({error.strerror})"
        self._stage(replace(outcome, files={}), staged)
        return replace(light, looks=[*light.looks, look])

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


def kept_outcomes(coursedir, assignment: str) -> Iterator[Outcome]:
    """What became of each submission of an assignment when it was last graded by `course grade`."""
    anybody = "any-student"
    place = coursedir.format_path(coursedir.autograded_directory, anybody, assignment)
    notes = os.path.join(os.path.dirname(place), STATE.format(assignment))
    for path in sorted(glob.glob(glob.escape(notes).replace(anybody, "*"))):
        try:
            yield _outcome(json.loads(Path(path).read_text(encoding="utf-8"))["outcome"])
        except (OSError, ValueError, KeyError, TypeError):
            continue  # of another version of the course: the next `course grade` writes it anew


def failures(coursedir, assignment: str) -> dict[str, str]:
    """Whose submission failed to run when it was graded last, and why: their marks are what could
    be seen of it, often 0."""
    found = {}
    pattern = coursedir.format_path(coursedir.autograded_directory, "*", ".")
    for place in sorted(glob.glob(os.path.normpath(pattern))):
        try:
            note = Path(place, STATE.format(assignment)).read_text(encoding="utf-8")
            outcome = json.loads(note)["outcome"]
            if outcome["state"] == FAILED:
                found[outcome["student"]] = outcome["reason"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


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
        Seen(**{
            **seen,
            "mistakes": [tuple(named) for named in seen["mistakes"]],
            "builds_on": tuple(seen.get("builds_on", ())),
        })
        for seen in kept["exercises"]
    ]
    return Outcome(**{**kept, "notebooks": notebooks, "exercises": exercises})
