"""Wrong answers without a name: what is kept, which are alike, and how an author is told."""

from __future__ import annotations

import ast
import json
import re
import time

import numpy as np
import pytest
from click.testing import CliRunner
from graded_class import NAME, grade, hand_in, make, right

from autograder.commands.cli import cli
from autograder.exercises import find
from autograder.grading.pipeline import run
from autograder.grading.reports import blindspots
from autograder.grading.reports.blindspots import Unreadable, signature, spots
from autograder.grading.reports.report import Tally
from autograder.judging import observing
from autograder.judging.keys import answer_key, program

EXERCISE = "bn_dxhat"
# The same unnamed mistake in three hands, and another one in two.
CUBED = (
    "return dout * gamma * gamma * gamma",
    "return np.power(gamma, 3) * dout",
    "out = dout.copy()\n    for row in out:\n        row *= gamma ** 3\n    return out",
)
SHIFTED = ("return dout * gamma + 17.5", "return 17.5 + np.multiply(gamma, dout)")


def written(body: str) -> str:
    return f"def {EXERCISE}(dout, gamma):\n    {body}"


def of(body: str, seed: int = 0, exercise: str = EXERCISE):
    """The signature of an answer."""
    namespace: dict = {"np": np}
    exec(written(body) if exercise == EXERCISE else body, namespace)
    reports = observing.run(program(find(exercise), seed), namespace)
    return signature(answer_key(find(exercise), seed), reports, find(exercise)().read)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class in which five students are wrong in two ways, one alone, and one is right."""
    folder = make(tmp_path_factory.mktemp("blind") / "class")
    names = iter("quirin ulrike vroni wenzel xaver".split())
    bodies = dict(zip(names, (*CUBED, *SHIFTED), strict=True))
    bodies["yannick"] = "return np.tanh(dout) - gamma"
    for student, body in bodies.items():
        hand_in(folder, student, right() | {EXERCISE: written(body)})
    hand_in(folder, "zita", right())
    told = run_all(folder)
    return folder, told


def run_all(folder, only=()):
    """Grades as the command does, in this process, and what it concludes."""
    from graded_class import INLINE, SETTINGS

    from autograder.grading.pipeline.record import Record

    tally = Tally(NAME)
    with Record(folder, NAME, say=print, wait=1.0) as record:
        found = run.submissions(record, only)
        assignment = record.assignment()
        for outcome, same in run.grade_class(record, assignment, found, SETTINGS, INLINE, False):
            tally.add(outcome, same)
        run.conclude(record, tally, whole=not only)
    return tally


def asked(folder, *arguments):
    return CliRunner().invoke(cli, ["blindspots", "--class", str(folder), *arguments])


def test_two_ways_of_being_wrong_are_two_groups_with_their_counts(graded):
    folder, tally = graded
    assert len(tally.blindspots) == 6
    told = json.loads(asked(folder, "--json").output)
    groups = [s for s in told["spots"] if s["count"] > 1]
    assert [(s["exercise"], s["count"]) for s in groups] == [(EXERCISE, 3), (EXERCISE, 2)]
    assert sum(s["count"] for s in told["spots"]) == 6
    # The class's seed is drawn: another value may begin with 17.5 (it did: -17.5597).
    shift = re.compile(r"(?<![\d.])17\.5(?!\d)")
    assert shift.search(json.dumps(groups[1])) and not shift.search(json.dumps(groups[0]))


def test_it_is_told_in_words_with_a_sketch(graded):
    told = asked(graded[0]).output
    assert f"{EXERCISE}: 6 wrong answers without a name" in told
    assert "3 alike" in told and "2 alike" in told
    assert "1 that nobody else gave; --all shows them" in told
    assert re.search(r"is the right value \+17\.5 in all \d+ places", told)
    assert re.search(r'return \{"\w+": right\["\w+"\] \+ 17\.5\}', told)
    assert "one alone" in asked(graded[0], "--all").output


def test_the_sketch_is_python(graded):
    for spot in json.loads(asked(graded[0], "--json").output)["spots"]:
        (function,) = ast.parse(spot["mistake"]).body
        assert [a.arg for a in function.args.args][:2] == ["self", "right"]


def test_nothing_personal_is_in_the_files(graded):
    folder, _ = graded
    (path,) = blindspots.folder_of(folder).iterdir()
    text = path.read_text(encoding="utf-8")
    for name in "quirin ulrike vroni wenzel xaver yannick zita ada".split():
        # As a word: a digest may well hold three letters such as "ada".
        assert not re.search(rf"\b{name}\b", text)
    for body in (*CUBED, *SHIFTED):
        assert not any(line.strip() in text for line in body.splitlines())
    assert len(text) < 60_000


def test_words_of_a_learner_are_not_kept():
    own = "class AdaLovelace(Exception): pass\n    raise AdaLovelace('my address')"
    text = json.dumps(of(own))
    assert "an exception of its own" in text and "Ada" not in text and "address" not in text
    text = json.dumps(of("return 'my name is Ada'"))
    assert "Ada" not in text
    text = json.dumps(of("class AdaLovelace: pass\n    return AdaLovelace()"))
    assert "Ada" not in text


def test_grading_again_counts_nobody_twice_and_one_student_changes_nothing(graded):
    folder, _ = graded
    (path,) = blindspots.folder_of(folder).iterdir()
    before = path.read_bytes()
    assert len(run_all(folder).blindspots) == 6 and path.read_bytes() == before
    run_all(folder, only=("xaver",))
    assert path.read_bytes() == before


def test_a_named_mistake_and_an_untouched_stub_are_no_blind_spots(tmp_path):
    folder = make(tmp_path / "class")
    hand_in(folder, "ada")
    hand_in(folder, "ben", right() | {EXERCISE: written("return dout")})
    assert grade(folder)["wrong_without_a_name"] == 0


def test_nearly_equal_values_are_alike_and_others_are_not():
    exact, rounded = of("return dout * gamma ** 3"), of("return dout * gamma ** 3 * (1 + 1e-6)")
    other = of("return dout * gamma ** 3 * 1.2")
    assert exact["digest"] != rounded["digest"]
    groups = spots([{**s, "count": 1} for s in (exact, rounded, other)])
    assert sorted(s.count for s in groups) == [1, 2]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("return dout * gamma / 7", "is 0.142857 times the right value"),
        ("return (dout * gamma)[:-1]", "of shape"),
        ("return dout * gamma + np.nan", "where"),
        ("raise OverflowError('x')", "stops with OverflowError"),
        ("return None", "is None"),
        ("return np.sin(dout)", "places, most at"),
    ],
)
def test_what_it_shows_is_said(body, says):
    from autograder.grading.reports.blindspots_in_words import as_data

    (spot,) = spots([{**of(body), "count": 4}])
    told = as_data(spot)
    assert spot.count == 4 and says in " ".join(cell["shows"] for cell in told["cells"])
    ast.parse(told["mistake"])


def test_a_question_shows_the_letter():
    from autograder.grading.reports.blindspots_in_words import words

    made = of("q02_centred = 'x'", exercise="q02_centred")
    assert words(made["cells"][0]) == "is 'x'; 's' is right"


def test_what_hostile_code_gives_takes_no_time_and_no_room():
    deep = of("d = []\n    for _ in range(40): d = [d, d]\n    return d")
    large = of("return np.ones((2000, 1000))")
    started = time.monotonic()
    assert all(made is None or len(json.dumps(made)) < 20_000 for made in (deep, large))
    assert time.monotonic() - started < 5


def test_a_file_is_bounded_and_says_what_it_left_out(tmp_path):
    made = of("return dout * gamma + 17.5")
    many = [{**made, "digest": f"{n:016x}"} for n in range(blindspots.VERDICTS + 40)]
    path = blindspots.keep(tmp_path, "06_x", many)
    held = blindspots.load(path)
    assert len(held["verdicts"]) == blindspots.VERDICTS and held["left_out"] == 40


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "cannot be read"),
        ("[]", "cannot be read"),
        ('{"format": 0, "verdicts": []}', "is of format 0"),
        ('{"format": 1, "verdicts": [{"exercise": "x"}], "left_out": 0}', "cannot be read"),
        ('{"format": 1, "verdicts": [{"exercise": "x", "seed": 0, "count": 1, "cells": [{"case":'
         ' "c", "name": "n", "kind": "values", "right": "a", "values": [1], "scale": null}]}],'
         ' "left_out": 0}', "cannot be read"),
    ],
)  # fmt: skip
def test_an_unreadable_or_old_file_is_one_sentence(tmp_path, graded, text, says):
    path = tmp_path / "06_x.json"
    path.write_text(text)
    with pytest.raises(Unreadable, match=says) as told:
        blindspots.load(path)
    assert "course grade 06_x" in str(told.value) and "\n" not in str(told.value)
    broken = blindspots.folder_of(graded[0]) / "00_broken.json"
    broken.write_text(text)
    try:
        result = asked(graded[0])
    finally:
        broken.unlink()
    assert result.exit_code == 0 and says in result.output and "3 alike" in result.output


def test_no_class_and_nothing_collected_are_one_sentence(tmp_path):
    assert "is not a class" in asked(tmp_path).output
    config = "c = get_config()\nc.CourseDirectory.course_id = 'a'\n"
    (tmp_path / "nbgrader_config.py").write_text(config)
    result = asked(tmp_path)
    assert result.exit_code == 1 and "Nothing is collected" in result.output
