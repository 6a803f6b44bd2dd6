"""Who is in a class: rosters are read, and students entered into the gradebook. What the tables of
schools' systems look like stands in `marks.layouts`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from unicodedata import normalize

import click

from autograder.grading.classroom import leavers, sections
from autograder.grading.classroom.printable import shown
from autograder.grading.marks import layouts, tables
from autograder.grading.marks.earned import alike
from autograder.grading.marks.layouts import Layout
from autograder.grading.marks.tables import Table

# What nbgrader's folders and its command line cannot hold in a name, and what no terminal shows.
BAD_ID = re.compile(r"[\s/\\+,*?\[\]{}:\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]"
                    r"|^[.\-]|^$|^.{121,}$")  # fmt: skip
# Half of what a file's name may have, in letters of two bytes.
EMAIL = re.compile(r"[^\s@]+@[^\s@]+")


@dataclass(frozen=True)
class Student:
    """One line of a roster; `school_id` is the system's own number, nbgrader's `lms_user_id`, and
    `section` what the cell of sections or groups says."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    school_id: str = ""
    section: str = field(default="", compare=False)  # who is in two may have a line for each


def read_roster(path: Path) -> tuple[list[Student], list[str]]:
    """The students in a table, and a sentence for each thing in it that was passed over.

    The table is CSV or a workbook (.xlsx): one of one's own, whose first line names the columns
    `id`, and where known `first_name`, `last_name`, `email`; or what Canvas, Moodle, Gradescope,
    Brightspace or Blackboard gives out.

    Raises ClickException when the file cannot be used, with all that has to be mended, by line.
    """
    table = tables.read(path)
    layout = layouts.recognised(table)
    notes = [shown(note) for note in table.notes]
    names = [title.strip() for title in table.header]
    title = _id_column(table, layout)
    if title is None or (layout is layouts.PLAIN and title in layout.email):
        raise click.ClickException(
            f"{path}, line {table.at(0)}: there is no column called id, only "
            f"{shown(', '.join(filter(None, names)))}. The first line of a roster names the "
            "columns, such as id,first_name,last_name,email"
        )
    notes += _about_columns(table, layout, title, path.name)
    lines, problems = _students(table, layout, title, path.name, notes)
    named = {line: student for line, student in lines.items() if student.id}
    where = {id(student): line for line, student in named.items()}
    for clash, students in clashes(named.values()):
        problems.setdefault(clash, []).extend(where[id(s)] for s in students)
    if problems:
        told = sorted(
            (sorted(set(where)), what) for what, where in problems.items()
        )  # fmt: skip
        raise click.ClickException(
            f"{path} was not taken, and nobody was entered. To mend in it:\n"
            + "\n".join(f"  {_lines(where)}: {what}" for where, what in told)
        )
    once: dict[str, Student] = {}
    for line, student in lines.items():
        if student.id in once:
            notes.append(f"{path.name}, line {line}: {student.id} is there twice; once is enough.")
            both = filter(None, dict.fromkeys([once[student.id].section, student.section]))
            student = replace(student, section=", ".join(both))
        once[student.id] = student
    if not once:
        raise click.ClickException(f"{path} has no student in it; download it again.")
    return list(once.values()), notes


def _id_column(table: Table, layout: Layout) -> str | None:
    """The name, in lower case, of the column that students' ids are taken from."""
    heads = {head.strip().casefold() for head in table.header}
    return next((name for name in layout.identities if name in heads), None)


def _about_columns(table: Table, layout: Layout, title: str, name: str) -> list[str]:
    if layout is not layouts.PLAIN:
        written = table.header[table.column(title)].strip()
        return [f"{name} is {layout.system}'s: a student's id is what stands under {written}."]
    used = {title, *layout.email, *layout.full, *layout.first, *layout.last, *layout.roles,
            *layouts.SECTION}  # fmt: skip
    ignored = [h.strip() for h in table.header if h.strip() and h.strip().casefold() not in used]
    return [f"{name}: not used are the columns {shown(', '.join(ignored))}."] if ignored else []


def _students(
    table: Table, layout: Layout, title: str, name: str, notes: list[str]
) -> tuple[dict[int, Student], dict[str, list[int]]]:
    """The student of each line of the file, and what has to be mended: sentence → lines."""
    found: dict[int, Student] = {}
    problems: dict[str, list[int]] = {}
    passed: dict[str, list[int]] = {}
    empty = 0
    for number in range(1, len(table.lines)):
        line = table.at(number)
        if not any(cell.strip() for cell in table.lines[number]):
            empty += 1
            continue
        if why := layout.no_student(table, number):
            # In a table of one's own, who has no name has forgotten it; told below.
            if layout is not layouts.PLAIN or why != layouts.NOBODY:
                if why not in (layouts.NOBODY, layouts.POSSIBLE):
                    passed.setdefault(shown(why), []).append(line)
                continue
        if len(table.lines[number]) > len(table.header) and any(
            cell.strip() for cell in table.lines[number][len(table.header) :]
        ):
            problems.setdefault(
                "there are more cells than columns; a name with a comma in it needs quotes.", []
            ).append(line)
            continue
        student = _student(table, number, layout, title)
        found[line] = student
        for problem in _wrong(student):
            problems.setdefault(problem, []).append(line)
    notes += [f"{name}, {_lines(where)}: passed over, for {why}." for why, where in passed.items()]
    if empty:
        notes.append(f"{name}: {empty} empty line{'s' * (empty > 1)} passed over.")
    return found, problems


