"""Teaching pages and slides: what a page names exists, and a deck holds what its notebook says."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder.authoring.build.masters import SOURCE, load
from autograder.exercises import find

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "docs" / "site"))

import slides  # noqa: E402 - found through the line above
import teaching  # noqa: E402 - likewise

PAGES = sorted(teaching.PAGES.glob("*.md"))
PARTS = ["What students ask", "Marking the written answer", "When the class makes this mistake"]
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def test_every_notebook_has_a_page():
    masters = {path.stem for path in SOURCE.glob("[01]*.py")}
    assert masters == {page.stem for page in PAGES}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_a_page_has_its_parts_and_names_what_exists(page):
    said = text(page)
    assert [part for part in PARTS if f"\n## {part}\n" in said] == PARTS
    questions = re.findall(r"^\*\*(.+?\?)\*\* \S", said, re.MULTILINE)
    assert len(questions) >= 4
    mistakes = re.findall(r"^### `(\w+): (\w+)`$", said, re.MULTILINE)
    assert len(mistakes) >= 3
    for exercise, mistake in mistakes:
        assert find(exercise).notebook == page.stem, exercise
        assert mistake in find(exercise).mistakes(), f"{exercise}: {mistake}"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_a_rubric_gives_the_points_that_the_answer_has(page):
    written = {
        cell.nbgrader["grade_id"]: cell.nbgrader["points"]
        for cell in load(SOURCE / f"{page.stem}.py").cells
        if cell.kind == "markdown" and cell.nbgrader.get("solution")
    }
    said = text(page)
    named = dict(re.findall(r"^`(\w+)`, (\d+) points\.$", said, re.MULTILINE))
    assert {name: float(points) for name, points in named.items()} == written
    for points in written.values():
        rows = re.findall(r"^\| ([\d ¾+]+?)( each)? \|", said, re.MULTILINE)
        assert sum(_points(row) * (3 if each else 1) for row, each in rows) == points


def _points(row: str) -> float:
    return sum(0.75 if part.strip() == "¾" else float(part) for part in row.split("+"))


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_slides_are_of_sections_that_there_are(page):
    master = load(SOURCE / f"{page.stem}.py")
    cells = [new_markdown_cell(c.source) for c in master.cells if c.kind == "markdown"]
    found = slides.sections(new_notebook(cells=cells))
    wanted = teaching.wanted(page.stem)
    made = slides.chosen(found, wanted, page.stem)
    assert len(made) == len(wanted) + 2 and made[-1].heading == slides.LAST
    assert 3 <= len(wanted) <= 8  # ten minutes


# A deck.


@pytest.fixture
def notebook():
    picture = new_output("display_data", {"image/png": PIXEL},
                         metadata={"image/png": {"alt": "Two lines cross."}})  # fmt: skip
    return new_notebook(cells=[
        new_markdown_cell("# 99 · Slopes\n\nAfter this you can **draw** one."),
        new_markdown_cell("## The idea\n\nA slope is a limit of quotients. "
                          + "It is taken often. " * 30
                          + "\n\n$$f'(x) = \\lim_h \\frac{f(x + h) - f(x)}{h}$$\n\n### Exercise\n\n"
                          "*4 minutes · difficulty 1 of 3*"),
        new_code_cell("def slope(f):\n    ### BEGIN SOLUTION\n    return secret"),
        new_markdown_cell("## Measure"),
        new_code_cell("predict('where they cross', ..., between=(0, 1))"),
        new_code_cell("draw()", metadata={"tags": ["experiment"]}, outputs=[picture]),
        new_markdown_cell("They cross at 0.4, whatever the seed."),
        new_markdown_cell("A model answer.", metadata={"nbgrader": {"solution": True}}),
        new_markdown_cell("## What to remember\n\n- A slope is a limit."),
    ])  # fmt: skip


def test_a_deck_holds_formulas_pictures_and_the_whole_text_as_notes(notebook):
    made = slides.deck(notebook, "99_slopes", ["The idea", "Measure"])
    assert made.count('<section class="slide"') == 4
    assert "<math" in made and 'alt="Two lines cross."' in made
    assert made.count("It is taken often.") == 30  # in the notes alone
    assert "A model answer" not in made and "secret" not in made and "minutes" not in made


def test_a_paragraph_is_shown_by_how_it_begins():
    many = "A longer sentence with more than five words. " * 20
    kept = slides.shown(["Move it. What happens to the border then? Say it.", many, "*4 minutes*"])
    assert kept.startswith("Move it. What happens to the border then?\n\nA longer")
    assert "Say it" not in kept and "minutes" not in kept and kept.count("longer") == 1


def test_what_is_to_be_predicted_is_asked_before_the_result_is_shown(notebook):
    made = slides.deck(notebook, "99_slopes", ["Measure"])
    slide = made.partition('id="slide-2"')[2].partition("<aside")[0]
    before, _, after = slide.partition('<div class="result later">')
    assert "Predict: where they cross." in before and "0.4" not in before
    assert "0.4" in after and "<img" in after


def test_a_deck_fetches_nothing_and_runs_one_script(notebook):
    made = slides.deck(notebook, "99_slopes", ["The idea"])
    assert made.count("<script>") == 1 and "src=\"http" not in made and "url(" not in made
    assert "default-src &#x27;none&#x27;" in made and " style=" not in made


def test_a_section_that_is_gone_is_told_with_those_there_are(notebook):
    with pytest.raises(slides.NoSuchSection, match="“The ides”.*It has: 99 · Slopes; The idea"):
        slides.deck(notebook, "99_slopes", ["The ides"])
