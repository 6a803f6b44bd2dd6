"""Makes notebooks from their masters: for learners, and with solutions for a class's source.
Masters are read in `masters`; nothing is executed here."""

from __future__ import annotations

import difflib
import os
import re
import tempfile
from pathlib import Path

import click

from autograder.authoring.build.alone import for_who_learns_alone
from autograder.authoring.build.folding import folded
from autograder.authoring.build.masters import Cell, Master, MasterError, load, masters
from autograder.authoring.build.publishing import UNNAMED, published
from autograder.authoring.build.sources import cited_in
from autograder.exercise import PRACTICE_SEED, Question
from autograder.exercises import find, points
from autograder.learning import questions
from autograder.learning.catalogue import exercises, shelf
from autograder.paths import notebooks_in

ASKED = re.compile(r'(?:from autograder import ask\s+)?ask\("(\w+)"\)')
OPEN_ANSWER = re.compile(r"(\w+) = \.\.\.")
SCHEMA_VERSION = 3  # of nbgrader's cell metadata, since nbgrader 0.6

SETUP = '''\
# Finds the course. On Colab it installs the course beside Colab's own torch.
import importlib
import importlib.util
import sys
from pathlib import Path


class SetUpFirst(Exception):
    """What has to be done before anything below can run; shown without a traceback."""

    def _render_traceback_(self):
        return [str(self)]


if importlib.util.find_spec("autograder") is None:
    if "google.colab" in sys.modules:
{on_colab}
    else:
        for folder in Path.cwd().parents:
            if (folder / "autograder" / "exercise.py").is_file():
                sys.path.insert(0, str(folder))
                break
    importlib.invalidate_caches()
if importlib.util.find_spec("autograder") is None:
    raise SetUpFirst(
        "The course is not installed for this kernel: in the course's folder run 'make lab'{pip}"
    )
if any(importlib.util.find_spec(name) is None for name in ("click", "numpy", "torch")):
    from autograder.learning import kernel

    raise SetUpFirst(kernel.advice(kernel.lacking()))
if "google.colab" in sys.modules:
    from autograder import colab

    colab.settle()'''

INSTALLS = '''\
        import subprocess
        from importlib.metadata import version

        print("Installing the course, about a minute ...")
        keep = [f"{{name}}=={{version(name)}}" for name in ("numpy", "torch", "torchvision")]
        course = "training-cnns @ git+{repository}@{branch}"
        pip = [sys.executable, "-m", "pip", "install", "--quiet", course, *keep]
        installed = subprocess.run(pip, capture_output=True, text=True)
        if installed.returncode:
            raise SetUpFirst(
                "The course could not be installed from {repository}, branch {branch}. Is that "
                "address right, and public? Ask whoever gave you this notebook. What pip says: "
                + (installed.stderr.strip().splitlines() or ["nothing"])[-1]
            )'''
# As long as `course publish` has put no address in.
NOWHERE_YET = '''\
        raise SetUpFirst(
            "Colab cannot install this copy of the course. Ask whoever gave you this notebook for "
            "a link to a published copy. (For a copy of your own see course publish --help.)"
        )'''
PIP = ", or in this notebook: %pip install git+{repository}@{branch}"

# Words, not the usual picture: where there is no network, a picture is a broken one.
BADGE = (
    "[Open this notebook in Colab]"
    "(https://colab.research.google.com/{slug}/blob/{branch}/notebooks/{name}.ipynb)"
)

PANEL = """\
# Where you stand: the map of the course, this notebook's exercises, and what is next.
from autograder import progress

progress("{name}")"""


# From a master to a notebook.


def teachers_notebook(master: Master, where: dict[str, str] | None = None):
    """The whole notebook, solutions included, with all that nbgrader needs; no outputs.

    `where` says where its copy will be published, as `published` does.

    Raises MasterError when an exercise of the notebook is not in it as it should be.
    """
    from nbformat.v4 import new_notebook

    is_complete(master)
    title, *rest = master.cells
    where = where or published()
    # Link and set-up cell follow the title, so that the first screen says what this is.
    hide = {"jupyter": {"source_hidden": True}, "cellView": "form"}
    added = [Cell("code", set_up(where), hide, "setup")]
    if where["slug"]:
        badge = BADGE.format(name=master.name, **where)
        added.insert(0, Cell("markdown", badge, {}, "colab-badge"))
    if listed := cited_in(master.name):
        rest.append(Cell("markdown", listed, {}, "sources"))
    # An experiment: grading does not run it.
    last = Cell("code", PANEL.format(name=master.name), {"tags": ["experiment"]}, "progress")
    notebook = new_notebook(
        cells=[_cell(cell, master) for cell in (title, *added, *rest, last)],
        metadata={
            "kernelspec": {
                "display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3",
            },
            "language_info": {"name": "python"},
        },
    )  # fmt: skip
    notebook.nbformat_minor = 5
    return notebook


