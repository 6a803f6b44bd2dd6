"""What an exercise is: cases, what is looked at, the reference and the mistakes people make.

An exercise is one class; nothing anywhere else repeats what it says. What follows from it as data
is in `keys`, judging in `judge`, running learners' code in `observing`; here is no deep learning.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import inspect
import os
import sys
import types
import zlib
from dataclasses import dataclass

import numpy as np

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
    `any_width` lets an answer have more or fewer bits than the value. With `nothing_at` the value
    is one to be reached, see `reaching`.
    """

    value: object
    rtol: float | None = None
    atol: float | None = None
    margin: float = 10.0
    any_width: bool = False
    nothing_at: float | None = None

    def earned(self, seen: float) -> float:
        """The share of a case's points for a number that is to reach the value, from 0 to 1."""
        way = (seen - self.nothing_at) / (self.value - self.nothing_at)
        return float(min(max(way, 0.0), 1.0))


def near(value, *, rtol: float, atol: float) -> Expected:
    """A right value with a tolerance of its own."""
    return Expected(value, rtol, atol)


def reaching(value: float, *, nothing_at: float) -> Expected:
    """A number that is to come as far as `value`, or further.

    On the way there from `nothing_at`, which may lie on either side, it earns its share of the
    case's points; beyond the value it earns nothing more.
    """
    return Expected(float(value), 0.0, 0.0, nothing_at=float(nothing_at))


def statistic(value, standard_error) -> Expected:
    """A right value that an honest answer meets only on average.

    Judged at six standard errors; a mistake must be twelve away, so that either side is
    taken for the other less than once in 10**8.
    """
    return Expected(value, 0.0, np.multiply(6.0, standard_error), margin=2.0)


@dataclass(frozen=True)
class raises:  # reads as a verb in a mistake: {"out": raises("IndexError")}
    """What a mistake shows that makes the code stop with an exception of this type.

    `says` is a part of the exception's message. Give it wherever code can stop with this type for
    another reason too, as with a RuntimeError of torch: else that reason gets this mistake's name.
    """

    type_name: str
    says: str = ""

    def covers(self, seen) -> bool:
        """Whether what was seen is an exception of this type that says this."""
        if not isinstance(seen, raises) or seen.type_name != self.type_name:
            return False
        return self.says in seen.says


def mistake(function=None, /, *, claims: tuple[str, ...] | None = None):
    """Mark a method as a known mistake: its docstring is the hint, its result what it shows.

    It takes `right` (the right observations) and the case's inputs, and returns only what is
    different, as a dict, or None where the mistake does not show.

    `claims` names the observations of which the hint says that they are right ("the values are
    right, but ..."): it is said only where they are, in every case in which the mistake shows.
    """
    if function is None:
        return functools.partial(mistake, claims=claims)
    if not (function.__doc__ or "").strip():
        raise TypeError(f"mistake {function.__name__} needs a docstring: it is the hint")
    function.is_mistake = True
    function.claims = claims
    return function


