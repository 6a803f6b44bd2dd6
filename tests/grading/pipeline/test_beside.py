"""What a student hands in beside the notebook is used, but for what would hide a library."""

from __future__ import annotations

import pytest
from graded_class import FULL, grade, hand_in, make, points, right

from autograder.grading.pipeline import submitted
from autograder.grading.pipeline.handed_in.beside import kept_files


def test_own_modules_and_data_come_along_modules_first():
    kept, dropped = kept_files(
        ["a_table.csv", "helper.py", "tools/__init__.py", "tools/more.py", "my-notes.txt",
         "timestamp.txt", "given.csv"],
        ours={"given.csv"}, theirs=set(), links=set(),
    )  # fmt: skip
    assert kept == [
        "helper.py",
        "tools/__init__.py",
        "tools/more.py",
        "a_table.csv",
        "my-notes.txt",
    ]
    assert not dropped


@pytest.mark.parametrize(
    "name",
    ["numpy.py", "numpy/__init__.py", "statistics.py", "autograder.py", "course_utils/plots.py",
     "torch.cpython-311-x86_64-linux-gnu.so", "nbgrader.pyc"],
)  # fmt: skip
def test_what_would_be_imported_instead_of_a_library_stays_out(name):
    kept, (said,) = kept_files([name], set(), set(), set())
    assert not kept and "bears the name of a library or the course and was left out" in said


def test_what_would_be_imported_instead_of_a_file_of_the_assignment_stays_out():
    kept, (said,) = kept_files(["tools/__init__.py"], {"tools.py"}, set(), set())
    assert not kept and "bears the name of a file of this assignment" in said


def test_a_whole_kit_handed_in_is_two_sentences_not_two_hundred():
    names = [f"course_utils/part{n}.py" for n in range(200)] + ["autograder/__init__.py"]
    kept, dropped = kept_files(names, set(), set(), set())
    assert not kept and len(dropped) == 2
    assert any(said.startswith("course_utils/ (200 files) bears") for said in dropped)


def test_links_are_left_out_and_what_tools_leave_behind_is_not_worth_a_word():
    kept, dropped = kept_files(
        ["link", ".DS_Store", ".git/config", ".venv/lib/x.py", ".ipynb_checkpoints/a.ipynb"],
        set(), set(), {"link"},
    )  # fmt: skip
    assert not kept and dropped == ["link is not an ordinary file and was left out"]


def test_files_that_learners_may_write_are_theirs_whatever_they_are_called():
    assert kept_files(["statistics.py"], {"statistics.py"}, {"statistics.py"}, set()) == (
        ["statistics.py"], [],
    )  # fmt: skip


def test_own_files_have_a_bound_and_what_is_beyond_it_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(submitted, "MOST_BESIDE", 1000)
    (tmp_path / "helper.py").write_bytes(b"#" * 600)
    (tmp_path / "a.csv").write_bytes(b"1" * 600)
    read = submitted.read("ada", tmp_path, submitted.Assignment("ps1", ()), 10**6)
    assert set(read.files) == {"helper.py"}
    assert any(note.startswith("a.csv was left out") for note in read.notes)


def test_code_in_a_module_of_ones_own_earns_its_points(tmp_path):
    folder = make(tmp_path / "class", students=("ada", "bea"))
    own = right() | {"relu_forward": "from my_helpers import relu_forward"}
    place = hand_in(folder, "ada", own)
    (place / "my_helpers.py").write_text(
        "import numpy as np\ndef relu_forward(x):\n    return np.maximum(x, 0), x\n"
    )
    place = hand_in(folder, "bea", own)
    (place / "numpy.py").write_text("def maximum(a, b):\n    return a\n")
    report = grade(folder)["submissions"]
    assert points(folder, "ada") == FULL and not report["ada"]["repairs"]
    assert (folder / "autograded" / "ada" / "98_graded" / "my_helpers.py").is_file()
    assert points(folder, "bea")["relu_forward"] == 0
    assert report["bea"]["repairs"] == [
        "numpy.py bears the name of a library or the course and was left out"
    ]
    assert "no module named my_helpers is here: is it a package, or was a file forgotten?" in (
        " ".join(report["bea"]["looks"])
    )
