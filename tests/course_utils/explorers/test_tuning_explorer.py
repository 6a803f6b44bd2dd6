"""The explorer of notebook 08: the net that it trains, and what it says of it."""

import numpy as np
import pytest
import torch

from course_utils.explorers import tuning


@pytest.fixture(autouse=True)
def short_runs(monkeypatch):
    monkeypatch.setattr(tuning, "UPDATES", 60)
    tuning.run.cache_clear()
    yield
    tuning.run.cache_clear()


def test_first_loss_is_that_of_the_same_net_in_torch():
    history = tuning.run(-1.0, 7, 200, 0.0, seed=3)
    rng = np.random.default_rng(3)
    first = torch.tensor(rng.normal(size=(64, 7)) * np.sqrt(2 / 64))
    second = torch.tensor(rng.normal(size=(7, 10)) * np.sqrt(2 / 7))
    rows = rng.integers(0, 200, tuning.BATCH)
    data = tuning._digits()
    x, y = torch.tensor(data.train_x[rows]).double(), torch.tensor(data.train_y[rows])
    scores = torch.relu(x @ first) @ second
    expected = float(torch.nn.functional.cross_entropy(scores, y))
    assert history["loss"][0] == pytest.approx(expected, rel=1e-5)  # trained in single precision


def test_a_run_has_one_loss_an_update_and_twelve_accuracies():
    history = tuning.run(-0.5, 20, 400, 1e-4)
    assert len(history["loss"]) == 60
    assert len(history["train_accuracy"]) == len(history["val_accuracy"]) == tuning.EPOCHS
    assert np.mean(history["loss"][-10:]) < np.mean(history["loss"][:10])


def test_a_rate_that_is_too_high_and_diagnose_are_in_the_sentence():
    explorer = tuning.tuning_explorer(lambda history: f"{len(history['loss'])} losses")
    explorer.widget()
    explorer.set(log_rate=2.0)
    assert "Learning rate 1e+02" in explorer.sentence
    assert explorer.sentence.endswith("Your diagnose says: 60 losses.")
