"""A hostile notebook's feedback page and its page in formgrader: everything is clicked, no script
of it runs, nothing is asked for."""

from __future__ import annotations

import hostile_notebook as hostile
import pytest
from conftest import Windows
from graded_class import NAME
from lab_server import lab
from nbgrader.api import Gradebook

from autograder.grading.classroom.configuration import database
from autograder.grading.feedback.pages import make_pages

# What nbgrader's templates themselves ask for, to set formulas.
MATHJAX = "https://cdnjs.cloudflare.com/ajax/libs/mathjax/"
# Every element, as a person would who is curious, and what else makes a browser act.
PRESS_ALL = """() => {
    const container = [...document.querySelectorAll('#notebook-container')].at(-1);
    // formgrader's own buttons and fields are not the notebook's
    const elements = [...container.querySelectorAll(':not(button, input, textarea)')];
    const links = elements.filter(e => e.href && e.href.startsWith('https://'));
    for (const link of links) link.removeAttribute('href');  // they lead where they say
    for (const element of elements) {
        for (const kind of ['mouseover', 'pointerdown', 'focus', 'click', 'toggle', 'dblclick'])
            element.dispatchEvent(new MouseEvent(kind, {bubbles: true, cancelable: true}));
        element.scrollIntoView();
    }
    return [elements.length, links.map(link => link.textContent)];
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = hostile.hostile_class(tmp_path_factory.mktemp("hostile") / "class")
    assert make_pages(folder, NAME).made == ["ada"]
    return folder


def pressed(windows: Windows, address: str, own: str) -> tuple[list[str], list[str]]:
    """Open a page and press all of its notebook; what was asked for elsewhere than under `own`,
    and what happened."""
    page = windows.open()
    asked, happened = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (happened.append(dialog.message), dialog.dismiss()))
    page.on("popup", lambda popup: happened.append(f"opened {popup.url}"))
    page.on("framenavigated", lambda frame: happened.append(f"at {frame.url}"))
    page.route(lambda url: not url.startswith((own, "data:")), lambda route: route.abort())
    page.goto(address)
    happened.clear()
    title = page.title()
    number, links = page.evaluate(PRESS_ALL)
    assert number > 300 and "a paper" in links
    press = page.locator("#notebook-container").last.get_by_text("press", exact=True)
    for n in range(press.count()):  # with a real mouse, too
        press.nth(n).click(force=True, timeout=5000)
    page.wait_for_load_state("networkidle")
    assert page.title() == title != "ran"
    happened = [what for what in happened if not what.startswith(f"at {address}#")]
    return [url for url in asked if not url.startswith((own, "data:", MATHJAX))], happened


def test_a_feedback_page_does_nothing_when_all_of_it_is_pressed(folder, windows: Windows):
    page = (folder / "feedback" / "ada" / NAME / f"{NAME}.html").as_uri()
    asked, happened = pressed(windows, page, page)
    assert asked == [] and happened == []
    assert not [said for said in windows.console if "uncaught" in said]


def test_its_pictures_and_formulas_are_seen(folder, windows: Windows):
    page = windows.open()
    page.goto((folder / "feedback" / "ada" / NAME / f"{NAME}.html").as_uri())
    sizes = "all => all.map(image => image.complete && image.naturalWidth)"
    assert page.locator("img[src*='image/png']").evaluate_all(sizes) == [1] * 4
    assert page.get_by_text("A formula $a<b$").is_visible()
    assert page.get_by_text("the picture gone.png is not in the notebook").is_visible()


def test_formgraders_page_does_nothing_either(folder, windows: Windows, tmp_path):
    with Gradebook(database(folder)) as gradebook:
        identity = gradebook.find_submission_notebook(NAME, NAME, "ada").id
    with lab(folder, tmp_path) as address:
        asked, happened = pressed(
            windows, f"{address}/formgrader/submissions/{identity}/", f"{address}/formgrader/"
        )
    assert asked == [] and happened == []
