"""Marks on their way to Canvas and Moodle: the right mark in the right cell, and nothing lost."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path

import pytest
from marked_class import CONFIG, NAME, OTHER, make, marks


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    return make(tmp_path_factory.mktemp("exports") / "class")


def read(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def column(path: Path, key: str, value: str) -> dict[str, str]:
    header, *lines = read(path)
    at, of = header.index(value), header.index(key)
    return {line[of]: line[at] for line in lines}


# As Canvas exports it: a custom column, two assignments, a line of posting policies, sums.
CANVAS = '''\
Student,ID,SIS User ID,SIS Login ID,Section,Notes,06 Batchnorm (201),Essay (202),\
Assignments Current Score,Final Score
,,,,,,Manual Posting,,,
    Points Possible,,,,,,10.00,5.00,(read only),(read only)
"Lovelace, Ada",11,,ADA@uni.example,A,"likes ""rings"", too",,4.00,80.00,80.00
"Müller-Lüdenscheidt, Bea",12,,bea,A,,7.00,,,
"Önder, Cyd",13,,cyd,A,,,,,
"Dee",14,,dee,A,,3.00,,,
"=""=1+1, Eve""",15,,eve,A,,,,,
"Stranger, Sue",16,,sue,A,,2.00,,,
"Student, Test",17,,0f1e2d,A,,,,,
'''


def template(tmp_path: Path, text: str, name="gradebook.csv", encoding="utf-8") -> Path:
    path = tmp_path / name
    path.write_bytes(text.replace("\n", "\r\n").encode(encoding))
    return path


def test_canvas_gradebook_is_filled_in_and_nothing_else_is_changed(course, tmp_path):
    path, to = template(tmp_path, CANVAS), tmp_path / "marks.csv"
    told = marks(course, NAME, "--canvas", path, "--to", to)
    before, after = read(path), read(to)
    filled = {line[3]: line[6] for line in after}
    assert filled == {
        "SIS Login ID": "06 Batchnorm (201)", "": "10.00", "ADA@uni.example": "8.5",
        "bea": "6.5", "cyd": "", "dee": "3.00", "eve": "0", "sue": "2.00", "0f1e2d": "",
    }  # fmt: skip
    for number, (old, new) in enumerate(zip(before, after, strict=True)):
        assert old[:6] + old[7:] == new[:6] + new[7:], number
    assert not to.read_bytes().startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in to.read_bytes()
    assert "fay (Fay Ash) is in the class and not in gradebook.csv. Not exported: 10 for" in told
    assert "gradebook.csv, line 9: Stranger, Sue (16, sue) is not in the class" in told
    assert "waits" not in told and "wait to be marked by hand" in told and "cyd" in told
    assert "nothing handed in; left as they were: dee." in told
    assert "another mark stood there for bea (7.00 → 6.5)" in told
    assert "0f1e2d" not in told


def test_unmarked_answers_and_zeros_are_filled_in_when_asked(course, tmp_path):
    path, to = template(tmp_path, CANVAS), tmp_path / "marks.csv"
    told = marks(course, "--canvas", path, "--to", to, "--unmarked", "--zeros")
    filled = column(to, "SIS Login ID", "06 Batchnorm (201)")
    assert (filled["cyd"], filled["dee"]) == ("6", "0")
    assert "filled in is what is sure so far: cyd" in told
    assert "filled in is 0: dee" in told


def test_excused_unassigned_and_read_only_cells_stay(course, tmp_path):
    text = CANVAS.replace('too",,4', 'too",EX,4').replace("7.00", "N/A")
    to = tmp_path / "marks.csv"
    told = marks(course, "--canvas", template(tmp_path, text), "--to", to)
    filled = column(to, "SIS Login ID", "06 Batchnorm (201)")
    assert (filled["ADA@uni.example"], filled["bea"]) == ("EX", "N/A")
    assert "takes no mark for ada (excused there); 8.5 was not filled in" in told
    assert "takes no mark for bea (not assigned to them there)" in told
    text = CANVAS.replace("10.00,5.00", "(read only),5.00")
    told = marks(course, "--canvas", template(tmp_path, text), "--to", to)
    assert "takes no mark for ada (the column is read only)" in told
    assert column(to, "SIS Login ID", "06 Batchnorm (201)")["ADA@uni.example"] == ""


def test_line_that_two_could_own_and_two_lines_of_one_get_no_mark(course, tmp_path):
    text = CANVAS.replace(",sue,", ",bea@uni.example,").replace(",16,,", ",16,cyd,")
    to = tmp_path / "marks.csv"
    told = marks(course, "--canvas", template(tmp_path, text), "--to", to)
    assert "line 9: Stranger, Sue (16, cyd, bea@uni.example) could be bea and cyd" in told
    assert column(to, "SIS Login ID", "06 Batchnorm (201)")["bea@uni.example"] == "2.00"
    text = CANVAS.replace(",sue,", ",bea@uni.example,")
    told = marks(course, "--canvas", template(tmp_path, text), "--to", to)
    filled = column(to, "SIS Login ID", "06 Batchnorm (201)")
    assert (filled["bea"], filled["bea@uni.example"]) == ("7.00", "2.00")
    assert "lines 5 and 9 are all bea (Bea Müller-Lüdenscheidt)" in told
    assert "Not exported: 6.5 for 06_batchnorm" in told
    assert "bea (Bea Müller-Lüdenscheidt) is in the class and not in" not in told


def test_one_student_alone_is_filled_in_and_nobody_else_is_told(course, tmp_path):
    path, to = template(tmp_path, CANVAS), tmp_path / "marks.csv"
    told = marks(course, "--canvas", path, "--to", to, "--student", "ada")
    filled = column(to, "SIS Login ID", "06 Batchnorm (201)")
    assert (filled["ADA@uni.example"], filled["bea"]) == ("8.5", "7.00")
    assert "Stranger, Sue" in told and "Bea" not in told and "fay" not in told
    told = marks(course, "--canvas", path, "--to", tmp_path / "f.csv", "--student", "fay")
    assert "fay (Fay Ash) is in the class and not in gradebook.csv" in told


def test_canvas_number_is_no_number_of_the_school(tmp_path):
    """Canvas's own ID 11 is not the student whom the school calls 11."""
    people = {"11": ("Other", "One", "", "", 5.0, None, False)}
    to = tmp_path / "marks.csv"
    path = template(tmp_path, CANVAS)
    told = marks(make(tmp_path / "class", people), "--canvas", path, "--to", to, code=1)
    assert "Nobody in gradebook.csv is in the class, so no mark was filled in: its 6 stud" in told
    assert "SIS Login ID" in told or "ID 11" in told
    assert not to.exists()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_umlauts_survive_whatever_excel_saved(course, tmp_path, encoding):
    to = tmp_path / "marks.csv"
    marks(course, "--canvas", template(tmp_path, CANVAS, encoding=encoding), "--to", to)
    assert read(to)[4][0] == "Müller-Lüdenscheidt, Bea"
    assert to.read_bytes().startswith(b"\xef\xbb\xbf")


def test_semicolons_and_names_in_two_columns(course, tmp_path):
    text = "LastName;FirstName;ID;SIS Login ID;Section;06_batchnorm (201)\n"
    text += "    Points Possible;;;;;10,00\nMüller;Bea;12;bea;A;6,50\n@cmd;Ada;11;ada;A;\n"
    to = tmp_path / "marks.csv"
    told = marks(course, "--canvas", template(tmp_path, text), "--to", to)
    lines = to.read_text(encoding="utf-8").splitlines()
    assert lines[2:] == ["Müller;Bea;12;bea;A;6,5", "'@cmd;Ada;11;ada;A;8,5"]
    assert "another mark" not in told
    assert "the name @cmd would be run as a formula" in told


def test_points_are_scaled_when_asked(course, tmp_path):
    text, to = CANVAS.replace("10.00", "100.00"), tmp_path / "marks.csv"
    told = marks(course, "--canvas", template(tmp_path, text), "--to", to)
    assert "gives 10 points and Canvas allows 100: to scale the marks add --scale" in told
    marks(course, "--canvas", template(tmp_path, text), "--to", to, "--scale")
    assert column(to, "SIS Login ID", "06 Batchnorm (201)")["ADA@uni.example"] == "85"
    text = CANVAS.replace("10.00", "8")
    told = marks(course, "--canvas", template(tmp_path, text), "--to", to)
    assert "ada has 8.5 and Canvas allows 8 at most" in told


def test_new_file_for_canvas(course, tmp_path):
    to = tmp_path / "marks.csv"
    told = marks(course, "--canvas", "--to", to)
    assert to.read_bytes().startswith(b"\xef\xbb\xbf")
    assert read(to) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", NAME],
        ["    Points Possible", "", "", "", "", "10"],
        ["'=1+1, Eve", "", "", "eve", "", "0"],
        ["Ash, Fay", "", "", "fay", "", "10"],
        ["Lovelace, Ada", "4711", "", "ada", "", "8.5"],
        ["Müller-Lüdenscheidt, Bea", "", "", "bea", "", "6.5"],
    ]
    assert "no mark is exported: cyd" in told and "no mark is exported: dee" in told


def test_new_file_for_moodle(course, tmp_path):
    to = tmp_path / "marks.csv"
    marks(course, "--moodle", "--to", to, "--zeros")
    header, *lines = read(to)
    assert header == ["Username", "First name", "Last name", "Email address", NAME]
    assert ["dee", "Dee", "", "", "0"] in lines
    assert ["eve", "Eve", "'=1+1", "eve@uni.example", "0"] in lines
    told = marks(course, "--moodle", "--identity", "email", "--to", to, "--zeros")
    header, *lines = read(to)
    assert header[:3] == ["First name", "Last name", "Email address"] and len(lines) == 4
    assert "dee (Dee) has no e-mail address in the gradebook and is left out" in told


WORKSHEET = """\
Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,\
Last modified (submission),Online text,Last modified (grade),Feedback comments
Participant 501,Ada Lovelace,ada@uni.example,Submitted for grading,,10.00,Yes,\
"Thursday, 1 October 2026, 9:00 AM","two
lines",-,
Participant 502,Bea Müller,bea@uni.example,Submitted for grading,5.00,10.00,No,-,,-,=kept
Participant 503,+Eve,EVE@uni.example,Submitted for grading,,10.00,Yes,-,,-,
"""


def test_moodle_worksheet_is_filled_in(course, tmp_path):
    path, to = template(tmp_path, WORKSHEET, "worksheet.csv"), tmp_path / "marks.csv"
    told = marks(course, "--moodle", path, "--to", to)
    before, after = read(path), read(to)
    assert [line[4] for line in after] == ["Grade", "8.5", "5.00", "0"]
    assert [line[5:] for line in before] == [line[5:] for line in after]
    assert [line[0] for line in before] == [line[0] for line in after]
    assert after[3][1] == "'+Eve"
    assert "takes no mark for bea (the grade cannot be changed there); 6.5 was not" in told


def test_german_worksheet_is_filled_in(course, tmp_path):
    text = (
        "ID,Vollständiger Name,E-Mail-Adresse,Status,Bewertung,Bestwertung,"
        "Bewertung kann geändert werden,Zuletzt geändert (Bewertung),Feedback als Kommentar\n"
        'Teilnehmer/in501,Ada Lovelace,ada@uni.example,abgegeben,"3,00","10,00",Ja,-,\n'
    )
    to = tmp_path / "marks.csv"
    told = marks(course, "--moodle", template(tmp_path, text), "--to", to)
    assert column(to, "E-Mail-Adresse", "Bewertung") == {"ada@uni.example": "8,5"}
    assert "ada (3,00 → 8,5)" in told and "allows" not in told


def test_moodle_grades_are_filled_in_by_the_assignment_name(tmp_path):
    course = make(tmp_path / "class", assignments=(NAME, OTHER))
    text = (
        "First name,Surname,ID number,Email address,Assignment: 06_batchnorm (Real),"
        "Assignment: 06_batchnorm (Feedback),Assignment: 07_convolution (Real),"
        "Last downloaded from this course\nAda,Lovelace,4711,,-,good,-,1790000000\n"
    )
    to, path = tmp_path / "marks.csv", template(tmp_path, text)
    marks(course, NAME, "--moodle", path, "--to", to)
    assert read(to)[1] == ["Ada", "Lovelace", "4711", "", "8.5", "good", "-", "1790000000"]
    marks(course, "--moodle", path, "--to", to)
    assert read(to)[1][4:7] == ["8.5", "good", "8.5"]
    sheet = template(tmp_path, WORKSHEET, "worksheet.csv")
    told = marks(course, "--moodle", sheet, "--to", to, code=1)
    assert "worksheet of one assignment; say which: 06_batchnorm, 07_convolution" in told


def test_column_of_another_name_is_named(course, tmp_path):
    text, to = CANVAS.replace("06 Batchnorm (201)", "Week six (201)"), tmp_path / "marks.csv"
    path = template(tmp_path, text)
    told = marks(course, "--canvas", path, "--to", to, code=1)
    assert "has no column for 06_batchnorm; it has Week six, Essay" in told.replace("Notes, ", "")
    assert not to.exists()
    marks(course, "--canvas", path, "--to", to, "--column", f"{NAME}=Week six")
    assert column(to, "SIS Login ID", "Week six (201)")["bea"] == "6.5"
    text = CANVAS.replace("Essay (202)", "06_batchnorm (202)")
    path = template(tmp_path, text)
    told = marks(course, "--canvas", path, "--to", to, code=1)
    assert "has 2 columns for 06_batchnorm: 06 Batchnorm (201) and 06_batchnorm (202)" in told
    marks(course, "--canvas", path, "--to", to, "--column", f"{NAME}=06_batchnorm (202)")
    assert column(to, "SIS Login ID", "06_batchnorm (202)")["bea"] == "6.5"


def test_handed_in_and_not_graded_is_said(course, tmp_path):
    place = course / "submitted" / "dee" / NAME
    place.mkdir(parents=True, exist_ok=True)
    try:
        told = marks(course, "--canvas", "--to", tmp_path / "marks.csv", "--zeros")
    finally:
        place.rmdir()
    assert "handed in, but not graded yet (course grade 06_batchnorm); no mark" in told
    assert "dee" not in column(tmp_path / "marks.csv", "SIS Login ID", NAME)


@pytest.mark.parametrize(
    "text, says",
    [
        ("", "is empty; download it again"),
        ("\n\n", "is empty"),
        ("Name,Points\nAda,3\n", "its first column is not Student"),
        ('Student,ID,Section,"06_batchnorm\n', "cannot be read as CSV"),
        ("Student,ID,Section,06_batchnorm (1)\nAda,1,A,\n", "Nobody in gradebook.csv is in the"),
        ("Student,ID,Section,06_batchnorm (1)\n    Points Possible,,,10\n", "no student in it"),
        ("PK\x03\x04 and so on", "cannot be read as a workbook (.xlsx)"),
    ],
)
def test_file_that_is_no_gradebook_is_refused_in_a_sentence(course, tmp_path, text, says):
    path, to = template(tmp_path, text), tmp_path / "marks.csv"
    told = marks(course, "--canvas", path, "--to", to, code=1)
    assert says in told and "Traceback" not in told
    assert not to.exists()


def test_anonymous_worksheet_is_refused_in_a_sentence(course, tmp_path):
    text = "Identifier,Status,Grade,Maximum Grade\nParticipant 1,Submitted,,10\n"
    told = marks(course, "--moodle", template(tmp_path, text), code=1)
    assert "no column that says who a line is of" in told


@pytest.mark.parametrize(
    "arguments, says, code",
    [
        ((), "Give --canvas or --moodle", 2),
        (("--canvas", "--moodle"), "Give --canvas or --moodle", 2),
        (("06_batchnom", "--canvas"), "Did you mean 06_batchnorm?", 1),
        (("--canvas", "--student", "nobody"), "knows no student nobody", 1),
        (("--canvas", "--column", "nonsense"), "--column wants ASSIGNMENT=COLUMN", 2),
        (("--canvas", "no-such-file.csv"), "cannot be read: No such file", 1),
        (("--canvas", "--identity", "email"), "--identity is for --moodle", 2),
    ],
)
def test_wrong_call_is_told_in_a_sentence(course, tmp_path, arguments, says, code):
    to = tmp_path / "marks.csv"
    assert says in marks(course, *arguments, "--to", to, code=code)
    assert not to.exists()


def test_downloaded_file_is_never_overwritten_and_no_gradebook_is_made(course, tmp_path):
    path = template(tmp_path, CANVAS)
    told = marks(course, "--canvas", path, "--to", path, code=1)
    assert "is the file that the marks are to be filled into" in told
    (tmp_path / "fresh").mkdir()
    (tmp_path / "fresh" / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    assert "There is no gradebook at" in marks(tmp_path / "fresh", "--canvas", code=1)
    assert not (tmp_path / "fresh" / "gradebook.db").exists()


def nbgrader_export(course: Path, *arguments) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", "export", *map(str, arguments)],
        cwd=course, capture_output=True, text=True,
    )  # fmt: skip


def test_nbgrader_exports_with_the_same_plugins(course, tmp_path):
    path, to = template(tmp_path, CANVAS), tmp_path / "marks.csv"
    ours = tmp_path / "ours.csv"
    marks(course, "--canvas", path, "--to", ours, "--unmarked")
    done = nbgrader_export(
        course, "--exporter", "autograder.grading.marks.exports.CanvasExport", "--to", to,
        f"--CanvasExport.template={path}", "--CanvasExport.unmarked=True",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert to.read_bytes() == ours.read_bytes()
    assert "fay (Fay Ash) is in the class and not in gradebook.csv" in done.stderr
    done = nbgrader_export(
        course, "--exporter", "autograder.grading.marks.exports.MoodleExport", "--to", to,
        f"--MoodleExport.template={path}.lost",
    )  # fmt: skip
    assert done.returncode == 1
    assert "cannot be read: No such file" in done.stderr and "Traceback" not in done.stderr
