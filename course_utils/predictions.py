"""Predictions before an experiment: kept, shown beside the result, never graded."""

from __future__ import annotations

_PREDICTED: dict[str, object] = {}


def predict(name: str, value) -> None:
    """Write down what you expect before you run the experiment called `name`.

    Parameters
    ----------
    name : the experiment's name, as its `compare` cell uses it
    value : a number, a word, or ``...`` for none yet
    """
    if value is ...:
        _PREDICTED.pop(name, None)
        print("No prediction yet: put a number or a word in place of the dots, then run this cell.")
        return
    _PREDICTED[name] = value
    print(f"Written down: {value}. Now run the experiment.")


def compare(name: str, measured, unit: str = "") -> None:
    """Show what was measured beside what you predicted."""
    unit = f" {unit}" if unit else ""
    shown = f"{measured:.3g}" if isinstance(measured, float) else f"{measured}"
    if name not in _PREDICTED:
        print(f"Measured: {shown}{unit}. You made no prediction.")
        return
    print(f"You predicted {_PREDICTED[name]}{unit}; measured: {shown}{unit}.")
