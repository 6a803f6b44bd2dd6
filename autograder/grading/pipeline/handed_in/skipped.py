"""Cells that bear a tag which keeps them from being run, though the rest of the notebook needs
them: a helper that was written into a copy of an experiment takes its tag along."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Collection, Mapping

from nbgrader import utils

from autograder.grading.pipeline.handed_in.finding import defined


def run_all_the_same(
    cells: list, given: Mapping[str, Collection[str]], tags: Collection[str]
) -> list[str]:
    """Take the tag off cells that others need, the learner's own or given out without it; a
    sentence on each.

    A cell of the learner's own is in the assignment under no text of `given`, and it makes a name
    that an answer uses and no cell which is run makes, or a function or class that the assignment
    asks for.

    Parameters
    ----------
    cells : a notebook's, with `metadata.nbgrader` where they are the assignment's
    given : the texts of the assignment's cells, with the tags that each was given out with
    tags : what keeps a cell from being run
    """
    code = [cell for cell in cells if cell.cell_type == "code"]
    told = _without_new_tags([c for c in code if _is_skipped(c, tags)], given, tags)
    skipped = [cell for cell in code if _is_skipped(cell, tags)]
    kept = {text.strip() for text in given}
    own = [cell for cell in skipped if cell.source.strip() not in kept]
    if not own:
        return told
    run = [cell for cell in code if not _is_skipped(cell, tags)]
    made = {name for cell in run for name in defined(cell.source)}
    answers = [cell.source for cell in run if _is_answer(cell)]
    asked = {name for source in answers for name in defined(source)}
    used = {name for source in answers for name in _free_names(source)}
    for cell in own:
        needed = sorted(defined(cell.source) & used - made | _functions(cell.source) & asked)
        if needed:
            tag = next(tag for tag in cell.metadata["tags"] if tag in tags)
            cell.metadata["tags"] = [t for t in cell.metadata["tags"] if t not in tags]
            told.append(
                f"a cell of the student's own with the tag {tag} was run all the same: "
                f"it makes {', '.join(needed[:3])}, which answers use"
            )
    return told


def _without_new_tags(skipped: list, given: Mapping, tags: Collection[str]) -> list[str]:
    """Take off cells that were given out what somebody has put there since."""
    then = {text.strip(): set(tags).intersection(had) for text, had in given.items()}
    told = []
    for cell in skipped:
        text = cell.source.strip()
        if text and text in then and not then[text]:
            tag = next(tag for tag in cell.metadata["tags"] if tag in tags)
            cell.metadata["tags"] = [t for t in cell.metadata["tags"] if t not in tags]
            told.append(f"a cell that was given out had got the tag {tag}; it was run all the same")
    return list(dict.fromkeys(told))


def _is_skipped(cell, tags: Collection[str]) -> bool:
    return "nbgrader" not in cell.metadata and not set(tags).isdisjoint(
        cell.metadata.get("tags", ())
    )


def _is_answer(cell) -> bool:
    return "nbgrader" in cell.metadata and utils.is_solution(cell)


def _free_names(source: str) -> set[str]:
    """Names that a cell takes from others, in its functions too."""
    try:
        module = symtable.symtable(source, "cell", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    found, waiting = set(), [module]
    while waiting:
        table = waiting.pop()
        waiting += table.get_children()
        found |= {s.get_name() for s in table.get_symbols()
                  if s.is_referenced() and (s.is_global() or table is module)}  # fmt: skip
    return found - defined(source)


def _functions(source: str) -> set[str]:
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name for node in body if isinstance(node, kinds)}
