"""A class's report in the browser: sorted from the keyboard, readable on a phone, deaf to names."""

from __future__ import annotations

from datetime import datetime

import pytest
from conftest import Windows
from playwright.sync_api import expect

from autograder.grading.reports.class_report import ClassReport, Row, spreads
from autograder.grading.reports.page.render import page
from autograder.grading.reports.standings import Column

STUDENTS = 300
COLUMNS = [Column("ps1", f"check_exercise_with_a_long_name_{n}", f"exercise_with_a_long_name_{n}",
                  4.0, False) for n in range(14)]  # fmt: skip


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> str:
    hostile = '<img src=x onerror="document.title=1">'
    rows = [
        Row(f"s{n:03}", hostile if n == 5 else f"Student {n}", "graded", float((7 * n) % 57),
            [(float((n + len(c.cell)) % 5), False) for c in COLUMNS],
            looks=[hostile] if n == 5 else [])
        for n in range(STUDENTS)
    ]  # fmt: skip
    report = ClassReport("ml-2026", "ps1", COLUMNS, rows, spreads(COLUMNS, rows), [],
                         [(3, "relu", "leaky", "Below zero it is zero.")], [], 0, [])  # fmt: skip
    path = tmp_path_factory.mktemp("report") / "ps1.html"
    path.write_text(page(report, datetime(2026, 11, 28)), encoding="utf-8")
    return path.as_uri()


def opened(windows: Windows, address: str, width: int = 1280, scheme: str = "light"):
    window = windows.open()
    window.set_viewport_size({"width": width, "height": 900})
    window.emulate_media(color_scheme=scheme)
    window.goto(address)
    return window


def test_a_column_is_sorted_from_the_keyboard_both_ways(address, windows: Windows):
    window = opened(windows, address)
    window.get_by_role("button", name="points").first.focus()
    window.keyboard.press("Enter")
    header = window.locator("th", has=window.get_by_role("button", name="points")).first
    expect(header).to_have_attribute("aria-sort", "ascending")
    points = "els => els.map(e => Number(e.dataset.sort))"
    first = window.locator("#students tbody td:nth-child(2)").evaluate_all(points)
    assert first == sorted(first) and len(first) == STUDENTS
    window.keyboard.press("Enter")
    expect(header).to_have_attribute("aria-sort", "descending")
    assert window.locator("#students tbody td:nth-child(2)").evaluate_all(points) == first[::-1]
    expect(window.locator("th[aria-sort]")).to_have_count(1)
    expect(window.get_by_role("status")).to_have_text("Sorted by points of 56, largest first")


def test_focus_is_seen(address, windows: Windows):
    window = opened(windows, address)
    window.keyboard.press("Tab")
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert window.evaluate(outline) == "solid"


def test_rows_are_found_by_a_word(address, windows: Windows):
    window = opened(windows, address)
    window.get_by_role("searchbox").fill("s007")
    expect(window.locator("#students tbody tr:visible")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_scrolls_the_table_and_not_the_page(address, windows: Windows, scheme):
    window = opened(windows, address, 390, scheme)
    assert window.evaluate("document.documentElement.scrollWidth") == 390
    window.evaluate("document.querySelector('.scroll').scrollLeft = 400")
    name = window.locator("#students tbody th").first
    assert name.bounding_box()["x"] < 30  # whose row it is stays in view


def test_names_run_nothing_and_nothing_is_fetched(address, windows: Windows):
    window = windows.open()
    asked = []
    window.on("request", lambda request: asked.append(request.url))
    window.goto(address)
    assert window.title() == "ps1 · ml-2026"
    assert asked == [address] and windows.console == []
