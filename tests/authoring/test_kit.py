"""A student's kit gives the verdicts of the whole course, and nothing in it tells an answer."""

from __future__ import annotations

import functools
import json
import random
import re
import shutil
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import nbformat
import pytest
import wrong_code
from click.testing import CliRunner

import autograder
from autograder import toml_files
from autograder.authoring.build import masters
from autograder.authoring.kits import student_kit
from autograder.authoring.verify import hints
from autograder.authoring.verify.selection import rotation
from autograder.commands.cli import cli
from autograder.exercises import find
from autograder.judging.kept import Kept
from autograder.judging.plain_data import unpack
from autograder.learning import catalogue, judged, practice
from autograder.learning.kit import Kit, KitDamaged
from autograder.paths import CHECKOUT

MASTERS = masters.masters(masters.SOURCE)
ORACLES = re.compile(
    r"@mistake\b|\bdef (reference|cases)\(self|BEGIN SOLUTION|BEGIN HIDDEN|@wrong\b"
)


# Whichever test is the first of a worker makes a kit of all notebooks.
pytestmark = pytest.mark.timeout(1200)


@pytest.fixture(scope="module")
def kit(tmp_path_factory):
    folder = tmp_path_factory.mktemp("given") / "handout"
    student_kit.make(folder, MASTERS)
    return folder


def texts(folder: Path):
    """Every text in a kit, what is packed in its keys included, as (where, text)."""
    for path in student_kit.files(folder):
        if path.suffix == ".key":
            held = unpack(zlib.decompress(path.read_bytes()))
            yield path.name, held["program"]["observe"]
            yield path.name, held["read"] or ""
        elif path.suffix == ".ipynb":
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            yield path.name, "\n".join("".join(c["source"]) for c in cells
                                       if c["cell_type"] == "code")  # fmt: skip
        elif path.suffix != ".pt":
            yield str(path.relative_to(folder)), path.read_text(encoding="utf-8")


def test_no_room_of_the_author_is_in_it(kit):
    home = kit / "autograder"
    rooms = {path.relative_to(home).as_posix() for path in home.rglob("*.py")}
    ours = Path(autograder.__file__).parent
    copied = [path for room in student_kit.ROOMS for path in ours.glob(f"{room}.py")]
    wanted = {path.relative_to(ours).as_posix() for path in copied}
    assert rooms == wanted - {"learning/solutions.py"}
    told = [(where, found[0]) for where, text in texts(kit)
            if where != "autograder/exercise.py" and (found := ORACLES.search(text))]  # fmt: skip
    assert told == []


def test_no_solution_stands_in_it(kit):
    solutions = {}
    for path in MASTERS:
        solutions |= masters.solutions(masters.load(path))
    # What the course itself gives a learner to import is no secret of an exercise.
    given = [(where, text) for where, text in texts(kit) if not where.startswith("course_utils")]
    told = [(name, where, found) for name, source in solutions.items() for where, text in given
            if name in where or where.endswith(".py")
            if (found := hints.gives_away(source, text))]  # fmt: skip
    assert told == []


@functools.cache
def solved(notebook: str) -> dict:
    return masters.namespace(masters.load(masters.SOURCE / f"{notebook}.py"))


def both(kit, monkeypatch, name, namespace):
    """The verdicts of the course and of its kit on the same code."""
    verdicts = []
    # What the code keeps between calls is the same at the start of either.
    keeps = Kept(namespace, find(name).wanted())
    for shelf in (catalogue.Course(), Kit(kit / "autograder" / "answers")):
        for room in (practice, judged):
            monkeypatch.setattr(room, "shelf", lambda shelf=shelf: shelf)
        verdict = keeps.at_first(lambda: practice.grade(name, namespace))
        # What lies in the fold may hold seconds that were measured, or a warning given but once;
        # code that reads the real clock may look like a second mistake in one run of two.
        # A folder made for the check has a name of its own; which rank fails first is not settled.
        said = re.sub(r"/tmp/\w+|rank \d", "…", verdict.message)
        verdicts.append((verdict.status, verdict.points, verdict.mistakes[:1], said))
    return verdicts


