"""Small syntactic changes of a solution, each as source text, and the list of those that are known
to change nothing. What is changed into what is in `operators`, whether it is rejected for `trials`
to say."""

from __future__ import annotations

import ast
import types
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import parso
from cosmic_ray.mutating import mutate_code

from autograder import toml_files
from autograder.authoring.verify.operators import operators

EQUIVALENTS = Path(__file__).with_name("equivalents.toml")
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


@dataclass(frozen=True)
class Mutant:
    """One changed solution. `line` and `changed` are the text that differs, without indentation."""

    exercise: str
    number: int
    line: str
    changed: str
    source: str

    @property
    def diff(self) -> str:
        """The change on one line, for people."""
        return f"line {self.number}: {self.line}  →  {self.changed or '(nothing)'}"


def mutants(exercise: str, source: str) -> list[Mutant]:
    """Every mutant of a solution cell, in the order of its lines.

    Only what the learner writes is changed: the lines between the solution's markers, or all of
    them where there are none. What does not compile, compiles to the same bytecode as the solution
    or as another mutant, or is nobody's mistake, is left out.
    """
    seen = {_bytecode(source)}
    found = []
    for changed in _changes(source, _solution_lines(source)):
        compiled = _bytecode(changed)
        if compiled is None or compiled in seen or _nobodys(changed):
            continue
        seen.add(compiled)
        found.append(_mutant(exercise, source, changed))
    return sorted(found, key=lambda m: (m.number, m.changed))


def _solution_lines(source: str) -> set[int]:
    """The lines, counted from 1, that are the learner's to write; a class has several regions."""
    lines = [line.strip() for line in source.splitlines()]
    begins = [number for number, line in enumerate(lines, 1) if line == BEGIN]
    ends = [number for number, line in enumerate(lines, 1) if line == END]
    if not begins or len(begins) != len(ends):
        return set(range(1, len(lines) + 1))
    return {n for begin, end in zip(begins, ends, strict=True) for n in range(begin + 1, end)}


def _changes(source: str, learners: set[int]) -> Iterator[str]:
    for operator in operators():
        occurrence = 0
        for node in _nodes(parso.parse(source)):
            for start, _ in operator.mutation_positions(node):
                if start[0] in learners:
                    changed = mutate_code(source, operator, occurrence)
                    if changed is not None:
                        yield changed
                occurrence += 1


def _nodes(node) -> Iterator:
    """A tree's nodes in the order in which cosmic-ray counts them."""
    yield node
    for child in getattr(node, "children", ()):
        yield from _nodes(child)


def _bytecode(source: str):
    """What Python makes of the source, without line numbers; None when it does not compile."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _instructions(compile(source, "<mutant>", "exec"))
        except (SyntaxError, ValueError, OverflowError, MemoryError):
            return None


def _instructions(code: types.CodeType) -> tuple:
    constants = tuple(
        _instructions(c) if isinstance(c, types.CodeType) else (type(c).__name__, repr(c))
        for c in code.co_consts
    )
    return (code.co_code, code.co_names, code.co_varnames, code.co_freevars, code.co_flags,
            code.co_argcount, code.co_kwonlyargcount, constants)  # fmt: skip


def _nobodys(source: str) -> bool:
    """Whether it holds what nobody writes: `mode < "test"`, or `reshape(-2)`, which is numpy's -1
    too."""
    by_size = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Compare(ops=ops) if any(isinstance(op, by_size) for op in ops):
                sides = [node.left, *node.comparators]
                if any(isinstance(s, ast.Constant) and isinstance(s.value, str) for s in sides):
                    return True
            case ast.Call(func=ast.Attribute(attr="reshape"), args=sizes):
                for size in sizes:
                    match size:
                        case ast.UnaryOp(ast.USub(), ast.Constant(2)):
                            return True
    return False


def _mutant(exercise: str, source: str, changed: str) -> Mutant:
    old, new = source.splitlines(), changed.splitlines()
    start = next(
        (i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b),
        min(len(old), len(new)) - 1,
    )
    end = 0
    while end < min(len(old), len(new)) - start - 1 and old[-1 - end] == new[-1 - end]:
        end += 1

    def joined(lines):
        return " ".join(" ".join(lines[start : len(lines) - end]).split())

    return Mutant(exercise, start + 1, joined(old), joined(new), changed)


# Those that are known to change nothing.


@dataclass(frozen=True)
class Equivalent:
    """A mutant that no input can tell from the solution, and why."""

    exercise: str
    line: str
    changed: str
    reason: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.exercise, self.line, self.changed


def key(mutant: Mutant) -> tuple[str, str, str]:
    """What finds a mutant in the list of equivalents, wherever its line stands by now."""
    return mutant.exercise, mutant.line, mutant.changed


def equivalents(path: Path = EQUIVALENTS) -> list[Equivalent]:
    """The list of equivalents; ValueError, naming the entry, where one lacks something."""
    entries = toml_files.load(path).get("equivalent", [])
    fields = ("exercise", "line", "changed", "reason")
    for number, entry in enumerate(entries, 1):
        wrong = [f for f in fields if not isinstance(entry.get(f), str) or not entry[f].strip()]
        if wrong == ["changed"] and entry.get("changed") == "":
            wrong = []
        if wrong or set(entry) != set(fields):
            raise ValueError(
                f"{path.name}, entry {number}: each has exactly {', '.join(fields)}, all in words; "
                f"look at {', '.join(wrong or sorted(set(entry) ^ set(fields)))}."
            )
    return [Equivalent(**entry) for entry in entries]


def stale(listed: Iterable[Equivalent], made: Iterable[Mutant]) -> list[Equivalent]:
    """The entries that fit no mutant any more."""
    keys = {key(mutant) for mutant in made}
    return [entry for entry in listed if entry.key not in keys]
