"""Model answers to questions that a teacher reads, for who learns alone: after an attempt of one's
own, with the points to mark it by. They are cut out of the masters, as worked solutions are."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from pathlib import Path

from autograder.paths import masters_folder, notebooks_anywhere

SENTENCES = 2  # of one's own, before a model answer is shown
PLACEHOLDER = "YOUR ANSWER HERE"  # nbgrader's


@dataclass(frozen=True)
class ModelAnswer:
    """What a good answer says, and how it is marked."""

    name: str
    text: str
    points: float

    def __str__(self) -> str:
        return f"{self._head()}\n\n{self.text}"

    __repr__ = __str__

    def _head(self) -> str:
        return (
            f"A model answer to {self.name}. Another one can be as good: mark yours by what this "
            f"one gives points for, {self.points:g} in all."
        )

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        shown = f"**{html.escape(self._head())}**\n\n{self.text}"
        return {"text/plain": str(self), "text/markdown": shown}


def model_answer(name: str) -> ModelAnswer | None:
    """The model answer to a question for a teacher; None where there is no such question.

    Raises NotYet with a sentence as long as nothing of one's own is written.
    """
    found = _in_masters(name)
    if found is None:
        return None
    notebook, answer = found
    path = (notebooks_anywhere() or Path.cwd()) / f"{notebook}.ipynb"
    written = own_words(path, name)
    if written is None:
        raise NotYet(
            f"{path} is not here or cannot be read, so nothing says whether you have written an "
            "answer. Open the course's own copy of the notebook."
        )
    if sentences(written) < SENTENCES:
        raise NotYet(
            f"Write an answer of your own first, {SENTENCES} sentences or more, in the cell below "
            "the question, and save the notebook (Ctrl+S): what counts is what is saved."
        )
    return answer


class NotYet(Exception):
    """The model answer is not shown yet; the message says what is to be done."""


def own_words(path: Path, name: str) -> str | None:
    """What stands in the cell of that name in a saved notebook; None where it cannot be read."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        sources = [
            "".join(cell["source"]) for cell in cells
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == name
        ]  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return sources[0].replace(PLACEHOLDER, "") if sources else None


def sentences(text: str) -> int:
    """How many sentences of at least three words a text has."""
    return sum(len(part.split()) >= 3 for part in re.split(r"[.!?](?:\s|$)", text))


def _in_masters(name: str) -> tuple[str, ModelAnswer] | None:
    """The notebook's name and the answer, from the masters."""
    folder = masters_folder()
    wanted = re.compile(rf'# %% \[markdown\].*"grade_id": "{re.escape(name)}".*"points": ([\d.]+)')
    for path in sorted(folder.glob("[0-9][0-9]_*.py")) if folder else ():
        lines = iter(path.read_text(encoding="utf-8").splitlines())
        for line in lines:
            if head := wanted.match(line):
                cell = []
                for text in lines:
                    if re.match(r"# %%(\s|$)", text):
                        break
                    cell.append(text.removeprefix("#").removeprefix(" "))
                answer = ModelAnswer(name, "\n".join(cell).strip(), float(head[1]))
                return path.stem, answer
    return None
