"""`course collect`: whose a downloaded notebook is, which of several counts, and where it goes."""

from __future__ import annotations

import io
import zipfile

import pytest
from click.testing import CliRunner
from graded_class import NAME, make

from autograder.commands.collect import command
from autograder.grading.classroom import roster
from autograder.grading.classroom.collect import Owners, called
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
    ],
)
def test_whose_it_is_stands_in_the_path(path, whose):
    assert Owners(PEOPLE).of(path) == whose


@pytest.mark.parametrize(
    "path",
    [
        "06_batchnorm.ipynb", "a/06_batchnorm (1).ipynb", "06_batchnorm(2).ipynb",
        "06_batchnorm-3.ipynb", "06_batchnorm-Copy1.ipynb", "lovelaceada_1_2_06_batchnorm-1.ipynb",
        "Ada Lovelace_7_assignsubmission_file_06_batchnorm.ipynb",
    ],
)  # fmt: skip
def test_copies_have_the_name_of_what_they_are_copies_of(path):
    assert called(path) == "06_batchnorm"


@pytest.fixture
def folder(tmp_path):
    made = make(tmp_path / "class", students=())
    people = [roster.Student(p.id, p.first_name, p.last_name, p.email) for p in PEOPLE]
    roster.enter(made, people)
    return made


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
