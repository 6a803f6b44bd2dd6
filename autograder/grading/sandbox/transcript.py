"""What is known of a job while it runs: frames from a stranger's process go in, a Result comes out.

Every frame may be forged. So each is checked for its form and its size; it can say what happened
in the submission that sent it, and nothing else.
"""

from __future__ import annotations

import json
import signal
from dataclasses import replace

from autograder.grading.sandbox import protocol
from autograder.grading.sandbox.job import CellResult, Job, Limits, Result, Use
from autograder.grading.sandbox.outputs import (
    MOST_MARKUP,
    NotAnOutput,
    inert,
    markup_size,
    scrubbed,
)
from autograder.judging.plain import NotPlain, unpack

MOST_NOTES = 20
MOST_FRAMES = 20_000  # of one try; honest notebooks send a few for each cell
MOST_MARKUP_IN_ALL = 1_000_000  # characters of a try's markup that are cleaned and kept
MOST_WORDS = 50_000  # characters of a report, beside what was seen; honest ones have 5,000
STOPPED = {
    "clock": ("timeout", "it took longer than it may"),
    "memory": ("killed", "it used more memory than it may"),
    "processes": ("killed", "it started more processes than it may"),
}


class Transcript:
    """One job's results so far, over all tries."""

    def __init__(self, job: Job, limits: Limits):
        self.job, self.limits = job, limits
        self.cells = [CellResult(c.id, "skipped" if c.skip else "not run") for c in job.cells]
        self.reports: dict[tuple[str, int], list[dict]] = {}
        self.missing: dict[tuple[str, int], str] = {}
        self.left_out: set[int] = set()  # cells in which the process ended
        self.dropped: set[tuple[str, int]] = set()  # programs in which it ended
        self.notes: list[str] = []
        self.ended: str | None = None
        self.use = Use()
        self.complete = False
        self.steps = 0
        self._begin_try()

    def _begin_try(self) -> None:
        self._buffer = bytearray()
        self._received = self._markup = self._frames = 0
        self._raw = {name: Raw(self.limits.text_per_cell) for name in ("stdout", "stderr")}
        self._step: dict = {}
        self._done = self._begun = False

    def remaining(self) -> Job:
        """The job without what ended its process before."""
        return replace(
            self.job,
            cells=tuple(
                replace(cell, skip=cell.skip or number in self.left_out)
                for number, cell in enumerate(self.job.cells)
            ),
            programs={
                name: {s: p for s, p in by_seed.items() if (name, s) not in self.dropped}
                for name, by_seed in self.job.programs.items()
            },
        )

    # What comes from the child.

    @property
    def overfull(self) -> bool:
        """Whether more came than a submission may send."""
        return self._received > self.limits.result or self._frames > MOST_FRAMES

    def stdout(self, data: bytes) -> None:
        self._raw["stdout"].take(data)

    def stderr(self, data: bytes) -> None:
        self._raw["stderr"].take(data)

    def feed(self, data: bytes) -> None:
        """Bytes of frames; whole ones are taken at once."""
        self._received += len(data)
        if self.overfull:
            return
        self._buffer += data
        while len(self._buffer) >= protocol.HEAD.size and not self.overfull:
            kind, head, body = protocol.HEAD.unpack_from(self._buffer)
            end = protocol.HEAD.size + head + body
            if len(self._buffer) < end:
                return
            text = bytes(self._buffer[protocol.HEAD.size : protocol.HEAD.size + head])
            rest = bytes(self._buffer[protocol.HEAD.size + head : end])
            del self._buffer[:end]
            self._frames += 1
            try:
                self._take(kind, scrubbed(json.loads(text)), rest)
            except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
                self.note(f"a message that is none was passed over ({type(error).__name__})")

    def _take(self, kind: bytes, head: dict, body: bytes) -> None:
        if kind == protocol.BEGIN:
            self._begun = True
        elif kind == protocol.REFUSED and not self._begun:
            why = str(head["why"])
            raise NotConfined(f"A submission could not be locked in, so it was not run: {why}")
        elif kind == protocol.STEP:
            self.steps += 1
            self._step = {"cell": self._number(head["cell"]), "program": self._program(head)}
        elif kind == protocol.CELL:
            self._take_cell(head)
        elif kind == protocol.REPORTS:
            self._take_reports(head, body)
        elif kind == protocol.NOTE:
            self.note("the submission's process says: " + str(head["text"])[:500])
        elif kind == protocol.DONE:
            self._done = True

    def _number(self, number) -> int:
        if type(number) is not int or not 0 <= number < len(self.cells):
            raise ValueError("no such cell")
        return number

    def _program(self, head: dict) -> tuple[str, int] | None:
        if "exercise" not in head:
            return None
        key = head["exercise"], head["seed"]
        if key[1] not in self.job.programs[key[0]] or type(key[1]) is not int:
            raise ValueError("not a program of this job")
        return key

    def _take_cell(self, head: dict) -> None:
        cell = self.cells[self._number(head["cell"])]
        if "state" in head:
            if head["state"] not in ("ok", "error", "timeout"):
                raise ValueError("no such state")
            cell.state = head["state"]
            cell.seconds = float(head["seconds"])
        count = head["count"]
        cell.execution_count = count if type(count) is int else None
        cell.outputs = []
        for output in list(head["outputs"])[:400]:
            self._markup += markup_size(output)
            markup_limit = MOST_MARKUP if self._markup <= MOST_MARKUP_IN_ALL else 0
            try:
                kept = inert(output, self.limits.text_per_cell + 1000, markup_limit)
                cell.outputs.append(kept)
            except NotAnOutput as error:
                self.note(f"cell {cell.id}: an output was left out: {error}")

    def _add_raw(self) -> None:
        """Put what was written past Python's streams behind the other outputs of its cell."""
        for name, raw in self._raw.items():
            raw.end(self._step.get("cell", 0))
            for number, text in raw.of.items():
                if number >= len(self.cells) or number in self.left_out:
                    continue
                outputs = self.cells[number].outputs
                if outputs and outputs[-1].get("name") == name:
                    outputs[-1]["text"] += text
                else:
                    outputs.append({"output_type": "stream", "name": name, "text": text})

    def _take_reports(self, head: dict, body: bytes) -> None:
        key = self._program(head)
        if "missing" in head:
            self._miss(key, str(head["missing"])[:200])
            return
        cases = self.job.programs[key[0]][key[1]]["cases"]
        try:
            self.reports[key] = well_formed(unpack(body), len(cases))
            self.missing.pop(key, None)
        except (NotPlain, ValueError) as error:
            self._miss(key, f"what came back are no observations: {error}")

    def _miss(self, key: tuple[str, int], why: str) -> None:
        self.reports.pop(key, None)
        self.missing[key] = why

    def note(self, text: str) -> None:
        if text not in self.notes and len(self.notes) < MOST_NOTES:
            self.notes.append(text)

    # How a try ended.

    def end(self, outcome: dict, server: str | None) -> None:
        """Take in how the process ended; `outcome` is the server's word, which nobody can forge."""
        self.use = Use(
            self.use.wall + outcome.get("wall", 0.0),
            self.use.cpu + outcome.get("cpu", 0.0),
            max(self.use.peak_memory, outcome.get("peak", 0)),
        )
        how, why = self._how(outcome, server)
        self.complete = how == "finished"
        self.ended = self.ended or how
        self._add_raw()
        if not self.complete:
            self._blame(why)

    def _how(self, outcome: dict, server: str | None) -> tuple[str, str]:
        if server:
            return f"crashed: {server}", server
        if self.overfull:
            return "killed", "it sent more than it may"
        if outcome["stopped"] == "clock" and self._done:
            return "finished", ""  # a process that it started went on
        if outcome["stopped"]:
            return STOPPED[outcome["stopped"]]
        if self._done:
            return "finished", ""
        status = outcome["status"]
        if status is not None and status < 0:
            name = signal.Signals(-status).name
            why = f"its process was ended by {name}"
            return ("killed" if name in ("SIGKILL", "SIGXCPU") else f"crashed: {name}"), why
        return f"crashed: exit status {status}", f"its process left with status {status}"

    def _blame(self, why: str) -> None:
        """Say where it ended; that step is left out of the next try."""
        number, program = self._step.get("cell"), self._step.get("program")
        if number is None:
            self.note(f"The process ended before the first cell: {why}")
            return
        cell = self.cells[number]
        if program:
            self._miss(program, why)
            self.note(f"Observing {program[0]} after cell {cell.id}: {why}")
        else:
            cell.state = "killed"
            text = f"[The process ended in this cell: {why}]\n"
            cell.outputs.append({"output_type": "stream", "name": "stderr", "text": text})
            self.note(f"Cell {cell.id}: {why}")

    def leave_out_culprit(self) -> None:
        """Prepare the next try: without the cell or the program in which this one ended."""
        if program := self._step.get("program"):
            self.dropped.add(program)
        elif self._step:
            self.left_out.add(self._step["cell"])
        self._begin_try()

    def result(self) -> Result:
        """All that came, with a reason for everything that did not."""
        for number, cell in enumerate(self.job.cells):
            for name in cell.due:
                for seed in self.job.programs.get(name, ()):
                    if (name, seed) not in self.reports:
                        why = f"the process ended before cell {cell.id} was through"
                        if self.cells[number].state == "killed":
                            why = "its check cell ended the process"
                        self.missing.setdefault((name, seed), why)
        return Result(
            self.cells, self.reports, self.missing, self.ended or "finished", self.use, self.notes
        )


