"""`course build`: makes notebooks from their masters, by `authoring.build.notebooks`."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.authoring.build import exercise_form, quizzes
from autograder.authoring.build.masters import SOURCE
from autograder.authoring.build.notebooks import (
    UNNAMED,
    chosen,
    made,
    orphans,
    published,
    state_of,
    why,
    write,
)


@click.command("build")
@click.argument("wanted", nargs=-1, metavar="[NN]...")
@click.option("--check", is_flag=True, help="Write nothing; fail and name what is out of date.")
@click.option("--force", is_flag=True, help="Overwrite notebooks that somebody has worked in.")
@click.option("--source", type=click.Path(path_type=Path), default=SOURCE, hidden=True)
def command(wanted: tuple[str, ...], check: bool, force: bool, source: Path) -> None:
    """Make the learners' notebooks from their masters in notebooks/source.

    \b
    Examples:
      course build             all notebooks that are out of date
      course build 06          one notebook
      course build --check     fail when a notebook is not what its master makes

    Cell ids, points and checksums are the same from run to run.
    """
    exercise_form.load_rooms()
    tests = quizzes.outdated(source) if source == SOURCE else {}
    for path, text in tests.items():
        state = "not what the questions make; run course build" if check else "written"
        click.echo(f"source/{path.name}: {state}")
        if not check:
            write(path, text)
    found = chosen(source, wanted)
    found += [path for path in tests if path not in found]
    stale = list(tests)
    for path in found:
        target, text = made(path)
        state = state_of(target, text)
        if state == "worked in" and not check and not force:
            raise click.ClickException(
                f"{target} has outputs: somebody has worked in it. Move it away and build again, "
                "or overwrite it with --force."
            )
        if state == "current":
            continue
        stale.append(target)
        click.echo(f"{target.name}: {why(state)}" if check else f"{target.name} written")
        if not check:
            write(target, text)
    lonely = [] if wanted else orphans(source)
    for orphan in lonely:
        click.echo(f"{orphan.name}: there is no master {orphan.stem}.py", err=True)
    if not stale and not lonely:
        click.echo(f"{len(found)} notebook{'s' * (len(found) != 1)} up to date")
    if UNNAMED in published()["repository"]:
        click.echo(
            "Note: [tool.course] in pyproject.toml does not name the course's repository yet; "
            "the Colab badges lead nowhere until it does.", err=True,
        )  # fmt: skip
    if check and (stale or lonely):
        raise click.exceptions.Exit(1)
