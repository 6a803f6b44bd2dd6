"""The warm process that forks a child for each submission, and watches over it.

It never sees a job: the child reads it from a file of its own. So its memory, which every child
inherits, holds libraries and nothing of anybody's. It is started by `runner` in a fresh
interpreter, reads its settings as one line of JSON from standard input, and ends when the other
end of its control socket does.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path

from autograder.grading.sandbox import another_user, isolation
from autograder.grading.sandbox.excess import excess, size_of

# What must not be in the memory that learners' code inherits.
FORBIDDEN = (
    "autograder.exercise", "autograder.exercises", "autograder.judging.judge",
    "autograder.judging.keys", "autograder.learning", "autograder.grading.sandbox.runner",
    "autograder.grading.pipeline", "nbgrader",
)  # fmt: skip
LOOK_EVERY = 0.05  # seconds between two looks at how much memory is used


def main(settings: dict) -> None:
    """Set up as `settings` says, say so, and serve until the control socket closes."""
    try:
        _until_it_closes(settings)
    finally:
        if home := settings.get("home"):
            shutil.rmtree(home, ignore_errors=True)
    # Python's own end would take every object apart, which copies all that is shared with others.
    os._exit(0)


def _until_it_closes(settings: dict) -> None:
    control = socket.socket(fileno=settings["control"])
    try:
        shell = _set_up(settings, control)
    except (OSError, ValueError, RuntimeError) as error:
        _say(control, {"refused": str(getattr(error, "strerror", None) or error)})
        return
    if shell is None:
        return
    _say(control, {"ready": True})
    woken, wake = os.pipe()
    for end in (woken, wake):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    while True:
        request, descriptors, *_ = socket.recv_fds(control, 4096, 6)
        if not request:
            return
        seconds = json.loads(request)["seconds"]
        outcome = _serve(settings, shell, control, (woken, wake), descriptors, seconds)
        _say(control, outcome)


def _say(control: socket.socket, what: dict) -> None:
    control.sendall(json.dumps(what).encode() + b"\n")


def _set_up(settings: dict, control: socket.socket):
    """Go inside, import what submissions will want; the shell that they get a copy of."""
    standin = Path(__file__).with_name("learners_autograder.py")
    course_utils = Path(settings["course_utils"])
    if settings["sandbox"]:
        data = [Path(folder) for folder in settings["data"]]
        shown = isolation.view(course_utils, standin, data)
        isolation.architecture()
    if not settings["probe"]:
        from autograder.grading.sandbox import execute
    if settings["sandbox"]:

        def ask_for_maps():
            _say(control, {"map": True})
            if control.recv(1) != b"m":
                raise RuntimeError("nobody mapped the user")

        isolation.isolate(shown, ask_for_maps)
        for place in ("root", "course_utils", "data"):  # outside; learners' code inherits the rest
            del settings[place]
        sys.path[0] = isolation.COURSE
        sys.path_importer_cache.clear()  # from outside, where this folder did not exist
        os.environ |= {"HOME": "/tmp", "IPYTHONDIR": "/tmp/ipython", "MPLCONFIGDIR": "/tmp/mpl"}
    else:
        sys.path[0] = str(course_utils.parent)
        if settings["user"] is not None:
            settings["home"] = _make_a_home()
    if settings["probe"]:
        _probe(control)
        return None
    shell = execute.warm_shell()
    _preload(settings["preload"])
    execute.warm_up(shell)
    if loaded := [name for name in FORBIDDEN if name in sys.modules]:
        raise RuntimeError(f"{loaded[0]} is loaded in the process that learners' code inherits")
    if sys.platform == "linux" and (threads := len(os.listdir("/proc/self/task"))) > 1:
        raise RuntimeError(
            f"importing {', '.join(settings['preload'])} started {threads - 1} threads, and a "
            "process with threads cannot be forked safely. Leave out what starts them."
        )
    gc.collect()
    gc.freeze()
    gc.enable()  # a nursery's children begin without
    return shell


def _make_a_home() -> str:
    """A folder for what libraries keep, which another user may read but not change."""
    home = tempfile.mkdtemp(prefix="course-")
    os.chmod(home, 0o755)
    os.environ |= {"HOME": home, "IPYTHONDIR": f"{home}/ipython", "MPLCONFIGDIR": f"{home}/mpl"}
    return home


def _preload(names: list[str]) -> None:
    """Import what is installed of the modules that notebooks want, once for all submissions."""
    for name in names:
        with contextlib.suppress(ImportError):
            module = importlib.import_module(name)
            if name == "torch":
                module.set_num_threads(1)
            if name == "course_utils":
                for part in pkgutil.walk_packages(module.__path__, "course_utils."):
                    with contextlib.suppress(ImportError):
                        importlib.import_module(part.name)


def _probe(control: socket.socket) -> None:
    """Try in a child whether everything that the sandbox needs is granted here."""
    child = isolation.fork()
    if child == 0:
        try:
            isolation.confine(disk=2**20, shared_memory=2**20)
            _say(control, {"ready": True})
        except OSError as error:
            _say(control, {"refused": error.strerror})
        os._exit(0)
    os.waitpid(child, 0)


def _serve(settings, shell, control, wakes, descriptors, seconds: float) -> dict:
    """Run one child to its end; how it ended."""
    job, result, out, err, stop, *group = descriptors
    limits, user = settings["limits"], settings["user"]
    folder = None if settings["sandbox"] else tempfile.mkdtemp(prefix="submission-")
    if user is not None:
        os.chown(folder, user, user)
    started = time.monotonic()
    child = isolation.fork() if settings["sandbox"] else os.fork()
    if child == 0:
        for descriptor in (control.fileno(), *wakes, stop):
            os.close(descriptor)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _be_the_child(shell, limits, seconds, folder, user, job, result, out, err, group)
    for descriptor in (job, result, out, err, *group):
        os.close(descriptor)
    stopped, status, used = _watch(
        child, wakes[0], stop, limits, seconds, settings["sandbox"], user
    )
    os.close(stop)
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
    return {
        "stopped": stopped, "status": status, "wall": time.monotonic() - started,
        "cpu": used.ru_utime + used.ru_stime,
        "peak": used.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
    }  # fmt: skip


def _be_the_child(shell, limits, seconds, folder, user, job, result, out, err, group):
    """Go inside for good, then run the job; never returns."""
    from autograder.grading.sandbox import execute, protocol

    try:
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (out, 1), (err, 2)):
            os.dup2(source, target)
        for descriptor in (nothing, out, err):
            os.close(descriptor)
        try:
            for door in group:  # a control group's: this process is in it from now on
                with contextlib.suppress(OSError):  # then it is watched from outside alone
                    os.write(door, b"0")
                os.close(door)
            os.setsid()  # a process group reaches over namespaces, and so does kill(0, ...)
            if folder is None:
                isolation.confine(disk=limits["disk"], shared_memory=limits["shared_memory"])
                os.environ.update(HOME=isolation.HOME, IPYTHONDIR=f"{isolation.HOME}/.ipython")
            else:
                os.chdir(folder)
            isolation.limit(
                memory=limits["memory"], cpu=seconds, file_size=limits["file_size"],
                open_files=limits["open_files"],
                # It counts all of a user's processes: only where the user has no others.
                processes=None if folder and user is None else limits["processes"],
            )  # fmt: skip
            if user is not None:
                another_user.become(user)
                os.environ.update(HOME=folder, USER="learner", LOGNAME="learner", TMPDIR=folder)
        except OSError as error:
            execute.Emitter(result)(protocol.REFUSED, {"why": str(error.strerror)})
            os._exit(1)
        with os.fdopen(job, "rb") as file:
            file.seek(0)
            packed = file.read()
        execute.run_job(shell, result, packed, limits)
    except BaseException:  # noqa: BLE001 - a broken pipe: the grader has heard enough
        os._exit(1)
    os._exit(0)


def _watch(
    child: int, woken: int, stop: int, limits: dict, seconds: float, sandboxed: bool,
    user: int | None,
):  # fmt: skip
    """Wait for the child; kill it and all it started when told to, or over its limits.

    Gives why it was stopped (None when it ended by itself), its status and what it used.
    """
    why, deadline = None, time.monotonic() + seconds + limits["grace_seconds"]
    own = size_of(os.getpid())
    while True:
        ready, _, _ = select.select([woken, stop], [], [], LOOK_EVERY)
        if woken in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(woken, 4096)
        ended, status, used = os.wait4(child, os.WNOHANG)
        if ended:
            if user is not None:
                another_user.kill_all_of(user)
            elif not sandboxed:
                _kill_all(child, sandboxed, user)
            return why, os.waitstatus_to_exitcode(status), used
        if stop in ready or time.monotonic() > deadline:
            why = why or "clock"
        elif sandboxed:
            inside = [int(name) for name in os.listdir("/proc") if name.isdigit() and name != "1"]
            why = why or excess(limits, own, inside, sandboxed=True)
        elif user is not None:
            why = why or excess(limits, own, another_user.processes_of(user), sandboxed=False)
        if why:
            _kill_all(child, sandboxed, user)


def _kill_all(child: int, sandboxed: bool, user: int | None) -> None:
    """Kill the child and all that it started.

    Sandboxed the kernel does it: the child is the first process of its namespace. A user of its
    own has no other processes. Elsewhere what moved to another process group is found only while
    its parents live.
    """
    if user is not None:
        another_user.kill_all_of(user)
        with contextlib.suppress(ProcessLookupError):  # it may not have become that user yet
            os.kill(child, signal.SIGKILL)
        return
    if sandboxed:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        return
    import psutil

    with contextlib.suppress(psutil.Error):
        for process in psutil.Process(child).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                process.kill()
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(child, signal.SIGKILL)
