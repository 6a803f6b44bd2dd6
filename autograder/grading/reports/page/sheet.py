"""The report's rows as CSV, for a spreadsheet. For a school's system there is `course marks`."""

from __future__ import annotations

import csv
import io
import re

from autograder.grading.reports.class_report import ClassReport

# A spreadsheet takes what begins so for a formula, and a student chooses names of files and cells.
FORMULA = re.compile(r"[=+\-@\t\r]")


def sheet(report: ClassReport) -> str:
    """One line a student, one column an exercise; text that Excel opens as it is."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\r\n")
    write.writerow(
        ["student", "name", "state", "points", f"share of {report.most:g}", "to mark", "hours late",
         "taken off"]
        + ["section"] * report.in_sections
        + [_safe(f"{c.title} (of {c.max_points:g})") for c in report.columns]
        + ["needs a look", "put right or left out"]
    )  # fmt: skip
    for row in report.rows:
        share = f"{row.points / report.most:.0%}" if report.most else ""
        write.writerow(
            [_safe(row.student), _safe(row.name), row.state, _number(row.points), share,
             row.to_mark, "no time" if row.untimed else _number(row.late / 3600),
             _number(row.taken_off)]
            + [_safe(", ".join(row.sections))] * report.in_sections
            + ["to mark" if waits else _number(points) for points, waits in row.cells]
            + [_safe("; ".join(row.looks)), _safe("; ".join(row.repairs))]
        )  # fmt: skip
    return out.getvalue()


def _number(value: float | None) -> str:
    return "" if value is None else f"{round(value, 2):g}"


def _safe(text: str) -> str:
    text = re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", " ", text)
    return f"'{text}" if FORMULA.match(text) else text
