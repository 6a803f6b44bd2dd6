"""What the judge says, and how it looks in a notebook, in a terminal and to nbgrader."""

from __future__ import annotations

import html
import re
import sys
from dataclasses import dataclass, field
from typing import Literal

Status = Literal["passed", "failed", "not attempted", "error"]

# Words and symbols carry the meaning; colour never does alone. Each stands out by 3:1 from a white
# page and from a dark one (#111), and white words on it by 4.5:1 (WCAG 2.2, 1.4.3 and 1.4.11).
_HEAD = {
    "passed": ("✓", "Right", "#1a7f37"),
    "failed": ("✗", "Not yet", "#c9302c"),
    "not attempted": ("○", "Not attempted", "#6b7280"),
    "error": ("!", "Stopped by an error", "#9a6700"),
}

# In a notebook that is opened again nothing is behind the buttons of learning.help_buttons: what
# JupyterLab says of them is left out.
_NO_BUTTONS = (
    "<style>.jp-OutputArea-child:has(.course-offer) + .jp-OutputArea-child:not(:has(.course-help)) "
    "{ display: none }</style>"
)

_WRAPPED = "white-space:pre-wrap;overflow-wrap:anywhere"

# The problem of a case that nothing can be said about.
NOT_JUDGED = "not judged"

_CODE = re.compile(r"`([^`\n]+)`")
_UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True)
class CaseResult:
    """How one case went: `problem` is empty when it is right."""

    name: str
    points: float
    max_points: float
    problem: str = ""

    @property
    def passed(self) -> bool:
        return not self.problem


@dataclass(frozen=True)
class Verdict:
    """The judge's answer about one exercise.

    Attributes
    ----------
    status : "passed", "failed", "not attempted" or "error"
    points, max_points : float
    mistakes : list of str
        Ids of what was named, most important first; empty when nothing fits.
    message : str
        What the learner reads.
    cases : list of CaseResult
    details : list of str
        What else was found, for those who open the fold.
    printed : str
        What the learner's code wrote while it was checked.
    offer : str
        What help there is, where some is left; `check` says so, a grade does not.
    """

    exercise: str
    status: Status
    points: float
    max_points: float
    message: str
    mistakes: list[str] = field(default_factory=list)
    cases: list[CaseResult] = field(default_factory=list)
    details: list[str] = field(default_factory=list)
    printed: str = ""
    extra: bool = False
    offer: str = ""

    def __post_init__(self):
        if not 0 <= self.points <= self.max_points:
            raise ValueError(f"{self.points} points of {self.max_points} are impossible")

    def __float__(self) -> float:
        return float(self.points)

    def __bool__(self) -> bool:
        return self.status == "passed"

    @property
    def score(self) -> str:
        """The points in words."""
        if self.extra:
            right, n = sum(case.passed for case in self.cases), len(self.cases)
            return "extra, no points" if n == 1 else f"{right} of {n} cases; extra, no points"
        return f"{self.points:g} of {self.max_points:g} points"

    @property
    def _head(self) -> tuple[str, str, str]:
        """Symbol, words and colour; what could not be called at all has not stopped by an error."""
        symbol, words, colour = _HEAD[self.status]
        if self.status == "error" and self.mistakes[:1]:
            problem = self.mistakes[0].partition(":")[0]
            if problem in ("missing", "not-callable", "arguments"):
                words = _HEAD["failed"][1]
        return symbol, words, colour

    def __str__(self) -> str:
        symbol, word, _ = self._head
        lines = [f"{symbol} {word}: {self.exercise} ({self.score})", self.message]
        lines += [f"  - {detail}" for detail in self.details]
        if self.printed:
            lines += ["  Your code printed:", *(f"    {t}" for t in self.printed.splitlines())]
        lines.append(self.offer)
        return _shown("\n".join(line for line in lines if line))

    __repr__ = __str__

    def _repr_mimebundle_(self, include=None, exclude=None):
        """HTML for people; as plain text the points, which nbgrader takes for partial credit."""
        if _in_terminal():
            return {"text/plain": str(self)}
        return {"text/plain": str(float(self.points)), "text/html": self.to_html()}

    def to_html(self) -> str:
        """A small block that takes its colours from the page it stands in."""
        symbol, word, colour = self._head
        fold = ""
        rows = "".join(
            f"<tr><td style='text-align:left'>{_mark(c)}</td>"
            f"<td style='text-align:left'>{_escape(c.name)}</td>"
            f"<td style='text-align:right'>{c.points:g}/{c.max_points:g}</td>"
            f"<td style='text-align:left'>{marked_up(c.problem)}</td></tr>"
            for c in self.cases
        )
        body = "".join(f"<li>{marked_up(detail)}</li>" for detail in self.details)
        if body:
            fold += f"<ul style='margin:.4em 0'>{body}</ul>"
        if rows and self.status != "not attempted":
            fold += scrolling(
                "<table><thead><tr><th scope='col' style='text-align:left'>Result</th>"
                "<th scope='col' style='text-align:left'>Case</th>"
                "<th scope='col' style='text-align:right'>Points</th>"
                "<th scope='col' style='text-align:left'>What was seen</th></tr></thead>"
                f"<tbody>{rows}</tbody></table>",
                "All cases",
            )
        if self.printed:
            printed = _escape(self.printed)
            fold += f"<p>Your code printed:</p><pre style='{_WRAPPED}'>{printed}</pre>"
        if fold:
            fold = (
                "<details style='margin-top:.4em'><summary style='display:list-item'>All cases"
                f"</summary>{fold}</details>"
            )
        message = marked_up(self.message).replace("\n", "<br>")
        offer = (
            f"<div class='course-offer' style='margin-top:.4em'>{marked_up(self.offer)}</div>"
            f"{_NO_BUTTONS}"
            if self.offer else ""
        )  # fmt: skip
        return (
            f"<div role='status' class='course-verdict' style='border-left:4px solid {colour};"
            "padding:.4em .8em;margin:.4em 0'>"
            f"<strong style='background-color:{colour};color:#fff;padding:.1em .5em;"
            "border-radius:.3em'>"
            f"<span aria-hidden='true'>{symbol}</span> {word}</strong> · "
            f"<code>{_escape(self.exercise)}</code> · {_escape(self.score)}"
            f"<div style='margin-top:.3em'>{message}</div>{fold}{offer}</div>"
        )


def _mark(case: CaseResult) -> str:
    if case.problem == NOT_JUDGED:
        return "○ open"
    return "✓ right" if case.passed else "✗ off"


def _escape(text: str) -> str:
    return html.escape(_shown(text))


def scrolling(table: str, name: str) -> str:
    """A table that may be wider than a telephone: it moves by itself, from the keyboard too."""
    return (
        f"<div role='group' aria-label='{html.escape(name)}' tabindex='0' style='overflow-x:auto'>"
        f"{table}</div>"
    )


def marked_up(text: str) -> str:
    """Text with what stands in backticks as code."""
    return _CODE.sub(r"<code>\1</code>", _escape(text))


def _shown(text: str) -> str:
    """Text with a sign where it has what no page or terminal should be given.

    Control characters could rewrite a terminal, and half a surrogate pair cannot be printed.
    """
    return _UNSHOWN.sub("\N{REPLACEMENT CHARACTER}", text)


def _in_terminal() -> bool:
    """Whether an IPython terminal will show this, rather than a notebook or a grader."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and not hasattr(shell, "kernel")
