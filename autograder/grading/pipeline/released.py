"""An assignment's cells as released: which there are, where one belongs, what is hidden."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

BACKUPS = "backups"  # in a class's folder: what `course class` has replaced
BEGIN, END = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"
SCHEME_BEGINS, SCHEME_ENDS = "BEGIN MARK SCHEME", "END MARK SCHEME"


def known_cells(notebook) -> dict[str, NotebookNode]:
    """The cells that the gradebook keeps for an assignment's notebook, by their names."""
    graded = {cell.name: cell.max_score for cell in notebook.grade_cells}
    tasks = {cell.name: cell.max_score for cell in notebook.task_cells}
    written = {cell.name for cell in notebook.solution_cells}
    known = {}
    for kept in notebook.source_cells:
        name = kept.name
        nbgrader = {
            "grade": name in graded,
            "grade_id": name,
            "locked": bool(kept.locked),
            "schema_version": 3,
            "solution": name in written,
            "task": name in tasks,
            "cell_type": kept.cell_type,
            "checksum": kept.checksum,
        }
        if name in graded or name in tasks:
            nbgrader["points"] = graded.get(name, tasks.get(name))
        make = new_code_cell if kept.cell_type == "code" else new_markdown_cell
        known[name] = make(kept.source, metadata={"nbgrader": nbgrader})
        known[name].metadata = NotebookNode(nbgrader=NotebookNode(nbgrader))
    return known


def earlier(folder: Path, assignment: str, notebook: str) -> dict[str, list[tuple]]:
    """What a class gave out before it was changed, as `course class` keeps it: the name of a cell →
    (its points, what a learner saw of it), once for each time."""
    found: dict[str, list[tuple]] = {}
    for path in sorted((folder / BACKUPS).glob("*/source")):
        try:
            cells = nbformat.read(path / assignment / f"{notebook}.ipynb", as_version=4).cells
        except (OSError, ValueError, AttributeError):
            continue
        for cell in cells:
            flags = cell.metadata.get("nbgrader", {})
            if name := flags.get("grade_id"):
                found.setdefault(name, []).append((flags.get("points"), visible(cell.source)))
    return found


def place_for(identity: str, cells: list, order: list[str]) -> int:
    """Where a missing cell goes: behind the nearest one before it that is there, else in front
    of the nearest one behind it, else last."""
    at = {c.metadata.nbgrader.grade_id: i for i, c in enumerate(cells) if "nbgrader" in c.metadata}
    place = order.index(identity)
    for before in reversed(order[:place]):
        if before in at:
            return at[before] + 1
    for after in order[place + 1 :]:
        if after in at:
            return at[after]
    return len(cells)


def without_hidden(source: str) -> tuple[str, list[str]]:
    """A cell's source without its hidden tests, and the lines taken out."""
    kept, hidden, inside = [], [], False
    for line in source.split("\n"):
        inside = inside or BEGIN in line
        (hidden if inside else kept).append(line)
        inside = inside and END not in line
    return "\n".join(kept), hidden


def visible(source: str) -> str:
    """What a learner gets of a cell, without regard to empty lines."""
    kept, inside = [], False
    for line in source.split("\n"):
        if BEGIN in line or SCHEME_BEGINS in line:
            inside = True
        elif END in line or SCHEME_ENDS in line:
            inside = False
        elif not inside and line.strip():
            kept.append(line.rstrip())
    return "\n".join(kept)
