"""The progress file: kept whole, and never at the expense of a learner's check."""

from __future__ import annotations

import json
import multiprocessing
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.commands.learners import progress
from autograder.learning import attempts, catalogue, progress_file
from autograder.learning.attempts import known, record_attempt, record_hint

MORNING = datetime(2026, 3, 2, 10, 15, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Listed:
    name: str
    notebook: str
    points: float
    extra: bool = False


COURSE = [
    Listed("relu_forward", "02_activations", 2.0),
    Listed("maxout_forward", "02_activations", 3.0, extra=True),
    Listed("batchnorm_forward", "06_batchnorm", 4.0),
]


@pytest.fixture
def file(tmp_path, monkeypatch) -> Path:
    path = tmp_path / ".progress.json"
    monkeypatch.setenv("COURSE_PROGRESS", str(path))
    monkeypatch.setattr(catalogue, "exercises", lambda: COURSE)
    monkeypatch.setattr(progress_file, "_told", set())
    monkeypatch.setattr(progress_file, "_unkept", {})
    return path


def attempt(
    status="failed", points=1.0, mistakes=("swapped_momentum",), minutes=0, tried=None, showed=None
):
    record_attempt(
        "batchnorm_forward", "06_batchnorm", status, points, 4.0, mistakes,
        MORNING + timedelta(minutes=minutes), tried, showed=showed,
    )  # fmt: skip


def entry(file: Path) -> dict:
    return json.loads(file.read_text())["exercises"]["batchnorm_forward"]


def test_attempts_are_counted_and_the_best_is_kept(file):
    attempt(points=3.0)
    attempt(points=1.0, minutes=5)
    assert entry(file) == {
        "notebook": "06_batchnorm", "attempts": 2, "status": "failed",
        "points": 1.0, "max_points": 4.0, "best_points": 3.0, "mistakes": ["swapped_momentum"],
        "first": "2026-03-02T10:15:00+00:00", "last": "2026-03-02T10:20:00+00:00", "passed": None,
        "minutes": 5.0, "hints": 0, "tries": 0, "tried": [],
    }  # fmt: skip


def test_a_long_pause_counts_as_ten_minutes(file):
    for minute in (0, 4, 4 + 180, 4 + 180 + 1):
        attempt(minutes=minute)
    assert entry(file)["minutes"] == 4 + 10 + 1


def test_minutes_run_from_the_last_check_in_the_same_notebook(file):
    record_attempt("batchnorm_fold", "06_batchnorm", "passed", 1, 1, (), MORNING)
    record_attempt("relu_forward", "02_activations", "passed", 2, 2, (),
                   MORNING + timedelta(minutes=5))  # fmt: skip
    attempt(minutes=7)
    kept = json.loads(file.read_text())["exercises"]
    assert {name: kept[name]["minutes"] for name in kept} == {
        "batchnorm_fold": 0, "relu_forward": 0, "batchnorm_forward": 7,
    }  # fmt: skip


def test_a_clock_that_was_put_back_takes_no_time_away(file):
    attempt(minutes=30)
    attempt(minutes=0)
    assert entry(file)["minutes"] == 0


def test_the_same_code_again_is_no_new_try(file):
    for digest in ("aa", "aa", "bb", None, "aa"):
        attempt(tried=digest)
    assert (entry(file)["tries"], entry(file)["tried"]) == (2, ["aa", "bb"])


def test_the_list_of_digests_does_not_grow_without_end(file):
    for number in range(attempts.DIGESTS_KEPT + 5):
        attempt(tried=str(number))
    assert entry(file)["tries"] == attempts.DIGESTS_KEPT + 5
    assert len(entry(file)["tried"]) == attempts.DIGESTS_KEPT


def test_hints_are_kept_and_never_unseen(file):
    record_hint("batchnorm_forward", "06_batchnorm", 2, MORNING)
    attempt(minutes=3)
    record_hint("batchnorm_forward", "06_batchnorm", 1, MORNING)
    kept = entry(file)
    assert (kept["hints"], kept["attempts"], kept["minutes"]) == (2, 1, 3.0)


def test_file_from_before_there_were_hints_goes_on(file):
    attempt()
    content = json.loads(file.read_text())
    for key in ("minutes", "hints", "tries", "tried"):
        del content["exercises"]["batchnorm_forward"][key]
    file.write_text(json.dumps(content))
    attempt(minutes=2, tried="aa")
    assert entry(file)["attempts"] == 2 and entry(file)["tries"] == 1
    assert entry(file)["minutes"] == 2


@pytest.mark.parametrize("trouble", ["off", "newer", "read-only", "damaged moment"])
def test_what_cannot_be_kept_is_known_until_the_process_ends(file, monkeypatch, trouble):
    if trouble == "off":
        monkeypatch.setenv("COURSE_PROGRESS", "off")
    elif trouble == "newer":
        file.write_text('{"format": 2, "exercises": {}}')
    elif trouble == "read-only":

        def refuse(*_, **__):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(progress_file.tempfile, "mkstemp", refuse)
    else:
        attempt()
        file.write_text(file.read_text().replace("2026-03-02T10:15:00+00:00", "in March"))
    record_hint("batchnorm_forward", "06_batchnorm", 1, MORNING)
    attempt(tried="aa", minutes=1)
    found = known("batchnorm_forward")
    assert (found["hints"], found["tries"]) == (1, 1)


def test_first_success_is_remembered(file):
    attempt()
    attempt("passed", 4.0, (), minutes=10)
    attempt("failed", 1.0, minutes=20)
    attempt("passed", 4.0, (), minutes=30)
    assert entry(file)["passed"] == "2026-03-02T10:25:00+00:00"


def test_untouched_exercise_is_no_attempt(file):
    attempt("not attempted", 0.0, ())
    assert json.loads(file.read_text())["exercises"] == {}
    attempt()
    attempt("not attempted", 0.0, (), minutes=1)
    assert entry(file)["attempts"] == 1 and entry(file)["status"] == "not attempted"


def test_local_times_are_kept_in_utc(file):
    tokyo = timezone(timedelta(hours=9))
    record_attempt("relu_forward", "02_activations", "passed", 2, 2, (), MORNING.astimezone(tokyo))
    kept = json.loads(file.read_text())["exercises"]["relu_forward"]
    assert kept["last"] == "2026-03-02T10:15:00+00:00"


def test_exercise_of_no_notebook_is_not_kept(file):
    record_attempt("a_test_exercise", None, "passed", 1, 1)
    assert not file.exists()


def test_unknown_keys_survive(file):
    attempt()
    content = json.loads(file.read_text())
    content["theme"] = "dark"
    content["exercises"]["batchnorm_forward"]["note"] = "mine"
    file.write_text(json.dumps(content))
    attempt()
    assert json.loads(file.read_text())["theme"] == "dark" and entry(file)["note"] == "mine"


DAMAGED = {
    "cut in the middle": b'{"format": 1, "exercises": {"relu',
    "empty": b"",
    "not text": b"\xff\xfe\x00",
    "another JSON": b"[1, 2]",
    "no format": b'{"exercises": {}}',
    "entries of another kind": b'{"format": 1, "exercises": {"relu_forward": 3}}',
    "hints that are no number": b'{"format": 1, "exercises": {"a": {"notebook": "b", "status": "",'
                                b'"attempts": 1, "points": 0, "best_points": 0, "last": "",'
                                b'"hints": "two"}}}',
    "an entry without its count": b'{"format": 1, "exercises": {"relu_forward": {}}}',
    "a format that is no number": b'{"format": true, "exercises": {}}',
    "nested without end": b"[" * 100_000,
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_damaged_file_is_kept_aside_and_told_once(file, capsys, content):
    file.write_bytes(content)
    attempt()
    assert file.with_name(".progress.json.bad").read_bytes() == content
    said = capsys.readouterr().out
    assert said.count("\n") == 1 and "kept aside as .progress.json.bad" in said
    attempt()
    attempt()
    assert entry(file)["attempts"] == 2
    assert capsys.readouterr().out == ""


def test_newer_file_is_left_untouched(file, capsys):
    newer = b'{"format": 2, "exercises": {"relu_forward": "in a new form"}}'
    file.write_bytes(newer)
    attempt()
    attempt()
    assert file.read_bytes() == newer
    assert not file.with_name(".progress.json.bad").exists()
    assert capsys.readouterr().out.count("newer version") == 1


def test_unwritable_place_costs_no_verdict(tmp_path, monkeypatch, capsys, file):
    (tmp_path / "a file").write_text("")
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "a file" / "progress.json"))
    attempt()
    attempt()
    said = capsys.readouterr().out
    assert said.count("\n") == 1 and "the verdict is not affected" in said


