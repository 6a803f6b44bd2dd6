"""`course viva`: what is drawn from a student's own hand-in, and what can never be on the sheet."""

from __future__ import annotations

import html
import shutil
from pathlib import Path

import graded_class
import nbformat
import pytest
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from autograder.authoring.build.masters import load, solutions
from autograder.commands.cli import cli
from autograder.grading.pipeline.outcome import Seen
from autograder.grading.viva import drawing
from autograder.grading.viva.material import (
    Code,
    Material,
    Prediction,
    predictions,
    without_docstrings,
)

RELU = '''def relu_forward(x):
    """The rectifier, by a student of mine."""
    positive = x > 0
    out = np.where(positive, x, 0)
    return out, positive
'''
BACK = '''def relu_backward(dout, cache):
    passed = cache.astype(dout.dtype)
    gradient = dout * passed
    return gradient
'''
PROSE = "A sigmoid's slope shrinks layer by layer <b onclick='alert(1)'>here</b>. A ReLU's is 1."


def with_a_prediction(notebook):
    compared = new_code_cell('compare("share of zeros", zeros)', id="compared")
    compared.outputs = [new_output("stream", name="stdout",
                                   text="You predicted 0.5; measured: 0.482.\n")]  # fmt: skip
    notebook.cells += [new_code_cell('predict("share of zeros", 0.5, between=(0, 1))'), compared]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = graded_class.make(tmp_path_factory.mktemp("viva") / "class", ("ada", "ben", "cyd"))
    answers = {"relu_forward": RELU, "relu_backward": BACK, "explain_relu": PROSE}
    graded_class.hand_in(folder, "ada", answers, with_a_prediction)
    graded_class.hand_in(folder, "ben")
    graded_class.hand_in(folder, "cyd", answers, lambda notebook: '{"cells": [')
    return folder


@pytest.fixture
def folder(made, tmp_path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "class"))


def viva(folder: Path, *arguments: str):
    done = CliRunner().invoke(cli, ["viva", *arguments, "--class", str(folder)])
    assert "Traceback" not in done.output
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def sheet(folder: Path, name: str = "ada") -> str:
    return (folder / "reports" / "viva" / f"{name}.html").read_text(encoding="utf-8")


def test_a_sheet_has_the_students_own_functions_prediction_and_answer(folder):
    done = viva(folder, "ada")
    assert done.exit_code == 0, done.output
    text = sheet(folder)
    assert "np.where(positive, x, 0)" in text and "gradient = dout * passed" in text
    assert "by a student of mine" not in text  # a docstring
    assert "You predicted 0.5; measured: 0.482." in text
    assert "A ReLU&#39;s is 1." in text or "A ReLU's is 1." in text
    assert text.count("<h2>") == 5


def test_the_sheet_acts_and_fetches_nothing(folder):
    viva(folder, "ada")
    text = sheet(folder)
    assert "<b onclick" not in text and "<script" not in text
    assert "default-src 'none'" in html.unescape(text)[:600]
    assert "src=" not in text and "url(" not in text


def test_no_solution_is_on_the_sheet(folder):
    own = [line.strip() for text in solutions(load(graded_class.SMALL)).values()
           for line in text.splitlines() if line.strip().startswith("return")]  # fmt: skip
    for number in ("1", "2", "3", "4", "5"):
        viva(folder, "ada", "--draw", number)
    pages = [p.read_text(encoding="utf-8") for p in (folder / "reports" / "viva").iterdir()]
    assert len(pages) == 5 and own
    assert not [line for line in own for text in pages if line in text]
    assert not any("Because its derivative does not shrink" in text for text in pages)


def test_the_same_command_makes_the_same_sheet_and_another_draw_another(folder):
    viva(folder, "ada")
    first = sheet(folder)
    viva(folder, "ada")
    assert sheet(folder) == first
    for number in range(2, 8):
        viva(folder, "ada", "--draw", str(number))
    assert len({p.read_text("utf-8") for p in (folder / "reports" / "viva").iterdir()}) > 3


def test_other_seeds_draw_other_sheets():
    material = Material(functions=[Code("06", name, (f"def {name}():", "    return 1"))
                                   for name in "abcdefgh"])  # fmt: skip
    names = {
        tuple(talk.code.name for talk in drawing.draw(
            material, drawing.generator([seed], "ada", 1), _unknown).talks)
        for seed in range(20)
    }  # fmt: skip
    assert len(names) > 5


