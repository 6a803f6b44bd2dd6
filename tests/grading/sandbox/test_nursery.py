"""Learners' parents that a nursery forks hold no more than those that are started by exec: whatever
the command and its judges know, a learner's process finds nothing of it."""

from __future__ import annotations

import ast
import contextlib
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest
from grading_sample import LIGHT, RIGHT, SHORT, points, shown, submission

from autograder.grading.pipeline.workers import base
from autograder.grading.sandbox.processes import server_process
from autograder.grading.sandbox.runner import Cell, Job, Runner, availability, plain_environment

UNAVAILABLE = availability() or (None if base.possible() else "no base is forked here")
pytestmark = pytest.mark.skipif(UNAVAILABLE is not None, reason=str(UNAVAILABLE))

SECRET = "a-teachers-" + "own-" + "word"
# Said in halves, so that a cell which looks for a word does not find itself.
LOOKS = """
import gc, os, sys
words = [(first.encode(), second.encode()) for first, second in {words}]
def found(data):
    seen = []
    for first, second in words:  # never put together, for that would be found
        at = data.find(first)
        while at >= 0 and data[at + len(first):at + len(first) + len(second)] != second:
            at = data.find(first, at + 1)
        if at >= 0:
            seen.append(first)
    return seen
def read(path):
    with open(path, "rb") as file:
        return file.read()
told = {{name: found(read(f"/proc/self/{{name}}")) for name in ("environ", "cmdline")}}
told["argv"] = found(repr(sys.argv).encode())
told["objects"] = [type(o).__name__ for o in gc.get_objects()
                   if type(o) in (dict, list, tuple) and len(o) < 1000
                   and any(type(v) is str and found(v.encode()) for v in
                           (o.values() if type(o) is dict else o))]
told["modules"] = [m for m in sys.modules if m.startswith((
    "nbgrader", "autograder.exercise", "autograder.grading.pipeline", "autograder.judging.judge",
    "autograder.judging.keys", "autograder.grading.sandbox.runner", "grading_sample"))]
memory, place = open("/proc/self/mem", "rb", 0), []
for line in open("/proc/self/maps"):
    where, allowed, *_ = line.split()
    begin, end = (int(part, 16) for part in where.split("-"))
    if allowed.startswith("rw"):
        try:
            memory.seek(begin)
            place += found(memory.read(end - begin))
        except OSError:
            pass
told["memory"] = sorted(set(place))
memory.close()
opened = []
for name in os.listdir("/proc/self/fd"):
    try:
        opened.append(os.readlink(f"/proc/self/fd/{{name}}").partition(":")[0])
    except OSError:
        pass
told["open"] = sorted(opened)
print(told)
"""


