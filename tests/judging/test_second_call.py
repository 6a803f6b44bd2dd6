"""The first case is asked a second time: what is kept between the calls is told."""

import numpy as np
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


FIRST_WEIGHT = """
first = {{}}
def odd_scale(x, w):
    w = first.setdefault({key}, w)
    out = x * w
    return out, (x @ w).sum()
"""


@pytest.mark.parametrize("key", ["'w'", "w.shape"])
def test_what_the_first_call_has_left_behind_is_told_where_it_spoils_a_later_one(key):
    found = grade("odd_scale", learner(FIRST_WEIGHT.format(key=key)))
    if key == "w.shape":  # no two cases have weights of one shape, so none is spoilt
        assert (found.status, found.mistakes, found.points) == ("failed", ["kept-between-calls"], 0)
        assert found.message.startswith("Called with other arguments, your code gives something")
        return
    assert found.mistakes == ["kept-between-calls"]
    assert found.message.startswith("The case 'one row' is right where your code is called for the")
    assert "Likely" not in str(found) and "stops with" not in str(found)
    assert [case.passed for case in found.cases] == [True, False, False]


@pytest.mark.parametrize(("keep", "out", "status", "named"), [
    ("met[x.tobytes()] = x * w", "met[x.tobytes()]", "passed", []),
    ("met[x.shape] = x * w", "x * w", "passed", []),  # kept, and not read
    ("met.setdefault(x.shape, x * w)", "met[x.shape]", "failed", ["kept-between-calls"]),
    ("met[len(met)] = x", "x * np.random.default_rng().random(x.shape)", "failed", []),
])  # fmt: skip
def test_only_what_shows_with_other_numbers_of_a_shape_is_held_against_it(
    keep, out, status, named
):
    source = f"""
import numpy as np
met = {{}}
def odd_scale(x, w):
    {keep}
    out = {out}
    return out, (x @ w).sum()
"""
    found = grade("odd_scale", learner(source))
    assert (found.status, [m for m in found.mistakes if "kept" in m]) == (status, named)


def test_what_is_kept_is_told_where_the_first_case_is_wrong_as_well():
    adding = """
seen = []
def odd_scale(x, w):
    seen.append(len(x))
    return x + len(seen), (x @ w).sum()
"""
    found = grade("odd_scale", learner(adding))
    assert found.mistakes[0] == "kept-between-calls"
    assert found.message.startswith("Called a second time with the same arguments, your code gives")


@pytest.mark.parametrize("place", ["odd_scale.first", "Room.first"])
def test_what_is_kept_in_an_attribute_of_a_function_or_a_class_is_seen(place):
    owner = place.split(".")[0]
    source = f"""
class Room:
    def __init__(self, w):
        {place} = getattr({owner}, "first", None) or {{}}
        self.w = {place}.setdefault(w.shape, w)

def odd_scale(x, w):
    w = Room(w).w
    return x * w, (x @ w).sum()
"""
    source = source.replace("class Room:", "class Room:\n    first = {}")
    found = grade("odd_scale", learner(source))
    assert (found.status, found.mistakes) == ("failed", ["kept-between-calls"])


@pytest.mark.parametrize("default", ["first={}", "*, first={}"])
def test_what_is_kept_in_a_default_is_seen_by_every_check(default):
    source = f"""
def odd_scale(x, w, {default}):
    w = first.setdefault("w", w)
    return x * w, (x @ w).sum()
"""
    mine = learner(source)
    for _ in range(2):
        found = grade("odd_scale", mine)
        assert found.mistakes == ["kept-between-calls"]
        assert found.message.startswith("The case 'one row' is right where your code is called for")


def test_what_code_notes_outside_while_it_is_checked_can_be_looked_at():
    mine = learner("""
met = []
def odd_scale(x, w):
    met.append(x.shape)
    return x * w, (x * w).sum()
""")
    assert grade("odd_scale", mine).status == "passed"
    assert len(mine["met"]) > 1


def test_what_a_decorator_keeps_is_seen():
    source = """
def remembered(function):
    results = {}
    def call(x, w):
        if w.shape not in results:
            results[w.shape] = function(x, w)
        return results[w.shape]
    return call

@remembered
def odd_scale(x, w):
    return x * w, (x @ w).sum()
"""
    found = grade("odd_scale", learner(source))
    assert (found.status, found.mistakes) == ("failed", ["kept-between-calls"])


def test_what_is_drawn_anew_in_each_call_is_not_called_kept():
    drawing = """
import numpy as np
def odd_scale(x, w):
    return x * np.random.default_rng().uniform(size=x.shape), (x @ w).sum()
"""
    assert "kept-between-calls" not in grade("odd_scale", learner(drawing)).mistakes


BUFFER = """
import numpy as np
room = {{}}
def odd_scale(x, w):
    out = room.setdefault(x.shape, np.empty(x.shape))
    np.multiply(x, w, out=out)
    return {given}, (x @ w).sum()
"""


@pytest.mark.parametrize(("given", "named"), [
    ("out", ["overwritten-by-a-later-call"]), ("out[:]", ["overwritten-by-a-later-call"]),
    ("out.copy()", []),
])  # fmt: skip
def test_a_result_that_the_next_call_overwrites_is_told(given, named):
    found = grade("odd_scale", learner(BUFFER.format(given=given)))
    assert found.mistakes == named
    assert found.cases[0].passed == (not named)


def test_an_object_that_is_called_may_be_a_forward():
    class Tanh:
        def __call__(self, x):
            return np.tanh(x), x

    assert grade("tanh_forward", {"tanh_forward": Tanh()}).status == "passed"


def test_a_cache_that_the_next_forward_overwrites_is_told():
    room = {}

    def tanh_forward(x):
        cache = room.setdefault(x.shape, np.empty_like(x))
        np.tanh(x, out=cache)
        return cache.copy(), cache

    found = grade("tanh_forward", {"tanh_forward": tanh_forward})
    assert found.mistakes == ["overwritten-by-a-later-call"]
    assert grade("tanh_forward", {"tanh_forward": lambda x: 2 * (np.tanh(x),)}).status == "passed"


def test_a_backward_that_writes_into_the_output_of_the_forward_is_a_finding():
    def tanh_forward(x):
        out = np.tanh(x)
        return out, out

    def tanh_backward(dout, cache):
        np.square(cache, out=cache)
        return dout * (1 - cache)

    written = {"tanh_forward": tanh_forward, "tanh_backward": tanh_backward}
    verdict = grade("tanh_backward", written)
    assert (verdict.status, verdict.points) == ("failed", 0.0)
    assert verdict.mistakes == ["changed:output of tanh_forward"]
    assert verdict.message.startswith("Your code writes into the array that your tanh_forward")
    written["tanh_backward"] = lambda dout, cache: dout * (1 - np.square(cache))
    assert grade("tanh_backward", written).status == "passed"


def test_what_is_kept_stays_with_its_owner():
    namespace = learner(FIRST_WEIGHT.format(key="'w'"))
    kept = namespace["odd_scale"].__globals__["first"]
    grade("odd_scale", namespace)
    assert namespace["odd_scale"].__globals__["first"] is kept and list(kept) == ["w"]
