"""The start page as a learner meets it, from untouched to done; the set-up check in sentences."""

from __future__ import annotations

import json

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from autograder.authoring.build import masters
from autograder.learning import machine
from autograder.learning.machine import Finding

NOTEBOOK = masters.SOURCE.parent / "00_start.ipynb"


def outputs(notebook) -> dict[str, str]:
    """What each code cell shows as plain text, by its id."""
    return {
        cell.id: "".join(
            out.get("text") or out.get("data", {}).get("text/plain", "") for out in cell.outputs
        )
        for cell in notebook.cells
        if cell.cell_type == "code"
    }


def run(notebook, folder):
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": folder}}).execute()
    return outputs(notebook)


def test_from_untouched_to_done(tmp_path, monkeypatch):
    file = tmp_path / ".progress.json"
    monkeypatch.setenv("COURSE_PROGRESS", str(file))
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    shown = run(notebook, tmp_path)  # no cell of the untouched page stops it
    assert "→ 00 start" in shown["map"] and "◐ 00 start" in shown["progress"]
    assert "Everything that the notebooks need works" in shown["set_up_check"]
    assert shown["a_hint"] == "", "a run of the whole page uses up no hint"
    assert "2 more different attempts" in shown["a_solution"]
    kept = json.loads(file.read_text())["exercises"]
    assert (kept["standardize"]["attempts"], kept["standardize"]["tries"]) == (1, 1)
    assert kept.get("accuracy", {}).get("hints", 0) == 0

    (asked,) = [cell for cell in notebook.cells if cell.id == "a_hint"]
    asked.source = asked.source.removeprefix("# ")  # as the page says
    shown = run(notebook, tmp_path)
    assert "Hint 1 of 2 for accuracy" in shown["a_hint"]
    assert json.loads(file.read_text())["exercises"]["accuracy"]["hints"] == 1

    solved = masters.solutions(masters.load("00_start"))
    for cell in notebook.cells:
        cell.source = solved.get(cell.id, cell.source)
    shown = run(notebook, tmp_path)
    assert shown["check_standardize"] == shown["check_accuracy"] == "4.0"
    assert "✓ 00 start" in shown["progress"] and "8/8" in shown["progress"]
    assert "Where people go wrong here" in shown["a_solution"]


def test_the_wrong_code_on_purpose_gets_a_name():
    from autograder.learning import practice

    source = masters.load("00_start").cell("on_purpose").source
    namespace: dict = {"check": lambda function: function, "np": np}
    exec(source, namespace)
    verdict = practice.grade("standardize", namespace)
    assert verdict.mistakes[:1] == ["scaled_to_one"] and verdict.status == "failed"
    assert verdict.message.startswith("Your columns lie between 0 and 1")


# The set-up check.


def test_it_speaks_in_sentences(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "mine.json"))
    machine.tell()
    lines = capsys.readouterr().out.splitlines()
    assert all(line[0] in "✓–" and line.endswith(".") for line in lines[:-1]), lines
    assert any("mine.json" in line for line in lines)
    assert any("without a network: digits" in line for line in lines)


@pytest.mark.parametrize(
    ("name", "finding", "words"),
    [
        ("device", Finding("machine", "device", "broken", "torch does not load", "make it"),
         "✗ device: torch does not load. make it"),
        ("packages", [Finding("packages needed", "numpy", "broken", "not installed", "pip")],
         "✗ numpy: not installed. pip"),
    ],
)  # fmt: skip
def test_what_is_broken_comes_with_what_to_do(capsys, monkeypatch, name, finding, words):
    def look():
        return finding

    monkeypatch.setattr(machine, name, look)
    machine.tell()
    said = capsys.readouterr().out
    assert words in said and said.endswith("Mend what is marked ✗ first.\n")


def test_the_wrong_folder_is_told(capsys, monkeypatch, tmp_path):
    monkeypatch.delenv("COURSE_PROGRESS")
    monkeypatch.chdir(tmp_path)
    machine.tell()
    assert "There are no notebooks of the course in" in capsys.readouterr().out


def test_a_device_that_is_not_there_is_said(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "toaster")
    found = machine.device()
    assert (found.state, found.mend) == ("broken", "unset COURSE_DEVICE")
    assert "COURSE_DEVICE is 'toaster'" in found.found
