"""The first case is asked a second time: what is kept between the calls is told."""

import pytest
from odd_scale import learner

from autograder import grade

KEPT = """
def odd_scale(x, w, met={met}):
    known = x.tobytes() in met
    met[x.tobytes()] = x * w
    out = {out}
    return out, out.sum()
"""


@pytest.mark.parametrize(
    ("out", "status", "named"),
    [
        ("x * w + met[x.tobytes()] if known else x * w", "failed", ["kept-between-calls"]),
        ("x @ w.T @ met if known else x * w", "failed", ["kept-between-calls"]),
        ("met[x.tobytes()] if known else x * w", "passed", []),
    ],
)
def test_what_is_something_else_the_second_time_is_told(out, status, named):
    found = grade("odd_scale", learner(KEPT.format(met={}, out=out)))
    assert (found.status, found.mistakes) == (status, named)
    if named:
        does = "stops with an error" if "@" in out else "gives something else"
        said = f"Called a second time with the same arguments, your code {does}."
        assert found.message.startswith(said)
        assert 0 < found.points < found.max_points


def test_what_the_calls_before_have_done_is_not_called_something_else():
    adding = """
def odd_scale(x, w, sums=[]):
    sums.append(0.0 if not sums else 1.0)
    out = x * w + sum(sums)
    return out, out.sum()
"""
    found = grade("odd_scale", learner(adding))
    assert found.message.startswith("Called a second time with the same arguments")
    assert "Something else" not in str(found) and found.mistakes[0] == "kept-between-calls"
