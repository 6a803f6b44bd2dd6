"""Submissions that resemble each other: in the code and the prose that is the learner's own, and in
what they got wrong. A hint to look, never a verdict: what is said of anybody is left to a person.

Left out is what was given out and what many in the class have; how texts are cut into comparable
pieces is copydetect's (winnowing, Schleimer, Wilkerson and Aiken 2003).
"""

from __future__ import annotations

import io
import itertools
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.grading.pipeline.handed_in.finding import Given
from autograder.grading.pipeline.released import visible

# Pieces of 25 characters, as copydetect has them by itself: a name counts as one letter and a
# comment as none, so that a piece is a line or two. One begins at every letter: winnowing would
# keep others each time, for Python's hashes of texts change from run to run.
PIECE, EVERY = 25, 1
# A piece, or a wrong answer, that more than this share of the class has (but at least so many) is
# the class's, not theirs.
MANY_SHARE, MANY = 0.02, 3
# How many rare pieces two must share, and which share of those of who has fewer. Solutions of one
# notebook that were written independently (the course's and a stranger's) share at most 0.23 before
# anything is left out.
SHARED, SHARE = 80, 0.5
WRONG_ALIKE = 3  # exercises that do not build on each other
PAIRS = 30
SECONDS = 60.0
MOST_TEXT = 60_000  # characters of one submission


@dataclass(frozen=True)
class Pair:
    """Two students. `shared` rare pieces are `share` of the rare ones of who has fewer; both gave
    the same rare wrong answers to the exercises `wrong_alike`."""

    one: str
    other: str
    shared: int
    share: float
    wrong_alike: tuple[str, ...]


@dataclass
class Work:
    """What one learner wrote, without what was given out, and what was wrong about it."""

    code: str = ""
    prose: str = ""
    wrong: frozenset[tuple[str, str]] = field(default_factory=frozenset)  # (exercise, how)


def of_class(coursedir, assignment: str, sources, outcomes) -> tuple[list[Pair], str]:
    """The pairs of an assignment's submissions, as they lie in autograded/, and a sentence on what
    was not looked at ("" for nothing)."""
    wrong = {outcome.student: wrong_answers(outcome) for outcome in outcomes}
    theirs = {source.name: {visible(g.text) for g in source.given} for source in sources}

    def work_of(student: str) -> Work:
        place = coursedir.format_path(coursedir.autograded_directory, student, assignment)
        texts = [own_text(Path(place) / f"{name}.ipynb", theirs[name]) for name in theirs]
        code, prose = ("\n".join(part) for part in zip(*texts, strict=True))
        return Work(code, prose, wrong[student])

    return resembling(sorted(wrong), work_of, [g for s in sources for g in s.given])


def wrong_answers(outcome) -> frozenset[tuple[str, str]]:
    """Each wrong answer of a submission by how it is wrong: its values where they have no name.

    Where an exercise builds on another that is wrong too, that one's alone counts.
    """
    found = {}
    for seen in outcome.exercises:
        if seen.blindspot:
            found[seen.exercise] = seen.blindspot["digest"]
        elif seen.mistakes:
            found[seen.exercise] = " ".join(sorted(name for name, _ in seen.mistakes))
    return frozenset(
        (seen.exercise, found[seen.exercise])
        for seen in outcome.exercises
        if seen.exercise in found and found.keys().isdisjoint(seen.builds_on)
    )


def own_text(path: Path, theirs: set[str]) -> tuple[str, str]:
    """A graded notebook's code and prose that was not given out (`theirs`), in two texts."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError):
        return "", ""
    texts: dict[bool, list[str]] = {True: [], False: []}
    for cell in cells:
        source = "".join(cell["source"])
        locked = cell["metadata"].get("nbgrader", {}).get("locked")
        if not locked and visible(source) not in theirs:
            texts[cell["cell_type"] == "code"].append(source)
    return "\n".join(texts[True]), "\n".join(texts[False])


def resembling(
    students: Sequence[str],
    work_of: Callable[[str], Work],
    given: Iterable[Given] = (),
    seconds: float = SECONDS,
) -> tuple[list[Pair], str]:
    """The pairs that stand out, those with most in common first, and a sentence on what was not
    looked at for want of time."""
    if len(students) < 2:  # nobody to resemble; what compares takes half a second to import
        return [], ""
    ends = time.monotonic() + seconds
    given = list(given)
    theirs = pieces("\n".join(g.text for g in given if g.kind == "code"), code=True)
    theirs |= pieces("\n".join(g.text for g in given if g.kind != "code"), code=False)
    written: dict[str, set[int]] = {}
    wrong: dict[str, frozenset] = {}
    for student in students:
        if time.monotonic() > ends:
            break
        work = work_of(student)
        own = pieces(work.code, code=True) | pieces(work.prose, code=False)
        written[student], wrong[student] = own - theirs, work.wrong
    left = len(students) - len(written)
    note = f"For want of time {left} submissions were not looked at." if left else ""
    return pairs(written, wrong), note


def pieces(text: str, code: bool) -> set[int]:
    """The pieces of a text that are compared: equal numbers stand for equal pieces."""
    text = text[:MOST_TEXT] if code else " ".join(text[:MOST_TEXT].casefold().split())
    if len(text.strip()) < PIECE:
        return set()
    from copydetect import CodeFingerprint

    made = CodeFingerprint("cell.py", PIECE, EVERY, filter=code, fp=io.StringIO(text))
    # Prose and code share no pieces.
    return {int(piece) ^ code for piece in made.hashes}


def pairs(written: Mapping[str, set], wrong: Mapping[str, frozenset]) -> list[Pair]:
    """Who shares what few have; the work grows with the class, not with its square."""
    many = max(MANY, int(MANY_SHARE * len(written)))
    rare, shared = _shared(written, many)
    _, alike = _shared(wrong, many, keep=True)
    found = []
    for two in {*shared, *alike}:
        one, other = two
        count = shared.get(two, 0)
        fewer = min(rare[one], rare[other])
        exercises = tuple(sorted({exercise for exercise, _ in alike.get(two, ())}))
        close = count >= SHARED and count >= SHARE * fewer
        if close or len(exercises) >= WRONG_ALIKE:
            shown = count if close else 0
            found.append(Pair(one, other, shown, shown / fewer if shown else 0.0, exercises))
    found.sort(key=lambda p: (-p.share - 0.1 * len(p.wrong_alike), -p.shared, p.one, p.other))
    return found[:PAIRS]


def _shared(held: Mapping[str, Iterable], many: int, keep: bool = False):
    """How many rare things each has, and of each two who share some how many (`keep`: which)."""
    holders = defaultdict(list)
    for student in sorted(held):
        for thing in held[student]:
            holders[thing].append(student)
    rare, both = Counter(), defaultdict(set) if keep else Counter()
    for thing, who in holders.items():
        if len(who) > many:
            continue
        rare.update(who)
        for two in itertools.combinations(who, 2):
            if keep:
                both[two].add(thing)
            else:
                both[two] += 1
    return rare, both
