"""The explorer of notebook 01: the errors it shows and what it says."""

import numpy as np
import pytest

from course_utils.explorers import gradients


@pytest.mark.parametrize("name", gradients.FUNCTIONS)
def test_slope_is_the_derivative_of_the_function(name):
    assert gradients.relative_error(name, 0.7, 1e-5, "float64", centred=True) < 1e-7


@pytest.mark.parametrize(("centred", "order"), [(True, 2), (False, 1)])
def test_the_right_arm_falls_with_the_order_of_the_formula(centred, order):
    large, small = gradients.relative_error("x³", 1.0, [1e-2, 1e-3], "float64", centred)
    assert large / small == pytest.approx(10**order, rel=0.02)


def test_a_step_that_rounds_away_misses_the_whole_slope():
    assert gradients.relative_error("x³", 1.0, 1e-9, "float32", centred=True) == 1


def test_float32_is_never_as_good_as_float64():
    steps = np.logspace(-8, -1, 50)
    single, double = (
        gradients.relative_error("exp(sin x)", 1.0, steps, kind, centred=True)
        for kind in ("float32", "float64")
    )
    assert np.median(single) > 1e3 * np.median(double)


def test_the_sentence_follows_the_sliders():
    explorer = gradients.gradient_check_explorer()
    explorer.widget()
    explorer.set(function="ReLU", x=0.02, h=0.1)
    assert "ReLU at x = 0.02 in float64: with h = 0.1" in explorer.sentence
    assert "off by 0.4 of the slope" in explorer.sentence
