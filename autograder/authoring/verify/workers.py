"""Processes that answer one call after another, each under a clock: a call that takes too long is
stopped by ending its process. concurrent.futures has no such clock; nothing here knows of
exercises."""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from concurrent.futures import Future, ThreadPoolExecutor

import psutil

# One thread a process, no display, and no progress file of the author's.
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg", "COURSE_PROGRESS": ""}
PATIENCE = 10
PREPARE_SECONDS = 120
_starting = threading.Lock()


class TookTooLong(Exception):
    """A call was stopped by the clock."""


class ProcessDied(Exception):
    """A call took its process with it: a crash in native code, or no memory."""


class CallFailed(Exception):
    """A call raised; the text is its traceback."""


class Workers:
    """Worker processes behind threads that wait for them.

    Parameters
    ----------
    jobs : how many
    preload : modules that every process imports before its first call
    """

    def __init__(self, jobs: int, preload: tuple[str, ...] = ()):
        # A fork server imports once and forks in milliseconds; Windows has none.
        methods = multiprocessing.get_all_start_methods()
        self._context = multiprocessing.get_context(
            "forkserver" if "forkserver" in methods else "spawn"
        )
        if "forkserver" in methods:
            self._context.set_forkserver_preload([__name__, *preload])
        self._preload = preload
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="verify")
        self._mine = threading.local()
        self._processes: list = []

    def submit(self, seconds: float, function, /, *args, first: tuple | None = None) -> Future:
        """Call `function(*args)`, importable by name, in some process within so many seconds.

        The seconds are the process's own: on a busy machine it may wait `PATIENCE` times as long.
        `first` is (function, *args) that prepares a process; it is called there once, and its
        time does not count. The future raises TookTooLong, ProcessDied or CallFailed.
        """
        return self._threads.submit(self._call, seconds, function, args, first)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._threads.shutdown(wait=False, cancel_futures=True)
        for process in self._processes:
            process.kill()
        self._threads.shutdown(wait=True)

    def _call(self, seconds, function, args, first):
        self._process()
        if first is not None and first not in self._mine.prepared:
            self._mine.prepared.add(first)
            self._answer(PREPARE_SECONDS, first[0], first[1:])
        return self._answer(seconds, function, args)

    def _answer(self, seconds, function, args):
        process, connection = self._process()
        try:
            connection.send((function, args))
            if not _answers_in_time(process, connection, seconds):
                self._end()
                raise TookTooLong(f"{seconds:.0f} s were not enough")
            fine, value = connection.recv()
        except (EOFError, BrokenPipeError, ConnectionResetError):
            self._end()
            raise ProcessDied(f"its process ended with status {process.exitcode}") from None
        if not fine:
            raise CallFailed(value)
        return value

    def _process(self):
        if getattr(self._mine, "pair", None) is None:
            ours, theirs = self._context.Pipe()
            arguments = theirs, self._preload
            with _starting, _environment():
                process = self._context.Process(target=_serve, args=arguments, daemon=True)
                process.start()
            theirs.close()
            self._processes.append(process)
            # Importing is not the first call's time.
            if not ours.poll(300) or ours.recv() != "ready":
                raise ProcessDied("a worker process did not start")
            self._mine.pair = process, ours
            self._mine.prepared = set()
        return self._mine.pair

    def _end(self):
        process, connection = self._mine.pair
        self._mine.pair = None
        process.kill()
        process.join()
        connection.close()


def _answers_in_time(process, connection, seconds: float) -> bool:
    """Whether something comes back before the process has worked for so many seconds."""
    deadline = time.monotonic() + PATIENCE * seconds
    with contextlib.suppress(psutil.Error):  # it ended; what it said is still to be read
        watched = psutil.Process(process.pid)
        before = sum(watched.cpu_times()[:2])
        while time.monotonic() < deadline:
            worked = sum(watched.cpu_times()[:2]) - before
            if worked >= seconds:
                break
            if connection.poll(min(seconds - worked, 1.0)):
                return True
    return connection.poll(0)


@contextlib.contextmanager
def _environment():
    """The environment that a new process starts with."""
    kept = {name: os.environ.get(name) for name in ENVIRONMENT}
    os.environ.update(ENVIRONMENT)
    try:
        yield
    finally:
        for name, value in kept.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _serve(connection, preload):
    """A worker's whole life."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What solutions print is not the report's.
    sys.stdout = open(os.devnull, "w")  # for as long as the process lives
    for module in preload:
        importlib.import_module(module)
    connection.send("ready")
    while True:
        try:
            function, args = connection.recv()
        except EOFError:
            return
        try:
            answer = True, function(*args)
        except BaseException:  # noqa: BLE001 - whatever a call raises is its answer
            answer = False, traceback.format_exc()
        connection.send(answer)
