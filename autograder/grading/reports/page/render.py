"""The report as one HTML page: no network, no file beside it. What it says is `class_report`'s,
what it looks like is in the template and the style sheet beside this file."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from autograder.grading.html_pages import render
from autograder.grading.reports.class_report import ClassReport, Spread

HERE = Path(__file__).parent
BAR_WIDTH, BAR_GAP, HEIGHT = 22, 4, 56  # units of a small drawing


def page(report: ClassReport, made: datetime) -> str:
    """The page's text. Every string of a student's is escaped by the template."""
    filters = {
        "points": points, "ago": lateness, "share": share, "count": count, "drawn": drawn,
        "pad": lambda text: text.zfill(6), "code": code,
    }  # fmt: skip
    style, script = ((HERE / f"page.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
    return render(HERE / "page.html", style, script, filters=filters, report=report, made=made)


def points(value: float | None) -> str:
    """A number of points as people write it; a dash for none."""
    return "–" if value is None else f"{round(value, 2):g}"


def code(text: str):
    """A sentence in which what stands between backticks is shown as code; all of it is escaped."""
    from markupsafe import Markup, escape

    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def lateness(seconds: float) -> str:
    """How late, in the largest unit that tells."""
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return count(int(seconds // size), unit)
    return "under a minute"


def share(value: float | None, most: float) -> str:
    """The class of a cell: how much of its points it has."""
    if value is None:
        return ""
    if value >= most - 1e-9:
        return "all"
    return "part" if value > 0 else "none"


def drawn(spread: Spread) -> dict:
    """A histogram's bars: places, sizes and labels in units of its drawing, and itself in words."""
    most = max((n for _, n in spread.bars), default=1) or 1
    bars = [
        {
            "x": number * (BAR_WIDTH + BAR_GAP), "height": round(HEIGHT * n / most, 1),
            "y": round(HEIGHT - HEIGHT * n / most, 1), "label": label, "count": n,
        }
        for number, (label, n) in enumerate(spread.bars)
    ]  # fmt: skip
    told = "; ".join(f"{label}: {count(n, 'student')}" for label, n in spread.bars)
    return {
        "bars": bars, "width": len(bars) * (BAR_WIDTH + BAR_GAP), "height": HEIGHT,
        "words": f"{spread.title}, of {spread.max_points:g} points. {told}.",
    }  # fmt: skip
