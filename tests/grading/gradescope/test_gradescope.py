"""The archive for Gradescope, unpacked and run in its folders: with namespaces, and without them
as another user, which only root can do."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from container_files import earned, left_behind, notebook, put, run, settings
from graded_class import FULL, NAME, cell, right
from grading_sample import LIGHT
from nbformat.v4 import new_code_cell

from autograder.commands.cli import cli
from autograder.grading.gradescope import container as inside
from autograder.grading.gradescope import packing
from autograder.grading.pipeline import one_submission
from autograder.grading.sandbox import another_user
from autograder.grading.sandbox.runner import Runner, SandboxUnavailable, availability

NO_NAMESPACES = availability()
ROOT = hasattr(os, "geteuid") and os.geteuid() == 0 and sys.platform == "linux"
needs_root = pytest.mark.skipif(not ROOT, reason="only root can have a process become another user")
MODES = [
    pytest.param([], id="namespaces",
                 marks=pytest.mark.skipif(NO_NAMESPACES is not None, reason=str(NO_NAMESPACES))),
    pytest.param(["--no-namespaces"], id="another-user", marks=needs_root),
]  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
def test_right_work_gets_full_marks(course, container, mode):
    put(container, {f"{NAME}.ipynb": notebook(course, right())})
    results, printed = run(container, *mode)
    assert {name: earned(results)[name] for name in FULL} == FULL
    assert results["score"] == sum(earned(results).values())
    machine, _ = packing.worth(packing.of_class(course, NAME))
    assert results["extra_data"]["max_score"] == machine
    assert results["stdout_visibility"] == "hidden" and "output" not in results
    assert ("Learners' code runs as user 6" in printed) == bool(mode)
    assert {test["visibility"] for test in results["tests"]} == {"visible"}
    verdict = next(test for test in results["tests"] if test["name"] == "bn_dxhat")
    assert (verdict["output_format"], "Right" in verdict["output"]) == ("html", True)
    by_hand = [test for test in results["tests"] if "score" not in test]
    assert by_hand and all("Marked by hand" in test["output"] for test in by_hand)


WRONG = {"bn_dxhat": "def bn_dxhat(dout, gamma):\n    return dout"}


@pytest.mark.parametrize("mode", MODES)
def test_hostile_work_reaches_nothing_and_gets_what_it_earned(course, container, mode):
    def change(nb):
        nb.cells.insert(0, new_code_cell(HOSTILE.format(root=str(container))))
        answer = cell(nb, "relu_forward")
        answer.source += "\nif reached:\n    raise RuntimeError(f'reached {reached}')\n"

    put(container, {f"{NAME}.ipynb": notebook(course, {**right(), **WRONG}, change)})
    with settings(container, preload=list(LIGHT)):
        results, printed = run(container, *mode)
    assert "reached" not in json.dumps(results) + printed
    assert {name: earned(results)[name] for name in FULL} == FULL | {"bn_dxhat": 0.0}
    assert results["extra_data"]["exercises"]["bn_dxhat"]["status"] == "failed"
    assert not (container / "results" / "forged.json").exists()
    assert left_behind(printed) == []
    for name in ("source", "results", "submission"):
        assert stat.S_IMODE((container / name).stat().st_mode) == 0o700


# Reads the checks, forges the results, takes its root back, reads the grader's memory, leaves
# something behind that would go on. What it reaches is raised in a graded cell, where it is shown.
HOSTILE = """
reached = ["the end of this cell was not"]
import ctypes, os, signal
root = {root!r}
places = ("source/assignment.json", "source/course/autograder/exercises/__init__.py",
          "submission/x", "results/results.json", "results/forged.json")
for place in places:
    for mode in ("r", "w", "a"):
        try:
            open(os.path.join(root, place), mode)
            reached.append(place)
        except OSError:
            pass
for folder in ("source", "results", "submission"):
    try:
        os.listdir(os.path.join(root, folder))
        reached.append(folder)
    except OSError:
        pass
