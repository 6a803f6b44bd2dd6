"""A table of practice answers that would pass is found, and one that would not is left alone."""

import numpy as np

from autograder.authoring.verify.playback import distance, points, table_wins
from autograder.exercise import Case, Exercise
from autograder.judging.keys import answer_key


class drawn(Exercise):
    """Numbers that are others for every seed."""

    signature = "odd_total(x)"

    def cases(self, rng):
        for number in range(3):
            yield Case(f"case {number}", 1, x=rng.normal(size=4))

    def observe(self, code, x):
        return {"total": code.odd_total(x)}

    def reference(self, x):
        return {"total": float(x.sum())}


class same_words(drawn):
    """A word a case, the same for every seed."""

    def cases(self, rng):
        yield Case("flat", 1, x=np.zeros(4) + rng.normal() / 100)
        yield Case("steep", 1, x=np.arange(4) + rng.normal() / 100)
        yield Case("also steep", 1, x=-np.arange(4) + rng.normal() / 100)

    def reference(self, x):
        return {"total": "steep" if abs(x[-1] - x[0]) > 1 else "flat"}


def test_numbers_that_are_drawn_cannot_be_looked_up():
    assert table_wins(drawn) == ""


def test_words_by_name_can_and_it_is_said_how():
    said = table_wins(same_words)
    assert "played back by name, earn 3 of 3 points" in said and "guessing earns 2" in said


def test_the_nearest_inputs_are_those_of_the_same_form():
    known = {"x": np.zeros(4), "mode": "train"}
    assert distance(known, {"x": np.ones(4), "mode": "train"}) < distance(
        known, {"x": np.zeros(4), "mode": "test"}
    )
    assert distance(known, {"x": np.zeros(5), "mode": "train"}) > 10


def test_a_table_of_dead_units_hits_by_chance_only():
    """Its shares are drawn from so many that a practice answer is seldom right again."""
    from autograder.exercises import find

    kind, seeds = find("dead_fraction"), range(100, 130)
    practice = answer_key(kind)
    earned = [points(kind, answer_key(kind, seed), practice.cases) for seed in seeds]
    # "all alive" is 0 for everybody; the four others may come again once in a while.
    assert np.mean(earned) < 1 + 4 * 0.12