def test_file_stays_whole_when_writing_breaks_off(file, monkeypatch, capsys):
    attempt()
    before = file.read_bytes()

    def disk_full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(progress_file.json, "dump", disk_full)
    attempt(minutes=1)
    assert file.read_bytes() == before
    assert "No space left" in capsys.readouterr().out
    assert not list(file.parent.glob("*.tmp"))


def check_many_times(exercise: str, times: int) -> None:
    for _ in range(times):
        record_attempt(exercise, "02_activations", "failed", 0.0, 1.0)


def test_two_notebooks_at_once_lose_no_attempt(file):
    spawn = multiprocessing.get_context("spawn")
    both = [spawn.Process(target=check_many_times, args=(name, 20)) for name in ("a", "b")]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
    kept = json.loads(file.read_text())["exercises"]
    assert {name: kept[name]["attempts"] for name in kept} == {"a": 20, "b": 20}


# Where it is kept


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    """A course folder with one notebook, and no COURSE_PROGRESS."""
    monkeypatch.delenv("COURSE_PROGRESS", raising=False)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "06_batchnorm.ipynb").write_text("{}")
    (tmp_path / "elsewhere").mkdir()
    return tmp_path


@pytest.mark.parametrize("folder", ["notebooks", "."])
def test_file_lies_beside_the_notebooks(place, monkeypatch, folder):
    monkeypatch.chdir(place / folder)
    attempt()
    assert entry(place / "notebooks" / ".progress.json")["attempts"] == 1


