"""An answer key as plain data, and back: how it gets to another process, and into a kit."""

from __future__ import annotations

from autograder.exercise import Expected, Signature, raises
from autograder.judging.keys import AnswerKey, KeyedCase

_PLAIN = (
    "exercise", "seed", "hints", "needs", "modifies", "uses_global_random", "warning_free",
    "library", "extra", "tells_right", "counted", "claims", "reads",
    "practised", "growth",
)  # fmt: skip


def to_data(key: AnswerKey) -> dict:
    """All of a key as plain data; `from_data` makes the key of it again."""
    return {
        **{name: getattr(key, name) for name in _PLAIN},
        "signatures": [[s.name, s.parameters, s.required, s.returns] for s in key.signatures],
        "cases": [
            {
                "name": case.name,
                "points": case.points,
                "inputs": case.inputs,
                "aid": case.aid,
                "right": {
                    n: [e.value, e.rtol, e.atol, e.margin, e.any_width, e.nothing_at]
                    for n, e in case.right.items()
                },
                "wrong": {
                    i: {n: [True, [v.type_name, v.says]] if isinstance(v, raises) else [False, v]
                        for n, v in w.items()}
                    for i, w in case.wrong.items()
                    if w
                },
            }
            for case in key.cases
        ],
    }  # fmt: skip


def from_data(data: dict) -> AnswerKey:
    """The key that `to_data` took apart. Raises KeyError or TypeError for anything else."""
    hints = dict(data["hints"])
    cases = [
        KeyedCase(
            case["name"], case["points"], case["inputs"],
            {n: Expected(*parts) for n, parts in case["right"].items()},
            {
                i: {n: raises(*v) if stops else v
                    for n, (stops, v) in case["wrong"].get(i, {}).items()}
                for i in hints
            },
            case["aid"],
        )
        for case in data["cases"]
    ]  # fmt: skip
    signatures = tuple(
        Signature(name, tuple(parameters), required, tuple(returns))
        for name, parameters, required, returns in data["signatures"]
    )
    rest = {n: tuple(v) if isinstance(v := data[n], list) else v for n in _PLAIN if n != "hints"}
    return AnswerKey(cases=cases, hints=hints, signatures=signatures, **rest)
