"""What a notebook shows when the warm runner runs it: what a kernel would show, and bounded.

What is made of outputs and messages that no kernel would send is in `test_outputs`.
"""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from grading_sample import LIGHT, RIGHT, SHORT, WRONG, points, programs, submission

from autograder.grading.sandbox.job import Cell, Job, Limits
from autograder.grading.sandbox.runner import Runner, availability
from autograder.judging.plain_data import pack

SANDBOX = availability() is None


@pytest.fixture(scope="module")
def runner():
    with Runner(sandbox=SANDBOX, limits=replace(SHORT, cell_seconds=5.0), preload=LIGHT) as runner:
        yield runner


def run(runner, *sources: str, **more):
    return runner.run(Job(tuple(Cell(f"c{i}", s) for i, s in enumerate(sources)), **more)).cells


def streams(cell) -> dict[str, str]:
    return {o["name"]: o["text"] for o in cell.outputs if o["output_type"] == "stream"}


# Outputs as a kernel would have made them.


def test_result_stream_and_count(runner):
    first, second = run(runner, "x = 1\nprint('hello')\nx + 1", "_ + x")
    assert first.outputs == [
        {"output_type": "stream", "name": "stdout", "text": "hello\n"},
        {
            "output_type": "execute_result", "execution_count": 1, "metadata": {},
            "data": {"text/plain": "2"},
        },
    ]  # fmt: skip
    assert second.outputs[0]["data"] == {"text/plain": "3"}
    assert (first.state, second.execution_count) == ("ok", 2)


def test_error_does_not_stop_the_cells_after_it(runner):
    first, second = run(runner, "print('before')\n1 / 0", "print('after')")
    assert (first.state, second.state) == ("error", "ok")
    assert first.outputs[1]["ename"] == "ZeroDivisionError"
    assert "execute.py" not in str(first.outputs)
    assert streams(second) == {"stdout": "after\n"}


def test_syntax_error_is_an_error(runner):
    (cell,) = run(runner, "def f(:")
    assert cell.state == "error"
    assert cell.outputs[0]["ename"] == "SyntaxError"


def test_figure_is_a_picture(runner):
    (cell,) = run(runner, "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()")
    (figure,) = cell.outputs
    assert base64.b64decode(figure["data"]["image/png"]).startswith(b"\x89PNG")


def test_figure_without_show_is_a_picture_too(runner):
    (cell,) = run(runner, "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]);")
    assert ["image/png" in o["data"] for o in cell.outputs] == [True]


def test_warning_goes_to_stderr(runner):
    (cell,) = run(runner, "import warnings\nwarnings.warn('careful')")
    assert "UserWarning: careful" in streams(cell)["stderr"]


def test_top_level_await_and_a_running_loop(runner):
    cells = run(
        runner,
        "import asyncio\nasync def three():\n    await asyncio.sleep(0)\n    return 3",
        "await three()",
        "task = asyncio.get_running_loop().create_task(three())",
        "await task",
    )
    assert [c.state for c in cells] == ["ok"] * 4
    assert cells[1].outputs[0]["data"] == {"text/plain": "3"}
    assert cells[3].outputs[0]["data"] == {"text/plain": "3"}


def test_what_goes_past_python_is_captured_in_its_own_cell(runner):
    first, second, third = run(
        runner,
        "import os\nos.write(1, b'out')\nos.write(2, b'err');",
        "import subprocess\nsubprocess.run(['echo', 'from echo']);",
        "!echo from the shell",
    )
    assert streams(first) == {"stdout": "out", "stderr": "err"}
    assert streams(second) == {"stdout": "from echo\n"}
    assert streams(third)["stdout"].split() == ["from", "the", "shell"]


def test_script_magic(runner):
    (cell,) = run(runner, "%%bash\necho from bash")
    assert streams(cell) == {"stdout": "from bash\n"}


def test_update_display_changes_the_cell_that_showed_it(runner):
    first, second = run(
        runner,
        "from IPython.display import HTML\nh = display(HTML('<b>old</b>'), display_id=True)",
        "h.update(HTML('<b>new</b>'))",
    )
    assert [o["data"]["text/html"] for o in first.outputs] == ["<b>new</b>"]
    assert second.outputs == []


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("print('a'); clear_output(); print('b')", "b\n"),
        ("print('a'); clear_output(wait=True); print('b')", "b\n"),
        ("print('a'); clear_output(wait=True)", "a\n"),
    ],
)
def test_clear_output(runner, source, left):
    (cell,) = run(runner, f"from IPython.display import clear_output\n{source}")
    assert streams(cell) == {"stdout": left}


def test_input_is_refused_as_a_grading_kernel_does(runner):
    (cell,) = run(runner, "input('name? ')")
    assert cell.outputs[0]["ename"] == "StdinNotImplementedError"


def test_files_and_modules_beside_the_notebook(runner):
    (cell,) = run(
        runner,
        "import helper\nprint(helper.two, open('data/numbers.txt').read())",
        files={"helper.py": b"two = 2", "data/numbers.txt": b"1 2 3"},
    )
    assert streams(cell) == {"stdout": "2 1 2 3\n"}


def test_course_utils_is_there_and_the_checkout_is_not(runner):
    source = (
        "import course_utils, importlib.util as u, autograder as a\nprint(course_utils.__name__)"
    )
    (cell,) = run(runner, source + "\nprint(u.find_spec('tests'), hasattr(a, '__path__'))")
    assert streams(cell) == {"stdout": "course_utils\nNone False\n"}


def test_skipped_cell_is_not_run(runner):
    job = Job((Cell("a", "x = 1"), Cell("b", "x = 2", skip=True), Cell("c", "x")))
    cells = runner.run(job).cells
    assert [c.state for c in cells] == ["ok", "skipped", "ok"]
    assert cells[2].outputs[0]["data"] == {"text/plain": "1"}


