"""What is known of a job while it runs: frames from a stranger's process go in, a Result comes out.

Every frame may be forged. So each is checked for its form and its size; it can say what happened
in the submission that sent it, and nothing else.
"""

from __future__ import annotations

import json
import signal
from dataclasses import replace

from autograder.grading.sandbox import protocol
from autograder.grading.sandbox.forms import well_formed
from autograder.grading.sandbox.job import CellResult, Job, Limits, Result, Use
from autograder.grading.sandbox.outputs import (
    MOST_MARKUP,
    NotAnOutput,
    inert,
    is_count,
    markup_size,
    scrubbed,
)
from autograder.grading.sandbox.raw_streams import Raw
from autograder.judging.plain_data import NotPlain, bounded_json, unpack

MOST_NOTES = 20
MOST_FRAMES = 20_000  # of one try; honest notebooks send a few for each cell
MOST_MARKUP_IN_ALL = 1_000_000  # characters of a try's markup that are cleaned and kept
MOST_SECONDS = 10**6
FOR_A_NOTE = 1000  # characters, beside a cell's own text, that say what was left out of it
MOST_PARTS = 50_000  # of one frame's JSON; 300 outputs with their data have a tenth
STOPPED = {
    "clock": ("timeout", "it took longer than it may"),
    "memory": ("killed", "it used more memory than it may"),
    "processes": ("killed", "it started more processes than it may"),
    "sockets": ("killed", "it opened more sockets than it may"),
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
        per_cell, cells = self.limits.text_per_cell, len(self.cells)
        self._raw = {name: Raw(per_cell, cells) for name in ("stdout", "stderr")}
        self._step: dict = {}
        self._done = self._begun = False

    def remaining(self) -> Job:
        """The job without what ended its process before. Which seed is whose stays here: in there
        they bear numbers, for who knows a hidden one can tell it to those who hand in later."""
        return replace(
            self.job,
            cells=tuple(
                replace(cell, skip=cell.skip or number in self.left_out)
                for number, cell in enumerate(self.job.cells)
            ),
            programs={
                name: {
                    number: program
                    for number, (seed, program) in enumerate(by_seed.items())
                    if (name, seed) not in self.dropped
                }
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
                self._take(kind, scrubbed(bounded_json(text, MOST_PARTS)), rest)
            except NotConfined:
                raise
            except Exception as error:  # noqa: BLE001 - a stranger chose what it stumbles over
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
        name, number = head["exercise"], head["seed"]
        seeds = list(self.job.programs[name])
        if type(number) is not int or not 0 <= number < len(seeds):
            raise ValueError("not a program of this job")
        return name, seeds[number]

    def _take_cell(self, head: dict) -> None:
        cell = self.cells[self._number(head["cell"])]
        if "state" in head:
            if head["state"] not in ("ok", "error", "timeout"):
                raise ValueError("no such state")
            cell.state = head["state"]
            seconds = float(head["seconds"])
            cell.seconds = seconds if 0 <= seconds < MOST_SECONDS else 0.0
        count = head["count"]
        cell.execution_count = count if is_count(count) else None
        cell.outputs = []
        room = Room(self.limits)
        for output in list(head["outputs"])[:400]:
            self._markup += markup_size(output)
            markup_limit = MOST_MARKUP if self._markup <= MOST_MARKUP_IN_ALL else 0
            try:
                kept = inert(output, self.limits.text_per_cell + FOR_A_NOTE, markup_limit)
            except NotAnOutput as error:
                self.note(f"cell {cell.id}: an output was left out: {error}")
                continue
            if room.takes(kept):
                cell.outputs.append(kept)
            else:
                self.note(f"cell {cell.id}: what is more than a cell may show was left out")

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


class Room:
    """What of one cell is still kept: characters of its streams, and of all else as JSON."""

    def __init__(self, limits: Limits):
        self.text = limits.text_per_cell + FOR_A_NOTE
        self.rest = 2 * limits.outputs_per_cell  # cleaning may lengthen it

    def takes(self, output: dict) -> bool:
        """Whether an output still fits; then its room is taken."""
        if output["output_type"] == "stream":
            self.text -= len(output["text"])
            return self.text >= 0
        self.rest -= len(json.dumps(output))
        return self.rest >= 0


class NotConfined(OSError):
    """A child could not be locked in, so nothing of the submission was run."""