def set_up(where: dict[str, str]) -> str:
    """The set-up cell of a notebook that will be published there, or nowhere yet."""
    named = UNNAMED not in where["repository"]
    on_colab, pip = (INSTALLS.format(**where), PIP.format(**where)) if named else (NOWHERE_YET, ".")
    return SETUP.format(on_colab=on_colab, pip=pip)


def learners_notebook(teachers):
    """What nbgrader's own generate_assignment leaves of a teacher's notebook for the learner."""
    from nbgrader import preprocessors
    from nbgrader.converters import GenerateAssignment

    steps = GenerateAssignment.class_traits()["preprocessors"].default()
    # These three are about a class: its header, its test templates, its database.
    elsewhere = (
        preprocessors.IncludeHeaderFooter, preprocessors.InstantiateTests, preprocessors.SaveCells,
    )  # fmt: skip
    notebook, resources = teachers, {}
    for step in steps:
        if step not in elsewhere:
            notebook, resources = step().preprocess(notebook, resources)
    return notebook


def made(path: Path) -> tuple[Path, str]:
    """The learners' notebook of a master: where it belongs, and its text."""
    target = path.parent.parent / f"{path.stem}.ipynb"
    return target, text_of(for_who_learns_alone(practised(load(path)), path.stem))


def practised(master: Master, where: dict[str, str] | None = None):
    """A learner's notebook in which what came out of an experiment has to be opened."""
    return folded(learners_notebook(teachers_notebook(master, where)), master.name)


def text_of(notebook) -> str:
    """A notebook's file, the same bytes for the same content."""
    import nbformat

    nbformat.validate(notebook)
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT) + "\n"


def _cell(cell: Cell, master: Master):
    from nbformat import v4

    make = {
        "code": v4.new_code_cell, "markdown": v4.new_markdown_cell, "raw": v4.new_raw_cell,
    }[cell.kind]  # fmt: skip
    metadata = dict(cell.metadata)
    if "nbgrader" in metadata:
        metadata["nbgrader"] = _nbgrader(cell, master)
    source = cell.source
    if asked := ASKED.fullmatch(source):
        # What is asked stands there before anything runs. A test's numbers are a class's own.
        make, source = v4.new_markdown_cell, shelf().text(asked[1], PRACTICE_SEED)
    elif open_answer := OPEN_ANSWER.fullmatch(source):
        source += f"  # {what_to_write(open_answer[1])}"
    return make(source, id=cell.id, metadata=metadata)


def what_to_write(question: str) -> str:
    """What an answer may be, as a comment beside the place for it and one below."""
    letters = list(questions.choices(question))
    written = f"{questions.may_be_written(question)}{', with its quotes,' if letters else ''}"
    example = f'"{letters[0]}"' if letters else "3"
    return (
        f"{written} in place of the dots\n"
        f'# If you like, add how sure you are: {question} = {example}, "sure".\n'
        '# Instead of "sure" you may write "think" (fairly sure) or "guess".'
    )


def _nbgrader(cell: Cell, master: Master) -> dict:
    """nbgrader's part of a cell, complete."""
    given = cell.nbgrader
    where = f"{master.path}, cell {cell.id}"
    grade, solution = bool(given.get("grade")), bool(given.get("solution"))
    full = {
        "grade": grade,
        "grade_id": cell.id,
        "locked": bool(given.get("locked", grade and not solution)),
        "schema_version": SCHEMA_VERSION,
        "solution": solution,
        "task": bool(given.get("task", False)),
    }
    if not grade and not full["task"]:
        return full
    if cell.checks:
        full["points"] = points(find(cell.checks))
    elif isinstance(given.get("points"), (int, float)) and given["points"] > 0:
        full["points"] = given["points"]
    else:
        raise MasterError(f'{where}: a graded cell without a check needs "points": a number.')
    if full["points"] == int(full["points"]):
        full["points"] = int(full["points"])
    return full


