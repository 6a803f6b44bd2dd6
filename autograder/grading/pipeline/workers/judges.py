"""The judges' parent: the process that workers are forked from, and what a worker does until nobody
asks it any more. Who asks is `base`; learners' parents were forked before: `processes.nursery`.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import pickle
import signal
import socket
import struct
import sys
import tempfile

from autograder.grading.pipeline.workers.forked import told
from autograder.grading.sandbox.processes import nursery, server_process
from autograder.grading.sandbox.system_calls import call

LENGTH = struct.Struct(">Q")
PR_SET_NAME, NAME = 15, b"course worker"  # as ps and top show it
WORKER, AHEAD = b"w", b"a"  # what the parent is asked for
# What workers want; imported once for all of them.
WANTED = ("autograder.grading.pipeline.workers.bounded", "nh3", "psutil")


def serve(control: socket.socket, asks: socket.socket, settings: dict) -> None:
    """Fork a worker for each descriptor that comes, until nobody can ask any more."""
    os.environ.clear()
    os.environ.update(settings["environment"])
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.path[:] = settings["path"]
    sys.dont_write_bytecode = settings["no_bytecode"]
    os.chdir(settings["folder"])
    tempfile.tempdir = None
    for name in WANTED:
        importlib.import_module(name)
    server_process.NURSERY = asks
    gc.freeze()
    gc.enable()
    nursery.reap()
    parent = os.getpid()
    while True:
        said, descriptors, *_ = socket.recv_fds(control, 1, 1)
        if not said:
            break
        if said == AHEAD:
            _do_ahead(receive(control))
            continue
        if os.fork() == 0:
            control.close()
            nursery.end_with(parent)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            call("naming a process", "prctl", PR_SET_NAME, NAME, 0, 0, 0)
            _work(socket.socket(fileno=descriptors[0]))
            os._exit(0)
        os.close(descriptors[0])
    asks.close()
    server_process.NURSERY = None
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()  # they end with who asks them
    os._exit(0)


def _do_ahead(call: bytes | None) -> None:
    """Do what all workers would do first; what goes wrong goes wrong there again, and is told."""
    try:
        function, arguments = pickle.loads(call)
        function(*arguments)
    except Exception:  # noqa: BLE001 - as the sentence above says
        pass
    gc.freeze()


def _work(asked: socket.socket) -> None:
    """Do what is asked, one thing after the other: a function and its arguments."""
    while (wanted := receive(asked)) is not None:
        try:
            function, arguments = pickle.loads(wanted)  # our own, as with a pool of processes
            said = pickle.dumps((function(*arguments), None))
        except BaseException as error:  # noqa: BLE001 - raised anew where it was asked for
            said = told(error)
        send(asked, said)
    from autograder.grading.pipeline import one_submission

    one_submission.close_runners()


def send(sock: socket.socket, data: bytes) -> None:
    sock.sendall(LENGTH.pack(len(data)) + data)


def receive(sock: socket.socket) -> bytes | None:
    """What `send` sent; None at the end, or where the other one ended in the midst of it."""
    head = _exactly(sock, LENGTH.size)
    return None if head is None else _exactly(sock, LENGTH.unpack(head)[0])


def _exactly(sock: socket.socket, size: int) -> bytes | None:
    data = bytearray()
    while len(data) < size:
        try:
            piece = sock.recv(min(size - len(data), 1 << 20))
        except ConnectionResetError:
            return None
        if not piece:
            return None
        data += piece
    return bytes(data)


