"""In which zone a time is that names none: in the class's own, which the report says; in a class
that was made before there was such a setting in UTC, as it always was."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from graded_class import NAME, grade, hand_in, make, right
from nbgrader.api import Gradebook

from autograder.commands.cli import cli
from autograder.grading.classroom.configuration import database, load_config
from autograder.grading.pipeline import nbgrader_commands, run, submitted
from autograder.grading.pipeline.handed_in.times import names_no_zone, utc, zone_of
from autograder.grading.pipeline.record import Record
from autograder.grading.reports import report
from autograder.grading.reports.class_report import gather

BERLIN = "Europe/Berlin"


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Path:
    """A class with a deadline; ada names no zone, bea names hers."""
    folder = make(tmp_path_factory.mktemp("zones") / "class", ("ada", "bea"))
    for student, when in (("ada", "2026-11-20 23:30"), ("bea", "2026-11-20 23:30 UTC")):
        place = hand_in(folder, student, right())
        (place / "timestamp.txt").write_text(when)
    with Gradebook(database(folder)) as book:
        book.update_or_create_assignment(NAME, duedate="2026-11-20 22:59 UTC")
    return folder


@pytest.fixture
def folder(graded, tmp_path) -> Path:
    return Path(shutil.copytree(graded, tmp_path / "class"))


def put_zone(folder, zone: str | None) -> None:
    """The class's setting, or none as in a class made earlier, whose exchange had one."""
    config = folder / "nbgrader_config.py"
    lines = [line for line in config.read_text().splitlines() if "c.Times.zone" not in line]
    lines.append(f'c.Times.zone = "{zone}"' if zone else f'c.Exchange.timezone = "{BERLIN}"')
    config.write_text("\n".join(lines) + "\n")


def course(folder, *arguments, code=0) -> str:
    done = CliRunner().invoke(cli, [*arguments, "--class", str(folder)])
    assert done.exit_code == code, done.output
    return done.output


def hours(folder) -> dict[str, int]:
    with Gradebook(database(folder)) as book:
        there = book.assignment_submissions(NAME)
        return {one.student_id: one.timestamp.hour for one in there}


def printed(folder) -> str:
    """What the terminal says of submissions that are graded already."""
    from rich.console import Console

    tally = report.Tally(NAME)
    with Record(folder, NAME, say=print, wait=1.0) as record:
        for student, _ in submitted.students(record.coursedir, NAME):
            tally.rows.append({"student": student})
        run.conclude(record, tally, whole=False)
    tally.rows.clear()
    console = Console(width=300)
    with console.capture() as captured:
        report.show(tally, console)
    return captured.get()


@pytest.mark.parametrize(
    ("zone", "hour"), [(None, 23), ("UTC", 23), (BERLIN, 22), ("America/New_York", 4)]
)
def test_the_class_decides_and_a_class_of_earlier_does_not(folder, zone, hour):
    put_zone(folder, zone)
    grade(folder)
    assert hours(folder) == {"ada": hour, "bea": 23}
    said = f"The time of 1 hand-in names no zone and was read as {zone or 'UTC'}"
    assert any(said in sentence for sentence in gather(folder, NAME, similar=False).common)
    assert said in printed(folder)


def test_another_zone_is_taken_up_without_grading_again(folder):
    grade(folder)
    assert hours(folder)["ada"] == 23
    put_zone(folder, BERLIN)
    grade(folder)
    assert hours(folder)["ada"] == 22


def test_nbgraders_own_way_reads_it_the_same(folder):
    put_zone(folder, BERLIN)
    done = nbgrader_commands.autograde(folder, NAME, "ada")
    assert done.ok, done.log
    assert hours(folder)["ada"] == 22


def test_where_all_name_their_zone_nothing_is_said(folder):
    shutil.rmtree(folder / "submitted" / "ada")
    grade(folder)
    assert "names no zone" not in " ".join(gather(folder, NAME, similar=False).common)


def test_a_pipe_in_its_place_holds_nobody_up(folder):
    import os

    stamp = folder / "submitted" / "ada" / NAME / "timestamp.txt"
    stamp.unlink()
    os.mkfifo(stamp)
    assert submitted.zoneless([("ada", stamp.parent)]) == set()


