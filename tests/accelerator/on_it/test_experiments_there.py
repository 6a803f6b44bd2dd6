"""The experiments of the notebooks that ask for a device, solved and in small, on the stand-in:
they run, and what they find is what they find on the CPU."""

from __future__ import annotations

import contextlib
import io
import types

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from standin import queue

from autograder.authoring.build import masters
from autograder.exercise import oracle_on
from course_utils import datasets, devices, training
from course_utils.vision import import_torchvision

# By notebook: what is found on both devices alike, by the name that the notebook gives it.
ALIKE = {
    "01_gradients": ("double", "single"),
    "02_activations": (),
    "09_architectures": ("accuracy",),
    "12_gpu": (),
    "13_precision": (),
}
# Of these one cell asks for it, which is run by a test of its own.
ONE_CELL = ("15_transfer",)


def asks(master: masters.Master) -> bool:
    """Whether a notebook takes the best device, or says that a GPU may be put in."""
    cells = [cell.source for cell in master.cells if cell.kind == "code"]
    return any("devices.best_device()" in source or "devices.announce()" in source
               or "# with a GPU, name it here" in source for source in cells)  # fmt: skip


def run(master: masters.Master, monkeypatch) -> tuple[dict, str]:
    """What a notebook leaves when its cells are run from top to bottom, and what it prints."""
    monkeypatch.setenv("COURSE_QUICK", "1")
    namespace, printed = {"__name__": "__main__"}, io.StringIO()
    threads = torch.get_num_threads()
    try:
        with contextlib.redirect_stdout(printed):
            for cell in master.cells:
                if cell.kind == "code":
                    # As who puts a GPU in: `announce` then takes the device that there is.
                    source = cell.source.replace('devices.announce("cpu")', "devices.announce()")
                    masters.run(source, namespace, f"{master.name}: {cell.id}")
    finally:
        torch.set_num_threads(threads)
        import matplotlib.pyplot as plt

        plt.close("all")
    return namespace, printed.getvalue()


def numbers(found) -> list[float]:
    """All numbers in a result but the times."""
    if isinstance(found, dict):
        return [n for value in found.values() for n in numbers(value)]
    if isinstance(found, (list, tuple)):
        timed = isinstance(found, tuple) and len(found) == 2 and isinstance(found[0], float)
        return [n for value in found[timed:] for n in numbers(value)]
    return np.asarray(found, float).ravel().tolist()


def test_all_notebooks_that_ask_for_a_device_are_run():
    asking = {p.stem for p in masters.masters() if asks(masters.load(p))}
    assert asking == {*ALIKE, *ONE_CELL}


@pytest.mark.parametrize("notebook", ALIKE)
def test_experiments_run_there_and_find_what_the_cpu_finds(notebook, monkeypatch):
    master = masters.load(notebook)
    there, printed = run(master, monkeypatch)
    assert "the device that torch calls standin" in printed
    if notebook == "01_gradients":
        times_are_waited_for(there, monkeypatch)
    if notebook == "02_activations":
        assert {there["tensor"].device.type, there["matrix"].device.type} == {"standin"}
    if not ALIKE[notebook]:
        return
    with oracle_on("cpu"):
        here, printed = run(master, monkeypatch)
    assert "no GPU is used" in printed
    for name in ALIKE[notebook]:
        assert numbers(there[name]) == pytest.approx(numbers(here[name]), rel=2e-2), name


def times_are_waited_for(there, monkeypatch):
    """Notebook 01 reads its clock when the device has done what it was given."""
    busy = []
    wait = devices.synchronize

    def watched(device):
        busy.append(queue.busy())
        wait(device)

    monkeypatch.setattr(devices, "synchronize", watched)
    there["train_all"](0, "float32")
    monkeypatch.setattr(devices, "synchronize", wait)
    assert len(busy) == len(there["ways"]) and sum(busy) == len(busy) - 1  # numpy has no queue


class SmallResNet(torch.nn.Module):
    """As torchvision's ResNet-18 towards notebook 15: its features come out of `avgpool`."""

    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 8, 7, stride=4)
        self.avgpool = torch.nn.AdaptiveAvgPool2d(1)
        self.fc = torch.nn.Linear(8, 1000)

    def forward(self, x):
        return self.fc(self.avgpool(torch.relu(self.conv(x))).flatten(1))


def test_photographs_go_through_a_net_on_the_device(monkeypatch):
    """The cell that downloads ImageNet's weights and photographs, with a small net and coloured
    shapes in their place."""
    x, y = datasets.colour_shapes(1200, seed=0)
    with training.seeded(0):
        net = SmallResNet()
    vision = import_torchvision()
    monkeypatch.setattr(vision.models, "resnet18", lambda weights: net)
    data = types.SimpleNamespace(train_x=x, train_y=y)
    monkeypatch.setattr(datasets, "cifar10", lambda: data)
    master = masters.load("15_transfer")
    earlier = {  # what cells above have imported
        "ONLINE": True, "LogisticRegression": LogisticRegression, "StandardScaler": StandardScaler,
        "make_pipeline": make_pipeline,
    }  # fmt: skip
    namespace = masters.namespace(master) | earlier
    printed = {}
    for device in ("standin", "cpu"):
        monkeypatch.setenv("COURSE_DEVICE", device)
        with contextlib.redirect_stdout(io.StringIO()) as said:
            masters.run(master.cell("experiment_online").source, namespace, "15")
        assert next(net.parameters()).device.type == device
        printed[device] = said.getvalue()
    assert printed["standin"].count("features of ResNet-18") == 3
    assert printed["standin"] == printed["cpu"]
