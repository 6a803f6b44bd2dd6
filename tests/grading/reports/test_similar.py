"""Who resembles whom: copies are found whatever their names, what the class shares is nobody's, and
time is bounded."""

from __future__ import annotations

import re

import pytest

from autograder.grading.pipeline.handed_in.finding import Given
from autograder.grading.pipeline.outcome import Outcome, Seen
from autograder.grading.reports.similar import (
    MANY,
    Pair,
    Work,
    own_text,
    pairs,
    resembling,
    wrong_answers,
)

COMMON = """
def relu_forward(x):
    out = np.maximum(x, 0)
    return out, x
"""
OWN = [
    """
def backward(dout, cache):
    keep, size = cache[0] > 0, len(cache)
    total = sum(value * value for value in dout if value is not None)
    for step in range(size):
        dout = dout - total * np.exp(-step) / (1 + size) ** 2
    return np.where(keep, dout, 0.0)
""",
    """
def backward(upstream, saved):
    mask = (saved >= 0).astype(float)
    while np.abs(upstream).max() > 1e6:
        upstream = upstream / 2
    gradient = np.zeros_like(saved)
    gradient[mask == 1] = upstream[mask == 1]
    return gradient.reshape(saved.shape)
""",
    """
def backward(d, c):
    if c is None:
        raise ValueError(f"no cache: {c!r}")
    signs = np.sign(np.clip(c, 0, None))
    assert signs.shape == d.shape, (signs.shape, d.shape)
    parts = [row * sign for row, sign in zip(d, signs)]
    return np.stack(parts, axis=0) if parts else d * signs
""",
]


def found(works: dict[str, Work], given=(), **more):
    return resembling(sorted(works), works.__getitem__, given, **more)


def two(result) -> list[tuple[str, str]]:
    return [(pair.one, pair.other) for pair in result[0]]


def test_a_copy_with_other_names_and_comments_is_found():
    copy = "# all my own\n" + re.sub(r"\btotal\b", "energy", OWN[0]).replace("keep", "alive")
    works = {"ada": Work(OWN[0]), "bea": Work(OWN[1]), "cy": Work(OWN[2]), "dan": Work(copy)}
    result = found(works)
    assert two(result) == [("ada", "dan")]
    assert result[0][0].share == pytest.approx(1.0) and result[1] == ""


def test_honest_work_resembles_nothing():
    works = {name: Work(COMMON + own) for name, own in zip("abc", OWN, strict=True)}
    assert two(found(works)) == []


def test_what_many_have_is_the_classs_and_what_was_given_out_is_nobodys():
    many = {f"s{n}": Work(OWN[0]) for n in range(MANY + 1)}
    assert two(found(many)) == []
    given = [Given("", "backward", "code", OWN[0])]
    assert two(found({"ada": Work(OWN[0]), "bea": Work(OWN[0])}, given)) == []


def test_a_written_answer_that_was_copied_is_found():
    answer = "Because its derivative is one above zero, so that a product of many keeps its size, "
    answer += "whereas a sigmoid's is a quarter at most and shrinks with every layer it passes."
    works = {
        "ada": Work(prose=answer), "bea": Work(prose=answer.upper()),
        "cy": Work(prose="It does not saturate, and that is all that one can say here, I think."),
    }  # fmt: skip
    assert two(found(works)) == [("ada", "bea")]


def test_three_rare_mistakes_in_common_are_told_and_two_are_not():
    alike = frozenset({("fold", "bias_lost"), ("bn", "x1"), ("init", "x2")})
    others = {f"s{n}": Work(wrong=frozenset({("fold", f"other{n}")})) for n in range(9)}
    works = {**others, "ada": Work(wrong=alike), "bea": Work(wrong=alike)}
    (pair,), _ = found(works)
    assert pair == Pair("ada", "bea", 0, 0.0, ("bn", "fold", "init"))
    works["bea"] = Work(wrong=frozenset(sorted(alike)[:2]))
    assert two(found(works)) == []


def test_a_wrong_answer_that_follows_from_another_counts_once():
    outcome = Outcome("ada", exercises=[
        Seen("relu_forward", "failed", 0.0, 2.0, False, [("leaky", "")]),
        Seen("relu_backward", "failed", 0.0, 2.0, False, [("relation:factor", "")],
             blindspot={"digest": "d1"}),
        Seen("gone_since", "failed", 0.0, 2.0, False, [("old", "")]),
    ])  # fmt: skip
    assert ("relu_forward", "leaky") in wrong_answers(outcome)
    assert ("gone_since", "old") in wrong_answers(outcome)


def test_time_is_bounded_and_said():
    works = {name: Work(OWN[0]) for name in ("ada", "bea")}
    assert found(works, seconds=-1) == ([], "For want of time 2 submissions were not looked at.")


def test_the_work_of_comparing_grows_with_the_class_only():
    """3,000 students with 500 pieces each, 400 of them everybody's; pairs would be millions."""
    common = set(range(400))
    written = {f"s{n}": common | set(range(10**6 + 100 * n, 10**6 + 100 * n + 100))
               for n in range(3000)}  # fmt: skip
    written["copy"] = set(written["s7"])
    (pair,) = pairs(written, {})
    assert (pair.one, pair.other, pair.shared) == ("copy", "s7", 100)


def test_a_notebook_that_cannot_be_read_has_no_text(tmp_path):
    (tmp_path / "a.ipynb").write_text("{")
    assert (
        own_text(tmp_path / "a.ipynb", set()) == own_text(tmp_path / "b.ipynb", set()) == ("", "")
    )
