"""Whether the function that is checked is the one that stands in the notebook: a cell with a syntax
error leaves the function of before in the kernel, and nothing on the screen says so."""

from __future__ import annotations

import ast
import os
import re
import sys

# What looks like a space or a quote and is none, as in text copied from a page or a PDF.
LOOKS_LIKE = {
    "\u00a0": "a non-breaking space", "\u200b": "an invisible space", "\u2009": "a thin space",
    "\u2018": "a typographic quote", "\u2019": "a typographic quote",
    "\u201c": "a typographic quote", "\u201d": "a typographic quote", "\u2212": "a minus sign",
}  # fmt: skip


def shell():
    """IPython's shell, where this runs in one; else None."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None


def shell_with_cells():
    """The shell of a notebook that somebody has before them; None in a terminal, and where the
    notebook is run to be graded."""
    here = shell()
    looked_at = hasattr(here, "kernel") and "NBGRADER_EXECUTION" not in os.environ
    return here if looked_at else None


def broken_cell(name: str) -> str:
    """What is wrong with the last cell that was to define `name`; empty where nothing is, or
    where there are no cells."""
    here = shell()
    if here is None:
        return ""
    called = re.escape(name)
    defines = re.compile(
        rf"^\s*(?:(?:async\s+)?(?:def|class)\s+{called}\b|{called}\s*=(?!=))", re.MULTILINE
    )
    later: list[str] = []
    for source in map(str, reversed(here.user_ns.get("In", []))):
        if defines.search(source):
            cell = here.input_transformer_manager.transform_cell(source)
            told = syntax_error(cell, name, there=name in here.user_ns)
            # Mended under another name it stands on the screen no more.
            mended = told and any(alike(source, one) for one in later)
            return "" if mended else told
        later.append(source)
    return ""


def alike(cell: str, other: str) -> bool:
    """Whether two cells hold nearly the same lines, as before and after a change."""
    ours, theirs = ({line.strip() for line in one.splitlines()} - {""} for one in (cell, other))
    return len(ours & theirs) >= 0.5 * max(len(ours), len(theirs), 1)


def syntax_error(source: str, name: str, there: bool = True) -> str:
    """The sentence on a cell that Python cannot read; empty where it can. `there` says whether
    Python has something of this name all the same."""
    try:
        ast.parse(source)
    except SyntaxError as broken:
        where, message = broken.lineno or 1, broken.msg
    except (ValueError, RecursionError):
        return ""
    else:
        return ""
    lines = source.splitlines() or [""]
    line = lines[min(where, len(lines)) - 1]
    odd = next((words for sign, words in LOOKS_LIKE.items() if sign in line), "")
    cause = (
        f"line {where} holds {odd}, as text that was copied from a page does; type it anew"
        if odd
        else f"{message} in line {where}: `{line.strip()}`"
    )
    so = (
        f"still has the `{name}` from before, and that is not what you see" if there
        else "knows nothing by that name yet"
    )  # fmt: skip
    return (
        f"The cell that defines `{name}` has a syntax error, so Python {so}. Its error: {cause}. "
        "Mend the cell, run it, and check again."
    )
