"""The score of somebody who takes the tests before and after the course without a teacher."""

from __future__ import annotations

import json

import numpy as np
import pytest

from autograder import score
from autograder.authoring.build import masters, quizzes
from autograder.authoring.build.quizzes import POST, PRE
from autograder.exercises import find
from autograder.judging.keys import answer_key
from autograder.learning import attempts, progress_file
from autograder.learning.self_test import Score, normalized_gain


@pytest.fixture(autouse=True)
def kept_file(tmp_path, monkeypatch):
    path = tmp_path / ".progress.json"
    monkeypatch.setenv("COURSE_PROGRESS", str(path))
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.setattr(progress_file, "_unkept", {})
    monkeypatch.setattr(progress_file, "_told", set())
    return path


def questions() -> list[str]:
    asked = quizzes.questions()
    return [*asked["02_activations"][:2], asked["06_batchnorm"][0]]


def taken(quiz, right: int, left: int = 0):
    """The score of somebody with so many questions right, from the first on, and so many open."""
    answers = {}
    for place, name in enumerate(names := questions()):
        value = answer_key(find(name), quiz.seed).cases[0].right["answer"].value
        value = value.item() if isinstance(value, np.generic | np.ndarray) else value
        answers[name] = value if place < right else (... if place >= len(names) - left else "z")
    scope = {**answers, "score": score, "other": 3}
    exec(f"made = {quiz.score}", scope)
    return scope["made"]


def test_it_counts_by_topic_and_does_not_say_which():
    made = taken(PRE, right=1, left=1)
    assert made.now == {"02_activations": (1, 2), "06_batchnorm": (0, 1)}
    assert made.head == "1 of 3 right; 1 without an answer." and made.gained == ""
    for shown in (repr(made), made.to_html()):
        assert "02 activations" in shown and "1 of 2" in shown
        assert not any(name in shown for name in questions())


def test_after_the_course_it_tells_what_was_gained(kept_file):
    taken(PRE, right=1)
    made = taken(POST, right=2)
    assert made.before == {"02_activations": (1, 2), "06_batchnorm": (0, 1)}
    assert made.gained == (
        "Before the course: 1 of 3 right; now 2 of 3. Of what was left to learn you gained 50%."
    )
    assert "1 of 2 → 2 of 2" in repr(made)
    kept = json.loads(kept_file.read_text("utf-8"))
    assert kept["tests"][POST.name] == {"02_activations": [2, 2], "06_batchnorm": [0, 1]}


@pytest.mark.parametrize(
    ("then", "now", "says"),
    [(3, 3, "now 3 of 3."), (2, 1, "That is less than before"), (0, 3, "you gained 100%")],
)
def test_the_ends_of_the_scale_have_sentences(then, now, says):
    taken(PRE, then)
    assert taken(POST, now).gained.endswith(says) or says in taken(POST, now).gained


def test_without_a_test_before_it_says_so():
    made = taken(POST, right=2)
    assert made.gained == "" and f"no score of {PRE.name} here" in repr(made)
    assert made.note in made.to_html()


def test_only_topics_of_both_tests_are_compared():
    made = Score("t", {"a": (2, 4), "b": (0, 9)}, before={"a": (0, 4), "c": (3, 3)})
    assert "0 of 4 right; now 2 of 4" in made.gained and "gained 50%" in made.gained
    assert ("b", "not asked", "0 of 9") in made.rows


def test_nothing_answered_is_a_sentence_and_nothing_is_kept(kept_file, capsys):
    assert taken(PRE, right=0, left=3) is None
    assert "No question has an answer yet" in capsys.readouterr().out
    assert not kept_file.exists()


def test_a_check_beside_it_keeps_the_score(kept_file):
    taken(PRE, right=1)
    attempts.record_attempt("q02_centred", "02_activations", "passed", 1, 1)
    kept = json.loads(kept_file.read_text("utf-8"))
    assert PRE.name in kept["tests"] and "q02_centred" in kept["exercises"]


@pytest.mark.parametrize("tests", [[], {"98_pretest": 3}, {"98_pretest": {"a": [1]}},
                                   {"98_pretest": {"a": ["1", 2]}}])  # fmt: skip
def test_a_damaged_score_is_kept_aside(kept_file, tests, capsys):
    kept_file.write_text(json.dumps({"format": 1, "exercises": {}, "tests": tests}))
    assert progress_file.tests_known() == {}
    assert kept_file.with_name(".progress.json.bad").exists()


def test_where_no_file_is_kept_the_score_lives_as_long_as_the_kernel(monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", "off")
    taken(PRE, right=1)
    assert "now 2 of 3" in taken(POST, right=2).gained


def test_nothing_is_shown_while_nbgrader_runs(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    assert taken(PRE, right=1) is None


def test_the_gain_is_hakes():
    assert normalized_gain(0.25, 0.5) == pytest.approx(1 / 3)
    assert normalized_gain(0.5, 0.25) == pytest.approx(-0.5)
    assert normalized_gain(1.0, 1.0) is None


@pytest.mark.parametrize("quiz", quizzes.QUIZZES, ids=lambda quiz: quiz.name)
def test_the_notebook_ends_with_it_and_grading_passes_it_by(quiz):
    master = masters.load(masters.SOURCE / f"{quiz.name}.py")
    cell = master.cell(quizzes.ALONE[1])
    assert quiz.score in cell.source and "experiment" in cell.metadata["tags"]
