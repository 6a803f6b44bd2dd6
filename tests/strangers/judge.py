"""Grades banks of strangers' programs, and keeps what each wrong one is named (README.md)."""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import io
import json
import re
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
SEEDS = (None, 11, 12345)  # right programs pass on all of them
WRONG_SEED = 77


@dataclass(frozen=True)
class Program:
    """One program of a bank; `pattern` is what a good diagnosis of a wrong one matches."""

    exercise: str
    label: str
    code: dict
    pattern: str | None = None

    @property
    def name(self) -> str:
        return f"{self.exercise}: {self.label}"


@dataclass(frozen=True)
class Bank:
    """All programs for one notebook."""

    notebook: str
    given: dict
    right: tuple[Program, ...]
    wrong: tuple[Program, ...]

    def verdict(self, program: Program, seed: int | None):
        """The verdict on a program among the bank's right ones."""
        from autograder import grade

        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            return grade(program.exercise, {**self.given, **program.code}, seed=seed)


def load(path: Path) -> Bank:
    """A bank from its file."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # programs that are sent to other processes look for it
    spec.loader.exec_module(module)
    # Some are helpers that a check asks for beside the exercise's own name (pack_dataset).
    first = [Program(name, "the first", {}) for name in module.RIGHT if is_exercise(name)]
    more = [Program(name, label, code) for name, label, code in getattr(module, "MORE", ())]
    wrong = [Program(name, label, code, says) for name, label, says, code in module.WRONG]
    return Bank(path.stem[-2:], module.RIGHT, (*first, *more), tuple(wrong))


def is_exercise(name: str) -> bool:
    from autograder.exercises import find

    try:
        return bool(find(name))
    except KeyError:
        return False


def banks() -> dict[str, Path]:
    """Notebook number → file."""
    return {path.stem[-2:]: path for path in sorted((HERE / "banks").glob("bank_*.py"))}


def not_wrong() -> dict[str, dict[str, str]]:
    """Notebook → program → why it is right after all."""
    try:
        import tomllib
    except ModuleNotFoundError:  # Python 3.10
        import tomli as tomllib
    return tomllib.loads((HERE / "not_wrong.toml").read_text(encoding="utf-8"))


def outcome(verdict) -> list[str]:
    """What is kept of a verdict on a wrong program: the status and the first name."""
    return [verdict.status, *verdict.mistakes[:1]]


def kept(notebook: str) -> dict[str, list[str]]:
    return json.loads((HERE / "outcomes" / f"{notebook}.json").read_text(encoding="utf-8"))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("notebooks", nargs="*", help="numbers, such as 06; all without any")
    arguments.add_argument("--only", help="this exercise alone")
    arguments.add_argument("--show", action="store_true", help="print every message")
    arguments.add_argument("--write", action="store_true", help="keep the outcomes")
    asked = arguments.parse_args()
    for number, path in banks().items():
        if asked.notebooks and number not in asked.notebooks:
            continue
        bank, excused, found = load(path), not_wrong().get(number, {}), {}
        refused = sum(
            bank.verdict(program, seed).status != "passed"
            for program in bank.right for seed in SEEDS
            if asked.only in (None, program.exercise)
        )  # fmt: skip
        wrong = [p for p in bank.wrong if asked.only in (None, p.exercise)]
        accepted = named = 0
        for program in wrong:
            verdict = bank.verdict(program, WRONG_SEED)
            found[program.name] = outcome(verdict)
            accepted += verdict.status == "passed" and program.name not in excused
            fits = re.search(program.pattern, verdict.message, re.IGNORECASE)
            named += bool(verdict.mistakes and fits)
            if asked.show:
                print(f"{program.name}\n  {verdict.mistakes}\n  {verdict.message}\n")
        print(
            f"{number}: {refused} right refused; of {len(wrong)} wrong {accepted} accepted, "
            f"{named} match their pattern"
        )
        if asked.write:
            text = json.dumps(found, indent=0, ensure_ascii=False, sort_keys=True)
            (HERE / "outcomes" / f"{number}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
