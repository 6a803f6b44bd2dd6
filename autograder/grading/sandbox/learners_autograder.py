"""The `autograder` that a learner's code meets while it is graded: it judges nothing.

It stands alone, for it is also put into the sandbox as a file: there is no other `autograder`.
"""

from __future__ import annotations

import html

__all__ = [
    "Verdict", "another", "answered", "ask", "check", "doctor", "exercises", "grade", "hint",
    "passes", "progress", "review", "score", "solution",
]  # fmt: skip

# A question's `text_name` → its Markdown; filled before the notebook runs.
TEXTS: dict[str, str] = {}


class Due:
    """What `check` gives back here: the exercise's name, and that it is judged elsewhere."""

    def __init__(self, exercise: str):
        self.exercise = exercise

    def __repr__(self):
        return f"{self.exercise}: handed in. It is judged outside this notebook."

    def _repr_mimebundle_(self, include=None, exclude=None):
        name = html.escape(self.exercise)
        shown = f"<div><code>{name}</code>: handed in. It is judged outside this notebook.</div>"
        return {"text/plain": repr(self), "text/html": shown}


Verdict = Due  # for code that asks what it has been given


def check(function_or_name, seed=None) -> Due:
    """Say which exercise is due; the grader observes it when this cell has run."""
    return Due(_name(function_or_name))


def grade(name, namespace=None, seed=None) -> Due:
    """As `check`: nothing is judged here."""
    return Due(_name(name))


def passes(*names) -> bool:
    """Nothing is judged here, so an experiment that asks does not run."""
    return False


def hint(function_or_name) -> None:
    """Hints are for practice."""
    print(f"{_name(function_or_name)}: hints are given while you practise, not while grading.")


def solution(function_or_name) -> None:
    """Solutions are for those who learn by themselves."""
    print(f"{_name(function_or_name)}: no solution is shown while grading.")


def progress(notebook=None) -> None:
    """A learner's standing is none of the grader's business."""
    print("Where you stand is shown while you practise, not while grading.")


def review(notebook=None) -> None:
    """What is due for review is none of the grader's business, either."""
    print("What is due for review is shown while you practise, not while grading.")


def another(name) -> None:
    """Other numbers are for practice, too."""
    print(f"{_name(name)}: it comes with other numbers while you practise, not while grading.")


def score(test, seed=None, before=None) -> None:
    """A test that is handed in is scored outside."""
    print("Your teacher scores this test.")


def ask(name, seed=None):
    """Show a question, where its text came along."""
    from IPython.display import Markdown

    return Markdown(TEXTS.get(text_name(name, seed), f"Question `{name}`"))


class doctor:  # elsewhere it is a module
    """What looks at a learner's machine has nothing to look at here."""

    @staticmethod
    def tell() -> None:
        """Say so."""
        print("Your machine is looked at where you work, not while grading.")


def answered(name) -> None:
    """Say that a test's answer is handed in."""
    print(f"{_name(name)}: handed in.")


def text_name(question: str, seed: int | None) -> str:
    """Under which name the text of a question is kept: its own for the practice numbers."""
    return f"{question} {seed}" if seed else question


def exercises() -> list:
    """None are here."""
    return []


def _name(function_or_name) -> str:
    if isinstance(function_or_name, str):
        return function_or_name
    return str(getattr(function_or_name, "__name__", type(function_or_name).__name__))
