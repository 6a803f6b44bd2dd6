"""How long experiments take, as it was measured, and how a folded cell says it. What measures it is
`benchmarks/cells.py`."""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path

MEASURED = Path(__file__).with_name("seconds.json")
SHORT = 3.0  # seconds below which nothing need be said


@functools.cache
def measured() -> dict[str, dict]:
    """Notebook → {"cores": of the machine, "seconds": {experiment: seconds}}."""
    return json.loads(MEASURED.read_text(encoding="utf-8")) if MEASURED.is_file() else {}


def keep(notebook: str, seconds: dict[str, float]) -> None:
    """Store what a notebook's experiments took on this machine."""
    told = {name: round(value, 1) for name, value in seconds.items() if value >= SHORT}
    found = {**measured(), notebook: {"cores": os.cpu_count(), "seconds": told}}
    text = json.dumps(dict(sorted(found.items())), indent=1) + "\n"
    MEASURED.write_text(text, encoding="utf-8")
    measured.cache_clear()


def said(notebook: str, cell: str) -> str:
    """"about 50 s on 2 cores"; empty where a cell is short or was not measured."""
    found = measured().get(notebook, {})
    seconds = found.get("seconds", {}).get(cell, 0.0)
    return f"{in_words(seconds)} on {found['cores']} cores" if seconds >= SHORT else ""


def in_words(seconds: float) -> str:
    """A time as roughly as it will be met again."""
    if seconds < 10:
        return "a few seconds"
    if seconds < 55:
        return f"about {5 * round(seconds / 5)} s"
    minutes = round(2 * seconds / 60) / 2
    return "about a minute" if minutes == 1 else f"about {minutes:g} minutes"
