"""What feedback pages cost: all of a class's, the few that have changed, none. Told as a table.

    python benchmarks/feedback.py             (some minutes: 100 pages, 5 of them changed)
    python benchmarks/feedback.py --quick     (20 pages, one of them changed)

Wall and processor seconds of `course feedback`, its start included; the ratios are of processor
seconds, which say the same whatever else the machine does.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from graded_classes import (
    BATCHNORM,
    ROOT,
    Row,
    batchnorm_class,
    graded,
    processor_seconds,
    seconds,
    show,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few pages")
    number, changed = (20, 1) if parser.parse_args().quick else (100, 5)
    with tempfile.TemporaryDirectory(prefix="feedback-") as place:
        show(list(of_so_many(Path(place), number, changed)))


def measure(place: Path, quick: bool) -> Iterator[Row]:
    """As a part of `grading`'s table."""
    yield from of_so_many(place, 100, 5)


def of_so_many(place: Path, number: int, changed: int) -> Iterator[Row]:
    folder = batchnorm_class(place / "feedback", number)
    graded(folder, BATCHNORM)
    yield from feedback(folder, number, changed)


def feedback(folder: Path, number: int, changed: int) -> Iterator[Row]:
    command = [sys.executable, "-m", "autograder", "feedback", BATCHNORM, "--class", str(folder)]
    whole = 0.0
    for what, made in (("all", number), ("changed", changed), ("none", 0)):
        if what == "changed":
            mark(folder, changed)
        spent = processor_seconds()
        wall = seconds(command, ROOT)
        spent = processor_seconds() - spent
        whole = whole or spent
        ratio = "" if what == "all" else f", 1/{whole / spent:.0f} of all"
        aim = "≤ 1/10 of all" if (number, what) == (100, "changed") else ""
        yield Row(f"{made} of {number} pages", f"{wall:.1f} s, processor {spent:.1f} s{ratio}", aim)


def mark(folder: Path, students: int) -> None:
    """Give so many students a mark by hand."""
    from nbgrader.api import Gradebook

    from autograder.grading.classroom.configuration import database

    with Gradebook(database(folder)) as gradebook:
        for student in range(students):
            submission = gradebook.find_submission(BATCHNORM, f"s{student:04d}")
            submission.notebooks[0].grades[0].manual_score = 0.5
        gradebook.db.commit()


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
