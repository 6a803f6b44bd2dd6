"""Who is in a class: rosters are read, and students entered into the gradebook."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

import click

COLUMNS = {
    "id": (
        "id", "student_id", "studentid", "username", "login", "benutzername", "anmeldename",
        "kennung", "id number", "id-nummer", "matrikelnummer", "student",
    ),
    "first_name": ("first_name", "firstname", "first name", "given name", "vorname"),
    "last_name": ("last_name", "lastname", "last name", "surname", "family name", "nachname"),
    "email": ("email", "e-mail", "mail", "email address", "e-mail-adresse"),
}  # fmt: skip


# What nbgrader's folders and its command line cannot hold in a name.
BAD_ID = re.compile(r"[\s/\\+,*?\[\]{}:]|^[.\-]|^$")


@dataclass(frozen=True)
class Student:
    """One line of a roster."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""


def read_roster(path: Path) -> tuple[list[Student], list[str]]:
    """The students in a CSV file, and a sentence for each thing in it that was passed over.

    The first line names the columns: `id`, and where known `first_name`, `last_name`, `email`.
    Commas, semicolons and tabs part them; UTF-8 and what Excel saves are read.

    Raises ClickException when the file cannot be used, naming the line.
    """
    raw, notes = path.read_bytes(), []
    try:
        text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
        notes.append(f"{path.name} is not UTF-8; it was read as Windows-1252. Look at the umlauts.")
    head = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(",;\t", key=head.count)
    lines = list(csv.reader(text.splitlines(), delimiter=separator))
    start = next((i for i, line in enumerate(lines) if any(c.strip() for c in line)), None)
    if start is None:
        raise click.ClickException(f"The roster {path} is empty.")
    titles = [title.strip().lower() for title in lines[start]]
    # Of several that could be one, the name that stands first above.
    columns = {
        column: titles.index(known[0])
        for column, names in COLUMNS.items()
        if (known := [name for name in names if name in titles])
    }
    if "id" not in columns:
        raise click.ClickException(
            f"{path}, line {start + 1}: there is no column called id, only "
            f"{', '.join(filter(None, map(str.strip, lines[start])))}. The first line of a roster "
            "names the columns, such as id,first_name,last_name,email"
        )
    ignored = [t for i, t in enumerate(lines[start]) if i not in columns.values() and t.strip()]
    if ignored:
        notes.append(f"{path.name}: not used are the columns {', '.join(ignored)}.")
    students: dict[str, Student] = {}
    empty = 0
    for number, line in enumerate(lines[start + 1 :], start + 2):
        if not any(cell.strip() for cell in line):
            empty += 1
            continue
        values = {
            column: normalize("NFC", line[place].strip()) if place < len(line) else ""
            for column, place in columns.items()
        }
        student = Student(**values)
        if BAD_ID.search(student.id):
            raise click.ClickException(f"{path}, line {number}: {id_sentence(student.id)}")
        if student.id in students:
            same = students[student.id] == student
            notes.append(
                f"{path.name}, line {number}: {student.id} is there twice; "
                + ("once is enough." if same else "the first line was taken, this one was not.")
            )
            continue
        students[student.id] = student
    if empty:
        notes.append(f"{path.name}: {empty} empty line{'s' * (empty > 1)} passed over.")
    return list(students.values()), notes


def id_sentence(identity: str) -> str:
    if not identity:
        return "the id is empty; each student needs one."
    return (
        f"'{identity}' cannot be a student's id: it names folders, so it has no spaces, "
        "none of / \\ + , * ? [ ] { } : and no '.' or '-' in front."
    )


def enter(folder: Path, students: list[Student]) -> None:
    """Put students into a class's gradebook, or bring their names up to date."""
    from autograder.grading.classroom.configuration import opened

    with opened(folder) as gradebook:
        for student in students:
            given = {k: v for k, v in vars(student).items() if k != "id" and v}
            gradebook.update_or_create_student(student.id, **given)