class NotConfined(OSError):
    """A child could not be locked in, so nothing of the submission was run."""


class Raw:
    """What was written past Python's streams, by C code and by subprocesses, cell by cell."""

    def __init__(self, limit: int):
        self.limit = limit
        self.of: dict[int, str] = {}
        self._head, self._tail, self._dropped = bytearray(), bytearray(), 0

    def take(self, data: bytes) -> None:
        self._tail += data
        while marked := protocol.MARKED.search(self._tail):
            number, length = int(marked[1]), len(marked[0])
            self._keep(marked.start())
            del self._tail[:length]
            self.flush(number)
        self._keep(max(len(self._tail) - 32, 0))  # a mark may have come in part

    def _keep(self, count: int) -> None:
        """Move `count` bytes from the tail to the head, where there is room."""
        room = max(self.limit - len(self._head), 0)
        self._head += self._tail[: min(count, room)]
        self._dropped += max(count - room, 0)
        del self._tail[:count]

    def flush(self, number: int) -> None:
        """What is there belongs to this cell."""
        text = self._head.decode("utf-8", "replace")
        if self._dropped:
            text += f"\n[{self._dropped:,} more bytes of this cell were left out]\n"
        if text:
            self.of[number] = self.of.get(number, "") + text
        self._head.clear()
        self._dropped = 0

    def end(self, number: int) -> None:
        """Nothing more comes; what is left was written in this cell, or after it."""
        self._keep(len(self._tail))
        self.flush(number)


