"""Marks for schools' systems, as nbgrader's export plugins, and how a table is made where none was
downloaded. Filling in a downloaded one is `fill_table`'s; what systems' tables look like,
`layouts`'s.

    nbgrader export --exporter autograder.grading.marks.exports.CanvasExport --to marks.csv
    nbgrader export --exporter autograder.grading.marks.exports.MoodleExport --to marks.csv
    nbgrader export --exporter autograder.grading.marks.exports.TableExport --to marks.csv
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
from nbgrader.plugins import ExportPlugin
from traitlets import Bool, Dict, Enum, Unicode

from autograder.grading.marks import tables
from autograder.grading.marks.earned import Marks, read_marks
from autograder.grading.marks.fill_table import Wishes, fill, points, waiting, worth_of
from autograder.grading.marks.layouts import (
    CANVAS,
    GRADE,
    IDENTIFIER,
    MOODLE,
    Layout,
    recognised,
)
from autograder.grading.marks.tables import Table, as_text
from autograder.grading.pipeline import submitted
from autograder.grading.pipeline.late_penalties import bring_up_to_date
from autograder.grading.pipeline.record import failures


class SchoolExport(ExportPlugin):
    """Marks in the table of a school's system.

    `layout` is how a template is read; None until it is seen from the template.
    """

    layout: Layout | None = None
    template = Unicode("", help="a table from the school's system, to fill the marks into").tag(
        config=True
    )
    columns = Dict(help="assignment → its column in the template, where their names differ").tag(
        config=True
    )
    unmarked = Bool(False, help="fill in marks of which a part waits to be given by hand").tag(
        config=True
    )
    zeros = Bool(False, help="fill in 0 where nothing was handed in").tag(config=True)
    scale = Bool(False, help="turn points into the maximum that the template names").tag(
        config=True
    )
    bom = Bool(
        True, help="begin a file made without a template with the mark by which Excel knows UTF-8"
    ).tag(config=True)

    def export(self, gradebook) -> None:
        """Export, as `nbgrader export` calls it: sentences go to its log."""
        try:
            notes = self.make(gradebook, getattr(self.parent, "coursedir", None))
        except click.ClickException as error:
            self.log.error(error.message)
            sys.exit(1)
        for note in notes:
            self.log.warning(note)
        self.log.info("Marks exported to %s", self.target)

    def make(self, gradebook, coursedir=None) -> list[str]:
        """Write the table to `target`; sentences about what a teacher should know of it.

        `coursedir` (nbgrader's CourseDirectory) says what was handed in and is not graded yet.
        Raises ClickException.
        """
        asked = [str(name) for name in self.assignment]
        students = [str(name) for name in self.student]
        if coursedir is not None:
            # nbgrader's own export keeps the class's configuration itself.
            config = self.parent.config if self.parent else coursedir.config
            bring_up_to_date(gradebook, Path(coursedir.root), config)
        marks = read_marks(gradebook, asked, students, _handed_in(gradebook, coursedir))
        wishes = Wishes(dict(self.columns), self.unmarked, self.zeros, self.scale)
        if self.template:
            template = Path(self.template)
            table = tables.read(template)
            self.layout = self.layout or recognised(table)
            if os.path.abspath(template) == os.path.abspath(self.target):
                raise click.ClickException(
                    f"{self.target} is the file that the marks are to be filled into; it stays as "
                    "it is. Name another one with --to."
                )
            notes = list(table.notes)
            notes += self.fill(table, template.name, marks, wishes)
        else:
            table, notes = self.fresh(marks, wishes)
        tables.write(table, self.target)
        return notes + _failed(marks, coursedir)

    @property
    def target(self) -> Path:
        """What is written: `to`, or marks.csv; marks.xlsx for a workbook of one's own, since no
        system takes one."""
        own = self.layout and not self.layout.sure and self.template.lower().endswith(".xlsx")
        return Path(self.to or ("marks.xlsx" if own else "marks.csv"))

    def fill(self, table: Table, name: str, marks: Marks, wishes: Wishes) -> list[str]:
        """Fill the marks into a downloaded table; sentences as `fill_table.fill` has them."""
        return fill(table, name, self.layout, marks, wishes)

    def fresh(self, marks: Marks, wishes: Wishes) -> tuple[Table, list[str]]:
        """A table made of the class's own roster, and sentences on what is not in it."""
        raise NotImplementedError


def _handed_in(gradebook, coursedir) -> set[tuple[str, str]]:
    if coursedir is None:
        return set()
    return {
        (assignment.name, student)
        for assignment in gradebook.assignments
        for student, _ in submitted.students(coursedir, assignment.name)
    }


def _failed(marks: Marks, coursedir) -> list[str]:
    """A sentence on each assignment with marks that stand for work which failed to run."""
    notes = []
    for assignment in marks.most if coursedir is not None else ():
        failed = [student for student in failures(coursedir, assignment) if student in marks.people]
        if failed:
            more = f" and {len(failed) - 10} more" if len(failed) > 10 else ""
            notes.append(
                f"{assignment}: what {', '.join(failed[:10])}{more} handed in failed to run, and "
                "the mark is for what could be seen of it. course grade says why."
            )
    return notes


def lines_of(marks: Marks, wishes: Wishes, start) -> tuple[list[list[str]], list[str]]:
    """A line for each student who has a mark, and sentences on what is not final.

    `start` gives a student's cells before the marks, or None to leave them out. Both systems take
    an empty cell for "no mark" and forget the one they have: who has none gets no line.
    """
    lines, notes = [], []
    for person in marks.people.values():
        worth = [worth_of(marks.earned[a, person.id], wishes) for a in marks.most]
        if all(one is None for one in worth):
            continue
        if (first := start(person)) is not None:
            lines.append([*first, *("" if one is None else points(one) for one in worth)])
    for assignment in marks.most:
        told: dict[str, list[str]] = {}
        for student in marks.people:
            told.setdefault(marks.earned[assignment, student].state, []).append(student)
        notes += [
            note.replace("left as they were", "no mark is exported")
            for note in waiting(assignment, told, wishes)
        ]
    if any("" in line[-len(marks.most) :] for line in lines):
        notes.append(
            "Some cells are empty: a mark that the school's system holds there is deleted by the "
            "upload. To keep it, export one assignment at a time, or fill in a downloaded file."
        )
    return lines, notes


# Canvas.


class CanvasExport(SchoolExport):
    """Marks for Canvas's gradebook: Grades → Import."""

    layout = CANVAS

    def fill(self, table: Table, name: str, marks: Marks, wishes: Wishes) -> list[str]:
        if table.column("Student", "LastName") != 0 or table.column("ID") is None:
            raise click.ClickException(
                f"{name} is not what Canvas exports: its first column is not Student. Download it "
                "there: Grades → Export → Export Entire Gradebook."
            )
        return super().fill(table, name, marks, wishes)

    def fresh(self, marks: Marks, wishes: Wishes) -> tuple[Table, list[str]]:
        """Canvas finds students by their login, and makes a column that it does not have."""

        def start(person) -> list[str]:
            name = ", ".join(filter(None, (person.last_name, person.first_name)))
            number = person.school_id if person.school_id.isdecimal() else ""
            return [as_text(name or person.id), number, "", person.id, ""]

        lines, notes = lines_of(marks, wishes, start)
        header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *marks.most]
        possible = ["    Points Possible", "", "", "", "", *map(points, marks.most.values())]
        return Table([header, possible, *lines], bom=self.bom), notes


