"""What an exercise is: cases, what is looked at, the reference and the mistakes people make.

An exercise is one class; nothing anywhere else repeats what it says. Judging is in `judge`,
running learners' code in `observing`; here is no deep learning.
"""

from __future__ import annotations

import ast
import dis
import functools
import inspect
import os
import sys
import textwrap
import types
import zlib
from dataclasses import dataclass, field
from importlib import import_module

import numpy as np

from autograder.plain import arrays_only, plain

PRACTICE_SEED = 0


class Case:
    """One set of inputs, with a name the learner reads and the points it is worth.

    Its own arguments are positional-only, so that an input may have any name.
    """

    def __init__(self, name: str, points: float, /, **inputs):
        self.name, self.points, self.inputs = name, points, inputs


@dataclass(frozen=True, eq=False)
class Expected:
    """A right value and how far from it an answer may be.

    An answer is right within `atol + rtol * abs(value)`; where both are None, torch.testing's
    tolerances for the dtype hold. `margin` is how many tolerances a mistake must keep away.
    """

    value: object
    rtol: float | None = None
    atol: float | None = None
    margin: float = 10.0


def near(value, *, rtol: float, atol: float) -> Expected:
    """A right value with a tolerance of its own."""
    return Expected(plain(value), rtol, atol)


def statistic(value, standard_error) -> Expected:
    """A right value that an honest answer meets only on average.

    Judged at six standard errors; a mistake must be twelve away, so that either side is
    taken for the other less than once in 10**8.
    """
    return Expected(plain(value), 0.0, plain(np.multiply(6.0, standard_error)), margin=2.0)


@dataclass(frozen=True)
class raises:  # noqa: N801 - reads as a verb in a mistake: {"out": raises("IndexError")}
    """What a mistake shows that makes the code stop with an exception of this type."""

    type_name: str


def mistake(function):
    """Mark a method as a known mistake: its docstring is the hint, its result what it shows.

    It takes `right` (the right observations) and the case's inputs, and returns only what is
    different, as a dict, or None where the mistake does not show.
    """
    if not (function.__doc__ or "").strip():
        raise TypeError(f"mistake {function.__name__} needs a docstring: it is the hint")
    function.is_mistake = True
    return function


@dataclass(frozen=True)
class Signature:
    """How a learner's function is called: `conv(x, w) -> out, cache`."""

    name: str
    parameters: tuple[str, ...]
    required: int
    returns: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Signature:
        call, _, returned = text.partition("->")
        call = call.strip()
        if "(" not in call:
            return cls(call, (), 0, ())
        arguments = ast.parse(f"def {call}: pass").body[0].args
        names = tuple(a.arg for a in [*arguments.posonlyargs, *arguments.args])
        returns = tuple(name.strip() for name in returned.split(",") if name.strip())
        return cls(call[: call.index("(")], names, len(names) - len(arguments.defaults), returns)

    def __str__(self):
        return f"{self.name}({', '.join(self.parameters)})"


REGISTRY: dict[str, type[Exercise]] = {}


