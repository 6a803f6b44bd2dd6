"""What the judge finds by itself in what was seen, each told to the learner in a sentence.

What stops, or is not there, is in `test_judge_stops`.
"""

import random

import numpy as np
import pytest
from odd_scale import RIGHT, learner, verdict_on

from autograder import grade
from autograder.exercise import Expected, statistic
from autograder.exercises import find
from autograder.judging.compare import difference
from autograder.judging.judge import _where, judge
from autograder.judging.keys import answer_key
from autograder.judging.verdict import CaseResult

# Values.


@pytest.mark.parametrize(
    ("out", "words"),
    [
        ("(x * w)[:, :2]", "your `out` has shape (4, 2); (4, 3) is right."),
        ("(x * w).tolist()", "your `out` is a list, but an array of shape (4, 3) belongs there."),
        ("None", "your `out` is None (is a return missing?), but an array of shape (4, 3)"),
        ("'4'", "your `out` is a string, but an array of shape (4, 3) belongs there."),
        ("{1: 2}", "your `out` is a dict whose keys are not all strings, but an array"),
        ("np.matrix(x * w)", "your `out` is a matrix, but an array of shape (4, 3) belongs there."),
        ("(x * w).astype(object)", "your `out` is an array of object, but an array of shape"),
        ("(x * w).astype(int)", "your `out` is int64; float64 is right."),
        ("np.float64(1)", "your `out` has shape (); (4, 3) is right."),
        ("np.ma.array(x * w)", "your `out` is a MaskedArray, but an array of shape (4, 3)"),
    ],
)
def test_form_comes_before_values(out, words):
    verdict = verdict_on(f"return {out}, (x * w).sum()")
    assert verdict.status == "failed"
    assert verdict.message.startswith(f"In the case 'a batch' {words}"), verdict.message


def test_a_torch_tensor_is_no_answer_in_a_numpy_exercise():
    verdict = verdict_on("import torch; return torch.tensor(x * w), (x * w).sum()")
    assert verdict.points == 0
    assert verdict.message.startswith(
        "In the case 'a batch' your `out` is a torch tensor; this exercise wants numpy."
    )


def test_an_object_that_equals_everything_earns_nothing():
    verdict = verdict_on("""
        class Yes:
            shape, dtype, ndim = x.shape, x.dtype, x.ndim
            __class__ = np.ndarray
            def __eq__(self, other): return True
            def __array__(self, *args, **kwargs): return x * w
            def __sub__(self, other): return 0
            __hash__ = None
        return Yes(), Yes()
    """)
    assert verdict.points == 0
    assert verdict.message.startswith(
        "In the case 'a batch' your `out` is a Yes, but an array of shape (4, 3) belongs there."
    )


def test_an_array_subclass_that_lies_earns_nothing():
    verdict = verdict_on("""
        class Liar(np.ndarray):
            def __array__(self, *args, **kwargs): return x * w
            def __array_ufunc__(self, *args, **kwargs): return True
        return np.zeros(x.shape).view(Liar), (x * w).sum()
    """)
    assert verdict.points == 0
    assert "your `out` is a Liar, but an array of shape (4, 3) belongs there" in verdict.message


@pytest.mark.parametrize(("value", "word"), [("np.nan", "NaN"), ("-np.inf", "infinite")])
def test_nan_and_infinity_are_told_with_their_place(value, word):
    verdict = verdict_on(f"out = x * w; out[-1, 1] = {value}; return out, (x * w).sum()")
    assert verdict.message.startswith(
        f"In the case 'a batch' your `out` is {word} at [3, 1] (1 of 12 values)."
    )


def test_the_worst_value_is_told_with_its_index():
    verdict = verdict_on("out = x * w; out[0, 1] += 1; out[0, 0] -= 5; return out, (x * w).sum()")
    assert "your `out` is " in verdict.message
    assert " at [0, 0]; " in verdict.message
    assert verdict.message.splitlines()[0].endswith(" is right (2 of 12 values are off).")


def test_a_value_within_the_tolerance_is_right():
    assert verdict_on("return x * w * (1 + 1e-9), (x * w).sum()").status == "passed"


