"""The training loop: what it returns, that it repeats, that it leaves nothing behind."""

import contextlib
import math
import re
import types
import warnings

import numpy as np
import pytest
import torch
from torch import nn

from course_utils import devices, training
from course_utils.datasets import digits
from course_utils.training import Spread, evaluate, fit, quick, seeded, seeds


def _net(seed=0, dropout=0.0):
    with seeded(seed):
        return nn.Sequential(
            nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Dropout(dropout), nn.Linear(32, 10)
        )


@pytest.fixture(scope="module")
def data():
    return digits()


def test_digits_are_learned(data):
    history = fit(_net(), data.train, data.validation, epochs=15)
    assert history.validation_accuracy[-1] > 0.9
    assert history.train_loss[-1] < 0.3 * history.train_loss[0]
    assert history.epochs == len(history.validation_loss) == 15
    assert len(history.step_loss) == 15 * math.ceil(1077 / 64)
    assert history.seconds > 0 and history.stopped is None
    assert "validation accuracy 0.9" in str(history)


def test_the_same_seed_gives_the_same_run_with_dropout_and_augmentation(data):
    def run(seed):
        def jitter(x, generator):
            return x + 0.1 * torch.randn(x.shape, generator=generator)

        model = _net(dropout=0.3)
        return fit(model, data.train, epochs=2, seed=seed, augment=jitter).step_loss

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_global_random_state_is_left_as_it_was(data):
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()
    fit(_net(dropout=0.5), data.train, data.validation, epochs=1)
    assert torch.equal(torch_state, torch.get_rng_state())
    assert np.array_equal(numpy_state, np.random.get_state()[1])


def test_global_random_state_comes_back_after_an_error():
    before = torch.get_rng_state()
    with pytest.raises(RuntimeError), seeded(3):
        torch.rand(5)
        raise RuntimeError
    assert torch.equal(before, torch.get_rng_state())


def test_the_validation_is_measured_in_evaluation_mode_and_the_mode_restored(data):
    model = _net(dropout=0.9)
    model.eval()
    history = fit(model, data.train, data.validation, epochs=1)
    assert not model.training
    model.train()
    assert evaluate(model, data.validation)[0] == pytest.approx(history.validation_loss[-1])
    assert model.training


def test_the_mean_loss_is_over_examples_not_batches():
    x, y = torch.zeros(700, 2), torch.cat([torch.zeros(512), torch.ones(188)]).long()
    model = nn.Linear(2, 2)
    with torch.no_grad():
        model.bias.copy_(torch.tensor([2.0, 0.0]))
    loss, accuracy = evaluate(model, (x, y))
    assert loss == pytest.approx(nn.functional.cross_entropy(model(x), y).item())
    assert accuracy == pytest.approx(512 / 700)


def test_a_loss_that_is_not_finite_stops_with_a_sentence(data, capsys):
    def sgd(parameters):
        return torch.optim.SGD(parameters, lr=1e30)

    history = fit(_net(), data.train, data.validation, sgd, epochs=5)
    assert history.stopped in capsys.readouterr().out
    assert history.epochs == len(history.validation_loss) == len(history.train_accuracy) == 1
    assert not math.isfinite(history.step_loss[-1]) and not math.isfinite(history.train_loss[-1])
    assert re.search("(NaN|infinite) at step [23] .*learning rate", history.stopped)


def test_on_epoch_sees_the_history_and_can_end_training(data):
    seen = []

    def stop_at_two(history):
        seen.append(history.epochs)
        return history.epochs < 2

    assert fit(_net(), data.train, epochs=9, on_epoch=stop_at_two).epochs == 2
    assert seen == [1, 2]


def test_a_last_batch_of_one_is_left_out_for_batch_norm():
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    x, y = np.random.default_rng(0).normal(size=(9, 3)), np.arange(9) % 2
    history = fit(model, (x, y), epochs=1, batch_size=4)
    assert len(history.step_loss) == 2


def test_a_loss_of_ones_own_on_numbers_has_no_accuracy():
    x = np.linspace(-1, 1, 50)[:, None]
    with training.seeded(0):
        model = nn.Linear(1, 1)
    history = fit(model, (x, 2 * x), epochs=60, loss=nn.functional.mse_loss)
    assert history.train_loss[-1] < 0.05
    assert math.isnan(history.train_accuracy[-1])


@pytest.mark.parametrize(
    "train, said",
    [
        ((np.zeros((5, 64)), np.zeros(4)), r"x of shape \(5, 64\) and y of shape \(4,\)"),
        ((np.zeros((0, 64)), np.zeros(0)), "training data are empty"),
        ((np.zeros((5, 8, 8, 1), np.uint8), np.zeros(5)), "to_nchw"),
        (np.zeros((5, 64)), r"must be a pair \(x, y\)"),
    ],
)
def test_data_that_do_not_fit_are_one_sentence(train, said):
    with pytest.raises(ValueError, match=said):
        fit(_net(), train)


def test_a_model_without_parameters_is_refused(data):
    with pytest.raises(ValueError, match="no parameters"):
        fit(nn.ReLU(), data.train)


def test_a_short_run_shows_no_bar_and_nothing_reaches_standard_error(data, capfd):
    fit(_net(), data.train, epochs=1)
    out, err = capfd.readouterr()
    assert out == "" and err == ""


def test_a_long_run_shows_its_bar_on_standard_output(data, capfd, monkeypatch):
    import tqdm

    at_once = tqdm.tqdm.__init__
    monkeypatch.setattr(
        tqdm.tqdm, "__init__", lambda self, *a, **k: at_once(self, *a, **{**k, "delay": 0})
    )
    fit(_net(), data.train, epochs=2)
    out, err = capfd.readouterr()
    assert "training" in out and err == ""


