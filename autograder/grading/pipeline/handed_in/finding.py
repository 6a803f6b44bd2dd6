"""Finds an assignment's cells in a notebook that has lost nbgrader's names for them: by the cell's
id, then by its text. What is then set back about such a cell is `sanitize`'s."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nbformat import NotebookNode
from nbgrader import utils

from autograder.grading.pipeline.released import visible


@dataclass(frozen=True)
class Given:
    """One cell of an assignment's notebook, in the notebook's order.

    `name` is nbgrader's grade_id, "" for a cell that nbgrader does not know; `id` is "" where the
    class's source does not tell; `tags` are those that it was given out with.
    """

    id: str
    name: str
    kind: str
    text: str
    tags: tuple[str, ...] = ()


class Finder:
    """Looks for cells of the assignment among a learner's.

    Parameters
    ----------
    cells : the learner's; those that still have a name bear it in `metadata.nbgrader.grade_id`
    known : name → the assignment's cell
    given : all cells of the assignment's notebook, those without a name too; may be empty
    """

    def __init__(self, cells: list, known: dict[str, NotebookNode], given: Sequence[Given]):
        self.cells, self.known = cells, known
        self.given = given or [Given("", n, c.cell_type, c.source) for n, c in known.items()]
        self.here = {_name(cell) for cell in cells} - {""}
        # Each text is looked at once: a submission may have thousands of cells.
        self._texts = {id(cell): visible(cell.source) for cell in cells}
        self._given_texts = [visible(cell.text) for cell in self.given]
        self._theirs = set(self._given_texts)
        self._prose_by_id = {
            cell.id: text
            for cell, text in zip(self.given, self._given_texts, strict=True)
            if cell.id and not cell.name
        }

    def name_again(self) -> list[str]:
        """Give cells the names that they have lost; those names, in the assignment's order."""
        found = []
        for way in (self._by_id, self._by_text, self._by_definitions, self._by_neighbours):
            for place, wanted in enumerate(self.given):
                if wanted.name not in self.known or wanted.name in self.here:
                    continue
                right = self.known[wanted.name]
                if (at := way(place, wanted, utils.is_locked(right))) is not None:
                    flags = NotebookNode(right.metadata.nbgrader)
                    self.cells[at].metadata["nbgrader"] = NotebookNode(
                        grade_id=wanted.name, given=flags
                    )
                    self.here.add(wanted.name)
                    found.append(wanted.name)
        return [name for name in self.known if name in found]

    def _free(self, kind: str) -> Iterator[int]:
        for at, cell in enumerate(self.cells):
            if cell.cell_type == kind and not _name(cell):
                yield at

    def _text(self, at: int) -> str:
        return self._texts[id(self.cells[at])]

    def _by_id(self, place: int, wanted: Given, locked: bool) -> int | None:
        for at in self._free(wanted.kind):
            if self.cells[at].get("id") in (wanted.id, wanted.name):
                # A locked cell's text is set back: what a learner wrote must not be lost by it.
                same = self._text(at) == self._given_texts[place]
                return at if same or not locked else None
        return None

    def _by_text(self, place: int, wanted: Given, locked: bool) -> int | None:
        text = self._given_texts[place]
        if not text or (not locked and self._given_texts.count(text) > 1):
            return None  # "YOUR ANSWER HERE" tells of no answer which it is
        return next((at for at in self._free(wanted.kind) if self._text(at) == text), None)

    def _by_definitions(self, place: int, wanted: Given, locked: bool) -> int | None:
        made = set() if locked or wanted.kind != "code" else defined(wanted.text)
        fits = (at for at in self._free("code") if made and made <= defined(self.cells[at].source))
        return next(fits, None)

    def _by_neighbours(self, place: int, wanted: Given, locked: bool) -> int | None:
        """An answer, written or empty, beside the cells that it stands beside in the assignment."""
        if locked:
            return None
        best, most = None, 0
        for at in self._free(wanted.kind):
            if self.is_own(self.cells[at]) or self._text(at) == self._given_texts[place]:
                beside = self._stands_at(at - 1, place - 1) + self._stands_at(at + 1, place + 1)
                if beside > most:
                    best, most = at, beside
        return best

    def _stands_at(self, at: int, place: int) -> bool:
        if not (0 <= at < len(self.cells) and 0 <= place < len(self.given)):
            return False
        if name := _name(self.cells[at]):
            return name == self.given[place].name
        return self._text(at) == self._given_texts[place]

    # Answers that may stand somewhere else.

    def is_own(self, cell) -> bool:
        """Whether a cell holds something that the learner wrote, as far as its text tells."""
        text = self._texts.get(id(cell)) or visible(cell.source)
        if not text or text in self._theirs:
            return False
        # An older copy of the assignment's prose is nobody's, unless something stands behind it.
        theirs = self._prose_by_id.get(cell.get("id"))
        return theirs is None or (text.startswith(theirs) and len(text) > len(theirs))

    def maybe_elsewhere(self, put_back: set[str]) -> list[str]:
        """Names of answers for a person to mark that are empty, though the notebook holds text of
        the learner's own that may be the answer: anywhere where the cell itself was missing
        (`put_back`), else beside it."""
        own = [not _name(cell) and self.is_own(cell) for cell in self.cells]
        unsure = []
        for at, cell in enumerate(self.cells):
            flags = cell.metadata.get("nbgrader", {})
            if not (flags.get("grade") and flags.get("solution")):
                continue
            name = flags["grade_id"]
            if visible(cell.source) != visible(self.known[name].source):
                continue
            around = range(len(own)) if name in put_back else range(max(at - 1, 0), at + 2)
            kinds = {"markdown", "raw", cell.cell_type}
            if any(own[i] and self.cells[i].cell_type in kinds for i in around if i < len(own)):
                unsure.append(name)
        return unsure


def _name(cell) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


@functools.lru_cache(maxsize=4096)
def defined(source: str) -> frozenset[str]:
    """Functions, classes and names that a cell makes at its top level."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    made = set()
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            made.add(node.name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            made |= {name.id for t in targets for name in ast.walk(t) if isinstance(name, ast.Name)}
    return frozenset(made)
