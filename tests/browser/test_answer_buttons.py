"""The choices of a question as buttons that write the answer into its cell: in JupyterLab and in
Notebook 7, by mouse and keyboard, and the answer is the cell's own source afterwards."""

from __future__ import annotations

import json
import time
from urllib.parse import quote

import nbformat
import pytest
from conftest import LEARNERS, PATIENCE, Windows
from notebook_page import OPEN, READY, TIMEOUT
from playwright.sync_api import expect

pytestmark = pytest.mark.timeout(TIMEOUT)

NAME = "q02_centred"


def sources(path) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads(path.read_text("utf-8"))["cells"]]


def pressed(button) -> None:
    expect(button).to_have_attribute("aria-pressed", "true")


@pytest.fixture(scope="module", params=["lab/workspaces/answered/tree", "notebooks"])
def asked(request, server, windows: Windows):
    """A question of 02 with its answer cell and check, as the notebook has them."""
    address, folder = server
    (shipped,) = [path for path in LEARNERS if path.name.startswith("02_")]
    cells = nbformat.read(shipped, 4).cells
    (at,) = [i for i, cell in enumerate(cells) if cell.source.startswith(f"{NAME} = ...")]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path = folder / f"answered_{request.param[:3]}.ipynb"
    book = nbformat.v4.new_notebook(
        cells=[*cells[at - 1 : at + 2], nbformat.v4.new_code_cell("q02_other = 3  # a number")],
        metadata={"kernelspec": kernel},
    )
    nbformat.write(book, path)
    page = windows.open()
    page.goto(f"{address}/{request.param}/{quote(path.name)}")
    if request.param == "notebooks":
        page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=OPEN * 1000)
    else:
        page.wait_for_function(READY, timeout=OPEN * 1000)
    yield page, path
    windows.close()


def test_a_click_writes_the_answer_and_runs_it(asked):
    page, path = asked
    row = page.get_by_role("group", name=f"Your answer to {NAME}")
    expect(row).to_have_count(1)  # no row where a number is asked for
    expect(row.get_by_role("button")).to_have_text(["p", "q", "r", "s"])
    row.get_by_role("button", name="q", exact=True).click()
    cell = page.locator(".jp-CodeCell").first
    expect(cell.locator(".jp-InputPrompt")).to_have_text("[1]:")
    expect(cell.locator(".cm-line").first).to_contain_text(f'{NAME} = "q"  # "p", "q", "r" or "s"')
    pressed(row.get_by_role("button", name="q", exact=True))
    # By the keyboard, and with how sure one is; once more takes that back.
    row.get_by_role("button", name="s", exact=True).focus()
    page.keyboard.press("Enter")
    expect(cell.locator(".jp-InputPrompt")).to_have_text("[2]:")
    row.get_by_role("button", name="fairly sure").click()
    expect(cell.locator(".cm-line").first).to_contain_text(f'{NAME} = "s", "think"  # "p"')
    row.get_by_role("button", name="fairly sure").click()
    expect(cell.locator(".cm-line").first).to_contain_text(f'{NAME} = "s"  # "p"')
    row.get_by_role("button", name="a guess").click()
    expect(cell.locator(".cm-line").first).to_contain_text(f'{NAME} = "s", "guess"  # "p"')


def test_it_is_saved_as_what_one_would_have_typed(asked):
    page, path = asked
    before = sources(path)
    page.keyboard.press("Control+s")
    until = time.monotonic() + PATIENCE
    while sources(path) == before and time.monotonic() < until:
        page.wait_for_timeout(100)
    (answer,) = [source for source in sources(path) if source.startswith(NAME)]
    assert answer.splitlines()[0].startswith(f'{NAME} = "s", "guess"  # "p", "q", "r" or "s", with')
    namespace: dict = {}
    exec(answer, namespace)
    assert namespace[NAME] == ("s", "guess")


def test_typing_moves_the_buttons_along(asked):
    page, _ = asked
    line = page.locator(".jp-CodeCell").first.locator(".cm-line").first
    line.click()
    page.keyboard.press("Home")
    for _ in range(len(f'{NAME} = "')):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Delete")
    page.keyboard.type("r")
    row = page.get_by_role("group", name=f"Your answer to {NAME}")
    pressed(row.get_by_role("button", name="r", exact=True))
    # Who types over all of it has the buttons still, and a click brings the comment back.
    page.keyboard.press("Control+a")
    page.keyboard.type(f"{NAME} = q")
    expect(row.get_by_role("button")).to_have_text(["p", "q", "r", "s"])
    row.get_by_role("button", name="p", exact=True).click()
    expect(line).to_contain_text(f'{NAME} = "p"  # "p", "q", "r" or "s", with')
    line.click()
    page.keyboard.press("Control+a")
    page.keyboard.type("mine = 3")
    expect(row).to_have_count(0)


@pytest.fixture
def reopened(server, windows: Windows, request):
    """A notebook of the course in a new kernel, with a cell that needs what the first imports."""
    address, folder = server
    code = nbformat.v4.new_code_cell
    path = folder / f"{request.node.name}.ipynb"  # a kernel of its own
    book = nbformat.v4.new_notebook(
        cells=[code("import autograder"), code("import math"), code("math.pi"), code("missing"),
               code("f = 1"), code('autograder.check("standardize")')],  # fmt: skip
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(book, path)
    page = windows.open()
    page.goto(f"{address}/lab/workspaces/{path.stem}/tree/{path.name}")
    page.wait_for_function(READY, timeout=OPEN * 1000)
    yield page
    windows.close()


def test_who_runs_a_cell_too_early_is_told_and_can_run_those_above(reopened):
    page = reopened
    cells, note = page.locator(".jp-CodeCell"), page.locator(".course-above")

    def run(number):
        cells.nth(number).locator(".cm-content").click()
        page.keyboard.press("Control+Enter")

    run(2)
    expect(cells.nth(2).locator(".jp-InputPrompt")).to_have_text("[1]:")
    expect(note).to_contain_text("Not all cells above have been run since the kernel was started.")
    note.get_by_role("button", name="Run all cells above, then this one").click()
    expect(cells.nth(1).locator(".jp-InputPrompt")).to_have_text("[3]:")
    expect(cells.nth(2).locator(".jp-InputPrompt")).to_have_text("[4]:")
    expect(cells.nth(2).locator(".jp-OutputArea-output").last).to_contain_text("3.14")
    expect(note).to_have_count(0)
    run(3)  # all above have run: the name is missing for another reason
    expect(cells.nth(3).locator(".jp-OutputArea-output").last).to_contain_text("NameError")
    expect(note).to_have_count(0)


def test_a_check_too_early_offers_the_same(reopened):
    page = reopened
    cells, note = page.locator(".jp-CodeCell"), page.locator(".course-above")
    for number in (0, 5):
        cells.nth(number).locator(".cm-content").click()
        page.keyboard.press("Control+Enter")
    said = cells.nth(5).locator(".jp-OutputArea-output").last
    expect(said).to_contain_text("There is no standardize yet")
    expect(note.get_by_role("button")).to_have_text("Run all cells above, then this one")
