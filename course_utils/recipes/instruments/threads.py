"""Loaders to read ahead of, and the threads that a learner's code leaves behind.

Waiting here is for an event with a deadline, never for a time: what is right takes no time.
"""

from __future__ import annotations

import contextlib
import threading
import time


class Batches:
    """An iterable of the numbers 0 to n-1, which may stop with an error on the way.

    `given` tells how many have been asked for so far.
    """

    def __init__(self, n: int, fail_at: int | None = None):
        self.n, self.fail_at = n, fail_at
        self.given = 0
        self._news = threading.Condition()

    def __len__(self) -> int:
        return self.n

    def __iter__(self):
        for index in range(self.n):
            if index == self.fail_at:
                raise OSError(f"batch {index} cannot be read")
            with self._news:
                self.given += 1
                self._news.notify_all()
            yield index

    def wait_for(self, count: int, seconds: float = 5.0) -> bool:
        """Whether `count` batches have been asked for, waiting `seconds` for it at most."""
        with self._news:
            return self._news.wait_for(lambda: self.given >= count, seconds)


class Left:
    """Which threads were started since, and are still running."""

    def __init__(self):
        self._before = set(threading.enumerate())

    def count(self, seconds: float = 1.0) -> int:
        """How many are still running after all had `seconds` together to end."""
        started = [t for t in threading.enumerate() if t not in self._before]
        deadline = time.monotonic() + seconds
        for thread in started:
            thread.join(max(deadline - time.monotonic(), 0.0))
        return sum(thread.is_alive() for thread in started)


@contextlib.contextmanager
def quiet_failures():
    """Keep Python from printing errors that end a thread."""
    hook = threading.excepthook
    threading.excepthook = lambda args: None
    try:
        yield
    finally:
        threading.excepthook = hook


def within(seconds: float, function, *args):
    """What `function(*args)` returns, or TimeoutError when it is not done after `seconds`.

    It runs in a thread of its own, which cannot be stopped: it is left behind as a daemon.
    """
    result: dict = {}

    def work():
        try:
            result["value"] = function(*args)
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            result["error"] = error

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TimeoutError(f"not done after {seconds:g} s: does it wait for something for ever?")
    if "error" in result:
        raise result["error"]
    return result["value"]
