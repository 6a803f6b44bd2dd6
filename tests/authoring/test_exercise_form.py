"""What authors get wrong before an exercise can even be proved, and the sentence they are told."""

from __future__ import annotations

import sys
import types

import pytest
from click.testing import CliRunner

import autograder.exercises
from autograder.authoring.build import exercise_form, masters, notebooks
from autograder.authoring.verify import all_exercises, report
from autograder.authoring.verify.proofs import Failure
from autograder.commands.authors import build, verify
from autograder.exercise import REGISTRY, Case, Exercise, mistake
from autograder.exercises import find, load_all
from autograder.judging.keys import Misfit, answer_key


@pytest.fixture(autouse=True)
def forget_what_is_written_here():
    load_all()
    known = dict(REGISTRY)
    yield
    REGISTRY.clear()
    REGISTRY.update(known)


def written(**parts) -> type[Exercise]:
    """An exercise that is as it should be, but for the parts that are given."""

    def cases(self, rng):
        yield Case("three numbers", 1, x=rng.normal(size=3))

    @mistake
    def doubled(self, right, x):
        """Yours is twice as large."""
        return {"out": 2 * right["out"]}

    body = {
        "signature": "halve(x)",
        "hints": ("Half of it?", "Then divide."),
        "cases": cases,
        "observe": lambda self, code, x: {"out": code.halve(x)},
        "reference": lambda self, x: {"out": x / 2},
        "doubled": doubled,
    }
    kind = type("halve", (Exercise,), {**body, "__module__": __name__, **parts})
    kind.notebook = parts.get("notebook", "97_halves")
    return kind


@pytest.fixture
def master(tmp_path) -> masters.Master:
    source = "def halve(x):\n    ### BEGIN SOLUTION\n    return x / 2\n    ### END SOLUTION"
    cell = masters.Cell("code", source, {"nbgrader": {"solution": True}}, "halve")
    return masters.Master("97_halves", tmp_path / "97_halves.py", (cell,))


def test_good_form_is_not_complained_of(master):
    assert exercise_form.form(written(), master) == []


@pytest.mark.parametrize(
    ("parts", "words", "do"),
    [
        ({"hints": "Half of it?"}, "hints is one string", 'hints = ("...",)'),
        ({"needs": "sgd"}, "needs is one string", "comma"),
        ({"hints": ()}, "0 of two hints", "a nudge"),
        ({"difficulty": 4}, "difficulty is 4", "1, 2 or 3"),
        ({"notebook": "97_halfs"}, "NOTEBOOK = '97_halfs'", 'NOTEBOOK is "97_halves"'),
        ({"signature": "halve(a)"}, "halve(a), and the notebook's has (x)", "the same"),
    ],
)
def test_bad_form_is_told_with_what_to_do(master, parts, words, do):
    (failure,) = exercise_form.form(written(**parts), master)
    assert words in failure.what and do in failure.do


# Rooms.


def test_room_that_is_not_entered_is_named(tmp_path):
    folder = tmp_path / "fractions"
    folder.mkdir()
    (folder / "oracle.py").write_text("x = 1\n")
    exercise_form.load_rooms(tmp_path)
    (folder / "halves.py").write_text("class halve(Exercise):\n    def cases(self, rng): ...\n")
    with pytest.raises(masters.MasterError, match='enter "halves" in ROOMS .*fractions/__init__'):
        exercise_form.load_rooms(tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1)\n", "fractions/halves.py, line 1: unmatched"),
        ("import numpy\n\nnumpy.nothing\n", "fractions/halves.py, line 3: AttributeError"),
    ],
)
def test_room_that_cannot_be_imported_is_told_with_its_line(monkeypatch, tmp_path, text, words):
    folder = tmp_path / "fractions"
    folder.mkdir()
    (folder / "__init__.py").write_text('NOTEBOOK, ROOMS = "97_halves", ("halves",)\n')
    (folder / "halves.py").write_text(text)
    monkeypatch.setattr(autograder.exercises, "FOLDERS", ("fractions",))
    monkeypatch.setattr(autograder.exercises, "__path__", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "autograder.exercises.fractions", raising=False)
    monkeypatch.setattr(exercise_form, "ROOMS", tmp_path)
    for command in (build.command, verify.command):
        result = CliRunner().invoke(command, ["06"])
        assert result.exit_code == 1 and words in result.output and "Traceback" not in result.output


