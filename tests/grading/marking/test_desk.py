"""What the page is told: questions with their model answers, answers without names, hints."""

from __future__ import annotations

import json
from string import ascii_lowercase

import click
import pytest
from marking_class import CELL, NAME, OTHER
from nbgrader.api import Gradebook

from autograder.grading.marking.answers import EMPTY, GONE, shuffled
from autograder.grading.marking.desk import UNSEEN, Desk
from autograder.grading.marking.marks import Listed, Mark, NotStored
from autograder.grading.marking.questions import Question
from autograder.grading.pipeline.outcome import Outcome


@pytest.fixture
def desk(folder):
    opened = Desk(folder, NAME)
    yield opened
    opened.close()


def whose(desk: Desk, number: int = 0) -> dict[str, str]:
    """Students by the ids of their answers."""
    answers = desk.question(number, names=True)["answers"]
    return {one["id"]: one["name"].split()[0].lower() for one in answers}


def test_written_questions_are_listed_and_checks_are_not(desk):
    told = desk.all()
    assert [one["title"] for one in told["questions"]] == [CELL, OTHER]
    assert told["questions"][0] == {"title": CELL, "answers": 4, "waiting": 4}


def test_a_question_comes_with_its_text_and_its_model_answer(desk):
    told = desk.question(0)
    assert "Why is a batch of two images too small?" in told["statement"]
    assert "The mean of two values" in told["model"] and "<math" in told["model"]
    assert told["most"] == 3
    assert desk.question(1)["model"] == ""  # the source has what students are given


def test_nothing_says_whose_an_answer_is_until_names_are_asked_for(folder, desk):
    blind = [desk.question(0)] + [desk.answer(one["id"]) for one in desk.question(0)["answers"]]
    for student in ("ada", "bea", "cyd", "dee"):
        assert student not in json.dumps(blind).casefold()
    assert set(whose(desk).values()) == {"ada", "bea", "cyd", "dee"}


def test_the_order_tells_no_name_and_stays():
    people = [Listed(letter, letter, letter, Mark(), 0.0) for letter in ascii_lowercase]
    one, two = (Question(NAME, cell, cell, 3.0) for cell in (CELL, OTHER))
    order = shuffled(people, one)
    assert order == shuffled(reversed(people), one)
    assert order != people and order != people[::-1] and order != shuffled(people, two)


def test_hints_say_what_to_mind(folder, desk, monkeypatch):
    looked = [Outcome("ada", looks=["there is ada_lovelace.ipynb beside it"])]
    monkeypatch.setattr("autograder.grading.marking.desk.kept_outcomes", lambda *_: looked)
    ids = {student: identity for identity, student in whose(desk).items()}
    assert desk.answer(ids["ada"])["hints"] == [UNSEEN]  # what is seen may be a name
    assert desk.answer(ids["ada"], names=True)["hints"] == looked[0].looks
    assert desk.answer(ids["bea"])["hints"] == ["handed in 3 hours late"]
    assert desk.answer(ids["cyd"])["hints"] == [EMPTY]
    assert desk.answer(ids["dee"])["hints"] == [GONE]
    assert "<em>two</em>" in desk.answer(ids["ada"])["html"]


def test_a_comment_says_how_many_were_told_it(desk):
    first, second, *_ = whose(desk)
    desk.keep_comment(0, "Say why.", None, None)
    desk.give(first, 1, "Say why.\n\nAnd how.", Mark())
    desk.give(second, 1, "Say why. ", Mark())
    (comment,) = desk.comments(0)["comments"]
    assert comment == {"letter": "a", "text": "Say why.", "points": None, "told": 2}


def test_a_spoilt_file_of_comments_stops_nobody(folder, desk):
    (folder / "marking").mkdir()
    (folder / "marking" / f"{NAME}.json").write_text("{")
    told = desk.question(0)
    assert told["comments"] == [] and "move it away" in told["note"]
    ada = next(iter(whose(desk)))
    assert desk.give(ada, 1, "", Mark())["points"] == 1


def test_an_answer_of_another_assignment_is_none_of_ours(folder, desk):
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "ml-2026") as book:
        check = book.find_grade("check_forward", NAME, NAME, "ada").id
    desk.question(0)
    with pytest.raises(NotStored, match="no such answer"):
        desk.give(check, 1, "", Mark())


def test_a_question_is_found_by_its_name_and_another_is_told(folder):
    desk = Desk(folder, NAME, OTHER)
    assert desk.first == 1
    desk.close()
    with pytest.raises(click.ClickException, match="Did you mean explain_pairs?"):
        Desk(folder, NAME, "explain_pair")
