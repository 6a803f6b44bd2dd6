"""Mutants put to the test: whether the checks reject a changed solution, and name what is wrong.

Runs in worker processes, as `proofs` does; the mutants themselves are made in `mutants`.
"""

from __future__ import annotations

from dataclasses import dataclass

from autograder.authoring.build import masters
from autograder.authoring.verify.proofs import seeds, solved
from autograder.exercise import PRACTICE_SEED, oracle_on
from autograder.exercises import find
from autograder.judging import bounds, observing
from autograder.judging.judge import judge
from autograder.judging.keys import answer_key, program
from autograder.judging.verdict import Verdict

MEMORY = 4 * 2**30  # what a mutant may take beyond what its process has


@dataclass
class Trial:
    """How one mutant fared."""

    rejected: bool
    named: bool = False


def prepare(path: str, name: str) -> None:
    """Solve the notebook and make the exercise's keys, so that a mutant's clock is its own."""
    with oracle_on("cpu"):
        namespace = dict(solved(path))
        for seed in seeds(find(name))[:2]:
            grade_alone(name, namespace, seed)


def try_mutant(path: str, name: str, source: str) -> Trial:
    """Whether a changed solution is rejected with the practice seed or one more.

    Only this exercise is judged: what it needs is right.
    """
    with oracle_on("cpu"), bounds.memory(MEMORY):
        namespace = dict(solved(path))
        try:
            masters.run(source, namespace, f"mutant of {name}")
        except Exception:  # noqa: BLE001 - a cell that cannot be run is rejected
            return Trial(True)
        for seed in seeds(find(name))[:2]:
            verdict = grade_alone(name, namespace, seed)
            if verdict.status != "passed":
                return Trial(True, bool(verdict.mistakes))
    return Trial(False)


def grade_alone(name: str, namespace: dict, seed: int = PRACTICE_SEED) -> Verdict:
    """The verdict on one exercise where those that it needs are taken to be right."""
    reports = observing.run(program(find(name), seed), namespace)
    return judge(answer_key(find(name), seed), reports, None, find(name)().read)
