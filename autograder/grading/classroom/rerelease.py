"""Brings gradebook and release of a running class to a changed source, all of it or nothing: what
`nbgrader generate_assignment --force` does not do once there are submissions."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click
from filelock import FileLock, Timeout
from nbgrader import api
from nbgrader.api import MissingEntry
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor, SaveCells
from nbgrader.utils import capture_log

from autograder.grading.classroom.configuration import load_config, opened, transaction

STAGING = ".course-update"
KINDS = ("grade", "solution", "task")


class _NoGradebook:
    """A gradebook that knows nothing, so that what nbgrader would save is only what is found."""

    def __getattr__(self, name):
        def missing(*_):
            raise MissingEntry(name)

        return missing


class FindCells(SaveCells):
    """nbgrader's SaveCells, but what it would save is kept for later."""

    def __init__(self, **options):
        super().__init__(**options)
        self.found: dict[str, dict] = {}  # notebook → kind → cell → its fields

    def preprocess(self, nb, resources):
        mine = resources["nbgrader"]
        self.notebook_id, self.assignment_id = mine["notebook"], mine["assignment"]
        self.gradebook = _NoGradebook()
        kinds = {kind: {} for kind in (*KINDS, "source")}
        for kind, cells in kinds.items():
            setattr(self, f"new_{kind}_cells", cells)
        nb, resources = NbGraderPreprocessor.preprocess(self, nb, resources)
        kernelspec = json.dumps(nb.metadata.get("kernelspec", {}))
        self.found[self.notebook_id] = {**kinds, "kernelspec": kernelspec}
        return nb, resources


@dataclass
class Plan:
    """A changed source that is ready to take its place.

    Attributes
    ----------
    cells : what nbgrader finds in it, by notebook; None where it was never released
    sentences : what the gradebook will hold then that it does not hold now
    """

    assignment: str
    source: Path
    release: Path | None
    cells: dict[str, dict] | None
    sentences: list[str] = field(default_factory=list)


