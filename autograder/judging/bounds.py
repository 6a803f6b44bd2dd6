"""What a piece of work may take, in seconds and in memory, where it looks at what somebody else's
code gave. For work inside this process; learner's code itself runs in `grading.sandbox`."""

from __future__ import annotations

import contextlib
import ctypes
import threading


class OutOfTime(BaseException):
    """Raised inside of `seconds` when they are over; no `except Exception` stops it."""


@contextlib.contextmanager
def seconds(limit: float):
    """Raise OutOfTime in this thread when the block takes longer than `limit` seconds.

    Works in any thread. It comes between two lines of Python, so a single call into a library is
    waited for.
    """
    here = ctypes.c_ulong(threading.get_ident())
    raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
    lock, over = threading.Lock(), threading.Event()

    def strike():
        with lock:
            if not over.is_set():
                raise_in(here, ctypes.py_object(OutOfTime))

    timer = threading.Timer(limit, strike)
    timer.daemon = True
    try:
        timer.start()
        yield
    finally:
        timer.cancel()
        with lock:
            over.set()
            raise_in(here, None)  # one that is on its way has nothing to stop any more


@contextlib.contextmanager
def memory(extra: int):
    """MemoryError for a block that asks for more than `extra` bytes; no bound on Windows."""
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        yield
        return
    import psutil

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = psutil.Process().memory_info().vms + extra
    limit = min(bound for bound in (wanted, soft, hard) if bound != resource.RLIM_INFINITY)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
