"""Which sections (groups, tutorials) of a class a student is in. They stand in the class's
sections.csv, for nbgrader's gradebook has no place for them; reports, marks and marking by hand can
be narrowed to one."""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Collection, Mapping
from pathlib import Path

import click

from autograder.grading.classroom.extensions import numbered_lines
from autograder.grading.classroom.printable import shown
from autograder.grading.marks.earned import alike
from autograder.grading.whole_files import write_whole

FILE = "sections.csv"
HEAD = ("student", "section")
# What systems write between several; in words also where it may be part of one's name.
PARTED = re.compile(r"\s*[,;]\s*(?:(?:and|und)\s+)?")
JOINED = re.compile(r"\s*[,;]\s*(?:(?:and|und)\s+)?|\s+(?:and|und)\s+")


def read(folder: Path) -> dict[str, frozenset[str]]:
    """student → the names of their sections; nobody who is in none.

    Raises ClickException where the file cannot be used, naming the line.
    """
    path = folder / FILE
    found: dict[str, set[str]] = {}
    for number, cells in numbered_lines(path, HEAD):
        if len(cells) != 2 or not all(cells):
            raise click.ClickException(
                f"{path}, line {number}: a line is a student's id and a section, such as ada,A; "
                "who is in two has two lines."
            )
        found.setdefault(cells[0], set()).add(cells[1])
    return {student: frozenset(names) for student, names in found.items()}


def names(folder: Path) -> set[str]:
    """The sections that there are. Raises ClickException as `read` does."""
    return {name for theirs in read(folder).values() for name in theirs}


def write(folder: Path, sections: Mapping[str, Collection[str]]) -> None:
    """Replace the file in one step; where nobody is in a section there is none. Raises
    ClickException."""
    path = folder / FILE
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(HEAD)
    for student in sorted(sections):
        table.writerows((student, name) for name in sorted(sections[student]))
    try:
        if not any(sections.values()):
            path.unlink(missing_ok=True)
            return
        write_whole(path, text.getvalue())
    except OSError as error:
        raise click.ClickException(
            f"The sections cannot be kept: {path}: {error.strerror or error}."
        ) from None


def unheard_of(folder: Path, cell: str) -> list[str]:
    """The sections that a cell names and the class does not have yet. Raises ClickException as
    `read` does."""
    there = {alike(name) for name in names(folder)}
    return sorted(name for name in parted({"": cell}).get("", ()) if alike(name) not in there)


def put(folder: Path, told: Mapping[str, str]) -> None:
    """Take up the sections of some students (id → what a roster's cell says), spelt as the class
    spells them already; who is told nothing of stays where they are. Raises ClickException."""
    told = {student: cell for student, cell in told.items() if cell.strip()}
    if told:
        spelt = {alike(name): name for name in sorted(names(folder))}
        new = {
            student: frozenset(spelt.setdefault(alike(name), name) for name in sorted(theirs))
            for student, theirs in parted(told).items()
        }
        write(folder, {**read(folder), **new})


def parted(told: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """The sections that cells name. "A, B" are two. "A and B" are two where A and B are somebody
    else's whole cells, and else one that is called so."""
    whole = {alike(cell) for cell in told.values()}
    found = {}
    for student, cell in told.items():
        names = [name for name in JOINED.split(cell.strip()) if name]
        if not all(alike(name) in whole for name in names):
            names = [name for name in PARTED.split(cell.strip()) if name]
        found[student] = frozenset(names)
    return found


def chosen(folder: Path, name: str) -> frozenset[str]:
    """The students of a section, in capitals or not. Raises ClickException, naming those that there
    are."""
    sections = read(folder)
    if found := frozenset(
        student
        for student, names in sections.items()
        if alike(name) in {alike(one) for one in names}
    ):
        return found
    there = sorted({one for theirs in sections.values() for one in theirs})
    if not there:
        raise click.ClickException(
            f"Nobody in {folder} is in a section. A roster with a column called section (or group) "
            "brings them in: course class add-student --roster students.csv"
        )
    near = difflib.get_close_matches(name, there, n=1)
    meant = f" Did you mean {near[0]}?" if near else ""
    raise click.ClickException(
        f"The class has no section {shown(name)}.{meant} There are: {', '.join(map(shown, there))}"
    )


def counted(folder: Path, students: Collection[str]) -> list[str]:
    """A sentence on each section, and on those of these students who are in none."""
    sections = read(folder)
    sizes: dict[str, int] = {}
    for student in students:
        for name in sections.get(student, ()):
            sizes[name] = sizes.get(name, 0) + 1
    said = [f"{shown(name)}: {number}" for name, number in sorted(sizes.items())]
    none = sorted(set(students) - set(sections))
    if none:
        more = f" and {len(none) - 10} more" if len(none) > 10 else ""
        said.append(f"in no section: {', '.join(map(shown, none[:10]))}{more}")
    return said or ["Nobody is in the class yet."]
