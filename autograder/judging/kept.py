"""What a learner's functions keep from one call to the next. Runs beside the learner's code."""

from __future__ import annotations

import contextlib
import functools
import itertools
import math
import sys
import types
from copy import deepcopy  # as it is before learners' code runs

import numpy as np

# What code keeps in a name outside of it or in a default argument, as a rule.
_MAY_CHANGE = (dict, list, set, np.ndarray)
_PLAIN = (*_MAY_CHANGE, bool, int, float, str, type(None))
MOST = 100_000  # numbers that are copied; what holds more is data, not something kept
OTHERS = 4  # inputs of a case that get other numbers, so that points depend on no clock


class Kept:
    """The state that the functions and classes `names` of a namespace, and those that they call,
    began with: the names outside of them that they read, their defaults, attributes and closures.
    """

    def __init__(self, namespace: dict, names):
        self._places = []  # (read, write) of each value that may be kept
        self._outside = 0  # of the places, the first that is a name outside of the functions
        try:
            for reached in _reached(namespace, names):
                self._places += _attributes(reached)
                if isinstance(reached, types.FunctionType):
                    self._places += _places(reached)
            self._outside = len(self._places)
            for reached in _reached(namespace, names):
                if isinstance(reached, types.FunctionType):
                    self._places += _names_outside(reached)
            self._first = deepcopy(self._now())
        except Exception:  # noqa: BLE001 - what cannot be read or copied is not looked at
            self._places, self._first = [], []

    def _now(self) -> list:
        return [read() for read, _ in self._places]

    def changed(self) -> bool:
        """Whether any of it is something else now."""
        try:
            return not all(map(_equal, self._first, self._now()))
        except Exception:  # noqa: BLE001 - what cannot be compared is not looked at
            return False

    def at_first(self, call):
        """What `call` gives where nothing was called before; everything is afterwards as it is
        now."""
        now = self._now()
        try:
            self._put(deepcopy(self._first))
            return call()
        finally:
            self._put(now)

    def put_back(self) -> None:
        """Put what the functions hold themselves back to what it was, for the next check.

        Names outside of them stay: whoever notes something there while a check runs wants to see
        it afterwards.
        """
        self._put([*self._first[: self._outside], *self._now()[self._outside :]])

    def _put(self, values) -> None:
        for (_, write), value in zip(self._places, values, strict=True):
            write(value)


def _reached(namespace, names) -> list:
    """The functions and classes of these names, their methods, and those beside them that they
    call."""
    found, waiting = [], [namespace.get(name) for name in names]
    for reached in waiting:
        if any(reached is one for one in found):
            continue
        if isinstance(reached, types.FunctionType):
            found.append(reached)
            beside = (reached.__globals__.get(name) for name in reached.__code__.co_names)
            waiting += [one for one in beside if _beside(one, reached.__globals__)]
            inside = (_in_cell(cell) for cell in reached.__closure__ or ())
            waiting += [one for one in inside if isinstance(one, types.FunctionType)]
        elif isinstance(reached, type):
            found.append(reached)
            waiting += [v for v in vars(reached).values() if isinstance(v, types.FunctionType)]
    return found


def _beside(one, outside: dict) -> bool:
    """Whether a function or class was written where these names are."""
    if isinstance(one, types.FunctionType):
        return one.__globals__ is outside
    return isinstance(one, type) and one.__module__ == outside.get("__name__", "")


def _attributes(owner):
    """What is kept in attributes: in a function's all, in a class's plain data."""
    if isinstance(owner, types.FunctionType):

        def put(values):
            vars(owner).clear()
            vars(owner).update(values)

        if _holds_little(dict(vars(owner))):
            yield lambda: dict(vars(owner)), put
        return
    for name, value in vars(owner).items():
        if not name.startswith("__") and _is_kept(value, _PLAIN):
            yield (
                lambda name=name: vars(owner).get(name),
                lambda value, name=name: setattr(owner, name, value),
            )


def _names_outside(function):
    outside = function.__globals__
    for name in function.__code__.co_names:
        if _is_kept(outside.get(name, ...), _PLAIN):
            yield (
                lambda name=name: outside.get(name),
                lambda value, name=name: outside.__setitem__(name, value),
            )


def _places(function):
    """What a function holds itself: in its closure and its defaults."""
    for cell in function.__closure__ or ():
        if _is_kept(_in_cell(cell), _PLAIN):
            yield (
                functools.partial(_in_cell, cell),
                lambda value, cell=cell: setattr(cell, "cell_contents", value),
            )
    if any(_is_kept(value, _MAY_CHANGE) for value in function.__defaults__ or ()):
        yield (
            lambda: list(function.__defaults__ or ()),
            lambda values: setattr(function, "__defaults__", tuple(values)),
        )
    if any(_is_kept(value, _MAY_CHANGE) for value in (function.__kwdefaults__ or {}).values()):
        yield (
            lambda: dict(function.__kwdefaults__ or {}),
            lambda values: setattr(function, "__kwdefaults__", values),
        )


def _in_cell(cell):
    """What a function has of the one around it; an ellipsis where there is nothing yet."""
    try:
        return cell.cell_contents
    except ValueError:
        return ...


def _is_kept(value, kinds) -> bool:
    return type(value) in kinds and _holds_little(value)


def _holds_little(value) -> bool:
    """Whether a value is made of at most MOST numbers, in containers five deep at most."""
    left, waiting = MOST, [(value, 0)]
    while waiting and left > 0:
        value, deep = waiting.pop()
        left -= 1
        if type(value) in (dict, list, set, tuple):
            if len(value) > left or deep == 5:
                return False
            entries = [*value, *value.values()] if type(value) is dict else value
            waiting += [(entry, deep + 1) for entry in entries]
        elif type(value) is np.ndarray:
            left -= value.size
        elif hasattr(value, "numel") or hasattr(value, "parameters"):
            return False  # tensors and nets are data, as a rule
    return left > 0


