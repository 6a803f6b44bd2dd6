"""What a notebook says of its time is what is estimated from its cells."""

from __future__ import annotations

import pytest

from autograder.authoring.build import masters
from autograder.authoring.build.masters import Cell, load
from autograder.authoring.build.quizzes import quiz_called
from autograder.authoring.load import (
    ESSAY,
    EXPERIMENT,
    QUESTION,
    SAID,
    SITTING,
    minutes,
    sittings,
)

OPEN_ENDED = {"17_capstone"}  # takes as long as somebody likes
NOTEBOOKS = [
    path.stem for path in masters.masters()
    if not quiz_called(path.stem) and path.stem not in OPEN_ENDED
]  # fmt: skip


def test_words_exercises_questions_experiments_and_essays_count():
    cells = [
        Cell("markdown", "three words $a + b$", {}, "text"),
        Cell("code", "", {"nbgrader": {"locked": True}}, "check_q06_noise"),
        Cell("code", "", {"nbgrader": {"grade": True}}, "check_batchnorm_forward"),
        Cell("code", "plot()", {"tags": ["experiment"]}, "plot"),
        Cell("markdown", "a long answer", {"nbgrader": {"solution": True}}, "essay"),
    ]
    assert minutes(cells) == pytest.approx(3 / 150 + QUESTION + 12 + EXPERIMENT + ESSAY)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_says_what_it_takes_and_no_sitting_is_too_long(name):
    master = load(name)
    found = SAID.search(master.cells[0].source)
    assert found, f"{name}: its first cell does not say 'estimated N minutes'"
    whole, _, *parts = found.groups()
    said = [int(part) for part in parts if part] or [int(whole)]
    assert sum(said) == int(whole)
    estimated = sittings(master)
    assert len(said) == len(estimated), f"{name}: a sitting each side of the cell called break"
    for one, other in zip(said, estimated, strict=True):
        # Rounded up to five, and not anew after every word that is changed.
        assert -3 <= one - other <= 8, f"{name} says {one} minutes, estimated are {other:.0f}"
        assert one <= SITTING
