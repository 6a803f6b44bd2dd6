"""One writer, one transaction a submission: what a person has given stays, and what is killed,
locked out or out of room is finished by the next run."""

from __future__ import annotations

import datetime
import json
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from graded_class import NAME, make, scores
from nbgrader.api import Gradebook
from sqlalchemy import event

from autograder.grading.classroom import configuration
from autograder.grading.pipeline import late_penalties
from autograder.grading.pipeline.gradebook import CannotRecord
from autograder.grading.pipeline.outcome import FAILED, GradedNotebook, Mark, Outcome
from autograder.grading.pipeline.record import Record
from autograder.grading.pipeline.sanitize import sanitize
from autograder.grading.pipeline.scoring import score_nothing

CHECKS = ("check_relu_forward", "check_relu_backward", "check_bn_dxhat")


@pytest.fixture(scope="module")
def pattern(tmp_path_factory):
    return make(tmp_path_factory.mktemp("pattern") / "small")


@pytest.fixture
def folder(pattern, tmp_path):
    """A class of its own for each test; nbgrader's paths in it are not absolute."""
    return Path(shutil.copytree(pattern, tmp_path / "small"))


def outcome(student="ada", points=(1.0, 2.0, 0.0), explained=None, **more) -> Outcome:
    """What a worker could have sent: these points for the three checks."""
    marks = [Mark(n, p, 2.0, "judge") for n, p in zip(CHECKS, points, strict=True)]
    marks.append(Mark("explain_relu", explained, 3.0, "teacher", for_teacher=explained is None))
    text = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []})
    comments = {"relu_forward": "No response.", "bn_dxhat": None, "explain_relu": None}
    notebook = GradedNotebook(NAME, text, marks, comments)
    return Outcome(student, notebooks=[notebook], **more)


def save(folder, *outcomes, fingerprint="f", **options):
    with Record(folder, NAME, **options) as book:
        for one in outcomes:
            book.save(one, fingerprint)


def in_gradebook(folder, change):
    with Gradebook(configuration.database(folder)) as book:
        result = change(book)
        book.db.commit()
        return result


def test_scores_and_comments_are_what_nbgrader_writes(folder):
    save(folder, outcome())
    assert scores(folder, "ada") == {
        "relu_forward": (1.0, None, False), "relu_backward": (2.0, None, False),
        "bn_dxhat": (0.0, None, False), "explain_relu": (None, None, True),
    }  # fmt: skip
    comments = in_gradebook(folder, lambda book: {
        c.name: c.auto_comment for c in book.find_submission_notebook(NAME, NAME, "ada").comments
    })  # fmt: skip
    assert comments["relu_forward"] == "No response." and comments["bn_dxhat"] is None
    total = in_gradebook(folder, lambda book: book.find_submission(NAME, "ada").score)
    assert total == 3.0


