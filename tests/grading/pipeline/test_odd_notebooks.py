"""Notebooks that are odd, damaged or hostile in what nobody is graded for: who is honest beside it
has all points, and whatever cannot be read is told."""

from __future__ import annotations

import copy
import json

import nbformat
import pytest
from graded_class import FULL, NAME, cell, grade, hand_in, make, points, right
from nbformat.v4 import new_code_cell

from autograder.grading.pipeline.handed_in.skipped import run_all_the_same


def first_check(notebook):
    return next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade"))


def again(notebook, **flags):
    """A copy of a check, at the end."""
    made = copy.deepcopy(first_check(notebook))
    made.id = f"again-{len(notebook.cells)}"
    made.metadata.nbgrader.update(flags)
    notebook.cells.append(made)
    return made


def old_format(notebook, **more) -> str:
    cells = [
        {"cell_type": "code", "input": c.source.splitlines(keepends=True), "metadata": c.metadata,
         "language": "python", "collapsed": "maybe", "prompt_number": "\u202e",
         "outputs": [{"output_type": "pyout", "html": "<script>1</script>"}]}
        if c.cell_type == "code" else
        {"cell_type": "heading" if n == 0 else "html" if n == 1 else "markdown", "level": 9,
         "source": c.source, "metadata": c.metadata}
        for n, c in enumerate(notebook.cells)
    ]  # fmt: skip
    sheets = [{"cells": cells[:5]}, {"cells": cells[5:]}]
    return json.dumps({"nbformat": 3, "nbformat_minor": 0, "worksheets": sheets, **more})


def second_format(notebook):
    return old_format(notebook, nbformat=2)


def mark_of_an_editor(notebook):
    return "\ufeff" + json.dumps(notebook)


def windows_lines(notebook):
    for one in notebook.cells:
        one.source = one.source.replace("\n", "\r\n")
    return nbformat.writes(notebook).replace("\n", "\r\n")


def macintosh_lines(notebook):
    for one in notebook.cells:
        one.source = one.source.replace("\n", "\r")


def one_id_for_all(notebook):
    for one in notebook.cells:
        one.id = "same"
    return json.dumps(notebook)


def ids_of_others(notebook):
    ids = [one.id for one in notebook.cells]
    for one, identity in zip(notebook.cells, reversed(ids), strict=True):
        one.id = identity


def names_of_others(notebook):
    graded = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade")]
    names = [one.metadata.nbgrader.grade_id for one in graded]
    for one, name in zip(graded, [*names[1:], names[0]], strict=True):
        one.metadata.nbgrader.grade_id = name


def check_pasted_elsewhere(notebook):
    notebook.cells.insert(0, copy.deepcopy(first_check(notebook)))
    notebook.cells[0].source = "5"
    return json.dumps(notebook)


def check_forged(notebook):
    first_check(notebook).source = "class V:\n    def __repr__(self): return '100'\nV()"


def check_on_text(notebook):
    for one in notebook.cells:
        if one.cell_type == "markdown" and "nbgrader" not in one.metadata:
            one.metadata["nbgrader"] = dict(first_check(notebook).metadata.nbgrader)


def look_alikes(notebook):
    name = first_check(notebook).metadata.nbgrader.grade_id
    for other in (name.replace("e", "\u0435"), name.upper(), f"{name}\u200b", f" {name}"):
        again(notebook, grade_id=other, points=100)


def odd_names(notebook):
    for name in (None, 5, [], {}, True, "", "a" * 10**6, "../../x", "\u202e", "\x00", "nan"):
        again(notebook, grade_id=name)
    return json.dumps(notebook)


def odd_points(notebook):
    graded = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade")]
    for one, value in zip(graded, ("1e999", 10**400, float("nan"), [{}]), strict=False):
        one.metadata.nbgrader["points"] = value
    return json.dumps(notebook)


def numbers_without_end(notebook):
    notebook.metadata["n"], notebook.cells[0].metadata["n"] = "HUGE", "HUGE"
    return json.dumps(notebook).replace('"HUGE"', "9" * 100_000)


def minor_version_without_end(notebook):
    return json.dumps(notebook).replace('"nbformat_minor": 5', '"nbformat_minor": 1e400')


def version_in_words(notebook):
    return json.dumps(notebook).replace('"nbformat": 4', '"nbformat": "4"')


def no_version(notebook):
    return json.dumps({"cells": notebook.cells})


def nested_outputs(notebook):
    for one in notebook.cells:
        one.metadata["deep"] = "DEEP"
        if one.cell_type == "code":
            shown = {"output_type": "display_data", "data": {"x": "DEEP"}, "metadata": "DEEP"}
            one.outputs = [shown]
    return json.dumps(notebook).replace('"DEEP"', '{"a": ' * 700 + "1" + "}" * 700)


def odd_outputs(notebook):
    for one in notebook.cells:
        if one.cell_type == "code":
            one.execution_count = "x"
            one.outputs = [
                {"output_type": "nothing"}, 5, None, {"output_type": "error"}, {"data": []},
                {"output_type": "stream", "name": "\u202e\x1b[2J", "text": {"a": 1}},
                {"output_type": "display_data", "metadata": {}, "data": {
                    "text/html": "<style>*{}</style><math><mi xlink:href='javascript:1'>x</mi>",
                    "image/svg+xml": "<svg onload='1'><script>1</script></svg>"}},
            ]  # fmt: skip
    return json.dumps(notebook)