class Exercise:
    """The base of all exercises. The class name is the exercise's name.

    Attributes
    ----------
    signature : str or tuple of str
        What the learner writes, e.g. ``"relu_forward(x) -> out, cache"``. More than one value
        after the arrow is checked; without an arrow the return value is not.
    needs : tuple of str
        Exercises that must be right first; their functions may be called by `observe` too.
    modifies : tuple of str
        Inputs that the learner's code may change.
    uses_global_random : bool
        Whether the learner's code may draw from global random state (seeded before each case).
    warning_free : bool
        Whether a warning raised by the learner's code is a finding.
    library : {"numpy", "torch", "any"}
        What the exercise is to be written with; a torch tensor is no answer in a numpy one.
    minutes, difficulty, extra, hints
        For the notebook: how long, 1 to 3, whether it is beyond the core, staged hints.
    hidden_seed : bool
        Whether a class's hidden tests draw other inputs.
    tells_right : bool
        Whether the right value may be shown beside a wrong one; not where it is the answer.
    rtol, atol : float, optional
        A tolerance for every observation that declares none of its own.
    """

    signature: str | tuple[str, ...] = ""
    needs: tuple[str, ...] = ()
    modifies: tuple[str, ...] = ()
    uses_global_random = False
    warning_free = False
    library = "numpy"
    minutes = 10
    difficulty = 1
    extra = False
    hidden_seed = True
    tells_right = True
    hints: tuple[str, ...] = ()
    rtol: float | None = None
    atol: float | None = None
    notebook: str | None = None

    def __init_subclass__(cls, abstract: bool = False, **kwargs):
        super().__init_subclass__(**kwargs)
        if abstract:
            return
        cls.name = cls.__name__
        cls.notebook = getattr(sys.modules[cls.__module__], "NOTEBOOK", None)
        texts = cls.signature or cls.name
        texts = (texts,) if isinstance(texts, str) else tuple(texts)
        cls.signatures = tuple(Signature.parse(text) for text in texts)
        REGISTRY[cls.name] = cls

    # What an author writes.

    def cases(self, rng: np.random.Generator):
        """Yield `Case`s of plain data on which mistakes cannot hide."""
        raise NotImplementedError

    def observe(self, code, **inputs) -> dict:
        """Call the learner's functions through `code`; return named plain data.

        Runs beside the learner's code: it may use its arguments and importable modules only.
        """
        raise NotImplementedError

    def read(self, seen: dict, **inputs) -> dict:
        """Turn raw observations into the values that are judged; runs in the judge."""
        return seen

    def reference(self, **inputs) -> dict:
        """The right observations, from an independent oracle; runs in the judge."""
        raise NotImplementedError

    # What follows from it.

    @property
    def device(self) -> str:
        """Where references run: CUDA when it is there and COURSE_DEVICE does not say cpu."""
        return oracle_device()

    @classmethod
    def mistakes(cls) -> dict[str, types.FunctionType]:
        """Every mistake by its id, inherited ones first."""
        found = {}
        for base in reversed(cls.__mro__):
            for name, value in vars(base).items():
                if getattr(value, "is_mistake", False):
                    found[name] = value
        return found

    @classmethod
    def title(cls) -> str:
        return inspect.cleandoc(cls.__doc__ or cls.name).splitlines()[0]

    @classmethod
    def wanted(cls) -> tuple[str, ...]:
        """The names of the functions that this exercise asks for."""
        return tuple(signature.name for signature in cls.signatures)

    @classmethod
    def all_needs(cls) -> tuple[str, ...]:
        """The exercises that must be right first, in the order in which they build."""
        order: list[str] = []
        for name in cls.needs:
            order += [n for n in (*find(name).all_needs(), name) if n not in order]
        return tuple(order)


class Question(Exercise, abstract=True):
    """An exercise whose observation is an answer: the variable that bears the question's name.

    Its one case carries the numbers, `text` words the question with them, `reference` gives
    ``{"answer": ...}`` (a choice such as "b", or a number) and the distractors are mistakes.
    An answer is for the numbers that were shown, so hidden tests never draw others.
    """

    library = "any"
    minutes = 2
    hidden_seed = False
    tells_right = False

    def text(self, **inputs) -> str:
        """The question as Markdown."""
        raise NotImplementedError

    def observe(self, code, **inputs):
        answer = code.answer
        return {"answer": answer.strip().lower() if isinstance(answer, str) else answer}


def oracle_device() -> str:
    if os.environ.get("COURSE_DEVICE"):
        return os.environ["COURSE_DEVICE"]
    torch = sys.modules.get("torch")
    return "cuda" if torch is not None and torch.cuda.is_available() else "cpu"


# Looking exercises up.


@dataclass(frozen=True)
class Listed:
    """One line of the list of exercises."""

    name: str
    notebook: str
    points: float
    title: str
    extra: bool
    minutes: int
    difficulty: int


def load_all() -> None:
    """Import every module of exercises; each registers its classes."""
    for room in import_module("autograder.exercises").ROOMS:
        import_module(f"autograder.exercises.{room}")


def find(name: str) -> type[Exercise]:
    """The exercise called `name`; KeyError with the nearest names when there is none."""
    if name not in REGISTRY:
        load_all()
    if name not in REGISTRY:
        import difflib

        nearest = difflib.get_close_matches(name, REGISTRY, n=3)
        hint = f" Did you mean {' or '.join(nearest)}?" if nearest else ""
        raise KeyError(f"There is no exercise called {name}.{hint}")
    return REGISTRY[name]


def exercises(notebook: str | None = None) -> list[Listed]:
    """All exercises in the order of the course, or those of one notebook."""
    load_all()
    rooms = import_module("autograder.exercises").ROOMS
    place = {f"autograder.exercises.{room}": number for number, room in enumerate(rooms)}
    shipped = [exercise for exercise in REGISTRY.values() if exercise.__module__ in place]
    shipped.sort(key=lambda exercise: place[exercise.__module__])
    return [
        Listed(e.name, e.notebook, points(e.name), e.title(), e.extra, e.minutes, e.difficulty)
        for e in shipped
        if notebook in (None, e.notebook)
    ]


