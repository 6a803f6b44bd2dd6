"""Makes a class: an ordinary nbgrader course directory with the course's assignments.
What is in its notebooks comes from the masters; grading is elsewhere."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from autograder.grading.classroom.roster import Student, enter
from autograder.grading.classroom.source import files_beside, made_by, source_notebook, write_note
from autograder.grading.pipeline.handed_in.times import UTC

CONFIG = """\
# The configuration of an nbgrader course. All of nbgrader's commands work in this folder:
#     nbgrader generate_assignment 06_batchnorm     (then give out release/)
#     nbgrader autograde 06_batchnorm               (of what lies in submitted/)
#     nbgrader generate_feedback 06_batchnorm
#     nbgrader export
# Everything here may be changed. What the lines marked with * do stands in
# autograder/grading/pipeline/nbgrader_steps.py.
# source/ holds solutions and hidden tests: nobody but those who grade should read this folder.
from pathlib import Path

from autograder.grading.pipeline import nbgrader_steps
from nbconvert.preprocessors import ClearMetadataPreprocessor, CSSHTMLHeaderPreprocessor
from nbgrader import preprocessors as steps

c = get_config()
here = Path(__file__).resolve().parent

c.CourseDirectory.course_id = "{course_id}"
c.CourseDirectory.root = str(here)
c.IncludeHeaderFooter.header = str(here / "source" / "header.ipynb")

# To give out and collect on a shared machine, name a folder for nbgrader's exchange:
# c.Exchange.root = "/srv/nbgrader/exchange"

# The zone of times that name none: in a timestamp.txt, and those that course class due and course
# class extend are given. The exchange writes times by it, too.
c.Exchange.timezone = c.Times.zone = "{zone}"

# Experiments and explorers are for learning; no graded cell depends on one.
c.Execute.skip_cells_with_tag = "experiment"
# Seconds that one cell may take.
c.Execute.timeout = {timeout}

# * Kernels find the course, also when it is not installed but lies in a folder. What a student's
# notebook shows, in feedback and in formgrader, runs nothing and fetches nothing.
nbgrader_steps.prepare_environment(c)

c.Autograde.sanitize_preprocessors = [
    steps.ClearOutput,
    nbgrader_steps.RestoreCells,  # * deleted, altered and copied checks are as they were
    steps.OverwriteKernelspec,
    steps.OverwriteCells,
    steps.CheckCellMetadata,
]
c.RestoreCells.source = str(here / "source")
c.Autograde.autograde_preprocessors = [
    nbgrader_steps.ExecuteToTheEnd,  # * a kernel that dies costs only the cells behind
    steps.IgnorePattern,
    ClearMetadataPreprocessor,
    steps.LimitOutput,
    nbgrader_steps.OnlyVerdicts,  # * a check without a verdict earns nothing; warnings cost nothing
    steps.SaveAutoGrades,
    steps.AssignLatePenalties,
    steps.CheckCellMetadata,
]
c.GenerateFeedback.preprocessors = [
    steps.GetGrades,
    nbgrader_steps.HideHiddenTests,  # * feedback shows no hidden test and no seed
    CSSHTMLHeaderPreprocessor,
]
# * late penalties by the marks of now: one given by hand may have come later than they did
c.ExportApp.plugin_class = "autograder.grading.pipeline.late_penalties.CsvExport"
"""

HEADER = """\
**{name}.** Work through the cells in their order, and run each check when you think you are done.
Before you hand in: *Kernel → Restart Kernel and Run All Cells*, then save. Hand in this file under
this name."""


def make_class(
    folder: Path, masters: list, students: list[Student], name: str, timeout: int = 60,
    following: Callable[[Iterable], Iterable] = iter, zone: str = UTC,
) -> None:  # fmt: skip
    """Make a class's folder, all of it or nothing.

    Parameters
    ----------
    masters : `autograder.authoring.build.masters.Master`s, one an assignment
    timeout : seconds that a cell may take when it is graded
    following : is given the masters, and gives them back while it shows how far it is
    zone : of times that name none

    Raises ClickException when `folder` is there already, and for what is no time zone.
    """
    from dateutil.tz import gettz

    from autograder.authoring.build import quizzes
    from autograder.authoring.build.notebooks import text_of

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        is_class = (folder / "nbgrader_config.py").exists()
        raise click.ClickException(
            f"{folder} is a class already; nothing was changed. "
            "Choose another folder, or add students with: course class add-student ID --class "
            f"{shlex.quote(str(folder))}"
            if is_class
            else f"{folder} is there already and not empty; choose another folder."
        )
    if zone.isdigit() or gettz(zone) is None:
        raise click.ClickException(f"{zone!r:.40} is no time zone; one is Europe/Berlin.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Only the owner may look in: it will hold solutions, seeds and grades.
    growing = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        identity = re.sub(r"[^\w.-]+", "-", name, flags=re.ASCII).strip("-.") or "class"
        text = CONFIG.format(course_id=identity, timeout=timeout, zone=zone)
        (growing / "nbgrader_config.py").write_text(text, encoding="utf-8")
        note = {}
        for master in following(quizzes.for_class(masters)):
            place = growing / "source" / master.name / f"{master.name}.ipynb"
            place.parent.mkdir(parents=True)
            notebook = source_notebook(master)
            place.write_text(text_of(notebook), encoding="utf-8")
            for beside, contents in files_beside(master).items():
                place.with_name(beside).write_text(contents, encoding="utf-8")
            note[master.name] = made_by(notebook)
        write_note(growing, note)
        (growing / "source" / "header.ipynb").write_text(text_of(header(name)), encoding="utf-8")
        for empty in ("release", "submitted", "autograded", "feedback"):
            (growing / empty).mkdir()
        enter(growing, students)
        if folder.exists():
            folder.rmdir()
        os.replace(growing, folder)
    except BaseException:
        shutil.rmtree(growing, ignore_errors=True)
        raise


def header(name: str):
    """The notebook whose cells nbgrader puts in front of every assignment."""
    from nbformat.v4 import new_markdown_cell, new_notebook

    notebook = new_notebook(cells=[new_markdown_cell(HEADER.format(name=name), id="class-header")])
    notebook.nbformat_minor = 5
    return notebook
