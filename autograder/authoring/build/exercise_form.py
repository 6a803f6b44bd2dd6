"""Whether an exercise is entered and written down as the course writes it down, as far as this
shows without running it. Whether it tells right from wrong is what `proofs` finds."""

from __future__ import annotations

import ast
import traceback
from importlib import import_module
from pathlib import Path

import autograder.exercises
from autograder.authoring.build import masters
from autograder.authoring.verify.proofs import Failure
from autograder.exercise import REGISTRY, Exercise, Question
from autograder.exercises import load_all, rooms

ROOMS = Path(autograder.exercises.__file__).parent
LISTS = ("hints", "needs", "modifies", "counted")


def load_rooms(folder: Path = ROOMS) -> None:
    """Import all exercises.

    Raises MasterError when a room cannot be imported, with file and line; when one is not entered
    in its folder's ROOMS, so that nobody would load it; and when two of them call an exercise the
    same.
    """
    try:
        load_all()
    except Exception as error:  # whatever an author's file raises
        raise masters.MasterError(f"No exercise can be loaded: {_told(error)}") from error
    known = set(rooms())
    for path in sorted(folder.glob("*/*.py")):
        home = f"autograder.exercises.{path.parent.name}.{path.stem}"
        if home not in known and _has_exercises(path):
            raise masters.MasterError(
                f"{_called(path)} has exercises that the course does not know: enter "
                f'"{path.stem}" in ROOMS of autograder/exercises/{path.parent.name}/__init__.py, '
                "where the learner meets it."
            )
    _taken_once()


def _called(path: Path) -> str:
    """A room as authors call it: batchnorm/forward.py."""
    return f"{path.parent.name}/{path.name}"


def _told(error: Exception) -> str:
    """The error and the place nearest to it in a room."""
    if isinstance(error, SyntaxError):
        return f"{_called(Path(error.filename or ''))}, line {error.lineno}: {error.msg}"
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if Path(frame.filename).parent.parent == ROOMS]
    at = f"{_called(Path(inside[-1].filename))}, line {inside[-1].lineno}: " if inside else ""
    return f"{at}{type(error).__name__}: {error}"


def _has_exercises(path: Path) -> bool:
    """Whether a file defines a class that has cases, unless it is one for others to build on."""
    try:
        body = ast.parse(path.read_text(encoding="utf-8")).body
    except SyntaxError:  # not a room yet
        return False
    classes = [node for node in body if isinstance(node, ast.ClassDef) and not node.keywords]
    return any(getattr(part, "name", "") == "cases" for node in classes for part in node.body)


def _taken_once() -> None:
    """Each room's exercises are those that their names find; raises MasterError otherwise."""
    for room in rooms():
        module = import_module(room)
        for name, kind in vars(module).items():
            if getattr(kind, "__module__", None) != module.__name__ or name not in REGISTRY:
                continue
            if (other := REGISTRY[name].__module__) != module.__name__:
                raise masters.MasterError(
                    f"{_file(room)} and {_file(other)} both have an exercise called {name}: give "
                    "one of them another name."
                )


def _file(module: str) -> str:
    return "/".join(module.split(".")[-2:]) + ".py"


def form(kind: type[Exercise], master: masters.Master) -> list[Failure]:
    """What is amiss with an exercise's attributes, its notebook and its signature."""
    found: list[Failure] = []

    def fail(what: str, do: str) -> None:
        found.append(Failure(kind.name, what, do))

    for name in LISTS:
        if isinstance(getattr(kind, name), str):
            fail(f"{name} is one string, which counts as a list of letters",
                 f'Put a comma after it: {name} = ("...",)')  # fmt: skip
    if kind.difficulty not in (1, 2, 3):
        fail(f"its difficulty is {kind.difficulty}", "Say 1, 2 or 3")
    if kind.notebook != master.name:
        fail(f"its folder says NOTEBOOK = {kind.notebook!r}, and {master.path.name} checks it",
             f'Move {_file(kind.__module__)} to the folder whose NOTEBOOK is "{master.name}", or '
             "move its cells")  # fmt: skip
    if issubclass(kind, Question):
        return found
    if isinstance(kind.hints, tuple) and len(kind.hints) < 2:
        fail(f"{len(kind.hints)} of two hints", 'Give it hints = ("a nudge", "then more")')
    source = masters.solutions(master).get(kind.name, "")
    for signature in kind.signatures:
        written = _parameters(source, signature.name)
        if written is not None and signature.parameters and written != signature.parameters:
            fail(f"its signature is {signature}, and the notebook's has ({', '.join(written)})",
                 "Let both say the same: learners are told the signature's names")  # fmt: skip
    return found


def _parameters(source: str, name: str) -> tuple[str, ...] | None:
    """The parameters of the function of that name in a cell; None where there is none."""
    try:
        body = ast.parse(source).body
    except SyntaxError:  # said when it is run
        return None
    for node in body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return tuple(a.arg for a in (*node.args.posonlyargs, *node.args.args))
    return None
