"""Makes a class: an ordinary nbgrader course directory with the course's assignments and a roster.
What is in its notebooks comes from the masters; grading is elsewhere."""

from __future__ import annotations

import csv
import os
import re
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

import click

CONFIG = '''\
# The configuration of an nbgrader course. All of nbgrader's commands work in this folder:
#     nbgrader generate_assignment 06_batchnorm     (then give out release/)
#     nbgrader autograde 06_batchnorm               (of what lies in submitted/)
#     nbgrader generate_feedback 06_batchnorm
#     nbgrader export
# Everything here may be changed; what the lines marked with * do is in autograder.grading.pipeline.nbgrader_steps.
# source/ holds solutions and hidden tests: nobody but those who grade should read this folder.
from pathlib import Path

from autograder.grading import stock
from nbconvert.preprocessors import ClearMetadataPreprocessor, CSSHTMLHeaderPreprocessor
from nbgrader import preprocessors as steps

c = get_config()
here = Path(__file__).resolve().parent

c.CourseDirectory.course_id = "{course_id}"
c.CourseDirectory.root = str(here)
c.IncludeHeaderFooter.header = str(here / "source" / "header.ipynb")

# To give out and collect on a shared machine, name a folder for nbgrader's exchange:
# c.Exchange.root = "/srv/nbgrader/exchange"

# Experiments and explorers are for learning; no graded cell depends on one.
c.Execute.skip_cells_with_tag = "experiment"
# Seconds that one cell may take.
c.Execute.timeout = {timeout}

# * Kernels find the course, also when it is not installed but lies in a folder.
stock.prepare_environment()

c.Autograde.sanitize_preprocessors = [
    steps.ClearOutput,
    stock.RestoreCells,  # * deleted, altered and copied checks are as they were
    steps.OverwriteKernelspec,
    steps.OverwriteCells,
    steps.CheckCellMetadata,
]
c.RestoreCells.source = str(here / "source")
c.Autograde.autograde_preprocessors = [
    stock.ExecuteToTheEnd,  # * a kernel that dies costs only the cells behind
    steps.IgnorePattern,
    ClearMetadataPreprocessor,
    steps.LimitOutput,
    stock.OnlyVerdicts,  # * a check without a verdict earns nothing; warnings cost nothing
    steps.SaveAutoGrades,
    steps.AssignLatePenalties,
    steps.CheckCellMetadata,
]
c.GenerateFeedback.preprocessors = [
    steps.GetGrades,
    stock.HideHiddenTests,  # * feedback shows no hidden test and no seed
    CSSHTMLHeaderPreprocessor,
]
'''

HEADER = """\
**{name}.** Work through the cells in their order, and run each check when you think you are done.
Before you hand in: *Kernel → Restart Kernel and Run All Cells*, then save. Hand in this file under
this name."""

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


# The roster.


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
    from autograder.grading.pipeline.gradebook import opened

    with opened(folder) as gradebook:
        for student in students:
            given = {k: v for k, v in vars(student).items() if k != "id" and v}
            gradebook.update_or_create_student(student.id, **given)


def database(folder: Path) -> str:
    return f"sqlite:///{folder.resolve() / 'gradebook.db'}"


def course_id(folder: Path) -> str:
    """The class's name as its configuration has it. Raises ClickException when it is no class."""
    return str(config(folder).CourseDirectory.course_id)


def config(folder: Path):
    """A class's configuration, as nbgrader loads it."""
    from traitlets.config.loader import ConfigFileNotFound, PyFileConfigLoader

    try:
        return PyFileConfigLoader("nbgrader_config.py", path=str(folder)).load_config()
    except ConfigFileNotFound:
        raise click.ClickException(
            f"{folder} is not a class: it has no nbgrader_config.py. "
            "Make one with: course class new DIR"
        ) from None


# The class.


def source_notebook(master):
    """A master's notebook for a class: solutions, and hidden tests with seeds of its own."""
    from autograder.authoring.build import quizzes
    from autograder.authoring.build.notebooks import teachers_notebook
    from autograder.exercises import find

    notebook = teachers_notebook(master)
    if quizzes.quiz_called(master.name):
        quizzes.reseed(notebook)
    for cell in notebook.cells:
        graded = cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade")
        if not graded or not cell.id.startswith("check_"):
            continue
        exercise = cell.id.removeprefix("check_")
        if find(exercise).hidden_seed:
            # Ten digits, which no honest output holds by chance; below 2**31, for every generator.
            seed = 10**9 + secrets.randbelow(10**9)
            cell.source += (
                f'\n### BEGIN HIDDEN TESTS\ncheck("{exercise}", seed={seed})\n'
                "### END HIDDEN TESTS"
            )
    return notebook


