"""The files that make an environment say the same thing, and `make setup` survives mishaps."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
import yaml
from declared import (
    EXTRAS,
    PROJECT,
    constraint_lines,
    constraints,
    pins_of,
    ranges,
    serves_the_oldest_python,
)
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from autograder.commands.cli import COMMANDS
from autograder.learning.machine import pins

ROOT = Path(__file__).resolve().parents[2]
# A package goes by another name in conda's channel.
CONDA_NAMES = {"pytorch": "torch"}
# Not in environment.yml: what only some need, and what conda-forge does not have.
OPTIONAL_EXTRAS = {"dask", "browser", "site"}

def test_nothing_needs_a_newer_python_than_is_said():
    """Names that a later Python has brought, too: a linter sees the syntax alone."""
    oldest = PROJECT["requires-python"].removeprefix(">=")
    done = subprocess.run(
        # Where there is no tomllib yet, tomli is imported in its place.
        [sys.executable, "-c", "import vermin; vermin.main()", f"--target={oldest}-",
         "--violations", "--no-tips", "--no-parse-comments", "--exclude", "tomllib",
         "--processes", "1", "autograder", "course_utils", "notebooks/source"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_every_dependency_is_pinned():
    declared = set(ranges([*PROJECT["dependencies"], *sum(EXTRAS.values(), [])]))
    assert declared <= set(constraints())


@pytest.mark.parametrize("line", [*PROJECT["dependencies"], *sum(EXTRAS.values(), [])])
def test_the_pin_is_in_the_range(line):
    asked = Requirement(line)
    (pin,) = constraints()[canonicalize_name(asked.name)]
    assert pin.operator == "=="
    assert asked.specifier.contains(pin.version)


def test_ranges_pin_nothing():
    # Colab keeps its own torch only as long as the course does not ask for one version of it.
    for name, specifier in ranges([*PROJECT["dependencies"], *sum(EXTRAS.values(), [])]).items():
        assert {one.operator for one in specifier} <= {">=", "<", "!="}, name


def test_constraints_hold_no_address():
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert "://" not in text and "@" not in text and "--" not in text


# `make test` does without the browser's extra; tests/browser looks at what that one pins.
@pytest.mark.parametrize(
    "line", [line for line in constraint_lines() if line not in pins_of("browser")]
)
def test_pin_without_a_marker_serves_the_oldest_python(line):
    try:
        serves_the_oldest_python(line)
    except PackageNotFoundError as missing:
        pytest.skip(f"{missing.name} is not installed here, so its metadata cannot be read")


def test_doctor_reads_every_pin():
    assert pins() == {name: str(pin).removeprefix("==") for name, pin in constraints().items()}


def test_conda_gets_the_same_list():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    (pip_lines,) = (item["pip"] for item in listed if isinstance(item, dict))
    assert "-e ." in pip_lines
    conda = ranges(
        [item for item in listed if isinstance(item, str)]
        + [line for line in pip_lines if line != "-e ."]
    )
    assert conda.pop("python") == SpecifierSet(PROJECT["requires-python"])
    assert conda.pop("pip") == SpecifierSet()
    conda = {CONDA_NAMES.get(name, name): specifier for name, specifier in conda.items()}
    wanted = [lines for extra, lines in EXTRAS.items() if extra not in OPTIONAL_EXTRAS]
    assert conda == ranges([*PROJECT["dependencies"], *sum(wanted, [])])


def test_readme_names_only_what_exists():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    made = set(re.findall(r"(?:^|`)make ([a-z]+)", readme, re.MULTILINE))
    called = set(re.findall(r"(?:^|`)course ([a-z]+)", readme, re.MULTILINE))
    assert {"lab", "demo", "test"} <= made <= targets
    assert called and called <= set(COMMANDS)


def test_ci_runs_the_readme_test_command():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "set -euo pipefail" in script
    assert re.search(r"^make test$", script, re.MULTILINE)
    assert re.search(r"^make test-browser$", script, re.MULTILINE)
    assert re.search(r"^make lint$", script, re.MULTILINE)
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


# `make setup`: what it calls, with a stand-in for Python that notes it.
STAND_IN = """#!/bin/sh
case "$1" in -c) exit $(cat answer 2>/dev/null || echo 0) ;; esac
echo "$@" >> calls
"""


@pytest.fixture
def clone(tmp_path) -> Path:
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    stand_in = tmp_path / "stand-in"
    stand_in.write_text(STAND_IN)
    stand_in.chmod(0o755)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    shutil.copy(stand_in, tmp_path / ".venv" / "bin" / "python")
    return tmp_path


def made(clone: Path, *words: str) -> tuple[int, list[str], str]:
    """Run `make`: its exit status, what it called Python with, and what it said."""
    calls = clone / "calls"
    calls.write_text("")
    done = subprocess.run(
        ["make", *words, "PYTHON=./stand-in"],
        cwd=clone, capture_output=True, text=True, timeout=60,
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
    )  # fmt: skip
    return done.returncode, calls.read_text().splitlines(), done.stdout + done.stderr


@pytest.mark.parametrize("words, extras, then", [
    (["setup"], "lab,teach,test,dask,site", []),
    (["setup", "EXTRAS=lab"], "lab", []),
    (["lab"], "lab", ["-m autograder lab"]),
    (["lab", "NN=02"], "lab", ["-m autograder lab 02"]),
    (["demo"], "lab,teach,test,dask,site", ["-m autograder demo"]),
])  # fmt: skip
def test_make_installs_what_its_user_needs_and_no_more(clone, words, extras, then):
    status, called, _ = made(clone, *words)
    assert status == 0
    assert called == [f"-I autograder/learning/install.py --extras {extras}", *then]


def test_unusable_python_is_named(clone):
    (clone / "answer").write_text("1")
    status, called, said = made(clone, "setup")
    assert status != 0 and not called
    assert "Python 3.10 or newer" in said and "PYTHON=" in said
