"""Changes to a class that is running: prepared and told, carried out with a backup, and undone.
What changes in a notebook is `update`'s, how gradebook and release follow `rerelease`'s."""

from __future__ import annotations

import difflib
import glob
import os
import shutil
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import click
import nbformat

from autograder.grading.classroom import update
from autograder.grading.classroom.rerelease import Plan, Rerelease
from autograder.grading.classroom.source import (
    NOTE,
    Made,
    files_beside,
    read_note,
    seeds_of,
    source_notebook,
    write_note,
)
from autograder.grading.classroom.update import Change
from autograder.grading.pipeline.released import BACKUPS

WHY = "why.txt"


@dataclass
class Prepared:
    """Changes that are ready to be carried out.

    Attributes
    ----------
    why : one line, for the list of backups
    changes : what becomes of which cell, by assignment
    note : what the course has made of each assignment then
    """

    why: str
    plans: list[Plan] = field(default_factory=list)
    changes: dict[str, list[Change]] = field(default_factory=dict)
    note: dict[str, dict[str, Made]] = field(default_factory=dict)

    def sentences(self) -> list[str]:
        """What will be changed, and what is left, line by line."""
        said = []
        plans = {plan.assignment: plan for plan in self.plans}
        for assignment, changes in self.changes.items():
            taken = [change for change in changes if change.taken]
            left = [change for change in changes if not change.taken]
            if assignment in plans or left:
                said.append(f"{assignment}:")
            said += [f"  {change.cell}: {change.what}" for change in taken]
            if assignment in plans:
                said += [f"  {sentence}" for sentence in plans[assignment].sentences]
            said += [f"  left as it is, {change.cell}: {change.what}" for change in left]
        return said


# Preparing.


def assignments_in(work: Rerelease) -> list[str]:
    """The assignments that a class has a source of."""
    pattern = work.coursedir.format_path(work.coursedir.source_directory, ".", "*")
    return sorted(
        os.path.basename(os.path.normpath(place))
        for place in glob.glob(pattern)
        if os.path.isdir(place) and glob.glob(os.path.join(glob.escape(place), "*.ipynb"))
    )


def chosen(work: Rerelease, wanted: Collection[str]) -> list[str]:
    """The assignments of these names or numbers, all of them by none. Raises ClickException."""
    there = assignments_in(work)
    picked = []
    for name in wanted:
        found = [a for a in there if name == a or a.partition("_")[0] == name.zfill(2)]
        if not found:
            near = difflib.get_close_matches(name, there, n=1)
            meant = f" Did you mean {near[0]}?" if near else ""
            raise click.ClickException(
                f"The class has no assignment {name}.{meant} There are: {', '.join(there)}"
            )
        picked += found
    return list(dict.fromkeys(picked)) or there


def from_the_course(
    work: Rerelease, wanted: Collection[str], exercises: Collection[str], masters: Path,
    own_only: bool = False,
) -> Prepared:  # fmt: skip
    """Take up what the installed course has mended, and what the teacher has changed in `source/`.

    Parameters
    ----------
    wanted : assignments; all by default
    exercises : take up these alone, also where the teacher has changed their cells
    masters : the folder of the course's masters
    own_only : take up nothing of the course

    Raises ClickException where an exercise is in none of them, and as `Rerelease.plan` does.
    """
    from autograder.authoring.build.masters import load

    prepared = Prepared("course class update", note=read_note(work.folder))
    names, met = chosen(work, wanted), set()
    for assignment in names:
        master = masters / f"{assignment}.py"
        text = master.read_text(encoding="utf-8", errors="replace") if master.is_file() else ""
        path = work.source(assignment) / f"{assignment}.ipynb"
        here = [e for e in exercises if _has(text, e) or path.is_file() and _has_cell(path, e)]
        met.update(here)
        if exercises and not here:
            continue
        staged, changes = work.stage(assignment, work.source(assignment)), []
        if text and path.is_file() and not own_only:
            loaded = _for_class(load(master), assignments_in(work))
            changes = _take_up(staged, assignment, loaded, here, prepared)
        _enter(prepared, work.plan(assignment), changes)
    if unknown := [e for e in exercises if e not in met]:
        raise click.ClickException(
            f"No exercise {', '.join(unknown)} is in {', '.join(names)}. What carries points there "
            "is listed by: course class points"
        )
    return prepared


def _take_up(staged: Path, assignment: str, master, exercises, prepared: Prepared) -> list[Change]:
    path = staged / f"{assignment}.ipynb"
    current = nbformat.read(path, as_version=4)
    fresh = source_notebook(master, seeds_of(current))
    note = prepared.note.get(assignment, {})
    notebook, changes, noted = update.merged(current, fresh, note, exercises)
    if any(change.taken for change in changes):
        _write(path, notebook)
    prepared.note[assignment] = noted
    if not exercises:
        for name, text in files_beside(master).items():
            beside = staged / name
            if not beside.exists() or beside.read_text(encoding="utf-8") != text:
                beside.write_text(text, encoding="utf-8")
                changes.append(Change(name, "mended"))
    return changes


