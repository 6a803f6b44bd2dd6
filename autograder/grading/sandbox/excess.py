"""Which limit all processes of a submission exceed together, by what the kernel tells of them.

What one process may take is the kernel's to bound (`isolation.limit`); this is for the rest, looked
at many times a second from outside. Linux only.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

# One process meets its own limit first, and gets a MemoryError that it can tell of.
LEEWAY = 1.25
# The kernel keeps up to 400 kB for what is sent and not received yet, which is nobody's memory.
# Two processes that train together have some twenty.
MOST_SOCKETS = 1000
# The names, in /proc/PID/maps, of memory that is shared and in no file.
NO_FILE = ("/dev/zero (deleted)", "/memfd:", "/SYSV")


def excess(limits: dict, own: tuple[int, int], inside: list[int], sandboxed: bool) -> str | None:
    """The limit that the processes `inside` exceed: "processes", "memory", "sockets" or None.

    `own` is `size_of` the process that they were forked from; `sandboxed` says that they are in
    namespaces of their own, into which the caller may look.
    """
    if not inside:
        return None
    if len(inside) > limits["processes"]:
        return "processes"
    sizes = [size_of(pid) for pid in inside]
    if len(inside) == 1:
        memory = sizes[0][1] - own[1]  # a fork counts what it shares with this process too
    else:
        memory = sum(_proportional(pid, sandboxed) for pid in inside)
    # Reading all that is mapped costs more than the rest, and most have nothing of this kind.
    if len(inside) > 1 or sizes[0][0] - own[0] > limits["memory"] // 4:
        memory += shared_in_no_file(inside)
    if memory > LEEWAY * limits["memory"]:
        return "memory"
    return "sockets" if sandboxed and _sockets(inside[0]) > MOST_SOCKETS else None


def size_of(pid: int) -> tuple[int, int]:
    """Bytes of address space and of memory of its own that a process has, shared copies of its
    parent's included; (0, 0) for one that has ended."""
    with contextlib.suppress(OSError, ValueError):
        total, resident, shared, *_ = Path(f"/proc/{pid}/statm").read_text().split()
        page = os.sysconf("SC_PAGE_SIZE")
        return int(total) * page, (int(resident) - int(shared)) * page
    return 0, 0


def _proportional(pid: int, sandboxed: bool) -> int:
    """Bytes of anonymous memory of a process, each page divided by those who share it."""
    with contextlib.suppress(OSError, ValueError):
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except PermissionError:
            # One that hides is reckoned at all that it can have. Without a sandbox it may be any
            # process: a container's root need not be allowed to trace other users.
            return size_of(pid)[0 if sandboxed else 1]
        for line in lines:
            if line.startswith("Pss_Anon:"):
                return int(line.split()[1]) * 1024
    return 0


def shared_in_no_file(pids: list[int]) -> int:
    """Bytes of memory that processes share and that is in no file, each piece counted once.

    By how far it is mapped, and not by what is resident: a page that every process has let go of,
    or that a process wrote which has ended, is nobody's and still there.
    """
    ends: dict[tuple[str, str], int] = {}
    for pid in pids:
        with contextlib.suppress(OSError, ValueError):
            for line in Path(f"/proc/{pid}/maps").read_text(errors="replace").splitlines():
                where, allowed, offset, device, inode, *name = line.split(maxsplit=5)
                if allowed[3] == "s" and name and name[0].startswith(NO_FILE):
                    begin, end = (int(part, 16) for part in where.split("-"))
                    far = int(offset, 16) + end - begin
                    ends[device, inode] = max(ends.get((device, inode), 0), far)
    return sum(ends.values())


def _sockets(pid: int) -> int:
    """How many sockets there are in a process's network namespace, those on their way included."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{pid}/net/sockstat").read_text().split()[2])
    return 0
