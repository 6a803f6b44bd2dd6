"""The exercises of the course: one folder a notebook, which says its NOTEBOOK and lists its rooms.

The package is callable, because `autograder.exercises()` lists what lives here.
"""

from __future__ import annotations

import functools
import re
import sys
import types
from importlib import import_module
from pathlib import Path

from autograder.exercise import PRACTICE_SEED, REGISTRY, Exercise, Listed, registered
from autograder.paths import masters_folder

# The folders in the order of the course; a new one is entered here, a room in its folder.
FOLDERS = (
    "start", "gradients", "activations", "data", "init", "regularization", "batchnorm",
    "optimizers", "tuning", "architectures", "convolution", "fast_convolution", "gpu",
    "precision", "parallel", "transfer", "clinic", "capstone",
)  # fmt: skip
CLASS = re.compile(r"^class (\w+)\(", re.MULTILINE)
CHECKED = re.compile(r'^# %%.*"grade_id": *"check_(\w+)"', re.MULTILINE)


def rooms() -> list[str]:
    """The modules that hold exercises, in the order in which a learner meets them."""
    packages = [import_module(f"{__name__}.{folder}") for folder in FOLDERS]
    return [f"{package.__name__}.{room}" for package in packages for room in package.ROOMS]


def load_all() -> None:
    """Import every module of exercises; each registers its classes."""
    for room in rooms():
        import_module(room)


def find(name: str) -> type[Exercise]:
    """The exercise called `name`; KeyError with the nearest names when there is none.

    Imports its notebook's rooms, and those of what it needs, and no others: all of them take
    seconds, with what they import.
    """
    if name not in REGISTRY:
        if name in (places := _folders_by_name()):
            _load(places[name])
        else:
            load_all()
    return registered(name)


def _load(folder: str) -> None:
    """Import a notebook's rooms, and those of what its exercises need."""
    package = import_module(f"{__name__}.{folder}")
    here = tuple(import_module(f"{package.__name__}.{room}").__name__ for room in package.ROOMS)
    for kind in [kind for kind in REGISTRY.values() if kind.__module__ in here]:
        for needed in kind.needs:
            find(needed)


@functools.cache
def _folders_by_name() -> dict[str, str]:
    """In which folder each class stands, read from the sources without importing them."""
    found = {}
    for folder in FOLDERS:
        for path in sorted(Path(__file__).with_name(folder).glob("*.py")):
            text = path.read_text(encoding="utf-8", errors="replace")
            found |= dict.fromkeys(CLASS.findall(text), folder)
    return found


def rooms_of(name: str) -> list[str]:
    """The sources of the rooms where the exercise called `name` stands, read without importing
    them; none where there is no such exercise."""
    folder = _folders_by_name().get(name)
    paths = sorted(Path(__file__).with_name(folder).glob("*.py")) if folder else ()
    return [path.read_text(encoding="utf-8", errors="replace") for path in paths]


def listed(notebook: str | None = None) -> list[Listed]:
    """All exercises in the order of the course, or those of one notebook."""
    load_all()
    place = {room: number for number, room in enumerate(rooms())}
    met = order_met()
    shipped = [exercise for exercise in REGISTRY.values() if exercise.__module__ in place]
    notebooks = sorted({exercise.notebook for exercise in shipped})
    shipped.sort(key=lambda exercise: place[exercise.__module__])
    shipped.sort(key=lambda e: (notebooks.index(e.notebook), met.get(e.name, len(met))))
    return [
        Listed(e.name, e.notebook, points(e), e.title(), e.extra, e.minutes, e.difficulty)
        for e in shipped
        if notebook in (None, e.notebook)
    ]


@functools.cache
def order_met() -> dict[str, int]:
    """Where each exercise stands in the order in which a learner meets their checks.

    Read from the masters without jupytext, which a learner need not have.
    """
    folder = masters_folder()
    names: list[str] = []
    for path in sorted(folder.glob("[0-9][0-9]_*.py")) if folder else ():
        names += CHECKED.findall(path.read_text(encoding="utf-8", errors="replace"))
    return {name: place for place, name in enumerate(dict.fromkeys(names))}


@functools.cache
def points(kind: type[Exercise]) -> float:
    """What the exercise's cases are worth together."""
    return float(sum(case.points for case in kind().drawn_cases(PRACTICE_SEED)))


class _Course(types.ModuleType):
    def __call__(self, notebook: str | None = None) -> list[Listed]:
        """All exercises with name, notebook and points, or those of one notebook."""
        return listed(notebook)


sys.modules[__name__].__class__ = _Course
