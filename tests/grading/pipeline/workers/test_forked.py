"""A copy of the process that works is ended by the one that waits, whatever it does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from autograder.grading.pipeline.engine import grade_all, local_pool
from autograder.grading.pipeline.submitted import Submission
from autograder.grading.pipeline.workers import forked

ROOT = Path(__file__).resolve().parents[4]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="copies with bounds on Linux only")


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


def for_ever():
    while True:
        pass


def in_a_library():
    return sum(range(10**18))  # a call that nothing between two lines of Python ends


def takes_all():
    return bytearray(2**40)


def dies():
    os.kill(os.getpid(), signal.SIGTERM)


def gives_too_much():
    return bytes(forked.MOST_RESULT + 1)


BOUNDS = {"seconds": 30, "processor": 1, "memory": 2**30}


@pytest.mark.parametrize(
    ("work", "bounds", "why"),
    [(for_ever, {}, "more than 1 seconds of the processor"),
     (in_a_library, {}, "more than 1 seconds of the processor"),
     (signal.pause, {"seconds": 0.2}, "longer than"),
     (dies, {}, "SIGTERM"),
     (gives_too_much, {"processor": 20}, "more came of it")],
)  # fmt: skip
def test_a_copy_that_comes_to_no_end_is_ended(work, bounds, why):
    before = children()
    with pytest.raises(forked.Lost, match=why):
        forked.forked(work, **{**BOUNDS, **bounds})
    assert children() == before


def test_a_copy_that_takes_all_memory_is_a_memory_error_here():
    with pytest.raises(MemoryError):
        forked.forked(takes_all, **BOUNDS)
    assert forked.forked(lambda: [1, "two"], **BOUNDS) == [1, "two"]


def test_an_exception_that_cannot_cross_goes_as_its_words():
    class Local(Exception):
        pass

    def work():
        raise Local("words")

    with pytest.raises(RuntimeError, match="Local: words"):
        forked.forked(work, **BOUNDS)


ASKS = """
import threading
from autograder.grading.pipeline.workers import forked

answers, stop = [forked.possible()], threading.Event()
waits = threading.Thread(target=stop.wait)
waits.start()
answers.append(forked.possible())
stop.set()
waits.join()
asks = threading.Thread(target=lambda: answers.append(forked.possible()))
asks.start()
asks.join()
print(answers)
"""


def test_a_process_with_threads_or_in_another_thread_is_not_copied():
    # In a process of its own: whoever runs these tests may have threads.
    done = subprocess.run(
        [sys.executable, "-c", ASKS], capture_output=True, text=True, timeout=60, cwd=ROOT
    )
    assert done.stdout.strip() == "[True, False, False]", done.stderr


def says_whether_it_can(submission) -> bool:
    """In a worker, with all that grading imports."""
    import torch

    from autograder.grading.pipeline.workers import bounded

    torch.ones(300, 300) @ torch.ones(300, 300)
    return bounded.forked.possible()


def test_workers_on_this_machine_can_be_copied():
    (can,) = grade_all([Submission("ada", {})], says_whether_it_can, local_pool(1), lambda *_: None)
    assert can is True
