"""With which numbers a submission's exercises are observed."""

from autograder.exercise import PRACTICE_SEED
from autograder.exercises import find
from autograder.grading.pipeline.checks import Asked, Check, seeds_for, wanted_seeds
from autograder.judging.keys import program


def test_practice_is_observed_too_but_where_nets_are_trained():
    assert seeds_for(Asked("relu_forward", 7)) == (PRACTICE_SEED, 7)
    assert seeds_for(Asked("memorises_one_batch", 7)) == (7,)


def test_what_takes_seconds_is_observed_once_whoever_builds_on_it():
    checks = {
        name: Check(asked=[Asked(name, seed)])
        for name, seed in {"build": 3, "hand_in": 4, "my_guess": 5}.items()
    }
    assert set(wanted_seeds(checks)) == {("build", 3), ("hand_in", 4), ("my_guess", 5)}
    del checks["build"]  # a notebook that does not check it
    expected = {("build", 4), ("build", 5), ("hand_in", 4), ("my_guess", 5)}
    assert set(wanted_seeds(checks)) == expected


def test_what_is_fast_is_observed_with_the_numbers_of_whoever_builds_on_it():
    checks = {
        name: Check(asked=[Asked(name, seed)])
        for name, seed in {"relu_forward": 7, "relu_backward": 8}.items()
    }
    seeds = {seed for name, seed in wanted_seeds(checks) if name == "relu_forward"}
    assert seeds == {PRACTICE_SEED, 7, 8}


def test_the_first_case_is_observed_again_but_where_nets_are_trained():
    assert not program(find("relu_forward"), 7)["once"]
    assert program(find("memorises_one_batch"), 7)["once"]
