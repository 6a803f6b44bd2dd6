"""What the two tests say of a class: how much it gained between them, topic by topic, and how well
each question tells those who know from those who do not. Numbers only; `report` shows them."""

from __future__ import annotations

import numpy as np

from autograder.authoring.build.quizzes import GRADED, POST, PRE
from autograder.exercises import find
from autograder.learning.self_test import normalized_gain

# With fewer students a correlation, or a class's gain, is mostly chance.
FEWEST = 5

Shares = dict[str, dict[str, float]]  # student → question → points, of one


def report(book, assignment: str) -> dict | None:
    """What `course grade` says besides of a test, as plain data; None of any other assignment.

    Parameters
    ----------
    book : the class's gradebook (`gradebook.Book`)
    """
    if assignment not in (PRE.name, POST.name):
        return None
    own = answered(book.marks(assignment))
    made = {"questions": questions(own)}
    if assignment == POST.name:
        made["gain"] = gains(answered(book.marks(PRE.name)), own)
    return made


def answered(marks: dict[str, dict[str, float | None]]) -> Shares:
    """The questions' points of everybody who has some marks, by student and question."""
    found: Shares = {}
    for student, cells in marks.items():
        points = {
            cell.removeprefix(GRADED): float(given)
            for cell, given in cells.items()
            if cell.startswith(GRADED) and given is not None
        }
        if points:
            found[student] = points
    return found


def questions(shares: Shares) -> dict:
    """Each question's difficulty and discrimination.

    Returns ``{"n", "note", "items"}``; an item has ``question``, ``topic``, ``share_right`` (its
    difficulty, 1 where all are right), and ``discrimination``: the point-biserial correlation of
    the question with the points of all other questions, or None with a ``note``.
    """
    names = list(dict.fromkeys(name for points in shares.values() for name in points))
    table = np.array([[shares[s].get(n, 0.0) for n in names] for s in sorted(shares)])
    told = len(shares) >= FEWEST
    items = []
    for column, name in enumerate(names):
        item = table[:, column]
        rest = table.sum(axis=1) - item
        why = ""
        if np.ptp(item) == 0:
            why = f"all {'right' if item[0] else 'wrong'}"
        elif np.ptp(rest) == 0:
            why = "the other questions tell nobody from anybody"
        correlation = None if why or not told else float(np.corrcoef(item, rest)[0, 1])
        items.append({
            "question": name, "topic": topic(name), "share_right": float(item.mean()),
            "discrimination": correlation, "note": why,
        })  # fmt: skip
    return {"n": len(shares), "note": "" if told else too_few(len(shares)), "items": items}


def gains(pre: Shares, post: Shares) -> dict:
    """The class's normalised gain by topic: (post - pre) / (1 - pre) of its mean shares.

    Of those who took both tests, and of the questions that both asked. A topic in which nothing
    was left to gain has None, with a ``note``.
    """
    both = sorted(set(pre) & set(post))
    made = {"n": len(both), "pre_only": len(set(pre) - set(post)),
            "post_only": len(set(post) - set(pre)), "note": "", "topics": []}  # fmt: skip
    if not pre:
        made["note"] = f"nobody has marks in {PRE.name}: to see a gain, grade it too"
    elif len(both) < FEWEST:
        made["note"] = too_few(len(both), "who took both tests")
    if made["note"]:
        return made
    topics: dict[str, list[str]] = {}
    for name in dict.fromkeys(name for student in both for name in post[student]):
        if any(name in pre[student] for student in both):
            topics.setdefault(topic(name), []).append(name)
    everything = [name for named in topics.values() for name in named]
    for title, named in [*topics.items(), ("all", everything)]:
        before, after = (
            float(np.mean([[test[s].get(n, 0.0) for n in named] for s in both]))
            for test in (pre, post)
        )
        gained = normalized_gain(before, after)
        made["topics"].append({
            "topic": title, "questions": len(named), "pre": before, "post": after,
            "gain": gained,
            "note": "all right before the course: nothing was left to gain" * (gained is None),
        })  # fmt: skip
    return made


def too_few(number: int, which: str = "who took it") -> str:
    """Why there is no number."""
    students = {0: "is nobody", 1: "is one student"}.get(number, f"are {number} students")
    return f"there {students} {which}; fewer than {FEWEST} are too few to tell"


def topic(question: str) -> str:
    """The notebook that a question belongs to."""
    try:
        return find(question).notebook or "no notebook"
    except KeyError:
        return "no longer in the course"
