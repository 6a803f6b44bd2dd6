"""`course grade`: the command. How a class goes through the engine is in `grading.pipeline.run`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from shlex import quote

import click

from autograder.commands.teachers.of_class import ASSIGNMENT, CLASS, SECTION
from autograder.grading.pipeline.run import graded


@click.command("grade")
@click.argument("assignment", type=ASSIGNMENT)
@CLASS
@click.option("--workers", "-w", type=click.IntRange(1), metavar="N",
              help="Worker processes on this machine; one per core by default.")  # fmt: skip
@click.option("--dask", metavar="ADDRESS", help="Grade on the dask cluster at this address.")
@click.option("--student", "-s", "only", multiple=True, metavar="ID",
              help="Only this student; can be repeated.")  # fmt: skip
@click.option("--section", default="", metavar="NAME", type=SECTION,
              help="Only this section of the class.")  # fmt: skip
@click.option("--force", is_flag=True, help="Also grade again what has not changed.")
@click.option(
    "--no-sandbox",
    is_flag=True,
    help="Run learners' code without the sandbox. Use this only for code that you trust.",
)
@click.option("--data", "data", multiple=True, metavar="DIR",
              help="Folder of data that notebooks may read in the sandbox; can be repeated.",
              type=click.Path(path_type=Path, exists=True, file_okay=False))  # fmt: skip
@click.option("--wait", default=60.0, metavar="SECONDS", show_default=True,
              help="How long to wait for a gradebook that is in use.")  # fmt: skip
@click.option("--no-similar", is_flag=True,
              help="Do not look for submissions that resemble each other.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(assignment, folder, workers, dask, only, section, force, no_sandbox, data, wait,
            no_similar, as_json):  # fmt: skip
    """Grade what was handed in for ASSIGNMENT.

    \b
    Examples:
      course grade 06_batchnorm --class ml-2026
      course grade 06_batchnorm --class ml-2026 --student ada --force
      course grade 06_batchnorm --class ml-2026 --section "Group A"
      course grade 06_batchnorm --class ml-2026 --dask tcp://10.0.0.1:8786

    Learners' code runs in a sandbox; the program that judges its results runs outside. What has not
    changed since it was graded is passed over. To finish a run that was stopped, give the same
    command again. Scores go into nbgrader's gradebook and autograded/, where nbgrader's page
    formgrader and course feedback find them. A report goes into reports/: ASSIGNMENT.html for the
    browser, ASSIGNMENT.csv for a spreadsheet; for one section they are called
    ASSIGNMENT-SECTION.html and .csv. The report also lists submissions that resemble each other.
    Students who have left the class are not graded. The command works for any nbgrader course in
    Python.
    """
    from autograder.grading.pipeline.run import data_folders
    from autograder.grading.pipeline.unchanged import Unchanged
    from autograder.grading.reports.report import show
    from autograder.grading.reports.tally import Tally, unchanged

    if workers and dask:
        raise click.UsageError("Give --workers or --dask, not both.")
    if only and section:
        raise click.UsageError("Give --student or --section, not both.")
    called = {"only": sorted(only), "sandbox": not no_sandbox, "data": data_folders(data),
              "similar": not no_similar, "folder": str(folder), "section": section}  # fmt: skip
    watch = Unchanged(folder, assignment, called)
    said = None if force or dask else watch.said()
    if said is not None:
        tally = unchanged(said["tally"])
        for note in said["notes"]:
            click.echo(note, err=True)
        if not as_json and not sys.stderr.isatty():
            click.echo(f"{len(tally.rows)} of {len(tally.rows)} unchanged", err=True)
        page, outside, waiting = said["page"], said["outside"], said["waiting"]
    else:
        tally = Tally(assignment)
        page, outside, waiting = _grade(
            folder, assignment, tally, watch, not no_similar, workers=workers, dask=dask, only=only,
            section=section, force=force, sandbox=not no_sandbox, data=data, wait=wait,
            quiet=as_json,
        )  # fmt: skip
    if as_json:
        click.echo(json.dumps({**tally.as_json(), "page": page}, indent=1))
        return
    from rich.console import Console

    show(tally, Console())
    if outside:
        click.echo(outside)
    here = folder.resolve() == Path.cwd()
    there = "" if here else f" --class {quote(str(folder))}"
    if page:
        click.echo(f"Student by student: {page} (a table beside it, .csv)")
        if section:
            click.echo(f"Of the whole class: course report {quote(assignment)}{there}")
    if waiting:
        students = "1 student wait" if waiting == 1 else f"{waiting} students wait"
        click.echo(f"Answers of {students} to be marked: course mark {quote(assignment)}{there}")
    click.echo(f"Next: course feedback {quote(assignment)}{there}")


def _grade(folder, assignment, tally, watch, similar: bool, **how) -> tuple[str, str, int]:
    """Grade, as `graded` says of `how`, and write the report: where it is, what it says of those
    outside, and how many students wait for marks."""
    from autograder.commands.teachers.report import write
    from autograder.grading.pipeline.gradebook import CannotRecord
    from autograder.grading.sandbox.runner import SandboxUnavailable

    try:
        for _ in graded(folder, assignment, tally, watch=watch, **how):
            pass
    except SandboxUnavailable as reason:
        raise click.ClickException(str(reason)) from None
    except CannotRecord:
        if tally.rows:
            click.echo(f"{len(tally.rows)} submissions are graded and recorded.", err=True)
        raise
    except KeyboardInterrupt:
        click.echo(
            f"Stopped. {len(tally.rows)} submissions are graded and recorded; the same command "
            "goes on from there.", err=True,
        )  # fmt: skip
        raise
    page, outside, waiting = "", "", 0
    try:
        (made, _), report = write(folder, assignment, tally, similar, how["wait"], how["section"])
        page, outside = str(made), report.outside
        waiting = sum(bool(row.to_mark) for row in report.rows)
        if not how["only"]:
            tally.to_mark, tally.of_page = waiting, report.looks
    except click.ClickException as reason:  # what was graded is recorded all the same
        click.echo(reason.format_message(), err=True)
    if page:
        said = {"tally": vars(tally), "notes": watch.notes, "page": page, "outside": outside,
                "waiting": waiting}  # fmt: skip
        watch.keep(said)
    return page, outside, waiting
