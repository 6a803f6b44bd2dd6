"""`course collect`: whose a downloaded notebook is, which of several counts, and where it goes."""

from __future__ import annotations

import io
import json
import os
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from graded_class import NAME, make

from autograder.commands.teachers.collect import command
from autograder.grading.classroom import roster
from autograder.grading.classroom.collect import called
from autograder.grading.classroom.owners import Owners, wrapping
from autograder.grading.marks.earned import Person

PEOPLE = [
    Person("ada", "Ada", "Lovelace", "ada@example.org"),
    Person("noor", "Noor", "Öztürk"),
    Person("mei", "Mei", "Li"),
    Person("mei_li", "Mei", "Li"),
    Person("karl", "Karl", "Weierstraß", "", "4711"),
]


@pytest.mark.parametrize(
    ("path", "whose"),
    [
        ("Ada Lovelace_70012_assignsubmission_file_/06_batchnorm.ipynb", {"ada"}),
        ("Ada Lovelace_70012_assignsubmission_file/06_batchnorm.ipynb", {"ada"}),
        ("Ada Lovelace_70012_assignsubmission_file_06_batchnorm.ipynb", {"ada"}),
        ("Lovelace Ada_70012_assignsubmission_file_/mine.zip/x.ipynb", {"ada"}),
        ("W6-123/Noor O\u0308ztu\u0308rk_70013_assignsubmission_file_/a.ipynb", {"noor"}),
        ("Mei Li_70014_assignsubmission_file_/06_batchnorm.ipynb", {"mei", "mei_li"}),
        ("Participant_70015_assignsubmission_file_/ada.ipynb", set()),
        ("lovelaceada_12_345_06_batchnorm.ipynb", {"ada"}),
        ("lovelaceada_LATE_12_345_06_batchnorm-1.ipynb", {"ada"}),
        ("öztürknoor_12_345_06_batchnorm.ipynb", {"noor"}),
        ("somebodyelse_4711_345_06_batchnorm.ipynb", {"karl"}),
        ("weierstrasskarl_9_345_06_batchnorm.ipynb", {"karl"}),
        ("mei_06_batchnorm.ipynb", {"mei"}),
        ("mei_li_06_batchnorm.ipynb", {"mei_li"}),
        ("06_batchnorm_ada@example.org.ipynb", {"ada"}),
        ("ADA/06_batchnorm.ipynb", {"ada"}),
        ("Karl Weierstraß/06_batchnorm.ipynb", {"karl"}),
        ("canada_06_batchnorm.ipynb", set()),
        ("06_batchnorm.ipynb", set()),
        ("06_batchnorm_ada_attempt_2026-11-20-23-58-59_mei.ipynb", {"ada"}),
        ("4711-90210 - Noor Öztürk - Nov 20, 2026 1158 PM/mei_06.ipynb", {"noor"}),
        # Who names another student inside, or beside themselves, does not get there.
        (
            "Ada Lovelace_70012_assignsubmission_file_/Mei Li_1_assignsubmission_file_/noor.ipynb",
            {"ada"},
        ),
        ("Ada Lovelace_70012_assignsubmission_file_/karl@x_4711_2_noor.ipynb", {"ada"}),
        ("Jane Nobody_70016_assignsubmission_file_/ada/06_batchnorm.ipynb", set()),
        ("lovelaceada_12_345_mei_06_batchnorm.ipynb", {"ada"}),
        ("janenobody_12_345_ada.ipynb", set()),
        ("mei_for_ada@example.org_06_batchnorm.ipynb", {"mei", "ada"}),
        ("mei_and_mei_li_06.ipynb", {"mei", "mei_li"}),
        ("ada/lovelaceada_LATE_4711_1_karl.ipynb", {"ada"}),
        ("öztürknoor_4711_345_06_batchnorm.ipynb", {"noor", "karl"}),
        ("somebody/noor.ipynb", set()),
    ],
)
def test_whose_it_is_stands_in_the_outermost_name(path, whose):
    people = Owners([*PEOPLE[:-1], replace(PEOPLE[-1], school_id="4711")])
    # Beside it lies another, so that its first folder is not that of the whole download.
    around = wrapping([path, f"{path.partition('W6-123/')[1]}x.ipynb"], people)
    assert people.of(path.split("/")[around]) == whose


def test_two_who_share_an_address_are_both_named():
    twins = Owners([Person("ada", email="x@example.org"), Person("bea", email="X@example.org")])
    assert twins.of("x@example.org_06.ipynb") == {"ada", "bea"}


