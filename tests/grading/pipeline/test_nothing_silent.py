"""What a notebook has lost on its way, or what a grader leaves out, costs nobody points in silence:
it is found again, or the teacher is told."""

from __future__ import annotations

import io

import nbformat
import pytest
from graded_class import (
    FULL,
    NAME,
    autograded,
    cell,
    grade,
    hand_in,
    make,
    points,
    released,
    right,
    scores,
)
from nbformat.v4 import new_code_cell, new_markdown_cell
from rich.console import Console

from autograder.authoring.build.masters import load, masters
from autograder.exercise import REGISTRY
from autograder.exercises import load_all
from autograder.grading.classroom.configuration import database
from autograder.grading.pipeline.handed_in.finding import Given
from autograder.grading.pipeline.handed_in.skipped import run_all_the_same
from autograder.grading.pipeline.nbgrader_steps import RestoreCells
from autograder.grading.pipeline.sanitize import Source, sanitize
from autograder.grading.pipeline.scoring import library_breaches
from autograder.grading.reports.report import show
from autograder.grading.reports.tally import Tally

ANSWER = "It keeps the size of the gradient, where a sigmoid divides it by four or more."


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make(tmp_path_factory.mktemp("class") / "small", students=("ada",))


def graded(folder, student, change, sources=None):
    sources = right() | {"explain_relu": ANSWER} if sources is None else sources
    hand_in(folder, student, sources, change)
    return grade(folder, only=[student])["submissions"][student]


def answer_in(folder, student) -> str:
    notebook = autograded(folder, student)
    return next(c.source for c in notebook.cells
                if c.metadata.get("nbgrader", {}).get("grade_id") == "explain_relu")  # fmt: skip


def without_metadata(notebook):
    for some in notebook.cells:
        some.metadata.clear()


def without_ids(notebook):
    without_metadata(notebook)
    for number, some in enumerate(notebook.cells):
        some.id = f"drawn-{number}"


def of_an_older_format(notebook):
    """What programs write that know no ids of cells."""
    without_metadata(notebook)
    for some in notebook.cells:
        del some["id"]
    notebook.nbformat_minor = 4


@pytest.mark.parametrize("strip", [without_metadata, without_ids, of_an_older_format])
def test_a_notebook_without_metadata_keeps_points_and_the_written_answer(folder, strip):
    row = graded(folder, strip.__name__, strip)
    assert points(folder, strip.__name__) == FULL
    assert answer_in(folder, strip.__name__) == ANSWER
    assert scores(folder, strip.__name__)["explain_relu"] == (None, None, True)
    (said,) = row["repairs"]
    assert said.startswith("cells ") and "found again by id or text" in said


def test_an_answer_in_a_cell_that_nothing_tells_is_put_before_the_teacher(folder):
    def scattered(notebook):
        without_ids(notebook)
        kept = [c for c in notebook.cells if c.cell_type == "code"]
        notebook.cells = [*kept, new_markdown_cell(f"My answer: {ANSWER}")]

    row = graded(folder, "scattered", scattered)
    assert points(folder, "scattered") == FULL
    assert scores(folder, "scattered")["explain_relu"] == (None, None, True)
    assert any(look.startswith("the answer to explain_relu is empty") for look in row["looks"])
    assert any("explain_relu was missing and was put back" in said for said in row["repairs"])


def test_an_answer_in_a_new_cell_below_is_put_before_the_teacher(folder):
    def below(notebook):
        at = next(i for i, c in enumerate(notebook.cells) if c.id == "explain_relu")
        notebook.cells.insert(at + 1, new_markdown_cell(ANSWER))

    row = graded(folder, "below", below, right())
    assert scores(folder, "below")["explain_relu"] == (None, None, True)
    assert row["looks"] and not row["repairs"]


def test_an_empty_answer_is_no_answer_whatever_else_the_notebook_holds(folder):
    def far_away(notebook):
        notebook.cells.insert(0, new_markdown_cell("These are my notes of the lecture."))

    row = graded(folder, "far", far_away, right())
    assert scores(folder, "far")["explain_relu"] == (0.0, None, False)
    assert not row["looks"]


def test_an_answer_that_was_deleted_with_nothing_in_its_place_is_told_and_not_asked_for(folder):
    def deleted(notebook):
        notebook.cells = [c for c in notebook.cells if c.id != "explain_relu"]

    row = graded(folder, "deleted", deleted)
    assert scores(folder, "deleted")["explain_relu"] == (0.0, None, False)
    assert row["repairs"] == ["cell explain_relu was missing and was put back"]


