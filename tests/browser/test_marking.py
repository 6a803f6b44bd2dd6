"""Three hundred written answers marked in the browser from the keyboard: what is given is in
nbgrader's gradebook, whoever stops, and what students have written does nothing."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import marking_class
import pytest
from conftest import ROOT, Windows
from lab_server import lab
from marking_class import CELL, NAME, OTHER, kept
from nbgrader.api import Gradebook
from playwright.sync_api import Page, expect

STUDENTS = 300
HOSTILE = r"""# Seen

<script>document.title = "HACKED"</script><img src=x onerror="document.title='HACKED'">
[click](javascript:alert(1)) <div style="position:fixed;inset:0;background:red">over</div>
<img src="https://evil.example/x.png"> <form action="https://evil.example"><input id=told></form>

$$\text{<img src=x onerror=alert(1)>}$$
"""
FORMULA = (
    r"""Noise, for $\operatorname{Var}(\bar x) = \frac{\sigma^2}{2}$:

$$\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}$$

"""
    + "averylongword" * 30
)
ANSWERS = (FORMULA, HOSTILE, "It is the learning rate. " * 20, marking_class.GIVEN)

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    written = {f"s{n:03}": ANSWERS[n % len(ANSWERS)] for n in range(STUDENTS)}
    return marking_class.make(tmp_path_factory.mktemp("marking") / "class", written)


@contextlib.contextmanager
def marking(folder: Path) -> Iterator[tuple[str, subprocess.Popen]]:
    """`course mark` as a teacher starts it; its address and its process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder", "mark", NAME, "--class", str(folder), "--no-browser"],
        cwd=ROOT, env={**os.environ, "PYTHONUNBUFFERED": "1"}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        said = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", said)
        assert found, said
        yield found[0], process
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


@pytest.fixture(scope="module")
def address(folder) -> Iterator[str]:
    with marking(folder) as (address, _):
        yield address


@pytest.fixture(autouse=True)
def unmarked(folder) -> None:
    """Each test begins with answers that all wait, and without comments."""
    (folder / "marking" / f"{NAME}.json").unlink(missing_ok=True)
    with sqlite3.connect(folder / "gradebook.db") as book:
        book.execute(
            "UPDATE grade SET manual_score = NULL, needs_manual_grade = (auto_score IS NULL)"
        )
        book.execute("UPDATE comment SET manual_comment = NULL")
    book.close()


def opened(windows: Windows, address: str, width: int = 1280, scheme: str = "light") -> Page:
    window = windows.open()
    window.set_viewport_size({"width": width, "height": 900})
    window.emulate_media(color_scheme=scheme)
    window.goto(address)
    expect(window.locator("#who")).to_have_text(f"Answer 1 of {STUDENTS}")
    return window


def at(window: Page, number: int) -> None:
    expect(window.locator("#who")).to_have_text(re.compile(f"^Answer {number} of {STUDENTS}"))


def stored(window: Page, what: str) -> None:
    expect(window.get_by_role("status")).to_have_text(re.compile(f"^{what}"))


def new_comment(window: Page, text: str, points: str) -> None:
    window.get_by_text("New comment").click()
    window.get_by_label("Text").fill(text)
    window.get_by_label("Points, if it is worth some").fill(points)
    window.get_by_role("button", name="Keep").click()
    expect(window.locator("#edit")).not_to_have_attribute("open", "")
    window.locator("#who").focus()


def given(folder: Path) -> dict[str, tuple]:
    """Students who have points or a comment of a person's."""
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "ml-2026") as book:
        told = {c.student.id: c.manual_comment for s in book.assignment_submissions(NAME)
                for n in s.notebooks for c in n.comments if c.name == CELL}  # fmt: skip
        marks = {g.student.id: (g.manual_score, g.needs_manual_grade)
                 for s in book.assignment_submissions(NAME) for n in s.notebooks
                 for g in n.grades if g.name == CELL}  # fmt: skip
    return {s: (*mark, told[s]) for s, mark in marks.items() if mark[0] is not None or told[s]}


def test_a_run_of_answers_is_marked_from_the_keyboard_alone(folder, address, windows: Windows):
    window = opened(windows, address)
    new_comment(window, "You name the noise.", "1")
    new_comment(window, "Two remedies, with costs.", "1.5")
    window.keyboard.press("2")
    stored(window, "Stored: answer 1, 2 points.")
    window.keyboard.press(".")
    stored(window, "Stored: answer 1, 2.5 points.")
    window.keyboard.press("Enter")
    at(window, 2)
    window.keyboard.press("a")
    window.keyboard.press("b")
    stored(window, "Stored: answer 2, 2.5 points, with a comment.")
    window.keyboard.press("a")
    stored(window, "Stored: answer 2, 1.5 points, with a comment.")
    window.keyboard.press("ArrowRight")
    at(window, 3)
    window.keyboard.press("ArrowLeft")
    at(window, 2)
    window.keyboard.press("Enter")
    at(window, 3)
    expect(window.locator("#count")).to_have_text(f"2 of {STUDENTS} marked")
    assert sorted(given(folder).values(), key=str) == [
        (1.5, False, "Two remedies, with costs."), (2.5, False, None)
    ]  # fmt: skip
    assert windows.console == []