@pytest.mark.parametrize(
    "path",
    [
        "06_batchnorm.ipynb", "a/06_batchnorm (1).ipynb", "06_batchnorm(2).ipynb",
        "06_batchnorm.ipynb.txt", "06_batchnorm (1).ipynb.json", "06_batchnorm.ipynb-1.txt",
        "06_batchnorm.IPYNB", "06_batchnorm.json",
        "06_batchnorm-3.ipynb", "06_batchnorm-Copy1.ipynb", "lovelaceada_1_2_06_batchnorm-1.ipynb",
        "Ada Lovelace_7_assignsubmission_file_06_batchnorm.ipynb",
    ],
)  # fmt: skip
def test_copies_have_the_name_of_what_they_are_copies_of(path):
    assert called(path) == "06_batchnorm"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = make(tmp_path_factory.mktemp("collect") / "class", students=())
    people = [roster.Student(p.id, p.first_name, p.last_name, p.email) for p in PEOPLE]
    roster.enter(folder, people)
    return folder


@pytest.fixture
def folder(made, tmp_path):
    return Path(shutil.copytree(made, tmp_path / "class"))


def zipped(path, files, dates=()):
    """A zip of `files` (name → text or bytes); those in `dates` were made in that year."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (dict(dates).get(name, 2026), 1, 1, 0, 0, 0)),
                             data)  # fmt: skip
    return path


def run(folder, *downloads, code=0):
    result = CliRunner().invoke(
        command, [NAME, *map(str, downloads), "--class", str(folder)], catch_exceptions=False
    )
    assert result.exit_code == code, result.output
    return result.output


def handed_in(folder, student):
    return (folder / "submitted" / student / NAME / f"{NAME}.ipynb").read_text()


def moodle(name, file=f"{NAME}.ipynb"):
    return f"{name}_70012_assignsubmission_file_/{file}"


def test_a_download_goes_to_those_whose_it_is(folder, tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr(f"week/{NAME}.ipynb", "karl's")
    download = zipped(tmp_path / "all.zip", {
        moodle("Ada Lovelace"): "ada's",
        moodle("Noor Öztürk", "homework.ipynb"): "noor's",
        moodle("Karl Weierstraß", "mine.zip"): inner.getvalue(),
        moodle("Mei Li"): "somebody's",
        moodle("Jane Nobody"): "jane's",
        "__MACOSX/._x.ipynb": "nothing",
    })  # fmt: skip
    told = run(folder, download)
    assert [handed_in(folder, s) for s in ("ada", "noor", "karl")] == ["ada's", "noor's", "karl's"]
    assert "homework.ipynb was taken for 98_graded.ipynb" in told
    assert "this can be mei or mei_li; left out" in told
    assert "Jane Nobody_70012_assignsubmission_file_/98_graded.ipynb: nobody on the roster" in told
    assert "_x.ipynb" not in told
    assert "Nothing yet from mei, mei_li." in told and "3 of 5 students" in told
    assert sorted(path.name for path in (folder / "submitted").iterdir()) == ["ada", "karl", "noor"]
    assert not list(folder.glob(".collect-*"))


def test_of_several_the_newest_counts(folder, tmp_path):
    first, second = f"lovelaceada_1_2_{NAME}.ipynb", f"lovelaceada_LATE_1_3_{NAME}-1.ipynb"
    download = zipped(tmp_path / "c.zip", {second: "new", first: "old"}, {first: 2025})
    told = run(folder, download)
    assert handed_in(folder, "ada") == "new"
    assert "of 2 the newest was taken" in told and "Late, as Canvas has it: ada." in told


def test_collecting_again_brings_in_what_is_new(folder, tmp_path):
    download = zipped(tmp_path / "a.zip", {f"ada_{NAME}.ipynb": "1", f"noor_{NAME}.ipynb": "1"})
    assert "2 new, 0 replaced, 0 as they were" in run(folder, download)
    zipped(download, {f"ada_{NAME}.ipynb": "2", f"noor_{NAME}.ipynb": "1"})
    assert "0 new, 1 replaced, 1 as they were" in run(folder, download)
    assert handed_in(folder, "ada") == "2"


def test_a_folder_of_files_is_a_download(folder, tmp_path):
    place = tmp_path / "mails" / "noor"
    place.mkdir(parents=True)
    (place / f"{NAME}.ipynb").write_text("noor's")
    (tmp_path / "mails" / f"ada_{NAME}.ipynb").write_text("ada's")
    run(folder, tmp_path / "mails")
    assert [handed_in(folder, s) for s in ("ada", "noor")] == ["ada's", "noor's"]


def test_what_cannot_be_used_is_said_in_a_sentence(folder, tmp_path):
    broken = zipped(tmp_path / "b.zip", {moodle("Ada Lovelace", "mine.zip"): b"PK no zip"})
    told = run(folder, broken, code=1)
    assert "mine.zip is no zip that can be read; ask for the notebook itself" in told
    assert "Nothing was collected" in told
    (tmp_path / "list.pdf").write_bytes(b"%PDF")
    assert "is no zip file, no folder and no notebook" in run(folder, tmp_path / "list.pdf", code=1)
    several = zipped(tmp_path / "s.zip", {"ada/a.ipynb": "1", "ada/b.ipynb": "2"})
    told = run(folder, several, code=1)
    assert "ada: nothing is called 98_graded.ipynb, but ada/a.ipynb, ada/b.ipynb; left out" in told
    assert not list((folder / "submitted").iterdir())


def test_an_assignment_that_is_none_is_told_those_that_are(folder, tmp_path):
    download = zipped(tmp_path / "a.zip", {"ada.ipynb": "1"})
    result = CliRunner().invoke(command, ["07", str(download), "--class", str(folder)])
    assert result.exit_code == 1
    assert "There is no assignment 07" in result.output and NAME in result.output


def test_a_name_inside_a_students_part_replaces_nobodys_work(folder, tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr(moodle("Karl Weierstraß"), "ada's")
        archive.writestr(f"weierstrasskarl_4711_9_{NAME}.ipynb", "ada's")
    karls = moodle("Karl Weierstraß")
    mine = moodle("Ada Lovelace", "mine.zip")
    run(folder, zipped(tmp_path / "a.zip", {mine: inner.getvalue(), karls: "karl's"}))
    assert handed_in(folder, "karl") == "karl's" and handed_in(folder, "ada") == "ada's"
    told = run(folder, zipped(tmp_path / "b.zip", {f"mei_for_ada@example.org_{NAME}.ipynb": "x",
                                                   f"noor_{NAME}.ipynb": "noor's"}))  # fmt: skip
    assert "this can be ada or mei; left out. Rename it with the id of the one" in told
    assert handed_in(folder, "ada") == "ada's"


def test_a_zip_that_is_named_after_a_student_is_theirs(folder, tmp_path):
    run(folder, zipped(tmp_path / f"ada_{NAME}.zip", {f"week/{NAME}.ipynb": "ada's"}))
    assert handed_in(folder, "ada") == "ada's"
    told = run(folder, zipped(tmp_path / "noor.zip", {f"mei/{NAME}.ipynb": "?"}), code=1)
    assert f"mei/{NAME}.ipynb: this can be mei or noor; left out" in told


def test_a_folder_around_the_whole_download_is_nobodys(folder, tmp_path):
    files = {f"Week 6/all/{name}/{NAME}.ipynb": name for name in ("ada", "noor")}
    run(folder, zipped(tmp_path / "a.zip", {**files, "__MACOSX/Week 6/._x": ""}))
    assert [handed_in(folder, s) for s in ("ada", "noor")] == ["ada", "noor"]


@pytest.mark.parametrize(
    "name",
    [f"{NAME}.ipynb.txt", f"{NAME}.ipynb.json", f"{NAME}.ipynb (1).txt", f"{NAME}.IPYNB",
     f"{NAME}.txt", f"{NAME}.json", NAME],
)  # fmt: skip
def test_a_notebook_that_a_browser_renamed_is_taken(folder, tmp_path, name):
    notebook = json.dumps({"cells": [], "nbformat": 4})
    run(folder, zipped(tmp_path / "a.zip", {moodle("Ada Lovelace", name): notebook}))
    assert handed_in(folder, "ada") == notebook


def test_what_is_no_notebook_is_named_and_its_student_did_not_hand_in_nothing(folder, tmp_path):
    text = "Noor Öztürk_70013_assignsubmission_onlinetext_/onlinetext.html"
    karl = moodle("Karl Weierstraß", "")
    told = run(folder, zipped(tmp_path / "a.zip", {
        moodle("Ada Lovelace", "report.pdf"): "%PDF", moodle("Ada Lovelace", "all.rar"): "Rar!",
        text: "<p>done</p>", f"{karl}{NAME}.ipynb": "karl's", f"{karl}my_helpers.py": "x = 1",
        f"{karl}notes.txt": "what I thought", f"{karl}.ipynb_checkpoints/{NAME}.ipynb": "older",
        "readme.html": "of the system", f"{karl}course_utils/__pycache__/x.pyc": "",
    }))  # fmt: skip
    ada = moodle("Ada Lovelace", "")
    assert f"ada: no notebook, but {ada}report.pdf, {ada}all.rar; left out. Ask for 98_" in told
    assert f"noor: no notebook, but {text}; left out" in told
    assert f"karl: only notebooks are taken, not {karl}my_helpers.py, {karl}notes.txt; what" in told
    assert "readme.html: nobody on the roster is called so" in told
    assert "Handed in, but no notebook that can be taken: ada, noor." in told
    assert "Nothing yet from mei, mei_li." in told and "pycache" not in told
    assert "checkpoints" not in told


def released(folder):
    return (folder / "release" / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8")


def solved(folder, answer="x = 1"):
    notebook = json.loads(released(folder))
    notebook["cells"][-1]["source"] = answer
    return json.dumps(notebook)


@pytest.mark.parametrize("copy", [f"{NAME}-Copy1", f"{NAME} (1)", f"{NAME}-1"])
@pytest.mark.parametrize("newer", ["untouched", "solved"])
def test_the_copy_that_was_worked_on_counts(folder, tmp_path, copy, newer):
    untouched, worked = f"ada/{NAME}.ipynb", f"ada/{copy}.ipynb"
    files = {untouched: released(folder), worked: solved(folder), "noor/x.pdf": ""}
    dates = {untouched: 2026 if newer == "untouched" else 2024, worked: 2025}
    told = run(folder, zipped(tmp_path / "a.zip", files, dates))
    assert handed_in(folder, "ada") == solved(folder)
    assert f"ada: {untouched} is as it was given out; {worked} was taken." in told


def test_of_several_that_were_worked_on_the_newest_counts(folder, tmp_path):
    files = {f"ada/{NAME}{end}.ipynb": solved(folder, f"x{end}") for end in ("", "-1", "-2")}
    dates = {path: 2026 - number for number, path in enumerate(files)}
    told = run(folder, zipped(tmp_path / "a.zip", {**files, "noor/x.pdf": ""}, dates))
    assert handed_in(folder, "ada") == solved(folder, "x") and "of 3 the newest was taken" in told


def test_an_untouched_notebook_beside_work_of_another_name_needs_a_look(folder, tmp_path):
    files = {f"ada/{NAME}.ipynb": released(folder), "ada/Untitled.ipynb": solved(folder)}
    told = run(folder, zipped(tmp_path / "a.zip", {**files, "noor/x.pdf": ""}))
    assert handed_in(folder, "ada") == released(folder)
    look = told.partition("Needs a look:\n")[2].splitlines()[0]
    assert f"ada: ada/{NAME}.ipynb is as it was given out, and ada/Untitled.ipynb was" in look
    # Two that are untouched are no reason.
    files = {f"ada/{NAME}.ipynb": released(folder), f"ada/{NAME}-1.ipynb": released(folder)}
    assert "Needs a look" not in run(
        folder, zipped(tmp_path / "a.zip", {**files, "noor/x.pdf": ""})
    )


def test_control_sequences_in_names_never_reach_the_terminal(folder, tmp_path):
    odd = "\x1b]0;owned\x07\x1b[2J\u202efdp"
    place = tmp_path / "mails"
    place.mkdir()
    (place / f"{odd}.ipynb").write_text("whose?")
    (place / f"ada {odd}.pdf").write_text("")
    (place / f"ada_{odd}_a.ipynb").write_text("1")
    (place / f"ada_{odd}_b.ipynb").write_text("2")
    with open(os.fsencode(place) + b"/\xff\xfe.pdf", "w"):
        pass
    (place / "odd").symlink_to("/etc/passwd")
    told = run(folder, place, zipped(tmp_path / "a.zip", {f"noor/{odd}.pdf": "", f"{odd}/x": ""}),
               code=1)  # fmt: skip
    assert all(c.isprintable() or c == "\n" for c in told), ascii(told)
    assert told.count(r"\x1b]0;owned") >= 5 and r"\u202efdp" in told and r"\udcff" in told
    assert "odd is a link or no file; left out." in told


# What was handed in earlier.


def test_a_broken_notebook_does_not_take_the_place_of_a_good_one(folder, tmp_path):
    run(folder, zipped(tmp_path / "a.zip", {f"ada_{NAME}.ipynb": solved(folder)}))
    files = {f"ada_{NAME}.ipynb": solved(folder)[:200], f"noor_{NAME}.ipynb": solved(folder)}
    told = run(folder, zipped(tmp_path / "b.zip", files))
    assert handed_in(folder, "ada") == solved(folder)
    look = told.partition("Needs a look:\n")[2].splitlines()[0]
    assert look.startswith("  ada: what was handed in earlier is kept. ")
    assert f"ada_{NAME}.ipynb cannot be taken: {NAME}.ipynb is not JSON" in look
    assert look.endswith("it may have been cut off.")
    assert "2 of 5 students are in the download; 1 new, 0 replaced, 0 as they were, 1 not" in told
    told = run(folder, zipped(tmp_path / "c.zip", {f"ada_{NAME}.ipynb": "{"}), code=1)
    assert handed_in(folder, "ada") == solved(folder) and "Nothing was collected" in told


def test_one_that_nobody_worked_on_does_not_either(folder, tmp_path):
    run(folder, zipped(tmp_path / "a.zip", {f"ada_{NAME}.ipynb": solved(folder)}))
    told = run(folder, zipped(tmp_path / "b.zip", {f"ada_{NAME}.ipynb": released(folder)}), code=1)
    assert handed_in(folder, "ada") == solved(folder)
    assert f"earlier is kept. ada_{NAME}.ipynb is as it was given out." in told


def test_a_broken_one_is_taken_where_nothing_better_is_there_and_told(folder, tmp_path):
    for text in ("{", "{}"):
        told = run(folder, zipped(tmp_path / "a.zip", {f"ada_{NAME}.ipynb": text}))
        assert handed_in(folder, "ada") == text and "ada: taken, for there is nothing" in told
        told = run(folder, zipped(tmp_path / "a.zip", {f"ada_{NAME}.ipynb": text}))
        assert "1 as they were" in told and "ada: as it was, but it cannot be graded" in told
    run(folder, zipped(tmp_path / "a.zip", {f"ada_{NAME}.ipynb": solved(folder)}))
    assert handed_in(folder, "ada") == solved(folder)


@pytest.mark.parametrize("blocked", [f"ada/{NAME}/{NAME}.ipynb", f"ada/{NAME}", "ada"])
def test_what_is_in_the_way_is_named_and_costs_nobody_else(folder, tmp_path, blocked):
    there = folder / "submitted" / blocked
    if blocked.endswith(".ipynb"):
        there.mkdir(parents=True)
        what = "folder"
    else:
        there.parent.mkdir(exist_ok=True)
        there.write_text("a file")
        what = "file"
    files = {f"ada_{NAME}.ipynb": solved(folder), f"noor_{NAME}.ipynb": solved(folder)}
    told = run(folder, zipped(tmp_path / "a.zip", files))
    assert f"ada: submitted/{blocked} is a {what} where none belongs, so nothing was taken" in told
    assert handed_in(folder, "noor") == solved(folder) and there.exists()


def test_whom_the_download_lacks_is_named_also_when_something_came_before(folder, tmp_path):
    files = {f"ada_{NAME}.ipynb": solved(folder), f"noor_{NAME}.ipynb": solved(folder)}
    run(folder, zipped(tmp_path / "a.zip", files))
    told = run(folder, zipped(tmp_path / "b.zip", {f"ada_{NAME}.ipynb": solved(folder, "y = 2")}))
    assert "Not in the download; what they handed in before stays: noor." in told
    assert "Nothing yet from karl, mei, mei_li." in told


def test_a_time_that_was_written_by_hand_is_said_to_be_the_earlier_notebooks(folder, tmp_path):
    run(folder, zipped(tmp_path / "a.zip", {f"ada_{NAME}.ipynb": solved(folder)}))
    place = folder / "submitted" / "ada" / NAME
    (place / "timestamp.txt").write_text("2026-11-20 12:00 UTC")
    told = run(folder, zipped(tmp_path / "b.zip", {f"ada_{NAME}.ipynb": solved(folder, "y = 2")}))
    assert f"the time in submitted/ada/{NAME}/timestamp.txt is that of the notebook before" in told
