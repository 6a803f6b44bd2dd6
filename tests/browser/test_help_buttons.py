"""The buttons under a verdict that is not right yet: seen, pressed by the keyboard, and gone from a
notebook that is opened again."""

from __future__ import annotations

import re

import nbformat
import pytest
from conftest import Windows
from notebook_page import TIMEOUT, Notebook, open_without_kernel
from playwright.sync_api import expect

pytestmark = pytest.mark.timeout(TIMEOUT)

# An exercise that no other test has right: who has it right may see the solution, and all tests of
# the server share a file of progress.
WRONG = """\
from autograder import check

def leaky_relu_forward(x, alpha=0.01):
    return x, x

check(leaky_relu_forward)"""
ANSWERED = """\
from autograder import check

q02_centred = "p", "guess"  # "s" is right
check("q02_centred")"""


@pytest.fixture(scope="module")
def asked(server, windows: Windows):
    """A notebook with a wrong function, checked; and where it is."""
    address, folder = server
    path = folder / "helped.ipynb"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(source) for source in (WRONG, ANSWERED)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    notebook = Notebook(windows.open(), address, path)
    yield notebook, address, path
    windows.close()


def test_the_next_hint_is_a_button_away(asked):
    notebook, *_ = asked
    cell = notebook.page.locator(".jp-Notebook .jp-Cell").first
    expect(cell.locator(".course-verdict")).to_contain_text("Not yet")
    button = cell.locator(".course-help").get_by_role("button", name="Hint 1 of")
    button.focus()
    notebook.page.keyboard.press("Enter")
    expect(cell.get_by_role("status").filter(has_text="Hint 1 of")).to_be_visible()
    expect(cell.locator(".course-help").get_by_role("button", name="Hint 2 of")).to_be_visible()
    expect(cell.get_by_role("button", name="Show a solution")).to_be_hidden()


def test_a_question_comes_again_with_other_numbers_and_says_whether_it_is_right(asked):
    notebook, *_ = asked
    cell = notebook.page.locator(".jp-Notebook .jp-Cell").nth(1)
    expect(cell.locator(".course-verdict")).to_contain_text('another("q02_centred") asks a second')
    cell.get_by_role("button", name="Ask a second version").click()
    asked_now = cell.locator(".course-review")
    asked_now.get_by_role("button", name="a", exact=True).click()
    expect(asked_now.get_by_role("status")).to_have_text(re.compile(r"^a: (✓ Right|✗ Not yet)\."))
    asked_now.get_by_role("button", name="Another version").click()
    expect(asked_now.get_by_role("status")).to_have_text("")


def test_opened_again_the_verdict_stands_alone(asked, windows: Windows):
    notebook, address, path = asked
    notebook.save()
    notebook.shut_down()
    page = windows.open()
    open_without_kernel(page, address, path)
    expect(page.locator(".course-verdict").first).to_contain_text("gives a")
    dead = page.get_by_text("Error displaying widget").and_(page.locator(":visible"))
    expect(dead).to_have_count(0)
