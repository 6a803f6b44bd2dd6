"""The guides: the authors' worked example does what it says, and all that is named in any of them
exists."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.commands.cli import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
GUIDES = sorted((ROOT / "docs").glob("*.md"))
PAGES = [ROOT / "README.md", *GUIDES]
LARGEST = 150_000  # bytes of one picture

# A sentence that says where a block of code goes, and the block.
STEP = re.compile(
    r"^(?P<verb>New file|In) `(?P<file>[^`]+)`(?:, before the line `(?P<line>[^`]+)`"
    r"|, at the end)?:\n\n```\w*\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


def steps() -> list[re.Match]:
    return list(STEP.finditer((ROOT / "docs" / "authors.md").read_text(encoding="utf-8")))


def steps_until_equivalents() -> tuple[list[re.Match], re.Match, list[re.Match]]:
    """What comes before the list of equivalent mutants, that step, and what comes after it."""
    found = steps()
    (place,) = (i for i, step in enumerate(found) if step["file"].endswith("equivalents.toml"))
    return found[:place], found[place], found[place + 1 :]


def follow(step: re.Match, folder: Path) -> None:
    """Do to a copy of the course what one sentence of the guide says."""
    path = folder / step["file"]
    if step["verb"] == "New file":
        assert not path.exists(), f"{step['file']} is there already"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(step["code"], encoding="utf-8")
        return
    text = path.read_text(encoding="utf-8")
    if step["line"]:
        assert text.count(f"\n{step['line']}\n") == 1, step["line"]
        text = text.replace(f"\n{step['line']}\n", f"\n{step['code']}{step['line']}\n")
    else:
        text = text + "\n" + step["code"]
    path.write_text(text, encoding="utf-8")


def call(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run Python on the copy of the course in `folder`."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1"}
    environment.pop("COURSE_TESTS", None)  # by hand, as the guide has it
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment,
        capture_output=True, text=True, timeout=240,
    )  # fmt: skip


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """A copy of what an author works on, with the guide's exercise before it verifies."""
    folder = tmp_path_factory.mktemp("course")
    caches = shutil.ignore_patterns("__pycache__", ".*")
    for name in ("autograder", "course_utils", "notebooks/source", "tests/wrong_code"):
        shutil.copytree(ROOT / name, folder / name, ignore=caches)
    for name in ("pyproject.toml", "constraints.txt", "data/small_shapes.pt", "tests/conftest.py",
                 "data/results/clinic_programs.json", "data/results/clinic_ward.json",
                 "tests/exercises/test_wrong_code.py", "tests/turns.py",
                 "tests/course_utils/explorers/test_explorers.py"):  # fmt: skip
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    for step in steps_until_equivalents()[0]:
        follow(step, folder)
    return folder


@pytest.fixture(scope="module")
def built_copy(copy) -> Path:
    """The copy with the notebook built. Tests of one file may run in several processes, each with
    a copy of its own: what one test builds, another does not have."""
    done = call(copy, "-m", "autograder", "build", "18")
    assert done.returncode == 0, done.stdout + done.stderr
    return copy


def test_the_authors_example_builds(built_copy):
    built = (built_copy / "notebooks" / "18_rescaling.ipynb").read_text(encoding="utf-8")
    assert "NotImplementedError" in built and "SOLUTION" not in built


def test_the_authors_wrong_code_gets_its_names(copy):
    done = call(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider",
                "tests/exercises/test_wrong_code.py", "-k", "rescale")  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    # Two entries, and that there are two.
    assert re.search(r"\b3 passed", done.stdout), done.stdout


def test_the_authors_example_verifies_after_its_last_step_only(built_copy):
    command = ("-m", "autograder", "verify", "rescale", "--jobs", "1")
    before = call(built_copy, *command)
    assert before.returncode == 1, before.stdout + before.stderr
    last = steps_until_equivalents()[1]
    changed = re.findall(r'^changed = "(.*)"$', last["code"], re.MULTILINE)
    assert len(changed) == 2
    for line in changed:
        assert line.partition(" = ")[2] in before.stdout
    follow(last, built_copy)
    after = call(built_copy, *command)
    assert after.returncode == 0, after.stdout + after.stderr


