"""`course demo`: its samples, and a small class of them from release to feedback."""

from __future__ import annotations

import io

import pytest
from click.testing import CliRunner
from rich.console import Console

from autograder import grade
from autograder.authoring.build.masters import load, namespace
from autograder.commands.teachers.demo import command
from autograder.exercises import find, points
from autograder.grading.demo import demo, samples
from autograder.grading.demo.samples import ASSIGNMENT, HOSTILE, SAMPLES, expected, sources


@pytest.fixture(scope="module")
def master():
    return load(ASSIGNMENT)


@pytest.fixture(scope="module")
def full(master):
    """What each graded exercise is worth."""
    graded = [c.checks for c in master.cells if c.checks and c.nbgrader.get("grade")]
    return {name: points(find(name)) for name in graded}


def test_ids_differ_and_every_edit_applies(master):
    everybody = SAMPLES + HOSTILE
    assert len({sample.id for sample in everybody}) == len(everybody) >= 25
    for sample in everybody:
        sources(sample, master)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.id)
def test_what_a_sample_should_earn_fits_what_it_says(sample, master, full):
    should = expected(sample, master)
    assert list(should) == list(full)
    assert all(0 <= should[name] <= full[name] for name in full)
    if sample.nothing_for == "all" or sample.blank == "all":
        assert not any(should.values())
    elif sample.what.startswith(("right", "everything right")):
        assert should == full
    else:
        assert 0 < sum(should.values()) < sum(full.values())


@pytest.mark.parametrize(
    "sample",
    [s for s in SAMPLES if s.edits and not s.nothing_for and not s.blank and s.what[:5] != "right"],
    ids=lambda sample: sample.id,
)
def test_wrong_samples_are_told_what_is_wrong(sample, master):
    """The samples are mistakes that people make, so each but the syntax error has a name."""
    space = namespace(master)
    space.update(dict.fromkeys(sample.edits))
    for source in sources(sample, master).values():
        try:
            exec(source, space)
        except SyntaxError:
            assert sample.id == "barbara"
    (name,) = sample.edits
    verdict = grade(name, space)
    assert verdict.status != "passed" and verdict.message
    if sample.id != "barbara":
        assert verdict.mistakes


CHOSEN = ("ada", "sofia", "donald", "david", "oblomow")


@pytest.fixture(scope="module")
def small_class(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "class"
    console = Console(file=io.StringIO(), width=140)
    picked = [sample for sample in SAMPLES if sample.id in CHOSEN]
    lines = demo.demonstrate(folder, ASSIGNMENT, picked, console, by_stock=True)
    return folder, {line.student: line for line in lines}


def test_a_class_is_graded_as_expected(small_class, full):
    _, lines = small_class
    assert {s: line.differences() for s, line in lines.items()} == dict.fromkeys(CHOSEN, [])
    assert lines["ada"].score == lines["donald"].score == sum(full.values())
    assert lines["david"].state == "cannot be graded" and lines["david"].earned is None
    assert lines["oblomow"].state == "not handed in"


def test_feedback_is_where_it_says(small_class):
    folder, _ = small_class
    page = (folder / "feedback" / "sofia" / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text("utf-8")
    assert "batchnorm_forward" in page and "Not yet" in page and "seed=" not in page
    assert not (folder / "feedback" / "david").exists()


def test_course_grade_keeps_the_hostile_ones_off(tmp_path, full):
    """What they wrote for one exercise earns nothing there; the rest of theirs and others stays."""
    picked = [s for s in SAMPLES if s.id in ("ada", "kurt", "david")] + list(HOSTILE)
    console = Console(file=io.StringIO(), width=140)
    folder = tmp_path / "class"
    lines = demo.demonstrate(folder, ASSIGNMENT, picked, console, by_stock=False)
    assert {line.student: line.differences() for line in lines} == {s.id: [] for s in picked}
    points = {line.student: line.score for line in lines}
    assert points["ada"] == points["noah"] == sum(full.values())
    assert points["james"] == sum(full.values()) - full["fold_batchnorm"]
    page = (folder / "feedback" / "noah" / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text("utf-8")
    assert "document.title" in page and "<script>document.title" not in page


def test_the_table_shows_every_score(small_class):
    _, lines = small_class
    console = Console(file=io.StringIO(), width=160)
    console.print(demo.table(list(lines.values()), ASSIGNMENT))
    text = console.file.getvalue()
    assert all(student in text for student in CHOSEN) and "differs" not in text


def test_a_score_that_differs_fails_the_command(tmp_path, monkeypatch):
    """The comparison can fail: a sample that expects more than it earns is found."""
    hopeful = samples.Sample("hope", "", "", "nothing handed in", write=lambda text: None)
    monkeypatch.setattr(samples, "SAMPLES", (hopeful,))
    answer = CliRunner().invoke(command, [str(tmp_path / "class"), "--stock"])
    assert answer.exit_code == 1 and "not as expected in" in answer.output


def test_an_existing_folder_is_left_alone(tmp_path):
    answer = CliRunner().invoke(command, [str(tmp_path)])
    assert answer.exit_code == 1 and "there already" in answer.output
    assert list(tmp_path.iterdir()) == []
