"""A class's unnamed wrong answers in words, for the author of a next mistake.
What is kept, and what counts as alike, is `blindspots`'."""

from __future__ import annotations

import click

from autograder.grading.reports.blindspots import NEARLY, Spot


def as_data(spot: Spot) -> dict:
    """A group as plain data."""
    return {
        "exercise": spot.exercise, "seed": spot.seed, "count": spot.count,
        "cells": [{"case": c["case"], "name": c["name"], "shows": words(c)} for c in spot.cells],
        "right_in": right_in(spot), "mistake": sketch(spot),
    }  # fmt: skip


def show(found: list[Spot], everything: bool) -> None:
    """Print the groups, exercise by exercise; those with most students first."""
    if not found:
        click.echo("No wrong answer is without a name.")
        return
    for exercise in dict.fromkeys(spot.exercise for spot in found):
        own = [spot for spot in found if spot.exercise == exercise]
        shown = [spot for spot in own if everything or spot.count > 1]
        alone = sum(spot.count for spot in own) - sum(spot.count for spot in shown)
        click.echo(f"\n{exercise}: {sum(s.count for s in own)} wrong answers without a name")
        for spot in shown:
            click.echo(f"\n  {spot.count} alike (numbers of seed {spot.seed})" if spot.count > 1
                       else f"\n  one alone (numbers of seed {spot.seed})")  # fmt: skip
            for cell in spot.cells:
                click.echo(f"    in '{cell['case']}' {cell['name']} {words(cell)}")
            if right := right_in(spot):
                click.echo(f"    right in: {'; '.join(right)}")
            if draft := sketch(spot):
                click.echo("    To name it:\n" + "\n".join(f"      {t}" for t in draft.split("\n")))
        if alone:
            click.echo(f"\n  {alone} that nobody else gave; --all shows them")


def words(cell: dict) -> str:
    """What a wrong cell shows beside the right value; continues "out ..."."""
    if "error" in cell:
        return f"stops with {cell['error']}"
    if cell["kind"] == "missing":
        return "was not observed"
    if "token" in cell:
        if cell["kind"] == "values" and len(cell["token"]) == 1:
            return f"is {cell['token']!r}; {cell['beside_token']!r} is right"
        return f"is {cell['seen']} that is not the right one; {cell['right']} is right"
    if cell["seen"] != cell["right"]:
        return f"is {cell['seen']}; {cell['right']} is right"
    if "beside" not in cell:
        return f"is another {cell['seen']} than the right one"
    if cell["worst"] is None or not cell["off"]:
        return f"differs by less than a millionth ({cell['kind']})"
    worst = f"{cell['worst'][0]} where {cell['worst'][1]} is right"
    if cell["of"] == 1:
        factor = constant(cell["ratio"])
        return f"is {worst}" + (f" ({factor:g} of it)" if factor else "")
    if factor := constant(cell["ratio"]):
        return f"is {factor:g} times the right value in all {cell['of']} places, such as {worst}"
    if shift := constant(cell["difference"]):
        return f"is the right value {shift:+g} in all {cell['of']} places, such as {worst}"
    return (
        f"is off in {cell['off']} of {cell['of']} places, most at {worst}"
        + between("ratio", cell["ratio"]) + between("difference", cell["difference"])
    )  # fmt: skip


def constant(spread: list | None) -> float | None:
    """The one number that a spread holds, where it is one and finite."""
    if spread is None or any(isinstance(value, str) for value in spread):
        return None
    least, middle, most = spread
    return middle if most - least <= NEARLY * abs(middle) else None


def between(what: str, spread: list | None) -> str:
    return f"; {what} from {spread[0]} to {spread[2]}" if spread else ""


def right_in(spot: Spot) -> list[str]:
    """The exercise's cases in which such an answer is right."""
    wrong = {cell["case"] for cell in spot.cells}
    return [name for name, _ in _cases(spot) if name not in wrong]


def _cases(spot: Spot) -> list[tuple[str, list[str]]]:
    """The cases of the exercise and their inputs' names; none when it is gone from the course."""
    from autograder.exercises import find
    from autograder.judging.keys import build_cases

    try:
        kind = find(spot.exercise)
    except KeyError:
        return []
    return [(case.name, list(case.inputs)) for case in build_cases(kind(), spot.seed)]


def sketch(spot: Spot) -> str:
    """How the mistake might be written down, as far as the numbers tell; "" of a lost exercise."""
    cases = _cases(spot)
    if not cases:
        return ""
    arguments = ", ".join(["self", "right", *cases[0][1]])
    shown: dict[str, set[str]] = {}
    for cell in spot.cells:
        shown.setdefault(cell["name"], set()).add(expression(cell))
    body = [
        f'"{name}": {next(iter(said)) if len(said) == 1 else "..."}' for name, said in shown.items()
    ]
    lines = [
        "@mistake", f"def name_what_they_do({arguments}):",
        '    """Say what is off, and ask what leads on. Give no code away."""',
    ]  # fmt: skip
    if right_in(spot):
        names = " and ".join(f"'{name}'" for name in dict.fromkeys(c["case"] for c in spot.cells))
        lines.append(f"    # It shows in {names} only; elsewhere return None.")
    return "\n".join([*lines, f"    return {{{', '.join(body)}}}"])


def expression(cell: dict) -> str:
    """What a mistake returns for a cell, where it is plain; else dots."""
    if "error" in cell:
        return f'raises("{cell["error"]}")' if " " not in cell["error"] else "..."
    if len(cell.get("token", "")) == 1:
        return repr(cell["token"])
    if "beside" not in cell or not cell["off"]:
        return "..."
    name = cell["name"]
    if factor := constant(cell["ratio"]):
        return f'right["{name}"] * {factor:g}'
    if shift := constant(cell["difference"]):
        return f'right["{name}"] {"+" if shift > 0 else "-"} {abs(shift):g}'
    return "..."