@pytest.mark.parametrize("before", [False, True], ids=["new", "handed in again"])
def test_marks_do_not_ask_for_their_cells_one_by_one(folder, before):
    """One writer records for all workers, so that is the limit of a large cluster."""
    if before:
        save(folder, outcome(points=(0.0, 0.0, 0.0)))
    asked = []
    with Record(folder, NAME) as book:
        engine = book.book._gradebook.engine
        event.listen(engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
        book.save(outcome(), "f")
    of_one = [statement for statement in asked if re.search(r"base_cell\.id = \?", statement)]
    assert len(asked) > 5 and not of_one, of_one


def test_what_a_person_gave_stays_and_a_resubmission_asks_them_to_look_again(folder):
    save(folder, outcome())

    def by_hand(book):
        grade = book.find_grade("explain_relu", NAME, NAME, "ada")
        grade.manual_score, grade.needs_manual_grade = 2.5, False
        other = book.find_grade("check_bn_dxhat", NAME, NAME, "ada")
        other.manual_score, other.extra_credit, other.needs_manual_grade = 1.5, 0.5, False
        book.find_comment("explain_relu", NAME, NAME, "ada").manual_comment = "Good."

    in_gradebook(folder, by_hand)
    save(folder, outcome(points=(1.0, 2.0, 2.0)), fingerprint="resubmitted")
    after = scores(folder, "ada")
    assert after["explain_relu"] == (None, 2.5, True)
    assert after["bn_dxhat"] == (2.0, 1.5, True)
    assert after["relu_forward"] == (1.0, None, False)
    kept = in_gradebook(folder, lambda book: (
        book.find_grade("check_bn_dxhat", NAME, NAME, "ada").extra_credit,
        book.find_comment("explain_relu", NAME, NAME, "ada").manual_comment,
    ))  # fmt: skip
    assert kept == (0.5, "Good.")


@pytest.mark.parametrize(("late", "method", "left"), [
    (True, "zero", 0.0), (True, "none", 3.0), (False, "zero", 3.0),
])  # fmt: skip
def test_late_penalties_are_the_plugins(folder, late, method, left):
    config = folder / "nbgrader_config.py"
    config.write_text(
        config.read_text() + f'\nc.LateSubmissionPlugin.penalty_method = "{method}"\n'
    )
    due = datetime.datetime(2026, 1, 10)
    in_gradebook(folder, lambda book: setattr(book.find_assignment(NAME), "duedate", due))
    stamp = b"2026-01-11 00:00:00 UTC" if late else b"2026-01-09 00:00:00 UTC"
    save(folder, outcome(timestamp=stamp))
    submission = in_gradebook(folder, lambda book: (
        lambda s: (s.score - s.late_submission_penalty, s.timestamp)
    )(book.find_submission(NAME, "ada")))  # fmt: skip
    assert submission[0] == left
    assert submission[1].day == (11 if late else 9)
    assert (folder / "autograded" / "ada" / NAME / "timestamp.txt").read_bytes() == stamp


def test_a_deadline_set_after_grading_counts_for_what_is_unchanged(folder):
    stamp = b"2026-01-11 00:00:00 UTC"
    config = folder / "nbgrader_config.py"
    config.write_text(config.read_text() + '\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    save(folder, outcome(timestamp=stamp), outcome("bea"), outcome("carl", timestamp=stamp))
    for day, taken in ((10, {"ada": 3.0}), (12, {}), (10, {"ada": 3.0})):
        due = datetime.datetime(2026, 1, day)
        in_gradebook(folder, lambda book, d=due: setattr(book.find_assignment(NAME), "duedate", d))
        with Record(folder, NAME) as record:
            assert record.book.penalize({"ada", "bea"}) == taken
        kept = in_gradebook(folder, lambda book: [
            book.find_submission(NAME, student).late_submission_penalty or 0.0
            for student in ("ada", "bea", "carl")
        ])  # fmt: skip
        assert kept == [taken.get("ada", 0.0), 0.0, 0.0]


def test_who_was_on_no_roster_is_remembered(folder):
    with Record(folder, NAME) as record:
        record.save(outcome("ada"), "f")
        record.save(outcome("aad"), "f")
        assert record.book.added == {"aad"}


def test_a_plugin_that_lies_in_the_class_is_found(folder):
    (folder / "penalties.py").write_text(
        "from nbgrader.plugins import BasePlugin\n"
        "class Half(BasePlugin):\n"
        "    def late_submission_penalty(self, student, score, late):\n"
        "        return score / 2\n"
    )
    config = folder / "nbgrader_config.py"
    config.write_text(
        config.read_text() + '\nc.AssignLatePenalties.plugin_class = "penalties.Half"\n'
    )
    due = datetime.datetime(2026, 1, 10)
    in_gradebook(folder, lambda book: setattr(book.find_assignment(NAME), "duedate", due))
    save(folder, outcome(timestamp=b"2026-01-11 00:00:00 UTC"))
    penalty = in_gradebook(
        folder, lambda book: book.find_submission(NAME, "ada").late_submission_penalty
    )
    assert penalty == 1.5


def test_a_missing_notebook_gets_zeros_as_nbgrader_gives_them(folder):
    missing = outcome()
    missing.notebooks[0].missing = True
    save(folder, missing)
    assert set(scores(folder, "ada").values()) == {(0.0, None, False)}
    assert not list((folder / "autograded" / "ada" / NAME).glob("*.ipynb"))


def test_a_submission_that_was_lost_with_its_worker_is_not_recorded(folder):
    save(folder, Outcome("eve", FAILED, "the worker that graded it died, twice"))
    students = in_gradebook(folder, lambda book: [s.id for s in book.students])
    assert "eve" not in students and not (folder / "autograded" / "eve").exists()


def test_what_has_not_changed_is_known_and_what_has_is_not(folder):
    save(folder, outcome(looks=["look"], repairs=["repair"]))
    with Record(folder, NAME) as book:
        known = book.scores()
        same = book.unchanged("ada", "f", known)
        assert same is not None and same.looks == ["look"] and same.marks == outcome().marks
        assert book.unchanged("ada", "another", known) is None
        assert book.unchanged("bob", "f", known) is None
    in_gradebook(folder, lambda book: setattr(
        book.find_grade("check_bn_dxhat", NAME, NAME, "ada"), "auto_score", 2.0
    ))  # fmt: skip
    with Record(folder, NAME) as book:
        assert book.unchanged("ada", "f", book.scores()) is None, "the gradebook says otherwise"
    save(folder, outcome())
    notebook = folder / "autograded" / "ada" / NAME / f"{NAME}.ipynb"
    notebook.chmod(0o644)
    notebook.write_text(notebook.read_text() + " ")
    with Record(folder, NAME) as book:
        assert book.unchanged("ada", "f", book.scores()) is None, "the notebook was changed"


STEPS = ("_stage", "enter", "os.rename", "os.rename again", "write_text", "os.replace")

KILLED = """
import os, signal, sys
from pathlib import Path
sys.path[:0] = {paths!r}
import test_record
from autograder.grading.pipeline import gradebook, record
step = {step!r}
name, seen = step.partition(" ")[0], []
home = {{"_stage": record.Record, "enter": gradebook.Book, "os.rename": os, "write_text": Path,
         "os.replace": os}}[name]
name = name.rpartition(".")[2]
usual = getattr(home, name)
def killing(*args, **kwargs):
    seen.append(1)
    result = usual(*args, **kwargs)
    if len(seen) == (2 if "again" in step else 1):
        os.kill(os.getpid(), signal.SIGKILL)
    return result
setattr(home, name, killing)
test_record.save(Path({folder!r}), test_record.outcome(points=(1.0, 2.0, 2.0)), fingerprint="new")
"""


def tree(folder):
    place = folder / "autograded"
    return {
        str(path.relative_to(place)): path.read_bytes() if path.is_file() else None
        for path in place.rglob("*")
    }


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_the_next_run_ends_where_one_clean_run_does(folder, tmp_path, step):
    clean = Path(shutil.copytree(folder, tmp_path / "clean"))
    for place in folder, clean:
        save(place, outcome())
    save(clean, outcome(points=(1.0, 2.0, 2.0)), fingerprint="new")
    paths = [str(Path(__file__).parents[up]) for up in (0, 2, 3)]
    code = KILLED.format(paths=paths, step=step, folder=str(folder))
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    with Record(folder, NAME) as book:
        done = book.unchanged("ada", "new", book.scores())
        if done is None:
            book.save(outcome(points=(1.0, 2.0, 2.0)), "new")
    assert done is None or step == "os.replace", "only the last step makes it done"
    assert scores(folder, "ada") == scores(clean, "ada")
    assert tree(folder) == tree(clean)


def test_a_gradebook_in_somebody_elses_hands_is_waited_for_and_then_given_up(folder):
    save(folder, outcome(points=(1.0, 0.0, 0.0)))
    other = sqlite3.connect(folder / "gradebook.db")
    with Record(folder, NAME, wait=0.5, say=(said := []).append) as book:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(CannotRecord, match="Another program has held the gradebook") as stop:
            book.save(outcome(), "new")
        assert "What was graded so far is kept" in stop.value.message
        assert said == ["Waiting for the gradebook: another program is using it."]
        other.rollback()
        book.save(outcome(), "new")
    other.close()
    assert scores(folder, "ada")["relu_backward"] == (2.0, None, False)


def test_a_gradebook_that_comes_free_in_time_costs_nothing(folder):
    other = sqlite3.connect(folder / "gradebook.db")
    with Record(folder, NAME, wait=30, say=lambda _: other.rollback()) as book:
        other.execute("BEGIN EXCLUSIVE")
        book.save(outcome(), "f")
    other.close()
    assert scores(folder, "ada")["relu_forward"] == (1.0, None, False)


def test_an_error_in_the_middle_leaves_nothing_half_written(folder, monkeypatch):
    save(folder, outcome())

    def breaks(*_):
        raise RuntimeError("in the middle")

    with Record(folder, NAME) as book:
        monkeypatch.setattr(late_penalties.LatePenalties, "put", breaks)
        with pytest.raises(RuntimeError):
            book.save(outcome(student="bob"), "f")
        monkeypatch.undo()
        assert "bob" not in book.scores()
        book.save(outcome(student="eve"), "f")
    assert scores(folder, "eve")["relu_forward"] == (1.0, None, False)


def test_two_runs_on_one_class_do_not_meet(folder):
    with Record(folder, NAME):
        with pytest.raises(CannotRecord, match="Another 'course grade' is at work"):
            with Record(folder, NAME):
                pass


def mounted(place: Path, size: str) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    return subprocess.run(command, capture_output=True).returncode == 0


@pytest.mark.parametrize("which", ["autograded", "gradebook"])
def test_a_full_disk_is_one_sentence_and_what_was_graded_stays(folder, tmp_path, which):
    small = tmp_path / "disk"
    small.mkdir()
    if not mounted(small, "1m"):
        pytest.skip("this user may not mount a small disk to fill")
    try:
        if which == "autograded":
            shutil.rmtree(folder / "autograded")
            (folder / "autograded").symlink_to(small)
        else:
            shutil.move(folder / "gradebook.db", small / "gradebook.db")
            (folder / "nbgrader_config.py").write_text(
                (folder / "nbgrader_config.py").read_text()
                + f'\nc.CourseDirectory.db_url = "sqlite:///{small}/gradebook.db"\n'
            )
        save(folder, outcome())
        (small / "ballast").write_bytes(b"x" * (free := shutil.disk_usage(small).free))
        assert free > 0 and shutil.disk_usage(small).free == 0
        large = outcome(student="bob", looks=["y" * 200_000])
        large.notebooks[0].text = " " * 100_000
        with pytest.raises(CannotRecord) as stop:
            save(folder, large)
        assert "is kept" in stop.value.message
        (small / "ballast").unlink()
        save(folder, large)
        with Record(folder, NAME) as book:
            assert set(book.scores()) >= {"ada", "bob"}
            assert book.unchanged("bob", "f", book.scores()) is not None
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_class_without_a_gradebook_or_of_another_version_says_what_to_do(folder):
    database = sqlite3.connect(folder / "gradebook.db")
    database.execute("ALTER TABLE grade DROP COLUMN extra_credit")
    database.commit()
    database.close()
    with Record(folder, NAME) as book:
        with pytest.raises(CannotRecord, match="nbgrader db upgrade"):
            book.save(outcome(), "f")
    (folder / "gradebook.db").unlink()
    with pytest.raises(CannotRecord, match="nbgrader generate_assignment"):
        with Record(folder, NAME):
            pass
    assert not (folder / "gradebook.db").exists()


def test_students_who_are_not_on_the_roster_are_made_unless_it_is_forbidden(folder):
    save(folder, outcome(student="new"))
    assert scores(folder, "new")["relu_forward"] == (1.0, None, False)
    config = folder / "nbgrader_config.py"
    config.write_text(config.read_text() + "\nc.Autograde.create_student = False\n")
    with pytest.raises(CannotRecord, match="no student stranger"):
        save(folder, outcome(student="stranger"))


def test_the_assignment_is_the_released_one_in_the_order_of_its_source(folder):
    with Record(folder, NAME) as book:
        assignment = book.assignment()
    (source,) = assignment.sources
    assert source.name == NAME and source.kernelspec["name"] == "python3"
    assert source.order.index("relu_forward") + 1 == source.order.index("check_relu_forward")
    assert "seed=" in next(
        c["source"] for c in source.cells if "check_relu" in c["metadata"]["nbgrader"]["grade_id"]
    )
    assert "SOLUTION" not in repr(source.cells)
    clean = sanitize(source, None)
    scored = score_nothing(clean.notebook, {}, clean.problem)
    assert sum(mark.points for mark in scored.marks) == 0
