"""`progress()`: where the learner stands, as a panel in a notebook. What is known of it is
`standing`'s; the table in a terminal is `progress_command`'s."""

from __future__ import annotations

import html
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from autograder.judging.verdict import scrolling
from autograder.learning.attempts import Row, last_mistake, rows
from autograder.learning.progress_file import entries_known
from autograder.paths import notebooks_in

# Words and symbols carry the meaning; colour never does alone.
EXERCISE = {
    "passed": ("✓", "right"),
    "failed": ("✗", "not yet"),
    "error": ("!", "stopped by an error"),
    "not attempted": ("○", "not attempted"),
}
TILE = {"done": "✓", "in progress": "◐", "next": "→", "to come": "○"}


@dataclass(frozen=True)
class Tile:
    """One notebook on the map of the course."""

    notebook: str
    state: str  # a key of TILE
    points: float
    max_points: float
    here: bool  # whether it is the notebook that this is shown in

    @property
    def label(self) -> str:
        """The notebook's name in words: "06 batchnorm"."""
        return self.notebook.replace("_", " ")

    @property
    def score(self) -> str:
        return f"{self.points:g}/{self.max_points:g}"


@dataclass(frozen=True)
class Panel:
    """Where the learner stands.

    Attributes
    ----------
    tiles : the map, in the order of the course
    own : the exercises of this notebook; empty where no notebook is meant
    next : a sentence
    note : what is wrong with the progress file; empty when nothing is
    linked : notebooks that lie beside this one
    """

    tiles: tuple[Tile, ...]
    own: tuple[Row, ...]
    next: str
    note: str = ""
    linked: frozenset[str] = frozenset()

    @property
    def head(self) -> str:
        done = sum(tile.state == "done" for tile in self.tiles)
        got, most = sum(t.points for t in self.tiles), sum(t.max_points for t in self.tiles)
        return (
            f"Where you stand: {done} of {len(self.tiles)} notebooks done, "
            f"{got:g} of {most:g} points"
        )

    def __str__(self) -> str:
        width = max((len(tile.label) for tile in self.tiles), default=0)
        lines = [line for line in (self.head, self.next, self.note) if line]
        lines += [
            f"  {TILE[t.state]} {t.label:{width}}  {t.state:11}  {t.score}"
            + ("  (you are here)" if t.here else "")
            for t in self.tiles
        ]
        if self.own:
            width = max(len(row.exercise) for row in self.own)
            state = max(22, *(len(cells(row)[0]) for row in self.own))
            lines += ["", f"In {self.own[0].notebook} (the last check, the best points):"]
            for row in self.own:
                symbol, score, *rest = cells(row)
                told = ", ".join(part for part in rest if part)
                line = f"  {symbol:{state}} {row.exercise:{width}}  {score:>7}  {told}"
                lines.append(line.rstrip())
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        return {"text/plain": str(self), "text/html": self.to_html()}

    def to_html(self) -> str:
        """A block that takes its colours from the page it stands in."""
        tiles = "".join(map(self._tile, self.tiles))
        parts = [f"<strong>{html.escape(self.head)}</strong>"]
        parts += [f"<p style='margin:.4em 0 0'>{html.escape(t)}</p>" for t in (self.next, self.note)
                  if t]  # fmt: skip
        parts.append(
            # No <ol>: where styles are taken out, as on GitHub, it would number 06 as 7.
            "<ul aria-label='Map of the course' style='display:flex;flex-wrap:wrap;gap:.4em;"
            f"list-style:none;padding:0;margin:.6em 0'>{tiles}</ul>"
        )
        if core := [row for row in self.own if not row.extra]:
            parts.append(self._table(core, "Exercises of this notebook"))
        if more := [row for row in self.own if row.extra]:
            right = sum(row.passed for row in more)
            parts.append(
                "<details><summary style='display:list-item'>Questions and extras: "
                f"{right} of {len(more)} have been right</summary>{self._table(more, '')}</details>"
            )
        return (
            "<div role='region' aria-label='Where you stand' class='course-progress' "
            "style='border-left:4px solid currentColor;padding:.4em .8em;margin:.4em 0'>"
            f"{''.join(parts)}</div>"
        )

    def _tile(self, tile: Tile) -> str:
        name = html.escape(tile.label)
        if tile.notebook in self.linked and not tile.here:
            name = f"<a href='{html.escape(tile.notebook)}.ipynb'>{name}</a>"
        current = " aria-current='page'" if tile.here else ""
        return (
            f"<li{current} style='border:{3 if tile.here else 1}px solid currentColor;"
            "border-radius:4px;padding:.2em .5em;margin:0'>"
            f"<span aria-hidden='true'>{TILE[tile.state]}</span> {name}<br>"
            f"<small>{tile.state} · {tile.score}{' · you are here' if tile.here else ''}</small>"
            "</li>"
        )

    def _table(self, listed: list[Row], caption: str) -> str:
        names = ("Last check", "Exercise", "Best points", "Attempts", "Time", "Last mistake")
        heads = "".join(f"<th scope='col' style='text-align:left'>{n}</th>" for n in names)
        body = ""
        for row in listed:
            symbol, *rest = cells(row)
            name = f"<td style='text-align:left'><code>{breakable(row.exercise)}</code></td>"
            cols = "".join(f"<td style='text-align:left'>{breakable(c)}</td>" for c in rest)
            state = f"<td style='text-align:left;white-space:nowrap'>{html.escape(symbol)}</td>"
            body += f"<tr>{state}{name}{cols}</tr>"
        title = f"<caption style='text-align:left'>{caption}</caption>" if caption else ""
        table = f"<table>{title}<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
        return scrolling(table, caption or "Questions and extras")


