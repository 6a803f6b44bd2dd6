"""The analysis of two tests of a class, from its gradebook as it is now."""

from __future__ import annotations

import os
from pathlib import Path

import click

from autograder.grading.classroom import sections
from autograder.grading.reports.before_after.analysis import Analysis, analyse
from autograder.grading.reports.gain import answered


def gather(
    folder: Path, before: str, after: str, wait: float = 60.0, section: str = ""
) -> tuple[Analysis, str]:
    """The analysis, and what the class is called.

    Raises ClickException where there is no such class, section or test, the two tests are one, or
    nobody has marks in one of them.
    """
    from autograder.grading.classroom.configuration import load_config
    from autograder.grading.pipeline.gradebook import Book
    from autograder.grading.reports import standings

    if before == after:
        raise click.ClickException(
            f"{before} is named twice: --before is the test that was taken first, --after the one "
            "that was taken last."
        )
    folder = Path(os.path.abspath(folder))
    inside = sections.chosen(folder, section) if section else None
    config = load_config(folder)
    found, roster, course = [], set(), folder.name
    for name in (before, after):
        book = Book(folder, config, name, lambda said: click.echo(said, err=True), wait)
        try:
            book.assignment()  # or a sentence on what there is instead
            shares = answered(book.marks(name))
            roster = set(book.read(standings.names))
            course = str(book.coursedir.course_id or folder.name)
        finally:
            book.close()
        if inside is not None:
            shares = {student: points for student, points in shares.items() if student in inside}
        if not shares:
            raise click.ClickException(
                f"Nobody has marks for a question of {name}. Either it is no test of questions, as "
                f"98_pretest and 99_posttest are, or it is not graded yet: course grade {name}"
            )
        found.append(shares)
    roster = roster & inside if inside is not None else roster
    return analyse(*found, len(roster), before, after), course
