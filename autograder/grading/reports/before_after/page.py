"""The analysis as one HTML page and as JSON, in the class's reports/. Neither holds a student's
name or id."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from autograder.grading.html_pages import render
from autograder.grading.reports import page as report_page
from autograder.grading.reports.before_after.analysis import RESAMPLES, Analysis, Estimate
from autograder.grading.reports.class_report import file_part
from autograder.grading.whole_files import write_whole

HERE = Path(__file__).parent
FOLDER = "reports"


def number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def estimate(told: Estimate) -> str:
    """A number with its interval in brackets."""
    if told.value is None or told.low is None:
        return number(told.value)
    return f"{told.value:.2f} ({told.low:.2f} to {told.high:.2f})"


def page(analysis: Analysis, course: str, made: datetime) -> str:
    """The page's text; every name in it is escaped by the template."""
    from importlib.metadata import version

    style = Path(report_page.__file__).with_name("page.css").read_text(encoding="utf-8")
    return render(
        HERE / "page.html", style, filters={"estimate": estimate, "number": number}, a=analysis,
        course=course, made=made, resamples=f"{RESAMPLES:,}", version=version("training-cnns"),
    )  # fmt: skip


def write(
    folder: Path, analysis: Analysis, course: str, section: str = ""
) -> tuple[Path, Path]:
    """Write `reports/BEFORE-AFTER.html` and `.json`, of a section `BEFORE-AFTER-SECTION`; where
    they are. Raises OSError."""
    place = Path(folder) / FOLDER
    name = f"{analysis.before}-{analysis.after}"
    if section:
        name, course = f"{name}-{file_part(section)}", f"{course}, section {section}"
    texts = {
        place / f"{name}.html": page(analysis, course, datetime.now()),
        place / f"{name}.json": json.dumps(asdict(analysis), indent=1, ensure_ascii=False),
    }
    for path, text in texts.items():
        write_whole(path, text)
    made, data = texts
    return made, data