def test_nothing_is_kept_where_no_notebooks_are(place, monkeypatch):
    monkeypatch.chdir(place / "elsewhere")
    attempt()
    assert not list(place.rglob(".progress*"))


def test_nothing_is_kept_while_nbgrader_runs_a_notebook(place, monkeypatch):
    monkeypatch.chdir(place / "notebooks")
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    attempt()
    assert not list(place.rglob(".progress*"))


@pytest.mark.parametrize("word", ["", "off"])
def test_a_variable_switches_it_off(place, monkeypatch, word):
    monkeypatch.chdir(place / "notebooks")
    monkeypatch.setenv("COURSE_PROGRESS", word)
    attempt()
    assert {p.name for p in place.rglob("*")} == {"06_batchnorm.ipynb", "elsewhere", "notebooks"}


# What is shown


def test_standing_has_every_exercise(file):
    attempt("passed", 4.0, ())
    record_attempt("gone_from_the_course", "02_activations", "passed", 9, 9)
    rows = {row.exercise: row for row in attempts.standing()}
    assert list(rows) == ["relu_forward", "maxout_forward", "batchnorm_forward"]
    assert rows["batchnorm_forward"].points == 4.0 and rows["batchnorm_forward"].attempts == 1
    assert rows["relu_forward"].status == "not attempted" and rows["relu_forward"].attempts == 0


def test_extra_carries_no_points(file):
    record_attempt("maxout_forward", "02_activations", "passed", 3.0, 3.0)
    row = next(row for row in attempts.standing() if row.exercise == "maxout_forward")
    assert (row.points, row.max_points, row.status) == (0.0, 0.0, "passed")


def test_points_never_exceed_what_the_exercise_is_worth_today(file):
    record_attempt("relu_forward", "02_activations", "passed", 5.0, 5.0)
    row = next(row for row in attempts.standing() if row.exercise == "relu_forward")
    assert (row.points, row.max_points) == (2.0, 2.0)


def lines(*arguments: str) -> list[str]:
    return CliRunner().invoke(progress.command, arguments).output.splitlines()


def test_a_line_a_notebook_and_a_line_an_exercise_in_80_columns(file, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    attempt(points=3.0)
    shown = lines()
    of = {words[0]: words for words in map(str.split, shown) if words}
    assert of["06_batchnorm"][1] == "3/4" and of["06_batchnorm"][3:6] == ["0", "of", "1"]
    assert of["02_activations"][1] == "0/2"
    assert "course progress 06" in shown[-2] and shown[-1] == f"Kept in {file}"
    shown = lines("06")
    (told,) = (line for line in shown if line.startswith("batchnorm_forward"))
    assert "3/4" in told and "failed: swapped momentum" in told
    assert "3 of 4 points at best; 0 of 1 have been right." in shown and shown == lines("6")
    told = [line for line in lines() + shown if not line.startswith("Kept in")]
    assert max(map(len, told)) <= 80


def test_a_long_verdict_is_cut_and_stays_on_its_line(file, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    attempt(mistakes=("a_mistake_whose_name_is_too_long_for_what_is_left_of_a_line",))
    assert sum("batchnorm_forward" in line for line in lines("06")) == 1
    assert any("…" in line for line in lines("06"))


def test_one_notebook_can_be_asked_for(file):
    shown = CliRunner().invoke(progress.command, ["06", "--json"]).output
    assert [row["exercise"] for row in json.loads(shown)] == ["batchnorm_forward"]
    refused = CliRunner().invoke(progress.command, ["09"])
    assert refused.exit_code == 2 and "02_activations" in refused.output


def test_damaged_file_is_told_by_the_command_too(file):
    file.write_text("{")
    done = CliRunner().invoke(progress.command, [])
    assert done.exit_code == 1 and "kept aside" in done.output


def test_once_it_is_right_the_wrong_code_of_before_counts_no_more(file):
    attempt(tried="aa", showed="aa", minutes=1)
    attempt(status="passed", points=4.0, showed="bb", minutes=2)
    before = entry(file)
    attempt(tried="aa", showed="aa", minutes=30)  # all of a notebook is run again
    attempt(status="passed", points=4.0, showed="bb", minutes=30)
    assert entry(file) == before
    attempt(tried="cc", showed="cc", minutes=31)
    assert entry(file)["attempts"] == before["attempts"] + 1
