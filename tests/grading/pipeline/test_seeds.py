"""With which numbers a submission's exercises are observed."""

from autograder.exercise import PRACTICE_SEED
from autograder.exercises import find
from autograder.grading.pipeline.checks import Asked, seeds_for
from autograder.judging.keys import program


def test_practice_is_observed_too_but_where_nets_are_trained():
    assert seeds_for(Asked("relu_forward", 7)) == (PRACTICE_SEED, 7)
    assert seeds_for(Asked("memorises_one_batch", 7)) == (7,)


def test_the_first_case_is_observed_again_but_where_nets_are_trained():
    assert not program(find("relu_forward"), 7)["once"]
    assert program(find("memorises_one_batch"), 7)["once"]
