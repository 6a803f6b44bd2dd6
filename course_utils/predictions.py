"""Predictions before an experiment: kept, shown beside the result, never graded."""

from __future__ import annotations

import math
from numbers import Real

_PREDICTED: dict[str, object] = {}


def predict(
    name: str,
    value,
    between: tuple[float | None, float | None] | None = None,
    one_of: tuple[str, ...] = (),
) -> None:
    """Write down what you expect before you run the experiment called `name`.

    Parameters
    ----------
    name : the experiment's name, as its `compare` cell uses it
    value : a number, a word, or ``...`` for none yet
    between : the least and the largest number that is possible; None where there is no bound
    one_of : the words that may be answered

    What cannot be an answer is not written down, and a sentence says what could be.
    """
    if value is ...:
        _PREDICTED.pop(name, None)
        print(f"No prediction yet: put {wanted(between, one_of)} in place of the dots, then run "
              "this cell.")  # fmt: skip
        return
    answer = understood(value, between, one_of)
    if answer is None:
        earlier = f" Your earlier one, {_PREDICTED[name]}, stands." if name in _PREDICTED else ""
        print(f"{value!r:.60} is not written down: this asks for {wanted(between, one_of)}."
              f"{earlier}")  # fmt: skip
        return
    _PREDICTED[name] = answer
    print(f"Written down: {answer}. Now run the experiment.")


def wanted(between, one_of) -> str:
    """What may be answered, in words."""
    if one_of:
        return f"one of {', '.join(map(repr, one_of))}"
    if between is None:
        return "a number or a word in quotes"
    low, high = between
    if high is None:
        return "a number" if low is None else f"a number of at least {low:g}"
    return f"a number between {low:g} and {high:g}"


def understood(value, between, one_of):
    """The answer in the form in which it is kept; None where it is none."""
    if isinstance(value, str):
        if one_of:
            return next((word for word in one_of if plain(word) == plain(value)), None)
        if between is None:
            return value.strip() or None
        try:
            value = float(value)  # a number in quotes
        except ValueError:
            return None
    if one_of or isinstance(value, bool):
        return None
    if getattr(value, "ndim", None) == 0:  # of numpy or torch
        value = value.item()
    if not isinstance(value, Real):
        return None
    try:
        if not math.isfinite(value):
            return None
    except OverflowError:  # a whole number beyond every float
        return None
    low, high = between or (None, None)
    fits = (low is None or value >= low) and (high is None or value <= high)
    return value if fits else None


def plain(word: str) -> str:
    """A word without what people write differently: case, spaces, hyphens."""
    return "".join(letter for letter in word.casefold().replace("×", "x") if letter.isalnum())


def guess(name: str):
    """What was predicted for an experiment, to be drawn beside its result; None for nothing."""
    return _PREDICTED.get(name)


def drawn(name: str, figure, axis: str | None = None, of=None):
    """The figure, with what was predicted for an experiment as a line in it.

    Parameters
    ----------
    figure : of `course_utils.plots`, not shown yet
    axis : "x" or "y", along which the predicted quantity is read; by default along the bars, else
        upwards
    of : what the picture shows for a prediction, where that is another number

    Where nothing was predicted, or no number, it is as it was.
    """
    value = guess(name)
    if not isinstance(value, Real):
        return figure
    from course_utils.plotting import guesses

    shown = float(value if of is None else of(value))
    return guesses.mark(figure, shown, axis or getattr(figure, "course_axis", "y"))


def compare(name: str, measured, unit: str = "") -> None:
    """Show what was measured beside what you predicted."""
    unit = f" {unit}" if unit else ""
    shown = f"{measured:.3g}" if isinstance(measured, float) else f"{measured}"
    if name not in _PREDICTED:
        print(f"Measured: {shown}{unit}. You made no prediction.")
        return
    print(f"You predicted {_PREDICTED[name]}{unit}; measured: {shown}{unit}.")
