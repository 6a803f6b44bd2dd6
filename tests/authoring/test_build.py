"""`course build`: from masters to notebooks, and what is wrong with a master."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from nbgrader import utils

from autograder.authoring.build import masters, notebooks
from autograder.authoring.build.masters import MasterError, load, namespace, solutions, stub
from autograder.commands.authors import build
from autograder.exercises import find, points
from autograder.learning import kernel

SMALL = Path(__file__).parents[1] / "masters" / "99_small.py"


@pytest.fixture
def source(tmp_path) -> Path:
    folder = tmp_path / "notebooks" / "source"
    folder.mkdir(parents=True)
    shutil.copy(SMALL, folder)
    return folder


def course_build(source, *arguments):
    return CliRunner().invoke(build.command, ["--source", str(source), *arguments])


def built(source) -> Path:
    return source.parent / "99_small.ipynb"


def edited(source, old, new) -> Path:
    """The small master with a passage changed."""
    path = source / SMALL.name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def learners():
    return notebooks.learners_notebook(notebooks.teachers_notebook(load(SMALL)))


def cell(notebook, identity):
    return next(cell for cell in notebook.cells if cell.id == identity)


def test_building_twice_gives_the_same_bytes_in_another_process(source):
    assert course_build(source).exit_code == 0
    first = built(source).read_bytes()
    built(source).unlink()
    call = [sys.executable, "-m", "autograder", "build", "--source", str(source)]
    subprocess.run(call, check=True, capture_output=True)
    assert built(source).read_bytes() == first


def test_ids_are_valid_and_unique_and_keep_when_text_elsewhere_changes(source, learners):
    ids = [cell.id for cell in learners.cells]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", identity) for identity in ids)
    changed = load(edited(source, "## A question", "## Another question"))
    again = [cell.id for cell in notebooks.teachers_notebook(changed).cells]
    assert len(again) == len(ids) and len(set(ids) ^ set(again)) == 2


def test_learners_get_no_solution_and_no_output(learners):
    text = notebooks.text_of(learners)
    assert "np.maximum" not in text and "does not shrink" not in text and "SOLUTION" not in text
    assert "raise NotImplementedError()" in cell(learners, "relu_forward").source
    assert all(not c.get("outputs") and c.get("execution_count") is None for c in learners.cells)
    nbformat.validate(learners)
    assert learners.metadata.kernelspec.name == "python3"


PUBLISHED = {"repository": "https://github.com/ada/cnns", "branch": "main",
             "slug": "github/ada/cnns"}  # fmt: skip


def test_link_to_colab_and_set_up_follow_the_title(source):
    made = notebooks.teachers_notebook(load(source / SMALL.name), PUBLISHED)
    assert [cell.id for cell in made.cells[1:3]] == ["colab-badge", "setup"]
    assert "colab.research.google.com/github/ada/cnns/blob/main" in made.cells[1].source
    assert "![" not in made.cells[1].source, "a picture is broken where there is no network"
    assert "github.com/ada/cnns" in made.cells[2].source


def test_no_link_leads_nowhere(source):
    made = notebooks.teachers_notebook(load(source / SMALL.name), {**PUBLISHED, "slug": ""})
    assert [cell.id for cell in made.cells[1:2]] == ["setup"]


def test_points_come_from_the_cases_and_extras_are_locked_without_points(learners):
    graded = cell(learners, "check_relu_forward")
    assert graded.metadata.nbgrader.points == points(find("relu_forward"))
    extra = cell(learners, "check_identity_parameters")
    assert not utils.is_grade(extra) and utils.is_locked(extra)
    assert extra.metadata.editable is False
    assert "points" not in extra.metadata.nbgrader


@pytest.mark.parametrize("found", [True, False])
def test_set_up_finds_the_course_or_says_what_to_do(tmp_path, found):
    """The set-up cell in a fresh interpreter that has no course installed."""
    folder = tmp_path / "course" / "notebooks"
    folder.mkdir(parents=True)
    if found:
        package = tmp_path / "course" / "autograder"
        package.mkdir()
        (package / "learning").mkdir()
        (package / "__init__.py").touch()
        (package / "exercise.py").touch()
        shutil.copy(kernel.__file__, package / "learning")
    code = notebooks.set_up(notebooks.published()) + "\nimport autograder\nprint('found')"
    ran = subprocess.run(
        # -S leaves out site-packages, where the course is installed.
        [sys.executable, "-S", "-c", code], cwd=folder, capture_output=True, text=True,
        env={"PATH": ""},
    )  # fmt: skip
    # There is the course, and nothing that it needs.
    assert ran.returncode == 1 and "found" not in ran.stdout and "SetUpFirst" in ran.stderr
    assert ("The course is not installed" in ran.stderr) == (not found)
    assert ("lacks click" in ran.stderr) == found


@pytest.mark.parametrize("status", [0, 1])
def test_set_up_on_colab_keeps_its_torch_and_says_when_it_fails(status, monkeypatch):
    """On Colab, pip is told to leave the numpy, torch and torchvision that are there."""
    import importlib.util
    import types

    calls, there = [], []
    looked = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec",
                        lambda name: looked(name) if there or name != "autograder" else None)

    def pip(call, **options):
        calls.append(call)
        there.append(True)
        return types.SimpleNamespace(returncode=status, stderr="no such repository\n")

    monkeypatch.setattr(subprocess, "run", pip)
    monkeypatch.setitem(sys.modules, "google.colab", sys)
    settled = []
    monkeypatch.setattr("autograder.learning.colab.settle", lambda: settled.append(True))
    scope = {}
    if status:
        with pytest.raises(Exception, match="ada/cnns, branch main.*no such repository") as said:
            exec(notebooks.set_up(PUBLISHED), scope)
        assert said.value._render_traceback_() == [str(said.value)]
    else:
        exec(notebooks.set_up(PUBLISHED), scope)
        assert settled
    (call,) = calls
    import torch

    assert f"torch=={torch.__version__}" in call
    assert any(PUBLISHED["repository"] in word for word in call)


def test_check_names_what_is_out_of_date(source):
    missing = course_build(source, "--check")
    assert missing.exit_code == 1 and "99_small.ipynb: not made yet" in missing.output
    assert not built(source).exists()
    course_build(source)
    assert course_build(source, "--check").exit_code == 0
    edited(source, "dout * gamma", "gamma * dout")
    assert course_build(source, "--check").exit_code == 0, "a solution is not in the notebook"
    edited(source, "The rectifier", "A rectifier")
    stale = course_build(source, "--check")
    assert stale.exit_code == 1 and "99_small.ipynb: out of date" in stale.output
    course_build(source)
    (source.parent / "98_gone.ipynb").touch()
    orphan = course_build(source, "--check")
    assert orphan.exit_code == 1 and "98_gone" in orphan.output


def test_a_new_question_makes_the_two_tests_anew_with_their_notebooks(source, monkeypatch):
    (source / SMALL.name).unlink()
    shutil.copy(masters.SOURCE / "02_activations.py", source)
    monkeypatch.setattr(build, "SOURCE", source)
    answer = course_build(source, "02")
    assert answer.exit_code == 0, answer.output
    names = [path.name for path in sorted(source.parent.glob("*.ipynb"))]
    assert names == ["02_activations.ipynb", "98_pretest.ipynb", "99_posttest.ipynb"]
    assert course_build(source, "--check").exit_code == 0


def test_work_in_a_notebook_is_not_overwritten_unasked(source):
    course_build(source)
    content = json.loads(built(source).read_text(encoding="utf-8"))
    content["cells"][2]["execution_count"] = 1
    built(source).write_text(json.dumps(content), encoding="utf-8")
    refused = course_build(source)
    assert refused.exit_code == 1 and "--force" in refused.output
    assert course_build(source, "--force").exit_code == 0


def test_an_unknown_notebook_gets_the_names(source):
    answer = course_build(source, "98")
    assert answer.exit_code == 1 and "99_small" in answer.output
    assert course_build(source.parent).exit_code == 1


@pytest.mark.parametrize(
    "old, new, says",
    [
        ('check("bn_dxhat")', 'check("bn_dxhat", seed=1)', "exactly these lines"),
        ('_id": "check_bn_dxhat"', '_id": "check_bn_dxhatt"', "Did you mean bn_dxhat"),
        ('_id": "check_bn_dxhat"', '_id": "check_relu_forward"', "another cell is called"),
        ('_id": "relu_forward"', '_id": "relu forward"', "letters, digits"),
        ('_id": "relu_forward"', '_id": "relu_forwards"', "no cell before it is called"),
        ('"check_identity_parameters", "locked"', '"check_identity_parameters", "grade"', "extra"),
        ('"check_bn_dxhat", "grade"', '"check_bn_dxhat", "locked"', "carries points"),
        ('"locked": true', '"locked": false', "without points"),
        ('{"grade_id": "bn_dxhat", "sol', '{"grade_id": "bn_dxhat, "sol', "JSON"),
        ('{"grade_id": "bn_dxhat", ', "{", "grade_id"),
        (', "points": 3', "", "points"),
        ("q06_noise = ...", 'q06_noise = "a"', "q06_noise = ..."),
        ("# # 99", "# 99", "title"),
        ("    ### END SOLUTION\n\n\n# %% nbgrader={\"grade_id\": \"check_relu", "\n\n"
         "# %% nbgrader={\"grade_id\": \"check_relu", "do not pair"),
        ('"relu_forward", "solution": true', '"relu_forward", "locked": true', "not marked|needs"),
    ],
)  # fmt: skip
def test_a_bad_master_gets_a_sentence_with_file_and_cell(source, old, new, says):
    path = edited(source, old, new)
    with pytest.raises(MasterError) as error:
        notebooks.teachers_notebook(load(path))
    assert re.search(says, error.value.message) and str(path) in error.value.message


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"# %%\n# ---\nx = ("])
def test_a_file_that_is_no_master_gets_a_sentence(source, content):
    path = source / "98_broken.py"
    path.write_bytes(content)
    answer = course_build(source)
    assert answer.exit_code == 1 and "98_broken.py" in answer.output
    assert not isinstance(answer.exception, (SyntaxError, KeyError, UnicodeError))


def test_a_missing_master_gets_the_names(source):
    with pytest.raises(MasterError, match="99_small"):
        load(source / "97_none.py")


def test_the_namespace_holds_solutions_and_right_answers():
    master = load(SMALL)
    made = namespace(master, exclude=("bn_dxhat",))
    assert made["q06_noise"] in "pqrs" and callable(made["relu_forward"])
    assert "bn_dxhat" not in made
    assert set(solutions(master)) == {"relu_forward", "bn_dxhat", "identity_parameters"}
    assert "raise NotImplementedError()" in stub(solutions(master)["bn_dxhat"])


def test_a_solution_that_cannot_run_is_named(source):
    path = edited(source, "def bn_dxhat(dout, gamma):", "1 / 0\ndef bn_dxhat(dout, gamma):")
    with pytest.raises(MasterError, match="cell bn_dxhat.*ZeroDivisionError"):
        namespace(load(path))


def test_the_notebooks_of_the_course_are_up_to_date():
    answer = CliRunner().invoke(build.command, ["--check"])
    assert answer.exit_code == 0, answer.output
