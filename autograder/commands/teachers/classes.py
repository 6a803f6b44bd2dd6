"""`course class`: makes a class and keeps its roster. The work is in `grading.classroom`."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from autograder.commands.teachers import class_changes
from autograder.commands.teachers.of_class import CLASS
from autograder.grading.classroom import sections
from autograder.grading.classroom.configuration import course_id
from autograder.grading.classroom.new_class import make_class
from autograder.grading.classroom.roster import BAD_ID, Student, enter, id_sentence, read_roster


@click.group("class")
def command() -> None:
    """Make a class, keep its roster, and change the class while it runs.

    \b
    Examples:
      course class new ml-2026 --roster students.csv
      course class add-student ada --first-name Ada --class ml-2026
      course class update batchnorm_forward --class ml-2026
      course class points batchnorm_forward 4 --class ml-2026
      course class extend ada 06_batchnorm "2026-11-23 23:59 +0100" --class ml-2026

    For hand-ins and marks there are course collect, grade, mark, feedback and marks. Everything
    else is done with nbgrader's commands in the class's folder. For example, nbgrader
    generate_assignment 06_batchnorm releases an assignment.
    """


for changing in (class_changes.update, class_changes.points, class_changes.undo,
                 class_changes.extend, class_changes.due):  # fmt: skip
    command.add_command(changing)


@command.command("new")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--assignment", "-a", "wanted", multiple=True, metavar="NN",
              help="Only this notebook; can be repeated.")  # fmt: skip
@click.option("--roster", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="CSV or .xlsx: your school's export of students, or a table with the columns "
              "id,first_name,last_name,email.")  # fmt: skip
@click.option("--name", help="What the class is called; the folder's name by default.")
@click.option("--timezone", default="UTC", metavar="ZONE", show_default=True,
              help="Time zone for times written without one, such as Europe/Berlin.")  # fmt: skip
def new(folder: Path, wanted: tuple[str, ...], roster: Path | None, name: str | None,
        timezone: str) -> None:  # fmt: skip
    """Make a class in DIR with all of the course's assignments, or only those that -a names.

    \b
    Examples:
      course class new ml-2026
      course class new ml-2026 -a 02 -a 06 --roster students.csv --name "Machine learning"

    The class is an nbgrader course directory. Its hidden tests get random seeds that are
    drawn for this class and stored only in the class's folder.
    """
    from autograder.authoring.build.masters import SOURCE, load
    from autograder.authoring.build.notebooks import chosen

    folder = Path(os.path.abspath(folder))
    students, notes = read_roster(roster) if roster else ([], [])
    masters = [load(path) for path in chosen(SOURCE, wanted)]
    make_class(folder, masters, students, name or folder.name, following=_with_a_bar,
               zone=timezone)
    for note in notes:
        click.echo(note)
    names = ", ".join(master.name for master in masters)
    click.echo(f"{folder}: {names}; {_count(len(students))}{_in_sections(students)}")
    click.echo(f"Next: cd {shlex.quote(str(folder))} && nbgrader generate_assignment "
               f"{masters[0].name}")  # fmt: skip


@command.command("add-student")
@click.argument("identity", metavar="[ID]", required=False)
@click.option("--first-name", default="")
@click.option("--last-name", default="")
@click.option("--email", default="")
@click.option("--section", default="", metavar="NAME",
              help="The student's section, such as a group; a comma separates two.")  # fmt: skip
@click.option("--new-section", is_flag=True,
              help="With --section: create this section if it does not exist.")  # fmt: skip
@click.option("--roster", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Add everybody in a file: CSV or .xlsx, your school's export or "
              "a table of your own.")  # fmt: skip
@CLASS
def add_student(
    identity, first_name, last_name, email, section, new_section, roster, folder
) -> None:
    """Put a student on the roster, or a whole file of them.

    \b
    Examples:
      course class add-student ada --first-name Ada --last-name Lovelace --class ml-2026
      course class add-student --roster latecomers.csv

    Students who are on the roster already keep their grades; their names, addresses and sections
    are brought up to date. A file is what Canvas, Moodle, Gradescope, Brightspace or Blackboard
    exports, or a table of your own whose first line names the columns. Nobody is entered while
    something in the file has to be corrected.
    """
    if (identity is None) == (roster is None):
        raise click.UsageError("Give a student's ID, or --roster with a file of them.")
    if identity is not None and BAD_ID.search(identity):
        raise click.UsageError(id_sentence(identity))
    course_id(folder)
    before, was = sections.names(folder), sections.read(folder).get(identity, frozenset())
    if before and not new_section and (new := sections.unheard_of(folder, section)):
        raise click.UsageError(
            f"The class has no section {', '.join(new)}; it has {', '.join(sorted(before))}. If it "
            "is a new one, say so: --new-section"
        )
    if roster:
        students, notes = read_roster(roster)
    else:
        students, notes = [Student(identity, first_name, last_name, email, section=section)], []
    enter(folder, students)
    for note in notes:
        click.echo(note)
    for name in sorted(sections.names(folder) - before) if before else ():
        click.echo(f"{name} is a new section; until now there were: {', '.join(sorted(before))}")
    now = sections.read(folder).get(identity, frozenset())
    if was and now != was:
        click.echo(f"{identity} was in {', '.join(sorted(was))}, and is in "
                   f"{', '.join(sorted(now))} from now on.")  # fmt: skip
    where = _in_sections(students)
    click.echo(f"{_count(len(students))}{where} entered on the roster of {folder.resolve().name}")


@command.command("sections")
@CLASS
def list_sections(folder: Path) -> None:
    """List a class's sections and how many students each has.

    \b
    Examples:
      course class sections --class ml-2026

    Sections come from the roster's column section, group or the like, or from add-student
    --section. They are kept in the class's sections.csv: a line is a student's id and a section.
    course grade, mark, report, feedback and marks can be narrowed to one with --section NAME.
    """
    from autograder.grading.classroom.configuration import opened

    course_id(folder)
    with opened(folder) as gradebook:
        students = [student.id for student in gradebook.students]
    for sentence in sections.counted(folder, students):
        click.echo(sentence)


def _with_a_bar(masters: Iterable) -> Iterable:
    from rich.console import Console
    from rich.progress import track

    return track(
        list(masters), "Making the notebooks", console=Console(stderr=True), transient=True,
        disable=not sys.stderr.isatty(),
    )  # fmt: skip


def _in_sections(students: list[Student]) -> str:
    number = sum(bool(student.section) for student in students)
    return f" ({number} in sections: course class sections lists them)" if number else ""


def _count(number: int) -> str:
    return f"{number} student{'s' * (number != 1)}"
