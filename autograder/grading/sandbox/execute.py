"""Runs one notebook's cells and observes its exercises, in a forked child beside learner's code.

All that leaves is frames on a pipe, written as things happen, so that what was done before a
process is killed is not lost. Nothing here knows a right answer; locking in is `sandbox`'s.
"""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import numpy as np
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.error import StdinNotImplementedError
from traitlets.config import Config

from autograder.grading.sandbox import learners_autograder
from autograder.grading.sandbox.capture import Messages, Recorder, Stream
from autograder.grading.sandbox.originals import Originals
from autograder.grading.sandbox.protocol import BEGIN, CELL, DONE, HEAD, MARK, NOTE, REPORTS, STEP
from autograder.judging import observing
from autograder.judging.plain_data import pack, unpack


class Shell(ZMQInteractiveShell):
    """A kernel's shell without the kernel: no sockets, no threads, no windows."""

    def enable_gui(self, gui=None):
        """Nothing is drawn but pictures."""
        self.active_eventloop = gui

    def _format_exception_for_storage(self, exception, *more, **others):
        """Nothing is stored. A traceback takes 30 ms to lay out: once, to be shown, is enough."""
        return {}


def warm_shell() -> Shell:
    """The shell that every submission gets a forked copy of; it keeps no history on disk."""
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    shell = Shell.instance(config=config)
    session = Messages(key=b"")
    for publisher in (shell.displayhook, shell.display_pub):
        publisher.session, publisher.pub_socket = session, None
    return shell


def warm_up(shell) -> None:
    """Run what most notebooks do once, so that what it imports and builds is there for all."""
    cells = ["1/0", "1"]
    if "matplotlib.pyplot" in sys.modules:
        cells.append("%matplotlib inline")
        cells.append("import matplotlib.pyplot as p; p.plot([0, 1]); p.title('$x^2$'); p.show()")
    loop, session = asyncio.new_event_loop(), shell.displayhook.session
    session.recorder = Recorder(text_limit=1000, size_limit=1000)
    session.recorder.turn_to()
    for source in cells:
        loop.run_until_complete(run_source(shell, source))
    loop.close()
    session.recorder = None
    np.random.seed(0)  # numpy imports its generators when they are first asked for
    shell.reset(new_session=True)
    shell.execution_count = 1


class Emitter:
    """Writes frames to the grader; it keeps what it needs, lest a notebook replaces it."""

    def __init__(self, pipe: int):
        self.pipe, self.owner = pipe, os.getpid()
        self._write, self._dumps, self._pid, self._exit = os.write, json.dumps, os.getpid, os._exit

    def __call__(self, kind: bytes, head: dict, body: bytes = b"") -> None:
        if self._pid() != self.owner:  # a copy that the notebook forked has come this far
            self._exit(0)
        text = self._dumps(head).encode()
        frame = memoryview(HEAD.pack(kind, len(text), len(body)) + text + body)
        while frame:
            frame = frame[self._write(self.pipe, frame) :]

    def mark(self, number: int) -> None:
        """Mark in the raw streams that a cell ends here."""
        for descriptor in (1, 2):
            with contextlib.suppress(OSError):  # the notebook closed it
                self._write(descriptor, MARK.format(number).encode())


class Clock:
    """Interrupts what takes too long, as a person would with the stop button."""

    def __init__(self, seconds: float, again: float):
        self.seconds, self.again, self._armed = seconds, again, False

    def _ring(self, *_):
        __tracebackhide__ = True  # a learner's traceback ends at their own line
        if self._armed:
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def watching(self):
        signal.signal(signal.SIGALRM, self._ring)
        self._armed = True
        # It rings again and again, for code that catches the first.
        signal.setitimer(signal.ITIMER_REAL, self.seconds, self.again)
        try:
            yield
        finally:
            self._armed = False
            signal.setitimer(signal.ITIMER_REAL, 0)


