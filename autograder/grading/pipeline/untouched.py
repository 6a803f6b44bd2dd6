"""Whether a notebook is as it was given out. Its bytes are a stranger's: nothing in them is run."""

from __future__ import annotations

import json
from collections.abc import Iterable

from autograder.grading.pipeline.released import visible

COMPARED = 10**7  # bytes; a larger notebook is not compared


def texts(notebook: bytes) -> frozenset[str]:
    """What stands in the cells of a notebook, hidden tests and empty lines left out. Raises one of
    `UNREADABLE` where it is none."""
    cells = json.loads(notebook)["cells"]
    return frozenset(visible("".join(cell["source"])) for cell in cells) - {""}


UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


def worked_on(notebook: bytes, given: Iterable[str]) -> bool:
    """Whether a cell holds something that was not given out (`given`, cells' texts); True where
    that cannot be told."""
    known = {visible(text) for text in given}
    if not known or len(notebook) > COMPARED:
        return True
    try:
        return bool(texts(notebook) - known)
    except UNREADABLE:
        return True
