"""The task of the capstone: a variant a person, its pictures, its budget, and what a net costs.

How weights are kept and read is in `weights`; nothing is trained or judged here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from course_utils.data.shapes import SHAPES, colour_shapes
from course_utils.datasets import to_nchw

DIFFICULTY = 0.6
TRAINING_PICTURES, TRAINING_SEED = 4000, 1700
CLASSES = 8  # of the ten shapes
SIDE = 32
# A net's budget. In each corner another of the three is short.
CORNERS = {
    "few weights": {"parameters": 24_000, "multiply_adds": 3_000_000, "bytes": 120_000},
    "few products": {"parameters": 60_000, "multiply_adds": 1_200_000, "bytes": 300_000},
    "few bytes": {"parameters": 40_000, "multiply_adds": 1_600_000, "bytes": 100_000},
}


@dataclass(frozen=True)
class Variant:
    """What one person's net is to do, and what it may cost.

    Attributes
    ----------
    name : whose it is
    shapes : the eight shapes; a picture's label is its shape's place among them
    corner : which of the three is short, a key of `CORNERS`
    budget : the most parameters, multiply-adds (for one picture) and bytes (of all arrays, buffers
        included), and the number of classes
    """

    name: str
    shapes: tuple[str, ...]
    corner: str

    @property
    def budget(self) -> dict[str, int]:
        return {**CORNERS[self.corner], "classes": len(self.shapes)}

    def __str__(self) -> str:
        missing = " and ".join(shape for shape in SHAPES if shape not in self.shapes)
        sizes = ", ".join(f"{CORNERS[self.corner][what]:,} {words}" for what, words in _WORDS)
        return f"All shapes but {missing}; {self.corner}: {sizes}."


_WORDS = (("parameters", "parameters"), ("multiply_adds", "multiply-adds"), ("bytes", "bytes"))


def variant(name: str) -> Variant:
    """The variant that is drawn for a name: in a class, your student id; alone, any word.

    The same name gives the same variant everywhere. There are 135: two shapes left out, one of
    three corners.
    """
    if not isinstance(name, str) or not name.strip():
        raise ValueError("A variant is drawn for a name: give your student id, or any word.")
    name = name.strip()
    digest = hashlib.sha256(f"capstone {name}".encode()).digest()
    rng = np.random.default_rng(int.from_bytes(digest, "big"))
    kept = sorted(rng.permutation(len(SHAPES))[:CLASSES].tolist())
    corner = list(CORNERS)[int(rng.integers(len(CORNERS)))]
    return Variant(name, tuple(SHAPES[number] for number in kept), corner)


def training_pictures(task: Variant) -> tuple[np.ndarray, np.ndarray]:
    """The fixed training set: float32 4000×3×32×32 in [0, 1], and int64 labels from 0 to 7.

    All that may be learned from, validation included. The sealed pictures are others, drawn by the
    same generator.
    """
    return drawn(task.shapes, TRAINING_PICTURES, TRAINING_SEED)


def drawn(shapes, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Pictures of the task's difficulty: float32 N×3×32×32 in [0, 1], and labels."""
    images, labels = colour_shapes(n, seed=seed, difficulty=DIFFICULTY, shapes=shapes)
    return to_nchw(images), labels


@dataclass(frozen=True)
class Cost:
    """What a net costs: parameters, multiply-adds for one picture, bytes of all its arrays."""

    parameters: int
    multiply_adds: int
    bytes: int

    def over(self, budget: dict) -> list[str]:
        """What is over a budget, each in words."""
        return [
            f"{getattr(self, what):,} {words}, and {budget[what]:,} are allowed"
            for what, words in _WORDS
            if getattr(self, what) > budget[what]
        ]

    def __str__(self) -> str:
        return ", ".join(f"{getattr(self, what):,} {words}" for what, words in _WORDS)


def cost(net) -> Cost:
    """Count a net's cost on one picture, by dispatch: what torch is asked to multiply counts,
    wherever it is asked. The net's mode and arrays are as before.

    Additions, activations and norms are not counted, as is usual; they are few beside the products.
    """
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    was_training = net.training
    net.eval()
    try:
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            net(torch.zeros(1, 3, SIDE, SIDE))
    finally:
        net.train(was_training)
    return Cost(
        parameters=sum(p.numel() for p in net.parameters()),
        multiply_adds=counter.get_total_flops() // 2,
        bytes=size_in_bytes(net),
    )


def size_in_bytes(net) -> int:
    """The bytes of all parameters and buffers of a net."""
    arrays = [*net.parameters(), *net.buffers()]
    return sum(array.numel() * array.element_size() for array in arrays)
