"""Tries every promise of the sandbox, as a learner's cell would, and says which are kept here.

For `course doctor` and for the tests. Each probe is a cell that tries to break one promise and
prints "kept", or what it reached; for those that cannot speak a look from outside does.
"""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

from autograder.grading.sandbox import isolation
from autograder.grading.sandbox.job import Cell, Job, Result
from autograder.grading.sandbox.probe import LIMITS, Kept, Probe, printed
from autograder.grading.sandbox.probes_of_limits import LIMITS_PROBED
from autograder.grading.sandbox.runner import ROOT, Runner


def _nothing_left(result: Result, token: str) -> str:
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if token.encode() in entry.read_bytes():
                return f"process {entry.parent.name} is still there"
        except OSError:
            continue
    return "kept" if "started" in printed(result) else "nothing was started"


PROBES = (
    Probe(
        "no network",
        """
import socket
names = [name for _, name in socket.if_nameindex()]
reached = [] if names == ["lo"] else [f"interfaces {names}"]
for family, address in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        try:
            s.connect((address, 9))  # asks for a route; sends nothing
            reached.append(f"a route to {address}")
        except OSError:
            pass
try:
    socket.socket(40, socket.SOCK_STREAM)  # AF_VSOCK, to a virtual machine's host
    reached.append("the machine's host by vsock")
except OSError:
    pass
print(reached or "kept")
""",
    ),
    Probe(
        "a loopback of its own, for runs in two processes",
        """
import socket
with socket.create_server(("127.0.0.1", 0)) as server:
    socket.create_connection(server.getsockname(), timeout=1).close()
print("kept")
""",
    ),
    Probe(
        "no files but libraries: no course, no class, no home",
        """
import os
seen = [path for path in HIDDEN if os.path.lexists(path)]
print(f"{len(seen)} of {len(HIDDEN)} exist, such as {seen[0]}" if seen else "kept")
""",
    ),
    Probe(
        "nothing can be written but its own folder and /tmp",
        """
import os, sys
written = []
for folder in ("/", "/usr", "/etc", "/course", "/proc/sys/kernel", "/dev", sys.prefix,
               sys.base_prefix, os.path.dirname(os.__file__)):
    try:
        with open(os.path.join(folder, "probe"), "w"):
            written.append(folder)
    except OSError:
        pass
for folder in (".", "/tmp"):
    with open(os.path.join(folder, "probe"), "w") as file:
        file.write("mine")
print(written or "kept")
""",
    ),
    Probe(
        "where the teacher's files lie is in no list of mounts",
        """
told = []
for name in ("mountinfo", "mounts", "mountstats"):
    with open(f"/proc/self/{name}") as file:
        told += [name] if COURSE_UTILS in file.read() else []
print(f"{COURSE_UTILS} is in {told}" if told else "kept")
""",
    ),
    Probe(
        "no open files but its own pipes",
        """
import os
def target(name):
    try:
        return os.readlink(f"/proc/self/fd/{name}")
    except OSError:  # the listing's own
        return "pipe:"
opened = {target(name) for name in os.listdir("/proc/self/fd")}
own = ("pipe:", "socket:", "anon_inode:[event", "/dev/null")
print([path for path in opened if not path.startswith(own)] or "kept")
""",
    ),
    Probe(
        "no capabilities, and no way to gain any",
        """
facts = dict(line.split(":", 1) for line in open("/proc/self/status"))
held = [f"{n} {facts[n].strip()}" for n in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
        if int(facts[n], 16)]
print(held or ("kept" if facts["NoNewPrivs"].strip() == "1" else "it may gain privileges"))
""",
    ),
    Probe(
        "mounts cannot be changed, nor seen past in a namespace of its own",
        """
import ctypes
libc = ctypes.CDLL(None)
points = [line.split()[1].encode() for line in open("/proc/mounts")]
done = [f"umount {p.decode()}" for p in points if libc.umount2(p, 2) == 0]
done += [f"remount {p.decode()}" for p in points if libc.mount(None, p, None, 32 | 4096, None) == 0]
if libc.mount(b"x", b"/tmp", b"tmpfs", 0, None) == 0:
    done.append("a new mount")
if libc.unshare(0x10000000) == 0:
    done.append("a user namespace of its own")
if libc.unshare(0x00020000) == 0:
    done.append("a mount namespace of its own")
print(done or "kept")
""",
    ),
    Probe(
        "other processes are out of sight and out of reach",
        """
import ctypes, os
pids = {int(name) for name in os.listdir("/proc") if name.isdigit()}
seen = sorted(pids - {os.getpid()})
reached = [f"processes {seen}"] if seen else []
if os.getpgrp() == 0 or os.getsid(0) == 0:  # kill(0, ...) would leave the namespace
    reached.append("the process group of those outside")
if ctypes.CDLL(None).ptrace(0, 0, 0, 0) == 0:
    reached.append("tracing")
print(reached or "kept")
""",
    ),
    Probe(
        "a clean environment",
        """
import os
secret = [name for name in TEACHERS if name in os.environ]
with open("/proc/1/environ", "rb") as file:
    started = file.read().decode(errors="replace")
secret += [name for name in TEACHERS if f"\\0{name}=" in "\\0" + started]
print(secret or "kept")
""",
    ),
    *LIMITS_PROBED,
    Probe(
        "nothing outlives the run",
        """
import subprocess
subprocess.Popen(["sh", "-c", f": {TOKEN}; sleep 300; :"], start_new_session=True)
print("started")
""",
        _nothing_left,
    ),
)  # fmt: skip


