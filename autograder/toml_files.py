"""TOML files, read with what each Python has for them. What is in them is for whoever asked."""

from __future__ import annotations

from pathlib import Path

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10; jupytext brings it there
    import tomli as tomllib


def load(path: Path) -> dict:
    """What the file holds. Raises OSError, and ValueError for what is no TOML."""
    return tomllib.loads(path.read_text(encoding="utf-8"))
