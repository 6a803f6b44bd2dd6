"""Whether a table of the practice answers would pass on other seeds: played back by a case's name,
by its place or by the nearest inputs, it may earn no more than the best single answer does."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.exercise import PRACTICE_SEED, Exercise
from autograder.judging.judge import judge
from autograder.judging.keys import AnswerKey, KeyedCase, answer_key

SEEDS = (11, 12345, 987654321)
# What chance may add to guessing: a share of all points.
ROOM = 0.15


def table_wins(kind: type[Exercise]) -> str:
    """How a table of practice answers earns more than guessing; empty where it does not."""
    practice = answer_key(kind, PRACTICE_SEED)
    for way, pick in WAYS.items():
        earned = guessed = most = 0.0
        for seed in SEEDS:
            key = answer_key(kind, seed)
            most += key.max_points
            guessed += max(points(kind, key, [same] * len(key.cases)) for same in practice.cases)
            played = [pick(practice, place, case) for place, case in enumerate(key.cases)]
            earned += points(kind, key, played)
        if earned > guessed + ROOM * most:
            return (
                f"the practice answers, played back by {way}, earn {earned / len(SEEDS):g} of "
                f"{most / len(SEEDS):g} points on other seeds; guessing earns "
                f"{guessed / len(SEEDS):g}"
            )
    return ""


def points(kind: type[Exercise], key: AnswerKey, answers: list[KeyedCase]) -> float:
    """What the right observations of these practice cases earn as answers to a key's cases."""
    # What is judged is played back, so there is nothing left for `read` to do.
    reports = [{"seen": {n: e.value for n, e in case.right.items()}} for case in answers]
    return judge(key, reports).points


def _by_name(practice: AnswerKey, place: int, case: KeyedCase) -> KeyedCase:
    return next((c for c in practice.cases if c.name == case.name), practice.cases[0])


def _by_place(practice: AnswerKey, place: int, case: KeyedCase) -> KeyedCase:
    return practice.cases[place % len(practice.cases)]


def _by_inputs(practice: AnswerKey, place: int, case: KeyedCase) -> KeyedCase:
    return min(practice.cases, key=lambda known: distance(known.inputs, case.inputs))


WAYS: dict[str, Callable] = {
    "name": _by_name, "place": _by_place, "nearest inputs": _by_inputs,
}  # fmt: skip


def distance(a, b) -> float:
    """How unlike two pieces of plain data are: a difference of form counts most."""
    if isinstance(a, dict) and isinstance(b, dict):
        return sum(distance(a[k], b[k]) if k in a and k in b else 1e3 for k in {*a, *b})
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        apart = abs(len(a) - len(b))
        return 1e2 * apart + sum(distance(x, y) for x, y in zip(a, b, strict=False))
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        if a.shape != b.shape:
            return 1e2
        gap = np.abs(a.astype(complex) - b.astype(complex)) if a.size else np.zeros(1)
        return float(np.nan_to_num(gap, posinf=1e3).mean())
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return min(abs(float(a) - float(b)), 1e3) if a == a and b == b else float(a != b)
    return 0.0 if type(a) is type(b) and a == b else 10.0
