"""What a viva asks about a student's own work, drawn from the class's seeds and the student's id,
so that the same command gives the same sheet. Questions come from the exercise's own mistakes,
settings, cases and neighbours; none holds a solution. How it is printed is `sheet`'s."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from autograder.exercise import Exercise
from autograder.exercises import find
from autograder.grading.viva.material import Code, Material, Prediction, Written

FUNCTIONS = 2
# A function of fewer lines of its own is drawn only where there is no longer one.
LONG_ENOUGH = 3
# What such a hint says holds of no line of the code that is looked at.
NOT_ASKED = re.compile(r"\b(dtype|float32|float64|single precision|tensor|NaN|warning)\b")


@dataclass(frozen=True)
class Talk:
    """A function, and what to ask about it in this order."""

    code: Code
    title: str
    asks: tuple[str, ...]


@dataclass
class Sheet:
    """What is asked of one student.

    Attributes
    ----------
    missing : sentences on what there is nothing of
    """

    talks: list[Talk] = field(default_factory=list)
    prediction: Prediction | None = None
    written: Written | None = None
    sentence: str = ""  # of the written answer, to begin with
    missing: list[str] = field(default_factory=list)


def generator(seeds: Iterable[int], student: str, draw: int) -> random.Random:
    """Random numbers that a class's hidden seeds, the student and the number of the draw decide:
    who does not know the seeds cannot tell what will be asked."""
    text = "\0".join([*map(str, sorted(seeds)), student, str(draw)])
    return random.Random(hashlib.sha256(text.encode("utf-8", "replace")).digest())


def draw(material: Material, rng: random.Random, find: Callable = find) -> Sheet:
    """A sheet from what there is."""
    made = Sheet()
    codes = list(material.functions)
    rng.shuffle(codes)
    # Longer ones first; among them by lot.
    codes.sort(key=lambda code: own_lines(code) < LONG_ENOUGH)
    made.talks = [talk(code, rng, find) for code in codes[:FUNCTIONS]]
    if len(made.talks) < FUNCTIONS:
        made.missing.append(
            "No function was written." if not made.talks else "Only one function was written."
        )
    shown = [p for p in material.predictions if p.came_out]
    if material.predictions:
        made.prediction = rng.choice(shown or material.predictions)
    else:
        made.missing.append("No prediction was written down in what was handed in.")
    if material.written:
        made.written = rng.choice(material.written)
        made.sentence = rng.choice(sentences(made.written.text) or [""])
    else:
        made.missing.append("No written answer was given.")
    return made


def own_lines(code: Code) -> int:
    return sum(bool(re.match(r"\s+[^\s#]", line)) for line in code.lines)


def talk(code: Code, rng: random.Random, find: Callable) -> Talk:
    """What to ask about one function: what a line does, what a known mistake would change, and
    something around it."""
    try:
        kind = find(code.name)
    except KeyError:  # a teacher's own cell, or an exercise that is no longer in the course
        kind = None
    asks = [line_of(code, rng)]
    if kind is not None:
        asks.append(change(code, kind, rng))
        asks.append(around(kind, rng))
    title = kind.title() if kind is not None else ""
    return Talk(code, title, tuple(filter(None, asks)))


def line_of(code: Code, rng: random.Random) -> str:
    """A line of the student's own, to be explained."""
    plain = re.compile(r"\s*(#|@|def |class |import |from |return$|else:|try:|pass$|[)\]}]+,?$)")
    lines = [
        (number, line.strip()) for number, line in enumerate(code.lines, 1)
        if len(line.strip()) > 8 and not plain.match(line)
    ]  # fmt: skip
    if not lines:
        return "What does this code do, step by step?"
    number, line = rng.choice(lines)
    return (
        f"Line {number}, `{_inline(line)}`: what goes in, with its shape or kind, and what comes "
        "out? What would be different in the result without it?"
    )


def change(code: Code, kind: type[Exercise], rng: random.Random) -> str:
    """What a mistake would change: the one that was made, else one that was not."""
    made = [(n, hint) for n, hint in (code.seen.mistakes if code.seen else ()) if hint]
    known = kind.mistakes()
    own = [hint for name, hint in made if name in known]
    if own:
        return (
            f"The check says of this function: “{_one_line(own[0])}” Which line is meant? What "
            "would you write instead, and which of the other lines would have to follow?"
        )
    hints = [_one_line(m.__doc__ or "") for _, m in sorted(known.items())]
    hints = [hint for hint in hints if not NOT_ASKED.search(hint)] or hints
    if not hints:
        return ""
    return (
        f"Somebody else's function is told: “{rng.choice(hints)}” Which line of yours would have "
        "to be changed, and how, to be told the same? For which inputs would nobody notice?"
    )


def around(kind: type[Exercise], rng: random.Random) -> str:
    """A question beside the code: a setting, an input on which it is tried, a neighbour."""
    ways = []
    for name, setting in sorted(kind.settings.items()):
        ways.append(
            f"`{name}` is {setting.default!r} where nobody says anything else. What changes in the "
            "result when it is made larger, and what when it is 0?"
        )
    # Numbered ones ("layer 7 of 8") tell nothing of what is in them.
    if names := [name for name in _case_names(kind) if not re.search(r"\d of \d|#?\d+$", name)]:
        ways.append(
            f"The check tries this function on a case called “{rng.choice(names)}”. What is "
            "special about such an input, and which of your lines deals with it?"
        )
    for other in kind.needs:
        ways.append(
            f"It builds on `{other}`. What exactly does it take from there, and what would go "
            "wrong here if that were off by a factor of two?"
        )
    return rng.choice(ways) if ways else ""


def _case_names(kind: type[Exercise]) -> list[str]:
    try:
        return sorted({case.name for case in kind().drawn_cases(0)})
    except Exception:  # noqa: BLE001 - an exercise may want what is not installed here
        return []


def sentences(text: str) -> list[str]:
    """The sentences of a written answer that say enough to ask about."""
    parts = re.split(r"(?<=[.!?])\s+", " ".join(text.split()))
    return [part for part in parts if len(part.split()) >= 5 and "|" not in part]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _inline(line: str) -> str:
    line = line.replace("`", "'")
    return line if len(line) <= 90 else line[:90] + " …"
