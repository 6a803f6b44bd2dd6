"""The page and the table hold what students chose to be called, and act on none of it."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime
from html.parser import HTMLParser

import pytest

from autograder.grading.pipeline.outcome import Outcome, Seen
from autograder.grading.reports.class_report import ClassReport, Row, spreads
from autograder.grading.reports.page.render import lateness, page
from autograder.grading.reports.page.sheet import sheet
from autograder.grading.reports.similar import Pair
from autograder.grading.reports.standings import Column
from autograder.grading.reports.tally import Tally

HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onfocus='alert(1)",
    "</style><script>alert(1)</script>", "{{ 7 * 7 }}", "</title><svg/onload=alert(1)>",
]  # fmt: skip
COLUMNS = [
    Column("ps1", "check_one", "one", 2.0, False),
    Column("ps1", "why", "<b>why</b>", 3.0, True),
]


def row(student="ada", name="", **more) -> Row:
    return Row(student, name, "graded", 2.0, [(2.0, False), (None, True)], **more)


def made(rows, **more) -> ClassReport:
    parts = {
        "course": "ml-2026", "assignment": "ps1", "columns": COLUMNS, "rows": rows,
        "spreads": spreads(COLUMNS, rows), "common": [], "mistakes": [], "spots": [],
        "unnamed": 0, "absent": [], **more,
    }  # fmt: skip
    return ClassReport(**parts)


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attributes]


def shown(report) -> str:
    return page(report, datetime(2026, 11, 28, 19, 30))


def test_no_name_becomes_a_tag_an_attribute_or_a_template():
    hostile = made(
        [row(text, text, looks=[text], repairs=[text]) for text in HOSTILE],
        common=HOSTILE, mistakes=[(1, text, text, text) for text in HOSTILE],
        spots=[(2, text, [text]) for text in HOSTILE], unnamed=3, absent=HOSTILE,
        pairs=[Pair(HOSTILE[0], HOSTILE[1], 9, 0.9, (HOSTILE[2],))], pairs_note=HOSTILE[0],
    )  # fmt: skip
    text, plain = shown(hostile), shown(made([row()], pairs=[]))
    found = Tags(text)
    assert found.tags.count("script") == 1 and found.tags.count("style") == 1
    assert {"img", "b"}.isdisjoint(found.tags)
    assert not any(name.startswith("on") for name in found.attributes)
    assert "{{ 7 * 7 }}" in text and "49" not in plain
    for html in HOSTILE[:2]:
        assert html not in text


def test_the_page_fetches_nothing_and_lets_one_script_run():
    text = shown(made([row()]))
    assert not re.findall(r"(?:src|href)=[\"'](?!#)", text) and "url(" not in text
    assert "default-src 'none'; style-src" in text.replace("&#39;", "'")


def test_every_header_sorts_by_a_button_and_says_which_one_did():
    text = shown(made([row()]))
    headers = re.findall(r'<th scope="col"[^>]*data-kind[^>]*>\s*<button type="button"', text)
    assert len(headers) == 7 + len(COLUMNS)
    assert Tags(text).attributes.count("aria-sort") == 1


def test_a_row_says_what_waits_and_a_histogram_says_itself_in_words():
    text = shown(made([row(), row("bea", late=3600.0, taken_off=0.5)]))
    assert text.count("waits for you </span>") == 2
    assert 'aria-label="one, of 2 points. 2: 2 students."' in text
    assert "−0.5" in text and "1 hour" in text


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(10, "under a minute"), (60, "1 minute"), (7300, "2 hours"), (90000, "1 day")],
)
def test_lateness_in_the_unit_that_tells(seconds, told):
    assert lateness(seconds) == told


@pytest.mark.parametrize("name", ["=1+1", "+SUM(A1)", "-2", "@x", "\t=1", "a\x00b\x1b[2J"])
def test_no_cell_of_the_table_is_a_formula_or_moves_a_terminal(name):
    text = sheet(made([row(name, name, looks=[name], repairs=["b.py was left out"])]))
    _, line = csv.reader(io.StringIO(text))
    for entry in line[:2] + line[-2:]:
        assert not entry.startswith(("=", "+", "-", "@", "\t", "\r"))
        assert "\x1b" not in entry and "\x00" not in entry


def test_a_class_of_hundreds_is_one_page_of_moderate_size():
    rows = [row(f"s{n}", f"Student {n}") for n in range(800)]
    assert len(shown(made(rows))) < 2_000_000


def test_code_in_a_hint_is_shown_as_code_and_does_nothing():
    hint = "You use 0.01, as `alpha or <b>0.01</b>` does."
    text = shown(made([row()], mistakes=[(2, "leaky", "zero", hint)]))
    assert "as <code>alpha or &lt;b&gt;0.01&lt;/b&gt;</code> does." in text and "<b>0" not in text


def test_a_warning_is_told_in_words():
    tally = Tally("ps1")
    seen = Seen("elu", "failed", 0.0, 2.0, False, [("warning", "")])
    tally.add(Outcome("ada", exercises=[seen]), unchanged=True)
    assert "raises a warning" in tally.hints["elu", "warning"]
