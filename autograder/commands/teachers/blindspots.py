"""`course blindspots`: a class's unnamed wrong answers, for the author of a next mistake."""

from __future__ import annotations

import json
from pathlib import Path
from shlex import quote

import click

from autograder.commands.teachers.of_class import CLASS
from autograder.grading.reports.blindspots import Unreadable, folder_of, load, spots
from autograder.grading.reports.blindspots_in_words import as_data, show


@click.command("blindspots")
@CLASS
@click.option("--all", "everything", is_flag=True, help="Show what only one student did, too.")
@click.option("--json", "as_json", is_flag=True, help="Print all of it as JSON.")
def command(folder: Path, everything: bool, as_json: bool) -> None:
    """Show the wrong answers that fit no known mistake, in groups that behave alike.

    \b
    Examples:
      course blindspots --class ml-2026
      course blindspots --class ml-2026 --json

    course grade collects these answers in the class's folder .course/blindspots, without students'
    names and without code. A mistake that several students make alike is worth a name: write it
    down as a @mistake of the exercise.
    """
    from autograder.grading.classroom.configuration import course_id

    course_id(folder)
    paths = sorted(folder_of(folder).glob("*.json"))
    if not paths:
        raise click.ClickException(
            f"Nothing is collected in {folder_of(folder)} yet. It is done while a class is graded: "
            f"course grade ASSIGNMENT --class {quote(str(folder))}"
        )
    verdicts, problems, left_out = [], [], 0
    for path in paths:
        try:
            content = load(path)
        except Unreadable as problem:
            problems.append(str(problem))
            continue
        verdicts += content["verdicts"]
        left_out += content["left_out"]
    found = spots(verdicts)
    if as_json:
        told = {"spots": [as_data(s) for s in found], "left_out": left_out, "unreadable": problems}
        click.echo(json.dumps(told, indent=1, ensure_ascii=False))
        return
    for problem in problems:
        click.echo(problem, err=True)
    show(found, everything)
    if left_out:
        click.echo(f"{left_out} more were not kept: a file holds the commonest only.")
