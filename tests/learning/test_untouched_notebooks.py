"""A learner's notebook runs from top to bottom before anything in it is written: no cell stops."""

from __future__ import annotations

import shutil

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.authoring.build.masters import SOURCE
from autograder.paths import notebooks_in


@pytest.mark.parametrize("path", notebooks_in(SOURCE.parent), ids=lambda path: path.stem)
def test_no_cell_stops_in_an_untouched_notebook(path, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_QUICK", "1")
    monkeypatch.setenv("COURSE_PROGRESS", "off")
    shutil.copy(path, tmp_path)
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, timeout=240, kernel_name="python3", allow_errors=True,
        resources={"metadata": {"path": str(tmp_path)}},
    ).execute()  # fmt: skip
    stopped = {
        cell.id: f"{output.ename}: {output.evalue}"
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "error"
    }
    assert stopped == {}
