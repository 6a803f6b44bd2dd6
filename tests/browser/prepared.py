"""A learner's notebook with one exercise right, one wrong and the others untouched, and what its
checks must say. No browser here: what is expected is found by the judge in this process."""

from __future__ import annotations

import ast
import inspect
import textwrap
from dataclasses import dataclass
from pathlib import Path

import nbformat
import wrong_code

from autograder.authoring.build import masters
from autograder.exercise import Question
from autograder.exercises import find
from autograder.learning.practice import grade


@dataclass(frozen=True)
class Prepared:
    """`sources` fills cells of the learner's notebook by id; the other cells stay as they are."""

    name: str  # of the notebook, "06_batchnorm"
    right: str  # exercises
    wrong: str
    sentence: str  # of the mistake that the wrong one is told
    untouched: tuple[str, ...]
    sources: dict[str, str]

    def write(self, learners: Path, folder: Path) -> Path:
        """The notebook's copy in `folder`, filled in."""
        notebook = nbformat.read(learners, as_version=4)
        for cell in notebook.cells:
            cell.source = self.sources.get(cell.id, cell.source)
        path = folder / learners.name
        nbformat.write(notebook, path)
        return path


def prepare(name: str) -> Prepared:
    """Choose what is right and what is wrong in a notebook: the first that stand alone.

    An exercise that builds on a stub cannot be judged, so it is passed over. Raises LookupError
    when the notebook has no two exercises and a table entry that can.
    """
    master = masters.load(name)
    written = masters.solutions(master)
    exercises = [n for n in master.checked() if not issubclass(find(n), Question)]
    begun = {"__name__": "__main__"}
    masters.run(master.cell("imports").source, begun, f"{name}: imports")
    for cell, source in written.items():
        masters.run(masters.stub(source), begun, f"{name}: {cell}")

    def judged(exercise: str, source: str):
        space = dict(begun)
        masters.run(source, space, f"{name}: {exercise}")
        return grade(exercise, space)

    right = next((n for n in exercises if judged(n, written[n]).status == "passed"), None)
    if right is not None:
        masters.run(written[right], begun, f"{name}: {right}")
    for entry in _single_functions(exercises):
        if entry.exercise == right:
            continue
        source, mistake = _source(entry.code), entry.ids[0]
        try:
            verdict = judged(entry.exercise, source)
        except (NameError, SyntaxError):
            # It leans on something else in its module, or was made with what has no literal.
            continue
        if right and verdict.status == "failed" and verdict.mistakes[:1] == [mistake]:
            # Code between backticks is shown as code, without them.
            words = find(entry.exercise).mistakes()[mistake].__doc__.replace("`", "").split()
            sentence = " ".join(words)
            # What builds on something that is not right yet is told so; that is not "untouched".
            untouched = tuple(
                n for n in master.checked()
                if n not in (right, entry.exercise) and {right}.issuperset(find(n).all_needs())
            )  # fmt: skip
            return Prepared(
                name, right, entry.exercise, sentence, untouched,
                {right: written[right], entry.exercise: source},
            )  # fmt: skip
    raise LookupError(
        f"In {name} no exercise's solution, or no entry of tests/wrong_code, can be judged while "
        "all others are stubs; the browser tests need one of each."
    )


def _single_functions(exercises: list[str]):
    """The table's entries that are the whole of an exercise's cell, in the notebook's order."""
    for exercise in exercises:
        for entry in wrong_code.table():
            kind = find(entry.exercise)
            if (
                entry.exercise == exercise
                and kind.wanted() == (entry.code.__name__,)
                and inspect.isfunction(entry.code)
                and entry.ids[0] in kind.mistakes()
            ):
                yield entry


def _source(function) -> str:
    """A function's source without its decorators, and what it was made with, if anything."""
    source = textwrap.dedent(inspect.getsource(function))
    lines = source.splitlines()[ast.parse(source).body[0].lineno - 1 :]
    made_with = inspect.getclosurevars(function).nonlocals
    return "\n".join([*(f"{name} = {value!r}" for name, value in made_with.items()), *lines])
