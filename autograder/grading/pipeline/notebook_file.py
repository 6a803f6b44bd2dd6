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
    """The submitted notebook in the current format, without outputs. Raises Unreadable."""
    content = _parsed(name, submitted)
    # Not by nbformat's own steps: they stumble over what nobody looks at.
    cells = [_cell(cell) for cell in _in_one_list(content)]
    _bounded(name, cells)
    metadata = content.get("metadata")
    kernel = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    return nbformat.from_dict(scrubbed({
        "nbformat": 4, "nbformat_minor": 5, "cells": cells,
        "metadata": {"kernelspec": _flat(kernel)} if isinstance(kernel, dict) else {},
    }))  # fmt: skip


def with_outputs(name: str, submitted: bytes | None) -> list[dict]:
    """The cells as they stand in the submitted file, nothing in them looked at. Raises
    Unreadable."""
    return _in_one_list(_parsed(name, submitted))


def _parsed(name: str, submitted: bytes | None) -> dict:
    """What the file holds, which has a list of cells. Raises Unreadable."""
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
        content = json.loads(text, parse_int=_whole)
    except RecursionError:
        raise Unreadable(f"{name}.ipynb is nested without end") from None
    except ValueError as error:
        if re.search(r"^(<{7}|={7}|>{7})", text, re.MULTILINE):
            raise Unreadable(
                f"{name}.ipynb holds the marks of a merge conflict (<<<<<<<), so it is not JSON"
            ) from None
        where = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise Unreadable(f"{name}.ipynb is not JSON{where}; it may have been cut off") from None
    held = content.get("cells", content.get("worksheets")) if isinstance(content, dict) else None
    if not isinstance(held, list):
        raise Unreadable(f"{name}.ipynb is JSON but no notebook: it has no list of cells")
    if len(held) > MOST_CELLS:  # before anybody compares each with each
        raise Unreadable(f"{name}.ipynb has {len(held):,} cells; {MOST_CELLS:,} are taken at most")
    version = content.get("nbformat", 4)
    if isinstance(version, (int, float)) and not 1 < version < 5:
        raise Unreadable(f"{name}.ipynb is JSON but not a notebook of a format that is known here "
                         f"(it says {version!s:.20}; 4 is usual)")  # fmt: skip
    return content


def decoded(name: str, data: bytes) -> str:
    """The text of a file: UTF-8, or the UTF-16 of some Windows programs. Raises Unreadable."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise Unreadable(
            f"{name}.ipynb is no text in UTF-8, as notebooks are; another program has saved it anew"
        ) from None


def _whole(digits: str) -> int:
    """A whole number; one that nobody has written is none."""
    return int(digits) if len(digits) < 20 else 0


def _in_one_list(content: dict) -> list[dict]:
    """The cells; the third format and those before have them in several sheets."""
    sheets = [content]
    if not isinstance(content.get("cells"), list):
        sheets = [sheet for sheet in content["worksheets"] if isinstance(sheet, dict)]
    held = [sheet["cells"] for sheet in sheets if isinstance(sheet.get("cells"), list)]
    return [cell for cells in held for cell in cells if isinstance(cell, dict)]


def _cell(given: dict) -> dict:
    """A cell of any format in the form of today: what a person has written in it, and who it is.
    Outputs and whatever else programs keep there are not looked at."""
    kind = given.get("cell_type")
    source = given.get("source", given.get("input") if kind == "code" else "")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    source = source if isinstance(source, str) else ""
    if kind == "heading":
        level = given.get("level")
        source = f"{'#' * level if level in range(1, 7) else '#'} {source}"
    metadata = given.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    made = {"cell_type": kind if kind in ("code", "raw") else "markdown", "source": source,
            "metadata": {}}  # fmt: skip
    if isinstance(metadata.get("tags"), list):
        made["metadata"]["tags"] = [tag for tag in metadata["tags"] if isinstance(tag, str)]
    if isinstance(metadata.get("nbgrader"), dict):
        made["metadata"]["nbgrader"] = _flat(metadata["nbgrader"])
    if isinstance(given.get("id"), str):
        made["id"] = given["id"]
    if isinstance(given.get("attachments"), dict):
        bundles = given["attachments"].items()
        made["attachments"] = {n: _flat(b) for n, b in bundles if isinstance(b, dict)}
    return made


def _flat(given: dict) -> dict:
    """Those entries that hold nothing further: what is nested has no end."""
    return {k: v for k, v in given.items() if v is None or isinstance(v, (str, int, float))}


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
