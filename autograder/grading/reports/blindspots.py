"""The wrong answers of a class that no mistake explains: a signature of each, kept in the class's
folder without names or code, and the groups that behave alike. What tells of them in words is
`blindspots_command`'s.

A class's `.course/blindspots/ASSIGNMENT.json`, written anew by each `course grade` of everybody:

    {"format": 1, "assignment": ..., "left_out": how many more there were,
     "verdicts": [{"exercise": ..., "seed": ..., "digest": ..., "count": how many were the same,
                   "cells": [{"case": ..., "name": ..., "kind": ..., "seen": what form it has,
                              "right": ..., "values": a few of its values, "beside": the right ones,
                              "scale": the size of the right values, ...}]}]}
"""

from __future__ import annotations

import builtins
import hashlib
import json
import math
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autograder.exercise import Expected, raises
from autograder.judging import bounds
from autograder.judging.compare import Difference
from autograder.judging.explaining import lay_out
from autograder.judging.keys import AnswerKey
from autograder.judging.plain_data import Strange, arrays_only

FORMAT = 1
# What one file may hold at most: a few hundred kilobytes for a class of any size.
VERDICTS, CELLS, VALUES = 300, 16, 12
# The judge's own bounds: what was observed may be made to take for ever.
SECONDS, MEMORY = 20.0, 4 * 2**30
# Two answers are the same where no value differs by more than this share of the right one's size.
NEARLY = 1e-3


# One verdict.


def signature(key: AnswerKey, reports: list[dict] | None, read=None) -> dict | None:
    """How an answer differs from the right one, as small plain data; None where nothing was seen.

    Parameters are those of `judge.judge`. Of the learner's own words (exceptions, strings, names of
    classes) only what anybody's program has is kept.
    """
    if not reports:
        return None
    try:
        with bounds.memory(MEMORY), bounds.seconds(SECONDS), np.errstate(all="ignore"):
            grid = lay_out(key, reports, read)
            cells = [
                _cell(cell, grid.seen.get(cell), grid.right[cell], found)
                for cell, found in list(grid.wrong.items())[:CELLS]
            ]
    except (Exception, bounds.OutOfTime):  # noqa: BLE001 - anybody may have made them
        return None
    if not cells:
        return None
    made = {"exercise": key.exercise, "seed": key.seed, "cells": cells}
    digest = hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()[:16]
    return {**made, "digest": digest}


def _cell(cell, seen, right: Expected, found: Difference) -> dict:
    told = {"case": cell[0], "name": cell[1], "kind": found.kind, "right": _form(right.value)}
    if isinstance(seen, raises):
        known = isinstance(getattr(builtins, seen.type_name, None), type)
        return {**told, "error": seen.type_name if known else "an exception of its own"}
    seen = arrays_only(seen)
    told["seen"] = _form(seen)
    mine, its = _numbers(seen), _numbers(right.value)
    if mine is None or its is None:
        # A letter is an answer; longer words may be anything, and their digest tells them apart.
        text = repr(seen)
        short = isinstance(seen, str) and len(seen) == 1 and seen.isalnum()
        told["token"] = seen if short else hashlib.sha256(text.encode()).hexdigest()[:12]
        told["beside_token"] = right.value if isinstance(right.value, str) else None
        return told
    places = np.unique(np.linspace(0, max(len(mine) - 1, 0), min(len(mine), VALUES)).astype(int))
    told["values"] = [_rounded(v) for v in mine[places]]
    told["scale"] = _rounded(np.max(np.abs(its[np.isfinite(its)]), initial=0.0) or 1.0)
    if len(mine) == len(its) and told["seen"] == told["right"]:
        told |= _beside(mine, its, places)
    return told


def _beside(mine: np.ndarray, its: np.ndarray, places: np.ndarray) -> dict:
    """How two lists of numbers stand to each other, element by element."""
    size = float(np.max(np.abs(its[np.isfinite(its)]), initial=0.0)) or 1.0
    same = (mine == its) | (np.isnan(mine) & np.isnan(its)) | (np.abs(mine - its) <= 1e-6 * size)
    both = np.isfinite(mine) & np.isfinite(its)
    ratios = (mine / its)[both & (np.abs(its) > 1e-9 * size)]
    gaps = np.nan_to_num(np.where(same, 0.0, np.abs(mine - its)), nan=np.inf)
    worst = int(np.argmax(gaps)) if len(gaps) else 0
    return {
        "beside": [_rounded(v) for v in its[places]],
        "off": int(np.sum(~same)), "of": len(its),
        "ratio": _spread(ratios), "difference": _spread((mine - its)[both]),
        "worst": [_rounded(mine[worst]), _rounded(its[worst])] if len(gaps) else None,
    }  # fmt: skip


def _spread(values: np.ndarray) -> list | None:
    """Least, middle and largest; None of nothing."""
    if not len(values):
        return None
    return [_rounded(v) for v in (np.min(values), np.median(values), np.max(values))]


def _rounded(value) -> float | str:
    """Six digits; what is no finite number as a word, for JSON has none."""
    value = float(value)
    return float(f"{value:.6g}") if math.isfinite(value) else str(value)


