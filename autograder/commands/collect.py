"""`course collect`: takes in what was downloaded. Whose work it is, `grading.classroom.collect`
finds out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from autograder.grading.classroom.collect import SHOWN, collect
from autograder.grading.marks.earned import Person


@click.command("collect")
@click.argument("assignment")
@click.argument("downloads", nargs=-1, required=True, metavar="DOWNLOAD...",
                type=click.Path(path_type=Path, exists=True))  # fmt: skip
@click.option("--class", "folder", default=".", metavar="DIR", help="The class; here by default.",
              type=click.Path(path_type=Path, exists=True, file_okay=False))  # fmt: skip
def command(assignment: str, downloads: tuple[Path, ...], folder: Path) -> None:
    """Put what you downloaded into the class: a zip of Moodle or Canvas, or a folder of files.

    \b
    Examples:
      course collect 06_batchnorm submissions.zip --class ml-2026
      course collect 06_batchnorm mails/ --class ml-2026

    Whose a notebook is stands in its name or its folder's: as Moodle and Canvas write it, or the
    student's id or e-mail address, as in mei_06_batchnorm.ipynb. A notebook under another name
    gets the assignment's. Of several the newest counts. Collecting again brings in what is new.
    What finds no place is named and left out. nbgrader's own way is nbgrader zip_collect.
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
            f"The download could not be put into {folder} ({error.strerror}). Mend this and run "
            "the same command again."
        ) from None
    for note in done.notes[:SHOWN]:
        click.echo(note)
    if len(done.notes) > SHOWN:
        click.echo(f"... and {len(done.notes) - SHOWN} more.")
    if done.late:
        click.echo(f"Late, as Canvas has it: {', '.join(sorted(done.late))}.")
    here = {*done.new, *done.replaced, *done.same}
    missing = sorted(p.id for p in people if not _handed_in(coursedir, p.id, assignment))
    if missing:
        more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
        click.echo(f"Nothing yet from {', '.join(missing[:SHOWN])}{more}.")
    click.echo(
        f"{assignment}: {len(here)} of {len(people)} students are in the download; "
        f"{len(done.new)} new, {len(done.replaced)} replaced, {len(done.same)} as they were."
    )
    if not here:
        raise click.ClickException("Nothing was collected.")
    click.echo(f"Next: course grade {assignment} --class {folder}")


def _with_a_sign_of_life(read: Iterable) -> Iterator:
    from rich.console import Console

    # Nothing is shown where standard error is no terminal.
    with Console(stderr=True).status("Reading the download") as status:
        for number, one in enumerate(read, 1):
            status.update(f"Reading the download: {number} notebooks")
            yield one


def _handed_in(coursedir, student: str, assignment: str) -> bool:
    place = Path(coursedir.format_path(coursedir.submitted_directory, student, assignment))
    return place.is_dir() and any(place.iterdir())
