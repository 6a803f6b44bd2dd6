"""`course collect`: takes in what was downloaded. Whose work it is, `grading.classroom.collect`
finds out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from shlex import quote

import click

from autograder.commands.teachers.of_class import ASSIGNMENT, CLASS
from autograder.grading.classroom.collect import collect
from autograder.grading.classroom.printable import printable
from autograder.grading.marks.earned import Person

SHOWN = 40  # sentences, and names of those who are missing


@click.command("collect")
@click.argument("assignment", type=ASSIGNMENT)
@click.argument("downloads", nargs=-1, required=True, metavar="DOWNLOAD...",
                type=click.Path(path_type=Path, exists=True))  # fmt: skip
@CLASS
def command(assignment: str, downloads: tuple[Path, ...], folder: Path) -> None:
    """Put downloads into the class: a zip from your school's system, or a folder of files.

    \b
    Examples:
      course collect 06_batchnorm submissions.zip --class ml-2026
      course collect 06_batchnorm mails/ --class ml-2026

    The name of a file, folder or zip at the top of the download says whose it is. It is a name as
    Moodle, Canvas, Blackboard and Brightspace give it, or it contains the student's id or e-mail
    address, as in mei_06_batchnorm.ipynb or mei/. A name that fits two students is refused. What
    lies in a student's folder or zip is theirs, whatever it is called.

    A student's only notebook is renamed to the assignment's name; .ipynb.txt and .ipynb.json are
    notebooks. If a student has several of the right name, the newest that was worked on counts.
    Collecting again adds new hand-ins and replaces those that have changed, but never by an
    untouched notebook. What has no place in the class (.pdf, .py, .rar, online text) is listed and
    left out. For other systems' downloads there is nbgrader zip_collect.
    """
    from nbgrader.coursedir import CourseDirectory

    from autograder.grading.classroom.configuration import load_config, opened

    folder = Path(os.path.abspath(folder))
    coursedir = CourseDirectory(config=load_config(folder))
    with opened(folder) as gradebook:
        people = [
            Person(s.id, s.first_name or "", s.last_name or "", s.email or "", s.lms_user_id or "")
            for s in gradebook.students
        ]
    if not people:
        raise click.ClickException(
            f"The roster of {folder} is empty, so nobody's files can be told apart. "
            "Fill it with: course class add-student --roster students.csv"
        )
    try:
        done = collect(coursedir, assignment, list(downloads), people, _with_a_sign_of_life)
    except OSError as error:
        raise click.ClickException(
            f"The download could not be put into {folder} ({error.strerror}: "
            f"{printable(str(error.filename or 'no file is named'))}). Mend this and run the same "
            "command again."
        ) from None
    _tell(done.notes)
    if done.looks:
        click.echo("Needs a look:")
        _tell([f"  {look}" for look in done.looks])
    if done.late:
        _tell([f"Late, as Canvas has it: {', '.join(sorted(done.late))}."])
    here = {*done.new, *done.replaced, *done.same}
    in_download = here.union(done.kept)
    missing = {p.id for p in people if not _handed_in(coursedir, p.id, assignment)}
    if unusable := sorted(missing.intersection(done.unusable)):
        _tell([f"Handed in, but no notebook that can be taken: {_names(unusable)}."])
    if waited_for := sorted(missing.difference(done.unusable)):
        _tell([f"Nothing yet from {_names(waited_for)}."])
    seen = here.union(missing, done.kept, done.unusable)
    if before := sorted(p.id for p in people if p.id not in seen):
        _tell([f"Not in the download; what they handed in before stays: {_names(before)}."])
    click.echo(
        f"{assignment}: {len(in_download)} of {len(people)} students are in the download; "
        f"{len(done.new)} new, {len(done.replaced)} replaced, {len(done.same)} as they were"
        + (f", {len(done.kept)} not taken." if done.kept else ".")
    )
    if not here:
        raise click.ClickException("Nothing was collected.")
    click.echo(f"Next: course grade {quote(assignment)} --class {quote(str(folder))}")


def _tell(sentences: list[str]) -> None:
    for sentence in sentences[:SHOWN]:
        click.echo(printable(sentence))
    if len(sentences) > SHOWN:
        click.echo(f"... and {len(sentences) - SHOWN} more.")


def _names(students: list[str]) -> str:
    more = f" and {len(students) - SHOWN} more" if len(students) > SHOWN else ""
    return ", ".join(students[:SHOWN]) + more


def _with_a_sign_of_life(read: Iterable) -> Iterator:
    from rich.console import Console

    # Nothing is shown where standard error is no terminal.
    with Console(stderr=True).status("Reading the download") as status:
        for number, one in enumerate(read, 1):
            status.update(f"Reading the download: {number} files")
            yield one


def _handed_in(coursedir, student: str, assignment: str) -> bool:
    place = Path(coursedir.format_path(coursedir.submitted_directory, student, assignment))
    return place.is_dir() and any(place.iterdir())
