"""Two things at once in one value: two known mistakes that meet, a known one beside a plain
relation, a known one in some cases or places only. Asked for where neither alone explains a value.

What is found fits the numbers and is not proven by them, so it is told as likely only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np

from autograder.exercise import raises
from autograder.judging.compare import Pair, same
from autograder.judging.plain_data import arrays_only
from autograder.judging.relations import relation
from autograder.judging.shapes import NUMBERS_RIGHT

# Relations that still mean something of a value which is wrong in another way, too.
BESIDE = frozenset(
    f"relation:{name}" for name in (
        "precision", "sign", "percent", "factor", "transpose", "flip", "shifted",
        "extra-axis", "not-reduced", "reduced-too-far", "one-missing",
    )
)  # fmt: skip
# Those of form: a value of the right shape has none of them.
OF_FORM = frozenset(
    f"relation:{name}" for name in ("extra-axis", "not-reduced", "reduced-too-far", "one-missing")
)
# What is said of something that is right holds where a mistake stands alone, and what is said
# of how far it reaches where it shows whole.
ALONE = re.compile(r"\b(right|unchanged|nothing else)\b", re.IGNORECASE)
WHOLE = re.compile(
    r"\b(right|unchanged|always|never|whatever|everywhere|every case|whether)\b", re.IGNORECASE
)
# A value that mistakes reach by chance is a plain number: a half, a third, a few sixteenths.
PLAIN = 64
LOOKED_AT = 32  # places of a value, before all of it is compared


@dataclass(frozen=True)
class Combined:
    """What fits: the names of the mistakes, the sentence, the cells that it accounts for."""

    ids: tuple[str, ...]
    sentence: str
    cells: frozenset


def combined(key, grid, predicted, left, label) -> Combined | None:
    """What explains most of the cells that are left; None where nothing fits.

    Parameters
    ----------
    key, grid : the answer key and what was seen, as `explaining.explain` has them
    predicted : every mistake's cells with its values
    left : the wrong cells that nothing alone explains
    label : how an observation is called in a sentence, by its name
    """
    numbers = {cell for cell in left if _numeric(grid, cell)}
    candidates = {
        identity: cells for identity, cells in predicted.items()
        if cells and set(cells) & numbers and set(cells) <= set(grid.wrong)
    }  # fmt: skip
    for found in (  # each is looked for only where those before it have nothing
        _in_some_cases(key, grid, predicted, left),
        _two(key, grid, candidates, numbers),
        _beside_a_relation(key, grid, candidates, numbers, label),
        _in_some_places(key, grid, candidates, numbers),
    ):
        if whole := [each for each in found if _some_case(left, each.cells)]:
            return max(whole, key=lambda each: len(each.cells))
    return None


def _some_case(left, cells) -> bool:
    """Whether in at least one case nothing is left beside these cells."""
    return any(
        {cell for cell in left if cell[0] == case} <= cells for case in {case for case, _ in cells}
    )


def _in_some_cases(key, grid, predicted, left):
    """A mistake that shows whole in some cases, and in others that it would reach does not."""
    for identity, cells in predicted.items():
        if WHOLE.search(key.hints[identity]) or set(cells) <= set(grid.wrong):
            continue
        by_case = {}
        for (case, name), value in cells.items():
            by_case.setdefault(case, {})[case, name] = value
        whole = [
            inside for inside in by_case.values()
            if all(cell in left and grid.agrees(cell, value) for cell, value in inside.items())
        ]  # fmt: skip
        hits = {cell: value for inside in whole for cell, value in inside.items()}
        wrong_cases = {case for case, _ in left}
        if not hits or {case for case, _ in hits} != wrong_cases or set(hits) != set(left):
            continue
        if _weight((grid.right[cell].value, value) for cell, value in hits.items()) < 1:
            continue
        named = list(dict.fromkeys(case for case, _ in hits))
        where = f"in the case '{named[0]}'" if len(named) == 1 else "in the cases that are off"
        yield Combined((identity,), f"{where}, and not in the others: {key.hints[identity]}",
                       frozenset(hits))  # fmt: skip


def _two(key, grid, candidates, numbers):
    """Two mistakes whose effects add up, or multiply, where they meet."""
    for one, other in _that_may_meet(grid, candidates, numbers):
        first, second = candidates[one], candidates[other]
        met = set(first) & set(second) & numbers
        if ALONE.search(f"{key.hints[one]} {key.hints[other]}"):
            continue
        joint = {cell: _joint(grid, cell, first[cell], second[cell]) for cell in met}
        if any(value is None for value in joint.values()):
            continue
        apart = {**first, **second}
        rest = [cell for cell in apart if cell not in met]
        if sum(not grid.agrees(cell, apart[cell]) for cell in rest) > len(rest) / 2:
            continue
        if _weight((grid.right[cell].value, value) for cell, value in joint.items()) < 2:
            continue
        cells = {*met, *(cell for cell in rest if cell in numbers)}
        yield Combined((one, other), f"two things at once. {key.hints[one]} {key.hints[other]}",
                       frozenset(cells))  # fmt: skip


def _that_may_meet(grid, candidates, numbers) -> list[tuple[str, str]]:
    """The pairs of mistakes that together give what was seen at some places of a cell: looked at
    for all pairs in one go, since there are a thousand of them and hardly one is right."""
    found = []
    for cell in sorted(numbers):
        right, seen = _number(grid.right[cell].value), _number(arrays_only(grid.seen[cell]))
        here = [
            (identity, value) for identity, cells in candidates.items()
            if cell in cells and (value := _number(cells[cell])) is not None
            and value.shape == right.shape == seen.shape and value.size
        ]  # fmt: skip
        if len(here) < 2:
            continue
        places = np.unique(np.linspace(0, right.size - 1, LOOKED_AT).astype(int))
        r, s = (each.ravel()[places].astype(float) for each in (right, seen))
        shown = np.array([value.ravel()[places] for _, value in here], float)
        one, other = np.triu_indices(len(here), 1)
        a, b = shown[one], shown[other]
        with np.errstate(all="ignore"):
            near = 1e-4 * np.abs(s) + 1e-6 * np.max(np.abs(s))
            added = (np.abs(a + b - r - s) <= near).all(1)
            times = (np.abs(np.where(r == 0, a + b, a * b / np.where(r == 0, 1, r)) - s)
                     <= near).all(1)  # fmt: skip
        for pair in np.flatnonzero(added | times):
            found.append((here[one[pair]][0], here[other[pair]][0]))
    return list(dict.fromkeys(found))


def _joint(grid, cell, first, second):
    """What both mistakes together show, where that is what was seen."""
    right = _number(grid.right[cell].value)
    a, b = _number(first), _number(second)
    if right is None or a is None or b is None or not a.shape == b.shape == right.shape:
        return None
    a, b, r = a.astype(float), b.astype(float), right.astype(float)
    with np.errstate(all="ignore"):
        added, times = a + b - r, np.where(r == 0, a + b, a * b / np.where(r == 0, 1, r))
    for value in (added, times):
        value = value.astype(right.dtype) if right.dtype.kind == "f" else value
        alike = any(_same(grid, cell, value, each) for each in (a, b, r))
        if not alike and np.isfinite(value).all() and grid.agrees(cell, value):
            return value
    return None


def _same(grid, cell, value, other) -> bool:
    return same(value, replace(grid.right[cell], value=other.astype(value.dtype)))


def _beside_a_relation(key, grid, candidates, numbers, label):
    """A plain relation to what a mistake shows, where there is none to what is right."""
    inputs = {case.name: case.inputs for case in key.cases}
    for identity, cells in candidates.items():
        if ALONE.search(key.hints[identity]):
            continue
        for name in dict.fromkeys(name for _, name in cells):
            wrong = [cell for cell in grid.wrong if cell[1] == name]
            if not set(wrong) <= numbers or not any(cell in cells for cell in wrong):
                continue
            based = {cell: _number(cells.get(cell, grid.right[cell].value)) for cell in wrong}
            if any(value is None or not np.isfinite(value).all() for value in based.values()):
                continue
            if any(grid.agrees(cell, value) for cell, value in based.items()):
                continue
            pairs = [
                Pair(arrays_only(grid.seen[cell]), replace(grid.right[cell], value=value),
                     inputs[cell[0]], {})
                for cell, value in based.items()
            ]  # fmt: skip
            found = relation(label(name), pairs)
            if not found or found[0] not in BESIDE:
                continue
            if found[0] in OF_FORM and all(_right_shape(grid, cell) for cell in wrong):
                continue
            if _weight((grid.right[c].value, based[c]) for c in wrong if c in cells) < 2:
                continue
            # Of the numbers more is said than that they are right.
            apart = found[1].removesuffix(NUMBERS_RIGHT).rstrip(".") + "."
            told = f"two things at once. {key.hints[identity]} Apart from that: {apart}"
            yield Combined((identity, found[0]), told, frozenset(wrong))


def _in_some_places(key, grid, candidates, numbers):
    """A mistake that shows at some places of a value, the others being right."""
    for identity, cells in candidates.items():
        if WHOLE.search(key.hints[identity]) or not set(cells) <= numbers:
            continue
        weight, everywhere = 0.0, True
        for cell, value in cells.items():
            shown = _shown_at(grid, cell, value)
            if shown is None:
                break
            at, some = shown
            everywhere &= not some
            right, value = np.asarray(grid.right[cell].value), np.asarray(value)
            weight += _weight([(right[at], value[at])])
        else:
            if weight >= 3 and not everywhere:
                yield Combined((identity,), f"at some places only: {key.hints[identity]}",
                               frozenset(cells))  # fmt: skip


def _shown_at(grid, cell, value):
    """Where a value is the mistake's, and whether it is the right one at other places that the
    mistake would reach; None where it is neither."""
    right, theirs, seen = (
        _number(each) for each in (grid.right[cell].value, value, arrays_only(grid.seen[cell]))
    )
    if right is None or theirs is None or seen is None:
        return None
    if not right.shape == theirs.shape == seen.shape or not seen.ndim:
        return None
    with np.errstate(all="ignore"):
        close = {"rtol": 1e-6 if right.dtype.itemsize >= 8 else 1e-4, "atol": 1e-9}
        is_right, is_theirs = np.isclose(seen, right, **close), np.isclose(seen, theirs, **close)
        apart = ~np.isclose(theirs, right, **close)
    if not (is_right | is_theirs).all() or not (apart & is_theirs).any():
        return None
    return apart & is_theirs, bool((apart & ~is_theirs).any())


def _number(value) -> np.ndarray | None:
    if isinstance(value, raises) or not isinstance(value, (np.ndarray, int, float)):
        return None
    array = np.asarray(value)
    return array if array.dtype.kind in "iuf" else None


def _right_shape(grid, cell) -> bool:
    return np.shape(arrays_only(grid.seen[cell])) == np.shape(grid.right[cell].value)


def _numeric(grid, cell) -> bool:
    return (
        cell in grid.seen
        and _number(arrays_only(grid.seen[cell])) is not None
        and _number(grid.right[cell].value) is not None
    )


def _weight(pairs) -> float:
    """How much numbers say that are as predicted and not as is right: one for each different one,
    less for plain ones, which many ways lead to."""
    found = set()
    for right, value in pairs:
        try:
            right, value = np.asarray(right), np.asarray(value)
        except ValueError:  # a list of arrays of several shapes says nothing by its numbers
            continue
        if value.dtype.kind not in "iuf":
            continue
        same_shape = right.shape == value.shape
        off = value[value != right] if same_shape and value.ndim else value.ravel()
        found |= {float(f"{each:.9g}") for each in off.ravel()[:1000] if np.isfinite(each)}
    plain = {v for v in found if any(abs(v * n - round(v * n)) < 1e-9 for n in range(1, PLAIN + 1))}
    return len(found - plain) + len(plain) / 8
