"""`course feedback`: the command. Pages are made by `grading.feedback`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from shlex import quote

import click

from autograder.commands.teachers.of_class import ASSIGNMENT, CLASS, SECTION

SHOWN = 20


@click.command("feedback")
@click.argument("assignment", type=ASSIGNMENT)
@CLASS
@click.option("--student", "-s", "only", multiple=True, metavar="ID",
              help="Only this student; can be repeated.")  # fmt: skip
@click.option("--section", default="", metavar="NAME", type=SECTION,
              help="Only this section of the class.")  # fmt: skip
@click.option("--all", "everything", is_flag=True,
              help="Make all pages again, also those that have not changed.")  # fmt: skip
@click.option("--workers", "-w", type=click.IntRange(1), default=2, metavar="N", show_default=True,
              help="How many pages are made at a time.")  # fmt: skip
def command(assignment, folder, only, section, everything, workers):
    """Make the feedback pages of ASSIGNMENT that have changed.

    \b
    Examples:
      course feedback 06_batchnorm --class ml-2026
      course feedback 06_batchnorm --class ml-2026 --student ada
      course feedback 06_batchnorm --class ml-2026 --section "Group A"
      course feedback 06_batchnorm --class ml-2026 --all

    The command writes feedback/STUDENT/ASSIGNMENT/ASSIGNMENT.html, the same page that nbgrader
    generate_feedback would make: the student's notebook with points, verdicts and your comments. A
    page is made if the marks, the comments, the late penalty or the notebook have changed since the
    last time, or if the page is missing; the others stay as they are. Scripts, pictures that would
    be fetched from elsewhere, and links that lead anywhere but to the web or to mail are taken out.
    Ctrl-C loses nothing: the same command goes on from there.
    """
    from autograder.grading.classroom.printable import printable, shown
    from autograder.grading.feedback.pages import make_pages

    if only and section:
        raise click.UsageError("Give --student or --section, not both.")
    made = make_pages(folder, assignment, only, everything, workers, _with_a_bar, section)
    for student, why in list(made.failed.items())[:SHOWN]:
        click.echo(printable(f"{student}: no page: {why}"), err=True)
    if len(made.failed) > SHOWN:
        click.echo(f"... and {len(made.failed) - SHOWN} more.", err=True)
    click.echo(
        f"{assignment}: {len(made.made)} made, {len(made.unchanged)} as they were"
        + (f", {len(made.failed)} could not be made." if made.failed else ".")
    )
    if made.made or made.unchanged:
        there = folder / "feedback" / "STUDENT" / assignment
        click.echo(f"They are in {there}, a folder for each STUDENT.")
    if made.waiting:
        click.echo(
            f"{len(made.waiting)} of the pages have answers that nobody has marked yet, which show "
            f"0 there until you have: course mark {quote(assignment)} --class {quote(str(folder))}"
        )
    if made.outside:
        who = ", ".join(map(shown, made.outside[:SHOWN]))
        click.echo(f"No page for who is not in the class's gradebook: {who}.")
    if made.failed:
        raise click.ClickException(
            f"{len(made.failed)} students have no page; all others have. The lines above say why."
        )


def _with_a_bar(results: Iterable, number: int) -> Iterator:
    from rich.console import Console
    from rich.progress import track

    # Nothing is shown where standard error is no terminal.
    console = Console(stderr=True)
    yield from track(results, "Feedback pages", number, console=console, transient=True,
                     disable=not (console.is_terminal and number))  # fmt: skip
