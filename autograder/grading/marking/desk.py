"""What the page asks for, as plain data for JSON: questions, everybody's answers, marks. Requests
and their safety are `server`'s."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import click

from autograder.grading.classroom import sections
from autograder.grading.classroom.configuration import load_config
from autograder.grading.marking import answers, questions, showing
from autograder.grading.marking.bank import Bank, Comment, NotKept
from autograder.grading.marking.marks import Listed, Mark, Marks, NotStored
from autograder.grading.marking.questions import Question
from autograder.grading.pipeline.gradebook import Book
from autograder.grading.pipeline.record import kept_outcomes
from autograder.grading.reports.page.render import lateness

UNSEEN = "needs a look, as course grade says; show names to read why"


class Desk:
    """An assignment's written answers, to be marked.

    Parameters
    ----------
    folder : the class
    question : the one to begin with, by its cell; None for the first
    wait : seconds that a gradebook in somebody else's hands is waited for at the start
    section : mark those of this one alone; "" for the whole class

    Raises ClickException where there is no such class, assignment, question or section.
    """

    def __init__(
        self,
        folder: Path,
        assignment: str,
        question: str | None = None,
        wait: float = 60.0,
        section: str = "",
    ):
        self.folder, self.assignment = Path(os.path.abspath(folder)), assignment
        config = load_config(self.folder)
        self.section = section
        self._inside = sections.chosen(self.folder, section) if section else None
        book = Book(self.folder, config, assignment, lambda said: click.echo(said, err=True), wait)
        try:
            self._coursedir, sources = book.coursedir, book.assignment().sources
        finally:
            book.close()
        source = self._coursedir.format_path(self._coursedir.source_directory, ".", assignment)
        self.questions = questions.read(sources, Path(source))
        self.first = questions.chosen(self.questions, question, assignment)
        self._bank = Bank(self.folder, assignment)
        self._marks = Marks(config, assignment)
        self._listed: dict[str, tuple[Question, Listed]] = {}
        self._looks: dict[str, list[str]] = {}  # student → what course grade asks to look at

    def close(self) -> None:
        self._marks.close()

    def all(self) -> dict:
        """What there is to mark, question by question."""
        told = []
        for question in self.questions:
            listed = self._answers(question)
            told.append({"title": question.title, "answers": len(listed),
                         "waiting": sum(one.mark.waits for one in listed)})  # fmt: skip
        course = str(self._coursedir.course_id or self.folder.name)
        return {"assignment": self.assignment, "course": course, "section": self.section,
                "first": self.first, "questions": told}  # fmt: skip

    def question(self, number: int, names: bool = False) -> dict:
        """One question, everybody's marks for it, and its comments. Without `names`, nothing says
        whose an answer is."""
        question = self._question(number)
        listed = answers.shuffled(self._answers(question), question)
        self._looks = answers.looks(kept_outcomes(self._coursedir, self.assignment))
        self._listed |= {one.identity: (question, one) for one in listed}
        return {
            "title": question.title, "most": question.max_points,
            "statement": showing.prose(question.statement) if question.statement else "",
            "model": _shown(question, question.model) if question.model else "",
            "answers": [
                {"id": one.identity, **_mark(one.mark)} | ({"name": one.name} if names else {})
                for one in listed
            ],
            **self.comments(number, listed),
        }  # fmt: skip

    def comments(self, number: int, listed: list[Listed] | None = None) -> dict:
        """The question's reusable comments, each with how many were told it; `note` says what is
        wrong with their file."""
        question = self._question(number)
        if listed is None:
            listed = self._answers(question)
        told = Counter(line for one in listed for line in set(_lines(one.mark.comment)))
        kept, note = self._kept(question)
        return {"comments": [asdict(c) | {"told": told[c.text]} for c in kept], "note": note}

    def _kept(self, question: Question) -> tuple[list[Comment], str]:
        try:
            return self._bank.comments(question), ""
        except NotKept as problem:
            return [], str(problem)

    def answer(self, identity: str, names: bool = False) -> dict:
        """One answer as the page shows it, its mark and the question's comments of now, and hints.
        Raises NotStored where it is gone."""
        question, listed = self._found(identity)
        read = answers.read(self._coursedir, self.assignment, listed.student, question)
        hints = list(read.hints)
        if listed.late:
            hints.append(f"handed in {lateness(listed.late)} late")
        # A hint may quote a file's name, and so a student's.
        looks = self._looks.get(listed.student, [])
        hints += looks if names or not looks else [UNSEEN]
        shown = _shown(question, read.text, read.attachments) if read.text.strip() else ""
        whose = {"name": listed.name, "student": listed.student} if names else {}
        mark = _mark(self._marks.mark(identity))
        bank, note = self._kept(question)
        bank = [asdict(comment) for comment in bank]
        return {"id": identity, "html": shown, "hints": hints, "comments": bank, "note": note,
                **mark, **whose}  # fmt: skip

    def give(self, identity: str, points, comment: str, seen: Mark) -> dict:
        """Store a mark; what stands then. `points` and exceptions as `Marks.give` has them."""
        self._found(identity)
        return _mark(self._marks.give(identity, points, comment, seen))

    def undo(self) -> dict:
        """Take back the last mark given here: {} where there is none."""
        undone = self._marks.undo()
        return {} if undone is None else {"id": undone[0], **_mark(undone[1])}

    def keep_comment(
        self, number: int, text: str, points: float | None, letter: str | None,
        seen: Comment | None = None,
    ):  # fmt: skip
        """A reusable comment, as `Bank.put` has it; all comments then."""
        made = self._bank.put(self._question(number), text, points, letter, seen)
        return {"letter": made.letter, **self.comments(number)}

    def remove_comment(self, number: int, letter: str, seen: Comment | None = None) -> dict:
        self._bank.remove(self._question(number), letter, seen)
        return self.comments(number)

    def _answers(self, question: Question) -> list[Listed]:
        listed = self._marks.answers(question)
        return [one for one in listed if self._inside is None or one.student in self._inside]

    def _question(self, number: int) -> Question:
        if not 0 <= number < len(self.questions):
            raise NotStored("There is no such question. Load the page again.")
        return self.questions[number]

    def _found(self, identity: str) -> tuple[Question, Listed]:
        if identity not in self._listed:
            raise NotStored("There is no such answer. Load the page again.")
        return self._listed[identity]


def _mark(mark: Mark) -> dict:
    return {"points": mark.points, "comment": mark.comment, "waits": mark.waits}


def _lines(comment: str) -> list[str]:
    return [line.strip() for line in comment.split("\n") if line.strip()]


def _shown(question: Question, text: str, attachments: object = None) -> str:
    return showing.code(text) if question.is_code else showing.prose(text, attachments)
