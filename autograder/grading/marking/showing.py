"""A written answer as HTML that does nothing: Markdown, cleaned as feedback pages are, with its
formulas as MathML, which browsers draw by themselves."""

from __future__ import annotations

import html
import re
import secrets
from xml.etree import ElementTree

from nbconvert.filters.markdown_mistune import MarkdownWithMath

from autograder.grading.feedback import inert

# Of one formula, in characters, and of one answer: what is beyond stands there as it was written.
MOST_FORMULA, MOST_FORMULAS = 2_000, 200
# A macro can be made to grow without end.
MACROS = re.compile(r"\\(?:re|provide)?newcommand|\\[egx]?def\b|\\let\b|\\Declare")
# MathML Core, and what latex2mathml makes of tables and strokes.
ELEMENTS = set(
    "math mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle mpadded mphantom msub msup "
    "msubsup munder mover munderover mmultiscripts mprescripts none mtable mtr mtd menclose "
    "merror".split()
)
ATTRIBUTES = set(
    "display mathvariant stretchy fence form separator symmetric largeop movablelimits accent "
    "accentunder minsize maxsize lspace rspace width linethickness displaystyle scriptlevel "
    "columnalign columnlines columnspacing rowlines rowspacing notation".split()
)
# As nh3 writes them, one after the other: a quotation mark inside a value is an entity.
ATTRIBUTE = re.compile(r' (?P<name>[\w:-]+)="[^"]*"')
VALUE = re.compile(r"[\w.%+\- ]{1,40}")


def prose(source: str, attachments: object = None) -> str:
    """Markdown as HTML that runs and fetches nothing, whoever wrote it. What cannot be rendered is
    shown as it was written."""
    if len(source) > inert.MOST_PROSE:
        return code(source)
    try:
        renderer = _Renderer(escape=False, attachments=inert.pictures(attachments))
        shown = inert.clean(MarkdownWithMath(renderer=renderer).render(source))
    except Exception:  # noqa: BLE001 - prose can be strange in more ways than a parser foresees
        return code(source)
    return renderer.with_formulas(shown)


def code(source: str) -> str:
    """A text as it was written."""
    return f'<pre tabindex="0">{html.escape(source)}</pre>'


class _Renderer(inert.Renderer):
    """Leaves a mark in place of each formula, which nobody can foresee and no cleaning changes."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self._mark = f"formula{secrets.token_hex(12)}n"
        self._level = 2  # of the heading before
        self._formulas: list[tuple[str, str]] = []  # drawn, and as it was written

    def heading(self, text: str, level: int, **attributes) -> str:
        # Below the page's own headings and with no level left out, as screen readers want it; and
        # without the anchors that a notebook's page has.
        level = self._level = min(level + 2, self._level + 1, 6)
        return f"<h{level}>{text}</h{level}>"

    def inline_math(self, body: str) -> str:
        return self._kept(body, super().inline_math(body), "inline")

    def block_math(self, body: str) -> str:
        return self._kept(body, super().block_math(body), "block")

    def latex_environment(self, name: str, body: str) -> str:
        as_written = super().latex_environment(name, body)
        return self._kept(rf"\begin{{{name}}}{body}\end{{{name}}}", as_written, "block")

    def _kept(self, latex: str, as_written: str, display: str) -> str:
        drawn = mathml(latex, display) if len(self._formulas) < MOST_FORMULAS else None
        as_written = html.escape(html.unescape(as_written))
        self._formulas.append((drawn or f"<code>{as_written}</code>", as_written))
        return f"{self._mark}{len(self._formulas) - 1}n"

    def with_formulas(self, cleaned: str) -> str:
        """The cleaned page with its formulas put in: drawn between elements; as they were written
        in an element's attributes, such as a picture's description, where markup would act. Styles
        go: the page's policy lets none of a stranger's apply."""

        def attribute(found: re.Match) -> str:
            if found["name"] == "style":
                return ""
            return re.sub(mark, lambda inside: self._formulas[int(inside[1])][1], found[0])

        def put(found: re.Match) -> str:
            if found["tag"]:
                return ATTRIBUTE.sub(attribute, found["tag"])
            return self._formulas[int(found[2])][0]

        mark = f"{self._mark}(\\d+)n"
        return re.sub(rf'(?P<tag><(?:[^>"]|"[^"]*")*>)|{mark}', put, cleaned)


def mathml(latex: str, display: str = "inline") -> str | None:
    """A formula as MathML of which only known elements and attributes are left; None where it
    cannot be drawn. `display` is "inline" or "block"."""
    from latex2mathml.converter import convert_to_element

    if len(latex) > MOST_FORMULA or MACROS.search(latex):
        return None
    try:
        drawn = _known(convert_to_element(latex, display=display))
        drawn.set("alttext", latex)
        return ElementTree.tostring(drawn, encoding="unicode", short_empty_elements=False)
    except Exception:  # noqa: BLE001 - what is no LaTeX ends in any error, deep nesting too
        return None


def _known(element: ElementTree.Element) -> ElementTree.Element:
    """A copy made anew of what may stay; of other elements their contents."""
    made = ElementTree.Element(element.tag if element.tag in ELEMENTS else "mrow")
    for name, value in element.attrib.items():
        if name in ATTRIBUTES and VALUE.fullmatch(value):
            made.set(name, value)
    # latex2mathml writes characters as entities, in text; as characters they are escaped again.
    made.text = html.unescape(element.text) if element.text else None
    made.extend(map(_known, element))
    return made