# Moodle.


class MoodleExport(SchoolExport):
    """Marks for Moodle: the gradebook's import, or an assignment's offline grading worksheet."""

    layout = MOODLE
    identity = Enum(
        ("username", "idnumber", "email"), default_value="username",
        help="what a student's id is in Moodle, for a file made without a template",
    ).tag(config=True)  # fmt: skip

    def fill(self, table: Table, name: str, marks: Marks, wishes: Wishes) -> list[str]:
        return super().fill(table, name, marks, _of_a_worksheet(table, name, marks, wishes))

    def fresh(self, marks: Marks, wishes: Wishes) -> tuple[Table, list[str]]:
        """Moodle's form asks which column is what; one unknown student makes it refuse them all."""
        by_email = self.identity == "email"
        head = {"username": ["Username"], "idnumber": ["ID number"], "email": []}[self.identity]
        unknown = []

        def start(person) -> list[str] | None:
            if by_email and not person.email:
                unknown.append(f"{person} has no e-mail address in the gradebook and is left out.")
                return None
            names = [as_text(person.first_name), as_text(person.last_name)]
            return [*([] if by_email else [person.id]), *names, person.email]

        lines, notes = lines_of(marks, wishes, start)
        header = [*head, "First name", "Last name", "Email address", *marks.most]
        return Table([header, *lines], bom=self.bom), unknown + notes


def _of_a_worksheet(table: Table, name: str, marks: Marks, wishes: Wishes) -> Wishes:
    """Wishes that name the one column for grades of an assignment's worksheet, whatever the
    assignment is called."""
    if table.column(*IDENTIFIER) != 0 or table.column(*GRADE) is None:
        return wishes
    if len(marks.most) != 1:
        raise click.ClickException(
            f"{name} is the worksheet of one assignment; say which: {', '.join(marks.most)}."
        )
    (assignment,) = marks.most
    column = table.header[table.column(*GRADE)].strip()
    return Wishes({assignment: column}, wishes.unmarked, wishes.zeros, wishes.scale)


class TableExport(SchoolExport):
    """Marks into any table that says who its lines are of; it shows which system's it is."""

    def fill(self, table: Table, name: str, marks: Marks, wishes: Wishes) -> list[str]:
        if self.layout is MOODLE:
            wishes = _of_a_worksheet(table, name, marks, wishes)
        return super().fill(table, name, marks, wishes)

    def fresh(self, marks: Marks, wishes: Wishes) -> tuple[Table, list[str]]:
        """There is none to make: what it is to look like is what the template says."""
        raise click.ClickException("Name the table that the marks are to be filled into.")
