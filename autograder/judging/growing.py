"""Very large and very small numbers: what a case shows where its inputs are multiplied, for an
exercise that says how its results grow with them. Runs beside the learner's code."""

from __future__ import annotations

import numpy as np

# Powers of two, which round nothing: right code gives the same digits.
FACTORS = {"large": 2.0**20, "small": 2.0**-24}


def look_at_growth(program: dict, run_case) -> dict[str, dict]:
    """What the first case shows with multiplied inputs, by the names of FACTORS; `run_case`
    observes a case."""
    case, found = program["cases"][0], {}
    for name, factor in FACTORS.items():
        inputs = grown(case["inputs"], program["growth"], factor)
        report = run_case({"name": case["name"], "inputs": inputs})
        if "interrupted" in report:
            return {}
        found[name] = {n: report[n] for n in ("seen", "raised") if n in report}
    return found


def grown(values: dict, powers: dict[str, int], factor: float) -> dict:
    """Values by name, those with a power multiplied by that power of the factor."""
    return {
        name: multiplied(value, factor ** powers[name]) if powers.get(name) else value
        for name, value in values.items()
    }


def multiplied(value, factor: float):
    """Plain data with every number that may be a fraction multiplied."""
    if isinstance(value, np.ndarray):
        return value * value.dtype.type(factor) if value.dtype.kind == "f" else value
    if isinstance(value, float):
        return value * factor
    if isinstance(value, dict):
        return {name: multiplied(entry, factor) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(multiplied(entry, factor) for entry in value)
    return value
