"""Runs beside the learner's code: calls it on each case and writes down what is seen.

Takes a program (plain data, see `keys.program`) and the learner's namespace, gives back one
report a case, plain data too. Nothing here knows a right answer.
"""

from __future__ import annotations

import contextlib
import dis
import functools
import inspect
import io
import linecache
import os
import traceback
import types
import warnings

import numpy as np

from autograder.judging.global_random import global_random
from autograder.judging.growing import look_at_growth
from autograder.judging.kept import Kept, look_again, overwritten
from autograder.judging.plain_data import Strange, plain

# How much of what code prints is kept, and what stands where there was more.
PRINTED_LIMIT = 4000
CUT = "\n… The rest of what your code printed is left out."
OBSERVE_FILE = "<observe {}>"
_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # the package autograder
_NOT_THEIRS = (
    _HERE + os.sep,
    os.path.join(os.path.dirname(_HERE), "course_utils") + os.sep,
    os.path.dirname(os.__file__) + os.sep,
    "<observe ", "<frozen ", "<__array_function__",
)  # fmt: skip


class _Unusable(Exception):
    """The learner's code cannot be called, or gave back something of the wrong form."""

    def __init__(self, **facts):
        super().__init__(facts["problem"])
        self.facts = facts


class _NotAnswered(NotImplementedError):
    """A question still holds the dots it came with, or None."""


AT_ONCE = ("missing", "not callable", "arguments", "no answer")  # no other case has to be run
# What may stand behind an answer: how sure its author is.
SURE = ("sure", "think", "guess")


def split_answer(given) -> tuple[object, str]:
    """An answer and the word that says how sure it is: `"b", "sure"`; "" where there is none."""
    if isinstance(given, tuple) and len(given) == 2 and isinstance(given[1], str):
        word = given[1].strip().lower()
        if word in SURE:
            return given[0], word
    return given, ""


class Code:
    """The learner's functions by name; what an exercise's `observe` calls."""

    def __init__(self, namespace, signatures, taken=(), meant=None):
        self._namespace = namespace
        self._meant = meant or {}  # a letter of an earlier notebook → the one that shows it now
        self._taken = frozenset(taken)
        self._signatures = {name: (parameters, required, returns)
                            for name, parameters, required, returns in signatures}  # fmt: skip
        self._usable = {}  # name → (what the learner has there, what observe gets of it)
        self._outputs = []  # of forward functions: (name, what it gave, what was in its output)

    @property
    def answer(self):
        """What the learner assigned to the name that a question asks for."""
        name = next(iter(self._signatures))
        if name not in self._namespace:
            raise _Unusable(problem="missing", function=name, near=[])
        answer, _ = split_answer(self._namespace[name])
        if answer is ... or answer is None:
            raise _NotAnswered
        if isinstance(answer, str):
            return self._meant.get(answer.strip().lower(), answer)
        return answer

    def beside(self, name: str):
        """What the learner's notebook holds by this name besides; None where there is nothing."""
        return self._namespace.get(name)

    def refuse(self, name: str, because: str):
        """What a function gave is no answer; `because` is a sentence that its author reads."""
        raise _Unusable(problem="no answer", function=name, got=because)

    def __getattr__(self, name):
        if name not in self._signatures:
            raise AttributeError(f"this exercise does not name {name} in its signature or needs")
        if name not in self._namespace:
            raise _Unusable(problem="missing", function=name, near=self._nearest(name))
        value = self._namespace[name]
        # Looking at a signature takes longer than many a call.
        if name not in self._usable or self._usable[name][0] is not value:
            self._usable[name] = value, self._look_at(name, value)
        return self._usable[name][1]

    def _look_at(self, name: str, value):
        """The learner's function, found to take and to give so many values."""
        parameters, required, returns = self._signatures[name]
        if not callable(value):
            raise _Unusable(problem="not callable", function=name, got=describe(value))
        if parameters:
            _check_arity(name, value, parameters, required)
        if len(returns) < 2 or isinstance(value, type):
            return value
        return _Checked(name, value, returns, self._outputs if "_forward" in name else None)

    def given_back(self) -> list:
        """What the forward functions gave, their caches too."""
        return [given for _, given, _ in self._outputs]

    def written_over(self) -> list[str]:
        """The forward functions whose outputs have been changed since; forgets them."""
        names = {name for name, given, held in self._outputs if not _same(held, given[0])}
        self._outputs.clear()
        return sorted(names)

    def _nearest(self, name: str) -> list[str]:
        """The learner's function whose name is most like `name`, where one is alike at all."""
        import difflib

        candidates = {
            n.lower(): n
            for n, value in self._namespace.items()
            if callable(value) and not n.startswith("_") and n not in self._taken
        }
        best = difflib.get_close_matches(name.lower(), candidates, n=1, cutoff=0.75)
        return [candidates[match] for match in best]


