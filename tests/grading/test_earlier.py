"""What is out in the world goes on working: a class, a kit and notebooks of an earlier course, with
the addresses that stand in them (`tests/earlier`)."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import earlier_class
import pytest
from earlier_class import MARKS, unpacked
from nbgrader.api import Gradebook

from autograder import earlier_addresses
from autograder.grading.classroom.configuration import database, load_config
from autograder.grading.pipeline import nbgrader_commands, run


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> tuple[Path, dict]:
    """The class, graded by today's course, and the report on each assignment."""
    folder = unpacked("class", tmp_path_factory.mktemp("earlier"))
    return folder, earlier_class.graded(folder)


@pytest.mark.parametrize("assignment", MARKS)
def test_who_had_all_or_nothing_has_it_still(graded, assignment):
    """What is partly right is judged by the cases of today; no exercise is worth more or less."""
    folder, _ = graded
    most = MARKS[assignment]["ada"]["grades"]  # whose work is right
    with Gradebook(database(folder)) as book:
        for student, then in MARKS[assignment].items():
            submission = book.find_submission(assignment, student)
            for grade in (g for notebook in submission.notebooks for g in notebook.grades):
                was = then["grades"][grade.name]
                if student != "bob" or was == most[grade.name]:
                    assert grade.auto_score == was, (student, grade.name)
                assert grade.max_score == (most[grade.name] or grade.max_score)


@pytest.mark.parametrize("assignment", MARKS)
def test_the_report_says_why_they_were_graded_again(graded, assignment):
    told = graded[1][assignment]
    assert told["graded_now"] == told["graded_now_because_the_course_changed"] == 3


def test_the_marks_are_exported(graded, tmp_path):
    folder, _ = graded
    to = tmp_path / "marks.csv"
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "export", "--to", str(to),
         "--exporter", "autograder.grading.exports.CanvasExport"],
        cwd=folder, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(to.read_text(encoding="utf-8-sig").splitlines()))
    (column,) = (name for name in rows[0] if name.startswith("00_start"))
    told = {row["SIS Login ID"]: row[column] for row in rows}
    then = {student: str(f"{mark['score']:g}") for student, mark in MARKS["00_start"].items()}
    assert then.items() <= told.items()


def test_a_feedback_page_is_made(graded):
    folder, _ = graded
    outcome = nbgrader_commands.feedback(folder, "06_batchnorm", "bob")
    assert outcome.ok, outcome.log
    page = (folder / "feedback/bob/06_batchnorm/06_batchnorm.html").read_text(encoding="utf-8")
    assert "momentum" in page and "BEGIN HIDDEN" not in page


def test_its_configuration_names_steps_that_are_there(graded):
    config = load_config(graded[0])
    assert not run.foreign_steps(config)


@pytest.mark.parametrize("address", earlier_addresses.ADDRESSES)
def test_an_earlier_address_is_the_module_of_today(address):
    today = import_module(earlier_addresses.ADDRESSES[address])
    assert import_module(address) is today and today.__name__ == today.__spec__.name


@pytest.mark.parametrize("address", ["autograder.cli", "autograder.grading.gradescope_run"])
def test_an_earlier_address_can_be_run(address):
    done = subprocess.run(
        [sys.executable, "-m", address, "--help"], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0 and "Usage" in done.stdout, done.stderr


def test_every_import_of_the_released_notebooks_holds(graded):
    folder, _ = graded
    imports = set()
    for path in [*folder.glob("release/*/*.ipynb"), *folder.glob("submitted/*/*/*.ipynb")]:
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            text = "".join(cell["source"])
            imports |= set(re.findall(r"^ *(from (?:autograder|course_utils)[^\n]+)", text, re.M))
    assert len(imports) >= 8
    for line in sorted(imports):
        exec(line, {})


def test_a_kit_made_earlier_checks_as_it_did(tmp_path):
    kit = unpacked("kit", tmp_path)
    code = (
        "import numpy as np, autograder\n"
        "def accuracy(scores, y):\n    return float((scores.argmax(axis=1) == y).mean())\n"
        "verdict = autograder.check(accuracy)\n"
        "print(verdict.points, autograder.__file__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=kit, capture_output=True, text=True, timeout=120,
        env={**os.environ, "PYTHONPATH": str(kit), "COURSE_PROGRESS": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    points, where = done.stdout.split()
    assert points == "4.0" and where.startswith(str(kit))
