"""The experiments of the notebooks that ask for a device, solved and in small, on the stand-in:
they run, and what they find is what they find on the CPU."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest
import torch

from autograder.authoring.build import masters
from autograder.exercise import oracle_on

# By notebook: what is found on both devices alike, by the name that the notebook gives it.
ALIKE = {
    "01_gradients": ("double", "single"),
    "02_activations": (),
    "09_architectures": ("accuracy",),
    "12_gpu": (),
    "13_precision": (),
}
# Found to be `asks`, and not run: what they do needs what is not there.
LEFT_OUT = {
    "15_transfer": "it downloads ImageNet's weights and photographs; test_training_there has "
    "extract_features on the device",
}


def asks(master: masters.Master) -> bool:
    """Whether a notebook takes the best device, or says that a GPU may be put in."""
    cells = [cell.source for cell in master.cells if cell.kind == "code"]
    return any("devices.best_device()" in source or "devices.announce()" in source
               or "# or for a GPU" in source for source in cells)  # fmt: skip


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
    assert asking == {*ALIKE, *LEFT_OUT}


@pytest.mark.parametrize("notebook", ALIKE)
def test_experiments_run_there_and_find_what_the_cpu_finds(notebook, monkeypatch):
    master = masters.load(notebook)
    there, printed = run(master, monkeypatch)
    assert "the device that torch calls standin" in printed
    if not ALIKE[notebook]:
        return
    with oracle_on("cpu"):
        here, printed = run(master, monkeypatch)
    assert "no GPU is used" in printed
    for name in ALIKE[notebook]:
        assert numbers(there[name]) == pytest.approx(numbers(here[name]), rel=2e-2), name
