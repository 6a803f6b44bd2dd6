"""Locks a process in: namespaces, the few files that exist, limits, no capabilities. Linux only.

Nothing here knows of notebooks; where there are no namespaces, see `another_user`. The order of
use: `isolate` once in the server, before it imports anything that starts threads; then for each
submission `fork`, and in the child `confine`. The numbers are the kernel's (include/uapi/linux),
the same on all machines; those that are not are in `system_calls`.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import resource
import socket
import struct
import sys
from dataclasses import dataclass, field
from pathlib import Path

from autograder.grading.sandbox.job import SHIPPED
from autograder.grading.sandbox.system_calls import (
    PR_SET_DUMPABLE,
    PR_SET_NO_NEW_PRIVS,
    Refused,
    architecture,
    call,
    deny_system_calls,
    libc,
)

NEWNS, NEWUTS, NEWIPC = 0x00020000, 0x04000000, 0x08000000
NEWUSER, NEWPID, NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE, MNT_DETACH = 0x1000, 0x4000, 1 << 18, 2
MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, AT_RECURSIVE, AT_FDCWD = 1, 2, 0x8000, -100
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_SECUREBITS = 1, 24, 28
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
# NOROOT, NO_SETUID_FIXUP and NO_CAP_AMBIENT_RAISE, each with its lock: user 0 is nobody special.
SECUREBITS = 0b11001111
MOUNT_SETATTR = 442  # since Linux 5.12; the same number on all architectures, as all since 424
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1

# Who the learner is inside; outside it is the teacher, or nobody where the teacher is root.
INSIDE, NOBODY = 1000, 65534
HOME = "/home/learner"
COURSE = "/course"
DATA = "/data"


def _mount(source, target, kind=None, flags=0, options=None) -> None:
    def text(value):
        return None if value is None else os.fsencode(value)

    call(
        f"mounting {target}", "mount",
        text(source), text(target), text(kind), ctypes.c_ulong(flags), text(options),
    )  # fmt: skip


@dataclass(frozen=True)
class View:
    """What exists inside: inside path → the path outside that is bound there, read-only; symbolic
    links; files by their text."""

    binds: dict[str, str]
    links: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)


SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store")
ETC = (
    "alternatives", "fonts", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime",
    "mime.types", "magic", "timezone",
)  # fmt: skip
DEVICES = ("null", "zero", "full", "random", "urandom")


def view(course_utils: Path, standin: Path, data: list[Path]) -> View:
    """The files that a learner's code needs, and no others: an allow-list.

    Raises ValueError where the interpreter's own folder is too wide to be shown.
    """
    binds, links = {}, {}
    for path in SYSTEM:
        if os.path.islink(path):
            links[path] = os.readlink(path)
        elif os.path.isdir(path):
            binds[path] = path
    for name in ETC:
        if os.path.exists(f"/etc/{name}"):
            binds[f"/etc/{name}"] = f"/etc/{name}"
    for path in _interpreter():
        if path in ("/", "/home", "/root", os.path.expanduser("~")):
            raise ValueError(
                f"Python lives in {path} itself, which would show all that is there. "
                "Install it, or the virtual environment, in a folder of its own."
            )
        if not any(path == b or path.startswith(b + "/") for b in binds):
            binds[path] = path
    for path in _packages():
        # Neither an installed copy of this package nor a way to the checkout exists inside.
        if os.path.isdir(f"{path}/autograder"):
            binds[f"{path}/autograder"] = ""
        for entry in Path(path).glob("*.pth"):
            if os.path.isdir(entry.read_text(errors="replace").strip() or "/nowhere"):
                binds[str(entry)] = "/dev/null"
    binds[f"{COURSE}/course_utils"] = str(course_utils)
    beside = course_utils.parent / "data"
    for path in (path for shipped in SHIPPED for path in beside.glob(shipped)):
        binds[f"{COURSE}/data/{path.relative_to(beside)}"] = str(path)
    for folder in data:
        binds[f"{DATA}/{folder.name}"] = str(folder)
    texts = {
        f"{COURSE}/autograder/__init__.py": standin.read_text(encoding="utf-8"),
        "/etc/passwd": f"learner:x:{INSIDE}:{INSIDE}::{HOME}:/bin/sh\n",
        "/etc/group": f"learner:x:{INSIDE}:\n",
        "/etc/hosts": "127.0.0.1 localhost sandbox\n::1 localhost\n",
        "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    }
    return View(binds, links, texts)


def _packages() -> list[str]:
    """The folders of installed packages on this interpreter's path."""
    endings = ("site-packages", "dist-packages")
    return sorted({p for p in sys.path if p.endswith(endings) and os.path.isdir(p)})


def _interpreter() -> list[str]:
    """The folders that the interpreter and its packages need, outermost first."""
    found = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix, *_packages()}
    found.add(os.path.dirname(os.path.dirname(os.path.realpath(sys.executable))))
    step = sys.executable
    while os.path.islink(step):  # .venv/bin/python may lead over several folders to the real one
        step = os.path.join(os.path.dirname(step), os.readlink(step))
        found.add(os.path.dirname(os.path.dirname(os.path.normpath(step))))
    found |= {os.path.realpath(path) for path in found}
    return sorted(path for path in found if path and os.path.isdir(path))


