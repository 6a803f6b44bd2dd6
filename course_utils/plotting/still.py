"""The still pictures of an explorer: some of its pictures, each below the settings that it shows,
one by one for a page and on one sheet for paper. What they are is the explorer's own."""

from __future__ import annotations

import base64
import io
import itertools
import textwrap
from collections.abc import Iterable, Sequence
from html import escape

from course_utils.plotting.display import least, legible, png

DPI = 90
_SIZE, _LINE, _LETTER = 10, 15, 7.7  # points; pixels of a line of text and of a letter, on average
RULE, GAP = "#b5b5b5", 7  # what parts two pictures, pixels


# Side by side where a page has room for two, else below each other, so that no letter shrinks.
# GitHub takes styles out and would show a wide picture beyond its page: the attribute is for there,
# and the style puts it out of force everywhere else.
_IMAGE = (
    '<img alt="{alt}" src="data:image/png;base64,{png}" width="100%" style="width:auto;'
    "max-width:100%;{least};box-sizing:border-box;background:white;border:1px solid {rule};"
    'margin:0 {gap}px {gap}px 0">'
)


def images(pictures: Iterable[tuple[bytes, str]]) -> str:
    """PNGs, each with its words, as HTML."""
    from PIL import Image

    return legible("".join(
        _IMAGE.format(
            alt=escape(words, quote=True), png=base64.b64encode(picture).decode("ascii"),
            rule=RULE, gap=GAP, least=least(Image.open(io.BytesIO(picture)).width),
        ) for picture, words in pictures
    ))  # fmt: skip


def sheet(pictures: Sequence[bytes]) -> bytes:
    """PNGs two in a row, more being too small to read on paper, with rules between them."""
    from PIL import Image, ImageDraw

    drawn = [Image.open(io.BytesIO(picture)).convert("RGB") for picture in pictures]
    rows = [drawn[i : i + 2] for i in range(0, len(drawn), 2)]
    heights = [max(picture.height for picture in row) for row in rows]
    tops = list(itertools.accumulate((height + GAP for height in heights), initial=0))
    width = max(sum(p.width for p in row) + GAP * (len(row) - 1) for row in rows)
    whole = Image.new("RGB", (width, tops[-1] - GAP), "white")
    pen = ImageDraw.Draw(whole)
    for row, top, height in zip(rows, tops, heights, strict=False):
        if top:
            pen.line([(0, top - GAP // 2 - 1), (width, top - GAP // 2 - 1)], RULE)
        left = 0
        for picture in row:
            if left:
                pen.line([(left - GAP // 2 - 1, top), (left - GAP // 2 - 1, top + height)], RULE)
            whole.paste(picture, (left, top))
            left += picture.width + GAP
    out = io.BytesIO()
    whole.save(out, format="png", optimize=True)
    return out.getvalue()


def headed(png_before: bytes, heading: str) -> bytes:
    """A PNG with a line or two of text above it; as it was where there is none."""
    if not heading:
        return png_before
    from matplotlib.figure import Figure
    from PIL import Image

    picture = Image.open(io.BytesIO(png_before)).convert("RGB")
    lines = textwrap.wrap(heading, int(picture.width / _LETTER))
    height = _LINE * len(lines) + 4
    strip = Figure(figsize=(picture.width / DPI, height / DPI), dpi=DPI, facecolor="white")
    strip.text(4 / picture.width, 0.5, "\n".join(lines), va="center", size=_SIZE, weight="bold",
               color="#222222")  # fmt: skip
    words = Image.open(io.BytesIO(png(strip, DPI))).convert("RGB")
    both = Image.new("RGB", (picture.width, words.height + picture.height), "white")
    both.paste(words, (0, 0))
    both.paste(picture, (0, words.height))
    out = io.BytesIO()
    both.save(out, format="png", optimize=True)
    return out.getvalue()


def in_words(value: object) -> str:
    """A control's value as a heading has it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:.4g}" if isinstance(value, (int, float)) else str(value)
