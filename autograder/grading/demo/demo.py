"""A teacher's whole job on a class of samples, and whether the scores are right.
The samples are in `samples`; making a class and grading it are done by the same functions as
for a real one."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

import click

# Seconds for one cell: short for the sample that loops. A kernel of stock nbgrader's has torch to
# import in its first cell; a sandbox has it already.
TIMEOUT, TIMEOUT_STOCK = 6, 30
# Scores are sums of whole and half points.
CLOSE = 1e-6
GRADED = ("graded", "failed to run")  # course grade gives what cannot run its zeros


@dataclass(frozen=True)
class Line:
    """One line of the demonstration's gradebook."""

    student: str
    name: str
    what: str
    earned: dict[str, float] | None  # by exercise; None when nothing could be graded
    expected: dict[str, float]
    state: str

    @property
    def score(self) -> float:
        return sum((self.earned or {}).values())

    def differences(self) -> list[str]:
        """The exercises whose points are not the expected ones."""
        earned = self.earned or {}
        return [
            name for name, points in self.expected.items()
            if abs(earned.get(name, 0.0) - points) > CLOSE
        ]  # fmt: skip


def demonstrate(folder: Path, assignment: str, samples, console, by_stock: bool) -> list[Line]:
    """Make the class, hand in the samples, grade them and write the feedback.

    `by_stock` for nbgrader's own autograde, one submission at a time, instead of `course grade`.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from autograder.authoring.build.masters import load
    from autograder.grading.classroom.new_class import make_class
    from autograder.grading.classroom.roster import Student
    from autograder.grading.demo.samples import expected, submission
    from autograder.grading.pipeline import nbgrader_commands, nbgrader_steps

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
    )  # fmt: skip
    nbgrader_steps.prepare_environment()
    with Progress(*columns, console=console) as progress:

        def steps(what, things):
            return progress.track(things, description=f"{what:<34}")

        master = load(assignment)
        students = [Student(s.id, s.first_name, s.last_name) for s in samples]
        for _ in steps(f"Making the class in {folder.name}", [folder]):
            timeout = TIMEOUT_STOCK if by_stock else TIMEOUT
            make_class(folder, [master], students, "Demonstration", timeout)
        log = folder / "demo.log"
        with quiet(log):
            for name in steps("Releasing", [assignment]):
                if not (outcome := nbgrader_commands.release(folder, name)).ok:
                    raise click.ClickException(f"{name} could not be released:\n{outcome.log}")
            path = folder / "release" / assignment / f"{assignment}.ipynb"
            released = path.read_text(encoding="utf-8")
            should = {}
            for sample in steps("Handing in the samples", samples):
                should[sample.id] = expected(sample, master, by_stock)
                text = submission(sample, released, master)
                if text is not None:
                    place = folder / "submitted" / sample.id / assignment
                    place.mkdir(parents=True)
                    (place / path.name).write_text(text, encoding="utf-8")
            handed_in = [s.id for s in samples if (folder / "submitted" / s.id).exists()]
            states = {s.id: "not handed in" for s in samples}
            grade = graded_by_stock if by_stock else graded_by_course
            outcomes = progress.track(
                grade(folder, assignment, handed_in, log), len(handed_in),
                description=f"{'Grading':<34}",
            )  # fmt: skip
            states |= dict(outcomes)
            for _ in steps("Writing feedback", [folder]):
                outcome = nbgrader_commands.feedback(folder, assignment)
                _note(log, "feedback", outcome.log)
        for student in handed_in:
            if (
                states[student] in GRADED
                and not (folder / "feedback" / student / assignment).is_dir()
            ):
                states[student] += ", no feedback"
    earned = scores(folder, assignment)
    return [
        Line(s.id, f"{s.first_name} {s.last_name}", s.what,
             earned.get(s.id) if states[s.id].startswith(GRADED) else None,
             should[s.id], states[s.id])
        for s in samples
    ]  # fmt: skip


def graded_by_stock(folder: Path, assignment: str, students, log: Path) -> Iterator:
    """Each student with a state, graded by `nbgrader autograde`: a bad notebook stops that."""
    from autograder.grading.pipeline import nbgrader_commands

    for student in students:
        outcome = nbgrader_commands.autograde(folder, assignment, student)
        _note(log, student, outcome.log)
        yield student, "graded" if outcome.ok else "cannot be graded"


def graded_by_course(folder: Path, assignment: str, students, log: Path) -> Iterator:
    """Each student with a state, graded by `course grade`."""
    from autograder.grading.pipeline import run
    from autograder.grading.reports import report
    from autograder.grading.sandbox.runner import SandboxUnavailable

    tally = report.Tally(assignment)
    try:
        for outcome in run.graded(folder, assignment, tally, quiet=True):
            _note(log, outcome.student, "\n".join([*outcome.repairs, *outcome.looks]))
            yield outcome.student, outcome.state
    except SandboxUnavailable as reason:
        raise click.ClickException(
            f"{reason} Without a sandbox the demonstration can be seen with: course demo --stock"
        ) from None


def _note(log: Path, title: str, text: str) -> None:
    with log.open("a", encoding="utf-8") as file:
        file.write(f"\n== {title}\n{text}")


@contextlib.contextmanager
def quiet(log: Path):
    """What kernels and libraries write on standard error goes into a file."""
    kept = os.dup(2)
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(file, 2)
    os.close(file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def scores(folder: Path, assignment: str) -> dict[str, dict[str, float]]:
    """The gradebook's points by student and exercise; what waits for the teacher is left out."""
    from nbgrader.api import Gradebook

    from autograder.grading.classroom.configuration import course_id, database

    found: dict[str, dict[str, float]] = {}
    with Gradebook(database(folder), course_id(folder)) as gradebook:
        for submission in gradebook.assignment_submissions(assignment):
            found[submission.student.id] = {
                grade.name.removeprefix("check_"): float(grade.score)
                for notebook in submission.notebooks
                for grade in notebook.grades
                if grade.name.startswith("check_")
            }
    return found


def table(lines: list[Line], assignment: str):
    """The gradebook as a rich table."""
    from rich.table import Table

    shown = Table(title=f"{assignment}: the gradebook")
    for title in ("Student", "Name", "What was handed in", "State"):
        shown.add_column(title)
    for title in ("Points", "Expected"):
        shown.add_column(title, justify="right")
    shown.add_column("")
    for line in lines:
        shown.add_row(
            line.student, line.name, line.what, line.state,
            f"{line.score:g}" if line.earned is not None else "–",
            f"{sum(line.expected.values()):g}",
            "✗ differs" if line.differences() else "✓",
        )  # fmt: skip
    return shown


def where_everything_is(folder: Path, assignment: str) -> str:
    return "\n".join([
        "",
        f"Given out:  {folder / 'release' / assignment}",
        f"Handed in:  {folder / 'submitted'}",
        f"Graded:     {folder / 'autograded'}; the log of it: {folder / 'demo.log'}",
        f"Feedback:   {folder / 'feedback' / 'rosa' / assignment / (assignment + '.html')}"
        " and the others'",
        f"Gradebook:  {folder / 'gradebook.db'}",
        "To look through it and to grade the written answers:  "
        f"cd {quote(str(folder))} && jupyter lab, then Nbgrader → Formgrader",
    ])  # fmt: skip
