"""The table of claims: one line a claim, one column a processor."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import click

from autograder.authoring.build.masters import load
from autograder.authoring.claims.experiments import Tried
from autograder.authoring.claims.processors import compared

MARK = {True: "✓", False: "✗"}


def lines(found: dict[str, list[Tried]]) -> Iterable[str]:
    """A notebook's claims, with what each processor has shown."""
    for rows in zip(*found.values(), strict=True):
        seen = "   ".join(f"{MARK[row.holds]} {row.seen}" for row in rows)
        yield f"  {rows[0].cell}: {rows[0].says}\n      {seen}"


def tell(paths: Iterable[Path], machine: bool = False) -> bool:
    """Try the claims of these masters, print them, and say whether all hold everywhere."""
    report, holds, count = {}, True, 0
    for path in paths:
        found = compared(load(path))
        report[path.stem] = {name: [asdict(row) for row in rows] for name, rows in found.items()}
        holds &= all(row.holds for rows in found.values() for row in rows)
        count += sum(len(rows) for rows in found.values())
        if not machine:
            columns = " | ".join(found) or "claims nothing"
            click.echo("\n".join([f"{path.stem} ({columns})", *lines(found)]))
    if machine:
        click.echo(json.dumps(report, ensure_ascii=False, indent=1))
    elif holds:
        click.echo(f"{count} results, and every claim holds." if count else "No claims.")
    else:
        click.echo("✗: the text says what this processor does not show. Mend the sentence, or the "
                   "experiment, so that the finding is far from the edge.")  # fmt: skip
    return holds