@pytest.mark.parametrize(
    ("out", "words"),
    [
        ("np.broadcast_to(1.0, (10**6, 10**7))", "is an array of shape (1000000, 10000000), too"),
        ("[0] * 10**7", "is a list of 10000000 entries, too large to look at"),
        ("loop", "is a list, but an array of shape (4, 3) belongs there"),
        ("doubled", "is a list, but an array of shape (4, 3) belongs there"),
        ("'a' * 3 * 10**8", "is a string of 300000000 characters, but an array"),
    ],
)
def test_huge_and_endless_observations_are_told(out, words):
    verdict = verdict_on(f"""
        loop = []
        loop.append(loop)
        doubled = []
        for _ in range(60):
            doubled = [doubled, doubled]
        return {out}, (x * w).sum()
    """)
    assert (verdict.status, verdict.points) == ("failed", 0.0)
    assert words in verdict.message


@pytest.mark.parametrize(
    ("power", "words"), [(99, "`total` is 1e+99"), (999, "`total` is infinite")]
)
def test_a_whole_number_beyond_64_bits_is_a_wrong_value(power, words):
    verdict = verdict_on(f"return x * w, 10**{power}")
    assert verdict.status == "failed"
    assert words in verdict.message


# What is touched.


def test_an_input_changed_in_place_is_a_finding():
    verdict = verdict_on("x *= w; return x, x.sum()")
    assert (verdict.status, verdict.points) == ("failed", 0.0)
    assert verdict.mistakes == ["changed:x"]
    assert verdict.message.startswith("Your code changes its input x in place.")


def test_an_input_may_be_changed_and_put_back():
    assert verdict_on("x[0] += 0; out = x * w; return out, out.sum()").status == "passed"


@pytest.mark.parametrize(
    ("draw", "generator"),
    [
        ("import random; random.random()", "random"),
        ("np.random.rand()", "np.random"),
        ("np.random.seed(0)", "np.random"),
        ("import torch; torch.rand(1)", "torch"),
    ],
)
def test_global_random_state_is_told_and_put_back(draw, generator):
    import torch

    before = random.getstate(), np.random.get_state()[1].tobytes(), torch.get_rng_state().tolist()
    verdict = verdict_on(f"{draw}; return 3.0", "odd_draw")
    assert (verdict.status, verdict.points) == ("failed", 0.0)
    assert verdict.mistakes == ["global-random"]
    assert verdict.message.startswith(
        f"Your code draws from or seeds the global random generator of {generator}, "
        "which all other code shares."
    )
    after = random.getstate(), np.random.get_state()[1].tobytes(), torch.get_rng_state().tolist()
    assert before == after


def test_a_generator_of_ones_own_is_no_finding():
    assert verdict_on("np.random.default_rng(seed).random(); return 3.0", "odd_draw")


WARN = "import warnings; warnings.warn('mind the gap'); return 3.0"


def test_a_warning_is_a_finding_where_none_is_wanted():
    verdict = verdict_on(WARN, "odd_quiet")
    assert (verdict.status, verdict.mistakes) == ("failed", ["warning"])
    assert verdict.message.startswith(
        "Your code raises a warning here: UserWarning: mind the gap, at line 4 of its cell: "
        "`import warnings"
    )


def test_a_warning_of_numpy_is_told_with_what_it_means():
    verdict = verdict_on("return 3.0 * (np.exp(np.array([1000.0]))[0] > 0)", "odd_quiet")
    assert "overflow encountered in exp, at line 4" in verdict.message
    assert "An exponential overflows: its argument is a large positive number" in verdict.message


def test_elsewhere_a_warning_is_only_noted():
    verdict = verdict_on(WARN, "odd_draw")
    assert verdict.status == "passed"
    (noted,) = verdict.details
    assert noted.startswith("A warning along the way: UserWarning: mind the gap, at line 4")


def test_what_is_printed_is_kept_and_bounded(capsys):
    verdict = verdict_on("print('shape', x.shape, 'x' * 10**6); return x * w, (x * w).sum()")
    assert verdict.status == "passed"
    assert verdict.printed.startswith("shape (4, 3)")
    assert len(verdict.printed) < 4100
    assert verdict.printed.endswith("\n… The rest of what your code printed is left out.")
    assert capsys.readouterr().out == ""


