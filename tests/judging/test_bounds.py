"""What judging may take: seconds and memory, however the observations were forged."""

import contextlib
import threading
import time

import numpy as np
import pytest

from autograder.exercise import Case, Exercise
from autograder.grading.pipeline import scoring
from autograder.grading.sandbox.job import Result
from autograder.judging import bounds

NOTEBOOK = "97_bounds"


class counted_up(Exercise):
    """Its `read` takes as long, or as much memory, as what was seen tells it to."""

    def cases(self, rng):
        yield Case("three", 1, n=3)

    def observe(self, code, n):
        return {"n": code.counted_up(n), "size": n}

    def read(self, seen, n):
        np.zeros(int(seen["size"]))
        i = 0
        while i < seen["n"]:
            try:
                i += 1
            except Exception:  # noqa: BLE001 - an author may well write one
                i = 0
        return {"n": i, "size": seen["size"]}

    def reference(self, n):
        return {"n": n, "size": n}


def for_ever():
    while True:
        pass


def test_endless_work_is_stopped_in_any_thread():
    ended = []

    def work():
        try:
            with bounds.seconds(0.1):
                for_ever()
        except bounds.OutOfTime:
            ended.append(threading.current_thread())

    work()
    thread = threading.Thread(target=work)
    thread.start()
    thread.join(30)
    assert ended == [threading.main_thread(), thread]


def test_work_that_is_over_is_left_alone():
    before = threading.active_count()
    for _ in range(200):
        with contextlib.suppress(bounds.OutOfTime):  # on a busy machine it is struck inside
            with bounds.seconds(0.0005):
                pass
    deadline = time.monotonic() + 0.05
    while time.monotonic() < deadline:  # a late strike would come here
        pass
    assert threading.active_count() <= before + 1


@pytest.mark.parametrize(
    ("seen", "status", "why"),
    [
        ({"n": 3, "size": 3}, "passed", ""),
        ({"n": 10**15, "size": 3}, "error", "cannot be judged (OutOfTime)"),
        ({"n": 3, "size": 2**40}, "failed", ""),
    ],
    ids=["honest", "endless", "larger than memory"],
)
def test_forged_observations_cost_nobody_else_anything(monkeypatch, seen, status, why):
    monkeypatch.setattr(scoring, "JUDGE_SECONDS", 0.3)
    judged = scoring.Judged(Result([], {("counted_up", 0): [{"seen": seen}]}), {})
    verdict = judged.verdict("counted_up", 0)
    assert verdict.status == status and verdict.points == (status == "passed")
    assert why in verdict.message
    assert judged.looks == ([f"what was observed of counted_up {why}"] if why else [])
