"""The practice way: `check` and `grade` run, observe and judge in the learner's own process."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from autograder import observing
from autograder.catalogue import shelf
from autograder.exercise import PRACTICE_SEED
from autograder.judge import judge
from autograder.kit import KitDamaged
from autograder.verdict import Verdict


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
    if isinstance(function_or_name, str):
        name = function_or_name
    else:
        name = getattr(function_or_name, "__name__", type(function_or_name).__name__)
        namespace[name] = function_or_name
    try:
        shelf().notebook(name)
    except KeyError as unknown:
        return Verdict(name, "error", 0, 0, f"{unknown.args[0]} Check takes an exercise's name.")
    except KitDamaged as damage:
        return Verdict(name, "error", 0, 0, str(damage))
    try:
        verdict = grade(name, namespace, seed)
    except KitDamaged as damage:
        return Verdict(name, "error", 0, 0, str(damage))
    if seed is None:
        _remember(verdict)
    return verdict


def grade(name: str, namespace: Mapping, seed: int | None = None) -> Verdict:
    """Judge the exercise `name` on the functions in `namespace`.

    Raises KeyError, with the nearest names, when there is no such exercise.
    """
    seed = PRACTICE_SEED if seed is None else seed
    here = shelf()
    verdicts: dict[str, Verdict] = {}
    for needed in (*here.needs(name), name):
        reports = observing.run(here.program(needed, seed), dict(namespace))
        verdicts[needed] = judge(here.key(needed, seed), reports, verdicts, here.read(needed))
    return verdicts[name]


def hint(function_or_name) -> None:
    """Print the next hint for an exercise: a nudge first, then more; never the code."""
    name = getattr(function_or_name, "__name__", function_or_name)
    hints = shelf().hints(name)
    if not hints:
        print(f"{name} has no hints beyond its docstring. Its check names what is off.")
        return
    shown = _SHOWN[name] = min(_SHOWN.get(name, 0) + 1, len(hints))
    print(f"Hint {shown} of {len(hints)} for {name}: {hints[shown - 1]}")


_SHOWN: dict[str, int] = {}


def ask(name: str, seed: int | None = None):
    """Show a question; its numbers come from the seed."""
    from IPython.display import Markdown

    return Markdown(shelf().text(name, PRACTICE_SEED if seed is None else seed))


def _remember(verdict: Verdict) -> None:
    """Keep the attempt in the learner's progress file."""
    from autograder import progress

    progress.record_attempt(
        verdict.exercise, shelf().notebook(verdict.exercise), verdict.status,
        verdict.points, verdict.max_points, list(verdict.mistakes),
    )  # fmt: skip
