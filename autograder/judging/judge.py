"""The verdict on what was seen: which cases are right, what is off besides the values, and the one
sentence to read first. What explains wrong values is in `explaining`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from autograder.exercise import Expected
from autograder.judging.compare import NO_RETURN, Difference
from autograder.judging.explaining import Cell, Grid, explain, lay_out
from autograder.judging.keys import AnswerKey
from autograder.judging.observing import AT_ONCE, CUT, PRINTED_LIMIT
from autograder.judging.verdict import NOT_JUDGED, CaseResult, Verdict
from autograder.judging.wording import (
    error_sentences,
    left_over_words,
    unusable_words,
    warning_words,
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
    findings = [*_findings(key, reports), *_kept_between_calls(key, reports, grid, read)]
    cases = [_case_result(key, i, grid, findings) for i in range(len(key.cases))]
    if all(case.passed for case in cases):
        return _verdict(key, "passed", _praise(key), cases=cases, reports=reports)
    status = "error" if _all_stop(reports) else "failed"
    if unspoilt := _without_what_is_kept(reports, findings):
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
        ids, status = [f"needs:{need}", *ids], "failed"
        break
    where = _where(cases)
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
    found = explain(key, grid)
    spoilt = any(f.id.startswith(("changed:", KEPT)) for f in findings)
    if spoilt:
        # What one call does to those behind it may look like any mistake.
        found = replace(found, certain=[], likely=[*found.certain, *found.likely])
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
        and not any(f.id == KEPT for f in findings)
    }  # fmt: skip
    if not sentences:
        sentences = [_first_difference(key, rest or grid.wrong)]
    elif rest:
        first = _first_difference(key, rest)
        # A wrong form is more telling than how some of the numbers look.
        only_numbers = len(found.related) == len(sentences)
        if only_numbers and any(other.kind in _FORM for other in rest.values()):
            sentences = [first, *sentences]
        else:
            sentences.append(f"Something else is off, too. {first}")
    # What one call does to those behind it comes before what they show.
    sentences.sort(key=lambda s: all(s != f.sentence for f in findings if f.id == KEPT))
    message, *details = sentences
    if found.likely:
        message += f"\nLikely: {found.likely[0][1]}"
        more = [hint for _, hint in found.likely[1:] if hint != found.likely[0][1]]
        details = [*(f"Likely: {hint}" for hint in more), *details]
    return [identity for identity, _ in (*told, *found.likely)], message, details


def _all_stop(reports: list[dict]) -> bool:
    return all("raised" in report or "unusable" in report for report in reports)


# What the judge finds by itself.


KEPT, OVERWRITTEN = "kept-between-calls", "overwritten-by-a-later-call"
_KEEPS = (
    "It keeps something between the calls, for example in a default argument or in a name outside "
    "of the function. Begin anew in each call."
)


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
        sentence = f"Your code raises a warning here: {text}{'' if text.endswith('`') else '.'}"
        yield Finding("warning", text, sentence + warning_words(text), frozenset(cases))


def _kept_between_calls(key: AnswerKey, reports: list[dict], grid: Grid, read):
    """What comes to light where a case is observed once more.

    The first case is, after all others; where it was wrong at first, it counts only if something
    is known to be kept. Another is observed as if it were the first, if something is kept: where
    it is right only then, the calls before have spoilt it.
    """
    wrong = {case for case, _ in grid.wrong}
    first = key.cases[0]
    if "again" in reports[0] and (first.name not in wrong or reports[0].get("kept")):
        once_more = lay_out(replace(key, cases=[first]), [{"seen": reports[0]["again"]}], read)
        other = [
            cell[1] for cell in once_more.right
            if cell not in once_more.seen or not grid.agrees(cell, once_more.seen[cell])
        ]  # fmt: skip
        # What is drawn anew may be another draw.
        if any(first.right[name].margin >= Expected.margin for name in other):
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
    if reports[0].get("overwritten"):
        yield Finding(
            OVERWRITTEN,
            "is overwritten by a later call",
            "What your code gives back is overwritten by its next call: both are the same array, "
            "which is kept outside of the function. Make a new one in each call.",
            frozenset({0}),
        )


def _without_what_is_kept(reports, findings) -> list[dict] | None:
    """The reports with what was seen anew where the calls before have spoilt a case; None where
    they have spoilt none. What is named as kept explains what was seen there at first."""
    spoilt = {i for f in findings if f.id == KEPT for i in f.cases if "anew" in reports[i]}
    if not spoilt:
        return None
    return [
        {n: v for n, v in report.items() if n != "raised"} | {"seen": report["anew"]}
        if i in spoilt else report
        for i, report in enumerate(reports)
    ]  # fmt: skip


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


def _where(cases: list[CaseResult]) -> str:
    right = [case.name for case in cases if case.passed]
    off = [case.name for case in cases if not case.passed]
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
