"""Whatever is handed in becomes the assignment's notebook with the learner's own cells in it."""

from __future__ import annotations

import json
import time

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader import utils

from autograder.grading.pipeline.sanitize import (
    Source,
    heaviest_rising,
    inert,
    sanitize,
)


def known(name, source, kind="code", points=None, **flags):
    grades = {
        "grade": False, "solution": False, "locked": False, "task": False, "grade_id": name,
        "schema_version": 3, "cell_type": kind, **flags,
    }  # fmt: skip
    if points is not None:
        grades["points"] = float(points)
    make = new_code_cell if kind == "code" else new_markdown_cell
    cell = make(source, metadata={"nbgrader": grades})
    cell.metadata.nbgrader["checksum"] = utils.compute_checksum(cell)
    plain = json.loads(json.dumps(cell))
    del plain["id"]
    return plain


HIDDEN = "assert one() == 1\n### BEGIN HIDDEN TESTS\nassert one() is 1\n### END HIDDEN TESTS"
TASK = known("task", "Draw a tree.", "markdown", 4, task=True, locked=True)
SOURCE = Source("ps1", (
    known("one", "def one():\n    ...", solution=True),
    known("test_one", HIDDEN, grade=True, locked=True, points=1),
    known("two", "def two():\n    ...", solution=True),
    known("test_two", "assert two() == 2", grade=True, locked=True, points=2),
    known("why", "YOUR ANSWER HERE", "markdown", 3, grade=True, solution=True),
    TASK,
), {"name": "python3", "display_name": "Python 3", "language": "python"})  # fmt: skip
ORDER = ["one", "test_one", "two", "test_two", "why", "task"]


def learners():
    """The notebook as a learner gets it."""
    cells = [nbformat.from_dict(json.loads(json.dumps(cell))) for cell in SOURCE.cells]
    for number, cell in enumerate(cells):
        cell.id = f"id{number}"
    cells[1].source = "assert one() == 1"
    return new_notebook(cells=cells)


def cleaned(notebook):
    return sanitize(SOURCE, nbformat.writes(notebook).encode())


def names(clean):
    return [c.metadata.nbgrader.grade_id for c in clean.notebook.cells if "nbgrader" in c.metadata]


def by_name(clean, name):
    return next(
        c
        for c in clean.notebook.cells
        if "nbgrader" in c.metadata and c.metadata.nbgrader.grade_id == name
    )


def test_an_honest_notebook_is_left_alone_and_its_tests_get_their_hidden_part():
    notebook = learners()
    notebook.cells[0].source = "def one(): return 1"
    clean = cleaned(notebook)
    assert (clean.problem, clean.repairs) == ("", [])
    assert names(clean) == ORDER
    assert by_name(clean, "one").source == "def one(): return 1"
    assert by_name(clean, "test_one").source == HIDDEN
    assert [cell.id for cell in clean.notebook.cells] == [f"id{n}" for n in range(6)]


def change_points(nb):
    nb.cells[1].metadata.nbgrader.points = 100


def change_flags(nb):
    nb.cells[1].metadata.nbgrader.update(grade=False, solution=True, locked=False)


def change_text(nb):
    nb.cells[3].source = "pass"


def delete(nb):
    del nb.cells[3]


def duplicate(nb):
    nb.cells.append(nb.cells[1].copy())


def duplicate_in_front(nb):
    nb.cells.insert(0, nb.cells[3].copy())


def reorder(nb):
    nb.cells.insert(0, nb.cells.pop(3))


def make_text_of_a_test(nb):
    nb.cells[1] = new_markdown_cell(nb.cells[1].source, metadata=nb.cells[1].metadata)


def claim_a_cell(nb):
    flags = {**nb.cells[1].metadata.nbgrader, "grade_id": "bonus", "points": 50}
    nb.cells.append(new_code_cell("50", metadata={"nbgrader": flags}))


def older_schema(nb):
    for cell in nb.cells:
        cell.metadata.nbgrader["schema_version"] = 1
        cell.metadata.nbgrader.pop("task")