class Rerelease:
    """A class whose source is being changed; a context manager, which nothing else that grades
    can be beside.

    Raises ClickException where the class is in use or cannot be written.
    """

    def __init__(self, folder: Path):
        self.folder = Path(os.path.abspath(folder))
        self.config = load_config(self.folder)
        self.coursedir = CourseDirectory(config=self.config)
        self._lock = FileLock(self.folder / ".course-grade.lock", timeout=0)
        self._staging = Path(self.coursedir.root) / STAGING

    def __enter__(self) -> Rerelease:
        try:
            self._lock.acquire()
            shutil.rmtree(self._staging, ignore_errors=True)
            (self._staging / "old").mkdir(parents=True, mode=0o700)
        except Timeout:
            raise click.ClickException(
                f"'course grade' is at work in {self.folder}. Wait until it has ended."
            ) from None
        except OSError as error:
            self._lock.release()
            raise click.ClickException(
                f"You may not write into the class {self.folder} ({error.strerror or error}). "
                "Run this as the one whom it belongs to."
            ) from None
        return self

    def __exit__(self, *exception) -> None:
        shutil.rmtree(self._staging, ignore_errors=True)
        self._lock.release()

    def source(self, assignment: str) -> Path:
        """Where an assignment's source lies. Raises ClickException where there is none."""
        return self._place(self.coursedir.source_directory, assignment)

    def release(self, assignment: str) -> Path:
        return self._place(self.coursedir.release_directory, assignment)

    def _place(self, step: str, assignment: str) -> Path:
        return Path(os.path.normpath(self.coursedir.format_path(step, ".", assignment)))

    def stage(self, assignment: str, original: Path) -> Path:
        """A copy of an assignment's source to be changed."""
        copy = self._place(f"{STAGING}/source", assignment)
        shutil.copytree(original, copy)
        return copy

    # Before: what would become of it.

    def plan(self, assignment: str) -> Plan:
        """What the staged source makes of gradebook and release. Nothing is changed.

        Raises ClickException where nbgrader can make no release of it, or a mark would be lost.
        """
        staged = self._place(f"{STAGING}/source", assignment)
        with opened(self.folder) as gradebook:
            held = _notebooks(gradebook, assignment)
            if not held:
                return Plan(assignment, staged, None, None)
            cells = self._generate(assignment)
            release = self._place(f"{STAGING}/release", assignment)
            plan = Plan(assignment, staged, release, cells)
            if set(held) != set(cells):
                raise click.ClickException(
                    f"{assignment} was released with {', '.join(sorted(held))}, and its source has "
                    f"{', '.join(sorted(cells))}. Notebooks can be neither added nor taken away "
                    "once it is released; put them back, or make another assignment of them."
                )
            for name, notebook in held.items():
                plan.sentences += _differences(notebook, cells[name])
        return plan

    def _generate(self, assignment: str) -> dict[str, dict]:
        """Make the release of the staged source beside the present one; the cells found in it."""
        config = load_config(self.folder)
        config.CourseDirectory.source_directory = f"{STAGING}/source"
        config.CourseDirectory.release_directory = f"{STAGING}/release"
        config.CourseDirectory.assignment_id = assignment
        config.GenerateAssignment.no_database = True
        generate = GenerateAssignment(coursedir=CourseDirectory(config=config), config=config)
        finder = FindCells(config=config)
        generate.preprocessors = [
            finder if issubclass(step, SaveCells) else step for step in generate.preprocessors
        ]
        told = capture_log(generate)
        if not told["success"]:
            raise click.ClickException(
                f"nbgrader can make no release of the source of {assignment}: "
                f"{_reason(told)}. Nothing was changed."
            )
        return finder.found

    # Doing it.

    def carry_out(self, plans: list[Plan]) -> None:
        """Put staged sources and releases in their places and bring the gradebook to them: all of
        it, or where anything fails nothing. Raises ClickException."""
        try:
            with _swaps() as swaps, self._gradebook_for(plans) as gradebook:
                for plan in plans:
                    if plan.cells is not None:
                        _bring(gradebook, plan)
                        swaps.swap(plan.release, self.release(plan.assignment), self._staging)
                    swaps.swap(plan.source, self.source(plan.assignment), self._staging)
        except OSError as error:
            raise click.ClickException(
                f"{error.strerror or error}: {error.filename}. Nothing was changed."
            ) from None

    @contextlib.contextmanager
    def _gradebook_for(self, plans: list[Plan]) -> Iterator:
        if all(plan.cells is None for plan in plans):
            yield None
            return
        with opened(self.folder) as gradebook, transaction(gradebook):
            yield gradebook

    def keep(self, folder: Path, assignments: list[str]) -> None:
        """Copy what is about to be replaced: sources, releases and the gradebook."""
        for assignment in assignments:
            for step, place in (
                ("source", self.source(assignment)), ("release", self.release(assignment)),
            ):  # fmt: skip
                if place.exists():
                    shutil.copytree(place, folder / step / assignment)
        url = str(self.coursedir.db_url)
        path = Path(url.removeprefix("sqlite:///"))
        if url.startswith("sqlite:///") and path.exists():
            with (
                contextlib.closing(sqlite3.connect(path)) as now,
                contextlib.closing(sqlite3.connect(folder / "gradebook.db")) as copy,
            ):
                now.backup(copy)


class _Swapped:
    """Folders that have taken the places of others, and the way back."""

    def __init__(self):
        self._done: list[tuple[Path, Path, Path]] = []

    def swap(self, new: Path, place: Path, staging: Path) -> None:
        old = staging / "old" / f"{len(self._done)}"
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists():
            os.rename(place, old)
        self._done.append((new, place, old))
        os.rename(new, place)

    def back(self) -> None:
        for new, place, old in reversed(self._done):
            if place.exists():
                os.rename(place, new)
            if old.exists():
                os.rename(old, place)


@contextlib.contextmanager
def _swaps() -> Iterator[_Swapped]:
    swapped = _Swapped()
    try:
        yield swapped
    except BaseException:
        swapped.back()
        raise


# The gradebook.


def _notebooks(gradebook, assignment: str) -> dict:
    try:
        return {n.name: n for n in gradebook.find_assignment(assignment).notebooks}
    except MissingEntry:
        return {}


def _held(notebook, kind: str) -> dict:
    return {cell.name: cell for cell in getattr(notebook, f"{kind}_cells")}


