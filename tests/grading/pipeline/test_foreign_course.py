"""A course that knows nothing of this project gets what `nbgrader autograde` gives it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nbformat
import pytest
from graded_class import SETTINGS, grade
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook

from autograder.grading.classroom.configuration import load_config
from autograder.grading.pipeline import nbgrader_commands, nbgrader_steps, run
from autograder.grading.pipeline.sanitize import Source
from autograder.grading.pipeline.weights import REGION

NAME = "homework"
CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "statistics"
c.CourseDirectory.root = {root!r}
c.Execute.timeout = 20
c.LateSubmissionPlugin.penalty_method = "zero"
c.Autograde.exclude_overwriting = {{"homework": ["mine.py"]}}
c.IgnorePattern.enabled = True
c.IgnorePattern.pattern = "harmless"
"""


def code(name, source, points=None, **flags):
    grades = {"grade": False, "solution": False, "locked": False, "task": False,
              "grade_id": name, "schema_version": 3, **flags}  # fmt: skip
    if points is not None:
        grades["points"] = points
    return new_code_cell(source, id=name, metadata={"nbgrader": grades})


def prose(name, source, points, **flags):
    cell = code(name, "", points, **flags)
    return new_markdown_cell(source, id=name, metadata=cell.metadata)


def notebook(*cells):
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=list(cells), metadata={"kernelspec": kernel})


def graded(name, source, points):
    return code(name, source, points, grade=True, locked=True)


FIRST = notebook(
    new_code_cell("import numpy as np\nimport matplotlib.pyplot as plt", id="imports"),
    code("mean", "def mean(x):\n    ### BEGIN SOLUTION\n    return sum(x) / len(x)\n"
                 "    ### END SOLUTION", solution=True),
    graded("test_mean", "assert mean([1, 2, 3]) == 2\n### BEGIN HIDDEN TESTS\n"
                           "assert mean([0, 0, 3]) == 1\n### END HIDDEN TESTS", 2),
    code("variance", "def variance(x):\n    ### BEGIN SOLUTION\n    return float(np.var(x))\n"
                     "    ### END SOLUTION", solution=True),
    graded("test_variance", "points = 0\nif variance([1, 1]) == 0:\n    points += 1\n"
                               "if variance([0, 2]) == 1:\n    points += 1.5\npoints", 2.5),
    code("draw", "### BEGIN SOLUTION\nplt.plot([1, 2])\n### END SOLUTION", 4, grade=True,
         solution=True),
    graded("test_data", "from pathlib import Path\n"
                           "assert Path('data.csv').read_text() == '1,2'", 1),
    graded("test_mine", "import mine\nassert mine.answer() == 42", 1),
    prose("why", "Because.", 3, grade=True, solution=True),
    prose("task", "Draw a tree.", 5, task=True, locked=True),
)  # fmt: skip
SECOND = notebook(
    code("root", "def root(x):\n    ### BEGIN SOLUTION\n    return x ** 0.5\n    ### END SOLUTION",
         solution=True),
    graded("test_root", "import warnings\nwarnings.warn('strange')\nassert root(4) == 2", 1),
    graded("test_quiet", "import sys\nprint('harmless', file=sys.stderr)\nassert root(9) == 3",
              1),
    graded("test_text", "'a string is full marks'", 1),
    graded("test_state", "counter = globals().get('counter', 0) + 1\nassert counter == 1", 1),
)  # fmt: skip


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = tmp_path_factory.mktemp("foreign")
    nbgrader_steps.prepare_environment()
    (folder / "nbgrader_config.py").write_text(CONFIG.format(root=str(folder)))
    place = folder / "source" / NAME
    place.mkdir(parents=True)
    for name, content in (("first", FIRST), ("second", SECOND)):
        nbformat.write(content, place / f"{name}.ipynb")
    (place / "data.csv").write_text("1,2")
    (place / "mine.py").write_text("def answer():\n    return 0\n")
    assert (outcome := nbgrader_commands.release(folder, NAME)).ok, outcome.log
    for student, change in STUDENTS.items():
        hand_in(folder, student, change)
    return folder


def right(nb, other, place):
    cells = {c.id: c for c in [*FIRST.cells, *SECOND.cells]}
    for cell in [*nb.cells, *other.cells]:
        if cell.metadata.get("nbgrader", {}).get("solution") and cell.cell_type == "code":
            lines = cells[cell.id].source.split("\n")
            cell.source = "\n".join(line for line in lines if "###" not in line)
    (place / "mine.py").write_text("def answer():\n    return 42\n")


def untouched(nb, other, place):
    pass


