"""The practice way: `check` and `grade` run, observe and judge in the learner's own process; what
helps there when a check fails is here too: `hint`, `solution`, and `ask` for questions."""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import replace
from numbers import Number

from autograder.exercise import PRACTICE_SEED
from autograder.judging.observing import split_answer
from autograder.judging.verdict import Verdict
from autograder.learning import on_screen, questions, waiting
from autograder.learning.catalogue import shelf
from autograder.learning.judged import grade, judged
from autograder.learning.kit import Kit, KitDamaged
from course_utils import keeping

RESTARTED = "After a restart of the kernel all that stands above has to be run again."
SAME_AGAIN = "It shows what it showed at your last check. If you have changed it, was its cell run?"


def check(function_or_name, seed: int | None = None) -> Verdict:
    """Check an exercise with the functions of the notebook it is called from.

    Parameters
    ----------
    function_or_name : the learner's function, or the exercise's name
    seed : int, optional
        Draws other inputs; the practice seed when left out.

    Returns
    -------
    Verdict
    """
    caller = sys._getframe(1)
    namespace = {**caller.f_globals, **caller.f_locals}
    name = _named(function_or_name)
    if not isinstance(function_or_name, str):
        namespace[name] = function_or_name
    try:
        shelf().notebook(name)
    except KeyError as unknown:
        return Verdict(name, "error", 0, 0, _unknown(name, unknown))
    except KitDamaged as damage:
        return Verdict(name, "error", 0, 0, str(damage))
    try:
        asks = shelf().is_question(name) and seed is None
        if stale := on_screen.broken_cell(name):
            key = shelf().key(name, PRACTICE_SEED)
            return Verdict(name, "error", 0, key.max_points, stale, extra=key.extra)
        if asks and (said := questions.cannot_be_one(name, namespace)):
            return questions.refused(name, said)
        verdict, reports = judged(name, namespace, seed)
    except KitDamaged as damage:
        return Verdict(name, "error", 0, 0, str(damage))
    if asks:
        verdict = questions.told(verdict, namespace.get(name, ...))
    if seed is None:
        return _remembered(verdict, reports, namespace.get(name) if asks else None)
    return verdict


def _remembered(verdict: Verdict, reports: list[dict], answer=None) -> Verdict:
    """Keep the attempt in the learner's progress file, and offer the help that is left.

    `answer` is what was answered, where it is a question.
    """
    from autograder.learning import attempts, help_buttons

    name = verdict.exercise
    if any(m.startswith("missing:") for m in verdict.mistakes):
        # A function that no cell has defined yet is no attempt.
        return replace(verdict, offer="" if answer is not None else RESTARTED)
    showed = shown(reports)
    tried = showed if is_honest_try(verdict, reports) else None
    before = attempts.known(name)
    entry = attempts.record_attempt(
        name, shelf().notebook(name), verdict.status, verdict.points, verdict.max_points,
        list(verdict.mistakes), tried=tried,
        answer=None if answer is None else questions.as_kept(name, answer, bool(verdict)),
        showed=None if verdict.status == "not attempted" else showed,
    )  # fmt: skip
    if tried is None or "NBGRADER_EXECUTION" in os.environ:
        return verdict
    offer = offered(name, entry)
    # Where it is the exercise that this one builds on that has changed, the verdict is another.
    same = before.get("showed") == showed and before.get("mistakes") == entry.get("mistakes")
    if same and answer is None:
        offer = f"{SAME_AGAIN} {offer}".rstrip()
    if offer:
        help_buttons.after_this_cell(name, hint, solution)
    return replace(verdict, offer=offer)


def offered(name: str, entry: dict) -> str:
    """A sentence on the next help for an exercise, or on a question with other numbers; empty
    where there is none.

    Parameters
    ----------
    entry : the exercise's in the progress file
    """
    if shelf().is_question(name):
        there_are = next(questions.other_seeds(name), None) is not None
        return f'another("{name}") asks a second version.' if there_are else ""
    hints, seen = len(shelf().hints(name)), entry.get("hints", 0)
    if seen < hints:
        size = "a bigger nudge" if seen else "a nudge"
        return f'Stuck? hint("{name}") gives {size}.'
    if isinstance(shelf(), Kit):
        return ""
    from autograder.learning import solutions

    if not solutions.is_ready(name, entry):
        return ""
    return f'Still stuck? solution("{name}") shows one that is right, and how one comes to it.'


def is_honest_try(verdict: Verdict, reports: list[dict]) -> bool:
    """Whether wrong code was there and ran as far as it goes: what is missing, was interrupted or
    waits for another exercise is no try."""
    return verdict.status in ("failed", "error") and not (
        any(m.startswith(("needs:", "missing:", "not-callable:")) for m in verdict.mistakes)
        or any("interrupted" in report for report in reports)
    )


def shown(reports: list[dict]) -> str:
    """A short digest of what code showed: the same for the same code, wherever it stands."""
    from autograder.judging.plain_data import pack

    seen = []
    for report in reports:
        raised = report.get("raised", {})
        error = [raised.get("type"), raised.get("message")]
        warned = [text.partition(", at line ")[0] for text in report.get("warnings", ())]
        facts = [report.get(what) for what in ("seen", "unusable", "changed", "random", "again")]
        seen.append([*facts, warned, error])
    return hashlib.sha256(pack(seen)).hexdigest()[:8]


