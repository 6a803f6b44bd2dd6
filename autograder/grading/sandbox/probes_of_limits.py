"""Probes that try to take more than a submission may: time, memory in all its forms, processes."""

from __future__ import annotations

from autograder.grading.sandbox.job import Result
from autograder.grading.sandbox.probe import LIMITS, Probe, printed

# System calls of this machine's C library give memory that no process's size shows.
UNSEEN = """
import ctypes
libc = ctypes.CDLL(None)
size = ctypes.c_size_t(2**20)
got = [name for name, arguments in (
    ("shmget", (0, size, 0o1600)), ("msgget", (0, 0o1600)), ("memfd_create", (b"mine", 0)),
) if getattr(libc, name)(*arguments) != -1]
if libc.prctl(4, 0, 0, 0, 0) == 0:  # PR_SET_DUMPABLE
    got.append("a process that nobody may look into")
print(got or "kept")
"""
SHARED = """
import mmap, os, signal
for _ in range(4):
    if os.fork() == 0:
        shared = mmap.mmap(-1, 100 * 2**20)
        for start in range(0, len(shared), 2**20):
            shared[start : start + 2**20] = bytes(2**20)
            shared.madvise(mmap.MADV_DONTNEED, start, 2**20)  # it is still there
        signal.pause()
os.wait()
"""
SOCKETS = """
import os, signal, socket
for _ in range(8):
    if os.fork() == 0:
        pairs = []
        try:
            while True:
                pairs.append(socket.socketpair())
        except OSError:
            signal.pause()
os.wait()
"""
MARKS = r"""
import os
for _ in range(30):
    os.write(1, bytes(100_000).replace(b"\0", b"y") + b"\0cell 0 ends\0")
    os.write(2, (b"y" * 90 + b"\0cell 77777 ends\0") * 1000)
"""


def _killed_or_kept(result: Result, token: str) -> str:
    return "kept" if result.ended == "killed" else printed(result).strip()


def _all_memory(result: Result, token: str) -> str:
    enough = any("more memory" in note for note in result.notes)
    return "kept" if enough else f"400 MiB in four processes ({result.ended})"


def _killed_in_time(result: Result, token: str) -> str:
    wall = result.use.wall
    late = wall > LIMITS.cell_seconds + LIMITS.grace_seconds + 2
    return f"it ran for {wall:.1f} s" if result.ended != "timeout" or late else "kept"


def _too_many_sockets(result: Result, token: str) -> str:
    enough = any("more sockets" in note for note in result.notes)
    return "kept" if enough else f"thousands of sockets ({result.ended})"


def _little(result: Result, token: str) -> str:
    kept = len(str(result.cells[0].outputs))
    return "kept" if kept < 3 * LIMITS.text_per_cell else f"{kept:,} characters of one cell"


LIMITS_PROBED = (
    Probe(
        "a limit on memory",
        """
try:
    bytearray(30 * 2**30)
    print("30 GiB of memory")
except MemoryError:
    print("kept")
""",
    ),
    Probe(
        "a limit on all processes' memory together",
        """
import os, signal
for _ in range(4):
    if os.fork() == 0:
        mine = bytearray(b"x") * (100 * 2**20)
        signal.pause()
os.wait()
""",
        _all_memory,
    ),
    Probe(
        "a limit on the size of a file, and on disk",
        """
import os
def fill(path, size):
    try:
        with open(path, "wb", buffering=0) as file:
            while file.tell() < size:
                file.write(bytes(2**20))
        return True
    except OSError:
        return False
reached = ["a file of 6 MiB"] if fill("a", 6 * 2**20) else []
if all(fill(f"b{i}", 3 * 2**20) for i in range(6)):
    reached.append("18 MiB of disk")
print(reached or "kept")
""",
    ),
    Probe(
        "a limit on processes",
        """
import os, signal
children = []
try:
    while len(children) < 100:
        child = os.fork()
        if child == 0:
            signal.pause()
        children.append(child)
except OSError:
    print("kept")
else:
    print(f"{len(children)} processes")
""",
        _killed_or_kept,
    ),
    Probe(
        "a loop that catches every signal is ended by the clock",
        """
import signal
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
""",
        _killed_in_time,
    ),
    Probe("no memory that belongs to no process, and no process that hides", UNSEEN),
    Probe("shared memory counts, even what its processes have let go of", SHARED, _all_memory),
    Probe("a limit on sockets, which keep what is sent", SOCKETS, _too_many_sockets),
    Probe("forged ends of cells do not lengthen what is kept", MARKS, _little),
)  # fmt: skip
