"""`course build` makes notebooks from their masters, `course publish` puts the address of a
published copy into them. The work is done in `authoring.build`."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.authoring.build import exercise_form, quizzes
from autograder.authoring.build.masters import SOURCE
from autograder.authoring.build.notebooks import chosen, made, orphans, state_of, why, write
from autograder.authoring.build.publishing import looked_at, published, put_in, understood


@click.command("build")
@click.argument("wanted", nargs=-1, metavar="[NN]...")
@click.option("--check", is_flag=True, help="Write nothing; fail and name what is out of date.")
@click.option("--force", is_flag=True, help="Overwrite notebooks that somebody has worked in.")
@click.option("--source", type=click.Path(path_type=Path), default=SOURCE, hidden=True)
def command(wanted: tuple[str, ...], check: bool, force: bool, source: Path) -> None:
    """Make the learners' notebooks from their masters, the source files in notebooks/source.

    \b
    Examples:
      course build             # all notebooks that are out of date
      course build 06          # one notebook
      course build --check     # fail when a notebook is not what its master makes

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
    if not published()["slug"]:
        click.echo(
            "Note: the notebooks have no link to Colab, since nothing says yet where the course is "
            "published. course publish ADDRESS puts it in.", err=True,
        )  # fmt: skip
    if check and (stale or lonely):
        raise click.exceptions.Exit(1)


@click.command("publish")
@click.argument("address", metavar="ADDRESS")
@click.option("--branch", default=None, metavar="NAME",
              help="The branch that students get; by default the one that is set now.")  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite notebooks that somebody has worked in.")
@click.pass_context
def publish(ctx, address: str, branch: str | None, force: bool) -> None:
    """Put the address of your published copy of the course into notebooks and their links.

    \b
    Examples:
      course publish https://github.com/ada/training-cnns
      course publish ada/training-cnns --branch autumn-2026

    The address is written into pyproject.toml, and all notebooks are made anew with a link to Colab
    and a set-up cell that installs from there. If somebody has worked in a notebook, the command
    stops and keeps the old address, unless you add --force. Nothing is pushed. To take the change
    back, give the command that is printed at the end.
    """
    try:
        repository = understood(address)
    except ValueError as reason:
        raise click.UsageError(str(reason), ctx) from None
    before = published()
    branch = branch or before["branch"]
    put_in(repository, branch)
    try:
        ctx.invoke(command, wanted=(), check=False, force=force, source=SOURCE)
    except BaseException:
        put_in(before["repository"], before["branch"])
        click.echo("The address stays as it was.", err=True)
        raise
    found, sentence = looked_at(repository, branch)
    click.echo(f"{'✓' if found else '–'} {sentence}")
    click.echo(
        "Left to do by hand:\n"
        "  git commit -a, and git push: what students open is what lies there\n"
        "  course kit, for a kit that is handed out; make site, for the pages\n"
        "  notebooks that a class has been given already keep the address they came with"
    )
    if before["slug"]:
        click.echo(f"Taken back by: course publish {before['slug'].removeprefix('github/')} "
                   f"--branch {before['branch']}")  # fmt: skip