def _unknown(name: str):
    raise KeyError(name)


@pytest.mark.parametrize(
    "arguments, says",
    [
        (["adda"], "Did you mean ada?"),
        (["../ada"], "Nothing in submitted/ is from ../ada"),
        (["ada", "98_gradet"], "Did you mean 98_graded?"),
        (["ben"], "no function, no prediction and no answer was written"),
        (["cyd"], "98_graded.ipynb is not JSON at line 1; it may have been cut off"),
        (["zoe"], "STUDENT is the id by which the class knows them"),
    ],
)
def test_what_there_is_not_is_told_in_a_sentence(folder, arguments, says):
    done = viva(folder, *arguments)
    assert done.exit_code == 1 and says in done.output
    assert not (folder / "reports" / "viva").exists()


def test_a_folder_that_is_no_class_is_told(tmp_path):
    done = viva(tmp_path, "ada")
    assert done.exit_code == 1 and "is not a class" in done.output


def test_code_that_python_cannot_read_is_talked_about_as_it_is(folder):
    def broken(notebook):
        graded_class.cell(notebook, "relu_forward").source = "def relu_forward(x:\n  retrun x * x"

    graded_class.hand_in(folder, "ben", change=broken)
    assert viva(folder, "ben").exit_code == 0
    assert "retrun x * x" in sheet(folder, "ben")


def test_code_like_markup_is_shown_as_it_is_written(folder):
    code = "def relu_forward(x):\n    return '</pre><img src=x onerror=alert(1)>', x"
    graded_class.hand_in(folder, "ben", {"relu_forward": code})
    viva(folder, "ben")
    assert "&lt;img src=x" in sheet(folder, "ben") and "<img" not in sheet(folder, "ben")


def test_the_mistake_that_was_made_is_asked_about():
    seen = Seen("relu_forward", "failed", 0, 2, False,
                [("relation:sign", ""), ("leaks", "Something comes through.")])  # fmt: skip
    code = Code("02", "relu_forward", tuple(RELU.splitlines()), seen=seen)
    (found,) = drawing.draw(Material(functions=[code]), drawing.generator([1], "ada", 1)).talks
    assert any("“Something comes through.” Which line is meant?" in ask for ask in found.asks)


def test_a_short_function_is_drawn_only_where_there_is_no_longer_one():
    long = Code("02", "relu_backward", tuple(BACK.splitlines()))
    shorts = [Code("02", name, (f"def {name}(x):", "    return x")) for name in ("a", "b", "c")]
    for seed in range(10):
        made = drawing.draw(Material(functions=[*shorts, long]),
                            drawing.generator([seed], "ada", 1))  # fmt: skip
        assert made.talks[0].code is long and len(made.talks) == 2


# What is read.


def test_only_predictions_that_were_committed_count():
    cells = [
        new_code_cell('predict("a", ..., between=(0, 1))'),
        new_code_cell('predict("b", 3 * 4)'),
        new_code_cell("predict('c', 'larger', one_of=('larger', 'smaller'))"),
        new_code_cell("predict(name, 1)\nnot python"),
        new_markdown_cell('predict("d", 1)'),
        new_code_cell('predict("e", 7, between=(0, 1))', outputs=[new_output(
            "stream", name="stdout",
            text="7 is not written down: this asks for a number between 0 and 1.\n")]),
        new_code_cell('compare("b", 11)', outputs=[
            new_output("stream", name="stdout", text="noise\nYou predicted 12; measured: 11.\n")]),
    ]  # fmt: skip
    assert predictions("98", cells) == [
        Prediction("98", "b", "3 * 4", "You predicted 12; measured: 11."),
        Prediction("98", "c", "'larger'", ""),
    ]


def test_docstrings_are_left_out_and_nothing_else():
    assert "by a student" not in "\n".join(without_docstrings(RELU))
    assert without_docstrings(RELU)[1] == "    positive = x > 0"
    assert without_docstrings('def f():\n    """All there is."""') == [
        "def f():", '    """All there is."""'
    ]  # fmt: skip
    assert without_docstrings("def f(:\n    '''x'''") == ["def f(:", "    '''x'''"]


def test_outputs_of_any_kind_are_survived():
    compared = {"cell_type": "code", "source": 'compare("a", 1)'}
    strange = [compared, {**compared, "outputs": [1, {"text": 3}, None]}, {"cell_type": "code"}]
    assert predictions("98", [nbformat.from_dict(cell) for cell in strange]) == []