def well_formed(reports: object, cases: int) -> list[dict]:
    """Reports of the form that `observing.run` gives, at most one a case; ValueError otherwise."""
    if not isinstance(reports, list) or len(reports) > cases:
        raise ValueError("not one report a case")
    for report in reports:
        if not isinstance(report, dict):
            raise ValueError("a report that is no dict")
        for name, value in report.items():
            if not _fits(FORM.get(name, _nothing), value):
                raise ValueError(f"a report whose {str(name)[:40]!r} has another form")
        if len(str({n: v for n, v in report.items() if n != "seen"})) > MOST_WORDS:
            raise ValueError("a report of too many words")
    return reports


def _nothing(value) -> bool:
    return False


def _strings(value) -> bool:
    return isinstance(value, list) and all(type(entry) is str for entry in value)


def _raised(value) -> bool:
    return (
        isinstance(value, dict)
        and type(value.get("type")) is str
        and type(value.get("message")) is str
        and type(value.get("not_attempted")) is bool
        and isinstance(value.get("frames"), list)
        and all(
            isinstance(f, list) and len(f) == 3
            and type(f[0]) is str and type(f[1]) is int and type(f[2]) is str
            for f in value["frames"]
        )
    )  # fmt: skip


def _unusable(value) -> bool:
    if not isinstance(value, dict) or type(value.get("function")) is not str:
        return False
    got, wanted = value.get("got"), value.get("wanted")
    return {
        "missing": _strings(value.get("near")),
        "not callable": type(got) is str,
        "arguments": _strings(got) and _strings(wanted),
        "returned": type(got) is str and _strings(wanted),
    }.get(value.get("problem"), False)


def _parameters(value) -> bool:
    return isinstance(value, dict) and all(map(_strings, value.values()))


def _fits(form, value) -> bool:
    return isinstance(value, form) if isinstance(form, type) else form(value)


# Each part of a report → its type, or a function that knows its form.
FORM = {
    "seen": dict, "raised": _raised, "unusable": _unusable, "interrupted": bool,
    "changed": _strings, "random": _strings, "warnings": _strings, "printed": str,
    "parameters": _parameters,
}  # fmt: skip
