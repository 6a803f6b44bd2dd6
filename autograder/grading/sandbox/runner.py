"""The grader's side of the sandbox: starts the warm server, hands it jobs, reads what returns."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from os import PathLike
from pathlib import Path

from autograder.grading.sandbox.job import Cell, CellResult, Job, Limits, Result, Use
from autograder.grading.sandbox.processes import cgroup, server_process
from autograder.grading.sandbox.protocol import job_bytes
from autograder.grading.sandbox.transcript import Transcript

__all__ = [
    "Cell", "CellResult", "Job", "Limits", "Result", "Runner", "SandboxUnavailable", "Use",
    "availability",
]  # fmt: skip

# What notebooks import; where one is not installed it is passed over.
PRELOAD = (
    # torch imports torch._dynamo at the first step of an optimizer, which takes seconds, and so
    # does what counts products.
    "numpy", "torch", "torch._dynamo", "torch.utils.flop_counter",
    "torch.fx.experimental.symbolic_shapes", "torch.nn.functional", "matplotlib.pyplot",
    "matplotlib_inline.backend_inline", "course_utils", "ipywidgets", "sklearn.datasets", "pandas",
)  # fmt: skip
# How often a submission is started again without the cell in which its process ended.
RETRIES = 2
ROOT = Path(__file__).resolve().parents[3]
START_SECONDS = 120
GONE = {"stopped": None, "status": None}  # how a submission ended when the server did
NO_SANDBOX = "To grade code that you trust without one, pass --no-sandbox."


class SandboxUnavailable(RuntimeError):
    """This platform cannot keep learners' code in; the message is one sentence for the teacher."""