for change in (os.setuid, os.seteuid, os.setgid):
    try:
        change(0)
        reached.append(change.__name__)
    except OSError:
        pass
for pid in (os.getppid(), 1):
    for name in ("mem", "environ", "root/etc/shadow", "cwd/x"):
        try:
            open(f"/proc/{{pid}}/{{name}}", "rb").read(1)
            if pid != os.getpid() and os.stat(f"/proc/{{pid}}").st_uid != os.getuid():
                reached.append(f"{{pid}} {{name}}")
        except OSError:
            pass
for pid in [int(n) for n in os.listdir("/proc") if n.isdigit()]:
    try:
        if f"Uid:\\t{{os.getuid()}}\\t" not in open(f"/proc/{{pid}}/status").read():
            os.kill(pid, 0)
            reached.append(f"signals to {{pid}}")
    except OSError:
        pass
if ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0) == 0:
    reached.append("ptrace")
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        while True:
            pass
    os._exit(0)
reached.pop(0)
"""


def test_attack_reaches_what_is_not_protected(tmp_path):
    """Else that it reaches nothing would prove nothing."""
    for name in ("source/assignment.json", "results/results.json"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("before")
    attack = HOSTILE.format(root=str(tmp_path)).partition("for pid in")[0] + "print(reached)"
    done = subprocess.run([sys.executable, "-c", attack], capture_output=True, text=True)
    for place in ("source/assignment.json", "results/results.json", "results/forged.json"):
        assert place in done.stdout, done.stderr
    assert (tmp_path / "source/assignment.json").read_text() == ""


@pytest.mark.parametrize("mode", MODES)
def test_notebook_that_never_ends_costs_what_comes_after_it(course, container, mode):
    endless = "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 64))\n"
    endless += "while True:\n    pass"

    def change(nb):
        nb.cells.insert(nb.cells.index(cell(nb, "check_relu_forward")) + 1, new_code_cell(endless))

    put(container, {f"{NAME}.ipynb": notebook(course, right(), change)})
    limits = {"cell_seconds": 2.0, "total_seconds": 20.0}
    with settings(container, limits, preload=list(LIGHT)):
        results, printed = run(container, *mode)
    assert earned(results)["relu_forward"] == FULL["relu_forward"]
    assert 0 < results["score"] <= results["extra_data"]["max_score"]
    assert "was not run to its end" in results.get("output", "was not run to its end")
    assert left_behind(printed) == []


@needs_root
@pytest.mark.parametrize(
    "attack, ended",
    [
        ("forks", ("finished", "timeout")),
        ("never_ends", ("timeout",)),
        ("leaves_an_orphan", ("finished",)),
        ("takes_memory", ("finished",)),
    ],
)
def test_other_user_leaves_no_process_behind(attack, ended):
    from grading_sample import RIGHT, SHORT, points, submission

    source = Path(__file__).parents[2].joinpath("attacks", f"{attack}.py").read_text()
    user = inside.a_learner()
    with Runner(limits=SHORT, preload=LIGHT, sandbox=False, user=user) as runner:
        result = runner.run(submission(RIGHT, source))
        assert result.ended.startswith(ended), (result.ended, result.notes)
        assert points(result) == 3
        assert another_user.processes_of(user) == []
        assert points(runner.run(submission(RIGHT))) == 3


@needs_root
@pytest.mark.parametrize("user", [0, -1])
def test_learners_are_never_root(user):
    with pytest.raises(SandboxUnavailable, match=f"User {user} has other processes"):
        Runner(sandbox=False, user=user, preload=())


@needs_root
def test_user_with_other_processes_is_refused():
    user = inside.a_learner()
    with subprocess.Popen(["sleep", "60"], user=user) as other:
        try:
            with pytest.raises(SandboxUnavailable, match="has other processes"):
                Runner(sandbox=False, user=user, preload=())
            assert other.poll() is None
        finally:
            other.kill()


@pytest.mark.parametrize(
    "files, says",
    [
        ({}, "There is no notebook in your upload. Upload 98_graded.ipynb again"),
        ({"notes.txt": ""}, "There is no notebook in your upload"),
        ({f"{NAME}.ipynb": "", "b.ipynb": ""}, "There are 2 notebooks in your upload: 98_graded"),
        ({f"{NAME} (1).ipynb": "{}"}, "98_graded (1).ipynb is not the name of this assignment's"),
        ({f"week6/{NAME}.ipynb": "{}"}, "week6/98_graded.ipynb is not the name"),
        ({f"{NAME}.ipynb": "{broken"}, "Your notebook could not be graded: "),
        ({f"{NAME}.ipynb": "[]"}, "Your notebook could not be graded: "),
        ({f"{NAME}.ipynb": "\udcff".encode("utf-8", "surrogatepass").decode("latin-1")},
         "Your notebook could not be graded: "),
    ],
)  # fmt: skip
def test_upload_that_cannot_be_graded_is_told_in_a_sentence(course, tmp_path, files, says):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    results = inside.grade(packing.of_class(course, NAME), tmp_path)
    assert results["score"] == 0 and results["tests"] == []
    assert says in results["output"] and "Traceback" not in results["output"]
    assert (results["visibility"], results["stdout_visibility"]) == ("visible", "hidden")


def test_what_macos_and_jupyter_leave_beside_a_notebook_is_no_second_one(tmp_path):
    for name in (f"{NAME}.ipynb", f"._{NAME}.ipynb", f"__MACOSX/{NAME}.ipynb",
                 f".ipynb_checkpoints/{NAME}-checkpoint.ipynb"):  # fmt: skip
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert inside.unfit(tmp_path, [NAME]) == ""


def test_no_results_where_learners_cannot_be_kept_away(course, tmp_path, monkeypatch):
    """A container without namespaces and without root is not the learner's fault."""
    (tmp_path / f"{NAME}.ipynb").write_text(notebook(course, right()))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SandboxUnavailable, match="Only root on Linux"):
        inside.grade(packing.of_class(course, NAME), tmp_path, namespaces=False)


