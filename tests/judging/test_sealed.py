"""Inputs that stay with the judge, and numbers that earn points on the way to a level."""

import numpy as np
import pytest
from odd_scale import learner

from autograder import grade
from autograder.exercise import Case, Exercise, reaching
from autograder.grading.classroom import source
from autograder.judging.judge import judge
from autograder.judging.keys import answer_key, program
from autograder.judging.keys_as_data import from_data, to_data


class odd_guess(Exercise):
    """Which of the rows have a positive sum."""

    signature = "odd_guess(x)"
    kept_back = ("labels",)
    reads = {"right": "your share of right answers"}

    def cases(self, rng):
        x = rng.normal(size=(100, 3))
        yield Case("rows", 4, x=x, labels=x.sum(1) > 0)

    def observe(self, code, x):
        return {"guess": code.odd_guess(x)}

    def read(self, seen, x, labels):
        return {"right": float(np.mean(seen["guess"] == labels))}

    def reference(self, x, labels):
        return {"right": reaching(0.9, nothing_at=0.5)}


class odd_price(Exercise):
    """A number that is better where it is smaller."""

    signature = "odd_price()"

    def cases(self, rng):
        yield Case("a price", 2)

    def observe(self, code):
        return {"price": code.odd_price()}

    def reference(self):
        return {"price": reaching(0.1, nothing_at=0.5)}


def test_what_is_kept_back_does_not_cross():
    (case,) = program(odd_guess)["cases"]
    assert set(case["inputs"]) == {"x"}
    assert set(answer_key(odd_guess).cases[0].inputs) == {"x", "labels"}


def test_a_number_beyond_the_level_earns_all_and_no_more():
    verdict = grade("odd_guess", learner("def odd_guess(x): return x.sum(1) > 0"))
    assert (verdict.status, verdict.points) == ("passed", 4)


def test_a_number_on_its_way_earns_its_share():
    code = "def odd_guess(x):\n    guess = x.sum(1) > 0\n    guess[:30] ^= True\n    return guess"
    verdict = grade("odd_guess", learner(code))
    assert verdict.status == "failed"
    assert verdict.points == pytest.approx(4 * (0.7 - 0.5) / 0.4)
    assert "your share of right answers is 0.7; at least 0.9 earns all points" in verdict.message


@pytest.mark.parametrize(
    ("price", "points"), [("0.05", 2), ("0.1", 2), ("0.3", 1), ("0.6", 0), ("float('nan')", 0)]
)
def test_a_level_may_lie_below(price, points):
    verdict = grade("odd_price", learner(f"def odd_price(): return {price}"))
    assert verdict.points == pytest.approx(points)


def test_no_share_where_something_else_is_off_too():
    key = answer_key(odd_price)
    verdict = judge(key, [{"seen": {"price": 0.3}, "random": ["np.random"]}])
    assert verdict.points == 0


def test_a_key_keeps_its_levels_on_its_way_to_a_kit():
    verdict = judge(from_data(to_data(answer_key(odd_price))), [{"seen": {"price": 0.3}}])
    assert verdict.points == pytest.approx(1)


def test_a_class_draws_a_long_seed_for_what_is_sealed():
    seeds = {source.drawn_seed(odd_guess) for _ in range(50)}
    assert len(seeds) == 50 and all(10**38 <= seed < 2**128 for seed in seeds)
    assert source.drawn_seed(odd_price) < 2**31
    line = f'check("odd_guess", seed={seeds.pop()})'
    assert source.SEED.fullmatch(line)
