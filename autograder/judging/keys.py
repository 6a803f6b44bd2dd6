"""What follows from an exercise as plain data: the answer key that the judge holds, and the program
that runs beside the learner's code. Looking and judging are in `observing` and `judge`."""

from __future__ import annotations

import contextlib
import dis
import functools
import inspect
import sys
import textwrap
import traceback
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from autograder.exercise import (
    PRACTICE_SEED,
    REGISTRY,
    Case,
    Exercise,
    Expected,
    Question,
    Signature,
    oracle_device,
    raises,
    registered,
)
from autograder.judging import choices
from autograder.judging.compare import same
from autograder.judging.plain_data import arrays_only, plain

# Answer keys.


class Misfit(ValueError):
    """What an author wrote gives no answer key; says which method it is, and in which case."""


@contextlib.contextmanager
def _place(exercise: Exercise, method: str, case: Case | None = None):
    """What stops in an author's method is told with the place where it stands."""
    try:
        yield
    except Misfit:
        raise
    except Exception as error:
        home = getattr(sys.modules[type(exercise).__module__], "__file__", None)
        within = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == home]
        at = f" ({Path(home).name}, line {within[-1].lineno})" if within else ""
        where = f" in the case '{case.name}'" if case else ""
        raise Misfit(
            f"{exercise.name}.{method} stops{where}{at} with {type(error).__name__}: {error}"
        ) from error


def _named(shown, exercise: Exercise, method: str) -> dict:
    """What a method gave, if it is data by name."""
    if not isinstance(shown, dict):
        raise Misfit(
            f"{exercise.name}.{method} gives {type(shown).__name__}, not a dict of values by name"
        )
    return shown


def build_cases(exercise: Exercise, seed: int) -> list[Case]:
    """The cases for a seed, always the same; case names are unique."""
    with _place(exercise, "cases"):
        cases = exercise.drawn_cases(seed)
    if not cases:
        raise Misfit(f"{exercise.name}.cases gives no case; yield one at least")
    for i, case in enumerate(cases):
        with _place(exercise, "cases", case):
            case.inputs = _settings_in_another_order(plain(case.inputs), i)
    names = [case.name for case in cases]
    if again := [name for name in names if names.count(name) > 1]:
        raise Misfit(f"{exercise.name}: two cases are called '{again[0]}'; learners read the name")
    return cases


def _settings_in_another_order(inputs: dict, i: int) -> dict:
    """Inputs in which the settings of every second case stand the other way round: they have names,
    and whoever reads them by their places reads others there."""
    if i % 2 == 0:
        return inputs
    return {
        name: dict(reversed(value.items()))
        if isinstance(value, dict) and (name == "config" or name.endswith("_param")) else value
        for name, value in inputs.items()
    }  # fmt: skip


class Foreseen(Mapping):
    """What each mistake shows in a case, found out when somebody asks: right code needs none of
    it, and where nets are trained for it that takes seconds."""

    def __init__(self, find_out: Callable[[], dict[str, dict]]):
        self._find_out = find_out

    @functools.cached_property
    def found(self) -> dict[str, dict]:
        return self._find_out()

    def __getitem__(self, identity: str) -> dict:
        return self.found[identity]

    def __iter__(self) -> Iterator[str]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)


@dataclass
class KeyedCase:
    """A case with its right observations and what each mistake would show instead."""

    name: str
    points: float
    inputs: dict
    right: dict[str, Expected]
    wrong: Mapping[str, dict] = field(default_factory=dict)
    aid: dict = field(default_factory=dict)


@dataclass
class AnswerKey:
    """All that judging needs, as data: no code of the exercise is in it but `read`."""

    exercise: str
    seed: int
    cases: list[KeyedCase]
    hints: dict[str, str]
    needs: tuple[str, ...]
    signatures: tuple[Signature, ...]
    modifies: tuple[str, ...]
    uses_global_random: bool
    warning_free: bool
    library: str
    extra: bool
    tells_right: bool = True
    counted: tuple[str, ...] = ()
    claims: dict[str, tuple[str, ...]] = field(default_factory=dict)
    reads: dict[str, str] = field(default_factory=dict)
    practised: str = ""
    growth: tuple[dict[str, int], dict[str, int]] | None = None

    @property
    def max_points(self) -> float:
        return float(sum(case.points for case in self.cases))

    @property
    def counted_points(self) -> float:
        """The points of the cases in which a counter beside the learner's code is looked at."""
        counted = set(self.counted)
        return float(sum(case.points for case in self.cases if counted & set(case.right)))


