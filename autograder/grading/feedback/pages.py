"""Makes the feedback pages that are due, several at a time, by nbgrader's own GenerateFeedback.
Which are due is `due`'s."""

from __future__ import annotations

import difflib
import glob
import logging
import multiprocessing
import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote

import click
from nbgrader.api import MissingEntry
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import capture_log
from sqlalchemy.engine import make_url

from autograder.grading.classroom import sections
from autograder.grading.classroom.configuration import load_config, opened, transaction
from autograder.grading.feedback import inert
from autograder.grading.feedback.due import Notes, made_of
from autograder.grading.pipeline.late_penalties import LatePenalties
from autograder.grading.pipeline.submitted import students
from autograder.judging import bounds

WORKERS = 2
# For one student's pages, which take about one: a page is prose, and prose can be made to be slow.
SECONDS = 120
# Notes are kept while pages are made, so that a run that is stopped goes on from there.
KEPT_EVERY = 20


@dataclass
class Made:
    """Whose pages were made, whose are as they were, whose could not be made, with why, whose work
    lies there who is not in the class, and on whose pages answers show 0 that wait to be marked."""

    made: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    outside: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)


def make_pages(
    folder: Path,
    assignment: str,
    only: Collection[str] = (),
    everything: bool = False,
    workers: int = WORKERS,
    following: Callable[[Iterable, int], Iterable] = lambda results, _: results,
    section: str = "",
) -> Made:
    """Make the pages of one assignment that are due.

    Parameters
    ----------
    only : students; all by default
    everything : also what has not changed
    following : is given the pages' results as they come, and how many will, and gives them back
        while it shows how far it is
    section : the one whose pages are made alone, "" for the whole class

    Raises ClickException where there is no such class, assignment, section or student.
    """
    folder = Path(os.path.abspath(folder))
    config = load_config(folder)
    inert.configure(config)  # a course that is not ours may not have asked for it
    coursedir = CourseDirectory(config=config)
    inside = sections.chosen(folder, section) if section else frozenset()
    graded = _graded(folder, coursedir, assignment, only)
    if section:
        graded = {student: place for student, place in graded.items() if student in inside}
        if not graded:
            raise click.ClickException(f"Nothing of {assignment} is graded of {section}.")
    url = make_url(coursedir.db_url)
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).exists():
        raise click.ClickException(
            f"There is no gradebook at {url.database}, so nobody's marks are known. Put it back, "
            "or grade again."
        )
    with opened(folder) as gradebook:
        try:
            submissions = gradebook.find_assignment(assignment).submissions
        except MissingEntry:
            raise click.ClickException(
                f"The gradebook of {folder} knows no assignment {assignment}."
            ) from None
        known = {submission.student_id for submission in submissions}
        to_mark = {each.student_id for each in submissions if each.needs_manual_grade}
        outside = [student for student in graded if student not in known]
        if only and outside:
            raise click.ClickException(f"{', '.join(outside)}: not in the class's gradebook.")
        graded = {student: place for student, place in graded.items() if student in known}
        with transaction(gradebook, reading=True):
            LatePenalties(folder, config).put_all(submissions, graded)
        of = made_of(gradebook, assignment, graded, (folder / "nbgrader_config.py").read_bytes())
    notes, told = Notes(folder, assignment), Made(outside=outside)
    step = coursedir.feedback_directory
    places = {s: Path(coursedir.format_path(step, s, assignment)) for s in graded}
    due = [s for s in graded if everything or notes.is_due(s, of[s], places[s])]
    told.waiting = [student for student in graded if student in to_mark]
    told.unchanged = [student for student in graded if student not in set(due)]
    try:
        results = _results(folder, assignment, due, workers)
        for number, (student, why) in enumerate(following(results, len(due)), 1):
            if why:
                told.failed[student] = why
                continue
            told.made.append(student)
            notes.made(student, of[student], places[student])
            if number % KEPT_EVERY == 0:
                notes.save()
    finally:
        if told.made:
            notes.save()
    return told


