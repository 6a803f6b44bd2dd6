"""`benchmarks/grading.py`, tried on classes of one and two: what its options choose, and that its
parts come to their end. What they measure means nothing here, and is not looked at."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def told(*arguments: str, code: int = 0) -> str:
    """What the benchmark says; wide, so that no line of its table is broken."""
    done = subprocess.run(
        [sys.executable, "benchmarks/grading.py", *arguments], cwd=ROOT, capture_output=True,
        text=True, env={**os.environ, "COLUMNS": "200", "PYTHONPATH": str(ROOT)}, timeout=280,
    )  # fmt: skip
    assert done.returncode == code, done.stderr[-3000:]
    return done.stdout if code == 0 else done.stderr


def test_light_material_of_another_course_is_measured_beside_stock():
    said = told("--light", "--submissions", "1")
    assert "2 notebooks of nbgrader's example, stock nbgrader" in said
    assert "light material: course grade is faster" in said
    line = next(line for line in said.splitlines() if "the same automatic score" in line)
    same, _, cells = line.split()[-4:-1]
    assert same == cells and int(cells) > 5


def test_a_thousand_are_measured_with_stock_on_a_few():
    said = told("--thousand", "--submissions", "2")
    assert "a submission by stock nbgrader, measured on 1" in said
    assert "course grade is faster, at 2" in said
    assert "peak memory of all processes at 1" in said and "at 2 " in said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(("--only", "dusk"), "there is no part dusk"),
     (("--submissions", "-1"), "a number from 1 on")],
)  # fmt: skip
def test_what_it_cannot_do_is_a_sentence(arguments, sentence):
    assert sentence in told(*arguments, code=2)
