"""What pyproject.toml and constraints.txt declare, for the tests of either kind."""

from __future__ import annotations

import sys
from importlib.metadata import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

if sys.version_info >= (3, 11):
    import tomllib
else:  # pytest brings it there
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]


def ranges(lines) -> dict[str, SpecifierSet]:
    parsed = [Requirement(line) for line in lines]
    return {canonicalize_name(one.name): one.specifier for one in parsed}


def constraint_lines() -> list[str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def constraints() -> dict[str, SpecifierSet]:
    return ranges(constraint_lines())


def pins_of(extra: str) -> list[str]:
    names = ranges(EXTRAS[extra])
    return [one for one in constraint_lines() if canonicalize_name(Requirement(one).name) in names]


def serves_the_oldest_python(line: str) -> None:
    """Raises PackageNotFoundError where what the line pins is not installed."""
    pin = Requirement(line)
    here = metadata(pin.name)
    oldest = PROJECT["requires-python"].removeprefix(">=")
    environment = {"python_version": oldest}
    if pin.specifier.contains(here["Version"]) and (
        pin.marker is None or pin.marker.evaluate(environment)
    ):
        assert SpecifierSet(here["Requires-Python"] or "").contains(f"{oldest}.0")
