"""Every notebook, as it is given out, runs in the grader's process to its end: what it imports is
there, and nothing stops but what nobody has written yet."""

from __future__ import annotations

import nbformat
import pytest

import autograder
from autograder.authoring.build.masters import masters
from autograder.grading.pipeline.checks import job_for
from autograder.grading.sandbox import learners_autograder
from autograder.grading.sandbox.runner import Runner, availability
from autograder.paths import CHECKOUT

NAMES = [path.stem for path in masters()]
SKIPPED = "experiment"  # as in a class: `new_class` writes it into nbgrader_config.py


@pytest.fixture(scope="module")
def runner():
    with Runner(sandbox=availability() is None) as runner:
        yield runner


@pytest.mark.parametrize("name", NAMES)
def test_nothing_stops_but_what_is_not_written(runner, name):
    notebook = nbformat.read(CHECKOUT / "notebooks" / f"{name}.ipynb", as_version=4)
    result = runner.run(job_for(notebook, {}, {}, (SKIPPED,)))
    assert result.ended == "finished" and len(result.cells) > 5
    stopped = {
        cell.id: [out.get("evalue") for out in cell.outputs if out["output_type"] == "error"]
        for cell in result.cells
        if cell.state not in ("ok", "skipped") and "NotImplementedError" not in str(cell.outputs)
    }
    assert stopped == {}


def test_whatever_learners_import_the_grader_has():
    """The names of `autograder` are those of the stand-in, which a cell of imports needs as one."""
    assert set(autograder.__all__) <= set(learners_autograder.__all__)
    assert all(hasattr(learners_autograder, name) for name in learners_autograder.__all__)