def make_class(
    folder: Path, masters: list, students: list[Student], name: str, timeout: int = 60,
    following: Callable[[Iterable], Iterable] = iter,
) -> None:  # fmt: skip
    """Make a class's folder, all of it or nothing.

    Parameters
    ----------
    masters : `autograder.authoring.build.masters.Master`s, one an assignment
    timeout : seconds that a cell may take when it is graded
    following : is given the masters, and gives them back while it shows how far it is

    Raises ClickException when `folder` is there already.
    """
    from autograder.authoring.build import quizzes
    from autograder.authoring.build.notebooks import text_of
    from course_utils.keeping import HEAD as COURSE_LAYERS

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        is_class = (folder / "nbgrader_config.py").exists()
        raise click.ClickException(
            f"{folder} is a class already; nothing was changed. "
            "Choose another folder, or add students with: course class add-student ID --class "
            f"{folder}"
            if is_class
            else f"{folder} is there already and not empty; choose another folder."
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Only the owner may look in: it will hold solutions, seeds and grades.
    growing = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        identity = re.sub(r"[^\w.-]+", "-", name, flags=re.ASCII).strip("-.") or "class"
        text = CONFIG.format(course_id=identity, timeout=timeout)
        (growing / "nbgrader_config.py").write_text(text, encoding="utf-8")
        for master in following(quizzes.for_class(masters)):
            place = growing / "source" / master.name / f"{master.name}.ipynb"
            place.parent.mkdir(parents=True)
            place.write_text(text_of(source_notebook(master)), encoding="utf-8")
            if any("my_layers" in cell.source for cell in master.cells):
                # nbgrader puts a source folder's files over those handed in: layers kept by
                # learners are for learning, and grading uses the course's.
                place.with_name("my_layers.py").write_text(COURSE_LAYERS, encoding="utf-8")
        (growing / "source" / "header.ipynb").write_text(text_of(header(name)), encoding="utf-8")
        for empty in ("release", "submitted", "autograded", "feedback"):
            (growing / empty).mkdir()
        enter(growing, students)
        if folder.exists():
            folder.rmdir()
        os.replace(growing, folder)
    except BaseException:
        shutil.rmtree(growing, ignore_errors=True)
        raise


def header(name: str):
    """The notebook whose cells nbgrader puts in front of every assignment."""
    from nbformat.v4 import new_markdown_cell, new_notebook

    notebook = new_notebook(cells=[new_markdown_cell(HEADER.format(name=name), id="class-header")])
    notebook.nbformat_minor = 5
    return notebook


# The commands.


@click.group("class")
def command() -> None:
    """Make a class and its roster.

    \b
    Examples:
      course class new ml-2026 --roster students.csv
      course class add-student ada --first-name Ada --class ml-2026

    In the class's folder, nbgrader's own commands do the rest.
    """


@command.command("new")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--assignment", "-a", "wanted", multiple=True, metavar="NN",
              help="Only this notebook; may be given again.")  # fmt: skip
@click.option("--roster", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="CSV file: id,first_name,last_name,email")  # fmt: skip
@click.option("--name", help="What the class is called; the folder's name by default.")
def new(folder: Path, wanted: tuple[str, ...], roster: Path | None, name: str | None) -> None:
    """Make DIR: an nbgrader course directory with all of the course's assignments.

    \b
    Examples:
      course class new ml-2026
      course class new ml-2026 -a 02 -a 06 --roster students.csv --name "Machine learning"

    Hidden tests get seeds that are drawn for this class and written nowhere else.
    """
    from autograder.authoring.build.masters import SOURCE, load
    from autograder.authoring.build.notebooks import chosen

    folder = Path(os.path.abspath(folder))
    students, notes = read_roster(roster) if roster else ([], [])
    masters = [load(path) for path in chosen(SOURCE, wanted)]
    make_class(folder, masters, students, name or folder.name, following=_with_a_bar)
    for note in notes:
        click.echo(note)
    click.echo(f"{folder}: {', '.join(m.name for m in masters)}; {_count(len(students))}")
    click.echo(f"Next: cd {folder} && nbgrader generate_assignment {masters[0].name}")


@command.command("add-student")
@click.argument("identity", metavar="[ID]", required=False)
@click.option("--first-name", default="")
@click.option("--last-name", default="")
@click.option("--email", default="")
@click.option("--roster", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Add everybody in a CSV file: id,first_name,last_name,email")  # fmt: skip
@click.option("--class", "folder", default=".", metavar="DIR", help="The class; here by default.",
              type=click.Path(path_type=Path, exists=True, file_okay=False))  # fmt: skip
def add_student(identity, first_name, last_name, email, roster, folder) -> None:
    """Put a student on the roster, or a whole CSV file of them.

    \b
    Examples:
      course class add-student ada --first-name Ada --last-name Lovelace --class ml-2026
      course class add-student --roster latecomers.csv

    Who is on it already keeps their grades; names and addresses are brought up to date.
    """
    if (identity is None) == (roster is None):
        raise click.UsageError("Give a student's ID, or --roster with a file of them.")
    if identity is not None and BAD_ID.search(identity):
        raise click.UsageError(id_sentence(identity))
    course_id(folder)
    if roster:
        students, notes = read_roster(roster)
    else:
        students, notes = [Student(identity, first_name, last_name, email)], []
    enter(folder, students)
    for note in notes:
        click.echo(note)
    click.echo(f"{_count(len(students))} on the roster of {folder.resolve().name}")


def _with_a_bar(masters: Iterable) -> Iterable:
    from rich.console import Console
    from rich.progress import track

    return track(
        list(masters), "Making the notebooks", console=Console(stderr=True), transient=True,
        disable=not sys.stderr.isatty(),
    )  # fmt: skip


def _count(number: int) -> str:
    return f"{number} student{'s' * (number != 1)}"
