"""Many submissions over an executor: none is lost, none waits for ever, memory stays flat."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from graded_class import FULL, NAME, SETTINGS, hand_in, make, points, right, scores

from autograder.grading.pipeline import unchanged
from autograder.grading.pipeline.engine import AHEAD, Pool, fingerprint_of, grade_all, local_pool
from autograder.grading.pipeline.sanitize import Source
from autograder.grading.pipeline.submitted import Assignment, Submission, read, students
from autograder.grading.sandbox.runner import SandboxUnavailable

ROOT = Path(__file__).parents[3]


def submissions(number):
    return [Submission(f"s{i:03d}", {"nb": b"{}"}) for i in range(number)]


def named(submission):
    return submission.student


def failed(submission, why):
    return f"{submission.student}: {why}"


def threads(number=2):
    return Pool(lambda: ThreadPoolExecutor(number), number)


def test_every_submission_comes_back_once():
    done = list(grade_all(submissions(50), named, threads(), failed))
    assert sorted(done) == [f"s{i:03d}" for i in range(50)]


def test_submissions_are_read_as_they_are_wanted():
    taken = 0

    def lazily():
        nonlocal taken
        for submission in submissions(100):
            taken += 1
            yield submission

    most = 0
    for number, _ in enumerate(grade_all(lazily(), named, threads(), failed)):
        most = max(most, taken - number)
    assert most <= 2 * AHEAD + 1


def test_one_that_goes_wrong_costs_no_other():
    def wrong(submission):
        if submission.student == "s003":
            raise KeyError("strange")
        return submission.student

    done = list(grade_all(submissions(6), wrong, threads(), failed))
    assert len(done) == 6 and "s003: grading it stopped with KeyError('strange')" in done


STOPPED = """
import sys
sys.path[:0] = {paths!r}
from test_engine import long, local_pool, grade_all, sub
def submissions():
    for number in range(12):
        yield sub(f"s{{number}}", b"x" * 3_000_000)
