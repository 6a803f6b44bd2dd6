"""One submission can neither stop, slow nor exhaust a run: it costs itself and nobody else."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from graded_class import FULL, NAME, autograded, cell, grade, hand_in, make, points, right

from autograder.grading.pipeline import one_submission, record, run
from autograder.grading.pipeline.workers import bounded, forked
from autograder.grading.reports import tally
from autograder.grading.sandbox.runner import availability

ATTACKS = Path(__file__).parents[2] / "attacks" / "exhausts"

OTHERS: set[int] = set()  # those of tests before these, in the same process
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="forked with bounds on Linux only")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A class in which Zoe's work is right; hers is the last to be graded."""
    folder = make(tmp_path_factory.mktemp("class") / "small", students=("zoe",))
    given = folder / "source" / NAME / "data" / "points.csv"
    given.parent.mkdir()
    given.write_text("1,2")
    hand_in(folder, "zoe", right())
    one_submission.close_runners()
    OTHERS.update(children())
    yield folder
    one_submission.close_runners()
    assert not children()


@pytest.fixture(autouse=True)
def zoe_has_what_she_earned(folder):
    """After every attack: what is honest is graded anew, and nothing is left of the attack."""
    with pytest.MonkeyPatch.context() as patch:
        if sys.platform == "linux":  # pytest's own workers have a thread, which only listens
            patch.setattr(forked, "possible", lambda: True)
        yield
        grade(folder, only=["zoe"], force=True)
    assert points(folder, "zoe") == FULL
    assert len(children()) <= 2  # the server that waits, and who waits for it
    assert not (folder / "autograded" / record.STAGING).exists()


def children() -> set[int]:
    """Processes that have come since this file's tests began."""
    return {child.pid for child in psutil.Process().children(recursive=True)} - OTHERS


def both(folder, student: str = "mal") -> dict:
    """The report's line of an attacker who is graded before Zoe."""
    report = grade(folder, only=[student, "zoe"], force=True)
    assert report["submissions"]["zoe"]["state"] == "all points"
    return report["submissions"][student]


# What is no text, and what is nested, repeated and long without end.


def lone_surrogates(notebook):
    cell(notebook, "relu_forward").metadata["tags"] = ["SURROGATE"]
    notebook.metadata["kernelspec"] = {"name": "SURROGATE", "display_name": "SURROGATE"}
    notebook.metadata["language_info"] = {"name": "SURROGATE"}
    cell(notebook, "relu_forward").metadata["nbgrader"]["grade_id"] = "SURROGATE"
    cell(notebook, "imports").source += "\nprint('SURROGATE')\nimport SURROGATE"
    import nbformat

    return nbformat.writes(notebook).replace("SURROGATE", "\\ud800")


def test_what_is_no_text_anywhere_in_a_notebook(folder):
    hand_in(folder, "mal", right(), lone_surrogates)
    row = both(folder)
    assert row["state"] in ("all points", "part of the points")
    json.dumps(row, ensure_ascii=False).encode()


def test_files_beside_the_notebook_whose_names_are_no_text(folder):
    place = os.fsencode(hand_in(folder, "mal", right()))
    for name in (b"\xff\xfe.py", b"\xed\xa0\x80.csv", b"new\nline\x1b[2J.txt"):
        with open(os.path.join(place, name), "wb") as file:
            file.write(b"x = 1")
    assert both(folder)["state"] == "all points"


def test_a_folder_of_submissions_whose_name_is_no_text(folder, capsys):
    odd = os.path.join(os.fsencode(folder / "submitted"), b"\xff", NAME.encode())
    os.makedirs(odd)
    assert both(folder, "zoe")["state"] == "all points"
    with record.Record(folder, NAME) as book:
        assert "zoe" in dict(run.submissions(book))
    assert "which is no text" in capsys.readouterr().err
    os.removedirs(odd)


@pytest.mark.parametrize(
    ("name", "told"),
    [("data", "data could not be put beside the notebook"), ("data/points.csv/x.txt", "x.txt")],
    ids=["a file that is a folder of the class's", "a folder that is a file of the class's"],
)
def test_a_file_that_cannot_be_where_the_class_has_one(folder, name, told):
    path = hand_in(folder, "mal", right()) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("mine")
    row = both(folder)
    assert points(folder, "mal") == FULL
    assert any(told in look for look in row["looks"])
    assert any("files beside the notebook were not kept" in look for look in row["looks"])
    shutil.rmtree(folder / "submitted" / "mal")


