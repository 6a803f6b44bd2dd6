"""What hostile notebooks reach in the sandbox: nothing, and no other submission suffers."""

from __future__ import annotations

import json
import os
import resource
import secrets
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from grading_sample import (
    LIGHT,
    RIGHT,
    SEEDS,
    SHORT,
    STUB,
    WRONG,
    points,
    shown,
    submission,
)

from autograder.exercises import find
from autograder.grading.sandbox.probes import PROBES, run_probes
from autograder.grading.sandbox.runner import Runner, SandboxUnavailable, availability
from autograder.judging.keys import program

ATTACKS = Path(__file__).parents[2] / "attacks"
FILES = {path.stem: path for path in ATTACKS.rglob("[a-z]*.py")}
UNAVAILABLE = availability()
pytestmark = pytest.mark.skipif(UNAVAILABLE is not None, reason=str(UNAVAILABLE))


def attack(name: str, **known) -> str:
    """An attack's cell, with the names it is to know."""
    words = "".join(f"{n} = {v!r}\n" for n, v in known.items())
    return words + FILES[name].read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def runner():
    with Runner(limits=SHORT, preload=LIGHT) as runner:
        yield runner


@pytest.fixture(autouse=True)
def next_one_is_well(request):
    """After every test that uses the runner, an honest submission gets what it earned."""
    yield
    if "runner" in request.fixturenames:
        result = request.getfixturevalue("runner").run(submission(RIGHT))
        assert (result.ended, points(result)) == ("finished", 3)
        assert not result.notes


@pytest.fixture(scope="module")
def probed():
    return {kept.promise: kept for kept in run_probes()}


@pytest.mark.parametrize("promise", [probe.promise for probe in PROBES])
def test_promise_is_kept(probed, promise):
    assert probed[promise].kept, probed[promise].detail


# How each attack ends, where it is not well; the honest solution before it keeps its points.
ENDS = {
    "leaves": "crashed: exit status 0",
    "never_ends": "timeout",
    "forks": ("finished", "timeout"),  # as the machine is quick
    "shouts_on_stderr": ("finished", "timeout"),
    "forges_an_endless_message": "killed",
    "closes_descriptors": "crashed",
    "fills_sockets": "killed",
    "hides_in_a_program": "killed",
    "hides_memory": "killed",
    # Where the machine has no more threads to give, the interpreter itself gives up.
    "starts_threads_without_end": ("timeout", "crashed"),
}
NEEDS_MORE = {
    "knocks_on_the_host", "opens_the_class", "leaves_an_orphan", "looks_for_seeds", "reads_mounts",
}  # fmt: skip
# These keep their own honest work from being observed.
HURTS_ITSELF = {"reaches_into_the_runner"}
ALL = sorted(FILES)


@pytest.mark.parametrize("name", [n for n in ALL if n not in NEEDS_MORE | HURTS_ITSELF])
def test_attack_after_honest_work_costs_and_gains_nothing(runner, name):
    result = runner.run(submission(RIGHT, attack(name)))
    assert "reached" not in shown(result)
    assert result.ended.startswith(ENDS.get(name, "finished")), result.notes
    assert points(result) == 3, (result.missing, result.notes)


@pytest.mark.parametrize("name", [n for n in ALL if n not in NEEDS_MORE])
def test_attack_does_not_make_wrong_work_right(runner, name):
    result = runner.run(submission(WRONG, attack(name)))
    assert "reached" not in shown(result)
    assert [points(result, seed) for seed in SEEDS] == [0, 0]


def test_honest_host_loopback_abstract_sockets_and_names_are_out_of_reach(runner):
    name = f"host-{secrets.token_hex(4)}"
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as unix:
        unix.bind("\0" + name)
        unix.listen()
        cell = attack("knocks_on_the_host", PORT=tcp.getsockname()[1], NAME=name)
        result = runner.run(submission(RIGHT, cell))
    assert "reached" not in shown(result)
    assert result.cells[1].state == "ok"