class _Checked:
    """A learner's function that must give back so many values; noted among `outputs`."""

    def __init__(self, name, function, returns, outputs=None):
        functools.update_wrapper(self, function)
        self._name, self._function = name, function  # an object may have no name of its own
        self._returns, self._outputs = returns, outputs

    def __call__(self, *args, **kwargs):
        result = self._function(*args, **kwargs)
        if not isinstance(result, (tuple, list)) or len(result) != len(self._returns):
            facts = {"function": self._name, "wanted": list(self._returns), "got": describe(result)}
            raise _Unusable(problem="returned", **facts)
        if self._outputs is not None and isinstance(result[0], np.ndarray):
            self._outputs.append((self._name, result, result[0].copy()))
        return result

    def __reduce__(self):
        # Where it is sent to another process, as for a run in two, this module may not exist.
        return functools.partial, (self._function,)


def _parameters(function) -> list[inspect.Parameter] | None:
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None


def _check_arity(name, function, wanted, required) -> None:
    """Raise when the function cannot be called with the arguments it will be called with."""
    found = _parameters(function)
    if found is None or any(p.kind is p.VAR_POSITIONAL for p in found):
        return
    positional = [p for p in found if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    must = [p for p in found if p.default is p.empty and p.kind is not p.VAR_KEYWORD]
    if len(positional) < required or len(must) > len(wanted):
        taken = [p.name for p in found]
        raise _Unusable(problem="arguments", function=name, wanted=list(wanted), got=taken)


def describe(value) -> str:
    """What a returned value is, in words: "an array of shape (3, 4)"."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if type(value).__module__.partition(".")[0] == "torch" and hasattr(value, "shape"):
        return f"a torch {type(value).__name__} of shape {tuple(value.shape)}"
    if value is None:
        return "None (is a return missing?)"
    if isinstance(value, (tuple, list)):
        return f"a {type(value).__name__} of {len(value)}"
    return f"a value of type {type(value).__name__}"


class _Tail(io.TextIOBase):
    """A text stream that keeps the first PRINTED_LIMIT characters only, and says so."""

    def __init__(self):
        self.text, self.cut = "", False

    def writable(self):
        return True

    def write(self, text):
        room = PRINTED_LIMIT - len(self.text)
        self.text += text[: max(room, 0)]
        self.cut |= len(text) > room
        return len(text)


def run(program: dict, namespace: dict, on_case=None) -> list[dict]:
    """Observe every case of `program` on the functions in `namespace`.

    A report has either `seen` (the observations) or `raised`, `unusable` or `interrupted`, and
    what else came to light: `changed` inputs, outputs of forward functions `written over`, `random`
    generators touched, `warnings`, `printed`, and `parameters`, the learner's names of arguments.
    After an interrupt or where the functions cannot be called, the other cases are not run. Unless
    that takes seconds (`once`), the first case is observed once more: `again` is what it shows then
    if it is something else, `overwritten` that a later call writes into what it gave back. Where
    something is `kept`, see `kept.look_again`; `grown` is of very large and very small numbers.
    """
    observe = compile_observe(program["exercise"], program["observe"])
    code = Code(namespace, program["signatures"], program["taken"], program.get("meant"))
    parameters = {}
    for name, *_ in program["signatures"]:
        found = _parameters(namespace[name]) if callable(namespace.get(name)) else None
        parameters[name] = [p.name for p in found or ()]
    own = {c for name in program["wanted"] for c in _code_objects(namespace.get(name))}
    keeps, reports, first, later = Kept(namespace, program["wanted"]), [], [], []

    def run_case(index, found=None, case=None):
        case = case or program["cases"][index]
        return _run_case(observe, code, case, program["modifies"], own, index, found)

    for index, case in enumerate(program["cases"]):
        if on_case is not None:
            on_case(case["name"])
        report = run_case(index, None if index else first)
        report["parameters"] = parameters
        reports.append(report)
        if "interrupted" in report:
            break
        if report.get("unusable", {}).get("problem") in AT_ONCE:
            break
    else:
        if reports and "seen" in reports[0] and not program.get("once"):
            again = run_case(0, later)
            if "interrupted" in again:
                return reports
            if not _same(reports[0]["seen"], again.get("seen", {})):
                reports[0]["again"] = again.get("seen", {})
            if overwritten(first, later, lambda: run_case(0)):
                reports[0]["overwritten"] = True
        if reports and not program.get("once") and keeps.changed():
            look_again(keeps, run_case, program["cases"], reports, _same)
            keeps.put_back()
        if program.get("growth") and reports and "seen" in reports[0]:
            reports[0]["grown"] = look_at_growth(program, lambda case: run_case(0, case=case))
    return reports


@functools.lru_cache(maxsize=256)
def compile_observe(exercise: str, source: str) -> types.FunctionType:
    scope: dict = {"__name__": "observe"}
    exec(compile(source, OBSERVE_FILE.format(exercise), "exec"), scope)
    return scope["observe"]


def _code_objects(value) -> set:
    """The code objects of a learner's function or class."""
    if isinstance(value, type):
        members = [
            inspect.unwrap(getattr(m, "__func__", getattr(m, "fget", m)))
            for m in vars(value).values()
        ]
        return {m.__code__ for m in members if hasattr(m, "__code__")}
    if not callable(value):
        return set()
    code = getattr(inspect.unwrap(value), "__code__", None)
    return set() if code is None else {code}


def _run_case(observe, code, case, modifies, own, seed, found=None) -> dict:
    inputs = plain(case["inputs"])
    before = plain(inputs)
    report: dict = {}
    printed = _Tail()
    with global_random(seed) as touched, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            try:
                shown = observe(None, code, **inputs)
                report["seen"] = _seen(shown)
                if found is not None:
                    found += [shown, *code.given_back()]
            except _Unusable as problem:
                report["unusable"] = problem.facts
            except KeyboardInterrupt:
                report["interrupted"] = True
            except BaseException as error:  # noqa: BLE001 - any error is a report
                report["raised"] = _raised(error, own)
        report["random"] = touched()
    if written := code.written_over():
        report["written over"] = written
    report["changed"] = [name for name in before if name not in modifies
                         and not _same(before[name], inputs[name])]  # fmt: skip
    report["warnings"] = [
        f"{w.category.__name__}: {_text(w.message)}{_warned_at(w)}" for w in caught[:10]
    ]
    report["printed"] = printed.text + (CUT if printed.cut else "")
    return report


def _warned_at(warning: warnings.WarningMessage) -> str:
    """The learner's line that a warning comes from, where it is one of theirs."""
    if not is_learners(warning.filename):
        return ""
    line = linecache.getline(warning.filename, warning.lineno).strip()
    return f", at line {warning.lineno} of its cell" + (f": `{line}`" if line else "")


def _seen(result) -> dict:
    if result is None:
        return {}
    return plain(dict(result))


def _raised(error: BaseException, own) -> dict:
    """The error and the learner's own lines that led to it, innermost last.

    An error that a recipe brings from another process says in `elsewhere` what it was there:
    its type, its message and its frames as (file, function, line).
    """
    elsewhere, left_over = getattr(error, "elsewhere", None), None
    if isinstance(elsewhere, dict):
        kind, message, trail = elsewhere["type"], elsewhere["message"], elsewhere["frames"]
        unwritten = kind == "NotImplementedError" and bool(trail)
        unwritten = unwritten and trail[-1][1] in {c.co_name for c in own}
    else:
        kind, message = type(error).__name__, _text(error)
        frames = list(traceback.walk_tb(error.__traceback__))
        trail = [(f.f_code.co_filename, f.f_code.co_name, line) for f, line in frames]
        line = linecache.getline(*trail[-1][::2]) or "Error"  # a library raises it below a line
        last = frames[-1][0].f_code
        unwritten = type(error) is NotImplementedError and last in own and "Error" in line
        if unwritten and _does_more(last):
            left_over = [last.co_name, frames[-1][1]]
    frames = [
        [function, line, linecache.getline(file, line).strip()]
        for file, function, line in trail
        if is_learners(file)
    ]
    if isinstance(error, SyntaxError) and error.lineno and not frames:
        frames.append(["", error.lineno, (error.text or "").strip()])
    return {
        "type": kind,
        "message": message[:500],
        "frames": frames[-6:],
        "not_attempted": type(error) is _NotAnswered or unwritten,
        "left_over": left_over,
    }


def _does_more(code: types.CodeType) -> bool:
    """Whether a function has more in it than a docstring and `raise NotImplementedError`."""
    more = ("STORE_", "BINARY_", "RETURN_", "FOR_", "POP_JUMP")
    return any(i.opname.startswith(more) for i in dis.get_instructions(code))


def _text(value) -> str:
    """`str(value)`, or nothing where the learner's own class fails at it."""
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - the learner may have written its __str__
        return ""


@functools.lru_cache(maxsize=1024)
def is_learners(filename: str) -> bool:
    """Whether code from this file is the learner's: not ours, not a library's."""
    libraries = "site-packages" in filename or "dist-packages" in filename
    compiled = filename.endswith((".pyx", ".pxd"))  # numpy's own come without a folder
    return not libraries and not compiled and not filename.startswith(_NOT_THEIRS)


def _same(a, b) -> bool:
    """Whether two pieces of plain data are equal to the bit; NaN equals NaN."""
    b = plain(b)
    if type(a) is not type(b) or isinstance(a, Strange):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, dict):
        return list(a) == list(b) and all(_same(a[k], b[k]) for k in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(_same, a, b))
    return a == b or (a != a and b != b)
