"""Seconds that experiments took, as an executed notebook tells them."""

from __future__ import annotations

import pytest
from benchmark_file import loaded
from nbformat.v4 import new_code_cell, new_output

cells = loaded("cells")


def executed(name, seconds, tags=("experiment",), outputs=()):
    times = {
        "iopub.execute_input": "2026-01-05T10:00:00.500000Z",
        "shell.execute_reply": f"2026-01-05T10:00:{seconds + 0.5:09.6f}Z",
    }
    return new_code_cell(
        "x", id=name, metadata={"tags": list(tags), "execution": times}, outputs=list(outputs)
    )


class Notebook:
    def __init__(self, *made):
        self.cells = made


def test_only_experiments_are_timed():
    found = cells.taken(Notebook(executed("slow", 41.25), executed("check", 9, tags=())))
    assert found == {"slow": pytest.approx(41.25)}


def test_an_experiment_that_stopped_is_named_and_nothing_is_kept():
    failed = new_output("error", ename="NameError", evalue="name 'sgd' is not defined")
    with pytest.raises(SystemExit, match="figure stops.*'sgd' is not defined"):
        cells.taken(Notebook(executed("first", 3), executed("figure", 1, outputs=[failed])))
