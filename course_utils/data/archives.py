"""CIFAR-10 and MNIST on disk: which files, whether they are whole, how they come and are read.

How they are split and used (`datasets`) and how bytes travel (`downloads`) do not live here.
"""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course_utils.data import downloads

CIFAR10_CLASSES = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip


class DataError(RuntimeError):
    """Why a data set cannot be used here, and what to do, as a sentence."""


@dataclass(frozen=True)
class Standing:
    """How a data set stands here: `size` is in bytes on this disk, `where` a folder or a source."""

    name: str
    state: str
    where: str
    size: int


@dataclass(frozen=True)
class Archive:
    """A data set that torchvision knows: where its files lie below the data folder."""

    name: str
    torchvision_class: str
    archive_folder: str
    archives: tuple[str, ...]
    unpacked: tuple[str, ...]
    classes: tuple[str, ...]
    image_shape: tuple[int, int, int]

    def sources(self, dataset: type) -> list[tuple[str, str, list[str]]]:
        """(file name, MD5, addresses) of each archive, from torchvision's own class."""
        if hasattr(dataset, "mirrors"):
            return [
                (archive, md5, [mirror + archive for mirror in dataset.mirrors])
                for archive, md5 in dataset.resources
            ]
        return [(dataset.filename, dataset.tgz_md5, [dataset.url])]


