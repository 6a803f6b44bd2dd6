"""How long a notebook takes, estimated from what is in its core. Nobody has measured it, and what
people need differs by a factor of two: the weights err on the long side."""

from __future__ import annotations

import re

from autograder.authoring.build.masters import Cell, Master
from autograder.exercise import Question
from autograder.exercises import find

# Minutes. Reading at 150 words a minute is slow for prose, and right for prose with formulas.
WORD, QUESTION, EXPERIMENT, EXPLORER, ESSAY = 1 / 150, 1.5, 2, 4, 8
BREAK = "break"  # the name of the cell at which a second sitting begins
SITTING = 90  # no sitting is longer
EXTRAS = re.compile(r"^##? Go further", re.MULTILINE)
SAID = re.compile(r"[Ee]stimated (\d+) minutes(, in two sittings of (\d+) and (\d+))?")
# Formulas count a word each.
FORMULA = re.compile(r"\$\$.*?\$\$|\$[^$]*\$", re.DOTALL)


def core(master: Master) -> list[Cell]:
    """The cells before "Go further"."""
    cells = []
    for cell in master.cells:
        if cell.kind == "markdown" and EXTRAS.search(cell.source):
            break
        cells.append(cell)
    return cells


def minutes(cells: list[Cell]) -> float:
    """What these cells take: reading, exercises by their own minutes, and the rest by its kind."""
    total = 0.0
    for cell in cells:
        if cell.kind == "markdown":
            # A written answer's cell holds the solution, which is not read.
            solution = cell.nbgrader.get("solution")
            total += ESSAY if solution else WORD * len(FORMULA.sub(" x ", cell.source).split())
        elif cell.checks:
            kind = find(cell.checks)
            total += QUESTION if issubclass(kind, Question) else kind.minutes
        elif "experiment" in cell.metadata.get("tags", ()):
            total += EXPLORER if "explor" in cell.id else EXPERIMENT
    return total


def sittings(master: Master) -> list[float]:
    """The minutes of each sitting: two where the notebook has a cell called break."""
    cells = core(master)
    at = next((i for i, cell in enumerate(cells) if cell.id == BREAK), None)
    return [minutes(cells)] if at is None else [minutes(cells[:at]), minutes(cells[at:])]


def rounded(value: float) -> int:
    """Up to the next five minutes."""
    return int(-(-value // 5) * 5)


def sentence(master: Master) -> str:
    """What the notebook's first cell says of its time."""
    parts = [rounded(part) for part in sittings(master)]
    told = f"estimated {sum(parts)} minutes"
    return told if len(parts) == 1 else f"{told}, in two sittings of {parts[0]} and {parts[1]}"