def breakable(text: str) -> str:
    """As HTML; a long name may go on in the next line, since on paper nothing can be scrolled."""
    return html.escape(text).replace("_", "_<wbr>")


def cells(row: Row) -> tuple[str, str, str, str, str]:
    """An exercise's last check, its best points, attempts, time and last mistake, as text."""
    symbol, word = EXERCISE.get(row.status, ("?", row.status))
    before = " (was right)" if row.passed and row.status != "passed" else ""
    return (
        f"{symbol} {word}{before}",
        "extra" if row.extra else f"{row.points:g}/{row.max_points:g}",
        f"{row.attempts} attempt{'s' * (row.attempts != 1)}" if row.attempts else "",
        f"{row.minutes:.0f} min" if row.minutes >= 0.5 else "",
        last_mistake(row) if row.status != "passed" else "",
    )


def progress(notebook: str | None = None) -> Panel | None:
    """Where you stand: the map of the course, this notebook's exercises, and what is next.

    Parameters
    ----------
    notebook : "06" or "06_batchnorm"; by default the one that this is called in

    None, which shows nothing, while nbgrader runs the notebook.
    """
    if "NBGRADER_EXECUTION" in os.environ:
        return None
    entries, note = entries_known()
    listed = rows(entries)
    names = list(dict.fromkeys(row.notebook for row in listed))
    if notebook is None:
        here = notebook_of(sys._getframe(1).f_globals, listed)
    else:
        here = next((name for name in names if notebook in (name, name[:2])), None)
        # A pre-test has a notebook, and no exercise is its own.
        if here is None and not any(notebook in (p.stem, p.stem[:2]) for p in beside()):
            there = f"There is no notebook {notebook} with exercises; there are {', '.join(names)}."
            note = f"{note} {there}".strip()
    own = tuple(row for row in listed if row.notebook == here)
    return Panel(tiles(listed, here), own, what_is_next(listed, here), note,
                 frozenset(path.stem for path in beside()))  # fmt: skip


def beside() -> list[Path]:
    """The notebooks in the folder that this one runs in; a link leads on to them from here."""
    return notebooks_in(Path.cwd())


def tiles(listed: list[Row], here: str | None) -> tuple[Tile, ...]:
    """The map; the first notebook that is not begun, behind no other in progress, is next."""
    made, pointed = [], False
    for name in dict.fromkeys(row.notebook for row in listed):
        own = [row for row in listed if row.notebook == name]
        if not any(unfinished(row) for row in own):
            state = "done"
        elif any(row.attempts for row in own):
            state, pointed = "in progress", True
        else:
            state, pointed = ("to come" if pointed else "next"), True
        got, most = sum(row.points for row in own), sum(row.max_points for row in own)
        made.append(Tile(name, state, got, most, name == here))
    return tuple(made)


def unfinished(row: Row) -> bool:
    """Whether an exercise of the core was never right."""
    return not row.extra and not row.passed


def what_is_next(listed: list[Row], here: str | None) -> str:
    """A sentence: the next exercise of this notebook, else of the course."""
    left = [row for row in listed if unfinished(row)]
    own = [row for row in left if row.notebook == here]
    if own:
        return f"Next here: {own[0].exercise}."
    extras = sum(row.notebook == here and row.extra and not row.passed for row in listed)
    beyond = f" Questions and extras that are left in it: {extras}." if extras else ""
    off = [row.exercise for row in listed
           if row.notebook == here and not row.extra and row.status != "passed"]  # fmt: skip
    again = f" But as it stands now, {off[0]} is not right: look at it again." if off else ""
    done = f"The core of {here} is done.{again}{beyond} " if here else ""
    if not left:
        return f"{done}All exercises of the core are right."
    return f"{done}Next in the course: {left[0].exercise} in {left[0].notebook}."


def notebook_of(namespace: dict, listed: list[Row]) -> str | None:
    """The notebook that a call comes from: by its file, else by what is checked in it.

    Jupyter's server tells a kernel its notebook in JPY_SESSION_NAME, VS Code in a variable.
    IPython keeps the cells that were run in `In`.
    """
    names = sorted({row.notebook for row in listed}, key=len, reverse=True)
    for file in (os.environ.get("JPY_SESSION_NAME"), namespace.get("__vsc_ipynb_file__")):
        stem = Path(file).stem if isinstance(file, str) else ""
        # A copy may be called "06_batchnorm-Copy1" or "Copy of 06_batchnorm".
        if found := next((name for name in names if name in stem), None):
            return found
    history = namespace.get("In")
    source = "\n".join(map(str, history)) if isinstance(history, list) else ""
    home = {row.exercise: row.notebook for row in listed}
    for name in reversed(re.findall(r"\b(?:check|hint|ask)\(\s*[\"']?(\w+)", source)):
        if name in home:
            return home[name]
    return None
