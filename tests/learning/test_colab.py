"""Colab as far as it can be had without it: its folders, and what its widgets can show."""

import json
import os
import sys

import pytest

from autograder.learning import attempts, colab, progress_file
from course_utils import explorers, keeping


@pytest.fixture
def content(tmp_path, monkeypatch):
    """Colab's working folder, empty, in which the kernel stands."""
    for variable in ("COURSE_PROGRESS", "COURSE_LAYERS"):
        monkeypatch.setenv(variable, "")  # so that it is put back
        monkeypatch.delenv(variable)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.chdir(tmp_path)
    sys.modules.pop("my_layers", None)
    yield tmp_path
    sys.modules.pop("my_layers", None)  # the next test's nets would be made of it


def _drive(content):
    drive = content / "drive" / "MyDrive"
    drive.mkdir(parents=True)
    return drive


def _attempt(points):
    attempts.record_attempt("relu_forward", "02_activations", "failed", points, 4.0)


def test_without_a_drive_the_learner_is_told_that_it_will_be_gone(content, capsys):
    colab.settle(content)
    said = capsys.readouterr().out
    assert "mount your Google Drive" in said and len(said.splitlines()) == 1
    _attempt(1.0)
    assert (content / ".progress.json").is_file()


def test_with_a_drive_progress_and_layers_survive_a_reconnect(content, capsys, monkeypatch):
    home = _drive(content) / "training-cnns"
    colab.settle(content)
    assert capsys.readouterr().out == (
        "Your progress and your layers are kept in your Drive, in training-cnns.\n"
    )
    _attempt(2.0)
    (home / "my_layers.py").write_text("mark = 'mine'\n")
    assert not (content / ".progress.json").exists()
    # A new machine: nothing is left but the Drive.
    for variable in ("COURSE_PROGRESS", "COURSE_LAYERS"):
        monkeypatch.delenv(variable)
    monkeypatch.setattr(sys, "path", [p for p in sys.path if p != str(home)])
    colab.settle(content)
    import my_layers

    assert my_layers.mark == "mine"
    assert keeping.layers_path() == home / "my_layers.py"
    (row,) = [row for row in attempts.standing() if row.exercise == "relu_forward"]
    assert (row.attempts, row.points) == (1, 2.0)


def test_what_was_kept_before_the_drive_came_moves_into_it(content):
    colab.settle(content)
    _attempt(3.0)
    home = _drive(content) / "training-cnns"
    colab.settle(content)
    kept = json.loads((home / ".progress.json").read_text())
    assert kept["exercises"]["relu_forward"]["best_points"] == 3.0
    assert os.environ["COURSE_PROGRESS"] == str(home / ".progress.json")


def test_what_the_drive_has_is_not_overwritten(content):
    home = _drive(content) / "training-cnns"
    home.mkdir()
    (home / "my_layers.py").write_text("mark = 'old'\n")
    (content / "my_layers.py").write_text("mark = 'new'\n")
    colab.settle(content)
    assert "old" in (home / "my_layers.py").read_text()


def test_a_drive_that_went_away_is_not_made_anew(content):
    """A folder where Drive is to be mounted would keep it from being mounted."""
    drive = _drive(content)
    colab.settle(content)
    (drive / "training-cnns").rmdir()
    drive.rmdir()
    colab.settle(content)
    _attempt(1.0)
    assert not drive.exists() and (content / ".progress.json").is_file()


def test_a_drive_that_takes_no_files_is_said_and_costs_nothing(content, capsys):
    (_drive(content) / "training-cnns").write_text("a file of that name")
    colab.settle(content)
    said = capsys.readouterr().out
    assert "does not take files (File exists)" in said and len(said.splitlines()) == 1
    assert os.environ["COURSE_PROGRESS"] == str(content / ".progress.json")


def test_files_that_the_learner_named_stay_theirs(content, monkeypatch):
    _drive(content)
    monkeypatch.setenv("COURSE_PROGRESS", "off")
    colab.settle(content)
    assert progress_file.progress_path() is None


@pytest.mark.parametrize("name", explorers.every())
def test_explorers_use_only_widgets_that_colab_shows_by_itself(name):
    """Others would need google.colab.output.enable_custom_widget_manager()."""
    waiting, seen = [explorers.every()[name]().widget()], set()
    while waiting:
        one = waiting.pop()
        seen.add(one._model_module)
        waiting += getattr(one, "children", ())
    assert seen == {"@jupyter-widgets/controls"}