def test_undo_goes_back_to_the_answer_and_takes_it_back(folder, address, windows: Windows):
    window = opened(windows, address)
    window.keyboard.press("3")
    stored(window, "Stored: answer 1, 3 points")
    window.keyboard.press("Enter")
    at(window, 2)
    window.keyboard.press("Control+z")
    at(window, 1)
    stored(window, "Taken back: answer 1 has no points yet again")
    assert given(folder) == {}


def test_what_is_written_to_a_student_is_stored_without_a_button(folder, address, windows):
    window = opened(windows, address)
    window.keyboard.press("/")
    window.keyboard.type("Which 2 remedies? a b c")  # no keys of the page's while one writes
    stored(window, "Stored: answer 1, no points yet, with a comment.")
    window.keyboard.press("Control+Enter")
    at(window, 2)
    assert list(given(folder).values()) == [(None, True, "Which 2 remedies? a b c")]


def test_a_gradebook_in_use_loses_no_mark(folder, address, windows: Windows):
    window = opened(windows, address)
    book = sqlite3.connect(folder / "gradebook.db")
    book.execute("BEGIN IMMEDIATE")
    window.keyboard.press("2")
    stored(window, "Another program is using the gradebook .* Your mark waits here")
    assert given(folder) == {}
    book.rollback()
    book.close()
    stored(window, "Stored: answer 1, 2 points")
    assert list(given(folder).values()) == [(2, False, None)]


def test_what_formgrader_gave_meanwhile_stands_until_it_is_given_again(folder, address, windows):
    window = opened(windows, address)
    with sqlite3.connect(folder / "gradebook.db") as book:
        book.execute("UPDATE grade SET manual_score = 1, needs_manual_grade = 0 "
                     "WHERE auto_score IS NULL")  # fmt: skip
    book.close()
    window.keyboard.press("3")
    stored(
        window, "Answer 1: Somebody else has marked this answer meanwhile .* Yours was: 3 points"
    )
    expect(window.get_by_role("button", name="1", exact=True).first).to_have_attribute(
        "aria-pressed", "true"
    )
    window.keyboard.press("3")
    stored(window, "Stored: answer 1, 3 points")
    assert [mark for mark in given(folder).values() if mark[0] == 3] == [(3, False, None)]


def test_formgrader_shows_the_same_and_marks_beside_it(folder, address, windows, tmp_path):
    window = opened(windows, address)
    window.keyboard.press("2")
    stored(window, "Stored: answer 1, 2 points")
    window.keyboard.press("/")
    window.keyboard.type("Why?")
    stored(window, "Stored: answer 1, 2 points, with a comment.")
    (student,) = given(folder)
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "ml-2026") as book:
        theirs = book.find_submission_notebook(NAME, NAME, student).id
    with lab(folder, tmp_path) as jupyter:
        formgrader = windows.open()
        formgrader.goto(f"{jupyter}/formgrader/submissions/{theirs}/")
        score = formgrader.get_by_role("spinbutton").first
        expect(score).to_have_value("2")
        expect(formgrader.get_by_role("textbox").first).to_have_value("Why?")
        with formgrader.expect_response(lambda got: got.request.method == "PUT"):
            score.fill("1")
            score.blur()
    assert given(folder) == {student: (1, False, "Why?")}
    window = windows.open()
    window.goto(address)
    at(window, 2)
    window.keyboard.press("ArrowLeft")
    at(window, 1)
    expect(window.locator("#other")).to_have_value("1")


def test_a_killed_process_has_lost_nothing(folder, windows: Windows):
    with marking(folder) as (address, process):
        window = opened(windows, address)
        window.keyboard.press("2")
        stored(window, "Stored: answer 1, 2 points")
        process.kill()
        process.wait(30)
        assert list(given(folder).values()) == [(2, False, None)]
        window.keyboard.press("3")
        stored(window, "course mark does not answer.* Your mark waits here")
    with marking(folder) as (address, _):
        window = windows.open()
        window.goto(address)
        at(window, 2)  # the first that waits
        expect(window.locator("#count")).to_have_text(f"1 of {STUDENTS} marked")


def test_names_are_hidden_until_they_are_asked_for(folder, address, windows: Windows):
    window = opened(windows, address)
    window.get_by_text("All answers").click()
    assert not re.search(r"s\d\d\d|Example", window.locator("body").inner_text(), re.I)
    window.get_by_label("Show names").check()
    expect(window.locator("#who")).to_have_text(re.compile(r"^Answer 1 of 300: S\d\d\d Example$"))
    window.get_by_label("Show names").uncheck()
    expect(window.locator("#who")).to_have_text(f"Answer 1 of {STUDENTS}")


