"""The site: what makes a page of a notebook, what is executed again and what is not, and the pages
themselves in a browser without a network."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder.authoring.build import masters
from autograder.exercises import find

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "docs" / "site"
sys.path.insert(0, str(SITE))

import front  # noqa: E402 - found through the line above
import pages  # noqa: E402 - likewise
import solved  # noqa: E402 - likewise

COLAB = "https://colab.research.google.com/github/somebody/course/blob/main/notebooks/99_x.ipynb"
STILL = (
    '<figure id="course-explorer-1a2b" style="margin:0"><img alt="Two humps." src="data:,">'
    "<figcaption>To bring it to life, run this notebook.</figcaption></figure>"
)
WIDGET = {"model_id": "7", "version_major": 2, "version_minor": 0}


def display(**data):
    return new_output("display_data", {kind.replace("_", "/"): v for kind, v in data.items()})


@pytest.fixture
def notebook():
    """An executed notebook with one cell of each kind that the site treats in its own way."""
    graded = {"nbgrader": {"grade": True, "solution": True}}
    widget = new_output("display_data", {pages.WIDGET: WIDGET, "text/plain": ""})
    made = new_notebook(cells=[
        new_markdown_cell("# 99 · Example\n\nAfter this you can", id="title"),
        new_markdown_cell("[![badge](https://example.org/badge.svg)](x)", id="colab-badge"),
        new_code_cell("import sys", id="setup"),
        new_markdown_cell("# Go further\n\n```python\n# a comment\n```", id="further"),
        new_code_cell(
            "def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION", id="f"
        ),
        new_code_cell("explore()", id="e", outputs=[display(text_html=STILL), widget]),
        new_code_cell("show()", id="s", outputs=[
            new_output("display_data", {"image/png": "AA\nAA\n"},
                       metadata={"image/png": {"alt": 'a "curve"'}})]),
        new_markdown_cell("Because.", id="explain", metadata=graded),
        new_code_cell("progress()", id="progress"),
    ])  # fmt: skip
    made.metadata.widgets = {"state": {}}
    return made


def test_a_page_leaves_out_what_is_for_machines(notebook):
    made = pages.page(notebook, "99_x", None)
    assert [cell.id for cell in made.cells] == ["title", "further", "f", "e", "s", "explain"]
    assert "widgets" not in made.metadata and len(notebook.cells) == 9
    assert made.cells[2].source == "def f():\n    return 1\n"
    assert made.cells[5].source == (
        "<details><summary>A model answer</summary>\n\nBecause.\n\n</details>"
    )
    assert all("nbgrader" not in cell.metadata for cell in made.cells)


def test_a_page_folds_what_is_not_read_first(notebook):
    notebook.cells[4].metadata["nbgrader"] = {"solution": True}
    notebook.cells[6].metadata["tags"] = ["experiment"]
    notebook.cells.insert(6, new_code_cell('from autograder import check\n\ncheck("f")', id="c"))
    made = {cell.id: cell for cell in pages.page(notebook, "99_x", None).cells}
    assert made["c"].metadata["tags"] == ["remove-input"]
    for identity, what in (("f", "the function, solved"), ("s", "the code")):
        assert "hide-input" in made[identity].metadata["tags"]
        assert made[identity].metadata["mystnb"]["code_prompt_show"] == f"Show {what}"
    assert "tags" not in made["e"].metadata


def test_a_page_has_one_title(notebook):
    made = pages.page(notebook, "99_x", None)
    assert made.cells[0].source.startswith("# 99 · Example\n\n:::{note}")
    assert made.cells[1].source == "## Go further\n\n```python\n# a comment\n```"


@pytest.mark.parametrize("colab", [None, COLAB])
def test_an_explorer_is_a_picture_that_says_how_to_open_it(notebook, colab):
    made = pages.page(notebook, "99_x", colab)
    (output,) = made.cells[3].outputs
    html = output.data["text/html"]
    assert 'alt="Two humps."' in html and "make lab NN=99" in html
    assert "To bring it to life" not in html
    assert (COLAB in html) == (colab is not None)


def test_a_panel_leads_to_the_pages_that_there_are(notebook):
    here, absent = "<a href='06_batchnorm.ipynb'>06</a>", "<a href='07_optimizers.ipynb'>07</a>"
    notebook.cells[5].outputs = [
        display(text_html=f"<div class='course-progress'>{here}{absent}</div>"),
        display(text_html=here),
    ]
    others = frozenset({"99_x", "06_batchnorm"})
    panel, other = pages.page(notebook, "99_x", None, others).cells[3].outputs
    assert "<a href='06_batchnorm.html'>06</a>07<" in panel.data["text/html"]
    assert other.data["text/html"] == here


def test_a_picture_keeps_its_text_alternative(notebook):
    (output,) = pages.page(notebook, "99_x", None).cells[4].outputs
    assert output.data["text/html"] == (
        '<img alt="a &quot;curve&quot;" src="data:image/png;base64,AAAA">'
    )


# What is executed.


def test_questions_are_answered():
    notebook = solved.solved_notebook(masters.load(ROOT / "tests" / "masters" / "99_small.py"))
    (cell,) = (cell for cell in notebook.cells if cell.id == "q06_noise")
    assert re.fullmatch(r"q06_noise = '[p-s]'", cell.source)


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of four files in the place of this one; gives its folder."""
    files = {
        "autograder/exercises/__init__.py": "",
        "autograder/exercises/near.py": 'import course_utils.deep\nNOTEBOOK = "77_x"\n',
        "autograder/exercises/far.py": 'NOTEBOOK = "78_y"\n',
        "course_utils/__init__.py": "",
        "course_utils/plots.py": "def draw():\n    from course_utils import late\n",
        "course_utils/late.py": "", "course_utils/deep.py": "", "course_utils/other.py": "",
        "data/net.pt": "1",
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(solved, "CHECKOUT", tmp_path)
    monkeypatch.setattr(solved, "ROOMS", tmp_path / "autograder" / "exercises")
    return tmp_path


@pytest.fixture
def runs(monkeypatch):
    """The names of the notebooks that were run; nothing really is."""
    ran: list[str] = []
    monkeypatch.setattr(solved, "_run", lambda notebook, name, quick: ran.append(name))
    cells = [new_code_cell("%matplotlib inline\nfrom course_utils import plots", id="imports")]
    monkeypatch.setattr(solved, "solved_notebook", lambda master: new_notebook(cells=cells))
    return ran


MASTER = masters.Master("77_x", Path("77_x.py"), ())


def test_what_has_not_changed_is_not_run_again(course, runs):
    assert [solved.executed(MASTER, course / "store", True)[1] for _ in range(2)] == [True, False]
    assert runs == ["77_x"]
    solved.executed(MASTER, course / "store", False)  # at full length: another thing
    assert runs == ["77_x"] * 2


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ("autograder/exercises/near.py", True),  # its own exercises
        ("course_utils/deep.py", True),  # what they import
        ("course_utils/late.py", True),  # what a function imports when it is called
        ("data/net.pt", True),
        ("autograder/exercises/far.py", False),  # another notebook's
        ("course_utils/other.py", False),
    ],
)
def test_a_change_runs_what_rests_on_it(course, runs, changed, again):
    solved.executed(MASTER, course / "store", True)
    path = course / changed
    path.write_text(path.read_text() + "# changed\n")
    assert solved.executed(MASTER, course / "store", True)[1] is again
    assert len(list((course / "store").iterdir())) == 1