def test_a_check_that_was_changed_and_lost_its_name_is_not_the_learners_to_give(folder):
    def forged(notebook):
        without_metadata(notebook)
        cell(notebook, "check_relu_forward").source = "2.0"

    graded(folder, "forged", forged, {"relu_forward": "def relu_forward(x):\n    return x, x"})
    assert points(folder, "forged")["relu_forward"] == 0
    assert "2.0" in [c.source for c in autograded(folder, "forged").cells]  # nothing is thrown away


# What is not run.


def test_a_helper_in_a_copy_of_an_experiment_is_run_and_told(folder):
    def copied(notebook):
        experiment = next(c for c in notebook.cells if "experiment" in c.metadata.get("tags", ()))
        copy = new_code_cell("def above_zero(x):\n    return np.maximum(x, 0)")
        copy.metadata = nbformat.from_dict(dict(experiment.metadata))
        at = next(i for i, c in enumerate(notebook.cells) if c.id == "relu_forward")
        notebook.cells.insert(at, copy)

    own = {"relu_forward": "def relu_forward(x):\n    return above_zero(x), x"}
    row = graded(folder, "copied", copied, right() | own)
    assert points(folder, "copied") == FULL
    assert row["repairs"] == [
        "a cell of the student's own with the tag experiment was run all the same: it makes "
        "above_zero, which answers use"
    ]


def cells_of(*sources, tags=(), name=""):
    made = []
    for source in sources:
        made.append(new_code_cell(source, metadata={"tags": list(tags)}))
        if name:
            made[-1].metadata["nbgrader"] = {"grade_id": name, "solution": True}
            made[-1].metadata["nbgrader"] = nbformat.from_dict(made[-1].metadata["nbgrader"])
    return made


@pytest.mark.parametrize(
    ("tagged", "answer", "runs"),
    [
        ("EPS = 1e-5", "def f(x):\n    return x + EPS", True),
        ("def f(x):\n    return 2 * x", "def f(x):\n    raise NotImplementedError", True),
        ("x = 3\nnet = train(x)", "def f(x):\n    net = x\n    return net", False),
        ("import time\ntime.sleep(60)", "def f(x):\n    return time", False),
        ("given = 1", "def f(x):\n    return given", False),
        ("%time\nEPS = 1", "def f(x):\n    return EPS", False),
    ],
    ids=["a constant", "the answer itself", "a name of an argument", "nothing made",
         "the assignment's own", "no Python"],
)  # fmt: skip
def test_only_what_an_answer_needs_is_run_all_the_same(tagged, answer, runs):
    cells = cells_of(tagged, tags=["experiment"]) + cells_of(answer, name="f")
    given = {"given = 1": ("experiment",), "def f(x):\n    raise NotImplementedError": ()}
    told = run_all_the_same(cells, given, {"experiment"})
    assert bool(told) == runs == (not cells[0].metadata["tags"])


def test_code_that_ran_out_of_time_is_looked_at(folder):
    def endless(notebook):
        notebook.cells.append(new_code_cell("while True: pass", id="endless"))

    row = graded(folder, "endless", endless)
    assert points(folder, "endless") == FULL
    assert row["looks"] == ["cell endless ran out of time and was stopped"]


def test_an_answer_that_runs_out_of_time_when_it_is_checked_is_looked_at(folder):
    own = {"bn_dxhat": "def bn_dxhat(dout, gamma):\n    while True: pass"}
    row = graded(folder, "slow", None, right() | own)
    assert "bn_dxhat ran out of time when it was checked" in row["looks"]


# A package that is nowhere.


def test_a_package_that_fails_for_everybody_is_said_once_with_what_to_do(tmp_path):
    folder = make(tmp_path / "class", students=("ada", "bea", "cy", "dan"))
    for student in "ada", "bea", "cy":
        hand_in(folder, student, right() | {"imports": "import numpy as np\nimport nowhere.at_all"})
    hand_in(folder, "dan", right() | {"imports": "import numpy as np\nimport elsewhere"})
    report = grade(folder)
    assert report["packages_not_found"] == {"nowhere": 3}
    assert report["needs_a_look"] == ["dan"]
    assert "no module named elsewhere is here" in report["submissions"]["dan"]["looks"][0]