done = grade_all(submissions(), long, local_pool(1), lambda s, why: why)
next(done)
raise KeyError("the one who writes has stopped")
"""


def sub(student: str, data: bytes) -> Submission:
    return Submission(student, {"ps1": data})


def long(submission: Submission) -> int:
    return len(submission.notebooks["ps1"])


def test_the_command_ends_though_large_submissions_are_waiting():
    """A queue that waits in a write of more than a pipe holds would keep it for ever."""
    paths = [str(Path(__file__).parent), str(ROOT / "tests"), str(ROOT)]
    done = subprocess.run(
        [sys.executable, "-c", STOPPED.format(paths=paths)], capture_output=True, text=True,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 1 and "has stopped" in done.stderr


@pytest.mark.parametrize("error", [SandboxUnavailable("no"), OSError(28, "No space")])
def test_what_is_nobodys_doing_stops_the_run(error):
    def stops(submission):
        raise error

    with pytest.raises(type(error)):
        list(grade_all(submissions(3), stops, threads(), failed))


def dies_once(submission, folder):
    """Kills its worker when it is given a certain submission for the first time."""
    mark = Path(folder) / submission.student
    if submission.student in ("s001", "s004") and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return submission.student


def dies_always(submission):
    if submission.student == "s002":
        os.kill(os.getpid(), signal.SIGKILL)
    return submission.student


def test_a_worker_that_dies_loses_no_submission(tmp_path):
    work = functools.partial(dies_once, folder=str(tmp_path))
    done = list(grade_all(submissions(8), work, local_pool(2), failed))
    assert sorted(done) == [f"s{i:03d}" for i in range(8)]
    assert {path.name for path in tmp_path.iterdir()} == {"s001", "s004"}


def test_one_that_always_kills_its_worker_is_named_and_takes_nobody_with_it():
    done = list(grade_all(submissions(7), dies_always, local_pool(2), failed))
    assert sorted(done) == sorted(
        [f"s{i:03d}" for i in range(7) if i != 2] + ["s002: the worker that graded it died, twice"]
    )


# What has changed since.


ASSIGNMENT = Assignment("ps1", (Source("nb", ({"source": "check"},), {"name": "python3"}),))
ADA = Submission("ada", {"nb": b"{}"})


@pytest.mark.parametrize(
    "changed",
    [
        (ASSIGNMENT, SETTINGS, "other code", ADA),
        (replace(ASSIGNMENT, files={"data.csv": b"1"}), SETTINGS, "code", ADA),
        (replace(ASSIGNMENT, theirs=frozenset({"x.py"})), SETTINGS, "code", ADA),
        (replace(ASSIGNMENT, sources=(Source("nb", ({"source": "seed=2"},)),)), SETTINGS, "code",
         ADA),
        (ASSIGNMENT, replace(SETTINGS, skip_tags=("x",)), "code", ADA),
        (ASSIGNMENT, SETTINGS, "code", replace(ADA, notebooks={"nb": b"{ }"})),
        (ASSIGNMENT, SETTINGS, "code", replace(ADA, timestamp=b"soon")),
        (ASSIGNMENT, SETTINGS, "code", replace(ADA, files={"x.py": b""})),
    ],
    ids=["code", "files", "lists", "source", "settings", "notebook", "no time", "file"],
)  # fmt: skip
def test_whatever_decides_a_score_changes_the_fingerprint(changed):
    assignment, settings, code, submission = changed
    usual = fingerprint_of(ASSIGNMENT, SETTINGS, "code")(ADA)
    assert fingerprint_of(ASSIGNMENT, SETTINGS, "code")(ADA) == usual
    assert fingerprint_of(assignment, settings, code)(submission) != usual


def test_another_time_of_handing_in_does_not():
    later = replace(ADA, timestamp=b"2026-01-01 00:00:00 UTC")
    made = fingerprint_of(ASSIGNMENT, SETTINGS, "code")
    assert made(later) == made(ADA)


def test_the_digest_is_of_the_code_that_decides_wherever_it_lies(tmp_path):
    def put(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    room = put("autograder/exercises/relu.py", "1")
    for name in "judging/judge.py", "commands/cli.py", "grading/reports/report.py":
        put(f"autograder/{name}", name)
    usual = unchanged.code_digest(tmp_path)
    for name in "commands/cli.py", "grading/reports/report.py":
        put(f"autograder/{name}", "2")
        assert unchanged.code_digest(tmp_path) == usual
    put("autograder/exercises/activations/rectifiers.py", "1")
    room.unlink()  # a move changes nothing
    assert unchanged.code_digest(tmp_path) == usual
    put("autograder/judging/judge.py", "2")
    assert unchanged.code_digest(tmp_path) != usual


# What was handed in.


def test_pipes_links_and_giants_are_not_read(tmp_path):
    os.mkfifo(tmp_path / "nb.ipynb")
    (tmp_path / "folder").symlink_to("/etc")
    (tmp_path / "timestamp.txt").symlink_to("/etc/passwd")
    found = read("ada", tmp_path, ASSIGNMENT, 1000)
    assert found.notebooks == {} and found.timestamp is None and found.files == {}
    assert "not an ordinary file" in found.unusable["nb"]
    assert any("folder" in note for note in found.notes)
    (tmp_path / "nb.ipynb").unlink()
    (tmp_path / "nb.ipynb").write_bytes(b"x" * 1001)
    assert "larger than" in read("ada", tmp_path, ASSIGNMENT, 1000).unusable["nb"]


def test_a_notebook_under_another_name_is_pointed_out(tmp_path):
    (tmp_path / "nb (1).ipynb").write_text("{}")
    found = read("ada", tmp_path, ASSIGNMENT, 1000)
    assert found.unusable["nb"] == "there is no file nb.ipynb, but there is nb (1).ipynb"


def test_students_are_found_by_nbgraders_own_folders(tmp_path):
    from nbgrader.coursedir import CourseDirectory

    for student, assignment in (("ada", "ps1"), ("bob", "ps2"), ("eve.x", "ps1")):
        (tmp_path / "in" / assignment / student).mkdir(parents=True)
    course = CourseDirectory(root=str(tmp_path), submitted_directory="in")
    course.directory_structure = "{nbgrader_step}/{assignment_id}/{student_id}"
    course.student_id_exclude = "eve.x"
    assert students(course, "ps1") == [("ada", tmp_path / "in" / "ps1" / "ada")]


# The real thing, in processes of their own.


def course(folder, *args):
    return [sys.executable, "-m", "autograder", "grade", NAME, "--class", str(folder), *args]


def descendants(process) -> list[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(process.pid).children(recursive=True)
    return []


def until(condition, seconds=60):
    """Wait for something that other processes do."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        with contextlib.suppress(OSError):
            os.sched_yield()
    return found


