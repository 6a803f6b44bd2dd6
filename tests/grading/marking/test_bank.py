"""Comments that are used again: letters stay with their comments, and a file that somebody has
spoilt costs no mark."""

from __future__ import annotations

import pytest

from autograder.grading.marking.bank import LETTERS, Bank, Comment, NotKept
from autograder.grading.marking.questions import Question

ONE, TWO = (Question("ps1", cell, cell, 3.0) for cell in ("one", "two"))


@pytest.fixture
def bank(tmp_path) -> Bank:
    return Bank(tmp_path, "ps1")


def test_comments_are_kept_by_question_under_the_first_free_letter(tmp_path, bank):
    assert bank.comments(ONE) == []
    bank.put(ONE, "You name\n the noise. ", 1)
    bank.put(ONE, "A remedy is missing.", -0.5)
    bank.put(TWO, "γ is missing.")
    again = Bank(tmp_path, "ps1")
    assert again.comments(ONE) == [
        Comment("a", "You name the noise.", 1.0), Comment("b", "A remedy is missing.", -0.5)
    ]  # fmt: skip
    assert again.comments(TWO) == [Comment("a", "γ is missing.", None)]


def test_a_removed_letter_is_free_again_and_others_stay(bank):
    for text in ("one", "two", "three"):
        bank.put(ONE, text)
    bank.remove(ONE, "b")
    assert [c.letter for c in bank.comments(ONE)] == ["a", "c"]
    assert bank.put(ONE, "four").letter == "b"


def test_a_changed_comment_keeps_its_letter(bank):
    bank.put(ONE, "one")
    assert bank.put(ONE, "uno", 2, "a") == Comment("a", "uno", 2)
    assert bank.comments(ONE) == [Comment("a", "uno", 2)]


@pytest.mark.parametrize(
    "text, points, letter, says",
    [("  ", None, None, "needs a text"), ("x" * 501, None, None, "at most 500"),
     ("x", float("nan"), None, "a number such as"), ("first", None, None, "this text already"),
     ("x", None, "q", "no comment q")],
)  # fmt: skip
def test_what_is_no_comment_is_told(bank, text, points, letter, says):
    bank.put(ONE, "first")
    with pytest.raises(NotKept, match=says):
        bank.put(ONE, text, points, letter)
    assert bank.comments(ONE) == [Comment("a", "first")]


def test_the_alphabet_ends(bank):
    for letter in LETTERS:
        assert bank.put(ONE, f"comment {letter}").letter == letter
    with pytest.raises(NotKept, match="All 26 letters are taken"):
        bank.put(ONE, "one more")


@pytest.mark.parametrize("text", ["{", "[]", '{"ps1/one": [{"letter": "a"}]}', '{"ps1/one": 3}'])
def test_a_file_that_is_spoilt_is_told_and_left_as_it_is(bank, text):
    bank.path.parent.mkdir()
    bank.path.write_text(text, encoding="utf-8")
    for asked in (lambda: bank.comments(ONE), lambda: bank.put(ONE, "x")):
        with pytest.raises(NotKept, match="Mend it, or move it away"):
            asked()
    assert bank.path.read_text(encoding="utf-8") == text
