"""A server's process, as the grader that started it holds it: started by exec, or forked by a
nursery (`nursery`) where this process has one, which saves the imports. What is said to it is
`runner`'s."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys

START = "import json,sys; s=json.loads(sys.stdin.readline()); sys.path[0]=s['root']; "
START += "from autograder.grading.sandbox import server; server.main(s)"
# The end of a socket at which this process, and its copies, ask its nursery; None without one.
NURSERY: socket.socket | None = None


class Nursling:
    """A process that somebody else forked, with what is wanted of a Popen: `pid`, `poll`, `wait`,
    `kill`, `stderr`. It waits for a byte before it begins."""

    def __init__(self, settings: dict, environment: dict, control: socket.socket):
        said = json.dumps({**settings, "environment": environment}).encode()
        errors, theirs = os.pipe()
        self.stderr = os.fdopen(errors, "rb")
        try:
            socket.send_fds(NURSERY, [said], [control.fileno(), theirs])
        except BaseException:
            self.stderr.close()
            raise
        finally:
            os.close(theirs)
        self.pid, self._opened = 0, -1

    def begin(self, pid: int) -> None:
        """Take note of who it is; it is there yet, for it waits for what is said next."""
        self.pid, self._opened = pid, os.pidfd_open(pid)

    def poll(self) -> int | None:
        """None while it runs. Its status is its parent's to know."""
        return 0 if self._opened < 0 or select.select([self._opened], [], [], 0)[0] else None

    def wait(self, timeout: float | None = None) -> int:
        if self._opened >= 0:
            if not select.select([self._opened], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("a server", timeout)
            os.close(self._opened)
            self._opened = -1
        return 0

    def kill(self) -> None:
        if self.poll() is None:
            signal.pidfd_send_signal(self._opened, signal.SIGKILL)


def begin(settings: dict, environment: dict, control: socket.socket) -> Nursling | subprocess.Popen:
    """Start a server that is told `settings` and speaks through the other end of `control`."""
    if NURSERY is not None and settings["user"] is None and not settings["probe"]:
        try:
            return Nursling(settings, environment, control)
        except OSError:
            pass  # it is gone, or the settings are larger than it takes
    process = subprocess.Popen(
        [sys.executable, "-c", START], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, env=environment, cwd="/", start_new_session=True,
        pass_fds=[control.fileno()],
    )  # fmt: skip
    told = json.dumps({**settings, "control": control.fileno()}).encode()
    try:
        with process.stdin:
            process.stdin.write(told + b"\n")
    except BrokenPipeError:
        pass  # it says why, or its silence does
    return process
