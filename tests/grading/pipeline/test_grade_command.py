"""A small class graded from end to end: honest work, broken work and attacks side by side."""

from __future__ import annotations

import json
import re
import shutil

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
    right,
    scores,
)  # fmt: skip
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.grading.pipeline import nbgrader_commands

# What a learner can do about their notebook, what it earns, and what is said about it. Each takes
# the released notebook with full marks in it and changes it.
CASES: dict[str, tuple] = {}
NOTHING = dict.fromkeys(FULL, 0.0)
# relu_backward builds on relu_forward.
NO_RELU = {"relu_forward": 0.0, "relu_backward": 0.0}


def case(earns, says=""):
    def keep(function):
        CASES[function.__name__.replace("_", "-")] = (function, earns, says)
        return function

    return keep


def first(nb, source):
    nb.cells.insert(0, new_code_cell(source))


def last(nb, source):
    nb.cells.append(new_code_cell(source))


@case(FULL)
def all_right(nb):
    pass


@case(FULL)
def warns_and_prints(nb):
    first(nb, "import sys, warnings; print('x' * 10, file=sys.stderr); warnings.warn('careful')")


@case(FULL | {"bn_dxhat": 0.0})
def one_wrong(nb):
    cell(nb, "bn_dxhat").source = "def bn_dxhat(dout, gamma):\n    return dout"


@case(FULL, "points had been changed")
def edits_points(nb):
    cell(nb, "check_bn_dxhat").metadata.nbgrader.points = 100


@case(FULL | {"bn_dxhat": 0.0}, "had been changed")
def edits_flags(nb):
    cell(nb, "bn_dxhat").source = "def bn_dxhat(dout, gamma):\n    return dout"
    flags = cell(nb, "check_bn_dxhat").metadata.nbgrader
    flags.update(grade=False, solution=True, locked=False)


@case(FULL | {"bn_dxhat": 0.0}, "its text had been changed")
def writes_its_own_score(nb):
    cell(nb, "bn_dxhat").source = "def bn_dxhat(dout, gamma):\n    return dout"
    cell(nb, "check_bn_dxhat").source = "2.0"


@case(FULL | {"bn_dxhat": 0.0}, "was missing and was put back")
def deletes_a_check(nb):
    cell(nb, "bn_dxhat").source = "def bn_dxhat(dout, gamma):\n    return dout"
    nb.cells.remove(cell(nb, "check_bn_dxhat"))


@case(FULL, "a copy of cell check_bn_dxhat was dropped")
def duplicates_a_check(nb):
    nb.cells.append(cell(nb, "check_bn_dxhat").copy())


@case(FULL, "had been moved")
def reorders_checks(nb):
    moved = cell(nb, "check_bn_dxhat")
    nb.cells.remove(moved)
    nb.cells.insert(0, moved)


def _solve_nothing(nb):
    for name in FULL:
        cell(nb, name).source = "pass"


@case(NOTHING)
def replaces_check_and_verdict(nb):
    _solve_nothing(nb)
    first(nb, (
        "import autograder\n"
        "class Verdict(float):\n"
        "    status, points, mistakes = 'passed', 2.0, []\n"
        "    def _repr_mimebundle_(self, **_):\n"
        "        return {'text/plain': '2.0', 'text/html': \"<div class='course-verdict'>\"}\n"
        "autograder.check = lambda *a, **k: Verdict(2.0)\n"
        "autograder.Verdict = Verdict"
    ))  # fmt: skip


@case(NOTHING)
def forges_outputs_above_the_maximum(nb):
    _solve_nothing(nb)
    for name in FULL:
        cell(nb, f"check_{name}").outputs = []
    first(nb, "class Much:\n    def __repr__(self): return '1000.0'\nMuch()")


@case(NOTHING)
def forges_observations(nb):
    _solve_nothing(nb)
    first(nb, (
        "import gc, types\n"
        "def forged(*a, **k):\n"
        "    return [{'seen': {'out': 1.0, 'points': 100.0}, 'status': 'passed'}] * 50\n"
        "for thing in gc.get_objects():\n"
        "    if isinstance(thing, types.ModuleType) and thing.__name__.endswith('observing'):\n"
        "        thing.run = forged"
    ))  # fmt: skip


@case(NOTHING)
def always_equal(nb):
    _solve_nothing(nb)
    first(nb, (
        "import numpy as np\n"
        "class Equal(np.ndarray):\n"
        "    def __eq__(self, other): return True\n"
        "    def __array__(self, *a, **k): return np.zeros(1)\n"
        "relu_forward = lambda *a: (np.zeros(1).view(Equal),) * 2\n"
        "relu_backward = lambda *a: np.zeros(1).view(Equal)\n"
        "bn_dxhat = lambda *a: np.zeros(1).view(Equal)"
    ))  # fmt: skip


