"""Which of the files that a student hands in beside the notebook are taken along. They are read and
bounded by `submitted`."""

from __future__ import annotations

import functools
import site
import sys
import sysconfig
from importlib.machinery import PathFinder
from pathlib import PurePosixPath

OURS = ("autograder", "course_utils")
# What Jupyter, Python, editors and operating systems leave behind.
TOOLS = frozenset((
    ".ipynb_checkpoints", "__pycache__", "__MACOSX", ".git", ".venv", "venv", "node_modules",
    ".vscode", ".idea", ".mypy_cache", ".ruff_cache", ".pytest_cache",
))  # fmt: skip
LEFT_BEHIND = (".DS_Store", "Thumbs.db", "desktop.ini", "submission_secret.txt", ".progress.json")
# What Python imports; a compiled one bears the interpreter's name too: fast.cpython-311.so
CODE = (".py", ".pyc", ".so", ".pyd")


def kept_files(
    names: list[str], ours: set[str], theirs: set[str], links: set[str]
) -> tuple[list[str], list[str]]:
    """Which of a submission's files stay beside its notebooks, modules first, and a sentence for
    each folder or file that goes.

    Parameters
    ----------
    names : relative paths of everything submitted but the assignment's notebooks
    ours : files of the assignment; a copy that the learner brings is replaced in silence
    theirs : files that the assignment lets learners write
    links : those of `names` that are no ordinary files

    A student's own modules and data are there where the notebook runs, in the sandbox. A module
    that would be imported instead of a library, the course or a file of the assignment stays out.
    """
    kept: list[str] = []
    dropped: dict[str, int] = {}  # a sentence's subject and reason → how many files
    modules = {_module(name) for name in ours if name.endswith(CODE)}
    for name in sorted(names):
        if name == "timestamp.txt" or (name in ours and name not in theirs):
            continue
        top = _module(name)
        if name in links:
            dropped[f"{name}| is not an ordinary file and was left out"] = 1
        elif name in theirs:
            kept.append(name)
        elif _of_a_tool(name):
            continue
        elif name.endswith(CODE) and (top in modules or _is_library(top)):
            where = name if "/" not in name else f"{name.partition('/')[0]}/"
            whose = "a file of this assignment" if top in modules else "a library or the course"
            subject = f"{where}| bears the name of {whose} and was left out"
            dropped[subject] = dropped.get(subject, 0) + 1
        else:
            kept.append(name)
    kept.sort(key=lambda name: (not name.endswith(CODE), name))
    told = []
    for subject, count in dropped.items():
        name, _, why = subject.partition("|")
        told.append(name + (f" ({count} files)" if count > 1 else "") + why)
    return kept, told


def _module(name: str) -> str:
    """The module that `import` finds at a relative path: its first part, without an ending."""
    return PurePosixPath(name).parts[0].partition(".")[0]


@functools.lru_cache(maxsize=1000)
def _is_library(module: str) -> bool:
    """Whether Python or a package that is installed here has a module of this name."""
    if module in sys.stdlib_module_names or module in OURS:
        return True
    if not module.isidentifier():
        return False  # nothing can import it
    # Not by sys.path: the folder that the teacher stands in is on it.
    places = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib"),
              *site.getsitepackages(), site.getusersitepackages()}  # fmt: skip
    return PathFinder.find_spec(module, [p for p in places if p]) is not None


def _of_a_tool(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return parts[-1] in LEFT_BEHIND or not TOOLS.isdisjoint(parts)
