"""`course grade` as a teacher types it: what it says, and how it leaves."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys

import pytest
from click.testing import CliRunner
from graded_class import FULL, NAME, grade, hand_in, make, points, right
from nbgrader.api import Gradebook

from autograder.commands.cli import cli
from autograder.grading.classroom import configuration
from autograder.judging.verdict import Verdict


def course(*args, **options):
    command = [sys.executable, "-m", "autograder", "grade", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, **options)


def test_the_command_grades_and_leaves_with_zero_whatever_the_scores(tmp_path):
    folder = make(tmp_path / "class")
    hand_in(folder, "ada", right())
    hand_in(folder, "bob", change=lambda nb: '{"cells": [{"cell_type": "code", "sour')
    run = course(NAME, "--class", folder, "--json", "--workers", 2)
    assert run.returncode == 0, run.stderr
    report = json.loads(run.stdout)
    assert report["states"]["all points"] == 1 and report["states"]["failed to run"] == 1
    assert points(folder, "ada") == FULL
    assert report["page"] == str(folder / "reports" / f"{NAME}.html")
    assert (folder / "reports" / f"{NAME}.csv").is_file()
    run = course(NAME, "--class", folder, "--student", "ada")
    assert f"Student by student: {folder / 'reports' / NAME}.html" in run.stdout
    assert run.returncode == 0 and "all points" in run.stdout
    assert "judged outside of learners' processes" in run.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["06_batchnorn"], "does not know the assignment"),
        ([NAME], "Nothing was handed in"),
        ([NAME, "--student", "eve"], "eve handed in nothing"),
        ([NAME, "--workers", "2", "--dask", "tcp://127.0.0.1:1"], "--workers or --dask"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(tmp_path_factory, arguments, said):
    folder = make(tmp_path_factory.mktemp("empty") / "class")
    if "--student" in arguments:
        hand_in(folder, "ada")
    result = CliRunner().invoke(cli, ["grade", *arguments, "--class", str(folder)])
    assert result.exit_code in (1, 2)
    assert said in result.output
    assert "Traceback" not in result.output


def test_a_folder_that_is_no_class_is_said_to_be_none(tmp_path):
    result = CliRunner().invoke(cli, ["grade", NAME, "--class", str(tmp_path)])
    assert result.exit_code == 1 and "is not a class" in result.output


def test_another_language_is_left_to_stock(tmp_path):
    folder = make(tmp_path / "class")
    hand_in(folder, "ada", right())

    with Gradebook(configuration.database(folder)) as book:
        kernel = {"name": "ir", "display_name": "R", "language": "R"}
        book.find_notebook(NAME, NAME).kernelspec = json.dumps(kernel)
        book.db.commit()
    line = grade(folder)["submissions"]["ada"]
    assert line["state"] == "left to stock nbgrader" and "is written in R" in line["reason"]
    assert not (folder / "autograded" / "ada").exists()


def test_impossible_points_cannot_be_made():
    with pytest.raises(ValueError, match="impossible"):
        Verdict("x", "passed", 3.0, 2.0, "")


def test_what_is_advised_can_be_pasted_whatever_folders_are_called(tmp_path, monkeypatch):
    folder = make(tmp_path / "-rf it")
    hand_in(folder, "two words", {**right(), "explain_relu": "Because."})
    monkeypatch.chdir(tmp_path)
    told = CliRunner().invoke(cli, ["grade", NAME, "--class", folder.name]).output
    assert "formgrader" not in told
    waits = next(line for line in told.splitlines() if "wait" in line and "course mark" in line)
    assert waits == f"Answers of 1 student wait to be marked: course mark {NAME} --class '-rf it'"
    after = next(line for line in told.splitlines() if line.startswith("Next: course "))
    advised = shlex.split(after.removeprefix("Next: course "))
    done = CliRunner().invoke(cli, advised)
    assert done.exit_code == 0 and "1 made" in done.output, done.output
    remove = next(line for line in told.splitlines() if "nbgrader db student remove" in line)
    pasted = remove.partition("run: ")[2].removesuffix(".").strip()
    done = subprocess.run(["sh", "-c", f"{sys.executable} -m {pasted}"], cwd=folder,
                          capture_output=True, text=True, timeout=120)  # fmt: skip
    assert done.returncode == 0, done.stderr
    with Gradebook(configuration.database(folder)) as book:
        assert [student.id for student in book.students] == ["ada"]


def test_what_is_to_be_released_first_is_a_command_for_that_class(tmp_path):
    folder = make(tmp_path / "a class")
    with Gradebook(configuration.database(folder)) as book:
        book.remove_assignment(NAME)
    told = CliRunner().invoke(cli, ["grade", NAME, "--class", str(folder)]).output
    assert f"cd '{folder}' && nbgrader generate_assignment {NAME}" in told
