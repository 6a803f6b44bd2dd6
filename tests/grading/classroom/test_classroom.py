"""A class's roster and gradebook as a teacher meets them: a school's own tables, a gradebook that
is locked or cannot be written. How a class is made is tested with stock nbgrader."""

from __future__ import annotations

import contextlib
import sqlite3
import zipfile

import click
import pytest
from click.testing import CliRunner
from graded_class import NAME, make

from autograder.commands.teachers import classes, collect, marks
from autograder.commands.teachers.grade import command as grade_command
from autograder.grading.classroom import roster
from autograder.grading.classroom.configuration import opened


@pytest.mark.parametrize(
    ("header", "line", "identity"),
    [
        ("Matrikelnummer;Vorname;Nachname;E-Mail-Adresse", "0012;Jürgen;Müller;j@x.de", "0012"),
        ("First name,Last name,ID number,Email address", "Jürgen,Müller,77,j@x.de", "77"),
        ("Student,ID", "Müller,77", "77"),
        ("Username,Vorname", "mu\u0308ller,Jürgen", "müller"),
    ],
)
def test_the_columns_that_schools_write_are_known(tmp_path, header, line, identity):
    path = tmp_path / "students.csv"
    path.write_text(f"{header}\n{line}\n", encoding="utf-8")
    (student,), _ = roster.read_roster(path)
    assert student.id == identity
    if "Nachname" in header or "Last name" in header:
        assert (student.first_name, student.last_name) == ("Jürgen", "Müller")
        assert student.email == "j@x.de"


def test_a_roster_without_ids_is_told_which_columns_it_has(tmp_path):
    path = tmp_path / "students.csv"
    path.write_text("Vorname;Nachname\nAda;Lovelace\n", encoding="utf-8")
    with pytest.raises(click.ClickException, match="only Vorname, Nachname"):
        roster.read_roster(path)


@contextlib.contextmanager
def locked(folder):
    """The gradebook in another program's hands."""
    holder = sqlite3.connect(folder / "gradebook.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        holder.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make(tmp_path_factory.mktemp("locked") / "class")


def test_a_gradebook_in_use_is_a_sentence_for_every_command(folder, tmp_path):
    download = tmp_path / "a.zip"
    with zipfile.ZipFile(download, "w") as archive:
        archive.writestr(f"ada_{NAME}.ipynb", "{}")
    where = ["--class", str(folder)]
    with locked(folder):
        for command, arguments in (
            (classes.command, ["add-student", "zoe", *where]),
            (collect.command, [NAME, str(download), *where]),
            (marks.command, ["--canvas", "--to", str(tmp_path / "m.csv"), *where]),
        ):
            done = CliRunner().invoke(command, arguments)
            assert done.exit_code == 1 and "Another program is using" in done.output, done.output
    assert not (folder / "submitted" / "ada").exists()


def test_a_gradebook_that_cannot_be_written_is_a_sentence(folder):
    with pytest.raises(click.ClickException, match="cannot be used: attempt to write a readonly"):
        with opened(folder) as gradebook:
            raw = gradebook.db.connection().connection
            raw.execute("PRAGMA query_only = ON")
            gradebook.add_student("zoe")


def test_a_number_is_enough_and_half_a_name_is_asked_about(folder):
    number = NAME.partition("_")[0]
    done = CliRunner().invoke(grade_command, [number, "--class", str(folder)])
    assert f"Nothing was handed in for {NAME}" in done.output
    done = CliRunner().invoke(grade_command, [NAME[:-2], "--class", str(folder)])
    assert done.exit_code == 1 and f"Did you mean {NAME}?" in done.output
    assert "To release it" not in done.output
