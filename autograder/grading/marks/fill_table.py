"""Puts marks into a table that a school's system has given out: finds each student's line and each
assignment's column, changes no other cell, and says what did not fit."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from shlex import quote

import click

from autograder.grading.classroom.printable import shown
from autograder.grading.marks.earned import Earned, Marks, Person, alike
from autograder.grading.marks.layouts import MOST, PLAIN, Layout
from autograder.grading.marks.tables import Table, as_text


@dataclass(frozen=True)
class Wishes:
    """What a teacher wants to be told or filled in beyond what is sure.

    Attributes
    ----------
    columns : assignment → the name of its column, where the two differ
    unmarked : fill in what is sure of a mark that still waits for a person
    zeros : fill in 0 where nothing was handed in
    scale : turn points into the system's own maximum, e.g. 8 of 10 into 80 of 100
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    unmarked: bool = False
    zeros: bool = False
    scale: bool = False


def fill(table: Table, name: str, layout: Layout, marks: Marks, wishes: Wishes) -> list[str]:
    """Fill the marks into a table, and guard its names against being run as formulas.

    `name` is what the table is called in the sentences that come back: whom and what the marks
    and the table do not share, and what was left as it was. Raises ClickException where the table
    names no student, or an assignment has no column.
    """
    owners, twice, notes = match(table, name, layout, marks)
    columns, added = columns_of(table, name, layout, marks, wishes)
    for person in marks.people.values():
        if person.id not in {*owners.values(), *twice}:
            notes.append(f"{person} is in the class and not in {name}.{_lost(person, marks)}")
    notes += added + _form(table, name, layout)
    sign = _decimal_sign(table, layout, columns.values())
    for assignment, column in columns.items():
        notes += _fill_column(table, layout, marks, wishes, assignment, column, owners, sign)
    if sign is None and any("," in table.cell(n, c) for n in owners for c in columns.values()):
        notes.append(
            f"No number in {name} shows its decimal sign; marks have a comma, as is usual where ; "
            "parts the cells."
        )
    # A cell of a workbook knows that it is text.
    for number, place in _cells(table, () if table.book else layout.names(table)):
        before = table.cell(number, place)
        if before and (after := as_text(before)) != before:
            table.put(number, place, after)
            notes.append(
                f"{name}, line {table.at(number)}: the name {before} would be run as a formula by "
                "a spreadsheet, so it has an apostrophe in front now."
            )
    return notes


def _cells(table: Table, places) -> list[tuple[int, int]]:
    return [(number, place) for number in range(1, len(table.lines)) for place in places]


def _form(table: Table, name: str, layout: Layout) -> list[str]:
    """Bring a table into the form in which its system takes it; sentences about it."""
    notes = []
    if table.encoding != "utf-8" and not layout.keeps_utf16:
        table.encoding = "utf-8"
        notes.append(f"{name} is UTF-16; what is written is UTF-8.")
    if table.separator and layout is not PLAIN:
        notes.append(
            f"The line {table.separator} of {name} is left out: {layout.system} would take it for "
            "the columns' names."
        )
        table.separator = ""
    return notes


def _decimal_sign(table: Table, layout: Layout, columns) -> str | None:
    """What parts whole from broken in the numbers of a table; None where a comma is likely."""
    if table.book:
        return "."
    graded = {i for i, head in enumerate(table.header) if _title(layout, head)}
    if (most := table.column(*MOST)) is not None:
        graded.add(most)
    others = {i for i, head in enumerate(table.header) if not layout.owns(head)}
    for places in (columns, graded, others):
        if sign := table.decimal_sign(places):
            return sign
    return None if table.delimiter == ";" else "."


def _lost(person: Person, marks: Marks) -> str:
    """What a person earned whom the system does not know."""
    earned = [
        f"{points(mark.points)} for {assignment}"
        for (assignment, student), mark in marks.earned.items()
        if student == person.id and mark.points is not None
    ]
    return f" Not exported: {', '.join(earned)}." if earned else ""


# Lines.


