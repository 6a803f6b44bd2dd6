"""Sections of a class: they come with the roster, and reports, marks and marking are narrowed to
one."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from graded_class import NAME, grade, hand_in, make, right

from autograder.commands.cli import cli
from autograder.grading.classroom import roster, sections
from autograder.grading.reports.class_report import file_part

FILES = Path(__file__).parent.parent / "marks" / "school_files"
ROSTER = "id,first_name,section\nada,Ada,A\nbea,Bea,A\ncy,Cy,B\ndan,Dan,\n"


def course(folder, *arguments, code=0) -> str:
    done = CliRunner().invoke(cli, [*map(str, arguments), "--class", str(folder)])
    assert done.exit_code == code, done.output
    return done.output


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Path:
    """ada and bea are in A, cy in B, dan in none; ada, cy and dan have handed in."""
    folder = make(tmp_path_factory.mktemp("sections") / "class", ())
    table = folder.parent / "students.csv"
    table.write_text(ROSTER)
    course(folder, "class", "add-student", "--roster", table)
    for student in ("ada", "cy", "dan"):
        hand_in(folder, student, {**right(), "explain_relu": "Because."})
    grade(folder)
    return folder


@pytest.fixture
def folder(graded, tmp_path) -> Path:
    return Path(shutil.copytree(graded, tmp_path / "class"))


# Where they come from.


@pytest.mark.parametrize(
    ("file", "first"),
    [("canvas.csv", "A"), ("gradescope.csv", "A"), ("moodle_participants.csv", "Group A"),
     ("moodle_teilnehmer.csv", "Gruppe A"), ("brightspace.csv", "")],
)  # fmt: skip
def test_systems_files_bring_sections(file, first):
    students, _ = roster.read_roster(FILES / file)
    assert students[0].section == first


def test_a_column_of_sections_is_used_and_is_no_assignments(tmp_path):
    table = tmp_path / "students.csv"
    table.write_text("id,Tutorial,subject\nada,Monday,maths\n")
    (ada,), (note,) = roster.read_roster(table)
    assert ada.section == "Monday" and note.endswith("not used are the columns subject.")


def test_who_has_two_lines_is_in_both(tmp_path):
    table = tmp_path / "students.csv"
    table.write_text("id,section\nada,A\nada,B\n")
    ((ada,), _) = roster.read_roster(table)
    assert sections.parted({"ada": ada.section}) == {"ada": {"A", "B"}}


@pytest.mark.parametrize(
    ("cell", "others", "names"),
    [("A", [], {"A"}), ("A, B", [], {"A", "B"}), ("A; B", [], {"A", "B"}),
     ("A and B", ["A", "B"], {"A", "B"}), ("A, B, and C", [], {"A", "B", "C"}),
     ("Gruppe 1 und Gruppe 2", ["Gruppe 1", "gruppe 2"], {"Gruppe 1", "Gruppe 2"}),
     ("Research and Development", ["A"], {"Research and Development"})],
)  # fmt: skip
def test_a_cell_may_name_several(cell, others, names):
    told = {f"other{n}": other for n, other in enumerate(others)}
    assert sections.parted({**told, "ada": cell})["ada"] == names


def test_they_are_listed_and_kept_and_brought_up_to_date(folder):
    assert course(folder, "class", "sections").splitlines() == [
        "A: 2", "B: 1", "in no section: dan",
    ]  # fmt: skip
    course(folder, "class", "add-student", "dan", "--section", "A, B")
    course(folder, "class", "add-student", "bea", "--last-name", "Example")
    assert sections.read(folder)["bea"] == {"A"} and sections.read(folder)["dan"] == {"A", "B"}
    assert course(folder, "class", "sections").splitlines() == ["A: 3", "B: 2"]


def test_a_section_that_is_not_there_is_told_those_that_are(folder, tmp_path):
    assert sections.chosen(folder, "a") == {"ada", "bea"}
    told = course(folder, "report", NAME, "--section", "C", code=1)
    assert "The class has no section C." in told and "There are: A, B" in told
    (folder / sections.FILE).unlink()
    told = course(folder, "report", NAME, "--section", "A", code=1)
    assert "is in a section" in told and "a column called section" in told


@pytest.mark.parametrize("line", ["ada", "ada,", "ada,A,B"])
def test_a_file_that_was_spoilt_by_hand_is_named_with_its_line(folder, line):
    (folder / sections.FILE).write_text(f"student,section\n{line}\n")
    with pytest.raises(click.ClickException, match=r"sections.csv, line 2"):
        sections.read(folder)


# What is narrowed.


def rows(folder, name) -> dict[str, dict]:
    text = (folder / "reports" / f"{name}.csv").read_text(encoding="utf-8-sig")
    return {line["student"]: line for line in csv.DictReader(io.StringIO(text))}


def test_the_report_says_who_is_where_and_is_narrowed_to_one(folder):
    course(folder, "report", NAME, "--no-similar")
    assert {s: row["section"] for s, row in rows(folder, NAME).items()} == {
        "ada": "A", "cy": "B", "dan": "",
    }  # fmt: skip
    told = course(folder, "report", NAME, "--section", "A")
    assert "1 graded, 1 with answers to mark." in told
    assert list(rows(folder, f"{NAME}-A")) == ["ada"]
    page = (folder / "reports" / f"{NAME}-A.html").read_text(encoding="utf-8")
    assert "section A</h1>" in page and "1 student on the roster handed in nothing" in page
    assert "cy" not in page.partition("<main>")[2].partition("Resembling")[0]
    assert len(rows(folder, NAME)) == 3, "the whole class's stays"


def test_without_sections_nothing_speaks_of_them(folder):
    (folder / sections.FILE).unlink()
    course(folder, "report", NAME, "--no-similar")
    assert "section" not in rows(folder, NAME)["ada"]
    page = (folder / "reports" / f"{NAME}.html").read_text(encoding="utf-8")
    assert 'data-title="section"' not in page


@pytest.mark.parametrize(
    ("section", "part"), [("Group A/B", "Group-A-B"), ("..", "section"), ("Übung 1", "Übung-1")]
)
def test_a_sections_name_makes_a_files(section, part):
    assert file_part(section) == part


def test_marks_are_narrowed_to_one(folder, tmp_path):
    to = tmp_path / "marks.csv"
    arguments = ("--into", folder.parent / "students.csv", "--to", to, "--unmarked")
    (folder.parent / "students.csv").write_text(ROSTER)
    told = course(folder, "marks", *arguments, "--section", "A")
    with to.open(encoding="utf-8-sig") as file:
        found = {line["id"]: line[NAME] for line in csv.DictReader(file)}
    assert found == {"ada": "7", "bea": "", "cy": "", "dan": ""}, told
    assert "nothing handed in; left as they were: bea." in told and "cy" not in told
    told = course(folder, "marks", *arguments, "--section", "A", "--student", "ada", code=2)
    assert "--student or --section" in told


# Grading and feedback.


def test_a_section_alone_is_graded_and_has_its_own_page(folder):
    shutil.rmtree(folder / "autograded")
    said = course(folder, "grade", NAME, "--section", "a", "--workers", "1")
    assert f"Of the whole class: course report {NAME}" in said
    assert [path.name for path in sorted((folder / "autograded").glob("[!.]*"))] == ["ada"]
    pages = sorted(path.name for path in (folder / "reports").iterdir())
    assert pages == [f"{NAME}-A.csv", f"{NAME}-A.html"]
    table = (folder / "reports" / f"{NAME}-A.csv").read_text(encoding="utf-8-sig")
    assert [line["student"] for line in csv.DictReader(io.StringIO(table))] == ["ada"]
    # Nothing changed: it is said again; and with the page gone, made again.
    again = course(folder, "grade", NAME, "--section", "a", "--workers", "1")
    assert "1 of 1 unchanged" in again
    (folder / "reports" / f"{NAME}-A.html").unlink()
    course(folder, "grade", NAME, "--section", "a", "--workers", "1")
    assert (folder / "reports" / f"{NAME}-A.html").exists()


def test_feedback_of_a_section_alone(folder):
    assert "1 made, 0 as they were" in course(folder, "feedback", NAME, "--section", "B")
    assert [path.name for path in (folder / "feedback").iterdir()] == ["cy"]


@pytest.mark.parametrize("command", ["grade", "feedback"])
def test_a_section_that_cannot_be_is_a_sentence(folder, command):
    assert "There are: A, B" in course(folder, command, NAME, "--section", "C", code=1)
    both = course(folder, command, NAME, "--section", "A", "--student", "ada", code=2)
    assert "--student or --section, not both" in both
    sections.put(folder, {"bea": "late"})
    assert "late" in course(folder, command, NAME, "--section", "late", code=1)


def test_a_section_keeps_its_spelling_and_who_changes_sections_is_told_from_where(folder):
    said = course(folder, "class", "add-student", "bea", "--section", "b")
    assert "bea was in A, and is in B from now on." in said and "new section" not in said
    assert sections.names(folder) == {"A", "B"}


def test_a_slip_of_the_pen_makes_no_section(folder):
    slip = course(folder, "class", "add-student", "bea", "--section", "Bee", code=2)
    assert "no section Bee; it has A, B" in slip and "--new-section" in slip
    assert sections.names(folder) == {"A", "B"}
    said = course(folder, "class", "add-student", "bea", "--section", "Bee", "--new-section")
    assert "Bee is a new section; until now there were: A, B" in said
