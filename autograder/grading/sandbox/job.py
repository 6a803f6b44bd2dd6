"""What goes into the sandbox and what comes out of it, as plain data. Nothing here runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

MIB = 2**20
# Of the course's data/, beside what somebody has downloaded: trained nets and stored results.
SHIPPED = ("*.pt", "results/*")


@dataclass(frozen=True)
class Limits:
    """What one submission may use. Seconds are of wall clock, sizes are bytes.

    A cell, or one exercise's program, that takes longer than `cell_seconds` is interrupted like
    a cell that somebody stops; one that goes on all the same is killed `grace_seconds` later, with
    everything that belongs to it.
    """

    cell_seconds: float = 30.0
    total_seconds: float = 180.0
    grace_seconds: float = 3.0
    memory: int = 3072 * MIB  # beyond what the imported libraries take; all processes together
    file_size: int = 64 * MIB
    disk: int = 256 * MIB  # the work folder, and as much for /tmp; both live in memory
    shared_memory: int = 256 * MIB
    processes: int = 128  # threads count
    open_files: int = 512
    text_per_cell: int = 100_000  # characters of streams, tracebacks and text that are kept
    outputs_per_cell: int = 8 * MIB  # pictures and all
    result: int = 64 * MIB  # all that one submission may send back


@dataclass(frozen=True)
class Cell:
    """One code cell of a notebook.

    A "check" cell is run like any other (it shows which exercise is due); directly after it the
    runner itself observes every exercise in `due` on the functions in the notebook's namespace
    at that moment. A cell with `skip` is not run and has no outputs; what is due there is observed.
    """

    id: str
    source: str
    kind: Literal["code", "check"] = "code"
    skip: bool = False
    due: tuple[str, ...] = ()


@dataclass(frozen=True)
class Job:
    """One submission: one notebook's code cells, in their order.

    Attributes
    ----------
    cells : code cells only; markdown stays with the caller
    programs : exercise → seed → `keys.program(name, seed)`
        Every exercise that is due in some cell, with one program a seed.
    files : relative path → contents; put beside the notebook before it runs
    texts : question, and seed (`standin.text_name`) → its Markdown, which `ask` shows
    """

    cells: tuple[Cell, ...]
    programs: dict[str, dict[int, dict]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)


CellState = Literal["ok", "error", "timeout", "killed", "skipped", "not run"]


@dataclass
class CellResult:
    """How one cell went. Its outputs are nbformat's, bounded, and safe to show in a page.

    state : "ok"; "error": it raised; "timeout": it was interrupted by the clock; "killed": the
        process ended in it; "skipped": as the job asked; "not run": the process ended before it
    """

    id: str
    state: CellState
    outputs: list[dict] = field(default_factory=list)
    execution_count: int | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class Use:
    """What a submission used: seconds and bytes. `peak_memory` is of its main process."""

    wall: float = 0.0
    cpu: float = 0.0
    peak_memory: int = 0


@dataclass
class Result:
    """What came back. The submission's own process says it, so all of it can be made up but
    `use` and that a limit was exceeded; nothing in it is a score.

    Attributes
    ----------
    cells : one for each cell of the job, in its order
    reports : (exercise, seed) → the reports of `observing.run`, for the judge
    missing : (exercise, seed) → one sentence: why there are no reports
    ended : "finished", "timeout", "killed" (a limit was exceeded; the note says which) or
        "crashed: ..." (it ended by itself, in the way that follows)
    notes : sentences for the teacher, e.g. that output was cut
    """

    cells: list[CellResult]
    reports: dict[tuple[str, int], list[dict]] = field(default_factory=dict)
    missing: dict[tuple[str, int], str] = field(default_factory=dict)
    ended: str = "finished"
    use: Use = field(default_factory=Use)
    notes: list[str] = field(default_factory=list)