def match(
    table: Table, name: str, layout: Layout, marks: Marks
) -> tuple[dict[int, str], set[str], list[str]]:
    """Whose line is whose: line → student's id; who could own two lines and so owns none; and a
    sentence for each of those and for each line that is nobody's or could be two students'."""
    places = layout.key_columns(table)
    if not places:
        known = ", ".join(layout.identities)
        raise click.ClickException(
            f"{name} has no column that says who a line is of (such as {known}). "
            f"Download it from {layout.system} again, with the students' names shown."
        )
    known_by: dict[tuple[str, str], set[str]] = {}
    for person in marks.people.values():
        for key in ("id", "email", "school_id"):
            if value := alike(getattr(person, key)):
                known_by.setdefault((key, value), set()).add(person.id)
    owners: dict[int, str] = {}
    notes, strangers = [], []
    for number in range(1, len(table.lines)):
        if layout.no_student(table, number):
            continue
        found = set()
        for place, keys in places.items():
            for key in keys:
                found |= known_by.get((key, alike(layout.key(table, number, place))), set())
        who = _described(table, number, layout, places)
        if len(found) == 1:
            owners[number] = found.pop()
        elif found:
            several = " and ".join(sorted(found))
            notes.append(
                f"{name}, line {table.at(number)}: {who} could be {several}; left as it was."
            )
        elif not any(alike(layout.key(table, number, p)) in marks.not_asked for p in places):
            strangers.append(number)
            notes.append(
                f"{name}, line {table.at(number)}: {who} is not in the class; left as it was."
            )
    if not owners and len(notes) == len(strangers) and not marks.not_asked:
        raise click.ClickException(_nobody(table, name, layout, marks, strangers))
    twice = {student for student, count in Counter(owners.values()).items() if count > 1}
    for student in sorted(twice):
        lines = " and ".join(str(table.at(n)) for n, owner in owners.items() if owner == student)
        notes.append(
            f"{name}: lines {lines} are all {marks.people[student]}; they were left as they were."
            f"{_lost(marks.people[student], marks)}"
        )
    owners = {line: student for line, student in owners.items() if student not in twice}
    return owners, twice, notes


def _nobody(table: Table, name: str, layout: Layout, marks: Marks, strangers: list[int]) -> str:
    if not strangers:
        return f"{name} has no student in it, so there is nothing to fill in. Download it again."
    given = [
        f"{table.header[place].strip()} {key}"
        for place in layout.key_columns(table)
        if (key := layout.key(table, strangers[0], place))
    ]
    have = shown(" and ".join(given)) or "no id"
    who = f"its {len(strangers)} students have" if len(strangers) > 1 else "its one student has"
    return (
        f"Nobody in {name} is in the class, so no mark was filled in: {who} {have}, and the class "
        f"has ids such as {next(iter(marks.people))}. One thing has to agree: the id, the e-mail "
        "address or the system's number. A roster with the class's ids brings in the addresses: "
        "course class add-student --roster students.csv"
    )


def _described(table: Table, number: int, layout: Layout, places) -> str:
    names = [table.cell(number, place) for place in layout.names(table)]
    keys = [layout.key(table, number, place) for place in places]
    return shown(f"{' '.join(filter(None, names))} ({', '.join(filter(None, keys))})".strip())


# Columns.


def columns_of(
    table: Table, name: str, layout: Layout, marks: Marks, wishes: Wishes
) -> tuple[dict[str, int], list[str]]:
    """assignment → the place of its column, and a sentence on each column that was made.

    Raises ClickException where an assignment has no column and none can be made, or two.
    """
    found = {a: _column(a, table, name, layout, wishes.columns) for a in marks.most}
    notes = []
    for assignment in [a for a, place in found.items() if place is None]:
        title = layout.new(assignment, points(marks.most[assignment]))
        before = table.column(layout.before) if layout.before else None
        found[assignment] = table.add_column(title, before)
        notes.append(f"{name} has no column for {assignment}; {title} was added.")
    return found, notes


def _title(layout: Layout, head: str) -> str:
    return "" if layout.owns(head) else layout.title(head.strip())


