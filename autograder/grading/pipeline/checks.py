"""Which exercises a notebook's cells check, with which seeds, and the job that this makes for the
sandbox. Nothing is run or judged here."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from nbformat import NotebookNode
from nbgrader import utils

from autograder.exercise import PRACTICE_SEED, Question
from autograder.exercises import find
from autograder.grading.pipeline.released import without_hidden
from autograder.grading.sandbox.job import Cell, Job
from autograder.grading.sandbox.learners_autograder import text_name
from autograder.judging.keys import program, question_text


@dataclass(frozen=True)
class Asked:
    """An exercise that a cell checks: `seed` decides its score."""

    exercise: str
    seed: int


@dataclass
class Check:
    """A locked cell that calls the course's `check`.

    Attributes
    ----------
    asked : each exercise once, in the order of the calls
    unclear : why what it asks cannot be read from its source; then nobody but the teacher scores
    alone : whether it holds nothing but checks, so that an error in it means nothing
    """

    asked: list[Asked] = field(default_factory=list)
    unclear: str = ""
    alone: bool = True


def checks_in(notebook: NotebookNode, shadowed: bool = False) -> dict[str, Check]:
    """The checks of a sanitized notebook by their cell's id.

    `shadowed` says that the assignment brings an `autograder` of its own: then there are none.
    """
    found = {}
    for cell in notebook.cells:
        kept = utils.is_locked(cell)  # a grade cell that is no answer is locked too
        if cell.cell_type == "code" and kept and not shadowed and (check := read(cell.source)):
            found[cell.id] = check
    return found


def read(source: str) -> Check | None:
    """What a cell checks, hidden tests included; None when it does not call the course's check.

    An exercise that is checked twice, as with hidden tests, is scored with the last seed.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    names = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "autograder"
        for alias in node.names
        if alias.name == "check"
    }
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _ours(node, names)]
    if not calls:
        return None
    check = Check(alone=all(_harmless(node, names) for node in tree.body))
    seeds: dict[str, int] = {}
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        exercise, seed = _arguments(call)
        if exercise is None or seed is None:
            check.unclear = f"what {ast.unparse(call)[:60]} asks for cannot be read from the cell"
            return check
        try:
            find(exercise)
        except KeyError as unknown:
            check.unclear = str(unknown.args[0])
            return check
        seeds[exercise] = seed
    check.asked = [Asked(exercise, seed) for exercise, seed in seeds.items()]
    return check


def _ours(call: ast.Call, names: set[str]) -> bool:
    function = call.func
    if isinstance(function, ast.Name):
        return function.id in names
    return (
        isinstance(function, ast.Attribute)
        and function.attr == "check"
        and isinstance(function.value, ast.Name)
        and function.value.id == "autograder"
    )


def _harmless(statement: ast.stmt, names: set[str]) -> bool:
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return True
    if not (isinstance(statement, ast.Expr) and isinstance(call := statement.value, ast.Call)):
        return False
    # A question of a test is only said to be noted.
    noted = isinstance(call.func, ast.Name) and call.func.id == "answered"
    return noted or _ours(call, names)


def _arguments(call: ast.Call) -> tuple[str | None, int | None]:
    """The exercise and the seed of a call; None for what is not written out."""
    given = dict(zip(("function_or_name", "seed"), call.args, strict=False))
    given |= {keyword.arg: keyword.value for keyword in call.keywords}
    wanted, seed = given.get("function_or_name"), given.get("seed")
    exercise = None
    if isinstance(wanted, ast.Name):
        exercise = wanted.id
    elif isinstance(wanted, ast.Constant) and isinstance(wanted.value, str):
        exercise = wanted.value
    if seed is None or (isinstance(seed, ast.Constant) and seed.value is None):
        return exercise, PRACTICE_SEED
    known = isinstance(seed, ast.Constant) and type(seed.value) is int
    return exercise, seed.value if known else None


def unnamed(made: dict) -> dict:
    """A program whose cases bear no names: a name could tell which answer is due."""
    return {**made, "cases": [{**case, "name": ""} for case in made["cases"]]}


def seeds_for(asked: Asked) -> tuple[int, ...]:
    """The seeds with which an exercise is observed: that which scores it, and that of practice,
    which tells whether the learner saw it pass; not where that would take seconds more."""
    alone = find(asked.exercise).takes_seconds
    return (asked.seed,) if alone else (PRACTICE_SEED, asked.seed)


def seed_of_need(need: str, seed: int, scored: dict[str, int]) -> int:
    """The seed with which `need` is observed for an exercise that builds on it and is observed with
    `seed`: the same; where that takes seconds, the one that `need` is scored with itself.

    `scored` has the seeds of the exercises that a notebook checks, by name.
    """
    return scored.get(need, seed) if find(need).takes_seconds else seed


def scored_seeds(checks: dict[str, Check]) -> dict[str, int]:
    """The seed that scores each exercise that a notebook checks."""
    return {asked.exercise: asked.seed for check in checks.values() for asked in check.asked}


def wanted_seeds(checks: dict[str, Check]) -> Iterator[tuple[str, int]]:
    """Each exercise that is observed, with a seed: what a check needs stands before it. A pair may
    come twice."""
    scored = scored_seeds(checks)
    for asked in (asked for check in checks.values() for asked in check.asked):
        for seed in seeds_for(asked):
            for need in find(asked.exercise).all_needs():
                yield need, seed_of_need(need, seed, scored)
            yield asked.exercise, seed


def job_for(
    notebook: NotebookNode,
    checks: dict[str, Check],
    files: dict[str, bytes],
    skip_tags: Collection[str] = (),
) -> Job:
    """What the sandbox is given: cells without hidden checks, and inputs without answers.

    Each exercise is observed once, behind the first cell that checks it, with `seeds_for`; what
    it needs is observed too (`seed_of_need`).
    """
    seeds: dict[str, dict[int, dict]] = {}
    for name, seed in wanted_seeds(checks):
        seeds.setdefault(name, {})[seed] = unnamed(program(find(name), seed))
    own = set(scored_seeds(checks))
    observed: set[str] = set()
    cells = []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        check = checks.get(cell.id)
        due = []
        for asked in check.asked if check else ():
            needed = [n for n in find(asked.exercise).all_needs() if n not in own]
            due += [n for n in (*needed, asked.exercise) if n not in observed]
            observed.update(due)
        skip = "nbgrader" not in cell.metadata and not set(skip_tags).isdisjoint(
            cell.metadata.get("tags", ())
        )
        source = without_hidden(cell.source)[0] if check else cell.source
        cells.append(Cell(cell.id, source, "check" if check else "code", skip, tuple(due)))
    texts = {
        text_name(name, seed): question_text(find(name), seed)
        for name in sorted(own)
        if issubclass(find(name), Question)
        for seed in seeds[name]
    }
    return Job(tuple(cells), seeds, files, texts)
