"""What a time says that people or systems have written: in a timestamp.txt, as a deadline, as an
extension. Where it names no zone, it is in the class's own. What being late costs is elsewhere."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import click

UTC = "UTC"
WITHOUT_ZONE, OFFSET = re.compile(r"[\d\-./:T ]+"), re.compile(r":\d\d\s*-\d\d:?\d\d$")


def zone_of(config) -> str:
    """The zone of times that name none in a class: `c.Times.zone`. A class that was made before
    there was this line reads them as UTC, as it always did. Raises ClickException for what is no
    zone."""
    from dateutil.tz import gettz

    zone = str(config.Times.get("zone", "") or UTC)
    if zone.isdigit() or gettz(zone) is None:
        raise click.ClickException(
            f"nbgrader_config.py has the time zone {zone!r:.40}, which is none. Write it like "
            'this: c.Times.zone = "Europe/Berlin"'
        )
    return zone


def names_no_zone(text: str) -> bool:
    """Whether a time leaves open in which zone it is."""
    text = text.strip()
    return bool(WITHOUT_ZONE.fullmatch(text) and not OFFSET.search(text))


def utc(text: str, zone: str = UTC) -> datetime:
    """A time as people write it, in UTC, as nbgrader keeps it; without a zone it is in `zone`.
    Raises ValueError where it is none."""
    from dateutil.tz import gettz
    from nbgrader.utils import parse_utc

    # nbgrader takes "+0100" for a hundred seconds, and a zone that it does not know for UTC.
    offset = re.fullmatch(r"(.*\d)\s*([+-])(\d\d):?(\d\d)", text)
    named = re.fullmatch(r"\S+ \S+ (\S+)", text)
    try:
        if offset and ":" in offset[1]:
            written, sign, hours, minutes = offset.groups()
            ahead = timedelta(hours=int(hours), minutes=int(minutes))
            return parse_utc(written) - (ahead if sign == "+" else -ahead)
        if named and named[1] != "Z" and (named[1].isdigit() or gettz(named[1]) is None):
            raise ValueError(named[1])
        if zone != UTC and names_no_zone(text):
            return parse_utc(parse_utc(text).replace(tzinfo=gettz(zone)))
        return parse_utc(text)
    except OverflowError:
        raise ValueError(text) from None


def handed_in_at(timestamp: bytes | None, zone: str = UTC) -> datetime | None:
    """The time that a timestamp.txt tells (in UTC, as nbgrader keeps it); None where there is no
    such file, or nothing in it. Raises ValueError, in words, where it tells no time."""
    text = text_of(timestamp)
    try:
        return utc(text, zone) if text else None
    except ValueError:
        raise ValueError(
            f"timestamp.txt says '{text:.40}', which is no time such as 2026-11-20 23:59 UTC"
        ) from None


def usable_time(timestamp: bytes | None, zone: str = UTC) -> datetime | None:
    """As `handed_in_at`, and None too where it tells no time: nobody is late by what is not known.
    That it tells none, `one_submission` and the reports say."""
    try:
        return handed_in_at(timestamp, zone)
    except ValueError:
        return None


def in_words(students: set[str], zone: str) -> str:
    """A sentence on those whose time names no zone; "" where there are none."""
    if not students:
        return ""
    of_one = len(students) == 1
    return (
        f"The {'time' if of_one else 'times'} of {len(students)} "
        f"{'hand-in names' if of_one else 'hand-ins name'} no zone and "
        f"{'was' if of_one else 'were'} read as {zone}: another one is set by c.Times.zone in "
        "nbgrader_config.py."
    )


def text_of(timestamp: bytes | None) -> str:
    """What stands in a timestamp.txt."""
    return (timestamp or b"").decode("utf-8", "replace").strip()
