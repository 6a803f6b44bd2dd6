"""What the course puts on a page is free of what axe-core counts as a barrier: verdicts, panels,
questions and their buttons, reviews and explorers, light and dark, on a laptop's window and on a
telephone's."""

from __future__ import annotations

from importlib import resources

import nbformat
import pytest
from conftest import Windows
from notebook_page import TIMEOUT, Notebook

from course_utils import explorers

pytestmark = pytest.mark.timeout(2 * TIMEOUT)

VERDICTS = """\
from autograder import ask, check, progress
from autograder.learning.self_test import Score

def relu_forward(x):
    print("a line")
    return x, x

check(relu_forward)""", """\
def relu_forward(x):
    return (x + abs(x)) / 2, x

check(relu_forward)""", """\
def relu_backward(dout, cache):
    raise NotImplementedError

check(relu_backward)""", """\
def relu_backward(dout, cache):
    return dout[cache, "no"]

check(relu_backward)""", 'q02_centred = "p"\ncheck("q02_centred")'  # fmt: skip
ANSWER = 'q02_accumulate = "p", "sure"  # "p", "q", "r" or "s", with its quotes'
PANELS = (
    'progress("02")', 'ask("q02_centred")',
    'Score("99_posttest", {"02_activations": (2, 3)}, before={"02_activations": (1, 3)})',
    """\
import datetime
from autograder.learning import review

review.panel([review.Item(name, review.SEEDS_START, "02_activations", datetime.date.today(), 0)
              for name in ("q02_centred", "q02_bias_gradient")], datetime.date.today())""",
    'import numpy as np\nfrom course_utils import plots\n\nplots.show(plots.lines({"a": [1, 2]}, '
    '"x", "y"))',
)  # fmt: skip
EXPLORERS = [f"import course_utils.explorers.{n.partition('.')[0]} as room\n\n"
             f"room.{n.partition('.')[2]}()" for n in explorers.every()]  # fmt: skip

THEMES = ("JupyterLab Light", "JupyterLab Dark")
WIDTHS = (1280, 390)
OURS = ".jp-Notebook .jp-OutputArea-output"
BUTTONS = ".jp-Notebook .course-choices"
# What the page around it is made of is JupyterLab's.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_AXE = """async ([selectors, rules]) => {
  for (const fold of document.querySelectorAll('.jp-Notebook details')) fold.open = true;
  const found = await axe.run({include: selectors.map(selector => [selector])}, {
    runOnly: {type: 'tag', values: rules}, resultTypes: ['violations'],
  });
  return found.violations.flatMap(rule => rule.nodes.map(node =>
    `${rule.id}: ${node.html.slice(0, 160)} ${(node.any[0] || node.all[0] || {}).message || ''}`));
}"""


@pytest.fixture(scope="module")
def shown(server, windows: Windows):
    """A notebook with everything that the course shows, run to its end."""
    address, folder = server
    path = folder / "everything.ipynb"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(code) for code in (*VERDICTS, ANSWER, *PANELS, *EXPLORERS)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    notebook = Notebook(windows.open(), address, path)
    assert notebook.errors() == {}
    # As whoever has a narrow window: the files' panel would leave nothing of a telephone's.
    notebook.page.evaluate("() => jupyterapp.shell.collapseLeft()")
    axe = resources.files("axe_playwright_python").joinpath("axe.min.js")
    notebook.page.evaluate(axe.read_text(encoding="utf-8"))
    yield notebook
    windows.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_no_barrier(shown: Notebook, theme, width):
    page = shown.page
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate(
        "theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme
    )
    page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=theme)
    assert page.locator(OURS).count() >= len(VERDICTS) + len(PANELS) + len(EXPLORERS)
    assert page.locator(".course-explorer").count() == len(EXPLORERS)
    assert page.locator(BUTTONS).count() == 1
    found = page.evaluate(_AXE, [[OURS, BUTTONS], RULES])
    assert found == [], "\n".join(found)


def test_axe_would_find_one(shown: Notebook):
    """The check can fail: a picture without words, put where the outputs are."""
    page = shown.page
    page.evaluate("where => document.querySelector(where).append(new Image())", OURS)
    try:
        assert any("image-alt" in line for line in page.evaluate(_AXE, [[OURS], RULES]))
    finally:
        page.evaluate("where => document.querySelector(where + ' > img:last-child').remove()", OURS)
