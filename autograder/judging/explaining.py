"""Lays the observations out as a grid, case × name, and looks for the known mistakes that predict
the learner's wrong cells. Compares observations only: it knows nothing of what is taught."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from autograder.exercise import Expected, raises
from autograder.judging.combining import combined
from autograder.judging.compare import TOLERANCES, Difference, Pair, difference, same
from autograder.judging.keys import AnswerKey, KeyedCase
from autograder.judging.plain_data import Tensor, arrays_only, holds
from autograder.judging.relations import relation
from autograder.judging.wording import error_words, form, unusable_words

Cell = tuple[str, str]
JUDGING_BY = "to judge by"
WIDER = 2 / 3  # of what a mistake predicts, to come before one that explains less
# A hint that says of something that it is right; said only where nothing else is wrong there.
SAYS_RIGHT = re.compile(r"\b(is|are|was|were) right\b(?! only)|\bright, (but|and)\b", re.IGNORECASE)
# A hint that says of something that it is so throughout; said only where all it predicts is seen.
SAYS_EVERY = re.compile(r"\bin every case\b", re.IGNORECASE)


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
        return same(arrays_only(seen), _as_exact_as_right(self.right[cell], value))

    def agrees_but_for_type(self, cell: Cell, value) -> bool:
        """Whether only the type of its numbers keeps a value from being what a mistake predicts."""
        mine, right = arrays_only(self.seen.get(cell)), self.right[cell].value
        arrays = (mine, right, value)
        if not all(isinstance(each, np.ndarray) and each.dtype.kind in "biuf" for each in arrays):
            return False
        if mine.dtype == value.dtype or value.dtype != right.dtype or mine.shape != value.shape:
            return False
        rtol = max(self.right[cell].rtol or 0.0, 1e-5)
        loose = replace(self.right[cell], value=value, rtol=rtol, any_width=True)
        mine = mine.astype(value.dtype)
        return same(mine, loose) and not same(mine, replace(loose, value=right))


def _as_exact_as_right(right: Expected, value) -> Expected:
    """A mistake's value, to be met as exactly as the right one: also where it is in float64 and the
    right one is not, for then its digits beyond float32 are as they happened to come."""
    expected = replace(right, value=value)
    arrays = (right.value, value)
    if not all(isinstance(each, np.ndarray) and each.dtype.kind == "f" for each in arrays):
        return expected
    if value.dtype.itemsize <= right.value.dtype.itemsize:
        return expected
    rtol, atol = TOLERANCES[right.value.dtype.name]
    return replace(
        expected, rtol=rtol if right.rtol is None else right.rtol,
        atol=atol if right.atol is None else right.atol,
    )  # fmt: skip


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
    """Every mistake's cells: where, and with what, it differs from what is right. It follows from
    the key alone, and is kept with it."""
    if (kept := vars(key).get("predictions")) is None:
        kept = vars(key)["predictions"] = _predictions(key)
    return kept


def _predictions(key: AnswerKey) -> dict[str, dict[Cell, object]]:
    found: dict[str, dict[Cell, object]] = {identity: {} for identity in key.hints}
    for case in key.cases:
        for identity, shown in case.wrong.items():
            for name, value in shown.items():
                right = case.right[name]
                if isinstance(value, raises) or not same(value, right):
                    found[identity][case.name, name] = value
    return found


@dataclass(frozen=True)
class Explanation:
    """What the wrong cells come from.

    Attributes
    ----------
    certain : (id, sentence) of what explains everything that is wrong
    likely : mistakes that fit, beside which something is left that nothing explains
    related : plain relations between a value and the right one
    left : the wrong cells that nothing explains
    """

    certain: list[tuple[str, str]]
    likely: list[tuple[str, str]]
    related: list[tuple[str, str]]
    left: set[Cell]


def explain(key: AnswerKey, grid: Grid) -> Explanation:
    """The mistakes and relations that explain the wrong cells.

    A mistake is a candidate when it matches at least one wrong cell and predicts nothing that the
    learner has right, see also `_credible`. The one that explains most of what it predicts is
    taken; then the rest is explained. Only where nothing is left are the names certain; otherwise
    a name stands as likely, if it and the others explain at least one case wholly.
    """
    predicted = {
        identity: cells
        for identity, cells in predictions(key).items()
        if cells and set(cells) <= set(grid.wrong)
    }
    matched = _matched(predicted, grid)
    matched = {i: hits for i, hits in matched.items() if _credible(i, predicted, matched, grid)}
    named = _taken(predicted, matched, set(grid.wrong))
    while True:
        left = _left(named, predicted, matched, grid)
        related = _relations(key, grid, left)
        left = {cell for cell in left if cell[1] not in {name for name, *_ in related}}
        drop = {i for i in named if _claims_too_much(key, i, predicted[i], matched[i], grid)}
        drop |= _explains_no_case(named, matched, left)
        drop |= {i for i in named if _hit_in_passing(predicted[i], matched[i], left)}
        drop |= {i for i in named if _of_another_shape(predicted[i], left, grid)}
        if not drop:
            break
        named = [identity for identity in named if identity not in drop]
    if not left:
        named = _by_cases(named, matched)
    told = [
        (i, _judging_by(matched[i], set(grid.wrong) if left else set(), key.hints[i]))
        for i in named
    ]  # fmt: skip
    relations = list({identity: text for _, identity, text in related}.items())
    certain, likely = ([], told) if left else (told, [])
    if left:
        found = combined(key, grid, predictions(key), left, lambda name: _label(key, name))
        likely += [(identity, found.sentence) for identity in found.ids] if found else []
    return Explanation(certain, likely, relations, left)


def _by_cases(named: list[str], matched) -> list[str]:
    """The same mistakes; one that shows in twice as many cases as the first comes before it."""

    def cases(identity):
        return len({case for case, _ in matched[identity]})

    widest = max(named, key=cases, default=None)
    if not named or cases(widest) < 2 * cases(named[0]):
        return named
    return [widest, *(identity for identity in named if identity != widest)]


def _matched(predicted, grid: Grid) -> dict[str, set[Cell]]:
    """The cells in which each mistake shows; but for the type of the numbers only where none shows
    with it, since some mistakes are about the type."""
    matched = {
        identity: {cell for cell, value in cells.items() if grid.agrees(cell, value)}
        for identity, cells in predicted.items()
    }
    met = set().union(*matched.values())
    for identity, cells in predicted.items():
        matched[identity] |= {
            cell for cell, value in cells.items()
            if cell not in met and grid.agrees_but_for_type(cell, value)
        }  # fmt: skip
    return matched


def _taken(predicted, matched, wrong: set[Cell]) -> list[str]:
    """Mistakes in the order in which they explain: most of what it predicts comes first, unless
    another that holds just as well explains all of that and more."""
    left, named = set(wrong), []
    while candidates := [i for i in matched if i not in named and matched[i] & left]:
        share = {i: len(matched[i]) / len(predicted[i]) for i in candidates}
        best = max(candidates, key=lambda i: (share[i], len(matched[i] & left)))
        wider = [i for i in candidates if matched[i] > matched[best] and share[i] > WIDER]
        best = max(wider, key=lambda i: (len(matched[i] & left), share[i]), default=best)
        named.append(best)
        left -= matched[best]
    return named


def _left(named, predicted, matched, grid: Grid) -> set[Cell]:
    """The wrong cells that no named mistake accounts for.

    Where two named mistakes meet in one cell, their joint value is neither's: nothing is left.
    """
    met = Counter(cell for identity in named for cell in predicted[identity])
    explained = {cell for identity in named for cell in matched[identity]}
    return {cell for cell in grid.wrong if cell not in explained and met[cell] < 2}


def _claims_too_much(key: AnswerKey, identity: str, cells, hits: set[Cell], grid: Grid) -> bool:
    """Whether a hint says that something is right, or so in every case, which is not."""
    if SAYS_EVERY.search(key.hints[identity]) and set(cells) - hits:
        return True
    cases = {case for case, _ in hits}
    others = {name for case, name in set(grid.wrong) - set(cells) if case in cases}
    if identity in key.claims:
        return not others.isdisjoint(key.claims[identity])
    return bool(others) and bool(SAYS_RIGHT.search(key.hints[identity]))


def _of_another_shape(predicted, left: set[Cell], grid: Grid) -> bool:
    """Whether a mistake gives an unexplained cell a shape that is not the learner's, where that one
    is wrong: beside another mistake about shapes neither would show as it does alone."""
    for cell in left.intersection(predicted):
        shapes = [
            value.shape for value in map(
                arrays_only, (grid.seen.get(cell), predicted[cell], grid.right[cell].value)
            ) if isinstance(value, np.ndarray)
        ]  # fmt: skip
        if len(shapes) == 3 and shapes[0] not in shapes[1:]:
            return True
    return False


def _judging_by(hits: set[Cell], wrong: set[Cell], hint: str) -> str:
    """A hint, and by which case it is said where it is not seen in all that are wrong."""
    seen = {case for case, _ in hits}
    if {case for case, _ in wrong} <= seen:
        return hint
    return f"{JUDGING_BY} the case '{min(seen)}': {hint}"


def _explains_no_case(named, matched, left: set[Cell]) -> set[str]:
    """The named mistakes in whose cases something is always left."""
    open_cases = {case for case, _ in left}
    return {i for i in named if left and {case for case, _ in matched[i]} <= open_cases}


def _hit_in_passing(cells, hits: set[Cell], left: set[Cell]) -> bool:
    """Whether all there is for a mistake is one value of few, as a count, under a name of which
    other wrong values are left: a count that is wrong in every case is often right for a slip."""
    if len(hits) != 1:
        return False
    (hit,) = hits
    return _easily_hit(cells[hit]) and any(name == hit[1] for _, name in left)


def _credible(identity: str, predicted, matched, grid: Grid) -> bool:
    """Whether what a mistake matches can be more than chance.

    Half of what it predicts has to match, or another mistake of which half matches accounts for
    what does not. One yes, word or count is easily hit: alone it is evidence only where nothing
    else is predicted. And an exception that stands where it does not predict it has another cause.
    """
    hits, cells = matched[identity], predicted[identity]
    if not hits:
        return False
    missed = set(cells) - hits
    if len(hits) == 1 and missed and _easily_hit(cells[next(iter(hits))]):
        return False
    sound = (i for i, found in matched.items() if 2 * len(found) >= len(predicted[i]) > 0)
    others = {cell for i in sound if i != identity for cell in predicted[i]}
    if len(hits) < len(missed) and not missed <= others:
        return False
    stops = {cells[cell] for cell in hits if isinstance(cells[cell], raises)}
    elsewhere = [grid.seen[cell] for cell in set(grid.seen) - set(cells)]
    return not any(stop.covers(seen) for stop in stops for seen in elsewhere)


def _easily_hit(value) -> bool:
    """Whether a value is one of few: yes or no, a word, a count."""
    if isinstance(value, np.ndarray):
        return value.ndim == 0 and value.dtype.kind in "biu"
    return isinstance(value, (bool, int, str)) or value is None


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
                # What stands in another's place is wrong there, too.
                {n: grid.right[c, n] for c, n in grid.wrong if c == cell[0] and n != name},
            )
            for cell in wrong
        ]
        if result := relation(_label(key, name), pairs):
            found.append((name, *result))
    return found


def _label(key: AnswerKey, name: str) -> str:
    """What an observation is called in a sentence that begins with "Your"."""
    reading = key.reads.get(name, "")
    if reading.startswith("your ") and "{" not in reading:
        return reading.removeprefix("your ")
    return f"`{name}`" if name.isidentifier() else name