class Runner:
    """Runs submissions in one warm server process; a context manager.

    Parameters
    ----------
    sandbox : bool
        Lock learners' code in. Where the platform cannot, SandboxUnavailable is raised here, with
        the reason. False runs it in an ordinary forked child with a clock and limits only: for
        code that one trusts.
    user : a user's number; without the sandbox, learners' code becomes that user. Only for root,
        for a user who has no other processes, and where all that is to be kept from learners is
        readable by root alone: see `another_user`.
    limits : Limits
    course_utils_path : the folder of the `course_utils` package; the installed one when left out
    data_paths : folders of data that learners' code may read, seen as `/data/<folder's name>`;
        COURSE_DATA names the first. Without the sandbox they stay where they are.
    environment : variables that learners' code sees, beside the few it always does
    preload : modules that the server imports once, so that no submission has to

    One Runner runs one job at a time. Use one a worker process; it is not to be shared by threads.
    A forked copy of that process may run jobs while it waits; a server that the copy starts ends
    with it. Starting takes seconds (torch is imported), a job tenths of a second. Raises OSError
    when the server cannot be started.
    """

    def __init__(
        self,
        *,
        sandbox: bool = True,
        user: int | None = None,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        course_utils_path: str | PathLike | None = None,
        data_paths: Iterable[str | PathLike] = (),
        environment: Mapping[str, str] = {},  # read only
        preload: Iterable[str] = PRELOAD,
    ):
        self.sandbox, self.limits = sandbox, limits
        self._settings = {
            "sandbox": sandbox,
            "user": user,
            "limits": asdict(limits),
            "course_utils": str(Path(course_utils_path or ROOT / "course_utils").resolve()),
            "data": [str(Path(folder).resolve()) for folder in data_paths],
            "preload": list(preload),
        }
        self._environment = dict(environment)
        self._process: subprocess.Popen | server_process.Nursling | None = None
        self._owner = 0  # the process whose child the server is
        self._control: socket.socket | None = None
        self._groups = cgroup.place()[0] if sys.platform == "linux" else None
        self._start()

    def run(self, job: Job) -> Result:
        """Run one submission. Whatever it does, a Result comes back within the limits.

        Where its process ends in some cell, by the clock, a limit or its own doing, it is run
        once more without that cell, so that one cell costs no other its points.
        """
        transcript = Transcript(job, self.limits)
        deadline = time.monotonic() + self.limits.total_seconds
        for _ in range(RETRIES + 1):
            if not self._alive():
                self._start()
            try:
                self._attempt(transcript, deadline)
            except BaseException:
                self.close()  # what the server still says would be taken for the next job's
                raise
            if transcript.complete or deadline - time.monotonic() < 1:
                break
            transcript.leave_out_culprit()
        return transcript.result()

    def close(self) -> None:
        """End the server and everything it started. Closing twice is harmless."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    # The server.

    def _alive(self) -> bool:
        """Whether the server waits for a job; a forked copy of this process may ask, too."""
        if self._process is None:
            return False
        if self._owner == os.getpid() and self._process.poll() is not None:
            return False
        try:
            # Whatever comes unasked is about an earlier job, whose answer nobody waited for.
            self._control.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return True
        except OSError:
            pass
        return False

    @property
    def server(self) -> int | None:
        """The process that is the server now; another one when it had to be started anew."""
        return self._process.pid if self._process else None

    def _start(self) -> None:
        self.close()
        self._owner = os.getpid()
        self._process, self._control = _start_server(
            self._settings | {"probe": False}, self.clean_environment()
        )

    def clean_environment(self) -> dict[str, str]:
        """All that a learner's code sees of the teacher's environment: nothing."""
        data = self._settings["data"]
        seen = [f"/data/{Path(folder).name}" for folder in data] if self.sandbox else data
        return {
            **plain_environment(), "PYTHONPATH": "/course" if self.sandbox else "",
            **({"COURSE_DATA": seen[0]} if seen else {}), **self._environment,
        }  # fmt: skip

    # One try at a job.

    def _attempt(self, transcript: Transcript, deadline: float) -> None:
        with contextlib.ExitStack() as at_the_end:
            self._try(transcript, deadline, self._group(at_the_end))

    def _group(self, at_the_end: contextlib.ExitStack) -> cgroup.Group | None:
        """A control group for one try at a submission; None where there can be none."""
        if self._groups is None:
            return None
        try:
            group = cgroup.Group(self._groups, cgroup.most(self._settings["limits"]))
        except OSError:  # no longer ours to give, or too many
            self._groups = None
            return None
        at_the_end.callback(group.close)
        return group

    def _try(self, transcript: Transcript, deadline: float, group: cgroup.Group | None) -> None:
        seconds = max(deadline - time.monotonic(), 1)
        pipes = [os.pipe() for _ in range(3)]
        stop_read, stop = os.pipe()
        with tempfile.TemporaryFile() as file:
            file.write(job_bytes(transcript.remaining()))
            file.flush()
            passed = [file.fileno(), *(write for _, write in pipes), stop_read]
            request = json.dumps({"seconds": seconds}).encode()
            try:
                doors = [] if group is None else [group.door]
                socket.send_fds(self._control, [request], passed + doors)
            except OSError as error:
                transcript.end(GONE, f"the server is gone ({error})")
                return
            finally:
                for descriptor in passed[1:]:
                    os.close(descriptor)
        reads = [read for read, _ in pipes]
        try:
            self._listen(transcript, reads, stop, time.monotonic() + seconds, group)
        finally:
            for descriptor in (*reads, stop):
                with contextlib.suppress(OSError):
                    os.close(descriptor)

    def _listen(self, transcript, reads: list[int], stop: int, deadline: float, group) -> None:
        """Read all that comes until the server says that the child has ended."""
        result, out, err = reads
        takers = {result: transcript.feed, out: transcript.stdout, err: transcript.stderr}
        limits, outcome, told = self.limits, None, False
        step_began = time.monotonic()

        def take(descriptor) -> bool:
            try:
                data = os.read(descriptor, 1 << 18)
            except BlockingIOError:
                return False
            if data:
                takers[descriptor](data)
            else:
                open_.discard(descriptor)
                with contextlib.suppress(KeyError):
                    selector.unregister(descriptor)
            return bool(data)

        open_ = set(reads)
        with selectors.DefaultSelector() as selector:
            for descriptor in reads:
                os.set_blocking(descriptor, False)
                selector.register(descriptor, selectors.EVENT_READ)
            selector.register(self._control, selectors.EVENT_READ)
            while outcome is None:
                for key, _ in selector.select(0.1):
                    if key.fileobj is self._control:
                        outcome = _hear(self._control) or GONE
                    elif key.fd in open_:
                        steps = transcript.steps
                        take(key.fd)
                        if transcript.steps != steps:
                            step_began = time.monotonic()
                now = time.monotonic()
                too_long = now - step_began > limits.cell_seconds + limits.grace_seconds
                if not told and (too_long or now > deadline or transcript.overfull):
                    with contextlib.suppress(BrokenPipeError):  # it has just ended
                        os.write(stop, b"s")
                    told = True
        for descriptor in (out, err, result):
            while descriptor in open_ and not transcript.overfull and take(descriptor):
                pass
        if outcome is GONE:
            self.close()
        elif group is not None and group.overfull():
            outcome["stopped"] = "memory"
        transcript.end(outcome, "the server ended" if outcome is GONE else None)


def plain_environment() -> dict[str, str]:
    """What is in the environment of every learner's process."""
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8", "TZ": "UTC", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "", "COURSE_PROGRESS": "", "COURSE_DEVICE": "cpu",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    }  # fmt: skip


