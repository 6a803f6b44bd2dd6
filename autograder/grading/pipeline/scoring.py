"""Scores what came out of the sandbox: a check's cell by the judge's verdict, any other graded cell
by nbgrader's rules. What a notebook shows is never taken for a verdict."""

from __future__ import annotations

import ast
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader import utils

from autograder.exercise import PRACTICE_SEED, Question
from autograder.exercises import find
from autograder.grading.pipeline import weights
from autograder.grading.pipeline.checks import Check, scored_seeds, seed_of_need, seeds_for
from autograder.grading.pipeline.outcome import JUDGE, PROCESS, TEACHER, Mark
from autograder.grading.sandbox.job import CellResult, Result
from autograder.judging import bounds
from autograder.judging.judge import judge
from autograder.judging.keys import answer_key
from autograder.judging.verdict import Verdict

# Judging takes milliseconds; what was observed may be made to take for ever, or all there is.
JUDGE_SECONDS, JUDGE_SECONDS_IN_ALL, JUDGE_MEMORY = 20.0, 40.0, 4 * 2**30
# Libraries that do for a learner what a numpy exercise asks for.
NOT_NUMPY = frozenset("torch torchvision scipy sklearn tensorflow keras jax cupy numba".split())
ENDED = {
    "timeout": "The notebook was stopped: it took longer than it may.",
    "killed": "The notebook's process was stopped in this cell.",
    "not run": "The notebook's process had ended before this cell.",
}


@dataclass
class Scored:
    """One notebook with its outputs and what it earned.

    `looks` are sentences about what the teacher should look at.
    """

    notebook: NotebookNode
    marks: list[Mark] = field(default_factory=list)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    looks: list[str] = field(default_factory=list)


def score(
    notebook: NotebookNode, checks: dict[str, Check], result: Result, steps: Iterable = ()
) -> Scored:
    """Fill in a sanitized notebook's outputs and score it.

    Parameters
    ----------
    checks : what `checks.checks_in` found in the notebook
    result : what the sandbox gave
    steps : nbgrader's preprocessors that stand between running and scoring
    """
    judged = Judged(result, scored_seeds(checks))
    by_id = {cell.id: cell for cell in result.cells}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            _show(cell, by_id.get(cell.id))
    for step in steps:
        notebook, _ = step(notebook, {})
    scored = Scored(notebook)
    for cell in notebook.cells:
        if cell.id in checks:
            _score_check(cell, checks[cell.id], judged, by_id.get(cell.id), scored)
        elif utils.is_grade(cell) or utils.is_task(cell):
            _score_by_rules(cell, by_id.get(cell.id), scored)
    scored.looks += dict.fromkeys(judged.looks)
    scored.looks += library_breaches(notebook, scored.verdicts)
    return scored


def score_nothing(notebook: NotebookNode, checks: dict[str, Check], why: str) -> Scored:
    """Score the assignment's own cells where what was submitted cannot be run."""
    scored = Scored(notebook)
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell(
        f"**This submission could not be graded: {why}.**", id="not-graded"
    ))  # fmt: skip
    for cell in notebook.cells:
        if utils.is_grade(cell) or utils.is_task(cell):
            most = float(cell.metadata.nbgrader.points)
            by_hand = utils.is_solution(cell) or utils.is_task(cell)
            rests = TEACHER if by_hand else JUDGE if cell.id in checks else PROCESS
            points = most if weights.is_given(cell) else 0.0
            scored.marks.append(Mark(cell.metadata.nbgrader.grade_id, points, most, rests))
    return scored


def _show(cell: NotebookNode, ran: CellResult | None) -> None:
    """Put a cell's outputs where they belong, and say so where it did not run to its end."""
    cell.outputs = [nbformat.from_dict(output) for output in ran.outputs] if ran else []
    cell.execution_count = ran.execution_count if ran else None
    state = ran.state if ran else "not run"
    if state in ENDED and not utils.has_failed(cell):
        cell.outputs.append(
            new_output("error", ename="Stopped", evalue=ENDED[state], traceback=[ENDED[state]])
        )


