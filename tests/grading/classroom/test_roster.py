"""Rosters: all that is wrong with one is told at once, by line, and nobody is entered by halves.
What each school's system gives out is tested beside the marks, with the same files."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook

from autograder.commands.teachers import classes
from autograder.grading.classroom import configuration, roster
from autograder.grading.classroom.roster import Student
from autograder.grading.pipeline import nbgrader_steps

CONFIG = "c = get_config()\nc.CourseDirectory.course_id = 'small'\n"


def refusal(tmp_path, text) -> str:
    path = tmp_path / "students.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(click.ClickException) as error:
        roster.read_roster(path)
    return error.value.message


def test_all_that_is_wrong_is_told_at_once_with_its_lines(tmp_path):
    told = refusal(tmp_path, (
        "id,first_name,last_name,email\n"
        "ada,Ada,Lovelace,ada@example.org\n"
        "b b,Bea,Maier,bea@example.org\n"
        ",Cyd,Önder,\n"
        "Ada,Ada,Byron,byron@example.org\n"
        "dee,Dee,,ADA@example.org\n"
        "\n"
        "eve,Eve,,eve at example\n"
        "fay,Fay,Ash, Jr.,fay@example.org\n"
        ",Gus,,\n"
        "hal,Hal,,hal@example.org\n"
        "hal,Hal,Other,hal@example.org\n"
        "ivy,Iv\x1b[2Jy,,\n"
        "bea@example.org,Bea,Two,\n"
        "kai\u202e,Kai,,\n"
    ))  # fmt: skip
    assert told.startswith(f"{tmp_path}/students.csv was not taken, and nobody was entered.")
    for said in (
        "line 3: 'b b' cannot be a student's id",
        "lines 4 and 10: the id is empty",
        "lines 2 and 5: the ids Ada and ada differ in capitals only",
        "lines 2 and 6: ada@example.org is the e-mail address of ada and dee",
        "line 8: 'eve at example' is no e-mail address; leave the cell empty",
        "line 9: there are more cells than columns; a name with a comma in it needs quotes",
        "lines 11 and 12: the id hal is there twice, and the lines differ",
        r"line 13: the name 'Iv\x1b[2Jy' has signs in it that cannot be shown",
        "lines 3 and 14: bea@example.org is the e-mail address of b b and bea@example.org",
        r"line 15: 'kai\u202e' cannot be a student's id",
    ):
        assert said in told, told
    assert all(c.isprintable() or c == "\n" for c in told)
    assert len(told.splitlines()) == 11


def test_one_number_of_the_system_is_one_students(tmp_path):
    told = refusal(tmp_path, "Student,ID,SIS Login ID,Section\n"
                             '"A, B",311,ab,1\n"C, D",311,cd,1\n')  # fmt: skip
    assert "lines 2 and 3: 311 is the number of ab and cd" in told


@pytest.mark.parametrize(
    "text, says",
    [
        ("id\n", "has no student in it"),
        ("\n\n", "is empty"),
        ("First name,Last name\nAda,Lovelace\n", "no column called id"),
        ("name,mail\nAda,a@b\n", "no column called id, only name, mail"),
        ('id,name\nada,"Ada\n', "cannot be read as CSV"),
        ("id,name\n" + "a" * 121 + ",Ada\n", "120 letters at most"),
    ],
)
def test_a_file_that_is_no_roster_is_told_so(tmp_path, text, says):
    assert says in refusal(tmp_path, text)


def test_equal_lines_are_one_student_and_names_part_at_comma_or_space(tmp_path):
    path = tmp_path / "students.csv"
    path.write_text('id;Name\nada;"Lovelace, Ada"\nada;"Lovelace, Ada"\n="0012";Bea von Maier\n')
    students, notes = roster.read_roster(path)
    assert students == [Student("ada", "Ada", "Lovelace"), Student("0012", "Bea von", "Maier")]
    assert "students.csv, line 3: ada is there twice; once is enough." in notes


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "class"
    place.mkdir()
    (place / "nbgrader_config.py").write_text(CONFIG)
    nbgrader_steps.prepare_environment()
    roster.enter(place, [Student("ada", "Ada", "", "ada@example.org", "311"), Student("bea")])
    return place


def ids(folder) -> dict[str, str]:
    with Gradebook(configuration.database(folder), "small") as gradebook:
        return {student.id: student.email for student in gradebook.students}


@pytest.mark.parametrize(
    "latecomer, says",
    [
        (Student("Ada"), "the ids Ada and ada differ in capitals only"),
        (Student("cyd", email="ADA@example.org"), "ada@example.org is the e-mail address of ada"),
        (Student("cyd", school_id="311"), "311 is the number of ada and cyd"),
        (Student("bea", email="ada@example.org"), "is the e-mail address of ada and bea"),
        (Student("ada@example.org"), "is the e-mail address of ada and ada@example.org"),
    ],
)
def test_who_would_share_work_with_somebody_in_the_class_is_not_entered(folder, latecomer, says):
    before = ids(folder)
    with pytest.raises(click.ClickException) as error:
        roster.enter(folder, [Student("zoe"), latecomer])
    assert says in error.value.message and "Nobody was entered" in error.value.message
    assert ids(folder) == before


def test_who_is_there_is_brought_up_to_date(folder):
    roster.enter(folder, [Student("bea", "Bea", email="bea@example.org"), Student("ada", "Ada")])
    assert ids(folder) == {"ada": "ada@example.org", "bea": "bea@example.org"}


def test_a_roster_that_is_refused_makes_no_class(tmp_path):
    path = tmp_path / "students.csv"
    path.write_text("id,email\nada,a@x.org\nADA,b@x.org\n")
    told = CliRunner().invoke(classes.command, ["new", str(tmp_path / "c"), "--roster", str(path)])
    assert told.exit_code == 1 and "lines 2 and 3: the ids ADA and ada differ" in told.output
    assert not (tmp_path / "c").exists()
