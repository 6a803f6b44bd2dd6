"""The classes that benchmarks of grading grade, and how a run is measured: wall clock, processor
time, memory. What is measured is `grading`'s, `feedback`'s and `starts`'."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

# The same for everybody who is measured: one thread a process.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

import nbformat
import psutil
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).resolve().parents[1]
NAME = "small"
BATCHNORM = "06_batchnorm"
CONFIG = "c = get_config()\nc.CourseDirectory.course_id = 'speed'\n"


@dataclass
class Row:
    """One line of the table: what was measured, the values, and what was aimed at."""

    what: str
    value: str
    aim: str = ""


def show(rows: list[Row]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table("measured", box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("value", justify="right")
    table.add_column("aim")
    for row in rows:
        table.add_row(row.what, row.value, row.aim)
    console = Console()
    console.print(table)
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    console.print(
        f"{os.cpu_count()} cores; load at the end {load}; Python {sys.version.split()[0]}"
    )


# Classes.


def small_class(folder: Path, imports: str, number: int) -> Path:
    """A released class of four-cell notebooks, with so many submissions."""

    def code(name, source, **flags):
        grades = {"grade": False, "solution": False, "locked": False, "task": False,
                  "grade_id": name, "schema_version": 3, **flags}  # fmt: skip
        return new_code_cell(source, id=name, metadata={"nbgrader": grades})

    cells = [
        new_code_cell(imports, id="imports"),
        code("relu", "def relu(x):\n    ### BEGIN SOLUTION\n    return np.maximum(x, 0)\n"
                     "    ### END SOLUTION", solution=True),
        code("test_relu", "assert relu(np.array([-1, 2])).tolist() == [0, 2]", grade=True,
             locked=True, points=2),
        new_code_cell("relu(np.linspace(-1, 1, 5))", id="look"),
    ]  # fmt: skip
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    source = folder / "source" / NAME
    source.mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(CONFIG)
    nbformat.write(notebook, source / f"{NAME}.ipynb")
    seconds([sys.executable, "-m", "nbgrader", "generate_assignment", NAME], folder)
    released = nbformat.read(folder / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    released.cells[1].source = "def relu(x):\n    return np.maximum(x, 0)"
    for student in range(number):
        there = folder / "submitted" / f"s{student:04d}" / NAME
        there.mkdir(parents=True)
        nbformat.write(released, there / f"{NAME}.ipynb")
    return folder


def batchnorm_class(folder: Path, number: int) -> Path:
    """A released class with so many submissions: the demonstration's honest ones, in turn."""
    from autograder.grading.demo import samples

    honest = [s for s in samples.SAMPLES if not s.nothing_for and not s.change]
    return _class_of(folder, BATCHNORM, honest, number)


def solved_class(folder: Path, notebook: str, number: int) -> Path:
    """A released class of any notebook in which so many have handed in the solutions."""
    from autograder.grading.demo import samples

    right = samples.Sample("right", "All", "Right", "everything right")
    return _class_of(folder, notebook, [right], number)


def _class_of(folder: Path, notebook: str, handed_in: list, number: int) -> Path:
    from autograder.authoring.build.masters import load
    from autograder.grading.classroom.new_class import make_class
    from autograder.grading.demo import samples
    from autograder.grading.pipeline import nbgrader_commands, nbgrader_steps

    nbgrader_steps.prepare_environment()
    master = load(notebook)
    make_class(folder, [master], [], "speed", 20)
    outcome = nbgrader_commands.release(folder, notebook)
    if not outcome.ok:
        raise RuntimeError(outcome.log)
    released = (folder / "release" / notebook / f"{notebook}.ipynb").read_text("utf-8")
    texts = [samples.submission(sample, released, master) for sample in handed_in]
    for student in range(number):
        there = folder / "submitted" / f"s{student:04d}" / notebook
        there.mkdir(parents=True)
        (there / f"{notebook}.ipynb").write_text(texts[student % len(texts)], encoding="utf-8")
    return folder


# Measuring.


def seconds(command: list[str], folder: Path, environment: dict | None = None) -> float:
    """Wall seconds of a command in a folder. Raises when it fails."""
    started = time.perf_counter()
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True,
                         env={**os.environ, **(environment or {})})  # fmt: skip
    if run.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{run.stderr[-3000:]}")
    return time.perf_counter() - started


def processor_seconds() -> float:
    """Processor time of all processes that were started here and have ended, in seconds."""
    times = os.times()
    return times.children_user + times.children_system


def graded(
    folder: Path, assignment: str, *more: str, look: bool = False
) -> tuple[float, dict, int]:
    """`course grade`: wall seconds, its report, and the peak memory of all its processes, where
    `look` says that it be looked at, which takes time itself."""
    command = [sys.executable, "-m", "autograder", "grade", assignment, "--class", str(folder),
               "--json", *more]  # fmt: skip
    if "--dask" not in more and "--workers" not in more:
        command += ["--workers", str(os.cpu_count() or 1)]
    started = time.perf_counter()
    run = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           text=True)  # fmt: skip
    peak, done = [0], threading.Event()
    watcher = threading.Thread(target=watch, args=(run.pid, peak, done))
    if look:
        watcher.start()
    out, err = run.communicate()
    took = time.perf_counter() - started
    done.set()
    if look:
        watcher.join()
    if run.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{err[-3000:]}")
    return took, json.loads(out), peak[0]


def watch(pid: int, peak: list[int], done: threading.Event) -> None:
    """Keep the most memory that a process and all below it had: what is shared counted once."""
    while not done.wait(0.5):
        total = 0
        with contextlib.suppress(psutil.Error):
            for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    total += process.memory_full_info().pss
        peak[0] = max(peak[0], total)