def test_class_folder_and_other_submissions_do_not_exist(runner, tmp_path):
    paths = []
    for name in ("gradebook.db", "submitted/bea/06/06.ipynb", "source/06/06.ipynb"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("before")
        paths.append(str(path))
    result = runner.run(submission(RIGHT, attack("opens_the_class", PATHS=paths)))
    assert "reached" not in shown(result)
    assert result.cells[1].state == "ok"
    assert {Path(path).read_text() for path in paths} == {"before"}


def test_orphan_does_not_outlive_the_run(runner):
    mark = secrets.token_hex(8)
    source = attack("leaves_an_orphan").replace("MARK", mark)
    result = runner.run(submission(RIGHT, source))
    assert result.cells[1].state == "ok"
    assert points(result) == 3
    assert not [p for p in psutil.process_iter(["cmdline"]) if mark in (p.info["cmdline"] or ())]


def test_where_data_lies_outside_is_in_no_list_of_mounts(tmp_path):
    folder = tmp_path / "of-the-teacher" / "digits"
    folder.mkdir(parents=True)
    with Runner(limits=SHORT, preload=LIGHT, data_paths=[folder]) as runner:
        result = runner.run(submission(RIGHT, attack("reads_mounts", SECRET="of-the-teacher")))
    assert "nothing" in shown(result) and "reached" not in shown(result)
    assert points(result) == 3


def test_the_seed_that_scores_is_nowhere_inside(runner):
    seed = 918_273_645  # hidden; the halves are for looking, so that looking does not find itself
    programs = {"double": {0: program(find("double"), 0), seed: program(find("double"), seed)}}
    looks = f"half = {seed} / 2\n" + attack("looks_for_seeds")
    job = replace(submission(RIGHT, looks), programs=programs)
    result = runner.run(job)
    assert shown(result).count("nothing 0") == 1
    assert (points(result, 0), points(result, seed)) == (3, 3)


@pytest.mark.parametrize("name", ["forges_bulky_messages", "forges_marks", "prints_without_end"])
def test_what_a_submission_says_costs_the_grader_little(runner, name):
    """Its own memory, at its height: in a process of its own, for that never falls."""
    if os.fork() == 0:
        # No assert: this process is a copy of the tests.
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        Path("/proc/self/clear_refs").write_text("5")  # the height begins anew
        result = runner.run(submission(RIGHT, attack(name)))
        height = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]
        kept = sum(len(json.dumps(cell.outputs)) for cell in result.cells)
        well = points(result) == 3 and int(height) - before < 120_000 and kept < 600_000
        os.write(2, f"{height} {before} {kept} {points(result)}".encode())
        os._exit(0 if well else 1)
    assert os.waitstatus_to_exitcode(os.wait()[1]) == 0


@pytest.mark.parametrize(
    "kind",
    [
        "class Same:\n    def __eq__(self, other):\n        return True\n    shape = (5,)\n"
        "def double(x):\n    return Same()\n",
        "class Same(np.ndarray):\n    def __eq__(self, other):\n        return True\n"
        "    def __array__(self, *a, **k):\n        return np.zeros(5)\n"
        "def double(x):\n    return np.asarray(x).view(Same)\n",
    ],
    ids=["always-equal object", "array subclass"],
)
def test_equality_of_ones_own_earns_nothing(runner, kind):
    result = runner.run(submission("import numpy as np\n" + kind))
    assert points(result) == 0


def test_practice_seed_that_is_recognised_earns_nothing_for_the_hidden_one(runner):
    from autograder.exercises import find
    from autograder.judging.keys import answer_key

    known = [case.inputs["x"].tolist() for case in answer_key(find("double"), 0).cases]
    source = (
        f"import numpy as np\nKNOWN = {known}\n"
        "def double(x):\n    return 2 * x if x.tolist() in KNOWN else x\n"
    )
    result = runner.run(submission(source))
    assert (points(result, 0), points(result, 7)) == (3, 0)


def test_module_beside_the_notebook_that_shadows_numpy_is_not_what_observing_uses(runner):
    files = {"numpy.py": b"allclose = lambda *a: True\n", "helper.py": b"two = 2\n"}
    source = "from helper import two\ndef double(x):\n    return two * x\n"
    result = runner.run(submission(source, files=files))
    assert points(result) == 3


