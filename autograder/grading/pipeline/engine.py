"""Many submissions over any `concurrent.futures.Executor`: a bounded window of them under way, what
a lost worker held handed out again. What is done with one submission is `pipeline`'s."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import itertools
import multiprocessing
import os
import pickle
import signal
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from pathlib import Path

from autograder.grading.pipeline.submitted import Assignment, Submission
from autograder.grading.pipeline.workers import base, forked
from autograder.grading.sandbox.runner import PRELOAD, SandboxUnavailable

# So many submissions a worker are under way or waiting, so that no worker waits for the writer.
AHEAD = 3
WATCH = "ends with its parent"
# Part of every fingerprint: raise it when the same submission would be recorded otherwise.
VERSION = 2


@dataclass
class Pool:
    """An executor, and how to make another when it has broken.

    Attributes
    ----------
    make : makes the executor
    workers : how many submissions it works on at a time
    lost : exceptions that mean that the worker has gone, not that the work went wrong
    """

    make: Callable[[], Executor]
    workers: int
    lost: tuple[type[BaseException], ...] = (BrokenProcessPool,)


def local_pool(workers: int, preload=PRELOAD, begun: base.Base | None = None) -> Pool:
    """Worker processes on this machine; each of them has a server of its own.

    `begun` is a base that has begun to import already; `preload` is what learners' code imports.
    """
    if base.possible():
        return Pool(
            lambda: base.Workers(workers, preload, begun), workers, (base.WorkerLost,)
        )
    # Not by fork: this process has threads, and what it holds is not for workers.
    context = multiprocessing.get_context("spawn")
    return Pool(
        lambda: ProcessPoolExecutor(workers, mp_context=context, initializer=begin_worker),
        workers,
    )


@contextlib.contextmanager
def without_ctrl_c() -> Iterator[None]:
    """Ctrl-C waits until the end of this, and passes by the processes that are started in it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def begin_worker() -> None:
    """Let this worker end with the process that started it, and by that process only."""
    # One worker a core: torch's threads would only wait for each other's turns.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # Ctrl-C reaches every process at the terminal; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):  # masked since before this process began to import
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    parent = multiprocessing.parent_process()

    def watch():
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, name=WATCH, daemon=True).start()
    forked.IDLE.add(WATCH)


def dask_pool(client) -> Pool:
    """The workers of a dask cluster, which stays as it is when the grading is over."""
    from distributed.client import FutureCancelledError
    from distributed.scheduler import KilledWorker

    threads = sum(client.nthreads().values())
    return Pool(lambda: client.get_executor(pure=False), max(threads, 1),
                (KilledWorker, FutureCancelledError))  # fmt: skip


def grade_all(
    submissions: Iterable[Submission],
    work: Callable,
    pool: Pool,
    failed: Callable[[Submission, str], object],
) -> Iterator:
    """`work(submission)` for each submission, in the order in which they get done.

    Submissions are read as they are wanted; as many as `AHEAD` times the workers are held. When a
    worker dies, what was under way is done again, one at a time, so that the one whose doing it
    is cannot take others with it; that one is given to `failed` with a sentence instead.

    Parameters
    ----------
    work : a function that can be sent to a worker; an exception that it raises itself costs its
        own submission only, but for SandboxUnavailable and OSError, which are raised here
    failed : what to give for a submission that cannot be worked on
    """
    waiting, again = iter(submissions), []
    under_way: dict[Future, Submission] = {}
    suspects: dict[str, int] = {}  # student → how often a worker died of nothing else
    others = set(multiprocessing.active_children())
    spool = Spool(work)
    executor = pool.make()
    try:
        while True:
            room = 1 if again else pool.workers * AHEAD
            while len(under_way) < room:
                submission = again.pop(0) if again else next(waiting, None)
                if submission is None:
                    break
                under_way[_submit(executor, spool, submission, pool)] = submission
                if submission.student in suspects:
                    break
            if not under_way:
                return
            done, _ = wait(under_way, return_when=FIRST_COMPLETED)
            lost = []
            for future in done:
                submission, error = under_way.pop(future), future.exception()
                if error is None:
                    yield future.result()
                elif isinstance(error, pool.lost):
                    lost.append(submission)
                elif isinstance(error, (SandboxUnavailable, OSError)):
                    raise error
                else:
                    yield failed(submission, f"grading it stopped with {error!r:.200}")
            if lost and isinstance(executor, ProcessPoolExecutor):
                # A broken pool does nothing more: what else was under way is lost with it.
                lost += under_way.values()
                under_way.clear()
                executor.shutdown()
                executor = pool.make()
            for submission in lost:
                # The first time others were under way too, and any of them can have done it.
                deaths = suspects[submission.student] = suspects.get(submission.student, -1) + 1
                if deaths < 2:
                    again.append(submission)
                else:
                    yield failed(submission, "the worker that graded it died, twice")
    finally:
        for future in under_way:
            future.cancel()
        # Stopped half-way: what is under way could take minutes, and nobody wants it.
        if under_way and isinstance(executor, base.Workers):
            executor.kill()
        elif under_way and isinstance(executor, ProcessPoolExecutor):
            for worker in set(multiprocessing.active_children()) - others:
                worker.kill()
        executor.shutdown()
        spool.close()


