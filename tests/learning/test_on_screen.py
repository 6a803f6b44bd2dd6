"""The function that is checked is the one on the screen, or the check says that it is not."""

import warnings
from dataclasses import replace

import pytest

from autograder.learning import practice
from autograder.learning.on_screen import broken_cell, syntax_error

OLD = "def accuracy(scores, y):\n    return 1.0\n"


@pytest.fixture
def shell():
    from IPython.core.interactiveshell import InteractiveShell

    InteractiveShell.clear_instance()
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def run(shell, *cells) -> None:
    for cell in cells:
        shell.run_cell(cell, store_history=True)


def test_a_cell_with_a_syntax_error_is_told_and_nothing_is_judged(shell, capsys):
    run(shell, OLD, "def accuracy(scores, y:\n    return 2.0\n")
    shell.run_cell("from autograder import check\nfound = check('accuracy')", store_history=True)
    found = shell.user_ns["found"]
    assert found.status == "error" and found.points == 0
    assert "from before" in found.message and "line 1" in found.message


def test_once_it_is_mended_it_is_judged(shell):
    run(shell, "def accuracy(scores, y:\n    return 2.0\n", OLD)
    assert broken_cell("accuracy") == ""
    run(shell, "def other(:\n    pass\n")
    assert broken_cell("accuracy") == ""


def test_once_it_is_mended_under_another_name_nothing_is_said_of_it(shell):
    broken = "def accuracy(scores, y:\n    return 2.0\n"
    run(shell, OLD, broken, broken.replace("accuracy(scores, y:", "accurate(scores, y):"))
    assert broken_cell("accuracy") == ""


@pytest.mark.parametrize(
    ("sign", "words"), [("\u00a0", "a non-breaking space"), ("\u2019", "a typographic quote")]
)
def test_a_sign_that_only_looks_right_is_named(sign, words):
    said = syntax_error(f"def f(x):\n    return{sign}x +\n", "f")
    assert "`f`" in said and ("line 2" in said) and words in said


def test_magics_are_no_syntax_error(shell):
    run(shell, "%matplotlib inline\n" + OLD)
    assert broken_cell("accuracy") == ""


def ask_again(shell, *cells):
    run(shell, *cells, "from autograder import check\nfound = check('q02_centred')")
    return shell.user_ns["found"]


def test_a_letter_without_quotes_is_told_and_the_answer_of_before_is_not_judged(shell, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", "off")
    found = ask_again(shell, 'q02_centred = "p"', "q02_centred = s")
    assert found.status == "failed" and 'Write `q02_centred = "s"`' in found.message
    found = ask_again(shell, "q02_centred = s, 'sure'")
    assert 'Write `q02_centred = "s"`' in found.message
    assert ask_again(shell, 'q02_centred = "s"').status == "passed"
    assert "from before" in ask_again(shell, 'q02_centred = "p').message


def test_a_name_that_stands_for_an_answer_is_one(shell, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", "off")
    assert ask_again(shell, "mine = 's'\nq02_centred = mine").status == "passed"


def test_without_cells_nothing_is_said():
    assert broken_cell("accuracy") == "" and syntax_error(OLD, "accuracy") == ""


@pytest.fixture
def kept(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / ".progress.json"))


def standardize(x):
    return x * 2 + 2


def test_a_warning_that_is_gone_is_something_else_that_code_shows(kept):
    def warns(message):
        def standardize(x):
            warnings.warn(message, stacklevel=1)
            return x * 2

        return standardize

    said = [practice.check(warns(text)).offer for text in ("first", "second", "second")]
    assert [practice.SAME_AGAIN in offer for offer in said] == [False, False, True]


def test_another_verdict_on_the_same_code_is_not_said_to_be_the_same(kept, monkeypatch):
    practice.check(standardize)
    told = practice.judged
    monkeypatch.setattr(practice, "judged", lambda *arguments: (
        replace(told(*arguments)[0], mistakes=["something_else"]), told(*arguments)[1]
    ))  # fmt: skip
    assert practice.SAME_AGAIN not in practice.check(standardize).offer
