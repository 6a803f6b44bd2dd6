"""Where nothing has changed, the same is said again at once; whatever did change is graded."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner
from graded_class import INLINE, NAME, hand_in, make, right

from autograder.commands.cli import cli
from autograder.grading.pipeline import engine, one_submission, unchanged
from autograder.grading.pipeline.unchanged import Unchanged, plain, rests_on_more, revived
from autograder.grading.pipeline.workers import base

ROOT = Path(__file__).parents[3]
CALLED = ("grade", NAME, "--class")


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class that was graded once, and what was said."""
    folder = make(tmp_path_factory.mktemp("unchanged") / "class", ("ada", "bob"))
    hand_in(folder, "ada", right())
    hand_in(folder, "bob")
    with pytest.MonkeyPatch.context() as patch:
        here(patch)
        first = CliRunner().invoke(cli, [*CALLED, str(folder), "--json"])
    assert first.exit_code == 0, first.output
    return folder, json.loads(first.stdout)


def here(patch) -> None:
    """Work is done in this process."""
    patch.setattr(base, "possible", lambda: False)
    patch.setattr(engine, "local_pool", lambda *_: INLINE)
    # Others may be at work on the code while the tests run.
    for name in ("code_digest", "course_digest"):
        patch.setattr(unchanged, name, lambda: "the same")


@pytest.fixture
def course(graded, tmp_path, monkeypatch):
    """The graded class, where it may be changed: where it was, for what lies elsewhere is another
    class."""
    folder, said = graded
    kept = tmp_path / "kept"
    shutil.copytree(folder, kept, symlinks=True)
    here(monkeypatch)
    yield folder
    shutil.rmtree(folder)
    shutil.copytree(kept, folder, symlinks=True)