def _graded(folder: Path, coursedir, assignment: str, only: Collection[str]) -> dict[str, Path]:
    """student → the folder of what was graded. Raises ClickException where there is none."""
    found = dict(students(coursedir, assignment, coursedir.autograded_directory))
    found = {student: place for student, place in found.items() if any(place.glob("*.ipynb"))}
    if not found:
        there = [path.name for path in folder.glob("source/*/")]
        near = [] if assignment in there else difflib.get_close_matches(assignment, there, n=1)
        first = f"First: course grade {quote(assignment)} --class {quote(str(folder))}"
        raise click.ClickException(
            f"Nothing of {assignment} is graded in {folder}. "
            + (f"Did you mean {near[0]}?" if near else first)
        )
    for student in only:
        if student not in found:
            near = difflib.get_close_matches(student, found, n=1)
            meant = f" Did you mean {near[0]}?" if near else ""
            raise click.ClickException(f"Nothing of {student} is graded for {assignment}.{meant}")
    return {student: found[student] for student in only} if only else found


def _results(folder: Path, assignment: str, due: list[str], workers: int) -> Iterator[tuple]:
    """(student, why their pages could not be made, or "") for each, as they come."""
    workers = min(workers, len(due))
    if workers <= 1:
        _begin(folder, assignment)
        yield from ((student, _make(student)) for student in due)
        return
    # A copy of this process has nbgrader imported, which takes seconds.
    way = "fork" if sys.platform == "linux" else None
    pool = ProcessPoolExecutor(
        workers, multiprocessing.get_context(way), _begin, (folder, assignment)
    )
    try:
        under_way = {pool.submit(_make, student): student for student in due}
        for future in as_completed(under_way):
            try:
                yield under_way[future], future.result()
            except BrokenProcessPool:
                died = "the process that made it died; run the same command again"
                yield under_way[future], died
    finally:
        pool.shutdown(cancel_futures=True)


class OneAfterAnother(GenerateFeedback):
    """nbgrader's, which keeps its exporter from one student to the next."""

    why = ""  # the last failure, in a sentence

    def start(self) -> None:
        if not self.trait_has_value("exporter"):
            super().start()
            return
        self.init_notebooks()
        here = os.getcwd()
        os.chdir(self.coursedir.root)
        try:
            self.convert_notebooks()
        finally:
            os.chdir(here)

    def init_notebooks(self) -> None:
        """This student's notebooks; to nbgrader an id is a pattern, and `[1]` means "1" in one."""
        place = self._format_source(self.coursedir.assignment_id, self.coursedir.student_id)
        self.assignments = {place: glob.glob(os.path.join(glob.escape(place), "*.ipynb"))}

    def convert_single_notebook(self, notebook_filename: str) -> None:
        try:
            super().convert_single_notebook(notebook_filename)
        except BaseException as error:
            said = "it takes too long" if isinstance(error, bounds.OutOfTime) else _in_words(error)
            self.why = f"{Path(notebook_filename).name}: {said[:300]}"
            raise


def _in_words(error: BaseException) -> str:
    if isinstance(error, IsADirectoryError):
        return f"{error.filename or 'it'} is a folder; move it away and run the same command again"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'it'}: {error.strerror}"
    return repr(error)


_converter: list[OneAfterAnother] = []  # this process's


def _begin(folder: Path, assignment: str) -> None:
    config = load_config(folder)
    inert.configure(config)
    coursedir = CourseDirectory(config=config)
    coursedir.assignment_id = assignment
    converter = OneAfterAnother(coursedir=coursedir, config=config)
    converter.force = True
    converter.log = logging.getLogger("course feedback")  # what is worth telling, `_make` gives
    converter.log.propagate = False
    _converter[:] = [converter]


def _make(student: str) -> str:
    """Make a student's pages; why it could not be done, or ""."""
    (converter,) = _converter
    converter.coursedir.student_id, converter.why = student, ""
    try:
        with bounds.seconds(SECONDS):
            result = capture_log(converter)
    except bounds.OutOfTime:
        return converter.why or "it takes too long"
    if result["success"]:
        return ""
    if result["error"].rstrip().endswith("KeyboardInterrupt"):  # which capture_log keeps back
        raise KeyboardInterrupt
    return converter.why or result["error"].strip().rpartition("\n")[2]
