"""The panel: what it says, to eyes and to a screen reader, in a notebook and in a terminal."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
from well_formed import Page

import autograder
from autograder.commands.learners import progress as progress_command
from autograder.grading.sandbox import learners_autograder
from autograder.learning import attempts, progress_file, progress_panel
from autograder.learning.attempts import record_attempt
from autograder.learning.progress_panel import progress

COUNT = len({exercise.notebook for exercise in autograder.exercises()})


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / ".progress.json"
    monkeypatch.setenv("COURSE_PROGRESS", str(path))
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.setattr(progress_file, "_told", set())
    monkeypatch.setattr(progress_file, "_unkept", {})
    monkeypatch.chdir(tmp_path)
    return path


def done(name, notebook, status="passed", points=4.0, mistakes=()):
    record_attempt(name, notebook, status, points, 4.0, mistakes)


def test_the_map_shows_what_is_done_begun_next_and_to_come(file):
    done("standardize", "00_start")
    done("accuracy", "00_start")
    done("sigmoid_forward", "02_activations", "failed", 1.0, ["missing_brackets"])
    shown = progress("02")
    states = {tile.notebook: tile.state for tile in shown.tiles}
    assert states["00_start"] == "done" and states["01_gradients"] == "next"
    assert states["02_activations"] == "in progress" and states["03_data"] == "to come"
    assert [tile.notebook for tile in shown.tiles if tile.here] == ["02_activations"]
    text = str(shown)
    assert f"1 of {COUNT} notebooks done" in text and "8/8" in text
    assert re.search(r"✗ not yet +sigmoid_forward +1/\d.*1 attempt, missing brackets", text)


def test_what_was_right_and_is_not_now_says_both(file):
    done("standardize", "00_start")
    done("standardize", "00_start", "failed", 1.0)
    shown = progress("00")
    assert "✗ not yet (was right)" in str(shown) and "the best points" in str(shown)
    assert "Best points" in shown.to_html() and "Last check" in shown.to_html()
    assert "4/4" in str(shown)
    done("q02_centred", "02_activations", points=0)
    done("q02_centred", "02_activations", "failed", 0)
    assert re.search("Questions and extras: 1 of [0-9]+ have been right", progress("02").to_html())


def test_the_next_exercise_of_this_notebook_is_named(file):
    assert progress("00").next == "Next here: standardize."
    done("standardize", "00_start")
    assert progress("00").next == "Next here: accuracy."
    done("accuracy", "00_start", "passed")
    core = [e.name for e in autograder.exercises("01_gradients") if not e.extra]
    assert progress("00").next == (
        f"The core of 00_start is done. Next in the course: {core[0]} in 01_gradients."
    )


def test_what_was_right_once_is_done_although_it_was_spoilt_since(file):
    for name in ("standardize", "accuracy"):
        done(name, "00_start")
    done("accuracy", "00_start", "failed", 0.0, ["percent"])
    assert progress("00").tiles[0].state == "done"
    assert "percent" in str(progress("00"))


def test_everything_done(file):
    for exercise in autograder.exercises():
        done(exercise.name, exercise.notebook, points=exercise.points)
    shown = progress("03")
    assert {tile.state for tile in shown.tiles} == {"done"}
    assert shown.next.endswith("All exercises of the core are right.")
    most = sum(tile.max_points for tile in shown.tiles)
    assert f"{most:g} of {most:g} points" in shown.head


def test_the_page_is_well_formed_and_says_in_words_what_it_shows(file):
    done("standardize", "00_start", "failed", 1.0, ["only_centred"])
    page = Page(progress("00").to_html())
    assert page.elements[0][1]["aria-label"] == "Where you stand"
    for word in ("in progress", "to come", "you are here", "not yet", "only centred", "1/4"):
        assert word in page.text
    assert [a for tag, a in page.elements if a.get("aria-current") == "page"]
    assert all(a["scope"] == "col" for tag, a in page.elements if tag == "th")


@pytest.mark.parametrize(
    "mistake, words",
    [
        ("only_centred", "only centred"),
        ("needs:relu_forward", "relu_forward comes first"),
        ("not-callable:standardize", "standardize is not a function"),
        ("signature:order", "order of the arguments"),
        ("changed:x", "changes its input x"),
        ("global-random", "uses a global random generator"),
        ("relation:factor", ""),
    ],
)
def test_the_last_mistake_is_told_in_words_or_not_at_all(file, mistake, words):
    done("standardize", "00_start", "failed", 1.0, [mistake])
    (row,) = (row for row in progress("00").own if row.exercise == "standardize")
    assert progress_panel.cells(row)[-1] == words
    assert progress_command.verdict(row) == f"✗ failed: {words}".removesuffix(": ")


def test_the_map_is_not_numbered_by_its_place(file):
    """Where styles are taken out, as on GitHub, the numbers of a list are seen: 00 is the first."""
    assert "ol" not in {tag for tag, _ in Page(progress("00").to_html()).elements}


def test_the_colours_are_the_pages_own(file):
    colours = re.findall(
        r"#[0-9a-fA-F]{3,8}\b|rgb|hsl|(?:background|[^-]color)\s*:", progress("00").to_html()
    )
    assert colours == []


def test_links_lead_only_to_notebooks_that_are_there(file, tmp_path):
    (tmp_path / "06_batchnorm.ipynb").write_text("{}")
    links = [a["href"] for tag, a in Page(progress("00").to_html()).elements if tag == "a"]
    assert links == ["06_batchnorm.ipynb"]


def test_plain_text_where_there_is_no_html(file):
    bundle = progress("00")._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}
    assert bundle["text/plain"] == repr(progress("00")) and "<" not in bundle["text/plain"]


# Which notebook it is called in.


def test_jupyter_says_which_notebook_it_is(file, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/me/course/notebooks/06_batchnorm-Copy1.ipynb")
    assert progress().own[0].notebook == "06_batchnorm"


@pytest.mark.parametrize(
    ("namespace", "notebook"),
    [
        ({"__vsc_ipynb_file__": "C:/course/notebooks/02_activations.ipynb"}, "02_activations"),
        ({"In": ["", 'check("batchnorm_forward")', "1 + 1"]}, "06_batchnorm"),
        ({"In": ["", 'check("relu_forward")', "check(batchnorm_forward)"]}, "06_batchnorm"),
        ({"In": ["", 'check("no_such")']}, None),
        ({}, None),
    ],
)
def test_elsewhere_it_is_found_by_the_file_or_by_what_was_checked(file, namespace, notebook):
    assert progress_panel.notebook_of(namespace, attempts.rows({})) == notebook


def test_a_call_from_nowhere_shows_the_map_alone(file):
    shown = progress()
    assert shown.own == () and len(shown.tiles) == COUNT
    assert shown.next.startswith("Next in the course: standardize")


def test_a_notebook_that_there_is_not_is_told(file):
    shown = progress("77")
    assert "There is no notebook 77" in shown.note and "06_batchnorm" in shown.note


def test_a_notebook_without_exercises_is_no_mistake(file, tmp_path):
    (tmp_path / "98_pretest.ipynb").write_text("{}")
    assert progress("98_pretest").note == ""


# Bad input.


@pytest.mark.parametrize(
    ("content", "words"),
    [('{"format": 9, "exercises": {}}', "newer version"), ("{", "kept aside")],
)
def test_a_file_that_cannot_be_used_is_told_below_the_map(file, content, words):
    file.write_text(content)
    shown = progress("00")
    assert words in shown.note and words in str(shown) and words in shown.to_html()
    assert len(shown.tiles) == COUNT


def test_a_folder_in_place_of_the_file_is_told(file):
    file.mkdir()
    assert "cannot be read" in progress("00").note


def test_the_wrong_folder_is_told_with_the_way_on(file, monkeypatch):
    monkeypatch.delenv("COURSE_PROGRESS")
    done("standardize", "00_start")
    shown = progress("00")
    assert "no notebooks of the course in" in shown.note and "COURSE_PROGRESS" in shown.note
    assert shown.own[0].points == 4.0, "until the kernel stops it is known all the same"


def test_nothing_is_shown_while_nbgrader_runs_the_notebook(file, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert progress("00") is None


def test_the_grader_has_one_that_shows_nothing(capsys):
    assert learners_autograder.progress("00_start") is None
    assert learners_autograder.solution("relu_forward") is None
    assert capsys.readouterr().out.count("\n") == 2


def test_every_notebook_of_the_course_ends_with_it():
    from autograder.authoring.build import masters

    for path in masters.masters():
        if path.stem[:2] < "98":
            built = path.parent.parent / f"{path.stem}.ipynb"
            last = json.loads(built.read_text(encoding="utf-8"))["cells"][-1]
            assert last["id"] == "progress" and last["metadata"]["tags"] == ["experiment"]
            assert f'progress("{path.stem}")' in "".join(last["source"])
            assert "nbgrader" not in last["metadata"]


def test_the_name_is_the_function_whatever_was_imported_before(file):
    code = (
        "import autograder.learning.attempts, autograder.learning.progress_panel\n"
        "import autograder.commands.learners.progress\n"
        "from autograder import progress, solution\nprint(callable(progress), callable(solution))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.stdout == "True True\n", ran.stderr