def test_its_list_is_the_courses(kit):
    assert Kit(kit / "autograder" / "answers").exercises() == catalogue.Course().exercises()


@pytest.mark.parametrize("exercise", [e.name for e in catalogue.Course().exercises()])
def test_right_code_is_right_there_too(kit, monkeypatch, exercise):
    course, kits_own = both(kit, monkeypatch, exercise, solved(find(exercise).notebook))
    assert kits_own == course and course[0] == "passed"


def some_of_each(number: int = 4) -> list:
    """So many wrong programs of each exercise, other ones for each commit. All of them are judged
    by tests/exercises; what is tried here is that nothing is lost when a key is packed."""
    drawn, of_each = random.Random(rotation()), {}
    for entry in wrong_code.table():
        of_each.setdefault(entry.exercise, []).append(entry)
    return [e for every in of_each.values() for e in drawn.sample(every, min(number, len(every)))]


@pytest.mark.parametrize("entry", some_of_each(), ids=str)
def test_wrong_code_gets_the_same_words(kit, monkeypatch, entry):
    namespace = {**solved(find(entry.exercise).notebook), entry.code.__name__: entry.code}
    course, kits_own = both(kit, monkeypatch, entry.exercise, namespace)
    assert kits_own == course


LEARNER = """
import sys
import autograder
from autograder import ask, check, exercises, hint

def relu_forward(x):
    return x * (x >= 0), x

print(autograder.__file__)
print(check(relu_forward))
print(check("relu_backward").status, len(exercises("02_activations")))
hint("relu_forward")
print(ask("q06_init").data[:20])
print(sorted(name for name in sys.modules if name.startswith("autograder.")))
"""


def in_kit(kit, *arguments):
    """Python in a kit's folder, as a learner's is: no other autograder is in sight."""
    run = subprocess.run(
        [sys.executable, "-P", "-c", "import sys; sys.path.insert(0, '.'); " + arguments[0],
         *arguments[1:]],
        cwd=kit, capture_output=True, text=True, timeout=120,
        env={"PATH": "", "COURSE_PROGRESS": "off", "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_a_learner_works_with_nothing_else(kit):
    told = in_kit(kit, f"exec({LEARNER!r})")
    assert str(kit) in told.splitlines()[0]
    assert "✓ Right: relu_forward" in told and "Hint 1 of" in told
    assert not re.search(r"autograder\.(exercises|grading|authoring)", told.splitlines()[-1])


def test_its_command_has_what_a_learner_needs(kit):
    told = in_kit(kit, "from autograder.commands.cli import cli; cli(['--help'], 'course')")
    assert "lab" in told and "progress" in told
    assert not re.search(r"^\s+(grade|class|verify|build|kit|demo)\b", told, re.M)


def test_its_questions_have_buttons(kit):
    """What its pyproject.toml puts where JupyterLab looks for extensions is there."""
    told = toml_files.load(kit / "pyproject.toml")
    ((folder, place),) = told["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"].items()
    extension = json.loads((kit / folder / "package.json").read_text("utf-8"))
    assert place == f"share/jupyter/labextensions/{extension['name']}"
    assert (kit / folder / extension["jupyterlab"]["_build"]["load"]).is_file()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda place: (place / "relu_forward.key").unlink(), "has lost its answer key"),
        (lambda place: (place / "relu_forward.key").write_bytes(b"x"), "cannot be read"),
        (lambda place: (place / "index.json").write_text("{"), "list of exercises"),
        (lambda place: (place / "index.json").write_text('{"format": 9, "exercises": []}'),
         "two kits were mixed"),
        (lambda place: (place / "index.json").unlink(), "list of exercises"),
    ],
    ids=["key lost", "key damaged", "index damaged", "newer", "index lost"],
)  # fmt: skip
def test_a_damaged_kit_says_so_in_a_verdict(kit, tmp_path, monkeypatch, spoil, words):
    folder = Path(shutil.copytree(kit / "autograder" / "answers", tmp_path / "answers"))
    spoil(folder)
    for room in (practice, judged):
        monkeypatch.setattr(room, "shelf", lambda: Kit(folder))

    def relu_forward(x):
        return x, x

    verdict = practice.check(relu_forward)
    assert verdict.status == "error" and words in verdict.message
    assert "Unpack the kit again" in verdict.message


