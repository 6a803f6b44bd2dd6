"""The list of exercises: complete, and in the order of the course."""

import pkgutil
from importlib import import_module

import autograder
from autograder import exercises
from autograder.authoring import load
from autograder.authoring.build import masters
from autograder.exercise import Exercise, Question


def test_every_room_with_exercises_is_in_its_folders_list():
    package = autograder.exercises
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        room = import_module(module.name)
        own = [v for v in vars(room).values() if isinstance(v, type) and issubclass(v, Exercise)]
        named = [v for v in own if v.__module__ == room.__name__ and "name" in vars(v)]
        assert (module.name in package.rooms()) == bool(named), module.name


def test_exercises_come_in_the_order_in_which_a_learner_meets_them():
    listed = autograder.exercises()
    notebooks = [exercise.notebook for exercise in listed]
    assert notebooks == sorted(notebooks)
    for notebook in dict.fromkeys(notebooks):
        own = [exercise.name for exercise in listed if exercise.notebook == notebook]
        assert own == masters.load(masters.SOURCE / f"{notebook}.py").checked()


def test_without_masters_a_notebooks_exercises_stay_together(monkeypatch):
    known = {exercise.name for exercise in autograder.exercises()}
    exercises.order_met.cache_clear()
    monkeypatch.setattr(exercises, "masters_folder", lambda: None)
    try:
        listed = exercises.listed()
    finally:
        exercises.order_met.cache_clear()
    assert {exercise.name for exercise in listed} == known
    notebooks = [exercise.notebook for exercise in listed]
    assert notebooks == sorted(notebooks)


def test_each_notebook_has_a_core_that_fits_its_sittings():
    listed = autograder.exercises()
    # The start page only warms up.
    for notebook in {exercise.notebook for exercise in listed} - {"00_start"}:
        core = [exercise for exercise in listed if exercise.notebook == notebook]
        core = [exercise for exercise in core if not exercise.extra]
        sittings = len(load.sittings(masters.load(masters.SOURCE / f"{notebook}.py")))
        assert 4 <= len(core), notebook
        assert sum(exercise.minutes for exercise in core) <= 75 * sittings, notebook


def test_hints_stay_hints():
    from autograder.exercise import REGISTRY

    for name in (exercise.name for exercise in autograder.exercises()):
        if not issubclass(REGISTRY[name], Question):
            assert len(REGISTRY[name].hints) >= 2, f"{name} wants a nudge and then more"