@pytest.mark.parametrize(
    ("zone", "given", "due", "said"),
    [(BERLIN, "2026-11-20 23:59", "2026-11-20 22:59 UTC", "time zone (c.Times.zone)"),
     (BERLIN, "2026-06-20 23:59", "2026-06-20 21:59 UTC", "time zone (c.Times.zone)"),
     (BERLIN, "2026-11-20 23:59 UTC", "2026-11-20 23:59 UTC", ""),
     (None, "2026-11-20 23:59", "2026-11-20 22:59 UTC", "time zone (c.Exchange.timezone)")],
)  # fmt: skip
def test_a_deadline_is_read_in_the_classs_zone_and_that_is_said(folder, zone, given, due, said):
    put_zone(folder, zone)
    told = course(folder, "class", "due", NAME, given)
    assert f"{NAME} is due " in told and due in told and said in told
    assert "who hands in now is late" in told
    assert bool(said) == ("Taken for" in told)
    kept = course(folder, "class", "due", NAME)
    assert due in kept and (zone == BERLIN) == (" Europe/Berlin (2026-" in kept)
    assert "has no deadline" in course(folder, "class", "due", NAME, "--none")
    assert "has no deadline" in course(folder, "class", "due", NAME)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [((NAME, "05.11.2026 23:59"), "the year first"), ((NAME, "2026-11-31 23:59"), "is no time"),
     ((NAME, "2026-03-29 02:30 Europe/Berlin"), "the clocks are put forward"),
     ((NAME, "2026-11-20 23:59 Europe/Berln"), "Did you mean Europe/Berlin?"),
     ((NAME, "soon"), "'soon' is no time"), (("98_grade", "2026-11-20 23:59"), f"mean {NAME}?"),
     ((NAME, "2026-11-20 23:59", "--none"), "not both")],
)  # fmt: skip
def test_what_is_no_deadline_is_a_sentence_and_changes_nothing(folder, arguments, sentence):
    done = CliRunner().invoke(cli, ["class", "due", *arguments, "--class", str(folder)])
    assert done.exit_code and sentence in done.output
    assert "is due 2026-11-20 22:59 UTC." in course(folder, "class", "due", NAME)


def test_a_short_name_and_a_zone_in_small_letters_are_understood(folder):
    told = course(folder, "class", "due", NAME[:2], "2099-11-20 23:59 europe/berlin")
    assert told == f"{NAME} is due 2099-11-20 22:59 UTC.\n"


@pytest.mark.parametrize(
    ("given", "due", "which"),
    [("02:30 Europe/Berlin", "00:30 UTC", "first"), ("02:30 +0100", "01:30 UTC", None),
     ("03:30 Europe/Berlin", "02:30 UTC", None)],
)  # fmt: skip
def test_an_hour_that_comes_twice_says_which_is_meant(folder, given, due, which):
    told = course(folder, "class", "due", NAME, f"2099-10-25 {given}")
    assert f"is due 2099-10-25 {due}" in told
    said = f"The {which} is taken; write +0200 for the first, +0100 for the second." in told
    assert said == bool(which)


def test_an_extension_written_by_hand_is_in_the_classs_zone(folder):
    put_zone(folder, BERLIN)
    (folder / "extensions.csv").write_text(f"ada,{NAME},2026-11-23 23:59\n")
    assert "2026-11-23 23:59 Europe/Berlin (2026-11-23 22:59 UTC)" in course(
        folder, "class", "extend", "--list"
    )


def test_a_zone_that_is_none_is_a_sentence(folder, tmp_path):
    put_zone(folder, "Europa/Berlin")
    assert "'Europa/Berlin', which is none" in course(folder, "grade", NAME, code=1)
    done = CliRunner().invoke(
        cli, ["class", "new", str(tmp_path / "new"), "-a", "00", "--timezone", "Europa/Berlin"]
    )
    assert done.exit_code == 1 and "is no time zone" in done.output
    assert not (tmp_path / "new").exists()


def test_a_new_class_has_the_zone_that_it_is_given(tmp_path):
    folder = tmp_path / "new"
    done = CliRunner().invoke(
        cli, ["class", "new", str(folder), "-a", "00", "--timezone", BERLIN], catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    config = load_config(folder)
    assert zone_of(config) == config.Exchange.timezone == BERLIN


def test_what_names_no_zone():
    day = "2026-11-20"
    assert names_no_zone(f"{day} 23:59") and names_no_zone(f"{day}T23:59:59")
    for zone in (" +0100", " -0500", "-05:00", "Z", " UTC", f" {BERLIN}"):
        assert not names_no_zone(f"{day} 23:59{zone}")
    # An hour that the clocks pass twice is the first of them; one that they leap over is a time.
    assert utc("2026-10-25 02:30", BERLIN) == datetime.datetime(2026, 10, 25, 0, 30)
    assert isinstance(utc("2026-03-29 02:30", BERLIN), datetime.datetime)
