"""One file for each system, made by hand after its public documentation: it is a roster, and the
very same file takes the marks of the class that was made of it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import click
import openpyxl
import pytest
from marked_class import NAME, marks
from nbgrader.api import Gradebook

from autograder.grading.classroom import roster
from autograder.grading.marks import tables
from autograder.grading.pipeline import nbgrader_steps

FILES = Path(__file__).with_name("school_files")
NUMBERS = ["0042", "0043", "0044"]
EMAILS = ["ada@uni.example", "bea@uni.example", "cyd@uni.example"]
# file: (ids, e-mail addresses, the system's numbers), and what a sentence says of the file
ROSTERS = {
    "canvas.csv": (["ada", "bea@uni.example", "cyd"], ["", "bea@uni.example", ""],
                   ["311", "312", "313"], "under SIS Login ID"),
    "canvas_without_logins.csv": (["311", "312", "313"], [""] * 3, ["311", "312", "313"],
                                  "line 6: passed over, for it is Canvas's test student"),
    "moodle_participants.csv": (["ada", "bea", "cyd"], EMAILS, NUMBERS,
                                "line 5: passed over, for the role is Non-editing teacher"),
    "moodle_teilnehmer.csv": (EMAILS, EMAILS, [""] * 3, "line 5: passed over, for the role is Tra"),
    "moodle_bewertungen.csv": (NUMBERS, EMAILS, NUMBERS, "under ID-Nummer"),
    "gradescope.csv": (NUMBERS, EMAILS, [""] * 3, "line 5: passed over, for the role is Instr"),
    "brightspace.csv": (["ada", "bea", "cyd"], EMAILS, NUMBERS, "under Username"),
    "blackboard.xls": (["ada", "bea", "cyd"], [""] * 3, NUMBERS,
                       "line 5: passed over, for it is Blackboard's preview user"),
    "plain.csv": (["ada", "bea", "cyd"], EMAILS, [""] * 3, "not used are the columns subject"),
    "excel_german.csv": (NUMBERS, [""] * 3, [""] * 3, "it was read as Windows-1252"),
    "excel_unicode.txt": (NUMBERS, [""] * 3, [""] * 3, "not used are the columns Punkte"),
    "workbook.xlsx": (NUMBERS, EMAILS, [""] * 3, "has 2 sheets; read was Students"),
}  # fmt: skip


def test_each_file_has_its_expectation():
    assert {path.name for path in FILES.iterdir()} == set(ROSTERS)


@pytest.mark.parametrize("name", ROSTERS)
def test_a_systems_file_is_a_roster(name):
    students, notes = roster.read_roster(FILES / name)
    ids, emails, numbers, says = ROSTERS[name]
    names = [("Ada", "Lovelace"), ("Bea", "Müller"), ("Cyd Ali", "Önder")]
    assert [(s.first_name, s.last_name) for s in students] == names
    assert [s.id for s in students] == ids
    assert [s.email for s in students] == emails
    assert [s.school_id for s in students] == numbers
    assert any(says in note for note in notes), notes


def enrolled(folder: Path, source: Path) -> Path:
    """A class made of a file: its first student has 8.5 points, its second 9, its third none."""
    folder.mkdir()
    (folder / "nbgrader_config.py").write_text("c = get_config()\n", encoding="utf-8")
    nbgrader_steps.prepare_environment()
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        book.add_assignment(NAME)
        book.add_notebook(NAME, NAME)
        book.add_grade_cell("check", NAME, NAME, max_score=10, cell_type="code")
    students, _ = roster.read_roster(source)
    roster.enter(folder, students)
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        for student, points in zip(students, (8.5, 9.0), strict=False):
            book.add_submission(NAME, student.id)
            grade = book.find_grade("check", NAME, NAME, student.id)
            grade.auto_score, grade.needs_manual_grade = points, False
        book.db.commit()
    return folder


# file: the marks as they stand in it afterwards, its column, and what it looks like
FILLED = {
    "canvas.csv": (["8.5", "9", "EX"], "06_batchnorm (4711)", ",", "utf-8"),
    "canvas_without_logins.csv": (["8.5", "9", ""], "06_batchnorm (4711)", ",", "utf-8"),
    "moodle_participants.csv": (["8.5", "9", ""], NAME, ",", "utf-8"),
    "moodle_teilnehmer.csv": (["8,5", "9", ""], NAME, ";", "utf-8"),
    "moodle_bewertungen.csv": (["8,5", "9", "-"], "Aufgabe: 06_batchnorm (Punkte)", ";", "utf-8"),
    "gradescope.csv": (["8.5", "9", ""], NAME, ",", "utf-8"),
    "brightspace.csv": (["8.5", "9", ""], "06_batchnorm Points Grade <", ",", "utf-8"),
    "blackboard.xls": (["8.5", "9", ""], "06_batchnorm [Total Pts: 10 Score] |", "\t", "utf-16"),
    "plain.csv": (["8.5", "9", ""], NAME, ",", "utf-8"),
    "excel_german.csv": (["8,5", "9", ""], NAME, ";", "utf-8"),
    "excel_unicode.txt": (["8,5", "9", ""], NAME, "\t", "utf-8"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILLED)
def test_the_very_same_file_takes_the_marks_and_all_else_in_it_stays(name, tmp_path):
    folder, to = enrolled(tmp_path / "class", FILES / name), tmp_path / "out.csv"
    told = marks(folder, "--into", FILES / name, "--to", to)
    wanted, title, delimiter, encoding = FILLED[name]
    before, after = tables.read(FILES / name), tables.read(to)
    (place,) = [i for i, head in enumerate(after.header) if head.startswith(title)]
    lines = [n for n in range(1, len(after.lines)) if "Lovelace" in "".join(after.lines[n])]
    assert [after.cell(lines[0] + k, place) for k in range(3)] == wanted, told
    assert after.delimiter == delimiter and after.encoding == encoding
    assert after.separator == before.separator and after.line_end == before.line_end
    new = len(after.header) > len(before.header)
    assert f"{title} was added" in told if new else "was added" not in told
    for old, line in zip(before.lines, after.lines, strict=True):
        kept = [cell for i, cell in enumerate(line) if i != place]
        assert kept == [cell for i, cell in enumerate(old) if new or i != place]


def test_a_workbook_takes_numbers_and_keeps_formulas_formats_and_sheets(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = enrolled(tmp_path / "class", FILES / "workbook.xlsx")
    told = marks(folder, "--into", FILES / "workbook.xlsx")
    assert "marks.xlsx is ready" in told and "another mark stood there for 0043 (7.5 → 9)" in told
    sheet = openpyxl.load_workbook(tmp_path / "marks.xlsx")["Students"]
    assert [sheet.cell(row, 5).value for row in (2, 3, 4)] == [8.5, 9, None]
    assert [sheet.cell(2, 1).value, sheet.cell(2, 1).number_format] == [42, "0000"]
    assert sheet["F2"].value == "=E2*2" and sheet["A1"].font.bold
    assert openpyxl.load_workbook(tmp_path / "marks.xlsx").sheetnames == ["Students", "Notes"]
    marks(folder, "--into", FILES / "workbook.xlsx", "--to", "marks.csv")
    lines = (tmp_path / "marks.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[1].startswith("0042,Ada,Lovelace,ada@uni.example,8.5")


def test_a_new_column_of_brightspace_stands_before_the_end_of_the_line(tmp_path):
    text = (FILES / "brightspace.csv").read_text(encoding="utf-8")
    lines = [line.split(",") for line in text.splitlines()]
    path, to = tmp_path / "users.csv", tmp_path / "out.csv"
    path.write_text("\n".join(",".join(line[:5] + line[-1:]) for line in lines) + "\n")
    told = marks(enrolled(tmp_path / "class", path), "--into", path, "--to", to)
    header, ada, *_ = csv.reader(io.StringIO(to.read_text()))
    assert header[-2:] == ["06_batchnorm Points Grade", "End-of-Line Indicator"]
    assert ada == ["#0042", "#ada", "Lovelace", "Ada", "ada@uni.example", "8.5", "#"]
    assert "06_batchnorm Points Grade was added" in told


def test_excels_own_first_line_is_kept_from_a_system_that_would_not_know_it(tmp_path):
    path, to = tmp_path / "canvas.csv", tmp_path / "out.csv"
    text = (FILES / "canvas_without_logins.csv").read_text(encoding="utf-8")
    path.write_text("sep=;\n" + text.replace('"Lovelace, Ada"', "Ada").replace(",", ";"))
    told = marks(enrolled(tmp_path / "class", path), "--into", path, "--to", to)
    assert to.read_text().startswith("Student;ID")
    assert "The line sep=; of canvas.csv is left out: Canvas would take it for" in told


def test_a_lines_number_is_what_an_editor_shows(tmp_path):
    path = tmp_path / "students.csv"
    path.write_text('sep=,\n\nid,first_name,note\nada,Ada,"two\nlines"\nb b,Bea,\n')
    with pytest.raises(click.ClickException, match="line 6: 'b b' cannot be"):
        roster.read_roster(path)


def test_files_that_are_no_tables_are_told_so(tmp_path):
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512))
    (tmp_path / "cut.csv").write_bytes("id;x\nü;1\n".encode("utf-16")[:-1])
    (tmp_path / "cut.xlsx").write_bytes((FILES / "workbook.xlsx").read_bytes()[:3000])
    for name, says in (
        ("old.xls", "is an old Excel file"), ("cut.csv", "is cut off"),
        ("cut.xlsx", "cannot be read as a workbook"),
    ):  # fmt: skip
        with pytest.raises(click.ClickException) as error:
            tables.read(tmp_path / name)
        assert says in error.value.message


def test_a_strangers_name_in_a_schools_file_never_acts_on_the_terminal(tmp_path):
    path = tmp_path / "gradebook.csv"
    text = (FILES / "canvas.csv").read_text(encoding="utf-8")
    folder = enrolled(tmp_path / "class", FILES / "canvas.csv")
    path.write_text(text + '"\x1b]0;x\x07\x1b[2JSue\u202e\nmarks.csv is ready",5,,sue,A,,,,\n')
    told = marks(folder, "--into", path, "--to", tmp_path / "out.csv")
    assert r"\x1b]0;x\x07\x1b[2JSue\u202e\nmarks.csv is ready (5, sue) is not in the" in told
    assert "\x1b" not in told and "\u202e" not in told


def test_a_column_that_canvas_locks_is_known_in_any_language(tmp_path):
    text = (FILES / "canvas_without_logins.csv").read_text(encoding="utf-8")
    path, to = tmp_path / "canvas.csv", tmp_path / "out.csv"
    path.write_text(text.replace(",,,10", ",,,(schreibgeschützt)"), encoding="utf-8")
    told = marks(enrolled(tmp_path / "class", path), "--into", path, "--to", to)
    assert "takes no mark for 311 (the column is read only); 8.5 was not filled in" in told
    assert tables.read(to).lines == tables.read(path).lines


def test_a_comma_that_is_only_likely_is_said(tmp_path):
    path, to = tmp_path / "students.csv", tmp_path / "out.csv"
    path.write_text("id;first_name;06_batchnorm\nada;Ada;\nbea;Bea;\n")
    folder = enrolled(tmp_path / "class", path)
    told = marks(folder, "--into", path, "--to", to)
    assert "ada;Ada;8,5" in to.read_text() and "No number in students.csv shows its decimal" in told
    # A number of another column is no word about marks where the marks' own column has one.
    path.write_text("id;room;06_batchnorm\nada;3.14;7,5\nbea;3.14;\n")
    told = marks(folder, "--into", path, "--to", to)
    assert "ada;3.14;8,5" in to.read_text() and "No number" not in told
