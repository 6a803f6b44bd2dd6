"""Two things at once in one value: what fits is named as likely, and what fits by chance is not."""

import numpy as np
import pytest
from small_keys import key, verdict

from autograder.judging import combining

RNG = np.random.default_rng(1)
ONE, TWO = ("one", "out"), ("two", "out")
RIGHT = {ONE: RNG.normal(size=(3, 4)), TWO: RNG.normal(size=(2, 5))}
# Mistakes as exercises have them: a factor for each column, a shift of the first row.
TIMES = {cell: value * np.linspace(1.3, 2.7, value.shape[1]) for cell, value in RIGHT.items()}
SHIFT = {cell: value + np.eye(*value.shape)[:, :1] * 0.37 for cell, value in RIGHT.items()}
BOTH = key(RIGHT, {"times": TIMES, "shift": SHIFT})


def likely(found) -> str:
    return "".join(line for line in found.message.splitlines() if line.startswith("Likely: "))


@pytest.mark.parametrize(
    "joined",
    [
        {cell: TIMES[cell] + SHIFT[cell] - value for cell, value in RIGHT.items()},
        {cell: TIMES[cell] * SHIFT[cell] / value for cell, value in RIGHT.items()},
    ],
    ids=["added", "multiplied"],
)
def test_two_mistakes_that_meet_in_all_cells_are_both_named(joined):
    found = verdict(BOTH, joined)
    assert set(found.mistakes) == {"times", "shift"} and found.status == "failed"
    assert likely(found).startswith("Likely: two things at once. ")
    assert "This is times." in likely(found) and "This is shift." in likely(found)
    assert "Likely" not in "".join(found.details), "it is said once"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda value: -value, "the wrong sign"),
        (lambda value: value.T, "transposed"),
        (lambda value: value * 3, "3 times the right one"),
        (lambda value: value[..., None], "an axis of length 1 too many"),
        (lambda value: value.astype(np.float32), ""),
    ],
)
def test_a_mistake_beside_a_plain_relation(change, said):
    found = verdict(BOTH, {cell: change(value) for cell, value in TIMES.items()})
    assert found.mistakes[0] == "times" and "This is times." in found.message
    assert said in found.message
    if said:
        assert "Likely: two things at once. This is times. Apart from that: Your" in found.message


def test_what_shows_in_one_case_alone_is_named_for_that_case():
    found = verdict(BOTH, {TWO: TIMES[TWO]})
    assert found.mistakes == ["times"]
    assert likely(found) == (
        "Likely: in the case 'two', and not in the others: This is times."
    )


def test_what_shows_at_some_places_is_named_for_those():
    mixed = {cell: np.where(np.arange(len(value))[:, None] == 1, value, TIMES[cell])
             for cell, value in RIGHT.items()}  # fmt: skip
    found = verdict(BOTH, mixed)
    assert found.mistakes == ["times"]
    assert likely(found) == "Likely: at some places only: This is times."


def test_other_numbers_have_no_name():
    other = {cell: np.cos(value) * 1.7 + 0.01 for cell, value in RIGHT.items()}
    assert verdict(BOTH, other).mistakes == []


def test_plain_numbers_are_no_evidence():
    right = {("one", "out"): np.array([1.0, 2.0, 4.0])}
    a, b = {("one", "out"): np.array([2.0, 4.0, 8.0])}, {("one", "out"): np.array([2.0, 3.0, 5.0])}
    made = key(right, {"twice": a, "one_more": b})
    shown = {("one", "out"): np.array([3.0, 5.0, 9.0])}  # added, as it happens
    assert "twice" not in verdict(made, shown).mistakes


@pytest.mark.parametrize("hint", ["The rest is right, this is off.", "So it is, whatever comes."])
def test_a_sentence_on_all_the_rest_is_not_said_of_one_case(hint):
    made = key(RIGHT, {"times": TIMES}, hints={"times": hint})
    assert verdict(made, {TWO: TIMES[TWO]}).mistakes == []


def test_nothing_is_said_twice_of_what_one_name_explains():
    found = verdict(BOTH, TIMES)
    assert found.mistakes == ["times"] and "two things" not in found.message


def test_a_value_of_the_right_shape_has_no_axis_too_many():
    """Not even where its largest values are those of a mistake that has an axis too few."""
    lower = {cell: value - RNG.uniform(0.1, 0.9, value.shape) for cell, value in RIGHT.items()}
    mine = {
        cell: np.where(value == value.max(1, keepdims=True), value, lower[cell])
        for cell, value in RIGHT.items()
    }
    largest = {cell: value.max(1) for cell, value in RIGHT.items()}
    found = verdict(key(RIGHT, {"largest": largest}), mine)
    assert found.status == "failed" and not found.mistakes
    assert "axis" not in found.message


def test_a_list_of_arrays_of_several_shapes_weighs_nothing():
    several = [np.ones(2), np.ones(3)]
    assert combining._weight([(several, several), (1.0, 7.12345)]) == 1