# Checks: the judge's word.


class Judged:
    """Verdicts on what was observed, each made once; `seeds` are `checks.scored_seeds`."""

    def __init__(self, result: Result, seeds: dict[str, int]):
        self._result, self._seeds = result, seeds
        self._made: dict[tuple[str, int], Verdict] = {}
        self._seconds = JUDGE_SECONDS_IN_ALL  # that are left
        self.looks: list[str] = []

    def verdict(self, exercise: str, seed: int) -> Verdict:
        """The verdict on an exercise, and before it on those that it needs."""
        if (exercise, seed) not in self._made:
            needed = {
                need: self.verdict(need, seed_of_need(need, seed, self._seeds))
                for need in find(exercise).all_needs()
            }
            self._made[exercise, seed] = self._judge(exercise, seed, needed)
        return self._made[exercise, seed]

    def _judge(self, exercise: str, seed: int, needed: dict[str, Verdict]) -> Verdict:
        key = answer_key(find(exercise), seed)
        reports = self._result.reports.get((exercise, seed))
        if reports is None:
            why = self._result.missing.get((exercise, seed)) or "the notebook ended before it"
            return nothing_seen(exercise, key, f"Nothing was seen of your {exercise}: {why}.")
        began = time.monotonic()
        try:
            within = max(min(JUDGE_SECONDS, self._seconds), 1.0)
            with bounds.memory(JUDGE_MEMORY), bounds.seconds(within):
                return judge(key, reports, needed, find(exercise)().read)
        except (Exception, bounds.OutOfTime) as error:  # noqa: BLE001 - anybody may have made them
            why = type(error).__name__
            self.looks.append(f"what was observed of {exercise} cannot be judged ({why})")
            return nothing_seen(
                exercise, key, f"What was observed of your {exercise} cannot be judged ({why})."
            )
        finally:
            self._seconds -= time.monotonic() - began


def nothing_seen(exercise: str, key, message: str) -> Verdict:
    return Verdict(exercise, "error", 0.0, key.max_points, message, extra=key.extra)


def _score_check(cell, check: Check, judged: Judged, ran, scored: Scored) -> None:
    """Write the judge's verdicts into a check's cell, and the points they are worth."""
    verdicts = [judged.verdict(asked.exercise, asked.seed) for asked in check.asked]
    for asked, verdict in zip(check.asked, verdicts, strict=True):
        scored.verdicts[asked.exercise] = verdict
        if issubclass(find(asked.exercise), Question):
            continue  # an answer is for the numbers that were shown
        if PRACTICE_SEED not in seeds_for(asked):
            continue
        practised = judged.verdict(asked.exercise, PRACTICE_SEED)
        if practised.status == "passed" and verdict.status != "passed":
            scored.looks.append(
                f"{asked.exercise} is right with the practice numbers and not with the class's: it "
                "may suit those alone, or keep something from one call to the next"
            )
    name, is_grade = cell.metadata.nbgrader.grade_id, utils.is_grade(cell)
    points = sum(verdict.points for verdict in verdicts)
    available = sum(verdict.max_points for verdict in verdicts)
    most = float(cell.metadata.nbgrader.points) if is_grade else available
    everybody = weights.is_given(cell)
    mark = most if everybody else weights.weighed(points, available, most)
    failed = not check.alone and (ran is None or ran.state not in ("ok", "skipped"))
    if not failed:
        cell.outputs = []
        if not check.unclear:
            html = "".join(verdict.to_html() for verdict in verdicts)
            html += weights.in_words(points, available, most, everybody)
            cell.outputs = [new_output(
                "execute_result", {"text/plain": str(float(mark)), "text/html": html},
                execution_count=cell.execution_count,
            )]  # fmt: skip
    if not is_grade:
        return
    if check.unclear and not everybody:
        scored.looks.append(f"cell {name}: {check.unclear}; score it by hand")
        scored.marks.append(Mark(name, None, most, TEACHER, for_teacher=True))
        return
    scored.marks.append(Mark(name, 0.0 if failed and not everybody else mark, most, JUDGE))