def odd_attachments(notebook):
    for one in notebook.cells:
        one["attachments"] = {
            "a.svg": {"text/html": "<script>1</script>", "image/svg+xml": "PHN2Zz4="},
            "../../b": {"application/x-sh": 5}, "": None, "c": [1],
        }  # fmt: skip
        if one.cell_type == "markdown":
            one.source += "\n![x](attachment:a.svg)![y](attachment:../../b)![z](attachment:c)"
    return json.dumps(notebook)


def null_everywhere(notebook):
    for one in notebook.cells:
        one.update(outputs=None, execution_count=None, attachments=None, id=None)
    notebook.metadata = {"kernelspec": None, "language_info": None}
    return json.dumps(notebook)


def texts_made_raw(notebook):
    for one in notebook.cells:
        if one.cell_type == "markdown":
            one.cell_type, one.metadata["format"] = "raw", "text/html"
    return json.dumps(notebook)


def cells_that_are_none(notebook):
    notebook.cells[:0] = [None, 5, "x", [], {}, {"cell_type": 5, "source": {"a": 1}}]
    return json.dumps(notebook)


def tagged_not_to_run(notebook):
    for one in notebook.cells:
        one.metadata["tags"] = ["experiment", "skip-execution", None, 5]
    return json.dumps(notebook)


def magic(notebook):
    for number, source in enumerate((
        "%%bash\nkill -9 $PPID", "!rm -rf ~ /tmp/*", "%reset -f", "x = 1\x00", "\ufeffimport os",
        "# -*- coding: utf-16 -*-\nx = 1",
    )):  # fmt: skip
        notebook.cells.insert(0, new_code_cell(source, id=f"before-{number}"))
    for number, source in enumerate((
        "exit()", "quit(0)", "get_ipython().ask_exit()", "%%javascript\nalert(1)",
        "%config InlineBackend.figure_format = 'svg'",
    )):  # fmt: skip
        notebook.cells.append(new_code_cell(source, id=f"behind-{number}"))


KEEPS_ALL = (
    old_format, second_format, mark_of_an_editor, windows_lines, macintosh_lines, one_id_for_all,
    ids_of_others, names_of_others, check_pasted_elsewhere, check_forged, check_on_text,
    look_alikes, odd_names, odd_points, numbers_without_end, minor_version_without_end,
    version_in_words, no_version, nested_outputs, odd_outputs, odd_attachments, null_everywhere,
    texts_made_raw, cells_that_are_none, tagged_not_to_run, magic,
)  # fmt: skip


def of_tomorrow(notebook):
    return json.dumps({**notebook, "nbformat": 5})


def cells_by_name(notebook):
    return json.dumps({**notebook, "cells": {c.id: c for c in notebook.cells}})


def in_a_list(notebook):
    return json.dumps([notebook])


def twice(notebook):
    return json.dumps(notebook) + "\n" + json.dumps(notebook)


TOLD = {of_tomorrow: "format", cells_by_name: "no list of cells", in_a_list: "no list of cells",
        twice: "not JSON at line 2"}  # fmt: skip


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """One class in which each has handed in another one of these; (folder, report)."""
    folder = make(tmp_path_factory.mktemp("odd") / "class", ("zoe",))
    hand_in(folder, "zoe", right())
    for change in (*KEEPS_ALL, *TOLD):
        hand_in(folder, change.__name__, right(), change)
    return folder, grade(folder)["submissions"]


def test_who_is_honest_has_all_beside_them(graded):
    assert points(graded[0], "zoe") == FULL


@pytest.mark.parametrize("change", KEEPS_ALL, ids=lambda change: change.__name__)
def test_what_is_honest_keeps_its_points(graded, change):
    folder, told = graded
    assert points(folder, change.__name__) == FULL, told[change.__name__]


@pytest.mark.parametrize("change", TOLD, ids=lambda change: change.__name__)
def test_what_cannot_be_read_is_told(graded, change):
    row = graded[1][change.__name__]
    assert row["state"] == "failed to run" and TOLD[change] in row["reason"]
    assert row["looks"]


def test_a_tag_that_was_put_on_a_cell_since_is_taken_off_and_told(graded):
    (said,) = graded[1]["tagged_not_to_run"]["repairs"]
    assert "had got the tag experiment; it was run all the same" in said


def test_a_tag_that_a_cell_was_given_out_with_stays():
    tagged = [new_code_cell("train()", metadata={"tags": ["experiment"]})]
    assert run_all_the_same(tagged, {"train()": ("experiment",)}, {"experiment"}) == []
    assert tagged[0].metadata["tags"] == ["experiment"]


def test_its_cells_are_found_whatever_else_is_there(graded):
    """The helper of these tests finds cells, so that none of them passes for want of one."""
    folder, _ = graded
    made = nbformat.read(folder / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    assert cell(made, "imports") and first_check(made)
