"""Ten minutes of slides from an executed notebook: its own headings, formulas, tables and pictures,
and the whole text as the speaker's notes. One file that needs no network. Which sections are shown
stands at the head of the notebook's teaching page; nothing is executed here."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from dataclasses import dataclass, field
from pathlib import Path

from pages import MARKER, picture

from autograder.grading.marking import showing

HERE = Path(__file__).resolve().parent
HEADING = re.compile(r"^(#{1,4}) +(.+?)\s*$")
FENCE = re.compile(r"^\s*(```|~~~)")
# "*12 minutes · difficulty 2 of 3 · builds on …*" is for who works on the exercise.
FOR_WORK = re.compile(r"^\*[^*]*\bminutes?\b[^*]*\*$", re.DOTALL)
ABOUT_COURSE = re.compile(
    r"^(\*\*Time:\*\*|Estimated |This takes an estimated |If you are stuck|Stuck on )"
)
PREDICT = re.compile(r"^predict\(\s*(['\"])(?P<what>.+?)\1", re.MULTILINE)
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z*`$])")
LAST = "What to remember"
WORDS = 95  # on one slide, besides formulas
SHORT = 75  # a section of no more words is shown whole
LINES = 8  # of what an experiment printed, where it drew nothing
STYLE = re.compile(r"<style\b.*?</style>| style=(['\"]).*?\1", re.DOTALL)


class NoSuchSection(Exception):
    """A teaching page names a section that its notebook does not have; which, in a sentence."""


@dataclass
class Section:
    """What stands under one heading: blocks of Markdown before the first result and after it,
    pictures as HTML, what was printed, and what is to be predicted."""

    heading: str
    blocks: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    predicts: list[str] = field(default_factory=list)


def sections(notebook) -> list[Section]:
    """The notebook's sections, in their order; a heading of any level begins one."""
    found: list[Section] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            if cell.metadata.get("nbgrader", {}).get("solution"):
                continue  # a model answer
            for heading, blocks in _parts(cell.source):
                if heading:
                    found.append(Section(heading))
                if found:
                    last = found[-1]
                    (last.after if last.pictures or last.printed else last.blocks).extend(blocks)
        elif cell.cell_type == "code" and found:
            found[-1].predicts += [one["what"] for one in PREDICT.finditer(cell.source)]
            if "experiment" in cell.metadata.get("tags", ()):
                outputs = cell.get("outputs", ())
                found[-1].pictures += filter(None, map(picture, outputs))
                found[-1].printed += [o["text"] for o in outputs if o.get("name") == "stdout"]
    return found


def _parts(source: str) -> list[tuple[str, list[str]]]:
    """(heading or "", blocks) of a cell's text; a block ends at an empty line outside a fence."""
    parts: list[tuple[str, list[str]]] = [("", [])]
    block: list[str] = []
    fenced = False

    def close() -> None:
        if block:
            parts[-1][1].append("\n".join(block))
            block.clear()

    for line in MARKER.sub("", source).splitlines():
        if FENCE.match(line):
            fenced = not fenced
        if not fenced and (head := HEADING.match(line)):
            close()
            parts.append((head[2], []))
        elif not fenced and not line.strip():
            close()
        else:
            block.append(line)
    close()
    return parts


def chosen(found: list[Section], wanted: list[str], name: str) -> list[Section]:
    """The title's section, those that are wanted, and what is to be remembered. Raises
    NoSuchSection."""
    by_heading = {plain(section.heading): section for section in reversed(found)}
    made = [found[0]]
    for heading in [*wanted, LAST]:
        if plain(heading) in by_heading:
            made.append(by_heading[plain(heading)])
        elif heading != LAST:
            raise NoSuchSection(
                f"docs/teaching/{name}.md wants a slide of the section “{heading}”, and {name} has "
                f"none of that name. It has: {'; '.join(s.heading for s in found)}."
            )
    return made


def plain(heading: str) -> str:
    return re.sub(r"[`*$\\]+", "", heading).strip().casefold()


