"""The course's own instruments: each catches its column of the matrix, and leaves all as it was."""

from __future__ import annotations

import inspect
import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from test_programs import planted, program

from autograder.exercises.programs import matrix, waiting_room
from autograder.exercises.programs.drawing import drawn
from course_utils import instruments
from course_utils.recipes.programs import OutOfPatience, tried

ROOT = Path(__file__).resolve().parents[2]
PAIRS = [(name, fault) for name, column in matrix.MUST.items() for fault in column]


@pytest.mark.parametrize(("name", "fault"), PAIRS)
def test_an_instrument_catches_its_column(name, fault):
    # Some planted faults do nothing where the program is forgiving: of three one must be caught.
    first = 0
    for _ in range(3):
        number, source = planted(fault, first)
        if not getattr(instruments, name)(program(number, source)):
            return
        first = number + 1
    raise AssertionError(f"{name} is silent at {fault}")


@pytest.mark.parametrize("instrument", instruments.INSTRUMENTS, ids=lambda i: i.__name__)
def test_an_instrument_is_silent_at_healthy_programs_and_leaves_them(instrument):
    rng = np.random.default_rng(5)
    given = waiting_room.programs(rng, ("detached",), 0, 4)
    seen = tried(instrument, given)
    assert not seen.pop("alarms").any()
    assert seen == {
        "gives": "True or False", "the program afterwards": "as it was",
        "global generators": "left alone", "gradients": "on", "printed": "nothing",
    }  # fmt: skip


def test_all_of_the_matrix_have_an_instrument():
    assert tuple(i.__name__ for i in instruments.INSTRUMENTS) == matrix.CORE + matrix.EXTRAS


def test_the_stored_table_holds_what_is_promised():
    table = json.loads((ROOT / "data" / "results" / "clinic_instruments.json").read_text("utf-8"))
    for name, column in table["instruments"].items():
        assert column["caught"] >= 0.95 * column["sick in its column"] > 0, name
        assert column["healthy"] >= 500
        assert column["alarms in vain"] <= column["healthy"] / 150, name
    suite = table["suite"]
    assert suite["caught"] >= 0.95 * suite["sick in some column"]
    assert suite["alarms in vain"] <= 0.03 * suite["healthy"]


# What is seen of an instrument that behaves badly.


def given(n: int = 1) -> list[dict]:
    return waiting_room.programs(np.random.default_rng(1), ("detached",), 0, n)


def seeds(program):
    torch.manual_seed(0)
    return True


def seeds_numpy(program):
    np.random.seed(0)
    return True


def trains(program):
    program.step(next(iter(program.batches)))
    return True


def switches(program):
    program.net.eval()
    return True


def freezes(program):
    program.net.requires_grad_(False)
    return True


def switches_off(program):
    torch.set_grad_enabled(False)
    return True


def prints(program):
    print("sound")
    return True


@pytest.mark.parametrize(
    ("instrument", "what", "seen"),
    [
        (seeds, "global generators", "seeded"),
        (seeds_numpy, "global generators", "seeded"),
        (trains, "the program afterwards", "changed"),
        (switches, "the program afterwards", "changed"),
        (freezes, "the program afterwards", "changed"),
        (prints, "printed", "something"),
        (lambda program: "sound", "gives", "a str"),
        (lambda program: None, "gives", "nothing"),
        (lambda program: 1.0, "gives", "a float"),
        (lambda program: torch.tensor(2) > 1, "gives", "a tensor"),
        (switches_off, "gradients", "off"),
    ],
)
def test_what_an_instrument_should_not_do_is_seen(instrument, what, seen):
    with torch.random.fork_rng(devices=[]):
        kept = np.random.get_state()
        try:
            assert tried(instrument, given())[what] == seen
        finally:
            np.random.set_state(kept)


def test_gradients_that_are_switched_off_are_on_again_for_the_next_program():
    looked = []

    def instrument(program):
        looked.append(torch.is_grad_enabled())
        return switches_off(program)

    seen = tried(instrument, given(3))
    assert looked == [True] * 3 and torch.is_grad_enabled() and not seen["alarms"].any()


def test_a_tensor_beside_a_bool_is_a_tensor():
    answers = iter([True, torch.tensor(True), torch.tensor(True)])
    assert tried(lambda program: next(answers), given(3))["gives"] == "a tensor"


def test_an_instrument_without_end_is_stopped():
    def forever(program):
        while True:
            for batch in program.fresh().batches:
                program.fresh().loss(batch)

    with pytest.raises(OutOfPatience):
        tried(forever, given())


def test_there_is_no_source_to_read():
    def reads(program):
        return "detach" not in inspect.getsource(program.loss)

    with pytest.raises(OSError, match="source"):
        tried(reads, given())


# Who waits.


def test_who_is_sick_is_known_and_stands_nowhere():
    random.seed(0)
    draw = waiting_room.programs(np.random.default_rng(2), ("detached", "softmax_twice"), 4, 7)
    sick = waiting_room.are_sick(draw)
    assert sick.sum() == 4 and len(sick) == 11
    again = waiting_room.programs(np.random.default_rng(2), ("detached", "softmax_twice"), 4, 7)
    assert draw == again
    assert set(draw[0]) == {"source", "kind", "classes", "n", "seed"}
    other = waiting_room.programs(np.random.default_rng(3), ("detached", "softmax_twice"), 4, 7)
    assert not {each["source"] for each in draw} & {each["source"] for each in other}


def test_healthy_ones_are_as_they_are_asked_to_be():
    draw = waiting_room.programs(
        np.random.default_rng(2), ("detached",), 2, 5, like=lambda design: design.frozen
    )
    healthy = [each for each, ill in zip(draw, waiting_room.are_sick(draw), strict=True) if not ill]
    assert all("requires_grad_(False)" in each["source"] for each in healthy)


def test_only_what_is_proven_waits():
    for fault in sum(matrix.MUST.values(), ()):
        for number in waiting_room.proven(fault):
            assert drawn(number).number == number >= 10_000
