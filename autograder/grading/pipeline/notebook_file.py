"""A submitted file becomes a notebook in memory, or a sentence on why it is none. What is in its
cells is for `sanitize` to mend."""

from __future__ import annotations

import json
import re

import nbformat
from nbformat import NotebookNode

from autograder.grading.sandbox.outputs import scrubbed

# What is more than this is no notebook that a person has written, and costs the grader dearly:
# reading two million lines of code alone takes 1.5 GB.
MOST_CELLS, MOST_CODE, MOST_IN_ALL = 3000, 300_000, 4_000_000


class Unreadable(ValueError):
    """What was submitted is not a notebook; the message is one sentence for the teacher."""


def read(name: str, submitted: bytes | None) -> NotebookNode:
    """The submitted notebook in the current format. Raises Unreadable."""
    if submitted is None:
        raise Unreadable(f"there is no file {name}.ipynb")
    if not submitted.strip():
        raise Unreadable(f"{name}.ipynb is empty")
    text = decoded(name, submitted)
    if re.match(r"\s*<(!doctype|html)", text, re.IGNORECASE):
        raise Unreadable(
            f"{name}.ipynb is a web page that was saved, not the notebook: the file itself has "
            "to be downloaded"
        )
    try:
        content = json.loads(text)
    except RecursionError:
        raise Unreadable(f"{name}.ipynb is nested without end") from None
    except ValueError as error:
        if re.search(r"^(<{7}|={7}|>{7})", text, re.MULTILINE):
            raise Unreadable(
                f"{name}.ipynb holds the marks of a merge conflict (<<<<<<<), so it is not JSON"
            ) from None
        where = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise Unreadable(f"{name}.ipynb is not JSON{where}; was it cut off?") from None
    held = content.get("cells", content.get("worksheets")) if isinstance(content, dict) else None
    if not isinstance(held, list):
        raise Unreadable(f"{name}.ipynb is JSON but no notebook: it has no list of cells")
    if len(held) > MOST_CELLS:  # before anybody compares each with each
        raise Unreadable(f"{name}.ipynb has {len(held):,} cells; {MOST_CELLS:,} are taken at most")
    try:
        content = json.dumps(_filled(scrubbed(content)))
        # Validated below, once everything strange is gone.
        notebook = nbformat.convert(nbformat.reader.reads(content), nbformat.current_nbformat)
        cells = notebook.cells
        if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
            raise TypeError("cells")
    except Exception as error:  # noqa: BLE001 - nbformat raises whatever its steps stumble over
        raise Unreadable(
            f"{name}.ipynb is JSON but not a notebook ({type(error).__name__})"
        ) from None
    _bounded(name, cells)
    return notebook


def decoded(name: str, data: bytes) -> str:
    """The text of a file: UTF-8, or the UTF-16 of some Windows programs. Raises Unreadable."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise Unreadable(
            f"{name}.ipynb is no text in UTF-8, as notebooks are; another program has saved it anew"
        ) from None


def _filled(content: dict) -> dict:
    """With empty ones in place of what is null where a notebook has a dictionary."""
    for part in (content, *(c for c in content.get("cells") or () if isinstance(c, dict))):
        for name in ("metadata", "attachments"):
            if name in part and part[name] is None:
                part[name] = {}
    return content


def _bounded(name: str, cells: list) -> None:
    """Raises Unreadable where there is more than anybody writes."""
    sizes = [len(source) if isinstance(source := c.get("source", ""), str) else 0 for c in cells]
    code = [s for s, c in zip(sizes, cells, strict=True) if c.get("cell_type") == "code"]
    if len(cells) > MOST_CELLS:  # an old format has them in several sheets
        raise Unreadable(f"{name}.ipynb has {len(cells):,} cells; {MOST_CELLS:,} are taken at most")
    if max(code, default=0) > MOST_CODE or sum(sizes) > MOST_IN_ALL:
        raise Unreadable(
            f"{name}.ipynb has {sum(sizes):,} characters in its cells, {max(code, default=0):,} of "
            f"code in one; {MOST_IN_ALL:,} and {MOST_CODE:,} are taken at most"
        )