class Notebook:
    """One submission while it runs."""

    def __init__(self, shell, emit: Emitter, job: dict, limits: dict):
        self.shell, self.emit, self.job = shell, emit, job
        self.namespace = shell.user_ns
        self.clock = Clock(limits["cell_seconds"], again=limits["grace_seconds"] / 4)
        self.recorder = Recorder(limits["text_per_cell"], limits["outputs_per_cell"])
        self.loop = asyncio.new_event_loop()
        self.programs: dict[str, list] = {}
        for name, seed, program in job["programs"]:
            self.programs.setdefault(name, []).append((seed, program))
        self.counts: list[int | None] = []

    def prepare(self) -> None:
        """Files beside the notebook, streams, the stand-in, the same chance in every run."""
        for name, data in self.job["files"]:
            path = Path(name)
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data.tobytes())
            except OSError as error:  # a file that is a folder of another's, or too long a name
                text = f"{name[:60]} could not be put beside the notebook ({error.strerror})"
                self.emit(NOTE, {"text": text})
        for name in [n for n in sys.modules if n.partition(".")[0] == "autograder"]:
            del sys.modules[name]
        learners_autograder.__name__ = "autograder"
        learners_autograder.TEXTS.update(self.job["texts"])
        sys.modules["autograder"] = learners_autograder
        self.shell.displayhook.session.recorder = self.recorder
        sys.stdout = Stream("stdout", 1, self.recorder)
        sys.stderr = Stream("stderr", 2, self.recorder)
        builtins.input = _no_input
        sys.path.insert(1, "")  # modules beside the notebook, after the course's own
        asyncio.set_event_loop(self.loop)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        random.seed(0)
        np.random.seed(0)
        if "torch" in sys.modules:
            sys.modules["torch"].manual_seed(0)
        self.originals = Originals()
        self.replaced: list[str] = []

    def run(self) -> None:
        """Every cell in its order, with what is due after it."""
        for number, (_, source, skip, due) in enumerate(self.job["cells"]):
            self.recorder.turn_to()
            self.counts.append(None)
            if not skip:
                self._run_cell(number, source)
            for exercise in due:
                for seed, program in self.programs.get(exercise, ()):
                    self._observe(number, exercise, seed, program)
        self.emit(DONE, {})

    def _run_cell(self, number: int, source: str) -> None:
        self.emit(STEP, {"cell": number})
        started, state = time.monotonic(), "timeout"
        try:
            with self.clock.watching():
                success = self.loop.run_until_complete(run_source(self.shell, source))
            if time.monotonic() - started < self.clock.seconds:
                state = "ok" if success else "error"
        except KeyboardInterrupt:
            self._start_loop_again()
        except BaseException as error:  # noqa: BLE001 - a hook of the notebook's own, say
            state = "error"
            self.recorder.write("stderr", f"{type(error).__name__} outside the cell's own code\n")
            self._start_loop_again()
        # At once, for what runs cells needs them itself.
        self.replaced += self.originals.put_back(only_builtins=True)
        if state == "timeout":
            text = f"[Stopped: this cell took longer than {self.clock.seconds:g} seconds]\n"
            self.recorder.write("stderr", text)
        count = self.shell.execution_count - 1
        self.counts[number] = count if type(count) is int else None
        self.emit.mark(number)
        self._emit_cell(number, state=state, seconds=time.monotonic() - started)
        for earlier in self.recorder.updated():
            self._emit_cell(earlier)

    def _emit_cell(self, number: int, **facts) -> None:
        outputs = self.recorder.pages[number].outputs()
        head = {"cell": number, "outputs": outputs, "count": self.counts[number], **facts}
        self.emit(CELL, head)

    def _start_loop_again(self) -> None:
        """An interrupt leaves the event loop with the cell's task in it."""
        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)

    def _observe(self, number: int, exercise: str, seed: int, program: dict) -> None:
        what = {"cell": number, "exercise": exercise, "seed": seed}
        self.emit(STEP, what)
        self.replaced += self.originals.put_back()
        if self.replaced:
            shown = ", ".join(sorted(set(self.replaced)))[:400]
            self.replaced.clear()
            text = f"the notebook replaced {shown}; put back before {exercise} was observed"
            self.emit(NOTE, {"text": text})
        try:
            with self.clock.watching():
                reports = observing.run(program, {**self.namespace})
            body = pack(reports)
        except KeyboardInterrupt:
            self.emit(REPORTS, what | {"missing": "stopped by the clock"})
        except BaseException as error:  # noqa: BLE001 - e.g. a result too large for the memory
            why = f"observing it stopped with {type(error).__name__}"
            self.emit(REPORTS, what | {"missing": why})
        else:
            self.emit(REPORTS, what, body)


async def run_source(shell, source: str) -> bool:
    """Run one cell as a kernel does, inside its event loop; whether it ended without an error."""
    failed = None
    try:
        transformed = shell.transform_cell(source)
    except Exception:  # noqa: BLE001 - run_cell_async shows it as the cell's error
        transformed, failed = source, sys.exc_info()
    result = await shell.run_cell_async(
        source, store_history=True, transformed_cell=transformed, preprocessing_exc_tuple=failed
    )
    shell.events.trigger("post_execute")
    shell.events.trigger("post_run_cell", result)
    return bool(result.success)


def _no_input(prompt=""):
    raise StdinNotImplementedError("input was called, but nobody is there to answer.")


def run_job(shell, pipe: int, job: bytes, limits: dict) -> None:
    """Run a packed job to its end, writing frames to `pipe`."""
    emit = Emitter(pipe)
    notebook = Notebook(shell, emit, unpack(job), limits)
    notebook.prepare()
    emit(BEGIN, {})
    notebook.run()
