"""What notebooks import, on the stand-in: training, transfer, devices, loaders. And time: what is
not waited for is not measured."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from standin import queue
from torch import nn

from autograder.authoring.build import masters
from course_utils import datasets, devices, shipped, training, transfer
from course_utils.recipes import loading

D = torch.device("standin")


@pytest.fixture(scope="module")
def notebook():
    """What the solved notebooks 12 and 15 hold."""
    return {n: masters.namespace(masters.load(n)) for n in ("12_gpu", "15_transfer")}


@pytest.fixture(scope="module")
def data():
    return datasets.digits()


def small_net(dropout: float = 0.0) -> nn.Module:
    with training.seeded(0):
        return nn.Sequential(
            nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            nn.Dropout(dropout), nn.Linear(72, 10),
        )  # fmt: skip


def states() -> list[torch.Tensor]:
    return [torch.get_rng_state(), torch.standin.get_rng_state()]


# Devices.


def test_the_course_finds_the_device(capsys):
    assert devices.best_device() == D == loading.working_device()
    assert devices.announce() == D
    assert "the device that torch calls standin" in capsys.readouterr().out


def test_waiting_for_the_device_waits():
    a = torch.ones(200, 200, device=D)
    a @ a
    assert queue.busy()
    devices.synchronize(D)
    assert not queue.busy()


# Training.


def test_training_gives_what_it_gives_on_the_cpu(data):
    def run(device):
        model = small_net().to(device)
        history = training.fit(model, data.train, data.validation, epochs=1, progress=False)
        return history, training.evaluate(model, data.test)

    (there, tested_there), (here, tested) = run(D), run("cpu")
    assert there.step_loss == pytest.approx(here.step_loss, rel=1e-3, abs=1e-5)
    assert there.validation_loss == pytest.approx(here.validation_loss, rel=1e-3)
    assert tested_there == pytest.approx(tested, rel=1e-3)


def test_dropout_on_the_device_is_seeded_and_its_state_put_back(data):
    before = states()

    def run():
        return training.fit(small_net(0.5).to(D), data.validation, epochs=1, progress=False)

    first = run()
    torch.randn(3, device=D)  # whoever draws between
    torch.standin.set_rng_state(before[1])
    assert run().step_loss == first.step_loss
    assert all(map(torch.equal, states(), before))


def test_counted_updates_are_seeded_on_the_device_too():
    x, y = torch.rand(64, 1, 8, 8), torch.arange(64) % 10
    before = states()

    def run():
        model = small_net(0.5).to(D)
        groups = [{"params": model.parameters(), "lr": 1e-3}]
        transfer.fit_steps(model, groups, (x, y), steps=5)
        return [p.tolist() for p in model.parameters()]

    first = run()
    assert all(map(torch.equal, states(), before))
    torch.randn(3, device=D)
    assert run() == first


# Loading.


def test_batches_come_to_the_device_in_their_order(notebook):
    loader = notebook["12_gpu"]["PrefetchLoader"](loading.TensorBatches(20), D, ahead=3)
    taken = list(loader)
    assert all(tensor.device.type == "standin" for batch in taken for tensor in batch)
    assert [x.tolist() for x, _ in taken] == [[i, 10 * i] for i in range(20)]


# Transfer.


def test_layers_are_replaced_and_looked_at_on_the_device(notebook):
    known = notebook["15_transfer"]
    net = shipped.trained_source_shapes_net()
    x, y = transfer.held_out_shapes(per_class=2)
    there = copy.deepcopy(net).to(D)
    features = known["extract_features"](there, "flatten", [(x[:8], y[:8]), (x[8:], y[8:])], D)
    right = known["extract_features"](net, "flatten", [(x, y)], "cpu")
    torch.testing.assert_close(features[0], right[0], rtol=1e-4, atol=1e-5)
    assert features[0].device.type == "cpu" and torch.equal(features[1], right[1])
    seen = known["get_activation"](there, "flatten", x.to(D))
    assert seen.device.type == "standin"

    known["freeze_and_replace"](there, 8)
    new = [p for p in there.parameters() if p.requires_grad]
    assert {p.device.type for p in there.parameters()} == {"standin"} and len(new) == 2
    frozen = [p.detach().clone() for p in there.parameters() if not p.requires_grad]
    transfer.fit_steps(there, [{"params": new, "lr": 1e-2}], (x, y), steps=3, batch_size=8)
    after = [p for p in there.parameters() if not p.requires_grad]
    assert all(map(torch.equal, frozen, after))
    assert {p.device.type for p in there.parameters()} == {"standin"}


# Time.


def measured(notebook, sync) -> float:
    """What notebook 12's `benchmark` finds for a product of matrices, on the device's clock."""
    a = torch.ones(400, 400, device=D)
    torch.standin.synchronize()
    benchmark = notebook["12_gpu"]["benchmark"]
    with queue.CLOCK.installed(benchmark, devices.timed):
        return benchmark(lambda: a @ a, sync, 5)


PRODUCT = 2 * 400**3 * queue.PER_PRODUCT + 3 * 4 * 400**2 * queue.PER_BYTE + queue.PER_OPERATOR


def test_time_that_is_not_waited_for_is_not_measured(notebook):
    waited = measured(notebook, torch.standin.synchronize)
    assert waited == pytest.approx(PRODUCT + queue.LAUNCH_SECONDS, rel=1e-6)
    assert measured(notebook, lambda: None) == pytest.approx(queue.LAUNCH_SECONDS, rel=1e-6)
    assert measured(notebook, lambda: devices.synchronize(D)) == pytest.approx(waited, rel=1e-6)


def test_the_courses_stopwatch_waits():
    a = torch.ones(400, 400, device=D)
    with queue.CLOCK.installed(devices.timed):
        seconds = devices.timed(lambda: a @ a, D, repeats=3)
        forgotten = devices.timed(lambda: a @ a, "cpu", repeats=3)
    assert seconds == pytest.approx(PRODUCT + queue.LAUNCH_SECONDS, rel=1e-6)
    assert forgotten == pytest.approx(queue.LAUNCH_SECONDS, rel=1e-6)


def test_a_value_that_is_asked_for_is_waited_for():
    a = torch.ones(400, 400, device=D)
    for ask in (torch.Tensor.item, float, bool):
        total = (a @ a).sum()
        assert queue.busy()
        ask(total)
        assert not queue.busy()
    assert np.isfinite(float(total))