def run(folder: Path, *more: str) -> dict:
    done = CliRunner().invoke(cli, [*CALLED, str(folder), "--json", *more])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_the_same_is_said_without_nbgrader(graded):
    folder, said = graded
    code = (
        "import sys; from autograder.commands.cli import cli\n"
        "from autograder.grading.pipeline import unchanged\n"
        "unchanged.course_digest = unchanged.code_digest = lambda: 'the same'\n"
        f"cli({[*CALLED, str(folder), '--json']!r}, standalone_mode=False)\n"
        "heavy = {'nbgrader', 'torch', 'sqlalchemy'} & set(sys.modules)\n"
        "print(sorted(heavy), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stderr.splitlines()[-1] == "[]", done.stderr
    again = json.loads(done.stdout)
    assert all(row.pop("unchanged") for row in again["submissions"])
    assert not any(row.pop("unchanged") for row in said["submissions"])
    differ = {name for name in said if said[name] != again[name]}
    assert differ <= {"graded_now", "seconds", "submissions_per_minute"}
    assert again["graded_now"] == 0


def sql(statement: str):
    def change(folder: Path) -> None:
        with sqlite3.connect(folder / "gradebook.db") as book:
            book.execute(statement)

    return change


def put(name: str, text: str):
    def change(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text() if path.exists() else ""
        path.chmod(0o644) if path.exists() else None
        path.write_text(before + text)

    return change


def remove(name: str):
    def change(folder: Path) -> None:
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return change


CHANGES = {
    "another submission": put(f"submitted/eve/{NAME}/{NAME}.ipynb", "{}"),
    "other work": put(f"submitted/ada/{NAME}/{NAME}.ipynb", " "),
    "a file beside it": put(f"submitted/ada/{NAME}/more.py", ""),
    "a time of handing in": put(f"submitted/ada/{NAME}/timestamp.txt", "2026-01-01 00:00 UTC"),
    "work taken away": remove(f"submitted/bob/{NAME}"),
    "a mark by hand": sql("update grade set manual_score = 1"),
    "a deadline": sql("update assignment set duedate = '2020-01-01'"),
    "the source": put(f"source/{NAME}/data.csv", "1"),
    "the release": put(f"release/{NAME}/data.csv", "1"),
    "the configuration": put("nbgrader_config.py", "c.Execute.timeout = 3\n"),
    "a plugin": put("late.py", "x = 1\n"),
    "a plugin in a folder": put("plugins/late.py", "x = 1\n"),
    "an extension": put("extensions.csv", "student,assignment,until\n"),
    "what was graded": put(f"autograded/ada/{NAME}/{NAME}.ipynb", " "),
    "the note on it": remove(f"autograded/ada/.{NAME}.course-grade.json"),
    "the report": remove(f"reports/{NAME}.html"),
    "the note itself": put(f".course/unchanged/{NAME}.json", "{"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_is_changed_is_noticed(course, change):
    watch = Unchanged(course, NAME, json.loads(note(course).read_text())["called"])
    assert watch.said() is not None
    CHANGES[change](course)
    assert watch.said() is None


def note(folder: Path) -> Path:
    return folder / ".course" / "unchanged" / f"{NAME}.json"


@pytest.mark.parametrize("more", [["--student", "ada"], ["--no-similar"], ["--force"]])
def test_another_call_is_another_run(course, more):
    assert run(course)["graded_now"] == 0
    before = note(course).read_text()
    run(course, *more)
    assert note(course).read_text() != before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_nobody_may_read_stops_nothing(course):
    put(f"submitted/ada/{NAME}/more.txt", "1")(course)
    (course / f"submitted/ada/{NAME}/more.txt").chmod(0)
    run(course)
    assert not note(course).exists()


def test_a_tree_that_cannot_be_walked_stops_nothing(course, monkeypatch):
    def refused(*_):
        raise PermissionError(13, "no")

    monkeypatch.setattr(unchanged, "_add", refused)
    run(course)
    assert not note(course).exists()


def test_after_a_change_it_is_graded_and_then_said_again(course, monkeypatch):
    hand_in(course, "bob", right())
    assert run(course)["graded_now"] == 1
    monkeypatch.setattr("autograder.grading.pipeline.record.Record.__enter__", None)
    again = run(course)
    assert [row["state"] for row in again["submissions"]] == ["all points", "all points"]


def test_what_was_not_recorded_is_tried_again(course, monkeypatch):
    def stops(*_, **__):
        raise KeyError("strange")

    with monkeypatch.context() as patch:
        patch.setattr("autograder.grading.pipeline.workers.bounded.sanitize", stops)
        patch.setattr(one_submission, "grade", stops)
        patch.setattr("autograder.grading.pipeline.submitted.read", stops)
        hand_in(course, "bob", right())
        assert run(course)["states"]["failed to run"] == 2
    assert not note(course).exists()
    assert run(course)["states"]["all points"] == 2


def test_what_changes_while_it_is_graded_is_graded_next_time(course, monkeypatch):
    from autograder.grading.reports import blindspots

    kept = blindspots.keep

    def meanwhile(*arguments):
        hand_in(course, "bob", right())
        return kept(*arguments)

    put(f"submitted/ada/{NAME}/more.txt", "1")(course)
    with monkeypatch.context() as patch:
        patch.setattr(blindspots, "keep", meanwhile)
        run(course)
    assert not note(course).exists()
    assert run(course)["graded_now"] == 1


@pytest.mark.parametrize("name", ["judging/judge.py", "grading/reports/page/page.css"])
def test_other_code_is_noticed(course, monkeypatch, tmp_path, name):
    (changed := tmp_path / "autograder" / name).parent.mkdir(parents=True)
    changed.write_text("1")
    monkeypatch.undo()
    monkeypatch.setattr(unchanged, "CHECKOUT", tmp_path)
    monkeypatch.setattr(unchanged.code_digest, "__defaults__", (tmp_path,))
    before = unchanged.course_digest()
    assert before == unchanged.course_digest()
    changed.write_text("2")
    assert before != unchanged.course_digest()
    watch = Unchanged(course, NAME, json.loads(note(course).read_text())["called"])
    assert watch.said() is None


@pytest.mark.parametrize(
    ("line", "more"),
    [("c.Execute.timeout = 3 * 20", False), ("import os", True), ("from mine import rule", True),
     ("c.A.b = open('x').read()", True), ("c.A.b = here.read_text()", True),
     ("load_subconfig('other.py')", True), ("c.A.b = [p for p in here.iterdir()]", True),
     ("c.A.b = str(here / 'x')", False), ("c.A.b = __import__('os').environ", True)],
)  # fmt: skip
def test_a_configuration_that_rests_on_more_is_loaded(graded, line, more):
    text = (graded[0] / "nbgrader_config.py").read_text()
    assert rests_on_more(f"{text}\n{line}\n") is more


def test_what_json_does_not_tell_apart_comes_back():
    said = {("a", "b"): Counter({1.5: 2}), "list": [(), {"x"}, None, True, "ü"], 3: {}}
    assert revived(json.loads(json.dumps(plain(said)))) == said
    assert type(revived(plain(said))["a", "b"]) is Counter
    with pytest.raises(TypeError):
        plain(object())
