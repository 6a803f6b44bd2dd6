"""A notebook's master as data: its cells, its solutions, and the namespace that they make.
What is made of a master is `build`'s; whether it is sound is `verify`'s."""

from __future__ import annotations

import hashlib
import linecache
import re
from dataclasses import dataclass, field
from pathlib import Path

import click

from autograder.exercise import Question
from autograder.exercises import find
from autograder.judging.keys import answer_key
from autograder.paths import CHECKOUT

SOURCE = CHECKOUT / "notebooks" / "source"
# nbformat's rule for a cell's id, which nbgrader's names meet too.
VALID_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
CHECK = "check_"
# What the text says of an experiment's result: asserts, for `course verify --claims` alone.
CLAIMS = re.compile(r"\n*^### BEGIN CLAIMS\n(.*?)^### END CLAIMS$", re.DOTALL | re.MULTILINE)


class MasterError(click.ClickException):
    """A master that cannot be used: the sentence names file and cell, and says what to do."""


@dataclass(frozen=True)
class Cell:
    """One cell. `metadata` is what the notebook gets; `id` is the same from run to run. `claims`
    are asserts about its result, which no notebook gets."""

    kind: str  # "code", "markdown" or "raw"
    source: str
    metadata: dict
    id: str
    claims: str = ""

    @property
    def nbgrader(self) -> dict:
        return self.metadata.get("nbgrader", {})

    @property
    def is_solution(self) -> bool:
        """Whether a learner writes code here: prose for the teacher to grade is not meant."""
        return self.kind == "code" and bool(self.nbgrader.get("solution"))

    @property
    def checks(self) -> str | None:
        """The name of the exercise that this cell checks."""
        if self.kind == "code" and self.id.startswith(CHECK) and self.nbgrader:
            return self.id.removeprefix(CHECK)
        return None


@dataclass(frozen=True)
class Master:
    """A notebook's source: `name` is "06_batchnorm"."""

    name: str
    path: Path
    cells: tuple[Cell, ...] = field(repr=False)

    def cell(self, identity: str) -> Cell | None:
        return next((cell for cell in self.cells if cell.id == identity), None)

    def checked(self) -> list[str]:
        """The exercises that the notebook checks, in its order."""
        return [cell.checks for cell in self.cells if cell.checks]


def masters(folder: Path = SOURCE) -> list[Path]:
    """The masters in a folder, in the order of the course."""
    return sorted(path for path in Path(folder).glob("[0-9][0-9]_*.py") if path.is_file())


def load(path: Path | str) -> Master:
    """Read a master.

    Parameters
    ----------
    path : a file in jupytext's percent format, or a notebook's name, "06_batchnorm"

    Raises MasterError when it cannot be read, a cell is not as it should be, or a check asks for
    an exercise that does not exist.
    """
    path = Path(path)
    if path.suffix != ".py" and not path.exists():
        path = SOURCE / f"{path.name}.py"
    import jupytext

    try:
        notebook = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")
    except FileNotFoundError:
        names = ", ".join(p.stem for p in masters(path.parent)) or "no masters at all"
        raise MasterError(f"There is no master {path}; in its folder are {names}.") from None
    except UnicodeDecodeError as error:
        raise MasterError(f"{path} is not UTF-8 text (byte {error.start}); save it so.") from None
    except Exception as error:  # noqa: BLE001 - jupytext raises what its parsers raise
        raise MasterError(f"{path} is not in jupytext's percent format: {error}") from None
    if not notebook.cells:
        raise MasterError(f"{path} has no cells; a cell begins with a line '# %%'.")
    cells: list[Cell] = []
    for number, raw in enumerate(notebook.cells, 1):
        cell = _cell(raw, {c.id for c in cells}, f"{path}, cell {number}")
        cells.append(cell)
    return Master(path.stem, path, tuple(cells))


def _cell(raw, taken: set[str], where: str) -> Cell:
    metadata = {k: v for k, v in raw.metadata.items() if k != "lines_to_next_cell"}
    name = metadata.pop("name", None)
    strange = metadata.get("incorrectly_encoded_metadata") or metadata.get("title")
    if strange is not None:
        raise MasterError(
            f"{where}: what stands after '# %%' is not key=value with JSON values: {strange}"
        )
    nbgrader = metadata.get("nbgrader")
    if nbgrader is not None:
        if not isinstance(nbgrader, dict) or not isinstance(nbgrader.get("grade_id"), str):
            raise MasterError(f"{where}: nbgrader={{...}} needs a \"grade_id\" that is a name.")
        metadata["nbgrader"] = nbgrader = dict(nbgrader)
        if name not in (None, nbgrader["grade_id"]):
            raise MasterError(f"{where}: it is called {name} and {nbgrader['grade_id']}; keep one.")
        name = nbgrader["grade_id"]
    if name is not None and not VALID_ID.fullmatch(str(name)):
        raise MasterError(
            f"{where}: the name '{name}' is not up to 64 letters, digits, '_' and '-'."
        )
    if name in taken:
        raise MasterError(f"{where}: another cell is called {name} already.")
    source, claims = without_claims(raw.source, where)
    if claims and (raw.cell_type != "code" or "experiment" not in metadata.get("tags", ())):
        raise MasterError(f"{where}: only a cell with tags=[\"experiment\"] has claims.")
    identity = name or identity_of(raw.cell_type, source, taken)
    cell = Cell(raw.cell_type, source, metadata, identity, claims)
    if cell.checks:
        _is_check(cell, where)
    return cell


