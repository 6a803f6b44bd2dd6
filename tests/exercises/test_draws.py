"""What is drawn until it serves: a few draws do, whatever the seed."""

import pytest

from autograder.exercises import find
from autograder.exercises.tuning.sanity_oracle import first_all_right, memorise
from autograder.judging.keys import build_cases


@pytest.mark.parametrize("seed", range(12))
def test_every_seed_has_a_net_that_is_right_on_the_way_and_wrong_at_last(seed):
    cases = build_cases(find("sanity_checks")(), seed)
    (inputs,) = [c.inputs for c in cases if c.name == "right on the way, wrong at last"]
    assert first_all_right(**inputs) and memorise(**inputs | {"reg": 0.0})[1] < 1
