"""Which exercises changed since the last commit that others have, and which mutants are tried when
not all are. Asks git; changes nothing."""

from __future__ import annotations

import ast
import functools
import hashlib
import subprocess
from pathlib import Path

from autograder.authoring.build import masters
from autograder.authoring.verify.mutants import Mutant
from autograder.exercise import Exercise
from autograder.paths import CHECKOUT


def base(checkout: Path = CHECKOUT) -> str | None:
    """The commit to compare with: where this branch left origin's, else the one before; None
    without git or history."""
    head = _git(checkout, "rev-parse", "HEAD")
    for other in ("origin/HEAD", "origin/main", "main"):
        found = _git(checkout, "merge-base", "HEAD", other)
        if found and found != head:
            return found.strip()
    before = _git(checkout, "rev-parse", "--verify", "HEAD~1")
    return before.strip() if before else None


def changed(master: masters.Master, kind: type[Exercise], since: str | None,
            checkout: Path = CHECKOUT) -> bool:  # fmt: skip
    """Whether an exercise or its solution differs from what it was; True when nobody can say."""
    module = checkout / f"{kind.__module__.replace('.', '/')}.py"
    if since is None or not module.exists():
        return True
    now, then = _parts(module.read_text("utf-8")), _parts(_old(checkout, since, module))
    used = {"", *(base.__name__ for base in kind.__mro__)}
    if any(now.get(name) != then.get(name) for name in used):
        return True
    return _solution(master, kind.name) not in _old(checkout, since, master.path)


def sample(mutants: list[Mutant], number: int, seed: str) -> list[Mutant]:
    """So many mutants, drawn by the seed: the same ones for the same seed, wherever it is run."""
    def order(mutant):
        text = f"{seed} {mutant.exercise} {mutant.line} {mutant.changed}"
        return hashlib.sha256(text.encode()).digest()

    return sorted(mutants, key=order)[:number]


def rotation(checkout: Path = CHECKOUT) -> str:
    """The seed of the rotating sample: the commit, so that each commit tries other mutants and a
    failure can be run again."""
    return (_git(checkout, "rev-parse", "--short", "HEAD") or "no commit").strip()


def _parts(source: str | None) -> dict[str, str]:
    """A module's classes by name, and under "" all the rest that they may use."""
    if not source:
        return {}
    classes, rest = {}, []
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef):
            classes[node.name] = ast.dump(node)
        elif not isinstance(node, (ast.Import, ast.ImportFrom)):  # what is imported may move
            rest.append(ast.dump(node))
    return {**classes, "": "\n".join(rest)}


def _solution(master: masters.Master, name: str) -> str:
    return masters.solutions(master).get(name, "")


def _old(checkout: Path, since: str, path: Path) -> str:
    """A file as it was, or "" where it was not."""
    try:
        inside = path.resolve().relative_to(checkout.resolve()).as_posix()
    except ValueError:
        return ""
    before = _moved(checkout, since).get(inside, inside)
    return _git(checkout, "show", f"{since}:{before}") or ""


@functools.cache
def _moved(checkout: Path, since: str) -> dict[str, str]:
    """Where files that have another place now were then."""
    told = _git(checkout, "diff", "--name-status", "--find-renames", "--diff-filter=R", since) or ""
    lines = (line.split("\t") for line in told.splitlines())
    return {now: then for _, then, now in lines}


def _git(checkout: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(checkout), *arguments],
            capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None
