"""Pages of students' notebooks, made for feedback and for formgrader: nothing on them acts, and
what is harmless is still there."""

from __future__ import annotations

import re
import subprocess
import sys

import hostile_notebook as hostile
import pytest
from bs4 import BeautifulSoup
from earlier_class import unpacked
from graded_class import NAME, make
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.server_extensions.formgrader import handlers
from traitlets.config import Config

from autograder.grading.classroom import configuration
from autograder.grading.feedback import inert
from autograder.grading.pipeline import nbgrader_commands, nbgrader_steps
from autograder.grading.sandbox.outputs import TAGS
from autograder.learning.practice import grade

ELEMENTS = TAGS | {"div", "span", "main", "pre"}
ATTRIBUTES = {
    "class", "style", "title", "role", "lang", "dir", "aria-label", "aria-hidden", "href", "src",
    "alt", "width", "height", "colspan", "rowspan", "scope", "start", "open", "id", "name", "rel",
}  # fmt: skip
FORMGRADER_OWN = {"button", "input", "textarea"}  # fields for points and comments


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return hostile.hostile_class(tmp_path_factory.mktemp("hostile") / "class")


@pytest.fixture(scope="module")
def feedback_page(folder) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_feedback", NAME],
        cwd=folder, capture_output=True, text=True, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return (folder / "feedback" / "ada" / NAME / f"{NAME}.html").read_text(encoding="utf-8")


def formgrader(config) -> HTMLExporter:
    """The exporter that formgrader makes of a class's configuration."""
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    return HTMLExporter(config=config)


def shown_by_formgrader(config, notebook) -> str:
    resources = {"base_url": "/base", "index": 0, "total": 1, "submission_id": "1"}
    return formgrader(config).from_notebook_node(notebook, resources)[0]


def assert_inert(page: str, own: frozenset | set = frozenset()) -> BeautifulSoup:
    # nbgrader's template has a whole page in its page, and this name in both.
    notebook = BeautifulSoup(page, "html.parser").find_all(id="notebook-container")[-1]
    elements = notebook.find_all(True)
    assert len(elements) > 100
    for element in elements:
        assert element.name in ELEMENTS | own, element
        if element.name in own:
            continue
        assert set(element.attrs) <= ATTRIBUTES, element
        address = element.get("href", "#")
        assert re.match(r"https?://|mailto:|#", address), element
        assert not address.startswith(hostile.OUT), element
        assert element.get("src", "data:image/").startswith("data:image/"), element
        assert "url" not in element.get("style", "") and "\\" not in element.get("style", "")
    return notebook


def assert_readable(notebook: BeautifulSoup) -> None:
    text = notebook.get_text()
    assert "A formula $a<b$ and x < y" in text
    assert "[of nobody: the picture gone.png is not in the notebook]" in text
    assert notebook.find("a", href="https://arxiv.org").get_text() == "a paper"
    pictures = [i for i in notebook.find_all("img") if i.get("src", "").endswith(hostile.PIXEL)]
    assert len(pictures) == 4  # attached, with more behind its data, with strange sizes, shown
    assert notebook.find("img", alt="of mine") and notebook.find("blockquote")
    assert notebook.find("img", src=re.compile("^data:image/svg")), "drawn, as a picture"
    assert "f" in [name.get_text() for name in notebook.select(".rendered_html span.nf")]
    heading = notebook.find("h2", id="text-A-heading")
    assert heading.find("a", class_="anchor-link")["href"] == "#text-A-heading"


def test_nothing_on_a_feedback_page_acts_and_what_is_harmless_stays(feedback_page):
    assert_readable(assert_inert(feedback_page))


def test_nothing_on_formgraders_page_acts(folder):
    config = configuration.load_config(folder)
    page = shown_by_formgrader(config, hostile.notebook(folder))
    notebook = assert_inert(page, FORMGRADER_OWN)
    assert_readable(notebook)
    mine = "full-credit mark-graded navbar-fixed-top".split()
    assert not [e for e in notebook.find_all(class_=mine) if e.name not in FORMGRADER_OWN]
    assert len(notebook.find_all(id="check_relu_backward")) <= 1


def test_a_class_made_earlier_has_it_too(folder, tmp_path):
    """Its configuration calls what it always has called, and names nothing of this."""
    earlier = unpacked("class", tmp_path)
    assert "HTMLExporter" not in (earlier / "nbgrader_config.py").read_text(encoding="utf-8")
    page = shown_by_formgrader(configuration.config(earlier), hostile.notebook(folder))
    assert_readable(assert_inert(page, FORMGRADER_OWN))


def test_filters_of_a_teachers_own_stay(tmp_path):
    folder = make(tmp_path / "class")
    settings = folder / "nbgrader_config.py"
    text = settings.read_text(encoding="utf-8")
    own = "c.HTMLExporter.preprocessors = ['nbconvert.preprocessors.ClearMetadataPreprocessor']\n"
    own += "c.HTMLExporter.filters = {'mine': 'builtins.str'}\n"
    settings.write_text(text.replace("nbgrader_steps.prepare", own + "nbgrader_steps.prepare", 1))
    exporter = configuration.config(folder).HTMLExporter
    assert len(exporter.preprocessors) == 2 and set(exporter.filters) == {"mine", *inert.FILTERS}


