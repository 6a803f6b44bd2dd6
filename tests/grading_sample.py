"""A small exercise and one warm runner for the tests of what runs learners' code."""

from __future__ import annotations

from autograder.exercise import Case, Exercise, mistake
from autograder.exercises import find
from autograder.grading.sandbox.runner import Cell, Job, Limits
from autograder.judging.judge import judge
from autograder.judging.keys import answer_key, program

SEEDS = (0, 7)
# No torch: the server starts in a second, and its forks are small.
LIGHT = ("numpy", "matplotlib.pyplot", "matplotlib_inline.backend_inline")
SHORT = Limits(
    cell_seconds=2.0, grace_seconds=0.4, total_seconds=20, memory=2**30, disk=2**26,
    file_size=2**24, shared_memory=2**24, processes=64, result=2**24,
)  # fmt: skip

RIGHT = "import numpy as np\ndef double(x):\n    return 2 * x\n"
WRONG = "import numpy as np\ndef double(x):\n    return x\n"
STUB = "def double(x):\n    raise NotImplementedError\n"
CHECK = 'from autograder import check\n\ncheck("double")'


class double(Exercise):  # an exercise bears its function's name
    """Twice as much."""

    signature = "double(x)"

    def cases(self, rng):
        yield Case("integers", 1, x=rng.integers(1, 9, 5))
        yield Case("floats", 2, x=rng.normal(size=(3, 2)))

    def observe(self, code, x):
        return {"out": code.double(x)}

    def reference(self, x):
        return {"out": x + x}

    @mistake
    def unchanged(self, right, x):
        """It comes back as it was."""
        return {"out": x}


def programs(seeds=SEEDS) -> dict:
    return {"double": {seed: program(find("double"), seed) for seed in seeds}}


def submission(*sources: str, **more) -> Job:
    """A job of these cells, then the check cell of the exercise."""
    cells = [Cell(f"cell{i}", source) for i, source in enumerate(sources)]
    check = Cell("check_double", CHECK, kind="check", due=("double",))
    return Job((*cells, check), programs(), **more)


def points(result, seed: int = 0) -> float:
    """What the judge gives for what came back."""
    reports = result.reports.get(("double", seed), [])
    return judge(answer_key(find("double"), seed), reports, {}, find("double")().read).points


def shown(result) -> str:
    """All that the cells show, to be searched; without tracebacks, which quote their source."""
    outputs = [output for cell in result.cells for output in cell.outputs]
    return "\n".join(str(output) for output in outputs if output["output_type"] != "error")
