"""Lays the observations out as a grid, case × name, and looks for the known mistakes that predict
the learner's wrong cells. Compares observations only: it knows nothing of what is taught."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from autograder.exercise import Expected, raises
from autograder.judging.compare import Difference, difference
from autograder.judging.keys import AnswerKey, KeyedCase
from autograder.judging.plain import Tensor, arrays_only, holds
from autograder.judging.relations import Pair, relation
from autograder.judging.wording import error_words, form, unusable_words

Cell = tuple[str, str]


@dataclass(frozen=True)
class Grid:
    """What was seen, what is right, and how they differ, by cell."""

    seen: dict[Cell, object]
    right: dict[Cell, Expected]
    wrong: dict[Cell, Difference]

    def agrees(self, cell: Cell, value) -> bool:
        """Whether the learner's value in this cell is what a mistake predicts."""
        seen = self.seen.get(cell)
        if isinstance(value, raises):
            return value.covers(seen)
        if isinstance(seen, raises):
            return False
        if cell not in self.seen:
            return False
        return difference(arrays_only(seen), replace(self.right[cell], value=value)) is None


# The grid.


_TENSOR = ("type", "cannot be read: your code gave a torch tensor; this exercise wants numpy")


def lay_out(key: AnswerKey, reports: list[dict], read=None) -> Grid:
    """What was seen beside what is right, by (case, name)."""
    seen: dict[Cell, object] = {}
    right: dict[Cell, Expected] = {}
    wrong: dict[Cell, Difference] = {}
    for i, case in enumerate(key.cases):
        report = reports[i] if i < len(reports) else {}
        values, failure = _values(case, report, read, key.library)
        for name, expected in case.right.items():
            cell = case.name, name
            right[cell] = expected
            if failure:
                seen[cell], wrong[cell] = failure
                continue
            if name not in values:
                tensor = key.library == "numpy" and holds(values, Tensor)
                wrong[cell] = Difference(*(_TENSOR if tensor else ("missing", "was not observed")))
                continue
            seen[cell] = values[name]
            if found := difference(values[name], expected, key.library):
                wrong[cell] = found
    return Grid(seen, right, wrong)


def _values(case: KeyedCase, report: dict, read, library):
    """The values to be judged, or what stands in every cell of a case that gave none."""
    if "raised" in report:
        error = report["raised"]
        stopped = raises(str(error["type"]), str(error.get("message", "")))
        return {}, (stopped, Difference("raised", error_words(error)))
    if "unusable" in report:
        return {}, (None, Difference("raised", unusable_words(report["unusable"])))
    seen = report.get("seen")
    if not isinstance(seen, dict):
        return {}, (None, Difference("missing", "was not observed"))
    if read is None:
        return seen, None
    if library == "numpy" and holds(seen, Tensor):
        return seen, None  # that it is a tensor is told in its cells
    try:
        with np.errstate(all="ignore"):
            values = read(arrays_only(seen), **case.inputs, **case.aid)
        return dict(values), None
    except Exception:  # noqa: BLE001 - observations may be of any form; `read` expects the right one
        return {}, (None, Difference("type", f"cannot be read: {form(seen)}"))


# Explaining.


def predictions(key: AnswerKey) -> dict[str, dict[Cell, object]]:
    """Every mistake's cells: where, and with what, it differs from what is right."""
    found: dict[str, dict[Cell, object]] = {identity: {} for identity in key.hints}
    for case in key.cases:
        for identity, shown in case.wrong.items():
            for name, value in shown.items():
                right = case.right[name]
                if isinstance(value, raises) or difference(value, right) is not None:
                    found[identity][case.name, name] = value
    return found


def explain(key: AnswerKey, grid: Grid) -> tuple[list[tuple[str, str]], set[Cell]]:
    """The mistakes and relations that explain the wrong cells, as (id, sentence); and what is left.

    A mistake is a candidate when it matches at least one wrong cell and predicts nothing that the
    learner has right, see also `_credible`. The one that explains most of what it predicts is
    named; then the rest is explained.
    """
    left = set(grid.wrong)
    cells = {
        identity: predicted
        for identity, predicted in predictions(key).items()
        if predicted and set(predicted) <= set(grid.wrong)
    }
    matched = {
        identity: {cell for cell, value in predicted.items() if grid.agrees(cell, value)}
        for identity, predicted in cells.items()
    }
    matched = {
        identity: hits if _credible(identity, cells, matched, grid) else set()
        for identity, hits in matched.items()
    }
    named: list[tuple[str, str]] = []
    accounted: dict[Cell, int] = {}
    while True:
        candidates = [i for i in cells if matched[i] & left]
        if not candidates:
            break
        best = max(
            candidates,
            key=lambda i: (len(matched[i]) / len(cells[i]), len(matched[i] & left)),
        )
        named.append((best, key.hints[best]))
        left -= matched[best]
        for cell in cells.pop(best):
            accounted[cell] = accounted.get(cell, 0) + 1
    # Where two named mistakes meet in one cell, their joint value is neither's: nothing is left.
    left = {cell for cell in left if accounted.get(cell, 0) < 2}
    related = _relations(key, grid, left)
    left = {cell for cell in left if cell[1] not in {name for name, *_ in related}}
    return [*named, *{identity: text for _, identity, text in related}.items()], left


def _credible(identity: str, cells, matched, grid: Grid) -> bool:
    """Whether what a mistake matches can be more than chance.

    Half of what it predicts has to match, or another mistake accounts for what does not: a zero
    is easily hit. And an exception that stands where it does not predict it has another cause.
    """
    hits = matched[identity]
    missed = set(cells[identity]) - hits
    others = {c for i in cells if i != identity and matched[i] for c in cells[i]}
    if len(hits) < len(missed) and not missed <= others:
        return False
    stops = {cells[identity][c] for c in hits if isinstance(cells[identity][c], raises)}
    elsewhere = [grid.seen[cell] for cell in set(grid.seen) - set(cells[identity])]
    return not any(stop.covers(seen) for stop in stops for seen in elsewhere)


def _relations(key: AnswerKey, grid: Grid, left: set[Cell]) -> list[tuple[str, str, str]]:
    """The plain relations among the cells that are left, as (name, id, sentence)."""
    found = []
    inputs = {case.name: case.inputs for case in key.cases}
    for name in dict.fromkeys(name for case in key.cases for name in case.right):
        wrong = [cell for cell in grid.wrong if cell[1] == name]
        kinds = {grid.wrong[cell].kind for cell in wrong}
        if not wrong or not set(wrong) <= left or not kinds <= {"shape", "dtype", "values"}:
            continue
        if kinds == {"dtype"}:  # which is the telling thing itself
            continue
        pairs = [
            Pair(
                arrays_only(grid.seen.get(cell)),
                grid.right[cell],
                inputs[cell[0]],
                {n: e for (c, n), e in grid.right.items() if c == cell[0] and n != name},
            )
            for cell in wrong
        ]
        if result := relation(name, pairs):
            found.append((name, *result))
    return found
