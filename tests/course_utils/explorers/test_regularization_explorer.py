"""The explorer of notebook 05: what it trains, measures and says."""

import numpy as np
import pytest
import torch

from course_utils.explorers import regularization
from course_utils.explorers.regularization import measure, problem, weights


@pytest.fixture(scope="module")
def data():
    return problem()


@pytest.mark.parametrize("method, lam", [("L2", 1e-3), ("L2", 0.1), ("L1", 3e-3), ("L1", 0.03)])
def test_trained_weights_cannot_be_improved_upon(data, method, lam):
    """No step away from them lowers the cost, by an oracle in torch."""
    w = torch.tensor(weights(data, method, lam, 0.0))
    phi, y = torch.tensor(data.features(data.x)), torch.tensor(data.y)

    def cost(w):
        price = 0.5 * (w[:-1] ** 2).sum() if method == "L2" else w[:-1].abs().sum()
        nats = torch.nn.functional.binary_cross_entropy_with_logits(phi @ w, y)
        return float(nats + lam * price)

    rng = torch.Generator().manual_seed(0)
    for _ in range(50):
        step = torch.randn(len(w), generator=rng, dtype=torch.float64)
        assert cost(w + 0.01 * step) > cost(w) - 1e-6


def test_l1_makes_zeros_and_l2_does_not(data):
    assert measure(data, weights(data, "L1", 0.01, 0.0))["zero"] > 40
    assert measure(data, weights(data, "L2", 0.01, 0.0))["zero"] == 0


def test_nothing_dropped_is_the_least_penalty_alone(data):
    plain = weights(data, "L2", 1e-4, 0.0)
    np.testing.assert_allclose(weights(data, "dropout", 1.0, 0.0), plain, rtol=1e-2, atol=1e-2)


def test_a_stronger_penalty_learns_fewer_wrong_labels_and_the_sentence_says_so():
    explorer = regularization.regularization_explorer()
    explorer.widget()
    explorer.set(method="L2", lam=1e-4)
    assert "5 of the 6 wrong ones" in explorer.sentence
    explorer.set(lam=0.03)
    assert "2 of the 6 wrong ones" in explorer.sentence
