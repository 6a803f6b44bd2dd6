"""How a verdict looks: to nbgrader, in a notebook, in a terminal, to a screen reader."""

import re

import numpy as np
import pytest
from well_formed import Page

from autograder.exercise import Expected
from autograder.judging.compare import difference
from autograder.judging.verdict import NOT_JUDGED, CaseResult, Verdict

STATUSES = {
    "passed": ("✓", "Right"),
    "failed": ("✗", "Not yet"),
    "not attempted": ("○", "Not attempted"),
    "error": ("!", "Stopped by an error"),
}
NASTY = "<script>alert('x')</script> & \"quotes\" \x1b[31mred\x00 \ud800 </div>"


def verdict(status="failed", points=2.0, **changes):
    fields = {
        "exercise": "relu_forward",
        "max_points": 3.0,
        "message": "Your out is all zeros.\nOff in every case.",
        "mistakes": ["relation:zero"],
        "cases": [
            CaseResult("a batch", 2.0, 2.0),
            CaseResult("one row", 0.0, 1.0, "out is 0; 3 is right"),
        ],
        "details": ["A warning along the way: RuntimeWarning: overflow"],
        "printed": "shape (3, 4)\n",
    } | changes
    return Verdict(status=status, points=points, **fields)


@pytest.mark.parametrize("status", STATUSES)
def test_the_page_is_well_formed_and_says_the_outcome_in_words(status):
    page = Page(verdict(status).to_html())
    symbol, word = STATUSES[status]
    assert page.elements[0][1]["role"] == "status"
    assert symbol in page.text and word in page.text
    assert "relu_forward" in page.text and "2 of 3 points" in page.text


@pytest.mark.parametrize("status", STATUSES)
def test_symbols_are_hidden_from_a_screen_reader_beside_their_word(status):
    hidden = [a for tag, a in Page(verdict(status).to_html()).elements if "aria-hidden" in a]
    assert hidden == [{"aria-hidden": "true"}]


def test_what_is_read_takes_the_page_s_colours():
    """All but the word of the verdict, which brings its ground along."""
    shown = re.sub(r"<strong style='[^']*'>|border-left:4px solid #\w+", "", verdict().to_html())
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgb|hsl|(?:background|[^-]color)\s*:", shown) == []


def test_each_case_says_in_words_whether_it_is_right():
    text = Page(verdict().to_html()).text
    assert "✓ righta batch2/2" in text
    assert "✗ offone row0/1out is 0; 3 is right" in text


def test_the_outcome_does_not_wait_behind_the_fold():
    page = verdict().to_html()
    assert page.index("Your out is all zeros.") < page.index("<details")
    assert "<details open" not in page


@pytest.mark.parametrize("field", ["message", "exercise", "printed"])
def test_a_learners_text_is_escaped(field):
    page = verdict(**{field: NASTY}).to_html()
    elements = {tag for tag, _ in Page(page).elements}
    assert "script" not in elements
    assert "alert('x')" in Page(page).text
    assert "\x00" not in page and "\x1b" not in page
    page.encode("utf-8")


def test_a_learners_text_in_cases_and_details_is_escaped():
    page = verdict(details=[NASTY], cases=[CaseResult(NASTY, 0.0, 1.0, NASTY)]).to_html()
    assert "script" not in {tag for tag, _ in Page(page).elements}
    page.encode("utf-8")


def test_text_for_a_terminal_holds_nothing_that_rewrites_it():
    text = str(verdict(message=NASTY, printed=NASTY))
    assert "\x1b" not in text and "\x00" not in text
    text.encode("utf-8")


@pytest.mark.parametrize("points", [0, 2, 2.0, 0.1 + 0.2, np.float64(1.5), np.float32(0.25)])
def test_to_nbgrader_it_is_its_points(points):
    bundle = verdict(points=points)._repr_mimebundle_()
    assert bundle["text/plain"] == str(float(points))
    assert float(bundle["text/plain"]) == float(points)
    assert set(bundle) == {"text/plain", "text/html"}


def test_at_a_prompt_it_is_its_message():
    text = repr(verdict())
    assert text.splitlines()[:3] == [
        "✗ Not yet: relu_forward (2 of 3 points)",
        "Your out is all zeros.",
        "Off in every case.",
    ]
    assert repr(verdict()) == text
    assert "    shape (3, 4)" in text


@pytest.mark.parametrize("points", [-0.1, 3.1, float("nan"), float("inf")])
def test_impossible_points_are_refused(points):
    with pytest.raises(ValueError, match="impossible"):
        verdict(points=points)


def test_an_extra_counts_cases_and_not_points():
    assert verdict(extra=True).score == "1 of 2 cases; extra, no points"


def test_a_verdict_is_true_when_it_passed():
    assert verdict("passed", 3.0) and not verdict("failed", 3.0)
    assert float(verdict()) == 2.0


def test_what_was_not_judged_is_not_called_off():
    cases = [CaseResult("a", 0.0, 1.0, NOT_JUDGED), CaseResult("b", 0.0, 1.0, "out is 2")]
    text = Page(verdict(cases=cases).to_html()).text
    assert text.count("○ open") == 1 and text.count("✗ off") == 1


# Colours.


def luminance(colour: str) -> float:
    """WCAG's relative luminance of #rrggbb."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("status", ["passed", "failed", "not attempted", "error"])
def test_colour_stands_beside_the_word_and_can_be_seen_on_light_and_dark(status):
    shown = Verdict("f", status, 0, 1, "So it is.").to_html()
    colour = re.search(r"background-color:(#\w{6});color:#fff", shown)[1]
    assert f"border-left:4px solid {colour}" in shown
    assert contrast(colour, "#ffffff") >= 4.5  # the words on it
    assert contrast(colour, "#111111") >= 3 and contrast(colour, "#ffffff") >= 3  # on a page


@pytest.mark.parametrize("mistake, words", [
    ("missing:relu_forward", "Not yet"), ("arguments:relu_forward", "Not yet"),
    ("value_error", "Stopped by an error"),
])  # fmt: skip
def test_only_code_that_stopped_is_said_to_have_stopped(mistake, words):
    told = verdict("error", mistakes=[mistake])
    assert str(told).startswith(f"! {words}: ") and f"</span> {words}</strong>" in told.to_html()


def test_a_question_that_is_extra_speaks_of_no_cases():
    assert verdict(extra=True, cases=[CaseResult("it", 0.0, 1.0)]).score == "extra, no points"


def test_a_zero_is_told_without_a_minus():
    right, mine = np.array([-0.0, 1.0]), np.array([2.5, 1.0])
    found = difference(mine, Expected(right))
    assert "is 2.5 at [0]; 0 is right" in found.phrase