def delete_everything(nb):
    nb.cells.clear()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (change_points, "cell test_one: points had been changed"),
        (change_flags, "cell test_one: grade and locked and solution had been changed"),
        (change_text, "cell test_two: its text had been changed"),
        (delete, "cell test_two was missing and was put back"),
        (duplicate, "a copy of cell test_one was dropped"),
        (duplicate_in_front, "cell test_two had been moved and was put back in its place"),
        (reorder, "cell test_two had been moved and was put back in its place"),
        (make_text_of_a_test, "cell test_one had been made markdown; it is code"),
        (claim_a_cell, "cell 'bonus' is not part of the assignment"),
        (older_schema, "cells of another version of nbgrader were brought up to date"),
        (delete_everything, "cells test_one, test_two, why and 1 more were missing and were put"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_not_the_learners_is_set_back_and_told(change, said):
    notebook = learners()
    change(notebook)
    clean = cleaned(notebook)
    assert not clean.problem
    assert any(repair.startswith(said) for repair in clean.repairs), clean.repairs
    wanted = [n for n in ORDER if n in names(clean)]
    assert names(clean) == wanted and {"test_one", "test_two", "why", "task"} <= set(wanted)
    for kept in SOURCE.cells[1], SOURCE.cells[3]:
        found = by_name(clean, kept["metadata"]["nbgrader"]["grade_id"])
        assert found.source == kept["source"]
        assert found.cell_type == "code"
        assert dict(found.metadata.nbgrader) == kept["metadata"]["nbgrader"]
    assert sum(c.metadata.get("nbgrader", {}).get("points", 0) for c in clean.notebook.cells) == 10


def test_a_copy_of_an_answer_is_an_ordinary_cell():
    notebook = learners()
    again = notebook.cells[0].copy()
    again.source, again.id = "def one(): return 'again'", "again"
    notebook.cells.insert(1, again)
    clean = cleaned(notebook)
    assert names(clean) == ORDER
    assert clean.notebook.cells[1].source == "def one(): return 'again'"


def test_cells_of_the_learners_own_stay_where_they_are_and_lose_outputs_and_metadata():
    notebook = learners()
    extra = new_code_cell("helper = 1", metadata={"tags": ["mine"], "trusted": True})
    extra.outputs = [nbformat.v4.new_output("stream", text="1.0")]
    notebook.cells.insert(1, extra)
    clean = cleaned(notebook)
    assert clean.notebook.cells[1].source == "helper = 1"
    assert clean.notebook.cells[1].outputs == []
    assert clean.notebook.cells[1].metadata == {"tags": ["mine"]}


def test_the_assignments_kernel_wins():
    notebook = learners()
    notebook.metadata.kernelspec = {"name": "evil", "display_name": "evil", "language": "python"}
    assert cleaned(notebook).notebook.metadata.kernelspec == SOURCE.kernelspec


def test_a_notebook_of_the_third_format_is_read():
    cells = [
        {"cell_type": "code", "language": "python", "input": c.source, "outputs": [],
         "metadata": c.metadata, "collapsed": False}
        if c.cell_type == "code" else
        {"cell_type": "markdown", "source": c.source, "metadata": c.metadata}
        for c in learners().cells
    ]  # fmt: skip
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}
    clean = sanitize(SOURCE, json.dumps(old).encode())
    assert not clean.problem and names(clean) == ORDER


@pytest.mark.parametrize(
    ("submitted", "why"),
    [
        (None, "there is no file ps1.ipynb"),
        (b"", "ps1.ipynb is empty"),
        (b'{"cells": [', "ps1.ipynb is not JSON at line 1"),
        (b"\xff\xfe\x00", "ps1.ipynb is no text in UTF-8"),
        ('{"ü": 1}'.encode("cp1252"), "ps1.ipynb is no text in UTF-8"),
        (b"<!DOCTYPE html><html>", "a web page that was saved"),
        (b"{}", "no list of cells"),
        (b'{\n<<<<<<< HEAD\n"a": 1\n=======\n>>>>>>> x\n}', "marks of a merge conflict"),
        (b"[]", "JSON but no notebook"),
        (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": 3}', "no notebook"),
        (b"[" * 200_000, "nested without end"),
        (b'{"nbformat": 9, "cells": []}', "not a notebook"),
    ],
)
def test_what_is_no_notebook_gives_the_assignments_own_and_says_why(submitted, why):
    clean = sanitize(SOURCE, submitted)
    assert why in clean.problem
    assert names(clean) == ORDER


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                "cells metadata source cell_type nbgrader grade_id id tags outputs attachments "
                "code markdown points grade".split()
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(JSON, max_size=5), JSON)
def test_no_json_stops_it_and_no_points_appear_or_go(cells, metadata):
    text = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
    clean = sanitize(SOURCE, json.dumps(text).encode())
    nbformat.validate(clean.notebook)
    graded = [c for c in clean.notebook.cells if utils.is_grade(c) or utils.is_task(c)]
    assert sum(cell.metadata.nbgrader.points for cell in graded) == 10


