"""A sign of life under a cell whose code is folded, while it runs: its `[*]` is folded, too."""

from __future__ import annotations

import re

from autograder.learning import on_screen

# The first line that `authoring.build.folding` gives a folded cell; what takes a while has facts.
FOLDED = re.compile(r"# @title Draws: .*\(\d+ lines(, trains nets)?(?:, (?P<takes>[^)]*))?\)\s*$")


def show_signs() -> None:
    """From the next cell on, show a moving bar below a folded cell until its first output."""
    shell = on_screen.shell_with_cells()
    if shell is None:
        return
    before = shell.events.callbacks["pre_run_cell"]
    if not any(getattr(one, "__name__", "") == _sign.__name__ for one in before):
        shell.events.register("pre_run_cell", _sign)


def _sign(info) -> None:
    sentence = said(info.raw_cell or "")
    if sentence:
        from IPython.display import clear_output, display

        bar = f'<progress aria-label="running"></progress> {sentence}'
        display({"text/html": bar, "text/plain": sentence}, raw=True)
        clear_output(wait=True)  # as soon as the cell shows something


def said(source: str) -> str:
    """What stands beside the bar of a folded cell; empty for any other cell, and for one that is
    done at once."""
    folded = FOLDED.match(source.partition("\n")[0])
    if not folded:
        return ""
    if folded["takes"]:
        return f"Running: {folded['takes']}."
    return "Running: nets are being trained." if folded[1] else ""
