"""A small class to grade, and the way there without worker processes, for tests of grading."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from pathlib import Path

import nbformat
from grading_sample import LIGHT
from nbgrader.api import Gradebook

from autograder.authoring.build.masters import load, namespace, solutions
from autograder.grading.classroom import configuration, new_class, roster
from autograder.grading.pipeline import engine, nbgrader_commands, run
from autograder.grading.pipeline.one_submission import Settings
from autograder.grading.pipeline.record import Record
from autograder.grading.reports import report
from autograder.grading.sandbox.job import Limits

SMALL = Path(__file__).parent / "masters" / "98_graded.py"
NAME = "98_graded"
FULL = {"relu_forward": 2.0, "relu_backward": 3.0, "bn_dxhat": 2.0}
SETTINGS = Settings(
    limits=Limits(cell_seconds=2.0, total_seconds=20.0, grace_seconds=0.5, memory=2**30),
    skip_tags=("experiment",), preload=LIGHT,
)  # fmt: skip


class Inline(Executor):
    """Does what it is given at once, in this thread, so that its runner is started once."""

    def submit(self, function, /, *args, **kwargs) -> Future:
        future: Future = Future()
        try:
            future.set_result(function(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - as an executor does
            future.set_exception(error)
        return future


INLINE = engine.Pool(Inline, 1)


def make(folder: Path, students=("ada",)) -> Path:
    """A class whose one assignment is released."""
    people = [roster.Student(student) for student in students]
    new_class.make_class(folder, [load(SMALL)], people, "A small class", 60)
    assert (outcome := nbgrader_commands.release(folder, NAME)).ok, outcome.log
    return folder


def right() -> dict[str, str]:
    """What to put in which cell for full marks."""
    master = load(SMALL)
    answer = namespace(master)["q02_centred"]
    return {**solutions(master), "q02_centred": f"q02_centred = {answer!r}"}


def released(folder: Path, assignment: str = NAME):
    return nbformat.read(folder / "release" / assignment / f"{assignment}.ipynb", as_version=4)


def hand_in(folder: Path, student: str, sources=(), change=None) -> Path:
    """A submission: the released notebook with some cells filled in, and changed at will.

    What `change` returns, where it is a string, is written instead. Returns the folder.
    """
    notebook = released(folder)
    for cell in notebook.cells:
        cell.source = dict(sources).get(cell.id, cell.source)
    text = change(notebook) if change else None
    place = folder / "submitted" / student / NAME
    place.mkdir(parents=True, exist_ok=True)
    if not isinstance(text, str):
        text = nbformat.writes(notebook)
    (place / f"{NAME}.ipynb").write_text(text, encoding="utf-8")
    return place


def cell(notebook, identity: str):
    return next(cell for cell in notebook.cells if cell.id == identity)


def grade(folder: Path, assignment: str = NAME, *, settings=SETTINGS, pool=INLINE, only=(),
          force=False, wait=1.0, say=print) -> dict:  # fmt: skip
    """Grade a class as `course grade` does; its report, with the submissions by student."""
    tally = report.Tally(assignment)
    with Record(folder, assignment, say=say, wait=wait) as record:
        found = run.submissions(record, only)
        outcomes = run.grade_class(record, record.assignment(), found, settings, pool, force)
        for _ in report.followed(outcomes, len(found), tally, live=False, quiet=True):
            pass
    told = tally.as_json()
    return told | {"submissions": {row["student"]: row for row in told["submissions"]}}


def scores(folder: Path, student: str, assignment: str = NAME, notebook: str = NAME) -> dict:
    """What the gradebook says, by cell: (automatic, by hand, to be looked at)."""
    with Gradebook(configuration.database(folder)) as book:
        submission = book.find_submission_notebook(notebook, assignment, student)
        return {
            g.name.removeprefix("check_"): (g.auto_score, g.manual_score, g.needs_manual_grade)
            for g in submission.grades
        }


def points(folder: Path, student: str) -> dict:
    """The automatic points of the small assignment's checks."""
    return {n: auto for n, (auto, *_) in scores(folder, student).items() if n in FULL}


def autograded(folder: Path, student: str, assignment: str = NAME):
    place = folder / "autograded" / student / assignment / f"{assignment}.ipynb"
    return nbformat.read(place, as_version=4)
