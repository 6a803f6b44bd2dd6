"""A class whose written answers wait to be marked, made through nbgrader's API without grading, for
tests of marking."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import nbformat
from nbformat.v4 import new_markdown_cell, new_notebook
from nbgrader.api import Gradebook

from autograder.grading.classroom.configuration import transaction
from autograder.grading.pipeline import nbgrader_steps

NAME = "06_batchnorm"
CELL, OTHER, CHECK = "explain_pairs", "explain_gamma", "check_forward"
GIVEN = "YOUR ANSWER HERE"
ASKED = "## A question for your teacher to read\n\nWhy is a batch of two images too small?"
MODEL = r"The mean of two values, $\bar x = \frac{1}{2}(x_1 + x_2)$, hardly tells $\mu$."
DUE = datetime(2026, 10, 1, 12)
CONFIG = """\
from pathlib import Path
c = get_config()
c.CourseDirectory.course_id = "ml-2026"
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
"""


def make(folder: Path, written: dict[str, str | None]) -> Path:
    """A class in which these students (id → answer; None: nothing handed in that can be read) have
    handed one notebook in: a check, and two written questions worth 3 and 2 points."""
    folder.mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    nbgrader_steps.prepare_environment()
    _notebook(folder / "source" / NAME, {CELL: MODEL, OTHER: GIVEN})
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "ml-2026") as book:
        book.add_assignment(NAME, duedate=DUE)
        book.add_notebook(NAME, NAME)
        for cell, points, kind in ((CHECK, 5, "code"), (CELL, 3, "markdown"),
                                   (OTHER, 2, "markdown")):  # fmt: skip
            book.add_grade_cell(cell, NAME, NAME, max_score=points, cell_type=kind)
            if kind == "markdown":
                book.add_solution_cell(cell, NAME, NAME)
            book.add_source_cell(cell, NAME, NAME, source=GIVEN, cell_type=kind)
        # What nbgrader commits one by one takes a minute for a large class.
        with transaction(book), book.db.no_autoflush:
            for number, student in enumerate(written):
                book.add_student(student, first_name=student.capitalize(), last_name="Example")
                late = timedelta(hours=3 if number == 1 else -1)
                book.add_submission(NAME, student, timestamp=DUE + late)
                check = book.find_grade(CHECK, NAME, NAME, student)
                check.auto_score, check.needs_manual_grade = 4, False
    for student, answer in written.items():
        if answer is not None:
            _notebook(folder / "autograded" / student / NAME, {CELL: answer, OTHER: GIVEN})
    return folder


def _notebook(place: Path, answers: dict[str, str]) -> None:
    place.mkdir(parents=True)
    cells = [new_markdown_cell(ASKED, id="teacher_question")]
    for name, text in answers.items():
        flags = {"grade": True, "grade_id": name, "locked": False, "points": 3,
                 "schema_version": 3, "solution": True, "task": False}  # fmt: skip
        cells.append(new_markdown_cell(text, id=name, metadata={"nbgrader": flags}))
    nbformat.write(new_notebook(cells=cells), place / f"{NAME}.ipynb")


def kept(folder: Path, student: str, cell: str = CELL) -> tuple:
    """What nbgrader's gradebook says: (manual score, whether it waits, comment by hand)."""
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "ml-2026") as book:
        grade = book.find_grade(cell, NAME, NAME, student)
        told = book.find_comment(cell, NAME, NAME, student)
        return grade.manual_score, grade.needs_manual_grade, told.manual_comment
