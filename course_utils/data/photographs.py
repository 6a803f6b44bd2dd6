"""Photographs of CIFAR-10 where they are at hand, drawn shapes elsewhere, for one experiment each
of several notebooks; and the stored run on photographs beside the run made here.

How the files are read (`archives`) and the shapes are drawn (`shapes`) does not live here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course_utils import results
from course_utils.data import archives
from course_utils.data.shapes import SHAPES, colour_shapes

STORED = "photographs"  # the results in data/results, and the script in benchmarks that makes them
DIFFICULTY = 0.1  # of the drawn shapes: a small net gets somewhere with a thousand of them


@dataclass(frozen=True)
class Pictures:
    """Pictures to learn from and others to measure on; `about` says in a sentence which they are.

    `train` and `held_out` are pairs (x, y): float32 N×3×32×32, each channel with mean 0 and
    standard deviation 1 over the training pictures, and int64 N.
    """

    name: str
    about: str
    photographs: bool
    classes: tuple[str, ...]
    train: tuple[np.ndarray, np.ndarray]
    held_out: tuple[np.ndarray, np.ndarray]


def photographs_or_shapes(train: int, held_out: int, seed: int = 0) -> Pictures:
    """`train` + `held_out` photographs of CIFAR-10 where its files are, else drawn shapes.

    Both parts come from CIFAR-10's training images, its test images are left alone; the classes
    are balanced as far as there are enough pictures, and the same seed gives the same ones. A file
    with fewer pictures is shared out in the same proportion. Nothing is downloaded. Where the
    files are damaged, the shapes stand in and `about` says what is wrong.
    """
    if train < 1 or held_out < 1:
        raise ValueError(f"At least one picture on each side; you asked for {train}, {held_out}.")
    try:
        if archives.standing("cifar10").state.startswith(("not here", "partly fetched")):
            return _shapes(train, held_out, seed, "`course data cifar10` fetches photographs")
        x, y, _, _ = archives.read("cifar10", download=False)
        if len(x) < 2:
            raise archives.DataError("CIFAR-10 has only one training image here.")
    except archives.DataError as error:
        return _shapes(train, held_out, seed, str(error).rstrip("."))
    rows = _taking_turns(y, seed)
    if len(rows) < train + held_out:
        held_out = min(max(1, len(rows) * held_out // (train + held_out)), len(rows) - 1)
        train = len(rows) - held_out
    of = f"{train:,} photographs of CIFAR-10 to learn from and {held_out:,} others to measure on"
    return _pictures(
        "photographs of CIFAR-10", f"{of}.", True, archives.CIFAR10_CLASSES,
        x[rows[: train + held_out]], y[rows[: train + held_out]], train,
    )  # fmt: skip


def beside_stored(notebook: str, pictures: Pictures, found: dict) -> dict[str, dict]:
    """Titles → what was found: in the run made here, then in the stored one on photographs.

    Says in a sentence on what each was made. Without stored results the first comes alone.
    """
    print(f"Here: {pictures.about}")
    titled = {f"{pictures.name}, made here": found}
    run = stored(notebook)
    if run is None:
        print(f"There is no stored run here: benchmarks/{STORED}.py makes it.")
        return titled
    seconds = f"{run['processor seconds']:.0f} s of processor"
    print(f"Stored: {run['about']} ({run['made by']}; {run['with']}, {seconds})")
    return titled | {"photographs of CIFAR-10, stored run": run["found"]}


def stored(notebook: str) -> dict | None:
    """The stored run of a notebook's experiment, "06" for example, or None."""
    return (results.stored(STORED) or {}).get(notebook)


def _shapes(train: int, held_out: int, seed: int, reason: str) -> Pictures:
    x, y = colour_shapes(train + held_out, seed=4000 + seed, difficulty=DIFFICULTY)
    about = f"{train:,} drawn shapes to learn from and {held_out:,} others to measure on"
    return _pictures("drawn shapes", f"{about} ({reason}).", False, SHAPES, x, y, train)


def _pictures(name, about, photographs, classes, x, y, train) -> Pictures:
    x = x.transpose(0, 3, 1, 2).astype(np.float32) / 255
    mean = x[:train].mean((0, 2, 3), keepdims=True)
    std = x[:train].std((0, 2, 3), keepdims=True)
    x = (x - mean) / np.maximum(std, 1e-3)
    parts = (x[:train], y[:train]), (x[train:], y[train:])
    return Pictures(name, about, photographs, classes, *parts)


def _taking_turns(y: np.ndarray, seed: int) -> np.ndarray:
    """All rows shuffled, so that the classes take turns as long as they last."""
    rng = np.random.default_rng(seed)
    turn = np.empty(len(y))
    for label in np.unique(y):
        rows = rng.permutation(np.flatnonzero(y == label))
        turn[rows] = np.arange(len(rows))
    return np.lexsort((rng.random(len(y)), turn))
