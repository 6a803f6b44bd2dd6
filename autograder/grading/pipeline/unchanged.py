"""Whether anything at all has changed since a class was graded, found out without nbgrader, whose
import takes longer than all the rest: then what was said is said again.

Of each run that recorded everything, `.course/unchanged/ASSIGNMENT.json` keeps what was said, and
fingerprints of all that it rests on: what was handed in and given out, the class's configuration,
the gradebook, what grading has written, the course itself and how it was called.
"""

from __future__ import annotations

import ast
import contextlib
import glob
import hashlib
import json
import os
import stat
import sys
from collections import Counter
from importlib import metadata
from pathlib import Path

from autograder.grading.whole_files import write_whole
from autograder.paths import CHECKOUT

FORMAT = 1
# Packages that decide what a submission earns, and our own code that does.
PACKAGES = ("ipykernel", "ipython", "nbgrader", "numpy", "torch")
CODE = (
    "autograder/exercise.py", "autograder/exercises", "autograder/judging",
    "autograder/grading/sandbox", "autograder/grading/pipeline", "course_utils",
)  # fmt: skip
# What a report is made with besides.
TELLING = ("autograder/grading", "autograder/commands", "autograder/authoring")
TELL_PACKAGES = ("copydetect", "nbconvert", "rich", "sqlalchemy", "traitlets")
CONFIGURATION = "nbgrader_config.py"
# A configuration that imports anything else, or names anything else of Python's own, may come to
# something else another time: it is loaded then, and nbgrader with it, to see.
HARMLESS = {"__future__", "pathlib", "nbgrader", "nbconvert", "autograder"}
NAMES = {"get_config", "__file__", "str", "int", "float", "bool", "list", "dict", "tuple", "set",
         "len", "sorted", "range"}  # fmt: skip
OF_PATHS = {"resolve", "parent", "parents", "joinpath", "name"}
LARGE = 2**26  # bytes: of more, size and time stand for the contents
# Folders of a class in which no configuration lies.
STEPS = {"source", "release", "submitted", "autograded", "feedback", "reports", "downloaded"}


def code_digest(checkout: Path = CHECKOUT) -> str:
    """A fingerprint of the code and the packages that decide what a submission earns: of what is
    in the files, wherever they lie."""
    return _digest(checkout, CODE, PACKAGES, ("*.py",))


def course_digest() -> str:
    """As `code_digest`, and of what reports are made with, and of this interpreter."""
    files = ("*.py", "*.html", "*.css", "*.js")
    telling = _digest(CHECKOUT, TELLING, TELL_PACKAGES, files)
    return " ".join((code_digest(), telling, sys.version, sys.executable))


