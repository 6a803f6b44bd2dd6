"""Code that is not there, is not written or stops: each told to the learner in a sentence."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from odd_scale import RIGHT, learner, verdict_on

import autograder
from autograder import grade

ROOT = Path(__file__).resolve().parents[2]


# Right, and not attempted.


def test_right_code_passes_with_all_points():
    verdict = grade("odd_scale", learner(RIGHT))
    assert (verdict.status, verdict.points, verdict.mistakes) == ("passed", 4.0, [])
    assert verdict.message == "All 3 cases are right."


def test_a_stub_is_not_attempted():
    verdict = verdict_on("raise NotImplementedError")
    assert (verdict.status, verdict.points, verdict.mistakes) == ("not attempted", 0.0, [])
    assert verdict.message == "Nothing is written here yet."


def test_a_stub_behind_a_decorator_is_not_attempted():
    verdict = grade(
        "odd_scale",
        learner("""
        import functools
        def timed(f):
            @functools.wraps(f)
            def g(*args):
                return f(*args)
            return g
        @timed
        def odd_scale(x, w):
            raise NotImplementedError
        """),
    )
    assert verdict.status == "not attempted"


def test_a_helper_that_is_not_written_is_an_error():
    verdict = grade(
        "odd_scale",
        learner("""
        def helper(x):
            raise NotImplementedError
        def odd_scale(x, w):
            return helper(x), 0
        """),
    )
    assert verdict.status == "error"
    assert verdict.message.splitlines()[0] == (
        "Part of this is not written yet: "
        "NotImplementedError at line 3 of its cell, in `helper`: `raise NotImplementedError`"
    )


def test_a_part_that_is_not_written_keeps_the_other_points():
    verdict = verdict_on("""
        if len(x) == 1:
            raise NotImplementedError
        return x * w, (x * w).sum()
    """)
    assert (verdict.status, verdict.points) == ("failed", 3.0)
    assert verdict.message.startswith("Part of this is not written yet: NotImplementedError at ")
    assert verdict.message.endswith("Right so far: a batch; all negative. Off: one row.")


# Errors.


def test_an_error_is_cut_to_the_learners_lines():
    verdict = grade(
        "odd_scale",
        learner("""
        import numpy as np
        def stacked(x):
            return np.concatenate([x, x[0]])
        def odd_scale(x, w):
            return stacked(x), 0
        """),
    )
    assert verdict.status == "error"
    first, *trail = verdict.message.splitlines()
    assert first.startswith("Your code stops with ValueError (all the input array")
    assert first.endswith("at line 4 of its cell, in `stacked`: `return np.concatenate([x, x[0]])`")
    assert trail[:3] == [
        "Your lines that led there:",
        "  line 6: return stacked(x), 0",
        "  line 4: return np.concatenate([x, x[0]])",
    ]
    assert "site-packages" not in str(verdict)


def test_an_error_in_one_case_that_a_mistake_predicts_is_named():
    verdict = verdict_on("x[1]; return x * w, (x * w).sum()")
    assert verdict.mistakes == ["one_row_indexed_away"]
    assert verdict.message.startswith("A batch may have a single row")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("import sys; sys.exit(3)", "Your code stops with SystemExit (3) at line"),
        ("raise BaseException('odd')", "Your code stops with BaseException (odd) at line"),
        ("return odd_scale(x, w)", "Your code stops with RecursionError (maximum recursion depth"),
        (
            "class Mute(Exception):\n    def __str__(self): raise ValueError\nraise Mute",
            "Your code stops with Mute at line",
        ),
        ("raise ValueError('long ' * 10_000)", "Your code stops with ValueError (long long"),
    ],
)
def test_any_way_to_stop_is_one_sentence(body, words):
    verdict = verdict_on(body)
    assert (verdict.status, verdict.points) == ("error", 0.0)
    assert verdict.message.startswith(words)
    assert len(verdict.message) < 1200


def test_an_interrupt_names_the_case():
    verdict = verdict_on("""
        if len(x) == 1:
            raise KeyboardInterrupt
        return x * w, (x * w).sum()
    """)
    assert (verdict.status, verdict.points) == ("error", 0.0)
    assert verdict.message == (
        "Interrupted while your code ran the case 'one row'. "
        "If it seemed to run for ever, look for a loop there that never ends."
    )


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as a terminal on Unix does")
def test_a_loop_that_never_ends_can_be_interrupted():
    script = """
        import os, sys
        sys.path.insert(0, sys.argv[1])
        import odd_scale
        from autograder import grade
        def odd_scale(x, w):
            os.write(1, b"running\\n")
            while True:
                pass
        print(grade("odd_scale", globals()))
    """
    running = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), str(ROOT / "tests" / "judging")],
        stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    assert running.stdout.readline() == "running\n"
    running.send_signal(signal.SIGINT)
    out, _ = running.communicate(timeout=60)
    assert "Interrupted while your code ran the case 'a batch'." in out
    assert running.returncode == 0


# The function itself.


def test_a_function_of_another_name_is_suggested():
    verdict = grade("odd_scale", learner(RIGHT.replace("def odd_scale", "def odd_scales")))
    assert (verdict.status, verdict.mistakes) == ("error", ["missing:odd_scale"])
    assert verdict.message == (
        "There is no `odd_scale`, but there is `odd_scales`. If it is meant, call it `odd_scale`."
    )


def test_another_exercises_function_is_not_suggested():
    source = RIGHT.replace("def odd_scale", "def odd_scale_backward")
    verdict = grade("odd_scale", learner(source))
    assert verdict.message == (
        "There is no `odd_scale` yet. Run the cell that defines it, then check again."
    )


def test_a_function_of_another_room_of_the_notebook_is_not_suggested():
    """`relu_forward` and `elu_forward` differ by a letter, and stand in one notebook."""
    verdict = grade("elu_forward", {"relu_forward": lambda x: (x, x)})
    assert verdict.message == (
        "There is no `elu_forward` yet. Run the cell that defines it, then check again."
    )


def test_a_check_before_the_solution_cell_says_so():
    verdict = grade("odd_scale", {})
    assert (verdict.status, verdict.mistakes) == ("error", ["missing:odd_scale"])
    assert verdict.message == (
        "There is no `odd_scale` yet. Run the cell that defines it, then check again."
    )


def test_a_name_that_is_no_function_says_what_it_is():
    verdict = grade("odd_scale", {"odd_scale": np.zeros((2, 3))})
    assert (verdict.status, verdict.mistakes) == ("error", ["not-callable:odd_scale"])
    assert verdict.message == (
        "`odd_scale` should be a function or a class; it is an array of shape (2, 3). "
        "Was the name used again for something else?"
    )


@pytest.mark.parametrize(
    ("parameters", "taken"),
    [("x", "`(x)`"), ("", "no arguments"), ("x, w, b, c", "`(x, w, b, c)`"),
     ("*, x, w", "`(x, w)`")],
)
def test_the_wrong_number_of_arguments_shows_both_lists(parameters, taken):
    verdict = grade("odd_scale", learner(f"def odd_scale({parameters}):\n    return 0, 0\n"))
    assert (verdict.status, verdict.mistakes) == ("error", ["arguments:odd_scale"])
    assert verdict.message == f"`odd_scale` is called as `odd_scale(x, w)`; yours takes {taken}."


def test_arguments_in_another_order_are_told():
    source = RIGHT.replace("(x, w)", "(w, x)").replace("x * w", "x / w")
    verdict = grade("odd_scale", learner(source))
    assert verdict.mistakes[0] == "signature:order"
    assert verdict.message.startswith(
        "odd_scale takes its arguments in the order (x, w); yours has (w, x)."
    )


@pytest.mark.parametrize(
    ("returned", "got"),
    [
        ("x * w", "an array of shape (4, 3)"),
        ("x, w, 1", "a tuple of 3"),
        ("None", "None (is a return missing?)"),
        ("{}", "a value of type dict"),
    ],
)
def test_the_wrong_number_of_returned_values_is_told(returned, got):
    verdict = verdict_on(f"return {returned}")
    assert (verdict.status, verdict.points) == ("failed", 0.0)
    assert verdict.message.startswith(
        f"`odd_scale` should return 2 values (`out, total`); yours returned {got}."
    )


def test_an_unknown_exercise_gets_the_nearest_name():
    verdict = autograder.check("odd_scal")
    assert (verdict.status, verdict.max_points) == ("error", 0)
    assert verdict.message.startswith("There is no exercise called odd_scal. Did you mean odd_")
    assert verdict.message.endswith("Check takes an exercise's name.")


def test_a_lambda_is_told_how_to_be_checked():
    verdict = autograder.check(lambda x: x)
    assert (verdict.status, verdict.max_points) == ("error", 0)
    assert "A lambda has no name" in verdict.message
    assert 'check("relu_forward")' in verdict.message


def test_grade_raises_for_an_unknown_exercise():
    with pytest.raises(KeyError, match="no exercise called nothing_like_it"):
        grade("nothing_like_it", {})


@pytest.mark.parametrize("body, words", [
    ("return __import__('torch').nn.CrossEntropyLoss(*[__import__('torch').ones(2)] * 2), 1",
     "`CrossEntropyLoss` is a class: it is made first"),
    ("return __import__('torch').nn.CrossEntropyLoss(\n*[__import__('torch').ones(2)] * 2), 1",
     "`CrossEntropyLoss` is a class: it is made first"),
    ("return __import__('torch').arange(3).softmax(0), 1", "not implemented for 'Long'"),
    ("return (x if x > 0 else w), 1", "needs one yes or no, and there is one for each entry"),
])  # fmt: skip
def test_what_a_library_stops_with_is_explained_and_no_stub(body, words):
    said = verdict_on(body)
    assert words in f"{said.message} {said.details}" and "not written yet" not in said.message