def partly(nb, other, place):
    right(nb, other, place)
    for cell in nb.cells:
        if cell.id == "variance":
            cell.source = "def variance(x):\n    return 0.0"
        if cell.id == "mean":
            cell.source = "def mean(x):\n    return 2"
        if cell.id == "why":
            cell.source = "I think that it is so."


def noisy(nb, other, place):
    right(nb, other, place)
    nb.cells[0].source += "\nimport sys\nprint('starting', file=sys.stderr)\nprint('x')"
    for cell in nb.cells:
        if cell.id == "mean":
            cell.source = "def mean(x):\n    print('slow'); return sum(x) / len(x)"
        if cell.id == "variance":
            cell.source = "import warnings\ndef variance(x):\n    warnings.warn('careful')\n" + (
                "    return float(np.var(x))"
            )


def broken_cell(nb, other, place):
    right(nb, other, place)
    other.cells[0].source = "def root(x:\n    return"
    nb.cells.insert(1, new_code_cell("1 / 0"))


def late(nb, other, place):
    right(nb, other, place)
    (place / "timestamp.txt").write_text("2026-03-02 00:00:00 UTC")


def restless(nb, other, place):
    """Everything that nbgrader itself puts right: edited points and tests."""
    right(nb, other, place)
    for cell in nb.cells:
        if cell.id == "test_mean":
            cell.source = "pass"
            cell.metadata.nbgrader.points = 50


def one_notebook_only(nb, other, place):
    right(nb, other, place)
    return {"first": nb}


STUDENTS = {
    f.__name__.replace("_", "-"): f
    for f in (right, untouched, partly, noisy, broken_cell, late, restless, one_notebook_only)
}


def hand_in(folder, student, change):
    released = folder / "release" / NAME
    first, second = (nbformat.read(released / f"{n}.ipynb", 4) for n in ("first", "second"))
    place = folder / "submitted" / student / NAME
    shutil.copytree(released, place)
    written = change(first, second, place) or {"first": first, "second": second}
    for name in "first", "second":
        (place / f"{name}.ipynb").unlink()
        if name in written:
            nbformat.write(written[name], place / f"{name}.ipynb")


def everything(folder):
    """All that the gradebook says, by student, notebook and cell."""
    told = {}
    with Gradebook(f"sqlite:///{folder}/gradebook.db", "statistics") as book:
        for submission in book.assignment_submissions(NAME):
            for nb in submission.notebooks:
                key = submission.student_id, nb.name
                told[key] = {
                    "penalty": nb.late_submission_penalty, "score": nb.score,
                    "late": submission.total_seconds_late,
                    **{g.name: (g.auto_score, g.manual_score, g.needs_manual_grade)
                       for g in nb.grades},
                    **{f"comment {c.name}": c.auto_comment for c in nb.comments},
                }  # fmt: skip
    return told


def due(folder):
    import datetime

    with Gradebook(f"sqlite:///{folder}/gradebook.db", "statistics") as book:
        book.find_assignment(NAME).duedate = datetime.datetime(2026, 3, 1)
        book.db.commit()


def shared_settings(folder):
    """As the command makes them; without torch, which this course does not use."""
    from dataclasses import replace

    made = run.settings_for(load_config(folder))
    return replace(made, preload=SETTINGS.preload)


def test_scores_comments_and_penalties_are_stock_nbgraders_one_by_one(course):
    due(course)
    report = grade(course, NAME, settings=shared_settings(course))
    ours = everything(course)
    notebooks = {
        student: json.loads(
            (course / "autograded" / student / NAME / "first.ipynb").read_text(encoding="utf-8")
        )
        for student in STUDENTS
    }
    shutil.rmtree(course / "autograded")
    with Gradebook(f"sqlite:///{course}/gradebook.db", "statistics") as book:
        for student in STUDENTS:
            book.remove_submission(NAME, student)
    for student in STUDENTS:
        assert (outcome := nbgrader_commands.autograde(course, NAME, student)).ok, outcome.log
    stocks = everything(course)
    assert ours.keys() == stocks.keys() and len(ours) == 2 * len(STUDENTS)
    for key in stocks:
        assert ours[key] == stocks[key], key
    same_files(course, notebooks)
    # A warning in a test cell costs its points: a rule of nbgrader's, kept here.
    assert report["submissions"]["right"]["points"] == 9.5
    assert ours["partly", "first"]["test_variance"][0] == 1.0
    assert ours["late", "first"]["penalty"] == ours["late", "first"]["score"] > 0
    # `data.csv` is the class's; nothing of this course rests on our judge.
    assert set(report["points_rest_on"]) == {"learner's process", "teacher"}
    assert "test_mean" in report["cells_resting_on_learners_process"]


