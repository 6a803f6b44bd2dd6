"""Wrong code as people really write it, with the names that it must get: a table in a
folder a notebook, in modules like

    from wrong_code import wrong

    @wrong("relu_backward", "mask_from_output_gradient")
    def relu_backward(dout, cache): ...

It proves that the mistakes' data is what such code shows; it is graded in
`tests/exercises/test_wrong_code.py`.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Wrong:
    """One entry: `code` takes the place of the solution's function or class of that name."""

    exercise: str
    ids: tuple[str, ...]
    code: object

    def __str__(self) -> str:
        return f"{self.exercise}: {', '.join(self.ids)}"


TABLE: list[Wrong] = []


def wrong(exercise: str, *ids: str):
    """Enter a function or class that bears the learner's name for it.

    Parameters
    ----------
    exercise : the exercise on which it is graded
    ids : what the verdict's mistakes must begin with, most important first; a plain relation
        ("relation:factor") or a finding ("changed:x") counts
    """
    if not ids:
        raise TypeError(f"wrong({exercise!r}) needs the mistakes that it must be named")

    def enter(code):
        TABLE.append(Wrong(exercise, ids, code))
        return code

    return enter


def table() -> list[Wrong]:
    """All entries, those of every module in the folders here."""
    for path in sorted(Path(__file__).parent.glob("*/*.py")):
        importlib.import_module(f"{__name__}.{path.parent.name}.{path.stem}")
    return TABLE
