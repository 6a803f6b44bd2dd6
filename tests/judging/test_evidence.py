"""What counts as evidence for a mistake: one small key for each rule, with nothing of deep learning
in it. The rules were found on strangers' programs (docs/evidence)."""

from dataclasses import replace

import numpy as np
import pytest
from small_keys import key, verdict

from autograder.exercise import Signature, raises
from autograder.judging.judge import judge

RNG = np.random.default_rng(0)
A, B, C, D = (RNG.normal(size=4) for _ in range(4))


TWO = {("one", "out"): A, ("two", "out"): B}


def test_a_name_is_said_first_where_nothing_is_left():
    made = key(TWO, {"slip": {("one", "out"): C, ("two", "out"): D}})
    found = verdict(made, {("one", "out"): C, ("two", "out"): D})
    assert found.message.startswith("This is slip.") and found.mistakes == ["slip"]


def test_where_something_is_left_the_certain_comes_first_and_the_name_follows_as_likely():
    made = key(TWO, {"slip": {("one", "out"): C}})
    found = verdict(made, {("one", "out"): C, ("two", "out"): D})
    first, second, *_ = found.message.splitlines()
    assert first.startswith("In the case 'two' your `out` is ")
    assert second == "Likely, to judge by the case 'one': This is slip."
    assert found.mistakes == ["slip"]


def test_a_likely_name_says_by_which_case_where_it_is_about_others_too():
    made = key(TWO, {"slip": {("one", "out"): C, ("two", "out"): C}})
    found = verdict(made, {("one", "out"): C, ("two", "out"): D})
    assert found.message.splitlines()[1] == "Likely, to judge by the case 'one': This is slip."


def test_of_two_that_fit_the_one_that_explains_more_is_said():
    right = dict.fromkeys([(case, "out") for case in ("one", "two", "three", "four")], A)
    shown = dict.fromkeys(right, C) | {("four", "out"): D}
    part, whole = {("one", "out"): C}, dict.fromkeys(right, C)
    found = verdict(key(right, {"part": part, "whole": whole}), shown)
    assert found.mistakes == ["whole"], "three of the four that it predicts, the other's among them"
    shown = dict.fromkeys(part, C) | {cell: D for cell in right if cell not in part}
    found = verdict(key(right, {"part": part, "whole": whole}), shown)
    assert found.mistakes == ["part"]


@pytest.mark.parametrize(("mine", "named"), [(D[:3], []), (D, ["slip"])])
def test_a_name_falls_where_it_gives_another_wrong_shape_than_the_learner_s(mine, named):
    right = {("one", "out"): A, ("two", "out"): B}
    made = key(right, {"slip": {("one", "out"): C[:2], ("two", "out"): C[:2]}})
    assert verdict(made, {("one", "out"): C[:2], ("two", "out"): mine}).mistakes == named


def test_a_name_that_explains_no_case_wholly_is_not_said():
    right = {("one", "out"): A, ("one", "loss"): B}
    made = key(right, {"slip": {("one", "out"): C}})
    found = verdict(made, {("one", "out"): C, ("one", "loss"): D})
    assert found.mistakes == [] and "slip" not in found.message


def test_a_contradicted_prediction_is_no_alibi_for_another():
    right = {("one", n): v for n, v in zip("abcd", (A, B, C, D), strict=True)}
    wrong = {cell: value**3 + 2 * value**2 for cell, value in right.items()}
    cells = list(right)
    # Each hits one cell of four and predicts the same other three, with values that nobody shows.
    rivals = {
        f"rival_{k}": {cell: wrong[cell] if i == k else right[cell] * (3 + k)
                       for i, cell in enumerate(cells)}
        for k in (0, 1)
    }  # fmt: skip
    shown = {cell: value if i < 2 else value * np.arange(1.0, 5.0)
             for i, (cell, value) in enumerate(wrong.items())}  # fmt: skip
    assert verdict(key(right, rivals), shown).mistakes == []


@pytest.mark.parametrize("value", [True, "late", 3, np.array(3)])
def test_one_yes_word_or_count_is_no_evidence_where_more_is_predicted(value):
    other = {"True": False, "late": "early", "3": 4}[str(value)]
    right = {("one", "is"): other, ("two", "out"): A}
    made = key(right, {"slip": {("one", "is"): value, ("two", "out"): C}})
    assert verdict(made, {("one", "is"): value, ("two", "out"): D}).mistakes == []


@pytest.mark.parametrize("value", [True, "late", 3])
def test_it_is_evidence_where_it_is_all_that_is_predicted(value):
    other = {"True": False, "late": "early", "3": 4}[str(value)]
    made = key({("one", "is"): other, ("two", "out"): A}, {"slip": {("one", "is"): value}})
    assert verdict(made, {("one", "is"): value}).mistakes == ["slip"]


def test_a_count_that_is_hit_in_passing_is_no_evidence():
    right = {("one", "count"): 4, ("two", "count"): 5, ("three", "count"): 6}
    made = key(right, {"slip": {("one", "count"): 1}})
    assert verdict(made, {("one", "count"): 1}).mistakes == ["slip"]
    shown = {("one", "count"): 1, ("two", "count"): 0, ("three", "count"): 9}
    assert "slip" not in verdict(made, shown).mistakes


def test_a_wider_type_is_met_as_exactly_as_the_right_one():
    right = {("one", "out"): A.astype(np.float32)}
    made = key(right, {"wider": {("one", "out"): A.astype(np.float32).astype(np.float64)}})
    assert verdict(made, {("one", "out"): A}).mistakes == ["wider"]


RIGHT_AND = {("one", "out"): A, ("one", "state"): B}