def _digest(checkout: Path, code, packages, kinds) -> str:
    contents = []
    for place in (checkout / name for name in code):
        paths = [place] if place.is_file() else [p for kind in kinds for p in place.rglob(kind)]
        contents += [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
    for package in packages:
        try:
            contents.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            contents.append(f"{package} is not here")
    return hashlib.sha256("\n".join(sorted(contents)).encode()).hexdigest()


class Unchanged:
    """What a run of `course grade` rests on, and what it said.

    Parameters
    ----------
    folder, assignment : the class and what is graded
    called : how, as plain data: all that makes another run of it
    """

    def __init__(self, folder: Path, assignment: str, called: dict):
        self.folder, self.name = Path(os.path.abspath(folder)), assignment
        self._path = self.folder / ".course" / "unchanged" / f"{assignment}.json"
        self._called = json.loads(json.dumps(called))
        self._places: dict[str, str] | None = None
        self._before = self._gradebook = ""
        self._whole = False
        self.notes: list[str] = []

    def said(self) -> dict | None:
        """What the last run said, where nothing it rests on has changed since; else None."""
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            if kept["format"] != FORMAT or kept["called"] != self._called:
                return None
            self._places = {**kept["places"]}
            now = {"given": self._given(), "made": self._made(), "gradebook": self._book()}
            same = all(now[part] == kept[part] for part in now)
            return revived(kept["said"]) if same else None
        except Exception:  # noqa: BLE001 - whatever is wrong with the class, the run itself tells
            return None
        finally:
            self._places = None

    # While a run is on its way.

    def begins(self, coursedir) -> None:
        """Take note of what is there before any of it is read; `coursedir` is nbgrader's."""

        def where(step: str, student: str) -> str:
            return coursedir.format_path(step, student, self.name)

        url = coursedir.db_url
        with contextlib.suppress(OSError):
            self._path.unlink()
        self._places = {
            "submitted": where(coursedir.submitted_directory, "*"),
            "autograded": where(coursedir.autograded_directory, "*"),
            "source": where(coursedir.source_directory, "."),
            "release": where(coursedir.release_directory, "."),
            "gradebook": url.removeprefix("sqlite:///") if url.startswith("sqlite:///") else "",
        }
        try:
            self._before = self._given()
        except (OSError, ValueError, SyntaxError):  # a file that nobody may read, say
            self._places = None

    def graded(self, whole: bool) -> None:
        """Grading is done; `whole` says that all of it is recorded."""
        self._whole = whole and bool(self._places) and os.path.isfile(self._places["gradebook"])
        self._gradebook = self._book() if self._whole else ""

    def keep(self, said: dict) -> None:
        """The report is written: keep what was said, unless something has changed meanwhile."""
        try:
            if not self._whole or self._given() != self._before or self._book() != self._gradebook:
                return
            kept = {
                "format": FORMAT, "called": self._called, "places": self._places,
                "given": self._before, "made": self._made(), "gradebook": self._gradebook,
                "said": plain(said),
            }  # fmt: skip
            write_whole(self._path, json.dumps(kept))
        except (OSError, ValueError, SyntaxError, TypeError):
            pass  # the next run takes a second longer

    # Fingerprints.

    def _given(self) -> str:
        """Of all that is not grading's own doing."""
        made = hashlib.sha256()
        device = repr(os.environ.get("COURSE_DEVICE"))
        for part in (course_digest(), device, self._configuration()):
            made.update(part.encode() + b"\n")
        # A class's plugins, extensions and rosters.
        for place, folders, files in os.walk(self.folder):
            top = place == str(self.folder)
            folders[:] = sorted(
                name for name in folders
                if not name.startswith((".", "__")) and not (top and name in STEPS)
            )  # fmt: skip
            for name in sorted(files):
                if (top and not name.startswith((".course-grade", "gradebook"))) or (
                    name.endswith(".py")
                ):
                    _add(made, os.path.join(place, name))
        for name in ("source", "release"):
            _add(made, self._places[name])
        for path in sorted(glob.glob(self._places["submitted"])):
            _add(made, path)
        return made.hexdigest()

    def _configuration(self) -> str:
        """What the class's configuration comes to; its text, where it rests on nothing else."""
        text = (self.folder / CONFIGURATION).read_text(encoding="utf-8")
        if not rests_on_more(text):
            return text
        from autograder.grading.classroom.configuration import load_config

        return text + repr(load_config(self.folder))

    def _made(self) -> str:
        """Of what grading has written."""
        made = hashlib.sha256()
        for path in sorted(glob.glob(self._places["autograded"])):
            _add(made, path)
            place, name = os.path.split(path)
            _add(made, os.path.join(place, f".{name}.course-grade.json"))
        for path in sorted(glob.glob(glob.escape(f"{self.folder}/reports/{self.name}") + "[.-]*")):
            _add(made, path)
        _add(made, f"{self.folder}/.course/blindspots/{self.name}.json")
        return made.hexdigest()

    def _book(self) -> str:
        """Of the gradebook, and of what has not yet found its way into its file."""
        made = hashlib.sha256()
        for ending in ("", "-wal", "-journal"):
            _add(made, self._places["gradebook"] + ending)
        return made.hexdigest()


def rests_on_more(configuration: str) -> bool:
    """Whether what a configuration's text comes to may rest on anything but itself."""
    own = set(NAMES)
    tree = ast.parse(configuration)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            own.add(node.id)
        elif isinstance(node, ast.Import):
            own |= {alias.asname or alias.name for alias in node.names}
            if any(alias.name.partition(".")[0] not in HARMLESS for alias in node.names):
                return True
        elif isinstance(node, ast.ImportFrom):
            own |= {alias.asname or alias.name for alias in node.names}
            if node.level or node.module.partition(".")[0] not in HARMLESS:
                return True
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id not in own:
            return True
        if isinstance(node, ast.Call) and not _is_plain(node.func):
            return True
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.With)):
            return True
    return False


def _is_plain(function: ast.expr) -> bool:
    """Whether a call's outcome follows from its arguments, or is the class's configuration."""
    if isinstance(function, ast.Name):
        return function.id in NAMES | {"Path"}
    return function.attr in OF_PATHS | {"append", "extend", "update", "prepare_environment"} if (
        isinstance(function, ast.Attribute)
    ) else False


def _add(made, path: str) -> None:
    """Take a file, or a folder with all in it, into a fingerprint; links are not followed."""
    try:
        kind = os.lstat(path)
    except FileNotFoundError:
        made.update(f"{path!r} is not there\n".encode())
        return
    if stat.S_ISDIR(kind.st_mode):
        names = sorted(os.listdir(path))
        made.update(f"{path!r} holds {len(names)}\n".encode())
        for name in names:
            _add(made, os.path.join(path, name))
    elif stat.S_ISREG(kind.st_mode) and kind.st_size <= LARGE:
        with open(path, "rb") as file:
            found = hashlib.sha256(file.read()).hexdigest()
        made.update(f"{path!r} {kind.st_size} {found}\n".encode())
    else:
        to = os.readlink(path) if stat.S_ISLNK(kind.st_mode) else ""
        told = (kind.st_mode, kind.st_size, kind.st_mtime_ns, to)
        made.update(f"{path!r} {told}\n".encode())


# What JSON does not tell apart.


def plain(value):
    """Plain data with its kinds, for JSON; TypeError for anything else."""
    if isinstance(value, dict):
        kind = "counter" if isinstance(value, Counter) else "dict"
        return {kind: [[plain(key), plain(held)] for key, held in value.items()]}
    if isinstance(value, (tuple, set, frozenset)):
        kind = "tuple" if isinstance(value, tuple) else "set"
        return {kind: [plain(held) for held in value]}
    if isinstance(value, list):
        return [plain(held) for held in value]
    if value is None or type(value) in (str, int, float, bool):
        return value
    if isinstance(value, (int, float)):  # a number of numpy's is one of Python's too
        return value.item()
    raise TypeError(type(value).__name__)


def revived(value):
    """What `plain` was made of."""
    if isinstance(value, list):
        return [revived(held) for held in value]
    if not isinstance(value, dict):
        return value
    ((kind, held),) = value.items()
    if kind in ("dict", "counter"):
        pairs = {revived(key): revived(of) for key, of in held}
        return Counter(pairs) if kind == "counter" else pairs
    return (tuple if kind == "tuple" else set)(revived(one) for one in held)
