"""The files that make an environment say the same thing, and `make setup` survives mishaps."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
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


# `make setup`, with a stand-in for Python that makes a venv of stand-ins and notes what pip is
# asked for. It installs nothing, so these tests need no network.
STAND_IN = """#!/bin/sh
case "$*" in
  "-m venv --clear .venv")
    rm -rf .venv; mkdir -p .venv/bin
    cp "$0" .venv/bin/python
    printf '#!/bin/sh\\n' > .venv/bin/pip; chmod +x .venv/bin/pip
    echo venv >> calls ;;
  "-m pip install"*)
    echo install >> calls
    [ ! -e no-network ] ;;
esac
"""


@pytest.fixture
def clone(tmp_path) -> Path:
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    stand_in = tmp_path / "stand-in"
    stand_in.write_text(STAND_IN)
    stand_in.chmod(0o755)
    return tmp_path


def setup(clone: Path, *variables: str) -> tuple[int, list[str], str]:
    """Run `make setup`: its exit status, what it did, and what it said."""
    calls = clone / "calls"
    calls.write_text("")
    done = subprocess.run(
        ["make", "setup", "PYTHON=./stand-in", *variables],
        cwd=clone, capture_output=True, text=True, timeout=60,
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
    )  # fmt: skip
    return done.returncode, calls.read_text().split(), done.stdout + done.stderr


def test_setup_twice_is_quick(clone):
    assert setup(clone)[:2] == (0, ["venv", "install"])
    assert setup(clone) == (0, [], "")


def test_interrupted_setup_goes_on(clone):
    (clone / "no-network").touch()
    status, did, said = setup(clone)
    assert status != 0 and did == ["venv", "install"]
    assert "run make setup again" in said
    (clone / "no-network").unlink()
    assert setup(clone)[:2] == (0, ["install"])
    assert setup(clone)[:2] == (0, [])


@pytest.mark.parametrize("lost", ["bin/python", "bin/pip", "bin"])
def test_damaged_venv_is_made_again(clone, lost):
    setup(clone)
    path = clone / ".venv" / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    status, did, said = setup(clone)
    assert (status, did) == (0, ["venv", "install"])
    assert "damaged" in said


@pytest.mark.parametrize("changed", ["pyproject.toml", "constraints.txt"])
def test_changed_requirements_are_installed(clone, changed):
    setup(clone)
    with (clone / changed).open("a") as file:
        file.write("# changed\n")
    assert setup(clone)[:2] == (0, ["install"])


def test_failed_update_is_not_taken_for_done(clone):
    setup(clone)
    (clone / "constraints.txt").write_text("numpy==2.4.7\n")
    (clone / "no-network").touch()
    assert setup(clone)[0] != 0
    shutil.copy(ROOT / "constraints.txt", clone)
    (clone / "no-network").unlink()
    # Half of the update may be installed, so the old list alone does not make it sound.
    assert setup(clone)[:2] == (0, ["install"])


def test_unusable_python_is_named(clone):
    (clone / "stand-in").write_text("#!/bin/sh\nexit 1\n")
    status, did, said = setup(clone)
    assert status != 0 and did == []
    assert "Python 3.10 or newer" in said and "PYTHON=" in said