# Any other graded cell: nbgrader's rules.


def _score_by_rules(cell, ran: CellResult | None, scored: Scored) -> None:
    """As `nbgrader.utils.determine_grade` does; where that gives up, the teacher is asked."""
    name, most = cell.metadata.nbgrader.grade_id, float(cell.metadata.nbgrader.points)
    if utils.is_task(cell):
        scored.marks.append(Mark(name, None, most, TEACHER, for_teacher=True))
        return
    by_hand = utils.is_solution(cell) or cell.cell_type != "code"
    if weights.is_given(cell):
        scored.marks.append(Mark(name, most, most, PROCESS))
        return
    if not by_hand and (ran is None or ran.state in ENDED):
        scored.marks.append(Mark(name, 0.0, most, PROCESS))
        return
    try:
        points, _ = utils.determine_grade(cell)
    except (ValueError, KeyError):
        # A value above the cell's points, or one that has no text: nbgrader stops here.
        scored.looks.append(f"cell {name} gave a result that is no score from 0 to {most:g}")
        scored.marks.append(Mark(name, 0.0, most, PROCESS, for_teacher=True))
        return
    points = None if points is None else float(points)
    rests = TEACHER if by_hand else PROCESS
    scored.marks.append(Mark(name, points, most, rests, for_teacher=points is None))


# What an exercise is to be written with.


def library_breaches(notebook: NotebookNode, verdicts: dict[str, Verdict]) -> list[str]:
    """Where code for a numpy exercise calls a library that does it all, with the line.

    Looks at the cell that defines what the exercise asks for, and at the functions of the notebook
    that are called from there.
    """
    code = [
        cell for cell in notebook.cells
        if cell.cell_type == "code" and "experiment" not in cell.metadata.get("tags", ())
    ]  # fmt: skip
    defined: dict[str, tuple[str, ast.AST]] = {}
    aliases: dict[str, str] = {}
    for cell in code:
        try:
            tree = ast.parse(cell.source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # magics, or a mistake that its own cell shows
        # A set-up cell may import torch for the experiments; a name for it is no use of it.
        aliases |= _aliases(tree)
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                defined[node.name] = (cell.id, node)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                # f = other, f = lambda: a function under another name, not any value.
                if isinstance(node.value, (ast.Lambda, ast.Name, ast.Attribute, ast.Call)):
                    defined[node.targets[0].id] = (cell.id, node)
    breaches = []
    for exercise in verdicts:
        kind = find(exercise)
        if kind.library != "numpy":
            continue
        for where, line, library in _uses(kind.wanted(), defined, aliases):
            breaches.append(
                f"{exercise} is to be written with numpy; cell {where}, line {line} uses {library}"
            )
    return breaches


def _aliases(tree: ast.AST) -> dict[str, str]:
    """Names that stand for a library a numpy exercise does not use."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                library = alias.name.partition(".")[0]
                if library in NOT_NUMPY:
                    found[alias.asname or library] = library
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            library = node.module.partition(".")[0]
            if library in NOT_NUMPY:
                found |= {alias.asname or alias.name: library for alias in node.names}
    return found


def _uses(wanted, defined, aliases):
    """The first forbidden use in each function reached from `wanted`: (cell, line, library)."""
    waiting, seen = list(wanted), set()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in defined:
            continue
        seen.add(name)
        where, node = defined[name]
        own = _bound_in(node)
        for inner in ast.walk(node):
            if isinstance(inner, (ast.Import, ast.ImportFrom)) and (own := _aliases(inner)):
                yield where, inner.lineno, next(iter(own.values()))
                break
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load):
                if inner.id in own:
                    continue  # an argument or a local name, whatever else bears it
                if inner.id in aliases and inner.id not in defined:
                    yield where, inner.lineno, aliases[inner.id]
                    break
                waiting.append(inner.id)


def _bound_in(node: ast.AST) -> set[str]:
    """The arguments of a function and what it assigns."""
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return set()
    arguments = {a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)}
    stored = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)
              and isinstance(n.ctx, ast.Store)}  # fmt: skip
    return arguments | stored
