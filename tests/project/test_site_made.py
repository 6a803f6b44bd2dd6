"""The site as it is made: its first screen, its links and slides, and its pages in a browser that
has no network. What makes a page of a notebook is `test_site`'s."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from urllib.parse import unquote

import pytest

from autograder.exercises import find

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "docs" / "site"
sys.path.insert(0, str(SITE))

import front  # noqa: E402 - found through the line above

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
def test_what_scrolls_can_be_reached_by_tab(html):
    for name in ("docs/it.html", "notebooks/06_batchnorm.html"):
        text = (html / name).read_text("utf-8")
        assert "<pre>" not in text and 'role="heading">' not in text
        wrappers = re.findall(r'<div class="table-wrapper[^>]*>', text)
        assert all("tabindex" in wrapper for wrapper in wrappers)


AXE = """async () => {
  for (const fold of document.querySelectorAll('details')) fold.open = true;
  // What fades in has the contrast of the moment until it is there.
  await new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  await Promise.allSettled(document.getAnimations().map(moving => moving.finished));
  const found = await axe.run(document, {
    runOnly: {type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']},
    resultTypes: ['violations'],
  });
  return found.violations.flatMap(
    rule => rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 160)}`));
}"""


@needs_tools
@pytest.mark.skipif(
    CHROMIUM is None or importlib.util.find_spec("axe_playwright_python") is None,
    reason="no Chromium or no axe-core here: make test-browser brings both",
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_barrier(html, scheme):
    from playwright.sync_api import sync_playwright

    script = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        context = browser.new_context(offline=True, color_scheme=scheme, bypass_csp=True)
        page = context.new_page()
        for name in ("index.html", "notebooks/06_batchnorm.html", "notebooks/glossary.html",
                     "docs/teaching/06_batchnorm.html", "docs/it.html",
                     "slides/06_batchnorm.html"):  # fmt: skip
            page.goto((html / name).as_uri())
            for width in (1280, 390):
                page.set_viewport_size({"width": width, "height": 900})
                page.evaluate(script)
                assert page.evaluate(AXE) == [], (name, width)
        browser.close()


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
