"""Who is late, by how much, and what it costs: right at every export, whatever has changed since a
submission was graded, and in both ways of grading."""

from __future__ import annotations

import csv
import datetime
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from graded_class import NAME, grade, hand_in, make, right
from nbgrader.api import Gradebook

from autograder.commands.teachers import classes, marks
from autograder.commands.teachers import grade as grade_command
from autograder.grading.classroom.configuration import database
from autograder.grading.pipeline import nbgrader_commands
from autograder.grading.pipeline.submitted import handed_in_at
from autograder.grading.reports.class_report import gather
from autograder.grading.reports.page.render import page
from autograder.grading.reports.page.sheet import sheet

DUE = datetime.datetime(2026, 11, 20, 22, 59)
ALL = 7.0  # what the checks give
LATE = "2026-11-21 10:00 +0100"


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Path:
    """A class in which being late costs all, and ada is late, and bea is not."""
    folder = make(tmp_path_factory.mktemp("late") / "class", ("ada", "bea"))
    config = folder / "nbgrader_config.py"
    config.write_text(config.read_text() + '\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    in_gradebook(folder, lambda book: setattr(book.find_assignment(NAME), "duedate", DUE))
    for student, when in (("ada", LATE), ("bea", "2026-11-20 23:58:59 +0100")):
        place = hand_in(folder, student, {**right(), "explain_relu": "Because."})
        (place / "timestamp.txt").write_text(when)
    grade(folder)
    return folder


@pytest.fixture
def folder(graded, tmp_path) -> Path:
    return Path(shutil.copytree(graded, tmp_path / "class"))


def in_gradebook(folder, change):
    with Gradebook(database(folder)) as book:
        result = change(book)
        book.db.commit()
        return result


def penalty(folder, student="ada") -> float:
    return in_gradebook(
        folder, lambda book: book.find_submission(NAME, student).late_submission_penalty
    )


def by_hand(folder, student="ada", mark=2.0) -> None:
    """As formgrader does it."""

    def give(book):
        given = book.find_grade("explain_relu", NAME, NAME, student)
        given.manual_score, given.needs_manual_grade = mark, False

    in_gradebook(folder, give)


def extend(folder, *arguments, code=0) -> str:
    arguments = ["extend", *arguments, "--class", str(folder)]
    done = CliRunner().invoke(classes.command, arguments, catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.output


def earlier_class(folder, exchange="") -> None:
    """A class's configuration as it was before there was a zone for times."""
    config = folder / "nbgrader_config.py"
    lines = [line for line in config.read_text().splitlines() if "c.Times.zone" not in line]
    lines += [f'c.Exchange.timezone = "{exchange}"'] * bool(exchange)
    config.write_text("\n".join(lines) + "\n")


def exported(folder) -> dict[str, float]:
    """What `nbgrader export` says of each student."""
    to = folder / "grades.csv"
    subprocess.run(
        [sys.executable, "-m", "nbgrader", "export", "--to", str(to)], cwd=folder, check=True,
        capture_output=True, timeout=120, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    with to.open() as file:
        return {line["student_id"]: float(line["score"]) for line in csv.DictReader(file)}


# Marks by hand.


def test_a_mark_by_hand_after_grading_is_late_too_in_nbgraders_export(folder):
    assert penalty(folder) == ALL
    by_hand(folder)
    by_hand(folder, "bea")
    assert exported(folder) == {"ada": 0.0, "bea": ALL + 2}
    assert penalty(folder) == ALL + 2


def test_and_in_course_marks(folder, tmp_path):
    by_hand(folder)
    by_hand(folder, "bea")
    to = tmp_path / "marks.csv"
    done = CliRunner().invoke(
        marks.command, ["--moodle", "--to", str(to), "--class", str(folder)], catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    with to.open(encoding="utf-8-sig") as file:
        told = {line[0]: line[-1] for line in csv.reader(file)}
    assert float(told["ada"]) == 0 and float(told["bea"]) == ALL + 2


def test_what_failed_to_run_is_not_exported_without_a_word(folder, tmp_path):
    hand_in(folder, "cut", change=lambda _: "{ this is cut")
    grade(folder)
    arguments = ["--moodle", "--to", str(tmp_path / "m.csv"), "--class", str(folder)]
    done = CliRunner().invoke(marks.command, arguments, catch_exceptions=False)
    assert "what cut handed in failed to run" in done.output


# When it was handed in.


def test_another_time_of_handing_in_grades_nothing_again(folder):
    stamp = folder / "submitted" / "ada" / NAME / "timestamp.txt"
    stamp.write_text("2026-11-20 10:00 UTC")
    report = grade(folder)
    assert report["graded_now"] == 0
    when = in_gradebook(folder, lambda book: book.find_submission(NAME, "ada").timestamp)
    assert when == datetime.datetime(2026, 11, 20, 10)
    kept = folder / "autograded" / "ada" / NAME / "timestamp.txt"
    assert kept.read_text() == stamp.read_text()
    assert exported(folder)["ada"] == ALL
    stamp.write_text("tomorrow")
    report = grade(folder)
    assert report["graded_now"] == 1 and report["needs_a_look"] == ["ada"]


@pytest.mark.parametrize(
    ("text", "hour"),
    [("2026-11-20 23:58 +0100", 22), ("2026-11-20 23:58 Europe/Berlin", 22),
     ("2026-11-20 23:58 UTC", 23), ("2026-11-20 23:58 -05:00", 4),
     ("2026-11-20 23:58 Europa/Berlin", None), ("2026-11-20 23:58 PM", None)],
)  # fmt: skip
def test_a_zone_is_what_it_says_and_an_unknown_one_is_none(text, hour):
    if hour is None:
        with pytest.raises(ValueError, match="no time"):
            handed_in_at(text.encode())
    else:
        assert handed_in_at(text.encode()).hour == hour


@pytest.mark.parametrize("text", [None, "tomorrow", ""])
@pytest.mark.parametrize("work", ["the same", "handed in again"])
def test_without_a_usable_time_nobody_is_late_and_everything_says_so(folder, text, work):
    stamp = folder / "submitted" / "ada" / NAME / "timestamp.txt"
    if text is None:
        stamp.unlink()
    else:
        stamp.write_text(text)
    if work == "handed in again":
        hand_in(folder, "ada", {**right(), "explain_relu": "Because it is so."})
    report = grade(folder)
    assert in_gradebook(folder, lambda book: book.find_submission(NAME, "ada").timestamp) is None
    assert exported(folder)["ada"] == ALL and penalty(folder) == 0
    assert report["needs_a_look"] == (["ada"] if text == "tomorrow" else [])
    said = gather(folder, NAME, similar=False)
    (row,) = [row for row in said.rows if row.student == "ada"]
    assert row.late == 0 and row.untimed and row.points == ALL
    assert any("Of 1 of 2 hand-ins (ada) nobody knows the time" in s for s in said.common)
    assert "nobody knows the time" in page(said, datetime.datetime(2026, 11, 28))
    assert ",no time," in sheet(said)
    assert grade(folder)["graded_now"] == 0


def test_a_time_that_only_an_earlier_gradebook_knows_is_taken_back(folder):
    for place in ("submitted", "autograded"):
        (folder / place / "ada" / NAME / "timestamp.txt").unlink()
    assert penalty(folder) == ALL
    assert grade(folder)["graded_now"] == 0
    assert exported(folder)["ada"] == ALL


def test_the_terminal_counts_those_without_a_time(folder):
    (folder / "submitted" / "ada" / NAME / "timestamp.txt").unlink()
    done = CliRunner().invoke(
        grade_command.command, [NAME, "--class", str(folder), "--workers", "1"],
        catch_exceptions=False,
    )  # fmt: skip
    assert re.search(r"without a usable time, so not late +1", done.output), done.output


def test_stock_nbgrader_forgets_a_time_that_is_no_longer_there(folder):
    (folder / "submitted" / "ada" / NAME / "timestamp.txt").unlink()
    shutil.rmtree(folder / "autograded" / "ada")
    done = nbgrader_commands.autograde(folder, NAME, "ada")
    assert done.ok, done.log
    assert penalty(folder) == 0


# Extensions.


def test_more_time_counts_at_once_and_can_be_taken_back(folder):
    told = extend(folder, "ada", NAME, "2026-11-23 23:59 +0100")
    assert "until 2026-11-23 22:59 UTC, 3 days after the deadline" in told
    assert f"Taken off for being late: 0 points, until now {ALL:g}" in told
    assert penalty(folder) == 0 and "ada may hand in" in extend(folder, "--list")
    by_hand(folder)
    assert exported(folder)["ada"] == ALL + 2
    extend(folder, "ada", NAME, "--take-back")
    assert penalty(folder) == ALL + 2 and "Nobody" in extend(folder, "--list")
    assert not (folder / "extensions.csv").exists()


@pytest.mark.parametrize("way", ["course grade", "nbgrader autograde"])
def test_it_is_kept_before_anything_is_handed_in(folder, way):
    in_gradebook(folder, lambda book: book.add_student("zoe"))
    extend(folder, "zoe", NAME, "2026-11-23 23:59 +0100")
    place = hand_in(folder, "zoe", right())
    (place / "timestamp.txt").write_text(LATE)
    if way == "course grade":
        grade(folder)
    else:
        done = nbgrader_commands.autograde(folder, NAME, "zoe")
        assert done.ok, done.log
    assert penalty(folder, "zoe") == 0
    given = in_gradebook(folder, lambda book: book.find_submission(NAME, "zoe").extension)
    assert given == datetime.timedelta(days=3)
    assert exported(folder)["zoe"] == ALL


def test_stock_nbgrader_takes_numeric_zones_for_what_they_are(folder):
    """By itself it takes +0100 for a hundred seconds, and bea would be late."""
    shutil.rmtree(folder / "autograded" / "bea")
    done = nbgrader_commands.autograde(folder, NAME, "bea")
    assert done.ok, done.log
    when = in_gradebook(folder, lambda book: book.find_submission(NAME, "bea").timestamp)
    assert when == datetime.datetime(2026, 11, 20, 22, 58, 59) and penalty(folder, "bea") == 0


def test_it_is_a_time_and_does_not_move_with_the_deadline(folder):
    extend(folder, "ada", NAME, "2026-11-23 23:59 +0100")
    # nbgrader itself adds an extension to no deadline, and stops.
    for due in (DUE - datetime.timedelta(days=9), DUE - datetime.timedelta(days=1), None):
        in_gradebook(folder, lambda book, d=due: setattr(book.find_assignment(NAME), "duedate", d))
        assert exported(folder)["ada"] == ALL
    in_gradebook(
        folder, lambda book: setattr(book.find_assignment(NAME), "duedate", DUE.replace(day=21))
    )
    exported(folder)
    given = in_gradebook(folder, lambda book: book.find_submission(NAME, "ada").extension)
    assert given == datetime.timedelta(days=2)


def test_what_somebody_granted_by_nbgraders_own_commands_stays(folder):
    in_gradebook(folder, lambda book: book.grant_extension(NAME, "ada", days=2))
    assert exported(folder)["ada"] == ALL
    given = in_gradebook(folder, lambda book: book.find_submission(NAME, "ada").extension)
    assert given == datetime.timedelta(days=2)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("adda", NAME, "2026-11-23 23:59 UTC"), "has no student adda. Did you mean ada?"),
        (("ada", "98_grade", "2026-11-23 23:59 UTC"), f"Did you mean {NAME}?"),
        (("ada", NAME, "soon"), "'soon' is no time"),
        (("ada", NAME, "2026-11-20 20:00 UTC"), "is not after the deadline"),
        (("ada", NAME, "9999-12-31 23:59 UTC"), "is more than a year after the deadline"),
        (("ada", NAME, "2026-11-23"), "'2026-11-23' is no time"),
        (("ada", NAME, "2026-11-23 25:00"), "is no time"),
        (("ada", NAME), "Give a student, an assignment and a time"),
    ],
)
def test_what_cannot_be_is_a_sentence(folder, arguments, sentence):
    done = CliRunner().invoke(classes.command, ["extend", *arguments, "--class", str(folder)])
    assert done.exit_code and sentence in done.output
    assert not (folder / "extensions.csv").exists()


@pytest.mark.parametrize(
    ("zone", "given", "until", "said"),
    [("", "2026-11-23 23:59", "2026-11-23 23:59 UTC", "Taken for 2026-11-23 23:59 UTC, for no"),
     ("Europe/Berlin", "2026-11-23 23:59", "2026-11-23 22:59 UTC", "the class's time zone"),
     ("Europe/Berlin", "2026-11-23T23:59", "2026-11-23 22:59 UTC", "the class's time zone"),
     ("Europe/Berlin", "2026-11-23 23:59 -0500", "2026-11-24 04:59 UTC", ""),
     ("Europe/Berlin", "2026-11-23 23:59 UTC", "2026-11-23 23:59 UTC", "")],
)  # fmt: skip
def test_an_earlier_class_extends_by_its_exchanges_zone_and_says_so(
    folder, zone, given, until, said
):
    earlier_class(folder, zone)
    told = extend(folder, "ada", NAME, given)
    assert f"may hand in {NAME} until {until}" in told
    assert said in told and bool(said) == ("Taken for 2026" in told)


def test_without_a_deadline_a_slip_is_told_by_today(folder):
    in_gradebook(folder, lambda book: setattr(book.find_assignment(NAME), "duedate", None))
    assert "a year after today" in extend(folder, "ada", NAME, "9999-01-01 12:00 UTC", code=1)


def test_a_file_that_was_spoilt_by_hand_is_named_with_its_line(folder):
    extend(folder, "ada", NAME, "2026-11-23 23:59 +0100")
    file = folder / "extensions.csv"
    file.write_text(file.read_text() + f"bea,{NAME},later\n")
    assert "extensions.csv, line 3" in extend(folder, "--list", code=1)