@dataclass(frozen=True)
class Setting:
    """A number that an input gives, and its default where the input leaves it out.

    Each setting brings two mistakes that nobody has to write: it is not read, so that the default
    is taken although another number is given; and the default is one of `others`. Both are the
    reference's own results for another number.

    Attributes
    ----------
    default : the docstring's
    others : what people take instead, as other frameworks have it
    inside : the input that is a dict with this setting in it; "" where it is an input itself
    """

    default: object
    others: tuple = ()
    inside: str = ""

    def given(self, name: str, inputs: dict):
        """What a case's inputs say of it; None where they leave it out."""
        held = inputs.get(self.inside) if self.inside else inputs
        return held.get(name) if isinstance(held, dict) else None

    def put(self, name: str, inputs: dict, value) -> dict:
        """The inputs with another number in its place."""
        if not self.inside:
            return {**inputs, name: value}
        return {**inputs, self.inside: {**inputs[self.inside], name: value}}


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
    uses_global_random, warning_free : bool
        Whether the learner's code may draw from global random state (seeded before each case), and
        whether a warning that it raises is a finding.
    counted : tuple of str
        Observations that are counters kept beside the learner's code, which could forge them: a
        case has another observation besides, and a class's report says what rests on them.
    library : {"numpy", "torch", "any"}
        What the exercise is to be written with; a torch tensor is no answer in a numpy one.
    minutes, difficulty, extra, hints
        For the notebook: how long, 1 to 3, whether it is beyond the core, staged hints.
    reads : dict of str to str
        How an observation reads where its name is not one of the function's own results: a phrase
        ("your loss in training mode"), or a sentence with {seen} and {right} in it.
    any_width : tuple of str
        Observations whose dtype no docstring states: float32 is as good as float64.
    settings : dict of str to Setting
        Numbers that an input gives and that the docstring has a default for; see `Setting`.
    growth : pair of dict of str to int
        Inputs that may be multiplied by a number, each by a power of it, and the powers by which
        observations are then: ``{"dout": 1}, {"dx": 1}``. Tried with very large and small ones.
    hidden_seed : bool
        Whether a class's hidden tests draw other inputs.
    kept_back : tuple of str
        Inputs that stay with the judge, such as the labels of sealed pictures: `observe` is not
        given them; `read`, `reference` and mistakes are. A class draws 128 bits for its seed.
    tells_right : bool
        Whether the right value may be shown beside a wrong one; not where it is the answer.
    takes_seconds : bool
        Whether it trains nets: a class then grades it without practice's numbers, each case once.
    by_score : bool
        Whether code that does as well is as right: `course verify` then tries no mutants.
    unsolved : str
        Why no solution is shown, and what helps instead; where each learner has an answer apart.
    practised : str
        What is said besides where practice looks at less than a class does, and all is right.
    rtol, atol : float, optional
        A tolerance for every observation that declares none of its own.
    """

    signature: str | tuple[str, ...] = ""
    needs: tuple[str, ...] = ()
    modifies: tuple[str, ...] = ()
    uses_global_random = False
    warning_free = False
    counted: tuple[str, ...] = ()
    reads: dict[str, str] = {}
    any_width: tuple[str, ...] = ()
    settings: dict[str, Setting] = {}
    growth: tuple[dict[str, int], dict[str, int]] | None = None
    library = "numpy"
    minutes, difficulty, extra = 10, 1, False
    hidden_seed = True
    kept_back: tuple[str, ...] = ()
    tells_right, takes_seconds, by_score = True, False, False
    unsolved, practised = "", ""
    hints: tuple[str, ...] = ()
    rtol, atol, notebook = None, None, None

    def __init_subclass__(cls, abstract: bool = False, **kwargs):
        super().__init_subclass__(**kwargs)
        if abstract:
            return
        cls.name = cls.__name__
        # A folder of exercises says it for all its rooms.
        homes = (cls.__module__, cls.__module__.rpartition(".")[0])
        said = (getattr(sys.modules.get(home), "NOTEBOOK", None) for home in homes)
        cls.notebook = next(filter(None, said), None)
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
        """Turn raw observations into the values that are judged; runs in the judge.

        A student's kit holds its code. What would tell a learner how to solve the exercise
        belongs into `aid`, whose results it is given besides the inputs.
        """
        return seen

    def aid(self, **inputs) -> dict:
        """What `read` needs to know besides, as plain data; it travels in the answer key."""
        return {}

    def reference(self, **inputs) -> dict:
        """The right observations, from an independent oracle; runs in the judge."""
        raise NotImplementedError

    # What follows from it.

    def drawn_cases(self, seed: int) -> list[Case]:
        """The cases for a seed, always the same."""
        rng = np.random.default_rng([abs(int(seed)), zlib.crc32(self.name.encode())])
        return list(self.cases(rng))

    @property
    def device(self) -> str:
        """Where references run: where COURSE_DEVICE says, else on CUDA when it is there."""
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
            order += [n for n in (*registered(name).all_needs(), name) if n not in order]
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
        if isinstance(answer, str):
            answer = answer.strip().lower()
            if answer[:1] in tuple("+-.0123456789"):  # a number in quotes
                with contextlib.suppress(ValueError):
                    answer = float(answer)
        return {"answer": answer}


def oracle_device() -> str:
    if os.environ.get("COURSE_DEVICE"):
        return os.environ["COURSE_DEVICE"]
    torch = sys.modules.get("torch")
    return "cuda" if torch is not None and torch.cuda.is_available() else "cpu"


@contextlib.contextmanager
def oracle_on(device: str):
    """References run on `device` meanwhile."""
    kept = os.environ.get("COURSE_DEVICE")
    os.environ["COURSE_DEVICE"] = device
    try:
        yield
    finally:
        del os.environ["COURSE_DEVICE"]
        os.environ.update({} if kept is None else {"COURSE_DEVICE": kept})


def registered(name: str) -> type[Exercise]:
    """The exercise called `name` among those loaded; KeyError with the nearest names."""
    if name not in REGISTRY:
        raise KeyError(f"There is no exercise called {name}.{did_you_mean(name, REGISTRY)}")
    return REGISTRY[name]


def did_you_mean(name: str, names) -> str:
    """A question, behind a blank, with names spelt alike or beginning so; empty without any."""
    import difflib

    alike = difflib.get_close_matches(name, names, n=3)
    begins = sorted(n for n in names if len(name) > 2 and n.startswith(f"{name}_"))
    nearest = list(dict.fromkeys([*begins, *alike]))[:3]
    return f" Did you mean {' or '.join(nearest)}?" if nearest else ""
