"""The process that learners' parents are forked from: it has imported what takes longest, and holds
nothing of anybody's.

`main` runs in a fresh interpreter, whose environment and arguments are those of every learner's
process. It imports numpy and torch, forks the nursery, and goes on as what it is told to be next,
the judges' parent: nothing that this one imports or is told later is in the nursery's memory. What
asks a nursery for a process is `server_process`.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import sys

from autograder.grading.sandbox import server
from autograder.grading.sandbox.system_calls import call

# What learners' parents want besides, and keeps no path of where it was imported. `course_utils`
# would tell where the course lies, and matplotlib what fonts a home has: each imports them inside.
OUTSIDE = ("torch._dynamo", "ipywidgets", "sklearn.datasets", "pandas")
MOST_SETTINGS = 2**17  # bytes
PR_SET_PDEATHSIG = 1


def main(settings: dict) -> None:
    """Be a nursery, and in another process what the control socket says then."""
    _be_both(settings)
    os._exit(0)  # Python's own end takes long, and copies what is shared with others


def _be_both(settings: dict) -> None:
    control = socket.socket(fileno=settings.pop("control"))
    end_with(settings.pop("parent"))
    settings.clear()
    gc.disable()  # a quarter of what imports cost, and each look for garbage copies what is shared
    _import(["numpy", "torch", "torch.nn.functional"])
    wanted = line(control)
    if wanted is None:  # nothing to be done after all
        return
    _import(wanted["both"])
    gc.freeze()
    asks, takes = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork() == 0:
        for theirs in (control, asks):
            theirs.close()
        _nurse(takes, wanted["learners"])
        return
    takes.close()
    told = line(control)
    if told is not None:
        importlib.import_module(told["module"]).serve(control, asks, told)


def end_with(parent: int) -> None:
    """Have the kernel end this process with its parent, which is the process `parent`."""
    call("tying a process to its parent", "prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before that
        os._exit(1)


def reap() -> None:
    """From now on take leave of children when they end, so that what they used is known."""

    def take_leave(*_):
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass

    signal.signal(signal.SIGCHLD, take_leave)


def line(sock: socket.socket):
    """One line of JSON; None at the end. Nothing behind it is read."""
    read = bytearray()
    while not read.endswith(b"\n"):
        piece = sock.recv(1)
        if not piece:
            return None
        read += piece
    return json.loads(read)


def _import(names: list[str]) -> None:
    for name in names:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)


def _nurse(takes: socket.socket, wanted: list[str]) -> None:
    """Fork a server for each request, until nobody can ask any more."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    _let_go(but=(0, 1, 2, takes.fileno()))
    from autograder.grading.sandbox import execute  # noqa: F401 - what every server imports

    _import([name for name in OUTSIDE if name in wanted])
    if len(os.listdir("/proc/self/task")) > 1:  # whoever asks finds nobody, and does without
        return
    gc.freeze()
    reap()
    while True:
        request, descriptors, *_ = socket.recv_fds(takes, MOST_SETTINGS, 2)
        if not request:
            return
        if os.fork() == 0:
            takes.close()
            _be_a_server(json.loads(request), *descriptors)
            return
        for descriptor in descriptors:
            os.close(descriptor)


def _let_go(but: tuple[int, ...]) -> None:
    """Close every descriptor but these."""
    for name in os.listdir("/proc/self/fd"):
        if int(name) not in but:
            with contextlib.suppress(OSError):  # the listing's own
                os.close(int(name))


def _be_a_server(settings: dict, control: int, stderr: int) -> None:
    """What a server that was started by exec is, once it is known who this one is."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.dup2(stderr, 2)
    os.close(stderr)
    os.environ.clear()
    os.environ.update(settings.pop("environment"))
    said = json.dumps({"pid": os.getpid()}).encode() + b"\n"
    with contextlib.closing(socket.socket(fileno=os.dup(control))) as asks:
        asks.sendall(said)
        if asks.recv(1) != b"g":
            return
    server.main({**settings, "control": control})
