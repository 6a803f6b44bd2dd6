"""Marks given by hand go into nbgrader's gradebook as formgrader would write them, one at a time,
can be taken back, and overwrite nobody else's."""

from __future__ import annotations

import sqlite3

import marking_class
import pytest
from marking_class import CELL, NAME, kept
from nbgrader.api import Gradebook

from autograder.grading.classroom.configuration import load_config
from autograder.grading.marking.marks import KEEP, Busy, Mark, Marks, NotStored
from autograder.grading.marking.questions import Question

QUESTION = Question(NAME, CELL, CELL, 3.0)


@pytest.fixture
def marks(folder):
    opened = Marks(load_config(folder), NAME)
    yield opened
    opened.close()


def identity(marks: Marks, student: str) -> str:
    return next(one.identity for one in marks.answers(QUESTION) if one.student == student)


def test_everybodys_answer_is_listed_and_waits(marks):
    listed = sorted(marks.answers(QUESTION), key=lambda one: one.student)
    assert [one.student for one in listed] == ["ada", "bea", "cyd", "dee"]
    assert all(one.mark == Mark(None, "", True) for one in listed)
    assert [one.late for one in listed] == [0, 3 * 3600, 0, 0]
    assert listed[0].name == "Ada Example"


def test_a_mark_is_in_the_gradebook_at_once(folder, marks):
    given = marks.give(identity(marks, "ada"), 2.5, " Say why. ", Mark())
    assert given == Mark(2.5, "Say why.", False)
    assert kept(folder, "ada") == (2.5, False, "Say why.")
    assert kept(folder, "bea") == (None, True, None)


def test_a_comment_alone_decides_no_points(folder, marks):
    marks.give(identity(marks, "ada"), KEEP, "Read it again.", Mark())
    assert kept(folder, "ada") == (None, True, "Read it again.")


def test_points_taken_back_wait_again(folder, marks):
    ada = identity(marks, "ada")
    marks.give(ada, None, "", marks.give(ada, 2, "", Mark()))
    assert kept(folder, "ada") == (None, True, None)


def test_an_answer_to_look_at_again_is_settled_by_the_same_points(folder, marks):
    """`course grade` lets an answer wait again whose work has changed."""
    ada = identity(marks, "ada")
    marks.give(ada, 2, "", Mark())
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "ml-2026") as book:
        book.find_grade(CELL, NAME, NAME, "ada").needs_manual_grade = True
        book.db.commit()
    marks.give(ada, 2, "", Mark(2, "", True))
    assert kept(folder, "ada") == (2, False, None)


def test_undo_takes_back_one_mark_after_the_other(folder, marks):
    ada, bea = identity(marks, "ada"), identity(marks, "bea")
    first = marks.give(ada, 1, "", Mark())
    marks.give(ada, 3, "Good.", first)
    marks.give(bea, 0, "", Mark())
    assert marks.undo() == (bea, Mark(None, "", True))
    assert marks.undo() == (ada, Mark(1, "", False))
    assert kept(folder, "ada") == (1, False, None)
    assert marks.undo() == (ada, Mark(None, "", True))
    assert marks.undo() is None
    assert kept(folder, "ada") == kept(folder, "bea") == (None, True, None)


def formgrader_gives(folder, student: str, points: float) -> None:
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "ml-2026") as book:
        grade = book.find_grade(CELL, NAME, NAME, student)
        grade.manual_score, grade.needs_manual_grade = points, False
        book.db.commit()


def test_what_formgrader_gave_meanwhile_is_not_overwritten(folder, marks):
    ada = identity(marks, "ada")
    formgrader_gives(folder, "ada", 1)
    with pytest.raises(NotStored, match="Somebody else has marked this answer") as refused:
        marks.give(ada, 3, "", Mark())
    assert refused.value.now == Mark(1, "", False)
    assert kept(folder, "ada")[0] == 1
    marks.give(ada, 3, "", refused.value.now)
    assert kept(folder, "ada")[0] == 3


def test_undo_leaves_what_formgrader_gave_since(folder, marks):
    marks.give(identity(marks, "ada"), 3, "", Mark())
    formgrader_gives(folder, "ada", 1)
    with pytest.raises(NotStored, match="cannot be undone"):
        marks.undo()
    assert kept(folder, "ada")[0] == 1
    assert marks.undo() is None


def test_the_same_mark_sent_twice_is_one(marks):
    ada = identity(marks, "ada")
    assert marks.give(ada, 2, "", Mark()) == marks.give(ada, 2, "", Mark())
    assert marks.undo() is not None and marks.undo() is None


def test_a_gradebook_in_use_is_told_and_the_same_mark_may_be_sent_again(folder, marks):
    ada = identity(marks, "ada")
    other = sqlite3.connect(folder / "gradebook.db")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy, match="Another program is using the gradebook"):
        marks.give(ada, 2, "", Mark())
    other.rollback()
    other.close()
    marks.give(ada, 2, "", Mark())
    assert kept(folder, "ada")[0] == 2
    assert marks.undo() is not None and marks.undo() is None


def test_who_looks_at_answers_keeps_nobody_from_writing(folder, marks):
    marks.answers(QUESTION)
    marks.mark(identity(marks, "ada"))
    other = sqlite3.connect(folder / "gradebook.db", timeout=0)
    other.execute("BEGIN EXCLUSIVE")
    other.close()


@pytest.mark.parametrize(
    "points, says",
    [(3.5, "at most 3 points"), (-1, "from 0 up"), (float("nan"), "from 0 up"),
     (float("inf"), "from 0 up")],
)  # fmt: skip
def test_points_that_nobody_can_have_are_refused(folder, marks, points, says):
    with pytest.raises(NotStored, match=says):
        marks.give(identity(marks, "ada"), points, "", Mark())
    assert kept(folder, "ada") == (None, True, None)


def test_a_comment_without_end_is_refused(marks):
    with pytest.raises(NotStored, match="at most 10,000 characters"):
        marks.give(identity(marks, "ada"), 1, "x" * 10_001, Mark())


def test_an_answer_that_was_taken_out_is_told(folder, marks):
    ada = identity(marks, "ada")
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "ml-2026") as book:
        book.remove_submission(NAME, "ada")
    with pytest.raises(NotStored, match="no longer in the gradebook"):
        marks.give(ada, 1, "", Mark())


def test_other_cells_stay_as_they_are(folder, marks):
    marks.give(identity(marks, "ada"), 1, "x", Mark())
    assert kept(folder, "ada", marking_class.OTHER) == (None, True, None)
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "ml-2026") as book:
        assert book.find_grade(marking_class.CHECK, NAME, NAME, "ada").auto_score == 4