def weighing(
    work: Rerelease, wanted: Collection[str], exercise: str, points: float | None,
    everybody: bool | None,
) -> Prepared:  # fmt: skip
    """Change what an exercise is worth in a class, or give its points to everybody.

    Parameters are those of `update.weighed`. Raises ClickException where no assignment, or more
    than one, has it, and as `Rerelease.plan` does.
    """
    what = " ".join(
        [exercise, *([f"{points:g}"] if points is not None else []),
         *([] if everybody is None else ["--give-everybody" if everybody else "--as-earned"])]
    )  # fmt: skip
    prepared = Prepared(f"course class points {what}", note=read_note(work.folder))
    names, having = chosen(work, wanted), []
    for assignment in names:
        for path in sorted(work.source(assignment).glob("*.ipynb")):
            notebook = nbformat.read(path, as_version=4)
            if update.graded_cell(notebook, exercise) is not None:
                having.append((assignment, path.name, notebook))
    if not having:
        known = sorted({name for a in names for name in worth(work, a)})
        near = difflib.get_close_matches(exercise, known, n=1, cutoff=0.5)
        meant = f" Did you mean {near[0]}?" if near else ""
        raise click.ClickException(
            f"No exercise {exercise} carries points in {', '.join(names)}.{meant}"
        )
    if len(having) > 1:
        raise click.ClickException(
            f"{exercise} is in {', '.join(a for a, *_ in having)}; say which: -a {having[0][0]}"
        )
    ((assignment, name, notebook),) = having
    note = prepared.note.get(assignment, {})
    notebook, changes, noted = update.weighed(notebook, note, exercise, points, everybody)
    if changes:
        staged = work.stage(assignment, work.source(assignment))
        _write(staged / name, notebook)
        prepared.note[assignment] = noted
        _enter(prepared, work.plan(assignment), changes)
    return prepared


def worth(work: Rerelease, assignment: str) -> dict[str, tuple[float, bool]]:
    """What carries points in an assignment's source: exercise or cell → its points, and whether
    everybody gets them."""
    from autograder.grading.pipeline.weights import for_everybody

    found = {}
    for path in sorted(work.source(assignment).glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        for name in update.graded_names(notebook):
            cell = update.graded_cell(notebook, name)
            found[name] = (float(cell.metadata.nbgrader["points"]), for_everybody(cell.source))
    return found


def undoing(work: Rerelease, backup: str | None) -> Prepared:
    """Bring back what a backup holds, the newest by default, and keep all marks.

    Raises ClickException where there is none, and as `Rerelease.plan` does.
    """
    there = backups(work.folder)
    if not there:
        raise click.ClickException(f"Nothing was changed in {work.folder} yet: it has no backups.")
    place = work.folder / BACKUPS / (backup or list(there)[-1])
    if not (place / "source").is_dir():
        raise click.ClickException(f"There is no backup {backup}. There are: {', '.join(there)}")
    before = read_note(place)
    prepared = Prepared(f"course class undo {place.name}", note=read_note(work.folder))
    for source in sorted((place / "source").iterdir()):
        assignment = source.name
        work.stage(assignment, source)
        _enter(
            prepared, work.plan(assignment), [Change("its source", f"as it was at {place.name}")]
        )
        prepared.note.pop(assignment, None)
        if assignment in before:
            prepared.note[assignment] = before[assignment]
    return prepared


def backups(folder: Path) -> dict[str, str]:
    """The backups of a class, oldest first, each with what was done after it."""
    found = {}
    for place in sorted((folder / BACKUPS).glob("*")):
        if (place / "source").is_dir():
            why = place / WHY
            lines = why.read_text(encoding="utf-8").splitlines() if why.is_file() else []
            found[place.name] = lines[0] if lines else ""
    return found


def _enter(prepared: Prepared, plan: Plan, changes: list[Change]) -> None:
    prepared.changes[plan.assignment] = changes
    if plan.sentences or any(change.taken for change in changes):
        prepared.plans.append(plan)


def _for_class(master, assignments: Collection[str]):
    """A class's tests ask about its own notebooks."""
    from autograder.authoring.build import quizzes

    if quizzes.quiz_called(master.name) is None:
        return master
    return quizzes.restricted(
        master, {name for name in assignments if quizzes.quiz_called(name) is None}
    )


def _has(master: str, exercise: str) -> bool:
    return any(f'"{cell}"' in master for cell in update.cells_of(exercise)[1:])


def _has_cell(path: Path, exercise: str) -> bool:
    return update.graded_cell(nbformat.read(path, as_version=4), exercise) is not None


def _write(path: Path, notebook) -> None:
    from autograder.authoring.build.notebooks import text_of

    path.write_text(text_of(notebook), encoding="utf-8")


# Doing it.


def carry_out(work: Rerelease, prepared: Prepared) -> Path:
    """Do what is prepared, all of it or nothing; the folder that keeps what was before.

    Raises ClickException.
    """
    folder = _new_backup(work.folder)
    try:
        work.keep(folder, [plan.assignment for plan in prepared.plans])
        if (note := work.folder / NOTE).exists():
            shutil.copy(note, folder / NOTE)
        said = [prepared.why, *prepared.sentences()]
        (folder / WHY).write_text("\n".join(said) + "\n", encoding="utf-8")
        work.carry_out(prepared.plans)
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError):
            raise click.ClickException(
                f"{error.strerror or error}: {error.filename}. Nothing was changed."
            ) from None
        raise
    write_note(work.folder, prepared.note)
    return folder


def _new_backup(folder: Path) -> Path:
    stamp, number = f"{datetime.now():%Y-%m-%d-%H%M%S}", 1
    (folder / BACKUPS).mkdir(mode=0o700, exist_ok=True)
    while True:
        place = folder / BACKUPS / (stamp if number == 1 else f"{stamp}-{number}")
        try:
            place.mkdir(mode=0o700)
            return place
        except FileExistsError:
            number += 1
