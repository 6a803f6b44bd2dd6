"""`course verify`: proves that exercises are sound, by `authoring.verify.all_exercises`."""

from __future__ import annotations

import difflib
import json
import re
import sys
from pathlib import Path

import click

from autograder.authoring.build import exercise_form, masters
from autograder.authoring.verify import selection
from autograder.authoring.verify.all_exercises import (
    SAMPLE,
    Progress,
    exists,
    not_built,
    verify,
    without_master,
)
from autograder.authoring.verify.report import as_data, show
from autograder.exercises import find
from autograder.learning.catalogue import exercises


def chosen_exercises(wanted: tuple[str, ...]) -> list[str]:
    """The exercises among what an author named; either all of it names exercises, or nothing."""
    exercise_form.load_rooms()
    names = [want for want in wanted if exists(want)]
    if names and len(names) < len(wanted):
        raise click.UsageError("Name notebooks or exercises, not both.")
    return names


def chosen_paths(numbers: tuple[str, ...], folder: Path) -> list[Path]:
    """The masters that NN names: "06", "6" or "06_batchnorm"; all without any."""
    found = masters.masters(folder)
    if not found:
        raise click.ClickException(
            f"There are no masters in {folder}. Verify from a checkout of the course, "
            "installed with pip install -e."
        )
    if not numbers:
        return found
    chosen = []
    for number in numbers:
        wanted = number.zfill(2) if number.isdecimal() else number
        fits = [p for p in found if p.stem == wanted or re.match(rf"{re.escape(wanted)}_", p.stem)]
        if not fits:
            names = ", ".join(p.stem for p in found)
            near = difflib.get_close_matches(number, [e.name for e in exercises()], n=1)
            meant = f" Did you mean the exercise {near[0]}?" if near else ""
            raise click.UsageError(f"There is no notebook {number}; there are {names}.{meant}")
        chosen += [path for path in fits if path not in chosen]
    return chosen


@click.command("verify")
@click.argument("wanted", metavar="[NN | EXERCISE]...", nargs=-1)
@click.option("--json", "machine", is_flag=True, help="Report as JSON on stdout.")
@click.option("--jobs", type=click.IntRange(1), metavar="N",
              help="Worker processes; one per core by default.")  # fmt: skip
@click.option(
    "--mutants", "mode", type=click.Choice(["all", "sample", "none"]), default="all",
    show_default=True,
    help=f"Which mutants of the solutions: 'sample' tries up to {SAMPLE} of the exercises that "
    f"changed on this branch, and up to {SAMPLE} of the others.",
)  # fmt: skip
@click.option("--changed", is_flag=True,
              help="Only exercises that changed since this branch left origin's main branch.",
)  # fmt: skip
@click.option("--seed", default=None,
              help="Seed for --mutants sample; the current commit's id by default.")  # fmt: skip
@click.option("--claims", is_flag=True,
              help="Instead of all this, run the notebooks' experiments on this processor, then "
              "with an older one's instructions, and check what the text says about the results. "
              "This takes minutes per notebook.")  # fmt: skip
def command(wanted, machine, jobs, mode, changed, seed, claims) -> None:
    """Prove that exercises are sound.

    \b
    Examples:
      course verify                      # the whole course
      course verify 06                   # one notebook
      course verify batchnorm_forward    # one exercise, while you write it
      course verify 06 --claims          # what the text says of its experiments

    For every exercise the command proves that its solution passes, that its empty stub gets the
    verdict "not attempted", that the check recognises each known mistake as that mistake, that
    small mutations of the solution (mutants) are rejected, and that no hint gives the solution
    away.
    """
    from rich.console import Console

    if claims:
        from autograder.authoring.claims.table import tell

        sys.exit(0 if tell(chosen_paths(wanted, masters.SOURCE), machine) else 1)
    named = chosen_exercises(wanted)
    homes = tuple(find(name).notebook or "" for name in named)
    paths = chosen_paths(homes or wanted, masters.SOURCE)
    since, names = selection.base(), named or None
    if changed:
        loaded = [masters.load(path) for path in paths]
        names = [n for m in loaded for n in m.checked()
                 if n in (named or [n]) and selection.changed(m, find(n), since)]  # fmt: skip
    drawn = selection.rotation() if seed is None else seed
    with _Bar() as progress:
        report = verify(paths, mode, jobs=jobs, names=names, since=since,
                        seed=drawn if mode == "sample" else "", progress=progress)  # fmt: skip
    if not wanted:
        report.failures += without_master(paths)
    if report.ok:
        report.failures += not_built(paths)
    if machine:
        click.echo(json.dumps(as_data(report), indent=1))
    else:
        show(report, Console(highlight=False, soft_wrap=True))
    sys.exit(0 if report.ok else 1)


class _Bar:  # reads as `with _Bar() as progress`
    """A progress bar on stderr; calling it moves it."""

    def __enter__(self) -> Progress:
        from rich.console import Console
        from rich.progress import Progress as Bar

        self._Bar = Bar(console=Console(stderr=True), transient=True)
        self._Bar.start()
        self._tasks: dict[str, object] = {}
        return self

    def __exit__(self, *_) -> None:
        self._Bar.stop()

    def __call__(self, what: str, done: int, total: int) -> None:
        if what not in self._tasks:
            self._tasks[what] = self._Bar.add_task(what, total=total)
        self._Bar.update(self._tasks[what], completed=done, total=total)
