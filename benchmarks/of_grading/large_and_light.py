"""What is large and what is light, each beside stock nbgrader: a thousand submissions of ours, and
notebooks of another course that know nothing of this one. Parts of `grading`'s table."""

from __future__ import annotations

import math
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import starts
from graded_classes import (
    BATCHNORM,
    CONFIG,
    Row,
    batchnorm_class,
    graded,
    processor_seconds,
    seconds,
)

LIGHT = "ps1"  # the assignment of nbgrader's own guide: two notebooks, two students' submissions
STUDENTS = 11  # so 22 notebooks


# A thousand submissions.


def thousand(place: Path, quick: bool, number: int = 0) -> Iterator[Row]:
    """`number` submissions, 1,000 by default, and what a class of a few costs beside them."""
    many = number or (60 if quick else 1000)
    few = max(1, min(50, many // 6))
    by_hand = max(1, min(6, many // 6))  # each takes stock nbgrader as long as the first
    stock, cpu_stock = starts.stock(place / "by-stock", by_hand)
    yield Row(f"{BATCHNORM}: a submission by stock nbgrader, measured on {by_hand}",
              f"{stock:.1f} s, processor {cpu_stock:.1f} s")  # fmt: skip
    measured = {}
    for count in dict.fromkeys((few, many)):
        folder = batchnorm_class(place / f"batchnorm-{count}", count)
        spent = processor_seconds()
        measured[count] = (*graded(folder, BATCHNORM, look=True), processor_seconds() - spent)
        shutil.rmtree(folder)
    wall, _, _, cpu = measured[many]
    yield Row(f"{BATCHNORM}: {many} submissions, course grade, the start included",
              f"{wall / 60:.1f} minutes", "< 5 for 1000")  # fmt: skip
    yield Row(f"course grade is faster, at {many}",
              f"{stock * many / wall:.1f}×, processor {cpu_stock * many / cpu:.1f}×",
              "≥ 25× at 1000")  # fmt: skip
    for count, (wall, report, peak, _) in measured.items():
        yield Row(f"{BATCHNORM}: time a submission at {count}, start included",
                  f"{wall / count:.3f} s", "no worse at more")  # fmt: skip
        yield Row(f"{BATCHNORM}: peak memory of all processes at {count}",
                  f"{peak / 2**20:.0f} MiB", "flat")  # fmt: skip
        assert sum(report["states"].values()) == count
        assert not report["states"]["failed to run"], report["states"]


# Light material of another course.


def light(place: Path, quick: bool, number: int = 0) -> Iterator[Row]:
    """nbgrader's example course, `number` students (11 by default), who have handed in its two
    examples in turn."""
    folder = example_class(place / "light", number or STUDENTS)
    notebooks = 2 * (number or STUDENTS)
    spent = processor_seconds()
    by_stock = seconds([sys.executable, "-m", "nbgrader", "autograde", LIGHT], folder)
    cpu_stock, scores = processor_seconds() - spent, automatic(folder)
    shutil.rmtree(folder / "autograded")
    spent = processor_seconds()
    wall, report, _ = graded(folder, LIGHT, "--force")
    cpu = processor_seconds() - spent
    assert not report["states"]["failed to run"], report["states"]
    yield Row(f"light material: {notebooks} notebooks of nbgrader's example, stock nbgrader",
              f"{by_stock:.1f} s, processor {cpu_stock:.1f} s")  # fmt: skip
    yield Row("light material: course grade, the start included",
              f"{wall:.1f} s, processor {cpu:.1f} s")  # fmt: skip
    yield Row("light material: course grade is faster",
              f"{by_stock / wall:.1f}×, processor {cpu_stock / cpu:.1f}×",
              "≥ 5×" if notebooks == 2 * STUDENTS else "")  # fmt: skip
    same = sum(map(alike, scores.values(), (automatic(folder)[key] for key in scores)))
    yield Row("light material: cells with the same automatic score", f"{same} of {len(scores)}",
              "all")  # fmt: skip


def example_class(folder: Path, number: int) -> Path:
    """nbgrader's example course, released, with so many submissions."""
    import nbgrader

    example = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide"
    shutil.copytree(example / "source" / LIGHT, folder / "source" / LIGHT)
    (folder / "nbgrader_config.py").write_text(CONFIG)
    seconds([sys.executable, "-m", "nbgrader", "generate_assignment", LIGHT], folder)
    handed_in = sorted((example / "submitted").glob(f"*/{LIGHT}"))
    for student in range(number):
        shutil.copytree(handed_in[student % len(handed_in)],
                        folder / "submitted" / f"s{student:04d}" / LIGHT)  # fmt: skip
    return folder


def automatic(folder: Path) -> dict[tuple, float | None]:
    """What the gradebook holds: (student, notebook, cell) → automatic score."""
    from nbgrader import api

    from autograder.grading.classroom.configuration import database
    from autograder.grading.pipeline.gradebook import grades

    with api.Gradebook(database(folder), "speed") as gradebook:
        rows = list(grades(gradebook, LIGHT, api.Grade.auto_score))
    return {(student, notebook, cell): score for student, notebook, cell, score in rows}


def alike(one: float | None, other: float | None) -> bool:
    return one == other or (None not in (one, other) and math.isclose(one, other))
