"""A class is graded on a machine with an accelerator: the same marks, and what is copied for a
submission never touches the device."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import graded_class
import processes
import pytest
import torch

from autograder.grading.pipeline.workers import forked, keys_elsewhere

WRONG = {"relu_forward": "def relu_forward(x):\n    return abs(x), x\n"}
TRIED = """
from autograder.grading.pipeline.workers import forked, keys_elsewhere
from autograder.judging import keys
from autograder.exercises import find

keys_elsewhere.know([("batchnorm_forward", 0), ("batchnorm_forward", 5)])
made = keys._answer_key.cache_info().currsize
assert keys.answer_key(find("batchnorm_forward"), 5).max_points > 0
print(made, keys._answer_key.cache_info().currsize, forked.possible())
import torch
torch.ones(1, device="standin")
print(forked.possible())
"""


def grade(folder: Path, environment: dict) -> tuple[dict, dict]:
    """What `course grade` reports and records, by student."""
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "grade", graded_class.NAME, "--class", str(folder),
         "--json", "--workers", "1"],
        cwd=processes.ROOT, env=environment, capture_output=True, text=True, timeout=250,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = {row["student"]: row for row in json.loads(done.stdout)["submissions"]}
    told = {student: (row["state"], row["reason"]) for student, row in rows.items()}
    return told, {student: graded_class.scores(folder, student) for student in rows}


def test_a_class_earns_the_same_with_references_on_the_device(tmp_path):
    processes.needed()
    students = ("ada", "bob", "cyd")
    folder = graded_class.make(tmp_path / "class", students)
    right = graded_class.right()
    graded_class.hand_in(folder, "ada", right)
    graded_class.hand_in(folder, "bob", right | WRONG)
    graded_class.hand_in(folder, "cyd")
    shutil.copytree(folder, tmp_path / "again")
    log = tmp_path / "who used the device"
    there = grade(folder, processes.environment(STANDIN_LOG=str(log)))
    here = grade(tmp_path / "again", processes.environment(COURSE_DEVICE="cpu"))
    assert there == here
    assert graded_class.points(folder, "ada") == graded_class.FULL
    assert graded_class.points(folder, "bob")["relu_forward"] < 2
    used = log.read_text().splitlines()
    assert used and set(used) == {"a program"}, used


def test_keys_are_made_by_a_program_of_their_own(tmp_path):
    processes.needed()
    log = tmp_path / "who used the device"
    done = subprocess.run(
        [sys.executable, "-c", TRIED], cwd=processes.ROOT, capture_output=True, text=True,
        env=processes.environment(STANDIN_LOG=str(log)), timeout=120,
    )  # fmt: skip
    assert done.stdout.split() == ["0", "0", "True", "False"], done.stderr
    assert log.read_text().splitlines() == ["a program"] * 2


def test_a_device_that_is_not_there_is_said_in_one_sentence(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "toaster")
    with pytest.raises(keys_elsewhere.NoKeys) as told:
        keys_elsewhere.know([("batchnorm_forward", 0)])
    assert "cannot run on toaster here" in str(told.value)
    assert "COURSE_DEVICE=cpu" in str(told.value) and "\n" not in str(told.value)


@pytest.mark.parametrize("kind", ["cuda", "xpu"])
def test_a_process_that_has_touched_a_device_is_not_copied(kind, monkeypatch):
    assert not forked._accelerator_in_use(torch)
    monkeypatch.setattr(getattr(torch, kind), "is_initialized", lambda: True)
    assert forked._accelerator_in_use(torch) and not forked.possible()
