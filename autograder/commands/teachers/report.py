"""`course report`: the command. What it writes is `grading.reports`'."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.commands.teachers.of_class import ASSIGNMENT, CLASS, SECTION


@click.command("report")
@click.argument("assignment", required=False, type=ASSIGNMENT)
@CLASS
@click.option("--section", default="", metavar="NAME", type=SECTION,
              help="Only this section of the class.")  # fmt: skip
@click.option("--before", metavar="TEST", type=ASSIGNMENT,
              help="With --after: what was gained between two tests.")  # fmt: skip
@click.option("--after", metavar="TEST", type=ASSIGNMENT, help="The test that was taken last.")
@click.option("--no-similar", is_flag=True,
              help="Do not look for submissions that resemble each other.")  # fmt: skip
@click.option("--wait", default=60.0, metavar="SECONDS", show_default=True,
              help="How long to wait for a gradebook that is in use.")  # fmt: skip
def command(assignment, folder, section, before, after, no_similar, wait):
    """Write the report on ASSIGNMENT anew, without grading; or one on what a class has gained.

    \b
    Examples:
      course report 06_batchnorm --class ml-2026
      course report 06_batchnorm --class ml-2026 --no-similar
      course report 06_batchnorm --class ml-2026 --section "Group A"
      course report --before 98_pretest --after 99_posttest --class ml-2026

    The report is a page for the browser and a table for a spreadsheet, reports/ASSIGNMENT.html and
    .csv in the class's folder. Both have one row per student, one column per exercise and the
    current points, including those given by hand since. The report says what is still to mark, who
    is late, what needs a look, and which mistakes are most frequent. course grade writes both files
    too. With --section they cover those students alone: ASSIGNMENT-SECTION.html and .csv.

    With --before and --after the report is on two tests of the same questions: who took them, how
    hard each question was, how well it separates those who know from those who do not, and what was
    gained by topic, with intervals. It names nobody. It is reports/BEFORE-AFTER.html, with the
    numbers as .json.
    """
    if before or after:
        if assignment or not (before and after):
            raise click.UsageError(
                "For what was gained name both tests and nothing else: "
                "course report --before 98_pretest --after 99_posttest"
            )
        return click.echo(_between(folder, before, after, wait, section))
    if not assignment:
        raise click.UsageError("Name an assignment, such as 06_batchnorm, or --before and --after.")
    made, report = write(folder, assignment, similar=not no_similar, wait=wait, section=section)
    waiting = sum(bool(row.to_mark) for row in report.rows)
    click.echo(f"{len(report.graded)} graded, {waiting} with answers to mark.")
    if report.outside:
        click.echo(report.outside)
    click.echo(f"Open {made[0]} in a browser, {made[1].name} beside it in a spreadsheet.")


def _between(folder: Path, before: str, after: str, wait: float, section: str) -> str:
    """Write what was gained between two tests; what to say of it."""
    from autograder.grading.reports.before_after.of_class import gather
    from autograder.grading.reports.before_after.page import estimate, write

    analysis, course = gather(folder, before, after, wait, section)
    try:
        made, data = write(folder, analysis, course, section)
    except OSError as error:
        raise _not_written(folder, error) from None
    said = f"{analysis.both} took both tests. "
    if analysis.note:
        said += f"There are no numbers: {analysis.note}. "
    else:
        said += f"Gained of what was left: {estimate(analysis.topics[-1].gain)}. "
    return f"{said}Open {made} in a browser; the numbers are in {data.name} beside it."


def write(
    folder: Path, assignment: str, run=None, similar: bool = True, wait: float = 60.0,
    section: str = "",
):  # fmt: skip
    """Write page and table; ((page, table), what they say). Raises ClickException."""
    from autograder.grading.reports.class_report import gather
    from autograder.grading.reports.page.write import write as write_files

    report = gather(folder, assignment, run, similar, wait, section)
    try:
        return write_files(folder, report), report
    except OSError as error:
        raise _not_written(folder, error) from None


def _not_written(folder: Path, error: OSError) -> click.ClickException:
    return click.ClickException(
        f"The report cannot be written: {error.filename or folder}: {error.strerror or error}. "
        "Marks are not concerned."
    )