def test_a_path_as_long_as_paths_can_be(folder):
    """In autograded/ and in the sandbox it may be one that cannot be made."""
    deep = hand_in(folder, "mal", right())
    with contextlib.suppress(OSError):
        while True:
            deep /= "d" * 50
            deep.mkdir()
            (deep / "x").touch()
    assert both(folder)["state"] == "all points"
    shutil.rmtree(folder / "submitted" / "mal")


def many_cells(notebook):
    own = cell(notebook, "imports")
    notebook.cells += [type(own)({**own, "source": f"x = {i}"}) for i in range(8000)]
    return json.dumps(notebook)


def much_code(notebook):
    notebook.cells[-1].source = "1\n" * 10**6


def minus_signs(notebook):
    cell(notebook, "relu_forward").source += "\nx = " + "-" * 100_000 + "1"


def brackets(notebook):
    cell(notebook, "relu_forward").source += "\nx = " + "[" * 50_000


def tags_without_end(notebook):
    for number in range(60):
        prose = ("<a <" + " " * 20_000, "<" * 40_000, "](" * 40_000, "$" * 60_001, "&#" * 30_000)
        own = cell(notebook, "explain_relu")
        notebook.cells.append(type(own)({
            "cell_type": "markdown", "metadata": {}, "id": f"p{number}",
            "source": prose[number % len(prose)],
        }))  # fmt: skip


def nested(notebook):
    import nbformat

    deep = "[" * 20_000 + "]" * 20_000
    return nbformat.writes(notebook).replace('"metadata": {', f'"deep": {deep}, "metadata": {{', 1)


@pytest.mark.parametrize(
    "change", [many_cells, much_code, minus_signs, brackets, tags_without_end, nested]
)
def test_what_is_long_or_nested_without_end_takes_seconds_and_has_a_line(folder, change):
    hand_in(folder, "mal", right(), change)
    before = time.process_time()
    row = both(folder)
    assert time.process_time() - before < 15
    assert row["state"] in ("failed to run", "part of the points", "all points")
    assert row["reason"] or set(points(folder, "mal").values()) <= {0.0, 2.0, 3.0}
    assert autograded(folder, "mal")


# What the learner's code does in the sandbox.


@pytest.mark.skipif(availability() is not None, reason=str(availability()))
@pytest.mark.parametrize(
    "name",
    ["fills_sockets", "forges_bulky_messages", "forges_marks", "hides_in_a_program",
     "hides_memory", "prints_without_end"],
)  # fmt: skip
def test_an_attack_costs_its_own_cell_only_and_the_class_little_disk(folder, name):
    attack = ATTACKS.joinpath(f"{name}.py").read_text(encoding="utf-8")

    def after_honest_work(notebook):
        notebook.cells.append(type(notebook.cells[0])({
            "cell_type": "code", "source": attack, "metadata": {}, "outputs": [], "id": "attack",
            "execution_count": None,
        }))  # fmt: skip

    hand_in(folder, "mal", right(), after_honest_work)
    both(folder)
    assert points(folder, "mal") == FULL
    kept = folder / "autograded" / "mal" / NAME / f"{NAME}.ipynb"
    assert kept.stat().st_size < 10**6
    assert "reached" not in str([c.get("outputs") for c in autograded(folder, "mal").cells
                                 if c.get("id") == "attack"])  # fmt: skip


# What goes wrong in the grader itself, wherever it is.


@LINUX
@pytest.mark.parametrize("step", ["sanitize", "checks_in", "job_for", "score", "out_of_time"])
@pytest.mark.parametrize("error", [KeyError("strange"), MemoryError(), RecursionError()])
def test_an_exception_in_any_step_is_a_line_of_the_report(folder, monkeypatch, step, error):
    hand_in(folder, "mal", right())
    mark = b"of-mal"
    (folder / "submitted" / "mal" / NAME / "mark.txt").write_bytes(mark)
    honest, whose = getattr(one_submission, step), []
    graded = one_submission.grade

    def noted(submission, *rest):
        whose[:] = [mark in submission.files.values()]
        try:
            return graded(submission, *rest)
        finally:
            whose.clear()

    def broken(*given, **more):
        if whose == [True]:
            raise error
        return honest(*given, **more)

    monkeypatch.setattr(one_submission, "grade", noted)
    monkeypatch.setattr(one_submission, step, broken)
    row = both(folder)
    assert row["state"] == "failed to run" and type(error).__name__ in row["reason"]
    assert set(points(folder, "mal").values()) == {0.0}


