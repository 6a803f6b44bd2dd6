"""The ward of notebook 16 as a learner uses it: what is no answer is told, and nothing is lost."""

from __future__ import annotations

import importlib

import pytest
import torch

from course_utils import clinic
from course_utils.clinic.answers import AS_ASKED, amiss, put_down
from course_utils.recipes.programs import NOTHING, mended, standing


@pytest.fixture(autouse=True)
def nobody_has_a_ward_yet(monkeypatch):
    # The package has a function of the room's name.
    monkeypatch.setattr(importlib.import_module("course_utils.clinic.ward"), "_WARDS", {})


RIGHT = {
    "ward": 1, "ranked": ["labels apart", "schedule", "healthy"], "ordered": ["labels", "steps"],
    "evidence": ["labels"], "diagnosis": ["labels apart"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ranked": ["labels apart", "labels apart", "schedule"]}, "fewer than three hypotheses"),
        ({"ranked": "labels apart"}, "'ranked' is a list of names"),
        ({"diagnosis": ["labels"]}, "not on the list of diagnoses. Did you mean 'labels apart'?"),
        ({"ordered": ["labels apart"]}, "is not on the panel. Did you mean 'labels'?"),
        ({"diagnosis": []}, "one name, or two"),
        ({"diagnosis": ["healthy", "scaling"]}, "who is healthy has no fault besides"),
        ({"ward": "1"}, "a whole number without quotes"),
        ({"evidence": ["first loss"]}, "'first loss' is given as evidence and was not ordered"),
        ({"evidence": []}, "the one test, or the two"),
        ({"ward": 99}, "there is no ward 99"),
        ({"ward": True}, "the number that the chart gives"),
        ({"ward": "1"}, "the number that the chart gives"),
        ({"evidence": [None]}, "'evidence' is a list of names"),
    ],
)
def test_what_keeps_an_answer_from_being_one_is_said(change, said):
    assert said in amiss({**RIGHT, **change})
    assert said in put_down({**RIGHT, **change})["form"]


def test_an_answer_is_put_down_as_plain_data():
    assert amiss(RIGHT) == ""
    seen = put_down({**RIGHT, "ordered": ["labels", "steps", "labels"]})
    assert seen == {"form": AS_ASKED, "ward": 1, "ranked": ["healthy", "labels apart", "schedule"],
                    "diagnosis": ["labels apart"],
                    "evidence": ["labels"], "minutes": 9}  # fmt: skip
    assert put_down(None)["form"] == "a diagnosis is a dictionary."
    assert "'ordered' is missing" in put_down({"ward": 1, "ranked": []})["form"]


def test_an_answer_is_for_ones_own_ward_and_what_was_ordered_there_counts():
    ward = clinic.ward("me")
    assert ward.number == 2
    assert "your patients lie in ward 2" in put_down(RIGHT, ward, 1)["form"]
    ward.ordered[1] = ["new pictures", "labels"]
    mine = {**RIGHT, "ward": 2}
    assert put_down(mine, ward, 1)["minutes"] == put_down(mine)["minutes"] + 15
    noted = {**mine, "ordered": [], "evidence": ["labels"]}
    assert put_down(noted, ward, 1)["form"] == put_down(mine)["form"]
    assert "was not ordered" in put_down(noted, ward, 2)["form"]
    assert put_down(mine, ward, 2) == put_down(mine) == put_down(mine, "no ward", 1)


def test_a_ward_belongs_to_a_name_and_there_are_several():
    assert clinic.ward("Ada ").number == clinic.ward("ada").number
    assert len({clinic.ward(f"student {n}").number for n in range(40)}) == 4


def test_orders_are_kept_and_cost_once(capsys):
    ward = clinic.ward("me")
    ward.order(1, "first loss")
    ward.order(1, "first loss")
    ward.order(1, "labels")
    assert ward.ordered[1] == ["first loss", "labels"] and ward.ordered[2] == []
    assert "['first loss', 'labels'], 4 minutes." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda ward: ward.order(1, "blood"), "'blood' is not on the panel: first loss"),
        (lambda ward: ward.order(7, "labels"), "There is no patient 7; the beds are [0, 1"),
        (lambda ward: ward.order(1, " First-loss"), "Did you mean 'first loss'?"),
        (lambda ward: ward.order(1, ["labels"]), "['labels'] is not a test: a test is one name"),
        (lambda ward: ward.order(True, "labels"), "True is not a bed: a bed is a whole number"),
        (lambda ward: ward.order("1", "labels"), "'1' is not a bed: a bed is a whole number"),
        (lambda ward: ward.order([1], "labels"), "[1] is not a bed"),
        (lambda ward: ward.chart(None), "None is not a bed"),
        (lambda ward: ward.reveal(1, {"ward": 1}), "stays closed: 'ranked' is missing"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(call, said, capsys):
    ward = clinic.ward("me")
    call(ward)
    assert said in capsys.readouterr().out and not ward.ordered[1]


def test_a_ward_that_is_made_again_keeps_what_was_noted(capsys):
    clinic.ward("Ada").order(1, "labels")
    capsys.readouterr()
    again = clinic.ward(" ada")
    assert again.ordered[1] == ["labels"] and again is clinic.ward("Ada")
    assert "What you have ordered is still noted: patient 1: labels." in capsys.readouterr().out
    bo = clinic.ward("Bo")
    said = capsys.readouterr().out
    assert f"Your patients, Bo, lie in ward {bo.number}." in said
    assert f"under the name 'ada' (ward {again.number}) stays noted" in said
    assert not bo.noted and clinic.ward("Ada").ordered[1] == ["labels"]


@pytest.mark.parametrize("name", ["", "  ", None, ..., True])
def test_a_ward_for_nobody_asks_for_a_name(name):
    with pytest.raises(ValueError, match="write it between the quotes") as said:
        clinic.ward(name)
    assert said.value._render_traceback_() == [str(said.value)]


def test_the_source_opens_when_all_that_was_ordered_is_written_down(capsys):
    ward = clinic.ward("me")
    ward.order(1, "gradients")
    ward.reveal(1, RIGHT)
    closed = capsys.readouterr().out
    assert "You have ordered ['gradients'] as well" in closed and "class Program" not in closed
    ward.reveal(1, {**RIGHT, "ordered": ["gradients", "labels"]})
    assert "class Program" in capsys.readouterr().out


def test_a_look_leaves_generators_and_programs_alone(capsys):
    patient = clinic.ward("me").patients[1]
    before, state = standing(patient.fresh()), torch.get_rng_state()
    ward = clinic.ward("me")
    for test in clinic.PANEL:
        ward.order(1, test)
    assert torch.equal(state, torch.get_rng_state())
    after = standing(patient.fresh())
    assert all((before[name] == after[name]).all() for name in before)
    assert clinic.cost(clinic.PANEL) == 55


def test_a_patch_that_is_none_is_told_by_its_form():
    made = clinic.patch_source(1)
    given = ("digits", 5, 300, 100)
    assert mended(lambda source: None, made, *given)["form"] == "no text"
    broken = mended(lambda source: source + "\n  )", made, *given)
    assert broken["form"] == "a text that does not run" and broken["losses"] is NOTHING["losses"]


def test_without_its_file_the_ward_says_what_to_do(monkeypatch):
    from course_utils.clinic import answers

    monkeypatch.setattr(answers, "stored", lambda name: None)
    assert put_down(RIGHT)["form"] == AS_ASKED  # in grading there is no file
    with pytest.raises(FileNotFoundError, match=r"run benchmarks/clinic/ward\.py"):
        clinic.ward("me")
