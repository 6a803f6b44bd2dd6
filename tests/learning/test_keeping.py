"""The course's own layers, and how a learner's take their place."""

import sys

import numpy as np
import pytest

import autograder
from autograder.exercise import REGISTRY
from autograder.exercises import load_all
from course_utils import keeping, layers

load_all()
SHIPPED = sorted(
    name
    for name in layers.__all__
    if name in REGISTRY and REGISTRY[name].__module__.startswith("autograder.exercises.")
)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_courses_layer_passes_its_exercise(name):
    verdict = autograder.grade(name, vars(layers))
    assert verdict.status == "passed", verdict.message


RIGHT = """
def relu_forward(x):
    return np.maximum(x, 0), x
"""


def define(tmp_path, text, name):
    """The function as a notebook would define it: with a source that can be found."""
    path = tmp_path / "cell.py"
    path.write_text(text)
    scope = {"np": np}
    exec(compile(text, str(path), "exec"), scope)
    return scope[name]


def test_a_passing_function_is_kept_and_imported(tmp_path, capsys, monkeypatch):
    path = tmp_path / "my_layers.py"
    keeping.keep(define(tmp_path, RIGHT, "relu_forward"), path=path)
    assert "relu_forward" in capsys.readouterr().out
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "my_layers", None)  # so that it is gone afterwards
    del sys.modules["my_layers"]
    import my_layers

    assert my_layers.relu_forward(np.array([-1.0, 2.0]))[0].tolist() == [0, 2]
    assert my_layers.sigmoid_forward is layers.sigmoid_forward


@pytest.mark.parametrize(
    "text, words",
    [
        ("def relu_forward(x):\n    return -np.maximum(x, 0), x\n", "its check says"),
        ("def relu_forward(x):\n    return helper(x), x\n", "helper"),
    ],
)
def test_what_does_not_pass_is_not_kept(tmp_path, capsys, text, words):
    path = tmp_path / "my_layers.py"
    keeping.keep(define(tmp_path, text, "relu_forward"), path=path)
    assert words in capsys.readouterr().out
    assert not path.exists()


def test_forget_goes_back_to_the_courses(tmp_path):
    path = tmp_path / "my_layers.py"
    keeping.keep(define(tmp_path, RIGHT, "relu_forward"), path=path)
    keeping.forget("relu_forward", path=path)
    assert keeping.read(path) == {}