def test_what_goes_to_stderr_counts_as_printed_and_its_end_is_told():
    verdict = verdict_on("""
        import sys
        print("seen", flush=True)
        for _ in range(2000):
            print("a line", file=sys.stderr)
        return x * w, (x * w).sum()
    """)
    assert verdict.printed.startswith("seen\na line\na line\n")
    assert verdict.printed.count("left out") == 1


def test_what_is_printed_and_fits_is_not_called_cut():
    verdict = verdict_on("print('x' * 1000); return x * w, (x * w).sum()")
    assert "left out" not in verdict.printed


def test_a_long_row_of_cases_is_shortened():
    cases = [CaseResult(f"case {i}", 0.0, 1.0, "off" * (i >= 30)) for i in range(33)]
    said = _where(cases, [])
    assert said.startswith("Right so far: case 0; case 1; ")
    assert "case 7; … and 22 more. Off: case 30; case 31; case 32." in said


# Mistakes.


def test_one_mistake_is_named_with_its_hint():
    verdict = verdict_on("return x * 1, (x * w).sum()")
    assert verdict.mistakes == ["weight_left_out"]
    assert verdict.message == (
        "Every column has its own weight; yours leaves the columns as they are.\n"
        "Off in every case."
    )


def test_two_mistakes_at_once_get_both_names():
    verdict = verdict_on("return x * 1, np.maximum(x * w, 0).sum()")
    assert sorted(verdict.mistakes) == ["total_of_positives", "weight_left_out"]
    assert "The total is over all values" in verdict.message + "".join(verdict.details)


def test_a_zero_that_a_mistake_also_shows_in_one_case_is_not_named_after_it():
    verdict = verdict_on("return x * w, 0 * x.sum()")
    assert verdict.mistakes == ["relation:zero"]
    assert verdict.message.startswith("Your `total` is 0.")


def test_an_exception_in_every_case_is_not_named_after_a_mistake_that_stops_in_one():
    verdict = verdict_on("return x[7], 0")
    assert (verdict.status, verdict.mistakes) == ("error", [])
    assert verdict.message.startswith("Your code stops with IndexError (index 7 is out of bounds")


def test_garbage_gets_no_name():
    verdict = verdict_on("return np.sin(x + 1) * w**2 + x**3, 7.25 + x.sum()")
    assert verdict.mistakes == []
    assert verdict.message.startswith("In the case 'a batch' your `out` is ")


WRONG_FORWARD = RIGHT.replace("x * w", "x + w")


def test_a_right_backward_earns_its_points_whatever_the_forward_does():
    source = WRONG_FORWARD + "def odd_scale_backward(dout, w):\n    return dout * w, w\n"
    assert grade("odd_scale_backward", learner(source)).status == "passed"


def test_where_both_are_wrong_the_forward_comes_first():
    source = WRONG_FORWARD + "def odd_scale_backward(dout, w):\n    return -dout * w, w\n"
    verdict = grade("odd_scale_backward", learner(source))
    assert verdict.status == "failed" and verdict.mistakes[0] == "needs:odd_scale"
    assert verdict.message.startswith(
        "This one builds on `odd_scale`, which is not right yet: first fix your `odd_scale`."
    )
    assert any("wrong sign" in detail for detail in verdict.details)  # behind the fold


def test_a_forward_that_is_not_written_comes_first():
    source = RIGHT.replace("out = x * w", "raise NotImplementedError") + (
        "def odd_scale_backward(dout, w):\n    return dout * w, w\n"
    )
    verdict = grade("odd_scale_backward", learner(source))
    assert verdict.status == "not attempted"
    assert verdict.message == (
        "This one builds on `odd_scale`, which is not written yet: first write `odd_scale`."
    )


def test_a_right_forward_lets_the_backward_be_judged():
    source = RIGHT + "def odd_scale_backward(dout, w):\n    return dout * w, w\n"
    assert grade("odd_scale_backward", learner(source)).status == "passed"


