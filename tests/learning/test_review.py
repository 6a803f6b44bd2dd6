"""Review: what was answered comes again, later and later, with other numbers, never marked."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from autograder.commands.learners import review as command
from autograder.exercises import find
from autograder.judging.keys import answer_key
from autograder.learning import practice, progress_file, review
from autograder.learning.attempts import record_attempt

CHOICES, NUMBER = "q02_centred", "q02_bias_gradient"


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    path = tmp_path / ".progress.json"
    monkeypatch.setenv("COURSE_PROGRESS", str(path))
    monkeypatch.setattr(progress_file, "_told", set())
    monkeypatch.setattr(progress_file, "_unkept", {})
    return path


def answer_once(*names, status="passed"):
    for name in names:
        record_attempt(name, "02_activations", status, 1.0, 1.0)


def entries(file) -> dict:
    return json.loads(file.read_text())["exercises"]


def items(file, **how):
    return review.coming(entries(file), **how)


def right(item):
    value = answer_key(find(item.name), item.seed).cases[0].right["answer"].value
    return value if isinstance(value, str) else str(float(value))


def wrong(item):
    return "bacd"["a" == right(item)] if right(item).isalpha() else "-77"


def tomorrow() -> date:
    return review.today() + timedelta(1)


def test_what_was_answered_is_due_a_day_later(file):
    answer_once(CHOICES)
    record_attempt("relu_forward", "02_activations", "passed", 1.0, 1.0)
    (item,) = items(file)
    assert (item.name, item.due) == (CHOICES, tomorrow())


def test_each_right_answer_doubles_the_interval_and_a_wrong_one_begins_anew(file):
    answer_once(CHOICES)
    now, days = tomorrow(), []
    for answer in (right, right, right, wrong, right):
        (item,) = items(file)
        review.answered(item, answer(item), now)
        (again,) = items(file)
        days.append((again.due - now).days)
        now = again.due
    assert days == [3, 7, 16, 1, 3]


def test_other_numbers_than_before_each_time(file):
    answer_once(NUMBER)
    texts = {practice.shelf().text(NUMBER, 0)}
    for times in range(4):
        (item,) = items(file)
        texts.add(item.text)
        review.answered(item, right(item), review.today())
        assert len(texts) == times + 2


def test_it_is_never_marked(file):
    answer_once(CHOICES)
    before = entries(file)[CHOICES]
    (item,) = items(file)
    review.answered(item, wrong(item), review.today())
    after = entries(file)[CHOICES]
    assert {key: after[key] for key in before} == before and set(after) - set(before) == {"review"}


def test_what_is_due_first_comes_first_and_this_notebooks_own_are_left_out(file):
    answer_once(CHOICES, NUMBER)
    first, second = items(file)
    review.answered(first, right(first), review.today())
    assert [item.name for item in items(file)] == [second.name, first.name]
    assert items(file, besides="02_activations") == []


@pytest.mark.parametrize("damage", [{"due": "soon"}, {}, {"due": 3}])
def test_a_review_that_cannot_be_read_is_left_out(damage, file):
    answer_once(CHOICES)
    kept = json.loads(file.read_text())
    kept["exercises"][CHOICES]["review"] = damage
    file.write_text(json.dumps(kept))
    assert items(file) == []


def test_every_question_can_be_reviewed_and_shown(file):
    """Its right answer is right with the review's numbers, and its words are sound HTML."""
    from well_formed import Page

    for listed in practice.shelf().exercises():
        if practice.shelf().is_question(listed.name):
            item = review.Item(
                listed.name, review.SEEDS_START + 1, listed.notebook, review.today(), 1
            )
            assert item.judged(right(item)).status == "passed", listed.name
            assert review.can_be_one(item, right(item))
            Page(review.as_html(item.text))


# At once, with other numbers.


def test_a_wrong_answer_is_offered_the_question_with_other_numbers(file):
    key = answer_key(find(CHOICES), 0).cases[0]
    word = next(letter for letter in "pqrs" if letter != key.right["answer"].value)
    verdict = judged_in_a_cell(CHOICES, word)
    assert verdict.offer == f'another("{CHOICES}") asks a second version.'
    before = entries(file)
    one, *more = review.others(CHOICES)
    assert one.text not in (practice.shelf().text(CHOICES, 0), more[0].text)
    assert one.judged(right(one)).status == "passed"
    assert entries(file) == before, "nothing is kept of it, and the first answer stays"
    assert not judged_in_a_cell(CHOICES, key.right["answer"].value).offer