@pytest.fixture
def many(tmp_path):
    folder = make(tmp_path / "class")
    sources = right()
    for number in range(6):
        hand_in(folder, f"s{number}", sources if number % 2 else sources | {"bn_dxhat": "pass"})
    return folder


def expected(number):
    return FULL if number % 2 else FULL | {"bn_dxhat": 0.0}


def test_killed_half_way_nothing_is_left_running_and_the_next_run_finishes(many):
    run = subprocess.Popen(course(many, "--workers", "1"), stderr=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL)  # fmt: skip
    until(lambda: list((many / "autograded").glob("s*/.*.json")), 120)
    family = descendants(run)
    assert family
    run.kill()
    run.wait()
    _, alive = psutil.wait_procs(family, timeout=30)
    assert not alive
    done = subprocess.run(course(many, "--json"), capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    for number in range(6):
        assert points(many, f"s{number}") == expected(number)
        assert scores(many, f"s{number}")["explain_relu"] == (0.0, None, False)


def test_a_worker_and_a_server_killed_half_way_lose_no_submission(many):
    run = subprocess.Popen(course(many, "--workers", "2", "--json"), stderr=subprocess.PIPE,
                           stdout=subprocess.PIPE, text=True)  # fmt: skip
    until(lambda: list((many / "autograded").glob("s*/.*.json")), 120)
    workers = [p for p in descendants(run) if p.name() == "course worker"]
    with contextlib.suppress(psutil.NoSuchProcess):
        workers[0].kill()
    _finishes(run, many)


def _finishes(run, many):
    """The run comes to its end, and every submission has what it earned."""
    out, err = run.communicate(timeout=240)
    assert run.returncode == 0, err
    assert json.loads(out)["states"]["failed to run"] == 0
    for number in range(6):
        assert points(many, f"s{number}") == expected(number)


@contextlib.contextmanager
def dask_cluster(workers):
    """A scheduler and workers, each a process of its own, as on a cluster."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": ROOT}
    started = [subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_scheduler", "--no-dashboard",
         "--host", "127.0.0.1", "--port", address.rpartition(":")[2]], **quiet,
    )]  # fmt: skip
    try:
        for _ in range(workers):
            started.append(subprocess.Popen(
                [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1",
                 "--no-dashboard", "--no-nanny"], **quiet,
            ))  # fmt: skip
        from distributed import Client

        with Client(address, timeout="60s") as client:
            client.wait_for_workers(workers, timeout=120)
        yield address, started[1:]
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def test_a_dask_cluster_of_two_workers_grades_and_one_lost_loses_no_submission(many):
    pytest.importorskip("distributed")
    with dask_cluster(2) as (address, workers):
        run = subprocess.Popen(course(many, "--dask", address, "--json"), stderr=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)  # fmt: skip
        until(lambda: list((many / "autograded").glob("s*/.*.json")), 120)
        workers[0].kill()
        _finishes(run, many)


def test_ctrl_c_ends_everything_soon_and_says_what_is_kept(many):
    hand_in(many, "s9", right() | {"bn_dxhat": "while True:\n    try:\n        while True: pass\n"
                                               "    except BaseException: pass"})  # fmt: skip
    run = subprocess.Popen(course(many, "--workers", "1"), stderr=subprocess.PIPE, text=True,
                           stdout=subprocess.DEVNULL, start_new_session=True)  # fmt: skip
    until(lambda: len(list((many / "autograded").glob("s*/.*.json"))) == 6, 120)
    family = descendants(run)
    os.killpg(run.pid, signal.SIGINT)
    _, err = run.communicate(timeout=30)
    assert run.returncode == 130
    assert "6 submissions are graded and recorded" in err and "Traceback" not in err
    _, alive = psutil.wait_procs(family, timeout=30)
    assert not alive


def test_a_cluster_that_does_not_answer_is_one_sentence(many):
    pytest.importorskip("distributed")
    from click.testing import CliRunner

    from autograder.commands.cli import cli

    result = CliRunner().invoke(
        cli, ["grade", NAME, "--class", str(many), "--dask", "tcp://127.0.0.1:1"]
    )
    assert result.exit_code == 1
    assert "No dask scheduler answers at tcp://127.0.0.1:1" in result.output