def test_same_notebook_gives_the_same_twice(runner):
    sources = (
        "import random\nimport numpy as np\nprint(random.random(), np.random.rand(), hash('a'))",
        "print({'b', 'a', 'c'}, object.__hash__)",
    )
    first, second = ([c.outputs for c in run(runner, *sources)] for _ in range(2))
    assert first == second


def test_question_shows_its_text(runner):
    (cell,) = run(runner, "from autograder import ask\nask('q')", texts={"q": "How **many**?"})
    assert cell.outputs[0]["data"]["text/markdown"] == "How **many**?"


def test_widget_is_shown_in_words(runner):
    (cell,) = run(runner, "import ipywidgets\nipywidgets.IntSlider(3)")
    assert cell.outputs[0]["data"] == {"text/plain": "IntSlider(value=3)"}


# Observing.


def test_right_and_wrong_are_told_apart(runner):
    assert points(runner.run(submission(RIGHT))) == 3
    assert points(runner.run(submission(WRONG))) == 0


def test_observed_are_the_functions_of_that_moment(runner):
    cells = submission(RIGHT).cells
    job = Job((*cells, Cell("later", WRONG)), programs())
    assert points(runner.run(job)) == 3


def test_reports_are_those_of_practice(runner):
    from autograder.exercises import find
    from autograder.judging import observing
    from autograder.judging.keys import program

    namespace: dict = {}
    exec(RIGHT, namespace)
    here = observing.run(program(find("double"), 0), namespace)
    assert pack(runner.run(submission(RIGHT)).reports["double", 0]) == pack(here)


def test_check_by_the_learner_judges_nothing(runner):
    (cell,) = run(runner, "from autograder import check, grade, hint\ncheck('double')")
    assert "judged outside" in cell.outputs[0]["data"]["text/plain"]


def test_missing_function_is_reported(runner):
    reports = runner.run(submission("def doubel(x):\n    return 2 * x")).reports["double", 0]
    assert reports[0]["unusable"] == {
        "problem": "missing",
        "function": "double",
        "near": ["doubel"],
    }


def test_exercise_due_at_a_skipped_cell_is_observed(runner):
    cells = (Cell("a", RIGHT), Cell("b", "check(", skip=True, due=("double",)))
    assert points(runner.run(Job(cells, programs()))) == 3


def test_without_a_sandbox_the_same_comes_out():
    with Runner(sandbox=False, limits=SHORT, preload=()) as runner:
        result = runner.run(submission(RIGHT, "import os\nos._exit(1)", "while True:\n    pass"))
        assert points(result) == 3
        assert [c.state for c in result.cells] == ["ok", "killed", "timeout", "ok"]
        assert points(runner.run(submission(WRONG))) == 0
        assert streams(run(runner, "import os\nprint(sorted(os.listdir()))")[0]) == {
            "stdout": "[]\n"
        }


@pytest.mark.skipif(not SANDBOX, reason="there is no sandbox here")
def test_declared_data_can_be_read_and_not_written(tmp_path):
    folder = tmp_path / "digits"
    folder.mkdir()
    (folder / "one.txt").write_text("1")
    source = (
        "import os\nplace = os.environ['COURSE_DATA']\nprint(place, os.listdir(place))\n"
        "open(place + '/two.txt', 'w')"
    )
    with Runner(limits=SHORT, preload=(), data_paths=[folder]) as runner:
        (cell,) = run(runner, source)
    assert streams(cell) == {"stdout": "/data/digits ['one.txt']\n"}
    assert cell.outputs[1]["evalue"].startswith("[Errno 30] Read-only file system")


def test_two_process_gloo_works_on_the_sandbox_own_loopback():
    source = """
import os, torch, torch.distributed as dist
import multiprocessing as mp

def work(rank, queue):
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT="29500")
    dist.init_process_group("gloo", rank=rank, world_size=2)
    x = torch.tensor([rank + 1.0])
    dist.all_reduce(x)
    queue.put(x.item())
    dist.destroy_process_group()

context = mp.get_context("fork")
queue = context.Queue()
both = [context.Process(target=work, args=(rank, queue)) for rank in range(2)]
for process in both:
    process.start()
print([queue.get(timeout=30) for _ in both])
for process in both:
    process.join()
"""
    limits = Limits(cell_seconds=60)
    with Runner(sandbox=SANDBOX, limits=limits, preload=("torch", "torch.distributed")) as runner:
        (cell,) = run(runner, source)
    assert streams(cell)["stdout"] == "[3.0, 3.0]\n", cell.outputs


# Bounds.


def test_long_output_is_cut_and_says_so(runner):
    (cell,) = run(runner, "for _ in range(500):\n    print('x' * 99_999)")
    assert len(streams(cell)["stdout"]) == SHORT.text_per_cell
    assert "49,900,000 more characters" in streams(cell)["stderr"]


def test_long_output_past_python_is_cut_and_says_so(runner):
    (cell,) = run(runner, "import os\nfor _ in range(50):\n    os.write(1, b'y' * 10**6);")
    assert "49,900,000 more bytes" in streams(cell)["stdout"]


def test_too_many_displays_are_cut_and_say_so(runner):
    source = "from IPython.display import display\nfor i in range(1000):\n    display(i)"
    (cell,) = run(runner, source)
    assert "700 more displays" in cell.outputs[-1]["text"]


def test_result_larger_than_it_may_be_is_no_result(runner):
    source = "import numpy as np\ndef double(x):\n    return np.ones(2**22)\n"
    result = runner.run(submission(source))
    assert result.ended == "killed"
    assert set(result.missing) == {("double", 0), ("double", 7)}