def _start_server(settings: dict, environment: dict):
    """Start a server; its process and its control socket, once it is ready.

    Raises SandboxUnavailable with its reason where it refuses.
    """
    if not hasattr(os, "fork"):
        raise SandboxUnavailable(
            f"{sys.platform} cannot fork processes, which grading rests on. "
            "Grade on Linux, on macOS with --no-sandbox, or in WSL 2."
        )
    if settings["user"] is not None:
        _check_user(settings["user"])
    if settings["sandbox"] and sys.platform != "linux":
        raise SandboxUnavailable(f"There is no sandbox on {sys.platform}. {NO_SANDBOX}")
    ours, theirs = socket.socketpair()
    with theirs:
        settings = settings | {"root": str(ROOT)}
        process = server_process.begin(settings, environment, theirs)
    ours.settimeout(START_SECONDS)
    try:
        heard = _hear(ours)
        if heard and "pid" in heard:
            process.begin(heard["pid"])
            ours.sendall(b"g")
            heard = _hear(ours)
        elif heard is None and isinstance(process, server_process.Nursling):
            server_process.NURSERY = None  # it ended before it came to this: do without
            ours.close()
            process.stderr.close()
            return _start_server(settings, environment)
        if heard and "map" in heard:
            from autograder.grading.sandbox import isolation

            isolation.write_maps(process.pid)
            ours.sendall(b"m")
            heard = _hear(ours)
    except OSError as error:
        heard = {"refused": str(error)}
    if heard and "ready" in heard:
        ours.settimeout(None)
        process.stderr.close()
        return process, ours
    ours.close()
    process.kill()
    said = process.stderr.read()
    process.wait()
    reason = heard["refused"] if heard else (said.decode().strip().splitlines() or ["no word"])[-1]
    if settings["sandbox"]:
        raise SandboxUnavailable(f"Learners' code cannot be locked in here: {reason}. {NO_SANDBOX}")
    raise OSError(f"the process that runs submissions did not start: {reason}")


def _check_user(user: int) -> None:
    """Raise SandboxUnavailable where learners' code cannot become this user, or must not."""
    from autograder.grading.sandbox.another_user import processes_of

    if sys.platform != "linux" or os.geteuid() != 0:
        raise SandboxUnavailable("Only root on Linux can have learners' code become another user.")
    # All of that user's processes are killed when a submission ends.
    if user <= 0 or processes_of(user):
        raise SandboxUnavailable(f"User {user} has other processes; name one who has none.")


def _hear(control: socket.socket) -> dict | None:
    """One line of JSON from the server; None when it is gone."""
    line = bytearray()
    while not line.endswith(b"\n"):
        try:
            piece = control.recv(1)
        except ConnectionResetError:
            return None
        if not piece:
            return None
        line += piece
    return json.loads(line)


def availability() -> str | None:
    """None where learners' code can be locked in; else one sentence: why not.

    Tries everything that a submission needs, in a process of its own, in a fraction of a second.
    """
    settings = {
        "sandbox": True, "user": None, "probe": True, "limits": asdict(Limits()), "data": [],
        "preload": [],
        "course_utils": str(ROOT / "course_utils"),
    }  # fmt: skip
    try:
        process, control = _start_server(settings, {"PATH": os.defpath})
    except SandboxUnavailable as error:
        return str(error)
    control.close()
    process.wait()
    return None
