"""The pre-test and the post-test in JupyterLab, each a copy with one answer."""

from __future__ import annotations

import nbformat
import pytest
from conftest import LEARNERS, Windows
from notebook_page import TIMEOUT, Notebook
from playwright.sync_api import expect

from autograder.authoring.build.quizzes import GRADED, quiz_called

pytestmark = pytest.mark.timeout(TIMEOUT)


@pytest.mark.parametrize(
    "path", [path for path in LEARNERS if quiz_called(path.stem)], ids=lambda path: path.stem
)
def test_a_test_notes_answers_and_judges_none(path, server, windows: Windows):
    address, folder = server
    blank = nbformat.read(path, as_version=4)
    first, second, *_ = (c.id.removeprefix(GRADED) for c in blank.cells if c.id.startswith(GRADED))
    for cell in blank.cells:
        if cell.id == first:
            cell.source = f'{first} = "b"'
    nbformat.write(blank, folder / path.name)
    notebook = Notebook(windows.open(), address, folder / path.name)
    assert not notebook.errors()
    assert not notebook.not_run()
    expect(notebook.cell(GRADED + first)).to_contain_text(f"Noted: {first} = 'b'")
    expect(notebook.cell(GRADED + second)).to_contain_text(f"{second} has no answer yet")
    expect(notebook.page.locator(".course-verdict")).to_have_count(0)
    notebook.shut_down()
    windows.close()