def test_a_notebook_that_fails_is_named_and_nothing_is_kept(course, monkeypatch):
    notebook = new_notebook(cells=[new_code_cell("1 / 0", id="broken")])
    monkeypatch.setattr(solved, "solved_notebook", lambda master: notebook)
    with pytest.raises(solved.NotebookFailed, match="77_x(.|\n)*ZeroDivisionError"):
        solved.executed(MASTER, course / "store", True)
    assert not (course / "store").exists()


def test_a_notebook_that_is_not_there_is_told_in_a_sentence(tmp_path):
    done = subprocess.run(
        [sys.executable, SITE / "build.py", "--into", tmp_path, "77"],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1 and "There is no master '77'" in done.stderr
    assert "Traceback" not in done.stderr


# The pages.

needs_tools = pytest.mark.skipif(
    importlib.util.find_spec("sphinx") is None or shutil.which("npm") is None,
    reason="making the site needs the extra 'site' (make setup brings it) and npm on PATH",
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)


@pytest.fixture(scope="module")
def html(tmp_path_factory) -> Path:
    """The site of two notebooks and all guides, made quickly."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, SITE / "build.py", "--quick", "--into", folder, "00", "06"],
        capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}, timeout=280,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "html"


@needs_tools
def test_no_page_asks_for_anything_elsewhere(html):
    loads = re.compile(r"""<(?:script|img|link|iframe)\b[^>]*\b(?:src|href)=["'](?:https?:)?//""")
    found = [page.name for page in html.rglob("*.html") if loads.search(page.read_text("utf-8"))]
    assert found == []
    styles = [page.name for page in html.rglob("*.css") if "url(http" in page.read_text("utf-8")]
    assert styles == []


class Links(HTMLParser):
    """Where a page leads to, and the places in it that can be led to."""

    def __init__(self, page: Path):
        super().__init__()
        self.to, self.places = set(), set()
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.places.add(found.get("id"))
        if tag in ("a", "img", "link", "script"):
            self.to.add(found.get("href") or found.get("src") or "")


@needs_tools
def test_no_link_leads_nowhere(html):
    links = {page: Links(page) for page in html.rglob("*.html")}
    nowhere = []
    for page, own in links.items():
        for link in own.to:
            if not link or re.match(r"[a-z]+:", link):
                continue
            path, _, place = link.partition("#")
            target = (page.parent / path.partition("?")[0]).resolve() if path else page
            found = target.exists() and (
                not place or target not in links or unquote(place) in links[target].places
            )
            if not found:
                nowhere.append(f"{page.name}: {link}")
    assert nowhere == [] and sum(len(own.to) for own in links.values()) > 100


@pytest.mark.parametrize("example", front.EXAMPLES, ids=lambda example: example.exercise)
def test_the_first_screen_shows_a_mistake_that_the_check_names(example):
    said = front.verdict(example)
    assert said.status == "failed" and said.mistakes[:1] == [example.mistake]
    hint = find(example.exercise).mistakes()[example.mistake].__doc__.split()
    assert " ".join(said.message.split()).startswith(" ".join(hint))


@needs_tools
def test_the_first_screen_has_a_real_verdict_three_paths_and_a_search(html):
    text = (html / "index.html").read_text("utf-8")
    assert text.count("class='course-verdict'") == len(front.EXAMPLES)
    assert re.findall(r'<a class="front-path" href="docs/(\w+)\.html">', text) == [
        "learners", "adopting", "authors"
    ]  # fmt: skip
    assert 'action="search.html"' in text


@needs_tools
def test_the_site_is_small(html):
    assert sum(path.stat().st_size for path in html.rglob("*") if path.is_file()) < 25e6


@needs_tools
def test_slides_lie_beside_the_pages_and_are_linked_from_those_who_teach(html):
    made = {path.stem for path in (html / "slides").glob("*.html")}
    assert made == {"00_start", "06_batchnorm"}
    page = (html / "docs" / "teaching" / "06_batchnorm.html").read_text("utf-8")
    assert 'href="../../slides/06_batchnorm.html"' in page
    other = (html / "docs" / "teaching" / "07_optimizers.html").read_text("utf-8")
    assert "slides/07_optimizers.html" not in other
    deck = (html / "slides" / "06_batchnorm.html").read_text("utf-8")
    assert "<math" in deck and "data:image/png" in deck and "NotImplementedError" not in deck


@needs_tools
def test_the_start_page_has_its_map_and_no_word_about_a_progress_file(html):
    text = (html / "notebooks" / "00_start.html").read_text("utf-8")
    assert "<a href='06_batchnorm.html'>06 batchnorm</a>" in text
    assert "no progress is kept" not in text and "until this kernel stops" not in text


@needs_tools
def test_what_was_made_has_solutions_and_outputs(html):
    text = (html / "notebooks" / "06_batchnorm.html").read_text("utf-8")
    assert "BEGIN SOLUTION" not in text and "NotImplementedError" not in text
    assert text.count("✓</span> Right") >= 15 and "✗</span> Not yet" not in text
    guides = {path.stem for path in (ROOT / "docs").glob("*.md")}
    assert {path.stem for path in (html / "docs").glob("*.html")} == guides


@needs_tools
@pytest.mark.skipif(
    CHROMIUM is None or importlib.util.find_spec("playwright") is None,
    reason="no Chromium or no playwright here: make test-browser brings both",
)
def test_the_pages_work_without_a_network(html):
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        page = browser.new_context(offline=True, color_scheme="light").new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))

        page.goto((html / "notebooks" / "06_batchnorm.html").as_uri())
        formulas = page.locator(".math")
        expect(page.locator("mjx-container svg")).to_have_count(formulas.count())
        assert formulas.count() >= 8 and page.locator("[data-mjx-error]").count() == 0
        expect(page.locator("figure[id^=course-explorer] figcaption").first).to_contain_text(
            "make lab NN=06"
        )

        ground = "getComputedStyle(document.body).backgroundColor"
        light = page.evaluate(ground)
        page.locator("button.theme-toggle:visible").first.click()
        assert page.locator("body").get_attribute("data-theme") == "dark"
        assert page.evaluate(ground) != light

        for name in ("index.html", "notebooks/06_batchnorm.html", "docs/teaching/06_batchnorm.html",
                     "slides/06_batchnorm.html"):  # fmt: skip
            page.goto((html / name).as_uri())
            for width in (390, 768, 1020, 1150):
                page.set_viewport_size({"width": width, "height": 800})
                wide = page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, (name, width)
        page.set_viewport_size({"width": 1280, "height": 800})

        page.goto((html / "slides" / "06_batchnorm.html").as_uri() + "#slide-4")
        result = page.locator(".slide.now .later")
        expect(result).to_have_css("visibility", "hidden")  # it is predicted first
        page.keyboard.press("ArrowRight")
        expect(result).to_have_css("visibility", "visible")
        page.keyboard.press("ArrowRight")
        expect(page.locator("#place")).to_contain_text("5 of ")
        page.keyboard.press("n")
        expect(page.locator(".slide.now .notes")).to_be_visible()

        page.goto((html / "index.html").as_uri())
        page.locator("#front-q").fill("batch normalization")
        page.locator("#front-q").press("Enter")
        first = page.locator("ul.search li a").first
        expect(first).to_contain_text("06 · Batch normalization")
        browser.close()
    assert asked and all(url.startswith(("file:", "data:", "blob:")) for url in asked)