def shown(blocks: list[str]) -> str:
    """The Markdown of a slide: formulas, tables, lists and drawings as they are, of a paragraph how
    it begins, as far as a slide has room; a short text whole."""
    blocks = [b for b in blocks if not (FOR_WORK.match(b) or ABOUT_COURSE.match(b))]
    if sum(map(_words, blocks)) <= SHORT:
        return "\n\n".join(blocks)
    kept: list[str] = []
    words = 0
    for block in blocks:
        whole = block.lstrip().startswith(("$$", "|", "- ", "* ", "1. ", "```", "~~~", "> ", "!["))
        text = block if whole else _first(block)
        if "$$" in block and not block.lstrip().startswith("$$"):
            # A sentence that ends in a formula: the formula is what is wanted.
            text = f"{text.partition('$$')[0]}\n\n" + "\n\n".join(
                f"$${formula}$$" for formula in re.findall(r"\$\$(.+?)\$\$", block, re.DOTALL)
            )
        if kept and words + _words(text) > WORDS:
            continue
        if kept and kept[-1].endswith(":") and not whole:
            kept.pop()  # what it announced had no room
        kept.append(text)
        words += _words(text)
    if len(kept) > 1 and kept[-1].endswith(":"):
        kept.pop()
    return "\n\n".join(kept)


def _first(block: str) -> str:
    """A paragraph's first sentence, and the second where the first says little by itself."""
    parts = SENTENCE.split(" ".join(block.split()))
    return " ".join(parts[: 1 if len(parts[0].split()) > 5 else 2])


def _words(block: str) -> int:
    return len(re.sub(r"\$\$.*?\$\$", "", block, flags=re.DOTALL).split())


def deck(notebook, name: str, wanted: list[str]) -> str:
    """The slides as one HTML page.

    Parameters
    ----------
    notebook : executed
    name : "06_batchnorm"
    wanted : headings of the sections that have a slide, besides the title and what to remember

    Raises NoSuchSection.
    """
    made = chosen(sections(notebook), wanted, name)
    slides = [_slide(section, number, len(made)) for number, section in enumerate(made, 1)]
    style = (HERE / "slides.css").read_text(encoding="utf-8")
    script = (HERE / "slides.js").read_text(encoding="utf-8")
    policy = (
        f"default-src 'none'; img-src data:; style-src '{_digest(style)}'; "
        f"script-src '{_digest(script)}'"
    )
    return PAGE.format(
        title=html.escape(made[0].heading), policy=html.escape(policy), style=style,
        script=script, slides="\n".join(slides), number=name[:2],
    )  # fmt: skip


def _slide(section: Section, number: int, of: int) -> str:
    level = "h1" if number == 1 else "h2"
    heading = re.sub(r"</?p>", "", showing.prose(section.heading)).strip()
    text = shown(section.blocks)
    body = f'<div class="text">{showing.prose(text)}</div>' if text else ""
    if section.predicts:
        asked = html.escape("; ".join(dict.fromkeys(section.predicts)))
        body += f'<p class="ask">Predict: {asked}.</p>'
    result = _result(section)
    if result:
        hidden = " later" if section.predicts else ""
        wide = " wide" if "$$" in text or "|" in text or "```" in text else ""
        body = f'<div class="beside{wide}">{body}<div class="result{hidden}">{result}</div></div>'
    notes = showing.prose("\n\n".join(section.blocks + section.after))
    return (
        f'<section class="slide" id="slide-{number}" aria-label="{number} of {of}">'
        f'<div class="stage"><{level}>{heading}</{level}>{body}</div>'
        f'<aside class="notes" aria-label="Notes"><h3>Notes</h3>{notes}</aside></section>'
    )


def _result(section: Section) -> str:
    """The first picture, or what was printed, and the first sentence on it."""
    if section.pictures:
        made = f'<div class="picture">{STYLE.sub("", section.pictures[0])}</div>'
    elif section.printed:
        lines = "".join(section.printed).strip().splitlines()[:LINES]
        made = f'<pre tabindex="0">{html.escape(chr(10).join(lines))}</pre>'
    else:
        return ""
    said = _first(section.after[0]) if section.after else ""
    if not said or said.endswith(":"):
        return made
    return f'{made}<div class="text">{showing.prose(said)}</div>'


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: slides</title>
<style>{style}</style>
</head>
<body>
<main>
{slides}
</main>
<nav class="keys" aria-label="Slides">
<button type="button" id="back" aria-label="Back">←</button>
<span id="place" role="status"></span>
<button type="button" id="on" aria-label="On">→</button>
<button type="button" id="notes" aria-pressed="false">Notes (N)</button>
</nav>
<script>{script}</script>
</body>
</html>
"""
