"""Which sick programs of notebook 16 are sick: each planted fault beside its healthy twin.

    python benchmarks/clinic/programs.py

tries each fault on one program after the other until enough are proven, over eight seeds of first
weights and pictures each (a quarter of an hour on one core). The results go to data/results/ and
are written anew after every program, so that a run which is stopped keeps what it has. `--again N`
proves N of the stored ones once more and stores nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import random
import sys
import time
import warnings
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HOME))

import torch  # noqa: E402 - found through the line above

from autograder.exercises.programs.drawing import drawn  # noqa: E402
from autograder.exercises.programs.faults import FAULTS, DoesNotFit, sick  # noqa: E402
from autograder.exercises.programs.harm import LEAST, SEEDS, harm  # noqa: E402
from autograder.exercises.programs.matrix import BY_EYE  # noqa: E402
from autograder.exercises.programs.writing import written  # noqa: E402

RESULTS = HOME / "data" / "results" / "clinic_programs.json"
FIRST = 10_000  # numbers below were used while the programs were written
ENOUGH, ENOUGH_BY_EYE = 12, 4
TRIED_AT_MOST, TRIED_BY_EYE, NUMBERS = 60, 10, 400


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--again", type=int, metavar="N", help="prove N stored ones once more")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="of processor time")
    options = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    if options.again:
        prove_again(options.again)
    else:
        prove(options.seconds)


def prove(seconds: float) -> None:
    stored = begun()
    found = stored["faults"]
    for level in (*range(3, ENOUGH, 3), ENOUGH):  # so that a run which is stopped lacks no fault
        for number in range(FIRST, FIRST + NUMBERS):
            lacking = [name for name, entry in found.items() if lacks(name, entry, number, level)]
            for name in lacking:
                if time.process_time() > seconds:
                    return
                found[name]["next"] = number + 1
                cost = harm(name, number)
                if cost is None:
                    continue
                found[name]["tried"] += 1
                if cost.proven:
                    found[name]["proven"].append(number)
            if lacking:
                RESULTS.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
        done = sum(len(entry["proven"]) >= level for entry in found.values())
        print(
            f"{done} of {len(found)} faults have {level}, {time.process_time():.0f} s", flush=True
        )


def begun() -> dict:
    """What is stored of a run with these programs and faults, or the start of a new one."""
    if RESULTS.is_file():
        stored = json.loads(RESULTS.read_text(encoding="utf-8"))
        if stored["written as"] == fingerprint():
            return stored
    faults = {name: {"proven": [], "tried": 0, "next": FIRST} for name in FAULTS}  # fmt: skip
    return {
        "made by": "python benchmarks/clinic/programs.py", "written as": fingerprint(),
        "seeds": SEEDS, "torch": torch.__version__, "least": LEAST, "faults": faults,
    }  # fmt: skip


def fingerprint() -> str:
    """Changes when any program or fault is written otherwise."""
    texts = []
    for number in range(FIRST, FIRST + 40):
        design = drawn(number)
        texts.append(written(design))
        for name in FAULTS:
            with contextlib.suppress(DoesNotFit):
                texts.append(sick(written(design), name, design))
    return hashlib.sha256("".join(texts).encode()).hexdigest()[:16]


def lacks(name: str, entry: dict, number: int, level: int) -> bool:
    enough = min(level, ENOUGH_BY_EYE) if name in BY_EYE else level
    tried_at_most = TRIED_BY_EYE if name in BY_EYE else TRIED_AT_MOST
    if entry["next"] > number or entry["tried"] >= tried_at_most:
        return False
    return len(entry["proven"]) < enough and FAULTS[name].fits(drawn(number))


def prove_again(n: int) -> None:
    faults = json.loads(RESULTS.read_text(encoding="utf-8"))["faults"]
    stored = [(name, number) for name in faults for number in faults[name]["proven"]]
    for name, number in random.sample(stored, min(n, len(stored))):
        print(f"{name} in {number}: {'proven' if harm(name, number).proven else 'NOT PROVEN'}")


if __name__ == "__main__":
    main()