def test_other_numbers_than_for_practice_are_not_in_it(kit):
    with pytest.raises(KitDamaged, match="practice numbers only"):
        Kit(kit / "autograder" / "answers").key("relu_forward", 3)


# The command.


def command(*arguments):
    return CliRunner().invoke(cli, ["kit", *map(str, arguments)])


def test_some_assignments_as_a_zip_with_links(tmp_path):
    target = tmp_path / "handout"
    told = command(target, "--assignments", "06", "--zip", "--no-hints", "--repository",
                   "https://github.com/me/mine", "--hub", "https://hub.example.org")  # fmt: skip
    assert told.exit_code == 0, told.output
    names = zipfile.ZipFile(tmp_path / "handout.zip").namelist()
    assert "handout/notebooks/06_batchnorm.ipynb" in names
    assert not any("02_activations" in name for name in names)
    shelf = Kit(target / "autograder" / "answers")
    assert {e.notebook for e in shelf.exercises()} == {"06_batchnorm"}
    assert shelf.hints("batchnorm_forward") == ()
    said = (target / "README.md").read_text(encoding="utf-8")
    assert "mybinder.org/v2/gh/me/mine/main" in said and "git-pull?repo=https%3A%2F%2F" in said
    notebook = (target / "notebooks" / "06_batchnorm.ipynb").read_text(encoding="utf-8")
    assert "github/me/mine/blob/main" in notebook


def test_binder_and_the_devcontainer_take_the_python_that_was_tested(kit):
    pins = (kit / "constraints.txt").read_text(encoding="utf-8")
    assert f"on Python {student_kit.PYTHON}." in pins
    listed = (kit / "environment.yml").read_text(encoding="utf-8").splitlines()
    assert [x for x in listed if "- python" in x] == [f"  - python={student_kit.PYTHON}"]
    devcontainer = json.loads((kit / ".devcontainer/devcontainer.json").read_text())
    assert devcontainer["image"] == f"python:{student_kit.PYTHON}"


def test_made_again_it_keeps_what_was_worked_in(tmp_path):
    target = tmp_path / "handout"
    assert command(target, "--assignments", "06").exit_code == 0
    path = target / "notebooks" / "06_batchnorm.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[2].outputs = [nbformat.v4.new_output("stream", text="mine")]
    nbformat.write(notebook, path)
    (target / "autograder" / "judging" / "judge.py").write_text("broken")
    told = command(target, "--assignments", "06")
    assert told.exit_code == 0 and "left as it is" in told.output
    assert "mine" in path.read_text(encoding="utf-8")
    assert (target / "autograder" / "judging" / "judge.py").read_text(encoding="utf-8") != "broken"


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    told = command(tmp_path)
    assert told.exit_code == 1 and "is not empty and no kit" in told.output
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_class_s_kit_holds_what_it_has_released(tmp_path):
    place = tmp_path / "ml" / "release" / "00_start"
    place.mkdir(parents=True)
    shutil.copy(CHECKOUT / "notebooks" / "00_start.ipynb", place)
    told = command(tmp_path / "handout", "--class", tmp_path / "ml")
    assert told.exit_code == 0 and "1 notebook," in told.output
    assert [p.name for p in (tmp_path / "handout/notebooks").glob("*.ipynb")] == ["00_start.ipynb"]
    told = command(tmp_path / "other", "--class", tmp_path)
    assert told.exit_code == 1 and "has released nothing yet" in told.output


def test_an_assignment_that_a_class_has_not_released(tmp_path):
    told = command(tmp_path / "handout", "--assignments", "06", "--class", tmp_path)
    assert told.exit_code == 1 and "nbgrader generate_assignment 06_batchnorm" in told.output
    assert not (tmp_path / "handout").exists()
