"""The comments that a class uses again and again, each under a letter, with points if it is worth
some: a file in the class's folder, which other teachers of the class share. Marks are `marks`'."""

from __future__ import annotations

import json
import math
import string
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from autograder.grading.marking.questions import Question
from autograder.grading.whole_files import write_whole

FOLDER = "marking"
MOST = 500  # characters of a comment
LETTERS = string.ascii_lowercase


class NotKept(Exception):
    """The comment was not kept; a sentence for the teacher."""


@dataclass(frozen=True)
class Comment:
    """One line to students. `points` are added where it is chosen (taken off where negative);
    None: it is worth nothing by itself."""

    letter: str
    text: str
    points: float | None = None


class Bank:
    """The comments of one assignment, in `marking/ASSIGNMENT.json` of the class's folder."""

    def __init__(self, folder: Path, assignment: str):
        self.path = Path(folder) / FOLDER / f"{assignment}.json"

    def comments(self, question: Question) -> list[Comment]:
        """A question's comments in the order of their letters. Raises NotKept where the file
        cannot be read."""
        return self._read().get(_key(question), [])

    def put(
        self, question: Question, text: str, points: float | None = None,
        letter: str | None = None, seen: Comment | None = None,
    ) -> Comment:  # fmt: skip
        """Keep a new comment under the first free letter, or another text and points under a
        letter that is taken. Answers that were told the old text keep it.

        `seen` is the comment that the person had before them: where somebody else has changed it
        meanwhile, theirs stays. Raises NotKept then, where there is no text or no letter left, and
        where the file cannot be written.
        """
        # One line each: by its line a comment is found again in what an answer was told.
        text = " ".join(text.encode("utf-8", "replace").decode().split())
        if not text:
            raise NotKept("A comment needs a text.")
        if len(text) > MOST:
            raise NotKept(f"A comment that is used again has at most {MOST} characters.")
        if points is not None and not (math.isfinite(points) and abs(points) <= 1000):
            raise NotKept("A comment's points are a number such as 1, 0.5 or -1, or nothing.")

        def change(comments: dict[str, Comment]) -> Comment:
            if any(c.text == text and c.letter != letter for c in comments.values()):
                raise NotKept("There is a comment with this text already.")
            free = [one for one in LETTERS if one not in comments]
            if letter is None and not free:
                raise NotKept("All 26 letters are taken: change a comment, or remove one.")
            if letter is not None and letter not in comments:
                raise NotKept(f"There is no comment {letter} any more. Load the page again.")
            _check_seen(comments, letter, seen)
            made = Comment(letter or free[0], text, points)
            comments[made.letter] = made
            return made

        return self._change(question, change)

    def remove(self, question: Question, letter: str, seen: Comment | None = None) -> None:
        """Take a comment away; answers that were told it keep it. Raises NotKept, as `put` does."""

        def change(comments: dict[str, Comment]) -> None:
            _check_seen(comments, letter, seen)
            comments.pop(letter, None)

        self._change(question, change)

    def _change(self, question: Question, change):
        try:
            self.path.parent.mkdir(exist_ok=True)
            with FileLock(self.path.with_name(f".{self.path.name}.lock"), timeout=5):
                kept = self._read()
                comments = {c.letter: c for c in kept.get(_key(question), ())}
                given = change(comments)
                kept[_key(question)] = [comments[letter] for letter in sorted(comments)]
                text = {key: [asdict(c) for c in those] for key, those in kept.items()}
                write_whole(self.path, json.dumps(text, indent=1, ensure_ascii=False))
                return given
        except Timeout:
            raise NotKept("Somebody else is changing the comments. Try again.") from None
        except OSError as error:
            raise NotKept(
                f"The comments cannot be kept: {error.filename or self.path}: "
                f"{error.strerror or error}. Marks are not concerned."
            ) from None

    def _read(self) -> dict[str, list[Comment]]:
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
            return {
                key: [Comment(str(c["letter"]), str(c["text"]), _number(c.get("points")))
                      for c in those]
                for key, those in kept.items()
            }  # fmt: skip
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise NotKept(
                f"{self.path} cannot be read as the comments of this assignment. Mend it, or move "
                "it away and begin anew; marks are not concerned."
            ) from None


def _check_seen(comments: dict[str, Comment], letter: str | None, seen: Comment | None) -> None:
    now = comments.get(letter or "")
    if seen is not None and now is not None and (now.text, now.points) != (seen.text, seen.points):
        raise NotKept(
            f"Somebody else has changed comment {letter} meanwhile; it is “{now.text}” now. Change "
            "it once more if yours should take its place."
        )


def _number(value) -> float | None:
    return None if value is None else float(value)


def _key(question: Question) -> str:
    return f"{question.notebook}/{question.cell}"
