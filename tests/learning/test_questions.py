"""A learner's answers to questions: what can be one, what is said of it, and what is kept."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from autograder.learning import practice, progress_file, questions

CHOICES, NUMBER = "q02_centred", "q02_bias_gradient"
RIGHT = {CHOICES: "s", NUMBER: 24}


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    path = tmp_path / ".progress.json"
    monkeypatch.setenv("COURSE_PROGRESS", str(path))
    monkeypatch.setattr(progress_file, "_told", set())
    monkeypatch.setattr(progress_file, "_unkept", {})
    return path


def check(name, answer):
    """The verdict on an answer, as the notebook has it."""
    scope = {name: answer, "check": practice.check}
    exec(f"verdict = check({name!r})", scope)
    return scope["verdict"]


def kept(file, name) -> list[dict]:
    return json.loads(file.read_text())["exercises"][name]["answers"]


@pytest.mark.parametrize("answer", [24, 24.0, "24", " 24.0", np.int64(24), torch.tensor(24.0)])
def test_a_number_is_right_in_any_form(answer):
    assert check(NUMBER, answer).message == "Your answer is right."


@pytest.mark.parametrize(
    ("name", "answer", "says"),
    [
        (CHOICES, "z", "'z' is no answer to this question: it asks for \"p\", \"q\", \"r\" or"),
        (CHOICES, 3, "3 is no answer"), (CHOICES, ["s"], "A value of type list is no answer"),
        (CHOICES, ("s", "certain"), '"sure", "think", "guess"; not \'certain\'.'),
        (NUMBER, "half", "it asks for a number"), (NUMBER, True, "True is no answer"),
        (NUMBER, np.zeros(3), "A value of type ndarray is no answer"),
        (NUMBER, (21, 600), "A comma makes several values"),
        (NUMBER, (3, "shure"), "how sure you are"),
        (NUMBER, (), "A value of type tuple is no answer"),
        (CHOICES, (), "A value of type tuple is no answer"),
        (CHOICES, (np.zeros(2), "sure"), "is no answer"),
    ],
)  # fmt: skip
def test_what_can_be_no_answer_is_told_and_is_no_attempt(name, answer, says, file):
    verdict = check(name, answer)
    assert verdict.status == "failed" and verdict.score.endswith("extra, no points")
    assert says in verdict.message
    assert not file.exists()


@pytest.mark.parametrize("nothing", [..., None])
def test_no_answer_is_no_missing_return(nothing, file):
    verdict = check(CHOICES, nothing)
    assert verdict.status == "not attempted" and "return" not in verdict.message
    assert '"p", "q", "r" or "s"' in verdict.message
    assert not file.exists() or not json.loads(file.read_text())["exercises"]


def test_a_wrong_number_without_a_name_promises_no_reason():
    assert check(NUMBER, 12).message.startswith("12 is not right, and it comes from none of the")
    assert "none of the usual" not in check(NUMBER, 2).message  # a mistake that it knows


def test_an_answer_is_kept_with_the_words_of_its_choice(file):
    check(CHOICES, ("p", "sure"))
    check(CHOICES, "s")
    check(CHOICES, "s")
    offered = questions.choices(CHOICES)
    assert kept(file, CHOICES) == [
        {"answer": "p", "choice": offered["p"], "right": False, "sure": "sure"},
        {"answer": "s", "choice": offered["s"], "right": True},
    ]
    assert progress_file.load(file)  # it is sound


def test_a_letter_of_an_earlier_notebook_is_kept_as_what_it_means_now(file):
    verdict = check(CHOICES, "b")
    assert verdict.status == "passed" and 'now that is "s"' in verdict.message
    assert kept(file, CHOICES)[0]["answer"] == "s"


def test_the_first_answer_and_the_latest_are_kept(file):
    for number in range(100, 130):
        check(NUMBER, number)
    numbers = [answer["answer"] for answer in kept(file, NUMBER)]
    assert numbers[0] == 100 and numbers[-1] == 129 and len(numbers) <= 10


def test_calibration_counts_first_answers():
    entries = [
        {"answers": [{"answer": "p", "right": False, "sure": "sure"},
                     {"answer": "s", "right": True, "sure": "sure"}]},
        {"answers": [{"answer": 24, "right": True, "sure": "sure"}]},
        {"answers": [{"answer": 24, "right": True, "sure": "guess"}]},
        {"answers": [{"answer": 24, "right": True}]}, {}, {"answers": []},
    ]  # fmt: skip
    assert questions.calibration(entries) == (
        "First answers to questions that were right: 1 of 2 when you were sure, 1 of 1 when you "
        "guessed."
    )
    assert questions.calibration(entries[3:]) == ""


def test_the_command_shows_it_in_one_line(file):
    from click.testing import CliRunner

    from autograder.commands.learners import progress

    check(CHOICES, ("s", "sure"))
    shown = CliRunner().invoke(progress.command, []).output.splitlines()
    assert "First answers to questions that were right: 1 of 1 when you were sure." in shown


def test_the_word_has_no_effect_on_marks():
    for name, answer in RIGHT.items():
        for word in ("sure", "think", "guess"):
            assert float(check(name, (answer, word))) == float(check(name, answer)) == 1.0


def test_a_choice_of_two_lines_keeps_both():
    from autograder.exercises import find
    from autograder.judging import choices

    class Wrapped(find(CHOICES), abstract=True):
        def text(self, **inputs):
            return "Which?\n\n- **a** one\n  and a half\n- **b** two\n- **c** three\n\nSay it.\n"

    shown = choices.text(Wrapped(), 0, {})
    assert "one\n  and a half\n" in shown and shown.endswith("\n\nSay it.\n")
    assert sorted(choices.CHOICE.findall(shown)) != choices.CHOICE.findall(Wrapped().text())
