"""An untouched notebook beside the one that was worked on is no silent 0."""

from __future__ import annotations

import json

import nbformat
import pytest
from graded_class import NAME, grade, hand_in, make, released, right

from autograder.grading.pipeline.untouched import worked_on


@pytest.mark.parametrize(
    "sources, worked",
    [
        (["given\n", "x = 1"], False),
        (["given", "", "x = 1\n\n"], False),
        ([["gi", "ven"], "x = 1"], False),
        (["given"], False),
        (["given", "x = 2"], True),
        (["given", "x = 1", "more"], True),
    ],
)
def test_a_notebook_with_nothing_new_in_it_was_not_worked_on(sources, worked):
    notebook = json.dumps({"cells": [{"source": source} for source in sources]}).encode()
    hidden = "\n### BEGIN HIDDEN TESTS\ncheck()\n### END HIDDEN TESTS"
    assert worked_on(notebook, ["given", f"x = 1{hidden}"]) == worked


@pytest.mark.parametrize(
    "notebook", [b"", b"{", b"[]", b'{"cells": 3}', b'{"cells": [3]}', b"[" * 10**5, b"\xff"]
)
def test_what_cannot_be_compared_counts_as_worked_on(notebook):
    assert worked_on(notebook, ["given"])
    assert worked_on(b'{"cells": []}', [])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make(tmp_path_factory.mktemp("class") / "small", students=("ada", "bea", "cyd"))


def test_a_solved_copy_beside_an_untouched_notebook_needs_a_look(folder):
    """As the exchange collects it: both lie in the student's folder."""
    solved = f"{NAME}-Copy1.ipynb"
    for student, mine in (("ada", {}), ("bea", right()), ("cyd", {})):
        place = hand_in(folder, student, mine)
        if student != "cyd":
            nbformat.write(released(folder), place / solved)
    told = grade(folder)
    assert told["needs_a_look"] == ["ada"]
    (look,) = told["submissions"]["ada"]["looks"]
    assert look.startswith(f"{NAME} is as it was given out, and beside it lies {solved}: if that")