def find(window: Page, text: str) -> None:
    """Go on until an answer has this text."""
    for number in range(2, 40):
        if text in window.locator("#answer").inner_text():
            return
        window.keyboard.press("ArrowRight")
        at(window, number)
    pytest.fail(f"no answer with {text}")


def test_hostile_answers_do_nothing(address, windows: Windows):
    window = opened(windows, address)
    asked = []
    window.on("request", lambda request: asked.append(request.url))
    find(window, "Seen")
    expect(window.locator("#answer img[src^=http], #answer script, #answer form")).to_have_count(0)
    expect(window.locator("#told")).to_have_count(1)
    assert "HACKED" not in window.title()
    origin = address.partition("?")[0]
    assert all(url.startswith((origin, "data:")) for url in asked)
    window.keyboard.press("1")
    stored(window, "Stored")


def test_formulas_are_drawn(address, windows: Windows):
    window = opened(windows, address)
    find(window, "Noise")
    expect(window.locator("#answer math mfrac")).to_have_count(1)
    assert window.locator("#answer math mtable").bounding_box()["height"] > 30


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_it_all_without_scrolling_sideways(address, windows: Windows, scheme):
    window = opened(windows, address, 390, scheme)
    find(window, "averylongword")
    assert window.evaluate("document.documentElement.scrollWidth") == 390
    window.get_by_role("button", name="2", exact=True).first.click()
    stored(window, "Stored")


def test_focus_is_seen_and_the_help_lists_the_keys(address, windows: Windows):
    window = opened(windows, address)
    window.keyboard.press("Tab")
    window.keyboard.press("Tab")  # past the list of questions, which takes keys for itself
    assert window.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    window.keyboard.press("?")
    expect(window.get_by_role("dialog")).to_contain_text("take back the last mark")
    window.keyboard.press("Escape")
    expect(window.get_by_role("dialog")).not_to_be_visible()


def test_single_keys_can_be_switched_off(folder, address, windows: Windows):
    window = opened(windows, address)
    window.get_by_label("Single keys").uncheck()
    window.locator("#who").focus()
    window.keyboard.press("2")
    window.get_by_role("button", name="Next", exact=False).first.click()
    at(window, 2)
    assert given(folder) == {}


def test_the_other_question_is_chosen_on_the_page(folder, address, windows: Windows):
    window = opened(windows, address)
    window.get_by_label("Question").select_option("1")
    expect(window.locator("#most")).to_have_text("2")
    expect(window.get_by_text("has no model answer")).to_be_visible()
    window.locator("#who").focus()
    window.keyboard.press("3")
    stored(window, "This question has at most 2 points.")
    window.keyboard.press("1")
    stored(window, "Stored: answer 1, 1 point")
    assert given(folder) == {} and 1 in {
        kept(folder, f"s{n:03}", OTHER)[0] for n in range(STUDENTS)
    }


def test_two_people_at_two_pages_are_told_of_each_other(folder, address, windows: Windows):
    with marking(folder) as (elsewhere, _):
        ours = opened(windows, address)
        context = windows.browser.new_context()
        try:
            theirs = context.new_page()
            theirs.goto(elsewhere)
            expect(theirs.locator("#who")).to_have_text(f"Answer 1 of {STUDENTS}")
            for number in (1, 2):
                theirs.keyboard.press("2")
                stored(theirs, f"Stored: answer {number}, 2 points.")
                theirs.keyboard.press("Enter")
                at(theirs, number + 1)
            new_comment(theirs, "Theirs.", "1")
            # The last writer is told, and what the first gave stands.
            ours.keyboard.press("3")
            stored(ours, "Answer 1: Somebody else has marked .* Yours was: 3 points")
            expect(ours.locator('#points [data-points="2"]')).to_have_attribute(
                "aria-pressed", "true"
            )
            assert sorted(given(folder).values()) == [(2, False, None)] * 2
            # What the other has marked meanwhile does not wait for us, and their comments are here.
            ours.keyboard.press("Enter")
            at(ours, 3)
            expect(ours.locator("#bank")).to_contain_text("Theirs.")
            ours.locator("#bank").get_by_role("button", name="Change comment a").click()
            theirs.locator("#bank").get_by_role("button", name="Change comment a").click()
            theirs.get_by_label("Text").fill("Theirs, mended.")
            theirs.get_by_role("button", name="Keep").click()
            stored(theirs, "Kept: comment a.")
            ours.get_by_label("Text").fill("Ours.")
            ours.get_by_role("button", name="Keep").click()
            stored(
                ours, "Somebody else has changed comment a meanwhile; it is “Theirs, mended.” now"
            )
            expect(ours.locator("#bank")).to_contain_text("Theirs, mended.")
            expect(ours.get_by_label("Text")).to_have_value("Ours.")
            ours.get_by_role("button", name="Keep").click()
            stored(ours, "Kept: comment a.")
            assert len(windows.console) == 2
            assert all("status of 409 (Conflict)" in line for line in windows.console)
        finally:
            context.close()