def answer_key(
    kind: type[Exercise], seed: int = PRACTICE_SEED, mistakes_later: bool = False
) -> AnswerKey:
    """The key for an exercise and a seed; built once in a process, if it was not given one.

    With `mistakes_later` it comes without what its mistakes show, which is found out when it is
    asked for.
    """
    place = kind, int(seed), oracle_device()
    key = _given[place] if place in _given else _answer_key(*place)
    if not mistakes_later:
        for case in key.cases:
            len(case.wrong)
    return key


def give(kind: type[Exercise], seed: int, key: AnswerKey) -> None:
    """Let this process have a key that another one has made."""
    _given[kind, int(seed), oracle_device()] = key


_given: dict[tuple[type[Exercise], int, str], AnswerKey] = {}


@functools.lru_cache(maxsize=512)
def _answer_key(kind: type[Exercise], seed: int, device: str) -> AnswerKey:
    exercise = kind()
    keyed = []
    with np.errstate(all="ignore"):
        for case in build_cases(exercise, seed):
            right = {n: expected(v, exercise) for n, v in reference(exercise, case).items()}
            for name in set(exercise.any_width) & set(right):
                right[name] = replace(right[name], any_width=True)
            foreseen = Foreseen(functools.partial(_wrong, exercise, case, right))
            if isinstance(exercise, Question):
                shown_as = choices.order(exercise, seed, case.inputs)
                right = choices.relabelled(right, shown_as)
                foreseen = {i: choices.relabelled(w, shown_as) for i, w in foreseen.items()}
            with _place(exercise, "aid", case):
                aid = arrays_only(plain(exercise.aid(**plain(case.inputs))))
            points = float(case.points)
            keyed.append(KeyedCase(case.name, points, case.inputs, right, foreseen, aid))
    mistakes = kind.mistakes()
    hints = {i: " ".join(m.__doc__.split()) for i, m in mistakes.items()} | _setting_hints(kind)
    practised = kind.practised if seed == PRACTICE_SEED else ""
    claims = {i: tuple(m.claims) for i, m in mistakes.items() if m.claims}
    return AnswerKey(
        kind.name, seed, keyed, hints, kind.needs, kind.signatures, tuple(kind.modifies),
        kind.uses_global_random, kind.warning_free, kind.library, kind.extra, kind.tells_right,
        tuple(kind.counted), claims, dict(kind.reads), practised, kind.growth,
    )  # fmt: skip


def _wrong(exercise: Exercise, case: Case, right: dict[str, Expected]) -> dict[str, dict]:
    """What a case shows of each mistake's code, and of code that does not read a setting."""
    kind, values, wrong = type(exercise), {n: e.value for n, e in right.items()}, {}
    with np.errstate(all="ignore"):
        for identity, show in kind.mistakes().items():
            with _place(exercise, identity, case):
                shown = show(exercise, plain(values), **plain(case.inputs))
                shown = _named({} if shown is None else shown, exercise, identity)
                wrong[identity] = {
                    n: v if isinstance(v, raises) else arrays_only(plain(v))
                    for n, v in shown.items()
                }
            if extra := sorted(set(shown) - set(right)):
                raise Misfit(
                    f"{kind.name}.{identity} changes {', '.join(extra)}; in the case "
                    f"'{case.name}' reference gives {', '.join(sorted(right))} only"
                )
        return wrong | _settings_ignored(exercise, case, right)


def _setting_hints(kind: type[Exercise]) -> dict[str, str]:
    """The sentences on settings that are not read, or have another default."""
    hints = {}
    for name, setting in kind.settings.items():
        hints[f"unread:{name}"] = (
            f"Where another `{name}` than {setting.default:g} is given, your results are still "
            f"those of {setting.default:g}: somewhere your code does not use the `{name}` that is "
            "passed in."
        )
        for number, other in enumerate(setting.others):
            hints[f"default:{name}:{number}" if number else f"default:{name}"] = (
                f"Where no `{name}` is given it is {setting.default:g}, as the docstring says. "
                f"Your results are those of {other:g}."
            )
    return hints


