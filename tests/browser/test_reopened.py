"""A notebook with an explorer that was saved and is opened again, with no kernel behind it."""

from __future__ import annotations

import re

import nbformat
import pytest
from conftest import Windows
from notebook_page import TIMEOUT, Notebook, open_without_kernel
from playwright.sync_api import expect

pytestmark = pytest.mark.timeout(TIMEOUT)

POINTS = re.compile(r"\d+/\d+")  # how many depends on what else was checked in the folder
CELLS = (
    "from course_utils.explorers.batchnorm import explore_batchnorm\nexplore_batchnorm()",
    "from autograder import check\n\nq06_noise = 'a'\ncheck('q06_noise')",
    "from autograder import progress\n\nprogress('06')",
)


@pytest.fixture(scope="module")
def saved(server, windows: Windows):
    """A notebook that was run, seen alive and saved; gives the server's address and the file."""
    address, folder = server
    path = folder / "reopened.ipynb"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    notebook = Notebook(windows.open(), address, path)
    assert not notebook.errors()
    notebook.pictures(notebook.explorers())
    expect(notebook.page.locator(".jp-Notebook figure")).to_be_hidden()
    notebook.save()
    notebook.shut_down()
    windows.close()
    return address, path


@pytest.fixture(params=["trusted", "not trusted"])
def reopened(request, saved, windows: Windows):
    address, path = saved
    if request.param == "not trusted":
        # Trust is a signature of the file: whoever gets it from somebody else has none.
        notebook = nbformat.read(path, as_version=4)
        notebook.metadata["from"] = "somebody else"
        path = path.with_name("received.ipynb")
        nbformat.write(notebook, path)
    page = windows.open()
    assert open_without_kernel(page, address, path) == (request.param == "trusted")
    yield page.locator(".jp-Notebook")
    windows.close()


def test_the_explorer_is_a_still_picture_and_no_dead_widget(reopened):
    expect(reopened.get_by_role("figure")).to_contain_text("To bring it to life, run this notebook")
    expect(reopened.get_by_role("img", name="The batch of 4 has mean").first).to_be_visible()
    for dead in ("Loading widget", "Error displaying widget"):
        expect(reopened.get_by_text(dead).and_(reopened.locator(":visible"))).to_have_count(0)
    widths = reopened.locator("figure img").evaluate_all(
        "all => all.map(i => [i.clientWidth, i.naturalWidth])"
    )
    assert len(widths) > 1 and all(shown <= natural for shown, natural in widths)


def test_verdict_and_panel_are_read_as_they_were(reopened):
    verdict = reopened.locator(".jp-Cell").nth(1)
    expect(verdict).to_contain_text("q06_noise")
    expect(verdict.locator("summary")).to_be_visible()
    panel = reopened.locator(".jp-Cell").nth(2)
    expect(panel.get_by_role("listitem").filter(has_text="06 batchnorm")).to_contain_text(POINTS)
    expect(panel.get_by_role("table", name="Exercises of this notebook")).to_be_visible()