class Spool:
    """Work and submissions as files that workers on this machine read.

    Through a pool's own pipe go their paths alone. A pipe holds 64 kB; a queue that waits in a
    write of more than that, when its readers have gone, keeps the interpreter from ever ending.
    """

    def __init__(self, work: Callable):
        self.work = work
        self._folder = tempfile.TemporaryDirectory("-course-grade", ignore_cleanup_errors=True)
        self._numbers = itertools.count()
        self._at: str | None = None  # where the work lies, once it is wanted in another process

    def _write(self, what) -> str:
        path = Path(self._folder.name, str(next(self._numbers)))
        path.write_bytes(pickle.dumps(what))  # our own data, for our own processes
        return str(path)

    def call(self, submission) -> tuple:
        """What to submit, and with what, for a submission to be worked on."""
        self._at = self._at or self._write(self.work)
        return do_from_files, self._at, self._write(submission)

    def close(self) -> None:
        self._folder.cleanup()


@functools.lru_cache(maxsize=1)
def _work_in(path: str) -> Callable:
    return pickle.loads(Path(path).read_bytes())


def begin_from_file(work: str) -> None:
    """What a spooled piece of work has to know before the first submission, where it says."""
    begins = getattr(getattr(_work_in(work), "func", None), "begins", None)
    if begins is not None:
        begins(**_work_in(work).keywords)


def do_from_files(work: str, submission: str):
    """Do a spooled piece of work; runs in a worker."""
    given = Path(submission)
    held = pickle.loads(given.read_bytes())
    result = _work_in(work)(held)
    given.unlink(missing_ok=True)  # kept where the worker dies: it is handed out again
    return result


def _submit(executor: Executor, spool: Spool, submission, pool: Pool) -> Future:
    """As `executor.submit`; a pool that is found broken gives a future that says so."""
    try:
        if isinstance(executor, ProcessPoolExecutor):
            with without_ctrl_c():  # which starts processes
                return executor.submit(*spool.call(submission))
        if isinstance(executor, base.Workers):
            call = spool.call(submission)
            executor.ahead(begin_from_file, call[1])
            return executor.submit(*call)
        return executor.submit(spool.work, submission)
    except pool.lost as error:
        future: Future = Future()
        future.set_exception(error)
        return future


# What has changed since.


def fingerprint_of(assignment: Assignment, settings, code: str) -> Callable[[Submission], str]:
    """A function that gives a submission's fingerprint: the same one as long as it would be graded
    the same way. It begins with `code`, `unchanged.code_digest()`, and ends with the submission's
    own digest: who reads both says what has changed."""
    made = hashlib.sha256(f"{VERSION} {code} {asdict(settings)!r}".encode())
    made.update(repr([(s.name, s.cells, s.kernelspec) for s in assignment.sources]).encode())
    made.update(repr((sorted(assignment.files.items()), sorted(assignment.theirs))).encode())
    base = made.hexdigest()

    def fingerprint(submission: Submission) -> str:
        own = submission.digest()
        return " ".join((code, hashlib.sha256(f"{base} {own}".encode()).hexdigest(), own))

    return fingerprint
