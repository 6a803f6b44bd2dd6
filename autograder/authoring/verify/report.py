"""What `course verify` found out, and how it is told: to people as a table, to machines as JSON.
Finding it out is `verify`'s."""

from __future__ import annotations

import dataclasses
import re
import statistics
from dataclasses import dataclass, field

from autograder.authoring.verify.mutants import Mutant
from autograder.authoring.verify.proofs import Failure, Proof


@dataclass
class Tried:
    """What became of one mutant; `how` is rejected, stopped (by the clock), survived, equivalent
    or no equivalent (rejected although it is listed as one)."""

    mutant: Mutant
    how: str
    named: bool = False


@dataclass
class Report:
    """All that was found out."""

    proofs: dict[str, Proof] = field(default_factory=dict)
    tried: list[Tried] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    mode: str = "all"
    seed: str = ""
    seconds: float = 0.0

    @property
    def rejected(self) -> int:
        return sum(t.how in ("rejected", "stopped") for t in self.tried)

    @property
    def counted(self) -> int:
        return sum(t.how in ("rejected", "stopped", "survived") for t in self.tried)

    @property
    def survivors(self) -> list[Mutant]:
        return [t.mutant for t in self.tried if t.how == "survived"]

    @property
    def ok(self) -> bool:
        return not self.failures


def as_data(report: Report) -> dict:
    """The report for machines."""
    counts: dict[str, dict[str, int]] = {}
    for tried in report.tried:
        of = counts.setdefault(tried.mutant.exercise, {})
        of[tried.how] = of.get(tried.how, 0) + 1
    return {
        "ok": report.ok,
        "seconds": round(report.seconds, 1),
        "exercises": [
            {
                "name": name, "notebook": p.notebook, "points": p.points, "devices": p.devices,
                "solution_passes": p.solved, "stub_not_attempted": p.untouched,
                "mistakes": p.mistakes, "mistakes_named": p.named, "mutants": counts.get(name, {}),
                "median_seconds": p.median, "worst_seconds": p.worst, "notes": p.notes,
            }
            for name, p in report.proofs.items()
        ],
        "mutants": {
            "mode": report.mode, "seed": report.seed, "counted": report.counted,
            "rejected": report.rejected,
            "stopped_by_the_clock": sum(t.how == "stopped" for t in report.tried),
            "equivalent": sum(t.how == "equivalent" for t in report.tried),
            "named": sum(t.named for t in report.tried),
            "survivors": [
                {"exercise": m.exercise, "line": m.line, "changed": m.changed, "number": m.number}
                for m in report.survivors
            ],
        },
        "failures": [dataclasses.asdict(failure) for failure in report.failures],
    }  # fmt: skip


def show(report: Report, console) -> None:
    """The report for people: a line for each notebook, then what fails and what to do."""
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("Notebook")
    for column in ("Exercises", "Solved", "Stubs", "Mistakes", "Mutants", "ms (worst)"):
        table.add_column(column, justify="right", no_wrap=True)
    for notebook in dict.fromkeys(p.notebook for p in report.proofs.values()):
        table.add_row(*_row(report, notebook))
    console.print(table)
    unchosen = f", sample {report.seed}" if report.mode == "sample" else ""
    equivalent = sum(t.how == "equivalent" for t in report.tried)
    stopped = sum(t.how == "stopped" for t in report.tried)
    if report.counted:
        console.print(
            f"{report.rejected} of {report.counted} mutants rejected "
            f"({report.rejected / report.counted:.1%}; {stopped} by the clock, {equivalent} "
            f"more known to be equivalent{unchosen})."
        )
    for mutant in report.survivors:
        console.print(f"  survived: {escape(mutant.exercise)}, {escape(mutant.diff)}")
    for name, proof in report.proofs.items():
        for note in proof.notes:
            console.print(f"  note: {escape(name)}: {escape(note)}")
    groups = alike(report.failures)
    for first, *others in groups:
        more = f" (and {len(others)} more like it)" if others else ""
        console.print(f"[bold]✗ {escape(first.exercise)}[/]: {escape(first.what)}{more}")
        console.print(f"    {escape(first.do)}.")
    verdict = "All of it holds."
    if groups:
        verdict = f"{len(groups)} thing{'s do' if len(groups) > 1 else ' does'} not hold."
    console.print(f"{verdict} {report.seconds:.0f} s.")


def alike(failures: list[Failure]) -> list[list[Failure]]:
    """The failures, those together that differ in seeds, steps and values only."""
    groups: dict[tuple[str, str, str], list[Failure]] = {}
    for failure in failures:
        what = re.sub(r"^its (solution|stub|mistakes|hints): ", "", failure.what)
        what = re.sub(r"-?\d[\d.]*(e[-+]?\d+)?", "#", what)
        groups.setdefault((failure.exercise, what, failure.do), []).append(failure)
    return list(groups.values())


def _row(report: Report, notebook: str) -> list[str]:
    proofs = [p for p in report.proofs.values() if p.notebook == notebook]
    names = {p.exercise for p in proofs}
    tried = [t for t in report.tried if t.mutant.exercise in names]
    counted = [t for t in tried if t.how in ("rejected", "stopped", "survived")]
    rejected = sum(t.how != "survived" for t in counted)
    times = [p.median for p in proofs if p.median is not None]
    worst = [p.worst for p in proofs if p.worst is not None]
    return [
        notebook,
        str(len(proofs)),
        f"{sum(p.solved for p in proofs)}/{len(proofs)}",
        f"{sum(p.untouched for p in proofs)}/{len(proofs)}",
        f"{sum(p.named for p in proofs)}/{sum(p.mistakes for p in proofs)}",
        f"{rejected}/{len(counted)}" if counted else "–",
        f"{1000 * statistics.median(times):.0f} ({1000 * max(worst):.0f})" if times else "–",
    ]
