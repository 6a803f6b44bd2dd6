"""Where there are no namespaces: learners' code as another user. Linux only, for root.

Root's own process becomes a user who owns nothing, for good. This keeps it from every file that
is not for everybody (mode 0700, root's) and from every process that is not its own, and no more:
it sees the container's other files, names and network. It is for containers that are thrown away
after one submission, as Gradescope's are. Namespaces are in `sandbox`.
"""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

from autograder.grading.sandbox.system_calls import (
    PR_SET_DUMPABLE,
    PR_SET_NO_NEW_PRIVS,
    call,
    deny_system_calls,
)


def become(user: int) -> None:
    """Make the calling process, root's, that user, with no group, capability or way back."""
    if user <= 0:
        raise ValueError(f"learners' code cannot be user {user}")
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)  # all capabilities go with it
    # Cleared by the change; without it what is its own in /proc would be root's.
    call("reading what is its own", "prctl", PR_SET_DUMPABLE, 1, 0, 0, 0)
    call("forbidding new privileges", "prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    deny_system_calls()


def processes_of(user: int) -> list[int]:
    """The living processes of a user, whatever they say about themselves."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            lines = Path(f"/proc/{name}/status").read_text(errors="replace").splitlines()
        except OSError:  # it has just ended
            continue
        told = dict(line.split(":", 1) for line in lines if ":" in line)
        if str(user) in told["Uid"].split() and told["State"].split()[0] not in "ZX":
            found.append(int(name))
    return found


def kill_all_of(user: int) -> None:
    """Kill a user's processes one by one, by root, who cannot be killed back.

    All are stopped first, until there is none that was not: a stopped one starts no other, and the
    limit on processes counts it, so that this comes to an end.
    """
    while found := set(processes_of(user)):
        stopped: set[int] = set()
        while new := found - stopped:
            _signal_each(new, signal.SIGSTOP)
            stopped |= new
            found = set(processes_of(user))
        _signal_each(stopped, signal.SIGKILL)


def _signal_each(pids: set[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