def _equal(a, b) -> bool:
    if type(a) is not type(b):
        return False
    if type(a) is np.ndarray:
        return np.array_equal(a, b) or (a.shape == b.shape and a.tobytes() == b.tobytes())
    if type(a) is dict:
        return list(a) == list(b) and all(_equal(a[key], b[key]) for key in a)
    if type(a) in (list, tuple):
        return len(a) == len(b) and all(map(_equal, a, b))
    return bool(a is b or a == b or a != a)


class _Interrupted(Exception):
    """Somebody, or a clock, wants the observing to end."""


def look_again(keeps: Kept, run_case, cases, reports, same) -> None:
    """Look for what the calls before do to a case; only where something is kept.

    What a case shows where none was before is `anew` in its report, if it is something else to
    the bit (`same`). And it is `stale` where it shows something else than then with other numbers.
    Nothing is noted of what is drawn anew each time, and nothing more after an interrupt.
    """

    def seen(index, case=None):
        report = run_case(index, case=case)
        if "interrupted" in report:
            raise _Interrupted
        return report.get("seen")

    def steady(call):
        """What a call shows where none was before; None where it is not the same each time."""
        first, second = keeps.at_first(call), keeps.at_first(call)
        return first if first is not None and second is not None and alike(first, second) else None

    with contextlib.suppress(_Interrupted):
        if steady(functools.partial(seen, 0)) is not None:
            reports[0]["kept"] = True
        for index, report in enumerate(reports[1:], 1):
            anew = keeps.at_first(functools.partial(seen, index))
            if anew is not None and not same(report.get("seen"), anew):
                report["anew"] = anew
        for index, report in enumerate(reports):
            for moved in _others(cases[index]):
                call = functools.partial(seen, index, case=moved)
                first = steady(call)
                if first is not None and not alike(first, call()):
                    report["stale"] = True
                    break


def alike(a, b) -> bool:
    """Whether two observations differ by no more than another order of adding does."""
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and a.dtype.kind in "fc":
        if a.shape != b.shape or b.dtype.kind not in "fc":
            return False
        with np.errstate(invalid="ignore"):
            far = 1e-3 * np.max(np.abs(a), initial=0.0, where=np.isfinite(a))
            return bool(np.allclose(a, b, rtol=1e-3, atol=far, equal_nan=True))
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return math.isclose(a, b, rel_tol=1e-3, abs_tol=1e-9) or a == b or (a != a and b != b)
    if isinstance(a, dict):
        return list(a) == list(b) and all(alike(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(alike, a, b))
    if hasattr(a, "array"):  # a tensor
        return alike(a.array, b.array)
    return _equal(a, b)


def _others(case: dict):
    """The case with other numbers in one of its inputs, in each of the OTHERS largest in turn."""
    inputs = case["inputs"]
    by_size = sorted(inputs, key=lambda name: -_size(inputs[name]))
    others = ((name, other_numbers(inputs[name])) for name in by_size)
    moved = ((name, other) for name, other in others if not _equal(inputs[name], other))
    for name, other in itertools.islice(moved, OTHERS):
        yield {**case, "inputs": {**inputs, name: other}}


def _size(value) -> int:
    """How many numbers an input holds."""
    if isinstance(value, np.ndarray):
        return value.size
    if type(value) is dict:
        value = list(value.values())
    return sum(map(_size, value)) if type(value) in (list, tuple) else 1


def other_numbers(value):
    """The same with other numbers, arrays in their shapes: places are exchanged, fractions made a
    quarter smaller, single whole numbers one larger. Code may well refuse them."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        moved = np.random.default_rng(0).permutation(value.ravel()).reshape(value.shape)
        return (moved * 0.75).astype(value.dtype) if value.dtype.kind == "f" else moved
    if isinstance(value, float):
        return value * 0.75
    if type(value) is int:
        return value + 1
    if type(value) is dict:
        return {key: other_numbers(one) for key, one in value.items()}
    return type(value)(map(other_numbers, value)) if type(value) in (list, tuple) else value


def overwritten(first, second, again) -> bool:
    """Whether a later call writes into the arrays that an earlier one gave back.

    `first` and `second` are what two calls with the same arguments gave; `again` makes a third.
    """
    earlier, later = _arrays(first), _arrays(second)
    earlier = [a for a in earlier if a.flags.writeable and a.size and a.dtype.kind in "biufc"
               and any(np.may_share_memory(a, b) for b in later)]  # fmt: skip
    if not earlier:
        return False
    values = [a.copy() for a in earlier]
    try:
        for a in earlier:
            a[...] = 0 if a.any() else 1
        marks = [a.copy() for a in earlier]
        again()
        return not all(map(np.array_equal, earlier, marks))
    finally:
        for a, value in zip(earlier, values, strict=True):
            a[...] = value


def _arrays(value, deep=0) -> list[np.ndarray]:
    if type(value) is np.ndarray:
        return [value]
    if type(value) is dict:
        value = list(value.values())
    if type(value) in (list, tuple):
        if deep == 3 or len(value) > 50:
            return []
        return [array for entry in value for array in _arrays(entry, deep + 1)]
    torch = sys.modules.get("torch")
    if torch and type(value) is torch.Tensor and value.device.type == "cpu":
        with contextlib.suppress(Exception):  # one without numbers, or of a kind numpy lacks
            return [value.detach().numpy()]
    return []
