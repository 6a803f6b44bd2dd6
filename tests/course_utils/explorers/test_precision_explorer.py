"""The explorer of notebook 13: its grid, its sums, and what it says of them."""

import numpy as np
import pytest
import torch

from course_utils.explorers import precision


@pytest.mark.parametrize(("integer_bits", "fraction_bits"), [(1, 0), (3, 4), (2, 7)])
def test_rounding_to_the_nearest_is_that_of_torch(integer_bits, fraction_bits):
    x = np.random.default_rng(0).normal(size=200) * 2.0 ** (integer_bits - 1)
    x[:4] = np.array([-1.5, -0.5, 0.5, 1.5]) / 2.0**fraction_bits
    limit = 2 ** (integer_bits + fraction_bits - 1)
    right = torch.fake_quantize_per_tensor_affine(
        torch.tensor(x), 2.0**-fraction_bits, 0, -limit, limit - 1
    )
    assert np.array_equal(precision.onto_grid(x, integer_bits, fraction_bits), right.numpy())


def test_rounding_by_chance_has_the_right_mean_below_0_too():
    x, draws = np.array([-0.8, -0.1, 0.3]), np.random.default_rng(1).random((20_000, 3))
    out = precision.onto_grid(np.broadcast_to(x, draws.shape), 2, 0, draws)
    assert set(np.unique(out)) == {-1.0, 0.0, 1.0}
    assert out.mean(0) == pytest.approx(x, abs=6 * 0.5 / np.sqrt(20_000))


def test_small_updates_are_lost_to_the_nearest_and_kept_by_chance():
    nearest, chance = (precision.sums(0.1 / 16, 4, 4, by_chance) for by_chance in (False, True))
    exact = 0.1 / 16 * precision.UPDATES
    assert not nearest.any()
    assert chance[-1] == pytest.approx(exact, abs=6 * np.sqrt(200 * 0.1 * 0.9) / 16)


def test_the_end_of_the_range_is_in_the_sentence():
    explorer = precision.precision_explorer()
    explorer.widget()
    assert "the end of the range" not in explorer.sentence
    explorer.set(integer_bits=1, share=0.6)
    assert explorer.sentence.endswith("(the end of the range).")
