"""Who may import whom: the folders' order is the architecture. Imports are read from the source,
those inside functions and those by `import_module` too."""

from __future__ import annotations

import ast
import graphlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Folder or file → what it may import, besides itself. The first that fits counts.
MAY = {
    "autograder.commands": ("autograder.grading", "autograder.authoring", "autograder.learning",
                            "autograder.exercises", "autograder.judging", "autograder.exercise",
                            "autograder.paths", "autograder.quick_start", "autograder.toml_files",
                            "course_utils"),
    "autograder.grading": ("autograder.authoring", "autograder.learning", "autograder.exercises",
                           "autograder.judging", "autograder.exercise", "autograder.paths",
                           "autograder.quick_start", "autograder.toml_files", "course_utils"),
    "autograder.authoring": ("autograder.learning", "autograder.exercises", "autograder.judging",
                             "autograder.exercise", "autograder.paths", "autograder.quick_start",
                             "autograder.toml_files"),
    "autograder.learning": ("autograder.exercises", "autograder.judging", "autograder.exercise",
                            "autograder.paths", "course_utils"),
    "autograder.exercises": ("autograder.exercise", "autograder.paths", "course_utils"),
    "autograder.judging": ("autograder.exercise",),
    "autograder.exercise": (),
    "autograder.paths": (),
    "autograder.quick_start": (),
    "autograder.toml_files": (),
    "autograder.earlier_addresses": (),  # it names them, and imports them when they are asked for
    "autograder.__main__": ("autograder.commands", "autograder.learning.kernel"),
    "autograder": ("autograder.earlier_addresses",),  # the face: names, looked up when used
    "course_utils": (),
}  # fmt: skip
WHY = (
    "Arrows run one way: commands → grading → authoring → learning → judging → exercise, and "
    "exercises → exercise, course_utils (docs/architecture.md). Move what is wanted down to where "
    "both can see it, or hand it in as an argument."
)
# The face of the package names where things live; it imports them when they are used.
FACES = ("autograder", "autograder.earlier_addresses", "autograder.commands.cli")


def modules() -> dict[str, Path]:
    """Every module of the two packages by its name."""
    found = {}
    for package in ("autograder", "course_utils"):
        for path in (ROOT / package).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(source: str, known) -> dict[str, int]:
    """The modules among `known` that a source imports, each with the first line that does."""
    found: dict[str, int] = {}

    def take(name: str, line: int) -> None:
        while name and name not in known:  # a name in a module is the module's
            name = name.rpartition(".")[0]
        if name:
            found.setdefault(name, line)

    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                take(alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                take(f"{node.module}.{alias.name}", node.lineno)
        elif isinstance(node, ast.Call) and node.args:
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            name = node.args[0]
            if called in ("import_module", "__import__") and isinstance(name, ast.Constant):
                take(str(name.value), node.lineno)
    return found


def inside(module: str, place: str) -> bool:
    return module == place or module.startswith(f"{place}.")


def wrong_arrows(sources: dict[str, str]) -> list[str]:
    """A sentence on each import that runs against the order; `sources` by module."""
    sentences = []
    for module, source in sorted(sources.items()):
        home = next(place for place in MAY if inside(module, place))
        allowed = (home, *MAY[home]) if home != "autograder" else MAY[home]
        for other, line in imported(source, sources).items():
            if module not in FACES and not any(inside(other, place) for place in allowed):
                sentences.append(f"{module}, line {line}, imports {other}. {WHY}")
    return sentences


@pytest.fixture(scope="module")
def sources() -> dict[str, str]:
    return {name: path.read_text(encoding="utf-8") for name, path in modules().items()}


def test_arrows_run_one_way(sources):
    assert not (wrong := wrong_arrows(sources)), "\n".join(wrong)


@pytest.mark.parametrize(
    "text",
    [
        "import autograder.grading",
        "def f():\n    from autograder.learning import practice",
        "from importlib import import_module\nimport_module('autograder.commands.cli')",
        "import importlib\nimportlib.import_module('course_utils.plots')",
    ],
)
def test_an_arrow_that_runs_back_is_told_with_its_line(sources, text):
    (said,) = wrong_arrows({**sources, "autograder.judging.judge": text})
    assert said.startswith("autograder.judging.judge, line ") and "Arrows run one way" in said


def test_no_files_import_each_other_in_a_circle(sources):
    graph = {
        module: set(imported(source, sources))
        for module, source in sources.items()
        if module not in FACES
    }
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail(f"a circle of files: {' ← '.join(error.args[1])}. {WHY}")


def test_judging_loads_no_torch():
    import subprocess
    import sys

    code = (
        "import pkgutil, sys, importlib, autograder.judging as j\n"
        "[importlib.import_module(m.name) for m in pkgutil.iter_modules(j.__path__, "
        "'autograder.judging.')]\n"
        "print([m for m in ('torch', 'sklearn', 'matplotlib', 'nbgrader') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_folder_is_a_crowd():
    """A folder is a wing: more than 20 files are two wings (masters aside)."""
    folders = {path.parent for top in ("autograder", "course_utils", "tests", "benchmarks", "docs")
               for path in (ROOT / top).rglob("*.py")}  # fmt: skip
    crowds = {str(f.relative_to(ROOT)): n for f in folders if (n := len(list(f.glob("*.py")))) > 20}
    assert not crowds


def test_no_file_is_two_rooms():
    tops = ("autograder", "course_utils", "tests", "benchmarks", "docs")
    banks = ROOT / "tests" / "strangers" / "banks"  # frozen as strangers wrote them
    paths = [path for top in tops for path in (ROOT / top).rglob("*.py")]
    paths = [path for path in paths if banks not in path.parents]
    long = {str(p.relative_to(ROOT)): n for p in paths
            if (n := len(p.read_text(encoding="utf-8").splitlines())) > 400}  # fmt: skip
    assert not long, "look for the second room"
