"""How good the instruments of notebook 16 are: what each catches, and how often it alarms in vain.

    python benchmarks/clinic/instruments.py

tries each on all sick programs that are proven (`programs.py`) and on healthy ones, all
with seeds and numbers that were used for nothing else (three minutes on one core). The table goes
to data/results/.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HOME))

import torch  # noqa: E402 - found through the line above

from autograder.exercises.programs import matrix  # noqa: E402
from autograder.exercises.programs.drawing import drawn  # noqa: E402
from autograder.exercises.programs.faults import FAULTS, sick  # noqa: E402
from autograder.exercises.programs.waiting_room import proven  # noqa: E402
from autograder.exercises.programs.writing import written  # noqa: E402
from course_utils.instruments import INSTRUMENTS  # noqa: E402
from course_utils.recipes.programs import started  # noqa: E402

RESULTS = HOME / "data" / "results" / "clinic_instruments.json"
FIRST = 600_000  # healthy programs from here on were used for nothing else
SEED = 57  # of pictures and weights, in each number's hundred; not among those that proofs use


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--healthy", type=int, default=520, help="so many healthy programs")
    options = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    names = [instrument.__name__ for instrument in INSTRUMENTS]
    vain, any_vain = dict.fromkeys(names, 0), 0
    unlike: dict[str, dict[str, int]] = {name: {} for name in names}
    for number in range(FIRST, FIRST + options.healthy):
        design = drawn(number)
        said = alarms(written(design), design)
        any_vain += any(said.values())
        for name in (name for name in names if said[name]):
            vain[name] += 1
            unlike[name][str(number)] = 1
    print(f"{options.healthy} healthy ones, {time.process_time():.0f} s", flush=True)
    caught: dict[str, dict] = {}
    for fault in FAULTS:
        said = []
        for number in proven(fault):
            design = drawn(number)
            said.append(alarms(sick(written(design), fault, design), design))
        caught[fault] = {"programs": len(said), "caught": sum(any(s.values()) for s in said)}
        caught[fault] |= {name: sum(s[name] for s in said) for name in names}
    columns = {}
    for name in names:
        of = sum(caught[fault]["programs"] for fault in matrix.MUST[name])
        hit = sum(caught[fault][name] for fault in matrix.MUST[name])
        columns[name] = {
            "sick in its column": of, "caught": hit, "healthy": options.healthy,
            "alarms in vain": vain[name], "at": sorted(unlike[name]),
        }  # fmt: skip
        print(f"{name:28} caught {hit} of {of}, {vain[name]} alarms in vain")
    seen = [fault for fault in FAULTS if fault not in matrix.BY_EYE]
    suite = {
        "sick in some column": sum(caught[fault]["programs"] for fault in seen),
        "caught": sum(caught[fault]["caught"] for fault in seen),
        "sick, all": sum(entry["programs"] for entry in caught.values()),
        "caught of all": sum(entry["caught"] for entry in caught.values()),
        "healthy": options.healthy, "alarms in vain": any_vain,
    }  # fmt: skip
    print(suite)
    stored = {
        "made by": "python benchmarks/clinic/instruments.py", "torch": torch.__version__,
        "instruments": columns, "suite": suite, "faults": caught,
    }  # fmt: skip
    RESULTS.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def alarms(source: str, design) -> dict[str, bool]:
    """Which instruments alarm at a program."""
    program = started(
        source, design.data, design.classes, design.pictures, 100 * design.number + SEED
    )
    return {instrument.__name__: not instrument(program) for instrument in INSTRUMENTS}


if __name__ == "__main__":
    main()