def _numbers(value) -> np.ndarray | None:
    """All numbers of a value in one row, or None where it holds anything else."""
    if isinstance(value, dict):
        value = [value[name] for name in sorted(value, key=str)]
    if isinstance(value, (list, tuple)):
        parts = [_numbers(item) for item in value]
        if any(part is None for part in parts):
            return None
        return np.concatenate(parts) if parts else np.zeros(0)
    if not isinstance(value, (bool, int, float, complex, np.ndarray, np.generic)):
        return None
    array = np.asarray(value)
    if array.dtype.kind not in "biufc":
        return None
    flat = array.reshape(-1)
    if array.dtype.kind == "c":
        flat = np.concatenate([flat.real, flat.imag])
    return flat.astype(np.float64)


def _form(value) -> str:
    """What a value looks like from afar."""
    if isinstance(value, Strange):
        return "an object"
    if isinstance(value, np.ndarray) and value.ndim:
        return f"{value.dtype} of shape {value.shape}"
    if isinstance(value, (bool, int, float, complex, np.ndarray, np.generic)):
        return "a number"
    if isinstance(value, dict):
        return f"a dictionary of {len(value)}"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}"
    return {str: "text", type(None): "None"}.get(type(value), "an object")


# A class's file.


class Unreadable(Exception):
    """A file of blind spots that cannot be used; the message is one sentence."""


def folder_of(root: Path) -> Path:
    """Where a class keeps them."""
    return Path(root) / ".course" / "blindspots"


def keep(root: Path, assignment: str, signatures: Iterable[dict]) -> Path:
    """Write an assignment's file anew; equal ones are counted and not kept twice."""
    held: dict[tuple, dict] = {}
    for made in signatures:
        same = made["exercise"], made["seed"], made["digest"]
        held.setdefault(same, {**made, "count": 0})["count"] += 1
    # By digest: no order tells who handed in what.
    ordered = sorted(held.values(), key=lambda v: (-v["count"], v["exercise"], v["digest"]))
    path = folder_of(root) / f"{assignment}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "format": FORMAT, "assignment": assignment,
        "left_out": sum(v["count"] for v in ordered[VERDICTS:]), "verdicts": ordered[:VERDICTS],
    }  # fmt: skip
    growing = path.with_suffix(".growing")
    growing.write_text(json.dumps(content, indent=1), encoding="utf-8")
    os.replace(growing, path)
    return path


def load(path: Path) -> dict:
    """A file's content. Raises Unreadable when it is damaged or of another version."""
    again = f"Write it anew with: course grade {path.stem}"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        version = content["format"]
        if version != FORMAT:
            raise Unreadable(
                f"{path} is of format {version!r:.20}, and this course reads {FORMAT}. {again}"
            )
        for verdict in content["verdicts"]:
            _vector(verdict)
            _pattern(verdict)
            if type(verdict["count"]) is not int or type(verdict["exercise"]) is not str:
                raise TypeError("count or exercise")
        content["left_out"] = int(content["left_out"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(f"{path} cannot be read ({type(error).__name__}). {again}") from None
    return content


# Groups.


@dataclass(frozen=True)
class Spot:
    """Wrong answers that behave alike: how many, and the commonest of them."""

    exercise: str
    seed: int
    count: int
    cells: tuple[dict, ...]


def spots(verdicts: Iterable[dict]) -> list[Spot]:
    """The groups, the largest first.

    Answers are alike where the same cells are wrong in the same way and their values are equal, or
    nearly; a chain of such answers is one group.
    """
    patterns: dict[tuple, list[dict]] = {}
    for verdict in verdicts:
        patterns.setdefault(_pattern(verdict), []).append(verdict)
    found = []
    for alike in patterns.values():
        for group in _near(alike):
            most = max(group, key=lambda v: v["count"])
            count = sum(v["count"] for v in group)
            found.append(Spot(most["exercise"], most["seed"], count, tuple(most["cells"])))
    return sorted(found, key=lambda s: (-s.count, s.exercise, s.cells[0]["case"]))


def _near(verdicts: list[dict]) -> list[list[dict]]:
    if len(verdicts) == 1:
        return [verdicts]
    from sklearn.cluster import DBSCAN

    vectors = np.array([_vector(v) for v in verdicts])
    if not vectors.shape[1]:
        return [verdicts]
    # With groups of one, its density is none: what is left is single linkage.
    labels = DBSCAN(eps=NEARLY, min_samples=1, metric="chebyshev").fit_predict(vectors)
    return [[v for v, n in zip(verdicts, labels, strict=True) if n == label]
            for label in dict.fromkeys(labels)]  # fmt: skip


def _pattern(verdict: dict) -> tuple:
    """All of a signature that is either the same or not."""
    return verdict["exercise"], verdict["seed"], *(
        (c["case"], c["name"], c["kind"], c["right"], c.get("seen"), c.get("error"),
         c.get("token"), tuple(v if isinstance(v, str) else "" for v in c.get("values", ())))
        for c in verdict["cells"]
    )  # fmt: skip


def _vector(verdict: dict) -> list[float]:
    """All of a signature's values, each as a share of the right ones' size."""
    return [
        0.0 if isinstance(value, str) else float(np.clip(value / cell["scale"], -1e9, 1e9))
        for cell in verdict["cells"]
        for value in cell.get("values", ())
    ]
