"""`course progress`: the learner's standing as a table. The file behind it is `progress_file`'s."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime

import click

from autograder.learning.attempts import Row, last_mistake, standing
from autograder.learning.progress_file import ProgressUnreadable, load, reading_path
from autograder.learning.questions import calibration

SYMBOLS = {"passed": "✓", "failed": "✗", "error": "!", "not attempted": "○"}
BAR = 12  # characters


@click.command("progress")
@click.argument("notebook", required=False, metavar="[NOTEBOOK]")
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
def command(notebook: str | None, as_json: bool) -> None:
    """Show where you stand: one line per notebook, or one per exercise of a notebook.

    \b
    Examples:
      course progress        # all notebooks, with points and minutes spent
      course progress 06     # one of them: attempts and last verdict of each exercise

    The numbers are yours alone and count for no grade. They are kept in
    notebooks/.progress.json. The environment variable COURSE_PROGRESS can name another file.
    """
    try:
        rows = standing()
    except ProgressUnreadable as trouble:
        raise click.ClickException(str(trouble)) from trouble
    if not rows:
        raise click.ClickException("This copy of the course has no exercises.")
    notebooks = sorted({row.notebook for row in rows})
    if notebook is not None:
        chosen = [name for name in notebooks if notebook in (name, name[:2], name[:2].lstrip("0"))]
        if not chosen:
            raise click.UsageError(
                f"There is no notebook '{notebook}'; there are {', '.join(notebooks)}."
            )
        rows = [row for row in rows if row.notebook in chosen]
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False))
        return
    show_exercises(rows) if notebook else show_notebooks(rows)
    path = reading_path()
    if path and (line := calibration(load(path)["exercises"].values())):
        click.echo(line)
    if path:
        click.echo(f"Kept in {path}" if path.exists() else "No exercise has been checked so far.")


def table(*columns: tuple[str, str]):
    """A table without wrapped lines: (head, "left" or "right") for each column."""
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for head, side in columns:
        made.add_column(head, justify=side, no_wrap=True)
    return made


def show_notebooks(rows: list[Row]) -> None:
    """Print a line for each notebook, and what comes next."""
    from rich.console import Console

    made = table(("notebook", "left"), ("points", "right"), ("", "left"), ("right", "right"),
                 ("minutes", "right"), ("last", "left"))  # fmt: skip
    for notebook in dict.fromkeys(row.notebook for row in rows):
        own = [row for row in rows if row.notebook == notebook]
        got, most = sum(r.points for r in own), sum(r.max_points for r in own)
        done = round(BAR * got / most) if most else 0
        minutes = sum(row.minutes for row in own)
        made.add_row(
            notebook, f"{got:g}/{most:g}", "█" * done + "░" * (BAR - done),
            f"{sum(r.passed for r in own)} of {len(own)}", f"{minutes:.0f}" if minutes else "",
            when(max((row.last for row in own if row.last), default=None))[:10],
        )  # fmt: skip
    Console().print(made)
    begun = [row.notebook for row in rows if row.last]
    if begun:
        latest = max((row for row in rows if row.last), key=lambda row: row.last).notebook
        click.echo(f"One notebook, exercise by exercise: course progress {latest[:2]}")


def show_exercises(rows: list[Row]) -> None:
    """Print a line for each exercise of one notebook."""
    from rich.console import Console

    own, notebook = rows, rows[0].notebook
    got, most = sum(r.points for r in own), sum(r.max_points for r in own)
    console = Console()
    made = table((notebook, "left"), ("best", "right"), ("tries", "right"), ("min", "right"),
                 ("last check", "left"))  # fmt: skip
    # What is left of a line beside the other columns; rich would cut those as well.
    room = max(console.width - max(len(row.exercise) for row in own) - 29, 16)
    for row in own:
        made.add_row(
            row.exercise,
            "extra" if row.extra else f"{row.points:g}/{row.max_points:g}",
            str(row.attempts or ""),
            f"{row.minutes:.0f}" if row.attempts else "",
            said if len(said := verdict(row)) <= room else f"{said[: room - 1]}…",
        )
    console.print(made)
    click.echo(
        f"{got:g} of {most:g} points at best; {sum(r.passed for r in own)} of {len(own)} have been "
        "right."
    )


def verdict(row: Row) -> str:
    """The last verdict in words, with what it named first."""
    named = last_mistake(row)
    if row.passed and row.status != "passed":
        named = f"{named}, was right before".removeprefix(", ")
    return f"{SYMBOLS.get(row.status, '?')} {row.status}{': ' * bool(named)}{named}"


def when(moment: str | None) -> str:
    """The day and minute of an ISO moment in the local time zone; empty for none."""
    if moment is None:
        return ""
    try:
        return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return moment
