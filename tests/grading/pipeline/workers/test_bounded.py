"""What a worker knows of an assignment, and for how long."""

from __future__ import annotations

import pickle
from dataclasses import replace

from autograder.grading.pipeline.sanitize import Source
from autograder.grading.pipeline.submitted import Assignment
from autograder.grading.pipeline.workers import bounded


def test_an_assignment_that_comes_with_each_submission_is_learnt_once(monkeypatch):
    learnt = []
    monkeypatch.setattr(bounded, "_know", learnt.append)
    monkeypatch.setattr(bounded, "_known", [])
    cell = {"cell_type": "code", "source": "x = 1", "metadata": {"nbgrader": {"grade_id": "a"}}}
    assignment = Assignment("ps1", (Source("ps1", (cell,), {}),), {"data.csv": b"1"})
    for _ in range(3):
        bounded.know(pickle.loads(pickle.dumps(assignment)))
    assert learnt == [assignment]
    other = replace(assignment, files={"data.csv": b"2"})
    bounded.know(other)
    bounded.know(assignment)
    assert learnt == [assignment, other, assignment]
