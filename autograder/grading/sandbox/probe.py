"""What a probe of the sandbox is, and the limits that probes run under."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from autograder.grading.sandbox.job import MIB, Limits, Result

# Small, so that a probe which exceeds them costs little; the mechanisms are those of every run.
LIMITS = Limits(
    cell_seconds=1.5, grace_seconds=0.3, total_seconds=10, memory=256 * MIB, disk=8 * MIB,
    file_size=4 * MIB, shared_memory=8 * MIB, processes=32,
)  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """What one probe found."""

    promise: str
    kept: bool
    detail: str


@dataclass(frozen=True)
class Probe:
    """A promise and the cell that tries to break it."""

    promise: str
    source: str
    look: Callable[[Result, str], str] | None = None  # result, token → "kept" or what was seen


def printed(result: Result) -> str:
    """What the first cell wrote."""
    return "".join(o["text"] for o in result.cells[0].outputs if o["output_type"] == "stream")
