"""The written questions of an assignment: what is asked, a model answer, the most points. What
students have answered is `answers`'."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import click
import nbformat

from autograder.grading.pipeline.sanitize import Source
from autograder.grading.reports import standings

HEADING = re.compile(r"#{1,6} \S")


@dataclass(frozen=True)
class Question:
    """A cell whose points a person gives.

    Attributes
    ----------
    is_code : the answer is a program, not prose
    statement, model : Markdown of what the cell above it asks, and what the class's source answers;
        "" for none
    given : the text that the students found in the cell
    """

    notebook: str
    cell: str
    title: str
    max_points: float
    is_code: bool = False
    statement: str = ""
    model: str = ""
    given: str = ""


def read(sources: Iterable[Source], folder: Path) -> list[Question]:
    """The written questions, in the order of the notebooks in `folder`, the assignment's source.

    Cells whose answer stands somewhere else in the notebook (nbgrader's manually graded tasks) are
    not among them.
    """
    sources, found = list(sources), []
    cells = {
        (source.name, cell["metadata"]["nbgrader"]["grade_id"]): cell
        for source in sources
        for cell in source.cells
    }
    masters = {source.name: _cells(folder / f"{source.name}.ipynb") for source in sources}
    for column in standings.columns(sources):
        cell = cells[column.notebook, column.cell]
        flags = cell["metadata"]["nbgrader"]
        if not flags["solution"] or flags["task"]:
            continue
        given = cell.get("source") or ""
        statement, model = _around(masters[column.notebook], column.cell)
        found.append(Question(
            column.notebook, column.cell, column.title, column.max_points,
            flags["cell_type"] == "code", statement,
            "" if model.strip() == given.strip() else model, given,
        ))  # fmt: skip
    return found


def _around(cells: list, name: str) -> tuple[str, str]:
    """The prose just above a cell, and its own text."""
    for place, cell in enumerate(cells):
        if cell.metadata.get("nbgrader", {}).get("grade_id") == name:
            above = cells[place - 1] if place else None
            asks = above is not None and above.cell_type == "markdown"
            return asked(above.source) if asks else "", cell.source
    return "", ""


def asked(prose: str) -> str:
    """The question at the end of a text cell: what stands from its last heading on, so that nobody
    who marks has to look for it behind what was remembered before."""
    begins, fenced, lines = 0, False, prose.split("\n")
    for number, line in enumerate(lines):
        fenced ^= line.lstrip().startswith(("```", "~~~"))
        if not fenced and HEADING.match(line) and any(s.strip() for s in lines[number + 1 :]):
            begins = number
    return "\n".join(lines[begins:])


def _cells(path: Path) -> list:
    """A notebook's cells; none where it cannot be read: then nothing stands beside the answers."""
    try:
        return nbformat.read(path, as_version=4).cells
    except (OSError, ValueError, AttributeError):
        return []


def chosen(questions: list[Question], name: str | None, assignment: str) -> int:
    """Which question a person means, by its number in the list; the first where none is named.

    Raises ClickException, naming all, where there is no such question or none at all.
    """
    if not questions:
        raise click.ClickException(
            f"{assignment} has no written question: all its points are given by checks."
        )
    if name is None:
        return 0
    for number, question in enumerate(questions):
        if name in (question.cell, question.title, f"{question.notebook}/{question.cell}"):
            return number
    titles = [question.title for question in questions]
    near = difflib.get_close_matches(name, titles, n=1)
    raise click.ClickException(
        f"{assignment} has no written question {name}. "
        + (f"Did you mean {near[0]}?" if near else f"It has: {', '.join(titles)}.")
    )
