"""Judging in the learner's own process: `grade` runs, observes and judges, and keeps nothing."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.exercise import PRACTICE_SEED
from autograder.judging import observing
from autograder.judging.judge import judge
from autograder.judging.verdict import Verdict
from autograder.learning.catalogue import shelf


def grade(name: str, namespace: Mapping, seed: int | None = None) -> Verdict:
    """Judge the exercise `name` on the functions in `namespace`.

    Raises KeyError, with the nearest names, when there is no such exercise.
    """
    return judged(name, namespace, seed)[0]


def judged(name: str, namespace: Mapping, seed: int | None) -> tuple[Verdict, list[dict]]:
    """The verdict, and what was observed."""
    seed = PRACTICE_SEED if seed is None else seed
    here = shelf()
    verdicts: dict[str, Verdict] = {}
    for needed in (*here.needs(name), name):
        reports = observing.run(here.program(needed, seed), dict(namespace))
        verdicts[needed] = judge(here.key(needed, seed), reports, verdicts, here.read(needed))
    return verdicts[name], reports
