"""Who has left a class is not entered into its gradebook again, whatever lies in its folders."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from graded_class import NAME, grade, hand_in, make, right
from nbgrader.api import Gradebook

from autograder.commands.cli import cli
from autograder.grading.classroom import leavers
from autograder.grading.classroom.configuration import database
from autograder.grading.pipeline import nbgrader_commands
from autograder.grading.reports.class_report import gather


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Path:
    folder = make(tmp_path_factory.mktemp("leavers") / "class", ("ada", "bea"))
    for student in ("ada", "bea"):
        hand_in(folder, student, right())
    grade(folder)
    return folder


@pytest.fixture
def folder(graded, tmp_path) -> Path:
    return Path(shutil.copytree(graded, tmp_path / "class"))


def remove(folder, student) -> None:
    with Gradebook(database(folder)) as book:
        book.remove_student(student)


def in_class(folder) -> list[str]:
    with Gradebook(database(folder)) as book:
        return sorted(student.id for student in book.students)


def course(folder, *arguments, code=0) -> str:
    done = CliRunner().invoke(cli, [*arguments, "--class", str(folder)])
    assert done.exit_code == code, done.output
    return done.output


@pytest.mark.parametrize("kind", ["of today", "made before there were notes"])
def test_who_has_left_is_left_out_and_named(folder, kind):
    if kind != "of today":
        (folder / leavers.FILE).unlink()
    remove(folder, "bea")
    report = grade(folder)
    assert sorted(report["submissions"]) == ["ada"] and in_class(folder) == ["ada"]
    said = course(folder, "report", NAME, "--no-similar")
    sentence = "Work in submitted/ and autograded/ of who left the class, and not in this report: "
    sentence += "bea"
    assert sentence in said and "course class add-student ID brings somebody back" in said
    assert sentence in (folder / "reports" / f"{NAME}.html").read_text(encoding="utf-8")


def test_the_command_says_so_each_time_and_who_is_asked_for_is_a_sentence(folder):
    remove(folder, "bea")
    for _ in range(2):
        assert "of who left the class, and not in this report: bea" in course(folder, "grade", NAME)
        assert in_class(folder) == ["ada"]
    told = json.loads(course(folder, "grade", NAME, "--json"))
    assert told["left_the_class"] == ["bea"] and told["added_to_the_roster"] == []
    said = course(folder, "grade", NAME, "--student", "bea", code=1)
    assert "bea left the class" in said and "course class add-student bea" in said
    course(folder, "class", "add-student", "bea")
    assert sorted(grade(folder)["submissions"]) == ["ada", "bea"]


def test_where_all_have_left_it_is_said(folder):
    for student in ("ada", "bea"):
        remove(folder, student)
    assert "have left the class" in course(folder, "grade", NAME, code=1)


def test_who_was_never_there_is_entered(folder):
    hand_in(folder, "cy", right())
    assert sorted(grade(folder)["submissions"]) == ["ada", "bea", "cy"]
    assert in_class(folder) == ["ada", "bea", "cy"]


def test_with_a_new_gradebook_nobody_has_left(folder):
    from autograder.grading.pipeline import run
    from autograder.grading.pipeline.record import Record
    from autograder.grading.reports.tally import Tally

    with Record(folder, NAME) as record:
        run.conclude(record, Tally(NAME), whole=True)  # as each run of the command does
    (folder / "gradebook.db").unlink()
    assert (done := nbgrader_commands.release(folder, NAME)).ok, done.log
    assert sorted(grade(folder)["submissions"]) == ["ada", "bea"]


def test_notes_that_cannot_be_read_are_none(folder):
    (folder / leavers.FILE).write_text("{ this is")
    assert sorted(gather(folder, NAME, similar=False).looks) == []
    assert sorted(grade(folder)["submissions"]) == ["ada", "bea"]
