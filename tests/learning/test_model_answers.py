"""Who learns alone gets a model answer after an answer of their own, and not before."""

from __future__ import annotations

import json

import pytest

from autograder import solution
from autograder.authoring.build import masters, notebooks
from autograder.grading.classroom import source
from autograder.learning import model_answers

WRITTEN = "The estimates are noisy because the batch is small. So the modes differ."


@pytest.fixture
def saved(tmp_path, monkeypatch):
    """A function that saves the notebook with an answer in it."""
    monkeypatch.setattr(model_answers, "notebooks_anywhere", lambda: tmp_path)

    def save(answer: str | None):
        cell = {"cell_type": "markdown", "source": answer.splitlines(keepends=True),
                "metadata": {"nbgrader": {"grade_id": "explain_pairs"}}}  # fmt: skip
        text = json.dumps({"cells": [{"metadata": {}, "source": ["x"]}, cell]})
        (tmp_path / "06_batchnorm.ipynb").write_text(text)

    return save


@pytest.mark.parametrize("answer", [
    "YOUR ANSWER HERE", "", "Because of the batch.", "A. B. C. D.", "YOUR ANSWER HERE. It is. So",
])  # fmt: skip
def test_an_answer_of_one_s_own_comes_first(saved, answer, capsys):
    saved(answer)
    assert solution("explain_pairs") is None
    assert "Write an answer of your own first, 2 sentences or more" in capsys.readouterr().out


def test_then_it_is_shown_with_what_gives_points(saved):
    saved(WRITTEN)
    shown = solution("explain_pairs")
    assert "mark yours by what this one gives points for, 3 in all" in str(shown)
    assert "One point for noisy statistics" in shown.text and not shown.text.startswith("#")
    assert shown.text in shown._repr_mimebundle_()["text/markdown"]


def test_a_notebook_that_is_not_there_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(model_answers, "notebooks_anywhere", lambda: tmp_path)
    for text in (None, "no JSON", "[]", '{"cells": [1]}'):
        if text is not None:
            (tmp_path / "06_batchnorm.ipynb").write_text(text)
        assert solution("explain_pairs") is None
        assert "nothing says whether you have written" in capsys.readouterr().out


def test_while_grading_there_is_none(saved, monkeypatch, capsys):
    saved(WRITTEN)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert solution("explain_pairs") is None and "explain_pairs" in capsys.readouterr().out


def test_another_name_is_told_as_before(capsys):
    assert solution("explain_peas") is None
    assert "There is no exercise called explain_peas" in capsys.readouterr().out


@pytest.mark.parametrize("path", masters.masters(), ids=lambda path: path.stem)
def test_each_question_for_a_teacher_has_one(path):
    master = masters.load(path)
    for cell in master.cells:
        if cell.kind != "markdown" or not cell.metadata.get("nbgrader", {}).get("points"):
            continue
        notebook, answer = model_answers._in_masters(cell.id)
        assert notebook == path.stem and answer.text == cell.source.strip()
        assert "point" in answer.text, "it says what gives points"


def test_the_learners_notebook_says_so_and_a_class_s_does_not():
    path = masters.SOURCE / "06_batchnorm.py"
    own = json.loads(notebooks.made(path)[1])["cells"]
    ids = [cell["id"] for cell in own]
    told = own[ids.index("explain_pairs") + 1]
    assert told["id"] == "alone-explain_pairs" and 'solution("explain_pairs")' in told["source"][0]
    for_class = source.source_notebook(masters.load(path))
    assert not [cell.id for cell in for_class.cells if cell.id.startswith("alone-")]
