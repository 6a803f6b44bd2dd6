"""A viva's sheet for a student of a class: their hand-ins are read, a sheet is drawn and written
into the class's folder. Nothing is run or graded, and no mark is touched."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from autograder.grading.classroom.configuration import load_config
from autograder.grading.classroom.printable import shown
from autograder.grading.viva import drawing
from autograder.grading.viva.material import Material, of_notebook
from autograder.grading.viva.sheet import page
from autograder.grading.whole_files import write_whole

FOLDER = Path("reports", "viva")


@dataclass(frozen=True)
class Drawn:
    """What was made, and where it lies."""

    path: Path
    sheet: drawing.Sheet
    problems: tuple[str, ...]


def write(folder: Path, student: str, assignments: Sequence[str] = (), number: int = 1,
          wait: float = 60.0) -> Drawn:  # fmt: skip
    """Draw a sheet for `student` and write it to reports/viva/.

    Parameters
    ----------
    folder : the class
    assignments : only of these; of all that the student has handed in by default
    number : another one draws another sheet
    wait : seconds that a gradebook in somebody else's hands is waited for

    Raises ClickException, in a sentence, where there is no such class, student or assignment,
    nothing was handed in, or nothing of it can be read.
    """
    from nbgrader.coursedir import CourseDirectory

    folder = Path(os.path.abspath(folder))
    config = load_config(folder)
    coursedir = CourseDirectory(config=config)
    chosen = _chosen(coursedir, student, assignments)
    found, seeds, name = Material(), [], ""
    for assignment in chosen:
        material, drawn, name = _read(folder, config, assignment, student, wait)
        found.add(material)
        seeds += drawn
    if found.empty:
        raise click.ClickException(
            f"There is nothing to talk about in what {shown(student)} handed in: "
            + (" ".join(f"{p}." for p in found.problems) if found.problems else
               "no function, no prediction and no answer was written in it.")
        )  # fmt: skip
    sheet = drawing.draw(found, drawing.generator(seeds, student, number))
    course = str(coursedir.course_id or folder.name)
    who = f"{name} ({student})" if name else student
    problems = tuple(f"{problem}." for problem in found.problems)
    text = page(sheet, who, course, chosen, number, problems)
    return Drawn(_written(folder, student, assignments, number, text), sheet, problems)


def _chosen(coursedir, student: str, assignments: Sequence[str]) -> list[str]:
    """The assignments that the student has handed in, of those that are asked for."""
    from autograder.grading.pipeline.submitted import students

    source = Path(coursedir.format_path(coursedir.source_directory, ".", "any")).parent
    there = sorted(p.name for p in source.iterdir() if p.is_dir()) if source.is_dir() else []
    for name in assignments:
        if name not in there:
            near = [a for a in there if a.startswith(f"{name}_")]
            near = near or difflib.get_close_matches(name, there, n=1)
            raise click.ClickException(
                f"This class has no assignment {shown(name)}. "
                + (f"Did you mean {near[0]}?" if near else f"It has: {', '.join(there) or 'none'}.")
            )
    handed_in = {a: {who for who, _ in students(coursedir, a)} for a in there}
    everybody = set().union(*handed_in.values())
    mine = [a for a in (assignments or there) if student in handed_in[a]]
    if mine:
        return list(dict.fromkeys(mine))
    if student in everybody:
        has = ", ".join(a for a in there if student in handed_in[a])
        raise click.ClickException(
            f"{shown(student)} has not handed in {', '.join(assignments)}. There is: {has}."
        )
    near = difflib.get_close_matches(student, sorted(everybody), n=1)
    raise click.ClickException(
        f"Nothing in submitted/ is from {shown(student)}. "
        + (f"Did you mean {shown(near[0])}?" if near else
           "STUDENT is the id by which the class knows them, as in submitted/ID/.")
    )  # fmt: skip


def _read(folder: Path, config, assignment: str, student: str, wait: float):
    """What one assignment's hand-in holds, the class's hidden seeds of it, the student's name."""
    import nbformat

    from autograder.grading.classroom.source import seeds_of
    from autograder.grading.marking.questions import read as questions_of
    from autograder.grading.pipeline import submitted
    from autograder.grading.pipeline.gradebook import Book
    from autograder.grading.pipeline.record import kept_outcomes
    from autograder.grading.reports import standings

    book = Book(folder, config, assignment, lambda said: click.echo(said, err=True), wait)
    try:
        given = book.assignment()
        roster = book.read(standings.names)
    finally:
        book.close()
    coursedir = book.coursedir
    place = Path(coursedir.format_path(coursedir.submitted_directory, student, assignment))
    work = submitted.read(student, place, given, coursedir.max_file_size * 1000)
    source = Path(coursedir.format_path(coursedir.source_directory, ".", assignment))
    questions = questions_of(given.sources, source)
    seen = {
        one.exercise: one
        for outcome in kept_outcomes(coursedir, assignment) if outcome.student == student
        for one in outcome.exercises
    }  # fmt: skip
    found, seeds = Material(), []
    for one in given.sources:
        if one.name in work.unusable:
            found.problems.append(work.unusable[one.name])
        elif one.name in work.notebooks or len(given.sources) == 1:
            notebook = work.notebooks.get(one.name)
            found.add(of_notebook(assignment, one, notebook, questions, seen))
        try:
            made = nbformat.read(source / f"{one.name}.ipynb", as_version=4)
            seeds += seeds_of(made).values()
        except (OSError, ValueError, AttributeError):
            pass  # a source that a teacher is editing: the draw then rests on the student alone
    name = " ".join(filter(None, reversed(roster.get(student, ()))))
    return found, seeds, name


def _written(folder: Path, student: str, assignments: Sequence[str], number: int, text: str):
    """Write the page in one step; where it is. Raises ClickException."""
    parts = [student, *assignments, *([str(number)] if number != 1 else [])]
    name = "-".join(re.sub(r"[^\w.-]+", "-", part).strip("-.") or "student" for part in parts)
    path = folder / FOLDER / f"{name}.html"
    try:
        write_whole(path, text)
    except OSError as error:
        raise click.ClickException(
            f"The sheet cannot be written: {error.filename or path}: {error.strerror or error}."
        ) from None
    return path
