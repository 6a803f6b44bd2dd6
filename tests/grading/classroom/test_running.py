"""A class that runs takes up a change: weights, points for everybody, a mended exercise, a cell of
the teacher's own. Seeds, submissions and marks by hand stay; what goes wrong changes nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from pathlib import Path

import graded_class
import nbformat
import pytest
from click.testing import CliRunner
from graded_class import NAME, SMALL, cell, grade, hand_in, make, points, right, scores
from nbgrader.api import Gradebook

from autograder.authoring.build import masters
from autograder.commands.teachers import classes
from autograder.grading.classroom import rerelease, source
from autograder.grading.classroom.configuration import database, opened
from autograder.grading.pipeline import nbgrader_commands
from autograder.grading.pipeline.gradebook import CannotRecord
from autograder.grading.pipeline.record import Record

WRONG = {"relu_forward": "def relu_forward(x):\n    return x, x\n"}
STOPS = {"bn_dxhat": "def bn_dxhat(dout, gamma):\n    raise ValueError('no')\n"}


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Path:
    """A class in which ada has all and bea not, graded, and ada's written answer marked by hand."""
    folder = make(tmp_path_factory.mktemp("running") / "a class", ("ada", "bea"))
    answer = {"explain_relu": "Its derivative is one."}
    hand_in(folder, "ada", {**right(), **answer})
    hand_in(folder, "bea", {**right(), **WRONG, **STOPS})
    grade(folder)
    by_hand(folder, "ada", "explain_relu", 2.5)
    return folder


@pytest.fixture
def folder(graded, tmp_path) -> Path:
    return Path(shutil.copytree(graded, tmp_path / "a class"))


@pytest.fixture
def mended(tmp_path, monkeypatch) -> Path:
    """The course's masters, of which the small one is to be mended by a test."""
    place = tmp_path / "masters"
    place.mkdir()
    shutil.copy(SMALL, place / SMALL.name)
    monkeypatch.setattr(masters, "SOURCE", place)
    return place / SMALL.name


def by_hand(folder, student, name, mark) -> None:
    with Gradebook(database(folder)) as book:
        given = book.find_grade(name, NAME, NAME, student)
        given.manual_score, given.needs_manual_grade = mark, False
        book.db.commit()


def course(folder, *arguments, code=0, answer=None) -> str:
    done = CliRunner().invoke(
        classes.command, [*arguments, "--class", str(folder)], input=answer, catch_exceptions=False
    )
    assert done.exit_code == code, done.output
    return done.output


def source_of(folder):
    return nbformat.read(folder / "source" / NAME / f"{NAME}.ipynb", as_version=4)


def change_source(folder, change) -> None:
    notebook = source_of(folder)
    change(notebook)
    nbformat.write(notebook, folder / "source" / NAME / f"{NAME}.ipynb")


