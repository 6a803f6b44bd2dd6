"""What grading a class costs, side by side in one run: stock nbgrader, `course grade`, a third
grader, a cluster of one and of two workers, with and without the sandbox. Told as a table.

    python benchmarks/grading.py             (three quarters of an hour)
    python benchmarks/grading.py --quick     (less than nine minutes on two cores)
    python benchmarks/grading.py --only start,feedback
    python benchmarks/grading.py --thousand  (a quarter of an hour; stock is measured on six)
    python benchmarks/grading.py --light     (two minutes)

otter-grader asks for versions of its own, so it is run from an environment of its own, if
there is one: `python -m venv peer && peer/bin/pip install otter-grader numpy torch ipykernel`, then
OTTER=peer/bin/otter.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import feedback
import starts
from graded_classes import (
    BATCHNORM,
    NAME,
    ROOT,
    Row,
    batchnorm_class,
    graded,
    processor_seconds,
    seconds,
    show,
    small_class,
)
from of_grading import large_and_light

CELLS = {
    "numpy": "import numpy as np",
    "torch": "import numpy as np\nimport torch",
}


def main(arguments: list[str] | None = None) -> None:
    quick = ", ".join(name for name, part in PARTS.items() if part.quick)
    parts = "\n".join(f"  {name:<10}{part.says}" for name, part in PARTS.items())
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n\n")[0],
        epilog=f"parts, with about how long each takes on two quiet cores, --quick and without:\n"
               f"{parts}\n\n--quick runs {quick} alone.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="few submissions, and fewer parts")
    parser.add_argument("--only", default="", metavar="PART,PART", help="these parts")
    for name in OF_SO_MANY:
        parser.add_argument(f"--{name}", action="store_true", help=f"as --only {name}")
    parser.add_argument("--submissions", type=int, default=0, metavar="N",
                        help=f"so many of them, in {' and '.join(OF_SO_MANY)}")  # fmt: skip
    given = parser.parse_args(arguments)
    if given.submissions < 0:
        parser.error("--submissions is a number from 1 on")
    wanted = [part for part in given.only.split(",") if part]
    wanted += [name for name in OF_SO_MANY if getattr(given, name) and name not in wanted]
    if unknown := sorted(set(wanted) - set(PARTS)):
        parser.error(f"there is no part {unknown[0]}: {', '.join(PARTS)}")
    wanted = wanted or [name for name, part in PARTS.items() if part.quick or not given.quick]
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="grading-") as place:
        for part in wanted:
            number = (given.submissions,) if part in OF_SO_MANY else ()
            for row in PARTS[part].measure(Path(place), given.quick, *number):
                print(f"{row.what:<66} {row.value:>26}  {row.aim}", file=sys.stderr, flush=True)
                rows.append(row)
    show(rows)


# Stock nbgrader and course grade on the same submissions of a course that knows neither.


def stock(place: Path, quick: bool) -> Iterator[Row]:
    number = 8 if quick else 40
    for kind, aim in (("numpy", 10), ("torch", 25)):
        folder = small_class(place / kind, CELLS[kind], number)
        # Processor time says the same whatever else the machine does meanwhile.
        spent = processor_seconds()
        by_stock = seconds([sys.executable, "-m", "nbgrader", "autograde", NAME], folder)
        cpu_stock = processor_seconds() - spent
        shutil.rmtree(folder / "autograded")
        spent = processor_seconds()
        whole, report, _ = graded(folder, NAME, "--force")
        cpu_whole = processor_seconds() - spent
        # Workers take seconds to start, once a run; the rate of a long run is what is left.
        more = small_class(place / f"{kind}-more", CELLS[kind], number * 5)
        spent = processor_seconds()
        longer, _, _ = graded(more, NAME)
        cpu_each = (processor_seconds() - spent - cpu_whole) / (number * 4)
        each = (longer - whole) / (number * 4)
        yield Row(f"{kind}: stock nbgrader autograde, {number} submissions",
                  f"{60 * number / by_stock:.0f} a minute")  # fmt: skip
        yield Row(f"{kind}: course grade, the same {number}, start of workers included",
                  f"{60 * number / whole:.0f} a minute ({by_stock / whole:.1f}×)")  # fmt: skip
        rate = f"{60 / each:.0f} a minute ({by_stock / number / each:.0f}×)"
        if each <= 0:
            rate = "lost in other processes' noise"
        yield Row(f"{kind}: course grade, each further submission", rate, f"≥ {aim}×")
        yield Row(f"{kind}: processor time a submission, stock and course grade",
                  f"{cpu_stock / number:.2f} s, {cpu_each:.3f} s "
                  f"({cpu_stock / number / cpu_each:.0f}×)")  # fmt: skip
        assert report["states"]["all points"] == number, report["states"]


# One dask worker and two.


def dask(place: Path, quick: bool) -> Iterator[Row]:
    number = 20 if quick else 200
    folder = batchnorm_class(place / "dask", number)
    took, inside = {}, {}
    for workers in (1, 2):
        with cluster(workers) as address:
            # Once for the workers to start their servers and make their answer keys.
            graded(folder, BATCHNORM, "--dask", address, "--force")
            took[workers], report, _ = graded(folder, BATCHNORM, "--dask", address, "--force")
            inside[workers] = report["seconds"]
    yield Row(f"dask: {number} submissions by one worker", f"{inside[1]:.1f} s")
    yield Row(f"dask: {number} submissions by two workers",
              f"{inside[2]:.1f} s ({inside[1] / inside[2]:.2f}×)", "≥ 1.7×")  # fmt: skip
    yield Row("dask: the same with the start of the command",
              f"{took[1]:.1f} s, {took[2]:.1f} s ({took[1] / took[2]:.2f}×)")  # fmt: skip


@contextlib.contextmanager
def cluster(workers: int) -> Iterator[str]:
    """A scheduler and workers as separate processes; its address."""
    from distributed import Client

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    address = f"tcp://127.0.0.1:{port}"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": ROOT}
    python = [sys.executable, "-m"]
    commands = [[*python, "distributed.cli.dask_scheduler", "--no-dashboard", "--host",
                 "127.0.0.1", "--port", port]]  # fmt: skip
    commands += [[*python, "distributed.cli.dask_worker", address, "--nthreads", "1",
                  "--no-dashboard", "--no-nanny"]] * workers  # fmt: skip
    started = [subprocess.Popen(command, **quiet) for command in commands]
    try:
        with Client(address, timeout="60s") as client:
            client.wait_for_workers(workers, timeout=120)
        yield address
    finally:
        for process in reversed(started):  # the scheduler last: workers take leave of it
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


# A third grader.

OTTER_TEST = """\
OK_FORMAT = True
test = {"name": "test_relu", "points": 2, "suites": [{
    "cases": [{"code": ">>> relu(np.array([-1, 2])).tolist()\\n[0, 2]",
               "hidden": False, "locked": False}],
    "scored": True, "setup": "", "teardown": "", "type": "doctest"}]}