def write_maps(pid: int) -> None:
    """Say who the user of a new user namespace is outside: the teacher, or nobody for root.

    To be called by the process that started `pid`, from outside its namespace. As root the learner
    becomes nobody, so that file permissions and the limit on processes bind.
    """
    for outside in [NOBODY, 0] if os.geteuid() == 0 else [os.geteuid()]:
        group = outside if os.geteuid() == 0 else os.getegid()
        try:
            Path(f"/proc/{pid}/setgroups").write_text("deny")
            Path(f"/proc/{pid}/gid_map").write_text(f"{INSIDE} {group} 1")
            Path(f"/proc/{pid}/uid_map").write_text(f"{INSIDE} {outside} 1")
            return
        except OSError as error:
            refused = error
    raise Refused(refused.errno, f"mapping the user: {refused.strerror}")


def isolate(shown: View, ask_for_maps) -> None:
    """Put the calling process into namespaces of its own, in which only `shown` exists.

    What goes on afterwards is a forked child, the first process of its process namespace: when it
    ends, all that it started ends. The caller waits for it and never returns. `ask_for_maps` must
    have somebody outside call `write_maps` on the caller, and return when that is done.
    """
    call(
        "making namespaces (user, processes, mounts, network)", "unshare",
        NEWUSER | NEWPID | NEWNS | NEWNET | NEWIPC | NEWUTS,
    )  # fmt: skip
    ask_for_maps()
    server = os.fork()
    if server:
        _wait_and_leave(server)
    call("tying the server to its parent", "prctl", PR_SET_PDEATHSIG, 9, 0, 0, 0)
    _mount(None, "/", None, MS_REC | MS_PRIVATE)
    # Opened before the user changes, for nobody can walk to them, and before the new root is laid
    # over a folder that some of them may be in.
    sources = {inside: os.open(path, os.O_PATH) for inside, path in shown.binds.items() if path}
    devices = {n: os.open(f"/dev/{n}", os.O_PATH) for n in DEVICES if os.path.exists(f"/dev/{n}")}
    os.setresgid(INSIDE, INSIDE, INSIDE)
    os.setresuid(INSIDE, INSIDE, INSIDE)
    # A change of user clears both.
    call("tying the server to its parent", "prctl", PR_SET_PDEATHSIG, 9, 0, 0, 0)
    call("reading what is its own", "prctl", PR_SET_DUMPABLE, 1, 0, 0, 0)
    _build_root(shown, sources, devices)
    for opened in [*sources.values(), *devices.values()]:
        os.close(opened)


