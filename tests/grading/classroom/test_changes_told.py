"""What a report says after a class was changed: in the class's points, and blaming nobody."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from graded_class import NAME, cell, grade, hand_in, make, right

from autograder.commands.teachers import classes

WRONG = {"relu_forward": "def relu_forward(x):\n    return x, x\n"}


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Path:
    """A class in which ada has all and bea not, graded."""
    folder = make(tmp_path_factory.mktemp("changed") / "class", ("ada", "bea"))
    hand_in(folder, "ada", {**right(), "explain_relu": "Its derivative is one."})
    hand_in(folder, "bea", {**right(), **WRONG})
    grade(folder)
    return folder


@pytest.fixture
def folder(graded, tmp_path) -> Path:
    return Path(shutil.copytree(graded, tmp_path / "class"))


def course(folder, *arguments, code=0) -> str:
    done = CliRunner().invoke(
        classes.command, [*arguments, "--class", str(folder)], catch_exceptions=False
    )
    assert done.exit_code == code, done.output
    return done.output


def change_source(folder, change) -> None:
    path = folder / "source" / NAME / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    nbformat.write(notebook, path)


def test_what_the_class_has_changed_no_student_is_said_to_have_changed(folder):
    course(folder, "points", "relu_forward", "4", "-y")
    report = grade(folder)
    assert [row["repairs"] for row in report["submissions"].values()] == [[], []]
    # Nor where two changes lie behind, the second in the text of a check's cell.

    def change(notebook):
        cell(notebook, "check_bn_dxhat").source += "\nprint('checked')"

    change_source(folder, change)
    course(folder, "update", "--mine", "-y")
    report = grade(folder)
    assert report["graded_now"] == 2
    assert [row["repairs"] for row in report["submissions"].values()] == [[], []]


def test_a_weight_that_the_class_never_had_is_still_told(folder):
    course(folder, "points", "relu_forward", "4", "-y")

    def richer(notebook):
        cell(notebook, "check_relu_forward").metadata.nbgrader.points = 100

    hand_in(folder, "ada", right(), richer)
    (said,) = grade(folder)["submissions"]["ada"]["repairs"]
    assert said == "cell check_relu_forward: points had been changed"


def test_the_report_counts_in_the_points_of_the_class(folder):
    course(folder, "points", "relu_forward", "4", "-y")
    course(folder, "points", "bn_dxhat", "--give-everybody", "-y")
    report = grade(folder)
    assert report["exercises"]["relu_forward"]["max_points"] == 4
    assert set(report["exercises"]["relu_forward"]["points"]) == {"0", "4"}
    assert report["exercises"]["bn_dxhat"]["points"] == {"2": 2}
    assert report["submissions"]["ada"]["exercises"]["relu_forward"] == ["passed", 4.0]


@pytest.mark.parametrize("number", ["-1", "-0.5", "nan", "10001"])
def test_points_that_cannot_be_are_a_sentence(folder, number):
    told = course(folder, "points", "relu_forward", number, code=2)
    assert "POINTS is a number from 0 to 10000." in told
