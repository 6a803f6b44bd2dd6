"""One process that has imported everything and is forked for workers, as the command that starts it
sees it. Elsewhere than on Linux, or where references run on an accelerator, each worker is a
process that imports for itself (`engine.local_pool`)."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from autograder.grading.pipeline.workers import judges
from autograder.grading.sandbox.runner import PRELOAD, ROOT, plain_environment

START = "import json,sys; s=json.loads(sys.stdin.readline()); sys.path[0]=s['root']; "
START += "from autograder.grading.sandbox.processes import nursery; nursery.main(s)"
ACCELERATORS = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")
SECONDS = 20  # until what has nothing more to do is gone


class WorkerLost(Exception):
    """A worker ended without an answer."""


def possible() -> bool:
    """Whether a base may be forked: not where references may run on an accelerator, which a fork
    of a process that has touched it cannot use."""
    return (
        sys.platform == "linux" and hasattr(os, "pidfd_open")
        and os.environ.get("COURSE_DEVICE") in (None, "", "cpu")
        and not any(map(os.path.exists, ACCELERATORS))
    )  # fmt: skip


class Base:
    """The process that workers are forked from; it begins to import when it is made."""

    def __init__(self):
        self._control, theirs = socket.socketpair()
        with theirs:
            # In a session of its own: Ctrl-C is for the command, which decides what it means.
            self._process = subprocess.Popen(
                [sys.executable, "-c", START], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                env=plain_environment(), cwd="/", start_new_session=True,
                pass_fds=[theirs.fileno()],
            )  # fmt: skip
            settings = {"root": str(ROOT), "control": theirs.fileno(), "parent": os.getpid()}
            with self._process.stdin:
                self._process.stdin.write(json.dumps(settings).encode() + b"\n")
        self._prepared = False

    def prepare(self, preload: Iterable[str], both: Iterable[str] = ()) -> None:
        """Say what learners' code will import (`runner.Runner`'s preload), and what of it those
        who judge will want too; once."""
        if self._prepared:
            return
        self._prepared = True
        judging = {
            "module": judges.__name__, "environment": dict(os.environ),
            "path": [str(place) for place in sys.path],
            "no_bytecode": sys.dont_write_bytecode, "folder": os.getcwd(),
        }  # fmt: skip
        for told in ({"learners": list(preload), "both": list(both)}, judging):
            self._control.sendall(json.dumps(told).encode() + b"\n")

    def worker(self) -> socket.socket:
        """Have a worker forked; the socket that it listens to."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self._control, [judges.WORKER], [theirs.fileno()])
        except BaseException:
            ours.close()
            raise
        return ours

    def ahead(self, call: bytes) -> None:
        """Have a call made before further workers are forked, so that they have it behind them."""
        self._control.sendall(judges.AHEAD)
        judges.send(self._control, call)

    def runs(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        """End it, when its workers have ended. Closing twice is harmless."""
        self._control.close()
        try:
            self._process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it at once, and with it all its workers, whatever they do."""
        self._process.kill()
        self._process.wait()
        self._control.close()


class Workers(ThreadPoolExecutor):
    """An executor whose work is done by forks of a base; each is asked by a thread of its own.

    A worker that ends without an answer costs what it worked on (WorkerLost); the next one to be
    asked is a new fork.
    """

    def __init__(self, workers: int, preload=PRELOAD, base: Base | None = None):
        super().__init__(workers, thread_name_prefix="asks-a-worker")
        self._preload, self._base = preload, base
        self._lock, self._here = threading.Lock(), threading.local()
        self._open: set[socket.socket] = set()
        self._asked = False  # whether there was any work
        self._ahead: bytes | None = None
        self._told: Base | None = None  # who has done it

    def ahead(self, function, /, *arguments) -> None:
        """What each worker would do first: where there are several, it is done once for all."""
        if self._ahead is None and self._max_workers > 1:
            self._ahead = pickle.dumps((function, arguments))

    def submit(self, function, /, *arguments) -> Future:
        return super().submit(self._ask, pickle.dumps((function, arguments)))

    def _ask(self, call: bytes):
        said = None
        try:
            worker = getattr(self._here, "worker", None) or self._begin()
            judges.send(worker, call)
            said = judges.receive(worker)
        except (BrokenPipeError, ConnectionResetError):
            pass
        if said is None:
            self._drop()
            raise WorkerLost("the worker ended without an answer")
        result, error = pickle.loads(said)  # made by our own code
        if error is not None:
            raise error
        return result

    def _begin(self) -> socket.socket:
        with self._lock:
            if self._base is None or not self._base.runs():
                self._base = Base()
            self._base.prepare(self._preload)
            if self._ahead is not None and self._base is not self._told:
                self._base.ahead(self._ahead)
                self._told = self._base
            self._asked = True
            self._here.worker = self._base.worker()
            self._open.add(self._here.worker)
        return self._here.worker

    def _drop(self) -> None:
        worker = getattr(self._here, "worker", None)
        self._here.worker = None
        if worker is not None:
            with self._lock:
                self._open.discard(worker)
            worker.close()

    def kill(self) -> None:
        """End all workers at once; what they worked on is lost."""
        with self._lock:
            if self._base is not None:
                self._base.kill()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        super().shutdown(wait, cancel_futures=cancel_futures)
        if self._base is not None and not self._asked:
            self._base.kill()  # it would import on to its end, for nobody
        for worker in self._open:
            worker.close()
        self._open.clear()
        if self._base is not None:
            self._base.close()


@contextlib.contextmanager
def begun() -> Iterator[Base | None]:
    """A base that imports while this process does other things, until the end of this; None where
    there can be none."""
    if not possible():
        yield None
        return
    begins = Base()
    try:
        yield begins
    finally:
        begins.kill()  # who used it has closed it
