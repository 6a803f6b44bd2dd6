"""`course data`: which data sets are here, and fetching them. The work is in
`course_utils.datasets`."""

from __future__ import annotations

import click


@click.command("data")
@click.argument("name", required=False)
def command(name: str | None) -> None:
    """List the data sets with their state, or fetch and verify one.

    \b
    Examples:
      course data            what is here, and where
      course data cifar10    download it (170 MB), or go on where it broke off

    Every notebook also runs without a download, on data that ships with the course.
    COURSE_DATA names a folder that has data already.
    """
    from course_utils import datasets

    known = datasets.available()
    if name is None:
        show(known)
        return
    names = [listed[0] for listed in known]
    if name not in names:
        raise click.UsageError(f"There is no data set '{name}'; there are {', '.join(names)}.")
    datasets.fetch(name, progress=True)
    _, state, where, _ = next(listed for listed in datasets.available() if listed[0] == name)
    click.echo(f"{name}: {state}" + (f", in {where}" if where else ""))


def show(known: list) -> None:
    """Print the data sets as a table: (name, state, where, bytes) each, where or bytes None."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table("name", "state", "where", box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("size", justify="right")
    for name, state, where, size in known:
        table.add_row(name, state, str(where or ""), in_megabytes(size))
    Console().print(table)


def in_megabytes(size: int | None) -> str:
    """A number of bytes for people; empty for none."""
    return "" if size is None else f"{size / 1e6:.1f} MB"
