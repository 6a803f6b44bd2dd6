"""What a class gained between the tests: the numbers, and where there are none."""

from __future__ import annotations

import pytest

from autograder.authoring.build.quizzes import GRADED, PRE
from autograder.grading.reports import gain

OWN = ["q02_centred", "q02_accumulate", "q02_bias_gradient", "q02_maxout_parameters"]


def shares(*rows):
    return {f"s{n}": dict(zip(OWN, row, strict=True)) for n, row in enumerate(rows)}


@pytest.mark.parametrize("number", [0, 1, 4])
def test_too_few_students_give_a_sentence_and_no_number(number):
    table = shares(*[(1, 0, n % 2, 1) for n in range(number)])
    told = gain.questions(table)
    assert "too few to tell" in told["note"]
    assert all(item["discrimination"] is None for item in told["items"])
    told = gain.gains(table or shares((1, 0, 1, 0)), table)
    assert "too few to tell" in told["note"] and told["topics"] == []


def test_nobody_before_is_said():
    assert PRE.name in gain.gains({}, shares(*[(1, 1, 1, 1)] * 6))["note"]


def test_where_all_was_right_before_there_is_no_gain():
    full, less = shares(*[(1, 1, 1, 1)] * 5), shares(*[(1, 1, 1, 0)] * 5)
    (topic, _) = gain.gains(full, less)["topics"]
    assert topic["gain"] is None and "nothing was left" in topic["note"]
    (topic, _) = gain.gains(less, shares(*[(1, 1, 0, 0)] * 5))["topics"]
    assert topic["gain"] == pytest.approx((0.5 - 0.75) / 0.25)


def test_only_questions_of_both_tests_and_students_of_both_count():
    before = {s: {k: v for k, v in points.items() if k != OWN[3]}
              for s, points in shares(*[(0, 0, 1, 0)] * 5).items()}  # fmt: skip
    after = {**shares(*[(1, 0, 1, 1)] * 5), "late": dict.fromkeys(OWN, 1.0)}
    (topic, _) = (told := gain.gains(before, after))["topics"]
    assert told["post_only"] == 1 and topic["questions"] == 3
    assert (topic["pre"], topic["post"]) == (pytest.approx(1 / 3), pytest.approx(2 / 3))


def test_marks_by_hand_and_other_cells():
    marks = {"ada": {GRADED + "q02_centred": 1.0, "essay": 3.0}, "ben": {GRADED + "q": None}}
    assert gain.answered(marks) == {"ada": {"q02_centred": 1.0}}


def test_a_question_that_is_gone_has_a_topic_of_its_own():
    assert gain.topic("q77_gone") == "no longer in the course"
