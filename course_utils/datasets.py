"""The course's data sets as arrays. How files come and are read (`archives`) or a shape
is drawn (`shapes`) does not live here.

Images are uint8, N×H×W×C, as they are on disk, and `to_nchw` makes of them the floats that a net
takes; `digits()` is floats already. Labels are int64.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from course_utils.data import archives
from course_utils.data.archives import CIFAR10_CLASSES, DataError, Standing, data_folder
from course_utils.data.photographs import Pictures, beside_stored, photographs_or_shapes
from course_utils.data.shapes import SHAPES, SOURCE_SHAPES, colour_shapes
from course_utils.data.stroke_shapes import HELD_OUT_SHAPES

__all__ = [
    "CIFAR10_CLASSES", "HELD_OUT_SHAPES", "SHAPES", "SOURCE_SHAPES", "DataError", "ImageData",
    "Pictures", "Standing", "available", "beside_stored", "cifar10", "colour_shapes", "data_folder",
    "digits", "fetch", "mnist", "photographs_or_shapes", "to_nchw",
]  # fmt: skip


@dataclass
class ImageData:
    """A data set split three ways; `train`, `validation` and `test` are pairs (x, y)."""

    name: str
    classes: tuple[str, ...]
    train_x: np.ndarray
    train_y: np.ndarray
    validation_x: np.ndarray
    validation_y: np.ndarray
    test_x: np.ndarray
    test_y: np.ndarray

    @property
    def train(self) -> tuple[np.ndarray, np.ndarray]:
        return self.train_x, self.train_y

    @property
    def validation(self) -> tuple[np.ndarray, np.ndarray]:
        return self.validation_x, self.validation_y

    @property
    def test(self) -> tuple[np.ndarray, np.ndarray]:
        return self.test_x, self.test_y

    def flat(self) -> ImageData:
        """The same data with each image as one row, N×D (views, nothing is copied)."""
        pictures = {"train_x": self.train_x, "validation_x": self.validation_x,
                    "test_x": self.test_x}  # fmt: skip
        return replace(self, **{name: x.reshape(len(x), -1) for name, x in pictures.items()})

    def __repr__(self) -> str:
        return (
            f"{self.name}: {len(self.train_x):,} training, {len(self.validation_x):,} validation "
            f"and {len(self.test_x):,} test images of shape {self.train_x.shape[1:]}, "
            f"{len(self.classes)} classes"
        )


def to_nchw(images: np.ndarray) -> np.ndarray:
    """uint8 N×H×W×C (0 to 255) → float32 N×C×H×W in [0, 1]. Raises ValueError on anything else."""
    images = np.asarray(images)
    if images.dtype != np.uint8 or images.ndim != 4:
        raise ValueError(
            f"to_nchw takes uint8 images N×H×W×C; you gave {images.dtype} of shape {images.shape}."
        )
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2), dtype=np.float32) / np.float32(255)


def digits(validation: int = 360, test: int = 360, seed: int = 0) -> ImageData:
    """1,797 real handwritten digits, 8×8 grey: float32 N×1×8×8 in [0, 1], in three parts.

    They come with scikit-learn (the test set of the UCI optical digits, Alpaydin and Kaynak 1998),
    so they are there without a network. The split is stratified and fixed by `seed`; the parts
    share no image. `digits().flat()` has the images as rows, N×64.
    """
    from sklearn.datasets import load_digits

    bunch = load_digits()
    x = (bunch.images[:, None] / 16).astype(np.float32)
    y = bunch.target.astype(np.int64)
    if validation < 10 or test < 10 or len(x) - validation - test < 10:
        raise ValueError(
            f"digits has {len(x)} images: validation={validation} and test={test} must be at "
            "least 10 each and leave 10 for training."
        )
    rest, test_rows = _stratified(np.arange(len(x)), y, test, seed)
    train_rows, validation_rows = _stratified(rest, y, validation, seed)
    return ImageData(
        "digits", tuple("0123456789"),
        x[train_rows], y[train_rows], x[validation_rows], y[validation_rows],
        x[test_rows], y[test_rows],
    )  # fmt: skip


def cifar10(validation: float = 0.1, download: bool = True, progress: bool = True) -> ImageData:
    """CIFAR-10 (Krizhevsky 2009): 60,000 colour photos of ten things, uint8 N×32×32×3.

    The official test images are the test part; a fixed stratified share of the training images,
    `validation`, is held out. Read from COURSE_DATA when that is set, else from data/ in the
    course folder; either may hold torchvision's files or a `cifar10*.npz` with uint8 train_x,
    train_y, test_x, test_y. Fetched when it is not there (170 MB), unless `download` is False.

    Raises DataError with one sentence that names the way out.
    """
    return _load("cifar10", validation, download, progress)


def mnist(validation: float = 0.1, download: bool = True, progress: bool = True) -> ImageData:
    """MNIST (LeCun 1998): 70,000 handwritten digits, uint8 N×28×28×1. Everything else is as in
    `cifar10`; the download is 12 MB, a subset's name is `mnist*.npz`."""
    return _load("mnist", validation, download, progress)


def available() -> list[Standing]:
    """How each data set stands here, quickly: names and sizes are looked at, contents are not."""
    built_in = [
        Standing("digits", "ready", "comes with scikit-learn", 0),
        Standing("colour_shapes", "ready", "drawn when asked for", 0),
    ]
    return built_in + [archives.standing(name) for name in archives.SETS]


def fetch(name: str, progress: bool = True) -> Path:
    """Fetch a data set, or finish fetching it, verify every file and return its folder.

    What is already there and right is kept, a damaged file is put aside as *.corrupt and fetched
    again. A subset `NAME*.npz` in the folder counts as being there: move it away to fetch the whole
    set. Raises DataError with one sentence that says what is wrong and what to do.
    """
    if name in archives.SETS:
        return archives.fetch(name, progress)
    names = [standing.name for standing in available()]
    if name in names:
        return data_folder()  # built in: there is nothing to fetch
    raise DataError(f"There is no data set named {name!r}; the course has {', '.join(names)}.")


def _load(name: str, validation: float, download: bool, progress: bool) -> ImageData:
    if not 0 <= validation < 1:
        raise ValueError(f"validation is a share from 0 up to 1; you gave {validation}.")
    train_x, train_y, test_x, test_y = archives.read(name, download, progress)
    held_out = round(validation * len(train_x))
    # The seed is fixed: every notebook and every learner holds out the same images.
    kept, held = _stratified(np.arange(len(train_x)), train_y, held_out, seed=0)
    return ImageData(
        name, archives.SETS[name].classes,
        train_x[kept], train_y[kept], train_x[held], train_y[held], test_x, test_y,
    )  # fmt: skip


def _stratified(
    rows: np.ndarray, y: np.ndarray, held_out: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Split `rows` so that `held_out` of them keep the classes' shares in y: (kept, held)."""
    rng = np.random.default_rng(seed)
    classes, counts = np.unique(y[rows], return_counts=True)
    share = held_out * counts / max(len(rows), 1)
    quota = np.floor(share).astype(int)
    # The places left by rounding down go to the largest remainders.
    quota[np.argsort(quota - share, kind="stable")[: held_out - quota.sum()]] += 1
    held = [
        rng.permutation(rows[y[rows] == label])[:n] for label, n in zip(classes, quota, strict=True)
    ]
    held = np.sort(np.concatenate(held))
    return np.setdiff1d(rows, held), held