@pytest.mark.parametrize(
    "prose",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        "<svg/onload=alert(1)>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "[x](javascript:alert(1))",
        "<ScRiPt src=//x></sCrIpT>",
        '<div style="background:url(x)" onmouseover=alert(1)>',
        "<a href='&#106;avascript:alert(1)'>x</a>",
        "<object data='data:text/html,<script>1</script>'></object>",
    ],
)
@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_active_html_in_prose_is_made_harmless(prose, kind):
    notebook = learners()
    make = {"markdown": new_markdown_cell, "raw": nbformat.v4.new_raw_cell}[kind]
    notebook.cells.append(make(f"before {prose} after", metadata={"raw_mimetype": "text/html"}))
    clean = cleaned(notebook)
    last = clean.notebook.cells[-1]
    assert "before" in last.source
    assert "<script" not in last.source.lower() and "<svg" not in last.source.lower()
    assert not any(f"<{tag}" in last.source.lower() for tag in ("iframe", "object"))
    assert "javascript:" not in last.source
    for tag in last.source.split("<")[1:]:
        assert "onerror" not in tag.split(">")[0] and "onmouseover" not in tag.split(">")[0]
    assert last.metadata == {}
    assert "active HTML in a text cell was made harmless" in clean.repairs


@pytest.mark.parametrize("prose", ["$a<b$ & c", "if x < 3: **bold**", "<b>bold</b> > quote"])
def test_prose_without_active_html_is_left_as_it_is(prose):
    notebook = learners()
    notebook.cells[4].source = prose
    assert by_name(cleaned(notebook), "why").source == prose


@pytest.mark.parametrize("unit", ["<", "<on", "on=", "<a ", "<div>", "data:", "javascript", "&#"])
def test_no_prose_is_slow_to_clean(unit):
    prose = unit * (1_000_000 // len(unit))
    notebook = learners()
    notebook.cells[4].source = prose
    started = time.monotonic()
    assert not cleaned(notebook).problem
    assert time.monotonic() - started < 20


def test_spaces_in_a_tag_are_not_slow_either():
    notebook = learners()
    notebook.cells[4].source = "<a <" + " " * 200_000
    started = time.monotonic()
    assert not cleaned(notebook).problem
    assert time.monotonic() - started < 20


def test_thousands_of_cells_with_one_id_are_not_slow():
    notebook = learners()
    notebook.cells += [new_code_cell("1", id="same") for _ in range(2500)]
    started = time.monotonic()
    assert not cleaned(notebook).problem
    assert time.monotonic() - started < 30


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ([{"cell_type": "markdown", "metadata": {}, "source": "x"}] * 3001, "3,000 are taken"),
        ([{"cell_type": "code", "metadata": {}, "source": "1\n" * 200_000, "outputs": [],
           "execution_count": None}], "300,000 are taken at most"),
    ],
)  # fmt: skip
def test_more_than_anybody_writes_is_refused(cells, why):
    text = json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells})
    assert why in sanitize(SOURCE, text.encode()).problem


def test_half_a_surrogate_pair_reaches_no_file_wherever_it_stands():
    notebook = learners()
    cell = dict(notebook.cells[4])
    cell["metadata"] = {"tags": ["\ud800"], "nbgrader": {"grade_id": "\udfff", "grade": True}}
    notebook.cells.append(cell)
    notebook.metadata["kernelspec"] = {"name": "\ud800", "display_name": "x\ud800"}
    clean = sanitize(SOURCE, json.dumps(notebook).encode())
    assert not clean.problem
    nbformat.writes(clean.notebook).encode()
    "\n".join(clean.repairs).encode()


def test_what_another_editor_saved_is_mended():
    notebook = json.loads(json.dumps(learners()))
    notebook["metadata"] = None
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["attachments"] = None
    text = json.dumps(notebook)
    for data in (text.encode(), text.encode("utf-16"), text.encode("utf-8-sig")):
        clean = sanitize(SOURCE, data)
        assert not clean.problem and names(clean) == ORDER


def test_what_is_made_harmless_once_stays_as_it_is():
    once = inert("<script>alert(1)</script> **bold** <b>x</b>")
    assert inert(once) == once


@given(st.lists(st.integers(0, 30), max_size=9, unique=True), st.data())
def test_heaviest_rising_is_the_best_of_all_subsequences(values, data):
    weights = data.draw(st.lists(st.integers(1, 5), min_size=len(values), max_size=len(values)))
    chosen = sorted(heaviest_rising(values, weights))
    picked = [values[i] for i in chosen]
    assert picked == sorted(picked)
    best = 0
    for bits in range(2 ** len(values)):
        subset = [i for i in range(len(values)) if bits >> i & 1]
        if [values[i] for i in subset] == sorted(values[i] for i in subset):
            best = max(best, sum(weights[i] for i in subset))
    assert sum(weights[i] for i in chosen) == best
