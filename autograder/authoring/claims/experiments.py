"""Runs a notebook's cells and tries its claims, in this process. Which processor that is, is
`processors`'."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from autograder.authoring.build.masters import Cell, Master, MasterError, answers, load, run


@dataclass(frozen=True)
class Tried:
    """One claim: what the text says, what was seen, and whether it holds."""

    cell: str
    says: str
    seen: str
    holds: bool


def tried(master: Master, only: tuple[str, ...] | None = None) -> list[Tried]:
    """Run the solved notebook as far as its last claim; what became of each.

    With `only`, of its experiments those of these names are run, and no others.

    Raises MasterError, naming the cell, when a cell stops.
    """
    right = answers(master)
    names: dict = {"__name__": "__main__"}
    last = max((i for i, cell in enumerate(master.cells) if cell.claims), default=-1)
    found: list[Tried] = []
    for cell in master.cells[: last + 1]:
        if cell.id in right:
            names[cell.id] = right[cell.id]
        elif left_out(cell, only):
            continue
        elif cell.kind == "code" and not cell.checks:
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    run(cell.source, names, f"{master.name}: {cell.id}")
            except Exception as error:
                what = f"{type(error).__name__}: {error}"
                raise MasterError(f"{master.path}, cell {cell.id}: it stops: {what}") from error
        found += claims_of(cell.id, cell.claims, names)
        _close_figures()
    return found


def left_out(cell: Cell, only: tuple[str, ...] | None) -> bool:
    """Whether this is an experiment, and not one of those that are wanted."""
    is_experiment = "experiment" in cell.metadata.get("tags", ())
    return only is not None and is_experiment and cell.id not in only


def claims_of(cell: str, source: str, names: dict) -> list[Tried]:
    """Try each assert of a block of claims; its other lines make names for them.

    The values beside a claim are those that it compares. A block that stops is a claim that does
    not hold.
    """
    names = dict(names)  # what a claim calls its values must not be in a later cell's way
    found, stopped = [], None
    for node in ast.parse(source).body:
        is_claim = isinstance(node, ast.Assert)
        holds, seen, says = False, stopped, ast.unparse(node.test if is_claim else node)
        try:
            if is_claim and node.msg:
                says = str(_value(node.msg, names))
            if is_claim and not stopped:
                holds, seen = bool(_value(node.test, names)), shown(node.test, names)
            elif not stopped:
                exec(compile(ast.Module([node], []), f"<claims of {cell}>", "exec"), names)
        except Exception as error:  # noqa: BLE001 - the author's line may stop with anything
            seen = f"{type(error).__name__}: {error}"
            stopped = stopped if is_claim else seen
        if is_claim:
            found.append(Tried(cell, says, seen, holds))
    return found


def shown(test: ast.expr, names: dict) -> str:
    """A comparison with its values in place of its expressions: 0.9 < 0.967."""
    if isinstance(test, ast.BoolOp):
        word = " and " if isinstance(test.op, ast.And) else " or "
        return word.join(shown(part, names) for part in test.values)
    if not isinstance(test, ast.Compare):
        return _short(_value(test, names))
    parts = [_short(_value(test.left, names))]
    for operator, right in zip(test.ops, test.comparators, strict=True):
        sign = ast.unparse(ast.Compare(ast.Name("a"), [operator], [ast.Name("b")]))[1:-1].strip()
        parts += [sign, _short(_value(right, names))]
    return " ".join(parts)


def _value(node: ast.expr, names: dict):
    return eval(compile(ast.Expression(node), "<claim>", "eval"), names)


def _short(value) -> str:
    try:
        return str(value) if str(value) in ("True", "False") else f"{value:.4g}"
    except (TypeError, ValueError):
        text = " ".join(str(value).split())
        return text if len(text) < 60 else f"{text[:57]}..."


def _close_figures() -> None:
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


def main() -> None:
    """`python -m autograder.authoring.claims.experiments MASTER RESULT [CELL]...`: as JSON."""
    master, result, *only = sys.argv[1:]
    rows = [asdict(row) for row in tried(load(Path(master)), tuple(only) or None)]
    Path(result).write_text(json.dumps(rows), encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except MasterError as problem:
        sys.exit(problem.message)
