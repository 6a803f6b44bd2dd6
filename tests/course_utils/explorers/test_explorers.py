"""All explorers: every notebook has one, each control moves its picture, in words too."""

import re

import pytest

from autograder.authoring.build.masters import load, masters
from course_utils import explorers

WITHOUT = {"00_start", "98_pretest", "99_posttest"}  # the way in, and questions only
EVERY = explorers.every()


def _called(path):
    """The explorers that a master's code calls at the end of a cell."""
    code = [cell.source for cell in load(path).cells if cell.kind == "code"]
    names = {name.split(".")[1] for name in EVERY}
    last = [re.match(r"(\w+)\(", source.strip().splitlines()[-1]) for source in code]
    return [found[1] for found in last if found and found[1] in names]


# Controls that rest in an explorer's first setting: they show in another one.
RESTING = {"typed kernel", "workers", "share dropped (dropout)"}
TOPICS = [path for path in masters() if re.match(r"\d\d_", path.name)]


@pytest.mark.parametrize("path", TOPICS, ids=lambda path: path.stem)
def test_every_notebook_has_its_explorer(path):
    assert bool(_called(path)) == (path.stem not in WITHOUT)


def test_every_explorer_is_in_a_notebook():
    called = {name for path in TOPICS for name in _called(path)}
    assert {name.split(".")[1] for name in EVERY} == called


@pytest.fixture(scope="module", params=EVERY)
def alive(request):
    explorer = EVERY[request.param]()
    return explorer, explorer.widget()


def test_every_control_has_a_name_of_its_own_that_fits(alive):
    explorer, box = alive
    labels = [control.description for control in box.children[: len(explorer.values)]]
    assert all(labels) and len(set(labels)) == len(labels)


def test_every_control_moves_the_picture_and_its_words(alive):
    explorer, box = alive
    *controls, said, picture, _ = box.children
    assert len(controls) == len(explorer.values)
    for control, given in zip(controls, explorer._controls.values(), strict=True):
        start, moved = control.value, False
        for place in {given.settings[0], given.settings[-1]} - {start}:
            before = picture.value
            control.value = place
            assert not explorer.sentence.startswith("Nothing could be drawn"), explorer.sentence
            moved |= picture.value != before
        control.value = start
        assert moved != (given.label in RESTING), given.label
        assert "aria-live" in said.value and explorer.sentence


def test_the_still_picture_says_what_it_shows_and_what_could_be_changed(alive):
    explorer, box = alive
    (data, metadata), *_ = explorer.outputs()
    assert len(metadata["image/png"]["alt"]) > 80
    for control in box.children[: len(explorer.values)]:
        assert control.description in explorer.caption()
    assert data["text/html"].count("<img") == len(explorer._still)
