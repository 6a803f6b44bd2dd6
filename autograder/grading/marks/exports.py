"""Marks for Canvas and Moodle, as nbgrader's export plugins: which columns their tables have, and
how one is made where none was downloaded. Filling in a downloaded one is `filling`'s.

    nbgrader export --exporter autograder.grading.marks.exports.CanvasExport --to marks.csv
    nbgrader export --exporter autograder.grading.marks.exports.MoodleExport --to marks.csv

Canvas: its guide "How do I import grades in the Gradebook?", and what its importer and exporter do
(canvas-lms, lib/gradebook_importer.rb, lib/gradebook_exporter.rb). Moodle: its documentation
"Grade import" and "Using Assignment", and what its importers do (grade/import/csv,
mod/assign/feedback/offline).
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import click
from nbgrader.plugins import ExportPlugin
from traitlets import Bool, Dict, Enum, Unicode

from autograder.grading.marks import tables
from autograder.grading.marks.earned import Marks, read_marks
from autograder.grading.marks.fill_in import Layout, Wishes, fill, points, waiting, worth_of
from autograder.grading.marks.tables import Table, as_text
from autograder.grading.pipeline import submitted


class SchoolExport(ExportPlugin):
    """Marks in the table of a school's system."""

    template = Unicode("", help="a CSV file from the school's system, to fill the marks into").tag(
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
        self.log.info("Marks exported to %s", self.to or "marks.csv")

    def make(self, gradebook, coursedir=None) -> list[str]:
        """Write the table to `to`; sentences about what a teacher should know of it.

        `coursedir` (nbgrader's CourseDirectory) says what was handed in and is not graded yet.
        Raises ClickException.
        """
        target = Path(self.to or "marks.csv")
        if self.template and os.path.abspath(self.template) == os.path.abspath(target):
            raise click.ClickException(
                f"{target} is the file that the marks are to be filled into; it stays as it is. "
                "Name another one with --to."
            )
        asked = [str(name) for name in self.assignment]
        students = [str(name) for name in self.student]
        marks = read_marks(gradebook, asked, students, _handed_in(gradebook, coursedir))
        wishes = Wishes(dict(self.columns), self.unmarked, self.zeros, self.scale)
        if self.template:
            table = tables.read(Path(self.template))
            notes = list(table.notes)
            notes += self.fill(table, Path(self.template).name, marks, wishes)
        else:
            table, notes = self.fresh(marks, wishes)
        tables.write(table, target)
        return notes

    def fill(self, table: Table, name: str, marks: Marks, wishes: Wishes) -> list[str]:
        """Fill the marks into a downloaded table; sentences as `filling.fill` has them."""
        raise NotImplementedError

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

READ_ONLY = re.compile(r"read\s+only")
# What Canvas writes into a student's cell that takes no points.
CANVAS_CLOSED = {"EX": "excused there", "N/A": "not assigned to them there"}
# Everybody's own columns and Canvas's sums, which are no assignments (gradebook_importer.rb).
CANVAS_OWN = re.compile(
    r"Student|LastName|FirstName|ID|SIS User ID|SIS Login ID|Integration ID|Root Account|Section"
    r"|.*(Current|Final|Override) (Score|Points|Grade|Status)( \(.*\))?"
)


def _canvas_student(table: Table, number: int) -> bool:
    cells = table.lines[number]
    if "Points Possible" in cells[0] or cells[0].strip() == "Student, Test":
        return False
    posting = re.compile(r"\s*(Muted|Manual Posting.*)?\s*", re.IGNORECASE)
    return not all(posting.fullmatch(cell) for cell in cells)


def _canvas_possible(table: Table, column: int) -> str:
    """The cell of a column in the line of points possible."""
    numbers = range(1, len(table.lines))
    found = (n for n in numbers if table.lines[n] and "Points Possible" in table.lines[n][0])
    return next((table.cell(n, column) for n in found), "")


def _canvas_most(table: Table, number: int, column: int) -> float | None:
    try:
        return float(_canvas_possible(table, column).replace(",", ".")) or None
    except ValueError:
        return None


def _canvas_closed(table: Table, number: int, column: int) -> str:
    if READ_ONLY.search(_canvas_possible(table, column)):
        return "the column is read only"
    return CANVAS_CLOSED.get(table.cell(number, column).upper(), "")


CANVAS = Layout(
    system="Canvas",
    identities={
        "sis login id": ("id", "email"),
        "sis user id": ("id", "school_id"),
        "integration id": ("id", "school_id"),
        # Canvas's own number: a student's number at the school may be somebody else's there.
        "id": ("school_id",),
    },
    names=("Student", "LastName", "FirstName"),
    title=lambda head: "" if CANVAS_OWN.fullmatch(head) else re.sub(r"\s*\(\d+\)$", "", head),
    is_student=_canvas_student,
    most=_canvas_most,
    closed=_canvas_closed,
)


class CanvasExport(SchoolExport):
    """Marks for Canvas's gradebook: Grades → Import."""

    def fill(self, table: Table, name: str, marks: Marks, wishes: Wishes) -> list[str]:
        if table.column("Student", "LastName") != 0 or table.column("ID") is None:
            raise click.ClickException(
                f"{name} is not what Canvas exports: its first column is not Student. Download it "
                "there: Grades → Export → Export Entire Gradebook."
            )
        return fill(table, name, CANVAS, marks, wishes)

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

EMAIL = ("email address", "e-mail-adresse", "email")
MOODLE_IDENTITIES = {
    **dict.fromkeys(EMAIL, ("email", "id")),
    **dict.fromkeys(("username", "anmeldename"), ("id", "email")),
    **dict.fromkeys(("id number", "id-nummer", "matrikelnummer"), ("id", "school_id")),
}
MOODLE_NAMES = (
    "Full name", "First name", "Last name", "Surname",
    "Vollständiger Name", "Vorname", "Nachname",
)  # fmt: skip
# A column of the grader report's export; those of feedback, letters and percentages are others.
MOODLE_GRADE = re.compile(r"[^:]+:\s*(?P<title>.+?)\s*\((?:Real|Punkte)\)")
GRADE, MOST = ("Grade", "Bewertung"), ("Maximum Grade", "Bestwertung")
CHANGEABLE = ("Grade can be changed", "Bewertung kann geändert werden")
IDENTIFIER = ("Identifier", "ID")


def _moodle_title(head: str) -> str:
    match = MOODLE_GRADE.fullmatch(head)
    return match["title"] if match else ""


def _moodle_most(table: Table, number: int, column: int) -> float | None:
    try:
        return float(table.cell(number, table.column(*MOST)).replace(",", ".")) or None
    except ValueError:
        return None


def _moodle_closed(table: Table, number: int, column: int) -> str:
    changeable = table.cell(number, table.column(*CHANGEABLE)).casefold()
    return "the grade cannot be changed there" if changeable in ("no", "nein") else ""


MOODLE = Layout(
    system="Moodle",
    identities=MOODLE_IDENTITIES,
    names=MOODLE_NAMES,
    title=_moodle_title,
    is_student=lambda table, number: True,
    most=_moodle_most,
    closed=_moodle_closed,
)


class MoodleExport(SchoolExport):
    """Marks for Moodle: the gradebook's import, or an assignment's offline grading worksheet."""

    identity = Enum(
        ("username", "idnumber", "email"), default_value="username",
        help="what a student's id is in Moodle, for a file made without a template",
    ).tag(config=True)  # fmt: skip

    def fill(self, table: Table, name: str, marks: Marks, wishes: Wishes) -> list[str]:
        if table.column(*IDENTIFIER) == 0 and table.column(*GRADE) is not None:
            if len(marks.most) != 1:
                raise click.ClickException(
                    f"{name} is the worksheet of one assignment; say which: "
                    f"{', '.join(marks.most)}."
                )
            # A worksheet has one column for grades, whatever the assignment is called.
            (assignment,) = marks.most
            column = table.header[table.column(*GRADE)].strip()
            wishes = Wishes({assignment: column}, wishes.unmarked, wishes.zeros, wishes.scale)
        return fill(table, name, MOODLE, marks, wishes)

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
