"""Every question can be read wherever its text stands: in a notebook, on the site, in a review.

Its formulas are read as formulas there, no number is printed as a program prints it, and in all of
the notebooks' text no money becomes a formula."""

from __future__ import annotations

import re

import pytest

from autograder.authoring.build.masters import load, masters
from autograder.exercise import PRACTICE_SEED, Question
from autograder.exercises import find, listed
from autograder.judging.keys import question_text
from autograder.learning.review import as_html

# The course's own: other tests, collected with this one, have questions of theirs.
QUESTIONS = [kind for exercise in listed() if issubclass(kind := find(exercise.name), Question)]
SEEDS = (PRACTICE_SEED, *range(1, 8))

CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
# A dollar that no formula has used up, a command of TeX, and what a program prints.
RAW = re.compile(r"\$|\\[A-Za-z]+|\\[{}|]")
PRINTED = re.compile(
    r"\{['\"\d]|\[\s*\d|\barray\(|\bnp\.|\btensor\(|\b(None|True|False)\b|\d\.\d*?(0{7}|9{7})"
    r"|\d\.\d{7}|\de[+-]0\d\b"
)


def texts(kind) -> dict[str, int]:
    """The wordings of a question, each with a seed that gives it."""
    return {question_text(kind, seed): seed for seed in SEEDS}


def in_a_notebook(text: str) -> str:
    """What is left as text beside code and formulas where a notebook's Markdown is rendered, as
    nbconvert does it and, by the same rules, JupyterLab."""
    from nbconvert.filters import markdown2html

    html = markdown2html(text)
    formulas = re.compile(r"\$\$.+?\$\$|\$[^$]+?\$", re.DOTALL)  # left for MathJax, whole
    return formulas.sub("", re.sub(r"<(code|pre)\b.*?</\1>|<[^>]+>", "", html, flags=re.DOTALL))


def on_the_site(text: str) -> str:
    """The same where MyST reads it, which is stricter about dollars."""
    pytest.importorskip("myst_parser", reason="the site is made by an extra of its own, site")
    from markdown_it.renderer import RendererHTML
    from myst_parser.config.main import MdParserConfig
    from myst_parser.parsers.mdit import create_md_parser

    config = MdParserConfig(
        enable_extensions={"dollarmath", "amsmath", "colon_fence"}, dmath_double_inline=True
    )
    tokens = create_md_parser(config, RendererHTML).parse(text)
    inline = [child for token in tokens for child in token.children or [token]]
    return " ".join(token.content for token in inline if token.type in ("text", "html_inline"))


@pytest.mark.parametrize("kind", QUESTIONS, ids=lambda kind: kind.name)
def test_formulas_are_read_as_formulas(kind):
    for text, seed in texts(kind).items():
        for rendered in (in_a_notebook(text), on_the_site(text)):
            assert not RAW.search(rendered), (seed, RAW.search(rendered), rendered)
        in_review = re.sub(r"<[^>]+>", "", re.sub(r"\$[^$]+\$", "", as_html(CODE.sub("", text))))
        assert not RAW.search(in_review), (seed, in_review)


@pytest.mark.parametrize("kind", QUESTIONS, ids=lambda kind: kind.name)
def test_numbers_are_written_as_people_write_them(kind):
    for text, seed in texts(kind).items():
        words = re.sub(r"\$[^$]+\$", "", CODE.sub("", text))
        assert not PRINTED.search(words), (seed, PRINTED.search(words), text)


PROSE = re.compile(r"[a-z]{3,} [a-z]{2,}|[.,;] [A-Z][a-z]")
TEXT = re.compile(r"\\(text|mathrm|operatorname)\{[^}]*\}")


def prose_in_formulas(text: str) -> list[str]:
    """Formulas that are none: text between two dollars that mean money."""
    text = re.sub(r"\$\$.*?\$\$", "", CODE.sub("", text), flags=re.DOTALL)
    found = re.findall(r"\$([^$]+)\$", text)
    odd = ["a dollar without another"] if text.count("$") % 2 else []
    return odd + [formula for formula in found if PROSE.search(TEXT.sub("", formula))]


@pytest.mark.parametrize("path", masters(), ids=lambda path: path.stem)
def test_no_sum_of_money_is_read_as_a_formula(path):
    for cell in load(path).cells:
        if cell.kind == "markdown":
            assert not prose_in_formulas(cell.source), (cell.id, prose_in_formulas(cell.source))


def test_money_would_be_found():
    assert prose_in_formulas("One cost $385, another about $1000.") == ["385, another about "]
    assert prose_in_formulas("It cost $385.")
    assert not prose_in_formulas("With $x = 1, \\text{if it is so}$ and `$HOME` or $y$.")


def test_what_is_wrong_would_be_found():
    assert RAW.search(in_a_notebook("Half of it, \\frac{1}{2}, and $5."))
    assert RAW.search(on_the_site("Half of it, \\frac{1}{2}, and $5."))
    assert not RAW.search(in_a_notebook("With $x_1 = \\frac{1}{2}$ and $y_1 = 3$ on it."))
    assert not RAW.search(on_the_site("With $x_1 = \\frac{1}{2}$ and $y_1 = 3$ on it."))
    for printed in ("{'lr': 0.1}", "a rate of 1e-06", "0.020000000000000018", "[1, 2]", "is None"):
        assert PRINTED.search(printed), printed