def _settings_ignored(exercise: Exercise, case: Case, right: dict) -> dict[str, dict]:
    """What code shows that does not read a setting, or has another default for it."""
    found = {}
    for name, setting in exercise.settings.items():
        with _place(exercise, f"settings[{name!r}]", case):
            given = setting.given(name, case.inputs)
            if given is None:
                tried = {
                    f"default:{name}:{number}" if number else f"default:{name}": other
                    for number, other in enumerate(setting.others)
                }
            else:
                tried = {f"unread:{name}": setting.default}
            for identity, value in tried.items():
                if given == value:
                    continue
                other = Case(case.name, case.points, **setting.put(name, case.inputs, value))
                shown = {n: expected(v, exercise).value for n, v in
                         reference(exercise, other).items()}  # fmt: skip
                found[identity] = {
                    n: v for n, v in shown.items() if n in right and not same(v, right[n])
                }  # fmt: skip
    return found


def reference(exercise: Exercise, case: Case) -> dict:
    """The reference's observations of a case, in full single precision on CUDA too."""
    torch = sys.modules.get("torch")
    tf32 = torch is not None and torch.backends.cudnn.allow_tf32
    if tf32:
        torch.backends.cudnn.allow_tf32 = False
    try:
        with _place(exercise, "reference", case):
            return _named(exercise.reference(**plain(case.inputs)), exercise, "reference")
    finally:
        if tf32:
            torch.backends.cudnn.allow_tf32 = True


def expected(value, exercise: Exercise) -> Expected:
    if isinstance(value, Expected):
        rtol, atol = plain(value.rtol), plain(value.atol)
        return replace(value, value=arrays_only(plain(value.value)), rtol=rtol, atol=atol)
    return Expected(arrays_only(plain(value)), exercise.rtol, exercise.atol)


def question_text(kind: type[Question], seed: int = PRACTICE_SEED) -> str:
    """A question's Markdown with the numbers, and the order of choices, of a seed."""
    question = kind()
    (case,) = build_cases(question, seed)
    return choices.text(question, seed, case.inputs)


# What crosses to the learner's process.


@functools.cache
def portable(function) -> str:
    """The source of `function` with the imports it needs: it runs where its module does not exist.

    Raises TypeError when it uses anything that cannot be imported there.
    """
    source = textwrap.dedent(inspect.getsource(function))
    imports = []
    for name in sorted(_globals_used(function.__code__)):
        if name not in function.__globals__:
            continue
        value = function.__globals__[name]
        if isinstance(value, types.ModuleType):
            home, line = value.__name__, f"import {value.__name__} as {name}"
        else:
            home = getattr(value, "__module__", None) or ""
            line = f"from {home} import {getattr(value, '__qualname__', name)} as {name}"
        if not home or home.startswith("autograder") or home == function.__module__:
            raise TypeError(
                f"{function.__qualname__} uses {name}, which does not exist beside the learner's "
                "code. Import what it needs from course_utils, numpy or torch."
            )
        imports.append(line)
    return "\n".join([*imports, source])


def _globals_used(code: types.CodeType) -> set[str]:
    used = {i.argval for i in dis.get_instructions(code) if i.opname == "LOAD_GLOBAL"}
    return used.union(*[_globals_used(c) for c in code.co_consts if isinstance(c, types.CodeType)])


def program(kind: type[Exercise], seed: int = PRACTICE_SEED) -> dict:
    """All that observing an exercise takes, as plain data: no answer is in it."""
    return _program(kind, int(seed))


@functools.lru_cache(maxsize=512)
def _program(kind: type[Exercise], seed: int) -> dict:
    needed = [registered(name) for name in kind.all_needs()]
    theirs = [signature for each in (kind, *needed) for signature in each.signatures]
    # A missing relu_forward is not the relu_backward that stands beside it in the notebook.
    beside = [e for e in REGISTRY.values() if e.notebook == kind.notebook]
    cases = build_cases(kind(), seed)
    meant = {}
    if issubclass(kind, Question) and seed == PRACTICE_SEED:
        meant = choices.order(kind(), seed, cases[0].inputs)
    return {
        "exercise": kind.name,
        "observe": portable(kind.observe),
        "signatures": [[s.name, list(s.parameters), s.required, list(s.returns)] for s in theirs],
        "wanted": list(kind.wanted()),
        "taken": [name for e in beside for name in e.wanted()],
        "modifies": list(kind.modifies),
        "meant": meant,
        "once": kind.takes_seconds,
        "growth": dict(kind.growth[0]) if kind.growth else {},
        "cases": [
            {
                "name": case.name,
                "inputs": {n: v for n, v in case.inputs.items() if n not in kind.kept_back},
            }
            for case in cases
        ],
    }