def _student(table: Table, line: int, layout: Layout, title: str) -> Student:
    def value(*heads: str) -> str:
        column = next((c for h in heads if (c := table.column(h)) is not None), None)
        return normalize("NFC", layout.key(table, line, column))

    identity, first, last = value(title), value(*layout.first), value(*layout.last)
    if not first and not last:
        first, last = _parted(value(*layout.full))
    email = value(*layout.email) or (identity if EMAIL.fullmatch(identity) else "")
    section = value(*layouts.SECTION)
    return Student(identity, first, last, email, value(*layout.number), section)


def _parted(name: str) -> tuple[str, str]:
    """First and last name of "Lovelace, Ada" (Canvas) or "Ada Lovelace"; one word is a first."""
    last, comma, first = name.partition(",")
    if not comma:
        first, space, last = name.rpartition(" ")
        first, last = (first, last) if space else (last, "")
    return first.strip(), last.strip()


def _wrong(student: Student) -> Iterator[str]:
    """A sentence on each thing for which a line cannot be entered."""
    if BAD_ID.search(student.id):
        yield id_sentence(student.id)
    if student.email and not EMAIL.fullmatch(student.email):
        yield f"'{shown(student.email)}' is no e-mail address; leave the cell empty."
    if not student.section.isprintable():
        yield f"the section '{shown(student.section)}' has signs in it that cannot be shown."
    if any(not value.isprintable() for value in (student.first_name, student.last_name)):
        name = f"{student.first_name} {student.last_name}".strip()
        yield f"the name '{shown(name)}' has signs in it that cannot be shown."


def clashes(students: Iterable[Student]) -> Iterator[tuple[str, list[Student]]]:
    """What two students of a class cannot share, as a sentence with those who do.

    Work and marks find their way by ids, e-mail addresses and the system's numbers, in capitals or
    not. Lines that are equal are one student.
    """
    students = list(students)
    by_id: dict[str, list[Student]] = {}
    by_key: dict[str, list[Student]] = {}
    by_number: dict[str, list[Student]] = {}
    for student in students:
        by_id.setdefault(alike(student.id), []).append(student)
        for key in {alike(student.id), alike(student.email)} - {""}:
            by_key.setdefault(key, []).append(student)
        if student.school_id:
            by_number.setdefault(alike(student.school_id), []).append(student)
    for same in by_id.values():
        if len({s.id for s in same}) > 1:
            ids = " and ".join(sorted({shown(s.id) for s in same}))
            yield f"the ids {ids} differ in capitals only; students need ids that differ.", same
        elif len(set(same)) > 1:
            yield (
                f"the id {shown(same[0].id)} is there twice, and the lines differ; each student "
                "has one line.", same,
            )  # fmt: skip
    for groups, what in ((by_key, "e-mail address"), (by_number, "number")):
        for key, same in groups.items():
            if len({alike(s.id) for s in same}) > 1:
                ids = " and ".join(sorted({shown(s.id) for s in same}))
                yield f"{shown(key)} is the {what} of {ids}; it can be one student's only.", same


def _lines(numbers: list[int]) -> str:
    """ "line 3", "lines 3, 4 and 9"."""
    if len(numbers) == 1:
        return f"line {numbers[0]}"
    return f"lines {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


def id_sentence(identity: str) -> str:
    if not identity:
        return "the id is empty; each student needs one."
    return (
        f"'{shown(identity)}' cannot be a student's id: it names folders, so it has no spaces, "
        "none of / \\ + , * ? [ ] { } :, no '.' or '-' in front, and 120 letters at most."
    )


def enter(folder: Path, students: list[Student]) -> None:
    """Put students into a class's gradebook and their sections beside it, or bring both up to date.

    Raises ClickException, and enters nobody, where somebody would share an id but for capitals, an
    e-mail address or a number with another student of the class.
    """
    from autograder.grading.classroom.configuration import opened

    with opened(folder) as gradebook:
        merged = {
            s.id: Student(s.id, s.first_name or "", s.last_name or "", s.email or "",
                          s.lms_user_id or "")
            for s in gradebook.students
        }  # fmt: skip
        given = {s.id: {k: v for k, v in vars(s).items() if k != "id" and v} for s in students}
        for student in students:
            before = merged.get(student.id, student)
            merged[student.id] = replace(before, **given[student.id])
        # What was wrong before is nobody's reason to be kept out now.
        wrong = [what for what, who in clashes(merged.values()) if {s.id for s in who} & set(given)]
        if wrong:
            raise click.ClickException(
                "Nobody was entered, for work and marks could go to another student:\n"
                + "\n".join(f"  {what}" for what in wrong)
                + "\nWho is in the class is listed by: nbgrader db student list"
            )
        for identity, values in given.items():
            number = values.pop("school_id", None)
            values.pop("section", None)
            known_by = {"lms_user_id": number} if number else {}
            gradebook.update_or_create_student(identity, **values, **known_by)
        leavers.remember(folder, gradebook)
    sections.put(folder, {student.id: student.section for student in students})
