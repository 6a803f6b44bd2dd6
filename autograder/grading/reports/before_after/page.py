"""The analysis as one HTML page and as JSON, in the class's reports/. Neither holds a student's
name or id."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from autograder.grading.reports import page as report_page
from autograder.grading.reports.before_after.analysis import RESAMPLES, Analysis, Estimate
from autograder.grading.reports.class_report import file_part

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

    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {"estimate": estimate, "number": number}
    style = Path(report_page.__file__).with_name("page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return environment.get_template("page.html").render(
        a=analysis, course=course, made=made, style=Markup(style), resamples=f"{RESAMPLES:,}",
        version=version("training-cnns"), policy=f"default-src 'none'; style-src 'sha256-{digest}'",
    )  # fmt: skip


def write(
    folder: Path, analysis: Analysis, course: str, section: str = ""
) -> tuple[Path, Path]:
    """Write `reports/BEFORE-AFTER.html` and `.json`, of a section `BEFORE-AFTER-SECTION`; where
    they are. Raises OSError."""
    place = Path(folder) / FOLDER
    place.mkdir(exist_ok=True)
    name = f"{analysis.before}-{analysis.after}"
    if section:
        name, course = f"{name}-{file_part(section)}", f"{course}, section {section}"
    texts = {
        place / f"{name}.html": page(analysis, course, datetime.now()),
        place / f"{name}.json": json.dumps(asdict(analysis), indent=1, ensure_ascii=False),
    }
    for path, text in texts.items():
        growing = path.with_name(f".{path.name}.growing")
        growing.write_text(text, encoding="utf-8")
        os.replace(growing, path)
    made, data = texts
    return made, data
