"""Gives a student more time, or takes it back: into the class's file, and at once into the
gradebook where there is a submission. The file itself is `extensions`'."""

from __future__ import annotations

import difflib
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from shlex import quote

import click
from nbgrader.api import MissingEntry

from autograder.grading.classroom import extensions
from autograder.grading.classroom.configuration import load_config, opened, transaction
from autograder.grading.classroom.extensions import Extension, in_words
from autograder.grading.pipeline.handed_in.times import names_no_zone, utc, zone_of
from autograder.grading.pipeline.late_penalties import LatePenalties

# Nobody gives more than a year; who writes 9999 or 2062 has slipped.
MOST = timedelta(days=366)
YEAR_FIRST = re.compile(r"\d{4}-\d{1,2}-\d{1,2}[ T]")


def extend(folder: Path, student: str, assignment: str, until: str | None) -> list[str]:
    """Let a student hand in until a time, or None for no longer than the others.

    Returns sentences on what holds now. Raises ClickException for whom or what the class does not
    have, and for what is no time.
    """
    folder = folder.resolve()
    config, key = load_config(folder), (student, assignment)
    said: list[str] = []
    with opened(folder) as gradebook:
        known(student, [s.id for s in gradebook.students], "student", folder)
        known(assignment, assignments(folder, gradebook), "assignment", folder)
        kept = extensions.read(folder, zone_of(config))
        due = _due(gradebook, assignment)
        if until is None:
            if kept.pop(key, None) is None:
                return [f"{student} has no extension for {assignment}; nothing was changed."]
        else:
            time, said = read_time(until, config)
            _check(time, due, assignment)
            kept[key] = Extension(*key, time)
        extensions.write(folder, kept)
        with transaction(gradebook):
            try:
                submission = gradebook.find_submission(assignment, student)
            except MissingEntry:
                return said + [
                    _told(student, assignment, kept.get(key), due),
                    *_no_deadline(assignment, due),
                ]
            before = _lost(submission)
            if until is None:
                submission.extension = None
            LatePenalties(folder, config).put_all([submission])
            gradebook.db.flush()
            gradebook.db.expire_all()
            after = _lost(submission)
        said += [_told(student, assignment, kept.get(key), due), *_no_deadline(assignment, due)]
        if before != after:
            said.append(f"Taken off for being late: {after:g} points, until now {before:g}.")
        return said


def listed(folder: Path) -> list[str]:
    """A sentence on each extension of a class."""
    folder = folder.resolve()
    kept = extensions.read(folder, zone_of(load_config(folder)))
    with opened(folder) as gradebook:
        said = [
            _told(one.student, one.assignment, one, _due(gradebook, one.assignment))
            for _, one in sorted(kept.items())
        ]
    return said or ["Nobody has an extension."]


def _told(student: str, assignment: str, extension: Extension | None, due) -> str:
    if extension is None:
        return f"{student} may hand in {assignment} as long as the others."
    longer = ""
    if due is not None and extension.until > due:
        hours = (extension.until - due).total_seconds() / 3600
        longer = f", {hours / 24:.3g} days" if hours >= 48 else f", {hours:.3g} hours"
        longer += " after the deadline"
    return f"{student} may hand in {assignment} until {in_words(extension.until)}{longer}."


def _no_deadline(assignment: str, due) -> list[str]:
    return [] if due is not None else [
        f"{assignment} has no deadline yet, so nobody is late. To set one: course class "
        f'due {quote(assignment)} "2026-11-20 23:59"'
    ]  # fmt: skip


def _due(gradebook, assignment: str):
    try:
        return gradebook.find_assignment(assignment).duedate
    except MissingEntry:
        return None


def _lost(submission) -> float:
    return sum(notebook.late_submission_penalty or 0.0 for notebook in submission.notebooks)


def read_time(text: str, config) -> tuple[datetime, list[str]]:
    """A time that a teacher has written, in UTC, and a sentence on the zone where it names none:
    then it is that of the class, in one made earlier that of nbgrader's exchange, or else UTC.
    Raises ClickException for what is no time."""
    text, said = text.strip(), []
    named = zone_of(config) if "zone" in config.Times else config.Exchange.get("timezone", "")
    zone = str(named or "UTC")
    try:
        if ":" not in text or not YEAR_FIRST.match(text):
            # A day alone begins at midnight, which is hardly meant; 05.11. is May to some readers.
            raise ValueError(text)
        if zoneless := names_no_zone(text):
            text = f"{text.replace('T', ' ')} {zone}"
        time = utc(text)
    except ValueError:
        raise click.ClickException(
            f"'{text}' is no time. Write it as 2026-11-23 23:59 +0100, "
            "2026-11-23 23:59 Europe/Berlin or 2026-11-23 23:59 UTC: the year first, a day that "
            "the month has, a zone that there is."
        ) from None
    if zoneless and named:
        setting = "c.Times.zone" if "zone" in config.Times else "c.Exchange.timezone"
        said.append(f"Taken for {text}, the class's time zone ({setting}).")
    elif zoneless:
        said.append(
            f"Taken for {text}, for no zone was named. Name one, or give the class its own in "
            'nbgrader_config.py: c.Times.zone = "Europe/Berlin"'
        )
    return time, said


def _check(time: datetime, due: datetime | None, assignment: str) -> None:
    """Raises ClickException for a time by which nobody means to give more time."""
    if due is not None and time <= due:
        raise click.ClickException(
            f"{in_words(time)} is not after the deadline of {assignment}, {in_words(due)}."
        )
    latest = (due or datetime.now(timezone.utc).replace(tzinfo=None)) + MOST
    if time > latest:
        since = f"the deadline of {assignment}, {in_words(due)}" if due is not None else "today"
        raise click.ClickException(
            f"{in_words(time)} is more than a year after {since}. Is that a slip? Nothing was "
            "changed."
        )


def assignments(folder: Path, gradebook) -> list[str]:
    """Those in the gradebook, and those that are not released yet."""
    sources = [path.parent.name for path in folder.glob("source/*/*.ipynb")]
    return sorted({*sources, *(a.name for a in gradebook.assignments)})


def known(name: str, there: list[str], what: str, folder: Path) -> None:
    """Raises ClickException, with the nearest that there is, for what the class does not have."""
    if name not in there:
        near = difflib.get_close_matches(name, there, n=1)
        meant = f" Did you mean {near[0]}?" if near else ""
        raise click.ClickException(f"The class {folder.name} has no {what} {name}.{meant}")
