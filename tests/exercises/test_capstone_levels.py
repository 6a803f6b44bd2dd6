"""The capstone's levels against what recipes reached (data/results/capstone.json)."""

import numpy as np
import pytest

from autograder.exercises.capstone.levels import FULL, NOTHING
from course_utils import capstone
from course_utils.results import stored

PROCESSORS = stored("capstone")["processors"]


def runs(recipe):
    """Every stored run of a recipe, on whichever processor."""
    return [run for here in PROCESSORS.values() for run in here.get(recipe, {}).get("runs", ())]


def accuracies(recipe):
    return [run["accuracy"] for run in runs(recipe)]


def test_the_reference_was_asked_under_five_seeds():
    asked = [{run["seed"] for run in here["reference"]["runs"]} for here in PROCESSORS.values()
             if "reference" in here]  # fmt: skip
    assert {0, 1, 2, 3, 4} in asked


def test_the_reference_recipe_earns_all_points_in_its_worst_run():
    assert min(accuracies("reference")) >= FULL >= 0.80


def test_a_plain_recipe_is_far_below():
    assert max(accuracies("plain")) <= min(accuracies("reference")) - 0.10
    assert max(accuracies("plain")) < FULL and np.mean(accuracies("plain")) > NOTHING


def test_a_strong_recipe_is_above_on_the_same_processor_with_the_same_seeds():
    better = [
        run["accuracy"] - plainer["accuracy"]
        for here in PROCESSORS.values()
        for run, plainer in zip(
            *(here.get(recipe, {}).get("runs", ()) for recipe in ("strong", "reference")),
            strict=False,
        )
    ]
    assert len(better) >= 3 and np.mean(better) >= 0.05


@pytest.mark.parametrize("recipe", ["plain", "reference", "strong"])
def test_every_run_kept_within_its_budget(recipe):
    for run in runs(recipe):
        budget = capstone.variant(run["variant"]).budget
        assert run["corner"] == capstone.variant(run["variant"]).corner
        assert all(run[what] <= budget[what] for what in ("parameters", "multiply_adds", "bytes"))
