"""Each notebook in JupyterLab: it runs, its explorer answers to the keyboard, its verdicts are
seen. They are copies with one exercise solved and one wrong, made by `prepared`. The pre-test and
the post-test are in `test_question_notebooks`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import LEARNERS, Windows
from notebook_page import TIMEOUT, Notebook
from playwright.sync_api import Locator, expect
from prepared import Prepared, prepare

from autograder.authoring.build.quizzes import quiz_called

NOTEBOOKS = [path for path in LEARNERS if not quiz_called(path.stem)]
# The start page has two warm-up exercises and nothing to explore.
START = "00_start"
# A control, and the key that moves it.
KEYS = {"[role=slider]": "ArrowRight", "select": "ArrowDown", "input[type=checkbox]": "Space"}

pytestmark = pytest.mark.timeout(TIMEOUT)


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def opened(request, server, windows: Windows) -> Iterator[tuple[Notebook, Prepared]]:
    """A notebook that has been run, and what is in it."""
    address, folder = server
    prepared = prepare(request.param.stem)
    notebook = Notebook(windows.open(), address, prepared.write(request.param, folder))
    yield notebook, prepared
    notebook.shut_down()
    windows.close()


def verdict(notebook: Notebook, exercise: str) -> Locator:
    return notebook.cell(f"check_{exercise}").locator(".course-verdict")


def test_every_cell_runs(opened):
    notebook, _ = opened
    assert not notebook.errors()
    assert not notebook.not_run()


def test_the_explorers_first_control_moves_the_picture(opened):
    notebook, prepared = opened
    if prepared.name == START:
        pytest.skip("the start page has no explorer")
    box = notebook.explorers().first
    before = notebook.pictures(box)
    control = box.locator(", ".join(KEYS)).first
    control.focus()
    (key,) = (key for kind, key in KEYS.items() if control.and_(box.locator(kind)).count())
    control.press(key)
    notebook.wait_for_another_picture(box, before)


def test_right_code_is_seen_to_be_right(opened):
    notebook, prepared = opened
    seen = verdict(notebook, prepared.right)
    expect(seen).to_be_visible()
    expect(seen).to_contain_text("✓ Right")


def test_wrong_code_is_told_its_mistake(opened):
    notebook, prepared = opened
    seen = verdict(notebook, prepared.wrong)
    expect(seen.get_by_text(prepared.sentence)).to_be_visible()
    expect(seen).to_contain_text("✗ Not yet")


def test_what_is_untouched_is_not_called_wrong(opened):
    notebook, prepared = opened
    if prepared.name == START:
        pytest.skip("both exercises of the start page have been touched")
    assert prepared.untouched
    for exercise in prepared.untouched:
        seen = verdict(notebook, exercise)
        expect(seen).to_be_visible()
        expect(seen).to_contain_text("○ Not attempted")