def halves(word: str) -> tuple[str, str]:
    return word[: len(word) // 2], word[len(word) // 2 :]


def looked(words: list[str]) -> dict:
    """In a worker: what a learner's process finds of these words, and whether it was forked."""
    runner = Runner(limits=SHORT, preload=LIGHT)
    with runner:
        forked = isinstance(runner._process, server_process.Nursling)
        seen = shown(runner.run(Job((Cell("a", LOOKS.format(words=[*map(halves, words)])),))))
        honest = points(runner.run(submission(RIGHT)))
    return {"forked": forked, "seen": seen, "honest": honest, "here": SECRET in str(os.environ)}


def after_its_nursery(_=None) -> tuple[bool, float]:
    """In a worker whose nursery has been killed: a server all the same, by exec."""
    for process in psutil.Process(os.getppid()).children():
        if process.pid != os.getpid():
            process.kill()
            psutil.wait_procs([process], 10)
    with Runner(limits=SHORT, preload=LIGHT) as runner:
        forked = isinstance(runner._process, server_process.Nursling)
        return forked, points(runner.run(submission(RIGHT)))


def family(_=None) -> list[int]:
    """In a worker with a runner that waits: all the processes of its base."""
    globals()["kept"] = Runner(limits=SHORT, preload=LIGHT)
    top = psutil.Process(os.getppid())
    return [top.pid, *(child.pid for child in top.children(recursive=True))]


@pytest.fixture
def workers(monkeypatch, tmp_path):
    folder = tmp_path / "class-of-secrets"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("TEACHERS_TOKEN", SECRET)
    with base.Workers(1, LIGHT) as workers:
        yield workers


def test_a_learners_process_holds_nothing_that_the_command_or_its_judges_know(workers, tmp_path):
    words = [SECRET, str(tmp_path / "class-of-secrets"), "It comes back as it was.",
             "TEACHERS_TOKEN"]  # fmt: skip
    told = workers.submit(looked, words).result(120)
    assert told["forked"] and told["here"]  # the judge's own process does know
    found = said(told["seen"])
    opened = found.pop("open")
    assert found == {"environ": [], "cmdline": [], "argv": [], "objects": [], "modules": [],
                     "memory": []}  # fmt: skip
    assert told["honest"] == 3
    alone = looked(words)
    assert not alone["forked"]
    assert opened == said(alone["seen"])["open"]  # as many, and of the same kinds


def test_the_look_finds_what_is_there(workers):
    """Else the test above could not fail."""
    there = Cell("before", f"kept = {SECRET!r}; held = [kept]")
    with Runner(limits=SHORT, preload=LIGHT) as runner:
        look = Cell("a", LOOKS.format(words=[halves(SECRET)]))
        found = said(shown(runner.run(Job((there, look)))))
    assert found["memory"] and found["objects"]


def said(printed: str) -> object:
    """What the cell that printed something printed, as the value that it is."""
    return ast.literal_eval(ast.literal_eval(printed)["text"])


def test_its_first_arguments_and_environment_are_those_of_a_process_started_alone(workers):
    asks = "print([open(f'/proc/self/{n}', 'rb').read() for n in ('cmdline', 'environ')])"
    told = workers.submit(printed_by, asks).result(120)
    cmdline, environ = said(told)
    assert b"".join(cmdline.split(b"\0")[1:2]) == b"-c" and b"pipeline" not in cmdline
    given = dict(pair.split("=", 1) for pair in environ.decode().strip("\0").split("\0"))
    assert given == plain_environment()


def printed_by(source: str) -> str:
    with Runner(limits=SHORT, preload=LIGHT) as runner:
        return shown(runner.run(Job((Cell("a", source),))))


def test_without_its_nursery_a_worker_starts_servers_by_exec(workers):
    assert workers.submit(after_its_nursery).result(120) == (False, 3)


def test_a_worker_that_is_killed_is_told_and_the_next_is_another(workers):
    first = workers.submit(os.getpid).result(120)
    with pytest.raises(base.WorkerLost):
        workers.submit(os.kill, first, signal.SIGKILL).result(120)
    assert workers.submit(os.getpid).result(120) != first


def test_a_base_that_is_killed_takes_all_with_it_and_another_takes_its_place(workers):
    everybody = [psutil.Process(pid) for pid in workers.submit(family).result(120)]
    assert len(everybody) >= 4
    everybody[0].kill()
    _, alive = psutil.wait_procs(everybody, timeout=30)
    assert not [p for p in alive if p.status() != psutil.STATUS_ZOMBIE]
    with contextlib.suppress(base.WorkerLost):
        workers.submit(os.getpid).result(120)
    assert workers.submit(os.getpid).result(120)


def learn(what: str) -> int:
    if what == "nothing":
        raise KeyError(what)
    LEARNT.append(what)
    return os.getpid()


def learnt(_) -> tuple[list[str], int]:
    return LEARNT, os.getpid()


LEARNT: list[str] = []


@pytest.mark.parametrize(("number", "known"), [(1, []), (2, ["keys"])])
def test_what_all_workers_would_do_first_is_done_once_for_several(number, known):
    with base.Workers(number, LIGHT) as workers:
        workers.ahead(learn, "keys")
        workers.ahead(learn, "keys again")
        seen = [asked.result(120) for asked in [workers.submit(learnt, i) for i in range(6)]]
    assert [what for what, _ in seen] == [known] * 6


def test_what_goes_wrong_ahead_goes_wrong_in_the_workers_alone():
    with base.Workers(2, LIGHT) as workers:
        workers.ahead(learn, "nothing")
        assert workers.submit(learnt, 0).result(120)[0] == []
        with pytest.raises(KeyError):
            workers.submit(learn, "nothing").result(120)


def test_a_base_that_nobody_asks_is_not_waited_for(monkeypatch):
    waited = []
    monkeypatch.setattr(base.Base, "close", lambda self: waited.append(self.runs()))
    with base.begun() as begun, base.Workers(1, LIGHT, begun):
        assert begun.runs()
    assert waited == [False]


def test_an_exception_in_a_worker_is_raised_where_it_was_asked(workers):
    with pytest.raises(FileNotFoundError):
        workers.submit(Path("/nowhere/at/all").read_text).result(120)


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_where_references_run_on_an_accelerator_no_base_is_forked(monkeypatch, device):
    monkeypatch.setenv("COURSE_DEVICE", device)
    assert not base.possible()
    with base.begun() as begun:
        assert begun is None


def test_only_on_linux(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not base.possible()
