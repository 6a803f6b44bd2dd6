"""What commands on a class have in common: where it is, and what is in it by short names."""

from __future__ import annotations

import re
from pathlib import Path

import click

# Read before the other arguments, for what they mean depends on the class.
CLASS = click.option(
    "--class", "folder", default=".", metavar="DIR",
    help="The class's folder; the current one by default.",
    type=click.Path(path_type=Path, exists=True, file_okay=False), is_eager=True,
)  # fmt: skip


def in_full(folder: Path, name: str) -> str:
    """The assignment whose number is given: 6 and 06 are 06_batchnorm, if only one begins so. What
    the class does not have stays, for whoever looks it up says so best."""
    there = sorted({path.parent.name for path in folder.glob("source/*/*.ipynb")})
    if name in there or not re.fullmatch(r"[0-9]{1,2}", name):
        return name
    meant = [each for each in there if each.startswith(f"{int(name):02d}_")]
    return meant[0] if len(meant) == 1 else name


class AssignmentName(click.ParamType):
    """An assignment of the class that `CLASS` gives."""

    name = "assignment"

    def convert(self, value, param, ctx):
        folder = ctx.params.get("folder") if ctx else None
        return in_full(Path(folder or "."), value)


class SectionName(click.ParamType):
    """A section of the class, spelt as the class spells it: files are named after it."""

    name = "section"

    def convert(self, value, param, ctx):
        from autograder.grading.classroom import sections
        from autograder.grading.marks.earned import alike

        folder = Path((ctx.params.get("folder") if ctx else None) or ".")
        there = sorted(sections.names(folder))
        return next((name for name in there if alike(name) == alike(value)), value)


ASSIGNMENT, SECTION = AssignmentName(), SectionName()
