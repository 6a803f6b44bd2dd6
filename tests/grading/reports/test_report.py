"""What a teacher reads after a class was graded: what counts, what to talk about, whom to see."""

from __future__ import annotations

import io

import pytest
from graded_class import FULL, hand_in, make, right
from graded_class import grade as grade_small
from rich.console import Console

from autograder.grading.pipeline.outcome import Outcome, Seen
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