def hidden_paths(shown: set[str]) -> list[str]:
    """Files of the teacher's that must not exist inside: of the course, of home, of the system."""
    home = Path.home()
    candidates = [*ROOT.iterdir(), *_entries(home), Path("/etc/shadow"), Path("/var"), Path("/srv")]
    return [
        str(path)
        for path in candidates
        if not any(known == str(path) or known.startswith(f"{path}/") for known in shown)
    ]


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def run_probes(only: str | None = None) -> list[Kept]:
    """Try every promise, or the one of this name; about two seconds.

    Raises SandboxUnavailable where there is no sandbox to try.
    """
    stands_in = Path(__file__).with_name("learners_autograder.py")
    shown = isolation.view(ROOT / "course_utils", stands_in, [])
    inside = {*shown.binds, *shown.links, *shown.texts}
    # Set in every process, or by ipykernel itself.
    theirs = {"HOME", "_", "SHLVL", "PWD", "TERM", "CLICOLOR", "FORCE_COLOR", "PAGER", "GIT_PAGER"}
    facts = {"HIDDEN": hidden_paths(inside), "COURSE_UTILS": str(ROOT / "course_utils")}
    with Runner(limits=LIMITS, preload=()) as runner:
        given = set(runner.clean_environment())
        facts["TEACHERS"] = sorted(set(os.environ) - given - theirs)
        found = []
        for probe in PROBES:
            if only in (None, probe.promise):
                token = secrets.token_hex(8)
                known = {**facts, "TOKEN": token}
                words = "".join(f"{name} = {value!r}\n" for name, value in known.items())
                result = runner.run(Job((Cell("probe", words + probe.source),)))
                found.append(_judge(probe, result, token))
    return found


def _judge(probe: Probe, result: Result, token: str) -> Kept:
    said = probe.look(result, token) if probe.look else printed(result).strip()
    if not said:
        said = f"{result.ended}: {result.cells[0].outputs[-1:] or 'no word'}"
    return Kept(probe.promise, said == "kept", "" if said == "kept" else said)


if __name__ == "__main__":
    for kept in run_probes():
        sys.stdout.write(f"{'kept  ' if kept.kept else 'BROKEN'} {kept.promise} {kept.detail}\n")