def judged_in_a_cell(name, answer):
    namespace = {}
    exec(f"from autograder import check\n{name} = {answer!r}\nfound = check({name!r})", namespace)
    return namespace["found"]


def test_the_box_says_why_and_asks_again(file):
    answer_once(CHOICES)
    ours = review.others(CHOICES)
    box = review.asked_on(ours)
    asked_now, on = box.children
    words, row, told = asked_now.children
    assert words.value == review.as_html(ours[0].text)
    off = wrong(ours[0])
    next(one for one in row.children if one.description == off).click()
    assert "Right" not in told.value and len(told.value) > 40
    on.click()
    assert box.children[0].children[0].value == review.as_html(ours[1].text)


def test_what_has_no_other_numbers_says_so(file, capsys):
    without = [listed.name for listed in practice.shelf().exercises()
               if practice.shelf().is_question(listed.name) and not review.others(listed.name)]
    for name in without[:1]:
        review.another(name)
        assert "has no numbers that could change" in capsys.readouterr().out
    review.another("relu_forward")
    assert 'check("relu_forward", seed=7)' in capsys.readouterr().out
    review.another("q02_centered")
    assert "q02_centred" in capsys.readouterr().out
    review.another(NUMBER)
    said = capsys.readouterr().out
    assert f'check("{NUMBER}", seed=' in said, "in a terminal it is asked in words"


# The command.


def asked(*arguments, answers=""):
    return CliRunner().invoke(command.command, arguments, input=answers)


def test_nothing_answered_and_nothing_due_are_said(file):
    assert "No question has been answered so far" in asked().output
    answer_once(CHOICES)
    assert f"The next question is on {tomorrow().isoformat()}" in asked().output


def test_the_command_asks_again_for_what_is_no_answer_and_keeps_what_is_one(file):
    answer_once(CHOICES)
    (item,) = items(file)
    told = asked("--more", answers=f"z\n{right(item)}\n").output
    assert "'z' is no answer" in told and "Right. It comes again on" in told
    assert entries(file)[CHOICES]["review"]["times"] == 1


def test_an_empty_answer_goes_on_and_keeps_nothing(file):
    answer_once(CHOICES)
    assert asked("--more", answers="\n").exit_code == 0
    assert "review" not in entries(file)[CHOICES]


def test_without_a_progress_file_one_sentence_is_said(monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", "off")
    result = asked()
    assert result.exit_code == 1 and "No progress is kept here" in result.output


# In a notebook.


def test_a_notebook_without_anything_due_says_when_something_is(file, capsys):
    review.review("02_activations")
    assert capsys.readouterr().out == "", "nothing was answered yet"
    answer_once(CHOICES)
    review.review("03_data")
    tomorrow = review.today() + timedelta(days=1)
    said = f"Nothing is due for review today; the next is due on {tomorrow}.\n"
    assert capsys.readouterr().out == said


def test_the_panel_takes_an_answer_once(file):
    answer_once(CHOICES, NUMBER)
    choice, number = items(file)
    box = review.panel([choice, number], review.today())
    _, first, second = box.children
    *_, row, told = first.children
    {b.description: b for b in row.children}[right(choice)].click()
    assert "Right. It comes again on" in told.value and all(b.disabled for b in row.children)
    _, row, told = second.children
    field, button = row.children
    field.value = "many"
    button.click()
    assert "Write one number" in told.value and not button.disabled
    field.value = right(number)
    button.click()
    assert "Right." in told.value and button.disabled
    assert {entries(file)[name]["review"]["times"] for name in (CHOICES, NUMBER)} == {1}


def test_while_a_notebook_is_graded_nothing_is_asked(file, monkeypatch, capsys):
    answer_once(CHOICES)
    monkeypatch.setattr(review, "today", lambda: date.max)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    review.review()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("kept", [[], "soon", 3, None])
def test_a_review_that_is_no_dict_stops_nothing(kept, file):
    entry = {"attempts": 1, "last": "2026-01-01T10:00:00+00:00", "review": kept}
    assert review.coming({CHOICES: entry}) == []


def test_counts_that_are_none_begin_anew():
    entry = {"attempts": 1, "review": {"due": "2026-01-02", "times": "often", "step": None}}
    (item,) = review.coming({CHOICES: entry})
    assert (item.due, item.times) == (date(2026, 1, 2), 0)
    assert review.kept_review(entry) == {}
