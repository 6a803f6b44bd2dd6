"""The verdict on what was seen: which cases are right, what is off besides the values, and the one
sentence to read first. What explains wrong values is in `explaining`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from autograder.judging.compare import NO_RETURN, Difference
from autograder.judging.explaining import JUDGING_BY, Cell, Grid, explain, lay_out
from autograder.judging.findings import (
    KEPT,
    Finding,
    by_itself,
    in_numbers_alone,
    kept_between_calls,
    where_numbers_grow,
    without_what_is_kept,
)
from autograder.judging.keys import AnswerKey
from autograder.judging.observing import AT_ONCE, CUT, PRINTED_LIMIT
from autograder.judging.verdict import NOT_JUDGED, CaseResult, Verdict
from autograder.judging.wording import (
    error_sentences,
    left_over_words,
    unusable_words,
)


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
        left_over = [r["raised"]["left_over"] for r in reports if r["raised"].get("left_over")]
        message = left_over_words(left_over[0]) if left_over else "Nothing is written here yet."
        return _verdict(key, "not attempted", message, points=False)
    if stop := _cannot_judge(key, reports):
        mistakes, message = stop
        status = "failed" if mistakes[:1] == [f"no-answer:{key.exercise}"] else "error"
        return _verdict(key, status, message, mistakes, reports=reports, points=False)
    grid = lay_out(key, reports, read)
    kept = [*kept_between_calls(key, reports, grid, read)]
    grown = [] if kept else where_numbers_grow(key, reports, grid, read)
    findings = [*by_itself(key, reports), *kept, *grown]
    cases = [_case_result(key, i, grid, findings) for i in range(len(key.cases))]
    if all(case.passed for case in cases):
        return _verdict(key, "passed", _praise(key), cases=cases, reports=reports)
    status = "error" if _all_stop(reports) else "failed"
    if unspoilt := without_what_is_kept(reports, findings):
        reports, grid = unspoilt, lay_out(key, unspoilt, read)
    ids, message, details = _told_of(key, reports, grid, findings)
    for need in key.needs:
        if not verdicts or need not in verdicts or _serves(verdicts[need]):
            continue
        if verdicts[need].status == "not attempted" and not any(case.passed for case in cases):
            waits = f"This one builds on `{need}`, which is not written yet: first write `{need}`."
            return _verdict(key, "not attempted", waits, points=False)
        details = [*message.splitlines(), *details]
        message = f"This one builds on `{need}`, which is not right yet: first fix your `{need}`."
        if verdicts[need].mistakes[:1] == [f"missing:{need}"]:
            message = (
                f"This one builds on `{need}`, which is not there yet. "
                "Run the cell that defines it."
            )
        ids, status = [f"needs:{need}", *ids], "failed"
        break
    # What is right where nothing was called before is not off in every case.
    kept = any(f.id == KEPT for f in findings)
    where = "" if kept and not any(case.passed for case in cases) else _where(cases, findings)
    message = f"{message}\n{where}" if where else message
    return _verdict(key, status, message, ids, cases, details, reports)


def _serves(need: Verdict) -> bool:
    """Whether others can build on it: it is right, or merely short of a value to be reached, which
    is all that leaves a case a part of its points."""
    return need.status == "passed" or min((case.points for case in need.cases), default=0) > 0


def _told_of(key: AnswerKey, reports: list[dict], grid: Grid, findings: list[Finding]):
    """What is named; what to read first; and all other sentences.

    A name is said first only where nothing wrong is left unexplained. Otherwise what is certain
    comes first, and the name follows as likely. What was done wrong comes before what merely
    describes the numbers; where a case stops and no mistake says why, Python's own words come
    before either.
    """
    kept = [f for f in findings if f.id == KEPT]
    changed = [f for f in findings if f.id.startswith("changed:")]
    # What one call does to those behind it may look like any mistake: nothing else is named.
    found = None if kept else explain(key, grid)
    if first := kept or changed:
        # What else is off, or stops, may come of it.
        told = [(f.id, f.sentence) for f in (*first, *(f for f in findings if f not in first))]
        likely = [*found.certain, *found.likely] if found else []
        message, *details = [sentence for _, sentence in told]
        message, details = _with_likely(message, [*details, *error_sentences(reports)], likely)
        return [identity for identity, _ in (*told, *likely)], message, details
    told = [*found.certain, *((f.id, f.sentence) for f in findings), *found.related]
    if not told and not found.likely and (order := _wrong_order(key, reports)):
        told = [("signature:order", order)]
    sentences = [sentence for _, sentence in told]
    errors = error_sentences(reports)
    stops = {case for case, name in found.left if grid.wrong[case, name].kind == "raised"}
    if stops or not found.certain:
        cause = [r for case, r in zip(key.cases, reports, strict=True) if case.name in stops]
        sentences = [*dict.fromkeys([*error_sentences(cause), *errors]), *sentences]
    elif _all_stop(reports):
        sentences = [f"{sentences[0]}\n{errors[0]}", *sentences[1:], *errors[1:]]
    else:
        sentences += errors
    rest = {
        cell: other for cell, other in grid.wrong.items()
        if cell in found.left and other.kind not in _TOLD_ELSEWHERE
    }  # fmt: skip
    if not sentences:
        sentences = [_first_difference(key, rest or grid.wrong)]
    elif rest:
        first = _first_difference(key, rest)
        # A wrong form is more telling than how some of the numbers look.
        only_numbers = len(found.related) == len(sentences)
        if only_numbers and any(other.kind in _FORM for other in rest.values()):
            sentences = [f"{first}\n{sentences[0]}", *sentences[1:]]
        else:
            sentences.append(f"Something else is off, too. {first}")
    message, *details = sentences
    message, details = _with_likely(message, details, found.likely)
    return [identity for identity, _ in (*told, *found.likely)], message, details


def _with_likely(message: str, details: list[str], likely: list[tuple[str, str]]):
    """A message and its details, with what is likely behind the one and before the others."""
    if not likely:
        return message, details
    first, *more = dict.fromkeys(
        f"Likely{', ' if hint.startswith(JUDGING_BY) else ': '}{hint}" for _, hint in likely
    )
    return f"{message}\n{first}", [*more, *details]


def _all_stop(reports: list[dict]) -> bool:
    return all("raised" in report for report in reports)


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
        if facts.get("problem") in AT_ONCE:
            return [f"{facts['problem'].replace(' ', '-')}:{facts['function']}"], unusable_words(
                facts
            )
    if len(reports) < len(key.cases):
        return [], (
            f"Your code ended in the case '{key.cases[len(reports)].name}', and nothing was seen "
            "from there on. Does it leave Python, as sys.exit or os._exit do?"
        )
    return None


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


# So many cases are named in a row.
LISTED = 8
_FORM = ("shape", "type", "nan")
_TOLD_ELSEWHERE = ("raised", "missing")
_ORDER = ("raised", "shape", "type", "dtype", "nan", "values", "short", "missing")


def _first_difference(key: AnswerKey, wrong: dict[Cell, Difference]) -> str:
    """The most telling difference: shape, then type, then NaN, then values."""
    (case, name), found = min(wrong.items(), key=lambda item: _ORDER.index(item[1].kind))
    return f"In the case '{case}' {_said(key, name, found)}."


def _said(key: AnswerKey, name: str, found: Difference) -> str:
    """What differs, as a clause: "your `out` has shape (3,); (3, 1) is right"."""
    reading = key.reads.get(name, "")
    if "{" in reading and found.kind == "values" and found.seen and key.tells_right:
        return reading.format(seen=found.seen, right=found.right)
    told = _told(key, found)
    returned = [each for signature in key.signatures for each in signature.returns]
    if name not in returned and (len(returned) > 1 or reading.endswith("]`")):
        # An entry of a dict, say: no return brings it.
        told = told.replace(NO_RETURN, "None, or not there")
    if any(name in case.right and case.right[name].value is None for case in key.cases):
        told = told.replace(NO_RETURN, "None")  # in another case it is an answer
    if reading and "{" not in reading:
        return f"{reading} {told}"
    shown = f"`{name}`" if name.isidentifier() else name
    return f"your {_is(shown, told)}"


def _is(name: str, phrase: str) -> str:
    """The two side by side; a name may end with the verb that the phrase begins with."""
    verb = name.rpartition(" ")[2]
    return f"{name} {phrase.removeprefix('is ') if verb in ('is', 'are') else phrase}"


def _told(key: AnswerKey, found: Difference) -> str:
    """The difference in words, without the right value where that is the answer to a question."""
    return found.phrase if key.tells_right or found.kind != "values" else "is not right"


def _case_result(key: AnswerKey, index: int, grid: Grid, findings) -> CaseResult:
    case = key.cases[index]
    wrong = {name: grid.wrong[c, name] for c, name in grid.wrong if c == case.name}
    stopped = [found.phrase for found in wrong.values() if found.kind == "raised"]
    problems = stopped[:1] or [_said(key, name, found) for name, found in wrong.items()]
    problems += [finding.short for finding in findings if index in finding.cases]
    points = 0.0 if problems else case.points
    if wrong and len(problems) == len(wrong) and all(f.kind == "short" for f in wrong.values()):
        points = case.points * min(found.share for found in wrong.values())
    return CaseResult(case.name, points, case.points, "; ".join(problems))


def _where(cases: list[CaseResult], findings: list[Finding]) -> str:
    right = [case.name for case in cases if case.passed]
    off = [
        case.name + in_numbers_alone(findings, i)
        for i, case in enumerate(cases) if not case.passed
    ]  # fmt: skip
    if not right:
        return "Off in every case." if len(off) > 1 else ""
    return f"Right so far: {_listed(right)}. Off: {_listed(off)}."


def _listed(names: list[str]) -> str:
    """The names, or the first of many and how many more there are."""
    more = len(names) - LISTED
    return "; ".join(names[:LISTED]) + (f"; … and {more} more" if more > 0 else "")


def _praise(key: AnswerKey) -> str:
    count = len(key.cases)
    right = f"All {count} cases are right." if count > 1 else "The case is right."
    return f"{right} {key.practised}".rstrip()


def _printed(reports) -> str:
    """What the cases printed, up to the first place where something is left out."""
    text, *more = "".join(report.get("printed", "") for report in reports).split(CUT)
    return text[:PRINTED_LIMIT] + (CUT if more or len(text) > PRINTED_LIMIT else "")


def _verdict(
    key: AnswerKey, status, message, mistakes=(), cases=(), details=(), reports=(), points=True
) -> Verdict:
    """Assemble; without `points` no case earns any."""
    cases = list(cases) or [
        CaseResult(case.name, 0.0, case.points, NOT_JUDGED) for case in key.cases
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
        printed=_printed(reports),
        extra=key.extra,
    )