def same_files(course, notebooks):
    """What lies in autograded/ has the cells, flags and checksums of stock's."""
    for student, ours in notebooks.items():
        path = course / "autograded" / student / NAME / "first.ipynb"
        stocks = json.loads(path.read_text(encoding="utf-8"))
        for mine, theirs in zip(ours["cells"], stocks["cells"], strict=True):
            assert mine["source"] == theirs["source"]
            assert mine["metadata"].get("nbgrader") == theirs["metadata"].get("nbgrader")


@pytest.fixture
def alone(course, tmp_path):
    """A copy of the course in which nobody has handed in."""
    folder = Path(shutil.copytree(course, tmp_path / "copy"))
    shutil.rmtree(folder / "submitted")
    shutil.rmtree(folder / "autograded", ignore_errors=True)
    text = (folder / "nbgrader_config.py").read_text().replace(str(course), str(folder))
    (folder / "nbgrader_config.py").write_text(text)
    return folder


def too_much(nb, other, place):
    right(nb, other, place)
    for cell in nb.cells:
        if cell.id == "variance":
            cell.source = (
                "class Much(int):\n    def __eq__(self, other): return True\n"
                "class Points(float):\n    def __iadd__(self, other): return Points(1000)\n"
                "    __add__ = __radd__ = __iadd__\n"
                "import builtins\n"
                "def variance(x):\n"
                "    import IPython\n"
                "    IPython.get_ipython().user_ns['points'] = Points(1000)\n"
                "    return Much()"
            )


def silent(nb, other, place):
    """nbgrader takes a cell that never ran for full marks."""
    nb.cells[0].source = "import os\nos._exit(0)"


def test_a_value_above_the_maximum_earns_nothing_and_asks_the_teacher(alone):
    hand_in(alone, "mallory", too_much)
    hand_in(alone, "ada", right)
    report = grade(alone, NAME, settings=shared_settings(alone))
    told = everything(alone)
    assert told["mallory", "first"]["test_variance"] == (0.0, None, True)
    assert told["mallory", "first"]["score"] <= 4
    assert "no score from 0 to 2.5" in " ".join(report["submissions"]["mallory"]["looks"])
    assert told["ada", "first"]["test_variance"] == (2.5, None, False)


@pytest.mark.parametrize("by_stock", [False, True], ids=["course grade", "nbgrader autograde"])
def test_nobody_gives_points_to_everybody_in_an_answer_of_his_own(alone, by_stock):
    """The line that gives points counts in the teacher's cells, not in those that students fill."""

    def claims(nb, other, place):
        for cell in nb.cells:
            if cell.id == "draw":
                cell.source = f"pass\n{REGION}"

    hand_in(alone, "mallory", claims)
    if by_stock:
        outcome = nbgrader_commands.autograde(alone, NAME, "mallory")
        assert outcome.ok, outcome.log
    else:
        grade(alone, NAME, settings=shared_settings(alone))
    assert everything(alone)["mallory", "first"]["draw"] == (None, None, True)


def test_cells_that_never_ran_earn_nothing(alone):
    hand_in(alone, "mallory", silent)
    report = grade(alone, NAME, settings=shared_settings(alone))
    told = everything(alone)["mallory", "first"]
    assert told["test_mean"][0] == told["test_variance"][0] == 0.0
    assert report["submissions"]["mallory"]["state"] in ("part of the points", "failed to run")


def test_a_step_of_the_courses_own_is_not_run_and_that_is_said(alone):
    config = alone / "nbgrader_config.py"
    config.write_text(
        "from nbgrader import preprocessors as steps\n"
        "class Curve(steps.NbGraderPreprocessor): pass\n"
        + config.read_text()
        + "\nc.Autograde.autograde_preprocessors = [steps.Execute, Curve, steps.SaveAutoGrades]\n"
    )
    (note,) = run.foreign_steps(load_config(alone))
    assert "Curve" in note and "use nbgrader autograde" in note


@pytest.mark.parametrize(
    ("kernel", "said"),
    [
        ("python3", []),
        ("absent", ["asks for the kernel absent, which is not installed here"]),
        ("statistics", ["is /opt/statistics/bin/python; it is run with"]),
    ],
)
def test_a_kernel_that_will_not_run_it_is_said(tmp_path, monkeypatch, kernel, said):
    spec = {"argv": ["/opt/statistics/bin/python", "-m", "ipykernel_launcher"],
            "display_name": "Statistics", "language": "python"}  # fmt: skip
    there = tmp_path / "kernels" / "statistics"
    there.mkdir(parents=True)
    (there / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    notes = run.other_interpreters([Source("first", (), {"name": kernel})])
    assert [words in note for words, note in zip(said, notes, strict=True)] == [True] * len(said)
