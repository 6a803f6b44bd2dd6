"""`course marks`: the command. What it writes is made by `exports`, as for `nbgrader export`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from autograder.commands.teachers.of_class import ASSIGNMENT, CLASS, SECTION


@click.command("marks")
@click.argument("assignments", nargs=-1, metavar="[ASSIGNMENT]...", type=ASSIGNMENT)
@CLASS
@click.option("--canvas", metavar="[FILE]", is_flag=False, flag_value="",
              help="For Canvas; FILE is its gradebook, downloaded as CSV.")  # fmt: skip
@click.option("--moodle", metavar="[FILE]", is_flag=False, flag_value="",
              help="For Moodle; FILE is its grades or a grading worksheet, as CSV.")  # fmt: skip
@click.option("--into", metavar="FILE",
              help="For any system, or a table of your own; FILE is CSV or .xlsx.")  # fmt: skip
@click.option("--to", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
              help="File to write; by default marks.csv, marks.xlsx for a workbook.")  # fmt: skip
@click.option("--column", "columns", multiple=True, metavar="ASSIGNMENT=COLUMN",
              help="The column for ASSIGNMENT, if FILE calls it something else.")  # fmt: skip
@click.option("--student", "-s", "students", multiple=True, metavar="ID",
              help="Only this student; can be repeated.")  # fmt: skip
@click.option("--section", default="", metavar="NAME", type=SECTION,
              help="Only this section of the class.")  # fmt: skip
@click.option("--unmarked", is_flag=True,
              help="Also fill in marks that still lack marking by hand.")  # fmt: skip
@click.option("--zeros", is_flag=True, help="Fill in 0 where nothing was handed in.")
@click.option("--scale", is_flag=True, help="Scale the points to the maximum given in FILE.")
@click.option("--identity", type=click.Choice(["username", "idnumber", "email"]),
              help="What identifies students; only for --moodle without FILE.")  # fmt: skip
def command(assignments, folder, canvas, moodle, into, to, columns, students, section, unmarked,
            zeros, scale, identity):  # fmt: skip
    """Fill a class's marks into a file for your school's system, or into any table.

    \b
    Examples:
      course marks --class ml-2026 --canvas gradebook.csv --to marks.csv
      course marks 06_batchnorm --class ml-2026 --moodle worksheet.csv
      course marks 06_batchnorm --class ml-2026 --moodle --identity email
      course marks 06_batchnorm --class ml-2026 --into brightspace.csv
      course marks --class ml-2026 --into students.xlsx --to marks.xlsx
      course marks --class ml-2026 --into students.csv --section "Group A"

    It is best to download the gradebook and give it as FILE: the marks are filled in, and
    everything else stays. Without FILE, --canvas and --moodle write a new file. Nothing is sent:
    you upload the file that was written. With --into, the file's columns show which system it comes
    from: Canvas, Moodle, Brightspace, Blackboard or Gradescope. FILE may also be a table of your
    own, such as the roster from which you made the class. Without ASSIGNMENT, the marks of all
    released assignments are filled in. Late penalties are subtracted from the marks. Marks that
    wait for marking by hand, and marks without a line or column in FILE, are listed and not filled
    in. See docs/marks.md in the course's folder.
    """
    from autograder.grading.classroom.printable import printable
    from autograder.grading.classroom.sections import chosen
    from autograder.grading.marks.exports import CanvasExport, MoodleExport, TableExport

    if sum(given is not None for given in (canvas, moodle, into)) != 1:
        raise click.UsageError(
            "Give --canvas or --moodle, and best the file downloaded there, or --into FILE."
        )
    if students and section:
        raise click.UsageError("Give --student or --section, not both.")
    if identity and not (moodle == ""):
        raise click.UsageError("--identity is for --moodle without a file.")
    folder = Path(os.path.abspath(folder))
    if section:
        students = sorted(chosen(folder, section))
    wanted = {
        "assignment": list(assignments), "student": list(students), "to": str(to or ""),
        "template": canvas or moodle or into or "", "columns": dict(map(_pair, columns)),
        "unmarked": unmarked, "zeros": zeros, "scale": scale,
    }  # fmt: skip
    if canvas is not None:
        exporter = CanvasExport(**wanted)
    elif moodle is not None:
        exporter = MoodleExport(**wanted, identity=identity or "username")
    else:
        exporter = TableExport(**wanted)
    try:
        notes = export(folder, exporter)
    except click.ClickException as error:
        raise click.ClickException(printable(error.message)) from None
    for note in notes:
        click.echo(printable(note))
    click.echo(f"{exporter.target} is ready. {exporter.layout.upload}.")


def export(folder: Path, exporter) -> list[str]:
    """Let an exporter write a class's marks; its sentences. Raises ClickException."""
    from nbgrader.coursedir import CourseDirectory
    from sqlalchemy.engine import make_url

    from autograder.grading.classroom.configuration import load_config, opened

    coursedir = CourseDirectory(config=load_config(folder))
    url = make_url(coursedir.db_url)
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).exists():
        raise click.ClickException(f"There is no gradebook at {url.database}; grade first.")
    with opened(folder) as gradebook:
        return exporter.make(gradebook, coursedir)


def _pair(text: str) -> tuple[str, str]:
    assignment, equals, column = text.partition("=")
    if not (assignment and equals and column):
        raise click.UsageError(f"--column wants ASSIGNMENT=COLUMN, not {text}.")
    return assignment.strip(), column.strip()
