"""The report on a class, from a graded class to the page and the table in its folder."""

from __future__ import annotations

import csv
import io
import shutil

import pytest
from click.testing import CliRunner
from graded_class import NAME, grade, hand_in, make, right
from nbgrader.api import Gradebook

from autograder.commands.teachers import report as report_command
from autograder.grading.classroom import configuration
from autograder.grading.reports import blindspots
from autograder.grading.reports.class_report import NOT_GRADED, Row, gather, spreads
from autograder.grading.reports.standings import Column

ANSWER = {"explain_relu": "Its derivative is one."}
LEAKY = {"relu_forward": "def relu_forward(x):\n    return np.where(x > 0, x, 0.01 * x), x"}
HALF = {"bn_dxhat": "def bn_dxhat(dout, gamma):\n    return dout * gamma / 2"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """ada: all right; bea: a wrong answer and a file of hers left out; cy: late and untouched; dan:
    nothing; eve: handed in since."""
    folder = make(tmp_path_factory.mktemp("class") / "small", ("ada", "bea", "cy", "dan", "eve"))
    hand_in(folder, "ada", right() | ANSWER)
    place = hand_in(folder, "bea", right() | ANSWER | LEAKY | HALF)
    (place / "numpy.py").write_text("")
    place = hand_in(folder, "cy")
    (place / "timestamp.txt").write_text("2026-11-22 23:59 UTC")
    with Gradebook(configuration.database(folder)) as book:
        book.update_or_create_assignment(NAME, duedate="2026-11-20 23:59 UTC")
    report = grade(folder)
    assert report["needs_a_look"] == []
    hand_in(folder, "eve", right())
    return folder


@pytest.fixture()
def report(folder):
    return gather(folder, NAME)


def by_student(report) -> dict[str, Row]:
    return {row.student: row for row in report.rows}


def test_a_row_a_student_and_a_column_an_exercise(report):
    assert [c.title for c in report.columns] == [
        "relu_forward", "relu_backward", "bn_dxhat", "explain_relu",
    ]  # fmt: skip
    assert report.most == 10
    rows = by_student(report)
    assert rows["ada"].cells == [(2.0, False), (3.0, False), (2.0, False), (None, True)]
    assert rows["ada"].points == 7 and rows["ada"].to_mark == 1
    assert rows["cy"].points == 0 and rows["cy"].late == 2 * 86400 and rows["cy"].to_mark == 0
    assert rows["eve"].state == NOT_GRADED
    assert report.absent == ["dan"]


def test_what_was_left_out_stands_in_the_students_row(report):
    (said,) = by_student(report)["bea"].repairs
    assert said.startswith("numpy.py bears the name of a library")


def test_a_mistake_is_told_in_its_own_words_and_a_relation_is_no_mistake(report):
    named = {(exercise, identity): hint for _, exercise, identity, hint in report.mistakes}
    assert any(exercise == "relu_forward" and hint for (exercise, _), hint in named.items())
    assert not any(identity.startswith(("relation:", "needs:")) for _, identity in named)


def test_points_by_hand_lower_what_is_to_mark_without_grading_again(folder):
    try:
        with Gradebook(configuration.database(folder)) as book:
            mark = book.find_grade("explain_relu", NAME, NAME, "ada")
            mark.manual_score, mark.needs_manual_grade = 2.5, False
            book.db.commit()
        row = by_student(gather(folder, NAME))["ada"]
        assert row.to_mark == 0 and row.points == 9.5 and row.cells[-1] == (2.5, False)
    finally:
        with Gradebook(configuration.database(folder)) as book:
            mark = book.find_grade("explain_relu", NAME, NAME, "ada")
            mark.manual_score, mark.needs_manual_grade = None, True
            book.db.commit()


def test_the_command_writes_a_page_and_a_table(folder):
    done = CliRunner().invoke(report_command.command, [NAME, "--class", str(folder)])
    assert done.exit_code == 0, done.output
    assert "3 graded, 2 with answers to mark." in done.output
    page = (folder / "reports" / f"{NAME}.html").read_text(encoding="utf-8")
    assert "relu_forward" in page and "Resembling each other" in page
    text = (folder / "reports" / f"{NAME}.csv").read_text(encoding="utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text)))
    assert [line["student"] for line in lines] == ["ada", "bea", "cy", "eve"]
    ada = lines[0]
    assert (ada["points"], ada["to mark"], ada["relu_backward (of 3)"]) == ("7", "1", "3")
    assert ada["explain_relu (of 3)"] == "to mark"
    assert lines[2]["hours late"] == "48"


def test_who_has_left_is_in_no_row_and_their_work_is_named(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "class")
    with Gradebook(configuration.database(copy)) as book:
        book.remove_student("bea")
        book.remove_student("eve")
    shutil.rmtree(copy / "submitted" / "bea")
    report = gather(copy, NAME)
    assert sorted(by_student(report)) == ["ada", "cy"] and report.absent == ["dan"]
    assert report.mistakes == []  # they were bea's
    done = CliRunner().invoke(report_command.command, [NAME, "--class", str(copy)])
    said = "Work in submitted/ and autograded/ of who left the class, and not in this report: "
    assert said + "bea, eve" in done.output and "2 graded" in done.output
    assert said + "bea, eve" in (copy / "reports" / f"{NAME}.html").read_text(encoding="utf-8")
    shutil.rmtree(copy / "submitted" / "eve")
    assert "bea; move those folders away if they are not wanted." in gather(copy, NAME).outside


def test_no_similar_leaves_that_part_out(folder):
    done = CliRunner().invoke(
        report_command.command, [NAME, "--class", str(folder), "--no-similar"]
    )
    assert done.exit_code == 0
    page = (folder / "reports" / f"{NAME}.html").read_text(encoding="utf-8")
    assert "Resembling each other" not in page


@pytest.mark.parametrize(
    ("arguments", "said"),
    [([NAME + "x"], "Did you mean"), (["nothing_like_it"], "does not know the assignment")],
)
def test_another_name_is_a_sentence(folder, arguments, said):
    done = CliRunner().invoke(report_command.command, [*arguments, "--class", str(folder)])
    assert done.exit_code == 1 and said in done.output


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path):
    folder = make(tmp_path / "class")
    (folder / "reports").write_text("a file stands where the folder should be")
    done = CliRunner().invoke(report_command.command, [NAME, "--class", str(folder)])
    assert done.exit_code == 1 and "The report cannot be written" in done.output


def test_a_class_that_nobody_handed_in_has_a_page_too(tmp_path):
    folder = make(tmp_path / "class")
    done = CliRunner().invoke(report_command.command, [NAME, "--class", str(folder)])
    assert done.exit_code == 0, done.output
    page = (folder / "reports" / f"{NAME}.html").read_text(encoding="utf-8")
    assert "Nothing was handed in yet." in page


def test_wrong_answers_without_a_name_are_told_where_several_gave_them(folder):
    verdict = {
        "exercise": "bn_dxhat", "seed": 0, "digest": "d", "cells": [
            {"case": "a batch", "name": "dxhat", "kind": "values", "seen": "a number",
             "right": "a number", "values": [1.0], "beside": [2.0], "scale": 2.0, "off": 1,
             "of": 1, "ratio": [0.5, 0.5, 0.5], "difference": [-1, -1, -1], "worst": [1.0, 2.0]}],
    }  # fmt: skip
    path = blindspots.keep(folder, NAME, [verdict, verdict])
    try:
        report = gather(folder, NAME, similar=False)
        assert report.unnamed == 2
        assert report.spots == [
            (2, "bn_dxhat", ["in 'a batch' dxhat is 1.0 where 2.0 is right (0.5 of it)"])
        ]
    finally:
        path.unlink()


# Spread.


def rows_of(*points):
    return [Row(f"s{n}", "", "graded", p or 0.0, [(p, p is None)]) for n, p in enumerate(points)]


def test_few_different_points_are_a_bar_each_and_what_waits_is_not_counted():
    column = Column("ps1", "one", "one", 4.0, False)
    _, spread = spreads([column], rows_of(4.0, 4.0, 1.5, None))
    assert spread.bars == [("1.5", 1), ("4", 2)] and spread.mean == pytest.approx(9.5 / 3)


def test_many_different_points_are_ten_parts_of_the_scale():
    column = Column("ps1", "one", "one", 10.0, False)
    _, spread = spreads([column], rows_of(*[n / 4 for n in range(41)], 12.0, -1.0))
    assert len(spread.bars) == 10 and sum(n for _, n in spread.bars) == 43
    assert spread.bars[0][0] == "0–1" and spread.bars[-1][1] == 6