def rewrite(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def state(folder) -> tuple:
    """All that a change could change: files, and every line of the gradebook."""
    files = {
        path.relative_to(folder): path.read_bytes()
        for top in ("source", "release")
        for path in sorted((folder / top).rglob("*"))
        if path.is_file()
    }
    with contextlib.closing(sqlite3.connect(folder / "gradebook.db")) as book:
        return files, sorted(book.iterdump())


def totals(folder) -> tuple[float, float]:
    with opened(folder) as book:
        submission = book.find_submission(NAME, "ada")
        return submission.max_score, book.find_assignment(NAME).max_score


# Weights.


def test_another_weight_is_everywhere_and_marks_by_hand_stay(folder):
    seeds = source.seeds_of(source_of(folder))
    told = course(folder, "points", "relu_backward", "6", "--yes")
    assert "check_relu_backward: worth 6, until now 3" in told
    assert "2 submissions to be graded again" in told
    assert totals(folder) == (13.0, 13.0)
    assert cell(graded_class.released(folder), "check_relu_backward").metadata.nbgrader.points == 6
    assert source.seeds_of(source_of(folder)) == seeds and len(seeds) == 3
    report = grade(folder)
    assert report["graded_now"] == 2
    assert points(folder, "ada") == {"relu_forward": 2.0, "relu_backward": 6.0, "bn_dxhat": 2.0}
    # Her work is the same, so nobody asks for her answer to be marked again.
    assert scores(folder, "ada")["explain_relu"] == (None, 2.5, False)
    told = course(folder, "points", "relu_backward", "6", "--yes")
    assert "is so already" in told and len(list((folder / "backups").iterdir())) == 1


def test_part_of_the_points_becomes_the_same_part_of_the_weight():
    from autograder.grading.pipeline import weights

    assert weights.weighed(1.0, 2.0, 4.0) == 2.0
    assert weights.weighed(7.0, 7.0, 0.1) == 0.1, "all of the points are all of the weight"
    assert weights.weighed(9.0, 0.0, 4.0) == 0.0
    assert "1.333 of 4" in weights.in_words(1.0, 3.0, 4.0, everybody=False)
    assert not weights.in_words(1.0, 4.0, 4.0, everybody=False)


def test_a_mark_by_hand_is_asked_for_again_where_its_weight_is_another(folder):
    told = course(folder, "points", "explain_relu", "5", "-y")
    assert "1 marks by hand for explain_relu stay as they are" in told
    assert scores(folder, "ada")["explain_relu"] == (None, 2.5, True)


def test_who_says_no_has_changed_nothing(folder):
    before = state(folder)
    told = course(folder, "points", "relu_forward", "4", answer="n\n", code=1)
    assert "worth 4" in told and state(folder) == before
    assert not (folder / "backups").exists() and not (folder / ".course-update").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("relu_forwrd", "4"), "Did you mean relu_forward?"),
        (("relu_forward",), "Say what relu_forward is worth"),
        (("relu_forward", "nan"), "a number from 0 to 10000"),
        (("identity_parameters", "4"), "No exercise identity_parameters carries points"),
        (("explain_relu", "--give-everybody"), "marked by hand"),
        (("relu_forward", "4", "-a", "97"), "no assignment 97"),
    ],
)
def test_what_cannot_be_is_a_sentence(folder, arguments, sentence):
    before = state(folder)
    done = CliRunner().invoke(classes.command, ["points", *arguments, "--class", str(folder), "-y"])
    assert done.exit_code and sentence in done.output and state(folder) == before


def test_what_carries_points_is_listed(folder):
    assert "3  relu_backward" in course(folder, "points")


# Points for everybody.


def test_everybody_gets_the_points_also_where_the_code_stops(folder):
    course(folder, "points", "bn_dxhat", "4", "--give-everybody", "-y")
    course(folder, "points", "relu_forward", "--give-everybody", "-y")
    assert "verybody gets" not in (folder / "release" / NAME / f"{NAME}.ipynb").read_text()
    hand_in(folder, "cut", change=lambda notebook: nbformat.writes(notebook)[:2000])
    grade(folder)
    assert points(folder, "bea") == {"relu_forward": 2.0, "relu_backward": 3.0, "bn_dxhat": 4.0}
    assert points(folder, "cut") == {"relu_forward": 2.0, "relu_backward": 0.0, "bn_dxhat": 4.0}
    shown = cell(graded_class.autograded(folder, "bea"), "check_bn_dxhat").outputs
    assert "everybody gets the 4 points" in shown[-1].data["text/html"]
    assert "(everybody gets them)" in course(folder, "points")
    course(folder, "points", "bn_dxhat", "--as-earned", "-y")
    grade(folder)
    assert points(folder, "bea")["bn_dxhat"] == 0.0


def test_stock_nbgrader_gives_the_same(folder):
    course(folder, "points", "bn_dxhat", "4", "--give-everybody", "-y")
    course(folder, "points", "relu_backward", "6", "-y")
    grade(folder)
    ours = points(folder, "bea")
    shutil.rmtree(folder / "autograded" / "bea")
    done = nbgrader_commands.autograde(folder, NAME, "bea")
    assert done.ok, done.log
    assert points(folder, "bea") == ours == {
        "relu_forward": 0.0, "relu_backward": 6.0, "bn_dxhat": 4.0
    }  # fmt: skip


# A mended exercise.


