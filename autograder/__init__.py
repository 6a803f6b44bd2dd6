"""Exercises that know the mistakes people make: `check`, `grade` and what they return.

Nothing heavy is imported before it is used, and `autograder.plain` and `autograder.observing`
work without the rest: they are what runs beside a learner's code.
"""

from importlib import import_module

_HOME = {
    "check": "autograder.practice",
    "grade": "autograder.practice",
    "hint": "autograder.practice",
    "passes": "autograder.practice",
    "solution": "autograder.practice",
    "ask": "autograder.practice",
    "answered": "autograder.practice",
    "progress": "autograder.panel",
    "score": "autograder.before_and_after",
    "Verdict": "autograder.verdict",
}
__all__ = [*_HOME, "exercises"]


def __getattr__(name):
    if name == "exercises":  # the package of exercises, which lists itself when called
        try:
            return import_module("autograder.exercises")
        except ModuleNotFoundError as missing:  # in a student's kit there is no such package
            if missing.name != "autograder.exercises":
                raise
            return import_module("autograder.catalogue").exercises
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'autograder' has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *__all__])