def test_what_was_replaced_is_said(runner):
    result = runner.run(submission(RIGHT, attack("patches_everything")))
    assert any("numpy.allclose" in note for note in result.notes)


def test_submission_sees_nothing_of_the_one_before(runner):
    secret = secrets.token_hex(8)
    before = f"open('/tmp/left', 'w').write('x'); here = '{secret}'"
    runner.run(submission(before))
    source = (
        "import gc, os\n"
        "print(os.path.exists('/tmp/left'))\n"
        f"mine = '{secret[:8]}' + '{secret[8:]}'\n"
        "print(sum(isinstance(t, dict) and mine in "
        "[v for v in t.values() if isinstance(v, str)] and t is not globals() "
        "for t in gc.get_objects()))\n"
    )
    result = runner.run(submission(source))
    assert result.cells[0].outputs[0]["text"] == "False\n0\n"


def test_honest_loop_with_a_wide_except_is_interrupted_and_the_rest_goes_on(runner):
    result = runner.run(submission(RIGHT, attack("catches_interrupts")))
    assert result.cells[1].state in ("timeout", "killed")
    assert points(result) == 3


def test_solution_that_never_returns_is_stopped_and_told(runner):
    result = runner.run(submission("def double(x):\n    while True:\n        pass\n"))
    assert result.reports["double", 0][0]["interrupted"] is True
    assert result.ended == "finished"


def test_solution_that_kills_its_process_costs_only_itself(runner):
    source = "import os\ndef double(x):\n    os._exit(3)\n"
    result = runner.run(submission(source))
    assert result.ended == "crashed: exit status 3"
    assert result.missing == dict.fromkeys(
        [("double", 0), ("double", 7)], "its process left with status 3"
    )
    assert result.cells[1].state == "ok"


def test_solution_that_takes_all_memory_is_a_memory_error(runner):
    source = "import numpy as np\ndef double(x):\n    return np.ones(30 * 2**30)\n"
    result = runner.run(submission(source))
    assert result.reports["double", 0][0]["raised"]["type"] == "MemoryError"


def test_stub_is_not_attempted(runner):
    result = runner.run(submission(STUB))
    assert all(r["raised"]["not_attempted"] for r in result.reports["double", 0])


def test_runner_that_is_killed_leaves_nothing_behind(tmp_path):
    code = (
        "import sys; sys.path[:0] = [{root!r}, {tests!r}]\n"
        "from grading_sample import *\nfrom autograder.grading.sandbox.runner import Runner\n"
        "runner = Runner(limits=SHORT, preload=())\n"
        "print(runner._process.pid, flush=True)\n"
        "runner.run(submission('while True: pass'))\n"
    )
    root = str(ATTACKS.parent.parent)
    grader = subprocess.Popen(
        [sys.executable, "-c", code.format(root=root, tests=str(ATTACKS.parent))],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    server = psutil.Process(int(grader.stdout.readline()))
    family = [server, *server.children(recursive=True)]
    grader.kill()
    grader.communicate()
    _, alive = psutil.wait_procs(family, timeout=10)
    assert not [p for p in alive if p.status() != psutil.STATUS_ZOMBIE]


def test_server_that_is_killed_is_started_again(runner):
    os.kill(runner._process.pid, signal.SIGKILL)
    runner._process.wait()
    assert points(runner.run(submission(RIGHT))) == 3


def test_run_that_is_interrupted_leaves_the_runner_usable(runner, monkeypatch):
    def interrupted(self, *_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("autograder.grading.sandbox.transcript.Transcript.feed", interrupted)
        runner.run(submission(WRONG))
    assert points(runner.run(submission(RIGHT))) == 3


def test_without_namespaces_it_refuses_in_one_sentence(monkeypatch):
    monkeypatch.setattr("autograder.grading.sandbox.runner.sys.platform", "darwin")
    with pytest.raises(SandboxUnavailable, match="no sandbox on darwin.*--no-sandbox"):
        Runner(limits=SHORT)
