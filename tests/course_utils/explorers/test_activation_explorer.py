"""The explorer of notebook 02: what it measures and what it says."""

import numpy as np
import pytest
import torch

from course_utils.explorers import activations


@pytest.mark.parametrize("name", activations.ACTIVATIONS)
def test_slope_is_the_derivative_of_the_function(name):
    function, derivative, steepest = activations.ACTIVATIONS[name]
    z = np.linspace(-4, 4, 401) + 0.003  # beside the kinks
    centred = (function(z + 1e-6) - function(z - 1e-6)) / 2e-6
    np.testing.assert_allclose(derivative(z), centred, atol=1e-6)
    assert np.abs(derivative(np.linspace(-4, 4, 4001))).max() == pytest.approx(steepest, rel=2e-3)


def test_pre_activations_have_the_mean_and_scale_that_the_sliders_say():
    z = activations.pre_activations(-1.5, 3.0)
    assert z.mean() == pytest.approx(-1.5)
    assert z.std() == pytest.approx(3.0)


def test_dead_units_are_counted_over_all_examples():
    z = torch.linspace(-3, -1, 12).reshape(4, 3).numpy().copy()
    z[2, 1] = 0.5
    seen = activations.measure("ReLU", z)
    assert seen["dead"] == pytest.approx(2 / 3)
    assert seen["saturated"] == pytest.approx(11 / 12)


def test_moving_the_mean_down_kills_units_and_the_sentence_says_so():
    explorer = activations.activation_explorer()
    explorer.widget()
    explorer.set(activation="ReLU", mean=-6.0)
    assert "100% of the units are so whatever the input is, for all 400" in explorer.sentence
    explorer.set(mean=3.0)
    assert "0% of the units" in explorer.sentence
