"""Where the learner's names come from, and the ways in which a check is called."""

import contextlib
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder import check
from autograder.exercise import Expected, Signature
from autograder.exercises import find
from autograder.judging.judge import judge
from autograder.judging.keys import AnswerKey, KeyedCase, answer_key, program
from autograder.judging.observing import is_learners, run
from autograder.judging.plain_data import pack, unpack
from course_utils.recipes.processes import RankFailed, run_ranks

ROOT = Path(__file__).resolve().parents[2]
SOLUTION = """
import numpy as np

def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    zeros = np.zeros(x.shape[1], dtype=x.dtype)
    mean = bn_param.get("running_mean", zeros)
    var = bn_param.get("running_var", zeros)
    if bn_param["mode"] == "train":
        m, v = x.mean(0), x.var(0)
        bn_param["running_mean"] = momentum * mean + (1 - momentum) * m
        bn_param["running_var"] = momentum * var + (1 - momentum) * v
        mean, var = m, v
    else:
        bn_param["running_mean"], bn_param["running_var"] = mean, var
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, None
"""


def python(code, *arguments):
    done = subprocess.run(
        [sys.executable, *arguments, "-"], input=textwrap.dedent(code), cwd=ROOT, text=True,
        capture_output=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


# check, called from a prompt, a function, IPython.


def test_check_works_at_a_python_prompt():
    """The interactive prompt shows the message, not the points alone."""
    out = python(
        "def heavy_ball(w, dw, config): raise NotImplementedError\n\n"
        "import sys; sys.path.insert(0, 'tests/judging')\n"
        "import odd_kinds.three_steps\n"
        "from autograder import check\n"
        "check('heavy_ball')\n"
        "check(heavy_ball)\n",
        "-i", "-q",
    )  # fmt: skip
    shown = "○ Not attempted: heavy_ball (0 of 2 points)\nNothing is written here yet."
    assert out.count(shown) == 2


def test_check_finds_the_names_of_the_function_it_is_called_from():
    import odd_kinds.three_steps as three_steps

    scope = {"__name__": "learner", "check": check}
    body = textwrap.indent(three_steps.RIGHT, "    ")
    exec(f"def lesson():\n{body}\n    return check('heavy_ball')\n", scope)
    assert scope["lesson"]().status == "passed"


def test_check_takes_a_function_that_the_namespace_does_not_hold():
    import odd_kinds.three_steps as three_steps

    scope = {}
    exec(three_steps.RIGHT, scope)
    assert check(scope["heavy_ball"]).status == "passed"


@pytest.fixture
def shell():
    from IPython.core.interactiveshell import InteractiveShell

    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    yield shell
    InteractiveShell.clear_instance()


def test_check_works_in_an_ipython_shell(shell):
    import odd_kinds.three_steps as three_steps

    shell.run_cell(three_steps.RIGHT, store_history=False)
    shell.run_cell("from autograder import check", store_history=False)
    verdict = shell.run_cell("check('heavy_ball')", store_history=False).result
    assert verdict.status == "passed"
    data, _ = shell.display_formatter.format(verdict)
    assert data["text/plain"].startswith("✓ Right: heavy_ball (2 of 2 points)")


def test_an_ipython_kernel_shows_html_and_gives_points(shell):
    import odd_kinds.three_steps as three_steps

    shell.kernel = object()  # what tells a notebook's shell from a terminal's
    shell.run_cell(three_steps.WRONG["rate_applied_twice"], store_history=False)
    shell.run_cell("from autograder import check", store_history=False)
    verdict = shell.run_cell("check('heavy_ball')", store_history=False).result
    data, _ = shell.display_formatter.format(verdict)
    assert data["text/plain"] == "0.0"
    assert "The rate is in the velocity already" in data["text/html"]
    assert "role='status'" in data["text/html"]


def test_an_error_in_a_cell_shows_the_cells_line(shell):
    shell.run_cell("def heavy_ball(w, dw, config):\n    return w[9], config", store_history=False)
    shell.run_cell("from autograder import check", store_history=False)
    verdict = shell.run_cell("check('heavy_ball')", store_history=False).result
    assert verdict.message.splitlines()[0].endswith(
        "at line 2 of its cell, in `heavy_ball`: `return w[9], config`"
    )


# What crosses.


def test_the_shipped_sample_crosses_as_bytes():
    crossing = unpack(pack(program(find("batchnorm_forward"))))
    scope = {}
    exec(SOLUTION, scope)
    reports = unpack(pack(run(crossing, scope)))
    verdict = judge(answer_key(find("batchnorm_forward")), reports)
    assert verdict.status == "passed", str(verdict)


def test_what_runs_beside_the_learner_loads_no_judge_and_no_exercise():
    out = python("""
        import sys
        import autograder.judging.observing
        print(sorted(name for name in sys.modules if name.startswith("autograder")))
        print("torch" in sys.modules)
    """)
    loaded, torch = out.splitlines()
    assert loaded == str([
        "autograder", "autograder.earlier_addresses", "autograder.judging",
        "autograder.judging.global_random", "autograder.judging.growing", "autograder.judging.kept",
        "autograder.judging.observing", "autograder.judging.plain_data",
    ])  # fmt: skip
    assert torch == "False"


# A run in several processes.


def test_an_error_in_a_rank_names_the_rank_and_its_line():
    import odd_kinds.two_processes as two_processes

    from autograder import grade

    source = two_processes.RIGHT.replace("dist.all_reduce(shard)", "shard[rank * 9]")
    scope = {"__name__": "learner"}
    exec(source, scope)
    verdict = grade("mean_over_ranks", scope)
    assert verdict.status == "error"
    assert "IndexError (index 9 is out of bounds" in verdict.message
    assert "in rank 1)" in verdict.message
    assert verdict.message.splitlines()[0].endswith("at line 5 of its cell, in `mean_over_ranks`")


def test_ranks_that_take_too_long_are_ended():
    def never(rank, world):
        import threading

        threading.Event().wait()

    before = set(psutil.Process().children(recursive=True))
    with pytest.raises(TimeoutError, match="does one wait for another that never comes"):
        run_ranks(never, [()] * 2, seconds=1.0, group=False)
    assert set(psutil.Process().children(recursive=True)) == before


def test_a_rank_that_waits_for_one_that_failed_is_ended(tmp_path):
    """Rank 0 fails once it knows that rank 1 is there, and waits."""

    def waits(rank, world, folder):
        import multiprocessing.connection
        import os
        import threading

        address = f"{folder}/meeting"
        if rank == 1:
            with multiprocessing.connection.Listener(address) as listener:
                open(f"{folder}/there", "w").write(str(os.getpid()))
                os.rename(f"{folder}/there", f"{folder}/pid")
                listener.accept()
                threading.Event().wait()
        while not os.path.exists(f"{folder}/pid"):
            os.sched_yield()
        with multiprocessing.connection.Client(address):
            raise ValueError("rank 0 gives up")

    with pytest.raises(RankFailed, match="rank 0: ValueError"):
        run_ranks(waits, [(str(tmp_path),)] * 2, group=False)
    pid = int((tmp_path / "pid").read_text())
    with contextlib.suppress(psutil.NoSuchProcess):
        _, alive = psutil.wait_procs([psutil.Process(pid)], timeout=10)
        assert all(process.status() == psutil.STATUS_ZOMBIE for process in alive)


def test_a_rank_that_leaves_python_is_told():
    def leaves(rank, world):
        import os

        os._exit(3)

    with pytest.raises(RankFailed, match="the process ended early"):
        run_ranks(leaves, [(), ()], group=False)


# The explanation, on grids drawn at random.


@st.composite
def grids(draw):
    """A key of random numbers with mistakes whose values are all different."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    names = ["out", "dx", "dw"][: draw(st.integers(1, 3))]
    cases = [f"case {i}" for i in range(draw(st.integers(1, 4)))]
    cells = [(case, name) for case in cases for name in names]
    shape = tuple(rng.integers(2, 5, 2))
    right = {cell: rng.normal(size=shape) for cell in cells}
    count = draw(st.integers(1, 4))
    shown = {
        f"mistake_{i}": {
            cell: rng.normal(size=shape)
            for cell in draw(st.lists(st.sampled_from(cells), min_size=1, unique=True))
        }
        for i in range(count)
    }
    keyed = [
        KeyedCase(
            case, 1.0, {}, {name: Expected(right[case, name]) for name in names},
            {i: {n: v for (c, n), v in wrong.items() if c == case} for i, wrong in shown.items()},
        )
        for case in cases
    ]  # fmt: skip
    hints = {identity: f"This is {identity}." for identity in shown}
    key = AnswerKey(
        "drawn", 0, keyed, hints, (), (Signature("drawn", (), 0, ()),), (), False, False, "any",
        False,
    )  # fmt: skip
    return key, right, shown


def showing(key, right, *mistakes):
    values = dict(right)
    for mistake in mistakes:
        values.update(mistake)
    names = list(key.cases[0].right)
    return [{"seen": {name: values[case.name, name] for name in names}} for case in key.cases]


@settings(max_examples=200, deadline=None)
@given(grids())
def test_whoever_shows_one_mistake_gets_its_name_and_no_other(grid):
    key, right, shown = grid
    for identity, wrong in shown.items():
        verdict = judge(key, showing(key, right, wrong))
        assert verdict.mistakes == [identity]
        assert verdict.message.startswith(f"This is {identity}.")


@settings(max_examples=200, deadline=None)
@given(grids())
def test_whoever_shows_two_mistakes_in_different_places_gets_both_names(grid):
    key, right, shown = grid
    for one, first in shown.items():
        for other, second in shown.items():
            if one < other and not set(first) & set(second):
                verdict = judge(key, showing(key, right, first, second))
                assert set(verdict.mistakes) == {one, other}


@settings(max_examples=100, deadline=None)
@given(grids(), st.integers(0, 2**32 - 1))
def test_whoever_shows_something_else_gets_no_name(grid, seed):
    key, right, _ = grid
    rng = np.random.default_rng([seed, 1])  # never the stream that the key is drawn from
    garbage = {cell: rng.normal(size=value.shape) for cell, value in right.items()}
    assert judge(key, showing(key, right, garbage)).mistakes == []


@settings(max_examples=100, deadline=None)
@given(grids())
def test_the_right_answer_passes_with_all_points(grid):
    key, right, _ = grid
    verdict = judge(key, showing(key, right))
    assert (verdict.status, verdict.points) == ("passed", key.max_points)


def test_a_line_of_a_compiled_library_is_not_the_learners():
    """An error in numpy.random comes with a frame of a .pyx file that is nowhere on the disk."""
    import traceback

    try:
        np.random.default_rng(0).integers(0)
    except ValueError as error:
        files = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
    assert [is_learners(file) for file in files] == [True] + [False] * (len(files) - 1)
    assert not is_learners("numpy/random/_bounded_integers.pyx")
