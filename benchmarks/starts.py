"""What the start of a grading run costs: one submission from the command to the end, thirty with
the start, a further worker's memory, and a run in which nothing has changed; and what each further
submission of the notebooks that train nets costs. Parts of `grading`'s table; processor seconds say
nearly the same whatever else the machine does, wall seconds do not."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from graded_classes import (
    BATCHNORM,
    Row,
    batchnorm_class,
    graded,
    processor_seconds,
    seconds,
    solved_class,
)

MANY = 30
TRAINING = {"16_clinic": 25, "17_capstone": 3}  # processor seconds a submission, at most


def measure(place: Path, quick: bool) -> Iterator[Row]:
    by_stock, cpu_by_stock = stock(place / "stock", 8 if quick else MANY)
    one = batchnorm_class(place / "one", 1)
    graded(one, BATCHNORM, "--force")  # once for what is kept on disk: compiled files, caches
    wall, cpu = timed(one, "--force")
    yield Row(f"{BATCHNORM}: one submission, from the command to the end",
              f"{wall:.1f} s, processor {cpu:.1f} s", "≤ 4 s, 6 s")  # fmt: skip
    wall, cpu = timed(one)
    yield Row("the same again, nothing changed", f"{wall:.2f} s, processor {cpu:.2f} s", "≤ 1.5 s")
    many = batchnorm_class(place / "many", MANY)
    wall, cpu = timed(many)
    yield Row(f"{MANY} submissions by course grade, the start included",
              f"{wall:.1f} s, processor {cpu:.1f} s")  # fmt: skip
    yield Row("a submission by stock nbgrader, its start included",
              f"{by_stock:.1f} s, processor {cpu_by_stock:.1f} s")  # fmt: skip
    yield Row("course grade is faster", f"{by_stock * MANY / wall:.1f}×, processor "
              f"{cpu_by_stock * MANY / cpu:.1f}×", "≥ 12×")  # fmt: skip
    peaks = [
        graded(many, BATCHNORM, "--force", "--workers", str(workers), look=True)[2]
        for workers in (1, 2)
    ]
    yield Row("all processes of a run, one worker and two",
              f"{peaks[0] / 2**20:.0f} and {peaks[1] / 2**20:.0f} MiB")  # fmt: skip
    yield Row("a further worker's own memory", f"{(peaks[1] - peaks[0]) / 2**20:.0f} MiB",
              "≤ 200 MB")  # fmt: skip


def training(place: Path, quick: bool) -> Iterator[Row]:
    """Each further submission of TRAINING's notebooks, without what a run costs once."""
    further = 2 if quick else 6
    for notebook, aim in TRAINING.items():
        few = solved_class(place / f"{notebook}-1", notebook, 1)
        more = solved_class(place / f"{notebook}-{further + 1}", notebook, further + 1)
        timed(few, "--force", notebook=notebook)  # once for what is kept on disk
        _, once = timed(few, "--force", notebook=notebook)
        _, all_of_them = timed(more, "--force", notebook=notebook)
        yield Row(f"{notebook}: each further submission",
                  f"processor {(all_of_them - once) / further:.1f} s", f"≤ {aim} s")  # fmt: skip
        yield Row(f"{notebook}: the first, with the start", f"processor {once:.1f} s")


def timed(folder: Path, *more: str, notebook: str = BATCHNORM) -> tuple[float, float]:
    """Wall and processor seconds of `course grade`."""
    before = processor_seconds()
    wall, report, _ = graded(folder, notebook, *more)
    assert not report["states"]["failed to run"], report["states"]
    return wall, processor_seconds() - before


def stock(folder: Path, number: int) -> tuple[float, float]:
    """Wall and processor seconds a submission of `nbgrader autograde`."""
    batchnorm_class(folder, number)
    before = processor_seconds()
    wall = seconds([sys.executable, "-m", "nbgrader", "autograde", BATCHNORM], folder)
    spent = processor_seconds() - before
    shutil.rmtree(folder)
    return wall / number, spent / number
