"""Results of runs too long for a notebook, stored in data/results/ by scripts in benchmarks/.

What `make gpu` measured on a GPU lies in a folder of its own there, by the GPU's name.
"""

from __future__ import annotations

import json
import re
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
    return None if path is None else _read(path, f"benchmarks/{name}.py")


def on_gpus(name: str) -> list[dict]:
    """The results called `name` of every GPU that has been measured; mostly there is none.

    Each says in "gpu" which one. Raises ValueError with one sentence when a file is damaged.
    """
    paths = {}
    for folder in (INSTALLED, FOLDER):
        paths |= {path.parent.name: path for path in folder.glob(f"*/{name}.json")}
    read = [_read(path, "make gpu") for _, path in sorted(paths.items())]
    # What failed, or ran on a CPU to try the script, is not shown to anybody.
    return [found for found in read if found.get("gpu") and found.get("shown", True)]


def slug(device: str) -> str:
    """The folder of a device's results: "NVIDIA H200" → "nvidia_h200"."""
    return re.sub(r"[^a-z0-9]+", "_", device.lower()).strip("_")


def _read(path: Path, made_by: str) -> dict:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(
            f"{path} is damaged ({error}): delete it, and run {made_by} again."
        ) from error
    if not isinstance(found, dict):
        raise ValueError(f"{path} holds no results: run {made_by} again.")
    return found
