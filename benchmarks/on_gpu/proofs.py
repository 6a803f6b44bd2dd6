"""Whether the course is right on a device: answer keys, solutions, tests, notebooks, grading.
How fast it is there is measured in `speeds`."""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from parts import ROOT, Failed, LeftOut, Run

COURSE = [sys.executable, "-m", "autograder"]
NOTEBOOKS = ("12_gpu", "13_precision", "15_transfer")
GRADED = "06_batchnorm"
# The tests that ask for the best device, or judge with references on it.
TESTS = ("tests/course_utils/test_training.py", "tests/course_utils/test_transfer.py",
         "tests/course_utils/test_recipes.py", "tests/exercises/test_odd_but_right.py")  # fmt: skip


def references(run: Run) -> dict:
    """Each answer key on the device and on the CPU: how many tolerances lie between them.

    Then every solution, judged by the device's keys; that reads the masters, with jupytext.
    """
    from autograder.exercise import PRACTICE_SEED
    from autograder.exercises import find
    from autograder.learning.catalogue import exercises

    names = [listed.name for listed in exercises()]
    names = names[:: 40 if run.quick else 1]
    worst: dict[str, float] = {}
    wrong = []
    for name in names:
        try:
            worst[name] = between(find(name), PRACTICE_SEED, run.device)
        except Exception as error:  # noqa: BLE001 - told with the others
            wrong.append(f"{name}: {type(error).__name__}: {error}"[:300])
            continue
        if not worst[name] <= 1:
            wrong.append(f"{name}: {worst[name]:.3g} tolerances from the CPU's values")
    farthest = sorted(worst, key=worst.get, reverse=True)[:5]
    run.keep(answer_keys=len(worst), wrong=wrong,
             farthest={name: float(f"{worst[name]:.3g}") for name in farthest})  # fmt: skip
    wrong += solutions(run, names)
    run.keep(wrong=wrong)
    if wrong:
        raise Failed(f"{len(wrong)} are not as on the CPU: {'; '.join(wrong)[:1500]}")
    return {}


def between(kind, seed: int, device: str) -> float:
    """The largest distance of a right value on the device from the CPU's, in tolerances."""
    from autograder.exercise import oracle_on
    from autograder.judging.compare import apart
    from autograder.judging.keys import answer_key

    keys = []
    for place in ("cpu", device):
        with oracle_on(place):
            keys.append(answer_key(kind, seed))
    return max(
        (apart(there.right[name].value, here.right[name].value, here.right[name])
         for here, there in zip(*(key.cases for key in keys), strict=True)
         for name in here.right),
        default=0.0,
    )  # fmt: skip


def solutions(run: Run, names: list[str]) -> list[str]:
    """A sentence on each solution that the device's keys do not give full points."""
    try:
        from autograder.authoring.build import masters
    except ModuleNotFoundError as absent:
        run.keep(solutions=f"not judged: there is no {absent.name} here")
        return []
    from autograder.exercise import PRACTICE_SEED, oracle_on
    from autograder.learning import practice

    passed, wrong = 0, []
    for path in masters.masters():
        master = masters.load(path)
        due = [name for name in master.checked() if name in names]
        if not due:
            continue
        with oracle_on("cpu"):
            namespace = masters.namespace(master)
        for name in due:
            with oracle_on(run.device):
                verdict = practice.grade(name, namespace, PRACTICE_SEED)
            if verdict.status == "passed" and verdict.points == verdict.max_points:
                passed += 1
            else:
                got = f"{verdict.points:g} of {verdict.max_points:g}"
                wrong.append(f"{name}: its solution has {got}: {verdict.message.splitlines()[0]}")
        run.keep(solutions=passed)
    return wrong


def device_tests(run: Run) -> dict:
    """pytest's own last line, and the names of what failed."""
    tests = TESTS[:1] if run.quick else TESTS
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rf", "-p", "no:cacheprovider",
         "--override-ini", "addopts=", *tests],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    lines = done.stdout.strip().splitlines()
    failed = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
    run.keep(said=lines[-1] if lines else done.stderr[-500:], failed=failed, tests=list(tests))
    if done.returncode:
        raise Failed("; ".join(failed)[:1500] or run.found["said"])
    return {}


def notebooks(run: Run) -> dict:
    """Each solved notebook as a program: what its cells print, its seconds, its verdicts."""
    os.environ["COURSE_QUICK"] = "1" if run.quick else ""
    os.environ["MPLBACKEND"] = "Agg"
    sys.argv[1:] = []  # what a notebook's cells may read
    told, wrong = {}, []
    for name in NOTEBOOKS[1:2] if run.quick else NOTEBOOKS:
        start = time.perf_counter()
        said, not_right = as_a_program(ROOT / "notebooks" / "source" / f"{name}.py")
        told[name] = {"seconds": round(time.perf_counter() - start, 1), "said": said}
        wrong += [f"{name}: {sentence}" for sentence in not_right]
        run.keep(notebooks=told)
    if wrong:
        raise Failed("; ".join(wrong)[:1500])
    return {}