def passes(*names: str) -> bool:
    """Whether the caller's functions pass these exercises; says which do not.

    For an experiment that uses what the learner wrote.
    """
    caller = sys._getframe(1)
    namespace = {**caller.f_globals, **caller.f_locals}
    try:
        missing = [name for name in names if not grade(name, namespace)]
    except (KeyError, KitDamaged) as trouble:
        print(f"{trouble.args[0]}")
        return False
    if missing:
        yours = " and ".join(missing)
        print(f"This uses your {yours}. Come back when the check says Right in this kernel.")
    return not missing


def hint(function_or_name) -> None:
    """Print the next hint for an exercise: a nudge first, then more; never the code.

    How many were seen is kept in the progress file; when all were, all are printed again.
    """
    from autograder.learning import attempts

    name = _named(function_or_name)
    try:
        hints, notebook = shelf().hints(name), shelf().notebook(name)
    except (KeyError, KitDamaged) as trouble:
        print(f"{trouble.args[0]}")
        return
    if shelf().is_question(name):
        print(f"{name} is a question and has no hints. {_what_its_check_says(name)}")
        return
    if not hints:
        print(f"{name} has no hints beyond its docstring. Its check names what is off.")
        return
    seen = attempts.known(name).get("hints", 0)
    attempts.record_hint(name, notebook, min(seen + 1, len(hints)))
    first = seen if seen < len(hints) else 0
    for number in range(first, min(seen + 1, len(hints))):
        print(f"Hint {number + 1} of {len(hints)} for {name}: {hints[number]}")
    if number + 1 == len(hints):
        print(f"That was the last hint for {name}.{_after_hints(name)}")


def _after_hints(name: str) -> str:
    """What there is besides, once all hints were seen; a sentence behind a blank, or empty."""
    if isinstance(shelf(), Kit):
        return ""
    from autograder.learning import attempts, solutions

    if missing := solutions.what_is_missing(name, attempts.known(name)):
        return f" {missing}"
    return f' solution("{name}") shows one that is right.'


def _what_its_check_says(name: str) -> str:
    """What somebody can hope for who answers a question wrong."""
    if questions.choices(name):
        return "Answer it: its check says of a wrong choice why it is wrong."
    return (
        "Answer it: its check knows the usual ways to a wrong number, and says so where yours is "
        "one of them."
    )


def solution(function_or_name):
    """Show an exercise's worked solution, once it was tried.

    It is shown to whoever has passed the exercise, or has made three wrong attempts that differ
    and seen all hints; before that one sentence says what is missing. For a question that a teacher
    reads it is a model answer, after two sentences of one's own. A student's kit has none.
    """
    name = _named(function_or_name)
    try:
        shelf().notebook(name)
    except (KeyError, KitDamaged) as trouble:
        return _model_answer(name, trouble.args[0])
    if shelf().is_question(name):
        print(f"{name} is a question, and no solution is shown. {_what_its_check_says(name)}")
        return None
    if isinstance(shelf(), Kit):
        print("Your instructor's kit has no worked solutions. hint() and the checks help you on.")
        return None
    from autograder.learning import solutions

    return solutions.for_learner(name)


def _model_answer(name: str, otherwise: str):
    """The model answer to a question for a teacher, or None after a sentence."""
    from autograder.learning.model_answers import NotYet, model_answer

    try:
        found = None if "NBGRADER_EXECUTION" in os.environ else model_answer(name)
    except NotYet as reason:
        print(reason)
        return None
    if found is None:
        print(otherwise)
    return found


def _named(function_or_name) -> str:
    if isinstance(function_or_name, str):
        return function_or_name
    return getattr(function_or_name, "__name__", type(function_or_name).__name__)


def _unknown(name: str, error: KeyError) -> str:
    """What to say where no exercise has this name."""
    if name == "<lambda>":
        return (
            "A lambda has no name, so nothing says which exercise it is for. Assign it to the "
            'exercise\'s name and check that by name: check("relu_forward").'
        )
    return f"{error.args[0]} Check takes an exercise's name."


def ask(name: str, seed: int | None = None):
    """Show a question; its numbers come from the seed."""
    from IPython.display import Markdown

    class Asked(Markdown):
        # As plain text IPython gives "<Markdown object>": where there is no Markdown, no question.
        def __repr__(self) -> str:
            return self.data

    return Asked(shelf().text(name, PRACTICE_SEED if seed is None else seed))


def answered(name: str) -> None:
    """Say that a question's answer is noted. In a test nothing says whether it is right."""
    caller = sys._getframe(1)
    given, _ = split_answer({**caller.f_globals, **caller.f_locals}.get(name, ...))
    if given is None or given is ...:
        print(f"{name} has no answer yet: write it in place of the dots, and run that cell.")
    elif isinstance(given, (str, Number)) or getattr(given, "ndim", None) == 0:
        print(f"Noted: {name} = {given!r:.60}")
    else:
        print(
            f"{name} is a {type(given).__name__}; an answer is a number, or a letter in quotes "
            'such as "b".'
        )


keeping.judge = grade
waiting.show_signs()