@pytest.mark.parametrize(
    ("where", "name"),
    [(run.__name__, "submitted.read"), (record.Record, "save"), (record.Record, "unchanged"),
     (tally.Tally, "add")],
)  # fmt: skip
def test_an_exception_in_the_main_process_is_a_line_of_the_report(folder, monkeypatch, where, name):
    from autograder.grading.pipeline import submitted

    hand_in(folder, "mal", right())
    owner = submitted if isinstance(where, str) else where
    name = name.rpartition(".")[2]
    honest = getattr(owner, name)

    def broken(*given, **more):
        asked = [g for g in given if g == "mal" or getattr(g, "student", "") == "mal"]
        told = name == "add" and getattr(asked[0] if asked else None, "reason", "")
        if asked and not told:
            raise UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")
        return honest(*given, **more)

    monkeypatch.setattr(owner, name, broken)
    report = grade(folder, only=["mal", "zoe"], force=name != "unchanged")
    assert report["submissions"]["zoe"]["state"] == "all points"
    assert report["submissions"]["mal"]["state"] == "failed to run"
    assert "UnicodeEncodeError" in report["submissions"]["mal"]["reason"]


# Work without end.


def for_ever():
    while True:
        pass


@pytest.mark.parametrize("apart", [pytest.param(True, marks=LINUX), False])
def test_scoring_without_end_costs_its_own_submission_only(folder, monkeypatch, apart):
    hand_in(folder, "mal", right() | {"imports": "import numpy as np  # of mal"})
    honest = one_submission.score

    def endless(notebook, *rest):
        if "of mal" in cell(notebook, "imports").source:
            for_ever()
        return honest(notebook, *rest)

    monkeypatch.setattr(one_submission, "score", endless)
    monkeypatch.setattr(bounded, "PROCESSOR_SECONDS", 5)
    if not apart:
        monkeypatch.setattr(forked, "possible", lambda: False)
        monkeypatch.setattr(bounded, "SECONDS", -18)  # beside the sandbox's 20
    row = both(folder)
    assert row["state"] == "failed to run"
    assert "came to no end: it took" in row["reason"]


@LINUX
def test_a_server_that_dies_under_a_copy_is_started_anew(folder, monkeypatch):
    hand_in(folder, "mal", right())
    honest = one_submission.run

    def unlucky(job, settings):
        runner = one_submission.start(settings).result()
        os.kill(runner.server, signal.SIGKILL)
        return honest(job, settings)

    with monkeypatch.context() as patch:
        patch.setattr(one_submission, "run", unlucky)
        grade(folder, only=["mal"], force=True)
    assert points(folder, "mal") == FULL
    assert both(folder)["state"] == "all points"


# A real process, stopped at the terminal while large submissions wait.


@LINUX
def test_ctrl_c_ends_a_run_in_which_large_submissions_wait(tmp_path):
    folder = make(tmp_path / "class", students=("s0",))
    forever = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    for number in range(8):
        place = hand_in(folder, f"s{number}", right() | {"bn_dxhat": forever})
        (place / "large.bin").write_bytes(os.urandom(2**20) * 20)
    left = tmp_path / "left"
    left.mkdir()
    ran = subprocess.Popen(
        [sys.executable, "-m", "autograder", "grade", NAME, "--class", str(folder),
         "--workers", "2"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "TMPDIR": str(left)},
    )  # fmt: skip
    family = psutil.Process(ran.pid)
    while "course worker" not in map(name, family.children(recursive=True)):
        assert ran.poll() is None, ran.stderr.read()
        os.sched_yield()
    found = [family, *family.children(recursive=True)]
    os.killpg(ran.pid, signal.SIGINT)
    _, said = ran.communicate(timeout=60)
    assert ran.returncode == 130 and "Traceback" not in said
    _, alive = psutil.wait_procs(found, timeout=30)
    assert not [p for p in alive if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
    assert not list(left.iterdir())


def name(process) -> str:
    try:
        return process.name()
    except psutil.Error:
        return ""