_CIFAR_FILES = (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch", "batches.meta")
_MNIST_FILES = (
    "train-images-idx3-ubyte", "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte",
)  # fmt: skip
SETS = {
    "cifar10": Archive(
        "cifar10", "CIFAR10", ".", ("cifar-10-python.tar.gz",),
        tuple(f"cifar-10-batches-py/{file}" for file in _CIFAR_FILES),
        CIFAR10_CLASSES, (32, 32, 3),
    ),
    "mnist": Archive(
        "mnist", "MNIST", "MNIST/raw", tuple(f"{file}.gz" for file in _MNIST_FILES),
        tuple(f"MNIST/raw/{file}" for file in _MNIST_FILES),
        tuple("0123456789"), (28, 28, 1),
    ),
}  # fmt: skip


def data_folder() -> Path:
    """Where data sets are read from and land: COURSE_DATA, else data/ in the course folder.

    Outside a checkout of the course (on Colab, say) that is data/ in the current folder.
    """
    if os.environ.get("COURSE_DATA"):
        return Path(os.environ["COURSE_DATA"]).expanduser()
    checkout = Path(__file__).resolve().parents[2]
    return (checkout if (checkout / "pyproject.toml").is_file() else Path.cwd()) / "data"


def read(name: str, download: bool = True, progress: bool = True) -> tuple[np.ndarray, ...]:
    """train_x, train_y, test_x, test_y of a data set: uint8 N×H×W×C and int64 N.

    Torchvision's files come first, then a subset `NAME*.npz`, then a download. Raises DataError
    with one sentence that names the way out.
    """
    known, folder = SETS[name], _existing_folder()
    subset = _subset(known, folder)
    if _all_there(known, folder):
        return _read_torchvision(known, folder)
    if subset is not None:
        return _read_npz(known, subset)
    if download:
        return _read_torchvision(known, fetch(name, progress))
    raise DataError(_with_way_out(f"{name} is not in {folder}", name))


def fetch(name: str, progress: bool = True) -> Path:
    """Fetch a data set, or finish fetching it, verify every file and return its folder.

    What is already there and right is kept, a damaged file is put aside as *.corrupt and fetched
    again. A subset in the folder is verified and left to stand for the whole set. Raises DataError
    with one sentence that says what is wrong and what to do.
    """
    known, folder = SETS[name], _existing_folder()
    subset = _subset(known, folder)
    if subset is not None and not _all_there(known, folder):
        _read_npz(known, subset)
        return folder
    try:
        _read_torchvision(known, folder)
        return folder
    except DataError:
        pass  # not there or not whole: that is what fetching is for
    dataset = _torchvision_class(known)
    home = folder / known.archive_folder
    try:
        for archive, md5, urls in known.sources(dataset):
            _first_that_answers(urls, home / archive, md5, progress)
        _unpack(home, [archive for archive, _, _ in known.sources(dataset)])
    except downloads.DownloadError as error:
        raise DataError(_with_way_out(error, name)) from error
    except (OSError, RuntimeError, EOFError) as error:
        raise DataError(
            f"{name} arrived but cannot be unpacked in {folder} ({error}): make room there or set "
            f"COURSE_DATA to another folder, then run `course data {name}` again."
        ) from error
    _read_torchvision(known, folder)
    return folder


def _existing_folder() -> Path:
    folder = data_folder()
    if os.environ.get("COURSE_DATA") and not folder.is_dir():
        raise DataError(
            f"COURSE_DATA is set to {folder}, and there is no such folder: make it, or set "
            "COURSE_DATA to the folder that holds the data."
        )
    return folder


def _all_there(known: Archive, folder: Path) -> bool:
    return all((folder / file).is_file() for file in known.unpacked)


def _subset(known: Archive, folder: Path) -> Path | None:
    """The largest `NAME*.npz` in the folder, if there is one."""
    found = [path for path in folder.glob(f"{known.name}*.npz") if path.is_file()]
    return max(found, key=lambda path: (path.stat().st_size, path.name), default=None)


def _read_torchvision(known: Archive, folder: Path) -> tuple[np.ndarray, ...]:
    """train_x, train_y, test_x, test_y from torchvision's files; DataError unless all is whole."""
    if not _all_there(known, folder):
        missing = next(file for file in known.unpacked if not (folder / file).is_file())
        raise DataError(
            f"{known.name} is not complete: {folder / missing} is missing; run "
            f"`course data {known.name}`, which keeps what is there."
        )
    torn = next((file for file in known.unpacked if _is_torn(folder / file)), None)
    if torn is not None:
        raise DataError(_damaged(known, folder / torn, "the file is cut short"))
    dataset, parts = _torchvision_class(known), []
    for train in (True, False):
        try:
            opened = dataset(str(folder), train=train)
        except (OSError, RuntimeError, ValueError, EOFError, AssertionError) as error:
            raise DataError(_damaged(known, folder, error)) from error
        parts += [np.asarray(opened.data), np.asarray(opened.targets)]
    return _checked(known, folder, *parts)


def _read_npz(known: Archive, path: Path) -> tuple[np.ndarray, ...]:
    keys = ("train_x", "train_y", "test_x", "test_y")
    try:
        with np.load(path) as arrays:
            missing = [key for key in keys if key not in arrays.files]
            if missing:
                raise DataError(
                    f"{path} has no {' and no '.join(missing)}: a subset of {known.name} holds "
                    "uint8 arrays train_x, train_y, test_x and test_y."
                )
            parts = [arrays[key] for key in keys]
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(
            f"{path} is damaged ({error}): copy it again, or set COURSE_DATA to another folder."
        ) from error
    return _checked(known, path, *parts)


def _checked(known: Archive, where: Path, *parts: np.ndarray) -> tuple[np.ndarray, ...]:
    out = []
    for part, x, y in (("training", *parts[:2]), ("test", *parts[2:])):
        if x.ndim == 3:  # grey images without an axis for their one channel
            x = x[..., None]
        if len(x) == 0:
            raise DataError(f"{where} has no {part} images: the array is empty.")
        if x.dtype != np.uint8 or x.shape[1:] != known.image_shape or y.shape != (len(x),):
            raise DataError(
                f"{where} does not hold {known.name}: its {part} images are {x.dtype} of shape "
                f"{x.shape} with labels of shape {y.shape}, where uint8 N×"
                f"{'×'.join(map(str, known.image_shape))} with N labels are needed."
            )
        if y.min() < 0 or y.max() >= len(known.classes):
            raise DataError(
                f"{where} does not hold {known.name}: its {part} labels run from {y.min()} to "
                f"{y.max()}, where 0 to {len(known.classes) - 1} are needed."
            )
        out += [x, y.astype(np.int64)]
    return tuple(out)


def _is_torn(path: Path) -> bool:
    """Whether an IDX file (MNIST's) is shorter than its own header says; False for other files.

    An IDX header is 0, 0, type, number of axes, then the axes as big-endian uint32.
    """
    if "idx" not in path.name:
        return False
    with open(path, "rb") as file:
        start = file.read(4)
        axes = start[3] if len(start) == 4 else 0
        header = file.read(4 * axes)
    if axes == 0 or len(header) < 4 * axes:
        return True
    shape = struct.unpack(f">{axes}I", header)
    return path.stat().st_size != 4 + 4 * axes + int(np.prod(shape, dtype=np.int64))


def _torchvision_class(known: Archive) -> type:
    from course_utils.vision import import_torchvision

    try:
        import_torchvision()
    except ImportError as error:
        raise DataError(f"{known.name} is read through torchvision, but {error}") from error
    from torchvision import datasets

    return getattr(datasets, known.torchvision_class)


def _first_that_answers(urls: list[str], path: Path, md5: str, progress: bool) -> None:
    failure = None
    for url in urls:
        try:
            downloads.download(url, path, md5, progress)
            return
        except downloads.DownloadError as error:
            failure = failure or error
    raise failure


def _unpack(home: Path, archives: list[str]) -> None:
    from torchvision.datasets.utils import extract_archive

    for archive in archives:
        extract_archive(str(home / archive), str(home))


def standing(name: str) -> Standing:
    known, folder = SETS[name], data_folder()
    there = [folder / file for file in known.unpacked if (folder / file).is_file()]
    archives = [folder / known.archive_folder / archive for archive in known.archives]
    parts = [part for part in map(downloads.part_of, archives) if part.is_file()]
    subset = _subset(known, folder)
    go_on = f"`course data {name}`"
    if _all_there(known, folder):
        torn = next((path for path in there if _is_torn(path)), None)
        state = "ready" if torn is None else f"damaged: {torn.name} is cut short; run {go_on}"
        return Standing(name, state, str(folder), _size(there))
    if subset is not None:
        return Standing(name, _subset_state(subset), str(subset), _size([subset]))
    if parts:
        size = _size(parts + [path for path in archives if path.is_file()])
        state = f"partly fetched ({downloads.megabytes(size)}); {go_on} goes on from there"
        return Standing(name, state, str(folder), size)
    if there or any(path.is_file() for path in archives):
        size = _size(there + [path for path in archives if path.is_file()])
        return Standing(name, f"not complete; run {go_on}", str(folder), size)
    return Standing(name, f"not here; {go_on} fetches it", str(folder), 0)


def _subset_state(path: Path) -> str:
    try:
        with np.load(path) as arrays:
            sizes = [len(arrays[key]) for key in ("train_y", "test_y")]
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
        return f"damaged: {path.name} cannot be read; copy it again"
    return f"ready, a subset: {sizes[0]:,} training and {sizes[1]:,} test images"


def _size(paths: list[Path]) -> int:
    return sum(path.stat().st_size for path in paths)


def _damaged(known: Archive, where: Path, reason: object) -> str:
    return (
        f"{known.name} is damaged at {where} ({str(reason).rstrip('.')}): run "
        f"`course data {known.name}`, which puts it right and keeps what is whole."
    )


def _with_way_out(problem: object, name: str) -> str:
    return (
        f"{str(problem).rstrip('.')}; work with digits() or colour_shapes(), which need no "
        f"network, or set COURSE_DATA to a folder that holds {name}, or run `course data {name}` "
        "where there is a network."
    )