@pytest.mark.parametrize(
    ("hints", "claims"),
    [
        ({"slip": "The steps are right, but the state is not kept."}, {}),
        ({"slip": "Your state is not kept."}, {"slip": ("out",)}),
    ],
)
def test_a_claim_is_made_only_where_it_is_so(hints, claims):
    made = key(RIGHT_AND, {"slip": {("one", "state"): C}}, hints, claims)
    assert verdict(made, {("one", "state"): C}).mistakes == ["slip"]
    # A factor explains the rest, and still the claim would be false.
    found = verdict(made, {("one", "state"): C, ("one", "out"): 2 * A})
    assert "slip" not in found.mistakes and "are right, but" not in found.message


def test_a_hint_says_in_every_case_only_where_it_is_seen_in_every_case():
    cells = {("one", "out"): C, ("two", "out"): D}
    made = key(TWO, {"slip": cells}, {"slip": "Yours is short in every case."})
    assert verdict(made, cells).mistakes == ["slip"]
    assert "slip" not in verdict(made, {**cells, ("two", "out"): A}).mistakes


def test_an_exception_elsewhere_has_another_cause():
    made = key(TWO, {"slip": {("one", "out"): raises("ValueError")}})
    stop = {"raised": {"type": "ValueError", "message": "", "frames": [["f", 2, "x"]]}}
    assert judge(made, [stop, stop]).mistakes == []
    assert judge(made, [stop, {"seen": {"out": B}}]).mistakes == ["slip"]


def test_infinity_is_no_sign():
    made = key({("one", "out"): np.array([1.0, np.inf])}, {})
    found = verdict(made, {("one", "out"): np.array([1.0, 65504.0])})
    assert found.status == "failed" and not any("sign" in m for m in found.mistakes)


def test_what_stands_in_anothers_place_is_wrong_there_too():
    right = {("one", "out"): A, ("one", "your argument w"): B}
    found = verdict(key(right, {}), {("one", "out"): B})
    assert "relation:swapped" not in found.mistakes
    found = verdict(key(right, {}), {("one", "out"): B, ("one", "your argument w"): A})
    assert found.mistakes == ["relation:swapped"]


def test_a_count_has_no_factor():
    made = key({("one", "t"): 3, ("two", "t"): 6}, {})
    assert verdict(made, {("one", "t"): 4, ("two", "t"): 8}).mistakes == []


def test_an_epsilon_is_not_taken_for_single_precision():
    right = RNG.uniform(1, 2, 20)
    found = verdict(key({("one", "out"): right}, {}), {("one", "out"): right * (1 - 4e-7)})
    assert "float32" not in found.message


# Needed exercises.


def a_verdict(status: str):
    made = key({("one", "out"): A}, {})
    found = verdict(made, {} if status == "passed" else {("one", "out"): B})
    if status == "not attempted":
        gap = {"type": "NotImplementedError", "message": "", "frames": [], "not_attempted": True}
        found = judge(made, [{"raised": gap}])
    assert found.status == status
    return found


def test_a_needed_exercise_that_is_off_takes_no_point_of_what_is_right():
    made = key(TWO, {}, needs=("forward",))
    needed = {"forward": a_verdict("failed")}
    assert verdict(made, {}, verdicts=needed).points == 2.0
    found = verdict(made, {("one", "out"): C}, verdicts=needed)
    assert found.points == 1.0 and found.mistakes[0] == "needs:forward"
    assert found.message.startswith("This one builds on `forward`, which is not right yet")
    assert any("In the case 'one'" in line for line in found.details)  # behind the fold


def test_on_something_unwritten_it_is_not_attempted():
    made = key(TWO, {}, needs=("forward",))
    stop = {"raised": {"type": "NotImplementedError", "message": "", "frames": []}}
    found = judge(made, [stop, stop], {"forward": a_verdict("not attempted")})
    assert (found.status, found.points) == ("not attempted", 0.0)


# Words.


def test_an_observation_reads_as_its_author_says():
    reads = {"out": "your loss in training mode"}
    made = key({("one", "out"): 2.0}, {}, reads=reads)
    said = verdict(made, {("one", "out"): 3.0}).message
    assert said.startswith("In the case 'one' your loss in training mode is 3; 2 is right.")
    made = key({("one", "out"): 4}, {}, reads={"out": "you go through {seen}; {right} it is"})
    assert "you go through 9; 4 it is." in verdict(made, {("one", "out"): 9}).message


def test_code_is_set_as_code():
    made = key({("one", "out"): 2.0}, {"slip": {("one", "out"): 3.0}}, {"slip": "Read `eps` <1>."})
    found = verdict(made, {("one", "out"): 3.0})
    assert "<code>eps</code> &lt;1&gt;" in found.to_html() and "`eps`" in str(found)


def test_an_entry_of_a_dict_that_is_not_there_lacks_no_return():
    made = key({("one", "state"): A}, {}, reads={"state": "your `config['state']`"})
    message = verdict(made, {("one", "state"): None}).message
    assert "`config['state']` is None, or not there, but" in message
    made = key({("one", "out"): A}, {}, reads={"out": "your result"})
    assert "return missing?" in verdict(made, {("one", "out"): None}).message


def test_what_a_function_does_not_return_lacks_no_return():
    made = replace(
        key({("one", "velocity"): A, ("one", "next_w"): A}, {}),
        signatures=(Signature("drawn", (), 0, ("next_w", "config")),),
    )
    told = verdict(made, {("one", "velocity"): None, ("one", "next_w"): A}).message
    assert "None, or not there" in told and "return missing?" not in told
    told = verdict(made, {("one", "velocity"): A, ("one", "next_w"): None}).message
    assert "return missing?" in told