def as_a_program(path: Path) -> tuple[list[str], list[str]]:
    """Run a master from top to bottom; the lines that it prints, and what is not right in it."""
    from autograder.authoring.build import masters
    from autograder.exercise import Question
    from autograder.exercises import find
    from autograder.learning import practice

    # What the text claims of an experiment was tried on CPUs, and is `course verify`'s to ask.
    source = masters.CLAIMS.sub("", path.read_text(encoding="utf-8"))
    namespace: dict = {"__name__": "__main__"}
    printed, here = io.StringIO(), Path.cwd()
    with tempfile.TemporaryDirectory(prefix="course-gpu-") as folder:
        os.chdir(folder)
        try:
            with contextlib.redirect_stdout(printed):
                masters.run(source, namespace, path.stem)
        finally:
            os.chdir(here)
    lines = printed.getvalue().splitlines()
    # What would be shown as a picture is printed as data here.
    said = [line for line in lines if line.strip() and not line.startswith(("{'", "<"))]
    wrong = []
    for name in re.findall(r'^check\("(\w+)"\)', source, re.MULTILINE):
        if issubclass(find(name), Question):  # the master has the question, not the answer
            continue
        verdict = practice.grade(name, namespace)
        if verdict.status != "passed":
            wrong.append(f"{name} is {verdict.status}: {verdict.message.splitlines()[0]}")
    return [line[:200] for line in said], wrong


def grading(run: Run) -> dict:
    """The same class graded with the judge on the device and on the CPU: the same full marks."""
    with tempfile.TemporaryDirectory(prefix="course-gpu-") as place:
        folder = Path(place) / "class"
        a_class(folder)
        marks, options = {}, ()
        for device in dict.fromkeys((run.device, "cpu")):
            options, marks[device] = graded(folder, device, options)
            run.keep(marks=marks, sandbox="--no-sandbox" not in options)
    wanted = marks["cpu"][1]
    wrong = [f"on {device} {score:g} of {full:g}" for device, (score, full) in marks.items()
             if not math.isclose(score, wanted)]  # fmt: skip
    if wrong:
        raise Failed(f"the solved {GRADED} does not have its full marks: {'; '.join(wrong)}")
    return {}


def a_class(folder: Path) -> None:
    """One assignment, and one submission of it that is all right."""
    import nbformat

    from autograder.authoring.build import masters

    made = [COURSE + ["class", "new", str(folder), "-a", GRADED[:2]],
            [sys.executable, "-m", "nbgrader", "generate_assignment", GRADED]]  # fmt: skip
    for command, where in zip(made, (ROOT, folder), strict=True):
        done = subprocess.run(command, cwd=where, capture_output=True, text=True, env=on("cpu"))
        if done.returncode:
            raise Failed(f"no class could be made: {(done.stderr or done.stdout)[-500:]}")
    master = masters.load(GRADED)
    right = masters.solutions(master)
    right |= {name: f"{name} = {value!r}" for name, value in masters.answers(master).items()}
    notebook = nbformat.read(folder / "release" / GRADED / f"{GRADED}.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.source = right.get(cell.id, cell.source)
    handed_in = folder / "submitted" / "ada" / GRADED
    handed_in.mkdir(parents=True)
    nbformat.write(notebook, handed_in / f"{GRADED}.ipynb")


def graded(folder: Path, device: str, options: tuple) -> tuple[tuple, tuple[float, float]]:
    """Score and full marks; where learners' code cannot be locked in, without the lock."""
    for chosen in dict.fromkeys((options, (*options, "--no-sandbox"))):
        done = subprocess.run(
            COURSE + ["grade", GRADED, "--class", str(folder), "--force", "--json",
                      "--no-similar", "-w", "1", *chosen],
            cwd=ROOT, capture_output=True, text=True, env=on(device),
        )  # fmt: skip
        if done.stdout.lstrip().startswith("{"):
            (line,) = json.loads(done.stdout)["submissions"]
            return chosen, (float(line["points"]), float(line["max_points"]))
    if "nbgrader" in done.stderr and "No module" in done.stderr:
        raise LeftOut("nbgrader cannot be imported here")
    raise Failed(f"course grade stopped on {device}: {(done.stderr or done.stdout)[-800:]}")


def on(device: str) -> dict[str, str]:
    return {**os.environ, "COURSE_DEVICE": device}
