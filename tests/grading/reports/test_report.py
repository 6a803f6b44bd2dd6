"""What a teacher reads after a class was graded: what counts, what to talk about, whom to see."""

from __future__ import annotations

import io

import pytest
from graded_class import FULL, hand_in, make, right
from graded_class import grade as grade_small
from rich.console import Console

from autograder.grading.pipeline.outcome import (
    PROCESS,
    TEACHER,
    GradedNotebook,
    Mark,
    Outcome,
    Seen,
)
from autograder.grading.pipeline.submitted import handed_in_at
from autograder.grading.reports.report import Tally, show


def told(tally) -> str:
    console = Console(file=io.StringIO(), width=120)
    show(tally, console)
    return console.file.getvalue()


def tally(*seen, **more) -> Tally:
    made = Tally("06_batchnorm", **more)
    made.add(Outcome("ada", exercises=list(seen)), unchanged=True)
    return made


def seen(name, status="passed", points=2.0, mistakes=(), counts=True):
    return Seen(name, status, points, 2.0, False, list(mistakes), counts=counts)


def test_what_only_waits_for_another_exercise_is_no_mistake_to_talk_about():
    text = told(tally(
        seen("relu_forward", "failed", 0.0, [("leaky", "Below zero it is zero.")]),
        seen("relu_backward", "failed", 0.0, [("needs:relu_forward", "")]),
    ))  # fmt: skip
    assert "relu_forward: leaky" in text and "needs:" not in text


def test_what_carries_no_points_stands_apart():
    made = tally(
        seen("relu_forward"), seen("q02_dead", "not attempted", 0.0, counts=False),
        seen("gelu", "failed", 1.0, counts=False),
    )  # fmt: skip
    points, _, without = told(made).partition("without points")
    assert "relu_forward" in points and "q02_dead" not in points
    rows = [line.split() for line in without.splitlines()]
    assert ["q02_dead", "0", "0"] in rows and ["gelu", "0", "1"] in rows
    assert not made.as_json()["exercises"]["gelu"]["counts"]


def test_slips_in_folder_names_and_late_work_are_told():
    text = told(tally(late={"ada": 3.0, "bea": 0.0}, added=["aad"]))
    assert "On no roster until now: aad." in text and "nbgrader db student remove" in text
    lines = [line.split() for line in text.splitlines()]
    assert ["handed", "in", "late", "2"] in lines
    assert ["with", "points", "taken", "off", "for", "it", "1"] in lines


def test_graded_checks_count_and_others_do_not(tmp_path):
    folder = make(tmp_path / "class")
    place = hand_in(folder, "ada", right())
    (place / "timestamp.txt").write_text("yesterday, late")
    report = grade_small(folder)
    counting = {name for name, held in report["exercises"].items() if held["counts"]}
    assert counting == set(FULL)  # the question of its own is asked and not graded
    (look,) = report["submissions"]["ada"]["looks"]
    assert "timestamp.txt says 'yesterday, late', which is no time such as" in look


@pytest.mark.parametrize(
    ("text", "hour"),
    [(b"2026-11-20 23:59 UTC", 23), (b"2026-11-20T23:59+0200", 21),
     (b"2026-11-20 23:58:59 +0100", 22), (b"2026-11-20 22:58:59.5 -01:00", 23)],
)  # fmt: skip
def test_a_time_is_read_with_its_offset(text, hour):
    assert handed_in_at(text).hour == hour


def test_no_timestamp_is_no_time():
    assert handed_in_at(None) is None and handed_in_at(b" \n") is None


def test_how_values_stand_to_the_right_ones_is_no_mistake_to_talk_about():
    blind = {"exercise": "bn_dxhat", "seed": 0, "digest": "d", "cells": []}
    related = seen("bn_dxhat", "failed", 0.0, [("relation:factor", "")])
    related.blindspot = blind
    made = tally(related, seen("relu_forward", "failed", 0.0, [("leaky", "Below zero it is 0.")]))
    text = told(made)
    assert "relation" not in text.replace("in a plain relation to the right one", "")
    assert "1 wrong answers without a name, 1 of them in a plain relation" in " ".join(text.split())
    assert [named for (_, named), _ in made.named()] == ["leaky"]


def test_material_of_ones_own_has_a_table_by_cell():
    made = Tally("ps1")
    for points in 2.0, 2.0, 0.0:
        marks = [Mark("test_one", points, 2.0, PROCESS), Mark("why", None, 3.0, TEACHER, True)]
        made.add(Outcome(f"s{len(made.rows)}", notebooks=[GradedNotebook("ps1", "", marks, {})]),
                 unchanged=False)  # fmt: skip
    rows = [line.split() for line in told(made).splitlines()]
    assert ["cell", "points", "students"] in rows
    assert ["test_one", "0", "of", "2", "████████", "1"] in rows
    assert ["2", "of", "2", "████████████████", "2"] in rows


def test_what_is_to_mark_follows_the_gradebook_once_it_was_asked():
    made = Tally("ps1")
    marks = [Mark("why", None, 3.0, TEACHER, True)]
    made.add(Outcome("ada", notebooks=[GradedNotebook("ps1", "", marks, {})]), unchanged=True)
    assert made.as_json()["with_answers_to_mark_by_hand"] == 1
    made.to_mark = 0
    assert "to mark by hand" not in told(made)


def test_what_was_put_right_stands_in_the_printed_report():
    made = Tally("ps1")
    made.add(Outcome("ada", repairs=["cell why was missing and was put back"]), unchanged=False)
    text = told(made)
    assert "mended: cell why was missing and was put back" in text
    assert ["with", "something", "put", "right", "or", "left", "out", "1"] in [
        line.split() for line in text.splitlines()
    ]