def _differences(notebook, cells: dict) -> list[str]:
    """What a notebook of the gradebook will hold that it does not hold now. Raises ClickException
    where what a person has given would be lost."""
    said = []
    for kind in KINDS:
        held = _held(notebook, kind)
        for name in sorted(set(held) - set(cells[kind])):
            _nothing_by_hand_hangs_on(held[name], notebook)
            if kind != "solution":
                said.append(f"{name} carries no points any more, with what was earned there")
        for name, info in cells[kind].items():
            if kind != "solution" and name in held and held[name].max_score != info["max_score"]:
                by_hand = sum(g.manual_score is not None for g in held[name].grades)
                if by_hand:
                    said.append(
                        f"{by_hand} marks by hand for {name} stay as they are, and are put before "
                        "you again"
                    )
    most = sum(info["max_score"] for kind in ("grade", "task") for info in cells[kind].values())
    if most != notebook.max_score:
        said.append(f"{notebook.name} gives {most:g} points, until now {notebook.max_score:g}")
    sources = _held(notebook, "source")
    if any(
        name not in sources or sources[name].source != info["source"]
        or sources[name].checksum != info["checksum"]
        for name, info in cells["source"].items()
    ) or set(sources) - set(cells["source"]):  # fmt: skip
        count = len(notebook.submissions)
        if count:
            said.append(f"{count} submission{'s' * (count != 1)} to be graded again")
    return said


def _nothing_by_hand_hangs_on(cell, notebook) -> None:
    given = [g for g in cell.grades or () if g.manual_score is not None or g.extra_credit]
    written = [c for c in getattr(cell, "comments", None) or () if c.manual_comment]
    people = sorted({one.student.id for one in (*given, *written)})
    if people:
        raise click.ClickException(
            f"{cell.name} is no longer in the source of {notebook.name}, and you have marked or "
            f"commented it for {len(people)} students ({', '.join(people[:5])}). Put the cell "
            "back, with 0 points if it is not to count. Nothing was changed."
        )


def _bring(gradebook, plan: Plan) -> None:
    """Let the gradebook hold what was found in a source, for submissions too."""
    for name, cells in plan.cells.items():
        notebook = gradebook.find_notebook(name, plan.assignment)
        notebook.kernelspec = cells["kernelspec"]
        for kind in (*KINDS, "source"):
            held = _held(notebook, kind)
            for gone in set(held) - set(cells[kind]):
                for row in (*(getattr(held[gone], "grades", None) or ()),
                            *(getattr(held[gone], "comments", None) or ())):  # fmt: skip
                    gradebook.db.delete(row)
                gradebook.db.delete(held[gone])
            gradebook.db.flush()
            put = getattr(gradebook, f"update_or_create_{kind}_cell")
            for cell, info in cells[kind].items():
                if kind in ("grade", "task") and cell in held:
                    _put_before_again(held[cell], info["max_score"])
                with gradebook.db.no_autoflush:  # nbgrader links a cell before it adds it
                    put(cell, name, plan.assignment, **info)
        gradebook.db.expire_all()
        for submitted in gradebook.notebook_submissions(name, plan.assignment):
            _complete(gradebook, submitted)


def _put_before_again(cell, most: float) -> None:
    """Marks by hand are of another worth now: who gave them looks again."""
    if cell.max_score != most:
        for grade in cell.grades:
            if grade.manual_score is not None:
                grade.needs_manual_grade = True


def _complete(gradebook, submitted) -> None:
    """What `Gradebook.add_submission` would make for cells that were not there then."""
    graded = {grade.cell_id for grade in submitted.grades}
    commented = {comment.cell_id for comment in submitted.comments}
    notebook = submitted.notebook
    for cell in (*notebook.grade_cells, *notebook.task_cells):
        if cell.id not in graded:
            gradebook.db.add(api.Grade(cell_id=cell.id, notebook_id=submitted.id))
    for cell in (*notebook.solution_cells, *notebook.task_cells):
        if cell.id not in commented:
            gradebook.db.add(api.Comment(cell_id=cell.id, notebook_id=submitted.id))


def _reason(told: dict) -> str:
    """The sentence in nbgrader's log that says why: the first, for others follow from it."""
    lines = [line.strip() for line in told.get("log", "").splitlines() if line.strip()]
    errors = [line for line in lines if ": " in line and line.split(":")[0].endswith("Error")]
    said = (errors or told.get("error", "").strip().splitlines()[-1:])[0]
    return re.sub(r"^[\w.]*Error: ", "", said).rstrip(".")