def _column(
    assignment: str, table: Table, name: str, layout: Layout, columns: Mapping[str, str]
) -> int | None:
    """The place of an assignment's column; None where one is to be made."""
    wanted = columns.get(assignment, assignment)
    titles = [_title(layout, head) for head in table.header]
    for same in (
        [i for i, head in enumerate(table.header) if head.strip() == wanted.strip()],
        [i for i, title in enumerate(titles) if title and _loosely(title) == _loosely(wanted)],
    ):
        if len(same) == 1:
            return same[0]
        if same:
            heads = " and ".join(table.header[i].strip() for i in same)
            raise click.ClickException(
                f"{name} has {len(same)} columns for {wanted}: {heads}. "
                f"Name one: --column '{assignment}={table.header[same[0]].strip()}'"
            )
    there = [title for title in titles if title]
    if layout.new and assignment not in columns and not (layout.sure and there):
        return None
    near = difflib.get_close_matches(wanted, there, n=1, cutoff=0.3) or there[:1]
    example = near[0] if near else "its name there"
    raise click.ClickException(
        f"{name} has no column for {wanted}; it has {', '.join(there) or 'none of an assignment'}. "
        f"Make it in {layout.system} and download the file again, or name the column: "
        f"--column '{assignment}={example}'"
    )


def _loosely(title: str) -> str:
    return re.sub(r"[\s_-]+", " ", alike(title))


# Cells.


def _fill_column(
    table, layout, marks: Marks, wishes, assignment, column, owners, sign
) -> list[str]:
    notes, changed, foreign = [], [], []
    told: dict[str, list[str]] = {}
    for number, student in owners.items():
        mark = marks.earned[assignment, student]
        worth = worth_of(mark, wishes)
        if worth is None or mark.state != "marked":
            told.setdefault(mark.state, []).append(student)
        if worth is None:
            continue
        if why := layout.closed(table, number, column):
            notes.append(
                f"{assignment}: {layout.system} takes no mark for {student} ({why}); "
                f"{points(worth)} was not filled in."
            )
            continue
        most = layout.most(table, number, column)
        if most is not None and marks.most[assignment] and most != marks.most[assignment]:
            foreign.append(most)
            if wishes.scale:
                worth = worth * most / marks.most[assignment]
        if most is not None and worth > most:
            notes.append(
                f"{assignment}: {student} has {points(worth)} and {layout.system} allows "
                f"{points(most)} at most; raise its maximum before you upload."
            )
        before = table.cell(number, column)
        after = points(worth).replace(".", sign or ",")
        if _number(before) not in (None, _number(after)):
            changed.append(f"{student} ({before} → {after})")
        table.put(number, column, after)
    if foreign:
        notes.append(
            f"{assignment} gives {points(marks.most[assignment])} points and {layout.system} "
            f"allows {points(foreign[0])}: "
            + ("marks were scaled." if wishes.scale else "to scale the marks add --scale.")
        )
    if changed:
        notes.append(f"{assignment}: another mark stood there for {', '.join(changed)}.")
    return notes + waiting(assignment, told, wishes)


def worth_of(mark: Earned, wishes: Wishes) -> float | None:
    """The points to fill in; None where the cell stays as it is."""
    if mark.state == "marked" or (mark.state == "waits for a person" and wishes.unmarked):
        return mark.points
    return 0.0 if mark.state == "nothing handed in" and wishes.zeros else None


def waiting(assignment: str, told: Mapping[str, list[str]], wishes: Wishes) -> list[str]:
    """A sentence on each kind of mark that is not final, with everybody whose it is."""
    left = "left as they were"
    name = quote(assignment)
    endings = {
        "waits for a person": f"answers wait to be marked by hand (course mark {name}); "
        + ("filled in is what is sure so far" if wishes.unmarked else left),
        "not graded yet": f"handed in, but not graded yet (course grade {name}); {left}",
        "nothing handed in": f"nothing handed in; {'filled in is 0' if wishes.zeros else left}",
    }
    return [
        f"{assignment}: {ending}: {', '.join(told[state])}."
        for state, ending in endings.items()
        if told.get(state)
    ]


def points(worth: float) -> str:
    """Points with two decimals at most, which is all that Canvas keeps; with a point."""
    return f"{worth:.2f}".rstrip("0").rstrip(".")


def _number(cell: str) -> float | None:
    try:
        return float(cell.replace(",", "."))
    except ValueError:
        return None