def test_what_most_of_the_class_has_in_common_is_printed_once():
    from autograder.grading.pipeline.outcome import Outcome

    tally = Tally("06_batchnorm")
    for number in range(6):
        repairs = ["cells of another version of nbgrader were brought up to date"]
        own = [f"a{number}.py was left out"] if number == 3 else []
        tally.add(Outcome(f"s{number}", repairs=repairs + own, failed_imports=["seaborn"]), False)
    console = Console(file=io.StringIO(), width=150)
    show(tally, console)
    text = " ".join(console.file.getvalue().split())
    assert "6 of 6 ask for seaborn, which cannot be imported here. Install" in text
    assert "6 of 6: cells of another version of nbgrader were brought up to date." in text
    assert "mended: a3.py was left out" in text and text.count("another version") == 1


# What an exercise is to be written with.


def solved(path):
    cells = [
        nbformat.from_dict({
            "cell_type": c.kind, "source": c.source, "id": c.id, "metadata": c.metadata,
        }) for c in load(path).cells
    ]  # fmt: skip
    names = [c.id.removeprefix("check_") for c in cells if c.id.startswith("check_")]
    return nbformat.NotebookNode(cells=cells), {n: None for n in names if n in REGISTRY}


def test_no_solution_of_the_course_is_told_as_written_with_another_library():
    load_all()
    told = {path.stem: library_breaches(*solved(path)) for path in masters()}
    assert len(told) >= 16 and not any(told.values())


def test_a_numpy_exercise_that_torch_does_is_told_with_its_line():
    load_all()
    cells = cells_of(
        "import torch.nn.functional as F", "def relu_forward(x):\n    return F.relu(x), x"
    )
    (said,) = library_breaches(nbformat.NotebookNode(cells=cells), {"relu_forward": None})
    assert "relu_forward is to be written with numpy" in said and "line 2 uses torch" in said


def test_what_was_given_out_is_nobodys_own_answer(folder):
    hand_in(folder, "untouched")
    row = grade(folder, only=["untouched"])["submissions"]["untouched"]
    assert not row["looks"] and not row["repairs"] and released(folder)


def test_nbgraders_own_way_runs_that_helper_too(folder):
    steps = RestoreCells(source=str(folder / "source"))
    notebook = released(folder)
    copy = new_code_cell("def above_zero(x):\n    return np.maximum(x, 0)")
    copy.metadata = nbformat.from_dict({"tags": ["skip-execution"]})
    notebook.cells.insert(0, copy)
    cell(notebook, "relu_forward").source = "def relu_forward(x):\n    return above_zero(x), x"
    here = {"db_url": database(folder), "notebook": NAME, "assignment": NAME,
            "student": "ada"}  # fmt: skip
    restored, _ = steps.preprocess(notebook, {"nbgrader": here})
    assert restored.cells[0].metadata.tags == []
    experiment = next(c for c in restored.cells if "an experiment is not run" in c.source)
    assert experiment.metadata.tags == ["experiment"]


# Assignments whose answers all begin alike.

STUB = "YOUR ANSWER HERE"


def asks(*answers) -> Source:
    """An assignment of questions, each with an empty answer below it."""
    cells, given = [], []
    for name in answers:
        flags = {
            "grade": True, "grade_id": name, "locked": False, "schema_version": 3,
            "solution": True, "task": False, "cell_type": "markdown", "points": 2.0,
            "checksum": "0" * 32,
        }  # fmt: skip
        cells.append({
            "cell_type": "markdown", "source": STUB, "metadata": {"nbgrader": flags},
        })  # fmt: skip
        given += [Given("", "", "markdown", f"What is {name}?"), Given("", name, "markdown", STUB)]
    return Source("ps1", tuple(cells), {}, tuple(given))


def answered(*texts) -> bytes:
    """What comes back of it, without metadata and ids; None for a question left alone."""
    cells = []
    for name, text in zip(("one", "two", "three"), texts, strict=True):
        cells += [new_markdown_cell(f"What is {name}?"), new_markdown_cell(text or STUB)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    for some in notebook.cells:
        del some["id"]
    notebook.nbformat_minor = 4
    return nbformat.writes(notebook).encode()


@pytest.mark.parametrize(
    "texts",
    [("a one", None, "a three"), (None, "a two", None), (None, None, "a three"), ("a one",) * 3],
)
def test_answers_that_begin_alike_are_told_apart_by_what_stands_beside_them(texts):
    clean = sanitize(asks("one", "two", "three"), answered(*texts))
    found = {c.metadata.nbgrader.grade_id: c.source for c in clean.notebook.cells
             if "nbgrader" in c.metadata}  # fmt: skip
    assert found == dict(zip(("one", "two", "three"), (t or STUB for t in texts), strict=True))
    assert not clean.unsure and len(clean.repairs) == 1
