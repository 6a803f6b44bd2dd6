"""A student's text on the teacher's page: readable, formulas drawn, and nothing in it acts."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from autograder.grading.marking.showing import MOST_FORMULAS, code, mathml, prose

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "<svg onload=alert(1)><a xlink:href='javascript:alert(1)'>x</a></svg>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<form action='//evil.example'><button>x</button></form>",
    r"$\text{<img src=x onerror=alert(1)>}$",
    r"$\text{</math><script>alert(1)</script>}$",
    r"$\href{javascript:alert(1)}{x}$",
    r"$\style{position:fixed}{x}$ $\class{main}{x}$ $\unicode{x3c}script$",
    r"$$\mathrm{\lt}script\gt alert(1)$$",
    "# $\\frac12$ <b onclick=alert(1)>",
    '![$"onerror=alert(1)//$](data:image/png;base64,AAAA "$\\" onerror=alert(1)$")',
    "<img alt='$\"onerror=alert(1)$' src='data:image/png;base64,AA'>",
    "<a title='$\"><script>alert(1)</script>$' href='https://a.example'>x</a>",
    "<math><mi xlink:href='javascript:alert(1)' href='javascript:alert(1)'>x</mi></math>",
    "<style>*{display:none}</style><link rel=stylesheet href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'><base href=//evil.example>",
    "\\begin{align}<script>alert(1)</script>\\end{align}",
    "<a title=' style=' href='https://a.example/ onclick=alert(1) '>x</a>",
    "<p style='color:red' title='a style=&quot; onclick=alert(1)'>x</p>",
    "<input id=told autofocus onfocus=alert(1)><textarea>",
]
ACTIVE = {"script", "iframe", "object", "embed", "form", "input", "button", "svg", "style", "link",
          "meta", "base", "textarea", "maction", "annotation-xml"}  # fmt: skip


class Seen(HTMLParser):
    def __init__(self, text: str):
        super().__init__()
        self.tags, self.attributes = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_acts(attack):
    for text in (attack, f"Words before.\n\n{attack}\n\nand $x<y$ after"):
        seen = Seen(prose(text))
        assert not ACTIVE & set(seen.tags)
        for name, value in seen.attributes:
            assert not name.startswith("on")
            assert name not in ("srcdoc", "action", "xlink:href", "style")
            if name in ("href", "src"):
                assert re.match(r"https?://|mailto:|#|data:image/", value)


def test_a_formula_is_drawn_and_read_aloud():
    shown = prose(r"The mean $\frac{a}{b}$ and" + "\n\n$$\\sum_i x_i < 3$$")
    assert "<mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac>" in shown
    assert 'display="block"' in shown and "<mo>&lt;</mo>" in shown
    assert r'alttext="\frac{a}{b}"' in shown and "formula" not in shown


@pytest.mark.parametrize("latex", [r"\frac{", r"\newcommand{\a}{\a\a}\a", "{" * 2000, "x" * 2001])
def test_what_is_no_formula_stands_as_it_was_written(latex):
    assert mathml(latex) is None
    assert f"<code>${latex}$</code>" in prose(f"so ${latex}$ it is")


def test_dollars_in_code_are_no_formula():
    assert "<code>$x$</code>" in prose("`$x$`") and "<math" not in prose("`$x$`")


def test_formulas_end_somewhere():
    shown = prose("$x$ " * (MOST_FORMULAS + 5))
    assert shown.count("<math") == MOST_FORMULAS and shown.count("<code>$x$</code>") == 5


def test_headings_stand_below_the_pages_own():
    assert prose("# One\n\n### Three\n\n# One").count("<h3>") == 2
    assert "<h4>Three</h4>" in prose("# One\n\n### Three")


def test_a_text_without_end_is_shown_as_it_was_written():
    assert prose("*a* " * 10_000).startswith("<pre")


def test_code_is_shown_as_it_is():
    assert code("if a < b:\n    x = '<b>'") == (
        '<pre tabindex="0">if a &lt; b:\n    x = &#x27;&lt;b&gt;&#x27;</pre>'
    )
