"""A release: one version in three files, and what the script says where something is not ready."""

from __future__ import annotations

import shutil
import sys
from datetime import date
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "docs"))

import release  # noqa: E402 - found through the line above

FILES = ("pyproject.toml", "CITATION.cff", "CHANGELOG.md")
DAY = date(2027, 2, 1)


@pytest.fixture
def copy(tmp_path) -> Path:
    for name in FILES:
        shutil.copy(ROOT / name, tmp_path / name)
    changes = tmp_path / "CHANGELOG.md"
    text = changes.read_text(encoding="utf-8")
    if release.PENDING not in text:  # on the day of a release
        first = f"## {release.versions(tmp_path)['CHANGELOG.md']}"
        pending = f"{release.PENDING}\n\n- More.\n\n{first}"
        changes.write_text(text.replace(first, pending, 1), "utf-8")
    return tmp_path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_course_says_one_version():
    assert release.disagreements() == []


def test_a_version_that_differs_is_told_with_all_three(copy):
    before = release.versions(copy)["CITATION.cff"]
    change(copy / "CITATION.cff", f"version: {before}", "version: 9.9.9")
    (told,) = release.disagreements(copy)
    assert "CITATION.cff 9.9.9" in told and f"pyproject.toml {before}" in told


def test_releases_out_of_order_are_told(copy):
    path = copy / "CHANGELOG.md"
    path.write_text(path.read_text("utf-8") + "\n## 7.0.0\n\nLater.\n", "utf-8")
    assert any("in order" in told for told in release.disagreements(copy))


def test_a_new_version_is_written_into_all_three(copy):
    release.set_version("8.1.0", copy, DAY)
    assert set(release.versions(copy).values()) == {"8.1.0"}
    assert "## 8.1.0 · 2027-02-01" in (copy / "CHANGELOG.md").read_text("utf-8")
    assert "date-released: 2027-02-01" in (copy / "CITATION.cff").read_text("utf-8")
    assert release.disagreements(copy) == []


def test_a_second_release_replaces_the_day(copy):
    release.set_version("8.1.0", copy, DAY)
    change(copy / "CHANGELOG.md", "## 8.1.0", f"{release.PENDING}\n\n- More.\n\n## 8.1.0")
    release.set_version("8.2.0", copy, date(2027, 3, 1))
    assert (copy / "CITATION.cff").read_text("utf-8").count("date-released") == 1


@pytest.mark.parametrize("version, says", [
    ("0.2", "three numbers"), ("v1.0.0", "three numbers"), ("0.0.1", "is not newer than"),
])  # fmt: skip
def test_what_is_no_next_version_is_refused_and_nothing_is_written(copy, version, says):
    before = {name: (copy / name).read_bytes() for name in FILES}
    with pytest.raises(ValueError, match=says):
        release.set_version(version, copy)
    assert {name: (copy / name).read_bytes() for name in FILES} == before


def test_nothing_new_is_no_release(copy):
    change(copy / "CHANGELOG.md", release.PENDING, "## Later")
    with pytest.raises(ValueError, match="what would 8.0.0 be"):
        release.set_version("8.0.0", copy)


def test_what_is_not_ready_is_told(copy):
    said = {"tag": "v0.1.0", "status": " M README.md\n?? x"}
    told = release.unready(copy, lambda verb, *_: said[verb])
    assert any("still has" in t for t in told) and any("already" in t for t in told)
    assert any("2 files differ" in t for t in told)
    release.set_version("8.0.0", copy, DAY)
    assert release.unready(copy, lambda *_: "") == []


def test_the_commands_that_it_runs_are_there():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    from autograder.commands.cli import COMMANDS

    for _, command in (*release.QUICK, *release.LONG):
        if command[0] == "make":
            assert f"\n{command[1]}:" in makefile
        else:
            assert command[:3] == release.COURSE and command[3] in COMMANDS
