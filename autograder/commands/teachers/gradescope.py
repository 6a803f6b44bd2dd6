"""`course gradescope`: makes the archive that Gradescope wants, by `grading.gradescope.packing`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from autograder.commands.teachers.of_class import ASSIGNMENT, CLASS
from autograder.grading.gradescope.packing import VISIBILITIES, archive, of_class, worth


@click.command("gradescope")
@click.argument("assignment", type=ASSIGNMENT)
@CLASS
@click.option("--to", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="The archive; ASSIGNMENT-gradescope.zip by default.")  # fmt: skip
@click.option("--visibility", type=click.Choice(VISIBILITIES), default="visible",
              show_default=True, help="When students see the verdicts.")  # fmt: skip
@click.option("--extra-index-url", metavar="URL",
              help="Where pip finds a smaller torch: PyTorch's index for CPUs.")  # fmt: skip
def command(assignment, folder, to, visibility, extra_index_url):
    """Make an autograder for Gradescope of ASSIGNMENT as this class has released it.

    \b
    Examples:
      course gradescope 06_batchnorm --class ml-2026
      course gradescope 06_batchnorm --class ml-2026 --visibility after_due_date

    The archive holds the checks with the class's hidden seeds: give it to nobody but
    Gradescope. See docs/marks.md in the course's folder.
    """
    to = to or Path(f"{assignment}-gradescope.zip")
    bundle = of_class(Path(os.path.abspath(folder)), assignment, visibility)
    made = archive(bundle, extra_index_url)
    to.parent.mkdir(parents=True, exist_ok=True)
    # Hidden numbers are in it: nobody else on this machine reads it.
    with open(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(made)
    most, by_hand = worth(bundle)
    click.echo(f"{to} is ready ({len(made) / 1e6:.1f} MB). Upload it as the autograder of a "
               f"programming assignment with {most:g} autograder points.")  # fmt: skip
    if by_hand:
        click.echo(f"{by_hand:g} more points are given by hand: enable manual grading there.")
