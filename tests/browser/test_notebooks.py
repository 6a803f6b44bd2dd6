"""Each notebook in JupyterLab: it runs, its explorer answers to the keyboard, its verdicts are
seen. They are copies with one exercise solved and one wrong, which `prepared` makes; the tests of
questions are copies with one answer."""

from __future__ import annotations

from collections.abc import Iterator

import nbformat
import pytest
from conftest import ROOT, Windows
from lab_server import lab
from notebook_page import OPEN, RUN, Notebook
from playwright.sync_api import Locator, expect
from prepared import Prepared, prepare

from autograder.authoring.quizzes import GRADED, quiz_called

ALL = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
TESTS = [path for path in ALL if quiz_called(path.stem)]
NOTEBOOKS = [path for path in ALL if path not in TESTS]
# The start page has two warm-up exercises and nothing to explore.
START = "00_start"
# A control, and the key that moves it.
KEYS = {"[role=slider]": "ArrowRight", "select": "ArrowDown", "input[type=checkbox]": "Space"}

pytestmark = pytest.mark.timeout(OPEN + RUN + 120)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """JupyterLab on an empty folder; gives its address and the folder."""
    notebooks, own = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("jupyter")
    progress = str(notebooks / ".progress.json")
    with lab(notebooks, own, COURSE_QUICK="1", COURSE_PROGRESS=progress) as address:
        yield address, notebooks


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


def all_cells_ran(notebook: Notebook) -> None:
    failed = {cell["id"]: cell["errors"] for cell in notebook.cells if cell["errors"]}
    assert not failed
    code = [cell for cell in notebook.cells if cell["kind"] == "code" and cell["source"].strip()]
    assert [cell["id"] for cell in code if not cell["ran"]] == []


def test_every_cell_runs(opened):
    notebook, _ = opened
    all_cells_ran(notebook)


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


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_a_test_notes_answers_and_judges_none(path, server, windows: Windows):
    address, folder = server
    blank = nbformat.read(path, as_version=4)
    first, second, *_ = (c.id.removeprefix(GRADED) for c in blank.cells if c.id.startswith(GRADED))
    for cell in blank.cells:
        if cell.id == first:
            cell.source = f'{first} = "b"'
    nbformat.write(blank, folder / path.name)
    notebook = Notebook(windows.open(), address, folder / path.name)
    all_cells_ran(notebook)
    expect(notebook.cell(GRADED + first)).to_contain_text(f"Noted: {first} = 'b'")
    expect(notebook.cell(GRADED + second)).to_contain_text(f"{second} has no answer yet")
    expect(notebook.page.locator(".course-verdict")).to_have_count(0)
    notebook.shut_down()
    windows.close()
