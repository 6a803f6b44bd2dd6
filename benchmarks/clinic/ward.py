"""The patients of notebook 16, the programs that are open to look at, and first losses of many.

    python benchmarks/clinic/ward.py

writes them anew (a minute). Who has what is not in the file: only the judge knows it.
"""

from __future__ import annotations

import itertools
import json
import math
import sys
import warnings
from pathlib import Path

import numpy as np

HOME = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HOME))

import torch  # noqa: E402 - found through the line above

from autograder.exercises.clinic import patches, ward  # noqa: E402
from autograder.exercises.programs.drawing import drawn  # noqa: E402
from autograder.exercises.programs.faults import FAULTS, sick  # noqa: E402
from autograder.exercises.programs.matrix import MUST  # noqa: E402
from autograder.exercises.programs.waiting_room import given_of, proven  # noqa: E402
from autograder.exercises.programs.writing import written  # noqa: E402
from course_utils.recipes.programs import started  # noqa: E402

RESULTS = HOME / "data" / "results" / "clinic_ward.json"
MANY = range(20_200, 20_280)  # healthy ones


def sources() -> dict:
    """All that is drawn and not measured."""
    rng = np.random.default_rng(16)
    return {
        "wards": [ward.ward(number) for number in range(len(ward.WARDS))],
        "example": ward.patient(*ward.EXAMPLE, 0),
        "healthy": [ward.program(number, (), rng) for number in ward.OPEN_HEALTHY],
        "sick": [{"says": FAULTS[fault].says, "program": ward.program(number, (fault,), rng)}
                 for fault, number in ward.OPEN_SICK],
        "patches": [
            patches.body(kind.fault, number, 100 * number)
            for kind in (patches.patch_1, patches.patch_2, patches.patch_3)
            for number in [patches.shown_number(kind)]
        ],
    }  # fmt: skip


def first_losses() -> list[tuple[float, float, int]]:
    """First loss, ln C, and whether it is one that an instrument must hear."""
    rng, found = np.random.default_rng(17), []
    for number in MANY:
        found.append((*first_loss(given_of(rng, written(drawn(number)), drawn(number))), 0))
    for fault in MUST["first_loss_is_plausible"]:
        for number in proven(fault):
            design = drawn(number)
            made = given_of(rng, sick(written(design), fault, design), design)
            found.append((*first_loss(made), 1))
    return found


def first_loss(made: dict) -> tuple[float, float]:
    program = started(**made)
    with torch.no_grad():
        batches = list(itertools.islice(program.batches, 4))
        loss = sum(float(program.loss(batch)) for batch in batches) / len(batches)
        classes = max(2, program.net(batches[0][0]).shape[1])
    # Where it is no number, it is told as more than any guess could cost.
    return round(loss, 3) if math.isfinite(loss) else 1e6, round(math.log(classes), 4)


def main() -> None:
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    made = {"made by": "python benchmarks/clinic/ward.py", **sources(),
            "first losses": first_losses()}  # fmt: skip
    RESULTS.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
