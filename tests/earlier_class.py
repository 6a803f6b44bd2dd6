"""The class, the kit and the marks of an earlier course (`tests/earlier`), unpacked and graded by
the course of today."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

from graded_class import INLINE

from autograder.grading.pipeline import run
from autograder.grading.pipeline.record import Record
from autograder.grading.reports import report
from autograder.grading.sandbox.runner import availability

EARLIER = Path(__file__).parent / "earlier"
MARKS = json.loads((EARLIER / "marks.json").read_text(encoding="utf-8"))


def unpacked(name: str, folder: Path) -> Path:
    with tarfile.open(EARLIER / f"{name}.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return next(path for path in folder.iterdir() if path.is_dir())


def graded(folder: Path) -> dict[str, dict]:
    """Grade the class with what its own configuration says; the report on each assignment."""
    told = {}
    for assignment in MARKS:
        tally = report.Tally(assignment)
        with Record(folder, assignment, wait=1.0) as record:
            found = run.submissions(record)
            settings = run.settings_for(record.config, sandbox=availability() is None)
            outcomes = run.grade_class(
                record, record.assignment(), found, settings, INLINE, force=False
            )
            for _ in report.followed(outcomes, len(found), tally, live=False, quiet=True):
                pass
            run.conclude(record, tally, whole=True)
        told[assignment] = tally.as_json()
    return told