def test_a_mended_exercise_is_taken_up_and_seeds_stay(folder, mended):
    seeds = source.seeds_of(source_of(folder))
    rewrite(mended, "The gradient with respect to the normalised x.", "The gradient, mended.")
    rewrite(mended, "The rectifier max(0, x)", "The rectifier, mended")
    told = course(folder, "update", "bn_dxhat", "-y")
    assert "bn_dxhat: mended" in told and "relu_forward" not in told
    text = (folder / "release" / NAME / f"{NAME}.ipynb").read_text()
    assert "The gradient, mended" in text and "The rectifier, mended" not in text
    assert source.seeds_of(source_of(folder)) == seeds
    assert "relu_forward: mended" in course(folder, "update", "-a", "98", "-y")
    assert source.seeds_of(source_of(folder)) == seeds
    assert "agree already" in course(folder, "update", "-y")
    grade(folder)
    assert points(folder, "ada") == graded_class.FULL


def test_a_new_exercise_and_a_new_text_find_their_places_and_are_graded(folder, mended):
    rewrite(mended, "# ## Go further", '# ## Go further\n\n# %% [markdown] nbgrader={"grade_id": '
            '"explain_bn", "grade": true, "solution": true, "points": 2}\n# Because.')  # fmt: skip
    told = course(folder, "update", "-y")
    assert "explain_bn: new, worth 2" in told and "gives 12 points, until now 10" in told
    names = [source.name_of(c) for c in graded_class.released(folder).cells]
    assert names.index("explain_relu") < names.index("explain_bn") < names.index("progress")
    assert scores(folder, "ada")["explain_bn"] == (None, None, True)
    grade(folder)
    assert scores(folder, "ada")["explain_bn"][0] == 0, "it is not in what she handed in"
    assert points(folder, "ada") == graded_class.FULL
    hand_in(folder, "new", {**right(), "explain_bn": "So."})
    grade(folder)
    assert scores(folder, "new")["explain_bn"] == (None, None, True)


def test_what_the_teacher_has_changed_stays_unless_it_is_named(folder, mended):
    def change(notebook):
        rectifier = cell(notebook, "relu_forward")
        rectifier.source = rectifier.source.replace("The rectifier", "Our rectifier")
        notebook.cells.append(nbformat.v4.new_markdown_cell("By me.", id="by-me"))

    change_source(folder, change)
    course(folder, "points", "relu_backward", "5", "-y")
    rewrite(mended, "The rectifier max(0, x)", "The rectifier, mended")
    rewrite(mended, "The gradient with respect to x;", "The mended gradient;")
    told = course(folder, "update", "-y")
    assert "left as it is, relu_forward: you have changed it" in told
    text = (folder / "release" / NAME / f"{NAME}.ipynb").read_text()
    assert "Our rectifier" in text and "By me." in text and "The mended gradient" in text
    assert totals(folder) == (12.0, 12.0), "the class's own weight stays"
    course(folder, "update", "relu_forward", "-y")
    assert "The rectifier, mended" in cell(source_of(folder), "relu_forward").source


def test_a_class_from_before_the_note_takes_it_up_too(folder, mended):
    (folder / source.NOTE).unlink()
    rewrite(mended, "The rectifier max(0, x)", "The rectifier, mended")
    rewrite(mended, "# With what the tests of grading need:", "# Mended:")
    assert "relu_forward: mended" in course(folder, "update", "-y")
    text = (folder / "source" / NAME / f"{NAME}.ipynb").read_text()
    assert "# Mended:" not in text and "Mended:" in text and "With what the tests" not in text


def test_an_exercise_that_is_nowhere_is_a_sentence(folder, mended):
    assert "No exercise softmax is in 98_graded" in course(folder, "update", "softmax", code=1)


# A change of the teacher's own.


def own_cell(notebook) -> None:
    flags = {"grade": True, "grade_id": "own", "locked": True, "points": 2, "schema_version": 3,
             "solution": False, "task": False}  # fmt: skip
    made = nbformat.v4.new_code_cell("assert relu_forward(1)", id="own")
    made.metadata["nbgrader"] = flags
    notebook.cells.append(made)


def test_a_cell_added_after_grading_is_taken_up_where_nbgrader_stops(folder):
    change_source(folder, own_cell)
    told = course(folder, "update", "--mine", "-y")
    assert "gives 12 points, until now 10" in told
    assert cell(graded_class.released(folder), "own").metadata.nbgrader.points == 2
    grade(folder)
    assert scores(folder, "ada")["own"][0] == 2.0
    assert nbgrader_commands.release(folder, NAME).ok, "nbgrader's own command agrees with it"