# The practice numbers are drawn with the practice seed: a solution can know them.
@case(FULL | {"relu_forward": 0.0}, "right with the practice numbers and not with the class's")
def detects_the_practice_seed(nb):
    cell(nb, "relu_forward").source = (
        "import numpy as np\n"
        "PRACTISED = " + repr(_practised()) + "\n"
        "def relu_forward(x):\n"
        "    known = str(x.dtype) + repr(x.ravel()[:3].tolist()) in PRACTISED\n"
        "    return (np.maximum(x, 0), x) if known else (x * 0 - 1, x)"
    )


def _practised():
    """What the practice check asks, also with its large and small numbers."""
    from autograder.exercises import find
    from autograder.judging.growing import FACTORS, grown
    from autograder.judging.keys import build_cases

    exercise = find("relu_forward")()
    asked = [
        grown(case.inputs, powers, factor)["x"]
        for case in build_cases(exercise, 0)
        for powers in [exercise.growth[0]]
        for factor in (1.0, *FACTORS.values())
    ]
    return [str(x.dtype) + repr(x.ravel()[:3].tolist()) for x in asked]


@case(FULL, "line 3 uses jax")
def uses_jax_where_numpy_is_asked(nb):
    first(
        nb,
        "def helper(x):\n    try:\n        import jax\n    except ImportError:\n        return x",
    )
    cell(nb, "bn_dxhat").source = "def bn_dxhat(dout, gamma):\n    return dout * helper(gamma)"


@case(FULL | NO_RELU | {"bn_dxhat": 0.0})
def runs_for_ever(nb):
    cell(nb, "relu_forward").source = "while True:\n    pass"
    cell(nb, "bn_dxhat").source = "def bn_dxhat(dout, gamma):\n    while True: pass"


@case(FULL | NO_RELU)
def leaves_python(nb):
    cell(nb, "relu_forward").source = "import os\nos._exit(0)"


@case(FULL | NO_RELU)
def renames_a_function(nb):
    source = cell(nb, "relu_forward").source
    cell(nb, "relu_forward").source = source.replace("relu_forward", "reluforward")


@case(FULL)
def speaks_in_scripts(nb):
    first(nb, "from IPython.display import HTML, Javascript, display\n"
              "display(HTML('<script>alert(1)</script><b onclick=\"alert(1)\">hi</b>'))\n"
              "Javascript('alert(1)')")  # fmt: skip
    nb.cells.append(new_markdown_cell("<script>alert(1)</script><img src=x onerror=alert(1)>"))


@case(FULL)
def looks_for_the_gradebook(nb):
    first(nb, (
        "import glob, os\n"
        "found = glob.glob('/**/gradebook.db', recursive=True)\n"
        "for path in found:\n"
        "    open(path, 'w').write('')\n"
        "assert not found, found"
    ))  # fmt: skip


@case(NOTHING, "not JSON")
def is_cut_off(nb):
    return '{"cells": [{"cell_type": "code", "sour'


