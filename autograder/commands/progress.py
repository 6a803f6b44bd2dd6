"""`course progress`: the learner's standing as a table. The file behind it is `progress_file`'s."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime

import click

from autograder.learning.attempts import Row, last_mistake, standing
from autograder.learning.progress_file import ProgressUnreadable, reading_path

SYMBOLS = {"passed": "✓", "failed": "✗", "error": "!", "not attempted": "○"}


@click.command("progress")
@click.argument("notebook", required=False, metavar="[NN]")
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
def command(notebook: str | None, as_json: bool) -> None:
    """Show where you stand: attempts, best points and the last verdict of each exercise.

    \b
    Examples:
      course progress        all notebooks
      course progress 06     one of them

    The numbers are yours alone and count for no grade. They are kept in
    notebooks/.progress.json; COURSE_PROGRESS names another file.
    """
    try:
        rows = standing()
    except ProgressUnreadable as trouble:
        raise click.ClickException(str(trouble)) from trouble
    if not rows:
        raise click.ClickException("This copy of the course has no exercises.")
    notebooks = sorted({row.notebook for row in rows})
    if notebook is not None:
        chosen = [name for name in notebooks if name == notebook or name[:2] == notebook]
        if not chosen:
            raise click.UsageError(
                f"There is no notebook '{notebook}'; there are {', '.join(notebooks)}."
            )
        rows = [row for row in rows if row.notebook in chosen]
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False))
        return
    show(rows)
    if path := reading_path():
        click.echo(f"Kept in {path}" if path.exists() else "No exercise has been checked so far.")


def show(rows: list[Row]) -> None:
    """Print one table, its rows grouped by notebook with the points of each."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("exercise", no_wrap=True)
    table.add_column("best", justify="right")
    table.add_column("attempts", justify="right")
    table.add_column("minutes", justify="right")
    table.add_column("last verdict")
    table.add_column("when", no_wrap=True)
    for notebook in dict.fromkeys(row.notebook for row in rows):
        own = [row for row in rows if row.notebook == notebook]
        got, most = sum(r.points for r in own), sum(r.max_points for r in own)
        right = sum(r.status == "passed" for r in own)
        table.add_row(
            f"[bold]{notebook}[/]", f"[bold]{got:g}/{most:g}[/]", "", "",
            f"[bold]{right} of {len(own)} right[/]", "",
        )  # fmt: skip
        for row in own:
            table.add_row(
                f"  {row.exercise}",
                "extra" if row.extra else f"{row.points:g}/{row.max_points:g}",
                str(row.attempts or ""),
                f"{row.minutes:.0f}" if row.attempts else "",
                verdict(row),
                when(row.last),
            )
        table.add_section()
    Console().print(table)


def verdict(row: Row) -> str:
    """The last verdict in words, with what it named first."""
    named = last_mistake(row)
    return f"{SYMBOLS.get(row.status, '?')} {row.status}{': ' * bool(named)}{named}"


def when(moment: str | None) -> str:
    """The day and minute of an ISO moment in the local time zone; empty for none."""
    if moment is None:
        return ""
    try:
        return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return moment
