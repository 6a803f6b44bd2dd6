"""The form of what a submission's process reports: whatever has another one is none of ours."""

from __future__ import annotations

MOST_WORDS = 50_000  # characters of a report, beside what was seen; honest ones have 5,000
_SEEN = ("seen", "again", "anew", "grown")


def well_formed(reports: object, cases: int) -> list[dict]:
    """Reports of the form that `observing.run` gives, at most one a case; ValueError otherwise."""
    if not isinstance(reports, list) or len(reports) > cases:
        raise ValueError("not one report a case")
    for report in reports:
        if not isinstance(report, dict):
            raise ValueError("a report that is no dict")
        for name, value in report.items():
            if not _fits(FORM.get(name, _nothing), value):
                raise ValueError(f"a report whose {str(name)[:40]!r} has another form")
        if len(str({n: v for n, v in report.items() if n not in _SEEN})) > MOST_WORDS:
            raise ValueError("a report of too many words")
    return reports


def _nothing(value) -> bool:
    return False


def _strings(value) -> bool:
    return isinstance(value, list) and all(type(entry) is str for entry in value)


def _raised(value) -> bool:
    return (
        isinstance(value, dict)
        and type(value.get("type")) is str
        and type(value.get("message")) is str
        and type(value.get("not_attempted")) is bool
        and isinstance(value.get("frames"), list)
        and all(
            isinstance(f, list) and len(f) == 3
            and type(f[0]) is str and type(f[1]) is int and type(f[2]) is str
            for f in value["frames"]
        )
    )  # fmt: skip


def _unusable(value) -> bool:
    if not isinstance(value, dict) or type(value.get("function")) is not str:
        return False
    got, wanted = value.get("got"), value.get("wanted")
    return {
        "missing": _strings(value.get("near")),
        "not callable": type(got) is str,
        "no answer": type(got) is str,
        "arguments": _strings(got) and _strings(wanted),
        "returned": type(got) is str and _strings(wanted),
    }.get(value.get("problem"), False)


def _grown(value) -> bool:
    """Of observations with multiplied inputs: what was seen of each, or raised."""
    return isinstance(value, dict) and all(
        isinstance(report, dict)
        and all(name in ("seen", "raised") and _fits(FORM[name], v) for name, v in report.items())
        for report in value.values()
    )


def _parameters(value) -> bool:
    return isinstance(value, dict) and all(map(_strings, value.values()))


def _fits(form, value) -> bool:
    return isinstance(value, form) if isinstance(form, type) else form(value)


# Each part of a report → its type, or a function that knows its form.
FORM = {
    "seen": dict, "raised": _raised, "unusable": _unusable, "interrupted": bool,
    "changed": _strings, "random": _strings, "warnings": _strings, "printed": str,
    "parameters": _parameters, "again": dict, "anew": dict, "kept": bool, "overwritten": bool,
    "grown": _grown, "written over": _strings,
}  # fmt: skip
