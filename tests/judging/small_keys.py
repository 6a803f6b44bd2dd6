"""Answer keys of a few cells, with nothing of deep learning in them, and verdicts by them."""

from autograder.exercise import Expected, Signature
from autograder.judging.judge import judge
from autograder.judging.keys import AnswerKey, KeyedCase


def key(right: dict, mistakes: dict, hints=None, claims=None, needs=(), reads=None) -> AnswerKey:
    """A key from cell → right value and mistake → cell → value; a cell is (case, name)."""
    cases = [
        KeyedCase(
            case, 1.0, {}, {n: Expected(v) for (c, n), v in right.items() if c == case},
            {
                identity: {n: v for (c, n), v in cells.items() if c == case}
                for identity, cells in mistakes.items()
            },
        )
        for case in dict.fromkeys(case for case, _ in right)
    ]  # fmt: skip
    hints = {i: f"This is {i}." for i in mistakes} | (hints or {})
    return AnswerKey(
        "drawn", 0, cases, hints, needs, (Signature("drawn", (), 0, ()),), (), False, False, "any",
        False, claims=claims or {}, reads=reads or {},
    )  # fmt: skip


def verdict(made: AnswerKey, shown: dict, **options):
    """The verdict on code that shows these values, and the right ones elsewhere."""
    reports = [
        {"seen": {n: shown.get((case.name, n), e.value) for n, e in case.right.items()}}
        for case in made.cases
    ]
    return judge(made, reports, **options)
