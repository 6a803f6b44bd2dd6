"""What the page is told: questions with their model answers, answers without names, hints."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict
from string import ascii_lowercase

import click
import pytest
from marking_class import CELL, NAME, OTHER
from nbgrader.api import Gradebook

from autograder.grading.classroom import sections
from autograder.grading.marking.answers import EMPTY, GONE, shuffled
from autograder.grading.marking.bank import Comment, NotKept
from autograder.grading.marking.desk import UNSEEN, Desk
from autograder.grading.marking.marks import Busy, Listed, Mark, NotStored
from autograder.grading.marking.questions import Question, asked
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


@pytest.mark.parametrize(
    ("prose", "statement"),
    [
        ("Why?", "Why?"),
        ("## Remember\n\n- x\n\n## A question\n\nWhy?", "## A question\n\nWhy?"),
        ("## A question\n\nWhat does this print?\n```\n# no heading\n```\nWhy?", None),
        ("# Part\n\nWhy is\n#5 wrong?\n\n## ", None),
        ("Why?\n\n## Answer here:", None),
    ],
)
def test_the_statement_begins_at_the_last_heading(prose, statement):
    assert asked(prose) == (prose if statement is None else statement)


def test_nothing_says_whose_an_answer_is_until_names_are_asked_for(folder, desk):
    blind = [desk.question(0)] + [desk.answer(one["id"]) for one in desk.question(0)["answers"]]
    told = json.dumps(blind).casefold()
    for one in blind[0]["answers"]:
        told = told.replace(one["id"], "")  # drawn in hexadecimal, it may hold "ada" by chance
    for student in ("ada", "bea", "cyd", "dee"):
        assert student not in told
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


def test_one_section_is_marked_alone(folder):
    sections.write(folder, {"ada": {"A"}, "cyd": {"A", "B"}, "dee": {"B"}})
    desk = Desk(folder, NAME, section="a")
    try:
        assert set(whose(desk).values()) == {"ada", "cyd"}
        told = desk.all()
        assert told["section"] == "a" and told["questions"][0]["answers"] == 2
    finally:
        desk.close()
    with pytest.raises(click.ClickException, match="There are: A, B"):
        Desk(folder, NAME, section="C")


# Two people mark at a time.


def test_the_second_of_two_is_told_and_overwrites_nothing(folder, desk):
    other = Desk(folder, NAME)
    try:
        (one, *_), _ = whose(desk), whose(other)
        desk.give(one, 2, "Mine.", Mark())
        with pytest.raises(NotStored, match="Somebody else has marked this answer") as told:
            other.give(one, 3, "Ours.", Mark())
        assert told.value.now == Mark(2.0, "Mine.", False)
        assert desk.answer(one)["points"] == other.answer(one)["points"] == 2
        given = other.give(one, 3, "Ours.", told.value.now)
        assert given["points"] == 3 and desk.answer(one)["comment"] == "Ours."
    finally:
        other.close()


def test_of_many_at_the_same_moment_one_is_stored_and_the_others_are_told(folder):
    together, told = threading.Barrier(4), []

    def grader(number: int) -> None:
        desk = Desk(folder, NAME)
        try:
            one = min(whose(desk))
            together.wait(60)
            while True:
                try:
                    told.append(desk.give(one, number * 0.5, f"By {number}.", Mark()))
                    return
                except Busy:  # the page, too, sends it again
                    continue
                except NotStored as problem:
                    told.append(problem.now)
                    return
        finally:
            desk.close()

    graders = [threading.Thread(target=grader, args=(number,)) for number in range(1, 5)]
    for thread in graders:
        thread.start()
    for thread in graders:
        thread.join(120)
    (stored,) = [mark for mark in told if isinstance(mark, dict)]
    assert [asdict(mark) for mark in told if not isinstance(mark, dict)] == [stored] * 3


def test_a_comment_that_somebody_has_changed_meanwhile_is_told_too(folder, desk):
    other = Desk(folder, NAME)
    try:
        desk.keep_comment(0, "Say why.", 1.0, None)
        seen = Comment("a", "Say why.", 1.0)
        desk.keep_comment(0, "Say why it is so.", 1.0, "a", seen)
        for change in (lambda: other.keep_comment(0, "Why?", 1.0, "a", seen),
                       lambda: other.remove_comment(0, "a", seen)):  # fmt: skip
            with pytest.raises(NotKept, match="it is “Say why it is so.” now"):
                change()
        (one, *_) = whose(other)
        assert [c["text"] for c in other.answer(one)["comments"]] == ["Say why it is so."]
        now = Comment("a", "Say why it is so.", 1.0)
        assert other.keep_comment(0, "Why?", 1.0, "a", now)["comments"][0]["text"] == "Why?"
        assert other.remove_comment(0, "a", Comment("a", "Why?", 1.0))["comments"] == []
    finally:
        other.close()