def _wait_and_leave(pid: int):
    _, status = os.waitpid(pid, 0)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _build_root(shown: View, sources: dict[str, int], devices: dict[str, int]) -> None:
    """Make a new root of the files in `shown`, go there, and forget the old one."""
    base = "/tmp"
    _mount("root", base, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=16m")
    for folder in ("proc", "tmp", "dev/shm", "dev/pts", HOME[1:], COURSE[1:], "etc"):
        os.makedirs(f"{base}/{folder}", exist_ok=True)
    for path, text in shown.texts.items():
        os.makedirs(os.path.dirname(base + path), exist_ok=True)
        Path(base + path).write_text(text, encoding="utf-8")
    for path, target in shown.links.items():
        os.symlink(target, base + path)
    for path in sorted(shown.binds):
        if not shown.binds[path]:
            _mount("masked", base + path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=4k")
            continue
        source = f"/proc/self/fd/{sources[path]}"
        _mount_point(base + path, os.path.isdir(source))
        if not (path.startswith((f"{COURSE}/", f"{DATA}/")) and _anonymously(source, base + path)):
            _mount(source, base + path, None, MS_BIND | MS_REC)
    for name, opened in devices.items():
        _mount_point(f"{base}/dev/{name}", folder=False)
        _mount(f"/proc/self/fd/{opened}", f"{base}/dev/{name}", None, MS_BIND)
    for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        os.symlink(f"/proc/self/fd{target}", f"{base}/dev/{name}")
    os.symlink("pts/ptmx", f"{base}/dev/ptmx")
    _mount("proc", f"{base}/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    with contextlib.suppress(OSError):  # a second lock; the first is that nobody is capable
        Path(f"{base}/proc/sys/user/max_user_namespaces").write_text("0")
    os.chdir(base)
    call("changing the root", "syscall", architecture()["pivot_root"], b".", b".")
    call("leaving the old root", "umount2", b".", MNT_DETACH)
    os.chdir("/")
    _read_only("/")
    _private_tmp("mode=1777,size=16m")


def _anonymously(source: str, target: str) -> bool:
    """Show a folder, without what is mounted below it, so that the list of mounts does not tell
    where it lies outside, as that of a bind mount does; whether the kernel can."""
    if not os.path.isdir(source) or _mounts_below(source):
        return False
    try:
        # As an overlay of an empty folder, by a descriptor. In user namespaces since Linux 5.11.
        _mount("folder", target, "overlay", MS_RDONLY, f"lowerdir={source}:{target}")
    except Refused:
        return False
    return True


def _mounts_below(folder: str) -> bool:
    place = os.path.realpath(folder)
    mounted = Path("/proc/self/mountinfo").read_text().splitlines()
    return any(line.split()[4].startswith(f"{place}/") for line in mounted)


def _private_tmp(options: str) -> None:
    """Lay an empty /tmp over the old one, and put back what is mounted below it.

    A course may lie there with its interpreter, as a fresh clone does that somebody tries out.
    """
    mounted = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    paths = {path.encode().decode("unicode_escape") for path in mounted}  # a space is \040
    below = sorted(path for path in paths if path.startswith("/tmp/"))
    outermost = [p for p in below if not any(p.startswith(f"{q}/") for q in below)]
    opened = {path: os.open(path, os.O_PATH) for path in outermost}
    _mount("tmp", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, options)
    for path, source in opened.items():
        here = f"/proc/self/fd/{source}"
        _mount_point(path, os.path.isdir(here))
        _mount(here, path, None, MS_BIND | MS_REC)  # as read-only as it was
        os.close(source)


def _mount_point(path: str, folder: bool) -> None:
    """Make what something can be mounted on, where it does not exist already."""
    if os.path.lexists(path):
        return
    os.makedirs(path if folder else os.path.dirname(path), exist_ok=True)
    if not folder:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o444))


def _read_only(path: str) -> None:
    """Make the mount at `path` and all below it read-only, without set-user-id."""
    attributes = struct.pack("QQQQ", MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID, 0, 0, 0)
    call(
        "making the files read-only (needs Linux 5.12)", "syscall", MOUNT_SETATTR,
        AT_FDCWD, os.fsencode(path), AT_RECURSIVE, attributes, ctypes.c_size_t(len(attributes)),
    )  # fmt: skip


def fork() -> int:
    """`os.fork`, where the child is the first process of a new process namespace."""
    own = os.open("/proc/self/ns/pid", os.O_RDONLY)
    try:
        call("making a process namespace", "unshare", NEWPID)
        child = os.fork()
        if child:
            call("coming back to the own process namespace", "setns", own, NEWPID)
        return child
    finally:
        os.close(own)


def confine(*, disk: int, shared_memory: int) -> None:
    """Lock the calling process, a fresh fork of an isolated server, in for good."""
    call("making namespaces", "unshare", NEWNS | NEWNET | NEWIPC | NEWUTS)
    flags = MS_NOSUID | MS_NODEV
    _mount("proc", "/proc", "proc", MS_RDONLY | flags | MS_NOEXEC)
    own = f"uid={INSIDE},gid={INSIDE},nr_inodes=20000"
    _private_tmp(f"mode=1777,size={disk},{own}")
    _mount("home", HOME, "tmpfs", flags, f"mode=755,size={disk},{own}")
    _mount("shm", "/dev/shm", "tmpfs", flags, f"mode=1777,size={shared_memory},{own}")
    _mount("pts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620")
    socket.sethostname("sandbox")
    raise_loopback()
    os.chdir(HOME)
    drop_capabilities()
    deny_system_calls()


def raise_loopback() -> None:
    """Bring the namespace's own loopback up, so that two processes of a run can talk."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = fcntl.ioctl(any_socket, SIOCGIFFLAGS, struct.pack("16sh14x", b"lo", 0))
        (flags,) = struct.unpack_from("h", request, 16)
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))


def drop_capabilities() -> None:
    """Give every capability up, and every way to gain one."""
    prctl = libc().prctl
    call("locking the secure bits", "prctl", PR_SET_SECUREBITS, SECUREBITS, 0, 0, 0)
    capability = 0
    while prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0:  # EINVAL after the last one
        capability += 1
    if capability < 38:  # CAP_AUDIT_READ is number 37, in every kernel that has the rest
        raise Refused(errno.EPERM, f"dropping capability {capability}: not permitted")
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    # _LINUX_CAPABILITY_VERSION_3, this process; effective, permitted and inheritable, twice.
    header, nothing = struct.pack("Ii", 0x20080522, 0), struct.pack("6I", *[0] * 6)
    call("dropping capabilities", "capset", header, nothing)
    call("forbidding new privileges", "prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def limit(*, memory: int, cpu: float, file_size: int, open_files: int, processes: int | None):
    """Set the limits of the calling process and what it starts. `memory` is beyond what it has."""
    bounds = {
        resource.RLIMIT_CPU: int(cpu) + 1,
        resource.RLIMIT_FSIZE: file_size,
        resource.RLIMIT_NOFILE: open_files,
        resource.RLIMIT_CORE: 0,
    }
    if sys.platform == "linux":
        bounds[resource.RLIMIT_AS] = address_space() + memory
    if processes is not None:
        bounds[resource.RLIMIT_NPROC] = processes
    for kind, bound in bounds.items():
        _, hard = resource.getrlimit(kind)
        if hard != resource.RLIM_INFINITY:
            bound = min(bound, hard)
        resource.setrlimit(kind, (bound, bound))


def address_space() -> int:
    """Bytes of address space that this process has now."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