def identity_of(kind: str, source: str, taken: set[str]) -> str:
    """An id made from the content; equal cells are told apart by their order."""
    again = 0
    while True:
        digest = hashlib.sha256(f"{kind}\n{again}\n{source}".encode()).hexdigest()
        # A letter first, as some readers take ids for HTML names.
        if (identity := f"c{digest[:11]}") not in taken:
            return identity
        again += 1


def without_claims(source: str, where: str) -> tuple[str, str]:
    """A cell's source without its blocks of claims, and what these hold.

    Raises MasterError when a block does not end, or is no Python.
    """
    claims = "".join(CLAIMS.findall(source))
    rest = CLAIMS.sub("", source)
    if "BEGIN CLAIMS" in rest or "END CLAIMS" in rest:
        raise MasterError(
            f"{where}: ### BEGIN CLAIMS and ### END CLAIMS stand in lines of their own, in pairs."
        )
    try:
        compile(claims, where, "exec")
    except SyntaxError as error:
        raise MasterError(f"{where}: its claims are no Python: {error}") from None
    return rest, claims


def check_source(exercise: str) -> str:
    """What a check cell holds."""
    return f'from autograder import check\n\ncheck("{exercise}")'


def _is_check(cell: Cell, where: str) -> None:
    try:
        kind = find(cell.checks)
    except KeyError as unknown:
        raise MasterError(f"{where} ({cell.id}): {unknown.args[0]}") from None
    if cell.source.strip() != check_source(cell.checks):
        raise MasterError(
            f"{where} ({cell.id}): a check cell holds exactly these lines:\n"
            f"{check_source(cell.checks)}"
        )
    if kind.extra and cell.nbgrader.get("grade"):
        raise MasterError(
            f"{where} ({cell.id}): {kind.name} is an extra and carries no points; make its check "
            f'nbgrader={{"grade_id": "{cell.id}", "locked": true}}.'
        )


def solutions(master: Master) -> dict[str, str]:
    """The source of every solution cell by its name, markers and docstring and all."""
    return {cell.id: cell.source for cell in master.cells if cell.is_solution}


def stub(source: str) -> str:
    """What of a solution cell the learner gets; nbgrader's own ClearSolutions says it."""
    from nbformat.v4 import new_code_cell, new_notebook
    from nbgrader.preprocessors import ClearSolutions

    meta = {"nbgrader": {"solution": True, "grade": False, "grade_id": "stub"}}
    notebook = new_notebook(cells=[new_code_cell(source, metadata=meta)])
    cleared, _ = ClearSolutions().preprocess(notebook, {})
    return cleared.cells[0].source


def answers(master: Master) -> dict[str, object]:
    """The right answer to every question of the notebook."""
    return {
        name: answer_key(find(name)).cases[0].right["answer"].value
        for name in master.checked()
        if issubclass(find(name), Question)
    }


def run(source: str, namespace: dict, where: str) -> None:
    """Execute a cell's source; its lines are found by tracebacks and `inspect`.

    Raises whatever the source raises, SyntaxError included.
    """
    file = f"<{where}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    exec(compile(source, file, "exec"), namespace)  # the course's own cells


def namespace(master: Master, exclude: tuple[str, ...] = ()) -> dict:
    """What a notebook's names are once the imports, all solutions and right answers are in.

    Parameters
    ----------
    exclude : names of solution cells and questions to leave out

    Raises MasterError, naming the cell, when one cannot be run.
    """
    if master.cell("imports") is None:
        raise MasterError(
            f"{master.path} has no cell with the name imports (# %% name=\"imports\"); "
            "solutions may use only what it imports."
        )
    parts = {"imports": master.cell("imports").source, **solutions(master)}
    made: dict = {"__name__": "__main__"}
    for name, source in parts.items():
        if name in exclude:
            continue
        try:
            run(source, made, f"{master.name}: {name}")
        except Exception as error:
            raise MasterError(
                f"{master.path}, cell {name}: it cannot be run: {type(error).__name__}: {error}"
            ) from error
    made.update({n: value for n, value in answers(master).items() if n not in exclude})
    return made
