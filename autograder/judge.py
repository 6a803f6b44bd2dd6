"""Explains the difference between what was seen and what is right.

Lays the observations out as a grid, case × name, and looks for the known mistakes that predict the
learner's wrong cells. Compares observations only: it knows nothing of what is taught.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from autograder.compare import Difference, difference
from autograder.exercise import Expected, raises
from autograder.keys import AnswerKey, KeyedCase
from autograder.plain import Strange, Tensor, arrays_only, holds
from autograder.relations import Pair, relation
from autograder.verdict import CaseResult, Verdict

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
        if isinstance(value, raises) or isinstance(seen, raises):
            return isinstance(seen, raises) and isinstance(value, raises) and seen == value
        if cell not in self.seen:
            return False
        return difference(arrays_only(seen), replace(self.right[cell], value=value)) is None


def judge(
    key: AnswerKey,
    reports: list[dict],
    verdicts: Mapping[str, Verdict] | None = None,
    read: Callable[..., dict] | None = None,
) -> Verdict:
    """The verdict on what was observed.

    Parameters
    ----------
    key : the answer key of the exercise, for the seed that was observed
    reports : what `observing.run` gave back, one report a case, in the order of the cases
    verdicts : the verdicts on the exercises that this one needs, by name
    read : the exercise's `read`, where it has one
    """
    reports = list(reports)[: len(key.cases)]
    if _not_attempted(key, reports):
        return _verdict(key, "not attempted", "Nothing is written here yet.", points=False)
    if stop := _cannot_judge(key, reports):
        mistakes, message = stop
        return _verdict(key, "error", message, mistakes, reports=reports, points=False)
    for need in key.needs:
        if verdicts and need in verdicts and verdicts[need].status != "passed":
            unwritten = verdicts[need].status == "not attempted"
            state, verb = ("not written yet", "write") if unwritten else ("not right yet", "fix")
            return _verdict(
                key, "failed",
                f"This one builds on {need}, which is {state}: first {verb} your {need}.",
                [f"needs:{need}"], reports=reports, points=False,
            )  # fmt: skip
    grid = lay_out(key, reports, read)
    findings = list(_findings(key, reports))
    cases = [_case_result(key, i, grid, findings) for i in range(len(key.cases))]
    if all(case.passed for case in cases):
        return _verdict(key, "passed", _praise(key), cases=cases, reports=reports)
    explanation, unexplained = explain(key, grid)
    ids = [identity for identity, _ in explanation] + [f.id for f in findings]
    sentences = [text for _, text in explanation] + [f.sentence for f in findings]
    order = _wrong_order(key, reports)
    if order and not explanation:
        ids, sentences = ["signature:order", *ids], [order, *sentences]
    errors = _error_sentences(reports)
    all_raised = len(errors) == len(key.cases)
    status = "error" if all_raised else "failed"
    named = {identity for identity, _ in explanation if not identity.startswith("relation:")}
    if errors and not named:
        sentences = [*dict.fromkeys(errors), *sentences]
    if not sentences:
        sentences = [_first_difference(key, grid.wrong)]
    elif rest := {c: d for c, d in grid.wrong.items() if c in unexplained and d.kind != "raised"}:
        sentences.append(f"Something else is off, too. {_first_difference(key, rest)}")
    message, *rest = sentences
    where = _where(cases)
    return _verdict(
        key, status, f"{message}\n{where}" if where else message, ids, cases, rest, reports
    )


# The grid.


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
                wrong[cell] = Difference("missing", "was not observed")
                continue
            seen[cell] = values[name]
            if found := difference(values[name], expected, key.library):
                wrong[cell] = found
    return Grid(seen, right, wrong)


def _values(case: KeyedCase, report: dict, read, library):
    """The values to be judged, or what stands in every cell of a case that gave none."""
    if "raised" in report:
        error = report["raised"]
        return {}, (raises(str(error["type"])), Difference("raised", _error_words(error)))
    if "unusable" in report:
        return {}, (None, Difference("raised", _unusable_words(report["unusable"])))
    seen = report.get("seen")
    if not isinstance(seen, dict):
        return {}, (None, Difference("missing", "was not observed"))
    if read is None:
        return seen, None
    if library == "numpy" and holds(seen, Tensor):
        return seen, None
    try:
        with np.errstate(all="ignore"):
            values = read(arrays_only(seen), **case.inputs)
        return dict(values), None
    except Exception:  # noqa: BLE001 - observations may be of any form; `read` expects the right one
        return {}, (None, Difference("type", f"cannot be read: {_form(seen)}"))


def _form(seen: dict) -> str:
    def words(value):
        if isinstance(value, Strange):
            return value.type_name
        if isinstance(value, (np.ndarray, Tensor)):
            array = value.array if isinstance(value, Tensor) else value
            return f"array of shape {array.shape}"
        return type(value).__name__

    return ", ".join(f"{name} is a {words(value)}" for name, value in seen.items())


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
    stops = {seen for cell in hits if isinstance(seen := grid.seen.get(cell), raises)}
    elsewhere = {grid.seen[c] for c in set(grid.seen) - set(cells[identity])
                 if isinstance(grid.seen[c], raises)}  # fmt: skip
    return not stops & elsewhere


def _relations(key: AnswerKey, grid: Grid, left: set[Cell]) -> list[tuple[str, str, str]]:
    """The plain relations among the cells that are left, as (name, id, sentence)."""
    found = []
    inputs = {case.name: case.inputs for case in key.cases}
    for name in dict.fromkeys(name for case in key.cases for name in case.right):
        wrong = [cell for cell in grid.wrong if cell[1] == name]
        kinds = {grid.wrong[cell].kind for cell in wrong}
        if not wrong or not set(wrong) <= left or not kinds <= {"shape", "dtype", "values"}:
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


# What the judge finds by itself.


@dataclass(frozen=True)
class Finding:
    """Something wrong that is not in the values: it costs the cases in which it shows."""

    id: str
    short: str
    sentence: str
    cases: frozenset[int]


def _findings(key: AnswerKey, reports: list[dict]):
    changed: dict[str, set[int]] = {}
    drawn: dict[str, set[int]] = {}
    warned: dict[str, set[int]] = {}
    for i, report in enumerate(reports):
        for name in report.get("changed", ()):
            changed.setdefault(str(name), set()).add(i)
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
            "work on a copy, or write the expression without an in-place operator.",
            frozenset(cases),
        )
    for name, cases in drawn.items():
        yield Finding(
            "global-random",
            f"uses the global generator of {name}",
            f"Your code draws from or seeds the global random generator of {name}, which all other "
            "code shares. Leave it alone: draw from a generator of your own or the one passed in.",
            frozenset(cases),
        )
    if warned:
        text, cases = next(iter(warned.items()))
        sentence = f"Your code raises a warning here: {text}."
        yield Finding("warning", text, sentence, frozenset(cases))


def _not_attempted(key: AnswerKey, reports: list[dict]) -> bool:
    return len(reports) == len(key.cases) and all(
        report.get("raised", {}).get("not_attempted") for report in reports
    )


def _cannot_judge(key: AnswerKey, reports: list[dict]) -> tuple[list[str], str] | None:
    """Why nothing can be said about the values at all, as (mistakes, message), or None."""
    for i, report in enumerate(reports):
        if "interrupted" in report:
            return [], (
                f"Interrupted while your code ran the case '{key.cases[i].name}'. "
                "If it seemed to run for ever, look for a loop there that never ends."
            )
        facts = report.get("unusable", {})
        if facts.get("problem") in ("missing", "not callable", "arguments"):
            return [f"{facts['problem'].replace(' ', '-')}:{facts['function']}"], _unusable_words(
                facts
            )
    if len(reports) < len(key.cases):
        return [], (
            f"Your code ended in the case '{key.cases[len(reports)].name}', and nothing was seen "
            "from there on. Does it leave Python, as sys.exit or os._exit do?"
        )
    return None


def _unusable_words(facts: dict) -> str:
    name, problem = facts["function"], facts["problem"]
    if problem == "missing":
        near = facts.get("near")
        if near:
            return f"There is no {name}, but there is {near[0]}. If it is meant, call it {name}."
        return f"There is no {name} yet. Run the cell that defines it, then check again."
    if problem == "not callable":
        return (
            f"{name} should be a function or a class; it is {facts['got']}. "
            "Was the name used again for something else?"
        )
    if problem == "arguments":
        wanted, got = ", ".join(facts["wanted"]), ", ".join(facts["got"])
        return f"{name} is called as {name}({wanted}); yours takes ({got or 'no arguments'})."
    wanted = ", ".join(facts["wanted"])
    return (
        f"{name} should return {len(facts['wanted'])} values ({wanted}); "
        f"yours returned {facts['got']}."
    )


def _wrong_order(key: AnswerKey, reports: list[dict]) -> str | None:
    """A sentence when a function has the right arguments in another order."""
    named = reports[0].get("parameters", {}) if reports else {}
    for signature in key.signatures:
        mine = list(named.get(signature.name, ()))
        wanted = list(signature.parameters)
        if mine != wanted and sorted(mine) == sorted(wanted):
            return (
                f"{signature.name} takes its arguments in the order ({', '.join(wanted)}); "
                f"yours has ({', '.join(mine)})."
            )
    return None


# Words.


def _error_words(error: dict) -> str:
    message = f" ({error['message']})" if error.get("message") else ""
    return f"{error['type']}{message}{_error_place(error)}"


def _error_place(error: dict) -> str:
    if not error.get("frames"):
        return ""
    function, line, text = error["frames"][-1]
    place = f" of {function}" if function and function != "<module>" else ""
    return f" at line {line}{place}: `{text}`" if text else f" at line {line}{place}"


def _error_sentences(reports: list[dict]) -> list[str]:
    """One sentence for every case that stopped."""
    sentences = []
    for report in reports:
        if error := report.get("raised"):
            if error["type"] == "NotImplementedError":
                where = _error_place(error)
                sentences.append(f"Part of this is not written yet: NotImplementedError{where}")
                continue
            trail = [f"line {line}: {text}" for _, line, text in error.get("frames", ()) if text]
            came = ["\nYour lines that led there:", *trail] if trail[1:] else []
            stop = _error_words(error)
            stop += "" if stop.endswith("`") else "."
            sentences.append(f"Your code stops with {stop}" + "\n  ".join(came))
        elif facts := report.get("unusable"):
            sentences.append(_unusable_words(facts))
    return sentences


_ORDER = ("missing", "raised", "shape", "type", "dtype", "nan", "values")


def _first_difference(key: AnswerKey, wrong: dict[Cell, Difference]) -> str:
    """The most telling difference: shape, then type, then NaN, then values."""
    (case, name), found = min(wrong.items(), key=lambda item: _ORDER.index(item[1].kind))
    return f"In the case '{case}' your {name} {_told(key, found)}."


def _told(key: AnswerKey, found: Difference) -> str:
    """The difference in words, without the right value where that is the answer to a question."""
    return found.phrase if key.tells_right or found.kind != "values" else "is not right"


def _case_result(key: AnswerKey, index: int, grid: Grid, findings) -> CaseResult:
    case = key.cases[index]
    wrong = {name: grid.wrong[c, name] for c, name in grid.wrong if c == case.name}
    stopped = [found.phrase for found in wrong.values() if found.kind == "raised"]
    problems = stopped[:1] or [f"{name} {_told(key, found)}" for name, found in wrong.items()]
    problems += [finding.short for finding in findings if index in finding.cases]
    points = 0.0 if problems else case.points
    return CaseResult(case.name, points, case.points, "; ".join(problems))


def _where(cases: list[CaseResult]) -> str:
    right = [case.name for case in cases if case.passed]
    off = [case.name for case in cases if not case.passed]
    if not right:
        return "Off in every case." if len(off) > 1 else ""
    return f"Right so far: {'; '.join(right)}. Off: {'; '.join(off)}."


def _praise(key: AnswerKey) -> str:
    count = len(key.cases)
    return f"All {count} cases are right." if count > 1 else "The case is right."


def _verdict(
    key: AnswerKey, status, message, mistakes=(), cases=(), details=(), reports=(), points=True
) -> Verdict:
    """Assemble; without `points` no case earns any."""
    cases = list(cases) or [
        CaseResult(case.name, 0.0, case.points, "not judged") for case in key.cases
    ]
    details = list(dict.fromkeys(details))
    if not key.warning_free:
        noted = [w for report in reports for w in report.get("warnings", ())]
        details += [f"A warning along the way: {w}" for w in dict.fromkeys(noted)][:3]
    return Verdict(
        exercise=key.exercise,
        status=status,
        points=float(sum(case.points for case in cases)) if points else 0.0,
        max_points=key.max_points,
        message=message,
        mistakes=list(dict.fromkeys(mistakes)),
        cases=cases,
        details=details,
        printed="".join(report.get("printed", "") for report in reports)[:4000],
        extra=key.extra,
    )
