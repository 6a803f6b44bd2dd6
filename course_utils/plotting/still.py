"""The still picture of an explorer: some of its pictures on one sheet, each below the settings that
it shows. What they are is the explorer's own."""

from __future__ import annotations

import io
import itertools
import textwrap
from collections.abc import Sequence

from course_utils.plotting.display import png

DPI = 90
_SIZE, _LINE, _LETTER = 10, 15, 7.7  # points; pixels of a line of text and of a letter, on average
RULE, GAP = "#b5b5b5", 7  # what parts two pictures, pixels


def sheet(pictures: Sequence[bytes], headings: Sequence[str]) -> bytes:
    """PNGs two in a row, more being too small to read on paper, with rules between them.

    Parameters
    ----------
    headings : what stands above each picture; "" for nothing
    """
    from PIL import Image, ImageDraw

    drawn = [
        _headed(Image.open(io.BytesIO(picture)).convert("RGB"), heading)
        for picture, heading in zip(pictures, headings, strict=True)
    ]
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


def _headed(picture, heading: str):
    """The picture with a line or two of text above it."""
    if not heading:
        return picture
    from matplotlib.figure import Figure
    from PIL import Image

    lines = textwrap.wrap(heading, int(picture.width / _LETTER))
    height = _LINE * len(lines) + 4
    strip = Figure(figsize=(picture.width / DPI, height / DPI), dpi=DPI, facecolor="white")
    strip.text(4 / picture.width, 0.5, "\n".join(lines), va="center", size=_SIZE, weight="bold",
               color="#222222")  # fmt: skip
    words = Image.open(io.BytesIO(png(strip, DPI))).convert("RGB")
    both = Image.new("RGB", (picture.width, words.height + picture.height), "white")
    both.paste(words, (0, 0))
    both.paste(picture, (0, words.height))
    return both


def in_words(value: object) -> str:
    """A control's value as a heading has it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:.4g}" if isinstance(value, (int, float)) else str(value)
