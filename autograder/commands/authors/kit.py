"""`course kit`: makes what students get, by `authoring.kits.student_kit`."""

from __future__ import annotations

import re
from pathlib import Path

import click

from autograder.authoring.kits.student_kit import MARK, archive, files, make, released_notebook


@click.command("kit")
@click.argument("target", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--assignments", metavar="NN,NN", default="",
              help="Only these notebooks, such as 02,06; all by default, with --class all that are "
              "released.")  # fmt: skip
@click.option("--class", "folder", metavar="DIR",
              type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Take the notebooks as the class in DIR has released them.")  # fmt: skip
@click.option(
    "--no-hints",
    is_flag=True,
    help="Leave out the staged hints; checks still name mistakes, but hint() has nothing to add.",
)
@click.option(
    "--repository", metavar="URL",
    help="Where you will publish the kit, for its links to Colab, Binder and a hub.",
)  # fmt: skip
@click.option("--branch", default="main", show_default=True, help="The branch of that repository.")
@click.option("--hub", metavar="URL",
              help="A JupyterHub with nbgitpuller; the kit's README.md links to it.")  # fmt: skip
@click.option("--zip", "zipped", is_flag=True, help="Also pack the kit into a zip file beside it.")
def command(target, assignments, folder, no_hints, repository, branch, hub, zipped):
    """Make a kit in DIR, the folder that you hand out to students.

    \b
    Examples:
      course kit handout --zip
      course kit handout --class ml-2026
      course kit handout --assignments 02,06 --class ml-2026
      course kit handout --repository https://github.com/you/your-kit

    The kit holds the notebooks to work in, course_utils, and checks. These give the same verdicts
    as the whole course gives on the practice tests (those in the notebooks). The kit holds no
    solution, no reference implementation and none of the hidden test data that you mark with;
    solution() tells the student that the kit has no solutions. With --class, the kit holds what
    that class has released (nbgrader generate_assignment), or what --assignments names of it.
    Making the kit again replaces everything but notebooks that somebody has worked in.
    """
    from autograder.authoring.build.masters import SOURCE
    from autograder.authoring.build.notebooks import chosen

    wanted = tuple(part for part in re.split(r"[,\s]+", assignments) if part)
    paths = chosen(SOURCE, wanted)
    if folder and not wanted:
        paths = [path for path in paths if released_notebook(folder, path).is_file()]
        if not paths:
            raise click.ClickException(
                f"{folder.resolve()} has released nothing yet. In that folder run "
                "nbgrader generate_assignment NAME, or leave --class out."
            )
    if repository and not re.fullmatch(r"https://[^/\s]+/\S+", repository):
        raise click.ClickException(
            f"{repository} is no address of a repository such as https://github.com/you/your-kit"
        )
    if target.exists() and any(target.iterdir()) and not (target / MARK).exists():
        raise click.ClickException(
            f"{target} is not empty and no kit. Name a new folder, or empty this one."
        )
    published = {"repository": repository, "branch": branch} if repository else None
    kept = make(target, paths, hints=not no_hints, released=folder, published=published, hub=hub)
    for path in kept:
        click.echo(f"{path} has outputs, so it was left as it is.", err=True)
    notebooks = f"{len(paths)} notebook{'s' * (len(paths) != 1)}"
    click.echo(f"{target}: {notebooks}, {sum(1 for _ in files(target))} files")
    if zipped:
        click.echo(f"{archive(target)} written")
