"""`course report`: the command. What it writes is `grading.reports`'."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("report")
@click.argument("assignment")
@click.option("--class", "folder", default=".", metavar="DIR", help="The class; here by default.",
              type=click.Path(path_type=Path, exists=True, file_okay=False))  # fmt: skip
@click.option("--section", default="", metavar="NAME", help="Only this section of the class.")
@click.option("--no-similar", is_flag=True,
              help="Do not look for submissions that resemble each other.")  # fmt: skip
@click.option("--wait", default=60.0, metavar="SECONDS", show_default=True,
              help="How long to wait for a gradebook that is in use.")  # fmt: skip
def command(assignment, folder, section, no_similar, wait):
    """Write the report on ASSIGNMENT anew, without grading.

    \b
    Examples:
      course report 06_batchnorm --class ml-2026
      course report 06_batchnorm --class ml-2026 --no-similar
      course report 06_batchnorm --class ml-2026 --section "Group A"

    A page for the browser and a table for a spreadsheet, reports/ASSIGNMENT.html and .csv in the
    class's folder: a row a student, a column an exercise, the points of now, also those given by
    hand since; what is still to mark, who is late, what needs a look, the most frequent mistakes.
    course grade writes both too. With --section they are of those students alone, and the section's
    name stands in the files': ASSIGNMENT-SECTION.html.
    """
    made, report = write(folder, assignment, similar=not no_similar, wait=wait, section=section)
    waiting = sum(bool(row.to_mark) for row in report.rows)
    click.echo(f"{len(report.graded)} graded, {waiting} with answers to mark.")
    if report.outside:
        click.echo(report.outside)
    click.echo(f"Open {made[0]} in a browser, {made[1].name} beside it in a spreadsheet.")


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
        raise click.ClickException(
            f"The report cannot be written: {error.filename or folder}: {error.strerror or error}. "
            "Marks are not concerned."
        ) from None