def is_complete(master: Master) -> None:
    """Whether each exercise is asked, written and checked. Raises MasterError where one is not."""
    where = str(master.path)
    if master.cells[0].kind != "markdown" or not master.cells[0].source.startswith("# "):
        raise MasterError(f"{where}, cell 1: the first cell is the title, '# # 06 · Title'.")
    checked = master.checked()
    for missing in (e.name for e in exercises(master.name) if e.name not in checked):
        raise MasterError(f"{where}: the exercise {missing} has no check cell check_{missing}.")
    ids = [cell.id for cell in master.cells]
    for name in checked:
        check = master.cell(f"check_{name}")
        answer = master.cell(name)
        kind = find(name)
        question = issubclass(kind, Question)
        if answer is None or ids.index(name) > ids.index(check.id):
            what = f'# %% name="{name}"' if question else (
                f'# %% nbgrader={{"grade_id": "{name}", "solution": true}}'
            )
            raise MasterError(
                f"{where}, cell {check.id}: no cell before it is called {name}; it needs {what}"
            )
        if question:
            if not re.match(rf"(#.*\n|\s)*{name}\s*=\s*\.\.\.", answer.source):
                raise MasterError(f"{where}, cell {name}: a question's cell is {name} = ...")
        elif not answer.is_solution:
            raise MasterError(
                f'{where}, cell {name}: it is where the learner writes; it needs "solution": true.'
            )
        elif not kind.extra and not check.nbgrader.get("grade"):
            raise MasterError(
                f'{where}, cell {check.id}: {name} carries points; its check needs "grade": true.'
            )
        if not check.nbgrader.get("grade") and not check.nbgrader.get("locked"):
            raise MasterError(
                f'{where}, cell {check.id}: a check without points is "locked": true.'
            )
    for cell in master.cells:
        if cell.is_solution and "### BEGIN SOLUTION" not in cell.source:
            raise MasterError(
                f"{where}, cell {cell.id}: it has no lines ### BEGIN SOLUTION and "
                "### END SOLUTION, so all of it would be taken out of the learner's notebook."
            )
        if "BEGIN SOLUTION" in cell.source and not cell.nbgrader.get("solution"):
            raise MasterError(
                f"{where}, cell {cell.id}: it holds a solution but is not marked as one."
            )
        if cell.source.count("BEGIN SOLUTION") != cell.source.count("END SOLUTION"):
            raise MasterError(
                f"{where}, cell {cell.id}: ### BEGIN SOLUTION and ### END SOLUTION do not pair."
            )


# The command.


def chosen(source: Path, wanted: tuple[str, ...]) -> list[Path]:
    """The masters that are meant by numbers or names; all of them by none.

    Raises ClickException when there is none, or none of that name.
    """
    found = masters(source)
    if not found:
        raise click.ClickException(
            f"There are no masters (NN_name.py) in {source}. The command works in a checkout of "
            "the course, not on an installed package."
        )
    if not wanted:
        return found
    by_name = {key: path for path in found for key in (path.stem, path.stem[:2])}
    picked = []
    for want in wanted:
        name = Path(want).stem
        key = name if name in by_name else name.zfill(2)
        if key not in by_name:
            near = difflib.get_close_matches(name, [p.stem for p in found], n=1)
            meant = f" Did you mean {near[0]}?" if near else ""
            names = ", ".join(path.stem for path in found)
            raise click.ClickException(f"There is no master '{want}'.{meant} There are: {names}")
        if by_name[key] not in picked:
            picked.append(by_name[key])
    return picked


def state_of(target: Path, text: str) -> str:
    """How a notebook stands to what would be written: current, missing, changed or worked in."""
    import json

    try:
        present = target.read_bytes()
    except FileNotFoundError:
        return "missing"
    if present == text.encode():
        return "current"
    try:
        cells = json.loads(present)["cells"]
        used = any(cell.get("outputs") or cell.get("execution_count") for cell in cells)
    except (ValueError, KeyError, TypeError, AttributeError):
        return "changed"
    return "worked in" if used else "changed"


def why(state: str) -> str:
    return {
        "missing": "not made yet; run course build",
        "changed": "out of date; run course build",
        "worked in": "not as built: it has outputs",
    }[state]


def orphans(source: Path) -> list[Path]:
    names = {path.stem for path in masters(source)}
    return [path for path in notebooks_in(source.parent) if path.stem not in names]


def write(target: Path, text: str) -> None:
    """Replace a file in one step."""
    handle, temporary = tempfile.mkstemp(prefix=f".{target.name}", dir=target.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise
