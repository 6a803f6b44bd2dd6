"""Where notebooks, and their masters, are on this machine. Nothing is read or written."""

from __future__ import annotations

import os
import re
from pathlib import Path

NOTEBOOK_NAME = re.compile(r"\d\d_\w+\.ipynb")
CHECKOUT = Path(__file__).resolve().parent.parent
# Only a student's kit has this folder: the answer keys of its checks. It has no exercises.
ANSWERS = Path(__file__).resolve().parent / "answers"


def notebooks_in(folder: Path) -> list[Path]:
    """The course's notebooks (`NN_name.ipynb`) directly in a folder, in their order."""
    try:
        names = sorted(entry.name for entry in os.scandir(folder))
    except OSError:
        return []
    return [folder / name for name in names if NOTEBOOK_NAME.fullmatch(name)]


def notebooks_here() -> Path | None:
    """The folder of notebooks at the current folder: a kernel starts in it, a prompt above it."""
    here = Path.cwd()
    return next((place for place in (here, here / "notebooks") if notebooks_in(place)), None)


def notebooks_anywhere() -> Path | None:
    """The folder of notebooks here, else the one of the checkout that is installed."""
    own = CHECKOUT / "notebooks"
    return notebooks_here() or (own if notebooks_in(own) else None)


def masters_folder() -> Path | None:
    """A checkout's masters, else those that came with the installed package; a kit has none."""
    places = (CHECKOUT / "notebooks" / "source", Path(__file__).resolve().parent / "sources")
    return next((place for place in places if place.is_dir()), None)