def rendered(cell) -> str:
    return str(inert.markdown({"cell": cell}, cell.source))


@pytest.mark.parametrize("link", hostile.LINKS)
def test_an_address_that_runs_or_fetches_is_none(link):
    for text in (
        f"[press](<{link}>)",
        f"[press][r]\n\n[r]: <{link}>",
        f'<a href="{link}">press</a>',
    ):
        made = rendered(new_markdown_cell(text))
        assert "press" in made or "image/svg" in link
        assert not BeautifulSoup(made, "html.parser").find(href=True), made


@pytest.mark.parametrize("address", ["https://a.org/x?y=1#z", "http://a.org", "mailto:a@b.org"])
def test_an_address_that_a_person_may_follow_stays(address):
    made = BeautifulSoup(rendered(new_markdown_cell(f"[press]({address})")), "html.parser")
    assert made.a["href"] == address and made.a["rel"] == ["noopener", "noreferrer"]


@pytest.mark.parametrize(
    "attachments",
    [{}, None, {"p.png": {}}, {"p.png": None}, {"p.png": {"image/png": 5}}, [], "p.png",
     {"p.png": {"text/html": "<b>"}}, {"p.png": {"image/png": "x\" onerror=\"y"}}],
)  # fmt: skip
def test_a_picture_that_is_not_there_is_a_line(attachments):
    cell = new_markdown_cell(
        "Before ![mine](attachment:p.png) after ![far][p]\n\n[p]: attachment:q"
    )
    cell["attachments"] = attachments
    page = rendered(cell)
    text = BeautifulSoup(page, "html.parser").get_text()
    if '"x' not in str(attachments):
        assert "Before" in text and "after" in text
        assert "[far: the picture q is not in the notebook]" in text
    assert "onerror" not in page


@pytest.mark.parametrize(
    "prose",
    ["<div>" * 4000, "\\begin{a}" * 6000, "[a](" * 9000, "*a " * 9000, "<a <" + " " * 20_000,
     "\ud800", "x" * 10**6],
)  # fmt: skip
def test_strange_prose_costs_no_page(prose):
    cells = [new_markdown_cell(prose), new_markdown_cell("the end")]
    page, _ = exporter().from_notebook_node(new_notebook(cells=cells))
    assert "the end" in page
    page.encode("utf-8")


def exporter() -> HTMLExporter:
    config = Config()
    inert.configure(config)
    return HTMLExporter(config=config, template_name="classic")


def test_markup_without_measure_is_left_out_and_a_large_picture_stays():
    assert "1,200,000 characters of HTML" in inert.clean("<b>" * 400_000)
    data = hostile.PIXEL[:-4] * 2000
    large = f'<img alt="plot" src="data:image/png;base64,{data}">'
    assert len(large) > inert.MOST_MARKUP and data in inert.clean(large)


def test_what_cannot_be_shown_is_a_line():
    shown = new_output("display_data", {"application/javascript": "x", "<b>": "y"})
    page, _ = exporter().from_notebook_node(
        new_notebook(cells=[new_code_cell("x", outputs=[shown])])
    )
    assert "[not shown on a page: application/javascript, &amp;lt;b&amp;gt;]" in page


def test_a_verdict_is_read_as_it_was_written():
    said = grade("batchnorm_forward", {"batchnorm_forward": lambda *args: None}).to_html()
    before, after = (BeautifulSoup(text, "html.parser") for text in (said, inert.clean(said)))
    assert after.get_text().split() == before.get_text().split()
    verdict = after.find(class_="course-verdict")
    assert verdict["role"] == "status" and "border-left" in verdict["style"]
    assert len(after.find_all("details")) == len(before.find_all("details"))


def test_a_grade_id_that_is_markup_is_none():
    cell = new_code_cell("x", metadata={"nbgrader": {"grade_id": '"><script>', "grade": True}})
    made, _ = inert.NothingActive().preprocess(new_notebook(cells=[cell]), {})
    assert "nbgrader" not in made.cells[0].metadata


def test_stock_autograde_and_feedback_agree_on_a_hostile_submission(tmp_path):
    """What nbgrader's own autograde lets through is cleaned on the page."""
    folder = make(tmp_path / "class")
    nbgrader_steps.prepare_environment()
    place = folder / "submitted" / "ada" / NAME
    place.mkdir(parents=True)
    notebook = hostile.notebook(folder)
    notebook.cells.append(new_code_cell(
        "from IPython.display import HTML, display\n"
        f"display(HTML('<a href=javascript:x>press</a><img src={hostile.OUT}/i.png>'))"
    ))  # fmt: skip
    hostile.nbformat.write(notebook, place / f"{NAME}.ipynb")
    for outcome in (nbgrader_commands.autograde(folder, NAME, "ada"),
                    nbgrader_commands.feedback(folder, NAME)):  # fmt: skip
        assert outcome.ok, outcome.log
    page = (folder / "feedback" / "ada" / NAME / f"{NAME}.html").read_text(encoding="utf-8")
    assert_inert(page)
