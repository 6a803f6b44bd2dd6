"""Every reference, and every mistake, gives on the stand-in what it gives on the CPU."""

from __future__ import annotations

import pytest
import turns
from standin import queue

import autograder
from autograder.exercise import Expected, oracle_on, raises
from autograder.exercises import find
from autograder.judging import keys
from autograder.judging.compare import difference
from autograder.judging.keys import answer_key

NOTEBOOKS = turns.due(
    sorted({exercise.notebook for exercise in autograder.exercises()}), 3, lambda notebook: "all"
)
# What mistakes show that is drawn: from each device's own chance, and judged with a standard error.
DRAWN = {"std_by_depth"}


def exercises_of(notebook: str) -> list[str]:
    return [e.name for e in autograder.exercises() if e.notebook == notebook]


def apart(values: dict, key: dict) -> list[str]:
    """The names under which two answers differ beyond the tolerance of the first key's."""
    found = [name for name in key if name not in values]
    for name, value in values.items():
        right = key[name]
        if isinstance(value, raises) or isinstance(right, raises):
            found += [name] if value != right else []
        elif (value is None) != (right.value is None):
            found.append(name)
        elif value is not None and difference(value, right) is not None:
            found.append(name)
    return found


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_references_and_mistakes_give_what_they_give_on_the_cpu(notebook):
    for name in exercises_of(notebook):
        kind = find(name)
        with oracle_on("cpu"):
            here = answer_key(kind)
        there = answer_key(kind)
        assert here is not there
        for mine, its in zip(here.cases, there.cases, strict=True):
            values = {n: e.value for n, e in its.right.items()}
            assert not apart(values, mine.right), (name, mine.name)
            for mistake, shown in mine.wrong.items():
                if name in DRAWN:
                    continue
                key = {
                    n: v if isinstance(v, raises) else _as(mine.right[n], v)
                    for n, v in shown.items()
                }
                assert not apart(its.wrong[mistake], key), (name, mine.name, mistake)


def _as(right: Expected, value) -> Expected:
    return Expected(value, right.rtol, right.atol, right.margin, right.any_width)


def test_references_in_torch_do_run_there():
    """Most of an answer key is made by the device, or these tests would compare the CPU with
    itself."""
    made = 0
    for name in ("batchnorm_forward", "conv_forward_naive", "adam", "softmax_loss", "train_step"):
        before = queue.DEVICE.launches
        keys._answer_key.__wrapped__(find(name), 0, "standin")
        made += queue.DEVICE.launches > before
    assert made == 5
