"""A prediction is written down when it can be one, and a sentence says what could be."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from autograder.authoring.build import masters
from course_utils import predictions
from course_utils.predictions import compare, guess, predict

SHARE, MANY, WORDS = (0, 1), (0, None), ("7×7", "batch norm")


@pytest.fixture(autouse=True)
def none_yet(monkeypatch):
    monkeypatch.setattr(predictions, "_PREDICTED", {})


@pytest.mark.parametrize("value, between, one_of, kept", [
    ("0.5", SHARE, (), 0.5), (" 1e3 ", MANY, (), 1000.0),
    (0.5, SHARE, (), 0.5), (1, SHARE, (), 1), (np.float32(0.25), SHARE, (), 0.25),
    (1e9, MANY, (), 1e9), (-3, None, (), -3), (" a word ", None, (), "a word"),
    ("7x7", None, WORDS, "7×7"), ("Batch-Norm", None, WORDS, "batch norm"),
])  # fmt: skip
def test_what_can_be_an_answer_is_written_down(value, between, one_of, kept, capsys):
    predict("accuracy", value, between, one_of)
    assert guess("accuracy") == kept and type(guess("accuracy")) is type(kept)
    assert capsys.readouterr().out == f"Written down: {kept}. Now run the experiment.\n"


@pytest.mark.parametrize("value, between, one_of, told", [
    (50, SHARE, (), "a number between 0 and 1"), (-1, MANY, (), "a number of at least 0"),
    ("50", SHARE, (), "between 0 and 1"), ("nan", MANY, (), "at least 0"),
    ([1, 2], SHARE, (), "between 0 and 1"), (None, None, (), "a number or a word in quotes"),
    (True, SHARE, (), "between 0 and 1"), (float("nan"), MANY, (), "at least 0"),
    (float("inf"), MANY, (), "at least 0"), ("half", SHARE, (), "between 0 and 1"),
    ("5x5", None, WORDS, "one of '7×7', 'batch norm'"), (7, None, WORDS, "one of"),
    (np.ones(3), SHARE, (), "between 0 and 1"), ("  ", None, (), "a number or a word"),
    (1j, SHARE, (), "between 0 and 1"), (10**400, MANY, (), "at least 0"),
])  # fmt: skip
def test_what_cannot_be_one_is_told_what_could(value, between, one_of, told, capsys):
    predict("accuracy", value, between, one_of)
    said = capsys.readouterr().out
    assert guess("accuracy") is None
    assert "is not written down: this asks for" in said and told in said


def test_dots_say_what_is_asked_for_and_take_an_answer_back(capsys):
    predict("accuracy", 0.5, SHARE)
    predict("accuracy", ..., SHARE)
    assert guess("accuracy") is None
    assert "put a number between 0 and 1 in place of the dots" in capsys.readouterr().out


def test_an_earlier_answer_stays_when_the_next_cannot_be_one_and_that_is_said(capsys):
    predict("accuracy", 0.5, SHARE)
    predict("accuracy", 50, SHARE)
    assert guess("accuracy") == 0.5
    assert capsys.readouterr().out.endswith("Your earlier one, 0.5, stands.\n")


def test_compare_shows_both(capsys):
    compare("accuracy", 0.31234)
    predict("accuracy", 0.5, SHARE)
    compare("accuracy", 0.31234, "nats")
    first, _, last = capsys.readouterr().out.splitlines()
    assert first == "Measured: 0.312. You made no prediction."
    assert last == "You predicted 0.5 nats; measured: 0.312 nats."


@pytest.mark.parametrize("path", masters.masters(), ids=lambda path: path.stem)
def test_each_prediction_says_what_it_asks_for(path):
    """In the notebooks nothing is asked for that could be anything."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    asked = [node for node in ast.walk(tree) if isinstance(node, ast.Call)
             and getattr(node.func, "id", "") == "predict"]  # fmt: skip
    open_ones = [ast.literal_eval(call.args[0]) for call in asked
                 if not {word.arg for word in call.keywords} & {"between", "one_of"}]  # fmt: skip
    assert open_ones in ([], ["largest difference, without batch norm"])
