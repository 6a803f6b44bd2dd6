"""A piece of work in a forked copy of this process, which the kernel and this process can stop: by
the clock, by the processor's time that it takes and by the memory that it asks for."""

from __future__ import annotations

import ctypes
import os
import pickle
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

# Threads that only wait: a copy without them lacks nothing, and they hold no lock.
IDLE: set[str] = set()
MOST_RESULT = 2**28  # bytes of what the copy gives back; a graded notebook has a thousandth
PR_SET_PDEATHSIG = 1


class Lost(Exception):
    """The copy ended without a result. The message says why: "it ...".

    Attributes
    ----------
    again : whether another try may well go better
    """

    def __init__(self, why: str, again: bool = False):
        super().__init__(why)
        self.again = again


def possible() -> bool:
    """Whether a copy of this process can do what this process can: it must have no other thread,
    not even one of a library's, for a copy has the locks that they hold and not them; and no
    accelerator in use, which a copy cannot speak to."""
    if sys.platform != "linux" or threading.current_thread() is not threading.main_thread():
        return False
    names = [thread.name for thread in threading.enumerate()]
    others = set(names) - IDLE - {threading.main_thread().name}
    if others or len(os.listdir("/proc/self/task")) > len(names):
        return False
    torch = sys.modules.get("torch")
    return torch is None or not _accelerator_in_use(torch)


def _accelerator_in_use(torch) -> bool:
    """Whether this process has touched a device; asking for it touches none."""
    kinds = {"cuda", "xpu"}
    if hasattr(torch, "accelerator") and (one := torch.accelerator.current_accelerator()):
        kinds.add(one.type)
    modules = [getattr(torch, kind, None) for kind in kinds]
    return any(m.is_initialized() for m in modules if hasattr(m, "is_initialized"))


def forked(work: Callable, *, seconds: float, processor: int, memory: int):
    """What `work()` gives, done in a forked copy of this process; what it raises is raised.

    Parameters
    ----------
    seconds : of wall clock, until the copy is killed
    processor : seconds of processor time that it may take
    memory : bytes that it may ask for beyond what this process has; more is a MemoryError there

    Raises Lost where the copy ended in another way. What it gives must be fit for pickling: it is
    our own code that makes it.
    """
    ours, theirs = os.pipe()
    waits = os.getpid()
    copy = os.fork()
    if copy == 0:
        os.close(ours)
        _be_the_copy(work, theirs, waits, processor, memory)
    os.close(theirs)
    why: str | None = "it was interrupted"
    try:
        data, why = _read(ours, time.monotonic() + seconds)
    finally:
        os.close(ours)
        if why:  # else it is ending by itself
            os.kill(copy, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1])
    if why:
        raise Lost(why.format(seconds=seconds))
    if status == -signal.SIGXCPU:
        raise Lost(f"it took more than {processor} seconds of the processor's time")
    if status != 0:
        ended = signal.Signals(-status).name if status < 0 else f"status {status}"
        # SIGKILL is what the kernel gives when the machine has no memory left.
        raise Lost(f"its process ended with {ended}", again=status == -signal.SIGKILL)
    result, error = pickle.loads(data)
    if error is not None:
        raise error
    return result


def _be_the_copy(work, pipe: int, parent: int, processor: int, memory: int):
    """Do the work, write what came of it, and leave without this process's last words."""
    import resource

    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it ended before that
            os._exit(1)
        with open("/proc/self/statm") as file:
            has = int(file.read().split()[0]) * resource.getpagesize()
        for kind, bound in ((resource.RLIMIT_AS, has + memory), (resource.RLIMIT_CPU, processor)):
            soft, hard = resource.getrlimit(kind)
            least = [b for b in (bound, soft, hard) if b != resource.RLIM_INFINITY]
            resource.setrlimit(kind, (min(least), hard))
        try:
            said = pickle.dumps((work(), None))
        except BaseException as error:  # noqa: BLE001 - raised anew in the process that waits
            said = told(error)
        left = memoryview(said)
        while left:
            left = left[os.write(pipe, left) :]
    except BaseException:  # noqa: BLE001 - there is nobody left to tell
        os._exit(1)
    os._exit(0)


def told(error: BaseException) -> bytes:
    """An exception as bytes; one that cannot cross as it is goes as its words."""
    error.__traceback__ = error.__context__ = error.__cause__ = None
    try:
        data = pickle.dumps((None, error))
        pickle.loads(data)
        return data
    except Exception:  # noqa: BLE001 - its class says how it is pickled, and may be wrong
        return pickle.dumps((None, RuntimeError(f"{type(error).__name__}: {error!s:.300}")))


def _read(pipe: int, deadline: float) -> tuple[bytes, str | None]:
    """All that comes, and why no more of it was waited for."""
    data = bytearray()
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            return b"", "it took longer than {seconds:.0f} seconds"
        if not select.select([pipe], [], [], left)[0]:
            continue
        piece = os.read(pipe, 1 << 20)
        if not piece:
            return bytes(data), None
        data += piece
        if len(data) > MOST_RESULT:
            return b"", "more came of it than a gradebook can hold"


# For `course doctor`.


def tried() -> str:
    """Whether copies that come to no end, or take all memory, are ended on this machine: "kept", or
    what happened instead. Takes two seconds, in a process of its own: this one may have threads."""
    root = str(Path(__file__).resolve().parents[4])
    done = subprocess.run(
        [sys.executable, "-m", __name__], cwd=root, capture_output=True, text=True, timeout=60
    )
    return (done.stdout or done.stderr).strip().rpartition("\n")[2] or "no word"


def _try() -> str:
    if not possible():
        return "this platform does not let a process be copied safely; a clock inside it is all"
    bounds = {"seconds": 20, "processor": 1, "memory": 2**28}
    try:
        return f"a loop came to an end: {forked(lambda: sum(iter(int, 1)), **bounds)}"
    except Lost as lost:
        if "processor" not in str(lost):
            return f"a loop was ended late: {lost}"
    try:
        return f"{forked(lambda: len(bytearray(2**33)), **bounds):,} bytes of memory"
    except MemoryError:
        return "kept"


if __name__ == "__main__":
    sys.stdout.write(f"{_try()}\n")