@case(NOTHING)
def is_untouched(nb):
    for name in FULL:
        cell(nb, name).source = f"def {name}(*args):\n    raise NotImplementedError"


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The class after one run over all of them, its report, and what a second run says."""
    folder = make(tmp_path_factory.mktemp("class") / "small")
    sources = right()
    for name, (change, *_) in CASES.items():
        hand_in(folder, name, sources, change)
    place = hand_in(folder, "brings-modules", sources)
    (place / "numpy.py").write_text("raise SystemExit")
    (place / "ipykernel_launcher.py").write_text("raise SystemExit")
    (place / "link.txt").symlink_to(folder / "gradebook.db")
    empty = folder / "submitted" / "handed-in-nothing" / NAME
    empty.mkdir(parents=True)
    linked = folder / "submitted" / "links-to-another" / NAME
    linked.mkdir(parents=True)
    (linked / f"{NAME}.ipynb").symlink_to(place / f"{NAME}.ipynb")
    report = grade(folder)
    return folder, report


@pytest.mark.parametrize("name", CASES)
def test_everybody_gets_what_the_honest_part_earned(graded, name):
    folder, report = graded
    _, earns, says = CASES[name]
    assert points(folder, name) == earns
    line = report["submissions"][name]
    told = " ".join([line["reason"], *line["looks"], *line["repairs"]])
    assert says in told


def test_every_submission_has_a_state_and_a_folder(graded):
    folder, report = graded
    assert len(report["submissions"]) == len(CASES) + 3
    for student in report["submissions"]:
        assert (folder / "autograded" / student / NAME).is_dir()
    assert not (folder / "autograded" / ".course-grade").exists()


def test_modules_and_links_are_left_out(graded):
    folder, report = graded
    assert points(folder, "brings-modules") == FULL
    repairs = " ".join(report["submissions"]["brings-modules"]["repairs"])
    for name in "numpy.py", "ipykernel_launcher.py", "link.txt":
        assert name in repairs
        assert not (folder / "autograded" / "brings-modules" / NAME / name).exists()


def test_a_missing_notebook_and_a_link_earn_nothing_and_say_why(graded):
    folder, report = graded
    for student, why in (
        ("handed-in-nothing", "there is no file"), ("links-to-another", "not an ordinary file"),
    ):  # fmt: skip
        assert points(folder, student) == NOTHING
        assert report["submissions"][student]["state"] == "failed to run"
        assert why in report["submissions"][student]["reason"]


def test_the_gradebook_is_whole(graded):
    folder, _ = graded
    assert (folder / "gradebook.db").read_bytes().startswith(b"SQLite format 3")
    assert scores(folder, "all-right")["explain_relu"] == (0.0, None, False)


def test_a_verdict_stands_in_each_check_and_nothing_active_anywhere(graded):
    folder, _ = graded
    for name in CASES:
        for found in autograded(folder, name).cells:
            shown = json.dumps(found.get("outputs", []))
            assert "<script" not in shown and "onclick" not in shown
            if found.cell_type != "code":
                assert "<script" not in found.source
    wrong = cell(autograded(folder, "one-wrong"), "check_bn_dxhat").outputs
    assert len(wrong) == 1 and wrong[0]["data"]["text/plain"] == "0.0"
    assert "course-verdict" in wrong[0]["data"]["text/html"]
    extra = cell(autograded(folder, "all-right"), "check_identity_parameters").outputs
    assert "course-verdict" in extra[0]["data"]["text/html"]


def test_feedback_has_no_hidden_test_no_seed_and_no_script(graded):
    folder, _ = graded
    for student in "speaks-in-scripts", "one-wrong", "is-cut-off":
        assert (outcome := nbgrader_commands.feedback(folder, NAME, student)).ok, outcome.log
        page = (folder / "feedback" / student / NAME / f"{NAME}.html").read_text(encoding="utf-8")
        body = page[page.index("<body") :]
        assert not re.search(r"<script[^>]*>\s*alert|<[a-z][^>]*\son(click|error)\s*=", body)
        assert "seed=" not in body and "HIDDEN" not in body
        assert not list((folder / "feedback" / student / NAME).glob(".*"))


def test_mistakes_are_counted_with_their_hints(graded):
    _, report = graded
    named = {(m["exercise"], m["mistake"]): m for m in report["mistakes"]}
    assert all(m["count"] >= 1 for m in named.values())
    assert any(m["hint"] for m in named.values())
    assert sum(report["exercises"]["bn_dxhat"]["points"].values()) >= len(CASES) - 1


def test_the_second_run_changes_nothing(graded, monkeypatch):
    folder, first_report = graded
    before = {s: scores(folder, s) for s in first_report["submissions"]}
    # Others may be at work on the code while the tests run.
    monkeypatch.setattr("autograder.grading.pipeline.unchanged.code_digest", lambda: "the same")
    grade(folder, only=["all-right", "is-cut-off", "one-wrong"])
    again = grade(folder, only=["all-right", "is-cut-off", "one-wrong"])
    assert all(line["unchanged"] for line in again["submissions"].values())
    assert again["graded_now"] == 0
    for student in before:
        assert scores(folder, student) == before[student]
    assert (
        again["submissions"]["one-wrong"]["exercises"]
        == (first_report["submissions"]["one-wrong"]["exercises"])
    )


def test_course_grade_and_stock_nbgrader_give_honest_work_the_same(tmp_path):
    folder = make(tmp_path / "class")
    sources = right()
    honest = [n for n in CASES if n in (
        "all-right", "one-wrong", "warns-and-prints", "renames-a-function", "is-untouched",
    )]  # fmt: skip
    for name in honest:
        hand_in(folder, name, sources, CASES[name][0])
    grade(folder)
    ours = {name: scores(folder, name) for name in honest}
    shutil.rmtree(folder / "autograded")
    for name in honest:
        assert (outcome := nbgrader_commands.autograde(folder, NAME, name)).ok, outcome.log
    assert {name: scores(folder, name) for name in honest} == ours


# The command itself.
