"""`course demo`: a whole class of samples, graded, and whether the scores are right."""

from __future__ import annotations

import os
import time
from pathlib import Path

import click

from autograder.grading.demo.demo import demonstrate, table, where_everything_is


@click.command("demo")
@click.argument("folder", type=click.Path(path_type=Path), default="demo-class", metavar="[DIR]")
@click.option("--stock", "by_stock", is_flag=True,
              help="Grade with nbgrader's own autograde, without the hostile samples.")  # fmt: skip
def command(folder: Path, by_stock: bool) -> None:
    """Make a class of sample submissions in DIR (demo-class), release, grade and give feedback.

    \b
    Examples:
      course demo            # graded as course grade does it, attacks among the samples
      course demo --stock    # graded by nbgrader's own commands

    Each score is compared with what the sample should earn; the exit status is 1 if one differs.
    """
    from rich.console import Console

    from autograder.grading.demo.samples import ASSIGNMENT, HOSTILE, SAMPLES

    console = Console()
    folder = Path(os.path.abspath(folder))
    if folder.exists():
        raise click.ClickException(
            f"{folder} is there already; the demonstration begins with a fresh folder. "
            "Name another one: course demo DIR"
        )
    # Before torch is imported: its threads would only wait for each other's turns.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    begun = time.monotonic()
    samples = SAMPLES if by_stock else SAMPLES + HOSTILE
    lines = demonstrate(folder, ASSIGNMENT, samples, console, by_stock)
    console.print(table(lines, ASSIGNMENT))
    wrong = [line for line in lines if line.differences()]
    for line in wrong:
        console.print(
            f"{line.student} ({line.what}): not as expected in {', '.join(line.differences())}"
        )
    console.print(where_everything_is(folder, ASSIGNMENT), soft_wrap=True)
    right = len(lines) - len(wrong)
    took = time.monotonic() - begun
    console.print(f"{right} of {len(lines)} scores are as expected. It took {took:.0f} s.")
    if wrong:
        raise click.exceptions.Exit(1)
