"""What is wrong with code beside its values: what it changes, draws, warns of, and keeps from one
call to the next."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from autograder.exercise import Expected
from autograder.judging.compare import TOLERANCES
from autograder.judging.explaining import Grid, lay_out
from autograder.judging.growing import FACTORS, grown, multiplied
from autograder.judging.keys import AnswerKey
from autograder.judging.plain_data import arrays_only
from autograder.judging.wording import warning_words

KEPT, OVERWRITTEN, GROWTH = "kept-between-calls", "overwritten-by-a-later-call", "growth:"
_KEEPS = (
    "It keeps something between the calls, for example in a default argument or in a name outside "
    "of the function. Begin anew in each call, and in a class with each object."
)


@dataclass(frozen=True)
class Finding:
    """Something wrong that is not in the values: it costs the cases in which it shows."""

    id: str
    short: str
    sentence: str
    cases: frozenset[int]


def by_itself(key: AnswerKey, reports: list[dict]):
    changed: dict[str, set[int]] = {}
    written: dict[str, set[int]] = {}
    drawn: dict[str, set[int]] = {}
    warned: dict[str, set[int]] = {}
    for i, report in enumerate(reports):
        for name in report.get("changed", ()):
            changed.setdefault(str(name), set()).add(i)
        for name in report.get("written over", ()):
            written.setdefault(str(name), set()).add(i)
        if not key.uses_global_random:
            for name in report.get("random", ()):
                drawn.setdefault(str(name), set()).add(i)
        if key.warning_free:
            for text in report.get("warnings", ()):
                warned.setdefault(str(text), set()).add(i)
    for name, cases in changed.items():
        yield Finding(
            f"changed:{name}",
            f"changes its input {name}",
            f"Your code changes its input {name} in place. The caller still needs it: "
            f"{_instead(key.cases[min(cases)].inputs.get(name))}",
            frozenset(cases),
        )
    for name, cases in written.items():
        yield Finding(
            f"changed:output of {name}",
            f"writes into the output of {name}",
            f"Your code writes into the array that your {name} has given back as its output. "
            "Whoever called it still needs that: work on a copy of what is in the cache, or write "
            "the expression without an in-place operator.",
            frozenset(cases),
        )
    for name, cases in drawn.items():
        yield Finding(
            "global-random",
            f"uses the global generator of {name}",
            f"Your code draws from or seeds the global random generator of {name}, which all other "
            "code shares. Leave it alone, or as it was: draw from a generator of your own, or from "
            "the one passed in.",
            frozenset(cases),
        )
    if warned:
        text, cases = next(iter(warned.items()))
        means = warning_words(text)
        end = "" if text.endswith("`") and not means else "."
        sentence = f"Your code raises a warning here: {text}{end}{means}"
        yield Finding("warning", text, sentence, frozenset(cases))


def _instead(given) -> str:
    """What to do in place of changing this input, which may be a container of what is changed."""
    if isinstance(given, list | tuple | dict):
        kind = "dict" if isinstance(given, dict) else "list"
        return (
            "work on a copy, and copy what you change inside it, too: a copied "
            f"{kind} alone still holds the same things."
        )
    return "work on a copy, or write the expression without an in-place operator."


def kept_between_calls(key: AnswerKey, reports: list[dict], grid: Grid, read):
    """What comes to light where a case is observed once more.

    The first case is, after all others; where it was wrong at first, it counts only if something
    is known to be kept. Another is observed as if it were the first, if something is kept: where
    it is right only then, the calls before have spoilt it. Where neither shows anything, as where
    something is kept by shape and no two cases have one shape, those cases count that show it with
    other numbers (`stale`).
    """
    wrong = {case for case, _ in grid.wrong}
    first, called_again = key.cases[0], False
    if "again" in reports[0] and (first.name not in wrong or reports[0].get("kept")):
        once_more = lay_out(replace(key, cases=[first]), [{"seen": reports[0]["again"]}], read)
        other = [
            cell[1] for cell in once_more.right
            if cell not in once_more.seen or not grid.agrees(cell, once_more.seen[cell])
        ]  # fmt: skip
        # What is drawn anew may be another draw.
        called_again = any(first.right[name].margin >= Expected.margin for name in other)
        if called_again:
            does = "gives something else" if reports[0]["again"] else "stops with an error"
            yield Finding(
                KEPT,
                f"{does} when it is called a second time",
                f"Called a second time with the same arguments, your code {does}. {_KEEPS}",
                frozenset({0}),
            )
    spoilt = [
        i for i, case in enumerate(key.cases)
        if case.name in wrong and "anew" in reports[i]
        and not lay_out(replace(key, cases=[case]), [{"seen": reports[i]["anew"]}], read).wrong
    ]  # fmt: skip
    if spoilt:
        yield Finding(
            KEPT,
            "is right only where it is called for the first time",
            f"The case '{key.cases[spoilt[0]].name}' is right where your code is called for the "
            f"first time, and wrong after other calls. {_KEEPS}",
            frozenset(spoilt),
        )
    stale = frozenset(i for i, report in enumerate(reports) if report.get("stale"))
    if stale and not spoilt and not called_again:
        yield Finding(
            KEPT,
            "depends on what it was called with before",
            "Called with other arguments, your code gives something else after earlier calls than "
            f"when it is called for the first time. {_KEEPS}",
            stale,
        )
    if reports[0].get("overwritten"):
        yield Finding(
            OVERWRITTEN,
            "is overwritten by a later call",
            "What your code gives back, its cache included, is overwritten by its next call: both "
            "are the same array, which is kept outside of the function. Make a new one in each "
            "call.",
            frozenset({0}),
        )


def where_numbers_grow(key: AnswerKey, reports: list[dict], grid: Grid, read):
    """What is off with very large and very small numbers, in a case that is right otherwise."""
    case, shown = key.cases[0], reports[0].get("grown")
    if not key.growth or not shown or any(name == case.name for name, _ in grid.wrong):
        return
    inputs, powers = key.growth
    called = " and ".join(f"`{name}`" for name in inputs)
    for size, factor in FACTORS.items():
        right = {
            name: replace(
                expected,
                value=multiplied(expected.value, factor ** powers.get(name, 0)),
                **_tolerances(expected, factor ** powers.get(name, 0)),
            )
            for name, expected in case.right.items()
        }
        there = replace(case, inputs=grown(case.inputs, inputs, factor), right=right)
        grid = lay_out(replace(key, cases=[there]), [shown.get(size, {})], read)
        if not grid.wrong:
            continue
        cell = _, name = next(iter(grid.wrong))
        ask = _as_seen(size, grid.seen.get(cell), right[name].value) or _ASK[size]
        does = "your code stops" if "raised" in shown.get(size, {}) else f"your `{name}` is wrong"
        yield Finding(
            f"{GROWTH}{size}",
            f"{does} with very {size} numbers",
            f"With {called} {_TIMES[size]}, {does}, though the case '{case.name}' is right with "
            f"ordinary numbers. {ask}",
            frozenset({0}),
        )


def in_numbers_alone(findings: list[Finding], case: int) -> str:
    """What to add to the name of a case that is off with very large or small numbers alone."""
    off = [found.id for found in findings if case in found.cases]
    if not off or not all(identity.startswith(GROWTH) for identity in off):
        return ""
    sizes = [f"very {identity.removeprefix(GROWTH)}" for identity in off]
    return f", with {' and '.join(sizes)} numbers"


def _tolerances(expected: Expected, factor: float) -> dict:
    """The tolerances of a value that is multiplied: as many digits are asked for."""
    dtype = getattr(expected.value, "dtype", np.dtype(float)).name
    atol = TOLERANCES.get(dtype, (0.0, 0.0))[1] if expected.atol is None else expected.atol
    return {"atol": np.multiply(atol, factor)}


_TIMES = {"large": "a million times as large", "small": "sixteen million times as small"}
_ASK = {
    "large": "Is something clipped or capped, or taken for the largest number that there is?",
    "small": "Is something rounded, or taken for 0 below a threshold, or is an ε added that nobody "
    "asked for?",
}


def _as_seen(size: str, seen, right) -> str:
    """What the numbers themselves show: a bound that none exceeds, or zeros; "" for neither."""
    seen = arrays_only(seen)
    arrays = isinstance(seen, np.ndarray) and isinstance(right, np.ndarray)
    if not (arrays and seen.dtype.kind == "f" and seen.shape == right.shape and seen.size
            and np.isfinite(seen).all()):  # fmt: skip
        return ""
    if size == "large":
        bound = np.abs(seen).max()
        beyond = np.abs(right) > 1.01 * bound
        if bound and beyond.any() and np.allclose(np.abs(seen[beyond]), bound):
            return f"It never goes beyond {bound:.6g}. Is something clipped or capped there?"
        return ""
    zero = (seen == 0) & (right != 0)
    if zero.any():
        return (
            f"It is 0 where {right[zero].flat[0]:.2g} is right. Is something rounded, or taken for "
            "0 below a threshold?"
        )
    return ""


def without_what_is_kept(reports, findings) -> list[dict] | None:
    """The reports with what was seen anew in the cases that count as kept; None where nothing is
    anew there. What is named as kept explains what was seen there at first."""
    spoilt = {i for f in findings if f.id == KEPT for i in f.cases if "anew" in reports[i]}
    if not spoilt:
        return None
    return [
        {n: v for n, v in report.items() if n != "raised"} | {"seen": report["anew"]}
        if i in spoilt else report
        for i, report in enumerate(reports)
    ]  # fmt: skip
