"""What was handed in becomes a notebook that can be graded: the learner's own cells as they are,
everything that is not theirs as the assignment has it. Nothing is run here, nothing is scored."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field, replace

import nbformat
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.nbgraderformat import SCHEMA_VERSION, MetadataValidator

from autograder.grading.pipeline.handed_in.finding import Finder, Given
from autograder.grading.pipeline.notebook_file import Unreadable, read
from autograder.grading.pipeline.released import place_for, visible
from autograder.grading.sandbox.outputs import MOST_MARKUP, clean

VALID_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
# What a page would act on. Where a learner's prose has none of it, it stays as it is, with its
# `$a<b$`. Each alternative is found in one pass: whoever writes the prose may want it to be slow.
ACTIVE = re.compile(
    r"<[\s/]*(script|iframe|object|embed|applet|form|input|button|style|link|meta|base|svg|math"
    r"|frame|frameset|template|video|audio|textarea|title|noscript|xmp|plaintext)\b"
    r"|\bon\w+\s*=|\bstyle\s*=|javascript\s*:|vbscript\s*:|\bsrcdoc\b|data\s*:"
    r"|&#|&colon|&tab|&newline",
    re.IGNORECASE,
)
TAG = re.compile(r"<[a-zA-Z/!?]")
ADDRESS = re.compile(r"(javascript|vbscript)\s*:", re.IGNORECASE)
PICTURES = ("image/png", "image/jpeg", "image/gif")
# A cell of the learner's own cannot be moved; a locked one can. So an order is kept that holds
# as many of the learner's cells as possible, and locked cells are put where they belong in it.
FIXED_WEIGHT = 1000


@dataclass(frozen=True)
class Source:
    """One notebook of an assignment, as the class has it.

    Attributes
    ----------
    name : without ".ipynb"
    cells : the cells that nbgrader knows, in their order, hidden tests included; as nbformat has
        them, with `metadata["nbgrader"]` of the current schema
    kernelspec : what the assignment is run with
    given : all cells of the notebook, those that nbgrader does not know too, without solutions
    earlier : what was given out before the class was changed, as `released.earlier` has it
    """

    name: str
    cells: tuple[dict, ...]
    kernelspec: dict = field(default_factory=dict)
    given: tuple[Given, ...] = ()
    earlier: dict[str, list[tuple]] = field(default_factory=dict)

    @property
    def order(self) -> list[str]:
        return [grade_id(cell) for cell in self.cells]


@dataclass
class Sanitized:
    """A notebook that can be run, with each repair in words.

    `problem` says why the submitted file could not be used; the notebook is then the assignment's
    own cells, untouched, which earn nothing. `unsure` names empty answers whose text may stand in
    another cell: only a person can tell.
    """

    notebook: NotebookNode
    repairs: list[str] = field(default_factory=list)
    problem: str = ""
    unsure: list[str] = field(default_factory=list)


def grade_id(cell) -> str:
    return cell["metadata"]["nbgrader"]["grade_id"]


def sanitize(source: Source, submitted: bytes | None) -> Sanitized:
    """Make of a submitted file what is graded.

    Parameters
    ----------
    source : the assignment's notebook
    submitted : the file's bytes; None where there is no such file
    """
    known = {grade_id(cell): nbformat.from_dict(cell) for cell in source.cells}
    try:
        given = read(source.name, submitted)
        repairs: list[str] = []
        cells = [_own(cell, repairs) for cell in given.cells]
        cells = _without_strangers(cells, known, repairs)
        cells = _without_copies(cells, known, repairs)
        prose = [replace(g, text=_harmless(g.text)) if g.kind != "code" else g
                 for g in source.given]  # fmt: skip
        if found := Finder(cells, known, prose).name_again():
            repairs.append(
                f"{_counted(found)} without nbgrader's metadata and found again by id or text"
            )
        for cell in cells:
            if "nbgrader" in cell.metadata:
                name = grade_id(cell)
                _restore(cell, known[name], source.earlier.get(name, ()), repairs)
        put_back = _put_back_missing(cells, known, source.order, repairs)
        _put_in_order(cells, source.order, repairs)
        unsure = Finder(cells, known, prose).maybe_elsewhere(put_back)
        notebook = _notebook(cells, source, given.get("metadata"))
        return Sanitized(notebook, _in_short(repairs), unsure=unsure)
    except Unreadable as problem:
        return Sanitized(_notebook(list(known.values()), source), [], str(problem))
    except Exception as error:  # noqa: BLE001 - one strange file is one line in the report
        problem = f"{source.name}.ipynb cannot be used as a notebook ({type(error).__name__})"
        return Sanitized(_notebook(list(known.values()), source), [], problem)


def _own(cell: dict, repairs: list[str]) -> NotebookNode:
    """A cell with nothing but what a grader needs: no outputs, no foreign metadata."""
    kind = cell.get("cell_type")
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str):
        source = ""
    given = cell.get("metadata")
    given = given if isinstance(given, dict) else {}
    metadata = {}
    if isinstance(tags := given.get("tags"), list):
        metadata["tags"] = list(dict.fromkeys(t for t in tags if isinstance(t, str)))
    nbgrader = given.get("nbgrader")
    if isinstance(nbgrader, dict) and isinstance(nbgrader.get("grade_id"), str):
        metadata["nbgrader"] = {"grade_id": nbgrader["grade_id"], "given": dict(nbgrader)}
    made = {"metadata": metadata, "source": source}
    if isinstance(identity := cell.get("id"), str) and VALID_ID.fullmatch(identity):
        made["id"] = identity
    if kind == "code":
        made |= {"cell_type": "code", "outputs": [], "execution_count": None}
    else:
        made["cell_type"] = "raw" if kind == "raw" else "markdown"
        if is_active(source):
            made["source"] = _harmless(source)
            repairs.append("active HTML in a text cell was made harmless")
        if pictures := _pictures(cell.get("attachments")):
            made["attachments"] = pictures
    return nbformat.from_dict(made)


def is_active(prose: str) -> bool:
    """Whether a page that shows this prose might do something with it."""
    return bool(TAG.search(prose) and ACTIVE.search(prose) or ADDRESS.search(prose))


def _harmless(prose: str) -> str:
    """Prose as a page may show it: as it is, where nothing in it is active."""
    return inert(prose) if is_active(prose) else prose


def inert(prose: str) -> str:
    """Prose in which no browser finds anything to run."""
    if TAG.search(prose):
        prose = clean(prose) if len(prose) <= MOST_MARKUP else html.escape(prose, quote=False)
    return ADDRESS.sub(r"\1 :", prose)


def _pictures(attachments) -> dict:
    """Those attachments of a text cell that are pictures and nothing else."""
    found = {}
    for name, bundle in attachments.items() if isinstance(attachments, dict) else ():
        if not isinstance(bundle, dict) or not isinstance(name, str):
            continue
        kept = {
            kind: data
            for kind, data in bundle.items()
            if kind in PICTURES
            and isinstance(data, str)
            and re.fullmatch(r"[A-Za-z0-9+/=\s]*", data)
        }
        if kept and not re.search(r"[<>\"'&]", name):
            found[name] = kept
    return found


def _without_strangers(cells, known, repairs) -> list:
    """Cells that claim to be graded and are not in the assignment are ordinary cells."""
    for cell in cells:
        if "nbgrader" in cell.metadata and grade_id(cell) not in known:
            given = cell.metadata.pop("nbgrader")["given"]
            if any(given.get(flag) for flag in ("grade", "solution", "locked", "task")):
                repairs.append(
                    f"cell {given['grade_id'][:60]!r} is not part of the assignment; it was "
                    "taken as an ordinary cell"
                )
    return cells


def _without_copies(cells, known, repairs) -> list:
    """The first of several cells with one name; copies of a locked cell go, others lose the name.

    Of cells that can be moved it does not matter which is kept: they are put in order later.
    """
    kept, seen = [], set()
    for cell in cells:
        if "nbgrader" not in cell.metadata:
            kept.append(cell)
            continue
        name = grade_id(cell)
        if name not in seen:
            seen.add(name)
            kept.append(cell)
        elif utils.is_locked(known[name]):
            repairs.append(f"a copy of cell {name} was dropped")
        else:
            del cell.metadata["nbgrader"]
            kept.append(cell)
            repairs.append(f"a copy of cell {name} was taken as an ordinary cell")
    return kept


def _restore(cell, right, earlier, repairs) -> None:
    """Set a cell's kind and flags back and, where it is locked, its text. What was `earlier` given
    out so, nobody has changed."""
    name = grade_id(cell)
    given = cell.metadata.nbgrader.given
    changed = _changed_flags(given, right.metadata.nbgrader)
    if "points" in changed and given.get("points") in [points for points, _ in earlier]:
        changed.remove("points")
    if given.get("schema_version") != SCHEMA_VERSION:
        repairs.append("cells of another version of nbgrader were brought up to date")
    elif changed:
        repairs.append(f"cell {name}: {' and '.join(changed)} had been changed")
    if cell.cell_type != right.cell_type:
        repairs.append(f"cell {name} had been made {cell.cell_type}; it is {right.cell_type}")
    source = right.source if utils.is_locked(right) else cell.source
    # In the learner's file a locked cell stands without its hidden tests.
    given_out = [visible(right.source), *(text for _, text in earlier)]
    if utils.is_locked(right) and visible(cell.source) not in given_out:
        repairs.append(f"cell {name}: its text had been changed")
    identity, pictures = cell.get("id"), cell.get("attachments")
    cell.clear()
    cell.update(nbformat.from_dict(right))
    cell.source = source
    if identity:
        cell.id = identity
    if pictures and cell.cell_type == "markdown":
        cell.attachments = pictures


def _changed_flags(given: dict, right: dict) -> list[str]:
    flags = ("grade", "locked", "solution", "task")
    changed = [flag for flag in flags if bool(given.get(flag)) != bool(right.get(flag))]
    if "points" in right and given.get("points") != right["points"]:
        changed.append("points")
    return changed


def _in_short(repairs: list[str]) -> list[str]:
    """The sentences, each once, and as one what is the same of several cells."""
    alike: dict[str, list[str]] = {}
    for said in dict.fromkeys(repairs):
        of_a_cell = re.fullmatch(r"cell (\S+): (.+)", said)
        name, what = of_a_cell.groups() if of_a_cell else ("", said)
        alike.setdefault(what, []).append(name)
    return [
        what if not names[0]
        else f"cell {names[0]}: {what}" if len(names) == 1
        else f"cells {_some(names)}: {what}"
        for what, names in alike.items()
    ]  # fmt: skip


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _counted(names: list[str]) -> str:
    """Cells by name, the subject of a sentence; "was" or "were" is its last word."""
    return f"cell {names[0]} was" if len(names) == 1 else f"cells {_some(names)} were"


def _put_back_missing(cells, known, order, repairs) -> set[str]:
    here = {grade_id(cell) for cell in cells if "nbgrader" in cell.metadata}
    put_back = []
    for name in order:
        flags = known[name].metadata.nbgrader
        if name in here or not (flags.grade or flags.locked or flags.task):
            continue
        cells.insert(place_for(name, cells, order), nbformat.from_dict(known[name]))
        here.add(name)
        put_back.append(name)
    if put_back:
        back = f"{_counted(put_back)} missing and "
        repairs.append(back + ("was put back" if len(put_back) == 1 else "were put back"))
    return set(put_back)


def _put_in_order(cells, order, repairs) -> None:
    """Put locked cells that stand out of order back where the assignment has them."""
    named = [cell for cell in cells if "nbgrader" in cell.metadata]
    movable = [utils.is_locked(cell) for cell in named]
    weights = [1 if moves else FIXED_WEIGHT for moves in movable]
    standing = heaviest_rising([order.index(grade_id(cell)) for cell in named], weights)
    stray = [c for i, c in enumerate(named) if i not in standing and movable[i]]
    for cell in stray:
        # By identity: two cells may be equal.
        del cells[next(i for i, c in enumerate(cells) if c is cell)]
    for cell in sorted(stray, key=lambda cell: order.index(grade_id(cell))):
        name = grade_id(cell)
        cells.insert(place_for(name, cells, order), cell)
        repairs.append(f"cell {name} had been moved and was put back in its place")


def heaviest_rising(values: list[int], weights: list[int]) -> set[int]:
    """The positions of the rising subsequence of `values` with the greatest total weight."""
    best, before = list(weights), [-1] * len(values)
    for i, value in enumerate(values):
        for j in range(i):
            if values[j] < value and best[j] + weights[i] > best[i]:
                best[i], before[i] = best[j] + weights[i], j
    at = max(range(len(values)), key=best.__getitem__, default=-1)
    chosen = set()
    while at >= 0:
        chosen.add(at)
        at = before[at]
    return chosen


def _notebook(cells, source: Source, metadata=None) -> NotebookNode:
    """The cells as a valid notebook, run with the assignment's own kernel."""
    taken: dict[str, int] = {}
    for number, cell in enumerate(cells):
        name = grade_id(cell) if "nbgrader" in cell.metadata else f"cell-{number}"
        # Ids that tell what a cell is, and the same ones from run to run.
        wanted = cell.get("id") or re.sub(r"[^A-Za-z0-9_-]", "-", name)[:56]
        identity = wanted
        while identity in taken:
            taken[wanted] += 1
            identity = f"{wanted[:56]}-{taken[wanted]}"
        taken[identity] = 1
        cell["id"] = identity
    kernelspec = source.kernelspec
    if not kernelspec and isinstance(metadata, dict):
        kernelspec = metadata.get("kernelspec")
    kernelspec = kernelspec if isinstance(kernelspec, dict) else {}
    kernelspec = {k: v for k, v in kernelspec.items() if isinstance(v, str)}
    if "name" in kernelspec:
        kernelspec.setdefault("display_name", kernelspec["name"])
    notebook = nbformat.from_dict({
        "nbformat": 4, "nbformat_minor": 5, "cells": list(cells),
        "metadata": {"kernelspec": kernelspec} if "name" in kernelspec else {},
    })  # fmt: skip
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    return notebook
