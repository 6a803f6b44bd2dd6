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
from autograder.grading.classroom.extensions import Extension, in_zone
from autograder.grading.pipeline.handed_in.times import names_no_zone, utc, zone_of
from autograder.grading.pipeline.late_penalties import LatePenalties

# Nobody gives more than a year; who writes 9999 or 2062 has slipped.
MOST = timedelta(days=366)
YEAR_FIRST = re.compile(r"\d{4}-\d{1,2}-\d{1,2}[ T]")
NAMED = re.compile(r"\s([A-Za-z_]+(?:/[A-Za-z0-9_+\-]+)+)$")


def extend(folder: Path, student: str, assignment: str, until: str | None) -> list[str]:
    """Let a student hand in until a time, or None for no longer than the others.

    Returns sentences on what holds now. Raises ClickException for whom or what the class does not
    have, and for what is no time.
    """
    folder = folder.resolve()
    config, key = load_config(folder), (student, assignment)
    zone = zone_of(config)
    said: list[str] = []
    with opened(folder) as gradebook:
        known(student, [s.id for s in gradebook.students], "student", folder)
        known(assignment, assignments(folder, gradebook), "assignment", folder)
        kept = extensions.read(folder, zone)
        due = _due(gradebook, assignment)
        if until is None:
            if kept.pop(key, None) is None:
                return [f"{student} has no extension for {assignment}; nothing was changed."]
        else:
            time, said = read_time(until, config)
            _check(time, due, assignment, zone)
            kept[key] = Extension(*key, time)
        extensions.write(folder, kept)
        with transaction(gradebook):
            try:
                submission = gradebook.find_submission(assignment, student)
            except MissingEntry:
                return said + [
                    _told(student, assignment, kept.get(key), due, zone),
                    *_no_deadline(assignment, due),
                ]
            before = _lost(submission)
            if until is None:
                submission.extension = None
            LatePenalties(folder, config).put_all([submission])
            gradebook.db.flush()
            gradebook.db.expire_all()
            after = _lost(submission)
        said.append(_told(student, assignment, kept.get(key), due, zone))
        said += _no_deadline(assignment, due)
        if before != after:
            said.append(f"Taken off for being late: {after:g} points, until now {before:g}.")
        return said


def listed(folder: Path) -> list[str]:
    """A sentence on each extension of a class."""
    folder = folder.resolve()
    zone = zone_of(load_config(folder))
    kept = extensions.read(folder, zone)
    with opened(folder) as gradebook:
        said = [
            _told(one.student, one.assignment, one, _due(gradebook, one.assignment), zone)
            for _, one in sorted(kept.items())
        ]
    return said or ["Nobody has an extension."]


def _told(student: str, assignment: str, extension: Extension | None, due, zone: str) -> str:
    if extension is None:
        return f"{student} may hand in {assignment} as long as the others."
    longer = ""
    if due is not None and extension.until > due:
        hours = (extension.until - due).total_seconds() / 3600
        longer = f", {hours / 24:.3g} days" if hours >= 48 else f", {hours:.3g} hours"
        longer += " after the deadline"
    return f"{student} may hand in {assignment} until {in_zone(extension.until, zone)}{longer}."


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
        text = _with_its_zone(re.sub(r"(\d)T(\d)", r"\1 \2", text))
        if zoneless := names_no_zone(text):
            text = f"{text} {zone}"
        time = utc(text)
    except ValueError:
        raise click.ClickException(
            f"'{text}' is no time. Write it as 2026-11-23 23:59 +0100, "
            "2026-11-23 23:59 Europe/Berlin or 2026-11-23 23:59 UTC: the year first, and a day "
            "that the month has."
        ) from None
    said += _of_the_clocks(text, time)
    if zoneless and named:
        setting = "c.Times.zone" if "zone" in config.Times else "c.Exchange.timezone"
        said.append(f"Taken for {text}, the class's time zone ({setting}).")
    elif zoneless:
        said.append(
            f"Taken for {text}, for no zone was named. Name one, or give the class its own in "
            'nbgrader_config.py: c.Times.zone = "Europe/Berlin"'
        )
    return time, said


def _with_its_zone(text: str) -> str:
    """The time with its zone spelt as it is kept. Raises ClickException for one that is none."""
    from zoneinfo import available_timezones

    if not (written := NAMED.search(text)):
        return text
    zones = {zone.lower(): zone for zone in available_timezones()}
    if zone := zones.get(written[1].lower()):
        return text[: written.start(1)] + zone
    near = difflib.get_close_matches(written[1].lower(), zones, n=1)
    meant = f" Did you mean {zones[near[0]]}?" if near else ""
    raise click.ClickException(f"There is no time zone {written[1]}.{meant}")


def _of_the_clocks(text: str, time: datetime) -> list[str]:
    """A sentence on an hour that comes twice in the night in which the clocks are put back. Raises
    ClickException for one that they pass over when they are put forward."""
    from dateutil.tz import datetime_ambiguous, gettz, tzutc

    written = NAMED.search(text)
    zone = gettz(written[1]) if written else None
    if zone and time.replace(tzinfo=tzutc()).astimezone(zone).strftime("%H:%M") not in text:
        raise click.ClickException(
            f"There is no {text}: the clocks are put forward in that night. Take an hour later."
        )
    there = time.replace(tzinfo=tzutc()).astimezone(zone) if zone else None
    if there is None or not datetime_ambiguous(there.replace(tzinfo=None), zone):
        return []
    first, second = (f"{there.replace(fold=fold):%z}" for fold in (0, 1))
    return [
        f"The clocks are put back in that night, and this hour comes twice. The "
        f"{'second' if there.fold else 'first'} is taken; write {first} for the first, {second} "
        "for the second."
    ]


def _check(time: datetime, due: datetime | None, assignment: str, zone: str) -> None:
    """Raises ClickException for a time by which nobody means to give more time."""
    if due is not None and time <= due:
        raise click.ClickException(
            f"{in_zone(time, zone)} is not after the deadline of {assignment}, "
            f"{in_zone(due, zone)}."
        )
    latest = (due or datetime.now(timezone.utc).replace(tzinfo=None)) + MOST
    if time > latest:
        by = "today" if due is None else f"the deadline of {assignment}, {in_zone(due, zone)}"
        raise click.ClickException(
            f"{in_zone(time, zone)} is more than a year after {by}. Is that a slip? Nothing was "
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