def test_seeds_give_the_range_and_the_median():
    spread = seeds(lambda seed: [0.9, 0.7, 0.8][seed])
    assert (spread.low, spread.middle, spread.high) == (0.7, 0.8, 0.9)
    assert str(spread) == "0.8 (0.7 to 0.9 over 3 seeds)"


def test_seeds_of_curves_that_ended_early_range_over_what_is_there():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        spread = seeds(lambda seed: [3.0, 2.0, 1.0 + seed][: seed + 1], 2)
        assert spread.low.tolist() == [3.0, 2.0] and spread.middle.tolist() == [3.0, 2.0]
        never = Spread(np.full((2, 1), np.nan))
        assert np.isnan(never.low).all()


def test_seeds_of_a_dict_are_a_dict_of_spreads():
    spreads = seeds(lambda seed: {"loss": seed, "curve": [seed, seed]}, 2)
    assert spreads["loss"].high == 1.0 and spreads["curve"].high.tolist() == [1.0, 1.0]


def test_seeds_of_different_shapes_are_refused():
    with pytest.raises(ValueError, match="different shapes"):
        seeds(lambda seed: np.zeros((2, seed + 1)), 2)
    with pytest.raises(ValueError, match="at least one seed"):
        seeds(float, 0)


@pytest.mark.parametrize("value, expected", [("1", True), ("0", False), ("", False)])
def test_quick_follows_the_environment(monkeypatch, value, expected):
    monkeypatch.setenv("COURSE_QUICK", value)
    assert quick() is expected


def test_timing_leaves_the_warm_up_out_and_takes_the_median(monkeypatch):
    now, calls = [0.0], []
    durations = iter([50.0, 40.0, 1.0, 9.0, 2.0])

    def work():
        now[0] += next(durations)
        calls.append(1)

    monkeypatch.setattr(devices.time, "perf_counter", lambda: now[0])
    assert devices.timed(work, repeats=3, warmup=2) == 2.0
    assert len(calls) == 5


def test_timing_waits_for_the_device(monkeypatch):
    waited = []
    monkeypatch.setattr(devices, "synchronize", waited.append)
    devices.timed(lambda: None, device="cuda", repeats=2, warmup=1)
    assert waited == ["cuda"] * 4
    with pytest.raises(ValueError, match="at least one repeat"):
        devices.timed(lambda: None, repeats=0)


def test_the_device_is_announced(capsys, monkeypatch):
    monkeypatch.delenv("COURSE_DEVICE", raising=False)
    device = devices.announce("cpu")
    assert device == torch.device("cpu")
    assert "no GPU is used" in capsys.readouterr().out
    assert devices.best_device().type in ("cuda", "xpu", "mps", "cpu")


@pytest.mark.parametrize(
    ("there", "best"),
    [((), "cpu"), (("mps",), "mps"), (("xpu", "mps"), "xpu"), (("cuda", "xpu"), "cuda")],
)
def test_the_best_device_that_works_is_taken(monkeypatch, there, best):
    monkeypatch.delenv("COURSE_DEVICE", raising=False)
    for kind, module in (("cuda", torch.cuda), ("xpu", torch.xpu), ("mps", torch.backends.mps)):
        monkeypatch.setattr(module, "is_available", lambda kind=kind: kind in there)
    assert devices.best_device() == torch.device(best)


def test_the_environment_may_name_the_device(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setenv("COURSE_DEVICE", "cpu")
    assert devices.best_device() == torch.device("cpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for absent in ("cuda:1", "toaster", "hpu"):
        monkeypatch.setenv("COURSE_DEVICE", absent)
        with pytest.raises(ValueError, match=f"COURSE_DEVICE is '{absent}'.*Set it to cpu"):
            devices.best_device()


@pytest.mark.parametrize("kind", ["cuda", "xpu", "mps"])
def test_each_kind_of_device_is_seeded_waited_for_and_described(monkeypatch, kind):
    calls = []

    class Module:
        def __init__(self):
            self.state = torch.tensor([1])

        def get_rng_state(self, *device):
            return self.state

        def set_rng_state(self, state, *device):
            calls.append(("put back", *device))
            self.state = state

        @contextlib.contextmanager
        def device(self, device):
            calls.append(("on", device))
            yield

        def manual_seed(self, seed):
            self.state = torch.tensor([seed])

        def synchronize(self, *device):
            calls.append(("waited", *device))

        def get_device_properties(self, device):
            return types.SimpleNamespace(name="A card", total_memory=2**33)

    module, device = Module(), torch.device(kind)
    monkeypatch.setattr(torch, kind, module)
    with training.seeded(7, device):
        assert module.state == 7
    assert module.state == 1
    devices.synchronize(device)
    which = () if kind == "mps" else (device,)
    assert calls == [("on", *which)] * bool(which) + [("put back", *which), ("waited", *which)]
    words = "Apple GPU through Metal" if kind == "mps" else f"{kind.upper()} GPU A card, 8 GiB"
    assert words in devices.describe_device(device)


def test_training_runs_on_the_device_of_the_model(data):
    device = devices.best_device()
    if device.type == "cpu":
        pytest.skip("NOT RUN: no GPU here (tests/accelerator runs it on the stand-in)")
    state = getattr(torch, device.type).get_rng_state
    before = state()
    runs = [
        fit(_net(dropout=0.2).to(device), data.train, data.validation, epochs=2).step_loss
        for _ in range(2)
    ]
    assert runs[0] == pytest.approx(runs[1], rel=1e-4)
    assert torch.equal(before, state())


def test_diverged_is_told_apart():
    assert "NaN" in training._diverged(math.nan, 3, 0)
    assert "infinite" in training._diverged(math.inf, 3, 0)
