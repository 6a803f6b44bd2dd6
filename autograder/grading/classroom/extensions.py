"""Who may hand in later than the others, and until when. It stands in the class's extensions.csv,
also before anything is handed in, and goes from there into nbgrader's own field."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import click

from autograder.grading.pipeline.handed_in.times import UTC, utc
from autograder.grading.whole_files import write_whole

FILE = "extensions.csv"
HEAD = ("student", "assignment", "until")


@dataclass(frozen=True)
class Extension:
    """One student's own deadline for one assignment; `until` is in UTC, as nbgrader keeps times."""

    student: str
    assignment: str
    until: datetime


def numbered_lines(path: Path, head: tuple[str, ...]) -> list[tuple[int, list[str]]]:
    """The lines of a small table that a teacher may edit, each with its number: without the head
    and what is empty; none where there is no file. Raises ClickException where it is no CSV."""
    try:
        lines = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    except FileNotFoundError:
        return []
    except (UnicodeDecodeError, csv.Error):
        raise click.ClickException(f"{path} is no CSV file in UTF-8; save it as one.") from None
    stripped = ([cell.strip() for cell in line] for line in lines)
    numbered = enumerate(stripped, 1)
    return [(n, cells) for n, cells in numbered if any(cells) and tuple(cells) != head]


def read(folder: Path, zone: str = UTC) -> dict[tuple[str, str], Extension]:
    """The extensions of a class, by student and assignment; a time without a zone, which somebody
    has written by hand, is in `zone`.

    Raises ClickException where the file cannot be used, naming the line.
    """
    path = folder / FILE
    found = {}
    for number, cells in numbered_lines(path, HEAD):
        try:
            student, assignment, until = cells
            found[student, assignment] = Extension(student, assignment, utc(until, zone))
        except ValueError:
            raise click.ClickException(
                f"{path}, line {number}: a line is a student's id, an assignment and a time, such "
                "as ada,06_batchnorm,2026-11-23 23:59 UTC"
            ) from None
    return found


def write(folder: Path, extensions: dict[tuple[str, str], Extension]) -> None:
    """Replace the file in one step; without extensions there is none."""
    path = folder / FILE
    if not extensions:
        path.unlink(missing_ok=True)
        return
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(HEAD)
    for _, one in sorted(extensions.items()):
        table.writerow((one.student, one.assignment, in_words(one.until)))
    write_whole(path, text.getvalue())


def in_words(time: datetime) -> str:
    """A time as nbgrader and this course read it."""
    return f"{time:%Y-%m-%d %H:%M:%S} UTC".replace(":00 UTC", " UTC")


def in_zone(time: datetime, zone: str) -> str:
    """A time in UTC as a class reads it, with what it is in UTC."""
    from dateutil.tz import gettz, tzutc

    if zone == UTC:
        return in_words(time)
    there = time.replace(tzinfo=tzutc()).astimezone(gettz(zone))
    return f"{in_words(there)[:-len(' UTC')]} {zone} ({in_words(time)})"


def put(submission, extension: Extension | None) -> None:
    """Write an extension into nbgrader's field, by the deadline of now. None changes nothing: who
    has granted one by nbgrader's own commands keeps it."""
    if extension is None:
        return
    due = submission.assignment.duedate
    # nbgrader adds the two: without a deadline it would stop there.
    longer = extension.until - due if due is not None else timedelta(0)
    submission.extension = longer if longer > timedelta(0) else None
