"""Puts the page and the table into the class's folder, in reports/."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from autograder.grading.reports.class_report import ClassReport
from autograder.grading.reports.page.render import page
from autograder.grading.reports.page.sheet import sheet
from autograder.grading.whole_files import write_whole

FOLDER = "reports"


def write(folder: Path, report: ClassReport) -> tuple[Path, Path]:
    """Write `reports/ASSIGNMENT.html` and `.csv`, or `ASSIGNMENT-SECTION`; where they are. Raises
    OSError."""
    place = Path(folder) / FOLDER
    made = place / f"{report.file_name}.html", place / f"{report.file_name}.csv"
    # Excel reads UTF-8 by its mark alone.
    texts = page(report, datetime.now()).encode("utf-8"), sheet(report).encode("utf-8-sig")
    for path, text in zip(made, texts, strict=True):
        write_whole(path, text)
    return made
