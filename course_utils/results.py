"""Results of runs too long for a notebook, stored in data/results/ by scripts in benchmarks/."""

from __future__ import annotations

import json
from pathlib import Path

# In a checkout or a kit; an installed package brings them along in the other folder.
FOLDER = Path(__file__).resolve().parent.parent / "data" / "results"
INSTALLED = Path(__file__).resolve().parent / "shipped" / "results"


def stored(name: str) -> dict | None:
    """The results called `name`, or None where the script has not been run, or is not at hand.

    Raises ValueError with one sentence when the file is damaged.
    """
    places = (folder / f"{name}.json" for folder in (FOLDER, INSTALLED))
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(
            f"{path} is damaged ({error}): delete it, and run benchmarks/{name}.py again."
        ) from error
    if not isinstance(found, dict):
        raise ValueError(f"{path} holds no results: run benchmarks/{name}.py again.")
    return found
