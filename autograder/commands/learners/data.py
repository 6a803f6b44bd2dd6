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
      course data            # what is here, and where
      course data cifar10    # download it (170 MB), or go on where it broke off

    Every notebook also runs without a download, on data that ships with the course.
    The environment variable COURSE_DATA can name a folder that has data already.
    """
    from course_utils import datasets

    known = {standing.name: standing for standing in datasets.available()}
    if name is None:
        show(known.values())
        return
    if name not in known:
        raise click.UsageError(f"There is no data set '{name}'; there are {', '.join(known)}.")
    try:
        folder = datasets.fetch(name, progress=True)
    except datasets.DataError as trouble:
        raise click.ClickException(str(trouble)) from trouble
    click.echo(f"{name} is complete and verified; data folder: {folder}")


def show(known) -> None:
    """Print data sets (`course_utils.datasets.Standing`) as a table."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table("name", "state", box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("where", overflow="fold")
    table.add_column("on disk", justify="right")
    for standing in known:
        size = f"{standing.size / 1e6:.1f} MB" if standing.size else ""
        table.add_row(standing.name, standing.state, standing.where, size)
    Console().print(table)
