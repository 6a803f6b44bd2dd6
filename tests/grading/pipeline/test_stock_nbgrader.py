"""A small class graded by nbgrader's own commands, and the traps that lie in them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook
from nbgrader.nbgraderformat import read as read_nbgrader

from autograder.authoring.build import notebooks
from autograder.authoring.build.masters import load, masters, namespace, solutions
from autograder.commands.teachers import classes
from autograder.exercises import find, points
from autograder.grading.classroom import configuration, new_class, roster
from autograder.grading.pipeline import nbgrader_commands, nbgrader_steps

SMALL = Path(__file__).parents[2] / "masters" / "99_small.py"
NAME = "99_small"
GRADED = ("q06_noise", "relu_forward", "bn_dxhat")


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """A class whose one assignment is released."""
    folder = tmp_path_factory.mktemp("class") / "small"
    new_class.make_class(folder, [load(SMALL)], [roster.Student("ada")], "A small class", 60)
    # As small as the machine: a cell that loops is stopped soon.
    settings = folder / "nbgrader_config.py"
    text = settings.read_text(encoding="utf-8").replace("timeout = 60", "timeout = 15")
    settings.write_text(text, encoding="utf-8")
    assert (outcome := nbgrader_commands.release(folder, NAME)).ok, outcome.log
    return folder


@pytest.fixture(scope="module")
def right() -> dict[str, str]:
    """What to put in which cell for full marks."""
    master = load(SMALL)
    answer = namespace(master)["q06_noise"]
    return {**solutions(master), "q06_noise": f"q06_noise = {answer!r}"}


def released(course):
    return nbformat.read(course / "release" / NAME / f"{NAME}.ipynb", as_version=4)


def hand_in(course, student, sources=(), change=None):
    """A submission: the released notebook with some cells filled in, and changed at will."""
    notebook = released(course)
    for cell in notebook.cells:
        cell.source = dict(sources).get(cell.id, cell.source)
    if change:
        change(notebook)
    place = course / "submitted" / student / NAME
    place.mkdir(parents=True)
    nbformat.write(notebook, place / f"{NAME}.ipynb")


def grade(course, student):
    """Points by cell after `nbgrader autograde`, and its log."""
    outcome = nbgrader_commands.autograde(course, NAME, student)
    assert outcome.ok, outcome.log
    with Gradebook(configuration.database(course)) as gradebook:
        submission = gradebook.find_submission_notebook(NAME, NAME, student)
        return {g.name.removeprefix("check_"): g.score for g in submission.grades}, outcome.log


def autograded(course, student):
    return nbformat.read(course / "autograded" / student / NAME / f"{NAME}.ipynb", as_version=4)


def cell(notebook, identity):
    return next(cell for cell in notebook.cells if cell.id == identity)


FULL = {name: points(find(name)) for name in GRADED} | {"explain_relu": 0}


def nbgrader_cells(path):
    with open(path, encoding="utf-8") as file:
        notebook = read_nbgrader(file, as_version=4)
    return {
        c.metadata.nbgrader.grade_id: (c.metadata.nbgrader.checksum, c.source)
        for c in notebook.cells
        if "nbgrader" in c.metadata
    }


def test_build_and_generate_assignment_agree(course, tmp_path):
    learners = notebooks.learners_notebook(notebooks.teachers_notebook(load(SMALL)))
    built = tmp_path / "built.ipynb"
    built.write_text(notebooks.text_of(learners), encoding="utf-8")
    made = nbgrader_cells(course / "release" / NAME / f"{NAME}.ipynb")
    assert nbgrader_cells(built) == made
    assert len(made) == 8


@pytest.mark.parametrize("path", masters(), ids=lambda path: path.stem)
def test_build_and_generate_assignment_agree_on_the_course(path, tmp_path):
    folder = tmp_path / "class"
    new_class.make_class(folder, [load(path)], [], "all")
    assert (outcome := nbgrader_commands.release(folder, path.stem)).ok, outcome.log
    released = folder / "release" / path.stem / path.with_suffix(".ipynb").name
    assert nbgrader_cells(path.parent.parent / f"{path.stem}.ipynb") == nbgrader_cells(released)


def test_hidden_tests_are_in_the_source_only_and_differ_between_classes(course, tmp_path):
    text = (course / "source" / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8")
    seeds = re.findall(r"seed=(\d+)", text)
    assert len(set(seeds)) == 2, "one for each exercise, none for the question"
    assert "seed=" not in (course / "release" / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8")
    new_class.make_class(tmp_path / "other", [load(SMALL)], [], "other")
    other = (tmp_path / "other" / "source" / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8")
    assert not set(seeds) & set(re.findall(r"seed=(\d+)", other))


def test_right_code_that_talks_earns_all_and_feedback_hides_the_tests(course, right):
    """Warnings, a progress bar and output on stderr cost nothing; printed seeds are not shown."""
    loud = right["relu_forward"].replace(
        "    return",
        "    import os, sys, warnings\n"
        "    warnings.warn('honest')\n"
        "    print('100%|####|', file=sys.__stderr__, flush=True)\n"
        "    os.write(2, b'from below')\n"
        "    print('spied:', get_ipython().user_ns['In'][-1])\n"
        "    return",
    )
    # A cell that is the learner's own may look at what was run before it, too.
    spy = nbformat.v4.new_code_cell("import sys\nprint(In, file=sys.stderr)\n1/len([])", id="spy")

    def look(notebook):
        notebook.cells.append(spy)
        place = notebook.cells.index(cell(notebook, "check_bn_dxhat"))
        notebook.cells.insert(place, nbformat.v4.new_code_cell(
            "import sys\ndef show(*a, **k): print('stderr in the check', file=sys.stderr)\n"
            "get_ipython().events.register('post_run_cell', show)", id="hook",
        ))  # fmt: skip

    hand_in(course, "loud", right | {"relu_forward": loud}, look)
    scores, _ = grade(course, "loud")
    assert scores == FULL
    whole = (course / "source" / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8")
    seeds = re.findall(r"seed=(\d+)", whole)
    graded = (course / "autograded" / "loud" / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8")
    assert all(seed in graded for seed in seeds), "the spy has seen them"
    assert (outcome := nbgrader_commands.feedback(course, NAME, "loud")).ok, outcome.log
    page = (course / "feedback" / "loud" / NAME / f"{NAME}.html").read_text(encoding="utf-8")
    assert not any(seed in page for seed in seeds)
    assert "HIDDEN TESTS" not in page and "seed=" not in page
    assert "relu_forward" in page and "Right" in page


def test_untouched_earns_nothing(course):
    hand_in(course, "untouched")
    assert grade(course, "untouched")[0] == dict.fromkeys(FULL, 0)


REPLACED = (
    "import sys, types\nm = types.ModuleType('autograder')\n"
    "m.check = lambda *a, **k: {}\nsys.modules['autograder'] = m"
)
TRICKS = {
    "silence": REPLACED.format("None"),
    "a-number-for-a-verdict": REPLACED.format("2.0"),
    "more-than-there-is": "from autograder.judging.verdict import Verdict\n"
    "show = Verdict._repr_mimebundle_\n"
    "Verdict._repr_mimebundle_ = lambda s, **k: {**show(s), 'text/plain': '1000.0'}",
    "outputs-cleared": "from IPython.display import clear_output\n"
    "get_ipython().events.register('post_run_cell', lambda *a: clear_output())",
    "cells-not-run": "get_ipython().input_transformers_cleanup.append(lambda ls: ['pass\\n'])",
}


@pytest.mark.parametrize("trick", TRICKS)
def test_a_check_without_its_verdict_earns_nothing(course, right, trick):
    """What comes behind the trick is right, so that silence would have earned full marks."""
    hand_in(course, trick, right | {"relu_forward": TRICKS[trick]})
    scores, _ = grade(course, trick)
    assert scores["relu_forward"] == 0 and scores["bn_dxhat"] == 0


@pytest.mark.parametrize(
    "text, exercise, earns",
    [
        ("2.0", "bn_dxhat", True),
        ("0.0", "bn_dxhat", True),
        ("nan", "bn_dxhat", False),
        ("-1.0", "bn_dxhat", False),
        ("2.5", "bn_dxhat", False),
        ("inf", "bn_dxhat", False),
        ("np.float64(2.0)", "bn_dxhat", False),
        ("2.0", "relu_forward", False),
    ],
)
def test_only_a_verdict_on_this_exercise_within_its_points_earns(text, exercise, earns):
    from autograder.judging.verdict import Verdict

    shown = Verdict(exercise, "passed", 2.0, 2.0, "")._repr_mimebundle_() | {"text/plain": text}
    result = {"data": shown}
    nbgrader = {"grade_id": "check_bn_dxhat", "points": 2}
    assert (nbgrader_steps.why_no_verdict([result], nbgrader) is None) == earns
    assert nbgrader_steps.why_no_verdict([result, result], nbgrader)
    assert nbgrader_steps.why_no_verdict([], nbgrader)


def test_a_notebook_that_colab_saved_with_its_widgets_is_graded_and_has_its_feedback(course, right):
    """Colab leaves out the key "state", and nbconvert makes no page of such a notebook."""
    saved = {"application/vnd.jupyter.widget-state+json": {"4f": {"model_name": "VBoxModel"}}}
    hand_in(course, "colab", right, lambda notebook: notebook.metadata.update(widgets=saved))
    assert grade(course, "colab")[0] == FULL
    assert (outcome := nbgrader_commands.feedback(course, NAME, "colab")).ok, outcome.log


def test_leaving_and_dying_cost_only_what_comes_after(course, right):
    hand_in(course, "leaver", right | {"bn_dxhat": "raise SystemExit"})
    assert grade(course, "leaver")[0] == FULL | {"bn_dxhat": 0}
    hand_in(course, "dead", right | {"bn_dxhat": "import os\nos._exit(0)"})
    assert grade(course, "dead")[0] == FULL | {"bn_dxhat": 0}
    assert "could not be run to its end" in autograded(course, "dead").cells[0].source


def test_altered_and_deleted_checks_are_put_back(course, right):
    def alter(notebook):
        cells = notebook.cells
        cells.remove(cell(notebook, "check_relu_forward"))
        cells.remove(cell(notebook, "relu_forward"))
        cells.insert(2, nbformat.v4.new_code_cell(
            "import numpy as np\n" + right["relu_forward"], id="elsewhere"))
        check = cell(notebook, "check_bn_dxhat")
        check.source = "2.0"
        check.metadata.nbgrader.points = 100
        check.metadata.nbgrader.solution = True
        check.metadata.tags = ["experiment"]
        cell(notebook, "explain_relu").metadata.nbgrader.grade = False
        cells.append(nbformat.v4.new_code_cell("100.0", id="mine", metadata={
            "nbgrader": {"grade": True, "grade_id": "mine", "points": 100, "solution": False,
                         "locked": False, "schema_version": 3, "task": False}}))
        cells.append(nbformat.from_dict(dict(cell(notebook, "check_q06_noise")) | {"id": "again"}))

    hand_in(course, "vandal", right, alter)
    scores, log = grade(course, "vandal")
    assert scores == FULL
    assert "check_relu_forward' was missing" in log
    with Gradebook(configuration.database(course)) as gradebook:
        submission = gradebook.find_submission_notebook(NAME, NAME, "vandal")
        assert submission.max_score == sum(FULL.values()) + 3


def test_an_endless_loop_is_stopped_and_the_rest_counts(course, right):
    """In a function it runs in both checks of the cell; the cell behind must not pay for it."""
    loop = "def relu_forward(x):\n    while True:\n        pass"
    hand_in(course, "loop", right | {"relu_forward": loop})
    assert grade(course, "loop")[0] == FULL | {"relu_forward": 0}


def test_a_loop_that_cannot_be_interrupted_costs_what_comes_after(course, right):
    loop = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    hand_in(course, "stubborn", right | {"bn_dxhat": loop})
    assert grade(course, "stubborn")[0] == FULL | {"bn_dxhat": 0}


def test_extras_are_checked_but_carry_no_grade(course):
    with Gradebook(configuration.database(course)) as gradebook:
        names = {cell.name for cell in gradebook.find_notebook(NAME, NAME).grade_cells}
        locked = {c.name for c in gradebook.find_notebook(NAME, NAME).source_cells if c.locked}
    assert "check_identity_parameters" not in names
    assert "check_identity_parameters" in locked


def test_a_file_that_is_no_notebook_is_nobody_elses_problem(course):
    place = course / "submitted" / "torn" / NAME
    place.mkdir(parents=True)
    (place / f"{NAME}.ipynb").write_text('{"cells": [', encoding="utf-8")
    outcome = nbgrader_commands.autograde(course, NAME, "torn")
    assert not outcome.ok and "torn" in outcome.log
    assert not (course / "autograded" / "torn" / NAME).exists()


def test_nbgraders_own_commands_do_everything(course, right, tmp_path):
    """The commands as a teacher types them, on a copy of the class."""
    folder = tmp_path / "copy"
    shutil.copytree(course, folder, ignore=shutil.ignore_patterns("submitted", "autograded"))
    (folder / "gradebook.db").unlink()
    notebook = folder / "source" / NAME / f"{NAME}.ipynb"
    nbgrader = Path(sys.executable).with_name("nbgrader")

    def typed(*words):
        return subprocess.run([nbgrader, *words], cwd=folder, capture_output=True, text=True)

    done = typed("generate_assignment", NAME, "--force")
    assert done.returncode == 0, done.stderr
    hand_in(folder, "ada", right)
    answer = typed("validate", f"submitted/ada/{NAME}/{NAME}.ipynb")
    # Only the teacher's question is without an answer.
    assert "FAILED ON 1 CELL" in answer.stdout and "YOUR ANSWER HERE" in answer.stdout
    for command in (["autograde", NAME], ["generate_feedback", NAME], ["export"]):
        done = typed(*command)
        assert done.returncode == 0, done.stderr
        assert "not recognized" not in done.stderr
    line = (folder / "grades.csv").read_text(encoding="utf-8").splitlines()[1]
    assert "ada" in line and str(float(sum(FULL.values()))) in line
    assert (folder / "feedback" / "ada" / NAME / f"{NAME}.html").exists()
    assert notebook.exists()


# The roster and the commands.


def roster_file(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "roster.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_rosters_are_read_as_they_come(tmp_path, encoding, separator):
    text = "ID,Nachname,Vorname,Fach\nmu1,Müller,Jürgen\n\n,,\n"
    text += "mu1,Müller,Jürgen\nb,Ö,\n"
    path = roster_file(tmp_path, text.replace(",", separator), encoding)
    students, notes = roster.read_roster(path)
    assert [(s.id, s.last_name) for s in students] == [("mu1", "Müller"), ("b", "Ö")]
    assert any("columns Fach" in note for note in notes)
    assert any("2 empty lines" in note for note in notes)
    assert any("line 5: mu1 is there twice; once" in note for note in notes)
    assert any("Windows-1252" in note for note in notes) == (encoding == "cp1252")


@pytest.mark.parametrize(
    "text, says",
    [
        ("", "empty"),
        ("name,email\nAda,a@b\n", "no column called id"),
        ("id\nada lovelace\n", "line 2: 'ada lovelace' cannot"),
        ("id\n../ada\n", "line 2: '../ada' cannot"),
        ("id,email\n,a@b\n", "line 2: the id is empty"),
    ],
)
def test_a_roster_that_cannot_be_used_gets_a_sentence(tmp_path, text, says):
    path = roster_file(tmp_path, text)
    answer = CliRunner().invoke(
        classes.command, ["new", str(tmp_path / "c"), "--roster", str(path)]
    )
    assert answer.exit_code == 1 and says in answer.output
    assert not (tmp_path / "c").exists()


def test_a_class_is_never_overwritten_and_students_can_be_added(course, tmp_path):
    before = (course / "nbgrader_config.py").read_bytes()
    with pytest.raises(new_class.click.ClickException, match="a class already.*add-student"):
        new_class.make_class(course, [load(SMALL)], [], "again")
    assert (course / "nbgrader_config.py").read_bytes() == before
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").touch()
    with pytest.raises(new_class.click.ClickException, match="not empty"):
        new_class.make_class(tmp_path / "other", [load(SMALL)], [], "again")

    add = ["add-student", "jü1", "--last-name", "Müller", "--class", str(course)]
    assert CliRunner().invoke(classes.command, add).exit_code == 0
    with Gradebook(configuration.database(course)) as gradebook:
        assert gradebook.find_student("jü1").last_name == "Müller"
    assert CliRunner().invoke(classes.command, ["add-student", "a b"]).exit_code == 2
    nowhere = ["add-student", "x", "--class", str(tmp_path)]
    assert "is not a class" in CliRunner().invoke(classes.command, nowhere).output


def test_a_notebook_that_uses_earlier_layers_is_graded_with_the_courses(tmp_path):
    path = tmp_path / "98_layers.py"
    text = SMALL.read_text(encoding="utf-8")
    text = text.replace("import numpy", "import my_layers\nimport numpy")
    path.write_text(text, encoding="utf-8")
    new_class.make_class(tmp_path / "class", [load(path), load(SMALL)], [], "x")
    source = tmp_path / "class" / "source"
    assert "course_utils.layers" in (source / "98_layers" / "my_layers.py").read_text()
    assert not (source / NAME / "my_layers.py").exists()


def test_an_interrupted_class_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(new_class, "enter", lambda *a: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        new_class.make_class(tmp_path / "class", [load(SMALL)], [], "x")
    assert list(tmp_path.iterdir()) == []
