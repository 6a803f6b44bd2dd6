"""What a fault costs: a sick program beside its healthy twin, over seeds of weights and pictures.

A planted fault counts only where one of these is worse by more than three standard errors, and by
enough to matter. What is measured is measured on pictures that no program is given.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import torch

from autograder.exercises.programs.drawing import Design, drawn
from autograder.exercises.programs.faults import DoesNotFit, sick
from autograder.exercises.programs.writing import written
from course_utils.recipes.pictures import small_pictures
from course_utils.recipes.programs import started

SEEDS = 8
SEALED = 400
# What is measured, and by how much it has to be worse at least.
LEAST = {
    "accuracy": 0.02,  # at the end
    "time": 0.03,  # the mean accuracy over the epochs: how late it comes
    "calibration": 0.05,  # nats, on the sealed pictures
    "reported too high": 0.03,
    "reported too low": 0.03,
}


@dataclass(frozen=True)
class Harm:
    """What is worse than in the healthy twin, in standard errors and in size."""

    by: dict[str, tuple[float, float]]  # what → how much worse, standard error

    @property
    def proven(self) -> bool:
        return bool(self.kinds)

    @property
    def kinds(self) -> list[str]:
        return [what for what, (worse, error) in self.by.items()
                if worse > LEAST[what] and worse > 3 * error]  # fmt: skip


def run(source: str, design: Design, seed: int) -> dict[str, float]:
    """One training, and how it ended; each number is the worse the higher."""
    program = started(source, design.data, design.classes, design.pictures, seed)
    pictures, labels = small_pictures(design.data, design.classes, SEALED, seed, sealed=True)
    mixed = np.random.default_rng(seed).permutation(SEALED)
    x, y = program.prepare(torch.as_tensor(pictures[mixed])), torch.as_tensor(labels[mixed])
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        over_time = []
        for _ in range(program.epochs):
            for batch in program.batches:
                program.step(batch)
            program.end_of_epoch()
            reported = program.evaluate()
            over_time.append(_measured(program, x, y, design))
    accuracy, nats = over_time[-1]
    return {
        "accuracy": -accuracy,
        "time": -float(np.mean([share for share, _ in over_time])),
        "calibration": nats,
        "reported too high": reported - accuracy,
        "reported too low": accuracy - reported,
    }


def _measured(program, x, y, design: Design) -> tuple[float, float]:
    """Accuracy and loss on sealed pictures, in evaluation mode, modes and all as they were."""
    modes = [module.training for module in program.net.modules()]
    program.net.eval()
    with torch.no_grad():
        scores = program.net(x)
    for module, mode in zip(program.net.modules(), modes, strict=True):
        module.training = mode
    if design.logistic:
        scores = torch.cat([-scores / 2, scores / 2], 1)
    nats = torch.nn.functional.cross_entropy(scores, y).item()
    nats = min(nats, 10.0) if np.isfinite(nats) else 10.0
    right = (scores.argmax(1) == y) & scores.isfinite().all(1)
    return right.double().mean().item(), nats


@functools.lru_cache(maxsize=64)
def _twin(number: int, seed: int) -> dict[str, float]:
    design = drawn(number)
    return run(written(design), design, seed)


def harm(fault: str, number: int, seeds: int = SEEDS) -> Harm | None:
    """What a fault costs in the program of this number; None where it has no place in it."""
    design = drawn(number)
    try:
        source = sick(written(design), fault, design)
    except DoesNotFit:
        return None
    worse: dict[str, list[float]] = {what: [] for what in LEAST}
    for seed in range(100 * number, 100 * number + seeds):
        ill, well = run(source, design, seed), _twin(number, seed)
        for what in LEAST:
            worse[what].append(ill[what] - well[what])
    return Harm({
        what: (float(np.mean(d)), float(np.std(d, ddof=1) / len(d) ** 0.5))
        for what, d in worse.items()
    })  # fmt: skip
