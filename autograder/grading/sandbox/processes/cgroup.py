"""A control group for each submission, where version 2 of them is delegated to whoever grades: the
kernel itself counts there all memory that a submission's processes take, shared and in files of its
own too, and ends them together. Elsewhere `excess` looks from outside. Linux only.

The files and their words are the kernel's (Documentation/admin-guide/cgroup-v2.rst); who may have
groups of their own, systemd says (CGROUP_DELEGATION).
"""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from pathlib import Path

from autograder.grading.sandbox.excess import LEEWAY

ROOT, OWN = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")
SECONDS = 2.0  # until what was killed has left its group
_numbers = itertools.count()


def place(root: Path = ROOT, own: Path = OWN) -> tuple[Path | None, str]:
    """The group in which groups for submissions may be made; or None, and in words why not."""
    try:
        lines = own.read_text().splitlines()
    except OSError:
        return None, "this system has no control groups"
    here = [line.removeprefix("0::") for line in lines if line.startswith("0::")]
    if not here or not (root / "cgroup.controllers").exists():
        return None, "this system has no control groups of version 2 alone"
    group = root / here[0].strip("/")
    while group != root:
        # Not in the own group: one that has processes may not hand controllers on.
        group = group.parent
        if "memory" in _words(group / "cgroup.subtree_control") and _is_ours(group, root):
            return group, ""
    return None, (
        "none is delegated to you here; in a session of systemd's, begin with "
        "systemd-run --user --scope"
    )


def _words(path: Path) -> list[str]:
    try:
        return path.read_text().split()
    except OSError:
        return []


def _is_ours(group: Path, root: Path) -> bool:
    """Whether groups may be made in it, and processes moved there. Root may everywhere, but what is
    not delegated is the system's to arrange."""
    if not os.access(group, os.W_OK) or not os.access(group / "cgroup.procs", os.W_OK):
        return False
    above = [group, *(g for g in group.parents if g.is_relative_to(root))]
    return os.geteuid() != 0 or any(map(_is_delegated, above))


def _is_delegated(group: Path) -> bool:
    for name in ("trusted.delegate", "user.delegate"):
        with contextlib.suppress(OSError):
            if os.getxattr(group, name) == b"1":
                return True
    return False


def most(limits: dict) -> int:
    """Bytes that a submission may have in all: what its own limits leave room for, so that one
    process meets those first and can tell of it."""
    return int(LEEWAY * limits["memory"]) + 2 * limits["disk"] + limits["shared_memory"]


class Group:
    """A group for one submission, with a bound on its memory; raises OSError where there can be
    none. Who writes "0" to the descriptor `door` is in it."""

    def __init__(self, within: Path, memory: int):
        self.path, self.door = within / f"course-{os.getpid()}-{next(_numbers)}", -1
        os.mkdir(self.path)
        try:
            self.door = os.open(self.path / "cgroup.procs", os.O_WRONLY)
            self._write("memory.max", str(memory))
            self._write("memory.oom.group", "1")
            with contextlib.suppress(OSError):  # a kernel without swap has no such file
                self._write("memory.swap.max", "0")
        except BaseException:
            self.close()
            raise

    def _write(self, name: str, word: str) -> None:
        opened = os.open(self.path / name, os.O_WRONLY)  # never made: the kernel has them or not
        try:
            os.write(opened, word.encode())
        finally:
            os.close(opened)

    def overfull(self) -> bool:
        """Whether the kernel has ended what was in it for want of memory."""
        words = _words(self.path / "memory.events")
        told = dict(zip(words[::2], words[1::2], strict=False))
        return any(told.get(name, "0") != "0" for name in ("oom_kill", "oom_group_kill"))

    def close(self) -> None:
        """End all that is in it, and it."""
        if self.door >= 0:
            os.close(self.door)
        with contextlib.suppress(OSError):  # since Linux 5.14; before, the sandbox has ended them
            self._write("cgroup.kill", "1")
        until = time.monotonic() + SECONDS
        while True:
            try:
                os.rmdir(self.path)
                return
            except FileNotFoundError:
                return
            except OSError:
                if time.monotonic() > until:
                    return
                os.sched_yield()
