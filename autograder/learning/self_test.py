"""`score()`: what somebody who learns alone knew before the course, and after it, topic by topic. A
class's gain is `grading.reports.gain`'s."""

from __future__ import annotations

import html
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from autograder.exercise import Question
from autograder.judging.verdict import scrolling
from autograder.learning import attempts, progress_file
from autograder.learning.catalogue import shelf
from autograder.learning.kit import Kit
from autograder.learning.practice import grade

Counts = dict[str, tuple[int, int]]  # topic → right, asked


@dataclass(frozen=True)
class Score:
    """How much of a test is right.

    Attributes
    ----------
    test : the test's notebook
    now : right and asked, by topic (the notebook that a question comes from)
    open : how many questions have no answer
    before : the same topics in an earlier test; empty where there was none
    note : why the earlier test says nothing, or why this one is not kept
    """

    test: str
    now: Counts
    open: int = 0
    before: Counts | None = None
    note: str = ""

    @property
    def head(self) -> str:
        right, asked = total(self.now)
        left = f"; {self.open} without an answer" if self.open else ""
        return f"{right} of {asked} right{left}."

    @property
    def gained(self) -> str:
        """A sentence on both tests; empty where there is only one."""
        both = {topic: counts for topic, counts in self.now.items() if topic in (self.before or {})}
        if not both:
            return ""
        (now, of_now), (then, of_then) = total(both), total({t: self.before[t] for t in both})
        gain = normalized_gain(then / of_then, now / of_now)
        told = "" if gain is None else (
            f" Of what was left to learn you gained {gain:.0%}."
            if gain >= 0 else " That is less than before: the topics below say where."
        )  # fmt: skip
        return f"Before the course: {then} of {of_then} right; now {now} of {of_now}.{told}"

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        """Each topic with its counts before and now, as words."""
        return [
            (topic.replace("_", " "), words((self.before or {}).get(topic)), words(counts))
            for topic, counts in self.now.items()
        ]

    def __repr__(self) -> str:
        width = max(len(topic) for topic, _, _ in self.rows)
        lines = [line for line in (self.head, self.gained, self.note) if line]
        for topic, then, now in self.rows:
            lines.append(f"  {topic:{width}}  " + (f"{then:>8} → {now}" if self.before else now))
        return "\n".join(lines)

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        return {"text/plain": repr(self), "text/html": self.to_html()}

    def to_html(self) -> str:
        """A block that takes its colours from the page it stands in."""
        said = "".join(
            f"<p style='margin:.4em 0 0'>{html.escape(line)}</p>"
            for line in (self.gained, self.note) if line
        )  # fmt: skip
        heads = ["Topic", *(["Before"] if self.before else []), "Now", ""]
        head = "".join(f"<th scope='col' style='text-align:left'>{text}</th>" for text in heads)
        body = ""
        for (topic, then, now), (right, asked) in zip(self.rows, self.now.values(), strict=True):
            cells = [html.escape(topic), *([then] if self.before else []), now]
            row = "".join(f"<td style='text-align:left'>{cell}</td>" for cell in cells)
            # The words say it already; a bar is for the eye.
            squares = "■" * right + "□" * (asked - right)
            bar = f"<td aria-hidden='true' style='text-align:left'>{squares}</td>"
            body += f"<tr>{row}{bar}</tr>"
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        return (
            "<div role='region' aria-label='Your score' class='course-score' "
            "style='border-left:4px solid currentColor;padding:.4em .8em;margin:.4em 0'>"
            f"<strong>{html.escape(self.head)}</strong>{said}"
            f"{scrolling(table, 'Topics')}</div>"
        )


def score(test: str, seed: int, before: str | None = None) -> Score | None:
    """Count the right answers of a test, topic by topic; which they are is not said.

    Parameters
    ----------
    test : the test's notebook, "98_pretest"
    seed : what its questions were asked with
    before : an earlier test to compare with

    Prints a sentence, and gives None, where there is nothing to count or a teacher counts. The
    counts are kept in the progress file.
    """
    if "NBGRADER_EXECUTION" in os.environ:
        return None
    if isinstance(shelf(), Kit):
        print("Your teacher scores this test.")
        return None
    caller = sys._getframe(1)
    answers = answers_in({**caller.f_globals, **caller.f_locals})
    if not any(is_answer(value) for value in answers.values()):
        print("No question has an answer yet. Answer some, run all cells, and come back here.")
        return None
    counts: Counts = {}
    for name in answers:
        topic = shelf().notebook(name) or ""
        right, asked = counts.get(topic, (0, 0))
        counts[topic] = right + bool(grade(name, answers, seed)), asked + 1
    left = sum(not is_answer(value) for value in answers.values())
    attempts.record_test(test, counts)
    kept = progress_file.tests_known()
    note = ""
    if before and before not in kept:
        note = f"There is no score of {before} here: with one, this shows what you gained."
    return Score(test, counts, left, kept.get(before), note)


def answers_in(namespace: Mapping) -> dict[str, object]:
    """The questions of the course whose names stand for something in a notebook."""
    from autograder.exercises import find  # a kit has none

    return {
        listed.name: namespace[listed.name]
        for listed in shelf().exercises()
        if listed.name in namespace and issubclass(find(listed.name), Question)
    }


def is_answer(value: object) -> bool:
    return value is not None and value is not ...


def total(counts: Counts) -> tuple[int, int]:
    """Right and asked, of all topics."""
    return sum(right for right, _ in counts.values()), sum(asked for _, asked in counts.values())


def words(counts: tuple[int, int] | None) -> str:
    return "not asked" if counts is None else f"{counts[0]} of {counts[1]}"


def normalized_gain(before: float, after: float) -> float | None:
    """What was gained of what was left to gain; None where nothing was left.

    Parameters
    ----------
    before, after : shares of right answers, from 0 to 1

    R. R. Hake, "Interactive-engagement versus traditional methods", Am. J. Phys. 66, 64 (1998).
    """
    return None if before >= 1.0 else (after - before) / (1.0 - before)