"""


def otter(place: Path, quick: bool) -> Iterator[Row]:
    """`otter run` on the four cells that stock and `course grade` are measured with."""
    command = os.environ.get("OTTER") or shutil.which("otter")
    if command is None:
        yield Row("otter-grader", "not installed; see --help")
        return
    number = 4 if quick else 10
    tests, results = place / "otter" / "tests", place / "otter" / "results"
    for folder in (tests, results):
        folder.mkdir(parents=True)
    (tests / "test_relu.py").write_text(OTTER_TEST)
    home = str(Path(command).parent)
    path = {"PATH": f"{home}{os.pathsep}{os.environ['PATH']}"}
    seconds([command, "generate", "-t", str(tests), "-o", "grader.zip", "--no-environment",
             "--no-requirements"], tests.parent, path)  # fmt: skip
    for kind, imports in CELLS.items():
        # A cell that fails to import costs nothing there, and takes no time.
        here = [str(Path(command).with_name("python")), "-c", imports]
        if subprocess.run(here, capture_output=True).returncode:
            yield Row(f"{kind}: otter run", f"its environment has no {kind}")
            continue
        released = small_class(place / f"otter-{kind}", imports, 1)
        one = released / "submitted" / "s0000" / NAME / f"{NAME}.ipynb"
        call = [command, "run", "-a", str(tests.parent / "grader.zip"), "-o", str(results),
                "--no-logo", str(one)]  # fmt: skip
        spent = processor_seconds()
        took = sum(seconds(call, tests.parent, path) for _ in range(number))
        cpu = processor_seconds() - spent
        scored = json.loads((results / "results.json").read_text())["tests"]
        if sum(test.get("score", 0) for test in scored) != 2:
            yield Row(f"{kind}: otter run", "its environment cannot run this notebook")
            continue
        yield Row(f"{kind}: otter run, {number} submissions, one by one",
                  f"{60 * number / took:.0f} a minute, {cpu / number:.2f} s each")  # fmt: skip


# What the sandbox costs.


def sandbox(place: Path, quick: bool) -> Iterator[Row]:
    from autograder.grading.sandbox.runner import Cell, Job, Runner

    job = Job((Cell("a", "import numpy as np\nx = np.arange(5)\nx.sum()"), Cell("b", "x * 2")))
    repeats = 15 if quick else 60
    medians = {}
    with Runner(sandbox=True) as locked, Runner(sandbox=False) as unlocked:
        runners = {"on": locked, "off": unlocked}
        times: dict[str, list[float]] = {"on": [], "off": []}
        # In turns, so that whatever else the machine does falls on both.
        for _ in range(repeats + 3):
            for name, runner in runners.items():
                started = time.perf_counter()
                assert runner.run(job).ended == "finished"
                times[name].append(time.perf_counter() - started)
        medians = {name: statistics.median(taken[3:]) for name, taken in times.items()}
    yield Row("one notebook of two cells, sandbox off", f"{1000 * medians['off']:.0f} ms")
    yield Row("one notebook of two cells, sandbox on", f"{1000 * medians['on']:.0f} ms")
    cost = medians["on"] - medians["off"]
    yield Row("the sandbox costs a submission", f"{1000 * cost:.0f} ms", "< 40 ms")


@dataclass(frozen=True)
class Part:
    """A part of the table: how it is measured, what it is about and how long it takes, and whether
    --quick runs it."""

    measure: Callable[..., Iterator[Row]]
    says: str
    quick: bool = True


PARTS = {
    "start": Part(starts.measure, "one submission, 30, a further worker, no change: 4, 7 min"),
    "training": Part(starts.training, "a further submission of 16 and of 17: 4, 6 min",
                     quick=False),
    "dask": Part(dask, "a cluster of one and of two workers: 2, 5 min"),
    "feedback": Part(feedback.measure, "100 pages, of which 5 changed: 2, 2 min"),
    "sandbox": Part(sandbox, "with and without: 1, 1 min"),
    "stock": Part(stock, "cells that know nothing of the course: 3, 10 min", quick=False),
    "otter": Part(otter, "a third grader, if it is there: 1, 2 min", quick=False),
    "light": Part(large_and_light.light, "nbgrader's own example, 22 notebooks: 2, 2 min",
                  quick=False),
    "thousand": Part(large_and_light.thousand, "1,000 submissions: 3, 15 min", quick=False),
}  # fmt: skip
OF_SO_MANY = ("thousand", "light")

if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
