"""An assignment's source as the course makes it for a class: its notebook with hidden seeds, the
files beside it, and the note of what was made, by which a teacher's own changes are told later."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from autograder.grading.pipeline import weights
from autograder.grading.whole_files import write_whole

NOTE = ".course-class.json"
# A seed that a class has drawn: ten digits, which no honest output holds by chance; thirty-nine
# where nobody must be able to try them all.
SEED = re.compile(r"\b(check|ask)\(\"(\w+)\", seed=(\d{10}|\d{39})\)")
FLAGS = ("grade", "locked", "solution", "task")


def source_notebook(master, seeds: dict[str, int] | None = None):
    """A master's notebook for a class: solutions, and hidden tests with seeds of its own.

    `seeds` are those that the class has drawn already, by exercise; others are drawn.
    """
    from autograder.authoring.build import quizzes
    from autograder.authoring.build.notebooks import teachers_notebook
    from autograder.exercises import find

    seeds = seeds or {}
    notebook = teachers_notebook(master)
    if quizzes.quiz_called(master.name):
        quizzes.reseed(notebook)
        one = next(iter(seeds.values()), None)  # all questions of a test share theirs
        for cell in notebook.cells:
            cell.source = SEED.sub(
                lambda match: f'{match[1]}("{match[2]}", seed={one or match[3]})', cell.source
            )
    for cell in notebook.cells:
        graded = cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade")
        if not graded or not cell.id.startswith("check_"):
            continue
        exercise = cell.id.removeprefix("check_")
        if find(exercise).hidden_seed:
            seed = seeds.get(exercise) or drawn_seed(find(exercise))
            cell.source += (
                f'\n### BEGIN HIDDEN TESTS\ncheck("{exercise}", seed={seed})\n### END HIDDEN TESTS'
            )
    return notebook


def drawn_seed(kind) -> int:
    """A hidden seed for an exercise, of the length that `SEED` reads."""
    if kind.kept_back:
        return 10**38 + secrets.randbelow(2**128 - 10**38)
    return 10**9 + secrets.randbelow(10**9)  # below 2**31, for every generator


def seeds_of(notebook) -> dict[str, int]:
    """The seeds that a class has drawn, by exercise, in a notebook of its source."""
    return {
        exercise: int(seed)
        for cell in notebook.cells
        if cell.cell_type == "code"
        for _, exercise, seed in SEED.findall(cell.source)
    }


def files_beside(master) -> dict[str, str]:
    """The files that lie beside a master's notebook in a class's source, by name."""
    from course_utils.keeping import HEAD as COURSE_LAYERS

    if any("my_layers" in cell.source for cell in master.cells):
        # nbgrader puts a source folder's files over those handed in: layers kept by learners are
        # for learning, and grading uses the course's.
        return {"my_layers.py": COURSE_LAYERS}
    return {}


# What the course has made.


@dataclass(frozen=True)
class Made:
    """A cell as the course made it: a digest of all but its seeds and points, and its points."""

    digest: str
    points: float | None = None


def name_of(cell) -> str:
    """What a cell is called: by nbgrader, else by its id."""
    return cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id", "")


def points_of(cell) -> float | None:
    points = cell.metadata.get("nbgrader", {}).get("points")
    return None if points is None else float(points)


def made(cell) -> Made:
    """A cell as it is, comparable to what the course made or would make now."""
    flags = cell.metadata.get("nbgrader", {})
    source = SEED.sub(r'\1("\2", seed=)', weights.given(cell.source, everybody=False))
    parts = [cell.cell_type, source.rstrip(), [bool(flags.get(flag)) for flag in FLAGS],
             sorted(cell.metadata.get("tags", ()))]  # fmt: skip
    return Made(hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:20], points_of(cell))


def made_by(notebook) -> dict[str, Made]:
    return {name_of(cell): made(cell) for cell in notebook.cells}


def read_note(folder: Path) -> dict[str, dict[str, Made]]:
    """What the course has made of a class's assignments: assignment → cell → what it was. Empty
    for a class that is older than the note."""
    try:
        kept = json.loads((folder / NOTE).read_text(encoding="utf-8"))["made"]
        return {a: {c: Made(*told) for c, told in cells.items()} for a, cells in kept.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def write_note(folder: Path, note: dict[str, dict[str, Made]]) -> None:
    """Replace the note in one step."""
    kept = {a: {c: [m.digest, m.points] for c, m in cells.items()} for a, cells in note.items()}
    write_whole(folder / NOTE, json.dumps({"made": kept}, indent=0))
