"""A student's notebooks take their place in submitted/, unless what lies there is better or
something else is in the way. Which of a download's notebooks counts is `collect`'s."""

from __future__ import annotations

import filecmp
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from autograder.grading.pipeline import notebook_file, untouched


def worked_on(notebook: Path, given: frozenset[str]) -> bool:
    """Whether a notebook holds something that was not given out (`given`, its cells' texts)."""
    large = notebook.stat().st_size > untouched.COMPARED
    return large or untouched.worked_on(notebook.read_bytes(), given)


def unreadable(name: str, notebook: Path) -> str:
    """Why a file is no notebook, in words; "" where it is one, or too large to be tried here."""
    if notebook.stat().st_size > untouched.COMPARED:
        return ""
    try:
        notebook_file.read(name, notebook.read_bytes())
    except notebook_file.Unreadable as why:
        return str(why)
    return ""


def worse(now: Path, earlier: Path, unread: str, given: frozenset[str]) -> str:
    """Why what was handed in earlier is better than what came now, as the end of a sentence; ""
    where it is not.

    Parameters
    ----------
    unread : what `unreadable` says of what came now
    given : the texts of the cells that were given out
    """
    if not earlier.is_file() or filecmp.cmp(earlier, now, shallow=False):
        return ""
    if unread:
        return "" if unreadable(earlier.stem, earlier) else f"cannot be taken: {unread}"
    if worked_on(now, given) or not worked_on(earlier, given):
        return ""
    return "" if unreadable(earlier.stem, earlier) else "is as it was given out"


def in_the_way(files: Iterable[Path]) -> Path | None:
    """What keeps one of these files from being put there: a folder under its name, or a file where
    its folder belongs."""
    for file in files:
        if file.is_dir():
            return file
        blocked = next((p for p in file.parents if p.exists() and not p.is_dir()), None)
        if blocked:
            return blocked
    return None


def put(place: Path, picked: Mapping[str, Path], shared: bool) -> str:
    """Move a student's notebooks in; whether that is "new", "replaced" or the "same"."""
    files = {place / f"{name}.ipynb": file for name, file in picked.items()}
    there = [path for path in files if path.is_file()]
    if len(there) == len(files) and all(
        filecmp.cmp(path, file, shallow=False) for path, file in files.items()
    ):
        return "same"
    place.mkdir(parents=True, exist_ok=True)
    for path, file in files.items():
        os.chmod(file, 0o664 if shared else 0o644)
        os.replace(file, path)
    return "replaced" if there else "new"