def test_name_that_two_rooms_give_is_told(monkeypatch):
    from autograder.exercises import regularization

    room = types.ModuleType("autograder.exercises.regularization.more_losses")
    monkeypatch.setitem(sys.modules, room.__name__, room)
    monkeypatch.setattr(regularization, "ROOMS", (*regularization.ROOMS, "more_losses"))
    room.svm_loss = type("svm_loss", (Exercise,), {"__module__": room.__name__})
    with pytest.raises(masters.MasterError, match="more_losses.py both .* svm_loss"):
        exercise_form.load_rooms()


# Methods that stop: which, where and in which case.


def raising(self, *_, **__):
    return 1 / 0


@mistake
def stops(self, right, x):
    """It divides by nothing."""
    return {"out": 1 / 0}


@mistake
def unobserved(self, right, x):
    """It names what nobody looks at."""
    return {"loss": 1.0}


@mistake
def no_dict(self, right, x):
    """It gives the value alone."""
    return right["out"]


def cases_twice(self, rng):
    yield Case("three numbers", 1, x=rng.normal(size=3))
    yield Case("three numbers", 1, x=rng.normal(size=4))


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"reference": raising}, r"halve\.reference stops in the case 'three numbers' "
                                 r"\(test_exercise_form\.py, line \d+\) with ZeroDivisionError"),
        ({"reference": lambda self, x: x / 2}, "halve.reference gives ndarray, not a dict"),
        ({"stops": stops}, "halve.stops stops in the case 'three numbers' .*ZeroDivisionError"),
        ({"unobserved": unobserved}, "halve.unobserved changes loss; .* reference gives out only"),
        ({"no_dict": no_dict}, "halve.no_dict gives ndarray, not a dict"),
        ({"cases": raising}, "halve.cases stops .*ZeroDivisionError"),
        ({"cases": lambda self, rng: []}, "halve.cases gives no case"),
        ({"cases": cases_twice}, "two cases are called 'three numbers'"),
    ],
)  # fmt: skip
def test_method_that_stops_is_named(parts, words):
    written(**parts)
    with pytest.raises(Misfit, match=words):
        answer_key(find("halve"))


# How it is told.


def test_what_differs_in_its_seed_only_is_told_once():
    seeds = [Failure("f", f"twins show the same (seed {s}, cpu)", "Part them") for s in range(3)]
    steps = [Failure("f", f"its {step}: f stops", "Mend it") for step in ("solution", "stub")]
    other = Failure("g", "twins show the same (seed 0, cpu)", "Part them")
    assert [len(group) for group in report.alike([*seeds, *steps, other])] == [3, 2, 1]


def test_stale_notebook_is_named(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    path = source / masters.masters()[0].name
    path.write_bytes(masters.masters()[0].read_bytes())
    (missing,) = all_exercises.not_built([path])
    assert "is not what its master makes" in missing.what and "course build 00" in missing.do
    target, text = notebooks.made(path)
    target.write_text(text, encoding="utf-8")
    assert all_exercises.not_built([path]) == []


def test_exercises_are_chosen_by_name():
    assert verify.chosen_exercises(("standardize", "accuracy")) == ["standardize", "accuracy"]
    assert verify.chosen_exercises(("06",)) == []
    mixed = CliRunner().invoke(verify.command, ["06", "accuracy"])
    assert mixed.exit_code == 2 and "not both" in mixed.output
    misspelt = CliRunner().invoke(verify.command, ["acuracy"])
    assert "Did you mean the exercise accuracy?" in misspelt.output