def test_the_authors_mistake_question_and_explorer_hold(copy):
    for step in steps_until_equivalents()[2]:
        follow(step, copy)
    for command in (
        ("-m", "autograder", "build", "18", "98"),
        ("-m", "autograder", "verify", "18", "--mutants", "none", "--jobs", "1"),
        ("-m", "pytest", "-q", "-p", "no:cacheprovider",
         "tests/course_utils/explorers/test_explorers.py", "tests/exercises/test_wrong_code.py",
         "-k", "rescaling or rescale"),
    ):  # fmt: skip
        done = call(copy, *command)
        assert done.returncode == 0, done.stdout + done.stderr
    # Three entries of wrong code, that there are two, and what must hold of explorers.
    assert int(re.search(r"\b(\d+) passed", done.stdout)[1]) >= 8, done.stdout
    assert "q18_outlier" in (copy / "notebooks/98_pretest.ipynb").read_text(encoding="utf-8")


# All guides.


def commands(page: Path, program: str) -> list[str]:
    """What stands after `program` where a page gives it as code, at the start of a line or span."""
    text = page.read_text(encoding="utf-8")
    fenced = re.findall(r"^ *```\w*\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^ *```.*?^ *```$", "", text, flags=re.M | re.S))
    lines = [line.strip() for block in (*fenced, *spans) for line in block.splitlines()]
    return [line.removeprefix(program).strip() for line in lines if line.startswith(f"{program} ")]


def test_commands_are_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("Do\nmake no noise, `make lab NN=02`:\n\n  ```\n  make site\n  ```\n`x`\n")
    assert commands(page, "make") == ["site", "lab NN=02"]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_commands_are_there(page):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE)
    assert {line.split()[0] for line in commands(page, "make")} <= set(targets)
    named = {line.split()[0] for line in commands(page, "course")} - {"COMMAND"}
    assert named <= set(COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_and_files_are_there(page):
    text = page.read_text(encoding="utf-8")
    linked = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text)
    gone = [link for link in linked if not (page.parent / link).exists()]
    assert not gone
    named = re.findall(r"`((?:autograder|course_utils|tests|docs|benchmarks|notebooks)/[\w./]*)`",
                       text)  # fmt: skip
    created = {step["file"] for step in steps()}
    assert [name for name in named if not (ROOT / name).exists() and name not in created] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_options_are_there(page):
    """Every long option that a guide gives to a command of the course is one that it has."""
    from click.testing import CliRunner

    from autograder.commands.cli import cli

    for line in commands(page, "course"):
        words = line.partition("  ")[0].split()
        path = words[:2] if words[0] == "class" and len(words) > 1 else words[:1]
        options = {word.partition("=")[0] for word in words if word.startswith("--")} - {"--help"}
        if options:
            help_text = CliRunner().invoke(cli, [*path, "--help"]).output
            assert all(option in help_text for option in options), line


def test_the_readme_counts_rightly():
    from autograder.exercise import Question
    from autograder.exercises import find
    from autograder.learning.catalogue import exercises

    kinds = [find(listed.name) for listed in exercises()]
    questions = [kind for kind in kinds if issubclass(kind, Question)]
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    said = re.search(
        r"more than (\d+) exercises to program, (\d+) questions and ([\d,]+) mistakes", text
    )
    programmed, asked, mistakes = (int(number.replace(",", "")) for number in said.groups())
    assert len(kinds) - len(questions) > programmed and len(questions) > asked
    assert sum(len(kind.mistakes()) for kind in kinds) > mistakes
    assert "Eighteen notebooks" in text and len({kind.notebook for kind in kinds} - {None}) == 18


@pytest.mark.parametrize("picture", sorted((ROOT / "docs" / "images").iterdir()),
                         ids=lambda path: path.name)  # fmt: skip
def test_pictures_are_small_and_used(picture):
    assert picture.stat().st_size <= LARGEST
    assert any(f"images/{picture.name}" in page.read_text(encoding="utf-8") for page in PAGES)


def test_the_tree_names_every_folder_and_no_other():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    (tree,) = re.findall(r"^## The folders\n\n```text\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    named: set[str] = set()
    above: list[str] = []
    for line in tree.splitlines():
        indent = len(line) - len(line.lstrip())
        place = line.split()[0]
        above[indent // 4 :] = [place.rstrip("/")]
        named.add("/".join(above))
        assert (ROOT / "/".join(above)).exists(), place
    packages = [path.parent for top in ("autograder", "course_utils")
                for path in (ROOT / top).rglob("__init__.py")]  # fmt: skip
    notebooks = ROOT / "autograder" / "exercises"
    wanted = {str(p.relative_to(ROOT)) for p in packages if p.parent != notebooks}
    assert wanted <= named
