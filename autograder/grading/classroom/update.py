"""What a running class takes up: its source notebooks against what the installed course would make
of them today, and the weights of its exercises. Notebooks go in and come out; how gradebook and
release follow is `rerelease`'s."""

from __future__ import annotations

from collections.abc import Collection
from copy import deepcopy
from dataclasses import dataclass

import click
from nbgrader import utils

from autograder.grading.classroom.source import Made, made, name_of, points_of
from autograder.grading.pipeline import weights


@dataclass(frozen=True)
class Change:
    """What becomes of one cell: `what` is a few words; `taken` says whether it is done, or is only
    said, because a teacher's own change stands there."""

    cell: str
    what: str
    taken: bool = True


def cells_of(exercise: str) -> tuple[str, ...]:
    """The names of the cells that one exercise may have in a notebook."""
    return (exercise, f"check_{exercise}", f"show_{exercise}", f"quiz_{exercise}")


def merged(current, fresh, note: dict[str, Made], exercises: Collection[str] = ()):
    """A class's source notebook with what the course has mended, and what was changed in it.

    Parameters
    ----------
    current : the class's notebook as it is
    fresh : the same as the course makes it now, with the class's seeds
    note : what the course made of it last, by cell; empty where nobody knows
    exercises : take up the cells of these alone, also where the teacher has changed them

    A cell that the teacher has changed, added or taken away stays so unless it is named; so does
    a weight that is not the course's.

    Returns the notebook, the changes, and what to note as made by the course.
    """
    result = deepcopy(current)
    named = {cell for exercise in exercises for cell in cells_of(exercise)}
    wanted = [cell for cell in fresh.cells if not named or name_of(cell) in named]
    here = {name_of(cell): i for i, cell in enumerate(result.cells)}
    changes, noted, order = [], dict(note), [name_of(cell) for cell in fresh.cells]
    for cell in wanted:
        name, new = name_of(cell), made(cell)
        if name not in here:
            if name in note and not named:
                changes.append(Change(name, "you have taken it out", taken=False))
                continue
            result.cells.insert(_place(name, order, result.cells), deepcopy(cell))
            here = {name_of(c): i for i, c in enumerate(result.cells)}
            changes.append(Change(name, "new" + _worth(None, new.points)))
            noted[name] = new
            continue
        old = result.cells[here[name]]
        if _is_own(old, note) and made(old).digest != new.digest and not named:
            changes.append(Change(name, "you have changed it", taken=False))
            continue
        put = _with_the_class_s(cell, old, note.get(name))
        what = [] if made(old).digest == new.digest else ["mended"]
        if points_of(put) != points_of(old):
            what.append(_worth(points_of(old), points_of(put)).strip(", "))
        if what:
            result.cells[here[name]] = put
            changes.append(Change(name, ", ".join(what)))
        noted[name] = new
    if not named:
        for cell in [c for c in result.cells if name_of(c) not in order]:
            if not _is_own(cell, note) and _is_the_course_s(cell, note):
                result.cells.remove(cell)
                noted.pop(name_of(cell), None)
                changes.append(Change(name_of(cell), "no longer in the course"))
    return result, changes, noted


def weighed(current, note: dict[str, Made], exercise: str, points: float | None,
            everybody: bool | None):  # fmt: skip
    """A class's source notebook with another weight for an exercise, or its points for everybody.

    Parameters
    ----------
    exercise : its name, or that of a graded cell
    points : what it is worth; None leaves it
    everybody : True gives its points to everybody, False to those who earn them; None leaves it

    Returns as `merged`. Raises ClickException where there is no such cell, or none with points.
    """
    result, noted = deepcopy(current), dict(note)
    cell = graded_cell(result, exercise)
    if cell is None:
        raise click.ClickException(
            f"No cell with points belongs to {exercise}. Those with points are: "
            f"{', '.join(graded_names(result)) or 'none'}."
        )
    name, before, what = name_of(cell), points_of(cell), []
    if points is not None and points != before:
        noted.setdefault(name, made(cell))  # so that the weight is told as the class's own
        cell.metadata.nbgrader["points"] = int(points) if points == int(points) else points
        what.append(_worth(before, points).strip(", "))
    if everybody and (cell.cell_type != "code" or utils.is_solution(cell)):
        raise click.ClickException(
            f"{name} is marked by hand: give its points to everybody in formgrader, as marks or as "
            "extra credit. Its weight can be changed here."
        )
    if everybody is not None and everybody != weights.for_everybody(cell.source):
        cell.source = weights.given(cell.source, everybody)
        what.append("everybody gets its points" if everybody else "its points have to be earned")
    return result, [Change(name, ", ".join(what))] if what else [], noted


def graded_cell(notebook, exercise: str):
    """The cell that carries an exercise's points in a notebook; None where there is none."""
    graded = {
        name_of(cell): cell
        for cell in notebook.cells
        if utils.is_grade(cell) or utils.is_task(cell)
    }
    names = (f"check_{exercise}", f"quiz_{exercise}", exercise)
    return next((graded[name] for name in names if name in graded), None)


def graded_names(notebook) -> list[str]:
    """What the cells with points are called by people."""
    return [
        name_of(cell).removeprefix("check_").removeprefix("quiz_")
        for cell in notebook.cells
        if utils.is_grade(cell) or utils.is_task(cell)
    ]


def _is_own(cell, note: dict[str, Made]) -> bool:
    """Whether the teacher has changed a cell that the course made; where nobody knows, not."""
    told = note.get(name_of(cell))
    return told is not None and told.digest != made(cell).digest


def _is_the_course_s(cell, note: dict[str, Made]) -> bool:
    """Whether the course made this cell. One without a name is called after its content."""
    from autograder.authoring.build.masters import identity_of

    if name_of(cell) in note:
        return True
    return not cell.metadata.get("nbgrader") and cell.get("id") == identity_of(
        cell.cell_type, cell.source, set()
    )


def _with_the_class_s(cell, old, told: Made | None):
    """The course's cell with what is the class's decision: its weight, and points for everybody."""
    put = deepcopy(cell)
    own_weight = told is not None and points_of(old) != told.points
    if own_weight and points_of(old) is not None and points_of(put) is not None:
        put.metadata.nbgrader["points"] = old.metadata.nbgrader["points"]
    if weights.for_everybody(old.source):
        put.source = weights.given(put.source, everybody=True)
    return put


def _place(name: str, order: list[str], cells: list) -> int:
    """Where a new cell goes: behind the nearest one before it that is there, else first."""
    at = {name_of(cell): i for i, cell in enumerate(cells)}
    before = reversed(order[: order.index(name)])
    return next((at[other] + 1 for other in before if other in at), 0)


def _worth(before: float | None, points: float | None) -> str:
    if points is None:
        return ""
    return f", worth {points:g}" + (f", until now {before:g}" if before is not None else "")
