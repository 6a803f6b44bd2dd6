"""Which feedback pages are due: those whose marks, comments or notebooks have changed since they
were made. How a page is made is `pages`'s.

Beside a class's pages, and not among them, `.course/feedback/ASSIGNMENT.json` says of each student
what the pages were made of and what they were.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from importlib.metadata import version
from pathlib import Path

from nbgrader.api import (
    Comment,
    Grade,
    Gradebook,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)

from autograder.grading.feedback import inert
from autograder.grading.pipeline import nbgrader_steps
from autograder.grading.whole_files import write_whole


class Notes:
    """What is known of the pages that were made of one assignment."""

    def __init__(self, folder: Path, assignment: str):
        self.path = Path(folder) / ".course" / "feedback" / f"{assignment}.json"
        try:
            known = json.loads(self.path.read_text(encoding="utf-8"))
            self._known = {s: (str(of), str(pages)) for s, (of, pages) in known.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            self._known = {}  # none is lost by it: all pages are made anew

    def is_due(self, student: str, made_of: str, page_folder: Path) -> bool:
        pages = pages_in(page_folder)
        return not pages or self._known.get(student) != (made_of, pages)

    def made(self, student: str, made_of: str, page_folder: Path) -> None:
        self._known[student] = (made_of, pages_in(page_folder))

    def save(self) -> None:
        """Write them, all or nothing. Raises OSError."""
        write_whole(self.path, json.dumps(self._known, indent=1))


def pages_in(folder: Path) -> str:
    """A digest of the pages in a folder; "" where there are none."""
    pages = sorted(page for page in folder.glob("*.html") if page.is_file())
    return _digest(part for page in pages for part in (page.name, page.read_bytes())) * bool(pages)


def made_of(
    gradebook: Gradebook, assignment: str, graded: dict[str, Path], config: bytes
) -> dict[str, str]:
    """A digest of all that a student's pages are made of, for each student.

    Parameters
    ----------
    graded : student → the folder of what was graded
    config : the class's configuration file
    """
    marks = _marks(gradebook, assignment, graded)
    makers = [config, *(version(name).encode() for name in ("nbgrader", "nbconvert"))]
    makers += [Path(module.__file__).read_bytes() for module in (inert, nbgrader_steps)]
    return {
        student: _digest([*makers, repr(marks.get(student)), *_files(folder)])
        for student, folder in graded.items()
    }


def _marks(gradebook, assignment: str, students: Collection[str]) -> dict[str, list]:
    """student → every mark, comment and penalty of theirs, in a fixed order."""
    given = gradebook.find_assignment(assignment)
    worth = [
        (cell.id, cell.name, cell.max_score)
        for notebook in given.notebooks
        for cell in (*notebook.grade_cells, *notebook.task_cells)
    ]
    submitted = (
        gradebook.db.query(SubmittedAssignment.student_id, Notebook.name)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .filter(SubmittedAssignment.assignment_id == given.id)
    )
    rows = list(submitted.add_columns(SubmittedNotebook.late_submission_penalty))
    for kind, said in ((Grade, Grade.score), (Comment, Comment.comment)):
        of_cells = submitted.join(kind, kind.notebook_id == SubmittedNotebook.id)
        rows += of_cells.add_columns(kind.cell_id, said)
    found: dict[str, list] = {student: list(worth) for student in students}
    for student, *facts in rows:
        if student in found:
            found[student].append(tuple(facts))
    return {student: sorted(facts, key=repr) for student, facts in found.items()}


def _files(folder: Path):
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield str(path.relative_to(folder))
        yield path.read_bytes()


def _digest(parts) -> str:
    made = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        made.update(len(data).to_bytes(8, "big") + data)
    return made.hexdigest()