def test_a_source_of_which_no_release_can_be_made_costs_nothing(folder):
    def change(notebook):
        own_cell(notebook)
        own_cell(notebook)
        notebook.cells[-1].id = "own-again"

    change_source(folder, change)
    before = state(folder)
    told = course(folder, "update", "--mine", "-y", code=1)
    assert "nbgrader can make no release" in told and "Nothing was changed" in told
    assert "own" in told and state(folder) == before


def test_a_cell_with_a_mark_by_hand_does_not_leave(folder):
    change_source(folder, lambda notebook: notebook.cells.remove(cell(notebook, "explain_relu")))
    before = state(folder)
    told = course(folder, "update", "--mine", "-y", code=1)
    assert "marked or commented it for 1 students (ada)" in told and state(folder) == before


def test_a_cell_that_only_the_machine_marked_may_leave(folder):
    change_source(folder, lambda notebook: notebook.cells.remove(cell(notebook, "check_bn_dxhat")))
    assert "check_bn_dxhat carries no points any more" in course(folder, "update", "--mine", "-y")
    grade(folder)
    assert "bn_dxhat" not in scores(folder, "ada") and totals(folder) == (8.0, 8.0)


@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_what_stops_in_the_middle_changes_nothing(folder, monkeypatch, step):
    before, done, usual = state(folder), [], os.rename

    def stops(*args):
        done.append(args)
        if len(done) == step:
            raise OSError(28, "No space left on device", str(args[1]))
        return usual(*args)

    monkeypatch.setattr(rerelease.os, "rename", stops)
    told = course(folder, "points", "relu_forward", "4", "-y", code=1)
    assert "No space left on device" in told and state(folder) == before
    assert not list((folder / "backups").iterdir())


def test_a_gradebook_that_fails_at_the_end_leaves_the_folders_as_they_were(folder, monkeypatch):
    @contextlib.contextmanager
    def full(gradebook):
        yield
        gradebook.db.rollback()
        raise OSError(28, "No space left on device", "gradebook.db")

    before = state(folder)
    monkeypatch.setattr(rerelease, "transaction", full)
    monkeypatch.setattr(rerelease, "_bring", lambda *_: None)
    told = course(folder, "points", "relu_forward", "4", "-y", code=1)
    assert "No space left on device" in told and state(folder) == before


def test_a_class_with_an_older_configuration_is_told_which_line_is_new(folder):
    config = folder / "nbgrader_config.py"
    assert "nbgrader_config.py" not in course(folder, "update", "--mine", "-y")
    config.write_text(config.read_text().replace("c.ExportApp.plugin_class", "# "))
    assert "c.ExportApp.plugin_class = " in course(folder, "update", "--mine", "-y")


def test_a_class_that_may_not_be_written_is_a_sentence(folder, monkeypatch):
    def refused(*_):
        raise PermissionError(13, "Permission denied", str(folder))

    for module in ("classroom.rerelease", "pipeline.record"):
        monkeypatch.setattr(f"autograder.grading.{module}.FileLock.acquire", refused)
    assert "You may not write into" in course(folder, "points", "relu_forward", "4", code=1)
    with pytest.raises(CannotRecord, match="You may not write into"):
        with Record(folder, NAME):
            pass


def test_printed_commands_can_be_pasted(folder):
    told = course(folder, "points", "relu_forward", "4", "-y")
    assert f"course grade {NAME} --class '{folder}'" in told


def test_beside_a_grading_run_nothing_is_changed(folder):
    with Record(folder, NAME):
        told = course(folder, "points", "relu_forward", "4", "-y", code=1)
    assert "Wait until it has ended" in told


# Back again.


def test_undo_brings_back_what_was_and_keeps_marks_given_since(folder):
    before = state(folder)[0]
    course(folder, "points", "relu_forward", "4", "-y")
    by_hand(folder, "bea", "explain_relu", 1.0)
    assert "before course class points relu_forward 4" in course(folder, "undo", "--list")
    told = course(folder, "undo", "-y")
    assert "gives 10 points, until now 12" in told
    assert state(folder)[0] == before and totals(folder) == (10.0, 10.0)
    assert scores(folder, "bea")["explain_relu"][1] == 1.0
    course(folder, "undo", "-y")
    assert totals(folder) == (12.0, 12.0), "an undo can be undone"


def test_there_is_nothing_to_undo(folder):
    assert "it has no backups" in course(folder, "undo", "-y", code=1)
