"""A class with a gradebook as grading leaves it, and `course marks` on it, for tests of marks."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from click.testing import CliRunner
from nbgrader.api import Gradebook

from autograder.commands.cli import cli
from autograder.grading.pipeline import nbgrader_steps

CONFIG = """\
from pathlib import Path
c = get_config()
c.CourseDirectory.course_id = "small"
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.AssignLatePenalties.plugin_class = "by_name.Plugin"
"""
# What being late costs whom: each export asks the class's plugin anew.
PLUGIN = """\
from nbgrader.plugins import LateSubmissionPlugin

class Plugin(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return {"bea": 2.5, "eve": 5.0}.get(student_id)
"""
DUE = datetime(2026, 10, 1, 12)
NAME, OTHER = "06_batchnorm", "07_convolution"
# id: names, e-mail, school's number, points of 10 (None: nothing handed in), penalty, by hand
PEOPLE = {
    "ada": ("Ada", "Lovelace", "ada@uni.example", "4711", 8.5, None, False),
    "bea": ("Bea", "Müller-Lüdenscheidt", "Bea@Uni.example", "", 9.0, 2.5, False),
    "cyd": ("Cyd", "Önder", "cyd@uni.example", "", 6.0, None, True),
    "dee": ("Dee", "", "", "", None, None, False),
    "eve": ("Eve", "=1+1", "eve@uni.example", "", 1.0, 5.0, False),
    "fay": ("Fay", "Ash", "fay@uni.example", "", 10.0, None, False),
}  # fmt: skip


def make(folder: Path, people=PEOPLE, assignments=(NAME,)) -> Path:
    """A class with a gradebook as grading leaves it."""
    folder.mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    (folder / "by_name.py").write_text(PLUGIN, encoding="utf-8")
    nbgrader_steps.prepare_environment()
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "small") as book:
        for name in assignments:
            book.add_assignment(name, duedate=DUE)
            book.add_notebook(name, name)
            book.add_grade_cell("check", name, name, max_score=7, cell_type="code")
            book.add_grade_cell("explain", name, name, max_score=3, cell_type="markdown")
        for student, (first, last, email, number, points, penalty, waits) in people.items():
            book.add_student(
                student, first_name=first, last_name=last, email=email, lms_user_id=number
            )
            for name in assignments:
                if points is None:
                    continue
                late = timedelta(hours=1 if penalty else -1)
                book.add_submission(name, student, timestamp=DUE + late)
                sub = book.find_submission_notebook(name, name, student)
                sub.late_submission_penalty = penalty
                check = book.find_grade("check", name, name, student)
                check.auto_score, check.needs_manual_grade = min(points, 7), False
                explain = book.find_grade("explain", name, name, student)
                explain.manual_score = None if waits else max(points - 7, 0)
                explain.needs_manual_grade = waits
        book.db.commit()
    return folder


def marks(course: Path, *arguments, code: int = 0) -> str:
    """What `course marks` says."""
    told = CliRunner().invoke(cli, ["marks", "--class", str(course), *map(str, arguments)])
    assert told.exit_code == code, told.output
    return told.output
