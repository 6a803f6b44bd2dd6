"""Training programs, healthy and sick: what an instrument of notebook 16 is tried on."""

from __future__ import annotations

import ast
import datetime
import difflib
import json
import re
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

from autograder.exercises.programs import matrix
from autograder.exercises.programs.drawing import drawn
from autograder.exercises.programs.faults import FAULTS, DoesNotFit, sick
from autograder.exercises.programs.harm import harm
from autograder.exercises.programs.waiting_room import given_of
from autograder.exercises.programs.writing import written
from course_utils.recipes.pictures import small_pictures
from course_utils.recipes.programs import PATIENCE, OutOfPatience, standing, started, watched

ROOT = Path(__file__).resolve().parents[2]
PROVEN = json.loads((ROOT / "data" / "results" / "clinic_programs.json").read_text("utf-8"))


def program(number: int, source: str | None = None):
    design = drawn(number)
    source = source or written(design)
    return started(source, design.data, design.classes, design.pictures, 100 * number)


def an_epoch(it) -> None:
    for batch in it.batches:
        it.step(batch)
    it.end_of_epoch()


def planted(name: str, first: int = 0) -> tuple[int, str]:
    """The first program from this number on in which a fault has a place, and its source."""
    for number in range(first, first + 200):
        try:
            return number, sick(written(drawn(number)), name, drawn(number))
        except DoesNotFit:
            continue
    raise AssertionError(f"{name} has a place in no program")


@pytest.mark.parametrize("number", range(6))
def test_a_healthy_program_learns_and_starts_again(number):
    it = program(number)
    first = it.fresh()
    for name, value in standing(first).items():
        assert np.array_equal(value, standing(it)[name]), name
    for _ in range(it.epochs):
        an_epoch(it)
    assert it.evaluate() > 2 / drawn(number).classes or drawn(number).logistic
    assert it.evaluate() > 0.5


def test_programs_differ_in_what_may_differ():
    designs = [drawn(number) for number in range(200)]
    for what in ("data", "classes", "kind", "activation", "norm", "init", "dtype", "optimizer",
                 "schedule", "smoothing", "frozen", "logistic"):  # fmt: skip
        assert len({getattr(design, what) for design in designs}) > 1, what
    assert len({written(design) for design in designs}) == 200


def test_a_source_reads_like_a_tidy_script():
    """Whatever its variables are called, its words stay, and nothing is computed for nobody."""
    rng = np.random.default_rng(0)
    for number in range(80):
        design = drawn(number)
        source = given_of(rng, written(design), design)["source"]
        tree = ast.parse(source)
        told = [ast.get_docstring(node) for node in ast.walk(tree)
                if isinstance(node, (ast.Module, ast.FunctionDef))]  # fmt: skip
        assert {text for text in told if text} == {
            f"Train a net that tells {design.classes} classes of {design.data} apart.",
            "Turn uint8 pictures N×8×8 into the net's input N×1×8×8.",
            "Yield the training part once, shuffled, in batches.",
            "Return the mean loss of a batch, with its graph.",
            "Update the net once; return the loss before it.",
            "Return the accuracy on the validation pictures.",
            "Return the same program before its first step.",
        }
        for name in ("mean", "std"):
            kept = {type(node.ctx) for node in ast.walk(tree)
                    if isinstance(node, ast.Attribute) and node.attr == name
                    and getattr(node.value, "id", "") == "self"}  # fmt: skip
            assert kept in (set(), {ast.Store, ast.Load}), (number, name)
        assert "\n\n\n\n" not in source and max(map(len, source.splitlines())) <= 100


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_changes_few_lines_and_the_program_runs(name):
    number, source = planted(name)
    healthy = written(drawn(number))
    lines = [line for line in difflib.ndiff(healthy.splitlines(), source.splitlines())
             if line[:2] in ("+ ", "- ") and line[2:].strip()]  # fmt: skip
    assert 1 <= len(lines) <= 14
    assert not re.search(r"fault|sick|wrong|bug", source)
    it = program(number, source)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        an_epoch(it)
        assert 0 <= it.evaluate() <= 1


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_leaves_a_program_that_can_be_read_wherever_it_fits(name):
    for number in range(60):
        try:
            source = sick(written(drawn(number)), name, drawn(number))
        except DoesNotFit:
            continue
        ast.parse(source)  # a SyntaxError says where


def test_the_matrix_names_each_fault_once():
    named = [name for column in matrix.MUST.values() for name in column] + list(matrix.BY_EYE)
    assert sorted(named) == sorted(FAULTS)
    assert tuple(matrix.MUST) == matrix.CORE + matrix.EXTRAS


def test_a_fault_that_has_no_place_is_told():
    logistic = next(n for n in range(100) if drawn(n).logistic)
    with pytest.raises(DoesNotFit, match="softmax_twice has no place"):
        sick(written(drawn(logistic)), "softmax_twice", drawn(logistic))


def test_stored_proofs_hold_today():
    """One stored proof a day is made once more, so that in time all are."""
    stored = [(name, number) for name, entry in PROVEN["faults"].items()
              for number in entry["proven"]]  # fmt: skip
    name, number = stored[datetime.date.today().toordinal() % len(stored)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert harm(name, number, PROVEN["seeds"]).proven, f"{name} in {number}"


def test_a_healthy_program_is_not_proven_sick(monkeypatch):
    from autograder.exercises.programs import harm as room

    monkeypatch.setattr(room, "sick", lambda source, name, design: source)
    assert not harm("detached", 3, seeds=3).proven


def test_who_asks_without_end_is_stopped():
    design = drawn(2)
    it = watched(written(design), design.data, design.classes, design.pictures, 5)
    batch = next(iter(it.batches))
    with pytest.raises(OutOfPatience, match=f"more than {PATIENCE:,} times"), torch.no_grad():
        while True:
            it.fresh().loss(batch)


def test_a_program_tells_nothing_by_its_name():
    healthy, ill = program(0), program(*planted("detached"))
    assert type(healthy).__name__ == type(ill).__name__ == "Program"
    assert type(healthy).__module__ == type(ill).__module__ == "Program"


@pytest.mark.parametrize("kind", ["digits", "strokes"])
def test_small_pictures_are_sorted_and_the_sealed_are_others(kind):
    pictures, labels = small_pictures(kind, 5, 200, 300)
    sealed, _ = small_pictures(kind, 5, 200, 300, sealed=True)
    assert pictures.shape == (200, 8, 8) and pictures.dtype == np.uint8
    assert (np.diff(labels) >= 0).all() and len(set(labels.tolist())) == 5
    assert not {p.tobytes() for p in pictures} & {p.tobytes() for p in sealed}


def test_too_many_small_pictures_are_refused():
    with pytest.raises(ValueError, match="pictures of the digit"):
        small_pictures("digits", 5, 2000, 0)
    with pytest.raises(ValueError, match="of digits and of strokes, not of 'cats'"):
        small_pictures("cats", 5, 20, 0)