def test_without_a_way_to_keep_learners_away_it_says_so_and_no_more(
    container, monkeypatch, course
):
    put(container, {f"{NAME}.ipynb": notebook(course, right())})
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    told = CliRunner().invoke(
        inside.main, ["--root", str(container), "--no-namespaces"]
    )
    assert told.exit_code == 1 and told.output.startswith("Error: Only root on Linux")
    assert list((container / "results").iterdir()) == []


def test_learners_of_different_containers_share_no_limit():
    """The kernel counts a user's processes over all of a machine's containers."""
    drawn = {inside.a_learner() for _ in range(100)}
    assert len(drawn) > 50 and drawn <= set(range(60000, 65000))


def test_grading_ends_before_gradescope_would_end_it(course, tmp_path, monkeypatch):
    given = []

    def stop(submission, assignment, settings):
        given.append(settings)
        raise OSError

    monkeypatch.setattr(one_submission, "grade", stop)
    (tmp_path / f"{NAME}.ipynb").write_text(notebook(course))
    bundle = packing.of_class(course, NAME)
    for seconds in (100.0, 3600.0):
        limits = replace(bundle.settings.limits, total_seconds=seconds)
        with pytest.raises(OSError):
            inside.grade(
                replace(bundle, settings=replace(bundle.settings, limits=limits)), tmp_path
            )
    assert [s.limits.total_seconds for s in given] == [100.0, inside.MOST_SECONDS]


def test_assignment_that_was_not_released_is_told(course, tmp_path):
    told = CliRunner().invoke(cli, ["gradescope", "98_grade", "--class", str(course)])
    assert told.exit_code == 1 and "Did you mean 98_graded?" in told.output
