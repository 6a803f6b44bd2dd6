"""Runs a learner's function in several processes that talk by torch.distributed (gloo).

One helper process imports torch and forks the ranks, so that torch is imported once. The function
crosses by value, since a notebook cannot be imported. Whatever happens, all processes end.
"""

from __future__ import annotations

import contextlib
import datetime
import importlib
import json
import multiprocessing
import os
import signal
import struct
import subprocess
import sys
import tempfile
import traceback
from multiprocessing.connection import wait
from pathlib import Path

PRINTED_LIMIT = 4000
# A function that has one of these names in it needs what torch's optimizers import.
_STEPPING = (b"optim", b"DistributedDataParallel")
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from course_utils.recipes.processes import _helper; _helper(sys.argv[2])"
)


class RankFailed(RuntimeError):
    """A rank stopped with an error.

    `elsewhere` tells which: its type, its message, its frames as (file, function, line).
    """

    def __init__(self, rank: int, elsewhere: dict):
        super().__init__(f"rank {rank}: {elsewhere['type']} ({elsewhere['message']})")
        self.rank = rank
        self.elsewhere = elsewhere | {"message": f"{elsewhere['message']}, in rank {rank}"}


def run_ranks(function, arguments: list[tuple], seconds: float = 60.0, group: bool = True) -> list:
    """Call `function(rank, world, *arguments[rank])` for each rank in a process of its own.

    Parameters
    ----------
    function : the learner's function; it is sent by value, its globals with it
    arguments : what each rank gets; their number is `world`
    seconds : how long all of it may take
    group : whether a gloo process group is set up (and taken down) around the call

    Returns
    -------
    list
        What each rank returned.

    Raises
    ------
    RankFailed
        When a rank raises: the first one that does. The others are ended.
    TimeoutError
        When the ranks are not done in time, for instance because one waits for another for ever.
    """
    import cloudpickle

    with tempfile.TemporaryDirectory(prefix="ranks-") as folder:
        job = cloudpickle.dumps((function, arguments, seconds, group))
        with open(f"{folder}/printed", "wb") as printed, open(f"{folder}/noise", "wb") as noise:
            process = subprocess.Popen(
                [sys.executable, "-c", _START, json.dumps(sys.path), folder],
                stdin=subprocess.PIPE, stdout=printed, stderr=noise,
                start_new_session=True, env=os.environ | {"OMP_NUM_THREADS": "1"},
            )  # fmt: skip
        try:
            # The pipe stays open: when this process ends, however it does, the helper sees it.
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(struct.pack("<Q", len(job)) + job)
                process.stdin.flush()
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise TimeoutError(
                f"the {len(arguments)} processes were not done after {seconds:g} s: "
                "does one wait for another that never comes?"
            ) from None
        finally:
            _end(process)
            _show(folder)
        return _results(Path(folder))


def _end(process: subprocess.Popen) -> None:
    """End the helper and every rank; they are a group of their own."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()


def _show(folder: str) -> None:
    text = Path(folder, "printed").read_text(errors="replace")[:PRINTED_LIMIT]
    if text:
        print(text, end="")


def _results(folder: Path) -> list:
    import cloudpickle

    if not (folder / "results").exists():
        noise = (folder / "noise").read_text(errors="replace").strip().splitlines()
        raise RuntimeError("the processes ended early" + (f": {noise[-1]}" if noise else ""))
    kind, rank, value = cloudpickle.loads((folder / "results").read_bytes())
    if kind == "failed":
        raise RankFailed(rank, value)
    return value


# In the helper.


def _helper(folder: str) -> None:
    """Read the job, fork the ranks, gather what they return; end with the parent."""
    import cloudpickle
    import torch

    torch.set_num_threads(1)
    source = sys.stdin.buffer.raw
    (length,) = struct.unpack("<Q", _exactly(source, 8))
    job = _exactly(source, length)
    _, arguments, *_ = cloudpickle.loads(job)
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    if method == "fork" and any(name in job for name in _STEPPING):
        importlib.import_module("torch._dynamo")  # once, where each rank would do so
    context = multiprocessing.get_context(method)
    waiting = {}
    for rank in range(len(arguments)):
        mine, theirs = context.Pipe()
        context.Process(target=_rank, args=(rank, job, folder, theirs), daemon=True).start()
        theirs.close()
        waiting[mine] = rank
    pipes = list(waiting)
    answer = _gather(waiting, source)
    if answer is not None:
        partial = Path(folder, "results.part")
        partial.write_bytes(cloudpickle.dumps(answer))
        partial.replace(Path(folder, "results"))
        if answer[0] == "returned":
            for pipe in pipes:
                pipe.send_bytes(b"all are done")
            for child in multiprocessing.active_children():
                child.join()
    # A rank that failed, and one that waits for it, are still there: all end together.
    if os.name == "posix":
        os.killpg(0, signal.SIGKILL)
    for child in multiprocessing.active_children():
        child.kill()
    os._exit(0)


def _exactly(source, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = source.read(count - len(data))
        if not more:
            os._exit(1)
        data += more
    return data


def _gather(waiting: dict, source):
    """What the ranks returned, the first failure, or None when the parent is gone."""
    import cloudpickle

    results = [None] * len(waiting)
    while waiting:
        watched = [*waiting, source] if os.name == "posix" else [*waiting]
        for ready in wait(watched):
            if ready is source:
                return None
            rank = waiting.pop(ready)
            try:
                kind, value = cloudpickle.loads(ready.recv_bytes())
            except EOFError:
                kind, value = "failed", {
                    "type": "RuntimeError", "message": "the process ended early", "frames": [],
                }  # fmt: skip
            if kind == "failed":
                return "failed", rank, value
            results[rank] = value
    return "returned", 0, results


def _rank(rank: int, job: bytes, folder: str, pipe) -> None:
    import cloudpickle
    import torch.distributed as dist

    function, arguments, seconds, group = cloudpickle.loads(job)
    # By name of the loopback device: gloo would otherwise look its own host name up.
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo0" if sys.platform == "darwin" else "lo")
    try:
        if group:
            dist.init_process_group(
                "gloo", init_method=Path(folder, "rendezvous").as_uri(), rank=rank,
                world_size=len(arguments), timeout=datetime.timedelta(seconds=seconds),
            )  # fmt: skip
            dist.barrier()
        answer = cloudpickle.dumps(("returned", function(rank, len(arguments), *arguments[rank])))
    except BaseException as error:  # noqa: BLE001 - any error is brought to the parent
        answer = cloudpickle.dumps(("failed", _told(error)))
    sys.stdout.flush()
    pipe.send_bytes(answer)
    # Leaving before the others are done would make them fail, and hide this error behind theirs.
    pipe.recv_bytes()
    if group and dist.is_initialized():
        dist.destroy_process_group()
    os._exit(0)  # also where processes are spawned: nothing is taken down, which may wait


def _told(error: BaseException) -> dict:
    frames = traceback.extract_tb(error.__traceback__)
    try:
        message = str(error)
    except Exception:  # noqa: BLE001 - the learner may have written this exception class
        message = ""
    return {
        "type": type(error).__name__,
        "message": message,
        "frames": [[frame.filename, frame.name, frame.lineno] for frame in frames],
    }
