"""What one student handed in that can be talked about: functions, predictions, written answers. It
is read as it was handed in, and nothing of it is run. What is asked about it is `drawing`'s."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

from autograder.grading.marking.questions import Question
from autograder.grading.pipeline.notebook_file import with_outputs
from autograder.grading.pipeline.outcome import Seen
from autograder.grading.pipeline.released import visible
from autograder.grading.pipeline.sanitize import Source, grade_id, sanitize

MOST_LINES = 45  # of one function: a sheet is one page or two
MOST_WORDS = 250  # of one written answer
MOST_SAID = 300  # characters of what an experiment printed


@dataclass(frozen=True)
class Code:
    """A cell that the student has written: what it is called, its lines without the docstrings, and
    what `course grade` saw of the exercise (None: not graded)."""

    assignment: str
    name: str
    lines: tuple[str, ...]
    left_out: int = 0
    seen: Seen | None = None


@dataclass(frozen=True)
class Prediction:
    """What was expected of an experiment, as it stands in the cell, and what its cell printed."""

    assignment: str
    name: str
    expected: str
    came_out: str = ""


@dataclass(frozen=True)
class Written:
    """A written answer and what it answers."""

    assignment: str
    question: Question
    text: str


@dataclass
class Material:
    """All of one student's; `problems` are notebooks that cannot be read, in sentences."""

    functions: list[Code] = field(default_factory=list)
    predictions: list[Prediction] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def add(self, other: Material) -> None:
        for name in vars(self):
            getattr(self, name).extend(getattr(other, name))

    @property
    def empty(self) -> bool:
        return not (self.functions or self.predictions or self.written)


def of_notebook(
    assignment: str, source: Source, submitted: bytes | None, questions: list[Question],
    seen: dict[str, Seen],
) -> Material:
    """What can be talked about in one notebook.

    Parameters
    ----------
    source : the notebook as the class has it
    submitted : the file's bytes; None where there is none
    questions : the assignment's written ones
    seen : exercise → what became of it when it was graded; may be empty
    """
    found = Material()
    made = sanitize(source, submitted)
    if made.problem:
        found.problems.append(made.problem)
        return found
    given = {grade_id(cell): cell["source"] for cell in source.cells}
    asked = {q.cell: q for q in questions if q.notebook == source.name}
    for cell in made.notebook.cells:
        flags = cell.metadata.get("nbgrader", {})
        name = flags.get("grade_id", "")
        if not flags.get("solution") or visible(cell.source) == visible(given.get(name, "")):
            continue
        if name in asked:
            found.written.append(Written(assignment, asked[name], shortened(cell.source)))
        elif cell.cell_type == "code":
            lines = without_docstrings(cell.source)
            if any(line.strip() for line in lines):
                kept = lines[:MOST_LINES]
                found.functions.append(
                    Code(assignment, name, tuple(kept), len(lines) - len(kept), seen.get(name))
                )
    found.predictions = predictions(assignment, with_outputs(source.name, submitted))
    return found


def without_docstrings(source: str) -> list[str]:
    """A cell's lines without docstrings, which the course has written, and without empty lines at
    the ends; a cell that Python cannot read stays as it is."""
    lines = source.rstrip().splitlines()
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return lines
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    gone: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, kinds) and ast.get_docstring(node) is not None and len(node.body) > 1:
            first = node.body[0]
            gone.update(range(first.lineno, first.end_lineno + 1))
    return [line for number, line in enumerate(lines, 1) if number not in gone]


def shortened(text: str) -> str:
    """A written answer as far as a sheet has room for it."""
    words = list(re.finditer(r"\S+", text))
    if len(words) <= MOST_WORDS:
        return text.strip()
    return text[: words[MOST_WORDS - 1].end()].strip() + " …"


def predictions(assignment: str, cells: list) -> list[Prediction]:
    """Those that were committed: `predict("name", value)` with something in place of the dots, and
    what the cell that compares printed, as it stands in the notebook."""
    expected: dict[str, str] = {}
    printed: dict[str, str] = {}
    for cell in cells:
        source = _joined(cell.get("source"))
        if cell.get("cell_type") != "code":
            continue
        refused = "is not written down: this asks for" in _printed(cell)
        for name, value in _calls(source, "predict"):
            if value and value != "..." and not refused:
                expected[name] = value[:MOST_SAID]
        compared = [name for name, _ in _calls(source, "compare")]
        said = _said(cell)
        for name, line in zip(compared, said, strict=False):
            printed[name] = line
    return [Prediction(assignment, n, v, printed.get(n, "")) for n, v in expected.items()]


def _calls(source: str, function: str) -> list[tuple[str, str]]:
    """The names and second arguments of a cell's calls of a function, in their order."""
    if function not in source:
        return []
    try:
        tree = ast.parse(source)
        found = [
            node for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            and node.func.id == function and node.args and isinstance(node.args[0], ast.Constant)
        ]  # fmt: skip
        found.sort(key=lambda node: (node.lineno, node.col_offset))
        return [
            (str(node.args[0].value), ast.unparse(node.args[1]) if len(node.args) > 1 else "")
            for node in found
        ]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _joined(text) -> str:
    """A text of a notebook's file, which may be a list of its lines; empty for anything else."""
    parts = text if isinstance(text, list) else [text]
    return "".join(part for part in parts if isinstance(part, str))


def _printed(cell) -> str:
    """What a cell printed, as it stands in the file."""
    outputs = cell.get("outputs")
    texts = [
        output.get("text") for output in (outputs if isinstance(outputs, list) else [])
        if isinstance(output, dict) and output.get("output_type") == "stream"
    ]  # fmt: skip
    return "\n".join(_joined(text) for text in texts)[:100_000]


def _said(cell) -> list[str]:
    """The sentences of `compare` in what a cell printed."""
    said = re.findall(r"^(?:You predicted .*; m|M)easured: .*$", _printed(cell), re.MULTILINE)
    return [line[:MOST_SAID] for line in said]
