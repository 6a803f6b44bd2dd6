"""The parts of `make gpu`, the most valuable first, and what each needs and may take.

A part is a function of a `Run` that returns plain data; it lives in the room that its entry names.
Running them, each in a process of its own, is `benchmarks/gpu.py`'s.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Part:
    """`seconds` is all that it may take; `needs` are modules without which it is left out."""

    name: str
    seconds: int
    says: str
    room: str
    needs: tuple[str, ...] = ()


# Together 470 seconds of the 480 that a run may take.
PARTS = (
    Part("only_here", 35, "what the tests' stand-in accelerator cannot prove", "probes"),
    Part("references", 75, "every answer key and every solution, against the CPU's", "proofs",
         ("click", "sklearn")),
    Part("device_tests", 40, "the tests that use the device", "proofs", ("pytest", "sklearn")),
    Part("device_speeds", 70, "products, convolutions, links, launches, memory", "speeds"),
    Part("mixed_precision", 40, "a training step by type: float32, TF32, float16, bfloat16",
         "speeds"),
    Part("fused_kernel", 25, "the Triton kernel of notebook 12 beside torch's two", "speeds"),
    Part("notebooks", 75, "the solved notebooks 12, 13 and 15, top to bottom", "proofs",
         ("click", "IPython", "ipywidgets", "matplotlib", "sklearn")),
    Part("grading", 40, "`course grade` with its judge on the device", "proofs",
         ("nbgrader", "jupytext")),
    Part("optimizers_figure", 70, "notebook 07's figure with the net at the paper's size",
         "speeds", ("sklearn",)),
)  # fmt: skip


@dataclass
class Run:
    """What a part is told, and where it leaves what it has: a part that is stopped keeps that."""

    device: str
    quick: bool
    folder: Path
    out: Path
    found: dict = field(default_factory=dict)

    def keep(self, **found) -> None:
        self.found |= found
        partial = self.out.with_suffix(".partial")
        partial.write_text(json.dumps(self.found, indent=1) + "\n", encoding="utf-8")
        os.replace(partial, self.out)


class Failed(Exception):
    """Something that must hold on a device does not: the sentences say what."""


class LeftOut(Exception):
    """Why a part has nothing to measure here."""


def missing(part: Part) -> list[str]:
    """The modules that a part needs and this Python has not."""
    return [name for name in part.needs if importlib.util.find_spec(name) is None]


def find(name: str) -> tuple[Part, Callable[[Run], dict | None]]:
    """A part and its function."""
    part = next(part for part in PARTS if part.name == name)
    return part, getattr(importlib.import_module(part.room), name)


def main(name: str, device: str, quick: str, folder: str, out: str) -> int:
    """Run one part: what it found goes to the file `out`, its outcome with it."""
    os.environ["COURSE_DEVICE"] = device
    os.environ["COURSE_PROGRESS"] = ""
    sys.path.insert(0, str(ROOT))
    run = Run(device, quick == "quick", Path(folder), Path(out))
    run.keep(outcome="stopped")
    _, measure = find(name)
    try:
        run.keep(**(measure(run) or {}), outcome="passed")
    except LeftOut as reason:
        run.keep(outcome="left out", why=str(reason))
    except Failed as reason:
        run.keep(outcome="failed", why=str(reason))
        return 1
    except Exception as error:
        run.keep(outcome="failed", why=f"{type(error).__name__}: {error}"[:2000])
        raise
    return 0


if __name__ == "__main__":
    # The rooms import this file by its name: it must not be there twice.
    sys.modules["parts"] = sys.modules["__main__"]
    sys.exit(main(*sys.argv[1:]))
