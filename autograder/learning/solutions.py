"""Worked solutions for those who learn by themselves, cut out of the notebooks' masters. A
student's kit has neither this room nor the masters."""

from __future__ import annotations

import html
import os
import re
from dataclasses import dataclass

from autograder.exercise import Question
from autograder.exercises import find
from autograder.learning.catalogue import shelf
from autograder.paths import masters_folder

# Enough to have met the difficulty, few enough that nobody is kept from learning.
TRIES = 3

MARKER = re.compile(r"\s*### (?:BEGIN|END) SOLUTION\s*")


@dataclass(frozen=True)
class Worked:
    """An exercise's solution with what led to it and what leads astray."""

    exercise: str
    hints: tuple[str, ...]
    code: str
    astray: tuple[str, ...]

    def __str__(self) -> str:
        lines = [f"A worked solution of {self.exercise}", ""]
        if self.hints:
            lines += ["The line of thought:", *map("{}. {}".format, *self._numbered()), ""]
        lines += [self.code, ""]
        if self.astray:
            lines += ["Where people go wrong here:", *(f"- {text}" for text in self.astray)]
        return "\n".join(lines).rstrip()

    __repr__ = __str__

    def _numbered(self) -> tuple[range, tuple[str, ...]]:
        return range(1, len(self.hints) + 1), self.hints

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        """Markdown: each front end highlights code in its own colours, light or dark."""
        return {"text/plain": str(self), "text/markdown": self.to_markdown()}

    def to_markdown(self) -> str:
        thought = "\n".join(map("{}. {}".format, *self._numbered()))
        parts = [f"**A worked solution of `{self.exercise}`**"]
        if thought:
            parts.append(f"The line of thought:\n\n{thought}")
        # More backticks than a docstring would hold.
        parts.append(f"````python\n{self.code}\n````")
        if self.astray:
            items = "".join(f"<li>{html.escape(text)}</li>" for text in self.astray)
            parts.append(
                "<details><summary>Where people go wrong here</summary>"
                f"<ul>{items}</ul></details>"
            )
        return "\n\n".join(parts)


def for_learner(name: str) -> Worked | None:
    """The solution, or None after a sentence that says why it is not shown (yet)."""
    from autograder.learning import attempts

    if "NBGRADER_EXECUTION" in os.environ:
        print(f"{name}: no solution is shown while grading.")
        return None
    if missing := what_is_missing(name, attempts.known(name)):
        print(missing)
        return None
    source = source_of(name)
    if source is None:
        print(
            f"The notebooks' masters are not here, so there is no worked solution of {name}: get "
            "the course's files again."
        )
        return None
    return worked(name, source)


def is_ready(name: str, entry: dict) -> bool:
    """Whether `for_learner` would show it; `entry` as in `what_is_missing`."""
    return (
        not issubclass(find(name), Question)
        and not what_is_missing(name, entry)
        and source_of(name) is not None
    )


def what_is_missing(name: str, entry: dict) -> str:
    """A sentence on what is to be done before the solution is shown; empty when it may be.

    Parameters
    ----------
    entry : the exercise's in the progress file, empty when there is none
    """
    if unsolved := find(name).unsolved:
        return unsolved
    if entry.get("passed") is not None:
        return ""
    tries = max(TRIES - entry.get("tries", 0), 0)
    hints = max(len(shelf().hints(name)) - entry.get("hints", 0), 0)
    wanted = []
    if tries:
        wanted.append(f"{tries} more different attempt{'s' * (tries > 1)} that you check")
    if hints:
        wanted.append(f'{hints} more hint{"s" * (hints > 1)}, by hint("{name}")')
    if not wanted:
        return ""
    return f"The solution of {name} is shown after {' and '.join(wanted)}, or once it is right."


def worked(name: str, source: str) -> Worked:
    kind = find(name)
    astray = tuple(" ".join(found.__doc__.split()) for found in kind.mistakes().values())
    return Worked(name, kind.hints, source, astray)


def source_of(name: str) -> str | None:
    """The code of the exercise's solution cell without its markers; None where there is none."""
    folder = masters_folder()
    if folder is None:
        return None
    try:
        text = (folder / f"{find(name).notebook}.py").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return cut(text, name)


def cut(master: str, name: str) -> str | None:
    """The solution cell `name` of a master in percent format, without its markers.

    Read without jupytext, which a learner need not have. Cells begin at lines "# %%".
    """
    wanted = re.compile(rf'# %%(?! *\[markdown\]).*"grade_id": *"{re.escape(name)}"[,}}]')
    lines = iter(master.splitlines())
    for line in lines:
        if wanted.match(line):
            break
    else:
        return None
    cell = []
    for line in lines:
        if re.match(r"# %%(\s|$)", line):
            break
        if not MARKER.fullmatch(line):
            cell.append(line)
    return "\n".join(cell).strip()