# Questions.


@pytest.mark.parametrize("answer", [0.25, 1 / 4, np.float32(0.25), np.array(0.25)])
def test_a_right_answer_passes(answer):
    assert grade("q_odd_share", {"q_odd_share": answer}).status == "passed"


def test_an_unanswered_question_is_not_attempted():
    for nothing in (..., None, (..., "sure"), (None, "guess")):
        assert grade("q_odd_share", {"q_odd_share": nothing}).status == "not attempted"


@pytest.mark.parametrize("answer", ["0.25", " .25", "25e-2", (0.25, "sure"), ("0.25", "Guess ")])
def test_quotes_and_how_sure_one_is_change_nothing(answer):
    assert grade("q_odd_share", {"q_odd_share": answer}).status == "passed"


@pytest.mark.parametrize("answer", [0.3, "b", "1/4", [0.25], (0.25, 4), 4])
def test_a_wrong_answer_never_shows_the_right_one(answer):
    verdict = grade("q_odd_share", {"q_odd_share": answer})
    assert verdict.status == "failed"
    assert "0.25" not in str(verdict) + verdict.to_html()


def test_a_distractor_gets_its_hint():
    verdict = grade("q_odd_share", {"q_odd_share": 4})
    assert verdict.mistakes == ["upside_down"]


# Reports that did not come from our own hands.


@pytest.mark.parametrize(
    "reports",
    [
        [],
        [{}],
        [{"seen": None}] * 3,
        [{"seen": {}}] * 3,
        [{"seen": {"out": 1}}] * 3,
        [{"seen": {"other": 1}}] * 9,
    ],
)
def test_incomplete_reports_earn_nothing(reports):
    verdict = judge(answer_key(find("odd_scale")), reports)
    assert verdict.points == 0
    assert verdict.status in ("failed", "error")
    assert verdict.message


def test_a_run_that_ended_early_names_the_case():
    verdict = judge(answer_key(find("odd_scale")), [{"seen": {}}])
    assert verdict.message.startswith("Your code ended in the case 'one row'")


def saying(part: str, message: str) -> str:
    """The toy's first case alone, with a mistake that predicts an exception that says `part`."""
    import dataclasses

    from autograder.exercise import raises
    from autograder.judging.keys import answer_key

    key = answer_key(find("odd_scale"), 1)
    first = key.cases[0]
    wrong = {**first.wrong, "one_row_indexed_away": dict.fromkeys(first.right, raises("E", part))}
    key = dataclasses.replace(key, cases=[dataclasses.replace(first, wrong=wrong)])
    raised = {"type": "E", "message": message, "frames": [["f", 3, "g()"]], "not_attempted": False}
    return judge(key, [{"raised": raised}])


def test_an_exception_of_the_same_type_that_says_something_else_is_not_the_mistake():
    named = saying("wrong leaf", "the wrong leaf was taken")
    assert named.mistakes == ["one_row_indexed_away"]
    assert "Your code stops with E (the wrong leaf was taken) at line 3" in named.message
    other = saying("wrong leaf", "shapes do not fit")
    assert other.mistakes == []
    assert other.message.startswith("Your code stops with E (shapes do not fit) at line 3")


def test_an_error_in_no_line_of_the_learner_is_told_as_such():
    from autograder.judging.wording import error_sentences

    raised = {"type": "TypeError", "message": "'NoneType' object is not iterable", "frames": []}
    (sentence,) = error_sentences([{"raised": raised}, {"raised": raised}])
    assert sentence.startswith("The check cannot call your code, or not use what it gave back: ")
    assert sentence.endswith("Is a return missing?")


def test_a_place_in_a_dict_and_in_a_list_is_told_in_words():
    found = difference({"W": [1.0, 3.0]}, Expected({"W": [1.0, 2.0]}))
    assert found.phrase == "under 'W' in entry 1 is 3; 2 is right"


def test_of_what_chance_moves_the_bounds_are_told():
    found = difference(0.7083, statistic(0.648, 0.003))
    assert found.phrase == "is 0.7083; between 0.63 and 0.666 is right"
