"""Notebook 04: what its explorer measures and says, and the recipes that its exercises use."""

import numpy as np
import pytest
import torch

from course_utils.explorers import initialization
from course_utils.recipes.instruments.generators import Counting
from course_utils.recipes.nets import BETWEEN, chain


def test_linear_layers_at_scale_one_keep_the_mean_square():
    (first, *_) = initialization.layers("linear", 1.0, 1)
    assert first.shape == (initialization.EXAMPLES, initialization.WIDTH)
    assert np.mean(first**2) == pytest.approx(1, rel=0.05)


def test_relu_needs_the_root_of_two():
    last = initialization.layers("ReLU", 2**0.5, 10)[-1]
    assert np.mean(last**2) == pytest.approx(1, rel=0.5)
    assert np.mean(initialization.layers("ReLU", 1.0, 10)[-1] ** 2) < 2**-9


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"activation": "tanh", "scale": 0.1}, "the signal has faded."),
        ({"activation": "tanh", "scale": 5.0}, "of the outputs are saturated."),
        ({"activation": "ReLU", "scale": 8.0}, "it has exploded."),
        ({"activation": "ReLU", "scale": 1.4125}, "(about He's)"),
        ({"activation": "linear", "scale": 1.0, "depth": 1}, "at layer 1; it is still there."),
    ],
)
def test_the_sentence_says_what_has_become_of_the_signal(values, words):
    explorer = initialization.initialization_explorer()
    explorer.widget()
    explorer.set(**values)
    assert words in explorer.sentence


@pytest.mark.parametrize("draw", ["standard_normal", "normal", "uniform", "random"])
def test_a_counting_generator_counts_and_draws_what_numpy_draws(draw):
    counting, usual = Counting(3), np.random.default_rng(3)
    np.testing.assert_array_equal(
        getattr(counting, draw)(size=(4, 5)), getattr(usual, draw)(size=(4, 5))
    )
    assert counting.drawn == 20
    getattr(counting, draw)()
    assert counting.drawn == 21


@pytest.mark.parametrize("activation", BETWEEN)
def test_a_chain_has_the_given_weights_and_draws_nothing(activation):
    weights, biases = [np.eye(3), 2 * np.ones((2, 3))], [np.ones(3), np.zeros(2)]
    before = torch.get_rng_state()
    net = chain(weights, biases, activation)
    assert torch.equal(torch.get_rng_state(), before)
    x = torch.zeros(4, 3, dtype=torch.float64)
    middle = BETWEEN[activation]()(torch.ones(1, dtype=torch.float64))
    assert torch.allclose(net(x), 6 * middle.expand(4, 2))