@functools.cache
def points(name: str) -> float:
    """What the exercise's cases are worth together."""
    return float(sum(case.points for case in build_cases(find(name)(), PRACTICE_SEED)))


# Answer keys.


def build_cases(exercise: Exercise, seed: int) -> list[Case]:
    """The cases for a seed, always the same; case names are unique."""
    rng = np.random.default_rng([abs(int(seed)), zlib.crc32(exercise.name.encode())])
    cases = list(exercise.cases(rng))
    for case in cases:
        case.inputs = plain(case.inputs)
    names = [case.name for case in cases]
    if not cases or len(set(names)) < len(names):
        raise ValueError(f"{exercise.name}: cases need different names, and one at least")
    return cases


@dataclass
class KeyedCase:
    """A case with its right observations and what each mistake would show instead."""

    name: str
    points: float
    inputs: dict
    right: dict[str, Expected]
    wrong: dict[str, dict] = field(default_factory=dict)


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

    @property
    def max_points(self) -> float:
        return float(sum(case.points for case in self.cases))


def answer_key(name: str, seed: int = PRACTICE_SEED) -> AnswerKey:
    """The key for an exercise and a seed; built once in a process."""
    return _answer_key(find(name), int(seed), oracle_device())


@functools.lru_cache(maxsize=512)
def _answer_key(kind: type[Exercise], seed: int, device: str) -> AnswerKey:
    exercise = kind()
    keyed = []
    with np.errstate(all="ignore"):
        for case in build_cases(exercise, seed):
            right = {n: expected(v, exercise) for n, v in reference(exercise, case).items()}
            values = {n: e.value for n, e in right.items()}
            wrong = {}
            for identity, show in kind.mistakes().items():
                shown = show(exercise, plain(values), **plain(case.inputs)) or {}
                wrong[identity] = {
                    n: v if isinstance(v, raises) else arrays_only(plain(v))
                    for n, v in shown.items()
                }
                if extra := set(shown) - set(right):
                    raise ValueError(f"{kind.name}.{identity} changes {extra}: not observed")
            keyed.append(KeyedCase(case.name, float(case.points), case.inputs, right, wrong))
    hints = {i: " ".join(m.__doc__.split()) for i, m in kind.mistakes().items()}
    return AnswerKey(
        kind.name, seed, keyed, hints, kind.needs, kind.signatures, tuple(kind.modifies),
        kind.uses_global_random, kind.warning_free, kind.library, kind.extra, kind.tells_right,
    )  # fmt: skip


def reference(exercise: Exercise, case: Case) -> dict:
    """The reference's observations of a case, in full single precision on CUDA too."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.backends.cudnn.allow_tf32:
        return exercise.reference(**plain(case.inputs))
    torch.backends.cudnn.allow_tf32 = False
    try:
        return exercise.reference(**plain(case.inputs))
    finally:
        torch.backends.cudnn.allow_tf32 = True


def expected(value, exercise: Exercise) -> Expected:
    if isinstance(value, Expected):
        return Expected(arrays_only(value.value), value.rtol, value.atol, value.margin)
    return Expected(arrays_only(plain(value)), exercise.rtol, exercise.atol)


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


def program(name: str, seed: int = PRACTICE_SEED) -> dict:
    """All that observing an exercise takes, as plain data: no answer is in it."""
    return _program(find(name), int(seed))


@functools.lru_cache(maxsize=512)
def _program(kind: type[Exercise], seed: int) -> dict:
    theirs = [*kind.signatures, *(s for need in kind.all_needs() for s in find(need).signatures)]
    # A missing relu_forward is not the relu_backward that stands beside it in the notebook.
    beside = [e for e in REGISTRY.values() if e.__module__ == kind.__module__]
    return {
        "exercise": kind.name,
        "observe": portable(kind.observe),
        "signatures": [[s.name, list(s.parameters), s.required, list(s.returns)] for s in theirs],
        "wanted": list(kind.wanted()),
        "taken": [name for e in beside for name in e.wanted()],
        "modifies": list(kind.modifies),
        "cases": [{"name": c.name, "inputs": c.inputs} for c in build_cases(kind(), seed)],
    }
