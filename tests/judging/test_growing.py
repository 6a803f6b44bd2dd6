"""Very large and very small numbers: what clips, rounds or has a threshold does not pass, and is
told so."""

import numpy as np
import pytest

from autograder import grade
from autograder.exercise import REGISTRY
from autograder.exercises import find
from autograder.grading.sandbox.forms import well_formed
from autograder.judging import findings
from autograder.judging.growing import FACTORS, grown, multiplied
from autograder.judging.keys import program
from autograder.judging.observing import run
from autograder.judging.plain_data import pack, unpack


def backward(change):
    def affine_forward(x, w, b):
        return x.reshape(len(x), -1) @ w + b, (x, w)

    def affine_backward(dout, cache):
        x, w = cache
        dout = change(dout)
        return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(0)

    return {"affine_forward": affine_forward, "affine_backward": affine_backward}


@pytest.mark.parametrize(
    ("change", "size"),
    [
        (lambda dout: np.clip(dout, -1000, 1000), "large"),
        (lambda dout: np.where(np.abs(dout) < 1e-6, 0, dout), "small"),
        (lambda dout: np.round(dout, 9), "small"),
        (lambda dout: dout + 1e-9, "small"),
    ],
)
def test_what_is_right_for_ordinary_numbers_alone_does_not_pass(change, size):
    verdict = grade("affine_backward", backward(change))
    assert (verdict.status, verdict.mistakes) == ("failed", [f"growth:{size}"])
    times = {"large": "a million times as large", "small": "sixteen million times as small"}[size]
    assert verdict.message.startswith(f"With `dout` {times}, your `dx` is wrong, though the case")
    assert 0 < verdict.points < verdict.max_points, "the first case alone is lost"


def test_what_stops_with_large_numbers_is_told():
    def change(dout):
        if np.abs(dout).max() > 1000:
            raise ValueError("exploding")
        return dout

    verdict = grade("affine_backward", backward(change))
    assert verdict.mistakes == ["growth:large"]
    assert "a million times as large, your code stops, though" in verdict.message


@pytest.mark.parametrize(
    "change", [lambda dout: dout, lambda dout: np.clip(dout, -9, 9), lambda dout: 1 / 0]
)
def test_what_is_seen_of_them_comes_out_of_a_submissions_process(change):
    asked = program(find("affine_backward"))
    reports = unpack(pack(run(asked, backward(change))))
    assert well_formed(reports, len(asked["cases"])) == reports
    if "seen" in reports[0]:
        assert set(reports[0]["grown"]) == set(FACTORS)


def test_a_report_of_them_of_another_form_does_not():
    for grown_ in ([], {"large": 3}, {"large": {"seen": 3}}, {"large": {"said": "more"}}):
        with pytest.raises(ValueError, match="'grown' has another form"):
            well_formed([{"grown": grown_}], 1)


def test_outputs_that_were_written_over_come_out_too():
    def tanh_forward(x):
        out = np.tanh(x)
        return out, out

    def tanh_backward(dout, cache):
        cache *= cache
        return dout * (1 - cache)

    asked = program(find("tanh_backward"))
    namespace = {"tanh_forward": tanh_forward, "tanh_backward": tanh_backward}
    reports = unpack(pack(run(asked, namespace)))
    assert well_formed(reports, len(asked["cases"]))[0]["written over"] == ["tanh_forward"]


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        (lambda x: np.clip(x, -1000, 500), "It never goes beyond 500. Is something clipped"),
        (lambda x: np.where(np.abs(x) < 1e-6, 0, x), "It is 0 where "),
        (lambda x: x + 1e-9, "Is something rounded, or taken for 0 below a threshold, or is an ε"),
    ],
)
def test_what_the_numbers_show_is_told(change, shown):
    def relu_forward(x):
        return change(np.maximum(x, 0)), x

    def relu_backward(dout, cache):
        return dout * (cache > 0)

    verdict = grade(
        "relu_forward", {"relu_forward": relu_forward, "relu_backward": relu_backward}
    )
    first, where = verdict.message.splitlines()
    assert shown in first and "is right with ordinary numbers" in first
    assert f"Off: {verdict.cases[0].name}, with very " in where


def test_of_arrays_of_several_shapes_nothing_more_is_told():
    ragged = [np.ones(2), np.ones(3)]
    assert findings._as_seen("large", [np.zeros(2), np.zeros(3)], ragged) == ""
    assert findings._as_seen("small", np.zeros(2), ragged) == ""


def test_right_code_passes():
    assert grade("affine_backward", backward(lambda dout: dout)).status == "passed"


def test_where_ordinary_numbers_are_wrong_nothing_is_said_of_others():
    verdict = grade("affine_backward", backward(lambda dout: np.clip(dout, -0.1, 0.1)))
    assert not any(name.startswith("growth:") for name in verdict.mistakes)


def test_only_fractions_are_multiplied():
    given = {"x": np.ones(2, np.float32), "n": 3, "labels": np.arange(2), "config": {"rate": 0.5}}
    powers = {"x": 1, "n": 1, "labels": 1, "config": 2}
    found = grown(given, powers, 4.0)
    assert found["x"].tolist() == [4, 4] and found["x"].dtype == np.float32
    assert found["n"] == 3 and found["labels"].tolist() == [0, 1] and found["config"]["rate"] == 8
    assert given["x"].tolist() == [1, 1]
    assert multiplied([1.0, (2.0, "a")], 2.0) == [2.0, (4.0, "a")]


def test_factors_round_nothing():
    assert all(np.log2(factor) == round(np.log2(factor)) for factor in FACTORS.values())


def test_what_grows_is_there():
    from autograder import exercises
    from autograder.judging.keys import answer_key

    exercises.listed()
    declared = [kind for kind in REGISTRY.values() if kind.growth]
    assert len(declared) > 50
    for kind in declared:
        inputs, powers = kind.growth
        cases = answer_key(kind, mistakes_later=True).cases
        assert set(inputs) <= set(cases[0].inputs), kind.name
        assert set(powers) <= set().union(*(case.right for case in cases)), kind.name
